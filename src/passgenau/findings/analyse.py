"""From published results to findings: the one function that joins population, survey and estimation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.estimation import margin_of_error
from passgenau.findings.checks import check_claims, check_total
from passgenau.findings.comparisons import compare, family
from passgenau.findings.model import Findings, Reach, WordedResult
from passgenau.findings.shares import estimate_of, read_shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passgenau.findings.model import Assumptions, Estimate, KnownTotal
    from passgenau.findings.shares import Share
    from passgenau.frame.units import Frame
    from passgenau.survey import Published, Questionnaire
    from passgenau.text import Text


def analyse(  # noqa: PLR0913 -- a study's parts, each by its name
    *,
    questionnaire: Questionnaire,
    published: Published,
    frames: Mapping[str, Frame],
    names: Mapping[str, Text],
    assumptions: Assumptions,
    known_totals: Sequence[KnownTotal],
) -> Findings:
    """Return every estimate and comparison that published results allow, each with its context.

    Parameters
    ----------
    questionnaire
        What was asked.
    published
        What was published; free of the contradictions that `passgenau.survey.cross_check` finds.
    frames
        The population of each audience, in the order in which audiences are compared.
    names
        How sentences call the audiences.
    assumptions
        How imprecise statements are read.
    known_totals
        Totals from elsewhere that the return is held against.

    Returns
    -------
    Findings
        Estimates in the order of the published statements, comparisons in that of the questionnaire.

    Raises
    ------
    DesignError
        The counts of a statement cannot belong to its audience, or a known total has no counterpart.
    """
    populations = {audience: len(frame) for audience, frame in frames.items()}
    shares = read_shares(published, populations, assumptions)
    estimates = tuple(_estimate(share, questionnaire) for share in shares.values())
    comparisons = compare(questionnaire, list(shares.values()), list(frames), names)
    return Findings(
        reach=tuple(_reach(audience, published, size) for audience, size in populations.items()),
        estimates=estimates,
        worded=tuple(_worded(questionnaire, published)),
        comparisons=comparisons,
        family=family(comparisons),
        totals=tuple(check_total(total, shares, names) for total in known_totals),
        claims=check_claims(published, questionnaire, names, estimates, comparisons),
        assumptions=assumptions,
    )


def _estimate(share: Share, questionnaire: Questionnaire) -> Estimate:
    question = questionnaire.question(share.statement.question)
    return estimate_of(share, question, question.item(share.statement.item))


def _worded(questionnaire: Questionnaire, published: Published) -> Iterable[WordedResult]:
    for statement in published.statements:
        if statement.printed_range is None:
            question = questionnaire.question(statement.question)
            yield WordedResult(
                source_id=statement.source_id,
                audience=statement.audience,
                question=statement.question,
                item=statement.item,
                topic=question.item(statement.item).topic,
                kind=question.kind,
                qualifier=statement.qualifier or "",
                quote=statement.quote,
            )


def _reach(audience: str, published: Published, population: int) -> Reach:
    response = published.returns[audience]
    return Reach(
        audience=audience,
        population=population,
        units=response.units,
        answers=response.answers,
        response_rate=response.units / population,
        worst_margin=margin_of_error(response.units, population),
    )
