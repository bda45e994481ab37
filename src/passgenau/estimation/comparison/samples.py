"""What every comparison takes from a survey: rows that answered, groups, means and totals with their covariance.

Works alike on a `Survey` (linearised variance) and on a `ReplicateSurvey` (variance of the replicates).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import DesignError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.replicates import ReplicateSurvey
from passgenau.estimation.survey import Survey
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

AnySurvey = Survey | ReplicateSurvey


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The rows of a survey by the categories of a column."""

    column: str
    levels: tuple[Label, ...]
    code: Ints  # (n,) index into `levels`, −1 for rows outside

    @property
    def members(self) -> Flags:
        """(n, levels) whether a row belongs to a group."""
        return np.asarray(self.code[:, None] == np.arange(len(self.levels)))


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Estimates with their covariance."""

    values: Floats  # (M,)
    covariance: Floats  # (M, M)


def full_sample(survey: AnySurvey) -> Survey:
    """Return the rows with the weights of the full sample."""
    return survey.survey if isinstance(survey, ReplicateSurvey) else survey


def answered(survey: AnySurvey, *columns: str) -> Flags:
    """Return (n,) whether a row is inside the domain and has a value in all columns.

    Raises
    ------
    InputError
        A column does not exist.
    DesignError
        No row whose weight counts has values in all of them.
    """
    rows = full_sample(survey)
    out = rows.inside.copy()
    for column in columns:
        if column not in rows.table.columns:
            raise unknown_column(column, rows.table.columns)
        series = rows.table[column]
        missing = series.is_null()
        if series.dtype.is_float():
            missing |= series.is_nan().fill_null(value=True)
        out &= ~missing.to_numpy().astype(bool)
    if not (out & (rows.weight > 0)).any():
        named = "“, „".join(columns)
        named_en = '", "'.join(columns)
        raise DesignError(
            Text(
                f"Niemand, dessen Gewicht zählt, hat „{named}“ beantwortet.",
                f'Nobody whose weight counts has answered "{named_en}".',
            )
        )
    return out


def context(survey: AnySurvey, members: Flags) -> tuple[int, float]:
    """Return how many answers count, and how many units of the population they stand for."""
    rows = full_sample(survey)
    return int((members & (rows.weight > 0)).sum()), float(rows.weight[members].sum())


def groups(survey: AnySurvey, column: str, members: Flags, *, declared: bool = False) -> Groups:
    """Return the groups that a column makes of some rows.

    Parameters
    ----------
    members
        (n,) the rows to be grouped; all have a value.
    declared
        Whether categories that the column declares but nobody chose are kept.

    Returns
    -------
    Groups
        Levels in the declared order of an ordered column, else sorted.
    """
    series = full_sample(survey).table[column]
    if isinstance(series.dtype, pl.Enum):
        order = series.dtype.categories.to_list()
    else:
        if isinstance(series.dtype, pl.Categorical):
            series = series.cast(pl.String)
        order = series.filter(pl.Series(members)).unique().sort().to_list()
    codes = dict(zip(order, range(len(order)), strict=True))
    code = np.array([codes.get(value, -1) for value in series.to_list()], dtype=np.int64)
    code = np.where(members, code, -1)
    if declared:
        return Groups(column, tuple(order), code)
    used = np.unique(code[code >= 0])
    place = np.full(len(order) + 1, -1, dtype=np.int64)
    place[used] = np.arange(len(used))
    return Groups(column, tuple(order[i] for i in used), place[code])


def need_groups(found: Groups, count: int | None = None) -> None:
    """Raise DesignError unless there are `count` groups, or at least two."""
    here = len(found.levels)
    if here == count or (count is None and here > 1):
        return
    listed = ", ".join(str(level) for level in found.levels) or "–"
    raise DesignError(
        Text(
            f"„{found.column}“: Der Vergleich braucht {'mindestens 2' if count is None else count} Gruppen; unter den "
            f"Antworten finden sich {here} ({listed}).",
            f'"{found.column}": the comparison takes {"at least 2" if count is None else count} groups; among the '
            f"answers there are {here} ({listed}).",
        )
    )


def totals(survey: AnySurvey, values: Floats) -> Moments:
    """Return Σ w·v of (n, M) values, which are 0 outside, with their covariance."""

    def under(weight: Floats) -> Floats:
        return np.asarray(weight @ values)

    if isinstance(survey, ReplicateSurvey):
        return Moments(under(survey.survey.weight), survey.covariance(under))
    return Moments(under(survey.weight), survey.covariance(values))


def means(survey: AnySurvey, values: Floats, members: Flags, *, linearised: bool = False) -> Moments:
    """Return weighted means of columns over rows of their own, with their covariance.

    Parameters
    ----------
    values
        (n, M) numbers; anything where a row is no member.
    members
        (n, M) the rows of each mean.
    linearised
        Whether replicates, too, give the variance of the linearised means instead of recomputing them.

    Notes
    -----
    `docs/methods.md#linearisation`: the influence of a row on a mean is (v − mean) / Σ w.
    """
    inside = members.astype(np.float64)
    numbers = np.where(members, values, 0.0)

    def under(weight: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((weight @ numbers) / (weight @ inside))

    if isinstance(survey, ReplicateSurvey) and not linearised:
        return Moments(under(survey.survey.weight), survey.covariance(under))
    weight = full_sample(survey).weight
    found = under(weight)
    return Moments(found, totals(survey, (numbers - inside * found) / (weight @ inside)).covariance)


def check_degrees(df: float) -> None:
    """Raise DesignError where no degree of freedom is left for a test."""
    if df < 1:
        raise DesignError(
            Text(
                f"Für diesen Test sind zu wenige Einheiten gezogen worden: Es bleiben {df:g} Freiheitsgrade.",
                f"Too few units were drawn for this test: {df:g} degrees of freedom are left.",
            )
        )
