"""Days on which events may take place: holidays, closed periods, weekdays, and months as people count them."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from passgenau.planning.resources import Calendar, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
ONE_DAY = dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of the month `months` later, or the last of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def span(start: dt.date, days: int) -> list[dt.date]:
    """Return `days` consecutive days from `start`."""
    return [start + dt.timedelta(days=n) for n in range(days)]


@lru_cache(maxsize=32)
def public_holidays(state: str, first: int, last: int) -> frozenset[dt.date]:
    """Return the public holidays of a German state in the years `first` to `last`."""
    return frozenset(holidays.country_holidays("DE", subdiv=state, years=range(first, last + 1)))


def holidays_of(plan_calendar: Calendar) -> frozenset[dt.date]:
    """Return the public holidays of the years that a calendar touches."""
    return public_holidays(plan_calendar.state, plan_calendar.start.year, plan_calendar.end.year)


@lru_cache(maxsize=32)
def open_days(plan_calendar: Calendar, weekdays: tuple[Weekday, ...]) -> frozenset[dt.date]:
    """Return every day of the calendar that is on one of the weekdays, no holiday and not closed."""
    length = (plan_calendar.end - plan_calendar.start).days + 1
    closed = {
        day for period in plan_calendar.closed for day in span(period.start, (period.end - period.start).days + 1)
    }
    blocked = closed | holidays_of(plan_calendar)
    return frozenset(
        day for day in span(plan_calendar.start, length) if weekday(day) in weekdays and day not in blocked
    )


def weekday(day: dt.date) -> str:
    """Return mon … fri, or sat and sun."""
    return (*WEEKDAYS, "sat", "sun")[day.weekday()]


@lru_cache(maxsize=256)
def starts(free: frozenset[dt.date], days: int) -> tuple[dt.date, ...]:
    """Return the days, in order, from which `days` consecutive days are all free."""
    return tuple(sorted(day for day in free if all(other in free for other in span(day, days))))
