"""Who sees a question: filters evaluated for one respondent, for all at once, and told in words.

Both evaluations follow `filters`: a question that was not shown, left empty or refused has no value; every
comparison with it is false, and `!=` is true. What stands in a question that its own filter hides has no value
for later filters either, as in a form that empties what it hides.

How answers compare:

- a code compares with the ids of the question's answers; a number with an id that is spelled as that number,
  and where no id is, with what the points count; `<` and `>` always with what the points count, or with ids
  that are numbers;
- a tick counts 1, a tick left out 0; numbers and ranks compare as numbers, texts as text, dates as
  ``2027-03-15``;
- a question of several columns (multiple choice, matrix, ranking, grid) has no value as a whole; its items have;
- `answered(...)` of a multiple choice, or of one of its items: something was ticked;
- `question.other` is the tick of a multiple choice, elsewhere the text beside “other”.
"""

from __future__ import annotations

import datetime as dt
import html
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from passgenau.reading import nearest
from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Count, Fact, Not, OneOf, Reference, Ticked
from passgenau.survey.variables import OTHER, variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.survey.filters import Filter, Node, Operand, Operator, Value
    from passgenau.survey.questionnaire import Item, Question, Questionnaire
    from passgenau.survey.variables import Variable
    from passgenau.text import Lang
    from passgenau.translations import Translations

Answer: TypeAlias = "str | float | bool | dt.date | None"
"""A typed value as `Responses.values` holds it; None unless answered."""

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Lookup:
    """The variables of a questionnaire by what filters call them."""

    by_place: Mapping[tuple[str, str | None, str | None, str], Variable]
    by_question: Mapping[str, tuple[Variable, ...]]  # with comments and texts beside "other"

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Lookup:
        """Return the lookup of a questionnaire."""
        found = variables(questionnaire)
        by_question: dict[str, list[Variable]] = {}
        for variable in found:
            by_question.setdefault(variable.question, []).append(variable)
        return cls({v.place: v for v in found}, {name: tuple(group) for name, group in by_question.items()})

    def all_of(self, reference: Reference) -> tuple[Variable, ...]:
        """Return every variable that a reference covers."""
        question, item, column = reference.question, reference.item, reference.column
        answers = tuple(v for v in self.by_question.get(question, ()) if v.part == "answer")
        if item is None:
            return answers
        if column is None:
            found = tuple(v for v in answers if v.item == item)
            text = self.by_place.get((question, OTHER, None, "other")) if item == OTHER else None
            return found or ((text,) if text else ())
        exact = self.by_place.get((question, item, column, "answer"))
        return (exact,) if exact else ()

    def one(self, reference: Reference) -> Variable | None:
        """Return the variable whose value a reference has; None where it covers several or none."""
        found = self.all_of(reference)
        return found[0] if len(found) == 1 and (reference.item is not None or found[0].item is None) else None


# --- what a comparison lets pass -------------------------------------------------------------------


def passing(variable: Variable, sign: Operator, value: Value) -> frozenset[str]:
    """Return the ids of a category's answers for which a comparison is true, apart from having no value."""
    ids = {category.id for category in variable.categories}
    if sign in {"=", "!="}:
        equal = _equal_ids(variable, value)
        return frozenset(equal if sign == "=" else ids - equal)
    if not isinstance(value, float):
        return frozenset()
    numbers = {category.id: category_number(category.id, category.value) for category in variable.categories}
    return frozenset(id_ for id_, number in numbers.items() if number is not None and COMPARE[sign](number, value))


def _equal_ids(variable: Variable, value: Value) -> set[str]:
    if isinstance(value, str):
        return {category.id for category in variable.categories if category.id == value}
    spelled = {c.id for c in variable.categories if category_number(c.id, None) == value}
    return spelled or {c.id for c in variable.categories if c.value == value}


def category_number(id_: str, value: float | None) -> float | None:
    """Return what a category counts: its value, or its id where that is a number."""
    if value is not None:
        return value
    return float(id_) if id_.isascii() and id_.isdigit() else None


# --- one respondent ---------------------------------------------------------------------------------


def holds(
    condition: Filter, questionnaire: Questionnaire, answers: Mapping[str, Answer], facts: Mapping[str, Answer]
) -> bool:
    """Return whether a filter is true for one respondent.

    Parameters
    ----------
    condition
        The filter.
    questionnaire
        The questionnaire it stands in.
    answers
        Typed values by name of the variable; missing or None where there is no value. Answers to questions that
        are hidden themselves must be left out; `shown` does so.
    facts
        What is known of the organisation, by the names in `filters.FACTS`.
    """
    return _holds(condition.tree, Lookup.of(questionnaire), answers, facts)


