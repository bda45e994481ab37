"""Engines answer the same query with the same sums, whatever the order, the files and the threads."""

from __future__ import annotations

import math
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.engines.sources import open_source
from passgenau.estimation.sums import Factor, Query, Variable

if TYPE_CHECKING:
    from pathlib import Path

    from passgenau.estimation.sums import Sums

ENGINES = ("duckdb", "memory")

TINY = pl.DataFrame(
    {
        "h": ["a", "a", "b", "b", "b"],
        "psu": [1, 2, 3, 3, 4],
        "ssu": [1, 1, 1, 2, 1],
        "w": [1.5, 2.0, 3.0, 1.0, 1.0],
        "yes": [1, 0, 1, None, 1],
        "x": [1.25, math.nan, 3.0, 2.0, 1000.0],
        "g": ["u", "v", "u", None, "v"],
        "N": [10, 10, 20, 20, 20],
        "M": [4, 5, 6, 6, 7],
    }
)
BASE = Variable(("yes",))
YES = Variable(("yes",), (Factor("yes", test="==", value=1),))
X = Variable(("x",), (Factor("x"),))
CLUSTERED = Design("w", "h", ("psu",), ("N",))
EACH_ROW = Design("w", "h", (), ("N",))


def summarise(data: object, query: Query, engine: str = "duckdb", threads: int | None = None) -> Sums:
    with closing(open_source(data, engine, threads=threads)) as source:  # type: ignore[arg-type]
        return source.summarise(query)


def raises(data: object, query: Query, engine: str) -> str:
    with pytest.raises((DesignError, InputError)) as caught:
        summarise(data, query, engine)
    return caught.value.format("en")


def printed(sums: Sums) -> tuple[object, ...]:
    """Everything a caller can see, to the last bit."""
    arrays = (sums.stratum, sums.unit, sums.domain, sums.rows, sums.count, sums.total, sums.square)
    shown = tuple(None if array is None else (array.shape, array.tobytes()) for array in arrays)
    stages = tuple(
        (stage.parent.tobytes(), stage.drawn.tobytes(), stage.population.tobytes()) for stage in sums.structure.stages
    )
    return (*shown, sums.domains, sums.structure.strata, stages)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_sums_of_a_clustered_design_are_those_computed_by_hand(engine: str) -> None:
    sums = summarise(TINY, Query(CLUSTERED, (BASE, YES, X), by=("g",), where="x < 100 OR yes = 1"), engine)
    assert sums.domains == ({"g": "u"}, {"g": "v"})
    assert sums.structure.strata == ("a", "b")
    assert sums.structure.stages[0].parent.tolist() == [0, 0, 1, 1]
    assert sums.structure.stages[0].drawn.tolist() == [2, 2]
    assert sums.structure.stages[0].population.tolist() == [10.0, 20.0]
    assert sums.stratum.tolist() == [0, 0, 1, 1, 1]
    assert sums.unit.tolist() == [0, 1, 2, 2, 3]
    assert sums.domain.tolist() == [0, -1, -1, 0, 1]  # row 2: x is missing and yes is 0; row 4: g is missing
    assert sums.rows.tolist() == [1, 1, 1, 1, 1]
    assert sums.count.tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1], [1, 1, 1]]
    assert sums.total.tolist() == [[1.5, 1.5, 1.875], [0, 0, 0], [0, 0, 0], [3, 3, 9], [1, 1, 1000]]
    assert sums.square is None


