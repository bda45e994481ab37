"""Weights meet known totals, and the variance is that of residuals."""

import json
from dataclasses import replace
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
from passgenau.estimation.survey import Survey
from passgenau.estimation.weighting import (
    adjust_nonresponse,
    calibrate,
    calibrate_matrix,
    calibrate_weights,
    check_margins,
    poststratify,
    poststratify_weights,
    rake,
    rake_weights,
    trim,
    trim_weights,
)

HERE = Path(__file__).parent
Floats = NDArray[np.float64]


def survey_of(rows: int = 40, seed: int = 1, **design: Any) -> Survey:
    """Return answers with categories a and b, a number x, an item y and weights w."""
    random = np.random.default_rng([seed, rows])
    table = pl.DataFrame(
        {
            "a": np.resize(["p", "q", "r"], rows),
            "b": np.where(random.random(rows) < 0.4, "s", "t"),
            "x": random.gamma(4, 2, rows),
            "y": random.normal(5, 2, rows),
            "w": random.uniform(1, 4, rows),
            "h": np.resize(["1", "1", "2"], rows),
            "psu": np.arange(rows) // 3,
            "N": np.full(rows, 500),
        }
    )
    return Survey.of(table, Design(weight="w", **design))


def totals_of(survey: Survey, column: str, factor: float = 1.0) -> dict[str, float]:
    """Return the weighted counts of a column, shifted away from what the weights give, with the same sum."""
    sums: dict[str, float] = {}
    for label, weight in zip(survey.table[column].to_list(), survey.weight.tolist(), strict=True):
        sums[label] = sums.get(label, 0.0) + weight
    first, second = sorted(sums)[:2]
    moved = 0.2 * factor * min(sums[first], sums[second])
    sums[first], sums[second] = sums[first] + moved, sums[second] - moved
    return sums


def total_variance(survey: Survey, values: Floats) -> float:
    return float(survey.covariance(np.where(survey.inside, values, 0.0))[0, 0])


def deviations(survey: Survey) -> float:
    return max(abs(check.after / check.target - 1) for check in check_margins(survey))


# --- what must be true ---------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(12, 80), st.integers(0, 10_000), st.sampled_from(["rake", "linear", "raking", "logit"]))
def test_calibrated_totals_hit_the_margins(rows: int, seed: int, method: str) -> None:
    survey = survey_of(rows, seed)
    if set(survey.table["b"]) != {"s", "t"}:
        return
    counts = {"a": totals_of(survey, "a"), "b": totals_of(survey, "b", 0.5)}
    if method == "rake":
        done = rake(survey, counts)
    else:
        bounds = (0.1, 10.0) if method == "logit" else None
        done = calibrate(survey, counts, function=method, bounds=bounds)  # type: ignore[arg-type]
    assert deviations(done) <= 2e-12
    assert done.weight.sum() == pytest.approx(survey.weight.sum(), rel=1e-12)


@pytest.mark.parametrize("function", ["linear", "raking"])
def test_sums_of_numbers_are_met_too(function: str) -> None:
    survey = survey_of()
    known = float(survey.weight @ survey.numbers("x")) * 1.1
    done = calibrate(survey, {"x": known, "a": totals_of(survey, "a")}, function=function)  # type: ignore[arg-type]
    assert deviations(done) <= 2e-12
    assert [check.name for check in check_margins(done)] == ["a = p", "a = q", "a = r", "x"]


@settings(max_examples=20, deadline=None)
@given(st.integers(12, 60), st.integers(0, 10_000))
def test_a_known_total_has_no_variance(rows: int, seed: int) -> None:
    survey = survey_of(rows, seed)
    known = float(survey.weight @ survey.numbers("x")) * 1.05
    for function in ("linear", "raking"):
        done = calibrate(survey, {"x": known, "a": totals_of(survey, "a")}, function=function)  # type: ignore[arg-type]
        assert total_variance(done, survey.numbers("x")) == 0
        assert total_variance(done, (survey.table["a"] == "q").to_numpy().astype(float)) == 0
        assert total_variance(done, survey.numbers("y")) > 0


