"""A plan beside its inputs, as the checks look at it."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from passgenau.planning.distance import EARTH_KM
from passgenau.planning.workdays import span
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.inputs import PlanInputs
    from passgenau.planning.model import Cohort, Event, EventKind, Plan

Found: TypeAlias = Iterator[tuple[tuple[str, ...], Text]]
"""What breaks a rule: its subjects and a sentence."""


class View:
    """A plan beside its inputs, with its events by cohort and by day."""

    def __init__(self, plan: Plan, inputs: PlanInputs) -> None:
        self.plan = plan
        self.inputs = inputs
        self._held: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._km: dict[tuple[str, str], float] = {}
        for event in sorted(plan.events, key=lambda e: (e.start, e.id)):
            for cohort in event.cohorts:
                self._held[cohort, event.kind].append(event)

    def held(self, cohort: str, kind: EventKind) -> list[Event]:
        """Return the events of a kind that a cohort takes part in, by date."""
        return self._held[cohort, kind]

    def km(self, one: str, other: str) -> float:
        """Return road kilometres, one way: the chord between two points of the sphere, turned into an arc."""
        pair = (min(one, other), max(one, other))
        if pair not in self._km:
            chord = math.dist(self._point(one), self._point(other))
            self._km[pair] = self.inputs.rules.detour * 2 * EARTH_KM * math.asin(min(1.0, chord / 2))
        return self._km[pair]

    def _point(self, key: str) -> tuple[float, float, float]:
        lat, lon = math.radians(self.inputs.units[key].lat), math.radians(self.inputs.units[key].lon)
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    def days(self) -> Iterator[tuple[Event, dt.date]]:
        """Yield every day of every event."""
        for event in self.plan.events:
            for day in span(event.start, event.days):
                yield event, day


Check: TypeAlias = Callable[[View], Found]
"""Yields what breaks one rule."""


def persons_of(cohort: Cohort) -> int:
    """Return the persons of a cohort, counted from its members."""
    return sum(member.persons for member in cohort.members)


def bad_days(view: View, bad: Callable[[Event, dt.date], bool], de: str, en: str) -> Found:
    """Yield every day of an event that is `bad`, with the reason in both languages."""
    for event, day in view.days():
        if bad(event, day):
            yield (event.id, day.isoformat()), Text(f"{event.id} am {day}: {de}.", f"{event.id} on {day}: {en}.")


def twice(entries: Iterable[tuple[str, Event, dt.date]]) -> Found:
    """Yield what is due at two events on one day; `entries` name it, the event and the day."""
    seen: dict[tuple[str, dt.date], Event] = {}
    for name, event, day in entries:
        other = seen.setdefault((name, day), event)
        if other.id != event.id:
            yield (
                (name, other.id, event.id),
                Text(
                    f"{name} am {day}: zugleich {other.id} und {event.id}.",
                    f"{name} on {day}: {other.id} and {event.id} at once.",
                ),
            )
