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
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.engines.structure import Cells, lay_out
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.estimation.design import Design, Structure

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
        structure, unit, weight = _layout(table, design)
        if design.weight is not None:
            weight = _given_weights(table, design.weight)
        return cls(table, design, structure, unit, weight, np.ones(len(weight), dtype=np.bool_))

    @property
    def rows(self) -> int:
        """Rows, those outside the domain included."""
        return len(self.weight)

    @property
    def simple(self) -> bool:
        """Whether units of a stratum were drawn so that all sets of as many are equally likely."""
        return True

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


def _check_columns(table: pl.DataFrame, design: Design) -> None:
    for column in design.columns:
        if column not in table.columns:
            raise unknown_column(column, table.columns)
        if _is_missing(table[column]).any():
            raise _missing(table, column)


def _is_missing(series: pl.Series) -> pl.Series:
    return series.is_null() | series.is_nan() if series.dtype.is_float() else series.is_null()


def _missing(table: pl.DataFrame, column: str) -> InputError:
    """Return the error for a design column without a value."""
    row = int(_is_missing(table[column]).arg_true()[0]) + 1
    return InputError.of(
        f"Zeile {row} der Daten: kein Wert in einer Spalte des Stichprobenplans.",
        f"Row {row} of the data: no value in a column of the sampling design.",
        field=column,
    )


def _layout(table: pl.DataFrame, design: Design) -> tuple[Structure, Ints, Floats]:
    """Return the structure, each row's unit of the last stage, and its weight Π N/n: every row is a cell of its own."""
    rows = len(table)
    counts = [numbers(table, column) for column in design.fpc]
    cells = Cells(
        strata=None if design.strata is None else table[design.strata].to_arrow(),
        ids=tuple(table[column].to_arrow() for column in design.ids),
        by=(),
        inside=np.ones(rows, dtype=np.bool_),
        rows=np.ones(rows, dtype=np.int64),
        populations=tuple((values, values) for values in counts),
    )
    orders = {name: tuple(kind.categories) for name, kind in table.schema.items() if isinstance(kind, pl.Enum)}
    found = lay_out(design, (), cells, orders, lambda column: _missing(table, column))
    if design.ids:
        return found.structure, found.unit, found.weight
    stage = replace(found.structure.stages[0], parent=found.stratum)
    structure = replace(found.structure, stages=(stage,), rows_are_units=False)
    return structure, np.arange(rows, dtype=np.int64), found.weight


def _given_weights(table: pl.DataFrame, column: str) -> Floats:
    """Return the weights as given."""
    weight = numbers(table, column)
    wrong = np.flatnonzero(~np.isfinite(weight) | (weight < 0))
    if len(wrong):
        row = int(wrong[0])
        raise InputError.of(
            f"Zeile {row + 1} der Daten: {weight[row]:g} ist kein Gewicht.",
            f"Row {row + 1} of the data: {weight[row]:g} is not a weight.",
            field=column,
            hint=Text("Gewichte sind Zahlen ab 0.", "Weights are numbers from 0."),
        )
    if not weight.any():
        raise DesignError(Text(f"Alle Gewichte in „{column}“ sind 0.", f'All weights in "{column}" are 0.'))
    return weight
