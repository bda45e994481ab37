"""The numbers that questions bear on paper, and where an answer leads on to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Not, OneOf, Reference, Ticked, references

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.survey.filters import Node, Value
    from passgenau.survey.questionnaire import Question, Questionnaire

END = "end"
"""Where an answer leads to that ends the questionnaire."""
NO_ANSWER = "no_answer"
"""Stands for “keine Angabe” among the answers that lead on."""


def numbers(questionnaire: Questionnaire) -> dict[str, int]:
    """Return the number of every question that is answered, counted through all sections from 1."""
    answered = (question.id for question in questionnaire.questions if question.answered)
    return {question_id: number for number, question_id in enumerate(answered, start=1)}


def condition_of(question: Question, questionnaire: Questionnaire) -> Node | None:
    """Return the condition under which a question is shown, that of its section included; None: always."""
    section = questionnaire.section(question.section).show_if if question.section is not None else None
    parts = tuple(each.tree for each in (section, question.show_if) if each is not None)
    return None if not parts else parts[0] if len(parts) == 1 else All(parts)


def jumps(question: Question, questionnaire: Questionnaire) -> Mapping[str, str]:
    """Return, for every item of a single choice that skips questions, the question to go on with.

    Only filters that speak of this one question are followed; others need more than one answer, and are said
    at the question they filter.

    Returns
    -------
    mapping
        Id of the next question, or `END`, by the id of the item; `NO_ANSWER` for “keine Angabe”, which has no
        value.
    """
    if question.type != "single":
        return {}
    after = _after(question, questionnaire)
    skippable = [each for each in after if _hangs_on(question, condition_of(each, questionnaire))]
    if not skippable:
        return {}
    items = [item.id for item in question.items]
    items += ["other"] * (question.other is not None) + [NO_ANSWER] * (question.no_answer is not None)
    found = {}
    for item in items:
        target = next((each.id for each in after if _reached(each, question, item, questionnaire)), END)
        if target != after[0].id:
            found[item] = target
    return found


def _after(question: Question, questionnaire: Questionnaire) -> list[Question]:
    place = questionnaire.questions.index(question)
    return [each for each in questionnaire.questions[place + 1 :] if each.type != "computed"]


def _hangs_on(question: Question, condition: Node | None) -> bool:
    """Return whether a condition speaks of this question as a whole and of nothing else."""
    if condition is None or not list(references(condition)):
        return False
    return _is_of(condition, question.id)


def _is_of(node: Node, question: str) -> bool:
    match node:
        case Comparison(operand, operator, _):
            return operand == Reference(question) and operator in {"=", "!="}
        case OneOf(operand, _):
            return operand == Reference(question)
        case Answered(of) | Ticked(of):
            return of == Reference(question)
        case Not(part):
            return _is_of(part, question)
        case All(parts) | AnyOf(parts):
            return all(_is_of(part, question) for part in parts)


def _reached(after: Question, question: Question, item: str, questionnaire: Questionnaire) -> bool:
    condition = condition_of(after, questionnaire)
    return condition is None or not _hangs_on(question, condition) or _holds(condition, item)


def _holds(node: Node, item: str) -> bool:
    """Return whether a condition on one single choice holds where `item` was chosen."""
    match node:
        case Comparison(_, operator, value):
            return (_code(value) == item) == (operator == "=")
        case OneOf(_, values):
            return item in {_code(value) for value in values}
        case Answered() | Ticked():
            return item != NO_ANSWER
        case Not(part):
            return not _holds(part, item)
        case All(parts):
            return all(_holds(part, item) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, item) for part in parts)


def _code(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"
