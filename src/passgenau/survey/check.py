"""What questionnaire, published results and populations say against each other.

The schema checks each file by itself; this module checks what only shows when they are laid side
by side. Every finding carries its place in `published.yaml`, so that messages can name the line.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeAlias

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sized

    from passgenau.reading import Location
    from passgenau.survey.published import Published, Statement
    from passgenau.survey.questionnaire import Questionnaire

Finding: TypeAlias = "tuple[Location, Text, Text | None]"
"""Where in `published.yaml`, what is wrong, and the way out."""


def cross_check(questionnaire: Questionnaire, published: Published, frames: Mapping[str, Sized]) -> list[Finding]:
    """Return every contradiction between the published results, the questionnaire and the populations.

    Parameters
    ----------
    questionnaire
        What was asked.
    published
        What was published.
    frames
        The population of each audience; only its size is looked at.

    Returns
    -------
    list of (location, message, hint)
        By kind of contradiction; empty where everything fits.
    """
    return [
        *_returns(published, frames),
        *_names(questionnaire, published, frames),
        *_repeated(published),
        *_readings(published),
        *_claims(published),
    ]


def _returns(published: Published, frames: Mapping[str, Sized]) -> Iterator[Finding]:
    for audience, response in published.returns.items():
        if audience not in frames:
            yield ("returns", audience), _unknown("Zielgruppe", "audience", audience), _known(audience, frames)
        elif response.units > len(frames[audience]):
            size = len(frames[audience])
            yield (
                ("returns", audience, "units"),
                Text(
                    f"{response.units} Antwortende sind mehr als die Grundgesamtheit von {size}.",
                    f"{response.units} respondents are more than the population of {size}.",
                ),
                Text(
                    "units zählt Kommunen, answers die Bögen; die Grundgesamtheit steht in study.yaml (audiences).",
                    "units counts organisations, answers counts sheets; study.yaml (audiences) sets the population.",
                ),
            )
    for audience in frames:
        if audience not in published.returns:
            yield (
                ("returns",),
                Text(
                    f"Für die Zielgruppe {audience!r} fehlt der Rücklauf.",
                    f"The return of the audience {audience!r} is missing.",
                ),
                Text(f"Ergänzen: {audience}: {{units: …, answers: …}}.", f"Add: {audience}: {{units: …, answers: …}}."),
            )


def _names(questionnaire: Questionnaire, published: Published, frames: Mapping[str, Sized]) -> Iterator[Finding]:
    items = {question.id: [item.id for item in question.items] for question in questionnaire.questions}
    for index, statement in enumerate(published.statements):
        place = ("statements", index)
        if statement.audience not in frames:
            yield (
                (*place, "audience"),
                _unknown("Zielgruppe", "audience", statement.audience),
                _known(statement.audience, frames),
            )
        if statement.question not in items:
            yield (
                (*place, "question"),
                _unknown("Frage", "question", statement.question),
                _known(statement.question, items),
            )
        elif statement.item not in items[statement.question]:
            yield (
                (*place, "item"),
                Text(
                    f"Die Frage {statement.question!r} hat keine Antwort {statement.item!r}.",
                    f"The question {statement.question!r} has no item {statement.item!r}.",
                ),
                _known(statement.item, items[statement.question]),
            )


def _repeated(published: Published) -> Iterator[Finding]:
    seen_ids: dict[str, int] = {}
    seen_items: dict[tuple[str, str, str], str] = {}
    for index, statement in enumerate(published.statements):
        key = (statement.audience, statement.question, statement.item)
        if statement.source_id in seen_ids:
            yield (
                ("statements", index, "source_id"),
                Text(f"{statement.source_id!r} steht zweimal.", f"{statement.source_id!r} stands twice."),
                Text("Jede Kennung nur einmal vergeben.", "Use every identifier once."),
            )
        elif key in seen_items:
            yield (
                ("statements", index, "item"),
                Text(
                    f"Für diese Zielgruppe und Antwort gilt schon {seen_items[key]}.",
                    f"{seen_items[key]} already speaks of this audience and item.",
                ),
                Text("Eine Aussage je Zielgruppe und Antwort.", "One statement per audience and item."),
            )
        seen_ids.setdefault(statement.source_id, index)
        seen_items.setdefault(key, statement.source_id)


def _readings(published: Published) -> Iterator[Finding]:
    by_id = {statement.source_id: statement for statement in published.statements}
    for index, statement in enumerate(published.statements):
        for place, reading in enumerate(statement.base_readings):
            if reading.subset_of is None:
                continue
            problem = _subset_problem(statement, reading.subset_of, by_id)
            if problem:
                message, hint = problem
                yield ("statements", index, "base_readings", place, "subset_of"), message, hint


def _subset_problem(
    statement: Statement, subset_of: str, by_id: Mapping[str, Statement]
) -> tuple[Text, Text | None] | None:
    parent = by_id.get(subset_of)
    if parent is None:
        return _unknown("Aussage", "statement", subset_of), _known(subset_of, by_id)
    if parent.audience != statement.audience:
        return (
            Text(
                f"{subset_of} spricht von {parent.audience!r}, nicht von {statement.audience!r}.",
                f"{subset_of} speaks of {parent.audience!r}, not of {statement.audience!r}.",
            ),
            Text("Ein Teil gehört zur selben Zielgruppe.", "A part belongs to the same audience."),
        )
    if parent.printed_range in {None, (0, 0)}:
        return (
            Text(
                f"{subset_of} nennt keine Zahl und kann keine Bezugsgröße sein.",
                f"{subset_of} gives no number and cannot be a base.",
            ),
            Text("Eine Aussage mit value oder low und high wählen.", "Choose a statement with value or low and high."),
        )
    if statement.source_id in _ancestors(subset_of, by_id):
        return (
            Text(
                f"{statement.source_id} wäre ein Teil von sich selbst.",
                f"{statement.source_id} would be a part of itself.",
            ),
            Text("Den Kreis der Bezugsgrößen auflösen.", "Break the circle of bases."),
        )
    return None


def _ancestors(source_id: str, by_id: Mapping[str, Statement]) -> set[str]:
    """Return the statements whose shares a base rests on, directly or through others, itself included."""
    found: set[str] = set()
    open_ids = [source_id]
    while open_ids:
        current = open_ids.pop()
        if current in by_id and current not in found:
            found.add(current)
            open_ids += [r.subset_of for r in by_id[current].base_readings if r.subset_of is not None]
    return found


def _claims(published: Published) -> Iterator[Finding]:
    known = {statement.source_id for statement in published.statements}
    seen: set[str] = set()
    for index, claim in enumerate(published.claims):
        if claim.id in seen:
            yield (
                ("claims", index, "id"),
                Text(f"{claim.id!r} steht zweimal.", f"{claim.id!r} stands twice."),
                Text("Jede Kennung nur einmal vergeben.", "Use every identifier once."),
            )
        seen.add(claim.id)
        for place, source_id in enumerate(claim.source_ids):
            if source_id not in known:
                yield (
                    ("claims", index, "source_ids", place),
                    _unknown("Aussage", "statement", source_id),
                    _known(source_id, known),
                )


def _unknown(de: str, en: str, name: str) -> Text:
    return Text(f"Unbekannte {de} {name!r}.", f"Unknown {en} {name!r}.")


def _known(given: str, known: Collection[str]) -> Text:
    close = difflib.get_close_matches(given, sorted(known), n=1, cutoff=0.6)
    if close:
        return Text(f"Gemeint ist vielleicht {close[0]!r}.", f"Perhaps {close[0]!r} is meant.")
    listed = ", ".join(sorted(known))
    return Text(f"Möglich sind: {listed}.", f"Possible: {listed}.")
