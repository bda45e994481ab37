"""From moments to estimates: standard errors, limits, design effects, bases, and the words that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from passgenau.errors import DesignError
from passgenau.estimation.estimates import Estimate, Estimates
from passgenau.estimation.quantities import EVERYONE, evaluate, gradients, simple_variance
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.moments import Moments
    from passgenau.estimation.quantities import Quantity
    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """How limits are made.

    Attributes
    ----------
    method
        For shares a key of `proportions.METHODS`, for other numbers `t` or `z` (the normal quantile); None: chosen
        by the design.
    confidence
        0–1.
    """

    method: str | None = None
    confidence: float = 0.95


def finish(  # noqa: PLR0913 -- the parts of a question to the data
    moments: Moments,
    quantities: Sequence[Quantity],
    limits: Limits,
    *,
    engine: str,
    covariance: bool,
) -> Estimates:
    """Return the estimates of all quantities in all domains, domains running fastest.

    Parameters
    ----------
    covariance
        Whether the covariance of all estimates is wanted.

    Raises
    ------
    DesignError
        No row belongs to the domain, nobody answered an item, or a stratum has a single PSU.
    """
    _check_answers(moments, quantities)
    totals = moments.totals
    values = evaluate(quantities, totals)
    slopes = gradients(quantities, totals)
    matrix = moments.covariance(slopes) if covariance else None
    variances = moments.variances(slopes) if matrix is None else np.diag(matrix).reshape(values.T.shape).T
    rows: list[Estimate] = []
    units = {quantity.base: moments.units(quantity.base) for quantity in quantities}
    for q, quantity in enumerate(quantities):
        simple = simple_variance(quantity, totals, moments.answers[:, quantity.base])
        for d, by in enumerate(moments.domains):
            facts = _Facts(
                value=float(values[d, q]),
                variance=float(variances[d, q]),
                simple=float(simple[d]),
                answers=int(moments.answers[d, quantity.base]),
                units=int(units[quantity.base][d]),
                df=float(moments.degrees_of_freedom[d]),
                size=float(totals[d, EVERYONE]),
                equal_draw=moments.equal_draws[d],
            )
            rows.append(_estimate(quantity, by, facts, limits))
    used = tuple(dict.fromkeys(row.method for row in rows))
    return Estimates(tuple(rows), matrix, _sentence(used), _assumptions(moments), engine)


@dataclass(frozen=True, slots=True)
class _Facts:
    """One quantity in one domain, before limits are drawn."""

    value: float
    variance: float
    simple: float  # the variance of a simple random draw of as many answers
    answers: int
    units: int
    df: float
    size: float  # units of the population: the sum of the domain's weights
    equal_draw: int | None  # N, where the domain is one stratum of known size, drawn with equal chances


def _check_answers(moments: Moments, quantities: Sequence[Quantity]) -> None:
    if not len(moments.domains) or not moments.answers[:, EVERYONE].any():
        raise DesignError(
            Text(
                "Keine Zeile erfüllt die Bedingung; es gibt nichts zu schätzen.",
                "No row meets the condition; there is nothing to estimate.",
            )
        )
    for quantity in quantities:
        if not moments.answers[:, quantity.base].any():
            raise DesignError(
                Text(
                    f"„{quantity.item}“: Niemand, dessen Gewicht zählt, hat geantwortet.",
                    f'"{quantity.item}": nobody whose weight counts has answered.',
                )
            )


def _estimate(quantity: Quantity, by: Mapping[str, Label], facts: _Facts, limits: Limits) -> Estimate:
    """Return one row, with limits."""
    nothing = float("nan")
    se = float(np.sqrt(facts.variance)) if facts.answers else nothing
    df = float("inf") if limits.method == "z" else facts.df
    lower = upper = nothing
    method = "none"
    counts: tuple[float | None, float | None] = (None, None)
    if facts.answers and quantity.kind == "proportion" and limits.method not in {"t", "z"}:
        method, lower, upper, counts = _share_limits(quantity, facts, se, limits)
    elif facts.answers:
        method = limits.method or "t"
        reach = float(_quantile(df, limits.confidence)) * se
        lower, upper = facts.value - reach, facts.value + reach
    return Estimate(
        item=quantity.item,
        level=quantity.level,
        by=by,
        kind=quantity.kind,
        estimate=facts.value,
        se=se,
        lower=lower,
        upper=upper,
        df=df,
        deff=facts.variance / facts.simple if facts.simple > 0 else nothing,
        base=facts.answers,
        base_units=facts.units,
        population=facts.size,
        method=method,
        confidence=limits.confidence,
        count_lower=counts[0],
        count_upper=counts[1],
    )


def _quantile(df: float, confidence: float) -> float:
    """Return the two-sided quantile of t, or of the normal distribution where df is infinite; NaN without df."""
    if df < 1:
        return float("nan")
    return float(stats.t.ppf((1 + confidence) / 2, df))


def _share_limits(
    facts: _Facts, se: float, limits: Limits
) -> tuple[str, float, float, tuple[float | None, float | None]]:
    """Return (method, lower, upper, limits as counts) of a share."""
    method = limits.method or ("hypergeometric" if facts.equal_draw else "korn-graubard")
    if method in EXACT:
        return _exact_limits(method, facts, limits.confidence)
    lower, upper = proportion_interval(
        method, facts.value, se, answers=facts.answers, df=facts.df, confidence=limits.confidence
    )
    known = facts.finite and facts.size > 0
    return method, lower, upper, (lower * facts.size, upper * facts.size) if known else (None, None)


_OWN_METHODS = {
    "t": Text(
        "t: Schätzung ± Standardfehler × Quantil der t-Verteilung mit den Freiheitsgraden der Stichprobe.",
        "t: estimate ± standard error × quantile of the t distribution with the design's degrees of freedom.",
    ),
    "z": Text(
        "z: Schätzung ± Standardfehler × Quantil der Normalverteilung; nur für viele PSUs.",
        "z: estimate ± standard error × quantile of the normal distribution; for many PSUs only.",
    ),
    "none": Text("none: ohne Antworten keine Schätzung.", "none: no estimate without answers."),
}


def _sentence(used: Sequence[str]) -> Text:
    """Return one sentence per method that was used."""
    said = [_OWN_METHODS[key] if key in _OWN_METHODS else METHODS[key] for key in used]
    return Text(" ".join(text.de for text in said), " ".join(text.en for text in said))


def _assumptions(moments: Moments) -> tuple[Text, ...]:
    """Return the conditions under which the limits hold."""
    drawn = Text(
        "Die Grenzen gelten, wenn die Antworten einer Zufallsauswahl nach diesem Stichprobenplan gleichen und fehlende "
        "Angaben den vorhandenen ähneln.",
        "The limits hold if the answers resemble a random draw by this design and missing answers resemble those given.",
    )
    if moments.structure.finite:
        size = Text(
            "Die Größe der Grundgesamtheit ist berücksichtigt (Endlichkeitskorrektur).",
            "The size of the population is taken into account (finite population correction).",
        )
    else:
        size = Text(
            "Ohne Angabe der Grundgesamtheit (fpc) gilt sie als unbegrenzt; die Grenzen sind eher zu weit.",
            "Without the size of the population (fpc) it counts as unlimited; the limits are rather too wide.",
        )
    return drawn, size
