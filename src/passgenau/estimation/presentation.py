"""Estimates as a table for people: sensible digits, German or English, no wider than the window."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.estimation.estimates import Estimate, Estimates
    from passgenau.estimation.sums import Label
    from passgenau.text import Lang

_WIDTH = 100  # of notes, at most
_MOST_DIGITS = 10

_ITEM = Text("Angabe", "Item")
_LEVEL = Text("Ausprägung", "Level")
_ESTIMATE = Text("Schätzung", "Estimate")
_LIMITS = Text("{}-%-Grenzen", "{}% limits")
_COUNTS = Text("Anzahl", "Count")
_SE = Text("SE", "SE")
_BASE = Text("Basis", "Base")
_UNITS = Text("PSU", "PSUs")
_POPULATION = Text("steht für", "stands for")
_METHOD = Text("Verfahren", "Method")
_UNIT: dict[Lang, str] = {"de": " %", "en": "%"}
_SUPPRESSED = Text("unterdrückt", "suppressed")
_POINTS = Text("Pp", "pp")
_ROWS = Text(
    "„Basis“ zählt Zeilen; eine PSU mit zwei Zeilen zählt doppelt, wo beide ihr volles Gewicht tragen.",
    '"Base" counts rows; a PSU with two rows counts twice where both carry its full weight.',
)
_NARROW = Text(
    "Für dieses Fenster zu breit und weggelassen: {}.",
    "Too wide for this window and left out: {}.",
)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table."""

    head: str
    cells: list[str]
    align: str = ">"
    spare: int = 0  # columns with the largest number are left out first where the window is narrow; 0: never


def as_text(found: Estimates, lang: Lang, window: int = 0) -> str:
    """Return a table, and below it method, conditions and notes.

    Parameters
    ----------
    window
        Signs per line; where they do not suffice, columns are left out and named. 0: as wide as it takes.
    """
    columns, left_out = _fitting(_columns(found, lang), window)
    notes = [note.into(lang) for note in (found.method, *found.assumptions, *found.notes)]
    if any(row.base_units != row.base for row in found):
        notes.append(_ROWS.into(lang))
    if left_out:
        notes.append(_NARROW.into(lang).format(", ".join(left_out)))
    width = min(window or _WIDTH, _WIDTH)
    wrapped = [textwrap.fill(note, width, break_long_words=False, break_on_hyphens=False) for note in notes]
    return "\n".join([_drawn(columns), "", *wrapped])


def _drawn(columns: Sequence[_Column]) -> str:
    rows = list(zip(*(column.cells for column in columns), strict=True))
    widths = [max(map(len, (column.head, *column.cells))) for column in columns]
    lines = [[column.head for column in columns], ["-" * width for width in widths], *rows]
    aligns = [column.align for column in columns]
    return "\n".join(
        "  ".join(f"{cell:{align}{width}}" for cell, align, width in zip(line, aligns, widths, strict=True)).rstrip()
        for line in lines
    )


def _fitting(columns: list[_Column], window: int) -> tuple[list[_Column], list[str]]:
    """Leave out columns, the most dispensable first, until the rest fits the window."""
    left_out: list[str] = []
    while window and max(map(len, _drawn(columns).splitlines())) > window:
        column = max(columns, key=lambda column: column.spare)
        if not column.spare:
            break
        columns = [other for other in columns if other is not column]
        left_out.append(column.head)
    return columns, left_out


def _columns(found: Estimates, lang: Lang) -> list[_Column]:
    rows = list(found)
    columns = [_Column(_ITEM.into(lang), [row.item for row in rows], "<")]
    if any(row.level is not None for row in rows):
        columns.append(_Column(_LEVEL.into(lang), [row.level or "" for row in rows], "<"))
    columns += [_Column(group, [_label(row.by[group]) for row in rows], "<") for group in rows[0].by]
    limits = _LIMITS.into(lang).format(_number(100 * rows[0].confidence, lang, _decimals(rows[0].confidence)))
    columns += [
        _Column(_ESTIMATE.into(lang), [_estimate(row, lang) for row in rows]),
        _Column(limits, [_limits(row, lang) for row in rows]),
    ]
    if any(row.count_lower is not None for row in rows):
        columns.append(_Column(_COUNTS.into(lang), [_counts(row, lang) for row in rows], spare=1))
    columns.append(_Column(_SE.into(lang), [_error(row, lang) for row in rows], spare=3))
    columns.append(_Column(_BASE.into(lang), [_whole(row.base, row, lang) for row in rows]))
    if any(row.base_units != row.base for row in rows):
        columns.append(_Column(_UNITS.into(lang), [_whole(row.base_units, row, lang) for row in rows], spare=2))
    columns.append(_Column(_POPULATION.into(lang), [_whole(row.population, row, lang) for row in rows]))
    if len({row.method for row in rows if not row.suppressed}) > 1:
        methods = ["" if row.suppressed else row.method for row in rows]
        columns.append(_Column(_METHOD.into(lang), methods, "<", spare=4))
    return columns


def _decimals(confidence: float) -> int:
    """Return the decimals that a confidence level needs in percent: none for 95, one for 97.5."""
    text = f"{100 * confidence:.6f}".rstrip("0").rstrip(".")
    return len(text.partition(".")[2])


def _estimate(row: Estimate, lang: Lang) -> str:
    if row.suppressed:
        return _SUPPRESSED.into(lang)
    if not math.isfinite(row.estimate):
        return "–"
    return _percent(row.estimate, lang, _digits(row)) if _share(row) else _number(row.estimate, lang, _digits(row))


def _limits(row: Estimate, lang: Lang) -> str:
    if row.suppressed:
        return ""
    if not (math.isfinite(row.lower) or math.isfinite(row.upper)):
        return "–"
    scale = 100 if _share(row) else 1
    low, high = (_open(scale * value, lang, _digits(row)) for value in (row.lower, row.upper))
    unit = _UNIT[lang] if _share(row) else ""
    return f"{low} – {high}{unit}"


def _open(value: float, lang: Lang, digits: int) -> str:
    """Return a limit; one that does not exist is open."""
    return _number(value, lang, digits) if math.isfinite(value) else "…"


def _counts(row: Estimate, lang: Lang) -> str:
    if row.count_lower is None or row.count_upper is None or row.suppressed:
        return ""
    return f"{_number(row.count_lower, lang)} – {_number(row.count_upper, lang)}"


def _error(row: Estimate, lang: Lang) -> str:
    if row.suppressed:
        return ""
    if not math.isfinite(row.se):
        return "–"
    if _share(row):
        return f"{_number(100 * row.se, lang, _digits(row))} {_POINTS.into(lang)}"
    return _number(row.se, lang, _digits(row))


def _whole(value: float, row: Estimate, lang: Lang) -> str:
    return "" if row.suppressed else _number(value, lang)


def _share(row: Estimate) -> bool:
    return row.kind == "proportion"


def _digits(row: Estimate) -> int:
    """Return the decimals that the standard error leaves meaningful; at least one for shares."""
    scale, least = (100, 1) if _share(row) else (1, 0)
    size = scale * (row.se if math.isfinite(row.se) and row.se > 0 else abs(row.estimate) / 100)
    if not math.isfinite(size) or size == 0:
        return least
    return min(max(1 - math.floor(math.log10(size)), least), _MOST_DIGITS)


def _label(value: Label) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _percent(share: float, lang: Lang, digits: int) -> str:
    return _number(100 * share, lang, digits) + _UNIT[lang]


def _number(value: float, lang: Lang, digits: int = 0) -> str:
    """Return a number with the thousands separator and decimal sign of the language."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text
