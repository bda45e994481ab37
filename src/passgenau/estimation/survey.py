"""Rows in memory, joined with their design: what every method works on that needs more than sums.

`docs/methods.md`, section “Linearisation”. A `Survey` is never changed: restricting it to a domain or weighting
it gives a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from passgenau.errors import DesignError, InputError
from passgenau.estimation.covariance import covariance, sum_by
from passgenau.estimation.design import Design, Stage, Structure, check_populations
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Adjustment(Protocol):
    """An adjustment of the weights, as far as it matters for the variance."""

    def residuals(self, weighted: Floats) -> Floats:
        """Return w·e for (n, M) values w·u: e is what the adjustment leaves of u."""
        ...

    def added(self, weighted: Floats) -> Floats:
        """Return the (M, M) covariance that the adjustment itself adds for values w·u, such as chance of answering."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Rows with their design.

    Attributes
    ----------
    table
        The data, n rows.
    design, structure
        What the columns are called, and what they say: strata, units, populations.
    unit
        (n,) index of each row's unit of the last stage.
    weight
        (n,) weights ≥ 0, after all adjustments.
    inside
        (n,) whether a row belongs to the domain looked at. Rows outside stay: they count for the design.
    adjustments
        Adjustments made so far, in their order; the variance is that of their residuals, the latest first.
    """

    table: pl.DataFrame
    design: Design
    structure: Structure
    unit: Ints
    weight: Floats
    inside: Flags
    adjustments: tuple[Adjustment, ...] = ()

    @classmethod
    def of(cls, table: pl.DataFrame, design: Design) -> Survey:
        """Join a table with its design.

        Raises
        ------
        InputError
            A column does not exist, or a row lacks its weight, stratum, unit or population count.
        DesignError
            The columns contradict each other (see `Design`).
        """
        _check_columns(table, design)
        if table.is_empty():
            raise DesignError(Text("Die Daten haben keine Zeilen.", "The data have no rows."))
        structure, unit = _structure(table, design)
        weight = _weights(table, design, structure, unit)
        return cls(table, design, structure, unit, weight, np.ones(len(weight), dtype=np.bool_))

    @property
    def rows(self) -> int:
        """Rows, those outside the domain included."""
        return len(self.weight)

    @property
    def psu(self) -> Ints:
        """(n,) index of each row's PSU."""
        index = self.unit
        for stage in reversed(self.structure.stages[1:]):
            index = stage.parent[index]
        return index

    @property
    def stratum(self) -> Ints:
        """(n,) index of each row's stratum."""
        return self.structure.stages[0].parent[self.psu]

    def restrict(self, members: Flags) -> Survey:
        """Return the survey of a domain: the same rows and design, fewer of them inside."""
        return replace(self, inside=self.inside & members)

    def where(self, condition: pl.Expr) -> Survey:
        """Return the survey of the rows that meet a condition; a missing answer does not meet it."""
        return self.restrict(self.table.select(condition.fill_null(value=False)).to_series().to_numpy().astype(bool))

    def numbers(self, column: str) -> Floats:
        """Return a column as (n,) numbers, NaN where missing; raises InputError where it holds no numbers."""
        return numbers(self.table, column)

    def degrees_of_freedom(self, members: Flags | None = None) -> int:
        """Return PSUs minus strata among rows inside (and `members`) whose weight is not zero."""
        used = self.inside & (self.weight > 0)
        if members is not None:
            used = used & members
        psu = np.unique(self.psu[used])
        return len(psu) - len(np.unique(self.structure.stages[0].parent[psu]))

    def covariance(self, influence: Floats) -> Floats:
        """Return the (M, M) covariance of Σ w·u for (n, M) influence values u.

        `docs/methods.md#linearisation`. Values outside the domain must be 0. After a calibration the residuals
        of u take its place (Särndal, Swensson & Wretman 1992, section 6.6).
        """
        weighted = self.weight[:, None] * influence.reshape(self.rows, -1)
        added = np.zeros((weighted.shape[1], weighted.shape[1]))
        for adjustment in reversed(self.adjustments):
            added += adjustment.added(weighted)
            weighted = adjustment.residuals(weighted)
        last = self.structure.stages[-1]
        totals = sum_by(weighted, self.unit, len(last.parent))
        members = None
        if self.structure.lonely_domain:
            members = np.zeros(len(self.structure.stages[0].parent), dtype=np.bool_)
            members[self.psu[self.inside]] = True
        return covariance(totals, self.structure, members) + added


