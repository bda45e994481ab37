"""How wide a picture stands on the page, so that all letters come out the same size."""

from __future__ import annotations

import re

from passgenau.report.figures.drawing import WIDTH

_SIZE = re.compile(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"')


def size_of(svg: str) -> tuple[int, int]:
    """Return the width and height of a picture in px."""
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError("a picture without a viewBox")
    return round(float(found[1])), round(float(found[2]))


def width_of(svg: str) -> float:
    """Return the share of the text width at which a picture keeps its natural size."""
    return min(1.0, size_of(svg)[0] / WIDTH)