@pytest.mark.parametrize("engine", ENGINES)
def test_where_rows_are_units_squares_are_summed_per_stratum_and_domain(engine: str) -> None:
    sums = summarise(TINY, Query(EACH_ROW, (BASE, YES, X), ((0, 0), (0, 1), (1, 2), (2, 2)), ("g",)), engine)
    assert sums.structure.rows_are_units
    assert sums.structure.stages[0].drawn.tolist() == [2, 3]
    assert sums.stratum.tolist() == [0, 0, 1, 1, 1]
    assert sums.unit.tolist() == [-1, -1, -1, -1, -1]
    assert sums.domain.tolist() == [0, 1, -1, 0, 1]
    assert sums.square is not None
    assert sums.square.tolist() == [
        [2.25, 2.25, 2.25 * 1.25, 2.25 * 1.25**2],
        [4, 0, 0, 0],
        [0, 0, 0, 0],
        [9, 9, 27, 81],
        [1, 1, 1000, 1e6],
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_follow_from_the_population_counts_of_every_stage(engine: str) -> None:
    design = Design(None, "h", ("psu", "ssu"), ("N", "M"))
    sums = summarise(TINY, Query(design, (Variable(), X)), engine)
    assert [stage.drawn.tolist() for stage in sums.structure.stages] == [[2, 2], [1, 1, 2, 1]]
    assert [stage.parent.tolist() for stage in sums.structure.stages] == [[0, 0, 1, 1], [0, 1, 2, 2, 3]]
    assert sums.structure.stages[1].population.tolist() == [4, 5, 6, 7]
    weights = [5 * 4, 5 * 5, 10 * 3, 10 * 3, 10 * 7]
    assert sums.total[:, 0].tolist() == weights
    assert sums.total[:, 1].tolist() == [25, 0, 90, 60, 70_000]


@pytest.mark.parametrize("engine", ENGINES)
def test_without_weight_and_population_every_row_weighs_1(engine: str) -> None:
    sums = summarise(TINY, Query(Design(), (Variable(), YES), ((1, 1),)), engine)
    assert sums.total.tolist() == [[5, 3]]
    assert sums.square is not None
    assert sums.square.tolist() == [[3]]
    assert sums.structure.stages[0].population.tolist() == [math.inf]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_of_weight_0_is_drawn_but_not_counted(engine: str) -> None:
    data = TINY.with_columns(pl.Series("w", [0.0, 2.0, 3.0, 0.0, 1.0]))
    sums = summarise(data, Query(CLUSTERED, (BASE, YES)), engine)
    assert sums.structure.stages[0].drawn.tolist() == [2, 2]
    assert sums.count.tolist() == [[0, 0], [1, 0], [1, 1], [1, 1]]


@pytest.mark.parametrize("engine", ENGINES)
def test_names_of_units_count_within_their_stratum_where_nested(engine: str) -> None:
    data = TINY.with_columns(psu=pl.Series([1, 2, 1, 1, 2]))
    sums = summarise(data, Query(replace(CLUSTERED, nest=True), (BASE,)), engine)
    assert sums.structure.stages[0].parent.tolist() == [0, 0, 1, 1]
    assert raises(data, Query(CLUSTERED, (BASE,)), engine).startswith('Column "psu": 1 lies in two strata (a and b)')


@pytest.mark.parametrize("engine", ENGINES)
def test_declared_categories_keep_their_order(engine: str) -> None:
    sizes = pl.Enum(["small", "middle", "large"])
    data = TINY.with_columns(size=pl.Series(["large", "small", "large", "middle", "small"], dtype=sizes))
    with closing(open_source(data, engine)) as source:  # type: ignore[arg-type]
        assert source.profile(["size"])["size"].levels == ("small", "middle", "large")
        domains = source.summarise(Query(CLUSTERED, (BASE,), by=("size",))).domains
    assert [domain["size"] for domain in domains] == ["small", "middle", "large"]


@pytest.mark.parametrize("engine", ENGINES)
def test_domains_are_sorted_by_value_and_numbers_by_size(engine: str) -> None:
    data = TINY.with_columns(size=pl.Series([10, 9, 100, 9, None]))
    sums = summarise(data, Query(CLUSTERED, (BASE,), by=("size", "g")), engine)
    assert sums.domains == ({"size": 9, "g": "v"}, {"size": 10, "g": "u"}, {"size": 100, "g": "u"})


@pytest.mark.parametrize("engine", ENGINES)
def test_a_profile_says_what_a_column_holds(engine: str) -> None:
    with closing(open_source(TINY.with_columns(t=pl.Series([True, None, False, True, True])), engine)) as source:  # type: ignore[arg-type]
        found = source.profile(["x", "yes", "g", "w", "t"])
    assert (found["x"].kind, found["x"].missing, found["x"].minimum, found["x"].maximum) == ("number", 1, 1.25, 1000)
    assert not found["x"].whole
    assert found["yes"].binary
    assert found["yes"].levels == (0, 1)
    assert (found["g"].kind, found["g"].missing, found["g"].levels) == ("category", 1, ("u", "v"))
    assert found["w"].levels == ()
    assert (found["t"].kind, found["t"].missing, found["t"].levels) == ("boolean", 1, (False, True))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("change", "query", "message"),
    [
        ({"w": [1.5, -2.0, 3.0, 1.0, 1.0]}, Query(CLUSTERED, (BASE,)), "field w: -2.0 is not a weight"),
        ({"w": [1.5, 2.0, math.inf, 1.0, 1.0]}, Query(CLUSTERED, (BASE,)), "field w: inf is not a weight"),
        ({"w": [1.5, 2.0, None, 1.0, 1.0]}, Query(CLUSTERED, (BASE,)), "field w: No value in a column"),
        ({"w": [1.5, 2.0, math.nan, 1.0, 1.0]}, Query(CLUSTERED, (BASE,)), "field w: No value in a column"),
        ({"w": ["1", "2", "three", "1", "1"]}, Query(CLUSTERED, (BASE,)), 'field w: Numbers are needed here; "three"'),
        ({"w": [0.0] * 5}, Query(CLUSTERED, (BASE,)), 'Column "w": all weights are 0.'),
        ({"h": ["a", "a", None, "b", "b"]}, Query(CLUSTERED, (BASE,)), "field h: No value in a column"),
        ({"psu": [1, 2, None, 3, 4]}, Query(CLUSTERED, (BASE,)), "field psu: No value in a column"),
        ({"N": [10, 10, None, 20, 20]}, Query(CLUSTERED, (BASE,)), "field N: No value in a column"),
        ({"N": [10, 10, 20, 21, 20]}, Query(CLUSTERED, (BASE,)), 'Column "N", b: different counts (20 and 21)'),
        ({"N": [1.0, 1.0, 20.0, 20.0, 20.0]}, Query(CLUSTERED, (BASE,)), 'Column "N", a: 2 units were drawn'),
        ({"N": [0.1] * 5}, Query(CLUSTERED, (BASE,)), 'Column "N" holds fractions (up to 0.1)'),
        ({"N": ["10"] * 5}, Query(CLUSTERED, (BASE,)), "field N: Numbers are needed here"),
        ({"x": [1.0, 2.0, math.inf, 1.0, 1.0]}, Query(CLUSTERED, (X,)), "inf"),
        ({}, Query(CLUSTERED, (Variable(("g",), (Factor("g"),)),)), 'field g: Numbers are needed here; "u" is none.'),
        ({}, Query(replace(CLUSTERED, strata="hh"), (BASE,)), 'field hh: The data have no column "hh".'),
        ({}, Query(CLUSTERED, (BASE,), by=("gg",)), 'field gg: The data have no column "gg".'),
        ({}, Query(CLUSTERED, (Variable(("y",)),)), 'field y: The data have no column "y".'),
        ({}, Query(CLUSTERED, (BASE,), where="y = 1"), 'field y: The data have no column "y".'),
        ({}, Query(CLUSTERED, (BASE,), where="yes ="), 'field where: "yes =" is no condition'),
        ({}, Query(CLUSTERED, (BASE,), where="SUM(yes) > 1"), 'field where: "SUM(yes) > 1" is no condition'),
        ({}, Query(CLUSTERED, (BASE,), where="yes IN (SELECT 1)"), "is no condition"),
    ],
)
def test_rows_that_do_not_fit_the_design_are_named(
    change: dict[str, list[object]], query: Query, message: str, engine: str
) -> None:
    data = TINY.with_columns(**{name: pl.Series(name, values, strict=False) for name, values in change.items()})
    assert message in raises(data, query, engine)


