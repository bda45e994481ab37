"""Probabilities of a draw without replacement, computed on logarithms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def log_choose(n: int | NDArray[np.int64], k: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return log(n over k), elementwise; 0 ≤ k ≤ n."""
    from scipy.special import gammaln  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    return np.asarray(gammaln(np.asarray(n) + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)


def hypergeometric_pmf(drawn: int, population: int, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return one row per candidate count of the population, one column per outcome 0…drawn.

    Parameters
    ----------
    drawn
        Units drawn, ≤ population.
    population
        Units in the population.
    counts
        Candidate numbers of units with the property, 0 ≤ count ≤ population.
    """
    yes = np.arange(drawn + 1)
    rest = counts[:, None] - yes
    possible = (rest >= 0) & (rest <= population - drawn)
    logs = (
        log_choose(drawn, yes)
        + log_choose(population - drawn, np.where(possible, rest, 0))
        - log_choose(population, counts)[:, None]
    )
    return np.asarray(np.exp(np.where(possible, logs, -np.inf)), dtype=np.float64)


def binomial_pmf(drawn: int, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one row per candidate share (0–1), one column per outcome 0…drawn."""
    from scipy.special import xlog1py, xlogy  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    yes = np.arange(drawn + 1)
    share = shares[:, None]
    return np.asarray(
        np.exp(log_choose(drawn, yes) + xlogy(yes, share) + xlog1py(drawn - yes, -share)), dtype=np.float64
    )
