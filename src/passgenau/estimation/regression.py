"""Generalised linear models fitted to a survey, with the variance that its design implies.

`docs/methods.md#generalised-linear-models`. Sources: Binder (1983), International Statistical Review 51, 279–292
(variance); Lumley & Scott (2014), Australian & New Zealand Journal of Statistics 56, 1–14 (likelihood ratio test).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from scipy import stats

from passgenau.errors import DesignError, InputError
from passgenau.estimation.comparison.quadratic_form import chi_squared_sum_tail
from passgenau.estimation.families import FAMILIES
from passgenau.estimation.fitting import (
    check_confidence,
    coefficient_table,
    complete_rows,
    occurring,
    spread,
)
from passgenau.estimation.model_matrix import model_matrix, read_variable
from passgenau.estimation.newton import orthonormal, runaway, triangle
from passgenau.estimation.survey import Survey
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.comparison.quadratic_form import Method
    from passgenau.estimation.families import Family
    from passgenau.estimation.fitting import Coefficient
    from passgenau.estimation.model_matrix import ModelMatrix
    from passgenau.estimation.replicates import ReplicateSurvey

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_STEPS = 50  # a search that ends needs ten
_CLOSE = 1e-14  # change of the deviance, relative, below which the search ends
_STANDING = 0.01  # movement of a linear predictor in one more step: far less at a maximum, about 1 without one
_METHOD = Text(
    "Intervall mit der t-Verteilung um den Koeffizienten; Varianz nach Binder aus dem Stichprobenplan.",
    "Interval with the t distribution around the coefficient; Binder's variance from the sampling design.",
)
_REPLICATED = Text(
    "Intervall mit der t-Verteilung um den Koeffizienten; Varianz aus Replikaten, in denen neu angepasst wurde.",
    "Interval with the t distribution around the coefficient; variance from replicates, each fitted anew.",
)
ASSUMPTIONS = (
    Text(
        "Die Koeffizienten beschreiben die Grundgesamtheit; sie belegen keine Ursache.",
        "The coefficients describe the population; they do not prove a cause.",
    ),
    Text(
        "Wer geantwortet hat, gleicht innerhalb der Schichten und bei gleichen Termen denen, deren Antworten fehlen.",
        "Within strata and at equal terms, those who answered resemble those whose answers are missing.",
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """What a model is fitted to: the rows used, and the law of the outcome.

    Attributes
    ----------
    matrix
        Columns of the n rows used.
    outcome, offset, weight
        (n,) of the rows used; weights are relative to their mean in the domain.
    family
        The law of the outcome.
    """

    matrix: ModelMatrix
    outcome: Floats
    offset: Floats
    weight: Floats
    family: Family

    def deviance(self, predictor: Floats) -> float:
        """Return the weighted deviance at a linear predictor."""
        return float(self.weight @ self.family.deviance(self.outcome, predictor))


class Fit(NamedTuple):
    """Where the search ended."""

    coefficients: Floats  # (p,)
    predictor: Floats  # (n,) the linear predictor
    curvature: Floats  # (n,) information of every row at the last weighting
    deviance: float


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A fitted generalised linear model.

    Attributes
    ----------
    coefficients
        In the order of the model matrix.
    covariance
        (p, p) covariance of the coefficients.
    df
        Degrees of freedom: those of the design, less one for every coefficient after the first.
    deviance
        Twice the log-likelihood missing to a perfect fit, with weights of mean 1.
    base
        Rows used, unweighted; `base_units` the PSUs among them.
    population
        The sum of their weights.
    """

    outcome: str
    family: str
    link: str
    coefficients: tuple[Coefficient, ...]
    covariance: Floats
    df: float
    deviance: float
    base: int
    base_units: int
    population: float
    confidence: float
    method: Text
    assumptions: tuple[Text, ...]
    likelihood: Likelihood
    information: Floats  # (p, p) of the likelihood, at the last weighting

    def __iter__(self) -> Iterator[Coefficient]:
        return iter(self.coefficients)

    def __len__(self) -> int:
        return len(self.coefficients)

    def __getitem__(self, name: str) -> Coefficient:
        return next(c for c in self.coefficients if c.name == name)

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per coefficient."""
        rest = {"outcome": self.outcome, "family": self.family, "df": self.df, "base": self.base}
        more = {"population": self.population, "confidence": self.confidence, "method": self.method.de}
        return pl.DataFrame([{**asdict(c), **rest, **more} for c in self.coefficients])

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


@dataclass(frozen=True, slots=True)
class TermTest:
    """Tests of whether all coefficients of some terms are 0.

    Attributes
    ----------
    terms
        The terms tested together; `df` their coefficients.
    wald_f, wald_p
        Wald's F with `df` and `ddf` degrees of freedom.
    likelihood_ratio
        The working likelihood ratio: the deviance that the terms save, with weights of mean 1.
    eigenvalues
        Under the hypothesis the ratio is a sum of χ² variables with these coefficients, largest first.
    likelihood_ratio_p
        Its tail, the variance taken as estimated with `ddf` degrees of freedom.
    """

    terms: tuple[str, ...]
    df: int
    ddf: float
    wald_f: float
    wald_p: float
    likelihood_ratio: float
    eigenvalues: tuple[float, ...]
    likelihood_ratio_p: float


def glm(  # noqa: PLR0913 -- the parts of a model
    survey: Survey | ReplicateSurvey,
    outcome: str,
    terms: Sequence[str],
    *,
    family: str = "binomial",
    intercept: bool = True,
    offset: str | None = None,
    levels: Mapping[str, Sequence[str]] | None = None,
    confidence: float = 0.95,
) -> Regression:
    """Fit a generalised linear model by weighted maximum likelihood.

    Parameters
    ----------
    survey
        Rows and design; with replicates the model is fitted anew in each of them. Rows that lack the outcome or a
        term leave the domain, not the design.
    outcome
        A column, or `column == value` for 0/1. A category of two levels stands for its second.
    terms
        As in `model_matrix`.
    family
        `binomial` (logit), `probit`, `cloglog`, `gaussian`, `poisson` (log); `quasibinomial` and `quasipoisson`
        are the same, as the variance comes from the design.
    offset
        A column that enters with the coefficient 1, such as `log(staff)`.
    levels
        Level order of categories by column, first = reference.
    confidence
        Of the limits, between 0 and 1.

    Raises
    ------
    InputError
        A column is unknown, or the outcome does not fit the family.
    DesignError
        No row is complete, a term is redundant, or the outcome is predicted perfectly (no finite solution).

    Notes
    -----
    `docs/methods.md#generalised-linear-models`.
    """
    law = _family(family)
    check_confidence(confidence)
    rows = survey if isinstance(survey, Survey) else survey.survey
    used = complete_rows(rows, [outcome, *terms, *([offset] if offset else [])])
    table = rows.table.filter(pl.Series(used))
    matrix = model_matrix(table, terms, intercept=intercept, levels=occurring(table, terms, levels))
    y = _outcome(table, outcome, law, family)
    shift = read_variable(table, offset, {}).numbers if offset else np.zeros(len(y))
    weight = rows.weight[used] / float(rows.weight[rows.inside].mean())
    likelihood = Likelihood(matrix, y, shift, weight, law)
    found = fit(likelihood)
    covariance = _covariance(survey, likelihood, found, used)
    df = survey.degrees_of_freedom(used) + 1 - len(matrix.names)
    return Regression(
        outcome=outcome,
        family=family,
        link=law.link,
        coefficients=coefficient_table(matrix.names, found.coefficients, covariance, df, confidence),
        covariance=covariance,
        df=df,
        deviance=found.deviance,
        base=int(used.sum()),
        base_units=len(np.unique(rows.psu[used])),
        population=float(rows.weight[used].sum()),
        confidence=confidence,
        method=_METHOD if isinstance(survey, Survey) else _REPLICATED,
        assumptions=ASSUMPTIONS,
        likelihood=likelihood,
        information=_information(likelihood, found),
    )


def _covariance(survey: Survey | ReplicateSurvey, likelihood: Likelihood, found: Fit, used: Flags) -> Floats:
    """Return the covariance of the coefficients: from their influence, or from replicates."""
    if isinstance(survey, Survey):
        mean_weight = float(survey.weight[survey.inside].mean())
        return survey.covariance(spread(_influence(likelihood, found) / mean_weight, used))

    def coefficients(weights: Floats) -> Floats:
        """Return the coefficients under (n,) weights, the search starting from those of the full sample."""
        own = weights[used]
        return fit(replace(likelihood, weight=own / own.sum()), found.predictor).coefficients

    return survey.covariance(coefficients)


def _information(likelihood: Likelihood, found: Fit) -> Floats:
    """Return XᵀWX with the weights of the last step."""
    numbers = likelihood.matrix.numbers
    return np.asarray(numbers.T @ ((likelihood.weight * found.curvature)[:, None] * numbers), dtype=np.float64)


def _influence(likelihood: Likelihood, found: Fit) -> Floats:
    """Return (n, p) how much each row moves the coefficients, per unit of weight.

    Score and information belong to the same weighting: the residual of the working response at the solution is
    weighted as in the last step.
    """
    family = likelihood.family
    now = family.information(found.predictor)
    score = family.score(likelihood.outcome, found.predictor)
    balance = np.divide(found.curvature, now, out=np.ones_like(now), where=now > 0)
    rows = likelihood.matrix.numbers * (score * balance)[:, None]
    return np.asarray(np.linalg.solve(_information(likelihood, found), rows.T).T, dtype=np.float64)


def fit(likelihood: Likelihood, start: Floats | None = None) -> Fit:
    """Maximise a weighted likelihood by iteratively reweighted least squares.

    Parameters
    ----------
    start
        (n,) linear predictor to start from; None: from the outcome.

    Raises
    ------
    DesignError
        A column is redundant, or the likelihood has no maximum: a term predicts some rows perfectly.

    Notes
    -----
    `docs/methods.md#generalised-linear-models`. Source: McCullagh & Nelder (1989), section 2.5.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what runs to infinity is found at the end
        found = _search(likelihood, start)
        _check_maximum(likelihood, found)
    return found


