"""What a tier's Basis must build: minimum competences and role tasks, and the modules that can."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum.decisions import ProgrammeRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passgenau.curriculum.catalogue import Catalogue, Module
    from passgenau.curriculum.decisions import CurriculumDecisions
    from passgenau.frame.units import Tier


@dataclass(frozen=True, slots=True)
class Required:
    """A competence that a tier's Basis must build for certain roles."""

    competence: str
    minimum_roles: tuple[str, ...]  # roles that people fixed as a minimum
    tasks: tuple[str, ...]  # ids of the role tasks that need it
    roles: tuple[str, ...]  # all roles that must have it, whatever the source

    @property
    def is_minimum(self) -> bool:
        """Whether it is a minimum requirement (it may be part of a role task as well)."""
        return bool(self.minimum_roles)


@dataclass(frozen=True, slots=True)
class TierProblem:
    """All that fixes one tier's Basis except the wishes."""

    tier: Tier
    modules: tuple[Module, ...]  # candidates, in the catalogue's order
    roles: tuple[str, ...]  # that take part in the programme
    required: tuple[Required, ...]
    contact_units: int  # of the cohort and of every role
    self_study_units: int  # of every role
    units_per_day: int
    credited: frozenset[str] = frozenset()  # competences that count as already there


def programme_roles(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the roles that take part in the Basis, in the catalogue's order."""
    return tuple(role.id for role in catalogue.roles if role.path == "programme")


def requirements(catalogue: Catalogue, decisions: CurriculumDecisions, tier: Tier) -> tuple[Required, ...]:
    """Return what the Basis of a tier must build, in the order of the catalogue's competences."""
    taking_part = programme_roles(catalogue)
    minimum: dict[str, set[str]] = {}
    for entry in decisions.minimum:
        if tier in entry.tiers:
            minimum.setdefault(entry.competence, set()).update(entry.roles)
    tasks: dict[str, list[str]] = {}
    task_roles: dict[str, set[str]] = {}
    for task in decisions.role_tasks:
        if task.tier == tier:
            for competence in task.competences:
                tasks.setdefault(competence, []).append(task.id)
                task_roles.setdefault(competence, set()).update(task.roles)
    found = []
    for competence in (c.id for c in catalogue.competences):
        low, more = minimum.get(competence, set()), task_roles.get(competence, set())
        roles = tuple(role for role in taking_part if role in low | more)
        if roles:
            fixed = tuple(role for role in taking_part if role in low)
            found.append(Required(competence, fixed, tuple(tasks.get(competence, ())), roles))
    return tuple(found)


def tier_problem(catalogue: Catalogue, decisions: CurriculumDecisions, rules: ProgrammeRules) -> TierProblem:
    """Return the problem of one tier: candidates, requirements and limits."""
    required = requirements(catalogue, decisions, rules.tier)
    return TierProblem(
        tier=rules.tier,
        modules=candidates(catalogue.modules, required, rules.tier),
        roles=programme_roles(catalogue),
        required=required,
        contact_units=whole_units(rules.basis_days, catalogue.units_per_day),
        self_study_units=rules.self_study_units,
        units_per_day=catalogue.units_per_day,
    )


def whole_units(days: float, units_per_day: int) -> int:
    """Return the whole teaching units that fit into a number of days."""
    return math.floor(days * units_per_day + 1e-9)


def serves(module: Module, required: Required) -> bool:
    """Whether a module builds a required competence for at least one role that must have it."""
    return required.competence in module.competences and any(role in module.roles for role in required.roles)


def holds_in_cohorts(module: Module, tier: Tier) -> bool:
    """Whether a cohort of several organisations can attend it: for this tier, and not in-house only."""
    return tier in module.tiers and set(module.formats) != {"in_house"}


def candidates(modules: Iterable[Module], required: Iterable[Required], tier: Tier) -> tuple[Module, ...]:
    """Return the modules that may stand in the Basis of a tier.

    A module may, if it builds something required, or if a module that may requires it (directly
    or through others). Everything else can only be an elective.
    """
    usable = {module.id: module for module in modules if holds_in_cohorts(module, tier)}
    needed = tuple(required)
    open_ids = [m.id for m in usable.values() if any(serves(m, entry) for entry in needed)]
    found: set[str] = set()
    while open_ids:
        current = open_ids.pop()
        if current not in found:
            found.add(current)
            open_ids += [p for wanted in usable[current].requires for p in replacements(wanted, usable.values())]
    return tuple(module for module in usable.values() if module.id in found)


def replacements(module_id: str, modules: Iterable[Module]) -> tuple[str, ...]:
    """Return the modules that satisfy a prerequisite: the module itself and its equivalents."""
    known = tuple(modules)
    group = next((module.equivalent for module in known if module.id == module_id), None)
    return tuple(m.id for m in known if m.id == module_id or (group is not None and m.equivalent == group))
