"""What people decided (Setzungen) about the programme. Decisions survive every rerun."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from passgenau.frame.units import Tier
from passgenau.reading import Decided, Record, Slug
from passgenau.text import Text


class Minimum(Decided):
    """A competence that anyone in these roles must have, wished for or not."""

    competence: Slug
    tiers: tuple[Tier, ...] = Field(min_length=1)
    roles: tuple[Slug, ...] = Field(min_length=1)


class RoleTask(Decided):
    """What a tier must provide, and the competences that it takes."""

    id: Slug
    tier: Tier
    task: Text
    competences: tuple[Slug, ...] = Field(min_length=1)
    roles: tuple[Slug, ...] = Field(min_length=1)


class Recurring(Decided):
    """A field that recurs: its modules spread over the blocks instead of filling one."""

    field: Slug


class Preference(Decided):
    """What a preference that the survey gives only in words, or in part, is taken to mean."""

    id: Slug
    tier: Tier
    subject: Literal["timing", "format", "frequency", "exchange"]
    choice: Text
    source_ids: tuple[str, ...] = ()


class ReadingChoice(Decided):
    """How an ambiguous published result is read."""

    source_id: str
    reading: Text


class FrequencyReading(Decided):
    """One reading of how often and how long people want to meet."""

    id: Slug
    text: Text
    blocks_per_year: int = Field(ge=1, le=12)
    days_per_block: float = Field(gt=0, le=10)
    years: int = Field(ge=1, le=6)


class Credit(Decided):
    """Competences that experienced people may have credited after a self-check."""

    competences: tuple[Slug, ...]
    tiers: tuple[Tier, ...] = Field(min_length=1)


class Accompaniment(Decided):
    """Neutral advisers beside the local process (Prozessbegleitung)."""

    tier: Tier
    adviser_days: float = Field(ge=0)
    """Days per organisation and year."""
    task: Text


class ProgrammeRules(Decided):
    """The frame of the programme of one tier."""

    tier: Tier
    basis_days: float = Field(gt=0)
    """Contact days of the Basis that a person can spend."""
    self_study_units: int = Field(ge=0)
    """Largest guided self-study of the Basis, in units."""
    blocks: int = Field(ge=1)
    elective_min_persons: int | None = None
    """An elective runs from this many persons expected; empty: the module's own minimum."""
    electives_per_person: int = Field(ge=0)
    persons_expected: int = Field(ge=0)
    """Persons of this tier in the programme year; turns a wished share into persons expected."""


class SmallTowns(Decided):
    """The track for small towns: few days a year over several years."""

    population_below: int = Field(ge=1)
    days_per_year: float = Field(gt=0)
    years: int = Field(ge=1)


class CurriculumDecisions(Record):
    """The sections of `decisions.yaml` that the derivation uses."""

    minimum: tuple[Minimum, ...] = Field(min_length=1)
    role_tasks: tuple[RoleTask, ...] = ()
    recurring: tuple[Recurring, ...] = ()
    preferences: tuple[Preference, ...] = ()
    readings: tuple[ReadingChoice, ...] = ()
    frequency: tuple[FrequencyReading, ...] = Field(min_length=1)
    credit: tuple[Credit, ...] = ()
    accompaniment: tuple[Accompaniment, ...] = ()
    programmes: tuple[ProgrammeRules, ...] = Field(min_length=1)
    small_towns: SmallTowns | None = None
    comparison_days: tuple[float, ...] = ()
    """Basis budgets, in contact days, that the page beside the published concept runs."""