def test_rows_without_weight_change_nothing() -> None:
    survey = survey_of(40)
    some = np.arange(40) % 5 != 0
    silent = replace(survey, weight=np.where(some, survey.weight, 0.0))
    without = Survey.of(survey.table.filter(pl.Series(some)), survey.design)
    counts: dict[str, Any] = {"a": totals_of(survey, "a"), "x": 800.0}
    here, there = calibrate(silent, counts), calibrate(without, counts)
    np.testing.assert_allclose(here.weight[some], there.weight, rtol=1e-12)
    assert not here.weight[~some].any()
    assert total_variance(here, survey.numbers("x")) == 0


def test_a_census_has_no_variance_whatever_is_done_to_its_weights() -> None:
    table = survey_of().table.with_columns(N=pl.lit(40), w=pl.lit(1.0))
    survey = Survey.of(table, Design(weight="w", fpc=("N",)))
    done = poststratify(survey, "b", totals_of(survey, "b"))
    assert total_variance(done, survey.numbers("y")) == 0


def test_post_stratification_by_the_strata_of_a_proportional_design_changes_nothing() -> None:
    table = pl.DataFrame({"h": ["1"] * 4 + ["2"] * 6, "N": [40] * 4 + [60] * 6, "y": np.arange(10.0)})
    survey = Survey.of(table, Design(strata="h", fpc=("N",)))
    done = poststratify(survey, "h", {"1": 40, "2": 60})
    assert done.weight.tolist() == survey.weight.tolist()
    assert total_variance(done, survey.numbers("y")) == pytest.approx(total_variance(survey, survey.numbers("y")))


def test_raking_and_linear_calibration_with_one_margin_are_post_stratification() -> None:
    survey = survey_of(ids=("psu",))
    counts = totals_of(survey, "a")
    direct = poststratify(survey, "a", counts)
    for other in (
        rake(survey, {"a": counts}),
        calibrate(survey, {"a": counts}),
        calibrate(survey, {"a": {"p": counts["p"], "q": counts["q"]}}, population=sum(counts.values())),
    ):
        np.testing.assert_allclose(other.weight, direct.weight, rtol=1e-13)
    y = survey.numbers("y")
    expected = total_variance(direct, y)
    assert total_variance(calibrate(survey, {"a": counts}), y) == pytest.approx(expected, rel=1e-12)


def test_raking_gives_the_weights_of_calibration_with_the_raking_function() -> None:
    survey = survey_of(60)
    counts = {"a": totals_of(survey, "a"), "b": totals_of(survey, "b")}
    np.testing.assert_allclose(
        rake(survey, counts).weight, calibrate(survey, counts, function="raking").weight, rtol=1e-11
    )


@pytest.mark.parametrize("function", ["linear", "raking", "logit"])
def test_bounds_are_respected(function: str) -> None:
    survey = survey_of(60, 3)
    known = float(survey.weight @ survey.numbers("x")) * 1.1
    size = float(survey.weight.sum())
    free = calibrate(survey, {"x": known}, population=size)
    bounds = (0.8, 1.5)
    done = calibrate(survey, {"x": known}, population=size, function=function, bounds=bounds)  # type: ignore[arg-type]
    factor, unbound = done.weight / survey.weight, free.weight / survey.weight
    assert unbound.min() < bounds[0]  # otherwise the bounds had nothing to do
    assert bounds[0] <= factor.min() * (1 + 1e-15)
    assert factor.max() <= bounds[1] * (1 + 1e-15)
    assert deviations(done) <= 2e-12


def test_the_order_of_rows_is_irrelevant() -> None:
    survey = survey_of(50, ids=("psu",))
    order = np.random.default_rng(5).permutation(50)
    shuffled = Survey.of(survey.table[order], survey.design)
    known = float(survey.weight @ survey.numbers("x")) * 1.05
    counts: dict[str, Any] = {"a": totals_of(survey, "a"), "x": known}
    here, there = calibrate(survey, counts), calibrate(shuffled, counts)
    np.testing.assert_allclose(there.weight, here.weight[order], rtol=1e-12)
    y, z = survey.numbers("y"), shuffled.numbers("y")
    assert total_variance(there, z) == pytest.approx(total_variance(here, y), rel=1e-11)


