"""Who leads it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from passgenau.planning.dates import days_per_trainer
from passgenau.planning.workdays import weekday
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.check.view import Check, Found, View
    from passgenau.planning.model import Event

from passgenau.planning.check.view import bad_days, twice


def _trainer_number(view: View) -> Found:
    for event in view.plan.events:
        wanted = 1 if event.kind == "briefing" else view.inputs.rates.trainers_per_event
        if len(set(event.trainers)) != wanted or len(event.trainers) != wanted:
            yield (
                (event.id,),
                Text(
                    f"{event.id}: {len(set(event.trainers))} Leitende statt {wanted}.",
                    f"{event.id}: {len(set(event.trainers))} trainers instead of {wanted}.",
                ),
            )


def _trainer_qualified(view: View) -> Found:
    for event in view.plan.events:
        listed = [view.inputs.staff[t] for t in event.trainers if t in view.inputs.staff]
        if len(listed) < len(event.trainers):
            continue  # trainers still to be found are sought for what the event needs
        for module in event.modules:
            if not any(view.inputs.teaches(trainer, module) for trainer in listed):
                yield (
                    (event.id, module),
                    Text(f"{event.id}: niemand unterrichtet {module}.", f"{event.id}: nobody teaches {module}."),
                )
        for trainer in listed:
            if event.modules and not any(view.inputs.teaches(trainer, module) for module in event.modules):
                yield (
                    (event.id, trainer.id),
                    Text(
                        f"{event.id}: {trainer.name} unterrichtet keines der Module.",
                        f"{event.id}: {trainer.name} teaches none of the modules.",
                    ),
                )


def _trainer_once(view: View) -> Found:
    yield from twice((trainer, event, day) for event, day in view.days() for trainer in event.trainers)


def _trainer_free(view: View) -> Found:
    def away(event: Event, day: dt.date) -> bool:
        listed = [view.inputs.staff[t] for t in event.trainers if t in view.inputs.staff]
        return any(day in trainer.unavailable or weekday(day) not in trainer.weekdays for trainer in listed)

    yield from bad_days(view, away, "eine Leitung hat keine Zeit", "a trainer has no time")


def _trainer_days(view: View) -> Found:
    used: Counter[tuple[str, int]] = Counter()
    for event in view.plan.events:
        for trainer in event.trainers:
            used[trainer, event.start.year] += event.days
    for (trainer, year), days in sorted(used.items()):
        known = view.inputs.staff.get(trainer)
        most = known.days_per_year if known else days_per_trainer(view.inputs)
        if days > most:
            yield (
                (trainer, str(year)),
                Text(
                    f"{trainer}: {days} Tage im Jahr {year}, höchstens {most}.",
                    f"{trainer}: {days} days in {year}, {most} at most.",
                ),
            )


CHECKS: dict[str, Check] = {
    "trainer_number": _trainer_number,
    "trainer_qualified": _trainer_qualified,
    "trainer_once": _trainer_once,
    "trainer_free": _trainer_free,
    "trainer_days": _trainer_days,
}
