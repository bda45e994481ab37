"""The test of given shares. `docs/methods.md#goodness-of-fit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.comparison.design_effects import spectrum
from passgenau.estimation.comparison.hypothesis_test import HypothesisTest
from passgenau.estimation.comparison.quadratic_form import chi_squared_sum_tail, satterthwaite_moments
from passgenau.estimation.comparison.samples import AnySurvey, Groups, answered, context, full_sample, groups, totals
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]

_WHOLE = 1e-6  # shares that differ from 1 by no more sum to 1


def goodness_of_fit(survey: AnySurvey, column: str, shares: Mapping[Label, float] | Sequence[float]) -> HypothesisTest:
    """Test whether the categories of a variable have given shares in the population.

    Parameters
    ----------
    column
        Column of categories; rows that miss it are left out as a domain.
    shares
        Category → share (> 0, sum 1), or the shares in the order of the categories.

    Returns
    -------
    HypothesisTest
        X² in units of the population; `df` holds Satterthwaite's scale and degrees of freedom: X²/scale is held
        against χ².

    Raises
    ------
    InputError
        The column does not exist.
    DesignError
        The shares do not fit the categories or do not sum to 1, or nothing varies.

    Notes
    -----
    `docs/methods.md#goodness-of-fit`. Source: Rao & Scott (1981), with the residuals linearised.
    """
    members = answered(survey, column) & (full_sample(survey).weight > 0)
    found = groups(survey, column, members, declared=True)
    null = _given_shares(found, shares)
    counts = totals(survey, found.members.astype(np.float64))
    base, population = context(survey, members)
    expected = population * null
    residuals = (counts.values - expected) / np.sqrt(expected)
    # The residuals' derivative: the total that the expected counts are shares of is estimated, too.
    by_total = (counts.values + expected) / (2 * population * np.sqrt(expected))
    gradient = np.diag(1 / np.sqrt(expected)) - by_total[:, None]
    eigenvalues = spectrum(gradient @ counts.covariance @ gradient.T)
    statistic = float((residuals**2).sum())
    p_value = chi_squared_sum_tail(statistic, eigenvalues, "satterthwaite")
    scale, df = satterthwaite_moments(eigenvalues)
    method = Text(
        f"Anpassungstest unter dem Stichprobenplan: „{column}“ gegen vorgegebene Anteile",
        f'Design-based goodness of fit: "{column}" against given shares',
    )
    return HypothesisTest(method, statistic, "X-squared", (scale, df), p_value, base, population)


def _given_shares(found: Groups, shares: Mapping[Label, float] | Sequence[float]) -> Floats:
    """Return the shares in the order of the categories."""
    if isinstance(shares, Mapping):
        null = np.array([shares.get(level, -1.0) for level in found.levels] if len(shares) == len(found.levels) else [])
    else:
        null = np.array(list(shares), dtype=np.float64)
    if len(null) != len(found.levels) or not (null > 0).all() or abs(null.sum() - 1) > _WHOLE:
        names = ", ".join(str(level) for level in found.levels)
        raise DesignError(
            Text(
                f"„{found.column}“: gebraucht wird ein Anteil über 0 für jede dieser Kategorien, zusammen 1: {names}.",
                f'"{found.column}": needed is a share above 0 for each of these categories, 1 in total: {names}.',
            )
        )
    return null
