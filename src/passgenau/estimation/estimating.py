"""The one way in: items, design and domains go in, frozen estimates come out."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import polars as pl

from passgenau.errors import InputError
from passgenau.estimation.design import Design
from passgenau.estimation.engines.rows import frame_of, read_rows
from passgenau.estimation.engines.scan import meets
from passgenau.estimation.engines.sources import open_source
from passgenau.estimation.estimates import Kind
from passgenau.estimation.finish import Limits, finish
from passgenau.estimation.intervals import LEVEL, check_level
from passgenau.estimation.moments import RowMoments, UnitMoments, moments_of
from passgenau.estimation.quantiles import quantile
from passgenau.estimation.quantities import ItemSet, build
from passgenau.estimation.remarks import averaged, codes, one_answer
from passgenau.estimation.replicates import (
    ReplicateMoments,
    ReplicateSurvey,
    moments_with_replicates,
    replicate,
    replication,
)
from passgenau.estimation.survey import Survey
from passgenau.estimation.variables import domains, variable_values
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from passgenau.estimation.engines.sources import Engine
    from passgenau.estimation.estimates import Estimates
    from passgenau.estimation.moments import Moments
    from passgenau.estimation.quantities import Quantity
    from passgenau.estimation.replicates import Kind as ReplicateKind
    from passgenau.estimation.sums import Label, Profile, Query, Source

    Data = str | Path | pl.DataFrame | pd.DataFrame | pa.Table | Survey | ReplicateSurvey


def estimate(  # noqa: PLR0913 -- one keyword per part of a question to the data
    data: Data,
    items: str | Sequence[str] | ItemSet,
    *,
    design: Design | None = None,
    by: str | Sequence[str] = (),
    where: str | None = None,
    estimator: Kind | None = None,
    over: str | None = None,
    probs: Sequence[float] = (0.5,),
    sets: Iterable[ItemSet] = (),
    interval: str | None = None,
    confidence: float = LEVEL,
    listwise: bool = False,
    covariance: bool = False,
    replicates: ReplicateKind | None = None,
    engine: Engine = "auto",
) -> Estimates:
    """Estimate items of a finite population, in every domain, with limits that the design justifies.

    Parameters
    ----------
    data
        CSV, Parquet or SPSS file, a folder of Parquet files, a data frame, or a `Survey` (weighted, for example).
    items
        Columns. Categories give one row per category. An `ItemSet` is one of `sets` as well.
    design
        The sampling design; a `Survey` brings its own.
    by
        Columns whose combinations are the domains. Rows outside a domain still count for the design.
    where
        An SQL condition that rows must meet; the others still count for the design.
    estimator
        `mean`, `proportion`, `total`, `ratio` or `quantile`; None: shares for categories and 0/1 columns, means else.
    over
        The denominator of a ratio.
    probs
        Of quantiles, 0–1.
    sets
        Items that were asked together, with what says who saw them.
    interval
        How limits are made: a key of `proportions.METHODS` for shares, `t` or `z` else; None: the design chooses.
    confidence
        0–1, both limits together.
    listwise
        Whether rows that lack one item are left out of all. By default every item has a base of its own.
    covariance
        Whether the covariance of all rows is wanted, for comparisons.
    replicates
        The variance is that of replicates of this kind (500 for the bootstrap) instead of linearisation. A
        `ReplicateSurvey` brings its own.
    engine
        `duckdb`, `spark`, `memory`, or `auto`.

    Returns
    -------
    Estimates
        Rows in the order items × categories × domains, with base, population, method and assumptions.

    Raises
    ------
    InputError
        A file, column, weight or condition cannot be used; the message names it.
    DesignError
        The rows contradict the design, or nobody answered.

    Notes
    -----
    `docs/methods.md`, sections “One table of sums” to “Which interval”.
    """
    check_level(confidence)
    if isinstance(items, ItemSet):
        sets, items = (items, *sets), items.items
    _check_words(_names(items), estimator, over)
    _check_design(data, design)
    question = _Question(_names(items), estimator, over, tuple(sets), _names(by), where, listwise, covariance)
    limits = Limits(interval, confidence)
    design = design or Design()
    if estimator == "quantile":
        survey = data if isinstance(data, Survey) else read_survey(_plain(data, replicates), design)
        _check_quantiles(question)
        return _quantiles(survey, question, probs, limits)
    if replicates is not None and not isinstance(data, ReplicateSurvey):
        given = data if isinstance(data, Survey) else None
        if given is None and design.ids:
            with closing(open_source(data, engine)) as source:
                return _from_source(source, design, question, limits, replicates)
        data = replicate(given or read_survey(data, design), replicates)
    if design.lonely_domain and not design.ids and not isinstance(data, (Survey, ReplicateSurvey)):
        data = read_survey(data, design)  # who is alone in a domain cannot be seen from sums per stratum
    if isinstance(data, (Survey, ReplicateSurvey)):
        return _from_rows(data, question, limits)
    with closing(open_source(data, engine)) as source:
        return _from_source(source, design, question, limits)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of the data."""

    items: tuple[str, ...]
    estimator: Kind | None
    over: str | None
    sets: tuple[ItemSet, ...]
    by: tuple[str, ...]
    where: str | None
    listwise: bool
    covariance: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose contents decide what is summed."""
        shown = (found.shown for found in self.sets if found.shown)
        return tuple(dict.fromkeys((*self.items, *((self.over,) if self.over else ()), *shown)))

    def translate(self, design: Design, profiles: Mapping[str, Profile]) -> tuple[Query, tuple[Quantity, ...]]:
        """Return the query to sum and the quantities to read off."""
        return build(
            design,
            self.items,
            profiles,
            kind=self.estimator,
            over=self.over,
            sets=self.sets,
            by=self.by,
            where=self.where,
            listwise=self.listwise,
            pairs=self.covariance,
        )


def read_survey(data: Data, design: Design) -> Survey:
    """Read data into memory and join them with their design, for methods that need the rows.

    Raises
    ------
    InputError, DesignError
        As `estimate`.

    Notes
    -----
    `docs/methods.md#linearisation`.
    """
    frame = frame_of(read_rows(data))
    return Survey.of(frame.collect() if isinstance(frame, pl.LazyFrame) else frame, design)


def _from_source(
    source: Source, design: Design, question: _Question, limits: Limits, replicates: ReplicateKind | None = None
) -> Estimates:
    profiles = source.profile(question.columns)
    query, quantities = question.translate(design, profiles)
    moments: Moments = moments_of(source.summarise(query))
    if replicates is not None and isinstance(moments, UnitMoments):
        moments = ReplicateMoments(moments, replication(moments.structure, replicates), quantities)
    found = finish(moments, quantities, limits, engine=source.engine, covariance=question.covariance)
    said = _remarks(question, profiles, source.labels)
    return replace(found, notes=(*found.notes, *said))


def _from_rows(data: Survey | ReplicateSurvey, question: _Question, limits: Limits) -> Estimates:
    survey = data.survey if isinstance(data, ReplicateSurvey) else data
    with closing(open_source(survey.table, "memory")) as source:
        profiles = source.profile(question.columns)
        query, quantities = question.translate(survey.design, profiles)
    labels, index = domains(survey.table, question.by, restrict(survey, question.where).inside)
    rows = RowMoments(survey, labels, variable_values(survey.table, query.variables), index)
    moments: Moments = rows
    if isinstance(data, ReplicateSurvey):
        moments = moments_with_replicates(rows, data, quantities)
    found = finish(moments, quantities, limits, engine="memory", covariance=question.covariance)
    return replace(found, notes=(*found.notes, *_remarks(question, profiles, {})))


def _remarks(
    question: _Question, profiles: Mapping[str, Profile], labels: Mapping[str, Mapping[Label, str]]
) -> tuple[Text, ...]:
    """Say what could be misread in the columns asked for."""
    ticked = {item for found in question.sets if found.blank == "no" for item in found.items}
    alike = one_answer([item for item in question.items if item not in ticked], profiles)
    coded = codes((*question.items, *question.by), labels)
    return (*alike, *coded, *(averaged(question.items, profiles, labels) if question.estimator is None else ()))


def _check_design(data: Data, design: Design | None) -> None:
    """Raise InputError where a survey, which has its design, is given another."""
    if design is not None and isinstance(data, (Survey, ReplicateSurvey)):
        raise InputError.of(
            "Die Erhebung bringt ihren Stichprobenplan mit; ein zweiter würde nicht gelten.",
            "The survey brings its design; a second one would not count.",
            field="design",
            hint=Text("design weglassen.", "Leave design out."),
        )


def _check_quantiles(question: _Question) -> None:
    """Raise InputError where quantiles do not have what is asked for."""
    for name, asked in (("sets", question.sets), ("listwise", question.listwise), ("covariance", question.covariance)):
        if asked:
            raise InputError.of(
                "Für Quantile gibt es das nicht.",
                "Quantiles do not have this.",
                field=name,
                hint=Text(
                    "Wer gemeint ist, lässt sich mit where sagen, zum Beispiel: gezeigt = 1",
                    "Who is meant can be said with where, for example: shown = 1",
                ),
            )


def _plain(data: Data, replicates: ReplicateKind | None) -> Data:
    """Return data without replicates, from which quantiles get no limits."""
    if replicates is None and not isinstance(data, ReplicateSurvey):
        return data
    raise InputError.of(
        "Grenzen von Quantilen folgen aus der Verteilungsfunktion, nicht aus Replikaten.",
        "Limits of quantiles follow from the distribution function, not from replicates.",
        field="replicates",
        hint=Text("Ohne Replikate schätzen.", "Estimate without replicates."),
    )


def _quantiles(survey: Survey, question: _Question, probs: Sequence[float], limits: Limits) -> Estimates:
    """Return quantiles of every item; they have no covariance."""
    chosen = restrict(survey, question.where)
    interval = limits.method or "beta"
    found = [
        quantile(chosen, item, probs, interval=interval, confidence=limits.confidence, by=question.by)
        for item in question.items
    ]
    notes = tuple(dict.fromkeys(note for part in found for note in part.notes))
    return replace(found[0], rows=tuple(row for part in found for row in part), notes=notes)


def restrict(survey: Survey, where: str | None) -> Survey:
    """Return the survey of the rows that meet an SQL condition."""
    return survey if where is None else survey.restrict(meets(survey.table, where))


def _names(words: str | Sequence[str]) -> tuple[str, ...]:
    """Return names as a tuple, each once."""
    return (words,) if isinstance(words, str) else tuple(dict.fromkeys(words))


def _check_words(items: tuple[str, ...], estimator: Kind | None, over: str | None) -> None:
    """Raise InputError where a question to the data is not one."""
    if estimator is not None and estimator not in get_args(Kind):
        raise InputError.of(
            f"Den Schätzer „{estimator}“ gibt es nicht; möglich: {', '.join(get_args(Kind))}.",
            f'No estimator "{estimator}"; possible: {", ".join(get_args(Kind))}.',
            field="estimator",
        )
    if not items:
        raise InputError.of(
            "Es ist keine Spalte genannt, die geschätzt werden soll.",
            "No column is named that is to be estimated.",
            field="items",
        )
    if over is not None and estimator != "ratio":
        raise InputError.of(
            "Ein Nenner gehört zu einem Verhältnis.",
            "A denominator goes with a ratio.",
            field="over",
            hint=Text("Als Schätzer „ratio“ wählen.", 'Choose "ratio" as the estimator.'),
        )
