"""Conditions of SurveyJS (`visibleIf`) and the filter language, in both directions.

    {experience} = 'past' and {topics} contains 'energy'      experience = past and topics.energy
    {topics} anyof ['a', 'b']                                 topics.a or topics.b
    {ratings.row1} notempty                                   answered(ratings.row1)
    {topics.length} > 2                                       count(topics) > 2

Arithmetic, functions (`iif`, `today` …), variables and fields of dynamic panels cannot be said in the filter
language; such a condition is kept verbatim and reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from passgenau.formats.conditions import (
    COMPARE,
    DEEPEST,
    TURNED,
    Choice,
    Instrument,
    Untranslatable,
    as_number,
    compared,
    counted,
    joined,
    negated,
    no_facts,
    number_text,
    row_of,
    spelling_of,
    ticked,
)
from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Count, Filter, Not, OneOf, Reference, Ticked
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.survey.filters import Node, Operator, Value
    from passgenau.survey.questionnaire import Question

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\{[^{}]*\})|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<sign><=|>=|!=|<>|==|=|<|>|\*=|&&|\|\||!|\(|\)|\[|\]|,|[+\-*/%^])"
    r"|(?P<word>[^\s{}()\[\],'\"<>=!&|+*/%^]+))"
)
_SIGNS: Mapping[str, Operator] = {
    "=": "=",
    "==": "=",
    "equal": "=",
    "!=": "!=",
    "<>": "!=",
    "notequal": "!=",
    "<": "<",
    "less": "<",
    "<=": "<=",
    "lessorequal": "<=",
    ">": ">",
    "greater": ">",
    ">=": ">=",
    "greaterorequal": ">=",
}
_SETS = {"contains", "contain", "*=", "notcontains", "notcontain", "anyof", "allof", "noneof"}


@dataclass(frozen=True, slots=True)
class _Name:
    """What stands in braces."""

    name: str


_Operand: TypeAlias = "_Name | Value | bool | list[Value] | Node | None"


def read_condition(source: str, instrument: Instrument) -> Filter:
    """Return the filter that a condition of SurveyJS means.

    Raises
    ------
    Untranslatable
        The filter language cannot say it.
    """
    parser = _Parser(source, instrument)
    tree = parser.either(0)
    if parser.peek() is not None:
        raise Untranslatable(_no_sense(source))
    return Filter(tree)


def _no_sense(source: str) -> Text:
    return Text(
        f"Die Bedingung enthält, was die Filtersprache nicht kennt: {source[:80]}",
        f"The condition holds what the filter language does not know: {source[:80]}",
    )


class _Parser:
    def __init__(self, source: str, instrument: Instrument) -> None:
        self._source = source
        self._instrument = instrument
        self._tokens = self._split(source)
        self._next = 0

    def _split(self, source: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while source[at:].strip():
            match = _TOKEN.match(source, at)
            if match is None or match.lastgroup is None:
                raise Untranslatable(_no_sense(source))
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        return tokens

    def peek(self) -> tuple[str, str] | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _takes(self, *words: str) -> str | None:
        token = self.peek()
        if token is not None and token[0] in {"sign", "word"} and token[1].lower() in words:
            self._next += 1
            return token[1].lower()
        return None

    def _fail(self) -> Untranslatable:
        return Untranslatable(_no_sense(self._source))

    def either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._takes("or", "||"):
            parts.append(self._both(depth))
        return joined(parts, AnyOf)

    def _both(self, depth: int) -> Node:
        parts = [self._single(depth)]
        while self._takes("and", "&&"):
            parts.append(self._single(depth))
        return joined(parts, All)

    def _single(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._fail()
        if self._takes("!", "negate", "not"):
            return negated(self._single(depth + 1))
        if self._takes("("):
            inside = self.either(depth + 1)
            if not self._takes(")"):
                raise self._fail()
            return inside
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._operand()
        if isinstance(left, bool) and (self.peek() is None or self.peek() in {("sign", ")"), ("word", "and")}):
            return All(()) if left else AnyOf(())
        if word := self._takes("empty", "notempty"):
            answered = self._answered(left)
            return answered if word == "notempty" else negated(answered)
        if word := self._takes(*_SETS):
            return self._set(left, word, self._operand())
        if word := self._takes(*_SIGNS):
            return self._compare(left, _SIGNS[word], self._operand())
        return self._truth(left)

    def _operand(self) -> _Operand:
        token = self.peek()
        if token is None:
            raise self._fail()
        kind, text = token
        self._next += 1
        if kind == "name":
            return _Name(text[1:-1].strip())
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text)
        if text == "[":
            return self._list()
        if kind == "word" and self.peek() != ("sign", "("):
            return {"true": True, "false": False, "null": None, "undefined": None}.get(text.lower(), text)
        raise self._fail()

    def _list(self) -> list[Value]:
        values: list[Value] = []
        while not self._takes("]"):
            value = self._operand()
            if not isinstance(value, str | float) or isinstance(value, bool):
                raise self._fail()
            values.append(value)
            if not self._takes(",") and self.peek() != ("sign", "]"):
                raise self._fail()
        return values

    # --- what the operands mean -------------------------------------------------------------------

    def _reference(self, operand: _Operand) -> tuple[Question, Reference]:
        if not isinstance(operand, _Name):
            raise self._fail()
        known = self._instrument.questions
        if operand.name in known:
            question = known[operand.name]
            return question, Reference(question.id)
        name, _, row = operand.name.partition(".")
        question = self._instrument.question(name)
        row, _, column = row.partition(".")
        if not row or question.type in {"single", "multiple"}:
            raise self._fail()
        cell = next((c.id for c in question.columns if column in {c.code, c.id}), None) if column else None
        if column and cell is None:
            raise self._fail()
        return question, Reference(question.id, row_of(question, row), cell)

    def _counted(self, operand: _Operand) -> Reference | None:
        """Return the question whose ticks `{question.length}` counts."""
        if isinstance(operand, _Name) and operand.name.endswith(".length"):
            question = self._instrument.questions.get(operand.name.removesuffix(".length"))
            if question is not None and question.type in {"multiple", "ranking"}:
                return Reference(question.id)
        return None

    def _answered(self, operand: _Operand) -> Node:
        return Answered(self._reference(operand)[1])

    def _truth(self, operand: _Operand) -> Node:
        question, reference = self._reference(operand)
        if question.type == "single" and "yes" in {item.id for item in question.items}:
            return Comparison(reference, "=", "yes")
        return Ticked(reference) if question.type == "multiple" else Answered(reference)

    def _set(self, left: _Operand, word: str, right: _Operand) -> Node:
        values = right if isinstance(right, list) else [right]
        if not all(isinstance(value, str | float) and not isinstance(value, bool) for value in values):
            raise self._fail()
        question, reference = self._reference(left)
        spelled = cast("list[Value]", values)
        if question.type in {"multiple", "ranking"} and reference.item is None:
            parts = [ticked(question, value) for value in spelled]
            whole = joined(parts, AnyOf if word in {"anyof", "noneof"} else All)
        elif word in {"anyof", "noneof"} and question.type in {"single", "scale", "matrix"}:
            whole = self._one_of(question, reference, spelled)
        else:
            raise self._fail()
        return negated(whole) if word.startswith("no") else whole

    def _one_of(self, question: Question, reference: Reference, values: list[Value]) -> Node:
        choices = self._instrument.choices(question)
        by_spelling = {choice.spelling: choice.id for choice in choices}
        texts = [number_text(value) if isinstance(value, float) else value for value in values]
        return OneOf(reference, tuple(by_spelling.get(text, text) for text in texts))

    def _compare(self, left: _Operand, sign: Operator, right: _Operand) -> Node:
        if isinstance(right, _Name):
            if isinstance(left, _Name):
                raise self._fail()
            left, sign, right = right, TURNED[sign], left
        value = ("true" if right else "false") if isinstance(right, bool) else right
        counted_of = self._counted(left)
        if counted_of is not None and isinstance(value, str | float):
            return All((Answered(counted_of), counted(sign, counted_of, value)))
        question, reference = self._reference(left)
        if isinstance(value, list) and sign in {"=", "!="} and question.type == "multiple" and value:
            same = All(
                (*(ticked(question, one) for one in value), Comparison(Count(reference), "=", float(len(value))))
            )
            return same if sign == "=" else Not(same)
        if not isinstance(value, str | float):
            raise self._fail()
        return compared(self._instrument, reference, sign, value)


# --- writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """How the other file names questions and rows."""

    instrument: Instrument  # questions by their id here
    names: Mapping[str, str]  # name in the file by question id


def write_condition(condition: Filter, names: Names) -> str:
    """Return a filter as SurveyJS writes it.

    Raises
    ------
    Untranslatable
        It speaks of the organisation, or of what SurveyJS conditions cannot ask.
    """
    return _node(condition.tree, names)


def _node(node: Node, names: Names) -> str:  # noqa: PLR0911 -- one return per kind of condition
    match node:
        case Comparison(operand, sign, value):
            return _comparison(operand, sign, value, names)
        case OneOf(operand, values):
            no_facts(operand)
            return _one_of(operand, values, names)
        case Ticked(of):
            return _ticked(of, names)
        case Answered(of):
            return f"{_braced(of, names)} notempty"
        case Not(Answered(of)):
            return f"{_braced(of, names)} empty"
        case Not(Ticked(of)) if of.item is not None:
            return f"{_braced(Reference(of.question), names)} notcontains {_chosen(of, names)}"
        case Not(part):
            return f"!({_node(part, names)})"
        case All(parts) | AnyOf(parts):
            if not parts:
                raise Untranslatable(_CONSTANT)
            word = " and " if isinstance(node, All) else " or "
            return word.join(_inside(part, names) for part in parts)


def _inside(node: Node, names: Names) -> str:
    text = _node(node, names)
    return f"({text})" if isinstance(node, All | AnyOf) else text


def _braced(reference: Reference, names: Names) -> str:
    question = names.instrument.question(reference.question)
    parts = [names.names[question.id]]
    for entries, wanted in ((question.items, reference.item), (question.columns, reference.column)):
        if wanted is not None:
            found = next((entry for entry in entries if entry.id == wanted), None)
            if found is None or question.type in {"single", "multiple", "ranking"}:
                raise Untranslatable(_CONSTANT)
            parts.append(found.code or found.id)
    return "{" + ".".join(parts) + "}"


def _chosen(reference: Reference, names: Names) -> str:
    question = names.instrument.question(reference.question)
    if question.type not in {"multiple", "ranking"}:
        raise Untranslatable(_CONSTANT)
    choices = names.instrument.choices(question)
    return _quoted(spelling_of(choices, reference.item or ""))


def _ticked(reference: Reference, names: Names) -> str:
    question = names.instrument.question(reference.question)
    if reference.item is None:
        return f"{_braced(reference, names)} notempty"
    if question.type in {"multiple", "ranking"}:
        return f"{_braced(Reference(question.id), names)} contains {_chosen(reference, names)}"
    return f"{_braced(reference, names)} notempty"


def _one_of(operand: Reference | Count | object, values: tuple[Value, ...], names: Names) -> str:
    if not isinstance(operand, Reference):
        raise Untranslatable(_CONSTANT)
    choices = _choices(operand, names)
    listed = ", ".join(_quoted(spelling_of(choices, value)) for value in values)
    return f"{_braced(operand, names)} anyof [{listed}]"


def _choices(reference: Reference, names: Names) -> tuple[Choice, ...]:
    question = names.instrument.question(reference.question)
    return names.instrument.choices(question) if question.type in {"single", "scale", "matrix"} else ()


def _comparison(operand: object, sign: Operator, value: Value, names: Names) -> str:
    if isinstance(operand, Count):
        counted_of = f"{_braced(operand.of, names)[:-1]}.length}} {sign} {_literal(value)}"
        number = as_number(value)
        if number is not None and COMPARE[sign](0, number):  # no tick: SurveyJS knows no length then
            return f"({_braced(operand.of, names)} empty or {counted_of})"
        return counted_of
    if not isinstance(operand, Reference):
        no_facts(operand)  # type: ignore[arg-type]  # a fact, as the other two are excluded
        raise Untranslatable(_CONSTANT)
    question = names.instrument.question(operand.question)
    choices = _choices(operand, names)
    if choices and sign in {"=", "!="}:
        return f"{_braced(operand, names)} {sign} {_quoted(spelling_of(choices, value))}"
    if choices:
        return _points_compared(question, operand, sign, value, names)
    return f"{_braced(operand, names)} {sign} {_literal(value)}"


def _points_compared(question: Question, reference: Reference, sign: Operator, value: Value, names: Names) -> str:
    limit = as_number(value)
    if question.scale is None or limit is None:
        raise Untranslatable(_CONSTANT)
    fitting = [
        _quoted(point.code or point.id)
        for point in names.instrument.scales[question.scale].points
        if (number := point.value if point.value is not None else as_number(point.id)) is not None
        and COMPARE[sign](number, limit)
    ]
    if not fitting:
        raise Untranslatable(_CONSTANT)
    return f"{_braced(reference, names)} anyof [{', '.join(fitting)}]"


def _quoted(text: str) -> str:
    if "\\" in text:  # SurveyJS has no way to write it
        raise Untranslatable(_CONSTANT)
    return "'" + text.replace("'", "\\'") + "'"


def _literal(value: Value) -> str:
    return number_text(value) if isinstance(value, float | int) else _quoted(value)


_CONSTANT = Text("SurveyJS hat für diese Bedingung keine Schreibweise.", "SurveyJS has no way to write this condition.")
