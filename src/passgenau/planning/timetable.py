"""Dates and trainers for an agenda: constraint programming (OR-Tools CP-SAT), reproducible."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.planning.workdays import WEEKDAYS, add_months, open_days, span, starts, weekday

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ortools.sat.python import cp_model

    from passgenau.planning.agenda import Agenda, Draft, Gap
    from passgenau.planning.inputs import PlanInputs
    from passgenau.planning.resources import Trainer

EFFORT = 2.0  # deterministic time for the trainers of given dates: counts work, not seconds
SEARCH_EFFORT = 10.0  # for dates and trainers together
MONTHS_LATER = 24  # how far the calendar reaches when its end is no rule


@dataclass(frozen=True, slots=True)
class Slot:
    """When an event starts and who leads it."""

    start: dt.date
    trainers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """Dates and trainers by event id."""

    slots: dict[str, Slot]
    proven: bool  # whether no trainers with shorter ways exist for these dates
    gap: float  # of the trainers' kilometres, for these dates


def with_trainers(inputs: PlanInputs, agenda: Agenda, dates: Mapping[str, dt.date]) -> Timetable | None:
    """Choose who leads events whose dates are fixed; None where that cannot be done.

    Minimises the trainers' ways. One worker, a fixed seed and a limit in deterministic time: the same
    inputs give the same timetable.
    """
    model = _Model(inputs, agenda, dates=dates)
    if not model.possible:
        return None
    model.prefer_short_ways()
    return model.solve(EFFORT)


def timetable(inputs: PlanInputs, agenda: Agenda) -> Timetable | None:
    """Find dates and trainers together; None when none exist or none were found within the effort."""
    model = _Model(inputs, agenda)
    found = model.solve(SEARCH_EFFORT) if model.possible else None
    if found is None:
        return None
    return with_trainers(inputs, agenda, {id_: slot.start for id_, slot in found.slots.items()})


def exists(inputs: PlanInputs, agenda: Agenda, effort: float, without: frozenset[str] = frozenset()) -> bool:
    """Say whether a timetable exists that keeps all rules but those in `without`.

    Also True where the effort did not suffice to tell.
    """
    model = _Model(inputs, agenda, without)
    return model.possible and model.exists(effort)


def candidates(inputs: PlanInputs, draft: Draft, without: frozenset[str] = frozenset()) -> tuple[dt.date, ...]:
    """Return the days on which an event could start: open, its members free, its room open."""
    calendar, weekdays = inputs.calendar, inputs.rules.weekdays
    if "closed" in without:
        calendar = calendar.model_copy(update={"closed": ()})
    if "calendar" in without:
        calendar = calendar.model_copy(update={"end": add_months(calendar.end, MONTHS_LATER)})
    free = open_days(calendar, WEEKDAYS if "weekdays" in without else weekdays)
    if "member_days" not in without:
        free -= {day for key, _ in draft.attendees for day in inputs.party[key].unavailable}
    if "venue_open" not in without:
        free -= draft.room.closed
        if set(weekdays) - set(draft.room.weekdays):
            free = frozenset(day for day in free if weekday(day) in draft.room.weekdays)
    return starts(free, draft.days)


class _Model:
    """The constraint model of one agenda. Days count from the start of the calendar."""

    def __init__(
        self,
        inputs: PlanInputs,
        agenda: Agenda,
        without: frozenset[str] = frozenset(),
        dates: Mapping[str, dt.date] | None = None,
    ) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- takes 0.2 s, which `passgenau check` should not pay

        self.inputs = inputs
        self.without = without
        self.drafts = {draft.id: draft for draft in agenda.drafts}
        self.model = cp_model.CpModel()
        self.zero = inputs.calendar.start
        self.days = {id_: candidates(inputs, draft, without) for id_, draft in self.drafts.items()}
        if dates is not None:
            self.days = {id_: tuple(day for day in days if day == dates[id_]) for id_, days in self.days.items()}
        self.possible = all(self.days.values())
        if not self.possible:
            return
        self._dates()
        for gap in agenda.gaps:
            self._gap(gap)
        self._trainers()
        self._trainer_days()
        self._nobody_twice()
        self._rooms_and_parallel()

    # --- dates -----------------------------------------------------------------------------------

    def _dates(self) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- likewise

        self.at: dict[str, dict[dt.date, cp_model.IntVar]] = {}
        self.start: dict[str, cp_model.IntVar] = {}
        for id_, days in self.days.items():
            numbers = [self._number(day) for day in days]
            start = self.model.new_int_var_from_domain(cp_model.Domain.from_values(numbers), f"start {id_}")
            at = {day: self.model.new_bool_var(f"{id_} on {day}") for day in days}
            self.model.add_exactly_one(at.values())
            self.model.add(start == sum(n * x for n, x in zip(numbers, at.values(), strict=True)))
            self.at[id_], self.start[id_] = at, start

    def _number(self, day: dt.date) -> int:
        return (day - self.zero).days

    def _gap(self, gap: Gap) -> None:
        length = self.drafts[gap.first].days
        apart = self.start[gap.then] - self.start[gap.first]
        tight = "block_order" not in self.without
        self.model.add(apart >= length - 1 + (gap.least_days if tight else 1))
        if gap.most_days is not None and tight:
            self.model.add(apart <= length - 1 + gap.most_days)
        if gap.months is None or "block_gap" in self.without:
            return
        for day, here in self.at[gap.first].items():
            end = day + dt.timedelta(days=length - 1)
            first, last = (add_months(end, months) for months in gap.months)
            allowed = [x for other, x in self.at[gap.then].items() if first <= other <= last]
            self.model.add_bool_or([*allowed, here.Not()])

    # --- trainers --------------------------------------------------------------------------------

    def _trainers(self) -> None:
        self.leads: dict[tuple[str, str], cp_model.IntVar] = {}
        for id_, draft in self.drafts.items():
            for trainer in self.inputs.trainers.trainers:
                if self._suits(trainer, draft):
                    self.leads[id_, trainer.id] = self.model.new_bool_var(f"{trainer.id} leads {id_}")
            leading = {t.id: self.leads[id_, t.id] for t in self._staff() if (id_, t.id) in self.leads}
            if "trainer_number" not in self.without:
                self.model.add(sum(leading.values()) == draft.staff)
            if "trainer_qualified" not in self.without:
                self._qualified(draft, leading)
            if "trainer_free" not in self.without:
                self._only_when_free(draft, leading)
        if "trainer_once" not in self.without:
            for trainer in self._staff():
                self._once([id_ for id_ in self.drafts if (id_, trainer.id) in self.leads], trainer.id)

    def _qualified(self, draft: Draft, leading: dict[str, cp_model.IntVar]) -> None:
        for module in draft.modules:
            able = [x for t, x in leading.items() if self.inputs.teaches(self.inputs.staff[t], module)]
            self.model.add_bool_or(able)

    def _only_when_free(self, draft: Draft, leading: dict[str, cp_model.IntVar]) -> None:
        for trainer in self._staff():
            if trainer.id in leading:
                free = self._free(trainer, draft)
                if len(free) < len(self.days[draft.id]):
                    self.model.add_bool_or([*(self.at[draft.id][day] for day in free), leading[trainer.id].Not()])

    def _staff(self) -> Iterable[Trainer]:
        return self.inputs.trainers.trainers

    def _suits(self, trainer: Trainer, draft: Draft) -> bool:
        return (
            not draft.modules
            or "trainer_qualified" in self.without
            or any(self.inputs.teaches(trainer, module) for module in draft.modules)
        )

    def _free(self, trainer: Trainer, draft: Draft) -> list[dt.date]:
        return [
            day
            for day in self.days[draft.id]
            if all(weekday(d) in trainer.weekdays and d not in trainer.unavailable for d in span(day, draft.days))
        ]

    def _trainer_days(self) -> None:
        """Keep days per calendar year: an event counts for the year it starts in."""
        if "trainer_days" in self.without:
            return
        years = sorted({day.year for days in self.days.values() for day in days})
        load: dict[tuple[str, int], list[cp_model.LinearExprT]] = defaultdict(list)
        for id_, draft in self.drafts.items():
            for year in years:
                inside = [x for day, x in self.at[id_].items() if day.year == year]
                if not inside:
                    continue
                for trainer in self._staff():
                    lead = self.leads.get((id_, trainer.id))
                    if lead is None:
                        continue
                    both = lead
                    if len(inside) < len(self.days[id_]):
                        both = self.model.new_bool_var(f"{trainer.id} leads {id_} in {year}")
                        self.model.add(both >= lead + sum(inside) - 1)
                    load[trainer.id, year].append(draft.days * both)
        for (trainer_id, _), terms in load.items():
            self.model.add(sum(terms) <= self.inputs.staff[trainer_id].days_per_year)

    # --- nobody and nothing twice ----------------------------------------------------------------

    def _once(self, ids: list[str], trainer: str | None = None) -> None:
        if len(ids) < 2:  # noqa: PLR2004 -- one event cannot overlap
            return
        intervals = [
            self.model.new_optional_fixed_size_interval_var(
                self.start[id_], self.drafts[id_].days, self.leads[id_, trainer], f"{trainer} at {id_}"
            )
            if trainer
            else self._interval(id_)
            for id_ in ids
        ]
        self.model.add_no_overlap(intervals)

    def _interval(self, id_: str) -> cp_model.IntervalVar:
        return self.model.new_fixed_size_interval_var(self.start[id_], self.drafts[id_].days, f"days of {id_}")

    def _nobody_twice(self) -> None:
        """Keep the events of each organisation apart; briefings are for other people than the programme."""
        if "persons_once" in self.without:
            return
        events: dict[str, list[str]] = defaultdict(list)
        for id_, draft in self.drafts.items():
            if draft.kind != "briefing":
                for key, _ in draft.attendees:
                    events[key].append(id_)
        for ids in sorted({tuple(ids) for ids in events.values()}):
            self._once(list(ids))

    def _rooms_and_parallel(self) -> None:
        rooms: dict[str, list[str]] = defaultdict(list)
        for id_, draft in self.drafts.items():
            if not draft.online:
                rooms[draft.room.venue].append(id_)
        for ids in rooms.values() if "venue_once" not in self.without else ():
            self._once(ids)
        most = self.inputs.rules.max_parallel
        if most is not None and "max_parallel" not in self.without:
            intervals = [self._interval(id_) for id_ in self.drafts]
            self.model.add_cumulative(intervals, [1] * len(intervals), most)

    # --- solving ---------------------------------------------------------------------------------

    def prefer_short_ways(self) -> None:
        """Minimise the kilometres between the trainers' homes and the places of their events."""
        ways = [
            round(self.inputs.km(self.inputs.staff[trainer].home, self.drafts[id_].room.place)) * lead
            for (id_, trainer), lead in self.leads.items()
            if not self.drafts[id_].online
        ]
        self.model.minimize(sum(ways))

    def _solver(self, effort: float) -> cp_model.CpSolver:
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- likewise

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.inputs.seed % 2**31
        solver.parameters.max_deterministic_time = effort
        solver.parameters.catch_sigint_signal = False  # the caller alone decides what Ctrl-C does
        return solver

    def exists(self, effort: float) -> bool:
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- likewise

        return self._solver(effort).solve(self.model) != cp_model.INFEASIBLE

    def solve(self, effort: float) -> Timetable | None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- likewise

        solver = self._solver(effort)
        status = solver.solve(self.model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        slots = {}
        for id_ in self.drafts:
            trainers = tuple(
                t.id for t in self._staff() if (id_, t.id) in self.leads and solver.value(self.leads[id_, t.id])
            )
            slots[id_] = Slot(self.zero + dt.timedelta(days=solver.value(self.start[id_])), trainers)
        value = solver.objective_value
        gap = (value - solver.best_objective_bound) / value if value else 0.0
        return Timetable(slots, status == cp_model.OPTIMAL, gap)
