"""The engine in memory gives the sums that a plain loop over the rows gives, whatever order the rows come in."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from passgenau.estimation.design import Design
from passgenau.estimation.engines.memory import Memory
from passgenau.estimation.sums import Factor, Query, Sums, Variable
from passgenau.estimation.variables import variable_values

ITEM = Variable(("a",), (Factor("a", test="==", value=1),))
BASE = Variable(("a",))
NUMBER = Variable(("x",), (Factor("x", centre=2.5),))
PRODUCT = Variable(("a", "x"), (Factor("x"), Factor("x", centre=1.0), Factor("a", test="==", value=1)))
WORD = Variable((), (Factor("g", test="!=", value="north"),))
VARIABLES = (BASE, ITEM, NUMBER, PRODUCT, WORD, Variable())


def survey(rows: int = 400, seed: int = 1) -> pl.DataFrame:
    """Make rows with 4 strata, 20 units, missing answers, groups and weights of which some are 0."""
    rng = np.random.default_rng([seed, rows])
    unit = rng.integers(0, 20, rows)
    answers = [None if rng.random() < 0.1 else int(rng.random() < 0.4) for _ in range(rows)]
    numbers = [None if rng.random() < 0.1 else float(rng.normal(3, 2)) for _ in range(rows)]
    return pl.DataFrame(
        {
            "w": np.where(rng.random(rows) < 0.1, 0.0, rng.uniform(0.5, 40, rows)),
            "h": [f"s{value % 4}" for value in unit],
            "u": unit * 1_000_003 - 5_000_000,
            "n": (unit % 4 + 1) * 100,
            "a": pl.Series(answers, dtype=pl.Int8),
            "x": pl.Series(numbers, dtype=pl.Float64),
            "g": [("north", "south", None)[value] for value in rng.integers(0, 3, rows)],
            "k": rng.integers(0, 2, rows).astype(bool),
        }
    )


def by_hand(table: pl.DataFrame, query: Query) -> dict[tuple[object, ...], list[list[Fraction]]]:
    """Sum exactly, row by row: (stratum, unit, domain labels) → [rows, counts, totals, squares]."""
    values = variable_values(table, query.variables)
    inside = np.ones(len(table), dtype=bool)
    if query.where is not None:
        inside = table.select(pl.sql_expr(query.where).fill_null(value=False)).to_series().to_numpy()
    out: dict[tuple[object, ...], list[list[Fraction]]] = {}
    for i, row in enumerate(table.iter_rows(named=True)):
        labels = tuple(row[name] for name in query.by)
        if not inside[i] or None in labels:
            labels = ("outside",)
        unit = row[query.design.ids[-1]] if query.design.ids else None
        cell = out.setdefault(
            (str(row["h"]), unit, labels),
            [
                [Fraction(0)],
                [Fraction(0)] * len(values[i]),
                [Fraction(0)] * len(values[i]),
                [Fraction(0)] * len(query.pairs),
            ],
        )
        cell[0][0] += 1
        if labels == ("outside",):
            continue
        w = Fraction(row[query.design.weight]) if query.design.weight else Fraction(1)
        for v, value in enumerate(values[i]):
            cell[1][v] += int(w > 0 and value != 0)
            cell[2][v] += w * Fraction(float(value))
        for p, (j, k) in enumerate(query.pairs):
            cell[3][p] += w * w * Fraction(float(values[i, j])) * Fraction(float(values[i, k]))
    return out


def compare(sums: Sums, expected: dict[tuple[object, ...], list[list[Fraction]]], units: list[object]) -> None:
    found = {}
    for c in range(len(sums.rows)):
        stratum = sums.structure.strata[sums.stratum[c]]
        unit = units[sums.unit[c]] if units else None
        labels = tuple(sums.domains[sums.domain[c]].values()) if sums.domain[c] >= 0 else ("outside",)
        found[stratum, unit, labels] = c
    assert set(found) == set(expected)
    for key, (rows, counts, totals, squares) in expected.items():
        c = found[key]
        assert [sums.rows[c]] == rows
        assert sums.count[c].tolist() == counts
        scale = float(max(map(abs, totals), default=0)) or 1.0
        assert sums.total[c] == pytest.approx([float(total) for total in totals], rel=1e-13, abs=1e-14 * scale)
        if sums.square is not None:
            assert sums.square[c] == pytest.approx([float(square) for square in squares], rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("by", [(), ("g",), ("g", "k")])
@pytest.mark.parametrize("where", [None, "x > 2 OR k"])
def test_sums_per_unit_are_those_of_a_loop_over_the_rows(by: tuple[str, ...], where: str | None) -> None:
    table = survey()
    query = Query(Design("w", "h", ("u",), ("n",)), VARIABLES, (), by, where)
    names = sorted(table["u"].unique())
    units = sorted(names, key=lambda name: (table.filter(pl.col("u") == name)["h"][0], name))
    compare(Memory(table).summarise(query), by_hand(table, query), units)


@pytest.mark.parametrize("by", [(), ("g",)])
@pytest.mark.parametrize("where", [None, "g = 'south'"])
def test_sums_of_squares_are_those_of_a_loop_over_the_rows(by: tuple[str, ...], where: str | None) -> None:
    table = survey().with_columns(n=pl.lit(10_000))
    pairs = tuple((j, k) for k in range(len(VARIABLES)) for j in range(k + 1))
    query = Query(Design("w", "h", (), ("n",)), VARIABLES, pairs, by, where)
    compare(Memory(table).summarise(query), by_hand(table, query), [])
