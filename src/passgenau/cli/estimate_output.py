"""Estimates as JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from passgenau.estimation import Estimates

KEYS = ("item", "level", "by", "estimate", "se", "lower", "upper", "df", "deff", "base", "population", "method")
MORE = ("confidence", "base_units", "count_lower", "count_upper", "suppressed")


def records(found: Estimates) -> list[dict[str, Any]]:
    """Return the rows with the keys that other programs rely on; what is no number is None."""
    rows = []
    for record in found.records():
        row = {key: record[key] for key in (*KEYS, *MORE)}
        rows.append({key: None if _no_number(value) else value for key, value in row.items()})
    return rows


def as_json(found: Estimates) -> str:
    """Return the rows as a list of objects, every digit kept."""
    return json.dumps(records(found), ensure_ascii=False, indent=2, allow_nan=False)


def as_csv(found: Estimates) -> str:
    """Return one line per estimate; the columns of `by` stand after the level, truth values in lower case."""
    keys = [key for key in (*KEYS, *MORE) if key != "by"]
    groups = _groups(found)
    heads = [f"by_{group}" if group in keys else group for group in groups]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*keys[:2], *heads, *keys[2:]])
    for row in records(found):
        values = [row["item"], row["level"], *(row["by"][group] for group in groups), *(row[key] for key in keys[2:])]
        writer.writerow([_cell(value) for value in values])
    return out.getvalue()


def _groups(found: Estimates) -> list[str]:
    return list(found[0].by) if len(found) else []


def _no_number(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _cell(value: object) -> object:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value
