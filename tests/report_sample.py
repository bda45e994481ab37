"""A small report by hand: every kind of element once, with texts that try to break out."""

from __future__ import annotations

from passgenau.report.model import (
    Bullets,
    Callout,
    Element,
    Figure,
    Inline,
    KeyFigure,
    KeyFigures,
    PageBreak,
    Paragraph,
    Report,
    Section,
    Span,
    Table,
)
from passgenau.text import Lang

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><b>&amp;&copy;</b>",
    '#eval("1+1") #import "x" @ref <label>',
    "$x^2$ \\ * _a_ `b` [c] {d} ~ // /* */",
    "= kein Titel",
    "\"Anführung\" 'so' {{ x }} {% raw %}",
)
SVG = (
    '<svg viewBox="0 0 200 100" width="200" height="100" xmlns="http://www.w3.org/2000/svg">'
    '<path d="M0,0 L200,0 L200,100 L0,100 Z" fill="#ffffff"/><path d="M10,50 L190,50" stroke="#12406b"/></svg>'
)


def line(*parts: str | Span) -> Inline:
    return tuple(Span(p) if isinstance(p, str) else p for p in parts)


def sample(lang: Lang = "de") -> Report:
    other: Lang = "en" if lang == "de" else "de"
    table = Table(
        "tab-shares",
        f"Anteile {HOSTILE[0]}",
        ("Thema", "Anteil", "Bemerkung"),
        tuple(
            line_of(f"Thema {i}", "46\u202f%", text) for i, text in enumerate(HOSTILE * 30)
        ),  # long enough to break over pages
        ("left", "right", "left"),
        note="21 von 35 antworteten.",
        wide=True,
    )
    data = Table(
        "fig-wishes-data", "Wünsche", ("Thema", "Anteil"), (line_of("Pflege", "46\u202f%"),), ("left", "right")
    )
    figure = Figure("fig-wishes", "Was gewünscht wird", f"Pflege 46 %. {HOSTILE[0]}", SVG, 0.8, data, note="Mit Linie.")
    words = line("Ein ", Span("starkes", strong=True), " Wort, ", Span("other words", lang=other), "; siehe ")
    first = Paragraph((*words, Span("die Tabelle", link="tab-shares"), Span(" und "), Span("Zweitens", link="second")))
    summary = Section(
        "summary",
        "Auf einen Blick",
        (
            first,
            KeyFigures((KeyFigure("392.000 €", "Pilot", "56 Kommunen"), KeyFigure("28 km", "Fahrt", "Median"))),
            Callout("caution", HOSTILE[1], (line(HOSTILE[2]), line("zweiter Absatz"))),
        ),
        numbered=False,
    )
    one = Section(
        "first",
        "Erstens",
        (Bullets((line("eins"), line(HOSTILE[3]))), Bullets((line("a"), line("b")), ordered=True), table),
        (Section("first-sub", f"Unterpunkt {HOSTILE[4]}", (figure, PageBreak(), Paragraph(line(HOSTILE[5])))),),
    )
    return Report(
        lang=lang,
        title=f"Bericht {HOSTILE[0]}",
        subtitle="Untertitel",
        banner="Musterrechnung",
        meta=(("Stand", "2018"),),
        summary=summary,
        sections=(
            one,
            Section("second", "Zweitens", (Paragraph(line("Ende.")), long_words())),
            Section("annex", "Anhang", (), annex=True),
        ),
        attribution=("Quelle: Register",),
        version="0.0",
    )


def long_words() -> Table:
    word = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
    return Table("tab-words", "Lange Wörter", ("Wort", "Was es heißt"), (line_of(word, word),), ("left", "left"))


def line_of(*cells: str) -> tuple[Inline, ...]:
    return tuple(line(cell) for cell in cells)


def sentences(report: Report) -> list[str]:
    """Return every text that a reader must find in each format."""
    found = [report.title, report.subtitle, *report.attribution]
    pending = [report.summary, *report.sections]
    while pending:
        section = pending.pop(0)
        pending += section.sections
        found += [section.title, *(text for element in section.elements for text in _texts(element))]
    return found


def _texts(element: Element) -> list[str]:  # noqa: PLR0911 -- one line per kind of element
    if isinstance(element, Paragraph):
        return [_plain(element.content)]
    if isinstance(element, Bullets):
        return [_plain(item) for item in element.items]
    if isinstance(element, Callout):
        return [element.title, *(_plain(item) for item in element.content)]
    if isinstance(element, KeyFigures):
        return [text for f in element.figures for text in (f.value, f.label, f.context)]
    if isinstance(element, Figure):
        return [element.caption, element.note or "", *_texts(element.data)]
    if isinstance(element, Table):
        cells = [_plain(cell) for row in element.rows for cell in row]
        return [element.caption, *element.columns, *cells, element.note or ""]
    return []


def _plain(words: Inline) -> str:
    return "".join(span.text for span in words)
