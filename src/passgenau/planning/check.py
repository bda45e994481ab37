"""The independent check: every rule recomputed from the plan, without anything of the solver.

It serves plans made here and plans edited by hand alike. Each rule of `rules.RULES` has one function
that yields what breaks it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from passgenau.planning.agenda import AGREED_ROLES, elective_days, peer_meeting_count, wishes
from passgenau.planning.costs import costs_of, event_cost, travel_of
from passgenau.planning.dates import ANY_TRAINER, days_per_trainer
from passgenau.planning.model import Violation
from passgenau.planning.rooms import RENTED
from passgenau.planning.workdays import add_months, holidays_of, span, weekday
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.inputs import PlanInputs
    from passgenau.planning.model import Cohort, Event, EventKind, Plan

Found: TypeAlias = Iterator[tuple[tuple[str, ...], Text]]
"""What breaks a rule: its subjects and a sentence."""

CENT = 0.015
METRE = 1e-3


def check(plan: Plan, inputs: PlanInputs) -> tuple[Violation, ...]:
    """Recompute every rule from a plan.

    Parameters
    ----------
    plan
        A plan of any origin: made by `plan`, or edited by hand.
    inputs
        The inputs that it is to be judged by.

    Returns
    -------
    tuple of Violation
        In the order of `RULES`; empty for a plan that keeps them all. References to unknown
        organisations, cohorts or trainers are reported first, alone: nothing else can be judged.
    """
    unknown = tuple(_unknown(plan, inputs))
    if unknown:
        return unknown
    view = _View(plan, inputs)
    return tuple(
        Violation(rule, subjects, message) for rule, find in CHECKS.items() for subjects, message in find(view)
    )


class _View:
    """A plan beside its inputs, with its events by cohort and by day."""

    def __init__(self, plan: Plan, inputs: PlanInputs) -> None:
        self.plan = plan
        self.inputs = inputs
        self._held: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in sorted(plan.events, key=lambda e: (e.start, e.id)):
            for cohort in event.cohorts:
                self._held[cohort, event.kind].append(event)

    def held(self, cohort: str, kind: EventKind) -> list[Event]:
        """Return the events of a kind that a cohort takes part in, by date."""
        return self._held[cohort, kind]

    def days(self) -> Iterator[tuple[Event, dt.date]]:
        """Yield every day of every event."""
        for event in self.plan.events:
            for day in span(event.start, event.days):
                yield event, day


def _unknown(plan: Plan, inputs: PlanInputs) -> Iterator[Violation]:
    """Yield every reference of the plan that leads nowhere."""
    cohorts = {cohort.id for cohort in plan.cohorts}
    references: list[tuple[str, str, str, bool]] = [
        ("everybody", cohort.id, member.organisation, member.organisation in inputs.party)
        for cohort in plan.cohorts
        for member in cohort.members
    ]
    references += [("one_tier", cohort.id, cohort.tier, cohort.tier in inputs.programmes) for cohort in plan.cohorts]
    taught = {*inputs.modules, inputs.catalogue.introduction.id, *(b.id for b in inputs.catalogue.briefings)}
    for event in plan.events:
        references += [("basis_complete", event.id, module, module in taught) for module in event.modules]
        references += [("attendance", event.id, name, name in cohorts) for name in event.cohorts]
        references += [("attendance", event.id, key, key in inputs.party) for key, _ in event.attendees]
        references += [
            ("trainer_qualified", event.id, trainer, trainer in inputs.staff or _is_any(trainer, inputs))
            for trainer in event.trainers
        ]
        if event.format != "online":
            references.append(("venue_known", event.id, event.place, event.place in inputs.units))
    for rule, subject, value, known in references:
        if not known:
            yield _strange(rule, subject, value)


def _strange(rule: str, subject: str, value: str) -> Violation:
    return Violation(
        rule, (subject, value), Text(f"{subject}: {value!r} ist nicht bekannt.", f"{subject}: {value!r} is not known.")
    )


def _is_any(trainer: str, inputs: PlanInputs) -> bool:
    return inputs.scenario == "state" and trainer.startswith(ANY_TRAINER)


# --- who learns with whom ----------------------------------------------------------------------------


def _everybody(view: _View) -> Found:
    seen = Counter(m.organisation for cohort in view.plan.cohorts for m in cohort.members)
    listed = {key for key, _ in view.plan.unplaced}
    for party in view.inputs.parties:
        times = seen[party.key] + (party.key in listed)
        if times != 1:
            yield (
                (party.key,),
                Text(
                    f"{party.unit.label} kommt {times}-mal vor (Kohorten und Liste der nicht Untergebrachten).",
                    f"{party.unit.label} occurs {times} times (cohorts and list of those not placed).",
                ),
            )
    for cohort in view.plan.cohorts:
        for member in cohort.members:
            wanted = view.inputs.party[member.organisation].persons
            if member.persons != wanted:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"{member.label}: {member.persons} Personen statt {wanted} angemeldeter.",
                        f"{member.label}: {member.persons} persons instead of {wanted} registered.",
                    ),
                )


def _one_tier(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        for member in cohort.members:
            if view.inputs.party[member.organisation].tier != cohort.tier:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"Kohorte {cohort.id}: {member.label} gehört zur anderen Ebene.",
                        f"Cohort {cohort.id}: {member.label} belongs to the other tier.",
                    ),
                )


def _capacity(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        persons, most = _persons(cohort), view.inputs.capacity(cohort.tier)
        if persons > most:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: {persons} Personen, höchstens {most}.",
                    f"Cohort {cohort.id}: {persons} persons, {most} at most.",
                ),
            )


def _group_minimum(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        persons, least = _persons(cohort), view.inputs.smallest_group(cohort.tier)
        if persons < least:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: {persons} Personen, mindestens {least}.",
                    f"Cohort {cohort.id}: {persons} persons, {least} at least.",
                ),
            )


def _persons(cohort: Cohort) -> int:
    return sum(member.persons for member in cohort.members)


def _organisations_min(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        if len(cohort.members) < view.inputs.rules.organisations_min:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: {len(cohort.members)} Kommunen, mindestens "
                    f"{view.inputs.rules.organisations_min}.",
                    f"Cohort {cohort.id}: {len(cohort.members)} organisations, "
                    f"{view.inputs.rules.organisations_min} at least.",
                ),
            )


def _cohort_count(view: _View) -> Found:
    least, most = view.inputs.rules.cohorts_min, view.inputs.rules.cohorts_max
    if view.inputs.scenario == "pilot" and not least <= len(view.plan.cohorts) <= most:
        yield (
            (),
            Text(
                f"{len(view.plan.cohorts)} Kohorten statt {least} bis {most}.",
                f"{len(view.plan.cohorts)} cohorts instead of {least} to {most}.",
            ),
        )


def _joint(view: _View) -> Found:
    cohorts: dict[tuple[str, str], set[str]] = defaultdict(set)
    waiting = {key for key, _ in view.plan.unplaced}
    home = {m.organisation: cohort.id for cohort in view.plan.cohorts for m in cohort.members}
    for party in view.inputs.parties:
        if party.joint:
            cohorts[party.joint, party.tier].add("" if party.key in waiting else home.get(party.key, ""))
    for (name, _), found in cohorts.items():
        if len(found) > 1:
            yield (
                (name, *sorted(found)),
                Text(
                    f"„{name}“ ist getrennt: {', '.join(sorted(found)) or '–'}.",
                    f"“{name}” is split: {', '.join(sorted(found)) or '–'}.",
                ),
            )


def _seat(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        if cohort.seat not in {member.organisation for member in cohort.members}:
            yield (
                (cohort.id, cohort.seat),
                Text(
                    f"Kohorte {cohort.id}: {cohort.seat_label} ist kein Mitglied.",
                    f"Cohort {cohort.id}: {cohort.seat_label} is no member.",
                ),
            )


def _distance(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        for member in cohort.members:
            km = view.inputs.km(member.organisation, cohort.seat) if cohort.seat in view.inputs.units else member.km
            if abs(km - member.km) > METRE:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"{member.label}: {member.km:.1f} km genannt, {km:.1f} km gerechnet.",
                        f"{member.label}: {member.km:.1f} km stated, {km:.1f} km computed.",
                    ),
                )


# --- what takes place --------------------------------------------------------------------------------


def _introduction(view: _View) -> Found:
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


def _basis_complete(view: _View) -> Found:
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


def _duration(view: _View) -> Found:
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


def _wanted_days(view: _View, event: Event) -> int:
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


def _block_order(view: _View) -> Found:
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


def _block_gap(view: _View) -> Found:
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


def _electives(view: _View) -> Found:
    cohort_of = {m.organisation: cohort for cohort in view.plan.cohorts for m in cohort.members}
    wished = {(module, p.key) for module, parties in wishes(view.inputs, frozenset(cohort_of)).items() for p in parties}
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


def _elective_size(view: _View, event: Event, module: str) -> Found:
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


def _elective_after(view: _View, event: Event, module: str) -> Found:
    required = set(view.inputs.modules[module].requires)
    for cohort in event.cohorts:
        before = [e for e in view.held(cohort, "basis") if required & set(e.modules)]
        for earlier in [*view.held(cohort, "introduction"), *before]:
            if earlier.end >= event.start:
                yield (
                    (event.id, earlier.id),
                    Text(f"{event.id} liegt nicht nach {earlier.id}.", f"{event.id} is not after {earlier.id}."),
                )


def _in_house(view: _View) -> Found:
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
        faults = (
            (party is None or not party.in_house, "nicht gewünscht", "not asked for"),
            (seen[event.organisation] > 1, "mehr als ein Tag", "more than one day"),
            (event.place != event.organisation, "nicht vor Ort", "not on the spot"),
            (event.outcome != AGREED_ROLES, "ohne vereinbarte Rollen am Ende", "without agreed roles at the end"),
            (any(e.end >= event.start for e in before), "nicht nach dem Einführungstag", "not after the introduction"),
        )
        for wrong, de, en in faults:
            if wrong:
                yield (event.id,), Text(f"{event.id}: {de}.", f"{event.id}: {en}.")


def _briefing(view: _View) -> Found:
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


def _peer_meeting(view: _View) -> Found:
    districts = sorted(cohort.id for cohort in view.plan.cohorts if cohort.tier == "district")
    wanted = peer_meeting_count(view.inputs) if districts else 0
    complete = [e for e in view.plan.events if e.kind == "peer_meeting" and sorted(e.cohorts) == districts]
    if len(complete) != wanted:
        yield (
            (),
            Text(
                f"{len(complete)} Treffen aller Landkreise statt {wanted}.",
                f"{len(complete)} meetings of all districts instead of {wanted}.",
            ),
        )


def _attendance(view: _View) -> Found:
    cohorts = {cohort.id: cohort for cohort in view.plan.cohorts}
    for event in view.plan.events:
        members = {m.organisation: m.persons for id_ in event.cohorts for m in cohorts[id_].members}
        counted = sum(count for _, count in event.attendees)
        right = set(members) >= {key for key, _ in event.attendees}
        if event.kind in {"introduction", "basis", "peer_meeting"}:
            come = (key for key in members if view.inputs.attends(view.inputs.party[key], event.modules))
            right = {(key, members[key]) for key in come} == set(event.attendees)
        if counted != event.persons or not right:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: Die Personen ({event.persons}) sind nicht die der Kohorten ({counted}).",
                    f"{event.id}: the persons ({event.persons}) are not those of the cohorts ({counted}).",
                ),
            )


# --- when ----------------------------------------------------------------------------------------------


def _calendar(view: _View) -> Found:
    first, last = view.inputs.calendar.start, view.inputs.calendar.end
    for event in view.plan.events:
        if event.start < first or event.end > last or event.end < event.start:
            yield (
                (event.id,),
                Text(
                    f"{event.id} ({event.start} bis {event.end}) liegt nicht zwischen {first} und {last}.",
                    f"{event.id} ({event.start} to {event.end}) is not between {first} and {last}.",
                ),
            )


def _holidays(view: _View) -> Found:
    days = holidays_of(view.inputs.calendar)
    yield from _bad_days(view, lambda _, day: day in days, "gesetzlicher Feiertag", "public holiday")


def _closed(view: _View) -> Found:
    for period in view.inputs.calendar.closed:
        yield from _bad_days(
            view,
            lambda _, day, period=period: period.start <= day <= period.end,  # type: ignore[misc]
            period.name.de,
            period.name.into("en"),
        )


def _weekdays(view: _View) -> Found:
    allowed = view.inputs.rules.weekdays
    yield from _bad_days(
        view, lambda _, day: weekday(day) not in allowed, "kein vereinbarter Wochentag", "no agreed weekday"
    )


def _member_days(view: _View) -> Found:
    def away(event: Event, day: dt.date) -> bool:
        return any(day in view.inputs.party[key].unavailable for key, _ in event.attendees)

    yield from _bad_days(view, away, "ein Mitglied ist verhindert", "a member is unavailable")


def _bad_days(view: _View, bad: Callable[[Event, dt.date], bool], de: str, en: str) -> Found:
    for event, day in view.days():
        if bad(event, day):
            yield (event.id, day.isoformat()), Text(f"{event.id} am {day}: {de}.", f"{event.id} on {day}: {en}.")


def _twice(entries: Iterable[tuple[str, Event, dt.date]]) -> Found:
    """Yield what is due at two events on one day; `entries` name it, the event and the day."""
    seen: dict[tuple[str, dt.date], Event] = {}
    for name, event, day in entries:
        other = seen.setdefault((name, day), event)
        if other.id != event.id:
            yield (
                (name, other.id, event.id),
                Text(
                    f"{name} am {day}: zugleich {other.id} und {event.id}.",
                    f"{name} on {day}: {other.id} and {event.id} at once.",
                ),
            )


def _persons_once(view: _View) -> Found:
    yield from _twice(
        (key, event, day) for event, day in view.days() if event.kind != "briefing" for key, _ in event.attendees
    )


def _max_parallel(view: _View) -> Found:
    most = view.inputs.rules.max_parallel
    counts = Counter(day for _, day in view.days()) if most is not None and view.inputs.scenario == "pilot" else {}
    for day, count in sorted(counts.items()):
        if most is not None and count > most:
            yield (
                (day.isoformat(),),
                Text(f"{count} Termine am {day}, höchstens {most}.", f"{count} events on {day}, {most} at most."),
            )


# --- where ---------------------------------------------------------------------------------------------


def _venue_known(view: _View) -> Found:
    for event in view.plan.events:
        if not _has_place(view, event):
            yield (
                (event.id, event.venue),
                Text(
                    f"{event.id}: {event.venue_label!r} ist weder ein genannter Raum noch bei einem Gastgeber.",
                    f"{event.id}: {event.venue_label!r} is neither a listed venue nor with a host.",
                ),
            )


def _has_place(view: _View, event: Event) -> bool:
    if event.format == "online":
        return event.venue == "" and event.kind == "briefing"
    if event.kind == "in_house":
        return event.venue == event.place == event.organisation
    if event.venue in view.inputs.listed:
        return event.place == view.inputs.listed[event.venue].organisation
    if event.venue.startswith(RENTED):
        return view.inputs.scenario == "state" and event.venue == f"{RENTED}{event.place}"
    host = view.inputs.party.get(event.venue)
    member = any(m.organisation == event.venue for c in view.plan.cohorts if c.id in event.cohorts for m in c.members)
    return host is not None and host.can_host and member and event.place == event.venue


def _venue_seats(view: _View) -> Found:
    for event in view.plan.events:
        venue = view.inputs.listed.get(event.venue)
        seats = venue.seats if venue else view.inputs.venues.member_seats
        own = event.kind == "in_house" or event.venue.startswith(RENTED) or event.format == "online"
        if not own and event.persons > seats:
            yield (
                (event.id, event.venue),
                Text(
                    f"{event.id}: {event.persons} Personen, {seats} Plätze.",
                    f"{event.id}: {event.persons} persons, {seats} seats.",
                ),
            )


def _venue_open(view: _View) -> Found:
    def shut(event: Event, day: dt.date) -> bool:
        venue = view.inputs.listed.get(event.venue)
        return venue is not None and (day in venue.closed or weekday(day) not in venue.weekdays)

    yield from _bad_days(view, shut, "der Raum ist geschlossen", "the venue is closed")


def _venue_once(view: _View) -> Found:
    yield from _twice((event.venue, event, day) for event, day in view.days() if event.format != "online")


def _rotation(view: _View) -> Found:
    for cohort in view.plan.cohorts:
        events = [*view.held(cohort.id, "introduction"), *view.held(cohort.id, "basis")]
        hosts = {m.organisation for m in cohort.members if view.inputs.party[m.organisation].can_host}
        if view.inputs.venues.member_seats < _persons(cohort):
            continue
        hosted = Counter(dict.fromkeys(hosts, 0))
        hosted.update(event.venue for event in events if event.venue in hosts)
        if hosted and max(hosted.values()) - min(hosted.values()) > 1:
            often = max(sorted(hosted), key=lambda host: hosted[host])
            name = view.inputs.units[often].label
            yield (
                (cohort.id, often),
                Text(
                    f"Kohorte {cohort.id}: {name} lädt {hosted[often]}-mal ein, andere deutlich seltener.",
                    f"Cohort {cohort.id}: {name} hosts {hosted[often]} times, others far less often.",
                ),
            )


# --- with whom -----------------------------------------------------------------------------------------


def _trainer_number(view: _View) -> Found:
    for event in view.plan.events:
        wanted = 1 if event.kind == "briefing" else view.inputs.rates.trainers_per_event
        if len(set(event.trainers)) != wanted or len(event.trainers) != wanted:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: {len(set(event.trainers))} Leitende statt {wanted}.",
                    f"{event.id}: {len(set(event.trainers))} trainers instead of {wanted}.",
                ),
            )


def _trainer_qualified(view: _View) -> Found:
    for event in view.plan.events:
        listed = [view.inputs.staff[t] for t in event.trainers if t in view.inputs.staff]
        if len(listed) < len(event.trainers):
            continue  # trainers still to be found are sought for what the event needs
        for module in event.modules:
            if not any(view.inputs.teaches(trainer, module) for trainer in listed):
                yield (
                    (event.id, module),
                    Text(f"{event.id}: niemand unterrichtet {module}.", f"{event.id}: nobody teaches {module}."),
                )
        for trainer in listed:
            if event.modules and not any(view.inputs.teaches(trainer, module) for module in event.modules):
                yield (
                    (event.id, trainer.id),
                    Text(
                        f"{event.id}: {trainer.name} unterrichtet keines der Module.",
                        f"{event.id}: {trainer.name} teaches none of the modules.",
                    ),
                )


def _trainer_once(view: _View) -> Found:
    yield from _twice((trainer, event, day) for event, day in view.days() for trainer in event.trainers)


def _trainer_free(view: _View) -> Found:
    def away(event: Event, day: dt.date) -> bool:
        listed = [view.inputs.staff[t] for t in event.trainers if t in view.inputs.staff]
        return any(day in trainer.unavailable or weekday(day) not in trainer.weekdays for trainer in listed)

    yield from _bad_days(view, away, "eine Leitung hat keine Zeit", "a trainer has no time")


def _trainer_days(view: _View) -> Found:
    used: Counter[tuple[str, int]] = Counter()
    for event in view.plan.events:
        for trainer in event.trainers:
            used[trainer, event.start.year] += event.days
    for (trainer, year), days in sorted(used.items()):
        known = view.inputs.staff.get(trainer)
        most = known.days_per_year if known else days_per_trainer(view.inputs)
        if days > most:
            yield (
                (trainer, str(year)),
                Text(
                    f"{trainer}: {days} Tage im Jahr {year}, höchstens {most}.",
                    f"{trainer}: {days} days in {year}, {most} at most.",
                ),
            )


# --- what it costs -------------------------------------------------------------------------------------


def _costs(view: _View) -> Found:
    for event in view.plan.events:
        again = event_cost(view.inputs, event).total
        if abs(again - event.cost) > CENT:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: {event.cost:.2f} € genannt, {again:.2f} € gerechnet.",
                    f"{event.id}: €{event.cost:.2f} stated, €{again:.2f} computed.",
                ),
            )
    again_total = costs_of(view.inputs, view.plan.cohorts, view.plan.events)[0].total
    sums = {
        "lines": sum(line[2] for line in view.plan.costs.lines),
        "organisations": sum(share.euros for share in view.plan.organisations),
        "recomputed": again_total,
    }
    for name, amount in sums.items():
        if abs(amount - view.plan.costs.total) > max(CENT, 1e-9 * abs(amount)):
            yield (
                (name,),
                Text(
                    f"Summe {view.plan.costs.total:.2f} €, nachgerechnet ({name}) {amount:.2f} €.",
                    f"Total €{view.plan.costs.total:.2f}, computed again ({name}) €{amount:.2f}.",
                ),
            )


def _travel(view: _View) -> Found:
    again = travel_of(view.inputs, view.plan.events)
    stated = view.plan.travel
    for name in ("median", "p90", "max"):
        if abs(getattr(again, name) - getattr(stated, name)) > METRE:
            yield (
                (name,),
                Text(
                    f"Wege ({name}): {getattr(stated, name):.1f} km genannt, {getattr(again, name):.1f} km gerechnet.",
                    f"Travel ({name}): {getattr(stated, name):.1f} km stated, {getattr(again, name):.1f} km computed.",
                ),
            )


CHECKS: dict[str, Callable[[_View], Found]] = {
    "everybody": _everybody,
    "one_tier": _one_tier,
    "capacity": _capacity,
    "group_minimum": _group_minimum,
    "organisations_min": _organisations_min,
    "cohort_count": _cohort_count,
    "joint": _joint,
    "seat": _seat,
    "distance": _distance,
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
    "calendar": _calendar,
    "holidays": _holidays,
    "closed": _closed,
    "weekdays": _weekdays,
    "member_days": _member_days,
    "persons_once": _persons_once,
    "max_parallel": _max_parallel,
    "venue_known": _venue_known,
    "venue_seats": _venue_seats,
    "venue_open": _venue_open,
    "venue_once": _venue_once,
    "rotation": _rotation,
    "trainer_number": _trainer_number,
    "trainer_qualified": _trainer_qualified,
    "trainer_once": _trainer_once,
    "trainer_free": _trainer_free,
    "trainer_days": _trainer_days,
    "costs": _costs,
    "travel": _travel,
}
