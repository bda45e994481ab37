"""Replicate weights: jackknife, balanced half-samples, bootstrap, and weights that came with the data.

`docs/methods.md`, section “Replicates”. A replicate multiplies the weights of every drawn unit; its totals are a
matrix product with the table of unit totals, never another pass over the rows. Where weights were calibrated, every
replicate is calibrated anew, on rows in memory. Sources: Wolter (2007), Introduction to Variance Estimation, chapters
3 to 5; Rao, Wu & Yue (1992), Survey Methodology 18, 209–217; Preston (2009), Survey Methodology 35, 227–234.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from passgenau.errors import DesignError
from passgenau.estimation.covariance import check_lonely, sum_by
from passgenau.estimation.hadamard import hadamard
from passgenau.estimation.moments import RowMoments, UnitMoments
from passgenau.estimation.quantities import EVERYONE, evaluate
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from passgenau.estimation.design import Stage, Structure
    from passgenau.estimation.quantities import Quantity
    from passgenau.estimation.sums import Label
    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

Kind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap"]

_PAIR = 2  # PSUs per stratum of balanced half-samples
_INDEPENDENT = 1e-7  # of the largest: what is less is rounding
_MOST = 400_000_000  # multipliers held in memory: 3.2 GB


@dataclass(frozen=True, slots=True, eq=False)
class Replication:
    """How replicates are made of units, and how their spread becomes a variance.

    Attributes
    ----------
    kind
        A `Kind`, or `given`.
    multipliers
        (U, R) factor of the weights of each unit of the last stage in each replicate.
    scale, rscales
        The variance is scale × Σ rscales × (estimate of the replicate − centre)²; `rscales` has shape (R,).
    mse
        Whether the centre is the estimate from the full sample; else it is the mean of the replicates.
    df
        Degrees of freedom of the whole sample; None where only the weights tell.
    """

    kind: str
    multipliers: Floats
    scale: float
    rscales: Floats
    mse: bool
    df: int | None = None

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.rscales)

    def degrees_of_freedom(self, units: Ints) -> int:
        """Return the rank of the multipliers of some units of the last stage, minus 1.

        For a jackknife, half-samples and a bootstrap of the whole sample that is PSUs minus strata (at most one less
        than the replicates; Lumley 2010, Complex Surveys, section 2.3).
        """
        if self.df is not None and len(units) == len(self.multipliers):
            return self.df
        return max(_rank(self.multipliers[units]) - 1, 0)

    def covariance_of(self, estimates: Floats, full: Floats) -> Floats:
        """Return the (M, M) covariance of estimates.

        Parameters
        ----------
        estimates
            (R, M) in each replicate; NaN where a replicate has none, which makes its variances NaN.
        full
            (M,) from the full sample.
        """
        scaled = self._deviations(estimates, full)
        return np.asarray(scaled.T @ scaled)

    def variances_of(self, estimates: Floats, full: Floats) -> Floats:
        """Return the (M,) variances of estimates; parameters as in `covariance_of`."""
        return np.asarray((self._deviations(estimates, full) ** 2).sum(axis=0))

    def _deviations(self, estimates: Floats, full: Floats) -> Floats:
        counted = self.rscales > 0  # those of a stratum asked completely do not count
        centre = full if self.mse or not counted.any() else estimates[counted].mean(axis=0)
        return np.asarray((estimates - centre) * np.sqrt(self.scale * self.rscales)[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateSurvey:
    """A survey with replicates.

    Attributes
    ----------
    survey
        Rows, design and the weights of the full sample.
    replication
        How the replicates were made.
    weights
        (n, R) replicate weights where they are not a multiple per unit: given ones, or calibrated in each replicate.
    """

    survey: Survey
    replication: Replication
    weights: Floats | None = None

    @property
    def table(self) -> pl.DataFrame:
        """The data, n rows."""
        return self.survey.table

    @property
    def replicate_weights(self) -> Floats:
        """(n, R) weights of every row in every replicate."""
        if self.weights is not None:
            return self.weights
        return np.asarray(self.survey.weight[:, None] * self.replication.multipliers[self.survey.unit])

    def restrict(self, members: Flags) -> ReplicateSurvey:
        """Return the survey of a domain: the same rows and replicates, fewer rows inside."""
        return replace(self, survey=self.survey.restrict(members))

    def where(self, condition: pl.Expr) -> ReplicateSurvey:
        """Return the survey of the rows that meet a condition; a missing answer does not meet it."""
        return replace(self, survey=self.survey.where(condition))

    def reweight(self, adjust: Callable[[Survey], Survey]) -> ReplicateSurvey:
        """Return the survey with the weights of the full sample and of every replicate adjusted by a function.

        Parameters
        ----------
        adjust
            Calibrates a survey, for example ``lambda survey: rake(survey, margins)``.

        Notes
        -----
        The variance is that of the replicates, so the full sample keeps no residuals.
        """
        full, found = adjust(self.survey), self.replicate_weights
        weights = np.column_stack([adjust(replace(self.survey, weight=column)).weight for column in found.T])
        return replace(self, survey=replace(full, adjustments=self.survey.adjustments), weights=weights)

    def degrees_of_freedom(self, members: Flags | None = None) -> int:
        """Return the rank of the replicate weights of the rows inside (and `members`), minus 1."""
        used = self.survey.inside & (self.survey.weight > 0)
        used = used if members is None else used & members
        if self.weights is not None:
            return max(_rank(self.weights[used]) - 1, 0)
        return self.replication.degrees_of_freedom(np.unique(self.survey.unit[used]))

    def estimates(self, statistic: Callable[[Floats], Floats]) -> Floats:
        """Return (R, M) values of a statistic in every replicate.

        Parameters
        ----------
        statistic
            Takes (n,) weights, gives (M,) numbers. It must leave out the rows outside by itself.
        """
        return np.stack([np.asarray(statistic(weight), dtype=np.float64) for weight in self.replicate_weights.T])

    def covariance(self, statistic: Callable[[Floats], Floats]) -> Floats:
        """Return the (M, M) covariance of a statistic; parameter as in `estimates`."""
        full = np.asarray(statistic(self.survey.weight), dtype=np.float64)
        return self.replication.covariance_of(self.estimates(statistic), full)


@dataclass(frozen=True, eq=False)
class ReplicateMoments:
    """Moments whose variances are those of replicates: the quantities are evaluated in each of them.

    Fits where `UnitMoments` or `RowMoments` fit. The gradients of the interface are not needed and not read.

    Attributes
    ----------
    base
        The moments of the full sample.
    replication
        How the replicates were made of the units of `base`.
    quantities
        What is estimated.
    weights
        (n, R) replicate weights where they are not a multiple per unit; `base` then holds rows.
    """

    base: UnitMoments | RowMoments
    replication: Replication
    quantities: Sequence[Quantity]
    weights: Floats | None = None

    @property
    def domains(self) -> Sequence[Mapping[str, Label]]:
        """The domains' labels."""
        return self.base.domains

    @property
    def structure(self) -> Structure:
        """The design as read."""
        return self.base.structure

    @property
    def totals(self) -> Floats:
        """(D, V) weighted sums of the full sample."""
        return self.base.totals

    @property
    def answers(self) -> Floats:
        """(D, V) rows with weight > 0 and v ≠ 0."""
        return self.base.answers

    def units(self, variable: int) -> Ints:
        """Return (D,) PSUs with at least one row where the variable is not 0."""
        return self.base.units(variable)

    @cached_property
    def degrees_of_freedom(self) -> Ints:
        """(D,) rank of the replicate weights minus 1, as `ReplicateSurvey.degrees_of_freedom`."""
        return np.array([self._degrees_of_freedom(d) for d in range(len(self.domains))], dtype=np.int64)

    def _degrees_of_freedom(self, domain: int) -> int:
        if isinstance(self.base, UnitMoments):
            sums = self.base.sums
            units = sums.unit[(sums.domain == domain) & (sums.total[:, EVERYONE] > 0)]
            return self.replication.degrees_of_freedom(np.unique(units))
        used = (self.base.domain == domain) & (self.base.survey.weight > 0)
        if self.weights is not None:
            return max(_rank(self.weights[used]) - 1, 0)
        return self.replication.degrees_of_freedom(np.unique(self.base.survey.unit[used]))

    @property
    def equal_draws(self) -> Sequence[int | None]:
        """(D,) None: who asks for replicates gets limits from their spread."""
        return [None] * len(self.domains)

    @cached_property
    def replicate_totals(self) -> Floats:
        """(R, D, V) totals of every replicate: a product of the multipliers with the unit totals."""
        if self.weights is not None:
            if not isinstance(self.base, RowMoments):
                raise TypeError("replicate weights per row need rows in memory")
            return np.stack([self.base.totals_under(weight) for weight in self.weights.T])
        depth, width = self.totals.shape
        totals = self._unit_totals().reshape(-1, width * depth)
        product = self.replication.multipliers.T @ totals
        return np.asarray(product.reshape(-1, width, depth).transpose(0, 2, 1))

    def _unit_totals(self) -> Floats:
        """Return (U, V·D) weighted totals per unit of the last stage, domains running fastest."""
        depth, width = self.totals.shape
        if isinstance(self.base, UnitMoments):
            return self.base.unit_totals(np.broadcast_to(np.eye(width), (depth, width, width)))
        rows, out = self.base, np.zeros((len(self.replication.multipliers), width, depth))
        for d in range(depth):
            inside = rows.domain == d
            weighted = rows.survey.weight[inside, None] * rows.values[inside]
            out[:, :, d] = sum_by(weighted, rows.survey.unit[inside], len(out))
        return out

    @cached_property
    def replicate_estimates(self) -> Floats:
        """(R, Q·D) estimates of every replicate, domains running fastest."""
        found = evaluate(self.quantities, self.replicate_totals)
        totals = np.array([quantity.kind == "total" for quantity in self.quantities])
        found[..., totals] = np.nan_to_num(found[..., totals])  # a domain that a replicate leaves out totals 0 there
        return found.transpose(0, 2, 1).reshape(self.replication.replicates, -1)

    @cached_property
    def _full(self) -> Floats:
        return evaluate(self.quantities, self.totals).T.ravel()

    def variances(self, gradients: Floats) -> Floats:  # noqa: ARG002 -- the interface of moments
        """Return (D, Q) variances of the quantities over the replicates."""
        variances = self.replication.variances_of(self.replicate_estimates, self._full)
        return np.asarray(variances.reshape(-1, len(self.domains)).T)

    def covariance(self, gradients: Floats) -> Floats:  # noqa: ARG002 -- the interface of moments
        """Return (Q·D, Q·D) covariance of the quantities over the replicates, domains running fastest."""
        return self.replication.covariance_of(self.replicate_estimates, self._full)


