"""From the answers of organisations to shares, means and medians of all of them.

Every number has a base of its own: the organisations that saw the question and answered it. Where a filter
decides who sees it, the estimate speaks of those who would see it, and their number is unknown.
`docs/methods.md#shares-from-answers`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.estimation import estimate
from passgenau.estimation.survey import Survey
from passgenau.findings.model import Estimate, Mean
from passgenau.survey.responses import State
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Literal

    from passgenau.estimation import Estimate as Row
    from passgenau.findings.asked import Counted, Measured
    from passgenau.findings.organisations import Organisations
    from passgenau.findings.weighting import Weighted

_SHOWN = "shown__"
_SLACK = 1e-9  # percent; keeps 29 % at 29 despite binary fractions


def source_id(audience: str, question: str, item: str | None, statistic: str | None = None) -> str:
    """Return the stable name of a number made from answers."""
    return ".".join(part for part in (audience, question, item, statistic) if part is not None)


def with_columns(survey: Survey, columns: Mapping[str, pl.Series]) -> Survey:
    """Return the survey with more columns, its weights as they are."""
    return Survey(
        survey.table.with_columns(series.alias(name) for name, series in columns.items()),
        survey.design,
        survey.structure,
        survey.unit,
        survey.weight,
        survey.inside,
        survey.adjustments,
    )


# --- shares -------------------------------------------------------------------------------------


def estimate_shares(organisations: Organisations, weighted: Weighted, threshold: int) -> tuple[Estimate, ...]:
    """Return the share of every answer in every audience, unweighted beside weighted.

    Parameters
    ----------
    organisations
        The answers, one row per organisation.
    weighted
        The same organisations with their weights.
    threshold
        Fewest organisations whose answers a number may rest on; below it stands no number.
    """
    columns = {f"{s.question}.{s.item}": organisations.yes(s) for s in organisations.shares}
    plain = _all_shares(weighted.plain, organisations, columns)
    brought = _all_shares(weighted.weighted, organisations, columns) if weighted.weighted is not None else plain
    found = []
    for audience in organisations.audiences:
        for share in organisations.shares:
            key = (audience, f"{share.question}.{share.item}")
            if key in plain:
                found.append(_share(share, audience, plain[key], brought[key], organisations, weighted, threshold))
    return tuple(found)


def _all_shares(
    survey: Survey, organisations: Organisations, columns: Mapping[str, pl.Series]
) -> dict[tuple[str, str], Row]:
    """Return the engine's rows by audience and share; those without any answer are left out."""
    found: dict[tuple[str, str], Row] = {}
    for where, names, given in _calls(organisations, columns):
        extended = with_columns(survey, given)
        for row in estimate(extended, names, by="audience", where=where):
            if row.base:
                found[str(row.by["audience"]), row.item] = row
    return found


def _calls(
    organisations: Organisations, columns: Mapping[str, pl.Series]
) -> Iterator[tuple[str | None, list[str], dict[str, pl.Series]]]:
    """Yield what can be asked of the engine at once: those without a filter, then each filtered variable."""
    filtered = {f"{s.question}.{s.item}": s.variable for s in organisations.shares if s.filtered}
    whole = {name: series for name, series in columns.items() if name not in filtered}
    if whole:
        yield None, list(whole), whole
    for variable in dict.fromkeys(filtered.values()):
        shown = (organisations.states[variable] != State.NOT_SHOWN).cast(pl.Int8)
        names = [name for name, v in filtered.items() if v == variable]
        yield f"{_SHOWN} = 1", names, {_SHOWN: shown, **{name: columns[name] for name in names}}


def _share(  # noqa: PLR0913, PLR0917 -- the parts of one estimate
    share: Counted,
    audience: str,
    plain: Row,
    brought: Row,
    organisations: Organisations,
    weighted: Weighted,
    threshold: int,
) -> Estimate:
    partial = _partial(organisations, share.variable, audience) and share.filtered
    population = len(organisations.frames[audience])
    few = plain.base < threshold
    rounded = not few and _tells_classes(organisations, weighted, share, audience, threshold)
    shown = _whole_percent(brought) if rounded else brought
    counts = _counts(shown, population) if not (few or partial) else (None, None)
    base = _sheets(organisations, organisations.yes(share).is_not_null(), audience)
    return Estimate(
        source_id=source_id(audience, share.question, share.item),
        audience=audience,
        question=share.question,
        item=share.item,
        topic=share.topic,
        kind=share.kind,
        printed="",
        value=None if few else shown.estimate,
        answered_lower=None if few else plain.estimate,
        answered_upper=None if few else plain.estimate,
        lower=None if few else max(0.0, shown.lower),
        upper=None if few else min(1.0, shown.upper),
        base_answers=0 if few else base,
        base_units=0 if few else plain.base,
        population=population,
        count_lower=counts[0],
        count_upper=counts[1],
        method=brought.method,
        possibility=None,
        unit_counts=() if few else ((round(plain.estimate * plain.base), plain.base),),
        note=_note(few=few, partial=partial, threshold=threshold),
        count_text=None if few else _count_text(plain, weighted.weighted is not None),
        origin="estimated",
        weighted=weighted.weighted is not None,
        unweighted=None if few else plain.estimate,
        unweighted_lower=None if few else max(0.0, plain.lower),
        unweighted_upper=None if few else min(1.0, plain.upper),
        suppressed=few,
        rounded=rounded,
    )


