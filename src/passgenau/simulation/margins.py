"""From published percentages to the counts of a simulated return that print the same.

A question has one base: the sheets that answered it. The base is chosen, among those that the sheets who saw the
question allow, so that as many printed percentages as possible can be formed from it (GRIM,
`docs/methods.md#grim`), and then so that few sheets leave it empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.estimation import compatible_counts, rounding_points
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.survey import Published, Responses, Statement


@dataclass(frozen=True, slots=True)
class Target:
    """One printed share."""

    source_id: str
    low: float  # percent
    high: float
    tolerance: float  # percentage points that rounding or “ca.” allow

    @property
    def middle(self) -> float:
        """The printed value, or the middle of the printed range, 0–1."""
        return (self.low + self.high) / 200

    def counts(self, base: int) -> tuple[int, ...]:
        """Return the counts of sheets that print as this share of a base."""
        return compatible_counts(self.low, self.high, base, self.tolerance)

    def nearest(self, base: int) -> int:
        """Return the count that fits best: one that prints so, else the one next to it."""
        fitting = self.counts(base) or range(base + 1)
        return min(fitting, key=lambda count: (abs(count / base - self.middle), count))


Targets = dict[tuple[str, str], dict[str, Target]]
"""Printed shares by audience and question, then by item."""


def targets(published: Published | None, circa_points: float) -> Targets:
    """Return the printed shares of a publication; the first where a share is printed twice."""
    found: Targets = {}
    for statement in published.statements if published else ():
        if statement.printed_range is not None:
            group = found.setdefault((statement.audience, statement.question), {})
            group.setdefault(statement.item, _target(statement, circa_points))
    return found


def _target(statement: Statement, circa_points: float) -> Target:
    low, high = statement.printed_range or (0.0, 0.0)
    rounding = max(rounding_points(low), rounding_points(high))
    tolerance = max(rounding, circa_points) if statement.approximate else rounding
    return Target(statement.source_id, low, high, tolerance)


def choose_base(seen: int, wanted: Mapping[str, Target], *, one_each: bool, closed: bool, usual: int) -> int:
    """Return how many of the sheets that saw a question answer it.

    Parameters
    ----------
    seen
        Sheets that saw it.
    wanted
        Printed shares by item.
    one_each
        True where a sheet gives one answer, so that counts must not exceed the base.
    closed
        True where, moreover, no other answers exist: the counts must make up the base.
    usual
        Sheets that answer where no percentage says otherwise.
    """
    if not wanted or seen == 0:
        return min(usual, seen)
    bases = range(seen, max(seen // 2, 1) - 1, -1)
    return min(bases, key=lambda base: (_misfits(base, wanted, one_each=one_each, closed=closed), seen - base))


def _misfits(base: int, wanted: Mapping[str, Target], *, one_each: bool, closed: bool) -> int:
    counts = [target.nearest(base) for target in wanted.values()]
    missed = sum(not target.counts(base) for target in wanted.values())
    total = sum(counts)
    return missed + (one_each and total > base) + (closed and total != base)


@dataclass(frozen=True, slots=True)
class Met:
    """What a simulated return makes of one printed share."""

    source_id: str
    audience: str
    question: str
    item: str
    printed: str  # percent
    yes: int | None  # usable sheets; None where the question has no such answer
    base: int | None
    met: bool
    why: Text | None  # where it is not met


def held_against(responses: Responses, published: Published | None, circa_points: float) -> tuple[Met, ...]:
    """Return every printed share beside what the simulated sheets give, counted anew from them.

    Parameters
    ----------
    responses
        The simulated return; `sheets` has a column `audience`.
    """
    return tuple(
        _met(statement, responses, circa_points)
        for statement in (published.statements if published else ())
        if statement.printed_range is not None
    )


def _met(statement: Statement, responses: Responses, circa_points: float) -> Met:
    target = _target(statement, circa_points)
    printed = f"{target.low:g}" if target.low == target.high else f"{target.low:g}–{target.high:g}"
    counted = _counted(statement, responses)
    place = (statement.source_id, statement.audience, statement.question, statement.item, printed)
    if counted is None:
        why = Text(
            "Die Frage hat keine Antwort dieses Namens, die gezählt werden kann.",
            "The question has no answer of this name that can be counted.",
        )
        return Met(*place, None, None, met=False, why=why)
    yes, base = counted
    if base and yes in target.counts(base):
        return Met(*place, yes, base, met=True, why=None)
    why = Text(
        f"{printed} % lassen sich aus {base} Bögen nicht bilden, wenn auch die anderen Anteile dieser Frage "
        "gelten sollen.",
        f"{printed} % cannot be formed from {base} sheets if the other shares of this question are to hold as well.",
    )
    return Met(*place, yes, base, met=False, why=why)


def _counted(statement: Statement, responses: Responses) -> tuple[int, int] | None:
    """Return (yes, base) among the usable sheets of an audience."""
    sheets = responses.sheets
    rows = (sheets["audience"] == statement.audience) & sheets["disposition"].is_in(["complete", "partial"])
    for variable in responses.variables:
        if variable.question != statement.question or variable.part != "answer" or variable.column is not None:
            continue
        answered = rows & (responses.states[variable.name] == 0)
        values = responses.values[variable.name].filter(answered)
        if variable.type == "flag" and variable.item == statement.item:
            return int(values.sum()), len(values)
        if variable.type == "category" and variable.item is None:
            if statement.item in {category.id for category in variable.categories}:
                return int((values == statement.item).sum()), len(values)
        elif variable.type == "category" and variable.item == statement.item:
            agrees = _agreeing(statement, responses)
            return (int(values.is_in(agrees).sum()), len(values)) if agrees else None
    return None


def _agreeing(statement: Statement, responses: Responses) -> list[str]:
    question = responses.questionnaire.question(statement.question)
    return [point.id for point in responses.questionnaire.scale(question.scale or "").points if point.agrees]