def replicate(  # noqa: PLR0913 -- one keyword per choice
    survey: Survey,
    kind: Kind,
    *,
    fay: float = 0.0,
    mse: bool = False,
    replicates: int = 500,
    seed: int = 1,
) -> ReplicateSurvey:
    """Return a survey with replicates.

    Parameters
    ----------
    kind
        `JK1`: leave out one PSU of an unstratified design; `JKn`: one PSU of one stratum; `BRR`: balanced half-samples
        of two PSUs per stratum; `Fay`: the same, the half left out keeping a share `fay` of its weight; `bootstrap`:
        Rao, Wu and Yue's rescaled bootstrap.
    fay
        0 ≤ fay < 1, only for `Fay`.
    mse
        Whether replicates are compared with the full sample instead of their mean. A bootstrap divides by the
        replicates minus 1 where this is false.
    replicates, seed
        Only for `bootstrap`.

    Raises
    ------
    DesignError
        The design does not fit the kind, weights were calibrated before, or a stratum has a single PSU (rule `fail`).

    Notes
    -----
    `docs/methods.md#replicates`. Jackknife and bootstrap carry the finite population correction of the first stage,
    the bootstrap that of the second stage too; half-samples carry none.
    """
    if survey.adjustments:
        raise DesignError(
            Text(
                "Die Gewichte wurden schon kalibriert. Erst Replikate bilden, dann kalibrieren: So wird jedes Replikat "
                "für sich kalibriert.",
                "The weights were calibrated already. Make replicates first, then calibrate, so that every replicate "
                "is calibrated by itself.",
            )
        )
    return ReplicateSurvey(
        survey, replication(survey.structure, kind, fay=fay, mse=mse, replicates=replicates, seed=seed)
    )


