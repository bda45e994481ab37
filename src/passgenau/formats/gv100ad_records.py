"""GV100AD as it is published: the municipal register of the Statistisches Bundesamt in lines of fixed width.

The file comes out every quarter. Positions are counted from 1, as in the publisher's layout.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from passgenau.errors import InputError, Problem
from passgenau.reading import raise_if
from passgenau.text import Text

Kind = Literal["land", "region", "planning_region", "district", "association", "municipality"]

# Satzart: what a line describes, and how many digits of the key it fills.
_KINDS: Mapping[str, tuple[Kind, int]] = {
    "10": ("land", 2),
    "20": ("region", 3),
    "30": ("planning_region", 4),
    "40": ("district", 5),
    "50": ("association", 5),
    "60": ("municipality", 8),
}

# Textkennzeichen of the districts and municipalities of a frame.
DISTRICT_TYPES: Mapping[str, str] = {
    "41": "Kreisfreie Stadt",
    "42": "Stadtkreis",
    "43": "Kreis",
    "44": "Landkreis",
    "45": "Regionalverband",
}
MUNICIPALITY_TYPES: Mapping[str, str] = {
    "60": "Markt",
    "61": "Kreisfreie Stadt",
    "62": "Stadtkreis",
    "63": "Stadt",
    "64": "Gemeinde",
    "67": "Große Kreisstadt",
}
UNINCORPORATED: Mapping[str, str] = {
    "65": "gemeindefreies Gebiet, bewohnt",
    "66": "gemeindefreies Gebiet, unbewohnt",
}
"""Not municipalities: their area counts for the district, nobody there can be asked."""

NAME_WIDTH = 50  # longer names are cut off in the file
_MAX_PROBLEMS = 10  # a file of another kind is wrong in every line; ten examples are enough
ORIGINAL = Text(
    "Die Datei unverändert verwenden, wie sie veröffentlicht ist; Spalten ab 1 gezählt.",
    "Use the file exactly as published; columns are counted from 1.",
)


@dataclass(frozen=True, slots=True)
class GvRecord:
    """One line of the file; what a line of its kind does not hold is None."""

    line: int  # counted from 1
    kind: Kind
    date: dt.date  # territorial status
    key: str  # digits of the AGS as far as the kind reaches: 2 (Land) to 8 (municipality)
    association: str  # four digits of the Gemeindeverband; empty above it
    name: str
    seat: str  # of the administration; empty where the file gives none
    type_code: str  # Textkennzeichen; empty for Land, Regierungsbezirk and Region
    area_ha: int | None  # hectares
    population: int | None  # inhabitants
    male: int | None  # of which male
    postcode: str | None  # of the seat of the administration
    several_postcodes: bool  # the municipality has more than that one


def read_gv100ad(path: Path, *, name: str | None = None) -> tuple[GvRecord, ...]:
    """Read a GV100AD file: UTF-8 or Latin-1, lines ended by CRLF or LF.

    Parameters
    ----------
    path
        The file as published, or an excerpt of whole lines.
    name
        How messages call it; its own name by default.

    Returns
    -------
    tuple of GvRecord
        One per line, in the order of the file.

    Raises
    ------
    InputError
        The file is missing, empty or in another encoding; a line has an unknown record type or
        date, something else than digits where digits belong, more men than inhabitants, or a key
        that stood before. Names line and columns; stops after ten problems.
    """
    name = name or path.name
    records: list[GvRecord] = []
    problems: list[Problem] = []
    for number, line in enumerate(_text(path, name).split("\n"), start=1):
        text = line.removesuffix("\r")
        if not text.strip():
            continue
        try:
            records.append(_Line(text, number, name).record())
        except InputError as error:
            problems += error.problems
        if len(problems) >= _MAX_PROBLEMS:
            break
    raise_if(problems)
    raise_if(_repeated(records, name))
    if not records:
        raise InputError.of("Die Datei ist leer.", "The file is empty.", file=name, hint=ORIGINAL)
    return tuple(records)


def _text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError.of(
            "Diese Datei fehlt.",
            "This file is missing.",
            file=name,
            hint=Text(f"Gesucht wurde {path}.", f"Looked for {path}."),
        ) from None
    except OSError as error:
        raise InputError.of(
            f"Nicht lesbar: {error.strerror}.", f"Cannot be read: {error.strerror}.", file=name
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    # Latin-1 accepts every byte; the code pages of DOS put their umlauts where it has control characters.
    strange = next(
        (i for i, line in enumerate(text.split("\n"), start=1) if any("\x80" <= c <= "\x9f" for c in line)), 0
    )
    if strange:
        raise InputError.of(
            "Weder UTF-8 noch Latin-1.",
            "Neither UTF-8 nor Latin-1.",
            file=name,
            line=strange,
            hint=Text("Die Datei als UTF-8 speichern.", "Save the file as UTF-8."),
        )
    return text


@dataclass(frozen=True, slots=True)
class _Line:
    """A line and the ways to read its columns; each tells where it fails."""

    text: str
    number: int
    file: str

    def record(self) -> GvRecord:
        kind, length = self._kind()
        place = kind == "municipality"
        population = self._number(140, 150, "population") if place else None
        male = self._number(151, 161, "male") if place else None
        if population is not None and male is not None and male > population:
            raise self._wrong(
                151, 161, "male", f"{male} von {population} Einwohnern", f"{male} of {population} inhabitants"
            )
        return GvRecord(
            line=self.number,
            kind=kind,
            date=self._date(),
            key=self._digits(11, 10 + length, "key"),
            association=self._digits(19, 22, "association") if place or kind == "association" else "",
            name=self._name(),
            seat=_single_spaced(self.cut(73, 122)),
            type_code=self._type_code(kind),
            area_ha=self._number(129, 139, "area") if place else None,
            population=population,
            male=male,
            postcode=self._digits(166, 170, "postcode") if place and self.cut(166, 170).strip() else None,
            several_postcodes=place and self.cut(171, 175) == "*****",
        )

    def cut(self, first: int, last: int) -> str:
        """Return what stands from column `first` to column `last`, both counted from 1 and included."""
        return self.text[first - 1 : last]

    def _kind(self) -> tuple[Kind, int]:
        code = self.cut(1, 2)
        if code in _KINDS:
            return _KINDS[code]
        raise InputError.of(
            f"{code!r} ist keine Satzart.",
            f"{code!r} is no record type.",
            file=self.file,
            line=self.number,
            field=_columns(1, 2, "record type"),
            hint=Text(
                f"Möglich sind {', '.join(_KINDS)}. Ist es die Datei GV100AD mit fester Satzlänge, keine Tabelle?",
                f"Possible: {', '.join(_KINDS)}. Is it the file GV100AD with fixed width, not a table?",
            ),
        )

    def _date(self) -> dt.date:
        digits = self._digits(3, 10, "date")
        try:
            return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            raise self._wrong(3, 10, "date", f"{digits!r} ist kein Tag", f"{digits!r} is no day") from None

    def _digits(self, first: int, last: int, what: str) -> str:
        value = self.cut(first, last)
        if len(value) == last - first + 1 and value.isascii() and value.isdigit():
            return value
        raise self._wrong(
            first,
            last,
            what,
            f"{value!r} statt {last - first + 1} Ziffern",
            f"{value!r} instead of {last - first + 1} digits",
        )

    def _number(self, first: int, last: int, what: str) -> int:
        return int(self._digits(first, last, what))

    def _name(self) -> str:
        name = _single_spaced(self.cut(23, 72))
        if name:
            return name
        raise self._wrong(23, 72, "name", "Der Name fehlt", "The name is missing")

    def _type_code(self, kind: Kind) -> str:
        code = self.cut(123, 124).strip()
        known = {"district": DISTRICT_TYPES, "municipality": {**MUNICIPALITY_TYPES, **UNINCORPORATED}}.get(kind)
        if known is None or code in known:
            return code
        possible = ", ".join(known)
        raise self._wrong(123, 124, "type", f"{code!r} ist nicht unter {possible}", f"{code!r} is not among {possible}")

    def _wrong(self, first: int, last: int, what: str, de: str, en: str) -> InputError:
        return InputError.of(
            f"{de}.", f"{en}.", file=self.file, line=self.number, field=_columns(first, last, what), hint=ORIGINAL
        )


def _columns(first: int, last: int, what: str) -> str:
    return f"{what} ({first}–{last})"


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _repeated(records: Iterable[GvRecord], name: str) -> Iterator[Problem]:
    """Yield a problem for every district or municipality that stands twice."""
    first: dict[tuple[Kind, str], int] = {}
    for record in records:
        if record.kind not in {"district", "municipality"}:
            continue
        before = first.setdefault((record.kind, record.key), record.line)
        if before != record.line:
            message = Text(
                f"{record.key} {record.name} steht zweimal (zuerst in Zeile {before}).",
                f"{record.key} {record.name} stands twice (first in line {before}).",
            )
            yield Problem(message, name, record.line, _columns(11, 18, "key"), ORIGINAL)
