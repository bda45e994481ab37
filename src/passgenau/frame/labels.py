"""Names that nobody can mistake: short where that is enough, with the district or the key where not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from passgenau.frame.units import Unit

# What stands before the name of a district where the name itself does not say what it is.
_PREFIX = {"Kreisfreie Stadt": "Stadt"}
_PREFIXES = ("Landkreis ", "Stadtkreis ", "Kreis ", "Stadt ")
_SPEAKS_FOR_ITSELF = ("kreis", "region")  # Ortenaukreis, Märkischer Kreis, Städteregion Aachen


def short_name(name: str) -> str:
    """Return an official name up to its first comma: “Aalen, Stadt” becomes “Aalen”."""
    return name.partition(",")[0].strip()


def district_label(name: str, kind: str) -> str:
    """Return the name of a district that cannot be mistaken for its town's or its namesake's.

    Parameters
    ----------
    name
        Official name, e.g. “Karlsruhe” or “Karlsruhe, Stadtkreis”.
    kind
        Its type: Landkreis, Kreis, Stadtkreis, Kreisfreie Stadt, Regionalverband.

    Returns
    -------
    str
        “Landkreis Karlsruhe”, “Stadtkreis Karlsruhe”, “Stadt Kassel”; names that say what they
        are (“Ortenaukreis”, “Landkreis Rostock”) stay as they are.
    """
    short = short_name(name)
    if not kind or any(word in short.lower() for word in _SPEAKS_FOR_ITSELF):
        return short
    return f"{_PREFIX.get(kind, kind)} {short}"


def labelled(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return the units with labels that are unique among them.

    A municipality is called by its short name; where several share it, the district follows in
    brackets, “Altdorf (Böblingen)”, and where that is not enough its key as well. A district is
    called by its unambiguous name, followed by its key should that still occur twice.
    """
    units = tuple(units)
    chosen = _unique([_candidates(unit) for unit in units])
    return tuple(
        unit if unit.label == label else replace(unit, label=label) for unit, label in zip(units, chosen, strict=True)
    )


def _candidates(unit: Unit) -> tuple[str, ...]:
    """Names of a unit, each longer than the one before; the last contains the key and is unique."""
    if unit.tier == "district":
        return unit.district_label, f"{unit.district_label} ({unit.key})"
    short, district = short_name(unit.name), _without_prefix(unit.district_label)
    return short, f"{short} ({district})", f"{short} ({district}, {unit.key})"


def _without_prefix(label: str) -> str:
    for prefix in _PREFIXES:
        if label.startswith(prefix):
            return label.removeprefix(prefix)
    return label


def _unique(candidates: Sequence[tuple[str, ...]]) -> list[str]:
    """Choose from every row the first candidate that no other row has chosen."""
    steps = [0] * len(candidates)
    while True:
        chosen = [row[step] for row, step in zip(candidates, steps, strict=True)]
        counts = Counter(chosen)
        longer = [
            counts[label] > 1 and step + 1 < len(row)
            for label, step, row in zip(chosen, steps, candidates, strict=True)
        ]
        if not any(longer):
            return chosen
        steps = [step + more for step, more in zip(steps, longer, strict=True)]
