"""SPSS and Stata: written and read back, and files as others write them."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.formats.exchange import Exported, Imported
from passgenau.formats.spss import read_spss, write_spss
from passgenau.formats.stata import read_stata, write_stata
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import Delivered, Responses, State
from passgenau.survey.typed import type_answers

Write: TypeAlias = Callable[[Responses], Exported]
Read: TypeAlias = Callable[[bytes, str], Imported]

QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "title": "Umfrage mit Ä",
        "languages": ["de", "en"],
        "scales": {
            "agree": {"points": [{"id": "1", "text": "ja"}, {"id": "2", "text": "teils"}, {"id": "3", "text": "nein"}]}
        },
        "questions": [
            {
                "id": "stage",
                "type": "single",
                "text": {"de": "Wo stehen Sie?", "en": "Where are you?"},
                "items": [{"id": "1", "text": "geplant"}, {"id": "2", "text": "läuft"}],
                "no_answer": {},
            },
            {
                "id": "topics",
                "type": "multiple",
                "text": "Themen",
                "items": [{"id": "a", "text": "Wohnen"}, {"id": "b", "text": "Pflege"}],
            },
            {
                "id": "m",
                "type": "matrix",
                "scale": "agree",
                "text": "Wie sehr?",
                "items": [{"id": "x", "text": "Eins"}, {"id": "y", "text": "Zwei"}],
            },
            {"id": "days", "type": "number", "text": "Tage", "decimals": 1, "no_answer": {}},
            {"id": "on", "type": "date", "text": "Wann?"},
            {"id": "more", "type": "text", "text": "Was noch?"},
        ],
    }
)


def answers(**columns: list[str]) -> Responses:
    table = pl.DataFrame(columns)
    names = {name: name for name in table.columns if name != "sheet"}
    return type_answers(Delivered(table, names, {"sheet": "sheet"}, blank="empty"), QUESTIONNAIRE)


def example() -> Responses:
    return answers(
        sheet=["1", "2", "3"],
        stage=["2", ".r", ".n"],
        topics_a=["1", "0", ".n"],
        topics_b=["0", "1", ".n"],
        m_x=["1", "3", ".n"],
        m_y=["2", "2", ".n"],
        days=["1.5", ".r", ".n"],
        on=["2020-01-02", "", ""],
        more=["häufig", "", "zuletzt"],
    )


FORMATS = [(write_spss, read_spss), (write_stata, read_stata)]


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_a_file_written_is_read_with_the_same_questions_and_types(write: Write, read: Read) -> None:
    (content,) = write(example()).files.values()
    questionnaire = read(content, "answers").questionnaire
    assert [(q.id, q.type, str(q.text)) for q in questionnaire.questions] == [
        ("stage", "single", "Wo stehen Sie?"),
        ("topics", "multiple", "Themen"),
        ("m", "matrix", "Wie sehr?"),
        ("days", "number", "Tage"),
        ("on", "date", "Wann?"),
        ("more", "text", "Was noch?"),
    ]
    assert [str(item.text) for item in questionnaire.question("topics").items] == ["Wohnen", "Pflege"]
    assert str(questionnaire.title) == "Umfrage mit Ä"


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_a_file_written_is_read_with_the_same_values_and_states(write: Write, read: Read) -> None:
    before = example()
    (content,) = write(before).files.values()
    found = read(content, "answers")
    after = type_answers(found.answers, found.questionnaire)
    assert after.values.rows() == before.values.rows()
    assert after.states.drop("on", "more").rows() == before.states.drop("on", "more").rows()
    assert after.sheets["sheet"].to_list() == ["1", "2", "3"]


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_the_bytes_carry_no_clock_time(write: Write, read: Read) -> None:
    (content,) = write(example()).files.values()
    assert b"1970" in content or b"Jan 70" in content
    assert read(content, "x").answers is not None


@pytest.mark.parametrize(("write", "_read"), FORMATS)
def test_what_the_format_cannot_hold_is_said(write: Write, _read: Read) -> None:
    lost = {(entry.where, entry.what.en) for entry in write(example()).lost}
    assert ("languages", "the texts in en") in lost


@pytest.mark.parametrize(("write", "_read"), FORMATS)
def test_a_text_that_was_not_shown_is_reported(write: Write, _read: Read) -> None:
    responses = answers(sheet=["1", "2"], stage=["1", "1"], more=["a", ".n"])
    assert "for 1 sheets, that the question was not shown or refused" in {
        entry.what.en for entry in write(responses).lost
    }


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "2", ".r", ".n", ""]),
            st.sampled_from(["1", "0", ".n"]),
            st.sampled_from(["", ".n", ".r", "0", "-3.5", "99", "-99", "1000000.5"]),
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=20),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_any_numbers_and_ticks_come_back(write: Write, read: Read, rows: list[tuple[str, ...]]) -> None:
    before = answers(
        sheet=[str(number) for number in range(len(rows))],
        stage=[row[0] for row in rows],
        topics_a=[row[1] for row in rows],
        days=[row[2] for row in rows],
        more=[f"t{row[3]}" for row in rows],
    )
    (content,) = write(before).files.values()
    found = read(content, "answers")
    after = type_answers(found.answers, QUESTIONNAIRE)
    for name in ("stage", "topics_a", "days"):
        assert after.values[name].to_list() == before.values[name].to_list()
        assert after.states[name].to_list() == before.states[name].to_list()
    assert after.values["more"].to_list() == before.values["more"].to_list()


# --- files of others ----------------------------------------------------------------------------------


def sav(tmp_path: Path, frame: dict[str, list], **options: Any) -> bytes:
    path = tmp_path / "x.sav"
    pyreadstat.write_sav(pd.DataFrame(frame), path, **options)
    return path.read_bytes()


def test_a_declared_range_of_missing_codes_is_read_by_its_labels(tmp_path: Path) -> None:
    content = sav(
        tmp_path,
        {"q": [1.0, 2.0, -97.0, -98.0, -99.0]},
        variable_value_labels={"q": {1: "ja", 2: "nein", -97: "weiß nicht", -98: "Filter", -99: "keine Angabe"}},
        missing_ranges={"q": [{"lo": -99, "hi": -97}]},
    )
    found = read_spss(content, "x.sav")
    question = found.questionnaire.question("q")
    assert [item.id for item in question.items] == ["1", "2", "m97"]
    states = type_answers(found.answers, found.questionnaire).states["q"].to_list()
    assert states == [State.ANSWERED, State.ANSWERED, State.ANSWERED, State.NOT_SHOWN, State.REFUSED]
    assert any("-97" in text.de for text in found.guessed)


def test_labelled_ends_with_bare_numbers_between_make_a_scale(tmp_path: Path) -> None:
    content = sav(tmp_path, {"q": [1.0, 3.0, 5.0, 2.0]}, variable_value_labels={"q": {1: "gar nicht", 5: "sehr"}})
    questionnaire = read_spss(content, "x.sav").questionnaire
    assert [(p.id, p.value) for p in questionnaire.scale("q").points] == [("1", 1), ("2", 2), ("3", 3), ("5", 5)]


def test_labels_on_a_count_are_reported(tmp_path: Path) -> None:
    content = sav(tmp_path, {"q": [0.0, 700.0, 1200.0]}, variable_value_labels={"q": {0: "keine"}})
    found = read_spss(content, "x.sav")
    assert found.questionnaire.question("q").type == "number"
    assert [entry.what.en for entry in found.lost] == ["value labels 0 = keine"]


def test_unrelated_yes_no_questions_with_generic_names_stay_apart(tmp_path: Path) -> None:
    labels = {1: "ja", 2: "nein"}
    content = sav(
        tmp_path,
        {"v1": [1.0, 2.0], "v2": [2.0, 2.0]},
        column_labels={"v1": "Haben Sie ein Konzept?", "v2": "Gibt es ein Budget?"},
        variable_value_labels={"v1": labels, "v2": labels},
    )
    assert [q.type for q in read_spss(content, "x.sav").questionnaire.questions] == ["single", "single"]


def test_very_long_texts_and_addresses(tmp_path: Path) -> None:
    content = sav(tmp_path, {"open": ["x" * 3000, ""], "email": ["a@b.de", "c@d.de"]})
    found = read_spss(content, "x.sav")
    assert found.answers.table["open"].str.len_chars().to_list() == [3000, 0]
    assert found.answers.table.columns == ["open"]
    assert [entry.where for entry in found.lost] == ["email"]


def test_a_set_of_categories_becomes_ticks(tmp_path: Path) -> None:
    content = sav(
        tmp_path,
        {"n1": [1.0, 2.0, None], "n2": [2.0, None, None]},
        variable_value_labels={"n1": {1: "Wohnen", 2: "Pflege"}, "n2": {1: "Wohnen", 2: "Pflege"}},
    )
    line = b"$topics=C 6 Themen n1 n2\n"
    record = struct.pack("<iiii", 7, 7, 1, len(line)) + line
    end = content.index(struct.pack("<ii", 999, 0))
    found = read_spss(content[:end] + record + content[end:], "x.sav")
    question = found.questionnaire.question("topics")
    assert (question.type, str(question.text), [str(i.text) for i in question.items]) == (
        "multiple",
        "Themen",
        ["Wohnen", "Pflege"],
    )
    assert type_answers(found.answers, found.questionnaire).values.rows() == [(True, True), (False, True), (None, None)]


def test_stata_letters_mean_what_their_labels_say(tmp_path: Path) -> None:
    path = tmp_path / "x.dta"
    pyreadstat.write_dta(
        pd.DataFrame({"q": pd.Series([1.0, "a", "b", "r", "n"], dtype=object)}),
        path,
        variable_value_labels={"q": {1: "ja", "a": "refused", "b": "not applicable"}},
        missing_user_values={"q": ["a", "b", "r", "n"]},
    )
    found = read_stata(path)
    assert type_answers(found.answers, found.questionnaire).states["q"].to_list() == [
        State.ANSWERED,
        State.REFUSED,
        State.NOT_SHOWN,
        State.REFUSED,
        State.NOT_SHOWN,
    ]


def test_names_that_a_tool_refuses_are_changed_and_said() -> None:
    questionnaire = Questionnaire.model_validate(
        {
            "questions": [
                {"id": "with", "type": "number", "text": "a"},
                {"id": "x-" + "y" * 50, "type": "number", "text": "b"},
            ]
        }
    )
    table = pl.DataFrame({"sheet": ["1"], "with": ["1"], "x-" + "y" * 50: ["2"]})
    names = {name: name for name in table.columns[1:]}
    responses = type_answers(Delivered(table, names, {"sheet": "sheet"}), questionnaire)
    for write, read, expected in (
        (write_spss, read_spss, ["sheet", "with_", "x_" + "y" * 50]),
        (write_stata, read_stata, ["sheet", "with_", "x_" + "y" * 25]),
    ):
        exported = write(responses)
        (content,) = exported.files.values()
        assert read(content, "x").answers.table.columns == expected
        assert {entry.where for entry in exported.lost} >= {"with", "x-" + "y" * 50}


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_a_questionnaire_without_answers_is_written_with_its_labels(write: Write, read: Read) -> None:
    empty = type_answers(Delivered(pl.DataFrame(), {}), QUESTIONNAIRE)
    (content,) = write(empty).files.values()
    found = read(content, "answers")
    assert found.answers is not None
    assert found.answers.table.height == 0


def test_labels_on_missing_codes_alone_leave_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"pay": [57000.0, 40200.0, 0.0], "days": [1.0, 2.0, 9.0]})
    labels = {"pay": {0: "missing"}, "days": {9: "missing"}}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels, missing_ranges={"pay": [0], "days": [9]})
    found = read_spss(path)
    assert [question.type for question in found.questionnaire.questions] == ["number", "number"]  # type: ignore[union-attr]
    assert type_answers(found.answers, found.questionnaire).values.rows() == [
        (57000.0, 1.0),
        (40200.0, 2.0),
        (None, None),
    ]
    assert "pay: 0 counts as missing in the file and is read as left empty." in [said.en for said in found.guessed]


def test_months_and_quarters_of_spss_are_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"since": [13500864000.0, None]}), path, variable_format={"since": "MOYR10"})
    found = read_spss(path)
    assert type_answers(found.answers, found.questionnaire).values["since"].to_list() == [dt.date(2010, 8, 11), None]


def test_many_long_names_with_labels_fit_into_stata() -> None:
    names = [f"{'long' * 8}{number:04}" for number in range(120)]
    items = [{"id": name, "text": "x"} for name in names]
    questionnaire = Questionnaire.model_validate(
        {"questions": [{"id": "q", "type": "multiple", "text": "?", "items": items}]}
    )
    columns = {f"q_{name}": f"q_{name}" for name in names}
    table = pl.DataFrame({"sheet": ["1", "2"]} | {column: ["1", "0"] for column in columns})
    responses = type_answers(Delivered(table, columns, {"sheet": "sheet"}), questionnaire)
    (content,) = write_stata(responses).files.values()
    answers = read_stata(content, "x").answers
    assert answers is not None
    assert len(set(answers.table.columns)) == 121
