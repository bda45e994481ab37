"""Who was asked a question, in words: a filter as the universe of a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Count, Not, OneOf, Reference, Ticked
from passgenau.survey.variables import OTHER
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.survey.filters import Node, Operand, Value
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.text import Lang

_SIGNS = {
    "=": Text("ist", "is"),
    "!=": Text("ist nicht", "is not"),
    "<": Text("ist kleiner als", "is less than"),
    "<=": Text("ist höchstens", "is at most"),
    ">": Text("ist größer als", "is more than"),
    ">=": Text("ist mindestens", "is at least"),
}
_TICKED = Text("{} wurde angekreuzt", "{} was ticked")
_ANSWERED = Text("{} wurde beantwortet", "{} was answered")
_NOT = Text("es trifft nicht zu, dass {}", "it is not the case that {}")
_COUNT = Text("die Zahl der Antworten auf {}", "the number of answers to {}")
_AND, _OR, _ALL, _NONE = Text(" und ", " and "), Text(" oder ", " or "), Text("immer", "always"), Text("nie", "never")


def in_words(node: Node, questionnaire: Questionnaire, lang: Lang) -> str:
    """Return a condition as part of a sentence."""
    match node:
        case Comparison(operand, sign, value):
            answer = _value(operand, value, questionnaire, lang)
            return f"{_operand(operand, questionnaire, lang)} {_SIGNS[sign].into(lang)} {answer}"
        case OneOf(operand, values):
            listed = [_value(operand, value, questionnaire, lang) for value in values]
            return f"{_operand(operand, questionnaire, lang)} {_SIGNS['='].into(lang)} {_OR.into(lang).join(listed)}"
        case Ticked(of):
            return _TICKED.into(lang).format(_operand(of, questionnaire, lang))
        case Answered(of):
            return _ANSWERED.into(lang).format(_operand(of, questionnaire, lang))
        case Not(part):
            return _NOT.into(lang).format(in_words(part, questionnaire, lang))
        case All(parts) | AnyOf(parts):
            word = _AND if isinstance(node, All) else _OR
            words = [in_words(part, questionnaire, lang) for part in parts]
            words = [f"({said})" if isinstance(p, All | AnyOf) else said for p, said in zip(parts, words, strict=True)]
            return word.into(lang).join(words) or (_ALL if isinstance(node, All) else _NONE).into(lang)


def _quoted(text: str, lang: Lang) -> str:
    return f"„{text}“" if lang == "de" else f"“{text}”"


def _operand(operand: Operand, questionnaire: Questionnaire, lang: Lang) -> str:
    if isinstance(operand, Count):
        return _COUNT.into(lang).format(_operand(operand.of, questionnaire, lang))
    if not isinstance(operand, Reference):
        return str(operand)
    question = questionnaire.question(operand.question)
    parts = [question.text.into(lang)]
    for entries, wanted in ((question.items, operand.item), (question.columns, operand.column)):
        found = next((entry for entry in entries if entry.id == wanted), None)
        if found is not None:
            parts.append(found.text.into(lang))
    if operand.item == OTHER and question.other:
        parts.append(question.other.text.into(lang))
    return _quoted(" – ".join(parts), lang)


def _value(operand: Operand, value: Value, questionnaire: Questionnaire, lang: Lang) -> str:
    if isinstance(value, float | int):
        return f"{value:g}"
    if isinstance(operand, Reference):
        question = questionnaire.question(operand.question)
        labels = {item.id: item.text for item in question.items if question.type == "single"}
        if question.scale:
            labels = {p.id: p.text for p in questionnaire.scale(question.scale).points if p.text is not None}
        if question.other:
            labels[OTHER] = question.other.text
        if value in labels:
            return _quoted(labels[value].into(lang), lang)
    return _quoted(value, lang)
