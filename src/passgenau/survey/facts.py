"""What is known of the organisation behind every sheet, for the filters that ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.frame import Frame, Unit

FACT_TYPES = {
    "audience": pl.String,
    "language": pl.String,
    "size_class": pl.String,
    "region": pl.String,
    "population": pl.Float64,
}
"""The columns of a table of facts: the names that filters write with @ in front."""


def facts_of(sheets: pl.DataFrame, frames: Mapping[str, Frame] | None = None) -> pl.DataFrame:
    """Return what is known of the organisation of every sheet.

    Parameters
    ----------
    sheets
        Answer sheets with the columns `organisation` (a key) and `language`.
    frames
        The population of each audience; without it only the language is known.

    Returns
    -------
    DataFrame
        Rows as in `sheets`, the columns of `FACT_TYPES`; null where nothing is known. Inhabitants are a number.
    """
    known = pl.DataFrame(
        [_facts(audience, unit) for audience, unit in _units(frames or {})],
        schema={"organisation": pl.String, **{name: FACT_TYPES[name] for name in FACT_TYPES if name != "language"}},
        orient="row",
    )
    joined = sheets.select("organisation", "language").join(known, on="organisation", how="left", maintain_order="left")
    return joined.select(pl.col(name).cast(kind) for name, kind in FACT_TYPES.items())


def audience_of(key: str | None, frames: Mapping[str, Frame]) -> str | None:
    """Return the audience that an organisation belongs to, the first where it is in several."""
    return next((audience for audience, frame in frames.items() if key in frame.by_key), None)


def _units(frames: Mapping[str, Frame]) -> list[tuple[str, Unit]]:
    """Return every unit once, with the first audience that has it."""
    found: dict[str, tuple[str, Unit]] = {}
    for audience, frame in frames.items():
        for unit in frame.units:
            found.setdefault(unit.key, (audience, unit))
    return list(found.values())


def _facts(audience: str, unit: Unit) -> tuple[str, str, str | None, str | None, float]:
    return unit.key, audience, unit.size_class, unit.region, float(unit.population)
