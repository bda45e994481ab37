"""Why no timetable exists: the rules that collide, and the smallest relaxation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passgenau.errors import InfeasibleError
from passgenau.planning.agenda import Agenda
from passgenau.planning.dates import days_per_trainer, stuck
from passgenau.planning.inputs import PlanInputs
from passgenau.planning.resources import Trainer
from passgenau.planning.rules import RULES
from passgenau.planning.timetable import MONTHS_LATER, exists
from passgenau.planning.workdays import WEEKDAYS, add_months
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

EFFORT = 2.0  # deterministic time per question
EXTRA_TRAINERS = 64  # at most

TRAINER_RULES = frozenset({"trainer_number", "trainer_qualified", "trainer_free", "trainer_once", "trainer_days"})

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


@dataclass(frozen=True)
class _Question:
    """Whether an agenda can be dated, with rules that are not asked about."""

    inputs: PlanInputs
    agenda: Agenda
    given: frozenset[str]

    def possible(self, without: Iterable[str] = ()) -> bool:
        return exists(self.inputs, self.agenda, EFFORT, self.given | frozenset(without))


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A way of giving in, step by step, where certain rules collide."""

    rules: frozenset[str]
    most: int
    change: Callable[[PlanInputs, Agenda, int], tuple[PlanInputs, Agenda]]
    text: Callable[[PlanInputs, int], Text]


def explain(inputs: PlanInputs, agenda: Agenda) -> InfeasibleError:
    """Return an error with a small set of colliding rules and the smallest steps that would help.

    Trainer days are counted first. Where already one cohort on its own finds no dates, only that one
    is looked at.

    Notes
    -----
    Deletion filter: rules are dropped, first together, then one after the other, for good where the
    rest still collides. What remains collides, and would not without any single one of them, as far as
    the effort suffices to tell: a question without an answer keeps its rule. Every question is put to
    the model that failed, with a limit in deterministic time.
    """
    short = missing_days(inputs, agenda)
    if short is not None:
        return short
    alone = stuck(inputs, agenda)
    drafts = tuple(draft for draft in agenda.drafts if draft.id in alone) or agenda.drafts
    gaps = tuple(gap for gap in agenda.gaps if {gap.first, gap.then} <= {draft.id for draft in drafts})
    given = TRAINER_RULES if alone or inputs.scenario == "state" else frozenset[str]()
    question = _Question(inputs, Agenda(drafts, gaps, ()), given)
    if question.possible():
        return _open(len(drafts))
    colliding = _colliding(question)
    steps = [step for r in RELAXATIONS if r.rules & set(colliding) and (step := _smallest(question, r)) is not None]
    cohorts = ", ".join(sorted({cohort for draft in drafts for cohort in draft.cohorts}))
    return InfeasibleError(
        Text(
            f"Keine Tage und Leitungen halten alle Regeln ein (Termine: {len(drafts)}; Kohorten: {cohorts}).",
            f"No dates and trainers keep all rules (events: {len(drafts)}; cohorts: {cohorts}).",
        ),
        [RULES[rule].text for rule in colliding],
        Text(" oder ".join(s.de for s in steps), " or ".join(s.into("en") for s in steps)) if steps else None,
    )


def missing_days(inputs: PlanInputs, agenda: Agenda) -> InfeasibleError | None:
    """Return an error where the events need more trainer days than all trainers have together."""
    if inputs.scenario == "state":
        return None
    years = inputs.calendar.end.year - inputs.calendar.start.year + 1
    needed = sum(draft.staff * draft.days for draft in agenda.drafts)
    there = years * sum(trainer.days_per_year for trainer in inputs.trainers.trainers)
    if needed <= there:
        return None
    more = math.ceil((needed - there) / (years * days_per_trainer(inputs)))
    return InfeasibleError(
        Text(
            f"Die Termine brauchen {needed} Trainertage, vorhanden sind {there}; es fehlen {needed - there}.",
            f"The events need {needed} trainer days, there are {there}; {needed - there} are missing.",
        ),
        [RULES["trainer_number"].text, RULES["trainer_days"].text],
        _trainers_text(inputs, more),
    )


