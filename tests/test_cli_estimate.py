"""`passgenau estimate` from the command line: what it prints, for people and for programs, and what it refuses."""

import csv
import io
import json
import math
import os
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest

from passgenau.cli import estimate_command, estimate_output, main
from passgenau.estimation import METHODS, Design, estimate, suppress
from passgenau.estimation.proportions import Method

Capture = pytest.CaptureFixture[str]

ANSWERS = Path(__file__).parent.parent / "examples" / "answers2026" / "answers.csv"
KEYS = ["item", "level", "by", "estimate", "se", "lower", "upper", "df", "deff", "base", "population", "method"]


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The width of nobody's terminal decides what a test sees."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda fallback=(80, 24): os.terminal_size(_window(fallback)))


def _window(fallback: tuple[int, int]) -> tuple[int, int]:
    return int(os.environ.get("COLUMNS", fallback[0])), fallback[1]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Four towns of two kinds, out of ten and twenty."""
    path = tmp_path / "small.csv"
    path.write_text(
        "kind,N,yes,people,word\na,10,1,5,x\na,10,0,,y\nb,20,1,7,x\nb,20,1,9.5,\n",
        encoding="utf-8",
    )
    return path


def printed(capture: Capture, *args: object) -> str:
    """Run a command that must succeed and say nothing on standard error; return what it prints."""
    assert main(["estimate", *map(str, args)]) == 0
    told = capture.readouterr()
    assert told.err == ""
    return told.out


def refused(capture: Capture, *args: object, lang: str = "en") -> str:
    """Run a command that must be refused with status 2 and print nothing; return the message."""
    assert main(["estimate", *map(str, args), "--lang", lang]) == 2
    told = capture.readouterr()
    assert told.out == ""
    return told.err.removeprefix("error: ").rstrip("\n")


# --- for people ----------------------------------------------------------------------------------


def test_a_share_stands_with_limits_counts_base_and_population(capsys: Capture, small: Path) -> None:
    told = printed(capsys, small, "--items", "yes", "--by", "kind", "--strata", "kind", "--fpc", "N", "--lang", "en")
    assert told.splitlines() == [
        "Item  kind  Estimate     95% limits   Count       SE  Base  stands for",
        "----  ----  --------  -------------  ------  -------  ----  ----------",
        "yes   a        50.0%   10.0 – 90.0%   1 – 9  44.7 pp     2          10",
        "yes   b       100.0%  20.0 – 100.0%  4 – 20   0.0 pp     2          20",
        "",
        "Exact limits by the hypergeometric distribution: one answer per unit, all of equal weight, from a",
        "population of known size.",
        "The limits hold if the answers resemble a random draw by this design and missing answers those",
        "given.",
        "The size of the population is taken into account (finite population correction).",
    ]


def test_german_has_its_words_decimal_comma_and_percent_sign(capsys: Capture, small: Path) -> None:
    head, _, first, second = printed(capsys, small, "--items", "yes,people", "--lang", "de").splitlines()[:4]
    assert head.split() == ["Angabe", "Schätzung", "95-%-Grenzen", "SE", "Basis", "steht", "für", "Verfahren"]
    assert first == "yes        75,0 %  13,2 – 99,8 %  25,0 Pp      4          4  korn-graubard"
    assert second == "people        7,2     3,3 – 11,1      1,2      3          4  t"


def test_decimals_follow_the_standard_error(capsys: Capture, small: Path) -> None:
    rows = printed(capsys, small, "--items", "people", "--estimator", "total", "--strata", "kind", "--fpc", "N")
    assert rows.splitlines()[2] == "people       190    50 – 330  33     3          30"
    rows = printed(capsys, small, "--items", "people", "--over", "N", "--estimator", "ratio")
    assert rows.splitlines()[2] == "people/N     0.430  0.286 – 0.574  0.045     3           4"


def test_a_confidence_level_is_named_as_it_is(capsys: Capture, small: Path) -> None:
    told = printed(capsys, small, "--items", "yes", "--confidence", "0.975", "--lang", "de")
    assert told.splitlines()[0].split()[2] == "97,5-%-Grenzen"


def test_a_narrow_window_loses_columns_and_says_which(
    capsys: Capture, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = printed(capsys, small, "--items", "yes", "--by", "kind", "--strata", "kind", "--fpc", "N", "--lang", "en")
    assert told.splitlines()[0] == "Item  kind  Estimate     95% limits  Base  stands for"
    assert told.splitlines()[-1] == "Too wide for this window and left out: SE, Count."


def test_rows_of_one_cluster_are_said_to_count_apart(capsys: Capture) -> None:
    told = printed(capsys, ANSWERS, "--items", "beteiligung", "--psu", "organisation", "--lang", "en")
    assert "PSUs" in told.splitlines()[0].split()
    assert told.splitlines()[-1].startswith('"Base" counts rows; a PSU with two rows counts twice')


def test_a_suppressed_number_says_so_and_shows_nothing_else(capsys: Capture, small: Path) -> None:
    told = printed(capsys, small, "--items", "people", "--by", "kind", "--threshold", "2", "--lang", "en").splitlines()
    assert [line.split() for line in told[2:4]] == [["people", "a", "suppressed"], ["people", "b", "suppressed"]]
    assert "2 of 2 figures are suppressed because they rest on fewer than 2 answers" in " ".join(told)


def test_no_answer_is_a_dash(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("g,x\n1,0\n1,1\n2,\n", encoding="utf-8")
    lines = printed(capsys, path, "--items", "x", "--by", "g", "--lang", "en").splitlines()
    assert lines[3].split() == ["x", "2", "–", "–", "–", "0", "1", "none"]


def test_help_is_grouped_in_both_languages(capsys: Capture) -> None:
    assert main(["--lang", "en", "estimate", "--help"]) == 0
    english = [line for line in capsys.readouterr().out.splitlines() if line.endswith(":") and line[0] != " "]
    assert english == [
        "Arguments:",
        "What is estimated:",
        "How the answers came about:",
        "How sure that is:",
        "Options:",
    ]
    assert main(["--lang", "de", "estimate", "--help"]) == 0
    german = [line for line in capsys.readouterr().out.splitlines() if line.endswith(":") and line[0] != " "]
    assert german == [
        "Angaben:",
        "Was geschätzt wird:",
        "Wie die Antworten zustande kamen:",
        "Wie sicher das ist:",
        "Optionen:",
    ]


# --- for programs --------------------------------------------------------------------------------


def test_json_holds_the_promised_keys_and_every_digit(capsys: Capture) -> None:
    asked: Any = {"by": ("tier",), "design": Design(ids=("organisation",), strata="tier", fpc=("N",))}
    found = estimate(ANSWERS, ("beteiligung", "need"), **asked)
    options = ("--by", "tier", "--psu", "organisation", "--strata", "tier", "--fpc", "N")
    told = json.loads(printed(capsys, ANSWERS, "--items", "beteiligung,need", *options, "--json"))
    assert [list(row)[: len(KEYS)] for row in told] == [KEYS] * len(found)
    for row, one in zip(told, found, strict=True):
        assert (row["estimate"], row["se"], row["lower"], row["upper"]) == (one.estimate, one.se, one.lower, one.upper)
        assert (row["item"], row["level"], row["by"], row["df"]) == (one.item, one.level, dict(one.by), one.df)


def test_what_is_no_number_is_null_and_empty(capsys: Capture, small: Path) -> None:
    told = json.loads(printed(capsys, small, "--items", "people", "--by", "kind", "--format", "json"))
    assert math.isnan(estimate(small, "people", by="kind")[0].deff)
    assert (told[0]["by"], told[0]["deff"], told[0]["level"]) == ({"kind": "a"}, None, None)
    row = next(
        csv.DictReader(io.StringIO(printed(capsys, small, "--items", "people", "--by", "kind", "--format", "csv")))
    )
    assert (row["kind"], row["deff"], row["level"]) == ("a", "", "")


def test_csv_says_the_same_as_json_with_truth_values_in_lower_case(capsys: Capture) -> None:
    options = ("--items", "beteiligung", "--by", "tier", "--threshold", "50")
    rows = list(csv.DictReader(io.StringIO(printed(capsys, ANSWERS, *options, "--format", "csv"))))
    told = json.loads(printed(capsys, ANSWERS, *options, "--json"))
    assert [row["suppressed"] for row in rows] == ["true" if row["suppressed"] else "false" for row in told]
    assert {row["suppressed"] for row in told} == {True}
    options = options[:-2]
    rows = list(csv.DictReader(io.StringIO(printed(capsys, ANSWERS, *options, "--format", "csv"))))
    told = json.loads(printed(capsys, ANSWERS, *options, "--json"))
    for key in ("estimate", "se", "lower", "upper", "df", "base", "population"):
        assert [float(row[key]) for row in rows] == [row[key] for row in told], key
    assert [row["tier"] for row in rows] == [row["by"]["tier"] for row in told]


def test_a_domain_named_like_a_column_of_results_keeps_them_apart(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("base,x\n1,0\n1,1\n2,1\n", encoding="utf-8")
    row = next(csv.DictReader(io.StringIO(printed(capsys, path, "--items", "x", "--by", "base", "--format", "csv"))))
    assert (row["by_base"], row["base"]) == ("1", "2")


def test_the_same_call_prints_the_same_bytes(capsys: Capture) -> None:
    call = (ANSWERS, "--items", "need,staff", "--by", "size", "--psu", "organisation", "--json")
    assert printed(capsys, *call) == printed(capsys, *call)


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_engines_are_chosen_by_name(capsys: Capture, engine: str) -> None:
    told = json.loads(printed(capsys, ANSWERS, "--items", "staff", "--engine", engine, "--json"))
    assert told[0]["estimate"] == pytest.approx(estimate(ANSWERS, "staff")[0].estimate, rel=1e-12)


def test_a_question_that_was_shown_counts_empty_cells_as_no_only_where_it_was_seen(
    capsys: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text("seen,tick\n1,1\n1,\n1,\n0,\n0,\n", encoding="utf-8")
    options = ("--items", "tick", "--shown", "seen", "--json")
    assert [(row["estimate"], row["base"]) for row in json.loads(printed(capsys, path, *options))] == [(1.0, 1)]
    told = json.loads(printed(capsys, path, *options, "--blank", "no"))
    assert [(row["estimate"], row["base"]) for row in told] == [(pytest.approx(1 / 3), 3)]


def test_suppression_is_that_of_the_library(capsys: Capture) -> None:
    found = suppress(estimate(ANSWERS, "beteiligung", by="size"), 10)
    told = json.loads(printed(capsys, ANSWERS, "--items", "beteiligung", "--by", "size", "--threshold", "10", "--json"))
    assert [row["suppressed"] for row in told] == [row.suppressed for row in found]
    assert {row["estimate"] for row in told if row["suppressed"]} == {None}


def test_spark_leaves_standard_output_to_the_results(capfd: pytest.CaptureFixture[str], small: Path) -> None:
    assert main(["estimate", str(small), "--items", "yes", "--engine", "spark", "--json"]) == 0
    told = capfd.readouterr()
    assert json.loads(told.out)[0]["estimate"] == 0.75


def test_every_interval_method_can_be_asked_for() -> None:
    assert set(get_args(estimate_command.Method)) == {*get_args(Method), "t", "z"} == {*METHODS, "t", "z"}


def test_the_keys_are_those_of_the_documentation() -> None:
    text = (ANSWERS.parent.parent.parent / "docs" / "estimation.md").read_text(encoding="utf-8")
    assert [key for key in (*estimate_output.KEYS, *estimate_output.MORE) if f"| `{key}` |" not in text] == []


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--items", "Yes"), '{file}, field Yes: The data have no column "Yes".\n  Similar: yes.'),
        (("--items", "yes", "--by", "kin"), '{file}, field kin: The data have no column "kin".\n  Similar: kind.'),
        (("--items", ""), "field items: No column is named that is to be estimated."),
        (
            ("--items", "word", "--estimator", "mean"),
            '{file}, line 2, field word: Numbers are needed here; "x" is none.',
        ),
        (
            ("--items", "yes", "--where", "kind ="),
            (
                'field where: "kind =" is no condition that can be checked for a row.\n'
                "  For example: kind = 'town' AND people >= 5000"
            ),
        ),
        (
            ("--items", "yes", "--where", "kind = 3"),
            (
                'field where: The condition "kind = 3" does not suit its columns (cannot compare string with numeric '
                "type (i32)).\n  Conditions compare numbers with numbers and words with 'words'."
            ),
        ),
        (("--items", "yes", "--where", "N > 99"), "No row meets the condition; there is nothing to estimate."),
        (
            ("--items", "people", "--estimator", "quantile", "--probs", "50"),
            'field --probs: "50" are not probabilities between 0 and 1.\n  For example: 0.25,0.5,0.75',
        ),
        (
            ("--items", "people", "--probs", "0.5"),
            (
                "field --probs: This option goes with --estimator quantile.\n"
                "  Add --estimator quantile or leave out --probs."
            ),
        ),
        (
            ("--items", "people", "--over", "N"),
            "field --over: This option goes with --estimator ratio.\n  Add --estimator ratio or leave out --over.",
        ),
        (
            ("--items", "people", "--estimator", "ratio"),
            "field --over: A ratio needs a denominator.\n  For example: --over inhabitants",
        ),
        (
            ("--items", "yes", "--confidence", "95"),
            "field --confidence: A confidence level lies between 0 and 1, not at 95.\n  Perhaps 0.95 is meant.",
        ),
        (
            ("--items", "yes", "--blank", "no"),
            (
                'field --blank: Empty cells mean "no" only where the question was shown.\n'
                "  Name the column that says so with --shown."
            ),
        ),
        (
            ("--items", "people", "--ci", "wilson"),
            '"wilson" makes limits of shares; for other numbers there are t and z.',
        ),
        (
            ("--items", "yes", "--strata", "kind", "--fpc", "yes"),
            (
                'Column "yes", a: different counts (0 and 1); a stratum (or, at the second stage, a PSU) has one '
                "population."
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_its_way_out(
    capsys: Capture, small: Path, options: tuple[str, ...], message: str
) -> None:
    assert refused(capsys, small, *options) == message.format(file=small)


@pytest.mark.parametrize(
    ("options", "possible"),
    [
        (("--ci", "wald"), get_args(estimate_command.Method)),
        (("--engine", "abacus"), get_args(estimate_command.Engine)),
        (("--lonely", "skip"), get_args(estimate_command.LonelyRule)),
    ],
)
def test_a_choice_that_does_not_exist_names_those_that_do(
    capsys: Capture, small: Path, options: tuple[str, str], possible: tuple[str, ...]
) -> None:
    message = refused(capsys, small, "--items", "yes", *options, lang="de")
    listed = ", ".join(f"'{name}'" for name in possible)
    assert message.startswith(f"{options[0]}: '{options[1]}' ist nicht möglich. Möglich sind: {listed}.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,w\n", "The data have no rows."),
        ("x,w\n,1\n,1\n", '"x": nobody whose weight counts has answered.'),
        ("x,w\n1,1\n0,\n", "{file}, line 3, field w: No value in a column of the sampling design."),
        ("x,w\n1,1\n0,-2\n", "{file}, line 3, field w: -2 is not a weight; weights are numbers from 0."),
        ("x,w\n1,1\n0,two\n", '{file}, line 3, field w: Numbers are needed here; "two" is none.'),
    ],
)
def test_data_that_cannot_be_used_are_refused(capsys: Capture, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    assert refused(capsys, path, "--items", "x", "--weight", "w") == message.format(file=path)


def test_a_file_that_does_not_exist_is_named(capsys: Capture) -> None:
    assert refused(capsys, "nowhere.csv", "--items", "x", lang="de") == "nowhere.csv: Diese Datei gibt es nicht."


def test_spark_without_java_says_how_to_get_it(
    capsys: Capture, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    message = refused(capsys, small, "--items", "yes", "--engine", "spark")
    assert message.startswith('field engine: Spark needs Java 17 or newer; the program "java" was not found.\n')
