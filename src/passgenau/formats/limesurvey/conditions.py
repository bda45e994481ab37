"""Who is shown what: relevance, conditions and array filters of LimeSurvey as filters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from passgenau.formats.exchange import Lost
from passgenau.formats.limesurvey.codebook import codes_of
from passgenau.formats.limesurvey.expressions import (
    Names,
    UntranslatableError,
    checked,
    filter_of,
    names_of,
    trivial,
)
from passgenau.survey.filters import All, Answered, AnyOf, Filter, Node, Not, Reference, Ticked
from passgenau.survey.questionnaire import Item, Question, Questionnaire, Section
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from passgenau.survey.questionnaire import Foreign

_KEPT = Text("Der Ausdruck bleibt verwahrt.", "The expression is kept verbatim.")
_METHODS = frozenset({"==", "!=", "<", "<=", ">", ">="})
ARRAY_FILTERS = ("array_filter", "array_filter_exclude")


def with_filters(bare: Questionnaire) -> tuple[Questionnaire, tuple[Lost, ...]]:
    """Return the questionnaire with every filter that can be translated, and what could not be.

    Conditions stand in `foreign["limesurvey"]`: `grelevance` of sections, `relevance` of questions and items,
    `array_filter` among the attributes, and the table `conditions` of versions before 1.92.
    """
    reader = _Reader(bare)
    sections = tuple(reader.section(section) for section in bare.sections)
    questions = tuple(reader.question(index, question) for index, question in enumerate(bare.questions))
    if sections == bare.sections and questions == bare.questions:
        return bare, tuple(reader.lost)
    fields = {name: getattr(bare, name) for name in Questionnaire.model_fields}
    return Questionnaire(**{**fields, "sections": sections, "questions": questions}), tuple(reader.lost)


def own(foreign: Foreign) -> dict[str, Any]:
    """Return what LimeSurvey alone knows."""
    found = foreign.get("limesurvey")
    return found if isinstance(found, dict) else {}


def own_text(foreign: Foreign, name: str) -> str:
    """Return a text that LimeSurvey alone knows; empty where there is none."""
    found = own(foreign).get(name)
    return found.strip() if isinstance(found, str) else ""


def own_attribute(question: Question, name: str) -> str:
    """Return a question's attribute; empty where it is not set."""
    attributes = own(question.foreign).get("attributes")
    found = attributes.get(name) if isinstance(attributes, dict) else None
    return found.strip() if isinstance(found, str) else ""


class _Reader:
    """Translates the conditions of one questionnaire."""

    def __init__(self, bare: Questionnaire) -> None:
        self.lost: list[Lost] = []
        self._place = {question.id: index for index, question in enumerate(bare.questions)}
        self._first = _first_questions(bare)
        self._conditions = _conditions_by_question(bare)
        self._questions = bare.questions
        self._codes = codes_of(bare)
        self._names = names_of(bare, self._codes, self._perhaps_hidden(bare))

    def _perhaps_hidden(self, bare: Questionnaire) -> frozenset[str]:
        sections = {section.id for section in bare.sections if not trivial(own_text(section.foreign, "grelevance"))}
        return frozenset(
            question.id
            for question in bare.questions
            if question.section in sections
            or not trivial(own_text(question.foreign, "relevance"))
            or self._conditions.get(own_text(question.foreign, "qid"))
            or any(own_attribute(question, name) for name in ARRAY_FILTERS)
            or any(not trivial(own_text(item.foreign, "relevance")) for item in (*question.items, *question.columns))
        )

    # --- sections, questions, items ---------------------------------------------------------------------

    def section(self, section: Section) -> Section:
        expression = own_text(section.foreign, "grelevance")
        found = self._translated(f"group {section.id}", expression, self._first[section.id])
        return section.model_copy(update={"show_if": found}) if found else section

    def question(self, place: int, question: Question) -> Question:
        code = self._codes.question(question.id)
        expression = own_text(question.foreign, "relevance")
        listed = self._conditions.get(own_text(question.foreign, "qid"), [])
        if trivial(expression) and listed:
            found = self._from_conditions(f"question {code}", listed, place)
        else:
            found = self._translated(f"question {code}", expression, place)
        items = tuple(self._item(question, "items", item, place) for item in question.items)
        columns = tuple(self._item(question, "columns", item, place) for item in question.columns)
        update: dict[str, Any] = {"show_if": found} if found else {}
        if items != question.items:
            update["items"] = items
        if columns != question.columns:
            update["columns"] = columns
        return question.model_copy(update=update) if update else question

    def _item(self, question: Question, kind: str, item: Item, place: int) -> Item:
        where = f"subquestion {self._codes.question(question.id)}_{self._codes.part(question.id, kind, item.id)}"
        expression = own_text(item.foreign, "relevance")
        parts: list[Node] = []
        if not trivial(expression):
            found = self._translated(where, expression, place)
            if found is None:
                return item
            parts.append(found.tree)
        if kind == "items":
            filters = self._array_filters(question, item, place)
            if filters is None:
                return item
            parts += filters
        if not parts:
            return item
        return item.model_copy(update={"show_if": Filter(parts[0] if len(parts) == 1 else All(tuple(parts)))})

    # --- the three ways of saying it ------------------------------------------------------------------------

    def _translated(self, where: str, expression: str, place: int) -> Filter | None:
        return (
            None
            if trivial(expression)
            else self._tried(where, expression, lambda: filter_of(expression, self._names), place)
        )

    def _tried(self, where: str, said: str, translate: Callable[[], Filter], place: int) -> Filter | None:
        try:
            found = translate()
            self._looks_back(found, place)
        except UntranslatableError as error:
            self.lost.append(
                Lost(
                    where,
                    Text(f"Filter {said}", f"filter {said}"),
                    Text(
                        f"Nicht in einen Filter übersetzt: {error.reason.de} {_KEPT.de}",
                        f"Not translated into a filter: {error.reason.into('en')} {_KEPT.into('en')}",
                    ),
                )
            )
            return None
        return found

    def _looks_back(self, found: Filter, place: int) -> None:
        later = sorted({of.question for of in found.references if self._place[of.question] >= place})
        if later:
            raise UntranslatableError(
                Text(
                    f"Er spricht von {', '.join(later)}; das wird nicht vorher gefragt.",
                    f"It speaks of {', '.join(later)}, which is not asked before.",
                )
            )

    def _array_filters(self, question: Question, item: Item, place: int) -> list[Node] | None:
        """Return the conditions that array filters put on an item; None where one cannot be kept."""
        parts: list[Node] = []
        for attribute in ARRAY_FILTERS:
            for name in re.split(r"[;,\s]+", own_attribute(question, attribute)):
                if not name:
                    continue
                node = self._array_filter(question, item, name, place)
                if node is not None:
                    parts.append(node if attribute == "array_filter" else Not(node))
        return parts

    def _array_filter(self, question: Question, item: Item, name: str, place: int) -> Node | None:
        """Return that the item of the same code in another question was ticked or filled in."""
        code = self._codes.part(question.id, "items", item.id)
        other = next((q for q in self._questions if self._codes.question(q.id) == name), None)
        if (
            other is None
            or self._place[other.id] >= place
            or other.type not in {"multiple", "matrix", "number", "text"}
        ):
            if item is question.items[0]:
                self.lost.append(_array_filter_lost(self._codes.question(question.id), name))
            return None
        for candidate in other.items if not other.columns else ():
            if self._codes.part(other.id, "items", candidate.id) == code:
                reference = Reference(other.id, candidate.id)
                return Ticked(reference) if other.type == "multiple" else Answered(reference)
        return None

    def _from_conditions(self, where: str, rows: list[dict[str, str]], place: int) -> Filter | None:
        said = "; ".join(f"{row.get('cfieldname', '')} {row.get('method', '')} {row.get('value', '')}" for row in rows)
        return self._tried(where, said, lambda: _filter_of_conditions(rows, self._names), place)


