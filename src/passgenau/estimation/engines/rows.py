"""Data of any kind, read: files and frames as rows that an engine can sum.

CSV and SPSS files are read into Arrow tables (a CSV file that is large, into a Parquet file in a temporary folder);
Parquet files and frames stay where they are.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from passgenau.errors import InputError, reason
from passgenau.estimation.engines.structure import label
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb
    import polars as pl

    from passgenau.estimation.engines.delimited import Delimited
    from passgenau.estimation.sums import Label

_CSV = (".csv", ".tsv", ".txt")
_LARGE = 256 << 20  # bytes of a CSV file from which it is converted rather than held in memory


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Data that stand ready: an Arrow table, Parquet files or a frame of Polars, and what is known about them.

    Attributes
    ----------
    name
        The file or folder, as the user named it; None for a frame.
    labels
        Value labels of an SPSS file: column → value → label.
    orders
        Categories in the order their frame declares.
    casts
        Columns whose type differs from file to file, and the type that holds the values of all.
    unusable
        Columns that hold neither numbers nor words nor dates, such as lists, and what they hold.
    """

    columns: tuple[str, ...]
    name: str | None = None
    table: pa.Table | None = None
    files: tuple[str, ...] = ()  # Parquet
    delimited: Delimited | None = None
    labels: Mapping[str, Mapping[Label, str]] = field(default_factory=dict)
    orders: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    frame: pl.DataFrame | pl.LazyFrame | None = None
    folder: tempfile.TemporaryDirectory[str] | None = None
    casts: Mapping[str, pa.DataType] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Remove the temporary files."""
        if self.folder is not None:
            self.folder.cleanup()

    def check(self, columns: Iterable[str]) -> None:
        """Raise InputError for the first column that does not exist or cannot be used."""
        for column in columns:
            if column not in self.columns:
                raise unknown_column(column, self.columns, self.name)
            if column in self.unusable:
                raise InputError.of(
                    f"Mit Werten dieser Art lässt sich nicht rechnen ({self.unusable[column]}).",
                    f"Values of this kind cannot be worked with ({self.unusable[column]}).",
                    file=self.name,
                    field=column,
                    hint=Text(
                        "Möglich sind Zahlen, Wahrheitswerte, Wörter und Datumsangaben; Listen in Spalten zerlegen.",
                        "Possible are numbers, truth values, words and dates; split lists into columns.",
                    ),
                )

    def check_names(self, columns: Iterable[str] | None = None) -> None:
        """Raise InputError where SQL cannot tell two of some columns (by default all) apart."""
        seen: dict[str, str] = {}
        for name in self.columns if columns is None else columns:
            other = seen.setdefault(name.lower(), name)
            if other != name:
                raise InputError.of(
                    f"Die Spalten „{other}“ und „{name}“ unterscheiden sich nur in der Groß- und Kleinschreibung.",
                    f'The columns "{other}" and "{name}" differ in case only.',
                    file=self.name,
                    hint=Text("Eine davon umbenennen.", "Rename one of them."),
                )

    def place(self, row: int) -> tuple[int | None, Text | None]:
        """Return where data row `row` (from 0) stands: the line of a CSV file, else words."""
        if self.delimited is not None:
            return self.delimited.line(row), None
        return None, Text(f"Zeile {row + 1} der Daten.", f"Row {row + 1} of the data.")

    def fault(self, column: str, row: int, de: str, en: str) -> InputError:
        """Return the error for a value that cannot be used as it is; `row` counts from 0."""
        line, place = self.place(row)
        return InputError.of(de, en, file=self.name, line=line, field=column, hint=place)

    def no_value(self, column: str, row: int) -> InputError:
        """Return the error for a missing value of a design column."""
        return self.fault(
            column,
            row,
            "Kein Wert in einer Spalte des Stichprobenplans.",
            "No value in a column of the sampling design.",
        )

    def no_weight(self, column: str, row: int, value: object) -> InputError:
        """Return the error for a weight that is none."""
        if value is None or value != value:  # noqa: PLR0124 -- NaN
            return self.no_value(column, row)
        return self.fault(
            column,
            row,
            f"{value} ist kein Gewicht; Gewichte sind Zahlen ab 0.",
            f"{value} is not a weight; weights are numbers from 0.",
        )

    def no_number(self, column: str, row: int, value: object) -> InputError:
        """Return the error for words where numbers are needed."""
        return self.fault(
            column,
            row,
            f"Hier werden Zahlen gebraucht; „{value}“ ist keine.",
            f'Numbers are needed here; "{value}" is none.',
        )


def read_rows(data: object) -> Rows:
    """Make rows of a path or a frame; raises InputError where it cannot."""
    if isinstance(data, (str, Path)):
        return _read_path(Path(data))
    rows = _read_frame(data)
    if rows is None:
        raise InputError.of(
            f"Aus „{type(data).__name__}“ lassen sich keine Zeilen lesen.",
            f'No rows can be read from "{type(data).__name__}".',
            hint=Text(
                "Gebraucht wird ein Pfad oder ein Datenrahmen von Polars, pandas oder Arrow.",
                "Needed is a path or a frame of Polars, pandas or Arrow.",
            ),
        )
    return rows


def frame_of(rows: Rows) -> pl.DataFrame | pl.LazyFrame:
    """Return rows as a frame of Polars; lazy for Parquet files."""
    import polars as pl  # noqa: PLC0415 -- a tenth of a second that DuckDB does not need

    if rows.frame is not None:
        return rows.frame
    if rows.table is None:
        return _scan(rows) if rows.casts else pl.scan_parquet(list(rows.files))
    frame = pl.from_arrow(rows.table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 -- a table gives a frame, a column would give a series
    declared: dict[Any, Any] = {
        name: pl.Enum(list(map(str, levels))) for name, levels in rows.orders.items() if isinstance(levels[0], str)
    }
    return frame.cast(declared) if declared else frame


def _scan(rows: Rows) -> pl.LazyFrame:
    """Return the rows of files whose types differ."""
    import polars as pl  # noqa: PLC0415 -- as in `frame_of`

    empty = pl.from_arrow(pa.schema(list(rows.casts.items())).empty_table())
    assert isinstance(empty, pl.DataFrame)  # noqa: S101 -- as in `frame_of`
    columns = [pl.col(name).cast(empty.schema[name]) if name in rows.casts else pl.col(name) for name in rows.columns]
    return pl.concat([pl.scan_parquet(file).select(columns) for file in rows.files])


def table_of(rows: Rows) -> pa.Table | None:
    """Return rows as an Arrow table; None for Parquet files."""
    if rows.frame is None:
        return rows.table
    import polars as pl  # noqa: PLC0415 -- the data are of Polars already

    return (rows.frame.collect() if isinstance(rows.frame, pl.LazyFrame) else rows.frame).to_arrow()


def not_evaluated(error: Exception) -> InputError:
    """Return the error for a query that an engine gave up because of the values in a row."""
    detail = str(error).splitlines()[0]
    return InputError.of(
        f"Die Daten lassen sich so nicht auswerten ({detail}).",
        f"The data cannot be evaluated this way ({detail}).",
        hint=Text(
            "Bedingungen vergleichen Zahlen mit Zahlen und Wörter mit 'Wörtern'.",
            "Conditions compare numbers with numbers and words with 'words'.",
        ),
    )


def unknown_column(column: str, columns: Sequence[str], file: str | None = None) -> InputError:
    """Return the error for a column that does not exist; names those spelled alike, or all."""
    near = get_close_matches(column, columns, n=3, cutoff=0.6)
    if not near:
        near = [name for name in columns if name.lower() == column.lower()]
    de, en = ("Ähnlich", "Similar") if near else ("Vorhanden", "There are")
    listed = ", ".join(near or columns)
    return InputError.of(
        f"Die Daten haben keine Spalte „{column}“.",
        f'The data have no column "{column}".',
        file=file,
        field=column,
        hint=Text(f"{de}: {listed}.", f"{en}: {listed}."),
    )


def _read_path(path: Path) -> Rows:
    if path.is_dir():
        return _read_parquet(path, tuple(sorted(str(file) for file in path.rglob("*.parquet"))))
    if not path.exists():
        raise InputError.of("Diese Datei gibt es nicht.", "There is no such file.", file=str(path))
    suffix = path.suffix.lower()
    if suffix in _CSV:
        return _read_delimited(path)
    if suffix in {".parquet", ".pq"}:
        return _read_parquet(path, (str(path),))
    if suffix in {".sav", ".zsav"}:
        return _read_spss(path)
    raise InputError.of(
        f"Dateien mit der Endung „{path.suffix}“ können nicht gelesen werden.",
        f'Files that end in "{path.suffix}" cannot be read.',
        file=str(path),
        hint=Text(
            "Möglich: .csv, .parquet, .sav oder ein Ordner mit Parquet-Dateien.",
            "Possible: .csv, .parquet, .sav or a folder of Parquet files.",
        ),
    )


def _read_parquet(path: Path, files: tuple[str, ...]) -> Rows:
    if not files:
        raise InputError.of(
            "Der Ordner enthält keine Parquet-Dateien.", "The folder holds no Parquet files.", file=str(path)
        )
    schemas = [_schema(file) for file in files]
    for file, schema in zip(files[1:], schemas[1:], strict=True):
        if set(schema.names) != set(schemas[0].names):
            odd = min(set(schema.names) ^ set(schemas[0].names))
            raise InputError.of(
                f"Die Spalte „{odd}“ steht nicht in allen Dateien des Ordners.",
                f'The column "{odd}" does not stand in all files of the folder.',
                file=file,
            )
    casts = _casts(files, schemas)
    return Rows(tuple(schemas[0].names), str(path), files=files, casts=casts, unusable=_unusable(schemas[0]))


def _casts(files: Sequence[str], schemas: Sequence[pa.Schema]) -> dict[str, pa.DataType]:
    """Return the columns whose type differs between files, and the type that holds the values of all.

    Raises
    ------
    InputError
        Numbers in one file and words in another.
    """
    out = {}
    for name in schemas[0].names:
        kinds = [schema.field(name).type for schema in schemas]
        if all(kind == kinds[0] for kind in kinds):
            continue
        filled = [(file, kind) for file, kind in zip(files, kinds, strict=True) if not pa.types.is_null(kind)]
        sorts = [_sort(kind) for _, kind in filled]
        for (file, kind), sort in zip(filled, sorts, strict=True):
            if sort != sorts[0]:
                raise InputError.of(
                    f"Die Spalte enthält hier andere Werte ({kind}) als in „{filled[0][0]}“ ({filled[0][1]}).",
                    f'The column holds other values here ({kind}) than in "{filled[0][0]}" ({filled[0][1]}).',
                    file=file,
                    field=name,
                )
        out[name] = _widest([kind for _, kind in filled])
    return out


def _sort(kind: pa.DataType) -> str:
    """Return whether a type is of numbers or words; other types are known by their name."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    words = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return "word" if words else str(kind)


