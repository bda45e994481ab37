import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from passgenau.errors import InputError, Problem
from passgenau.study import FILES, OUTPUTS, Study, template
from passgenau.study.steps import STEPS

Spoil = Callable[[str, str, str], Path]


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        Study.open(folder)
    return caught.value.problems


def line_of(folder: Path, name: str, piece: str) -> int:
    """Return the line in which a piece of a file first stands."""
    text = (folder / name).read_text(encoding="utf-8")
    return text[: text.index(piece)].count("\n") + 1


def only(folder: Path) -> Problem:
    (problem,) = problems(folder)
    return problem


# --- what is there -------------------------------------------------------------------------------


def test_the_empty_study_passes_its_check_as_it_stands(study_folder: Path) -> None:
    study = Study.open(study_folder)
    assert (len(study.frames["gemeinden"]), len(study.registrations)) == (8, 6)


def test_the_empty_study_has_every_file_and_a_comment_in_both_languages() -> None:
    files = template()
    assert set(files) == {*FILES, "frame.csv"}
    for name, content in files.items():
        if name.endswith(".yaml"):
            comments = "\n".join(line for line in content.decode().splitlines() if line.startswith("#"))
            assert " / " in comments or "\n# " in comments, name


def test_the_example_passes_its_check(example_study: Study) -> None:
    assert {audience: len(frame) for audience, frame in example_study.frames.items()} == {
        "landkreise": 35,
        "staedte_gemeinden": 1101,
    }


def test_every_file_is_named_with_its_hash(study_folder: Path) -> None:
    digests = Study.open(study_folder).digests
    assert set(digests) == {*FILES, "frame.csv"}
    content = (study_folder / "study.yaml").read_bytes()
    assert digests["study.yaml"] == hashlib.sha256(content).hexdigest()


def test_another_seed_changes_the_seed_and_nothing_else(study_folder: Path) -> None:
    study = Study.open(study_folder)
    assert study.with_seed(None) is study
    assert study.with_seed(7).file.seed == 7
    assert study.with_seed(7).file.model_copy(update={"seed": study.file.seed}) == study.file


def test_places_outside_the_populations_come_from_the_register(spoil: Spoil) -> None:
    folder = spoil("trainers.yaml", 'home: "99001003"', 'home: "08136088"')
    assert [unit.label for unit in Study.open(folder).places] == ["Aalen"]


def test_no_file_of_a_run_is_named_twice() -> None:
    assert len(set(OUTPUTS)) == len(OUTPUTS)


def test_every_step_is_named_in_both_languages() -> None:
    assert all(text.de and text.en for text in STEPS.values())


# --- what is wrong -------------------------------------------------------------------------------


def test_a_folder_that_does_not_exist_says_how_to_start(tmp_path: Path) -> None:
    problem = only(tmp_path / "fehlt")
    assert "passgenau new" in problem.format("en")


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x", encoding="utf-8")
    assert only(tmp_path / "a.yaml").message.en == f"{tmp_path / 'a.yaml'} is not a folder."


def test_mistakes_of_several_files_are_reported_at_once(study_folder: Path, spoil: Spoil) -> None:
    line = line_of(study_folder, "study.yaml", "seed: 1 ")
    spoil("study.yaml", "seed: 1 ", "seed: -1 ")
    spoil("venues.yaml", "seats: 24", "seats: viele")
    folder = spoil("registrations.csv", "99001002,2", "99001002,0")
    assert [(p.file, p.line) for p in problems(folder)] == [
        ("study.yaml", line),
        ("venues.yaml", 10),
        ("registrations.csv", 3),
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "message"),
    [
        (
            "published.yaml",
            "value: 60 ",
            "value: 108 ",
            "statements[1].value",
            "108 ist zu groß.",
        ),
        (
            "published.yaml",
            "units: 4, answers: 5",
            "units: 9, answers: 9",
            "returns.gemeinden.units",
            "9 Antwortende sind mehr als die Grundgesamtheit von 8.",
        ),
        (
            "catalogue.yaml",
            "requires: [lage-verstehen]",
            "requires: [vorhaben-umsetzen]",
            "modules[2].requires",
            "Das Modul 'vorhaben-umsetzen' setzt sich selbst voraus.",
        ),
        (
            "registrations.csv",
            "99001006",
            "99001005",
            "[6].organisation",
            "'99001005' steht zweimal (zuerst in Zeile 6).",
        ),
        (
            "registrations.csv",
            "99001006",
            "08136088",
            "[6].organisation",
            "'08136088' gehört zu keiner Grundgesamtheit der Studie.",
        ),
        (
            "registrations.csv",
            "coordination;commissioning",
            "koordination",
            "[1].roles",
            "'koordination' gibt es nicht.",
        ),
        (
            "registrations.csv",
            "99001002,2,coordination",
            "99001002,1,coordination;commissioning",
            "[2].roles",
            "2 Rollen, aber 1 Personen.",
        ),
        (
            "venues.yaml",
            '"99001001"',
            '"99999999"',
            "venues[1].organisation",
            "Den Schlüssel '99999999' gibt es nicht.",
        ),
        ("trainers.yaml", "id: t2", "id: t1", "trainers[2].id", "'t1' steht zweimal (zuerst in Zeile 5)."),
        ("trainers.yaml", "[feld-1]", "[feld-2]", "trainers[1].fields[1]", "'feld-2' gibt es nicht."),
    ],
)
def test_a_mistake_is_named_with_file_line_field_and_value(  # noqa: PLR0913, PLR0917 -- one argument per part of a message
    study_folder: Path, spoil: Spoil, name: str, old: str, new: str, field: str, message: str
) -> None:
    line = line_of(study_folder, name, old)
    problem = only(spoil(name, old, new))
    assert (problem.file, problem.line, problem.field, problem.message.de) == (name, line, field, message)


