"""The difference of two shares, each from a draw without replacement: exact and unconditional.

`docs/methods.md`, sections “Exact difference” and “Detectable difference”.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.draws import binomial_pmf, hypergeometric_pmf
from passgenau.estimation.intervals import (
    LEVEL,
    check_draw,
    check_level,
    clopper_pearson_interval,
    hypergeometric_interval,
)
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

_GRID = 200  # steps of the share of a population of unknown size: half a percentage point each
_MAX_COUNTS = 1500  # larger populations are searched on a grid of at most this many counts
_BY_SHARES = 0.1  # part of the error probability spent on the limits of either share
_TIE = 1e-9  # standardised differences closer than this count as equal
_FLOOR = 1e-9  # variance added to every outcome: complete counts are ordered by their difference alone


@dataclass(frozen=True, slots=True)
class Sample:
    """One audience's answers to one item."""

    yes: int  # units with the property among those drawn
    drawn: int  # units drawn
    population: int | None  # units in the population; None where nobody knows


@dataclass(frozen=True, slots=True)
class Difference:
    """Limits for the difference of two population shares (a minus b), and its p-value."""

    lower: float  # −1 to 1
    upper: float
    p_value: float  # two-sided: twice the smaller of both one-sided values


def exact_difference(a: Sample, b: Sample, level: float = LEVEL) -> Difference:
    """Return the exact unconditional interval and p-value for the difference of two shares.

    Parameters
    ----------
    a, b
        Independent draws without replacement.
    level
        Confidence level, 0–1; half of the error probability lies on either side.

    Raises
    ------
    DesignError
        The counts of a sample do not fit together.

    Notes
    -----
    `docs/methods.md#exact-difference`. The intersection of two intervals that share the error probability
    in fixed parts: one from the tails of outcomes ordered by the standardised difference, one from the limits
    of either share. The p-value goes by the order alone.

    References
    ----------
    Barnard, G. A. (1947). Biometrika 34, 123–138.
    Santner, T. J. & Snell, M. K. (1980). Journal of the American Statistical Association 75, 386–394.
    """
    return envelope_difference([a], [b], level)


def envelope_difference(a: Iterable[Sample], b: Iterable[Sample], level: float = LEVEL) -> Difference:
    """Return the widest interval and the largest p-value over all samples that the counts allow.

    Parameters
    ----------
    a, b
        Every sample that is compatible with what was published, for either audience.
    level
        As for `exact_difference`.

    Raises
    ------
    DesignError
        There is no sample on one side, or the counts of one do not fit together.

    Notes
    -----
    The order of outcomes is monotone in both counts (`docs/methods.md#exact-difference`), so that for given
    numbers of units only the lowest and the highest count of either side need to be looked at.
    """
    check_level(level)
    extremes_a, extremes_b = _extremes(a), _extremes(b)
    if not extremes_a or not extremes_b:
        raise DesignError(
            Text("Ein Vergleich braucht zwei Stichproben.", "A comparison takes two samples."),
        )
    lower, upper, p_value = 1.0, -1.0, 0.0
    for (draw_a, (low_a, high_a)), (draw_b, (low_b, high_b)) in product(extremes_a.items(), extremes_b.items()):
        order = _order(draw_a, draw_b)
        above = _as_floats(order >= order[low_a, high_b] - _TIE)
        below = _as_floats(order <= order[high_a, low_b] + _TIE)
        by_order = 1 - (1 - level) * (1 - _BY_SHARES)
        lower = min(
            lower,
            max(_lower_limit(draw_a, draw_b, above, by_order), _apart((low_a, draw_a), (high_b, draw_b), level)),
        )
        upper = max(
            upper,
            -max(_lower_limit(draw_b, draw_a, below.T, by_order), _apart((low_b, draw_b), (high_a, draw_a), level)),
        )
        tail = min(_null_tail(draw_a, draw_b, above), _null_tail(draw_b, draw_a, below.T))
        p_value = max(p_value, min(1.0, 2 * tail))
    return Difference(lower, upper, p_value)


