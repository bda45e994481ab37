"""Tables, tests of association and of given shares."""

import numpy as np
import polars as pl
import pytest
from comparison_survey import DESIGN, clustered, survey
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from passgenau.errors import DesignError, InputError
from passgenau.estimation.comparison import chi_squared, goodness_of_fit, two_way_table
from passgenau.estimation.comparison.design_effects import generalised_design_effects
from passgenau.estimation.design import Design
from passgenau.estimation.replicates import replicate
from passgenau.estimation.survey import Survey

# Statistic, degrees of freedom and p-value by R's survey package.
CONFIRMED = [
    (False, "three", "four", "F", 2.21974989942686, (4.49022148997638, 94.29465128950393), 0.0653239676686208),
    (False, "three", "four", "Chisq", 12.8828939327678, (6,), 0.0382479130957859),
    (False, "three", "four", "Wald", 11.3125866597043, (6, 21), 1.16637827468622e-05),
    (False, "three", "four", "adjWald", 8.61911364548901, (6, 16), 0.000273094316956563),
    (False, "three", "four", "saddlepoint", 12.8828939327678, (), 0.0641867090404592),
    (False, "two", "three", "F", 2.36639828858929, (1.84184011070304, 38.67864232476379), 0.111169114880106),
    (True, "three", "four", "F", 2.30257615378677, (3.99493861046353, 59.92407915695296), 0.0689123038117185),
    (True, "three", "four", "Wald", 7.38759400108884, (6, 15), 0.000810438380912994),
    (True, "three", "four", "saddlepoint", 14.1690841786343, (), 0.0714679432696965),
    (True, "two", "four", "Chisq", 2.17223109324227, (3,), 0.432810209647414),
    (True, "two", "four", "adjWald", 0.820299905969325, (3, 13), 0.505563824192319),
]


def random_sample(table: pl.DataFrame) -> Survey:
    return Survey.of(table, Design())


@pytest.mark.parametrize(("domain", "row", "column", "statistic", "value", "df", "p_value"), CONFIRMED)
def test_association_agrees_with_r(  # noqa: PLR0913 -- the columns of a table
    *, domain: bool, row: str, column: str, statistic: str, value: float, df: tuple[float, ...], p_value: float
) -> None:
    rows = survey().where(pl.col("inside") == 1) if domain else survey()
    found = chi_squared(rows, row, column, statistic)  # type: ignore[arg-type]
    assert found.statistic == pytest.approx(value, rel=1e-9)
    assert found.df == pytest.approx(df, rel=1e-9)
    assert found.p_value == pytest.approx(p_value, rel=1e-6 if statistic == "saddlepoint" else 1e-9)


def test_linear_combinations_differ_little_from_the_distribution_they_approximate() -> None:
    exact = chi_squared(survey(), "three", "four", "exact").p_value
    assert chi_squared(survey(), "three", "four", "lincom").p_value == pytest.approx(exact, rel=0.05)


def test_a_simple_random_sample_gives_the_textbook_test() -> None:
    table = clustered().drop_nulls(["three", "two"])
    counts = table.pivot("two", index="three", values="w", aggregate_function="len").drop("three").to_numpy()
    textbook = stats.chi2_contingency(counts, correction=False)
    found = chi_squared(random_sample(table), "three", "two", "Chisq")
    assert found.statistic == pytest.approx(textbook.statistic, rel=1e-12)
    n = len(table)
    assert found.p_value == pytest.approx(stats.chi2.sf(textbook.statistic * (n - 1) / n, 2), rel=0.02)


def test_design_effects_of_a_multinomial_sample_are_one() -> None:
    shares = np.array([[0.1, 0.2, 0.1], [0.2, 0.1, 0.3]])
    flat = shares.reshape(-1)
    covariance = (np.diag(flat) - np.outer(flat, flat)) / 50
    independent = np.outer(shares.sum(axis=1), shares.sum(axis=0)).reshape(-1)
    under_null = (np.diag(independent) - np.outer(independent, independent)) / 50
    assert generalised_design_effects(shares, covariance, 50) == pytest.approx([1, 1])
    assert generalised_design_effects(independent.reshape(2, 3), under_null, 50) == pytest.approx([1, 1])


