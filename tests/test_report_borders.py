"""Borders on maps: each once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from passgenau.report.figures.borders import borders

WEST = [(0.0, 0.0), (2.0, 0.0), (2.1, 1.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)]
EAST = [(2.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 2.0), (2.1, 1.0), (2.0, 0.0)]
ISLE = [(8.0, 0.0), (9.0, 0.0), (9.0, 1.0), (8.0, 0.0)]


def areas(*rings: list[tuple[float, float]]) -> dict[str, Any]:
    """Return areas as a file holds them: points are lists; the last area has two parts if there are three."""
    shapes: list[dict[str, Any]] = [{"type": "Polygon", "coordinates": [[list(p) for p in r]]} for r in rings]
    if len(shapes) > 2:
        parts = [shapes[1]["coordinates"], shapes[2]["coordinates"]]
        shapes[1:] = [{"type": "MultiPolygon", "coordinates": parts}]
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": shape} for shape in shapes]}


def stretches(lines: list[list[tuple[float, float]]]) -> list[frozenset[tuple[float, float]]]:
    return [frozenset(pair) for line in lines for pair in pairwise(line)]


def test_a_common_border_is_one_line_between_junctions() -> None:
    lines = borders(areas(WEST, EAST))
    assert len(lines) == 3
    assert [(2.0, 0.0), (2.1, 1.0), (2.0, 2.0)] in lines
    assert {frozenset((line[0], line[-1])) for line in lines} == {frozenset({(2.0, 0.0), (2.0, 2.0)})}


def test_every_stretch_of_every_ring_is_drawn_exactly_once() -> None:
    drawn = stretches(borders(areas(WEST, EAST, ISLE)))
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == set(stretches([WEST, EAST, ISLE]))


def test_a_border_without_neighbours_ends_where_it_starts() -> None:
    assert borders(areas(ISLE)) == [ISLE]


def test_a_ring_that_the_file_leaves_open_is_closed() -> None:
    assert set(stretches(borders(areas(ISLE[:-1])))) == set(stretches([ISLE]))
