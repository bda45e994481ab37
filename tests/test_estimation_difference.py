"""Exact comparison of two finite populations: against plain recomputation, and by what must be true."""

import warnings
from itertools import product
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.estimation import (
    Sample,
    benjamini_hochberg,
    detectable_difference,
    envelope_difference,
    exact_difference,
    holm,
    sample_size,
)
from passgenau.estimation.difference import _order
from passgenau.estimation.draws import hypergeometric_pmf


@st.composite
def samples(draw: st.DrawFn, largest: int = 14) -> Sample:
    population = draw(st.integers(2, largest))
    drawn = draw(st.integers(1, population))
    return Sample(draw(st.integers(0, drawn)), drawn, population)


def chance(yes: int, drawn: int, count: int, population: int) -> float:
    if yes > count or drawn - yes > population - count:
        return 0.0
    return comb(count, yes) * comb(population - count, drawn - yes) / comb(population, drawn)


def score(yes_a: int, yes_b: int, a: Sample, b: Sample) -> float:
    """The standardised difference, written out."""
    assert a.population
    assert b.population
    share_a, share_b = yes_a / a.drawn, yes_b / b.drawn
    rest_a = (a.population - a.drawn) / (a.population - 1) / a.drawn
    rest_b = (b.population - b.drawn) / (b.population - 1) / b.drawn
    pooled = (share_a * rest_b + share_b * rest_a) / (rest_a + rest_b)
    return (share_a - share_b) / sqrt(pooled * (1 - pooled) * (rest_a + rest_b) + 1e-9)


def share_limits(sample: Sample, tail: float) -> tuple[float, float]:
    """Exact limits of one share, each with the error `tail`, by trying every count."""
    size = sample.population
    assert size
    least = [c for c in range(size + 1) if at_least(sample, c) > tail]
    most = [c for c in range(size + 1) if 1 - at_least(Sample(sample.yes + 1, sample.drawn, size), c) > tail]
    return min(least) / size, max(most) / size


def at_least(sample: Sample, count: int) -> float:
    assert sample.population
    return sum(chance(x, sample.drawn, count, sample.population) for x in range(sample.yes, sample.drawn + 1))


