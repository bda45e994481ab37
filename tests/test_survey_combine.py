"""Several sheets of an organisation become one by a stated rule; disagreement is shown."""

from __future__ import annotations

from typing import Any

import pytest
from answer_strategies import delivery, states
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires
from test_survey_answer_files import deliveries

from passgenau.errors import InputError
from passgenau.survey import Questionnaire, Responses, State
from passgenau.survey.combine import Combined, combine, usable
from passgenau.survey.typed import type_answers

ASKED = Questionnaire.model_validate(
    {
        "scales": {"grades": {"points": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}},
        "questions": [
            {
                "id": "stage",
                "type": "single",
                "text": "Wie weit?",
                "items": [{"id": "planned", "text": "geplant"}, {"id": "running", "text": "läuft"}],
            },
            {
                "id": "help",
                "type": "multiple",
                "text": "Was hilft?",
                "items": [{"id": "money", "text": "Geld"}, {"id": "time", "text": "Zeit"}],
            },
            {
                "id": "grade",
                "type": "matrix",
                "text": "Noten",
                "scale": "grades",
                "items": [{"id": "rooms", "text": "Räume"}, {"id": "food", "text": "Essen"}],
            },
            {"id": "days", "type": "number", "text": "Tage?"},
            {
                "id": "order",
                "type": "ranking",
                "text": "Rang",
                "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
            },
            {"id": "note", "type": "text", "text": "Notiz"},
        ],
    }
)
THREE: dict[str, list[str | None]] = {
    "organisation": ["k", "k", "k"],
    "stage": ["planned", "planned", "running"],
    "help_money": ["1", "", ""],
    "help_time": ["", "1", ""],
    "grade_rooms": ["1", "2", ""],
    "grade_food": ["3", "", "1"],
    "days": ["1", "4", ""],
    "order_a": ["1", "2", ""],
    "order_b": ["2", "", ""],
    "note": ["eins", "eins", "zwei"],
}


def typed(columns: dict[str, list[str | None]]) -> Responses:
    return type_answers(
        delivery(columns, tuple(r for r in ("sheet", "organisation", "disposition", "day", "order") if r in columns)),
        ASKED,
    )


def row(combined: Combined, index: int = 0) -> dict[str, Any]:
    return combined.responses.values.row(index, named=True)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("any", ("planned", True, True, "2", "1", 4.0, 2, None, "eins; zwei")),
        ("all", ("planned", False, False, "2", "1", 2.5, 2, None, "eins; zwei")),
        ("latest", ("running", False, True, "2", "1", 4.0, 2, None, "zwei")),
        ("most_complete", ("planned", True, False, "1", "3", 1.0, 1, 2, "eins")),
    ],
)
def test_a_rule_has_a_meaning_for_every_type(rule: Any, expected: tuple[Any, ...]) -> None:
    combined = combine(typed(THREE), rule)
    assert combined.responses.values.row(0) == expected
    assert (combined.organisations, combined.sheets, combined.repeated) == (1, 3, 1)


@pytest.mark.parametrize(
    ("question", "rule", "variable", "expected"),
    [
        ("help", "majority", "help_time", True),  # one says yes, one no: the latest of them
        ("help", "majority", "help_money", False),
        ("grade", "latest", "grade_rooms", "2"),
        ("days", "mean", "days", 2.5),
        ("days", "max", "days", 4.0),
        ("days", "most_complete", "days", 1.0),
        ("note", "joined", "note", "eins; zwei"),
        ("order", "most_complete", "order_b", 2),
    ],
)
def test_a_question_may_have_a_rule_of_its_own(question: str, rule: Any, variable: str, expected: Any) -> None:
    assert row(combine(typed(THREE), "latest", per_question={question: rule}))[variable] == expected


def test_the_latest_is_told_by_order_then_by_day_then_by_place() -> None:
    answers: dict[str, list[str | None]] = {"organisation": ["k", "k"], "stage": ["planned", "running"]}
    assert row(combine(typed(answers)))["stage"] == "running"
    assert row(combine(typed({**answers, "day": ["2018-05-02", "2018-05-01"]})))["stage"] == "planned"
    ordered = {**answers, "day": ["2018-05-02", "2018-05-01"], "order": ["1", "2"]}
    assert row(combine(typed(ordered)))["stage"] == "running"


def test_disagreement_is_listed_with_what_became_of_it() -> None:
    found = combine(typed({"sheet": ["1", "2", "3"], **THREE}), "any").disagreements
    told = {r["variable"]: (r["sheets"], r["values"], r["chosen"]) for r in found.to_dicts()}
    assert told["stage"] == (["1", "2", "3"], ["planned", "planned", "running"], "planned")
    assert told["help_money"] == (["1", "2"], ["1", "0"], "1")
    assert set(told) == {"stage", "help_money", "help_time", "grade_rooms", "grade_food", "days", "order_a"}
    assert found["organisation"].unique().to_list() == ["k"]


def test_sheets_without_an_organisation_stay_single() -> None:
    combined = combine(typed({"organisation": [None, "k", None, "k"], "stage": ["planned"] * 4}))
    assert combined.responses.sheets["organisation"].to_list() == [None, "k", None]
    assert (combined.organisations, combined.repeated) == (1, 1)


def test_only_usable_sheets_count() -> None:
    responses = typed(
        {
            "organisation": ["k", "k", "k", "m", "n"],
            "disposition": ["complete", "break_off", "partial", "refusal", None],
            "stage": ["planned", "running", "", "", ""],
        }
    )
    assert usable(responses).to_list() == [True, False, True, False, False]
    combined = combine(responses)
    assert combined.responses.sheets["organisation"].to_list() == ["k"]
    assert row(combined)["stage"] == "planned"


def test_what_nobody_answered_keeps_the_state_of_the_latest_that_was_shown_it() -> None:
    columns: dict[str, list[str | None]] = {"organisation": ["k"] * 3, "stage": [".r", "", ".n"], "days": [".n"] * 3}
    combined = combine(typed({**columns, "note": ["a", "b", "c"]}))
    assert states(combined.responses, "stage") == [State.EMPTY]
    assert states(combined.responses, "days") == [State.NOT_SHOWN]


def test_the_statement_names_rule_and_counts() -> None:
    assert combine(typed(THREE), "latest").statement.en == (
        "3 usable sheets of 1 organisations, 1 of them with several: for each question its latest filled-in sheet "
        "counts; 7 values differ between sheets of the same organisation"
    )


@pytest.mark.parametrize(
    ("rule", "per_question", "said"),
    [
        ("newest", {}, "no rule 'newest'"),
        ("any", {"stage": "any"}, "no rule 'any'"),
        ("any", {"order": "mean"}, "no rule 'mean'"),
        ("any", {"stags": "latest"}, "no question 'stags'"),
    ],
)
def test_a_rule_that_does_not_suit_is_refused(rule: Any, per_question: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        combine(typed(THREE), rule, per_question=per_question)


@settings(max_examples=12, deadline=None)
@given(st.data(), st.sampled_from(["any", "all", "latest", "most_complete"]))
def test_single_sheets_stay_as_they_are(data: st.DataObject, rule: Any) -> None:
    questionnaire = data.draw(questionnaires())
    responses = type_answers(data.draw(deliveries(questionnaire)), questionnaire)
    kept = usable(responses)
    combined = combine(responses, rule)
    assert combined.responses.values.equals(responses.values.filter(kept))
    assert combined.responses.states.equals(responses.states.filter(kept))
    assert combined.disagreements.is_empty()
