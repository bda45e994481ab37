"""The commands, from the command line: what they print, what they write, how they end."""

import json
from pathlib import Path

import pytest

from passgenau import __version__
from passgenau.cli import main
from passgenau.study import FILES, OUTPUTS, Study

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def de(monkeypatch: pytest.MonkeyPatch) -> None:
    """A German terminal."""
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")


@pytest.fixture
def en(monkeypatch: pytest.MonkeyPatch) -> None:
    """An English terminal."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def call(*args: object) -> int:
    return main([str(arg) for arg in args])


# --- check, new ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("de")
def test_new_writes_a_study_that_passes_its_check(tmp_path: Path, capsys: Capture) -> None:
    assert call("new", tmp_path / "a") == 0
    assert "Als Nächstes" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "a").iterdir()} == {*FILES, "frame.csv"}
    assert call("check", tmp_path / "a") == 0
    assert capsys.readouterr().out.startswith("In Ordnung: 10 Dateien, 3 veröffentlichte Ergebnisse, 2 Module")


@pytest.mark.usefixtures("en")
def test_new_overwrites_nothing(study_folder: Path, capsys: Capture) -> None:
    (study_folder / "study.yaml").write_text("mine", encoding="utf-8")
    assert call("new", study_folder) == 2
    assert capsys.readouterr().err.startswith(f"error: {study_folder} is not empty.")
    assert (study_folder / "study.yaml").read_text(encoding="utf-8") == "mine"


def test_check_as_json_names_files_and_populations(study_folder: Path, capsys: Capture) -> None:
    assert call("check", study_folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["populations"], set(told["files"])) == (True, {"gemeinden": 8}, {*FILES, "frame.csv"})


# --- run -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one run of the empty study, with both plans."""
    folder = tmp_path_factory.mktemp("run")
    assert call("new", folder / "study") == 0
    assert call("run", folder / "study", "--out", folder / "out") == 0
    return folder


def test_run_writes_every_file(finished: Path) -> None:
    assert {path.name for path in (finished / "out").iterdir()} == set(OUTPUTS)


def test_run_leaves_the_study_as_it_was(finished: Path) -> None:
    assert {path.name for path in (finished / "study").iterdir()} == {*FILES, "frame.csv"}


def test_the_plan_is_the_pilot_and_the_scenario_for_all_stands_beside_it(finished: Path) -> None:
    plans = [json.loads((finished / "out" / name).read_bytes()) for name in ("plan.json", "plan_state.json")]
    assert [plan["scenario"] for plan in plans] == ["pilot", "state"]
    assert [plan["violations"] for plan in plans] == [[], []]
    assert [len({m["organisation"] for c in p["cohorts"] for m in c["members"]}) for p in plans] == [6, 8]


def test_every_json_file_opens_with_the_banner(finished: Path) -> None:
    banner = "Vorlage mit Platzhaltern; keine echten Ergebnisse"
    for name in OUTPUTS:
        if name.endswith(".json"):
            content = json.loads((finished / "out" / name).read_bytes())
            assert (next(iter(content)), content["banner"]) == ("banner", banner), name


def test_provenance_names_inputs_versions_and_seed_but_no_place_and_no_time(finished: Path) -> None:
    text = (finished / "out" / "provenance.json").read_text(encoding="utf-8")
    told = json.loads(text)
    assert (told["passgenau"], told["seed"], told["scenarios"]) == (__version__, 1, ["pilot", "state"])
    assert told["inputs"] == dict(Study.open(finished / "study").digests)
    assert set(told["outputs"]) == set(OUTPUTS) - {"provenance.json"}
    assert str(finished) not in text


def test_the_same_seed_gives_the_same_bytes_in_every_file(finished: Path) -> None:
    assert call("run", finished / "study", "--out", finished / "again") == 0
    for name in OUTPUTS:
        assert (finished / "again" / name).read_bytes() == (finished / "out" / name).read_bytes(), name


@pytest.mark.usefixtures("en")
def test_progress_goes_to_standard_error_and_results_to_standard_output(study_folder: Path, capsys: Capture) -> None:
    assert call("run", study_folder, "--out", study_folder / "out", "--scenario", "pilot", "--json") == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["out"], set(told["files"])) == (str(study_folder / "out"), set(OUTPUTS) - {"plan_state.json"})
    assert printed.err.splitlines() == [
        "Reading and checking the study …",
        "Analysing the answers …",
        "Assessing needs and their uncertainty …",
        "Deriving the training concept …",
        "Planning the pilot …",
        "Putting the report together …",
        "Writing the files …",
    ]


