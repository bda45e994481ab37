"""Intervals for a share of a finite population: every method by its formula, and the one that a design calls for.

Notation and sources: `docs/methods.md`, sections “Effective size” to “Which interval”.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.intervals import (
    LEVEL,
    CountInterval,
    beta_binomial_interval,
    check_draw,
    check_level,
    hypergeometric_interval,
    tail_probability,
)
from passgenau.estimation.likelihood import Scoring, likelihood_interval, score
from passgenau.estimation.moments import RowMoments
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Limits = tuple[Floats, Floats]

Method = Literal[
    "hypergeometric",
    "hypergeometric-midp",
    "beta-binomial",
    "korn-graubard",
    "beta",
    "korn-graubard-capped",
    "wilson",
    "logit",
    "xlogit",
    "asin",
    "likelihood",
    "mean",
]
EXACT: frozenset[str] = frozenset(
    {"hypergeometric", "hypergeometric-midp", "beta-binomial"}
)  # results are whole counts
_KORN_GRAUBARD = frozenset({"korn-graubard", "beta", "korn-graubard-capped"})
_NEEDS_SPREAD = frozenset({"logit", "xlogit", "asin"})  # 0/0 where nobody, or everybody, says yes

_KORN_GRAUBARD_TEXT = Text(
    "Exakte Binomialgrenzen nach Korn und Graubard mit wirksamer Fallzahl: Gewichte, Klumpen und die endliche "
    "Grundgesamtheit sind berücksichtigt.",
    "Exact binomial limits by Korn and Graubard with an effective size: weights, clusters and the finite population "
    "are accounted for.",
)
_LOGIT_TEXT = Text(
    "Wald-Grenzen auf der Logit-Skala, zurückgerechnet auf Anteile.",
    "Wald limits on the logit scale, transformed back to shares.",
)

METHODS: dict[Method, Text] = {
    "hypergeometric": Text(
        "Exakte Grenzen nach der hypergeometrischen Verteilung: eine Antwort je Einheit, alle mit gleichem Gewicht, "
        "aus einer Grundgesamtheit bekannter Größe.",
        "Exact limits by the hypergeometric distribution: one answer per unit, all of equal weight, from a population "
        "of known size.",
    ),
    "hypergeometric-midp": Text(
        "Grenzen nach der hypergeometrischen Verteilung, bei denen das Beobachtete nur halb zählt (Mid-P): kürzer als "
        "die exakten, dafür nicht für jeden Anteil sicher.",
        "Limits by the hypergeometric distribution that count what was seen by half (mid-P): shorter than the exact "
        "ones, but not safe for every share.",
    ),
    "beta-binomial": Text(
        "A-posteriori-Grenzen für die Einheiten, die nicht geantwortet haben (Beta-Binomial-Verteilung).",
        "Posterior limits for the units that did not answer (beta-binomial distribution).",
    ),
    "korn-graubard": _KORN_GRAUBARD_TEXT,
    "beta": _KORN_GRAUBARD_TEXT,
    "korn-graubard-capped": Text(
        "Exakte Binomialgrenzen nach Korn und Graubard; die wirksame Fallzahl wird höchstens so groß wie die Zahl der "
        "Antworten angesetzt.",
        "Exact binomial limits by Korn and Graubard; the effective size is taken to be no larger than the number of "
        "answers.",
    ),
    "wilson": Text(
        "Grenzen nach Wilson mit wirksamer Fallzahl (umgekehrter Score-Test).",
        "Wilson limits with an effective size (the score test inverted).",
    ),
    "logit": _LOGIT_TEXT,
    "xlogit": _LOGIT_TEXT,
    "asin": Text(
        "Wald-Grenzen auf der Arkussinus-Skala, zurückgerechnet auf Anteile.",
        "Wald limits on the arcsine scale, transformed back to shares.",
    ),
    "likelihood": Text(
        "Grenzen aus dem umgekehrten Likelihood-Quotienten-Test mit Rao-Scott-Korrektur.",
        "Limits from the likelihood ratio test with Rao and Scott's correction, inverted.",
    ),
    "mean": Text(
        "Symmetrische Wald-Grenzen; bei kleinen Fallzahlen und nahe 0 und 1 zu kurz.",
        "Symmetric Wald limits; too short for small numbers of answers and near 0 and 1.",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The method a design calls for, and the one population it counts in."""

    method: Method
    population: int | None  # units of the population, for counts; None under `korn-graubard`

    @property
    def explanation(self) -> Text:
        """One sentence on the method."""
        return METHODS[self.method]


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its limits, and all that is needed to read it."""

    share: float  # of the population, 0–1
    se: float  # unit of the share
    lower: float
    upper: float
    df: float  # degrees of freedom of the design; inf: normal quantile
    method: Method
    confidence: float
    base: int  # answers, unweighted
    base_units: int  # PSUs among them
    population: float  # units that the domain stands for: the sum of its weights
    count_lower: int | None  # limits as units of the population; None where its size is not known
    count_upper: int | None

    @property
    def explanation(self) -> Text:
        """One sentence on the method."""
        return METHODS[self.method]


def t_quantile(probability: float, df: ArrayLike) -> Floats:
    """Return the quantile of the t distribution; of the normal one where `df` is infinite, NaN where it is not > 0."""
    from scipy.special import ndtri, stdtrit  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    freedom = np.asarray(df, dtype=np.float64)
    usable = np.isfinite(freedom) & (freedom > 0)
    found = np.where(usable, stdtrit(np.where(usable, freedom, 1.0), probability), np.nan)
    return np.asarray(np.where(freedom == np.inf, ndtri(probability), found), dtype=np.float64)


def effective_size(share: ArrayLike, se: ArrayLike, answers: ArrayLike) -> Floats:
    """Return how many answers of a simple draw with replacement would give the same standard error.

    Parameters
    ----------
    share, se
        Shares 0–1 and their standard errors.
    answers
        Answers, unweighted. Stand in where nobody or everybody says yes: the estimated variance is 0 there and
        says nothing.

    Returns
    -------
    p(1 − p)/se²; inf where the variance is 0 although opinions differ (everybody was asked).

    Notes
    -----
    `docs/methods.md#effective-size`. Kish, L. (1965), Survey Sampling, section 8.2.
    """
    p, variance = np.asarray(share, dtype=np.float64), np.asarray(se, dtype=np.float64) ** 2
    spread = p * (1 - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = spread / variance
    return np.asarray(np.where((p <= 0) | (p >= 1), answers, size), dtype=np.float64)


def undefined(method: Method, share: ArrayLike) -> Flags:
    """Return for which shares a method has no limits: logit and arcsine at 0 and 1."""
    p = np.asarray(share, dtype=np.float64)
    return np.asarray(((p <= 0) | (p >= 1)) & (method in _NEEDS_SPREAD))


def proportion_interval(  # noqa: PLR0913 -- what the formulas are made of
    method: str,
    share: ArrayLike,
    se: ArrayLike,
    *,
    answers: ArrayLike,
    df: ArrayLike,
    confidence: float = LEVEL,
    population: int | None = None,
    prior: tuple[float, float] = (0.5, 0.5),
    scoring: Scoring | None = None,
) -> Limits:
    """Return lower and upper limits of shares.

    Parameters
    ----------
    method
        One of `Method`.
    share, se
        Shares (0–1) and their standard errors, finite-population correction included. Numbers or arrays that
        broadcast with each other, `answers` and `df`. NaN gives NaN.
    answers
        Answers, unweighted.
    df
        Degrees of freedom of the design; inf for the normal quantile. Under `korn-graubard` always those of the
        design, because they rescale the effective size.
    confidence
        0–1; half of the error probability lies on either side.
    population
        Units of the one population from which the answers are a simple draw, one per unit. Needed for counts; under
        `wilson` it gives the effective size at 0 and 1; None: no such draw.
    prior
        Of `beta-binomial`: (½, ½) is Jeffreys', (1, 1) the uniform one.
    scoring
        Of `likelihood`, where weights differ: where the fit stopped. Without it every answer weighs the same.

    Returns
    -------
    Two arrays of the common shape (0-dimensional for numbers), shares of the population. Only `mean` may leave 0–1.

    Raises
    ------
    DesignError
        Unknown method; a confidence outside 0–1; logit or arcsine at 0 or 1; counts without a population.

    Notes
    -----
    `docs/methods.md#intervals-from-a-variance`, formula and source for each method.
    """
    name = check_method(method)
    check_level(confidence)
    p, error, n, freedom = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (share, se, answers, df))
    )
    _refuse_undefined(name, p)
    lower, upper = _limits(name, p, error, n, freedom, confidence, population, prior, scoring)
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)


def _limits(  # noqa: PLR0913, PLR0917 -- as `proportion_interval`
    name: Method,
    p: Floats,
    error: Floats,
    n: Floats,
    freedom: Floats,
    confidence: float,
    population: int | None,
    prior: tuple[float, float],
    scoring: Scoring | None,
) -> Limits:
    if name in EXACT:
        return _count_limits(name, p, n, population, confidence, prior)
    upper_tail = (1 + confidence) / 2
    t = t_quantile(upper_tail, freedom)
    if name == "likelihood":
        return _likelihood_limits(p, error, n, t, scoring)
    if name == "wilson":
        return _wilson(p, _wilson_size(p, error, n, population), t)
    if name in _KORN_GRAUBARD:
        size = effective_size(p, error, n)
        inner = (p > 0) & (p < 1)
        size = np.where(inner, size * (t_quantile(upper_tail, n - 1) / t) ** 2, size)
        return _binomial(p, np.minimum(size, n) if name == "korn-graubard-capped" else size, confidence)
    return _TRANSFORMED[name](p, error, t)


def check_method(method: str, also: Sequence[str] = ()) -> Method:
    """Return the method's name; raises DesignError, which lists all names and those `also` possible, where none is."""
    for known in METHODS:
        if method == known:
            return known
    listed = ", ".join([*METHODS, *also])
    raise DesignError(
        Text(
            f"Die Intervallmethode „{method}“ gibt es nicht; möglich: {listed}.",
            f'No interval method "{method}"; possible: {listed}.',
        )
    )