def _tells_classes(
    organisations: Organisations, weighted: Weighted, share: Counted, audience: str, threshold: int
) -> bool:
    """Return whether the exact weighted share beside the unweighted one would tell of few who said what.

    The two together tell how many said yes among those of the same weight. `docs/methods.md#what-leaves-the-office`.
    """
    if weighted.weighted is None:
        return False
    own = (organisations.table["audience"] == audience).to_numpy()
    answers = pl.DataFrame({"weight": weighted.weighted.weight.round(9), "yes": organisations.yes(share)})
    alike = answers.filter(pl.Series(own)).drop_nulls().group_by("weight").agg(pl.col("yes").sum(), n=pl.len())
    few = (alike["yes"] < threshold) | (alike["n"] - alike["yes"] < threshold)
    return len(alike) > 1 and bool(few.any())


def _whole_percent(row: Row) -> Row:
    """Return the row in whole percent, its limits rounded outwards."""
    lower, upper = outwards(row.lower, row.upper)
    return replace(row, estimate=round(row.estimate, 2), lower=lower, upper=upper, count_lower=None, count_upper=None)


def outwards(lower: float, upper: float) -> tuple[float, float]:
    """Return limits as whole percent, rounded outwards."""
    return math.floor(100 * lower + _SLACK) / 100, math.ceil(100 * upper - _SLACK) / 100


def _counts(row: Row, population: int) -> tuple[int, int]:
    """Return the limits as counts of the population, rounded outwards where the engine gives none."""
    if row.count_lower is not None and row.count_upper is not None:
        return int(row.count_lower), int(row.count_upper)
    return math.floor(max(0.0, row.lower) * population), math.ceil(min(1.0, row.upper) * population)


def _partial(organisations: Organisations, variable: str, audience: str) -> bool:
    """Return whether somebody of an audience who answered the survey was not shown the question."""
    own = (organisations.table["audience"] == audience).to_numpy()
    return bool((organisations.states[variable].to_numpy()[own] == State.NOT_SHOWN).any())


def _sheets(organisations: Organisations, answered: pl.Series, audience: str) -> int:
    """Return the sheets of the organisations whose answer counts."""
    counted = (organisations.table["audience"] == audience) & answered
    return int(organisations.table["sheets"].filter(counted).sum())


def _count_text(row: Row, weighted: bool) -> Text:  # noqa: FBT001 -- named by every caller
    yes = round(row.estimate * row.base)
    counts = Text(f"{yes} von {row.base}", f"{yes} of {row.base}")
    mark = Text("gewichtet; ", "weighted; ") if weighted else Text("", "")
    return Text(f"{mark.de}{counts.de} Kommunen", f"{mark.en}{counts.en} organisations")


def _note(*, few: bool, partial: bool, threshold: int) -> Text | None:
    if few:
        return Text(
            f"Weniger als {threshold} Kommunen haben geantwortet; die Zahl wird nicht gezeigt.",
            f"Fewer than {threshold} organisations answered; the number is not shown.",
        )
    if partial:
        return Text(
            "Ein Filter entscheidet, wer die Frage sieht; die Zahl gilt für die, die sie gesehen hätten.",
            "A filter decides who sees the question; the number speaks of those who would have seen it.",
        )
    return None


# --- means and medians --------------------------------------------------------------------------


def estimate_means(organisations: Organisations, weighted: Weighted, threshold: int) -> tuple[Mean, ...]:
    """Return mean and median of every number, point with a value and rank, in every audience."""
    found = []
    for measure in organisations.numbers:
        column = organisations.number(measure)
        shown = (organisations.states[measure.variable] != State.NOT_SHOWN).cast(pl.Int8)
        given = {"number__": column, _SHOWN: shown}
        for statistic in ("mean", "median"):
            plain = _numbers(with_columns(weighted.plain, given), statistic)
            brought = (
                plain if weighted.weighted is None else _numbers(with_columns(weighted.weighted, given), statistic)
            )
            for audience in organisations.audiences:
                if audience in plain:
                    rows = plain[audience], brought[audience]
                    found.append(_mean(measure, audience, statistic, rows, organisations, weighted, threshold))
    order = {name: place for place, name in enumerate(organisations.audiences)}
    return tuple(sorted(found, key=lambda mean: order[mean.audience]))


def _numbers(survey: Survey, statistic: str) -> dict[str, Row]:
    """Return the engine's rows by audience."""
    where = f"{_SHOWN} = 1"
    if statistic == "mean":
        rows = estimate(survey, "number__", by="audience", where=where, estimator="mean")
    else:
        rows = estimate(survey, "number__", by="audience", where=where, estimator="quantile", probs=(0.5,))
    return {str(row.by["audience"]): row for row in rows if row.base}


def _mean(  # noqa: PLR0913, PLR0917 -- the parts of one estimate
    measure: Measured,
    audience: str,
    statistic: Literal["mean", "median"],
    rows: tuple[Row, Row],
    organisations: Organisations,
    weighted: Weighted,
    threshold: int,
) -> Mean:
    plain, brought = rows
    partial = _partial(organisations, measure.variable, audience) and measure.filtered
    few = plain.base < threshold
    return Mean(
        source_id=source_id(audience, measure.question, measure.item, statistic),
        audience=audience,
        question=measure.question,
        item=measure.item,
        text=measure.text,
        kind=measure.kind,
        statistic=statistic,
        unit=measure.unit,
        value=None if few else _finite(brought.estimate),
        lower=None if few else _finite(brought.lower),
        upper=None if few else _finite(brought.upper),
        unweighted=None if few else _finite(plain.estimate),
        base_answers=0 if few else _sheets(organisations, organisations.number(measure).is_not_null(), audience),
        base_units=0 if few else plain.base,
        population=len(organisations.frames[audience]),
        method=brought.method,
        weighted=weighted.weighted is not None,
        suppressed=few,
        note=_note(few=few, partial=partial, threshold=threshold),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