def replication(  # noqa: PLR0913 -- one keyword per choice
    structure: Structure,
    kind: Kind,
    *,
    fay: float = 0.0,
    mse: bool = False,
    replicates: int = 500,
    seed: int = 1,
) -> Replication:
    """Return the multipliers of a design's units; parameters as in `replicate`.

    Raises
    ------
    DesignError
        As in `replicate`; or every row is a unit of its own and only sums per stratum were kept.
    """
    if kind not in get_args(Kind):
        raise DesignError(
            Text(
                f"Replikate der Art „{kind}“ gibt es nicht; möglich: {', '.join(get_args(Kind))}.",
                f'No replicates of kind "{kind}"; possible: {", ".join(get_args(Kind))}.',
            )
        )
    if structure.rows_are_units:
        raise DesignError(
            Text(
                "Replikate brauchen die einzelnen Zeilen, wenn jede Zeile für sich gezogen wurde: mit engine=memory.",
                "Replicates need the single rows where every row was drawn by itself: with engine=memory.",
            )
        )
    df = structure.degrees_of_freedom
    if kind == "bootstrap":
        return replace(_bootstrap(structure, replicates, seed, mse=mse), df=min(df, replicates - 1))
    if kind in {"BRR", "Fay"}:
        made = _half_samples(structure, fay if kind == "Fay" else 0.0, kind, mse=mse)
    else:
        made = _jackknife(structure, kind, mse=mse)
    return replace(made, multipliers=_of_last_stage(made.multipliers, structure), df=df)


