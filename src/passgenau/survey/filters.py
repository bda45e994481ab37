"""Filters: who is shown a question. One small language, the same in the core, the web form and the exports.

A filter is a condition on earlier answers and on what is known of the organisation:

    experience = past_experience
    training_methods.participation and not (days < 2)
    stage in (planned, running) and @population >= 20000
    count(obstacles) > 3 or answered(other_topics)

Names are those of the questionnaire: `question`, or `question.item` for a tick, a row of a matrix or a
rank (`question.item.column` in a grid). A word on the right of a comparison is the code of an answer;
anything that is no plain word stands in quotes. `@audience`, `@language`, `@size_class`, `@region` and
`@population` are known of every organisation.

A question that was not shown, left empty or refused has no value: every comparison with it is false,
only `!=` is true, being the opposite of `=`. A condition is therefore always true or false, never
unknown, and means the same in every tool.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic_core import CoreSchema, core_schema

from passgenau.errors import InputError
from passgenau.reading import RecordError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetCoreSchemaHandler

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Value: TypeAlias = "str | float"
FACTS = ("audience", "language", "size_class", "region", "population")
"""What is known of every organisation, written with @ in front."""

# --- the tree ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    """A question, one of its items, or a cell of a grid."""

    question: str
    item: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.question, self.item, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of the organisation, one of `FACTS`."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class Count:
    """How many items of a question were ticked, ranked or filled in; 0 where it was not answered."""

    of: Reference

    def __str__(self) -> str:
        return f"count({self.of})"


Operand: TypeAlias = Reference | Fact | Count


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operand beside a value. Codes compare as text, numbers as numbers."""

    operand: Operand
    operator: Operator
    value: Value

    def __str__(self) -> str:
        return f"{self.operand} {self.operator} {spelled(self.value)}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """An operand that has one of several values."""

    operand: Operand
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.operand} in ({', '.join(spelled(value) for value in self.values)})"


@dataclass(frozen=True, slots=True)
class Ticked:
    """An item of a multiple choice was ticked; of a whole question: at least one item was."""

    of: Reference

    def __str__(self) -> str:
        return str(self.of)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question or item has an answer: shown, not left empty, not refused."""

    of: Reference

    def __str__(self) -> str:
        return f"answered({self.of})"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Node

    def __str__(self) -> str:
        return f"not {_inside(self.part)}"


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true; true without parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part) for part in self.parts) or "true"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true; false without parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part) for part in self.parts) or "false"


Node: TypeAlias = Comparison | OneOf | Ticked | Answered | Not | All | AnyOf


def _inside(node: Node) -> str:
    return f"({node})" if isinstance(node, All | AnyOf) and node.parts else str(node)


