"""The engine in memory: rows of a data frame, or of Parquet files batch by batch, summed in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from passgenau.errors import InputError
from passgenau.estimation.engines import structure
from passgenau.estimation.engines.lanes import plan
from passgenau.estimation.engines.profiles import listed, profiles, stored
from passgenau.estimation.engines.scan import scan
from passgenau.estimation.engines.sources import unknown_column
from passgenau.estimation.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.engines.lanes import Plan
    from passgenau.estimation.engines.scan import Frame, Table
    from passgenau.estimation.sums import Label, Profile, Query


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """A `Source` over a frame of Polars; a lazy one may be larger than memory.

    Attributes
    ----------
    frame
        The rows.
    files
        The Parquet files that a lazy frame reads: they know the range of their columns.
    known
        Profiles made so far.
    """

    frame: Frame
    files: tuple[str, ...] = ()
    known: dict[str, Profile] = field(default_factory=dict, repr=False)

    @property
    def engine(self) -> str:
        """The engine's name."""
        return "memory"

    @property
    def columns(self) -> Sequence[str]:
        """The names of all columns."""
        return self.frame.collect_schema().names()

    def profile(self, columns: Sequence[str]) -> Mapping[str, Profile]:
        """Describe columns; raises InputError for one that does not exist."""
        schema = self.frame.collect_schema()
        for name in columns:
            if name not in schema:
                raise unknown_column(name, schema.names())
        new = {name: schema[name] for name in columns if name not in self.known}
        told = {name: found for name, found in stored(self.files, new).items() if not new[name].is_float()}
        if told:
            self.known.update(listed(self.frame.lazy(), told))
        rest = {name: dtype for name, dtype in new.items() if name not in told}
        if rest:
            self.known.update(profiles(self.frame.lazy(), rest))
        return {name: self.known[name] for name in columns}

    def _bounds(self, columns: Sequence[str]) -> dict[str, Profile]:
        """Describe columns of which only the range matters, if possible without reading them."""
        schema = self.frame.collect_schema()
        told = stored(self.files, {name: schema[name] for name in columns if name in schema})
        return {**told, **self.profile([name for name in columns if name not in told])}

    def summarise(self, query: Query) -> Sums:
        """Answer a query in one pass; raises DesignError or InputError where the rows do not fit the design."""
        design = query.design
        weight = () if design.weight is None else (design.weight,)
        keys = (name for name in design.columns if name not in {*weight, *design.fpc})
        described = self._bounds((*weight, *design.fpc))
        described |= self.profile(list(dict.fromkeys((*keys, *query.by, *_read(query)))))
        for name in design.columns:
            if described[name].missing:
                raise self._missing(name)
        for name in (*weight, *design.fpc, *_numbers(query)):
            if described[name].kind == "category":
                raise _words(name, described[name])
        lanes = plan(query, described)
        table = scan(self.frame, query, lanes, described, self._rows())
        return _answer(query, lanes, table, self._orders(), self._missing)

    def close(self) -> None:
        """Nothing is held open."""

    def _rows(self) -> int:
        """Return how many rows there are, 0 where only a pass would tell."""
        if isinstance(self.frame, pl.DataFrame):
            return len(self.frame)
        return sum(pq.read_metadata(file).num_rows for file in self.files)

    def _orders(self) -> dict[str, tuple[Label, ...]]:
        """Return the categories whose order the frame declares."""
        schema = self.frame.collect_schema()
        return {name: tuple(kind.categories) for name, kind in schema.items() if isinstance(kind, pl.Enum)}

    def _missing(self, column: str) -> InputError:
        """Return the error for a missing value in a column of the design, naming the first row."""
        value = pl.col(column)
        if self.frame.collect_schema()[column].is_float():
            value = value.fill_nan(None)
        rows = self.frame.lazy().select(value).with_row_index("row").filter(pl.col(column).is_null())
        row = int(rows.select(pl.col("row").min()).collect().item()) + 1
        return InputError.of(
            f"Zeile {row} der Daten: kein Wert in einer Spalte des Stichprobenplans.",
            f"Row {row} of the data: no value in a column of the sampling design.",
            field=column,
        )


def _read(query: Query) -> Iterator[str]:
    """Yield the columns that the variables of a query read."""
    for variable in query.variables:
        yield from variable.present
        yield from (factor.column for factor in variable.factors)


def _numbers(query: Query) -> Iterator[str]:
    """Yield the columns that must hold numbers."""
    for variable in query.variables:
        yield from (factor.column for factor in variable.factors if factor.test is None)


def _words(column: str, profile: Profile) -> InputError:
    """Return the error for words where numbers are needed."""
    example = profile.levels[0] if profile.levels else ""
    return InputError.of(
        f"Hier werden Zahlen gebraucht; die Spalte enthält Wörter, zum Beispiel „{example}“.",
        f'Numbers are needed here; the column holds words, for example "{example}".',
        field=column,
    )


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

    def columns(sums: NDArray[np.float64], index: Sequence[int], power: int) -> NDArray[np.float64]:
        return np.where(inside[:, None], sums[list(index)][:, chosen].T * (weight**power)[chosen, None], 0.0)

    return Sums(
        query,
        layout.structure,
        layout.domains,
        place[0, first],
        place[1, first],
        place[2, first],
        np.add.reduceat(table.rows[order], first),
        np.where(inside[:, None], table.count[list(lanes.variables)][:, chosen].T, 0),
        columns(table.single, lanes.variables, 1),
        columns(table.double, lanes.pairs, 2) if layout.structure.rows_are_units else None,
    )
