"""How the derivation speaks: numbers, lists and names in German and English."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passgenau.curriculum.catalogue import Format, Stage, Version
    from passgenau.curriculum.model import Firmness
    from passgenau.frame.units import Tier

TIER_NAMES: dict[Tier, Text] = {
    "district": Text("Landkreise", "districts"),
    "municipality": Text("Städte und Gemeinden", "towns and municipalities"),
}
"""Plural of the tiers, where a study gives no names of its own."""

STAGE_NAMES: dict[Stage, Text] = {
    "mandate": Text("Auftrag", "mandate"),
    "analysis": Text("Analyse", "analysis"),
    "goals": Text("Ziele", "goals"),
    "implementation": Text("Umsetzung", "implementation"),
    "continuation": Text("Verstetigung", "continuation"),
}

VERSION_NAMES: dict[Version, Text] = {
    "short": Text("Kurzfassung", "short version"),
    "full": Text("Langfassung", "full version"),
}

FORMAT_NAMES: dict[Format, Text] = {
    "in_house": Text("im eigenen Haus", "in-house"),
    "regional": Text("regional", "regional"),
    "online": Text("online", "online"),
}

FIRMNESS_NAMES: dict[Firmness, Text] = {
    "fixed": Text("gesetzt", "fixed"),
    "firm": Text("fest", "firm"),
    "likely": Text("wahrscheinlich", "likely"),
    "open": Text("offen", "open"),
}

NONE = Text("keine", "none")

_GAP = "\u202f"  # a narrow space that keeps number and unit on one line


def number(value: float) -> Text:
    """Return a number with at most two decimals: comma in German, point in English.

    >>> str(number(7.5)), number(1101).de
    ('7,5', '1.101')
    """
    english = f"{value:,.2f}".rstrip("0").rstrip(".")
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def percent(share: float) -> Text:
    """Return a share in 0–1 as a whole percentage, with a narrow no-break space in German."""
    whole = round(100 * share)
    return Text(f"{whole}{_GAP}%", f"{whole}%")


def span(lower: float, upper: float) -> Text:
    """Return an interval of shares, rounded outwards to whole percentages: “30 bis 56 %”."""
    # Six decimals first: 100 * 0.29 is a little less than 29.
    low, high = math.floor(round(100 * lower, 6)), math.ceil(round(100 * upper, 6))
    return Text(f"{low} bis {high}{_GAP}%", f"{low} to {high}%")


def quoted(text: Text) -> Text:
    """Return a text in the quotation marks of its language."""
    return Text(f"„{text.de}“", f"“{text.en or text.de}”")


def listed(texts: Iterable[Text]) -> Text:
    """Return texts as a list in a sentence: “a, b und c”."""
    items = tuple(texts)
    return Text(_listed([t.de for t in items], "und"), _listed([t.en or t.de for t in items], "and"))


def _listed(items: Sequence[str], word: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def opening(text: Text) -> Text:
    """Return a text as the beginning of a sentence."""
    return Text(text.de[:1].upper() + text.de[1:], text.en[:1].upper() + text.en[1:] if text.en else text.en)


def joined(texts: Iterable[Text], separator: str = " ") -> Text:
    """Return texts one after the other; English only where every one of them has it."""
    items = tuple(texts)
    english = [t.en for t in items if t.en is not None]
    return Text(separator.join(t.de for t in items), separator.join(english) if len(english) == len(items) else None)


def days(value: float) -> Text:
    """Return a number of days with its unit."""
    shown = number(value)
    one = value == 1
    return Text(f"{shown.de} {'Tag' if one else 'Tage'}", f"{shown.en} {'day' if one else 'days'}")


def in_days(value: float) -> Text:
    """Return a number of days with its unit in the German dative: “mit 2,5 Tagen”."""
    named = days(value)
    return Text(f"{named.de}n" if value != 1 else named.de, named.en)


def persons(value: float) -> Text:
    """Return a number of persons with its noun."""
    shown = number(value)
    one = value == 1
    return Text(f"{shown.de} {'Person' if one else 'Personen'}", f"{shown.en} {'person' if one else 'persons'}")


def units(value: float) -> Text:
    """Return a number of teaching units with their name."""
    shown = number(value)
    one = value == 1
    return Text(f"{shown.de} {'Einheit' if one else 'Einheiten'}", f"{shown.en} {'unit' if one else 'units'}")
