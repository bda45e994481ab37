"""Answers as the columns of a statistics package: numbers with labels, texts, dates, and codes for what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from passgenau.formats.exchange import Lost
from passgenau.formats.labelled import code_of
from passgenau.survey.plain_text import plain
from passgenau.survey.responses import State
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Responses
    from passgenau.survey.variables import Category, Variable
    from passgenau.translations import Translations

OutType = Literal["number", "text", "date"]


@dataclass(frozen=True, slots=True, eq=False)
class OutColumn:
    """One column to be written.

    Attributes
    ----------
    values
        Numbers, texts or dates; null where there is none.
    missing
        Where the column can say so: `State.NOT_SHOWN` and `State.REFUSED`, row by row; None for columns of the sheet.
    measure
        `nominal`, `ordinal`, `scale` or `unknown`.
    """

    name: str
    original: str
    label: str
    type: OutType
    values: pl.Series
    labels: dict[int | float, str]
    missing: pl.Series | None
    measure: str
    refused_label: str = ""  # where “keine Angabe” is an answer on offer: how it is worded


@dataclass(frozen=True, slots=True)
class OutSet:
    """Columns of ticks that one question filled."""

    name: str
    label: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OutTable:
    """Everything that is written, and what was lost before."""

    columns: tuple[OutColumn, ...]
    sets: tuple[OutSet, ...]
    title: str
    language: str
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a format can hold."""

    tool: str
    name: Callable[[str], str]  # a valid name like the one given
    label: int  # bytes of a column's label
    value_label: int
    text: int  # bytes of a text


def table_of(responses: Responses, limits: Limits, language: str | None = None) -> OutTable:
    """Return answers as labelled columns.

    Parameters
    ----------
    responses
        Typed answers.
    limits
        What the format can hold.
    language
        Of the labels; the questionnaire's leading one by default.
    """
    questionnaire = responses.questionnaire
    lang = language or questionnaire.languages[0]
    writer = _Writer(responses, limits, lang)
    columns = (*writer.sheet_columns(), *(writer.column(variable) for variable in responses.variables))
    names = {column.original: column.name for column in columns}
    sets = tuple(writer.set_of(question, names) for question in questionnaire.questions if question.type == "multiple")
    title = writer.said(questionnaire.title) if questionnaire.title else ""
    lost = (*writer.lost, *structure_lost(questionnaire, limits.tool, lang))
    return OutTable(columns, tuple(s for s in sets if s.members), title, lang, lost)


