import datetime as dt
from dataclasses import replace

import pytest
from icalendar import Calendar
from planning_toy import ANN, registered, rules, toy

from passgenau.formats.ical import to_ical
from passgenau.planning import Plan, plan
from passgenau.text import Text

TITLE = Text("Fortbildung; Beispiel, eins", "Training")


@pytest.fixture(scope="module")
def made() -> Plan:
    inputs = toy(registrations=registered(Ann={"in_house": True}), rules=rules(in_house_days_max=1))
    return plan(inputs)


def test_every_event_becomes_an_entry_of_whole_days(made: Plan) -> None:
    calendar = Calendar.from_ical(to_ical(made, TITLE, "de"))
    spans = [(entry.start, entry.end) for entry in calendar.events]
    assert spans == [(event.start, event.end + dt.timedelta(days=1)) for event in made.events]
    assert all(isinstance(start, dt.date) and not isinstance(start, dt.datetime) for start, _ in spans)
    assert not calendar.errors
    assert calendar["VERSION"] == "2.0"
    assert str(calendar["X-WR-CALNAME"]) == "Fortbildung; Beispiel, eins"


def test_summary_place_and_description_are_in_the_language_asked_for(made: Plan) -> None:
    german = {str(e["SUMMARY"]): e for e in Calendar.from_ical(to_ical(made, TITLE, "de")).events}
    block = german["Basis, Block 1 (Kohorte m1)"]
    assert str(block["LOCATION"]) == "Ann"
    assert block["SUMMARY"].params["LANGUAGE"] == "de"
    assert "Teilnehmende: Ann (2), Ben (2), Cleo (2); 6 Personen" in str(block["DESCRIPTION"])
    english = {str(e["SUMMARY"]) for e in Calendar.from_ical(to_ical(made, TITLE, "en")).events}
    assert "Basis, block 1 (Cohort m1)" in english
    assert "In-house day (Cohort m1)" in english


def test_the_in_house_day_says_what_stands_at_its_end(made: Plan) -> None:
    (day,) = (e for e in Calendar.from_ical(to_ical(made, TITLE, "de")).events if "Inhouse" in str(e["SUMMARY"]))
    assert "Am Ende steht: Vereinbarte Rollen und Zuständigkeiten" in str(day["DESCRIPTION"])


def test_names_and_a_warning_enter_the_description(made: Plan) -> None:
    names = {"first": Text("Erstes Modul"), "tom": Text("Tom")}
    text = to_ical(made, TITLE, "de", names=names, banner=Text("Nur ein Beispiel"))
    block = next(e for e in Calendar.from_ical(text).events if "Block 1" in str(e["SUMMARY"]))
    lines = str(block["DESCRIPTION"]).split("\n")
    assert lines[0] == "Nur ein Beispiel"
    assert "Module: Erstes Modul" in lines
    assert "Leitung: Tom, tia" in lines


def test_uids_are_unique_and_survive_a_move(made: Plan) -> None:
    first = [str(e["UID"]) for e in Calendar.from_ical(to_ical(made, TITLE, "de")).events]
    later = plan(
        toy(
            registrations=registered(Ann={"in_house": True, "unavailable": "2027-03-02"}),
            rules=rules(in_house_days_max=1),
        )
    )
    moved = [str(e["UID"]) for e in Calendar.from_ical(to_ical(later, TITLE, "de")).events]
    assert len(set(first)) == len(made.events)
    assert set(first) == set(moved)
    assert [e.start for e in made.events] != [e.start for e in later.events]


def test_the_bytes_carry_no_clock_and_keep_the_line_rules_of_the_standard(made: Plan) -> None:
    text = to_ical(made, TITLE, "de")
    assert text == to_ical(made, TITLE, "de")
    assert {e["DTSTAMP"].dt for e in Calendar.from_ical(text).events} == {dt.datetime(2027, 3, 2, tzinfo=dt.UTC)}
    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert all(b"\n" not in line and len(line) <= 75 for line in lines)


def test_an_empty_plan_is_an_empty_calendar(made: Plan) -> None:
    calendar = Calendar.from_ical(to_ical(replace(made, events=()), TITLE, "de"))
    assert calendar.events == []
    assert ANN not in calendar.to_ical().decode()
