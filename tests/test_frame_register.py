"""The built-in register: what it holds, and that nobody can mistake one place for another."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passgenau.frame import (
    SIZE_CLASSES,
    STATES,
    Unit,
    district_label,
    labelled,
    load_register,
    short_name,
    size_class_of,
)
from passgenau.frame.register import DATA

REGISTER = load_register()
BW = REGISTER.units("municipality", "08")
BW_DISTRICTS = REGISTER.units("district", "08")


def place(key: str, name: str, district: str, label: str) -> Unit:
    return Unit(
        key,
        name,
        name,
        "municipality",
        "Gemeinde",
        key[:2],
        district,
        label,
        None,
        1000,
        1.0,
        48.5,
        9.0,
        None,
        None,
        None,
    )


def test_germany_has_10751_municipalities_in_400_districts_of_16_states() -> None:
    assert (len(REGISTER.municipalities), len(REGISTER.districts)) == (10_751, 400)
    assert {unit.state for unit in REGISTER.municipalities} == set(STATES)
    assert sum(unit.population for unit in REGISTER.municipalities) == 83_577_140 - 917


def test_baden_wuerttemberg_has_1101_municipalities_with_11245898_inhabitants() -> None:
    assert len(BW) == 1_101
    assert sum(unit.population for unit in BW) == 11_245_898
    assert Counter(unit.type for unit in BW) == {"Stadtkreis": 9, "Große Kreisstadt": 96, "Stadt": 211, "Gemeinde": 785}


def test_baden_wuerttemberg_has_35_landkreise_and_9_stadtkreise_in_four_regions() -> None:
    assert Counter(unit.type for unit in BW_DISTRICTS) == {"Landkreis": 35, "Stadtkreis": 9}
    assert Counter(unit.region for unit in BW_DISTRICTS) == {
        "Stuttgart": 13,
        "Karlsruhe": 12,
        "Freiburg": 10,
        "Tübingen": 9,
    }
    assert sum(unit.population for unit in BW_DISTRICTS) == 11_245_898
    assert sum(unit.area_km2 or 0 for unit in BW_DISTRICTS) == pytest.approx(35_747.82, abs=0.005)


@pytest.mark.parametrize(
    ("key", "name", "type_", "population"),
    [
        ("08111000", "Stuttgart, Landeshauptstadt", "Stadtkreis", 612_663),
        ("08135019", "Heidenheim an der Brenz, Stadt", "Große Kreisstadt", 50_618),
        ("08117012", "Bad Boll", "Gemeinde", 5_116),
    ],
)
def test_it_agrees_with_the_published_register(key: str, name: str, type_: str, population: int) -> None:
    unit = REGISTER.by_key[key]
    assert (unit.name, unit.type, unit.population) == (name, type_, population)


def test_a_municipality_is_complete() -> None:
    assert REGISTER.by_key["08111000"] == Unit(
        key="08111000",
        name="Stuttgart, Landeshauptstadt",
        label="Stuttgart",
        tier="municipality",
        type="Stadtkreis",
        state="08",
        district="08111",
        district_label="Stadtkreis Stuttgart",
        region="Stuttgart",
        population=612_663,
        area_km2=207.33,
        lat=48.775817,
        lon=9.177734,
        postcode="70173",
        urbanisation=1,
        size_class="Großstadt",
    )


def test_every_unit_knows_its_state_its_district_and_its_size() -> None:
    districts = {unit.key: unit.label for unit in REGISTER.districts}
    for unit in REGISTER.municipalities:
        assert (unit.state, unit.district) == (unit.key[:2], unit.key[:5])
        assert unit.district_label == districts[unit.district]
        assert unit.size_class == size_class_of(unit.population)
        assert unit.urbanisation in {1, 2, 3}
    for unit in REGISTER.districts:
        assert (unit.district, unit.district_label) == (unit.key, unit.label)
        assert (unit.size_class, unit.postcode, unit.urbanisation) == (None, None, None)


def test_units_come_in_the_order_of_their_keys() -> None:
    for units in (REGISTER.municipalities, REGISTER.districts, BW):
        assert [unit.key for unit in units] == sorted({unit.key for unit in units})


def test_a_state_that_does_not_exist_has_no_units() -> None:
    assert REGISTER.units("municipality", "99") == ()


# --- labels ------------------------------------------------------------------------------------


def test_eight_short_names_occur_twice_in_baden_wuerttemberg_and_show_their_district() -> None:
    counts = Counter(short_name(unit.name) for unit in BW)
    twice = {name for name, count in counts.items() if count > 1}
    assert twice == {
        "Altdorf", "Altheim", "Dürnau", "Hochdorf", "Malsch", "Rosenberg", "Schömberg", "Talheim",
    }  # fmt: skip
    assert {unit.label for unit in BW if short_name(unit.name) in {"Altdorf", "Malsch"}} == {
        "Altdorf (Böblingen)",
        "Altdorf (Esslingen)",
        "Malsch (Karlsruhe)",
        "Malsch (Rhein-Neckar-Kreis)",
    }
    assert all(unit.label == short_name(unit.name) for unit in BW if short_name(unit.name) not in twice)


def test_396_short_names_are_ambiguous_in_germany_and_all_labels_are_unique() -> None:
    counts = Counter(short_name(unit.name) for unit in REGISTER.municipalities)
    assert sum(count > 1 for count in counts.values()) == 396
    assert len({unit.label for unit in REGISTER.municipalities}) == 10_751
    assert len({unit.label for unit in REGISTER.districts}) == 400


def test_the_key_follows_where_a_name_repeats_within_a_district() -> None:
    with_key = {unit.label for unit in REGISTER.municipalities if unit.key in unit.label}
    assert with_key == {
        "Garding (Nordfriesland, 01054035)",
        "Garding (Nordfriesland, 01054036)",
        "Neuenkirchen (Vorpommern-Greifswald, 13075101)",
        "Neuenkirchen (Vorpommern-Greifswald, 13075102)",
    }


def test_a_name_that_looks_like_anothers_label_gets_out_of_its_way() -> None:
    units = labelled(
        [
            place("08115002", "Altdorf", "08115", "Landkreis Böblingen"),
            place("08116003", "Altdorf", "08116", "Landkreis Esslingen"),
            place("08999001", "Altdorf (Böblingen)", "08999", "Landkreis Anderswo"),
        ]
    )
    assert [unit.label for unit in units] == [
        "Altdorf (Böblingen, 08115002)",
        "Altdorf (Esslingen)",
        "Altdorf (Böblingen) (Anderswo)",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "A (B)", "A, Stadt", "B"]), st.sampled_from(["Landkreis B", "Stadt B", "Landkreis C"])
        ),
        max_size=8,
    )
)
def test_labels_are_always_unique(named: list[tuple[str, str]]) -> None:
    units = labelled(place(f"0800{i:04}", name, "08001", label) for i, (name, label) in enumerate(named))
    assert len({unit.label for unit in units}) == len(named)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("08212", "Stadtkreis Karlsruhe"),
        ("08215", "Landkreis Karlsruhe"),
        ("08317", "Ortenaukreis"),
        ("06611", "Stadt Kassel"),
        ("06633", "Landkreis Kassel"),
        ("13072", "Landkreis Rostock"),
        ("10041", "Regionalverband Saarbrücken"),
        ("05334", "Städteregion Aachen"),
        ("01051", "Kreis Dithmarschen"),
    ],
)
def test_a_district_is_called_so_that_it_is_not_mistaken_for_its_town(key: str, label: str) -> None:
    assert REGISTER.by_key[key].label == label


def test_a_district_without_a_type_keeps_its_name() -> None:
    assert district_label("Musterland, Stadt", "") == "Musterland"


# --- what else it knows ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "size"),
    [
        (100_000, "Großstadt"),
        (99_999, "Mittelstadt"),
        (20_000, "Mittelstadt"),
        (19_999, "Kleinstadt"),
        (5_000, "Kleinstadt"),
        (4_999, "Landgemeinde"),
        (0, "Landgemeinde"),
    ],
)
def test_size_classes_begin_at_their_threshold(population: int, size: str) -> None:
    assert size_class_of(population) == size
    assert [name for name, _ in SIZE_CLASSES] == ["Großstadt", "Mittelstadt", "Kleinstadt", "Landgemeinde"]


def test_a_districts_seat_may_lie_in_another_district_and_its_label_point_does_not() -> None:
    heilbronn = REGISTER.by_district["08125"]
    assert (heilbronn.label, heilbronn.seat, heilbronn.region) == ("Landkreis Heilbronn", "Heilbronn", "Stuttgart")
    assert heilbronn.label_point == (49.11495, 9.00923)
    assert REGISTER.by_district["09162"].label_point is None
    assert len(REGISTER.by_district) == 400


def test_the_register_says_whose_data_they_are_and_of_which_day() -> None:
    assert (REGISTER.status, REGISTER.population_date) == (dt.date(2025, 11, 30), dt.date(2024, 12, 31))
    assert REGISTER.attribution == (
        "© Statistisches Bundesamt (Destatis), 2025, im Auftrag der Herausgebergemeinschaft Statistische Ämter des "
        "Bundes und der Länder, Gemeindeverzeichnis-Informationssystem GV-ISys, Stand 30.11.2025 (Koordinaten und "
        "Verstädterung: Stand 31.12.2024). Daten bearbeitet."
    )
    assert REGISTER.boundary_attribution == "© GeoBasis-DE / BKG (2016), Daten verändert"
    sources = (Path(str(DATA)) / "SOURCES.md").read_text(encoding="utf-8")
    assert f"> {REGISTER.attribution}\n" in sources
    assert f"> {REGISTER.boundary_attribution}\n" in sources


def test_the_register_is_read_once() -> None:
    assert load_register() is REGISTER
