"""A query as Ibis expressions: the same for every engine that speaks SQL.

Sums are exact and so do not depend on the order in which rows arrive. Each number is cut into parts on fixed grids
of powers of two, chosen so that no sum of a part needs more than the 53 bits of a double: adding up the parts is
then free of rounding, and only the last step rounds. Source: Demmel & Nguyen (2015), Parallel Reproducible
Summation, IEEE Transactions on Computers 64(7), 2060–2070. `docs/methods.md`, section “One table of sums”.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING

import ibis  # type: ignore[import-untyped]  # ibis has no types

from passgenau.errors import InputError
from passgenau.estimation.engines.lanes import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import ibis.expr.types as ir  # type: ignore[import-untyped]  # likewise

    from passgenau.estimation.engines.lanes import Flag, Lane, Number, Plan
    from passgenau.estimation.sums import Label, Profile, Query

RAW, CLEAN, ROWS = "passgenau_raw", "passgenau_clean", "passgenau_rows"  # names of the tables within a statement
INSIDE = "passgenau_inside"  # the column that says whether a row meets the condition

_DIGITS = 45  # bits kept of the smallest number beside the largest
_SPREAD = 30  # bits between the largest and the smallest number, where nothing is known
_LARGE = 20  # numbers above 2^20 keep their digits behind the point
_MOST_PARTS = 6
_SMALLEST = -900  # exponent below which numbers count as 0
_TESTS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class NotANumberError(Exception):
    """A column of words is used as a number."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


class InfiniteError(Exception):
    """A column used as a number holds an infinite one."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def cleaned(schema: Mapping[str, str], columns: Sequence[str]) -> ir.Table:
    """Select columns as 64-bit numbers, truth values or text; NaN becomes missing.

    Parameters
    ----------
    schema
        Column → Ibis type, as it stands in the data.
    """
    raw = ibis.table(dict(schema), name=RAW)
    return raw.select(**{name: _clean(raw[name]) for name in columns})


def clean_type(kind: str) -> str:
    """Return the type that a column of a type has once cleaned."""
    if kind.startswith(("float", "decimal")):
        return "float64"
    return kind if kind in {"int64", "uint64", "boolean"} else "string"


def table(schema: Mapping[str, str], columns: Sequence[str], name: str = CLEAN, *, inside: bool = False) -> ir.Table:
    """Return cleaned rows as a table to build on."""
    types = {column: clean_type(schema[column]) for column in columns}
    return ibis.table(types | {INSIDE: "boolean"} if inside else types, name=name)


def bounds(raw: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Describe columns as far as Parquet files know without being read: filled rows, smallest, largest."""
    measures: dict[str, ir.Value] = {"rows": raw.count()}
    for i, name in enumerate(columns):
        column = raw[name]
        measures[f"n{i}"] = column.count()
        if column.type().is_numeric():
            measures[f"a{i}"], measures[f"b{i}"] = column.min(), column.max()
    return raw.aggregate(**measures)


