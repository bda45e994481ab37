"""Two-way tables and tests of association in them.

`docs/methods.md#tables`. Sources: Rao & Scott (1981), Journal of the American Statistical Association 76, 221–230;
Rao & Scott (1984), Annals of Statistics 12, 46–60; Thomas & Rao (1987), Journal of the American Statistical
Association 82, 630–636; Koch, Freeman & Freeman (1975) for the Wald test on counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import polars as pl
from scipy import stats

from passgenau.errors import DesignError
from passgenau.estimation.comparison.design_effects import generalised_design_effects
from passgenau.estimation.comparison.hypothesis_test import HypothesisTest
from passgenau.estimation.comparison.quadratic_form import chi_squared_sum_tail, satterthwaite_moments
from passgenau.estimation.comparison.samples import (
    AnySurvey,
    Groups,
    answered,
    check_degrees,
    context,
    full_sample,
    groups,
    means,
    need_groups,
    totals,
)
from passgenau.estimation.comparison.wald import wald
from passgenau.estimation.replicates import ReplicateSurvey
from passgenau.text import Text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Statistic = Literal["F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint", "exact"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A two-way table of the population.

    Attributes
    ----------
    row, column
        The columns of the data; `rows` and `columns` their categories.
    counts
        (rows, columns) estimated units of the population; `se` their standard errors.
    answers
        (rows, columns) answers in each cell, unweighted.
    base, population
        Answers in the table, and the units they stand for.
    """

    row: str
    column: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    counts: Floats
    se: Floats
    answers: NDArray[np.int64]
    base: int
    population: float

    def records(self) -> list[dict[str, Any]]:
        """Return one plain dictionary per cell, rows first."""
        return [
            {
                self.row: row,
                self.column: column,
                "count": float(self.counts[i, j]),
                "se": float(self.se[i, j]),
                "share": float(self.counts[i, j] / self.population),
                "answers": int(self.answers[i, j]),
                "base": self.base,
                "population": self.population,
            }
            for i, row in enumerate(self.rows)
            for j, column in enumerate(self.columns)
        ]

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per cell."""
        return pl.DataFrame(self.records(), infer_schema_length=None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


@dataclass(frozen=True, slots=True, eq=False)
class _Cross:
    """The rows of a survey in the cells of a table, row by row of it."""

    row: Groups
    column: Groups
    members: Flags  # (n,) rows in the table

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.row.levels), len(self.column.levels)

    @property
    def cells(self) -> Floats:
        """(n, rows × columns) indicators."""
        both = self.row.members[:, :, None] & self.column.members[:, None, :]
        return both.reshape(len(self.members), -1).astype(np.float64)


def two_way_table(survey: AnySurvey, row: str, column: str) -> Table:
    """Return a table of estimated population counts.

    Parameters
    ----------
    row, column
        Columns of categories. Rows that miss either are left out of the table and stay in the design. Categories
        that a column declares but nobody chose are shown with 0.

    Raises
    ------
    InputError
        A column does not exist.
    DesignError
        Nobody answered both.

    Notes
    -----
    `docs/methods.md#tables`.
    """
    cross = _cross(survey, row, column, declared=True)
    found = totals(survey, cross.cells)
    answers = cross.cells[cross.members].sum(axis=0).astype(np.int64)
    base, population = context(survey, cross.members)
    return Table(
        row,
        column,
        cross.row.levels,
        cross.column.levels,
        found.values.reshape(cross.shape),
        np.sqrt(np.maximum(np.diag(found.covariance), 0)).reshape(cross.shape),
        answers.reshape(cross.shape),
        base,
        population,
    )


def chi_squared(survey: AnySurvey, row: str, column: str, statistic: Statistic = "F") -> HypothesisTest:
    """Test whether two variables are independent in the population.

    Parameters
    ----------
    row, column
        Columns of categories; rows that miss either are left out as a domain.
    statistic
        `F`: Pearson's X² with Rao and Scott's second-order correction, against F (the recommended one).
        `Chisq`: with their first-order correction, against χ². `exact`: X² against its distribution, a weighted sum
        of χ², over an estimated variance. `saddlepoint` and `lincom`: the saddlepoint approximation of that
        distribution, with whole denominator degrees of freedom (under replicates: variance taken as known).
        `Wald` and `adjWald`: Koch, Freeman and Freeman's test on counts, with unadjusted and adjusted F.

    Returns
    -------
    HypothesisTest
        `statistic`: F for `F`, `Wald` and `adjWald`, else X², uncorrected and scaled to the rows of the domain
        (those that miss a value included; no p-value depends on the scale). Degrees of freedom of the design: PSUs
        minus strata of these rows.

    Raises
    ------
    InputError
        A column does not exist.
    DesignError
        A variable has one category only, the statistic is unknown, the covariance is singular (Wald), or no degree
        of freedom is left.

    Notes
    -----
    `docs/methods.md#rao-scott`.
    """
    if statistic not in get_args(Statistic):
        raise DesignError(
            Text(
                f"Die Prüfgröße „{statistic}“ gibt es nicht; möglich: {', '.join(get_args(Statistic))}.",
                f'No statistic "{statistic}"; possible: {", ".join(get_args(Statistic))}.',
            )
        )
    cross = _cross(survey, row, column)
    need_groups(cross.row)
    need_groups(cross.column)
    df = survey.degrees_of_freedom()
    check_degrees(df)
    if statistic in {"Wald", "adjWald"}:
        return _wald_on_counts(survey, cross, df, adjusted=statistic == "adjWald")
    return _rao_scott(survey, cross, df, statistic)


def _cross(survey: AnySurvey, row: str, column: str, *, declared: bool = False) -> _Cross:
    members = answered(survey, row, column) & (full_sample(survey).weight > 0)
    first, second = (groups(survey, name, members, declared=declared) for name in (row, column))
    return _Cross(first, second, members)


def _rao_scott(survey: AnySurvey, cross: _Cross, df: float, statistic: Statistic) -> HypothesisTest:
    """Hold Pearson's X² against the weighted sum of χ² that it follows under the design."""
    base, population = context(survey, cross.members)
    cells = cross.cells
    found = means(survey, cells, np.repeat(cross.members[:, None], cells.shape[1], axis=1))
    shares = found.values.reshape(cross.shape)
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    rows = int(full_sample(survey).inside.sum())
    pearson = float(rows * ((shares - expected) ** 2 / expected).sum())
    effects = generalised_design_effects(shares, found.covariance, rows)
    known = isinstance(survey, ReplicateSurvey)
    value, name, degrees, p_value = _judge(pearson, effects, df, statistic, known=known)
    how = _RAO_SCOTT[statistic]
    method = Text(
        f"Pearsons X² unter dem Stichprobenplan ({how.de}): „{cross.row.column}“ und „{cross.column.column}“",
        f'Pearson\'s X² under the design ({how.en}): "{cross.row.column}" and "{cross.column.column}"',
    )
    return HypothesisTest(method, value, name, degrees, p_value, base, population)


