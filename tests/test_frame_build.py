"""The command that builds the register: from tables to the package's own files."""

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "build_register.py"
MUNICIPALITIES = """\
ags,name,short_name,kreis_ags,type,population,area_km2,lat,lon,plz,urbanisation,size_class
01001000,"Nordstadt, Stadt",Nordstadt,01001,Kreisfreie Stadt,120000,50.5,54.5,9.5,24000,1,Großstadt
01002002,Süderdorf,Süderdorf,01002,Gemeinde,4000,20.25,54.25,9.25,24002,3,Landgemeinde
01002001,Norderdorf,Norderdorf,01002,Gemeinde,6000,10,54.35,9.35,24001,2,Kleinstadt
"""
DISTRICTS = """\
ags5,name,type,population,area_km2,municipalities,lat,lon,seat
01001,"Nordstadt, Stadt",Kreisfreie Stadt,120000,50.5,1,54.5,9.5,Nordstadt
01002,Norden,Kreis,10000,30.25,2,54.31,9.31,Norderdorf
"""
DETAILS = """\
ags5,name,type,population,area_km2,lat,lon,regierungsbezirk,seat,display_name,label_lat,label_lon
01002,Norden,Kreis,10000,31.25,54.31,9.31,Nordwest,Norderdorf,Kreis Norden,54.3,9.3
"""
RING = [[9.0, 54.0], [9.5, 54.0], [9.5, 54.5], [9.0, 54.0]]


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_register", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"ags": key, "name": key},
            "geometry": {"type": "Polygon", "coordinates": [RING]},
        }
        for key in ("01002", "01001")
    ]
    (tmp_path / "m.csv").write_text(MUNICIPALITIES, encoding="utf-8")
    (tmp_path / "d.csv").write_text(DISTRICTS, encoding="utf-8")
    (tmp_path / "x.csv").write_text(DETAILS, encoding="utf-8")
    (tmp_path / "b.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    return tmp_path


def build(script: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch, out: str = "out") -> Path:
    arguments = ["--municipalities", folder / "m.csv", "--districts", folder / "d.csv", "--details", folder / "x.csv"]
    arguments += ["--boundaries", "01", "district", folder / "b.geojson", "--out", folder / out]
    monkeypatch.setattr(sys, "argv", ["build_register.py", *map(str, arguments)])
    script.main()
    return folder / out


def test_tables_become_the_registers_files(script: ModuleType, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = build(script, inputs, monkeypatch)
    municipalities = pl.read_parquet(out / "municipalities.parquet")
    assert municipalities["key"].to_list() == ["01001000", "01002001", "01002002"]
    assert municipalities.row(2) == (
        "01002002", "Süderdorf", "Gemeinde", 4000, 20.25, 54.25, 9.25, "24002", 3, "Landgemeinde",
    )  # fmt: skip
    town = ("01001", "Nordstadt, Stadt", "Stadt Nordstadt", "Kreisfreie Stadt", 120000)
    assert pl.read_parquet(out / "districts.parquet").rows() == [
        (*town, 50.5, 54.5, 9.5, None, "Nordstadt", None, None),
        ("01002", "Norden", "Kreis Norden", "Kreis", 10000, 31.25, 54.31, 9.31, "Nordwest", "Norderdorf", 54.3, 9.3),
    ]
    boundaries = json.loads(gzip.decompress((out / "boundaries_01_district.geojson.gz").read_bytes()))
    assert [item["properties"] for item in boundaries["features"]] == [
        {"key": "01001", "name": "01001"},
        {"key": "01002", "name": "01002"},
    ]
    assert boundaries["features"][0]["geometry"]["coordinates"] == [RING]


def test_the_same_tables_give_the_same_bytes(script: ModuleType, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = build(script, inputs, monkeypatch, "one"), build(script, inputs, monkeypatch, "two")
    names = sorted(path.name for path in one.iterdir())
    assert names == ["boundaries_01_district.geojson.gz", "districts.parquet", "municipalities.parquet"]
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("m.csv", "Norderdorf,Norderdorf,", "Norderdorf,Anders,", "short_name"),
        ("m.csv", "3,Landgemeinde", "3,Kleinstadt", "size_class"),
        ("m.csv", "01002002", "01002001", "occurs twice"),
        ("m.csv", "01002002", "1002002", "does not have 8 digits"),
        ("d.csv", "01002", "1002", "does not have 5 digits"),
        ("d.csv", "Kreis,10000", "Kreis,10001", "sums"),
        ("x.csv", "Kreis Norden", "Stadt Nordstadt", "same label"),
        ("b.geojson", '"01002"', '"01003"', "not exactly"),
    ],
)
def test_tables_that_contradict_themselves_stop_it(  # noqa: PLR0913, PLR0917 -- a table of cases
    script: ModuleType, inputs: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, message: str
) -> None:
    path = inputs / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SystemExit, match=f"^error: .*{message}"):
        build(script, inputs, monkeypatch)
