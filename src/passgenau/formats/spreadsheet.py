"""Spreadsheets read as rows of texts: XLSX, XLS and ODS, within bounds, with every cell that cannot be read named."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.errors import InputError
from passgenau.formats.intake import MAX_COLUMNS, open_workbook, parse_xml
from passgenau.survey.typed import number_text
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CELLS = 20_000_000
"""Cells of a sheet, empty ones between filled ones included."""
CELL_LENGTH = 32_767
"""Characters that a cell of Excel holds."""
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range; rows and columns counted from 0, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet as texts, rows of equal length."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[Merged, ...]
    others: tuple[str, ...]  # sheets that were not read


def is_spreadsheet(content: bytes) -> bool:
    """Whether a file is a workbook of Excel or LibreOffice, by how it begins."""
    if content.startswith(_OLD):
        return True
    head = content[:4096]
    return content.startswith(b"PK\x03\x04") and (
        b"[Content_Types].xml" in head
        or b"xl/" in head
        or b"opendocument.spreadsheet" in head
        or b"_rels/.rels" in head
    )


def read_sheet(content: bytes, name: str, sheet: str | None = None) -> Sheet:
    """Return one sheet of a workbook: the one named, else the first that is shown and holds anything.

    Parameters
    ----------
    content
        The file.
    name
        How messages call it.
    sheet
        Name of the sheet.

    Raises
    ------
    InputError
        The workbook is damaged, protected by a password or too large; a cell holds an error, or a formula whose
        result was never computed.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 -- a library in Rust

    parts = {} if content.startswith(_OLD) else open_workbook(content, name)
    _check_extent(parts, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [
            entry.name
            for entry in book.sheets_metadata
            if entry.typ == SheetTypeEnum.WorkSheet and entry.visible == SheetVisibleEnum.Visible
        ]
        chosen = _chosen(sheet, book.sheet_names, shown, name)
        found = None
        for candidate in chosen:
            found = book.get_sheet_by_name(candidate)
            if found.height:
                break
        if found is None or not found.height:
            raise _empty(name)
        if found.total_width > MAX_COLUMNS or found.total_height * found.total_width > MAX_CELLS:
            raise _too_wide(name, found.name, found.total_height, found.total_width)
        values = found.to_python(skip_empty_area=False)
        merged = tuple(Merged(a, b, c, d) for (a, b), (c, d) in found.merged_cell_ranges or ())
    except (CalamineError, ValueError, OSError, OverflowError) as error:
        raise _damaged(name, str(error)) from None
    _check_cells(parts, name, found.name)
    rows = tuple(tuple(_text(cell) for cell in row) for row in values)
    return Sheet(found.name, rows, merged, tuple(other for other in book.sheet_names if other != found.name))


def _chosen(sheet: str | None, names: list[str], shown: list[str], name: str) -> list[str]:
    if sheet is None:
        return shown or names
    if sheet in names:
        return [sheet]
    raise InputError.of(
        f"Ein Blatt {sheet!r} gibt es nicht.",
        f"There is no sheet {sheet!r}.",
        file=name,
        hint=Text(f"Vorhanden: {', '.join(names)}.", f"There are: {', '.join(names)}."),
    )


def _text(cell: object) -> str:
    """Return a cell as text: numbers with a decimal point, dates as year-month-day."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float | int):
        return str(int(cell)) if cell == int(cell) else number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell)


# --- what is refused ------------------------------------------------------------------------------------


def _damaged(name: str, said: str) -> InputError:
    return InputError.of(
        f"Die Tabelle lässt sich nicht lesen: {said}.",
        f"The spreadsheet cannot be read: {said}.",
        file=name,
        hint=Text(
            "Die Datei öffnen, ohne Kennwort neu speichern und vollständig übertragen; oder als CSV ausgeben.",
            "Open the file, save it anew without a password and transfer it whole; or export it as CSV.",
        ),
    )


def _empty(name: str) -> InputError:
    return InputError.of(
        "Kein Blatt der Datei enthält etwas.",
        "No sheet of the file holds anything.",
        file=name,
        hint=Text("Ist es die richtige Datei?", "Is it the right file?"),
    )


def _too_wide(name: str, sheet: str, rows: int, columns: int) -> InputError:
    return InputError.of(
        f"Das Blatt {sheet!r} reicht über {rows} Zeilen und {columns} Spalten; das ist mehr, als hier gelesen wird.",
        f"The sheet {sheet!r} spans {rows} rows and {columns} columns; that is more than is read here.",
        file=name,
        hint=Text(
            f"Höchstens {MAX_COLUMNS} Spalten und {MAX_CELLS} Zellen; oft steht weit unten oder rechts ein vergessener "
            "Eintrag. Sonst als CSV ausgeben.",
            f"At most {MAX_COLUMNS} columns and {MAX_CELLS} cells; often a forgotten entry stands far down or right. "
            "Otherwise export it as CSV.",
        ),
    )


_CELL = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"')
_REPEATED = re.compile(rb'number-(?:columns|rows)-repeated="(\d+)"')
_VALUED = re.compile(rb'<table:table-cell\b(?=[^>]*office:value-type)[^>]*number-columns-repeated="(\d+)"')


def _check_extent(parts: Mapping[str, bytes], name: str) -> None:
    """Refuse a workbook whose filled cells span an absurd area, before a library makes room for all of it."""
    for part, content in parts.items():
        if part.startswith("xl/worksheets/") and part.endswith(".xml"):
            rows = columns = 0
            for letters, row in _CELL.findall(content):
                columns, rows = max(columns, _number(letters.decode())), max(rows, int(row))
            if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
                raise _too_wide(name, part, rows, columns)
        elif part == "content.xml":
            _check_repeats(content, name)


def _check_repeats(content: bytes, name: str) -> None:
    """Refuse an ODS file that repeats filled cells absurdly often; empty ones it may repeat to the end."""
    if any(int(times) > MAX_COLUMNS for times in _VALUED.findall(content)):
        raise _too_wide(name, "content.xml", 1, MAX_COLUMNS + 1)
    filled = 0
    for row in re.findall(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", content, re.DOTALL):
        if b"office:value-type" in row[1]:
            times = _REPEATED.search(row[0])
            filled += int(times[1]) if times else 1
    if filled > MAX_CELLS // 16:
        raise _too_wide(name, "content.xml", filled, 1)


def _number(letters: str) -> int:
    """Return the number of a column, 1 for A."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    """Return the letters of a column, A for 1."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell, A1 for row 0 and column 0."""
    return f"{_letters(column + 1)}{row + 1}"


_ERROR = re.compile(
    rb'<c\s[^>]*?r="([A-Z]{1,3}\d{1,7})"[^>]*?t="e"[^>]*>(?:<f[^>]*?(?:/>|>.*?</f>))?(?:<v>(.*?)</v>)?', re.DOTALL
)
_UNCOMPUTED = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3}\d{1,7})"[^>]*><f[^>]*?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')


