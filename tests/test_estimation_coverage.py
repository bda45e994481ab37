"""Exact coverage of 95 % intervals in small populations: every count K, every outcome, no simulation."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from passgenau.estimation.draws import hypergeometric_pmf
from passgenau.estimation.proportions import proportion_interval

Floats = NDArray[np.float64]

# worst coverage, mean coverage (percent), mean width (points)
SMALL, LARGE = (35, 21), (1101, 79)
PUBLISHED = {
    SMALL: {
        "hypergeometric": (96.4, 98.3, 21.8),
        "beta-binomial": (93.9, 97.1, 20.3),
        "korn-graubard": (94.7, 97.8, 23.8),
        "wilson": (93.9, 97.1, 23.0),
        "logit": (60.0, 93.9, 23.3),
        "mean": (60.0, 91.6, 23.0),
    },
    LARGE: {
        "hypergeometric": (95.1, 96.6, 17.5),
        "beta-binomial": (89.4, 95.1, 16.4),
        "korn-graubard": (95.2, 96.7, 17.7),
        "wilson": (86.2, 95.6, 16.8),
        "logit": (0.0, 93.6, 17.0),
        "mean": (7.2, 92.3, 16.8),
    },
}


def simple_draw(population: int, drawn: int) -> tuple[Floats, Floats]:
    """Return all shares that a draw can give, and their standard errors."""
    share = np.arange(drawn + 1) / drawn
    return share, np.sqrt((1 - drawn / population) * share * (1 - share) / (drawn - 1))


def limits(method: str, population: int, drawn: int) -> tuple[Floats, Floats]:
    """Return the limits of every outcome; where logit has none, the estimate itself, which is why it is refused."""
    share, se = simple_draw(population, drawn)
    lower, upper = share.copy(), share.copy()
    inner = slice(1, -1) if method == "logit" else slice(None)
    lower[inner], upper[inner] = proportion_interval(
        method, share[inner], se[inner], answers=drawn, df=drawn - 1, population=population
    )
    return lower, upper


@cache
def chances(population: int, drawn: int) -> Floats:
    """Return the probability of every outcome under K = 1, …, N − 1."""
    return hypergeometric_pmf(drawn, population, np.arange(1, population))


def coverage(method: str, population: int, drawn: int) -> tuple[float, float, float]:
    lower, upper = limits(method, population, drawn)
    truth = np.arange(1, population)[:, None] / population
    held = (lower - 1e-12 <= truth) & (truth <= upper + 1e-12)
    chance = chances(population, drawn)
    found = (chance * held).sum(axis=1)
    width = chance @ (np.minimum(upper, 1) - np.maximum(lower, 0))  # no share lies outside 0–1
    return 100 * float(found.min()), 100 * float(found.mean()), 100 * float(width.mean())


@pytest.mark.parametrize("method", PUBLISHED[SMALL])
@pytest.mark.parametrize("draw", [SMALL, LARGE], ids=["21 of 35", "79 of 1101"])
def test_coverage_and_width_are_those_of_the_table(draw: tuple[int, int], method: str) -> None:
    assert coverage(method, *draw) == pytest.approx(PUBLISHED[draw][method], abs=0.0501)


@pytest.mark.parametrize("draw", [(12, 10), (12, 3), (35, 21), (60, 2), (200, 150), (1101, 79)])
def test_the_exact_interval_never_covers_less_than_promised(draw: tuple[int, int]) -> None:
    assert coverage("hypergeometric", *draw)[0] >= 95
