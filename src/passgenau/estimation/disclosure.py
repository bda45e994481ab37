"""What may leave the office: tables and estimates from which no answer of a single organisation can be read.

`docs/methods.md`, sections “Disclosure” and “Secondary suppression”. `tabulate` makes a table with its margins,
`protect` suppresses what must not be published, `audit` tries to recompute it. `suppress` does the same for estimates.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.suppression import Cells, find_pattern, possible_ranges, weak_equations
from passgenau.estimation.survey import numbers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.estimates import Estimate, Estimates
    from passgenau.estimation.small_area import SmallAreas
    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Status = Literal["published", "primary", "secondary"]
Cost = Literal["cells", "values"]
Path = tuple["Label", ...]  # categories of one dimension from coarse to fine; () = all of them
Key = tuple[Path, ...]  # one path per dimension

THRESHOLD = 5
_PERCENT = 10.0  # how close nobody may come to a suppressed total, where no p % rule says otherwise
_KEPT = 10  # largest contributions kept per cell: the rules ask for fewer


@dataclass(frozen=True, slots=True)
class Rules:
    """When a cell must not be published.

    Attributes
    ----------
    threshold
        Least number of contributors (unweighted), ≥ 1. A cell without any contributor is published: its zero
        says something of nobody who answered.
    percent
        p of the p % rule, 0–100, for totals: suppressed if the total less its two largest contributions is below
        p % of the largest, so that the second largest could estimate the largest to within p %. None: not used.
    dominance
        (n, k) of the dominance rule, for totals: suppressed if the n largest contributions make more than k % of
        the total. None: not used.
    """

    threshold: int = THRESHOLD
    percent: float | None = 10.0
    dominance: tuple[int, float] | None = None

    def __post_init__(self) -> None:
        if self.threshold < 1:
            raise DesignError(
                Text(
                    f"Eine Mindestzahl von {self.threshold} schützt niemanden; gebraucht wird mindestens 1.",
                    f"A threshold of {self.threshold} protects nobody; needed is at least 1.",
                )
            )
        if self.percent is not None and not 0 < self.percent <= 100:  # noqa: PLR2004 -- percent
            raise DesignError(
                Text(
                    f"Die p-%-Regel braucht ein p über 0 bis 100, nicht {self.percent:g}.",
                    f"The p % rule needs a p above 0 up to 100, not {self.percent:g}.",
                )
            )
        if self.dominance is not None:
            largest, share = self.dominance
            if not (1 <= largest <= _KEPT and 0 < share < 100):  # noqa: PLR2004 -- percent
                raise DesignError(
                    Text(
                        f"Die Dominanzregel braucht 1 bis {_KEPT} Beitragende und einen Anteil zwischen 0 und 100 %, "
                        f"nicht ({largest}, {share:g}).",
                        f"The dominance rule needs 1 to {_KEPT} contributors and a share between 0 and 100 %, "
                        f"not ({largest}, {share:g}).",
                    )
                )


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, margins included, as only the office sees it."""

    key: Key
    value: float
    count: int  # contributors, unweighted
    largest: tuple[float, ...] = ()  # largest contributions, falling; empty in tables of counts


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table with all its margins. Only the office may see it; `protect` makes what others may.

    Attributes
    ----------
    dimensions
        Columns of each dimension, from coarse to fine.
    measure
        Column that is summed; empty for counts.
    whole
        Whether the values are counts.
    cells
        Sorted, the grand total first.
    """

    dimensions: tuple[tuple[str, ...], ...]
    measure: str
    whole: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ProtectedCell:
    """One cell as it may be published: `value` and `count` are None where it is suppressed."""

    key: Key
    value: float | None
    count: int | None
    status: Status


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedTable:
    """A table of which nothing can be recomputed that must not be known.

    Attributes
    ----------
    cells
        In the order of the table. `primary` cells break a rule themselves, `secondary` ones protect them. Which is
        which stays in the office: `release` calls both “suppressed”.
    optimal
        Whether no cheaper choice of secondary cells protects the primary ones.
    statement
        One sentence for readers: how many cells are suppressed, and why.
    """

    dimensions: tuple[tuple[str, ...], ...]
    measure: str
    cells: tuple[ProtectedCell, ...]
    rules: Rules
    optimal: bool
    statement: Text

    def __iter__(self) -> Iterator[ProtectedCell]:
        return iter(self.cells)

    def __getitem__(self, key: Key) -> ProtectedCell:
        return next(cell for cell in self.cells if cell.key == key)

    @property
    def suppressed(self) -> frozenset[Key]:
        """The keys of all suppressed cells."""
        return frozenset(cell.key for cell in self.cells if cell.status != "published")

    def to_polars(self) -> pl.DataFrame:
        """Return one row per cell for the office; a category is null where the cell sums over it."""
        return self._frame([cell.status for cell in self.cells])

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()

    def release(self) -> pl.DataFrame:
        """Return one row per cell for publication; it does not tell primary from secondary suppression.

        Whoever knew which cells are primary would know that they are small.
        """
        return self._frame(["published" if cell.status == "published" else "suppressed" for cell in self.cells])

    def _frame(self, statuses: Sequence[str]) -> pl.DataFrame:
        columns: dict[str, list[Any]] = {}
        for at, names in enumerate(self.dimensions):
            for depth, name in enumerate(names):
                columns[name] = [cell.key[at][depth] if depth < len(cell.key[at]) else None for cell in self.cells]
        columns["value"] = [cell.value for cell in self.cells]
        columns["n"] = [cell.count for cell in self.cells]
        columns["status"] = list(statuses)
        return pl.DataFrame(columns, strict=False).with_columns(
            pl.col("value").cast(pl.Float64), pl.col("n").cast(pl.Int64)
        )


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an attacker can find out about a suppressed cell from everything published. For the office."""

    key: Key
    status: Status
    value: float
    lower: float  # the cell cannot be smaller, or larger than `upper` (inf: nothing bounds it)
    upper: float
    needed_lower: float  # the attacker's limits must reach from here …
    needed_upper: float  # … to here

    @property
    def safe(self) -> bool:
        """Whether the limits are wide enough."""
        slack = 1e-6 * max(1.0, abs(self.value))
        return self.lower <= self.needed_lower + slack and self.upper >= self.needed_upper - slack


