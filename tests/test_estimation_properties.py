"""What holds for every survey, whatever its design: from rows to estimates, through every engine."""

import math
import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.estimation import Design, Estimates, estimate
from passgenau.estimation.likelihood import likelihood_interval, score
from passgenau.estimation.proportions import survey_proportion
from passgenau.estimation.survey import Survey

ENGINES = ("memory", "duckdb")
CLUSTERS = Design(weight="w", strata="h", ids=("p",), fpc=("N",), nest=True)
ROWS = Design(weight="w", strata="h")
TWO_STAGES = Design(weight="w", strata="h", ids=("p", "s"), fpc=("N", "M"), nest=True)
DESIGNS = {"clusters": CLUSTERS, "rows": ROWS, "two stages": TWO_STAGES}


def drawn(seed: int, *, census: bool = False) -> pl.DataFrame:
    """Return a small sample of two stages from a few strata."""
    rng = np.random.default_rng(seed)
    rows = []
    for h in range(int(rng.integers(1, 4))):
        psus = int(rng.integers(2, 5))
        larger = 0 if census else int(rng.integers(1, 50))
        for p in range(psus):
            ssus = int(rng.integers(2, 4))
            more = 0 if census else int(rng.integers(0, 5))
            rows += [(f"h{h}", p, s, float(psus + larger), float(ssus + more)) for s in range(ssus)]
    size = len(rows)
    table = pl.DataFrame(rows, schema=["h", "p", "s", "N", "M"], orient="row").with_columns(
        w=pl.Series(np.ones(size) if census else np.round(rng.uniform(0.5, 40, size), 3)),
        y=pl.Series(np.round(rng.normal(50, 12, size), 2)),
        x=pl.Series(np.round(rng.uniform(1, 9, size), 2)),
        yes=pl.Series(rng.integers(0, 2, size)),
        g=pl.Series(rng.choice(["a", "b"], size)),
        kind=pl.Series(rng.choice(["one", "two", "three"], size)),
    )
    blank = pl.Series(rng.random(size) < (0.0 if census else 0.15))
    return table.with_columns(y=pl.when(blank).then(None).otherwise(pl.col("y")))


def everything(data: pl.DataFrame | Path, design: Design, engine: str = "memory") -> list[Estimates]:
    """Ask for means, shares, totals and ratios, in the whole and by group."""
    options = {"design": design, "engine": engine, "by": ("g",)}
    return [
        estimate(data, ["y", "x", "yes", "kind"], covariance=True, **options),
        estimate(data, ["y", "kind"], estimator="total", **options),
        estimate(data, "y", estimator="ratio", over="x", **options),
    ]


def numbers(found: list[Estimates]) -> np.ndarray:
    return np.array(
        [
            (row.estimate, row.se, row.lower, row.upper, row.df, row.deff, row.population)
            for part in found
            for row in part
        ]
    )


@given(st.integers(0, 10**6), st.sampled_from(["clusters", "two stages"]))
@settings(max_examples=8, deadline=None)
def test_a_census_leaves_nothing_to_chance(seed: int, name: str) -> None:
    table = drawn(seed, census=True)
    for part in everything(table, DESIGNS[name]):
        assert [row.se for row in part] == [0.0] * len(part)
    whole = estimate(table, "y", design=DESIGNS[name])[0]
    assert math.isclose(whole.estimate, table["y"].mean(), rel_tol=1e-14)  # type: ignore[arg-type]
    assert whole.lower == whole.estimate == whole.upper


