"""What it costs: every line, event and share worked out again, in arithmetic of its own."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from passgenau.planning.rooms import RENTED
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.planning.check.view import Check, Found, View
    from passgenau.planning.model import Event

CENT = 0.015
SHARE_OF_DEVELOPMENT = {"reuse": 0.0, "adapt": 0.5, "develop": 1.0}
PERSONS_PER_CAR = 4


def _costs(view: View) -> Found:
    amounts = {event.id: _event_lines(view, event) for event in view.plan.events}
    for event in view.plan.events:
        yield from _differs(event.id, event.cost, sum(amounts[event.id].values()))
    lines = _lines(view, list(amounts.values()))
    stated = {key: euros for key, _, euros, _ in view.plan.costs.lines}
    for key in sorted({*lines, *stated}):
        yield from _differs(key, stated.get(key, 0.0), lines.get(key, 0.0))
    yield from _differs("total", view.plan.costs.total, sum(lines.values()))
    yield from _quantities(view)
    yield from _shares(view, sum(lines.values()))


def _differs(subject: str, stated: float, again: float) -> Found:
    if abs(again - stated) > max(CENT, 1e-9 * abs(again)):
        yield (
            (subject,),
            Text(
                f"{subject}: {stated:.2f} genannt, {again:.2f} gerechnet.",
                f"{subject}: {stated:.2f} stated, {again:.2f} computed.",
            ),
        )


# --- one event ---------------------------------------------------------------------------------------


def _event_lines(view: View, event: Event) -> dict[str, float]:
    rates = view.inputs.rates
    car_km, nights = _participants(view, event)
    trainer_km, trainer_nights = _trainers(view, event)
    venue = view.inputs.listed.get(event.venue)
    venue_rate = rates.venue_day if venue is None or venue.day_rate is None else venue.day_rate
    known = [view.inputs.staff.get(trainer) for trainer in event.trainers]
    fees = [rates.trainer_day if t is None or t.day_rate is None else t.day_rate for t in known]
    lines = {
        "trainer_fees": sum(fees) * _taught_days(view, event),
        "trainer_travel": trainer_km * rates.travel_km,
        "venue": venue_rate * _rented_days(view, event),
        "catering": 0.0 if event.format == "online" else event.persons * event.days * rates.catering_person_day,
        "travel": car_km * rates.travel_km,
        "overnight": (nights + trainer_nights) * rates.overnight,
    }
    return {key: round(amount, 2) for key, amount in lines.items()}


def _taught_days(view: View, event: Event) -> float:
    """Return the days that are paid: whole ones, but a briefing's minutes."""
    if event.kind != "briefing":
        return event.days
    catalogue = view.inputs.catalogue
    minutes = sum(b.minutes for b in catalogue.briefings if b.id in event.modules)
    return minutes / catalogue.unit_minutes / catalogue.units_per_day


def _rented_days(view: View, event: Event) -> int:
    return event.days if event.venue in view.inputs.listed or event.venue.startswith(RENTED) else 0


def _stays(view: View, event: Event, km: float) -> bool:
    return event.days > 1 and km > view.inputs.rates.overnight_from_km


def _participants(view: View, event: Event) -> tuple[float, int]:
    """Return car kilometres, both ways, and nights: one car per organisation and four persons."""
    car_km, nights = 0.0, 0
    for key, persons in event.attendees if event.format == "regional" else ():
        km = view.km(key, event.place)
        stays = _stays(view, event, km)
        cars = (persons + PERSONS_PER_CAR - 1) // PERSONS_PER_CAR
        car_km += cars * 2 * km * (1 if stays else event.days)
        nights += persons * (event.days - 1) * stays
    return car_km, nights


def _trainers(view: View, event: Event) -> tuple[float, int]:
    """Return kilometres, both ways, and nights; a trainer still to be found has the median way of those listed."""
    total, nights = 0.0, 0
    for trainer in event.trainers if event.format != "online" else ():
        known = view.inputs.staff.get(trainer)
        homes = [known.home] if known else [listed.home for listed in view.inputs.trainers.trainers]
        km = statistics.median(view.km(home, event.place) for home in homes)
        stays = _stays(view, event, km)
        total += 2 * km * (1 if stays else event.days)
        nights += (event.days - 1) * stays
    return total, nights


# --- the whole plan ----------------------------------------------------------------------------------