def test_the_variance_is_that_of_the_residuals_of_a_weighted_regression() -> None:
    survey = survey_of(30)
    x, y = survey.numbers("x"), survey.numbers("y")
    done = calibrate(survey, {"x": float(survey.weight @ x) * 1.1}, population=float(survey.weight.sum()))
    columns = np.stack([np.ones(30), x], axis=1)
    slope = np.linalg.solve(columns.T @ (survey.weight[:, None] * columns), columns.T @ (survey.weight * y))
    residuals = done.weight * (y - columns @ slope)
    expected = 30 * residuals.var(ddof=1)
    assert total_variance(done, y) == pytest.approx(expected, rel=1e-10)


def test_what_was_met_last_has_no_variance_after_several_calibrations() -> None:
    survey = survey_of(60, 2)
    first = calibrate(survey, {"x": float(survey.weight @ survey.numbers("x")) * 1.1})
    both = poststratify(first, "a", totals_of(survey, "a"))
    assert total_variance(both, (survey.table["a"] == "p").to_numpy().astype(float)) == 0


def test_rows_outside_the_domain_keep_their_weights() -> None:
    survey = survey_of(40).where(pl.col("b") == "s")
    done = poststratify(survey, "a", {"p": 20, "q": 20, "r": 20})
    outside = ~survey.inside
    assert done.weight[outside].tolist() == survey.weight[outside].tolist()
    assert done.weight[survey.inside].sum() == pytest.approx(60)


def test_categories_match_whatever_their_type() -> None:
    table = pl.DataFrame({"i": [1, 1, 2], "f": [1.0, 2.0, 2.0], "b": [True, False, False], "t": ["1", "1", "2"]})
    survey = Survey.of(table, Design())
    for column, totals in (
        ("i", {"1": 5, "2": 6}),
        ("i", {1: 5, 2: 6}),
        ("f", {"1.0": 5, "2": 6}),
        ("b", {True: 5, False: 6}),
        ("b", {"true": 5, "0": 6}),
        ("t", {1: 5, 2: 6}),
    ):
        assert check_margins(poststratify(survey, column, totals))[0].after == pytest.approx(5)


def test_several_columns_are_crossed() -> None:
    survey = survey_of(40)
    counts = {(a, b): 10.0 for a in "pqr" for b in "st"}
    done = poststratify(survey, ("a", "b"), counts)
    inside = ((survey.table["a"] == "q") & (survey.table["b"] == "t")).to_numpy()
    assert done.weight[inside].sum() == pytest.approx(10)


def test_a_matrix_of_ones_own_is_calibrated_like_its_columns() -> None:
    survey = survey_of(30)
    x = survey.numbers("x")
    size, known = float(survey.weight.sum()), float(survey.weight @ x) * 1.1
    by_name = calibrate(survey, {"x": known}, population=size)
    by_hand = calibrate_matrix(survey, np.stack([np.ones(30), x], axis=1), np.array([size, known]))
    np.testing.assert_allclose(by_hand.weight, by_name.weight, rtol=1e-13)


def test_nothing_is_changed_in_the_survey_given() -> None:
    survey = survey_of(20)
    before = survey.weight.copy()
    trim(rake(survey, {"a": totals_of(survey, "a")}), 1.5, 4)
    assert survey.weight.tolist() == before.tolist()
    assert survey.adjustments == ()


# --- against R -----------------------------------------------------------------------------------

SCHOOLS = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}
AWARDS = {"No": 2027, "Yes": 4167}
CROSSED = {
    ("E", "No"): 1111,
    ("H", "No"): 467,
    ("M", "No"): 449,
    ("E", "Yes"): 3310,
    ("H", "Yes"): 288,
    ("M", "Yes"): 569,
}
SIZE, SCORES = 6194, 3914069


def schools(**design: Any) -> Survey:
    table = pl.read_csv(HERE / "oracles" / "data" / "apistrat.csv", infer_schema_length=None)
    return Survey.of(
        table.with_columns(pl.col("pw", "fpc").cast(pl.Float64)), Design(weight="pw", strata="stype", **design)
    )


