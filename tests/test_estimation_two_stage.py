"""Samples in two stages with population counts at both: agreement with R, and what must follow."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from passgenau.errors import DesignError
from passgenau.estimation.design import Design
from passgenau.estimation.estimating import estimate
from passgenau.estimation.survey import Survey

DATA = json.loads((Path(__file__).parent / "data" / "two_stage.json").read_text())
TABLE = pl.DataFrame(DATA["columns"])
STAGES = Design(strata="h", ids=("psu", "ssu"), fpc=("N", "M"))
COMPLETE = TABLE.filter(pl.col("psu") != 2)  # PSU 2 has a single SSU


def survey_of(case: dict[str, Any]) -> Survey:
    spec = {key: tuple(value) if isinstance(value, list) else value for key, value in case["design"].items()}
    table = TABLE if case["rows"] is None else TABLE.filter(pl.sql_expr(case["rows"]))
    return Survey.of(table, Design(**spec))


@pytest.mark.parametrize("case", [c for c in DATA["cases"] if "estimate" in c["result"]], ids=lambda c: c["id"])
def test_an_estimate_agrees_with_r(case: dict[str, Any]) -> None:
    options = {"estimator": case["kind"], "over": case["over"], "where": case["where"]}
    found, expected = estimate(survey_of(case), case["y"], **options)[0], case["result"]
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-12)
    assert found.se**2 == pytest.approx(expected["variance"], rel=1e-10)
    assert found.df == expected["df"]


@pytest.mark.parametrize("case", [c for c in DATA["cases"] if "error" in c["result"]], ids=lambda c: c["id"])
def test_a_psu_with_a_single_ssu_is_an_error_as_in_r(case: dict[str, Any]) -> None:
    with pytest.raises(DesignError, match="single drawn unit"):
        estimate(survey_of(case), case["y"], estimator=case["kind"], over=case["over"], where=case["where"])


def test_weights_follow_from_the_counts_of_both_stages() -> None:
    found = Survey.of(COMPLETE, STAGES)
    row = COMPLETE.row(0, named=True)  # one of 3 PSUs (4 with the one left out) of 9, one of 2 SSUs
    assert found.weight[0] == pytest.approx(9 / 3 * row["M"] / 2)


def test_a_sample_of_all_units_of_both_stages_has_no_variance() -> None:
    table = COMPLETE.with_columns(
        N=pl.col("psu").n_unique().over("h").cast(pl.Int64), M=pl.col("ssu").n_unique().over("psu").cast(pl.Int64)
    )
    assert estimate(Survey.of(table, STAGES), "x", estimator="total")[0].se == 0


def test_psus_asked_completely_leave_the_variance_of_the_first_stage() -> None:
    table = COMPLETE.with_columns(M=pl.col("ssu").n_unique().over("psu").cast(pl.Int64))
    two, one = (
        estimate(Survey.of(table, design), "x", estimator="total")[0]
        for design in (STAGES, Design(strata="h", ids=("psu",), fpc=("N",)))
    )
    assert two.estimate == pytest.approx(one.estimate)
    assert two.se == pytest.approx(one.se)


def test_strata_asked_completely_leave_the_variance_of_the_second_stage() -> None:
    west = COMPLETE.filter(pl.col("h") == "west")
    found = estimate(Survey.of(west, STAGES), "x", estimator="total")[0]
    totals = west.group_by("psu", "ssu", "M").agg(pl.col("x").sum())
    by_hand = 0.0
    for (_, population), group in totals.group_by("psu", "M"):
        n, spread = len(group), np.var(group["x"].to_numpy(), ddof=1)
        by_hand += population**2 * (1 - n / population) * spread / n
    assert found.se**2 == pytest.approx(by_hand)


def test_names_of_ssus_count_within_their_psu() -> None:
    renamed = COMPLETE.with_columns(ssu=pl.col("ssu") % 100)
    one, other = (estimate(Survey.of(table, STAGES), "y", estimator="mean")[0] for table in (COMPLETE, renamed))
    assert (one.estimate, one.se) == (other.estimate, other.se)


def test_without_a_population_of_psus_the_second_stage_adds_nothing() -> None:
    plain = Design(weight="w", strata="h", ids=("psu",))
    two = Design(weight="w", strata="h", ids=("psu", "ssu"))
    one, other = (estimate(Survey.of(COMPLETE, design), "y", estimator="mean")[0] for design in (plain, two))
    assert one.se == pytest.approx(other.se)


def test_two_counts_for_one_psu_are_an_error() -> None:
    table = COMPLETE.with_columns(M=pl.col("M") + (pl.int_range(len(COMPLETE)) == 0).cast(pl.Int64))
    with pytest.raises(DesignError, match='Column "M", 1: different counts'):
        Survey.of(table, STAGES)


def test_more_ssus_than_the_psu_has_are_an_error() -> None:
    with pytest.raises(DesignError, match='Column "M"'):
        Survey.of(COMPLETE.with_columns(M=pl.lit(1)), STAGES)
