"""Exact sums of lanes per cell, with NumPy: the plain way, for any lanes and for data of any size that is not large.

`kernel.py` adds up the same rounded numbers faster.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from passgenau.estimation.engines.fixed import BITS, Digits, exponent, halves, remainders, rounded, widened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.engines.kernel import Kernel
    from passgenau.estimation.engines.lanes import Flag, Lane, Number
    from passgenau.estimation.sums import Profile

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bits = NDArray[np.uint8]

LARGE = 500_000  # rows from which machine code is worth the time to load it
SMALL = 5_000  # rows from which it is worth the call once loaded
_KERNEL = "passgenau.estimation.engines.kernel"
_BLOCK = 1 << 18  # numbers summed at once
_SPREAD = 10  # bits by which the smallest weight is smaller than the largest; it keeps 43


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, column by column, with the cell of each."""

    cell: NDArray[np.integer]  # (n,)
    weight: Floats  # (n,)
    flags: Mapping[Flag, Bits]  # (n,) each, 0 or 1
    numbers: Mapping[Number, Floats]  # (n,) each
    packed: dict[tuple[Lane, ...], Bits] = field(default_factory=dict)  # the kernel's form of flags, once made

    def __len__(self) -> int:
        return len(self.cell)

    def holds(self, lane: Lane) -> Bits:
        """Return 1 where all flags of a lane hold, else 0."""
        if not lane.flags:
            return np.ones(len(self), dtype=np.uint8)
        bits = [self.flags[flag].view(np.uint8) for flag in lane.flags]
        return bits[0] if len(bits) == 1 else reduce(np.bitwise_and, bits)

    def values(self, lane: Lane) -> Floats:
        """Return the values of a lane."""
        out = np.ones(len(self))
        for number in lane.numbers:
            out *= self.numbers[number]
        return out * self.holds(lane)


class Totals:
    """Σ w^power · v of lanes per cell, and how many rows had w > 0 and v ≠ 0.

    Parameters
    ----------
    lanes
        What is summed.
    bounds
        The largest w^power · |v| of each lane.
    weight
        The weights' profile; None where every row weighs 1.
    power
        1 or 2.
    rows
        How many rows to expect; 0 where that is not known.
    """

    def __init__(
        self, lanes: Sequence[Lane], bounds: Sequence[float], weight: Profile | None, power: int, rows: int = 0
    ) -> None:
        self.lanes = tuple(lanes)
        self.power = power
        self.marks = [i for i, lane in enumerate(lanes) if not lane.numbers]
        self.fine = _needs_remainders(weight, power)
        self.scales = [exponent(bound) for bound in bounds]
        self.digits = Digits(len(lanes))
        self.rest = Digits(len(lanes))  # what rounding left
        self.count = np.zeros((len(lanes), 0), dtype=np.int64)
        self.rows = rows  # expected, and from then on added
        self._kernel: Kernel | None = None

    @property
    def size(self) -> int:
        """Cells there is room for."""
        return self.count.shape[1]

    def grow(self, cells: int) -> None:
        """Make room for cells."""
        self.digits.grow(cells)
        self.rest.grow(cells)
        self.count = widened(self.count, cells)

    def add(self, batch: Batch) -> None:
        """Add rows."""
        if not self.lanes:
            return
        weight = batch.weight if self.power == 1 else batch.weight**self.power
        self.rows += len(batch)
        if self.marks:
            whole = rounded(weight, self._scale)
            rest = remainders(weight, whole, self._scale) if self.fine else None
            if self.rows > (LARGE if _KERNEL not in sys.modules else SMALL):
                self._start().add(batch, whole, rest)
            else:
                self._add_marks(batch, whole, rest)
        for i, lane in enumerate(self.lanes):
            if lane.numbers:
                self._add_numbers(i, batch, weight)

    @property
    def _scale(self) -> int:
        """The exponent of the lanes that are 0 or 1."""
        return self.scales[self.marks[0]]

    def _start(self) -> Kernel:
        if self._kernel is None:
            from passgenau.estimation.engines.kernel import Kernel  # noqa: PLC0415 -- Numba takes half a second

            self._kernel = Kernel([self.lanes[i] for i in self.marks], fine=self.fine, counting=self.power == 1)
        self._kernel.grow(self.size)
        return self._kernel

    def _add_marks(self, batch: Batch, whole: Ints, rest: Ints | None) -> None:
        holds = np.stack([batch.holds(self.lanes[i]) for i in self.marks])
        counted = (batch.weight > 0).astype(np.float64)
        parts = [(self.digits, halves(whole))] + ([(self.rest, halves(rest))] if rest is not None else [])
        step = max(_BLOCK // len(self.marks), 4 * self.size)  # sums are many, too, where cells are
        for rows in (slice(start, start + step) for start in range(0, len(batch), step)):
            place = batch.cell[rows] + self.size * np.arange(len(self.marks))[:, None]
            block = holds[:, rows]
            for digits, (high, low) in parts:
                digits.high[self.marks] += self._by_cell(place, high[rows] * block)
                digits.low[self.marks] += self._by_cell(place, low[rows] * block)
            if self.power == 1:
                self.count[self.marks] += self._by_cell(place, counted[rows] * block)

    def _by_cell(self, place: Ints, values: Floats) -> Ints:
        """Sum (L, n) whole numbers by lane and cell."""
        sums = _sums(place.ravel(), values.ravel(), len(place) * self.size)
        return sums.reshape(len(place), self.size)

    def _add_numbers(self, i: int, batch: Batch, weight: Floats) -> None:
        values = batch.values(self.lanes[i])
        products = weight * values
        whole = rounded(products, self.scales[i])
        for digits, numbers in ((self.digits, whole), (self.rest, remainders(products, whole, self.scales[i]))):
            high, low = halves(numbers)
            digits.high[i] += _sums(batch.cell, high, self.size)
            digits.low[i] += _sums(batch.cell, low, self.size)
        if self.power == 1:
            self.count[i] += _sums(batch.cell, ((values != 0) & (batch.weight > 0)).astype(np.float64), self.size)

    def finish(self) -> Floats:
        """Return the sums, (L, C); `count` is complete from then on."""
        if self._kernel is not None:
            self._kernel.empty(self.digits, self.rest, self.count, self.marks)
        scale = np.array(self.scales, dtype=np.int64).reshape(-1, 1)
        sums = self.digits.floats()
        if self.fine or any(lane.numbers for lane in self.lanes):
            sums += np.ldexp(self.rest.floats(), -BITS)
        return np.asarray(np.ldexp(sums, -scale))


def _needs_remainders(weight: Profile | None, power: int) -> bool:
    """Return whether small weights beside large ones would lose digits if what rounding leaves were dropped."""
    if weight is None or weight.minimum is None or weight.maximum is None:
        return False
    if weight.whole and power * math.log2(max(weight.maximum, 1)) < BITS:
        return False
    return weight.minimum <= 0 or power * math.log2(weight.maximum / weight.minimum) > _SPREAD


def _sums(cell: NDArray[np.integer], values: Floats, size: int) -> Ints:
    """Sum whole numbers by cell; exact, because the sums of a batch stay below 2^53."""
    return np.bincount(cell, weights=values, minlength=size).astype(np.int64)
