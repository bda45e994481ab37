"""Results of SurveyJS: a list of objects, one per answer sheet, in and out."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.conditions import as_number, number_text
from passgenau.formats.exchange import Exported
from passgenau.formats.intake import MAX_COLUMNS, decode
from passgenau.formats.returning import changed
from passgenau.formats.surveyjs.document import FORMAT, parse_json
from passgenau.formats.surveyjs.elements import spell
from passgenau.formats.surveyjs.write import names_of, unique_names
from passgenau.survey.responses import REFUSED, Delivered, State
from passgenau.survey.typed import number_text as exact
from passgenau.survey.variables import OTHER, variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Responses, Role
    from passgenau.survey.variables import Variable

_LISTS = ("data", "Data", "results", "Results", "responses", "answers")
_ROLES: Mapping[Role, tuple[str, ...]] = {
    "sheet": ("id", "_id", "Id", "instanceId", "InstanceId", "resultId", "uuid"),
    "organisation": ("organisation", "ags"),
    "token": ("token",),
    "language": ("locale", "language"),
    "day": ("HappendAt", "HappenedAt", "happenedAt", "submittedAt", "createdAt", "completedAt", "date"),
    "seconds": ("timeSpent", "duration", "TimeSpent"),
}
"""Fields that SurveyJS, its service and its examples put beside the answers."""
_COMMENT = "-Comment"


def read_surveyjs_answers(content: bytes, name: str, questionnaire: Questionnaire) -> Delivered:
    """Read results of SurveyJS.

    A property that is missing says nothing: SurveyJS leaves out what was left empty and what was not shown.
    Every property is kept; those that no question knows stand as columns of their own name.

    Parameters
    ----------
    content
        A JSON array of result objects, an object that holds such an array, or one object per line.
    name
        How messages call the file.
    questionnaire
        The survey that was answered, as `read_surveyjs` gave it.

    Raises
    ------
    InputError
        It is no JSON, or no list of objects.
    """
    sheets = _sheets(content, name)
    names = names_of(questionnaire)
    known = variables(questionnaire)
    cells = [_cells(sheet, questionnaire, names) for sheet in sheets]
    listed = dict.fromkeys(variable.name for variable in known)
    extra = dict.fromkeys(column for row in cells for column in row if column not in listed)
    columns = [*(column for column in listed if any(column in row for row in cells)), *extra]
    if len(columns) > MAX_COLUMNS:
        raise InputError.of(
            f"{len(columns)} Spalten sind zu viele.",
            f"{len(columns)} columns are too many.",
            file=name,
            hint=Text(f"Höchstens {MAX_COLUMNS}.", f"At most {MAX_COLUMNS}."),
        )
    table = pl.DataFrame(
        {column: [row.get(column) for row in cells] for column in columns},
        schema=dict.fromkeys(columns, pl.String),
    )
    roles = {role: column for role, names_ in _ROLES.items() if (column := _first(names_, extra)) is not None}
    return Delivered(
        table=table,
        columns=MappingProxyType({column: column for column in columns if column in listed}),
        roles=MappingProxyType(roles),
        name=name,
        first_line=None,
    )


def _first(names: Iterable[str], columns: Mapping[str, object]) -> str | None:
    return next((name for name in names if name in columns), None)


def _sheets(content: bytes, name: str) -> list[dict[str, Any]]:
    text = decode(content, name).text.strip()
    lines = text.splitlines()
    if len(lines) > 1 and lines[0].strip().startswith("{") and lines[0].strip().endswith("}"):
        found: Any = [parse_json(line.encode(), name) for line in lines if line.strip()]
    else:
        found = parse_json(content, name)
    if isinstance(found, dict):
        found = next((found[key] for key in _LISTS if isinstance(found.get(key), list)), [found])
    if not isinstance(found, list) or not all(isinstance(sheet, dict) for sheet in found):
        raise InputError.of(
            "Das sind keine Ergebnisse von SurveyJS: Erwartet wird eine Liste von Objekten.",
            "These are no results of SurveyJS: a list of objects is expected.",
            file=name,
            hint=Text("Die Ergebnisse als JSON ausgeben lassen.", "Export the results as JSON."),
        )
    return found


# --- one sheet --------------------------------------------------------------------------------------


def _cells(sheet: dict[str, Any], questionnaire: Questionnaire, names: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of one sheet by column; what no question knows stands under its own name."""
    rest = dict(sheet)
    cells: dict[str, str] = {}
    for question in questionnaire.questions:
        name = names[question.id]
        if name in rest:
            cells |= _answer(question, rest.pop(name), questionnaire)
        comment = rest.pop(name + _COMMENT, None)
        if comment is not None:
            part = f"{OTHER}_text" if question.other else "comment"
            cells[f"{question.id}_{part}"] = spell(comment)
    for key, value in rest.items():
        cells[key if key not in cells else f"{key} (2)"] = spell(value)
    return cells


