"""LimeSurvey's conditions (ExpressionScript) as filters, and filters as conditions.

Only what means the same in both is translated. LimeSurvey treats a question that was not answered as empty
text, as passgenau treats it as having no value; with `.NAOK` that holds for questions that were not shown,
too. Without `.NAOK`, one question that was not shown makes the whole condition false.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from passgenau.errors import InputError
from passgenau.formats.limesurvey.codebook import Codes, Target, targets
from passgenau.survey.filters import (
    All,
    Answered,
    AnyOf,
    Comparison,
    Count,
    Fact,
    Filter,
    Node,
    Not,
    OneOf,
    Reference,
    Ticked,
    parse,
)
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from passgenau.survey.questionnaire import Questionnaire

_LENGTH = 10_000  # characters
_DEPTH = 40  # nested brackets
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?(?![A-Za-z0-9_.]))"
    r"|(?P<name>[A-Za-z0-9_][A-Za-z0-9_#:-]*(?<!-)(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<sign>==|!=|<>|<=|>=|&&|\|\||[<>!(),+*/=%-]))"
)
_SIGNS = {"eq": "==", "ne": "!=", "<>": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_VALUE_SUFFIXES = frozenset({"NAOK", "code", "value", "valueNAOK"})


class UntranslatableError(Exception):
    """An expression that says something filters cannot; `reason` says what."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.into("en"))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Names:
    """What expressions of one survey may speak of.

    Attributes
    ----------
    variables
        By name.
    groups
        Questions whose items can be counted, by code, for `count(that.CODE)`.
    sizes
        How many items they have, by id.
    commented
        Those with a comment beside each item; it counts, too, unless `.nocomments` leaves it out.
    perhaps_hidden
        Questions that not everyone is shown.
    """

    variables: dict[str, Target]
    groups: dict[str, Reference]
    sizes: dict[str, int]
    commented: frozenset[str]
    perhaps_hidden: frozenset[str] = frozenset()


def names_of(questionnaire: Questionnaire, codes: Codes, perhaps_hidden: frozenset[str] = frozenset()) -> Names:
    """Return what expressions may speak of in a questionnaire."""
    counted = [q for q in questionnaire.questions if q.items and q.type != "single"]
    counted = [q for q in counted if not q.columns and not q.second_scale]
    return Names(
        targets(questionnaire, codes),
        {codes.question(q.id): Reference(q.id) for q in counted},
        {q.id: len(q.items) + (q.other is not None) for q in counted},
        frozenset(q.id for q in counted if any(item.comment for item in q.items)),
        perhaps_hidden,
    )


# --- from LimeSurvey ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Variable:
    target: Target
    integer: bool = False  # inside intval(): empty counts as 0


@dataclass(frozen=True, slots=True)
class _Language:
    """The variable LANG."""


@dataclass(frozen=True, slots=True)
class _Tally:
    """The number of questions or items that were answered."""

    of: Reference | None = None  # all items of a question
    nodes: tuple[Node, ...] = ()  # or what it takes for each to count


_Part: TypeAlias = "str | float | _Variable | _Language | _Tally | Node"


def trivial(expression: str) -> bool:
    """Return whether an expression filters nothing."""
    return expression.strip() in {"", "1", "(1)", "true"}


def filter_of(expression: str, names: Names) -> Filter:
    """Return the filter that an expression means.

    Raises
    ------
    UntranslatableError
        It says what filters cannot, or would mean something else there.
    """
    if len(expression) > _LENGTH:
        _refuse("Der Ausdruck ist zu lang.", "The expression is too long.")
    parser = _Parser(_tokens(expression), names)
    tree = parser.whole()
    hidden = sorted(parser.without_naok & names.perhaps_hidden)
    if hidden and not _false_when_empty(tree):
        _refuse(
            f"Ohne .NAOK gilt er nie, wenn {', '.join(hidden)} nicht gezeigt wurde; ein Filter hier gälte dann.",
            f"Without .NAOK it never holds where {', '.join(hidden)} was not shown; a filter here would hold then.",
        )
    return checked(tree)


def checked(tree: Node) -> Filter:
    """Return the filter of a tree, once it is sure that it can be written into a file and read again."""
    found = Filter(tree)
    try:
        same = parse(str(found)) == found
    except InputError:
        same = False
    if not same:
        _refuse("Er ist zu tief verschachtelt.", "It is nested too deeply.")
    return found


def _refuse(de: str, en: str) -> NoReturn:
    raise UntranslatableError(Text(de, en))


