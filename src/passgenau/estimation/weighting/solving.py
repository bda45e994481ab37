"""Weights that meet totals: post-stratification, raking and calibration, as functions of arrays.

`docs/methods.md#calibration`. Sources: Deville & Särndal (1992), Calibration estimators in survey sampling,
JASA 87, 376–382; Deville, Särndal & Sautory (1993), Generalized raking procedures in survey sampling, JASA 88,
1013–1020. All functions take one set of weights (n,) or several side by side (n, R), such as replicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import linalg

from passgenau.errors import DesignError, InputError
from passgenau.estimation.covariance import sum_by
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Function = Literal["linear", "raking", "logit"]
Bounds = tuple[float, float]

TOLERANCE = 1e-12
"""Largest deviation from a total, relative to it, at which weights meet it."""
RAKING_STEPS = 10_000
NEWTON_STEPS = 200
_CONSISTENT = 1e-9
_RANK = 1e-11
_HALVINGS = 60
_FREE = (-np.inf, np.inf)


def poststratify_weights(weight: Floats, cell: Ints, totals: Floats, names: Sequence[str] = ()) -> Floats:
    """Scale weights so that those of each cell sum to its total.

    Parameters
    ----------
    weight
        (n,) or (n, R) weights ≥ 0.
    cell
        (n,) index of each row's cell.
    totals
        (K,) totals > 0; (K, R) where every set of weights has its own.
    names
        (K,) cells as messages name them.

    Returns
    -------
    Weights of the shape given.

    Raises
    ------
    DesignError
        All weights of a cell are 0.
    """
    columns = weight.reshape(len(cell), -1)
    sums = sum_by(columns, cell, len(totals))
    _check_cells(sums, names)
    return np.asarray(columns * (totals.reshape(len(totals), -1) / sums)[cell]).reshape(weight.shape)


def rake_weights(
    weight: Floats, cells: Sequence[Ints], totals: Sequence[Floats], names: Sequence[Sequence[str]] = ()
) -> Floats:
    """Post-stratify by one margin after the other until all are met.

    Parameters
    ----------
    weight
        (n,) or (n, R) weights ≥ 0.
    cells
        For each margin the (n,) index of each row's category.
    totals
        For each margin its (K,) totals; all margins have the same sum.
    names
        For each margin its (K,) categories as messages name them.

    Returns
    -------
    Weights of the shape given; every total is met to `TOLERANCE`.

    Raises
    ------
    DesignError
        A category has weights of 0 only, or the margins cannot be met together.
    """
    current = weight.reshape(len(weight), -1).astype(np.float64)
    labels = names or [()] * len(cells)
    for _ in range(RAKING_STEPS):
        worst = (0.0, "")
        for cell, total, label in zip(cells, totals, labels, strict=True):
            sums = sum_by(current, cell, len(total))
            _check_cells(sums, label)
            deviation = np.abs(sums / total[:, None] - 1).max(axis=1)
            place = int(deviation.argmax())
            worst = max(worst, (float(deviation[place]), label[place] if label else str(place + 1)))
            current = current * (total[:, None] / sums)[cell]
        if worst[0] <= TOLERANCE:
            return np.asarray(current.reshape(weight.shape))
    raise _not_met(worst[1], worst[0], RAKING_STEPS, bounded=False)


def calibrate_weights(  # noqa: PLR0913 -- the parts of one equation
    weight: Floats,
    matrix: Floats,
    totals: Floats,
    *,
    function: Function = "linear",
    bounds: Bounds | None = None,
    names: Sequence[str] = (),
) -> Floats:
    """Return the weights closest to those given that meet totals: Σ w·x = t.

    Parameters
    ----------
    weight
        (n,) or (n, R) weights d ≥ 0.
    matrix
        (n, k) calibration columns x.
    totals
        (k,) their totals t in the population.
    function
        The distance, by the form of w/d: `linear` 1 + xλ, `raking` exp(xλ), `logit` between the bounds.
    bounds
        Smallest and largest w/d, smallest < 1 < largest; `linear` and `raking` are cut off there.
    names
        (k,) columns as messages name them.

    Returns
    -------
    Weights of the shape given; every total is met to `TOLERANCE`, relative to Σ d·|x| or the total.

    Raises
    ------
    InputError
        No such function, or bounds that are none.
    DesignError
        Totals that contradict each other, cannot be met within the bounds, or are not met after `NEWTON_STEPS`.
    """
    form = distance(function, bounds)
    labels = tuple(names) or tuple(str(column + 1) for column in range(matrix.shape[1]))
    columns = weight.reshape(len(matrix), -1)
    out = [column * _factors(column, matrix, totals, form, labels) for column in columns.T]
    return np.asarray(np.stack(out, axis=1).reshape(weight.shape))


@dataclass(frozen=True, slots=True)
class Distance:
    """A calibration function F with its slope and integral (Deville & Särndal 1992, table 1)."""

    function: Function
    lower: float
    upper: float

    @property
    def bounded(self) -> bool:
        """Whether w/d is kept between limits."""
        return (self.lower, self.upper) != _FREE

    @property
    def attainable(self) -> Bounds:
        """The limits of w/d, those of the function itself included."""
        return (max(self.lower, 0.0) if self.function == "raking" else self.lower), self.upper

    def parts(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        """Return F(u) = w/d, its slope F'(u), and its integral from 0."""
        if self.function == "logit":
            return self._logit(u)
        low, high = self._ends
        inner = np.clip(u, low, high)
        value, integral = (1 + inner, inner + inner**2 / 2) if self.function == "linear" else _exponential(inner)
        slope = np.where(u == inner, 1.0 if self.function == "linear" else value, 0.0)
        return value, slope, integral + value * (u - inner)

    @property
    def _ends(self) -> Bounds:
        """The arguments at which `linear` and `raking` are cut off."""
        if self.function == "linear":
            return self.lower - 1, self.upper - 1
        return float(np.log(self.lower)) if self.lower > 0 else -np.inf, float(np.log(self.upper))

    def _logit(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        low, high = self.lower, self.upper
        a = (high - low) / ((1 - low) * (high - 1))
        share = np.exp(-np.logaddexp(0, np.log(high - 1) - np.log(1 - low) - a * u))
        value = low + (high - low) * share
        slope = a * (high - low) * share * (1 - share)
        base = np.logaddexp(np.log(high - 1), np.log(1 - low) + a * u) - np.log(high - low)
        return value, slope, low * u + (high - low) / a * base


def distance(function: Function, bounds: Bounds | None) -> Distance:
    """Return the calibration function of a name with its bounds, checked."""
    if function not in get_args(Function):
        possible = ", ".join(get_args(Function))
        raise InputError.of(
            f"Das Verfahren „{function}“ gibt es nicht.",
            f'There is no method "{function}".',
            hint=Text(f"Möglich: {possible}.", f"Possible: {possible}."),
        )
    lower, upper = bounds or _FREE
    if function == "logit" and not np.isfinite([lower, upper]).all():
        raise InputError.of(
            "Das Verfahren „logit“ braucht zwei Schranken.",
            'The method "logit" needs two bounds.',
            hint=Text("Zum Beispiel 0,3 und 3.", "For example 0.3 and 3."),
        )
    if not lower < 1 < upper:
        raise InputError.of(
            f"Schranken {lower:g} und {upper:g}: Die untere liegt unter 1, die obere über 1.",
            f"Bounds {lower:g} and {upper:g}: the lower one lies below 1, the upper one above 1.",
            hint=Text(
                "Schranken begrenzen, mit welchem Faktor ein Gewicht verändert wird.",
                "Bounds limit the factor by which a weight is changed.",
            ),
        )
    return Distance(function, lower, upper)


def orthonormal(weight: Floats, matrix: Floats) -> tuple[Floats, Floats, Ints]:
    """Return a basis Z of the columns with Zᵀ diag(weight) Z = 1, the triangle R and the order of columns.

    The first r columns in that order are independent and equal Z·R[:r, :r]; the others follow from them.
    """
    root = np.sqrt(weight)[:, None]
    size = np.sqrt((weight[:, None] * matrix**2).sum(axis=0))
    size[size == 0] = 1.0
    scaled = matrix / size
    # Two steps: the first shrinks n rows to k, the second finds which columns are independent.
    corner = np.linalg.qr(root * scaled, mode="r")
    triangle, order = linalg.qr(corner, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int((diagonal > _RANK * diagonal[0]).sum())
    independent = scaled[:, order[:rank]]
    basis = linalg.solve_triangular(triangle[:rank, :rank], independent.T, trans="T").T
    return np.asarray(basis), triangle[:rank] * size[order], order.astype(np.int64)


def _exponential(u: Floats) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore"):
        value = np.exp(u)
    return value, value - 1


def _factors(weight: Floats, matrix: Floats, totals: Floats, form: Distance, names: Sequence[str]) -> Floats:
    """Return (n,) w/d by Newton's method on the convex dual, in an orthonormal basis of the columns."""
    scale = np.maximum(np.abs(totals), weight @ np.abs(matrix))
    scale[scale == 0] = 1.0
    _check_attainable(weight, matrix, totals, form, names)
    basis, triangle, order = orthonormal(weight, matrix)
    rank = basis.shape[1]
    target = linalg.solve_triangular(triangle[:, :rank], totals[order[:rank]], trans="T")
    _check_consistent(triangle.T @ target, totals[order], scale[order], [names[i] for i in order])
    multiplier, least = np.zeros(rank), np.inf
    for _ in range(NEWTON_STEPS):
        value, slope, _ = form.parts(basis @ multiplier)
        deviation = np.abs((weight * value) @ matrix - totals) / scale
        # Met, and another step would gain nothing.
        if deviation.max() <= TOLERANCE and deviation.max() >= least / 2:
            return value
        least = float(deviation.max())
        gap = target - basis.T @ (weight * value)
        moved = _step(multiplier, gap, weight, basis, target, slope, form)
        if moved is None:
            break
        multiplier = moved
    if deviation.max() <= TOLERANCE:
        return value
    place = int(deviation.argmax())
    raise _not_met(names[place], float(deviation[place]), NEWTON_STEPS, bounded=form.bounded)


def _step(  # noqa: PLR0913, PLR0917 -- the parts of one step
    multiplier: Floats, gap: Floats, weight: Floats, basis: Floats, target: Floats, slope: Floats, form: Distance
) -> Floats | None:
    """Return the multiplier after one Newton step, halved until the dual falls; None where it cannot fall."""
    direction = gap
    if not (slope == 1).all():  # otherwise the curvature is the identity, as the basis is orthonormal
        curvature = basis.T @ ((weight * slope)[:, None] * basis)
        # Where bounds hold nearly all factors, the curvature vanishes in some directions.
        curvature[np.diag_indices_from(curvature)] += 1e-14 * max(1.0, float(np.abs(curvature).max()))
        direction = linalg.lstsq(curvature, gap)[0]
    here = _dual(multiplier, weight, basis, target, form)
    slack = 1e-13 * float(weight.sum())  # rounding: the last steps change the dual by less than its digits
    length = 1.0
    for _ in range(_HALVINGS):
        there = multiplier + length * direction
        value = _dual(there, weight, basis, target, form)
        if value <= here + slack:
            return np.asarray(there)
        length /= 2
    return None


def _dual(multiplier: Floats, weight: Floats, basis: Floats, target: Floats, form: Distance) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        integral = form.parts(basis @ multiplier)[2]
        return float(weight @ integral - target @ multiplier)


def _check_cells(sums: Floats, names: Sequence[str]) -> None:
    empty = np.argwhere(sums <= 0)
    if not len(empty):
        return
    place, column = (int(i) for i in empty[0])
    name = names[place] if names else str(place + 1)
    many = sums.shape[1] > 1
    where = Text(f" (Replikat {column + 1})", f" (replicate {column + 1})") if many else Text("", "")
    raise DesignError(
        Text(
            f"Kategorie „{name}“{where.de}: Alle Gewichte sind 0, eine Summe ist so nicht zu erreichen. "
            "Mit einer ähnlichen Kategorie zusammenlegen.",
            f'Category "{name}"{where.en}: all weights are 0, so no total can be met. Merge it with a similar one.',
        )
    )


def _check_consistent(implied: Floats, totals: Floats, scale: Floats, names: Sequence[str]) -> None:
    """Raise DesignError where a total contradicts those of columns it is a combination of."""
    off = np.abs(implied - totals) / scale
    if not len(off) or off.max() <= _CONSISTENT:
        return
    place = int(off.argmax())
    raise DesignError(
        Text(
            f"Die Summe von „{names[place]}“ ({totals[place]:.12g}) widerspricht den anderen: Aus ihnen folgt "
            f"{implied[place]:.12g}.",
            f'The total of "{names[place]}" ({totals[place]:.12g}) contradicts the others: {implied[place]:.12g} '
            "follows from them.",
        )
    )


def _check_attainable(weight: Floats, matrix: Floats, totals: Floats, form: Distance, names: Sequence[str]) -> None:
    """Raise DesignError where even the largest or smallest factors do not reach a total."""
    low, high = form.attainable
    positive, negative = weight @ np.maximum(matrix, 0), weight @ np.minimum(matrix, 0)
    least = _times(low, positive) + _times(high, negative)
    most = _times(high, positive) + _times(low, negative)
    slack = _CONSISTENT * (positive - negative)
    wrong = np.flatnonzero((totals < least - slack) | (totals > most + slack))
    if not len(wrong):
        return
    place = int(wrong[0])
    found = float(positive[place] + negative[place])
    needed = f"{totals[place] / found:.4g}" if found else "∞"
    limits = f"{low:g}–{high:g}".replace("inf", "∞")
    raise DesignError(
        Text(
            f"„{names[place]}“: Die Gewichte ergeben {found:.12g}, verlangt ist {totals[place]:.12g}. Dazu wäre im "
            f"Mittel der Faktor {needed} nötig; erlaubt ist {limits}. Schranken weiten oder die Kategorie mit einer "
            "ähnlichen zusammenlegen.",
            f'"{names[place]}": the weights give {found:.12g}, {totals[place]:.12g} is asked for. That takes a factor '
            f"of {needed} on average; {limits} is allowed. Widen the bounds or merge the category with a similar one.",
        )
    )


def _times(factor: float, sums: Floats) -> Floats:
    """Multiply sums by a factor that may be infinite; 0 stays 0."""
    return np.asarray(np.multiply(factor, sums, out=np.zeros_like(sums), where=sums != 0))


def _not_met(name: str, deviation: float, steps: int, *, bounded: bool) -> DesignError:
    way = (
        Text("Schranken weiten oder Kategorien zusammenlegen.", "Widen the bounds or merge categories.")
        if bounded
        else Text(
            "Die Summen sind zusammen wohl nicht zu erreichen; dünn besetzte Kategorien zusammenlegen.",
            "The totals can probably not be met together; merge categories with few rows.",
        )
    )
    return DesignError(
        Text(
            f"Die Gewichte erreichen die Summen nicht (bis zu {steps} Schritte); am weitesten fehlt „{name}“, "
            f"Abweichung {100 * deviation:.3g} % der Summe. {way.de}",
            f"The weights do not meet the totals (up to {steps} steps); furthest off is "
            f'"{name}", by {100 * deviation:.3g}% of the total. {way.en}',
        )
    )
