"""What a plan is made of: registrations, venues, trainers, calendar, rates and rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from passgenau.curriculum.catalogue import Stage
from passgenau.frame.units import Tier
from passgenau.reading import Decided, Record, RecordError, Slug
from passgenau.text import Text

Key = Annotated[str, StringConstraints(pattern=r"^\d{5}(\d{3})?$")]
"""AGS of a district (5 digits) or municipality (8 digits), as text."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri"]


def _split(value: object) -> object:
    return [part.strip() for part in value.split(";") if part.strip()] if isinstance(value, str) else value


def _reversed(start: dt.date, end: dt.date) -> RecordError:
    return RecordError(
        f"Das Ende {end} liegt vor dem Beginn {start}.", f"The end {end} lies before the start {start}.", at=("end",)
    )


class Registration(Record):
    """One row of `registrations.csv`: an organisation that wants to take part."""

    organisation: Key
    persons: int = Field(default=2, ge=1, le=20)
    """Persons; a tandem of coordinator and commissioning officer by default."""
    roles: Annotated[tuple[Slug, ...], BeforeValidator(_split)] = ()
    stage: Stage = "mandate"
    """Where its local process stands."""
    experience: Literal["none", "some", "long"] = "none"
    association: str | None = None
    """Name of an administrative association that registers jointly; its members stay together."""
    electives: Annotated[tuple[Slug, ...], BeforeValidator(_split)] = ()
    """Modules wished for beyond the Basis."""
    in_house: bool = False
    """Asks for an in-house day that gathers one Quartier's whole cast."""
    can_host: bool = False
    """Offers a room for its cohort."""
    unavailable: Annotated[tuple[dt.date, ...], BeforeValidator(_split)] = ()


class Venue(Record):
    """A place with a room."""

    id: Slug
    organisation: Key
    """The municipality it stands in."""
    name: Text
    seats: int = Field(ge=1)
    step_free: bool | None = None
    day_rate: float | None = Field(default=None, ge=0)
    """Euros per day; empty: the general rate."""
    weekdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    closed: tuple[dt.date, ...] = ()
    assumed: bool = False


class Venues(Record):
    """`venues.yaml`."""

    note: Text
    venues: tuple[Venue, ...] = ()
    member_rooms: bool = True
    """Members that can host offer a room of their own."""
    member_seats: int = Field(default=20, ge=1)


class Trainer(Record):
    """A person who can teach."""

    id: Slug
    name: str
    home: Key
    modules: tuple[Slug, ...] = ()
    fields: tuple[Slug, ...] = ()
    """Teaches every module of these fields."""
    day_rate: float | None = Field(default=None, ge=0)
    """Euros per day; empty: the general rate."""
    days_per_year: int = Field(ge=1)
    weekdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    unavailable: tuple[dt.date, ...] = ()
    assumed: bool = False


class Trainers(Record):
    """`trainers.yaml`."""

    note: Text
    trainers: tuple[Trainer, ...] = Field(min_length=1)


class Period(Record):
    """Days on which nothing takes place, first and last day included."""

    name: Text
    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.start > self.end:
            raise _reversed(self.start, self.end)
        return self


class Calendar(Decided):
    """When events may take place. Public holidays come from the state's law by `state`."""

    start: dt.date
    end: dt.date
    state: str = Field(pattern=r"^[A-Z]{2}$")
    """Two letters as in ISO 3166-2:DE, e.g. BW."""
    closed: tuple[Period, ...] = ()
    """School holidays and other closed periods."""

    @model_validator(mode="after")
    def _ordered(self) -> Calendar:
        if self.start > self.end:
            raise _reversed(self.start, self.end)
        return self


class Rates(Decided):
    """Euros, unless the field says otherwise."""

    trainer_day: float = Field(ge=0)
    trainers_per_event: int = Field(default=2, ge=1, le=4)
    adviser_day: float = Field(ge=0)
    tutor_hour: float = Field(ge=0)
    venue_day: float = Field(ge=0)
    catering_person_day: float = Field(ge=0)
    material_person: float = Field(ge=0)
    """Per person and programme."""
    travel_km: float = Field(ge=0)
    """Per car kilometre of participants and trainers."""
    overnight: float = Field(ge=0)
    """Per person and night; used where the way home exceeds `overnight_from_km`."""
    overnight_from_km: float = Field(ge=0)
    coordination_share: float = Field(default=0, ge=0, le=1)
    """Programme office, as a share of all other costs."""
    develop_unit: float = Field(default=0, ge=0)
    """Developing one contact unit of a module that nobody offers; half of it for adapting."""


class PlanRules(Decided):
    """The rules of a plan."""

    cohorts_min: int = Field(default=4, ge=1)
    cohorts_max: int = Field(default=8, ge=1)
    organisations_min: int = Field(default=4, ge=2)
    """Smallest number of organisations in a cohort."""
    detour: float = Field(default=1.3, ge=1, le=3)
    """Road kilometres per great-circle kilometre."""
    stage_km: float = Field(default=10, ge=0)
    """Kilometres per person that one stage of the local process weighs when cohorts are formed."""
    weeks_after_introduction: tuple[int, int] = (2, 16)
    """Least and most weeks between the introduction day and the first block."""
    months_between_blocks: tuple[int, int] = (3, 6)
    """Least and most months between the end of a block and the start of the next."""
    in_house_days_max: int = Field(default=0, ge=0)
    """Largest number of in-house days in the pilot."""
    in_house_persons: int = Field(default=25, ge=5)
    """Persons expected at an in-house day: one Quartier's whole cast."""
    district_peer_meetings: int = Field(default=1, ge=0)
    """Meetings a year of all district cohorts together."""
    weekdays: tuple[Weekday, ...] = ("tue", "wed", "thu")
    max_parallel: int | None = Field(default=None, ge=1)
    """Most events on one day; empty: as many as the trainers allow."""

    @model_validator(mode="after")
    def _ordered(self) -> PlanRules:
        if self.cohorts_min > self.cohorts_max:
            raise RecordError(
                f"cohorts_min {self.cohorts_min} liegt über cohorts_max {self.cohorts_max}.",
                f"cohorts_min {self.cohorts_min} exceeds cohorts_max {self.cohorts_max}.",
                at=("cohorts_min",),
            )
        for field in ("weeks_after_introduction", "months_between_blocks"):
            least, most = getattr(self, field)
            if not 0 <= least <= most:
                raise RecordError(
                    f"Erst der kleinste, dann der größte Abstand; {least} und {most} geht nicht.",
                    f"First the least, then the most; not {least} and {most}.",
                    at=(field,),
                )
        return self


class PlanningDecisions(Record):
    """The sections of `decisions.yaml` that planning uses."""

    calendar: Calendar
    rates: Rates
    plan: PlanRules


TIERS: tuple[Tier, ...] = ("district", "municipality")
