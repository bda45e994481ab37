"""Tables without a codebook, with a plain one, and with passgenau's own."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires

from passgenau.errors import InputError
from passgenau.formats.codebook import read_codebook, write_codebook
from passgenau.formats.convert import match_answers
from passgenau.formats.guessing import guess
from passgenau.formats.labelled import split_labels
from passgenau.formats.spreadsheet import read_sheet
from passgenau.formats.table_writing import write_csv, write_xlsx
from passgenau.formats.tables import read_table
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import Delivered, Responses
from passgenau.survey.typed import type_answers

GERMAN = (
    "Lfd. Nr.;Gemeinde;Wo stehen Sie?;Themen [Wohnen];Themen [Pflege];Tage;Sitzung;E-Mail;Formate;Zufrieden\n"
    + "".join(
        f"{i};08{i:06d};{'geplant' if i % 2 else 'läuft'};{'x' if i % 3 else ''};{'x' if i % 2 else ''};{i},5;"
        f"{i:02d}.03.2024;a{i}@b.de;{'Online' if i % 2 else chr(34) + 'Online; Tagung' + chr(34)};{i % 5 + 1}\n"
        for i in range(1, 21)
    )
)


def workbook(rows: list[list[Any]], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Antworten"
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def types(questionnaire: Questionnaire | None) -> list[tuple[str, str]]:
    assert questionnaire is not None
    return [(str(q.text), q.type) for q in questionnaire.questions]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_german_excel_csv_is_read_and_guessed(encoding: str) -> None:
    found = guess(read_table(GERMAN.encode(encoding), "antworten.csv"))
    assert types(found.questionnaire) == [
        ("Wo stehen Sie?", "single"),
        ("Themen", "multiple"),
        ("Tage", "number"),
        ("Sitzung", "date"),
        ("Formate", "multiple"),
        ("Zufrieden", "scale"),
    ]
    assert found.answers is not None
    assert dict(found.answers.roles) == {"sheet": "Lfd. Nr.", "organisation": "Gemeinde"}
    assert [entry.where for entry in found.lost] == ["E-Mail"]
    assert any("Windows-1252" in text.de for text in found.guessed) == (encoding == "cp1252")


def test_guessed_answers_are_typed_as_they_stood() -> None:
    found = guess(read_table(GERMAN.encode("cp1252"), "antworten.csv"))
    assert found.answers is not None
    assert found.questionnaire is not None
    responses = type_answers(found.answers, found.questionnaire)
    assert responses.values.row(2) == ("geplant", False, True, 3.5, dt.date(2024, 3, 3), True, False, "4")
    assert not [mark for mark in responses.marks if mark.check != "column_unknown"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_any_separator_is_found(sign: str) -> None:
    table = read_table(f"a{sign}b{sign}c\n1{sign}2{sign}3\n".encode(), "t.csv")
    assert table.frame.rows() == [("1", "2", "3")]
    assert table.frame.columns == ["a", "b", "c"]


def test_the_separator_line_of_excel_is_followed() -> None:
    table = read_table(b"sep=;\r\na;b\r\n1,5;2\r\n", "t.csv")
    assert table.frame.rows() == [("1,5", "2")]
    assert table.first_line == 3


def test_two_rows_of_headings_with_merged_cells_are_joined() -> None:
    content = workbook(
        [["Themen", None, "Tage"], ["Wohnen", "Pflege", None], ["x", None, 3], [None, "x", 4]], ("A1:B1",)
    )
    table = read_table(content, "t.xlsx")
    assert table.frame.columns == ["Themen [Wohnen]", "Themen [Pflege]", "Tage"]
    assert table.first_line == 3
    assert types(guess(table).questionnaire) == [("Themen", "multiple"), ("Tage", "number")]


def test_merged_cells_among_answers_are_refused_by_name() -> None:
    content = workbook([["a", "b"], [1, 2], [None, 3]], ("A2:A3",))
    with pytest.raises(InputError, match=r"t\.xlsx, field A2:A3: Sheet 'Antworten'"):
        read_table(content, "t.xlsx")


def test_a_formula_without_result_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="cell B2: a formula without a computed result"):
        read_table(workbook([["a", "b"], [1, "=A2*2"]]), "t.xlsx")


def test_an_error_value_is_refused_by_name() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["a", "b"])
    page.append([1, 2])
    page["B2"].value = "#DIV/0!"
    page["B2"].data_type = "e"
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(InputError, match=r"cell B2: an error value stands here \(#DIV/0!\)"):
        read_table(buffer.getvalue(), "t.xlsx")


def test_a_forgotten_cell_far_away_is_refused_within_memory() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"] = "a"
    page["XFD1048576"] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(InputError, match="1048576 rows and 16384 columns"):
        read_table(buffer.getvalue(), "t.xlsx")


def test_titles_empty_and_doubled_columns() -> None:
    content = workbook([["Ergebnis 2024"], ["a", "a", None, "b"], [1, 2, None, 3]])
    table = read_table(content, "t.xlsx")
    assert table.frame.columns == ["a", "a (2)", "b"]
    assert len(table.guessed) == 3


def test_a_row_longer_than_its_header_is_named() -> None:
    with pytest.raises(InputError, match=r"t\.csv, line 3: 3 cells, but 2 columns"):
        read_table(b"a,b\n1,2\n1,2,3\n4,5\n", "t.csv")


def test_ten_thousand_columns_are_read_and_more_are_refused() -> None:
    wide = (",".join(f"v{i}" for i in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n").encode()
    assert read_table(wide, "t.csv").frame.shape == (1, 10_000)
    with pytest.raises(InputError, match="20001 columns"):
        read_table((",".join(f"v{i}" for i in range(20_001)) + "\n").encode(), "t.csv")


def test_split_labels_needs_a_common_beginning() -> None:
    assert split_labels(["Themen: Wohnen", "Themen: Pflege"]) == ("Themen", ("Wohnen", "Pflege"))
    assert split_labels(["Wohnen", "Pflege"]) == ("", ("Wohnen", "Pflege"))


# --- codebooks ----------------------------------------------------------------------------------------------


def test_a_plain_codebook_says_what_codes_mean() -> None:
    book = (
        "Variable;Frage;Wert;Wertelabel\nq1;Wo stehen Sie?;1;geplant\n;;2;läuft\n;;-99;keine Angabe\n"
        "q2;Wie viele Tage?;;\n"
    )
    known = read_codebook(book.encode(), "codebook.csv")
    assert isinstance(known, dict)
    found = guess(read_table(b"q1,q2\n1,3\n-99,4\n", "a.csv"), "csv", known)
    assert found.questionnaire is not None
    question = found.questionnaire.question("q1")
    assert [str(item.text) for item in question.items] == ["geplant", "läuft"]
    assert str(question.text) == "Wo stehen Sie?"
    assert question.no_answer is not None


def test_a_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputError, match="code '1' of 'q' stands twice"):
        read_codebook(b"variable,code,label\nq,1,a\nq,1,b\n", "codebook.csv")


@given(questionnaires())
@settings(max_examples=15, deadline=None)
def test_passgenaus_own_codebook_holds_a_whole_questionnaire(questionnaire: Questionnaire) -> None:
    assert read_codebook(write_codebook(questionnaire), "codebook.csv") == questionnaire


@given(st.sampled_from(["=1+1", "+x", "-y", "@z", "'q", "\t=1", "ok"]))
def test_labels_going_out_are_no_formulas_and_come_back(text: str) -> None:
    questionnaire = Questionnaire.model_validate({"questions": [{"id": "q", "type": "text", "text": {"de": text}}]})
    content = write_codebook(questionnaire)
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t"))
        for line in content.decode().splitlines()
        for cell in line.split(",")
    )
    assert read_codebook(content) == questionnaire


# --- writing --------------------------------------------------------------------------------------------------


def typed_example() -> Responses:
    questionnaire = Questionnaire.model_validate(
        {
            "questions": [
                {"id": "t", "type": "text", "text": "Was?"},
                {"id": "n", "type": "number", "text": "Wie viele?"},
            ]
        }
    )
    table = pl.DataFrame({"sheet": ["1", "2"], "t": ["=1+1", "-x"], "n": ["-3", ".n"]})
    return type_answers(Delivered(table, {"t": "t", "n": "n"}, {"sheet": "sheet"}), questionnaire)


def test_csv_going_out_holds_no_formula() -> None:
    exported = write_csv(typed_example(), name="a.csv")
    assert sorted(exported.files) == ["a-codebook.csv", "a.csv"]
    assert b"\n1,'=1+1,-3\n" in exported.files["a.csv"]


def test_xlsx_going_out_holds_texts_and_numbers_and_the_same_bytes() -> None:
    exported = write_xlsx(typed_example())
    assert exported.files == write_xlsx(typed_example()).files
    content = exported.files["answers.xlsx"]
    page = openpyxl.load_workbook(io.BytesIO(content))["answers"]
    assert [cell.data_type for cell in page[2]] == ["s", "s", "n"]
    found = match_answers(read_table(content, "a.xlsx"), typed_example().questionnaire)
    again = type_answers(found, typed_example().questionnaire)
    assert again.values.rows() == typed_example().values.rows()
    assert read_codebook(content, "a.xlsx", sheet="codebook") == typed_example().questionnaire


def test_the_sheet_wanted_must_exist() -> None:
    with pytest.raises(InputError, match="There is no sheet 'x'"):
        read_sheet(workbook([["a"], [1]]), "t.xlsx", "x")
