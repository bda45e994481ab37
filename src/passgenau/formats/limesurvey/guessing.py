"""A questionnaire guessed from the columns of an export: what R and SPSS syntax say of them, and what they cannot.

The syntax holds names, labels, types and codes, but not which columns make up one question. Names say so:
``plans_bar``, ``plans_club``, ``plans_other`` belong together. What is guessed is said, to be confirmed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.formats.limesurvey.columns import SYSTEM, squeezed
from passgenau.formats.limesurvey.names import fitting
from passgenau.survey.questionnaire import Item, Other, Point, Question, Questionnaire, Scale
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TICKS = {"1", "0"}
_RANK = re.compile(r"^(rank(ing)?|rang|platz|rangfolge|reihenfolge)\s*\d+$", re.IGNORECASE)
_OTHER, _COMMENT = "other", "comment"
_MARKED = re.compile(r"^\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\s*")


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """What a syntax file says of one column."""

    name: str
    label: str = ""
    type: str = "text"  # text, number or date
    categories: tuple[tuple[str, str], ...] = ()  # code and label
    ordered: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """What stands in brackets before the question: row, column."""
        rest, found = self.label, []
        while marked := _MARKED.match(rest):
            found.append(marked[1].strip())
            rest = rest[marked.end() :]
        return tuple(found)

    @property
    def question(self) -> str:
        """The wording of the question, without what stands in brackets before it."""
        rest = self.label
        while marked := _MARKED.match(rest):
            rest = rest[marked.end() :]
        return rest.strip()


@dataclass(frozen=True, slots=True)
class Codebook:
    """What a syntax file says of its data file."""

    columns: tuple[CodedColumn, ...]
    name: str
    data: str = ""  # name of the data file, as the syntax gives it

    def is_system(self, column: CodedColumn) -> bool:
        """Whether a column is about the sheet."""
        return squeezed(column.name) in _SYSTEM_NAMES or column.name.startswith("attribute_")


_SYSTEM_NAMES = {squeezed(name) for name in SYSTEM}


def guess(codebook: Codebook, language: str = "en") -> tuple[Questionnaire, tuple[Text, ...]]:
    """Return the questionnaire that columns suggest, and what was guessed.

    Parameters
    ----------
    codebook
        What a syntax file says.
    language
        The language of its labels; the file does not say it.

    Raises
    ------
    InputError
        There is no column with an answer.
    """
    asked = [column for column in codebook.columns if not codebook.is_system(column)]
    if not asked:
        raise InputError.of(
            "Die Syntax beschreibt keine Frage.",
            "The syntax describes no question.",
            file=codebook.name,
            hint=Text("Die Antworten vollständig ausgeben lassen.", "Export the answers completely."),
        )
    maker = _Maker(language)
    questions = tuple(maker.question(prefix, columns) for prefix, columns in _grouped(asked))
    several = sum(len(q.items) > 1 for q in questions if q.type != "single")
    said = (
        Text(
            f"{codebook.name}: {len(questions)} Fragen aus {len(asked)} Spalten erraten, davon {several} mit mehreren "
            "Spalten, die an ihren Namen zusammengehören (Frage_Teilfrage).",
            f"{codebook.name}: guessed {len(questions)} questions from {len(asked)} columns, {several} of them with "
            "several columns that belong together by their names (question_subquestion).",
        ),
        Text(
            f"Sprache der Texte: angenommen {language}. Filter, Pflichtfragen und Seiten stehen nicht in der Datei.",
            f"Language of the texts: assumed {language}. Filters, required questions and pages are not in the file.",
        ),
    )
    return Questionnaire(languages=(language,), scales=maker.scales, questions=questions), said


def _grouped(columns: Sequence[CodedColumn]) -> Iterator[tuple[str, list[CodedColumn]]]:
    """Yield columns that make up one question, with what their names share."""
    names = {column.name for column in columns}
    for prefix, group in groupby(columns, key=lambda column: _prefix(column, names)):
        yield prefix, list(group)


def _prefix(column: CodedColumn, names: set[str]) -> str:
    """Return the question's part of a name: what stands before the subquestion."""
    head, _, tail = column.name.rpartition("_")
    if not head:
        return column.name
    own_suffix = tail in {_OTHER, _COMMENT} or tail.endswith(_COMMENT) or "filecount" in tail
    if column.parts or (own_suffix and head in names):
        two = len(column.parts) > 1 and "_" in head
        return head.rpartition("_")[0] if two else head
    return column.name


