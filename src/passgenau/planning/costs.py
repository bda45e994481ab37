"""What a plan costs, line by line, and what each organisation takes out of it."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.planning.distance import weighted_quantile
from passgenau.planning.model import Costs, OrganisationCost, Travel
from passgenau.planning.wording import euros, number, sentence
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.frame.units import Tier
    from passgenau.planning.inputs import PlanInputs
    from passgenau.planning.model import Cohort, Event

PERSONS_PER_CAR = 4
EVENT_LINES = ("trainer_fees", "trainer_travel", "venue", "catering", "travel", "overnight")
NAMES: dict[str, Text] = {
    "trainer_fees": Text("Honorare der Trainerinnen und Trainer", "Trainers' fees"),
    "trainer_travel": Text("Fahrten der Trainerinnen und Trainer", "Trainers' travel"),
    "venue": Text("Räume", "Venues"),
    "catering": Text("Verpflegung", "Catering"),
    "travel": Text("Fahrten der Teilnehmenden", "Participants' travel"),
    "overnight": Text("Übernachtungen", "Overnight stays"),
    "advisers": Text("Prozessbegleitung", "Process advice"),
    "tutors": Text("Begleitung des Selbststudiums", "Tutoring of self-study"),
    "material": Text("Material", "Material"),
    "development": Text("Entwicklung und Anpassung von Modulen", "Developing and adapting modules"),
    "coordination": Text("Koordination", "Coordination"),
}


@dataclass(frozen=True, slots=True)
class EventCost:
    """What one event causes: euros by line, and the quantities behind them."""

    euros: dict[str, float]  # by the keys of EVENT_LINES
    trainer_days: float
    venue_days: float
    person_days: float
    kilometres: float  # of participants' cars, both ways
    trainer_kilometres: float
    nights: float

    @property
    def total(self) -> float:
        """Euros of all lines, in whole cents."""
        return round(sum(self.euros.values()), 2)


def event_cost(inputs: PlanInputs, event: Event) -> EventCost:
    """Work out what an event causes, from its place, people and days alone.

    Participants come by one car per organisation and up to four persons, trainers each by their own.
    They drive every day, or once and stay overnight where the way exceeds `overnight_from_km`.
    """
    rates = inputs.rates
    days = contact_days(inputs, event)
    online = event.format == "online"
    fees = sum(_day_rate(inputs, trainer) for trainer in event.trainers) * days
    km, nights = (0.0, 0) if online or event.kind == "in_house" else _ways(inputs, event)
    trainer_km, trainer_nights = (0.0, 0) if online else _trainer_ways(inputs, event)
    person_days = 0.0 if online else float(event.persons * event.days)
    venue = inputs.listed.get(event.venue)
    day_rate = rates.venue_day if venue is None or venue.day_rate is None else venue.day_rate
    paid_days = event.days if venue is not None or event.venue.startswith("rented-") else 0
    lines = {
        "trainer_fees": fees,
        "trainer_travel": trainer_km * rates.travel_km,
        "venue": paid_days * day_rate,
        "catering": person_days * rates.catering_person_day,
        "travel": km * rates.travel_km,
        "overnight": (nights + trainer_nights) * rates.overnight,
    }
    return EventCost(
        {key: round(value, 2) for key, value in lines.items()},
        trainer_days=len(event.trainers) * days,
        venue_days=float(paid_days),
        person_days=person_days,
        kilometres=km,
        trainer_kilometres=trainer_km,
        nights=nights + trainer_nights,
    )


def contact_days(inputs: PlanInputs, event: Event) -> float:
    """Return the days that trainers are paid for: whole days, but briefings by their minutes."""
    if event.kind != "briefing":
        return float(event.days)
    minutes = sum(briefing.minutes for briefing in inputs.catalogue.briefings if briefing.id in event.modules)
    return minutes / (inputs.catalogue.unit_minutes * inputs.catalogue.units_per_day)


def _day_rate(inputs: PlanInputs, trainer: str) -> float:
    known = inputs.staff.get(trainer)
    return inputs.rates.trainer_day if known is None or known.day_rate is None else known.day_rate


def _ways(inputs: PlanInputs, event: Event) -> tuple[float, int]:
    """Return car kilometres, both ways, and nights of the participants."""
    km, nights = 0.0, 0
    for organisation, persons in event.attendees:
        one_way = inputs.km(organisation, event.place)
        stays = event.days > 1 and one_way > inputs.rates.overnight_from_km
        km += 2 * one_way * math.ceil(persons / PERSONS_PER_CAR) * (1 if stays else event.days)
        nights += persons * (event.days - 1) if stays else 0
    return km, nights


def _trainer_ways(inputs: PlanInputs, event: Event) -> tuple[float, int]:
    km, nights = 0.0, 0
    for trainer in event.trainers:
        one_way = trainer_km(inputs, trainer, event.place)
        stays = event.days > 1 and one_way > inputs.rates.overnight_from_km
        km += 2 * one_way * (1 if stays else event.days)
        nights += event.days - 1 if stays else 0
    return km, nights


def trainer_km(inputs: PlanInputs, trainer: str, place: str) -> float:
    """Return a trainer's way; of one still to be found, the median way of those listed."""
    known = inputs.staff.get(trainer)
    if known is not None:
        return inputs.km(known.home, place)
    return statistics.median(inputs.km(listed.home, place) for listed in inputs.trainers.trainers)


