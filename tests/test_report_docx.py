"""The DOCX writer: real headings, lists, captions and fields; language and alternative texts set."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from report_sample import HOSTILE, sample, sentences

from passgenau.report import write_docx


@pytest.fixture(scope="module")
def content() -> bytes:
    return write_docx(sample())


@pytest.fixture(scope="module")
def document(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def test_its_headings_use_the_built_in_styles(document: Document) -> None:
    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith(("Title", "Heading"))]
    assert headings == [
        ("Title", f"Bericht {HOSTILE[0]}"),
        ("Heading 1", "Auf einen Blick"),
        ("Heading 1", "Erstens"),
        ("Heading 2", f"Unterpunkt {HOSTILE[4]}"),
        ("Heading 1", "Zweitens"),
        ("Heading 1", "Anhang"),
        ("Heading 1", "Daten zu den Abbildungen"),
        ("Heading 1", "Zu diesem Bericht"),
        ("Heading 2", "Quellen der Daten"),
    ]


def test_headings_number_themselves(document: Document) -> None:
    assert document.styles["Heading 1"].element.find(f".//{qn('w:numId')}").get(qn("w:val")) == "900"
    numbers = {
        p.text: p._p.find(f"./{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
        for p in document.paragraphs
        if p.style.name == "Heading 1"
    }
    assert numbers["Erstens"] is None  # takes the style's own numbering
    assert numbers["Anhang"].get(qn("w:val")) == "901"
    assert numbers["Auf einen Blick"].get(qn("w:val")) == "0"


def test_its_lists_are_lists(document: Document) -> None:
    styles = [p.style.name for p in document.paragraphs]
    assert styles.count("List Number") == 2
    assert styles.count("List Bullet") >= 2


def test_its_captions_count_by_fields(document: Document) -> None:
    captions = [p for p in document.paragraphs if p.style.name == "Caption"]
    fields = ["".join(t.text for t in p._p.iter(qn("w:instrText"))).strip() for p in captions]
    assert fields == ["SEQ Tabelle \\* ARABIC", "SEQ Abbildung \\* ARABIC", "SEQ Tabelle \\* ARABIC", ""]
    assert captions[1].text.startswith("Abbildung\u00a01: Was gewünscht wird")


def test_it_has_a_field_for_the_contents_filled_with_the_headings(document: Document) -> None:
    instructions = [t.text for t in document.element.iter(qn("w:instrText"))]
    assert any(i.strip().startswith("TOC") for i in instructions)
    assert "1 Erstens" in [p.text for p in document.paragraphs]


def test_its_pictures_have_text_alternatives(document: Document) -> None:
    described = [p.get("descr") for p in document.element.iter(qn("wp:docPr"))]
    assert described == [f"Pflege 46 %. {HOSTILE[0]}"]


def test_table_heads_repeat_and_rows_do_not_split(document: Document) -> None:
    assert len(document.tables) == 3
    for table in document.tables:
        first, *rest = table._tbl.tr_lst
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in (first, *rest))


@pytest.mark.parametrize(("lang", "code", "other"), [("de", "de-DE", "en-GB"), ("en", "en-GB", "de-DE")])
def test_its_language_is_set_in_the_styles_and_in_runs_that_differ(lang: str, code: str, other: str) -> None:
    document = docx.Document(io.BytesIO(write_docx(sample(lang))))  # type: ignore[arg-type]
    assert {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))} == {code}
    assert [e.get(qn("w:val")) for e in document.element.body.iter(qn("w:lang"))] == [other]
    assert document.core_properties.language == code


def test_its_properties_carry_title_and_fixed_dates(document: Document) -> None:
    core = document.core_properties
    assert (core.title, core.created, core.modified) == (sample().title, core.modified, core.created)
    assert core.created is not None
    assert core.created.year == 2000


def test_its_page_is_a4_with_banner_and_page_numbers(document: Document) -> None:
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert section.header.paragraphs[0].text == "Musterrechnung"
    fields = [t.text.strip() for t in section.footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]


ORDER = {
    "pPr": ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "numPr", "pBdr", "shd", "spacing", "ind", "jc"],
    "rPr": ["b", "i", "color", "sz", "u", "lang"],
    "tcPr": ["tcW", "shd"],
    "trPr": ["cantSplit", "tblHeader"],
    "tblPr": ["tblW", "tblBorders", "tblLayout", "tblCellMar", "tblLook", "tblCaption"],
}


@pytest.mark.parametrize("name", ORDER)
def test_properties_stand_in_the_order_of_the_schema(document: Document, name: str) -> None:
    # Word refuses documents whose properties stand in another order; python-docx does not.
    groups = [[child.tag.split("}")[1] for child in e] for e in document.element.body.iter(qn(f"w:{name}"))]
    assert groups
    for found in groups:
        assert found == [tag for tag in ORDER[name] if tag in found]


def test_numbering_stands_where_the_schema_wants_it_in_heading_styles(document: Document) -> None:
    schema = ["keepNext", "keepLines", "pageBreakBefore", "numPr", "spacing", "outlineLvl"]
    for level in (1, 2, 3):
        tags = [child.tag.split("}")[1] for child in document.styles[f"Heading {level}"].element.pPr]
        assert tags == [tag for tag in schema if tag in tags]


def test_every_internal_link_has_its_bookmark(document: Document) -> None:
    anchors = {e.get(qn("w:anchor")) for e in document.element.iter(qn("w:hyperlink"))}
    names = [e.get(qn("w:name")) for e in document.element.iter(qn("w:bookmarkStart"))]
    assert anchors <= set(names)
    assert len(names) == len(set(names))


def test_every_text_stands_in_it_unchanged(document: Document) -> None:
    text = squeezed(" ".join(_paragraph_text(p) for p in document.element.body.iter(qn("w:p"))))
    missing = [s for s in sentences(sample()) if squeezed(s) not in text]
    assert missing == []


def test_signs_that_xml_cannot_hold_are_dropped() -> None:
    document = docx.Document(
        io.BytesIO(write_docx(replace(sample(), subtitle="a\x00b\x0bc", title="\x01", banner="\x02")))
    )
    assert document.paragraphs[1].text == "abc"


def test_the_same_report_gives_the_same_bytes(content: bytes) -> None:
    assert write_docx(sample()) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def _paragraph_text(paragraph: object) -> str:
    return "".join(t.text or "" for t in paragraph.iter(qn("w:t")))  # type: ignore[attr-defined]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
