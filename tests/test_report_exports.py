import csv
import datetime as dt
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from passgenau.curriculum.catalogue import Catalogue
from passgenau.curriculum.model import Curriculum
from passgenau.findings.model import Assumptions, Comparison, Estimate, Findings, Possibility, WordedResult
from passgenau.frame import Frame
from passgenau.needs.model import Needs
from passgenau.planning.model import Plan
from passgenau.planning.resources import Trainers, Venues
from passgenau.report import exports
from passgenau.study import DecisionsFile
from passgenau.text import Text

BANNER = Text("Muster", "Sample")

ESTIMATE = Estimate(
    source_id="W-01",
    audience="gemeinden",
    question="themen",
    item="thema-a",
    topic="thema-a",
    kind="wish",
    printed="ca. 61 %",
    value=0.61,
    answered_lower=0.5,
    answered_upper=2 / 3,
    lower=0.25,
    upper=0.875,
    base_answers=5,
    base_units=4,
    population=8,
    count_lower=2,
    count_upper=7,
    method="hypergeometric-envelope",
    possibility=Possibility(possible=False, counts=(3,), base=4, sentence=Text("Passt zu 4.", "Fits 4.")),
    unit_counts=((3, 4),),
    note=Text("Basis unklar.", "Base unclear."),
)
WORDED = WordedResult("W-02", "gemeinden", "themen", "thema-b", "thema-b", "wish", "Mehrzahl", "Die Mehrzahl, „klar“")
COMPARISON = Comparison(
    question="themen",
    item="thema-a",
    source_ids=("L-01", "W-01"),
    audience_a="kreise",
    audience_b="gemeinden",
    difference=-0.1,
    lower=-0.4,
    upper=0.2,
    p_value=0.5,
    p_holm=1.0,
    p_bh=0.75,
    detectable=None,
    method="exact-difference",
    sentence=Text("Nicht zeigbar.", "Not shown."),
)
FINDINGS = Findings((), (ESTIMATE,), (WORDED,), (COMPARISON,), Text("eine"), (), (), Assumptions())


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


# --- the columns that other programs rely on ---------------------------------------------------

ESTIMATE_COLUMNS = """
    source_id audience question item kind value lower upper base_answers base_units population
    count_lower count_upper method note
"""


@pytest.mark.parametrize(
    ("columns", "agreed"),
    [
        (
            exports.ESTIMATES,
            ESTIMATE_COLUMNS,
        ),
        (
            exports.COMPARISONS,
            "question item audience_a audience_b difference lower upper p_value p_holm p_bh detectable method sentence",
        ),
        (exports.NEEDS, "audience topic source share lower upper source_ids"),
    ],
)
def test_the_agreed_columns_come_first_and_in_order(columns: tuple[str, ...], agreed: str) -> None:
    assert columns[: len(agreed.split())] == tuple(agreed.split())


def test_an_estimate_carries_its_context() -> None:
    first, second = rows(exports.csv_bytes(exports.ESTIMATES, exports.estimate_rows(FINDINGS, "de")))
    assert (first["value"], first["answered_upper"], first["base_answers"]) == ("0.61", "0.666667", "5")
    assert (first["note"], first["fits_base"]) == ("Basis unklar. Passt zu 4.", "false")
    assert (second["printed"], second["value"], second["note"]) == ("Mehrzahl", "", "Die Mehrzahl, „klar“")


def test_notes_and_sentences_follow_the_language() -> None:
    (row,) = rows(exports.csv_bytes(exports.COMPARISONS, exports.comparison_rows(FINDINGS, "en")))
    assert (row["sentence"], row["detectable"], row["source_id_a"]) == ("Not shown.", "", "L-01")
    assert exports.estimate_rows(FINDINGS, "en")[0]["note"] == "Base unclear. Fits 4."


def test_the_three_sources_of_a_need_stand_in_rows_of_their_own(
    toy_needs: Needs, toy_catalogue: Catalogue, toy_decisions: DecisionsFile
) -> None:
    found = exports.need_rows(toy_needs, toy_catalogue, toy_decisions, {"municipality": "gemeinden"})
    assert [(r["topic"], r["source"], r["share"], r["source_ids"]) for r in found] == [
        ("thema-a", "minimum", None, "k-verstehen"),
        ("thema-a", "wish", 0.6, "W-01"),
        ("thema-b", "role", None, "umsetzen"),
        ("thema-b", "assumption", 0.3, "W-02"),
    ]


