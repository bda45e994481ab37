"""Tables out of LimeSurvey's files: response archives (`.lsr`), JSON, and text separated by commas, semicolons or tabs.

What a file holds is kept as it stood; this module knows nothing of questionnaires.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl
from lxml import etree

from passgenau.errors import InputError
from passgenau.formats import intake
from passgenau.formats.limesurvey.tables import without_control_bytes
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Absent = Literal["not_shown", "unknown"]
Blank = Literal["empty", "unknown"]


@dataclass(frozen=True, slots=True)
class Source:
    """A table as it stood in a file, and what its empty places mean."""

    table: pl.DataFrame  # texts; columns numbered c0, c1 …
    headings: tuple[str, ...]
    name: str
    absent: Absent = "unknown"
    blank: Blank = "unknown"
    first_line: int | None = 2
    worded: bool = False  # an export for people: answers may stand as labels, texts carry an apostrophe
    removed: int = 0  # characters that XML does not allow and that were therefore left out
    numbered: bool = False  # from an export for R or SPSS, which numbers yes/no and the like


def source_of(content: bytes, name: str) -> Source:
    """Return the table of a file, whichever kind it is of."""
    if content.startswith(b"PK"):
        return _packed(content, name)
    start = content[:400].lstrip(b"\xef\xbb\xbf \r\n\t")
    utf16 = content[:2] in {b"\xff\xfe", b"\xfe\xff"} and "<" in content[:8].decode("utf-16", errors="replace")
    if start.startswith(b"<") or utf16:
        return read_xml(content, name)
    if start.startswith(b"{"):
        return read_json(content, name)
    source = read_text(content, name)
    return replace(source, numbered="_r_data_file" in name.lower())


def _packed(content: bytes, name: str) -> Source:
    """Return the answers that lie in an archive."""
    files = intake.open_zip(content, name)
    responses = sorted(file for file in files if file.lower().endswith(".lsr"))
    if len(responses) != 1:
        raise InputError.of(
            f"Das Archiv enthält {len(responses)} Dateien mit Antworten (.lsr), nicht eine.",
            f"The archive holds {len(responses)} files of answers (.lsr), not one.",
            file=name,
            hint=Text("Auspacken und die richtige Datei nennen.", "Unpack it and name the right file."),
        )
    return read_xml(files[responses[0]], responses[0])


# --- XML -------------------------------------------------------------------------------------


def read_xml(content: bytes, name: str) -> Source:
    """Return the rows of a `.lsr`, `.lst` or `.lsi` file; an element that is absent was NULL.

    Rows are read one after the other; the document is never held as a whole.
    """
    allowed = without_control_bytes(content)
    rows = _Rows(name)
    for element in _elements(allowed, name):
        if element.tag == "fieldname":
            rows.column((element.text or "").strip())
        else:
            rows.add(element)
            element.clear()
            above = element.getparent()
            while above is not None and element.getprevious() is not None:
                del above[0]
    removed = len(content) - len(allowed)
    return Source(rows.table(), tuple(rows.columns), name, "not_shown", "empty", first_line=None, removed=removed)


class _Rows:
    """Columns as the rows fill them; a column is filled up with NULL where it turns up again."""

    def __init__(self, name: str) -> None:
        self.columns: dict[str, list[str | None]] = {}
        self._name = name
        self._count = 0
        self._by_tag: dict[str, list[str | None]] = {}

    def column(self, heading: str) -> list[str | None]:
        """Return the cells of a column, new or known."""
        if heading not in self.columns:
            self.columns[heading] = []
            if len(self.columns) > intake.MAX_COLUMNS:
                raise _too_wide(self._name, len(self.columns))
        return self.columns[heading]

    def add(self, row: etree._Element) -> None:
        """Take over a row; of an element that stands twice, the last."""
        for cell in row:
            tag = cell.tag
            if not isinstance(tag, str):
                continue  # a comment
            cells = self._by_tag.get(tag)
            if cells is None:
                cells = self._by_tag[tag] = self.column(_heading(tag))
            if len(cells) != self._count:
                _fit(cells, self._count)
            cells.append(cell.text or "")
        self._count += 1

    def table(self) -> pl.DataFrame:
        """Return the columns, each with one cell for each row."""
        for cells in self.columns.values():
            _fit(cells, self._count)
        named = {f"c{i}": cells for i, cells in enumerate(self.columns.values())}
        return pl.DataFrame(named, schema=dict.fromkeys(named, pl.String))


def _fit(cells: list[str | None], count: int) -> None:
    """Bring a column to as many rows as came before: with NULL, or without what the same row said before."""
    cells.extend([None] * (count - len(cells)))
    del cells[count:]


def _elements(content: bytes, name: str) -> Iterator[etree._Element]:
    """Yield the elements that name the columns, and the rows."""
    try:
        reader = etree.iterparse(
            io.BytesIO(content),
            events=("end",),
            tag=("fieldname", "row"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for number, (_, element) in enumerate(reader):
            if number == 0:
                _refuse_doctype(element, name)
            yield element
        _refuse_doctype(reader.root, name)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else None
        raise InputError.of(
            f"Kein gültiges XML: {error}.",
            f"Not valid XML: {error}.",
            file=name,
            line=line,
            hint=Text(
                "Meist ist die Datei abgeschnitten: noch einmal ausgeben lassen und vollständig übertragen.",
                "Mostly the file is cut off: export it once more and transfer it whole.",
            ),
        ) from None


def _refuse_doctype(element: etree._Element, name: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise InputError.of(
            "Die Datei erklärt einen Dokumenttyp (DOCTYPE); das wird aus Sicherheitsgründen nicht gelesen.",
            "The file declares a document type (DOCTYPE); for safety this is not read.",
            file=name,
            hint=Text("Die Zeile <!DOCTYPE …> entfernen.", "Remove the line <!DOCTYPE …>."),
        )


def _heading(tag: str) -> str:
    """Return the name of the column for an element: XML allows no leading digit and no ``#``."""
    name = tag[1:] if tag[:1] == "_" and tag[1:2].isdigit() else tag
    return f"{name[:-2]}#{name[-1]}" if name[-2:] in {"-0", "-1"} else name


