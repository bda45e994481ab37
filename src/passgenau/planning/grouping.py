"""Groups of points around one of their own: exact for some dozens, fast with a bound for thousands.

Knows points, loads and costs, and has never heard of a Landkreis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.optimize import LinearConstraint

NODES = 2_000  # branch-and-bound nodes of the exact method
GAP = 0.002  # relative gap at which the exact method stops
ROUNDS = 30  # assignment rounds of the fast method
IMPROVEMENT = 5e-4  # relative improvement below which it stops
BOUND_STEPS = 150  # subgradient steps of its lower bound
NEIGHBOURS = 80  # points that the lower bound looks at around a seat


@dataclass(frozen=True, eq=False)
class GroupProblem:
    """Points to be put into a given number of groups, each around a seat that is one of its points."""

    cost: NDArray[np.float64]  # points × points: cost of point i in the group with seat j, not negative
    load: NDArray[np.int64]  # per point, e.g. persons
    item: NDArray[np.int64]  # per point: points of one item, numbered from 0, stay together
    groups: int
    capacity: int  # largest load of a group
    load_min: int  # smallest load of a group
    points_min: int  # smallest number of points of a group


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of points, their seats, and how good they are."""

    groups: tuple[tuple[int, ...], ...]  # points, ascending; groups in the order of their seats
    seats: tuple[int, ...]
    left: tuple[int, ...]  # points that found no place
    objective: float  # cost of all points in groups
    bound: float | None  # lower bound on `objective` for the same points; None where unknown


