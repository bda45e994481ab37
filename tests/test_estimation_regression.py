"""Generalised linear models: agreement with R, invariances, and errors that name the term."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.model_matrix import design_matrix, model_matrix, read_formula
from passgenau.estimation.regression import Regression, glm, term_test
from passgenau.estimation.replicates import replicate
from passgenau.estimation.survey import Survey

DATA = json.loads((Path(__file__).parent / "data" / "regression.json").read_text())
ORDER = {
    "size": ["small", "middle", "large"],
    "plan": ["no", "yes"],
    "need": ["not", "little", "rather", "very"],
}
TABLE = pl.DataFrame(DATA["columns"]).with_columns(pl.col(name).cast(pl.Enum(order)) for name, order in ORDER.items())
CLUSTERS = Design(weight="w", strata="type", ids=("psu",), fpc=("N",))
DESIGNS = {"cluster": CLUSTERS, "rows": Design(weight="w"), "jkn": CLUSTERS}


def survey_of(design: str = "cluster", table: pl.DataFrame = TABLE) -> Survey:
    return Survey.of(table, DESIGNS[design])


def fit(case: dict[str, Any]) -> Regression:
    survey = survey_of(case["design"])
    if case["where"]:
        survey = survey.where(pl.sql_expr(case["where"]))
    options = {key: case[key] for key in ("family", "intercept", "offset")}
    found = replicate(survey, "JKn") if case["design"] == "jkn" else survey
    return glm(found, case["outcome"], case["terms"], **options)


def estimates(model: Regression) -> NDArray[np.float64]:
    return np.array([c.estimate for c in model])


@pytest.mark.parametrize("case", DATA["glm"], ids=lambda c: f"{c['design']}-{c['family']}-{'+'.join(c['terms'])}")
def test_a_fit_agrees_with_r(case: dict[str, Any]) -> None:
    model, expected = fit(case), case["result"]
    assert [c.name for c in model] == expected["names"]
    assert estimates(model) == pytest.approx(expected["estimate"], rel=1e-9)
    covariance = np.array(expected["covariance"])
    error = np.sqrt(np.diag(covariance))
    assert np.abs(model.covariance - covariance).max() <= 1e-9 * (error @ error)
    assert model.covariance / np.outer(error, error) == pytest.approx(covariance / np.outer(error, error), abs=1e-9)
    assert [c.p for c in model] == pytest.approx(expected["p"], rel=1e-8)
    assert model.df == expected["df"]


@pytest.mark.parametrize("case", [c for c in DATA["glm"] if c["tested"]], ids=lambda c: "+".join(c["tested"]))
def test_a_test_of_terms_agrees_with_r(case: dict[str, Any]) -> None:
    expected = case["result"]["test"]
    found = term_test(fit(case), case["tested"], tail="saddlepoint")
    assert found.wald_f == pytest.approx(expected["wald_f"], rel=1e-9)
    assert found.wald_p == pytest.approx(expected["wald_p"], rel=1e-8)
    assert found.likelihood_ratio == pytest.approx(expected["ratio"], rel=1e-9)
    assert found.eigenvalues == pytest.approx(expected["eigenvalues"], rel=1e-9)
    assert found.likelihood_ratio_p == pytest.approx(expected["ratio_p"], rel=1e-6)


def test_a_model_without_terms_gives_the_mean() -> None:
    model = glm(survey_of(), "hours", [], family="gaussian")
    weight, hours = TABLE["w"].to_numpy(), TABLE["hours"].to_numpy()
    assert model["(Intercept)"].estimate == pytest.approx(weight @ hours / weight.sum(), rel=1e-13)
    assert model.base == len(TABLE)
    assert model.base_units == 21
    assert model.population == pytest.approx(weight.sum())


def test_one_category_as_the_only_term_gives_its_shares() -> None:
    model = glm(survey_of(), "plan == yes", ["type"])
    used = TABLE.filter(pl.col("plan").is_not_null() & (pl.col("type") == "town"))
    share = (used["w"] * (used["plan"] == "yes")).sum() / used["w"].sum()
    assert 1 / (1 + np.exp(-estimates(model).sum())) == pytest.approx(share, rel=1e-12)


def test_a_column_of_two_categories_stands_for_its_second() -> None:
    assert estimates(glm(survey_of(), "plan", ["size"])) == pytest.approx(
        estimates(glm(survey_of(), "plan == yes", ["size"]))
    )


def test_quasi_families_are_the_same_models() -> None:
    for plain, quasi in (("binomial", "quasibinomial"), ("poisson", "quasipoisson")):
        outcome = "plan" if plain == "binomial" else "count"
        one, other = (glm(survey_of(), outcome, ["size"], family=name) for name in (plain, quasi))
        assert one.coefficients == other.coefficients


def test_rows_that_lack_a_variable_count_for_the_design_only() -> None:
    gone = TABLE.with_columns(hours=pl.when(pl.col("psu") == 3).then(None).otherwise(pl.col("hours")))
    kept = survey_of().where(pl.col("psu") != 3)
    one, other = (glm(found, "hours", ["size"], family="gaussian") for found in (survey_of(table=gone), kept))
    assert estimates(one) == pytest.approx(estimates(other), rel=1e-12)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-10)
    assert one.df == other.df == 20 - 2 + 1 - 3


def test_a_census_leaves_no_variance() -> None:
    everyone = TABLE.with_columns(N=pl.col("psu").n_unique().over("type"))
    model = glm(survey_of(table=everyone), "plan", ["size"])
    assert (model.covariance == 0).all()


@settings(max_examples=8, deadline=None)
@given(row=st.integers(0, len(TABLE) - 1), share=st.floats(0.05, 0.95))
def test_splitting_a_weight_over_two_rows_of_a_unit_changes_nothing(row: int, share: float) -> None:
    index = pl.int_range(len(TABLE))
    part = TABLE[[row]].with_columns(pl.col("w") * (1 - share))
    whole = TABLE.with_columns(w=pl.when(index == row).then(pl.col("w") * share).otherwise(pl.col("w")))
    one, other = (glm(survey_of(table=t), "plan", ["size", "hours"]) for t in (TABLE, pl.concat([whole, part])))
    assert estimates(one) == pytest.approx(estimates(other), rel=1e-9)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-7, abs=1e-12)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_row_order_and_the_scale_of_weights_change_no_test(seed: int, factor: float) -> None:
    mixed = TABLE.sample(fraction=1, shuffle=True, seed=seed).with_columns(pl.col("w") * factor)
    one, other = (glm(survey_of(table=t), "count", ["size", "type"], family="poisson") for t in (TABLE, mixed))
    assert [c.p for c in one] == pytest.approx([c.p for c in other], rel=1e-8)
    tests = [term_test(model, ["size"]) for model in (one, other)]
    assert tests[0].likelihood_ratio == pytest.approx(tests[1].likelihood_ratio, rel=1e-8)
    assert tests[0].likelihood_ratio_p == pytest.approx(tests[1].likelihood_ratio_p, rel=1e-8)


def test_a_single_coefficient_has_equal_tests_of_wald_and_t() -> None:
    model = glm(survey_of(), "plan", ["hours", "count"])
    found = term_test(model, ["hours"])
    assert found.wald_f == pytest.approx(model["hours"].t ** 2)
    assert found.wald_p == pytest.approx(model["hours"].p)


def test_another_reference_turns_the_coefficient_around() -> None:
    plain = glm(survey_of(), "plan", ["type"])
    turned = glm(survey_of(), "plan", ["type"], levels={"type": ["town", "county"]})
    assert turned["typecounty"].estimate == pytest.approx(-plain["typetown"].estimate)
    assert turned["typecounty"].se == pytest.approx(plain["typetown"].se)


def test_levels_that_no_row_of_the_domain_has_get_no_column() -> None:
    model = glm(survey_of().where(pl.col("size") != "middle"), "plan", ["size"])
    assert [c.name for c in model] == ["(Intercept)", "sizelarge"]


def test_too_few_units_give_coefficients_without_tests() -> None:
    few = survey_of().where(pl.col("psu").is_in([1, 2, 10, 11]))
    model = glm(few, "hours", ["count", "months", "w"], family="gaussian")
    assert model.df == -1
    assert np.isnan(model["count"].p)
    assert np.isnan(model["count"].lower)
    with pytest.raises(DesignError, match="Too few PSUs for 4 coefficients"):
        term_test(model, ["count"])


def test_a_result_becomes_a_frame() -> None:
    frame = glm(survey_of(), "plan", ["size"]).to_polars()
    assert frame["name"].to_list() == ["(Intercept)", "sizemiddle", "sizelarge"]
    assert frame.columns[-1] == "method"


@pytest.mark.parametrize("family", ["binomial", "probit", "cloglog"])
def test_a_term_that_predicts_the_outcome_is_named(family: str) -> None:
    table = TABLE.filter(pl.col("plan").is_not_null()).with_columns(told=(pl.col("plan") == "yes").cast(pl.Int8))
    with pytest.raises(DesignError, match='"told" predicts the outcome of some rows perfectly'):
        glm(survey_of(table=table), "plan", ["told", "hours"], family=family)


def test_a_level_without_any_yes_is_named() -> None:
    table = TABLE.with_columns(
        plan=pl.when(pl.col("size") == "large").then(pl.lit("no")).otherwise(pl.col("plan").cast(pl.String))
    )
    with pytest.raises(DesignError, match='"sizelarge" predicts'):
        glm(survey_of(table=table), "plan == yes", ["size", "hours"])


def test_a_redundant_term_is_named() -> None:
    table = TABLE.with_columns(double=2 * pl.col("hours") + 1)
    with pytest.raises(DesignError, match='"double" cannot be told apart'):
        glm(survey_of(table=table), "count", ["hours", "double"], family="poisson")


@pytest.mark.parametrize(
    ("outcome", "terms", "family", "message"),
    [
        ("plan", ["nothing"], "binomial", 'no column "nothing"'),
        ("size", ["hours"], "binomial", "exactly two"),
        ("size", ["hours"], "gaussian", "needs numbers"),
        ("hours", ["size"], "binomial", "lies outside 0 to 1"),
        ("plan == perhaps", ["size"], "binomial", 'no category "perhaps"'),
        ("plan", ["size"], "gamma", 'no family "gamma"'),
    ],
)
def test_input_that_does_not_fit_is_named(outcome: str, terms: list[str], family: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        glm(survey_of(), outcome, terms, family=family)


def test_an_outcome_that_does_not_vary_is_refused() -> None:
    with pytest.raises(DesignError, match="nothing to explain"):
        glm(survey_of().where(pl.col("plan") == "yes"), "plan == yes", ["hours"])


def test_a_domain_without_complete_rows_is_refused() -> None:
    with pytest.raises(DesignError, match="No row has values in all of these: plan, hours"):
        glm(survey_of().where(pl.col("hours") > 1e6), "plan", ["hours"])


def test_an_unknown_term_of_a_test_is_named() -> None:
    with pytest.raises(InputError, match='no term "hours"'):
        term_test(glm(survey_of(), "plan", ["size"]), ["hours"])


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("~a*b", ["(Intercept)", "ay", "az", "bq", "ay:bq", "az:bq"]),
        ("~a*n-1", ["ax", "ay", "az", "n", "ay:n", "az:n"]),
        ("~a:n", ["(Intercept)", "ax:n", "ay:n", "az:n"]),
        ("~b + a:b", ["(Intercept)", "bq", "bp:ay", "bq:ay", "bp:az", "bq:az"]),
        ("~n+a:b-1", ["n", "ax:bp", "ay:bp", "az:bp", "ax:bq", "ay:bq", "az:bq"]),
        ("~I(b=='q')+t", ["(Intercept)", "I(b=='q')TRUE", "tTRUE"]),
        ("~factor(n)+log(n)+I(n^2)", ["(Intercept)", "factor(n)2", "factor(n)3", "factor(n)4", "log(n)", "I(n^2)"]),
        ("~1", ["(Intercept)"]),
    ],
)
def test_columns_are_coded_and_named_as_r_does(formula: str, names: list[str]) -> None:
    table = pl.DataFrame({"a": list("xyzx"), "b": list("pqpq"), "n": [1, 2, 3, 4], "t": [True, False, True, True]})
    read = read_formula(formula)
    assert list(design_matrix(table, read.terms, intercept=read.intercept)[0]) == names


def test_a_model_matrix_holds_products_and_gaps() -> None:
    table = pl.DataFrame({"a": ["x", "y", None], "n": [2.0, 3.0, 4.0]})
    matrix = model_matrix(table, ["a*n"])
    assert matrix.numbers[:2].tolist() == [[1, 0, 2, 0], [1, 1, 3, 3]]
    assert np.isnan(matrix.numbers[2]).tolist() == [False, True, False, True]
    assert matrix.terms == ("a", "n", "a:n")
    assert matrix.columns_of(["n:a"]) == (3,)


def test_a_column_whose_name_is_a_formula_stays_whole() -> None:
    table = pl.DataFrame({"a:b": [1, 2], "a": [3, 4], "b": [5, 6]})
    assert design_matrix(table, ["a:b"])[1][:, 1].tolist() == [1, 2]


def test_a_value_outside_the_given_levels_is_named() -> None:
    with pytest.raises(InputError, match='Row 2 of the data: "y" is none of the categories x'):
        design_matrix(pl.DataFrame({"a": ["x", "y"]}), ["a"], levels={"a": ["x"]})


def test_a_logarithm_of_zero_is_named() -> None:
    with pytest.raises(InputError, match=r"Row 2 of the data: log\(0\) is not a number"):
        design_matrix(pl.DataFrame({"a": [1, 0]}), ["log(a)"])


@pytest.mark.parametrize("text", ["a ~ b ~ c", "~a + + b"])
def test_a_formula_that_cannot_be_read_is_shown(text: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_formula(text)