@pytest.mark.parametrize("where", ["frobnicate(yes) = 1", "g = 1", "h + 1 > 2"])
def test_a_condition_that_fails_on_the_rows_is_an_error_in_the_input(where: str) -> None:
    assert "The data cannot be evaluated this way" in raises(TINY, Query(CLUSTERED, (BASE,), where=where), "duckdb")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_second_stage_needs_one_population_per_unit(engine: str) -> None:
    design = Design("w", "h", ("psu", "ssu"), ("N", "M"))
    assert 'Column "M", 3: different counts (6 and 8)' in raises(
        TINY.with_columns(M=pl.Series([4, 5, 6, 8, 7])), Query(design, (BASE,)), engine
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_data_without_rows_are_refused(engine: str) -> None:
    assert raises(TINY.clear(), Query(CLUSTERED, (BASE,)), engine) == "The data have no rows."


def test_a_wrong_weight_in_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text('g,w\n"two\nlines",1\n\nx,2\ny,-3\n', encoding="utf-8")
    query = Query(Design("w"), (Variable(),))
    assert raises(path, query, "duckdb") == f"{path}, line 6, field w: -3 is not a weight; weights are numbers from 0."


def test_words_among_numbers_are_found_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("a\n1\nmany\n3\n", encoding="utf-8")
    with closing(open_source(path, "duckdb")) as source:
        assert source.first_text("a") == (3, "many")  # type: ignore[union-attr]


def random_survey(seed: int, rows: int = 3000) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    psu = rng.integers(0, 40, rows)
    return pl.DataFrame(
        {
            "h": [f"h{i}" for i in psu % 3],
            "psu": psu,
            "w": rng.lognormal(1, 1, rows),
            "g": rng.choice(["x", "y", "z"], rows),
            "yes": pl.Series(rng.integers(0, 2, rows)).set(pl.Series(rng.random(rows) < 0.1), None),
            "x": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(5, 4, rows)),
            "v": rng.normal(0, 1e-6, rows),
        }
    )


