"""Spark as an engine: the same expressions on a cluster, or on this machine in local mode."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.estimation.engines.relational import Relational
from passgenau.estimation.engines.rows import Rows, not_evaluated, read_rows, table_of
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_TYPES = {
    "double": "float64",
    "float": "float32",
    "tinyint": "int64",
    "smallint": "int64",
    "int": "int64",
    "bigint": "int64",
    "boolean": "boolean",
    "string": "string",
}
_views = count()  # one view per source, also in a session that others use


@dataclass(frozen=True, slots=True, eq=False)
class Spark:
    """A session of Spark and the view that holds the rows."""

    session: SparkSession
    view: str
    name: str = "spark"
    ibis: str = "pyspark"
    width: int = 120  # a generated method holds 64 KB of bytecode at most
    row_number: str = "row_number() OVER (ORDER BY monotonically_increasing_id())"

    def fetch(self, sql: str) -> pa.Table:
        """Run SQL; raises InputError where it fails because of the values in a row."""
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- Spark may not be installed

        try:
            table: pa.Table = self.session.sql(sql).toArrow()
        except PySparkException as error:
            raise not_evaluated(error) from error
        return table

    def close(self) -> None:
        """Forget the view; the session stays."""
        self.session.catalog.dropTempView(self.view)


def open_spark(data: object, session: SparkSession | None = None) -> Relational:
    """Open data with Spark: a path, a frame, or a frame of Spark's own."""
    _require()
    import ibis  # type: ignore[import-untyped]  # noqa: PLC0415 -- with Spark only; it has no types

    _ = ibis.pyspark  # registers the options its compiler reads
    session = session or _session()
    own = hasattr(data, "createOrReplaceTempView")
    rows = Rows(tuple(data.columns)) if own else read_rows(data)  # type: ignore[attr-defined]  # checked above
    frame: DataFrame = data if own else _frame(session, rows)  # type: ignore[assignment]  # likewise
    view = f"passgenau_data_{next(_views)}"
    frame.createOrReplaceTempView(view)
    rows.check_names()
    schema = {name: _type(kind) for name, kind in frame.dtypes}
    return Relational(rows, schema, view, view, Spark(session, view))


def _frame(session: SparkSession, rows: Rows) -> DataFrame:
    table = table_of(rows)
    if table is None:
        return session.read.parquet(*rows.files)
    return session.createDataFrame(_plain(table))


def _plain(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries and unsigned numbers, which Spark does not read."""
    import pyarrow as pa  # noqa: PLC0415 -- with Spark only

    columns: list[Any] = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column for column in table.columns
    ]
    columns = [_signed(column) if column.type == pa.uint64() else column for column in columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _signed(column: Any) -> Any:  # noqa: ANN401 -- an Arrow array, which is loaded with Spark only
    """Return unsigned numbers as signed ones; those too large, which only hashes are, as text."""
    import pyarrow as pa  # noqa: PLC0415 -- likewise

    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def _type(kind: str) -> str:
    return "decimal" if kind.startswith("decimal") else _TYPES.get(kind, "timestamp")


def _require() -> None:
    """Raise InputError, with the way out, where Spark or Java is missing."""
    try:
        import pyspark  # noqa: F401, PLC0415 -- to see whether it is there
    except ModuleNotFoundError as error:
        raise InputError.of(
            "Spark ist nicht eingerichtet.",
            "Spark is not installed.",
            field="engine",
            hint=Text("Nachholen mit: pip install passgenau[spark]", "To install it: pip install passgenau[spark]"),
        ) from error
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and Path(home, "bin", "java").exists()):
        raise InputError.of(
            "Spark braucht Java 17 oder neuer; das Programm „java“ wurde nicht gefunden.",
            'Spark needs Java 17 or newer; the program "java" was not found.',
            field="engine",
            hint=Text(
                "Unter Debian: apt-get install openjdk-17-jre-headless",
                "On Debian: apt-get install openjdk-17-jre-headless",
            ),
        )


def _session() -> SparkSession:
    """Return the active session, or start one on this machine: without pages, for few partitions.

    What Java writes while it starts, and later, is not shown: errors reach Python as exceptions.
    """
    from pyspark.errors import PySparkException  # noqa: PLC0415 -- Spark may not be installed
    from pyspark.sql import SparkSession  # noqa: PLC0415 -- likewise

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = SparkSession.builder.master("local[*]").appName("passgenau")
    for key, value in _settings().items():
        builder = builder.config(key, value)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)  # it repeats each exception
    try:
        with _silence():
            return builder.getOrCreate()
    except PySparkException as error:
        raise InputError.of(
            "Spark ließ sich nicht starten.",
            "Spark could not be started.",
            field="engine",
            hint=Text(
                "Es braucht Java 17 oder neuer; „java -version“ zeigt, welches da ist.",
                'It needs Java 17 or newer; "java -version" shows which one is there.',
            ),
        ) from error


def _settings() -> dict[str, str]:
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir(), "passgenau-spark")),  # never the user's folder
        "spark.log.level": "ERROR",
    }


@contextmanager
def _silence() -> Iterator[None]:
    """Send the standard error output of programs started meanwhile nowhere."""
    kept = os.dup(2)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
