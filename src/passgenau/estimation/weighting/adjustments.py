"""What an adjustment of the weights leaves behind: how to repeat it, and what it does to the variance.

`docs/methods.md#variance-after-calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from passgenau.estimation.covariance import sum_by
from passgenau.estimation.weighting.solving import (
    calibrate_weights,
    orthonormal,
    poststratify_weights,
    rake_weights,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.weighting.auxiliary import Auxiliary
    from passgenau.estimation.weighting.solving import Bounds

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_ROUNDING = 1e-12
"""A column of which calibration leaves no larger part is explained completely; its variance is 0, not nearly 0."""

_SWEEPS = 10
"""Rounds in which the means of the raked margins are taken off, as many as R's `survey` takes."""

Method = Literal["poststratify", "rake", "linear", "raking", "logit"]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Weights brought to known totals.

    Attributes
    ----------
    method
        How: `poststratify`, `rake` (one margin after the other), or the calibration function.
    auxiliary
        The calibration columns and their totals.
    before, after
        (n,) weights before and after.
    bounds
        Limits of after/before.
    """

    method: Method
    auxiliary: Auxiliary
    before: Floats
    after: Floats
    bounds: Bounds | None = None

    def reweight(self, weight: Floats) -> Floats:
        """Repeat the calibration with other weights, for example (n, R) replicates."""
        return reweighted(self.method, self.auxiliary, weight, self.bounds)

    def residuals(self, weighted: Floats) -> Floats:
        """Return w·e for (n, M) values w·u: e is what the calibration columns leave of u.

        The regression weighs by the weights before calibration, its residuals are weighted by those after
        (Deville & Särndal 1992, equation 3.4; Särndal, Swensson & Wretman 1992, section 6.6). After `rake` it is
        unweighted, margin by margin (`docs/methods.md#variance-after-calibration`).
        """
        out = np.zeros_like(weighted)
        values = np.divide(weighted, self.after[:, None], out=out, where=(self.after != 0)[:, None])
        left = values - self.auxiliary.spread(self._swept(values), 0.0) if self.method == "rake" else self._left(values)
        left = left * self.after[:, None]
        explained = np.abs(left).max(axis=0) <= _ROUNDING * np.abs(weighted).max(axis=0)
        return np.asarray(np.where(explained, 0.0, left))

    def added(self, weighted: Floats) -> Floats:
        """Return (M, M) zeros: known totals add nothing to the covariance."""
        return np.zeros((weighted.shape[1], weighted.shape[1]))

    def _left(self, values: Floats) -> Floats:
        """Return the residuals of the weighted regression on the calibration columns."""
        left = values
        for _ in range(2):  # the second round removes what rounding left of the first
            coefficients = self._basis.T @ self.auxiliary.sums(self.before[:, None] * left)
            left = left - self.auxiliary.spread(self._basis @ coefficients, outside=0.0)
        return left

    def _swept(self, values: Floats) -> Floats:
        """Return (G, M) sums of the means that are taken off margin by margin."""
        sums = self.auxiliary.sums(values)
        rows = self.auxiliary.sums((self.after != 0).astype(np.float64))
        taken = np.zeros_like(sums)
        for cell, size in list(zip(*self.auxiliary.cells, strict=True)) * _SWEEPS:
            count = np.maximum(sum_by(rows, cell, size), 1)
            taken += (sum_by(sums - rows * taken, cell, size) / count)[cell]
        return taken

    @cached_property
    def _basis(self) -> Floats:
        """Return a (G, r) basis of the calibration columns, orthonormal under the weights before."""
        grouped = self.auxiliary.sums(self.before)[:, 0]
        return orthonormal(grouped, self.auxiliary.matrix)[0]


@dataclass(frozen=True, eq=False)
class Nonresponse:
    """Weights of those who did not answer, moved to those of their cell who did.

    Attributes
    ----------
    cell
        (n,) index of each row's cell, −1 outside the domain.
    names
        The cells as messages name them.
    responded
        (n,) whether a row answered.
    before, after
        (n,) weights before and after; after is 0 where nobody answered.
    """

    cell: Ints
    names: tuple[str, ...]
    responded: Flags
    before: Floats
    after: Floats

    def reweight(self, weight: Floats) -> Floats:
        """Repeat the adjustment with other weights, for example (n, R) replicates."""
        return response_weights(weight, self.cell, self.responded, self.names)

    def residuals(self, weighted: Floats) -> Floats:
        """Return (n, M) d·(ū + r·a·(u − ū)) for values w·u, w = d·r·a, with ū the mean of the cell's answers."""
        values = self._values(weighted)
        mean = self._means(values)
        return np.asarray(self.before[:, None] * mean + self.after[:, None] * (values - mean))

    def added(self, weighted: Floats) -> Floats:
        """Return the (M, M) covariance that the chance of answering adds.

        Σ d·a·(a − 1)·m/(m − 1)·(u − ū)² over the m answers of each cell with a = w/d: with everyone asked this is
        the variance of a simple random draw of m from the cell.
        """
        values = self._values(weighted)
        distance = values - self._means(values)
        factor = np.divide(self.after, self.before, out=np.zeros_like(self.after), where=self.before != 0)
        used = (self.cell >= 0) & (self.after != 0)
        count = np.bincount(self.cell[used], minlength=len(self.names))[self.cell]
        scale = self.after * np.maximum(factor - 1, 0) * count / np.maximum(count - 1, 1)
        return np.asarray((distance * scale[:, None]).T @ distance)

    def _values(self, weighted: Floats) -> Floats:
        out = np.zeros_like(weighted)
        return np.divide(weighted, self.after[:, None], out=out, where=(self.after != 0)[:, None])

    def _means(self, values: Floats) -> Floats:
        """Return each row's (n, M) mean of its cell, 0 outside the domain."""
        inside = self.cell >= 0
        cell, size = self.cell[inside], len(self.names)
        weight = self.after[inside, None]
        sums = sum_by(weight * values[inside], cell, size)
        out = np.zeros_like(values)
        out[inside] = (sums / sum_by(weight, cell, size))[cell]
        return out


