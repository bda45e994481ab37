"""How many answers a population needs, and how far a return reaches.

`docs/methods.md`, sections “Worst-case margin” and “Sample size”.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.errors import DesignError
from passgenau.estimation.intervals import LEVEL, check_draw, check_level
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SampleSize:
    """What one stratum needs for a margin, and what its return gives."""

    stratum: str
    population: int  # units
    margin: float  # wanted half-width, 0–1
    level: float  # confidence level, 0–1
    share: float  # expected share, 0–1; one half is the worst case
    needed: int  # units that must answer
    answered: int | None  # units that did; None where nobody was asked yet
    reach: float | None  # half-width that `answered` gives, 0–1
    missing: int | None  # units still to be won, 0 where the margin is met


def margin_of_error(n: int, population: int | None, level: float = LEVEL, share: float = 0.5) -> float:
    """Return the half-width of the normal interval for a share, with the finite-population correction.

    Parameters
    ----------
    n
        Units that answered, ≥ 1.
    population
        Units in the population; None for one of unknown size (no correction).
    level
        Confidence level, 0–1.
    share
        The share the margin is for, 0–1; one half gives the largest margin.

    Returns
    -------
    float
        z·√(share·(1−share)/n·(N−n)/(N−1)), 0–1. Zero when everybody answered.

    Raises
    ------
    DesignError
        n exceeds the population, or level or share lie outside their range.

    Notes
    -----
    `docs/methods.md#worst-case-margin`. A planning figure for a whole return; never the interval of a single share.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 3.2. Wiley.
    """
    check_draw(0, n, population)
    check_level(level)
    _check_share(share)
    correction = 1.0 if population is None else (population - n) / (population - 1) if population > 1 else 0.0
    return _quantile(level) * math.sqrt(share * (1 - share) / n * correction)


def sample_size(population: int | None, margin: float, level: float = LEVEL, share: float = 0.5) -> int:
    """Return the smallest number of answers whose margin of error is at most `margin`.

    Parameters
    ----------
    population
        Units in the population, ≥ 1; None for one of unknown size.
    margin
        Half-width wanted, 0 < margin < 1.
    level, share
        As for `margin_of_error`.

    Raises
    ------
    DesignError
        A value lies outside its range.

    Notes
    -----
    `docs/methods.md#sample-size`: n = N·v/(v + (N−1)·m²) with v = z²·share·(1−share), rounded up.
    """
    check_level(level)
    _check_share(share)
    if not 0 < margin < 1:
        raise DesignError(
            Text(
                f"Ein Stichprobenfehler liegt zwischen 0 und 1 (5 Punkte sind 0,05), nicht bei {margin}.",
                f"A margin lies between 0 and 1 (5 points are 0.05), not at {margin}.",
            )
        )
    variance = _quantile(level) ** 2 * share * (1 - share)
    if population is None:
        return max(1, _round_up(variance / margin**2))
    if population < 1:
        raise DesignError(
            Text(f"Eine Grundgesamtheit von {population} ist leer.", f"A population of {population} is empty.")
        )
    return max(1, _round_up(population * variance / (variance + (population - 1) * margin**2)))


def plan_sample(
    populations: Mapping[str, int],
    margin: float,
    returns: Mapping[str, int] | None = None,
    *,
    level: float = LEVEL,
    share: float = 0.5,
) -> tuple[SampleSize, ...]:
    """Return, stratum by stratum, how many answers a margin needs and how far the return reaches.

    Parameters
    ----------
    populations
        Units per stratum, in the order of the answer.
    margin, level, share
        As for `sample_size`; they hold within every stratum.
    returns
        Units that answered, for some or all strata.

    Raises
    ------
    DesignError
        A return names an unknown stratum or exceeds its population, or a value lies outside its range.

    Notes
    -----
    `docs/methods.md#sample-size`.
    """
    returns = returns or {}
    unknown = sorted(set(returns) - set(populations))
    if unknown:
        raise DesignError(
            Text(
                f"Rücklauf für eine unbekannte Schicht: {', '.join(unknown)}. Bekannt: {', '.join(populations)}.",
                f"Return for an unknown stratum: {', '.join(unknown)}. Known: {', '.join(populations)}.",
            )
        )
    return tuple(_stratum(name, size, margin, returns.get(name), level, share) for name, size in populations.items())


def _stratum(  # noqa: PLR0913, PLR0917 -- one argument per number of the row
    name: str, population: int, margin: float, answered: int | None, level: float, share: float
) -> SampleSize:
    needed = sample_size(population, margin, level, share)
    # Nobody answered: the return reaches nowhere, which is not an error.
    reach = margin_of_error(answered, population, level, share) if answered else None
    missing = None if answered is None else max(0, needed - answered)
    return SampleSize(name, population, margin, level, share, needed, answered, reach, missing)


def _round_up(value: float) -> int:
    return math.ceil(value - 1e-9)  # 384.0000000001 answers are 384


def _quantile(level: float) -> float:
    from scipy.special import ndtri  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    return float(ndtri((1 + level) / 2))


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise DesignError(
            Text(
                f"Ein Anteil liegt zwischen 0 und 1, nicht bei {share}.",
                f"A share lies between 0 and 1, not at {share}.",
            )
        )
