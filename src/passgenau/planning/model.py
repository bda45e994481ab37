"""A plan: cohorts of persons, places, dates, trainers, advisers, costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from passgenau.frame.units import Tier
    from passgenau.text import Text

Scenario = Literal["pilot", "state"]
EventKind = Literal["introduction", "basis", "elective", "in_house", "peer_meeting", "briefing"]


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation in a cohort."""

    organisation: str  # AGS
    label: str
    persons: int
    km: float  # road kilometres to the seat (the middle of the cohort), one way; events lie elsewhere too
    joint: str | None = None  # association it registers with


@dataclass(frozen=True, slots=True)
class Cohort:
    """Persons who learn together and stay together."""

    id: str
    tier: Tier
    members: tuple[Member, ...]
    seat: str  # AGS of the member that lies most central; the middle of the cohort, not where it always meets
    seat_label: str
    stage: str  # stage of the local process that most members are in
    persons: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event: one or more consecutive days of one cohort at one place."""

    id: str
    cohort: str  # id, or "" for a meeting of several cohorts
    cohorts: tuple[str, ...]  # all that take part
    kind: EventKind
    block: int | None
    modules: tuple[str, ...]
    start: dt.date
    end: dt.date
    venue: str  # id of the venue, or the AGS of the member that hosts, or "rented-AGS"; "" online
    venue_label: str
    place: str  # AGS of the municipality, or of the district that hosts; "" online
    trainers: tuple[str, ...]
    format: Literal["regional", "in_house", "online"]
    persons: int
    cost: float  # euros, all that this event causes
    attendees: tuple[tuple[str, int], ...] = ()  # (organisation, persons), in the order of the keys
    organisation: str = ""  # whose in-house day it is
    outcome: Text | None = None  # what stands at the end, where a rule asks for it

    @property
    def days(self) -> int:
        """Consecutive days, first and last included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Travel:
    """One-way road kilometres per person and event, to the place where it is held; online and in-house not counted."""

    median: float
    p90: float
    max: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Euros. `lines` add up to `total`."""

    lines: tuple[tuple[str, Text, float, Text], ...]  # key, name, euros, how it is computed
    total: float
    per_person: float
    per_organisation: float
    trainer_days: float
    adviser_days: float
    tutor_hours: float
    venue_days: float
    person_days: float


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a plan breaks."""

    rule: str
    subjects: tuple[str, ...]
    message: Text


@dataclass(frozen=True, slots=True)
class OrganisationCost:
    """What one organisation takes out of the plan, and what the council gets from it."""

    organisation: str
    euros: float
    person_days: float
    adviser_days: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan of one scenario."""

    scenario: Scenario
    cohorts: tuple[Cohort, ...]
    events: tuple[Event, ...]
    travel: Travel
    costs: Costs
    organisations: tuple[OrganisationCost, ...]
    unplaced: tuple[tuple[str, Text], ...]  # registrations without a seat, with the reason
    trainers_needed: int  # trainers that the plan uses (pilot) or would need (state)
    bound: float | None  # lower bound on `objective` where known; None otherwise
    gap: float | None  # (objective − bound) / objective
    violations: tuple[Violation, ...]  # from the independent check; empty in a valid plan
    notes: tuple[Text, ...]  # assumptions and limits
    seed: int
    objective: float | None = None
    """What forming the cohorts minimises: road kilometres per person to the seat, one way, plus
    `PlanRules.stage_km` for each stage of the local process between a member and its seat."""

    def cohort(self, id_: str) -> Cohort:
        """Return a cohort by its id."""
        return next(c for c in self.cohorts if c.id == id_)
