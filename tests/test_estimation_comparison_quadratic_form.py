"""The tail of a weighted sum of χ² variables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from passgenau.errors import DesignError
from passgenau.estimation.comparison.quadratic_form import chi_squared_sum_tail, satterthwaite_moments

points = st.floats(1e-6, 400)
coefficients = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8)


@pytest.mark.parametrize("point", [1e-9, 0.5, 3.0, 40.0, 700.0])
@pytest.mark.parametrize("count", [1, 2, 3, 30])
def test_equal_coefficients_give_chi_squared_far_into_the_tail(point: float, count: int) -> None:
    assert chi_squared_sum_tail(2 * point, np.full(count, 2.0)) == pytest.approx(stats.chi2.sf(point, count), rel=1e-10)


@pytest.mark.parametrize("ddf", [1.0, 2.5, 14.0, 371.37])
@pytest.mark.parametrize("point", [1e-6, 1.0, 40.0, 1e6])
def test_equal_coefficients_over_an_estimated_variance_give_f(point: float, ddf: float) -> None:
    tail = chi_squared_sum_tail(3 * point, [1.0, 1.0, 1.0], ddf=ddf)
    assert tail == pytest.approx(stats.f.sf(point, 3, ddf), rel=1e-10)


@pytest.mark.parametrize("point", [0.01, 1.0, 5.0, 60.0])
def test_two_exponentials_have_their_closed_form(point: float) -> None:
    a, b = 3.0, 0.2
    closed = (a * np.exp(-point / 2 / a) - b * np.exp(-point / 2 / b)) / (a - b)
    assert chi_squared_sum_tail(point, [a, a, b, b]) == pytest.approx(closed, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(points, points, coefficients)
def test_the_tail_falls_with_the_point(one: float, other: float, a: list[float]) -> None:
    low, high = sorted((one, other))
    assert chi_squared_sum_tail(low, a) >= chi_squared_sum_tail(high, a) - 1e-12


@settings(max_examples=40, deadline=None)
@given(points, coefficients, st.floats(1e-3, 1e3))
def test_units_do_not_matter(point: float, a: list[float], unit: float) -> None:
    tail = chi_squared_sum_tail(point, a, ddf=12)
    assert chi_squared_sum_tail(point * unit, unit * np.array(a), ddf=12) == pytest.approx(tail, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(points, coefficients)
def test_many_degrees_of_freedom_are_a_known_variance(point: float, a: list[float]) -> None:
    assert chi_squared_sum_tail(point, a, ddf=1e9) == pytest.approx(chi_squared_sum_tail(point, a), abs=1e-6)


@pytest.mark.parametrize("ddf", [None, 14.0])
def test_the_saddlepoint_approximation_is_close_to_the_distribution(ddf: float | None) -> None:
    a = [1.8, 0.5, 0.4]
    for point in (0.5, 2.0, 2.7, 5.0, 20.0):
        exact = chi_squared_sum_tail(point, a, ddf=ddf)
        assert chi_squared_sum_tail(point, a, "saddlepoint", ddf) == pytest.approx(exact, rel=0.07)


def test_the_saddlepoint_approximation_is_smooth_at_the_mean() -> None:
    a = [1.8, 0.5, 0.4]
    sides = [chi_squared_sum_tail(2.7 + shift, a, "saddlepoint") for shift in (-1e-3, 0.0, 1e-3)]
    assert sides[1] == pytest.approx((sides[0] + sides[2]) / 2, abs=1e-7)


def test_satterthwaite_keeps_both_moments() -> None:
    scale, df = satterthwaite_moments([3.0, 1.0])
    assert (scale * df, 2 * scale**2 * df) == (4.0, 20.0)
    assert chi_squared_sum_tail(5.0, [2.0, 2.0], "satterthwaite") == pytest.approx(stats.chi2.sf(2.5, 2), rel=1e-12)
    assert chi_squared_sum_tail(5.0, [2.0, 2.0], "satterthwaite", 9) == pytest.approx(stats.f.sf(1.25, 2, 9), rel=1e-12)


def test_the_ends_are_certain() -> None:
    assert chi_squared_sum_tail(0.0, [1.0]) == 1.0
    assert chi_squared_sum_tail(float("inf"), [1.0], ddf=3) == 0.0
    assert chi_squared_sum_tail(1e6, [1.0]) == 0.0


@pytest.mark.parametrize(
    ("point", "a", "method", "ddf"),
    [
        (float("nan"), [1.0], "exact", None),
        (1.0, [], "exact", None),
        (1.0, [0.0, 0.0], "exact", None),
        (1.0, [1.0, -0.5], "exact", None),
        (1.0, [1.0], "exact", 0.0),
        (1.0, [1.0], "davies", None),
    ],
)
def test_what_is_no_distribution_is_refused(point: float, a: list[float], method: str, ddf: float | None) -> None:
    with pytest.raises(DesignError):
        chi_squared_sum_tail(point, a, method, ddf)  # type: ignore[arg-type]