def travel_of(inputs: PlanInputs, events: Sequence[Event]) -> Travel:
    """Return the median, 90 % quantile and maximum of the ways per person and event, one way, in kilometres."""
    ways: list[float] = []
    persons: list[float] = []
    for event in events:
        if event.format == "regional":
            for organisation, count in event.attendees:
                ways.append(inputs.km(organisation, event.place))
                persons.append(count)
    return Travel(weighted_quantile(ways, persons, 0.5), weighted_quantile(ways, persons, 0.9), max(ways, default=0.0))


def costs_of(
    inputs: PlanInputs, cohorts: Sequence[Cohort], events: Sequence[Event]
) -> tuple[Costs, tuple[OrganisationCost, ...]]:
    """Return the costs of a plan and each organisation's share; the shares add up to the total.

    An event is shared among its persons; tutors, material and advice belong to the organisation;
    development and coordination are shared among all persons.
    """
    found = [event_cost(inputs, event) for event in events]
    by_line = {key: sum(cost.euros[key] for cost in found) for key in EVENT_LINES}
    persons = {m.organisation: m.persons for cohort in cohorts for m in cohort.members}
    own = _Own(inputs, persons, events)
    by_line |= {
        "advisers": sum(own.advisers.values()),
        "tutors": sum(own.tutors.values()),
        "material": sum(persons.values()) * inputs.rates.material_person,
        "development": _development(inputs, events),
    }
    by_line["coordination"] = inputs.rates.coordination_share * sum(by_line.values())
    by_line = {key: round(by_line[key], 2) for key in NAMES}
    total = round(sum(by_line.values()), 2)
    sums = EventCost(
        {},
        sum(c.trainer_days for c in found),
        sum(c.venue_days for c in found),
        sum(c.person_days for c in found),
        sum(c.kilometres for c in found),
        sum(c.trainer_kilometres for c in found),
        sum(c.nights for c in found),
    )
    how = _explanations(inputs, sums, own, persons)
    costs = Costs(
        lines=tuple((key, NAMES[key], amount, how[key]) for key, amount in by_line.items()),
        total=total,
        per_person=total / max(1, sum(persons.values())),
        per_organisation=total / max(1, len(persons)),
        trainer_days=sums.trainer_days,
        adviser_days=sum(own.adviser_days.values()),
        tutor_hours=sum(own.tutor_hours.values()),
        venue_days=sums.venue_days,
        person_days=sums.person_days,
    )
    return costs, _shares(costs, own, events, persons)


class _Own:
    """What belongs to a single organisation: advice, tutoring and days."""

    def __init__(self, inputs: PlanInputs, persons: dict[str, int], events: Sequence[Event]) -> None:
        rates = inputs.rates
        per_year = {
            tier_: sum(a.adviser_days for a in inputs.accompaniment if a.tier == tier_) for tier_ in inputs.programmes
        }
        self.adviser_days = {key: per_year[inputs.party[key].tier] * inputs.years for key in persons}
        self.advisers = {key: days * rates.adviser_day for key, days in self.adviser_days.items()}
        minutes: dict[str, float] = defaultdict(float)
        self.person_days: dict[str, float] = defaultdict(float)
        for event in events:
            for key, count in event.attendees:
                self.person_days[key] += 0 if event.format == "online" else count * event.days
                if event.kind in {"basis", "elective"}:
                    minutes[key] += count * _tutor_minutes(inputs, inputs.party[key].tier, event)
        self.tutor_hours = {key: minutes[key] / 60 for key in persons}
        self.tutors = {key: hours * rates.tutor_hour for key, hours in self.tutor_hours.items()}
        self.material = {key: count * rates.material_person for key, count in persons.items()}


def _tutor_minutes(inputs: PlanInputs, tier: Tier, event: Event) -> int:
    programme = inputs.programmes[tier]
    places = programme.basis if event.kind == "basis" else programme.electives
    return sum(place.tutor_minutes for place in places if place.module in event.modules)


