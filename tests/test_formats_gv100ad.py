"""GV100AD: an excerpt as published (Landkreis Heidenheim and its parents), and lines that went wrong."""

import datetime as dt
from pathlib import Path

import pytest

from passgenau.errors import InputError, Problem
from passgenau.formats import FrameLine, GvRecord, import_frame, import_register, read_gv100ad, to_csv
from passgenau.frame import FrameRow, FrameSpec, Tier, load_register, select

EXCERPT = Path(__file__).parent / "data" / "gv100ad_heidenheim.txt"
LINES = EXCERPT.read_text(encoding="utf-8").splitlines()
HEIDENHEIM = next(i for i, line in enumerate(LINES) if line.startswith("602025113008135019"))
REGISTER = load_register()


def written(folder: Path, lines: list[str], encoding: str = "utf-8", end: str = "\r\n") -> Path:
    path = folder / "gv100ad.txt"
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return path


def changed(first: int, text: str, line: int = HEIDENHEIM) -> list[str]:
    """Return the excerpt with `text` written over a line from column `first`, counted from 1."""
    old = LINES[line]
    return [*LINES[:line], old[: first - 1] + text + old[first - 1 + len(text) :], *LINES[line + 1 :]]


def problem_of(folder: Path, lines: list[str]) -> Problem:
    with pytest.raises(InputError) as caught:
        read_gv100ad(written(folder, lines))
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


# --- reading -----------------------------------------------------------------------------------


def test_every_line_becomes_a_record() -> None:
    records = read_gv100ad(EXCERPT)
    assert len(records) == 23
    assert [r.key for r in records if r.kind == "land"] == ["08"]
    assert [(r.key, r.name) for r in records if r.kind == "region"] == [("081", "Reg.-Bez. Stuttgart")]
    assert [(r.key, r.name) for r in records if r.kind == "planning_region"] == [("0813", "Region Ostwürttemberg")]
    assert sum(r.kind == "association" for r in records) == 8
    assert sum(r.kind == "municipality" for r in records) == 11
    assert {r.date for r in records} == {dt.date(2025, 11, 30)}


def test_a_municipality_and_its_district_are_read_column_by_column() -> None:
    records = {(r.kind, r.key): r for r in read_gv100ad(EXCERPT)}
    assert records["municipality", "08135019"] == GvRecord(
        line=16,
        kind="municipality",
        date=dt.date(2025, 11, 30),
        key="08135019",
        association="5002",
        name="Heidenheim an der Brenz, Stadt",
        seat="",
        type_code="67",
        area_ha=10_709,
        population=50_618,
        male=25_211,
        postcode="89522",
        several_postcodes=True,
    )
    assert records["district", "08135"] == GvRecord(
        line=4,
        kind="district",
        date=dt.date(2025, 11, 30),
        key="08135",
        association="",
        name="Heidenheim",
        seat="Heidenheim an der Brenz",
        type_code="44",
        area_ha=None,
        population=None,
        male=None,
        postcode=None,
        several_postcodes=False,
    )
    assert not records["municipality", "08135025"].several_postcodes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_encoding_and_line_ends_make_no_difference(tmp_path: Path, encoding: str, end: str) -> None:
    assert read_gv100ad(written(tmp_path, LINES, encoding, end)) == read_gv100ad(EXCERPT)


