"""Ordered categories explained by terms: the proportional odds model and its relatives.

`docs/methods.md#proportional-odds`. Sources: McCullagh (1980), Journal of the Royal Statistical Society B 42, 109–142
(model); Binder (1983), International Statistical Review 51, 279–292 (variance under a sampling design).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from scipy.special import expit, logit, ndtr, ndtri

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.fitting import check_confidence, coefficient_table, complete_rows, occurring, spread
from passgenau.estimation.model_matrix import codes_of, levels_of, model_matrix
from passgenau.estimation.newton import Point, minimise, orthonormal, runaway, triangle
from passgenau.estimation.regression import ASSUMPTIONS
from passgenau.estimation.survey import Survey
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.fitting import Coefficient
    from passgenau.estimation.replicates import ReplicateSurvey

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Function = Callable[[Floats], Floats]

_FEWEST, _MOST = 3, 20  # levels of an outcome
_METHOD = Text(
    "Kumulatives Modell für geordnete Antworten; Intervall mit der t-Verteilung, Varianz nach Binder aus dem "
    "Stichprobenplan.",
    "Cumulative model for ordered answers; interval with the t distribution, Binder's variance from the sampling "
    "design.",
)
_PROPORTIONAL = Text(
    "Jeder Term verschiebt alle Stufen der Antwort gleich stark.",
    "Every term moves all steps of the answer by the same amount.",
)


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalRegression:
    """A fitted model of ordered categories: F⁻¹(P(Y ≤ k)) = threshold k − Σ coefficient × column.

    Attributes
    ----------
    levels
        The categories, lowest first.
    coefficients
        One per column of the model matrix; positive ones go with higher categories.
    thresholds
        One per step, named `lower|upper`.
    covariance
        Of coefficients and thresholds, in this order.
    df
        Degrees of freedom of the design less the number of coefficients.
    deviance
        Minus twice the log-likelihood, with weights of mean 1.
    base
        Rows used, unweighted; `base_units` the PSUs among them.
    population
        The sum of their weights.
    """

    outcome: str
    levels: tuple[str, ...]
    link: str
    coefficients: tuple[Coefficient, ...]
    thresholds: tuple[Coefficient, ...]
    covariance: Floats
    df: float
    deviance: float
    base: int
    base_units: int
    population: float
    confidence: float
    method: Text
    assumptions: tuple[Text, ...]

    def __iter__(self) -> Iterator[Coefficient]:
        return iter((*self.coefficients, *self.thresholds))

    def __len__(self) -> int:
        return len(self.coefficients) + len(self.thresholds)

    def __getitem__(self, name: str) -> Coefficient:
        return next(c for c in self if c.name == name)

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per coefficient and threshold."""
        rest = {"outcome": self.outcome, "link": self.link, "df": self.df, "base": self.base}
        more = {"population": self.population, "confidence": self.confidence, "method": self.method.de}
        return pl.DataFrame([{**asdict(c), **rest, **more} for c in self])

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


class _Law(NamedTuple):
    """A distribution function with its upper tail, density, slope of the density, and quantiles."""

    cdf: Function
    tail: Function
    density: Function
    slope: Function
    quantile: Function


def _logistic_density(x: Floats) -> Floats:
    return np.asarray(expit(x) * expit(-x))


def _normal_density(x: Floats) -> Floats:
    return np.asarray(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))


def _gumbel_density(x: Floats) -> Floats:
    """Return the density of a smallest extreme."""
    return np.asarray(np.exp(x - np.exp(x)))


_LAWS = {
    "logit": _Law(
        expit, lambda x: expit(-x), _logistic_density, lambda x: _logistic_density(x) * (expit(-x) - expit(x)), logit
    ),
    "probit": _Law(ndtr, lambda x: ndtr(-x), _normal_density, lambda x: -x * _normal_density(x), ndtri),
    "cloglog": _Law(
        lambda x: -np.expm1(-np.exp(x)),
        lambda x: np.exp(-np.exp(x)),
        _gumbel_density,
        lambda x: -np.expm1(x) * _gumbel_density(x),
        lambda p: np.log(-np.log1p(-p)),
    ),
    "loglog": _Law(
        lambda x: np.exp(-np.exp(-x)),
        lambda x: -np.expm1(-np.exp(-x)),
        lambda x: _gumbel_density(-x),
        lambda x: np.expm1(-x) * _gumbel_density(-x),
        lambda p: -np.log(-np.log(p)),
    ),
}


