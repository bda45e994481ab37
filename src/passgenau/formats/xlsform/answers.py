"""Answers of ODK and KoboToolbox as CSV, in and out.

Both write one row per sheet and one column per question, with the names of groups in front (`group/question`,
`group-question`, `group.question`). A select_multiple is one column of names with blanks between them, or one
column of 0 and 1 per choice (`question/choice`), or both.
"""

from __future__ import annotations

import csv
import io
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.exchange import Exported
from passgenau.formats.intake import MAX_COLUMNS, decode, harmless
from passgenau.formats.returning import changed
from passgenau.formats.xlsform.names import choice_names, column_of, row_names
from passgenau.formats.xlsform.sheets import FORMAT
from passgenau.survey.responses import REFUSED, Delivered, State
from passgenau.survey.typed import number_text
from passgenau.survey.variables import OTHER, variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Responses, Role
    from passgenau.survey.variables import Variable

_SEPARATORS = "/-.:"
_ROLES: Mapping[Role, tuple[str, ...]] = {
    "sheet": ("_uuid", "meta/instanceID", "meta-instanceID", "instanceID", "KEY", "_id", "sheet"),
    "organisation": ("organisation", "ags"),
    "token": ("token",),
    "language": ("language", "_language"),
    "day": ("_submission_time", "SubmissionDate", "end", "day"),
    "seconds": ("_duration", "seconds"),
}
"""Columns that the servers put beside the answers."""


def read_xlsform_answers(content: bytes, name: str, questionnaire: Questionnaire) -> Delivered:
    """Read a CSV file of ODK Central, ODK Briefcase or KoboToolbox.

    An empty cell says nothing: neither server tells a question left empty from one that was not shown. Every
    column is kept under its own name.

    Parameters
    ----------
    content
        The CSV file, separated by comma, semicolon or tab, with names (not labels) as headings.
    name
        How messages call the file.
    questionnaire
        The survey that was answered, as `read_xlsform` gave it.

    Raises
    ------
    InputError
        It is no table, has no heading, or no column belongs to the questionnaire.
    """
    header, rows = _table(content, name)
    by_name = _columns_by_name(header)
    taken: dict[str, list[str | None]] = {}
    for question in questionnaire.questions:
        taken |= _of_question(question, questionnaire, by_name, rows)
    if not taken:
        raise InputError.of(
            "Keine Spalte gehört zu einer Frage des Fragebogens.",
            "No column belongs to a question of the questionnaire.",
            file=name,
            line=1,
            hint=Text(
                "Mit den Namen der Fragen als Überschriften ausgeben lassen (XML values), nicht mit ihrem Wortlaut.",
                "Export with the names of the questions as headings (XML values), not with their labels.",
            ),
        )
    names = _unlike(header, taken)
    table = {new: [row[place] if place < len(row) and row[place] else None for row in rows] for place, new in names}
    roles = {role: c for role, known in _ROLES.items() if (c := next((k for k in known if k in table), None))}
    data = {**taken, **table}
    return Delivered(
        table=pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)),
        columns=MappingProxyType({column: column for column in taken}),
        roles=MappingProxyType(roles),
        name=name,
    )