def _lines(view: View, events: list[dict[str, float]]) -> dict[str, float]:
    rates = view.inputs.rates
    lines: dict[str, float] = defaultdict(float)
    for amounts in events:
        for key, amount in amounts.items():
            lines[key] += amount
    persons = _persons(view)
    lines["advisers"] = sum(_adviser_days(view, key) for key in persons) * rates.adviser_day
    lines["tutors"] = sum(_tutor_hours(view).values()) * rates.tutor_hour
    lines["material"] = sum(persons.values()) * rates.material_person
    lines["development"] = _development(view)
    lines["coordination"] = rates.coordination_share * sum(lines.values())
    return {key: round(amount, 2) for key, amount in lines.items()}


def _persons(view: View) -> dict[str, int]:
    return {m.organisation: m.persons for cohort in view.plan.cohorts for m in cohort.members}


def _adviser_days(view: View, key: str) -> float:
    tier = view.inputs.party[key].tier
    calendar = view.inputs.calendar
    years = ((calendar.end - calendar.start).days + 1) / 365.25
    return sum(entry.adviser_days for entry in view.inputs.accompaniment if entry.tier == tier) * years


def _tutor_hours(view: View) -> dict[str, float]:
    hours = dict.fromkeys(_persons(view), 0.0)
    for event in view.plan.events:
        for key, persons in event.attendees if event.kind in {"basis", "elective"} else ():
            programme = view.inputs.programmes[view.inputs.party[key].tier]
            places = programme.basis if event.kind == "basis" else programme.electives
            minutes = sum(place.tutor_minutes for place in places if place.module in event.modules)
            if key in hours:  # whoever is in no cohort has no tutor
                hours[key] += persons * minutes / 60
    return hours


def _development(view: View) -> float:
    """Return euros for the modules held that nobody offers (in full) or that need adapting (half)."""
    held = {module for event in view.plan.events for module in event.modules}
    units: dict[str, float] = defaultdict(float)
    for programme in view.inputs.programmes.values():
        for place in (*programme.basis, *programme.electives):
            if place.module in held:
                needed = SHARE_OF_DEVELOPMENT[place.provision.kind] * place.contact_units
                units[place.module] = max(units[place.module], needed)
    return sum(units.values()) * view.inputs.rates.develop_unit


def _person_days(view: View) -> Counter[str]:
    days: Counter[str] = Counter()
    for event in view.plan.events:
        for key, persons in event.attendees if event.format != "online" else ():
            days[key] += persons * event.days
    return days


def _quantities(view: View) -> Found:
    """Yield every total beside the euros that does not follow from the events."""
    plan, costs = view.plan, view.plan.costs
    persons = _persons(view)
    again = {
        "per_person": costs.total / max(1, sum(persons.values())),
        "per_organisation": costs.total / max(1, len(persons)),
        "trainer_days": sum(len(event.trainers) * _taught_days(view, event) for event in plan.events),
        "adviser_days": sum(_adviser_days(view, key) for key in persons),
        "tutor_hours": sum(_tutor_hours(view).values()),
        "venue_days": sum(_rented_days(view, event) for event in plan.events),
        "person_days": sum(event.persons * event.days for event in plan.events if event.format != "online"),
    }
    for name, amount in again.items():
        yield from _differs(name, getattr(costs, name), amount)


def _shares(view: View, total: float) -> Found:
    """Yield every organisation whose share is not its own lines, its part of its events and of what is common."""
    persons, rates, hours = _persons(view), view.inputs.rates, _tutor_hours(view)
    own = {
        key: _adviser_days(view, key) * rates.adviser_day
        + hours[key] * rates.tutor_hour
        + count * rates.material_person
        for key, count in persons.items()
    }
    for key, amount in _event_parts(view):
        if key in own:
            own[key] += amount
    common = (total - sum(own.values())) / max(1, sum(persons.values()))
    days = _person_days(view)
    stated = {share.organisation: share for share in view.plan.organisations}
    for key in sorted({*own, *stated}):
        if key not in own or key not in stated:
            yield (key,), Text(f"{key}: Anteil fehlt oder ist zu viel.", f"{key}: share missing or too many.")
            continue
        yield from _differs(key, stated[key].euros, own[key] + common * persons[key])
        yield from _differs(key, stated[key].person_days, days[key])
        yield from _differs(key, stated[key].adviser_days, _adviser_days(view, key))


def _event_parts(view: View) -> Iterator[tuple[str, float]]:
    for event in view.plan.events:
        everybody = sum(count for _, count in event.attendees)
        for key, count in event.attendees:
            yield key, event.cost * count / max(1, everybody)


CHECKS: dict[str, Check] = {"costs": _costs}
