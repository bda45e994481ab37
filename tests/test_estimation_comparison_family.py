"""Named families of comparisons: corrected, each with its sentence and the smallest detectable difference."""

import dataclasses
import math

import numpy as np
import polars as pl
import pytest
from comparison_survey import DESIGN, clustered, survey

from passgenau.errors import DesignError
from passgenau.estimation.comparison import Family, detectable_by_t, family, t_test
from passgenau.estimation.design import Design
from passgenau.estimation.difference import Sample, exact_difference
from passgenau.estimation.multiplicity import benjamini_hochberg, holm
from passgenau.estimation.quantities import ItemSet
from passgenau.estimation.replicates import replicate
from passgenau.estimation.survey import Survey


def towns_and_counties(yes: tuple[int, int] = (14, 10)) -> Survey:
    """Return one answer of each of 21 of 35 counties and 40 of 200 towns."""
    rows = [
        {"type": kind, "N": size, "wish": int(i < found), "seen": int(i % 2 == 0), "tick": 1 if i < 4 else None}
        for kind, drawn, size, found in (("county", 21, 35, yes[0]), ("town", 40, 200, yes[1]))
        for i in range(drawn)
    ]
    return Survey.of(pl.DataFrame(rows), Design(strata="type", fpc=("N",)))


def test_every_item_is_compared_between_every_pair_of_groups() -> None:
    found = family(survey(), ["y", "two"], "four", name="all of it")
    pairs = [("p", "q"), ("p", "r"), ("p", "s"), ("q", "r"), ("q", "s"), ("r", "s")]
    assert [(row.a, row.b) for row in found if row.item == "y"] == pairs
    assert [row.level for row in found if row.item == "two"] == ["no"] * 6 + ["yes"] * 6
    assert {row.kind for row in found if row.item == "two"} == {"proportion"}
    assert {row.kind for row in found if row.item == "y"} == {"mean"}


def test_a_comparison_is_the_t_test_of_its_two_groups() -> None:
    row = family(survey(), ["y"], "two", name="y")[0]
    single = t_test(survey(), "y", "two")
    assert (row.p_value, row.difference) == pytest.approx((single.p_value, -single.estimate), rel=1e-9)  # type: ignore[operator]
    assert (row.method, row.df, row.p_holm) == ("t", 20, row.p_value)
    assert row.detectable == pytest.approx(detectable_by_t(row.se, 20))


def test_p_values_are_corrected_for_the_whole_family() -> None:
    found = family(survey(), ["y", "complete"], "three", name="both")
    p_values = [row.p_value for row in found]
    assert tuple(row.p_holm for row in found) == holm(p_values)
    assert tuple(row.p_bh for row in found) == benjamini_hochberg(p_values)
    assert found[0].detectable == pytest.approx(detectable_by_t(found[0].se, found[0].df, level=1 - 0.05 / 6))


def test_one_answer_per_unit_is_compared_exactly() -> None:
    row = family(towns_and_counties(), ["wish"], "type", name="wishes")[0]
    exact = exact_difference(Sample(14, 21, 35), Sample(10, 40, 200))
    assert (row.method, row.lower, row.upper, row.p_value) == ("exact", exact.lower, exact.upper, exact.p_value)
    assert (row.population_a, row.population_b) == (35, 200)
    assert "exakter Test" in row.sentence.de
    assert "Grundgesamtheit 35" in row.sentence.de


def test_weights_clusters_and_replicates_are_compared_by_t() -> None:
    assert {row.method for row in family(survey(), ["two"], "four", name="t")} == {"t"}
    replicated = family(replicate(survey(), "JKn"), ["complete"], "two", name="t")[0]
    assert replicated.method == "t"
    assert replicated.difference == pytest.approx(family(survey(), ["complete"], "two", name="t")[0].difference)


def test_a_part_of_a_stratum_is_no_draw_from_all_of_it() -> None:
    part = towns_and_counties().where(pl.col("seen") == 1)
    assert family(part, ["wish"], "type", name="part")[0].method == "t"


