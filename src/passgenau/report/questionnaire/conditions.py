"""Filters as respondents read them on paper: by the numbers of the questions and the words of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.survey.filters import All, Answered, AnyOf, Comparison, Count, Fact, Not, OneOf, Reference, Ticked
from passgenau.survey.numbering import numbers
from passgenau.survey.plain_text import shown
from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.survey.filters import Node, Operand, Operator, Value
    from passgenau.survey.questionnaire import Question, Questionnaire

_SHORT = 60  # characters of an answer that a condition quotes

_AMOUNTS: dict[Operator, Text] = {
    "=": Text("genau", "exactly"),
    "!=": Text("nicht genau", "not exactly"),
    "<": Text("weniger als", "less than"),
    "<=": Text("höchstens", "at most"),
    ">": Text("mehr als", "more than"),
    ">=": Text("mindestens", "at least"),
}


def own_language(language: str) -> Lang:
    """Return the language of passgenau's own words in a questionnaire: German, or English for all others."""
    return "de" if language.partition("-")[0] == "de" else "en"


@dataclass(frozen=True)
class Conditions:
    """Says the conditions of one questionnaire in one language."""

    questionnaire: Questionnaire
    language: str  # of the answers quoted
    audiences: Mapping[str, Text]

    @property
    def lang(self) -> Lang:
        """The language of the sentence around them."""
        return own_language(self.language)

    def clause(self, node: Node) -> str:
        """Return a condition as a clause that follows “wenn” or “if”."""
        match node:
            case All(parts):
                return self._joined(parts, "und", "and") or self._t("immer", "always")
            case AnyOf(parts):
                return self._joined(parts, "oder", "or") or self._t("niemals", "never")
            case Not(part):
                return self._negated(part)
            case _:
                return self._single(node)

    def _joined(self, parts: tuple[Node, ...], de: str, en: str) -> str:
        word = self._t(de, en)
        bracket = "({})" if len(parts) > 1 else "{}"
        said = (bracket.format(self.clause(p)) if isinstance(p, All | AnyOf) else self.clause(p) for p in parts)
        return f" {word} ".join(said)

    def _negated(self, part: Node) -> str:
        match part:
            case Comparison(operand, "=", value):
                return self._single(Comparison(operand, "!=", value))
            case Comparison(operand, "!=", value):
                return self._single(Comparison(operand, "=", value))
            case Not(inner):
                return self.clause(inner)
            case Ticked() | Answered() | OneOf():
                return self._single(part, negated=True)
            case _:
                return self._t(f"nicht gilt, dass {self.clause(part)}", f"it is not true that {self.clause(part)}")

    def _single(self, node: Ticked | Answered | OneOf | Comparison, *, negated: bool = False) -> str:
        match node:
            case Ticked(of) if of.item is not None:
                return self._ticked(of, negated=negated)
            case Ticked(of) | Answered(of):
                return self._answered(of, negated=negated)
            case OneOf(operand, values):
                return self._chosen(operand, values, negated=negated)
            case Comparison(operand, operator, value) if isinstance(value, str) or self._is_code(operand, operator):
                return self._chosen(operand, (value,), negated=operator == "!=")
        return self._amount(node.operand, node.operator, node.value)

    def _ticked(self, of: Reference, *, negated: bool) -> str:
        place, answer = self._number(of.question), self._answer(of.question, of.item)
        if negated:
            return self._t(f"Sie bei {place} {answer} nicht angekreuzt haben", f"you did not tick {answer} in {place}")
        return self._t(f"Sie bei {place} {answer} angekreuzt haben", f"you ticked {answer} in {place}")

    def _answered(self, of: Reference, *, negated: bool) -> str:
        place = self._place(of)
        if negated:
            return self._t(f"Sie {place} nicht beantwortet haben", f"you did not answer {place}")
        return self._t(f"Sie {place} beantwortet haben", f"you answered {place}")

    def _chosen(self, operand: Operand, values: tuple[Value, ...], *, negated: bool) -> str:
        no = self._t("nicht ", "not ") if negated else ""
        either = self._t(" oder ", " or ")
        match operand:
            case Fact("audience"):
                groups = either.join(self.audience(_code(value)) for value in values)
                do = "do not belong" if negated else "belong"
                return self._t(f"Sie {no}zu dieser Gruppe gehören: {groups}", f"you {do} to: {groups}")
            case Fact(name):
                said = either.join(_code(value) for value in values)
                return f"{_FACTS[name].into(self.lang)} {self._t(f'{no}{said} ist', f'is {no}{said}')}"
            case Count(of):
                said = either.join(_code(value) for value in values)
                return self._t(
                    f"Sie bei {self._place(of)} {no}{said} Antworten gegeben haben",
                    f"you gave {no}{said} answers to {self._place(of)}",
                )
            case Reference(question, _, _):
                answers = either.join(self._answer(question, _code(value), point=operand.item) for value in values)
                did = "did not answer" if negated else "answered"
                return self._t(
                    f"Sie {self._place(operand)} {no}mit {answers} beantwortet haben",
                    f"you {did} {self._place(operand)} with {answers}",
                )

    def _amount(self, operand: Operand, operator: Operator, value: Value) -> str:
        amount = f"{_AMOUNTS[operator].into(self.lang)} {self._figure(value)}"
        match operand:
            case Fact("population"):
                return self._t(f"Ihre Kommune {amount} Einwohner hat", f"your municipality has {amount} inhabitants")
            case Fact(name):
                return f"{_FACTS[name].into(self.lang)} {self._t(f'{amount} ist', f'is {amount}')}"
            case Count(of):
                place = self._place(of)
                answers = self._t("Antwort", "answer") if value == 1 else self._t("Antworten", "answers")
                return self._t(
                    f"Sie bei {place} {amount} {answers} gegeben haben", f"you gave {amount} {answers} to {place}"
                )
            case Reference():
                place = self._place(operand)
                return self._t(f"Sie bei {place} {amount} angegeben haben", f"you entered {amount} in {place}")

    def _is_code(self, operand: Operand, operator: Operator) -> bool:
        """Return whether a number is the code of an answer rather than an amount."""
        if operator not in {"=", "!="} or not isinstance(operand, Reference):
            return False
        return self.questionnaire.question(operand.question).type in {"single", "scale", "matrix"}

    def _place(self, of: Reference) -> str:
        """Return “Frage 3”, with the item where the question has several answers."""
        if of.item is None:
            return self._number(of.question)
        row = self._answer(of.question, of.item)
        return f"{self._number(of.question)} ({row})"

    def _number(self, question: str) -> str:
        number = numbers(self.questionnaire).get(question)
        return f"{self._t('Frage', 'question')}\u00a0{number if number is not None else question}"

    def _answer(self, question: str, code: str | None, *, point: str | None = None) -> str:
        words = _wording(self.questionnaire, self.questionnaire.question(question), code, self.language, point)
        short = words if len(words) <= _SHORT else words[: _SHORT - 1].rstrip() + "…"
        return self._t(f"„{short}“", f"“{short}”")

    def audience(self, audience: str) -> str:
        """Return the name of an audience, or its id where nothing names it."""
        return self.audiences[audience].into(self.lang) if audience in self.audiences else audience

    def _figure(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"
        return text.translate(str.maketrans(",.", ".,")) if self.lang == "de" else text

    def _t(self, de: str, en: str) -> str:
        return de if self.lang == "de" else en


_FACTS = {
    "audience": Text("Ihre Gruppe", "your group"),
    "language": Text("die Sprache des Bogens", "the language of the form"),
    "size_class": Text("die Größenklasse Ihrer Kommune", "the size class of your municipality"),
    "region": Text("Ihre Region", "your region"),
    "population": Text("die Einwohnerzahl", "the population"),
}


def _code(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _wording(
    questionnaire: Questionnaire, question: Question, code: str | None, language: str, point: str | None
) -> str:
    """Return the words of an answer: of an item, of “other”, or of a point of the scale."""
    if question.type in {"scale", "matrix"} and (point is not None or question.type == "scale"):
        points = {p.id: p for p in questionnaire.scale(question.scale or "").points}
        if code in points:
            return shown(points[code].text, questionnaire, language) or code
    items = {item.id: item for item in question.items}
    if code in items:
        return shown(items[code].text, questionnaire, language)
    if code == "other" and question.other:
        return shown(question.other.text, questionnaire, language)
    return code or ""
