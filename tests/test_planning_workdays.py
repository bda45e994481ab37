import datetime as dt

import pytest

from passgenau.planning import Calendar, Period
from passgenau.planning.workdays import add_months, holidays_of, open_days, span, starts
from passgenau.text import Text

D = dt.date


def calendar(start: dt.date, end: dt.date, *closed: Period, state: str = "BW") -> Calendar:
    return Calendar(start=start, end=end, state=state, closed=closed, decided_by="Test", why=Text("Test"))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (D(2027, 1, 31), 1, D(2027, 2, 28)),
        (D(2027, 11, 30), 3, D(2028, 2, 29)),
        (D(2027, 3, 18), 3, D(2027, 6, 18)),
        (D(2027, 12, 1), 12, D(2028, 12, 1)),
        (D(2027, 5, 5), 0, D(2027, 5, 5)),
    ],
)
def test_months_are_counted_as_people_do(day: dt.date, months: int, expected: dt.date) -> None:
    assert add_months(day, months) == expected


def test_public_holidays_follow_the_state() -> None:
    year = D(2027, 1, 1), D(2027, 12, 31)
    corpus_christi, repentance = D(2027, 5, 27), D(2027, 11, 17)
    assert corpus_christi in holidays_of(calendar(*year, state="BW"))
    assert corpus_christi not in holidays_of(calendar(*year, state="HH"))
    assert repentance in holidays_of(calendar(*year, state="SN"))


def test_open_days_leave_out_weekends_holidays_and_closed_periods() -> None:
    whitsun = Period(name=Text("Ferien"), start=D(2027, 5, 18), end=D(2027, 5, 29))
    found = open_days(calendar(D(2027, 5, 4), D(2027, 6, 3), whitsun), ("tue", "thu"))
    ascension = D(2027, 5, 6)
    assert sorted(found) == [D(2027, 5, 4), D(2027, 5, 11), D(2027, 5, 13), D(2027, 6, 1), D(2027, 6, 3)]
    assert ascension not in found


def test_a_start_leaves_room_for_all_consecutive_days() -> None:
    free = frozenset({D(2027, 3, 2), D(2027, 3, 3), D(2027, 3, 4), D(2027, 3, 9)})
    assert starts(free, 1) == tuple(sorted(free))
    assert starts(free, 2) == (D(2027, 3, 2), D(2027, 3, 3))
    assert starts(free, 3) == (D(2027, 3, 2),)
    assert span(D(2027, 3, 2), 3) == [D(2027, 3, 2), D(2027, 3, 3), D(2027, 3, 4)]


def test_a_calendar_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="lies before the start"):
        calendar(D(2027, 5, 4), D(2027, 5, 3))
