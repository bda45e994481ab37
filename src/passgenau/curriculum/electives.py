"""Which modules are offered beyond the Basis (Vertiefung), and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum.requirements import holds_in_cohorts, programme_roles, replacements

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from passgenau.curriculum.catalogue import Catalogue, Module
    from passgenau.curriculum.decisions import ProgrammeRules


@dataclass(frozen=True, slots=True)
class Pool:
    """Modules of one tier that could be electives, whatever the Basis turns out to be."""

    modules: tuple[Module, ...]
    rules: ProgrammeRules


@dataclass(frozen=True, slots=True)
class Offer:
    """What one set of wishes makes of the electives."""

    ranked: tuple[str, ...]  # modules offered, in order
    expected: dict[str, float]  # persons expected, for every module that could be an elective
    without_prerequisite: dict[str, str]  # module → prerequisite that has no place


def pool(catalogue: Catalogue, rules: ProgrammeRules) -> Pool:
    """Return the modules of a tier that cohorts can attend and that address a role of the programme."""
    roles = set(programme_roles(catalogue))
    return Pool(tuple(m for m in catalogue.modules if holds_in_cohorts(m, rules.tier) and roles & set(m.roles)), rules)


def least_persons(module: Module, rules: ProgrammeRules) -> int:
    """Return from how many persons expected a module runs."""
    return rules.elective_min_persons if rules.elective_min_persons is not None else module.group.min


def outside(tier_pool: Pool, basis: Collection[str]) -> tuple[Module, ...]:
    """Return the modules that are neither in the Basis nor equivalent to one that is."""
    taken = {p for module in basis for p in replacements(module, tier_pool.modules)}
    return tuple(m for m in tier_pool.modules if m.id not in taken and m.id not in basis)


def offer(tier_pool: Pool, basis: Collection[str], shares: Mapping[str, float]) -> Offer:
    """Return which electives run under these wishes.

    Persons expected = persons of the tier × share that wishes for the main topic × r. The factor
    r ≤ 1 holds the sum of all expectations to the electives that a person may take: with r = 1
    somebody who ticks six topics would fill six seats. Raising a topic's share never lowers its
    own expectation.

    Parameters
    ----------
    tier_pool
        Modules that could be electives.
    basis
        Modules of the Basis.
    shares
        Wish per topic, 0–1; a topic that is missing counts as 0.
    """
    open_modules = outside(tier_pool, basis)
    total = sum(shares.get(module.topic, 0.0) for module in open_modules)
    scale = min(1.0, tier_pool.rules.electives_per_person / total) if total else 0.0
    persons = tier_pool.rules.persons_expected * scale
    expected = {module.id: persons * shares.get(module.topic, 0.0) for module in open_modules}
    running = [m for m in open_modules if expected[m.id] > 0 and expected[m.id] >= least_persons(m, tier_pool.rules)]
    running, lacking = _with_prerequisites(running, basis, tier_pool.modules)
    return Offer(_ranked(running, expected, tier_pool.modules), expected, lacking)


def _with_prerequisites(
    running: Sequence[Module], basis: Collection[str], modules: Sequence[Module]
) -> tuple[list[Module], dict[str, str]]:
    """Drop modules whose prerequisites have no place, until nothing changes."""
    kept, lacking = list(running), dict[str, str]()
    while True:
        placed = set(basis) | {m.id for m in kept}
        missing = {
            m.id: wanted for m in kept for wanted in m.requires if not placed & set(replacements(wanted, modules))
        }
        if not missing:
            return kept, lacking
        lacking |= missing
        kept = [m for m in kept if m.id not in missing]


def _ranked(running: Sequence[Module], expected: Mapping[str, float], modules: Sequence[Module]) -> tuple[str, ...]:
    """Order by persons expected; a prerequisite goes before the module that needs it."""
    place = {module.id: index for index, module in enumerate(modules)}
    left = sorted(running, key=lambda m: (-expected[m.id], place[m.id]))
    done: list[str] = []
    while left:
        open_ids = {m.id for m in left}
        following = next(m for m in left if not open_ids & set(m.requires))
        done.append(following.id)
        left.remove(following)
    return tuple(done)
