"""The engine in memory gives the sums that a plain loop over the rows gives, whatever order the rows come in."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.engines import kernel, scan, totals
from passgenau.estimation.engines.memory import Memory, open_memory
from passgenau.estimation.engines.rows import read_rows
from passgenau.estimation.engines.sources import open_source
from passgenau.estimation.sums import Factor, Profile, Query, Sums, Variable
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


def memory(table: pl.DataFrame) -> Memory:
    return open_memory(read_rows(table))


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
    for key, (rows, counts, linear, squares) in expected.items():
        c = found[key]
        assert [sums.rows[c]] == rows
        assert sums.count[c].tolist() == counts
        scale = float(max(map(abs, linear), default=0)) or 1.0
        assert sums.total[c] == pytest.approx([float(total) for total in linear], rel=1e-13, abs=1e-14 * scale)
        if sums.square is not None:
            assert sums.square[c] == pytest.approx([float(square) for square in squares], rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("by", [(), ("g",), ("g", "k")])
@pytest.mark.parametrize("where", [None, "x > 2 OR k"])
def test_sums_per_unit_are_those_of_a_loop_over_the_rows(by: tuple[str, ...], where: str | None) -> None:
    table = survey()
    query = Query(Design("w", "h", ("u",), ("n",)), VARIABLES, (), by, where)
    names = sorted(table["u"].unique())
    units = sorted(names, key=lambda name: (table.filter(pl.col("u") == name)["h"][0], name))
    compare(memory(table).summarise(query), by_hand(table, query), units)


@pytest.mark.parametrize("by", [(), ("g",)])
@pytest.mark.parametrize("where", [None, "g = 'south'"])
def test_sums_of_squares_are_those_of_a_loop_over_the_rows(by: tuple[str, ...], where: str | None) -> None:
    table = survey().with_columns(n=pl.lit(10_000))
    pairs = tuple((j, k) for k in range(len(VARIABLES)) for j in range(k + 1))
    query = Query(Design("w", "h", (), ("n",)), VARIABLES, pairs, by, where)
    compare(memory(table).summarise(query), by_hand(table, query), [])


UNITS = Query(Design("w", "h", ("u",), ("n",)), VARIABLES, (), ("g",), "x > 1")
ROWS = Query(Design("w", "h"), VARIABLES, ((0, 0), (0, 1), (1, 1), (2, 3), (4, 5)), ("g", "k"))


def bytes_of(sums: Sums) -> tuple[bytes, ...]:
    tables = (sums.stratum, sums.unit, sums.domain, sums.rows, sums.count, sums.total, sums.square)
    return tuple(b"" if table is None else np.ascontiguousarray(table).tobytes() for table in tables)


def use(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Let machine code or NumPy do the sums, whatever the number of rows."""
    limit = 0 if way == "kernel" else 10**12
    monkeypatch.setattr(totals, "LARGE", limit)
    monkeypatch.setattr(totals, "SMALL", limit)


