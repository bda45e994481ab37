"""The HTML in a real browser, with scripts switched off: nothing overflows, the keyboard finds its way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from report_sample import sample

from passgenau.report import write_html

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(write_html(sample()), encoding="utf-8")
    return path


@pytest.fixture(params=[360, 1280])
def page(browser: Browser, file: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, viewport={"width": request.param, "height": 800})
    opened = context.new_page()
    requests: list[str] = []
    opened.on("request", lambda made: requests.append(made.url))
    opened.goto(file.as_uri())
    yield opened
    context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_the_page_does_not_scroll_sideways(page: Page) -> None:
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for name in ("header", "main", "footer", "h1", ".scroll", ".picture"):
        box = page.locator(name).first.bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width + 0.5, name


def test_the_first_stop_of_the_keyboard_is_the_skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.locator("a.skip:focus")
    assert skip.count() == 1
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_the_data_of_a_figure_unfold_without_scripts(page: Page) -> None:
    data = page.locator("figure details table")
    assert not data.is_visible()
    page.locator("figure details summary").click()
    assert data.is_visible()


def test_hostile_text_is_shown_as_text(page: Page) -> None:
    assert page.locator("h1").inner_text() == sample().title
