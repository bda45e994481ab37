"""Distances, boundaries, and the plane on which maps are drawn."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passgenau.frame import (
    EARTH_RADIUS_KM,
    Projection,
    boundaries,
    distances,
    great_circle_km,
    has_boundaries,
    load_register,
)

REGISTER = load_register()
BW = REGISTER.units("municipality", "08")
LAT = st.floats(-90, 90)
LON = st.floats(-180, 180)
POINT = st.tuples(LAT, LON)


def between(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(great_circle_km(*a, *b))


# --- distances ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ("08111000", "11000000", 511),  # Stuttgart, Berlin
        ("02000000", "09162000", 612),  # Hamburg, München
        ("08111000", "08212000", 63),  # Stuttgart, Karlsruhe
    ],
)
def test_known_cities_are_as_far_apart_as_atlases_say(one: str, other: str, km: float) -> None:
    a, b = REGISTER.by_key[one], REGISTER.by_key[other]
    assert between((a.lat, a.lon), (b.lat, b.lon)) == pytest.approx(km, rel=0.02)


def test_a_degree_of_a_meridian_and_half_the_globe_have_their_length() -> None:
    degree = math.pi * EARTH_RADIUS_KM / 180
    assert between((48, 9), (49, 9)) == pytest.approx(degree, rel=1e-12)
    assert between((0, 0), (0, 180)) == pytest.approx(180 * degree, rel=1e-12)
    assert between((90, 0), (-90, 77)) == pytest.approx(180 * degree, rel=1e-12)


def test_it_agrees_with_the_angle_between_vectors() -> None:
    def vector(unit: Any) -> np.ndarray[Any, Any]:
        lat, lon = math.radians(unit.lat), math.radians(unit.lon)
        return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])

    units = BW[::50]
    plain = [
        [EARTH_RADIUS_KM * math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b)) for b in map(vector, units)]
        for a in map(vector, units)
    ]
    assert distances(units) == pytest.approx(np.array(plain), abs=1e-6)


def test_the_matrix_is_symmetric_with_a_zero_diagonal() -> None:
    matrix = distances(BW[:200])
    assert matrix.shape == (200, 200)
    assert np.array_equal(matrix, matrix.T)
    assert not matrix.diagonal().any()
    assert (matrix[~np.eye(200, dtype=bool)] > 0).all()


def test_points_broadcast() -> None:
    lat, lon = np.array([48.0, 49.0, 50.0]), np.array([8.0, 9.0])
    assert great_circle_km(lat[:, None], lon[None, :], 48.5, 8.5).shape == (3, 2)
    assert distances([]).shape == (0, 0)


@given(POINT, POINT, POINT)
def test_no_detour_is_shorter(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    # For almost opposite points the haversine loses half its digits: 1e-8 of the radius, some 10 cm.
    assert between(a, c) <= between(a, b) + between(b, c) + 1e-3


@given(POINT, POINT)
def test_distances_are_symmetric_and_within_half_the_circumference(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    assert between(a, b) == between(b, a)
    assert 0 <= between(a, b) <= math.pi * EARTH_RADIUS_KM


# --- maps --------------------------------------------------------------------------------------


def rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for polygon in polygons for ring in polygon]


def area(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


@pytest.mark.parametrize(("layer", "count"), [("district", 44), ("municipality", 1_101)])
def test_every_unit_of_baden_wuerttemberg_has_a_boundary(layer: Any, count: int) -> None:
    collection = boundaries("08", layer)
    assert collection is not None
    keys = [item["properties"]["key"] for item in collection["features"]]
    assert keys == [unit.key for unit in REGISTER.units(layer, "08")]
    assert len(keys) == count
    assert collection["features"][0]["properties"].keys() == {"key", "name"}


def test_a_state_without_boundaries_has_none() -> None:
    assert boundaries("09", "district") is None
    assert (has_boundaries("08"), has_boundaries("09")) == (True, False)


def test_outer_rings_run_counter_clockwise() -> None:
    collection = boundaries("08", "district")
    assert collection is not None
    for item in collection["features"]:
        geometry = item["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        assert all(area(polygon[0]) > 0 for polygon in polygons)


def test_on_the_plane_a_district_keeps_its_place_and_nearly_its_area() -> None:
    collection = boundaries("08", "district")
    assert collection is not None
    plane = Projection.of(BW).collection(collection)
    for item, unit in zip(plane["features"], REGISTER.units("district", "08"), strict=True):
        assert sum(map(area, rings(item["geometry"]))) == pytest.approx(unit.area_km2, rel=0.06)
    assert all(len(ring) > 3 and ring[0] == ring[-1] for f in plane["features"] for ring in rings(f["geometry"]))
    assert collection == boundaries("08", "district")  # the plane is a copy


def test_the_plane_measures_kilometres_from_its_middle() -> None:
    projection = Projection(lat=48.6, lon=9.0)
    x, y = projection.project(np.array([9.0, 9.1]), np.array([48.6, 48.7]))
    assert (x[0], y[0]) == (0, 0)
    assert x[1] == pytest.approx(between((48.6, 9.0), (48.6, 9.1)), rel=1e-5)
    assert y[1] == pytest.approx(between((48.6, 9.0), (48.7, 9.0)), rel=1e-9)


def test_over_the_state_the_plane_is_off_by_two_per_cent_at_most() -> None:
    units = BW[::40]
    x, y = Projection.of(BW).project([unit.lon for unit in units], [unit.lat for unit in units])
    plane = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    globe = distances(units)
    far = globe > 1
    assert plane[far] / globe[far] == pytest.approx(np.ones(far.sum()), abs=0.02)


def test_a_plane_needs_a_place() -> None:
    with pytest.raises(ValueError, match="at least one place"):
        Projection.of([])
