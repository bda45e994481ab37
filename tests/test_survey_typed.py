"""Delivered texts become typed values, each with the state that says why it is there or is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from answer_strategies import delivery, states
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires
from test_survey_answer_files import deliveries
from test_survey_marks import FRAMES

from passgenau.errors import InputError
from passgenau.survey import Questionnaire, Responses, State, variables
from passgenau.survey.typed import DTYPES, dates, number_text, numbers, type_answers, typed_value

ANSWERED, EMPTY, NOT_SHOWN, REFUSED, INVALID = State
ASKED = Questionnaire.model_validate(
    {
        "questions": [
            {
                "id": "stage",
                "type": "single",
                "text": "Wie weit?",
                "items": [
                    {"id": "planned", "text": {"de": "geplant", "en": "planned now"}, "code": "A1"},
                    {"id": "running", "text": {"de": "läuft", "en": "under way"}, "code": "2"},
                ],
                "other": {},
                "no_answer": {"text": {"de": "keine Angabe", "en": "no answer"}},
            },
            {
                "id": "help",
                "type": "multiple",
                "text": "Was hilft?",
                "items": [{"id": "money", "text": "Geld"}, {"id": "time", "text": "Zeit"}],
                "show_if": "stage = running",
            },
            {"id": "days", "type": "number", "text": "Tage?"},
            {"id": "exact", "type": "number", "text": "Genau?", "decimals": 3},
            {"id": "when", "type": "date", "text": "Wann?"},
            {
                "id": "order",
                "type": "ranking",
                "text": "Rang",
                "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
            },
            {"id": "big", "type": "text", "text": "Groß?", "show_if": "@population > 5000"},
            {"id": "town", "type": "text", "text": "Stadt?", "audiences": ["towns"]},
            {"id": "note", "type": "text", "text": "Notiz"},
        ]
    }
)


def typed(roles: tuple[str, ...] = (), more: dict[str, Any] | None = None, **columns: list[str | None]) -> Responses:
    return type_answers(replace(delivery(columns, roles), **(more or {})), ASKED, FRAMES)


@pytest.mark.parametrize(
    ("cell", "value", "state"),
    [
        ("A1", "planned", ANSWERED),
        ("planned", "planned", ANSWERED),
        ("2", "running", ANSWERED),
        ("2.0", "running", ANSWERED),  # as tables of numbers write codes
        (" läuft ", "running", ANSWERED),
        ("under way", "running", ANSWERED),
        ("-oth-", "other", ANSWERED),
        ("3", None, INVALID),
        ("-99", None, REFUSED),
        ("keine Angabe", None, REFUSED),
        ("no answer", None, REFUSED),
        (".r", None, REFUSED),
        (".n", None, NOT_SHOWN),
        ("", None, EMPTY),
        ("  ", None, EMPTY),
        (None, None, EMPTY),
    ],
)
def test_a_choice_is_known_by_code_id_or_label(cell: str | None, value: str | None, state: State) -> None:
    found = typed(stage=[cell])
    assert (found.values["stage"][0], states(found, "stage")) == (value, [state])


def test_the_files_spelling_comes_first_where_a_code_is_also_a_label() -> None:
    asked = Questionnaire.model_validate(
        {
            "questions": [
                {
                    "id": "q",
                    "type": "single",
                    "text": "?",
                    "items": [{"id": "a", "text": "2", "code": "1"}, {"id": "b", "text": "1", "code": "2"}],
                }
            ]
        }
    )
    given_ = delivery({"q": ["1"]})
    assert type_answers(given_, asked).values["q"][0] == "a"
    assert type_answers(replace(given_, spelling="labels"), asked).values["q"][0] == "b"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3.0),
        ("-2,5", -2.5),
        ("+2.50", 2.5),
        ("1e3", 1000.0),
        ("1200", 1200.0),
        ("0.125", 0.125),
        ("1.2340", 1.234),
        ("3.0000000000", 3.0),
        ("1.200", None),
        ("1,200", None),
        ("1.200,5", None),
        ("12 Tage", None),
        ("1e999", None),
        ("NaN", None),
        ("٣", None),
    ],
)
def test_a_number_is_unambiguous_or_none(text: str, value: float | None) -> None:
    assert numbers(pl.Series([text]))[0] == value


def test_three_decimals_are_no_thousands_where_three_are_asked_for() -> None:
    found = typed(days=["1.200"], exact=["1.200"])
    assert (found.values["days"][0], found.values["exact"][0]) == (None, 1.2)
    assert states(found, "days") == [INVALID]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_reads_back(number: float) -> None:
    assert numbers(pl.Series([number_text(number)]))[0] == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2018-05-03", dt.date(2018, 5, 3)),
        ("2018-05-03 12:11:09", dt.date(2018, 5, 3)),
        ("2018-05-03T12:11:09Z", dt.date(2018, 5, 3)),
        ("3.5.2018", dt.date(2018, 5, 3)),
        ("03.05.2018 12:11", dt.date(2018, 5, 3)),
        ("31.02.2018", None),
        ("05/03/2018", None),
        ("3.5.18", None),
    ],
)
def test_a_date_is_iso_or_german(text: str, value: dt.date | None) -> None:
    assert dates(pl.Series([text]))[0] == value


@pytest.mark.parametrize(
    ("money", "time", "values", "expected"),
    [
        ("1", "", (True, False), (ANSWERED, ANSWERED)),  # blank beside a tick is an answer
        ("Y", "N", (True, False), (ANSWERED, ANSWERED)),
        ("0", "0", (False, False), (ANSWERED, ANSWERED)),  # no, said outright
        ("0", "", (False, None), (ANSWERED, EMPTY)),
        ("", "", (None, None), (EMPTY, EMPTY)),
        ("1.0", "0.0", (True, False), (ANSWERED, ANSWERED)),
        ("Geld", "", (True, False), (ANSWERED, ANSWERED)),  # the answer itself as the tick
        ("7", "", (None, None), (INVALID, EMPTY)),
        (".r", "", (None, None), (REFUSED, REFUSED)),
        (".n", "1", (None, True), (NOT_SHOWN, ANSWERED)),
    ],
)
def test_a_multiple_choice_is_answered_by_a_tick(money: str, time: str, values: Any, expected: Any) -> None:
    found = typed(stage=["2"], help_money=[money], help_time=[time])
    assert found.values.select("help_money", "help_time").row(0) == values
    assert (*states(found, "help_money"), *states(found, "help_time")) == expected


def test_an_order_of_ranks_may_be_left_incomplete() -> None:
    found = typed(order_a=["1", "0", "1.5"], order_b=["", "2", "2.0"])
    assert found.values.select("order_a", "order_b").rows() == [(1, None), (None, 2), (None, 2)]
    assert states(found, "order_a") == [ANSWERED, INVALID, INVALID]
    assert states(found, "order_b") == [EMPTY, ANSWERED, ANSWERED]


def test_filters_decide_what_was_shown_where_the_format_cannot_tell() -> None:
    found = typed(stage=["A1", "2", ""], help_money=["", "", ""])
    assert states(found, "help_money") == [NOT_SHOWN, EMPTY, NOT_SHOWN]


def test_the_format_decides_where_it_can() -> None:
    told: dict[str, Any] = {"absent": "not_shown", "blank": "empty"}
    found = typed(more=told, stage=["2", "A1"], days=[None, ""], help_money=["", None])
    assert states(found, "days") == [NOT_SHOWN, EMPTY]
    assert states(found, "help_money") == [EMPTY, NOT_SHOWN]


def test_an_answer_against_a_filter_stays() -> None:
    found = typed(stage=["A1"], help_money=["1"])
    assert (found.values["help_money"][0], states(found, "help_money")) == (True, [ANSWERED])


def test_what_is_known_of_the_organisation_decides_too() -> None:
    found = typed(("organisation",), organisation=["08111000", "99999999", None], big=["", "", ""], town=["", "", ""])
    assert states(found, "big") == [EMPTY, NOT_SHOWN, NOT_SHOWN]
    assert states(found, "town") == [EMPTY, EMPTY, EMPTY]  # of no known audience: taken for one of all


def test_a_sheet_that_was_broken_off_ends_with_its_last_answer() -> None:
    found = typed(
        ("disposition",),
        disposition=["complete", "partial", "break_off", "refusal", None],
        stage=["", "", "", "", ""],
        days=["1", "1", "", "", ""],
        note=["", "", "", "", ""],
    )
    assert states(found, "stage") == [EMPTY, EMPTY, NOT_SHOWN, NOT_SHOWN, EMPTY]
    assert states(found, "note") == [EMPTY, NOT_SHOWN, NOT_SHOWN, NOT_SHOWN, EMPTY]


def test_sheets_keep_their_numbers_and_get_one_where_there_is_none() -> None:
    found = typed(("sheet",), sheet=["7", "7", "", "3", "7-2", None], days=["1"] * 6)
    assert found.sheets["sheet"].to_list() == ["7", "7-3", "3-2", "3", "7-2", "6"]
    assert typed(days=["1", "2"]).sheets["sheet"].to_list() == ["1", "2"]


def test_what_is_said_of_a_sheet_has_its_type() -> None:
    found = typed(
        ("disposition", "day", "seconds", "order", "language"),
        disposition=["finished", ""],
        day=["3.5.2018 10:00", "x"],
        seconds=["61,5", "0.125"],
        order=["2", "zwei"],
        language=["de", ""],
        days=["1", "1"],
    )
    assert found.sheets.select("disposition", "day", "seconds", "order", "language", "token").rows() == [
        ("unknown", dt.date(2018, 5, 3), 61.5, 2, "de", None),
        (None, None, 0.125, None, None, None),
    ]


def test_a_variable_without_a_column_is_marked_and_was_not_shown() -> None:
    found = typed(days=["1"])
    assert states(found, "note") == [NOT_SHOWN]
    assert ("column_missing", "note") in {(mark.check, mark.variable) for mark in found.marks}
    assert ("column_missing", "stage_other_text") not in {(mark.check, mark.variable) for mark in found.marks}


def test_a_delivery_that_names_a_column_it_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="no column 'tage'"):
        type_answers(replace(delivery({"days": ["1"]}), columns={"days": "tage"}), ASKED)


def test_the_step_counts_sheets_questions_and_values() -> None:
    (step,) = typed(stage=["A1", ""], days=["1", "x"]).steps
    assert (step.action, step.values) == ("typed", 2)
    assert step.what.en == "responses.csv: read 2 sheets with 9 questions (12 columns) by the questionnaire"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("stage", "planned", ("planned", ANSWERED)),
        ("stage", "nie", (None, INVALID)),
        ("days", "", (None, EMPTY)),
        ("note", "'.n", (".n", ANSWERED)),
        ("note", ".n", (None, NOT_SHOWN)),
        ("help_money", "1", (True, ANSWERED)),
    ],
)
def test_a_single_text_is_typed_alone(name: str, text: str, expected: tuple[object, State]) -> None:
    variable = next(v for v in variables(ASKED) if v.name == name)
    assert typed_value(variable, text, ASKED) == expected


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_value_is_there_exactly_where_it_was_answered(data: st.DataObject) -> None:
    questionnaire = data.draw(questionnaires())
    delivered = data.draw(deliveries(questionnaire))
    found = type_answers(delivered, questionnaire, FRAMES)
    assert found.delivered is delivered
    assert found.sheets["sheet"].n_unique() == len(found) == delivered.table.height
    for variable in found.variables:
        assert found.values.schema[variable.name] == DTYPES[variable.type]
        assert found.states[variable.name].is_in(list(State)).all()
        there = found.values[variable.name].is_not_null()
        assert there.equals((found.states[variable.name] == int(ANSWERED)).alias(there.name))
