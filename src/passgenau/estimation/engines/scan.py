"""One pass over the rows of a frame: cells and the sums of lanes in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import InputError
from passgenau.estimation.engines.cells import Cells, NotConstantError
from passgenau.estimation.engines.fixed import widened
from passgenau.estimation.engines.keys import Key, key
from passgenau.estimation.engines.lanes import flag_expression, number_expression, present
from passgenau.estimation.engines.totals import Batch, Totals
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.engines.lanes import Flag, Lane, Number, Plan
    from passgenau.estimation.sums import Profile, Query

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Frame = pl.DataFrame | pl.LazyFrame
BATCH = 1 << 17  # rows of a frame taken at once
_STRETCH = 1 << 28  # bytes that a stretch of a file may need
_WIDTH = 2  # bytes of a value, on the average


class WeightError(Exception):
    """A weight is missing, negative or infinite."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What a pass gives: C cells, and sums of the lanes in them.

    Attributes
    ----------
    columns
        (C,) values of every column that makes cells: those of the design, weights aside, and the domains'.
    inside
        (C,) whether the rows belong to a domain.
    rows
        (C,) rows of the data.
    count, single
        (L, C) rows with weight > 0 and v ≠ 0, and Σ w·v, of the plan's lanes.
    double
        (L', C) Σ w²·v of its lanes for pairs.
    """

    columns: Mapping[str, pl.Series]
    inside: NDArray[np.bool_]
    rows: Ints
    count: Ints
    single: Floats
    double: Floats


def scan(frame: Frame, query: Query, plan: Plan, profiles: Mapping[str, Profile], pieces: Sequence[int] = ()) -> Table:
    """Sum the lanes of a plan.

    Parameters
    ----------
    profiles
        What is known of all columns of the design, the domains and the variables.
    pieces
        The rows of each piece in which a lazy frame is stored (row groups of Parquet files), in their order.

    Raises
    ------
    WeightError
        A weight is none.
    InputError
        The condition cannot be read, or numbers are too large.
    """
    schema = frame.collect_schema()
    frame = frame if query.where is None else _without_nan(frame, schema)
    work = _Scan(frame, schema, query, plan, profiles, tuple(pieces))
    determined = _determined(query)
    try:
        return work.run(determined)
    except NotConstantError:  # then they make cells too, and the checks of the design will say what is wrong
        return work.run(())


def condition(where: str, columns: Sequence[str]) -> pl.Expr:
    """Return an SQL condition as an expression; raises InputError where Polars cannot check it."""
    from passgenau.estimation.engines.conditions import read_condition  # noqa: PLC0415 -- sqlglot takes its time

    parsed = read_condition(where, columns)
    try:
        return pl.sql_expr(parsed.sql("duckdb"))
    except pl.exceptions.PolarsError as error:
        raise InputError.of(
            f"Die Bedingung „{where}“ kann dieses Rechenwerk nicht prüfen: {error}",
            f'This engine cannot check the condition "{where}": {error}',
            field="where",
            hint=Text("Das Rechenwerk duckdb versteht mehr: --engine duckdb.", "duckdb knows more: --engine duckdb."),
        ) from None


def meets(table: pl.DataFrame, where: str) -> NDArray[np.bool_]:
    """Return which rows of a table meet an SQL condition; raises InputError where it cannot be checked."""
    from passgenau.estimation.engines.conditions import unsuited  # noqa: PLC0415 -- sqlglot takes its time

    frame = _without_nan(table, table.schema)
    met = condition(where, table.columns).fill_null(value=False)
    try:
        marks: pl.Series = frame.lazy().select(met).collect().to_series()
        return marks.cast(pl.Boolean).to_numpy()
    except pl.exceptions.PolarsError as error:
        raise unsuited(where, str(error).splitlines()[0]) from error


def _without_nan(frame: Frame, schema: pl.Schema) -> Frame:
    """Make NaN missing, so that it meets no condition: a comparison with it may be true."""
    return frame.with_columns([pl.col(name).fill_nan(None) for name, dtype in schema.items() if dtype.is_float()])


def _determined(query: Query) -> tuple[str, ...]:
    """Return the design's columns that follow from others: populations, and the strata of named units."""
    design = query.design
    strata = (design.strata,) if design.strata and design.ids and not design.nest else ()
    keys = {*design.ids, *query.by}
    return tuple(name for name in dict.fromkeys((*strata, *design.fpc)) if name not in keys)


@dataclass(frozen=True, slots=True, eq=False)
class _Scan:
    frame: Frame
    schema: pl.Schema
    query: Query
    plan: Plan
    profiles: Mapping[str, Profile]
    pieces: tuple[int, ...]

    def run(self, determined: Sequence[str]) -> Table:
        """Make the pass; columns of `determined` make no cells of their own."""
        keys = [self._key(name) for name in self._grouping(determined)]
        attributes = [self._key(name) for name in determined]
        selected = self._selected(keys, attributes)
        places = _Places.of(tuple(selected), self.plan)
        single, double = self._totals(self.plan.single, 1), self._totals(self.plan.double, 2)
        sums = _Sums(Cells(len(places.keys), len(attributes)), single, double)
        for part in _batches(self.frame, selected, self.pieces):
            sums.add(self._batch(part, sums.cells, places))
        return _table(keys, attributes, sums, marked="k-inside" in selected)

    def _grouping(self, determined: Sequence[str]) -> Iterator[str]:
        design = self.query.design
        made = (design.strata, *design.ids, *design.fpc, *self.query.by)
        return (name for name in dict.fromkeys(made) if name is not None and name not in determined)

    def _key(self, name: str) -> Key:
        return key(name, self.schema[name], self.profiles[name])

    @property
    def _rows(self) -> int:
        """The rows to be expected, 0 where that is not known."""
        return len(self.frame) if isinstance(self.frame, pl.DataFrame) else sum(self.pieces)

    def _totals(self, lanes: Sequence[Lane], power: int) -> Totals:
        weight = self.query.design.weight
        known = None if weight is None else self.profiles[weight]
        bounds = {numbers: self._bound(numbers, power) for numbers in {lane.numbers for lane in lanes}}
        return Totals(lanes, [bounds[lane.numbers] for lane in lanes], known, power, self._rows)

    def _bound(self, numbers: Sequence[Number], power: int) -> float:
        """Return the largest w^power times a product of numbers; raises InputError where that is no number."""
        weight = self.query.design.weight
        read = [] if weight is None else [(weight, 0.0)] * power
        out = 1.0
        for name, centre in (*read, *numbers):
            profile = self.profiles[name]
            low, high = profile.minimum or 0.0, profile.maximum or 0.0
            out *= max(abs(low - centre), abs(high - centre))
            if not math.isfinite(out):
                raise InputError.of(
                    f"Zu große Zahlen, um sie zu summieren: bis {max(abs(low), abs(high)):g}.",
                    f"Numbers too large to be summed: up to {max(abs(low), abs(high)):g}.",
                    field=name,
                )
        return out

    def _selected(self, keys: Sequence[Key], attributes: Sequence[Key]) -> dict[str, pl.Expr]:
        """Return the expressions to be read, by short names."""
        out = {f"k{i}": key.expression for i, key in enumerate(keys)}
        inside = self._inside()
        if inside is not None:
            out["k-inside"] = inside
        if not out:  # a single cell
            out["k"] = pl.repeat(0, pl.len(), dtype=pl.UInt8)
        for i, attribute in enumerate(attributes):
            out[f"a{i}"] = attribute.raw
        if self.query.design.weight is not None:
            out["weight"] = pl.col(self.query.design.weight).cast(pl.Float64).fill_null(float("nan"))
        for i, flag in enumerate(self.plan.flags):
            out[f"f{i}"] = flag_expression(flag, self.schema[flag[0]], self.profiles[flag[0]])
        for i, number in enumerate(self.plan.numbers):
            out[f"x{i}"] = number_expression(number, self.schema[number[0]])
        return out

    def _inside(self) -> pl.Expr | None:
        """Return whether a row belongs to a domain; None where all do."""
        conditions = [present(name, self.schema[name]) for name in self.query.by if self.profiles[name].missing]
        if self.query.where is not None:
            conditions.append(condition(self.query.where, self.schema.names()).fill_null(value=False))
        return pl.all_horizontal(conditions).cast(pl.UInt8) if conditions else None

    def _batch(self, part: pl.DataFrame, cells: Cells, places: _Places) -> Batch:
        columns = [column.to_numpy() for column in part.get_columns()]
        cell = cells.codes([columns[i] for i in places.keys], [columns[i] for i in places.attributes])
        weight = np.ones(len(part)) if places.weight is None else columns[places.weight]
        if not (weight.min() >= 0 and weight.max() < np.inf):  # false with NaN
            raise WeightError(self.query.design.weight or "")
        flags = {flag: columns[i] for flag, i in places.flags.items()}
        return Batch(cell, weight, flags, {number: columns[i] for number, i in places.numbers.items()})


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in a batch columns stand."""

    keys: list[int]
    attributes: list[int]
    weight: int | None
    flags: dict[Flag, int]
    numbers: dict[Number, int]

    @classmethod
    def of(cls, names: tuple[str, ...], plan: Plan) -> _Places:
        """Find columns by the first letter of their names."""

        def of(letter: str) -> list[int]:
            return [i for i, name in enumerate(names) if name[0] == letter]

        weight = names.index("weight") if "weight" in names else None
        flags, numbers = dict(zip(plan.flags, of("f"), strict=True)), dict(zip(plan.numbers, of("x"), strict=True))
        return cls(of("k"), of("a"), weight, flags, numbers)


def _table(keys: Sequence[Key], attributes: Sequence[Key], sums: _Sums, *, marked: bool) -> Table:
    cells, size = sums.cells, len(sums.cells)
    columns = {column.name: column.values(numbers) for column, numbers in zip(keys, cells.keys, strict=False)}
    for column, values in zip(attributes, cells.attributes, strict=True):
        columns[column.name] = column.read(values)
    single, double = sums.single.finish()[:, :size], sums.double.finish()[:, :size]
    inside = cells.keys[-1] == 1 if marked else np.ones(size, dtype=np.bool_)
    return Table(columns, inside, sums.rows[0, :size], sums.single.count[:, :size], single, double)


class _Sums:
    """Cells and their sums so far."""

    def __init__(self, cells: Cells, single: Totals, double: Totals) -> None:
        self.cells, self.single, self.double = cells, single, double
        self.rows = np.zeros((1, 0), dtype=np.int64)

    def add(self, batch: Batch) -> None:
        """Add rows."""
        self.rows = widened(self.rows, len(self.cells))
        self.single.grow(len(self.cells))
        self.double.grow(len(self.cells))
        self.rows[0] += np.bincount(batch.cell, minlength=self.rows.shape[1])
        self.single.add(batch)
        self.double.add(batch)


def _batches(frame: Frame, selected: Mapping[str, pl.Expr], pieces: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Yield the selected columns, some rows at a time."""
    if isinstance(frame, pl.DataFrame):
        for start in range(0, len(frame), BATCH):
            yield frame.slice(start, BATCH).lazy().select(**selected).collect()
        return
    for start, rows in _stretches(pieces, _STRETCH // (_WIDTH * len(selected))):
        for part in frame.slice(start, rows).select(**selected).collect_batches(maintain_order=False):
            if len(part):
                yield part


def _stretches(pieces: Sequence[int], most: int) -> Iterator[tuple[int, int | None]]:
    """Join pieces to stretches of about so many rows; yield where each starts and how long it is.

    Polars reads ahead as far as it can. One stretch after the other, what it holds does not grow with the data.
    """
    if not pieces:
        yield 0, None
    start = length = 0
    for rows in pieces:
        if length and length + rows > most:
            yield start, length
            start, length = start + length, 0
        length += rows
    if length:
        yield start, length
