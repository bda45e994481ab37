"""From a printed percentage back to the counts it can be made of.

Two steps: which numbers of answer sheets a percentage fits (GRIM), and which numbers of
organisations those sheets can come from when some organisations sent more than one.
`docs/methods.md`, sections “GRIM” and “From sheets to organisations”.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from passgenau.errors import DesignError
from passgenau.text import Text

_SLACK = 1e-9  # percentage points; keeps 12.5 inside [12.5, …] despite binary fractions


@dataclass(frozen=True, slots=True)
class Fit:
    """Counts of answer sheets that a printed percentage fits."""

    counts: tuple[int, ...]  # sheets saying yes
    base: int  # sheets that answered the item, in this fit
    left_out: int  # sheets of the full base that must have left the item out
    exact: bool  # False where nothing fits and `counts` are only the nearest

    @property
    def whole(self) -> bool:
        """Whether the percentage fits the full base."""
        return self.exact and self.left_out == 0


def rounding_points(value: float) -> float:
    """Return half a unit of the last printed decimal: 0.5 for 46, 0.05 for 46.5 (percentage points).

    Notes
    -----
    `docs/methods.md#grim`.
    """
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return 0.5 * 10.0**-digits


def compatible_counts(
    percent_low: float, percent_high: float, base: int, tolerance_points: float = 0.5
) -> tuple[int, ...]:
    """Return every count k for which 100·k/base lies within the printed range and its tolerance.

    Parameters
    ----------
    percent_low, percent_high
        The printed percentage (twice) or both ends of a printed range, 0–100.
    base
        Answers the percentage is made of, ≥ 1.
    tolerance_points
        Rounding, or what “ca.” allows, in percentage points. Both ends count: halves may round either way.

    Raises
    ------
    DesignError
        The base is not positive or the range is no range of percentages.

    Notes
    -----
    `docs/methods.md#grim`.

    References
    ----------
    Brown, N. J. L. & Heathers, J. A. J. (2017). The GRIM Test. Social Psychological and Personality Science 8, 363–369.
    """
    if base < 1 or not 0 <= percent_low <= percent_high <= 100:  # noqa: PLR2004 -- percent
        raise DesignError(
            Text(
                f"{percent_low}–{percent_high} % von {base} ist keine Angabe.",
                f"{percent_low}–{percent_high} % of {base} is no statement.",
            )
        )
    low = math.ceil((percent_low - tolerance_points - _SLACK) * base / 100)
    high = math.floor((percent_high + tolerance_points + _SLACK) * base / 100)
    return tuple(range(max(0, low), min(base, high) + 1))


def fit_counts(percent_low: float, percent_high: float, base: int, tolerance_points: float = 0.5) -> Fit:
    """Return the counts that fit the full base or, failing that, the largest smaller one.

    Smaller bases stand for answers that left the item out. Below half the base the search ends:
    an item that most left out would be another story than the one printed. Then the counts next
    to the printed share of the full base are returned, marked as not exact.

    Parameters
    ----------
    percent_low, percent_high, base, tolerance_points
        As for `compatible_counts`.

    Notes
    -----
    `docs/methods.md#grim`.
    """
    for left_out in range(base // 2 + 1):
        if left_out < base:
            counts = compatible_counts(percent_low, percent_high, base - left_out, tolerance_points)
            if counts:
                return Fit(counts, base - left_out, left_out, exact=True)
    nearest = range(math.floor(percent_low * base / 100), math.ceil(percent_high * base / 100) + 1)
    return Fit(tuple(nearest), base, 0, exact=False)


@lru_cache(maxsize=4096)
def organisation_counts(k: int, n: int, extra: int, organisations: int) -> tuple[tuple[int, int], ...]:
    """Return every (organisations saying yes, organisations answering) that k of n sheets can stand for.

    Parameters
    ----------
    k
        Sheets saying yes, 0 ≤ k ≤ n.
    n
        Sheets that answered the item.
    extra
        Sheets beyond the first of each organisation, in the whole return (answers − organisations).
    organisations
        Organisations in the whole return.

    Raises
    ------
    DesignError
        n sheets cannot come from these organisations.

    Notes
    -----
    `docs/methods.md#sheets-to-organisations`: with m organisations behind n sheets, every rule that keeps
    a unanimous answer counts between max(0, k − (n − m)) and min(k, m) organisations.
    """
    lowest, highest = max(1, n - extra), min(n, organisations)
    if not 0 <= k <= n or lowest > highest:
        raise DesignError(
            Text(
                f"{k} von {n} Bögen passen nicht zu {organisations} Organisationen mit {extra} Zweitbögen.",
                f"{k} of {n} sheets do not fit {organisations} organisations with {extra} second sheets.",
            )
        )
    return tuple(
        (yes, answering)
        for answering in range(lowest, highest + 1)
        for yes in range(max(0, k - (n - answering)), min(k, answering) + 1)
    )
