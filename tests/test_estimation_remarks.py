"""What could be misread is said below the result."""

from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from passgenau.estimation import (
    Design,
    Dispositions,
    Estimates,
    ItemSet,
    Rules,
    Survey,
    estimate,
    family,
    protect,
    read_survey,
    representativity,
    response_rates,
    tabulate,
    two_way_table,
)

ENGINES = ("memory", "duckdb")
ROWS = pl.DataFrame(
    {
        "seen": [1, 1, 1, 1, 0, 0],
        "tick": [1, None, None, 1, None, None],
        "mark": ["x", None, "x", None, None, None],
        "plain": [1, 0, None, 1, 1, 0],
        "group": ["u", "v", "u", "v", "u", "v"],
    }
)


def _notes(found: Estimates) -> str:
    return " ".join(note.de for note in found.notes)


@pytest.mark.parametrize("engine", ENGINES)
def test_ticks_beside_empty_cells_are_pointed_out(engine: Any) -> None:
    assert "leer: tick, mark." in _notes(estimate(ROWS, ["tick", "mark", "plain"], engine=engine))
    assert "leer: tick." in _notes(estimate(read_survey(ROWS, Design()), ["tick", "plain"]))


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_pointed_out_once_it_is_said_what_empty_means(engine: Any) -> None:
    items = ItemSet(("tick", "mark"), shown="seen", blank="no")
    assert not estimate(ROWS, items, engine=engine).notes
    assert not estimate(ROWS, ["plain", "seen"], engine=engine).notes


@pytest.mark.parametrize("engine", ENGINES)
def test_codes_of_spss_come_with_their_words(tmp_path: Path, engine: Any) -> None:
    path = tmp_path / "rows.sav"
    rows = pl.DataFrame({"age": [30.0, 40.0, 50.0], "wish": [1.0, 2.0, 9.0], "yes": [0.0, 1.0, 1.0]})
    labels = {"wish": {1.0: "Ja", 2.0: "Nein", 9.0: "weiß nicht"}, "yes": {0.0: "nein", 1.0: "ja"}}
    pyreadstat.write_sav(rows.to_pandas(), str(path), variable_value_labels=labels)
    notes = _notes(estimate(path, ["age", "wish"], by="yes", engine=engine))
    assert "Codes in „wish“: 1 = Ja; 2 = Nein; 9 = weiß nicht." in notes
    assert "Codes in „yes“: 0 = nein; 1 = ja." in notes
    assert "stehen: wish." in notes
    assert "Gemittelt" not in _notes(estimate(path, ["wish", "yes"], estimator="proportion", engine=engine))
    assert not estimate(path, "age", engine=engine).notes


def test_every_table_of_results_becomes_a_frame() -> None:
    rows = pl.DataFrame({"a": [0, 1, 1, 0] * 5, "b": ["x", "y", "y", "x", "y"] * 4, "c": [1, 1, 0, 1] * 5})
    survey = Survey.of(rows, Design())
    tables = [
        (two_way_table(survey, "a", "b"), 4),
        (family(survey, ["a"], "b", name="one"), 1),
        (response_rates({"A": Dispositions(3, refusal=2)}), 2),
        (representativity(rows, "c", ["b"]), 4),
        (protect(tabulate(rows, ["a", "b"]), Rules(threshold=2)), 9),
    ]
    for table, size in tables:
        frame: Any = table
        assert len(frame.to_polars()) == size
        assert list(frame.to_pandas().columns) == frame.to_polars().columns
