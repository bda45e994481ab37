"""Checks mark what does not fit; they change nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from answer_strategies import delivery
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires
from test_survey_answer_files import deliveries

from passgenau.frame import Frame, Unit
from passgenau.survey import Mark, Questionnaire, Responses
from passgenau.survey.marks import CHECKS, check_answers, checked, summary
from passgenau.survey.typed import type_answers
from passgenau.text import Text

YES_NO = [{"id": "yes", "text": "ja"}, {"id": "no", "text": "nein"}]
ASKED = Questionnaire.model_validate(
    {
        "scales": {"grades": {"points": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}},
        "questions": [
            {"id": "plans", "type": "single", "text": "Planen Sie?", "items": YES_NO, "other": {}, "required": True},
            {
                "id": "help",
                "type": "multiple",
                "text": "Was hilft?",
                "items": [
                    {"id": "money", "text": "Geld"},
                    {"id": "time", "text": "Zeit"},
                    {"id": "staff", "text": "Leute"},
                    {"id": "none", "text": "nichts", "exclusive": True},
                ],
                "min_answers": 2,
                "max_answers": 2,
                "show_if": "plans = yes",
            },
            {
                "id": "grade",
                "type": "matrix",
                "text": "Noten",
                "scale": "grades",
                "items": [{"id": f"r{i}", "text": f"Zeile {i}"} for i in range(5)],
            },
            {"id": "days", "type": "number", "text": "Tage?", "minimum": 0, "maximum": 10},
            {"id": "note", "type": "text", "text": "Notiz", "max_length": 5},
            {
                "id": "order",
                "type": "ranking",
                "text": "Rang",
                "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
            },
        ],
    }
)


def town(key: str, label: str) -> Unit:
    return Unit(
        key, label, label, "municipality", "Stadt", key[:2], key[:5], "Kreis", None, 9000, 1.0, 48.0, 9.0, None, 2, None
    )


FRAMES = {"towns": Frame("towns", (town("08111000", "Stuttgart"), town("08115003", "Böblingen")), ())}


def typed(roles: tuple[str, ...] = (), **columns: list[str | None]) -> Responses:
    return type_answers(delivery(columns, roles), ASKED)


def marked(check: str, roles: tuple[str, ...] = (), **columns: list[str | None]) -> list[tuple[Any, Any, Any]]:
    """Return (sheet, variable, value) of every mark of one check."""
    found = check_answers(typed(roles, **columns), FRAMES, today=dt.date(2026, 11, 23))
    return [(mark.sheet, mark.variable, mark.value) for mark in found if mark.check == check]


def hints(check: str, roles: tuple[str, ...] = (), **columns: list[str | None]) -> list[str]:
    return [m.hint.into("en") for m in check_answers(typed(roles, **columns), FRAMES) if m.check == check]


def test_a_number_or_invitation_that_came_before_is_marked() -> None:
    columns: dict[str, list[str | None]] = {"sheet": ["1", "1", "2"], "token": ["a", "b", "a"], "days": ["1", "2", "3"]}
    assert marked("doubled_sheet", ("sheet", "token"), **columns) == [("1-2", None, "1")]
    assert marked("doubled_token", ("sheet", "token"), **columns) == [("2", None, "a")]


def test_blank_numbers_and_invitations_are_no_doubles() -> None:
    columns: dict[str, list[str | None]] = {"sheet": ["", None], "token": ["", ""], "days": ["1", "2"]}
    assert marked("doubled_sheet", ("sheet", "token"), **columns) == []
    assert marked("doubled_token", ("sheet", "token"), **columns) == []


def test_an_organisation_in_no_population_is_marked_with_the_nearest() -> None:
    columns: dict[str, list[str | None]] = {
        "organisation": ["08111000", "08115004", "Stuttgart", "Böblingn", None],
        "days": ["1"] * 5,
    }
    found = marked("unknown_organisation", ("organisation",), **columns)
    assert found == [("2", None, "08115004"), ("3", None, "Stuttgart"), ("4", None, "Böblingn")]
    assert hints("unknown_organisation", ("organisation",), **columns) == [
        "Perhaps '08115003' is meant.",
        "Stuttgart has the key 08111000.",
        "Perhaps 'Böblingen' is meant.",
    ]


def test_a_key_that_lost_its_zero_is_known_as_such_and_stays_as_it_is() -> None:
    columns: dict[str, list[str | None]] = {"organisation": ["8111000"], "days": ["1"]}
    assert marked("lost_zero", ("organisation",), **columns) == [("1", None, "8111000")]
    assert marked("unknown_organisation", ("organisation",), **columns) == []
    assert typed(("organisation",), **columns).sheets["organisation"].to_list() == ["8111000"]


def test_words_that_are_no_disposition_and_days_that_are_none_are_marked() -> None:
    columns: dict[str, list[str | None]] = {
        "disposition": ["complete", "finished", ""],
        "day": ["2018-05-03", "31.2.2018", "2027-01-01"],
        "days": ["1", "1", "1"],
    }
    assert marked("unknown_disposition", ("disposition", "day"), **columns) == [("2", None, "finished")]
    assert marked("impossible_day", ("disposition", "day"), **columns) == [
        ("2", None, "31.2.2018"),
        ("3", None, "2027-01-01"),
    ]


@pytest.mark.parametrize(
    ("check", "columns", "expected"),
    [
        ("outside_codebook", {"plans": ["yes", "maybe", ""]}, [("2", "plans", "maybe")]),
        ("outside_codebook", {"days": ["1.200", "5 Tage"]}, [("1", "days", "1.200"), ("2", "days", "5 Tage")]),
        ("out_of_range", {"days": ["0", "10", "11", "-1"]}, [("3", "days", "11"), ("4", "days", "-1")]),
        ("too_many_decimals", {"days": ["2.0", "2,5"]}, [("2", "days", "2,5")]),
        ("too_long", {"note": ["fünf5", "sechs6"]}, [("2", "note", None)]),
        ("against_filter", {"plans": ["no", "yes"], "help_money": ["1", "1"]}, [("1", "help_money", "1")]),
        (
            "too_few_answers",
            {"plans": ["yes"] * 3, "help_money": ["1", "", ""], "help_none": ["", "1", ""]},
            [("1", "help_money", "1")],
        ),
        (
            "too_many_answers",
            {"plans": ["yes"], "help_money": ["1"], "help_time": ["1"], "help_staff": ["1"]},
            [("1", "help_money", "3")],
        ),
        (
            "exclusive_with_others",
            {"plans": ["yes", "yes"], "help_money": ["1", ""], "help_none": ["1", "1"]},
            [("1", "help_none", "1")],
        ),
        ("doubled_rank", {"order_a": ["1", "1"], "order_b": ["1", "2"]}, [("1", "order_a", None)]),
        (
            "other_without_text",
            {"plans": ["other", "other", "yes"], "plans_other_text": ["", "x", ""]},
            [("1", "plans_other_text", None)],
        ),
        (
            "text_without_other",
            {"plans": ["other", "yes"], "plans_other_text": ["x", "x"]},
            [("2", "plans_other_text", None)],
        ),
        (
            "straight_lining",
            {f"grade_r{i}": ["2", "2" if i else "1", "2" if i else ""] for i in range(5)},
            [("1", "grade_r0", "2")],
        ),
    ],
)
def test_a_value_that_does_not_fit_is_marked(check: str, columns: dict[str, Any], expected: list[Any]) -> None:
    assert marked(check, **columns) == expected


def test_a_complete_sheet_lacks_no_required_answer() -> None:
    columns: dict[str, list[str | None]] = {
        "disposition": ["complete", "partial", "complete"],
        "plans": ["", "", "yes"],
        "days": ["1", "1", "1"],
    }
    assert marked("required_empty", ("disposition",), **columns) == [("1", "plans", None)]


def test_a_complete_sheet_with_hardly_an_answer_is_marked() -> None:
    columns = {
        "disposition": ["complete", "complete"],
        "plans": ["", "yes"],
        "days": ["", "1"],
        "note": ["", ""],
    }
    assert marked("hardly_answered", ("disposition",), **columns) == [("1", None, None)]


def test_a_third_of_the_median_time_is_impossibly_fast() -> None:
    columns: dict[str, list[str | None]] = {"seconds": [*["60"] * 10, "19", "20"], "days": ["1"] * 12}
    assert marked("impossible_speed", ("seconds",), **columns) == [("11", None, "19")]
    few: dict[str, list[str | None]] = {"seconds": ["60", "1"], "days": ["1", "1"]}
    assert marked("impossible_speed", ("seconds",), **few) == []


def test_several_sheets_and_equal_sheets_of_one_organisation_are_marked() -> None:
    columns: dict[str, list[str | None]] = {
        "organisation": ["08111000", "08111000", "08115003"],
        "plans": ["yes", "yes", "yes"],
        "help_money": ["1", "1", "1"],
        **{f"grade_r{i}": [str(i % 3 + 1)] * 3 for i in range(5)},
        "days": ["3", "3", "3"],
        "order_a": ["1", "1", "2"],
        "order_b": ["2", "2", "1"],
    }
    roles = ("organisation",)
    assert marked("repeated_organisation", roles, **columns) == [("1", None, "08111000"), ("2", None, "08111000")]
    assert marked("suspected_duplicate", roles, **columns) == [("2", None, None)]


def test_marks_name_the_line_of_the_file() -> None:
    (mark,) = [m for m in check_answers(typed(days=["1", "99"])) if m.check == "out_of_range"]
    assert (mark.line, mark.value, mark.sheet) == (3, "99", "2")
    assert mark.message.into("en") == "The number lies outside of what is allowed (at least 0, at most 10)."


def test_very_many_marks_are_counted_rather_than_listed() -> None:
    found = [m for m in check_answers(typed(plans=["maybe"] * 1500)) if m.check == "outside_codebook"]
    assert len(found) == 1001
    assert found[-1].message.into("en") == "1500 places in all; the first 1000 are named singly."


def test_the_summary_counts_by_check() -> None:
    found = check_answers(typed(plans=["maybe", "x"], days=["11", "1"]))
    told = summary(found)
    assert (told["outside_codebook"], told["out_of_range"]) == (2, 1)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_checks_read_anything_and_change_nothing(data: st.DataObject) -> None:
    questionnaire = data.draw(questionnaires())
    responses = type_answers(data.draw(deliveries(questionnaire)), questionnaire)
    once = checked(responses, FRAMES)
    assert once.values.equals(responses.values)
    assert once.states.equals(responses.states)
    assert check_answers(once, FRAMES) == once.marks
    assert {mark.check for mark in once.marks} <= CHECKS | {"column_missing", "column_unknown"}


def test_marks_of_others_stay() -> None:
    responses = typed(note=["Herr K."])
    own = Mark("person_named", "1", "note", None, Text("Ein Name.", "A name."), Text("Schwärzen.", "Redact it."))
    assert own in check_answers(replace(responses, marks=(own,)))
