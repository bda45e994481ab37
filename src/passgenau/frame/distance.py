"""Distances on the globe between places, as the crow flies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passgenau.frame.units import Unit

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius of the Earth, (2a + b) / 3 of the GRS 80 ellipsoid, as the IUGG defines it."""


def great_circle_km(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> NDArray[np.float64]:
    """Return great-circle distances between points.

    Parameters
    ----------
    lat1, lon1, lat2, lon2
        Latitudes and longitudes in decimal degrees; the shapes broadcast against each other.

    Returns
    -------
    ndarray
        Distances in kilometres, of the broadcast shape; between 0 and half the Earth's
        circumference (20,015 km).

    Notes
    -----
    Haversine formula on a sphere, d = 2R·asin √(sin²(Δφ/2) + cos φ₁·cos φ₂·sin²(Δλ/2)): accurate
    for points close together, where the law of cosines cancels, and at most about half a per
    cent from the distance on the ellipsoid. Exchanging the two points gives the same number, bit
    for bit.

    References
    ----------
    Sinnott, R. W. (1984). Virtues of the Haversine. Sky and Telescope 68(2), 159.
    """
    phi1, lam1, phi2, lam2 = (np.radians(np.asarray(a, dtype=np.float64)) for a in (lat1, lon1, lat2, lon2))
    half = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin((lam2 - lam1) / 2) ** 2
    # Rounding can lift the haversine of opposite points above 1, where asin is not defined.
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def distances(units: Sequence[Unit]) -> NDArray[np.float64]:
    """Return the great-circle distance between every two units.

    Returns
    -------
    ndarray of shape (n, n)
        Row i, column j: kilometres from unit i to unit j; symmetric, zero on the diagonal. All
        1,101 municipalities of Baden-Württemberg take 10 MB, all 10,751 of Germany 0.9 GB.
    """
    lat = np.array([unit.lat for unit in units], dtype=np.float64)
    lon = np.array([unit.lon for unit in units], dtype=np.float64)
    return great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