@given(st.integers(0, 10**6), st.floats(0.01, 0.99))
@settings(max_examples=8, deadline=None)
def test_a_weight_split_between_two_rows_of_a_psu_changes_nothing(seed: int, part: float) -> None:
    table = drawn(seed)
    first = table.head(1)
    split = pl.concat(
        [
            first.with_columns(pl.col("w") * part),
            first.with_columns(pl.col("w") * (1 - part)),
            table.tail(-1),
        ]
    )
    for one, other in zip(everything(table, CLUSTERS), everything(split, CLUSTERS), strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(
                [b.estimate, b.se, b.df, b.population], [a.estimate, a.se, a.df, a.population], rtol=1e-9, atol=1e-12
            )


@given(st.integers(0, 10**6), st.sampled_from(sorted(DESIGNS)), st.sampled_from(ENGINES), st.randoms())
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_does_not_change_a_bit(seed: int, name: str, engine: str, shuffle: random.Random) -> None:
    table = drawn(seed)
    order = shuffle.sample(range(len(table)), len(table))
    one, other = everything(table, DESIGNS[name], engine), everything(table[order], DESIGNS[name], engine)
    assert numbers(one).tobytes() == numbers(other).tobytes()
    assert one[0].covariance is not None
    assert other[0].covariance is not None
    assert one[0].covariance.tobytes() == other[0].covariance.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_the_partition_of_the_data_into_files_does_not_change_a_bit(name: str, engine: str, tmp_path: Path) -> None:
    table = pl.concat([drawn(seed).with_columns(h=pl.lit(f"{seed}") + pl.col("h")) for seed in range(8)])
    for i, slice_ in enumerate(table.iter_slices(37)):
        slice_.write_parquet(tmp_path / f"part{i}.parquet")
    whole = numbers(everything(table, DESIGNS[name], engine))
    assert whole.tobytes() == numbers(everything(tmp_path, DESIGNS[name], engine)).tobytes()


@given(st.integers(0, 10**6), st.sampled_from(sorted(DESIGNS)))
@settings(max_examples=6, deadline=None)
def test_engines_agree_to_twelve_digits(seed: int, name: str) -> None:
    table = drawn(seed)
    found = [numbers(everything(table, DESIGNS[name], engine)) for engine in ENGINES]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-12)


@given(st.integers(0, 10**6), st.sampled_from(sorted(DESIGNS)))
@settings(max_examples=10, deadline=None)
def test_totals_and_their_covariance_add_up_over_domains(seed: int, name: str) -> None:
    table, design = drawn(seed), DESIGNS[name]
    whole = estimate(table, "x", design=design, estimator="total")[0]
    parts = estimate(table, "x", design=design, estimator="total", by="g", covariance=True)
    assert parts.covariance is not None
    assert math.isclose(sum(row.estimate for row in parts), whole.estimate, rel_tol=1e-12)
    assert math.isclose(math.sqrt(parts.covariance.sum()), whole.se, rel_tol=1e-7, abs_tol=1e-9)


