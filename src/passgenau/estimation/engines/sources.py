"""Rows and an engine, put together: the one place that knows which engines there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from passgenau.errors import InputError
from passgenau.estimation.engines.rows import frame_of, read_rows

if TYPE_CHECKING:
    from passgenau.estimation.engines.memory import Memory
    from passgenau.estimation.engines.relational import Relational

Engine = Literal["auto", "duckdb", "spark", "memory"]


def open_source(
    data: object,
    engine: Engine = "auto",
    *,
    threads: int | None = None,
    session: Any = None,  # noqa: ANN401 -- a SparkSession, which may not be installed
) -> Relational | Memory:
    """Open data for an engine; close the source when done.

    Parameters
    ----------
    data
        A path (.csv, .parquet, .sav, a folder of Parquet files) or a frame (Polars, pandas, Arrow; for Spark also a
        frame of its own).
    engine
        `memory` (also `auto`) sums in this process, Parquet files piece by piece: the fastest on one machine.
        `duckdb` answers with one SQL query, larger than memory where need be; `spark` runs the same query on a
        cluster or in local mode.
    threads
        How many threads DuckDB may use; all by default. Results do not depend on it.
    session
        The SparkSession to use; by default the active one, or one in local mode.

    Raises
    ------
    InputError
        The file does not exist, cannot be read or is of an unknown kind; the engine is unknown or not installed.
    """
    if engine not in get_args(Engine):
        raise InputError.of(
            f"Das Rechenwerk „{engine}“ gibt es nicht; möglich: {', '.join(get_args(Engine))}.",
            f'No engine "{engine}"; possible: {", ".join(get_args(Engine))}.',
            field="engine",
        )
    # Engines are imported where they are chosen: each costs tenths of a second, and Spark may not be installed.
    if engine == "spark":
        from passgenau.estimation.engines.spark import open_spark  # noqa: PLC0415 -- see above

        return open_spark(data, session)
    if engine != "duckdb":
        from passgenau.estimation.engines.memory import Memory  # noqa: PLC0415 -- see above

        rows = read_rows(data)
        return Memory(frame_of(rows), rows)
    from passgenau.estimation.engines.duckdb import open_duckdb  # noqa: PLC0415 -- see above

    return open_duckdb(read_rows(data), threads)