def test_two_audiences_of_one_tier_are_refused(spoil: Spoil) -> None:
    twin = """  - {id: zweite, name: "Zweite", short: "Zweite", frame: {file: frame.csv, tier: municipality}}

# Bekannte Zahlen"""
    problem = problems(spoil("study.yaml", "\n# Bekannte Zahlen", twin))[0]
    assert (problem.field, problem.message.de.split(" (")[0]) == (
        "audiences[2].frame.tier",
        "'municipality' steht zweimal",
    )


def test_a_tier_without_a_programme_is_named(spoil: Spoil) -> None:
    spoil("frame.csv", "99001001,Musterstadt", "99001,Musterkreis")
    folder = spoil(
        "study.yaml", "      file: frame.csv\n      tier: municipality", "      register: de\n      tier: district"
    )
    found = {(p.file, p.field) for p in problems(folder)}
    assert ("study.yaml", "audiences[1].frame.tier") in found


def test_a_known_total_must_speak_of_a_published_share(spoil: Spoil) -> None:
    total = 'known_totals: [{id: t, text: "t", count: 9, population: 8, source: "s", compare_with: W-09}]'
    found = problems(spoil("study.yaml", "known_totals: []", total))
    assert [(p.field, p.message.de) for p in found] == [
        ("known_totals[1].compare_with", "'W-09' gibt es nicht."),
        ("known_totals[1].count", "9 liegt über der Grundgesamtheit 8."),
    ]


def test_an_assumed_share_must_speak_of_a_known_topic_and_audience(spoil: Spoil) -> None:
    share = 'assumed_shares: [{topic: x, audience: y, low: 0, high: 1, decided_by: "d", why: "w"}]'
    found = problems(spoil("decisions.yaml", "assumed_shares: []", share))
    assert {p.field for p in found} == {"assumed_shares[1].topic", "assumed_shares[1].audience"}


def test_a_selection_that_selects_nothing_is_named_in_study_yaml(study_folder: Path, spoil: Spoil) -> None:
    line = line_of(study_folder, "study.yaml", "      file: frame.csv") + 1
    folder = spoil("study.yaml", "      file: frame.csv", "      register: de\n      type: [Dorf]")
    found = problems(folder)
    assert (found[0].file, found[0].line, found[0].field) == ("study.yaml", line, "audiences[1].frame.type")


def test_a_mistake_in_a_frame_of_ones_own_is_named_in_that_file(spoil: Spoil) -> None:
    problem = only(spoil("frame.csv", "9.70", "97.0"))
    assert (problem.file, problem.line) == ("frame.csv", 3)


@pytest.mark.parametrize("name", FILES)
def test_every_missing_file_is_named(study_folder: Path, name: str) -> None:
    (study_folder / name).unlink()
    problem = only(study_folder)
    assert (problem.file, problem.message.de) == (name, "Diese Datei fehlt.")


def test_holidays_of_another_state_are_refused(example_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(example_folder, tmp_path / "study")
    decisions = folder / "decisions.yaml"
    decisions.write_text(decisions.read_text(encoding="utf-8").replace("  state: BW", "  state: NW"), encoding="utf-8")
    problem = only(folder)
    assert (problem.file, problem.field) == ("decisions.yaml", "calendar.state")
    assert problem.message.into("en") == "'NW' does not fit the populations: their municipalities lie in BW."
