"""Bring the weights of a survey to known totals: post-stratification, raking, calibration.

`docs/methods.md#calibration`. Every function returns a new survey; what the totals explain no longer counts as
uncertainty, so its variance is that of residuals (`docs/methods.md#variance-after-calibration`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from passgenau.errors import DesignError, InputError
from passgenau.estimation.weighting.adjustments import Calibration, reweighted
from passgenau.estimation.weighting.auxiliary import Auxiliary, auxiliary, check_populations, margin, plain
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.survey import Survey
    from passgenau.estimation.weighting.adjustments import Method
    from passgenau.estimation.weighting.solving import Bounds, Function

    Floats = NDArray[np.float64]

    # Mappings are invariant in their keys: Any lets callers pass labels of one type.
    Counts: TypeAlias = Mapping[Any, Any]  # counts by label; for several columns nested, or by tuples of labels
    Columns: TypeAlias = Any  # name, or a tuple of names


def poststratify(survey: Survey, columns: str | Sequence[str], totals: Counts) -> Survey:
    """Scale the weights so that those of each category sum to its known count.

    Parameters
    ----------
    survey
        Rows outside its domain keep their weights.
    columns
        One column, or several whose combinations are the categories.
    totals
        Units of the population in each category; for several columns nested, or with tuples as keys.

    Raises
    ------
    InputError
        A column does not exist or lacks a value, a category has no count or a count no rows, a count is negative.
    DesignError
        All weights of a category are 0.

    Notes
    -----
    `docs/methods.md#calibration`.
    """
    return _calibrated(survey, "poststratify", auxiliary(survey, [margin(survey, columns, totals)]))


def rake(survey: Survey, margins: Mapping[Columns, Counts]) -> Survey:
    """Scale the weights until every margin has its known counts (iterative proportional fitting).

    Parameters
    ----------
    survey
        Rows outside its domain keep their weights.
    margins
        For each column (or tuple of columns) the units of the population in each category.

    Raises
    ------
    InputError
        As `poststratify`, for any margin; or the margins do not add up to one population.
    DesignError
        The margins cannot be met together.

    Notes
    -----
    Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427–444. The result is the calibration with the
    function `raking` (Deville, Särndal & Sautory 1993), and so is its variance.
    """
    matched = [margin(survey, columns, totals) for columns, totals in margins.items()]
    if not matched:
        raise _nothing()
    check_populations(matched)
    return _calibrated(survey, "rake", auxiliary(survey, matched))


def calibrate(
    survey: Survey,
    totals: Mapping[Columns, float | Counts],
    *,
    population: float | None = None,
    function: Function = "linear",
    bounds: Bounds | None = None,
) -> Survey:
    """Change the weights as little as possible so that they meet known totals.

    Parameters
    ----------
    survey
        Rows outside its domain keep their weights.
    totals
        For a column of numbers its sum in the population; for a column of categories (or a tuple of columns) the
        units in each. Where `population` is given, one category may be left out: it gets the rest.
    population
        N, if the weights are to sum to it; margins of all categories say it by themselves.
    function
        The form of new/old weight: `linear` (the generalised regression estimator; can give negative weights),
        `raking` (always positive), `logit` (between bounds).
    bounds
        Smallest and largest new/old weight, smallest < 1 < largest.

    Raises
    ------
    InputError
        As `rake`; or bounds or a function that are none.
    DesignError
        Totals that contradict each other or cannot be met within the bounds; the message names the worst.

    Notes
    -----
    Deville & Särndal (1992), Journal of the American Statistical Association 87, 376–382.
    """
    counts = {columns: known for columns, known in totals.items() if not isinstance(known, int | float)}
    sums = {columns: float(known) for columns, known in totals.items() if isinstance(known, int | float)}
    _check_sums(sums)
    if population is not None and not (np.isfinite(population) and population > 0):
        raise InputError.of(
            f"{plain(population)} ist keine Zahl von Einheiten der Grundgesamtheit.",
            f"{plain(population)} is not a number of units of a population.",
            field="N",
        )
    if not totals and population is None:
        raise _nothing()
    matched = [
        margin(survey, columns, _completed(survey, columns, known, population)) for columns, known in counts.items()
    ]
    check_populations(matched, population)
    known = auxiliary(survey, matched, {str(column): total for column, total in sums.items()}, population)
    return _calibrated(survey, function, known, bounds)


def calibrate_matrix(  # noqa: PLR0913 -- the parts of one equation
    survey: Survey,
    matrix: Floats,
    totals: Floats,
    *,
    names: Sequence[str] = (),
    function: Function = "linear",
    bounds: Bounds | None = None,
) -> Survey:
    """Calibrate on columns that the caller made, such as interactions.

    Parameters
    ----------
    matrix
        (n, k) values of the calibration columns; rows outside the domain are not read.
    totals
        (k,) their totals in the population.
    names
        (k,) names for messages.

    Raises
    ------
    InputError
        A value or total is missing, or the shapes do not fit.
    DesignError
        As `calibrate`.

    Notes
    -----
    `docs/methods.md#calibration`.
    """
    if matrix.ndim != 2 or matrix.shape != (survey.rows, len(totals)):  # noqa: PLR2004 -- rows and columns
        raise InputError.of(
            f"{matrix.shape} Werte passen nicht zu {survey.rows} Zeilen und {len(totals)} Summen.",
            f"{matrix.shape} values do not fit {survey.rows} rows and {len(totals)} totals.",
        )
    inside = survey.inside
    if not (np.isfinite(matrix[inside]).all() and np.isfinite(totals).all()):
        raise InputError.of(
            "In den Spalten, nach denen gewichtet wird, oder in ihren Summen fehlt ein Wert.",
            "A value is missing in the columns that are weighted by, or in their totals.",
        )
    labels = tuple(names) or tuple(f"x{place + 1}" for place in range(len(totals)))
    group = np.where(inside, np.cumsum(inside) - 1, -1).astype(np.int64)
    known = Auxiliary(labels, totals.astype(np.float64), matrix[inside].astype(np.float64), group)
    return _calibrated(survey, function, known, bounds)


def _calibrated(survey: Survey, method: Method, known: Auxiliary, bounds: Bounds | None = None) -> Survey:
    if not len(known.matrix):
        raise DesignError(
            Text("Keine Zeile gehört zum Teil, der gewichtet wird.", "No row belongs to the part that is weighted.")
        )
    after = reweighted(method, known, survey.weight, bounds)
    done = Calibration(method, known, survey.weight, after, bounds)
    return replace(survey, weight=after, adjustments=(*survey.adjustments, done))


def _completed(survey: Survey, columns: Columns, known: Counts, population: float | None) -> Counts:
    """Add the one category that a margin leaves out, with the rest of the population."""
    if population is None or not isinstance(columns, str) or columns not in survey.table.columns:
        return known
    seen = survey.table[columns].filter(survey.inside).unique().drop_nulls().to_list()
    texts = {str(label) for label in known}
    left = [label for label in seen if label not in known and str(label) not in texts]
    rest = population - sum(known.values())
    return {**known, left[0]: rest} if len(left) == 1 else known


def _check_sums(sums: Mapping[Columns, float]) -> None:
    for column, total in sums.items():
        if not np.isfinite(total):
            raise InputError.of(
                f"{plain(total)} ist keine Summe.", f"{plain(total)} is not a total.", field=str(column)
            )


def _nothing() -> InputError:
    return InputError.of("Es ist keine Summe angegeben.", "No total is given.")