def shown(questionnaire: Questionnaire, answers: Mapping[str, Answer], facts: Mapping[str, Answer]) -> dict[str, bool]:
    """Return by variable whether one respondent is shown it, as `visibility` does for all.

    Parameters
    ----------
    answers
        Typed values by name of the variable; what stands in hidden questions is not looked at.
    facts
        What is known of the organisation, by the names in `filters.FACTS`.
    """
    lookup = Lookup.of(questionnaire)
    seen: dict[str, Answer] = {}
    found: dict[str, bool] = {}
    for question in questionnaire.questions:
        for variable in lookup.by_question.get(question.id, ()):
            conditions = conditions_of(variable, question, questionnaire)
            found[variable.name] = all(
                _audience_fits(facts.get("audience"), part)
                if isinstance(part, tuple)
                else _holds(part.tree, lookup, seen, facts)
                for part in conditions
            )
        names = [variable.name for variable in lookup.by_question.get(question.id, ())]
        seen |= {name: answers.get(name) for name in names if found[name]}
    return found


def _holds(node: Node, lookup: Lookup, answers: Mapping[str, Answer], facts: Mapping[str, Answer]) -> bool:  # noqa: PLR0911 -- one return per kind of node
    match node:
        case Comparison(operand, sign, value):
            return _compared(operand, sign, value, lookup, answers, facts)
        case OneOf(operand, values):
            return any(_compared(operand, "=", value, lookup, answers, facts) for value in values)
        case Ticked(of):
            return any(answers.get(v.name) is True for v in lookup.all_of(of) if v.type == "flag")
        case Answered(of):
            return any(_filled(v, answers.get(v.name)) for v in lookup.all_of(of))
        case Not(part):
            return not _holds(part, lookup, answers, facts)
        case All(parts):
            return all(_holds(part, lookup, answers, facts) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, lookup, answers, facts) for part in parts)


def _filled(variable: Variable, answer: Answer) -> bool:
    return answer is True if variable.type == "flag" else answer is not None


def _compared(  # noqa: PLR0913, PLR0917 -- a comparison and where its values stand
    operand: Operand,
    sign: Operator,
    value: Value,
    lookup: Lookup,
    answers: Mapping[str, Answer],
    facts: Mapping[str, Answer],
) -> bool:
    if isinstance(operand, Count):
        filled = sum(_filled(v, answers.get(v.name)) for v in lookup.all_of(operand.of))
        return _plainly(float(filled), sign, value)
    if isinstance(operand, Fact):
        return _plainly(facts.get(operand.name), sign, value)
    variable = lookup.one(operand)
    answer = answers.get(variable.name) if variable else None
    if variable is None or answer is None:
        return sign == "!="
    if variable.type == "category":
        return answer in passing(variable, sign, value)
    return _plainly(answer, sign, value)


def _plainly(answer: Answer, sign: Operator, value: Value) -> bool:
    """Compare numbers with numbers and texts with texts; nothing else is equal or in order."""
    if isinstance(answer, dt.date):
        answer = answer.isoformat()
    if isinstance(value, str):
        equal = isinstance(answer, str) and answer == value
        return equal if sign == "=" else not equal if sign == "!=" else False
    if answer is None or isinstance(answer, str):
        return sign == "!="
    return COMPARE[sign](float(answer), value)


# --- all respondents --------------------------------------------------------------------------------


