"""One contender in a process of its own: for every line on standard input a run from file to answer.

Usage: ``python contender.py NAME FILE DESIGN ITEMS``, DESIGN ``psu`` or ``row``. Prints a line of JSON
per run. Runs under the Python that has the contender installed; svy has one of its own.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

DESIGN = {"psu": ["weight", "stratum", "psu", "population", "domain"], "row": ["weight", "stratum", "domain"]}
Answer = tuple[float, float]  # the first item in domain 0, and its standard error


def passgenau_memory(file: str, design: str, items: list[str]) -> Answer:
    """Estimate from the file with the engine in memory."""
    return _passgenau(file, design, items, "memory")


def passgenau_duckdb(file: str, design: str, items: list[str]) -> Answer:
    """Estimate from the file with DuckDB."""
    return _passgenau(file, design, items, "duckdb")


def passgenau_frame(file: str, design: str, items: list[str]) -> Answer:
    """Estimate from a frame that stands in memory already."""
    return _passgenau(_frame(file), design, items, "memory")


def svy(file: str, design: str, items: list[str]) -> Answer:
    """Estimate with svy, which reads files through Polars."""
    import polars as pl  # noqa: PLC0415 -- each contender loads what it needs
    import svy as peer  # noqa: PLC0415 -- likewise

    frame = pl.read_parquet(file, columns=[*DESIGN[design], *items])
    drawn: dict[str, Any] = {"psu": "psu", "pop_size": "population"} if design == "psu" else {}
    sample = peer.Sample(frame, peer.Design(stratum="stratum", wgt="weight", **drawn))
    found = sample.estimation.mean(items, by="domain")
    one = found[0].to_polars() if isinstance(found, list) else found.to_polars()
    row = one.filter(pl.col("domain").cast(pl.String) == "0").row(0, named=True)
    return row["est"], row["se"]


def floor_duckdb(file: str, design: str, items: list[str]) -> None:
    """Sum every used column with DuckDB."""
    import duckdb  # noqa: PLC0415 -- each contender loads what it needs

    sums = ", ".join(f'sum("{name}")' for name in (*DESIGN[design], *items))
    duckdb.sql(f"SELECT {sums} FROM read_parquet('{file}')").fetchall()  # noqa: S608 -- names of this benchmark


def floor_polars(file: str, design: str, items: list[str]) -> None:
    """Sum every used column with Polars."""
    import polars as pl  # noqa: PLC0415 -- each contender loads what it needs

    pl.scan_parquet(file).select(pl.col(*DESIGN[design], *items).sum()).collect()


def floor_pyarrow(file: str, design: str, items: list[str]) -> None:
    """Sum every used column with Arrow."""
    import pyarrow.compute as pc  # noqa: PLC0415 -- each contender loads what it needs
    import pyarrow.parquet as pq  # noqa: PLC0415 -- likewise

    for batch in pq.ParquetFile(file).iter_batches(columns=[*DESIGN[design], *items]):
        for column in batch.columns:
            pc.sum(column)


_frames: dict[str, Any] = {}


def _frame(file: str) -> Any:  # noqa: ANN401 -- a frame of a library that may not be installed
    import polars as pl  # noqa: PLC0415 -- each contender loads what it needs

    if file not in _frames:
        _frames[file] = pl.read_parquet(file)
    return _frames[file]


def _passgenau(data: Any, design: str, items: list[str], engine: Any) -> Answer:  # noqa: ANN401 -- a path or a frame
    from passgenau.estimation import Design, estimate  # noqa: PLC0415 -- each contender loads what it needs

    drawn = Design("weight", "stratum", ("psu",), ("population",)) if design == "psu" else Design("weight", "stratum")
    first = estimate(data, items, design=drawn, by="domain", engine=engine).rows[0]
    return first.estimate, first.se


def _peak_memory() -> int:
    """Return the most memory the process ever held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main(name: str, file: str, design: str, count: str) -> None:
    """Run the contender `name` on a file as often as asked."""
    contender = globals()[name]
    items = [f"y{j}" for j in range(int(count))]
    for _ in sys.stdin:
        start = time.perf_counter()
        answer = contender(file, design, items)
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "memory": _peak_memory(), "answer": answer}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