@pytest.mark.parametrize("query", [UNITS, ROWS])
def test_machine_code_gives_the_bytes_that_numpy_gives(query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    table = survey(3000)
    use(monkeypatch, "numpy")
    plain = memory(table).summarise(query)
    use(monkeypatch, "kernel")
    assert bytes_of(memory(table).summarise(query)) == bytes_of(plain)


@pytest.mark.parametrize("query", [UNITS, ROWS])
@pytest.mark.parametrize("way", ["numpy", "kernel"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), batch=st.integers(1, 700))
def test_neither_the_order_of_rows_nor_their_partition_changes_a_byte(
    query: Query, way: str, seed: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, way)
    table = survey(600)
    expected = bytes_of(memory(table).summarise(query))
    monkeypatch.setattr(scan, "BATCH", batch)
    assert bytes_of(memory(table.sample(fraction=1, shuffle=True, seed=seed)).summarise(query)) == expected
    monkeypatch.undo()


@pytest.mark.parametrize("query", [UNITS, ROWS])
@pytest.mark.parametrize("stretch", [1, 2000, 1 << 28])
def test_parquet_files_give_the_bytes_of_the_frame(
    query: Query, stretch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_STRETCH", stretch)
    table = survey(1000)
    files = []
    for i, part in enumerate(table.sample(fraction=1, shuffle=True, seed=3).iter_slices(400)):
        files.append(str(tmp_path / f"{i}.parquet"))
        part.write_parquet(files[-1], row_group_size=100)
    source = open_memory(read_rows(tmp_path))
    assert bytes_of(source.summarise(query)) == bytes_of(memory(table).summarise(query))


@pytest.mark.parametrize("way", ["numpy", "kernel"])
@pytest.mark.parametrize("weight", [1.0, 3.7, 2.0**40 / 3, 1e-300, 1e300])
def test_many_rows_of_one_cell_add_up_without_a_rounding_error(
    way: str, weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, way)
    rows = 70_001
    table = pl.DataFrame({"w": np.full(rows, weight), "a": (np.arange(rows) % 3 == 0).astype(np.int8)})
    sums = memory(table).summarise(Query(Design("w"), (BASE, ITEM)))
    assert sums.count.tolist() == [[rows, 23_334]]
    assert sums.total.tolist() == [[float(Fraction(weight) * rows), float(Fraction(weight) * 23_334)]]


@pytest.mark.parametrize("way", ["numpy", "kernel"])
def test_small_weights_keep_their_digits_beside_large_ones(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, way)
    table = pl.DataFrame({"w": [1e9, 1 / 3, 1 / 7], "h": ["a", "b", "b"], "a": [1, 1, 0]})
    sums = memory(table).summarise(Query(Design("w", "h", lonely="remove"), (BASE, ITEM), ((0, 0),)))
    assert sums.total.tolist() == [[1e9, 1e9], [float(Fraction(1 / 3) + Fraction(1 / 7)), 1 / 3]]
    assert sums.square is not None
    assert sums.square[1, 0] == pytest.approx(1 / 9 + 1 / 49, rel=1e-15)


def test_small_products_keep_their_digits_beside_large_ones() -> None:
    square = Variable(("x",), (Factor("x"), Factor("x", centre=-2.2)))
    table = pl.DataFrame({"w": [1e6, 3.0], "h": ["a", "b"], "x": [1e3, -1.1]})
    sums = memory(table).summarise(Query(Design("w", "h", lonely="remove"), (square,), ((0, 0),)))
    assert sums.square is not None
    assert sums.total[1, 0] == pytest.approx(-3 * 1.1**2, rel=1e-15)
    assert sums.square[1, 0] == pytest.approx(9 * 1.1**4, rel=1e-9)


def test_without_weights_the_population_counts_weigh() -> None:
    table = pl.DataFrame({"h": [1, 1, 2], "n": [10, 10, 5], "a": [True, False, True]})
    sums = memory(table).summarise(Query(Design(None, "h", (), ("n",)), (BASE, ITEM), ((0, 1),)))
    assert sums.total.tolist() == [[10.0, 5.0], [5.0, 5.0]]
    assert sums.square is not None
    assert sums.square.tolist() == [[25.0], [25.0]]


def test_rows_outside_every_domain_count_for_the_design_only() -> None:
    table = pl.DataFrame({"u": [1, 1, 2, 3], "g": ["x", None, None, "y"], "a": [1, 1, 1, 0]})
    sums = memory(table).summarise(Query(Design(ids=("u",)), (BASE, ITEM), (), ("g",), "u < 3"))
    assert sums.domains == ({"g": "x"},)
    assert sums.structure.units == 3
    assert sums.domain.tolist() == [-1, 0, -1, -1]
    assert sums.rows.tolist() == [1, 1, 1, 1]
    assert sums.total.tolist() == [[0, 0], [1, 1], [0, 0], [0, 0]]
    assert sums.count.tolist() == [[0, 0], [1, 1], [0, 0], [0, 0]]


def test_two_stages_are_read_with_their_populations() -> None:
    table = pl.DataFrame({"p": [1, 1, 1, 2], "s": [5, 5, 6, 5], "n": [10.0] * 4, "m": [8, 8, 8, 4], "a": [1, 0, 1, 1]})
    sums = memory(table).summarise(Query(Design(None, None, ("p", "s"), ("n", "m")), (BASE, ITEM)))
    first, second = sums.structure.stages
    assert (first.drawn.tolist(), first.population.tolist()) == ([2], [10.0])
    assert (second.drawn.tolist(), second.population.tolist()) == ([2, 1], [8.0, 4.0])
    assert sums.total.tolist() == [[40.0, 20.0], [20.0, 20.0], [20.0, 20.0]]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pl.String, ["b", "a", "c"]),
        (pl.Enum(["c", "b", "a"]), ["c", "b", "a"]),
        (pl.Categorical, ["b", "a", "c"]),
        (pl.UInt64, [2**63 + 1, 3, 2**40]),
        (pl.Int64, [-(2**40), 2**40, 0]),
        (pl.Float64, [1.0, 3.0, 2.0]),
        (pl.Float64, [1.5, 2.25, -0.5]),
        (pl.Boolean, [True, False, None]),
        (pl.Int16, [7, None, -4]),
        (pl.Date, [date(2020, 2, 1), None, date(1969, 1, 1)]),
    ],
)
def test_domains_of_every_type_come_back_with_their_labels(kind: pl.DataType, values: list[object]) -> None:
    table = pl.DataFrame({"g": pl.Series(values * 3, dtype=kind), "a": range(9)})
    sums = memory(table).summarise(Query(Design(), (Variable(("a",), (Factor("a"),)),), ((0, 0),), ("g",)))
    labels = [str(value) if isinstance(value, date) else value for value in values]
    expected = {label: 9.0 + 3 * i for i, label in enumerate(labels) if label is not None}
    totals = sums.total[sums.domain >= 0, 0]
    found = {domain["g"]: totals[i] for i, domain in enumerate(sums.domains)}
    assert found == expected
    order = kind.categories.to_list() if isinstance(kind, pl.Enum) else sorted(found)
    assert list(found) == order