def _too_wide(name: str, columns: int) -> InputError:
    return InputError.of(
        f"{columns} Spalten sind mehr, als gelesen werden ({intake.MAX_COLUMNS}).",
        f"{columns} columns are more than are read ({intake.MAX_COLUMNS}).",
        file=name,
        hint=Text("Ist es die richtige Datei?", "Is it the right file?"),
    )


# --- JSON, as RemoteControl exports it ---------------------------------------------------------


def read_json(content: bytes, name: str) -> Source:
    """Return the rows of an export as JSON: ``{"responses": [{…}, …]}``; a null was NULL."""
    try:
        said = json.loads(intake.decode(content, name).text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError.of(
            f"Kein gültiges JSON: {error}.",
            f"Not valid JSON: {error}.",
            file=name,
            hint=Text("Die Antworten noch einmal ausgeben lassen.", "Export the answers once more."),
        ) from None
    rows = said.get("responses") if isinstance(said, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError.of(
            "Das JSON enthält keine Liste „responses“.",
            "The JSON holds no list “responses”.",
            file=name,
            hint=Text(
                "Gebraucht wird die Ausgabe der Antworten als JSON.", "The export of responses as JSON is needed."
            ),
        )
    plain = [_unwrapped(row) for row in rows]
    headings = tuple(dict.fromkeys(heading for row in plain for heading in row))
    if len(headings) > intake.MAX_COLUMNS:
        raise _too_wide(name, len(headings))
    if plain and all(value in {None, ""} for row in plain for value in row.values()):
        plain = []  # LimeSurvey writes one empty row where there are no answers
    data = {f"c{i}": [_said(row.get(heading)) for row in plain] for i, heading in enumerate(headings)}
    return Source(pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)), headings, name, "not_shown", "empty", None)


def _unwrapped(row: dict[str, object]) -> dict[str, object]:
    """Return the answers of a row; up to version 3 LimeSurvey wraps each in its number."""
    inner = next(iter(row.values()), None)
    return inner if len(row) == 1 and isinstance(inner, dict) else row


