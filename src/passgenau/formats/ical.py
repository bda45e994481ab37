"""iCalendar (RFC 5545): a plan as a calendar that mail programs and phones subscribe to."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from icalendar import Calendar, vText
from icalendar import Event as Entry

from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.planning.model import Event, Plan

KINDS: dict[str, Text] = {
    "introduction": Text("Einführungstag", "Introduction day"),
    "basis": Text("Basis, Block {block}", "Basis, block {block}"),
    "elective": Text("Vertiefung", "Elective"),
    "in_house": Text("Inhouse-Tag", "In-house day"),
    "peer_meeting": Text("Treffen der Gruppen dieser Ebene", "Meeting of the groups of this tier"),
    "briefing": Text("Kurztermin für die Spitze", "Briefing for the leadership"),
}
_COHORT = Text("Kohorte", "Cohort")
_COHORTS = Text("Kohorten", "Cohorts")
_MEMBERS = Text("Teilnehmende", "Participants")
_PERSONS = Text("Personen", "persons")
_MODULES = Text("Module", "Modules")
_TRAINERS = Text("Leitung", "Led by")
_OUTCOME = Text("Am Ende steht", "Stands at the end")


def to_ical(
    plan: Plan,
    title: Text,
    lang: Lang,
    *,
    names: Mapping[str, Text] | None = None,
    banner: Text | None = None,
) -> bytes:
    """Write a plan as an iCalendar file.

    Parameters
    ----------
    plan
        Every event becomes one entry of whole days; its end is exclusive, as RFC 5545 (3.6.1) wants it.
    title
        Name of the calendar. With scenario and event it makes the UID, which stays the same when an
        event moves to another day, so that calendars move it too.
    lang
        Language of summaries and descriptions.
    names
        Titles of modules and names of trainers by their ids; an id without a name stands for itself.
    banner
        A warning that opens every description.

    Returns
    -------
    bytes
        UTF-8 with CRLF, lines folded at 75 octets. DTSTAMP is midnight UTC of the plan's first day: the
        file says nothing of when it was written, so the same plan gives the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//passgenau//plan//{lang.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", title.into(lang))
    first = min((event.start for event in plan.events), default=dt.date(1970, 1, 1))
    stamp = dt.datetime.combine(first, dt.time(), tzinfo=dt.UTC)
    labels = {member.organisation: member.label for cohort in plan.cohorts for member in cohort.members}
    for event in plan.events:
        entry = Entry()
        entry.add("uid", str(uuid.uuid5(uuid.NAMESPACE_URL, f"passgenau:{title.de}:{plan.scenario}:{event.id}")))
        entry.add("dtstamp", stamp)
        entry.add("dtstart", event.start)
        entry.add("dtend", event.end + dt.timedelta(days=1))
        entry.add("summary", _text(_summary(event, lang), lang))
        entry.add("description", _text(_description(event, lang, names or {}, labels, banner), lang))
        if event.venue_label:
            entry.add("location", event.venue_label)
        entry.add("categories", [event.kind])
        entry.add("transp", "OPAQUE")
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _text(value: str, lang: Lang) -> vText:
    return vText(value, params={"LANGUAGE": lang})


def _summary(event: Event, lang: Lang) -> str:
    kind = KINDS[event.kind].into(lang).format(block=event.block)
    groups = (_COHORT if len(event.cohorts) == 1 else _COHORTS).into(lang)
    return f"{kind} ({groups} {', '.join(event.cohorts)})"


def _description(
    event: Event, lang: Lang, names: Mapping[str, Text], labels: Mapping[str, str], banner: Text | None
) -> str:
    def named(ids: tuple[str, ...]) -> str:
        return ", ".join(names[id_].into(lang) if id_ in names else id_ for id_ in ids)

    people = ", ".join(f"{labels.get(key, key)} ({count})" for key, count in event.attendees)
    lines = [
        banner.into(lang) if banner else "",
        f"{_MEMBERS.into(lang)}: {people or '–'}; {event.persons} {_PERSONS.into(lang)}",
        f"{_MODULES.into(lang)}: {named(event.modules)}" if event.modules else "",
        f"{_TRAINERS.into(lang)}: {named(event.trainers)}" if event.trainers else "",
        f"{_OUTCOME.into(lang)}: {event.outcome.into(lang)}" if event.outcome else "",
    ]
    return "\n".join(line for line in lines if line)
