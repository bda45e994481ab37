"""The fieldwork: who answers, how often, when, in which language, and how it ends for everyone else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import InputError
from passgenau.simulation.population import stream
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.simulation.assumptions import SimulationAssumptions
    from passgenau.simulation.population import Population
    from passgenau.survey import Disposition, Published, Questionnaire

_WEEKEND = 5  # weekday of Saturday


@dataclass(frozen=True, slots=True)
class Sheet:
    """One row of the return: an answer sheet, or an organisation without one."""

    audience: str
    unit: int  # place in the population
    order: int  # 1 for the first sheet of an organisation
    disposition: Disposition
    language: str | None
    day: dt.date | None
    reached: float  # how much of the questionnaire was seen, 0–1

    @property
    def usable(self) -> bool:
        """Whether its answers are analysed."""
        return self.disposition in {"complete", "partial"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many organisations of an audience answer, with how many sheets."""

    organisations: int
    sheets: int


def numbers(population: Population, assumptions: SimulationAssumptions, published: Published | None) -> Numbers:
    """Return the size of a return: as assumed, else as published, else by the response rate.

    Raises
    ------
    InputError
        More organisations answer than there are, or more than answered come with no sheet.
    """
    given = assumptions.returns.get(population.audience)
    known = published.returns.get(population.audience) if published else None
    rate = assumptions.response_rate if given is None or given.rate is None else given.rate
    organisations = round(rate * len(population))
    if given is not None and given.organisations is not None:
        organisations = given.organisations
    elif known is not None and (given is None or given.rate is None):
        organisations = known.units
    if organisations > len(population):
        raise InputError.of(
            f"{organisations} antworten, aber es gibt nur {len(population)}.",
            f"{organisations} answer, but there are only {len(population)}.",
            file="simulation.yaml",
            field=f"returns.{population.audience}.organisations",
        )
    sheets = organisations + round(assumptions.second_sheets * organisations)
    if given is not None and given.sheets is not None:
        sheets = given.sheets
    elif known is not None and organisations == known.units:
        sheets = known.answers
    if sheets < organisations or (sheets and not organisations):
        raise InputError.of(
            f"{sheets} Bögen von {organisations} Organisationen: das geht nicht auf.",
            f"{sheets} sheets of {organisations} organisations do not fit.",
            file="simulation.yaml",
            field=f"returns.{population.audience}.sheets",
            hint=Text("Mindestens ein Bogen je Organisation.", "At least one sheet per organisation."),
        )
    return Numbers(organisations, sheets)


def drawn(readiness: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the places of `count` units, drawn one after another with odds exp(readiness), in that order."""
    keys = readiness + rng.gumbel(size=readiness.size)
    return np.argsort(-keys, kind="stable")[:count]


def fieldwork(  # noqa: PLR0913, PLR0917 -- who is asked what, and under which assumptions
    population: Population,
    size: Numbers,
    questionnaire: Questionnaire,
    assumptions: SimulationAssumptions,
    may_end_at: float,
    seed: int,
) -> tuple[Sheet, ...]:
    """Return a row for every sheet of those who answer and for every organisation that does not.

    Parameters
    ----------
    may_end_at
        The part of the questionnaire, 0–1, behind which a partial sheet may end; 1: no sheet may.
    """
    rng = stream(seed, population.audience, "fieldwork")
    order = drawn(population.readiness, len(population), rng)
    answering, others = order[: size.organisations], order[size.organisations :]
    extra = _seconds(answering, size.sheets - size.organisations, population, rng)
    partial = round(assumptions.partial * size.sheets) if may_end_at < 1 else 0
    ends = np.zeros(size.sheets, dtype=bool)
    ends[rng.permutation(size.sheets)[:partial]] = True
    rows: list[Sheet] = []
    counted: dict[int, int] = {}
    for place, unit in enumerate([*answering.tolist(), *extra]):
        counted[unit] = counted.get(unit, 0) + 1
        reached = may_end_at + (1 - may_end_at) * rng.uniform(0, 0.999) if ends[place] else 1.0
        rows.append(
            _answered(population.audience, unit, counted[unit], reached, questionnaire, assumptions, rng),
        )
    rows += _unanswered(population.audience, others.tolist(), size, questionnaire, assumptions, rng)
    return tuple(rows)


def _seconds(answering: np.ndarray, count: int, population: Population, rng: np.random.Generator) -> list[int]:
    """Return who sends a further sheet: the interested rather than others, nobody a third before all a second."""
    found: list[int] = []
    while len(found) < count:
        order = drawn(population.interest[answering], min(count - len(found), answering.size), rng)
        found += answering[order].tolist()
    return found


def _answered(  # noqa: PLR0913, PLR0917 -- the parts of a sheet
    audience: str,
    unit: int,
    order: int,
    reached: float,
    questionnaire: Questionnaire,
    assumptions: SimulationAssumptions,
    rng: np.random.Generator,
) -> Sheet:
    disposition: Disposition = "complete" if reached == 1.0 else "partial"
    language = _language(questionnaire.languages, assumptions.languages, rng)
    return Sheet(audience, unit, order, disposition, language, _day(assumptions, rng), reached)


def _unanswered(  # noqa: PLR0913, PLR0917 -- as `fieldwork`
    audience: str,
    units: Sequence[int],
    size: Numbers,
    questionnaire: Questionnaire,
    assumptions: SimulationAssumptions,
    rng: np.random.Generator,
) -> list[Sheet]:
    """Return one row per organisation that does not answer; those nearest to answering break off."""
    begun = min(round(assumptions.break_off * size.organisations), len(units))
    rows = [
        Sheet(
            audience,
            unit,
            1,
            "break_off",
            _language(questionnaire.languages, assumptions.languages, rng),
            _day(assumptions, rng),
            float(rng.uniform(0.05, 0.45)),
        )
        for unit in units[:begun]
    ]
    rest = rng.permutation(np.array(units[begun:], dtype=int)).tolist()
    ends: list[Disposition] = []
    for disposition, share in (
        ("refusal", assumptions.refusal),
        ("unreachable", assumptions.unreachable),
        ("ineligible", assumptions.ineligible),
    ):
        ends += [disposition] * round(share * len(rest))  # type: ignore[list-item]  # the words above
    ends = (ends + ["unknown"] * len(rest))[: len(rest)]
    rows += [Sheet(audience, unit, 1, end, None, None, 0.0) for unit, end in zip(rest, ends, strict=True)]
    return rows


def _language(languages: Sequence[str], assumed: Mapping[str, float], rng: np.random.Generator) -> str:
    further = 0.05 / max(len(languages) - 1, 1)
    default = {language: 0.95 if place == 0 else further for place, language in enumerate(languages)}
    weights = {language: assumed.get(language, 0.0) for language in languages} if assumed else default
    total = sum(weights.values())
    if not total > 0:
        return languages[0]
    return str(rng.choice(list(weights), p=[weight / total for weight in weights.values()]))


def _day(assumptions: SimulationAssumptions, rng: np.random.Generator) -> dt.date:
    """Return a working day: many soon after the invitation, many again after a reminder halfway through."""
    half = assumptions.days / 2
    after = rng.exponential(assumptions.days / 8) + (half if rng.uniform() < 0.4 else 0.0)  # noqa: PLR2004 -- the reminder
    day = assumptions.start + dt.timedelta(days=int(min(after, assumptions.days - 1)))
    back = max(day.weekday() - (_WEEKEND - 1), 0)
    moved = day - dt.timedelta(days=back)
    return moved if moved >= assumptions.start else day