@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald", "saddlepoint", "exact"])
def test_rows_and_columns_may_be_exchanged(statistic: str) -> None:
    one = chi_squared(survey(), "three", "four", statistic)  # type: ignore[arg-type]
    other = chi_squared(survey(), "four", "three", statistic)  # type: ignore[arg-type]
    assert (one.statistic, one.p_value) == pytest.approx((other.statistic, other.p_value), rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_neither_the_unit_of_weights_nor_the_order_of_rows_matters(unit: float, random: object) -> None:
    table = clustered().with_columns(pl.col("w") * unit)
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = chi_squared(Survey.of(table[order], DESIGN), "three", "four")
    assert shuffled.p_value == pytest.approx(chi_squared(survey(), "three", "four").p_value, rel=1e-9)


def test_replicates_give_nearly_the_linearised_test() -> None:
    replicated = chi_squared(replicate(survey(), "JKn"), "two", "three")
    linearised = chi_squared(survey(), "two", "three")
    assert replicated.statistic != linearised.statistic
    assert replicated.p_value == pytest.approx(linearised.p_value, rel=0.5)


def test_replicates_give_the_same_test_of_counts() -> None:
    replicated = chi_squared(replicate(survey(), "JKn"), "two", "three", "Wald")
    assert replicated.p_value == pytest.approx(chi_squared(survey(), "two", "three", "Wald").p_value, rel=1e-9)


def test_a_table_holds_counts_of_the_population_and_says_how_many_answers_they_rest_on() -> None:
    table = two_way_table(survey(), "two", "three")
    both = clustered().drop_nulls(["two", "three"])
    assert table.counts.sum() == pytest.approx(table.population) == pytest.approx(both["w"].sum())
    assert (table.base, table.answers.sum()) == (len(both), len(both))
    first = table.records()[0]
    cell = both.filter((pl.col("two") == "no") & (pl.col("three") == "a"))
    assert (first["two"], first["three"], first["answers"]) == ("no", "a", len(cell))
    assert first["count"] == pytest.approx(cell["w"].sum())
    assert first["se"] > 0


def test_a_table_shows_declared_categories_that_nobody_chose() -> None:
    levels = pl.Enum(["c", "b", "a", "unused"])
    rows = Survey.of(clustered().with_columns(pl.col("three").cast(levels)), DESIGN)
    table = two_way_table(rows, "three", "two")
    assert table.rows == ("c", "b", "a", "unused")
    assert table.counts[3].tolist() == [0, 0]
    assert chi_squared(rows, "three", "two").p_value == pytest.approx(chi_squared(survey(), "three", "two").p_value)


def test_given_shares_agree_with_r() -> None:
    found = goodness_of_fit(survey(), "four", [0.4, 0.3, 0.2, 0.1])
    assert found.statistic == pytest.approx(1.76655532278088e02, rel=1e-9)
    assert found.df == pytest.approx((6.10296934993231, 2.35003047682401), rel=1e-9)
    assert found.p_value == pytest.approx(9.04337988279997e-07, rel=1e-9)
    inside = goodness_of_fit(survey().where(pl.col("inside") == 1), "four", {"s": 0.1, "r": 0.2, "q": 0.3, "p": 0.4})
    assert inside.p_value == pytest.approx(3.94104505226409e-05, rel=1e-9)


def test_the_shares_that_were_found_fit_perfectly() -> None:
    table = clustered()
    shares = table.group_by("four").agg(pl.col("w").sum() / table["w"].sum())
    found = goodness_of_fit(survey(), "four", dict(shares.iter_rows()))
    assert found.statistic == pytest.approx(0, abs=1e-20)
    assert found.p_value == pytest.approx(1)


@pytest.mark.parametrize(
    "shares", [[0.5, 0.5], [0.4, 0.3, 0.2, 0.2], [0.5, 0.3, 0.2, 0.0], {"p": 0.4, "q": 0.3, "r": 0.2, "x": 0.1}]
)
def test_shares_that_do_not_fit_the_categories_are_refused(shares: object) -> None:
    with pytest.raises(DesignError, match="four"):
        goodness_of_fit(survey(), "four", shares)  # type: ignore[arg-type]


def test_one_category_alone_cannot_be_tested() -> None:
    with pytest.raises(DesignError, match="two"):
        chi_squared(survey().where(pl.col("two") == "no"), "two", "three")


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(InputError, match="nowhere"):
        chi_squared(survey(), "nowhere", "three")


def test_an_unknown_statistic_is_named() -> None:
    with pytest.raises(DesignError, match="G2"):
        chi_squared(survey(), "two", "three", "G2")  # type: ignore[arg-type]


def test_a_domain_without_rows_is_refused() -> None:
    with pytest.raises(DesignError):
        two_way_table(survey().where(pl.col("y") > 1e9), "two", "three")


def test_a_census_has_no_sampling_error_to_test_against() -> None:
    table = clustered().with_columns(all=pl.lit(120))
    with pytest.raises(DesignError):
        chi_squared(Survey.of(table, Design(fpc=("all",))), "two", "three")
