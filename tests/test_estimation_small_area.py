"""Shares for areas with few answers: each area borrows from the others, and says so."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space
from scipy.stats import betabinom, hypergeom, multivariate_normal

from passgenau.errors import DesignError, InputError
from passgenau.estimation.disclosure import suppress_areas
from passgenau.estimation.estimates import Estimate, Estimates
from passgenau.estimation.intervals import hypergeometric_interval
from passgenau.estimation.small_area import (
    AreaCount,
    AreaDirect,
    count_areas,
    direct_areas,
    eblup,
    fay_herriot,
    fit_variance,
    pool_counts,
    residual_likelihood,
)
from passgenau.text import Text

FEW = [(0, 0, 20), (1, 2, 9), (3, 4, 15), (5, 8, 12), (0, 5, 12)]  # yes, answers, population


def areas(counts: list[tuple[int, int, int]]) -> list[AreaCount]:
    return [AreaCount(f"a{d}", *numbers) for d, numbers in enumerate(counts)]


def posterior_by_force(counts: list[tuple[int, int, int]], at: int) -> np.ndarray:
    """The posterior of K in one area from prior and likelihood, on a dense grid of mean and correlation."""
    steps = (np.arange(200) + 0.5) / 200
    mean, rho = (grid.ravel() for grid in np.meshgrid(steps, steps))
    a, b = mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho
    weight = np.ones_like(mean)
    for d, (k, n, _) in enumerate(counts):
        if d != at and n:
            weight *= betabinom.pmf(k, n, a, b)
    k, n, size = counts[at]
    posterior = np.array(
        [
            (weight * betabinom.pmf(total, size, a, b)).sum() * hypergeom.pmf(k, size, total, n)
            for total in range(size + 1)
        ]
    )
    return np.asarray(posterior / posterior.sum())


@pytest.mark.parametrize("at", range(len(FEW)))
def test_pooled_counts_are_the_posterior_of_prior_times_likelihood(at: int) -> None:
    posterior = posterior_by_force(FEW, at)
    counts = np.arange(len(posterior))
    mean = float(posterior @ counts)
    found = pool_counts(areas(FEW))[at]
    assert found.estimate * found.population == pytest.approx(mean, abs=2e-3)
    assert found.se * found.population == pytest.approx(math.sqrt(posterior @ (counts - mean) ** 2), abs=5e-3)
    cumulated = np.cumsum(posterior)
    assert (found.count_lower, found.count_upper) == tuple(int(np.searchsorted(cumulated, p)) for p in (0.025, 0.975))


def test_the_direct_estimate_stands_beside_the_model() -> None:
    found = pool_counts(areas(FEW))
    assert [row.direct for row in found] == [None, 1 / 2, 3 / 4, 5 / 8, 0]
    assert (found[3].direct_lower, found[3].direct_upper) == hypergeometric_interval(5, 8, 12).shares
    assert found[0].direct_lower is None
    assert {row.method for row in found} == {"beta-binomial"}


def test_a_census_of_an_area_leaves_nothing_to_the_model() -> None:
    found = pool_counts(areas([*FEW, (3, 10, 10)]))[-1]
    assert (found.estimate, found.se, found.count_lower, found.count_upper) == (0.3, 0.0, 3, 3)


def test_an_area_without_answers_gets_what_the_others_say() -> None:
    found = pool_counts(areas([(0, 0, 50), *[(4, 20, 40)] * 6]))
    assert found[0].weight == 0
    assert found[0].estimate == pytest.approx(0.2, abs=0.03)
    assert found[0].se > 2 * found[1].se


def test_areas_are_drawn_towards_each_other_and_less_so_with_more_answers() -> None:
    found = pool_counts(areas([(1, 5, 50), (4, 20, 50), (4, 5, 50), (16, 20, 50), (10, 20, 50)]))
    assert 0.2 < found[0].estimate < 0.5
    assert 0.2 < found[1].estimate < found[0].estimate
    assert 0.5 < found[2].estimate < found[3].estimate < 0.8
    assert found[0].weight < found[1].weight


def test_areas_that_differ_more_are_pooled_less() -> None:
    alike = pool_counts(areas([(5, 10, 40)] * 6))
    apart = pool_counts(areas([(0, 10, 40), (10, 10, 40)] * 3))
    assert alike.between.upper < apart.between.lower
    assert alike[0].weight < apart[0].weight


def test_covariates_carry_what_they_explain() -> None:
    counts = [(1, 10, 60), (1, 10, 60), (2, 10, 60), (8, 10, 60), (9, 10, 60), (9, 10, 60), (0, 0, 60), (0, 0, 60)]
    with_size = [
        AreaCount(f"a{d}", *numbers, covariates=(float(size),))
        for d, (numbers, size) in enumerate(zip(counts, [1, 1, 1, 5, 5, 5, 1, 5], strict=True))
    ]
    found = pool_counts(with_size)
    assert found[6].estimate < 0.3
    assert found[7].estimate > 0.7
    assert found.between.estimate < pool_counts(areas(counts)).between.estimate
    assert "von 1 Merkmalen" in found.model.de


def test_the_order_of_areas_changes_nothing_that_counts() -> None:
    forward, backward = pool_counts(areas(FEW)), pool_counts(areas(FEW)[::-1])
    assert [row.estimate for row in forward] == pytest.approx([row.estimate for row in backward][::-1], abs=1e-6)
    again = pool_counts(areas(FEW))
    assert again == forward


def test_limits_cover_the_true_counts_as_often_as_they_say() -> None:
    """Shares drawn from the model at fixed mean and spread; 240 areas with 0 to 10 answers."""
    rng = np.random.default_rng([4, 8, 9])
    covered, narrower, seen = 0, 0, 0
    for mean, precision in [(0.2, 4.0), (0.35, 15.0), (0.5, 40.0), (0.7, 8.0)] * 5:
        population = rng.integers(12, 60, 12)
        answers = np.minimum(rng.integers(0, 11, 12), population)
        truth = rng.binomial(population, rng.beta(mean * precision, (1 - mean) * precision, 12))
        yes = rng.hypergeometric(truth, population - truth, answers)
        rows = pool_counts(areas(list(zip(yes.tolist(), answers.tolist(), population.tolist(), strict=True))))
        for row, count in zip(rows, truth, strict=True):
            assert row.count_lower is not None
            assert row.count_upper is not None
            covered += row.count_lower <= count <= row.count_upper
            if row.direct_lower is not None and row.direct_upper is not None:
                seen += 1
                narrower += row.upper - row.lower < row.direct_upper - row.direct_lower
    assert covered >= 0.93 * 240
    assert narrower >= 0.85 * seen


def test_the_result_says_that_it_is_a_model_and_what_it_assumes() -> None:
    found = pool_counts(areas(FEW))
    assert found.model.de == (
        "Modellschätzung, keine direkte: Die Anteile der 5 Gebiete streuen um einen gemeinsamen Mittelwert "
        "(Beta-Binomial-Modell); nur die Organisationen ohne Antwort werden vorhergesagt."
    )
    assert [text.en for text in found.assumptions] == [
        (
            "Areas resemble each other: what is not known of an area is on average like what the others show. An area "
            "that is quite different is drawn too close to the others."
        ),
        "In every area those who answered resemble a random draw.",
    ]
    frame = found.to_polars()
    assert frame["area"].to_list() == [f"a{d}" for d in range(5)]
    assert {"estimate", "direct", "method", "base", "population"} <= set(frame.columns)
    assert found.to_pandas().shape == frame.shape


def test_a_single_organisation_is_never_estimated() -> None:
    with pytest.raises(DesignError) as caught:
        pool_counts(areas([*FEW, (1, 1, 1), (0, 0, 4)]))
    assert caught.value.format("en") == (
        "Areas with fewer than 5 organisations are not estimated, because the figure would all but speak of the "
        "single organisation: a5 (1), a6 (4). Merge such areas with others."
    )
    with pytest.raises(DesignError, match=r"fewer than 2 organisations.*a5 \(1\)"):
        pool_counts(areas([*FEW, (1, 1, 1)]), smallest=0)


@pytest.mark.parametrize(
    ("given_areas", "message"),
    [
        (areas([(3, 2, 9)]), "a0: 3 of 2 is not possible"),
        (areas([(1, 20, 9)]), "a0: 20 respondents cannot come from a population of 9"),
        (areas([(1, 0, 9)]), "a0: No estimate without answers"),
        (areas(FEW) + areas(FEW), '"a0" occurs more than once'),
        ([*areas(FEW), AreaCount("b", 1, 2, 9, (1.0,))], "b: 0 covariates are needed"),
        ([AreaCount(f"a{d}", 1, 2, 9, (1.0,)) for d in range(6)], "Covariate 1 is the same in all areas"),
        ([AreaCount(f"a{d}", 1, 2, 9, (d, d**2, d**3)) for d in range(9)], "3 covariates are too many"),
    ],
)
def test_wrong_areas_are_named(given_areas: list[AreaCount], message: str) -> None:
    with pytest.raises(InputError, match=message):
        pool_counts(given_areas)


def test_two_areas_with_answers_show_no_spread() -> None:
    with pytest.raises(DesignError, match="Only 2 areas have answers; how far areas differ shows from 3 on"):
        pool_counts(areas([(1, 2, 9), (1, 2, 9), (0, 0, 9)]))


def test_a_table_is_counted_by_area() -> None:
    table = pl.DataFrame({"region": ["N", "N", "S", "N", "S"], "plan": [1, 0, 1, None, 1]})
    assert count_areas(table, "plan", "region", {"S": 9, "N": 12, "W": 7}) == (
        AreaCount("S", 2, 2, 9),
        AreaCount("N", 1, 2, 12),
        AreaCount("W", 0, 0, 7),
    )
    with pytest.raises(InputError, match='number of organisations of "N" is missing'):
        count_areas(table, "plan", "region", {"S": 9})
    with pytest.raises(InputError, match="2 is neither 0 nor 1"):
        count_areas(table.with_columns(plan=pl.lit(2)), "plan", "region", {"S": 9, "N": 12})
    with pytest.raises(InputError, match='no column "town"'):
        count_areas(table, "plan", "town", {"S": 9})


# --- Fay and Herriot ---

ONES = np.ones((6, 1))
Y = np.array([0.20, 0.35, 0.50, 0.28, 0.61, 0.44])


def test_with_equal_variances_the_fit_is_what_one_finds_by_hand() -> None:
    """REML is s² − ψ, the EBLUP shrinks by ψ/s², and the three terms of the MSE have closed forms."""
    psi, m = 0.01, 6
    s2 = Y.var(ddof=1)
    spread = fit_variance(Y, np.full(m, psi), ONES, "reml")
    assert spread == pytest.approx(s2 - psi, rel=1e-6)
    theta, mse, weight = eblup(Y, np.full(m, psi), ONES, np.ones(m, dtype=bool), s2 - psi)
    gamma = 1 - psi / s2
    assert weight == pytest.approx(np.full(m, gamma))
    assert theta == pytest.approx(gamma * Y + (1 - gamma) * Y.mean())
    assert mse == pytest.approx(
        np.full(m, gamma * psi + (1 - gamma) ** 2 * s2 / m + 2 * psi**2 / s2**3 * 2 * s2**2 / m)
    )


def test_the_residual_likelihood_is_that_of_contrasts() -> None:
    psi = np.array([0.01, 0.02, 0.005, 0.03, 0.015, 0.01])
    design = np.column_stack([np.ones(6), np.arange(6.0)])
    contrasts = null_space(design.T)
    own = [residual_likelihood(a, Y, psi, design) for a in (0.0, 0.01, 0.05)]
    other = [
        multivariate_normal.logpdf(contrasts.T @ Y, np.zeros(4), contrasts.T @ np.diag(a + psi) @ contrasts)
        for a in (0.0, 0.01, 0.05)
    ]
    assert np.diff(own) == pytest.approx(np.diff(other), abs=1e-10)


def test_the_fit_is_the_top_of_a_dense_grid() -> None:
    psi = np.array([0.01, 0.02, 0.005, 0.03, 0.015, 0.01])
    grid = np.linspace(0, 0.1, 20001)
    best = grid[np.argmax([residual_likelihood(a, Y, psi, ONES) for a in grid])]
    assert fit_variance(Y, psi, ONES, "reml") == pytest.approx(best, abs=1e-5)


def test_areas_that_hardly_differ_have_no_spread_by_residual_likelihood_and_some_when_adjusted() -> None:
    y, psi = np.array([0.40, 0.41, 0.40, 0.39]), np.full(4, 0.02)
    assert fit_variance(y, psi, np.ones((4, 1)), "reml") == 0
    assert 0 < fit_variance(y, psi, np.ones((4, 1)), "adjusted") < 0.02
    rows = [AreaDirect(f"a{d}", share, 20, 100, 0.02) for d, share in enumerate(y)]
    found = fay_herriot(rows, scale="raw", fit="reml")
    assert [row.estimate for row in found] == pytest.approx([0.4] * 4)
    assert found.between.lower == found.between.estimate == 0 < found.between.upper
    assert found.notes[0].en is not None


def direct(shares: list[float | None], n: int = 12, size: int = 60) -> list[AreaDirect]:
    return [
        AreaDirect(f"a{d}", p, 0 if p is None else n, size, 0.02, None if p is None else n / (1 - n / size))
        for d, p in enumerate(shares)
    ]


def test_shares_stay_between_0_and_1_and_have_limits_even_where_all_said_no() -> None:
    found = fay_herriot(direct([0.0, 0.1, 0.25, 0.0, 0.4, None, 1.0]))
    for row in found:
        assert 0 <= row.lower < row.estimate < row.upper <= 1
    assert found[0].weight > 0.3
    assert (found[5].weight, found[5].direct) == (0.0, None)
    assert found[5].se > found[4].se
    assert {row.method for row in found} == {"fay-herriot"}
    assert found.between.scale == "arcsine"


def test_an_area_that_answered_completely_keeps_its_share() -> None:
    rows = [*direct([0.1, 0.25, 0.4, 0.2]), AreaDirect("census", 0.7, 50, 50, 0.0, math.inf)]
    row = fay_herriot(rows)[4]
    assert (row.estimate, row.se, row.weight) == pytest.approx((0.7, 0.0, 1.0), abs=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=4, max_size=9))
def test_model_shares_lie_between_the_direct_ones_and_the_others(yes: list[int]) -> None:
    found = fay_herriot(direct([k / 12 for k in yes]))
    low, high = min(yes) / 12, max(yes) / 12
    for row in found:
        assert low - 0.06 <= row.estimate <= high + 0.06  # the mean over sin² is drawn to a half, a little
        assert 0 < row.weight < 1


def test_both_models_agree_on_areas_with_many_answers() -> None:
    yes = [20, 35, 28, 44, 31, 39]
    pooled = pool_counts(areas([(k, 80, 400) for k in yes]))
    fitted = fay_herriot(direct([k / 80 for k in yes], 80, 400))
    assert [row.estimate for row in fitted] == pytest.approx([row.estimate for row in pooled], abs=0.02)


def by_region(deff: float) -> Estimates:
    rows = tuple(
        Estimate("plan", None, {"r": r}, "proportion", p, 0.1, 0.0, 1.0, 9.0, deff, n, n, 60.0, "wilson", 0.95)
        for r, p, n in (("N", 0.25, 12), ("S", 0.5, 20), ("W", 0.1, 10))
    )
    return Estimates(rows, None, Text("m"), (), "memory")


def test_direct_estimates_become_areas_with_their_effective_answers() -> None:
    found = direct_areas(by_region(2.0), {"N": 60, "S": 20, "W": 50, "O": 40})
    assert [(a.area, a.share, a.base, a.population) for a in found] == [
        ("N", 0.25, 12, 60), ("S", 0.5, 20, 20), ("W", 0.1, 10, 50), ("O", None, 0, 40)
    ]  # fmt: skip
    assert [a.effective for a in found] == [pytest.approx(12 / (2 * 0.8)), math.inf, pytest.approx(10 / 1.6), None]
    assert fay_herriot(found)[1].estimate == pytest.approx(0.5)
    with pytest.raises(InputError, match='"W" is missing'):
        direct_areas(by_region(1.0), {"N": 60, "S": 20})
    with pytest.raises(InputError, match="by one column"):
        direct_areas(Estimates((), None, Text("m"), (), "memory"), {"N": 60})


def test_direct_estimates_without_their_precision_are_refused() -> None:
    rows = [AreaDirect(f"a{d}", 0.3, 9, 40) for d in range(4)]
    with pytest.raises(InputError, match="a0: how precise"):
        fay_herriot(rows)
    with pytest.raises(InputError, match="a0: how precise"):
        fay_herriot(rows, scale="raw")
    with pytest.raises(InputError, match=r"a0: 1.3 is not a share"):
        fay_herriot([AreaDirect(f"a{d}", 1.3, 9, 40, 0.1, 9.0) for d in range(4)])
    with pytest.raises(DesignError, match='no "cubic"; possible: arcsine, raw'):
        fay_herriot(rows, scale="cubic")  # type: ignore[arg-type]
    with pytest.raises(DesignError, match="fewer than 5 organisations"):
        fay_herriot([AreaDirect(f"a{d}", 0.3, 1, 1, 0.1, 9.0) for d in range(4)])


def test_areas_with_few_answers_stay_in_the_office_and_take_another_with_them() -> None:
    found = suppress_areas(pool_counts(areas([(1, 2, 30), (3, 9, 30), (4, 20, 30), (0, 0, 30)])), 5)
    assert [row.suppressed for row in found] == [True, True, False, False]
    assert math.isnan(found[0].estimate)
    assert (found[0].direct, found[0].base, found[0].count_upper) == (None, 0, None)
    assert found[3].estimate > 0
    assert found.notes[0].de.startswith("2 von 4 Angaben sind gesperrt")
