"""SPSS: data files (`.sav`, `.zsav`) read, and `.sav` written, with labels, missing codes and sets."""

from __future__ import annotations

import re
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from passgenau.formats.exchange import Exported
from passgenau.formats.intake import MAX_ANSWERS, read_bytes
from passgenau.formats.labelled import build, code_of
from passgenau.formats.labelled_reading import Notes, described, opened
from passgenau.formats.labelled_writing import Limits, missing_codes, shortened, table_of
from passgenau.survey.responses import State

if TYPE_CHECKING:
    from passgenau.formats.exchange import Imported
    from passgenau.formats.labelled_writing import OutColumn, OutSet
    from passgenau.survey.responses import Responses

SIGNATURES = (b"$FL2", b"$FL3")
"""How a data file begins: plain, and compressed by zlib."""


def read_spss(source: Path | bytes, name: str | None = None) -> Imported:
    """Read an SPSS data file.

    Labels become questions, answers and scales; multiple-response sets multiple choices; missing codes whose
    label says so are read as not shown or refused. What the file leaves open is in `guessed`.

    Parameters
    ----------
    source
        The file, or its content.
    name
        How messages call it.

    Raises
    ------
    InputError
        The file is damaged or larger than 1 GB.
    """
    import pyreadstat  # noqa: PLC0415 -- loads pandas

    content = source if isinstance(source, bytes) else read_bytes(source, MAX_ANSWERS)
    name = name or (source.name if isinstance(source, Path) else "answers.sav")
    notes = Notes()
    frame, metadata = opened(content, name, pyreadstat.read_sav, notes)
    return build(described(frame, metadata, "spss", name, notes))


def write_spss(responses: Responses, *, name: str = "answers.sav", language: str | None = None) -> Exported:
    """Write answers as an SPSS data file.

    Not shown is −98 and refused −99, both declared missing and labelled; multiple choices are
    multiple-response sets; labels are in one language. The same answers give the same bytes: the file carries no
    clock time.

    Parameters
    ----------
    responses
        Typed answers.
    name
        Of the file.
    language
        Of the labels; the questionnaire's leading one by default.
    """
    import pyreadstat  # noqa: PLC0415 -- loads pandas

    table = table_of(responses, _LIMITS, language)
    coded = [_with_codes(column, table.language) for column in table.columns]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.sav"
        pyreadstat.write_sav(
            pl.DataFrame([part.values.alias(part.column.name) for part in coded]),
            path,
            file_label=shortened(table.title, _FILE_LABEL),
            column_labels={part.column.name: part.column.label for part in coded},
            row_compress=True,
            variable_value_labels={part.column.name: part.labels for part in coded if part.labels},
            missing_ranges={part.column.name: list(part.missing) for part in coded if part.missing},
            variable_measure={part.column.name: part.column.measure for part in coded},
            variable_format={part.column.name: part.format for part in coded if part.format},
        )
        content = path.read_bytes()
    return Exported("spss", {name: _with_sets(_timeless(content), table.sets)}, table.lost)


_FILE_LABEL = 64  # bytes in the header
_RESERVED = frozenset("ALL AND BY EQ GE GT LE LT NE NOT OR TO WITH".split())  # noqa: SIM905 -- reads as the manual's list


def _name(original: str) -> str:
    found = re.sub(r"[^A-Za-z0-9_.]", "_", code_of(original))
    found = found if found[:1].isalpha() else f"v{found}"
    found = shortened(found, 64).rstrip(".")
    return f"{found}_" if found.upper() in _RESERVED else found


_LIMITS = Limits("SPSS", _name, label=255, value_label=120, text=32_767)


@dataclass(frozen=True, slots=True, eq=False)
class _Coded:
    """A column with the numbers that stand for missing values in it."""

    column: OutColumn
    values: pl.Series
    labels: dict[int | float, str]
    missing: tuple[int, ...]
    format: str | None


