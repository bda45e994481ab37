"""Limits of shares: against reference results, and by what must be true of them."""

import json
from functools import cache
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.estimation.design import Design
from passgenau.estimation.proportions import (
    EXACT,
    METHODS,
    choose_method,
    count_limits,
    effective_size,
    proportion_interval,
    survey_proportion,
    undefined,
)
from passgenau.estimation.survey import Survey

ORACLES = Path(__file__).parent / "oracles"
FINITE = json.loads((ORACLES / "13_finite_exact.json").read_text(encoding="utf-8"))["cases"]
NAMES_IN_13 = {
    "hypergeom_exact": ("hypergeometric", (0.5, 0.5)),
    "hypergeom_midp": ("hypergeometric-midp", (0.5, 0.5)),
    "betabinom_jeffreys": ("beta-binomial", (0.5, 0.5)),
    "betabinom_uniform": ("beta-binomial", (1.0, 1.0)),
    "korn_graubard_fpc": ("korn-graubard", (0.5, 0.5)),
    "korn_graubard_neff_le_n": ("korn-graubard-capped", (0.5, 0.5)),
    "wilson_fpc": ("wilson", (0.5, 0.5)),
    "logit_fpc": ("logit", (0.5, 0.5)),
    "wald_t_fpc": ("mean", (0.5, 0.5)),
}


def proportion_cases() -> list[dict[str, Any]]:
    """Return the cases that have a number: with answers missing, the reference gives some methods none."""
    files = ("03_ciprop", "11_yrbs", "21_synthetic_intervals")
    cases = [c for name in files for c in json.loads((ORACLES / f"{name}.json").read_text(encoding="utf-8"))["cases"]]
    return [c for c in cases if c["estimator"] == "ciprop" and c["result"]["est"] is not None]


