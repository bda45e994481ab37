"""Rooms: members host in turn, listed venues step in, and larger events go where ways are short."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.errors import InfeasibleError
from passgenau.planning.rules import RULES
from passgenau.planning.workdays import WEEKDAYS
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.planning.inputs import PlanInputs
    from passgenau.planning.model import Cohort
    from passgenau.planning.resources import Venue, Weekday

Attendees = tuple[tuple[str, int], ...]
"""(organisation, persons), in the order of the keys."""

RENTED = "rented-"  # opens the id of a room that is rented for one event


@dataclass(frozen=True, slots=True)
class Room:
    """Where an event takes place."""

    venue: str  # as `Event.venue`
    label: str
    place: str  # as `Event.place`
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    closed: frozenset[dt.date] = frozenset()


ONLINE = Room("", "online", "")


def rotation(inputs: PlanInputs, cohort: Cohort, events: int) -> list[Room]:
    """Return the rooms of a cohort's events in turn: hosting members, the most central first.

    Where only one member can host, the listed venues within the cohort's radius (the longest way of a
    member to the seat) take turns with it. A cohort without a member that can host (or with too few
    seats there) uses the room with the shortest ways.

    Raises
    ------
    InfeasibleError
        No room has enough seats.
    """
    people = tuple((member.organisation, member.persons) for member in cohort.members)
    hosts = hosting(inputs, people, cohort.persons)
    if not hosts:
        return [central_room(inputs, people, cohort.persons)] * events
    rooms = hosts if len(hosts) > 1 else [*hosts, *_near(inputs, cohort, people)]
    return [rooms[number % len(rooms)] for number in range(events)]


def _near(inputs: PlanInputs, cohort: Cohort, people: Attendees) -> list[Room]:
    """Return the listed venues within a cohort's radius that hold it, those with the shortest ways first."""
    radius = max(member.km for member in cohort.members)
    near = [
        venue
        for venue in inputs.venues.venues
        if venue.seats >= cohort.persons and inputs.km(cohort.seat, venue.organisation) <= radius
    ]
    ordered = sorted(near, key=lambda venue: (round(_ways(inputs, people, venue.organisation), 6), venue.id))
    return [_listed(venue) for venue in ordered]


def hosting(inputs: PlanInputs, people: Attendees, persons: int) -> list[Room]:
    """Return the rooms that members offer for so many persons, those with the shortest ways first."""
    if inputs.venues.member_seats < persons:
        return []
    keys = [key for key, _ in people if inputs.party[key].can_host]
    return [
        _at_member(inputs, key) for key in sorted(keys, key=lambda key: (round(_ways(inputs, people, key), 6), key))
    ]


def central_room(inputs: PlanInputs, people: Attendees, persons: int) -> Room:
    """Return the room with enough seats and the shortest ways: at a member or a listed venue.

    The scenario `state` rents a room at the most central member where none is large enough.
    """
    listed = [_listed(venue) for venue in inputs.venues.venues if venue.seats >= persons]
    rooms = [*hosting(inputs, people, persons), *listed]
    if rooms:
        return min(rooms, key=lambda room: (round(_ways(inputs, people, room.place), 6), room.venue))
    if inputs.scenario == "state":
        place = min((key for key, _ in people), key=lambda key: (round(_ways(inputs, people, key), 6), key))
        return Room(f"{RENTED}{place}", inputs.units[place].label, place)
    raise _no_room(inputs, persons)


def _ways(inputs: PlanInputs, people: Sequence[tuple[str, int]], place: str) -> float:
    return sum(persons * inputs.km(key, place) for key, persons in people)


def _at_member(inputs: PlanInputs, key: str) -> Room:
    return Room(key, inputs.units[key].label, key)


def at_home(inputs: PlanInputs, key: str) -> Room:
    """Return an organisation's own premises, for its in-house day."""
    return _at_member(inputs, key)


def _listed(venue: Venue) -> Room:
    return Room(venue.id, venue.name.de, venue.organisation, venue.weekdays, frozenset(venue.closed))


def _no_room(inputs: PlanInputs, persons: int) -> InfeasibleError:
    seats = max([venue.seats for venue in inputs.venues.venues], default=0)
    return InfeasibleError(
        Text(f"Für {persons} Personen gibt es keinen Raum.", f"There is no room for {persons} persons."),
        [RULES["venue_known"].text, RULES["venue_seats"].text],
        Text(
            f"einen Raum mit {persons} Plätzen nennen (venues.yaml; der größte hat {seats}) oder Gastgeber gewinnen",
            f"list a venue with {persons} seats (venues.yaml; the largest has {seats}) or win members as hosts",
        ),
    )