def test_a_run_for_all_alone_puts_that_plan_first_and_removes_what_an_earlier_run_left(study_folder: Path) -> None:
    out = study_folder / "out"
    out.mkdir()
    for name in ("plan_state.json", "municipalities.pdf", "my notes.txt"):
        (out / name).write_text("old", encoding="utf-8")
    assert call("run", study_folder, "--out", out, "--scenario", "state", "--seed", "7", "--lang", "en") == 0
    pages = {"municipalities.html", "municipalities.pdf", "municipalities.docx"}
    assert {path.name for path in out.iterdir()} == set(OUTPUTS) - pages - {"plan_state.json"} | {"my notes.txt"}
    plan = json.loads((out / "plan.json").read_bytes())
    assert (plan["scenario"], plan["seed"]) == ("state", 7)
    assert plan["banner"] == "Template with placeholders; no real results"


# --- the single steps ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("analyse", {"estimates.csv", "comparisons.csv", "needs.csv"}),
        ("derive", {"curriculum.json"}),
        ("plan", {"plan.json", "plan.ics"}),
    ],
)
def test_a_step_writes_the_files_that_a_run_writes(finished: Path, command: str, names: set[str]) -> None:
    out = finished / command
    assert call(command, finished / "study", "--out", out) == 0
    assert {path.name for path in out.iterdir()} == names
    for name in names:
        assert (out / name).read_bytes() == (finished / "out" / name).read_bytes(), name


@pytest.mark.parametrize(("command", "key"), [("analyse", "estimates"), ("derive", "programmes"), ("plan", "cohorts")])
def test_a_step_prints_json_where_no_folder_is_given(
    study_folder: Path, capsys: Capture, command: str, key: str
) -> None:
    assert call(command, study_folder, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)[key]


@pytest.mark.parametrize(
    ("command", "german", "english"),
    [
        ("analyse", "Gemeinden: 4 von 8 antworteten mit 5 Bögen.", "municipalities: 4 of 8 answered with 5 sheets."),
        ("derive", "Gemeinden, Basis: 2 Module, 2 Blöcke", "municipalities, Basis: 2 modules, 2 blocks"),
        ("plan", "12 Personen in 1 Kohorte", "12 persons in 1 cohort"),
    ],
)
def test_a_step_prints_a_summary_in_the_language(
    study_folder: Path, capsys: Capture, command: str, german: str, english: str
) -> None:
    for lang, expected in (("de", german), ("en", english)):
        assert call("--lang", lang, command, study_folder) == 0
        assert expected in capsys.readouterr().out


def test_the_scenario_for_all_can_be_planned_alone(study_folder: Path, capsys: Capture) -> None:
    assert call("plan", study_folder, "--scenario", "state", "--json") == 0
    assert json.loads(capsys.readouterr().out)["scenario"] == "state"


def test_report_writes_the_reports_alone(study_folder: Path) -> None:
    assert call("report", study_folder, "--out", study_folder / "out") == 0
    assert {path.suffix for path in (study_folder / "out").iterdir()} == {".html", ".pdf", ".docx"}


# --- sample-size -----------------------------------------------------------------------------------


def test_sample_size_agrees_with_the_published_margins(capsys: Capture) -> None:
    assert call("sample-size", "kreise=35", "orte=1101", "--returned", "21", "--returned", "orte=79", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["stratum"], row["needed"], round(row["reach"], 3)) for row in told] == [
        ("kreise", 33, 0.137),
        ("orte", 285, 0.106),
    ]


def test_sample_size_takes_populations_and_return_from_a_study(study_folder: Path, capsys: Capture) -> None:
    assert call("sample-size", "--study", study_folder, "--margin", "20", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["stratum"], row["population"], row["answered"]) == ("gemeinden", 8, 4)