def tabulate(  # noqa: PLR0913 -- the parts of a table
    rows: pl.DataFrame,
    by: Sequence[str | Sequence[str]],
    *,
    value: str | None = None,
    weight: str | None = None,
    unit: str | None = None,
    count: str | None = None,
) -> Table:
    """Make a table with all margins from rows.

    Parameters
    ----------
    rows
        One row per answer (or, with `count`, per inner cell).
    by
        One entry per dimension: a column, or several columns from coarse to fine (region, district) whose levels
        all become margins.
    value
        Column to sum, ≥ 0; rows without a value do not contribute. None: rows are counted.
    weight
        Column of weights ≥ 0; contributions are weight × value.
    unit
        Column that names the contributor (organisation); several rows of one count once towards the threshold, and
        their contributions are added. None: every row is one.
    count
        Column with the number of contributors behind each row, where rows are cells already. Their single
        contributions are then unknown and only the threshold can be applied.

    Returns
    -------
    Table
        Cells of all combinations of categories that occur, empty ones included.

    Raises
    ------
    InputError
        A column does not exist, lacks a value, or holds a negative number.
    DesignError
        There are no dimensions or no rows.
    """
    dimensions = tuple((entry,) if isinstance(entry, str) else tuple(entry) for entry in by)
    if not dimensions or not all(dimensions):
        raise DesignError(
            Text("Eine Tabelle braucht mindestens eine Gliederung.", "A table needs at least one dimension.")
        )
    names = [name for levels in dimensions for name in levels]
    for name in (*names, *(name for name in (unit,) if name)):
        _check_labels(rows, name)
    data = rows.select(*names, *([pl.col(unit).alias("__unit")] if unit else [])).with_columns(
        pl.Series("__value", _contributions(rows, value, weight, count)),
        pl.Series("__count", np.ones(len(rows)) if count is None else _amounts(rows, count)).cast(pl.Int64),
    )
    data = data.filter(pl.col("__value").is_not_nan())
    if data.is_empty():
        raise DesignError(Text("Die Daten haben keine Zeilen.", "The data have no rows."))
    if unit:
        data = data.group_by(*names, "__unit").agg(pl.col("__value").sort().sum(), pl.lit(1, pl.Int64).alias("__count"))
    contributions = value is not None and count is None
    found = dict(_sums(data, dimensions, contributions=contributions, unit=unit is not None))
    keys = sorted(itertools.product(*(_paths(data, levels) for levels in dimensions)), key=_order)
    cells = tuple(Cell(key, *found.get(key, (0.0, 0, ()))) for key in keys)
    return Table(dimensions, value or "", whole=value is None and weight is None, cells=cells)


