"""What must take place: events without dates, and how far apart they lie."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from passgenau.curriculum.catalogue import STAGES
from passgenau.planning.distance import road_km_matrix
from passgenau.planning.grouping import GroupProblem, group_exactly
from passgenau.planning.rooms import ONLINE, Attendees, Room, at_home, central_room, rotation
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.frame.units import Tier
    from passgenau.planning.inputs import Party, PlanInputs
    from passgenau.planning.model import Cohort, EventKind

AGREED_ROLES = Text(
    "Vereinbarte Rollen und Zuständigkeiten vor Ort, schriftlich und mit Namen",
    "Agreed roles and responsibilities on the spot, in writing and with names",
)
IN_HOUSE_WEEKS = 8  # least weeks from the introduction day to an in-house day: a place gathers its cast first
PEER_MONTHS = 3  # least months between two peer meetings of the districts


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that still needs a date and people who lead it."""

    id: str
    kind: EventKind
    cohorts: tuple[str, ...]
    block: int | None
    modules: tuple[str, ...]
    days: int
    room: Room
    attendees: Attendees
    staff: int
    organisation: str = ""
    outcome: Text | None = None

    @property
    def online(self) -> bool:
        """Whether nobody travels."""
        return self.room is ONLINE


@dataclass(frozen=True, slots=True)
class Gap:
    """How long after the end of one event another starts."""

    first: str
    then: str
    least_days: int = 1
    most_days: int | None = None
    months: tuple[int, int] | None = None  # in addition: least and most calendar months


