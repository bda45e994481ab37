"""DuckDB as an engine: embedded, on all cores, larger than memory where need be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from passgenau.estimation.engines.connection import connect
from passgenau.estimation.engines.rows import not_evaluated, table_of

if TYPE_CHECKING:
    import pyarrow as pa

    from passgenau.estimation.engines.relational import Relational
    from passgenau.estimation.engines.rows import Rows

_TYPES = {
    "double": "float64",
    "float": "float32",
    "decimal": "decimal",
    "hugeint": "decimal",
    "uhugeint": "decimal",
    "ubigint": "uint64",  # hashes fill it; a double would take neighbours for one
    "tinyint": "int64",
    "smallint": "int64",
    "integer": "int64",
    "bigint": "int64",
    "utinyint": "int64",
    "usmallint": "int64",
    "uinteger": "int64",
    "boolean": "boolean",
    "varchar": "string",
    "enum": "string",
}


_REFUSED = (  # what a condition can cause
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
    duckdb.ParserException,
)


@dataclass(frozen=True, slots=True, eq=False)
class DuckDB:
    """A connection of DuckDB."""

    connection: duckdb.DuckDBPyConnection
    name: str = "duckdb"
    ibis: str = "duckdb"
    width: int = 500  # aggregates beyond this cost more in planning than a second scan
    row_number: str = "row_number() OVER ()"

    def fetch(self, sql: str) -> pa.Table:
        """Run SQL; raises InputError where it fails because of the values in a row."""
        try:
            table: pa.Table = self.connection.sql(sql).to_arrow_table()
        except _REFUSED as error:
            raise not_evaluated(error) from error
        return table

    def close(self) -> None:
        """Close the connection; the engine itself stays for the next."""
        self.connection.close()


def open_duckdb(rows: Rows, threads: int | None = None) -> Relational:
    """Open rows with DuckDB."""
    from passgenau.estimation.engines.relational import Relational  # noqa: PLC0415 -- loads Ibis; CSV files need none

    connection = connect(threads)
    table = table_of(rows)
    if table is not None:
        connection.register("passgenau_data", table)
        relation = told = "passgenau_data"
    else:
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in rows.files)
        told = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        # Without the option, DuckDB takes a Parquet file's range for all its values and answers isnan() with no.
        relation = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false, can_have_nan = true)"
    described = connection.sql(f"SELECT * FROM {relation}")  # noqa: S608 -- quoted above
    kinds = [_TYPES.get(kind.id, "timestamp") for kind in described.types]
    if len({name.lower() for name in rows.columns}) == len(rows.columns):
        return Relational(rows, dict(zip(described.columns, kinds, strict=True)), relation, told, DuckDB(connection))
    if len(rows.files) > 1:
        rows.check_names()  # columns of several files are matched by name
    physical = dict(zip(rows.columns, described.columns, strict=True))  # DuckDB renames the second of a pair
    return Relational(rows, dict(zip(rows.columns, kinds, strict=True)), relation, told, DuckDB(connection), physical)