def protect(table: Table, rules: Rules | None = None, *, cost: Cost = "cells") -> ProtectedTable:
    """Suppress the cells that break a rule, and as few others as it takes to keep them from being recomputed.

    Parameters
    ----------
    table
        With all its margins, all of which are published unless they are suppressed.
    rules
        When a cell must not be published; `Rules()` unless given.
    cost
        What to keep: as many inner `cells` as possible (a margin counts as all the inner cells it sums), or as
        much of the `values` as possible.

    Returns
    -------
    ProtectedTable
        Published cells are unchanged; suppressed ones hold no number.

    Raises
    ------
    DesignError
        A rule on contributions is asked of a table whose contributions are not known.

    Notes
    -----
    `docs/methods.md#secondary-suppression`. From everything published a primary count n < t could just as well be t,
    and could be n − 1; a primary total stays open by p % on either side and, above, by what its rule lacks.
    Deterministic; sized for tables up to about 40 × 40.
    """
    rules = rules or Rules()
    cells = _cells(table, rules)
    pattern = find_pattern(cells, _costs(table, cells, cost), cells.values > 0)
    statuses = _statuses(cells.primary, pattern.suppressed)
    protected = tuple(
        ProtectedCell(cell.key, cell.value, cell.count, status)
        if status == "published"
        else ProtectedCell(cell.key, None, None, status)
        for cell, status in zip(table.cells, statuses, strict=True)
    )
    statement = _statement(statuses, rules)
    return ProtectedTable(table.dimensions, table.measure, protected, rules, pattern.optimal, statement)


def audit(table: Table, suppressed: Collection[Key], rules: Rules | None = None) -> tuple[Exposure, ...]:
    """Try to recompute every suppressed cell from all that is published.

    Parameters
    ----------
    table
        The true table.
    suppressed
        Keys of the cells that readers do not see, such as `ProtectedTable.suppressed`.
    rules
        The rules they are to be protected under.

    Returns
    -------
    One `Exposure` per suppressed cell, in the order of the table, with the smallest and largest value that is
    compatible with everything published (linear programmes; whole numbers in a table of counts).

    Raises
    ------
    InputError
        A key is not in the table.

    Notes
    -----
    `docs/methods.md#secondary-suppression`.
    """
    cells = _cells(table, rules or Rules())
    hidden = _hidden(table, suppressed)
    statuses = _statuses(cells.primary, hidden)
    limits = possible_ranges(cells, hidden)
    needed = np.stack([cells.values - cells.down, cells.values + cells.up], axis=1)
    return tuple(
        Exposure(table.cells[k].key, statuses[k], table.cells[k].value, *map(float, limits[k]), *map(float, needed[k]))
        for k in np.flatnonzero(hidden)
    )


