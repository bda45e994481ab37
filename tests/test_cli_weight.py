"""`passgenau weight`: what it reads, writes and says."""

import csv
import json
import re
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from passgenau.cli import main

Capture = pytest.CaptureFixture[str]

PAGE = (Path(__file__).parent.parent / "docs" / "weights.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, flags=re.DOTALL)
ANSWERS, MARGINS, SHOWN = BLOCKS[0][1], BLOCKS[1][1], BLOCKS[2][1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the documentation, and an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    write("answers.csv", ANSWERS)
    write("margins.yaml", MARGINS)
    return tmp_path


def write(name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8")


def weigh(*words: str, data: str = "answers.csv", margins: str = "margins.yaml", out: str = "weighted.csv") -> int:
    return main(["weight", data, "--margins", margins, "--out", out, *words])


def sums(out: str, column: str, weight: str = "weight") -> dict[str, float]:
    table = pl.read_csv(out).group_by(column).agg(pl.col(weight).sum()).sort(column)
    return {key: round(value, 9) for key, value in table.iter_rows()}


@pytest.mark.usefixtures("folder")
def test_the_documented_example_prints_what_the_page_shows(capsys: Capture) -> None:
    assert SHOWN.startswith("$ passgenau weight answers.csv --margins margins.yaml --out weighted.csv\n")
    assert weigh() == 0
    assert capsys.readouterr().out == SHOWN.partition("\n")[2]
    assert sums("weighted.csv", "size") == {"large": 10, "small": 30}
    assert sums("weighted.csv", "region") == {"north": 22, "south": 18}


@pytest.mark.usefixtures("folder")
def test_the_documented_python_runs() -> None:
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    exec(compile(code, "weights.md", "exec"), {})  # noqa: S102 -- our own page


@pytest.mark.usefixtures("folder")
def test_cells_stay_as_they_are_written() -> None:
    write("answers.csv", 'key;size;note;x\n08111;small;"a; b";1,50\n08112;large;;2,25\n08113;small;"say ""no""";1,00\n')
    write("margins.yaml", "categories: {size: {small: 6, large: 3}}")
    assert weigh("--method", "poststratify") == 0
    with Path("weighted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows == [
        ["key", "size", "note", "x", "weight"],
        ["08111", "small", "a; b", "1,50", "3,0"],
        ["08112", "large", "", "2,25", "3,0"],
        ["08113", "small", 'say "no"', "1,00", "3,0"],
    ]


@pytest.mark.usefixtures("folder")
def test_parquet_and_spss_are_read_and_parquet_is_written() -> None:
    table = pl.read_csv("answers.csv")
    table.write_parquet("answers.parquet")
    assert weigh(data="answers.parquet", out="weighted.parquet") == 0
    done = pl.read_parquet("weighted.parquet")
    assert done.drop("weight").equals(table)
    coded = table.with_columns(size=pl.when(pl.col("size") == "small").then(1.0).otherwise(2.0)).drop("region")
    pyreadstat.write_sav(coded.to_pandas(), "answers.sav")
    write("margins.yaml", "categories: {size: {1: 30, 2: 10}}")
    assert weigh(data="answers.sav", out="from_spss.csv") == 0
    assert sums("from_spss.csv", "size") == {1.0: 30, 2.0: 10}


@pytest.mark.usefixtures("folder")
def test_numbers_and_joint_counts_are_met(capsys: Capture) -> None:
    write(
        "margins.yaml",
        "population: 40\njoint:\n  - columns: [size, region]\n    counts:\n"
        "      small: {north: 18, south: 12}\n      large: {north: 4, south: 6}\nnumbers: {agrees: 22}\n",
    )
    for method in ("rake", "linear"):
        assert weigh("--method", method, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert {t["name"]: t["after"] for t in told["totals"]} == {
            "N": 40,
            "size × region = small / north": 18,
            "size × region = small / south": 12,
            "size × region = large / north": 4,
            "size × region = large / south": 6,
            "agrees": 22,
        }


@pytest.mark.usefixtures("folder")
def test_bounds_hold_and_their_failure_names_the_total(capsys: Capture) -> None:
    assert weigh("--method", "logit", "--bounds", "0.2,3") == 0
    factor = pl.read_csv("weighted.csv")["weight"] / (40 / 12)
    assert 0.2 < factor.min() < factor.max() < 3  # type: ignore[operator]
    capsys.readouterr()
    assert weigh("--bounds", "0.5,2") == 2
    assert capsys.readouterr().err.startswith('error: "size = small": the weights give 13.3')


@pytest.mark.usefixtures("folder")
def test_trimmed_weights_say_which_totals_they_miss(capsys: Capture) -> None:
    assert weigh("--trim", "0.2,2") == 0
    assert 'After trimming 4 totals are missed, the furthest "size = large"' in capsys.readouterr().out
    weight = pl.read_csv("weighted.csv")["weight"]
    assert weight.sum() == pytest.approx(40)
    assert weight.max() == pytest.approx(2 * 40 / 12)


@pytest.mark.usefixtures("folder")
def test_negative_weights_are_said(capsys: Capture) -> None:
    write("margins.yaml", "population: 40\nnumbers: {agrees: 39.9}\ncategories: {region: {north: 35, south: 5}}")
    assert weigh("--method", "linear") == 0
    assert "weights are negative; --method rake or --bounds avoids that." in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_weights_to_start_from_and_the_draw_are_used(capsys: Capture) -> None:
    table = pl.read_csv("answers.csv").with_columns(base=pl.int_range(1, 13), N=pl.lit(40))
    table.write_csv("answers.csv")
    assert weigh("--weight", "base", "--name", "w2", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [t["before"] for t in told["totals"]] == [
        1 + 2 + 3 + 4,
        5 + 6 + 7 + 8 + 9 + 10 + 11 + 12,
        1 + 2 + 5 + 6 + 7,
        3 + 4 + 8 + 9 + 10 + 11 + 12,
    ]
    assert sums("weighted.csv", "size", "w2") == {"large": 10, "small": 30}
    assert weigh("--fpc", "N", "--json") == 0
    assert json.loads(capsys.readouterr().out)["totals"][0]["before"] == pytest.approx(40 / 3, abs=1e-6)


@pytest.mark.usefixtures("folder")
def test_names_of_units_may_count_within_their_stratum() -> None:
    assert weigh("--strata", "size", "--psu", "region", "--nest") == 0


@pytest.mark.usefixtures("folder")
def test_the_figures_come_as_csv(capsys: Capture) -> None:
    assert weigh("--format", "csv") == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    figures = {row["name"]: row["value"] for row in rows if row["part"] == "weights"}
    totals = {row["name"]: float(row["value"]) for row in rows if row["part"] == "totals"}
    assert float(figures["effective_size"]) == pytest.approx(6.5614318)
    assert totals == pytest.approx({"size = small": 30, "size = large": 10, "region = north": 22, "region = south": 18})


@pytest.mark.usefixtures("folder")
def test_it_speaks_german(capsys: Capture) -> None:
    assert weigh("--lang", "de", "--trim", "0.2,2") == 0
    out = capsys.readouterr().out
    assert out.startswith("Raking: Spalte „weight“ in weighted.csv\n\nSumme")
    assert "wirksame Zahl der Antworten  8," in out
    assert "Jede Zeile beginnt mit dem Gewicht N/n = 3,333." in out


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        (
            "categories:\n  size: {small: 30}\n",
            'line 2, field categories.size: Category "large" (8 rows) has no total.',
        ),
        (
            "categories:\n  size:\n    small: 30\n    large: 9\n    huge: 1\n",
            'line 5, field categories.size.huge: Category "huge": total 1, but no row of the data.',
        ),
        ("categories:\n  size: {small: -3, large: 10}\n", "line 2, field categories.size.small: -3 is too small."),
        ("categories:\n  site: {small: 3}\n", 'line 2, field categories.site: The data have no column "site".'),
        ("numbers:\n  town: 3\n", 'line 2, field numbers.town: Row 1 of the data: "A" is not a number.'),
        ("numbers:\n  nix: 3\n", 'line 2, field numbers.nix: The data have no column "nix".'),
        (
            "population: 41\ncategories:\n  size: {small: 30, large: 10}\n",
            "The totals add up to different populations: N: 41; size: 40.",
        ),
        ("population: 40\n", "The file names no total."),
        ("margins: 3\n", "line 1, field margins: There is no such field here."),
        (
            "joint:\n  - columns: [size, region]\n    counts: {small: 30, large: 10}\n",
            "line 3, field joint[1].counts.small: The counts by column 2 are missing here.",
        ),
        (
            "joint:\n  - columns: [size, region]\n    counts: {small: {north: a}}\n",
            "line 3, field joint[1].counts.small.north: 'a' is not a count.",
        ),
        (
            "joint:\n  - columns: [size, size]\n    counts: {small: {small: 3}}\n",
            "line 2, field joint[1].columns: These columns stand twice.",
        ),
        ("categories: [\n", "Not valid YAML"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_mistakes_in_the_file_of_totals_are_shown_with_their_line(yaml: str, said: str, capsys: Capture) -> None:
    write("margins.yaml", yaml)
    assert weigh() == 2
    err = capsys.readouterr().err
    assert err.startswith("error: margins.yaml")
    assert said in err
    assert not Path("weighted.csv").exists()


@pytest.mark.usefixtures("folder")
def test_all_mistakes_are_reported_at_once(capsys: Capture) -> None:
    write("margins.yaml", "categories:\n  size: {small: 30}\n  site: {a: 1}\nnumbers:\n  nix: 3\n")
    assert weigh() == 2
    assert [line.split(",")[1] for line in capsys.readouterr().err.splitlines() if line.startswith("error")] == [
        " line 2",
        " line 3",
        " line 5",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bounds", "0.3"], 'field --bounds: "0.3" are not two numbers.'),
        (["--bounds", "3,1"], 'field --bounds: "3,1": the first number is not below the second.'),
        (["--trim", "a,b"], 'field --trim: "a,b" are not two numbers.'),
        (["--method", "logit"], 'field --bounds: The method "logit" needs bounds.'),
        (["--method", "poststratify"], "field --method: Post-stratification takes exactly one distribution"),
        (["--name", "size"], 'answers.csv, field size: The data have a column "size" already.'),
        (["--weight", "nix"], 'answers.csv, field nix: The data have no column "nix".'),
        (["--strata", "size", "--psu", "region"], "north lies in two strata"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_options_are_said_and_nothing_is_written(words: list[str], said: str, capsys: Capture) -> None:
    assert weigh(*words) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["answers.csv", "margins.yaml"]


@pytest.mark.usefixtures("folder")
def test_files_that_are_read_are_not_overwritten(capsys: Capture) -> None:
    assert weigh(out="answers.csv") == 2
    assert "This file is read; it is not overwritten." in capsys.readouterr().err
    assert Path("answers.csv").read_text(encoding="utf-8") == ANSWERS
    assert weigh(out="weighted.sav") == 2
    assert 'Files that end in ".sav" are not written.' in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_data_that_are_missing_are_named(capsys: Capture) -> None:
    assert weigh(data="nix.csv") == 2
    assert capsys.readouterr().err.startswith("error: nix.csv: There is no such file.")
    assert weigh(margins="nix.yaml") == 2
    assert capsys.readouterr().err.startswith("error: nix.yaml: This file is missing.")
