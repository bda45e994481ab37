"""Places by name."""

import pytest

from passgenau.frame import find, load_register

REGISTER = load_register()


@pytest.mark.parametrize(
    "query", ["Böblingen", "böblingen", "BÖBLINGEN", "boeblingen", "boblingen", " Bo\u0308blingen "]
)
def test_umlauts_may_be_written_in_any_way(query: str) -> None:
    assert [unit.label for unit in find(REGISTER, query)][:2] == ["Landkreis Böblingen", "Böblingen"]


@pytest.mark.parametrize("query", ["Gross-Gerau", "groß-gerau"])
def test_sharp_s_may_be_spelled_out(query: str) -> None:
    assert {"06433", "06433006"} <= {unit.key for unit in find(REGISTER, query)}


def test_equal_names_come_first_then_beginnings_then_words_then_parts() -> None:
    labels = [unit.label for unit in find(REGISTER, "ulm")]
    assert labels[:2] == ["Stadtkreis Ulm", "Ulm"]
    assert labels.index("Ulmen") < labels.index("Neu-Ulm") < labels.index("Kulmbach")


def test_among_equals_the_largest_comes_first() -> None:
    found = [unit for unit in find(REGISTER, "Altdorf") if unit.name.partition(",")[0] == "Altdorf"]
    assert len(found) == 4
    assert [unit.population for unit in found] == sorted((unit.population for unit in found), reverse=True)


def test_a_key_finds_the_district_and_its_municipalities() -> None:
    found = find(REGISTER, "08135")
    assert found[0].label == "Landkreis Heidenheim"
    assert len(found) == 12
    assert [unit.label for unit in find(REGISTER, "08135019")] == ["Heidenheim an der Brenz"]


@pytest.mark.parametrize("query", ["", "  ", "Atlantis", "99999"])
def test_what_does_not_exist_is_not_found(query: str) -> None:
    assert find(REGISTER, query) == ()
