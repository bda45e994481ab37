"""`passgenau code`: from open answers to codes that two people agree on."""

import csv
import json
from pathlib import Path

import pytest

from passgenau.cli import main

FRAME = """
variables: [wishes]
codes:
  - {id: care, label: {de: Pflege, en: care}, words: [Pflege*]}
  - {id: funding, label: {de: Förderung, en: funding}, words: [Förder*]}
"""
ANSWERS = "sheet,wishes\n1,Pflege und Fördergeld\n2,keine Pflege\n3,Tel. 0711 123456\n4,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "coding.yaml").write_text(FRAME, encoding="utf-8")
    (tmp_path / "responses.csv").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "questionnaire.yaml").write_text(
        "questions:\n  - {id: wishes, type: text, text: Wünsche?}\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


CALL = ["code", "questionnaire.yaml", "responses.csv", "--frame", "coding.yaml", "--lang", "en"]


def ticked(path: Path, name: str, codes: dict[str, str]) -> str:
    """Fill in the sheet as a coder does."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(dict.fromkeys(codes.get(row["sheet"], "").split(), "x"))
    filled = path.parent / name
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(filled)


@pytest.mark.usefixtures("folder")
def test_rules_code_what_they_can_and_leave_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CALL, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["answers"], told["coded"], told["coders"]) == (3, 1, {"rules": 1})
    assert [(left["sheet"], left["why"]) for left in told["left_to_people"]] == [
        ("2", "A negation stands near 'Pflege'."),
        ("3", "No rule fits."),
    ]
    assert [(step["sheets"], step["by"]) for step in told["steps"]] == [(["1"], "rules"), (["1"], "rules")]


def test_two_coders_are_compared_and_their_disagreements_decided(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*CALL, "--sheet-out", "sheets"]) == 0
    assert "somebody reads the answers" in capsys.readouterr().out
    sheet = folder / "sheets" / "coding-sheet.csv"
    assert "0711" not in sheet.read_text(encoding="utf-8")
    anna = ticked(sheet, "anna.csv", {"1": "care funding", "2": "other", "3": "uncodable"})
    ben = ticked(sheet, "ben.csv", {"1": "care funding", "2": "care", "3": "uncodable"})
    assert main([*CALL, "--coder", anna, "--coder", ben]) == 0
    told = capsys.readouterr().out
    assert "2, wishes: anna other; ben care" in told
    assert "care          3    50%    67%   0.40" in told
    chair = ticked(sheet, "chair.csv", {"2": "other"})
    assert main([*CALL, "--coder", anna, "--coder", ben, "--decided", chair, "--out", "codes"]) == 0
    assert (folder / "codes" / "codes.csv").read_text(encoding="utf-8").splitlines() == [
        "sheet,variable,care,funding,other,uncodable,by",
        '1,wishes,1,1,0,0,"anna, ben"',
        '3,wishes,0,0,0,1,"anna, ben"',
        "2,wishes,0,0,1,0,chair",
    ]


def test_a_sheet_of_other_answers_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "anna.csv").write_text("sheet,variable,care,funding,other,uncodable\n99,wishes,1,,,\n", encoding="utf-8")
    assert main([*CALL, "--coder", "anna.csv"]) == 2
    assert "Sheet '99' has no open answer under 'wishes'" in capsys.readouterr().err


def test_a_frame_of_another_questionnaire_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "coding.yaml").write_text(FRAME.replace("[wishes]", "[remarks]"), encoding="utf-8")
    assert main(CALL) == 2
    assert "There is no column 'remarks'" in capsys.readouterr().err


def test_places_of_the_study_are_masked_for_coders(folder: Path) -> None:
    (folder / "responses.csv").write_text(
        "sheet,wishes\n1,Bei uns in Ort drei macht das die Amtsleitung\n", encoding="utf-8"
    )
    (folder / "frame.csv").write_text(
        "key,name,type,district,population,lat,lon\n97001003,Ort drei,Gemeinde,97001,2000,48.0,9.0\n",
        encoding="utf-8",
    )
    (folder / "study.yaml").write_text(
        "title: T\nsubject: S\noffice: {name: O}\naudiences:\n"
        "  - {id: towns, name: Orte, short: Orte, frame: {file: frame.csv, tier: municipality}}\n",
        encoding="utf-8",
    )
    assert main([*CALL, "--sheet-out", "out"]) == 0
    with (folder / "out" / "coding-sheet.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["text"], row["flagged"]) == ("Bei uns in [Ort] macht das die Amtsleitung", "place")
