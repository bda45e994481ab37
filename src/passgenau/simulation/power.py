"""What a design can find, told before fieldwork: expected intervals, power of comparisons, coverage.

`docs/simulation.md`. The population is the real frame with invented interest; organisations answer in three ways:
all alike (`mcar`), by size class (`size`), or the interested rather than others (`interest`). Intervals and tests
are those of the estimation room for one equal answer per organisation. Filters lower the number who are asked, as
a simulated return shows it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from passgenau.estimation import (
    Sample,
    choose_method,
    count_interval,
    detectable_difference,
    exact_difference,
    margin_of_error,
)
from passgenau.estimation.multiplicity import holm
from passgenau.simulation.fieldwork import numbers
from passgenau.simulation.margins import targets
from passgenau.simulation.population import populate, stream
from passgenau.simulation.simulate import simulate
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation import CountInterval
    from passgenau.frame import Frame
    from passgenau.simulation.assumptions import SimulationAssumptions
    from passgenau.simulation.margins import Targets
    from passgenau.simulation.population import Population
    from passgenau.survey import Published, Question, Questionnaire

    Flags = NDArray[np.bool_]
    Counts = NDArray[np.int64]

Scenario = Literal["mcar", "size", "interest"]
SCENARIOS: dict[Scenario, Text] = {
    "mcar": Text("alle antworten gleich bereitwillig", "all are equally ready to answer"),
    "size": Text("große Kommunen antworten eher", "large municipalities are readier to answer"),
    "interest": Text("Interessierte antworten eher", "the interested are readier to answer"),
}
"""Ways in which organisations answer or not."""

LEVEL, POWER = 0.95, 0.8
_EXACT = 100_000  # pairs of outcomes up to which comparisons are exact; beyond, the normal distribution is close
_NORMAL = NormalDist()
_WORST = 0.5  # the share with the widest interval, where none is known


@dataclass(frozen=True, slots=True)
class ItemPower:
    """What can be said about one share of one audience."""

    audience: str
    question: str
    item: str
    share: float  # assumed in the population, 0–1
    share_source: Literal["published", "assumed", "worst_case"]
    answering: int  # organisations expected to answer the question
    population: int  # organisations that would be asked it
    lower: float  # expected limits, 0–1
    upper: float
    coverage: Mapping[str, float]  # share of simulated returns whose interval holds the true count, by scenario
    bias: Mapping[str, float]  # mean of the simulated share minus the true one, −1 to 1, by scenario
    method: str  # of the interval; key into methods.md


@dataclass(frozen=True, slots=True)
class ComparisonPower:
    """What can be found out about the difference of two audiences."""

    question: str
    item: str
    audience_a: str
    audience_b: str
    difference: float  # assumed in the populations, a minus b
    known: bool  # whether both shares are published or assumed, not just the worst case
    power: float | None  # share of simulated returns that find it after Holm; None where it is not known
    detectable: float | None  # smallest difference found with `POWER` at Holm's first step; None: not even the largest
    method: str


@dataclass(frozen=True, slots=True)
class Power:
    """What a design can find."""

    items: tuple[ItemPower, ...]
    comparisons: tuple[ComparisonPower, ...]
    sentences: tuple[Text, ...]
    repeats: int
    seed: int
    level: float


@dataclass(frozen=True)
class _Audience:
    """One audience with what its organisations would answer."""

    people: Population
    answering: int
    items: tuple[tuple[str, str], ...]
    shares: tuple[tuple[float, Literal["published", "assumed", "worst_case"]], ...]
    asked: Flags  # organisations × items
    says_yes: Flags  # organisations × items


def power_of(  # noqa: PLR0913 -- the design, and how it is simulated
    questionnaire: Questionnaire,
    frames: Mapping[str, Frame],
    assumptions: SimulationAssumptions,
    *,
    seed: int,
    repeats: int = 500,
    published: Published | None = None,
    circa_points: float = 2.5,
    names: Mapping[str, Text] | None = None,
) -> Power:
    """Return what a survey of these populations can be expected to find.

    Parameters
    ----------
    questionnaire, frames, assumptions, seed, published, circa_points
        As for `simulate`; published shares, where there are any, are taken for those of the population, assumed
        ones next, and one half, the least favourable, where nothing is known.
    repeats
        Simulated returns per scenario, ≥ 1.
    names
        What the audiences are called in sentences; their ids where not given.

    Raises
    ------
    InputError
        As for `simulate`.

    Notes
    -----
    Coverage is that of the finite population: whether the interval holds the true count of organisations. With 500
    repeats it is exact to about two percentage points.
    """
    wanted = targets(published, circa_points)
    asked = _asked(questionnaire, frames, assumptions, seed, published, circa_points)
    audiences = [
        _audience(
            people,
            numbers(people, assumptions, published).organisations,
            questionnaire,
            assumptions,
            wanted,
            asked,
            seed,
        )
        for people in populate(frames, assumptions, seed)
    ]
    drawn = {
        (audience.people.audience, scenario): _counts(audience, scenario, assumptions, repeats, seed)
        for audience in audiences
        for scenario in SCENARIOS
    }
    items = tuple(
        _item(audience, place, {scenario: drawn[audience.people.audience, scenario] for scenario in SCENARIOS})
        for audience in audiences
        for place in range(len(audience.items))
    )
    comparisons = _comparisons(audiences, drawn, repeats)
    return Power(items, comparisons, _sentences(audiences, items, comparisons, names or {}), repeats, seed, LEVEL)


def _countable(question: Question, questionnaire: Questionnaire, audience: str) -> list[tuple[str, str]]:
    """Return (item, name in the truth) of every share of a question."""
    items = [item.id for item in question.items if not item.audiences or audience in item.audiences]
    if question.type in {"single", "multiple"}:
        return [(item, item) for item in items]
    if question.type == "scale":
        return [(point.id, point.id) for point in questionnaire.scale(question.scale or "").points]
    if question.type == "matrix" and any(p.agrees for p in questionnaire.scale(question.scale or "").points):
        return [(item, item) for item in items]
    return []


def _asked(  # noqa: PLR0913, PLR0917 -- as `power_of`
    questionnaire: Questionnaire,
    frames: Mapping[str, Frame],
    assumptions: SimulationAssumptions,
    seed: int,
    published: Published | None,
    circa_points: float,
) -> dict[tuple[str, str], int]:
    """Return how many organisations of an audience would answer a question, as one simulated return has it."""
    one = simulate(questionnaire, frames, assumptions, seed=seed, published=published, circa_points=circa_points)
    found: dict[tuple[str, str], int] = {}
    for share in one.truth.shares:
        key = share.audience, share.question
        found[key] = max(found.get(key, 0), share.population)
    return found


def _audience(  # noqa: PLR0913, PLR0917 -- as `power_of`, for one audience
    people: Population,
    answering: int,
    questionnaire: Questionnaire,
    assumptions: SimulationAssumptions,
    wanted: Targets,
    asked: Mapping[tuple[str, str], int],
    seed: int,
) -> _Audience:
    audience = people.audience
    items = tuple(
        (question.id, item)
        for question in questionnaire.questions
        if asked.get((audience, question.id), 0) > 0
        for item, _ in _countable(question, questionnaire, audience)
    )
    shares = tuple(_share(audience, question, item, assumptions, wanted) for question, item in items)
    shown = {
        question: _above(
            people, asked[audience, question], assumptions.common, stream(seed, audience, "asked", question)
        )
        for question in dict.fromkeys(question for question, _ in items)
    }
    every = np.array([shown[question] for question, _ in items], dtype=bool).reshape(len(items), len(people)).T
    yes = np.zeros_like(every)
    for place, ((question, item), (share, _)) in enumerate(zip(items, shares, strict=True)):
        inside = np.flatnonzero(every[:, place])
        rng = stream(seed, audience, "yes", question, item)
        latent = math.sqrt(assumptions.common) * people.interest + math.sqrt(
            1 - assumptions.common
        ) * rng.standard_normal(len(people))
        first = inside[np.argsort(-latent[inside], kind="stable")[: round(share * inside.size)]]
        yes[first, place] = True
    return _Audience(people, answering, items, shares, every, yes)


def _above(people: Population, count: int, common: float, rng: np.random.Generator) -> Flags:
    latent = math.sqrt(common) * people.interest + math.sqrt(1 - common) * rng.standard_normal(len(people))
    found = np.zeros(len(people), dtype=bool)
    found[np.argsort(-latent, kind="stable")[:count]] = True
    return found


def _share(
    audience: str, question: str, item: str, assumptions: SimulationAssumptions, wanted: Targets
) -> tuple[float, Literal["published", "assumed", "worst_case"]]:
    target = wanted.get((audience, question), {}).get(item)
    if target is not None:
        return target.middle, "published"
    assumed = assumptions.shares.get(f"{question}.{item}", {}).get(audience)
    return (assumed, "assumed") if assumed is not None else (_WORST, "worst_case")


# --- drawing returns -----------------------------------------------------------------------------------------


def _counts(
    audience: _Audience, scenario: Scenario, assumptions: SimulationAssumptions, repeats: int, seed: int
) -> tuple[Counts, Counts]:
    """Return, per repeat and item, how many of those who answer say yes, and how many were asked."""
    people = audience.people
    readiness = {
        "mcar": np.zeros(len(people)),
        "size": np.array([assumptions.size_classes.get(unit.size_class or "", 0.0) for unit in people.units]),
        "interest": assumptions.interest * people.interest,
    }[scenario]
    rng = stream(seed, people.audience, "draws", scenario)
    answers = np.zeros((repeats, len(people)), dtype=np.float32)
    for repeat in range(repeats):
        keys = readiness + rng.gumbel(size=len(people))
        answers[repeat, np.argsort(-keys, kind="stable")[: audience.answering]] = 1
    yes = answers @ audience.says_yes.astype(np.float32)
    asked = answers @ audience.asked.astype(np.float32)
    return np.rint(yes).astype(np.int64), np.rint(asked).astype(np.int64)


@lru_cache(maxsize=65536)
def _interval(yes: int, drawn: int, population: int) -> CountInterval:
    with np.errstate(over="ignore"):  # terms of counts that are impossible, and left out
        return count_interval(choose_method(population).method, yes, drawn, population, LEVEL)


def _item(audience: _Audience, place: int, drawn: Mapping[Scenario, tuple[Counts, Counts]]) -> ItemPower:
    question, item = audience.items[place]
    share, source = audience.shares[place]
    population = int(audience.asked[:, place].sum())
    true = int(audience.says_yes[:, place].sum())
    coverage: dict[str, float] = {}
    bias: dict[str, float] = {}
    limits = (0.0, 1.0)
    for scenario, (yes, asked) in drawn.items():
        told = [(int(k), int(n)) for k, n in zip(yes[:, place], asked[:, place], strict=True) if n > 0]
        found = [_interval(k, n, population) for k, n in told]
        coverage[scenario] = float(np.mean([i.lower <= true <= i.upper for i in found])) if found else 0.0
        bias[scenario] = float(np.mean([k / n for k, n in told]) - true / population) if told else 0.0
        if scenario == "mcar" and found:
            limits = (
                float(np.mean([i.shares[0] for i in found])),
                float(np.mean([i.shares[1] for i in found])),
            )
    answering = round(float(drawn["mcar"][1][:, place].mean()))
    method = choose_method(population).method
    return ItemPower(
        audience.people.audience, question, item, share, source, answering, population, *limits, coverage, bias, method
    )


# --- comparing audiences --------------------------------------------------------------------------------------------


def _is_small(drawn_a: int, drawn_b: int) -> bool:
    return (drawn_a + 1) * (drawn_b + 1) <= _EXACT


@lru_cache(maxsize=65536)
def _p_value(a: Sample, b: Sample) -> float:
    if _is_small(a.drawn, b.drawn):
        return exact_difference(a, b).p_value
    pooled = (a.yes + b.yes) / (a.drawn + b.drawn)
    error = math.sqrt(pooled * (1 - pooled) * (_spread(a.drawn, a.population) + _spread(b.drawn, b.population)))
    difference = abs(a.yes / a.drawn - b.yes / b.drawn)
    return 2 * (1 - _NORMAL.cdf(difference / error)) if error > 0 else float(difference == 0)


def _spread(drawn: int, population: int | None) -> float:
    """Return the variance of an observed share, up to the factor share·(1 − share)."""
    return (1.0 if population is None else (population - drawn) / max(population - 1, 1)) / drawn


def _comparisons(
    audiences: Sequence[_Audience], drawn: Mapping[tuple[str, Scenario], tuple[Counts, Counts]], repeats: int
) -> tuple[ComparisonPower, ...]:
    """Return every item that two audiences are asked, with the family of all of them tested together."""
    pairs = [
        (a, b, a.items.index(item), b.items.index(item))
        for a, b in combinations(audiences, 2)
        for item in a.items
        if item in b.items
    ]
    if not pairs:
        return ()
    found = np.zeros(len(pairs))
    for repeat in range(repeats):
        p_values = [_tested(pair, drawn, repeat) for pair in pairs]
        found += np.array(holm(p_values)) < 1 - LEVEL
    return tuple(
        _comparison(pair, power / repeats, len(pairs)) for pair, power in zip(pairs, found.tolist(), strict=True)
    )


_Pair = tuple[_Audience, _Audience, int, int]


def _tested(pair: _Pair, drawn: Mapping[tuple[str, Scenario], tuple[Counts, Counts]], repeat: int) -> float:
    samples = []
    for audience, place in ((pair[0], pair[2]), (pair[1], pair[3])):
        yes, asked = drawn[audience.people.audience, "mcar"]
        if asked[repeat, place] == 0:
            return 1.0
        population = int(audience.asked[:, place].sum())
        samples.append(Sample(int(yes[repeat, place]), int(asked[repeat, place]), population))
    return _p_value(*samples)


def _comparison(pair: _Pair, power: float, family: int) -> ComparisonPower:
    a, b, at_a, at_b = pair
    (share_a, source_a), (share_b, source_b) = a.shares[at_a], b.shares[at_b]
    known = "worst_case" not in {source_a, source_b}
    sizes = [
        (max(round(audience.answering * share), 1), count)
        for audience, place in ((a, at_a), (b, at_b))
        for count in [int(audience.asked[:, place].sum())]
        for share in [count / len(audience.people)]
    ]
    return ComparisonPower(
        question=a.items[at_a][0],
        item=a.items[at_a][1],
        audience_a=a.people.audience,
        audience_b=b.people.audience,
        difference=share_a - share_b,
        known=known,
        power=power if known else None,
        detectable=_detectable(sizes[0], sizes[1], round(share_b, 2), family),
        method="exact-difference" if _is_small(sizes[0][0], sizes[1][0]) else "normal-difference",
    )


@lru_cache(maxsize=4096)
def _detectable(a: tuple[int, int], b: tuple[int, int], share: float, family: int) -> float | None:
    level = 1 - (1 - LEVEL) / family
    if _is_small(a[0], b[0]):
        return detectable_difference(*a, *b, share, level=level, power=POWER)
    needed = _NORMAL.inv_cdf((1 + level) / 2) + _NORMAL.inv_cdf(POWER)
    gap = needed * math.sqrt(share * (1 - share) * (_spread(*a) + _spread(*b)))
    return gap if gap <= 1 else None


# --- in words ------------------------------------------------------------------------------------------------------


def _sentences(
    audiences: Sequence[_Audience],
    items: Sequence[ItemPower],
    comparisons: Sequence[ComparisonPower],
    names: Mapping[str, Text],
) -> tuple[Text, ...]:
    found = [_reach(a, names.get(a.people.audience, Text(a.people.audience))) for a in audiences if a.answering]
    if items:
        found.append(_hits(items))
    if comparisons:
        found.append(_finds(comparisons))
    return tuple(found)


def _reach(audience: _Audience, name: Text) -> Text:
    n, population = audience.answering, len(audience.people)
    points = f"{100 * margin_of_error(n, population, LEVEL):.0f}"
    return Text(
        f"{name.de}: Antworten {n} von {population}, so liegt ein Anteil um die Hälfte in 19 von 20 "
        f"Fällen höchstens {points} Prozentpunkte neben dem wahren Wert, wenn der Zufall entscheidet, wer antwortet.",
        f"{name.into('en')}: if {n} of {population} answer, a share around one half lies within {points} "
        "percentage points of the true value in 19 of 20 cases, if chance decides who answers.",
    )


def _hits(items: Sequence[ItemPower]) -> Text:
    mean = {scenario: 100 * float(np.mean([i.coverage[scenario] for i in items])) for scenario in SCENARIOS}
    alike, size, interest = (f"{mean[scenario]:.0f}" for scenario in SCENARIOS)
    return Text(
        f"Die Spannen enthalten den wahren Wert in {alike} von 100 Fällen, wenn alle gleich bereitwillig antworten, in "
        f"{size}, wenn große Kommunen eher antworten, und in {interest}, wenn Interessierte eher antworten. Gegen "
        "diese Verzerrung helfen nicht mehr Antworten, sondern Nachfassen bei denen, die schweigen.",
        f"The intervals hold the true value in {alike} of 100 cases if all are equally ready to answer, in {size} if "
        f"large municipalities are readier, and in {interest} if the interested are. More answers do not help against "
        "that bias; following up those who are silent does.",
    )


def _finds(comparisons: Sequence[ComparisonPower]) -> Text:
    known = [c.power for c in comparisons if c.power is not None]
    needed = [c.detectable for c in comparisons if c.detectable is not None]
    count, expected = len(comparisons), _expected(known)
    if not needed:
        return Text(
            f"Bei {count} Vergleichen zugleich fällt kein Unterschied zweier Gruppen verlässlich auf.{expected.de}",
            f"With {count} comparisons at once no difference of audiences is found reliably.{expected.into('en')}",
        )
    least = f"{100 * min(needed):.0f}"
    return Text(
        f"Zwei Gruppen müssen sich um mindestens {least} Prozentpunkte unterscheiden, damit es in vier von fünf Fällen "
        f"auffällt ({count} Vergleiche zugleich, nach Holm).{expected.de} Kein gefundener Unterschied heißt nicht: "
        "kein Unterschied.",
        f"Two audiences must differ by at least {least} percentage points for it to show in four of five cases "
        f"({count} comparisons at once, after Holm).{expected.into('en')} No difference found does not mean no "
        "difference.",
    )


def _expected(known: Sequence[float]) -> Text:
    """Return how many of the comparisons with known shares a survey shows on average."""
    if not known:
        return Text("", "")
    mean = f"{sum(known):.1f}"
    return Text(
        f" Von {len(known)} Vergleichen mit bekannten Anteilen fallen im Mittel {mean.replace('.', ',')} auf.",
        f" Of {len(known)} comparisons with known shares a survey shows {mean} on average.",
    )
