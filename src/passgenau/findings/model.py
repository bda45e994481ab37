"""Every estimate and comparison of a study, each with its context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from passgenau.reading import Record, Slug
from passgenau.survey.questionnaire import Kind
from passgenau.text import Text

Verdict = Literal["carried", "not_shown", "not_testable"]


class KnownTotal(Record):
    """A total known from elsewhere that the return can be held against (`known_totals`)."""

    id: Slug
    text: Text
    count: int = Field(ge=0)
    population: int = Field(ge=1)
    source: str
    compare_with: str
    """`source_id` of the published share of the same thing among those who answered."""


class Assumptions(Record):
    """How imprecise statements are read; each is shown in the report."""

    circa_points: float = Field(default=2.5, ge=0, le=10)
    """How far, in percentage points, a share printed as “ca.” may lie from the printed number."""


@dataclass(frozen=True, slots=True)
class Possibility:
    """Whether a printed percentage can arise from its base (GRIM)."""

    possible: bool  # from all who answered, halves rounding either way, “ca.” with its tolerance
    counts: tuple[int, ...]  # answer counts that fit, given `base`
    base: int  # the base used: all who answered; else that of an open reading, or the largest smaller one that fits
    sentence: Text  # plain words, no accusation


@dataclass(frozen=True, slots=True)
class Estimate:
    """One share of one audience. Shares lie in 0–1."""

    source_id: str
    audience: str
    question: str
    item: str
    topic: str | None
    kind: Kind
    printed: str  # as printed, with its hedge: "ca. 70 %"
    value: float | None  # point: the printed share, or the middle of a printed range
    answered_lower: float | None  # share of the organisations that answered, over all counts that fit
    answered_upper: float | None
    lower: float | None  # limits for the population, if those who answered resembled a random draw
    upper: float | None
    base_answers: int  # sheets of those asked, as far as the source says; what left out an item shows in `possibility`
    base_units: int  # organisations behind them: what the interval may count
    population: int
    count_lower: int | None  # limits as counts of the population; None where the base is a part of unknown size
    count_upper: int | None
    method: str  # key into docs/methods.md
    possibility: Possibility | None
    unit_counts: tuple[tuple[int, int], ...]  # compatible (organisations saying yes, organisations answering)
    note: Text | None
    # How the printed share relates to sheets: “11 of 24 sheets”, “fits 14 of 23 sheets” where it needs a smaller
    # base, “base open” where the source leaves it open.
    count_text: Text | None = None


@dataclass(frozen=True, slots=True)
class WordedResult:
    """A published statement without a number, kept as it is."""

    source_id: str
    audience: str
    question: str
    item: str
    topic: str | None
    kind: Kind
    qualifier: str
    quote: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two audiences on one item that both were asked. Differences are a minus b, in 0–1."""

    question: str
    item: str
    source_ids: tuple[str, str]
    audience_a: str
    audience_b: str
    difference: float  # of the printed shares
    lower: float
    upper: float
    p_value: float  # exact, the largest over all counts that fit
    p_holm: float
    p_bh: float
    # From this difference on (0–1, either sign) every one is found with 80 % power at the level of Holm's
    # first step, given the same returns; None: not even the largest possible one.
    detectable: float | None
    method: str
    sentence: Text  # “this return cannot show it”, never “no difference”
    note: Text | None = None  # why the two shares may not speak of the same thing


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an audience's return carries."""

    audience: str
    population: int
    units: int
    answers: int
    response_rate: float  # units / population
    worst_margin: float  # half-width of a 95 % interval at a share of one half, 0–1


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A known total beside what those who answered say of themselves."""

    total: KnownTotal
    known_share: float
    readings: tuple[tuple[Text, float], ...]  # how the published share may be read; what it then is of all sheets
    # Whether a random draw could plausibly (p > 0.05) have given any of the readings, second sheets being spread
    # evenly over those who answered. False does not rule out that a draw fits an extreme spread; `sentence` says so.
    compatible: bool
    sentence: Text  # each reading with its test and the reservation that goes with it
    short: Text  # the same for a first page: total, share of the sheets, conclusion


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """What the article says beside what the data carry."""

    claim_id: str
    quote: str
    location: str
    verdict: Verdict
    sentence: Text


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the answers say, and how sure that is."""

    reach: tuple[Reach, ...]
    estimates: tuple[Estimate, ...]
    worded: tuple[WordedResult, ...]
    comparisons: tuple[Comparison, ...]
    family: Text  # which comparisons the adjusted p-values speak of
    totals: tuple[TotalCheck, ...]
    claims: tuple[ClaimCheck, ...]
    assumptions: Assumptions
