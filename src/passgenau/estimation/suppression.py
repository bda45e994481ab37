"""Which cells of a table with margins must go so that no small one can be recomputed.

Works on plain arrays: C cells with values ≥ 0, and equations “total = sum of parts”. Knows nothing of surveys.
`docs/methods.md`, section “Secondary suppression”.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from passgenau.errors import InfeasibleError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_SLACK = 1e-6  # relative; what a solver's rounding may take off a required distance
_REACH = 100.0  # how many times the required distance a cell may move while one is being shown to be protected
_TRACE = 1e-4  # share of its room that a published cell gets while a cut is made; picks the cut with fewest cells
_ROUNDS = 200  # rounds of cuts before the rest is completed without looking for the fewest cells
_NODES = 5_000  # nodes of one search

Equation = tuple[int, tuple[int, ...]]  # (total, parts)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A table as the attacker sees it: values, how they add up, and what must not be found out.

    Attributes
    ----------
    values
        (C,) published numbers, ≥ 0.
    units
        (C,) contributors of each cell.
    equations
        Which cell is the sum of which.
    primary
        (C,) cells that must not be published.
    up, down
        (C,) how far above and below its value a primary cell must stay possible.
    threshold
        Least number of contributors of the suppressed cells of an equation taken together.
    whole
        Whether every value is a whole number, and the attacker knows it.
    """

    values: Floats
    units: Ints
    equations: tuple[Equation, ...]
    primary: Flags
    up: Floats
    down: Floats
    threshold: int
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Cells to suppress, and whether no cheaper choice protects the primary ones."""

    suppressed: Flags  # (C,)
    optimal: bool


def possible_ranges(cells: Cells, suppressed: Flags) -> Floats:
    """Return the smallest and the largest value that the published numbers leave possible for every cell.

    Parameters
    ----------
    suppressed
        (C,) what the attacker does not see. He knows all other values, all equations, that no value is negative
        and, in a table of counts, that all are whole.

    Returns
    -------
    Array of shape (C, 2): lower and upper limit, the upper one inf where nothing bounds it. Both are the value itself
    where it is published or can be recomputed.
    """
    out = np.stack([cells.values, cells.values], axis=1)
    components = _components(cells, suppressed)
    for label in range(components.max() + 1):
        system = _System.of(cells, components == label)
        for cell in system.columns:
            out[cell, 0] -= system.farthest(int(cell), -1, whole=cells.whole)
            out[cell, 1] += system.farthest(int(cell), 1, whole=cells.whole)
    return np.round(out) if cells.whole else out


def weak_equations(cells: Cells, suppressed: Flags) -> list[int]:
    """Return the equations whose suppressed cells together have too few contributors.

    One contributor could subtract its own part and know the others'.
    """
    return [
        k
        for k, (members, needed) in enumerate(_unions(cells))
        if suppressed[members].any() and cells.primary[members][suppressed[members]].any()
        if cells.units[members][suppressed[members]].sum() < needed
    ]


def find_pattern(cells: Cells, cost: Floats, candidates: Flags) -> Pattern:
    """Return the cheapest cells to suppress that protect all primary ones.

    Parameters
    ----------
    cost
        (C,) price of suppressing a cell, > 0.
    candidates
        (C,) cells that may be suppressed besides the primary ones.

    Returns
    -------
    Pattern
        Includes the primary cells. `optimal` is False where the search stopped early.

    Raises
    ------
    InfeasibleError
        Even all candidates together do not protect the primary cells.

    Notes
    -----
    Fischetti & Salazar (2001): an integer programme over which cells to suppress, to which every primary cell that
    the attacker's linear programme finds exposed adds the inequality that its dual proves. Deterministic: limits
    count rounds and nodes, never seconds.
    """
    allowed = candidates | cells.primary
    if not cells.primary.any():
        return Pattern(cells.primary.copy(), optimal=True)
    exposed = next(_exposures(cells, allowed), None)
    if exposed is not None or weak_equations(cells, allowed):
        raise InfeasibleError(
            Text(
                "Die kleinen Zellen lassen sich nicht schützen, auch wenn alle übrigen gesperrt werden.",
                "The small cells cannot be protected, even if all others are suppressed.",
            )
        )
    master = _Master.of(cells, cost, allowed)
    for _ in range(_ROUNDS):
        suppressed, optimal = master.solve()
        cuts = [_cut(cells, allowed, suppressed, cell, sign) for cell, sign in _exposures(cells, suppressed)]
        if not cuts:
            return Pattern(suppressed, optimal)
        master = master.with_rows(cuts)
    return Pattern(_complete(cells, cost, allowed, suppressed), optimal=False)


def _unions(cells: Cells) -> Iterator[tuple[Ints, int]]:
    """Yield the cells of each equation, and how many contributors its suppressed ones must have together."""
    for total, parts in cells.equations:
        members = np.array([total, *parts], dtype=np.int64)
        yield members, min(cells.threshold, int(cells.units[members].sum()))


def _exposures(cells: Cells, suppressed: Flags) -> Iterator[tuple[int, int]]:
    """Yield (primary cell, direction) wherever an attacker comes closer than allowed."""
    shown = {sign: np.zeros(len(cells.values)) for sign in (1, -1)}  # how far any solution so far moved each cell
    components = _components(cells, suppressed)
    for label in range(components.max() + 1):
        system = _System.of(cells, components == label)
        for cell in system.columns[cells.primary[system.columns]]:
            for sign, distance in ((1, cells.up[cell]), (-1, cells.down[cell])):
                enough = distance * (1 - _SLACK)
                if shown[sign][cell] >= enough:
                    continue
                moves = system.moves(int(cell), sign, distance)
                if cells.whole and not _whole(moves):
                    reached = system.farthest(int(cell), sign, whole=True)
                else:
                    reached = sign * moves[cell]
                    for direction, most in shown.items():
                        np.maximum(most, direction * moves, out=most)
                if reached < enough:
                    yield int(cell), sign


def _whole(moves: Floats) -> bool:
    return bool(np.abs(moves - np.round(moves)).max() < _SLACK)


def _linear_programme(goal: Floats, matrix: Any, low: Floats, high: Floats) -> Any:  # noqa: ANN401 -- as below
    """Return SciPy's answer to: minimise goal·y under matrix·y = 0, −low ≤ y ≤ high."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- takes long to load; only tables with small cells need it

    limits: Any = np.stack([-low, high], axis=1)
    return linprog(goal, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=limits, method="highs-ds")