def _refuse_undefined(method: Method, share: Floats) -> None:
    wrong = undefined(method, share)
    if wrong.any():
        value = float(share[wrong].flat[0])
        raise DesignError(
            Text(
                f"Bei einem Anteil von {value:g} hat die Methode „{method}“ keine Grenzen. Bitte „korn-graubard“ oder "
                "„wilson“ wählen oder die Wahl dem Verfahren überlassen.",
                f'At a share of {value:g} the method "{method}" has no limits. Choose "korn-graubard" or "wilson", or '
                "leave the choice to the design.",
            )
        )


def _wald(p: Floats, se: Floats, t: Floats) -> Limits:
    return p - t * se, p + t * se


def _logit(p: Floats, se: Floats, t: Floats) -> Limits:
    from scipy.special import expit, logit  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    middle, half = logit(p), t * se / (p * (1 - p))
    return expit(middle - half), expit(middle + half)


def _asin(p: Floats, se: Floats, t: Floats) -> Limits:
    middle, half = np.arcsin(np.sqrt(p)), t * se / (2 * np.sqrt(p * (1 - p)))
    return np.sin(middle - half) ** 2, np.sin(middle + half) ** 2


_TRANSFORMED: dict[Method, Callable[[Floats, Floats, Floats], Limits]] = {
    "mean": _wald,
    "logit": _logit,
    "xlogit": _logit,
    "asin": _asin,
}


