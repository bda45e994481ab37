"""Shares for areas with few answers, by a stated model: each area borrows from the others.

`docs/methods.md`, section “Small areas”. Results are `SmallAreaEstimate`s, never mixed up with direct ones, which
stand beside them. No model says anything about a single organisation: areas need a least number of units.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import polars as pl

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.intervals import LEVEL, check_draw, check_level, hypergeometric_interval
from passgenau.estimation.survey import numbers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.estimates import Estimate, Estimates
    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Method = Literal["beta-binomial", "fay-herriot"]
Scale = Literal["arcsine", "raw"]
Fit = Literal["adjusted", "reml"]

SMALLEST = 5  # units of an area: below, its share says too much of each of them
_AREAS = 3  # areas with answers from which the spread between areas can be told
_COVARIATES = 2
_SLOPE = 2.5  # prior standard deviation of a slope, logit per standard deviation of the covariate
_FALL = 12.0  # how far the log density falls before the grid ends
_RHO_NODES = 41
_NODES = {1: 31, 2: 15, 3: 9}  # per coefficient, by number of coefficients
_STEPS = 30  # of Newton's method
_FLAT = 1e-3  # least curvature assumed: where nothing is known the priors still bend
_NEGLIGIBLE = 1e-7  # posterior weight left out


@dataclass(frozen=True, slots=True)
class AreaCount:
    """What is known of an area where every organisation weighs the same and counts once.

    Attributes
    ----------
    yes, answers, population
        Organisations saying yes, answering, and all: 0 ≤ yes ≤ answers ≤ population.
    covariates
        Numbers known of every area, at most two, the same ones for all areas.
    """

    area: str
    yes: int
    answers: int
    population: int
    covariates: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaDirect:
    """A direct estimate of a share in an area, from any design.

    Attributes
    ----------
    share
        0–1; None where nobody answered.
    variance
        Its sampling variance (needed on the raw scale).
    effective
        Answers of a simple random draw with replacement that would be as precise: n / design effect / (1 − n/N).
        Needed on the arcsine scale; inf where everybody answered.
    base, population
        Answers and units of the area.
    covariates
        As for `AreaCount`, any number of them.
    """

    area: str
    share: float | None
    base: int
    population: int
    variance: float | None = None
    effective: float | None = None
    covariates: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SmallAreaEstimate:
    """A share of an area by a model, beside the direct one.

    Attributes
    ----------
    estimate, se, lower, upper
        Share 0–1 by the model, root of its mean squared error (posterior standard deviation), limits at `confidence`.
    count_lower, count_upper
        The limits as units of the area; None where the model does not speak of units.
    base, population
        Answers of the area, and its units.
    direct, direct_lower, direct_upper
        What the area's own answers alone say; None without answers, limits None where not known.
    weight
        Weight of the area's own answers, 0–1; the rest comes from all areas.
    method
        The model; `docs/methods.md#small-areas`.
    """

    area: str
    estimate: float
    se: float
    lower: float
    upper: float
    confidence: float
    base: int
    population: int
    direct: float | None
    direct_lower: float | None
    direct_upper: float | None
    weight: float
    method: Method
    count_lower: int | None = None
    count_upper: int | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """The standard deviation of the true shares between areas: 0 where all are alike."""

    estimate: float
    lower: float
    upper: float
    scale: Literal["share", "arcsine"]  # share: 0–0.5; arcsine: radians of arcsin √share


@dataclass(frozen=True, slots=True)
class SmallAreas:
    """All areas of one model, in the order given.

    Attributes
    ----------
    between
        How much areas differ, as far as the answers tell.
    model
        The model in one sentence; `assumptions` what has to hold for it.
    """

    rows: tuple[SmallAreaEstimate, ...]
    between: Between
    model: Text
    assumptions: tuple[Text, ...]
    notes: tuple[Text, ...] = ()

    def __iter__(self) -> Iterator[SmallAreaEstimate]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> SmallAreaEstimate:
        return self.rows[index]

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per area, the direct estimate beside that of the model."""
        return pl.DataFrame([asdict(row) for row in self.rows], infer_schema_length=None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


_ALIKE = Text(
    "Die Gebiete ähneln einander: Was über ein Gebiet nicht bekannt ist, gleicht im Mittel dem, was die übrigen "
    "zeigen. Ein Gebiet, das ganz anders ist, wird zu nah an die anderen gerückt.",
    "Areas resemble each other: what is not known of an area is on average like what the others show. An area that is "
    "quite different is drawn too close to the others.",
)
_DRAW = Text(
    "In jedem Gebiet ähneln die Antwortenden einer Zufallsauswahl.",
    "In every area those who answered resemble a random draw.",
)
_SAMPLED = Text(
    "Die direkten Schätzungen sind unverzerrt, ihre Genauigkeit ist bekannt.",
    "The direct estimates are unbiased, and how precise they are is known.",
)


def count_areas(
    table: pl.DataFrame,
    item: str,
    area: str,
    populations: Mapping[Label, int],
    covariates: Mapping[Label, tuple[float, ...]] | None = None,
) -> tuple[AreaCount, ...]:
    """Count an item of 0 and 1 by area.

    Parameters
    ----------
    table
        One row per organisation (`combine_answers` makes it so). Rows without an answer to the item do not count.
    item, area
        Columns.
    populations
        Units of every area, those without answers included; `covariates` likewise.

    Returns
    -------
    One entry per area, in the order of `populations`.

    Raises
    ------
    InputError
        A column does not exist, the item is not 0 or 1, or an area is not among the populations.

    Notes
    -----
    `docs/methods.md#small-areas`.
    """
    values = numbers(table, item)
    if area not in table.columns:
        raise unknown_column(area, table.columns)
    answered = ~np.isnan(values)
    wrong = values[answered & (values != 0) & (values != 1)]
    if len(wrong):
        raise InputError.of(f"{wrong[0]:g} ist weder 0 noch 1.", f"{wrong[0]:g} is neither 0 nor 1.", field=item)
    yes = dict.fromkeys(populations, 0)
    answers = dict.fromkeys(populations, 0)
    for label, value in zip(table[area].to_list(), values, strict=True):
        if label not in answers:
            raise InputError.of(
                f"Für „{label}“ fehlt die Zahl der Organisationen.",
                f'The number of organisations of "{label}" is missing.',
                field=area,
            )
        answers[label] += not np.isnan(value)
        yes[label] += value == 1
    return tuple(
        AreaCount(str(label), int(yes[label]), int(answers[label]), size, covariates[label] if covariates else ())
        for label, size in populations.items()
    )


def direct_areas(
    estimates: Estimates, populations: Mapping[Label, int], covariates: Mapping[Label, tuple[float, ...]] | None = None
) -> tuple[AreaDirect, ...]:
    """Take the direct shares of one item by one column as the input of `fay_herriot`.

    Parameters
    ----------
    estimates
        Shares of one item (one level) by one column.
    populations, covariates
        As for `count_areas`.

    Returns
    -------
    One entry per area, in the order of `populations`. Effective answers are n/(d·(1 − n/N)), with d the mean of the
    areas' design effects weighted by their answers: the effect of a single area is too uncertain to be used.

    Raises
    ------
    InputError
        The estimates are not shares of one item by one column, or an area is not among the populations.

    Notes
    -----
    `docs/methods.md#small-areas`.
    """
    rows = tuple(estimates)
    if len({(row.item, row.level, *row.by) for row in rows}) != 1 or any(
        len(row.by) != 1 or row.kind != "proportion" for row in rows
    ):
        raise InputError.of(
            "Gebraucht werden Anteile einer einzigen Frage (und Antwort), gegliedert nach einer Spalte.",
            "Needed are shares of a single item (and level) by one column.",
        )
    found = {next(iter(row.by.values())): row for row in rows if row.base}
    for label in found:
        if label not in populations:
            raise InputError.of(
                f"Für „{label}“ fehlt die Zahl der Organisationen.",
                f'The number of organisations of "{label}" is missing.',
            )
    effects = [(row.deff, row.base) for row in found.values() if math.isfinite(row.deff) and row.deff > 0]
    effect = sum(d * n for d, n in effects) / sum(n for _, n in effects) if effects else 1.0
    return tuple(
        _direct(str(label), found.get(label), size, effect, covariates[label] if covariates else ())
        for label, size in populations.items()
    )


def _direct(label: str, row: Estimate | None, size: int, effect: float, covariates: tuple[float, ...]) -> AreaDirect:
    if row is None:
        return AreaDirect(label, None, 0, size, covariates=covariates)
    left = 1 - row.base / size
    effective = row.base / (effect * left) if left > 0 else math.inf
    return AreaDirect(label, row.estimate, row.base, size, row.se**2, effective, covariates)


def pool_counts(areas: Sequence[AreaCount], *, level: float = LEVEL, smallest: int = SMALLEST) -> SmallAreas:
    """Return shares of areas by the beta-binomial model with finite populations.

    Parameters
    ----------
    areas
        All areas, those without answers included.
    level
        Probability of the limits, 0–1.
    smallest
        Least number of units of an area, ≥ 2.

    Returns
    -------
    SmallAreas
        Estimates are posterior means of K/N: the answers seen count as they are, only units that did not answer are
        predicted. Limits are equal-tailed posterior limits of the count K.

    Raises
    ------
    InputError
        Counts do not fit together, names repeat, or covariates are missing, constant or too many.
    DesignError
        An area is too small, or too few areas have answers.

    Notes
    -----
    `docs/methods.md#small-areas`. True shares of areas scatter about a common mean (or a logistic function of the
    covariates) as a beta distribution; mean and spread are unknown and integrated out on a grid, with a uniform
    prior on the mean and on the intra-area correlation. Deterministic.

    References
    ----------
    Ericson (1969); Daniels (1999).
    """
    check_level(level)
    _check_counts(areas)
    _check_areas([(a.area, a.answers, a.population, a.covariates) for a in areas], smallest, _COVARIATES)
    yes, answers = (np.array([getattr(a, name) for a in areas], dtype=np.int64) for name in ("yes", "answers"))
    nodes = _posterior(yes, answers, _standardised([a.covariates for a in areas]))
    rows = tuple(_predict(area, nodes.mean[:, d], nodes.precision, nodes.weight, level) for d, area in enumerate(areas))
    spread = np.sqrt(nodes.centre * (1 - nodes.centre) / (1 + nodes.precision))
    low, high = _quantiles(spread, nodes.weight, ((1 - level) / 2, (1 + level) / 2))
    between = Between(float((nodes.weight * spread).sum()), low, high, "share")
    return SmallAreas(rows, between, _model_of_counts(areas), (_ALIKE, _DRAW))


def fay_herriot(
    areas: Sequence[AreaDirect],
    *,
    scale: Scale = "arcsine",
    fit: Fit = "adjusted",
    level: float = LEVEL,
    smallest: int = SMALLEST,
) -> SmallAreas:
    """Return shares of areas by the area-level model of Fay and Herriot, from direct estimates of any design.

    Parameters
    ----------
    areas
        All areas, those without answers included.
    scale
        `arcsine`: the model holds for arcsin √share, whose sampling variance 1/(4 n_eff) does not depend on the
        share; limits stay within 0–1. `raw`: for the share itself, with the given variances.
    fit
        `adjusted`: residual likelihood adjusted so that the variance between areas is never estimated as 0
        (Yoshimori & Lahiri 2014); `reml`: not adjusted.
    level, smallest
        As for `pool_counts`.

    Returns
    -------
    SmallAreas
        EBLUPs with the second-order estimate of their mean squared error and normal limits.

    Raises
    ------
    InputError
        A share, variance or number of effective answers is missing or impossible; names or covariates as above.
    DesignError
        An area is too small, too few areas have answers, or the scale or fit does not exist.

    Notes
    -----
    `docs/methods.md#small-areas`. On the arcsine scale the estimate is the mean of sin²θ over the normal
    distribution of θ about its EBLUP.

    References
    ----------
    Fay & Herriot (1979); Prasad & Rao (1990); Datta & Lahiri (2000).
    """
    check_level(level)
    _check_choice(scale, get_args(Scale))
    _check_choice(fit, get_args(Fit))
    _check_areas(
        [(a.area, 0 if a.share is None else a.base, a.population, a.covariates) for a in areas], smallest, None
    )
    seen = np.array([a.share is not None for a in areas])
    y, psi = _on_scale([a for a in areas if a.share is not None], scale)
    design = np.column_stack([np.ones(len(areas)), _standardised([a.covariates for a in areas])])
    spread = fit_variance(y, psi, design[seen], fit)
    theta, mse, weight = eblup(y, psi, design, seen, spread)
    low, high = _variance_limits(y, psi, design[seen], level)
    between = Between(math.sqrt(spread), math.sqrt(low), math.sqrt(high), "share" if scale == "raw" else "arcsine")
    rows = tuple(
        _back(area, float(theta[d]), float(mse[d]), float(weight[d]), scale, level) for d, area in enumerate(areas)
    )
    return SmallAreas(rows, between, _model_of_estimates(areas, scale), (_ALIKE, _SAMPLED), tuple(_fh_notes(spread)))


# --- Fay and Herriot ---


def residual_likelihood(spread: float, y: Floats, psi: Floats, design: Floats) -> float:
    """Return the log residual likelihood of the variance between areas, up to a constant.

    Parameters
    ----------
    spread
        Variance between areas, ≥ 0.
    y, psi
        (m,) direct estimates and their sampling variances.
    design
        (m, p) covariates with a column of ones.
    """
    total = spread + psi
    weighted = design / total[:, None]
    information = design.T @ weighted
    residual = y - design @ np.linalg.solve(information, weighted.T @ y)
    return -0.5 * float(np.log(total).sum() + np.linalg.slogdet(information)[1] + (residual**2 / total).sum())


def fit_variance(y: Floats, psi: Floats, design: Floats, fit: Fit) -> float:
    """Return the variance between areas that maximises the residual likelihood, adjusted or not.

    Parameters
    ----------
    y, psi, design
        As for `residual_likelihood`.
    """

    def height(spread: float) -> float:
        found = residual_likelihood(spread, y, psi, design)
        if fit == "adjusted":
            found += math.log(math.atan(float((spread / (spread + psi)).sum()))) / len(y)
        return found

    floor = 1e-9 * _top(y, psi)  # where a sampling variance is 0, so is the likelihood's denominator at 0
    start = floor if fit == "adjusted" or not psi.all() else 0.0
    best = _highest(height, start, _top(y, psi))
    return 0.0 if fit == "reml" and best <= floor else best


def _top(y: Floats, psi: Floats) -> float:
    """Return a variance between areas that is beyond any estimate of it."""
    return float(10 * (y.var() + psi.max())) or 1.0


def _highest(height: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function of one number is highest: best of a grid of roots, then refined beside it."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 -- takes long to load

    grid = np.linspace(math.sqrt(low), math.sqrt(high), 200) ** 2
    values = [height(float(x)) for x in grid]
    best = int(np.argmax(values))
    left, right = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    found: Any = minimize_scalar(
        lambda x: -height(float(x)), bounds=(left, right), method="bounded", options={"xatol": 1e-13 * high}
    )
    return float(found.x) if -found.fun > values[best] else float(grid[best])


def eblup(
    y: Floats, psi: Floats, design: Floats, seen: NDArray[np.bool_], spread: float
) -> tuple[Floats, Floats, Floats]:
    """Return EBLUPs, their mean squared errors, and the weights of the direct estimates.

    Parameters
    ----------
    y, psi
        (m,) of the areas seen.
    design
        (D, p) of all areas; `seen` (D,) says which have a direct estimate.
    spread
        Estimated variance between areas.

    Notes
    -----
    MSE = g₁ + g₂ + 2g₃ (Datta & Lahiri 2000 for residual likelihood); for an area without a direct estimate the
    variance between areas plus that of its regression.
    """
    total = spread + psi
    inside = design[seen]
    information = np.linalg.inv(inside.T @ (inside / total[:, None]))
    synthetic = design @ (information @ (inside.T @ (y / total)))
    leverage = np.einsum("dp,pq,dq->d", design, information, design)
    gamma = np.zeros(len(design))
    gamma[seen] = spread / total
    theta, mse = synthetic.copy(), spread + leverage
    theta[seen] += gamma[seen] * (y - synthetic[seen])
    uncertain = 2 / (total**-2).sum()
    g3 = psi**2 / total**3 * uncertain
    mse[seen] = gamma[seen] * psi + (1 - gamma[seen]) ** 2 * leverage[seen] + 2 * g3
    return theta, mse, gamma


def _variance_limits(y: Floats, psi: Floats, design: Floats, level: float) -> tuple[float, float]:
    """Return where the residual likelihood falls by half a χ² quantile on either side of its top."""
    from scipy.optimize import brentq  # noqa: PLC0415 -- takes long to load
    from scipy.stats import chi2  # noqa: PLC0415 -- likewise

    best = fit_variance(y, psi, design, "reml")
    top = residual_likelihood(max(best, 1e-12 * _top(y, psi)), y, psi, design)

    def above(spread: float) -> float:
        return residual_likelihood(spread, y, psi, design) - top + float(chi2.ppf(level, 1)) / 2

    floor, high = 1e-12 * _top(y, psi), _top(y, psi)
    low = 0.0 if best <= floor or above(floor) >= 0 else float(brentq(above, floor, best))
    while above(high) > 0:
        high *= 4
    return low, float(brentq(above, max(best, floor), high))


def _on_scale(areas: Sequence[AreaDirect], scale: Scale) -> tuple[Floats, Floats]:
    shares = np.array([a.share for a in areas], dtype=np.float64)
    for area, share in zip(areas, shares, strict=True):
        needed = area.effective if scale == "arcsine" else area.variance
        if not 0 <= share <= 1:
            raise InputError.of(f"{area.area}: {share:g} ist kein Anteil.", f"{area.area}: {share:g} is not a share.")
        if needed is None or math.isnan(needed) or needed < 0 or (scale == "arcsine" and needed == 0):
            name = "effective" if scale == "arcsine" else "variance"
            raise InputError.of(
                f"{area.area}: Wie genau die direkte Schätzung ist, fehlt oder ist unmöglich ({needed}).",
                f"{area.area}: how precise the direct estimate is, is missing or impossible ({needed}).",
                field=name,
                hint=Text(
                    "Auf der Arkussinus-Skala die wirksame Zahl der Antworten angeben, sonst die Varianz.",
                    "On the arcsine scale give the effective number of answers, else the variance.",
                ),
            )
    if scale == "raw":
        return shares, np.array([a.variance for a in areas], dtype=np.float64)
    return np.arcsin(np.sqrt(shares)), 1 / (4 * np.array([a.effective for a in areas], dtype=np.float64))


def _back(  # noqa: PLR0913, PLR0917 -- the parts of one row
    area: AreaDirect, theta: float, mse: float, weight: float, scale: Scale, level: float
) -> SmallAreaEstimate:
    """Return the row of an area, back on the scale of shares."""
    from scipy.special import ndtri  # noqa: PLC0415 -- takes long to load

    half = float(ndtri((1 + level) / 2)) * math.sqrt(mse)
    if scale == "raw":
        estimate, se = theta, math.sqrt(mse)
        limits = (max(0.0, theta - half), min(1.0, theta + half))
    else:
        # E sin²θ and E sin⁴θ for normal θ, from the mean of cosines
        cos2, cos4 = (math.cos(k * theta) * math.exp(-(k**2) * mse / 2) for k in (2, 4))
        estimate = (1 - cos2) / 2
        se = math.sqrt(max(0.0, (3 - 4 * cos2 + cos4) / 8 - estimate**2))
        low, high = max(0.0, theta - half), min(math.pi / 2, theta + half)
        limits = (math.sin(low) ** 2, math.sin(high) ** 2)
    own = _direct_limits(area, level)
    return SmallAreaEstimate(
        area.area, estimate, se, *limits, level, area.base, area.population, area.share, *own, weight, "fay-herriot"
    )


def _direct_limits(area: AreaDirect, level: float) -> tuple[float | None, float | None]:
    """Return normal limits of the direct share on the arcsine scale, where its effective answers are known."""
    from scipy.special import ndtri  # noqa: PLC0415 -- takes long to load

    if area.effective is None or area.share is None:
        return None, None
    centre, half = math.asin(math.sqrt(area.share)), float(ndtri((1 + level) / 2)) / math.sqrt(4 * area.effective)
    return math.sin(max(0.0, centre - half)) ** 2, math.sin(min(math.pi / 2, centre + half)) ** 2


def _fh_notes(spread: float) -> Iterator[Text]:
    if spread == 0:
        yield Text(
            "Die Streuung zwischen den Gebieten wurde auf 0 geschätzt; die eigenen Antworten eines Gebiets zählen "
            "nicht gesondert.",
            "The spread between areas was estimated as 0; an area's own answers do not count apart.",
        )


# --- beta-binomial ---


@dataclass(frozen=True, slots=True, eq=False)
class _Nodes:
    """Points of the joint posterior of mean and spread, with their weights."""

    mean: Floats  # (G, D) expected share of each area
    centre: Floats  # (G,) expected share at average covariates
    precision: Floats  # (G,) a + b of the beta distribution: how many answers the other areas are worth
    weight: Floats  # (G,) sums to 1


def _posterior(yes: Ints, answers: Ints, covariates: Floats) -> _Nodes:
    """Lay a grid over intra-area correlation and coefficients where their posterior density is not negligible."""
    design = np.column_stack([np.ones(len(yes)), covariates])
    seen = answers > 0
    density = _Density(yes[seen].astype(np.float64), answers[seen].astype(np.float64), design[seen])
    coarse = np.linspace(-9.0, 9.0, 37)  # logit of the correlation
    heights = np.array([density.integral(t)[2] for t in coarse])
    kept = np.flatnonzero(heights > heights.max() - _FALL)
    low, high = coarse[max(0, kept[0] - 1)], coarse[min(len(coarse) - 1, kept[-1] + 1)]
    parts = [(t, *density.integral(t)[:2]) for t in np.linspace(low, high, _RHO_NODES)]
    beta = np.concatenate([points for _, points, _ in parts])
    log_weight = np.concatenate([logs for _, _, logs in parts])
    precision = np.concatenate([np.full(len(points), math.exp(-t)) for t, points, _ in parts])
    weight = np.exp(log_weight - log_weight.max())
    order = np.argsort(weight, kind="stable")
    kept = np.sort(order[np.cumsum(weight[order]) > _NEGLIGIBLE * weight.sum()])
    weight = weight[kept] / weight[kept].sum()
    return _Nodes(_logistic(beta[kept] @ design.T), _logistic(beta[kept, 0]), precision[kept], weight)


def _logistic(x: Floats) -> Floats:
    from scipy.special import expit  # noqa: PLC0415 -- takes long to load

    return np.asarray(expit(x), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Density:
    """The posterior density of the coefficients, given the intra-area correlation."""

    yes: Floats
    answers: Floats
    design: Floats

    def log(self, beta: Floats, logit_rho: float) -> Floats:
        """Return the log density at (G, p) coefficients and logit ρ, up to a constant, priors included."""
        from scipy.special import betaln, log_expit  # noqa: PLC0415 -- takes long to load

        precision = math.exp(-logit_rho)  # (1 − ρ)/ρ
        mean = np.clip(_logistic(beta @ self.design.T), 1e-12, 1 - 1e-12)
        a, b = mean * precision, (1 - mean) * precision
        likelihood = (betaln(a + self.yes, b + self.answers - self.yes) - betaln(a, b)).sum(axis=1)
        uniform = log_expit(beta[:, 0]) + log_expit(-beta[:, 0])  # uniform on the share at average covariates
        slopes = -0.5 * ((beta[:, 1:] / _SLOPE) ** 2).sum(axis=1)
        correlation = float(log_expit(logit_rho) + log_expit(-logit_rho))  # uniform on ρ
        return np.asarray(likelihood + uniform + slopes + correlation, dtype=np.float64)

    def integral(self, logit_rho: float) -> tuple[Floats, Floats, float]:
        """Return grid points (G, p), their log weights (G,), and the log of the sum of their weights."""
        from scipy.special import logsumexp  # noqa: PLC0415 -- takes long to load

        mode, root = self._mode(logit_rho)
        width = len(mode)
        axes = [self._axis(mode, root[:, k], logit_rho) for k in range(width)]
        z = np.array(list(itertools.product(*(np.linspace(*axis, _NODES[width]) for axis in axes))))
        points = mode + z @ root.T
        step = sum(math.log((high - low) / (_NODES[width] - 1)) for low, high in axes)
        logs = self.log(points, logit_rho) + step + float(np.linalg.slogdet(root)[1])
        return points, logs, float(logsumexp(logs))

    def _mode(self, logit_rho: float) -> tuple[Floats, Floats]:
        """Return the highest point, and a root of the inverse curvature there, by Newton's method."""
        share = (self.yes.sum() + 0.5) / (self.answers.sum() + 1)
        mode = np.zeros(self.design.shape[1])
        mode[0] = math.log(share / (1 - share))
        halvings = 0.5 ** np.arange(12.0)[:, None]
        for _ in range(_STEPS):
            slope, inverse = self._derivatives(mode, logit_rho)
            tries = np.concatenate([mode[None, :], mode + halvings * (inverse @ slope)])
            best = int(np.argmax(self.log(tries, logit_rho)))
            if best == 0 or float(slope @ inverse @ slope) < 1e-6:  # noqa: PLR2004 -- a thousandth of its width
                break
            mode = tries[best]
        return mode, np.asarray(np.linalg.cholesky(inverse), dtype=np.float64)

    def _derivatives(self, beta: Floats, logit_rho: float) -> tuple[Floats, Floats]:
        """Return the slope and the inverse of the curvature by differences: a grid needs no more than their size."""
        width, step = len(beta), 1e-3
        signs = np.array(list(itertools.product((1, -1), repeat=2)))
        pairs = list(itertools.product(range(width), repeat=2))
        moves = np.eye(width) * step
        corners = np.array([beta + s * moves[i] + t * moves[j] for i, j in pairs for s, t in signs])
        logs = self.log(corners, logit_rho).reshape(width, width, 4)
        slope = np.asarray((logs[:, :, 0] - logs[:, :, 3]).diagonal() / (4 * step), dtype=np.float64)
        bent = -(logs @ [1, -1, -1, 1]) / (4 * step**2)
        values, vectors = np.linalg.eigh((bent + bent.T) / 2)
        return slope, np.asarray((vectors / np.maximum(values, _FLAT)) @ vectors.T, dtype=np.float64)

    def _axis(self, mode: Floats, direction: Floats, logit_rho: float) -> tuple[float, float]:
        """Return how far to go along a direction, both ways, until the density is negligible."""
        steps = np.arange(1.0, 61.0)[:, None] * 0.5
        top = float(self.log(mode[None, :], logit_rho)[0])
        ends = []
        for sign in (-1, 1):
            fallen = self.log(mode + sign * steps * direction, logit_rho) < top - _FALL
            ends.append(sign * float(steps[int(np.argmax(fallen)) if fallen.any() else -1, 0]))
        return ends[0], ends[1]


def _predict(area: AreaCount, mean: Floats, precision: Floats, weight: Floats, level: float) -> SmallAreaEstimate:
    """Return the row of an area: its answers, and what the posterior says of the units not seen."""
    k, n, size = area.yes, area.answers, area.population
    mixture = weight @ _beta_binomial(size - n, mean * precision + k, (1 - mean) * precision + n - k)
    unseen = np.arange(size - n + 1)
    expected = float(mixture @ unseen)
    se = math.sqrt(max(0.0, float(mixture @ (unseen - expected) ** 2))) / size
    cumulated = np.cumsum(mixture)
    low, high = (
        k + min(int(np.searchsorted(cumulated, p - 1e-12)), size - n) for p in ((1 - level) / 2, (1 + level) / 2)
    )
    own: tuple[float | None, float | None, float | None] = (None, None, None)
    if n:
        own = (k / n, *hypergeometric_interval(k, n, size, level).shares)
    return SmallAreaEstimate(
        area.area, (k + expected) / size, se, low / size, high / size, level, n, size, *own,
        float(weight @ (n / (n + precision))), "beta-binomial", low, high,
    )  # fmt: skip


def _beta_binomial(trials: int, a: Floats, b: Floats) -> Floats:
    """Return (G, trials + 1) probabilities, from the first by ratios of neighbours."""
    from scipy.special import betaln  # noqa: PLC0415 -- takes long to load

    x = np.arange(trials)
    ratio = np.log((trials - x) / (x + 1)) + np.log(a[:, None] + x) - np.log(b[:, None] + (trials - 1 - x))
    first = (betaln(a, b + trials) - betaln(a, b))[:, None]
    return np.asarray(np.exp(np.concatenate([first, first + np.cumsum(ratio, axis=1)], axis=1)), dtype=np.float64)


def _quantiles(values: Floats, weight: Floats, levels: tuple[float, float]) -> tuple[float, float]:
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weight[order])
    low, high = (values[order[min(int(np.searchsorted(cumulated, p)), len(order) - 1)]] for p in levels)
    return float(low), float(high)


# --- what both check and say ---


def _standardised(covariates: Sequence[tuple[float, ...]]) -> Floats:
    """Return (D, p) covariates with mean 0 and standard deviation 1 over all areas."""
    table = np.array(covariates, dtype=np.float64).reshape(len(covariates), -1)
    return np.asarray((table - table.mean(axis=0)) / table.std(axis=0), dtype=np.float64)


def _check_counts(areas: Sequence[AreaCount]) -> None:
    for area in areas:
        if area.answers == 0 and area.yes == 0 and area.population > 0:
            continue
        try:
            check_draw(area.yes, area.answers, area.population)
        except DesignError as error:
            raise InputError.of(
                f"{area.area}: {error.message.de}", f"{area.area}: {error.message.into('en')}"
            ) from error


def _check_areas(areas: Sequence[tuple[str, int, int, tuple[float, ...]]], smallest: int, most: int | None) -> None:
    """Raise where areas repeat or are too small or too few, or where covariates cannot be used."""
    names = [name for name, *_ in areas]
    for name in names:
        if names.count(name) > 1:
            raise InputError.of(f"Das Gebiet „{name}“ kommt mehrmals vor.", f'The area "{name}" occurs more than once.')
    _check_sizes([(name, population) for name, _, population, _ in areas], max(smallest, 2))
    width = len(areas[0][3]) if areas else 0
    needed = _AREAS + width
    answered = sum(1 for _, answers, _, _ in areas if answers)
    if answered < needed:
        raise DesignError(
            Text(
                f"Nur {answered} Gebiete haben Antworten; wie weit sie auseinanderliegen, zeigt sich erst ab {needed}.",
                f"Only {answered} areas have answers; how far areas differ shows from {needed} on.",
            )
        )
    _check_covariates(areas, width, most)


def _check_sizes(areas: Sequence[tuple[str, int]], smallest: int) -> None:
    small = [(name, population) for name, population in areas if population < smallest]
    if not small:
        return
    listed = ", ".join(f"{name} ({population})" for name, population in small[:5]) + (" …" if len(small) > 5 else "")  # noqa: PLR2004 -- enough to find them
    raise DesignError(
        Text(
            f"Gebiete mit weniger als {smallest} Organisationen werden nicht geschätzt, weil die Angabe fast über die "
            f"einzelne Organisation spräche: {listed}. Solche Gebiete mit anderen zusammenlegen.",
            f"Areas with fewer than {smallest} organisations are not estimated, because the figure would all but speak "
            f"of the single organisation: {listed}. Merge such areas with others.",
        )
    )


def _check_covariates(areas: Sequence[tuple[str, int, int, tuple[float, ...]]], width: int, most: int | None) -> None:
    if most is not None and width > most:
        raise InputError.of(
            f"{width} Kovariablen sind zu viele; möglich sind höchstens {most}.",
            f"{width} covariates are too many; possible are at most {most}.",
        )
    for name, _, _, covariates in areas:
        if len(covariates) != width or not all(math.isfinite(value) for value in covariates):
            raise InputError.of(
                f"{name}: Es werden {width} Kovariablen gebraucht, alle vorhanden.",
                f"{name}: {width} covariates are needed, none missing.",
            )
    for k, values in enumerate(zip(*(covariates for *_, covariates in areas), strict=True)):
        if min(values) == max(values):
            raise InputError.of(
                f"Kovariable {k + 1} ist in allen Gebieten gleich und erklärt nichts.",
                f"Covariate {k + 1} is the same in all areas and explains nothing.",
            )


def _check_choice(value: str, possible: Sequence[str]) -> None:
    if value not in possible:
        raise DesignError(
            Text(
                f"„{value}“ gibt es nicht; möglich: {', '.join(possible)}.",
                f'There is no "{value}"; possible: {", ".join(possible)}.',
            )
        )


def _model_of_counts(areas: Sequence[AreaCount]) -> Text:
    width = len(areas[0].covariates)
    de = f"einen Wert, der von {width} Merkmalen des Gebiets abhängt" if width else "einen gemeinsamen Mittelwert"
    en = f"a value that depends on {width} covariates of the area" if width else "a common mean"
    return Text(
        f"Modellschätzung, keine direkte: Die Anteile der {len(areas)} Gebiete streuen um {de} "
        "(Beta-Binomial-Modell); nur die Organisationen ohne Antwort werden vorhergesagt.",
        f"Estimated by a model, not directly: the shares of the {len(areas)} areas scatter about {en} "
        "(beta-binomial model); only organisations without an answer are predicted.",
    )


def _model_of_estimates(areas: Sequence[AreaDirect], scale: Scale) -> Text:
    of_what = (
        Text("Die Anteile", "the shares")
        if scale == "raw"
        else Text("Die Anteile (Arkussinus der Wurzel)", "the shares (arcsine of the root)")
    )
    return Text(
        f"Modellschätzung, keine direkte: {of_what.de} der {len(areas)} Gebiete streuen um einen gemeinsamen Wert "
        "(Fay-Herriot-Modell); je ungenauer die direkte Schätzung, desto mehr zählt das Modell.",
        f"Estimated by a model, not directly: {of_what.en} of the {len(areas)} areas scatter about a common value "
        "(Fay–Herriot model); the less precise a direct estimate, the more the model counts.",
    )
