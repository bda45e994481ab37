"""Find a place by its name, however its umlauts are written."""

from __future__ import annotations

import unicodedata
from functools import cache

from passgenau.frame.labels import short_name
from passgenau.frame.register import Register
from passgenau.frame.units import Unit

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def find(register: Register, query: str) -> tuple[Unit, ...]:
    """Return the districts and municipalities whose name or key matches a query, the likeliest first.

    Parameters
    ----------
    register
        Where to look; labels are unique in Germany.
    query
        A name or a part of one, in any case, umlauts written as such, spelled out or without
        their dots (“Göppingen”, “goeppingen”, “goppingen”); or the first digits of a key.

    Returns
    -------
    tuple of Unit
        Names that equal the query, then those that begin with it, then those with a word that
        begins with it, then those that contain it; within each the largest first. Empty where
        nothing matches.
    """
    query = query.strip()
    if not query:
        return ()
    if query.isascii() and query.isdigit():
        return tuple(unit for unit in (*register.districts, *register.municipalities) if unit.key.startswith(query))
    wanted = _spellings(query)
    ranked = [(_rank(spellings, wanted), -unit.population, unit.key, unit) for unit, spellings in _names(register)]
    return tuple(row[-1] for row in sorted(row for row in ranked if row[0] is not None))


@cache
def _names(register: Register) -> tuple[tuple[Unit, frozenset[str]], ...]:
    """Every unit with the spellings of its short name and its label."""
    units = (*register.districts, *register.municipalities)
    return tuple((unit, _spellings(short_name(unit.name)) | _spellings(unit.label)) for unit in units)


def _spellings(name: str) -> frozenset[str]:
    """Return a name in lower case with its umlauts spelled out and with their dots left out."""
    lower = unicodedata.normalize("NFC", name.lower())
    bare = "".join(c for c in unicodedata.normalize("NFKD", lower.replace("ß", "ss")) if not unicodedata.combining(c))
    return frozenset({lower.translate(_SPELLED_OUT), bare})


def _rank(names: frozenset[str], wanted: frozenset[str]) -> int | None:
    """Return 0 for equal, 1 for a prefix, 2 for the prefix of a word, 3 for a part, None for no match."""
    ranks = [_closeness(name, query) for name in names for query in wanted if query in name]
    return min(ranks, default=None)


def _closeness(name: str, query: str) -> int:
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    words = name.replace("-", " ").replace("(", " ")
    return 2 if f" {query}" in words else 3
