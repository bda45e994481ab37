"""Draws with unequal probabilities: agreement with R, unbiasedness over all samples, and errors."""

import json
from itertools import combinations
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
from passgenau.estimation.estimating import estimate
from passgenau.estimation.regression import glm
from passgenau.estimation.survey import Survey
from passgenau.estimation.unequal_probability import UnequalSurvey, hartley_rao, overton

Floats = NDArray[np.float64]

DATA = json.loads((Path(__file__).parent / "data" / "unequal_probability.json").read_text())
TABLE = pl.DataFrame(DATA["columns"])
PROBABILITY = TABLE["p"].to_numpy()
FIRST = (TABLE["h"] == "a").to_numpy()


def given_joint() -> Floats:
    out = np.outer(PROBABILITY, PROBABILITY)
    for label in ("a", "b"):
        units = np.flatnonzero(TABLE["h"] == label)
        out[np.ix_(units, units)] = DATA["joint"][label]
    return out


JOINT = given_joint()


def joint_of(case: dict[str, Any]) -> Floats | None:
    if case.get("joint") == "overton":
        return overton(PROBABILITY, TABLE["h"] if "strata" in case else None)
    if case.get("joint") == "hartley-rao":
        return hartley_rao(PROBABILITY, sum_of_squares=case.get("sum_of_squares"))
    return JOINT if "joint" in case else None


@pytest.mark.parametrize("case", DATA["cases"], ids=lambda c: c["id"])
def test_an_estimate_agrees_with_r(case: dict[str, Any]) -> None:
    survey = UnequalSurvey.drawn(
        TABLE, Design(strata=case.get("strata")), "p", joint=joint_of(case), variance=case["variance"]
    )
    ratio = case["kind"] == "ratio"
    found = estimate(
        survey,
        ["y"] if ratio else ["y", "x"],
        estimator=case["kind"],
        over="x" if ratio else None,
        where=case["where"],
        covariance=True,
    )
    expected = case["result"]
    assert [row.estimate for row in found] == pytest.approx(expected["estimate"], rel=1e-12)
    assert found.covariance is not None
    assert found.covariance == pytest.approx(np.array(expected["covariance"]), rel=1e-10)
    assert found[0].df == expected["df"]


def drawn_by_size(size: Floats, n: int) -> tuple[list[tuple[int, ...]], Floats, Floats]:
    """Return all samples of n units, their probabilities (proportional to the product of sizes), and all πᵢⱼ."""
    samples = list(combinations(range(len(size)), n))
    chance = np.array([np.prod(size[list(sample)]) for sample in samples])
    chance /= chance.sum()
    joint = np.zeros((len(size), len(size)))
    for sample, probability in zip(samples, chance, strict=True):
        joint[np.ix_(sample, sample)] += probability
    return samples, chance, joint


@pytest.mark.parametrize("variance", ["yates-grundy", "horvitz-thompson"])
def test_the_variance_of_a_total_is_right_on_average_over_all_samples(variance: Any) -> None:
    size, y = np.array([1.0, 1.3, 1.7, 2.1, 2.2, 2.9]), np.array([9.0, -3.0, 5.0, -8.0, 2.0, 7.0])
    samples, chance, joint = drawn_by_size(size, 3)
    totals, variances = [], []
    for sample in samples:
        units = list(sample)
        table = pl.DataFrame({"y": y[units], "p": np.diag(joint)[units]})
        drawn = UnequalSurvey.drawn(table, Design(), "p", joint=joint[np.ix_(units, units)], variance=variance)
        totals.append(drawn.weight @ y[units])
        form = drawn.covariance(y[units])[0, 0]
        variances.append(form)
    assert chance @ np.array(totals) == pytest.approx(y.sum())
    assert chance @ np.array(variances) == pytest.approx(chance @ (np.array(totals) - y.sum()) ** 2)


