"""The distribution of a weighted sum of χ² variables, which tests under a sampling design follow.

`docs/methods.md#quadratic-forms`. The exact tail is an integral in the complex plane along a path through the
saddlepoint (Rice 1980), mapped so that the trapezoidal rule converges geometrically (Trefethen & Weideman 2014);
it keeps its relative accuracy far out in the tail. The saddlepoint approximation is the first term of the same
integral (Kuonen 1999).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.special import fdtrc, gammaincc, ndtr

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_Number = TypeVar("_Number", np.float64, np.complex128)
Method = Literal["exact", "saddlepoint", "satterthwaite"]

_NEGLIGIBLE = 1e-12  # coefficients below this part of the largest are rounding errors of zero
_NEAR_MEAN = 1e-4  # standard deviations from the mean within which the saddlepoint formula is 0/0
_SPAN = 60.0  # the path ends where the integrand has long vanished
_INSIDE = 1 - 1e-15  # keeps a search off the branch points
_ANGLE = np.pi / 6  # how far the path bends
_STEPS = 13.0  # steps per width of the strip, of which half is used: an error of about e^(−13π)


def chi_squared_sum_tail(
    statistic: float, coefficients: ArrayLike, method: Method = "exact", ddf: float | None = None
) -> float:
    """Return P(Σ aᵢ·χ²₁ > x), or P(Σ aᵢ·χ²₁ / (χ²_d/d) > x) where the variance has d degrees of freedom.

    Parameters
    ----------
    statistic
        x, in units of the coefficients.
    coefficients
        (k,) numbers aᵢ ≥ 0, such as the eigenvalues of a generalised design effect; those that are zero up to
        rounding count for nothing.
    method
        `exact`: the distribution itself, by numerical inversion, to about twelve digits. `saddlepoint`: Lugannani
        and Rice's formula as modified by Barndorff-Nielsen. `satterthwaite`: the scaled χ² (or F) with the same
        first two moments.
    ddf
        d, degrees of freedom of the estimated variance, > 0; None or infinite: the variance is taken as known.

    Returns
    -------
    float
        The probability, 0–1.

    Raises
    ------
    DesignError
        A coefficient is negative or not finite, all are zero, the statistic is not a number, or ddf is not positive.

    Notes
    -----
    `docs/methods.md#quadratic-forms`. The quotient exceeds x exactly where Σ aᵢ·χ²₁ − (x/d)·χ²_d exceeds 0.

    References
    ----------
    Rice, S. O. (1980). SIAM Journal on Scientific and Statistical Computing 1, 438–448.
    Kuonen, D. (1999). Biometrika 86, 929–935.
    Lumley, T. & Scott, A. (2014). Australian & New Zealand Journal of Statistics 56, 1–14 (the quotient).
    """
    kept = _checked(statistic, coefficients, method, ddf)
    d = None if ddf is None or np.isinf(ddf) else float(ddf)
    if statistic <= 0:
        return 1.0
    if np.isinf(statistic) or (d is None and gammaincc(len(kept) / 2, statistic / kept.max() / 2) == 0):
        return 0.0
    if method == "satterthwaite":
        return _satterthwaite(statistic, kept, d)
    terms = _Terms(kept / kept.max(), statistic / float(kept.max()), d)
    if method == "saddlepoint":
        return terms.saddlepoint_tail()
    return terms.exact_tail()


def satterthwaite_moments(coefficients: ArrayLike) -> tuple[float, float]:
    """Return (scale, degrees of freedom) of the χ² that has mean and variance of Σ aᵢ·χ²₁.

    References
    ----------
    Satterthwaite, F. E. (1946). Biometrics Bulletin 2, 110–114: scale Σa²/Σa, degrees of freedom (Σa)²/Σa².
    """
    a = np.asarray(coefficients, dtype=np.float64)
    return float((a**2).sum() / a.sum()), float(a.sum() ** 2 / (a**2).sum())


def _checked(statistic: float, coefficients: ArrayLike, method: str, ddf: float | None) -> Floats:
    a = np.asarray(coefficients, dtype=np.float64).reshape(-1)
    if method not in get_args(Method):
        raise DesignError(
            Text(
                f"Das Verfahren „{method}“ gibt es nicht; möglich: {', '.join(get_args(Method))}.",
                f'No method "{method}"; possible: {", ".join(get_args(Method))}.',
            )
        )
    if np.isnan(statistic) or not np.isfinite(a).all() or not a.size or a.max() <= 0:
        raise DesignError(
            Text(
                "Der Test ist nicht bestimmt: Prüfgröße oder Varianz fehlt oder ist null.",
                "The test is not defined: its statistic or its variance is missing or zero.",
            )
        )
    if a.min() < -_NEGLIGIBLE * len(a) * a.max() or (ddf is not None and not ddf > 0):
        raise DesignError(
            Text(
                f"Gewichte einer Summe von χ² sind nicht negativ, Freiheitsgrade über 0 (hier {a.min():g}, {ddf}).",
                f"Coefficients of a sum of χ² are not negative, degrees of freedom above 0 (here {a.min():g}, {ddf}).",
            )
        )
    return np.asarray(a[a > _NEGLIGIBLE * a.max()])


def _satterthwaite(statistic: float, coefficients: Floats, ddf: float | None) -> float:
    scale, df = satterthwaite_moments(coefficients)
    if ddf is None:
        return float(gammaincc(df / 2, statistic / scale / 2))
    return float(fdtrc(df, ddf, statistic / scale / df))


class _Terms:
    """Σ aᵢ·χ²₁ − x, or Σ aᵢ·χ²₁ − (x/d)·χ²_d: one sum of weighted χ² that is compared with zero.

    Its cumulant function is K(s) − s·x with K(s) = −½ Σ log(1 − 2·s·aᵢ), or K(s) − ½·d·log(1 + 2·s·x/d). The largest
    coefficient is 1: s lies left of ½.
    """

    edge = 0.5

    def __init__(self, coefficients: Sequence[float] | Floats, point: float, ddf: float | None) -> None:
        self.a = np.asarray(coefficients, dtype=np.float64)
        self.x = point
        self.d = ddf

    def cumulant(self, s: NDArray[_Number]) -> NDArray[_Number]:
        """Return the cumulant function at (m,) points, real or complex, off the cuts."""
        inner = -0.5 * np.log1p(-2 * s[:, None] * self.a).sum(axis=1)
        if self.d is None:
            return np.asarray(inner - s * self.x)
        return np.asarray(inner - 0.5 * self.d * np.log1p(2 * s * self.x / self.d))

    def derivative(self, s: float, order: int) -> float:
        """Return the first, second or third derivative of the cumulant function at a real point."""
        factor = (1.0, 2.0, 8.0)[order - 1]
        value = factor * float((self.a**order / (1 - 2 * s * self.a) ** order).sum())
        if self.d is None:
            return value - self.x if order == 1 else value
        below = -self.x / self.d
        return value + factor * self.d * float((below / (1 - 2 * s * below)) ** order)

    def solve(self, pole: float) -> float:
        """Return where the first derivative equals pole/s: the saddlepoint without (0) or with (1) the pole at 0."""
        left = -(len(self.a) / self.x + 1.0) if self.d is None else -self.d / (2 * self.x) * _INSIDE
        lower, upper = 1e-300 if pole else left, self.edge * _INSIDE

        def slope(s: float) -> float:
            return self.derivative(s, 1) - (pole / s if pole else 0.0)

        return float(brentq(slope, lower, upper, xtol=1e-300, maxiter=2000))

    def exact_tail(self) -> float:
        """Return (1/2πi) ∫ exp(K(s))/s ds along s = ½ − r·(1 − sin(π/6 + iv)), −∞ < v < ∞.

        The path crosses the real axis at the saddlepoint and bends to the right, where exp(−s·x) decays, around the
        cut from ½ on. The pole at 0, seen through the map, and the vertical line bound the strip in which the
        integrand is analytic and tame; the step follows from its width.
        """
        middle = self.solve(1.0)
        reach = 2 * (self.edge - middle)
        pole = np.arcsin(max(1 - self.edge / reach, -1.0))
        step = min(_ANGLE, _ANGLE - pole) / _STEPS
        z = _ANGLE + 1j * np.arange(0.5, np.ceil(_SPAN / step)) * step
        s = self.edge - reach * (1 - np.sin(z))
        terms = np.exp(self.cumulant(s)) * reach * np.cos(z) / s
        return float(np.clip(terms.real.sum() * step / np.pi, 0.0, 1.0))

    def saddlepoint_tail(self) -> float:
        """Return 1 − Φ(w + log(v/w)/w) at the saddlepoint."""
        deviation = self.derivative(0.0, 1) / np.sqrt(self.derivative(0.0, 2))
        if abs(deviation) < _NEAR_MEAN:
            skewness = self.derivative(0.0, 3) / self.derivative(0.0, 2) ** 1.5
            return float(ndtr(deviation - skewness / 6))
        s = self.solve(0.0)
        w = np.sign(s) * np.sqrt(-2 * float(self.cumulant(np.array([s]))[0]))
        v = s * np.sqrt(self.derivative(s, 2))
        return float(ndtr(-(w + np.log(v / w) / w)))