def is_protected(table: Table, suppressed: Collection[Key], rules: Rules | None = None) -> bool:
    """Return whether no cell that breaks a rule is published or can be recomputed closely.

    Parameters
    ----------
    table, suppressed, rules
        As for `audit`.
    """
    cells = _cells(table, rules or Rules())
    hidden = _hidden(table, suppressed)
    if (cells.primary & ~hidden).any() or weak_equations(cells, hidden):
        return False
    return all(
        found.safe and found.lower < found.upper
        for found in audit(table, suppressed, rules)
        if found.status == "primary"
    )


def suppress(
    estimates: Estimates,
    threshold: int = THRESHOLD,
    *,
    sensitive: bool = False,
    margins: bool = True,
    units: bool = False,
) -> Estimates:
    """Take out the estimates that rest on too few answers, and those from which they could be worked out.

    Parameters
    ----------
    estimates
        Any estimates; rows of one item and domain share their base.
    threshold
        Least number of unweighted answers a published estimate rests on.
    sensitive
        Whether the answers themselves are confidential. Then a share is also taken out where fewer than
        `threshold` answers say yes or fewer than `threshold` do not: a share of 100 % says of everyone in the
        domain what each has answered. Under unequal weights the number is the share of the base, rounded.
    margins
        Whether totals over the domains are published as well, here or elsewhere. Then a domain that alone is taken
        out could be worked out from the total and the others, so another one goes too. False: only totals among
        these rows count.
    units
        Whether the threshold counts PSUs (where they are organisations that may answer more than once) rather than
        answers.

    Returns
    -------
    Estimates
        The same rows in the same order. Suppressed ones say so; their numbers are NaN, their base is 0 and tells
        nothing. The covariance is NaN in their rows and columns. A note names totals that must not be published.

    Notes
    -----
    `docs/methods.md#disclosure`. Rules on dominance need the single contributions: use `tabulate` and `protect`.
    """
    rules = Rules(threshold)
    hidden = np.zeros(len(estimates), dtype=np.bool_)
    forbidden: dict[str, None] = {}
    columns = tuple(dict.fromkeys(name for row in estimates for name in row.by))
    for item in dict.fromkeys(row.item for row in estimates):
        at = [k for k, row in enumerate(estimates) if row.item == item]
        shares = sensitive and all(estimates[k].kind == "proportion" for k in at)
        rows = [estimates[k] for k in at]
        hidden[at], named = _choose(rows, columns, rules, shares=shares, margins=margins, units=units)
        forbidden.update(dict.fromkeys(named))
    covariance = estimates.covariance
    if covariance is not None:
        covariance = np.where(hidden[:, None] | hidden[None, :], np.nan, covariance)
    shown = tuple(_blank(row) if out else row for row, out in zip(estimates, hidden, strict=True))
    notes = (*estimates.notes, *_notes(hidden, threshold, forbidden))
    return replace(estimates, rows=shown, covariance=covariance, notes=notes)


def suppress_areas(areas: SmallAreas, threshold: int = THRESHOLD) -> SmallAreas:
    """Take out the areas whose few answers could be read from their estimate, and those that would betray them.

    Parameters
    ----------
    areas
        Estimates by a model. Even there a single answer moves the estimate, so that it could be worked out.
    threshold
        Least number of answers of an area; one without any is published, because its estimate tells of others only.

    Returns
    -------
    SmallAreas
        The same areas in the same order; suppressed ones say so and hold no number of their answers.

    Notes
    -----
    `docs/methods.md#disclosure`. The total of the direct shares counts as published.
    """
    table = tabulate(
        pl.DataFrame({"area": [row.area for row in areas], "n": [row.base for row in areas]}), ["area"], count="n"
    )
    gone = protect(table, Rules(threshold)).suppressed
    nan = math.nan
    rows = tuple(
        replace(
            row, estimate=nan, se=nan, lower=nan, upper=nan, base=0, weight=nan, direct=None, direct_lower=None,
            direct_upper=None, count_lower=None, count_upper=None, suppressed=True,
        )
        if ((row.area,),) in gone
        else row
        for row in areas
    )  # fmt: skip
    hidden = np.array([row.suppressed for row in rows], dtype=np.bool_)
    return replace(areas, rows=rows, notes=(*areas.notes, *_notes(hidden, threshold, ())))