def weighted_schools(name: str) -> Survey:
    """Return the survey of a case in weighting_apistrat.json."""
    rows, clusters = schools(fpc=("fpc",)), schools(ids=("dnum",), nest=True)
    improved = clusters.where(pl.col("comp.imp") == "Yes")
    wide: dict[Any, Any] = {"api99": SCORES, "sch.wide": SCHOOLS["sch.wide"]}
    made = {
        "num_noint": lambda: calibrate(rows, {"api99": SCORES}),
        "strat_rak": lambda: calibrate(
            rows, {"stype": SCHOOLS["stype"], "api99": SCORES, "awards": AWARDS}, function="raking"
        ),
        "strat_logit": lambda: calibrate(
            clusters,
            {"api99": SCORES, "awards": {"Yes": 4167}},
            population=SIZE,
            function="logit",
            bounds=(0.6, 1.6),
        ),
        "rakb": lambda: calibrate(clusters, wide, function="raking", bounds=(0.965, 1.035)),
        "linb": lambda: calibrate(clusters, wide, bounds=(0.965, 1.035)),
        "post2": lambda: poststratify(clusters, ("stype", "awards"), CROSSED),
        "rake3": lambda: rake(clusters, {"stype": SCHOOLS["stype"], "awards": AWARDS, "sch.wide": SCHOOLS["sch.wide"]}),
        "post_trim": lambda: trim(poststratify(clusters, ("stype", "awards"), CROSSED), 16, 44),
        "cal_trim_strict": lambda: trim(calibrate(clusters, wide), 15, 44.5, strict=True),
        "trim_only": lambda: trim(clusters, 19, 40),
        "dom_post": lambda: poststratify(improved, "stype", {"E": 3000, "H": 300, "M": 500}),
        "dom_cal": lambda: calibrate(improved, {"api99": 2500000}, population=3800, function="raking"),
        "trim_cal": lambda: calibrate(trim(clusters, 19, 40), wide),
    }
    return made[name]()