def test_the_base_of_an_item_is_who_saw_it() -> None:
    asked = ItemSet(("tick",), shown="seen", blank="no")
    row = family(towns_and_counties(), ["tick"], "type", name="ticks", sets=[asked])[0]
    assert (row.base_a, row.base_b) == (11, 20)
    assert (row.estimate_a, row.estimate_b) == pytest.approx((2 / 11, 2 / 20))


def test_nothing_shown_is_never_called_no_difference() -> None:
    found = family(survey(), ["y", "complete", "two"], "three", name="many")
    unclear = [row for row in found if not row.significant]
    assert unclear
    for row in unclear:
        assert "kein Unterschied" not in row.sentence.de
        assert "no difference" not in row.sentence.into("en")
        assert "aufgefallen" in row.sentence.de
        assert "would have been found" in row.sentence.into("en")


def test_a_difference_that_only_stands_out_alone_is_said_so() -> None:
    found = family(
        towns_and_counties((10, 10)),
        ["wish", "seen", "tick"],
        "type",
        name="three",
        sets=[ItemSet(("tick",), shown="seen", blank="no")],
    )
    row = found[0]
    assert row.p_value <= 0.05 < row.p_holm
    assert row.sentence.de.startswith("Für sich genommen")


def test_a_shown_difference_comes_with_bases_interval_and_method() -> None:
    row = family(towns_and_counties((21, 0)), ["wish"], "type", name="one")[0]
    assert row.significant
    assert row.sentence.de.startswith("Ein Unterschied ist nachgewiesen für „wish“ zwischen „county“ und „town“")
    for part in ("(21 Antworten, Grundgesamtheit 35)", "(40 Antworten, Grundgesamtheit 200)", "95-%-Intervall"):
        assert part in row.sentence.de


def test_answers_that_all_agree_are_not_judged() -> None:
    table = clustered().with_columns(same=pl.lit(1))
    row = family(Survey.of(table, DESIGN), ["same"], "two", name="same")[0]
    assert (row.method, row.p_value, row.significant) == ("undetermined", 1.0, False)
    assert math.isnan(row.lower)
    assert "nicht beurteilen" in row.sentence.de


def test_a_census_has_no_sampling_error() -> None:
    rows = pl.DataFrame({"g": ["a"] * 5 + ["b"] * 5, "N": [5] * 10, "y": [1.0, 2, 3, 4, 5, 2, 3, 4, 5, 7]})
    row = family(Survey.of(rows, Design(strata="g", fpc=("N",))), ["y"], "g", name="all")[0]
    assert (row.method, row.lower, row.upper) == ("complete", row.difference, row.difference)
    assert row.difference == pytest.approx(-1.2)
    assert (row.p_value, row.significant) == (0.0, True)
    assert row.sentence.de.startswith("Alle wurden befragt")


def test_a_group_that_did_not_answer_is_named() -> None:
    table = clustered().with_columns(y=pl.when(pl.col("two") == "no").then(pl.col("y")))
    with pytest.raises(DesignError, match='"y": nobody of "yes"'):
        family(Survey.of(table, DESIGN), ["y"], "two", name="y")


def test_too_few_units_are_named() -> None:
    with pytest.raises(DesignError, match="too few units"):
        family(survey().where(pl.col("psu") < 4), ["complete"], "two", name="few")


def test_a_family_is_frozen_and_turns_into_records_and_frames() -> None:
    found = family(survey(), ["y"], "three", name="items")
    assert isinstance(found, Family)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.power = 0.5  # type: ignore[misc]
    records = found.records()
    assert [record["comparisons"] for record in records] == [3, 3, 3]
    assert {"item", "a", "b", "difference", "se", "lower", "upper", "p_value", "p_holm", "p_bh", "detectable"} <= set(
        records[0]
    )
    frame = found.to_polars("en")
    assert frame["family"].to_list() == ["items"] * 3
    assert frame["sentence"][0] == found[0].sentence.into("en")
    assert "3 Vergleiche" in found.method.de


def test_every_difference_lies_within_its_limits() -> None:
    found = family(survey(), ["y", "complete", "two", "four"], "three", name="many")
    assert all(row.lower <= row.difference <= row.upper for row in found)
    assert all(np.isfinite(row.p_value) for row in found)
