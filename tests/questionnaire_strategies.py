"""Questionnaires for property tests: any types, several languages, scales, filters that look back."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from passgenau.survey.filters import (
    All,
    Answered,
    AnyOf,
    Comparison,
    Count,
    Fact,
    Filter,
    Node,
    Not,
    OneOf,
    Reference,
    Ticked,
)
from passgenau.survey.questionnaire import (
    Item,
    NoAnswer,
    Other,
    Point,
    Question,
    Questionnaire,
    QuestionType,
    Scale,
    Section,
)
from passgenau.translations import Translations

ALL_TYPES: tuple[QuestionType, ...] = (
    "single",
    "multiple",
    "scale",
    "matrix",
    "ranking",
    "number",
    "text",
    "date",
    "file",
    "computed",
    "information",
)
LANGUAGES = ("de", "en", "fr", "de-informal", "pt-BR")
_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp"))
_PHRASES = (
    "Wie viele Tage?",
    "<p>Haben Sie <b>je</b> …</p>",
    "A & B",
    '"so"',
    "'nein'",
    "=1+1",
    "a;b,c|d",
    "{x}",
    "Ümläut",
)


def wordings(languages: tuple[str, ...], *, whole: bool = True) -> st.SearchStrategy[Translations]:
    """Return texts in all the languages, or, unless whole, in at least the first."""
    word = st.one_of(
        st.sampled_from(_PHRASES),
        st.text(_LETTERS, min_size=1, max_size=20).map(str.strip).filter(bool),
    )
    if whole:
        return st.tuples(*[word for _ in languages]).map(
            lambda words: Translations.of(dict(zip(languages, words, strict=True)))
        )
    return st.tuples(word, *[st.none() | word for _ in languages[1:]]).map(
        lambda words: Translations.of({code: said for code, said in zip(languages, words, strict=True) if said})
    )


@st.composite
def questionnaires(  # noqa: PLR0913 -- one keyword per thing that a format may lack
    draw: st.DrawFn,
    *,
    types: tuple[QuestionType, ...] = ALL_TYPES,
    max_questions: int = 6,
    languages: tuple[str, ...] = LANGUAGES,
    filters: bool = True,
    facts: bool = True,
    codes: bool = True,
) -> Questionnaire:
    """Draw a valid questionnaire.

    Parameters
    ----------
    types, languages
        Which may occur.
    max_questions
        How many at most.
    filters
        Whether questions, items and sections may have filters.
    facts
        Whether filters may speak of what is known of the organisation (`@population`).
    codes
        Whether questions, items and points may have a code beside their id.
    """
    spoken = tuple(draw(st.lists(st.sampled_from(languages), min_size=1, max_size=3, unique=True)))
    maker = _Maker(draw, spoken, codes=codes, facts=facts)
    number = draw(st.integers(1, max_questions))
    sections = tuple(maker.section(place) for place in range(draw(st.integers(0, 3))))
    places = (
        sorted(draw(st.lists(st.integers(0, len(sections) - 1), min_size=number, max_size=number))) if sections else []
    )
    scales = {f"scale{place}": maker.scale() for place in range(draw(st.integers(1, 2)))}
    questions: list[Question] = []
    for index in range(number):
        question = maker.question(
            index, draw(st.sampled_from(types)), tuple(scales), sections[places[index]].id if places else None
        )
        if filters and draw(st.booleans()):
            question = maker.filtered(question, questions, scales)
        questions.append(question)
    return Questionnaire(
        title=maker.maybe(maker.text()),
        version=draw(st.none() | st.sampled_from(["2018", "2027-1"])),
        languages=spoken,
        markup=draw(st.sampled_from(["plain", "html"])),
        introduction=maker.maybe(maker.text()),
        privacy=maker.maybe(maker.text()),
        ending=maker.maybe(maker.text()),
        scales={name: scale for name, scale in scales.items() if name in _used(questions)},
        sections=sections,
        questions=tuple(questions),
    )


def _used(questions: list[Question]) -> set[str | None]:
    return {name for question in questions for name in (question.scale, question.second_scale)}


class _Maker:
    """Draws the parts of one questionnaire."""

    def __init__(self, draw: st.DrawFn, spoken: tuple[str, ...], *, codes: bool, facts: bool) -> None:
        self._draw, self._spoken, self._codes, self._facts = draw, spoken, codes, facts

    def text(self, *, whole: bool = True) -> Translations:
        return self._draw(wordings(self._spoken, whole=whole))

    def maybe(self, value: Any) -> Any:
        return value if self._draw(st.booleans()) else None

    def _code(self) -> str | None:
        if not self._codes:
            return None
        return self._draw(st.sampled_from([None, None, None, "-99", "F 1", "Ä"]))

    def section(self, place: int) -> Section:
        return Section(
            id=f"part{place}",
            title=self.maybe(self.text()),
            text=self.maybe(self.text()),
            new_page=self._draw(st.booleans()),
        )

    def scale(self) -> Scale:
        number = self._draw(st.integers(1, 4))
        valued = self._draw(st.booleans())
        spellings = self._draw(st.sampled_from([("1", "2", "3", "4"), ("yes", "no", "maybe", "A4")]))
        return Scale(
            points=tuple(
                Point(
                    id=spellings[place],
                    text=self.text() if self._draw(st.integers(0, 3)) else None,
                    value=float(place + 1) if valued else None,
                    agrees=self._draw(st.booleans()),
                )
                for place in range(number)
            ),
            ordered=self._draw(st.booleans()),
        )

    def items(self, *, least: int = 1, exclusive: bool = False, prefix: str = "a") -> tuple[Item, ...]:
        number = self._draw(st.integers(least, least + 3))
        return tuple(
            Item(
                id=f"{prefix}{place}",
                text=self.text(whole=False),
                exclusive=exclusive and place == number - 1 and self._draw(st.booleans()),
                code=self._code() if not place else None,
            )
            for place in range(number)
        )

    def question(self, index: int, kind: QuestionType, scales: tuple[str, ...], section: str | None) -> Question:
        fields: dict[str, Any] = getattr(self, f"_{kind}")(scales)
        answered = kind not in {"information", "computed"}
        return Question(
            id=f"q{index}",
            type=kind,
            text=self.text(),
            help=self.maybe(self.text()),
            section=section,
            required=answered and self._draw(st.booleans()),
            no_answer=NoAnswer(text=self.text()) if answered and not self._draw(st.integers(0, 3)) else None,
            code=self._code(),
            **fields,
        )

    def _limits(self, offered: int) -> dict[str, Any]:
        low = self._draw(st.none() | st.integers(0, offered))
        high = self._draw(st.none() | st.integers(max(low or 1, 1), offered))
        return {"min_answers": low, "max_answers": high}

    def _other(self) -> Other | None:
        chosen: Other | None = self.maybe(Other(text=self.text()))
        return chosen

    def _single(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        return {"items": self.items(), "other": self._other(), "shuffled": self._draw(st.booleans())}

    def _multiple(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        items = self.items(exclusive=True)
        if self._draw(st.booleans()):
            items = tuple(item.model_copy(update={"comment": True}) for item in items)
        return {"items": items, "other": self._other(), **self._limits(len(items))}

    def _scale(self, scales: tuple[str, ...]) -> dict[str, Any]:
        return {"scale": self._draw(st.sampled_from(scales)), "comment": self.maybe(self.text())}

    def _matrix(self, scales: tuple[str, ...]) -> dict[str, Any]:
        second = self._draw(st.none() | st.sampled_from(scales))
        return {"items": self.items(), "scale": self._draw(st.sampled_from(scales)), "second_scale": second}

    def _ranking(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        items = self.items(least=2)
        return {"items": items, **self._limits(len(items))}

    def _grid(self) -> dict[str, Any]:
        shape = self._draw(st.integers(0, 2))
        items = self.items() if shape else ()
        return {"items": items, "columns": self.items(prefix="c") if shape == 2 else ()}

    def _number(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        low = self._draw(st.none() | st.integers(-5, 5))
        return {
            **self._grid(),
            "unit": self.maybe(self.text()),
            "minimum": low,
            "maximum": self._draw(st.none() | st.integers((low or 0) + 1, 100)),
            "decimals": self._draw(st.integers(0, 2)),
        }

    def _text(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        return {
            **self._grid(),
            "max_length": self._draw(st.none() | st.integers(1, 500)),
            "lines": self._draw(st.sampled_from([1, 5])),
        }

    def _date(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        return {}

    def _file(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        return {"max_answers": self._draw(st.none() | st.integers(1, 5))}

    def _computed(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        return {}

    def _information(self, _scales: tuple[str, ...]) -> dict[str, Any]:
        return {}

    def filtered(self, question: Question, before: list[Question], scales: dict[str, Scale]) -> Question:
        """Return the question with a filter on itself, and now and then on its last item."""
        leaves = [node for earlier in before for node in conditions(earlier, scales)]
        if self._facts:
            leaves += [Comparison(Fact("population"), ">=", 20000.0), Comparison(Fact("audience"), "=", "staff")]
        if not leaves:
            return question
        condition = Filter(self._draw(_trees(st.sampled_from(leaves))))
        update: dict[str, Any] = {"show_if": condition} if self._draw(st.booleans()) or not question.items else {}
        if not update:
            items = (*question.items[:-1], question.items[-1].model_copy(update={"show_if": condition}))
            update = {"items": items}
        return question.model_copy(update=update)


def conditions(question: Question, scales: dict[str, Scale]) -> list[Node]:
    """Return what can sensibly be said of one question."""
    whole = Reference(question.id)
    first = Reference(question.id, question.items[0].id) if question.items else whole
    if question.columns:
        first = Reference(question.id, question.items[0].id, question.columns[0].id)
    found: list[Node] = []
    if question.type == "single":
        codes = tuple(item.id for item in question.items)
        found += [Comparison(whole, "=", codes[0]), Comparison(whole, "!=", codes[-1]), OneOf(whole, codes)]
    if question.type == "multiple":
        found += [Ticked(first), Comparison(Count(whole), ">=", 2.0)]
    if question.type in {"scale", "matrix"} and question.scale:
        found += [Comparison(first, "=", scales[question.scale].points[0].id)]
    if question.type == "number":
        found += [Comparison(first, operator, 3.0) for operator in ("=", "!=", "<", "<=", ">", ">=")]  # type: ignore[arg-type]
    if question.type == "ranking":
        found += [Comparison(first, "<=", 2.0)]
    if question.type in {"text", "number", "date", "single", "scale"}:
        found += [Answered(whole if question.type == "single" else first)]
    return found


def _trees(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def widen(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(parts.map(All), parts.map(AnyOf), inner.map(Not))

    return st.recursive(leaves, widen, max_leaves=4)
