"""Quantiles of a finite population from weighted answers, with limits from the estimated distribution function.

`docs/methods.md`, sections “Quantiles” and “Limits of quantiles”. Rows in memory go through `quantile`. Data of any
size need three steps: the weights summed per value (`Distribution.of`), the estimated share of rows at or below each
quantile, and `woodruff`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.estimates import Estimate, Estimates
from passgenau.estimation.intervals import LEVEL, check_level
from passgenau.estimation.proportions import METHODS, proportion_interval, t_quantile, undefined
from passgenau.estimation.variables import domains
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from passgenau.estimation.proportions import Method
    from passgenau.estimation.sums import Label
    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Rule = Literal["math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
Interval = Literal["korn-graubard", "beta", "wilson", "logit", "xlogit", "asin", "mean"]
Ties = Literal["weight", "rows"]

_SHIFTS = {  # rule: (part of wₖ taken from Cₖ, part of wₙ added to Cₙ)
    "hf4": (0.0, 0.0),
    "hf5": (1 / 2, 0.0),
    "hf6": (0.0, 1.0),
    "hf8": (1 / 3, 1 / 3),
    "hf9": (3 / 8, 1 / 4),
}


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Values in rising order with their weights > 0 and the weights summed up to each."""

    values: Floats  # (m,)
    weight: Floats  # (m,)
    cumulated: Floats  # (m,) Σ of `weight` up to and with each value

    @classmethod
    def of(cls, values: Floats, weight: Floats, ties: Ties = "weight") -> Distribution:
        """Sort values and sum their weights; rows, or one entry per distinct value.

        Parameters
        ----------
        values, weight
            (n,) numbers without gaps and weights ≥ 0. Entries of weight 0 are left out.
        ties
            The order of equal values, which only the continuous rules notice: `weight` puts the heaviest first, so
            that the order of rows does not matter; `rows` keeps that order.

        Raises
        ------
        DesignError
            No value has a weight.
        """
        used = weight > 0
        if not used.any():
            raise DesignError(Text("Niemand hat geantwortet.", "Nobody answered."))
        x, w = values[used], weight[used]
        order = np.lexsort((-w, x)) if ties == "weight" else np.argsort(x, kind="stable")
        return cls(x[order], w[order], exact_cumulated(w[order]))

    @property
    def shares(self) -> Floats:
        """(m,) the estimated distribution function at each value."""
        return np.asarray(self.cumulated / self.cumulated[-1], dtype=np.float64)


def exact_cumulated(weight: Floats) -> Floats:
    """Return running sums, each rounded once.

    Parameters
    ----------
    weight
        (n,) numbers ≥ 0.

    Notes
    -----
    Whether F(x) equals p decides between two neighbours; rounding errors of a plain sum would decide at random. Each
    number is split into two multiples of powers of two whose sums are exact.
    """
    bits = 51 - int(np.ceil(np.log2(len(weight) + 1)))
    unit = 2.0 ** (np.frexp(weight.max())[1] - bits)
    high = np.rint(weight / unit) * unit
    rest = weight - high
    finer = unit * 2.0**-bits
    low = np.rint(rest / finer) * finer
    return np.asarray(np.cumsum(high) + (np.cumsum(low) + np.cumsum(rest - low)), dtype=np.float64)


