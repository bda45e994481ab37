"""A source that speaks SQL: describes columns and answers queries through the Ibis expressions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import ibis  # type: ignore[import-untyped]  # ibis has no types
import numpy as np
import pyarrow as pa

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines import ibis_query
from passgenau.estimation.engines.conditions import read_condition
from passgenau.estimation.engines.ibis_query import CLEAN, RAW, ROWS
from passgenau.estimation.engines.structure import Cells, label, lay_out, ranked
from passgenau.estimation.sums import Profile, Sums
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import ibis.expr.types as ir  # type: ignore[import-untyped]  # likewise
    from numpy.typing import NDArray

    from passgenau.estimation.engines.conditions import Condition
    from passgenau.estimation.engines.ibis_query import Compiled
    from passgenau.estimation.engines.rows import Rows
    from passgenau.estimation.sums import Label, Query

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Values = pa.ChunkedArray[Any]

_FEW = 50  # numbers of at most so many different values have them listed


class Dialect(Protocol):
    """What differs between engines."""

    @property
    def name(self) -> str:
        """The engine: duckdb or spark."""
        ...

    @property
    def ibis(self) -> str:
        """What Ibis calls it."""
        ...

    @property
    def width(self) -> int:
        """The largest number of sums in one aggregate."""
        ...

    @property
    def row_number(self) -> str:
        """The SQL of a row's number in the data, from 1."""
        ...

    def fetch(self, sql: str) -> pa.Table:
        """Run SQL; raises InputError where it fails because of the values in a row."""
        ...

    def close(self) -> None:
        """Free what the engine holds."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Relational:
    """A `Source` whose rows are a table of an SQL engine.

    Attributes
    ----------
    schema
        Column → Ibis type, as it stands in the data.
    relation
        The SQL of the table.
    told
        The same where only ranges are asked for, which files know without NaN.
    physical
        Column → its name in `relation`, where names differ in case only and SQL would mix them up; else empty.
    """

    rows: Rows
    schema: Mapping[str, str]
    relation: str
    told: str
    dialect: Dialect
    physical: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, Profile] = field(default_factory=dict, repr=False)  # in full
    _bounds: dict[str, Profile] = field(default_factory=dict, repr=False)  # `missing` may be too large, never 0
    _size: list[int] = field(default_factory=list, repr=False)  # rows, once counted

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self.dialect.name

    @property
    def columns(self) -> Sequence[str]:
        """The names of all columns."""
        return self.rows.columns

    @property
    def labels(self) -> Mapping[str, Mapping[Label, str]]:
        """Value labels of an SPSS file: column → value → label."""
        return self.rows.labels

    def close(self) -> None:
        """Free what the engine holds; temporary files are removed."""
        self.dialect.close()
        self.rows.close()

    def profile(self, columns: Sequence[str]) -> Mapping[str, Profile]:
        """Describe columns; raises InputError for one that does not exist."""
        self.rows.check(columns)
        new = [name for name in dict.fromkeys(columns) if name not in self._known]
        self._outline(new)
        whole = [name for name in new if self.schema[name] == "int64"]
        self._known.update({name: self._with_levels(name, self._bounds[name]) for name in whole})
        self._read([name for name in new if name not in self._known])
        return {name: self._known[name] for name in columns}

    def summarise(self, query: Query) -> Sums:
        """Answer a query in one pass; raises DesignError or InputError where the rows do not fit the design."""
        used = _used(query)
        self.rows.check(dict.fromkeys((*query.design.columns, *query.by, *used)))
        condition = None if query.where is None else read_condition(query.where, self.columns)
        needed = tuple(dict.fromkeys((*used, *query.design.columns)))
        profiles = self._outline(needed)
        self._check_design(query, profiles)
        columns = tuple(dict.fromkeys((*needed, *query.by, *(condition.columns if condition else ()))))
        table = ibis_query.table(self.schema, columns, ROWS if condition else CLEAN, inside=condition is not None)
        try:
            compiled = ibis_query.compiled(query, table, self._size[0], profiles, self.dialect.width)
        except ibis_query.NotANumberError as error:
            raise self._not_a_number(error.column) from error
        except ibis_query.InfiniteError as error:
            raise self._infinite(error.column) from error
        return self._finish(query, compiled, columns, condition)

    def first_text(self, column: str) -> tuple[int | None, str] | None:
        """Return the line (CSV) or row of the first value that is no number, and the value."""
        found = self._first(column, f"{_name(column)} IS NOT NULL AND TRY_CAST({_name(column)} AS DOUBLE) IS NULL")
        return None if found is None else (self.rows.place(found[0])[0] or found[0] + 1, str(found[1]))

    def _fetch(self, expression: ir.Table, columns: Sequence[str], condition: Condition | None = None) -> pa.Table:
        """Run an expression over cleaned columns."""
        body = _sql(expression, self.dialect.ibis)
        return self.dialect.fetch(self._with(columns, condition) + body)

    def _with(self, columns: Sequence[str], condition: Condition | None = None) -> str:
        """Return the head of a statement that cleans columns and applies a condition."""
        name = self.dialect.name
        clean = _sql(ibis_query.cleaned(self.schema, columns), self.dialect.ibis)
        head = f"WITH {RAW} AS ({self._raw(self.relation, columns)}), {CLEAN} AS ({clean})"
        if condition is not None:
            met = f"COALESCE(CAST(({condition.sql(name)}) AS BOOLEAN), FALSE) AS {ibis_query.INSIDE}"
            head += f", {ROWS} AS (SELECT *, {met} FROM {CLEAN})"  # noqa: S608 -- the condition was parsed
        return f"{head} "

    def _read(self, columns: Sequence[str]) -> None:
        """Describe columns by reading them."""
        if not columns:
            return
        clean = ibis_query.table(self.schema, columns)
        found = self._fetch(ibis_query.ranges(clean, columns), columns)
        for i, name in enumerate(columns):
            self._known[name] = self._with_levels(name, self._profile(name, found, i))

    def _profile(self, name: str, found: pa.Table, index: int) -> Profile:
        size, filled = found["rows"][0].as_py(), found[f"n{index}"][0].as_py()
        kind = ibis_query.clean_type(self.schema[name])
        if kind == "string":
            return Profile("category", size - filled)
        low, high = found[f"a{index}"][0].as_py(), found[f"b{index}"][0].as_py()
        if kind == "boolean":
            return Profile("boolean", size - filled, low, high, whole=True)
        return Profile("number", size - filled, low, high, whole=filled > 0 and not found[f"w{index}"][0].as_py())

    def _with_levels(self, name: str, known: Profile) -> Profile:
        """Add the values of a category, chosen by anybody or not, or of a number that takes few."""
        if known.kind == "category":
            return replace(known, levels=self.rows.orders.get(name) or self._levels(name, None))
        if known.minimum is None or known.maximum is None or not known.whole:
            return known
        if known.maximum - known.minimum <= 1:  # both occur, and nothing lies between them
            make = bool if known.kind == "boolean" else label
            return replace(known, levels=tuple(dict.fromkeys((make(known.minimum), make(known.maximum)))))
        levels = self._levels(name, _FEW + 1)
        return replace(known, levels=levels) if len(levels) <= _FEW else known

    def _levels(self, name: str, most: int | None) -> tuple[Label, ...]:
        clean = ibis_query.table(self.schema, [name])
        found = self._fetch(ibis_query.distinct(clean, name, most), [name])
        return tuple(ranked(found["value"], self.rows.orders.get(name, ()))[0])

    def _outline(self, columns: Sequence[str]) -> dict[str, Profile]:
        """Describe columns as far as needed to sum them, without reading them where the file knows."""
        new = [name for name in columns if name not in self._known and name not in self._bounds]
        if new or not self._size:
            found = self._bounds_of(new)
            self._size[:] = [found["rows"][0].as_py()]
            self._bounds.update({name: self._bound(name, found, i) for i, name in enumerate(new)})
        known = {name: self._known.get(name) or self._bounds[name] for name in columns}
        self._read([name for name in columns if name not in self._known and _unclear(known[name])])
        return known | {name: self._known[name] for name in columns if name in self._known}

    def _bounds_of(self, columns: Sequence[str]) -> pa.Table:
        raw = ibis.table(dict(self.schema), name=RAW)
        body = _sql(ibis_query.bounds(raw, columns), self.dialect.ibis)
        return self.dialect.fetch(f"WITH {RAW} AS ({self._raw(self.told, columns)}) {body}")

    def _raw(self, relation: str, columns: Sequence[str]) -> str:
        """Return the SQL that reads columns under their own names."""
        if not self.physical:
            return f"SELECT * FROM {relation}"  # noqa: S608 -- names are quoted
        self.rows.check_names(columns)
        listed = ", ".join(f"{_name(self.physical[name])} AS {_name(name)}" for name in columns)
        return f"SELECT {listed} FROM {relation}"  # noqa: S608 -- likewise

    def _bound(self, name: str, found: pa.Table, index: int) -> Profile:
        missing = found["rows"][0].as_py() - found[f"n{index}"][0].as_py()
        kind = self.schema[name]
        if kind == "boolean":
            return Profile("boolean", missing, 0.0, 1.0, whole=True)
        if ibis_query.clean_type(kind) == "string":
            return Profile("category", missing)
        low, high = (found[f"{end}{index}"][0].as_py() for end in "ab")
        if low is None:
            return Profile("number", missing)
        missing = max(missing, 1) if kind.startswith("float") else missing  # NaN is missing, and files do not count it
        return Profile("number", missing, float(low), float(high), whole=kind == "int64")

    def _check_design(self, query: Query, profiles: Mapping[str, Profile]) -> None:
        """Raise where the design cannot hold whatever the cells are."""
        if not self._size[0]:
            raise DesignError(Text("Die Daten haben keine Zeilen.", "The data have no rows."))
        design = query.design
        for name in (design.weight, *design.fpc):
            if name is not None and profiles[name].kind == "category":
                raise self._not_a_number(name)
        if design.weight is None:
            return
        known = profiles[design.weight]
        if known.minimum is None or known.minimum < 0 or math.isinf(known.maximum or 0.0):
            raise self._bad_weight(design.weight)
        if known.maximum == 0 and not self._is_missing(design.weight):
            raise DesignError(
                Text(
                    f"Spalte „{design.weight}“: alle Gewichte sind 0.", f'Column "{design.weight}": all weights are 0.'
                )
            )

    def _is_missing(self, column: str) -> bool:
        return self.profile([column])[column].missing > 0

    def _finish(self, query: Query, compiled: Compiled, columns: Sequence[str], condition: Condition | None) -> Sums:
        tables = [_in_order(self._fetch(part, columns, condition), compiled.keys) for part in compiled.aggregates]
        self._check_tallies(query, tables[0])
        first = tables[0]
        cells = _cells(query, first)
        layout = lay_out(query.design, query.by, cells, self.rows.orders, self._missing)
        order = np.lexsort((layout.domain, layout.unit, layout.stratum))
        found = {name: _floats(table[name]) for table in tables for name in table.column_names if name[0] == "s"}
        inside = (layout.domain >= 0)[:, None]
        size = len(order)
        implied = query.design.weight is None and bool(query.design.fpc)
        weight = layout.weight[:, None] if implied else np.ones((1, 1))
        count = np.where(inside, _gather([found[name] for name in compiled.count], size), 0)
        total = np.where(inside, _gather([_add(found, one.parts) for one in compiled.total], size) * weight, 0)
        square = np.where(inside, _gather([_add(found, one.parts) for one in compiled.square], size) * weight**2, 0)
        return Sums(
            query,
            layout.structure,
            layout.domains,
            layout.stratum[order],
            layout.unit[order],
            layout.domain[order],
            cells.rows[order],
            count.astype(np.int64)[:, compiled.plan.variables][order],
            total[:, compiled.plan.variables][order],
            None if query.design.ids else square[:, compiled.plan.pairs][order],
        )

    def _check_tallies(self, query: Query, table: pa.Table) -> None:
        rows = table["t_rows"]
        if query.design.weight is not None and not table["t_weights"].equals(rows):
            raise self._bad_weight(query.design.weight)
        for i, name in enumerate(query.design.fpc):
            if not table[f"t_filled{i}"].equals(rows):
                raise self._missing(name)

    def _first(self, column: str, wrong: str) -> tuple[int, object] | None:
        """Return the first row (from 0) where a cleaned column is wrong, and the value as it stands in the data."""
        plain, copy = _name(column), f"{_name(column)} AS passgenau_value"
        if self.dialect.name == "spark":
            plain, copy, wrong = plain.replace('"', "`"), copy.replace('"', "`"), wrong.replace('"', "`")
        clean = _sql(ibis_query.cleaned(self.schema, [column]), self.dialect.ibis)
        found = self.dialect.fetch(
            f"WITH {RAW}_values AS (SELECT {copy}, {plain}, {self.dialect.row_number} AS passgenau_row "  # noqa: S608 -- names are quoted
            f"FROM ({self._raw(self.relation, [column])}) AS {RAW}_rows), "
            f"{RAW} AS (SELECT * FROM {RAW}_values), {CLEAN} AS ({_with_row(clean)}) "
            f"SELECT passgenau_row, passgenau_value FROM {CLEAN} WHERE {wrong} ORDER BY 1 LIMIT 1"
        )
        return (found[0][0].as_py() - 1, found[1][0].as_py()) if len(found) else None

    def _bad_weight(self, column: str) -> InputError:
        """Return the error for the first weight that is none."""
        plain = _name(column)
        wrong = f"{plain} IS NULL OR {plain} < 0 OR {plain} >= CAST('Infinity' AS DOUBLE)"
        row, value = self._first(column, wrong) or (0, None)
        return self.rows.no_weight(column, row, value)

    def _missing(self, column: str) -> InputError:
        """Return the error for the first missing value of a design column."""
        row, _ = self._first(column, f"{_name(column)} IS NULL") or (0, None)
        return self.rows.no_value(column, row)

    def _not_a_number(self, column: str) -> InputError:
        """Return the error for a column of words where numbers are needed."""
        row, value = (
            self._first(column, f"{_name(column)} IS NOT NULL AND TRY_CAST({_name(column)} AS DOUBLE) IS NULL")
            or self._first(column, f"{_name(column)} IS NOT NULL")
            or (0, None)
        )
        return self.rows.no_number(column, row, value)

    def _infinite(self, column: str) -> InputError:
        plain = _name(column)
        infinity = "CAST('Infinity' AS DOUBLE)"
        row, value = self._first(column, f"{plain} = {infinity} OR {plain} = -{infinity}") or (0, None)
        return self.rows.fault(column, row, f"{value} ist keine endliche Zahl.", f"{value} is not a finite number.")


def _used(query: Query) -> tuple[str, ...]:
    """Return the columns that variables read."""
    names = [name for variable in query.variables for name in variable.present]
    names += [factor.column for variable in query.variables for factor in variable.factors]
    return tuple(dict.fromkeys(names))


def _unclear(known: Profile) -> bool:
    """Whether NaN hides a column's bounds, or it may turn out binary (SPSS keeps 0 and 1 as doubles)."""
    if known.minimum is None or known.maximum is None:
        return False
    ends = (known.minimum, known.maximum)
    return any(map(math.isnan, ends)) or (not known.whole and set(ends) <= {0.0, 1.0})


