"""How large a questionnaire is, counted as survey tools count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import Foreign, Question, Questionnaire

_ROWS = frozenset({"multiple", "matrix", "number", "text", "date"})
"""Types whose items are each asked for themselves."""


def count_items(questionnaire: Questionnaire) -> int:
    """Return how many items the questions have: rows and columns that are asked for themselves.

    The ticks of a multiple choice, the rows of a matrix, the fields and columns of a grid count. What one
    chooses from does not: the answers of a single choice, the points of a scale, “other”. The objects of a
    ranking are chosen from, too, unless the tool that asked kept them as questions of their own (LimeSurvey 7
    does; the identifier of their question stands beside them).
    """
    return sum(_items(question) for question in questionnaire.questions)


def _items(question: Question) -> int:
    rows = len(question.items) if question.type in _ROWS else sum(_is_question(item.foreign) for item in question.items)
    return rows + len(question.columns) + _without_place(question.foreign)


def _is_question(foreign: Foreign) -> bool:
    own = foreign.get("limesurvey")
    return isinstance(own, dict) and "parent_qid" in own


def _without_place(foreign: Foreign) -> int:
    """Count the subquestions of a question whose type has none; LimeSurvey keeps and counts them all the same."""
    own = foreign.get("limesurvey")
    kept = own.get("subquestions") if isinstance(own, dict) else None
    return len(kept) if isinstance(kept, list) else 0