@settings(max_examples=4, deadline=None)
@given(sizes=st.lists(st.floats(0.7, 1.5), min_size=7, max_size=8), seed=st.integers(0, 99))
def test_approximate_variances_are_nearly_right_on_average_over_all_samples(sizes: list[float], seed: int) -> None:
    samples, chance, joint = drawn_by_size(np.array(sizes), 4)
    y, single = np.random.default_rng(seed).normal(0, 3, len(sizes)), np.diag(joint)
    truth = chance @ np.array([(y[list(units)] / single[list(units)]).sum() - y.sum() for units in samples]) ** 2
    for name in ("brewer", "hajek", "overton"):
        found = []
        for sample in samples:
            units = list(sample)
            table = pl.DataFrame({"y": y[units], "p": single[units]})
            approximate = overton(single[units]) if name == "overton" else None
            variance: Any = "yates-grundy" if name == "overton" else name
            drawn = UnequalSurvey.drawn(table, Design(), "p", joint=approximate, variance=variance)
            found.append(drawn.covariance(y[units])[0, 0])
        assert chance @ np.array(found) == pytest.approx(truth, rel=0.2)


@pytest.mark.parametrize("variance", ["yates-grundy", "horvitz-thompson", "brewer", "hajek"])
def test_equal_probabilities_give_the_simple_draw(variance: Any) -> None:
    n, size = 5, 20
    joint = np.full((n, n), n * (n - 1) / (size * (size - 1)))
    np.fill_diagonal(joint, n / size)
    table = pl.DataFrame({"y": [1.0, 4.0, 2.0, 8.0, 5.0], "p": [n / size] * n, "N": [size] * n})
    drawn = estimate(UnequalSurvey.drawn(table, Design(), "p", joint=joint, variance=variance), "y", estimator="total")
    simple = estimate(Survey.of(table, Design(fpc=("N",))), "y", estimator="total")
    assert drawn[0].estimate == pytest.approx(simple[0].estimate)
    assert drawn[0].se == pytest.approx(simple[0].se)


def test_a_total_proportional_to_the_probabilities_has_no_variance() -> None:
    table = TABLE.with_columns(same=7 * pl.col("p"))
    for variance in ("yates-grundy", "brewer", "hajek"):
        survey = UnequalSurvey.drawn(table, Design(), "p", joint=JOINT, variance=variance)
        assert estimate(survey, "same", estimator="total")[0].se == pytest.approx(0, abs=1e-9)


def test_units_that_were_certain_add_no_variance() -> None:
    table = pl.DataFrame({"y": [9.0, 3.0, 4.0], "p": [1.0, 0.5, 0.5]})
    for variance in ("brewer", "hajek"):
        whole = UnequalSurvey.drawn(table.with_columns(p=pl.lit(1.0)), Design(), "p", variance=variance)
        assert estimate(whole, "y", estimator="total")[0].se == 0
    hajek = UnequalSurvey.drawn(table, Design(), "p", variance="hajek")
    assert hajek.covariance(np.array([9.0, 3.0, 4.0])) == pytest.approx(hajek.covariance(np.array([0.0, 3.0, 4.0])))


def test_clusters_asked_completely_are_drawn_as_one() -> None:
    table = pl.concat([TABLE, TABLE[[0, 3, 8]]]).with_columns(c=pl.Series([*range(11), 0, 3, 8]))
    sums = table.group_by("c", maintain_order=True).agg(pl.col("y").sum(), pl.col("p").first())
    by_rows = UnequalSurvey.drawn(table, Design(ids=("c",)), "p", joint=JOINT)
    by_clusters = UnequalSurvey.drawn(sums, Design(), "p", joint=JOINT)
    one, other = (estimate(survey, "y", estimator="total")[0] for survey in (by_rows, by_clusters))
    assert (one.estimate, one.se) == pytest.approx((other.estimate, other.se))
    assert one.base_units == 11


def test_a_domain_keeps_the_whole_draw() -> None:
    survey = UnequalSurvey.drawn(TABLE, Design(), "p", joint=JOINT)
    inside = estimate(survey, "y", estimator="total", where="z = 1")[0]
    zeros = TABLE.with_columns(y=pl.col("y") * pl.col("z"))
    whole = estimate(UnequalSurvey.drawn(zeros, Design(), "p", joint=JOINT), "y", estimator="total")[0]
    assert (inside.estimate, inside.se) == pytest.approx((whole.estimate, whole.se))


