"""What weights cost, how many answered, and how evenly."""

from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.survey import Survey
from passgenau.estimation.weighting import (
    Dispositions,
    check_margins,
    count_dispositions,
    diagnose,
    poststratify,
    representativity,
    response_rates,
    trim,
)

# --- weights -------------------------------------------------------------------------------------


def test_equal_weights_cost_nothing() -> None:
    found = diagnose(np.full(8, 2.5))
    assert (found.effective_size, found.design_effect, found.cv, found.ratio) == (8, 1, 0, 1)
    assert (found.total, found.largest_share) == (20, 0.125)


def test_figures_of_three_weights_are_those_found_by_hand() -> None:
    found = diagnose(np.array([1.0, 2.0, 3.0, 0.0]))
    assert (found.rows, found.zero, found.negative) == (3, 1, 0)
    assert found.effective_size == pytest.approx(36 / 14)
    assert found.design_effect == pytest.approx(3 * 14 / 36)
    assert found.cv**2 == pytest.approx(found.design_effect - 1)
    assert (found.minimum, found.maximum, found.ratio, found.largest_share) == (1, 3, 3, 0.5)
    assert found.records() == [
        {
            "rows": 3,
            "zero": 1,
            "negative": 0,
            "total": 6.0,
            "mean": 2.0,
            "minimum": 1.0,
            "maximum": 3.0,
            "ratio": 3.0,
            "cv": found.cv,
            "largest_share": 0.5,
            "design_effect": found.design_effect,
            "effective_size": found.effective_size,
        }
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.floats(0.1, 10))
def test_the_effective_number_is_at_most_the_number_and_free_of_scale(weights: list[float], scale: float) -> None:
    found, scaled = diagnose(np.array(weights)), diagnose(np.array(weights) * scale)
    assert 1 - 1e-12 <= found.effective_size <= len(weights) * (1 + 1e-12)
    assert scaled.effective_size == pytest.approx(found.effective_size)


def test_negative_weights_are_counted() -> None:
    found = diagnose(np.array([-1.0, 2.0, 4.0]))
    assert found.negative == 1
    assert np.isnan(found.ratio)


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, float("nan")], [-1.0, 0.5]])
def test_weights_that_cannot_be_described_are_refused(weights: list[float]) -> None:
    with pytest.raises(DesignError, match="no weights to be described"):
        diagnose(np.array(weights))


def test_margins_show_what_trimming_gave_up() -> None:
    table = pl.DataFrame({"a": ["p"] * 2 + ["q"] * 8})
    weighted = poststratify(Survey.of(table, Design()), "a", {"p": 20, "q": 20})
    rows = check_margins(trim(weighted, upper=6))
    assert [(row.name, row.rows, row.target, row.before, row.after) for row in rows] == [
        ("a = p", 2, 20, 2, 12),
        ("a = q", 8, 20, 8, 28),
    ]


def test_only_the_domain_is_described() -> None:
    survey = Survey.of(pl.DataFrame({"w": [1.0, 5.0, 5.0]}), Design(weight="w"))
    assert diagnose(survey.where(pl.col("w") > 2)).design_effect == 1


# --- response rates ------------------------------------------------------------------------------

CASES = Dispositions(
    interview=50, partial=5, refusal=10, noncontact=20, other=2, unknown=25, unknown_other=5, ineligible=10
)


def test_rates_follow_the_definitions() -> None:
    (row, whole) = response_rates({"north": CASES}).rows
    e = Fraction(87, 97)
    likely = 87 + e * 30
    expected = {
        "rr1": Fraction(50, 117),
        "rr2": Fraction(55, 117),
        "rr3": 50 / likely,
        "rr4": 55 / likely,
        "rr5": Fraction(50, 87),
        "rr6": Fraction(55, 87),
        "coop1": Fraction(50, 67),
        "coop2": Fraction(55, 67),
        "coop3": Fraction(50, 65),
        "coop4": Fraction(55, 65),
        "ref1": Fraction(10, 117),
        "ref2": 10 / likely,
        "ref3": Fraction(10, 87),
        "con1": Fraction(67, 117),
        "con2": 67 / likely,
        "con3": Fraction(67, 87),
        "e": e,
    }
    assert {key: getattr(row, key) for key in expected} == pytest.approx({k: float(v) for k, v in expected.items()})
    assert (row.stratum, row.cases, row.answers, whole.stratum, whole.rr1) == ("north", 117, 55, "", row.rr1)