@dataclass(frozen=True, slots=True)
class Agenda:
    """All events without dates, their distances in time, and what cannot take place."""

    drafts: tuple[Draft, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[Text, ...]


def agenda(inputs: PlanInputs, cohorts: tuple[Cohort, ...]) -> Agenda:
    """Return what must take place for these cohorts."""
    drafts: list[Draft] = []
    gaps: list[Gap] = []
    notes: list[Text] = []
    in_house, refused = _chosen_in_house(inputs, cohorts)
    for cohort in cohorts:
        own, own_gaps = _cohort_events(inputs, cohort, in_house)
        drafts += own
        gaps += own_gaps
    for part, part_gaps in (_electives(inputs, cohorts, notes), _peer_meetings(inputs, cohorts)):
        drafts += part
        gaps += part_gaps
    if refused:
        names = ", ".join(inputs.units[key].label for key in refused)
        notes.append(
            Text(
                f"{len(refused)} weitere Wünsche nach einem Inhouse-Tag gehen über die Höchstzahl "
                f"({inputs.rules.in_house_days_max}) hinaus: {names}.",
                f"{len(refused)} further wishes for an in-house day exceed the maximum "
                f"({inputs.rules.in_house_days_max}): {names}.",
            )
        )
    known = {draft.id for draft in drafts}  # a block for which everybody has credit is not held
    return Agenda(tuple(drafts), tuple(gap for gap in gaps if {gap.first, gap.then} <= known), tuple(notes))


# --- one cohort ------------------------------------------------------------------------------------


def _cohort_events(inputs: PlanInputs, cohort: Cohort, in_house: frozenset[str]) -> tuple[list[Draft], list[Gap]]:
    blocks = inputs.programmes[cohort.tier].blocks
    rooms = rotation(inputs, cohort, 1 + len(blocks))
    introduction = Draft(
        id=f"{cohort.id}-introduction",
        kind="introduction",
        cohorts=(cohort.id,),
        block=None,
        modules=(inputs.catalogue.introduction.id,),
        days=1,
        room=rooms[0],
        attendees=attendees(cohort),
        staff=inputs.rates.trainers_per_event,
    )
    held = [
        Draft(
            id=f"{cohort.id}-block-{block.number}",
            kind="basis",
            cohorts=(cohort.id,),
            block=block.number,
            modules=block.modules,
            days=inputs.block_days(block),
            room=room,
            attendees=tuple(
                (key, persons) for key, persons in attendees(cohort) if inputs.attends(inputs.party[key], block.modules)
            ),
            staff=inputs.rates.trainers_per_event,
        )
        for block, room in zip(blocks, rooms[1:], strict=True)
    ]
    held = [draft for draft in held if draft.attendees]
    gaps = _block_gaps(inputs, introduction, held)
    days = _in_house_days(inputs, cohort, in_house)
    gaps += [Gap(introduction.id, day.id, 7 * IN_HOUSE_WEEKS) for day in days]
    gaps += [Gap(block.id, day.id) for block in held[:1] for day in days]
    briefing = _briefing(inputs, cohort)
    gaps += [Gap(introduction.id, draft.id) for draft in briefing]
    return [introduction, *held, *days, *briefing], gaps


def attendees(cohort: Cohort) -> Attendees:
    """Return the organisations of a cohort with their persons, in the order of the keys."""
    return tuple(sorted((member.organisation, member.persons) for member in cohort.members))


def _block_gaps(inputs: PlanInputs, introduction: Draft, blocks: list[Draft]) -> list[Gap]:
    least, most = inputs.rules.weeks_after_introduction
    first = [Gap(introduction.id, draft.id, max(1, 7 * least), 7 * most) for draft in blocks[:1]]
    later = [Gap(one.id, two.id, months=inputs.rules.months_between_blocks) for one, two in pairwise(blocks)]
    return first + later


def _chosen_in_house(inputs: PlanInputs, cohorts: tuple[Cohort, ...]) -> tuple[frozenset[str], list[str]]:
    """Return whose wish for an in-house day is granted and whose is not: those at the beginning first."""
    placed = {member.organisation for cohort in cohorts for member in cohort.members}
    wishes = [party for party in inputs.parties if party.in_house and party.key in placed]
    ordered = [p.key for p in sorted(wishes, key=lambda p: (STAGES.index(p.stage), p.unit.population, p.key))]
    most = inputs.rules.in_house_days_max
    return frozenset(ordered[:most]), ordered[most:]


def _in_house_days(inputs: PlanInputs, cohort: Cohort, in_house: frozenset[str]) -> list[Draft]:
    """Return the days on which a place's whole cast goes through the introduction, on its own neighbourhood."""
    return [
        Draft(
            id=f"in-house-{key}",
            kind="in_house",
            cohorts=(cohort.id,),
            block=None,
            modules=(inputs.catalogue.introduction.id,),
            days=1,
            room=at_home(inputs, key),
            attendees=((key, inputs.rules.in_house_persons),),
            staff=inputs.rates.trainers_per_event,
            organisation=key,
            outcome=AGREED_ROLES,
        )
        for key, _ in attendees(cohort)
        if key in in_house
    ]


def _briefing(inputs: PlanInputs, cohort: Cohort) -> list[Draft]:
    """Return the online briefing of those who lead a cohort's organisations."""
    briefings = inputs.briefings(cohort.tier)
    heads = tuple((key, 1) for key, _ in attendees(cohort))
    if not briefings or not heads:
        return []
    return [
        Draft(
            id=f"{cohort.id}-briefing",
            kind="briefing",
            cohorts=(cohort.id,),
            block=None,
            modules=tuple(b.id for b in briefings),
            days=1,
            room=ONLINE,
            attendees=heads,
            staff=1,
            outcome=briefings[-1].outcome,
        )
    ]


# --- electives and peers -----------------------------------------------------------------------------


def _electives(inputs: PlanInputs, cohorts: tuple[Cohort, ...], notes: list[Text]) -> tuple[list[Draft], list[Gap]]:
    cohort_of = {member.organisation: cohort for cohort in cohorts for member in cohort.members}
    wishing = wishes(inputs, frozenset(cohort_of))
    drafts: list[Draft] = []
    gaps: list[Gap] = []
    for module, parties in wishing.items():
        groups = _elective_groups(inputs, module, parties)
        without = [party for party in parties if not any(party in group for group in groups)]
        if without:
            notes.append(_does_not_run(inputs, module, without))
        for number, group in enumerate(groups, start=1):
            draft = _elective(inputs, f"elective-{module}-{number}", module, group, cohort_of)
            drafts.append(draft)
            gaps += [Gap(_before(inputs, cohort, module), draft.id) for cohort in cohorts if cohort.id in draft.cohorts]
    return drafts, gaps


def wishes(inputs: PlanInputs, placed: frozenset[str]) -> dict[str, list[Party]]:
    """Return who wishes which offered elective, as many per person as the tier's programme allows."""
    found: dict[str, list[Party]] = defaultdict(list)
    for party in inputs.parties:
        if party.key in placed:
            offered = [module for module in party.electives if inputs.elective(party.tier, module)]
            for module in offered[: inputs.electives_per_person(party.tier)]:
                found[module].append(party)
    return {module: found[module] for module in sorted(found)}


def _elective_groups(inputs: PlanInputs, module: str, parties: list[Party]) -> list[list[Party]]:
    """Return the groups in which an elective runs: as few as possible, near each other; none below the minimum."""
    persons = sum(party.persons for party in parties)
    most = inputs.modules[module].group.max
    least = inputs.elective_minimum(module, {party.tier for party in parties})
    if persons < least:
        return []
    groups = math.ceil(persons / most)
    if groups == 1:
        return [parties]
    found = _divided(inputs, parties, min(groups, persons // least), most, least)
    without = [party for party in parties if not any(party in group for group in found)]
    while further := _divided(inputs, without, 1, most, least):  # those left may still fill a group of their own
        found += further
        without = [party for party in without if party not in further[0]]
    return found


def _divided(inputs: PlanInputs, parties: list[Party], groups: int, most: int, least: int) -> list[list[Party]]:
    if not parties:
        return []
    load = np.array([party.persons for party in parties])
    km = road_km_matrix([party.unit for party in parties], inputs.rules.detour)
    problem = GroupProblem(load[:, None] * km, load, np.arange(len(parties)), groups, most, least, 1)
    found = group_exactly(problem)
    return [[parties[i] for i in group] for group in found.groups] if found else []


def _elective(inputs: PlanInputs, id_: str, module: str, parties: list[Party], cohort_of: dict[str, Cohort]) -> Draft:
    people = tuple((party.key, party.persons) for party in parties)
    persons = sum(n for _, n in people)
    return Draft(
        id=id_,
        kind="elective",
        cohorts=tuple(sorted({cohort_of[party.key].id for party in parties})),
        block=None,
        modules=(module,),
        days=elective_days(inputs, module, {party.tier for party in parties}),
        room=central_room(inputs, people, persons),
        attendees=people,
        staff=inputs.rates.trainers_per_event,
    )


def elective_days(inputs: PlanInputs, module: str, tiers: set[Tier]) -> int:
    """Return the days of an elective: the longest version among the tiers that attend."""
    places = [inputs.elective(tier, module) for tier in sorted(tiers)]
    return inputs.days(max((place.contact_units for place in places if place), default=0))


def _before(inputs: PlanInputs, cohort: Cohort, module: str) -> str:
    """Return the event after which a cohort can take an elective: the last block it requires, else the introduction."""
    required = set(inputs.modules[module].requires)
    blocks = [b.number for b in inputs.programmes[cohort.tier].blocks if required & set(b.modules)]
    return f"{cohort.id}-block-{max(blocks)}" if blocks else f"{cohort.id}-introduction"


def _does_not_run(inputs: PlanInputs, module: str, parties: list[Party]) -> Text:
    least = inputs.elective_minimum(module, {party.tier for party in parties})
    persons = sum(party.persons for party in parties)
    title = inputs.modules[module].title
    return Text(
        f"Vertiefung „{title.de}“: {persons} Personen wünschen sie und finden keine Gruppe (nötig sind {least}).",
        f"Elective “{title.into('en')}”: {persons} persons wish for it and find no group (it takes {least}).",
    )


def peer_meeting_count(inputs: PlanInputs) -> int:
    """Return how often the districts meet in the calendar: at least as often as in one year."""
    return inputs.rules.district_peer_meetings * max(1, math.floor(inputs.years))


def _peer_meetings(inputs: PlanInputs, cohorts: tuple[Cohort, ...]) -> tuple[list[Draft], list[Gap]]:
    districts = [cohort for cohort in cohorts if cohort.tier == "district"]
    if not districts:
        return [], []
    people = tuple(sorted(entry for cohort in districts for entry in attendees(cohort)))
    count = peer_meeting_count(inputs)
    room = central_room(inputs, people, sum(n for _, n in people)) if count else ONLINE
    drafts = [
        Draft(
            id=f"peer-meeting-{number}",
            kind="peer_meeting",
            cohorts=tuple(cohort.id for cohort in districts),
            block=None,
            modules=(),
            days=1,
            room=room,
            attendees=people,
            staff=inputs.rates.trainers_per_event,
        )
        for number in range(1, count + 1)
    ]
    months = (PEER_MONTHS, 12)
    between = [Gap(one.id, two.id, months=months) for one, two in pairwise(drafts)]
    after = [Gap(f"{cohort.id}-introduction", drafts[0].id) for cohort in districts if drafts]
    return drafts, [*after, *between]
