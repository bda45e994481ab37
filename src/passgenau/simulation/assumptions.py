"""What a simulation assumes: `simulation.yaml`, with a stated default for everything."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from passgenau.reading import Record, RecordError, Slug

Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=5)]


class AssumedReturn(Record):
    """How many of one audience answer."""

    organisations: int | None = Field(default=None, ge=0)
    """Organisations that answer; goes before `rate`."""
    rate: Share | None = None
    """Share of the organisations that answer."""
    sheets: int | None = Field(default=None, ge=0)
    """Answer sheets; more than organisations where some answer twice."""

    @model_validator(mode="after")
    def _sheets_cover_organisations(self) -> AssumedReturn:
        if self.sheets is not None and self.sheets < (self.organisations or 0):
            raise RecordError(
                f"{self.sheets} Bögen können nicht von {self.organisations} Organisationen stammen.",
                f"{self.sheets} sheets cannot come from {self.organisations} organisations.",
                at=("sheets",),
            )
        return self


class SimulationAssumptions(Record):
    """`simulation.yaml`: every line may be left out; its default is then assumed and written down."""

    returns: dict[Slug, AssumedReturn] = Field(default_factory=dict)
    """By audience; published numbers of organisations and sheets stand where nothing is given here."""
    response_rate: Share = 0.2
    """Share of the organisations that answer, where nothing else is known."""

    size_classes: dict[str, float] = Field(
        default_factory=lambda: {"Großstadt": 0.9, "Mittelstadt": 0.6, "Kleinstadt": 0.2, "Landgemeinde": -0.2}
    )
    """How much readier a size class is to answer: log odds ratios; classes not named have 0."""
    interest: float = Field(default=0.5, ge=-5, le=5)
    """How much readier the interested are to answer: log odds ratio per standard deviation of interest."""
    region_spread: Spread = 0.15
    """Standard deviation of the regions' readiness to answer, in log odds."""
    district_spread: Spread = 0.2
    """Standard deviation of the districts' readiness to answer, in log odds."""

    second_sheets: Share = 0.1
    """Second sheets per answering organisation, where the number of sheets is not known."""
    second_agreement: Share = 0.9
    """How closely a second sheet follows the first: the correlation behind their answers."""
    partial: Share = 0.05
    """Share of the usable sheets that end before the last page."""
    break_off: Share = 0.08
    """Organisations that begin and give up early, per organisation that answers."""
    refusal: Share = 0.03
    """Organisations that decline outright, as a share of all that do not answer."""
    unreachable: Share = 0.02
    """Organisations that the invitation never reached, as a share of all that do not answer."""
    ineligible: Share = 0.0
    """Organisations that turn out not to belong, as a share of all that do not answer."""

    item_missing: Share = 0.03
    """Share of those who see a question and leave it empty, where no published base says otherwise."""
    refused: Share = 0.02
    """Share of those who choose “keine Angabe”, where it is offered."""
    texts: Share = 0.3
    """Share of those who write something into a field for text."""
    languages: dict[str, Share] = Field(default_factory=dict)
    """Share of the sheets by language; by default 95 % in the first and the rest in the others."""
    start: dt.date = dt.date(2026, 9, 7)
    """First day of the fieldwork."""
    days: int = Field(default=42, ge=1, le=730)
    """Length of the fieldwork in days."""
    seconds_per_question: float = Field(default=30.0, gt=0, le=3600)
    """How long the usual respondent needs for a question."""

    common: Share = 0.3
    """Share of the variance behind every answer that an organisation's general interest explains."""
    topic: Share = 0.25
    """Share of the variance that items of the same name share across questions."""
    shares: dict[str, dict[Slug, Share]] = Field(default_factory=dict)
    """Assumed shares by `question.item` and audience, where nothing is published: of those who answer."""

    @model_validator(mode="after")
    def _variances_fit(self) -> SimulationAssumptions:
        if self.common + self.topic > 1:
            raise RecordError(
                f"common und topic erklären zusammen {self.common + self.topic:g} der Streuung; möglich ist 1.",
                f"common and topic together explain {self.common + self.topic:g} of the variance; 1 is possible.",
                at=("topic",),
            )
        if self.refusal + self.unreachable + self.ineligible > 1:
            raise RecordError(
                "refusal, unreachable und ineligible ergeben zusammen mehr als 1.",
                "refusal, unreachable and ineligible add up to more than 1.",
                at=("refusal",),
            )
        return self