def test_all_strata_together_are_their_summed_counts() -> None:
    table = response_rates({"a": Dispositions(10, refusal=10), "b": Dispositions(30, refusal=50)})
    assert [record["rr1"] for record in table.records()] == [0.5, 0.375, 0.4]


def test_with_everyone_known_the_rates_agree() -> None:
    row = response_rates({"a": Dispositions(21, noncontact=14)}).rows[0]
    assert row.rr1 == row.rr3 == row.rr5 == 0.6
    assert row.e == 1


def test_a_rate_without_cases_is_no_number() -> None:
    row = response_rates({"a": Dispositions(0, noncontact=3)}).rows[0]
    assert np.isnan(row.coop1)
    assert row.rr1 == 0


def test_a_given_share_of_eligible_cases_is_used() -> None:
    assert response_rates({"a": CASES}, e=0.0).rows[0].rr3 == pytest.approx(50 / 87)
    with pytest.raises(InputError, match=r"1\.2 is not a share"):
        response_rates({"a": CASES}, e=1.2)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(InputError, match="-1 is not a number of cases"):
        Dispositions(-1)
    with pytest.raises(DesignError, match='Stratum "a": no case belongs to the population'):
        response_rates({"a": Dispositions(0, ineligible=4)})
    with pytest.raises(DesignError, match="no strata"):
        response_rates({})


def test_dispositions_are_counted_by_stratum() -> None:
    frame = pl.DataFrame({"s": ["b", "a", "a", "b"], "d": ["I", "NC", "I", "UH"]})
    assert count_dispositions(frame, "d", "s") == {
        "a": Dispositions(1, noncontact=1),
        "b": Dispositions(1, unknown=1),
    }
    assert count_dispositions(frame, "d") == {"": Dispositions(2, noncontact=1, unknown=1)}
    with pytest.raises(InputError, match='Row 2 of the data: "X" is not a disposition'):
        count_dispositions(frame.with_columns(d=pl.Series(["I", "X", "I", "I"])), "d", "s")
    with pytest.raises(InputError, match='no column "nix"'):
        count_dispositions(frame, "nix")


# --- representativity ----------------------------------------------------------------------------


def frame_of(rows: int = 300, seed: int = 1, slope: float = 0.3) -> pl.DataFrame:
    random = np.random.default_rng([seed, rows])
    size, region = np.resize(["l", "m", "s"], rows), random.choice(["n", "o"], rows)
    chance = 0.4 + slope * (size == "s") + slope / 2 * (region == "o")
    return pl.DataFrame({"size": size, "region": region, "back": (random.random(rows) < chance).astype(int)})


def test_even_response_has_the_indicator_one() -> None:
    frame = pl.DataFrame({"g": ["a", "a", "b", "b"] * 5, "back": [0, 1] * 10})
    found = representativity(frame, "back", ["g"])
    assert found.indicator == pytest.approx(1, abs=1e-7)
    assert found.unadjusted == pytest.approx(1, abs=1e-7)
    assert (found.units, found.answers, found.propensity) == (20, 10, pytest.approx(0.5))


def test_the_indicator_is_that_of_a_plain_calculation() -> None:
    frame = frame_of()
    columns = np.stack(
        [
            np.ones(300),
            (frame["size"] == "m").to_numpy(),
            (frame["size"] == "s").to_numpy(),
            (frame["region"] == "o").to_numpy(),
        ],
        axis=1,
    ).astype(float)
    back = frame["back"].to_numpy().astype(float)

    def loss(b: Any) -> float:
        return float(np.logaddexp(0, columns @ b).sum() - back @ columns @ b)

    def slope(b: Any) -> Any:
        return columns.T @ (special.expit(columns @ b) - back)

    best = optimize.minimize(loss, np.zeros(4), jac=slope, method="BFGS", options={"gtol": 1e-9}).x
    rho = special.expit(columns @ best)
    square = rho.var(ddof=1)
    z = [r * (1 - r) * x for r, x in zip(rho, columns, strict=True)]
    cov = np.linalg.inv(sum(np.outer(zi, x) for zi, x in zip(z, columns, strict=True)))
    noise = sum(zi @ cov @ zi for zi in z) / 300
    middle = np.mean(z, axis=0)
    a = sum((r - rho.mean()) * (zi - middle) for r, zi in zip(rho, z, strict=True)) / 300
    b = sum(np.outer(zi - middle, zi - middle) for zi in z) / 300
    variance = 4 * a @ cov @ a + 2 * np.trace(b @ cov @ b @ cov)
    found = representativity(frame, "back", ["size", "region"])
    assert found.unadjusted == pytest.approx(1 - 2 * np.sqrt(square), abs=1e-8)
    assert found.indicator == pytest.approx(1 - 2 * np.sqrt(square - noise), abs=1e-8)
    assert found.se == pytest.approx(np.sqrt(variance / square), rel=1e-6)
    assert found.maximal_bias == pytest.approx(np.sqrt(square - noise) / back.mean(), rel=1e-7)


