"""What takes place."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from passgenau.planning.agenda import AGREED_ROLES, IN_HOUSE_WEEKS, elective_days, peer_meeting_count
from passgenau.planning.workdays import add_months
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.check.view import Check, Found, View
    from passgenau.planning.model import Event


def _introduction(view: View) -> Found:
    for cohort in view.plan.cohorts:
        days = view.held(cohort.id, "introduction")
        right = [e for e in days if e.modules == (view.inputs.catalogue.introduction.id,)]
        if len(days) != 1 or len(right) != 1:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id} hat {len(right)} Einführungstage.",
                    f"Cohort {cohort.id} has {len(right)} introduction days.",
                ),
            )


def _basis_complete(view: View) -> Found:
    for cohort in view.plan.cohorts:
        events = view.held(cohort.id, "basis")
        for block in view.inputs.programmes[cohort.tier].blocks:
            held = [e for e in events if e.block == block.number and set(e.modules) == set(block.modules)]
            come = any(view.inputs.attends(view.inputs.party[m.organisation], block.modules) for m in cohort.members)
            if len(held) != (1 if come else 0):
                yield (
                    (cohort.id, f"block {block.number}"),
                    Text(
                        f"Kohorte {cohort.id} hat Block {block.number} mit allen Modulen {len(held)}-mal.",
                        f"Cohort {cohort.id} has block {block.number} with all its modules {len(held)} times.",
                    ),
                )
        known = {block.number for block in view.inputs.programmes[cohort.tier].blocks}
        for event in events:
            if event.block not in known:
                yield (
                    (event.id,),
                    Text(f"{event.id}: kein Block des Programms.", f"{event.id}: no block of the programme."),
                )


def _duration(view: View) -> Found:
    for event in view.plan.events:
        wanted = _wanted_days(view, event)
        if event.days != wanted:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: {event.days} Tage statt {wanted}.",
                    f"{event.id}: {event.days} days instead of {wanted}.",
                ),
            )
        units, most = _units(view, event), event.days * view.inputs.catalogue.units_per_day
        if units > most + 1e-9:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: {units:g} Unterrichtseinheiten, an {event.days} Tagen höchstens {most:g}.",
                    f"{event.id}: {units:g} contact units, on {event.days} days at most {most:g}.",
                ),
            )


def _units(view: View, event: Event) -> float:
    """Return the contact units of everything that an event holds, for the tier with the longest versions."""
    catalogue = view.inputs.catalogue
    fixed = {catalogue.introduction.id: sum(float(part.units) for part in catalogue.introduction.parts)}
    fixed |= {b.id: b.minutes / catalogue.unit_minutes for b in catalogue.briefings}
    tiers = {cohort.tier for cohort in view.plan.cohorts if cohort.id in event.cohorts}
    places = [p for t in tiers for p in (*view.inputs.programmes[t].basis, *view.inputs.programmes[t].electives)]
    return sum(
        fixed.get(module, max((p.contact_units for p in places if p.module == module), default=0.0))
        for module in event.modules
    )


def _wanted_days(view: View, event: Event) -> int:
    tiers = {cohort.tier for cohort in view.plan.cohorts if cohort.id in event.cohorts}
    if event.kind == "elective":
        return sum(elective_days(view.inputs, module, tiers) for module in event.modules)
    if event.kind == "basis":
        units = [
            place.contact_units
            for tier in tiers
            for place in view.inputs.programmes[tier].basis
            if place.module in event.modules
        ]
        return view.inputs.days(sum(units))
    return 1


def _block_order(view: View) -> Found:
    least, most = view.inputs.rules.weeks_after_introduction
    for cohort in view.plan.cohorts:
        blocks = sorted(view.held(cohort.id, "basis"), key=lambda e: e.block or 0)
        for one, two in pairwise(blocks):
            if two.start <= one.end:
                yield (
                    (one.id, two.id),
                    Text(f"{two.id} beginnt vor dem Ende von {one.id}.", f"{two.id} starts before {one.id} ends."),
                )
        for introduction in view.held(cohort.id, "introduction")[:1] if blocks else ():
            weeks = (blocks[0].start - introduction.end).days / 7
            if weeks <= 0 or not least <= weeks <= most:
                yield (
                    (introduction.id, blocks[0].id),
                    Text(
                        f"{weeks:.1f} Wochen vom Einführungstag bis {blocks[0].id}; vereinbart: {least} bis {most}.",
                        f"{weeks:.1f} weeks from the introduction day to {blocks[0].id}; agreed: {least} to {most}.",
                    ),
                )


def _block_gap(view: View) -> Found:
    least, most = view.inputs.rules.months_between_blocks
    for cohort in view.plan.cohorts:
        for one, two in pairwise(sorted(view.held(cohort.id, "basis"), key=lambda e: e.block or 0)):
            if not add_months(one.end, least) <= two.start <= add_months(one.end, most):
                yield (
                    (one.id, two.id),
                    Text(
                        f"{one.id} endet {one.end}, {two.id} beginnt {two.start}: nicht {least} bis {most} Monate.",
                        f"{one.id} ends on {one.end}, {two.id} starts on {two.start}: not {least} to {most} months.",
                    ),
                )


def _electives(view: View) -> Found:
    cohort_of = {m.organisation: cohort for cohort in view.plan.cohorts for m in cohort.members}
    wished = _wished(view, set(cohort_of))
    taken: Counter[tuple[str, str]] = Counter()
    for event in (e for e in view.plan.events if e.kind == "elective"):
        for module in event.modules:
            if module not in view.inputs.modules:
                yield (
                    (event.id, module),
                    Text(f"{event.id}: {module} ist keine Vertiefung.", f"{event.id}: no elective."),
                )
                continue
            yield from _elective_size(view, event, module)
            yield from _elective_after(view, event, module)
            for key, _ in event.attendees:
                taken[module, key] += 1
                if (module, key) not in wished or taken[module, key] > 1:
                    yield (
                        (event.id, key),
                        Text(
                            f"{event.id}: {view.inputs.units[key].label} hat sie nicht oder nur einmal gewünscht.",
                            f"{event.id}: {view.inputs.units[key].label} has not, or only once, wished for it.",
                        ),
                    )
    yield from _elective_forgotten(view, wished, taken)


def _wished(view: View, placed: set[str]) -> set[tuple[str, str]]:
    """Return (module, organisation) for every wish that counts: offered, and within the electives per person."""
    found: set[tuple[str, str]] = set()
    for party in (view.inputs.party[key] for key in placed):
        programme = view.inputs.programmes[party.tier]
        offered = [module for module in party.electives if module in {p.module for p in programme.electives}]
        most = next((r.electives_per_person for r in view.inputs.programme_rules if r.tier == party.tier), None)
        found |= {(module, party.key) for module in offered[:most]}
    return found


def _elective_forgotten(view: View, wished: set[tuple[str, str]], taken: Counter[tuple[str, str]]) -> Found:
    """Yield every elective that so many wish in vain that a further group could run."""
    for module in sorted({module for module, _ in wished}):
        everybody = [view.inputs.party[key] for wish, key in sorted(wished) if wish == module]
        waiting = [party.persons for party in everybody if not taken[module, party.key]]
        least = view.inputs.elective_minimum(module, {party.tier for party in everybody})
        sums = {0}
        for persons in waiting:
            sums |= {known + persons for known in sums}
        if any(least <= total <= view.inputs.modules[module].group.max for total in sums - {0}):
            yield (
                (module,),
                Text(
                    f"{module}: {sum(waiting)} Personen wünschen die Vertiefung und haben keinen Termin; "
                    f"sie findet ab {least} statt.",
                    f"{module}: {sum(waiting)} persons wish for the elective and have no event; it runs from {least}.",
                ),
            )


def _elective_size(view: View, event: Event, module: str) -> Found:
    tiers = {cohort.tier for cohort in view.plan.cohorts if cohort.id in event.cohorts}
    least, most = view.inputs.elective_minimum(module, tiers), view.inputs.modules[module].group.max
    persons = sum(count for _, count in event.attendees)
    if not least <= persons <= most:
        yield (
            (event.id,),
            Text(
                f"{event.id}: {persons} Personen statt {least} bis {most}.",
                f"{event.id}: {persons} persons instead of {least} to {most}.",
            ),
        )


def _elective_after(view: View, event: Event, module: str) -> Found:
    required = set(view.inputs.modules[module].requires)
    for cohort in event.cohorts:
        before = [e for e in view.held(cohort, "basis") if required & set(e.modules)]
        for earlier in [*view.held(cohort, "introduction"), *before]:
            if earlier.end >= event.start:
                yield (
                    (event.id, earlier.id),
                    Text(f"{event.id} liegt nicht nach {earlier.id}.", f"{event.id} is not after {earlier.id}."),
                )


def _in_house(view: View) -> Found:
    events = [e for e in view.plan.events if e.kind == "in_house"]
    most = view.inputs.rules.in_house_days_max
    days = sum(event.days for event in events)
    if days > most:
        yield (), Text(f"{days} Inhouse-Tage, höchstens {most}.", f"{days} in-house days, {most} at most.")
    seen: Counter[str] = Counter()
    for event in events:
        seen[event.organisation] += 1
        party = view.inputs.party.get(event.organisation)
        before = [e for cohort in event.cohorts for e in view.held(cohort, "introduction")]
        blocks = [e for cohort in event.cohorts for e in view.held(cohort, "basis")[:1]]
        early = event.start - dt.timedelta(weeks=IN_HOUSE_WEEKS)
        content = (view.inputs.catalogue.introduction.id,)
        people = ((event.organisation, view.inputs.rules.in_house_persons),)
        faults = (
            (party is None or not party.in_house, "nicht gewünscht", "not asked for"),
            (seen[event.organisation] > 1, "mehr als ein Tag", "more than one day"),
            (event.place != event.organisation, "nicht vor Ort", "not on the spot"),
            (event.outcome != AGREED_ROLES, "ohne vereinbarte Rollen am Ende", "without agreed roles at the end"),
            (event.modules != content, "nicht der Einführungstag allein", "not the introduction alone"),
            (event.attendees != people, "nicht in_house_persons Personen", "not in_house_persons persons"),
            (any(e.end > early for e in before), "zu früh nach dem Einführungstag", "too soon after the introduction"),
            (any(e.end >= event.start for e in blocks), "nicht nach dem ersten Block", "not after the first block"),
        )
        for wrong, de, en in faults:
            if wrong:
                yield (event.id,), Text(f"{event.id}: {de}.", f"{event.id}: {en}.")


def _briefing(view: View) -> Found:
    for cohort in view.plan.cohorts:
        wanted = {briefing.id for briefing in view.inputs.briefings(cohort.tier)}
        events = [*view.held(cohort.id, "in_house"), *view.held(cohort.id, "briefing")]
        for member in cohort.members:
            given = [
                e
                for e in events
                if wanted <= set(e.modules) and any(key == member.organisation for key, _ in e.attendees)
            ]
            if wanted and not given:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"{member.label}: kein Kurztermin für die Spitze.",
                        f"{member.label}: no briefing for the leadership.",
                    ),
                )


def _peer_meeting(view: View) -> Found:
    districts = sorted(cohort.id for cohort in view.plan.cohorts if cohort.tier == "district")
    wanted = peer_meeting_count(view.inputs) if districts else 0
    complete = [e for e in view.plan.events if e.kind == "peer_meeting" and sorted(e.cohorts) == districts]
    if len(complete) != wanted:
        yield (
            (),
            Text(
                f"{len(complete)} Treffen aller Gruppen dieser Ebene statt {wanted}.",
                f"{len(complete)} meetings of all groups of this tier instead of {wanted}.",
            ),
        )


def _attendance(view: View) -> Found:
    cohorts = {cohort.id: cohort for cohort in view.plan.cohorts}
    for event in view.plan.events:
        members = {m.organisation: m.persons for id_ in event.cohorts for m in cohorts[id_].members}
        counted = sum(count for _, count in event.attendees)
        right = set(members) >= {key for key, _ in event.attendees}
        if event.kind in {"introduction", "basis", "peer_meeting"}:
            come = (key for key in members if view.inputs.attends(view.inputs.party[key], event.modules))
            right = {(key, members[key]) for key in come} == set(event.attendees)
        if event.kind == "elective":
            right = set(members.items()) >= set(event.attendees)
        if event.kind == "briefing":
            right = right and all(count == 1 for _, count in event.attendees)
        if len({key for key, _ in event.attendees}) < len(event.attendees):
            right = False
        if counted != event.persons or not right:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: Die Personen ({event.persons}) sind nicht die der Kohorten ({counted}).",
                    f"{event.id}: the persons ({event.persons}) are not those of the cohorts ({counted}).",
                ),
            )


CHECKS: dict[str, Check] = {
    "introduction": _introduction,
    "basis_complete": _basis_complete,
    "duration": _duration,
    "block_order": _block_order,
    "block_gap": _block_gap,
    "electives": _electives,
    "in_house": _in_house,
    "briefing": _briefing,
    "peer_meeting": _peer_meeting,
    "attendance": _attendance,
}
