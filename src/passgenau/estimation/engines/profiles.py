"""What columns of a frame hold: range, missing values, levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from passgenau.estimation.sums import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.estimation.sums import Label

_LEVELS = 1000  # whole numbers of a range at most so wide have their values listed


def profiles(frame: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> dict[str, Profile]:
    """Describe the columns of a frame that `schema` names."""
    measures = [measure for i, (name, dtype) in enumerate(schema.items()) for measure in _measures(i, name, dtype)]
    found = frame.select(measures).collect().row(0, named=True)
    ranges = {name: _range(found, i, dtype) for i, (name, dtype) in enumerate(schema.items())}
    listed = {name: pl.col(name).unique().implode() for name, profile in ranges.items() if _has_levels(profile)}
    levels = frame.select(**listed).collect().row(0, named=True) if listed else {}
    return {name: _with_levels(profile, schema[name], levels.get(name)) for name, profile in ranges.items()}


def _measures(i: int, name: str, dtype: pl.DataType) -> list[pl.Expr]:
    column = pl.col(name)
    if dtype.is_float():
        column = column.fill_nan(None)
    out = [column.null_count().alias(f"missing{i}")]
    if dtype.is_numeric() or dtype == pl.Boolean:
        out += [column.min().alias(f"minimum{i}"), column.max().alias(f"maximum{i}")]
    if dtype.is_float() or dtype.is_decimal():
        out.append((column == column.floor()).all().alias(f"whole{i}"))
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
    if profile.kind == "category":
        return True
    if profile.kind == "boolean" or not profile.whole or profile.minimum is None or profile.maximum is None:
        return False
    return profile.maximum - profile.minimum <= _LEVELS


def _with_levels(profile: Profile, dtype: pl.DataType, values: list[Label | None] | None) -> Profile:
    if values is None:
        return profile
    there = {value for value in values if value is not None and value == value}  # noqa: PLR0124 -- NaN is not itself
    ordered = [value for value in dtype.categories if value in there] if isinstance(dtype, pl.Enum) else sorted(there)
    levels = tuple(value if isinstance(value, (str, int, float)) else str(value) for value in ordered)
    return Profile(profile.kind, profile.missing, profile.minimum, profile.maximum, profile.whole, levels)
