"""Summaries of agreement scales: mean, top and bottom box, net score and distribution, with what stands beside them.

`docs/methods.md#agreement-scales`. Every number is an estimate as any other: its base is those who answered on the
scale, and its limits are the ones that the design calls for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.estimating import estimate, restrict
from passgenau.estimation.intervals import LEVEL
from passgenau.estimation.model_matrix import labels_of
from passgenau.estimation.survey import Survey
from passgenau.estimation.variables import domains
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from passgenau.estimation.estimates import Estimate, Estimates
    from passgenau.estimation.replicates import ReplicateSurvey
    from passgenau.estimation.sums import Label

_FEWEST = 2  # levels of a scale


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """One item in one domain.

    Attributes
    ----------
    item, by
        The column, and the domain: column → value.
    mean
        Of the scores.
    top, bottom
        Shares of the highest and lowest levels of the scale.
    net
        Top minus bottom, between −1 and 1.
    distribution
        The share of every level, lowest first.
    aside
        Shares of the answers beside the scale (“don't know”) among all who gave any answer.
    missing
        Rows of the domain without any answer, unweighted.
    """

    item: str
    by: Mapping[str, Label]
    mean: Estimate
    top: Estimate
    bottom: Estimate
    net: Estimate
    distribution: tuple[Estimate, ...]
    aside: tuple[Estimate, ...]
    missing: int

    @property
    def base(self) -> int:
        """Answers on the scale, unweighted."""
        return self.mean.base

    def estimates(self) -> tuple[tuple[str, Estimate], ...]:
        """Return all estimates with what they measure: mean, top, bottom, net, level, aside."""
        named = (("mean", self.mean), ("top", self.top), ("bottom", self.bottom), ("net", self.net))
        return (*named, *(("level", row) for row in self.distribution), *(("aside", row) for row in self.aside))


@dataclass(frozen=True, slots=True)
class LikertSummary:
    """Summaries of items in the order items × domains.

    Attributes
    ----------
    levels, scores
        The scale, lowest first, and the number each level counts in the mean.
    top, bottom
        How many levels the two boxes hold.
    method, assumptions
        How the limits were made, and under which conditions they hold.
    """

    rows: tuple[ItemSummary, ...]
    levels: tuple[str, ...]
    scores: tuple[float, ...]
    top: int
    bottom: int
    method: Text
    assumptions: tuple[Text, ...]

    def __iter__(self) -> Iterator[ItemSummary]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> ItemSummary:
        return self.rows[index]

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per item, domain and measure: mean, top, bottom, net, level, aside."""
        flat = [
            {
                "item": row.item,
                **row.by,
                "measure": measure,
                "level": found.level,
                "estimate": found.estimate,
                "se": found.se,
                "lower": found.lower,
                "upper": found.upper,
                "df": found.df,
                "base": found.base,
                "base_units": found.base_units,
                "population": found.population,
                "missing": row.missing,
                "method": found.method,
                "confidence": found.confidence,
            }
            for row in self.rows
            for measure, found in row.estimates()
        ]
        return pl.DataFrame(flat, infer_schema_length=None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


@dataclass(frozen=True, slots=True)
class _Scale:
    """A scale and its boxes."""

    levels: tuple[str, ...]
    scores: tuple[float, ...]
    top: int
    bottom: int
    aside: tuple[str, ...]

    def columns(self, item: str, answers: pl.Series) -> dict[str, pl.Series]:
        """Return what is estimated of an item, one column each; null where an answer does not count."""
        code = answers.replace_strict(self.levels, list(range(len(self.levels))), default=None, return_dtype=pl.Int64)
        top = (code >= len(self.levels) - self.top).cast(pl.Int8)
        bottom = (code < self.bottom).cast(pl.Int8)
        score = code.replace_strict(
            list(range(len(self.levels))), list(self.scores), default=None, return_dtype=pl.Float64
        )
        shares = {_name(item, "level", level): (code == i).cast(pl.Int8) for i, level in enumerate(self.levels)}
        beside = {_name(item, "aside", label): (answers == label).cast(pl.Int8) for label in self.aside}
        measures = {"mean": score, "net": top - bottom, "top": top, "bottom": bottom}
        return {**{_name(item, key): column for key, column in measures.items()}, **shares, **beside}


def likert(  # noqa: PLR0913 -- the parts of a question to the data
    survey: Survey | ReplicateSurvey,
    items: str | Sequence[str],
    levels: Sequence[Label],
    *,
    scores: Sequence[float] | None = None,
    top: int = 2,
    bottom: int | None = None,
    aside: Sequence[Label] = (),
    by: str | Sequence[str] = (),
    where: str | None = None,
    interval: str | None = None,
    confidence: float = LEVEL,
) -> LikertSummary:
    """Summarise items that were answered on one scale.

    Parameters
    ----------
    survey
        Rows and design.
    items
        Columns.
    levels
        The scale, lowest first.
    scores
        What each level counts in the mean, rising; None: 1, 2, 3 …
    top, bottom
        How many levels the boxes hold; `bottom` None: as many as `top`, and on short scales as fit below it.
    aside
        Answers beside the scale, such as “don't know”: left out of mean, boxes and distribution, reported beside them.
    by, where, interval, confidence
        As in `estimate`; `interval` is for the shares, means always have limits by the t distribution.

    Raises
    ------
    InputError
        A column is unknown, a value is neither a level nor aside, or scores and boxes do not fit the scale.
    DesignError
        Nobody answered an item.

    Notes
    -----
    `docs/methods.md#agreement-scales`.
    """
    chosen = (items,) if isinstance(items, str) else tuple(items)
    groups = (by,) if isinstance(by, str) else tuple(by)
    scale = _scale(levels, scores, top, bottom, aside)
    rows = survey if isinstance(survey, Survey) else survey.survey
    answers = {item: _answers(rows.table, item, scale) for item in chosen}
    derived = [column.alias(name) for item in chosen for name, column in scale.columns(item, answers[item]).items()]
    wide = replace(rows, table=rows.table.with_columns(derived))
    data = wide if isinstance(survey, Survey) else replace(survey, survey=wide)
    means = [_name(item, key) for item in chosen for key in ("mean", "net")]
    shares = [column.name for column in derived if column.name not in means]
    numbers = estimate(data, means, by=groups, where=where, estimator="mean", confidence=confidence)
    parts = estimate(
        data, shares, by=groups, where=where, estimator="proportion", interval=interval, confidence=confidence
    )
    labels, index = domains(rows.table, groups, restrict(rows, where).inside)
    found = _by_name(numbers) | _by_name(parts)
    lacking = {item: answers[item].is_null().to_numpy() for item in chosen}
    summaries = tuple(
        _summary(item, scale, d, found, int((lacking[item] & (index == d)).sum()))
        for item in chosen
        for d in range(len(labels))
    )
    method = Text(f"{numbers.method.de} {parts.method.de}", f"{numbers.method.en} {parts.method.en}")
    return LikertSummary(summaries, scale.levels, scale.scores, scale.top, scale.bottom, method, parts.assumptions)


def _name(item: str, measure: str, level: str = "") -> str:
    """Return the name of a derived column."""
    return f"{item} ({measure}: {level})" if level else f"{item} ({measure})"


def _by_name(estimates: Estimates) -> dict[str, list[Estimate]]:
    """Return the rows of every derived column, one per domain."""
    out: dict[str, list[Estimate]] = {}
    for row in estimates:
        out.setdefault(row.item, []).append(row)
    return out


def _summary(
    item: str, scale: _Scale, domain: int, found: Mapping[str, Sequence[Estimate]], missing: int
) -> ItemSummary:
    """Gather the estimates of one item in one domain."""

    def pick(measure: str, level: str = "") -> Estimate:
        return replace(found[_name(item, measure, level)][domain], item=item, level=level or None)

    return ItemSummary(
        item=item,
        by=found[_name(item, "mean")][domain].by,
        mean=pick("mean"),
        top=pick("top"),
        bottom=pick("bottom"),
        net=pick("net"),
        distribution=tuple(pick("level", level) for level in scale.levels),
        aside=tuple(pick("aside", label) for label in scale.aside),
        missing=missing,
    )


def _scale(
    levels: Sequence[Label],
    scores: Sequence[float] | None,
    top: int,
    bottom: int | None,
    aside: Sequence[Label],
) -> _Scale:
    """Check a scale; raises InputError."""
    names, beside = tuple(_label(level) for level in levels), tuple(_label(label) for label in aside)
    if len(names) < _FEWEST or len({*names, *beside}) < len(names) + len(beside):
        raise InputError.of(
            f"Die Skala {', '.join((*names, *beside))} braucht mindestens zwei Stufen und nennt jede Antwort einmal.",
            f"The scale {', '.join((*names, *beside))} needs at least two levels and names every answer once.",
        )
    values = tuple(float(score) for score in (scores if scores is not None else range(1, len(names) + 1)))
    if len(values) != len(names) or not np.isfinite(values).all() or not (np.diff(values) > 0).all():
        listed = ", ".join(f"{value:g}" for value in values)
        raise InputError.of(
            f"Punkte {listed}: Jede der {len(names)} Stufen braucht eine Zahl, von unten nach oben steigend.",
            f"Scores {listed}: each of the {len(names)} levels needs a number, rising from the lowest to the highest.",
        )
    low = min(top, len(names) - top) if bottom is None else bottom
    if top < 1 or low < 1 or top + low > len(names):
        raise InputError.of(
            f"Die oberen {top} und unteren {low} Stufen passen nicht in eine Skala von {len(names)}.",
            f"The top {top} and bottom {low} levels do not fit into a scale of {len(names)}.",
        )
    return _Scale(names, values, top, low, beside)


def _label(value: Label) -> str:
    """Return a level as `labels_of` writes it."""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _answers(table: pl.DataFrame, item: str, scale: _Scale) -> pl.Series:
    """Return the answers of an item in words; one that is neither on the scale nor beside it is an error."""
    if item not in table.columns:
        raise unknown_column(item, table.columns)
    words = labels_of(table[item])
    known = (*scale.levels, *scale.aside)
    wrong = (~words.is_in(known) & words.is_not_null()).arg_true()
    if len(wrong):
        row = int(wrong[0])
        raise InputError.of(
            f"Zeile {row + 1} der Daten: „{words[row]}“ steht nicht auf der Skala {', '.join(scale.levels)}.",
            f'Row {row + 1} of the data: "{words[row]}" is not on the scale {", ".join(scale.levels)}.',
            field=item,
            hint=Text("Antworten neben der Skala mit aside nennen.", "Name answers beside the scale with aside."),
        )
    return words
