"""Surveys as LimeSurvey, and PHPSurveyor before it, gave them out up to version 1.87: tables in one CSV file."""

from __future__ import annotations

import csv
import io
import re

from passgenau.errors import InputError
from passgenau.formats.intake import decode
from passgenau.formats.limesurvey.tables import Document, Row, without_controls
from passgenau.text import Text

_MARK = re.compile(rb"\A#\s*(LimeSurvey|PHPSurveyor)\s+(Survey|Group|Question)\s+Dump", re.IGNORECASE)
_TABLE = re.compile(r"#\s*(\w+) TABLE\s*")
_VERSION = re.compile(r"#\s*DBVersion\s+([\w.]+)")


def is_dump(content: bytes) -> bool:
    """Return whether a file is such a survey, by its first line."""
    return _MARK.match(content.removeprefix(b"\xef\xbb\xbf").lstrip(b'"')) is not None


def read_dump(content: bytes, name: str) -> Document:
    """Return the tables of a survey as CSV.

    Each table follows a comment that names it, and begins with the names of its columns. A line break inside a
    text stands as a backslash and an n.

    Raises
    ------
    InputError
        The file cannot be decoded, or a cell is longer than any may be.
    """
    tables: dict[str, list[Row]] = {}
    version, table = "", ""
    heading: list[str] | None = None
    for record in _records(decode(content, name).text, name):
        said = record[0].strip()
        if said.startswith("#"):
            version = found[1] if (found := _VERSION.match(said)) else version
            if found := _TABLE.fullmatch(said):
                table, heading = found[1].lower(), None
        elif table and heading is None:
            heading = [cell.strip() for cell in record]
        elif heading is not None:
            cells = (cell.replace("\\n", "\n") for cell in record)
            tables.setdefault(table, []).append(dict(zip(heading, cells, strict=False)))
    return Document("dump", version, (), {table: tuple(rows) for table, rows in tables.items()})


def _records(text: str, name: str) -> list[list[str]]:
    try:
        records = list(csv.reader(io.StringIO(without_controls(text), newline="")))
    except csv.Error as error:
        raise InputError.of(
            f"Nicht lesbar: {error}.",
            f"Cannot be read: {error}.",
            file=name,
            hint=Text("Die Umfrage noch einmal ausgeben lassen.", "Export the survey once more."),
        ) from None
    return [record for record in records if any(cell.strip() for cell in record)]