def by_hand(a: Sample, b: Sample) -> tuple[float, float]:
    """Both limits by looping over every pair of truths and every pair of outcomes, and from either share."""
    assert a.population
    assert b.population
    seen = score(a.yes, b.yes, a, b)
    lower, upper = 1.0, -1.0
    for count_a, count_b in product(range(a.population + 1), range(b.population + 1)):
        above = below = 0.0
        for x, y in product(range(a.drawn + 1), range(b.drawn + 1)):
            p = chance(x, a.drawn, count_a, a.population) * chance(y, b.drawn, count_b, b.population)
            above += p * (score(x, y, a, b) >= seen - 1e-9)
            below += p * (score(x, y, a, b) <= seen + 1e-9)
        gap = count_a / a.population - count_b / b.population
        lower = min(lower, gap) if above > 0.0225 else lower
        upper = max(upper, gap) if below > 0.0225 else upper
    (low_a, high_a), (low_b, high_b) = share_limits(a, 0.00125), share_limits(b, 0.00125)
    return max(lower, low_a - high_b), min(upper, high_a - low_b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Sample(3, 4, 6), Sample(1, 5, 9)),
        (Sample(2, 3, 7), Sample(2, 4, 5)),
        (Sample(0, 3, 8), Sample(3, 3, 6)),
        (Sample(4, 6, 6), Sample(2, 4, 8)),  # one side complete
    ],
)
def test_limits_agree_with_a_plain_loop(a: Sample, b: Sample) -> None:
    found = exact_difference(a, b)
    assert (found.lower, found.upper) == pytest.approx(by_hand(a, b), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(samples(), samples())
def test_limits_hold_the_observed_difference_and_stay_possible(a: Sample, b: Sample) -> None:
    found = exact_difference(a, b)
    grain = 1 / (a.population or 1) + 1 / (b.population or 1)
    assert -1 <= found.lower <= found.upper <= 1
    assert found.lower - grain <= a.yes / a.drawn - b.yes / b.drawn <= found.upper + grain
    assert 0 <= found.p_value <= 1


@settings(max_examples=60, deadline=None)
@given(samples(), samples())
def test_swapping_the_sides_mirrors_the_result(a: Sample, b: Sample) -> None:
    there, back = exact_difference(a, b), exact_difference(b, a)
    assert (back.lower, back.upper) == pytest.approx((-there.upper, -there.lower), abs=1e-12)
    assert back.p_value == pytest.approx(there.p_value, abs=1e-9)


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_two_complete_counts_leave_no_uncertainty(size_a: int, size_b: int, data: st.DataObject) -> None:
    a = Sample(data.draw(st.integers(0, size_a)), size_a, size_a)
    b = Sample(data.draw(st.integers(0, size_b)), size_b, size_b)
    found = exact_difference(a, b)
    assert (found.lower, found.upper) == pytest.approx(2 * (a.yes / size_a - b.yes / size_b,), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(samples(), samples())
def test_a_p_value_that_is_small_enough_for_the_order_alone_keeps_zero_out_of_the_interval(
    a: Sample, b: Sample
) -> None:
    found = exact_difference(a, b)
    if found.p_value <= 0.045 - 1e-12:
        assert found.lower > 1e-12 or found.upper < -1e-12


def test_nobody_against_few_does_not_leave_a_third_of_the_scale_open() -> None:
    found = exact_difference(Sample(0, 21, 35), Sample(9, 79, 1101))
    assert (found.lower, found.upper) == pytest.approx((-0.2534, -0.0151), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(samples(), samples())
def test_the_order_of_outcomes_rises_with_a_and_falls_with_b(a: Sample, b: Sample) -> None:
    order = _order((a.drawn, a.population), (b.drawn, b.population))
    assert (np.diff(order, axis=0) >= -1e-9).all()
    assert (np.diff(order, axis=1) <= 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(samples(10), samples(10))
def test_the_interval_covers_every_pair_of_truths(a: Sample, b: Sample) -> None:
    assert a.population
    assert b.population
    limits = {
        (x, y): exact_difference(Sample(x, a.drawn, a.population), Sample(y, b.drawn, b.population))
        for x, y in product(range(a.drawn + 1), range(b.drawn + 1))
    }
    for count_a, count_b in product(range(0, a.population + 1, 2), range(0, b.population + 1, 2)):
        gap = count_a / a.population - count_b / b.population
        covered = sum(
            chance(x, a.drawn, count_a, a.population) * chance(y, b.drawn, count_b, b.population)
            for (x, y), found in limits.items()
            if found.lower - 1e-12 <= gap <= found.upper + 1e-12
        )
        assert covered >= 0.95 - 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 8), st.integers(1, 8), st.integers(1, 8), st.sampled_from([0.05, 0.2, 0.5]))
def test_p_values_are_no_smaller_than_chance_under_equal_shares(
    size: int, drawn_a: int, drawn_b: int, level: float
) -> None:
    drawn_a, drawn_b = min(drawn_a, size), min(drawn_b, size)
    p = {
        (x, y): exact_difference(Sample(x, drawn_a, size), Sample(y, drawn_b, size)).p_value
        for x, y in product(range(drawn_a + 1), range(drawn_b + 1))
    }
    for count in range(size + 1):
        rejected = sum(
            chance(x, drawn_a, count, size) * chance(y, drawn_b, count, size)
            for (x, y), value in p.items()
            if value <= level
        )
        assert rejected <= level + 1e-9


def test_the_envelope_is_the_widest_of_all_combinations() -> None:
    districts = [Sample(k, n, 35) for n in (20, 21) for k in range(11, 15)]
    towns = [Sample(k, 79, 1101) for k in range(42, 51)]
    found = envelope_difference(districts, towns)
    single = [exact_difference(a, b) for a, b in product(districts, towns)]
    assert found.lower == min(s.lower for s in single)
    assert found.upper == max(s.upper for s in single)
    assert found.p_value >= max(s.p_value for s in single)


def test_a_difference_that_stands_out_alone_is_lost_in_its_envelope() -> None:
    # 11 of 21 against 25 of 79 would be seen; which counts lie behind 24 and 87 sheets is unknown.
    assert exact_difference(Sample(11, 21, 35), Sample(25, 79, 1101)).p_value == pytest.approx(0.0253, abs=1e-4)
    districts, towns = [Sample(k, 21, 35) for k in range(8, 12)], [Sample(k, 79, 1101) for k in range(17, 26)]
    assert envelope_difference(districts, towns).p_value == pytest.approx(0.729, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 12), st.integers(0, 40))
def test_a_population_of_unknown_size_widens_the_limits(yes_a: int, yes_b: int) -> None:
    known = exact_difference(Sample(yes_a, 12, 20), Sample(yes_b, 40, 300))
    unknown = exact_difference(Sample(yes_a, 12, None), Sample(yes_b, 40, None))
    assert unknown.lower <= known.lower
    assert known.upper <= unknown.upper


def test_a_large_population_on_a_grid_errs_on_the_safe_side() -> None:
    exact = exact_difference(Sample(11, 21, 35), Sample(25, 79, 1499))
    coarse = exact_difference(Sample(11, 21, 35), Sample(25, 79, 3001))
    assert coarse.lower <= exact.lower
    assert coarse.upper >= exact.upper
    assert coarse.upper - coarse.lower < exact.upper - exact.lower + 0.01


def test_the_published_returns_find_differences_of_a_quarter_alone_and_of_more_among_21() -> None:
    alone = detectable_difference(21, 35, 79, 1101, 0.29)
    among_21 = detectable_difference(21, 35, 79, 1101, 0.29, level=1 - 0.05 / 21)
    assert [alone, among_21] == pytest.approx([0.2612, 0.3674], abs=1e-4)


@pytest.mark.parametrize("count_b", [3, 9, 15, 24])
def test_every_difference_from_the_detectable_one_on_is_found_often_enough_and_the_next_smaller_is_not(
    count_b: int,
) -> None:
    drawn_a, size_a, drawn_b, size_b = 9, 12, 15, 30
    found = detectable_difference(drawn_a, size_a, drawn_b, size_b, count_b / size_b)
    assert found is not None
    rejected = {
        (x, y)
        for x, y in product(range(drawn_a + 1), range(drawn_b + 1))
        if exact_difference(Sample(x, drawn_a, size_a), Sample(y, drawn_b, size_b)).p_value <= 0.05
    }
    power = {
        count: sum(chance(x, drawn_a, count, size_a) * chance(y, drawn_b, count_b, size_b) for x, y in rejected)
        for count in range(size_a + 1)
    }
    gaps = {count: abs(count / size_a - count_b / size_b) for count in power}
    assert all(power[count] >= 0.8 for count, gap in gaps.items() if gap >= found - 1e-9)
    smaller = max(gap for gap in gaps.values() if gap < found - 1e-9)
    assert any(power[count] < 0.8 for count, gap in gaps.items() if gap >= smaller - 1e-9)


def test_the_detectable_difference_speaks_of_both_directions() -> None:
    # Beside 23 %, 20 points less are found, but 20 points more are not.
    found = detectable_difference(21, 35, 79, 1101, 0.23)
    assert found is not None
    assert found > 0.2013


@given(st.floats(0, 1), st.sampled_from([0.9, 0.95]))
@settings(max_examples=20, deadline=None)
def test_a_stricter_level_never_finds_smaller_differences(share: float, level: float) -> None:
    loose = detectable_difference(12, 20, 30, 80, share, level=level)
    strict = detectable_difference(12, 20, 30, 80, share, level=0.99)
    assert loose is not None
    assert strict is None or strict >= loose


def test_a_return_that_can_find_nothing_says_so() -> None:
    assert detectable_difference(2, 35, 2, 1101, 0.5) is None


def test_more_answers_find_smaller_differences() -> None:
    few = detectable_difference(40, 200, 60, 400, 0.4)
    many = detectable_difference(100, 200, sample_size(400, 0.05), 400, 0.4)
    assert few is not None
    assert many is not None
    assert many < few / 1.5


def test_a_comparison_with_nothing_is_refused() -> None:
    with pytest.raises(DesignError, match="takes two samples"):
        envelope_difference([], [Sample(1, 2, 3)])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusted_p_values_keep_the_order_and_never_fall_below_the_raw_ones(p_values: list[float]) -> None:
    for adjusted in (holm(p_values), benjamini_hochberg(p_values)):
        assert all(raw <= corrected <= 1 for raw, corrected in zip(p_values, adjusted, strict=True))
        ranked = [corrected for _, corrected in sorted(zip(p_values, adjusted, strict=True))]
        assert ranked == sorted(ranked)
    assert all(b <= h + 1e-15 for b, h in zip(benjamini_hochberg(p_values), holm(p_values), strict=True))


def test_adjustments_agree_with_the_textbook() -> None:
    p_values = [0.01, 0.04, 0.03, 0.005]
    assert holm(p_values) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert benjamini_hochberg(p_values) == pytest.approx((0.02, 0.04, 0.04, 0.02))


def test_a_p_value_above_one_is_refused() -> None:
    with pytest.raises(DesignError, match="between 0 and 1"):
        holm([0.2, 1.5])


def test_draws_from_large_populations_compute_without_overflow() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shares = hypergeometric_pmf(2400, 3000, np.array([0, 1500, 3000]))
    assert shares.sum(axis=1) == pytest.approx([1, 1, 1])
    assert (shares[0, 0], shares[2, 2400]) == (pytest.approx(1), pytest.approx(1))
