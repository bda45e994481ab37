"""Models of ordered answers: agreement with R, the model's own equations, and errors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, ndtr

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.ordinal_regression import OrdinalRegression, ordinal
from passgenau.estimation.regression import glm
from passgenau.estimation.replicates import replicate
from passgenau.estimation.survey import Survey

DATA = json.loads((Path(__file__).parent / "data" / "regression.json").read_text())
LEVELS = ["not", "little", "rather", "very"]
SIZES = ["small", "middle", "large"]
TABLE = pl.DataFrame(DATA["columns"]).with_columns(
    pl.col("need").cast(pl.Enum(LEVELS)), pl.col("size").cast(pl.Enum(SIZES))
)
DESIGNS = {"cluster": Design(weight="w", strata="type", ids=("psu",), fpc=("N",)), "rows": Design(weight="w")}
SURVEY = Survey.of(TABLE, DESIGNS["cluster"])


def values(model: OrdinalRegression) -> list[float]:
    return [c.estimate for c in model]


@pytest.mark.parametrize("case", DATA["ordinal"], ids=lambda c: f"{c['design']}-{c['link']}")
def test_a_fit_agrees_with_r(case: dict[str, Any]) -> None:
    model = ordinal(Survey.of(TABLE, DESIGNS[case["design"]]), "need", case["terms"], link=case["link"])
    assert [c.name for c in model] == case["names"]
    assert values(model) == pytest.approx(case["estimate"], rel=1e-5)  # R stops its search early
    assert [c.se for c in model] == pytest.approx(case["se"], rel=1e-3)  # and differentiates numerically
    assert model.deviance == pytest.approx(case["deviance"], rel=1e-10)
    assert model.df == case["df"]


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog"])
def test_without_terms_the_thresholds_give_the_shares(link: str) -> None:
    model = ordinal(SURVEY, "need", [], link=link)
    below = {
        "logit": expit,
        "probit": ndtr,
        "cloglog": lambda x: 1 - np.exp(-np.exp(x)),
        "loglog": lambda x: np.exp(-np.exp(-x)),
    }[link](np.array(values(model)))
    code = TABLE["need"].to_physical().to_numpy()
    weight = TABLE["w"].to_numpy()
    assert below == pytest.approx([weight[code <= k].sum() / weight.sum() for k in range(3)], rel=1e-10)


def test_turning_the_scale_around_turns_the_coefficients_around() -> None:
    plain = ordinal(SURVEY, "need", ["hours", "size"])
    turned = ordinal(SURVEY, "need", ["hours", "size"], levels={"need": LEVELS[::-1]})
    assert [c.estimate for c in turned.coefficients] == pytest.approx([-c.estimate for c in plain.coefficients])
    assert [c.se for c in turned.coefficients] == pytest.approx([c.se for c in plain.coefficients])
    assert [c.estimate for c in turned.thresholds] == pytest.approx([-c.estimate for c in plain.thresholds][::-1])


def test_a_better_answer_goes_with_a_positive_coefficient() -> None:
    assert ordinal(SURVEY, "need", ["hours"])["hours"].estimate > 0
    assert glm(SURVEY, "need == very", ["hours"])["hours"].estimate > 0


def test_replicates_fit_the_model_anew() -> None:
    linear, replicated = (ordinal(found, "need", ["hours"]) for found in (SURVEY, replicate(SURVEY, "JKn")))
    assert values(linear) == values(replicated)
    assert [c.se for c in replicated] == pytest.approx([c.se for c in linear], rel=0.2)
    assert [c.se for c in replicated] != pytest.approx([c.se for c in linear], rel=1e-4)


def test_a_census_leaves_no_variance() -> None:
    everyone = TABLE.with_columns(N=pl.col("psu").n_unique().over("type"))
    assert (ordinal(Survey.of(everyone, DESIGNS["cluster"]), "need", ["hours"]).covariance == 0).all()


@settings(max_examples=6, deadline=None)
@given(shift=st.floats(-1e4, 1e4), factor=st.floats(0.01, 100))
def test_moving_a_term_moves_only_the_thresholds(shift: float, factor: float) -> None:
    moved = TABLE.with_columns(hours=pl.col("hours") + shift, w=pl.col("w") * factor)
    model, plain = (ordinal(Survey.of(table, DESIGNS["cluster"]), "need", ["hours"]) for table in (moved, TABLE))
    assert model["hours"].estimate == pytest.approx(plain["hours"].estimate, rel=1e-7)
    assert model["hours"].se == pytest.approx(plain["hours"].se, rel=1e-7)
    expected = [c.estimate + shift * plain["hours"].estimate for c in plain.thresholds]
    assert [c.estimate for c in model.thresholds] == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_a_level_that_no_row_has_gets_no_threshold() -> None:
    model = ordinal(SURVEY.where(pl.col("need") != "little"), "need", ["hours"])
    assert [c.name for c in model.thresholds] == ["not|rather", "rather|very"]


def test_a_result_becomes_a_frame() -> None:
    frame = ordinal(SURVEY, "need", ["hours"]).to_polars()
    assert frame["name"].to_list() == ["hours", "not|little", "little|rather", "rather|very"]


@pytest.mark.parametrize(
    ("outcome", "terms", "link", "message"),
    [
        ("nothing", ["hours"], "logit", 'no column "nothing"'),
        ("type", ["hours"], "logit", "has 2 levels"),
        ("w", ["hours"], "logit", "needs 3 to 20"),
        ("need", ["hours"], "cauchit", 'no link "cauchit"'),
    ],
)
def test_input_that_does_not_fit_is_named(outcome: str, terms: list[str], link: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ordinal(SURVEY, outcome, terms, link=link)


def test_a_term_that_predicts_the_answer_is_named() -> None:
    table = TABLE.with_columns(told=pl.col("need").to_physical())
    with pytest.raises(DesignError, match='"told" predicts'):
        ordinal(Survey.of(table, DESIGNS["cluster"]), "need", ["hours", "told"])


def test_a_redundant_term_is_named() -> None:
    table = TABLE.with_columns(same=pl.lit(1))
    with pytest.raises(DesignError, match='"same" cannot be told apart'):
        ordinal(Survey.of(table, DESIGNS["cluster"]), "need", ["hours", "same"])
