"""Margins and sample sizes: the published margins, and what planning a survey needs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.estimation import SampleSize, margin_of_error, plan_sample, sample_size

populations = st.integers(2, 20_000)
margins = st.floats(0.005, 0.4)


def test_margins_agree_with_the_published_footnote() -> None:
    assert margin_of_error(79, 1101) == pytest.approx(0.106, abs=5e-4)
    assert margin_of_error(21, 35) == pytest.approx(0.137, abs=5e-4)


def test_without_the_correction_the_margin_would_be_half_as_large_again() -> None:
    assert margin_of_error(21, None) == pytest.approx(0.214, abs=5e-4)


def test_the_margin_is_zero_when_everybody_answered() -> None:
    assert margin_of_error(35, 35) == 0
    assert margin_of_error(1, 1) == 0


@given(populations, st.data())
def test_the_margin_shrinks_with_every_answer(population: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, population - 1))
    assert margin_of_error(n + 1, population) < margin_of_error(n, population) <= margin_of_error(n, None)


@given(populations, margins)
def test_the_sample_size_is_the_smallest_that_keeps_the_margin(population: int, margin: float) -> None:
    n = sample_size(population, margin)
    assert 1 <= n <= population
    assert margin_of_error(n, population) <= margin + 1e-9
    if n > 1:
        assert margin_of_error(n - 1, population) > margin - 1e-9


def test_the_sample_size_without_a_population_is_the_textbook_one() -> None:
    assert sample_size(None, 0.05) == 385
    assert sample_size(1101, 0.05) == 285
    assert sample_size(35, 0.05) == 33


def test_a_plan_tells_every_stratum_what_is_missing() -> None:
    plan = plan_sample({"districts": 35, "towns": 1101, "new": 12}, 0.1, {"districts": 21, "towns": 90})
    assert plan == (
        SampleSize("districts", 35, 0.1, 0.95, 0.5, 26, 21, margin_of_error(21, 35), 5),
        SampleSize("towns", 1101, 0.1, 0.95, 0.5, 89, 90, margin_of_error(90, 1101), 0),
        SampleSize("new", 12, 0.1, 0.95, 0.5, 11, None, None, None),
    )


def test_a_stratum_from_which_nobody_answered_reaches_nowhere() -> None:
    (row,) = plan_sample({"towns": 50}, 0.1, {"towns": 0})
    assert (row.answered, row.reach, row.missing) == (0, None, row.needed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample_size(35, 5), "5 points are 0.05"),
        (lambda: sample_size(0, 0.05), "population of 0 is empty"),
        (lambda: sample_size(35, 0.05, share=1.2), "not at 1.2"),
        (lambda: margin_of_error(36, 35), "36 respondents cannot come from a population of 35"),
        (lambda: plan_sample({"a": 5}, 0.1, {"b": 2}), "unknown stratum: b. Known: a"),
        (lambda: plan_sample({"a": 5}, 0.1, {"a": 6}), "6 respondents cannot come"),
    ],
)
def test_a_value_outside_its_range_is_named(call, message: str) -> None:  # noqa: ANN001 -- one call per case
    with pytest.raises(DesignError, match=message):
        call()


def test_the_margin_is_the_formula_of_the_methods_page() -> None:
    assert margin_of_error(50, 400, 0.9, 0.2) == pytest.approx(
        1.6448536269514722 * math.sqrt(0.2 * 0.8 / 50 * 350 / 399), rel=1e-12
    )
