"""Contrasts: weighted sums of estimates, such as the difference of two domains, with their standard error.

`docs/methods.md#contrasts`. Takes estimates and their covariance from anywhere: linearised or from replicates.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from passgenau.errors import DesignError
from passgenau.estimation.intervals import LEVEL, check_level
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from passgenau.estimation.estimates import Estimates


@dataclass(frozen=True, slots=True)
class Contrast:
    """A weighted sum of estimates.

    Attributes
    ----------
    estimate, se
        In units of the estimates.
    df
        Degrees of freedom of t; inf: the normal distribution.
    statistic, p_value
        t and its two-sided p-value, for the hypothesis that the contrast is `null` in the population.
    lower, upper
        Limits at `confidence`, by t.
    """

    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    lower: float
    upper: float
    confidence: float
    null: float = 0.0

    def records(self) -> list[dict[str, Any]]:
        """Return the contrast as one plain dictionary."""
        return [asdict(self)]


def contrast(  # noqa: PLR0913 -- a test has that many givens
    estimates: ArrayLike,
    covariance: ArrayLike,
    weights: ArrayLike,
    df: float,
    *,
    null: float = 0.0,
    confidence: float = LEVEL,
) -> Contrast:
    """Return Σ c·θ̂ with standard error √(cᵀVc), limits and p-value by t.

    Parameters
    ----------
    estimates, covariance
        (M,) θ̂ and (M, M) V.
    weights
        (M,) c: (1, −1) for a difference.
    df
        Degrees of freedom ≥ 1; inf for the normal distribution.
    null
        What the contrast is tested against.
    confidence
        0–1, both limits together.

    Returns
    -------
    Contrast
        Where the standard error is 0 (everybody was asked) the limits are the estimate and p is 1 or 0.

    Raises
    ------
    DesignError
        Shapes do not fit, an estimate the contrast uses is missing, or df is below 1.

    Notes
    -----
    `docs/methods.md#contrasts`. Source: Särndal, Swensson & Wretman (1992), chapter 5.
    """
    check_level(confidence)
    theta, matrix, c = (np.asarray(given, dtype=np.float64) for given in (estimates, covariance, weights))
    if theta.ndim != 1 or matrix.shape != (len(theta), len(theta)) or c.shape != theta.shape:
        raise DesignError(
            Text(
                f"{c.size} Gewichte, {theta.size} Schätzungen und eine Kovarianz {matrix.shape} passen nicht zusammen.",
                f"{c.size} weights, {theta.size} estimates and a covariance of {matrix.shape} do not fit together.",
            )
        )
    used = c != 0
    value = float(c[used] @ theta[used])
    variance = float(c[used] @ matrix[np.ix_(used, used)] @ c[used])
    if not np.isfinite(value) or not np.isfinite(variance) or not df >= 1:
        raise DesignError(
            Text(
                f"Der Vergleich ist nicht bestimmt: Eine Schätzung oder ihre Varianz fehlt, oder es sind zu wenige "
                f"Einheiten gezogen worden ({df:g} Freiheitsgrade).",
                f"The contrast is not defined: an estimate or its variance is missing, or too few units were drawn "
                f"({df:g} degrees of freedom).",
            )
        )
    return _tested(value, float(np.sqrt(max(variance, 0.0))), df, null, confidence)


def _tested(value: float, se: float, df: float, null: float, confidence: float) -> Contrast:
    gap = value - null
    statistic = gap / se if se else float(np.copysign(np.inf, gap) if gap else 0.0)
    reach = float(stats.t.ppf((1 + confidence) / 2, df)) * se
    p_value = float(min(1.0, 2 * stats.t.sf(abs(statistic), df)))
    return Contrast(value, se, float(df), float(statistic), p_value, value - reach, value + reach, confidence, null)


def contrast_of_estimates(
    estimates: Estimates, weights: ArrayLike, *, df: float | None = None, null: float = 0.0, confidence: float = LEVEL
) -> Contrast:
    """Return a contrast of the rows of `estimate(…, covariance=True)`: of domains, of items, or of both.

    Parameters
    ----------
    weights
        (R,) one per row, in their order.
    df
        None: the smallest degrees of freedom among the rows that the contrast uses, which is the cautious choice.
    null, confidence
        As for `contrast`.

    Raises
    ------
    DesignError
        The estimates carry no covariance, or as for `contrast`.

    Notes
    -----
    `docs/methods.md#contrasts`.
    """
    if estimates.covariance is None:
        raise DesignError(
            Text(
                "Diese Schätzungen tragen keine Kovarianz; mit covariance=True schätzen.",
                "These estimates carry no covariance; estimate with covariance=True.",
            )
        )
    c = np.asarray(weights, dtype=np.float64)
    if df is None:
        used = [row.df for row, weight in zip(estimates.rows, c.reshape(-1), strict=False) if weight]
        df = min(used, default=float("nan"))
    values = [row.estimate for row in estimates.rows]
    return contrast(values, estimates.covariance, c, df, null=null, confidence=confidence)


def detectable_by_t(se: float, df: float, *, level: float = LEVEL, power: float = 0.8) -> float:
    """Return the smallest true difference that a two-sided t test finds with the given power.

    Parameters
    ----------
    se
        Standard error of the difference, ≥ 0.
    df
        Degrees of freedom ≥ 1.
    level
        One minus the two-sided significance level.
    power
        0.5–1.

    Notes
    -----
    `docs/methods.md#detectable-by-t`: (t₁₋α⸝₂ + t_power)·se.

    References
    ----------
    Bloom, H. S. (1995). Minimum Detectable Effects. Evaluation Review 19, 547–556.
    """
    check_level(level)
    check_level(power)
    return float((stats.t.ppf((1 + level) / 2, df) + stats.t.ppf(power, df)) * se)
