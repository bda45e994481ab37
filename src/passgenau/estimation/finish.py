"""From moments to estimates: standard errors, limits, design effects, bases, and the words that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.estimates import Estimate, Estimates
from passgenau.estimation.proportions import (
    METHODS,
    check_method,
    choose_method,
    count_limits,
    proportion_interval,
    t_quantile,
)
from passgenau.estimation.quantities import EVERYONE, evaluate, gradients, simple_variances
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.moments import Moments
    from passgenau.estimation.quantities import Quantity

    Floats = NDArray[np.float64]

_NAMED = 5  # domains in a note


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


def finish(
    moments: Moments, quantities: Sequence[Quantity], limits: Limits, *, engine: str, covariance: bool
) -> Estimates:
    """Return the estimates of all quantities in all domains, domains running fastest.

    Parameters
    ----------
    covariance
        Whether the covariance of all estimates is wanted.

    Raises
    ------
    DesignError
        No row belongs to a domain, nobody answered an item, a stratum has a single PSU, or the method is unknown or
        does not suit the design.
    """
    _check_answers(moments, quantities)
    slopes = gradients(quantities, moments.totals)
    matrix = moments.covariance(slopes) if covariance else None
    shape = (len(quantities), len(moments.domains))
    variances = moments.variances(slopes).T if matrix is None else np.diag(matrix).reshape(shape)
    facts = _facts(moments, quantities, variances)
    method, lower, upper = _limits(quantities, facts, moments, limits)
    below, above = _counts(quantities, method, lower, upper, moments)
    rows = [
        Estimate(
            item=quantity.item,
            level=quantity.level,
            by=by,
            kind=quantity.kind,
            estimate=float(facts.value[q, d]),
            se=float(facts.se[q, d]),
            lower=float(lower[q, d]),
            upper=float(upper[q, d]),
            df=float(facts.df[q, d]),
            deff=float(facts.effect[q, d]),
            base=int(facts.answers[q, d]),
            base_units=int(facts.units[q, d]),
            population=float(moments.totals[d, EVERYONE]),
            method=str(method[q, d]),
            confidence=limits.confidence,
            count_lower=below[q, d],
            count_upper=above[q, d],
        )
        for q, quantity in enumerate(quantities)
        for d, by in enumerate(moments.domains)
    ]
    return Estimates(
        tuple(rows),
        matrix,
        _sentence([str(name) for name in dict.fromkeys(method.ravel())]),
        _assumptions(moments),
        engine,
        _notes(moments),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What limits are made of; every array has the shape (Q, D)."""

    value: Floats
    se: Floats
    effect: Floats
    answers: Floats
    units: Floats
    df: Floats


def _facts(moments: Moments, quantities: Sequence[Quantity], variances: Floats) -> _Facts:
    value = evaluate(quantities, moments.totals).T
    _check_denominators(quantities, value)
    bases = {quantity.base: moments.units(quantity.base) for quantity in quantities}
    answers = np.stack([moments.answers[:, quantity.base] for quantity in quantities])
    simple = simple_variances(quantities, moments.totals, answers.T).T
    return _Facts(
        value=value,
        se=np.where(np.isnan(value), np.nan, np.sqrt(variances)),
        effect=np.divide(variances, simple, out=np.full(simple.shape, np.nan), where=simple > 0),
        answers=answers,
        units=np.stack([bases[quantity.base] for quantity in quantities]),
        df=np.broadcast_to(moments.degrees_of_freedom.astype(np.float64), value.shape),
    )


def _limits(
    quantities: Sequence[Quantity], facts: _Facts, moments: Moments, limits: Limits
) -> tuple[NDArray[np.str_], Floats, Floats]:
    """Return method, lower and upper limit, each of shape (Q, D)."""
    own = limits.method if limits.method in _OWN_METHODS else None
    chosen = check_method(limits.method, also=("t", "z")) if limits.method is not None and own is None else None
    reach = facts.se * t_quantile((1 + limits.confidence) / 2, np.inf if own == "z" else facts.df)
    lower, upper = facts.value - reach, facts.value + reach
    method = np.full(facts.value.shape, own or "t", dtype="U32")
    if own is None:
        shares = np.array([quantity.kind == "proportion" for quantity in quantities])
        if chosen is not None and not shares.any():
            raise DesignError(
                Text(
                    f"„{chosen}“ gibt Grenzen von Anteilen; für andere Zahlen gibt es t und z.",
                    f'"{chosen}" makes limits of shares; for other numbers there are t and z.',
                )
            )
        for d, equal_draw in enumerate(moments.equal_draws):
            choice = choose_method(equal_draw)
            cells = np.flatnonzero(shares & ~np.isnan(facts.value[:, d]))
            if not len(cells):
                continue
            name = chosen or choice.method
            method[cells, d] = name
            lower[cells, d], upper[cells, d] = proportion_interval(
                name,
                facts.value[cells, d],
                facts.se[cells, d],
                answers=facts.answers[cells, d],
                df=facts.df[cells, d],
                confidence=limits.confidence,
                population=choice.population,
            )
    if moments.structure.complete:  # what all units answered is known, 0 and 1 included
        known = facts.answers == moments.answers[:, EVERYONE]
        lower, upper = np.where(known, facts.value, lower), np.where(known, facts.value, upper)
    method[np.isnan(facts.value)] = "none"
    return method, lower, upper


