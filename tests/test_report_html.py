"""The HTML writer: one file, no scripts, nothing loaded, and markup that assistive technology understands."""

from __future__ import annotations

import base64
import itertools
import re

import pytest
from lxml import html as lxml_html
from report_sample import HOSTILE, sample, sentences

from passgenau.report import write_html


@pytest.fixture(scope="module")
def source() -> str:
    return write_html(sample())


@pytest.fixture(scope="module")
def page(source: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(source)


def test_it_contains_no_scripts(page: lxml_html.HtmlElement) -> None:
    assert page.xpath("//script | //iframe | //object | //embed | //form | //@onclick | //@onload") == []


def test_it_loads_nothing(page: lxml_html.HtmlElement, source: str) -> None:
    assert page.xpath("//link | //base") == []
    assert [src for src in page.xpath("//@src") if not src.startswith("data:")] == []
    assert [href for href in page.xpath("//@href") if not href.startswith("#")] == []
    style = page.xpath("//style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in source


def test_its_pictures_are_whole_and_alone(page: lxml_html.HtmlElement) -> None:
    (src,) = page.xpath("//figure//img/@src")
    svg = base64.b64decode(src.removeprefix("data:image/svg+xml;base64,")).decode()
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")


def test_no_id_stands_twice(page: lxml_html.HtmlElement) -> None:
    ids = page.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))


def test_every_link_leads_somewhere(page: lxml_html.HtmlElement) -> None:
    targets = {href.removeprefix("#") for href in page.xpath("//a/@href")}
    assert {"content", "tab-shares", "second"} <= targets
    assert targets <= set(page.xpath("//@id"))


def test_it_has_one_main_heading_and_skips_no_level(page: lxml_html.HtmlElement) -> None:
    levels = [int(h.tag[1]) for h in page.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_it_has_landmarks_and_a_skip_link(page: lxml_html.HtmlElement) -> None:
    assert [len(page.xpath(f"//{tag}")) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.xpath("//nav/@aria-label") == ["Inhalt"]
    first = page.xpath("//body//a")[0]
    assert (first.get("href"), first.text) == ("#content", "Zum Inhalt springen")


def test_its_tables_have_captions_and_scopes(page: lxml_html.HtmlElement) -> None:
    tables = page.xpath("//table")
    assert len(tables) == 3
    for table in tables:
        assert len(table.xpath("caption")) == 1
        assert set(table.xpath("thead/tr/th/@scope")) == {"col"}
        rows = table.xpath("tbody/tr")
        assert all(row.xpath("th/@scope") == ["row"] for row in rows)
        assert {len(row.xpath("th | td")) for row in rows} == {len(table.xpath("thead/tr/th"))}


def test_wide_tables_scroll_in_a_named_box_that_the_keyboard_reaches(page: lxml_html.HtmlElement) -> None:
    (box,) = page.xpath("//div[@class='scroll']")
    assert box.get("tabindex") == "0"
    assert box.get("role") == "region"
    assert page.get_element_by_id(box.get("aria-labelledby")).tag == "caption"


def test_figures_have_text_alternatives_and_their_data(page: lxml_html.HtmlElement) -> None:
    (figure,) = page.xpath("//figure")
    assert figure.xpath(".//img/@alt") == [f"Pflege 46 %. {HOSTILE[0]}"]
    assert figure.xpath("figcaption//text()")[0] == "Abbildung 1:"
    assert len(figure.xpath("details/summary")) == 1
    assert len(figure.xpath("details//table")) == 1


@pytest.mark.parametrize("lang", ["de", "en"])
def test_it_marks_its_language_and_runs_in_the_other(lang: str) -> None:
    page = lxml_html.document_fromstring(write_html(sample(lang)))  # type: ignore[arg-type]
    assert page.get("lang") == lang
    assert page.xpath("//main//span[@lang]/@lang") == ["en" if lang == "de" else "de"]


def test_every_text_stands_in_it_unchanged(page: lxml_html.HtmlElement) -> None:
    text = squeezed(page.text_content())
    missing = [s for s in sentences(sample()) if squeezed(s) not in text]
    assert missing == []


def test_hostile_text_stays_text(source: str) -> None:
    assert "<script" not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in source
    assert source.count("</style>") == 1


def test_the_same_report_gives_the_same_document() -> None:
    assert write_html(sample()) == write_html(sample())


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
