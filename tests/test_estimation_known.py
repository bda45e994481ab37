"""What everybody answered is known; what a single unit answered says nothing about its spread."""

from typing import Any

import polars as pl
import pytest

from passgenau.estimation import Design, estimate, poststratify, read_survey

ENGINES = ("memory", "duckdb")
EVERYBODY = pl.DataFrame(
    {
        "stratum": ["A"] * 6 + ["B"] * 4,
        "unit": list(range(10)),
        "size": [6] * 6 + [4] * 4,
        "nobody": [0] * 10,
        "all": [1] * 10,
        "some": [1, 0] * 5,
        "gaps": [0] * 9 + [None],
        "group": ["u", "v"] * 5,
    }
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ids", [(), ("unit",)])
def test_limits_close_up_where_everybody_was_asked(ids: tuple[str, ...], engine: Any) -> None:
    design = Design(strata="stratum", ids=ids, fpc=("size",))
    for by in ((), "group"):
        for row in estimate(EVERYBODY, ["nobody", "all", "some"], design=design, by=by, engine=engine):
            assert (row.lower, row.upper) == (row.estimate, row.estimate)
            assert row.count_lower == row.count_upper == row.estimate * row.population


@pytest.mark.parametrize("engine", ENGINES)
def test_who_left_the_item_out_may_think_otherwise(engine: Any) -> None:
    row = estimate(EVERYBODY, "gaps", design=Design(strata="stratum", fpc=("size",)), engine=engine)[0]
    assert row.lower == 0 < row.upper


def test_limits_do_not_close_up_where_units_are_missing() -> None:
    rows = EVERYBODY.with_columns(size=pl.col("size") + 1)
    survey = read_survey(rows, Design(strata="stratum", fpc=("size",)))
    for data in (survey, poststratify(survey, "group", {"u": 6.0, "v": 6.0})):
        assert estimate(data, "nobody")[0].upper > 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_domain_in_a_single_unit_is_named(engine: Any) -> None:
    rows = pl.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "x": [0, 1, 1, 0, 0, 1], "group": ["u", "u", "v", "v", "v", "v"]})
    found = estimate(rows, "x", design=Design(ids=("unit",)), by="group", engine=engine)
    (note,) = found.notes
    assert note.de.startswith("group = u: Die Antworten kommen")
    assert not estimate(rows, "x", design=Design(ids=("unit",)), engine=engine).notes
