"""What is known about the population, set beside the rows: categories with counts, columns with sums.

Rows with the same values in all calibration columns get the same factor. They are kept as one group, so that
solving costs what the groups cost, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from passgenau.errors import InputError, Problem
from passgenau.estimation.covariance import sum_by
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.survey import numbers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.sums import Label
    from passgenau.estimation.survey import Survey

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Category: TypeAlias = tuple[str, ...]
"""One text per column."""

SAME = 1e-9
"""Relative difference up to which two sums are the same population."""
_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """Counts of the population by one column or several, matched with the rows."""

    columns: tuple[str, ...]
    categories: tuple[Category, ...]  # those with rows, in the order of the totals
    totals: Floats  # (K,)
    cell: Ints  # (n,) index of each row's category, −1 outside the domain

    @property
    def title(self) -> str:
        """The columns as messages name them."""
        return " × ".join(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The categories as messages name them."""
        return tuple(f"{self.title} = {' / '.join(category)}" for category in self.categories)

    @property
    def population(self) -> float:
        """The sum of the totals."""
        return float(self.totals.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Auxiliary:
    """Calibration columns x with the totals that Σ w·x is to meet; G groups of rows, k columns.

    Attributes
    ----------
    names
        (k,) the columns as messages name them.
    totals
        (k,) totals of the population.
    matrix
        (G, k) values of each group.
    group
        (n,) each row's group, −1 for rows outside the domain, which keep their weight.
    blocks
        Number of columns of each margin, in the order of the columns.
    """

    names: tuple[str, ...]
    totals: Floats
    matrix: Floats
    group: Ints
    blocks: tuple[int, ...] = ()

    @property
    def cells(self) -> tuple[list[Ints], list[int]]:
        """For each margin the (G,) category of each group, and how many categories there are."""
        blocks = np.split(self.matrix, np.cumsum(self.blocks)[:-1], axis=1)
        return [block.argmax(axis=1) for block in blocks], list(self.blocks)

    def sums(self, weighted: Floats) -> Floats:
        """Sum (n,) or (n, M) values over the rows of each group: (G, M)."""
        inside = self.group >= 0
        return sum_by(weighted.reshape(len(self.group), -1)[inside], self.group[inside], len(self.matrix))

    def spread(self, grouped: Floats, outside: float) -> Floats:
        """Give every row its group's row of a (G, M) table, and `outside` to rows outside the domain."""
        out = np.full((len(self.group), grouped.shape[1]), outside)
        inside = self.group >= 0
        out[inside] = grouped[self.group[inside]]
        return out


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A margin that does not fit the data: the key of the total concerned (None: the whole margin), and the way out."""

    key: Label | tuple[Label, ...] | None
    message: Text
    hint: Text | None = None


def plain(value: float) -> str:
    """Return a number for a message, without an exponent where it is whole."""
    return f"{value:.12g}"


def category_of(label: object, columns: int) -> tuple[object, ...]:
    """Return the key of a total as one label per column."""
    return label if isinstance(label, tuple) and columns > 1 else (label,)


def mismatches(survey: Survey, columns: Sequence[str], totals: Mapping[Any, float]) -> list[Mismatch]:
    """Return everything in which the counts of a margin and the rows do not fit; [] where they do.

    Raises
    ------
    InputError
        A column does not exist, or lacks a value in a row of the domain.
    """
    wanted, found = _keyed(survey.table, columns, totals)
    if found:
        return found
    keys = dict(zip(wanted, totals, strict=True))
    seen = _rows_by_category(survey, columns)
    out = []
    for category, total in wanted.items():
        name = f"„{' / '.join(category)}“", f'"{" / ".join(category)}"'
        rows = seen.get(category, 0)
        if rows and total == 0:
            message = Text(
                f"Kategorie {name[0]}: Die Summe ist 0, die Daten haben {rows} Zeilen davon.",
                f"Category {name[1]}: the total is 0, the data have {rows} rows of it.",
            )
            out.append(Mismatch(keys[category], message))
        if total > 0 and not rows:
            message = Text(
                f"Kategorie {name[0]}: Summe {plain(total)}, aber keine Zeile der Daten.",
                f"Category {name[1]}: total {plain(total)}, but no row of the data.",
            )
            hint = Text(
                "Mit einer ähnlichen Kategorie zusammenlegen, in den Daten und in den Summen.",
                "Merge it with a similar category, in the data and in the totals.",
            )
            out.append(Mismatch(keys[category], message, hint))
    given = ", ".join(" / ".join(category) for category in wanted)
    for category, rows in seen.items():
        if category not in wanted:
            message = Text(
                f"Kategorie „{' / '.join(category)}“ ({rows} Zeilen) hat keine Summe.",
                f'Category "{" / ".join(category)}" ({rows} rows) has no total.',
            )
            out.append(
                Mismatch(None, message, Text(f"Summen gibt es für: {given}.", f"There are totals for: {given}."))
            )
    return out


def margin(survey: Survey, columns: str | Sequence[str], totals: Mapping[Any, Any]) -> Margin:
    """Match counts of the population with the rows of a survey's domain.

    Counts of several columns may be nested, {"town": {"north": 22, "south": 18}}, or have tuples as their keys.

    Raises
    ------
    InputError
        A column does not exist or lacks a value; a count is negative or no number; a category of the data has no
        count, or a count has no rows.
    """
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    totals = _unfolded(totals, len(names))
    found = mismatches(survey, names, totals)
    if found:
        raise InputError(Problem(m.message, field=" × ".join(names), hint=m.hint) for m in found)
    wanted = {category: total for category, total in _keyed(survey.table, names, totals)[0].items() if total > 0}
    place = pl.DataFrame(
        [[*category, index] for index, category in enumerate(wanted)],
        schema={**dict.fromkeys(_slots(names), pl.String), "cell": pl.Int64},
        orient="row",
    )
    joined = texts_of(survey, names).join(place, on=_slots(names), how="left", maintain_order="left")
    cell = np.where(survey.inside, joined["cell"].fill_null(-1).to_numpy(), -1)
    return Margin(names, tuple(wanted), np.array(list(wanted.values()), dtype=np.float64), cell.astype(np.int64))


def _unfolded(totals: Mapping[Any, Any], columns: int) -> Mapping[Any, Any]:
    """Return nested counts with tuples as their keys; others as they are."""
    if columns == 1 or not all(isinstance(inner, Mapping) for inner in totals.values()):
        return totals
    return {
        (label, *category_of(rest, columns - 1)): count
        for label, inner in totals.items()
        for rest, count in _unfolded(inner, columns - 1).items()
    }


def check_populations(margins: Sequence[Margin], population: float | None = None) -> None:
    """Raise InputError where margins do not add up to one population."""
    sums = [(m.title, m.population) for m in margins]
    if population is not None:
        sums.insert(0, ("N", population))
    if not sums or all(abs(total - sums[0][1]) <= SAME * abs(sums[0][1]) for _, total in sums):
        return
    listed = "; ".join(f"{name}: {plain(total)}" for name, total in sums)
    raise InputError.of(
        f"Die Summen ergeben verschiedene Grundgesamtheiten: {listed}.",
        f"The totals add up to different populations: {listed}.",
        hint=Text(
            "Alle Verteilungen müssen dieselben Einheiten zählen; sonst auf eine gemeinsame Summe umrechnen.",
            "All margins have to count the same units; otherwise rescale them to one sum.",
        ),
    )


def auxiliary(
    survey: Survey,
    margins: Sequence[Margin],
    sums: Mapping[str, float] | None = None,
    population: float | None = None,
) -> Auxiliary:
    """Return the indicators of margins, beside an intercept and columns of numbers where they are given.

    Parameters
    ----------
    sums
        Total of each column of numbers.
    population
        N; gives the column of ones that it is the total of.
    """
    group = np.where(survey.inside, np.cumsum(survey.inside) - 1, -1) if sums else _groups(survey, margins)
    inside = group >= 0
    rows = np.flatnonzero(inside)[np.unique(group[inside], return_index=True)[1]]
    parts = [(m.names, m.totals, np.eye(len(m.totals))[m.cell[rows]]) for m in margins]
    if population is not None:
        parts.insert(0, (("N",), np.array([population]), np.ones((len(rows), 1))))
    for column, total in (sums or {}).items():
        parts.append(((column,), np.array([total]), complete_numbers(survey, column)[rows, None]))
    return Auxiliary(
        tuple(name for names, _, _ in parts for name in names),
        np.concatenate([totals for _, totals, _ in parts]),
        np.concatenate([matrix for _, _, matrix in parts], axis=1),
        group.astype(np.int64),
        tuple(len(m.totals) for m in margins),
    )


def complete_numbers(survey: Survey, column: str) -> Floats:
    """Return a column as numbers; raises InputError where a row of the domain has none."""
    values = numbers(survey.table, column)
    missing = np.flatnonzero(~np.isfinite(values) & survey.inside)
    if len(missing):
        raise _missing(column, int(missing[0]), len(missing))
    return np.where(survey.inside, values, 0.0)


def _groups(survey: Survey, margins: Sequence[Margin]) -> Ints:
    """Return the (n,) index of each row's combination of categories, −1 outside the domain."""
    index = np.zeros(int(survey.inside.sum()), dtype=np.int64)
    for m in margins:
        index = np.unique(index * len(m.totals) + m.cell[survey.inside], return_inverse=True)[1].reshape(-1)
    out = np.full(survey.rows, -1, dtype=np.int64)
    out[survey.inside] = index
    return out


def _missing(column: str, row: int, count: int) -> InputError:
    return InputError.of(
        f"Zeile {row + 1} der Daten: kein Wert in einer Spalte, nach der gewichtet wird ({count} insgesamt).",
        f"Row {row + 1} of the data: no value in a column that is weighted by ({count} in all).",
        field=column,
        hint=Text(
            "Fehlende Werte vorher ergänzen oder als eigene Kategorie mit eigener Summe führen.",
            "Fill missing values before, or keep them as a category with a total of its own.",
        ),
    )


def _slots(columns: Sequence[str]) -> list[str]:
    """Return names for the texts of columns that cannot collide with each other."""
    return [f"slot{place}" for place in range(len(columns))]


def texts_of(survey: Survey, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns as texts, one category one text whatever the type: 1, 1.0 and "1" alike."""
    series = []
    for slot, column in zip(_slots(columns), columns, strict=True):
        if column not in survey.table.columns:
            raise unknown_column(column, survey.table.columns)
        values = survey.table[column]
        if values.dtype.is_float():
            values = values.fill_nan(None)
        missing = np.flatnonzero(values.is_null().to_numpy() & survey.inside)
        if len(missing):
            raise _missing(column, int(missing[0]), len(missing))
        if values.dtype.is_float() and bool((values == values.round()).all()):
            values = values.cast(pl.Int64)
        series.append(values.cast(pl.String).alias(slot))
    return pl.DataFrame(series)


def _rows_by_category(survey: Survey, columns: Sequence[str]) -> dict[Category, int]:
    """Return how many rows of the domain each category has, in sorted order."""
    texts = texts_of(survey, columns).filter(pl.Series(survey.inside))
    counted = texts.group_by(_slots(columns)).len().sort(_slots(columns))
    return {tuple(row[:-1]): row[-1] for row in counted.iter_rows()}


def _keyed(
    table: pl.DataFrame, columns: Sequence[str], totals: Mapping[Any, float]
) -> tuple[dict[Category, float], list[Mismatch]]:
    """Return the totals by category, and what is wrong with them by themselves."""
    for column in columns:
        if column not in table.columns:
            raise unknown_column(column, table.columns)
    out: dict[Category, float] = {}
    found = []
    for label, total in totals.items():
        parts = category_of(label, len(columns))
        category = tuple(_text(part, table[column].dtype) for part, column in zip(parts, columns, strict=False))
        shown = " / ".join(category)
        if len(parts) != len(columns):
            message = Text(
                f"„{shown}“ nennt {len(parts)} von {len(columns)} Spalten ({', '.join(columns)}).",
                f'"{shown}" names {len(parts)} of {len(columns)} columns ({", ".join(columns)}).',
            )
            found.append(Mismatch(label, message))
        elif category in out:
            message = Text(f"Kategorie „{shown}“ steht zweimal.", f'Category "{shown}" stands twice.')
            found.append(Mismatch(label, message))
        elif not np.isfinite(total) or total < 0:
            message = Text(
                f"Kategorie „{shown}“: {plain(total)} ist keine Anzahl von Einheiten.",
                f'Category "{shown}": {plain(total)} is not a number of units.',
            )
            found.append(Mismatch(label, message, Text("Anzahlen sind Zahlen ab 0.", "Counts are numbers from 0.")))
        out[category] = float(total)
    if not any(out.values()) and not found:
        message = Text("Keine Kategorie hat eine Summe über 0.", "No category has a total above 0.")
        found.append(Mismatch(None, message))
    return out, found


def _text(label: object, dtype: pl.DataType) -> str:
    """Return the text of a category as `_texts` writes it for a column of this type."""
    if isinstance(label, bool | np.bool_):
        return str(label).lower()
    if dtype == pl.Boolean:
        return {"1": "true", "0": "false"}.get(str(label).lower(), str(label).lower())
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if dtype.is_numeric() and isinstance(label, str):
        try:
            value = float(label)
        except ValueError:
            return label
        return str(int(value)) if value.is_integer() else str(value)
    return str(label)


def listed(words: Iterable[str]) -> str:
    """Return the first few words of a list."""
    every = list(words)
    return ", ".join(every[:_SHOWN]) + (" …" if len(every) > _SHOWN else "")