def _widest(kinds: Sequence[pa.DataType]) -> pa.DataType:
    """Return the type that holds values of several types of one sort."""
    if all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    if _sort(kinds[0]) == "number":
        return pa.int64() if all(pa.types.is_signed_integer(kind) for kind in kinds) else pa.float64()
    return pa.string()


def _schema(file: str) -> pa.Schema:
    try:
        return pq.read_schema(file)
    except (pa.ArrowException, OSError) as error:
        why = (
            reason(error) if isinstance(error, OSError) and error.errno else Text("keine Parquet-Datei", "not Parquet")
        )
        raise InputError.of(f"nicht lesbar: {why.de}.", f"cannot be read: {why.en}.", file=file) from error


def _read_delimited(path: Path) -> Rows:
    from passgenau.estimation.engines.connection import connect  # noqa: PLC0415 -- likewise
    from passgenau.estimation.engines.delimited import open_delimited  # noqa: PLC0415 -- DuckDB, only for CSV

    delimited = open_delimited(path)
    connection: duckdb.DuckDBPyConnection = connect()
    if path.stat().st_size < _LARGE:
        return Rows(delimited.names, str(path), delimited.table(connection), delimited=delimited)
    folder = tempfile.TemporaryDirectory(prefix="passgenau-")
    target = Path(folder.name, "rows.parquet")
    delimited.convert(connection, target)
    return Rows(delimited.names, str(path), files=(str(target),), delimited=delimited, folder=folder)