def _table(content: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    text = decode(content, name).text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise InputError.of(
            f"Keine gültige CSV-Datei: {error}.",
            f"Not a valid CSV file: {error}.",
            file=name,
            hint=Text("Noch einmal ausgeben lassen.", "Export it once more."),
        ) from None
    if not lines or len(lines[0]) > MAX_COLUMNS:
        raise InputError.of(
            "Die Datei hat keine Kopfzeile, oder zu viele Spalten.",
            "The file has no heading, or too many columns.",
            file=name,
            hint=Text("Noch einmal ausgeben lassen.", "Export it once more."),
        )
    return [cell.strip() for cell in lines[0]], lines[1:]


def _columns_by_name(header: list[str]) -> dict[str, int]:
    """Return the place of every column, by its whole name and by what stands behind its groups."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        found.setdefault(name, place)
    for place, name in enumerate(header):
        for index, letter in enumerate(name):
            if letter in _SEPARATORS:
                found.setdefault(name[index + 1 :], place)
    return found


def _unlike(header: list[str], taken: Mapping[str, object]) -> list[tuple[int, str]]:
    """Return the columns of the file with names that no variable and no other column has."""
    used = set(taken)
    names = []
    for place, wanted in enumerate(header):
        name, number = wanted or f"column {place + 1}", 2
        while name in used:
            name, number = f"{wanted} ({number})", number + 1
        used.add(name)
        names.append((place, name))
    return names


def _of_question(
    question: Question, questionnaire: Questionnaire, by_name: Mapping[str, int], rows: list[list[str]]
) -> dict[str, list[str | None]]:
    """Return the columns of one question by the names of its variables."""
    columns = column_of(questionnaire)
    own = [variable for variable in variables(questionnaire) if variable.question == question.id]
    found: dict[str, list[str | None]] = {}
    if question.type in {"multiple", "ranking"}:
        found |= _chosen(question, questionnaire, by_name, rows)
        own = [variable for variable in own if variable.part != "answer"]
    for variable in own:
        place = by_name.get(columns[variable.name])
        if place is not None:
            cells = [_cell(row, place) for row in rows]
            found[variable.name] = [_pointed(cell) for cell in cells] if variable.type == "number" else cells
    return found


def _pointed(cell: str | None) -> str | None:
    """Return a number with a decimal point that nobody takes for a mark of thousands: there is none in these files."""
    return f"{cell}0" if cell is not None and re.fullmatch(r"-?\d+\.\d{3}", cell) else cell


def _cell(row: list[str], place: int) -> str | None:
    return row[place] if place < len(row) and row[place] != "" else None


def _chosen(
    question: Question, questionnaire: Questionnaire, by_name: Mapping[str, int], rows: list[list[str]]
) -> dict[str, list[str | None]]:
    names = row_names(questionnaire)
    name = names.questions[question.id]
    spelled = {**choice_names(question.items), **({OTHER: names.other(question)} if question.other else {})}
    refused = names.no_answer(question) if question.no_answer else None
    whole = by_name.get(name)
    places = {item: _choice_place(by_name, name, choice) for item, choice in spelled.items()}
    found: dict[str, list[str | None]] = {}
    for item, choice in spelled.items():
        cells: list[str | None] = []
        for row in rows:
            said = _cell(row, whole) if whole is not None else None
            single = _cell(row, place) if (place := places[item]) is not None else None
            cells.append(_mark(question, said, single, choice, refused))
        if whole is not None or places[item] is not None:
            found[f"{question.id}_{item}"] = cells
    return found


def _choice_place(by_name: Mapping[str, int], name: str, choice: str) -> int | None:
    for separator in _SEPARATORS:
        if f"{name}{separator}{choice}" in by_name:
            return by_name[f"{name}{separator}{choice}"]
    return None


def _mark(question: Question, said: str | None, single: str | None, choice: str, refused: str | None) -> str | None:
    """Return the tick or rank of one choice, from the list of names or from its own column."""
    if said is None:
        return single
    chosen = said.split()
    if refused is not None and refused in chosen:
        return REFUSED
    if question.type == "ranking":
        return str(chosen.index(choice) + 1) if choice in chosen else None
    return "1" if choice in chosen else "0"


# --- writing --------------------------------------------------------------------------------------------


def write_xlsform_answers(responses: Responses) -> Exported:
    """Write typed answers as the CSV file that ODK and KoboToolbox give.

    Returns
    -------
    Exported
        One file, ``responses.csv``: names as headings, the choices of a select_multiple with blanks between
        them. What was not shown is empty, as there; `lost` says so.
    """
    questionnaire = responses.questionnaire
    columns = column_of(questionnaire)
    by_row: dict[str, list[Variable]] = {}
    for variable in variables(questionnaire):
        by_row.setdefault(columns[variable.name], []).append(variable)
    roles = [
        role for role in ("sheet", "organisation", "token", "language", "day", "seconds") if _said(responses, role)
    ]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*(_HEADINGS.get(role, role) for role in roles), *by_row])
    sheets = zip(responses.sheets.to_dicts(), responses.values.to_dicts(), responses.states.to_dicts(), strict=True)
    for sheet, value, state in sheets:
        cells = [_written(own, value, state, responses) for own in by_row.values()]
        given = ["" if sheet[role] is None else str(sheet[role]) for role in roles]
        table.writerow([harmless(cell) for cell in (*given, *cells)])
    content = out.getvalue().encode()
    lost = changed(responses, read_xlsform_answers(content, "responses.csv", questionnaire), _WHY) if by_row else ()
    return Exported(FORMAT, {"responses.csv": content}, lost)


_HEADINGS = {"sheet": "_uuid", "day": "_submission_time", "seconds": "_duration"}


def _said(responses: Responses, role: str) -> bool:
    return role in responses.sheets.columns and responses.sheets[role].null_count() < len(responses)


def _written(own: list[Variable], value: Mapping[str, Any], state: Mapping[str, int], responses: Responses) -> str:
    questionnaire = responses.questionnaire
    question = questionnaire.question(own[0].question)
    names = row_names(questionnaire)
    if any(state[variable.name] == State.REFUSED for variable in own):
        return names.no_answer(question) if question.no_answer and own[0].type in _CHOSEN else ""
    told = {v: value[v.name] for v in own if state[v.name] == State.ANSWERED and value[v.name] is not None}
    if not told:
        return ""
    first = next(iter(told))
    if first.type in {"flag", "rank"}:
        spelled = {**choice_names(question.items), OTHER: names.other(question)}
        ranked = sorted((mark, spelled[v.item or ""]) for v, mark in told.items() if first.type == "rank")
        ticks = [(True, spelled[v.item or ""]) for v, mark in told.items() if mark is True]
        return " ".join(name for _, name in (ranked or ticks))
    return _spelled(first, told[first], questionnaire)


_CHOSEN = frozenset({"category", "flag", "rank"})
"""Variables whose question can offer “no answer” as a choice."""


def _spelled(variable: Variable, answer: object, questionnaire: Questionnaire) -> str:
    question = questionnaire.question(variable.question)
    if variable.type == "category":
        if answer == OTHER and question.other:
            return row_names(questionnaire).other(question)
        scale = question.second_scale if variable.part == "second" else question.scale
        entries = questionnaire.scale(scale).points if scale else question.items
        return choice_names(entries).get(str(answer), str(answer))
    return number_text(answer) if isinstance(answer, float) else str(answer)


_WHY = Text(
    "Die CSV-Dateien von ODK und KoboToolbox können es nicht anders sagen; beim Lesen entscheiden die Filter.",
    "The CSV files of ODK and KoboToolbox cannot say it otherwise; when read again, the filters decide.",
)