def given(
    survey: Survey, weights: Floats, *, scale: float, rscales: Floats | Sequence[float] | None = None, mse: bool = True
) -> ReplicateSurvey:
    """Return a survey with replicate weights that came with the data.

    Parameters
    ----------
    weights
        (n, R) complete weights of every row in every replicate (sampling weight included).
    scale, rscales, mse
        As in `Replication`; `rscales` None: 1 for all. They belong to the way the weights were made: bootstrap 1/R,
        balanced half-samples 1/R, Fay 1/(R(1 − fay)²), jackknife of n units (n − 1)/n.

    Raises
    ------
    DesignError
        The weights have the wrong shape, or one is missing.

    Notes
    -----
    `docs/methods.md#replicates`.
    """
    values = np.asarray(weights, dtype=np.float64)
    if values.ndim != _PAIR or len(values) != survey.rows or values.shape[1] < 1:
        raise DesignError(
            Text(
                f"Replikatgewichte: {survey.rows} Zeilen werden gebraucht, die Tabelle hat die Form {values.shape}.",
                f"Replicate weights: {survey.rows} rows are needed, the table has the shape {values.shape}.",
            )
        )
    if not np.isfinite(values).all():
        row, column = (int(i) + 1 for i in np.argwhere(~np.isfinite(values))[0])
        raise DesignError(
            Text(
                f"Replikatgewichte: In Zeile {row}, Replikat {column} fehlt das Gewicht.",
                f"Replicate weights: row {row} lacks its weight in replicate {column}.",
            )
        )
    scales = np.ones(values.shape[1]) if rscales is None else np.atleast_1d(np.asarray(rscales, dtype=np.float64))
    if len(scales) != values.shape[1] or not scale > 0 or (scales < 0).any():
        raise DesignError(
            Text(
                f"Replikatgewichte: Zu {values.shape[1]} Replikaten gehören ebenso viele Faktoren ab 0 und ein Faktor "
                "über 0 für alle.",
                f"Replicate weights: {values.shape[1]} replicates need as many factors from 0 and one above 0 for all.",
            )
        )
    made = Replication("given", np.empty((0, values.shape[1])), scale, scales, mse)
    return ReplicateSurvey(survey, made, values)