_RAO_SCOTT = {
    "F": Text("Rao–Scott, zweite Ordnung, F", "Rao–Scott, second order, F"),
    "Chisq": Text("Rao–Scott, erste Ordnung, χ²", "Rao–Scott, first order, χ²"),
    "lincom": Text("Linearkombination von χ², Sattelpunkt", "linear combination of χ², saddlepoint"),
    "saddlepoint": Text("Linearkombination von χ², Sattelpunkt", "linear combination of χ², saddlepoint"),
    "exact": Text("Linearkombination von χ², genau", "linear combination of χ², exact"),
}


def _judge(
    pearson: float, effects: Floats, df: float, statistic: Statistic, *, known: bool
) -> tuple[float, str, tuple[float, ...], float]:
    """Return the statistic, its name, its degrees of freedom and the p-value."""
    total = float(effects.sum())
    _, numerator = satterthwaite_moments(effects)
    denominator = numerator * df
    if statistic == "F":
        value = pearson / total
        return value, "F", (numerator, denominator), float(stats.f.sf(value, numerator, denominator))
    if statistic == "Chisq":
        k = len(effects)
        return pearson, "X-squared", (float(k),), float(stats.chi2.sf(pearson * k / total, k))
    if statistic == "exact":
        return pearson, "X-squared", (), chi_squared_sum_tail(pearson, effects, "exact", denominator)
    if known:
        return pearson, "X-squared", (), chi_squared_sum_tail(pearson, effects, "saddlepoint")
    # A saddlepoint for χ² counts with whole degrees of freedom: the fraction is cut off, its scale stays.
    whole = max(1.0, float(np.floor(denominator)))
    p_value = chi_squared_sum_tail(pearson * whole / denominator, effects, "saddlepoint", whole)
    return pearson, "X-squared", (), p_value


def _wald_on_counts(survey: AnySurvey, cross: _Cross, df: float, *, adjusted: bool) -> HypothesisTest:
    """Test that all counts equal the product of their margins over the total."""
    base, population = context(survey, cross.members)
    found = totals(survey, cross.cells)
    counts = found.values.reshape(cross.shape)
    rows, columns, whole = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    gaps, slopes = [], []
    for i in range(1, len(rows)):
        for j in range(1, len(columns)):
            gaps.append(counts[i, j] - rows[i] * columns[j] / whole)
            slope = np.full(cross.shape, rows[i] * columns[j] / whole**2)
            slope[i] -= columns[j] / whole
            slope[:, j] -= rows[i] / whole
            slope[i, j] += 1
            slopes.append(slope.reshape(-1))
    gradient = np.array(slopes)
    result = wald(gaps, gradient @ found.covariance @ gradient.T, df)
    names = f"„{cross.row.column}“ und „{cross.column.column}“", f'"{cross.row.column}" and "{cross.column.column}"'
    if not adjusted:
        method = Text(f"Wald-Test auf Unabhängigkeit: {names[0]}", f"Wald test of independence: {names[1]}")
        return HypothesisTest(method, result.f, "F", (float(result.k), df), result.p_f, base, population)
    check_degrees(result.adjusted_df)
    method = Text(
        f"Angepasster Wald-Test auf Unabhängigkeit: {names[0]}", f"Adjusted Wald test of independence: {names[1]}"
    )
    degrees = (float(result.k), result.adjusted_df)
    return HypothesisTest(method, result.adjusted_f, "F", degrees, result.p_adjusted_f, base, population)
