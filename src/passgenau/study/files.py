"""The models of `study.yaml` and `decisions.yaml`, the two files that several rooms read."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from passgenau.curriculum.decisions import CurriculumDecisions
from passgenau.findings.model import Assumptions, Characteristic, KnownTotal, Weights
from passgenau.frame.select import FrameSpec
from passgenau.needs.model import AssumedShare
from passgenau.planning.resources import PlanningDecisions
from passgenau.reading import Record, RecordError, Slug
from passgenau.survey.combine import Rule, WholeRule
from passgenau.survey.questionnaire import Code
from passgenau.text import Lang, Text


class Audience(Record):
    """A group that was asked, with a population of its own."""

    id: Slug
    """By which the other files name it."""
    name: Text
    """Plural, as in “of the … that answered”."""
    short: Text
    """As short as a table head needs."""
    frame: FrameSpec
    """All who could have been asked: the population."""


class Office(Record):
    """Who runs the study and signs the report."""

    name: Text
    """As it signs the report."""
    contact: str | None = None
    """Where readers ask; an address or a telephone number."""


class ResponsesFile(Record):
    """Where the answers stand and how they count (`responses`)."""

    file: str = "responses.csv"
    """The answers in passgenau's own form, `.csv` or `.parquet`; other formats are converted into it."""
    repairs: str | None = None
    """A file of repairs, made one by one and logged; the answers themselves stay as they are."""
    combine: WholeRule = "latest"
    """How several sheets of one organisation count."""
    combine_by_question: dict[Code, Rule] = Field(default_factory=dict)
    """The same for single questions, by their id."""
    weights: Weights | None = None
    """How the answers are brought to the frame; empty: every organisation counts alike."""
    strata: tuple[Characteristic, ...] = ("size_class", "region")
    """Characteristics of the frame by which response rates are shown."""
    calibrate: tuple[Slug, ...] = ()
    """Known totals that the weights meet; the others are only checked."""

    @field_validator("file", "repairs")
    @classmethod
    def _stays_in_the_folder(cls, name: str | None) -> str | None:
        if name is not None and (Path(name).name != name or name.startswith(".")):
            raise RecordError(
                f"{name!r} ist kein Name einer Datei im Ordner der Studie.",
                f"{name!r} does not name a file in the study's folder.",
                at=(),
                hint=Text("Die Datei in den Ordner legen und nur ihren Namen nennen.", "Put it there; give its name."),
            )
        return name


class StudyFile(Record):
    """`study.yaml`."""

    title: Text
    """Of the study and its report."""
    subject: Text
    """What the training is about, as in “training for …”."""
    office: Office
    """Who runs the study."""
    languages: tuple[Lang, ...] = ("de",)
    """Languages in which the files hold texts."""
    banner: Text | None = None
    """A warning that stands on every page of the report and in every output."""
    background: tuple[Text, ...] = ()
    """Ausgangslage: paragraphs that open the concept paper."""
    goals: tuple[Text, ...] = ()
    """Ziele: what is to be settled in the end."""
    audiences: tuple[Audience, ...] = Field(min_length=1)
    """Who was asked: at most one audience per tier."""
    known_totals: tuple[KnownTotal, ...] = ()
    """Totals known from elsewhere that the return is held against."""
    responses: ResponsesFile | None = None
    """The answers, one sheet a row; empty where results are known as published only."""
    persons_per_organisation: int = Field(default=2, ge=1, le=20)
    """Persons that an organisation sends, where the scenario for all must assume it."""
    suppression_threshold: int = Field(default=5, ge=1)
    """Smallest number of unweighted answers that leaves the office; published aggregates are exempt."""
    assumptions: Assumptions = Assumptions()
    """How imprecise statements are read."""
    draws: int = Field(default=200, ge=200, le=10_000)
    """Draws of the survey's uncertainty over which the concept is derived."""
    seed: int = Field(default=2018, ge=0)
    """The same seed and files give the same results."""


class DecisionsFile(CurriculumDecisions, PlanningDecisions):
    """`decisions.yaml`: every section that some room uses."""

    assumed_shares: tuple[AssumedShare, ...] = ()
    """Ranges assumed for topics that were asked but have no published number."""
