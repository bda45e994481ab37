"""A made-up survey of any size as a Parquet file: 20 strata, 2,000 PSUs, weights, a domain and 0/1 items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STRATA, PSUS, POPULATION = 20, 2000, 500  # PSUs drawn in all, and in the population of each stratum
SEED = 7
_BLOCK = 1 << 20  # rows made at once, and rows of a row group


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a survey is."""

    rows: int
    items: int = 30
    domains: int = 4

    @property
    def names(self) -> list[str]:
        """The items' columns."""
        return [f"y{j}" for j in range(self.items)]

    @property
    def file(self) -> str:
        """A name for its file."""
        return f"survey-{self.rows}-{self.items}-{self.domains}.parquet"


def write_survey(shape: Shape, folder: Path) -> Path:
    """Write a survey, unless it is there already; rows are in no order."""
    target = folder / shape.file
    if target.exists():
        return target
    unfinished = target.with_suffix(".part")
    blocks = _blocks(shape)
    first = next(blocks)
    with pq.ParquetWriter(unfinished, first.schema) as writer:
        writer.write_table(first)
        for block in blocks:
            writer.write_table(block)
    unfinished.rename(target)
    return target


def write_csv(parquet: Path) -> Path:
    """Write a Parquet file as CSV for R, which has no reader of its own for Parquet."""
    target = parquet.with_suffix(".csv")
    if not target.exists():
        pa_csv.write_csv(pq.read_table(parquet), target)
    return target


def _blocks(shape: Shape) -> Iterator[pa.Table]:
    for start in range(0, shape.rows, _BLOCK):
        rng = np.random.default_rng([SEED, start])
        size = min(_BLOCK, shape.rows - start)
        psu = rng.integers(0, PSUS, size, dtype=np.int32)
        columns: dict[str, object] = {
            "weight": rng.uniform(1, 10, size).round(4),
            "stratum": psu // np.int32(PSUS // STRATA),
            "psu": psu,
            "population": np.full(size, POPULATION, dtype=np.int32),
            "domain": rng.integers(0, shape.domains, size, dtype=np.int32),
        }
        for j, name in enumerate(shape.names):
            columns[name] = (rng.random(size, dtype=np.float32) < (j + 1) / (shape.items + 2)).astype(np.int8)
        yield pa.table(columns)