def _blank(row: Estimate) -> Estimate:
    nan = math.nan
    return replace(
        row, estimate=nan, se=nan, lower=nan, upper=nan, df=nan, deff=nan, base=0, base_units=0, population=nan,
        count_lower=None, count_upper=None, suppressed=True,
    )  # fmt: skip


def _notes(hidden: Flags, threshold: int, forbidden: Collection[str]) -> Iterator[Text]:
    if hidden.any():
        yield Text(
            f"{hidden.sum()} von {len(hidden)} Angaben sind gesperrt, weil sie auf weniger als {threshold} Antworten "
            "beruhen oder solche sich sonst zurückrechnen ließen.",
            f"{hidden.sum()} of {len(hidden)} figures are suppressed because they rest on fewer than {threshold} "
            "answers, or because such figures could otherwise be recomputed.",
        )
    if forbidden:
        listed = "; ".join(forbidden)
        yield Text(
            f"Auch diese Summen dürfen nirgends veröffentlicht werden: {listed}.",
            f"These totals must not be published anywhere either: {listed}.",
        )


def _choose(  # noqa: PLR0913 -- the options of `suppress`
    rows: Sequence[Estimate],
    columns: Sequence[str],
    rules: Rules,
    *,
    shares: bool,
    margins: bool,
    units: bool,
) -> tuple[list[bool], list[str]]:
    """Return which rows of one item have to go, and the names of totals among none of the rows that have to go."""
    bases = {_domain(row, columns): row.base_units if units else row.base for row in rows}
    given, known = bases, set(bases)
    if shares:
        given = {key: n for row in rows for key, n in _answers(row, columns, bases).items()}
        known = {*given, *((*domain, ()) for domain in bases)}
    finest = _finest(given)
    totals = {key: n for key, n in _totals(given, finest).items() if margins or key in known}
    table = {**totals, **({(*domain, ()): n for domain, n in bases.items()} if shares else {}), **given}
    keys = sorted(table, key=_order)
    numbers_of = np.array([table[key] for key in keys], dtype=np.float64)
    confidential = np.array([shares and bool(key[-1]) and bases.get(key[:-1], 1) > 0 for key in keys], dtype=np.bool_)
    small = (numbers_of < rules.threshold) & ((numbers_of > 0) | confidential)
    counts = numbers_of.astype(np.int64)
    up, down = distances(numbers_of, counts, small, rules.threshold)
    splits = _splits(keys, given, finest)
    cells = Cells(numbers_of, counts, splits, small, up, down, rules.threshold, whole=True)
    parts = dict(splits)
    price = np.array([len(parts.get(k, ())) + 1.0 for k in range(len(keys))])
    price += 0.5 * numbers_of / max(1.0, numbers_of.sum())
    suppressed = find_pattern(cells, price, numbers_of > 0).suppressed
    gone = {key for key, out in zip(keys, suppressed, strict=True) if out}
    hidden = [not gone.isdisjoint(_cells_of(row, columns, bases, shares=shares)) for row in rows]
    names = [[name] for name in (*columns, *(("=",) if shares else ()))]
    return hidden, [_name(names, key) for key in keys if key in gone - known]


def _domain(row: Estimate, columns: Sequence[str]) -> Key:
    return tuple((row.by[name],) if name in row.by else () for name in columns)


def _answers(row: Estimate, columns: Sequence[str], bases: Mapping[Key, int]) -> dict[Key, int]:
    """Return how many answered so and, for yes and no, how many did not (by share of the base, rounded)."""
    domain = _domain(row, columns)
    base = bases[domain]
    yes = round(row.estimate * base) if base else 0
    if row.level is not None:
        return {(*domain, (row.level,)): yes}
    return {(*domain, ("1",)): yes, (*domain, ("0",)): base - yes}


