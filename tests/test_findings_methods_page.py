"""Every method that a result or a docstring names has its section in docs/methods.md."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
ANCHORS = {re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in HEADINGS}
ROOMS = ("survey", "estimation", "findings")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / "src" / "passgenau" / room).glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_section_that_a_module_cites_exists(path: Path) -> None:
    cited = re.findall(r"methods\.md#([\w-]+)", path.read_text(encoding="utf-8"))
    assert [anchor for anchor in cited if anchor not in ANCHORS] == []


@pytest.mark.parametrize(
    "method", ["hypergeometric-envelope", "reading-envelope", "exact-difference", "design-contrast"]
)
def test_every_method_key_of_a_result_is_a_section(method: str) -> None:
    assert method in ANCHORS


def test_citations_are_found_at_all() -> None:
    assert sum("methods.md#" in path.read_text(encoding="utf-8") for path in SOURCES) >= 6
