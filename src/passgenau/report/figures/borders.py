"""The borders of areas as lines, each once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Point: TypeAlias = "tuple[float, float]"


def borders(areas: dict[str, Any]) -> list[list[Point]]:
    """Return the outer borders of areas as lines from junction to junction.

    Neighbours whose common border has the same points share its line, so that it is drawn once not twice.

    Parameters
    ----------
    areas
        A GeoJSON feature collection of polygons and multipolygons on a plane.

    Returns
    -------
    list of list of (x, y)
        At least two points each; a border without junctions ends where it starts. In the order of
        the areas.
    """
    beside: dict[Point, dict[Point, None]] = {}
    for ring in _rings(areas):
        for a, b in pairwise(ring):
            if a != b:
                beside.setdefault(a, {})[b] = None
                beside.setdefault(b, {})[a] = None
    return list(_lines(beside))


def _rings(areas: dict[str, Any]) -> Iterator[list[Point]]:
    """Yield the outer rings, closed."""
    for feature in areas["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        for polygon in polygons:
            yield [(x, y) for x, y in [*polygon[0], polygon[0][0]]]


def _lines(beside: dict[Point, dict[Point, None]]) -> Iterator[list[Point]]:
    """Take the net of points apart: first from its junctions, then what is left, which are rings."""
    junctions = [point for point, others in beside.items() if len(others) != 2]  # noqa: PLR2004 -- a point within a line
    ends = set(junctions)
    for start in (*junctions, *beside):
        while beside[start]:
            line, at = [start], start
            while beside[at] and (at not in ends or len(line) == 1):
                following = next(iter(beside[at]))
                del beside[at][following], beside[following][at]
                line.append(following)
                at = following
            yield line
