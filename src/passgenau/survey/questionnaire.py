"""What was asked: questions, their items, and the topic each item speaks of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from passgenau.reading import Record, RecordError, Slug
from passgenau.text import Text

Kind = Literal["wish", "context"]
"""`wish`: a question about training wished for. `context`: everything else, such as experience,
plans, future topics or preferred formats; it never decides a module's place."""


class Item(Record):
    """One possible answer of a question."""

    id: Slug
    text: Text
    topic: Slug | None = None
    """The catalogue topic that an answer wishes for; only in questions of kind `wish`."""


class Question(Record):
    """One question of the survey."""

    id: Slug
    text: Text
    kind: Kind
    multiple: bool | None = None
    """Several answers possible; empty where the source does not say."""
    note: Text | None = None
    source_figure: Text | None = None
    """The figure of the source that showed this question's answers; the report says what became of it."""
    items: tuple[Item, ...] = Field(min_length=1)

    def item(self, item_id: str) -> Item:
        """Return the item of that id."""
        return next(item for item in self.items if item.id == item_id)

    @model_validator(mode="after")
    def _topics_belong_to_wishes(self) -> Question:
        for index, item in enumerate(self.items):
            if self.kind == "context" and item.topic is not None:
                raise RecordError(
                    f"Die Frage {self.id!r} fragt nicht nach Fortbildung; {item.id!r} kann kein Thema wünschen.",
                    f"The question {self.id!r} does not ask for training; {item.id!r} cannot wish for a topic.",
                    at=("items", index, "topic"),
                    hint=Text("topic weglassen, oder kind: wish setzen.", "Leave topic out, or set kind: wish."),
                )
        return self


class Questionnaire(Record):
    """`questionnaire.yaml`."""

    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique_ids(self) -> Questionnaire:
        seen: set[str] = set()
        for index, question in enumerate(self.questions):
            if question.id in seen:
                raise RecordError(
                    f"Die Frage {question.id!r} steht zweimal.",
                    f"The question {question.id!r} stands twice.",
                    at=("questions", index, "id"),
                )
            seen.add(question.id)
            items: set[str] = set()
            for place, item in enumerate(question.items):
                if item.id in items:
                    raise RecordError(
                        f"Die Antwort {item.id!r} steht zweimal in der Frage {question.id!r}.",
                        f"The item {item.id!r} stands twice in the question {question.id!r}.",
                        at=("questions", index, "items", place, "id"),
                    )
                items.add(item.id)
        return self

    def question(self, question_id: str) -> Question:
        """Return the question of that id."""
        return next(q for q in self.questions if q.id == question_id)