class _Writer:
    """Turns variables into columns and collects what is lost."""

    def __init__(self, responses: Responses, limits: Limits, language: str) -> None:
        self._responses = responses
        self._limits = limits
        self._language = language
        self._taken: set[str] = set()
        self.lost: list[Lost] = []

    def sheet_columns(self) -> list[OutColumn]:
        """Return what is known of every sheet, as far as anything is."""
        sheets = self._responses.sheets
        return [
            self._sheet_column(sheets[name])
            for name in sheets.columns
            if sheets[name].null_count() < max(sheets.height, 1)
        ]

    def _sheet_column(self, values: pl.Series) -> OutColumn:
        kind: OutType = "date" if values.dtype == pl.Date else "number" if values.dtype.is_numeric() else "text"
        cast = values.cast(pl.Float64) if kind == "number" else values
        return OutColumn(self._name(values.name), values.name, values.name, kind, cast, {}, None, "unknown")

    def column(self, variable: Variable) -> OutColumn:
        """Return the column of a variable."""
        values, states = self._responses.values[variable.name], self._responses.states[variable.name]
        question = self._responses.questionnaire.question(variable.question)
        self._count_invalid(variable, states)
        labels: dict[int | float, str] = {}
        measure = "scale"
        kind: OutType = "number"
        if variable.type == "category":
            values, labels = self._coded(variable, values)
            measure = "ordinal" if variable.ordered else "nominal"
            if variable.ordered and all(c.value is not None for c in variable.categories):
                measure = "scale"
        elif variable.type == "flag":
            values, measure = values.cast(pl.Float64), "nominal"
            labels = {0: _NO[self._language == "de"], 1: _YES[self._language == "de"]}
        elif variable.type in {"text", "date"}:
            kind = "text" if variable.type == "text" else "date"
            measure = "nominal" if kind == "text" else "scale"
            values = self._shortened(variable, values) if kind == "text" else values
        else:
            values = values.cast(pl.Float64)
        return OutColumn(
            name=self._name(variable.name),
            original=variable.name,
            label=self._cut(variable.name, self.said(variable.label), self._limits.label),
            type=kind,
            values=values,
            labels={code: self._cut(variable.name, text, self._limits.value_label) for code, text in labels.items()},
            missing=states,
            measure=measure,
            refused_label=self.said(question.no_answer.text) if question.no_answer else "",
        )

    def set_of(self, question: Question, names: dict[str, str]) -> OutSet:
        """Return the set of a multiple choice."""
        members = [names[v.name] for v in self._responses.variables if v.question == question.id and v.type == "flag"]
        return OutSet(code_of(question.id).replace("-", "_"), self.said(question.text), tuple(members))

    def said(self, wording: Translations) -> str:
        """Return a wording on one line, without markup."""
        text = wording.into(self._language)
        text = plain(text) if self._responses.questionnaire.markup == "html" else text
        return re.sub(r"\s+", " ", text.replace("\x00", " ")).strip()

    # -- parts ----------------------------------------------------------------------------------------

    def _name(self, original: str) -> str:
        wanted = self._limits.name(original)
        found, number = wanted, 2
        while found.lower() in self._taken:
            end = f"_{number}"
            found = wanted[: _SAFE - len(end)] + end
            number += 1
        self._taken.add(found.lower())
        if found != original:
            self.lost.append(
                Lost(
                    original,
                    Text(f"der Name; die Spalte heißt {found}", f"the name; the column is called {found}"),
                    Text(f"{self._limits.tool} nimmt ihn so nicht an.", f"{self._limits.tool} does not accept it."),
                )
            )
        return found

    def _coded(self, variable: Variable, values: pl.Series) -> tuple[pl.Series, dict[int | float, str]]:
        codes = numeric_codes(variable.categories)
        if codes is None:
            codes = {category.id: number for number, category in enumerate(variable.categories, start=1)}
            first = variable.categories[0]
            self.lost.append(
                Lost(
                    variable.name,
                    Text(
                        f"die Kennungen der Antworten ({first.id} …); es stehen die Zahlen 1–{len(codes)}",
                        f"the ids of the answers ({first.id} …); the numbers 1–{len(codes)} stand instead",
                    ),
                    Text("Dort tragen nur Zahlen Labels.", "Only numbers bear labels there."),
                )
            )
        labels = {codes[category.id]: self.said(category.label) for category in variable.categories}
        table = {key: float(code) for key, code in codes.items()}
        return values.replace_strict(table, default=None, return_dtype=pl.Float64), labels

    def _cut(self, where: str, text: str, limit: int) -> str:
        short = shortened(text, limit)
        if short != text:
            self.lost.append(
                Lost(
                    where,
                    Text(f"das Ende des Textes „{short[:40]}…“", f"the end of the text “{short[:40]}…”"),
                    Text(f"Labels haben dort höchstens {limit} Byte.", f"Labels have at most {limit} bytes there."),
                )
            )
        return short

    def _shortened(self, variable: Variable, values: pl.Series) -> pl.Series:
        # A zero byte ends a text in these files.
        values = values.str.replace_all("\x00", " ", literal=True)
        long = int((values.str.len_bytes() > self._limits.text).sum() or 0)
        if not long:
            return values
        self.lost.append(
            Lost(
                variable.name,
                Text(f"das Ende von {long} langen Texten", f"the end of {long} long texts"),
                Text(
                    f"Ein Text hat dort höchstens {self._limits.text} Byte.",
                    f"A text has at most {self._limits.text} bytes there.",
                ),
            )
        )
        return values.map_elements(lambda text: shortened(text, self._limits.text), return_dtype=pl.String)

    def _count_invalid(self, variable: Variable, states: pl.Series) -> None:
        count = int((states == State.INVALID).sum())
        if count:
            self.lost.append(
                Lost(
                    variable.name,
                    Text(f"{count} ungültige Werte", f"{count} invalid values"),
                    Text(
                        "Das Codebuch kennt sie nicht; sie stehen weiter in der gelieferten Datei.",
                        "The codebook does not know them; they still stand in the delivered file.",
                    ),
                )
            )
        if variable.type in {"text", "date"}:
            self._count_unsaid(variable, states)

    def _count_unsaid(self, variable: Variable, states: pl.Series) -> None:
        count = int(states.is_in([int(State.NOT_SHOWN), int(State.REFUSED)]).sum())
        if count:
            self.lost.append(
                Lost(
                    variable.name,
                    Text(
                        f"bei {count} Bögen, dass die Frage nicht gezeigt oder „keine Angabe“ gewählt wurde",
                        f"for {count} sheets, that the question was not shown or refused",
                    ),
                    Text(
                        "Texte und Daten haben dort keine eigenen Zeichen für Fehlendes; die Zelle ist leer.",
                        "Texts and dates have no codes for missing values there; the cell is empty.",
                    ),
                )
            )


