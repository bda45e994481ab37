"""From printed percentages back to counts, and from sheets to organisations."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.estimation import Fit, compatible_counts, fit_counts, organisation_counts, rounding_points


@given(st.integers(1, 400), st.data())
def test_a_rounded_share_is_always_compatible_with_the_count_it_came_from(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    printed = round(100 * count / base)
    assert count in compatible_counts(printed, printed, base)


@pytest.mark.parametrize("printed", [37, 38])
def test_halves_may_round_either_way(printed: int) -> None:
    assert compatible_counts(printed, printed, 24) == (9,)  # 9 of 24 is 37.5 %


def test_an_impossible_share_falls_back_to_the_largest_base_that_fits() -> None:
    assert compatible_counts(61, 61, 24) == ()
    assert fit_counts(61, 61, 24) == Fit(counts=(14,), base=23, left_out=1, exact=True)
    assert fit_counts(65, 65, 87) == Fit(counts=(56,), base=86, left_out=1, exact=True)
    assert fit_counts(20, 20, 24) == Fit(counts=(4,), base=20, left_out=4, exact=True)


def test_about_seventy_percent_gets_its_tolerance() -> None:
    assert compatible_counts(70, 70, 24) == ()
    assert compatible_counts(70, 70, 24, 2.5) == (17,)


def test_a_printed_range_is_taken_with_its_rounding() -> None:
    assert compatible_counts(67, 70, 24) == (16,)
    assert compatible_counts(67, 70, 87) == (58, 59, 60, 61)


def test_nothing_fits_and_the_nearest_counts_stand_in() -> None:
    fit = fit_counts(61, 61, 3)
    assert fit == Fit(counts=(1, 2), base=3, left_out=0, exact=False)
    assert not fit.whole


@pytest.mark.parametrize(("value", "half"), [(46, 0.5), (46.0, 0.5), (37.5, 0.05), (12.25, 0.005), (0, 0.5)])
def test_rounding_follows_the_printed_decimals(value: float, half: float) -> None:
    assert rounding_points(value) == pytest.approx(half)


def brute_force(k: int, n: int, sizes: tuple[int, ...]) -> set[tuple[int, int]]:
    """Every outcome of `any` and `all` over every way to spread k yes among organisations of these sizes."""
    found = set()
    for yes in product(*(range(size + 1) for size in sizes)):
        if sum(yes) == k and sum(sizes) == n:
            mixed = sum(0 < y < size for y, size in zip(yes, sizes, strict=True))
            unanimous = sum(y == size for y, size in zip(yes, sizes, strict=True))
            found |= {(unanimous + extra, len(sizes)) for extra in range(mixed + 1)}
    return found


@settings(max_examples=60)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.data())
def test_every_merging_rule_ends_inside_the_counted_organisations(sizes: list[int], data: st.DataObject) -> None:
    n = sum(sizes)
    k = data.draw(st.integers(0, n))
    allowed = set(organisation_counts(k, n, n - len(sizes), len(sizes)))
    assert brute_force(k, n, tuple(sizes)) <= allowed


def test_the_bounds_are_reached() -> None:
    # 5 sheets from 3 organisations, 3 say yes: {3 yes, 0, 0} makes 1, {1+1, 1, 0+0} with “any” makes up to 3.
    reached = set().union(*(brute_force(3, 5, sizes) for sizes in product((1, 2, 3), repeat=3) if sum(sizes) == 5))
    assert reached == set(organisation_counts(3, 5, 2, 3)) == {(1, 3), (2, 3), (3, 3)}


def test_the_published_returns_leave_few_counts() -> None:
    assert organisation_counts(11, 24, 3, 21) == ((8, 21), (9, 21), (10, 21), (11, 21))
    assert organisation_counts(14, 23, 3, 21) == (
        (11, 20), (12, 20), (13, 20), (14, 20), (12, 21), (13, 21), (14, 21),
    )  # fmt: skip


def test_one_sheet_each_leaves_one_count() -> None:
    assert organisation_counts(5, 12, 0, 12) == ((5, 12),)


def test_more_sheets_than_the_return_can_hold_are_refused() -> None:
    with pytest.raises(DesignError, match="5 of 30 sheets do not fit 21 organisations with 3 second sheets"):
        organisation_counts(5, 30, 3, 21)


def test_a_share_above_one_hundred_is_refused() -> None:
    with pytest.raises(DesignError, match="108"):
        compatible_counts(108, 108, 24)