REFERENCE = json.loads((HERE / "data" / "weighting_apistrat.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(REFERENCE["cases"]))
def test_weights_and_variances_agree_with_r_on_other_designs(name: str) -> None:
    expected = REFERENCE["cases"][name]
    survey = weighted_schools(name)
    weight = np.where(survey.inside, survey.weight, 0.0)
    items = np.stack([survey.numbers(item) for item in REFERENCE["meta"]["items"]], axis=1) * survey.inside[:, None]
    used = weight[weight != 0]
    found = [used.min(), used.max(), weight @ weight]
    np.testing.assert_allclose(found, [expected[key] for key in ("minimum", "maximum", "squares")], rtol=1e-9)
    total = weight @ items
    mean = total / weight.sum()
    influence = (items - mean) * survey.inside[:, None] / weight.sum()
    for key, estimate, values in (("total", total, items), ("mean", mean, influence)):
        np.testing.assert_allclose(estimate, expected[key]["est"], rtol=1e-9)
        cov = survey.covariance(values)
        upper = [cov[i, j] for j in range(3) for i in range(j + 1)]
        np.testing.assert_allclose(upper, expected[key]["cov"], rtol=1e-9)
    domain = (survey.table["comp.imp"] == "Yes").to_numpy() & survey.inside
    part = [float(weight[domain] @ items[domain, 0]), total_variance(survey.restrict(domain), items[:, 0] * domain)]
    np.testing.assert_allclose(part, expected["domain"], rtol=1e-9)


# --- weights side by side ------------------------------------------------------------------------


def test_replicates_are_calibrated_one_by_one() -> None:
    random = np.random.default_rng(3)
    weight = random.uniform(1, 3, (30, 4))
    cell, other = np.resize([0, 1, 2], 30), np.resize([0, 0, 0, 1], 30)
    totals, more = np.array([20.0, 25.0, 30.0]), np.array([50.0, 25.0])
    matrix = np.stack([np.ones(30), random.random(30)], axis=1)
    sums = np.array([75.0, 38.0])
    together = [
        poststratify_weights(weight, cell, totals),
        rake_weights(weight, [cell, other], [totals, more]),
        calibrate_weights(weight, matrix, sums, function="raking"),
    ]
    for r in range(4):
        single = [
            poststratify_weights(weight[:, r], cell, totals),
            rake_weights(weight[:, r], [cell, other], [totals, more]),
            calibrate_weights(weight[:, r], matrix, sums, function="raking"),
        ]
        for one, many in zip(single, together, strict=True):
            np.testing.assert_allclose(many[:, r], one, rtol=1e-11)


def test_an_adjustment_repeats_itself_on_other_weights() -> None:
    survey = survey_of(40)
    for done in (
        poststratify(survey, "a", totals_of(survey, "a")),
        rake(survey, {"a": totals_of(survey, "a"), "b": totals_of(survey, "b")}),
        calibrate(survey, {"x": 600.0}, function="raking"),
    ):
        step: Any = done.adjustments[0]
        np.testing.assert_allclose(step.reweight(survey.weight), done.weight, rtol=1e-14)
        others = np.stack([survey.weight, survey.weight[::-1]], axis=1)
        repeated = step.reweight(others)
        np.testing.assert_allclose(repeated[:, 0], done.weight, rtol=1e-12)
        again = replace(done, weight=repeated[:, 1])
        assert deviations(again) <= 2e-12


# --- trimming ------------------------------------------------------------------------------------


def test_what_is_cut_off_is_spread_evenly() -> None:
    weight = np.array([1.0, 2.0, 3.0, 10.0])
    assert trim_weights(weight, 0, 7).tolist() == [2.0, 3.0, 4.0, 7.0]
    assert trim_weights(weight, 1.5, 20).tolist() == pytest.approx([1.5, 2 - 0.5 / 3, 3 - 0.5 / 3, 10 - 0.5 / 3])
    assert trim_weights(weight, 0, 7, redistribute=False).tolist() == [1.0, 2.0, 3.0, 7.0]
    assert trim_weights(weight, 0, 20).tolist() == weight.tolist()


def test_strict_trimming_leaves_no_weight_outside() -> None:
    weight = np.array([1.0, 2.0, 6.5, 10.0])
    once, strict = trim_weights(weight, 0, 7), trim_weights(weight, 0, 7, strict=True)
    assert once.max() > 7
    assert strict.tolist() == pytest.approx([2.25 - 0.0, 3.25, 7.0, 7.0])
    assert strict.sum() == pytest.approx(weight.sum(), rel=1e-12)


def test_weights_of_zero_and_rows_outside_are_not_trimmed() -> None:
    weight = np.array([0.0, 1.0, 4.0, 9.0])
    assert trim_weights(weight, 2, 20)[0] == 0
    inside = np.array([True, True, True, False])
    assert trim_weights(weight, 2, 20, inside=inside).tolist() == [0.0, 2.0, 3.0, 9.0]


@pytest.mark.parametrize(("lower", "upper"), [(3, 2), (2, 2), (-1, 5), (float("nan"), 5)])
def test_limits_that_are_none_are_refused(lower: float, upper: float) -> None:
    with pytest.raises(InputError, match="lower one"):
        trim_weights(np.ones(3), lower, upper)


def test_limits_that_leave_no_room_are_refused() -> None:
    with pytest.raises(DesignError, match="no room"):
        trim_weights(np.array([5.0, 6.0]), 0, 4, strict=True)
    with pytest.raises(DesignError, match="no room"):
        trim_weights(np.array([5.0, 6.0]), 0, 4)


# --- nonresponse ---------------------------------------------------------------------------------


def asked(answers: int, frame: int = 20, population: int = 20) -> Survey:
    table = pl.DataFrame(
        {
            "cell": ["a"] * frame + ["b"] * frame,
            "answered": np.resize(np.arange(frame) < answers, 2 * frame).astype(int),
            "y": np.random.default_rng(7).normal(10, 3, 2 * frame),
            "N": np.full(2 * frame, population),
        }
    )
    return Survey.of(table, Design(strata="cell", fpc=("N",)))


def test_those_who_answered_stand_for_their_cell() -> None:
    done = adjust_nonresponse(asked(8), "cell", "answered")
    assert sorted(set(done.weight.tolist())) == [0.0, 2.5]
    assert done.degrees_of_freedom() == 14


def test_with_everyone_asked_the_variance_is_that_of_a_random_draw_from_each_cell() -> None:
    survey = asked(8)
    done = adjust_nonresponse(survey, "cell", "answered")
    y = survey.numbers("y")
    expected = sum(
        20**2 * (1 - 8 / 20) * y[(survey.table["cell"] == c).to_numpy() & (done.weight > 0)].var(ddof=1) / 8
        for c in "ab"
    )
    assert total_variance(done, y) == pytest.approx(expected, rel=1e-12)


def test_the_variance_of_draw_and_response_adds_up() -> None:
    survey = asked(12, frame=20, population=100)
    done = adjust_nonresponse(survey, "cell", "answered")
    y = survey.numbers("y")
    expected = 0.0
    for c in "ab":
        rows = (survey.table["cell"] == c).to_numpy()
        answered = rows & (done.weight > 0)
        mean = y[answered].mean()
        line = np.where(answered, mean + 20 / 12 * (y - mean), mean)[rows]
        expected += 100**2 * (1 - 20 / 100) * line.var(ddof=1) / 20
        expected += 5 * (20 / 12) * (20 / 12 - 1) * 12 / 11 * ((y[answered] - mean) ** 2).sum()
    assert total_variance(done, y) == pytest.approx(expected, rel=1e-12)


def test_complete_response_changes_nothing() -> None:
    survey = asked(20, population=100)
    done = adjust_nonresponse(survey, "cell", "answered")
    y = survey.numbers("y")
    assert done.weight.tolist() == survey.weight.tolist()
    assert total_variance(done, y) == pytest.approx(total_variance(survey, y), rel=1e-12)


def test_known_totals_stay_certain_after_nonresponse() -> None:
    survey = asked(12, population=100)
    done = poststratify(adjust_nonresponse(survey, "cell", "answered"), "cell", {"a": 90, "b": 110})
    assert total_variance(done, (survey.table["cell"] == "a").to_numpy().astype(float)) == pytest.approx(0, abs=1e-18)


def test_small_cells_are_named_with_a_way_out() -> None:
    with pytest.raises(DesignError) as error:
        adjust_nonresponse(asked(4), "cell", "answered")
    assert str(error.value) == (
        'Cells by cell with fewer than 5 answers: "a" (4 of 20), "b" (4 of 20). Merge each with a cell that answers '
        "alike, for example the next size class."
    )
    assert adjust_nonresponse(asked(4), "cell", "answered", smallest=4).weight.max() == 5


def test_a_column_that_does_not_say_who_answered_is_refused() -> None:
    with pytest.raises(InputError, match="does not say whether there was an answer"):
        adjust_nonresponse(asked(8), "cell", "y")


# --- errors --------------------------------------------------------------------------------------


def failing(call: Any) -> str:
    with pytest.raises((InputError, DesignError)) as error:
        call()
    return (
        "\n".join(p.format("en") for p in error.value.problems)
        if isinstance(error.value, InputError)
        else str(error.value)
    )


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        ({"p": 1, "q": 1}, 'Category "r" (13 rows) has no total.'),
        ({"p": 1, "q": 1, "r": 1, "z": 4}, 'Category "z": total 4, but no row of the data.'),
        ({"p": 1, "q": 1, "r": -1}, 'Category "r": -1 is not a number of units.'),
        ({"p": 1, "q": 1, "r": float("nan")}, 'Category "r": nan is not a number of units.'),
        ({"p": 1, "q": 1, "r": 0}, 'Category "r": the total is 0, the data have 13 rows of it.'),
        ({}, "No category has a total above 0."),
    ],
)
def test_totals_that_do_not_fit_the_data_are_named(totals: dict[str, float], said: str) -> None:
    message = failing(lambda: poststratify(survey_of(40), "a", totals))
    assert message.startswith(f"field a: {said}")