@pytest.mark.parametrize(
    ("column", "values", "error"),
    [
        ("w", [1.0, None, 2.0], InputError),
        ("w", [1.0, -1.0, 2.0], InputError),
        ("w", [1.0, math.nan, 2.0], InputError),
        ("w", [1.0, math.inf, 2.0], InputError),
        ("w", ["1", "2", "3"], InputError),
        ("h", ["a", None, "b"], InputError),
        ("h", ["a", "b", "b"], DesignError),
        ("n", [10, 11, 10], DesignError),
        ("n", [1, 1, 1], DesignError),
        ("n", [0.1, 0.1, 0.1], DesignError),
        ("n", [10.0, math.nan, 10.0], InputError),
        ("a", ["1", "0", "x"], InputError),
    ],
)
def test_wrong_columns_are_named(column: str, values: list[object], error: type[Exception]) -> None:
    table = pl.DataFrame({"w": [1.0, 2.0, 3.0], "h": ["a"] * 3, "u": [1, 1, 2], "n": [9] * 3, "a": [1, 0, 1]})
    table = table.with_columns(pl.Series(column, values))
    query = Query(Design("w", "h", ("u",), ("n",)), (Variable(("a",), (Factor("a"),)),))
    with pytest.raises(error, match="u|h|n" if error is DesignError else column):
        memory(table).summarise(query)


def test_an_unknown_column_of_a_condition_is_named() -> None:
    with pytest.raises(InputError, match="size"):
        memory(survey()).summarise(Query(Design("w"), (Variable(),), ((0, 0),), (), "size > 3"))


def test_keys_may_be_far_apart_and_appear_late() -> None:
    units = [10**12 * (i % 7) - i % 3 for i in range(500)] + [-5, 10**15]
    table = pl.DataFrame({"u": units, "a": [1] * 502})
    sums = memory(table).summarise(Query(Design(ids=("u",)), (BASE,)))
    names = sorted(set(units))
    assert sums.unit.tolist() == list(range(len(names)))
    assert sums.rows.tolist() == [units.count(name) for name in names]


