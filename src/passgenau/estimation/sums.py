"""What an engine computes: one table of sums per stratum, unit and domain. Everything else follows from it.

An engine reads the rows once, answers a `Query` with `Sums`, and knows no statistics. The functions that turn
sums into estimates know no engine. `docs/methods.md`, section “One table of sums”.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.design import Design, Structure

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Test = Literal["==", "!=", "<", "<=", ">", ">="]
Label = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Factor:
    """A column as a number: its value minus a centre, or 1 where it passes a test and 0 where it does not."""

    column: str
    centre: float = 0.0
    test: Test | None = None
    value: Label | None = None  # what the test compares with

    @property
    def indicator(self) -> bool:
        """Whether this factor is 0 or 1 by construction."""
        return self.test is not None


@dataclass(frozen=True, slots=True)
class Variable:
    """A number per row: the product of `factors` where none of the columns `present` is missing, else 0.

    Without factors it is the base: 1 for every row that answered. The column of a factor without a test is always
    in `present`; a test of a missing value is not passed (0), whether or not its column is in `present`.
    """

    present: tuple[str, ...] = ()
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is to be summed: Σ w·v of every variable and, where rows are units, Σ w²·v·v' of every pair."""

    design: Design
    variables: tuple[Variable, ...]
    pairs: tuple[tuple[int, int], ...] = ()  # indices into `variables`, first ≤ second
    by: tuple[str, ...] = ()
    where: str | None = None  # an SQL condition; rows outside stay in the design as members of no domain


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """The answer to a query: C cells, one for each stratum × unit × domain that occurs.

    `domain` is −1 for rows outside every domain (`where` not met, or a `by` column missing): their cells count
    for the design only and hold no sums. Where rows are units of their own, `unit` is all −1 and cells are
    stratum × domain.
    """

    query: Query
    structure: Structure
    domains: tuple[Mapping[str, Label], ...]  # sorted; one empty mapping without `by`
    stratum: Ints  # (C,)
    unit: Ints  # (C,) index of the unit of the last stage
    domain: Ints  # (C,)
    rows: Ints  # (C,) rows of the data
    count: Ints  # (C, V) rows with weight > 0 and v ≠ 0
    total: Floats  # (C, V) Σ w·v
    square: Floats | None  # (C, P) Σ w²·v·v' of the query's pairs; None unless rows are units

    def per_domain(self, columns: NDArray[np.generic]) -> Floats:
        """Sum a (C, ·) table over the cells of each domain; shape (domains, ·)."""
        out = np.zeros((len(self.domains), columns.shape[1]))
        order = np.argsort(self.domain, kind="stable")
        found, first = np.unique(self.domain[order], return_index=True)
        sums = np.add.reduceat(columns[order], first) if len(first) else columns
        out[found[found >= 0]] = sums[found >= 0]
        return out


@dataclass(frozen=True, slots=True)
class Profile:
    """What one column holds, over all rows."""

    kind: Literal["number", "category", "boolean"]
    missing: int  # rows
    minimum: float | None = None  # numbers and booleans only; None where all values are missing
    maximum: float | None = None
    whole: bool = False  # whether all numbers are whole
    levels: tuple[Label, ...] = ()  # sorted: categories (or all that the source declares); numbers of few values

    @property
    def binary(self) -> bool:
        """Whether every value is 0 or 1."""
        bounds = (self.minimum, self.maximum)
        return self.kind == "boolean" or (self.whole and None not in bounds and set(bounds) <= {0.0, 1.0})


class Source(Protocol):
    """Rows somewhere, and an engine that sums them."""

    @property
    def engine(self) -> str:
        """The engine's name: duckdb, spark or memory."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The names of all columns."""
        ...

    @property
    def labels(self) -> Mapping[str, Mapping[Label, str]]:
        """The words that codes of a column stand for, where the file says so."""
        ...

    def profile(self, columns: Sequence[str]) -> Mapping[str, Profile]:
        """Describe columns; raises InputError for one that does not exist."""
        ...

    def summarise(self, query: Query) -> Sums:
        """Answer a query in one pass; raises DesignError or InputError where the rows do not fit the design."""
        ...
