"""Weights that bring the answers to the frame, and what they cost.

All audiences stand in one survey, each a stratum of its own, so that a known total that speaks of several
audiences can be met, and differences between audiences have a covariance. Categories of the frame in which too
few answered are merged with their neighbour before they are used. `docs/methods.md#answers-to-the-frame`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from passgenau.errors import DesignError
from passgenau.estimation import Design, Survey, calibrate, diagnose, rake, trim
from passgenau.findings.asked import counted
from passgenau.findings.model import MarginFit, Weighting, WeightSpread
from passgenau.findings.organisations import applies, frame_table
from passgenau.frame.units import SIZE_CLASSES
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.findings.model import Characteristic, KnownTotal, Weights
    from passgenau.findings.organisations import Organisations

LEAST = 5
"""Organisations that have to have answered in a category of the frame for it to be weighted by on its own, or the
threshold of the study where that is larger."""
_JOIN = " + "
_CELL = "cell__"


@dataclass(frozen=True, eq=False)
class Weighted:
    """The answers with their weights."""

    plain: Survey  # every organisation of an audience stands for as many
    weighted: Survey | None  # brought to the frame; None where that is not wanted
    weighting: Weighting | None
    cells: pl.Series  # per row: the category of the most important margin
    cell_sizes: Mapping[tuple[str, str], int]  # organisations of the population per audience and cell

    @property
    def survey(self) -> Survey:
        """What headlines rest on."""
        return self.weighted if self.weighted is not None else self.plain


def plain_survey(table: pl.DataFrame) -> Survey:
    """Return the organisations as a draw from their audiences, each counting alike."""
    # An audience with a single answer shows no spread; what rests on it is taken out in any case.
    return Survey.of(table, Design(strata="audience", fpc=("N",), lonely="adjust"))


def weight(
    organisations: Organisations, wanted: Weights | None, totals: Sequence[KnownTotal] = (), threshold: int = LEAST
) -> Weighted:
    """Bring the answers to the frame.

    Parameters
    ----------
    organisations
        Who answered.
    wanted
        The margins; None: no weights, unless `totals` are to be met.
    totals
        Known totals that the weights are to meet. A total speaks of the share that `compare_with` names, in all
        audiences whose populations add up to its own, or in the one audience of `compare_with`.
    threshold
        Fewest organisations whose answers a number may rest on; a class holds as many, and at least `LEAST`.

    Raises
    ------
    DesignError
        The margins or totals cannot be met together.
    """
    table = organisations.table
    if wanted is None and not totals:
        everybody = pl.Series([""] * len(table), dtype=pl.String)
        sizes = {(name, ""): len(frame) for name, frame in organisations.frames.items()}
        return Weighted(plain_survey(table), None, None, everybody, sizes)
    margins = _margins(organisations, wanted.margins if wanted else (), max(LEAST, threshold))
    merged = table.with_columns(
        pl.Series(f"{_CELL}{m.name}", [m.label(a, v) for a, v in table.select("audience", m.name).iter_rows()])
        for m in margins
    )
    survey = plain_survey(merged)
    counts = {("audience", f"{_CELL}{m.name}"): m.counts for m in margins}
    done = rake(survey, counts) if counts else survey
    if totals:
        done = _meet(done, organisations, counts, totals)
    if wanted is not None and wanted.trim is not None:
        done = _trimmed(done, organisations.audiences, wanted.trim)
    first = margins[0] if margins else None
    cells = merged[f"{_CELL}{first.name}"] if first else pl.Series([""] * len(table), dtype=pl.String)
    sizes = dict(first.counts) if first else {(name, ""): len(frame) for name, frame in organisations.frames.items()}
    return Weighted(plain_survey(merged), done, _report(done, organisations, margins, wanted, totals), cells, sizes)


# --- margins ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Margin:
    """One characteristic of the frame with the categories that are used."""

    name: Characteristic
    merged: Mapping[tuple[str, str | None], str]  # category in use by audience and category of the frame
    counts: Mapping[tuple[str, str], int]  # organisations of the population by audience and category in use

    def label(self, audience: str, value: str | None) -> str:
        """Return the category in use."""
        return self.merged[audience, value]


def _margins(organisations: Organisations, names: Sequence[Characteristic], least: int) -> list[_Margin]:
    margins = []
    for name in names:
        merged: dict[tuple[str, str | None], str] = {}
        counts: dict[tuple[str, str], int] = {}
        for audience in organisations.audiences:
            groups = _groups(organisations, audience, name, least)
            frame = frame_table(organisations.frames[audience])[name].to_list()
            for group in groups:
                label = _JOIN.join(str(value) for value in group if value is not None)
                merged |= {(audience, value): label for value in group}
                size = sum(value in group for value in frame)
                counts[audience, label] = size
        answering = {(a, merged[a, v]) for a, v in organisations.table.select("audience", name).iter_rows()}
        margins.append(_Margin(name, merged, {key: size for key, size in counts.items() if key in answering}))
    return margins


def _groups(
    organisations: Organisations, audience: str, name: Characteristic, least: int
) -> list[tuple[str | None, ...]]:
    """Return the categories of the frame, merged until enough answered in each."""
    frame = organisations.frames[audience]
    values = frame_table(frame)[name].to_list()
    if not applies(frame, name):
        return [tuple(dict.fromkeys(values))]
    answered = organisations.answering(audience)[name].to_list()
    groups: list[tuple[str | None, ...]] = [(value,) for value in _ordered(name, set(values))]
    while len(groups) > 1:
        sizes = [sum(value in group for value in answered) for group in groups]
        place = min(range(len(groups)), key=lambda i: (sizes[i], i))
        if sizes[place] >= least:
            break
        groups = _merge(groups, sizes, place, neighbours=name in {"size_class", "urbanisation"})
    return groups


def _merge(
    groups: Sequence[tuple[str | None, ...]], sizes: Sequence[int], place: int, *, neighbours: bool
) -> list[tuple[str | None, ...]]:
    """Put a category together with the smaller of its neighbours, or with the smallest other one."""
    others = [i for i in range(len(groups)) if i != place and (not neighbours or abs(i - place) == 1)]
    other = min(others, key=lambda i: (sizes[i], i))
    first, second = sorted((place, other))
    merged = [*groups]
    merged[first] = (*groups[first], *groups[second])
    del merged[second]
    return merged


def _ordered(name: Characteristic, values: set[str | None]) -> list[str | None]:
    if name == "size_class":
        return [size for size, _ in SIZE_CLASSES if size in values]
    return sorted(values, key=str)


# --- known totals -------------------------------------------------------------------------------


def total_rows(organisations: Organisations, total: KnownTotal) -> tuple[pl.Series, tuple[str, ...]]:
    """Return who has what a known total counts (1, 0 or null), and the audiences that it speaks of.

    Raises
    ------
    DesignError
        No share bears the name of `compare_with`, or the populations do not add up.
    """
    audience, _, name = total.compare_with.partition(".")
    share = next((s for s in counted(organisations.questionnaire) if f"{s.question}.{s.item}" == name), None)
    if share is None or audience not in organisations.frames:
        raise DesignError(
            Text(
                f"{total.compare_with} ist kein Anteil dieser Befragung; {total.id} lässt sich nicht daran prüfen.",
                f"{total.compare_with} is no share of this survey; {total.id} cannot be held against it.",
            )
        )
    sizes = {name: len(frame) for name, frame in organisations.frames.items()}
    yes = organisations.yes(share)
    if total.population == sizes[audience]:
        return yes, (audience,)
    asked = {a for a, given in zip(organisations.table["audience"], yes, strict=True) if given is not None}
    if total.population == sum(sizes.values()) and asked == set(sizes):
        return yes, organisations.audiences
    return yes, ()


def _meet(
    survey: Survey, organisations: Organisations, counts: Mapping[tuple[str, str], object], totals: Sequence[KnownTotal]
) -> Survey:
    table = survey.table
    sums: dict[str, float] = {}
    for total in totals:
        yes, audiences = total_rows(organisations, total)
        if not audiences:
            raise DesignError(
                Text(
                    f"{total.id} spricht von {total.population} Organisationen; das ist keine der Grundgesamtheiten "
                    "und nicht ihre Summe. Danach kann nicht gewichtet werden.",
                    f"{total.id} speaks of {total.population} organisations, which is none of the populations and not "
                    "their sum. The weights cannot meet it.",
                )
            )
        column = f"total__{total.id}"
        table, aim = _with_total(table, column, yes, audiences, total.count)
        sums[column] = aim
    again = Survey.of(table, survey.design)
    known: dict[Any, Any] = {**counts, **sums}
    if not counts:
        known["audience"] = {name: len(frame) for name, frame in organisations.frames.items()}
    return calibrate(again, known, function="raking")


def _with_total(
    table: pl.DataFrame, column: str, yes: pl.Series, audiences: Sequence[str], count: int
) -> tuple[pl.DataFrame, float]:
    """Return the table with who counts; who gave no answer takes the share of those who did in the same audience."""
    inside = table["audience"].is_in(list(audiences))
    filled = pl.DataFrame({"audience": table["audience"], "yes": yes}).select(
        pl.col("yes").fill_null(pl.col("yes").mean().over("audience"))
    )["yes"]
    values = pl.select(pl.when(inside).then(filled).otherwise(0.0).fill_null(0.0)).to_series()
    return table.with_columns(values.alias(column)), float(count)


def _trimmed(survey: Survey, audiences: Sequence[str], limits: tuple[float, float]) -> Survey:
    """Cut the weights of every audience at multiples of their mean, and scale them so that they add up as before."""
    for audience in audiences:
        own = survey.where(pl.col("audience") == audience)
        used = own.weight[own.inside]
        if not len(used) or used.max() == used.min():
            continue
        mean = float(used.mean())
        cut = trim(own, lower=limits[0] * mean, upper=limits[1] * mean, redistribute=False).weight
        scale = float(used.sum()) / float(cut[own.inside].sum())
        survey = replace(survey, weight=np.where(own.inside, cut * scale, survey.weight))
    return survey


# --- what was done ------------------------------------------------------------------------------


def _report(
    survey: Survey,
    organisations: Organisations,
    margins: Sequence[_Margin],
    wanted: Weights | None,
    totals: Sequence[KnownTotal],
) -> Weighting:
    spread = []
    for audience in organisations.audiences:
        own = survey.where(pl.col("audience") == audience)
        if own.inside.any():
            found = diagnose(own)
            spread.append(
                WeightSpread(
                    audience, found.rows, found.minimum, found.maximum, found.design_effect, found.effective_size
                )
            )
    return Weighting(
        margins=tuple(m.name for m in margins),
        merged=tuple(_merged(m, audience, label) for m in margins for audience, label in m.counts if _JOIN in label),
        calibrated=tuple(total.id for total in totals),
        fits=tuple(_fits(survey, margins, totals)),
        spread=tuple(spread),
        trim=wanted.trim if wanted else None,
    )


def _merged(margin: _Margin, audience: str, label: str) -> Text:
    return Text(f"{audience}, {margin.name}: {label}")


def _fits(survey: Survey, margins: Sequence[_Margin], totals: Sequence[KnownTotal]) -> list[MarginFit]:
    """Return every known count beside what the answers stand for without and with weights."""
    table, plain = survey.table, plain_survey(survey.table).weight
    found = []
    for margin in margins:
        for (audience, label), size in margin.counts.items():
            rows = ((table["audience"] == audience) & (table[f"{_CELL}{margin.name}"] == label)).to_numpy()
            before, after = float(plain[rows].sum()), float(survey.weight[rows].sum())
            categories = tuple(label.split(_JOIN))
            found.append(MarginFit(audience, margin.name, categories, int(rows.sum()), float(size), before, after))
    for total in totals:
        values = table[f"total__{total.id}"].to_numpy()
        before, after = float(plain @ values), float(survey.weight @ values)
        found.append(MarginFit(None, total.id, (), int((values > 0).sum()), float(total.count), before, after))
    return found
