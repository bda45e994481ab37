"""A population from a CSV file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from passgenau.errors import Problem
from passgenau.frame.labels import district_label, labelled
from passgenau.frame.register import District, load_register
from passgenau.frame.units import SizeClass, Tier, Unit, size_class_of
from passgenau.reading import Loaded, Record, RecordError, load_csv, raise_if
from passgenau.text import Text

KEY_LENGTH: dict[Tier, int] = {"district": 5, "municipality": 8}
_LAT = (47.2, 55.1)  # from Haldenwanger Eck to List on Sylt, with some room
_LON = (5.8, 15.1)  # from Isenbruch to Neißeaue, with some room


class FrameRow(Record):
    """One unit in a frame's own CSV file; the columns may stand in any order."""

    key: str
    """Amtlicher Gemeindeschlüssel: 8 digits for a municipality, 5 for a district; unique."""
    name: str = Field(min_length=1)
    """Official name, e.g. “Aalen, Stadt”."""
    population: int = Field(ge=0)
    """Inhabitants."""
    lat: float
    """Latitude, decimal degrees (WGS84)."""
    lon: float
    """Longitude, decimal degrees (WGS84)."""
    type: str = ""
    """Landkreis, Stadtkreis, Große Kreisstadt, Stadt, Gemeinde, …"""
    district: str | None = Field(default=None, pattern=r"^\d{5}$")
    """Key of the district; without it, the first five digits of the key."""
    district_label: str | None = None
    """Unambiguous name of the district; without it, the built-in register's."""
    region: str | None = None
    """Regierungsbezirk; without it, the built-in register's."""
    area_km2: float | None = Field(default=None, ge=0)
    postcode: str | None = Field(default=None, pattern=r"^\d{5}$")
    urbanisation: int | None = Field(default=None, ge=1, le=3)
    """Eurostat's degree: 1 densely, 2 intermediate, 3 thinly populated."""
    size_class: SizeClass | None = None
    """Without it, by population."""
    source: str | None = None
    """What must be printed wherever the row's data are shown."""

    @model_validator(mode="before")
    @classmethod
    def _placed(cls, row: Any) -> Any:  # noqa: ANN401 -- what stands before validation is any object
        for column in ("lat", "lon"):
            if isinstance(row, dict) and column not in row:
                raise RecordError(
                    "Die Koordinate fehlt.",
                    "The coordinate is missing.",
                    at=(column,),
                    hint=Text(
                        "Den Punkt des Rathauses eintragen, in Grad mit Dezimalpunkt, z. B. lat 48.776, lon 9.178.",
                        "Enter the town hall's point, in degrees with a decimal point, e.g. lat 48.776, lon 9.178.",
                    ),
                )
        return row

    @field_validator("lat")
    @classmethod
    def _lat_in_germany(cls, value: float) -> float:
        return _within(value, _LAT)

    @field_validator("lon")
    @classmethod
    def _lon_in_germany(cls, value: float) -> float:
        return _within(value, _LON)


def _within(value: float, limits: tuple[float, float]) -> float:
    low, high = limits
    if low <= value <= high:
        return value
    raise RecordError(
        f"{value} liegt nicht in Deutschland.",
        f"{value} does not lie in Germany.",
        hint=Text(
            f"Erlaubt sind {low} bis {high} Grad. Sind lat und lon vertauscht, oder fehlt der Dezimalpunkt?",
            f"Allowed are {low} to {high} degrees. Have lat and lon been swapped, or is the decimal point missing?",
        ),
    )