def _incidence(cells: Cells, columns: Ints, equations: Iterable[Equation]) -> Any:  # noqa: ANN401 -- SciPy has no types
    """Return the sparse (equations, columns) matrix: 1 for the total, −1 for its parts."""
    from scipy.sparse import csr_array  # noqa: PLC0415 -- as above

    place = np.full(len(cells.values), -1, dtype=np.int64)
    place[columns] = np.arange(len(columns))
    rows, cols, data = list[int](), list[int](), list[float]()
    height = 0
    for total, parts in equations:
        entries = [(place[total], 1.0), *((place[part], -1.0) for part in parts)]
        used = [(column, value) for column, value in entries if column >= 0]
        if used:
            rows += [height] * len(used)
            cols += [int(column) for column, _ in used]
            data += [value for _, value in used]
            height += 1
    return csr_array((data, (rows, cols)), shape=(height, len(columns)))


def _components(cells: Cells, suppressed: Flags) -> Ints:
    """Return (C,) the group of suppressed cells that equations tie to each other; −1 for published ones."""
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 -- as above

    columns = np.flatnonzero(suppressed)
    out = np.full(len(cells.values), -1, dtype=np.int64)
    if len(columns):
        tie = abs(_incidence(cells, columns, cells.equations))
        out[columns] = connected_components(tie.T @ tie, directed=False)[1]
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """The unknown cells and what the attacker knows of them, as moves away from the true values."""

    columns: Ints  # cells
    matrix: Any  # (equations, columns)
    values: Floats  # (columns,)
    size: int  # C

    @classmethod
    def of(cls, cells: Cells, suppressed: Flags) -> _System:
        columns = np.flatnonzero(suppressed)
        return cls(columns, _incidence(cells, columns, cells.equations), cells.values[columns], len(cells.values))

    def moves(self, cell: int, sign: int, needed: float) -> Floats:
        """Return (C,) moves that take a cell as far as needed, or as far as possible."""
        target = self.columns == cell
        low, high = np.minimum(self.values, _REACH * needed) / needed, np.full(len(self.columns), _REACH)
        (high if sign > 0 else low)[target] = np.minimum((high if sign > 0 else low)[target], 1.0)
        answer = _linear_programme(-sign * target.astype(np.float64), self.matrix, low, high)
        out = np.zeros(self.size)
        out[self.columns] = answer.x * needed
        return out

    def farthest(self, cell: int, sign: int, *, whole: bool) -> float:
        """Return how far a cell can move in a direction; inf where nothing stops it."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 -- as above

        goal = -sign * (self.columns == cell).astype(np.float64)
        open_end = np.full(len(goal), np.inf)
        answer: Any = _linear_programme(goal, self.matrix, self.values, open_end)
        if answer.x is None:
            return float("inf")
        if whole and not _whole(answer.x):
            answer = milp(
                goal,
                integrality=np.ones(len(goal), dtype=np.int64),
                bounds=Bounds(-self.values, open_end),
                constraints=LinearConstraint(self.matrix, 0.0, 0.0),
                options={"mip_rel_gap": 0.0},
            )
        return max(0.0, -float(answer.fun))


def _cut(cells: Cells, allowed: Flags, suppressed: Flags, cell: int, sign: int) -> tuple[Floats, float]:
    """Return (coefficients, least sum) of an inequality that this pattern breaks and every protecting one keeps.

    For any multipliers λ of the equations the move of the cell is Σ g·y with g = ±e − Mᵀλ, hence at most
    Σ (max(g, 0)·high + max(−g, 0)·low)·s. Coefficients above the distance needed count no more than it.
    """
    needed = cells.up[cell] if sign > 0 else cells.down[cell]
    columns = np.flatnonzero(allowed)
    matrix = _incidence(cells, columns, cells.equations)
    low = np.minimum(cells.values[columns] / needed, _REACH)
    high = np.full(len(columns), _REACH)
    room = np.where(suppressed[columns], 1.0, _TRACE)
    goal = -sign * (columns == cell).astype(np.float64)
    answer = _linear_programme(goal, matrix, low * room, high * room)
    weight = matrix.T @ answer.eqlin.marginals - goal
    weight[np.abs(weight) < 1e-9] = 0.0  # noqa: PLR2004 -- what rounding leaves of nothing
    coefficients = np.zeros(len(cells.values))
    coefficients[columns] = np.minimum(np.maximum(weight, 0) * high + np.maximum(-weight, 0) * low, 1.0)
    if coefficients[suppressed].sum() < 1 - 10 * _SLACK:
        return coefficients, 1.0
    return np.where(allowed & ~suppressed, 1.0, 0.0), 1.0  # at least one cell more: subsets protect no better


@dataclass(frozen=True, slots=True, eq=False)
class _Master:
    """The search for the cheapest pattern, under the inequalities found so far."""

    cost: Floats
    fixed: Flags  # primary
    allowed: Flags
    base: Any  # sparse (rows, C)
    least: Floats  # (rows,)

    @classmethod
    def of(cls, cells: Cells, cost: Floats, allowed: Flags) -> _Master:
        from scipy.sparse import csr_array  # noqa: PLC0415 -- as above

        rows, cols, data = list[int](), list[int](), list[float]()
        least: list[float] = []
        for entries, bound in _first_rows(cells, allowed):
            rows += [len(least)] * len(entries)
            cols += [column for column, _ in entries]
            data += [value for _, value in entries]
            least.append(bound)
        base = csr_array((data, (rows, cols)), shape=(len(least), len(cost)))
        return cls(cost, cells.primary, allowed, base, np.array(least))

    def with_rows(self, rows: Sequence[tuple[Floats, float]]) -> _Master:
        """Return the search with further inequalities."""
        from scipy.sparse import csr_array, vstack  # noqa: PLC0415 -- as above

        more = csr_array(np.array([coefficients for coefficients, _ in rows]))
        least = np.array([bound for _, bound in rows])
        return replace(self, base=vstack([self.base, more], format="csr"), least=np.concatenate([self.least, least]))

    def solve(self) -> tuple[Flags, bool]:
        """Return the cheapest pattern known, and whether it is proven to be the cheapest."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 -- as above

        answer = milp(
            self.cost,
            integrality=np.ones(len(self.cost), dtype=np.int64),
            bounds=Bounds(self.fixed.astype(np.float64), self.allowed.astype(np.float64)),
            constraints=LinearConstraint(self.base, self.least, np.inf),
            options={"mip_rel_gap": 0.0, "node_limit": _NODES},
        )
        if answer.x is None:  # no pattern within the nodes: everything is one
            return self.allowed.copy(), False
        return np.asarray(answer.x > 0.5), bool(answer.status == 0)  # noqa: PLR2004 -- 0 or 1