def moments_with_replicates(
    moments: RowMoments, survey: ReplicateSurvey, quantities: Sequence[Quantity]
) -> ReplicateMoments:
    """Return moments of rows whose variances are those of the survey's replicates."""
    return ReplicateMoments(moments, survey.replication, quantities, survey.weights)


def _of_last_stage(multipliers: Floats, structure: Structure) -> Floats:
    """Hand the multipliers of PSUs (P, R) down to the units of the last stage (U, R)."""
    index = np.arange(len(structure.stages[-1].parent))
    for stage in reversed(structure.stages[1:]):
        index = stage.parent[index]
    return multipliers[index]


def _used_strata(structure: Structure) -> Flags:
    """Return which strata give replicates; raises where a single PSU forbids it under the design's rule."""
    stage = structure.stages[0]
    single = (stage.drawn == 1) & (stage.population > stage.drawn)
    check_lonely(single, structure.lonely, structure.strata)
    if single.any() and structure.lonely == "adjust":
        raise DesignError(
            Text(
                "Die Regel „adjust“ für einzelne PSUs ist für Replikate nicht bestimmt; möglich: remove, certainty, "
                "average.",
                'The rule "adjust" for lonely PSUs is not defined for replicates; possible: remove, certainty, '
                "average.",
            )
        )
    return np.asarray(stage.drawn > 1)


def _average(structure: Structure) -> float:
    """Return by what all strata are scaled up where lonely ones count as the average of the others."""
    stage = structure.stages[0]
    single = (stage.drawn == 1) & (stage.population > stage.drawn)
    drawn_from = stage.drawn > 0
    if structure.lonely != "average" or not single.any():
        return 1.0
    return float(drawn_from.sum() / (drawn_from & ~single).sum())


def _jackknife(structure: Structure, kind: Kind, *, mse: bool) -> Replication:
    """Leave out one PSU at a time; the others of its stratum take over its weight."""
    stage = structure.stages[0]
    if kind == "JK1" and len(structure.strata) > 1:
        raise DesignError(
            Text(
                "JK1 gilt für Stichproben ohne Schichten; mit Schichten JKn wählen.",
                "JK1 is for samples without strata; with strata choose JKn.",
            )
        )
    used = _used_strata(structure)
    left_out = np.flatnonzero(used[stage.parent])
    _check_size(len(stage.parent), len(left_out))
    n = stage.drawn.astype(np.float64)
    multipliers = np.ones((len(stage.parent), len(left_out)))
    same = stage.parent[:, None] == stage.parent[left_out][None, :]
    grown = n / np.maximum(n - 1, 1)
    multipliers = np.where(same, grown[stage.parent][:, None], multipliers)
    multipliers[left_out, np.arange(len(left_out))] = 0.0
    factor = _average(structure) * ((n - 1) / np.maximum(n, 1) * (1 - stage.fraction))[stage.parent[left_out]]
    if kind == "JK1":
        return Replication(kind, multipliers, float(factor[0]) if len(factor) else 1.0, np.ones(len(factor)), mse)
    return Replication(kind, multipliers, 1.0, factor, mse)


