"""The PDF writer: tagged PDF/UA with title and language; no text is taken for markup."""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
from dataclasses import replace

import pikepdf
import pytest
from report_sample import HOSTILE, sample, sentences

from passgenau.report import write_html, write_pdf
from passgenau.report.model import Bullets, Figure, Paragraph, Section, Span, Table
from passgenau.report.outline import closing_sections


@pytest.fixture(scope="module")
def content() -> bytes:
    return write_pdf(sample())


@pytest.fixture(scope="module")
def pdf(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def tags(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return all structure elements, depth first."""
    found: list[pikepdf.Dictionary] = []

    def visit(node: pikepdf.Object) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                visit(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                visit(node.K)

    visit(pdf.Root.StructTreeRoot.K)
    return found


def test_it_says_that_it_is_pdf_ua_1(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert bool(pdf.Root.MarkInfo.Marked)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_it_carries_title_and_language(lang: str) -> None:
    report = sample(lang)  # type: ignore[arg-type]
    pdf = pikepdf.open(io.BytesIO(write_pdf(report)))
    assert str(pdf.Root.Lang).startswith(lang)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == report.title


def test_it_is_tagged_with_headings_lists_tables_and_figures(pdf: pikepdf.Pdf) -> None:
    names = {str(tag.S) for tag in tags(pdf)}
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Figure", "/Caption", "/Link"} <= names


def test_its_figure_has_a_text_alternative(pdf: pikepdf.Pdf) -> None:
    alternatives = [str(tag.Alt) for tag in tags(pdf) if str(tag.S) == "/Figure" and "/Alt" in tag]
    assert f"Pflege 46 %. {HOSTILE[0]}" in alternatives


def test_it_has_bookmarks(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert any("Erstens" in title for title in titles)


def test_it_is_a4(pdf: pikepdf.Pdf) -> None:
    left, bottom, right, top = (float(x) for x in pdf.pages[0].mediabox)
    assert (round(right - left), round(top - bottom)) == (595, 842)


def test_every_text_stands_in_it_as_in_the_html(content: bytes) -> None:
    text = bare(extracted(content))
    missing = [s for s in sentences(sample()) if bare(s) not in text]
    assert missing == []


def test_every_page_carries_the_banner_and_its_number(content: bytes) -> None:
    pages = extracted(content).split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert page.lstrip().startswith("Musterrechnung")
        assert f"Seite {number} von {len(pages)}" in page


def test_the_head_of_a_long_table_repeats(content: bytes) -> None:
    pages = [p for p in extracted(content).split("\f") if re.search(r"^\s*Thema \d+ ", p, re.MULTILINE)]
    assert len(pages) > 1
    assert all("Bemerkung" in page for page in pages)


def test_the_same_report_gives_the_same_bytes(content: bytes) -> None:
    assert write_pdf(sample()) == content


def test_a_link_to_nowhere_is_found_before_anything_is_written() -> None:
    report = sample()
    lost = Section("lost", "Verirrt", (Paragraph((Span("hier", link="nowhere"),)),))
    for write in (write_pdf, write_html):
        with pytest.raises(ValueError, match="nowhere"):
            write(replace(report, sections=(*report.sections, lost)))


def test_two_parts_with_one_id_are_found_before_anything_is_written() -> None:
    report = sample()
    with pytest.raises(ValueError, match="second"):
        write_pdf(replace(report, sections=(*report.sections, report.sections[1])))


def extracted(content: bytes) -> str:
    done = subprocess.run(["/usr/bin/pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def bare(text: str) -> str:
    """Return the letters and signs alone: line breaks, hyphenation and spaces differ in print."""
    plain = unicodedata.normalize("NFKC", text).replace("\u00ad", "").replace("-", "")
    return re.sub(r"\s+", "", plain)


def test_a_mark_that_the_fonts_lack_is_printed_as_a_missing_sign() -> None:
    report = replace(sample(), subtitle="Ziffer 0\U0001cf00 und Ka\u0308se")
    assert "Ziffer 0\ufffd und Käse" in extracted(write_pdf(report))


def test_numbers_that_stand_in_a_table_already_are_not_printed_twice() -> None:
    report = sample()
    first = report.sections[0]
    figure = next(e for e in first.sections[0].elements if isinstance(e, Figure))
    told = replace(first.sections[0], elements=(replace(figure, data_in=("tab-shares",)),))
    (data, _imprint) = closing_sections(
        replace(report, sections=(replace(first, sections=(told,)), *report.sections[1:]))
    )
    ((line,),) = (e.items for e in data.elements if isinstance(e, Bullets))
    assert "".join(span.text for span in line) == "Abbildung\u00a01 (Was gewünscht wird): Tabelle\u00a01"
    assert line[-1].link == "tab-shares"
    assert not any(isinstance(e, Table) for e in data.elements)
