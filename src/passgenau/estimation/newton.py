"""Maximum likelihood by Newton's method, shared by the regressions.

`docs/methods.md#generalised-linear-models`. Source: Nocedal & Wright (2006), Numerical Optimization, section 3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_STEPS = 30  # a search that does converge needs ten; one that runs to infinity moves by about 1 per step, for ever
_HALVINGS = 30
_CLOSE = 1e-10  # last step relative to the parameters; the error left is its square
_RISE = 1e-9  # how much the loss may rise by rounding, relative
_DEPENDENT = 1e-9  # part of a column that the columns before it leave unexplained


class Point(NamedTuple):
    """A loss (minus the log-likelihood) at some parameters, with minus its slope and its curvature."""

    loss: float
    score: Floats  # (p,)
    information: Floats  # (p, p)


class Optimum(NamedTuple):
    """Where a search ended."""

    parameters: Floats
    step: Floats  # the last one
    converged: bool


def minimise(start: Floats, evaluate: Callable[[Floats], Point]) -> Optimum:
    """Search the minimum of a loss from `start`; steps that do not lower it are halved."""
    parameters, point = start, evaluate(start)
    step = np.zeros_like(start)
    for _ in range(_STEPS):
        try:
            step = np.asarray(np.linalg.solve(point.information, point.score), dtype=np.float64)
        except np.linalg.LinAlgError:
            return Optimum(parameters, step, converged=False)
        for _ in range(_HALVINGS):
            ahead = evaluate(parameters + step)
            if ahead.loss <= point.loss + _RISE * (1 + abs(point.loss)):
                break
            step /= 2
        else:
            return Optimum(parameters, step, converged=False)
        parameters, point = parameters + step, ahead
        if np.linalg.norm(step) <= _CLOSE * (1 + np.linalg.norm(parameters)):
            return Optimum(parameters, step, converged=True)
    return Optimum(parameters, step, converged=False)


def triangle(matrix: Floats, weight: Floats, names: Sequence[str]) -> Floats:
    """Return R with RᵀR = XᵀWX, upper triangular.

    Raises
    ------
    DesignError
        A weight is negative, or a column is a combination of the columns before it.
    """
    if (weight < 0).any():
        raise DesignError(
            Text(
                "Negative Gewichte erlauben keine Regression. Mit Raking oder mit Grenzen kalibrieren.",
                "Negative weights do not allow a regression. Calibrate by raking or with bounds.",
            )
        )
    scaled = np.sqrt(weight)[:, None] * matrix
    length = np.sqrt((scaled**2).sum(axis=0))
    upper = np.asarray(np.linalg.qr(scaled, mode="r"), dtype=np.float64)
    size = min(upper.shape)
    left = np.zeros(len(names))
    left[:size] = np.abs(np.diagonal(upper))
    wrong = np.flatnonzero(left <= _DEPENDENT * length)
    if len(wrong):
        name = names[int(wrong[0])]
        raise DesignError(
            Text(
                f"„{name}“ lässt sich nicht von den Termen davor trennen: Die Werte folgen aus ihnen oder sind überall "
                "gleich. Den Term weglassen oder Kategorien zusammenfassen.",
                f'"{name}" cannot be told apart from the terms before it: its values follow from them or are the same '
                "everywhere. Drop the term or merge categories.",
            )
        )
    return upper


def orthonormal(matrix: Floats, upper: Floats) -> Floats:
    """Return X·R⁻¹: columns of the same span with (X·R⁻¹)ᵀW(X·R⁻¹) = 1."""
    return np.asarray(solve_triangular(upper, matrix.T, trans="T").T, dtype=np.float64)


def runaway(coefficients: Floats, matrix: Floats, weight: Floats, names: Sequence[str]) -> DesignError:
    """Return the error for a search that ran to infinity; it names the column that moves the fit most.

    Parameters
    ----------
    coefficients
        (p,) coefficients that the search had reached; NaN counts as infinite.
    matrix, weight, names
        (n, p) columns, (n,) weights, (p,) names; constant columns are named only if there is no other.
    """
    reach = np.ptp(matrix[weight > 0], axis=0)
    moved = np.where(reach > 0, np.nan_to_num(np.abs(coefficients), nan=np.inf) * reach, 0.0)
    name = names[int(np.argmax(moved))]
    return DesignError(
        Text(
            f"Die Regression hat keine endliche Lösung: „{name}“ sagt das Ergebnis für einen Teil der Zeilen genau "
            "voraus. Den Term weglassen oder Kategorien zusammenfassen.",
            f'The regression has no finite solution: "{name}" predicts the outcome of some rows perfectly. '
            "Drop the term or merge categories.",
        )
    )
