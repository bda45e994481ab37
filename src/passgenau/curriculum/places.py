"""The places of a programme, built from the selections of the point estimate and of the draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum import reasons
from passgenau.curriculum.electives import Offer, Pool, least_persons, places_on_topic
from passgenau.curriculum.model import Firmness, LeftOut, Place, Sources
from passgenau.curriculum.provision import provide
from passgenau.curriculum.requirements import holds_in_cohorts, programme_roles, replacements, serves
from passgenau.curriculum.wording import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.curriculum.catalogue import Catalogue, Module, Version
    from passgenau.curriculum.providers import Providers
    from passgenau.curriculum.reasons import Voice
    from passgenau.curriculum.requirements import Required, TierProblem
    from passgenau.curriculum.sequence import Course
    from passgenau.needs.model import Wish
    from passgenau.text import Text

FIRM, LIKELY = 0.95, 0.75
"""Shares of draws from which a choice is called firm, or likely."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that the derivation found for one tier."""

    catalogue: Catalogue
    providers: Providers
    problem: TierProblem
    pool: Pool
    wishes: dict[str, Wish]  # by topic, of the tier's audience
    shares: dict[str, float]  # point weight per topic
    versions: dict[str, Version]  # the Basis
    fixed: frozenset[str]  # modules whose version no draw can change
    offer: Offer
    drawn: tuple[tuple[dict[str, Version], Offer], ...]
    course: Course
    experienced: frozenset[str]
    say: Voice

    def frequency(self, module: str, version: Version) -> float:
        """Share of draws whose Basis holds this module in this version."""
        return sum(1 for versions, _ in self.drawn if versions.get(module) == version) / max(1, len(self.drawn))

    def place_frequency(self, module: str) -> float:
        """Share of draws in which the module has any place."""
        held = sum(1 for versions, offer in self.drawn if module in versions or module in offer.ranked)
        return held / max(1, len(self.drawn))


def firmness_of(frequency: float) -> Firmness:
    """Return what a share of agreeing draws is called."""
    return "firm" if frequency >= FIRM else "likely" if frequency >= LIKELY else "open"


def basis_places(found: Outcome) -> tuple[Place, ...]:
    """Return the places of the Basis in teaching order."""
    block = {m: number for number, members in enumerate(found.course.blocks, start=1) for m in members}
    return tuple(_basis_place(found, module, block[module]) for module in found.course.order)


def _basis_place(found: Outcome, module_id: str, block: int) -> Place:
    module, version = found.say.modules[module_id], found.versions[module_id]
    size = module.versions[version]
    frequency = found.frequency(module_id, version)
    firmness: Firmness = "fixed" if module_id in found.fixed else firmness_of(frequency)
    entries = tuple(entry for entry in found.problem.required if serves(module, entry))
    return Place(
        module=module_id,
        level="basis",
        version=version,
        roles=_roles(found, module),
        contact_units=size.contact_units,
        self_study_units=size.self_study_units,
        tutor_minutes=size.tutor_minutes,
        stage=found.course.stage[module_id],
        block=block,
        rank=None,
        expected_persons=None,
        examples=examples(module, found.shares),
        sources=_sources(found, module, entries),
        depth_firmness=firmness,
        frequency=frequency,
        rests_on_assumption=firmness != "fixed" and any(wish.assumed for wish in _deciding(found, module)),
        creditable=module_id not in found.experienced,
        provision=provide(module_id, found.problem.tier, found.providers),
        reason=_basis_reason(found, module, entries, firmness),
    )


def _roles(found: Outcome, module: Module) -> tuple[str, ...]:
    return tuple(role for role in programme_roles(found.catalogue) if role in module.roles)


def _sources(found: Outcome, module: Module, entries: tuple[Required, ...]) -> Sources:
    tasks = tuple(dict.fromkeys(task for entry in entries for task in entry.tasks))
    minimum = tuple(entry.competence for entry in entries if entry.is_minimum)
    return Sources(minimum, tasks, found.wishes[module.topic])


def examples(module: Module, shares: Mapping[str, float]) -> tuple[str, ...]:
    """Return the topics of a module's worked examples: those most wished for, in that order."""
    if module.examples is None:
        return ()
    given = module.examples.from_topics
    ordered = sorted(given, key=lambda topic: (-shares.get(topic, 0.0), given.index(topic)))
    return tuple(ordered[: module.examples.pick])


def _basis_reason(found: Outcome, module: Module, entries: tuple[Required, ...], firmness: Firmness) -> Text:
    say, version = found.say, found.versions[module.id]
    tasks = tuple(dict.fromkeys(task for entry in entries for task in entry.tasks))
    dependents = tuple(
        other
        for other in found.course.order
        if any(module.id in replacements(w, found.problem.modules) for w in say.modules[other].requires)
    )
    deciding = _deciding(found, module)
    sentences = [
        reasons.minimum_sentence(say, entries),
        reasons.task_sentence(say, tasks),
        reasons.wish_sentence(say, found.wishes[module.topic]),
        reasons.prerequisite_sentence(say, dependents),
        reasons.choice_sentence(module, entries, _rivals(found)),
        reasons.version_sentence(say, module, version, deciding),
        reasons.firmness_sentence(say, module, firmness, found.frequency(module.id, version), deciding),
    ]
    return joined(sentence for sentence in sentences if sentence is not None)