def _open(events: int) -> InfeasibleError:
    return InfeasibleError(
        Text(
            f"Für {events} Termine wurde kein Plan gefunden; ob es einen gibt, ließ sich nicht klären.",
            f"No plan was found for {events} events; whether there is one could not be told.",
        ),
        (),
        Text(
            "mehr Leitungspersonen, mehr Wochentage oder einen längeren Kalender vorsehen",
            "provide for more trainers, more weekdays or a longer calendar",
        ),
    )


def _colliding(question: _Question) -> list[str]:
    dropped: set[str] = set()

    def drop(rules: tuple[str, ...]) -> None:
        if not question.possible({*dropped, *rules}):
            dropped.update(rules)
        elif len(rules) > 1:
            drop(rules[: len(rules) // 2])
            drop(rules[len(rules) // 2 :])

    # Without any rule at all there is a timetable; so the halves are tried, never the whole.
    asked = tuple(rule for rule in DATE_RULES if rule not in question.given)
    drop(asked[: len(asked) // 2])
    drop(asked[len(asked) // 2 :])
    return [rule for rule in asked if rule not in dropped]


def _smallest(question: _Question, relaxation: Relaxation) -> Text | None:
    """Return the fewest steps that make a timetable possible, by doubling and halving; None where none do."""

    def helps(steps: int) -> bool:
        return _Question(*relaxation.change(question.inputs, question.agenda, steps), question.given).possible()

    low, high = 1, 1
    while not helps(high):
        if high == relaxation.most:
            return None
        low, high = high + 1, min(2 * high, relaxation.most)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if helps(middle) else (middle + 1, high)
    return relaxation.text(question.inputs, low)


# --- ways of giving in -----------------------------------------------------------------------------


def _wider_gaps(inputs: PlanInputs, agenda: Agenda, steps: int) -> tuple[PlanInputs, Agenda]:
    gaps = (
        replace(gap, months=(max(0, gap.months[0] - steps), gap.months[1] + steps)) if gap.months else gap
        for gap in agenda.gaps
    )
    return inputs, replace(agenda, gaps=tuple(gaps))


def _longer_calendar(inputs: PlanInputs, agenda: Agenda, steps: int) -> tuple[PlanInputs, Agenda]:
    calendar = inputs.calendar.model_copy(update={"end": add_months(inputs.calendar.end, steps)})
    return replace(inputs, calendar=calendar), agenda


def _all_weekdays(inputs: PlanInputs, agenda: Agenda, _steps: int) -> tuple[PlanInputs, Agenda]:
    return replace(inputs, rules=inputs.rules.model_copy(update={"weekdays": WEEKDAYS})), agenda


def _more_parallel(inputs: PlanInputs, agenda: Agenda, steps: int) -> tuple[PlanInputs, Agenda]:
    most = (inputs.rules.max_parallel or 0) + steps
    return replace(inputs, rules=inputs.rules.model_copy(update={"max_parallel": most})), agenda


def _more_trainers(inputs: PlanInputs, agenda: Agenda, steps: int) -> tuple[PlanInputs, Agenda]:
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
    if steps == 1:
        return Text(
            f"eine weitere Leitungsperson für alle Themenfelder gewinnen ({days} Einsatztage im Jahr)",
            f"win one more trainer for all fields ({days} days a year)",
        )
    return Text(
        f"{steps} weitere Leitungspersonen für alle Themenfelder gewinnen (zusammen {days} Einsatztage im Jahr)",
        f"win {steps} more trainers for all fields ({days} days a year together)",
    )


RELAXATIONS = (
    Relaxation(
        TRAINER_RULES,
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