def _wilson_size(p: Floats, se: Floats, n: Floats, population: int | None) -> Floats:
    size = effective_size(p, se, n)
    if population is None:
        return size
    unseen = 1 - n / population
    simple = np.where(unseen > 0, (n - 1) / np.where(unseen > 0, unseen, 1.0), np.inf)
    return np.where((p <= 0) | (p >= 1), simple, size)


def _wilson(p: Floats, size: Floats, t: Floats) -> Limits:
    """Return the shares at which |p − π| = t·√(π(1 − π)/size)."""
    shift = np.where(np.isinf(size), 0.0, t**2 / size)
    middle = (p + shift / 2) / (1 + shift)
    half = np.sqrt(shift * p * (1 - p) + shift**2 / 4) / (1 + shift)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _binomial(p: Floats, size: Floats, confidence: float) -> Limits:
    """Return Clopper and Pearson's limits for a number of answers that need not be whole."""
    from scipy.special import betaincinv  # noqa: PLC0415 -- takes 0.1 s, which `passgenau check` should not pay

    tail = (1 - confidence) / 2
    count = np.where(np.isinf(size), 1.0, size)
    yes, no = count * p, count * (1 - p)
    with np.errstate(invalid="ignore"):
        lower = np.where(p <= 0, 0.0, betaincinv(np.where(p <= 0, 1.0, yes), no + 1, tail))
        upper = np.where(p >= 1, 1.0, betaincinv(yes + 1, np.where(p >= 1, 1.0, no), 1 - tail))
    known = np.isinf(size)
    return np.where(known, p, lower), np.where(known, p, upper)