def _search(likelihood: Likelihood, start: Floats | None) -> Fit:
    """Step until the deviance stands still."""
    family, outcome, weight = likelihood.family, likelihood.outcome, likelihood.weight
    upper = triangle(likelihood.matrix.numbers, weight, likelihood.matrix.names)
    basis = orthonormal(likelihood.matrix.numbers, upper)
    predictor = family.start(outcome, weight) if start is None else start
    deviance, before = likelihood.deviance(predictor), np.inf
    steps = 0
    while steps < _STEPS and not abs(deviance - before) < _CLOSE * (abs(deviance) + 0.1):
        curvature = family.information(predictor)
        response = curvature * (predictor - likelihood.offset) + family.score(outcome, predictor)
        parameters = _solve(basis.T @ ((weight * curvature)[:, None] * basis), basis.T @ (weight * response))
        predictor = basis @ parameters + likelihood.offset
        deviance, before, steps = likelihood.deviance(predictor), deviance, steps + 1
    return Fit(_solve(upper, parameters), predictor, curvature, deviance)


def _check_maximum(likelihood: Likelihood, found: Fit) -> None:
    """Raise DesignError where the deviance hardly changes any more, but the coefficients run on to infinity.

    At a maximum another step moves no row; without one, rows predicted perfectly move on by about 1 per step.
    """
    numbers, weight, family = likelihood.matrix.numbers, likelihood.weight, likelihood.family
    now = found._replace(curvature=family.information(found.predictor))
    score = numbers.T @ (weight * family.score(likelihood.outcome, found.predictor))
    step = _solve(_information(likelihood, now), score)
    if not np.abs(numbers @ step)[weight > 0].max() < _STANDING:
        raise runaway(found.coefficients, numbers, weight, likelihood.matrix.names)