def _cells_of(row: Estimate, columns: Sequence[str], bases: Mapping[Key, int], *, shares: bool) -> set[Key]:
    """Return the cells that a row shows."""
    domain = _domain(row, columns)
    return {(*domain, ()), *_answers(row, columns, bases)} if shares else {domain}


def _finest(given: Iterable[Key]) -> list[tuple[bool, ...]]:
    """Return which columns the finest domains are made of; several where rows are by different columns."""
    made_of = sorted({tuple(bool(path) for path in key) for key in given})
    return [one for one in made_of if not any(one != other and _within(one, other) for other in made_of)]


def _within(coarse: Sequence[object], fine: Sequence[object]) -> bool:
    return all(b or not a for a, b in zip(coarse, fine, strict=True))


def _totals(given: Mapping[Key, int], finest: Sequence[tuple[bool, ...]]) -> dict[Key, int]:
    """Return the sums of the finest domains over any of their columns."""
    out: dict[Key, int] = {}
    for made_of in finest:
        sums: dict[Key, int] = {}
        for key, n in given.items():
            if tuple(bool(path) for path in key) == made_of:
                for total in itertools.product(*({(), path} for path in key)):
                    if total != key:
                        sums[total] = sums.get(total, 0) + n
        out = {**sums, **out}
    return out


