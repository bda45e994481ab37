"""Which modules are offered beyond the Basis (Vertiefung), and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from passgenau.curriculum.requirements import holds_in_cohorts, programme_roles, replacements

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from passgenau.curriculum.catalogue import Catalogue, Module
    from passgenau.curriculum.decisions import ProgrammeRules


@dataclass(frozen=True)
class Pool:
    """Modules of one tier that could be electives, whatever the Basis turns out to be."""

    modules: tuple[Module, ...]
    rules: ProgrammeRules

    @cached_property
    def satisfying(self) -> dict[str, frozenset[str]]:
        """Per prerequisite, the modules that satisfy it; asked for again in every draw."""
        wanted = {m.id for m in self.modules} | {w for m in self.modules for w in m.requires}
        return {w: frozenset(replacements(w, self.modules)) for w in wanted}


@dataclass(frozen=True, slots=True)
class Offer:
    """What one set of wishes makes of the electives."""

    ranked: tuple[str, ...]  # modules offered, in order
    expected: dict[str, float]  # persons expected; for a module that was dropped, when it was
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
    taken = {p for module in basis for p in tier_pool.satisfying.get(module, ())}
    return tuple(m for m in tier_pool.modules if m.id not in taken and m.id not in basis)


def offer(tier_pool: Pool, basis: Collection[str], shares: Mapping[str, float]) -> Offer:
    """Return which electives run under these wishes.

    The demand for a module is the share that wishes for its main topic, divided by the module's
    place among the modules on that topic outside the Basis, in the catalogue's order: a wish for
    a topic is not a wish for every module on it. Persons expected = persons of the tier × demand × r, where r ≤ 1
    holds the sum over the electives offered to the electives that a person may take. While a
    module stays below its minimum, the weakest (persons expected per person needed) is dropped
    and its seats go to the others. With the Basis held fixed, a higher share never costs a
    module its place; docs/methods.md, Curriculum derivation, proves it.

    Parameters
    ----------
    tier_pool
        Modules that could be electives.
    basis
        Modules of the Basis.
    shares
        Wish per topic, 0–1; a topic that is missing counts as 0.
    """
    demand = _demand(tier_pool, basis, shares)
    kept = [module for module in tier_pool.modules if demand.get(module.id, 0.0) > 0]
    expected = dict.fromkeys(demand, 0.0)
    lacking: dict[str, str] = {}
    while kept:
        expected |= _expected(tier_pool.rules, {m.id: demand[m.id] for m in kept})
        missing = _missing(kept, basis, tier_pool)
        weakest = min(kept, key=lambda m: demand[m.id] / least_persons(m, tier_pool.rules))
        if missing:
            lacking |= missing
            kept = [m for m in kept if m.id not in missing]
        elif expected[weakest.id] < least_persons(weakest, tier_pool.rules):
            kept.remove(weakest)
        else:
            break
    return Offer(_ranked(kept, demand, tier_pool.modules), expected, lacking)


def _demand(tier_pool: Pool, basis: Collection[str], shares: Mapping[str, float]) -> dict[str, float]:
    return {
        module: shares.get(topic, 0.0) / place for module, (topic, place) in places_on_topic(tier_pool, basis).items()
    }


def places_on_topic(tier_pool: Pool, basis: Collection[str]) -> dict[str, tuple[str, int]]:
    """Return main topic of every module outside the Basis, and its place (from 1) among those on that topic."""
    count = Counter[str]()
    found: dict[str, tuple[str, int]] = {}
    for module in outside(tier_pool, basis):
        count[module.topic] += 1
        found[module.id] = (module.topic, count[module.topic])
    return found


def _expected(rules: ProgrammeRules, demand: Mapping[str, float]) -> dict[str, float]:
    total = sum(demand.values())
    persons = rules.persons_expected * min(1.0, rules.electives_per_person / total)
    return {module: persons * share for module, share in demand.items()}


def _missing(kept: Sequence[Module], basis: Collection[str], tier_pool: Pool) -> dict[str, str]:
    """Return the modules whose prerequisites have no place, with the last that is missing."""
    placed = set(basis) | {m.id for m in kept}
    return {m.id: wanted for m in kept for wanted in m.requires if placed.isdisjoint(tier_pool.satisfying[wanted])}


def _ranked(running: Sequence[Module], demand: Mapping[str, float], modules: Sequence[Module]) -> tuple[str, ...]:
    """Order by demand; a prerequisite goes before the module that needs it."""
    place = {module.id: index for index, module in enumerate(modules)}
    left = sorted(running, key=lambda m: (-demand[m.id], place[m.id]))
    done: list[str] = []
    while left:
        open_ids = {m.id for m in left}
        following = next(m for m in left if not open_ids & set(m.requires))
        done.append(following.id)
        left.remove(following)
    return tuple(done)
