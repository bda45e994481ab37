"""`passgenau convert` and `passgenau public-use` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from passgenau.cli import main

CSV = "Wo?;Themen_a;Themen_b;Tage\n" + "geplant;1;0;3\nläuft;0;1;40\n" * 5


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "antworten.csv"
    path.write_bytes(CSV.encode("cp1252"))
    return path


def test_json_says_what_was_read(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(table), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {key: found[key] for key in ("format", "questions", "items", "answers", "languages", "lost")} == {
        "format": "csv",
        "questions": 3,
        "items": 2,
        "answers": 10,
        "languages": ["de"],
        "lost": [],
    }
    assert any("Windows-1252" in sentence for sentence in found["guessed"])


def test_a_folder_receives_questionnaire_and_answers(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(table), str(tmp_path / "studie"), "--lang", "en"]) == 0
    assert sorted(path.name for path in (tmp_path / "studie").iterdir()) == ["questionnaire.yaml", "responses.csv"]
    assert "Read: csv, 3 questions, 2 items, 10 answer sheets; languages: de" in capsys.readouterr().out


def test_files_that_exist_are_kept_unless_forced(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "q.yaml"
    out.write_text("mine")
    assert main(["convert", str(table), str(out), "--lang", "en"]) == 2
    assert out.read_text() == "mine"
    assert "This file exists already" in capsys.readouterr().err
    assert main(["convert", str(table), str(out), "--force"]) == 0
    assert out.read_text().startswith("questions:")


def test_the_source_is_never_overwritten(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(table), str(table), "--force", "--lang", "en"]) == 2
    assert "it is not overwritten" in capsys.readouterr().err
    assert table.read_bytes() == CSV.encode("cp1252")


def test_an_unknown_ending_is_refused(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(table), str(tmp_path / "a.pdf"), "--lang", "en"]) == 2
    assert "Files that end in '.pdf' are not written" in capsys.readouterr().err


def test_bad_input_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n1,2,3\n4,5\n")
    assert main(["convert", str(path), "--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith("error: a.csv, line 3: 3 cells, but 2 columns.")


def test_fetching_needs_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "https://example.org/rc", "--survey", "1", "--lang", "en"]) == 2
    assert "--survey needs --user" in capsys.readouterr().err


def test_a_public_use_file_is_made_from_a_folder(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(table), str(tmp_path / "studie")]) == 0
    (tmp_path / "public_use.yaml").write_text(
        "title: Befragung\nlicence: {name: CC0}\nvariables: [{variable: Wo}, {variable: Themen}]\n"
        "quasi_identifiers: [Wo]\nk: 5\n"
    )
    capsys.readouterr()
    out = tmp_path / "puf"
    words = ["public-use", str(tmp_path / "studie"), "--spec", str(tmp_path / "public_use.yaml"), "--out", str(out)]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sheets"] == 10
    assert found["variables"] == ["Wo", "Themen_a", "Themen_b"]
    assert sorted(path.name for path in out.iterdir()) == [
        "LICENCE.txt",
        "changes.txt",
        "codebook.csv",
        "public_use.csv",
    ]


def test_a_folder_without_answers_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "public_use.yaml"
    spec.write_text("title: x\nlicence: {name: CC0}\nvariables: [{variable: a}]\n")
    assert main(["public-use", str(tmp_path), "--spec", str(spec), "--lang", "en"]) == 2
    assert "The study holds no answers" in capsys.readouterr().err
