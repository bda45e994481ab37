"""Exact sums of lanes per cell, with NumPy: the plain way, for any lanes and for data of any size that is not large.

`kernel.py` adds up the same rounded numbers faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passgenau.estimation.engines.fixed import BITS, Digits, exponent, halves, remainders, rounded, widened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.engines.lanes import Flag, Lane, Number

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, column by column, with the cell of each."""

    cell: NDArray[np.integer]  # (n,)
    weight: Floats  # (n,)
    flags: Mapping[Flag, Bits]  # (n,) each, 0 or 1
    numbers: Mapping[Number, Floats]  # (n,) each

    def __len__(self) -> int:
        return len(self.cell)

    def holds(self, lane: Lane) -> Bits:
        """Return 1 where all flags of a lane hold, else 0."""
        out = np.ones(len(self), dtype=np.uint8)
        for flag in lane.flags:
            out &= self.flags[flag].view(np.uint8)
        return out

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
        The largest |v| of each lane.
    weight
        The largest weight.
    power
        1 or 2.
    """

    def __init__(self, lanes: Sequence[Lane], bounds: Sequence[float], weight: float, power: int) -> None:
        self.lanes = tuple(lanes)
        self.power = power
        self.scale = exponent(weight**power)  # of the lanes that are 0 or 1
        self.scales = [
            exponent(weight**power * bound) if lane.numbers else self.scale
            for lane, bound in zip(lanes, bounds, strict=True)
        ]
        self.digits = Digits(len(self.lanes))
        self.fine = Digits(len(self.lanes))  # the remainders, for lanes with numbers
        self.count = np.zeros((len(self.lanes), 0), dtype=np.int64)

    @property
    def size(self) -> int:
        """Cells there is room for."""
        return self.count.shape[1]

    def grow(self, cells: int) -> None:
        """Make room for cells."""
        self.digits.grow(cells)
        self.fine.grow(cells)
        self.count = widened(self.count, cells)

    def add(self, batch: Batch) -> None:
        """Add rows."""
        weight = batch.weight**self.power
        counted = (batch.weight > 0).astype(np.float64)
        high, low = halves(rounded(weight, self.scale))
        for i, lane in enumerate(self.lanes):
            if lane.numbers:
                self._add_numbers(i, batch, weight, counted)
                continue
            holds = batch.holds(lane)
            self.digits.high[i] += _sums(batch.cell, high * holds, self.size)
            self.digits.low[i] += _sums(batch.cell, low * holds, self.size)
            self._tally(i, batch, counted * holds)

    def _add_numbers(self, i: int, batch: Batch, weight: Floats, counted: Floats) -> None:
        values = batch.values(self.lanes[i])
        products = weight * values
        whole = rounded(products, self.scales[i])
        rest = remainders(products, whole, self.scales[i])
        for digits, numbers in ((self.digits, whole), (self.fine, rest)):
            high, low = halves(numbers)
            digits.high[i] += _sums(batch.cell, high, self.size)
            digits.low[i] += _sums(batch.cell, low, self.size)
        self._tally(i, batch, counted * (values != 0))

    def _tally(self, i: int, batch: Batch, counted: Floats) -> None:
        if self.power == 1:
            self.count[i] += _sums(batch.cell, counted, self.size)

    def floats(self) -> Floats:
        """Return the sums, (L, C)."""
        high, low = self.digits.floats()
        above, below = self.fine.floats()
        scale = np.array(self.scales, dtype=np.int64)[:, None]
        return np.asarray(np.ldexp(high + (low + np.ldexp(above + below, -BITS)), -scale))


def _sums(cell: NDArray[np.integer], values: Floats, size: int) -> Ints:
    """Sum whole numbers by cell; exact, because the sums of a batch stay below 2^53."""
    return np.bincount(cell, weights=values, minlength=size).astype(np.int64)