def test_a_regression_takes_such_a_survey() -> None:
    survey = UnequalSurvey.drawn(TABLE, Design(), "p", joint=JOINT)
    model = glm(survey, "y", [], family="gaussian")
    mean = estimate(survey, "y", estimator="mean")[0]
    assert model["(Intercept)"].estimate == pytest.approx(mean.estimate)
    assert model["(Intercept)"].se == pytest.approx(mean.se)


def test_the_variance_is_explained_in_a_sentence() -> None:
    assert "Yates" in UnequalSurvey.drawn(TABLE, Design(), "p", joint=JOINT).method.de
    assert "Brewer" in UnequalSurvey.drawn(TABLE, Design(), "p").method.de


@pytest.mark.parametrize("probability", [0.0, -0.1, 1.01, None])
def test_a_value_that_is_no_probability_is_named(probability: float | None) -> None:
    table = TABLE.with_columns(p=pl.when(pl.int_range(len(TABLE)) == 2).then(probability).otherwise(pl.col("p")))
    with pytest.raises(InputError, match=r"Row 3 of the data: .* is not an inclusion probability"):
        UnequalSurvey.drawn(table, Design(), "p")


def changed(i: int, j: int, value: float) -> Floats:
    out = JOINT.copy()
    out[i, j] = out[j, i] = value
    return out


@pytest.mark.parametrize(
    ("joint", "message"),
    [
        (JOINT[:5, :5], "11 × 11"),
        (changed(1, 4, 0.0), "units 2 and 5: 0 does not fit"),
        (changed(1, 4, 0.9), "units 2 and 5: 0.9 does not fit"),
        (changed(3, 3, 0.5), "units 4 and 4"),
        (JOINT + np.tri(11, k=-1) * 1e-3, "units 1 and 2"),
    ],
)
def test_joint_probabilities_that_cannot_be_are_named(joint: Floats, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        UnequalSurvey.drawn(TABLE, Design(), "p", joint=joint)


@pytest.mark.parametrize(
    ("design", "variance", "message"),
    [
        (Design(), "yates-grundy", "needs the joint inclusion probabilities"),
        (Design(), "jackknife", 'No variance "jackknife"'),
        (Design(weight="x"), "brewer", "weights follow from them"),
        (Design(fpc=("x",)), "brewer", "weights follow from them"),
        (Design(ids=("h",)), "brewer", "two inclusion probabilities for one unit"),
    ],
)
def test_a_design_that_does_not_fit_is_refused(design: Design, variance: Any, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        UnequalSurvey.drawn(TABLE, design, "p", variance=variance)


def test_a_stratum_with_a_single_unit_is_named() -> None:
    survey = UnequalSurvey.drawn(TABLE[[0, 1, 8]], Design(strata="h"), "p")
    with pytest.raises(DesignError, match="Stratum b has a single drawn unit"):
        estimate(survey, "y", estimator="total")


def test_a_negative_variance_is_an_error_not_a_number() -> None:
    joint = np.array([[0.5, 0.01], [0.01, 0.5]])
    table = pl.DataFrame({"y": [1.0, 1.1], "p": [0.5, 0.5]})
    survey = UnequalSurvey.drawn(table, Design(), "p", joint=joint, variance="horvitz-thompson")
    with pytest.raises(DesignError, match="estimated to be negative"):
        estimate(survey, "y", estimator="total")


def test_a_sum_of_squares_belongs_to_a_draw_without_strata() -> None:
    with pytest.raises(DesignError, match="without strata only"):
        hartley_rao(PROBABILITY, TABLE["h"], sum_of_squares=3.0)


def test_equal_probabilities_alone_are_no_simple_draw() -> None:
    rows = pl.DataFrame({"yes": [0, 1] * 10, "probability": [0.2] * 20})
    survey = UnequalSurvey.drawn(rows, Design(), "probability")
    assert estimate(survey, "yes")[0].method == "korn-graubard"


def test_a_survey_with_unequal_probabilities_is_made_by_drawn() -> None:
    with pytest.raises(DesignError, match=r"UnequalSurvey\.drawn"):
        UnequalSurvey.of(pl.DataFrame({"yes": [0, 1]}), Design())
