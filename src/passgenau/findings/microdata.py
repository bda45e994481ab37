"""From answers to findings: beside `analyse` the second way in, with the same shape of result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import DesignError
from passgenau.estimation import margin_of_error
from passgenau.findings.differences import compare_answers, family_of_answers
from passgenau.findings.estimated import estimate_means, estimate_shares, source_id
from passgenau.findings.known import check_answers_against
from passgenau.findings.model import Findings, Reach
from passgenau.findings.organisations import Organisations
from passgenau.findings.quality import quality
from passgenau.findings.response import response
from passgenau.findings.weighting import LEAST, Weighted, weight
from passgenau.survey.combine import combine, usable
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.findings.model import Assumptions, Characteristic, KnownTotal, Weights
    from passgenau.frame.units import Frame
    from passgenau.survey import Responses
    from passgenau.survey.combine import Combined, Rule, WholeRule

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Answers made ready once: combined, joined with the frames, weighted."""

    responses: Responses
    combined: Combined
    organisations: Organisations
    weighted: Weighted


def prepare(  # noqa: PLR0913 -- the parts of a study that decide how answers count
    responses: Responses,
    frames: Mapping[str, Frame],
    *,
    rule: WholeRule = "latest",
    per_question: Mapping[str, Rule] | None = None,
    weights: Weights | None = None,
    totals: Sequence[KnownTotal] = (),
    threshold: int = LEAST,
) -> Prepared:
    """Combine the sheets of each organisation, join them with the frames and make the weights.

    Parameters
    ----------
    responses
        Typed answers, repaired and checked.
    frames
        The population of each audience.
    rule, per_question
        How several sheets of one organisation count.
    weights
        Margins of the frame that the weights meet; None: every organisation of an audience counts alike.
    totals
        Known totals that the weights meet as well.
    threshold
        Fewest organisations whose answers a number may rest on: so many stand in every class of the weights.

    Raises
    ------
    InputError
        A rule does not suit its question.
    DesignError
        Nobody of any population answered, or margins and totals cannot be met together.
    """
    combined = combine(responses, rule, per_question=per_question)
    organisations = Organisations.of(responses, combined, frames)
    if organisations.table.is_empty():
        why = _why_nobody(responses)
        raise DesignError(
            Text(
                f"Kein verwertbarer Bogen stammt von einer Kommune der Grundgesamtheiten: {why.de}",
                f"No usable sheet comes from an organisation of the populations: {why.into('en')}",
            )
        )
    return Prepared(responses, combined, organisations, weight(organisations, weights, totals, threshold))


def _why_nobody(responses: Responses) -> Text:
    """Return why no sheet counts, and the way out."""
    sheets = len(responses)
    if not sheets:
        return Text("Die Datei enthält keinen Bogen.", "the file holds no sheet.")
    keys = responses.sheets["organisation"].filter(usable(responses))
    if keys.is_empty():
        return Text(
            f"Alle {sheets} Bögen sind leer oder haben einen anderen Ausgang (disposition) als complete oder partial.",
            f"all {sheets} sheets are empty or have another disposition than complete or partial.",
        )
    known = keys.drop_nulls()
    if known.is_empty():
        return Text(
            f"Keiner der {len(keys)} verwertbaren Bögen nennt seine Kommune. Eine Spalte organisation mit dem "
            "Schlüssel (bei Gemeinden der achtstellige AGS) ergänzen oder die Bögen in repairs.yaml zuordnen "
            "(do: assign).",
            f"none of the {len(keys)} usable sheets names its organisation. Add a column organisation that holds the "
            "key (of a municipality the AGS, eight digits), or assign the sheets in repairs.yaml (do: assign).",
        )
    return Text(
        f"Die {len(known)} verwertbaren Bögen nennen Schlüssel, die es dort nicht gibt, etwa „{known[0]}“. Die Spalte "
        "organisation mit den Schlüsseln unter audiences in study.yaml vergleichen. Aus Excel fehlt oft die führende "
        "Null: `passgenau convert` ergänzt sie.",
        f"the {len(known)} usable sheets name keys that do not exist there, such as “{known[0]}”. Compare the column "
        "organisation with the keys of the audiences in study.yaml. Spreadsheets often drop the leading zero: "
        "`passgenau convert` puts it back.",
    )


