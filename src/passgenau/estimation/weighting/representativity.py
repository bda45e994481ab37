"""How evenly a frame responded: R-indicators from response propensities.

`docs/methods.md#representativity`. Sources: Schouten, Cobben & Bethlehem (2009), Indicators for the
representativeness of survey response, Survey Methodology 35, 101–113; Shlomo, Skinner & Schouten (2012), Estimation of
an indicator of the representativeness of survey response, Journal of Statistical Planning and Inference 142,
201–211; Schouten, Shlomo & Skinner (2011), Indicators for monitoring and improving representativeness of response,
Journal of Official Statistics 27, 231–253.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy import linalg, special

from passgenau.errors import DesignError, InputError
from passgenau.estimation.covariance import sum_by
from passgenau.estimation.design import Design
from passgenau.estimation.survey import Survey
from passgenau.estimation.weighting.auxiliary import texts_of
from passgenau.estimation.weighting.nonresponse import answers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_STEPS = 100
_SETTLED = 1e-12  # relative change of the deviance
_EXTREME = 1e-6  # propensities beyond belong to coefficients that run to infinity


@dataclass(frozen=True, slots=True)
class PartialIndicator:
    """How much one variable, or one of its categories, has to do with uneven response.

    Attributes
    ----------
    variable, category
        `category` is None for the variable as a whole.
    units, answers
        Units of the frame in the category and how many answered.
    unconditional
        Of a variable: the spread of the mean propensities between its categories, ≥ 0. Of a category: its signed
        part, positive where it answered more than the average, negative where less.
    conditional
        The spread of propensities that is left within equal values of all other variables, ≥ 0.
    """

    variable: str
    category: str | None
    units: int
    answers: int
    unconditional: float
    conditional: float


@dataclass(frozen=True, slots=True)
class Representativity:
    """R-indicator and partial R-indicators of a response.

    Attributes
    ----------
    indicator
        R = 1 − 2·S, S the standard deviation of the propensities: 1 where all are equal, 0 at the worst; adjusted
        for the bias that comes from estimating them.
    unadjusted
        The same without the adjustment.
    se
        Standard error of the indicator; NaN where all propensities are equal.
    units, population, answers
        Units of the frame, units they were drawn from, units that answered.
    propensity
        The mean propensity.
    maximal_bias
        Upper limit of the bias of a mean of the answers, in standard deviations of the item: S divided by the mean
        propensity, with the adjusted S.
    partial
        Partial indicators, of each variable and then its categories.
    notes
        What limits the figures.
    """

    indicator: float
    unadjusted: float
    se: float
    units: int
    population: int
    answers: int
    propensity: float
    maximal_bias: float
    variables: tuple[str, ...]
    partial: tuple[PartialIndicator, ...]
    notes: tuple[Text, ...]

    def records(self) -> list[dict[str, Any]]:
        """Return one dictionary for the whole (variable and category None) and one per partial indicator."""
        whole = {
            "variable": None,
            "category": None,
            "units": self.units,
            "answers": self.answers,
            "indicator": self.indicator,
            "unadjusted": self.unadjusted,
            "se": self.se,
            "propensity": self.propensity,
            "maximal_bias": self.maximal_bias,
            "population": self.population,
        }
        return [whole, *(asdict(row) for row in self.partial)]

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, rows as `records`, null where a row lacks a figure."""
        return pl.DataFrame(self.records(), infer_schema_length=None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


def representativity(
    frame: pl.DataFrame, responded: str, variables: Sequence[str], *, population: int | None = None
) -> Representativity:
    """Estimate how evenly the units of a frame responded.

    Parameters
    ----------
    frame
        One row per unit that was asked.
    responded
        Column that is 1 (true) for units that answered, 0 (false) for the others.
    variables
        Columns of categories known for every unit.
    population
        Units that those asked were drawn from with equal probability; None: everyone was asked.

    Raises
    ------
    InputError
        A column does not exist or lacks a value; `responded` holds something but 0 and 1; no variable.
    DesignError
        All units answered, or none; more parameters than units.

    Notes
    -----
    Propensities come from a logistic regression on the main effects of the variables. An indicator speaks of these
    variables only: response can be even in them and uneven in others.
    """
    if not variables:
        raise InputError.of("Es ist keine Variable angegeben.", "No variable is given.")
    survey = Survey.of(frame, Design())
    answered = answers(survey, responded)
    _check_response(answered)
    size = population if population is not None else len(answered)
    if size < len(answered):
        raise InputError.of(
            f"Die Grundgesamtheit ({size}) ist kleiner als die Zahl der Angefragten ({len(answered)}).",
            f"The population ({size}) is smaller than the number of units asked ({len(answered)}).",
        )
    coded = [_coded(survey, name) for name in variables]
    matrix = np.concatenate(
        [np.ones((len(answered), 1)), *(np.eye(len(labels))[code][:, 1:] for code, labels in coded)], axis=1
    )
    if matrix.shape[1] >= len(answered):
        raise DesignError(
            Text(
                f"{matrix.shape[1]} Kategorien für {len(answered)} Einheiten: zu viele. Kategorien zusammenlegen.",
                f"{matrix.shape[1]} categories for {len(answered)} units: too many. Merge categories.",
            )
        )
    propensity, settled = _propensities(matrix, answered)
    result = _indicator(matrix, propensity, answered, size)
    partial = [row for k, name in enumerate(variables) for row in _partial(k, name, coded, propensity, answered)]
    notes = (_condition(variables), *(() if settled else (_separated(),)))
    return replace(result, variables=tuple(variables), partial=tuple(partial), notes=notes)


def _coded(survey: Survey, column: str) -> tuple[Ints, tuple[str, ...]]:
    labels, code = np.unique(texts_of(survey, (column,)).to_series().to_numpy().astype(str), return_inverse=True)
    return code.reshape(-1).astype(np.int64), tuple(str(label) for label in labels)


def _check_response(answered: Flags) -> None:
    if answered.all() or not answered.any():
        raise DesignError(
            Text(
                "Alle oder keine haben geantwortet; dann gibt es keine Unterschiede im Rücklauf zu messen.",
                "All or none answered; there are no differences of response to measure.",
            )
        )


def _propensities(matrix: Floats, answered: Flags) -> tuple[Floats, bool]:
    """Return maximum-likelihood propensities and whether all coefficients are finite.

    Where a category answered completely or not at all, its coefficient runs to infinity and its propensities to 1
    or 0; the steps end when the likelihood no longer changes.
    """
    outcome = answered.astype(np.float64)
    coefficients = np.zeros(matrix.shape[1])
    deviance = _deviance(matrix @ coefficients, outcome)
    for _ in range(_STEPS):
        propensity = special.expit(matrix @ coefficients)
        information = matrix.T @ ((propensity * (1 - propensity))[:, None] * matrix)
        step = linalg.lstsq(information, matrix.T @ (outcome - propensity))[0]
        now = _deviance(matrix @ (coefficients + step), outcome)
        while now > deviance * (1 + _SETTLED):
            step = step / 2
            now = _deviance(matrix @ (coefficients + step), outcome)
        coefficients = coefficients + step
        if deviance - now <= _SETTLED * deviance:
            break
        deviance = now
    propensity = special.expit(matrix @ coefficients)
    return propensity, bool(propensity.min() > _EXTREME and propensity.max() < 1 - _EXTREME)


def _deviance(predictor: Floats, outcome: Floats) -> float:
    return float(2 * np.logaddexp(0, np.where(outcome == 1, -predictor, predictor)).sum())


def _indicator(matrix: Floats, propensity: Floats, answered: Flags, population: int) -> Representativity:
    """Return R with its bias adjustment and standard error (Shlomo, Skinner & Schouten 2012, sections 3 and 4)."""
    n = len(propensity)
    mean = float(propensity.mean())
    slopes = (propensity * (1 - propensity))[:, None] * matrix
    covariance = np.asarray(linalg.pinvh(matrix.T @ slopes), dtype=np.float64)
    square = float(((propensity - mean) ** 2).sum() / (n - 1))
    noise = float(((slopes @ covariance) * slopes).sum()) / n
    adjusted = max((1 + 1 / n - 1 / population) * square - noise, 0.0)
    variance = _square_variance(propensity, slopes, covariance, population)
    spread = float(np.sqrt(adjusted))
    return Representativity(
        indicator=1 - 2 * spread,
        unadjusted=1 - 2 * float(np.sqrt(square)),
        # S = √S², hence se(R) = 2·se(S) = se(S²)/S; by the unadjusted S, which is never 0 by chance alone.
        se=float(np.sqrt(variance / square)) if square > 0 else float("nan"),
        units=n,
        population=population,
        answers=int(answered.sum()),
        propensity=mean,
        maximal_bias=spread / mean,
        variables=(),
        partial=(),
        notes=(),
    )


def _square_variance(propensity: Floats, slopes: Floats, covariance: Floats, population: int) -> float:
    """Return the variance of S²: from estimated coefficients, and from drawing n of N."""
    n = len(propensity)
    distance = propensity - propensity.mean()
    centred = slopes - slopes.mean(axis=0)
    tilt = distance @ centred / n
    bend = centred.T @ centred / n @ covariance
    model = 4 * float(tilt @ covariance @ tilt) + 2 * float(np.trace(bend @ bend))
    drawn = (1 - n / population) * float((distance**2).var(ddof=1)) / n
    return model + drawn


def _partial(
    place: int, name: str, coded: Sequence[tuple[Ints, tuple[str, ...]]], propensity: Floats, answered: Flags
) -> list[PartialIndicator]:
    """Return the partial indicators of a variable and of its categories."""
    code, labels = coded[place]
    n, size = len(propensity), len(labels)
    units = np.bincount(code, minlength=size)
    means = np.bincount(code, weights=propensity, minlength=size) / units
    signed = np.sqrt(units / n) * (means - propensity.mean())
    within = _within(np.stack([c for k, (c, _) in enumerate(coded) if k != place] or [np.zeros_like(code)]), propensity)
    squares = np.bincount(code, weights=within**2, minlength=size) / (n - 1)
    count = np.bincount(code[answered], minlength=size)
    whole = PartialIndicator(
        name, None, n, int(answered.sum()), float(np.sqrt((signed**2).sum())), float(np.sqrt(squares.sum()))
    )
    rows = zip(labels, units, count, signed, np.sqrt(squares), strict=True)
    return [whole, *(PartialIndicator(name, c, int(u), int(a), float(s), float(q)) for c, u, a, s, q in rows)]


def _within(others: Ints, propensity: Floats) -> Floats:
    """Return distances of propensities from the mean of the units that agree in all other variables."""
    _, cell = np.unique(others, axis=1, return_inverse=True)
    cell = cell.reshape(-1)
    size = int(cell.max()) + 1
    means = sum_by(propensity[:, None], cell, size)[:, 0] / np.bincount(cell, minlength=size)
    return np.asarray(propensity - means[cell])


def _condition(variables: Sequence[str]) -> Text:
    names = ", ".join(variables)
    return Text(
        f"Der Indikator sagt nur, wie gleichmäßig der Rücklauf nach {names} ist; über andere Merkmale sagt er nichts.",
        f"The indicator only says how even the response is by {names}; it says nothing of other characteristics.",
    )


def _separated() -> Text:
    return Text(
        "Mindestens eine Kategorie hat vollständig oder gar nicht geantwortet; der Standardfehler ist dann zu klein.",
        "At least one category answered completely or not at all; the standard error is then too small.",
    )