def spelled(value: Value) -> str:
    """Return a value as the language writes it: a number, a word, or text in quotes."""
    if isinstance(value, float | int):
        return f"{value:f}".rstrip("0").rstrip(".") if float(f"{value:f}") == value else f"{Decimal(repr(value)):f}"
    if _WORD.fullmatch(value) and value.lower() not in _RESERVED and not _NUMBER.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def references(node: Node) -> Iterator[Reference]:
    """Yield every question or item that a condition speaks of, in the order written."""
    match node:
        case Comparison(operand, _, _) | OneOf(operand, _):
            if isinstance(operand, Reference):
                yield operand
            elif isinstance(operand, Count):
                yield operand.of
        case Ticked(of) | Answered(of):
            yield of
        case Not(part):
            yield from references(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from references(part)


# --- a filter as it stands in a file -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition with its tree. `str()` gives its normal form, which parses to the same tree."""

    tree: Node

    def __str__(self) -> str:
        return str(self.tree)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every question or item that it speaks of."""
        return tuple(references(self.tree))

    @classmethod
    def _from_file(cls, value: object) -> Filter:
        if isinstance(value, Filter):
            return value
        if not isinstance(value, str):
            raise ValueError("text")  # noqa: TRY004 -- pydantic takes ValueErrors only
        try:
            return parse(value)
        except InputError as error:
            problem = error.problems[0]
            raise RecordError(problem.message.de, problem.message.into("en"), hint=problem.hint) from None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 -- pydantic's own signature
        return core_schema.no_info_plain_validator_function(
            cls._from_file, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


# --- parsing -----------------------------------------------------------------------------------------

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TOKEN = re.compile(
    r"\s*(?:(?P<quoted>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|==|=|<|>|\(|\)|,)"
    r"|(?P<fact>@[a-z_]+)|(?P<number>-?\d+(?:\.\d+)?(?![A-Za-z0-9_.-]))"
    r"|(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*){0,2}))"
)
_RESERVED = frozenset({"and", "or", "not", "in", "answered", "count", "true", "false"})
_DEPTH = 50  # nested brackets; a filter deeper than that is no filter that people write
_LENGTH = 10_000  # characters


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # quoted, sign, fact, number, name, end
    text: str
    at: int


@lru_cache(maxsize=4096)
def parse(source: str) -> Filter:
    """Return the filter that a condition writes.

    Raises
    ------
    InputError
        The condition does not follow the language; the message shows where.
    """
    if len(source) > _LENGTH:
        raise _wrong(source[:40] + "…", 0, Text("Der Filter ist zu lang.", "The filter is too long."))
    parser = _Parser(source, _tokens(source))
    tree = parser.either(0)
    parser.expect_end()
    return Filter(tree)


def _tokens(source: str) -> list[_Token]:
    found, at = [], 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            start = at + len(source[at:]) - len(source[at:].lstrip())
            raise _wrong(source, start, Text("Dieses Zeichen passt hier nicht.", "This character does not fit here."))
        found.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "", len(source))]


def _wrong(source: str, at: int, message: Text) -> InputError:
    rest = source[at : at + 20] or "…"
    return InputError.of(
        f"Filter {source!r}: {message.de} (Stelle {at + 1}: {rest!r})",
        f"Filter {source!r}: {message.into('en')} (place {at + 1}: {rest!r})",
        hint=Text(
            "Beispiele: frage = antwort; frage.antwort; zahl >= 3; a and (b or not c); frage in (a, b).",
            "Examples: question = answer; question.answer; number >= 3; a and (b or not c); question in (a, b).",
        ),
    )


class _Parser:
    """Reads a condition from left to right; `and` binds closer than `or`, `not` closest."""

    def __init__(self, source: str, tokens: list[_Token]) -> None:
        self._source = source
        self._tokens = tokens
        self._next = 0

    def either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            raise self._error(Text("Hier sollte der Filter enden.", "The filter should end here."))

    def _both(self, depth: int) -> Node:
        parts = [self._single(depth)]
        while self._takes("and"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _single(self, depth: int) -> Node:
        if depth > _DEPTH:
            raise self._error(Text("Zu tief geklammert.", "Nested too deeply."))
        if self._takes("not"):
            return Not(self._single(depth + 1))
        if self._takes("true"):
            return All(())
        if self._takes("false"):
            return AnyOf(())
        if self._takes("("):
            inside = self.either(depth + 1)
            self._demand(")")
            return inside
        if self._takes("answered"):
            return Answered(self._in_brackets())
        return self._comparison()

    def _comparison(self) -> Node:
        operand = self._operand()
        token = self._peek()
        if token.kind == "sign" and token.text in {"=", "==", "!=", "<", "<=", ">", ">="}:
            self._next += 1
            operator: Any = "=" if token.text == "==" else token.text
            value = self._value()
            if operator in {"<", "<=", ">", ">="} and not isinstance(value, float):
                self._next -= 1
                raise self._error(Text("Hier wird eine Zahl verglichen.", "A number is compared here."))
            return Comparison(operand, operator, value)
        if self._takes("in"):
            self._demand("(")
            values = [self._value()]
            while self._takes(","):
                values.append(self._value())
            self._demand(")")
            return OneOf(operand, tuple(values))
        if isinstance(operand, Reference):
            return Ticked(operand)
        raise self._error(Text("Hier fehlt ein Vergleich, z. B. >= 3.", "A comparison is missing here, e.g. >= 3."))

    def _operand(self) -> Operand:
        token = self._peek()
        if token.kind == "fact":
            if token.text[1:] not in FACTS:
                known = ", ".join(f"@{fact}" for fact in FACTS)
                raise self._error(Text(f"Bekannt sind nur {known}.", f"Only {known} are known."))
            self._next += 1
            return Fact(token.text[1:])
        if self._takes("count"):
            return Count(self._in_brackets())
        return self._reference()

    def _in_brackets(self) -> Reference:
        self._demand("(")
        reference = self._reference()
        self._demand(")")
        return reference

    def _reference(self) -> Reference:
        token = self._peek()
        if token.kind not in {"name", "number"} or token.text.lower() in _RESERVED or "-" in token.text[:1]:
            raise self._error(Text("Hier fehlt der Name einer Frage.", "The name of a question is missing here."))
        self._next += 1
        return Reference(*token.text.split("."))

    def _value(self) -> Value:
        token = self._peek()
        self._next += 1
        if token.kind == "number":
            return float(token.text)
        if token.kind == "quoted":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind == "name" and "." not in token.text and token.text.lower() not in _RESERVED:
            return token.text
        self._next -= 1
        raise self._error(Text("Hier fehlt der Wert.", "The value is missing here."))

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _takes(self, text: str) -> bool:
        token = self._peek()
        if token.kind in {"name", "sign"} and token.text.lower() == text:
            self._next += 1
            return True
        return False

    def _demand(self, text: str) -> None:
        if not self._takes(text):
            raise self._error(Text(f"Hier fehlt „{text}“.", f"“{text}” is missing here."))

    def _error(self, message: Text) -> InputError:
        return _wrong(self._source, self._peek().at, message)