def _said(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


# --- text ------------------------------------------------------------------------------------


def read_text(content: bytes, name: str, *, quote: str = '"', header: bool = True) -> Source:
    """Return the rows of an export separated by commas, semicolons or tabs.

    A VV export has two heading lines, of which the second holds the codes.
    """
    decoded = intake.decode(content, name)
    data = content if decoded.encoding == "utf-8" else decoded.text.encode()
    separator = _separator(decoded.text)
    first = _records(decoded.text, separator, quote, 2, name)
    if not first:
        raise _no_rows(name)
    if len(first[0]) > intake.MAX_COLUMNS:
        raise _too_wide(name, len(first[0]))
    table = _table(data, separator, quote, len(first[0]), name)
    two = header and separator == "\t" and len(first) > 1 and _is_vv(first[1])
    skipped = (2 if two else 1) if header else 0
    headings = tuple(first[1] if two else first[0]) if header else tuple(f"V{i + 1}" for i in range(len(first[0])))
    table = table.slice(skipped)
    if two:
        table = table.select(pl.all().map_batches(_from_vv, return_dtype=pl.String))
    source = Source(_without_empty(table), headings, name, first_line=1 + skipped, worded=not two)
    return replace(source, absent="not_shown", blank="empty") if two else source


def _separator(text: str) -> str:
    """Return the separator of the heading line: the one that stands there most often outside quotes."""
    line = re.sub(r'"(?:[^"]|"")*"', "", text[:1_000_000]).split("\n", 1)[0]
    return max(",;\t", key=line.count)


def _records(text: str, separator: str, quote: str, count: int, name: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text[:4_000_000], newline=""), delimiter=separator, quotechar=quote)
    found: list[list[str]] = []
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                found.append(record)
            if len(found) == count:
                break
    except csv.Error as error:
        raise _no_table(name, str(error)) from None
    return found


def _table(data: bytes, separator: str, quote: str, width: int, name: str) -> pl.DataFrame:
    try:
        return pl.read_csv(
            data,
            has_header=False,
            new_columns=[f"c{i}" for i in range(width)],
            separator=separator,
            quote_char=quote,
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _no_table(name, str(error).split("\n", 1)[0]) from None


def _no_table(name: str, said: str) -> InputError:
    return InputError.of(
        f"Die Tabelle lässt sich nicht lesen: {said}.",
        f"The table cannot be read: {said}.",
        file=name,
        hint=Text(
            "Meist fehlt ein schließendes Anführungszeichen oder eine Zeile hat mehr Zellen als die Kopfzeile: "
            "noch einmal ausgeben lassen, ohne die Datei dazwischen zu bearbeiten.",
            "Mostly a closing quote is missing or a line has more cells than the heading: export it once more "
            "without editing the file in between.",
        ),
    )


def _no_rows(name: str) -> InputError:
    return InputError.of(
        "Die Datei enthält keine Kopfzeile und keine Antworten.",
        "The file holds no heading line and no answers.",
        file=name,
        hint=Text("Die Antworten noch einmal ausgeben lassen.", "Export the answers once more."),
    )


def _without_empty(table: pl.DataFrame) -> pl.DataFrame:
    """Leave out lines without any cell: the last one, and the one LimeSurvey writes where nobody answered."""
    if not table.width:
        return table
    return table.filter(~pl.all_horizontal(pl.all().is_null() | (pl.all() == "")))


def _is_vv(record: Sequence[str]) -> bool:
    """Whether a line holds codes, as the second heading line of a VV export does."""
    return len(record) > 1 and record[0].strip() == "id" and all(re.fullmatch(r"[\w#\-\[\]]*", cell) for cell in record)


_VV_MARKS = {"{newline}": "\n", "{cr}": "\r", "{tab}": "\t", "{quote}": '"', "{lbrace}": "{", "{rbrace}": "}"}


def _from_vv(cells: pl.Series) -> pl.Series:
    """Undo how a VV export writes NULL, line breaks and the like."""
    shown = cells.fill_null("")
    shown = pl.select(pl.when(shown == "{question_not_shown}").then(None).otherwise(shown)).to_series()
    for mark, meant in _VV_MARKS.items():
        shown = shown.str.replace_all(mark, meant, literal=True)
    return shown
