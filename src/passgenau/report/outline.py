"""The numbers of sections, figures and tables: counted once, so that all writers print the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from passgenau.report import labels
from passgenau.report.model import Bullets, Callout, Figure, Paragraph, Section, Span, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.report.model import Element, Inline, Report

_BREAKS = re.compile(r"[ \n–]+|(?<=\w{6})-")  # where a line may end; short marks such as A-01 stay whole
_NO_BREAK = "\u00a0"
_LONG_WORD = 18  # characters; longer words are hyphenated
_LONG_NAME = 48  # characters; the longest name of a variable that a table makes room for
_LONG_TEXT = 140  # characters; longer texts wrap
_BOLD = 1.12  # how much wider bold letters run
_LINE = 110  # characters that a table line holds in print
_WIDE_LINE = 122  # likewise, in the smaller letters of wide tables


@dataclass(frozen=True, slots=True)
class Outline:
    """Numbers by id."""

    sections: dict[str, str]  # "3.2", "A.1" in the annex, "" where unnumbered
    figures: dict[str, int]
    tables: dict[str, int]  # data tables of figures carry the figure's number instead


def walk(report: Report) -> Iterator[Section]:
    """Yield every section of a report in reading order, the summary first."""
    pending = [report.summary, *report.sections]
    while pending:
        section = pending.pop(0)
        yield section
        pending[:0] = section.sections


def outline(report: Report) -> Outline:
    """Return the numbers of a report's parts.

    Raises
    ------
    ValueError
        If two parts of the report share an id, or a link leads nowhere: a fault of the content.
    """
    sections = {report.summary.id: ""} | _numbered(report.sections)
    figures: dict[str, int] = {}
    tables: dict[str, int] = {}
    seen = list(_ids(report))
    if len(set(seen)) < len(seen):
        raise ValueError(f"ids used twice: {sorted({i for i in seen if seen.count(i) > 1})}")
    for section in walk(report):
        for element in section.elements:
            if isinstance(element, Figure):
                figures[element.id] = len(figures) + 1
            elif isinstance(element, Table):
                tables[element.id] = len(tables) + 1
    targets = {link for link in _links(report) if link not in seen}
    if targets:
        raise ValueError(f"links lead nowhere: {sorted(targets)}")
    return Outline(sections, figures, tables)


def _links(report: Report) -> Iterator[str]:
    for section in walk(report):
        for element in section.elements:
            for line in _lines(element):
                yield from (span.link for span in line if span.link)


def _lines(element: Element) -> tuple[Inline, ...]:
    if isinstance(element, Paragraph):
        return (element.content,)
    if isinstance(element, Bullets):
        return element.items
    if isinstance(element, Callout):
        return element.content
    if isinstance(element, Figure):
        return _lines(element.data)
    if isinstance(element, Table):
        return tuple(cell for row in element.rows for cell in row)
    return ()


def _ids(report: Report) -> Iterator[str]:
    for section in walk(report):
        yield section.id
        for element in section.elements:
            if isinstance(element, Figure | Table):
                yield element.id
            if isinstance(element, Figure):
                yield element.data.id


def _numbered(sections: tuple[Section, ...], prefix: str = "", *, annex: bool = False) -> dict[str, str]:
    out: dict[str, str] = {}
    plain = letters = 0
    for section in sections:
        if section.annex and not annex:
            letters += 1
            number = chr(ord("A") + letters - 1)
        elif section.numbered:
            plain += 1
            number = f"{prefix}{plain}"
        else:
            number = ""
        out[section.id] = number
        out |= _numbered(section.sections, f"{number}." if number else prefix, annex=annex or section.annex)
    return out


def figures_of(report: Report) -> tuple[Figure, ...]:
    """Return all figures in reading order."""
    return tuple(e for s in walk(report) for e in s.elements if isinstance(e, Figure))


def table_label(table: Table, numbers: Outline, report: Report) -> str:
    """Return “Tabelle 3:” or, for the data table of a figure, “Daten zu Abbildung 3:”."""
    if table.id in numbers.tables:
        return f"{labels.TABLE.into(report.lang)}{_NO_BREAK}{numbers.tables[table.id]}:"
    owner = next(f for f in figures_of(report) if f.data.id == table.id)
    return f"{labels.DATA.into(report.lang)} {labels.FIGURE.into(report.lang)}{_NO_BREAK}{numbers.figures[owner.id]}:"


def closing_sections(report: Report) -> tuple[Section, ...]:
    """Return what HTML folds away or puts in its foot: figure data, sources, imprint. For PDF and DOCX."""
    data = tuple(f.data for f in figures_of(report) if not f.data_in)
    sources = Bullets(tuple((Span(s),) for s in report.attribution))
    imprint = Bullets(tuple((Span(f"{name}: ", strong=True), Span(value)) for name, value in report.meta))
    named = Section("attribution", labels.ATTRIBUTION.into(report.lang), (sources,), numbered=False)
    out = (
        Section("figure-data", labels.FIGURE_DATA.into(report.lang), (*_data_elsewhere(report), *data), numbered=False),
        Section(
            "imprint",
            labels.IMPRINT.into(report.lang),
            (imprint,) if report.meta else (),
            (named,) if report.attribution else (),
            numbered=False,
        ),
    )
    return tuple(section for section in out if section.elements or section.sections)


def _data_elsewhere(report: Report) -> tuple[Bullets, ...]:
    """Return, for figures whose numbers stand in tables of the report, which tables these are."""
    numbers = outline(report)
    figure, table = labels.FIGURE.into(report.lang), labels.TABLE.into(report.lang)
    lines = []
    for each in figures_of(report):
        if each.data_in:
            spans = [Span(f"{figure}{_NO_BREAK}{numbers.figures[each.id]} ({each.caption}): ")]
            for id_ in each.data_in:
                spans += [Span(", ")] if len(spans) > 1 else []
                spans.append(Span(f"{table}{_NO_BREAK}{numbers.tables[id_]}", link=id_))
            lines.append(tuple(spans))
    return (Bullets(tuple(lines)),) if lines else ()


def _unbroken(word: str) -> int:
    """Return how much of a word stands on one line, in characters: names of variables are never hyphenated."""
    return min(len(word), _LONG_NAME) if "_" in word else min(len(word), _LONG_WORD)


def column_weights(table: Table) -> tuple[int, ...]:
    """Return how much room each column gets, in characters.

    Every column holds its longest word; what a full line has left goes to the columns with long texts.
    """
    least, wanted = [], []
    for index, head in enumerate(table.columns):
        texts = [head, *("".join(span.text for span in row[index]) for row in table.rows)]
        unbreakable = (lambda t: [t]) if table.align[index] == "right" else _BREAKS.split
        word = max((_unbroken(w) for t in texts[1:] for w in unbreakable(t)), default=0)
        bold = _BOLD if index < table.header_columns else 1.0
        heads = max((len(w) for w in _BREAKS.split(head)), default=0)
        least.append(round(max(bold * word, _BOLD * min(heads, _LONG_WORD), 3)) + 3)
        lengths = sorted(len(t) for t in texts)
        usual = max(lengths[ceil(0.85 * (len(lengths) - 1))], round(0.25 * lengths[-1]))
        wanted.append(max(least[-1], min(usual + 3, _LONG_TEXT)))
    spare = (_WIDE_LINE if table.wide else _LINE) - sum(least)
    asked = sum(w - m for w, m in zip(wanted, least, strict=True))
    if asked <= spare or asked == 0:
        return tuple(wanted)
    if spare <= 0:
        return tuple(least)
    return tuple(m + round(spare * (w - m) / asked) for w, m in zip(wanted, least, strict=True))
