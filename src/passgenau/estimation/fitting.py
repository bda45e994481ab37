"""What the regressions share: the rows they use, the levels that occur, tests of coefficients.

`docs/methods.md#generalised-linear-models`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy import stats

from passgenau.errors import DesignError, InputError
from passgenau.estimation.model_matrix import levels_of, variables_of
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient, on the scale of the linear predictor.

    Attributes
    ----------
    name
        The column of the model matrix.
    estimate, se
        The coefficient and its standard error.
    t, p
        Test of the coefficient being 0; NaN without degrees of freedom.
    lower, upper
        Limits; NaN without degrees of freedom.
    """

    name: str
    estimate: float
    se: float
    t: float
    p: float
    lower: float
    upper: float


def coefficient_table(
    names: Sequence[str], estimate: Floats, covariance: Floats, df: float, confidence: float
) -> tuple[Coefficient, ...]:
    """Return coefficients with t tests and limits on `df` degrees of freedom; NaN tests without any."""
    se = np.sqrt(np.diagonal(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = estimate / se
    p = 2 * stats.t.sf(np.abs(t), df) if df > 0 else np.full(len(t), np.nan)
    reach = se * (stats.t.ppf(0.5 + confidence / 2, df) if df > 0 else np.nan)
    columns = (estimate, se, t, p, estimate - reach, estimate + reach)
    return tuple(Coefficient(name, *(float(column[i]) for column in columns)) for i, name in enumerate(names))


def complete_rows(survey: Survey, atoms: Sequence[str]) -> Flags:
    """Return (n,) which rows of the domain have a weight and lack no variable.

    Raises
    ------
    InputError
        A column does not exist.
    DesignError
        No row is complete.
    """
    used = survey.inside & (survey.weight != 0)
    columns = variables_of(survey.table, atoms)
    for column in columns:
        series = survey.table[column]
        used &= series.is_not_null().to_numpy()
        if series.dtype.is_float():
            used &= series.is_not_nan().fill_null(value=False).to_numpy()
    if not used.any():
        raise DesignError(
            Text(
                f"In keiner Zeile sind alle diese Angaben vorhanden: {', '.join(columns)}.",
                f"No row has values in all of these: {', '.join(columns)}.",
            )
        )
    return np.asarray(used, dtype=np.bool_)


def occurring(
    table: pl.DataFrame, atoms: Sequence[str], levels: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    """Return the level order of the categories among some variables, without levels that no row has."""
    given = levels or {}
    unknown = [column for column in given if column not in table.columns]
    if unknown:
        raise InputError.of(
            f"Kategorien für „{unknown[0]}“: Die Daten haben keine solche Spalte.",
            f'Levels for "{unknown[0]}": the data have no such column.',
            field=unknown[0],
        )
    out = {}
    for column in variables_of(table, atoms):
        series = table[column]
        if column not in given and series.dtype.is_numeric():
            continue
        order = tuple(given[column]) if column in given else levels_of(series)
        here = set(levels_of(series.cast(pl.String) if isinstance(series.dtype, pl.Enum) else series))
        missing = sorted(here - set(order))
        if missing:
            raise InputError.of(
                f"Die Kategorie „{missing[0]}“ kommt vor, steht aber nicht in {', '.join(order)}.",
                f'The category "{missing[0]}" occurs but is not among {", ".join(order)}.',
                field=column,
            )
        out[column] = tuple(level for level in order if level in here)
    return out


def spread(values: Floats, used: Flags) -> Floats:
    """Return values of the rows used as values of all rows, 0 elsewhere."""
    out = np.zeros((len(used), *values.shape[1:]))
    out[used] = values
    return out


def check_confidence(confidence: float) -> None:
    """Raise InputError where a confidence level is none."""
    if not 0 < confidence < 1:
        raise InputError.of(
            f"{confidence:g} ist kein Konfidenzniveau.",
            f"{confidence:g} is not a confidence level.",
            hint=Text("Es liegt zwischen 0 und 1, meist 0,95.", "It lies between 0 and 1, usually 0.95."),
        )