def _check_size(units: int, replicates: int) -> None:
    if units * replicates > _MOST:
        raise DesignError(
            Text(
                f"{units} Einheiten mal {replicates} Replikate passen nicht in den Speicher; bootstrap wählen.",
                f"{units} units times {replicates} replicates do not fit into memory; choose bootstrap.",
            )
        )


def _half_samples(structure: Structure, fay: float, kind: Kind, *, mse: bool) -> Replication:
    """Take one PSU of two in every stratum, in half-samples that balance all pairs of strata."""
    stage = structure.stages[0]
    _check_pairs(stage, structure)
    if not 0 <= fay < 1:
        raise DesignError(
            Text(
                f"Fays Anteil liegt zwischen 0 und unter 1, nicht bei {fay:g}.",
                f"Fay's share is from 0 to below 1, not {fay:g}.",
            )
        )
    strata = len(structure.strata)
    signs = hadamard(strata + 1)[1 : strata + 1]  # (H, R), each orthogonal to the others and to the constant
    first = np.zeros(len(stage.parent), dtype=np.bool_)
    first[np.unique(stage.parent, return_index=True)[1]] = True
    chosen = np.where(first, 1.0, -1.0)[:, None] * signs[stage.parent]
    count = signs.shape[1]
    return Replication(kind, 1 + chosen * (1 - fay), 1 / (count * (1 - fay) ** 2), np.ones(count), mse)


def _check_pairs(stage: Stage, structure: Structure) -> None:
    wrong = np.flatnonzero(stage.drawn != _PAIR)
    if len(wrong):
        name, drawn = structure.strata[int(wrong[0])], int(stage.drawn[wrong[0]])
        raise DesignError(
            Text(
                f"Balancierte Halbstichproben brauchen genau zwei PSUs je Schicht; Schicht {name} hat {drawn}. Für "
                "andere Stichproben JKn oder bootstrap wählen.",
                f"Balanced half-samples need exactly two PSUs per stratum; stratum {name} has {drawn}. For other "
                "samples choose JKn or bootstrap.",
            )
        )


def _bootstrap(structure: Structure, replicates: int, seed: int, *, mse: bool) -> Replication:
    """Draw n − 1 of n units with replacement in every stratum (and PSU), rescaled to the variance without."""
    if replicates < _PAIR:
        raise DesignError(
            Text(
                f"Ein Bootstrap braucht mindestens zwei Replikate, nicht {replicates}.",
                f"A bootstrap needs at least two replicates, not {replicates}.",
            )
        )
    _used_strata(structure)
    generator = np.random.default_rng([seed, replicates])
    multipliers = np.ones((len(structure.strata), replicates))
    carried = np.ones((len(structure.strata), replicates))  # root of the expectation-1 weight of each parent
    share = np.ones(len(structure.strata))
    for stage in structure.stages:
        times = _times_drawn(stage, replicates, generator)
        rescale = np.sqrt(share * (1 - stage.fraction))[stage.parent][:, None]
        multipliers = multipliers[stage.parent] + rescale * carried[stage.parent] * (times - 1)
        carried = carried[stage.parent] * np.sqrt(times)
        share = (share * stage.fraction)[stage.parent]
    scale = _average(structure) / (replicates if mse else replicates - 1)
    return Replication("bootstrap", multipliers, scale, np.ones(replicates), mse)


def _times_drawn(stage: Stage, replicates: int, generator: np.random.Generator) -> Floats:
    """Return (U, R) how often each unit was drawn, times n/(n − 1); 1 where a parent has a single unit."""
    times = np.ones((len(stage.parent), replicates))
    for parent, n in enumerate(stage.drawn):
        if n > 1:
            units = np.flatnonzero(stage.parent == parent)
            drawn = generator.multinomial(n - 1, np.full(n, 1 / n), size=replicates)
            times[units] = drawn.T * (n / (n - 1))
    return times


def _rank(weights: Floats) -> int:
    """Return how many replicates are linearly independent."""
    return int(np.linalg.matrix_rank(weights, rtol=_INDEPENDENT)) if weights.size else 0
