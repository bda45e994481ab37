"""Conditions of XLSForm (XPath in `relevant`) and the filter language, in both directions.

    ${stage} = 'planned' and selected(${topics}, 'energy')    stage = planned and topics.energy
    not(${days} >= 3)                                         not days >= 3
    count-selected(${topics}) > 2                             count(topics) > 2
    string-length(${remark}) > 0, ${remark} != ''             answered(remark)

Arithmetic, dates of today, paths and other functions cannot be said in the filter language; such a condition is
kept verbatim and reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from passgenau.formats.conditions import (
    COMPARE,
    DEEPEST,
    TURNED,
    Instrument,
    Untranslatable,
    as_number,
    compared,
    counted,
    joined,
    negated,
    no_facts,
    number_text,
    ticked,
)
from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Count, Filter, Not, OneOf, Reference, Ticked
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passgenau.survey.filters import Node, Operator, Value
    from passgenau.survey.questionnaire import Question

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$\{\s*[^{}]+?\s*\})|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w.-]*))"
)
_SIGNS: Mapping[str, Operator] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Form:
    """What conditions of a form may speak of: its questions before, and which name stands for which of them."""

    instrument: Instrument  # questions by their id here
    places: Mapping[str, Reference]  # by the name of the row in the form


@dataclass(frozen=True, slots=True)
class _Name:
    name: str


@dataclass(frozen=True, slots=True)
class _Call:
    """A function of one question that gives a number: count-selected, string-length."""

    function: str
    name: str


_Operand: TypeAlias = "_Name | _Call | Value"


def read_condition(source: str, form: Form) -> Filter:
    """Return the filter that an XPath condition means.

    Raises
    ------
    Untranslatable
        The filter language cannot say it.
    """
    parser = _Parser(source, form)
    tree = parser.either(0)
    if parser.peek() is not None:
        raise parser.fail()
    return Filter(tree)


class _Parser:
    def __init__(self, source: str, form: Form) -> None:
        self._source = source
        self._form = form
        self._tokens = self._split()
        self._next = 0

    def _split(self) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while self._source[at:].strip():
            match = _TOKEN.match(self._source, at)
            if match is None or match.lastgroup is None:
                raise self.fail()
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        return tokens

    def fail(self) -> Untranslatable:
        shown = self._source[:80]
        return Untranslatable(
            Text(
                f"Die Bedingung enthält, was die Filtersprache nicht kennt: {shown}",
                f"The condition holds what the filter language does not know: {shown}",
            )
        )

    def peek(self) -> tuple[str, str] | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _takes(self, *words: str) -> str | None:
        token = self.peek()
        if token is not None and token[0] in {"sign", "word"} and token[1] in words:
            self._next += 1
            return token[1]
        return None

    def _demand(self, word: str) -> None:
        if not self._takes(word):
            raise self.fail()

    def either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return _gathered(parts)

    def _both(self, depth: int) -> Node:
        parts = [self._single(depth)]
        while self._takes("and"):
            parts.append(self._single(depth))
        return joined(parts, All)

    def _single(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.fail()
        if self._takes("not"):
            self._demand("(")
            inside = self.either(depth + 1)
            self._demand(")")
            return negated(inside)
        if self._takes("("):
            inside = self.either(depth + 1)
            self._demand(")")
            return inside
        if word := self._takes("true", "false"):
            self._demand("(")
            self._demand(")")
            return All(()) if word == "true" else AnyOf(())
        if self._takes("selected"):
            return self._selected()
        return self._comparison()

    def _selected(self) -> Node:
        self._demand("(")
        left = self._operand()
        self._demand(",")
        value = self._operand()
        self._demand(")")
        if not isinstance(left, _Name) or not isinstance(value, str | float):
            raise self.fail()
        question, reference = self._place(left.name)
        if question.type in {"single", "scale", "matrix"}:
            return compared(self._form.instrument, reference, "=", value)
        return ticked(question, value)

    def _operand(self) -> _Operand:
        token = self.peek()
        if token is None:
            raise self.fail()
        self._next += 1
        kind, text = token
        if kind == "name":
            return _Name(text[2:-1].strip())
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return float(text)
        if kind == "word" and text in {"count-selected", "string-length", "number", "int"}:
            self._demand("(")
            inside = self._operand()
            self._demand(")")
            if isinstance(inside, _Name):
                return _Call(text, inside.name) if text in {"count-selected", "string-length"} else inside
        raise self.fail()

    def _place(self, name: str) -> tuple[Question, Reference]:
        reference = self._form.places.get(name)
        if reference is None:
            return self._form.instrument.question(name), Reference(name)
        return self._form.instrument.question(reference.question), reference

    def _comparison(self) -> Node:
        left = self._operand()
        sign = self._takes(*_SIGNS)
        if sign is None:
            raise self.fail()
        right = self._operand()
        operator: Operator = _SIGNS[sign]
        if isinstance(left, str | float):
            left, right, operator = right, left, TURNED[operator]
        if isinstance(left, str | float) or not isinstance(right, str | float):
            raise self.fail()
        question, reference = self._place(left.name)
        if isinstance(left, _Call):
            return self._call(left, question, reference, operator, right)
        if right == "" and operator in {"=", "!="}:
            return Answered(reference) if operator == "!=" else Not(Answered(reference))
        return compared(self._form.instrument, reference, operator, right)

    def _call(self, call: _Call, question: Question, reference: Reference, sign: Operator, value: Value) -> Node:
        if call.function == "count-selected" and question.type in {"multiple", "ranking"}:
            return counted(sign, reference, value)
        if (sign, as_number(value)) in {(">", 0), ("!=", 0), (">=", 1)}:
            return Answered(reference)
        if (sign, as_number(value)) in {("=", 0), ("<", 1), ("<=", 0)}:
            return Not(Answered(reference))
        raise self.fail()


def _gathered(parts: list[Node]) -> Node:
    """Return alternatives; several answers to one question become one list."""
    operands = {part.operand for part in parts if isinstance(part, Comparison) and part.operator == "="}
    if len(parts) > 1 and len(operands) == 1 and all(isinstance(p, Comparison) and p.operator == "=" for p in parts):
        return OneOf(operands.pop(), tuple(part.value for part in parts if isinstance(part, Comparison)))
    return joined(parts, AnyOf)


# --- writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """How the form names what a condition speaks of, and spells its answers."""

    instrument: Instrument
    names: Mapping[Reference, str]
    spellings: Callable[[Question, Value], str]


def write_condition(condition: Filter, names: Names) -> str:
    """Return a filter as XPath.

    Raises
    ------
    Untranslatable
        It speaks of the organisation, or of what a form cannot ask.
    """
    return _node(condition.tree, names)


def _node(node: Node, names: Names) -> str:  # noqa: PLR0911 -- one return per kind of condition
    match node:
        case Comparison(operand, sign, value):
            return _comparison(operand, sign, value, names)
        case OneOf(operand, values):
            no_facts(operand)
            return _alternatives([_comparison(operand, "=", value, names) for value in values])
        case Ticked(of) if of.item is not None:
            return _ticked(of, names)
        case Ticked(of) | Answered(of):
            return f"{_name(of, names)} != ''"
        case Not(part):
            return f"not({_node(part, names)})"
        case All(parts) | AnyOf(parts):
            if not parts:
                return "true()" if isinstance(node, All) else "false()"
            word = " and " if isinstance(node, All) else " or "
            return word.join(_inside(part, names) for part in parts)
    raise Untranslatable(_CONSTANT)


def _inside(node: Node, names: Names) -> str:
    text = _node(node, names)
    return f"({text})" if isinstance(node, All | AnyOf | OneOf) and " " in text else text


def _name(reference: Reference, names: Names) -> str:
    names.instrument.question(reference.question)
    name = names.names.get(reference)
    if name is None:
        raise Untranslatable(_CONSTANT)
    return f"${{{name}}}"


def _ticked(reference: Reference, names: Names) -> str:
    question = names.instrument.question(reference.question)
    if question.type not in {"multiple", "ranking"}:
        return f"{_name(reference, names)} != ''"
    spelled = _quoted(names.spellings(question, reference.item or ""))
    return f"selected({_name(Reference(question.id), names)}, {spelled})"


def _comparison(operand: object, sign: Operator, value: Value, names: Names) -> str:
    if isinstance(operand, Count):
        return f"count-selected({_name(operand.of, names)}) {sign} {_literal(value)}"
    if not isinstance(operand, Reference):
        no_facts(operand)  # type: ignore[arg-type]  # a fact, as the other two are excluded
        raise Untranslatable(_CONSTANT)
    question = names.instrument.question(operand.question)
    name = _name(operand, names)
    if question.type in {"single", "scale", "matrix"}:
        if sign in {"=", "!="}:
            return f"{name} {sign} {_quoted(names.spellings(question, value))}"
        return _alternatives([f"{name} = {_quoted(text)}" for text in _points(question, sign, value, names)])
    return f"{name} {sign} {_literal(value)}"


def _points(question: Question, sign: Operator, value: Value, names: Names) -> list[str]:
    limit = as_number(value)
    if question.scale is None or limit is None:
        raise Untranslatable(_CONSTANT)
    return [
        names.spellings(question, point.id)
        for point in names.instrument.scales[question.scale].points
        if (number := point.value if point.value is not None else as_number(point.id)) is not None
        and COMPARE[sign](number, limit)
    ]


def _alternatives(parts: list[str]) -> str:
    if not parts:
        return "false()"
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _quoted(text: str) -> str:
    if "'" in text and '"' in text:
        raise Untranslatable(_CONSTANT)
    return f'"{text}"' if "'" in text else f"'{text}'"


def _literal(value: Value) -> str:
    return number_text(value) if isinstance(value, float | int) else _quoted(value)


_CONSTANT = Text("XLSForm hat für diese Bedingung keine Schreibweise.", "XLSForm has no way to write this condition.")