VARIABLES = (
    BASE,
    YES,
    X,
    Variable(("x",), (Factor("x", 150.25),)),
    Variable(("x", "v"), (Factor("x", 150.25), Factor("v"))),
    Variable(("v", "yes"), (Factor("v", test=">", value=0.0), Factor("yes"))),
)
PAIRS = tuple((j, k) for j in range(len(VARIABLES)) for k in range(j, len(VARIABLES)))
QUERIES = (
    Query(Design("w", "h", ("psu",)), VARIABLES, by=("g",), where="x > 20 OR yes = 1"),
    Query(Design("w", "h"), VARIABLES, PAIRS, ("g",)),
)


@pytest.mark.parametrize("query", QUERIES, ids=["clusters", "rows"])
def test_neither_order_nor_files_nor_threads_change_a_bit(query: Query, tmp_path: Path) -> None:
    data = random_survey(1)
    expected = printed(summarise(data, query))
    shuffled = data.sample(fraction=1, shuffle=True, seed=4)
    for i in range(4):
        part = shuffled.slice(i * 750, 750).to_arrow()
        pq.write_table(part, tmp_path / f"part{i}.parquet", row_group_size=100)
    assert printed(summarise(shuffled, query)) == expected
    assert printed(summarise(tmp_path, query)) == expected
    assert printed(summarise(tmp_path, query, threads=1)) == expected
    assert printed(summarise(tmp_path, query, threads=2)) == expected


def values_of(data: pl.DataFrame, variable: Variable) -> np.ndarray:
    """Compute a variable plainly."""
    out = np.ones(len(data))
    for factor in variable.factors:
        column = data[factor.column].cast(pl.Float64).fill_null(math.nan).to_numpy()
        if factor.test is None:
            out = out * (column - factor.centre)
        else:
            assert isinstance(factor.value, (int, float))
            out *= column == factor.value if factor.test == "==" else column > factor.value
    for name in (*variable.present, *(factor.column for factor in variable.factors)):
        out = np.where(data[name].cast(pl.Float64).is_null() | data[name].cast(pl.Float64).is_nan(), 0, out)
    return out


