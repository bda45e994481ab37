"""A GV100AD file as a frame: what it lacks, coordinates above all, comes from the previous register by key."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from passgenau.errors import InputError, Problem
from passgenau.formats.gv100ad_records import (
    DISTRICT_TYPES,
    MUNICIPALITY_TYPES,
    NAME_WIDTH,
    ORIGINAL,
    UNINCORPORATED,
    GvRecord,
    read_gv100ad,
)
from passgenau.frame import Register, SizeClass, Tier, Unit, district_label, size_class_of
from passgenau.reading import raise_if
from passgenau.text import Text

_REGION_PREFIX = "Reg.-Bez. "


@dataclass(frozen=True, slots=True)
class FrameLine:
    """One line of the frame's CSV file: the columns of `passgenau.frame.FrameRow`, in this order."""

    key: str
    name: str
    type: str
    population: int
    lat: float | None  # None where the previous register does not know the place
    lon: float | None
    district: str
    district_label: str
    region: str | None
    area_km2: float
    postcode: str | None
    urbanisation: int | None
    size_class: SizeClass | None
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """A unit that is not what it was in the previous register."""

    what: Literal["new", "vanished", "renamed", "retyped"]
    key: str
    before: str | None  # name or type in the previous register; None for a new unit
    after: str | None  # name or type in the file; None for a vanished one


@dataclass(frozen=True, slots=True)
class Imported:
    """A GV100AD file as a frame, and where it differs from the previous register."""

    tier: Tier
    status: dt.date  # latest date in the file
    rows: tuple[FrameLine, ...]  # in the order of their keys
    unmatched: tuple[FrameLine, ...]  # those of the rows that have no coordinates
    changes: tuple[Change, ...]  # by kind, then by key
    absent_districts: tuple[Unit, ...]  # which the previous register has in these states, the file has not
    unincorporated: int  # areas without a municipality, left out
    common: int  # units that both the file and the previous register have
    common_population: tuple[int, int]  # their inhabitants in the previous register and in the file


def import_register(path: Path, previous: Register, tier: Tier, *, name: str | None = None) -> Imported:
    """Read a GV100AD file and join coordinates and urbanisation from the previous register by key.

    Parameters
    ----------
    path
        The file, of all Germany or of a part of it.
    previous
        The register that knows the coordinates.
    tier
        Whether the rows shall be municipalities, or the districts they form.
    name
        How messages call the file.

    Returns
    -------
    Imported
        Rows, those of them without coordinates, and the differences. A municipality counts as
        vanished only where the file holds others of its district, so that an excerpt does not
        report the rest of the country.

    Raises
    ------
    InputError
        As for `read_gv100ad`; or the file holds no municipality; or districts are wanted and the
        file has no line for one.

    Notes
    -----
    A district's population is the sum over its municipalities, its area includes unincorporated
    areas, and its point is the population-weighted mean of its municipalities' points.
    """
    name = name or path.name
    records = read_gv100ad(path, name=name)
    places = [r for r in records if r.kind == "municipality" and r.type_code in MUNICIPALITY_TYPES]
    if not places:
        raise InputError.of(
            "Die Datei enthält keine Gemeinde (Satzart 60).",
            "The file holds no municipality (record type 60).",
            file=name,
            hint=ORIGINAL,
        )
    names = _Names(records, previous)
    rows = [_municipality(record, previous, names) for record in sorted(places, key=lambda r: r.key)]
    if tier == "district":
        raise_if(_districts_missing(records, rows, name))
        rows = _districts(rows, records, names)
    before = _before(rows, previous, tier)
    common = [(before[row.key].population, row.population) for row in rows if row.key in before]
    return Imported(
        tier=tier,
        status=names.status,
        rows=tuple(rows),
        unmatched=tuple(row for row in rows if row.lat is None),
        changes=tuple(_changes(rows, before)),
        absent_districts=_absent(rows, previous),
        unincorporated=sum(record.type_code in UNINCORPORATED for record in records),
        common=len(common),
        common_population=(sum(old for old, _ in common), sum(new for _, new in common)),
    )


class _Names:
    """What the lines above a municipality say about it: district, Regierungsbezirk, status."""

    def __init__(self, records: Sequence[GvRecord], previous: Register) -> None:
        self.status = max(record.date for record in records)
        self.source = _source(self.status, previous.coordinates_date)
        self.districts = {r.key: r for r in records if r.kind == "district"}
        self._regions = {r.key: r.name for r in records if r.kind == "region"}
        self._previous = previous.by_district

    def label(self, district: str) -> str:
        """Return the district's name; without a line of its own, the previous register's, or its key."""
        record = self.districts.get(district)
        if record is not None:
            return district_label(record.name, DISTRICT_TYPES[record.type_code])
        return self._previous[district].label if district in self._previous else district

    def region(self, district: str) -> str | None:
        """Return the Regierungsbezirk, or None where the state has none."""
        given = self._regions.get(district[:3], "")
        if given.startswith(_REGION_PREFIX):
            return given.removeprefix(_REGION_PREFIX)
        return self._previous[district].region if district in self._previous else None


