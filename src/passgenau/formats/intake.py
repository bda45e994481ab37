"""What every reader of a file from elsewhere needs: bytes within bounds, text in its encoding, safe XML and ZIP.

A file from elsewhere may be cut off, in another encoding, far too large, or made to do harm. It is refused or
read within bounded memory, with one message that names the file and the way out.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from passgenau.errors import InputError, reason
from passgenau.text import Text

if TYPE_CHECKING:
    from pathlib import Path

MAX_STRUCTURE = 64 * 2**20
"""Bytes of a questionnaire, unpacked. The largest real ones have a few."""
MAX_ANSWERS = 1024 * 2**20
"""Bytes of an answer file that is read into memory."""
MAX_RESULTS = 256 * 2**20
"""Bytes of answers that are read sheet by sheet (JSON, the CSV of ODK) and take several times as much memory."""
MAX_RATIO = 200
"""How many times larger than its archive a file may become; zipped XML reaches about fifty."""
MAX_COLUMNS = 20_000
"""Columns of a table."""
_SMALL = 2**20  # below that a high ratio does no harm


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with the encoding it was found to have."""

    text: str
    encoding: str
    certain: bool  # False where the bytes do not tell: Latin-1 takes any byte


def read_bytes(path: Path, limit: int = MAX_STRUCTURE) -> bytes:
    """Return the content of a file of at most `limit` bytes.

    Raises
    ------
    InputError
        The file does not exist, may not be read, is empty, or is larger.
    """
    try:
        size = path.stat().st_size
        if size > limit:
            raise too_large(path.name, size, limit)
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    if not content:
        raise _empty(path)
    return content


def read_head(path: Path, size: int) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    InputError
        The file does not exist, may not be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(size)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not head:
        raise _empty(path)
    return head


def _unreadable(path: Path, error: OSError) -> InputError:
    why = reason(error)
    return InputError.of(
        f"Nicht lesbar: {why.de}.",
        f"Cannot be read: {why.into('en')}.",
        file=path.name,
        hint=Text(f"Gesucht wurde {path}.", f"Looked for {path}."),
    )


def _empty(path: Path) -> InputError:
    return InputError.of(
        "Die Datei ist leer.",
        "The file is empty.",
        file=path.name,
        hint=Text("Die Datei noch einmal ausgeben lassen.", "Export the file once more."),
    )


def too_large(name: str, size: int, limit: int) -> InputError:
    """Return the error for a file beyond its bound."""
    return InputError.of(
        f"{size / 2**20:,.0f} MB sind mehr, als hier gelesen wird ({limit / 2**20:,.0f} MB).".replace(",", "."),
        f"{size / 2**20:,.0f} MB are more than is read here ({limit / 2**20:,.0f} MB).",
        file=name,
        hint=Text(
            "Ist es die richtige Datei? Große Antwortdateien als CSV oder Parquet übergeben.",
            "Is it the right file? Pass large answer files as CSV or Parquet.",
        ),
    )


def decode(content: bytes, name: str) -> Decoded:
    """Return the text of a file in UTF-8, UTF-16 (both with or without a mark) or Windows-1252.

    Raises
    ------
    InputError
        The file is no text: it holds zero bytes, as programs and archives do.
    """
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return Decoded(_strictly(content, "utf-32", name), "utf-32", certain=True)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(_strictly(content, "utf-16", name), "utf-16", certain=True)
    if content.startswith(b"\xef\xbb\xbf"):
        return Decoded(_strictly(content, "utf-8-sig", name), "utf-8-sig", certain=True)
    if b"\x00" in content:
        encoding = _unmarked(content)
        if encoding is None:
            raise _no_text(name)
        return Decoded(_strictly(content, encoding, name), encoding, certain=True)
    try:
        return Decoded(content.decode("utf-8"), "utf-8", certain=True)
    except UnicodeDecodeError:
        return Decoded(content.decode("cp1252", errors="replace"), "cp1252", certain=False)


