"""Repairs are written down, refuse data they were not made for, and can be done again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answer_strategies import delivery, states
from test_survey_marks import ASKED, FRAMES

from passgenau.errors import InputError
from passgenau.survey import Responses, State
from passgenau.survey.combine import combine, usable
from passgenau.survey.marks import check_answers
from passgenau.survey.repairs import Repairs, accepted, apply_repairs, propose_repairs, read_repairs
from passgenau.survey.typed import type_answers

WHO: dict[str, Any] = {"decided_by": "Regionalverband", "why": "Rückruf am 3. Mai."}
ROLES = ("sheet", "organisation", "disposition")


def typed(**more: Any) -> Responses:
    columns: dict[str, list[str | None]] = {
        "sheet": ["1", "2", "3"],
        "organisation": ["8111000", "Böblingen", ""],
        "disposition": ["complete", "complete", "fertig"],
        "plans": ["vielleicht", "no", "yes"],
        "help_money": ["", "", "1"],
        "help_time": ["", "", ""],
        "days": ["1.200", "3", ""],
        "note": ["a", "b", "c"],
    }
    return type_answers(replace(delivery(columns, ROLES), **more), ASKED, FRAMES)


def repaired(*repairs: dict[str, Any], responses: Responses | None = None) -> Responses:
    found = Repairs.model_validate({"repairs": [{**WHO, **repair} for repair in repairs]})
    return apply_repairs(responses or typed(), found, FRAMES)


def test_a_value_is_set_and_what_hangs_on_it_follows() -> None:
    done = repaired({"do": "set", "sheets": ["1"], "variable": "plans", "expected": "vielleicht", "value": "yes"})
    assert done.values["plans"].to_list() == ["yes", "no", "yes"]
    assert states(typed(), "help_money") == [State.NOT_SHOWN, State.NOT_SHOWN, State.ANSWERED]
    assert states(done, "help_money") == [State.EMPTY, State.NOT_SHOWN, State.ANSWERED]


def test_a_tick_that_is_set_answers_its_multiple_choice() -> None:
    done = repaired({"do": "set", "sheets": ["2"], "variable": "help_money", "expected": "", "value": "1"})
    assert (done.values["help_money"][1], done.values["help_time"][1]) == (True, False)


@pytest.mark.parametrize("spelling", ["codes", "labels"])
def test_values_are_spelled_as_in_files_of_passgenau_whatever_the_delivery_does(spelling: Any) -> None:
    responses = typed(ticked=("ja",), unticked=("nein",), spelling=spelling, escaped=True)
    done = repaired(
        {"do": "set", "sheets": ["2"], "variable": "help_time", "expected": "", "value": "1"},
        {"do": "set", "sheets": ["2"], "variable": "plans", "expected": "no", "value": ".r"},
        {"do": "set", "sheets": ["2"], "variable": "note", "expected": "b", "value": "'.r"},
        {"do": "set", "sheets": ["3"], "variable": "days", "expected": "", "value": "7"},
        responses=responses,
    )
    assert done.values["help_time"][1] is True
    assert states(done, "plans")[1] == State.REFUSED
    assert done.values["note"][1] == ".r"
    assert done.values["days"][2] == 7.0


def test_a_text_is_recoded_in_every_sheet() -> None:
    done = repaired({"do": "recode", "variable": "plans", "expected": "vielleicht", "value": "other"})
    assert done.values["plans"].to_list() == ["other", "no", "yes"]
    assert done.steps[-1].action == "recoded"
    assert done.steps[-1].values == 1


def test_organisations_are_assigned_and_dispositions_set() -> None:
    done = repaired(
        {"do": "assign", "sheets": ["2"], "expected": "Böblingen", "organisation": "08115003"},
        {"do": "disposition", "sheets": ["3"], "expected": "fertig", "disposition": "partial"},
    )
    assert done.sheets["organisation"].to_list() == ["8111000", "08115003", None]
    assert done.sheets["disposition"].to_list() == ["complete", "complete", "partial"]


def test_an_excluded_sheet_stays_but_is_not_analysed() -> None:
    done = repaired({"do": "exclude", "sheets": ["2"], "expected": "complete"})
    assert len(done) == 3
    assert usable(done).to_list() == [True, False, False]
    assert combine(done).sheets == 1


def test_an_accepted_mark_goes_and_the_others_stay() -> None:
    found = Repairs.model_validate(
        {"repairs": [{**WHO, "do": "accept", "sheets": ["1"], "check": "outside_codebook", "variable": "days"}]}
    )
    left = accepted(check_answers(typed()), found)
    assert [m.variable for m in left if m.check == "outside_codebook"] == ["plans"]


def test_steps_say_what_why_and_who_and_the_delivery_stays() -> None:
    before = typed()
    done = repaired({"do": "set", "sheets": ["2"], "variable": "days", "expected": "3", "value": "4"}, responses=before)
    step = done.steps[-1]
    assert (step.action, step.sheets, step.by, step.values) == ("repaired", ("2",), "Regionalverband", 1)
    assert step.what.de == "days: '3' → '4' – Rückruf am 3. Mai."
    assert done.delivered is before.delivered


def test_repairs_done_twice_are_done_once() -> None:
    repair = {"do": "set", "sheets": ["2"], "variable": "days", "expected": "3", "value": "4"}
    once = repaired(repair)
    twice = repaired(repair, responses=once)
    assert twice.values.equals(once.values)
    assert twice.states.equals(once.states)
    assert twice.steps == once.steps


@pytest.mark.parametrize(
    ("repair", "said"),
    [
        ({"do": "set", "sheets": ["2"], "variable": "days", "expected": "9", "value": "4"}, "holds '3', not '9'"),
        ({"do": "set", "sheets": ["7"], "variable": "days", "expected": "3", "value": "4"}, "no sheet '7'"),
        ({"do": "set", "sheets": ["2"], "variable": "dais", "expected": "3", "value": "4"}, "no column 'dais'"),
        ({"do": "set", "sheets": ["2"], "variable": "days", "expected": "3", "value": "vier"}, "'vier' does not fit"),
        ({"do": "recode", "variable": "plans", "expected": "nie", "value": "no"}, "delivered nowhere"),
        ({"do": "assign", "sheets": ["1"], "expected": "x", "organisation": "y"}, "holds '8111000'"),
        ({"do": "exclude", "sheets": ["3"], "expected": "complete"}, "holds 'fertig'"),
    ],
)
def test_a_repair_made_for_other_data_is_refused(repair: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        repaired(repair)
    problem = caught.value.problems[0]
    assert said in problem.message.into("en")
    assert (problem.file, str(problem.field).split(".")[0]) == ("repairs.yaml", "repairs[1]")


def test_combined_sheets_are_not_repaired() -> None:
    combined = combine(repaired({"do": "exclude", "sheets": ["2"], "expected": "complete"})).responses
    with pytest.raises(InputError, match="combined already"):
        repaired({"do": "set", "sheets": ["1"], "variable": "days", "expected": "3", "value": "4"}, responses=combined)


def test_a_file_of_repairs_is_read_and_contradictions_are_named(tmp_path: Path) -> None:
    assert read_repairs(tmp_path / "repairs.yaml") == Repairs()
    path = tmp_path / "repairs.yaml"
    entry = '- {do: set, sheets: ["2"], variable: days, expected: "3", value: "4", decided_by: Amt, why: Anruf}\n'
    path.write_text(f"repairs:\n{entry}", encoding="utf-8")
    assert len(read_repairs(path).repairs) == 1
    path.write_text(f"repairs:\n{entry}{entry}", encoding="utf-8")
    with pytest.raises(InputError, match="Entry 1 repairs the same place already") as caught:
        read_repairs(path)
    assert caught.value.problems[0].line == 3


def test_keys_without_their_zero_and_names_are_proposed_to_be_assigned() -> None:
    proposed = propose_repairs(typed(), FRAMES)
    done = apply_repairs(typed(), proposed, FRAMES)
    assert done.sheets["organisation"].to_list() == ["08111000", "08115003", None]
    assert all(repair.assumed for repair in proposed.repairs)
