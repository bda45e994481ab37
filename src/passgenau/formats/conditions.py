"""What conditions of other tools have in common: names and values of theirs become references and codes of ours."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.survey.filters import (
    All,
    AnyOf,
    Comparison,
    Count,
    Fact,
    Not,
    OneOf,
    Reference,
    Ticked,
)
from passgenau.survey.variables import OTHER
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passgenau.survey.filters import Node, Operand, Operator, Value
    from passgenau.survey.questionnaire import Question, Scale

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TURNED: Mapping[str, Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The operator after its two sides have changed places."""
DEEPEST = 50
"""Nested brackets; a condition deeper than that is none that people write."""


class Untranslatable(Exception):  # noqa: N818 -- no error: the condition is kept verbatim and reported
    """A condition that the filter language cannot say, with the reason."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.de)
        self.why = why


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question: its id here and its spelling in the other tool."""

    id: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """The questions of a file, by the name that its conditions use."""

    questions: Mapping[str, Question]  # by name in the other tool; only those that stand before
    scales: Mapping[str, Scale]

    def question(self, name: str) -> Question:
        """Return the question that a condition names."""
        found = self.questions.get(name)
        if found is None:
            raise Untranslatable(
                Text(
                    f"„{name}“ ist keine Frage, die davor gestellt wird.",
                    f"“{name}” is no question that is asked before.",
                )
            )
        return found

    def choices(self, question: Question) -> tuple[Choice, ...]:
        """Return the answers of a question, or the points of its scale."""
        if question.scale is not None:
            points = self.scales[question.scale].points
            found = tuple(Choice(point.id, point.code or point.id) for point in points)
        else:
            found = tuple(Choice(item.id, item.code or item.id) for item in question.items)
        return (*found, Choice(OTHER, spelling_of_other(question))) if question.other else found


def spelling_of_other(question: Question) -> str:
    """Return how a file spells the answer “other”."""
    for known in question.other.foreign.values() if question.other else ():
        if isinstance(known, dict) and isinstance(known.get("choice"), str):
            return str(known["choice"])
    return OTHER


def id_of(choices: tuple[Choice, ...], value: Value) -> str:
    """Return the id of the answer that a value of the other tool means."""
    spelled = number_text(value) if isinstance(value, float | int) else value
    return next((choice.id for choice in choices if choice.spelling == spelled), spelled)


def spelling_of(choices: tuple[Choice, ...], value: Value) -> str:
    """Return how the other tool spells the answer of an id."""
    code = number_text(value) if isinstance(value, float | int) else value
    return next((choice.spelling for choice in choices if choice.id == code), code)


def row_of(question: Question, spelling: str) -> str:
    """Return the id of the row, item or field that the other tool spells so."""
    for item in question.items:
        if spelling in {item.code or item.id, item.id}:
            return item.id
    if question.other and spelling == spelling_of_other(question):
        return OTHER
    raise Untranslatable(
        Text(f"„{question.id}“ hat kein „{spelling}“.", f"“{question.id}” has no “{spelling}”."),
    )


def number_text(value: float) -> str:
    """Return a number as people write it: 3, not 3.0."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def as_number(value: Value) -> float | None:
    """Return a value as a number, or None."""
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def ticked(question: Question, spelling: Value) -> Node:
    """Return the condition that an answer of a question was chosen, whatever the type of the question."""
    text = number_text(spelling) if isinstance(spelling, float | int) else spelling
    if question.type in {"multiple", "ranking"}:
        return Ticked(Reference(question.id, row_of(question, text)))
    raise Untranslatable(_WRONG_TYPE)


def compared(instrument: Instrument, reference: Reference, sign: Operator, value: Value) -> Node:
    """Return a comparison of the answer to a question, or to one of its rows, with a value of the other tool."""
    question = next(q for q in instrument.questions.values() if q.id == reference.question)
    if question.type in {"single", "scale", "matrix"}:
        return _choice_compared(instrument.choices(question), reference, sign, value)
    if question.type in {"number", "ranking", "computed"} and (number := as_number(value)) is not None:
        return Comparison(reference, sign, number)
    if question.type in {"text", "date", "computed"} and sign in {"=", "!="}:
        return Comparison(reference, sign, value)
    raise Untranslatable(_WRONG_TYPE)


def _choice_compared(choices: tuple[Choice, ...], reference: Reference, sign: Operator, value: Value) -> Node:
    if sign in {"=", "!="}:
        return Comparison(reference, sign, id_of(choices, value))
    limit = as_number(value)
    if limit is None:
        raise Untranslatable(_WRONG_TYPE)
    fitting = tuple(
        choice.id
        for choice in choices
        if (number := as_number(choice.spelling)) is not None and COMPARE[sign](number, limit)
    )
    return OneOf(reference, fitting) if fitting else AnyOf(())


def counted(sign: Operator, reference: Reference, value: Value) -> Node:
    """Return a comparison of a number of ticks."""
    number = as_number(value)
    if number is None:
        raise Untranslatable(_WRONG_TYPE)
    return Comparison(Count(reference), sign, number)


def joined(parts: list[Node], kind: type[All | AnyOf]) -> Node:
    """Return one condition from several, without brackets around a single one."""
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def negated(part: Node) -> Node:
    """Return the opposite, without doubling a `not`."""
    return part.part if isinstance(part, Not) else Not(part)


def no_facts(operand: Operand) -> None:
    """Refuse what is known of the organisation: other tools do not know it."""
    if isinstance(operand, Fact):
        raise Untranslatable(
            Text(
                f"{operand} ist dort nicht bekannt: Angaben zur Kommune stehen nicht im Fragebogen.",
                f"{operand} is not known there: facts of the organisation do not stand in the questionnaire.",
            )
        )


_WRONG_TYPE = Text(
    "So verglichen, sagt es die Filtersprache für diese Art von Frage nicht.",
    "Compared in this way, the filter language does not say it for this type of question.",
)
