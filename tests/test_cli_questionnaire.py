"""`passgenau questionnaire`: documents, what is missing, and two waves."""

import csv
import io
import json
from pathlib import Path

import pytest

from passgenau.cli import main
from passgenau.cli.questionnaire_command import COMPARISON_FILES, FILES

EXAMPLES = Path(__file__).parent.parent / "examples"
NEXT, FIRST = str(EXAMPLES / "folgebefragung"), str(EXAMPLES / "quartier2020")


def test_it_writes_form_document_and_codebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questionnaire", FIRST, "--out", str(tmp_path / "out"), "--lang", "en"]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FILES)
    assert "13 questions" in capsys.readouterr().out


def test_it_writes_the_comparison_where_another_wave_is_named(tmp_path: Path) -> None:
    assert main(["questionnaire", NEXT, "--against", FIRST, "--out", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*FILES, *COMPARISON_FILES}
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "comparison.csv").read_text(encoding="utf-8"))))
    assert {row["status"] for row in rows if row["question"] == "frequency"} == {"dropped"}


def test_a_later_run_without_comparison_takes_the_old_one_away(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    main(["questionnaire", NEXT, "--against", FIRST, "--out", out])
    main(["questionnaire", NEXT, "--out", out])
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FILES)


def test_the_same_questionnaire_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main(["questionnaire", NEXT, "--against", FIRST, "--out", str(tmp_path / name)]) == 0
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_it_prints_what_is_missing_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questionnaire", FIRST, "--lang", "de"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Fassung 2018: 13 Fragen, 45 Variablen; Sprachen: de, en.\nNachbau, nicht zum Versand.")
    assert "Der Datenschutzhinweis fehlt." in out


def test_it_prints_the_comparison_with_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questionnaire", NEXT, "--against", FIRST, "--lang", "de"]) == 0
    out = capsys.readouterr().out
    assert "frequency " in out
    assert "  training_fields: Der frühere Fragebogen ist ein Nachbau; sein genauer Wortlaut ist nicht bekannt." in out
    assert "training_fields.health" in out
    assert "training_fields.care" not in out  # it says nothing that its question does not say


def test_it_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questionnaire", NEXT, "--against", FIRST, "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert (tree["questions"], tree["variables"], tree["languages"]) == (36, 128, ["de", "en"])
    assert {gap["kind"] for gap in tree["missing"]} == {"placeholder"}
    assert all(gap["line"] > 0 for gap in tree["missing"])
    care = next(each for each in tree["comparison"] if (each["question"], each["item"]) == ("training_fields", "care"))
    assert (care["status"], care["verdict"]) == ("kept", "with_care")
    assert {change["what"] for change in care["changes"]} == {"source", "wording", "options", "duty"}


def test_it_takes_a_file_as_well_as_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questionnaire", f"{FIRST}/questionnaire.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "2018"


def test_a_questionnaire_in_a_third_language_is_printed_in_it(tmp_path: Path) -> None:
    path = tmp_path / "fr.yaml"
    path.write_text(
        "languages: [fr]\ntitle: {fr: Besoins}\nversion: '1'\nprivacy: {fr: Nous}\n"
        "questions:\n  - {id: q, type: text, text: {fr: 'De quoi avez-vous besoin ?'}}\n",
        encoding="utf-8",
    )
    assert main(["questionnaire", str(path), "--lang", "fr", "--out", str(tmp_path / "out")]) == 0
    assert "De quoi avez-vous besoin ?" in (tmp_path / "out" / "codebook.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lang", "fr"], "The questionnaire does not exist in the language 'fr'."),
        (["--audience", "burgs"], "There is no audience 'burgs'."),
        (["--against", "nowhere"], "nowhere does not exist."),
    ],
)
def test_what_does_not_exist_is_named(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert main(["questionnaire", NEXT, *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "questionnaire.yaml"
    path.write_text("questions:\n  - {id: q, type: song, text: Was?}\n", encoding="utf-8")
    assert main(["questionnaire", str(tmp_path)]) == 2
    assert "error: questionnaire.yaml, line 2, field questions[1].type:" in capsys.readouterr().err