def _unmarked(content: bytes) -> str | None:
    """Tell UTF-16 without a mark by where its zero bytes stand."""
    sample = content[: 2 * (min(len(content), 4096) // 2)]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError.of(
            f"Kein gültiges {encoding.upper()} (Byte {error.start + 1}).",
            f"Not valid {encoding.upper()} (byte {error.start + 1}).",
            file=name,
            hint=Text(
                "Die Datei ist beschädigt oder abgeschnitten; noch einmal ausgeben lassen, am besten als UTF-8.",
                "The file is damaged or cut off; export it once more, best as UTF-8.",
            ),
        ) from None


def _no_text(name: str) -> InputError:
    return InputError.of(
        "Das ist keine Textdatei.",
        "This is no text file.",
        file=name,
        hint=Text("Passt die Endung zum Inhalt?", "Does the ending fit the content?"),
    )


def parse_xml(content: bytes, name: str) -> etree._Element:
    """Return the root of an XML document.

    No document type is accepted, so that no entity can multiply or fetch anything; nothing is loaded from
    elsewhere.

    Raises
    ------
    InputError
        The XML is cut off or faulty, declares a document type, or is nested absurdly deep.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else None
        said = str(error.msg if isinstance(error, etree.XMLSyntaxError) else error)
        raise InputError.of(
            f"Kein gültiges XML: {said}.",
            f"Not valid XML: {said}.",
            file=name,
            line=line,
            hint=Text(
                "Meist ist die Datei abgeschnitten: noch einmal ausgeben lassen und vollständig übertragen.",
                "Mostly the file is cut off: export it once more and transfer it whole.",
            ),
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _declares_type(name, Text("Die Zeile <!DOCTYPE …> entfernen.", "Remove the line <!DOCTYPE …>."))
    return root


def _declares_type(name: str, hint: Text) -> InputError:
    return InputError.of(
        "Die Datei erklärt einen Dokumenttyp (DOCTYPE); das wird aus Sicherheitsgründen nicht gelesen.",
        "The file declares a document type (DOCTYPE); for safety this is not read.",
        file=name,
        hint=hint,
    )


def open_zip(content: bytes, name: str, limit: int = MAX_ANSWERS) -> dict[str, bytes]:
    """Return the files of a ZIP archive by name.

    Raises
    ------
    InputError
        The archive is damaged or encrypted, or would unpack to more than `limit` bytes or to absurdly more
        than its own size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            size = sum(entry.file_size for entry in entries)
            if size > limit or (size > _SMALL and size > MAX_RATIO * len(content)):
                raise too_large(name, size, min(limit, MAX_RATIO * len(content)))
            return {entry.filename: _unpacked(archive, entry, name) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError.of(
            f"Das Archiv lässt sich nicht öffnen: {error}.",
            f"The archive cannot be opened: {error}.",
            file=name,
            hint=Text("Noch einmal ausgeben lassen, ohne Kennwort.", "Export it once more, without a password."),
        ) from None


_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))


def open_workbook(content: bytes, name: str, limit: int = MAX_ANSWERS) -> dict[str, bytes]:
    """Return the parts of a workbook, before a library reads it that would follow a document type.

    Raises
    ------
    InputError
        The archive is damaged or too large, or a part of it declares a document type.
    """
    parts = open_zip(content, name, limit)
    for part, inside in parts.items():
        if part.endswith((".xml", ".rels", ".vml")) and any(mark in inside for mark in _DOCTYPES):
            raise _declares_type(
                f"{name}/{part}",
                Text(
                    "So schreibt kein Tabellenprogramm: Woher stammt die Datei? Neu speichern.",
                    "No spreadsheet program writes this: where does the file come from? Save it anew.",
                ),
            )
    return parts


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise too_large(f"{name}/{entry.filename}", len(content), entry.file_size)
    return content


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
