"""Families of generalised linear models, each as functions of the linear predictor η.

`docs/methods.md#generalised-linear-models`. Source: McCullagh & Nelder (1989), Generalized Linear Models, chapter 2.
Everything is written in η, not in the mean: 1 − μ keeps its digits where μ is close to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_expit, log_ndtr, logit, ndtri, xlogy

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Function = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Family:
    """The distribution of an outcome given the linear predictor.

    Attributes
    ----------
    link
        The function of the mean that is linear in the terms.
    lowest, highest
        The range of the outcome.
    start
        η for an outcome and its weight, from where the search begins.
    score, information
        Derivative of the log-likelihood by η (of outcome and η), and the expected negative second one (of η).
    deviance
        Twice the log-likelihood that is missing to a perfect fit (of outcome and η), per row.
    """

    link: str
    lowest: float
    highest: float
    start: Callable[[Floats, Floats], Floats]
    score: Callable[[Floats, Floats], Floats]
    information: Function
    deviance: Callable[[Floats, Floats], Floats]

    @property
    def binary(self) -> bool:
        """Whether the outcome is a share between 0 and 1."""
        return self.highest == 1


def _binary(link: str, start: Function, log_mean: Function, log_rest: Function, log_slope: Function) -> Family:
    """Build a family for 0/1 outcomes from log μ, log(1 − μ) and log dμ/dη."""

    def score(y: Floats, eta: Floats) -> Floats:
        slope = log_slope(eta)
        return np.asarray(_part(y, np.exp(slope - log_mean(eta))) - _part(1 - y, np.exp(slope - log_rest(eta))))

    def information(eta: Floats) -> Floats:
        return np.asarray(np.exp(2 * log_slope(eta) - log_mean(eta) - log_rest(eta)))

    def deviance(y: Floats, eta: Floats) -> Floats:
        best = xlogy(y, y) + xlogy(1 - y, 1 - y)
        return np.asarray(2 * (best - _part(y, log_mean(eta)) - _part(1 - y, log_rest(eta))))

    return Family(link, 0.0, 1.0, lambda y, w: start((w * y + 0.5) / (w + 1)), score, information, deviance)


def _part(share: Floats, value: Floats) -> Floats:
    """Return share × value, 0 where the share is 0 even if the value is infinite."""
    return np.asarray(np.where(share > 0, share * np.where(share > 0, value, 0.0), 0.0))


def _log_expm1(eta: Floats) -> Floats:
    """Return log(1 − exp(−exp(η)))."""
    return np.asarray(np.log(-np.expm1(-np.exp(eta))))


_LOGIT = _binary("logit", logit, log_expit, lambda e: log_expit(-e), lambda e: log_expit(e) + log_expit(-e))
_PROBIT = _binary("probit", ndtri, log_ndtr, lambda e: log_ndtr(-e), lambda e: -(e**2) / 2 - np.log(2 * np.pi) / 2)
_CLOGLOG = _binary(
    "cloglog", lambda m: np.log(-np.log1p(-m)), _log_expm1, lambda e: -np.exp(e), lambda e: e - np.exp(e)
)
_GAUSSIAN = Family(
    "identity", -np.inf, np.inf, lambda y, _: y, lambda y, e: y - e, np.ones_like, lambda y, e: (y - e) ** 2
)
_POISSON = Family(
    "log",
    0.0,
    np.inf,
    lambda y, _: np.log(y + 0.1),
    lambda y, e: y - np.exp(e),
    np.exp,
    lambda y, e: 2 * (xlogy(y, y) - y * e - y + np.exp(e)),
)

FAMILIES = {
    "binomial": _LOGIT,
    "quasibinomial": _LOGIT,
    "probit": _PROBIT,
    "cloglog": _CLOGLOG,
    "gaussian": _GAUSSIAN,
    "poisson": _POISSON,
    "quasipoisson": _POISSON,
}