def _false_when_empty(tree: Node) -> bool:
    """Return whether a condition is false as soon as one question it speaks of has no value."""
    match tree:
        case Comparison(Count(), sign, value):
            return not _COMPARE["==" if sign == "=" else sign](0.0, float(value))
        case Comparison(_, sign, _):
            return sign != "!="
        case OneOf() | Ticked() | Answered():
            return True
        case All(parts):
            return all(_false_when_empty(part) for part in parts)
        case _:
            return False


def _tokens(source: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            shown = source[at:].strip()[:20]
            _refuse(f"Unbekanntes Zeichen bei {shown!r}.", f"Unknown character at {shown!r}.")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return [*found, ("end", "")]


class _Parser:
    """Recursive descent: or, and, comparison, sign."""

    def __init__(self, tokens: list[tuple[str, str]], names: Names) -> None:
        self._tokens, self._names, self._next, self._depth = tokens, names, 0, 0
        self.without_naok: set[str] = set()

    def whole(self) -> Node:
        tree = _condition(self._either())
        if self._tokens[self._next][0] != "end":
            _refuse(f"Unerwartet: {self._tokens[self._next][1]!r}.", f"Unexpected: {self._tokens[self._next][1]!r}.")
        return tree

    def _either(self) -> _Part:
        first = self._both()
        parts = [first]
        while self._takes("or", "||"):
            parts.append(self._both())
        return first if len(parts) == 1 else _any_of(tuple(_condition(part) for part in parts))

    def _both(self) -> _Part:
        first = self._compared()
        parts = [first]
        while self._takes("and", "&&"):
            parts.append(self._compared())
        return first if len(parts) == 1 else All(tuple(_condition(part) for part in parts))

    def _compared(self) -> _Part:
        left = self._single()
        kind, text = self._tokens[self._next]
        sign = _SIGNS.get(text.lower(), text)
        if kind in {"sign", "name"} and sign in _COMPARE:
            self._next += 1
            return _comparison(left, sign, self._single())
        if kind == "sign" and text in set("+-*/=%"):
            _refuse(f"Rechnen ({text}) können Filter nicht.", f"Filters cannot calculate ({text}).")
        return left

    def _single(self) -> _Part:
        self._depth += 1
        if self._depth > _DEPTH:
            _refuse("Er ist zu tief verschachtelt.", "It is nested too deeply.")
        try:
            return self._inside()
        finally:
            self._depth -= 1

    def _inside(self) -> _Part:  # noqa: PLR0911 -- one return per kind of token
        if self._takes("!", "not"):
            part = _condition(self._single())
            return part.part if isinstance(part, Not) else Not(part)
        if self._takes("("):
            inside = self._either()
            self._demand(")")
            return inside
        if self._takes("-"):
            number = self._single()
            return -number if isinstance(number, float) else _refuse("Rechnen können Filter nicht.", "No arithmetic.")
        kind, text = self._tokens[self._next]
        self._next += 1
        if kind == "number":
            return float(text)
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "name" and self._tokens[self._next] == ("sign", "("):
            return self._function(text)
        if kind == "name":
            return self._variable(text)
        _refuse(f"Unerwartet: {text or 'Ende'!r}.", f"Unexpected: {text or 'end'!r}.")

    def _function(self, name: str) -> _Part:
        self._demand("(")
        if name == "count":
            return self._count()
        if name not in {"is_empty", "intval", "empty"}:
            _refuse(f"Die Funktion {name}() kennen Filter nicht.", f"Filters do not know the function {name}().")
        inside = self._either()
        self._demand(")")
        if not isinstance(inside, _Variable):
            _refuse(f"{name}() ohne Frage.", f"{name}() without a question.")
        if name == "intval":
            if not inside.target.whole_numbers:
                _refuse("intval() rundet hier.", "intval() rounds here.")
            return _Variable(inside.target, integer=True)
        return Not(_given(inside.target))

    def _count(self) -> _Tally:
        nodes: list[Node] = []
        whole: Reference | None = None
        while True:
            kind, text = self._tokens[self._next]
            if kind == "name" and text.partition(".")[0] in {"that", "self"}:
                self._next += 1
                whole = self._items_of(text)
            else:
                part = self._either()
                nodes.append(_given(part.target) if isinstance(part, _Variable) else _refuse("count()", "count()"))
            if not self._takes(","):
                break
        self._demand(")")
        if whole is not None and nodes:
            _refuse("count() über Verschiedenes.", "count() over different things.")
        return _Tally(whole if whole is not None else self._complete(nodes), tuple(nodes))

    def _items_of(self, text: str) -> Reference:
        group, _, rest = text.partition(".")[2].partition(".")
        of = self._names.groups.get(group)
        if text.startswith("self") or of is None or rest not in {"", "NAOK", "nocomments", "nocomments.NAOK"}:
            _refuse(f"{text!r} lässt sich nicht zählen.", f"{text!r} cannot be counted.")
        if of.question in self._names.commented and "nocomments" not in rest:
            _refuse(f"{text!r} zählt auch Kommentare.", f"{text!r} counts comments, too.")
        if "NAOK" not in rest:
            self.without_naok.add(of.question)
        return of

    def _complete(self, nodes: list[Node]) -> Reference | None:
        """Return the question whose items all, and nothing else, are counted."""
        ticked = {node.of for node in nodes if isinstance(node, Ticked | Answered)}
        questions = {of.question for of in ticked}
        if len(questions) != 1 or len(ticked) != len(nodes):
            return None
        (question,) = questions
        return Reference(question) if self._names.sizes.get(question) == len(ticked) else None

    def _variable(self, text: str) -> _Part:
        name, *suffixes = text.split(".")
        if name == "LANG":
            return _Language()
        if set(suffixes) - _VALUE_SUFFIXES:
            _refuse(f"{text!r} ist mehr als die Antwort.", f"{text!r} is more than the answer.")
        target = self._names.variables.get(name)
        if target is None and (
            name in self._names.groups or any(v.startswith(f"{name}_") for v in self._names.variables)
        ):
            _refuse(
                f"{name!r} hat mehrere Teilfragen; gemeint ist keine bestimmte.",
                f"{name!r} has several subquestions; it names none of them.",
            )
        if target is None:
            _refuse(f"{name!r} ist keine Frage dieser Umfrage.", f"{name!r} is no question of this survey.")
        if {"value", "valueNAOK"} & set(suffixes) and target.role != "number":
            _refuse(f"{text!r} kann ein Punktwert sein.", f"{text!r} may be an assessment value.")
        if not {"NAOK", "valueNAOK"} & set(suffixes):
            self.without_naok.add(target.of.question)
        return _Variable(target)

    def _takes(self, *texts: str) -> bool:
        kind, text = self._tokens[self._next]
        if kind in {"sign", "name"} and text.lower() in texts:
            self._next += 1
            return True
        return False

    def _demand(self, text: str) -> None:
        if not self._takes(text):
            _refuse(f"„{text}“ fehlt.", f"“{text}” is missing.")


def _any_of(parts: tuple[Node, ...]) -> Node:
    """Return alternatives, as a list of values where all speak of the same thing."""
    equal = [part for part in parts if isinstance(part, Comparison) and part.operator == "="]
    if len(equal) == len(parts) and len({part.operand for part in equal}) == 1:
        return OneOf(equal[0].operand, tuple(part.value for part in equal))
    return AnyOf(parts)


def _condition(part: _Part) -> Node:
    """Return a part as a condition of its own."""
    if isinstance(part, _Variable) and part.target.role == "flag" and not part.integer:
        return _given(part.target)
    if isinstance(part, _Tally):
        return _tallied(part, ">", 0.0)
    if isinstance(part, float):
        return All(()) if part else AnyOf(())
    if isinstance(part, str | _Variable | _Language):
        _refuse("Ein Wert ohne Vergleich.", "A value without a comparison.")
    return part


def _given(target: Target) -> Node:
    """Return the condition that a variable is not empty."""
    if target.role in {"flag", "other"}:
        return Ticked(target.of)
    if target.role == "rank":
        return Comparison(Count(target.of), ">=", float(target.place))
    return Answered(target.of)


def _comparison(left: _Part, sign: str, right: _Part) -> _Part:
    if isinstance(left, str | float) and not isinstance(right, str | float):
        return _comparison(right, _FLIPPED[sign], left)
    if not isinstance(right, str | float):
        _refuse("Er vergleicht zwei Fragen miteinander.", "It compares two questions with each other.")
    if isinstance(left, str | float):
        return _constant(left, sign, right)
    if isinstance(left, _Tally):
        return _tallied(left, sign, _number(right))
    if isinstance(left, _Language):
        return _stated(Fact("language"), sign, str(right))
    if isinstance(left, _Variable):
        return _as_integer(left.target, sign, right) if left.integer else _compared_with(left.target, sign, right)
    _refuse("Ein Vergleich mit einer Bedingung.", "A comparison with a condition.")


def _constant(left: str | float, sign: str, right: str | float) -> Node:
    if isinstance(left, float) and isinstance(right, float):
        return All(()) if _COMPARE[sign](left, right) else AnyOf(())
    if sign in {"==", "!="} and type(left) is type(right):
        return All(()) if (left == right) == (sign == "==") else AnyOf(())
    _refuse("Ein Vergleich ohne Frage.", "A comparison without a question.")


def _number(value: str | float) -> float:
    try:
        return float(value)
    except ValueError:
        _refuse(f"{value!r} ist keine Zahl.", f"{value!r} is no number.")


def _stated(operand: Any, sign: str, value: str | float) -> Comparison:  # noqa: ANN401 -- an operand of any kind
    if sign not in {"==", "!="} and isinstance(value, str):
        _refuse("Er ordnet Texte.", "It orders texts.")
    return Comparison(operand, "=" if sign == "==" else sign, value)  # type: ignore[arg-type]  # one of the six


def _tallied(tally: _Tally, sign: str, value: float) -> Node:
    if tally.of is not None:
        return _stated(Count(tally.of), sign, value)
    if (sign, value) in {(">", 0.0), (">=", 1.0), ("!=", 0.0)}:
        return tally.nodes[0] if len(tally.nodes) == 1 else AnyOf(tally.nodes)
    if (sign, value) in {("==", 0.0), ("<", 1.0), ("<=", 0.0)}:
        return Not(tally.nodes[0] if len(tally.nodes) == 1 else AnyOf(tally.nodes))
    if (sign, value) in {("==", float(len(tally.nodes))), (">=", float(len(tally.nodes)))}:
        return All(tally.nodes)
    _refuse("Er zählt einen Teil der Antworten.", "It counts some of the answers.")


def _as_integer(target: Target, sign: str, value: str | float) -> Node:
    number = _number(value)
    compared = _stated(target.of, sign, number)
    if not _COMPARE[sign](0.0, number):
        return All((Answered(target.of), compared)) if sign == "!=" else compared
    return compared if sign == "!=" else AnyOf((Not(Answered(target.of)), compared))


def _compared_with(target: Target, sign: str, value: str | float) -> Node:
    if value == "" and sign in {"==", "!="}:
        given = _given(target)
        return Not(given) if sign == "==" else given
    if target.role == "flag":
        if value != "Y" or sign not in {"==", "!="}:
            _refuse("Eine Auswahl ist nur „Y“ oder leer.", "A tick is “Y” or empty only.")
        return Ticked(target.of) if sign == "==" else Not(Ticked(target.of))
    if target.role in {"category", "rank"}:
        return _chosen(target, sign, value)
    if target.role == "number":
        return _stated(target.of, sign, _number(value))
    if target.role == "text" and sign in {"==", "!="}:
        return _stated(target.of, sign, value if isinstance(value, str) else f"{value:g}")
    _refuse("So lassen sich Texte und Daten nicht vergleichen.", "Texts and dates cannot be compared so.")


def _chosen(target: Target, sign: str, value: str | float) -> Node:
    code = value if isinstance(value, str) else f"{value:g}"
    if sign in {"==", "!="}:
        if code not in target.values:
            _refuse(f"Die Antwort {code!r} gibt es dort nicht.", f"There is no answer {code!r} there.")
        if target.role == "rank":
            first = Comparison(Reference(target.of.question, target.values[code]), "=", float(target.place))
            return first if sign == "==" else Not(first)
        return _stated(target.of, sign, target.values[code])
    if target.role == "rank" or not all(re.fullmatch(r"-?\d+", known) for known in target.values):
        _refuse("Er ordnet Codes, die keine Zahlen sind.", "It orders codes that are no numbers.")
    number = _number(value)
    fits = tuple(own for known, own in target.values.items() if _COMPARE[sign](float(known), number))
    return OneOf(target.of, fits) if fits else AnyOf(())


# --- to LimeSurvey --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the questions of a questionnaire are spelled in expressions."""

    questionnaire: Questionnaire
    codes: Codes
    names: dict[Reference, str] = field(default_factory=dict)

    def variable(self, of: Reference) -> str:
        """Return the variable of a question, an item or a cell."""
        if of.item is not None and self.questionnaire.question(of.question).type in {"single", "scale", "ranking"}:
            _refuse(f"LimeSurvey hat keine Variable für {of}.", f"LimeSurvey has no variable for {of}.")
        parts = [self.codes.question(of.question)]
        if of.item is not None:
            parts.append("other" if of.item == "other" else self.codes.part(of.question, "items", of.item))
        if of.column is not None:
            parts.append(self.codes.part(of.question, "columns", of.column))
        return "_".join(parts) + ".NAOK"


def expression_of(condition: Filter, spelling: Spelling) -> str:
    """Return the expression that means the same as a filter.

    Raises
    ------
    UntranslatableError
        The filter speaks of what LimeSurvey does not know, such as the size class of the organisation.
    """
    return _written(condition.tree, spelling)


def _written(node: Node, spelling: Spelling) -> str:  # noqa: PLR0911 -- one return per kind of node
    match node:
        case All(parts):
            return f"({' and '.join(_written(part, spelling) for part in parts)})" if parts else "1"
        case AnyOf(parts):
            return f"({' or '.join(_written(part, spelling) for part in parts)})" if parts else "0"
        case Not(Not(part)):
            return _written(part, spelling)
        case Not(part):
            return f"!({_written(part, spelling)})"
        case Comparison(operand, sign, value):
            return _comparing(operand, sign, value, spelling)
        case OneOf(operand, values):
            equal = [_comparing(operand, "=", value, spelling) for value in values]
            return f"({' or '.join(equal)})" if len(equal) > 1 else (equal or ["0"])[0]
        case Ticked(of):
            return _ticked(of, spelling)
        case Answered(of):
            return _answered(of, spelling)


def _ticked(of: Reference, spelling: Spelling) -> str:
    if of.item is None:
        return f"count({_counted(of, spelling)}) > 0"
    if of.item == "other":
        return f"!is_empty({spelling.variable(of)})"
    if spelling.questionnaire.question(of.question).type == "multiple":
        return f'{spelling.variable(of)} == "Y"'
    return _answered(of, spelling)


def _answered(of: Reference, spelling: Spelling) -> str:
    question = spelling.questionnaire.question(of.question)
    if question.type == "ranking" and of.item is not None:
        return _ranked(question.id, of.item, range(1, len(question.items) + 1), spelling)
    if question.items and of.item is None and question.type != "single":
        return f"count({_counted(of, spelling)}) > 0"
    if question.type == "multiple":
        return _ticked(of, spelling)
    return f"!is_empty({spelling.variable(of)})"


def _counted(of: Reference, spelling: Spelling) -> str:
    return f"that.{spelling.codes.question(of.question)}.nocomments.NAOK"


def _ranked(question: str, item: str, places: range | list[int], spelling: Spelling) -> str:
    code, own = spelling.codes.part(question, "items", item), spelling.codes.question(question)
    parts = [f"{own}_{place}.NAOK == {_quoted(code)}" for place in places]
    return f"({' or '.join(parts)})" if len(parts) > 1 else (parts or ["0"])[0]


def _comparing(operand: Any, sign: str, value: str | float, spelling: Spelling) -> str:  # noqa: ANN401 -- an operand
    own_sign = "==" if sign == "=" else sign
    if isinstance(operand, Fact):
        if operand.name != "language" or not isinstance(value, str):
            _refuse(f"LimeSurvey kennt {operand} nicht.", f"LimeSurvey does not know {operand}.")
        return f"LANG {own_sign} {_quoted(value)}"
    if isinstance(operand, Count):
        return f"count({_counted(operand.of, spelling)}) {own_sign} {_plain(value)}"
    question = spelling.questionnaire.question(operand.question)
    if question.type == "ranking" and operand.item is not None:
        places = range(1, len(question.items) + 1)
        if sign == "!=":
            return f"!({_ranked(question.id, operand.item, [p for p in places if p == value], spelling)})"
        found = [place for place in places if _COMPARE[own_sign](float(place), float(value))]
        return _ranked(question.id, operand.item, found, spelling)
    if isinstance(value, float | int):
        return f"{spelling.variable(operand)} {own_sign} {_plain(value)}"
    kind = {"single": "items", "scale": "scale", "matrix": "scale"}.get(question.type)
    return f"{spelling.variable(operand)} {own_sign} {_quoted(_code(question.id, kind, value, spelling))}"


def _code(question: str, kind: str | None, value: str, spelling: Spelling) -> str:
    if kind is None:
        return value
    known = (question, kind, value) in spelling.codes.parts or value == "other"
    return spelling.codes.part(question, kind, value) if known else value


def _plain(value: str | float) -> str:
    text = f"{float(value):.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
