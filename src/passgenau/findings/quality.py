"""How good the answers are: what came in, what checks found, what was repaired, where sheets disagree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from passgenau.findings.model import Missing, Quality, Repeated
from passgenau.findings.organisations import audiences_of
from passgenau.survey.responses import DISPOSITIONS, State
from passgenau.survey.variables import answers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.findings.organisations import Organisations
    from passgenau.survey import Responses, Variable
    from passgenau.survey.combine import Combined


def quality(responses: Responses, combined: Combined, organisations: Organisations) -> Quality:
    """Return what is to be known of the answers before they are believed.

    Parameters
    ----------
    responses
        All sheets with their marks and steps.
    combined
        One row per organisation, and where its sheets disagreed.
    organisations
        The same, joined with the frames.
    """
    ended = Counter(responses.sheets["disposition"].to_list())
    found = Counter((mark.check, mark.severity) for mark in responses.marks)
    return Quality(
        sheets=len(responses),
        dispositions=tuple((name, ended[name]) for name in DISPOSITIONS if ended[name]),
        outside=organisations.outside,
        marks=tuple((check, severity, count) for (check, severity), count in sorted(found.items())),
        steps=tuple((step.action, step.what, step.values, step.by) for step in combined.responses.steps),
        repeated=_repeated(organisations),
        combined=combined.statement,
        disagreement=_disagreement(combined, organisations),
        missing=_missing(organisations),
    )


def _repeated(organisations: Organisations) -> tuple[tuple[str, int, int], ...]:
    several = organisations.table.filter(pl.col("sheets") > 1)
    found = []
    for audience in organisations.audiences:
        own = several.filter(pl.col("audience") == audience)
        found.append((audience, len(own), int(own["sheets"].sum())))
    return tuple(found)


def _disagreement(combined: Combined, organisations: Organisations) -> tuple[Repeated, ...]:
    """Return per audience and question how many organisations gave different answers on several sheets."""
    audience = audiences_of(organisations.frames)
    pairs = set(combined.disagreements.select("organisation", "question").iter_rows())
    counts = Counter((audience[key], question) for key, question in pairs if key in audience)
    several = {name: count for name, count, _ in _repeated(organisations)}
    return tuple(
        Repeated(name, question.id, several[name], counts[name, question.id])
        for name in organisations.audiences
        for question in organisations.questionnaire.questions
        if counts[name, question.id]
    )


def _missing(organisations: Organisations) -> tuple[Missing, ...]:
    """Return what became of every question, in organisations that answered the survey."""
    found = []
    for audience in organisations.audiences:
        own = organisations.table["audience"] == audience
        for question in organisations.questionnaire.questions:
            variables = answers_of(question, organisations.questionnaire)
            if variables and own.any():
                found.append(_of_question(audience, question.id, variables, organisations.states.filter(own)))
    return tuple(found)


_ORDER = (State.ANSWERED, State.INVALID, State.REFUSED, State.EMPTY, State.NOT_SHOWN)
"""What a question with several variables counts as: the first of these that any of them has."""


def _of_question(audience: str, question: str, variables: Sequence[Variable], states: pl.DataFrame) -> Missing:
    names = [variable.name for variable in variables]
    counts = dict.fromkeys(_ORDER, 0)
    rest = states.select(names)
    for state in _ORDER:
        has = rest.select(pl.any_horizontal(pl.all() == state)).to_series()
        counts[state] = int(has.sum())
        rest = rest.filter(~has)
    return Missing(
        audience,
        question,
        answered=counts[State.ANSWERED],
        empty=counts[State.EMPTY],
        refused=counts[State.REFUSED],
        not_shown=counts[State.NOT_SHOWN],
        invalid=counts[State.INVALID],
    )