def _likelihood_limits(p: Floats, se: Floats, n: Floats, t: Floats, scoring: Scoring | None) -> Limits:
    found = [
        likelihood_interval(*one, scoring=scoring)
        for one in zip(p.ravel().tolist(), se.ravel().tolist(), n.ravel().tolist(), t.ravel().tolist(), strict=True)
    ]
    limits = np.array(found, dtype=np.float64).reshape(-1, 2)
    return limits[:, 0].reshape(p.shape), limits[:, 1].reshape(p.shape)


def _count_limits(  # noqa: PLR0913, PLR0917 -- the parts of one formula
    method: Method, p: Floats, n: Floats, population: int | None, confidence: float, prior: tuple[float, float]
) -> Limits:
    if population is None:
        raise DesignError(
            Text(
                f"Die Methode „{method}“ braucht eine Antwort je Einheit aus einer Grundgesamtheit bekannter Größe. "
                "Bei Gewichten oder Klumpen bitte „korn-graubard“ wählen.",
                f'The method "{method}" needs one answer per unit from a population of known size. Under weights or '
                'clusters choose "korn-graubard".',
            )
        )
    pairs = [
        count_interval(method, k, int(m), population, confidence, prior).shares
        for k, m in zip(_counts(p, n).ravel().tolist(), n.ravel().tolist(), strict=True)
    ]
    limits = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return limits[:, 0].reshape(p.shape), limits[:, 1].reshape(p.shape)


def _counts(p: Floats, n: Floats) -> NDArray[np.int64]:
    """Return how many said yes; shares that are no count of the answers were weighted."""
    exact = p * n
    counts = np.rint(exact)
    wrong = ~(np.abs(exact - counts) <= 1e-6 * np.maximum(n, 1))
    if wrong.any():
        share, base = float(p[wrong].flat[0]), float(n[wrong].flat[0])
        raise DesignError(
            Text(
                f"Ein Anteil von {share:.6g} ist keine ganze Zahl von {base:g} Antworten. Exakte Grenzen brauchen "
                "Antworten mit gleichem Gewicht.",
                f"A share of {share:.6g} is no whole number of {base:g} answers. Exact limits need answers of equal "
                "weight.",
            )
        )
    return counts.astype(np.int64)


def count_interval(  # noqa: PLR0913, PLR0917 -- the parts of one formula
    method: Method,
    k: int,
    n: int,
    population: int,
    confidence: float = LEVEL,
    prior: tuple[float, float] = (0.5, 0.5),
) -> CountInterval:
    """Return limits for the number of units with a property by one of `EXACT`; parameters as there.

    Notes
    -----
    `docs/methods.md#which-interval`.
    """
    if method == "hypergeometric":
        return hypergeometric_interval(k, n, population, confidence)
    if method == "hypergeometric-midp":
        return midp_interval(k, n, population, confidence)
    return beta_binomial_interval(k, n, population, confidence, prior)


def midp_interval(k: int, n: int, population: int, confidence: float = LEVEL) -> CountInterval:
    """Return mid-P limits for the number of units with a property, from a draw without replacement.

    Parameters and errors as in `hypergeometric_interval`.

    Notes
    -----
    `docs/methods.md#mid-p`. Both tails count the outcome seen by half (Lancaster 1961, JASA 56, 223–234).
    """
    check_draw(k, n, population)
    check_level(confidence)
    tail = (1 - confidence) / 2
    lower = _smallest_midp(k, n, population, tail)
    return CountInterval(lower, population - _smallest_midp(n - k, n, population, tail), population, float(confidence))


def _smallest_midp(k: int, n: int, population: int, tail: float) -> int:
    """Return the smallest count under which more than k, and half of k, of n is not too unlikely."""

    def half_tail(count: int) -> float:
        beyond = tail_probability(k + 1, n, count, population) if k < n else 0.0
        return (tail_probability(k, n, count, population) + beyond) / 2

    candidates = range(k, population - n + k + 1)
    return candidates[min(bisect_right(candidates, tail, key=half_tail), len(candidates) - 1)]


def count_limits(method: Method, lower: float, upper: float, population: float) -> tuple[int, int]:
    """Return the limits of a share as counts of a population.

    Parameters
    ----------
    lower, upper
        Limits of the share.
    population
        Units of the population.

    Notes
    -----
    `docs/methods.md#limits-as-counts`. Exact methods have whole counts already. All others are rounded outwards, so
    that rounding takes nothing from the coverage, and kept between 0 and the population.
    """
    below, above = lower * population, upper * population
    if method in EXACT:
        return round(below), round(above)
    slack = 1e-9 * max(population, 1.0)  # a whole count that floating point missed by a hair stays whole
    return max(floor(below + slack), 0), min(ceil(above - slack), ceil(population - slack))


