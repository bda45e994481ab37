"""The case files and their data."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

LOGICAL = {"TRUE": 1.0, "FALSE": 0.0, "true": 1.0, "false": 0.0}
MISSING = {"", "NA"}  # quoted or not


@dataclass(frozen=True)
class Case:
    """One reference result."""

    file: Path
    number: int  # counted from 1
    body: dict[str, Any]

    @property
    def name(self) -> str:
        if "id" in self.body:
            return str(self.body["id"])
        if "intervals" in self.body:
            return "N={N} n={n} x={x} alpha={alpha}".format(**self.body)
        return f"#{self.number}"

    @property
    def design(self) -> dict[str, Any]:
        return without_empty(self.body.get("design") or {})

    @property
    def steps(self) -> list[dict[str, Any]]:
        return [{"op": "?", **without_empty(step)} for step in self.design.get("steps", [])]

    @property
    def estimator(self) -> str | None:
        return self.body.get("estimator")

    @property
    def params(self) -> dict[str, Any]:
        return without_empty(self.body.get("params") or {})

    @property
    def result(self) -> dict[str, Any]:
        return self.body.get("result") or {}

    @property
    def table(self) -> pl.DataFrame:
        return read_table(self.file.parent / "data", self.design["data"])


def without_empty(mapping: object) -> dict[str, Any]:
    """Drop entries that are null or an empty list: they were not given."""
    if not isinstance(mapping, dict):
        return {}
    return {key: value for key, value in mapping.items() if value is not None and value != []}


def load(folder: Path) -> list[Case]:
    """Return the cases of all case files in a folder and the folders below it.

    A JSON file without `cases`, such as the description of a table, is no case file.
    """
    return [case for path in sorted(folder.rglob("*.json")) for case in load_file(path)]


@cache
def load_file(path: Path) -> tuple[Case, ...]:
    """Return the cases of one file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    cases = content.get("cases") if isinstance(content, dict) else None
    return tuple(Case(path, number, body) for number, body in enumerate(cases or [], 1))


@cache
def read_table(folder: Path, name: str) -> pl.DataFrame:
    """Read a CSV with the types and levels that its description states; what it does not state is guessed."""
    raw = pl.read_csv(folder / f"{name}.csv", infer_schema=False)
    described = folder / f"{name}.meta.json"
    columns = json.loads(described.read_text(encoding="utf-8")).get("columns", {}) if described.exists() else {}
    return pl.DataFrame([_typed(raw[column], columns.get(column) or {}) for column in raw.columns])


def _typed(series: pl.Series, about: dict[str, Any]) -> pl.Series:
    levels = about.get("levels")
    kind = about.get("type") or ("category" if levels else "")
    if kind in {"category", "factor", "ordered"} and levels:
        values = series.replace(dict.fromkeys(MISSING - set(levels)))
        return values.cast(pl.Enum([str(level) for level in levels]))
    values = series.replace(dict.fromkeys(MISSING))
    if kind in {"bool", "logical", "boolean"}:
        return values.replace_strict(LOGICAL | {"1": 1.0, "0": 0.0}, return_dtype=pl.Float64).cast(pl.Boolean)
    if kind in {"str", "string", "character"}:
        return values
    numbers = values.cast(pl.Float64, strict=kind != "")
    if (numbers.is_null() & values.is_not_null()).any():
        return values
    whole = numbers.drop_nulls()
    if kind == "int" or (kind == "" and (whole == whole.floor()).all()):
        return numbers.cast(pl.Int64)
    return numbers
