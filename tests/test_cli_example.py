"""The main road on real input: one run of the worked example, and what must hold of its files."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from passgenau.cli import main
from passgenau.study import OUTPUTS, Study


@pytest.fixture(scope="module")
def out(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "out"
    assert main(["run", str(example_folder), "--out", str(folder), "--lang", "en"]) == 0
    return folder


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def test_every_file_is_written(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == set(OUTPUTS)


def test_every_published_statement_stands_in_the_estimates_once(out: Path, example_study: Study) -> None:
    found = [row["source_id"] for row in read_csv(out / "estimates.csv")]
    assert sorted(found) == sorted(statement.source_id for statement in example_study.published.statements)


def test_a_number_never_comes_without_base_population_and_method(out: Path) -> None:
    for row in read_csv(out / "estimates.csv"):
        context = (row["base_answers"], row["base_units"], row["population"], row["method"])
        assert all(context) == bool(row["value"]), row["source_id"]


def test_every_audience_and_topic_has_exactly_one_row_about_wishes(out: Path, example_study: Study) -> None:
    rows = [
        (row["audience"], row["topic"])
        for row in read_csv(out / "needs.csv")
        if row["source"] in {"wish", "assumption"}
    ]
    expected = {(audience, topic.id) for audience in example_study.frames for topic in example_study.catalogue.topics}
    assert len(rows) == len(expected)
    assert set(rows) == expected


def test_the_concept_is_optimal_and_passes_its_checks(out: Path) -> None:
    concept = read_json(out / "curriculum.json")
    assert [programme["tier"] for programme in concept["programmes"]] == ["district", "municipality"]
    assert {programme["gap"] for programme in concept["programmes"]} == {0}
    assert [check["rule"] for check in concept["checks"] if not check["passed"]] == []


def test_every_module_of_the_catalogue_is_placed_or_left_out_with_a_reason(out: Path, example_study: Study) -> None:
    concept = read_json(out / "curriculum.json")
    for programme in concept["programmes"]:
        tier = programme["tier"]
        placed = [m["id"] for m in (*programme["modules"], *programme["electives"])]
        left = [m["id"] for m in concept["left_out"] if m["tier"] == tier]
        assert all(m["reason"] for m in (*programme["modules"], *programme["electives"]))
        assert sorted({*placed, *left}) == sorted(m.id for m in example_study.catalogue.modules)
        assert not set(placed) & set(left)


@pytest.mark.parametrize("name", ["plan.json", "plan_state.json"])
def test_a_plan_breaks_no_rule_and_its_costs_add_up(out: Path, name: str) -> None:
    plan = read_json(out / name)
    assert plan["violations"] == []
    assert sum(line["euros"] for line in plan["costs"]["lines"]) == pytest.approx(plan["costs"]["total"], abs=0.01)


def test_every_registration_has_a_seat_or_a_reason(out: Path, example_study: Study) -> None:
    plan = read_json(out / "plan.json")
    seated = [member["organisation"] for cohort in plan["cohorts"] for member in cohort["members"]]
    waiting = [entry["organisation"] for entry in plan["unplaced"]]
    assert sorted([*seated, *waiting]) == sorted(row.organisation for row in example_study.registrations)


def test_the_scenario_for_all_reaches_all_districts_and_municipalities(out: Path, example_study: Study) -> None:
    plan = read_json(out / "plan_state.json")
    seated = [member["organisation"] for cohort in plan["cohorts"] for member in cohort["members"]]
    waiting = [entry["organisation"] for entry in plan["unplaced"]]
    everybody = [unit.key for frame in example_study.frames.values() for unit in frame.units]
    assert sorted([*seated, *waiting]) == sorted(everybody)


def test_the_next_wave_speaks_of_both_audiences_and_says_why(out: Path, example_study: Study) -> None:
    questions = read_json(out / "evaluation.json")["next_wave"]
    assert {q["audience"] for q in questions} == set(example_study.frames)
    assert all(q["reason"] and (q["needed"] is not None) == q["ask"] for q in questions)


def test_the_banner_stands_in_every_form_of_the_report(out: Path) -> None:
    banner = "Worked example with answers from 2018"
    assert banner in (out / "report.html").read_text(encoding="utf-8")
    assert read_json(out / "plan.json")["banner"].startswith(banner)
