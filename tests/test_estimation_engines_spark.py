"""Spark gives the sums of DuckDB, to the last bit."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from passgenau.errors import InputError
from passgenau.estimation.design import Design
from passgenau.estimation.engines import spark
from passgenau.estimation.engines.sources import open_source
from passgenau.estimation.sums import Factor, Query, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passgenau.estimation.engines.relational import Relational
    from passgenau.estimation.sums import Sums

ITEMS = tuple(f"i{k}" for k in range(60))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(7)
    rows = 400
    psu = rng.integers(0, 20, rows)
    shown = pl.Series(rng.random(rows) < 0.9)
    items = {name: pl.Series(rng.integers(0, 2, rows)).set(~shown, None) for name in ITEMS}
    frame = pl.DataFrame(
        {
            "h": [f"h{i}" for i in psu % 3],
            "psu": psu,
            "w": rng.lognormal(1, 1, rows),
            "N": pl.Series([700.0]).sample(rows, with_replacement=True),
            "g": pl.Series(rng.choice(["x", "y"], rows)).set(pl.Series(rng.random(rows) < 0.1), None),
            "x": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(5, 4, rows)),
            "town size": rng.integers(0, 5000, rows),
            **items,
        }
    )
    target = tmp_path_factory.mktemp("spark") / "answers.parquet"
    frame.write_parquet(target)
    return target


@pytest.fixture(scope="module")
def source(path: Path) -> Iterator[Relational]:
    opened = open_source(path, "spark")
    with closing(opened):
        yield opened  # type: ignore[misc]


def assert_same(one: Sums, other: Sums) -> None:
    for name in ("stratum", "unit", "domain", "rows", "count", "total"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.square is None) == (other.square is None)
    if one.square is not None and other.square is not None:
        np.testing.assert_array_equal(one.square, other.square)
    assert one.domains == other.domains
    assert one.structure.strata == other.structure.strata


def test_a_clustered_design_with_domains_and_a_condition(source: Relational, path: Path) -> None:
    number = Factor("x", 150.1)
    variables = (
        Variable(("x",)),
        Variable(("x",), (number,)),
        Variable(("x",), (number, number)),
        Variable(("i0", "x"), (Factor("i0", test="==", value=1), number)),
        Variable(("x",), (Factor("x", test=">", value=0.1),)),
        Variable(("g",), (Factor("g", test="==", value="x"),)),
    )
    where = "\"town size\" >= 1000 AND (x > 20 OR g = 'x')"
    query = Query(Design("w", "h", ("psu",), ("N",)), variables, by=("g",), where=where)
    with closing(open_source(path, "duckdb")) as other:
        assert_same(source.summarise(query), other.summarise(query))


def test_sixty_items_with_pairs_stay_below_the_limit_of_generated_code(source: Relational, path: Path) -> None:
    variables = tuple(Variable((name,), (Factor(name, test="==", value=1),)) for name in ITEMS)
    pairs = tuple((j, min(j + k, 59)) for j in range(60) for k in range(2))
    query = Query(Design("w", "h"), variables, pairs)
    with closing(open_source(path, "duckdb")) as other:
        assert_same(source.summarise(query), other.summarise(query))


def test_columns_are_described_alike(source: Relational, path: Path) -> None:
    columns = ("h", "psu", "w", "g", "x", "i0")
    with closing(open_source(path, "duckdb")) as other:
        assert source.profile(columns) == other.profile(columns)


def test_a_frame_of_spark_and_a_frame_of_polars_are_read() -> None:
    frame = pl.DataFrame({"w": [1.0, 2.0, -4.0], "size": pl.Series(["b", "a", "b"], dtype=pl.Enum(["b", "a"]))})
    query = Query(Design("w"), (Variable(),), by=("size",))
    with closing(open_source(frame[:2], "spark")) as source:
        assert source.engine == "spark"
        assert source.summarise(query).total.tolist() == [[1.0], [2.0]]
        assert source.summarise(query).domains == ({"size": "b"}, {"size": "a"})
    own = spark._session().createDataFrame(frame.cast({"size": pl.String}).to_arrow())
    with closing(open_source(own, "spark")) as source, pytest.raises(InputError) as caught:
        source.summarise(query)
    assert caught.value.format("en") == (
        "field w: -4.0 is not a weight; weights are numbers from 0.\n  Row 3 of the data."
    )


def test_a_condition_that_compares_words_with_numbers_is_refused(source: Relational) -> None:
    with pytest.raises(InputError, match="The data cannot be evaluated this way"):
        source.summarise(Query(Design("w"), (Variable(),), where="g = 1 AND h + 1 > 2"))


def test_without_java_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(InputError) as caught:
        open_source(path, "spark")
    assert caught.value.format("en") == (
        'field engine: Spark needs Java 17 or newer; the program "java" was not found.\n'
        "  On Debian: apt-get install openjdk-17-jre-headless"
    )


def test_without_spark_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(InputError) as caught:
        open_source(path, "spark")
    assert caught.value.format("en") == (
        "field engine: Spark is not installed.\n  To install it: pip install passgenau[spark]"
    )


def test_unsigned_numbers_are_read_and_hashes_stay_apart() -> None:
    small = pl.Series("small", [1, 0, 1], dtype=pl.UInt64)
    frame = pl.DataFrame([small, pl.Series("hash", [2**63, 2**63 + 1, 2**63 + 2], dtype=pl.UInt64)])
    with closing(open_source(frame, "spark")) as opened:
        sums = opened.summarise(Query(Design(ids=("hash",)), (Variable(("small",), (Factor("small"),)),)))
        assert opened.profile(["small"])["small"].binary
    assert sums.total[:, 0].tolist() == [1, 0, 1]
