"""Results as published: aggregates are a first-class input, no raw data needed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from passgenau.reading import Record, RecordError, Slug
from passgenau.text import Text


class Source(Record):
    """Where published results stand."""

    title: str
    authors: tuple[str, ...]
    published_in: str
    survey: Text
    """Who asked, how and when."""
    caveat: Text | None = None
    """What the authors themselves say about the reliability of their results."""
    caveat_quote: str | None = None
    caveat_location: str | None = None
    missing: Text | None = None
    """What the source shows but this file cannot contain, e.g. figures without values."""


class Return(Record):
    """How many of an audience answered."""

    units: int = Field(ge=1)
    """Organisations that answered."""
    answers: int = Field(ge=1)
    """Usable answer sheets; more than units where some answered twice."""
    quote: str | None = None
    further_quotes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sheets_cover_units(self) -> Return:
        if self.answers < self.units:
            raise RecordError(
                f"{self.answers} Bögen können nicht von {self.units} Kommunen stammen.",
                f"{self.answers} sheets cannot come from {self.units} organisations.",
                at=("answers",),
            )
        return self


class BaseReading(Record):
    """One way to read what a percentage is a percentage of."""

    text: Text
    subset_of: str | None = None
    """`source_id` of the share whose “yes” answers form the base; empty for all who answered."""


class Statement(Record):
    """One published result, as printed."""

    source_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    audience: Slug
    question: Slug
    item: Slug
    item_text: str | None = None
    """The item as this audience's sentence words it, where it differs."""
    value: float | None = Field(default=None, ge=0, le=100)
    """Percent as printed; empty where the text gives no number or only a range."""
    low: float | None = Field(default=None, ge=0, le=100)
    high: float | None = Field(default=None, ge=0, le=100)
    """A printed range, percent."""
    qualifier: str | None = None
    """The hedge as printed: „ca.“, „je ca.“, „nur“, „Mehrzahl“ …"""
    approximate: bool = False
    """True where the hedge says that the number is rounded („ca.“, „je ca.“)."""
    rank: int | None = Field(default=None, ge=1)
    rank_origin: Literal["stated", "derived"] | None = None
    """Whether the rank stands in the text or follows from the values."""
    base: str | None = None
    """What the percentage is a percentage of, in the source's words; “unklar” where it is open."""
    base_readings: tuple[BaseReading, ...] = ()
    """The readings that stay open; empty where all who answered are the base."""
    times_per_year: tuple[int, int] | None = None
    days: tuple[int, int] | None = None
    location: str
    quote: str
    further_quotes: tuple[str, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _range_is_one(self) -> Statement:
        if (self.low is None) != (self.high is None):
            raise RecordError("Eine Spanne braucht low und high.", "A range needs low and high.", at=("low",))
        if self.low is not None and self.high is not None and self.low > self.high:
            raise RecordError(
                f"low {self.low} liegt über high {self.high}.", f"low {self.low} exceeds high {self.high}.", at=("low",)
            )
        if self.value is not None and self.low is not None:
            raise RecordError(
                "value und Spanne schließen sich aus.", "value and a range exclude each other.", at=("value",)
            )
        return self

    @property
    def printed_range(self) -> tuple[float, float] | None:
        """Lowest and highest printed percentage, or None for a statement without a number."""
        if self.value is not None:
            return self.value, self.value
        return (self.low, self.high) if self.low is not None and self.high is not None else None


class Claim(Record):
    """A comparative or summary claim of the article, to be held against the data."""

    id: Slug
    quote: str
    location: str
    source_ids: tuple[str, ...]
    """The statements the claim rests on."""
    kind: Literal["difference", "agreement", "majority", "rank", "level"]


class PublishedConcept(Record):
    """Key figures of the published training concept, for comparison only."""

    location: str
    fields: int
    introduction_days: float
    basis_modules: int
    basis_modules_qualifier: str | None = None
    forms: tuple[str, ...]
    statements: tuple[Text, ...] = ()
    note: Text | None = None


class Published(Record):
    """`published.yaml`."""

    source: Source
    returns: dict[Slug, Return]
    notes: tuple[Text, ...] = ()
    """What holds for all statements, such as what their percentages are percentages of."""
    statements: tuple[Statement, ...] = Field(min_length=1)
    claims: tuple[Claim, ...] = ()
    concept: PublishedConcept | None = None