def reweighted(method: Method, known: Auxiliary, weight: Floats, bounds: Bounds | None) -> Floats:
    """Bring (n,) or (n, R) weights to totals; rows outside the domain keep theirs.

    Raises
    ------
    DesignError
        As the functions of `solving`.
    """
    columns = weight.reshape(len(weight), -1)
    grouped = known.sums(columns)
    if method == "poststratify":
        met = poststratify_weights(grouped, known.matrix.argmax(axis=1), known.totals, known.names)
    elif method == "rake":
        ends = np.cumsum(known.blocks)[:-1]
        cells, _ = known.cells
        places = np.split(np.arange(len(known.names)), ends)
        names = [[known.names[i] for i in place] for place in places]
        met = rake_weights(grouped, cells, np.split(known.totals, ends), names)
    else:
        met = calibrate_weights(grouped, known.matrix, known.totals, function=method, bounds=bounds, names=known.names)
    factor = np.divide(met, grouped, out=np.ones_like(met), where=grouped != 0)
    return np.asarray((columns * known.spread(factor, outside=1.0)).reshape(weight.shape))


def response_weights(weight: Floats, cell: Ints, responded: Flags, names: tuple[str, ...] = ()) -> Floats:
    """Give the weights of each cell to the rows that answered; rows with cell −1 keep theirs.

    Parameters
    ----------
    weight
        (n,) or (n, R) weights ≥ 0.
    cell
        (n,) index of each row's cell.
    responded
        (n,) whether a row answered.
    names
        Cells as messages name them.

    Raises
    ------
    DesignError
        Nobody with a weight answered in a cell.
    """
    columns = weight.reshape(len(weight), -1)
    inside = cell >= 0
    asked = sum_by(columns[inside], cell[inside], int(cell.max(initial=-1)) + 1)
    answered = np.where(responded[inside, None], columns[inside], 0.0)
    out = columns.astype(np.float64).copy()
    out[inside] = poststratify_weights(answered, cell[inside], asked, names)
    return np.asarray(out.reshape(weight.shape))