def _counts(
    quantities: Sequence[Quantity], method: NDArray[np.str_], lower: Floats, upper: Floats, moments: Moments
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the limits of shares as counts of the population where its size is known, else None; (Q, D) each."""
    below, above = np.full(lower.shape, None), np.full(upper.shape, None)
    if not moments.structure.finite:
        return below, above
    for q, quantity in enumerate(quantities):
        for d, equal_draw in enumerate(moments.equal_draws):
            if quantity.kind != "proportion" or not np.isfinite(lower[q, d]):
                continue
            size = equal_draw or float(moments.totals[d, EVERYONE])
            low, high, name = float(lower[q, d]), float(upper[q, d]), str(method[q, d])
            found = (
                (low * size, high * size) if name in _OWN_METHODS else count_limits(check_method(name), low, high, size)
            )
            below[q, d], above[q, d] = found
    return below, above


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


def _check_denominators(quantities: Sequence[Quantity], value: Floats) -> None:
    """Raise DesignError where a ratio has no denominator in any domain; who gives no answer was refused before."""
    for quantity, values in zip(quantities, value, strict=True):
        if quantity.kind == "ratio" and np.isnan(values).all():
            below = quantity.item.rpartition("/")[2]
            raise DesignError(
                Text(
                    f"„{quantity.item}“: Der Nenner „{below}“ ist in der Summe 0; durch 0 lässt sich nicht teilen.",
                    f'"{quantity.item}": the denominator "{below}" sums to 0, by which nothing can be divided.',
                )
            )


_OWN_METHODS = {
    "t": Text(
        "t: Schätzung ± Standardfehler × Quantil der t-Verteilung mit den Freiheitsgraden der Stichprobe.",
        "t: estimate ± standard error × quantile of the t distribution with the design's degrees of freedom.",
    ),
    "z": Text(
        "z: Schätzung ± Standardfehler × Quantil der Normalverteilung; nur für viele PSUs.",
        "z: estimate ± standard error × quantile of the normal distribution; for many PSUs only.",
    ),
    "none": Text(
        "none: ohne Antworten oder mit einem Nenner von 0 keine Schätzung.",
        "none: no estimate without answers, or with a denominator of 0.",
    ),
}


def _sentence(used: Sequence[str]) -> Text:
    """Return one sentence per method that was used."""
    said = [_OWN_METHODS[key] if key in _OWN_METHODS else METHODS[check_method(key)] for key in used]
    return Text(" ".join(text.into("de") for text in said), " ".join(text.into("en") for text in said))


def _notes(moments: Moments) -> tuple[Text, ...]:
    """Name the domains that lie in one PSU of each stratum, from which no spread can be seen."""
    if moments.structure.complete:
        return ()
    alone = [by for by, df in zip(moments.domains, moments.degrees_of_freedom, strict=True) if df <= 0]
    if not alone:
        return ()
    listed = "; ".join(", ".join(f"{name} = {value}" for name, value in by.items()) for by in alone[:_NAMED])
    more = " …" if len(alone) > _NAMED else ""
    where = Text(f"{listed}{more}: ", f"{listed}{more}: ") if listed else Text("", "")
    return (
        Text(
            f"{where.de}Die Antworten kommen je Schicht aus einer einzigen Auswahleinheit (PSU). Wie weit die Wahrheit "
            "davon abliegt, lässt sich daraus nicht sehen; der Standardfehler sagt hier nichts.",
            f"{where.en}The answers come from a single unit (PSU) per stratum. How far the truth lies from them cannot "
            "be seen; the standard error says nothing here.",
        ),
    )


def _assumptions(moments: Moments) -> tuple[Text, ...]:
    """Return the conditions under which the limits hold."""
    drawn = Text(
        "Die Grenzen gelten, wenn die Antworten einer Zufallsauswahl nach diesem Stichprobenplan gleichen und fehlende "
        "Angaben den vorhandenen ähneln.",
        "The limits hold if the answers resemble a random draw by this design and missing answers those given.",
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
