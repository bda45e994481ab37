"""A population from a CSV file of one's own."""

from pathlib import Path

import pytest

from passgenau.errors import InputError, Problem
from passgenau.frame import Frame, FrameRow, FrameSpec, Tier, select

DOCS = Path(__file__).parent.parent / "docs" / "frame.md"
HEADER = "key,name,population,lat,lon"
AALEN = '08136088,"Aalen, Stadt",69000,48.836,10.093'
BOPFINGEN = '08136010,"Bopfingen, Stadt",11800,48.857,10.354'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def frame_of(folder: Path, *lines: str, tier: Tier = "municipality", **fields: object) -> Frame:
    (folder / "own.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return select(FrameSpec.model_validate({"file": "own.csv", "tier": tier, **fields}), "towns", folder)


def problem_of(folder: Path, *lines: str, tier: Tier = "municipality", **fields: object) -> Problem:
    with pytest.raises(InputError) as caught:
        frame_of(folder, *lines, tier=tier, **fields)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def test_five_columns_are_enough(folder: Path) -> None:
    frame = frame_of(folder, HEADER, AALEN, BOPFINGEN)
    bopfingen, aalen = frame.units
    assert (aalen.key, aalen.label, aalen.population, aalen.lat, aalen.lon) == (
        "08136088",
        "Aalen",
        69_000,
        48.836,
        10.093,
    )
    assert (aalen.state, aalen.district, aalen.district_label, aalen.region) == (
        "08",
        "08136",
        "Ostalbkreis",
        "Stuttgart",
    )
    assert (aalen.size_class, bopfingen.size_class) == ("Mittelstadt", "Kleinstadt")
    assert (aalen.area_km2, aalen.postcode, aalen.urbanisation) == (None, None, None)
    assert frame.attribution == ()


def test_all_columns_are_kept(folder: Path) -> None:
    unit = frame_of(
        folder,
        f"{HEADER},type,district,district_label,region,area_km2,postcode,urbanisation,size_class,source",
        f"{AALEN},Stadt,08136,Ostalb,Osten,146.6,73430,2,Kleinstadt,© Wir",
    ).units[0]
    assert (unit.type, unit.district_label, unit.region, unit.area_km2) == ("Stadt", "Ostalb", "Osten", 146.6)
    assert (unit.postcode, unit.urbanisation, unit.size_class) == ("73430", 2, "Kleinstadt")


def test_every_source_is_to_be_printed_once(folder: Path) -> None:
    lines = (f"{HEADER},source", f"{AALEN},© Amt A", f"{BOPFINGEN},© Amt B", "08111000,Stuttgart,1,48.8,9.2,© Amt A")
    assert frame_of(folder, *lines).attribution == ("© Amt A", "© Amt B")


def test_semicolons_and_a_byte_order_mark_are_understood(folder: Path) -> None:
    lines = ("\ufeff" + HEADER.replace(",", ";"), "08136088;Aalen, Stadt;69000;48.836;10.093")
    assert frame_of(folder, *lines).units[0].name == "Aalen, Stadt"


def test_districts_may_be_given_as_well(folder: Path) -> None:
    frame = frame_of(folder, f"{HEADER},type", "08136,Ostalbkreis,315000,48.85,10.1,Landkreis", tier="district")
    assert frame.units[0].label == "Ostalbkreis"
    assert frame.units[0].size_class is None


def test_a_district_that_the_register_does_not_know_is_called_by_its_name_and_type(folder: Path) -> None:
    frame = frame_of(folder, f"{HEADER},type", "08999,Musterland,315000,48.85,10.1,Landkreis", tier="district")
    assert frame.units[0].label == "Landkreis Musterland"


def test_a_selection_narrows_an_own_file_as_it_does_the_register(folder: Path) -> None:
    frame = frame_of(folder, HEADER, AALEN, BOPFINGEN, min_population=20_000)
    assert [unit.label for unit in frame.units] == ["Aalen"]


def test_a_type_cannot_be_selected_where_the_file_has_none(folder: Path) -> None:
    problem = problem_of(folder, HEADER, AALEN, type=["Stadt"])
    assert (problem.file, problem.field) == (None, "frame.type")
    assert problem.hint is not None
    assert problem.hint.en == "The file says nothing about it."


def test_a_key_that_lost_its_zero_is_recognised(folder: Path) -> None:
    problem = problem_of(folder, HEADER, BOPFINGEN, AALEN.removeprefix("0"))
    assert (problem.file, problem.line, problem.field) == ("own.csv", 3, "key")
    assert problem.message.en == "'8136088' is not a key of 8 digits."
    assert problem.hint is not None
    assert "führende Null" in problem.hint.de


@pytest.mark.parametrize("key", ["08136", "0813608x", "٠٨١٣٦٠٨٨"])
def test_a_key_is_eight_digits(folder: Path, key: str) -> None:
    assert problem_of(folder, HEADER, f"{key},Aalen,69000,48.836,10.093").field == "key"


def test_a_key_stands_once(folder: Path) -> None:
    problem = problem_of(folder, HEADER, AALEN, "", BOPFINGEN, AALEN)
    assert (problem.line, problem.field) == (5, "key")
    assert problem.message.de == "Der Schlüssel '08136088' steht zweimal (zuerst in Zeile 2)."


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("08136088,Aalen,69000,10.093,48.836", "lat"),
        ("08136088,Aalen,69000,48836,10.093", "lat"),
        ("08136088,Aalen,69000,48.836,0", "lon"),
        ("08136088,Aalen,69000,,10.093", "lat"),
        ("08136088,Aalen,69000,48.836,", "lon"),
        ('08136088,Aalen,69000,"48,836",10.093', "lat"),
        ("08136088,Aalen,-1,48.836,10.093", "population"),
        ("08136088,Aalen,69.5,48.836,10.093", "population"),
        ("08136088,,69000,48.836,10.093", "name"),
    ],
)
def test_a_faulty_cell_is_named_with_line_and_column(folder: Path, row: str, field: str) -> None:
    (folder / "own.csv").write_text(f"{HEADER}\n{BOPFINGEN}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        select(FrameSpec(file="own.csv", tier="municipality"), "towns", folder)
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("own.csv", 3)
    assert caught.value.problems[0].field == field
    assert caught.value.problems[0].hint is not None or field == "population"


def test_swapped_coordinates_are_suspected(folder: Path) -> None:
    (folder / "own.csv").write_text(f"{HEADER}\n08136088,Aalen,69000,10.093,48.836\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        select(FrameSpec(file="own.csv", tier="municipality"), "towns", folder)
    assert [problem.field for problem in caught.value.problems] == ["lat", "lon"]
    assert "vertauscht" in caught.value.format("de")


def test_a_district_of_another_key_is_refused_where_the_rows_are_districts(folder: Path) -> None:
    lines = (f"{HEADER},district", "08136,Ostalbkreis,315000,48.85,10.1,08135")
    assert problem_of(folder, *lines, tier="district").field == "district"


def test_a_missing_column_an_unknown_column_and_a_missing_file_are_named(folder: Path) -> None:
    assert problem_of(folder, "key,name,population,lat", "08136088,Aalen,1,48.8").field == "lon"
    assert problem_of(folder, f"{HEADER},einwohner", f"{AALEN},1").field == "einwohner"
    with pytest.raises(InputError, match="missing"):
        select(FrameSpec(file="none.csv", tier="municipality"), "towns", folder)


def test_a_file_with_nothing_but_a_header_is_refused(folder: Path) -> None:
    assert problem_of(folder, HEADER).message.en == "The file holds nothing but its header."


def test_every_column_and_every_condition_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    fields = [*FrameRow.model_fields, *FrameSpec.model_fields]
    assert [field for field in fields if f"| `{field}` |" not in text] == []
