"""Words and numbers in the report's language: sentences, shares, counts, euros, dates."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from passgenau.report.model import Bullets, Callout, Inline, Paragraph, Span
from passgenau.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from typing import Literal

    from passgenau.text import Lang

NARROW = "\u202f"  # narrow no-break space: keeps number and unit together
NO_BREAK = "\u00a0"
EN_DASH = "–"
_PERCENT = re.compile(r"(\d) %")
_GERMAN_QUOTE = re.compile("(„[^“]*“)")

Part: TypeAlias = "str | Span | Text | Inline"


@dataclass(frozen=True)
class Wording:
    """How the report speaks: every word and number that the content uses goes through one of these."""

    lang: Lang

    @cached_property
    def _locale(self) -> Locale:
        return Locale("de", "DE") if self.lang == "de" else Locale("en", "GB")

    def t(self, de: str, en: str) -> str:
        """Return the sentence in the report's language; a percent sign stays with its number."""
        return _PERCENT.sub(rf"\1{NARROW}%", de) if self.lang == "de" else en

    def text(self, text: Text) -> Span:
        """Return a text as a run that knows its language where it differs from the report's."""
        spoken = text.lang_in(self.lang)
        return Span(text.into(self.lang), lang=None if spoken == self.lang else spoken)

    def opening(self, text: Text) -> Span:
        """Return a text that opens a sentence."""
        span = self.text(text)
        return replace(span, text=capital(span.text))

    def quote(self, words: str) -> Span:
        """Return words quoted from a German source; quotation marks inside become single ones."""
        bare = words.strip()
        if bare.startswith("„") and bare.endswith("“") and bare.count("„") == 1:
            bare = bare[1:-1]
        inside = bare.replace("„", "‚").replace("“", "‘")
        return Span(f"„{inside}“", lang=None if self.lang == "de" else "de")

    def line(self, *parts: Part) -> Inline:
        """Join strings, texts and runs into one line."""
        out: list[Span] = []
        for part in parts:
            if isinstance(part, str):
                out.append(Span(part))
            elif isinstance(part, Text):
                out.append(self.text(part))
            elif isinstance(part, Span):
                out.append(part)
            else:
                out.extend(part)
        return tuple(part for span in out if span.text for part in self._marked(span))

    def _marked(self, span: Span) -> Inline:
        """Split off words in German quotation marks: in an English sentence they are German."""
        if self.lang == "de" or span.lang is not None:
            return (span,)
        parts = (part for part in _GERMAN_QUOTE.split(span.text) if part)
        return tuple(replace(span, text=part, lang="de" if part.startswith("„") else None) for part in parts)

    def p(self, *parts: Part) -> Paragraph:
        """Return a paragraph."""
        return Paragraph(self.line(*parts))

    def bullets(self, items: Iterable[Part], *, ordered: bool = False) -> Bullets:
        """Return a list, one part per item."""
        return Bullets(tuple(self.line(item) for item in items), ordered=ordered)

    def callout(self, kind: Literal["message", "caution", "note"], title: str, *paragraphs: Part) -> Callout:
        """Return a statement that must be seen."""
        return Callout(kind, title, tuple(self.line(paragraph) for paragraph in paragraphs))

    def row(self, *cells: Part) -> tuple[Inline, ...]:
        """Return one table row."""
        return tuple(self.line(cell) for cell in cells)

    # Numbers ------------------------------------------------------------------------------

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with exactly `digits` decimals: 1.101 or 10,6 in German."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self._locale)

    def trim(self, value: float, digits: int = 1) -> str:
        """Return a number with at most `digits` decimals: 2,5 but 3."""
        return format_decimal(value, format="#,##0." + "#" * digits, locale=self._locale)

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of 0–1 in percent."""
        sign = f"{NARROW}%" if self.lang == "de" else "%"
        return self.number(100 * share, digits) + sign

    def points(self, share: float, digits: int = 0) -> str:
        """Return a difference of shares in percentage points, with its sign."""
        value = round(100 * share, digits)
        sign = "+" if value > 0 else "−" if value < 0 else "±"
        return f"{sign}{self.number(abs(value), digits)}"

    def percents(self, low: float, high: float) -> str:
        """Return a range of shares: 27–65 %."""
        return f"{self.number(100 * low)}{EN_DASH}{self.percent(high)}"

    def span_of(self, low: float, high: float) -> str:
        """Return a range of counts, or one count where both ends agree."""
        return self.number(low) if low == high else f"{self.number(low)}{EN_DASH}{self.number(high)}"

    def euros(self, value: float) -> str:
        """Return whole euros."""
        return f"{self.number(round(value))}{NO_BREAK}€" if self.lang == "de" else f"€{self.number(round(value))}"

    def p_value(self, value: float) -> str:
        """Return a p-value with three decimals, never 0."""
        smallest = 0.001
        return f"<{NARROW}{self.number(smallest, 3)}" if value < smallest else self.number(value, 3)

    def date(self, day: dt.date) -> str:
        """Return a date: 2. März 2027."""
        return format_date(day, "d. MMMM y" if self.lang == "de" else "d MMMM y", locale=self._locale)

    def short_date(self, day: dt.date) -> str:
        """Return a date for tables: 02.03.2027."""
        return format_date(day, "dd.MM.y" if self.lang == "de" else "d MMM y", locale=self._locale)

    def dates(self, start: dt.date, end: dt.date) -> str:
        """Return one or several consecutive days: 2.–3. März 2027."""
        if start == end:
            return self.date(end)
        if (start.year, start.month) == (end.year, end.month):
            return f"{start.day}{'.' if self.lang == 'de' else ''}{EN_DASH}{self.date(end)}"
        form = "d. MMMM" if self.lang == "de" else "d MMMM"
        return f"{format_date(start, form, locale=self._locale)} {EN_DASH} {self.date(end)}"

    def listing(self, words: Iterable[str]) -> str:
        """Join words: a, b und c."""
        parts = list(words)
        if len(parts) <= 1:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.t('und', 'and')} {parts[-1]}"

    def plural(self, count: float, one: tuple[str, str], many: tuple[str, str]) -> str:
        """Return a count with its noun; `one` and `many` are (German, English)."""
        noun = one if count == 1 else many
        return f"{self.number(count)}{NO_BREAK}{self.t(*noun)}"


def capital(text: str) -> str:
    """Return a sentence or heading with a capital first letter."""
    return text[:1].upper() + text[1:]


def strong(text: str, lang: Lang | None = None) -> Span:
    """Return a run that stands out."""
    return Span(text, strong=True, lang=lang)


def emphasis(text: str, lang: Lang | None = None) -> Span:
    """Return an emphasised run."""
    return Span(text, emphasis=True, lang=lang)


def link(text: str, target: str) -> Span:
    """Return a run that leads to a section, figure or table of the same report."""
    return Span(text, link=target)