def test_a_sample_is_less_certain_than_a_complete_frame() -> None:
    complete = representativity(frame_of(), "back", ["size"])
    sampled = representativity(frame_of(), "back", ["size"], population=3000)
    assert sampled.se > complete.se
    assert sampled.indicator < complete.indicator  # (1 + 1/n − 1/N) grows with N


def test_partial_indicators_of_one_variable_are_the_whole_spread() -> None:
    found = representativity(frame_of(), "back", ["size"])
    whole, *categories = found.partial
    spread = (1 - found.unadjusted) / 2
    assert whole.unconditional == pytest.approx(spread * np.sqrt(299 / 300))
    assert whole.conditional == pytest.approx(spread)
    assert whole.unconditional**2 == pytest.approx(sum(row.unconditional**2 for row in categories))
    rates = {row.category: row.answers / row.units for row in categories}
    for row in categories:
        expected = np.sqrt(row.units / 300) * (rates[row.category] - found.propensity)
        assert row.unconditional == pytest.approx(expected, abs=1e-8)


def test_a_variable_that_only_repeats_another_has_no_conditional_part() -> None:
    frame = frame_of().with_columns(copy=pl.col("size"))
    found = representativity(frame, "back", ["size", "copy"])
    parts = {row.variable: row for row in found.partial if row.category is None}
    assert parts["copy"].conditional == pytest.approx(0, abs=1e-7)
    assert parts["copy"].unconditional == pytest.approx(parts["size"].unconditional)


def test_the_order_of_the_frame_is_irrelevant() -> None:
    frame = frame_of()
    here = representativity(frame, "back", ["size", "region"])
    there = representativity(frame.reverse(), "back", ["size", "region"])
    assert there.indicator == pytest.approx(here.indicator, rel=1e-10)
    assert [r.category for r in there.partial] == [r.category for r in here.partial]


def test_a_category_that_answered_completely_is_noted() -> None:
    frame = frame_of().with_columns(back=pl.when(pl.col("size") == "s").then(1).otherwise("back"))
    found = representativity(frame, "back", ["size"])
    assert [note.en for note in found.notes if note.en and "completely" in note.en]
    assert found.partial[-1].answers == found.partial[-1].units
    assert found.propensity == pytest.approx(frame["back"].mean(), abs=1e-9)


def test_the_records_hold_the_whole_and_every_part() -> None:
    records = representativity(frame_of(), "back", ["size", "region"]).records()
    assert [(r["variable"], r["category"]) for r in records] == [
        (None, None),
        ("size", None),
        ("size", "l"),
        ("size", "m"),
        ("size", "s"),
        ("region", None),
        ("region", "n"),
        ("region", "o"),
    ]


def test_frames_without_differences_or_values_are_refused() -> None:
    frame = frame_of()
    with pytest.raises(DesignError, match="All or none answered"):
        representativity(frame.with_columns(back=1), "back", ["size"])
    with pytest.raises(InputError, match="No variable is given"):
        representativity(frame, "back", [])
    with pytest.raises(InputError, match='no column "nix"'):
        representativity(frame, "back", ["nix"])
    with pytest.raises(InputError, match="no value in a column"):
        representativity(frame.with_columns(size=pl.when(pl.int_range(300) > 3).then("size")), "back", ["size"])
    with pytest.raises(InputError, match="smaller than the number of units asked"):
        representativity(frame, "back", ["size"], population=200)
    with pytest.raises(DesignError, match="too many"):
        representativity(frame.with_columns(key=pl.int_range(300)), "back", ["key"])
