"""The file of known totals that `passgenau weight` reads. `docs/weights.md#the-file-of-totals`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field

from passgenau.errors import InputError
from passgenau.estimation.weighting.auxiliary import check_populations, complete_numbers, margin, mismatches
from passgenau.reading import Record, load_yaml, raise_if
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from passgenau.errors import Problem
    from passgenau.estimation.survey import Survey
    from passgenau.reading import Loaded, Location

Count: TypeAlias = Annotated[float, Field(ge=0)]
Key: TypeAlias = str | tuple[str, ...]


class Joint(Record):
    """Counts by several columns at once."""

    columns: tuple[str, ...] = Field(min_length=2)
    """The columns, in the order in which the counts are nested."""
    counts: dict[str, Any]
    """One level per column, at the end the count."""


class Margins(Record):
    """What is known about the population."""

    population: Annotated[float, Field(gt=0)] | None = None
    """Units of the population; every distribution has to add up to it."""
    categories: dict[str, Annotated[dict[str, Count], Field(min_length=1)]] = Field(default_factory=dict)
    """Units in each category, by column."""
    joint: tuple[Joint, ...] = ()
    """Units in each combination of categories of several columns."""
    numbers: dict[str, float] = Field(default_factory=dict)
    """Sum over the population, by column of numbers."""


@dataclass(frozen=True, slots=True)
class Known:
    """Totals that fit the data: counts by column or columns, sums by column, and N where it is given or follows."""

    counts: Mapping[str | tuple[str, ...], Mapping[Key, float]]
    numbers: Mapping[str, float]
    population: float | None


def read_margins(path: Path, survey: Survey) -> Known:
    """Read known totals and hold them against the data.

    Raises
    ------
    InputError
        The file is none of this kind, or a column, category or total does not fit the data; every mistake with its
        line.
    """
    loaded = load_yaml(path, Margins, name=str(path))
    found = loaded.value
    if not (found.categories or found.joint or found.numbers):
        raise InputError.of(
            "Die Datei nennt keine Summe.",
            "The file names no total.",
            file=loaded.name,
            hint=Text(
                "Gebraucht wird „categories“, „joint“ oder „numbers“ (docs/weights.md).",
                'Needed is "categories", "joint" or "numbers" (docs/weights.md).',
            ),
        )
    blocks = list(_blocks(loaded))
    unfit = [problem for block in blocks for problem in _fit(loaded, survey, block)]
    raise_if([*unfit, *_number_problems(loaded, survey)])
    counts = {block.key: {_single(key): total for key, total in block.totals.items()} for block in blocks}
    matched = [margin(survey, columns, totals) for columns, totals in counts.items()]
    try:
        check_populations(matched, found.population)
    except InputError as error:
        raise InputError(loaded.problem((), p.message, p.hint) for p in error.problems) from None
    implied = matched[0].population if matched else None
    return Known(counts, found.numbers, found.population or implied)


@dataclass(frozen=True, slots=True)
class _Block:
    """Counts of one column or several, and where each stands in the file."""

    columns: tuple[str, ...]
    place: Location
    totals: Mapping[tuple[str, ...], float]
    places: Mapping[tuple[str, ...], Location]

    @property
    def key(self) -> str | tuple[str, ...]:
        return self.columns[0] if len(self.columns) == 1 else self.columns


def _single(key: tuple[str, ...]) -> Key:
    return key[0] if len(key) == 1 else key


def _blocks(loaded: Loaded[Margins]) -> Iterator[_Block]:
    seen: set[frozenset[str]] = set()
    for column, counts in loaded.value.categories.items():
        at: Location = ("categories", column)
        seen.add(frozenset({column}))
        yield _Block((column,), at, {(k,): v for k, v in counts.items()}, {(k,): (*at, k) for k in counts})
    for index, joint in enumerate(loaded.value.joint):
        at = ("joint", index)
        if len(set(joint.columns)) < len(joint.columns) or frozenset(joint.columns) in seen:
            twice = Text("Diese Spalten stehen zweimal.", "These columns stand twice.")
            raise InputError([loaded.problem((*at, "columns"), twice)])
        seen.add(frozenset(joint.columns))
        flat = dict(_flatten(loaded, joint.counts, (*at, "counts"), len(joint.columns), ()))
        totals = {key: total for key, (total, _) in flat.items()}
        yield _Block(joint.columns, at, totals, {key: place for key, (_, place) in flat.items()})


def _flatten(
    loaded: Loaded[Margins], counts: object, at: Location, depth: int, key: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[float, Location]]]:
    """Yield the counts of nested blocks with their keys and places."""
    if depth == 0:
        if isinstance(counts, bool) or not isinstance(counts, int | float) or counts < 0:
            message = Text(f"{counts!r} ist keine Anzahl.", f"{counts!r} is not a count.")
            raise InputError([loaded.problem(at, message, Text("Eine Zahl ab 0.", "A number from 0."))])
        yield key, (float(counts), at)
        return
    if not isinstance(counts, dict) or not counts:
        message = Text(
            f"Hier fehlen die Anzahlen nach der {len(key) + 1}. Spalte.",
            f"The counts by column {len(key) + 1} are missing here.",
        )
        raise InputError([loaded.problem(at, message)])
    for name, inner in counts.items():
        yield from _flatten(loaded, inner, (*at, name), depth - 1, (*key, name))


def _fit(loaded: Loaded[Margins], survey: Survey, block: _Block) -> Iterator[Problem]:
    try:
        found = mismatches(survey, block.columns, {_single(key): total for key, total in block.totals.items()})
    except InputError as error:
        for problem in error.problems:
            yield loaded.problem(block.place, problem.message, problem.hint)
        return
    for mismatch in found:
        key = mismatch.key if isinstance(mismatch.key, tuple) else (str(mismatch.key),)
        place = block.places.get(tuple(str(part) for part in key), block.place)
        yield loaded.problem(place if mismatch.key is not None else block.place, mismatch.message, mismatch.hint)


def _number_problems(loaded: Loaded[Margins], survey: Survey) -> Iterator[Problem]:
    for column in loaded.value.numbers:
        try:
            complete_numbers(survey, column)
        except InputError as error:
            for problem in error.problems:
                yield loaded.problem(("numbers", column), problem.message, problem.hint)