def _array_filter_lost(code: str, name: str) -> Lost:
    return Lost(
        f"question {code}",
        Text(f"Array-Filter {name!r}", f"array filter {name!r}"),
        Text(
            f"Die Frage steht nicht davor, oder ihre Antworten haben keine Teilfragen. {_KEPT.de}",
            f"The question does not stand before it, or its answers have no subquestions. {_KEPT.into('en')}",
        ),
    )


def _first_questions(bare: Questionnaire) -> dict[str, int]:
    first = {section.id: len(bare.questions) for section in bare.sections}
    for index in range(len(bare.questions) - 1, -1, -1):
        section = bare.questions[index].section
        if section is not None:
            first[section] = index
    return first


def _conditions_by_question(bare: Questionnaire) -> dict[str, list[dict[str, str]]]:
    tables = own(bare.foreign).get("tables")
    rows = tables.get("conditions") if isinstance(tables, dict) else None
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows if isinstance(rows, list) else []:
        found.setdefault(row.get("qid", "").strip(), []).append(row)
    return found


def _filter_of_conditions(rows: Iterable[dict[str, str]], names: Names) -> Filter:
    """Return the filter that rows of the table `conditions` mean.

    Scenarios are alternatives; within one, conditions on different questions must all hold, of several on
    the same question one must.
    """
    scenarios: dict[str, dict[str, list[Node]]] = {}
    for row in rows:
        scenario = scenarios.setdefault(row.get("scenario", "1"), {})
        scenario.setdefault(row.get("cqid", ""), []).append(_one_condition(row, names))
    alternatives = [_joined(All, [_joined(AnyOf, nodes) for nodes in each.values()]) for each in scenarios.values()]
    return checked(_joined(AnyOf, alternatives))


def _joined(how: type[All | AnyOf], parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else how(tuple(parts))


def _one_condition(row: dict[str, str], names: Names) -> Node:
    field, value = row.get("cfieldname", "").strip().lstrip("+"), row.get("value", "")
    method = row.get("method", "").strip() or "=="
    if method not in _METHODS or value.startswith("@") or field.startswith("{"):
        raise UntranslatableError(
            Text(
                "Muster, Vergleiche zweier Fragen und Angaben zu Teilnehmenden kennen Filter nicht.",
                "Filters do not know patterns, comparisons of two questions, and attributes of participants.",
            )
        )
    if field not in names.variables and f"{field}{value}" in names.variables and method in {"==", "!="}:
        field, value = f"{field}{value}", "Y"
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return filter_of(f'{field}.NAOK {method} "{quoted}"', names).tree