def numbers(table: pl.DataFrame, column: str) -> Floats:
    """Return a column of a table as numbers, NaN where missing.

    Raises
    ------
    InputError
        The column does not exist or holds something that is no number.
    """
    if column not in table.columns:
        raise unknown_column(column, table.columns)
    series = table[column]
    if not (series.dtype.is_numeric() or series.dtype in {pl.Boolean, pl.Null}):
        cast = series.cast(pl.String).cast(pl.Float64, strict=False)
        wrong = (cast.is_null() & series.is_not_null()).arg_true()
        if len(wrong):
            row = int(wrong[0])
            raise InputError.of(
                f"Zeile {row + 1} der Daten: „{series[row]}“ ist keine Zahl.",
                f'Row {row + 1} of the data: "{series[row]}" is not a number.',
                field=column,
                hint=Text("Für Antworten in Worten Anteile schätzen.", "For answers in words estimate proportions."),
            )
        series = cast
    return np.asarray(series.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def unknown_column(column: str, columns: Sequence[str]) -> InputError:
    """Return the error for a column that does not exist."""
    return InputError.of(
        f"Die Daten haben keine Spalte „{column}“.",
        f'The data have no column "{column}".',
        field=column,
        hint=Text(f"Vorhanden: {', '.join(columns)}.", f"There are: {', '.join(columns)}."),
    )


def _check_columns(table: pl.DataFrame, design: Design) -> None:
    for column in design.columns:
        if column not in table.columns:
            raise unknown_column(column, table.columns)
        missing = table[column].is_null()
        if table[column].dtype.is_float():
            missing |= table[column].is_nan()
        if missing.any():
            row = int(missing.arg_true()[0]) + 1
            raise InputError.of(
                f"Zeile {row} der Daten: kein Wert in einer Spalte des Stichprobenplans.",
                f"Row {row} of the data: no value in a column of the sampling design.",
                field=column,
            )


def _codes(table: pl.DataFrame, columns: Sequence[str]) -> tuple[Ints, pl.DataFrame]:
    """Return (n,) codes of the combinations of some columns, and the combinations in sorted order."""
    distinct = table.select(columns).unique().sort(columns).with_row_index("__code")
    coded = table.select(columns).join(distinct, on=list(columns), how="left", maintain_order="left")
    return coded["__code"].to_numpy().astype(np.int64), distinct.drop("__code")


def _structure(table: pl.DataFrame, design: Design) -> tuple[Structure, Ints]:
    """Read strata and units of every stage; return them and each row's unit of the last stage."""
    rows = len(table)
    if design.strata is None:
        parent = np.zeros(rows, dtype=np.int64)
        names: tuple[str, ...] = ("",)
    else:
        parent, labels = _codes(table, [design.strata])
        names = tuple(str(value) for value in labels[design.strata])
    stages: list[Stage] = []
    parent_names: Sequence[str] = names
    keys = [design.strata] if design.strata is not None and design.nest else []
    for depth in range(max(len(design.ids), 1)):
        if design.ids:
            keys = [*keys, design.ids[depth]]
            unit, labels = _codes(table, list(dict.fromkeys(keys)))
            unit_names = [" / ".join(str(value) for value in row) for row in labels.iter_rows()]
        else:
            unit, unit_names = np.arange(rows, dtype=np.int64), [f"Zeile {row + 1}" for row in range(rows)]
        stage_parent = _parents(unit, parent, len(unit_names), unit_names, parent_names)
        drawn = np.bincount(stage_parent, minlength=len(parent_names))
        population = np.full(len(parent_names), np.inf)
        if depth < len(design.fpc):
            population = _populations(table, design.fpc[depth], parent, parent_names)
            check_populations(population, drawn, parent_names, design.fpc[depth])
        stages.append(Stage(stage_parent, drawn, population))
        parent, parent_names = unit, unit_names
    read = Structure(
        names, tuple(stages), rows_are_units=False, lonely=design.lonely, lonely_domain=design.lonely_domain
    )
    return read, parent


def _parents(unit: Ints, parent: Ints, size: int, names: Sequence[str], parent_names: Sequence[str]) -> Ints:
    """Return each unit's parent; a unit in two parents is an error."""
    out = np.zeros(size, dtype=np.int64)
    out[unit] = parent
    wrong = np.flatnonzero(out[unit] != parent)
    if len(wrong):
        row = int(wrong[0])
        name, one, other = names[unit[row]], parent_names[parent[row]], parent_names[out[unit[row]]]
        raise DesignError(
            Text(
                f"Einheit „{name}“ steht in zwei Schichten: {one} und {other}. Gelten die Namen nur innerhalb ihrer "
                "Schicht, dann „nest“ angeben.",
                f'Unit "{name}" stands in two strata: {one} and {other}. If names count within their stratum only, '
                'say "nest".',
            )
        )
    return out


def _populations(table: pl.DataFrame, column: str, parent: Ints, names: Sequence[str]) -> Floats:
    """Return the population count of each parent; two different ones are an error."""
    values = numbers(table, column)
    out = np.zeros(len(names))
    out[parent] = values
    wrong = np.flatnonzero(out[parent] != values)
    if len(wrong):
        row = int(wrong[0])
        a, b = sorted((values[row], out[parent[row]]))
        where = f", {names[parent[row]]}" if names[parent[row]] else ""
        raise DesignError(
            Text(
                f"Spalte „{column}“{where}: zwei verschiedene Zahlen für dieselbe Grundgesamtheit, {a:g} und {b:g}.",
                f'Column "{column}"{where}: two different numbers for one population, {a:g} and {b:g}.',
            )
        )
    return out


def _weights(table: pl.DataFrame, design: Design, structure: Structure, unit: Ints) -> Floats:
    """Return the weights as given, else N/n over the stages, else 1."""
    if design.weight is not None:
        weight = numbers(table, design.weight)
        wrong = np.flatnonzero(~np.isfinite(weight) | (weight < 0))
        if len(wrong):
            row = int(wrong[0])
            raise InputError.of(
                f"Zeile {row + 1} der Daten: {weight[row]:g} ist kein Gewicht.",
                f"Row {row + 1} of the data: {weight[row]:g} is not a weight.",
                field=design.weight,
                hint=Text("Gewichte sind Zahlen ab 0.", "Weights are numbers from 0."),
            )
        if not weight.any():
            raise DesignError(
                Text(f"Alle Gewichte in „{design.weight}“ sind 0.", f'All weights in "{design.weight}" are 0.')
            )
        return weight
    weight, index = np.ones(len(unit)), unit
    for stage in reversed(structure.stages):
        index = stage.parent[index]
        fraction = np.where(np.isfinite(stage.population), stage.fraction, 1.0)
        weight /= fraction[index]
    return weight
