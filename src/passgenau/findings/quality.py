"""How good the answers are: what came in, what checks found, what was repaired, where sheets disagree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from passgenau.findings.model import Missing, Quality, Repeated
from passgenau.findings.organisations import audiences_of
from passgenau.survey.responses import DISPOSITIONS, State
from passgenau.survey.variables import answers_of
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.findings.organisations import Organisations
    from passgenau.survey import Responses, Variable
    from passgenau.survey.combine import Combined
    from passgenau.survey.responses import Step


_IN_PUBLIC = {
    "repaired": Text("einzelne Angaben berichtigt", "single values corrected"),
    "recoded": Text("Schreibweisen vereinheitlicht", "spellings made alike"),
    "assigned": Text("Bögen einer Kommune zugeordnet", "sheets assigned to an organisation"),
    "excluded": Text("Bögen von der Auswertung ausgenommen", "sheets kept out of the analysis"),
    "accepted": Text("Hinweise geprüft und angenommen", "marks looked at and accepted"),
    "coded": Text("offene Antworten Kategorien zugeordnet", "open answers coded"),
}
"""What is told of steps whose own words hold answers, keys of organisations, reasons and names of people."""


_DECIDED = Text("von Hand bearbeitet", "worked on by hand")


def quality(responses: Responses, combined: Combined, organisations: Organisations, threshold: int) -> Quality:
    """Return what is to be known of the answers before they are believed.

    Parameters
    ----------
    responses
        All sheets with their marks and steps.
    combined
        One row per organisation, and where its sheets disagreed.
    organisations
        The same, joined with the frames.
    threshold
        Fewest organisations that a line on a question may rest on.

    Notes
    -----
    `docs/methods.md#what-leaves-the-office`.
    """
    ended = Counter(responses.sheets["disposition"].to_list())
    found = Counter((mark.check, mark.severity) for mark in responses.marks)
    return Quality(
        sheets=len(responses),
        dispositions=tuple((name, ended[name]) for name in DISPOSITIONS if ended[name]),
        outside=organisations.outside,
        marks=tuple((check, severity, count) for (check, severity), count in sorted(found.items())),
        steps=_steps(combined.responses.steps),
        repeated=_repeated(organisations),
        combined=combined.statement,
        disagreement=_disagreement(combined, organisations, threshold),
        missing=_missing(organisations, threshold),
    )


def _steps(steps: Sequence[Step]) -> tuple[tuple[str, Text, int, str | None], ...]:
    """Return what was done: rules in their own words, decisions of people by kind and number only."""
    found: dict[str, tuple[str, Text, int, str | None]] = {}
    for place, step in enumerate(steps):
        if step.by is None and step.action not in _IN_PUBLIC:
            found[f"{place}"] = (step.action, step.what, step.values, None)
            continue
        before = found[step.action][2] if step.action in found else 0
        words = _IN_PUBLIC.get(step.action, _DECIDED)
        found[step.action] = (step.action, words, before + step.values, None)
    return tuple(found.values())


def _repeated(organisations: Organisations) -> tuple[tuple[str, int, int], ...]:
    several = organisations.table.filter(pl.col("sheets") > 1)
    found = []
    for audience in organisations.audiences:
        own = several.filter(pl.col("audience") == audience)
        found.append((audience, len(own), int(own["sheets"].sum())))
    return tuple(found)


def _disagreement(combined: Combined, organisations: Organisations, threshold: int) -> tuple[Repeated, ...]:
    """Return per audience and question how many organisations gave different answers on several sheets.

    Nothing is told of an audience in which fewer than the threshold sent several.
    """
    audience = audiences_of(organisations.frames)
    pairs = set(combined.disagreements.select("organisation", "question").iter_rows())
    counts = Counter((audience[key], question) for key, question in pairs if key in audience)
    several = {name: count for name, count, _ in _repeated(organisations)}
    return tuple(
        Repeated(name, question.id, several[name], counts[name, question.id])
        for name in organisations.audiences
        for question in organisations.questionnaire.questions
        if counts[name, question.id] and several[name] >= threshold
    )


def _missing(organisations: Organisations, threshold: int) -> tuple[Missing, ...]:
    """Return what became of every question that enough organisations of an audience answered, or none."""
    found = []
    for audience in organisations.audiences:
        own = organisations.table["audience"] == audience
        for question in organisations.questionnaire.questions:
            variables = answers_of(question, organisations.questionnaire)
            if variables and own.any():
                found.append(_of_question(audience, question.id, variables, organisations.states.filter(own)))
    return tuple(row for row in found if not 0 < row.answered < threshold)


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