class _Likelihood(NamedTuple):
    """The weighted likelihood of ordered answers."""

    matrix: Floats  # (n, p) columns without a constant
    names: tuple[str, ...]  # (p,)
    code: Ints  # (n,) index of each row's level
    steps: int  # levels − 1
    weight: Floats  # (n,)
    law: _Law

    def terms(self, parameters: Floats) -> _Terms:
        """Return the probability of each row's answer, and its logarithm's derivatives by the two edges."""
        width = len(self.names)
        predictor = self.matrix @ parameters[:width]
        threshold = np.concatenate([[0.0], parameters[width:], [0.0]])  # the outer edges are masked below
        a, b = threshold[self.code + 1] - predictor, threshold[self.code] - predictor
        top, bottom = self.code == self.steps, self.code == 0
        cdf_a, tail_a = np.where(top, 1.0, self.law.cdf(a)), np.where(top, 0.0, self.law.tail(a))
        cdf_b, tail_b = np.where(bottom, 0.0, self.law.cdf(b)), np.where(bottom, 1.0, self.law.tail(b))
        share = np.where(cdf_b > 0.5, tail_b - tail_a, cdf_a - cdf_b)  # noqa: PLR2004 -- the middle: small minus small
        first = np.where(top, 0.0, self.law.density(a)) / share, -np.where(bottom, 0.0, self.law.density(b)) / share
        second = np.where(top, 0.0, self.law.slope(a)) / share, -np.where(bottom, 0.0, self.law.slope(b)) / share
        return _Terms(share, first, (second[0] - first[0] ** 2, second[1] - first[1] ** 2, -first[0] * first[1]))

    def scores(self, parameters: Floats) -> Floats:
        """Return (n, p + steps) derivatives of each row's log-likelihood."""
        a, b = self.terms(parameters).first
        step = np.arange(self.steps)
        upper, lower = self.code[:, None] == step, self.code[:, None] == step + 1
        return np.column_stack([-(a + b)[:, None] * self.matrix, upper * a[:, None] + lower * b[:, None]])

    def at(self, parameters: Floats) -> Point:
        """Return loss, slope and curvature; an infinite loss where the thresholds are out of order."""
        terms = self.terms(parameters)
        if not (terms.share > 0).all():
            return Point(np.inf, parameters, np.eye(len(parameters)))
        a, b = (self.weight * part for part in terms.first)
        aa, bb, ab = (-self.weight * part for part in terms.second)
        score = np.concatenate([-(a + b) @ self.matrix, self._by_step(a, b)])
        slopes = self.matrix.T @ ((aa + bb + 2 * ab)[:, None] * self.matrix)
        mixed = -self._by_step((aa + ab)[:, None] * self.matrix, (bb + ab)[:, None] * self.matrix)
        beside = self._by_step(ab, np.zeros_like(ab))[1:]
        steps = np.diag(self._by_step(aa, bb)) + np.diag(beside, 1) + np.diag(beside, -1)
        return Point(-float(self.weight @ np.log(terms.share)), score, np.block([[slopes, mixed.T], [mixed, steps]]))

    def _by_step(self, upper: Floats, lower: Floats) -> Floats:
        """Return (steps, ·) sums of what the upper and lower edges of the rows add to each threshold."""
        above = [upper[self.code == k].sum(axis=0) for k in range(self.steps)]
        below = [lower[self.code == k + 1].sum(axis=0) for k in range(self.steps)]
        return np.asarray(np.array(above) + np.array(below), dtype=np.float64)


class _Terms(NamedTuple):
    """The likelihood of each row in terms of its upper edge a and lower edge b."""

    share: Floats  # (n,) probability of the answer
    first: tuple[Floats, Floats]  # d log share by a and b
    second: tuple[Floats, Floats, Floats]  # by a twice, b twice, and a and b


def ordinal(  # noqa: PLR0913 -- the parts of a model
    survey: Survey | ReplicateSurvey,
    outcome: str,
    terms: Sequence[str],
    *,
    link: str = "logit",
    levels: Mapping[str, Sequence[str]] | None = None,
    confidence: float = 0.95,
) -> OrdinalRegression:
    """Fit a cumulative model to ordered categories by weighted maximum likelihood.

    Parameters
    ----------
    survey
        Rows and design; with replicates the model is fitted anew in each of them. Rows that lack the outcome or a
        term leave the domain, not the design.
    outcome
        A column of three or more ordered categories: in the order of `levels`, of an enumeration, else sorted.
    terms
        As in `model_matrix`; the thresholds take the place of a constant.
    link
        `logit` (proportional odds), `probit`, `cloglog` (P(Y ≤ k) = 1 − exp(−exp(·)), proportional hazards), or
        `loglog` (P(Y ≤ k) = exp(−exp(−·))).
    levels
        Order of categories by column; for terms the first is the reference.
    confidence
        Of the limits, between 0 and 1.

    Raises
    ------
    InputError
        A column or the link is unknown, or the outcome has fewer than 3 or more than 20 levels.
    DesignError
        No row is complete, a term is redundant, or the outcome is predicted perfectly (no finite solution).

    Notes
    -----
    `docs/methods.md#proportional-odds`.
    """
    check_confidence(confidence)
    law = _law(link)
    rows = survey if isinstance(survey, Survey) else survey.survey
    if outcome not in rows.table.columns:
        raise unknown_column(outcome, rows.table.columns)
    used = complete_rows(rows, [outcome, *terms])
    table = rows.table.filter(pl.Series(used))
    order = _outcome_levels(table, outcome, levels)
    matrix = model_matrix(table, terms, levels=occurring(table, terms, levels)).without([0])
    code = codes_of(table[outcome], order).astype(np.int64)
    weight = rows.weight[used] / float(rows.weight[rows.inside].mean())
    likelihood = _Likelihood(matrix.numbers, matrix.names, code, len(order) - 1, weight, law)
    found = maximise(likelihood)
    covariance = _covariance(survey, likelihood, found, used)
    df = survey.degrees_of_freedom(used) - len(matrix.names)
    steps = tuple(f"{lower}|{upper}" for lower, upper in pairwise(order))
    table_of = coefficient_table((*matrix.names, *steps), found, covariance, df, confidence)
    return OrdinalRegression(
        outcome=outcome,
        levels=order,
        link=link,
        coefficients=table_of[: len(matrix.names)],
        thresholds=table_of[len(matrix.names) :],
        covariance=covariance,
        df=df,
        deviance=2 * likelihood.at(found).loss,
        base=int(used.sum()),
        base_units=len(np.unique(rows.psu[used])),
        population=float(rows.weight[used].sum()),
        confidence=confidence,
        method=_METHOD,
        assumptions=(*ASSUMPTIONS, _PROPORTIONAL),
    )


