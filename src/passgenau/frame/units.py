"""The units of a population: Landkreise, or Städte und Gemeinden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Tier = Literal["district", "municipality"]
SizeClass = Literal["Großstadt", "Mittelstadt", "Kleinstadt", "Landgemeinde"]

# The thresholds of the BBSR's types of towns, by population alone: the smallest population of each class.
SIZE_CLASSES: tuple[tuple[SizeClass, int], ...] = (
    ("Großstadt", 100_000),
    ("Mittelstadt", 20_000),
    ("Kleinstadt", 5_000),
    ("Landgemeinde", 0),
)


def size_class_of(population: int) -> SizeClass:
    """Return the size class of a municipality with `population` inhabitants.

    Notes
    -----
    The BBSR's own typology of towns also uses central-place functions, so that single
    municipalities may be classed differently there.
    """
    return next(name for name, least in SIZE_CLASSES if population >= least)


@dataclass(frozen=True, slots=True)
class Unit:
    """One district or municipality of the register."""

    key: str  # AGS: 5 digits for a district, 8 for a municipality; text, keeps its leading zero
    name: str  # official name, e.g. "Aalen, Stadt"
    label: str  # name that is unambiguous within its frame, e.g. "Altdorf (Böblingen)"
    tier: Tier
    type: str  # Landkreis, Stadtkreis, Große Kreisstadt, Stadt, Gemeinde, …
    state: str  # first two digits of the key
    district: str  # five-digit key of the district it lies in (its own for a district)
    district_label: str  # unambiguous name of that district
    region: str | None  # Regierungsbezirk, where the state has them
    population: int  # inhabitants
    area_km2: float | None  # None only where a file of one's own does not give it
    lat: float  # decimal degrees, WGS84
    lon: float
    postcode: str | None  # of the seat of the administration; None for districts
    urbanisation: int | None  # Eurostat degree: 1 densely, 2 intermediate, 3 thinly populated
    size_class: SizeClass | None  # by population; None for districts


@dataclass(frozen=True)
class Frame:
    """A population: all units that could have been asked, in the order of their keys."""

    id: str  # the audience it belongs to
    units: tuple[Unit, ...]
    attribution: tuple[str, ...]  # what must be printed wherever the data are shown

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def by_key(self) -> dict[str, Unit]:
        """The units by their key."""
        return {unit.key: unit for unit in self.units}