def _deciding(found: Outcome, module: Module) -> tuple[Wish, ...]:
    """Return the wishes that speak for a module's time: the main topic's first, then by share of the time."""
    ordered = sorted(module.topics, key=lambda topic: (topic != module.topic, -module.topics[topic]))
    return tuple(found.wishes[topic] for topic in ordered if found.shares.get(topic, 0.0) > 0)


def _rivals(found: Outcome) -> tuple[Module, ...]:
    return tuple(m for m in found.problem.modules if m.id not in found.versions)


def elective_places(found: Outcome) -> tuple[Place, ...]:
    """Return the electives in the order in which they are offered."""
    return tuple(_elective(found, module, rank) for rank, module in enumerate(found.offer.ranked, start=1))


def _elective(found: Outcome, module_id: str, rank: int) -> Place:
    module, say = found.say.modules[module_id], found.say
    version: Version = "full" if "full" in module.versions else "short"
    size = module.versions[version]
    wish = found.wishes[module.topic]
    demand = _demand(found, module)
    frequency = found.place_frequency(module_id)
    firmness = firmness_of(frequency)
    reason = joined(
        [
            reasons.minimum_sentence(say, ()),
            reasons.task_sentence(say, ()),
            reasons.wish_sentence(say, wish),
            reasons.elective_sentence(demand, least_persons(module, found.pool.rules), rank),
            reasons.firmness_sentence(say, module, firmness, frequency, (wish,)),
        ]
    )
    return Place(
        module=module_id,
        level="elective",
        version=version,
        roles=_roles(found, module),
        contact_units=size.contact_units,
        self_study_units=size.self_study_units,
        tutor_minutes=size.tutor_minutes,
        stage=module.stages[0],
        block=None,
        rank=rank,
        expected_persons=demand.expected,
        examples=examples(module, found.shares),
        sources=Sources((), (), wish),
        depth_firmness=firmness,
        frequency=frequency,
        rests_on_assumption=wish.assumed,
        creditable=False,
        provision=provide(module_id, found.problem.tier, found.providers),
        reason=reason,
    )


def _demand(found: Outcome, module: Module) -> reasons.Demand:
    on_topic = places_on_topic(found.pool, found.versions)
    topic, place = on_topic[module.id]
    return reasons.Demand(
        share=found.wishes[topic].share or 0.0,
        persons=found.pool.rules.persons_expected,
        place=place,
        on_topic=sum(1 for other, _ in on_topic.values() if other == topic),
        per_person=found.pool.rules.electives_per_person,
        expected=_expected(found, module),
    )


def _expected(found: Outcome, module: Module) -> tuple[float, float, float]:
    """Return persons expected at the point, the lower and the upper limit of the main topic's share."""
    wish = found.wishes[module.topic]
    point = found.offer.expected[module.id]
    share = wish.share or 0.0
    per_share = point / share if share else 0.0
    most = float(found.pool.rules.persons_expected)
    low, high = (per_share * (limit if limit is not None else share) for limit in (wish.lower, wish.upper))
    return point, min(low, most), min(high, most)


def left_out(found: Outcome) -> tuple[LeftOut, ...]:
    """Return every module of the catalogue that has no place, with the reason."""
    placed = set(found.versions) | set(found.offer.ranked)
    tier = found.problem.tier
    return tuple(
        LeftOut(
            module.id,
            tier,
            _why_not(found, module),
            provide(module.id, tier, found.providers) if tier in module.tiers else None,
        )
        for module in found.catalogue.modules
        if module.id not in placed
    )


def _why_not(found: Outcome, module: Module) -> Text:
    say, tier = found.say, found.problem.tier
    if tier not in module.tiers:
        return reasons.not_for_tier(module)
    wish = reasons.wish_sentence(say, found.wishes[module.topic])
    if not holds_in_cohorts(module, tier):
        return joined([wish, reasons.in_house_only()])
    if not _roles(found, module):
        return reasons.no_programme_role(say, module)
    twin = next((m for m in found.versions if m in replacements(module.id, found.catalogue.modules)), None)
    if twin is not None:
        return joined([wish, reasons.replaced(say, twin)])
    sentences = [reasons.minimum_sentence(say, ()), reasons.task_sentence(say, ()), wish]
    chosen = _chosen_instead(found, module)
    if chosen:
        sentences = [wish, reasons.passed_over(say, chosen)]
    return joined([*sentences, _no_elective(found, module)])


def _chosen_instead(found: Outcome, module: Module) -> tuple[str, ...]:
    entries = [entry for entry in found.problem.required if serves(module, entry)]
    return tuple(
        other for other in found.course.order if any(serves(found.say.modules[other], entry) for entry in entries)
    )


def _no_elective(found: Outcome, module: Module) -> Text:
    wish = found.wishes[module.topic]
    if wish.share is None:
        return reasons.unknown_demand(wish)
    if module.id in found.offer.without_prerequisite:
        return reasons.lacks_prerequisite(found.say, found.offer.without_prerequisite[module.id])
    least = least_persons(module, found.pool.rules)
    frequency = found.place_frequency(module.id)
    return reasons.too_few(_demand(found, module), least, frequency, found.say.draws)