def choose_method(equal_draw: int | None) -> Choice:
    """Return the interval method that the design of a domain calls for.

    Parameters
    ----------
    equal_draw
        N, where the domain is one whole stratum (or the whole of a sample without strata) of known size, every row a
        unit of its own, all of equal weight; else None. `Moments.equal_draws` has it.

    Returns
    -------
    Choice
        `hypergeometric` for such a draw, else `korn-graubard`; never Wald.

    Notes
    -----
    `docs/methods.md#which-interval`. Who left the item out is treated like a unit that was not drawn.
    """
    return Choice("korn-graubard" if equal_draw is None else "hypergeometric", equal_draw)


def survey_proportion(  # noqa: PLR0913 -- what a share and its limits depend on
    survey: Survey,
    indicator: Floats,
    *,
    method: str | None = None,
    confidence: float = LEVEL,
    df: float | None = None,
    prior: tuple[float, float] = (0.5, 0.5),
) -> Proportion:
    """Estimate a share and its limits from rows in memory.

    Parameters
    ----------
    survey
        Rows with their design; those inside are the domain.
    indicator
        (n,) 1 for yes, 0 for no, NaN for no answer.
    method
        One of `Method`; None: the one the design calls for (`choose_method`).
    df
        Degrees of freedom; inf for the normal quantile; None: those of the domain. `korn-graubard` always takes the
        latter.

    Raises
    ------
    DesignError
        Nobody in the domain answered; values other than 0, 1 and NaN; a method that the design does not allow.

    Notes
    -----
    `docs/methods.md#intervals-from-a-variance`.
    """
    used = survey.inside & (survey.weight > 0)
    answered = used & ~np.isnan(indicator)
    _check_indicator(indicator[survey.inside], answered)
    weight = np.where(answered, survey.weight, 0.0)
    value = np.where(answered, indicator, 0.0)
    total = float(weight.sum())
    share = _share(value[answered], weight[answered])
    influence = np.where(answered, (value - share) / total, 0.0)
    variance = float(survey.restrict(answered).covariance(influence)[0, 0])
    choice = choose_method(_equal_draw(survey))
    name = check_method(method) if method is not None else choice.method
    own = float(survey.degrees_of_freedom())
    freedom = own if df is None or name in _KORN_GRAUBARD else df
    base = int(answered.sum())
    se = float(np.sqrt(variance)) if 0 < share < 1 else 0.0
    low, high = proportion_interval(
        name,
        share,
        se,
        answers=base,
        df=freedom,
        confidence=confidence,
        population=choice.population,
        prior=prior,
        scoring=score(value[answered], weight[answered] / survey.weight[used].mean()) if name == "likelihood" else None,
    )
    lower, upper = float(low), float(high)
    size = float(survey.weight[survey.inside].sum())
    population = size if choice.population is None else choice.population
    counts = _known_counts(name, (lower, upper), survey, population)
    units = len(np.unique(survey.psu[answered]))
    return Proportion(share, se, lower, upper, freedom, name, confidence, base, units, size, *counts)


def _share(value: Floats, weight: Floats) -> float:
    """Return the weighted share; exactly 0 or 1 where all agree, whatever the weights round to."""
    if (value == value[0]).all():
        return float(value[0])
    return float(weight @ value / weight.sum())


def _check_indicator(inside: Floats, answered: Flags) -> None:
    if not answered.any():
        raise DesignError(Text("Niemand hat geantwortet.", "Nobody answered."))
    wrong = inside[~np.isnan(inside) & (inside != 0) & (inside != 1)]
    if len(wrong):
        raise DesignError(
            Text(
                f"Ein Anteil zählt 1 (ja) und 0 (nein); gefunden wurde {wrong[0]:g}.",
                f"A share counts 1 (yes) and 0 (no); found was {wrong[0]:g}.",
            )
        )


def _equal_draw(survey: Survey) -> int | None:
    domain = np.where(survey.inside, 0, -1)
    return RowMoments(survey, ({},), np.ones((survey.rows, 1)), domain).equal_draws[0]


def _known_counts(
    name: Method, limits: tuple[float, float], survey: Survey, population: float
) -> tuple[int, int] | tuple[None, None]:
    """Return the limits as counts, where the size of the population is known."""
    if not survey.structure.finite:
        return None, None
    return count_limits(name, *limits, population)
