"""The truth of a simulation: what every organisation of the population would have answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from passgenau.simulation.answers import Answers, Rows
    from passgenau.simulation.fieldwork import Sheet
    from passgenau.simulation.population import Population
    from passgenau.survey import Questionnaire, Variable


@dataclass(frozen=True, slots=True)
class TrueShare:
    """One share in the population and in the simulated return."""

    audience: str
    question: str
    item: str
    variable: str
    population: int  # organisations that would have seen and answered the question
    count: int  # those of them that would have said yes
    share: float | None  # 0–1
    sheets: int  # usable sheets that answered
    sheets_yes: int


@dataclass(frozen=True, slots=True)
class TrueMean:
    """One mean of numbers or ranks in the population."""

    audience: str
    question: str
    item: str | None
    variable: str
    population: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class TrueReturn:
    """How the fieldwork of one audience ended."""

    audience: str
    population: int
    organisations: int  # with a usable sheet
    sheets: int  # usable
    dispositions: Mapping[str, int]  # sheets and organisations without one, by disposition
    response_by_size_class: Mapping[str, tuple[int, int]]  # organisations with a usable sheet, all
    interest_of_answering: float | None  # mean; that of all is 0, the standard deviation 1


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that estimates from a simulated return can be checked against."""

    returns: tuple[TrueReturn, ...]
    shares: tuple[TrueShare, ...]
    means: tuple[TrueMean, ...]


def truth_of(
    questionnaire: Questionnaire,
    rows: Rows,
    answers: Answers,
    people: Sequence[Population],
    sheets: Sequence[Sheet],
) -> Truth:
    """Return what the population would have answered, beside what the usable sheets say.

    Parameters
    ----------
    questionnaire
        What was asked.
    rows
        Sheets with answers, then all organisations.
    answers
        Answers of these rows.
    people, sheets
        Who was asked, and how it ended.
    """
    from passgenau.survey.variables import variables  # noqa: PLC0415 -- beside the types above

    shares: list[TrueShare] = []
    means: list[TrueMean] = []
    for variable in variables(questionnaire):
        values = answers.values[variable.name]
        for population in people:
            here = rows.audience == population.audience
            shares += _shares(variable, population.audience, values, here & rows.whole, here & rows.usable)
            means += _means(variable, population.audience, values, here & rows.whole)
    return Truth(tuple(_return(population, sheets) for population in people), tuple(shares), tuple(means))


def _shares(
    variable: Variable, audience: str, values: pl.Series, whole: np.ndarray, usable: np.ndarray
) -> list[TrueShare]:
    if variable.part != "answer" or variable.type not in {"flag", "category"}:
        return []
    everyone, sheets = values.filter(whole).drop_nulls(), values.filter(usable).drop_nulls()
    answers: list[tuple[str, object]] = (
        [(variable.item or "", True)]
        if variable.type == "flag"
        else [(f"{variable.item}={c.id}" if variable.item else c.id, c.id) for c in variable.categories]
    )
    found = []
    for item, yes in answers:
        count = int((everyone == yes).sum())
        share = count / len(everyone) if len(everyone) else None
        told = len(sheets), int((sheets == yes).sum())
        found.append(TrueShare(audience, variable.question, item, variable.name, len(everyone), count, share, *told))
    return found


def _means(variable: Variable, audience: str, values: pl.Series, whole: np.ndarray) -> list[TrueMean]:
    if variable.type not in {"number", "rank"}:
        return []
    everyone = values.filter(whole).drop_nulls()
    mean = float(np.mean(everyone.to_numpy())) if len(everyone) else None
    return [TrueMean(audience, variable.question, variable.item, variable.name, len(everyone), mean)]


def _return(population: Population, sheets: Sequence[Sheet]) -> TrueReturn:
    own = [sheet for sheet in sheets if sheet.audience == population.audience]
    answering = sorted({sheet.unit for sheet in own if sheet.usable})
    classes = Counter(unit.size_class or "–" for unit in population.units)
    answered = Counter(population.units[unit].size_class or "–" for unit in answering)
    return TrueReturn(
        audience=population.audience,
        population=len(population),
        organisations=len(answering),
        sheets=sum(sheet.usable for sheet in own),
        dispositions=dict(sorted(Counter(sheet.disposition for sheet in own).items())),
        response_by_size_class={name: (answered[name], classes[name]) for name in sorted(classes)},
        interest_of_answering=float(population.interest[answering].mean()) if answering else None,
    )
