"""Why no timetable exists: the rules that collide, and the smallest relaxation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passgenau.errors import InfeasibleError
from passgenau.planning.agenda import Agenda, agenda
from passgenau.planning.dates import dated, days_per_trainer, stuck
from passgenau.planning.inputs import PlanInputs
from passgenau.planning.resources import Trainer
from passgenau.planning.rules import RULES
from passgenau.planning.timetable import MONTHS_LATER, exists
from passgenau.planning.workdays import WEEKDAYS, add_months
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passgenau.planning.model import Cohort

EFFORT = 2.0  # deterministic time per question
EXTRA_TRAINERS = 64  # at most
ATTEMPTS = 12  # further steps that are tried on the whole where those of a part do not suffice

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
    change: Callable[[PlanInputs, int], PlanInputs]
    text: Callable[[PlanInputs, int], Text]


def explain(inputs: PlanInputs, cohorts: tuple[Cohort, ...], todo: Agenda) -> InfeasibleError:
    """Return an error with a small set of colliding rules and the smallest steps that would help.

    Trainer days are counted first. Where already one cohort on its own finds no dates, only that one
    is looked at. A step is named only after it has led to dates and trainers for all events.

    Notes
    -----
    Deletion filter: rules are dropped, first together, then one after the other, for good where the
    rest still collides. What remains collides, and would not without any single one of them, as far as
    the effort suffices to tell: a question without an answer keeps its rule. Every question is put to
    the model that failed, with a limit in deterministic time.
    """
    short = missing_days(inputs, todo)
    if short is not None:
        return _with_enough_trainers(inputs, cohorts, short)
    alone = stuck(inputs, todo)
    drafts = tuple(draft for draft in todo.drafts if draft.id in alone) or todo.drafts
    gaps = tuple(gap for gap in todo.gaps if {gap.first, gap.then} <= {draft.id for draft in drafts})
    given = TRAINER_RULES if alone or inputs.scenario == "state" else frozenset[str]()
    question = _Question(inputs, Agenda(drafts, gaps, ()), given)
    if question.possible():
        return _open(len(drafts))
    colliding = _colliding(question)
    steps = [
        step for r in RELAXATIONS if r.rules & set(colliding) and (step := _smallest(question, r, cohorts)) is not None
    ]
    names = ", ".join(sorted({cohort for draft in drafts for cohort in draft.cohorts}))
    return InfeasibleError(
        Text(
            f"Keine Tage und Leitungen halten alle Regeln ein (Termine: {len(drafts)}; Kohorten: {names}).",
            f"No dates and trainers keep all rules (events: {len(drafts)}; cohorts: {names}).",
        ),
        [RULES[rule].text for rule in colliding],
        Text(" oder ".join(s.de for s in steps), " or ".join(s.into("en") for s in steps)) if steps else None,
    )


def missing_days(inputs: PlanInputs, todo: Agenda) -> InfeasibleError | None:
    """Return an error where the events need more trainer days than all trainers have together."""
    if inputs.scenario == "state":
        return None
    lacking = _lacking(inputs, todo)
    if lacking <= 0:
        return None
    needed = sum(draft.staff * draft.days for draft in todo.drafts)
    return InfeasibleError(
        Text(
            f"Die Termine brauchen {needed} Trainertage, vorhanden sind {needed - lacking}; es fehlen {lacking}.",
            f"The events need {needed} trainer days, there are {needed - lacking}; {lacking} are missing.",
        ),
        [RULES["trainer_number"].text, RULES["trainer_days"].text],
    )


def _lacking(inputs: PlanInputs, todo: Agenda) -> int:
    needed = sum(draft.staff * draft.days for draft in todo.drafts)
    return needed - _calendar_years(inputs) * sum(trainer.days_per_year for trainer in inputs.trainers.trainers)


def _calendar_years(inputs: PlanInputs) -> int:
    return inputs.calendar.end.year - inputs.calendar.start.year + 1


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


def _smallest(question: _Question, relaxation: Relaxation, cohorts: tuple[Cohort, ...]) -> Text | None:
    """Return the fewest steps that make a timetable possible, by doubling and halving; None where none do.

    What the part that was asked about needs is where the search on the whole begins.
    """

    def helps(steps: int) -> bool:
        changed = relaxation.change(question.inputs, steps)
        whole = agenda(changed, cohorts)
        asked = {draft.id for draft in question.agenda.drafts}
        drafts = tuple(draft for draft in whole.drafts if draft.id in asked)
        gaps = tuple(gap for gap in whole.gaps if {gap.first, gap.then} <= asked)
        return _Question(changed, Agenda(drafts, gaps, ()), question.given).possible()

    low, high = 1, 1
    while not helps(high):
        if high == relaxation.most:
            return None
        low, high = high + 1, min(2 * high, relaxation.most)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if helps(middle) else (middle + 1, high)
    enough = _enough(question.inputs, relaxation, cohorts, low)
    return None if enough is None else relaxation.text(question.inputs, enough)


def _enough(inputs: PlanInputs, relaxation: Relaxation, cohorts: tuple[Cohort, ...], low: int) -> int | None:
    """Return the first number of steps from `low` on that dates all events and finds their trainers."""
    for steps in range(low, min(relaxation.most, low + ATTEMPTS) + 1):
        changed = relaxation.change(inputs, steps)
        todo = agenda(changed, cohorts)
        if missing_days(changed, todo) is None and dated(changed, todo) is not None:
            return steps
    return None


def _with_enough_trainers(inputs: PlanInputs, cohorts: tuple[Cohort, ...], short: InfeasibleError) -> InfeasibleError:
    """Return the error of too few trainer days with the trainers that all events really take."""
    todo = agenda(inputs, cohorts)
    low = math.ceil(_lacking(inputs, todo) / (_calendar_years(inputs) * days_per_trainer(inputs)))
    enough = _enough(inputs, RELAXATIONS[0], cohorts, low)
    return InfeasibleError(short.message, short.rules, None if enough is None else _trainers_text(inputs, enough))


# --- ways of giving in -----------------------------------------------------------------------------


def _wider_gaps(inputs: PlanInputs, steps: int) -> PlanInputs:
    least, most = inputs.rules.months_between_blocks
    months = (max(0, least - steps), most + steps)
    return replace(inputs, rules=inputs.rules.model_copy(update={"months_between_blocks": months}))


def _longer_calendar(inputs: PlanInputs, steps: int) -> PlanInputs:
    calendar = inputs.calendar.model_copy(update={"end": add_months(inputs.calendar.end, steps)})
    return replace(inputs, calendar=calendar)


def _all_weekdays(inputs: PlanInputs, _steps: int) -> PlanInputs:
    return replace(inputs, rules=inputs.rules.model_copy(update={"weekdays": WEEKDAYS}))


def _more_parallel(inputs: PlanInputs, steps: int) -> PlanInputs:
    most = (inputs.rules.max_parallel or 0) + steps
    return replace(inputs, rules=inputs.rules.model_copy(update={"max_parallel": most}))


def _more_trainers(inputs: PlanInputs, steps: int) -> PlanInputs:
    fields = tuple(field.id for field in inputs.catalogue.fields)
    home = inputs.trainers.trainers[0].home
    days = days_per_trainer(inputs)
    extra = _numbered(steps, home, fields, days)
    trainers = inputs.trainers.model_copy(update={"trainers": (*inputs.trainers.trainers, *extra)})
    return replace(inputs, trainers=trainers)


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
