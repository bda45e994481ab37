"""The built-in register: all districts and municipalities of Germany, read from the package's own files."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from passgenau.frame.labels import labelled
from passgenau.frame.units import Tier, Unit

if TYPE_CHECKING:
    import polars as pl

DATA = files("passgenau.frame") / "data"

STATES: Mapping[str, str] = {
    "01": "Schleswig-Holstein",
    "02": "Hamburg",
    "03": "Niedersachsen",
    "04": "Bremen",
    "05": "Nordrhein-Westfalen",
    "06": "Hessen",
    "07": "Rheinland-Pfalz",
    "08": "Baden-Württemberg",
    "09": "Bayern",
    "10": "Saarland",
    "11": "Berlin",
    "12": "Brandenburg",
    "13": "Mecklenburg-Vorpommern",
    "14": "Sachsen",
    "15": "Sachsen-Anhalt",
    "16": "Thüringen",
}
"""The first two digits of a key and the state they stand for."""


@dataclass(frozen=True)
class District:
    """What the register knows of a district beyond its `Unit`."""

    key: str
    label: str
    region: str | None  # Regierungsbezirk
    seat: str  # of the district's administration; may lie in a neighbouring Stadtkreis
    label_point: tuple[float, float] | None  # latitude, longitude; always inside the district's boundary


@dataclass(frozen=True, eq=False)
class Register:
    """All municipalities and districts of one edition of the register.

    The units are built when they are asked for, so that a study of one state does not pay for
    the other fifteen. Labels are unique among the units that are returned together.
    """

    status: dt.date  # territory as of this day
    population_date: dt.date  # inhabitants on this day
    coordinates_date: dt.date  # points and degree of urbanisation as of this day
    attribution: str  # to be printed wherever the register's data are shown
    boundary_attribution: str  # to be printed beside every map drawn from its boundaries
    _municipalities: pl.DataFrame
    _districts: pl.DataFrame

    def units(self, tier: Tier, state: str | None = None) -> tuple[Unit, ...]:
        """Return the units of a tier, of all Germany or of one state, in the order of their keys.

        Parameters
        ----------
        tier
            “district” or “municipality”.
        state
            First two digits of the key; a state that does not exist has no units.
        """
        table = self._districts if tier == "district" else self._municipalities
        if state is not None:
            table = table.filter(table["key"].str.starts_with(state))
        rows = _district_rows(table) if tier == "district" else _municipality_rows(table, self._districts)
        return labelled(Unit(*row) for row in rows.rows())

    @cached_property
    def municipalities(self) -> tuple[Unit, ...]:
        """All municipalities of Germany; labels are unique in Germany."""
        return self.units("municipality")

    @cached_property
    def districts(self) -> tuple[Unit, ...]:
        """All districts of Germany: Landkreise, Kreise, Stadtkreise, kreisfreie Städte."""
        return self.units("district")

    @cached_property
    def by_key(self) -> Mapping[str, Unit]:
        """Every municipality and district of Germany by its key."""
        return {unit.key: unit for unit in (*self.districts, *self.municipalities)}

    @cached_property
    def by_district(self) -> Mapping[str, District]:
        """Seat, region and label point of every district, by its key."""
        rows = self._districts.select("key", "label", "region", "seat", "label_lat", "label_lon").rows()
        return {
            key: District(key, label, region, seat, None if lat is None else (lat, lon))
            for key, label, region, seat, lat, lon in rows
        }


def _municipality_rows(table: pl.DataFrame, districts: pl.DataFrame) -> pl.DataFrame:
    """Bring municipalities into the order of the fields of `Unit`; the label is still the official name."""
    import polars as pl  # noqa: PLC0415 -- takes 0.2 s, which `passgenau --help` should not pay

    district = districts.select(district="key", district_label="label", region="region")
    key = pl.col("key")
    return (
        table.with_columns(district=key.str.slice(0, 5))
        .join(district, on="district", how="left", maintain_order="left")
        .select(
            key,
            "name",
            pl.col("name").alias("label"),
            pl.lit("municipality").alias("tier"),
            "type",
            key.str.slice(0, 2).alias("state"),
            "district",
            "district_label",
            "region",
            "population",
            "area_km2",
            "lat",
            "lon",
            "postcode",
            "urbanisation",
            "size_class",
        )
    )


def _district_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Bring districts into the order of the fields of `Unit`."""
    import polars as pl  # noqa: PLC0415 -- takes 0.2 s, which `passgenau --help` should not pay

    key = pl.col("key")
    return table.select(
        key,
        "name",
        "label",
        pl.lit("district").alias("tier"),
        "type",
        key.str.slice(0, 2).alias("state"),
        key.alias("district"),
        pl.col("label").alias("district_label"),
        "region",
        "population",
        "area_km2",
        "lat",
        "lon",
        pl.lit(None).alias("postcode"),
        pl.lit(None).alias("urbanisation"),
        pl.lit(None).alias("size_class"),
    )


@cache
def load_register() -> Register:
    """Return the built-in register; it is read once per process."""
    about = json.loads((DATA / "about.json").read_text(encoding="utf-8"))
    return Register(
        status=dt.date.fromisoformat(about["status"]),
        population_date=dt.date.fromisoformat(about["population_date"]),
        coordinates_date=dt.date.fromisoformat(about["coordinates_date"]),
        attribution=about["attribution"],
        boundary_attribution=about["boundary_attribution"],
        _municipalities=_table("municipalities.parquet"),
        _districts=_table("districts.parquet"),
    )


def register_digests() -> dict[str, str]:
    """Return the SHA-256 of every data file of the built-in register, by file name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(DATA.iterdir(), key=lambda path: path.name)
    }


def _table(name: str) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 -- takes 0.2 s, which `passgenau --help` should not pay

    return pl.read_parquet(io.BytesIO((DATA / name).read_bytes()))
