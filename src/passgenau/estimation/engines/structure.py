"""From grouped cells to a checked design: strata, units of every stage, how many were drawn and from how many."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from passgenau.errors import DesignError
from passgenau.estimation.design import Stage, Structure, check_populations
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.errors import InputError
    from passgenau.estimation.design import Design
    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Values = pa.Array[Any] | pa.ChunkedArray[Any]

ALL = "1"  # the label of the only stratum where the design names none


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Groups of rows, one for each combination of keys that occurs, in any order.

    Attributes
    ----------
    strata
        (C,) values of the stratum column; None where the design has none.
    ids
        (C,) values of the unit columns, one array per stage.
    by
        (C,) values of the domain columns; missing for rows outside every domain.
    inside
        (C,) whether the rows belong to a domain.
    rows
        (C,) rows of the data.
    populations
        Smallest and largest value of each `fpc` column per cell, (C,) each, NaN where all are missing.
    """

    strata: Values | None
    ids: tuple[Values, ...]
    by: tuple[Values, ...]
    inside: Flags
    rows: Ints
    populations: tuple[tuple[Floats, Floats], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where each cell belongs: indices of its stratum, its unit of the last stage and its domain; C each."""

    structure: Structure
    domains: tuple[Mapping[str, Label], ...]
    stratum: Ints
    unit: Ints
    domain: Ints
    weight: Floats  # Π N/n over the stages with a population


def lay_out(
    design: Design,
    by: Sequence[str],
    cells: Cells,
    orders: Mapping[str, tuple[Label, ...]],
    missing: Callable[[str], InputError],
) -> Layout:
    """Find the structure of a design in its cells.

    Parameters
    ----------
    orders
        Declared orders of categories; other values are sorted, numbers by size.
    missing
        Makes the error for a design column with a missing value.

    Raises
    ------
    DesignError
        There are no rows; a PSU lies in two strata; population counts differ within a stratum or PSU, are smaller
        than the sample, or fractions.
    """
    if not len(cells.rows):
        raise DesignError(Text("Die Daten haben keine Zeilen.", "The data have no rows."))
    reader = _Reader(len(cells.rows), orders, missing)
    names, stratum = reader.codes(cells.strata, design.strata)
    stages, unit, weight = _stages(design, cells, names, stratum, reader)
    domains, domain = _domains(by, cells, orders)
    structure = Structure(names, stages, not design.ids, design.lonely, design.lonely_domain)
    return Layout(structure, domains, stratum, unit, domain, weight)


def ranked(values: Values, order: Sequence[Label] = ()) -> tuple[list[Label], Ints]:
    """Return the different values, in declared order or sorted, and the index of each; −1 where missing."""
    whole: Any = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_decode()
    encoded: Any = pc.dictionary_encode(whole, null_encoding="encode")
    found = encoded.dictionary.to_pylist()
    place = {value: i for i, value in enumerate(order)}
    keys = [(place.get(value, len(place)), value) for value in found if value is not None and value == value]  # noqa: PLR0124 -- not NaN
    keys.sort()
    position = {value: i for i, (_, value) in enumerate(keys)}
    lookup = np.array([position.get(value, -1) for value in found], dtype=np.int64)
    codes = np.from_dlpack(encoded.indices)  # to_numpy() would load pandas
    return [label(value) for _, value in keys], lookup[codes]


def label(value: Any) -> Label:  # noqa: ANN401 -- whatever a column holds
    """Return a value as a label: whole numbers without a decimal point, what is neither number nor truth as text."""
    value = float(value) if isinstance(value, Decimal) else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """Turns design columns into indices."""

    size: int  # cells
    orders: Mapping[str, tuple[Label, ...]]
    missing: Callable[[str], InputError]

    def codes(self, values: Values | None, column: str | None) -> tuple[tuple[str, ...], Ints]:
        """Return the labels of a design column, as text, and the index of each cell's."""
        if values is None or column is None:
            return (ALL,), np.zeros(self.size, dtype=np.int64)
        names, codes = ranked(values, self.orders.get(column, ()))
        if (codes < 0).any():
            raise self.missing(column)
        return tuple(map(str, names)), codes


def _stages(
    design: Design, cells: Cells, strata: tuple[str, ...], stratum: Ints, reader: _Reader
) -> tuple[tuple[Stage, ...], Ints, Floats]:
    """Return the stages, the unit of the last stage and the weight Π N/n of each cell."""
    weight = np.ones(reader.size)
    if not design.ids:
        drawn = np.bincount(stratum, weights=cells.rows, minlength=len(strata)).astype(np.int64)
        population = _population(design, cells, 0, stratum, strata, drawn)
        if design.fpc:
            weight *= (population / drawn)[stratum]
        return (Stage(np.zeros(0, dtype=np.int64), drawn, population),), np.full(reader.size, -1), weight
    stages = []
    parent, parents = stratum, strata
    for depth, column in enumerate(design.ids):
        names, codes = reader.codes(cells.ids[depth], column)
        found, unit = np.unique(parent * len(names) + codes, return_inverse=True)
        above, own = found // len(names), found % len(names)
        if depth == 0 and not design.nest:
            _check_nested(own, above, names, strata, column)
        drawn = np.bincount(above, minlength=len(parents))
        population = _population(design, cells, depth, parent, parents, drawn)
        if depth < len(design.fpc):
            weight *= (population / drawn)[parent]
        stages.append(Stage(above, drawn, population))
        parent, parents = unit.astype(np.int64), tuple(names[i] for i in own)
    return tuple(stages), parent, weight


def _check_nested(unit: Ints, stratum: Ints, units: Sequence[str], strata: Sequence[str], column: str) -> None:
    """Raise DesignError where a unit lies in two strata."""
    order = np.argsort(unit, kind="stable")
    for first, second in pairwise(order):
        if unit[first] == unit[second]:
            name, one, two = units[unit[first]], strata[stratum[first]], strata[stratum[second]]
            raise DesignError(
                Text(
                    f"Spalte „{column}“: {name} liegt in zwei Schichten ({one} und {two}). Zählen die Namen nur "
                    "innerhalb ihrer Schicht, dies mit nest angeben.",
                    f'Column "{column}": {name} lies in two strata ({one} and {two}). If names count within their '
                    "stratum only, say so with nest.",
                )
            )


def _population(  # noqa: PLR0913, PLR0917 -- one stage in full
    design: Design, cells: Cells, depth: int, parent: Ints, parents: Sequence[str], drawn: Ints
) -> Floats:
    """Return N per parent of a stage, inf where the design names no column for it."""
    if depth >= len(design.fpc):
        return np.full(len(parents), np.inf)
    column = design.fpc[depth]
    low, high = np.full(len(parents), np.inf), np.full(len(parents), -np.inf)
    np.minimum.at(low, parent, cells.populations[depth][0])
    np.maximum.at(high, parent, cells.populations[depth][1])
    differ = np.flatnonzero(low != high)
    if len(differ):
        i = int(differ[0])
        raise DesignError(
            Text(
                f"Spalte „{column}“, {parents[i]}: verschiedene Zahlen ({low[i]:g} und {high[i]:g}); je Schicht (und "
                "auf der zweiten Stufe je PSU) gibt es nur eine Grundgesamtheit.",
                f'Column "{column}", {parents[i]}: different counts ({low[i]:g} and {high[i]:g}); a stratum (or, at '
                "the second stage, a PSU) has one population.",
            )
        )
    check_populations(low, drawn, parents, column)
    return low


def _domains(
    by: Sequence[str], cells: Cells, orders: Mapping[str, tuple[Label, ...]]
) -> tuple[tuple[Mapping[str, Label], ...], Ints]:
    """Return the domains that occur, and the index of each cell's; −1 outside."""
    inside = cells.inside.copy()
    if not by:
        return ({},), np.where(inside, 0, -1)
    combined = np.zeros(len(inside), dtype=np.int64)
    levels = []
    for name, values in zip(by, cells.by, strict=True):
        labels, codes = ranked(values, orders.get(name, ()))
        inside &= codes >= 0
        combined = combined * max(len(labels), 1) + codes
        levels.append(labels)
    found, index = np.unique(combined[inside], return_inverse=True)
    domain = np.full(len(inside), -1)
    domain[inside] = index
    places = np.unravel_index(found, [max(len(labels), 1) for labels in levels])
    return tuple(
        {name: labels[i] for name, labels, i in zip(by, levels, row, strict=True)} for row in zip(*places, strict=True)
    ), domain
