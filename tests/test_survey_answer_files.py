"""A file of passgenau's own gives back what was written, and says what is wrong with a bad one."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answer_strategies import delivery, states, value_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires

from passgenau.errors import InputError
from passgenau.survey import Delivered, Questionnaire, Responses, State, Variable, variables
from passgenau.survey import answer_files as module
from passgenau.survey.answer_files import answer_table, read_answers, write_answers
from passgenau.survey.typed import number_text, type_answers
from passgenau.text import Text

ASKED = Questionnaire.model_validate(
    {
        "questions": [
            {
                "id": "stage",
                "type": "single",
                "text": "Wie weit?",
                "items": [{"id": "planned", "text": "geplant"}, {"id": "running", "text": "läuft"}],
            },
            {
                "id": "obstacles",
                "type": "multiple",
                "text": "Was hindert?",
                "items": [{"id": "money", "text": "Geld"}, {"id": "time", "text": "Zeit"}],
                "show_if": "stage = running",
            },
            {"id": "days", "type": "number", "text": "Tage?"},
            {"id": "note", "type": "text", "text": "Notiz"},
        ]
    }
)


def cell_of(variable: Variable) -> st.SearchStrategy[str | None]:
    """Return texts as files of all kinds may hold them for a variable."""
    return st.one_of(
        value_of(variable).map(_spelled),
        st.sampled_from([None, "", " ", ".n", ".r", "-99", "0", "1", "Y", "1.000", "1,5", "?", "'x", "15.3.2027"]),
    )


def _spelled(value: Any) -> str:
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bool):
        return str(int(value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


@st.composite
def deliveries(draw: st.DrawFn, questionnaire: Questionnaire) -> Delivered:
    """Draw answers as some format delivers them, some columns missing."""
    height = draw(st.integers(1, 4))
    found = [v for v in variables(questionnaire) if draw(st.integers(0, 9))]

    def column(cells: st.SearchStrategy[str | None]) -> list[str | None]:
        return draw(st.lists(cells, min_size=height, max_size=height))

    roles: dict[str, list[str | None]] = {
        "sheet.sheet": column(st.sampled_from(["1", "2", "7", None, "=x"])),
        "sheet.disposition": column(st.sampled_from(["complete", "partial", "break_off", None, "finished"])),
        "sheet.day": column(st.sampled_from([None, "2018-05-03", "3.5.2018 12:11", "bald"])),
    }
    table = {v.name: column(cell_of(v)) for v in found} | roles
    return replace(
        delivery(table),
        columns={v.name: v.name for v in found},
        roles={"sheet": "sheet.sheet", "disposition": "sheet.disposition", "day": "sheet.day"},
        absent=draw(st.sampled_from(["not_shown", "unknown"])),
        spelling=draw(st.sampled_from(["codes", "labels"])),
    )


def same(one: Responses, other: Responses) -> bool:
    return (
        one.values.equals(other.values)
        and one.states.equals(other.states)
        and one.sheets.equals(other.sheets)
        and one.synthetic == other.synthetic
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), ending=st.sampled_from(["csv", "parquet"]))
def test_typed_answers_come_back_from_a_file(
    data: st.DataObject, ending: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    questionnaire = data.draw(
        questionnaires(types=("single", "multiple", "matrix", "ranking", "number", "text", "date"))
    )
    typed = type_answers(data.draw(deliveries(questionnaire)), questionnaire)
    path = tmp_path_factory.mktemp("files") / f"responses.{ending}"
    path.write_bytes(write_answers(typed, ending))
    again = type_answers(read_answers(path, questionnaire), questionnaire)
    assert same(again, typed)
    assert write_answers(again, ending) == write_answers(typed, ending)


def read(tmp_path: Path, content: str | bytes, questionnaire: Questionnaire = ASKED) -> Delivered:
    path = tmp_path / "responses.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_answers(path, questionnaire)


def test_the_file_holds_ids_states_and_texts_that_no_spreadsheet_takes_for_formulas(tmp_path: Path) -> None:
    content = (
        "sheet,organisation,stage,obstacles_money,obstacles_time,days,note\n"
        '1,08111000,running,1,,"1,5",\'=1+1\n'
        "2,,planned,,,.r,a\n"
    )
    typed = type_answers(read(tmp_path, content), ASKED)
    assert write_answers(typed).decode() == (
        "sheet,organisation,stage,obstacles_money,obstacles_time,days,note\n"
        "1,08111000,running,1,0,1.5,'=1+1\n"
        "2,,planned,.n,.n,.r,a\n"
    )
    assert typed.values["note"].to_list() == ["=1+1", "a"]


def test_an_empty_cell_was_left_empty_where_the_file_tells_what_was_not_shown(tmp_path: Path) -> None:
    told = type_answers(read(tmp_path, "sheet,stage,obstacles_money,days\n1,planned,,\n2,planned,.n,3\n"), ASKED)
    assert states(told, "obstacles_money") == [State.EMPTY, State.NOT_SHOWN]
    untold = type_answers(read(tmp_path, "sheet,stage,obstacles_money,days\n1,planned,,\n2,planned,,3\n"), ASKED)
    assert states(untold, "obstacles_money") == [State.NOT_SHOWN, State.NOT_SHOWN]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfstage;days\r\nrunning;1,5\r\n",  # as a German spreadsheet writes it
        b"stage\tdays\nrunning\t1.5\n",
        b'"stage","days"\n"running","1,5"\n\n\n',
    ],
)
def test_files_of_spreadsheets_are_read(content: bytes, tmp_path: Path) -> None:
    typed = type_answers(read(tmp_path, content), ASKED)
    assert typed.values.select("stage", "days").rows() == [("running", 1.5)]


def test_made_up_answers_stay_called_so(tmp_path: Path) -> None:
    typed = replace(
        type_answers(delivery({"note": ["a", "b"]}), ASKED), synthetic=Text("Erfundene / Daten", "Made-up data")
    )
    again = type_answers(read(tmp_path, write_answers(typed)), ASKED)
    assert again.synthetic == Text("Erfundene / Daten", "Made-up data")


def test_a_variable_may_bear_the_name_of_a_role(tmp_path: Path) -> None:
    asked = Questionnaire.model_validate({"questions": [{"id": "language", "type": "text", "text": "Sprache?"}]})
    typed = type_answers(
        replace(
            delivery({"language": ["Latein"], "l": ["de"]}), columns={"language": "language"}, roles={"language": "l"}
        ),
        asked,
    )
    assert answer_table(typed).columns == ["sheet", "sheet.language", "language"]
    again = type_answers(read(tmp_path, write_answers(typed), asked), asked)
    assert (again.sheets["language"][0], again.values["language"][0]) == ("de", "Latein")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "empty"),
        (b"\n", 1, "empty"),
        (b"stage,stage\nrunning,running\n", 1, "more than once"),
        (b"stage,,\nrunning,,\n", 1, "no name"),
        (b"stage,days\nrunning,1\nrunning,1,5\n", 3, "3 cells, but 2 columns"),
        (b'stage,note\nrunning,"a\nb"\nrunning,a,b,c\n', 4, "4 cells, but 2 columns"),
        ("stage,note\nrunning,für\n".encode("cp1252"), 2, "Not UTF-8"),
        ("stage,note\nrunning,x\n".encode("utf-16"), 1, "UTF-8"),
        ("stage,note\nrunning,x\n".encode("utf-16-le"), 1, "UTF-8"),
        (b"stagr,nte\nrunning,x\n", 1, "No column belongs"),
        (b'stage,note\nrunning,"x\n', None, "CSV"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(content: bytes, line: int | None, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == ("responses.csv", line)
    assert said in problem.message.into("en")
    assert problem.hint is not None


def test_an_unknown_column_is_told_with_the_nearest_variable(tmp_path: Path) -> None:
    typed = type_answers(read(tmp_path, "stage,dyas,remark\nrunning,3,x\n"), ASKED)
    hints = {mark.variable: mark.hint.into("en") for mark in typed.marks if mark.check == "column_unknown"}
    assert hints["dyas"] == "Perhaps 'days' is meant."
    assert set(hints) == {"dyas", "remark"}


def test_a_file_beyond_the_bound_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    with path.open("wb") as file:
        file.truncate(module.MAX_BYTES + 1)  # a hole: takes no room
    with pytest.raises(InputError, match="more than is read here"):
        read_answers(path, ASKED)


def test_a_missing_or_broken_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_answers(tmp_path / "none.csv", ASKED)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(InputError, match="Not a valid Parquet"):
        read_answers(broken, ASKED)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200) | st.text("stagedays,;\n\"'.n1 \r", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "responses.csv"
    path.write_bytes(b"stage,days\n" + content)
    with contextlib.suppress(InputError):
        typed = type_answers(read_answers(path, ASKED), ASKED)
        assert typed.values.height == typed.sheets.height
