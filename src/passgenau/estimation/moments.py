"""Totals per domain and the covariance of what is made of them: from sums, or from rows in memory.

Both give the same numbers. Sums are what an engine makes of any amount of data; rows are needed where weights were
calibrated, because then the variance is that of residuals. `docs/methods.md`, sections “Variance”, “Linearisation”.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np

from passgenau.estimation.covariance import check_lonely, deviations, factors
from passgenau.estimation.quantities import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.design import Structure
    from passgenau.estimation.sums import Label, Sums
    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_EQUAL = 1e-6  # relative difference up to which weights count as equal
_NOISE = 32 * float(np.finfo(np.float64).eps)  # what rounding leaves of a sum whose terms cancel, relative to them
_BLOCK = 2_000_000  # numbers held at once for unit totals


class Moments(Protocol):
    """What estimates are made of. D domains, V variables, Q quantities."""

    @property
    def domains(self) -> Sequence[Mapping[str, Label]]:
        """The domains' labels."""
        ...

    @property
    def structure(self) -> Structure:
        """The design as read."""
        ...

    @property
    def totals(self) -> Floats:
        """(D, V) weighted sums."""
        ...

    @property
    def answers(self) -> Floats:
        """(D, V) rows with weight > 0 and v ≠ 0."""
        ...

    def units(self, variable: int) -> Ints:
        """(D,) PSUs with at least one row where the variable is not 0."""
        ...

    @property
    def degrees_of_freedom(self) -> Ints:
        """(D,) PSUs minus strata among the rows of each domain whose weight is not zero."""
        ...

    @property
    def equal_draws(self) -> Sequence[int | None]:
        """(D,) N where a domain is a whole stratum drawn with equal chances, one row a unit; else None."""
        ...

    def variances(self, gradients: Floats) -> Floats:
        """(D, Q) variances for gradients of shape (D, V, Q)."""
        ...

    def covariance(self, gradients: Floats) -> Floats:
        """(Q·D, Q·D) covariance, domains running fastest, for gradients of shape (D, V, Q)."""
        ...


@dataclass(frozen=True, eq=False)
class _OfSums:
    """What moments read directly off a table of sums."""

    sums: Sums

    @property
    def domains(self) -> Sequence[Mapping[str, Label]]:
        return self.sums.domains

    @property
    def structure(self) -> Structure:
        return self.sums.structure

    @cached_property
    def totals(self) -> Floats:
        return self.sums.per_domain(self.sums.total)

    @cached_property
    def answers(self) -> Floats:
        return self.sums.per_domain(self.sums.count)


