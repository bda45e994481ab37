"""`passgenau convert` and `passgenau public-use` on the command line."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
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


# --- into a study ------------------------------------------------------------------------------------------

ARCHIVE = Path(__file__).parent.parent / "examples" / "limesurvey" / "quartier.lsa"
INVENTED = Path(__file__).parent.parent / "examples" / "quartier2020-synthetisch"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "studie"
    folder.mkdir()
    for name in ("study.yaml", "questionnaire.yaml"):
        shutil.copy(INVENTED / name, folder)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_answers_from_limesurvey_go_into_a_study_whose_questionnaire_stays(study: Path) -> None:
    before = (study / "questionnaire.yaml").read_bytes()
    assert main(["convert", str(ARCHIVE), str(study)]) == 0
    assert (study / "questionnaire.yaml").read_bytes() == before
    found = rows(study / "responses.csv")
    usable = [row for row in rows(INVENTED / "responses.csv") if row["disposition"] in {"complete", "partial"}]
    told = [name for name in found[0] if name not in {"sheet", "disposition", "seconds"}]
    assert "organisation" in told
    assert [[row[name] for name in told] for row in found] == [[row[name] for name in told] for row in usable]


def test_the_numbers_are_those_of_the_file_and_not_of_the_study(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(ARCHIVE), str(study), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["answers"]) == (14, 111)
    assert [Path(path).name for path in found["written"]] == ["responses.csv"]


def test_answers_that_the_study_does_not_ask_for_are_refused_unless_forced(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = 'questions:\n  - {id: formats, type: text, text: "Wie?"}\n'
    (study / "questionnaire.yaml").write_text(asked, encoding="utf-8")
    assert main(["convert", str(ARCHIVE), str(study), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "field experience: What was answered is not asked here, or asked in another way: experience, exp" in said
    assert "--force replaces" in said
    assert sorted(path.name for path in study.iterdir()) == ["questionnaire.yaml", "study.yaml"]
    assert main(["convert", str(ARCHIVE), str(study), "--force"]) == 0
    assert "id: trainingfields" in (study / "questionnaire.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("08111000", "08111000"),
        ("Nr. 08126", "08126"),
        ("70173 Stuttgart, 08111000", "08111000"),  # the postcode is shorter than the key
        ("08 1 11 000", "08111000"),
        ("081110000000", "08111000"),  # Regionalschlüssel
        ("Stuttgart", "Stuttgart"),  # nobody says yet who was asked
    ],
)
def test_a_key_is_found_in_what_people_write_around_it(written: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"Nummer;Wer?;Wunsch\n1;{written};a\n2;{written};b\n", encoding="utf-8")
    call = ["convert", str(tmp_path / "a.csv"), str(tmp_path / "neu"), "--organisation", "Wer?"]
    assert main(call) == 0
    assert [row["organisation"] for row in rows(tmp_path / "neu" / "responses.csv")] == [key, key]


def test_names_of_organisations_that_were_asked_become_keys(study: Path, tmp_path: Path) -> None:
    asked = 'questions:\n  - {id: wunsch, type: text, text: "Wunsch?"}\n  - {id: ort, type: text, text: "Ort?"}\n'
    (study / "questionnaire.yaml").write_text(asked, encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "ort;wunsch\nAlfdorf;eins\nstadt  aalen, stadt;zwei\nAalen;drei\nAltdorf;vier\n", encoding="utf-8"
    )
    call = ["convert", str(study), "--answers", str(tmp_path / "a.csv"), str(study), "--organisation", "ort"]
    assert main(call) == 0
    found = [row["organisation"] for row in rows(study / "responses.csv")]
    assert found == ["08119001", "stadt  aalen, stadt", "08136088", "Altdorf"]  # there are two Altdorf


def test_a_list_of_invitations_tells_the_organisation_by_token(study: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Token;AGS\nsynthetic-00001;08111000\n", encoding="utf-8")
    call = ["convert", str(ARCHIVE), str(study), "--invitations", str(tmp_path / "list.csv")]
    assert main(call) == 0
    found = rows(study / "responses.csv")
    assert {row["organisation"] for row in found if row["token"] == "synthetic-00001"} == {"08111000"}  # noqa: S105 -- an invented invitation
    assert {row["organisation"] for row in found if row["token"] != "synthetic-00001"} == {""}  # noqa: S105 -- likewise


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("code;AGS\nx;08111000\n", "The column 'token' is missing"),
        ("token;AGS\nx;08111000\nx;08115003\n", "The token 'x' stands with two organisations"),
    ],
)
def test_a_list_of_invitations_that_is_none_is_refused(
    content: str, said: str, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.csv").write_text(content, encoding="utf-8")
    call = ["convert", str(ARCHIVE), str(study), "--invitations", str(tmp_path / "list.csv"), "--lang", "en"]
    assert main(call) == 2
    assert said in capsys.readouterr().err


def test_an_attribute_of_the_participants_tells_the_organisation(tmp_path: Path) -> None:
    listed = (
        '<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Tokens</LimeSurveyDocType>'
        "<DBVersion>640</DBVersion><tokens><fields><fieldname>token</fieldname><fieldname>attribute_1</fieldname>"
        "</fields><rows><row><token>synthetic-00001</token><attribute_1>08111000</attribute_1></row></rows></tokens>"
        "</document>"
    )
    shutil.copy(ARCHIVE, tmp_path / "a.lsa")
    with zipfile.ZipFile(tmp_path / "a.lsa", "a") as archive:
        archive.writestr("survey_100000_tokens.lst", listed)
    call = ["convert", str(tmp_path / "a.lsa"), str(tmp_path / "neu")]
    assert main([*call, "--organisation", "attribute_1"]) == 0
    found = rows(tmp_path / "neu" / "responses.csv")
    assert {row["organisation"] for row in found if row["token"] == "synthetic-00001"} == {"08111000"}  # noqa: S105 -- an invented invitation
    assert main([*call, "--organisation", "attribute_2", "--force"]) == 2


def test_a_column_that_does_not_exist_is_named(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(ARCHIVE), str(study), "--organisation", "agz", "--lang", "en"]) == 2
    assert "Neither a question nor a column is called 'agz'.\n  Perhaps 'ags' is meant." in capsys.readouterr().err


def test_a_folder_of_a_study_is_counted_with_its_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(INVENTED), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answers"] == len(rows(INVENTED / "responses.csv"))


def test_a_table_goes_into_a_study_as_answers_to_its_questionnaire(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("AGS;formats;Bemerkung\n08111000;online;x\n", encoding="utf-8")
    assert main(["convert", str(tmp_path / "a.csv"), str(study), "--lang", "en"]) == 0
    assert [(row["organisation"], row["formats"]) for row in rows(study / "responses.csv")] == [("08111000", "online")]
    assert "Bemerkung: column without a question." in capsys.readouterr().out


def test_answers_beside_a_study_may_come_from_limesurvey(tmp_path: Path) -> None:
    call = ["convert", str(INVENTED), str(tmp_path / "neu"), "--answers", str(ARCHIVE)]
    assert main(call) == 0
    assert (tmp_path / "neu" / "responses.csv").read_bytes().count(b"\n") == 112


def test_keys_without_their_leading_zero_get_it_back_and_mistyped_columns_are_named(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = rows(INVENTED / "responses.csv")
    sheets = [row for row in own if row["disposition"] == "complete"][:5]
    table = tmp_path / "excel.csv"
    with table.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["AGS", "experience", "tming"])
        writer.writerows([row["organisation"].lstrip("0"), row["experience"], row["timing"]] for row in sheets)
    assert main(["convert", str(table), str(study), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "5 keys got back their leading zero" in out
    assert "Perhaps 'timing' is meant." in out
    assert "question timing: question without a column" in out
    written = rows(study / "responses.csv")
    assert [row["organisation"] for row in written] == [row["organisation"] for row in sheets]
