"""The engine in memory: rows of a data frame, or of Parquet files batch by batch, summed in this process."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines import structure
from passgenau.estimation.engines.lanes import plan, present
from passgenau.estimation.engines.profiles import listed, measured, stored
from passgenau.estimation.engines.rows import frame_of
from passgenau.estimation.engines.scan import WeightError, scan
from passgenau.estimation.sums import Sums
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.engines.lanes import Plan
    from passgenau.estimation.engines.rows import Rows
    from passgenau.estimation.engines.scan import Frame, Table
    from passgenau.estimation.sums import Label, Profile, Query


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """A `Source` over a frame of Polars; a lazy one may be larger than memory.

    Attributes
    ----------
    frame
        The rows, as a frame.
    rows
        Where they come from: files know the range of their columns, and what stands in which line.
    known
        Profiles made so far.
    """

    frame: Frame
    rows: Rows
    known: dict[str, Profile] = field(default_factory=dict, repr=False)
    files: list[pq.FileMetaData] = field(default_factory=list, repr=False)  # once read

    @property
    def engine(self) -> str:
        """The engine's name."""
        return "memory"

    @property
    def columns(self) -> Sequence[str]:
        """The names of all columns."""
        return self.rows.columns

    @property
    def labels(self) -> Mapping[str, Mapping[Label, str]]:
        """Value labels of an SPSS file: column → value → label."""
        return self.rows.labels

    def close(self) -> None:
        """Remove temporary files."""
        self.rows.close()

    def profile(self, columns: Sequence[str]) -> Mapping[str, Profile]:
        """Describe columns; raises InputError for one that does not exist."""
        self.rows.check(columns)
        new = [name for name in columns if name not in self.known]
        if new:
            schema = self.frame.collect_schema()
            told = {**self._outline(new), **self._exactly(new)}
            self.known.update(listed(self.frame, told, schema))
        return {name: self.known[name] for name in columns}

    def summarise(self, query: Query) -> Sums:
        """Answer a query in one pass; raises DesignError or InputError where the rows do not fit the design."""
        design = query.design
        self.rows.check((*design.columns, *query.by, *_read(query)))
        described = {**self._design(query), **self.profile(tuple(_read(query)))}
        self._check(query, described)
        lanes = plan(query, described)
        try:
            table = scan(self.frame, query, lanes, described, self._pieces())
        except WeightError as error:
            raise self._bad_weight(error.column) from None
        except pl.exceptions.PolarsError as error:
            raise _refused(query, error) from error
        return _answer(query, lanes, table, self._orders(), self._missing)

    def _design(self, query: Query) -> dict[str, Profile]:
        """Describe the columns of the design and the domains, levels aside."""
        told = self._outline(tuple(dict.fromkeys((*query.design.columns, *query.by))))
        keys = {query.design.strata, *query.design.ids, *query.by}
        return {**told, **self._exactly([name for name in told if name in keys])}

    def _outline(self, columns: Sequence[str]) -> dict[str, Profile]:
        """Describe columns, levels aside, if possible without reading them."""
        schema = self.frame.collect_schema()
        told = stored(self._metadata(), {name: schema[name] for name in columns if name not in self.known})
        told |= {name: self.known[name] for name in columns if name in self.known}
        rest = {name: schema[name] for name in columns if name not in told}
        return {**told, **(measured(self.frame, rest) if rest else {})}

    def _exactly(self, columns: Sequence[str]) -> dict[str, Profile]:
        """Describe those of some columns in full of which files do not say enough."""
        schema = self.frame.collect_schema()
        rest = {name: schema[name] for name in columns if name not in self.known and _inexact(schema[name])}
        return measured(self.frame, rest) if rest and self.rows.files else {}

    def _metadata(self) -> list[pq.FileMetaData]:
        """Return what the Parquet files say of themselves, read once."""
        if not self.files:
            self.files.extend(pq.read_metadata(file) for file in self.rows.files)
        return self.files

    def _check(self, query: Query, described: Mapping[str, Profile]) -> None:
        """Raise where columns of the design cannot be what they are said to be."""
        design = query.design
        for name in design.columns:
            if described[name].missing:
                raise self._missing(name)
        weight = () if design.weight is None else (design.weight,)
        for name in (*weight, *design.fpc, *_numbers(query)):
            if described[name].kind == "category":
                raise self._not_a_number(name)
        if design.weight is None:
            return
        known = described[design.weight]
        if known.minimum is not None and (known.minimum < 0 or math.isinf(known.maximum or 0.0)):
            raise self._bad_weight(design.weight)
        if known.maximum == 0:
            raise DesignError(
                Text(
                    f"Spalte „{design.weight}“: alle Gewichte sind 0.", f'Column "{design.weight}": all weights are 0.'
                )
            )

    def _pieces(self) -> list[int]:
        """Return the rows of every row group of the files."""
        return [file.row_group(i).num_rows for file in self._metadata() for i in range(file.num_row_groups)]

    def _orders(self) -> dict[str, tuple[Label, ...]]:
        """Return the categories whose order the frame declares."""
        schema = self.frame.collect_schema()
        return {name: tuple(kind.categories) for name, kind in schema.items() if isinstance(kind, pl.Enum)}

    def _first(self, column: str, wrong: pl.Expr) -> tuple[int, object]:
        """Return the first row (from 0) where a column is wrong, and its value."""
        rows = self.frame.lazy().select(column).with_row_index("passgenau_row").filter(wrong)
        found = rows.sort("passgenau_row").head(1).collect()
        return int(found[0, "passgenau_row"]), found[0, column]

    def _missing(self, column: str) -> InputError:
        """Return the error for the first missing value of a design column."""
        row, _ = self._first(column, _is_missing(column, self.frame.collect_schema()[column]))
        return self.rows.no_value(column, row)

    def _bad_weight(self, column: str) -> InputError:
        """Return the error for the first weight that is none."""
        missing = _is_missing(column, self.frame.collect_schema()[column])
        row, value = self._first(column, missing | ~pl.col(column).is_between(0, np.inf, closed="left"))
        return self.rows.no_weight(column, row, value)

    def _not_a_number(self, column: str) -> InputError:
        """Return the error for a column of words where numbers are needed."""
        text = pl.col(column).cast(pl.String)
        number = text.cast(pl.Float64, strict=False)
        words = self.frame.lazy().select((number.is_null() & text.is_not_null()).any()).collect().item()
        row, value = self._first(column, text.is_not_null() & number.is_null() if words else text.is_not_null())
        return self.rows.no_number(column, row, value)