_SAFE = 27  # characters of a name that had to be told from another; valid everywhere
_YES, _NO = ("yes", "ja"), ("no", "nein")


def numeric_codes(categories: Sequence[Category]) -> dict[str, int | float] | None:
    """Return the numbers that stand for categories where their spellings are numbers, else None."""
    found: dict[str, int | float] = {}
    for category in categories:
        if not re.fullmatch(r"-?\d{1,9}", category.spelling):
            return None
        found[category.id] = int(category.spelling)
    return found if len(set(found.values())) == len(found) else None


def shortened(text: str, limit: int) -> str:
    """Return the text cut to so many bytes of UTF-8, never inside a character."""
    return text.encode()[:limit].decode("utf-8", errors="ignore")


def structure_lost(questionnaire: Questionnaire, tool: str, language: str) -> tuple[Lost, ...]:
    """Return what of a questionnaire does not fit into a data file with labels."""
    why = Text(
        f"{tool} hält Daten und Labels fest, keinen Fragebogen.", f"{tool} holds data and labels, no questionnaire."
    )
    found = [
        Lost(", ".join(places), what, why)
        for what, has in _STRUCTURE
        if (places := [question.id for question in questionnaire.questions if has(question)])
    ]
    others = [code for code in questionnaire.languages if code != language]
    if others:
        words = ", ".join(others)
        found.append(
            Lost(
                "languages",
                Text(f"die Texte in {words}", f"the texts in {words}"),
                Text(f"Labels stehen in einer Sprache ({language}).", f"Labels are in one language ({language})."),
            )
        )
    if questionnaire.sections:
        found.append(Lost("sections", Text("die Abschnitte", "the sections"), why))
    if questionnaire.introduction or questionnaire.privacy or questionnaire.ending:
        found.append(
            Lost("introduction", Text("Einleitung, Hinweise und Schluss", "introduction, notices and ending"), why)
        )
    return tuple(found)


_STRUCTURE: tuple[tuple[Text, Callable[[Question], object]], ...] = (
    (Text("die Filter", "the filters"), lambda q: q.show_if or any(item.show_if for item in q.items)),
    (Text("die Hilfetexte", "the help texts"), lambda q: q.help),
    (Text("dass eine Antwort verlangt ist", "that an answer is required"), lambda q: q.required),
    (
        Text("die Grenzen der Antworten", "the limits of the answers"),
        lambda q: any(x is not None for x in (q.minimum, q.maximum, q.min_answers, q.max_answers, q.max_length)),
    ),
    (Text("die Einheit", "the unit"), lambda q: q.unit),
    (Text("die Zuordnung zu Themen", "the mapping to topics"), lambda q: any(item.topic for item in q.items)),
    (Text("die Zielgruppen", "the audiences"), lambda q: q.audiences or any(item.audiences for item in q.items)),
    (Text("„schließt andere Antworten aus“", "“excludes other answers”"), lambda q: any(i.exclusive for i in q.items)),
    (Text("der gezeigte Text", "the text shown"), lambda q: q.type == "information"),
    (Text("die Rechenvorschrift", "the expression"), lambda q: q.type == "computed"),
)


def missing_codes(labels: Iterable[float]) -> tuple[int, int]:
    """Return numbers for not shown and refused that are no code of the column: −98 and −99, or further down."""
    taken = set(labels)
    for places in (100, 1_000, 10_000, 100_000):
        not_shown, refused = 2 - places, 1 - places
        if not {not_shown, refused} & taken:
            return not_shown, refused
    raise ValueError("no number is left for missing values")
