"""Answers written in another tool's format and read back: every value and every state that differs was announced."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from answer_strategies import rows
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires

from passgenau.formats.surveyjs import read_surveyjs_answers, write_surveyjs_answers
from passgenau.formats.table_writing import write_xlsx
from passgenau.formats.xlsform import read_xlsform_answers, write_xlsform_answers
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import Delivered, Responses
from passgenau.survey.typed import number_text, type_answers
from passgenau.survey.variables import variables


def _cell(value: Any, kind: str, missing: str) -> str:
    if value is None:
        return missing
    if isinstance(value, bool):
        return "1" if value else "0"
    text = number_text(value) if isinstance(value, float) else str(value)
    return f"'{text}" if kind == "text" else text


@st.composite
def responses(draw: st.DrawFn) -> Responses:
    """Draw any answers to any questionnaire; what is missing was left empty, not shown or refused."""
    questionnaire = draw(questionnaires(max_questions=3))
    found = variables(questionnaire)
    assume(found)
    values = draw(rows(questionnaire, 3))
    signs = st.sampled_from(["", ".n", ".r"])
    cells = {v.name: [_cell(value, v.type, draw(signs)) for value in values[v.name].to_list()] for v in found}
    table = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return type_answers(Delivered(table, {name: name for name in cells}, blank="empty", escaped=True), questionnaire)


def _different(before: Responses, after: Responses) -> set[str]:
    return {
        v.name
        for v in before.variables
        if not before.values[v.name].equals(after.values[v.name])
        or not before.states[v.name].equals(after.states[v.name])
    }


@pytest.mark.parametrize(
    ("write", "read"),
    [(write_surveyjs_answers, read_surveyjs_answers), (write_xlsform_answers, read_xlsform_answers)],
)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_what_comes_back_otherwise_was_announced(write: Any, read: Any, data: st.DataObject) -> None:
    before = data.draw(responses())
    exported = write(before)
    (content,) = exported.files.values()
    after = type_answers(read(content, "a", before.questionnaire), before.questionnaire)
    assert _different(before, after) == {entry.where for entry in exported.lost}


SIMPLE = Questionnaire.model_validate(
    {"questions": [{"id": "n", "type": "number", "decimals": 3, "text": "N"}, {"id": "t", "type": "text", "text": "T"}]}
)


def test_numbers_with_three_decimals_leave_no_doubt() -> None:
    table = pl.DataFrame({"n": ["1.2340", "-12.5000"], "t": ["a", "b"]})
    before = type_answers(Delivered(table, {"n": "n", "t": "t"}), SIMPLE)
    assert before.values["n"].to_list() == [1.234, -12.5]
    assert write_surveyjs_answers(before).lost == ()
    assert write_xlsform_answers(before).lost == ()


def test_a_text_longer_than_a_cell_is_announced() -> None:
    table = pl.DataFrame({"n": ["1"], "t": ["x" * 40_000]})
    before = type_answers(Delivered(table, {"n": "n", "t": "t"}), SIMPLE)
    assert [(entry.where, entry.what.en) for entry in write_xlsx(before).lost] == [("t", "the end of 1 long texts")]
