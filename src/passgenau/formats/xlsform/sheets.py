"""The sheets of an XLSForm as rows of named cells, read through pyxform and written with XlsxWriter."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]  # ships no types
from babel import Locale, UnknownLocaleError
from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # ships no types
from pyxform.xls2json_backends import get_xlsform  # type: ignore[import-untyped]  # ships no types

from passgenau.errors import InputError
from passgenau.formats.intake import MAX_STRUCTURE, decode, open_workbook
from passgenau.formats.keeping import KEY, code_of, guess_language
from passgenau.text import Text
from passgenau.translations import LANGUAGE, Translations

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = "xlsform"
TRANSLATED = frozenset({"label", "hint", "guidance_hint", "constraint_message", "required_message"})
_MEDIA = frozenset({"media", "image", "audio", "video", "big-image"})
_ALIASES = {
    "caption": "label",
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "bind::constraint": "constraint",
    "bind::required": "required",
    "bind::calculate": "calculation",
    "calculate": "calculation",
    "command": "type",
    "constraining_message": "constraint_message",
    "list_name": "list_name",
    "read_only": "readonly",
    "value": "name",
    "tag": "name",
}
_LANGUAGES = {
    "deutsch": "de",
    "german": "de",
    "english": "en",
    "englisch": "en",
    "français": "fr",
    "francais": "fr",
    "french": "fr",
    "italiano": "it",
    "español": "es",
    "espanol": "es",
    "spanish": "es",
    "türkçe": "tr",
    "polski": "pl",
    "nederlands": "nl",
    "português": "pt",
}
_MAX_CELL = 32_767  # characters that a spreadsheet holds in one cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its cells by column, its texts by column and language."""

    number: int  # in the sheet, the header being row 1
    cells: dict[str, str]
    texts: dict[str, dict[str, str]]  # by column: wording by language as the header spells it, "" without one
    carried: dict[str, Any]

    def get(self, column: str) -> str:
        """Return a cell, empty where there is none."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheets:
    """The three sheets of a form."""

    survey: list[Row]
    choices: list[Row]
    settings: dict[str, str]
    carried: dict[str, Any]  # of the whole form


def read_sheets(content: bytes, name: str) -> Sheets:
    """Return the sheets of a form in .xlsx, .xls, .csv or .md.

    Raises
    ------
    InputError
        It is no such file, is damaged, or has no sheet “survey”.
    """
    if content.startswith(b"PK"):
        open_workbook(content, name, MAX_STRUCTURE)
        data: bytes | str = content
        kind = ".xlsx"
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        data, kind = content, ".xls"
    else:
        text = decode(content, name).text.removeprefix("\ufeff")
        kind = ".md" if text.lstrip().startswith("|") else ".csv"
        data = text.encode()
    try:
        found = get_xlsform(data, file_type=kind)
    except Exception as error:  # noqa: BLE001 -- openpyxl and xlrd raise anything on a damaged workbook
        raise _unreadable(name, error) from None
    if not found.survey:
        raise InputError.of(
            "Das ist kein XLSForm: Das Blatt „survey“ fehlt oder ist leer.",
            "This is no XLSForm: the sheet “survey” is missing or empty.",
            file=name,
            hint=Text(
                "Ein XLSForm hat die Blätter survey, choices und settings.",
                "An XLSForm has the sheets survey, choices and settings.",
            ),
        )
    settings = _rows(found.settings or [], name)
    first = settings[0] if settings else Row(2, {}, {}, {})
    return Sheets(_rows(found.survey, name), _rows(found.choices or [], name), first.cells, first.carried)


def _unreadable(name: str, error: Exception) -> InputError:
    said = str(error) if isinstance(error, PyXFormError) else type(error).__name__
    return InputError.of(
        f"Die Tabelle lässt sich nicht lesen: {said}.",
        f"The workbook cannot be read: {said}.",
        file=name,
        hint=Text("Noch einmal als .xlsx speichern, ohne Kennwort.", "Save it once more as .xlsx, without a password."),
    )


def _rows(rows: Iterable[dict[str, Any]], name: str) -> list[Row]:
    return [_row(row, number, name) for number, row in enumerate(rows, 2) if row]


def _row(row: dict[str, Any], number: int, name: str) -> Row:
    cells: dict[str, str] = {}
    texts: dict[str, dict[str, str]] = {}
    carried: dict[str, Any] = {}
    for header, value in row.items():
        text = "" if value is None else str(value).strip()
        if not text:
            continue
        column, language = split_header(str(header))
        if column == KEY:
            carried = _carried(text, number, name)
        elif column in TRANSLATED or language is not None:
            texts.setdefault(column, {})[language or ""] = text
        else:
            cells[column] = text
    return Row(number, cells, texts, carried)


def _carried(text: str, number: int, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError.of(
            f"Die Spalte „{KEY}“ enthält kein gültiges JSON.",
            f"The column “{KEY}” holds no valid JSON.",
            file=name,
            line=number,
            hint=Text(
                "Die Zelle leeren; dann gilt, was in den übrigen Spalten steht.",
                "Empty the cell; what the other columns say then counts.",
            ),
        )
    return value


def split_header(header: str) -> tuple[str, str | None]:
    """Return the column that a header names, and the language behind it."""
    plain = re.sub(r"\s+", "_", header.strip().lower()) if ":" not in header else header.strip()
    if plain.lower() in _ALIASES:
        return _ALIASES[plain.lower()], None
    parts = [part.strip() for part in re.split(r"::?", header.strip())]
    column = re.sub(r"\s+", "_", parts[0].lower())
    column = _ALIASES.get(column, column)
    if len(parts) > 1 and (column in TRANSLATED or column in _MEDIA):
        return (column, parts[1]) if column != "media" else (f"media::{parts[1]}", parts[2] if parts[2:] else "")
    return ("::".join([column, *parts[1:]]), None)


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages of a form: the code of every name that its headers use, the leading one first."""

    codes: dict[str, str]  # by the spelling in headers; "" is the code of columns without a language
    guessed: bool

    @property
    def all(self) -> tuple[str, ...]:
        """The codes, the leading one first."""
        return tuple(dict.fromkeys(self.codes.values()))

    def text(self, row: Row, column: str) -> Translations | None:
        """Return a text of a row; None where it says nothing."""
        found = row.texts.get(column, {})
        said = {self.codes[spelling]: wording for spelling, wording in found.items() if spelling in self.codes}
        order = [code for code in self.all if code in said]
        return Translations.of({code: said[code] for code in order}) if order else None