def open_memory(rows: Rows) -> Memory:
    """Open rows for this engine."""
    return Memory(frame_of(rows), rows)


def _refused(query: Query, error: pl.exceptions.PolarsError) -> Exception:
    """Return the error for a condition that does not suit its columns."""
    if query.where is None:
        return error
    from passgenau.estimation.engines.conditions import unsuited  # noqa: PLC0415 -- sqlglot takes its time

    return unsuited(query.where, str(error).splitlines()[0])


def _inexact(dtype: pl.DataType) -> bool:
    """Whether files do not say if a column's numbers are whole."""
    return dtype.is_float() or dtype.is_decimal()


def _is_missing(column: str, dtype: pl.DataType) -> pl.Expr:
    return ~present(column, dtype)


def _read(query: Query) -> Iterator[str]:
    """Yield the columns that the variables of a query read."""
    for variable in query.variables:
        yield from variable.present
        yield from (factor.column for factor in variable.factors)


def _numbers(query: Query) -> Iterator[str]:
    """Yield the columns that must hold numbers."""
    for variable in query.variables:
        yield from (factor.column for factor in variable.factors if factor.test is None)


def _answer(
    query: Query,
    lanes: Plan,
    table: Table,
    orders: Mapping[str, tuple[Label, ...]],
    missing: Callable[[str], InputError],
) -> Sums:
    """Put the cells of a pass in order and join them with the design."""
    design = query.design
    cells = structure.Cells(
        None if design.strata is None else table.columns[design.strata].to_arrow(),
        tuple(table.columns[name].to_arrow() for name in design.ids),
        tuple(table.columns[name].to_arrow() for name in query.by),
        table.inside,
        table.rows,
        tuple((values, values) for values in (table.columns[name].cast(pl.Float64).to_numpy() for name in design.fpc)),
    )
    layout = structure.lay_out(design, query.by, cells, orders, missing)
    weight = layout.weight if design.weight is None else np.ones(len(table.rows))
    order = np.lexsort((layout.domain, layout.unit, layout.stratum))
    place = np.stack([layout.stratum[order], layout.unit[order], layout.domain[order]])
    first = np.flatnonzero(np.r_[True, (place[:, 1:] != place[:, :-1]).any(axis=0)])
    chosen, inside = order[first], place[2, first] >= 0

    def lanes_of(sums: NDArray[np.float64], index: Sequence[int], power: int) -> NDArray[np.float64]:
        found = sums[np.array(index, dtype=np.intp)[:, None], chosen] * weight[chosen] ** power
        return np.where(inside, found, 0.0).T  # one variable after the other, as they are read

    return Sums(
        query,
        layout.structure,
        layout.domains,
        place[0, first],
        place[1, first],
        place[2, first],
        np.add.reduceat(table.rows[order], first),
        np.where(inside, table.count[np.array(lanes.variables, dtype=np.intp)[:, None], chosen], 0).T,
        lanes_of(table.single, lanes.variables, 1),
        lanes_of(table.double, lanes.pairs, 2) if layout.structure.rows_are_units else None,
    )