def _covariance(survey: Survey | ReplicateSurvey, likelihood: _Likelihood, found: Floats, used: Flags) -> Floats:
    """Return the covariance of all parameters: from their influence, or from replicates."""
    if isinstance(survey, Survey):
        mean_weight = float(survey.weight[survey.inside].mean())
        bread = np.linalg.inv(likelihood.at(found).information)
        return survey.covariance(spread(likelihood.scores(found) @ bread / mean_weight, used))
    return survey.covariance(lambda weight: maximise(likelihood._replace(weight=weight[used])))


def _law(link: str) -> _Law:
    if link not in _LAWS:
        raise InputError.of(
            f"Die Verknüpfung „{link}“ gibt es nicht.",
            f'There is no link "{link}".',
            hint=Text(f"Möglich: {', '.join(_LAWS)}.", f"Possible: {', '.join(_LAWS)}."),
        )
    return _LAWS[link]


def _outcome_levels(table: pl.DataFrame, outcome: str, levels: Mapping[str, Sequence[str]] | None) -> tuple[str, ...]:
    """Return the levels of the outcome that occur, lowest first."""
    order = occurring(table, [outcome], levels).get(outcome) or levels_of(table[outcome])
    if not _FEWEST <= len(order) <= _MOST:
        raise InputError.of(
            f"Das Ergebnis hat {len(order)} Stufen; ein Modell für geordnete Antworten braucht {_FEWEST} bis {_MOST}.",
            f"The outcome has {len(order)} levels; a model of ordered answers needs {_FEWEST} to {_MOST}.",
            field=outcome,
            hint=Text(
                "Für zwei Stufen oder Messwerte die Regression nehmen.",
                "For two levels or measurements use the regression.",
            ),
        )
    return order


def maximise(likelihood: _Likelihood) -> Floats:
    """Return (p + steps,) coefficients and thresholds at the maximum of the likelihood.

    Raises
    ------
    DesignError
        A column is redundant, a weight negative, or the likelihood has no maximum.
    """
    weight, matrix, width = likelihood.weight, likelihood.matrix, len(likelihood.names)
    relative = weight / weight.sum() * len(weight)
    centre = relative @ matrix / len(weight)
    constant = np.column_stack([np.ones(len(weight)), matrix])
    upper = triangle(constant, relative, ("(Intercept)", *likelihood.names))[1:, 1:]  # that of the centred columns
    basis = orthonormal(matrix - centre, upper) if width else matrix
    counts = np.zeros(likelihood.steps + 1)
    np.add.at(counts, likelihood.code, relative)
    _check_levels(counts)
    start = np.concatenate([np.zeros(width), likelihood.law.quantile(np.cumsum(counts)[:-1] / counts.sum())])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # steps too far have no likelihood
        found = minimise(start, likelihood._replace(matrix=basis, weight=relative).at)
    slopes = np.asarray(np.linalg.solve(upper, found.parameters[:width]), dtype=np.float64)
    if not found.converged:
        raise runaway(slopes, matrix, weight, likelihood.names)
    return np.concatenate([slopes, found.parameters[width:] + centre @ slopes])


def _check_levels(counts: Floats) -> None:
    """Raise DesignError where a replicate leaves a level without weight: its thresholds would coincide."""
    if not (counts > 0).all():
        raise DesignError(
            Text(
                "In einem Replikat kommt eine Stufe des Ergebnisses nicht vor. Stufen zusammenfassen.",
                "A level of the outcome does not occur in a replicate. Merge levels.",
            )
        )