def languages_of(sheets: Sheets) -> Languages:
    """Return the languages of a form; German or English by its words where nothing names one."""
    used = dict.fromkeys(
        language for row in (*sheets.survey, *sheets.choices) for texts in row.texts.values() for language in texts
    )
    stated = sheets.settings.get("default_language", "")
    taken: set[str] = set()
    codes: dict[str, str] = {}
    guessed = False
    named = [language for language in used if language]
    order = [stated] if stated else []
    for language in [*order, *named]:
        if language not in codes:
            codes[language] = _code(language, taken)
            taken.add(codes[language])
    if "" in used or not codes:
        if stated:
            codes[""] = codes[stated]
        else:
            words = [t.get("", "") for row in (*sheets.survey, *sheets.choices) for t in row.texts.values()]
            code, guessed = guess_language(words), True
            codes = {"": code if code not in taken else "und", **codes}
    listed = sheets.carried.get("languages")
    if isinstance(listed, list):
        places = {code: place for place, code in enumerate(listed) if isinstance(code, str)}
        codes = dict(sorted(codes.items(), key=lambda entry: places.get(entry[1], len(places))))
    return Languages(codes, guessed)


def _code(language: str, taken: set[str]) -> str:
    """Return the code of a language: what stands in brackets, a code by itself, or that of a known name."""
    inside = re.search(r"\(([^()]+)\)\s*$", language)
    name = language.split("(", maxsplit=1)[0].strip().lower()
    for candidate in (inside.group(1).strip() if inside else "", language.strip(), _LANGUAGES.get(name, "")):
        if LANGUAGE.match(candidate) and candidate not in taken:
            return candidate
    return f"und-{code_of(name, taken).replace('_', '')}"


def header_of(language: str) -> str:
    """Return how headers spell a language: its own name and the code, as ODK recommends."""
    try:
        name = Locale.parse(language.split("-", maxsplit=1)[0]).get_language_name(language.split("-", maxsplit=1)[0])
    except (UnknownLocaleError, ValueError):
        name = None
    return f"{(name or language).capitalize() if name else language} ({language})"


def write_sheets(sheets: dict[str, list[dict[str, str]]], first: dict[str, list[str]]) -> bytes:
    """Return a workbook, the same bytes for the same rows; `first` says which columns stand in front."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        columns = list(dict.fromkeys([*first[name], *(column for row in rows for column in row)]))
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column)
        for number, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                if row.get(column):
                    sheet.write_string(number, place, _fits(row[column], name, number))
    book.close()
    return out.getvalue()


def _fits(text: str, sheet: str, number: int) -> str:
    if len(text) > _MAX_CELL:
        raise InputError.of(
            f"Ein Text hat {len(text)} Zeichen; eine Tabelle fasst {_MAX_CELL} je Zelle.",
            f"A text has {len(text)} characters; a workbook holds {_MAX_CELL} per cell.",
            file=sheet,
            line=number + 1,
            hint=Text("Den Text kürzen oder als SurveyJS ausgeben.", "Shorten the text, or write SurveyJS."),
        )
    return text
