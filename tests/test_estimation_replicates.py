"""Replicates: for totals they give the variance of the design itself; calibration is repeated in each of them."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.estimation import replicates
from passgenau.estimation.design import Design
from passgenau.estimation.dispersion import population_variance
from passgenau.estimation.estimating import estimate
from passgenau.estimation.hadamard import hadamard
from passgenau.estimation.replicates import ReplicateSurvey, replicate
from passgenau.estimation.survey import Survey
from passgenau.estimation.weighting import poststratify

STRATIFIED = Design(weight="w", strata="h", ids=("psu",), fpc=("N",), nest=True)
TWO_STAGES = Design(strata="h", ids=("psu", "ssu"), fpc=("N", "M"), nest=True)


def _table(seed: int, units: tuple[int, ...] = (2, 5, 3), *, rows: int = 3) -> pl.DataFrame:
    """Return strata with some PSUs, each of some rows; populations twice to four times the draw."""
    generator = np.random.default_rng([seed, *units])
    h = np.repeat(np.arange(len(units)), np.array(units) * rows)
    psu = np.concatenate([np.repeat(np.arange(n), rows) for n in units])
    size = len(h)
    return pl.DataFrame(
        {
            "h": [f"h{i}" for i in h],
            "psu": psu,
            "ssu": np.tile(np.arange(rows), sum(units)),
            "N": np.array(units)[h] * (2 + h),
            "M": rows + 1 + h,
            "w": np.round(generator.uniform(1, 5, size), 2),
            "y": np.round(generator.normal(50, 9, size) + 3 * psu, 1),
            "x": np.round(generator.uniform(1, 9, size), 1),
            "g": generator.choice(["a", "b"], size),
        }
    )


def _total(survey: Survey, column: str = "y") -> Callable[[np.ndarray], np.ndarray]:
    values = survey.numbers(column)
    return lambda weight: np.array([weight @ values])


def _linear(survey: Survey, column: str = "y") -> float:
    return float(survey.covariance(survey.numbers(column))[0, 0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(2, 6), min_size=1, max_size=4))
def test_the_stratified_jackknife_gives_totals_the_variance_of_the_design(seed: int, units: list[int]) -> None:
    survey = Survey.of(_table(seed, tuple(units)), STRATIFIED)
    for mse in (False, True):
        made = replicate(survey, "JKn", mse=mse)
        assert made.replication.replicates == sum(units)
        assert made.covariance(_total(survey))[0, 0] == pytest.approx(_linear(survey), rel=1e-9)
    assert made.degrees_of_freedom() == sum(units) - len(units)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_the_simple_jackknife_gives_totals_the_variance_of_the_design(seed: int, units: int) -> None:
    survey = Survey.of(_table(seed, (units,)), Design(weight="w", ids=("psu",), fpc=("N",)))
    made = replicate(survey, "JK1")
    assert made.covariance(_total(survey))[0, 0] == pytest.approx(_linear(survey), rel=1e-9)
    assert made.replication.scale == pytest.approx((units - 1) / units * (1 - 1 / 2))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.floats(0, 0.9))
def test_balanced_half_samples_give_totals_the_variance_of_the_design(seed: int, strata: int, fay: float) -> None:
    design = Design(weight="w", strata="h", ids=("psu",), nest=True)
    survey = Survey.of(_table(seed, (2,) * strata), design)
    made = replicate(survey, "Fay", fay=fay)
    assert made.covariance(_total(survey))[0, 0] == pytest.approx(_linear(survey), rel=1e-8)
    assert made.replicate_weights.mean(axis=1) == pytest.approx(survey.weight)
    assert made.degrees_of_freedom() == strata


@pytest.mark.parametrize("least", range(1, 130))
def test_hadamard_matrices_are_orthogonal_and_begin_with_ones(least: int) -> None:
    found = hadamard(least)
    order = len(found)
    assert least <= order <= least + 8
    assert np.array_equal(found @ found.T, order * np.eye(order))
    assert np.array_equal(np.abs(found), np.ones((order, order)))
    assert found[0].tolist() == found[:, 0].tolist() == [1.0] * order


def test_the_bootstrap_estimates_the_variance_with_finite_populations() -> None:
    survey = Survey.of(_table(1, (4, 9, 6)), STRATIFIED)
    made = replicate(survey, "bootstrap", replicates=6000, seed=3)
    assert made.covariance(_total(survey))[0, 0] == pytest.approx(_linear(survey), rel=0.06)


def test_the_bootstrap_carries_both_stages() -> None:
    table = _table(2, (5, 8), rows=4).with_columns(N=pl.col("psu").n_unique().over("h") + 1, M=40)
    whole = Survey.of(table, TWO_STAGES)
    first = Survey.of(table, Design(strata="h", ids=("psu",), fpc=("N",), nest=True))
    made = replicate(whole, "bootstrap", replicates=8000, seed=5)
    assert _linear(whole) > 1.5 * float(first.covariance(first.numbers("y") * whole.weight / first.weight)[0, 0])
    assert made.covariance(_total(whole))[0, 0] == pytest.approx(_linear(whole), rel=0.06)


def test_a_bootstrap_repeats_itself_and_keeps_the_size_of_every_stratum() -> None:
    survey = Survey.of(_table(1), STRATIFIED)
    one, other = (replicate(survey, "bootstrap", replicates=50, seed=7) for _ in range(2))
    assert one.replication.multipliers.tobytes() == other.replication.multipliers.tobytes()
    stage = survey.structure.stages[0]
    sums = np.stack([one.replication.multipliers[stage.parent == h].sum(axis=0) for h in range(3)])
    assert sums == pytest.approx(np.repeat(stage.drawn[:, None], 50, axis=1))
    assert not np.array_equal(
        replicate(survey, "bootstrap", replicates=50, seed=8).replicate_weights, one.replicate_weights
    )


@pytest.mark.parametrize("kind", ["JKn", "bootstrap"])
def test_a_census_has_no_variance(kind: replicates.Kind) -> None:
    table = _table(4).with_columns(N=pl.col("psu").n_unique().over("h"))
    survey = Survey.of(table, STRATIFIED)
    assert replicate(survey, kind).covariance(_total(survey))[0, 0] == pytest.approx(0, abs=1e-12)


def test_rows_and_unit_totals_give_the_same_estimates() -> None:
    table = _table(9)
    survey = replicate(Survey.of(table, STRATIFIED), "JKn")
    options = {"by": "g", "covariance": True}
    rows = estimate(survey, ["y", "x"], **options)
    for engine in ("memory", "duckdb"):
        units = estimate(table, ["y", "x"], design=STRATIFIED, replicates="JKn", engine=engine, **options)
        for one, other in zip(rows, units, strict=True):
            assert (other.estimate, other.se, other.df) == pytest.approx((one.estimate, one.se, one.df), rel=1e-12)
        assert units.covariance == pytest.approx(rows.covariance, rel=1e-10)


def test_weights_given_as_a_table_serve_like_those_made_here() -> None:
    survey = Survey.of(_table(9), STRATIFIED)
    made = replicate(survey, "JKn")
    rscales = made.replication.rscales
    read = replicates.given(survey, made.replicate_weights, scale=1.0, rscales=rscales, mse=False)
    one, other = estimate(made, ["y", "x"])[1], estimate(read, ["y", "x"])[1]
    assert (other.se, other.df, other.lower) == pytest.approx((one.se, one.df, one.lower), rel=1e-12)


def test_every_replicate_is_calibrated_by_itself() -> None:
    survey = Survey.of(_table(12), STRATIFIED)
    totals = {"a": 70.0, "b": 50.0}
    made = replicate(survey, "JKn").reweight(lambda one: poststratify(one, "g", totals))
    inside = (survey.table["g"] == "a").to_numpy()
    assert made.replicate_weights[inside].sum(axis=0) == pytest.approx(np.full(10, 70.0))
    assert made.survey.weight[~inside].sum() == pytest.approx(50)
    assert made.covariance(lambda weight: np.array([weight[inside].sum()]))[0, 0] == pytest.approx(0, abs=1e-20)
    assert made.survey.adjustments == ()


def test_a_domain_keeps_all_replicates() -> None:
    survey = Survey.of(_table(3), STRATIFIED)
    made = replicate(survey, "JKn")
    part = made.where(pl.col("g") == "a")
    assert part.replication is made.replication
    assert part.survey.inside.sum() == (survey.table["g"] == "a").sum()
    assert estimate(part, "y")[0].se == pytest.approx(estimate(made, "y", by="g")[0].se)


def test_a_domain_that_lies_in_one_psu_has_no_jackknife_variance() -> None:
    table = _table(3).with_columns(
        pl.when((pl.col("h") == "h0") & (pl.col("psu") == 0)).then(1).otherwise(0).alias("lone")
    )
    found = estimate(replicate(Survey.of(table, STRATIFIED), "JKn"), "y", by="lone")
    assert np.isfinite(found[0].se)
    assert np.isnan(found[1].se)


def test_lonely_strata_follow_the_rule_of_the_design() -> None:
    table = _table(5, (1, 4, 3))
    found = {}
    for rule in ("remove", "certainty", "average"):
        survey = Survey.of(table, Design(weight="w", strata="h", ids=("psu",), nest=True, lonely=rule))
        for kind in ("JKn", "bootstrap"):
            found[rule, kind] = replicate(survey, kind, replicates=4000)
        linear = _linear(survey)
        assert found[rule, "JKn"].covariance(_total(survey))[0, 0] == pytest.approx(linear)
        assert found[rule, "bootstrap"].covariance(_total(survey))[0, 0] == pytest.approx(linear, rel=0.06)


def _survey(units: tuple[int, ...] = (2, 5, 3), design: Design = STRATIFIED) -> Survey:
    return Survey.of(_table(5, units), design)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replicate(_survey(), "JK1"), "JK1 is for samples without strata"),
        (lambda: replicate(_survey(), "BRR"), "stratum h1 has 5"),
        (lambda: replicate(_survey((2, 2)), "Fay", fay=1.0), "not 1"),
        (lambda: replicate(_survey(), "JK7"), 'No replicates of kind "JK7"'),
        (lambda: replicate(_survey(), "bootstrap", replicates=1), "at least two replicates, not 1"),
        (lambda: replicate(_survey((1, 3)), "JKn"), "Stratum h0 has a single drawn unit"),
        (
            lambda: replicate(_survey((1, 3), Design(strata="h", ids=("psu",), nest=True, lonely="adjust")), "JKn"),
            'The rule "adjust"',
        ),
        (
            lambda: replicate(poststratify(_survey(), "g", {"a": 9, "b": 9}), "JKn"),
            "Make replicates first, then calibrate",
        ),
        (lambda: replicates.given(_survey(), np.ones((3, 2)), scale=1), "30 rows are needed, the table has"),
        (
            lambda: replicates.given(_survey(), np.full((30, 2), np.nan), scale=1),
            "row 1 lacks its weight in replicate 1",
        ),
        (lambda: replicates.given(_survey(), np.ones((30, 2)), scale=0), "2 replicates need as many factors"),
        (lambda: replicates.given(_survey(), np.ones((30, 2)), scale=1, rscales=[1.0]), "2 replicates need"),
    ],
)
def test_what_cannot_be_replicated_is_refused_by_name(make: Callable[[], ReplicateSurvey], message: str) -> None:
    with pytest.raises(DesignError) as refusal:
        make()
    assert message in str(refusal.value)


def test_the_variance_of_a_variable_is_the_textbook_one_for_equal_weights() -> None:
    table = _table(8).with_columns(pl.when(pl.col("psu") == 0).then(None).otherwise(pl.col("y")).alias("some"))
    survey = Survey.of(table, Design())
    assert population_variance(survey, "y").variance == pytest.approx(float(np.var(table["y"].to_numpy(), ddof=1)))
    assert population_variance(survey, "some").base == table["some"].drop_nulls().len()
    jackknife = population_variance(replicate(survey, "JK1"), "y")
    assert jackknife.se == pytest.approx(population_variance(survey, "y").se, rel=0.1)
    with pytest.raises(DesignError):
        population_variance(survey.where(pl.col("y") > 1e9), "y")
