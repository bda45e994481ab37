"""Borders on maps: each once, and thinned alike for both neighbours."""

from __future__ import annotations

from itertools import pairwise
from math import dist
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from passgenau.report.figures.borders import borders, thinned

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


def test_thinning_drops_what_lies_within_the_tolerance_alone() -> None:
    assert thinned(WEST[1:4], 0.2) == [(2.0, 0.0), (2.0, 2.0)]
    assert thinned(WEST[1:4], 0.05) == WEST[1:4]
    assert len(thinned(ISLE, 0.0)) == len(ISLE)


@given(
    st.lists(st.tuples(*[st.floats(-50, 50).map(lambda x: round(x, 1))] * 2), min_size=2, max_size=40),
    st.floats(0, 20),
)
def test_thinning_keeps_both_ends_and_stays_near_every_point(line: list[tuple[float, float]], tolerance: float) -> None:
    kept = thinned(line, tolerance)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    assert all(any(away(p, a, b) <= tolerance + 1e-9 for a, b in pairwise(kept)) for p in line)


def away(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the distance of a point from a stretch, tried at its foot and at both ends."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    if not length:
        return dist(point, start)
    share = ((point[0] - start[0]) * along[0] + (point[1] - start[1]) * along[1]) / length
    share = min(1.0, max(0.0, share))
    return dist(point, (start[0] + share * along[0], start[1] + share * along[1]))
