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

BITS = 53  # of a rounded number, as many as a float has
HALF = 27  # bits of the lower digit of a sum
ROOM = 255  # rounded numbers that are added up before they are split into digits; an int64 could take 1023
LOW = (1 << HALF) - 1
_LARGEST_EXPONENT = 1000  # of which 2^s and 2^−s are numbers that multiply without rounding


def exponent(bound: float) -> int:
    """Return s such that |x|·2^s < 2^53 for every |x| ≤ `bound`."""
    return BITS - math.frexp(bound)[1] if bound else 0


def rounded(values: Floats, scale: int) -> Ints:
    """Return x·2^s rounded to whole numbers."""
    return np.rint(_scaled(values, scale)).astype(np.int64)


def remainders(values: Floats, whole: Ints, scale: int) -> Ints:
    """Return what rounding left of x·2^s, rounded on a scale 2^53 times finer."""
    rest = _scaled(values, scale) - whole  # exact, like every difference of a number and itself rounded
    return np.rint(rest * 2.0**BITS).astype(np.int64)


def _scaled(values: Floats, scale: int) -> Floats:
    if abs(scale) > _LARGEST_EXPONENT:
        return np.ldexp(values, scale)
    return values * 2.0**scale


def halves(numbers: Ints) -> tuple[Floats, Floats]:
    """Return (q div 2^27, q mod 2^27) as floats, which are exact."""
    return (numbers >> HALF).astype(np.float64), (numbers & LOW).astype(np.float64)


class Digits:
    """Exact sums of rounded numbers in two digits, shape (L, C); C grows as cells appear."""

    def __init__(self, lanes: int) -> None:
        self.high = np.zeros((lanes, 0), dtype=np.int64)  # counts 2^27
        self.low = np.zeros((lanes, 0), dtype=np.int64)

    def grow(self, cells: int) -> None:
        """Make room for cells."""
        self.high, self.low = widened(self.high, cells), widened(self.low, cells)

    def floats(self) -> Floats:
        """Return the sums: exact up to 2^53, rounded once beyond (and twice from 2^26 rows per cell on)."""
        high = self.high + (self.low >> HALF)
        return high * 2.0**HALF + (self.low & LOW)


def widened(table: Ints, cells: int) -> Ints:
    """Return a (L, C) table with room for at least `cells` columns."""
    have = table.shape[1]
    if cells <= have:
        return table
    out = np.zeros((table.shape[0], max(cells, 2 * have)), dtype=table.dtype)
    out[:, :have] = table
    return out
