"""Tests of hypotheses."""

from typing import Any

from oracles_runner import formulas
from oracles_runner.linear import listed, with_columns
from oracles_runner.surveys import OutOfScopeError, Prepared
from passgenau.estimation.comparison.goodness_of_fit import goodness_of_fit
from passgenau.estimation.comparison.hypothesis_test import HypothesisTest
from passgenau.estimation.comparison.rank_tests import rank_test
from passgenau.estimation.comparison.t_tests import t_test
from passgenau.estimation.comparison.tables import chi_squared, two_way_table
from passgenau.estimation.comparison.wald import wald_test_items


def _result(found: HypothesisTest) -> dict[str, Any]:
    return {
        "statistic": found.statistic,
        "stat_name": found.statistic_name,
        "df": list(found.df),
        "p_value": found.p_value,
        "estimate": found.estimate,
        "conf_int": [found.lower, found.upper],
    }


def _two(prepared: Prepared, params: dict[str, Any]) -> tuple[Prepared, str, str]:
    prepared, names = with_columns(prepared, formulas.variables(params["formula"]))
    if len(names) != 2:
        raise OutOfScopeError(f"tables of {len(names)} variables")
    return prepared, names[0], names[1]


def chisq(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, row, column = _two(prepared, params)
    return _result(chi_squared(prepared.survey(), row, column, params.get("statistic", "F")))


def table(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, row, column = _two(prepared, params)
    found = two_way_table(prepared.survey(), row, column)
    dims = {row: [str(label) for label in found.rows], column: [str(label) for label in found.columns]}
    return {"dims": dims, "counts": found.counts.ravel(order="F").tolist()}


def gof(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, names = with_columns(prepared, formulas.variables(params["formula"]))
    return _result(goodness_of_fit(prepared.survey(), names[0], [float(share) for share in params["p"]]))


def ttest(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    left, right = formulas.sides(params["formula"])
    if left is None:
        raise OutOfScopeError("a t test without an outcome")
    outcome, group = formulas.deparse(left), formulas.deparse(right)
    if group in {"0", "1"}:
        prepared, names = _numeric(prepared, outcome)
        return _result(t_test(prepared.survey(), names))
    prepared, name = _numeric(prepared, outcome)
    prepared, groups = with_columns(prepared, [group])
    return _result(t_test(prepared.survey(), name, groups[0]))


def _numeric(prepared: Prepared, expression: str) -> tuple[Prepared, str]:
    return prepared.with_column(expression)


def ranktest(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    left, right = formulas.sides(params["formula"])
    if left is None:
        raise OutOfScopeError("a rank test without an outcome")
    prepared, outcome = _numeric(prepared, formulas.deparse(left))
    prepared, groups = with_columns(prepared, [formulas.deparse(right)])
    found = _result(rank_test(prepared.survey(), outcome, groups[0], params.get("test", "wilcoxon")))
    if prepared.case.result.get("stat_name") == "df":  # R gives χ² = F·k as df where there are more than two groups
        k, _ = found["df"]
        found |= {"statistic": k, "df": found["statistic"] * k, "stat_name": "df"}
    return found


def wald_multi(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, items = with_columns(prepared, listed(params["y"]))
    prepared, groups = with_columns(prepared, listed(params["by"]))
    found = wald_test_items(prepared.survey(), items, groups[0])
    return {
        "diff": list(found.differences),
        "se": list(found.se),
        "wald_chisq": found.test.chi_squared,
        "k": found.test.k,
        "degf": found.test.df,
        "F": found.test.f,
        "p_F": found.test.p_f,
        "adjF": found.test.adjusted_f,
        "p_adjF": found.test.p_adjusted_f,
    }
