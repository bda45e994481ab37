"""Formats told apart, read and written under one roof; questionnaire.yaml written and read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from questionnaire_strategies import questionnaires

from passgenau.errors import InputError
from passgenau.formats.convert import FORMATS, count_options, read_any, sniff, study_files, summary, typed, write_any
from passgenau.formats.exchange import Imported
from passgenau.formats.spreadsheet import write_sheets
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.questionnaire_file import read_questionnaire, write_questionnaire

if TYPE_CHECKING:
    from collections.abc import Iterator

CSV = "Wo?;Themen_a;Themen_b;Tage\n" + "geplant;1;0;3\nläuft;0;1;40\n" * 5
YAML = """\
title: Befragung
scales:
  agree: {points: [{id: p1, text: ja}, {id: p2, text: nein}]}
questions:
  - {id: q, type: scale, scale: agree, text: Einverstanden?}
  - {id: s, type: single, text: Wo?, items: [{id: a, text: A}, {id: b, text: B}]}
  - {id: m, type: multiple, text: Was?, items: [{id: x, text: X}, {id: y, text: Y}]}
"""


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@given(questionnaires())
@settings(max_examples=25, deadline=None)
def test_a_questionnaire_written_as_yaml_reads_back_equal(questionnaire: Questionnaire) -> None:
    import tempfile  # noqa: PLC0415 -- a fixture would live across examples

    with tempfile.TemporaryDirectory() as folder:
        path = file(Path(folder), "questionnaire.yaml", write_questionnaire(questionnaire))
        assert read_questionnaire(path) == questionnaire


@pytest.mark.parametrize(
    "text", ["no", "1", "2024-01-01", "a: b", "# x", "- x", "a\nb", " null", "'", '"', "{x}", "é\u2028x", "\x85y"]
)
def test_words_that_yaml_would_take_for_something_else_are_quoted(text: str, tmp_path: Path) -> None:
    questionnaire = Questionnaire.model_validate({"questions": [{"id": "q", "type": "text", "text": {"no": text}}]})
    path = file(tmp_path, "questionnaire.yaml", write_questionnaire(questionnaire))
    assert read_questionnaire(path) == questionnaire


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.dat", b"$FL2@(#) SPSS", "spss"),
        ("a.xyz", b"<stata_dta><header>", "stata"),
        ("a.dta", b"\x72\x02\x01\x00", "stata"),
        ("a.csv", CSV.encode("utf-16"), "csv"),
        ("a.txt", b"a;b\n1;2\n", "csv"),
        ("a.txt", b"class\ttype/scale\tname\n", "limesurvey-txt"),
        ("a.lss", b'<?xml version="1.0"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>', "limesurvey-lss"),
        ("a.xml", b"<document><LimeSurveyDocType>Responses</LimeSurveyDocType>", "limesurvey-lsr"),
        ("a.xml", b'<codeBook xmlns="ddi:codebook:2_5">', "ddi"),
        ("a.csv", b'"survey",,,\n,"type","name","label:English (en)"\n,"text","q","What?"\n', "xlsform"),
        ("a.md", b"| survey |\n| | type | name | label |\n| | text | q | What? |\n", "xlsform"),
        ("a.csv", b"survey,name\n1,Ada\n", "csv"),
        ("a.json", b'{"pages": []}', "surveyjs"),
        ("a.yaml", b"questions: []", "passgenau"),
    ],
)
def test_content_tells_the_format(name: str, content: bytes, expected: str, tmp_path: Path) -> None:
    assert sniff(file(tmp_path, name, content)).name == expected


def test_a_form_of_one_sheet_is_told_by_its_headings(tmp_path: Path) -> None:
    rows: Iterator[list[str | float | None]] = iter([["type", "name", "label"], ["text", "q", "What?"]])
    assert sniff(file(tmp_path, "a.xlsx", write_sheets({"survey": rows}))).name == "xlsform"
    answers: Iterator[list[str | float | None]] = iter([["q", "r"], ["1", "2"]])
    assert sniff(file(tmp_path, "b.xlsx", write_sheets({"survey": answers}))).name == "xlsx"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"", b"<html><body/></html>"])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.bin"):
        sniff(file(tmp_path, "a.bin", content))


def test_the_summary_counts_as_survey_tools_do(tmp_path: Path) -> None:
    found = summary(read_any(file(tmp_path, "questionnaire.yaml", YAML)))
    assert {key: found[key] for key in ("questions", "items", "options", "answers", "languages")} == {
        "questions": 3,
        "items": 2,
        "options": 4,
        "answers": 0,
        "languages": ["de"],
    }


@pytest.mark.parametrize("name", ["a.sav", "a.dta", "a.xlsx"])
def test_a_table_goes_through_every_format_of_answers(name: str, tmp_path: Path) -> None:
    found = read_any(file(tmp_path, "in.csv", CSV))
    form = next(entry.name for entry in FORMATS.values() if Path(name).suffix in entry.endings)
    exported = write_any(found, form, name=name)
    again = read_any(file(tmp_path, name, exported.files[name]))
    assert summary(again)["answers"] == 10
    assert [q.type for q in again.questionnaire.questions] == ["single", "multiple", "number"]  # type: ignore[union-attr]
    assert typed(again).values.drop("Wo").rows() == typed(found).values.drop("Wo").rows()


def test_a_study_folder_reads_back_the_same_answers(tmp_path: Path) -> None:
    found = read_any(file(tmp_path, "in.csv", CSV))
    for name, content in study_files(found).files.items():
        file(tmp_path, name, content)
    again = read_any(tmp_path, tmp_path / "responses.csv")
    assert again.questionnaire == found.questionnaire
    assert typed(again).values.equals(typed(found).values)
    assert typed(again).states.equals(typed(found).states)


def test_a_format_that_takes_no_answers_says_so(tmp_path: Path) -> None:
    found = read_any(file(tmp_path, "in.csv", CSV))
    lost = write_any(found, "passgenau", name="q.yaml").lost
    assert [(entry.where, entry.what.en) for entry in lost] == [("answers", "10 answer sheets")]


def test_answers_to_an_edited_questionnaire_are_matched_by_code_and_wording(tmp_path: Path) -> None:
    path = file(tmp_path, "questionnaire.yaml", YAML.replace("id: s, type: single", "id: s, code: wo, type: single"))
    table = file(tmp_path, "in.csv", "WO;Einverstanden?;Was? [X]\na;p2;1\nb;p1;0\n")
    found = read_any(path, table)
    assert typed(found).values.select("s", "q", "m_x").rows() == [("a", "p2", True), ("b", "p1", False)]


def test_answers_of_something_else_are_refused(tmp_path: Path) -> None:
    path = file(tmp_path, "questionnaire.yaml", YAML)
    with pytest.raises(InputError, match=r"in\.csv, line 1: No column belongs to a question"):
        read_any(path, file(tmp_path, "in.csv", "x;y\n1;2\n"))


def test_formats_that_are_only_written_or_only_read_say_so(tmp_path: Path) -> None:
    path = file(tmp_path, "questionnaire.yaml", YAML)
    with pytest.raises(InputError, match="written, not read"):
        read_any(path, form="r")
    with pytest.raises(InputError, match="read, not written"):
        write_any(read_any(path), "limesurvey-lsg", name="a.lsg")
    with pytest.raises(InputError, match="There is no format 'word'"):
        read_any(path, form="word")


def test_every_ending_belongs_to_one_format() -> None:
    endings = [ending for entry in FORMATS.values() for ending in entry.endings]
    assert len(endings) == len(set(endings))


def test_options_are_what_one_chooses_from() -> None:
    assert count_options(Questionnaire.model_validate({"questions": [{"id": "t", "type": "text", "text": "x"}]})) == 0


def test_answers_alone_cannot_be_typed() -> None:
    with pytest.raises(InputError, match="answers alone"):
        typed(Imported("limesurvey-lsr", None))


@pytest.mark.parametrize(
    ("form", "name", "beside"), [("surveyjs", "u.json", "u-answers.json"), ("xlsform", "u.xlsx", "u-answers.csv")]
)
def test_answers_are_written_beside_the_questionnaire(form: str, name: str, beside: str, tmp_path: Path) -> None:
    found = read_any(file(tmp_path, "in.csv", CSV))
    for part, content in write_any(found, form, name=name).files.items():
        file(tmp_path, part, content)
    again = read_any(tmp_path / name, tmp_path / beside)
    assert typed(again).values.equals(typed(found).values)


@pytest.mark.parametrize("name", ["a.sav", "a.dta"])
def test_numbers_of_a_statistics_package_are_matched_by_their_labels(name: str, tmp_path: Path) -> None:
    path = file(tmp_path, "questionnaire.yaml", YAML)
    found = read_any(path, file(tmp_path, "in.csv", "q,s,m_x,m_y\np2,a,1,0\np1,b,0,1\n"))
    form = "spss" if name == "a.sav" else "stata"
    again = read_any(path, file(tmp_path, name, write_any(found, form, name=name).files[name]))
    assert typed(again).values.rows() == [("p2", "a", True, False), ("p1", "b", False, True)]