def _check_cells(parts: Mapping[str, bytes], name: str, sheet: str) -> None:
    """Refuse cells that a library would silently leave empty: errors, and formulas without a result."""
    content = parts.get(_part_of(parts, sheet, name) or "", b"")
    error = _ERROR.search(content)
    if error:
        cell, said = error[1].decode(), (error[2] or b"").decode("utf-8", "replace")
        raise InputError.of(
            f"Blatt {sheet!r}, Zelle {cell}: Hier steht ein Fehlerwert ({said}).",
            f"Sheet {sheet!r}, cell {cell}: an error value stands here ({said}).",
            file=name,
            field=cell,
            hint=Text("Die Formel berichtigen oder die Zelle leeren.", "Correct the formula or empty the cell."),
        )
    formula = _UNCOMPUTED.search(content)
    if formula:
        cell = formula[1].decode()
        raise InputError.of(
            f"Blatt {sheet!r}, Zelle {cell}: Hier steht eine Formel ohne berechnetes Ergebnis.",
            f"Sheet {sheet!r}, cell {cell}: a formula without a computed result stands here.",
            file=name,
            field=cell,
            hint=Text(
                "Die Datei in Excel oder LibreOffice öffnen und speichern, dann steht das Ergebnis darin.",
                "Open and save the file in Excel or LibreOffice; the result is in it then.",
            ),
        )


def _part_of(parts: Mapping[str, bytes], sheet: str, name: str) -> str | None:
    """Return the part of a workbook that holds a sheet."""
    book, relations = parts.get("xl/workbook.xml"), parts.get("xl/_rels/workbook.xml.rels")
    if book is None or relations is None:
        return None
    targets = {entry.get("Id"): entry.get("Target") or "" for entry in parse_xml(relations, name)}
    for entry in parse_xml(book, name).iter(f"{_MAIN}sheet"):
        if entry.get("name") == sheet:
            target = targets.get(entry.get(_RELATION)) or ""
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


# --- writing ------------------------------------------------------------------------------------------------


def write_sheets(sheets: Mapping[str, Iterator[list[str | float | None]]]) -> bytes:
    """Return a workbook with sheets of texts and numbers; a text is never taken for a formula.

    The same cells give the same bytes: the file carries no clock time.
    """
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 -- needed for this form only

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": dt.datetime(1980, 1, 1, tzinfo=dt.UTC)})
    bold = book.add_format({"bold": True})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, place, cell[:CELL_LENGTH], bold if number == 0 else None)
                elif cell is not None:
                    page.write_number(number, place, cell)
        page.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
