"""Counting out: cuts that leave a wanted number above them, shares of a whole, and ticks that move between sheets."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]

_BEYOND = 0.5  # how far a cut lies beyond the outermost sheet where all or none are to lie above
_NORMAL = NormalDist()


def cut_above(falling: Floats, count: int, share: float) -> float:
    """Return the cut above which `count` of some numbers lie; without numbers the one for a share of a normal."""
    if not falling.size:
        return _NORMAL.inv_cdf(1 - min(max(share, 1e-6), 1 - 1e-6))
    if count <= 0:
        return float(falling[0] + _BEYOND)
    if count >= falling.size:
        return float(falling[-1] - _BEYOND)
    return float((falling[count - 1] + falling[count]) / 2)


def cuts_between(rising: Floats, counts: Sequence[int]) -> Floats:
    """Return the cuts between which numbers lie as counted: one fewer than counts."""
    if not rising.size:
        return np.array([_NORMAL.inv_cdf((place + 1) / len(counts)) for place in range(len(counts) - 1)])
    edges = np.cumsum(counts)[:-1]
    falling = rising[::-1]
    cuts = np.array([cut_above(falling, rising.size - int(edge), 0.5) for edge in edges])
    return np.maximum.accumulate(cuts) if cuts.size else cuts


def apportioned(total: int, weights: Floats) -> list[int]:
    """Divide a whole number by weights, the largest remainders first."""
    if not weights.size:
        return []
    whole = float(weights.sum())
    exact = total * weights / whole if whole > 0 else np.zeros_like(weights)
    counts = np.floor(exact).astype(int)
    if whole > 0:
        for place in np.argsort(-(exact - counts), kind="stable")[: total - int(counts.sum())]:
            counts[place] += 1
    return [int(count) for count in counts]


def balance(  # noqa: PLR0913, PLR0917 -- the matrices and the limits
    ticked: Flags, able: Flags, latent: Floats, rows: Places, low: int, high: int
) -> None:
    """Move ticks (items in rows of the matrix, sheets in columns) from sheets with many to sheets with few."""
    sums = ticked[:, rows].sum(axis=0)
    least = np.minimum(low, able[:, rows].sum(axis=0))
    while True:
        poor, rich = np.flatnonzero(sums < least), np.flatnonzero(sums > high)
        # First from those with too many to those with too few, then with the help of all others.
        ways = [(rich, poor), (rich, np.flatnonzero(sums < high)), (np.flatnonzero(sums > low), poor)]
        if not any(_move(ticked, able, latent, rows, gives, takes, sums) for gives, takes in ways):
            return


def _move(  # noqa: PLR0913, PLR0917 -- the matrices, and who gives to whom
    ticked: Flags, able: Flags, latent: Floats, rows: Places, gives: Places, takes: Places, sums: Places
) -> bool:
    """Move the one tick that is missed least: from the giver with most ticks to the taker with fewest."""
    for giver in gives[np.argsort(-sums[gives], kind="stable")]:
        for item in np.argsort(np.where(ticked[:, rows[giver]], latent[:, rows[giver]], np.inf), kind="stable"):
            if not ticked[item, rows[giver]]:
                break
            fit = [t for t in takes if t != giver and able[item, rows[t]] and not ticked[item, rows[t]]]
            if fit:
                taker = min(fit, key=lambda t: (sums[t], -latent[item, rows[t]]))
                ticked[item, rows[giver]], ticked[item, rows[taker]] = False, True
                sums[giver] -= 1
                sums[taker] += 1
                return True
    return False


def limit(ticked: Flags, able: Flags, latent: Floats, low: int, high: int) -> None:
    """Keep one respondent's ticks within the limits: the strongest stay, the next strongest are added."""
    count = int(ticked.sum())
    if low <= count <= high:
        return
    order = np.argsort(-np.where(able, latent, -np.inf), kind="stable")
    wanted = high if count > high else min(low, int(able.sum()))
    ticked[:] = False
    ticked[order[:wanted]] = True
