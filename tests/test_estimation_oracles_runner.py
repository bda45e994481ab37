"""The runner that holds the engine against reference results judges as it says."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from oracles_runner import formulas
from oracles_runner.compare import differences
from oracles_runner.run import main
from oracles_runner.surveys import members

TABLE = pl.DataFrame(
    {
        "a": [1.0, 2.0, None, 4.0],
        "b.c": [0, 1, 1, 0],
        "g": pl.Series(["x", "y", "y", "z"], dtype=pl.Enum(["x", "y", "z"])),
    }
)


def _write(folder: Path, cases: list[dict[str, Any]]) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "small.csv").write_text('"y","w"\n1,"2"\n2,"2"\n,"2"\n4,"2"\n', encoding="utf-8")
    (folder / "90_small.json").write_text(json.dumps({"meta": {}, "cases": cases}), encoding="utf-8")


def _case(name: str, result: dict[str, Any], estimator: str = "mean") -> dict[str, Any]:
    design = {"data": "small", "weights": "w", "strata": None, "ids": []}
    return {"id": name, "design": design, "estimator": estimator, "params": {"y": "y", "na_rm": True}, "result": result}


def test_it_counts_and_names_what_passed_failed_and_was_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = _case("right", {"est": 7 / 3, "degf": 3, "se": None, "deff": [], "note": "words"})
    wrong = _case("wrong", {"est": 7 / 3 + 1e-6, "name": "y"})
    error = _case("error", {"error": "must raise"})
    error["design"] = {"data": "small", "weights": "nowhere"}
    silent = _case("silent", {"error": "must raise"})
    _write(tmp_path, [right, wrong, _case("kurtosis", {"est": 1}, "kurtosis"), error, silent])
    assert main([str(tmp_path), "--engine", "memory"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "FAILED 90_small.json wrong: est: expected 2.33333433333333, got 2.33333333333333, relative deviation 4.29e-07",
        "SKIPPED 90_small.json kurtosis: estimator kurtosis",
        "FAILED 90_small.json silent: expected an error (must raise), got numbers",
        "2 passed, 2 failed, 1 skipped",
    ]


def test_it_ends_well_without_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(tmp_path, [_case("right", {"est": 7 / 3})])
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 passed, 0 failed, 0 skipped\n"


@pytest.mark.parametrize(
    ("expected", "got", "agree"),
    [
        ({"est": 1.0}, {"est": [1.0 + 9e-10]}, True),
        ({"est": 1.0}, {"est": [1.0 + 2e-9]}, False),
        ({"est": [1.0, None]}, {"est": [1.0, 5.0]}, True),
        ({"est": "NaN"}, {"est": [5.0]}, True),
        ({"est": [1.0, 2.0]}, {"est": [1.0]}, False),
        ({"se": 0}, {"se": 9e-11}, True),
        ({"se": 0}, {"se": 2e-10}, False),
        ({"est": 4e6, "se": 0}, {"est": 4e6, "se": 1e-5}, True),
        ({"p_value": 1e-30}, {"p_value": 3e-30}, True),
        ({"p_value": 1e-9}, {"p_value": 1.1e-9}, False),
        ({"est": 1.0, "degf": 3}, {"est": 1.0}, False),
        ({"names": ["a", "b"]}, {"names": ["b", "a"]}, False),
        ({"vcov": [[4.0, 0.0], [0.0, 9.0]]}, {"vcov": [[4.0, 1e-13], [1e-13, 9.0]]}, True),
        ({"vcov": [[4.0, 0.0], [0.0, 9.0]]}, {"vcov": [[4.0, 1e-10], [1e-10, 9.0]]}, False),
    ],
)
def test_numbers_are_compared_relatively_and_those_near_zero_absolutely(
    expected: dict[str, Any], got: dict[str, Any], *, agree: bool
) -> None:
    assert (differences(expected, got, 1e-9) == []) is agree


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({"variable": "g", "relation": "==", "value": "y"}, [0, 1, 1, 0]),
        ({"variable": "g", "relation": "%in%", "value": ["x", "z"]}, [1, 0, 0, 1]),
        ({"variable": "a", "relation": ">=", "value": 2}, [0, 1, 0, 1]),
        ({"variable": "a", "relation": "!=", "value": 2}, [1, 0, 0, 1]),
        ({"and": [{"variable": "b.c", "value": 1}, {"variable": "a", "relation": "<", "value": 9}]}, [0, 1, 0, 0]),
        ({"or": [{"variable": "g", "value": "x"}, {"not": {"variable": "b.c", "value": 1}}]}, [1, 0, 0, 1]),
        ("g != 'y' & a < 4", [1, 0, 0, 0]),
    ],
)
def test_conditions_are_read_and_missing_values_meet_none(where: object, rows: list[int]) -> None:
    assert members(where, TABLE).astype(int).tolist() == rows


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("~a+b.c", ["(Intercept)", "a", "b.c"]),
        ("~g*a", ["(Intercept)", "gy", "gz", "a", "gy:a", "gz:a"]),
        ("~g-1", ["gx", "gy", "gz"]),
        ("~a+g:a", ["(Intercept)", "a", "a:gy", "a:gz"]),
        ("~I(g=='y')+I(a-b.c)", ["(Intercept)", 'I(g == "y")TRUE', "I(a - b.c)"]),
        ("~factor(b.c)", ["(Intercept)", "factor(b.c)1"]),
    ],
)
def test_formulas_give_the_columns_that_r_gives(formula: str, names: list[str]) -> None:
    assert formulas.model_matrix(formulas.sides(formula)[1], TABLE)[0] == names


def test_expressions_are_evaluated_row_by_row() -> None:
    found = formulas.evaluate(formulas.parse("(a - b.c) * 2 ^ 2"), TABLE).values
    assert np.array_equal(found, [4.0, 4.0, np.nan, 16.0], equal_nan=True)


def test_names_are_those_of_r_for_truth_values_and_columns_made_by_functions(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = pl.DataFrame({"y": [1.0, 4, 2, 8, 5, 7, 3, 6], "t": [True, False] * 4, "year": [1, 1, 2, 2, 3, 3, 1, 2]})
    table.with_columns(pl.col("t").cast(pl.String)).write_csv(tmp_path / "data" / "small.csv")
    about = {"columns": {"y": {"type": "float"}, "t": {"type": "bool"}, "year": {"type": "int"}}}
    (tmp_path / "data" / "small.meta.json").write_text(json.dumps(about), encoding="utf-8")
    names = ["(Intercept)", "log(y)", "as.factor(year)2", "as.factor(year)3"]
    formula = {"formula": "y ~ log(y) + as.factor(year)", "family": "gaussian", "term": "~as.factor(year)"}
    cases = [
        {"id": 1, "estimator": "by", "params": {"y": "y", "by": "t"}, "result": {"groups": {"t": ["FALSE", "TRUE"]}}},
        {"id": 2, "estimator": "glm", "params": formula, "result": {"name": names, "term_df": 2}},
    ]
    content = {"cases": [{**case, "design": {"data": "small"}} for case in cases]}
    (tmp_path / "90_small.json").write_text(json.dumps(content), encoding="utf-8")
    assert main([str(tmp_path)]) == 0


def test_what_is_missing_in_the_reference_is_not_compared() -> None:
    expected = {"est": [None, 2.0], "se": ["NaN", 1.0], "vcov": [[None, None], [None, 1.0]]}
    got = {"est": [7.0, 2.0], "se": [7.0, 1.0], "vcov": [[7.0, 7.0], [7.0, 1.0]]}
    assert differences(expected, got, 1e-9) == []


def test_a_saddlepoint_within_a_regression_is_compared_as_one() -> None:
    assert differences({"term_LRT_p": 0.3}, {"term_LRT_p": 0.3 * (1 + 5e-7)}, 1e-7) == []
    assert differences({"term_p": 0.3}, {"term_p": 0.3 * (1 + 5e-7)}, 1e-7) != []