def detectable_difference(  # noqa: PLR0913 -- a power calculation has that many givens
    drawn_a: int,
    population_a: int | None,
    drawn_b: int,
    population_b: int | None,
    share_b: float,
    *,
    level: float = LEVEL,
    power: float = 0.8,
) -> float | None:
    """Return the difference from which on a comparison of this size finds every one with the given power.

    Parameters
    ----------
    drawn_a, population_a, drawn_b, population_b
        Units drawn and units in the population (None where nobody knows) of both sides.
    share_b
        Share of side b, 0–1; side a lies above or below it.
    level
        One minus the significance level of the two-sided exact test. For the first step of Holm's procedure
        over m comparisons that is 1 − 0.05/m.
    power
        Probability of finding the difference, 0–1.

    Returns
    -------
    float or None
        Smallest D such that every possible difference of at least D, of either sign, is found so often
        (0–1). Where the scale ends before D in one direction, D speaks of the other. None where not even
        the largest possible difference is found so often.

    Raises
    ------
    DesignError
        The counts do not fit together, or share or power lie outside 0–1.

    Notes
    -----
    `docs/methods.md#detectable-difference`. Exact: the probability of all outcomes that the test rejects.
    """
    check_level(level)
    if not (0 <= share_b <= 1 and 0 < power < 1):
        raise DesignError(
            Text(
                f"Anteil {share_b} oder Trennschärfe {power} liegt nicht zwischen 0 und 1.",
                f"Share {share_b} or power {power} does not lie between 0 and 1.",
            )
        )
    check_draw(0, drawn_a, population_a)
    check_draw(0, drawn_b, population_b)
    draw_a, draw_b = (drawn_a, population_a), (drawn_b, population_b)
    shares_a, pmf_a = _outcomes(draw_a)
    shares_b, pmf_b = _outcomes(draw_b)
    place = int(np.argmin(np.abs(shares_b - share_b)))
    found = pmf_a @ _rejected(draw_a, draw_b, level) @ pmf_b[place]
    gaps = np.abs(shares_a - shares_b[place])
    largest_missed = gaps[found < power].max(initial=-1.0)
    safe = gaps[gaps > largest_missed + _TIE]
    return float(safe.min()) if safe.size else None


# --- the outcomes of one draw ------------------------------------------------------------------

_Draw = tuple[int, "int | None"]  # units drawn, units in the population


def _extremes(samples: Iterable[Sample]) -> dict[_Draw, tuple[int, int]]:
    """Return the lowest and the highest count for every size of draw."""
    found: dict[_Draw, tuple[int, int]] = {}
    for sample in samples:
        check_draw(sample.yes, sample.drawn, sample.population)
        draw = (sample.drawn, sample.population)
        low, high = found.get(draw, (sample.yes, sample.yes))
        found[draw] = min(low, sample.yes), max(high, sample.yes)
    return found


@lru_cache(maxsize=256)
def _outcomes(draw: _Draw) -> tuple[Matrix, Matrix]:
    """Return candidate shares of the population, and one row of outcome probabilities for each."""
    drawn, population = draw
    if population is None:
        shares = np.linspace(0, 1, _GRID + 1)
        return shares, binomial_pmf(drawn, shares)
    counts = np.unique(np.append(np.arange(0, population + 1, _stride(population)), population))
    return counts / population, hypergeometric_pmf(drawn, population, counts)


