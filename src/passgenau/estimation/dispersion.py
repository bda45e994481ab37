"""How much answers differ in the population: the variance of a variable, with its standard error.

`docs/methods.md`, section “Dispersion”. Source: Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling,
section 5.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.replicates import ReplicateSurvey
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]

_FEWEST = 2  # answers that can differ


@dataclass(frozen=True, slots=True)
class Dispersion:
    """The variance of a variable in the population.

    Attributes
    ----------
    variance, se
        In squared units of the item.
    df
        Degrees of freedom of the design.
    base
        Answers, unweighted.
    population
        The sum of their weights.
    """

    item: str
    variance: float
    se: float
    df: float
    base: int
    population: float


def population_variance(survey: Survey | ReplicateSurvey, item: str) -> Dispersion:
    """Estimate the variance of a variable in the population.

    Parameters
    ----------
    item
        A column of numbers; rows that lack it leave the domain, not the design.

    Raises
    ------
    InputError
        The column does not exist or holds no numbers.
    DesignError
        Fewer than two rows answered.

    Notes
    -----
    `docs/methods.md#dispersion`: Σ w(y − ȳ)²/Σ w · n/(n − 1) with n the rows of the domain, answered or not, so that
    items of one domain are corrected alike. The mean needs no linearisation of its own: the derivative by it is 0.
    """
    full = survey.survey if isinstance(survey, ReplicateSurvey) else survey
    values = full.numbers(item)
    used = full.inside & (full.weight > 0) & ~np.isnan(values)
    base = int(used.sum())
    if base < _FEWEST:
        raise DesignError(
            Text(
                f"„{item}“: {base} Antworten; eine Streuung braucht mindestens zwei.",
                f'"{item}": {base} answers; a variance needs at least two.',
            )
        )
    rows = int((full.inside & (full.weight > 0)).sum())
    answers, correction = np.where(used, values, 0.0), rows / (rows - 1)

    def spread(weight: Floats) -> Floats:
        """Return the variance under (n,) weights."""
        own = np.where(used, weight, 0.0)
        mean = own @ answers / own.sum()
        return np.array([own @ (answers - mean) ** 2 / own.sum() * correction])

    variance = float(spread(full.weight)[0])
    population = float(full.weight[used].sum())
    if isinstance(survey, ReplicateSurvey):
        squared_error = survey.covariance(spread)
    else:
        mean = full.weight[used] @ answers[used] / population
        influence = ((answers - mean) ** 2 * correction - variance) / population
        squared_error = survey.restrict(used).covariance(np.where(used, influence, 0.0))
    df = float(survey.degrees_of_freedom())
    return Dispersion(item, variance, float(np.sqrt(squared_error[0, 0])), df, base, population)
