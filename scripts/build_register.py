"""Build the register that ships with passgenau, from CSV tables and GeoJSON boundaries.

docs/frame.md describes the tables' columns and how to renew the register; the dates and the
attribution in src/passgenau/frame/data/about.json and SOURCES.md are kept by hand.

    python scripts/build_register.py \
        --municipalities gemeinden_de.csv --districts kreise_de.csv --details kreise_bw.csv \
        --boundaries 08 district kreise_bw.geojson --boundaries 08 municipality gemeinden_bw.geojson
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from passgenau.frame.labels import district_label, short_name
from passgenau.frame.units import size_class_of

DATA = Path(__file__).parent.parent / "src" / "passgenau" / "frame" / "data"
KEY_LENGTH = {"municipality": 8, "district": 5}


def main() -> None:
    """Read the tables named on the command line, check them, write the files of the register."""
    options = _options()
    municipalities = read_municipalities(options.municipalities)
    districts = read_districts(options.districts, options.details)
    check(municipalities, districts)
    options.out.mkdir(parents=True, exist_ok=True)
    _write(municipalities, options.out / "municipalities.parquet")
    _write(districts, options.out / "districts.parquet")
    keys = {"municipality": set(municipalities["key"]), "district": set(districts["key"])}
    for state, layer, file in options.boundaries:
        if layer not in keys:
            _stop(f"--boundaries: the layer is district or municipality, not {layer!r}")
        write_boundaries(Path(file), options.out / f"boundaries_{state}_{layer}.geojson.gz", state, keys[layer])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the register that ships with passgenau.")
    parser.add_argument("--municipalities", type=Path, required=True, help="CSV of all municipalities")
    parser.add_argument("--districts", type=Path, required=True, help="CSV of all districts")
    parser.add_argument("--details", type=Path, action="append", default=[], help="CSV with a state's region and label")
    parser.add_argument("--boundaries", nargs=3, action="append", default=[], metavar=("STATE", "LAYER", "GEOJSON"))
    parser.add_argument("--out", type=Path, default=DATA)
    return parser.parse_args()


def _stop(message: str) -> None:
    sys.exit(f"error: {message}")


def _read(path: Path) -> pl.DataFrame:
    """Read a table with every column as text: keys and postcodes keep their leading zero."""
    return pl.read_csv(path, infer_schema=False)


def _number(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64)


def read_municipalities(path: Path) -> pl.DataFrame:
    """Return the municipalities with the register's columns and types, in the order of their keys."""
    table = _read(path)
    if table["short_name"].to_list() != [short_name(name) for name in table["name"]]:
        _stop(f"{path.name}: short_name is not the name up to its first comma")
    if table["size_class"].to_list() != [size_class_of(int(n)) for n in table["population"]]:
        _stop(f"{path.name}: size_class does not follow from population")
    return table.select(
        pl.col("ags").alias("key"),
        "name",
        "type",
        pl.col("population").cast(pl.Int32),
        _number("area_km2"),
        _number("lat"),
        _number("lon"),
        pl.col("plz").alias("postcode"),
        pl.col("urbanisation").cast(pl.Int8),
        "size_class",
    ).sort("key")


def read_districts(path: Path, details: list[Path]) -> pl.DataFrame:
    """Return the districts; region, label, label point and area come from the states' own tables where they exist."""
    columns = {"ags5": "key", "regierungsbezirk": "region", "display_name": "given_label", "area_km2": "given_area"}
    points = ("label_lat", "label_lon")
    empty = pl.DataFrame(schema=dict.fromkeys([*columns, *points], pl.String))
    known = pl.concat([empty, *(_read(file).select(*columns, *points) for file in details)]).rename(columns)
    table = _read(path).rename({"ags5": "key"}).join(known, on="key", how="left")
    derived = [district_label(name, kind) for name, kind in table.select("name", "type").rows()]
    return (
        table.with_columns(
            label=pl.coalesce("given_label", pl.Series(derived)),
            area_km2=pl.coalesce("given_area", "area_km2"),  # the states' own counts uninhabited areas as well
        )
        .select(
            "key",
            "name",
            "label",
            "type",
            pl.col("population").cast(pl.Int32),
            _number("area_km2"),
            _number("lat"),
            _number("lon"),
            "region",
            "seat",
            _number("label_lat"),
            _number("label_lon"),
        )
        .sort("key")
    )


def check(municipalities: pl.DataFrame, districts: pl.DataFrame) -> None:
    """Stop when keys repeat or have the wrong length, labels are ambiguous, or the sums differ."""
    for tier, table in (("municipality", municipalities), ("district", districts)):
        if not table["key"].is_unique().all():
            _stop(f"a {tier} key occurs twice")
        if not table["key"].str.contains(rf"^\d{{{KEY_LENGTH[tier]}}}$").all():
            _stop(f"a {tier} key does not have {KEY_LENGTH[tier]} digits")
    if not districts["label"].is_unique().all():
        _stop("two districts have the same label")
    sums = municipalities.group_by(pl.col("key").str.slice(0, 5)).agg(pl.col("population").sum()).sort("key")
    if not sums.equals(districts.select("key", "population")):
        _stop("the districts' populations are not the sums of their municipalities")
    print(f"{len(municipalities)} municipalities, {len(districts)} districts, {sums['population'].sum()} inhabitants")


def _write(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
    print(f"{path.name}: {path.stat().st_size} bytes")


def write_boundaries(source: Path, target: Path, state: str, keys: set[str]) -> None:
    """Write boundaries without blanks and compressed; every unit of the state must have one."""
    features = [_feature(item) for item in json.loads(source.read_text(encoding="utf-8"))["features"]]
    if {item["properties"]["key"] for item in features} != {key for key in keys if key.startswith(state)}:
        _stop(f"{source.name}: the boundaries are not exactly those of the units of state {state}")
    features.sort(key=lambda item: item["properties"]["key"])
    text = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    target.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))  # no clock time in the file
    print(f"{target.name}: {len(features)} boundaries, {target.stat().st_size} bytes")


def _feature(item: dict[str, Any]) -> dict[str, Any]:
    properties = {"key": item["properties"]["ags"], "name": item["properties"]["name"]}
    return {"type": "Feature", "properties": properties, "geometry": item["geometry"]}


if __name__ == "__main__":
    main()