@pytest.mark.parametrize("stored", [True, False])
def test_columns_are_described(stored: bool, tmp_path: Path) -> None:  # noqa: FBT001 -- a way of storing
    table = survey().with_columns(
        likert=pl.Series([1, 2, 5, None] * 100),
        e=pl.Series([None] * 400, dtype=pl.Float64),
        nan=pl.Series([4.0, math.nan, 2.0, 4.0] * 100),
    )
    source = memory(table)
    if stored:
        file = str(tmp_path / "survey.parquet")
        table.write_parquet(file, row_group_size=90)
        source = open_memory(read_rows(file))
    found = source.profile(["a", "x", "g", "k", "likert", "e", "w", "nan"])
    assert found["nan"] == Profile("number", 100, 2.0, 4.0, True, (2, 4))
    assert found["a"] == Profile("number", table["a"].null_count(), 0.0, 1.0, True, (0, 1))
    assert found["g"] == Profile("category", table["g"].null_count(), levels=("north", "south"))
    assert (found["k"].kind, found["k"].binary) == ("boolean", True)
    assert found["likert"] == Profile("number", 100, 1.0, 5.0, True, (1, 2, 5))
    assert (found["e"].missing, found["e"].minimum, found["e"].binary) == (400, None, False)
    assert (found["x"].minimum, found["x"].maximum, found["x"].whole) == (table["x"].min(), table["x"].max(), False)


VARIED = st.fixed_dictionaries(
    {
        "w": st.floats(1e-3, 1e6) | st.sampled_from([0.0, 1.0]),
        "u": st.integers(-3, 6),
        "a": st.sampled_from([0, 1, None]),
        "x": st.none() | st.floats(-1e5, 1e5).map(lambda x: round(x, 6)) | st.just(math.nan),
        "g": st.sampled_from(["north", "south", None]),
        "k": st.booleans(),
    }
)


@pytest.mark.parametrize("ids", [(), ("u",)])
@pytest.mark.parametrize("weight", ["w", None])
@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(rows=st.lists(VARIED, min_size=1, max_size=30).filter(lambda rows: any(row["w"] > 0 for row in rows)))
def test_duckdb_agrees(ids: tuple[str, ...], weight: str | None, rows: list[dict[str, object]]) -> None:
    types = {"w": pl.Float64, "u": pl.Int32, "a": pl.Int8, "x": pl.Float64, "g": pl.String, "k": pl.Boolean}
    table = pl.DataFrame(rows, schema=types).with_columns(h=pl.col("u") % 3)
    pairs = ((0, 0), (0, 1), (1, 1), (2, 3)) if not ids else ()
    query = Query(Design(weight, "h", ids), VARIABLES, pairs, ("g", "k"), "x > -5")
    mine = memory(table).summarise(query)
    with closing(open_source(table, "duckdb")) as source:
        other = source.summarise(query)
    assert mine.structure.strata == other.structure.strata
    assert mine.domains == other.domains
    for name in ("stratum", "unit", "domain", "rows", "count"):
        assert getattr(mine, name).tolist() == getattr(other, name).tolist()
    for left, right in ((mine.total, other.total), (mine.square, other.square)):
        if left is not None and right is not None:
            largest = np.abs(right).max(axis=0, initial=0.0)
            assert (np.abs(left - right) <= 1e-12 * largest).all()


def test_machine_code_needs_no_folder_to_be_kept_in(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_ = kernel.njit

    def njit(*, nogil: bool, cache: bool = False) -> Callable[..., object]:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return compile_(nogil=nogil)

    monkeypatch.setattr(kernel, "njit", njit)
    out = np.zeros(1)

    def write(target: np.ndarray) -> None:
        target[0] = 1

    kernel._compiled(write)(out)
    assert out.tolist() == [1]
