import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning_toy import STEP_KM, unit

from passgenau.planning.distance import road_km, road_km_matrix, weighted_quantile
from passgenau.planning.grouping import GroupProblem, group_exactly, group_fast, lower_bound


def line(*places: float, **changes: object) -> GroupProblem:
    """Points on a line, one unit of load each, two groups of two to three."""
    at = np.array(places)
    values: dict[str, object] = {
        "cost": np.abs(at[:, None] - at),
        "load": np.ones(len(at), dtype=np.int64),
        "item": np.arange(len(at)),
        "groups": 2,
        "capacity": 3,
        "load_min": 2,
        "points_min": 2,
    }
    return GroupProblem(**(values | changes))  # type: ignore[arg-type]


def brute_force(problem: GroupProblem) -> float:
    """Return the smallest cost over every way of putting all points into groups; infinite where none exists."""
    points = range(len(problem.load))
    best = math.inf
    for seats in itertools.combinations(points, problem.groups):
        for choice in itertools.product(seats, repeat=len(problem.load)):
            groups = [[i for i in points if choice[i] == seat] for seat in seats]
            fits = all(
                seat in group
                and len(group) >= problem.points_min
                and problem.load_min <= sum(problem.load[group]) <= problem.capacity
                for seat, group in zip(seats, groups, strict=True)
            )
            if fits:
                best = min(best, sum(problem.cost[i, choice[i]] for i in points))
    return best


def test_two_clusters_become_two_groups_around_their_middles() -> None:
    found = group_exactly(line(0, 1, 2, 50, 51, 52))
    assert found is not None
    assert (found.groups, found.seats, found.left) == (((0, 1, 2), (3, 4, 5)), (1, 4), ())
    assert found.objective == pytest.approx(4)
    assert found.bound == pytest.approx(4)


def test_points_of_one_item_stay_together_though_others_lie_nearer() -> None:
    apart = group_exactly(line(0, 1, 2, 50, 51, 52, item=np.array([0, 1, 2, 3, 4, 0])))
    assert apart is not None
    assert any({0, 5} <= set(group) for group in apart.groups)


def test_load_that_no_group_can_hold_is_left() -> None:
    found = group_exactly(line(0, 1, 2, 50, 51, 52, 53, groups=2))
    assert found is not None
    assert found.left in {(3,), (6,)}  # either end of the four may wait
    assert found.objective == pytest.approx(4)


def test_no_group_is_formed_where_none_is_large_enough() -> None:
    assert group_exactly(line(0, 1, 2, load_min=4, groups=1)) is None


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=5, max_size=6), st.lists(st.integers(1, 2), min_size=6, max_size=6))
def test_it_finds_the_best_of_all_groupings(places: list[int], loads: list[int]) -> None:
    load = np.array(loads[: len(places)])
    problem = line(*places, load=load, capacity=5, load_min=2)
    expected = brute_force(problem)
    found = group_exactly(problem)
    if math.isinf(expected):
        assert found is None or found.left
        return
    assert found is not None
    assert not found.left
    assert found.objective == pytest.approx(expected, rel=2e-3)
    assert found.bound is not None
    assert found.bound <= expected + 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 60), st.integers(3, 6))
def test_fast_groups_keep_sizes_and_lie_above_their_bound(seed: int, points: int, most: int) -> None:
    places = np.random.default_rng([seed, 1]).uniform(0, 100, (points, 2))
    cost = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    groups = math.ceil(points / most)
    problem = GroupProblem(cost, np.full(points, 2), np.arange(points), groups, 2 * most + 1, 2, 1)
    found = group_fast(problem, places)
    assert found is not None
    assert sorted(i for group in found.groups for i in group) == list(range(points))
    assert all(1 <= len(group) <= most for group in found.groups)
    assert all(seat in group for seat, group in zip(found.seats, found.groups, strict=True))
    assert found.bound is not None
    assert 0 < found.bound <= found.objective
    assert found.objective == pytest.approx(
        sum(cost[i, seat] for seat, group in zip(found.seats, found.groups, strict=True) for i in group)
    )