@dataclass(slots=True)
class _Maker:
    """Makes questions of columns."""

    language: str
    scales: dict[str, Scale] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def question(self, prefix: str, columns: list[CodedColumn]) -> Question:
        """Return the question that columns make up."""
        own = fitting(prefix, f"q{len(self.ids) + 1}", self.ids)
        main = [column for column in columns if self._tail(column, prefix) not in {_OTHER, _COMMENT}]
        main = [column for column in main if not self._tail(column, prefix).endswith(_COMMENT)] or columns[:1]
        tails = {self._tail(column, prefix) for column in columns}
        fields = self._fields(own, prefix, main, tails)
        return Question(
            id=own,
            text=self._says(main[0].question or main[0].label or prefix),
            code=prefix if prefix != own else None,
            foreign={"limesurvey": {"title": prefix}},
            **fields,
        )

    def _fields(self, own: str, prefix: str, main: list[CodedColumn], tails: set[str]) -> dict[str, Any]:
        first = main[0]
        several = len(main) > 1 or first.name != prefix
        codes = {code for code, _ in first.categories}
        if not several:
            return self._single(first, tails)
        if codes and codes <= _TICKS and all(column.categories for column in main):
            items = self._items(main, prefix, tails=tails)
            return {"type": "multiple", "items": items, **self._other(tails)}
        if first.categories and all(_RANK.match(column.parts[0]) for column in main if column.parts):
            return {"type": "ranking", "items": self._options(first)}
        if first.categories and len({column.categories for column in main}) == 1:
            self.scales[own] = self._scale(first)
            return {"type": "matrix", "items": self._items(main, prefix), "scale": own}
        if first.categories:
            union = tuple(dict.fromkeys(category for column in main for category in column.categories))
            self.scales[own] = self._scale(CodedColumn(own, categories=_unique(union)))
            return {"type": "matrix", "items": self._items(main, prefix), "scale": own}
        kind = "number" if all(column.type == "number" for column in main) else "text"
        return {"type": kind, "items": self._items(main, prefix)} | ({"decimals": 6} if kind == "number" else {})

    def _single(self, column: CodedColumn, tails: set[str]) -> dict[str, Any]:
        if column.categories:
            found: dict[str, Any] = {"type": "single", "items": self._options(column), **self._other(tails)}
            return found | ({"comment": Translations(())} if _COMMENT in tails else {})
        if column.type == "number":
            return {"type": "number", "decimals": 6}
        if column.label.startswith("{") and column.label.endswith("}"):
            return {"type": "computed"}
        return {"type": "date" if column.type == "date" else "text"}

    def _other(self, tails: set[str]) -> dict[str, Any]:
        return {"other": Other()} if _OTHER in tails else {}

    def _items(self, columns: Iterable[CodedColumn], prefix: str, tails: set[str] = frozenset()) -> tuple[Item, ...]:  # type: ignore[assignment]  # an empty set
        taken: set[str] = {_OTHER} if _OTHER in tails else set()
        found: list[Item] = []
        for column in columns:
            tail = self._tail(column, prefix)
            own = fitting(tail, f"SQ{len(found) + 1:03d}", taken)
            said = " – ".join(column.parts) or column.question or tail
            found.append(
                Item(
                    id=own,
                    text=self._says(said),
                    comment=f"{tail}{_COMMENT}" in tails,
                    code=tail if tail != own else None,
                    foreign={"limesurvey": {"title": tail}},
                )
            )
        return tuple(found)

    def _options(self, column: CodedColumn) -> tuple[Item, ...]:
        taken = {_OTHER}
        return tuple(
            Item(
                id=(own := fitting(code, f"A{place}", taken)),
                text=self._says(label or code),
                code=code if code != own else None,
            )
            for place, (code, label) in enumerate(column.categories, start=1)
        )

    def _scale(self, column: CodedColumn) -> Scale:
        taken: set[str] = set()
        points = tuple(
            Point(
                id=(own := fitting(code, f"A{place}", taken)),
                text=self._says(label) if label.strip() else None,
                code=code if code != own else None,
            )
            for place, (code, label) in enumerate(column.categories, start=1)
        )
        return Scale(points=points)

    def _tail(self, column: CodedColumn, prefix: str) -> str:
        return column.name[len(prefix) :].removeprefix("_")

    def _says(self, wording: str) -> Translations:
        return Translations.of({self.language: wording})


def _unique(categories: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for code, label in categories:
        found.setdefault(code, label)
    return tuple(found.items())