def _solve(matrix: Floats, right: Floats) -> Floats:
    """Solve linear equations; NaN where they have no single solution."""
    try:
        return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full(len(right), np.nan)


def term_test(model: Regression, terms: Sequence[str], *, tail: Method = "exact") -> TermTest:
    """Test whether all coefficients of some terms are 0, by Wald's F and by the working likelihood ratio.

    Parameters
    ----------
    model
        A fitted model.
    terms
        Terms of the model, tested together.
    tail
        How the tail of the likelihood ratio is computed, as in `chi_squared_sum_tail`.

    Raises
    ------
    InputError
        The model does not have such a term.
    DesignError
        There are too few degrees of freedom, or no variance to test with.

    Notes
    -----
    `docs/methods.md#tests-of-terms`.
    """
    tested = list(model.likelihood.matrix.columns_of(terms))
    if model.df <= 0:
        raise DesignError(
            Text(
                f"Zu wenige PSUs für {len(model)} Koeffizienten: Es bleiben keine Freiheitsgrade für einen Test.",
                f"Too few PSUs for {len(model)} coefficients: no degrees of freedom are left for a test.",
            )
        )
    beta = np.array([c.estimate for c in model])[tested]
    variance = model.covariance[np.ix_(tested, tested)]
    working = np.linalg.inv(model.information)[np.ix_(tested, tested)]
    wald_f = float(beta @ np.linalg.solve(variance, beta)) / len(tested)
    eigenvalues = np.sort(np.linalg.eigvals(np.linalg.solve(working, variance)).real)[::-1]
    ratio = _deviance_without(model, tested) - model.deviance
    return TermTest(
        terms=tuple(terms),
        df=len(tested),
        ddf=model.df,
        wald_f=wald_f,
        wald_p=float(stats.f.sf(wald_f, len(tested), model.df)),
        likelihood_ratio=ratio,
        eigenvalues=tuple(float(value) for value in eigenvalues),
        likelihood_ratio_p=chi_squared_sum_tail(ratio, eigenvalues, tail, model.df),
    )