def test_fast_groups_fill_the_smallest_group_where_assignment_alone_would_not() -> None:
    places = np.array([[0.0, x] for x in (0, 1, 2, 3, 4, 5, 90)])
    cost = np.abs(places[:, 1][:, None] - places[:, 1])
    problem = GroupProblem(cost, np.full(7, 1), np.arange(7), 2, 5, 3, 3)
    found = group_fast(problem, places)
    assert found is not None
    assert sorted(len(group) for group in found.groups) == [3, 4]


def test_points_beyond_the_places_are_named_as_left_not_lost() -> None:
    places = np.array([[0.0, x] for x in (0, 1, 2, 50, 51, 52, 90)])
    cost = np.abs(places[:, 1][:, None] - places[:, 1])
    found = group_fast(GroupProblem(cost, np.full(7, 3), np.arange(7), 2, 11, 3, 1), places)
    assert found is not None
    assert (found.groups, found.seats, found.left) == (((0, 1, 2), (3, 4, 5)), (1, 4), (6,))
    assert found.objective == found.bound == pytest.approx(4)


def test_the_fast_way_forms_no_group_where_sizes_contradict_each_other() -> None:
    places = np.array([[0.0, x] for x in range(6)])
    cost = np.abs(places[:, 1][:, None] - places[:, 1])
    assert group_fast(GroupProblem(cost, np.full(6, 3), np.arange(6), 1, 8, 3, 3), places) is None
    assert group_fast(GroupProblem(cost, np.full(6, 1), np.arange(6), 3, 3, 3, 3), places) is None


def test_the_fast_way_refuses_unequal_loads() -> None:
    with pytest.raises(ValueError, match="equal loads"):
        group_fast(line(0, 1, 2, 3, load=np.array([1, 1, 2, 1])), np.zeros((4, 2)))


def test_the_fast_way_finds_the_optimum_that_the_exact_way_proves() -> None:
    places = np.array([(x + dx, 0.0) for x in (0, 40, 80) for dx in (0, 1, 2)])
    cost = np.abs(places[:, 0][:, None] - places[:, 0])
    problem = GroupProblem(cost, np.ones(9, dtype=np.int64), np.arange(9), 3, 3, 1, 1)
    exact = group_exactly(problem)
    fast = group_fast(problem, places)
    assert exact is not None
    assert fast is not None
    assert fast.groups == exact.groups == ((0, 1, 2), (3, 4, 5), (6, 7, 8))
    assert fast.objective == exact.objective == pytest.approx(6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_lower_bound_never_exceeds_the_optimum(seed: int) -> None:
    places = np.random.default_rng([seed, 2]).uniform(0, 100, (9, 2))
    cost = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    exact = group_exactly(GroupProblem(cost, np.ones(9, dtype=np.int64), np.arange(9), 3, 4, 1, 1))
    assert exact is not None
    bound, seats = lower_bound(cost, 3, 4, exact.objective)
    assert bound <= exact.objective + 1e-6
    assert len(seats) == 3


def test_a_hundredth_of_a_degree_of_latitude_is_1112_metres() -> None:
    south, north = unit("01001001", "S", 48.0), unit("01001002", "N", 48.01)
    assert road_km(south, north, 1.0) == pytest.approx(STEP_KM, abs=1e-6)
    assert road_km(south, north, 1.3) == pytest.approx(1.3 * STEP_KM, abs=1e-6)


def test_the_matrix_holds_the_single_distances() -> None:
    places = [unit(f"0100100{n}", "x", 48 + n / 7, lon=9 + n / 5) for n in range(4)]
    matrix = road_km_matrix(places, 1.3)
    assert matrix == pytest.approx(np.array([[road_km(a, b, 1.3) for b in places] for a in places]), abs=1e-9)


def test_a_weighted_quantile_counts_every_person() -> None:
    assert weighted_quantile([10, 20, 30], [1, 1, 8], 0.5) == 30
    assert weighted_quantile([10, 20, 30], [8, 1, 1], 0.5) == 10
    assert weighted_quantile([10, 20], [1, 1], 0.5) == 10
    assert weighted_quantile([10, 20], [0, 0], 0.5) == 0
    assert weighted_quantile([30, 10, 20], [1, 1, 1], 1.0) == 30
