"""The loading scripts give back the values and states that were written."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import polars as pl
import pytest

from passgenau.formats.scripts import write_python, write_r, write_scripts
from passgenau.formats.surveyjs import read_surveyjs_answers
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import Responses, State
from passgenau.survey.typed import type_answers

QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "title": 'Umfrage """ mit \\ Tücken',
        "questions": [
            {
                "id": "stand",
                "type": "single",
                "text": "Wie „weit“?",
                "no_answer": {},
                "items": [{"id": "plan", "text": "gleich"}, {"id": "kein", "text": "gleich"}],
            },
            {
                "id": "themen",
                "type": "multiple",
                "text": "Welche\nThemen?",
                "show_if": "stand = plan",
                "items": [{"id": "energie", "text": "Energie"}, {"id": "pflege", "text": "Pflege"}],
            },
            {"id": "tage", "type": "number", "text": "Tage", "decimals": 1},
            {"id": "wann", "type": "date", "text": "Wann?"},
            {
                "id": "rang",
                "type": "ranking",
                "text": "Rang",
                "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
            },
            {"id": "noch", "type": "text", "text": "Noch?"},
        ],
    }
)
RESULTS = [
    {"stand": "plan", "themen": ["energie"], "tage": 4.5, "wann": "2027-01-02", "rang": ["b", "a"], "noch": "=1+1"},
    {"stand": "-99", "noch": 'Ümläut, "so"\nund so'},
    {"stand": "kein", "tage": "viele", "noch": ".n"},
]


@pytest.fixture(scope="module")
def responses() -> Responses:
    delivered = read_surveyjs_answers(json.dumps(RESULTS).encode(), "a.json", QUESTIONNAIRE)
    return type_answers(delivered, QUESTIONNAIRE)


def test_the_python_script_loads_the_same_values_and_states(responses: Responses, tmp_path: Path) -> None:
    for name, content in write_python(responses).files.items():
        (tmp_path / name).write_bytes(content)
    loaded = runpy.run_path(str(tmp_path / "load.py"))
    values = loaded["answers"].select(responses.values.columns).with_columns(pl.col(pl.Enum).cast(pl.String))
    assert values.equals(responses.values)
    states = [[State[state.upper()].value for state in row] for row in loaded["states"].rows()]
    assert states == [list(row) for row in responses.states.rows()]
    assert loaded["labelled"]("stand").to_list() == ["gleich", None, "gleich (kein)"]
    assert loaded["MULTIPLE"] == {"themen": ["themen_energie", "themen_pflege"]}


def test_the_r_script_names_every_variable_once_with_balanced_quotes_and_brackets(responses: Responses) -> None:
    script = write_r(responses).files["load.R"].decode()
    calls = [line for line in script.splitlines() if line.startswith("add_variable(")]
    assert len(calls) == len(responses.variables)
    for call in calls:
        bare = call.replace("\\\\", "").replace('\\"', "")
        assert bare.count('"') % 2 == 0
        assert bare.endswith(")")
    assert '"themen" = c("themen_energie", "themen_pflege")' in script


def test_a_questionnaire_alone_gives_scripts_without_data() -> None:
    assert sorted(write_scripts(QUESTIONNAIRE).files) == ["load.R", "load.py"]


def test_answers_come_with_the_scripts_under_the_name_they_expect(responses: Responses) -> None:
    exported = write_scripts(responses, "daten.csv")
    assert sorted(exported.files) == ["daten.csv", "load.R", "load.py"]
    assert b'data_file <- "daten.csv"' in exported.files["load.R"]
