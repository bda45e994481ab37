"""k-anonymity: values taken out of a table until nobody stands out by a few known things.

A class is all rows alike in the keys. It is large enough when rows of k different organisations are in it: five
sheets of one municipality hide nobody.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SUPPRESSED = ".s"
"""How a cell says that its value was taken out so that nobody is recognised."""

Cells = tuple[str, ...]


def is_anonymous(table: pl.DataFrame, keys: Sequence[str], k: int, owners: Sequence[object] | None = None) -> bool:
    """Whether every combination of the keys that occurs has at least k owners; a suppressed value is a value.

    Parameters
    ----------
    table
        Texts.
    keys
        Columns by which somebody could be recognised.
    k
        Owners that a class needs.
    owners
        Whose each row is; every row its own by default.
    """
    return not rare_classes(table, keys, k, owners)


def rare_classes(
    table: pl.DataFrame, keys: Sequence[str], k: int, owners: Sequence[object] | None = None
) -> tuple[tuple[Cells, int], ...]:
    """Return the classes with fewer than k owners: their values and how many rows they have."""
    if not keys:
        return ()
    whose = _whose(table, owners)
    classes = _classes(table.select(keys).rows(), range(table.height))
    return tuple(sorted((values, len(rows)) for values, rows in classes.items() if _owners(rows, whose) < k))


def suppress(
    table: pl.DataFrame, keys: Sequence[str], k: int, owners: Sequence[object] | None = None
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the table with values taken out until it is k-anonymous, and how many were taken out by key.

    Rows in classes that are too small lose one key, then two, and so on, always the set of keys with which the most
    rows find k alike; of equal sets the one whose keys stand last. What is left at the end loses all keys, together
    with the smallest other class if it is still too small. Where all values taken out of a key were the same, anyone
    who knows its total could put them back: the smallest class with another value then loses the key, too.

    Parameters
    ----------
    table
        Texts; rows of at least k owners.
    keys
        The most useful first.
    k
        Owners that a class needs.
    owners
        Whose each row is; every row its own by default.
    """
    if not keys:
        return table, {}
    whose = _whose(table, owners)
    before = [list(row) for row in table.select(keys).rows()]
    rows = [list(row) for row in before]
    pending = {place for places in _small(rows, whose, k) for place in places}
    for size in range(1, len(keys) + 1):
        subsets = sorted(combinations(range(len(keys)), size), reverse=True)
        while pending:
            rescued = max((_rescued(rows, pending, subset, whose, k) for subset in subsets), key=lambda f: len(f[0]))
            if not rescued[0]:
                break
            for place in rescued[0]:
                rows[place] = _without(rows[place], rescued[1])
            pending -= rescued[0]
    _join_the_rest(rows, pending, whose, k)
    for number in range(len(keys)):
        _blur(rows, before, number)
    new = {key: [row[number] for row in rows] for number, key in enumerate(keys)}
    changed = {key: int((pl.Series(cells) != table[key]).sum()) for key, cells in new.items()}
    return table.with_columns(pl.Series(key, cells, dtype=pl.String) for key, cells in new.items()), changed


def _whose(table: pl.DataFrame, owners: Sequence[object] | None) -> Sequence[object]:
    return owners if owners is not None else range(table.height)


def _owners(places: Iterable[int], whose: Sequence[object]) -> int:
    return len({whose[place] for place in places})


def _classes(rows: Sequence[Sequence[str]], places: Iterable[int]) -> dict[Cells, set[int]]:
    classes: dict[Cells, set[int]] = {}
    for place in places:
        classes.setdefault(tuple(rows[place]), set()).add(place)
    return classes


def _small(rows: Sequence[Sequence[str]], whose: Sequence[object], k: int) -> list[set[int]]:
    return [places for places in _classes(rows, range(len(rows))).values() if _owners(places, whose) < k]


def _without(row: Sequence[str], subset: Sequence[int]) -> list[str]:
    return [SUPPRESSED if number in subset else cell for number, cell in enumerate(row)]


def _rescued(
    rows: Sequence[Sequence[str]], pending: set[int], subset: tuple[int, ...], whose: Sequence[object], k: int
) -> tuple[set[int], tuple[int, ...]]:
    """Return the pending rows that have k alike once a set of keys is taken out."""
    alike: dict[Cells, set[int]] = {}
    for place in pending:
        alike.setdefault(tuple(_without(rows[place], subset)), set()).add(place)
    return {place for places in alike.values() if _owners(places, whose) >= k for place in places}, subset


def _join_the_rest(rows: list[list[str]], pending: set[int], whose: Sequence[object], k: int) -> None:
    """Take all keys out of the rows that found no k alike, and of the smallest classes until there are k."""
    rest = set(pending)
    while rest and _owners(rest, whose) < k:
        classes = _classes(rows, (place for place in range(len(rows)) if place not in rest))
        if not classes:
            break
        rest |= classes[min(classes, key=lambda values: (len(classes[values]), values))]
    for place in rest:
        rows[place] = [SUPPRESSED] * len(rows[place])


def _blur(rows: list[list[str]], before: Sequence[Sequence[str]], number: int) -> None:
    """Take a key out of one more class where all values taken out of it so far were the same."""
    taken = Counter(before[place][number] for place, row in enumerate(rows) if row[number] == SUPPRESSED)
    if len(taken) != 1:
        return
    others = _classes(rows, (place for place, row in enumerate(rows) if row[number] not in {SUPPRESSED, *taken}))
    if others:
        for place in others[min(others, key=lambda values: (len(others[values]), values))]:
            rows[place] = _without(rows[place], (number,))