def quantile_from_distribution(distribution: Distribution, probs: ArrayLike, rule: str = "math") -> Floats:
    """Return weighted quantiles.

    Parameters
    ----------
    distribution
        Values with their weights; one entry per distinct value is enough for `math`, `school`, `hf1`, `hf2`, `hf3`,
        the other rules need one per row.
    probs
        Probabilities. NaN and numbers outside 0–1 give NaN.
    rule
        One of `Rule`.

    Returns
    -------
    Array of the shape of `probs`, in units of the values.

    Raises
    ------
    DesignError
        Unknown rule.

    Notes
    -----
    `docs/methods.md#quantiles`. Hyndman, R. J. & Fan, Y. (1996), The American Statistician 50, 361–365.
    """
    name = check_rule(rule)
    p = np.asarray(probs, dtype=np.float64)
    inside = (p >= 0) & (p <= 1)
    safe = np.where(inside, p, 0.5)
    if name in {"math", "hf1", "school", "hf2", "hf3"}:
        found = _discrete(distribution, safe, name)
    elif name == "shahvaish":
        found = _shah_vaish(distribution, safe)
    else:
        found = np.interp(safe, _positions(distribution, name), distribution.values)
    return np.asarray(np.where(inside, found, np.nan), dtype=np.float64)


def check_rule(rule: str) -> Rule:
    """Return the rule's name; raises DesignError where there is no such rule."""
    for known in get_args(Rule):
        if rule == known:
            return known  # type: ignore[no-any-return]
    listed = ", ".join(get_args(Rule))
    raise DesignError(
        Text(
            f"Die Quantilregel „{rule}“ gibt es nicht; möglich: {listed}.",
            f'No quantile rule "{rule}"; possible: {listed}.',
        )
    )


def _discrete(distribution: Distribution, p: Floats, rule: Rule) -> Floats:
    """Return the smallest value with F(x) ≥ p; where F(x) = p, what the rule says about the next value."""
    values, last = np.unique(distribution.values, return_index=True)
    shares = distribution.shares[np.append(last[1:], len(distribution.values)) - 1]
    at = np.minimum(np.searchsorted(shares, p, side="left"), len(values) - 1)
    if rule in {"math", "hf1"}:
        return np.asarray(values[at])
    following = np.minimum(at + 1, len(values) - 1)
    exact = shares[at] == p
    if rule == "hf3":
        return np.asarray(values[np.where(exact & (at % 2 == 0), following, at)])  # counted from 1: the even one
    return np.asarray(np.where(exact, (values[at] + values[following]) / 2, values[at]))


def _shah_vaish(distribution: Distribution, p: Floats) -> Floats:
    size = len(distribution.values)
    scale = size / distribution.cumulated[-1]
    shares = (scale * (distribution.cumulated - distribution.weight / 2) + 0.5) / (size + 1)
    at = np.minimum(np.searchsorted(shares, p, side="left"), size - 1)
    return np.asarray(distribution.values[at])


def _positions(distribution: Distribution, rule: Rule) -> Floats:
    """Return the probability at which each value stands; the quantile is interpolated between them."""
    total, weight, last = distribution.cumulated, distribution.weight, distribution.weight[-1]
    if rule != "hf7":
        part, more = _SHIFTS[rule]
        return np.asarray((total - part * weight) / (total[-1] + more * last))
    if len(total) == 1:
        return np.zeros(1)
    return np.asarray(np.concatenate([[0.0], total[:-1]]) / total[-2])


def woodruff(  # noqa: PLR0913 -- what the limits depend on
    distribution: Distribution,
    share: ArrayLike,
    se: ArrayLike,
    *,
    answers: ArrayLike,
    df: ArrayLike,
    rule: str = "math",
    interval: str = "beta",
    confidence: float = LEVEL,
) -> tuple[Floats, Floats, Floats]:
    """Return lower and upper limits of quantiles, and standard errors from their distance.

    Parameters
    ----------
    distribution
        As for `quantile_from_distribution`.
    share, se
        The estimated share of the population at or below each quantile, and its standard error under the design.
    answers, df
        Answers, unweighted; degrees of freedom (inf: normal quantile).
    rule
        One of `Rule`, that of the quantile.
    interval
        How limits of the share are made, one of `Interval`.

    Returns
    -------
    Three arrays of the shape of `share`. A limit is NaN where the limit of the share is outside 0–1 or does not exist
    (`mean`, logit and arcsine where all are at or below the quantile): the data do not reach that far.

    Raises
    ------
    DesignError
        Unknown rule or interval.

    Notes
    -----
    `docs/methods.md#limits-of-quantiles`. Woodruff, R. S. (1952), JASA 47, 635–646; Francisco, C. A. & Fuller, W. A.
    (1991), Annals of Statistics 19, 454–469. The standard error is the distance of the limits over 2·t.
    """
    method = check_interval(interval)
    p = np.asarray(share, dtype=np.float64)
    silent = undefined(method, p) | ((p >= 1) & (method == "mean"))  # a standard error of 0 is not certainty there
    usable = np.where(silent, np.nan, p)
    lower, upper = proportion_interval(method, usable, se, answers=answers, df=df, confidence=confidence)
    low, high = (quantile_from_distribution(distribution, limit, rule) for limit in (lower, upper))
    return low, high, (high - low) / (2 * t_quantile((1 + confidence) / 2, df))


