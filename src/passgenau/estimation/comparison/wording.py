"""How comparisons speak of numbers, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

_GAP = "\u202f"  # a narrow space that keeps number and unit on one line
_SMALLEST_P = 0.001
_SLACK = 1e-9


def number(value: float, digits: int) -> Text:
    """Return a number with the separators of each language; ± signs as they are."""
    english = f"{value:,.{digits}f}".replace("-", "−")
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def signed(value: float, digits: int) -> Text:
    """Return a number with its sign; one that rounds to 0 has none."""
    if not round(value, digits):
        return number(0.0, digits)
    text = number(value, digits)
    return Text(f"+{text.de}", f"+{text.en}") if value > 0 else text


def percent(share: float) -> Text:
    """Return a share (0–1) as a percentage with one decimal."""
    text = number(100 * share, 1)
    return Text(f"{text.de}{_GAP}%", f"{text.en}%")


def whole_percent(share: float) -> Text:
    """Return a share (0–1) as a percentage without needless decimals."""
    text = f"{100 * share:.6g}"
    return Text(f"{text.replace('.', ',')}{_GAP}%", f"{text}%")


def p_value(p: float) -> Text:
    """Return “= 0.03”, or “< 0.001” below that."""
    if p < _SMALLEST_P:
        return Text(f"<{_GAP}0,001", f"<{_GAP}0.001")
    text = number(p, 3 if p < 0.1 else 2)  # noqa: PLR2004 -- digits that matter
    return Text(f"={_GAP}{text.de}", f"={_GAP}{text.en}")


def outwards(lower: float, upper: float, digits: int) -> tuple[Text, Text]:
    """Return two limits rounded outwards: no rounding narrows an interval."""
    return signed(_to(math.floor, lower, digits, _SLACK), digits), signed(
        _to(math.ceil, upper, digits, -_SLACK), digits
    )


def upwards(value: float, digits: int) -> Text:
    """Return a number rounded up."""
    return number(_to(math.ceil, value, digits, -_SLACK), digits)


def _to(rounding: Callable[[float], int], value: float, digits: int, slack: float) -> float:
    unit = 10.0**digits
    return rounding(value * unit + slack) / unit
