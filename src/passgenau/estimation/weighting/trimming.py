"""Trim extreme weights and spread what is cut off. `docs/methods.md#trimming`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError, InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]

_ROUNDS = 1_000


def trim(
    survey: Survey, lower: float = 0.0, upper: float = np.inf, *, strict: bool = False, redistribute: bool = True
) -> Survey:
    """Cut weights at limits; what is cut off is spread evenly over the others, so that the sum stays.

    Parameters
    ----------
    lower, upper
        Limits of the weights, lower < upper. Weights of 0 stay 0.
    strict
        Repeat until no weight lies outside; otherwise the spreading may lift some slightly beyond a limit.
    redistribute
        False: what is cut off is lost, and the sum changes.

    Raises
    ------
    InputError
        Limits that are none.
    DesignError
        No weight lies within the limits, or the sum cannot be kept within them.

    Notes
    -----
    Potter (1990), Proceedings of the Section on Survey Research Methods, ASA, 225–230. Known totals met before are
    no longer met exactly. Limits count as fixed; calibrations before keep their residuals, formed with the weights
    they gave, so the variance does not hide what trimming gave up.
    """
    weight = trim_weights(survey.weight, lower, upper, strict=strict, redistribute=redistribute, inside=survey.inside)
    return replace(survey, weight=weight)


def trim_weights(  # noqa: PLR0913 -- the options of one rule
    weight: Floats,
    lower: float,
    upper: float,
    *,
    strict: bool = False,
    redistribute: bool = True,
    inside: NDArray[np.bool_] | None = None,
) -> Floats:
    """Trim (n,) weights as `trim` does; rows not `inside` and weights of 0 stay as they are."""
    if not 0 <= lower < upper:
        raise InputError.of(
            f"Grenzen {lower:g} und {upper:g}: Die untere ist mindestens 0 und kleiner als die obere.",
            f"Limits {lower:g} and {upper:g}: the lower one is at least 0 and below the upper one.",
        )
    used = weight != 0 if inside is None else inside & (weight != 0)
    current = weight[used]
    total, rows = float(current.sum()), len(current)
    if strict and redistribute and not lower * rows <= total <= upper * rows:
        raise _impossible(total, rows, lower, upper)
    for _ in range(_ROUNDS if strict else 1):
        outside = (current < lower) | (current > upper)
        if not outside.any():
            break
        cut = np.clip(current, lower, upper)
        if redistribute:
            if outside.all():
                raise _impossible(total, rows, lower, upper)
            cut[~outside] += (current - cut).sum() / (~outside).sum()
        current = cut
    out = weight.astype(np.float64).copy()
    # Rounds shrink what is left outside geometrically; the last digits are cut without spreading.
    out[used] = np.clip(current, lower, upper) if strict else current
    return out


def _impossible(total: float, rows: int, lower: float, upper: float) -> DesignError:
    return DesignError(
        Text(
            f"Zwischen {lower:g} und {upper:g} ist kein Platz für die Gewichte: {rows} Zeilen mit der Summe "
            f"{total:.10g}, im Mittel {total / max(rows, 1):.4g}. Grenzen weiten oder auf Verteilen verzichten.",
            f"Between {lower:g} and {upper:g} there is no room for the weights: {rows} rows with the sum "
            f"{total:.10g}, {total / max(rows, 1):.4g} on average. Widen the limits or do without spreading.",
        )
    )
