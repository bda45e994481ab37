"""Columns as whole numbers and back: what cells are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passgenau.estimation.sums import Profile


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A column whose values can be told apart by whole numbers.

    Attributes
    ----------
    dtype
        The column's type.
    expression
        The numbers as Polars computes them from the column, never missing.
    words
        A series of the category type the numbers come from, in which 0 is a word too; None where they are numbers
        themselves. While it lives, Polars keeps the numbers of the words.
    """

    name: str
    dtype: pl.DataType
    expression: pl.Expr
    words: pl.Series | None = None

    @property
    def raw(self) -> pl.Expr:
        """The numbers, or the column as it is where it holds numbers of any kind."""
        return pl.col(self.name) if self.dtype.is_float() else self.expression

    def read(self, raw: NDArray[np.generic]) -> pl.Series:
        """Return the column's values for its raw numbers."""
        return pl.Series(self.name, raw) if self.dtype.is_float() else self.values(raw)

    def values(self, numbers: NDArray[np.generic]) -> pl.Series:
        """Return the column's values for its numbers."""
        series = pl.Series(self.name, numbers, dtype=pl.Int64)
        if self.words is not None:
            categories = series.cast(self.words.to_physical().dtype).cat.to(self.words.dtype)
            return categories.cast(pl.String).cast(self.dtype, strict=False)  # the word for missing is no number
        if self.dtype == pl.UInt64:
            return series.reinterpret(signed=False)
        if self.dtype.is_temporal():
            return series.cast(pl.Series(dtype=self.dtype).to_physical().dtype).cast(self.dtype)
        return series if self.dtype.is_integer() else series.cast(self.dtype)


def key(name: str, dtype: pl.DataType, profile: Profile) -> Key:
    """Return a column as a key; where it is missing, its number is that of some other value."""
    column = pl.col(name)
    words = _words(dtype, profile)
    if words is not None:
        column = column if words.dtype == dtype else column.cast(pl.String).cast(words.dtype)
        numbers = column.to_physical()
    elif dtype == pl.UInt64:
        numbers = column.reinterpret(signed=True)
    elif dtype == pl.Boolean:
        numbers = column.cast(pl.UInt8)
    elif dtype.is_float():
        numbers = column.fill_nan(None).cast(pl.Int64)
    else:
        numbers = column.to_physical()
    if profile.missing:
        numbers = numbers.fill_null(0 if profile.minimum is None else int(profile.minimum))
    return Key(name, dtype, numbers, words)


def _words(dtype: pl.DataType, profile: Profile) -> pl.Series | None:
    """Return the category type for a column that holds no whole numbers."""
    if isinstance(dtype, pl.Enum) and len(dtype.categories):
        return pl.Series(dtype=dtype)
    if isinstance(dtype, pl.Categorical):
        return pl.Series([""], dtype=dtype)
    if dtype.is_integer() or dtype == pl.Boolean or dtype.is_temporal() or (dtype.is_float() and profile.whole):
        return None
    return pl.Series([""], dtype=pl.Categorical(pl.Categories.random()))