def _answer(question: Question, value: object, questionnaire: Questionnaire) -> dict[str, str]:
    if value is None:
        return {}
    if question.type == "multiple":
        return _ticks(question, value if isinstance(value, list) else [value])
    if question.type == "ranking" and isinstance(value, list):
        ids = {spelling: id_ for id_, spelling in unique_names(question.items).items()}
        ranked = [ids.get(spell(entry), spell(entry)) for entry in value]
        return {f"{question.id}_{item}": str(place) for place, item in enumerate(ranked, 1)}
    if isinstance(value, dict):
        return _rows(question, value)
    if question.type == "file" and isinstance(value, list):
        files = [str(file.get("name", "")) if isinstance(file, dict) else spell(file) for file in value]
        return {question.id: "; ".join(files)}
    return _one(question, _entered(question, value), questionnaire)


def _entered(question: Question, value: object) -> str:
    """Return what was entered as text; a number of JSON leaves no doubt of its decimal point."""
    if question.type == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return exact(float(value))
    return spell(value)


def _one(question: Question, value: str, questionnaire: Questionnaire) -> dict[str, str]:
    """Return one answer; a text in place of “other” counts as its text (`storeOthersAsComment: false`)."""
    if question.type == "single" and question.other is not None:
        known = {
            *unique_names(question.items).values(),
            OTHER,
            question.no_answer.code if question.no_answer else OTHER,
        }
        if value not in known:
            return {question.id: OTHER, f"{question.id}_{OTHER}_text": value}
    if question.type == "scale" and question.scale is not None:
        value = _numeric(value, [point.code or point.id for point in questionnaire.scale(question.scale).points])
    return {question.id: value}


def _numeric(value: str, spellings: list[str]) -> str:
    """Return a number as the scale spells it: 3.0 is 3."""
    number = as_number(value)
    return number_text(number) if number is not None and value not in spellings else value


def _ticks(question: Question, values: list[Any]) -> dict[str, str]:
    names = unique_names(question.items)
    chosen = [spell(value) for value in values]
    variables_of = [f"{question.id}_{item.id}" for item in question.items]
    if question.no_answer is not None and (question.no_answer.code or "refused") in chosen:
        others = [f"{question.id}_{OTHER}"] if question.other else []
        return dict.fromkeys([*variables_of, *others], REFUSED)
    cells = {f"{question.id}_{item.id}": "1" if names[item.id] in chosen else "0" for item in question.items}
    unknown = [value for value in chosen if value not in set(names.values()) | {OTHER}]
    if question.other is not None:
        cells[f"{question.id}_{OTHER}"] = "1" if OTHER in chosen or unknown else "0"
        if unknown:
            cells[f"{question.id}_{OTHER}_text"] = "; ".join(unknown)
    elif unknown:
        cells[f"{question.id}[?]"] = "; ".join(unknown)
    return cells


def _rows(question: Question, value: dict[str, Any]) -> dict[str, str]:
    rows = {spelling: id_ for id_, spelling in unique_names(question.items).items()}
    columns = {spelling: id_ for id_, spelling in unique_names(question.columns).items()}
    cells: dict[str, str] = {}
    for row, answer in value.items():
        place = f"{question.id}_{rows.get(row, row)}"
        if isinstance(answer, dict):
            cells |= {
                f"{place}_{columns.get(column, column)}": _entered(question, cell) for column, cell in answer.items()
            }
        elif answer is not None:
            cells[place] = _entered(question, answer)
    return cells


