"""Intervals for finite populations: against reference results, and by what must be true of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.estimation import (
    beta_binomial_interval,
    clopper_pearson_interval,
    hypergeometric_interval,
    tail_probability,
)
from passgenau.estimation.draws import binomial_pmf, hypergeometric_pmf

CASES = json.loads((Path(__file__).parent / "data" / "finite_exact.json").read_text(encoding="utf-8"))


@st.composite
def draws(draw: st.DrawFn, largest: int = 120) -> tuple[int, int, int]:
    population = draw(st.integers(1, largest))
    n = draw(st.integers(1, population))
    return draw(st.integers(0, n)), n, population


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['k']} of {c['n']} of {c['population']} at {c['alpha']}")
def test_limits_agree_with_the_reference_results(case: dict[str, float]) -> None:
    k, n, population = int(case["k"]), int(case["n"]), int(case["population"])
    level = 1 - case["alpha"]
    found = {
        "hypergeom_exact": hypergeometric_interval(k, n, population, level).shares,
        "betabinom_jeffreys": beta_binomial_interval(k, n, population, level).shares,
        "betabinom_uniform": beta_binomial_interval(k, n, population, level, prior=(1.0, 1.0)).shares,
        "clopper_pearson_nofpc": clopper_pearson_interval(k, n, level),
    }
    for name, limits in found.items():
        assert limits == pytest.approx(case[name], abs=1e-12), name


@given(draws())
def test_limits_lie_inside_the_population_and_hold_the_observed_count(drawn: tuple[int, int, int]) -> None:
    k, n, population = drawn
    for interval in (hypergeometric_interval(*drawn), beta_binomial_interval(*drawn)):
        lower, upper = interval.shares
        assert 0 <= lower <= upper <= 1
        assert k <= interval.lower <= interval.upper <= population - n + k  # what was seen is certain
        assert lower <= k / n <= upper


@given(draws())
def test_limits_collapse_to_the_truth_when_everybody_answered(drawn: tuple[int, int, int]) -> None:
    k, n, _ = drawn
    assert hypergeometric_interval(k, n, n).shares == (k / n, k / n)
    assert beta_binomial_interval(k, n, n).shares == (k / n, k / n)


@given(st.integers(1, 10), st.integers(1, 10), st.integers(2, 6))
def test_the_interval_shrinks_with_more_answers_at_the_same_share(yes: int, no: int, factor: int) -> None:
    population = 150
    few = hypergeometric_interval(yes, yes + no, population)
    many = hypergeometric_interval(yes * factor, (yes + no) * factor, population)
    assert many.upper - many.lower <= few.upper - few.lower


@given(draws())
def test_yes_and_no_mirror_each_other(drawn: tuple[int, int, int]) -> None:
    k, n, population = drawn
    yes, no = hypergeometric_interval(k, n, population), hypergeometric_interval(n - k, n, population)
    assert (yes.lower, yes.upper) == (population - no.upper, population - no.lower)


@given(draws())
def test_limits_rise_with_the_count(drawn: tuple[int, int, int]) -> None:
    k, n, population = drawn
    if k < n:
        here, next_one = hypergeometric_interval(k, n, population), hypergeometric_interval(k + 1, n, population)
        assert here.lower <= next_one.lower
        assert here.upper <= next_one.upper


@given(draws())
def test_a_population_of_unknown_size_is_never_more_certain_than_a_known_one(drawn: tuple[int, int, int]) -> None:
    k, n, population = drawn
    known, unknown = hypergeometric_interval(k, n, population).shares, clopper_pearson_interval(k, n)
    grain = 1 / population
    assert unknown[0] <= known[0] + grain
    assert known[1] - grain <= unknown[1]


@pytest.mark.parametrize(("population", "n"), [(35, 21), (12, 5), (90, 11)])
def test_the_exact_interval_covers_every_truth_at_least_as_often_as_promised(population: int, n: int) -> None:
    limits = [hypergeometric_interval(k, n, population) for k in range(n + 1)]
    for truth in range(population + 1):
        chances = hypergeometric_pmf(n, population, np.array([truth]))[0]
        covered = sum(p for p, i in zip(chances, limits, strict=True) if i.lower <= truth <= i.upper)
        assert covered >= 0.95, truth


def test_the_exact_interval_covers_as_known_for_the_return_of_the_districts() -> None:
    # Exact coverage, 21 of 35, truths 1 to 34: worst 96.4 %, mean 98.3 %, mean width 21.8 points.
    truths = np.arange(1, 35)
    limits = [hypergeometric_interval(k, 21, 35) for k in range(22)]
    chances = hypergeometric_pmf(21, 35, truths)
    inside = np.array([[i.lower <= truth <= i.upper for i in limits] for truth in truths])
    widths = np.array([(i.upper - i.lower) / 35 for i in limits])
    coverage = (chances * inside).sum(axis=1)
    assert coverage.min() == pytest.approx(0.964, abs=5e-4)
    assert coverage.mean() == pytest.approx(0.983, abs=5e-4)
    assert (chances @ widths).mean() == pytest.approx(0.218, abs=5e-4)


@settings(max_examples=50)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60))
def test_probabilities_of_a_draw_sum_to_one(n: int, more: int, count: int) -> None:
    population = n + more
    assert hypergeometric_pmf(n, population, np.array([min(count, population)])).sum() == pytest.approx(1, abs=1e-12)
    assert binomial_pmf(n, np.array([0.0, count / 60, 1.0])).sum(axis=1) == pytest.approx(1, abs=1e-12)


def test_the_tail_is_worked_by_hand_for_a_toy_of_six() -> None:
    # 3 of 6 drawn, 2 of the 6 have the property: both are drawn in 4 of the 20 possible draws.
    assert tail_probability(2, 3, 2, 6) == pytest.approx(4 / 20)
    assert tail_probability(1, 3, 2, 6) == pytest.approx(16 / 20)
    assert tail_probability(0, 3, 2, 6) == 1
    assert tail_probability(3, 3, 2, 6) == 0


@pytest.mark.parametrize(
    ("k", "n", "population", "message"),
    [
        (0, 0, 35, "No estimate without answers (n = 0)."),
        (22, 21, 35, "22 of 21 is not possible."),
        (-1, 21, 35, "-1 of 21 is not possible."),
        (3, 36, 35, "36 respondents cannot come from a population of 35."),
    ],
)
def test_impossible_counts_are_refused_by_name(k: int, n: int, population: int, message: str) -> None:
    with pytest.raises(DesignError) as error:
        hypergeometric_interval(k, n, population)
    assert error.value.format("en") == message


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(DesignError, match="between 0 and 1, not at 95"):
        clopper_pearson_interval(3, 7, 95)
