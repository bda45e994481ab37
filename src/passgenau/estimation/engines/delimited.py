"""CSV files: the dialect from the first line, the types from all lines, and where in the file a row stands.

A column is a number only if all its values are, NA aside, as R writes what is missing; keys with leading zeros
(08111000) and words such as “Yes” stay text. DuckDB reads the rows, but guesses neither dialect nor types: a guess from
the first rows would round 1.5 to 2 in a column that began with whole numbers, and skip lines it finds too short.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from passgenau.errors import InputError, reason
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Values = pa.Array[Any]

DELIMITERS = (",", ";", "\t", "|")

_LINE = re.compile(r"Line: (\d+)")
_TRUTH = r"^(true|false|TRUE|FALSE|True|False)$"  # a list of words as an Arrow array would load pandas
_KEY = r"^\s*[+-]?0[0-9xX]"  # leading zeros: a key, not a number
_PIECE = 100_000  # rows


@dataclass(frozen=True, slots=True)
class Delimited:
    """A CSV file: its path, how it separates fields, and the names in its first line."""

    path: Path
    delimiter: str
    names: tuple[str, ...]

    def batches(self, connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
        """Yield all rows as text, a piece at a time; an empty field is missing."""
        # Columns go by their place: to DuckDB, names that differ in case only are the same.
        columns = ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(self.names)))
        sql = (
            f"SELECT * FROM read_csv({_text(str(self.path))}, auto_detect = false, header = true, "  # noqa: S608 -- quoted
            f"delim = {_text(self.delimiter)}, quote = '\"', escape = '\"', nullstr = '', columns = {{{columns}}})"
        )
        try:
            yield from connection.sql(sql).to_arrow_reader(_PIECE)
        except (duckdb.Error, pa.ArrowException) as error:
            raise _unreadable(error, self.path) from error

    def types(self, batches: Iterable[pa.RecordBatch]) -> pa.Schema:
        """Return the types that all values of each column have."""
        kinds: list[pa.DataType | None] = [None] * len(self.names)
        for batch in batches:
            for i, column in enumerate(batch.columns):
                if kinds[i] != pa.string():
                    kinds[i] = _common(kinds[i], _type(column, self.delimiter))
        return pa.schema([pa.field(name, kind or pa.float64()) for name, kind in zip(self.names, kinds, strict=True)])

    def typed(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """Return rows of text with their types."""
        columns = [
            _cast(column, field.type, self.delimiter) for column, field in zip(batch.columns, schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def table(self, connection: duckdb.DuckDBPyConnection) -> pa.Table:
        """Read the whole file into memory."""
        batches = list(self.batches(connection))
        schema = self.types(batches)
        return pa.Table.from_batches([self.typed(batch, schema) for batch in batches], schema)

    def convert(self, connection: duckdb.DuckDBPyConnection, target: Path) -> None:
        """Write the rows to a Parquet file, for files that do not fit into memory."""
        schema = self.types(self.batches(connection))
        with pq.ParquetWriter(target, schema) as writer:
            for batch in self.batches(connection):
                writer.write_batch(self.typed(batch, schema))

    def line(self, row: int) -> int:
        """Return the line, counted from 1, on which data row `row` (from 0) starts."""
        with self.path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            before, index = 0, -2
            for record in reader:
                index += bool(record) or len(self.names) == 1
                if index == row:
                    return before + 1
                before = reader.line_num
        raise IndexError(row)


def open_delimited(path: Path) -> Delimited:
    """Read the first line of a CSV file; raises InputError where it holds no names or names a column twice."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.readline()
    except OSError as error:
        why = reason(error)
        raise InputError.of(f"nicht lesbar: {why.de}.", f"cannot be read: {why.en}.", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise _not_unicode(path) from error
    if not head.strip():
        raise InputError.of(
            "Die erste Zeile ist leer; dort werden die Namen der Spalten gebraucht.",
            "The first line is empty; the names of the columns are needed there.",
            file=str(path),
            line=1,
        )
    bare = re.sub(r'"[^"]*"', "", head)
    delimiter = max(DELIMITERS, key=bare.count)
    names = tuple(next(csv.reader([head], delimiter=delimiter)))
    _check_names(names, path)
    return Delimited(path, delimiter, names)


def _unreadable(error: Exception, path: Path) -> InputError:
    said = str(error)
    if "utf-8" in said.lower() or "unicode" in said.lower():
        return _not_unicode(path)
    found = _LINE.search(said)
    lines = said.splitlines()
    detail = next((text for text in lines[1:] if text and not text.startswith("Original Line")), lines[0]).rstrip(".")
    return InputError.of(
        f"Die Zeile passt nicht zur ersten Zeile der Datei ({detail}).",
        f"The line does not fit the first line of the file ({detail}).",
        file=str(path),
        line=int(found.group(1)) if found else None,
        hint=Text("Jede Zeile braucht gleich viele Felder.", "Every line needs the same number of fields."),
    )


def _type(column: Values, delimiter: str) -> pa.DataType | None:
    """Return the narrowest type all values of a column have; None where all are missing."""
    column = _without_na(column)
    if column.null_count == len(column):
        return None
    if pc.all(pc.match_substring_regex(column, _TRUTH)).as_py():
        return pa.bool_()
    if pc.any(pc.match_substring_regex(column, _KEY)).as_py():
        return pa.string()
    for kind in (pa.int64(), pa.float64()):
        try:
            _cast(column, kind, delimiter)
        except pa.ArrowInvalid:
            continue
        return kind
    return pa.string()


def _without_na(column: Values) -> Values:
    """Return a column with missing values for NA."""
    missing: Any = pc.equal(column, pa.scalar("NA"))
    without: Values = pc.if_else(missing, pa.scalar(None, pa.string()), column)
    return without


def _common(first: pa.DataType | None, second: pa.DataType | None) -> pa.DataType | None:
    """Return the type that holds the values of both."""
    if first == second or second is None:
        return first
    if first is None:
        return second
    numbers = {pa.int64(), pa.float64()}
    return pa.float64() if {first, second} == numbers else pa.string()


def _cast(column: Values, kind: pa.DataType, delimiter: str) -> Values:
    """Return text as values; a decimal comma counts where the comma does not separate fields."""
    if kind == pa.string():
        return column
    column = _without_na(column)
    if kind == pa.float64() and delimiter != ",":
        column = pc.replace_substring(column, ",", ".")
    return pc.cast(pc.utf8_trim_whitespace(column), kind)


def _check_names(names: tuple[str, ...], path: Path) -> None:
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise InputError.of(
                f"Spalte {position} hat keinen Namen.", f"Column {position} has no name.", file=str(path), line=1
            )
        if name in names[: position - 1]:
            raise InputError.of(
                f"Die Spalte „{name}“ steht zweimal in der ersten Zeile.",
                f'The column "{name}" stands twice in the first line.',
                file=str(path),
                line=1,
            )


def _not_unicode(path: Path) -> InputError:
    return InputError.of(
        "Die Datei ist nicht in UTF-8 geschrieben.",
        "The file is not written in UTF-8.",
        file=str(path),
        hint=Text("Als „CSV UTF-8“ speichern.", 'Save it as "CSV UTF-8".'),
    )


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
