"""A table without a codebook: what its columns look like, said in sentences for confirmation."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from passgenau.formats.exchange import Lost
from passgenau.formats.labelled import Column, DataFile, Group, build, find_groups, language_of, means_refused
from passgenau.formats.roles import personal_among, personal_lost, roles_among, roles_said
from passgenau.survey.responses import REFUSED
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.formats.exchange import Imported
    from passgenau.formats.tables import Table

_FEW = 12  # different texts that may be the answers of one question
_LONG = 80  # characters of an answer to choose
_REPEATS = 2  # how often a text stands on average where it is an answer to choose
_POINTS = 11  # whole numbers that may be the points of a scale
_PARTS = 30  # different parts of cells that hold several answers
_NUMBER = r"^[+-]?\d+([.,]\d+)?$"
_GROUPED = r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$"
_DATE = r"^(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})([ T]\d{1,2}:\d{2}.*)?$"
_TICK = (
    r"(?i)^(x|ja|nein|yes|no|1|0|true|false|wahr|falsch|angekreuzt|ausgewählt|✓|✔|☑"
    r"|nicht (gewählt|ausgewählt|angekreuzt))$"
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a codebook says of one column."""

    name: str
    text: str = ""
    type: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Found:
    """What was found while columns were looked at."""

    columns: list[Column] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    aside: set[str] = field(default_factory=set)
    guessed: list[Text] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    kinds: dict[str, list[str]] = field(default_factory=dict)


def guess(table: Table, format_name: str = "csv", codebook: Mapping[str, Described] | None = None) -> Imported:
    """Return the questionnaire that a table seems to answer.

    Numbers, dates, few repeated texts (one choice), ticks with a common stem or several answers in one cell
    (multiple choice), equal answers with a common stem (matrix); anything else is text. Columns that speak of the
    sheet become roles; columns that name persons are left out. Every assumption is a sentence in `guessed`.

    Parameters
    ----------
    table
        As `passgenau.formats.tables.read_table` returns it.
    format_name
        What the result is called.
    codebook
        What is known of columns, by their heading; the others are guessed.
    """
    stripped = table.frame.with_columns(pl.all().str.strip_chars())
    cells = {column.name: column for column in stripped}
    personal = set(personal_among(cells))
    known = codebook or {}
    roles = roles_among({key: value for key, value in cells.items() if key not in personal and key not in known})
    found = _Found()
    for name, column in cells.items():
        if name in personal:
            continue
        if name in roles:
            found.columns.append(Column(name, name, "text", column))
        elif name in known:
            found.columns.append(_told(name, column, known[name]))
        else:
            _look_at(name, column, found)
    groups, offered = find_groups(found.columns, {*roles, *found.aside, *(m for g in found.groups for m in g.members)})
    grouped = {member for group in groups for member in group.members}
    language = language_of([*cells, *(label for c in found.columns for _, label in c.labels)])
    return build(
        DataFile(
            format=format_name,
            name=table.name,
            columns=tuple(found.columns),
            groups=(*found.groups, *groups),
            roles=roles,
            aside=frozenset(found.aside),
            language=language,
            lost=(*found.lost, *personal_lost(tuple(name for name in cells if name in personal))),
            guessed=(*table.guessed, *roles_said(roles), *offered, *found.guessed, *_kinds_said(found.kinds, grouped)),
            first_line=table.first_line,
        )
    )


# --- one column ------------------------------------------------------------------------------------------


def _look_at(name: str, cells: pl.Series, found: _Found) -> None:
    """Add a column as what it looks like."""
    given = cells.filter(cells != "")
    counts = {str(value): int(count) for value, count in given.value_counts().rows()}
    refused = [value for value in counts if means_refused(value)]
    answers = {value: count for value, count in counts.items() if value not in refused}
    column = Column(name, name, "text", cells, no_answer=(refused[0], refused[0]) if refused else None)
    if refused:
        column = replace(column, cells=cells.replace(refused, [REFUSED] * len(refused)))
    separator = _separator(answers)
    if separator is not None:
        _several(column, separator, found)
        return
    kind, column = _typed(column, answers)
    found.columns.append(column)
    found.kinds.setdefault(kind, []).append(name)


def _typed(column: Column, answers: Mapping[str, int]) -> tuple[str, Column]:  # noqa: PLR0911 -- one return per kind
    """Return what a column looks like, and the column with that type."""
    if not answers:
        return "empty", column
    total = sum(answers.values())
    if all(re.fullmatch(_TICK, value) for value in answers) and len({value.lower() for value in answers}) <= 2:  # noqa: PLR2004 -- yes and no
        return "ticks", replace(column, type="category", labels=tuple((value, value) for value in _in_order(answers)))
    if all(re.match(_NUMBER, value) for value in answers):
        return _numbers(column, answers, total)
    if all(re.match(_GROUPED, value) for value in answers):
        plain = column.cells.str.replace_all(".", "", literal=True)
        return _numbers(replace(column, cells=plain), {value.replace(".", ""): n for value, n in answers.items()}, 0)
    if all(re.match(_DATE, value) for value in answers):
        return "date", replace(column, type="date")
    few = len(answers) <= _FEW and max(map(len, answers)) <= _LONG
    if few and total >= _REPEATS * len(answers):
        return "single", replace(column, type="category", labels=tuple((value, value) for value in _in_order(answers)))
    return "text", column