def ranges(rows: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Describe columns in full: filled rows, smallest, largest, and how many numbers are not whole."""
    measures: dict[str, ir.Value] = {"rows": rows.count()}
    for i, name in enumerate(columns):
        column = rows[name]
        number = column.cast("float64") if not column.type().is_string() else None
        measures[f"n{i}"] = column.count()
        if number is not None:
            measures[f"a{i}"], measures[f"b{i}"] = number.min(), number.max()
            measures[f"w{i}"] = (number % 1 != 0).sum()
    return rows.aggregate(**measures)


def distinct(rows: ir.Table, column: str, most: int | None) -> ir.Table:
    """List the different values of a column, `most` at most."""
    found = rows.filter(rows[column].notnull()).select(value=rows[column]).distinct()
    return found if most is None else found.limit(most)


@dataclass(frozen=True, slots=True)
class Grid:
    """How numbers of a known size are cut into parts whose sums are exact.

    Attributes
    ----------
    anchors
        What is added and taken away again to round to the grid of each part.
    """

    anchors: tuple[float, ...]

    @classmethod
    def of(cls, bound: float, rows: int, spread: int, *, whole: bool) -> Grid:
        """Choose the grid for |x| ≤ `bound` in so many rows, with so many bits from the largest to the smallest."""
        room = rows.bit_length() + 2
        exponent = max(math.frexp(bound)[1], _SMALLEST) if bound else _SMALLEST
        parts = max(1, min(_MOST_PARTS, math.ceil((_DIGITS + spread) / (54 - room))))
        if whole and room + exponent <= 53:  # noqa: PLR2004 -- the bits of a double: whole numbers need no second part
            parts = 1
        anchors = []
        for _ in range(parts):
            anchors.append(math.ldexp(1.5, room + exponent - 1))
            exponent += room - 54  # what rounding leaves is at most half a step of the grid
        return cls(tuple(anchors))

    def parts(self, number: ir.FloatingValue) -> list[ir.FloatingValue]:
        """Cut a number into its parts."""
        out = []
        for anchor in self.anchors:
            part = (number + _literal(anchor)) - _literal(anchor)
            out.append(part)
            number = number - part  # exact: what rounding left has fewer digits
        return out


@dataclass(frozen=True, slots=True)
class Column:
    """Which aggregates add up to one column of sums."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A query as one or several aggregates over the same groups.

    Attributes
    ----------
    keys
        Names of the group keys: strata, ids, by, inside – those the query has.
    aggregates
        Each at most as wide as the engine bears; all with the keys, the first also with counts and populations.
    count, total, square
        The parts of each lane of `plan.single` (and of `plan.double`).
    """

    keys: tuple[str, ...]
    aggregates: tuple[ir.Table, ...]
    plan: Plan
    count: tuple[str, ...]
    total: tuple[Column, ...]
    square: tuple[Column, ...]


def compiled(query: Query, rows: ir.Table, size: int, profiles: Mapping[str, Profile], width: int) -> Compiled:
    """Express a query over cleaned rows.

    Parameters
    ----------
    size
        The number of rows.
    profiles
        What is known of the weight and of every column a variable reads; a `missing` that is not known is not 0.
    width
        The largest number of sums in one aggregate.
    """
    return _Builder(query, rows, size, profiles).build(width)


class _Builder:
    """Collects the columns to prepare per row and the sums over them."""

    def __init__(self, query: Query, rows: ir.Table, size: int, profiles: Mapping[str, Profile]) -> None:
        self.query, self.rows, self.size, self.profiles = query, rows, size, profiles
        self.plan = plan(query, profiles)
        self.weight = query.design.weight
        self.prepared: dict[str, ir.Value] = {}  # columns per row
        self.names: dict[object, tuple[str, ...]] = {}  # what a column stands for → its names
        self.sums: dict[tuple[str, ...], str] = {}  # columns to multiply → the name of the sum

    def build(self, width: int) -> Compiled:
        """Return the aggregates."""
        total = tuple(self._total(lane, 1) for lane in self.plan.single)
        square = tuple(self._total(lane, 2) for lane in self.plan.double) if not self.query.design.ids else ()
        count = tuple(self._count(lane) for lane in self.plan.single)
        keys = self._keys()
        sums = list(self.sums.items())
        pieces = [sums[i : i + width] for i in range(0, len(sums), width)] or [[]]
        aggregates = tuple(self._aggregate(keys, piece, first=i == 0) for i, piece in enumerate(pieces))
        return Compiled(tuple(keys), aggregates, self.plan, count, total, square)

    def _aggregate(
        self, keys: Mapping[str, ir.Value], sums: Sequence[tuple[tuple[str, ...], str]], *, first: bool
    ) -> ir.Table:
        used = dict.fromkeys(name for columns, _ in sums for name in columns)
        design = self._design() if first else {}
        prepared = self.rows.select(**keys, **design, **{name: self.prepared[name] for name in used})
        measures = self._tallies(prepared) if first else {}
        measures |= {name: _product(prepared, columns).sum() for columns, name in sums}
        grouped = prepared.group_by(list(keys)) if keys else prepared
        return grouped.aggregate(**measures)

    def _keys(self) -> dict[str, ir.Value]:
        design, by, rows = self.query.design, self.query.by, self.rows
        keys: dict[str, ir.Value] = {}
        if design.strata is not None:
            keys["k_stratum"] = rows[design.strata]
        keys |= {f"k_unit{i}": rows[name] for i, name in enumerate(design.ids)}
        conditions = [rows[INSIDE]] if INSIDE in rows.columns else []
        conditions += [rows[name].notnull() for name in by]
        if conditions:
            inside = reduce(operator.and_, conditions)
            keys["k_inside"] = inside
            keys |= {f"k_by{i}": inside.ifelse(rows[name], ibis.null(rows[name].type())) for i, name in enumerate(by)}
        return keys

    def _design(self) -> dict[str, ir.Value]:
        out: dict[str, ir.Value] = {f"d_fpc{i}": self.rows[name] for i, name in enumerate(self.query.design.fpc)}
        if self.weight is not None:
            out["d_weight"] = self._valid_weight()
        return out

    def _tallies(self, prepared: ir.Table) -> dict[str, ir.Value]:
        """Return the aggregates that check the design: rows, valid weights, smallest and largest populations."""
        out: dict[str, ir.Value] = {"t_rows": prepared.count()}
        if self.weight is not None:
            out["t_weights"] = prepared["d_weight"].count()
        for i in range(len(self.query.design.fpc)):
            column = prepared[f"d_fpc{i}"]
            out |= {f"t_low{i}": column.min(), f"t_high{i}": column.max(), f"t_filled{i}": column.count()}
        return out

    def _valid_weight(self) -> ir.Value:
        """Return the weight, missing where it is none: sums skip it, and the tally tells."""
        weight = self.rows[self.weight].cast("float64")
        return ((weight >= 0) & (weight <= _literal(self._largest_weight()))).ifelse(weight, ibis.null("float64"))

    def _largest_weight(self) -> float:
        return 1.0 if self.weight is None else max(self.profiles[self.weight].maximum or 0.0, 0.0)

    def _total(self, lane: Lane, power: int) -> Column:
        flags = self._flags(lane)
        if self.weight is None and not lane.numbers:
            return Column((self._sum(flags or (self._one(),)),))
        return Column(tuple(self._sum((part, *flags)) for part in self._parts(lane.numbers, power)))

    def _count(self, lane: Lane) -> str:
        flags = self._flags(lane)
        if self.weight is not None and not self._positive():
            flags += self._prepare("positive", lambda: (self._valid_weight() > 0).cast("float64"))
        if lane.numbers:
            flags += self._prepare(("nonzero", lane.numbers), lambda: (self._value(lane.numbers) != 0).cast("float64"))
        return self._sum(flags or (self._one(),))

    def _positive(self) -> bool:
        lowest = self.profiles[self.weight].minimum if self.weight is not None else 1.0
        return lowest is not None and lowest > 0

    def _sum(self, columns: tuple[str, ...]) -> str:
        return self.sums.setdefault(tuple(sorted(columns)), f"s{len(self.sums)}")

    def _one(self) -> str:
        return self._prepare("one", lambda: _literal(1.0))[0]

    def _flags(self, lane: Lane) -> tuple[str, ...]:
        return tuple(self._prepare(flag, partial(self._flag, flag))[0] for flag in sorted(lane.flags, key=repr))

    def _prepare(self, key: object, make: Callable[[], ir.Value]) -> tuple[str, ...]:
        """Return the name of a column per row, made when first asked for."""
        if key not in self.names:
            name = f"p{len(self.prepared)}"
            self.prepared[name] = make()
            self.names[key] = (name,)
        return self.names[key]

    def _parts(self, numbers: tuple[Number, ...], power: int) -> tuple[str, ...]:
        key = (power if self.weight is not None else 0, numbers)
        if key not in self.names:
            parts = self._grid(numbers, power).parts(self._weighted(numbers, power))
            names = tuple(f"p{len(self.prepared) + i}" for i in range(len(parts)))
            self.prepared |= dict(zip(names, parts, strict=True))
            self.names[key] = names
        return self.names[key]

    def _weighted(self, numbers: tuple[Number, ...], power: int) -> ir.Value:
        if self.weight is None:
            return self._value(numbers)
        weight = self._valid_weight()
        weight = weight if power == 1 else weight * weight
        return weight * self._value(numbers) if numbers else weight

    def _value(self, numbers: tuple[Number, ...]) -> ir.Value:
        return reduce(operator.mul, [self._number(number) for number in numbers])

    def _number(self, number: Number) -> ir.Value:
        column, centre = number
        if self.profiles[column].kind == "category":
            raise NotANumberError(column)
        value = self.rows[column].cast("float64")
        return value - _literal(centre) if centre else value

    def _grid(self, numbers: tuple[Number, ...], power: int) -> Grid:
        bound, spread, whole = 1.0, 0, True
        if self.weight is not None:
            known = self.profiles[self.weight]
            bound *= self._largest_weight() ** power
            spread += power * (_bits(bound ** (1 / power), known.minimum or 0.0) if self._positive() else _SPREAD)
            whole = known.whole
        for column, centre in numbers:
            known = self.profiles[column]
            size = max(abs((end or 0.0) - centre) for end in (known.minimum, known.maximum))
            if math.isinf(size):
                raise InfiniteError(column)
            bound *= size
            whole = whole and known.whole and float(centre).is_integer()
        if numbers:
            spread += _SPREAD + max(0, math.frexp(bound)[1] - _LARGE)
        return Grid.of(bound * (1 + 2**-50), self.size, spread, whole=whole)

    def _flag(self, flag: Flag) -> ir.Value:
        """Return a flag as 0 or 1 per row; missing where its column is."""
        name, test, value = flag
        column, known = self.rows[name], self.profiles[name]
        if test is None:
            return column.notnull().cast("float64")
        if known.binary and test == "==" and value == 1:
            return column.cast("float64")
        return _TESTS[test](*_comparable(column, value)).cast("float64")


def _clean(column: ir.Value) -> ir.Value:
    kind = column.type()
    if kind.is_floating():
        return column.isnan().ifelse(ibis.null("float64"), column.cast("float64"))
    return column.cast(clean_type(str(kind)))


def _comparable(column: ir.Value, value: Label | None) -> tuple[ir.Value, ir.Value]:
    """Return a column and a value of one type."""
    if isinstance(value, str):
        if not column.type().is_string():
            raise InputError.of(
                f"Die Spalte enthält Zahlen und kann nicht mit „{value}“ verglichen werden.",
                f'The column holds numbers and cannot be compared with "{value}".',
                field=column.get_name(),
            )
        return column, ibis.literal(value)
    if value is None:
        raise ValueError("a test needs a value")
    number = column.try_cast("float64") if column.type().is_string() else column.cast("float64")
    return number, _literal(float(value))


def _product(prepared: ir.Table, columns: tuple[str, ...]) -> ir.Value:
    return reduce(operator.mul, [prepared[name] for name in columns])


def _literal(number: float) -> ir.FloatingScalar:
    """Return a double, written as text: engines read 0.1 as a decimal number, but '0.1' as the nearest double."""
    return ibis.literal(repr(float(number))).cast("float64")


def _bits(largest: float, smallest: float) -> int:
    return math.frexp(largest)[1] - math.frexp(smallest)[1] + 1