def _deviance_without(model: Regression, dropped: Sequence[int]) -> float:
    """Return the deviance of the model without some of its columns."""
    whole = model.likelihood
    if len(dropped) == len(model):
        return whole.deviance(whole.offset)
    return fit(replace(whole, matrix=whole.matrix.without(dropped))).deviance


def _family(name: str) -> Family:
    if name not in FAMILIES:
        raise InputError.of(
            f"Die Verteilung „{name}“ gibt es nicht.",
            f'There is no family "{name}".',
            hint=Text(f"Möglich: {', '.join(FAMILIES)}.", f"Possible: {', '.join(FAMILIES)}."),
        )
    return FAMILIES[name]


def _outcome(table: pl.DataFrame, name: str, family: Family, family_name: str) -> Floats:
    """Return the outcome as numbers that the family allows."""
    variable = read_variable(table, name, occurring(table, [name], None))
    if variable.category and not (family.binary and len(variable.levels) == 2):  # noqa: PLR2004 -- no and yes
        first = variable.levels[0]
        raise InputError.of(
            f"Das Ergebnis hat die Kategorien {', '.join(variable.levels)}; „{family_name}“ braucht "
            + ("genau zwei." if family.binary else "Zahlen."),
            f'The outcome has the categories {", ".join(variable.levels)}; "{family_name}" needs '
            + ("exactly two." if family.binary else "numbers."),
            field=name,
            hint=Text(f"Für eine davon: {name} == {first}.", f"For one of them: {name} == {first}."),
        )
    wrong = np.flatnonzero((variable.numbers < family.lowest) | (variable.numbers > family.highest))
    if len(wrong):
        value = variable.numbers[int(wrong[0])]
        raise InputError.of(
            f"{value:g} liegt außerhalb von {family.lowest:g} bis {family.highest:g}, dem Bereich von „{family_name}“.",
            f'{value:g} lies outside {family.lowest:g} to {family.highest:g}, the range of "{family_name}".',
            field=name,
        )
    if np.isfinite(family.lowest) and np.ptp(variable.numbers) == 0:
        raise DesignError(
            Text(
                f"Das Ergebnis „{name}“ ist in allen Zeilen {variable.numbers[0]:g}; es gibt nichts zu erklären.",
                f'The outcome "{name}" is {variable.numbers[0]:g} in all rows; there is nothing to explain.',
            )
        )
    return variable.numbers
