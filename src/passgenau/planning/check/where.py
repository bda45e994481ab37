"""Where it takes place."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from typing import TYPE_CHECKING

from passgenau.planning.rooms import RENTED
from passgenau.planning.workdays import weekday
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.check.view import Check, Found, View
    from passgenau.planning.model import Cohort, Event

from passgenau.planning.check.view import bad_days, persons_of, twice

METRE = 1e-3


def _venue_known(view: View) -> Found:
    for event in view.plan.events:
        if not _has_place(view, event):
            yield (
                (event.id, event.venue),
                Text(
                    f"{event.id}: {event.venue_label!r} ist weder ein genannter Raum noch bei einem Gastgeber.",
                    f"{event.id}: {event.venue_label!r} is neither a listed venue nor with a host.",
                ),
            )


def _has_place(view: View, event: Event) -> bool:
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


def _venue_seats(view: View) -> Found:
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


def _venue_open(view: View) -> Found:
    def shut(event: Event, day: dt.date) -> bool:
        venue = view.inputs.listed.get(event.venue)
        return venue is not None and (day in venue.closed or weekday(day) not in venue.weekdays)

    yield from bad_days(view, shut, "der Raum ist geschlossen", "the venue is closed")


def _venue_once(view: View) -> Found:
    yield from twice((event.venue, event, day) for event, day in view.days() if event.format != "online")


def _rotation(view: View) -> Found:
    for cohort in view.plan.cohorts:
        events = [*view.held(cohort.id, "introduction"), *view.held(cohort.id, "basis")]
        enough = view.inputs.venues.member_seats >= persons_of(cohort)
        hosts = {m.organisation for m in cohort.members if enough and view.inputs.party[m.organisation].can_host}
        if not hosts:
            yield from _nearest(view, cohort, events)
            continue
        places = hosts if len(hosts) > 1 else hosts | _near(view, cohort)
        used = Counter(dict.fromkeys(places, 0))
        used.update(event.venue for event in events if event.venue in places)
        often = max(sorted(used), key=lambda place: used[place])
        if used[often] - min(used.values()) > 1:
            yield (
                (cohort.id, often),
                Text(
                    f"Kohorte {cohort.id}: {used[often]} Termine in {often}, an anderen Orten deutlich weniger.",
                    f"Cohort {cohort.id}: {used[often]} events at {often}, far fewer elsewhere.",
                ),
            )
        if events and not any(event.venue in places for event in events):
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: kein Termin bei einem Mitglied, obwohl Mitglieder einladen können.",
                    f"Cohort {cohort.id}: no event with a member, though members can host.",
                ),
            )


def _near(view: View, cohort: Cohort) -> set[str]:
    """Return the listed venues that hold a cohort, no further from its seat than its furthest member."""
    radius = max(view.km(m.organisation, cohort.seat) for m in cohort.members) + METRE
    large = [v for v in view.inputs.venues.venues if v.seats >= persons_of(cohort)]
    return {v.id for v in large if view.km(cohort.seat, v.organisation) <= radius}


def _nearest(view: View, cohort: Cohort, events: list[Event]) -> Found:
    """Yield every event of a cohort without a host that is not in the listed venue with the shortest ways."""

    def ways(place: str) -> float:
        return sum(m.persons * view.km(m.organisation, place) for m in cohort.members)

    large = [v for v in view.inputs.venues.venues if v.seats >= persons_of(cohort)]
    shortest = min((ways(v.organisation) for v in large), default=math.inf)
    for event in events:
        if event.place in view.inputs.units and ways(event.place) > shortest + METRE:
            yield (
                (cohort.id, event.id),
                Text(
                    f"{event.id}: Ein anderer genannter Raum liegt näher als {event.venue_label}.",
                    f"{event.id}: another listed venue lies nearer than {event.venue_label}.",
                ),
            )


CHECKS: dict[str, Check] = {
    "venue_known": _venue_known,
    "venue_seats": _venue_seats,
    "venue_open": _venue_open,
    "venue_once": _venue_once,
    "rotation": _rotation,
}
