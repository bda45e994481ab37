"""What is asked: sections, questions, their items, scales and filters, in any number of languages."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator

from passgenau.reading import Record, RecordError, Slug, nearest
from passgenau.survey.filters import Filter
from passgenau.text import Text
from passgenau.translations import LANGUAGE, Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.reading import Location

Kind = Literal["wish", "context"]
"""`wish`: a question about training wished for. `context`: everything else, such as experience,
plans, future topics or preferred formats; it never decides a module's place."""

QuestionType = Literal[
    "single", "multiple", "scale", "matrix", "ranking", "number", "text", "date", "file", "computed", "information"
]
"""`single` and `multiple` choose among items; `scale` takes one point of a scale, `matrix` one for every
item; `ranking` orders items; `number`, `text` and `date` are entered, one value, one per item, or one per
item and column; `file` holds names of files handed in; `computed` is worked out by the tool that asked, by
an expression kept verbatim; `information` is shown and not answered."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$", max_length=64)]
"""The stable name of a question, an item or a point: letters, digits, ``-`` and ``_``."""
Language = Annotated[str, StringConstraints(pattern=LANGUAGE.pattern)]
Foreign = dict[str, JsonValue]
"""What only the format named by the key knows, kept verbatim so that it can be written back."""

CHOICES = frozenset({"single", "multiple", "ranking"})
WITH_SCALE = frozenset({"scale", "matrix"})
ENTERED = frozenset({"number", "text", "date"})


class Point(Record):
    """One point of a scale."""

    id: Code
    """Stable from wave to wave; unique within its scale."""
    text: Translations | None = None
    """Empty for a point that only shows its number."""
    value: float | None = None
    """What the point counts in means; empty where the points have no distances."""
    code: str | None = None
    """How data files spell it, where that is not the id."""
    agrees: bool = False
    """True for the points that count as a yes when the answers are told as one share."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""


class Scale(Record):
    """The answers that a scale or every row of a matrix offers, from low to high or as listed."""

    points: tuple[Point, ...] = Field(min_length=1)
    """In the order in which they are offered."""
    ordered: bool = True
    """False where the points have no order, such as the departments of a town hall."""

    @model_validator(mode="after")
    def _unique(self) -> Scale:
        _no_doubles(("points",), [point.id for point in self.points], "Der Punkt", "The point")
        return self

    def point(self, point_id: str) -> Point:
        """Return the point of that id."""
        return next(point for point in self.points if point.id == point_id)


class Item(Record):
    """One answer to choose or to rank, one row of a matrix, or one field to fill in."""

    id: Code
    """Stable from wave to wave; unique within its question."""
    text: Translations
    """As it stands beside the box."""
    topic: Slug | None = None
    """The catalogue topic that it wishes for; only in questions of kind `wish`."""
    exclusive: bool = False
    """Ticked alone or not at all, such as “none of these”; only in multiple choice."""
    comment: bool = False
    """A line of text stands beside it."""
    show_if: Filter | None = None
    """Who is offered it, by earlier answers."""
    audiences: tuple[Slug, ...] = ()
    """Who is offered it; empty: all who see the question."""
    code: str | None = None
    """How data files spell it, where that is not the id."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""


class Other(Record):
    """The answer “other”, with a line of text."""

    text: Translations = Translations((("de", "Sonstiges, und zwar"), ("en", "other, namely")))
    """As it stands beside the box."""
    exclusive: bool = False
    """Ticked alone or not at all."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""


class NoAnswer(Record):
    """“Keine Angabe” as an answer of its own, distinct from leaving a question empty."""

    text: Translations = Translations((("de", "keine Angabe"), ("en", "no answer")))
    """As it stands beside the box."""
    code: str | None = None
    """How data files spell it; `-99` where nothing is given."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""


class Section(Record):
    """Questions that belong together, on one page."""

    id: Code
    """By which questions name it."""
    title: Translations | None = None
    """Its heading."""
    text: Translations | None = None
    """What respondents read below the heading."""
    show_if: Filter | None = None
    """Who is shown the whole section."""
    new_page: bool = True
    """False where it continues the page of the section before."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""


