"""The words of a text that another tool wrote as HTML, for paper, codebooks and comparisons."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import Questionnaire

_ENDS_A_LINE = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_NEVER_READ = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg"})


def plain(text: str) -> str:
    """Return the words of an HTML text: no tags, no scripts, paragraphs and list items on lines of their own.

    Pictures are replaced by their text alternative. A text without tags comes back with its white space
    tidied.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (re.sub(r"[ \t\r\f\v\xa0]+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def shown(wording: Translations | None, questionnaire: Questionnaire, language: str) -> str:
    """Return a wording as respondents read it in a language, without markup; nothing where nothing is said."""
    if wording is None:
        return ""
    words = wording.into(language)
    return plain(words) if questionnaire.markup == "html" else words.strip()


class _Reader(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NEVER_READ:
            self._hidden += 1
        if tag == "img" and not self._hidden:
            self.parts.append(dict(attrs).get("alt") or "")
        if tag in _ENDS_A_LINE:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _NEVER_READ:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _NEVER_READ and self._hidden:
            self._hidden -= 1
        if tag in _ENDS_A_LINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))