def _with_codes(column: OutColumn, language: str) -> _Coded:
    form = {"date": "SDATE10", "text": None, "number": "F8.0" if _whole(column) else None}[column.type]
    if column.type != "number" or column.missing is None:
        return _Coded(column, column.values, dict(column.labels), (), form)
    not_shown, refused = missing_codes([*column.labels, *_near(column.values)])
    values = pl.select(
        pl.when(column.missing == int(State.NOT_SHOWN))
        .then(pl.lit(float(not_shown)))
        .when(column.missing == int(State.REFUSED))
        .then(pl.lit(float(refused)))
        .otherwise(column.values)
    ).to_series()
    words: dict[int | float, str] = {not_shown: "nicht gezeigt" if language == "de" else "not shown"}
    words[refused] = column.refused_label or ("keine Angabe" if language == "de" else "no answer")
    states = set(column.missing.unique().to_list())
    used: list[int] = [
        code for code, state in ((not_shown, State.NOT_SHOWN), (refused, State.REFUSED)) if int(state) in states
    ]
    if column.refused_label and refused not in used:
        used.append(refused)
    labels = column.labels | {code: words[code] for code in used}
    return _Coded(column, values, labels, tuple(used), form)


def _near(values: pl.Series) -> list[float]:
    return values.filter(values < 0).unique().to_list()


def _whole(column: OutColumn) -> bool:
    return column.type == "number" and bool((column.values.drop_nulls() % 1 == 0).all())


# --- the bytes ---------------------------------------------------------------------------------------

_CREATED = slice(92, 109)  # date and time of writing, nine and eight characters
_HEADER = 176


def _timeless(content: bytes) -> bytes:
    """Return the file with a fixed time of writing."""
    fixed = b"01 Jan 7000:00:00"
    return content[: _CREATED.start] + fixed + content[_CREATED.stop :]


def _with_sets(content: bytes, sets: tuple[OutSet, ...]) -> bytes:
    """Return the file with a record of multiple-response sets, before the record that ends its dictionary.

    The layout of the dictionary follows PSPP's description of system files: type 7, subtype 7, one line per
    set, `$name=D` with the counted value and the label, each after its length.
    """
    if not sets:
        return content
    lines = "".join(
        f"${entry.name}=D1 1 {len(entry.label.encode())} {entry.label} {' '.join(m.lower() for m in entry.members)}\n"
        for entry in sets
    ).encode()
    record = struct.pack("<iiii", 7, 7, 1, len(lines)) + lines
    end = _end_of_dictionary(content)
    return content[:end] + record + content[end:]


def _end_of_dictionary(content: bytes) -> int:
    """Return where the record stands that ends the dictionary."""
    at = _HEADER
    while True:
        (kind,) = struct.unpack_from("<i", content, at)
        if kind == 999:  # noqa: PLR2004 -- the type of that record
            return at
        first, second, third = struct.unpack_from("<iii", content, at + 4)
        at += _length(content, at, kind, (first, second, third))


def _length(content: bytes, at: int, kind: int, head: tuple[int, int, int]) -> int:
    if kind == 2:  # noqa: PLR2004 -- a variable: 32 bytes, its label, its missing values
        label = 0
        if head[1]:
            (size,) = struct.unpack_from("<i", content, at + 32)
            label = 4 + -(-size // 4) * 4
        return 32 + label + 8 * abs(head[2])
    if kind == 3:  # noqa: PLR2004 -- value labels, each padded to eight bytes with its length
        size = 8
        for _ in range(head[0]):
            size += 8 + -(-(content[at + size + 8] + 1) // 8) * 8
        return size
    if kind == 4:  # noqa: PLR2004 -- the variables that they belong to
        return 8 + 4 * head[0]
    if kind == 6:  # noqa: PLR2004 -- documents, lines of eighty characters
        return 8 + 80 * head[0]
    return 16 + head[1] * head[2]  # an extension: size and count