def _source(status: dt.date, coordinates: dt.date) -> str:
    """Return the attribution that the publisher asks for."""
    return (
        f"© Statistisches Bundesamt (Destatis), {status.year}, im Auftrag der Herausgebergemeinschaft "
        f"Statistische Ämter des Bundes und der Länder, Gemeindeverzeichnis-Informationssystem GV-ISys, "
        f"Stand {status:%d.%m.%Y} (Koordinaten und Verstädterung: Stand {coordinates:%d.%m.%Y}). Daten bearbeitet."
    )


def _municipality(record: GvRecord, previous: Register, names: _Names) -> FrameLine:
    known = previous.by_key.get(record.key)
    district, population = record.key[:5], record.population or 0
    return FrameLine(
        key=record.key,
        name=_whole_name(record.name, known),
        type=MUNICIPALITY_TYPES[record.type_code],
        population=population,
        lat=known.lat if known else None,
        lon=known.lon if known else None,
        district=district,
        district_label=names.label(district),
        region=names.region(district),
        area_km2=(record.area_ha or 0) / 100,
        postcode=record.postcode,
        urbanisation=known.urbanisation if known else None,
        size_class=size_class_of(population),
        source=names.source,
    )


def _whole_name(name: str, known: Unit | None) -> str:
    """Return the previous register's name where the file's is the beginning of it, cut off at its width."""
    if known is not None and len(name) >= NAME_WIDTH - 1 and known.name.startswith(name):
        return known.name
    return name


def _districts_missing(records: Iterable[GvRecord], rows: Iterable[FrameLine], file: str) -> Iterator[Problem]:
    """Yield a problem for every district that has municipalities but no line of its own."""
    given = {record.key for record in records if record.kind == "district"}
    for key in sorted({row.district for row in rows} - given):
        message = Text(f"Zum Kreis {key} fehlt der Satz 40.", f"The line (type 40) of the district {key} is missing.")
        yield Problem(message, file, hint=ORIGINAL)


def _districts(rows: Iterable[FrameLine], records: Iterable[GvRecord], names: _Names) -> list[FrameLine]:
    """Gather municipalities into their districts."""
    members: dict[str, list[FrameLine]] = defaultdict(list)
    hectares: dict[str, int] = defaultdict(int)
    for row in rows:
        members[row.district].append(row)
    for record in records:
        if record.kind == "municipality":
            hectares[record.key[:5]] += record.area_ha or 0
    return [_district(names.districts[key], members[key], hectares[key], names) for key in sorted(members)]


def _district(record: GvRecord, members: Sequence[FrameLine], hectares: int, names: _Names) -> FrameLine:
    lat, lon = _centre(members)
    return FrameLine(
        key=record.key,
        name=record.name,
        type=DISTRICT_TYPES[record.type_code],
        population=sum(row.population for row in members),
        lat=lat,
        lon=lon,
        district=record.key,
        district_label=names.label(record.key),
        region=names.region(record.key),
        area_km2=hectares / 100,
        postcode=None,
        urbanisation=None,
        size_class=None,
        source=names.source,
    )


def _centre(members: Iterable[FrameLine]) -> tuple[float | None, float | None]:
    """Return the population-weighted mean of the points that are known."""
    points = [(m.lat, m.lon, max(m.population, 1)) for m in members if m.lat is not None and m.lon is not None]
    if not points:
        return None, None
    total = sum(weight for _, _, weight in points)
    lat = sum(lat * weight for lat, _, weight in points) / total
    lon = sum(lon * weight for _, lon, weight in points) / total
    return round(lat, 6), round(lon, 6)


def _before(rows: Iterable[FrameLine], previous: Register, tier: Tier) -> dict[str, Unit]:
    """Return the previous register's units of the districts that the rows cover."""
    covered = {row.district for row in rows}
    units = previous.districts if tier == "district" else previous.municipalities
    return {unit.key: unit for unit in units if unit.district in covered}


def _absent(rows: Iterable[FrameLine], previous: Register) -> tuple[Unit, ...]:
    covered = {row.district for row in rows}
    states = {key[:2] for key in covered}
    return tuple(unit for unit in previous.districts if unit.state in states and unit.key not in covered)


def _changes(rows: Sequence[FrameLine], before: Mapping[str, Unit]) -> Iterator[Change]:
    after = {row.key: row for row in rows}
    both = [(before[key], row) for key, row in after.items() if key in before]
    yield from (Change("new", row.key, None, row.name) for row in rows if row.key not in before)
    yield from (Change("vanished", key, unit.name, None) for key, unit in before.items() if key not in after)
    yield from (Change("renamed", row.key, old.name, row.name) for old, row in both if old.name != row.name)
    yield from (Change("retyped", row.key, old.type, row.type) for old, row in both if old.type != row.type)
