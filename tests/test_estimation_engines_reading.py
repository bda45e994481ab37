"""Files and frames of all kinds become the same rows, or an error that names file and line."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from passgenau.errors import InputError
from passgenau.estimation.design import Design
from passgenau.estimation.engines import delimited
from passgenau.estimation.engines import rows as reading
from passgenau.estimation.engines.delimited import open_delimited
from passgenau.estimation.engines.rows import frame_of, read_rows
from passgenau.estimation.engines.sources import open_source
from passgenau.estimation.sums import Factor, Query, Variable

if TYPE_CHECKING:
    from pathlib import Path

    from passgenau.estimation.sums import Profile

QUERY = Query(Design("w"), (Variable(("yes",), (Factor("yes", test="==", value=1),)),), by=("g",))


def total_of(data: object, engine: str) -> list[float]:
    with closing(open_source(data, engine)) as source:  # type: ignore[arg-type]
        return [float(value) for value in source.summarise(QUERY).total[:, 0]]


def profile_of(data: object, column: str) -> Profile:
    with closing(open_source(data, "duckdb")) as source:
        return source.profile([column])[column]


def refused(data: object) -> str:
    with pytest.raises(InputError) as caught:
        open_source(data, "duckdb")
    return caught.value.format("en")


@pytest.fixture
def answers() -> pl.DataFrame:
    return pl.DataFrame({"g": ["x", "y", "x"], "w": [1.5, 2.0, 4.25], "yes": [1, 1, None]})


@pytest.mark.parametrize("engine", ["duckdb", "memory"])
def test_every_kind_of_data_gives_the_same_sums(answers: pl.DataFrame, tmp_path: Path, engine: str) -> None:
    table = answers.to_arrow()
    answers.write_csv(tmp_path / "a.csv", quote_style="always")
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    pq.write_table(table.slice(0, 2), tmp_path / "folder" / "1.parquet")
    pq.write_table(table.slice(2), tmp_path / "folder" / "deep" / "2.parquet")
    pyreadstat.write_sav(answers.to_pandas(), tmp_path / "a.sav")
    files = [tmp_path / name for name in ("a.csv", "a.parquet", "folder", "a.sav")]
    frames = [answers, answers.lazy(), answers.to_pandas(), table, table.to_batches()[0], str(tmp_path / "a.csv")]
    assert [total_of(data, engine) for data in (*files, *frames)] == [[1.5, 2.0]] * 10


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ('a,b\n"94.739999999999995","1"\n"1","2"\n', [pa.float64(), pa.int64()]),
        ("a;b\n94,74;x\n1;\n", [pa.float64(), pa.string()]),
        ("a\tb\n08111000\t1\n08221000\t2.5\n", [pa.string(), pa.float64()]),
        ("a,b\nYes,true\nNo,\n", [pa.string(), pa.bool_()]),
        ("a,b\n1,nan\n 2,1e5\n", [pa.int64(), pa.float64()]),
        ("a,b\n2024-01-01,0x10\n,\n", [pa.string(), pa.string()]),
        ("a,b\n,\n", [pa.float64(), pa.float64()]),
        ('\ufeff"a","b"\r\n1,"x\r\ny"\r\n', [pa.int64(), pa.string()]),
    ],
)
def test_the_type_of_a_csv_column_is_that_of_all_its_values(
    lines: str, kinds: list[pa.DataType], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(lines.encode())
    table = read_rows(path).table
    assert table is not None
    assert table.column_names == ["a", "b"]
    assert table.schema.types == kinds


def test_a_number_far_down_decides_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "1,1,1\n" * 5000 + "1.5,x,\n", encoding="utf-8")
    monkeypatch.setattr(delimited, "_PIECE", 1000)
    table = read_rows(path).table
    assert table is not None
    assert table.schema.types == [pa.float64(), pa.string(), pa.int64()]
    assert table["a"][5000].as_py() == 1.5


def test_a_large_csv_file_is_converted_and_the_copy_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("g,w,yes\nx,1.5,1\ny,2,1\nx,4.25,\n", encoding="utf-8")
    monkeypatch.setattr(reading, "_LARGE", 10)
    rows = read_rows(path)
    assert rows.table is None
    assert pl.scan_parquet(list(rows.files)).collect().schema == {"g": pl.String, "w": pl.Float64, "yes": pl.Int64}
    rows.close()
    assert rows.folder is not None
    assert list(tmp_path.iterdir()) == [path]
    assert total_of(path, "duckdb") == [1.5, 2.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ", line 1: The first line is empty; the names of the columns are needed there."),
        (b"a,a\n1,2\n", ', line 1: The column "a" stands twice in the first line.'),
        (b"a,\n1,2\n", ", line 1: Column 2 has no name."),
        (b"a,b\n1,2\n3\n", ", line 3: The line does not fit the first line of the file"),
        (b"a,b\n1,2\n3,4,5\n", ", line 3: The line does not fit the first line of the file"),
        (b"a,b\n\xe4,1\n", ": The file is not written in UTF-8."),
        (b"\xe4,b\n1,1\n", ": The file is not written in UTF-8."),
    ],
)
def test_a_csv_file_that_cannot_be_read_is_named_with_its_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refused(path).startswith(f"{path}{message}")


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR")
    (tmp_path / "a.sav").write_bytes(b"SAV")
    (tmp_path / "a.xlsx").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "none.csv") == f"{tmp_path / 'none.csv'}: There is no such file."
    assert refused(tmp_path / "a.parquet") == f"{tmp_path / 'a.parquet'}: cannot be read: not Parquet."
    assert refused(tmp_path / "a.sav") == f"{tmp_path / 'a.sav'}: cannot be read: not an SPSS file."
    assert refused(tmp_path / "a.xlsx").startswith(f'{tmp_path / "a.xlsx"}: Files that end in ".xlsx" cannot be read.')
    assert refused(tmp_path / "empty") == f"{tmp_path / 'empty'}: The folder holds no Parquet files."
    assert refused(42).startswith('No rows can be read from "int".')


def test_files_of_a_folder_need_the_same_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "2.parquet")
    assert refused(tmp_path) == (f'{tmp_path / "2.parquet"}: The column "b" does not stand in all files of the folder.')


@pytest.mark.parametrize("form", ["frame", "csv", "parquet"])
def test_a_column_that_differs_from_another_in_case_only_is_the_one_named(form: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 1], "A": [2, 4]})
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    data = frame if form == "frame" else tmp_path / f"t.{form}"
    with closing(open_source(data, "duckdb")) as source:
        assert [source.profile([name])[name].maximum for name in ("a", "A")] == [1, 4]
    with closing(open_source(data, "duckdb")) as source, pytest.raises(InputError, match="differ in case only"):
        source.profile(["a", "A"])


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match='No engine "excel"; possible: auto, duckdb, spark, memory'):
        open_source(pl.DataFrame({"a": [1]}), "excel")  # type: ignore[arg-type]


def test_an_unknown_column_comes_with_those_spelled_alike() -> None:
    with (
        closing(open_source(pl.DataFrame({"einwohner": [1], "art": [2]}), "duckdb")) as source,
        pytest.raises(InputError) as caught,
    ):
        source.profile(["einwoner"])
    assert caught.value.format("de") == (
        "Feld einwoner: Die Daten haben keine Spalte „einwoner“.\n  Ähnlich: einwohner."
    )


def test_spss_files_bring_their_value_labels_and_blank_texts_are_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 0.0, None], "t": ["x", " ", "y"]})
    pyreadstat.write_sav(frame, tmp_path / "a.sav", variable_value_labels={"a": {1: "ja", 0: "nein"}})
    with closing(open_source(tmp_path / "a.sav", "duckdb")) as source:
        assert source.labels == {"a": {1: "ja", 0: "nein"}}
        found = source.profile(["a", "t"])
    assert found["a"].binary
    assert (found["t"].levels, found["t"].missing) == (("x", "y"), 1)


def test_declared_categories_survive_from_every_frame() -> None:
    order = ["small", "middle", "large"]
    values = ["large", "small", "middle"]
    arrow = pa.DictionaryArray.from_arrays(pa.array([2, 0, 1]), pa.array(order))
    frames = [
        pl.DataFrame({"size": pl.Series(values, dtype=pl.Enum(order))}),
        pd.DataFrame({"size": pd.Categorical(values, categories=order)}),
        pa.table({"size": arrow}),
    ]
    assert [profile_of(frame, "size").levels for frame in frames] == [tuple(order)] * 3
    assert [frame_of(read_rows(frame)).collect_schema()["size"] for frame in frames] == [pl.Enum(order)] * 3
    undeclared = pl.DataFrame({"size": pl.Series(values, dtype=pl.Categorical)})
    assert profile_of(undeclared, "size").levels == ("large", "middle", "small")


def test_a_frame_that_mixes_kinds_of_values_is_refused() -> None:
    assert refused(pd.DataFrame({"a": ["x", 1, 2.5]})).startswith("A column of the frame mixes kinds of values")


def test_dates_decimals_and_narrow_numbers_are_read() -> None:
    frame = pl.DataFrame(
        {
            "date": pl.Series(["2024-02-01", "2024-01-01"]).str.to_date(),
            "decimal": pl.Series(["1.5", "2.25"]).cast(pl.Decimal(10, 2)),
            "single": pl.Series([0.5, float("nan")], dtype=pl.Float32),
            "large": pl.Series([1, 2], dtype=pl.UInt64),
        }
    )
    assert profile_of(frame, "date").levels == ("2024-01-01", "2024-02-01")
    assert (profile_of(frame, "decimal").minimum, profile_of(frame, "decimal").maximum) == (1.5, 2.25)
    assert (profile_of(frame, "single").missing, profile_of(frame, "single").maximum) == (1, 0.5)
    assert profile_of(frame, "large").levels == (1, 2)


def test_numbers_of_few_values_have_them_listed() -> None:
    frame = pl.DataFrame({"few": [*range(49), 9999], "many": range(50), "id": range(1000, 1050)})
    more = pl.DataFrame({"many": range(51)})
    assert profile_of(frame, "few").levels == (*range(49), 9999)
    assert profile_of(frame, "many").levels == tuple(range(50))
    assert profile_of(more, "many").levels == ()


def test_the_line_of_a_row_is_counted_past_line_breaks_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\ny"\n\n2,z\n', encoding="utf-8")
    assert [open_delimited(path).line(row) for row in (0, 1)] == [2, 5]
    with pytest.raises(IndexError):
        open_delimited(path).line(2)
    single = tmp_path / "single.csv"
    single.write_text("a\n1\n\n3\n", encoding="utf-8")
    assert [open_delimited(single).line(row) for row in (0, 1, 2)] == [2, 3, 4]
