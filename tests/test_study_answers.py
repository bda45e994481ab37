"""A study folder with answers: opened, checked, and run to its files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html as lxml_html

from passgenau.cli import main
from passgenau.errors import InputError, Problem
from passgenau.study import OUTPUTS, PROFILES, Study
from passgenau.study.outputs import FROM_ANSWERS

Spoil = Callable[[str, str, str], Path]

ANSWERS = """organisation,disposition,themen_thema-a,themen_thema-b,formen
99001001,complete,1,0,online
99001002,complete,1,1,praesenz
99001003,complete,0,1,-99
99001004,complete,1,0,online
99001005,complete,1,0,praesenz
99001006,partial,0,1,
99001006,complete,1,1,online
99001007,refusal,,,
"""
GIVEN = """
responses:
  file: responses.csv
  combine: any
"""


@pytest.fixture
def answered(study_folder: Path) -> Path:
    (study_folder / "published.yaml").unlink()
    (study_folder / "responses.csv").write_text(ANSWERS, encoding="utf-8")
    return write(study_folder, GIVEN)


def write(folder: Path, more: str) -> Path:
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return folder


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        Study.open(folder)
    return caught.value.problems


# --- opening -------------------------------------------------------------------------------------


def test_answers_take_the_place_of_published_results(answered: Path) -> None:
    study = Study.open(answered)
    assert study.published is None
    assert study.returns == {"gemeinden": 6}
    assert "published.yaml" not in study.digests
    assert "responses.csv" in study.digests


def test_published_results_beside_answers_are_read_and_not_counted(answered: Path, study_folder: Path) -> None:
    from passgenau.study import template  # noqa: PLC0415 -- only here

    (study_folder / "published.yaml").write_bytes(template()["published.yaml"])
    study = Study.open(answered)
    assert study.published is not None
    assert study.returns == {"gemeinden": 6}


def test_without_both_the_missing_file_is_named(study_folder: Path) -> None:
    (study_folder / "published.yaml").unlink()
    assert [problem.file for problem in problems(study_folder)] == ["published.yaml"]


def test_names_that_lead_nowhere_are_reported_at_once(answered: Path) -> None:
    write(answered, "  combine_by_question: {thema: any}\n  calibrate: [wettbewerb]\n")
    assert [problem.field for problem in problems(answered)] == [
        "responses.calibrate[1]",
        "responses.combine_by_question.thema",
    ]


def test_a_rule_that_does_not_suit_its_question_is_reported_in_study_yaml(answered: Path) -> None:
    write(answered, "  combine_by_question: {formen: any}\n")
    (problem,) = problems(answered)
    assert (problem.file, problem.field) == ("study.yaml", "responses.combine_by_question.formen")


def test_a_missing_file_of_answers_and_a_mistake_elsewhere_are_reported_together(answered: Path, spoil: Spoil) -> None:
    (answered / "responses.csv").unlink()
    spoil("venues.yaml", "seats: 24", "seats: viele")
    assert [problem.file for problem in problems(answered)] == ["venues.yaml", "responses.csv"]


def test_a_file_outside_the_folder_is_refused(answered: Path, spoil: Spoil) -> None:
    spoil("study.yaml", "\n  file: responses.csv", "\n  file: ../responses.csv")
    (problem,) = problems(answered)
    assert (problem.file, problem.field) == ("study.yaml", "responses.file")


def test_marks_are_summed_up_and_stop_nothing(answered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (answered / "responses.csv").write_text(ANSWERS + "99009999,complete,1,0,online\n", encoding="utf-8")
    assert main(["check", str(answered), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "9 sheets" in told
    assert "municipalities 6" in told
    assert "unknown_organisation" in told


def test_a_repair_is_made_before_anything_is_counted(answered: Path) -> None:
    write(answered, "  repairs: repairs.yaml\n")
    (answered / "repairs.yaml").write_text(
        "repairs:\n"
        '  - {do: assign, sheets: ["8"], expected: "99001007", organisation: "99001008", decided_by: A, why: B}\n'
        '  - {do: disposition, sheets: ["8"], expected: refusal, disposition: complete, decided_by: A, why: B}\n',
        encoding="utf-8",
    )
    study = Study.open(answered)
    assert study.returns == {"gemeinden": 7}
    assert "repairs.yaml" in study.digests


def test_a_file_of_repairs_that_is_named_must_be_there(answered: Path) -> None:
    write(answered, "  repairs: repairs.yaml\n")
    assert [problem.file for problem in problems(answered)] == ["repairs.yaml"]


def test_a_questionnaire_in_html_is_told_without_its_tags(answered: Path, spoil: Spoil) -> None:
    spoil("questionnaire.yaml", 'version: "1"', 'version: "1"\nmarkup: html')
    spoil("questionnaire.yaml", 'de: "Thema A"', 'de: "<p><b>Thema</b> A</p>"')
    study = Study.open(answered)
    assert study.questionnaire.question("themen").item("thema-a").text.into("de") == "Thema A"
    assert study.answers is not None
    assert study.answers.organisations.shares[0].text.de == "Thema A"


def test_trim_limits_lie_on_either_side_of_the_mean(answered: Path) -> None:
    write(answered, "  weights: {margins: [size_class], trim: [2, 3]}\n")
    (problem,) = problems(answered)
    assert problem.field == "responses.weights.trim"


# --- running -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from passgenau.study import template  # noqa: PLC0415 -- only here

    folder = tmp_path_factory.mktemp("answers")
    for name, content in template().items():
        if name != "published.yaml":
            (folder / name).write_bytes(content)
    rows = ANSWERS.splitlines()
    made_up = [f"{rows[0]},sheet.synthetic,sheet.synthetic_en", *(f"{row},Erfunden.,Made up." for row in rows[1:])]
    (folder / "responses.csv").write_text("\n".join(made_up) + "\n", encoding="utf-8")
    write(folder, GIVEN)
    assert main(["run", str(folder), "--out", str(folder / "out"), "--lang", "en"]) == 0
    return folder / "out"


def text_of(path: Path) -> str:
    return "".join(str(part) for part in lxml_html.fromstring(path.read_text(encoding="utf-8")).itertext())


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def test_every_file_is_written(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == {*OUTPUTS, *FROM_ANSWERS}


def test_numbers_carry_base_population_and_method_and_say_where_they_come_from(out: Path) -> None:
    rows = {row["source_id"]: row for row in read_csv(out / "estimates.csv")}
    row = rows["gemeinden.themen.thema-a"]
    # 5 of 6: the organisation with two sheets says yes on one of them, and any yes counts.
    assert (row["value"], row["base_units"], row["base_answers"], row["population"]) == ("0.833333", "6", "7", "8")
    assert (row["method"], row["origin"], row["weighted"], row["count_lower"]) == (
        "hypergeometric",
        "estimated",
        "false",
        "5",
    )


def test_keine_angabe_is_no_answer(out: Path) -> None:
    rows = {row["source_id"]: row for row in read_csv(out / "estimates.csv")}
    assert rows["gemeinden.formen.online"]["base_units"] == "5"
    assert sorted(name for name in rows if ".formen." in name) == [
        "gemeinden.formen.online",
        "gemeinden.formen.praesenz",
    ]


def test_wishes_are_estimated(out: Path) -> None:
    wishes = {row["topic"]: row for row in read_csv(out / "needs.csv") if row["source"] == "wish"}
    assert {topic: row["status"] for topic, row in wishes.items()} == {"thema-a": "estimated", "thema-b": "estimated"}


def test_made_up_answers_are_named_so_in_every_file(out: Path) -> None:
    for path in sorted(out.iterdir()):
        if path.suffix == ".csv":
            assert all(row["synthetic"] == "Made up." for row in read_csv(path)), path.name
        elif path.suffix == ".json":
            assert "Made up." in json.loads(path.read_bytes())["banner"], path.name
        elif path.suffix in {".html", ".ics"}:
            assert "Made up." in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("name", ["report.html", "municipalities.html"])
def test_no_word_of_print_stands_where_numbers_are_estimated(out: Path, name: str) -> None:
    text = text_of(out / name).lower()
    assert [word for word in ("printed", "the article", "as published", "no number published") if word in text] == []


def test_the_report_tells_who_answered_and_how_good_the_answers_are(out: Path) -> None:
    text = text_of(out / "report.html")
    for heading in (
        "Who answered",
        "Response by stratum",
        "How good the answers are",
        "Several sheets of one municipality",
    ):
        assert heading in text


def test_every_organisation_that_answered_has_a_confidential_page_and_no_other(out: Path) -> None:
    told = json.loads((out / "profiles.json").read_bytes())
    assert [profile["organisation"] for profile in told["profiles"]] == [f"9900100{n}" for n in range(1, 7)]
    assert told["confidential"].startswith("Confidential")
    page = (out / "profiles.html").read_text(encoding="utf-8")
    assert page.count("Confidential: for the organisation named") >= 6
    assert "Versuchsfelde" not in page


def test_groups_of_which_nothing_may_be_shown_take_no_column(out: Path) -> None:
    page = lxml_html.fromstring((out / "profiles.html").read_text(encoding="utf-8"))
    for table in page.xpath("//table[starts-with(@id, 'tab-answers-')]"):
        rows = [[cell.text_content() for cell in row.xpath("th|td")] for row in table.xpath("tbody/tr")]
        columns = list(zip(*rows, strict=True))[2:]
        assert columns
        assert all(set(column) != {"–"} for column in columns)
    assert "Not shown because too few answered" in text_of(out / "profiles.html")


def test_the_public_report_names_no_answer_of_an_organisation(out: Path) -> None:
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "Your answers" not in text
    assert not any(name in OUTPUTS for name in PROFILES)


def test_provenance_names_the_file_of_answers(out: Path) -> None:
    told = json.loads((out / "provenance.json").read_bytes())
    assert "responses.csv" in told["inputs"]
    assert set(told["outputs"]) == {*OUTPUTS, *FROM_ANSWERS} - {"provenance.json"}


def test_a_study_without_any_results_hears_how_to_name_its_answers(study_folder: Path) -> None:
    (study_folder / "published.yaml").unlink()
    with pytest.raises(InputError) as caught:
        Study.open(study_folder)
    (problem,) = caught.value.problems
    assert problem.file == "published.yaml"
    assert problem.hint is not None
    assert "responses: {file: responses.csv}" in problem.hint.de
