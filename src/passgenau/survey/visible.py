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
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Count, Fact, Not, OneOf, Reference, Ticked
from passgenau.survey.variables import OTHER, variables

if TYPE_CHECKING:
    from passgenau.survey.filters import Filter, Node, Operand, Operator, Value
    from passgenau.survey.questionnaire import Item, Question, Questionnaire
    from passgenau.survey.variables import Variable

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