def _read_spss(path: Path) -> Rows:
    import pyreadstat  # noqa: PLC0415 -- only for SPSS files

    try:
        columns, meta = pyreadstat.read_sav(path, output_format="dict")
    except (pyreadstat.ReadstatError, OSError) as error:
        raise InputError.of(
            "nicht lesbar: keine SPSS-Datei.", "cannot be read: not an SPSS file.", file=str(path)
        ) from error
    table = pa.table({name: _spss_column(values) for name, values in columns.items()})
    return Rows(tuple(table.column_names), str(path), table, labels=_labels(meta.variable_value_labels))


def _labels(found: dict[str, dict[float | int, str]]) -> dict[str, dict[Label, str]]:
    """Return value labels by whole numbers, as levels have them."""
    return {name: {label(value): text for value, text in texts.items()} for name, texts in found.items()}


def _spss_column(values: Any) -> pa.Array[Any]:  # noqa: ANN401 -- NumPy arrays or lists, as pyreadstat has them
    """Return a column; SPSS fills text up with blanks, and a blank text is a missing one."""
    if any(isinstance(value, str) for value in values):
        return pa.array([str(value).rstrip() or None if value is not None else None for value in values])
    column: pa.Array[Any] = pa.array(values, from_pandas=True)
    return column


def _read_frame(data: object) -> Rows | None:
    if isinstance(data, (pa.Table, pa.RecordBatch)):
        table = data if isinstance(data, pa.Table) else pa.Table.from_batches([data])
        return _of_table(table)
    kind = type(data).__module__.partition(".")[0]
    if kind == "pandas":
        return _read_pandas(data)
    return _read_polars(data) if kind == "polars" else None