def group_exactly(problem: GroupProblem) -> Grouping | None:
    """Solve the capacitated p-median problem by branch and bound (HiGHS).

    Placing load comes first, low cost second. Returns None when no group can be formed.

    Parameters
    ----------
    problem
        Up to some hundred points.

    Notes
    -----
    Variables: item i in the group with seat j; point j is a seat; item i is left. A seat belongs to
    its own group. Stops at a relative gap of `GAP` or after `NODES` nodes; the bound is HiGHS' dual
    bound. docs/methods.md, “Planning: groups”.
    """
    from scipy.optimize import Bounds, milp  # noqa: PLC0415 -- takes 0.2 s, which `passgenau check` should not pay

    model = _Model(problem)
    result = milp(
        model.cost,
        constraints=model.constraints(),
        integrality=np.ones(model.columns, dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": GAP, "node_limit": NODES},
    )
    if result.x is None:
        return None
    return model.read(result.x > 0.5, float(result.mip_dual_bound))  # noqa: PLR2004 -- binary variables


class _Model:
    """The p-median model in matrix form: columns are x (items × points), y (points), u (items)."""

    def __init__(self, problem: GroupProblem) -> None:
        self.problem = problem
        self.points = len(problem.load)
        self.items = int(problem.item.max()) + 1
        self.load = np.bincount(problem.item, weights=problem.load, minlength=self.items)
        self.size = np.bincount(problem.item, minlength=self.items)
        self.columns = self.items * self.points + self.points + self.items
        joint = np.zeros((self.items, self.points))
        np.add.at(joint, problem.item, problem.cost)
        # Leaving one unit of load costs more than any way could: placing comes first.
        self.penalty = 1.0 + float(problem.cost.max()) * self.points
        self.cost = np.concatenate([joint.ravel(), np.zeros(self.points), self.penalty * self.load])

    def constraints(self) -> LinearConstraint:
        items, points, problem = self.items, self.points, self.problem
        x = np.arange(items * points).reshape(items, points)
        y = items * points + np.arange(points)
        u = items * points + points + np.arange(items)
        rows = _Rows()
        for i in range(items):
            rows.add([*x[i], u[i]], [1.0] * (points + 1), 1, 1)
        for j in range(points):
            rows.add([*x[:, j], y[j]], [*self.load, -problem.capacity], -np.inf, 0)
            rows.add([*x[:, j], y[j]], [*self.load, -problem.load_min], 0, np.inf)
            rows.add([*x[:, j], y[j]], [*self.size, -problem.points_min], 0, np.inf)
            for i in range(items):
                own = i == problem.item[j]
                rows.add([x[i, j], y[j]], [1.0, -1.0], 0 if own and self.size[i] == 1 else -np.inf, 0)
                if own and self.size[i] > 1:
                    rows.add([x[i, j], y[j]], [1.0, -1.0], 0, np.inf)
        rows.add(list(y), [1.0] * points, problem.groups, problem.groups)
        return rows.constraint(self.columns)

    def read(self, chosen: NDArray[np.bool_], dual_bound: float) -> Grouping:
        x = chosen[: self.items * self.points].reshape(self.items, self.points)
        seat_of = x[self.problem.item]
        seats = np.flatnonzero(x.any(axis=0))
        groups = tuple(tuple(int(i) for i in np.flatnonzero(seat_of[:, j])) for j in seats)
        left = np.flatnonzero(~seat_of.any(axis=1))
        objective = float(self.problem.cost[seat_of].sum())
        # The load that is left is a constant of the optimum only if the penalty outweighs the gap.
        bound = dual_bound - self.penalty * float(self.problem.load[left].sum())
        known = bound >= 0 or not len(left)
        return Grouping(
            groups,
            tuple(int(j) for j in seats),
            tuple(int(i) for i in left),
            objective,
            min(objective, max(0.0, bound)) if known else None,
        )


class _Rows:
    """Rows of a sparse matrix with their limits."""

    def __init__(self) -> None:
        self._at: list[int] = []
        self._columns: list[int] = []
        self._values: list[float] = []
        self._lower: list[float] = []
        self._upper: list[float] = []

    def add(self, columns: list[int], values: list[float], lower: float, upper: float) -> None:
        self._at += [len(self._lower)] * len(columns)
        self._columns += columns
        self._values += values
        self._lower.append(lower)
        self._upper.append(upper)

    def constraint(self, columns: int) -> LinearConstraint:
        from scipy.optimize import LinearConstraint  # noqa: PLC0415 -- likewise
        from scipy.sparse import coo_array  # noqa: PLC0415 -- likewise

        shape = (len(self._lower), columns)
        matrix = coo_array((self._values, (self._at, self._columns)), shape=shape).tocsr()
        return LinearConstraint(matrix, self._lower, self._upper)


def points_per_group(problem: GroupProblem) -> tuple[int, int]:
    """Return the fewest and the most points of a group, where all loads are equal."""
    load = int(problem.load[0])
    return max(problem.points_min, -(-problem.load_min // load), 1), problem.capacity // load


def group_fast(problem: GroupProblem, places: NDArray[np.float64]) -> Grouping | None:
    """Group many points of equal load: exact assignment and new seats in turn, from two starts.

    Points beyond what the groups hold are left, those far from the first seats; None where no group of the
    sizes asked for can be formed.

    Parameters
    ----------
    problem
        Every item is a single point and all loads are equal; `capacity` and the minima are turned
        into numbers of points.
    places
        Points × 2: coordinates on a plane, for the first groups only.

    Notes
    -----
    Starts from recursive bisection along the longer side and from the seats of the Lagrangian
    relaxation; alternates between the cheapest assignment of points to seats (Hungarian method, so
    capacities and minima hold exactly) and the best seat of each group, until little changes or
    after `ROUNDS` rounds; neither step raises the cost. The bound is that of `lower_bound`.
    Deterministic. docs/methods.md, “Planning: groups”.
    """
    if (problem.load != problem.load[0]).any():
        raise ValueError("group_fast takes equal loads only")
    least, most = points_per_group(problem)
    if least > most or problem.groups * least > len(problem.load):
        return None
    first = _best_seats(problem.cost, _bisect(places, problem.groups), problem.groups)
    if problem.groups * most < len(problem.load):
        return _group_those_with_a_place(problem, places, _with_a_place(problem.cost[:, first], most))
    cost, group, seats = _alternate(problem.cost, first, least, most)
    bound, relaxed = lower_bound(problem.cost, problem.groups, most, cost)
    other = _alternate(problem.cost, relaxed, least, most)
    if other[0] < cost:
        cost, group, seats = other
    order = np.argsort(seats)
    groups = tuple(tuple(int(i) for i in np.flatnonzero(group == g)) for g in order)
    return Grouping(groups, tuple(int(seats[g]) for g in order), (), cost, min(bound, cost))


def _with_a_place(to_seat: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return the points that find a place around these seats at the least cost, ascending."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 -- likewise

    points, _ = linear_sum_assignment(np.repeat(to_seat, most, axis=1))
    return np.sort(points).astype(np.int64)


def _group_those_with_a_place(
    problem: GroupProblem, places: NDArray[np.float64], kept: NDArray[np.int64]
) -> Grouping | None:
    part = replace(problem, cost=problem.cost[np.ix_(kept, kept)], load=problem.load[kept], item=np.arange(len(kept)))
    found = group_fast(part, places[kept])
    if found is None:
        return None
    return replace(
        found,
        groups=tuple(tuple(int(kept[i]) for i in group) for group in found.groups),
        seats=tuple(int(kept[i]) for i in found.seats),
        left=tuple(int(i) for i in np.setdiff1d(np.arange(len(problem.load)), kept)),
    )


def _alternate(
    cost: NDArray[np.float64], seats: NDArray[np.int64], least: int, most: int
) -> tuple[float, NDArray[np.int64], NDArray[np.int64]]:
    """Return cost, group per point and seats after assigning and choosing seats in turn."""
    best = np.inf
    for _ in range(ROUNDS):
        group = _assign(cost, seats, least, most)
        seats = _best_seats(cost, group, len(seats))
        value = float(cost[np.arange(len(group)), seats[group]].sum())
        if value >= best * (1 - IMPROVEMENT):
            break
        best = value
    return value, group, seats


def _bisect(places: NDArray[np.float64], groups: int) -> NDArray[np.int64]:
    """Return a group number per point: halves along the longer side, sizes in proportion."""
    number = np.zeros(len(places), dtype=np.int64)
    stack = [(np.arange(len(places)), 0, groups)]
    while stack:
        points, first, count = stack.pop()
        if count == 1:
            number[points] = first
            continue
        half = count // 2
        axis = int(np.argmax(np.ptp(places[points], axis=0)))
        ordered = points[np.argsort(places[points, axis], kind="stable")]
        cut = round(len(points) * half / count)
        stack += [(ordered[:cut], first, half), (ordered[cut:], first + half, count - half)]
    return number


def _best_seats(cost: NDArray[np.float64], group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Return the 1-median of each group: the member with the smallest total cost of all members."""
    seats = np.empty(groups, dtype=np.int64)
    for g in range(groups):
        members = np.flatnonzero(group == g)
        seats[g] = members[np.argmin(cost[np.ix_(members, members)].sum(axis=0))]
    return seats


def _assign(cost: NDArray[np.float64], seats: NDArray[np.int64], least: int, most: int) -> NDArray[np.int64]:
    """Return the cheapest group per point with `least` to `most` points per group."""
    if len(seats) * most < len(cost):
        raise ValueError("more points than places")  # the assignment would leave some out without a word
    to_seat = np.repeat(cost[:, seats], most, axis=1)
    group = _cheapest(to_seat, most)
    if np.bincount(group, minlength=len(seats)).min() >= least:
        return group
    first = np.tile(np.arange(most) < least, len(seats))
    enough = 1.0 + float(cost.max()) * len(cost)  # no way is worth leaving one of the first `least` places empty
    # A smaller reward is found out faster, and as good where it fills them: all such groups earn the same.
    reward = min(enough, 1.0 + float(cost[np.arange(len(cost)), seats[group]].mean()))
    while True:
        group = _cheapest(to_seat - np.where(first, reward, 0.0), most)
        if reward >= enough or np.bincount(group, minlength=len(seats)).min() >= least:
            return group
        reward = min(enough, 8.0 * reward)


def _cheapest(price: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return the group per point of the cheapest assignment to places, `most` in a row per group."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 -- likewise

    points, slots = linear_sum_assignment(price)
    group = np.empty(len(price), dtype=np.int64)
    group[points] = slots // most
    return group


def lower_bound(cost: NDArray[np.float64], groups: int, most: int, upper: float) -> tuple[float, NDArray[np.int64]]:
    """Return a lower bound on the cost of `groups` groups of at most `most` points, and its seats.

    Parameters
    ----------
    cost
        Points × points, not negative, zero on the diagonal.
    groups, most
        Number of groups and points per group.
    upper
        Cost of a known solution; sets the step length.

    Notes
    -----
    Lagrangian relaxation of “every point belongs to one group” with Polyak steps: for multipliers λ a
    seat j is worth the sum of its `most` − 1 most negative c_ij − λ_i, minus λ_j; the bound is Σλ plus
    the `groups` smallest of these. Only `NEIGHBOURS` points around a seat are looked at, and λ is kept
    so small that no other could count, so the bound stays valid. Smallest sizes are not used.
    """
    points = len(cost)
    around = min(max(NEIGHBOURS, most), points - 1)
    others = cost + np.diag(np.full(points, np.inf))
    near = np.argpartition(others, around - 1, axis=0)[:around]  # rows: neighbours, columns: seats
    near_cost = np.take_along_axis(others, near, axis=0)
    far = others.copy()
    np.put_along_axis(far, near, np.inf, axis=0)
    ceiling = np.minimum(far.min(axis=1), upper)  # with λ below it, no point outside `near` counts
    price = np.minimum(np.partition(others, min(2, points - 1), axis=1)[:, min(2, points - 2)], ceiling)
    best, step, seats = 0.0, 1.5, np.arange(groups)
    keep = min(most - 1, around)
    for _ in range(BOUND_STEPS):
        gain = np.minimum(near_cost - price[near], 0.0)
        taken = np.argpartition(gain, min(keep, around - 1), axis=0)[:keep]
        taken_gain = np.take_along_axis(gain, taken, axis=0)
        worth = taken_gain.sum(axis=0) - price
        open_ = np.argpartition(worth, groups - 1)[:groups]
        value = float(price.sum() + worth[open_].sum())
        step = step if value > best else step * 0.97
        if value > best:
            best, seats = value, np.sort(open_)
        served = np.bincount(open_, minlength=points).astype(np.float64)
        chosen = np.take_along_axis(near, taken, axis=0)[:, open_][taken_gain[:, open_] < 0]
        slope = 1.0 - served - np.bincount(chosen, minlength=points)
        norm = float(slope @ slope)
        if norm == 0 or upper - value < 1e-9:  # noqa: PLR2004 -- the bound has met the solution
            break
        price = np.clip(price + step * (upper - value) / norm * slope, 0.0, ceiling)
    return best, seats