def names(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


@cache
def table_of(name: str) -> pl.DataFrame:
    return pl.read_csv(ORACLES / "data" / f"{name}.csv", infer_schema_length=None, null_values=["", "NA"])


def survey_of(design: dict[str, Any]) -> Survey:
    table = table_of(design["data"])
    survey = Survey.of(
        table,
        Design(
            weight=design.get("weights"),
            strata=design.get("strata"),
            ids=names(design.get("ids")),
            fpc=names(design.get("fpc")),
            nest=design.get("nest", False),
        ),
    )
    for step in design.get("steps", []):
        assert step["op"] == "domain"
        survey = survey.restrict(indicator(table, step["where"]) == 1)
    return survey


def indicator(table: pl.DataFrame, test: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    assert test["relation"] == "=="
    column = table[test["variable"]]
    same = column == test["value"] if column.dtype.is_numeric() else column.cast(pl.String) == str(test["value"])
    return np.asarray(same.cast(pl.Float64).fill_null(nan).to_numpy())


def one(*limits: Any) -> tuple[float, float]:
    """Return two limits as plain numbers."""
    lower, upper = limits
    return float(lower), float(upper)


@pytest.mark.parametrize("case", proportion_cases(), ids=lambda c: c["id"])
def test_limits_from_a_design_agree_with_the_reference_results(case: dict[str, Any]) -> None:
    survey, params, result = survey_of(case["design"]), case["params"], case["result"]
    method = params["method"]
    found = survey_proportion(
        survey,
        indicator(survey.table, params["indicator"]),
        method=method,
        confidence=params.get("level", 0.95),
        df=float(params["df"]) if "df" in params else None,
    )
    near = 1e-7 if method in {"logit", "xlogit", "likelihood"} else 1e-9
    assert found.share == pytest.approx(result["est"], rel=near)
    if result["se"] is not None:
        assert found.se == pytest.approx(result["se"], rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx((result["ci_low"], result["ci_high"]), rel=near)


@pytest.mark.parametrize("case", FINITE, ids=lambda c: f"{c['x']} of {c['n']} of {c['N']} at {c['alpha']}")
def test_limits_of_a_simple_draw_agree_with_the_reference_results(case: dict[str, Any]) -> None:
    n, population = case["n"], case["N"]
    share = case["x"] / n
    se = np.sqrt((1 - n / population) * share * (1 - share) / (n - 1))
    for name, (method, prior) in NAMES_IN_13.items():
        if undefined(method, share):
            continue  # the reference has an interval without width; see the test of refusals
        limits = proportion_interval(
            method,
            share,
            se,
            answers=n,
            df=n - 1,
            confidence=1 - case["alpha"],
            population=population,
            prior=prior,
        )
        assert one(*limits) == pytest.approx(tuple(case["intervals"][name]), rel=1e-9, abs=1e-10), name


@st.composite
def estimates(draw: st.DrawFn) -> tuple[float, float, int, int]:
    share = draw(st.floats(0.01, 0.99))
    answers = draw(st.integers(3, 2000))
    effect = draw(st.floats(0.2, 5))
    return share, float(np.sqrt(effect * share * (1 - share) / answers)), answers, draw(st.integers(2, 2000))


FROM_A_VARIANCE = sorted(set(METHODS) - EXACT)


@pytest.mark.parametrize("method", FROM_A_VARIANCE)
@settings(max_examples=40, deadline=None)
@given(estimates())
def test_limits_hold_the_estimate(method: str, given_: tuple[float, float, int, int]) -> None:
    share, se, answers, df = given_
    if method == "asin" and 2.5 * se > share * (1 - share):
        return  # beyond the ends of the arc the transformation has no meaning
    lower, upper = proportion_interval(method, share, se, answers=answers, df=df, confidence=0.8)
    assert lower <= share <= upper


@pytest.mark.parametrize("method", sorted(set(FROM_A_VARIANCE) - {"likelihood"}))
@settings(max_examples=40, deadline=None)
@given(estimates())
def test_yes_and_no_are_mirror_images(method: str, given_: tuple[float, float, int, int]) -> None:
    share, se, answers, df = given_
    lower, upper = proportion_interval(method, share, se, answers=answers, df=df)
    low, high = proportion_interval(method, 1 - share, se, answers=answers, df=df)
    assert one(1 - high, 1 - low) == pytest.approx(one(lower, upper), abs=1e-9)


@pytest.mark.parametrize("method", FROM_A_VARIANCE)
def test_arrays_give_what_single_numbers_give(method: str) -> None:
    share, se = np.array([[0.2, 0.5], [0.7, 0.9]]), np.array([0.05, 0.1])
    lower, upper = proportion_interval(method, share, se, answers=40, df=12)
    assert lower.shape == upper.shape == (2, 2)
    for i, j in np.ndindex(2, 2):
        single = proportion_interval(method, share[i, j], se[j], answers=40, df=12)
        assert one(lower[i, j], upper[i, j]) == pytest.approx(one(*single), abs=1e-15)


@pytest.mark.parametrize("method", ["logit", "xlogit", "asin"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_transformation_without_value_at_the_ends_is_refused_there(method: str, share: float) -> None:
    with pytest.raises(DesignError, match=rf'At a share of {share:g} the method "{method}" has no limits'):
        proportion_interval(method, [0.5, share], [0.1, 0.0], answers=20, df=19)


@pytest.mark.parametrize("method", ["korn-graubard", "wilson", "likelihood"])
def test_nobody_saying_yes_leaves_room_for_some_who_would(method: str) -> None:
    lower, upper = proportion_interval(method, 0.0, 0.0, answers=20, df=19)
    low, high = proportion_interval(method, 1.0, 0.0, answers=20, df=19)
    assert lower == 0
    assert 0.05 < upper < 0.25
    assert one(1 - high, 1 - low) == pytest.approx(one(0, upper), abs=1e-12)


@pytest.mark.parametrize("method", ["korn-graubard", "wilson", "likelihood", "mean", "logit"])
def test_limits_collapse_where_everybody_was_asked(method: str) -> None:
    limits = proportion_interval(method, 0.4, 0.0, answers=20, df=19, population=20)
    assert one(*limits) == pytest.approx((0.4, 0.4))


def test_no_answers_give_no_limits() -> None:
    lower, upper = proportion_interval("korn-graubard", [nan, 0.5], [nan, 0.1], answers=[0, 20], df=[0, 19])
    assert isnan(lower[0])
    assert isnan(upper[0])
    assert lower[1] < 0.5 < upper[1]


def test_a_census_has_an_infinite_effective_size_and_a_unanimous_share_its_answers() -> None:
    assert effective_size([0.5, 0.5, 0.0], [0.125, 0.0, 0.0], 20).tolist() == [16.0, inf, 20.0]


def test_exact_limits_need_a_population_and_whole_counts() -> None:
    with pytest.raises(DesignError, match="needs one answer per unit from a population of known size"):
        proportion_interval("hypergeometric", 0.5, 0.1, answers=20, df=19)
    with pytest.raises(DesignError, match=r"A share of 0.52 is no whole number of 20 answers"):
        proportion_interval("hypergeometric", 0.52, 0.1, answers=20, df=19, population=100)


def test_an_unknown_method_is_named_with_those_that_exist() -> None:
    with pytest.raises(DesignError, match='No interval method "wald"; possible: hypergeometric, '):
        proportion_interval("wald", 0.5, 0.1, answers=20, df=19)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_outside_0_and_1_is_refused(confidence: float) -> None:
    with pytest.raises(DesignError, match="A confidence level lies between 0 and 1"):
        proportion_interval("wilson", 0.5, 0.1, answers=20, df=19, confidence=confidence)


def test_every_method_is_explained_in_one_sentence_in_both_languages() -> None:
    for text in METHODS.values():
        assert text.en is not None
        assert text.de.endswith(".")
        assert text.en.endswith(".")


def test_the_design_chooses_exact_limits_for_one_equal_answer_per_unit_and_never_wald() -> None:
    assert choose_method(35).method == "hypergeometric"
    assert choose_method(35).population == 35
    assert choose_method(None).method == "korn-graubard"
    assert choose_method(None).population is None


def simple_survey(**columns: list[Any]) -> Survey:
    yes = [1] * 10 + [0] * 11
    return Survey.of(pl.DataFrame({"yes": yes, "N": [35] * 21, **columns}), Design(fpc=("N",), strata=None))


def test_districts_answering_once_get_exact_limits_as_counts() -> None:
    survey = simple_survey()
    found = survey_proportion(survey, survey.numbers("yes"))
    assert found.method == "hypergeometric"
    assert (found.base, found.base_units, found.population) == (21, 21, pytest.approx(35))
    assert (found.count_lower, found.count_upper) == (12, 21)
    assert (found.lower, found.upper) == pytest.approx((12 / 35, 21 / 35))


def test_a_unit_that_left_the_item_out_counts_like_one_that_was_not_drawn() -> None:
    survey = simple_survey()
    answers = np.append(survey.numbers("yes")[:-1], nan)
    found = survey_proportion(survey, answers)
    expected = proportion_interval("hypergeometric", 0.5, 0.0, answers=20, df=19, population=35)
    assert (found.base, found.method) == (20, "hypergeometric")
    assert (found.lower, found.upper) == pytest.approx(one(*expected))


def test_a_part_of_the_sample_gets_limits_that_do_not_need_its_size() -> None:
    survey = simple_survey(group=[1] * 12 + [2] * 9)
    part = survey.where(pl.col("group") == 1)
    assert survey_proportion(part, survey.numbers("yes")).method == "korn-graubard"


def test_a_population_of_unknown_size_has_no_counts() -> None:
    survey = Survey.of(pl.DataFrame({"yes": [1, 0, 1, 1]}), Design())
    found = survey_proportion(survey, survey.numbers("yes"))
    assert (found.method, found.count_lower, found.count_upper) == ("korn-graubard", None, None)


def test_values_other_than_yes_and_no_are_refused() -> None:
    survey = simple_survey()
    with pytest.raises(DesignError, match=r"A share counts 1 \(yes\) and 0 \(no\); found was 35"):
        survey_proportion(survey, survey.numbers("N"))
    with pytest.raises(DesignError, match="Nobody answered"):
        survey_proportion(survey, np.full(21, nan))


def test_counts_are_rounded_outwards_and_stay_inside_the_population() -> None:
    assert count_limits("korn-graubard", 0.101, 0.899, 100) == (10, 90)
    assert count_limits("korn-graubard", 0.1, 0.9, 100) == (10, 90)
    assert count_limits("mean", -0.1, 1.1, 100) == (0, 100)
    assert count_limits("hypergeometric", 12 / 35, 21 / 35, 35) == (12, 21)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(24)))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    columns = {
        "yes": [1, 0, 0, 1, 1, 0] * 4,
        "w": [1.5, 2.25, 3.1] * 8,
        "stratum": [1] * 12 + [2] * 12,
        "N": [40] * 12 + [90] * 12,
    }
    design = Design(weight="w", strata="stratum", fpc=("N",))
    table = pl.DataFrame(columns)
    found = []
    for one in (table, table[order]):
        survey = Survey.of(one, design)
        result = survey_proportion(survey, survey.numbers("yes"))
        found.append((result.share, result.se, result.lower, result.upper))
    assert found[0] == pytest.approx(found[1], rel=1e-12)
