"""The page on planning is in step with the rules."""

import re
from pathlib import Path

from passgenau.planning import RULES

PAGE = Path(__file__).parent.parent / "docs" / "planning.md"


def test_the_page_lists_every_rule_as_the_code_says_it() -> None:
    rows = [f"| `{rule.label}` | {rule.text.into('en')} |" for rule in RULES.values()]
    table = re.search(r"<!-- rules: .*? -->\n(.*?)\n<!-- end of rules -->", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert table is not None
    assert table.group(1).split("\n") == ["| Rule | What it demands |", "| --- | --- |", *rows]