@dataclass(frozen=True, eq=False)
class WishAnswers:
    """Who wished for what together: what joint draws of an audience's wishes are made from.

    Attributes
    ----------
    sources
        `source_id` of each column of `yes`.
    yes
        (n, k): 1 wished for, 0 not, NaN without an answer.
    weight
        (n,) organisations of the population that each stands for.
    cell
        (n,) index of the weighting cell.
    sizes
        (C,) organisations of the population per cell, those that answered included.
    """

    sources: tuple[str, ...]
    yes: Floats
    weight: Floats
    cell: Ints
    sizes: Ints


def wish_answers(prepared: Prepared) -> dict[str, WishAnswers]:
    """Return, per audience that answered, who wished for what."""
    organisations, weighted = prepared.organisations, prepared.weighted
    wishes = [share for share in organisations.shares if share.kind == "wish"]
    found = {}
    for audience in organisations.audiences:
        own = (organisations.table["audience"] == audience).to_numpy()
        if not own.any():
            continue
        columns = [organisations.yes(share).to_numpy()[own] for share in wishes]
        labels = weighted.cells.filter(pl.Series(own)).to_list()
        cells = [label for name, label in weighted.cell_sizes if name == audience]
        found[audience] = WishAnswers(
            sources=tuple(source_id(audience, share.question, share.item) for share in wishes),
            yes=np.column_stack(columns).astype(np.float64) if columns else np.zeros((int(own.sum()), 0)),
            weight=weighted.survey.weight[own],
            cell=np.array([cells.index(label) for label in labels], dtype=np.int64),
            sizes=np.array([weighted.cell_sizes[audience, label] for label in cells], dtype=np.int64),
        )
    return found


def analyse_responses(  # noqa: PLR0913 -- a study's parts, each by its name
    prepared: Prepared,
    *,
    names: Mapping[str, Text],
    assumptions: Assumptions,
    known_totals: Sequence[KnownTotal],
    strata: Sequence[Characteristic],
    threshold: int,
) -> Findings:
    """Return every estimate and comparison that answers allow, each with its context.

    Parameters
    ----------
    prepared
        The answers.
    names
        How sentences call the audiences.
    assumptions
        Kept with the findings; answers need none of them.
    known_totals
        Totals from elsewhere that the return is held against; their `compare_with` is `audience.question.item`.
    strata
        Characteristics of the frame by which response rates are shown.
    threshold
        Fewest organisations whose answers a number may rest on.

    Returns
    -------
    Findings
        Estimates by audience and questionnaire, comparisons in the order of the questionnaire.

    Raises
    ------
    DesignError
        A known total has no counterpart.

    Notes
    -----
    `docs/methods.md#answers`.
    """
    organisations, weighted = prepared.organisations, prepared.weighted
    estimates = estimate_shares(organisations, weighted, threshold)
    comparisons = compare_answers(organisations, weighted, estimates, names)
    totals = tuple(check_answers_against(total, organisations, weighted, names, threshold) for total in known_totals)
    return Findings(
        reach=tuple(_reach(organisations, audience) for audience in organisations.audiences),
        estimates=estimates,
        worded=(),
        comparisons=comparisons,
        family=family_of_answers(comparisons),
        totals=totals,
        claims=(),
        assumptions=assumptions,
        origin="estimated",
        means=estimate_means(organisations, weighted, threshold),
        response=response(prepared.responses, organisations.frames, strata, threshold, weighted.weighting),
        quality=quality(prepared.responses, prepared.combined, organisations, threshold),
        synthetic=prepared.responses.synthetic,
    )


def _reach(organisations: Organisations, audience: str) -> Reach:
    own, population = organisations.answering(audience), len(organisations.frames[audience])
    units = len(own)
    return Reach(
        audience=audience,
        population=population,
        units=units,
        answers=int(own["sheets"].sum()),
        response_rate=units / population,
        worst_margin=margin_of_error(units, population) if units else 1.0,
    )