def test_a_category_without_rows_may_have_the_total_zero() -> None:
    done = poststratify(survey_of(40), "a", {"p": 1, "q": 1, "r": 1, "z": 0})
    assert done.weight.sum() == pytest.approx(3)


def test_unknown_columns_are_named() -> None:
    said = 'The data have no column "nix".'
    survey = survey_of(20)
    for call in (
        lambda: poststratify(survey, "nix", {"p": 1}),
        lambda: rake(survey, {"nix": {"p": 1}}),
        lambda: calibrate(survey, {"nix": 5.0}),
        lambda: adjust_nonresponse(asked(8), "nix", "answered"),
        lambda: adjust_nonresponse(survey, "a", "nix"),
    ):
        assert said in failing(call)


def test_missing_values_of_calibration_columns_are_refused_inside_the_domain_only() -> None:
    survey = survey_of(20)
    holes = replace(
        survey,
        table=survey.table.with_columns(
            a=pl.when(pl.int_range(20) == 4).then(None).otherwise("a"), x=pl.when(pl.int_range(20) != 7).then("x")
        ),
    )
    counts = {"p": 7, "q": 7, "r": 7}
    assert failing(lambda: poststratify(holes, "a", counts)).startswith("field a: Row 5 of the data: no value")
    assert failing(lambda: calibrate(holes, {"x": 5.0})).startswith("field x: Row 8 of the data: no value")
    inside = np.arange(20) != 4
    assert poststratify(holes.restrict(inside), "a", counts).weight[inside].sum() == pytest.approx(21)


