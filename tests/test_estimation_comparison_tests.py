"""Contrasts, t tests, rank tests and joint Wald tests."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from comparison_survey import DESIGN, clustered, survey
from scipy import stats

from passgenau.errors import DesignError, InputError
from passgenau.estimation.comparison import (
    contrast,
    contrast_of_estimates,
    detectable_by_t,
    rank_test,
    t_test,
    wald,
    wald_test_items,
)
from passgenau.estimation.comparison.rank_tests import population_ranks
from passgenau.estimation.design import Design
from passgenau.estimation.estimating import estimate
from passgenau.estimation.replicates import replicate
from passgenau.estimation.survey import Survey


def inside() -> Survey:
    return survey().where(pl.col("inside") == 1)


def test_two_groups_agree_with_r() -> None:
    found = t_test(survey(), "y", "two")
    assert (found.statistic, found.df[0], found.p_value) == pytest.approx(
        (-1.036997803224344, 20, 0.312112892580097), rel=1e-9
    )
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (-0.708143243570594, -2.132602308887416, 0.716315821746228), rel=1e-9
    )


def test_two_groups_of_a_domain_agree_with_r() -> None:
    found = t_test(inside(), "y", "two")
    assert (found.statistic, found.df[0], found.p_value) == pytest.approx(
        (-0.677425623479623, 14, 0.509176519473588), rel=1e-9
    )


def test_one_mean_agrees_with_r() -> None:
    found = t_test(inside(), "complete")
    assert (found.statistic, found.df[0], found.p_value) == pytest.approx(
        (18.7733870935070, 14, 2.53156633297267e-11), rel=1e-9
    )
    assert (found.lower, found.upper) == pytest.approx((6.39242770312313, 8.04144127091890), rel=1e-9)


def test_one_mean_against_another_number_shifts_estimate_and_limits() -> None:
    plain, shifted = t_test(survey(), "complete"), t_test(survey(), "complete", null=7.0)
    assert shifted.estimate == pytest.approx(plain.estimate - 7)  # type: ignore[operator]
    assert shifted.lower == pytest.approx(plain.lower - 7)  # type: ignore[operator]
    assert shifted.p_value == pytest.approx(2 * stats.t.sf(abs(shifted.statistic), 20))


def test_rows_that_miss_a_value_stay_in_the_design() -> None:
    answers = clustered().drop_nulls(["y", "two"])
    cut = Survey.of(answers, DESIGN)
    found = t_test(survey(), "y", "two")
    assert found.base == len(answers)
    assert found.estimate == pytest.approx(t_test(cut, "y", "two").estimate)
    assert found.population == pytest.approx(answers["w"].sum())


def test_a_t_test_takes_two_groups() -> None:
    with pytest.raises(DesignError, match="three"):
        t_test(survey(), "y", "three")


def test_a_t_test_takes_numbers() -> None:
    with pytest.raises(InputError, match="four"):
        t_test(survey(), "four", "two")


def test_a_test_without_degrees_of_freedom_is_refused() -> None:
    with pytest.raises(DesignError, match="degrees of freedom"):
        t_test(survey().where(pl.col("psu") < 4), "y", "two")


@pytest.mark.parametrize(
    ("test", "statistic", "p_value", "estimate"),
    [
        ("wilcoxon", -0.9991934277739690, 0.3296375064665105, -0.0529791426584316),
        ("vanderWaerden", -0.829439347418928, 0.416646222958510, -0.153280901897588),
        ("median", -0.5758396135017599, 0.5711469828314837, -0.0560398078242965),
    ],
)
def test_ranks_of_two_groups_agree_with_r(test: str, statistic: float, p_value: float, estimate: float) -> None:
    found = rank_test(survey(), "y", "two", test)  # type: ignore[arg-type]
    assert (found.statistic, found.p_value, found.estimate) == pytest.approx((statistic, p_value, estimate), rel=1e-9)
    assert found.df == (20,)


@pytest.mark.parametrize(
    ("test", "chi_squared", "p_value"),
    [
        ("KruskalWallis", 3.210513630738972, 0.226909401508758),
        ("vanderWaerden", 3.661416354269328, 0.187470195924666),
        ("median", 13.15192252458384559, 0.00675605560905419),
    ],
)
def test_ranks_of_three_groups_agree_with_r(test: str, chi_squared: float, p_value: float) -> None:
    found = rank_test(survey(), "y", "three", test)  # type: ignore[arg-type]
    assert (found.statistic * 2, found.p_value) == pytest.approx((chi_squared, p_value), rel=1e-9)
    assert found.df[0] == 2


def test_a_score_of_ones_own_may_be_any_function_of_the_rank() -> None:
    mine = rank_test(survey(), "y", "two", lambda rank: 3 * rank - 1)
    assert mine.statistic == pytest.approx(rank_test(survey(), "y", "two").statistic, rel=1e-9)


def test_only_the_order_of_the_outcome_counts() -> None:
    stretched = Survey.of(clustered().with_columns(pl.col("y").exp()), DESIGN)
    assert rank_test(stretched, "y", "three").p_value == rank_test(survey(), "y", "three").p_value


def test_ranks_of_equal_weights_are_the_textbook_ranks() -> None:
    values = np.array([3.0, 1.0, 3.0, 2.0, 5.0])
    textbook = (stats.rankdata(values) - 0.5) / 5
    for ties in ("sequence", "weight"):
        assert population_ranks(values, np.full(5, 2.0), ties) == pytest.approx(textbook)  # type: ignore[arg-type]


def test_ranks_by_weight_do_not_depend_on_the_order_of_rows() -> None:
    backwards = Survey.of(clustered().reverse(), DESIGN)
    forwards = rank_test(survey(), "y", "two", ties="weight")
    assert rank_test(backwards, "y", "two", ties="weight").p_value == pytest.approx(forwards.p_value, rel=1e-12)


def test_replicates_carry_the_linearised_ranks() -> None:
    replicated = rank_test(replicate(survey(), "JKn"), "y", "two")
    assert replicated.p_value == pytest.approx(rank_test(survey(), "y", "two").p_value, rel=1e-9)


def test_an_unknown_rank_test_is_named() -> None:
    with pytest.raises(DesignError, match="savage"):
        rank_test(survey(), "y", "two", "savage")  # type: ignore[arg-type]


def test_a_contrast_uses_the_whole_covariance() -> None:
    found = contrast([5.0, 3.0, 9.0], [[4.0, 1.0, 9.0], [1.0, 2.0, 9.0], [9.0, 9.0, 99.0]], [1, -1, 0], df=10)
    assert (found.estimate, found.se) == (2.0, 2.0)
    assert found.p_value == pytest.approx(2 * stats.t.sf(1.0, 10))
    assert (found.lower, found.upper) == pytest.approx((2 - 2 * stats.t.ppf(0.975, 10), 2 + 2 * stats.t.ppf(0.975, 10)))


def test_a_contrast_of_domains_is_the_t_test_of_their_difference() -> None:
    estimates = estimate(survey(), "complete", by="four", estimator="mean", covariance=True)
    found = contrast_of_estimates(estimates, [-1, 1, 0, 0], df=20)
    pair = survey().where(pl.col("four").is_in(["p", "q"]))
    direct = t_test(pair, "complete", "four")
    assert (found.estimate, found.statistic) == pytest.approx((direct.estimate, direct.statistic), rel=1e-9)


def test_a_contrast_of_items_knows_that_they_were_answered_by_the_same_rows() -> None:
    table = clustered().with_columns(again=pl.col("complete") + 1)
    estimates = estimate(Survey.of(table, DESIGN), ["complete", "again"], estimator="mean", covariance=True)
    found = contrast_of_estimates(estimates, [-1, 1])
    assert found.estimate == pytest.approx(1)
    assert found.se == pytest.approx(0, abs=1e-7)


def test_a_contrast_without_covariance_is_refused() -> None:
    with pytest.raises(DesignError, match="covariance=True"):
        contrast_of_estimates(estimate(survey(), "complete", estimator="mean"), [1])


@pytest.mark.parametrize(
    ("estimates", "weights", "df"),
    [([1.0, 2.0], [1.0], 5.0), ([1.0, float("nan")], [1.0, -1.0], 5.0), ([1.0, 2.0], [1.0, -1.0], 0.0)],
)
def test_what_is_no_contrast_is_refused(estimates: list[float], weights: list[float], df: float) -> None:
    with pytest.raises(DesignError):
        contrast(estimates, np.eye(2), weights, df)


def test_known_differences_have_no_width() -> None:
    found = contrast([1.0, 0.5], np.zeros((2, 2)), [1, -1], df=10)
    assert (found.lower, found.upper, found.p_value) == (0.5, 0.5, 0.0)
    assert contrast([1.0, 1.0], np.zeros((2, 2)), [1, -1], df=10).p_value == 1.0


def test_a_detectable_difference_is_found_with_the_stated_power() -> None:
    gap = detectable_by_t(2.0, 1e6, level=0.95, power=0.8)
    assert stats.norm.sf(stats.norm.ppf(0.975) - gap / 2) == pytest.approx(0.8, abs=1e-4)
    assert detectable_by_t(2.0, 10) > gap


def test_the_joint_test_of_one_item_is_the_square_of_t() -> None:
    joint = wald_test_items(survey(), ["complete"], "two")
    single = t_test(survey(), "complete", "two")
    assert joint.test.chi_squared == pytest.approx(single.statistic**2, rel=1e-9)
    assert joint.test.df == 21


def test_the_joint_test_agrees_with_the_reference() -> None:
    folder = Path(__file__).parent / "oracles"
    cases = json.loads((folder / "05_multiselect.json").read_text(encoding="utf-8"))["cases"]
    expected = next(case for case in cases if case["id"] == "kommune_a.wald6")["result"]
    table = pl.read_csv(folder / "data" / "kommune_a.csv", null_values=[""])
    design = Design(weight="w", ids=("org",), strata="type", fpc=("N_type",))
    items = ["i01", "i02", "i03", "i04", "i06", "i07"]
    found = wald_test_items(Survey.of(table, design), items, "type")
    assert found.differences == pytest.approx(expected["diff"], rel=1e-9)
    assert found.test.chi_squared == pytest.approx(expected["wald_chisq"], rel=1e-9)
    assert (found.test.p_f, found.test.p_adjusted_f) == pytest.approx((expected["p_F"], expected["p_adjF"]), rel=1e-9)
    assert [row["item"] for row in found.records()] == items
    assert found.bases[0] == (24, 87)


def test_items_that_follow_from_each_other_cannot_be_tested_at_once() -> None:
    table = clustered().with_columns(double=pl.col("complete") * 2)
    with pytest.raises(DesignError, match="singular"):
        wald_test_items(Survey.of(table, DESIGN), ["complete", "double"], "two")


def test_more_differences_than_degrees_of_freedom_leave_the_adjusted_form_empty() -> None:
    found = wald([1.0, 2.0, 3.0], np.eye(3), df=2)
    assert found.chi_squared == pytest.approx(14)
    assert np.isnan(found.p_adjusted_f)
