"""What weights cost and how far they spread. `docs/methods.md#weight-diagnostics`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.weighting.adjustments import Calibration
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightDiagnostics:
    """Figures about weights that are not 0.

    Attributes
    ----------
    rows, zero, negative
        Rows with a weight other than 0; rows with weight 0; rows with a negative one (linear calibration).
    total, mean, minimum, maximum
        Of the weights.
    ratio
        Maximum over minimum; NaN where a weight is negative.
    cv
        Coefficient of variation: standard deviation (divided by rows) over mean.
    largest_share
        The largest weight over the total, 0–1.
    design_effect
        Kish's 1 + cv²: the factor by which unequal weights multiply the variance of a mean that has nothing to do
        with them.
    effective_size
        Kish's (Σw)²/Σw²: as many equally weighted rows would give the same variance.
    """

    rows: int
    zero: int
    negative: int
    total: float
    mean: float
    minimum: float
    maximum: float
    ratio: float
    cv: float
    largest_share: float
    design_effect: float
    effective_size: float

    def records(self) -> list[dict[str, Any]]:
        """Return the figures as one plain dictionary."""
        return [asdict(self)]


@dataclass(frozen=True, slots=True)
class MarginCheck:
    """A known total beside what the weights make of it.

    Attributes
    ----------
    name
        The category (column = category), column of numbers, or N.
    rows
        Rows of the category; of all rows for numbers and N.
    target
        The total in the population.
    before, after
        The weighted sum before the calibration, and under the weights of the survey.
    """

    name: str
    rows: int
    target: float
    before: float
    after: float


def diagnose(weights: Survey | Floats) -> WeightDiagnostics:
    """Describe the weights of a survey's domain, or an array of weights.

    Raises
    ------
    DesignError
        No weight is other than 0, or one is not finite.

    Notes
    -----
    Kish (1965), Survey Sampling, section 11.7; Kish (1992), Journal of Official Statistics 8, 183–200.
    """
    weight = weights if isinstance(weights, np.ndarray) else weights.weight[weights.inside]
    used = weight[weight != 0]
    if not len(used) or not np.isfinite(used).all() or used.sum() <= 0:
        raise DesignError(
            Text("Es gibt keine Gewichte, die sich beschreiben ließen.", "There are no weights to be described.")
        )
    total, squares = float(used.sum()), float((used**2).sum())
    size = total**2 / squares
    low, high = float(used.min()), float(used.max())
    return WeightDiagnostics(
        rows=len(used),
        zero=len(weight) - len(used),
        negative=int((used < 0).sum()),
        total=total,
        mean=total / len(used),
        minimum=low,
        maximum=high,
        ratio=high / low if low > 0 else float("nan"),
        cv=float(np.sqrt(max(len(used) / size - 1, 0.0))),
        largest_share=high / total,
        design_effect=len(used) / size,
        effective_size=size,
    )


def check_margins(survey: Survey) -> tuple[MarginCheck, ...]:
    """Return every total that the survey was calibrated to, with what its weights give now.

    Notes
    -----
    `docs/methods.md#calibration`.
    """
    return tuple(
        row for step in survey.adjustments if isinstance(step, Calibration) for row in _checks(step, survey.weight)
    )


def _checks(step: Calibration, weight: Floats) -> list[MarginCheck]:
    known = step.auxiliary
    counts, before, after = known.sums(np.stack([np.ones_like(weight), step.before, weight], axis=1)).T
    total = int(counts.sum())
    indicator = np.isin(known.matrix, (0.0, 1.0)).all(axis=0)
    rows = np.where(indicator, counts @ known.matrix, total)
    sums = zip(known.names, rows, known.totals, before @ known.matrix, after @ known.matrix, strict=True)
    return [MarginCheck(name, int(n), float(t), float(b), float(a)) for name, n, t, b, a in sums]
