"""From the register to a population: what can be selected, and what is said when it cannot."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from passgenau.errors import InputError
from passgenau.frame import Frame, FrameSpec, load_register, select

NOWHERE = Path("no-such-folder")  # selections from the register read no file


def chosen(tier: str = "municipality", **fields: Any) -> Frame:
    return select(FrameSpec.model_validate({"register": "de", "tier": tier, **fields}), "towns", NOWHERE)


def complaint(tier: str = "municipality", **fields: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        chosen(tier, **fields)
    return caught.value


def test_the_two_frames_of_baden_wuerttemberg_have_35_and_1101_units() -> None:
    assert len(chosen("district", state="08", type=["Landkreis"])) == 35
    towns = chosen(state="08")
    assert len(towns) == 1_101
    assert sum(unit.type == "Stadtkreis" for unit in towns.units) == 9
    assert len(chosen("district", state="08")) == 44


def test_without_a_state_all_of_germany_is_selected() -> None:
    assert len(chosen()) == 10_751
    assert len(chosen("district", type=["Landkreis", "Kreis"])) == 251 + 42


def test_conditions_narrow_the_selection_together() -> None:
    frame = chosen(state="08", district=["08135"], type=["Stadt", "Große Kreisstadt"], min_population=5_000)
    assert [unit.label for unit in frame.units] == [
        "Giengen an der Brenz",
        "Heidenheim an der Brenz",
        "Herbrechtingen",
    ]


def test_bounds_of_population_are_included() -> None:
    frame = chosen(state="08", min_population=5_116, max_population=5_116)
    assert {unit.population for unit in frame.units} == {5_116}
    assert "08117012" in frame.by_key


def test_size_classes_part_the_municipalities() -> None:
    classes = ["Großstadt", "Mittelstadt", "Kleinstadt", "Landgemeinde"]
    counts = [len(chosen(state="08", size_class=[name])) for name in classes]
    assert sum(counts) == 1_101
    assert counts[0] == 9


def test_excluded_keys_are_left_out() -> None:
    frame = chosen(state="08", exclude=["08111000"])
    assert len(frame) == 1_100
    assert "08111000" not in frame.by_key


def test_a_label_needs_its_district_only_where_the_frame_holds_its_namesake() -> None:
    both = chosen(state="08").by_key["08115002"].label
    alone = chosen(state="08", district=["08115"]).by_key["08115002"].label
    assert (both, alone) == ("Altdorf (Böblingen)", "Altdorf")


def test_a_frame_carries_its_audience_and_what_must_be_printed() -> None:
    register = load_register()
    with_map = chosen("district", state="08")
    assert with_map.id == "towns"
    assert with_map.attribution == (register.attribution, register.boundary_attribution)
    assert chosen("district", state="09").attribution == (register.attribution,)


def test_the_same_selection_gives_an_equal_frame() -> None:
    assert chosen(state="10") == chosen(state="10")


# --- what cannot be selected -------------------------------------------------------------------


def test_an_unknown_state_is_answered_with_all_states() -> None:
    error = complaint(state="17")
    assert [(p.file, p.field, p.message.en) for p in error.problems] == [
        (None, "frame.state", "There is no '17' here.")
    ]
    assert error.problems[0].hint is not None
    assert "08 (Baden-Württemberg)" in error.problems[0].hint.de
    assert "16 (Thüringen)" in error.problems[0].hint.de


def test_a_type_of_the_other_tier_is_answered_with_the_types_there_are() -> None:
    problem = complaint(state="08", type=["Landkreis"]).problems[0]
    assert problem.field == "frame.type"
    assert problem.hint is not None
    assert problem.hint.de == "Möglich sind: Gemeinde (785), Große Kreisstadt (96), Stadt (211), Stadtkreis (9)."


@pytest.mark.parametrize("given", ["Heidenheim", "0835", "8135"])
def test_a_mistaken_district_is_answered_with_the_likely_one(given: str) -> None:
    problem = complaint(state="08", district=[given]).problems[0]
    assert problem.field == "frame.district"
    assert problem.hint is not None
    assert "Perhaps 08" in (problem.hint.en or "")


def test_a_key_like_no_other_is_answered_with_examples() -> None:
    problem = complaint(state="08", exclude=["zz9"]).problems[0]
    assert problem.hint is not None
    assert problem.hint.en == (
        "Possible: 08111000 (Stuttgart), 08115001 (Aidlingen), 08115002 (Altdorf (Böblingen)), "
        "08115003 (Böblingen), 08115004 (Bondorf) and 1096 more."
    )


def test_all_mistakes_are_named_at_once() -> None:
    error = complaint(state="08", type=["Dorf"], district=["09162"], exclude=["08111000", "09162000"])
    assert [problem.field for problem in error.problems] == ["frame.type", "frame.district", "frame.exclude"]
    assert "09162000" in error.problems[2].message.de


def test_an_empty_selection_tells_where_it_became_empty() -> None:
    problem = complaint(state="08", type=["Stadtkreis"], max_population=100).problems[0]
    assert problem.field == "frame.max_population"
    assert problem.message.de == (
        "Die Auswahl ist leer. Von 1101 Einheiten bleiben nach jeder Bedingung: "
        "state: 1101, type: 9, max_population: 0."
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"register": "de", "file": "frame.csv", "tier": "district"},
        {"tier": "district"},
        {"register": "de", "tier": "municipality", "min_population": 10, "max_population": 9},
        {"register": "de", "tier": "district", "size_class": ["Großstadt"]},
        {"register": "de", "tier": "municipality", "state": "8"},
        {"register": "fr", "tier": "municipality"},
        {"register": "de", "tier": "village"},
    ],
)
def test_a_specification_that_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FrameSpec.model_validate(fields)
