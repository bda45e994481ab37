"""What a questionnaire lets one count: every share and every number, with the words it is told in.

A multiple choice gives one share per item, a single choice one per answer, a matrix one per row (of those
whose point agrees) or one per row and point, a ranking one per item (of those who put it first). Numbers,
points with a value and ranks give means and medians.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.findings.wording import joined
from passgenau.reading import Record
from passgenau.survey.plain_text import plain
from passgenau.survey.questionnaire import WITH_SCALE
from passgenau.survey.variables import OTHER, answers_of
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.survey import Category, Kind, Question, Questionnaire, Variable

SECOND = "second"
"""What the key of an item ends with where it speaks of the second scale of a matrix."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One share: who says yes to what."""

    question: str
    item: str  # the key: an item, a point, `row.point`, `row.second`, or "other"
    text: Text
    topic: str | None
    kind: Kind
    variable: str  # the column that holds the answers
    yes: frozenset[str] | None  # categories that count as a yes; None: a tick, or the first rank
    filtered: bool  # whether a filter decides who sees it
    complement: bool = False  # the second of two answers that exclude each other: no comparison of its own


@dataclass(frozen=True, slots=True)
class Measured:
    """One number: how many, how much, or where on a scale."""

    question: str
    item: str | None
    text: Text
    kind: Kind
    variable: str
    values: tuple[tuple[str, float], ...]  # what each category counts; empty for numbers and ranks
    unit: Text | None
    filtered: bool


def counted(questionnaire: Questionnaire) -> tuple[Counted, ...]:
    """Return every share that the answers give, in the order of the questionnaire."""
    return tuple(
        share
        for question in questionnaire.questions
        for variable in answers_of(question, questionnaire)
        for share in _shares(question, variable, questionnaire)
    )


def measured(questionnaire: Questionnaire) -> tuple[Measured, ...]:
    """Return every number that the answers give, in the order of the questionnaire."""
    return tuple(
        found
        for question in questionnaire.questions
        for variable in answers_of(question, questionnaire)
        if (found := _measure(question, variable, questionnaire)) is not None
    )


def in_plain_words(questionnaire: Questionnaire) -> Questionnaire:
    """Return a questionnaire whose wordings hold no markup, so that sentences and tables can name its answers."""
    if questionnaire.markup == "plain":
        return questionnaire
    fields = {name: _without_markup(getattr(questionnaire, name)) for name in type(questionnaire).model_fields}
    return type(questionnaire)(**{**fields, "markup": "plain"})


def _without_markup(value: object) -> object:
    """Return a value with every wording in it freed of markup; what a format keeps for itself stays as it is."""
    if isinstance(value, Translations):
        return Translations.of({language: plain(words) for language, words in value})
    if isinstance(value, Record):
        parts = {name: getattr(value, name) for name in type(value).model_fields if name != "foreign"}
        return value.model_copy(update={name: _without_markup(part) for name, part in parts.items()})
    if isinstance(value, tuple):
        return tuple(_without_markup(part) for part in value)
    if isinstance(value, dict):
        return {key: _without_markup(part) for key, part in value.items()}
    return value


def wordings(questionnaire: Questionnaire) -> dict[tuple[str, str], Text]:
    """Return how sentences call each share, by question and item."""
    return {(share.question, share.item): share.text for share in counted(questionnaire)}


def _shares(question: Question, variable: Variable, questionnaire: Questionnaire) -> Iterator[Counted]:
    topics = {item.id: item.topic for item in question.items}
    filtered = _filtered(question, variable, questionnaire)

    def share(item: str, text: Text, topic: str | None, yes: frozenset[str] | None, *, last: bool = False) -> Counted:
        return Counted(question.id, item, text, topic, question.kind, variable.name, yes, filtered, complement=last)

    if variable.type in {"flag", "rank"}:
        item = variable.item or OTHER
        yield share(item, _row(question, item), topics.get(item), None)
    elif variable.type == "category" and question.type == "single":
        pair = len(variable.categories) == 2  # noqa: PLR2004 -- a pair
        for place, category in enumerate(variable.categories):
            text = category.label.text
            yield share(category.id, text, topics.get(category.id), frozenset({category.id}), last=pair and place == 1)
    elif variable.type == "category":
        agreeing = _agreeing(question, variable, questionnaire)
        row = _key(variable)
        if agreeing and row is not None:
            yield share(row, _row(question, variable.item or ""), topics.get(variable.item or ""), agreeing)
        else:
            for category in variable.categories:
                key = category.id if row is None else f"{row}.{category.id}"
                text = _joined(question, variable, category)
                yield share(key, text, None, frozenset({category.id}))


def _measure(question: Question, variable: Variable, questionnaire: Questionnaire) -> Measured | None:
    values = tuple((category.id, category.value) for category in variable.categories if category.value is not None)
    if variable.type not in {"number", "rank"} and not values:
        return None
    item = _key(variable)
    if variable.column is not None:
        item = f"{item}.{variable.column}"
    text = _row(question, variable.item) if variable.item else question.text.text
    if variable.column is not None:
        column = next(column.text.text for column in question.columns if column.id == variable.column)
        text = joined([text, column], " – ")
    unit = question.unit.text if question.unit else None
    return Measured(
        question.id,
        item,
        text,
        question.kind,
        variable.name,
        values,
        unit,
        _filtered(question, variable, questionnaire),
    )


def _key(variable: Variable) -> str | None:
    """Return how the row of a variable is called: its item, marked where it stands on the second scale."""
    return f"{variable.item}.{SECOND}" if variable.part == "second" else variable.item


def _row(question: Question, item: str) -> Text:
    if item == OTHER and question.other is not None:
        return question.other.text.text
    return question.item(item).text.text


def _agreeing(question: Question, variable: Variable, questionnaire: Questionnaire) -> frozenset[str]:
    if question.type not in WITH_SCALE:
        return frozenset()
    name = question.second_scale if variable.part == "second" else question.scale
    return frozenset(point.id for point in questionnaire.scale(name or "").points if point.agrees)


def _joined(question: Question, variable: Variable, category: Category) -> Text:
    label = category.label.text
    if variable.item is None:
        return label
    return joined([_row(question, variable.item), label], ": ")


def _filtered(question: Question, variable: Variable, questionnaire: Questionnaire) -> bool:
    section = questionnaire.section(question.section) if question.section is not None else None
    item = next((item for item in question.items if item.id == variable.item), None)
    return any(part is not None and part.show_if is not None for part in (section, question, item))