def test_margins_of_different_populations_are_refused() -> None:
    counts: dict[str, Any] = {"a": {"p": 10, "q": 10, "r": 10}, "b": {"s": 15, "t": 16}}
    survey = survey_of(40)
    said = failing(lambda: rake(survey, counts))
    assert said.startswith("The totals add up to different populations: a: 30; b: 31.")
    assert failing(lambda: calibrate(survey, {"a": counts["a"]}, population=40)).startswith(
        "The totals add up to different populations: N: 40; a: 30."
    )


def test_totals_that_contradict_each_other_are_named() -> None:
    survey = survey_of(30)
    x = survey.numbers("x")
    matrix = np.stack([np.ones(30), x, 2 * x], axis=1)
    said = failing(
        lambda: calibrate_matrix(survey, matrix, np.array([70.0, 560.0, 1000.0]), names=("N", "x", "double"))
    )
    assert "contradicts the others" in said


def test_bounds_that_cannot_be_kept_name_the_total_that_fails() -> None:
    survey = survey_of(40)
    counts = totals_of(survey, "a", 4.0)
    said = failing(lambda: calibrate(survey, {"a": counts}, bounds=(0.9, 1.1)))
    assert said.startswith('"a = p": the weights give')
    assert "0.9–1.1 is allowed" in said


def test_bounds_that_only_fail_together_end_in_a_message_too() -> None:
    survey = survey_of(40)
    counts: dict[str, Any] = {"a": totals_of(survey, "a", 1.4), "b": totals_of(survey, "b", 1.4)}
    for function in ("linear", "raking", "logit"):
        said = failing(lambda f=function: calibrate(survey, counts, function=f, bounds=(0.75, 1.4)))
        assert "do not meet the totals" in said or "is allowed" in said


def test_margins_that_no_positive_weights_meet_end_with_the_furthest() -> None:
    table = pl.DataFrame({"a": ["p", "p", "q"], "b": ["s", "s", "t"]})
    survey = Survey.of(table, Design())
    said = failing(lambda: rake(survey, {"a": {"p": 5, "q": 5}, "b": {"s": 6, "t": 4}}))
    assert said.startswith("The weights do not meet the totals (up to 10000 steps); furthest off is")


@pytest.mark.parametrize(
    ("function", "bounds", "said"),
    [
        ("cubic", None, 'There is no method "cubic".'),
        ("logit", None, 'The method "logit" needs two bounds.'),
        ("linear", (1.1, 2.0), "Bounds 1.1 and 2: the lower one lies below 1, the upper one above 1."),
        ("linear", (0.5, float("nan")), "Bounds 0.5 and nan"),
    ],
)
def test_functions_and_bounds_that_are_none_are_refused(function: Any, bounds: Any, said: str) -> None:
    survey = survey_of(20)
    assert failing(lambda: calibrate(survey, {"x": 300.0}, function=function, bounds=bounds)).startswith(said)


def test_no_totals_at_all_are_refused() -> None:
    survey = survey_of(20)
    assert failing(lambda: calibrate(survey, {})) == "No total is given."
    assert failing(lambda: rake(survey, {})) == "No total is given."
    assert "is not a total" in failing(lambda: calibrate(survey, {"x": float("inf")}))
    assert "is not a number of units of a population" in failing(lambda: calibrate(survey, {}, population=-3))


def test_a_category_whose_weights_are_all_zero_is_named() -> None:
    survey = survey_of(20)
    silent = replace(survey, weight=np.where((survey.table["a"] == "p").to_numpy(), 0.0, survey.weight))
    said = failing(lambda: poststratify(silent, "a", {"p": 5, "q": 5, "r": 5}))
    assert said.startswith('Category "a = p": all weights are 0')