def _read_polars(data: object) -> Rows | None:
    import polars as pl  # noqa: PLC0415 -- the data are of Polars already

    if not isinstance(data, (pl.DataFrame, pl.LazyFrame)):
        return None
    schema = data.collect_schema()
    orders = {name: tuple(kind.categories.to_list()) for name, kind in schema.items() if isinstance(kind, pl.Enum)}
    odd_types = (pl.Binary, pl.Object, pl.Duration)
    odd = {name: str(kind) for name, kind in schema.items() if kind.is_nested() or isinstance(kind, odd_types)}
    return Rows(tuple(schema.names()), frame=data, orders=orders, unusable=odd)


def _read_pandas(data: object) -> Rows | None:
    import pandas as pd  # noqa: PLC0415 -- the data are of pandas already

    if not isinstance(data, pd.DataFrame):
        return None
    try:
        table = pa.Table.from_pandas(data, preserve_index=False)
    except (pa.ArrowException, TypeError) as error:
        detail = str(error.args[-1])
        raise InputError.of(
            f"Eine Spalte des Datenrahmens mischt Arten von Werten ({detail}).",
            f"A column of the frame mixes kinds of values ({detail}).",
        ) from error
    return _of_table(table)


def _of_table(table: pa.Table) -> Rows:
    names, unusable = tuple(table.column_names), _unusable(table.schema)
    return Rows(names, table=table, orders=_dictionaries(table), unusable=unusable)


def _unusable(schema: pa.Schema) -> dict[str, str]:
    """Return the columns that hold neither numbers nor words nor dates, and their types."""
    kinds: Any = pa.types
    words = ("nested", "duration", "interval", "binary", "large_binary", "fixed_size_binary", "binary_view")
    odd = [getattr(kinds, f"is_{word}") for word in words]
    return {entry.name: str(entry.type) for entry in schema if any(is_odd(entry.type) for is_odd in odd)}


def _dictionaries(table: pa.Table) -> dict[str, tuple[Label, ...]]:
    """Return the declared categories of dictionary columns."""
    orders: dict[str, tuple[Label, ...]] = {}
    for entry in table.schema:
        if pa.types.is_dictionary(entry.type):
            column: Any = table.column(entry.name).unify_dictionaries()
            if column.num_chunks and len(column.chunk(0).dictionary):
                orders[entry.name] = tuple(column.chunk(0).dictionary.to_pylist())
    return orders