def _development(inputs: PlanInputs, events: Sequence[Event]) -> float:
    """Return euros for modules that nobody offers (in full) and those to be adapted (half), each once."""
    held = {module for event in events for module in event.modules}
    needed: dict[str, float] = {}
    for programme in inputs.programmes.values():
        for place in (*programme.basis, *programme.electives):
            share = {"reuse": 0.0, "adapt": 0.5, "develop": 1.0}[place.provision.kind]
            if place.module in held:
                needed[place.module] = max(needed.get(place.module, 0.0), share * place.contact_units)
    return sum(needed.values()) * inputs.rates.develop_unit


def _shares(costs: Costs, own: _Own, events: Sequence[Event], persons: dict[str, int]) -> tuple[OrganisationCost, ...]:
    amounts: dict[str, float] = {key: own.advisers[key] + own.tutors[key] + own.material[key] for key in persons}
    for event in events:
        everybody = sum(count for _, count in event.attendees)
        for key, count in event.attendees:
            if key in amounts:  # a plan edited by hand may invite others; all then carry their part
                amounts[key] += event.cost * count / everybody
    common = (costs.total - sum(amounts.values())) / max(1, sum(persons.values()))
    return tuple(
        OrganisationCost(key, amounts[key] + common * persons[key], own.person_days[key], own.adviser_days[key])
        for key in sorted(persons)
    )


def _explanations(inputs: PlanInputs, sums: EventCost, own: _Own, persons: dict[str, int]) -> dict[str, Text]:
    """Return how each line is computed, in words."""
    rates = inputs.rates
    people = number(sum(persons.values()))
    return {
        "trainer_fees": sentence(
            "{n} Trainertage; Tagessatz {rate}, wo trainers.yaml keinen anderen nennt",
            "{n} trainer days; {rate} a day unless trainers.yaml says otherwise",
            n=number(sums.trainer_days, 1),
            rate=euros(rates.trainer_day),
        ),
        "trainer_travel": _per_km(sums.trainer_kilometres, rates.travel_km),
        "venue": sentence(
            "{n} Raumtage zu {rate}, wo venues.yaml nichts anderes nennt; Räume von Mitgliedern sind unentgeltlich",
            "{n} venue days at {rate} unless venues.yaml says otherwise; members' rooms are free of charge",
            n=number(sums.venue_days),
            rate=euros(rates.venue_day),
        ),
        "catering": sentence(
            "{n} Personentage zu {rate}",
            "{n} person-days at {rate}",
            n=number(sums.person_days),
            rate=euros(rates.catering_person_day),
        ),
        "travel": _per_km(sums.kilometres, rates.travel_km),
        "overnight": sentence(
            "{n} Übernachtungen zu {rate}, bei mehrtägigen Terminen ab {km} km einfachem Weg",
            "{n} nights at {rate}, at events of several days from {km} km one way",
            n=number(sums.nights),
            rate=euros(rates.overnight),
            km=number(rates.overnight_from_km),
        ),
        "advisers": sentence(
            "{n} Beratungstage zu {rate} (Tage je Kommune und Jahr mal {years} Jahre)",
            "{n} adviser days at {rate} (days per organisation and year times {years} years)",
            n=number(sum(own.adviser_days.values()), 1),
            rate=euros(rates.adviser_day),
            years=number(inputs.years, 2),
        ),
        "tutors": sentence(
            "{n} Tutorenstunden zu {rate} (Minuten je Person aus dem Katalog)",
            "{n} tutor hours at {rate} (minutes per person from the catalogue)",
            n=number(sum(own.tutor_hours.values()), 1),
            rate=euros(rates.tutor_hour),
        ),
        "material": sentence(
            "{n} Personen zu {rate}", "{n} persons at {rate}", n=people, rate=euros(rates.material_person)
        ),
        "development": sentence(
            "{rate} je Unterrichtseinheit eines Moduls, das niemand anbietet; die Hälfte, wo eines anzupassen ist",
            "{rate} per contact unit of a module that nobody offers; half where one is to be adapted",
            rate=euros(rates.develop_unit),
        ),
        "coordination": sentence(
            "{n} % aller anderen Posten", "{n} % of all other lines", n=number(100 * rates.coordination_share)
        ),
    }


def _per_km(kilometres: float, rate: float) -> Text:
    return sentence(
        "{n} Pkw-Kilometer zu {rate} € (hin und zurück)",
        "{n} car kilometres at €{rate} (both ways)",
        n=number(kilometres),
        rate=number(rate, 2),
    )
