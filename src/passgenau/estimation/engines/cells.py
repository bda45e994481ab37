"""Which cell a row belongs to: combinations of key values, numbered as they appear, batch by batch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Codes = NDArray[np.intp]
    Column = NDArray[np.generic]

_NARROW = 1 << 16  # a key of at most so many different values in a row needs no dictionary
_TABLE = 1 << 22  # entries of a look-up table


class NotConstantError(Exception):
    """A column differs between rows of one cell."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


class Cells:
    """Numbers combinations of whole-number keys from 0.

    `attributes` are columns that follow from the keys (the stratum of a PSU, the population of a stratum): each
    cell keeps the value of its first row, and a row that differs raises `NotConstantError`.
    """

    def __init__(self, keys: int, attributes: int = 0) -> None:
        self.keys: Ints = np.zeros((keys, 0), dtype=np.int64)
        self.attributes: list[Column] = [np.zeros(0)] * attributes
        self._columns = [_Key() for _ in range(keys)]
        self._spans: tuple[int, ...] | None = None
        self._table: Ints | None = None  # combined key → cell, −1 where none
        self._known: Ints = np.zeros(0, dtype=np.int64)  # sorted combined keys, where there is no table
        self._cell: Ints = np.zeros(0, dtype=np.int64)  # their cells

    def __len__(self) -> int:
        return int(self.keys.shape[1])

    def codes(self, keys: Sequence[Column], attributes: Sequence[Column] = ()) -> Codes:
        """Return the cell of each row, with new cells for new combinations.

        Parameters
        ----------
        keys, attributes
            Columns of whole numbers, and columns of any numbers, of equal length.
        """
        for column, values in zip(self._columns, keys, strict=True):
            column.learn(values)
        spans = tuple(column.span for column in self._columns)
        if spans != self._spans:
            self._index(spans)
        combined = self._combine(keys)
        codes, unknown = self._find(combined)
        if unknown.any():
            self._append(combined, unknown, keys, attributes)
            codes, _ = self._find(combined)
        self._compare(codes, attributes)
        return codes

    def _combine(self, keys: Sequence[Column]) -> Ints:
        out = self._columns[0].codes(keys[0])
        for column, values in zip(self._columns[1:], keys[1:], strict=True):
            out = out * column.span + column.codes(values)
        return out

    def _find(self, combined: Ints) -> tuple[Codes, NDArray[np.bool_]]:
        """Return the cells of combined keys, and which of them are not known."""
        if self._table is not None:
            codes = self._table[combined]
            return codes, codes < 0
        if not len(self._known):
            return np.zeros(len(combined), dtype=np.int64), np.ones(len(combined), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self._known, combined), len(self._known) - 1)
        return self._cell[place], self._known[place] != combined

    def _append(
        self, combined: Ints, unknown: NDArray[np.bool_], keys: Sequence[Column], attributes: Sequence[Column]
    ) -> None:
        """Make a cell of each unknown combination, in the order of the keys: neighbours are often read together."""
        rows = np.flatnonzero(unknown)
        _, first = np.unique(combined[rows], return_index=True)
        rows = rows[first]
        new = np.stack([np.asarray(values[rows], dtype=np.int64) for values in keys])
        self.keys = np.concatenate([self.keys, new], axis=1)
        self.attributes = [
            values[rows] if not len(old) else np.concatenate([old, values[rows]])
            for old, values in zip(self.attributes, attributes, strict=True)
        ]
        self._enter(combined[rows])

    def _enter(self, combined: Ints) -> None:
        cells = np.arange(len(self) - len(combined), len(self))
        if self._table is not None:
            self._table[combined] = cells
            return
        known, cell = np.concatenate([self._known, combined]), np.concatenate([self._cell, cells])
        order = np.argsort(known)
        self._known, self._cell = known[order], cell[order]

    def _index(self, spans: tuple[int, ...]) -> None:
        """Enter all cells anew, because the keys have outgrown their ranges."""
        self._spans = spans
        size = math.prod(spans)
        if size >= 1 << 62:
            raise OverflowError("too many combinations of keys")
        self._table = np.full(size, -1, dtype=np.int64) if size <= _TABLE else None
        self._known = self._cell = np.zeros(0, dtype=np.int64)
        if len(self):
            self._enter(self._combine(list(self.keys)))

    def _compare(self, codes: Codes, attributes: Sequence[Column]) -> None:
        for index, (known, values) in enumerate(zip(self.attributes, attributes, strict=True)):
            if (known[codes] != values).any():
                raise NotConstantError(index)


class _Key:
    """One key: its range as far as seen, or a dictionary of its values where the range is wide."""

    def __init__(self) -> None:
        self.low = 0
        self.span = 0  # codes are below it
        self._values: Ints | None = None  # sorted
        self._codes: Ints = np.zeros(0, dtype=np.int64)

    def learn(self, values: Column) -> None:
        """Widen the range so that it covers these values."""
        low, high = int(values.min()), int(values.max())
        if self._values is None:
            if self.span:
                low, high = min(low, self.low), max(high, self.low + self.span - 1)
            if high - low < _NARROW:
                if low < self.low or high >= self.low + self.span:
                    self.low, self.span = low, _doubling(high - low + 1)
                return
            self._values = np.arange(self.low, self.low + self.span)
            self._codes = np.arange(self.span)
        place = np.minimum(np.searchsorted(self._values, values), max(len(self._values) - 1, 0))
        new = values if not len(self._values) else values[self._values[place] != values]
        if len(new):
            found = np.concatenate([self._values, np.unique(new).astype(np.int64)])
            codes = np.concatenate([self._codes, np.arange(len(self._values), len(found))])
            order = np.argsort(found)
            self._values, self._codes = found[order], codes[order]
            self.span = _doubling(len(found))

    def codes(self, values: Column) -> Ints:
        """Return numbers from 0 to `span` − 1 for values learnt."""
        if self._values is None:
            return np.subtract(values, self.low, dtype=np.int64)
        return self._codes[np.searchsorted(self._values, values)]


def _doubling(size: int) -> int:
    """Return the power of two from `size`: ranges that grow by doubling seldom grow."""
    return 1 << (size - 1).bit_length()