# --- form ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (1 / 3, "0.333333"),
        (1.0, "1"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (1234567.5, "1234567.5"),
        (7, "7"),
        ("a", "a"),
    ],
)
def test_cells_are_written_the_same_way_every_time(value: object, cell: str) -> None:
    assert exports.csv_bytes(("x", "y"), [{"x": value, "y": "."}]) == f"x,y\n{cell},.\n".encode()


def test_lines_end_with_a_line_feed_only() -> None:
    assert b"\r" not in exports.csv_bytes(("x", "y"), [{"x": 'a "b", c', "y": 1}])


def test_values_become_what_json_knows() -> None:
    value = {"text": BANNER, "day": dt.date(2027, 3, 1), "share": 1 / 3, "none": None, "pair": (1, True)}
    assert exports.plain(value, "en") == {
        "text": "Sample",
        "day": "2027-03-01",
        "share": 0.333333,
        "none": None,
        "pair": [1, True],
    }
    assert Decimal(str(exports.plain(-0.0, "de"))).is_signed() is False


def test_json_refuses_what_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        exports.json_bytes({"x": float("nan")}, "de")


# --- the concept and the plan --------------------------------------------------------------------


def test_the_concept_shows_every_module_with_its_sources_apart(
    toy_curriculum: Curriculum, toy_catalogue: Catalogue, toy_decisions: DecisionsFile
) -> None:
    tree = exports.curriculum_tree(toy_curriculum, toy_catalogue, toy_decisions, BANNER)
    read = json.loads(exports.json_bytes(tree, "de"))
    assert read["banner"] == "Muster"
    (programme,) = read["programmes"]
    first, second = programme["modules"]
    agreed = "id title field level version contact_units self_study_units sources firmness reason provision"
    assert list(first)[: len(agreed.split())] == agreed.split()
    assert (first["sources"]["minimum"], first["sources"]["role"]) == (["k-verstehen"], [])
    assert (second["sources"]["wish"]["assumed"], second["sources"]["wish"]["share"]) == (True, 0.3)
    assert {"programmes", "left_out", "accompaniment", "checks"} <= set(read)


def inputs(
    plan: Plan, curriculum: Curriculum, catalogue: Catalogue, decisions: DecisionsFile, frame: Frame
) -> exports.Row:
    return exports.plan_inputs_tree(
        plan,
        curriculum=curriculum,
        catalogue=catalogue,
        decisions=decisions,
        programmes=decisions.programmes,
        accompaniment=decisions.accompaniment,
        registrations=(),
        venues=Venues(note=Text("–")),
        trainers=Trainers.model_validate(
            {"note": "–", "trainers": [{"id": "t1", "name": "T", "home": "99001001", "days_per_year": 9}]}
        ),
        frames={"gemeinden": frame},
        persons_per_organisation=2,
    )


def test_a_plan_carries_everything_its_rules_use(
    toy_plan: Plan,
    toy_curriculum: Curriculum,
    toy_catalogue: Catalogue,
    toy_decisions: DecisionsFile,
    toy_landkreis: Frame,
) -> None:
    told = inputs(toy_plan, toy_curriculum, toy_catalogue, toy_decisions, toy_landkreis)
    read = json.loads(exports.json_bytes(exports.plan_tree(toy_plan, told, BANNER), "de"))
    assert [m["id"] for m in read["inputs"]["modules"]] == ["lage-verstehen", "vorhaben-umsetzen"]
    assert [o["organisation"][-1] for o in read["inputs"]["organisations"]] == ["1", "2", "3", "6"]
    assert read["cohorts"][0]["members"][0] == {
        "organisation": "99001001",
        "label": "Altstadt",
        "persons": 2,
        "km": 0,
        "joint": None,
    }
    agreed = ["id", "cohort", "modules", "start", "end", "venue", "trainers", "format", "cost"]
    assert list(read["events"][0])[: len(agreed)] == agreed
    assert read["travel"] == {"median": 13.5, "p90": 14.0, "max": 14.0}
    assert read["unplaced"] == [{"organisation": "99001006", "reason": "zu weit"}]
    assert read["costs"]["lines"][0]["euros"] == 3000
    assert {"scenario", "inputs", "cohorts", "events", "travel", "costs", "violations"} <= set(read)


def test_the_scenario_for_all_names_no_registrations(
    toy_plan: Plan,
    toy_curriculum: Curriculum,
    toy_catalogue: Catalogue,
    toy_decisions: DecisionsFile,
    toy_landkreis: Frame,
) -> None:
    state = replace(toy_plan, scenario="state")
    told = inputs(state, toy_curriculum, toy_catalogue, toy_decisions, toy_landkreis)
    assert told["registrations"] == []
