"""When it takes place."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from passgenau.planning.workdays import holidays_of, weekday
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.check.view import Check, Found, View
    from passgenau.planning.model import Event

from passgenau.planning.check.view import bad_days, twice


def _calendar(view: View) -> Found:
    first, last = view.inputs.calendar.start, view.inputs.calendar.end
    for event in view.plan.events:
        if event.start < first or event.end > last or event.end < event.start:
            yield (
                (event.id,),
                Text(
                    f"{event.id} ({event.start} bis {event.end}) liegt nicht zwischen {first} und {last}.",
                    f"{event.id} ({event.start} to {event.end}) is not between {first} and {last}.",
                ),
            )


def _holidays(view: View) -> Found:
    days = holidays_of(view.inputs.calendar)
    yield from bad_days(view, lambda _, day: day in days, "gesetzlicher Feiertag", "public holiday")


def _closed(view: View) -> Found:
    for period in view.inputs.calendar.closed:
        yield from bad_days(
            view,
            lambda _, day, period=period: period.start <= day <= period.end,  # type: ignore[misc]
            period.name.de,
            period.name.into("en"),
        )


def _weekdays(view: View) -> Found:
    allowed = view.inputs.rules.weekdays
    yield from bad_days(
        view, lambda _, day: weekday(day) not in allowed, "kein vereinbarter Wochentag", "no agreed weekday"
    )


def _member_days(view: View) -> Found:
    def away(event: Event, day: dt.date) -> bool:
        return any(day in view.inputs.party[key].unavailable for key, _ in event.attendees)

    yield from bad_days(view, away, "ein Mitglied ist verhindert", "a member is unavailable")


def _persons_once(view: View) -> Found:
    yield from twice(
        (key, event, day) for event, day in view.days() if event.kind != "briefing" for key, _ in event.attendees
    )


def _max_parallel(view: View) -> Found:
    most = view.inputs.rules.max_parallel
    counts = Counter(day for _, day in view.days()) if most is not None and view.inputs.scenario == "pilot" else {}
    for day, count in sorted(counts.items()):
        if most is not None and count > most:
            yield (
                (day.isoformat(),),
                Text(f"{count} Termine am {day}, höchstens {most}.", f"{count} events on {day}, {most} at most."),
            )


CHECKS: dict[str, Check] = {
    "calendar": _calendar,
    "holidays": _holidays,
    "closed": _closed,
    "weekdays": _weekdays,
    "member_days": _member_days,
    "persons_once": _persons_once,
    "max_parallel": _max_parallel,
}
