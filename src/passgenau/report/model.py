"""One report as a value; the writers turn it into HTML, PDF and DOCX with the same content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passgenau.text import Lang


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text."""

    text: str
    strong: bool = False
    emphasis: bool = False
    lang: Lang | None = None  # where it differs from the report's language
    link: str | None = None  # id of a section, figure or table of this report


Inline: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    content: Inline


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[Inline, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Callout:
    """A statement that must be seen."""

    kind: Literal["message", "caution", "note"]
    title: str
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number with its context, for the first page."""

    value: str
    label: str
    context: str  # base, population, interval, method in words


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Key figures side by side."""

    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A data table. The first `header_columns` cells of a row are row headers."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    align: tuple[Literal["left", "right"], ...]
    header_columns: int = 1
    note: str | None = None
    wide: bool = False  # better on a landscape page or scrolled
    collapsed: bool = False  # data table of a figure: folded away in HTML, in the annex of PDF/DOCX


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its text alternative and its data table."""

    id: str
    caption: str
    alt: str  # says what the figure shows, with the numbers that matter
    svg: str = field(repr=False)  # one page of outlines: no fonts, no scripts, no links
    width: float  # share of the text width, 0–1
    data: Table
    note: str | None = None
    data_in: tuple[str, ...] = ()  # tables of the report that hold the same numbers: print repeats them no second time


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page in print."""


Element: TypeAlias = "Paragraph | Bullets | Callout | KeyFigures | Table | Figure | PageBreak"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what stands below it, and its subsections."""

    id: str
    title: str
    elements: tuple[Element, ...]
    sections: tuple[Section, ...] = ()
    numbered: bool = True
    annex: bool = False
    own_page: bool = False  # starts on a new page in print, however short it is


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language."""

    lang: Lang
    title: str
    subtitle: str
    banner: str | None  # stands on the first page and in the head of every page
    meta: tuple[tuple[str, str], ...]  # what the imprint says: survey, state of data, version
    summary: Section  # the first page, for a mayor
    sections: tuple[Section, ...]
    attribution: tuple[str, ...]  # sources that must be named
    version: str