def _sql(expression: ir.Table, dialect: str) -> str:
    return str(ibis.to_sql(expression, dialect=dialect, pretty=False))


def _with_row(clean: str) -> str:
    """Add the row's number and original value to a selection from cleaned columns."""
    return clean.replace("SELECT ", "SELECT passgenau_row, passgenau_value, ", 1)


def _in_order(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Sort groups by their keys, so that tables of the same groups fit beside each other."""
    if not keys:
        return table
    codes = [ranked(table[name])[1] for name in reversed(keys)]
    return table.take(np.lexsort(codes))


def _cells(query: Query, table: pa.Table) -> Cells:
    size = len(table)
    inside = np.ones(size, dtype=np.bool_)
    if "k_inside" in table.column_names:
        inside = table["k_inside"].to_numpy().astype(np.bool_)
    return Cells(
        table["k_stratum"] if query.design.strata is not None else None,
        tuple(table[f"k_unit{i}"] for i in range(len(query.design.ids))),
        tuple(table[f"k_by{i}"] for i in range(len(query.by))),
        inside,
        table["t_rows"].to_numpy().astype(np.int64),
        tuple((_numbers(table[f"t_low{i}"]), _numbers(table[f"t_high{i}"])) for i in range(len(query.design.fpc))),
    )


def _floats(values: Values) -> Floats:
    """Return sums, 0 where nothing was summed."""
    return np.nan_to_num(_numbers(values), nan=0.0)


def _numbers(values: Values) -> Floats:
    """Return numbers, NaN where missing."""
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _add(found: Mapping[str, Floats], parts: Sequence[str]) -> Floats:
    """Add the parts of a sum, the smallest first."""
    out = found[parts[-1]].copy()
    for name in reversed(parts[:-1]):
        out += found[name]
    return out


def _gather(columns: Iterable[Floats], size: int) -> Floats:
    listed = list(columns)
    return np.stack(listed, axis=1) if listed else np.zeros((size, 0))


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
