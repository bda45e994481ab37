"""Numbers as the sentences of the findings speak them, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "\u202f"  # a narrow space that keeps number and unit on one line
_SMALLEST_P = 0.001
_SLACK = 1e-9  # percentage points; keeps 29 points at 29 despite binary fractions


def number(value: float, digits: int = 0) -> Text:
    """Return a number with at most `digits` decimals and the separators of each language."""
    english = f"{value:,.{digits}f}"
    if digits:
        english = english.rstrip("0").rstrip(".")
    return Text(english.replace(",", "\0").replace(".", ",").replace("\0", "."), english)


def percent(share: float, digits: int = 0) -> Text:
    """Return a share (0–1) as a percentage."""
    text = number(100 * share, digits)
    return Text(f"{text.de}{_GAP}%", f"{text.en}%")


def printed_percent(low: float, high: float) -> Text:
    """Return a percentage as printed (0–100), or the range between two."""
    if low == high:
        return percent(low / 100, 3)
    first, last = number(low, 3), percent(high / 100, 3)
    return Text(f"{first.de}–{last.de}", f"{first.en}–{last.en}")


def points(difference: float) -> Text:
    """Return a difference of shares (−1 to 1) in percentage points, with its sign."""
    rounded = round(100 * difference)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return Text(f"{sign}{abs(rounded)}")


def percents_outwards(lower: float, upper: float) -> tuple[Text, Text]:
    """Return two limits (0–1) as whole percentages, rounded outwards: no rounding narrows an interval."""
    return percent(_down(lower)), percent(_up(upper))


def points_outwards(lower: float, upper: float) -> tuple[Text, Text]:
    """Return two limits of a difference (−1 to 1) in whole percentage points, rounded outwards."""
    return points(_down(lower)), points(_up(upper))


def _down(share: float) -> float:
    return math.floor(100 * share + _SLACK) / 100


def _up(share: float) -> float:
    return math.ceil(100 * share - _SLACK) / 100


def p_value(p: float) -> Text:
    """Return “p = 0.03”, or “p < 0.001” below that."""
    if p < _SMALLEST_P:
        return Text(f"p{_GAP}<{_GAP}0,001", f"p{_GAP}<{_GAP}0.001")
    text = number(p, 3 if p < 0.1 else 2)  # noqa: PLR2004 -- two digits that matter
    return Text(f"p{_GAP}={_GAP}{text.de}", f"p{_GAP}={_GAP}{text.en}")


def alternatives(counts: Sequence[int]) -> Text:
    """Return “11”, “16 or 17” or “59 to 63” for rising counts without gaps."""
    if len(counts) == 1:
        return Text(str(counts[0]))
    word = Text("oder", "or") if len(counts) == 2 else Text("bis", "to")  # noqa: PLR2004 -- a pair
    return Text(f"{counts[0]} {word.de} {counts[-1]}", f"{counts[0]} {word.into('en')} {counts[-1]}")


def joined(parts: Sequence[Text], mark: str) -> Text:
    """Return texts with a mark between them; in English only where one of them is."""
    english = mark.join(part.into("en") for part in parts) if any(part.en is not None for part in parts) else None
    return Text(mark.join(part.de for part in parts), english)


def quoted(text: Text) -> Text:
    """Return a text in quotation marks; marks inside it become single ones."""
    inner_de = text.de.replace("„", "‚").replace("“", "‘")
    inner_en = text.into("en").replace("“", "‘").replace("”", "’")
    return Text(f"„{inner_de}“", f"“{inner_en}”")
