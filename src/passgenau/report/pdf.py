"""A tagged PDF/UA-1 through Typst. Texts travel as JSON data; the template evaluates none of them."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import typst

from passgenau.report import labels
from passgenau.report.model import Figure, KeyFigures, Section, Table
from passgenau.report.outline import closing_sections, column_weights, figures_of, outline, table_label

_SHORT_ROWS, _SHORT_TEXT = 12, 1800  # rows and signs; a table within both stands on one page
_UNKNOWN_SIGN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")

if TYPE_CHECKING:
    from passgenau.report.model import Element, Report
    from passgenau.report.outline import Outline


def write_pdf(report: Report) -> bytes:
    """Return the report as PDF/UA-1: tagged, with title, language, bookmarks and alternative texts.

    Only fonts that ship with Typst are used, and no clock is read, so that the same report gives
    the same bytes on every machine.

    Parameters
    ----------
    report
        The report. Links to ids that do not exist raise `ValueError`.

    Returns
    -------
    bytes
        The file.
    """
    sources = {"main.typ": _template(), "data.json": json.dumps(_payload(report), ensure_ascii=False).encode()}
    sources |= {f"{figure.id}.svg": figure.svg.encode() for figure in figures_of(report)}
    return compiled(sources)


def compiled(sources: dict[str, bytes]) -> bytes:
    """Return what Typst makes of a template, its `data.json` and its pictures, as PDF/UA-1.

    PDF/UA allows no sign without a picture of it. Signs that the fonts lack, such as emoji in the texts of
    another tool, are printed as U+FFFD, which readers know as “a sign that is missing here”.
    """
    while True:
        try:
            return typst.compile(sources, pdf_standards=["ua-1"], ignore_system_fonts=True, timestamp=0)  # type: ignore[no-any-return, call-overload]
        except typst.TypstError as error:
            data = sources["data.json"].decode()
            shown = _without(data, _UNKNOWN_SIGN.findall(str(error)))
            if shown == data:
                shown = _without_marks(data)
            if shown == data:
                raise
            sources = sources | {"data.json": shown.encode()}


def _without(data: str, texts: list[str]) -> str:
    """Return the data with the signs of texts that cannot be displayed replaced."""
    signs = {sign for text in texts for sign in _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)}
    lost = {ord(sign): "\ufffd" for sign in signs if not sign.isascii() and sign != "\ufffd"}
    return data.translate(lost)


def _without_marks(data: str) -> str:
    """Return the data with combining marks replaced: of those, Typst names only the sign that they stand on."""
    composed = unicodedata.normalize("NFC", data)
    return "".join("\ufffd" if unicodedata.category(sign).startswith("M") else sign for sign in composed)


@cache
def _template() -> bytes:
    return files("passgenau.report").joinpath("templates/report.typ").read_bytes()


def _payload(report: Report) -> dict[str, Any]:
    numbers = outline(report)
    closing = closing_sections(report)
    return {
        "lang": report.lang,
        "title": report.title,
        "subtitle": report.subtitle,
        "banner": report.banner,
        "contents": labels.CONTENTS.into(report.lang),
        "page": labels.PAGE.into(report.lang),
        "of": labels.OF.into(report.lang),
        "summary": _section(report.summary, report, numbers),
        "sections": [_section(s, report, numbers) for s in (*report.sections, *closing)],
    }


def _section(section: Section, report: Report, numbers: Outline) -> dict[str, Any]:
    return {
        "id": section.id,
        "number": numbers.sections.get(section.id, ""),
        "title": section.title,
        "own_page": section.own_page,
        "elements": [_element(e, report, numbers) for e in section.elements],
        "sections": [_section(s, report, numbers) for s in section.sections],
    }


def _element(element: Element, report: Report, numbers: Outline) -> dict[str, Any]:
    kind = {"kind_of": type(element).__name__}
    if isinstance(element, Table):
        return kind | _table(element, report, numbers)
    if isinstance(element, Figure):
        label = f"{labels.FIGURE.into(report.lang)}\u00a0{numbers.figures[element.id]}:"
        return kind | {
            "id": element.id,
            "label": label,
            "caption": element.caption,
            "alt": element.alt,
            "width": element.width,
            "note": element.note,
        }
    if isinstance(element, KeyFigures):
        return kind | {"figures": [asdict(f) for f in element.figures]}
    return kind | asdict(element)


def _table(table: Table, report: Report, numbers: Outline) -> dict[str, Any]:
    return {
        "id": table.id,
        "label": table_label(table, numbers, report),
        "caption": table.caption,
        "columns": table.columns,
        "rows": [[[asdict(span) for span in cell] for cell in row] for row in table.rows],
        "align": table.align,
        "header_columns": table.header_columns,
        "note": table.note,
        "wide": table.wide,
        "weights": column_weights(table),
        "short": _is_short(table),
    }


def _is_short(table: Table) -> bool:
    """Return whether a table takes so little of a page that it is better not broken."""
    signs = sum(len(span.text) for row in table.rows for cell in row for span in cell)
    return len(table.rows) <= _SHORT_ROWS and signs <= _SHORT_TEXT
