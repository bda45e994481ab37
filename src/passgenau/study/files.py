"""The models of `study.yaml` and `decisions.yaml`, the two files that several rooms read."""

from __future__ import annotations

from pydantic import Field

from passgenau.curriculum.decisions import CurriculumDecisions
from passgenau.findings.model import Assumptions, KnownTotal
from passgenau.frame.select import FrameSpec
from passgenau.needs.model import AssumedShare
from passgenau.planning.resources import PlanningDecisions
from passgenau.reading import Record, Slug
from passgenau.text import Lang, Text


class Audience(Record):
    """A group that was asked, with a population of its own."""

    id: Slug
    name: Text
    """Plural, as in “of the … that answered”."""
    short: Text
    """As short as a table head needs."""
    frame: FrameSpec


class Office(Record):
    """Who runs the study and signs the report."""

    name: Text
    contact: str | None = None


class StudyFile(Record):
    """`study.yaml`."""

    title: Text
    subject: Text
    """What the training is about, as in “training for …”."""
    office: Office
    languages: tuple[Lang, ...] = ("de",)
    banner: Text | None = None
    """A warning that stands on every page of the report and in every output."""
    background: tuple[Text, ...] = ()
    """Ausgangslage: paragraphs that open the concept paper."""
    goals: tuple[Text, ...] = ()
    audiences: tuple[Audience, ...] = Field(min_length=1)
    known_totals: tuple[KnownTotal, ...] = ()
    persons_per_organisation: int = Field(default=2, ge=1, le=20)
    suppression_threshold: int = Field(default=5, ge=1)
    """Smallest number of unweighted answers that leaves the office; published aggregates are exempt."""
    assumptions: Assumptions = Assumptions()
    draws: int = Field(default=200, ge=200, le=10_000)
    seed: int = Field(default=2018, ge=0)


class DecisionsFile(CurriculumDecisions, PlanningDecisions):
    """`decisions.yaml`: every section that some room uses."""

    assumed_shares: tuple[AssumedShare, ...] = ()
