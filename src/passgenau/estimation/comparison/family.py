"""A named family of comparisons: every item between every pair of groups, corrected for their number.

`docs/methods.md`, sections “Families of comparisons” and “Detectable by t”.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from passgenau.errors import DesignError
from passgenau.estimation.comparison.contrasts import contrast, detectable_by_t
from passgenau.estimation.comparison.samples import AnySurvey, Groups, answered, full_sample, groups, means, need_groups
from passgenau.estimation.comparison.verdicts import ASSUMPTIONS, statement, verdict
from passgenau.estimation.difference import Sample, detectable_difference, exact_difference
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.intervals import LEVEL, check_level
from passgenau.estimation.moments import RowMoments
from passgenau.estimation.multiplicity import benjamini_hochberg, holm
from passgenau.estimation.quantities import ItemSet
from passgenau.estimation.sums import Factor
from passgenau.estimation.survey import Survey
from passgenau.estimation.variables import factor_values
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

How = Literal["exact", "t", "complete", "undetermined"]

_LARGEST = 250_000  # pairs of outcomes up to which the exact method is used; beyond, t is as good
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """One item compared between two groups.

    Attributes
    ----------
    item, level
        The column, and its category where it is categorical.
    group, a, b
        The column of the groups and the two compared.
    kind
        Whether shares (0–1) or means are compared.
    estimate_a, estimate_b, difference, se
        a minus b, with the standard error of the design.
    df
        Degrees of freedom of t; NaN where another method was used.
    lower, upper
        Limits of this difference alone, at `confidence`; NaN where they cannot be determined.
    p_value, p_holm, p_bh
        Two-sided; adjusted for the family by Holm and by Benjamini and Hochberg.
    detectable
        The smallest true difference that the first step of Holm's procedure finds with the family's power; None where
        not even the largest possible one is found so often, or where the question does not arise.
    significant
        Whether p_holm is at most 1 − confidence.
    base_a, base_b, population_a, population_b
        Answers, unweighted, and the units of the population they stand for.
    method
        `exact` (hypergeometric), `t`, `complete` (everybody was asked), or `undetermined` (all answers agree, so that
        the sampling error cannot be estimated; p is 1).
    sentence
        The verdict, with its context.
    """

    item: str
    level: str | None
    group: str
    a: Label
    b: Label
    kind: Literal["proportion", "mean"]
    estimate_a: float
    estimate_b: float
    difference: float
    se: float
    df: float
    lower: float
    upper: float
    p_value: float
    p_holm: float
    p_bh: float
    detectable: float | None
    significant: bool
    base_a: int
    base_b: int
    population_a: float
    population_b: float
    method: How
    confidence: float
    sentence: Text


@dataclass(frozen=True, slots=True)
class Family:
    """All comparisons that were made together.

    Attributes
    ----------
    name
        What the family is, in the words of whoever made it.
    rows
        Items × categories × pairs of groups, in this order.
    method
        How the comparisons were made and corrected; `assumptions` under which conditions they hold.
    """

    name: Text
    rows: tuple[Comparison, ...]
    confidence: float
    power: float
    method: Text
    assumptions: tuple[Text, ...]

    def __iter__(self) -> Iterator[Comparison]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Comparison:
        return self.rows[index]

    def records(self) -> list[dict[str, Any]]:
        """Return the comparisons as plain dictionaries, each with the name and the size of the family."""
        about = {"family": self.name, "comparisons": len(self.rows), "power": self.power}
        return [{**about, **asdict(row), "sentence": row.sentence} for row in self.rows]

    def to_polars(self, lang: Literal["de", "en"] = "de") -> pl.DataFrame:
        """Return a data frame, one row per comparison, texts in one language."""
        flat = [
            {key: value.into(lang) if isinstance(value, Text) else value for key, value in record.items()}
            for record in self.records()
        ]
        return pl.DataFrame(flat, infer_schema_length=None)

    def to_pandas(self, lang: Literal["de", "en"] = "de") -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars(lang).to_pandas()


def family(  # noqa: PLR0913 -- one keyword per part of the question
    survey: AnySurvey,
    items: Sequence[str] | ItemSet,
    group: str,
    *,
    name: Text | str,
    sets: Iterable[ItemSet] = (),
    confidence: float = LEVEL,
    power: float = 0.8,
) -> Family:
    """Compare every item between every pair of groups, corrected for the number of comparisons.

    Parameters
    ----------
    items
        Columns: 0/1 and categories compare shares (one comparison per category), other numbers compare means. Every
        item keeps its own base. An `ItemSet` is one of `sets` as well.
    group
        Column with at least two categories among the rows inside.
    name
        What the family is, for example “all items of question 4 by type of municipality”.
    sets
        Items that were asked together, with what says who saw them.
    confidence
        0–1: of each interval, and one minus the level of Holm's procedure.
    power
        Of the smallest detectable difference, 0–1.

    Raises
    ------
    InputError
        A column does not exist.
    DesignError
        There is one group only, nobody of a group answered an item, or no degree of freedom is left.

    Notes
    -----
    `docs/methods.md#families-of-comparisons`. The exact difference is used where each of both groups is a whole
    stratum of known size with one answer per unit, all of equal weight; else t with the design's covariance.
    """
    check_level(confidence)
    check_level(power)
    if isinstance(items, ItemSet):
        sets, items = (items, *sets), items.items
    members = answered(survey, group) & (full_sample(survey).weight > 0)
    found = groups(survey, group, members)
    need_groups(found)
    shown = {item: asked for asked in sets for item in asked.items}
    draws = _equal_draws(survey, found)
    wanted = [
        (question, pair)
        for item in items
        for question in _questions(survey, item, members, shown.get(item))
        for pair in combinations(range(len(found.levels)), _PAIR)
    ]
    level = 1 - (1 - confidence) / len(wanted) if wanted else confidence
    asked = _Asked(survey, found, draws, confidence, level, power)
    rows = [asked.compare(question, pair) for question, pair in wanted]
    p_values = [row.p_value for row in rows]
    title = name if isinstance(name, Text) else Text(name, name)
    adjusted = zip(rows, holm(p_values), benjamini_hochberg(p_values), strict=True)
    return Family(
        title,
        tuple(_with_verdict(row, p_holm, p_bh, len(rows), power) for row, p_holm, p_bh in adjusted),
        float(confidence),
        float(power),
        statement(title, [row.method for row in rows], confidence),
        ASSUMPTIONS,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """One number per row to compare, and the rows that have it."""

    item: str
    level: str | None
    kind: Literal["proportion", "mean"]
    values: Floats
    members: Flags


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What all comparisons of a family share."""

    survey: AnySurvey
    found: Groups
    draws: Sequence[int | None]
    confidence: float
    level: float  # of Holm's first step
    power: float

    def compare(self, question: _Question, pair: tuple[int, ...]) -> Comparison:
        """Return a comparison, not yet corrected."""
        rows = full_sample(self.survey)
        members = self.found.members[:, list(pair)] & question.members[:, None]
        bases = members.sum(axis=0)
        labels = [self.found.levels[i] for i in pair]
        for base, label in zip(bases, labels, strict=True):
            if not base:
                raise _nobody(question.item, label)
        moments = means(self.survey, np.column_stack([question.values] * _PAIR), members)
        sizes = [float(rows.weight[self.found.code == i].sum()) for i in pair]
        variance = np.array([1.0, -1.0]) @ moments.covariance @ np.array([1.0, -1.0])
        draft = Comparison(
            item=question.item,
            level=question.level,
            group=self.found.column,
            a=labels[0],
            b=labels[1],
            kind=question.kind,
            estimate_a=float(moments.values[0]),
            estimate_b=float(moments.values[1]),
            difference=float(moments.values[0] - moments.values[1]),
            se=float(np.sqrt(max(variance, 0.0))),
            df=float("nan"),
            lower=float("nan"),
            upper=float("nan"),
            p_value=1.0,
            p_holm=1.0,
            p_bh=1.0,
            detectable=None,
            significant=False,
            base_a=int(bases[0]),
            base_b=int(bases[1]),
            population_a=sizes[0],
            population_b=sizes[1],
            method="undetermined",
            confidence=float(self.confidence),
            sentence=Text(""),
        )
        drawn = [self.draws[i] for i in pair]
        if question.kind == "proportion" and None not in drawn and bases[0] * bases[1] <= _LARGEST:
            return self._exact(draft, question, members, [int(size) for size in drawn if size is not None])
        return self._by_t(draft, moments.values, moments.covariance, np.asarray(members.any(axis=1)))

    def _exact(self, draft: Comparison, question: _Question, members: Flags, sizes: Sequence[int]) -> Comparison:
        yes = [int(question.values[members[:, i]].sum()) for i in range(_PAIR)]
        a, b = (Sample(yes[i], (draft.base_a, draft.base_b)[i], sizes[i]) for i in range(_PAIR))
        result = exact_difference(a, b, self.confidence)
        detectable = detectable_difference(
            a.drawn, a.population, b.drawn, b.population, draft.estimate_b, level=self.level, power=self.power
        )
        return replace(
            draft,
            lower=result.lower,
            upper=result.upper,
            p_value=result.p_value,
            detectable=detectable,
            population_a=float(sizes[0]),
            population_b=float(sizes[1]),
            method="exact",
        )

    def _by_t(self, draft: Comparison, values: Floats, covariance: Floats, members: Flags) -> Comparison:
        if _everybody(full_sample(self.survey), members):
            p_value = float(draft.difference == 0)
            return replace(draft, lower=draft.difference, upper=draft.difference, p_value=p_value, method="complete")
        df = self.survey.degrees_of_freedom(members) - 1
        if df < 1:
            raise _too_few(draft, df)
        if draft.se <= _NOTHING * max(abs(value) for value in (*values, 1e-300)):
            return draft
        result = contrast(values, covariance, [1.0, -1.0], df, confidence=self.confidence)
        largest = 1.0 if draft.kind == "proportion" else float("inf")
        detectable = detectable_by_t(result.se, df, level=self.level, power=self.power)
        return replace(
            draft,
            df=result.df,
            lower=max(result.lower, -largest),
            upper=min(result.upper, largest),
            p_value=result.p_value,
            detectable=detectable if detectable <= largest else None,
            method="t",
        )