@dataclass(frozen=True, eq=False)
class UnitMoments(_OfSums):
    """Moments from sums per unit."""

    @cached_property
    def psu(self) -> Ints:
        """(C,) the PSU of each cell."""
        index = self.sums.unit
        for stage in reversed(self.structure.stages[1:]):
            index = stage.parent[index]
        return index

    def units(self, variable: int) -> Ints:
        return self._units_with(self.sums.count[:, variable] > 0)

    @cached_property
    def degrees_of_freedom(self) -> Ints:
        cells = self.sums.count[:, EVERYONE] > 0
        inside = cells & (self.sums.domain >= 0)
        size = len(self.structure.strata)
        strata = np.unique(self.sums.domain[inside] * size + self.sums.stratum[inside]) // size
        return self._units_with(cells) - np.bincount(strata, minlength=len(self.domains))

    @cached_property
    def equal_draws(self) -> Sequence[int | None]:
        sums = self.sums
        if len(self.structure.stages) > 1 or (sums.rows != 1).any():
            return [None] * len(self.domains)
        return _equal_draws(self.structure, len(self.domains), sums.stratum, sums.domain, sums.total[:, EVERYONE])

    def variances(self, gradients: Floats) -> Floats:
        depth, _, width = gradients.shape
        out = np.empty((depth, width))
        step = max(1, _BLOCK // max(1, self._size * width))
        for start in range(0, depth, step):
            chosen = range(start, min(start + step, depth))
            scaled = self._deviations(gradients, chosen)
            out[chosen] = (scaled**2).sum(axis=0).reshape(width, len(chosen)).T
        return out

    def covariance(self, gradients: Floats) -> Floats:
        scaled = self._deviations(gradients, range(len(gradients)))
        return np.asarray(scaled.T @ scaled)

    @property
    def _size(self) -> int:
        return len(self.structure.stages[-1].parent)

    def _units_with(self, cells: NDArray[np.bool_]) -> Ints:
        """Count the PSUs of each domain that have one of some cells."""
        chosen = np.flatnonzero(cells & (self.sums.domain >= 0))
        domain = self.sums.domain[chosen]
        if len(self.structure.stages) > 1:  # several cells of a domain may lie in one PSU
            psus = len(self.structure.stages[0].parent)
            domain = np.unique(domain * psus + self.psu[chosen]) // psus
        return np.bincount(domain, minlength=len(self.domains)).astype(np.int64)

    @cached_property
    def _by_domain(self) -> tuple[list[Ints], list[Floats]]:
        """Each domain's units, and the (V, ·) sums in them."""
        order = np.argsort(self.sums.domain, kind="stable")
        ends = np.searchsorted(self.sums.domain[order], np.arange(len(self.domains) + 1))
        unit, total = self.sums.unit[order], self.sums.total.T[:, order]  # in one go: cells of a domain lie apart
        parts = [slice(start, stop) for start, stop in pairwise(ends)]
        return [unit[part] for part in parts], [total[:, part] for part in parts]

    def unit_totals(self, gradients: Floats, domains: Sequence[int] | None = None) -> Floats:
        """Return (units, Q·D) weighted totals of the influence values, domains running fastest."""
        chosen = range(len(gradients)) if domains is None else domains
        units, totals = self._by_domain
        out = np.zeros((len(chosen), self._size, gradients.shape[2]))
        for i, d in enumerate(chosen):
            out[i, units[d]] = totals[d].T @ gradients[d]
        return out.transpose(1, 2, 0).reshape(self._size, -1)

    def _deviations(self, gradients: Floats, domains: Sequence[int]) -> Floats:
        totals = self.unit_totals(gradients, domains)
        if not self.structure.lonely_domain:
            return deviations(totals, self.structure)
        width = gradients.shape[2]
        columns = totals.reshape(-1, width, len(domains))
        parts = [deviations(columns[:, :, i], self.structure, self._members(d)) for i, d in enumerate(domains)]
        return np.stack(parts, axis=2).reshape(parts[0].shape[0], width * len(domains))

    def _members(self, domain: int) -> NDArray[np.bool_]:
        members = np.zeros(len(self.structure.stages[0].parent), dtype=np.bool_)
        members[self.psu[self.sums.domain == domain]] = True
        return members


@dataclass(frozen=True, eq=False)
class StratumMoments(_OfSums):
    """Moments from sums per stratum, where every row is a unit of its own."""

    def units(self, variable: int) -> Ints:
        return self.answers[:, variable].astype(np.int64)

    @cached_property
    def degrees_of_freedom(self) -> Ints:
        units = self.sums.count[:, [EVERYONE]]
        strata = self._dense(np.minimum(units, 1))[:, :, 0].sum(axis=0)
        return np.asarray(self.sums.per_domain(units)[:, 0] - strata, dtype=np.int64)

    @cached_property
    def equal_draws(self) -> Sequence[int | None]:
        weights = self._dense(self.sums.total[:, [EVERYONE]])[:, :, 0]
        rows = self._dense(self.sums.rows[:, None])[:, :, 0]
        squares = self._square[:, :, self.sums.query.pairs.index((EVERYONE, EVERYONE))]
        spread = squares * rows - weights**2  # 0 where all weights of a cell are equal
        equal = np.abs(spread) <= (_EQUAL * weights) ** 2
        return [
            _whole(self.structure, rows[:, d], bool(equal[rows[:, d] > 0, d].all())) for d in range(len(self.domains))
        ]

    def variances(self, gradients: Floats) -> Floats:
        sums, squares = self._dense_influence(gradients)
        n = np.maximum(self.structure.stages[0].drawn, 1)[:, None, None]
        within = squares - sums**2 / n
        within[within <= _NOISE * self._magnitude(gradients)] = 0.0
        scale, single = self._scale()
        out = np.einsum("h,hdq->dq", scale, within)
        if single.any() and self.structure.lonely == "adjust":
            out += (self._lonely_deviations(sums, single) ** 2).sum(axis=0)
        return np.asarray(out)

    def covariance(self, gradients: Floats) -> Floats:
        depth, _, width = gradients.shape
        strata = len(self.structure.strata)
        sums = self._dense_total(gradients).transpose(0, 2, 1).reshape(strata, width * depth)
        scale, single = self._scale()
        n = np.maximum(self.structure.stages[0].drawn, 1)
        out = -(sums * (scale / n)[:, None]).T @ sums
        blocks = out.reshape(width, depth, width, depth)
        for d in range(depth):
            blocks[:, d, :, d] += gradients[d].T @ self._gram(d, scale) @ gradients[d]
        if single.any() and self.structure.lonely == "adjust":
            lonely = self._lonely_deviations(self._dense_total(gradients), single)
            flat = lonely.transpose(0, 2, 1).reshape(len(lonely), width * depth)
            out += flat.T @ flat
        return _with_variances((out + out.T) / 2, self.variances(gradients).T.ravel())

    def _scale(self) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the factor of each stratum and which strata have a single unit."""
        stage = self.structure.stages[0]
        single = (stage.drawn == 1) & (stage.population > stage.drawn)
        check_lonely(single, self.structure.lonely, self.structure.strata)
        scale = factors(stage.drawn, stage.population)
        if single.any() and self.structure.lonely == "average":
            drawn_from = stage.drawn > 0
            scale = scale * drawn_from.sum() / (drawn_from & ~single).sum()
        return scale, single

    def _lonely_deviations(self, sums: Floats, single: NDArray[np.bool_]) -> Floats:
        """Return (single strata, D, Q) distances from the mean of all units, scaled by the root of 1 − n/N."""
        stage = self.structure.stages[0]
        mean = sums.sum(axis=0) / stage.drawn.sum()
        root = np.sqrt(1 - stage.fraction[single])
        return np.asarray((sums[single] - mean) * root[:, None, None])

    def _dense(self, columns: NDArray[np.generic]) -> Floats:
        """Arrange (C, ·) columns as (strata, D, ·)."""
        out = np.zeros((len(self.structure.strata), len(self.domains), columns.shape[1]))
        inside = self.sums.domain >= 0
        out[self.sums.stratum[inside], self.sums.domain[inside]] = columns[inside]
        return out

    def _dense_total(self, gradients: Floats) -> Floats:
        return np.asarray(np.einsum("hdv,dvq->hdq", self._dense(self.sums.total), gradients))

    def _dense_influence(self, gradients: Floats) -> tuple[Floats, Floats]:
        """Return (strata, D, Q) sums of the influence values and of their squares."""
        pairs = np.array(self.sums.query.pairs, dtype=np.int64)
        twice = np.where(pairs[:, 0] == pairs[:, 1], 1.0, 2.0)
        products = gradients[:, pairs[:, 0]] * gradients[:, pairs[:, 1]] * twice[:, None]
        return self._dense_total(gradients), np.asarray(np.einsum("hdp,dpq->hdq", self._square, products))

    def _magnitude(self, gradients: Floats) -> Floats:
        """Return (strata, D, Q) sums of the sizes of what sums to the squares of the influence values."""
        pairs = np.array(self.sums.query.pairs, dtype=np.int64)
        products = np.abs(gradients[:, pairs[:, 0]] * gradients[:, pairs[:, 1]])
        return np.asarray(np.einsum("hdp,dpq->hdq", np.abs(self._square), products))

    @cached_property
    def _square(self) -> Floats:
        if self.sums.square is None:
            raise ValueError("sums of squares are needed where rows are units")
        return self._dense(self.sums.square)

    def _gram(self, domain: int, scale: Floats) -> Floats:
        """Return the (V, V) matrix of scaled Σ w²·v·v' of a domain."""
        weighted = scale @ self._square[:, domain]
        size = self.totals.shape[1]
        out = np.zeros((size, size))
        for (j, k), value in zip(self.sums.query.pairs, weighted, strict=True):
            out[j, k] = out[k, j] = value
        return out


@dataclass(frozen=True, eq=False)
class RowMoments:
    """Moments from rows in memory: `values` (n, V) of the variables, `domain` (n,) with −1 outside."""

    survey: Survey
    domains: Sequence[Mapping[str, Label]]
    values: Floats
    domain: Ints

    @property
    def structure(self) -> Structure:
        return self.survey.structure

    @cached_property
    def totals(self) -> Floats:
        return self.totals_under(self.survey.weight)

    def totals_under(self, weight: Floats) -> Floats:
        """Return (D, V) sums under other weights, for example those of a replicate."""
        out = np.zeros((len(self.domains), self.values.shape[1]))
        for d in range(len(self.domains)):
            rows = self.domain == d
            out[d] = weight[rows] @ self.values[rows]
        return out

    @cached_property
    def answers(self) -> Floats:
        out = np.zeros((len(self.domains), self.values.shape[1]))
        for d in range(len(self.domains)):
            rows = (self.domain == d) & (self.survey.weight > 0)
            out[d] = (self.values[rows] != 0).sum(axis=0)
        return out

    def units(self, variable: int) -> Ints:
        used = (self.survey.weight > 0) & (self.values[:, variable] != 0)
        psu = self.survey.psu
        return np.array([len(np.unique(psu[used & (self.domain == d)])) for d in range(len(self.domains))])

    @cached_property
    def degrees_of_freedom(self) -> Ints:
        domains = range(len(self.domains))
        return np.array([self.survey.degrees_of_freedom(self.domain == d) for d in domains], dtype=np.int64)

    @cached_property
    def equal_draws(self) -> Sequence[int | None]:
        survey = self.survey
        single = len(self.structure.stages) == 1 and len(self.structure.stages[0].parent) == survey.rows
        if not single or survey.adjustments or not survey.simple:
            return [None] * len(self.domains)
        return _equal_draws(self.structure, len(self.domains), survey.stratum, self.domain, survey.weight)

    def variances(self, gradients: Floats) -> Floats:
        depth, _, width = gradients.shape
        out = np.empty((depth, width))
        for d in range(depth):
            members = self.domain == d
            influence = np.where(members[:, None], self.values @ gradients[d], 0.0)
            out[d] = np.diag(self.survey.restrict(members).covariance(influence))
        return out

    def covariance(self, gradients: Floats) -> Floats:
        depth, _, width = gradients.shape
        influence = np.zeros((self.survey.rows, width, depth))
        for d in range(depth):
            rows = self.domain == d
            influence[rows, :, d] = self.values[rows] @ gradients[d]
        return self.survey.covariance(influence.reshape(self.survey.rows, width * depth))


def _with_variances(matrix: Floats, variances: Floats) -> Floats:
    """Return a covariance matrix with its diagonal put right; what does not vary does not vary together either."""
    np.fill_diagonal(matrix, variances)
    constant = variances == 0
    matrix[constant] = 0.0
    matrix[:, constant] = 0.0
    return matrix


def moments_of(sums: Sums) -> Moments:
    """Return the moments that a table of sums gives."""
    return StratumMoments(sums) if sums.structure.rows_are_units else UnitMoments(sums)


def _equal_draws(structure: Structure, depth: int, stratum: Ints, domain: Ints, weight: Floats) -> Sequence[int | None]:
    """Return N per domain for one row per unit, as `Moments.equal_draws`."""
    out: list[int | None] = []
    for d in range(depth):
        members = domain == d
        rows = np.bincount(stratum[members], minlength=len(structure.strata))
        weights = weight[members]
        equal = bool(weights.size) and float(np.ptp(weights)) <= _EQUAL * float(weights.max())
        out.append(_whole(structure, rows, equal))
    return out


def _whole(structure: Structure, rows: NDArray[np.generic], equal: bool) -> int | None:  # noqa: FBT001 -- a fact
    """Return N where a domain's rows are all units of one stratum of known size, equally weighted."""
    stage = structure.stages[0]
    strata = np.flatnonzero(rows)
    if len(strata) != 1 or not equal:
        return None
    h = strata[0]
    population = stage.population[h]
    complete = rows[h] == stage.drawn[h] and np.isfinite(population) and population == np.floor(population)
    return int(population) if complete else None
