"""Every estimate and comparison of a study, each with its context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from passgenau.reading import Record, RecordError, Slug
from passgenau.survey.questionnaire import Kind
from passgenau.text import Text

Verdict = Literal["carried", "not_shown", "not_testable"]
Origin = Literal["published", "estimated"]
"""Whether a number was printed by a source, or estimated from answers."""


class KnownTotal(Record):
    """A total known from elsewhere that the return can be held against (`known_totals`)."""

    id: Slug
    text: Text
    count: int = Field(ge=0)
    population: int = Field(ge=1)
    source: str
    compare_with: str
    """`source_id` of the share of the same thing among those who answered: the one in published.yaml, or
    `audience.question.item` where answers are estimated from."""


Characteristic = Literal["size_class", "region", "type", "district", "urbanisation"]
"""What the frame knows of every organisation."""


class Weights(Record):
    """How the answers are brought to the frame."""

    margins: tuple[Characteristic, ...] = Field(min_length=1)
    """Characteristics of the frame whose counts the weights meet, the most important one first."""
    trim: tuple[float, float] | None = None
    """Smallest and largest weight, as multiples of the mean weight of the audience."""

    @model_validator(mode="after")
    def _trim_in_order(self) -> Weights:
        if self.trim is not None and not 0 <= self.trim[0] < 1 < self.trim[1]:
            raise RecordError(
                "trim braucht eine Grenze unter 1 und eine über 1, etwa [0.3, 3].",
                "trim takes one limit below 1 and one above 1, such as [0.3, 3].",
                at=("trim",),
            )
        return self


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
    # base, “base open” where the source leaves it open. Of answers: “11 of 21 organisations”.
    count_text: Text | None = None
    origin: Origin = "published"
    weighted: bool = False  # whether value and limits bring the answers to the frame
    unweighted: float | None = None  # of answers: the share among those who answered, each counting alike
    unweighted_lower: float | None = None  # its exact limits
    unweighted_upper: float | None = None
    suppressed: bool = False  # too few answers to be shown: no number stands here
    rounded: bool = False  # to whole percent, limits outwards: beside `unweighted` more digits would tell too much


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
class Mean:
    """The mean or the median of a number, of points with a value, or of ranks, in one audience."""

    source_id: str
    audience: str
    question: str
    item: str | None
    text: Text  # what was asked, as tables call it
    kind: Kind
    statistic: Literal["mean", "median"]
    unit: Text | None
    value: float | None  # in that unit; None where suppressed
    lower: float | None  # limits for the population
    upper: float | None
    unweighted: float | None  # the same, each organisation that answered counting alike
    base_answers: int
    base_units: int
    population: int
    method: str
    weighted: bool
    suppressed: bool
    note: Text | None


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
    # True without any reading: too few answered for a test.
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
class Rates:
    """How one part of an audience ended up, and AAPOR's response rates (0–1); organisations, each counted once."""

    audience: str
    by: str | None  # a characteristic of the frame, or several joined by “ × ”; None: the whole audience
    stratum: str  # its value; empty for the whole audience
    population: int
    answered: int | None  # organisations with a usable sheet; None where so few would betray who took part
    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly an audience answered: the R-indicator and what it is made of."""

    audience: str
    indicator: float  # 1: all alike likely to answer; 0 at the worst
    se: float | None
    propensity: float  # mean, 0–1
    maximal_bias: float  # of a mean, in standard deviations of the item, if answers went along with the frame's columns
    variables: tuple[str, ...]
    partial: tuple[tuple[str, float], ...]  # unconditional partial indicator per variable
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class MarginFit:
    """A known count of the population beside what the answers stand for, before and after weighting."""

    audience: str | None  # None: of all audiences together
    name: str
    categories: tuple[str, ...]  # of the frame, merged where too few answered
    rows: int | None  # organisations that answered; None where that is not shown among the response rates either
    target: float
    before: float | None  # None as `rows`, from which it follows
    after: float


@dataclass(frozen=True, slots=True)
class Weighting:
    """What weights were made and what they cost."""

    margins: tuple[str, ...]
    merged: tuple[Text, ...]  # categories that had to be put together, in words
    calibrated: tuple[str, ...]  # known totals that the weights meet
    fits: tuple[MarginFit, ...]
    spread: tuple[WeightSpread, ...]  # per audience
    trim: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class WeightSpread:
    """How far the weights of one audience spread."""

    audience: str
    rows: int
    minimum: float
    maximum: float
    design_effect: float  # Kish
    effective_size: float


@dataclass(frozen=True, slots=True)
class Response:
    """Who answered and how evenly, from the answers and the frame."""

    rates: tuple[Rates, ...]
    evenness: tuple[Evenness, ...]
    weighting: Weighting | None


@dataclass(frozen=True, slots=True)
class Missing:
    """What became of one question, counted in organisations that answered the survey."""

    audience: str
    question: str
    answered: int
    empty: int
    refused: int
    not_shown: int
    invalid: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """How the sheets of organisations that sent several agree on one question."""

    audience: str
    question: str
    organisations: int  # of the audience that sent several sheets
    disagreed: int  # of them, those whose sheets answer it differently


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the answers are: what came in, what was found, what was done."""

    sheets: int
    dispositions: tuple[tuple[str, int], ...]
    outside: int  # usable sheets that belong to no organisation of a population
    marks: tuple[tuple[str, str, int], ...]  # check, severity, how many
    steps: tuple[tuple[str, Text, int, str | None], ...]  # what was done: key, words, values, by whom
    repeated: tuple[tuple[str, int, int], ...]  # audience, organisations with several sheets, their sheets
    combined: Text | None  # the rule that combines them
    disagreement: tuple[Repeated, ...]
    missing: tuple[Missing, ...]


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
    origin: Origin = "published"
    means: tuple[Mean, ...] = ()
    response: Response | None = None  # of answers only, as the next one
    quality: Quality | None = None
    synthetic: Text | None = None  # where the answers were made up: what every file and page must say
