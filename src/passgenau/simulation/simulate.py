"""A whole invented return over the real population of a study, and the truth it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import InputError
from passgenau.reading import nearest
from passgenau.simulation.answers import Rows, answer
from passgenau.simulation.fieldwork import fieldwork, numbers
from passgenau.simulation.margins import held_against, targets
from passgenau.simulation.population import populate, stream
from passgenau.simulation.truth import Truth, truth_of
from passgenau.survey.facts import facts_of
from passgenau.survey.responses import ROLES, Delivered, Responses, State, Step
from passgenau.survey.typed import ROLE_DTYPES
from passgenau.survey.variables import variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.frame import Frame
    from passgenau.simulation.answers import Answers
    from passgenau.simulation.assumptions import SimulationAssumptions
    from passgenau.simulation.fieldwork import Sheet
    from passgenau.simulation.margins import Met, Targets
    from passgenau.simulation.population import Population
    from passgenau.survey import Published, Questionnaire

SYNTHETIC = Text(
    "Künstlich erzeugte Antworten: keine dieser Organisationen hat so geantwortet",
    "Synthetic answers: none of these organisations answered like this",
)
"""Stands in every file and on every page made from a simulation."""


@dataclass(frozen=True, eq=False)
class Simulation:
    """An invented return."""

    responses: Responses  # `sheets` has a column `audience` beside the roles
    truth: Truth
    published: tuple[Met, ...]  # every printed share beside what the return gives
    seed: int


def simulate(  # noqa: PLR0913 -- who is asked what, what is known, and the seed
    questionnaire: Questionnaire,
    frames: Mapping[str, Frame],
    assumptions: SimulationAssumptions,
    *,
    seed: int,
    published: Published | None = None,
    circa_points: float = 2.5,
) -> Simulation:
    """Invent a full return: who answers, how often and what.

    Parameters
    ----------
    questionnaire
        What is asked; any type of question.
    frames
        The real population of every audience.
    assumptions
        Everything that nobody knows, with defaults.
    seed
        The same seed and inputs give the same return.
    published
        Numbers of organisations and sheets and shares that the return must show, as printed.
    circa_points
        Percentage points that “ca.” allows.

    Raises
    ------
    InputError
        The assumptions name an audience, question or item that does not exist, or more answers than are possible.
    """
    _check(assumptions, questionnaire, frames)
    people = populate(frames, assumptions, seed)
    wanted = targets(published, circa_points)
    end = _last_counted(questionnaire, wanted)
    sheets = [
        sheet
        for population in people
        for sheet in fieldwork(
            population, numbers(population, assumptions, published), questionnaire, assumptions, end, seed
        )
    ]
    sheets = _ordered(sheets, people)
    rows = _rows(sheets, people, frames, questionnaire)
    answers = answer(questionnaire, rows, {p.audience: p for p in people}, wanted, assumptions, seed)
    responses = _responses(questionnaire, sheets, people, answers, assumptions, seed)
    return Simulation(
        responses,
        truth_of(questionnaire, rows, answers, people, sheets),
        held_against(responses, published, circa_points),
        seed,
    )


def _check(assumptions: SimulationAssumptions, questionnaire: Questionnaire, frames: Mapping[str, Frame]) -> None:
    known = {f"{q.id}.{i}" for q in questionnaire.questions for i in _named(q.id, questionnaire)}
    groups = [("returns", assumptions.returns)] + [(f"shares.{k}", v) for k, v in assumptions.shares.items()]
    for place in assumptions.shares:
        if place not in known:
            raise InputError.of(
                f"Eine Antwort {place!r} gibt es nicht.",
                f"There is no answer {place!r}.",
                file="simulation.yaml",
                field=f"shares.{place}",
                hint=nearest(place, sorted(known)),
            )
    for field, audiences in groups:
        for audience in audiences:
            if audience not in frames:
                raise InputError.of(
                    f"Die Gruppe {audience!r} gibt es nicht.",
                    f"There is no audience {audience!r}.",
                    file="simulation.yaml",
                    field=f"{field}.{audience}",
                    hint=nearest(audience, list(frames)),
                )


def _named(question_id: str, questionnaire: Questionnaire) -> list[str]:
    question = questionnaire.question(question_id)
    items = [item.id for item in question.items] + (["other"] if question.other else [])
    return items + ([p.id for p in questionnaire.scale(question.scale).points] if question.scale else [])


def _last_counted(questionnaire: Questionnaire, wanted: Targets) -> float:
    """Return the part of the questionnaire after which no printed share is left; partial sheets end there."""
    counted = {question for _, question in wanted}
    places = [place for place, question in enumerate(questionnaire.questions, start=1) if question.id in counted]
    return max(places, default=round(0.55 * len(questionnaire.questions))) / len(questionnaire.questions)


def _ordered(sheets: Sequence[Sheet], people: Sequence[Population]) -> list[Sheet]:
    """Return sheets by the day they came in, then everybody else by key; a second sheet never before the first."""
    place = {population.audience: index for index, population in enumerate(people)}
    first = {(s.audience, s.unit): s.day for s in sheets if s.order == 1 and s.day}
    dated = [replace(s, day=max(s.day, first[s.audience, s.unit])) if s.day else s for s in sheets]

    def key(sheet: Sheet) -> tuple[bool, str, int, int, int]:
        day = sheet.day.isoformat() if sheet.day else ""
        return sheet.day is None, day, place[sheet.audience], sheet.unit, sheet.order

    return sorted(dated, key=key)


def _rows(
    sheets: Sequence[Sheet], people: Sequence[Population], frames: Mapping[str, Frame], questionnaire: Questionnaire
) -> Rows:
    """Return the sheets that hold answers, then every organisation of the population."""
    told = [sheet for sheet in sheets if sheet.reached > 0]
    whole = [(p.audience, unit) for p in people for unit in range(len(p))]
    first = questionnaire.languages[0]
    audience = [s.audience for s in told] + [a for a, _ in whole]
    unit = [s.unit for s in told] + [u for _, u in whole]
    languages = [s.language for s in told] + [first] * len(whole)
    units = {p.audience: p.units for p in people}
    asked = pl.DataFrame(
        {"organisation": [units[a][u].key for a, u in zip(audience, unit, strict=True)], "language": languages},
        schema={"organisation": pl.String, "language": pl.String},
    )
    on_top = np.zeros(len(whole), dtype=bool)
    return Rows(
        audience=np.array(audience, dtype=np.str_),
        unit=np.array(unit, dtype=np.intp),
        usable=np.concatenate([np.array([s.usable for s in told], dtype=bool), on_top]),
        whole=np.concatenate([np.zeros(len(told), dtype=bool), ~on_top]),
        copy=np.concatenate([np.array([s.order > 1 for s in told], dtype=bool), on_top]),
        reached=np.concatenate([np.array([s.reached for s in told], dtype=float), np.ones(len(whole))]),
        language=tuple(languages),
        facts=facts_of(asked, frames),
    )


def _responses(  # noqa: PLR0913, PLR0917 -- everything that a sheet is made of
    questionnaire: Questionnaire,
    sheets: Sequence[Sheet],
    people: Sequence[Population],
    answers: Answers,
    assumptions: SimulationAssumptions,
    seed: int,
) -> Responses:
    found = variables(questionnaire)
    told = sum(sheet.reached > 0 for sheet in sheets)
    silent = len(sheets) - told
    # Sheets with answers come first, in the same order in the rows of answers and in the table of sheets.
    ordered = [s for s in sheets if s.reached > 0] + [s for s in sheets if s.reached == 0]
    values = pl.DataFrame(
        [pl.concat([answers.values[v.name].head(told), answers.values[v.name].clear(silent)]) for v in found]
    )
    unseen = pl.repeat(int(State.NOT_SHOWN), silent, dtype=pl.UInt8, eager=True)
    states = pl.DataFrame([pl.concat([answers.states[v.name].head(told), unseen]).alias(v.name) for v in found])
    groups = [[v.name for v in found if v.question == question.id] for question in questionnaire.questions]
    seen = [(states.select(group) != int(State.NOT_SHOWN)).max_horizontal().cast(pl.Int64) for group in groups if group]
    shown = sum(seen, start=pl.zeros(len(sheets), dtype=pl.Int64, eager=True))
    table = _sheet_table(ordered, people, shown.to_list(), assumptions, seed)
    step = Step("simulated", SYNTHETIC, int((states == int(State.ANSWERED)).sum().sum_horizontal()[0]))
    nothing = Delivered(pl.DataFrame(), {}, name="responses.csv")
    return Responses(questionnaire, found, table, values, states, nothing, (step,), (), SYNTHETIC)


def _sheet_table(
    sheets: Sequence[Sheet],
    people: Sequence[Population],
    shown: Sequence[int],
    assumptions: SimulationAssumptions,
    seed: int,
) -> pl.DataFrame:
    units = {population.audience: population.units for population in people}
    pace = stream(seed, "pace").lognormal(0.0, 0.35, size=len(sheets))
    columns = {
        "sheet": [str(place) for place in range(1, len(sheets) + 1)],
        "organisation": [units[s.audience][s.unit].key for s in sheets],
        "token": [f"synthetic-{place:05d}" for place in range(1, len(sheets) + 1)],
        "disposition": [s.disposition for s in sheets],
        "language": [s.language for s in sheets],
        "day": [s.day for s in sheets],
        "seconds": [
            float(round(30 + assumptions.seconds_per_question * seen * p)) if s.day else None
            for s, seen, p in zip(sheets, shown, pace, strict=True)
        ],
        "order": [s.order if s.reached > 0 else None for s in sheets],
    }
    schema: dict[str, type[pl.DataType]] = {role: ROLE_DTYPES.get(role, pl.String) for role in ROLES}
    table = pl.DataFrame(columns, schema=schema)
    return table.with_columns(pl.Series("audience", [s.audience for s in sheets], dtype=pl.String))
