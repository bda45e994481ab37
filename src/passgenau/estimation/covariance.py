"""The variance of totals from a stratified sample of units, in one or more stages.

`docs/methods.md`, section “Variance”. Source: Särndal, Swensson & Wretman (1992), Model Assisted Survey
Sampling, sections 3.7 and 4.3; for the stages after the first, Bellhouse (1985), Journal of Official
Statistics 1(3), 323–329.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.design import Lonely, Stage, Structure

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def sum_by(values: Floats, index: Ints, size: int) -> Floats:
    """Sum rows that share an index: (n, M) and (n,) give (size, M)."""
    out = np.empty((size, values.shape[1]))
    for column in range(values.shape[1]):
        out[:, column] = np.bincount(index, weights=values[:, column], minlength=size)
    return out


def deviations(totals: Floats, structure: Structure, members: Flags | None = None) -> Floats:
    """Return a matrix E with EᵀE the covariance of the summed totals.

    Parameters
    ----------
    totals
        (units of the last stage, M) weighted totals per unit, 0 for units without members of the domain.
    structure
        The design; `stages` from the PSUs down.
    members
        (PSUs,) whether a PSU has members of the domain; only read under `structure.lonely_domain` and the rules
        `adjust` and `average`.

    Returns
    -------
    Array of shape (rows, M): the centred totals of every stage, each scaled by the root of its factor.

    Raises
    ------
    DesignError
        A stratum has a single PSU and the rule is `fail`.
    """
    levels = [totals]
    for stage in reversed(structure.stages[1:]):
        levels.append(sum_by(levels[-1], stage.parent, len(stage.drawn)))
    levels.reverse()
    share = np.ones(len(structure.stages[0].drawn))  # the part of each parent's variance that this stage carries
    parts = []
    for depth, (stage, values) in enumerate(zip(structure.stages, levels, strict=True)):
        narrow = depth == 0 and structure.lonely_domain and structure.lonely in {"adjust", "average"}
        count = _members(stage, members) if narrow and members is not None else stage.drawn
        names = structure.strata if depth == 0 else None
        parts.append(_within(stage, values, share, count, structure.lonely, names))
        share = (share * stage.fraction)[stage.parent]
    return np.concatenate(parts)


def covariance(totals: Floats, structure: Structure, members: Flags | None = None) -> Floats:
    """Return the (M, M) covariance matrix of the summed totals; parameters as in `deviations`."""
    scaled = deviations(totals, structure, members)
    return np.asarray(scaled.T @ scaled, dtype=np.float64)


def variance(totals: Floats, structure: Structure, members: Flags | None = None) -> Floats:
    """Return the (M,) variances of the summed totals; parameters as in `deviations`."""
    return np.asarray((deviations(totals, structure, members) ** 2).sum(axis=0), dtype=np.float64)


def factors(drawn: Ints, population: Floats) -> Floats:
    """Return (1 − n/N)·n/(n − 1) per parent; 0 where fewer than two units were drawn."""
    n = drawn.astype(np.float64)
    return np.where(drawn > 1, (1 - n / population) * n / np.maximum(n - 1, 1), 0.0)


def check_lonely(single: Flags, rule: Lonely, names: tuple[str, ...] | None) -> None:
    """Raise DesignError where a parent has a single unit and the rule is `fail`."""
    if rule != "fail" or not single.any():
        return
    listed = [names[i] for i in np.flatnonzero(single)] if names else []
    shown = ", ".join(listed[:3]) + (" …" if len(listed) > 3 else "")  # noqa: PLR2004 -- enough to find them
    who = Text(f"Schicht {shown} hat", f"Stratum {shown} has") if listed else Text("Eine PSU hat", "A PSU has")
    raise DesignError(
        Text(
            f"{who.de} nur eine gezogene Einheit; ihre Varianz ist nicht schätzbar. Schichten zusammenlegen oder "
            "eine Regel wählen: remove, certainty, adjust, average.",
            f"{who.en} a single drawn unit; its variance cannot be estimated. Merge strata or choose a rule: "
            "remove, certainty, adjust, average.",
        )
    )


def _members(stage: Stage, members: Flags) -> Ints:
    """Return how many units of each parent have members of the domain."""
    return np.bincount(stage.parent, weights=members, minlength=len(stage.drawn)).astype(np.int64)


def _average(count: Ints, single: Flags) -> float:
    """Return by what strata are scaled up where lonely ones count as the average of the others."""
    others = (count > 0) & ~single
    if not others.any():
        raise DesignError(
            Text(
                "Die Regel „average“ braucht mindestens eine Schicht mit zwei Einheiten.",
                'The rule "average" needs at least one stratum with two units.',
            )
        )
    return float((count > 0).sum() / others.sum())


def _within(  # noqa: PLR0913, PLR0917 -- the parts of one formula
    stage: Stage, values: Floats, share: Floats, count: Ints, rule: Lonely, names: tuple[str, ...] | None
) -> Floats:
    """Return the centred and scaled totals of one stage; `count` says how many units of each parent are looked at."""
    single = (count == 1) & (stage.population > stage.drawn)
    check_lonely(single, rule, names)
    means = sum_by(values, stage.parent, len(stage.drawn)) / np.maximum(stage.drawn, 1)[:, None]
    scale = share * factors(stage.drawn, stage.population)
    if single.any():
        if rule == "adjust":
            means[single] = values.mean(axis=0)
            alone = single & (stage.drawn == 1)
            scale[alone] = (share * (1 - stage.fraction))[alone]
        else:
            scale[single] = 0.0
        if rule == "average":
            scale *= _average(count, single)
    return np.asarray((values - means[stage.parent]) * np.sqrt(scale)[stage.parent][:, None])