def _stride(population: int) -> int:
    return -(-population // _MAX_COUNTS)


def _step(draw: _Draw) -> float:
    """Return the distance of neighbouring candidate shares where they leave gaps, else 0."""
    population = draw[1]
    if population is None:
        return 1 / _GRID
    return _stride(population) / population if _stride(population) > 1 else 0.0


# --- two draws ---------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _order(draw_a: _Draw, draw_b: _Draw) -> Matrix:
    """Return the standardised difference of every pair of outcomes (rows: a, columns: b)."""
    share_a = np.arange(draw_a[0] + 1)[:, None] / draw_a[0]
    share_b = np.arange(draw_b[0] + 1)[None, :] / draw_b[0]
    variance_a, variance_b = _variance(draw_a), _variance(draw_b)
    variance = variance_a + variance_b
    weight = variance_b / variance if variance else 0.5
    pooled = weight * share_a + (1 - weight) * share_b
    return np.asarray((share_a - share_b) / np.sqrt(pooled * (1 - pooled) * variance + _FLOOR))


def _variance(draw: _Draw) -> float:
    """Return the variance of the observed share, up to the factor share·(1 − share)."""
    drawn, population = draw
    return (1.0 if population is None else (population - drawn) / max(population - 1, 1)) / drawn


def _apart(a: tuple[int, _Draw], b: tuple[int, _Draw], level: float) -> float:
    """Return the smallest difference (a minus b) that the limits of either share allow.

    The part `_BY_SHARES` of the error probability is halved between both sides of the interval, and again
    between both shares; of each two-sided interval one limit is used.
    """
    single = 1 - (1 - level) * _BY_SHARES / 2
    return _share_limits(*a, single)[0] - _share_limits(*b, single)[1]


def _share_limits(yes: int, draw: _Draw, level: float) -> tuple[float, float]:
    drawn, population = draw
    if population is None:
        return clopper_pearson_interval(yes, drawn, level)
    return hypergeometric_interval(yes, drawn, population, level).shares


def _lower_limit(draw_a: _Draw, draw_b: _Draw, above: Matrix, level: float) -> float:
    """Return the smallest difference (a minus b) under which `above` is not too unlikely.

    `above` gets more likely with a and less likely with b. So for every candidate of the side that has
    fewer, the edge among those of the other side is found by bisection.
    """
    shares_a, pmf_a = _outcomes(draw_a)
    shares_b, pmf_b = _outcomes(draw_b)
    tail = (1 - level) / 2
    if len(shares_a) <= len(shares_b):
        fixed, places = _edge(pmf_a @ above, pmf_b, tail)
        gaps = shares_a[fixed] - shares_b[places]
    else:
        fixed, places = _edge(pmf_b @ above.T, pmf_a[::-1], tail)
        gaps = shares_a[::-1][places] - shares_b[fixed]
    return float(max(-1.0, gaps.min() - _step(draw_a) - _step(draw_b)))


def _edge(given: Matrix, pmf: Matrix, tail: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the last row of `pmf` under which a region is not too unlikely, for each row of `given`.

    `given` holds, for every fixed candidate, the probability of the region under each outcome of the
    other side, `pmf` that of the outcomes; the region gets less likely down the rows of `pmf`. Fixed
    candidates that find the region too unlikely throughout are left out.
    """
    passes = np.full(len(given), -1)
    fails = np.full(len(given), len(pmf))
    while (fails - passes > 1).any():
        middle = np.clip((passes + fails) // 2, 0, len(pmf) - 1)
        likely = np.einsum("ij,ij->i", given, pmf[middle]) > tail
        passes, fails = np.where(likely, middle, passes), np.where(likely, fails, middle)
    found = np.flatnonzero(passes >= 0)
    return found, passes[found]


@lru_cache(maxsize=512)
def _null_places(draw_a: _Draw, draw_b: _Draw) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs of candidates at the edge of “a does not exceed b”.

    There `above` is most likely: one pair for every candidate of the side that has fewer.
    """
    shares_a, shares_b = _outcomes(draw_a)[0], _outcomes(draw_b)[0]
    # Candidates that leave gaps are widened by a step each, towards the safe side.
    slack = _step(draw_a) + _step(draw_b) + _TIE
    if len(shares_a) <= len(shares_b):
        return np.arange(len(shares_a)), np.searchsorted(shares_b, shares_a - slack)
    return np.searchsorted(shares_a, shares_b + slack, side="right") - 1, np.arange(len(shares_b))


def _null_tail(draw_a: _Draw, draw_b: _Draw, above: Matrix) -> float:
    """Return the largest probability of `above` while the share of a does not exceed that of b."""
    places_a, places_b = _null_places(draw_a, draw_b)
    given_a = _outcomes(draw_a)[1][places_a] @ above
    return float(np.einsum("ij,ij->i", given_a, _outcomes(draw_b)[1][places_b]).max())


@lru_cache(maxsize=64)
def _rejected(draw_a: _Draw, draw_b: _Draw, level: float) -> Matrix:
    """Return 1 where the two-sided exact test rejects a pair of outcomes (rows: a, columns: b), else 0."""
    order = _order(draw_a, draw_b)
    tail = (1 - level) / 2
    # Tails shrink as the level rises: search for the first level whose tail is small enough.
    return np.maximum(
        _beyond(order, lambda above: _null_tail(draw_a, draw_b, above) <= tail),
        _beyond(-order, lambda below: _null_tail(draw_b, draw_a, below.T) <= tail),
    )


def _beyond(order: Matrix, small: Callable[[Matrix], bool]) -> Matrix:
    """Return 1 for the outcomes of the largest upper region of `order` that is `small`, else 0."""
    levels = np.unique(order)
    place = bisect_left(levels, x=True, key=lambda cut: small(_as_floats(order >= cut - _TIE)))
    return _as_floats(order >= levels[place] - _TIE) if place < levels.size else np.zeros_like(order)


def _as_floats(region: NDArray[np.bool_]) -> Matrix:
    # Matrix products of numbers run through BLAS, those with booleans do not.
    return region.astype(np.float64)