def _numbers(column: Column, answers: Mapping[str, int], total: int) -> tuple[str, Column]:
    values = {value: float(value.replace(",", ".")) for value in answers}
    whole = all(re.fullmatch(r"\d+", value) for value in answers)
    few = len(answers) > 1 and max(values.values()) < _POINTS and total >= _REPEATS * len(answers) + 1
    if whole and few and all(str(int(value)) == text for text, value in values.items()):
        points = range(int(min(values.values())), int(max(values.values())) + 1)
        labels = tuple((str(point), str(point)) for point in points)
        return "scale", replace(column, type="category", labels=labels, ordered=True, valued=True)
    fractions = [len(re.split(r"[.,]", value)[1].rstrip("0")) for value in answers if re.search(r"[.,]", value)]
    return "number", replace(column, type="number", decimals=min(max(fractions, default=0), 6))


def _in_order(answers: Mapping[str, int]) -> list[str]:
    """Return answers in an order that does not hang on the rows: numbers by size, words by the alphabet."""
    return sorted(answers, key=lambda value: (not value.isdecimal(), int(value) if value.isdecimal() else 0, value))


# --- several answers in one cell ----------------------------------------------------------------------------


def _separator(answers: Mapping[str, int]) -> str | None:
    """Return what separates answers inside a cell, where cells hold several of a few that repeat."""
    for sign, least in ((";", 1.5), ("|", 1.5), (", ", 3.0)):
        with_sign = sum(count for value, count in answers.items() if sign in value)
        if with_sign < 2 or (sign == ", " and with_sign < 0.3 * sum(answers.values())):  # noqa: PLR2004 -- once may be chance
            continue
        parts = Counter(p for value, n in answers.items() for p in _parts(value, sign) for _ in range(n))
        if 1 < len(parts) <= _PARTS and parts.total() >= least * len(parts) and max(map(len, parts)) <= _LONG:
            return sign
    return None


def _parts(cell: str, sign: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in cell.split(sign) if part.strip()))


def _several(column: Column, sign: str, found: _Found) -> None:
    """Add a multiple choice whose answers stand together in one cell: one column of ticks per answer."""
    lists = [_parts(cell, sign) for cell in column.cells.to_list()]
    answers = sorted({part for parts in lists for part in parts if part != REFUSED})
    ticks = []
    for answer in answers:
        cells = [
            parts[0] if parts == [REFUSED] else "" if not parts else "1" if answer in parts else "0" for parts in lists
        ]
        ticks.append(Column(f"{column.name} [{answer}]", answer, "number", pl.Series(cells, dtype=pl.String)))
    found.columns += [*ticks, column]
    found.aside.add(column.name)
    members = tuple(tick.name for tick in ticks)
    found.groups.append(Group(column.name, column.label, "multiple", members, tuple(answers)))
    found.guessed.append(
        Text(
            f"{column.name!r}: In einer Zelle stehen mehrere Antworten, getrennt durch {sign.strip()!r}; gelesen als "
            f"Mehrfachauswahl mit {len(answers)} Antworten.",
            f"{column.name!r}: one cell holds several answers, separated by {sign.strip()!r}; read as a multiple "
            f"choice of {len(answers)} answers.",
        )
    )


# --- told by a codebook ----------------------------------------------------------------------------------------


def _told(name: str, cells: pl.Series, entry: Described) -> Column:
    """Return a column as its codebook describes it."""
    missing = {code: REFUSED if means_refused(label) else None for code, label in entry.missing}
    refused = next(((code, label) for code, label in entry.missing if means_refused(label)), None)
    if missing:
        cells = cells.replace(list(missing), list(missing.values()))
    column = Column(name, entry.text or name, "text", cells, labels=entry.labels, no_answer=refused)
    kind = entry.type.strip().lower()
    if entry.labels:
        return replace(column, type="category", ordered=kind in {"scale", "skala", "ordinal"})
    if kind in {"number", "zahl", "numeric", "metrisch", "numerisch"}:
        return replace(column, type="number")
    return replace(column, type="date") if kind in {"date", "datum"} else column


# --- what is said -----------------------------------------------------------------------------------------------


_KINDS = {
    "empty": Text("Leer, gelesen als Text", "Empty, read as text"),
    "ticks": Text("Kreuze oder Ja/Nein, gelesen als Auswahl", "Ticks or yes/no, read as a choice"),
    "scale": Text("Wenige ganze Zahlen, gelesen als Skala", "Few whole numbers, read as a scale"),
    "number": Text("Gelesen als Zahl", "Read as a number"),
    "date": Text("Gelesen als Datum", "Read as a date"),
    "single": Text(
        "Wenige verschiedene Texte, gelesen als Einfachauswahl", "Few different texts, read as a single choice"
    ),
    "text": Text("Gelesen als freier Text", "Read as open text"),
}
_SHOWN = 8  # columns that a sentence names


def _kinds_said(kinds: Mapping[str, Sequence[str]], grouped: set[str]) -> list[Text]:
    said = []
    for kind, text in _KINDS.items():
        names = [name for name in kinds.get(kind, ()) if name not in grouped]
        if names:
            shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
            said.append(Text(f"{text.de} ({len(names)}): {shown}.", f"{text.into('en')} ({len(names)}): {shown}."))
    return said
