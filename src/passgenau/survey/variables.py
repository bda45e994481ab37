"""The columns that a questionnaire's answers fill: one variable per thing that can be answered.

A single choice, a scale, a number fill one column each; a multiple choice one per item; a matrix one
per row. `variables` is the one place that decides their names and their order; readers, writers, the
codebook and the estimation follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from passgenau.errors import InputError
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passgenau.survey.questionnaire import Item, Question, Questionnaire, QuestionType, Scale

VariableType = Literal["category", "flag", "rank", "number", "text", "date"]
"""`category`: one of several codes; `flag`: ticked or not; `rank`: 1 for the first; the others as they are named."""
Part = Literal["answer", "other", "comment", "second"]
"""What of a question a variable holds: the answer itself, the text beside “other”, a comment, or the point
of a second scale."""


@dataclass(frozen=True, slots=True)
class Category:
    """One code of a variable, with what it means."""

    id: str
    label: Translations
    value: float | None = None  # what it counts in means
    code: str | None = None  # how data files spell it, where that is not the id

    @property
    def spelling(self) -> str:
        """How data files spell it."""
        return self.code if self.code is not None else self.id


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the answers."""

    name: str  # of the column
    question: str
    item: str | None  # of the question; "other" for the open answer beside the items
    column: str | None  # of a grid
    part: Part
    type: VariableType
    label: Translations  # the question, and the item where there is one
    categories: tuple[Category, ...] = ()
    ordered: bool = False

    @property
    def place(self) -> tuple[str, str | None, str | None, str]:
        """Question, item, column and part: what the variable stands for."""
        return self.question, self.item, self.column, self.part


OTHER = "other"
"""Item id, and category id, of the open answer beside the items."""


def variables(questionnaire: Questionnaire) -> tuple[Variable, ...]:
    """Return the variables of a questionnaire in the order of its questions.

    Names are ``question`` for one answer, ``question_item`` for one of several, ``question_item_column`` in a
    grid; ``_other`` is the text beside “other”, ``_comment`` a comment, ``_second`` the second scale.

    Raises
    ------
    InputError
        Two variables would bear the same name.
    """
    found = tuple(variable for question in questionnaire.questions for variable in _of(question, questionnaire))
    names: dict[str, Variable] = {}
    for variable in found:
        first = names.setdefault(variable.name, variable)
        if first is not variable:
            raise InputError.of(
                f"Die Spalte {variable.name!r} entstünde zweimal: aus {first.question!r} und {variable.question!r}.",
                f"The column {variable.name!r} would arise twice: from {first.question!r} and {variable.question!r}.",
                field=variable.question,
                hint=Text("Eine der Fragen oder Antworten anders nennen.", "Rename one of the questions or items."),
            )
    return found


def answers_of(question: Question, questionnaire: Questionnaire) -> tuple[Variable, ...]:
    """Return the variables of one question that hold answers, without comments and the texts beside “other”."""
    return tuple(v for v in _of(question, questionnaire) if v.part in {"answer", "second"})


def _of(question: Question, questionnaire: Questionnaire) -> Iterator[Variable]:
    yield from _ANSWERS[question.type](question, questionnaire)
    if question.other:
        yield _variable(question, "text", None, part="other", name=f"{OTHER}_text")
    if question.comment:
        yield _variable(question, "text", None, part="comment", name="comment")


def _nothing(_question: Question, _questionnaire: Questionnaire) -> Iterator[Variable]:
    return iter(())


def _one_choice(question: Question, _questionnaire: Questionnaire) -> Iterator[Variable]:
    yield _variable(question, "category", categories=_choices(question))


def _ticks(question: Question, _questionnaire: Questionnaire) -> Iterator[Variable]:
    for item in question.items:
        yield _variable(question, "flag", item)
        yield from _comment(question, item)
    if question.other:
        yield _variable(question, "flag", None, name=OTHER)


def _ranks(question: Question, _questionnaire: Questionnaire) -> Iterator[Variable]:
    for item in question.items:
        yield _variable(question, "rank", item)


def _point(question: Question, questionnaire: Questionnaire) -> Iterator[Variable]:
    yield _scaled(question, None, questionnaire.scale(question.scale or ""))


def _rows(question: Question, questionnaire: Questionnaire) -> Iterator[Variable]:
    for item in question.items:
        yield _scaled(question, item, questionnaire.scale(question.scale or ""))
        if question.second_scale:
            yield _scaled(question, item, questionnaire.scale(question.second_scale), "second")
        yield from _comment(question, item)


def _line(question: Question, _questionnaire: Questionnaire) -> Iterator[Variable]:
    yield _variable(question, "text")


def _entered(question: Question, _questionnaire: Questionnaire) -> Iterator[Variable]:
    kind: VariableType = question.type  # type: ignore[assignment]  # number, text or date, as the caller matched
    if not question.items:
        yield _variable(question, kind)
    for item in question.items:
        if not question.columns:
            yield _variable(question, kind, item)
        for column in question.columns:
            yield _variable(question, kind, item, column)


def _comment(question: Question, item: Item) -> Iterator[Variable]:
    if item.comment:
        yield _variable(question, "text", item, part="comment", name="comment")


def _scaled(question: Question, item: Item | None, scale: Scale, part: Part = "answer") -> Variable:
    points = tuple(
        Category(p.id, p.text or Translations.of({"de": p.id, "en": p.id}), p.value, p.code) for p in scale.points
    )
    if question.other and part == "answer":
        points = (*points, Category(OTHER, question.other.text))
    name = None if part == "answer" else "second"
    return _variable(question, "category", item, part=part, name=name, categories=points, ordered=scale.ordered)


def _choices(question: Question) -> tuple[Category, ...]:
    found = tuple(Category(item.id, item.text, code=item.code) for item in question.items)
    return (*found, Category(OTHER, question.other.text)) if question.other else found


def _variable(  # noqa: PLR0913 -- the parts of a column
    question: Question,
    kind: VariableType,
    item: Item | None = None,
    column: Item | None = None,
    *,
    part: Part = "answer",
    name: str | None = None,
    categories: tuple[Category, ...] = (),
    ordered: bool = False,
) -> Variable:
    names = [question.id, item.id if item else None, column.id if column else None, name]
    return Variable(
        name="_".join(part for part in names if part is not None),
        question=question.id,
        item=item.id if item else OTHER if name is not None and name.startswith(OTHER) else None,
        column=column.id if column else None,
        part=part,
        type=kind,
        label=_label(question, [entry.text for entry in (item, column) if entry] or _own(question, name)),
        categories=categories,
        ordered=ordered,
    )


def _own(question: Question, name: str | None) -> list[Translations]:
    if name is not None and name.startswith(OTHER) and question.other:
        return [question.other.text]
    return [question.comment] if name == "comment" and question.comment else []


def _label(question: Question, parts: list[Translations]) -> Translations:
    wordings = [question.text, *parts]
    languages = dict.fromkeys(language for wording in wordings for language in wording.languages)
    return Translations.of({language: " – ".join(w.into(language) for w in wordings) for language in languages})


_ANSWERS: dict[QuestionType, Callable[[Question, Questionnaire], Iterator[Variable]]] = {
    "single": _one_choice,
    "multiple": _ticks,
    "scale": _point,
    "matrix": _rows,
    "ranking": _ranks,
    "number": _entered,
    "text": _entered,
    "date": _entered,
    "file": _line,
    "computed": _line,
    "information": _nothing,
}
