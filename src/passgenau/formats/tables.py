"""Tables of answers as anyone has them: CSV in any dialect, XLSX, XLS and ODS, as one frame of texts."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.intake import MAX_ANSWERS, MAX_COLUMNS, decode, read_bytes
from passgenau.formats.spreadsheet import cell_name, is_spreadsheet, read_sheet
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.formats.spreadsheet import Merged, Sheet

_DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 200_000  # characters by which the dialect is told
_HEAD = 40  # rows by which the header is told


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of texts with one heading per column.

    Attributes
    ----------
    frame
        Every cell as text; an empty cell is an empty text.
    sheet
        Name of the sheet in a workbook.
    first_line
        Line or row of the first answer, counted from 1; None where blank rows lay between answers.
    guessed
        What the file does not say and was assumed.
    """

    name: str
    frame: pl.DataFrame
    sheet: str | None = None
    first_line: int | None = 2
    guessed: tuple[Text, ...] = ()
    others: tuple[str, ...] = ()  # sheets that were not read


def read_table(source: Path | bytes, name: str | None = None, *, sheet: str | None = None) -> Table:
    """Read a table: CSV with any separator and encoding, or one sheet of XLSX, XLS or ODS.

    Parameters
    ----------
    source
        The file, or its content.
    name
        How messages call it.
    sheet
        Of a workbook; the first one that holds anything by default.

    Raises
    ------
    InputError
        The file is damaged or too large; a row is longer than the header; answers stand in merged cells; a cell
        holds an error.
    """
    content = source if isinstance(source, bytes) else read_bytes(source, MAX_ANSWERS)
    name = name or (source.name if isinstance(source, Path) else "answers.csv")
    if is_spreadsheet(content):
        return _of_sheet(read_sheet(content, name, sheet), name)
    return _of_text(content, name)


# --- CSV -----------------------------------------------------------------------------------------------


def _of_text(content: bytes, name: str) -> Table:
    decoded = decode(content, name)
    guessed = []
    if not decoded.certain:
        guessed.append(
            Text(
                "Die Datei ist kein UTF-8; sie ist als Windows-1252 gelesen, wie Excel auf Deutsch speichert.",
                "The file is not UTF-8; it is read as Windows-1252, as Excel saves in Western Europe.",
            )
        )
    text, stated = _without_separator_line(decoded.text.lstrip("\ufeff"))
    _check_text(text, name)
    delimiter = stated or _delimiter(text)
    if delimiter != ",":
        word = {";": ("Semikolon", "semicolons"), "\t": ("Tabulator", "tabs"), "|": ("|", "|")}[delimiter]
        guessed.append(Text(f"Die Zellen trennt: {word[0]}.", f"Cells are separated by {word[1]}."))
    frame = _frame(text, delimiter, name)
    start = 1 + (stated is not None)
    head = [tuple(cell or "" for cell in row) for row in frame.head(_HEAD).rows()]
    return _headed(frame, head, (), name, None, start, guessed)


def _without_separator_line(text: str) -> tuple[str, str | None]:
    """Take off the first line `sep=;`, by which Excel is told the separator."""
    found = re.match(r'"?sep=([;,\t|])"?\r?\n', text, re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, None)


def _check_text(text: str, name: str) -> None:
    if not text.strip():
        raise InputError.of(
            "Die Datei enthält keine Zeile.",
            "The file holds no line.",
            file=name,
            hint=Text("Ist es die richtige Datei?", "Is it the right file?"),
        )
    odd = sum(1 for sign in text[:_SAMPLE] if sign < " " and sign not in "\t\r\n\f\v")
    if odd > 0.01 * len(text[:_SAMPLE]) + 1:
        raise InputError.of(
            "Das ist keine Textdatei.",
            "This is no text file.",
            file=name,
            hint=Text("Passt die Endung zum Inhalt?", "Does the ending fit the content?"),
        )


def _delimiter(text: str) -> str:
    """Return the separator by which most of the first rows have as many cells as the first, and most cells."""
    sample = text[:_SAMPLE]
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        rows = _sample_rows(sample, delimiter)
        widths = [len(row) for row in rows if any(row)]
        if not widths or max(widths) == 1:
            continue
        common, count = Counter(widths).most_common(1)[0]
        if common > 1 and (score := (count / len(widths) * (common - 1), common)) > most:
            best, most = delimiter, score
    return best


def _sample_rows(sample: str, delimiter: str) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= _HEAD:
                break
    except csv.Error:
        return []
    return rows


