"""Exact intervals for a share of a finite population, and of one whose size nobody knows.

Notation and sources: `docs/methods.md`, sections “Hypergeometric interval” to “Unknown population”.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.draws import hypergeometric_pmf, log_choose
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class CountInterval:
    """Limits for how many units of a finite population have a property."""

    lower: int  # units of the population
    upper: int
    population: int
    level: float  # 0–1

    @property
    def shares(self) -> tuple[float, float]:
        """The limits as shares of the population, 0–1."""
        return self.lower / self.population, self.upper / self.population


def check_draw(k: int, n: int, population: int | None) -> None:
    """Raise DesignError unless 0 ≤ k ≤ n, 1 ≤ n and n ≤ population."""
    if n < 1:
        raise DesignError(Text(f"Ohne Antworten keine Schätzung (n = {n}).", f"No estimate without answers (n = {n})."))
    if not 0 <= k <= n:
        raise DesignError(Text(f"{k} von {n} ist nicht möglich.", f"{k} of {n} is not possible."))
    if population is not None and n > population:
        raise DesignError(
            Text(
                f"{n} Antwortende können nicht aus einer Grundgesamtheit von {population} stammen.",
                f"{n} respondents cannot come from a population of {population}.",
            )
        )


def check_level(level: float) -> None:
    """Raise DesignError unless the level lies strictly between 0 and 1."""
    if not 0 < level < 1:
        raise DesignError(
            Text(
                f"Ein Konfidenzniveau liegt zwischen 0 und 1, nicht bei {level}.",
                f"A confidence level lies between 0 and 1, not at {level}.",
            )
        )


@lru_cache(maxsize=4096)
def hypergeometric_interval(k: int, n: int, population: int, level: float = LEVEL) -> CountInterval:
    """Return exact limits for the number of units with a property, from a draw without replacement.

    Parameters
    ----------
    k
        Units with the property among those drawn, 0 ≤ k ≤ n.
    n
        Units drawn, 1 ≤ n ≤ population.
    population
        Units in the population.
    level
        Confidence level, 0–1; half of the error probability lies on either side.

    Returns
    -------
    CountInterval
        All counts K that neither tail of the hypergeometric distribution rejects.

    Raises
    ------
    DesignError
        The counts do not fit together.

    Notes
    -----
    `docs/methods.md#hypergeometric-exact`. Covers at least `level` for every K. Assumes that those
    who answered resemble a simple random draw. At n = population both limits are k.

    References
    ----------
    Wright, T. (1991). Exact Confidence Bounds when Sampling from Small Finite Universes. Springer.
    """
    check_draw(k, n, population)
    check_level(level)
    tail = (1 - level) / 2
    # Seen from the other answer, the upper limit is a lower one: only one side needs a search.
    lower = _smallest_count(k, n, population, tail)
    upper = population - _smallest_count(n - k, n, population, tail)
    return CountInterval(lower, upper, population, float(level))


def _smallest_count(k: int, n: int, population: int, tail: float) -> int:
    """Return the smallest count of the population under which k or more of n is not too unlikely."""
    candidates = range(k, population - n + k + 1)
    return candidates[bisect_right(candidates, tail, key=lambda count: tail_probability(k, n, count, population))]


@lru_cache(maxsize=4096)
def beta_binomial_interval(
    k: int, n: int, population: int, level: float = LEVEL, prior: tuple[float, float] = (0.5, 0.5)
) -> CountInterval:
    """Return the equal-tailed posterior interval for the number of units with a property.

    Parameters
    ----------
    k, n, population, level
        As for `hypergeometric_interval`.
    prior
        Both parameters of the Beta prior, > 0: (½, ½) is Jeffreys', (1, 1) the uniform one.

    Returns
    -------
    CountInterval
        Smallest counts at which the posterior distribution reaches both tail probabilities.

    Raises
    ------
    DesignError
        The counts do not fit together.

    Notes
    -----
    `docs/methods.md#beta-binomial`. Shorter than the exact interval, and short of `level` for some K.
    """
    check_draw(k, n, population)
    check_level(level)
    unseen = population - n
    cumulated = np.cumsum(_beta_binomial_pmf(unseen, k + prior[0], n - k + prior[1]))
    tail = (1 - level) / 2
    lower, upper = (int(np.searchsorted(cumulated, p - 1e-12)) for p in (tail, 1 - tail))
    return CountInterval(k + min(lower, unseen), k + min(upper, unseen), population, float(level))


def _beta_binomial_pmf(trials: int, a: float, b: float) -> NDArray[np.float64]:
    from scipy.special import betaln  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    x = np.arange(trials + 1)
    return np.asarray(np.exp(log_choose(trials, x) + betaln(x + a, trials - x + b) - betaln(a, b)), dtype=np.float64)


@lru_cache(maxsize=4096)
def clopper_pearson_interval(k: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Return exact limits (0–1) for a share of a population of unknown size.

    Parameters
    ----------
    k, n
        Units with the property among those drawn, 0 ≤ k ≤ n.
    level
        Confidence level, 0–1.

    Raises
    ------
    DesignError
        The counts do not fit together.

    Notes
    -----
    `docs/methods.md#unknown-population`: the limit of the hypergeometric interval as the population grows.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). Biometrika 26, 404–413.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    check_draw(k, n, None)
    check_level(level)
    tail = (1 - level) / 2
    lower = float(betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
    upper = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return lower, upper


def tail_probability(k: int, n: int, count: int, population: int) -> float:
    """Return the probability that n units drawn at random hold at least k of `count`.

    Parameters
    ----------
    k, n
        Units with the property among those drawn, 0 ≤ k ≤ n.
    count
        Units with the property in the population, 0 ≤ count ≤ population.
    population
        Units in the population.

    Raises
    ------
    DesignError
        The counts do not fit together.

    Notes
    -----
    `docs/methods.md#known-totals`: the upper tail of the hypergeometric distribution.
    """
    check_draw(k, n, population)
    if not 0 <= count <= population:
        raise DesignError(
            Text(f"{count} von {population} ist nicht möglich.", f"{count} of {population} is not possible.")
        )
    if k == 0:
        return 1.0
    return float(min(1.0, hypergeometric_pmf(n, population, np.array([count]))[0, k:].sum()))
