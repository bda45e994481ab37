"""Answers as delivered become typed answers: one column per variable, and the state of every value.

Rules that are not plain from the questionnaire:

- A cell of blanks is empty. Whether an empty cell was shown is told by the format (`Delivered.absent`, `.blank`);
  where it cannot tell, filters and audiences decide, and in a sheet that was broken off (any disposition but
  `complete`) whatever stands behind its last answer was not shown.
- A multiple choice with at least one tick is answered: what was left blank in it is an answer, false. Without a
  tick, only what a format says outright (0, N) is false; blanks are empty.
- A category is known by its code or id, or by its label in any language, whichever the file uses first.
- A number has a decimal comma or a decimal point. A single comma or point before exactly three digits (``1.200``)
  may be a thousand: it is invalid, unless the question asks for three decimals or more, or a zero stands before.
- What is answered against a filter stays answered; `marks.check_answers` marks it.
- A variable without a column was not shown to anyone; columns without a variable stay in the delivery. Both are
  marked.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from passgenau.errors import InputError
from passgenau.reading import nearest
from passgenau.survey.facts import facts_of
from passgenau.survey.responses import DISPOSITIONS, ROLES, Delivered, Mark, Responses, State, Step
from passgenau.survey.variables import OTHER, variables
from passgenau.survey.visible import visibility
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passgenau.frame import Frame
    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Role
    from passgenau.survey.variables import Variable
    from passgenau.translations import Translations

NO_ANSWER = "-99"
"""How “keine Angabe” is spelled where the questionnaire gives no code."""
OTHER_SPELLINGS = ("-oth-", OTHER)
"""How tools spell the answer “other” of a single choice."""
NUMBER = r"^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?$"
THOUSANDS = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
"""A number that may mean thousands as well as thousandths."""
ISO_DATE = r"^(\d{4}-\d{2}-\d{2})(?:[T ]\d{1,2}:\d{2}.*)?$"
GERMAN_DATE = r"^(\d{1,2}\.\d{1,2}\.\d{4})(?:,? +\d{1,2}:\d{2}.*)?$"
DTYPES = {
    "category": pl.String,
    "text": pl.String,
    "flag": pl.Boolean,
    "rank": pl.Int64,
    "number": pl.Float64,
    "date": pl.Date,
}
"""The column type of every type of variable."""
ROLE_DTYPES = {"day": pl.Date, "seconds": pl.Float64, "order": pl.Int64}
"""Column types of the roles that are not text."""
SYNTHETIC, SYNTHETIC_ENGLISH = "sheet.synthetic", "sheet.synthetic_en"
"""Columns that say of made-up answers that they are; no variable can bear such a name."""
_THREE_DECIMALS = 3
_BLANK = 255  # a state before filters decide; never leaves this module


@dataclass(frozen=True, slots=True)
class _Column:
    """Typed values of one variable, states with `_BLANK` where filters decide."""

    values: pl.Series
    states: pl.Series


def type_answers(
    delivered: Delivered, questionnaire: Questionnaire, frames: Mapping[str, Frame] | None = None
) -> Responses:
    """Give delivered answers the types of their questionnaire, and every value its state.

    Parameters
    ----------
    delivered
        Answers as a reader of a format yields them.
    questionnaire
        What was asked.
    frames
        The population of each audience, for filters that ask for audience, size class, region or inhabitants.

    Returns
    -------
    Responses
        One row per sheet, in the order of the delivery; sheets without a number, or with one that came before,
        are given one.

    Raises
    ------
    InputError
        A column that the delivery names for a variable or a role does not exist.
    """
    _check_columns(delivered)
    found = variables(questionnaire)
    sheets = _sheets(delivered)
    by_question: dict[str, list[Variable]] = {}
    for variable in found:
        by_question.setdefault(variable.question, []).append(variable)
    typed: dict[str, _Column] = {}
    for name, group in by_question.items():
        columns = {v.name: _typed(v, questionnaire.question(name), questionnaire, delivered) for v in group}
        typed |= _completed(columns, group, delivered)
    values = pl.DataFrame([typed[v.name].values.alias(v.name) for v in found])
    visible = visibility(questionnaire, values, facts_of(sheets, frames))
    reached = _reached(sheets, typed, found, questionnaire)
    states = pl.DataFrame([_decided(v.name, typed[v.name], visible[v.name], reached[v.question]) for v in found])
    step = Step(
        "typed",
        _said(delivered, questionnaire, states),
        sum(int((column == int(State.ANSWERED)).sum()) for column in states),
    )
    marks = (*_missing_columns(found, delivered), *_unknown_columns(found, delivered))
    synthetic = _synthetic(delivered.table)
    return Responses(questionnaire, found, sheets, values, states, delivered, (step,), marks, synthetic)


def typed_value(variable: Variable, text: str, questionnaire: Questionnaire) -> tuple[object, State]:
    """Return the value of one text, spelled as in passgenau's own files, and its state.

    An empty text was left empty.
    """
    delivered = Delivered(
        pl.DataFrame({variable.name: [text]}),
        {variable.name: variable.name},
        blank="empty",
        escaped=text.startswith("'"),
    )
    column = _typed(variable, questionnaire.question(variable.question), questionnaire, delivered)
    return column.values[0], State(column.states[0])


def role_columns(names: Iterable[str]) -> dict[Role, str]:
    """Return by role the column that holds it in files of passgenau's own, beside variables of those names."""
    taken = set(names)
    return {role: f"sheet.{role}" if role in taken else role for role in ROLES}