# --- writing ------------------------------------------------------------------------------------------


def write_surveyjs_answers(responses: Responses) -> Exported:
    """Write typed answers as results of SurveyJS, one object per sheet.

    A question that was not shown or left empty is left out, as SurveyJS does; `lost` names every variable of
    which a value, or the reason why there is none, comes back otherwise.

    Returns
    -------
    Exported
        One file, ``responses.json``.
    """
    names = names_of(responses.questionnaire)
    by_question: dict[str, list[Variable]] = {}
    for variable in variables(responses.questionnaire):
        by_question.setdefault(variable.question, []).append(variable)
    values, states = responses.values.to_dicts(), responses.states.to_dicts()
    sheets = []
    for roles, value, state in zip(responses.sheets.to_dicts(), values, states, strict=True):
        sheet = {_FIELDS.get(role, role): _plain(entry) for role, entry in roles.items() if entry is not None}
        for question in responses.questionnaire.questions:
            own = by_question.get(question.id, [])
            written = _written(own, value, state, responses)
            sheet |= {names[question.id] + part: answer for part, answer in written.items()}
        sheets.append(sheet)
    content = (json.dumps(sheets, ensure_ascii=False, indent=1) + "\n").encode()
    again = read_surveyjs_answers(content, "responses.json", responses.questionnaire)
    return Exported(FORMAT, {"responses.json": content}, changed(responses, again, _WHY))


_FIELDS = {"sheet": "id", "day": "happenedAt", "seconds": "timeSpent", "language": "locale"}


_WHY = Text(
    "In den Ergebnissen von SurveyJS lässt es sich nicht anders sagen; beim Lesen entscheiden die Filter.",
    "The results of SurveyJS cannot say it otherwise; when read again, the filters decide.",
)


def _plain(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float | bool) else str(value)


def _written(
    own: list[Variable], value: Mapping[str, Any], state: Mapping[str, int], responses: Responses
) -> dict[str, Any]:
    """Return the answer to one question and its comment, by what follows the name of the question."""
    written: dict[str, Any] = {}
    if not own:
        return written
    question = responses.questionnaire.question(own[0].question)
    answers = [variable for variable in own if variable.part == "answer"]
    refused = any(state[variable.name] == State.REFUSED for variable in answers)
    told = {v.name: value[v.name] for v in own if state[v.name] == State.ANSWERED and value[v.name] is not None}
    if refused and question.no_answer is not None:
        code = question.no_answer.code or "refused"
        written[""] = [code] if question.type == "multiple" else code
    elif told:
        whole = _whole(question, answers, told, responses)
        if whole is not None:
            written[""] = whole
    for variable in own:
        if variable.part in {"other", "comment"} and variable.item in {None, OTHER} and variable.name in told:
            written[_COMMENT] = told[variable.name]
    return written


def _whole(question: Question, answers: list[Variable], told: Mapping[str, Any], responses: Responses) -> object:
    """Return the answer to a question as SurveyJS holds it."""
    names = {**unique_names(question.items), OTHER: OTHER}
    columns = unique_names(question.columns)
    if question.type == "multiple":
        answered = any(variable.name in told for variable in answers)
        chosen = [names[variable.item or ""] for variable in answers if told.get(variable.name) is True]
        return chosen if answered else None
    if question.type == "ranking":
        ranked = sorted((told[v.name], names[v.item or ""]) for v in answers if v.name in told)
        return [item for _, item in ranked] or None
    if question.items and question.type != "single":
        rows: dict[str, Any] = {}
        for variable in (v for v in answers if v.name in told):
            cell = _spelled(variable, told[variable.name], responses)
            row = names[variable.item or ""]
            if variable.column is None:
                rows[row] = cell
            else:
                rows.setdefault(row, {})[columns[variable.column]] = cell
        return rows or None
    return next((_spelled(v, told[v.name], responses) for v in answers if v.name in told), None)


def _spelled(variable: Variable, value: object, responses: Responses) -> object:
    if variable.type == "category":
        question = responses.questionnaire.question(variable.question)
        entries = question.items if question.type == "single" else ()
        own = unique_names(entries).get(str(value))
        return own or next((c.spelling for c in variable.categories if c.id == value), value)
    return _plain(value)