@given(st.integers(0, 10**6), st.sampled_from(sorted(DESIGNS)))
@settings(max_examples=10, deadline=None)
def test_standard_errors_are_the_same_whether_the_covariance_is_wanted_or_not(seed: int, name: str) -> None:
    table, design = drawn(seed), DESIGNS[name]
    items = ["y", "yes", "kind"]
    alone = [row.se for row in estimate(table, items, design=design, by="g")]
    together = [row.se for row in estimate(table, items, design=design, by="g", covariance=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("covariance", [False, True])
@pytest.mark.parametrize("value", [1.0, 0.1, -3.7e9, 1 / 3])
def test_what_is_the_same_everywhere_does_not_vary(value: float, covariance: bool, engine: str) -> None:  # noqa: FBT001 -- a case
    weights = np.random.default_rng(3).uniform(0.1, 90, 67)
    table = pl.DataFrame({"w": weights, "same": [value] * 67, "y": weights**2})
    found = estimate(table, ["same", "y"], design=Design(weight="w"), covariance=covariance, engine=engine)  # type: ignore[arg-type]
    assert (found[0].estimate, found[0].se) == (value, 0.0)
    if found.covariance is not None:
        assert found.covariance[0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("covariance", [False, True])
def test_the_mean_of_a_domain_of_one_row_does_not_vary_around_it(covariance: bool, engine: str) -> None:  # noqa: FBT001 -- a case
    rng = np.random.default_rng(4)
    table = pl.DataFrame(
        {
            "w": rng.uniform(1, 9, 26),
            "y": np.round(rng.normal(50, 10, 26), 3),
            "g": ["alone", *["rest"] * 25],
        }
    )
    found = estimate(table, "y", design=Design(weight="w"), by="g", covariance=covariance, engine=engine)  # type: ignore[arg-type]
    assert math.isclose(found[0].estimate, table["y"][0], rel_tol=1e-15)
    assert found[0].se == 0.0
    assert found[1].se > 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["clusters", "rows"])
def test_units_without_weight_give_no_degrees_of_freedom(name: str, engine: str) -> None:
    table = pl.DataFrame(
        {
            "h": ["a"] * 6 + ["b"] * 6,
            "p": [1, 1, 2, 2, 3, 3] * 2,
            "N": [9.0] * 12,
            "w": [0.0, 0.0, *range(1, 11)],
            "y": range(12),
        }
    )
    found = estimate(table, "y", design=DESIGNS[name], engine=engine)[0]  # type: ignore[arg-type]
    assert found.df == {"clusters": 5 - 2, "rows": 10 - 2}[name]
    assert found.df == Survey.of(table, DESIGNS[name]).degrees_of_freedom()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_declared_category_that_nobody_chose_is_a_share_of_zero(engine: str) -> None:
    levels = pl.Enum(["never", "rarely", "often"])
    table = pl.DataFrame({"a": pl.Series(["often", "rarely", "often", "often"], dtype=levels), "N": [40.0] * 4})
    found = estimate(table, "a", design=Design(fpc=("N",)), engine=engine)  # type: ignore[arg-type]
    assert [(row.level, row.estimate, row.base) for row in found] == [
        ("never", 0.0, 4),
        ("rarely", 0.25, 4),
        ("often", 0.75, 4),
    ]
    assert found[0].lower == 0.0
    assert found[0].upper > 0.4


def test_a_domain_left_out_by_a_replicate_totals_zero_there() -> None:
    table = pl.DataFrame(
        {
            "h": ["a"] * 4 + ["b"] * 4,
            "p": [1, 1, 2, 2] * 2,
            "w": [1.0, 2, 3, 4, 5, 6, 7, 8],
            "y": [1.0, 2, 5, 3, 8, 1, 9, 4],
            "g": ["u", *["v"] * 7],
        }
    )
    design = Design(weight="w", strata="h", ids=("p",), nest=True)
    linear = estimate(table, "y", design=design, by="g", estimator="total")
    replicated = estimate(table, "y", design=design, by="g", estimator="total", replicates="JKn")
    np.testing.assert_allclose([row.se for row in replicated], [row.se for row in linear], rtol=1e-12)


def test_numbers_near_a_billion_keep_all_digits_of_their_standard_error() -> None:
    rng = np.random.default_rng(5)
    psu = np.repeat(np.arange(12), 4)
    value, weight = 1e9 + np.round(rng.normal(0, 1, 48), 4), np.round(rng.uniform(1, 30, 48), 3)
    table = pl.DataFrame({"h": psu // 4, "p": psu, "N": 40.0, "w": weight, "y": value})
    w, y = [Fraction(v) for v in weight], [Fraction(v) for v in value]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    totals = [sum(w[i] * (y[i] - mean) for i in np.flatnonzero(psu == p)) / sum(w) for p in range(12)]
    variance = Fraction(0)
    for h in range(3):
        inside = totals[4 * h : 4 * h + 4]
        centre = sum(inside) / 4
        variance += (1 - Fraction(4, 40)) * Fraction(4, 3) * sum((t - centre) ** 2 for t in inside)
    found = estimate(table, "y", design=CLUSTERS)[0]
    assert math.isclose(found.se, math.sqrt(variance), rel_tol=1e-13)


def test_likelihood_limits_agree_with_r_where_the_design_effect_is_small() -> None:
    """R 4.2.2, survey 4.1-1: 3 of 14 answers said yes, in 2 PSUs, confidence 0.8."""
    answer = np.array([1.0] * 3 + [0.0] * 11)
    limits = likelihood_interval(3 / 14, 0.0408163265306123, 14, 3.07768353717525, score(answer, np.ones(14)))
    np.testing.assert_allclose(limits, (0.105056963306454, 0.360737844749067), rtol=1e-8)


@pytest.mark.parametrize("name", ["clusters", "rows"])
@pytest.mark.parametrize("estimator", ["mean", "total"])
def test_a_constant_added_to_all_answers_keeps_the_variance_of_a_simple_draw(estimator: str, name: str) -> None:
    table = drawn(2).with_columns(pl.col("y").fill_null(41.5)).with_columns(far=pl.col("y") + 2.0**24)
    near, far = estimate(table, ["y", "far"], design=DESIGNS[name], estimator=estimator)  # type: ignore[arg-type]
    np.testing.assert_allclose(far.se**2 / far.deff, near.se**2 / near.deff, rtol=1e-9)


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_likelihood_limits_are_numbers_however_few_units_there_are(name: str) -> None:
    rng = np.random.default_rng(6)
    table = drawn(1).filter(pl.col("h") == "h0").filter(pl.col("p") < 2)
    survey = Survey.of(
        table.with_columns(N=pl.lit(50.0), w=pl.Series(rng.uniform(0.1, 200, len(table)))), DESIGNS[name]
    )
    answer = np.array(([1.0, 0.0, 1.0] * len(table))[: len(table)])
    found = survey_proportion(survey, answer, method="likelihood", confidence=0.99)
    assert 0 <= found.lower <= found.share <= found.upper <= 1