def read_units(path: Path, tier: Tier, *, name: str | None = None) -> tuple[tuple[Unit, ...], tuple[str, ...]]:
    """Read the units of a tier from a CSV file (UTF-8, comma or semicolon, header line).

    Parameters
    ----------
    path
        The file; its columns are the fields of `FrameRow`.
    tier
        What its rows are: districts or municipalities.
    name
        How messages call the file; its own name by default.

    Returns
    -------
    units
        In the order of their keys.
    sources
        What must be printed wherever the data are shown: every source the file names, once.

    Raises
    ------
    InputError
        The file is missing or empty, a column is unknown or missing, a key has the wrong length
        or stands twice, a coordinate lies outside Germany, a value is not of its kind.
    """
    loaded = load_csv(path, FrameRow, name=name)
    raise_if(_problems(loaded, tier))
    districts = load_register().by_district
    units = (_unit(row, tier, districts.get(row.district or row.key[:5])) for row in loaded.value)
    sources = dict.fromkeys(row.source for row in loaded.value if row.source)
    return labelled(sorted(units, key=lambda unit: unit.key)), tuple(sources)


def _problems(loaded: Loaded[list[FrameRow]], tier: Tier) -> Iterator[Problem]:
    """Yield what only the whole file shows: keys of the wrong length, keys that repeat, no rows."""
    first: dict[str, int] = {}
    for index, row in enumerate(loaded.value):
        if not _is_key(row.key, tier):
            yield _bad_key(loaded, index, row.key, tier)
        elif row.key in first:
            line = loaded.line_of((first[row.key],))
            message = Text(
                f"Der Schlüssel {row.key!r} steht zweimal (zuerst in Zeile {line}).",
                f"The key {row.key!r} stands twice (first in line {line}).",
            )
            hint = Text("Jede Einheit steht in genau einer Zeile.", "Every unit stands in exactly one line.")
            yield _at_column(loaded, index, "key", message, hint)
        elif tier == "district" and row.district not in {None, row.key}:
            message = Text(
                f"{row.district!r} ist nicht der Schlüssel dieses Kreises ({row.key!r}).",
                f"{row.district!r} is not this district's key ({row.key!r}).",
            )
            yield _at_column(loaded, index, "district", message, Text("Die Spalte weglassen.", "Leave the column out."))
        first.setdefault(row.key, index)
    if not loaded.value:
        message = Text("Die Datei enthält nur die Kopfzeile.", "The file holds nothing but its header.")
        yield Problem(message, loaded.name, 1, None, Text("Je Einheit eine Zeile.", "One line for each unit."))


def _is_key(key: str, tier: Tier) -> bool:
    return key.isascii() and key.isdigit() and len(key) == KEY_LENGTH[tier]


def _bad_key(loaded: Loaded[list[FrameRow]], index: int, key: str, tier: Tier) -> Problem:
    length = KEY_LENGTH[tier]
    message = Text(f"{key!r} ist kein Schlüssel mit {length} Ziffern.", f"{key!r} is not a key of {length} digits.")
    hint = (
        Text(
            "Ist beim Bearbeiten in einer Tabelle die führende Null verloren gegangen? Die Spalte als Text einlesen.",
            "Has a spreadsheet dropped the leading zero? Import the column as text.",
        )
        if _is_key(f"0{key}", tier)
        else Text(
            "Gemeinden haben 8 Ziffern, Kreise 5 (Amtlicher Gemeindeschlüssel).",
            "Municipalities have 8 digits, districts 5 (Amtlicher Gemeindeschlüssel).",
        )
    )
    return _at_column(loaded, index, "key", message, hint)


def _at_column(loaded: Loaded[list[FrameRow]], index: int, column: str, message: Text, hint: Text) -> Problem:
    return Problem(message, loaded.name, loaded.line_of((index, column)), column, hint)


def _unit(row: FrameRow, tier: Tier, known: District | None) -> Unit:
    district = row.key if tier == "district" else row.district or row.key[:5]
    own_label = district_label(row.name, row.type) if tier == "district" else district
    label = row.district_label or (known.label if known else own_label)
    return Unit(
        key=row.key,
        name=row.name,
        label=label if tier == "district" else row.name,
        tier=tier,
        type=row.type,
        state=row.key[:2],
        district=district,
        district_label=label,
        region=row.region or (known.region if known else None),
        population=row.population,
        area_km2=row.area_km2,
        lat=row.lat,
        lon=row.lon,
        postcode=row.postcode,
        urbanisation=row.urbanisation,
        size_class=None if tier == "district" else row.size_class or size_class_of(row.population),
    )