class Question(Record):
    """One question of the survey, or a text that is only shown."""

    id: Code
    """Stable from wave to wave; answers and results name it."""
    type: QuestionType
    """How it is answered; see questionnaire.md."""
    text: Translations
    """What is asked."""
    help: Translations | None = None
    """What respondents read below it."""
    kind: Kind = "context"
    """`wish` asks for training and may decide on modules; `context` never does."""
    section: Code | None = None
    """The section it stands in; empty where the questionnaire has none."""
    items: tuple[Item, ...] = ()
    """The answers to choose among, the rows of a matrix, or the fields to fill in."""
    columns: tuple[Item, ...] = ()
    """The columns of a grid of numbers, texts or dates; a value is entered for every item and column."""
    scale: Code | None = None
    """The scale of a `scale` or `matrix`, by its name under `scales`."""
    second_scale: Code | None = None
    """A second scale beside the first, in a matrix."""
    other: Other | None = None
    """An open answer beside the items."""
    no_answer: NoAnswer | None = None
    """Offers “keine Angabe”; `{}` takes the usual wording."""
    comment: Translations | None = None
    """What a text field below the question asks for."""
    required: bool = False
    """Whether the online form insists on an answer."""
    min_answers: int | None = Field(default=None, ge=0)
    """So many items at least; an exclusive item alone is enough."""
    max_answers: int | None = Field(default=None, ge=1)
    """So many items at most."""
    unit: Translations | None = None
    """Of a number: persons, days, km."""
    minimum: float | None = None
    """The smallest number accepted."""
    maximum: float | None = None
    """The largest number accepted."""
    decimals: int = Field(default=0, ge=0, le=6)
    """Decimal places of a number."""
    max_length: int | None = Field(default=None, ge=1)
    """Characters of a text."""
    lines: int = Field(default=1, ge=1, le=50)
    """Lines that a text field shows."""
    shuffled: bool = False
    """Items stand in a random order."""
    show_if: Filter | None = None
    """Who is asked, by earlier answers and what is known of the organisation."""
    audiences: tuple[Slug, ...] = ()
    """Who is asked; empty: all."""
    code: str | None = None
    """How data files name it, where that is not the id."""
    note: Text | None = None
    """For the committee: what is known about the question; respondents do not see it."""
    source_figure: Text | None = None
    """The figure of the source that showed this question's answers; the report says what became of it."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""

    def item(self, item_id: str) -> Item:
        """Return the item of that id."""
        return next(item for item in self.items if item.id == item_id)

    @property
    def answered(self) -> bool:
        """Whether respondents give an answer to it."""
        return self.type not in {"information", "computed"}

    @model_validator(mode="after")
    def _fits_its_type(self) -> Question:
        for field, allowed in _FIELDS_OF.items():
            if getattr(self, field) and self.type not in allowed:
                types = ", ".join(sorted(allowed))
                raise RecordError(
                    f"{field} passt nicht zu einer Frage der Art {self.type!r}.",
                    f"{field} does not fit a question of type {self.type!r}.",
                    at=(field,),
                    hint=Text(f"Möglich bei: {types}.", f"Possible with: {types}."),
                )
        for field, needed in _NEEDED_BY.items():
            if self.type in needed and not getattr(self, field):
                raise RecordError(
                    f"Einer Frage der Art {self.type!r} fehlt {field}.",
                    f"A question of type {self.type!r} lacks {field}.",
                    at=(),
                )
        return self

    @model_validator(mode="after")
    def _items_are_unique(self) -> Question:
        _no_doubles(("items",), [item.id for item in self.items], "Die Antwort", "The item")
        _no_doubles(("columns",), [column.id for column in self.columns], "Die Spalte", "The column")
        if self.other and "other" in {item.id for item in self.items}:
            raise RecordError(
                "„other“ heißt schon die offene Antwort neben den anderen.",
                "“other” already names the open answer beside the others.",
                at=("other",),
                hint=Text("Die Antwort anders nennen.", "Give the item another id."),
            )
        if self.columns and not self.items:
            raise RecordError("columns braucht items.", "columns needs items.", at=("columns",))
        if self.second_scale and self.type != "matrix":
            raise RecordError(
                "Eine zweite Skala hat nur eine Matrix.", "Only a matrix has a second scale.", at=("second_scale",)
            )
        return self

    @model_validator(mode="after")
    def _limits_in_order(self) -> Question:
        low, high = self.min_answers, self.max_answers
        if low is not None and high is not None and low > high:
            raise RecordError(
                f"Mindestens {low} und höchstens {high} Antworten.",
                f"At least {low} and at most {high} answers.",
                at=("max_answers",),
            )
        offered = len(self.items) + (self.other is not None)
        if low is not None and low > offered:
            raise RecordError(
                f"{low} Antworten verlangt, {offered} angeboten.",
                f"{low} answers required, {offered} offered.",
                at=("min_answers",),
            )
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise RecordError(
                f"minimum {self.minimum:g} liegt über maximum {self.maximum:g}.",
                f"minimum {self.minimum:g} exceeds maximum {self.maximum:g}.",
                at=("minimum",),
            )
        return self

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
            if item.exclusive and self.type != "multiple":
                raise RecordError(
                    "exclusive gibt es nur bei Mehrfachauswahl.",
                    "exclusive exists in multiple choice only.",
                    at=("items", index, "exclusive"),
                )
        return self


_FIELDS_OF = {
    "items": CHOICES | ENTERED | {"matrix"},
    "columns": ENTERED,
    "scale": WITH_SCALE,
    "other": {"single", "multiple", "scale", "matrix"},
    "comment": {"single", "multiple", "scale", "matrix", "ranking", "number", "text", "date", "file"},
    "min_answers": {"multiple", "ranking", "matrix", "number", "text", "file"},
    "max_answers": {"multiple", "ranking", "matrix", "number", "text", "file"},
    "unit": {"number"},
    "minimum": {"number"},
    "maximum": {"number"},
    "max_length": {"text", "number", "single", "multiple"},
}
_NEEDED_BY = {"items": CHOICES | {"matrix"}, "scale": WITH_SCALE}


class Questionnaire(Record):
    """`questionnaire.yaml`."""

    title: Translations | None = None
    """Its heading."""
    version: str | None = None
    """Which version this is, e.g. "2018" or "2027-1"; two waves are compared by it."""
    languages: tuple[Language, ...] = Field(default=("de",), min_length=1)
    """Languages in which it is asked, the leading one first; every text should exist in each."""
    markup: Literal["plain", "html"] = "plain"
    """Whether the texts are plain, or HTML as another tool wrote it."""
    introduction: Translations | None = None
    """What respondents read first."""
    privacy: Translations | None = None
    """Who processes the answers, for what, on which legal basis, for how long, and which rights there are."""
    ending: Translations | None = None
    """What respondents read last."""
    reconstruction: Translations | None = None
    """Where the questionnaire was rebuilt from a report: what that means. Stands on everything made from it."""
    scales: dict[Code, Scale] = Field(default_factory=dict)
    """By the names under which questions use them."""
    sections: tuple[Section, ...] = ()
    """In their order; where there are any, every question stands in one."""
    questions: tuple[Question, ...] = Field(min_length=1)
    """In the order in which they are asked."""
    foreign: Foreign = Field(default_factory=dict)
    """What only another tool's format knows, by the name of the format."""

    def question(self, question_id: str) -> Question:
        """Return the question of that id."""
        return self._by_id[question_id]

    def section(self, section_id: str) -> Section:
        """Return the section of that id."""
        return next(section for section in self.sections if section.id == section_id)

    def scale(self, name: str) -> Scale:
        """Return the scale of that name."""
        return self.scales[name]

    def in_section(self, section_id: str | None) -> tuple[Question, ...]:
        """Return the questions of a section, in their order."""
        return tuple(question for question in self.questions if question.section == section_id)

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @model_validator(mode="after")
    def _names_are_unique(self) -> Questionnaire:
        _no_doubles(("questions",), [question.id for question in self.questions], "Die Frage", "The question")
        _no_doubles(("sections",), [section.id for section in self.sections], "Der Abschnitt", "The section")
        return self

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Questionnaire:
        for index, question in enumerate(self.questions):
            for field in ("scale", "second_scale"):
                name = getattr(question, field)
                if name is not None and name not in self.scales:
                    raise _unknown(("questions", index, field), "Die Skala", "scale", name, list(self.scales))
            sections = [section.id for section in self.sections]
            if question.section is not None and question.section not in sections:
                raise _unknown(("questions", index, "section"), "Den Abschnitt", "section", question.section, sections)
            if question.section is None and sections:
                raise RecordError(
                    f"Die Frage {question.id!r} steht in keinem Abschnitt.",
                    f"The question {question.id!r} stands in no section.",
                    at=("questions", index),
                    hint=Text(f"Möglich sind: {', '.join(sections)}.", f"Possible: {', '.join(sections)}."),
                )
        return self

    @model_validator(mode="after")
    def _sections_are_whole(self) -> Questionnaire:
        """Keep the order of the file and that of the sections the same."""
        order = {section.id: place for place, section in enumerate(self.sections)}
        places = [order.get(question.section or "", 0) for question in self.questions]
        for index, (before, place) in enumerate(pairwise(places)):
            if place < before:
                question = self.questions[index + 1]
                raise RecordError(
                    f"Die Frage {question.id!r} gehört zum Abschnitt {question.section!r}, steht aber hinter Fragen "
                    "eines späteren Abschnitts.",
                    f"The question {question.id!r} belongs to the section {question.section!r}, but stands after "
                    "questions of a later section.",
                    at=("questions", index + 1, "section"),
                    hint=Text(
                        "Fragen in der Reihenfolge der Abschnitte aufführen.",
                        "List the questions in the order of the sections.",
                    ),
                )
        return self

    @model_validator(mode="after")
    def _filters_look_back(self) -> Questionnaire:
        """Every filter speaks of questions that stand before what it filters."""
        place = {question.id: index for index, question in enumerate(self.questions)}
        for at, condition, before in _filters(self):
            for reference in condition.references:
                if reference.question not in place:
                    raise _unknown(at, "Die Frage", "question", reference.question, list(place))
                if place[reference.question] >= before:
                    raise RecordError(
                        f"Der Filter spricht von {reference.question!r}, das erst danach gefragt wird.",
                        f"The filter speaks of {reference.question!r}, which is asked only later.",
                        at=at,
                        hint=Text("Die gefilterte Frage weiter hinten aufführen.", "Move the filtered question down."),
                    )
                question = self.question(reference.question)
                items = [item.id for item in question.items] + (["other"] if question.other else [])
                if reference.item is not None and reference.item not in items:
                    raise _unknown(at, "Die Antwort", "item", str(reference), items)
                columns = [column.id for column in question.columns]
                if reference.column is not None and reference.column not in columns:
                    raise _unknown(at, "Die Spalte", "column", str(reference), columns)
        return self


