"""What an engine in memory adds up: the distinct products that a query's variables and pairs come down to."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.estimation.sums import Factor, Profile, Query, Variable

_TESTS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Flag = tuple[str, str | None, Any]  # (column, test, value); test None: the column is not missing
Number = tuple[str, float]  # (column, centre)


@dataclass(frozen=True, slots=True)
class Lane:
    """A number per row: the product of numbers where all flags hold, else 0."""

    flags: frozenset[Flag]
    numbers: tuple[Number, ...] = ()

    def times(self, other: Lane) -> Lane:
        """Return the product of two lanes."""
        return Lane(self.flags | other.flags, self.numbers + other.numbers)


@dataclass(frozen=True, slots=True)
class Plan:
    """The distinct lanes of a query: what is summed with w (`single`), what with w² (`double`).

    `variables` and `pairs` say which lane each variable and each pair of the query is; many share one, because
    items without missing answers have the same base, and the square of a 0/1 item is the item.
    """

    single: tuple[Lane, ...]
    double: tuple[Lane, ...]
    variables: tuple[int, ...]
    pairs: tuple[int, ...]

    @property
    def flags(self) -> tuple[Flag, ...]:
        """All flags, each once."""
        lanes = (*self.single, *self.double)
        return tuple(dict.fromkeys(flag for lane in lanes for flag in sorted(lane.flags, key=repr)))

    @property
    def numbers(self) -> tuple[Number, ...]:
        """All numbers, each once."""
        return tuple(dict.fromkeys(number for lane in (*self.single, *self.double) for number in lane.numbers))


def plan(query: Query, profiles: Mapping[str, Profile]) -> Plan:
    """Reduce a query to its distinct lanes; `profiles` describe all columns its variables read."""
    lanes = [_lane(variable, profiles) for variable in query.variables]
    products = [lanes[j].times(lanes[k]) for j, k in query.pairs]
    single, variables = _distinct(lanes)
    double, pairs = _distinct(products)
    return Plan(single, double, variables, pairs)


def flag_expression(flag: Flag, dtype: pl.DataType, profile: Profile) -> pl.Expr:
    """Return a flag as 0 or 1 per row, never missing."""
    name, test, value = flag
    column = pl.col(name)
    if test is None:
        return present(name, dtype).cast(pl.UInt8)
    value = int(value) if isinstance(value, bool) else value
    if dtype.is_temporal():
        value = moment(value, dtype)
    if profile.binary and test == "==" and value == 1:
        if dtype.is_float():
            column = column.fill_nan(None)
        if profile.missing:
            column = column.fill_null(0 if dtype != pl.Boolean else False)
        return column if dtype in {pl.Int8, pl.UInt8} else column.cast(pl.UInt8)
    if dtype == pl.Boolean:
        column = column.cast(pl.UInt8)
    elif isinstance(dtype, (pl.Categorical, pl.Enum)):
        column = column.cast(pl.String)
    elif dtype.is_float():
        column = column.fill_nan(None)
    elif dtype == pl.String and not isinstance(value, str):
        column = column.cast(pl.Float64, strict=False)
    passed: pl.Expr = _TESTS[test](column, value)
    return passed.fill_null(value=False).cast(pl.UInt8)


def moment(value: Any, dtype: pl.DataType) -> Any:  # noqa: ANN401 -- a label, and what Polars compares with
    """Return the date or time that a label writes."""
    if not isinstance(value, str):
        return value
    if dtype == pl.Date:
        return date.fromisoformat(value)
    return time.fromisoformat(value) if dtype == pl.Time else datetime.fromisoformat(value)


def number_expression(number: Number, dtype: pl.DataType) -> pl.Expr:
    """Return a centred number per row, 0 where missing."""
    name, centre = number
    column = pl.col(name).cast(pl.Float64)
    if dtype.is_float():
        column = column.fill_nan(None)
    return (column - centre).fill_null(0.0)


def present(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return whether a column is not missing."""
    column = pl.col(name)
    return (
        (column.is_not_null() & column.is_not_nan()).fill_null(value=False)
        if dtype.is_float()
        else column.is_not_null()
    )


def _lane(variable: Variable, profiles: Mapping[str, Profile]) -> Lane:
    flags: set[Flag] = set()
    numbers: list[Number] = []
    covered = set()
    for factor in variable.factors:
        covered.add(factor.column)
        flag = _flag(factor, profiles[factor.column])
        if flag is None:
            numbers.append((factor.column, factor.centre))
        else:
            flags.add(flag)
    for name in variable.present:
        if name not in covered and profiles[name].missing:
            flags.add((name, None, None))
    return Lane(frozenset(flags), tuple(numbers))


def _flag(factor: Factor, profile: Profile) -> Flag | None:
    """Return the flag that a factor is; None for a number. The number of a 0/1 column is the flag that it is 1."""
    if factor.test is not None:
        return (factor.column, factor.test, factor.value)
    if profile.binary and factor.centre == 0:
        return (factor.column, "==", 1)
    return None


def _distinct(lanes: Sequence[Lane]) -> tuple[tuple[Lane, ...], tuple[int, ...]]:
    found: dict[Lane, int] = {}
    index = tuple(found.setdefault(lane, len(found)) for lane in lanes)
    return tuple(found), index
