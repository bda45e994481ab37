"""Who could have been asked: the municipalities and districts of Germany, and a study's choice of them.

The built-in register (`load_register`), the selection of a population from it or from a file of
one's own (`select`), places by name (`find`), distances, boundaries and a plane for maps.
"""

from passgenau.frame.distance import EARTH_RADIUS_KM, distances, great_circle_km
from passgenau.frame.labels import district_label, labelled, short_name
from passgenau.frame.maps import Projection, boundaries, has_boundaries
from passgenau.frame.own_file import KEY_LENGTH, FrameRow, read_units
from passgenau.frame.register import STATES, District, Register, load_register, register_digests
from passgenau.frame.search import find
from passgenau.frame.select import FrameSpec, select
from passgenau.frame.units import SIZE_CLASSES, Frame, SizeClass, Tier, Unit, size_class_of

__all__ = [
    "EARTH_RADIUS_KM",
    "KEY_LENGTH",
    "SIZE_CLASSES",
    "STATES",
    "District",
    "Frame",
    "FrameRow",
    "FrameSpec",
    "Projection",
    "Register",
    "SizeClass",
    "Tier",
    "Unit",
    "boundaries",
    "distances",
    "district_label",
    "find",
    "great_circle_km",
    "has_boundaries",
    "labelled",
    "load_register",
    "read_units",
    "register_digests",
    "select",
    "short_name",
    "size_class_of",
]
