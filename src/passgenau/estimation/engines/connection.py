"""The DuckDB of this process: one engine, many connections."""

from __future__ import annotations

import os
import tempfile
from functools import cache

import duckdb


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection to the engine of this process, or to one of its own with so many threads."""
    if threads is None:
        return _engine().cursor()
    return duckdb.connect(config={**_settings(), "threads": threads})


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Start the engine of this process, once: starting costs more than a small study."""
    return duckdb.connect(config=_settings())


def _settings() -> dict[str, str | bool | int | float | list[str]]:
    folder = os.path.join(tempfile.gettempdir(), f"passgenau-duckdb-{os.getpid()}")  # noqa: PTH118 -- a setting, text
    return {
        "temp_directory": folder,  # only written to where memory does not suffice, and emptied by DuckDB
        "enable_external_file_cache": False,  # memory does not grow with the data
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
