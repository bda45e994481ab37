"""The tables that a LimeSurvey structure file is made of, whatever its generation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from passgenau.errors import InputError
from passgenau.formats.intake import parse_xml
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row: TypeAlias = "dict[str, str]"
"""One row by column; a column that is absent is NULL."""

STRUCTURES = {"Survey": "lss", "Group": "lsg", "Question": "lsq"}
_OTHERS = {
    "Responses": Text("Antworten (.lsr)", "answers (.lsr)"),
    "Tokens": Text("Teilnehmende (.lst)", "participants (.lst)"),
    "Timings": Text("Zeiten (.lsi)", "timings (.lsi)"),
    "Label set": Text("Antwortvorlagen (.lsl)", "label sets (.lsl)"),
    "Theme": Text("ein Design", "a theme"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A structure file.

    Attributes
    ----------
    kind
        `lss`, `lsg`, `lsq` or `txt`.
    version
        DBVersion, as the file states it; empty where it does not.
    languages
        As the file lists them.
    tables
        Rows by table.
    rest
        Everything that is no table (themes), as XML, by name.
    removed
        Characters that XML does not allow and that were therefore left out.
    """

    kind: str
    version: str
    languages: tuple[str, ...]
    tables: Mapping[str, tuple[Row, ...]]
    rest: Mapping[str, str] = field(default_factory=dict)
    removed: int = 0

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table; none where it is absent."""
        return self.tables.get(table, ())


def read_document(content: bytes, name: str) -> Document:
    """Return the tables of a `.lss`, `.lsg` or `.lsq` file.

    Raises
    ------
    InputError
        The file is no valid XML, no LimeSurvey file, or one that holds something else.
    """
    allowed = without_control_bytes(content)
    root = parse_xml(allowed, name)
    said = (root.findtext("LimeSurveyDocType") or "").strip()
    if said not in STRUCTURES:
        raise _no_structure(said, str(root.tag), name)
    tables: dict[str, tuple[Row, ...]] = {}
    rest: dict[str, str] = {}
    for element in root:
        tag = element.tag
        if not isinstance(tag, str) or tag in {"LimeSurveyDocType", "DBVersion", "languages"}:
            continue
        if element.find("rows") is not None:
            rows = (row for part in element.findall("rows") for row in part)
            tables[tag] = (*tables.get(tag, ()), *(_row(row) for row in rows if isinstance(row.tag, str)))
        elif len(element) and element.find("fields") is None:
            rest[tag] = etree.tostring(element, encoding="unicode", with_tail=False)
    languages = tuple((node.text or "").strip() for node in root.iterfind("languages/language"))
    version = (root.findtext("DBVersion") or "").strip()
    kept = {table: rows for table, rows in tables.items() if rows}
    return Document(STRUCTURES[said], version, languages, kept, rest, len(content) - len(allowed))


def _row(element: etree._Element) -> Row:
    return {
        cell.tag: "".join(str(text) for text in cell.itertext()) if len(cell) else cell.text or ""
        for cell in element
        if isinstance(cell.tag, str)
    }


def _no_structure(said: str, tag: str, name: str) -> InputError:
    hint = Text(
        "Gebraucht wird die Umfragestruktur: in LimeSurvey „Export“ → „Umfragestruktur (.lss)“.",
        "The survey structure is needed: “Export” → “Survey structure (.lss)” in LimeSurvey.",
    )
    if not said:
        return InputError.of(
            f"Das ist keine LimeSurvey-Struktur: LimeSurveyDocType fehlt (oberstes Element <{tag}>).",
            f"This is no LimeSurvey structure: LimeSurveyDocType is missing (root element <{tag}>).",
            file=name,
            hint=hint,
        )
    what = _OTHERS.get(said, Text(f"„{said}“", f"“{said}”"))
    return InputError.of(
        f"Die Datei enthält {what.de}, keine Fragen (LimeSurveyDocType {said!r}).",
        f"The file holds {what.into('en')}, no questions (LimeSurveyDocType {said!r}).",
        file=name,
        field="LimeSurveyDocType",
        hint=hint,
    )


def write_document(document: Document) -> bytes:
    """Return the XML file of a document, the same bytes for the same tables."""
    root = etree.Element("document")
    kind = next(said for said, ending in STRUCTURES.items() if ending == document.kind)
    etree.SubElement(root, "LimeSurveyDocType").text = kind
    etree.SubElement(root, "DBVersion").text = document.version
    languages = etree.SubElement(root, "languages")
    for language in document.languages:
        etree.SubElement(languages, "language").text = language
    for table, rows in document.tables.items():
        if rows:
            _table(etree.SubElement(root, table), rows)
    etree.indent(root, " ")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for xml in document.rest.values():  # as it was, to the blank
        root.append(etree.fromstring(xml, parser))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _table(parent: etree._Element, rows: Iterable[Row]) -> None:
    rows = tuple(rows)
    fields = etree.SubElement(parent, "fields")
    for column in dict.fromkeys(column for row in rows for column in row):
        etree.SubElement(fields, "fieldname").text = column
    body = etree.SubElement(parent, "rows")
    for row in rows:
        line = etree.SubElement(body, "row")
        for column, value in row.items():
            cell = etree.SubElement(line, column)
            if value:
                cell.text = etree.CDATA(without_controls(value)) if "]]>" not in value else without_controls(value)


def without_control_bytes(content: bytes) -> bytes:
    """Return XML without control characters, which XML forbids and LimeSurvey writes where somebody pasted them.

    UTF-16, whose characters hold such bytes, is left as it is.
    """
    return content if b"\x00" in content[:200] else content.translate(None, _CONTROL_BYTES)


def without_controls(value: str) -> str:
    """Return a text without what XML cannot hold: control characters other than tab and line break."""
    return _CONTROLS.sub("", value)


_CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