_NOTHING = 1e-12  # standard errors below this part of the estimates are rounding errors of 0


def _questions(survey: AnySurvey, item: str, members: Flags, asked: ItemSet | None) -> list[_Question]:
    """Return what an item asks: a mean, a share, or the share of each category."""
    rows = full_sample(survey)
    if item not in rows.table.columns:
        raise unknown_column(item, rows.table.columns)
    series = rows.table[item]
    missing = series.is_null()
    if series.dtype.is_float():
        missing |= series.is_nan().fill_null(value=True)
    blank = missing.to_numpy().astype(bool)
    if asked is not None and asked.shown is not None:
        members = members & (factor_values(rows.table, Factor(asked.shown, test="==", value=1)) > 0)
    inside = members if asked is not None and asked.blank == "no" and asked.shown else members & ~blank
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        values = np.where(inside, np.nan_to_num(rows.numbers(item)), 0.0)
        binary = bool(np.isin(values, (0.0, 1.0)).all())
        return [_Question(item, None, "proportion" if binary else "mean", values, inside)]
    levels = groups(survey, item, inside & ~blank)
    return [
        _Question(item, str(level), "proportion", (levels.code == i).astype(np.float64), inside)
        for i, level in enumerate(levels.levels)
    ]


def _equal_draws(survey: AnySurvey, found: Groups) -> Sequence[int | None]:
    """Return N per group that is a whole stratum drawn with equal chances, one answer per unit; else None."""
    if not isinstance(survey, Survey):
        return [None] * len(found.levels)
    labels = [{found.column: level} for level in found.levels]
    return RowMoments(survey, labels, np.ones((survey.rows, 1)), found.code).equal_draws


