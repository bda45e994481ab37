"""Who answered and how evenly: AAPOR's rates by stratum of the frame, and the R-indicator.

The case is the organisation: it counts once, with the best of its sheets. Who was asked and sent nothing is an
eligible case without contact. `docs/methods.md#response-rates`, `#representativity`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passgenau.errors import DesignError
from passgenau.estimation import Dispositions, representativity, response_rates
from passgenau.estimation.disclosure import Rules, protect, tabulate
from passgenau.findings.model import Evenness, Rates, Response
from passgenau.findings.organisations import applies, frame_table
from passgenau.survey.combine import usable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.findings.model import Characteristic, MarginFit, Weighting
    from passgenau.frame.units import Frame
    from passgenau.survey import Responses
    from passgenau.survey.responses import Disposition

_BEST: tuple[Disposition, ...] = (
    "complete",
    "partial",
    "break_off",
    "refusal",
    "ineligible",
    "unreachable",
    "unknown",
)
"""Dispositions from the one that says most of a case to the one that says least."""
_FIELD: dict[Disposition, str] = {
    "complete": "interview",
    "partial": "partial",
    "break_off": "refusal",
    "refusal": "refusal",
    "unreachable": "noncontact",
    "ineligible": "ineligible",
    "unknown": "unknown",
}
EVEN_BY: tuple[Characteristic, ...] = ("size_class", "region", "type")
"""What of the frame the R-indicator looks at, as far as it applies."""


def response(
    responses: Responses,
    frames: Mapping[str, Frame],
    strata: Sequence[Characteristic],
    threshold: int,
    weighting: Weighting | None,
) -> Response:
    """Return response rates by stratum and how even they are.

    Parameters
    ----------
    responses
        All sheets, usable or not.
    frames
        Who was asked: everybody.
    strata
        Characteristics by which rates are shown, each for itself and, where there are two, crossed.
    threshold
        Counts of organisations that answered are taken out below it, and where they could be worked out.
    weighting
        The weights that were made, to be shown beside.
    """
    rates, evenness = [], []
    shown = weighting
    for audience, frame in frames.items():
        cases = frame_table(frame).with_columns(pl.Series("ended", _final(responses, frame), dtype=pl.String))
        used = [name for name in strata if applies(frame, name)]
        hidden = _hidden(cases, used, threshold)
        hidden |= _merged(audience, hidden, weighting)
        shown = _fits_shown(audience, used, hidden, shown)
        rates += _rates(audience, cases, used, hidden, threshold)
        evenness += _evenness(audience, frame, cases)
    return Response(tuple(rates), tuple(evenness), shown)


def _final(responses: Responses, frame: Frame) -> list[Disposition]:
    """Return how every organisation of a frame ended up."""
    best: dict[str, Disposition] = {}
    stated = responses.sheets.select("organisation", "disposition").iter_rows()
    for (key, given), analysed in zip(stated, usable(responses), strict=True):
        if key is None:
            continue
        ended: Disposition = given or ("complete" if analysed else "unknown")
        before = best.get(key)
        if before is None or _BEST.index(ended) < _BEST.index(before):
            best[key] = ended
    return [best.get(unit.key, "unreachable") for unit in frame.units]


def _rates(
    audience: str,
    cases: pl.DataFrame,
    used: Sequence[Characteristic],
    hidden: set[tuple[str | None, str]],
    threshold: int,
) -> list[Rates]:
    """Return the rates of an audience, of every stratum, and of the strata crossed."""
    together = [(name,) for name in used] + ([tuple(used)] if len(used) > 1 else [])
    found = _table(audience, None, cases.with_columns(pl.lit("").alias("stratum")), None, threshold)
    for names in together:
        labelled = cases.with_columns(pl.concat_str(list(names), separator=" × ").alias("stratum"))
        found += _table(audience, " × ".join(names), labelled, hidden, threshold)
    return found


def _table(
    audience: str, by: str | None, cases: pl.DataFrame, hidden: set[tuple[str | None, str]] | None, threshold: int
) -> list[Rates]:
    counts: dict[str, Dispositions] = {}
    for (stratum,), part in cases.group_by(["stratum"], maintain_order=True):
        ended: dict[str, int] = {}
        for disposition in part["ended"]:
            ended[_FIELD[disposition]] = ended.get(_FIELD[disposition], 0) + 1
        counts[str(stratum)] = Dispositions(**{"interview": 0, **ended})
    eligible = {name: found for name, found in counts.items() if found.eligible + found.unclear}
    if not eligible:
        return []
    sizes = dict(cases.group_by("stratum").len().iter_rows())
    rows = []
    for row in response_rates(eligible).rows[:-1]:
        gone = hidden is not None and ((by, row.stratum) in hidden or sizes[row.stratum] < threshold)
        values = [None if gone else _finite(getattr(row, f"rr{number}")) for number in range(1, 7)]
        rows.append(Rates(audience, by, row.stratum, sizes[row.stratum], None if gone else row.answers, *values))
    return sorted(rows, key=lambda rate: rate.stratum)


def _hidden(cases: pl.DataFrame, names: Sequence[Characteristic], threshold: int) -> set[tuple[str | None, str]]:
    """Return the strata whose count would betray who took part: too few, or to be worked out from the others."""
    usable = cases.filter(pl.col("ended").is_in(["complete", "partial"]))
    if not names or usable.is_empty():
        return set()
    gone = set()
    suppressed = protect(tabulate(usable, list(names)), Rules(threshold, percent=None)).suppressed
    for key in suppressed:
        named = [(name, str(path[0])) for name, path in zip(names, key, strict=True) if path]
        gone.add((" × ".join(n for n, _ in named) or None, " × ".join(v for _, v in named)))
    # The whole audience is always shown, so it cannot be what protects the others.
    return gone if (None, "") not in gone else _everything(cases, names)


def _merged(
    audience: str, hidden: set[tuple[str | None, str]], weighting: Weighting | None
) -> set[tuple[str | None, str]]:
    """Return the strata that share a class of the weights with a hidden one: of such a class only the sum is shown."""
    classes = [(f.name, f.categories) for f in (weighting.fits if weighting else ()) if f.audience == audience]
    return {
        (name, member)
        for name, members in classes
        if any((name, member) in hidden for member in members)
        for member in members
    }


def _fits_shown(
    audience: str, used: Sequence[Characteristic], hidden: set[tuple[str | None, str]], weighting: Weighting | None
) -> Weighting | None:
    """Return the weighting without counts of classes that would give away what the response rates hide.

    Districts lie in regions: unless their rates are protected together, sums of both would tell the rest.
    """
    if weighting is None:
        return None

    def gone(fit: MarginFit) -> bool:
        loose = fit.name == "district" and "district" not in used
        return fit.audience == audience and (loose or any((fit.name, member) in hidden for member in fit.categories))

    return replace(weighting, fits=tuple(replace(f, rows=None, before=None) if gone(f) else f for f in weighting.fits))


def _everything(cases: pl.DataFrame, names: Sequence[Characteristic]) -> set[tuple[str | None, str]]:
    """Return every stratum."""
    together = [(name,) for name in names] + [tuple(names)]
    return {(" × ".join(used), " × ".join(row)) for used in together for row in cases.select(used).unique().iter_rows()}


def _evenness(audience: str, frame: Frame, cases: pl.DataFrame) -> list[Evenness]:
    variables = [name for name in EVEN_BY if applies(frame, name)]
    answered = cases["ended"].is_in(["complete", "partial"])
    if not variables or answered.all() or not answered.any():
        return []
    table = cases.with_columns(answered.cast(pl.Int8).alias("answered"))
    found = None
    while variables and found is None:
        try:
            found = representativity(table, "answered", variables)
        except DesignError:  # more categories than a small population can tell apart
            variables = variables[:-1]
    if found is None:
        return []
    return [
        Evenness(
            audience=audience,
            indicator=found.indicator,
            se=_finite(found.se),
            propensity=found.propensity,
            maximal_bias=found.maximal_bias,
            variables=tuple(variables),
            partial=tuple((row.variable, row.unconditional) for row in found.partial if row.category is None),
            notes=found.notes,
        )
    ]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
