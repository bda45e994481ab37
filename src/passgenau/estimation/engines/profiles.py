"""What columns of a frame hold: range, missing values, levels."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from passgenau.estimation.engines.structure import label
from passgenau.estimation.sums import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.estimation.engines.scan import Frame
    from passgenau.estimation.sums import Label

_Part = tuple[int, float, float]
_FEW = 50  # numbers of at most so many different values have them listed


def measured(frame: Frame, schema: Mapping[str, pl.DataType]) -> dict[str, Profile]:
    """Describe the columns of a frame that `schema` names, levels aside."""
    if isinstance(frame, pl.DataFrame):
        if any(dtype.is_decimal() for dtype in schema.values()):
            return measured(frame.lazy(), schema)
        # A plan is not made: for a small frame that takes longer than all the rest.
        return {name: _described(frame[name]) for name in schema}
    measures = [measure for i, (name, dtype) in enumerate(schema.items()) for measure in _measures(i, name, dtype)]
    found = frame.select(measures).collect().row(0, named=True)
    return {name: _range(found, i, dtype) for i, (name, dtype) in enumerate(schema.items())}


def listed(frame: Frame, ranges: Mapping[str, Profile], schema: Mapping[str, pl.DataType]) -> dict[str, Profile]:
    """Add levels to the profiles of columns that have few."""
    asked = {name: _column(name, schema[name]).unique() for name, profile in ranges.items() if _has_levels(profile)}
    found = {name: frame.lazy().select(values).collect().to_series().to_list() for name, values in asked.items()}
    return {name: _with_levels(profile, schema[name], found.get(name)) for name, profile in ranges.items()}


def stored(files: Sequence[pq.FileMetaData], schema: Mapping[str, pl.DataType]) -> dict[str, Profile]:
    """Describe columns, levels aside, by what Parquet files say of them, without reading their rows.

    Left out are columns of which a file does not say enough. Of numbers that are not stored as integers `whole` is
    false, and NaN is not counted as missing.
    """
    parts: dict[str, list[_Part | None]] = {name: [] for name in schema}
    for file in files:
        index = {name: i for i, name in enumerate(file.schema.names)}
        for i in range(file.num_row_groups):
            group = file.row_group(i)
            for name, dtype in schema.items():
                parts[name].append(_part(group.column(index[name]), dtype) if name in index else None)
    merged = {name: _merged(found, schema[name]) for name, found in parts.items()}
    return {name: profile for name, profile in merged.items() if profile is not None}


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean


def _part(column: pq.ColumnChunkMetaData, dtype: pl.DataType) -> _Part | None:
    """Return missing values, minimum and maximum of a part of a column; None where the file does not say."""
    found = column.statistics
    if found is None or found.null_count is None:
        return None
    if found.null_count == column.num_values or not _is_number(dtype):
        return found.null_count, math.inf, -math.inf
    low, high = found.min, found.max
    if not isinstance(low, (int, float, Decimal)) or not isinstance(high, (int, float, Decimal)):
        return None  # numbers of 16 bits come as bytes
    if math.isnan(low) or math.isnan(high):
        return None
    return found.null_count, float(low), float(high)


def _merged(parts: Sequence[_Part | None], dtype: pl.DataType) -> Profile | None:
    told = [part for part in parts if part is not None]
    if len(told) < len(parts) or not told:
        return None
    missing, lows, highs = zip(*told, strict=True)
    if not _is_number(dtype):
        return Profile("category", sum(missing))
    low, high = min(lows), max(highs)
    kind: Literal["boolean", "number"] = "boolean" if dtype == pl.Boolean else "number"
    if low > high:
        return Profile(kind, sum(missing))
    return Profile(kind, sum(missing), low, high, whole=dtype.is_integer() or dtype == pl.Boolean)


def _described(series: pl.Series) -> Profile:
    missing = series.null_count()
    if series.dtype.is_float():
        numbers = series.drop_nulls().to_numpy()
        numbers = numbers[~np.isnan(numbers)] if np.isnan(numbers).any() else numbers
        if not len(numbers):
            return Profile("number", len(series))
        whole = bool(np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all())
        return Profile("number", len(series) - len(numbers), float(numbers.min()), float(numbers.max()), whole)
    if not _is_number(series.dtype):
        return Profile("category", missing)
    kind: Literal["boolean", "number"] = "boolean" if series.dtype == pl.Boolean else "number"
    if missing == len(series):
        return Profile(kind, missing)
    return Profile(kind, missing, float(series.min()), float(series.max()), whole=True)  # type: ignore[arg-type]


def _column(name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)


def _measures(i: int, name: str, dtype: pl.DataType) -> list[pl.Expr]:
    column = _column(name, dtype)
    out = [column.null_count().alias(f"missing{i}")]
    if dtype.is_numeric() or dtype == pl.Boolean:
        out += [column.min().alias(f"minimum{i}"), column.max().alias(f"maximum{i}")]
    if dtype.is_float() or dtype.is_decimal():
        finite = column.is_finite() if dtype.is_float() else pl.lit(value=True)
        out.append((finite & (column == column.floor())).all().alias(f"whole{i}"))
    return out


def _range(found: Mapping[str, Any], i: int, dtype: pl.DataType) -> Profile:
    missing = found[f"missing{i}"]
    if not (dtype.is_numeric() or dtype == pl.Boolean):
        return Profile("category", missing)
    low, high = found[f"minimum{i}"], found[f"maximum{i}"]
    return Profile(
        "boolean" if dtype == pl.Boolean else "number",
        missing,
        None if low is None else float(low),
        None if high is None else float(high),
        whole=low is not None and bool(found.get(f"whole{i}", True)),
    )


def _has_levels(profile: Profile) -> bool:
    """Whether the different values have to be looked up: those of 0/1 columns are their ends."""
    return profile.kind == "category" or (profile.whole and not profile.binary)


def _with_levels(profile: Profile, dtype: pl.DataType, values: list[Label | None] | None) -> Profile:
    if values is None:
        ends = (profile.minimum, profile.maximum)
        values = [bool(end) if profile.kind == "boolean" else end for end in ends if end is not None and profile.whole]
    there = {label(value) for value in values if value is not None}
    ordered = list(dtype.categories) if isinstance(dtype, pl.Enum) else sorted(there)  # chosen by nobody is an answer
    if profile.kind == "number" and len(ordered) > _FEW:
        ordered = []
    return replace(profile, levels=tuple(ordered))