def _frame(text: str, delimiter: str, name: str) -> pl.DataFrame:
    """Return all rows, the header among them, as columns of texts."""
    first = _sample_rows(text[: max(_SAMPLE, text.find("\n") + 1)], delimiter)
    common = Counter(len(row) for row in first if any(row)).most_common(1)
    width = max(len(first[0]) if first else 1, common[0][0] if common else 1)
    if width > MAX_COLUMNS:
        raise InputError.of(
            f"{width} Spalten sind mehr, als hier gelesen wird ({MAX_COLUMNS}).",
            f"{width} columns are more than are read here ({MAX_COLUMNS}).",
            file=name,
            line=1,
            hint=Text("Stimmt das Trennzeichen?", "Is the separator right?"),
        )
    try:
        return pl.read_csv(
            io.BytesIO(text.encode("utf-8", "replace")),
            separator=delimiter,
            has_header=False,
            infer_schema=False,
            empty_string_is_null=False,
            missing_columns="insert",
            schema={f"column_{number}": pl.String for number in range(1, width + 1)},
        )
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise _ragged(text, delimiter, width, name, str(error)) from None


def _ragged(text: str, delimiter: str, width: int, name: str, said: str) -> InputError:
    """Return the error that names the first line that is longer than the others."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            if len(row) > width:
                return InputError.of(
                    f"{len(row)} Zellen, aber {width} Spalten.",
                    f"{len(row)} cells, but {width} columns.",
                    file=name,
                    line=line,
                    hint=Text(
                        "Ein Text mit Trennzeichen gehört in Anführungszeichen.", "Quote a text with a separator."
                    ),
                )
            line = reader.line_num + 1
    except csv.Error as error:
        said = str(error)
    return InputError.of(
        f"Die Zeilen passen nicht zusammen: {said.splitlines()[0]}.",
        f"The rows do not fit together: {said.splitlines()[0]}.",
        file=name,
        line=line,
        hint=Text("Oft fehlt ein schließendes Anführungszeichen.", "Often a closing quotation mark is missing."),
    )


# --- workbooks --------------------------------------------------------------------------------------------


def _of_sheet(sheet: Sheet, name: str) -> Table:
    guessed = []
    if sheet.others:
        others = ", ".join(sheet.others)
        guessed.append(
            Text(
                f"Gelesen ist das Blatt {sheet.name!r}; nicht gelesen: {others}.",
                f"Sheet {sheet.name!r} is read; not read: {others}.",
            )
        )
    width = max((len(row) for row in sheet.rows), default=0)
    columns = {f"column_{place + 1}": [row[place] for row in sheet.rows] for place in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    table = _headed(frame, list(sheet.rows[:_HEAD]), sheet.merged, name, sheet.name, 1, guessed)
    return replace(table, others=sheet.others)


# --- headings ---------------------------------------------------------------------------------------------


def _headed(  # noqa: PLR0913, PLR0917 -- the parts of a table
    frame: pl.DataFrame,
    head: Sequence[Sequence[str]],
    merged: Sequence[Merged],
    name: str,
    sheet: str | None,
    start: int,
    guessed: list[Text],
) -> Table:
    """Return the table below its headings, however many rows they take."""
    top = _title_rows(head, merged)
    if top:
        guessed.append(
            Text(f"Die ersten {top} Zeilen sind als Überschrift gelesen.", f"The first {top} rows are read as a title.")
        )
    filled = _filled(head, merged)
    rows = _heading_rows(filled[top:], [m for m in merged if m.top == top])
    _check_merged(merged, top + rows, name, sheet)
    names = _headings(filled[top : top + rows], frame.width, guessed)
    body = frame.slice(top + rows)
    blank = body.select(pl.all_horizontal(pl.all() == "")).to_series()
    kept = body.filter(~blank)
    inner = _last(blank) != kept.height  # blank rows at the end do not count
    kept, names = _without_empty_columns(kept, names, guessed)
    return Table(
        name,
        kept.rename(dict(zip(kept.columns, names, strict=True))),
        sheet,
        None if inner else start + top + rows,
        tuple(guessed),
    )


def _last(blank: pl.Series) -> int:
    """Return the number of rows up to the last one that holds anything."""
    filled = (~blank).arg_true()
    return int(filled[-1]) + 1 if len(filled) else 0


def _filled(head: Sequence[Sequence[str]], merged: Sequence[Merged]) -> list[list[str]]:
    """Return the first rows with merged cells filled by what stands in their corner."""
    rows = [list(row) for row in head]
    for area in merged:
        if area.top >= len(rows):
            continue
        text = rows[area.top][area.left] if area.left < len(rows[area.top]) else ""
        for row in rows[area.top : min(area.bottom, area.top + _HEAD) + 1]:
            for place in range(area.left, min(area.right + 1, len(row))):
                row[place] = text
    return rows


def _title_rows(head: Sequence[Sequence[str]], merged: Sequence[Merged]) -> int:
    """Return how many rows at the top hold at most a title in their first cell."""
    top = 0
    for row in head[:-1]:
        given = [place for place, cell in enumerate(row) if cell]
        grouped = any(m.top == top and m.left > 0 for m in merged)
        if len(row) > 2 and len(given) <= 1 and (not given or given == [0]) and not grouped:  # noqa: PLR2004 -- fewer columns may be a table with one heading
            top += 1
        else:
            break
    return top if top < len(head) - 1 else 0


def _heading_rows(rows: Sequence[Sequence[str]], merged: Sequence[Merged]) -> int:
    """Return 2 where cells of the first row are merged over columns that the second row names, 1 else; 0 for data."""
    if not rows:
        return 0
    first = rows[0]
    named = [cell for cell in first if cell]
    if named and all(_is_value(cell) for cell in named):
        return 0
    if any(m.right > m.left for m in merged) and len(rows) > 1 and not any(_is_value(cell) for cell in rows[1] if cell):
        return 2
    return 1


def _is_value(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+([.,]\d+)?|\d{4}-\d{2}-\d{2}.*|\d{1,2}\.\d{1,2}\.\d{2,4}", cell))


def _check_merged(merged: Sequence[Merged], below: int, name: str, sheet: str | None) -> None:
    for area in sorted(merged, key=lambda m: (m.top, m.left)):
        if area.bottom >= below:
            cells = f"{cell_name(area.top, area.left)}:{cell_name(area.bottom, area.right)}"
            raise InputError.of(
                f"Blatt {sheet!r}, {cells}: Hier sind Zellen unter den Überschriften verbunden.",
                f"Sheet {sheet!r}, {cells}: cells below the headings are merged here.",
                file=name,
                field=cells,
                hint=Text(
                    "Die Verbindung aufheben und jede Zelle ausfüllen; sonst bleibt offen, zu wem sie gehört.",
                    "Unmerge them and fill in every cell: else it is open which sheet the value belongs to.",
                ),
            )


def _headings(rows: Sequence[Sequence[str]], width: int, guessed: list[Text]) -> list[str]:
    """Return one heading per column, each different."""
    if not rows:
        guessed.append(
            Text(
                "Die Datei hat keine Überschriften; die Spalten sind gezählt.",
                "The file has no headings; its columns are counted.",
            )
        )
    taken: dict[str, int] = {}
    used: set[str] = set()
    names = []
    doubled = 0
    for place in range(width):
        parts = list(dict.fromkeys(re.sub(r"\s+", " ", row[place]).strip() if place < len(row) else "" for row in rows))
        parts = [part for part in parts if part]
        name = f"{parts[0]} [{parts[1]}]" if len(parts) > 1 else parts[0] if parts else f"Spalte {place + 1}"
        while name in used:
            taken[name] = taken.get(name, 1) + 1
            doubled += 1
            name = f"{name} ({taken[name]})"
        used.add(name)
        names.append(name)
    if doubled:
        guessed.append(
            Text(
                f"{doubled} Überschriften stehen mehrmals; sie sind gezählt.",
                f"{doubled} headings stand more than once; they are counted.",
            )
        )
    return names


def _without_empty_columns(
    frame: pl.DataFrame, names: list[str], guessed: list[Text]
) -> tuple[pl.DataFrame, list[str]]:
    """Leave out columns without a heading and without a value."""
    nameless = [place for place, name in enumerate(names) if name == f"Spalte {place + 1}"]
    empty = {place for place in nameless if frame.height == 0 or bool((frame.to_series(place) == "").all())}
    if len(empty) == frame.width or not empty:
        return frame, names
    guessed.append(Text(f"{len(empty)} leere Spalten sind ausgelassen.", f"{len(empty)} empty columns are left out."))
    kept = [place for place in range(frame.width) if place not in empty]
    return frame[:, kept], [names[place] for place in kept]
