"""The borders of areas as lines: each once, and thinned to what a picture shows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Point: TypeAlias = "tuple[float, float]"


def borders(areas: dict[str, Any]) -> list[list[Point]]:
    """Return the outer borders of areas as lines from junction to junction.

    Neighbours whose common border has the same points share its line, so that it is drawn once and
    can be thinned without tearing them apart.

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


def thinned(line: Sequence[Point], tolerance: float) -> list[Point]:
    """Return a line without the points that lie within `tolerance` of what is left of it.

    References
    ----------
    Douglas, D. H. & Peucker, T. K. (1973). Cartographica 10, 112–122.
    """
    points = np.array(line)
    kept = np.zeros(len(points), dtype=bool)
    kept[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first > 1:
            distance = _distances(points[first + 1 : last], points[first], points[last])
            furthest = int(np.argmax(distance))
            if distance[furthest] > tolerance:
                middle = first + 1 + furthest
                kept[middle] = True
                spans += [(first, middle), (middle, last)]
    return [point for point, keep in zip(line, kept, strict=True) if keep]


def _distances(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the distance of points from the stretch between two ends."""
    along, to = end - start, points - start
    length = float(along @ along)
    share = np.clip(to @ along / length, 0.0, 1.0) if length else np.zeros(len(points))
    distance: NDArray[np.float64] = np.hypot(*(to - share[:, None] * along).T)
    return distance