def test_sample_size_splits_a_study_into_strata(study_folder: Path, capsys: Capture) -> None:
    assert call("sample-size", "--study", study_folder, "--by", "size_class", "--json") == 0
    told = {row["stratum"]: row["population"] for row in json.loads(capsys.readouterr().out)}
    assert told == {"gemeinden/Kleinstadt": 3, "gemeinden/Landgemeinde": 5}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Give either populations or --study."),
        (["viele"], "'viele' is not a count."),
        (["0"], "'0' is not a count."),
        (["a=3", "a=4"], "field N: 'a' stands twice."),
        (["3", "--returned", "1", "--returned", "2"], "--returned stands more often than populations (1)."),
        (["3", "--returned", "b=1"], "Return for an unknown stratum: b."),
        (["3", "--returned", "4"], "4"),
    ],
)
def test_sample_size_refuses_what_makes_no_sense(capsys: Capture, args: list[str], message: str) -> None:
    assert call("sample-size", *args, "--lang", "en") == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_equal_populations_stay_apart(capsys: Capture) -> None:
    assert call("sample-size", "10", "10", "--json") == 0
    assert [row["stratum"] for row in json.loads(capsys.readouterr().out)] == ["10", "10 (2)"]


@pytest.mark.usefixtures("de")
def test_sample_size_says_what_its_numbers_hold_for(capsys: Capture) -> None:
    assert call("sample-size", "1101", "--returned", "79") == 0
    assert capsys.readouterr().out == (
        "Schicht  Grundgesamtheit  nötig  geantwortet  reicht für ±  fehlen\n"
        "-------  ---------------  -----  -----------  ------------  ------\n"
        "1101               1.101    285           79          10,6     206\n"
        "\n"
        "Für einen Stichprobenfehler von höchstens 5,0 Prozentpunkten bei 95 % Sicherheit\n"
        "und einem Anteil von 50 %, falls die Antwortenden einer Zufallsauswahl gleichen.\n"
    )


# --- frame -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("en")
def test_frame_find_shows_the_key(capsys: Capture) -> None:
    assert call("frame", "find", "aalen") == 0
    assert "08136088  Aalen" in capsys.readouterr().out


@pytest.mark.usefixtures("de")
def test_frame_find_says_when_nothing_is_found(capsys: Capture) -> None:
    assert call("frame", "find", "Nirgendwohausen") == 2
    assert capsys.readouterr().err == (
        "error: Keine Kommune heißt so ähnlich wie 'Nirgendwohausen'.\n  Ein kürzerer Teil des Namens findet mehr.\n"
    )


def test_frame_list_selects_by_state_tier_and_type(capsys: Capture) -> None:
    assert call("frame", "list", "--state", "08", "--tier", "district", "--type", "Landkreis", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 35


@pytest.mark.usefixtures("en")
def test_frame_list_names_the_state_that_does_not_exist(capsys: Capture) -> None:
    assert call("frame", "list", "--state", "17") == 2
    assert "There is no '17' here." in capsys.readouterr().err


def test_frame_import_names_a_file_that_is_missing(tmp_path: Path, capsys: Capture) -> None:
    assert call("frame", "import", tmp_path / "GV.txt", "--out", tmp_path / "frame.csv") == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert list(tmp_path.iterdir()) == []


def test_frame_import_never_overwrites_a_file(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "frame.csv"
    out.write_text("mine\n", encoding="utf-8")
    source = Path(__file__).parent / "data" / "gv100ad_heidenheim.txt"
    assert main(["frame", "import", str(source), "--out", str(out), "--lang", "en"]) == 2
    assert "it is not overwritten" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine\n"


@pytest.mark.usefixtures("en")
def test_frame_import_turns_a_gv100ad_file_into_a_frame_of_ones_own(tmp_path: Path, capsys: Capture) -> None:
    source = Path(__file__).parent / "data" / "gv100ad_heidenheim.txt"
    assert call("frame", "import", source, "--out", tmp_path / "frame.csv") == 0
    assert capsys.readouterr().out.startswith("frame.csv written from gv100ad_heidenheim.txt, status 2025-11-30")
    assert len((tmp_path / "frame.csv").read_text(encoding="utf-8").splitlines()) == 1 + 11


# --- help and version ------------------------------------------------------------------------------


def test_the_version_is_named(capsys: Capture) -> None:
    assert call("--version") == 0
    assert capsys.readouterr().out == f"passgenau {__version__}\n"


@pytest.mark.parametrize(("lang", "word"), [("de", "Aufruf: "), ("en", "Usage: ")])
def test_help_speaks_the_language(capsys: Capture, lang: str, word: str) -> None:
    assert call("run", "--help", "--lang", lang) == 0
    assert capsys.readouterr().out.startswith(f"{word}passgenau run")
