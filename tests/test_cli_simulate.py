"""`passgenau simulate`: a folder that says what it is, and a design judged before fieldwork."""

import json
from pathlib import Path

import pytest

from passgenau.cli import main

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "quartier2020"
SYNTHETIC = ROOT / "examples" / "quartier2020-synthetisch"


def test_the_synthetic_example_is_made_by_the_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    call = ["simulate", str(EXAMPLE), "--seed", "2018", "--assumptions", str(SYNTHETIC / "simulation.yaml")]
    assert main([*call, "--out", str(out)]) == 0
    made = {path.name: path.read_bytes() for path in out.iterdir()}
    kept = {path.name: path.read_bytes() for path in SYNTHETIC.iterdir()}
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize(
    "name", [path.name for path in sorted(SYNTHETIC.iterdir()) if path.name != "registrations.csv"]
)
def test_every_file_says_that_it_is_synthetic(name: str) -> None:
    assert "Künstlich erzeugte Antworten" in (SYNTHETIC / name).read_text(encoding="utf-8")


def test_further_returns_stand_beside_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["simulate", str(EXAMPLE), "--repeats", "2", "--response-rate", "10", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [r["organisations"] for r in told["returns"]] == [4, 110]
    assert (out / "responses.csv").read_bytes() != (out / "responses-2.csv").read_bytes()
    assert json.loads((out / "truth-2.json").read_text(encoding="utf-8"))["seed"] == 2


def test_a_simulated_study_can_be_simulated_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["simulate", str(SYNTHETIC), "--seed", "3", "--response-rate", "15", "--out", str(out)]) == 0
    again = (out / "study.yaml").read_text(encoding="utf-8")
    assert again == (SYNTHETIC / "study.yaml").read_text(encoding="utf-8")
    assert not (out / "published.csv").exists()
    assert main(["check", str(out)]) == 0


def test_power_is_told_in_a_table_and_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["simulate", str(EXAMPLE), "--power", "--repeats", "20", "--lang", "de", "--out", str(tmp_path / "out")]
    assert main(call) == 0
    told = capsys.readouterr().out
    assert "Landkreise: Antworten 21 von 35" in told
    assert "Städte und Gemeinden: Antworten 79 von 1101" in told
    assert "Kein gefundener Unterschied heißt nicht: kein Unterschied." in told
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["power.csv", "power.json"]


def test_without_a_place_it_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(EXAMPLE), "--lang", "en"]) == 2
    assert "Where shall the answers go?" in capsys.readouterr().err


def test_a_wrong_assumption_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "simulation.yaml"
    path.write_text("common: 0.8\ntopic: 0.5\n", encoding="utf-8")
    assert main(["simulate", str(EXAMPLE), "--assumptions", str(path), "--out", str(tmp_path), "--lang", "en"]) == 2
    assert "simulation.yaml, line 2, field topic" in capsys.readouterr().err


def test_a_survey_without_answers_and_training_concept_can_be_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = EXAMPLE.parent / "folgebefragung"
    assert main(["simulate", str(planned), "--power", "--repeats", "5", "--lang", "en"]) == 0
    assert "if all are equally ready to answer" in capsys.readouterr().out
    out = tmp_path / "out"
    assert main(["simulate", str(planned), "--out", str(out)]) == 0
    assert {"questionnaire.yaml", "responses.csv", "study.yaml", "truth.json"} <= {path.name for path in out.iterdir()}


def test_a_study_of_which_the_survey_cannot_be_read_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.yaml").write_text("title: x\n", encoding="utf-8")
    assert main(["simulate", str(tmp_path), "--power", "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "error: questionnaire.yaml: This file is missing." in said
    assert "study.yaml" in said
