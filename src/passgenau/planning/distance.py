"""Roads between places: great-circle distance times a stated detour, and quantiles of travel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passgenau.frame.units import Unit

EARTH_KM = 6371.0088  # mean radius of the Earth, IUGG


def road_km(a: Unit, b: Unit, detour: float) -> float:
    """Return the road kilometres between two places, one way.

    Parameters
    ----------
    a, b
        Places with `lat` and `lon` in decimal degrees (WGS84).
    detour
        Road kilometres per great-circle kilometre, at least 1.

    Notes
    -----
    Haversine formula on a sphere; docs/methods.md, “Planning”.
    """
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lon = math.radians(b.lon - a.lon) / 2
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return detour * 2 * EARTH_KM * math.asin(math.sqrt(h))


def road_km_matrix(places: Sequence[Unit], detour: float) -> NDArray[np.float64]:
    """Return road kilometres between all pairs: row `i`, column `j` is the way from `i` to `j`."""
    lat = np.radians([place.lat for place in places])
    lon = np.radians([place.lon for place in places])
    h = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    return np.asarray(detour * 2 * EARTH_KM * np.arcsin(np.sqrt(h)), dtype=np.float64)


def weighted_quantile(values: Sequence[float], weights: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the weight does not exceed; 0 without weight.

    Parameters
    ----------
    values
        Numbers, one per observation.
    weights
        How often each counts; not negative.
    share
        Between 0 and 1: 0.5 gives the median.
    """
    pairs = sorted((value, weight) for value, weight in zip(values, weights, strict=True) if weight > 0)
    target = share * sum(weight for _, weight in pairs)
    reached = 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= target - 1e-9:
            return value
    return 0.0
