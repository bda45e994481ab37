"""The module catalogue: what could be taught. It says nothing of levels or blocks; those are derived."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from passgenau.frame.units import Tier
from passgenau.reading import Record, RecordError, Slug
from passgenau.text import Text

Stage = Literal["mandate", "analysis", "goals", "implementation", "continuation"]
"""Stages of the local process, in this order."""
STAGES: tuple[Stage, ...] = ("mandate", "analysis", "goals", "implementation", "continuation")

Version = Literal["short", "full"]
Format = Literal["in_house", "regional", "online"]


class ThemeField(Record):
    """A Themenfeld."""

    id: Slug
    title: Text
    question: Text


class Role(Record):
    """What a participant does at home."""

    id: Slug
    title: Text
    task: Text
    path: Literal["programme", "briefing"] = "programme"
    """`programme`: takes part in the Basis. `briefing`: mayors and councils, one to three hours."""


class Topic(Record):
    """Something that training can be about."""

    id: Slug
    title: Text
    kind: Literal["action_field", "subject", "method", "process"]


class Competence(Record):
    """Something a person can do after training."""

    id: Slug
    field: Slug
    title: Text


class ModuleVersion(Record):
    """How long a version of a module takes."""

    contact_units: int = Field(ge=1, le=40)
    self_study_units: int = Field(ge=0, le=40)
    """Guided self-study, in units of the catalogue's length."""
    tutor_minutes: int = Field(ge=0, le=600)
    """Tutor time per person for the guided self-study."""


class Examples(Record):
    """Worked examples that the wishes choose."""

    pick: int = Field(ge=1)
    from_topics: tuple[Slug, ...] = Field(min_length=2)


class Group(Record):
    """Persons per event."""

    min: int = Field(ge=1)
    max: int = Field(ge=1)


class Module(Record):
    """A teaching module."""

    id: Slug
    title: Text
    field: Slug
    goals: Text
    contents: tuple[Text, ...]
    competences: tuple[Slug, ...] = Field(min_length=1)
    """What it builds, in every version."""
    topic: Slug
    """The one main topic."""
    topics: dict[Slug, float]
    """Share of the module's time per topic: the main topic and at most two more; sums to at most 1."""
    tiers: tuple[Tier, ...] = Field(min_length=1)
    roles: tuple[Slug, ...] = Field(min_length=1)
    stages: tuple[Stage, ...] = Field(min_length=1)
    versions: dict[Version, ModuleVersion]
    group: Group
    formats: tuple[Format, ...] = Field(min_length=1)
    requires: tuple[Slug, ...] = ()
    equivalent: Slug | None = None
    """Modules with the same value replace each other; the Basis holds at most one of them."""
    examples: Examples | None = None
    task: Text | None = None
    """What participants do in their own project between two blocks."""
    source_id: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Module:
        if self.id in self.requires:
            raise RecordError(
                f"Das Modul {self.id!r} setzt sich selbst voraus.",
                f"The module {self.id!r} requires itself.",
                at=("requires",),
            )
        if self.topic not in self.topics:
            raise RecordError(
                f"Das Hauptthema {self.topic!r} fehlt unter topics.",
                f"The main topic {self.topic!r} is missing under topics.",
                at=("topics",),
            )
        if len(self.topics) > 3:  # noqa: PLR2004 -- the main topic and at most two more
            raise RecordError("Höchstens drei Themen je Modul.", "At most three topics per module.", at=("topics",))
        if any(share <= 0 for share in self.topics.values()) or sum(self.topics.values()) > 1 + 1e-9:
            raise RecordError(
                "Anteile liegen über 0 und ergeben höchstens 1.",
                "Shares are above 0 and sum to at most 1.",
                at=("topics",),
            )
        if max(self.topics.values()) > self.topics[self.topic]:
            raise RecordError(
                "Das Hauptthema hat den größten Anteil.", "The main topic has the largest share.", at=("topics",)
            )
        if not self.versions:
            raise RecordError(
                "Mindestens eine Fassung (short, full).", "At least one version (short, full).", at=("versions",)
            )
        if self.group.min > self.group.max:
            raise RecordError(
                f"min {self.group.min} liegt über max {self.group.max}.",
                f"min {self.group.min} exceeds max {self.group.max}.",
                at=("group",),
            )
        if {"short", "full"} <= set(self.versions) and self.versions["short"].contact_units >= self.versions[
            "full"
        ].contact_units:
            raise RecordError(
                "Die kurze Fassung ist nicht kürzer.", "The short version is not shorter.", at=("versions", "short")
            )
        return self


class IntroductionPart(Record):
    """One entry of the introduction day."""

    title: Text
    units: float = Field(ge=0)
    """0 for a break."""
    minutes: int = Field(ge=5)
    field: Slug | None = None
    goals: Text | None = None
    contents: tuple[Text, ...] = ()
    source_id: str | None = None


class Introduction(Record):
    """The one-day introduction over all fields."""

    id: Slug
    title: Text
    parts: tuple[IntroductionPart, ...] = Field(min_length=1)
    start: str = "09:00"
    group: Group
    in_house: Text
    regional: Text


class Briefing(Record):
    """The path of one to three hours for mayors and councils."""

    id: Slug
    title: Text
    minutes: int = Field(ge=30, le=180)
    contents: tuple[Text, ...]
    outcome: Text
    tiers: tuple[Tier, ...] = Field(min_length=1)


class Catalogue(Record):
    """`catalogue.yaml`."""

    title: Text
    as_of: str
    reviewed: bool
    """False for a catalogue that no teaching expert has reviewed; the report says so."""
    note: Text
    unit_minutes: int = Field(ge=15, le=120)
    units_per_day: int = Field(ge=1, le=12)
    fields: tuple[ThemeField, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = Field(min_length=1)
    topics: tuple[Topic, ...] = Field(min_length=1)
    competences: tuple[Competence, ...] = Field(min_length=1)
    introduction: Introduction
    briefings: tuple[Briefing, ...] = ()
    modules: tuple[Module, ...] = Field(min_length=1)