def number_text(number: float) -> str:
    """Return a number as text that reads back as the same number, with a decimal point and no doubt.

    Exactly three decimals, which might be taken for thousands, get a fourth: ``1.2340``.
    """
    text = repr(float(number)).removesuffix(".0")
    return f"{text}0" if re.match(THOUSANDS, text) else text


# --- sheets ------------------------------------------------------------------------------------------


def _check_columns(delivered: Delivered) -> None:
    named: dict[str, str] = {**delivered.columns, **dict(delivered.roles.items())}
    present = set(delivered.table.columns)
    for name, column in named.items():
        if column not in present:
            raise InputError.of(
                f"Die Spalte {column!r} (für {name!r}) gibt es nicht.",
                f"There is no column {column!r} (for {name!r}).",
                file=delivered.name,
                field=column,
                hint=nearest(column, delivered.table.columns),
            )


def _sheets(delivered: Delivered) -> pl.DataFrame:
    columns = []
    for role in ROLES:
        text = _role_text(delivered, role)
        columns.append(_role(role, text).alias(role))
    return pl.DataFrame(columns).with_columns(_numbers(columns[0]))


def _role_text(delivered: Delivered, role: Role) -> pl.Series:
    if role not in delivered.roles:
        return pl.repeat(None, delivered.table.height, dtype=pl.String, eager=True)
    text = _plain(delivered.table[delivered.roles[role]], delivered)
    absent = ["", *delivered.not_shown, *delivered.refused]
    return text.set(text.is_in(absent).fill_null(value=False), None)


def _role(role: Role, text: pl.Series) -> pl.Series:
    if role == "day":
        return dates(text)
    if role == "seconds":
        return numbers(text, decimals=_THREE_DECIMALS)
    if role == "order":
        return numbers(text, decimals=_THREE_DECIMALS).cast(pl.Int64, strict=False)
    if role == "disposition":
        return text.set(~text.is_in(list(DISPOSITIONS)).fill_null(value=True) & text.is_not_null(), "unknown")
    return text


def _numbers(given: pl.Series) -> pl.Series:
    """Return a number for every sheet: the one given, made unique where it came before or is missing."""
    if given.null_count() == 0 and given.n_unique() == len(given):
        return given
    taken = set(given.drop_nulls())
    seen: set[str] = set()
    out = []
    for place, sheet in enumerate(given.to_list(), start=1):
        name = sheet if sheet is not None and sheet not in seen else _fresh(sheet or str(place), taken | seen)
        seen.add(name)
        out.append(name)
    return pl.Series("sheet", out, dtype=pl.String)


