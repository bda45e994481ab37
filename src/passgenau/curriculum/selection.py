"""Which modules form a Basis, and in which version: a mixed-integer model solved to proven optimality.

Minimum competences and role tasks are constraints; wishes stand in the objective alone. The model,
and why more wishes for a topic never take time away from it, is written down in docs/methods.md,
Curriculum derivation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import highspy  # type: ignore[import-untyped]  # ships no marker for its types
import numpy as np

from passgenau.curriculum.requirements import replacements, serves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.curriculum.catalogue import Module, Version
    from passgenau.curriculum.requirements import Required, TierProblem

SEGMENTS: tuple[tuple[float, float], ...] = ((4.0, 1.0), (4.0, 0.5), (8.0, 0.25), (1000.0, 0.125))
"""What time given to a topic is worth: the first four units count fully, the next four half, the
next eight a quarter, all further ones an eighth. Diminishing, and never zero."""

PRICE_CONTACT = 0.5
"""What a contact unit costs in the objective, in thousandths of a wish-unit: decides between
choices that wishes do not tell apart, in favour of the shorter one."""
PRICE_SELF_STUDY = 0.05
PRICE_RANK = 0.01
"""Price of the last entry of the catalogue; decides what is still equal after units."""

RuleKind = Literal["coverage", "prerequisite", "version", "equivalent", "contact", "self_study", "reason", "topic"]


@dataclass(frozen=True, slots=True)
class Selection:
    """A Basis: modules with their versions, in the catalogue's order."""

    versions: dict[str, Version]
    gap: float  # relative optimality gap; 0 means proven optimal


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint: lower ≤ Σ coefficient · column ≤ upper."""

    kind: RuleKind
    subject: tuple[str, ...]
    columns: dict[int, float]
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True, slots=True)
class Excess:
    """By how much a rule would have to give way."""

    rule: Rule
    amount: float


@dataclass
class _Columns:
    """The variables of a model: their bounds and kinds, and what each binary stands for."""

    upper: list[float] = field(default_factory=list)
    binaries: dict[tuple[str, Version], int] = field(default_factory=dict)

    def add(self, upper: float) -> int:
        self.upper.append(upper)
        return len(self.upper) - 1

    def of(self, module_ids: Sequence[str]) -> list[int]:
        wanted = set(module_ids)
        return [column for (module, _), column in self.binaries.items() if module in wanted]


class Selector:
    """The model of one tier, kept for many weightings of the topics.

    Parameters
    ----------
    problem
        Candidates, requirements and limits of the tier.
    topics
        Topics that a weight may be given for; others weigh nothing.
    """

    def __init__(self, problem: TierProblem, topics: Sequence[str]) -> None:
        self.problem = problem
        self.topics = tuple(topics)
        self._columns = _Columns()
        for module in problem.modules:
            for version in sorted(module.versions):
                self._columns.binaries[module.id, version] = self._columns.add(1.0)
        self._segments = list(_add_segments(problem.modules, self.topics, self._columns))
        self.rules = tuple(_rules(problem, self._columns)) + tuple(self._topic_rules())
        self._solver = _solver(self._columns, self.rules)
        self._prices = _prices(problem.modules, self._columns)
        self._pool: list[NDArray[np.float64]] = []
        self._known: dict[bytes, Selection | None] = {}

    def select(self, weights: NDArray[np.float64]) -> Selection | None:
        """Return the best Basis under these wishes, or None where no Basis keeps all rules.

        Parameters
        ----------
        weights
            Wish per topic as a share in 0–1, shape (topics,). Rounded to thousandths, so that two
            choices either differ by more than the solver's tolerance or count as equal.
        """
        thousandths = np.rint(1000.0 * np.asarray(weights, dtype=np.float64))
        key = thousandths.tobytes()
        if key not in self._known:
            cost = self._prices.copy()
            for topic, slope, column in self._segments:
                cost[column] = thousandths[topic] * slope
            self._known[key] = self._solve(cost)
        return self._known[key]

    def avoidable(self, module_id: str, version: Version) -> bool:
        """Whether some Basis keeps all rules without this version of this module."""
        column = self._columns.binaries[module_id, version]
        self._solver.changeColBounds(column, 0.0, 0.0)
        found = self._solve(np.zeros(len(self._columns.upper)), remember=False)
        self._solver.changeColBounds(column, 0.0, 1.0)
        return found is not None

    def _topic_rules(self) -> Iterator[Rule]:
        for index, topic in enumerate(self.topics):
            columns = {column: 1.0 for t, _, column in self._segments if t == index}
            if columns:
                for module in self.problem.modules:
                    if topic in module.topics:
                        for version, size in module.versions.items():
                            time = module.topics[topic] * size.contact_units
                            columns[self._columns.binaries[module.id, version]] = -time
                yield Rule("topic", (topic,), columns, upper=0.0)

    def _solve(self, cost: NDArray[np.float64], *, remember: bool = True) -> Selection | None:
        count = len(cost)
        self._solver.changeColsCost(count, np.arange(count, dtype=np.int32), cost)
        if remember and self._pool:
            start = highspy.HighsSolution()
            start.col_value = self._best_known(cost)
            self._solver.setSolution(start)
        if not self._columns.binaries:
            return None if self.problem.required else Selection({}, 0.0)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.asarray(self._solver.getSolution().col_value)
        if remember and not any(np.array_equal(values, known) for known in self._pool):
            self._pool.append(values)
        on = np.rint(values).astype(bool)
        chosen = {module: version for (module, version), column in self._columns.binaries.items() if on[column]}
        return Selection(chosen, max(0.0, float(self._solver.getInfo().mip_gap)))

    def _best_known(self, cost: NDArray[np.float64]) -> list[float]:
        worth = np.stack(self._pool) @ cost
        return [float(value) for value in self._pool[int(np.argmax(worth))]]


def least_excess(problem: TierProblem) -> tuple[Excess, ...]:
    """Return the smallest relaxation under which a Basis exists, as the rules that give way.

    Competences that cannot be built weigh most, equivalents next, then units beyond the limits.
    Empty where a Basis exists.
    """
    columns = _Columns()
    for module in problem.modules:
        for version in sorted(module.versions):
            columns.binaries[module.id, version] = columns.add(1.0)
    rules = list(_rules(problem, columns))
    weights = {"coverage": 10_000.0, "equivalent": 1000.0, "contact": 1.0, "self_study": 1.0}
    slack: dict[int, tuple[int, float]] = {}
    for index, rule in enumerate(rules):
        if rule.kind in weights:
            column = columns.add(1e6)
            slack[index] = (column, weights[rule.kind])
            rule.columns[column] = 1.0 if rule.kind == "coverage" else -1.0
    solver = _solver(columns, tuple(rules))
    cost = np.zeros(len(columns.upper))
    for column, weight in slack.values():
        cost[column] = -weight
    solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
    solver.run()
    values = np.asarray(solver.getSolution().col_value)
    return tuple(
        Excess(rules[index], float(values[column]))
        for index, (column, _) in slack.items()
        if values[column] > 1e-6  # noqa: PLR2004 -- the solver's tolerance
    )


# --- columns and rules ---------------------------------------------------------------------------


def _add_segments(
    modules: Sequence[Module], topics: Sequence[str], columns: _Columns
) -> Iterator[tuple[int, float, int]]:
    """Add one column per topic and segment within reach; yield topic index, slope and column."""
    for index, topic in enumerate(topics):
        left = sum(
            m.topics[topic] * max(v.contact_units for v in m.versions.values()) for m in modules if topic in m.topics
        )
        for length, slope in SEGMENTS:
            if left <= 0:
                break
            yield index, slope, columns.add(min(length, left))
            left -= length


def _prices(modules: Sequence[Module], columns: _Columns) -> NDArray[np.float64]:
    cost = np.zeros(len(columns.upper))
    known = {module.id: (rank, module) for rank, module in enumerate(modules, start=1)}
    for (module_id, version), column in columns.binaries.items():
        rank, module = known[module_id]
        size = module.versions[version]
        cost[column] = -(
            PRICE_CONTACT * size.contact_units
            + PRICE_SELF_STUDY * size.self_study_units
            + PRICE_RANK * rank / len(modules)
        )
    return cost


def _rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    yield from _version_rules(problem, columns)
    yield from _coverage_rules(problem, columns)
    yield from _prerequisite_rules(problem, columns)
    yield from _equivalence_rules(problem, columns)
    yield from _reason_rules(problem, columns)
    yield from _limit_rules(problem, columns)


def _version_rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    for module in problem.modules:
        yield Rule("version", (module.id,), dict.fromkeys(columns.of([module.id]), 1.0), upper=1.0)


def open_requirements(problem: TierProblem) -> tuple[Required, ...]:
    """Return what is required and not credited."""
    return tuple(entry for entry in problem.required if entry.competence not in problem.credited)


def _coverage_rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    for entry in open_requirements(problem):
        for role in entry.roles:
            able = [m.id for m in problem.modules if entry.competence in m.competences and role in m.roles]
            yield Rule("coverage", (entry.competence, role), dict.fromkeys(columns.of(able), 1.0), lower=1.0)


def _prerequisite_rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    known = {module.id: module for module in problem.modules}
    for module in problem.modules:
        for wanted in module.requires:
            if wanted in known and set(known[wanted].competences) <= problem.credited:
                continue
            coefficients = dict.fromkeys(columns.of([module.id]), -1.0)
            coefficients |= dict.fromkeys(columns.of(replacements(wanted, problem.modules)), 1.0)
            yield Rule("prerequisite", (module.id, wanted), coefficients, lower=0.0)


def _equivalence_rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    groups: dict[str, list[str]] = {}
    for module in problem.modules:
        if module.equivalent is not None:
            groups.setdefault(module.equivalent, []).append(module.id)
    for group, members in groups.items():
        if len(members) > 1:
            yield Rule("equivalent", (group, *members), dict.fromkeys(columns.of(members), 1.0), upper=1.0)


def _reason_rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    """Yield the rules by which no module stands in the Basis without a reason.

    Every required competence makes one module responsible for it (or as many as it has roles,
    where no module addresses all of them). A module has its place if it is responsible for
    something or if a module of the Basis requires it.
    """
    answers: dict[str, list[int]] = {module.id: [] for module in problem.modules}
    for entry in open_requirements(problem):
        able = [module for module in problem.modules if serves(module, entry)]
        shares = {module.id: columns.add(1.0) for module in able}
        whole = any(set(entry.roles) <= set(module.roles) for module in able)
        limit = 1.0 if whole else float(len(entry.roles))
        yield Rule("reason", (entry.competence,), dict.fromkeys(shares.values(), 1.0), upper=limit)
        for module_id, column in shares.items():
            answers[module_id].append(column)
    for module in problem.modules:
        coefficients = dict.fromkeys(columns.of([module.id]), -1.0) | dict.fromkeys(answers[module.id], 1.0)
        dependents = [
            m.id for m in problem.modules for w in m.requires if module.id in replacements(w, problem.modules)
        ]
        coefficients |= dict.fromkeys(columns.of(dependents), 1.0)
        yield Rule("reason", (module.id,), coefficients, lower=0.0)


def _limit_rules(problem: TierProblem, columns: _Columns) -> Iterator[Rule]:
    sizes = {(m.id, v): size for m in problem.modules for v, size in m.versions.items()}
    contact = {column: float(sizes[key].contact_units) for key, column in columns.binaries.items()}
    yield Rule("contact", (), contact, upper=float(problem.contact_units))
    addressed = {module.id: set(module.roles) for module in problem.modules}
    for role in problem.roles:
        hours = {
            column: float(sizes[key].self_study_units)
            for key, column in columns.binaries.items()
            if role in addressed[key[0]]
        }
        yield Rule("self_study", (role,), hours, upper=float(problem.self_study_units))


def _solver(columns: _Columns, rules: Sequence[Rule]) -> highspy.Highs:
    """Return a solver that maximises; gaps are closed, and nothing is limited by time."""
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(columns.upper), len(rules)
    program.col_lower_ = np.zeros(len(columns.upper))
    program.col_upper_ = np.asarray(columns.upper)
    program.col_cost_ = np.zeros(len(columns.upper))
    program.row_lower_ = np.array([rule.lower for rule in rules])
    program.row_upper_ = np.array([rule.upper for rule in rules])
    entries = [sorted(rule.columns.items()) for rule in rules]
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0] + [len(row) for row in entries]).astype(np.int32)
    program.a_matrix_.index_ = np.array([column for row in entries for column, _ in row], dtype=np.int32)
    program.a_matrix_.value_ = np.array([value for row in entries for _, value in row])
    whole = set(columns.binaries.values())
    kinds = highspy.HighsVarType
    program.integrality_ = [kinds.kInteger if c in whole else kinds.kContinuous for c in range(len(columns.upper))]
    program.sense_ = highspy.ObjSense.kMaximize
    solver = highspy.Highs()
    for option, value in _OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.passModel(program)
    return solver


_OPTIONS: Mapping[str, object] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 1,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-6,
    # The models are small and start from the best Basis known: presolve and heuristics cost more than they save.
    "presolve": "off",
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_detect_symmetry": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
