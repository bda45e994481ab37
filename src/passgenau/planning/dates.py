"""Dates by a list scheduler that spreads the load, and the trainers that so many events take."""

from __future__ import annotations

import datetime as dt
import statistics
from bisect import bisect_left
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from passgenau.planning.timetable import Slot, Timetable, candidates, timetable, with_trainers
from passgenau.planning.workdays import add_months, span

if TYPE_CHECKING:
    from collections.abc import Callable

    from passgenau.planning.agenda import Agenda, Draft, Gap
    from passgenau.planning.inputs import PlanInputs

ANY_TRAINER = "trainer-"  # opens the ids of trainers that still have to be found


def days_per_trainer(inputs: PlanInputs) -> int:
    """Return the days a year of a trainer still to be found: the median of those listed."""
    return int(statistics.median_low(trainer.days_per_year for trainer in inputs.trainers.trainers))


def dated(inputs: PlanInputs, agenda: Agenda) -> Timetable | None:
    """Return dates and trainers: a quick way first, then the complete search; None where none were found."""
    dates = spread(inputs, agenda)
    if inputs.scenario == "state":
        return with_any_trainers(inputs, agenda, dates) if dates else None
    return (with_trainers(inputs, agenda, dates) if dates else None) or timetable(inputs, agenda)


def spread(inputs: PlanInputs, agenda: Agenda) -> dict[str, dt.date] | None:
    """Give every event the least busy, then earliest day that the rules allow; None where one finds none.

    Events are taken in the order of the agenda. A day is allowed only if everything that follows it can
    still be reached, nobody who comes is due elsewhere, and the room is free. No step is taken back, so
    None does not mean that no dates exist. Trainers are not looked at.
    """
    return _Scheduler(inputs, agenda).dates()


def stuck(inputs: PlanInputs, agenda: Agenda) -> frozenset[str]:
    """Return an event that finds no day even without trainers, with all before and after it; empty if none."""
    scheduler = _Scheduler(inputs, agenda)
    for id_ in scheduler.drafts:
        if not scheduler.possible(id_) and all(scheduler.possible(gap.then) for gap in scheduler.after[id_]):
            later = _chain(id_, lambda at: [gap.then for gap in scheduler.after[at]])
            return later | _chain(id_, lambda at: [gap.first for gap in scheduler.before[at]])
    return frozenset()


def _chain(start: str, neighbours: Callable[[str], list[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        at = waiting.pop()
        found.add(at)
        waiting += [other for other in neighbours(at) if other not in found]
    return frozenset(found)


class _Scheduler:
    """Which starts leave a way to the end, going back through the gaps; then days, going forward."""

    def __init__(self, inputs: PlanInputs, agenda: Agenda) -> None:
        self.drafts = {draft.id: draft for draft in agenda.drafts}
        self.after: dict[str, list[Gap]] = defaultdict(list)
        self.before: dict[str, list[Gap]] = defaultdict(list)
        for gap in agenda.gaps:
            self.after[gap.first].append(gap)
            self.before[gap.then].append(gap)
        self.inputs = inputs
        self.reachable: dict[str, tuple[dt.date, ...]] = {}
        self.known: dict[object, tuple[dt.date, ...]] = {}
        self.busy: Counter[dt.date] = Counter()
        self.taken: set[tuple[str, dt.date]] = set()  # who or what is due on which day
        self.most = inputs.rules.max_parallel if inputs.scenario == "pilot" else None

    def dates(self) -> dict[str, dt.date] | None:
        chosen: dict[str, dt.date] = {}
        for id_, draft in self.drafts.items():
            spans = [_window(gap, _end(chosen[gap.first], self.drafts[gap.first].days)) for gap in self.before[id_]]
            days = [day for day in self.possible(id_) if all(first <= day <= last for first, last in spans)]
            days = [day for day in days if self._free(draft, day)]
            if not days:
                return None
            chosen[id_] = min(days, key=lambda day: (sum(self.busy[d] for d in span(day, draft.days)), day))
            self.busy.update(span(chosen[id_], draft.days))
            self.taken.update((who, day) for day in span(chosen[id_], draft.days) for who in _due(draft))
        return chosen

    def _free(self, draft: Draft, start: dt.date) -> bool:
        days = span(start, draft.days)
        if self.most is not None and max(self.busy[day] for day in days) >= self.most:
            return False
        return not any((who, day) in self.taken for who in _due(draft) for day in days)

    def possible(self, id_: str) -> tuple[dt.date, ...]:
        """Return the starts from which every later event of the chain can still take place."""
        if id_ not in self.reachable:
            draft = self.drafts[id_]
            later = [(gap, self.possible(gap.then)) for gap in self.after[id_]]
            own = candidates(self.inputs, draft)
            chain = (own, draft.days, tuple((_shape(gap), days) for gap, days in later))
            if chain not in self.known:  # cohorts are alike: the same chain is worked out once
                self.known[chain] = tuple(
                    day
                    for day in own
                    if all(_any_within(days, *_window(gap, _end(day, draft.days))) for gap, days in later)
                )
            self.reachable[id_] = self.known[chain]
        return self.reachable[id_]


def _due(draft: Draft) -> list[str]:
    """Return who and what an event occupies: its organisations (briefings are for others) and its room."""
    who = [] if draft.kind == "briefing" else [key for key, _ in draft.attendees]
    return who if draft.online else [*who, f"room {draft.room.venue}"]


def _shape(gap: Gap) -> tuple[object, ...]:
    return gap.least_days, gap.most_days, gap.months


def _end(start: dt.date, days: int) -> dt.date:
    return start + dt.timedelta(days=days - 1)


def _window(gap: Gap, end: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and the last day on which what follows may start."""
    first = end + dt.timedelta(days=gap.least_days)
    last = dt.date.max if gap.most_days is None else end + dt.timedelta(days=gap.most_days)
    if gap.months is not None:
        first, last = max(first, add_months(end, gap.months[0])), min(last, add_months(end, gap.months[1]))
    return first, last


def _any_within(days: tuple[dt.date, ...], first: dt.date, last: dt.date) -> bool:
    at = bisect_left(days, first)  # days ascend
    return at < len(days) and days[at] <= last


def with_any_trainers(inputs: PlanInputs, agenda: Agenda, dates: dict[str, dt.date]) -> Timetable:
    """Give every event the first trainers that are free and have days left; count a new one where none is."""
    limit = days_per_trainer(inputs)
    free_from: list[dt.date] = []
    used: list[Counter[int]] = []
    slots: dict[str, Slot] = {}
    for draft in sorted(agenda.drafts, key=lambda d: (dates[d.id], d.id)):
        start = dates[draft.id]
        team: list[int] = []
        while len(team) < draft.staff:
            found = _next_free(draft, start, limit, free_from, used, team)
            if found is None:
                free_from.append(start)
                used.append(Counter())
                found = len(used) - 1
            team.append(found)
        for number in team:
            free_from[number] = start + dt.timedelta(days=draft.days)
            used[number][start.year] += draft.days
        slots[draft.id] = Slot(start, tuple(f"{ANY_TRAINER}{number + 1:03}" for number in sorted(team)))
    return Timetable(slots, proven=False, gap=0.0)


def _next_free(  # noqa: PLR0913, PLR0917 -- the state of the running assignment
    draft: Draft, start: dt.date, limit: int, free_from: list[dt.date], used: list[Counter[int]], team: list[int]
) -> int | None:
    return next(
        (
            number
            for number, day in enumerate(free_from)
            if day <= start and number not in team and used[number][start.year] + draft.days <= limit
        ),
        None,
    )
