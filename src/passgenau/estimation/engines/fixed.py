"""Sums that do not depend on the order of the rows: numbers are rounded to fixed point once, then added as integers.

Adding integers is exact, so neither the order of rows nor the number of threads can change a result.
`docs/methods.md`, section “One table of sums”.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BITS = 48  # of a rounded number; what is left of 63 bits is room for 2^14 of them
HALF = 24  # bits of the lower digit of a sum
ROOM = 1 << 14  # rounded numbers that an int64 can add up, with a bit to spare
_LOW = (1 << HALF) - 1
_LARGEST_EXPONENT = 1000  # so that 2^s is a number


def exponent(bound: float) -> int:
    """Return s such that |x|·2^s < 2^48 for every |x| ≤ `bound`."""
    if bound == 0:
        return 0
    return min(BITS - math.frexp(bound)[1], _LARGEST_EXPONENT)


def rounded(values: Floats, scale: int) -> Ints:
    """Return q = ⌊x·2^s + ½⌋."""
    return np.asarray(np.floor(values * 2.0**scale + 0.5), dtype=np.int64)


def remainders(values: Floats, whole: Ints, scale: int) -> Ints:
    """Return ⌊(x·2^s − q)·2^48 + ½⌋: what rounding left, rounded on a scale 2^48 times finer."""
    rest = values * 2.0**scale - whole  # exact: both have the same leading bits
    return np.asarray(np.floor(rest * 2.0**BITS + 0.5), dtype=np.int64)


def halves(numbers: Ints) -> tuple[Floats, Floats]:
    """Return (q div 2^24, q mod 2^24) as floats, which are exact."""
    return (numbers >> HALF).astype(np.float64), (numbers & _LOW).astype(np.float64)


class Digits:
    """Exact sums of rounded numbers in two digits, shape (L, C); C grows as cells appear."""

    def __init__(self, lanes: int) -> None:
        self.high = np.zeros((lanes, 0), dtype=np.int64)  # counts 2^24
        self.low = np.zeros((lanes, 0), dtype=np.int64)

    def grow(self, cells: int) -> None:
        """Make room for cells."""
        self.high, self.low = widened(self.high, cells), widened(self.low, cells)

    def floats(self) -> tuple[Floats, Floats]:
        """Return the sums as high + low, both exact for fewer than 2^29 rows per cell."""
        high = self.high + (self.low >> HALF)
        return high * 2.0**HALF, (self.low & _LOW).astype(np.float64)


def widened(table: Ints, cells: int) -> Ints:
    """Return a (L, C) table with room for at least `cells` columns."""
    have = table.shape[1]
    if cells <= have:
        return table
    out = np.zeros((table.shape[0], max(cells, 2 * have)), dtype=table.dtype)
    out[:, :have] = table
    return out
