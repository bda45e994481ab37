"""The organisations of a frame with what is invented about them: interest, and readiness to answer."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.frame import Frame, Unit
    from passgenau.simulation.assumptions import SimulationAssumptions

    Floats = NDArray[np.float64]

_BY_SIZE = 0.35  # how interest goes along with the number of inhabitants: a correlation
_BY_DISTRICT = 0.3  # how much interest the organisations of one district share: a correlation


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return random numbers of their own for every name, so that a further question changes no other."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode("utf-8")) for name in names)])


@dataclass(frozen=True)
class Population:
    """All organisations of one audience."""

    audience: str
    units: tuple[Unit, ...]
    interest: Floats  # per organisation, mean 0 and variance 1
    readiness: Floats  # log odds of answering, up to a constant

    def __len__(self) -> int:
        return len(self.units)


def populate(frames: Mapping[str, Frame], assumptions: SimulationAssumptions, seed: int) -> tuple[Population, ...]:
    """Return every audience with the interest of its organisations and their readiness to answer.

    Interest grows a little with the number of inhabitants and is shared within districts; readiness follows
    size class, interest, region and district, as `assumptions` says.
    """
    return tuple(_population(audience, frame, assumptions, seed) for audience, frame in frames.items())


def _population(audience: str, frame: Frame, assumptions: SimulationAssumptions, seed: int) -> Population:
    units = frame.units
    interest = _interest(units, stream(seed, audience, "interest"))
    readiness = assumptions.interest * interest
    readiness += np.array([assumptions.size_classes.get(unit.size_class or "", 0.0) for unit in units])
    for spread, groups in (
        (assumptions.region_spread, [unit.region or "" for unit in units]),
        (assumptions.district_spread, [unit.district for unit in units]),
    ):
        readiness += spread * _by_group(groups, stream(seed, audience, "readiness"))
    return Population(audience, units, interest, readiness)


def _interest(units: Sequence[Unit], rng: np.random.Generator) -> Floats:
    size = standard(np.log(np.array([max(unit.population, 1) for unit in units], dtype=float)))
    district = _by_group([unit.district for unit in units], rng)
    own = rng.standard_normal(len(units))
    rest = np.sqrt(1 - _BY_SIZE**2 - _BY_DISTRICT**2)
    return standard(_BY_SIZE * size + _BY_DISTRICT * district + rest * own)


def _by_group(groups: Sequence[str], rng: np.random.Generator) -> Floats:
    """Return one draw per group, for every member."""
    names = sorted(set(groups))
    drawn = dict(zip(names, rng.standard_normal(len(names)), strict=True))
    return np.array([drawn[group] for group in groups])


def standard(values: Floats) -> Floats:
    """Return values with mean 0 and variance 1; zeros where they do not differ."""
    spread = values.std() if values.size else 0.0
    return np.asarray((values - values.mean()) / spread) if spread > 0 else np.zeros_like(values)