def _first_rows(cells: Cells, allowed: Flags) -> Iterator[tuple[list[tuple[int, float]], float]]:
    """Yield inequalities that every protecting pattern keeps, equation by equation, as (entries, least sum)."""
    for members, needed in _unions(cells):
        inside = [int(cell) for cell in members if allowed[cell]]
        for cell in inside:  # nobody is hidden alone
            yield [(cell, -1.0), *((other, 1.0) for other in inside if other != cell)], 0.0
        if cells.primary[members].any():
            yield [(cell, float(min(cells.units[cell], needed))) for cell in inside], float(needed)
        total = int(members[0])
        for cell in inside:
            if not cells.primary[cell]:
                continue
            for sign, distance in ((1, cells.up[cell]), (-1, cells.down[cell])):
                if distance > 0:
                    room = _rooms(cells, inside, cell, total, sign, distance)
                    yield room, 1.0


def _rooms(  # noqa: PLR0913, PLR0917 -- the parts of one inequality
    cells: Cells, inside: list[int], cell: int, total: int, sign: int, distance: float
) -> list[tuple[int, float]]:
    """Return how far the other cells of an equation can answer a move of one, in units of that move."""
    out = []
    for other in inside:
        if other == cell:
            continue
        same_way = total in {cell, other}  # a part and its total move together, two parts against each other
        falls = (sign < 0) == same_way
        out.append((other, float(min(cells.values[other] / distance, 1.0)) if falls else 1.0))
    return out


def _complete(cells: Cells, cost: Floats, allowed: Flags, suppressed: Flags) -> Flags:
    """Return a protecting pattern that contains this one: cheap, not proven cheapest."""
    out = suppressed.copy()
    while (found := next(_exposures(cells, out), None)) is not None:
        coefficients, _ = _cut(cells, allowed, out, *found)
        useful = np.flatnonzero((coefficients > 0) & allowed & ~out)
        out[useful[np.argmin(cost[useful] / coefficients[useful])]] = True
    return out
