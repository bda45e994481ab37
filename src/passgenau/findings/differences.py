"""Audiences compared on every answer that both were asked, from the answers themselves.

Where every organisation counts alike, the difference is exact; under weights it is a contrast with the
covariance of the design. Adjusted for the number of comparisons like those of published results.
`docs/methods.md#design-contrast`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from passgenau.estimation import (
    Sample,
    benjamini_hochberg,
    detectable_difference,
    exact_difference,
    holm,
)
from passgenau.estimation import family as engine_family
from passgenau.findings.comparisons import ANSWERS, METHOD, POWER, SIGNIFICANCE, reach_of, sentence
from passgenau.findings.estimated import outwards, with_columns
from passgenau.findings.model import Comparison
from passgenau.findings.wording import percent
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.estimation.comparison import Comparison as Row
    from passgenau.findings.asked import Counted
    from passgenau.findings.model import Estimate
    from passgenau.findings.organisations import Organisations
    from passgenau.findings.weighting import Weighted

CONTRAST = "design-contrast"


@dataclass(frozen=True)
class _Tested:
    """One item with its two estimates and what a test says of them."""

    a: Estimate
    b: Estimate
    difference: float
    lower: float
    upper: float
    p_value: float
    detectable: float | None
    method: str


def compare_answers(
    organisations: Organisations, weighted: Weighted, estimates: Sequence[Estimate], names: Mapping[str, Text]
) -> tuple[Comparison, ...]:
    """Return the comparisons of every two audiences, in the order of the questionnaire.

    Parameters
    ----------
    organisations, weighted
        The answers and their weights.
    estimates
        Every share; those suppressed are compared with nothing.
    names
        How sentences call the audiences.
    """
    shown = {(e.question, e.item, e.audience): e for e in estimates if not e.suppressed}
    beside = [
        (share, shown[share.question, share.item, first], shown[share.question, share.item, second])
        for share in organisations.shares
        if not share.complement
        for first, second in combinations(organisations.audiences, 2)
        if {(share.question, share.item, first), (share.question, share.item, second)} <= set(shown)
    ]
    rows = _contrasts(organisations, weighted, [share for share, _, _ in beside])
    tested = []
    for share, a, b in beside:
        row = rows.get((f"{share.question}.{share.item}", frozenset({a.audience, b.audience})))
        tested.append(_by_design(row, a, b) if row is not None else _exact(a, b, len(beside)))
    p_values = [found.p_value for found in tested]
    adjusted = zip(tested, holm(p_values), benjamini_hochberg(p_values), strict=True)
    return tuple(_comparison(found, p_holm, p_bh, len(tested), names) for found, p_holm, p_bh in adjusted)


def family_of_answers(comparisons: Sequence[Comparison]) -> Text:
    """Return which comparisons the adjusted p-values speak of."""
    size = len(comparisons)
    return Text(
        f"Die korrigierten p-Werte gelten für alle {size} Vergleiche zusammen: für jede Antwort, nach der beide "
        "Zielgruppen gefragt wurden und zu der von beiden genug Antworten vorliegen.",
        f"The adjusted p-values speak of all {size} comparisons together: of every item that both audiences were "
        "asked and to which enough of both answered.",
    )


def _contrasts(
    organisations: Organisations, weighted: Weighted, shares: Sequence[Counted]
) -> dict[tuple[str, frozenset[str]], Row]:
    """Return the engine's contrasts by share and pair of audiences where there are weights, else nothing.

    Left out are answers in which all agree: the design knows no spread of them, and the exact test does.
    """
    if weighted.weighted is None or not shares:
        return {}
    columns = {f"{share.question}.{share.item}": organisations.yes(share) for share in shares}
    survey = with_columns(weighted.weighted, columns)
    rows = engine_family(survey, list(columns), "audience", name=Text(""), confidence=1 - SIGNIFICANCE, power=POWER)
    return {(row.item, frozenset({str(row.a), str(row.b)})): row for row in rows if row.method != "undetermined"}


def _by_design(row: Row, a: Estimate, b: Estimate) -> _Tested:
    """Return a comparison of the engine as a minus b."""
    lower, upper = (row.lower, row.upper) if str(row.a) == a.audience else (-row.upper, -row.lower)
    if a.rounded or b.rounded:  # the middle of exact limits would be the exact difference
        lower, upper = outwards(lower, upper)
    difference = (a.value or 0.0) - (b.value or 0.0)
    return _Tested(a, b, difference, lower, upper, row.p_value, row.detectable, CONTRAST)


def _exact(a: Estimate, b: Estimate, size: int) -> _Tested:
    """Compare two shares of organisations that count alike."""
    first, second = _sample(a), _sample(b)
    found = exact_difference(first, second, 1 - SIGNIFICANCE)
    detectable = detectable_difference(
        first.drawn,
        first.population,
        second.drawn,
        second.population,
        second.yes / second.drawn,
        level=1 - SIGNIFICANCE / size,  # what Holm's first step asks of the smallest of `size` p-values
        power=POWER,
    )
    difference = (a.value or 0.0) - (b.value or 0.0)
    return _Tested(a, b, difference, found.lower, found.upper, found.p_value, detectable, METHOD)


def _sample(estimate: Estimate) -> Sample:
    ((yes, answered),) = estimate.unit_counts
    # Where a filter decides who sees the question, nobody knows how many would have seen it.
    whole = estimate.count_lower is not None
    return Sample(yes, answered, estimate.population if whole else None)


def _comparison(found: _Tested, p_holm: float, p_bh: float, size: int, names: Mapping[str, Text]) -> Comparison:
    return Comparison(
        question=found.a.question,
        item=found.a.item,
        source_ids=(found.a.source_id, found.b.source_id),
        audience_a=found.a.audience,
        audience_b=found.b.audience,
        difference=found.difference,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        p_holm=p_holm,
        p_bh=p_bh,
        detectable=found.detectable,
        method=found.method,
        sentence=_sentence(found, p_holm, size, names),
        note=None,
    )


def _sentence(found: _Tested, p_holm: float, size: int, names: Mapping[str, Text]) -> Text:
    groups = names[found.a.audience], names[found.b.audience]
    reach = reach_of(found.lower, found.upper, found.detectable, groups, size, ANSWERS)
    return sentence(_beside(found, names), reach, found.p_value, p_holm, size)


def _beside(found: _Tested, names: Mapping[str, Text]) -> Text:
    sides = [(names[e.audience], percent(e.value or 0.0), e.count_text) for e in (found.a, found.b)]
    return Text(
        ", ".join(f"{name.de} {share.de} ({base.de})" for name, share, base in sides if base),
        ", ".join(f"{name.into('en')} {share.en} ({base.into('en')})" for name, share, base in sides if base),
    )