def _filters(questionnaire: Questionnaire) -> Iterator[tuple[Location, Filter, int]]:
    """Yield every filter, where it stands, and the place of the first question that it filters."""
    questions = questionnaire.questions
    for index, section in enumerate(questionnaire.sections):
        if section.show_if is not None:
            first = next((i for i, q in enumerate(questions) if q.section == section.id), len(questions))
            yield ("sections", index, "show_if"), section.show_if, first
    for index, question in enumerate(questions):
        if question.show_if is not None:
            yield ("questions", index, "show_if"), question.show_if, index
        for part in ("items", "columns"):
            for number, item in enumerate(getattr(question, part)):
                if item.show_if is not None:
                    yield ("questions", index, part, number, "show_if"), item.show_if, index


def _no_doubles(at: Location, names: list[str], de: str, en: str) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise RecordError(
                f"{de} {name!r} steht zweimal.",
                f"{en} {name!r} stands twice.",
                at=(*at, index, "id"),
                hint=Text("Jede Kennung nur einmal vergeben.", "Use every identifier once."),
            )
        seen.add(name)


def _unknown(at: Location, de: str, en: str, name: str, known: list[str]) -> RecordError:
    return RecordError(f"{de} {name!r} gibt es nicht.", f"There is no {en} {name!r}.", at=at, hint=nearest(name, known))
