"""Filters mean the same for one respondent and for all, and are told in words."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from answer_strategies import facts, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires

from passgenau.survey import Questionnaire, variables
from passgenau.survey.facts import FACT_TYPES
from passgenau.survey.filters import parse
from passgenau.survey.visible import filter_problems, holds, shown, visibility, who_sees
from passgenau.text import Text

ASKED = Questionnaire.model_validate(
    {
        "scales": {
            "agree": {
                "points": [
                    {"id": "low", "text": "wenig", "value": 1},
                    {"id": "mid", "text": "mittel", "value": 2},
                    {"id": "high", "text": "viel", "value": 3},
                ]
            },
            "grades": {"points": [{"id": "1"}, {"id": "2"}, {"id": "3"}]},
        },
        "questions": [
            {
                "id": "stage",
                "type": "single",
                "text": "Wie weit?",
                "items": [{"id": "planned", "text": "geplant"}, {"id": "running", "text": "läuft"}],
                "other": {},
            },
            {
                "id": "obstacles",
                "type": "multiple",
                "text": "Was hindert?",
                "items": [{"id": "money", "text": "Geld"}, {"id": "time", "text": "Zeit"}],
            },
            {"id": "mood", "type": "scale", "text": "Wie sehr?", "scale": "agree"},
            {
                "id": "marks",
                "type": "matrix",
                "text": "Noten",
                "scale": "grades",
                "items": [{"id": "rooms", "text": "Räume"}, {"id": "food", "text": "Essen"}],
            },
            {"id": "days", "type": "number", "text": "Tage?"},
            {"id": "when", "type": "date", "text": "Wann?"},
            {"id": "note", "type": "text", "text": "Notiz"},
            {
                "id": "order",
                "type": "ranking",
                "text": "Reihenfolge",
                "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
            },
            {"id": "last", "type": "text", "text": "Noch etwas?"},
        ],
    }
)
ANSWERS: dict[str, Any] = {
    "stage": "running",
    "obstacles_money": True,
    "obstacles_time": False,
    "mood": "high",
    "marks_rooms": "2",
    "days": 3.0,
    "note": "5",
    "order_a": 2,
}
FACTS: dict[str, Any] = {"audience": "towns", "population": 20000.0, "language": "de"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("stage = running", True),
        ("stage != running", False),
        ("stage in (planned, running)", True),
        ("stage", False),  # a single choice is never ticked
        ("answered(stage)", True),
        ("obstacles.money", True),
        ("obstacles.time", False),
        ("obstacles", True),
        ("obstacles.money = 1", True),
        ("obstacles.time = 0", True),
        ("obstacles.money = yes", False),
        ("answered(obstacles.time)", False),
        ("count(obstacles) = 1", True),
        ("count(obstacles) > 1", False),
        ("mood >= 3", True),  # what the point counts
        ("mood = 3", True),  # no point is called 3
        ("mood = high", True),
        ("marks.rooms = 2", True),  # the point called 2
        ("marks.rooms < 3", True),
        ("marks.food = 1", False),
        ("marks.food != 1", True),
        ("marks = 2", False),  # a matrix as a whole has no value
        ("marks != 2", True),
        ("answered(marks)", True),
        ("count(marks) = 1", True),
        ("days >= 3 and days < 4", True),
        ("days = three", False),
        ("answered(when)", False),
        ("note = 5", False),  # a text is no number
        ('note = "5"', True),
        ("order.a = 2", True),
        ("order.b >= 1", False),
        ("count(order) = 1", True),
        ("@population >= 20000", True),
        ("@audience = towns", True),
        ("@region = Stuttgart", False),
        ("@region != Stuttgart", True),
        ("true", True),
        ("false", False),
        ("not (stage = running and days > 5)", True),
        ("stage = planned or days = 3", True),
    ],
)
def test_a_condition_is_true_or_false(condition: str, expected: bool) -> None:  # noqa: FBT001 -- a parameter
    assert holds(parse(condition), ASKED, ANSWERS, FACTS) is expected


def test_no_answer_makes_only_unequal_true() -> None:
    assert not holds(parse("mood = high"), ASKED, {}, {})
    assert holds(parse("mood != high"), ASKED, {}, {})
    assert not holds(parse("mood < 3"), ASKED, {}, {})
    assert holds(parse("count(obstacles) = 0"), ASKED, {}, {})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_respondent_and_all_see_the_same(data: st.DataObject) -> None:
    questionnaire = data.draw(questionnaires())
    values = data.draw(rows(questionnaire))
    known = data.draw(facts(values.height))
    whole = visibility(questionnaire, values, known)
    for row, (answers, about) in enumerate(zip(values.to_dicts(), known.to_dicts(), strict=True)):
        assert shown(questionnaire, answers, about) == whole.row(row, named=True)


def chain(**more: Any) -> Questionnaire:
    """Return three questions, each of which hangs on the one before."""
    yes = [{"id": "yes", "text": "ja"}, {"id": "no", "text": "nein"}]
    return Questionnaire.model_validate(
        {
            "sections": [
                {"id": "one", "title": "Teil 1"},
                {"id": "two", "title": "Teil 2", **more},
            ],
            "questions": [
                {"id": "a", "type": "single", "text": "Planen Sie?", "items": yes, "section": "one"},
                {
                    "id": "b",
                    "type": "single",
                    "text": "Läuft es?",
                    "items": yes,
                    "section": "one",
                    "show_if": "a = yes",
                },
                {"id": "c", "type": "text", "text": "Was?", "section": "two", "show_if": "b != yes"},
            ],
        }
    )


def table(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def unknown(height: int) -> pl.DataFrame:
    return pl.DataFrame({name: [None] * height for name in FACT_TYPES}, schema=FACT_TYPES)


def test_what_a_hidden_question_holds_counts_for_no_later_filter() -> None:
    values = table(a=["no", "yes"], b=["yes", "yes"], c=[None, None])
    seen = visibility(chain(), values, unknown(2))
    assert seen["b"].to_list() == [False, True]
    assert seen["c"].to_list() == [True, False]


def test_a_hidden_section_hides_its_questions() -> None:
    values = table(a=["no", "yes"], b=[None, None], c=[None, None])
    seen = visibility(chain(show_if="a = yes"), values, unknown(2))
    assert seen["c"].to_list() == [False, True]


def test_whoever_is_of_no_known_audience_is_shown_what_an_audience_is_asked() -> None:
    asked = Questionnaire.model_validate(
        {"questions": [{"id": "a", "type": "text", "text": "Was?", "audiences": ["towns"]}]}
    )
    known = unknown(3).with_columns(pl.Series("audience", [None, "towns", "districts"]))
    seen = visibility(asked, table(a=[None, None, None]), known)
    assert seen["a"].to_list() == [True, True, False]


def test_visibility_has_a_column_for_every_variable() -> None:
    seen = visibility(ASKED, pl.DataFrame([pl.Series(v.name, [], pl.String) for v in variables(ASKED)]), unknown(0))
    assert seen.columns == [v.name for v in variables(ASKED)]


def words(condition: str | None, **more: Any) -> str:
    """Return who sees a question with that filter, asked after all those of `ASKED`."""
    last = {"id": "end", "type": "text", "text": "Ende?", "show_if": condition, **more}
    asked = ASKED.model_dump(exclude_none=True)
    questionnaire = Questionnaire.model_validate(
        {
            **asked,
            "questions": [*asked["questions"], {name: value for name, value in last.items() if value is not None}],
        }
    )
    told = who_sees(questionnaire.question("end"), questionnaire, {"towns": Text("Städte und Gemeinden", "towns")})
    assert told.en
    return told.de


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "Alle."),
        ("stage = running", "Nur wer bei „Wie weit?“ mit „läuft“ geantwortet hat."),
        ("stage != running", "Nur wer bei „Wie weit?“ nicht mit „läuft“ geantwortet hat."),
        ("stage in (planned, running)", "Nur wer bei „Wie weit?“ mit „geplant“ oder „läuft“ geantwortet hat."),
        ("obstacles.money", "Nur wer bei „Was hindert?“ „Geld“ angekreuzt hat."),
        ("answered(note)", "Nur wer „Notiz“ beantwortet hat."),
        ("days >= 2.5", "Nur wer bei „Tage?“ einen Wert von mindestens 2,5 hat."),
        ("count(obstacles) > 1", "Nur wer bei „Was hindert?“ mehr als 1 Antworten gegeben hat."),
        ("@size_class = Kleinstadt", "Nur wer die Größenklasse „Kleinstadt“ hat."),
        ("@population >= 20000", "Nur wer eine Einwohnerzahl von mindestens 20000 hat."),
        (
            "obstacles.money and (days < 2 or stage = planned)",
            (
                "Nur wer bei „Was hindert?“ „Geld“ angekreuzt hat und (bei „Tage?“ einen Wert unter 2 hat oder bei "
                "„Wie weit?“ mit „geplant“ geantwortet hat)."
            ),
        ),
    ],
)
def test_who_sees_a_question_is_told_in_words(condition: str | None, expected: str) -> None:
    assert words(condition) == expected


def test_audiences_are_told_by_their_names() -> None:
    assert words(None, audiences=["towns"]) == "Nur wer zur Gruppe „Städte und Gemeinden“ gehört."


def test_who_was_shown_the_questions_referred_to_is_told_too() -> None:
    asked = chain(show_if="answered(a)")
    assert who_sees(asked.question("c"), asked).de == (
        "Nur wer „Planen Sie?“ beantwortet hat und bei „Läuft es?“ nicht mit „ja“ geantwortet hat. "
        "„Läuft es?“ sieht nur, wer bei „Planen Sie?“ mit „ja“ geantwortet hat."
    )


@settings(max_examples=60, deadline=None)
@given(questionnaires())
def test_every_question_can_be_told(questionnaire: Questionnaire) -> None:
    for question in questionnaire.questions:
        told = who_sees(question, questionnaire)
        assert told.de.endswith(".")
        assert str(told.en).endswith(".")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("stage = runing", "stage has no answer 'runing'."),
        ("stage != runing", "stage has no answer 'runing'."),
        ("stage in (running, stopped)", "stage has no answer 'stopped'."),
        ("stage", "stage has nothing to tick."),
        ("marks = 2", "marks has no single value."),
        ("days = three", "days is of another kind than 'three'."),
        ("note = 5", "note is of another kind than 5.0."),
        ("@region = 8", "@region is of another kind than 8.0."),
        ("mood > 3", "mood has no answer 3.0."),
    ],
)
def test_a_comparison_that_is_never_true_is_named(condition: str, said: str) -> None:
    asked = ASKED.model_dump(exclude_none=True)
    last = {"id": "end", "type": "text", "text": "Ende?", "show_if": f"answered(note) or not ({condition})"}
    found = filter_problems(Questionnaire.model_validate({**asked, "questions": [*asked["questions"], last]}))
    assert [(problem.place, problem.message.en) for problem in found] == [("end", said)]


def test_sensible_filters_have_no_problems() -> None:
    assert filter_problems(chain(show_if="a = yes and count(a) = 1")) == []