def _splits(
    keys: Sequence[Key], given: Mapping[Key, int], finest: Sequence[tuple[bool, ...]]
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return every total as the sum of the finest domains in it."""
    index = {key: k for k, key in enumerate(keys)}
    out = []
    for key, made_of in itertools.product(keys, finest):
        inner = [
            index[other]
            for other in given
            if other != key and tuple(bool(path) for path in other) == made_of and _contains(key, other)
        ]
        if inner:
            out.append((index[key], tuple(sorted(inner))))
    return tuple(out)


def _contains(total: Key, part: Key) -> bool:
    return all(not path or path == other for path, other in zip(total, part, strict=True))


def is_dominated(contributions: Sequence[float], rules: Rules) -> bool:
    """Return whether a total is dominated by few contributions, by the p % rule or the dominance rule.

    Parameters
    ----------
    contributions
        All contributions to the total, ≥ 0.
    rules
        With `percent`, `dominance` or both.
    """
    falling = sorted(contributions, reverse=True)
    return _shortfall(math.fsum(falling), falling, rules) > 0


def _shortfall(total: float, falling: Sequence[float], rules: Rules) -> float:
    """Return how much a total lacks to satisfy the rules on contributions; 0 where it does."""
    lacks = 0.0
    first = falling[0] if falling else 0.0
    if rules.percent is not None:
        second = falling[1] if len(falling) > 1 else 0.0
        lacks = max(lacks, rules.percent / 100 * first - (total - first - second))
    if rules.dominance is not None:
        largest, share = rules.dominance
        lacks = max(lacks, 100 / share * math.fsum(falling[:largest]) - total)
    return lacks if lacks > 1e-9 * total else 0.0


def _cells(table: Table, rules: Rules) -> Cells:
    """Return the arrays of a table: which cells are primary, and how far they must stay open."""
    values = np.array([cell.value for cell in table.cells])
    counts = np.array([cell.count for cell in table.cells], dtype=np.int64)
    lacks = np.zeros(len(values))
    if table.measure and any(cell.count for cell in table.cells):
        if rules.percent is not None or rules.dominance is not None:
            _check_contributions(table)
        lacks = np.array([_shortfall(cell.value, cell.largest, rules) for cell in table.cells])
    small = (counts > 0) & (counts < rules.threshold)
    primary = small | (lacks > 0)
    if table.measure:
        share = (rules.percent or _PERCENT) / 100 * np.where(values > 0, values, values.max() / max(1, counts.max()))
        up = np.where(primary, np.maximum(share, lacks), 0.0)
        down = np.minimum(up, values)
    else:
        up, down = distances(values, counts, small, rules.threshold)
    if table.whole:
        up, down = np.ceil(up - 1e-9), np.ceil(down - 1e-9)
    equations = tuple(_equations(table))
    return Cells(values, counts, equations, primary, up, down, rules.threshold, table.whole)


def distances(values: Floats, counts: NDArray[np.int64], small: Flags, threshold: int) -> tuple[Floats, Floats]:
    """Return how far above and below its value each small count must stay possible.

    Above: what the contributors it lacks would add at the average of its own (of the whole table, where that is 0).
    Below: what one contributor adds. For an unweighted count n: up to the threshold, and down to n − 1.
    """
    overall = values.max() / max(1, counts.max()) if values.max() > 0 else 1.0
    each = np.where(values > 0, values / np.maximum(counts, 1), overall)
    up = np.where(small, each * (threshold - counts), 0.0)
    return up, np.where(small, np.minimum(each, values), 0.0)


def _check_contributions(table: Table) -> None:
    if any(cell.count and not cell.largest for cell in table.cells):
        raise DesignError(
            Text(
                "Die p-%-Regel und die Dominanzregel brauchen die einzelnen Beiträge; die Tabelle kennt nur Summen.",
                "The p % rule and the dominance rule need the single contributions; the table knows sums only.",
            )
        )


def _equations(table: Table) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield which cell is the sum of which: every margin, split one level further in one dimension."""
    index = {cell.key: k for k, cell in enumerate(table.cells)}
    children: dict[tuple[int, Key], list[int]] = {}
    for key, k in index.items():
        for at, path in enumerate(key):
            if path:
                parent = (*key[:at], path[:-1], *key[at + 1 :])
                children.setdefault((at, parent), []).append(k)
    for (_, parent), parts in sorted(children.items(), key=lambda entry: (entry[0][0], index[entry[0][1]])):
        yield index[parent], tuple(parts)


def _costs(table: Table, cells: Cells, cost: Cost) -> Floats:
    """Return the price of each cell: inner cells (ties by value), or values (ties by inner cells)."""
    depth = tuple(len(levels) for levels in table.dimensions)
    inner = [cell for cell in table.cells if tuple(len(path) for path in cell.key) == depth and cell.value > 0]
    covered = np.ones(len(table.cells))
    index = {cell.key: k for k, cell in enumerate(table.cells)}
    for cell in inner:
        for key in itertools.product(*([path[:d] for d in range(len(path) + 1)] for path in cell.key)):
            covered[index[key]] += key != cell.key
    relative = cells.values / max(1e-300, float(cells.values.max()))
    if cost == "values":
        return np.asarray(relative + 1e-4 * covered / covered.max() + 1e-4)
    return np.asarray(covered + 0.5 * relative / max(1.0, relative.sum()))


def _statuses(primary: Flags, suppressed: Flags) -> list[Status]:
    return [
        "published" if not hidden else "primary" if small else "secondary"
        for small, hidden in zip(primary, suppressed, strict=True)
    ]


def _hidden(table: Table, suppressed: Collection[Key]) -> Flags:
    known = {cell.key for cell in table.cells}
    for key in suppressed:
        if key not in known:
            raise InputError.of(
                f"Die Tabelle hat keine Zelle {_name(table.dimensions, key)}.",
                f"The table has no cell {_name(table.dimensions, key)}.",
            )
    return np.array([cell.key in suppressed for cell in table.cells])


def _name(dimensions: Sequence[Sequence[str]], key: Key) -> str:
    named = [
        f"{name} = {label}"
        for names, path in itertools.zip_longest(dimensions, key, fillvalue=())
        for name, label in zip(names, path, strict=False)
    ]
    return ", ".join(named) or "Σ"


def _statement(statuses: Sequence[Status], rules: Rules) -> Text:
    small, protecting = statuses.count("primary"), statuses.count("secondary")
    if not small:
        return Text(
            f"Alle {len(statuses)} Zellen sind veröffentlicht; keine ist zu klein.",
            f"All {len(statuses)} cells are published; none is too small.",
        )
    de = f"weniger als {rules.threshold} Beitragende oder wenige, die überwiegen"
    en = f"fewer than {rules.threshold} contributors, or few that dominate"
    return Text(
        f"{small + protecting} von {len(statuses)} Zellen sind gesperrt: {small} wegen der Geheimhaltung ({de}), "
        f"{protecting}, damit sich diese nicht zurückrechnen lassen.",
        f"{small + protecting} of {len(statuses)} cells are suppressed: {small} for confidentiality ({en}), "
        f"{protecting} so that these cannot be recomputed.",
    )


def _check_labels(rows: pl.DataFrame, column: str) -> None:
    if column not in rows.columns:
        raise unknown_column(column, rows.columns)
    missing = rows[column].is_null()
    if missing.any():
        raise InputError.of(
            f"Zeile {missing.arg_true()[0] + 1} der Daten: kein Wert, aber jede Zeile gehört in eine Zelle.",
            f"Row {missing.arg_true()[0] + 1} of the data: no value, but every row belongs to a cell.",
            field=column,
            hint=Text("Fehlende Angaben als eigene Gruppe benennen.", "Name what is missing as a group of its own."),
        )


def _contributions(rows: pl.DataFrame, value: str | None, weight: str | None, count: str | None) -> Floats:
    """Return weight × value per row, NaN where the value is missing."""
    out = np.ones(len(rows))
    if value is not None:
        out = numbers(rows, value)
        _check_amounts(out[~np.isnan(out)], value)
    elif count is not None:
        out = _amounts(rows, count)
    return out if weight is None else np.asarray(out * _amounts(rows, weight))


def _amounts(rows: pl.DataFrame, column: str) -> Floats:
    values = numbers(rows, column)
    _check_amounts(values, column)
    return values


def _check_amounts(values: Floats, column: str) -> None:
    wrong = values[~(np.isfinite(values) & (values >= 0))]
    if len(wrong):
        raise InputError.of(
            f"{wrong[0]:g} ist hier nicht möglich; gebraucht werden Zahlen ab 0.",
            f"{wrong[0]:g} is not possible here; needed are numbers from 0.",
            field=column,
        )


def _paths(data: pl.DataFrame, levels: Sequence[str]) -> list[Path]:
    """Return all paths of a dimension, from the empty one (all) to the finest."""
    out: list[Path] = [()]
    for depth in range(1, len(levels) + 1):
        out += list(data.select(levels[:depth]).unique().iter_rows())
    return out


def _order(key: Key) -> tuple[tuple[tuple[str, float, str], ...], ...]:
    """Return what cells are sorted by: totals before their parts, numbers by size, words by alphabet."""
    return tuple(tuple(_label_order(label) for label in path) for path in key)


def _label_order(label: Label) -> tuple[str, float, str]:
    return ("", float(label), "") if isinstance(label, int | float) else ("word", 0.0, str(label))


def _sums(
    data: pl.DataFrame, dimensions: Sequence[Sequence[str]], *, contributions: bool, unit: bool
) -> Iterator[tuple[Key, tuple[float, int, tuple[float, ...]]]]:
    """Yield (key, (value, contributors, largest contributions)) of every cell that occurs."""
    for depths in itertools.product(*(range(len(levels) + 1) for levels in dimensions)):
        names = [name for levels, depth in zip(dimensions, depths, strict=True) for name in levels[:depth]]
        inner = data
        if unit:
            inner = data.group_by(*names, "__unit").agg(pl.col("__value").sort().sum(), pl.col("__count").first())
        found = inner.group_by(pl.lit(0).alias("__all"), *names).agg(
            pl.col("__value").sort().sum(),  # sorted: a sum of floats depends on the order of its terms
            pl.col("__count").sum(),
            pl.col("__value").sort(descending=True).head(_KEPT if contributions else 0).alias("__largest"),
        )
        for row in found.iter_rows():
            labels = iter(row[1:-3])
            key = tuple(tuple(itertools.islice(labels, depth)) for depth in depths)
            yield key, (float(row[-3]), int(row[-2]), tuple(row[-1]))