def test_another_encoding_is_refused_rather_than_misread(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gv100ad.txt, line 1: Neither UTF-8 nor Latin-1"):
        read_gv100ad(written(tmp_path, LINES, "cp850"))


def test_trailing_blanks_may_be_missing(tmp_path: Path) -> None:
    assert read_gv100ad(written(tmp_path, [line.rstrip() for line in LINES])) == read_gv100ad(EXCERPT)


@pytest.mark.parametrize(
    ("first", "text", "field", "message"),
    [
        (1, "61", "record type (1–2)", "'61' is no record type."),
        (3, "20251131", "date (3–10)", "'20251131' is no day."),
        (3, "2025-130", "date (3–10)", "'2025-130' instead of 8 digits."),
        (11, "0813501x", "key (11–18)", "'0813501x' instead of 8 digits."),
        (19, "    ", "association (19–22)", "'    ' instead of 4 digits."),
        (23, " " * 50, "name (23–72)", "The name is missing."),
        (123, "68", "type (123–124)", "'68' is not among 60, 61, 62, 63, 64, 67, 65, 66."),
        (129, "0000010,709", "area (129–139)", "'0000010,709' instead of 11 digits."),
        (140, "0000005061O", "population (140–150)", "'0000005061O' instead of 11 digits."),
        (151, "00000050619", "male (151–161)", "50619 of 50618 inhabitants."),
        (166, "8952²", "postcode (166–170)", "'8952²' instead of 5 digits."),
    ],
)
def test_a_malformed_line_is_named_with_its_columns(
    tmp_path: Path, first: int, text: str, field: str, message: str
) -> None:
    problem = problem_of(tmp_path, changed(first, text))
    assert (problem.file, problem.line, problem.field, problem.message.en) == ("gv100ad.txt", 16, field, message)
    assert problem.hint is not None


def test_a_line_that_is_cut_off_is_named(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, [*LINES[:HEIDENHEIM], LINES[HEIDENHEIM][:145], *LINES[HEIDENHEIM + 1 :]])
    assert (problem.line, problem.field) == (16, "population (140–150)")


def test_a_place_that_stands_twice_is_named(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, [*LINES, LINES[HEIDENHEIM]])
    assert problem.line == 24
    assert problem.message.de == "08135019 Heidenheim an der Brenz, Stadt steht zweimal (zuerst in Zeile 16)."


def test_a_file_of_another_kind_gives_ten_problems_not_ten_thousand(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_gv100ad(written(tmp_path, ["key,name,population"] + ["08111000,Stuttgart,1"] * 1000))
    assert len(caught.value.problems) == 10
    assert caught.value.problems[0].hint is not None
    assert "feste" in caught.value.problems[0].hint.de


@pytest.mark.parametrize("content", [b"", b"\r\n \r\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"empty.txt: The file is empty"):
        read_gv100ad(tmp_path / "empty.txt")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.txt: This file is missing"):
        read_gv100ad(tmp_path / "none.txt")
    with pytest.raises(InputError, match="Cannot be read"):
        read_gv100ad(tmp_path)


# --- joined with the previous register ---------------------------------------------------------


@pytest.mark.parametrize("tier", ["municipality", "district"])
def test_the_imported_frame_equals_the_built_in_register_of_the_same_day(tmp_path: Path, tier: Tier) -> None:
    import_frame(EXCERPT, tmp_path / "frame.csv", tier)
    own = select(FrameSpec(file="frame.csv", tier=tier), "towns", tmp_path)
    built_in = select(FrameSpec(register="de", tier=tier, district=("08135",)), "towns", tmp_path)
    assert own.units == built_in.units
    assert own.attribution == (REGISTER.attribution,)


def test_an_excerpt_that_changed_nothing_reports_no_change() -> None:
    imported = import_register(EXCERPT, REGISTER, "municipality")
    assert (imported.unmatched, imported.changes) == ((), ())
    assert (imported.common, imported.common_population) == (11, (135_235, 135_235))
    assert len(imported.absent_districts) == 43
    assert imported.status == dt.date(2025, 11, 30)


def test_a_new_municipality_is_listed_and_left_for_a_person_to_place(tmp_path: Path) -> None:
    lines = changed(11, "08135099")
    report = import_frame(written(tmp_path, lines), tmp_path / "frame.csv", "municipality")
    assert [(row.key, row.lat, row.lon, row.urbanisation) for row in report.unmatched] == [
        ("08135099", None, None, None)
    ]
    assert [(change.what, change.key) for change in report.imported.changes] == [
        ("new", "08135099"),
        ("vanished", "08135019"),
    ]
    assert (
        "Ohne Koordinaten: 08135099 Heidenheim an der Brenz, Stadt. "
        "Vor der Verwendung lat und lon in frame.csv ergänzen."
    ) in [text.de for text in report.texts]
    with pytest.raises(InputError, match=r"frame.csv, line 12, field lat: The coordinate is missing"):
        select(FrameSpec(file="frame.csv", tier="municipality"), "towns", tmp_path)


def test_other_names_types_and_numbers_are_reported(tmp_path: Path) -> None:
    line = LINES[HEIDENHEIM]
    edited = (
        line[:22] + "Heidenheim, Stadt".ljust(50) + line[72:122] + "63" + line[124:139] + "00000050000" + line[150:]
    )
    report = import_frame(
        written(tmp_path, [*LINES[:HEIDENHEIM], edited, *LINES[HEIDENHEIM + 1 :]]), tmp_path / "f.csv", "municipality"
    )
    assert [(c.what, c.before, c.after) for c in report.imported.changes] == [
        ("renamed", "Heidenheim an der Brenz, Stadt", "Heidenheim, Stadt"),
        ("retyped", "Große Kreisstadt", "Stadt"),
    ]
    assert report.imported.common_population == (135_235, 134_617)
    assert report.population == 134_617
    texts = [text.de for text in report.texts]
    assert texts[:2] == [
        "f.csv geschrieben aus gv100ad.txt, Stand 30.11.2025: Gemeinden 11, Einwohner 134.617.",
        "Davon auch im eingebauten Register: 11, Einwohner dort 135.235, hier 134.617.",
    ]
    assert "Umbenannt: 08135019 Heidenheim an der Brenz, Stadt → Heidenheim, Stadt." in texts
    assert texts[-1] == "In study.yaml: frame: {file: f.csv, tier: municipality}."


def test_unincorporated_areas_are_no_municipalities_but_part_of_their_districts_area(tmp_path: Path) -> None:
    path = written(tmp_path, changed(123, "66"))
    towns = import_register(path, REGISTER, "municipality")
    district = import_register(path, REGISTER, "district")
    assert (len(towns.rows), towns.unincorporated) == (10, 1)
    assert (district.rows[0].population, district.rows[0].area_km2) == (135_235 - 50_618, 627.12)


def test_the_size_class_follows_from_the_new_population(tmp_path: Path) -> None:
    rows = import_register(written(tmp_path, changed(140, "00000100000")), REGISTER, "municipality").rows
    assert {row.key: row.size_class for row in rows}["08135019"] == "Großstadt"


def test_a_name_cut_off_by_the_files_width_is_completed_from_the_previous_register(tmp_path: Path) -> None:
    bautzen = REGISTER.by_key["14625020"].name
    assert len(bautzen) > 50
    line = LINES[HEIDENHEIM]
    path = written(tmp_path, [line[:10] + "14625020" + line[18:22] + bautzen[:50] + line[72:]])
    imported = import_register(path, REGISTER, "municipality")
    assert imported.rows[0].name == bautzen
    assert imported.rows[0].district_label == "Landkreis Bautzen"  # from the register: the file has no line for it
    assert [change for change in imported.changes if change.what == "renamed"] == []


def test_a_districts_point_is_the_mean_of_the_places_that_are_known(tmp_path: Path) -> None:
    two = [line for line in LINES if line[:2] == "40" or line[10:18] in {"08135019", "08135010"}]
    rows = import_register(written(tmp_path, two), REGISTER, "district").rows
    a, b = REGISTER.by_key["08135019"], REGISTER.by_key["08135010"]
    assert rows[0].lat == pytest.approx((a.lat * 50_618 + b.lat * 4_374) / 54_992, abs=1e-6)
    assert rows[0].lon == pytest.approx((a.lon * 50_618 + b.lon * 4_374) / 54_992, abs=1e-6)


def test_districts_need_their_own_line(tmp_path: Path) -> None:
    path = written(tmp_path, [line for line in LINES if not line.startswith("40")])
    assert len(import_register(path, REGISTER, "municipality").rows) == 11
    with pytest.raises(InputError, match=r"The line \(type 40\) of the district 08135 is missing"):
        import_register(path, REGISTER, "district")


def test_a_file_without_municipalities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no municipality"):
        import_register(written(tmp_path, LINES[:4]), REGISTER, "municipality")


# --- writing -----------------------------------------------------------------------------------


def test_the_columns_are_those_that_a_frame_reads() -> None:
    assert set(FrameLine.__slots__) == set(FrameRow.model_fields)
    assert to_csv([]) == (
        "key,name,type,population,lat,lon,district,district_label,region,area_km2,postcode,urbanisation,size_class,source\n"
    )


def test_the_same_file_gives_the_same_bytes_and_replaces_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "frame.csv"
    import_frame(EXCERPT, out, "municipality")
    first = out.read_bytes()
    out.write_text("old", encoding="utf-8")
    import_frame(EXCERPT, out, "municipality")
    assert out.read_bytes() == first
    assert b"\r" not in first
    assert [path.name for path in tmp_path.iterdir()] == ["frame.csv"]


def test_nothing_is_written_when_the_file_is_faulty(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        import_frame(written(tmp_path, changed(1, "61")), tmp_path / "frame.csv", "municipality")
    assert [path.name for path in tmp_path.iterdir()] == ["gv100ad.txt"]


def test_a_folder_that_does_not_exist_and_the_source_itself_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        import_frame(EXCERPT, tmp_path / "none" / "frame.csv", "municipality")
    with pytest.raises(InputError, match="cannot be written"):
        import_frame(EXCERPT, written(tmp_path, LINES) / "frame.csv", "municipality")
    source = written(tmp_path, LINES)
    with pytest.raises(InputError, match="the source file itself"):
        import_frame(source, source, "municipality")
    assert read_gv100ad(source) == read_gv100ad(EXCERPT)
