"""Boundaries for maps, and a plane to draw them on.

Rings follow RFC 7946: outer rings run counter-clockwise, seen in longitude and latitude. d3-geo,
and with it Vega's spherical projections, expects the opposite order and fills everything *but* a
ring that runs the other way. Whoever draws on the plane of `Projection` (in Vega: the projection
type ``identity`` with ``reflectY``) need not care: there, both orders enclose the same area.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passgenau.frame.distance import EARTH_RADIUS_KM
from passgenau.frame.register import DATA
from passgenau.frame.units import Tier, Unit

_KM_PER_DEGREE = math.radians(1) * EARTH_RADIUS_KM


@dataclass(frozen=True, slots=True)
class Projection:
    """A plane for maps of a state: kilometres east and north of its middle.

    Equirectangular, with longitudes shortened by the cosine of the middle latitude. Over a state
    of 250 km the shapes are off by about two per cent at its northern and southern edge: right for
    maps, not for measuring.
    """

    lat: float  # of the middle, decimal degrees; true to scale along this parallel
    lon: float

    @classmethod
    def of(cls, units: Iterable[Unit]) -> Projection:
        """Return the plane whose middle is the middle of the units' bounding box."""
        points = [(unit.lat, unit.lon) for unit in units]
        if not points:
            raise ValueError("a map needs at least one place")
        lats, lons = zip(*points, strict=True)
        return cls((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)

    def project(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return kilometres east (x) and north (y) of the middle, in the shapes of `lon` and `lat`.

        Longitude comes first, as in GeoJSON.
        """
        scale = _KM_PER_DEGREE * math.cos(math.radians(self.lat))
        x = (np.asarray(lon, dtype=np.float64) - self.lon) * scale
        y = (np.asarray(lat, dtype=np.float64) - self.lat) * _KM_PER_DEGREE
        return x, y

    def collection(self, boundaries: dict[str, Any], *, digits: int = 2) -> dict[str, Any]:
        """Return a copy of a feature collection on the plane, rounded to `digits` of a kilometre."""
        features = [
            {**item, "geometry": {**item["geometry"], "coordinates": self._nested(item["geometry"], digits)}}
            for item in boundaries["features"]
        ]
        return {**boundaries, "features": features}

    def _nested(self, geometry: dict[str, Any], digits: int) -> list[Any]:
        if geometry["type"] == "MultiPolygon":
            return [[self._ring(ring, digits) for ring in polygon] for polygon in geometry["coordinates"]]
        return [self._ring(ring, digits) for ring in geometry["coordinates"]]

    def _ring(self, ring: list[list[float]], digits: int) -> list[list[float]]:
        points = np.asarray(ring)
        plane = np.column_stack(self.project(points[:, 0], points[:, 1]))
        rounded: list[list[float]] = (plane.round(digits) + 0.0).tolist()  # + 0.0 turns −0.0 into 0.0
        return rounded


def boundaries(state: str, layer: Tier) -> dict[str, Any] | None:
    """Return a state's boundaries for maps, or None where the register has none.

    Parameters
    ----------
    state
        First two digits of the key.
    layer
        “district” or “municipality”.

    Returns
    -------
    dict or None
        A GeoJSON feature collection in longitude and latitude (WGS84): polygons and
        multipolygons with the properties ``key`` and ``name``, in the order of their keys. A new
        value at every call. Simplified: for maps, not for measuring; uninhabited areas stay
        blank. `Register.boundary_attribution` belongs beside every map.
    """
    file = _file(state, layer)
    if not file.is_file():
        return None
    collection: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return collection


def has_boundaries(state: str) -> bool:
    """Tell whether the register has boundaries of a state's districts."""
    return _file(state, "district").is_file()


def _file(state: str, layer: Tier) -> Traversable:
    return DATA / f"boundaries_{state}_{layer}.geojson.gz"