@pytest.mark.parametrize("query", QUERIES, ids=["clusters", "rows"])
def test_the_sums_are_those_of_exact_arithmetic(query: Query) -> None:
    data = random_survey(2)
    sums = summarise(data, query)
    weight = data["w"].to_numpy()
    inside = np.ones(len(data), dtype=bool)
    if query.where is not None:
        inside = (
            data.select(
                (pl.col("x").fill_nan(None) > 20).fill_null(value=False) | (pl.col("yes") == 1).fill_null(value=False)
            )
            .to_series()
            .to_numpy()
        )
    cells = defaultdict(list)
    for row, (h, psu, g) in enumerate(data.select("h", "psu", "g").iter_rows()):
        domain = -1 if not inside[row] else [entry["g"] for entry in sums.domains].index(g)
        cells[sums.structure.strata.index(h), psu if query.design.ids else -1, domain].append(row)
    assert len(cells) == len(sums.rows)
    values = [values_of(data, variable) for variable in query.variables]
    for cell, ((_, _, domain), rows) in enumerate(sorted(cells.items())):
        assert sums.rows[cell] == len(rows)
        if domain < 0:
            assert not sums.total[cell].any()
            continue
        for j, value in enumerate(values):
            assert sums.total[cell, j] == pytest.approx(math.fsum(weight[rows] * value[rows]), rel=1e-15, abs=1e-25)
            assert sums.count[cell, j] == np.count_nonzero(value[rows])
        for pair, (j, k) in enumerate(query.pairs):
            exact = math.fsum(weight[rows] * weight[rows] * (values[j][rows] * values[k][rows]))
            assert sums.square is not None
            assert sums.square[cell, pair] == pytest.approx(exact, rel=1e-14, abs=1e-25)


@pytest.mark.parametrize("query", QUERIES, ids=["clusters", "rows"])
def test_the_engines_agree(query: Query) -> None:
    data = random_survey(3)
    ours, other = (summarise(data, query, engine) for engine in ENGINES)
    np.testing.assert_allclose(ours.total, other.total, rtol=1e-13, atol=1e-25)
    assert printed(replace(ours, total=other.total, square=other.square)) == printed(other)
    if ours.square is not None and other.square is not None:
        np.testing.assert_allclose(ours.square, other.square, rtol=1e-13, atol=1e-25)


# Products below 1e-290 would leave the range in which doubles keep all their digits.
NUMBERS = st.floats(-1e12, 1e12).map(lambda number: number if abs(number) > 1e-200 else 0.0)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e12), NUMBERS), min_size=1, max_size=30), st.randoms())
def test_any_numbers_sum_to_the_nearest_double_in_any_order(rows: list[tuple[float, float]], random: object) -> None:
    frame = pl.DataFrame(
        {"w": [max(w, 1e-3) for w, _ in rows], "x": [x for _, x in rows]}, schema={"w": pl.Float64, "x": pl.Float64}
    )
    query = Query(Design("w"), (X,))
    total = summarise(frame, query).total[0, 0]
    largest = max(abs(w * x) for w, x in frame.iter_rows())
    assert total == pytest.approx(math.fsum(w * x for w, x in frame.iter_rows()), rel=1e-15, abs=largest * 2.0**-75)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert summarise(frame[order], query).total[0, 0].tobytes() == total.tobytes()


def test_a_huge_code_for_no_answer_does_not_drown_the_rest() -> None:
    data = pl.DataFrame({"x": [0.1, 0.2, 1e30, 0.3], "g": ["a", "a", "b", "a"]})
    sums = summarise(data, Query(Design(), (X,), ((0, 0),), ("g",)))
    assert sums.total[:, 0].tolist() == [math.fsum([0.1, 0.2, 0.3]), 1e30]


def test_a_query_wider_than_one_aggregate_is_split() -> None:
    rng = np.random.default_rng(5)
    items = {f"i{k}": rng.integers(0, 2, 60) for k in range(24)}
    data = pl.DataFrame({"h": [1, 2] * 30, "w": rng.uniform(1, 2, 60), **items})
    variables = tuple(Variable((name,), (Factor(name, test="==", value=1),)) for name in items)
    pairs = tuple((j, k) for j in range(24) for k in range(j, 24))
    sums = summarise(data, Query(Design("w", "h"), variables, pairs))
    weight = data["w"].to_numpy()
    table = np.stack(list(items.values()), axis=1)
    for stratum in (0, 1):
        rows = slice(stratum, None, 2)
        gram = table[rows].T @ (table[rows] * weight[rows, None] ** 2)
        assert sums.square is not None
        np.testing.assert_allclose(sums.square[stratum], gram[np.triu_indices(24)], rtol=1e-13)