def _everybody(rows: Survey, members: Flags) -> bool:
    """Whether every unit of the strata that the members come from was drawn, at all stages."""
    index = rows.unit
    for stage in reversed(rows.structure.stages):
        parents = np.unique(stage.parent[index[members]])
        if (stage.population[parents] > stage.drawn[parents]).any():
            return False
        index = stage.parent[index]
    return True


def _nobody(item: str, label: Label) -> DesignError:
    return DesignError(
        Text(
            f"„{item}“: Niemand aus „{label}“ hat geantwortet; diesen Vergleich kann es nicht geben.",
            f'"{item}": nobody of "{label}" has answered; there can be no such comparison.',
        )
    )


def _too_few(draft: Comparison, df: float) -> DesignError:
    return DesignError(
        Text(
            f"„{draft.item}“, „{draft.a}“ und „{draft.b}“: Aus zu wenigen Einheiten liegen Antworten vor "
            f"({df:g} Freiheitsgrade).",
            f'"{draft.item}", "{draft.a}" and "{draft.b}": too few units have answered ({df:g} degrees of freedom).',
        )
    )


def _with_verdict(row: Comparison, p_holm: float, p_bh: float, size: int, power: float) -> Comparison:
    significant = bool(p_holm <= 1 - row.confidence + 1e-12)
    corrected = replace(row, p_holm=p_holm, p_bh=p_bh, significant=significant)
    return replace(corrected, sentence=verdict(corrected, size, power))
