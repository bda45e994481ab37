"""Why no timetable exists: the rules that collide, and the smallest relaxation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from passgenau.errors import InfeasibleError
from passgenau.planning.agenda import Agenda
from passgenau.planning.dates import days_per_trainer
from passgenau.planning.inputs import PlanInputs
from passgenau.planning.resources import Trainer
from passgenau.planning.rules import RULES
from passgenau.planning.timetable import MONTHS_LATER, exists
from passgenau.planning.workdays import WEEKDAYS, add_months
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

EFFORT = 2.0  # deterministic time per question
EXTRA_TRAINERS = 64  # at most; also what the scenario `state` has at hand

Question: TypeAlias = tuple[PlanInputs, Agenda]

# In the order in which they are given up: what nobody wants to change comes last and so stays.
DATE_RULES = (
    "max_parallel",
    "persons_once",
    "venue_once",
    "venue_open",
    "trainer_number",
    "trainer_qualified",
    "trainer_free",
    "trainer_once",
    "trainer_days",
    "member_days",
    "weekdays",
    "closed",
    "block_order",
    "block_gap",
    "calendar",
)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A way of giving in, step by step, where certain rules collide."""

    rules: frozenset[str]
    most: int
    change: Callable[[Question, int], Question]
    text: Callable[[PlanInputs, int], Text]


def explain(inputs: PlanInputs, agenda: Agenda) -> InfeasibleError:
    """Return an error with a smallest set of colliding rules and the smallest steps that would help.

    Notes
    -----
    Deletion filter: rules are dropped one after the other, for good where the rest still collides.
    What remains collides, and would not without any single one of them. Every question is put to the
    model that failed, with a limit in deterministic time.
    """
    question = _typical(inputs, agenda) if inputs.scenario == "state" else (inputs, agenda)
    colliding = _colliding(question)
    steps = [step for r in RELAXATIONS if r.rules & set(colliding) and (step := _smallest(question, r)) is not None]
    return InfeasibleError(
        Text(
            f"Für {len(agenda.drafts)} Termine lassen sich keine Tage und Leitungen finden, die alle Regeln einhalten.",
            f"No dates and trainers for {len(agenda.drafts)} events keep all rules.",
        ),
        [RULES[rule].text for rule in colliding],
        Text(" oder ".join(s.de for s in steps), " or ".join(s.into("en") for s in steps)) if steps else None,
    )


def _colliding(question: Question) -> list[str]:
    dropped: set[str] = set()
    for rule in DATE_RULES:
        if not exists(*question, EFFORT, frozenset({*dropped, rule})):
            dropped.add(rule)
    return [rule for rule in DATE_RULES if rule not in dropped]


def _smallest(question: Question, relaxation: Relaxation) -> Text | None:
    """Return the fewest steps that make a timetable possible, by bisection; None where no number does."""

    def helps(steps: int) -> bool:
        return exists(*relaxation.change(question, steps), EFFORT)

    low, high = 1, relaxation.most
    if not helps(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if helps(middle) else (middle + 1, high)
    return relaxation.text(question[0], low)


def _typical(inputs: PlanInputs, agenda: Agenda) -> Question:
    """Return the question for one cohort of each tier with any number of trainers."""
    first: dict[str, str] = {}
    for draft in agenda.drafts:
        if draft.kind == "introduction":
            first.setdefault(draft.id[0], draft.cohorts[0])
    drafts = tuple(d for d in agenda.drafts if d.cohorts[0] in first.values())
    known = {draft.id for draft in drafts}
    gaps = tuple(gap for gap in agenda.gaps if {gap.first, gap.then} <= known)
    return _more_trainers((inputs, Agenda(drafts, gaps, ())), EXTRA_TRAINERS)


# --- ways of giving in -----------------------------------------------------------------------------


def _wider_gaps(question: Question, steps: int) -> Question:
    inputs, agenda = question
    gaps = (
        replace(gap, months=(max(0, gap.months[0] - steps), gap.months[1] + steps)) if gap.months else gap
        for gap in agenda.gaps
    )
    return inputs, replace(agenda, gaps=tuple(gaps))


def _longer_calendar(question: Question, steps: int) -> Question:
    inputs, agenda = question
    calendar = inputs.calendar.model_copy(update={"end": add_months(inputs.calendar.end, steps)})
    return replace(inputs, calendar=calendar), agenda


def _all_weekdays(question: Question, _steps: int) -> Question:
    inputs, agenda = question
    return replace(inputs, rules=inputs.rules.model_copy(update={"weekdays": WEEKDAYS})), agenda


def _more_parallel(question: Question, steps: int) -> Question:
    inputs, agenda = question
    most = (inputs.rules.max_parallel or 0) + steps
    return replace(inputs, rules=inputs.rules.model_copy(update={"max_parallel": most})), agenda


def _more_trainers(question: Question, steps: int) -> Question:
    inputs, agenda = question
    fields = tuple(field.id for field in inputs.catalogue.fields)
    home = inputs.trainers.trainers[0].home
    days = days_per_trainer(inputs)
    extra = _numbered(steps, home, fields, days)
    trainers = inputs.trainers.model_copy(update={"trainers": (*inputs.trainers.trainers, *extra)})
    return replace(inputs, trainers=trainers), agenda


def _numbered(count: int, home: str, fields: tuple[str, ...], days: int) -> Iterable[Trainer]:
    return (Trainer(id=f"extra-{n}", name=f"+{n}", home=home, fields=fields, days_per_year=days) for n in range(count))


def _trainers_text(inputs: PlanInputs, steps: int) -> Text:
    days = steps * days_per_trainer(inputs)
    return Text(
        f"{steps} weitere Leitende für alle Themenfelder gewinnen (zusammen {days} Einsatztage im Jahr)",
        f"win {steps} more trainers for all fields ({days} days a year together)",
    )


RELAXATIONS = (
    Relaxation(
        frozenset({"trainer_number", "trainer_qualified", "trainer_free", "trainer_once", "trainer_days"}),
        EXTRA_TRAINERS,
        _more_trainers,
        _trainers_text,
    ),
    Relaxation(
        frozenset({"calendar", "closed", "block_gap"}),
        MONTHS_LATER,
        _longer_calendar,
        lambda _inputs, n: Text(
            f"den Kalender um {n} {'Monat' if n == 1 else 'Monate'} verlängern",
            f"extend the calendar by {n} {'month' if n == 1 else 'months'}",
        ),
    ),
    Relaxation(
        frozenset({"block_gap"}),
        12,
        _wider_gaps,
        lambda _inputs, n: Text(
            f"months_between_blocks nach beiden Seiten um {n} {'Monat' if n == 1 else 'Monate'} weiten",
            f"widen months_between_blocks by {n} {'month' if n == 1 else 'months'} on both sides",
        ),
    ),
    Relaxation(
        frozenset({"weekdays"}),
        1,
        _all_weekdays,
        lambda _inputs, _n: Text(
            "alle Werktage von Montag bis Freitag zulassen", "allow all days from Monday to Friday"
        ),
    ),
    Relaxation(
        frozenset({"max_parallel"}),
        EXTRA_TRAINERS,
        _more_parallel,
        lambda inputs, n: Text(
            f"max_parallel auf {(inputs.rules.max_parallel or 0) + n} anheben",
            f"raise max_parallel to {(inputs.rules.max_parallel or 0) + n}",
        ),
    ),
)
