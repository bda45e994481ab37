"""From inputs to a plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from passgenau.planning.agenda import Agenda, Draft, agenda
from passgenau.planning.check import check
from passgenau.planning.cohorts import Formed, form_cohorts
from passgenau.planning.conflict import explain, missing_days
from passgenau.planning.costs import costs_of, event_cost, travel_of
from passgenau.planning.dates import dated, days_per_trainer, stuck
from passgenau.planning.inputs import PlanInputs, validate
from passgenau.planning.model import Cohort, Event, Plan
from passgenau.planning.timetable import Slot, Timetable
from passgenau.planning.wording import number, sentence
from passgenau.text import Text

PROVEN = 1e-6  # a relative gap below this is none


def plan(inputs: PlanInputs) -> Plan:
    """Plan cohorts, places, dates, trainers and costs.

    Parameters
    ----------
    inputs
        Everything that the rules use; `inputs.scenario` says whether the registrations are planned
        (`pilot`) or, as a what-if, all organisations of both frames (`state`).

    Returns
    -------
    Plan
        With the violations that the independent check finds: none in a plan made here.

    Raises
    ------
    InputError
        A file names a key, module, field or role that nobody knows.
    InfeasibleError
        The rules cannot be kept together; names those that collide and the smallest relaxation.
    RuntimeError
        The independent check objects: a fault of passgenau, not of the inputs.
    """
    validate(inputs)
    formed = form_cohorts(inputs)
    todo = agenda(inputs, formed.cohorts)
    dates = _timetable(inputs, formed.cohorts, todo)
    events = tuple(sorted((_event(inputs, d, dates.slots[d.id]) for d in todo.drafts), key=lambda e: (e.start, e.id)))
    return sound(_assembled(inputs, formed, todo, dates, events))


def sound(made: Plan) -> Plan:
    """Return a plan made here, unless the check objects to it: then nobody must take it for valid.

    Raises
    ------
    RuntimeError
        Names every rule that the plan breaks.
    """
    if made.violations:
        found = "; ".join(f"{v.rule}: {v.message.into('en')}" for v in made.violations)
        raise RuntimeError(f"the check objects to a plan made by passgenau (a fault of passgenau): {found}")
    return made


def _timetable(inputs: PlanInputs, cohorts: tuple[Cohort, ...], todo: Agenda) -> Timetable:
    """Return dates and trainers, or the reason why there are none."""
    if missing_days(inputs, todo) or stuck(inputs, todo):
        raise explain(inputs, cohorts, todo)
    found = dated(inputs, todo)
    if found is None:
        raise explain(inputs, cohorts, todo)
    return found


def _event(inputs: PlanInputs, draft: Draft, slot: Slot) -> Event:
    event = Event(
        id=draft.id,
        cohort=draft.cohorts[0] if len(draft.cohorts) == 1 and draft.kind not in {"elective", "peer_meeting"} else "",
        cohorts=draft.cohorts,
        kind=draft.kind,
        block=draft.block,
        modules=draft.modules,
        start=slot.start,
        end=slot.start + dt.timedelta(days=draft.days - 1),
        venue=draft.room.venue,
        venue_label=draft.room.label,
        place=draft.room.place,
        trainers=slot.trainers,
        format="online" if draft.online else "in_house" if draft.kind == "in_house" else "regional",
        persons=sum(persons for _, persons in draft.attendees),
        cost=0.0,
        attendees=draft.attendees,
        organisation=draft.organisation,
        outcome=draft.outcome,
    )
    return replace(event, cost=event_cost(inputs, event).total)


def _assembled(inputs: PlanInputs, formed: Formed, todo: Agenda, dates: Timetable, events: tuple[Event, ...]) -> Plan:
    costs, organisations = costs_of(inputs, formed.cohorts, events)
    made = Plan(
        scenario=inputs.scenario,
        cohorts=formed.cohorts,
        events=events,
        travel=travel_of(inputs, events),
        costs=costs,
        organisations=organisations,
        unplaced=formed.unplaced,
        trainers_needed=len({trainer for event in events for trainer in event.trainers}),
        bound=formed.bound,
        gap=_gap(formed),
        violations=(),
        notes=_notes(inputs, formed, todo, dates),
        seed=inputs.seed,
        objective=formed.objective,
    )
    return replace(made, violations=check(made, inputs))


def _gap(formed: Formed) -> float | None:
    if formed.bound is None:
        return None
    return (formed.objective - formed.bound) / formed.objective if formed.objective else 0.0


def _notes(inputs: PlanInputs, formed: Formed, todo: Agenda, dates: Timetable) -> tuple[Text, ...]:
    own = _state_notes(inputs) if inputs.scenario == "state" else _pilot_notes(inputs, dates)
    return (_quality(formed), *own, *todo.notes)


def _quality(formed: Formed) -> Text:
    gap = _gap(formed)
    value = number(formed.objective)
    if gap is None:
        return sentence(
            "Wege zu den Sitzen der Kohorten: {value} Personenkilometer; eine untere Schranke ist nicht bekannt.",
            "Ways to the seats: {value} person-kilometres; no lower bound is known.",
            value=value,
        )
    if gap < PROVEN:
        return sentence(
            "Wege zu den Sitzen der Kohorten (mit Abstand in der Prozessphase): {value} Personenkilometer; "
            "keine andere Einteilung in ebenso viele Kohorten liegt darunter.",
            "Ways to the seats (with the distance in stage): {value} person-kilometres; no other division "
            "into as many cohorts lies below.",
            value=value,
        )
    return sentence(
        "Wege zu den Sitzen der Kohorten (mit Abstand in der Prozessphase): {value} Personenkilometer; "
        "keine andere Einteilung in ebenso viele Kohorten liegt mehr als {gap} % darunter.",
        "Ways to the seats (with the distance in stage): {value} person-kilometres; no other division "
        "into as many cohorts lies more than {gap} % below.",
        value=value,
        gap=number(100 * gap, 1),
    )


def _pilot_notes(inputs: PlanInputs, dates: Timetable) -> tuple[Text, ...]:
    calendar = (
        Text(
            "Leitung: Für diese Tage gibt es keine Einteilung der Leitenden mit kürzeren Wegen.",
            "Trainers: for these dates there is no assignment of trainers with shorter ways.",
        )
        if dates.proven
        else sentence(
            "Leitung: Für diese Tage liegt keine Einteilung der Leitenden mit ihren Wegen mehr als {gap} % darunter.",
            "Trainers: for these dates no assignment of trainers has ways more than {gap} % shorter.",
            gap=number(100 * dates.gap, 1),
        )
    )
    return calendar, inputs.venues.note, inputs.trainers.note


def _state_notes(inputs: PlanInputs) -> tuple[Text, ...]:
    return (
        Text(
            "Gedankenspiel: Alle Kommunen nehmen teil. Stand des Prozesses, Wünsche und verhinderte Tage sind "
            "unbekannt; Vertiefungen und Inhouse-Tage sind deshalb nicht geplant, und jede Kommune kann einladen.",
            "What-if: all organisations take part. Stages, wishes and days away are unknown; electives and in-house "
            "days are therefore not planned, and every organisation can host.",
        ),
        sentence(
            "Wie viele Trainerinnen und Trainer es braucht, folgt aus {days} Einsatztagen im Jahr "
            "(Median der genannten) und höchstens einem Ort am Tag; ihre Wege sind der Median der genannten.",
            "How many trainers it takes follows from {days} days a year (median of those listed) and one place "
            "a day at most; their ways are the median of those listed.",
            days=number(days_per_trainer(inputs)),
        ),
    )
