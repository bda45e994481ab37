"""Likelihood limits of a share under weights and clusters: the Rao–Scott likelihood ratio test, inverted.

`docs/methods.md`, section “Likelihood limits”.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, isnan, log, log1p, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_STEPS = 9  # at most, on either side
_PER_LIMIT = 5  # steps from the estimate to the end of the profile
_FINER = 3  # points read off the spline per point of the profile
_CONVERGED = 1e-8  # relative change of the deviance
_ROUNDS = 25


@dataclass(frozen=True, slots=True)
class Scoring:
    """A logistic fit without covariates, as far as the limits need it."""

    size: float  # sum of the weights, which average 1 over all rows of the domain, answered or not
    information: float  # Σ w·p(1 − p) in the last round, at the share of the round before


def score(indicator: Floats, weight: Floats) -> Scoring:
    """Fit the logit of a share by Fisher scoring and return where it stopped.

    Parameters
    ----------
    indicator
        (n,) 0 and 1.
    weight
        (n,) weights > 0 that average 1 over the domain.

    Notes
    -----
    `docs/methods.md#likelihood-limits`. The share itself is known beforehand; what is wanted is the information that
    a fitted model reports, which is that of its last but one share. McCullagh, P. & Nelder, J. A. (1989), Generalized
    Linear Models, section 2.5: starting at (w·y + ½)/(w + 1), until the deviance changes by less than 10⁻⁸.
    """
    mean = (weight * indicator + 0.5) / (weight + 1)
    eta = np.log(mean / (1 - mean))
    before, information = _deviance(indicator, mean, weight), nan
    for _ in range(_ROUNDS):
        spread = mean * (1 - mean)
        information = float(np.sum(weight * spread))
        step = np.sum(weight * (spread * eta + indicator - mean)) / information
        eta = np.full_like(weight, step)
        mean = 1 / (1 + np.exp(-eta))
        now = _deviance(indicator, mean, weight)
        if abs(now - before) < _CONVERGED * (abs(now) + 0.1):
            break
        before = now
    return Scoring(float(weight.sum()), information)


def _deviance(indicator: Floats, mean: Floats, weight: Floats) -> float:
    return float(-2 * np.sum(weight * np.log(np.where(indicator > 0, mean, 1 - mean))))


def likelihood_interval(
    share: float, se: float, answers: float, t: float, scoring: Scoring | None = None
) -> tuple[float, float]:
    """Return the shares at which the deviance, corrected for the design, is t² above its minimum.

    Parameters
    ----------
    share, se
        The share (0–1) and its standard error under the design.
    answers
        Answers, unweighted, > 1.
    t
        Quantile of the t or normal distribution.
    scoring
        The fit, where weights differ. Without it every answer weighs 1 and the fit has converged.

    Returns
    -------
    Lower and upper limit; NaN where a number is NaN or there is a single answer.

    Notes
    -----
    `docs/methods.md#likelihood-limits`. Rao, J. N. K. & Scott, A. J. (1984), Annals of Statistics 12, 46–60. The signed
    root of the deviance is computed at up to nine steps on either side and interpolated by a cubic spline, as
    statistical packages do (Venables, W. N. & Ripley, B. D. (2002), Modern Applied Statistics with S, section 8.4).
    At 0 and 1 the test is inverted without a design effect, which cannot be estimated there.
    """
    if isnan(share) or isnan(se) or isnan(t) or answers <= 1:
        return nan, nan
    if share <= 0:
        return 0.0, -np.expm1(-(t**2) / (2 * answers))
    if share >= 1:
        return exp(-(t**2) / (2 * answers)), 1.0
    if se == 0:
        return share, share
    spread = share * (1 - share)
    fit = scoring or Scoring(answers, answers * spread)
    reach = t * se / spread * sqrt(fit.information)  # t times the root of the design effect
    logits, roots = _profile(share, se / spread, fit.size, answers, reach)
    x, y = _refined(logits, roots)
    lower, upper = np.interp([-reach, reach], y, x).tolist()
    return exp(-_softplus(-lower)), exp(-_softplus(-upper))


def _profile(share: float, se: float, size: float, answers: float, reach: float) -> tuple[Floats, Floats]:
    """Return logits around the estimate and the signed roots of their deviances, scaled by the dispersion."""
    centre, dispersion = log(share / (1 - share)), size / (answers - 1)
    end = _end(reach, answers)
    points = {centre: 0.0}
    for sign in (-1, 1):
        root, step = 0.0, 0
        while step < _STEPS and abs(root) < end:
            step += 1
            at = centre + sign * step * end / _PER_LIMIT * se
            excess = share * (log(share) + _softplus(-at)) + (1 - share) * (log(1 - share) + _softplus(at))
            root = sign * sqrt(max(2 * size * excess, 0.0) / dispersion)
            points[at] = root
    ordered = sorted(points.items())
    return np.array([at for at, _ in ordered]), np.array([root for _, root in ordered])


def _end(reach: float, answers: float) -> float:
    """Return where the profile ends: at a quarter of the error probability of `reach`, by t instead of normal."""
    from scipy.special import ndtr, stdtrit  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    end = -float(stdtrit(answers - 1, float(ndtr(-reach)) / 4))
    return end if isfinite(end) and end > 0 else 1.1 * reach  # beyond what floating point can say of a tail


def _softplus(x: float) -> float:
    """Return log(1 + eˣ) without overflow."""
    return max(x, 0.0) + log1p(exp(-abs(x)))


def _refined(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a spline through the points at three times as many, equally spaced ones.

    At either end its third derivative is that of the cubic through the four outermost points (Forsythe, G. E.,
    Malcolm, M. A. & Moler, C. B. (1977), Computer Methods for Mathematical Computations, chapter 4).
    """
    curvature = _curvature(x, y)
    points = np.linspace(x[0], x[-1], _FINER * len(x))
    piece = np.clip(np.searchsorted(x, points, side="right") - 1, 0, len(x) - 2)
    width, t = np.diff(x)[piece], points - x[piece]
    left, right = curvature[piece], curvature[piece + 1]
    slope = np.diff(y)[piece] / width - width * (2 * left + right) / 6
    return points, y[piece] + t * (slope + t * (left / 2 + t * (right - left) / (6 * width)))


def _curvature(x: Floats, y: Floats) -> Floats:
    """Return the second derivatives of the spline at its knots."""
    size, h = len(x), np.diff(x)
    system, right = np.zeros((size, size)), np.zeros(size)
    for i in range(1, size - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    system[0, :2], right[0] = (-1 / h[0], 1 / h[0]), 6 * _third_difference(x[:4], y[:4])
    system[-1, -2:], right[-1] = (-1 / h[-1], 1 / h[-1]), 6 * _third_difference(x[-4:], y[-4:])
    return np.asarray(np.linalg.solve(system, right), dtype=np.float64)


def _third_difference(x: Floats, y: Floats) -> float:
    """Return the divided difference of four points: the leading coefficient of the cubic through them."""
    if len(x) < 4:  # noqa: PLR2004 -- a cubic has four coefficients
        return 0.0
    rows = np.asarray(y, dtype=np.float64)
    for order in range(1, 4):
        rows = np.diff(rows) / (x[order:] - x[:-order])
    return float(rows[0])
