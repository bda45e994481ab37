"""The values of variables row by row, for methods that work on rows in memory."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from passgenau.estimation.engines.lanes import moment
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.engines.structure import label
from passgenau.estimation.survey import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.sums import Factor, Label, Variable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_TESTS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def variable_values(table: pl.DataFrame, variables: Sequence[Variable]) -> Floats:
    """Return the (n, V) values of variables; 0 where a column they need is missing."""
    present: dict[str, Flags] = {}
    factors: dict[Factor, Floats] = {}
    out = np.ones((len(table), len(variables)))
    for v, variable in enumerate(variables):
        for column in variable.present:
            if column not in present:
                present[column] = _present(table, column)
            out[:, v] *= present[column]
        for factor in variable.factors:
            if factor not in factors:
                factors[factor] = factor_values(table, factor)
            out[:, v] *= factors[factor]
    return out


def factor_values(table: pl.DataFrame, factor: Factor) -> Floats:
    """Return the (n,) values of a factor: centred numbers (0 where missing), or 1 where a test is passed, else 0."""
    if factor.test is None:
        return np.nan_to_num(numbers(table, factor.column) - factor.centre)
    if factor.column not in table.columns:
        raise unknown_column(factor.column, table.columns)
    series = table[factor.column]
    value: Any = factor.value
    if series.dtype == pl.Boolean:
        value = bool(factor.value)
    elif isinstance(series.dtype, (pl.Categorical, pl.Enum)):
        series = series.cast(pl.String)
    elif series.dtype == pl.String and not isinstance(value, str):
        series = series.cast(pl.Float64, strict=False)
    elif series.dtype.is_temporal():
        value = moment(value, series.dtype)
    passed = _TESTS[factor.test](series, value)
    marks = passed.fill_null(value=False).to_numpy().astype(np.float64)
    return np.asarray(marks * _present(table, factor.column))


def domains(table: pl.DataFrame, by: Sequence[str], inside: Flags) -> tuple[tuple[dict[str, Label], ...], Ints]:
    """Return the sorted combinations of some columns that occur inside, and each row's index, −1 outside.

    Rows that lack one of the columns are outside every domain.
    """
    for column in by:
        if column not in table.columns:
            raise unknown_column(column, table.columns)
        inside = inside & _present(table, column)
    if not by:
        return ({},), np.where(inside, 0, -1).astype(np.int64)
    chosen = table.select(by)
    distinct = chosen.filter(pl.Series(inside)).unique().sort(by).with_row_index("__domain")
    joined = chosen.join(distinct, on=list(by), how="left", maintain_order="left")
    index = joined["__domain"].fill_null(0).to_numpy().astype(np.int64)
    named = distinct.drop("__domain").iter_rows(named=True)
    labels = tuple({name: label(value) for name, value in row.items()} for row in named)
    return labels, np.where(inside, index, -1)


def _present(table: pl.DataFrame, column: str) -> Flags:
    if column not in table.columns:
        raise unknown_column(column, table.columns)
    series = table[column]
    missing = series.is_null()
    if series.dtype.is_float():
        missing |= series.is_nan().fill_null(value=True)
    return ~missing.to_numpy().astype(bool)