def _fresh(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    count = 2
    while f"{name}-{count}" in taken:
        count += 1
    return f"{name}-{count}"


def _synthetic(table: pl.DataFrame) -> Text | None:
    """Return what a delivered table says of its being made up; None where it says nothing."""
    german, english = (
        next((cell for cell in table[column] if cell), None) if column in table.columns else None
        for column in (SYNTHETIC, SYNTHETIC_ENGLISH)
    )
    return Text(german, english) if german else None


# --- one variable -------------------------------------------------------------------------------------


def _typed(variable: Variable, question: Question, questionnaire: Questionnaire, delivered: Delivered) -> _Column:
    """Return the values of one variable, apart from what its neighbours and filters say of them."""
    height = delivered.table.height
    if variable.name not in delivered.columns:
        nothing = pl.repeat(None, height, dtype=DTYPES[variable.type], eager=True)
        return _Column(nothing, pl.repeat(State.NOT_SHOWN, height, dtype=pl.UInt8, eager=True))
    raw = _trimmed(delivered.table[delivered.columns[variable.name]])
    text = _unescaped(raw) if delivered.escaped else raw
    values = _values(variable, question, questionnaire, delivered, text)
    refused = [*delivered.refused, *_no_answer(question, variable, questionnaire)]
    absent, blank = _state_of(delivered.absent), _state_of(delivered.blank)
    frame = pl.DataFrame([raw.alias("raw"), values.alias("value")])
    state = (
        pl.when(pl.col("raw").is_null())
        .then(absent)
        .when(pl.col("raw") == "")
        .then(blank)
        .when(pl.col("raw").is_in(list(delivered.not_shown)))
        .then(int(State.NOT_SHOWN))
        .when(pl.col("raw").is_in(refused))
        .then(int(State.REFUSED))
        .when(pl.col("value").is_null())
        .then(int(State.INVALID))
        .otherwise(int(State.ANSWERED))
        .cast(pl.UInt8)
    )
    states = frame.select(state.alias("state"))["state"]
    answered = states == int(State.ANSWERED)
    return _Column(values if answered.all() else values.set(~answered, None), states)


def _plain(column: pl.Series, delivered: Delivered) -> pl.Series:
    text = _trimmed(column)
    return _unescaped(text) if delivered.escaped else text


def _trimmed(column: pl.Series) -> pl.Series:
    """Return texts without blanks around them and without zero characters, which no text file can hold."""
    return column.cast(pl.String).str.replace_all("\x00", "", literal=True).str.strip_chars()


def _unescaped(text: pl.Series) -> pl.Series:
    return text.str.replace(r"^'", "")


def _state_of(meaning: str) -> int:
    return {"not_shown": int(State.NOT_SHOWN), "empty": int(State.EMPTY), "unknown": _BLANK}[meaning]


def _values(
    variable: Variable, question: Question, questionnaire: Questionnaire, delivered: Delivered, text: pl.Series
) -> pl.Series:
    """Return typed values; null where the text is none of the variable's type."""
    match variable.type:
        case "category":
            return _mapped(text, spellings(variable, delivered, questionnaire))
        case "flag":
            return _flags(text, _tick_spellings(variable, question, questionnaire), delivered)
        case "number":
            return numbers(text, question.decimals)
        case "rank":
            found = numbers(text, _THREE_DECIMALS)
            return found.set((found != found.floor()) | (found < 1), None).cast(pl.Int64, strict=False)
        case "date":
            return dates(text)
        case "text":
            return text


def spellings(variable: Variable, delivered: Delivered, questionnaire: Questionnaire) -> dict[str, str]:
    """Return the id of a category by every text that stands for it, as the delivery spells them.

    Codes come before labels, or labels before codes (`Delivered.spelling`); a text that stands for two categories
    at the same rank stands for neither.
    """
    codes = _unambiguous((category.spelling, category.id) for category in variable.categories)
    ids = {category.id: category.id for category in variable.categories}
    if OTHER in ids:
        ids |= dict.fromkeys(OTHER_SPELLINGS, OTHER)
    labels = _unambiguous(
        (wording, category.id)
        for category in variable.categories
        for wording in wordings(category.label, questionnaire)
    )
    first, second = (labels, {**ids, **codes}) if delivered.spelling == "labels" else ({**ids, **codes}, labels)
    return {**second, **first}


def wordings(label: Translations, questionnaire: Questionnaire) -> set[str]:
    """Return a label in all languages, as written and, where it is HTML, as read."""
    found = {wording.strip() for _, wording in label}
    if questionnaire.markup == "html":
        found |= {" ".join(html.unescape(re.sub(r"<[^>]*>", " ", wording)).split()) for wording in found}
    return found


def _unambiguous(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for text, id_ in pairs:
        found.setdefault(text, set()).add(id_)
    return {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}


def _mapped(text: pl.Series, known: Mapping[str, str]) -> pl.Series:
    """Return the ids that texts stand for; whole numbers may carry a ``.0``, as tables of numbers write them."""
    if not known:
        return pl.repeat(None, len(text), dtype=pl.String, eager=True)
    found = text.replace_strict(known, default=None, return_dtype=pl.String)
    if found.null_count() == text.null_count():
        return found
    whole = text.str.replace(r"^(-?\d+)\.0+$", "$1")
    return found.zip_with(found.is_not_null(), whole.replace_strict(known, default=None, return_dtype=pl.String))


def _flags(text: pl.Series, own: frozenset[str], delivered: Delivered) -> pl.Series:
    known = dict.fromkeys(own, True) | dict.fromkeys(delivered.unticked, False) | dict.fromkeys(delivered.ticked, True)
    whole = text.str.replace(r"^([01])\.0+$", "$1")
    return whole.replace_strict(known, default=None, return_dtype=pl.Boolean)


def _tick_spellings(variable: Variable, question: Question, questionnaire: Questionnaire) -> frozenset[str]:
    """Return the texts that name the ticked answer itself, as files with labels hold them."""
    if variable.item == OTHER and question.other:
        return frozenset({OTHER, *wordings(question.other.text, questionnaire)})
    item = next((item for item in question.items if item.id == variable.item), None)
    if item is None:
        return frozenset()
    return frozenset({item.id, *([item.code] if item.code else []), *wordings(item.text, questionnaire)})


def numbers(text: pl.Series, decimals: int = 0) -> pl.Series:
    """Return texts as numbers; null where a text is no number, or one that may mean thousands.

    Parameters
    ----------
    text
        Cells without blanks around them; decimal comma or decimal point.
    decimals
        Decimals that are asked for; from three on, three digits behind the separator are decimals.
    """
    possible = text.str.contains(NUMBER)
    if decimals < _THREE_DECIMALS:
        possible &= ~text.str.contains(THOUSANDS)
    found = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return found.set(~(possible & found.is_finite()).fill_null(value=False), None)


def dates(text: pl.Series) -> pl.Series:
    """Return texts as dates: 2027-03-15 or 15.3.2027, a time of day behind them left out; null for others."""
    iso = text.str.extract(ISO_DATE).str.to_date("%Y-%m-%d", strict=False)
    if iso.null_count() == text.null_count():
        return iso
    german = text.str.extract(GERMAN_DATE).str.to_date("%d.%m.%Y", strict=False)
    return iso.zip_with(iso.is_not_null(), german)


def _no_answer(question: Question, variable: Variable, questionnaire: Questionnaire) -> list[str]:
    """Return how “keine Angabe” is spelled where the question offers it."""
    if question.no_answer is None or variable.part not in {"answer", "second"}:
        return []
    code = question.no_answer.code if question.no_answer.code is not None else NO_ANSWER
    return [code, *sorted(wordings(question.no_answer.text, questionnaire))]


# --- neighbours and filters -----------------------------------------------------------------------------


def _completed(columns: dict[str, _Column], group: list[Variable], delivered: Delivered) -> dict[str, _Column]:
    """Make what is blank in a multiple choice with a tick an answer, and refused where the question was refused."""
    flags = [v.name for v in group if v.type == "flag"]
    if not flags:
        return columns
    values = pl.DataFrame([columns[name].values.alias(name) for name in flags])
    states = pl.DataFrame([columns[name].states.alias(name) for name in flags])
    ticked = values.select(pl.any_horizontal(pl.all().fill_null(value=False)))[:, 0]
    refused = states.select(pl.any_horizontal(pl.all() == int(State.REFUSED)))[:, 0] & ~ticked
    open_states = [_BLANK, int(State.EMPTY)]
    done = dict(columns)
    for name in flags:
        if name not in delivered.columns:
            continue
        blank = states[name].is_in(open_states)
        done[name] = _Column(
            values[name].set(blank & ticked, value=False),
            states[name].set(blank & ticked, int(State.ANSWERED)).set(blank & refused, int(State.REFUSED)),
        )
    return done


def _reached(
    sheets: pl.DataFrame, typed: Mapping[str, _Column], found: tuple[Variable, ...], questionnaire: Questionnaire
) -> dict[str, pl.Series]:
    """Return by question whether a sheet came that far; sheets that were broken off end with their last answer."""
    whole = sheets["disposition"].is_null() | (sheets["disposition"] == "complete").fill_null(value=False)
    blank = [_BLANK, int(State.EMPTY), int(State.NOT_SHOWN)]
    reached: dict[str, pl.Series] = {}
    behind = whole
    groups: dict[str, list[Variable]] = {}
    for variable in found:
        groups.setdefault(variable.question, []).append(variable)
    for question in reversed(questionnaire.questions):
        for variable in groups.get(question.id, []):
            behind = behind | ~typed[variable.name].states.is_in(blank)
        reached[question.id] = behind
    return reached


def _decided(name: str, column: _Column, visible: pl.Series, reached: pl.Series) -> pl.Series:
    """Return the states of a variable: what a format left open is empty where it was shown."""
    shown = visible & reached
    open_ = column.states == _BLANK
    states = column.states.set(open_ & shown, int(State.EMPTY)).set(open_ & ~shown, int(State.NOT_SHOWN))
    return states.alias(name)


# --- what is said ---------------------------------------------------------------------------------------


def _said(delivered: Delivered, questionnaire: Questionnaire, states: pl.DataFrame) -> Text:
    rows, columns = states.shape
    questions = sum(question.answered for question in questionnaire.questions)
    return Text(
        f"{delivered.name}: {rows} Bögen mit {questions} Fragen ({columns} Spalten) nach dem Fragebogen gelesen",
        f"{delivered.name}: read {rows} sheets with {questions} questions ({columns} columns) by the questionnaire",
    )


def _missing_columns(found: tuple[Variable, ...], delivered: Delivered) -> Iterator[Mark]:
    for variable in found:
        if variable.name not in delivered.columns and variable.part in {"answer", "second"}:
            yield Mark(
                "column_missing",
                None,
                variable.name,
                None,
                Text(
                    f"Für {variable.name!r} gibt es keine Spalte; die Werte gelten als nicht gezeigt.",
                    f"There is no column for {variable.name!r}; its values count as not shown.",
                ),
                Text(
                    "Wurde die Frage gestellt, die Spalte ergänzen oder richtig benennen.",
                    "If the question was asked, add the column or correct its name.",
                ),
            )


def _unknown_columns(found: tuple[Variable, ...], delivered: Delivered) -> Iterator[Mark]:
    used = {*delivered.columns.values(), *delivered.roles.values(), SYNTHETIC, SYNTHETIC_ENGLISH}
    missing = [variable.name for variable in found if variable.name not in delivered.columns]
    for column in delivered.table.columns:
        if column not in used:
            yield Mark(
                "column_unknown",
                None,
                column,
                None,
                Text(
                    f"Zur Spalte {column!r} gibt es keine Frage; sie bleibt in der Lieferung, ohne Auswertung.",
                    f"No question belongs to the column {column!r}; it stays in the delivery and is not analysed.",
                ),
                nearest(column, missing) if missing else Text("Es ist nichts zu tun.", "Nothing needs to be done."),
            )