def check_interval(interval: str) -> Method:
    """Return the interval's name; raises DesignError where there is no such interval for quantiles."""
    for known in get_args(Interval):
        if interval == known:
            return known  # type: ignore[no-any-return]
    listed = ", ".join(get_args(Interval))
    raise DesignError(
        Text(
            f"Für Quantile gibt es die Intervallmethode „{interval}“ nicht; möglich: {listed}.",
            f'No interval method "{interval}" for quantiles; possible: {listed}.',
        )
    )


def quantile(  # noqa: PLR0913 -- one keyword per part of the question
    survey: Survey,
    column: str,
    probs: Sequence[float],
    *,
    rule: str = "math",
    interval: str = "beta",
    confidence: float = LEVEL,
    df: float | None = None,
    by: Sequence[str] = (),
    ties: Ties = "weight",
) -> Estimates:
    """Estimate quantiles of a column from rows in memory, in every domain, with limits.

    Parameters
    ----------
    survey
        Rows with their design; those inside are the whole.
    column
        Numbers; who gave none is left out.
    probs
        Probabilities strictly between 0 and 1.
    rule
        How a quantile between two answers is defined, one of `Rule`.
    interval
        How limits of the share at or below a quantile are made, one of `Interval`.
    df
        Degrees of freedom; inf for the normal quantile; None: those of the rows that
        answered.
    by
        Columns whose combinations are the domains.
    ties
        See `Distribution.of`.

    Returns
    -------
    Estimates
        Rows in the order probabilities × domains; `level` is the probability. A limit is NaN where the data do not
        reach that far; `notes` say so. Where a domain has no answers its numbers are NaN.

    Raises
    ------
    InputError
        A column does not exist or holds words.
    DesignError
        Nobody answered; a probability outside 0–1; an unknown rule or interval.

    Notes
    -----
    `docs/methods.md#quantiles`.
    """
    check_level(confidence)
    question = _Question(column, _check_probs(probs), check_rule(rule), check_interval(interval), confidence, df, ties)
    values = survey.numbers(column)
    labels, index = domains(survey.table, tuple(by), survey.inside)
    if not (survey.inside & ~np.isnan(values) & (survey.weight > 0)).any():
        raise DesignError(
            Text(f"„{column}“: Niemand hat geantwortet.", f'"{column}": nobody answered.'),
        )
    parts = [_of_domain(survey.restrict(index == d), values, label, question) for d, label in enumerate(labels)]
    rows = tuple(part[p] for p in range(len(question.probs)) for part in parts)
    return Estimates(rows, None, _sentence(question.interval), _ASSUMPTIONS, "memory", _notes(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """What is asked of a column."""

    column: str
    probs: Floats
    rule: Rule
    interval: Method
    confidence: float
    df: float | None
    ties: Ties


def _check_probs(probs: Sequence[float]) -> Floats:
    levels = np.asarray(probs, dtype=np.float64)
    wrong = levels[~((levels > 0) & (levels < 1))]
    if not levels.size or wrong.size:
        shown = f"{wrong[0]:g}" if wrong.size else "–"
        raise DesignError(
            Text(
                f"Ein Quantil braucht eine Wahrscheinlichkeit zwischen 0 und 1, zum Beispiel 0.5; gefunden: {shown}.",
                f"A quantile needs a probability between 0 and 1, for example 0.5; found: {shown}.",
            )
        )
    return levels


def _of_domain(survey: Survey, values: Floats, by: Mapping[str, Label], question: _Question) -> list[Estimate]:
    answered = survey.inside & ~np.isnan(values) & (survey.weight > 0)
    base = int(answered.sum())
    freedom = float(survey.degrees_of_freedom(answered)) if question.df is None else float(question.df)
    found = _numbers(survey, values, answered, freedom, question) if base else np.full((4, len(question.probs)), np.nan)
    units, population = len(np.unique(survey.psu[answered])), float(survey.weight[survey.inside].sum())
    return [
        Estimate(
            item=question.column,
            level=f"{prob:g}",
            by=by,
            kind="quantile",
            estimate=value,
            se=se,
            lower=lower,
            upper=upper,
            df=freedom,
            deff=float("nan"),
            base=base,
            base_units=units,
            population=population,
            method=question.interval,
            confidence=question.confidence,
        )
        for prob, (value, lower, upper, se) in zip(question.probs, found.T.tolist(), strict=True)
    ]


def _numbers(survey: Survey, values: Floats, answered: Flags, df: float, question: _Question) -> Floats:
    """Return a (4, probabilities) array: quantiles, lower and upper limits, standard errors."""
    distribution = Distribution.of(values[answered], survey.weight[answered], question.ties)
    found = quantile_from_distribution(distribution, question.probs, question.rule)
    share, se = shares_below(survey, values, answered, found)
    limits = woodruff(
        distribution,
        share,
        se,
        answers=int(answered.sum()),
        df=df,
        rule=question.rule,
        interval=question.interval,
        confidence=question.confidence,
    )
    return np.stack([found, *limits])


def shares_below(survey: Survey, values: Floats, answered: Flags, at: Floats) -> tuple[Floats, Floats]:
    """Return the share of the population at or below some numbers, and its standard error.

    Parameters
    ----------
    values
        (n,) the column.
    answered
        (n,) which rows count.
    at
        (k,) numbers.
    """
    weight = np.where(answered, survey.weight, 0.0)
    total = weight.sum()
    below = (values[:, None] <= at) & answered[:, None]
    share = weight @ below / total
    share[below[answered].all(axis=0)] = 1.0  # whatever the weights round to
    influence = np.where(answered[:, None], (below - share) / total, 0.0)
    variance = np.diag(survey.restrict(answered).covariance(influence))
    return share, np.sqrt(variance)


_ASSUMPTIONS = (
    Text(
        "Die Antworten ähneln einer Zufallsauswahl nach dem angegebenen Stichprobenplan.",
        "The answers resemble a random draw by the design that was given.",
    ),
)


def _sentence(method: Method) -> Text:
    how = METHODS[method]
    return Text(
        f"Grenzen des Anteils, der höchstens das Quantil erreicht, zurückgelesen an der geschätzten Verteilung "
        f"(Woodruff). {how.de}",
        f"Limits of the share at or below the quantile, read back off the estimated distribution (Woodruff). {how.en}",
    )


def _notes(rows: Sequence[Estimate]) -> tuple[Text, ...]:
    """Say which quantiles have no limit because the data do not reach that far."""
    levels = dict.fromkeys(
        row.level for row in rows if row.base and (np.isnan(row.lower) or np.isnan(row.upper)) and row.level
    )
    if not levels:
        return ()
    listed = ", ".join(levels)
    return (
        Text(
            f"Für die Quantile {listed} reichen die Antworten nicht bis an jede Grenze; wo keine steht, ist sie offen.",
            f"For the quantiles {listed} the answers do not reach every limit; where none stands it is open.",
        ),
    )