def visibility(questionnaire: Questionnaire, values: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Return for every sheet and variable whether it was to be shown.

    Parameters
    ----------
    questionnaire
        The questions with their filters.
    values
        One row per sheet, one typed column per variable (as `Responses.values`); null unless answered.
    facts
        One row per sheet, as `facts.facts_of` returns it. Who is of no known audience is taken for one of all:
        what is asked of some audiences only is shown to them.

    Returns
    -------
    DataFrame of booleans
        The columns of the questionnaire's variables, without nulls.
    """
    lookup = Lookup.of(questionnaire)
    rows = _Rows(lookup, values, facts)
    for question in questionnaire.questions:
        for variable in lookup.by_question.get(question.id, ()):
            rows.show(variable, conditions_of(variable, question, questionnaire))
    return pl.DataFrame([rows.visible[v.name].alias(v.name) for v in lookup.by_place.values()])


class _Rows:
    """Evaluates conditions over whole columns, in questionnaire order."""

    def __init__(self, lookup: Lookup, values: pl.DataFrame, facts: pl.DataFrame) -> None:
        self.visible: dict[str, pl.Series] = {}
        self._lookup = lookup
        self._values = values
        self._facts = facts
        self._seen: dict[str, pl.Series] = {}
        self._done: dict[Node | tuple[str, ...], pl.Series] = {}

    def show(self, variable: Variable, conditions: tuple[Filter | tuple[str, ...], ...]) -> None:
        parts = [self._audience(part) if isinstance(part, tuple) else self.true(part.tree) for part in conditions]
        self.visible[variable.name] = self._joined(operator.and_, parts, empty=True)

    def true(self, node: Node) -> pl.Series:
        # Filters speak of earlier questions alone, so a condition met again has the same answer.
        if node not in self._done:
            self._done[node] = self._evaluated(node)
        return self._done[node]

    def _audience(self, audiences: tuple[str, ...]) -> pl.Series:
        if audiences not in self._done:
            audience = self._facts["audience"]
            self._done[audiences] = audience.is_null() | audience.is_in(list(audiences)).fill_null(value=False)
        return self._done[audiences]

    def _constant(self, value: bool) -> pl.Series:  # noqa: FBT001 -- it is the value
        return pl.repeat(value, self._facts.height, dtype=pl.Boolean, eager=True)

    def _joined(
        self, how: Callable[[pl.Series, pl.Series], pl.Series], parts: list[pl.Series], *, empty: bool
    ) -> pl.Series:
        return reduce(how, parts) if parts else self._constant(empty)

    def _evaluated(self, node: Node) -> pl.Series:  # noqa: PLR0911 -- one return per kind of node
        match node:
            case Comparison(operand, sign, value):
                return self._compared(operand, sign, value)
            case OneOf(operand, values):
                return self._joined(
                    operator.or_, [self._compared(operand, "=", value) for value in values], empty=False
                )
            case Ticked(of):
                flags = [self._filled(v) for v in self._lookup.all_of(of) if v.type == "flag"]
                return self._joined(operator.or_, flags, empty=False)
            case Answered(of):
                return self._joined(operator.or_, [self._filled(v) for v in self._lookup.all_of(of)], empty=False)
            case Not(part):
                return ~self.true(part)
            case All(parts):
                return self._joined(operator.and_, [self.true(part) for part in parts], empty=True)
            case AnyOf(parts):
                return self._joined(operator.or_, [self.true(part) for part in parts], empty=False)

    def _value(self, variable: Variable) -> pl.Series:
        """Return the values of a variable where it is shown."""
        if variable.name not in self._seen:
            values = self._values[variable.name]
            hidden = ~self.visible[variable.name]
            self._seen[variable.name] = values.set(hidden, None) if hidden.any() else values
        return self._seen[variable.name]

    def _filled(self, variable: Variable) -> pl.Series:
        values = self._value(variable)
        return values.fill_null(value=False) if variable.type == "flag" else values.is_not_null()

    def _compared(self, operand: Operand, sign: Operator, value: Value) -> pl.Series:
        if isinstance(operand, Count):
            filled = [self._filled(v).cast(pl.Float64) for v in self._lookup.all_of(operand.of)]
            total = reduce(operator.add, filled) if filled else self._constant(value=False).cast(pl.Float64)
            return _plain_column(total, sign, value)
        if isinstance(operand, Fact):
            return _plain_column(self._facts[operand.name], sign, value)
        variable = self._lookup.one(operand)
        if variable is None:
            return self._constant(sign == "!=")
        values = self._value(variable)
        if variable.type == "category":
            passes = values.is_in(list(passing(variable, sign, value)))
            return passes.fill_null(sign == "!=")
        return _plain_column(values, sign, value)


def _plain_column(values: pl.Series, sign: Operator, value: Value) -> pl.Series:
    if values.dtype == pl.Date:
        values = values.dt.strftime("%Y-%m-%d")
    never = pl.repeat(sign == "!=", len(values), dtype=pl.Boolean, eager=True)
    if isinstance(value, str):
        if values.dtype != pl.String or sign not in {"=", "!="}:
            return never
        equal = (values == value).fill_null(value=False)
        return equal if sign == "=" else ~equal
    if values.dtype == pl.String:
        return never
    numbers = values.cast(pl.Float64)
    compared: pl.Series = COMPARE[sign](numbers, value)  # type: ignore[arg-type, assignment]  # works on columns too
    return compared.fill_null(sign == "!=")


# --- which conditions apply ---------------------------------------------------------------------------


def conditions_of(
    variable: Variable, question: Question, questionnaire: Questionnaire
) -> tuple[Filter | tuple[str, ...], ...]:
    """Return all filters and audiences that decide who is shown a variable, from the section down to the cell."""
    section = questionnaire.section(question.section) if question.section is not None else None
    parts: list[Filter | tuple[str, ...] | None] = [section.show_if if section else None]
    parts += [question.audiences, question.show_if]
    for items, name in ((question.items, variable.item), (question.columns, variable.column)):
        item = _named(items, name)
        if item is not None:
            parts += [item.audiences, item.show_if]
    return tuple(part for part in parts if part)


def _named(items: tuple[Item, ...], name: str | None) -> Item | None:
    return next((item for item in items if item.id == name), None)


def _audience_fits(audience: Answer, audiences: tuple[str, ...]) -> bool:
    return audience is None or audience in audiences


# --- in words -----------------------------------------------------------------------------------------


def who_sees(question: Question, questionnaire: Questionnaire, audiences: Mapping[str, Text] | None = None) -> Text:
    """Return in plain words who is shown a question.

    Parameters
    ----------
    question
        One of the questionnaire's.
    questionnaire
        It gives the wording of the questions and answers that filters speak of, and the section's own filter.
    audiences
        Name of each audience, plural; its id stands where there is none.

    Returns
    -------
    Text
        “All.”, or one sentence per condition: of the section, of the audience, of the question, and, of the questions
        that these speak of, who was shown those.
    """
    found = Lookup.of(questionnaire)
    return Text(
        _who(question, questionnaire, found, audiences or {}, "de"),
        _who(question, questionnaire, found, audiences or {}, "en"),
    )


def _who(
    question: Question, questionnaire: Questionnaire, lookup: Lookup, audiences: Mapping[str, Text], lang: Lang
) -> str:
    told = _Words(questionnaire, lookup, audiences, lang)
    section = questionnaire.section(question.section) if question.section is not None else None
    conditions = [part.show_if for part in (section, question) if part is not None and part.show_if is not None]
    parts = [told.audience(question.audiences)] if question.audiences else []
    parts += [told.node(condition.tree) for condition in conditions]
    if not parts:
        return "Alle." if lang == "de" else "All."
    joined = (" und " if lang == "de" else " and ").join(parts)
    start = "Nur wer " if lang == "de" else "Only those who "
    sentences = [f"{start}{joined}."]
    sentences += told.behind(conditions, questionnaire)
    return " ".join(sentences)


class _Words:
    """Tells conditions as the end of “Nur wer …”, “Only those who …”."""

    def __init__(self, questionnaire: Questionnaire, lookup: Lookup, audiences: Mapping[str, Text], lang: Lang) -> None:
        self._questionnaire, self._lookup, self._audiences, self._lang = questionnaire, lookup, audiences, lang

    def audience(self, names: tuple[str, ...]) -> str:
        said = [self._audiences[name].into(self._lang) if name in self._audiences else name for name in names]
        german, english = self._or([f"„{name}“" for name in said]), self._or([f"“{name}”" for name in said])
        return self._say(f"zur Gruppe {german} gehört", f"belong to the group {english}")

    def behind(self, conditions: list[Filter], questionnaire: Questionnaire) -> list[str]:
        """Return a sentence for every question referred to, at any remove, that not all were shown."""
        waiting = [reference.question for condition in conditions for reference in condition.references]
        done: dict[str, str | None] = {}
        while waiting:
            name = waiting.pop(0)
            if name in done:
                continue
            question = questionnaire.question(name)
            section = questionnaire.section(question.section) if question.section is not None else None
            own = [part.show_if for part in (section, question) if part is not None and part.show_if is not None]
            parts = [self.audience(question.audiences)] if question.audiences else []
            parts += [self.node(condition.tree) for condition in own]
            waiting += [reference.question for condition in own for reference in condition.references]
            joined = self._say(" und ", " and ").join(parts)
            asked = self._quoted(question.text)
            done[name] = (
                self._say(f"{asked} sieht nur, wer {joined}.", f"{asked} is shown only to those who {joined}.")
                if parts
                else None
            )
        return [sentence for sentence in done.values() if sentence]

    def node(self, node: Node) -> str:  # noqa: PLR0911 -- one return per kind of node
        match node:
            case Comparison(operand, sign, value):
                return self._comparison(operand, sign, value)
            case OneOf(operand, values):
                return self._operand_is(operand, self._or([self._answer(operand, value) for value in values]))
            case Ticked(of):
                return self._ticked(of)
            case Answered(of):
                name = self._named(of)
                return self._say(f"{name} beantwortet hat", f"answered {name}")
            case Not(part):
                inner = self.node(part)
                return self._say(f"nicht: {inner}", f"not: {inner}")
            case All(parts):
                return self._together(parts, " und ", " and ", self._say("befragt wird", "are asked"))
            case AnyOf(parts):
                return self._together(parts, " oder ", " or ", self._say("nie vorkommt", "never occur"))

    def _together(self, parts: tuple[Node, ...], de: str, en: str, none: str) -> str:
        said = [f"({self.node(p)})" if isinstance(p, All | AnyOf) else self.node(p) for p in parts]
        return self._say(de, en).join(said) or none

    def _comparison(self, operand: Operand, sign: Operator, value: Value) -> str:
        if isinstance(operand, Count):
            return self._counted(operand.of, sign, self._answer(operand, value))
        if sign == "=":
            return self._operand_is(operand, self._answer(operand, value))
        answer = self._answer(operand, value)
        if sign == "!=" and isinstance(operand, Reference):
            name = self._named(operand)
            return self._say(f"bei {name} nicht mit {answer} geantwortet hat", f"did not answer {answer} to {name}")
        number = self._operand(operand)
        how = _HOW[sign]
        return self._say(f"{number} {how.de} {answer} hat", f"have {number} {how.into('en')} {answer}")

    def _counted(self, of: Reference, sign: Operator, answer: str) -> str:
        name, how = self._named(of), _HOW_MANY[sign]
        return self._say(
            f"bei {name} {how.de} {answer} Antworten gegeben hat", f"gave {how.into('en')} {answer} answers to {name}"
        )

    def _operand_is(self, operand: Operand, answer: str) -> str:
        if isinstance(operand, Count):
            return self._counted(operand.of, "=", answer)
        if isinstance(operand, Reference):
            name = self._named(operand)
            return self._say(f"bei {name} mit {answer} geantwortet hat", f"answered {answer} to {name}")
        return self._say(f"{self._operand(operand)} {answer} hat", f"have {self._operand(operand)} {answer}")

    def _operand(self, operand: Reference | Fact) -> str:
        if isinstance(operand, Fact):
            return _FACTS[operand.name].into(self._lang)
        name = self._named(operand)
        return self._say(f"bei {name} einen Wert", f"a value for {name}")

    def _ticked(self, of: Reference) -> str:
        if of.item is None:
            name = self._named(of)
            return self._say(f"bei {name} etwas angekreuzt hat", f"ticked anything in {name}")
        question = self._questionnaire.question(of.question)
        name, item = self._quoted(question.text), self._item(question, of.item)
        return self._say(f"bei {name} {item} angekreuzt hat", f"ticked {item} in {name}")

    def _named(self, of: Reference) -> str:
        question = self._questionnaire.question(of.question)
        parts = [question.text.into(self._lang)]
        parts += [self._plain_item(question, name) for name in (of.item, of.column) if name is not None]
        return self._in_quotes(" – ".join(_unmarked(part) for part in parts))

    def _item(self, question: Question, name: str) -> str:
        return self._in_quotes(_unmarked(self._plain_item(question, name)))

    def _plain_item(self, question: Question, name: str) -> str:
        item = _named(question.items, name) or _named(question.columns, name)
        if item is not None:
            return item.text.into(self._lang)
        return question.other.text.into(self._lang) if question.other and name == OTHER else name

    def _answer(self, operand: Operand, value: Value) -> str:
        variable = self._lookup.one(operand) if isinstance(operand, Reference) else None
        if variable is not None and variable.type == "category":
            ids = passing(variable, "=", value)
            label = next((c.label for c in variable.categories if c.id in ids), None)
            return self._quoted(label) if label else self._in_quotes(str(value))
        if isinstance(operand, Fact) and operand.name == "audience" and value in self._audiences:
            return self._in_quotes(self._audiences[str(value)].into(self._lang))
        if isinstance(value, str):
            return self._in_quotes(value)
        number = f"{value:g}" if float(f"{value:g}") == value else repr(value)
        return number.replace(".", ",") if self._lang == "de" else number

    def _quoted(self, wording: Translations) -> str:
        return self._in_quotes(_unmarked(wording.into(self._lang)))

    def _in_quotes(self, words: str) -> str:
        return f"„{words}“" if self._lang == "de" else f"“{words}”"

    def _or(self, said: list[str]) -> str:
        return self._say(" oder ", " or ").join(said)

    def _say(self, de: str, en: str) -> str:
        return de if self._lang == "de" else en


_FACTS = {
    "audience": Text("die Zielgruppe", "the audience"),
    "language": Text("die Sprache", "the language"),
    "size_class": Text("die Größenklasse", "the size class"),
    "region": Text("den Regierungsbezirk", "the region"),
    "population": Text("eine Einwohnerzahl", "a population"),
}
_HOW = {
    "=": Text("von", "of"),
    "!=": Text("nicht von", "other than"),
    "<": Text("unter", "below"),
    "<=": Text("von höchstens", "of at most"),
    ">": Text("über", "above"),
    ">=": Text("von mindestens", "of at least"),
}
_HOW_MANY = {
    "=": Text("genau", "exactly"),
    "!=": Text("nicht genau", "not exactly"),
    "<": Text("weniger als", "less than"),
    "<=": Text("höchstens", "at most"),
    ">": Text("mehr als", "more than"),
    ">=": Text("mindestens", "at least"),
}


def _unmarked(words: str) -> str:
    """Return words without HTML marks and line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", words)).split())


# --- what can never be true ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilterProblem:
    """A comparison that has the same result for everyone, and is hardly meant so."""

    place: str  # the section, question or item whose filter it stands in
    condition: str
    message: Text
    hint: Text | None = None


def filter_problems(questionnaire: Questionnaire) -> list[FilterProblem]:
    """Return the comparisons in filters that can never be true: unknown codes, mixed types, ticks where none are."""
    lookup = Lookup.of(questionnaire)
    return [
        FilterProblem(place, str(node), *found)
        for place, condition in _all_filters(questionnaire)
        for node in _leaves(condition.tree)
        for found in _never(node, lookup)
    ]


def _all_filters(questionnaire: Questionnaire) -> Iterator[tuple[str, Filter]]:
    for section in questionnaire.sections:
        if section.show_if:
            yield section.id, section.show_if
    for question in questionnaire.questions:
        if question.show_if:
            yield question.id, question.show_if
        for item in (*question.items, *question.columns):
            if item.show_if:
                yield f"{question.id}.{item.id}", item.show_if


def _leaves(node: Node) -> Iterator[Node]:
    match node:
        case Not(part):
            yield from _leaves(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            yield node


def _never(node: Node, lookup: Lookup) -> Iterator[tuple[Text, Text | None]]:
    match node:
        case Ticked(of) if not any(v.type == "flag" for v in lookup.all_of(of)):
            yield (
                Text(f"{of} hat nichts zum Ankreuzen.", f"{of} has nothing to tick."),
                Text(f"Vielleicht {of} = …, oder answered({of}).", f"Perhaps {of} = …, or answered({of})."),
            )
        case Comparison(operand, sign, value):
            yield from _mismatch(operand, sign, value, lookup)
        case OneOf(operand, values):
            for value in values:
                yield from _mismatch(operand, "=", value, lookup)


def _mismatch(operand: Operand, sign: Operator, value: Value, lookup: Lookup) -> Iterator[tuple[Text, Text | None]]:
    if isinstance(operand, Reference):
        variable = lookup.one(operand)
        if variable is None:
            yield (
                Text(f"{operand} hat mehrere Spalten und keinen einzelnen Wert.", f"{operand} has no single value."),
                Text(f"Eine Antwort nennen: {operand}.….", f"Name an item: {operand}.…."),
            )
            return
        if variable.type == "category":
            if not passing(variable, "=" if sign == "!=" else sign, value):
                ids = [category.id for category in variable.categories]
                yield _no_such(operand, value), nearest(str(value), ids)
            return
        numeric = variable.type in {"flag", "rank", "number"}
    else:
        numeric = isinstance(operand, Count) or operand.name == "population"
    if numeric == isinstance(value, str):
        yield (
            Text(
                f"{operand} wird mit etwas anderer Art verglichen: {value!r}.",
                f"{operand} is of another kind than {value!r}.",
            ),
            Text("Eine Zahl ohne, einen Text in Anführungszeichen.", "A number without quotes, a text in quotes."),
        )


def _no_such(operand: Operand, value: Value) -> Text:
    return Text(f"{operand} hat keine Antwort {value!r}.", f"{operand} has no answer {value!r}.")
