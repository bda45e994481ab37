"""Everything that the rules of a plan use, as one value, and who takes part."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from passgenau.errors import InputError, Problem
from passgenau.planning.distance import road_km
from passgenau.planning.resources import TIERS, Trainer
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from passgenau.curriculum.catalogue import Briefing, Catalogue, Module, Stage
    from passgenau.curriculum.decisions import Accompaniment, ProgrammeRules
    from passgenau.curriculum.model import Block, Curriculum, Place, Programme
    from passgenau.frame.units import Frame, Tier, Unit
    from passgenau.planning.model import Scenario
    from passgenau.planning.resources import Calendar, PlanRules, Rates, Registration, Trainers, Venue, Venues

BRIEFING_MINUTES_MAX = 180  # mayors and councils get a path of one to three hours


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that takes part, with the persons it sends."""

    unit: Unit
    persons: int
    stage: Stage
    experience: str  # none, some, long
    joint: str | None  # association it registers with
    electives: tuple[str, ...]  # wished modules, in order of preference
    in_house: bool
    can_host: bool
    unavailable: frozenset[dt.date]

    @property
    def key(self) -> str:
        """The AGS."""
        return self.unit.key

    @property
    def tier(self) -> Tier:
        """District or municipality."""
        return self.unit.tier


@dataclass(frozen=True)
class PlanInputs:
    """All that a plan and its check rest on; frozen, complete before planning starts."""

    curriculum: Curriculum
    catalogue: Catalogue
    frames: dict[Tier, Frame]  # population by tier
    registrations: tuple[Registration, ...]  # used by the pilot
    venues: Venues
    trainers: Trainers
    calendar: Calendar
    rates: Rates
    rules: PlanRules
    accompaniment: tuple[Accompaniment, ...] = ()
    programme_rules: tuple[ProgrammeRules, ...] = ()  # minimum persons of an elective, electives per person
    reference: tuple[Unit, ...] = ()  # further places that trainers live in or venues stand in
    persons_per_organisation: int = 2  # used by the scenario `state`
    seed: int = 0
    scenario: Scenario = "pilot"
    _cache: dict[tuple[str, str], float] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Every known place by its key."""
        known = {unit.key: unit for unit in self.reference}
        return known | {unit.key: unit for frame in self.frames.values() for unit in frame.units}

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """Who takes part, in the order of the keys: those registered, or everybody in the scenario `state`."""
        found = self._everybody() if self.scenario == "state" else self._registered()
        return tuple(sorted(found, key=lambda party: party.key))

    @cached_property
    def party(self) -> dict[str, Party]:
        """Who takes part, by key."""
        return {party.key: party for party in self.parties}

    @cached_property
    def modules(self) -> dict[str, Module]:
        """The modules of the catalogue by their id."""
        return {module.id: module for module in self.catalogue.modules}

    @cached_property
    def programmes(self) -> dict[Tier, Programme]:
        """The programmes by tier, districts first."""
        by_tier = {programme.tier: programme for programme in self.curriculum.programmes}
        return {tier: by_tier[tier] for tier in TIERS if tier in by_tier}

    @cached_property
    def staff(self) -> dict[str, Trainer]:
        """The trainers of the pilot by their id."""
        return {trainer.id: trainer for trainer in self.trainers.trainers}

    @cached_property
    def listed(self) -> dict[str, Venue]:
        """The listed venues by their id."""
        return {venue.id: venue for venue in self.venues.venues}

    @cached_property
    def years(self) -> float:
        """Length of the calendar in years of 365.25 days."""
        return ((self.calendar.end - self.calendar.start).days + 1) / 365.25

    def km(self, a: str, b: str) -> float:
        """Return the road kilometres between two places by their keys, one way."""
        pair = (a, b) if a < b else (b, a)
        if pair not in self._cache:
            self._cache[pair] = road_km(self.units[pair[0]], self.units[pair[1]], self.rules.detour)
        return self._cache[pair]

    def capacity(self, tier: Tier) -> int:
        """Return the most persons in a cohort: the smallest group maximum of its Basis and introduction governs."""
        return min([self.catalogue.introduction.group.max, *(m.group.max for m in self._basis(tier))])

    def smallest_group(self, tier: Tier) -> int:
        """Return the fewest persons in a cohort: the largest group minimum of its Basis and introduction governs."""
        return max([self.catalogue.introduction.group.min, *(m.group.min for m in self._basis(tier))])

    def _basis(self, tier: Tier) -> Iterator[Module]:
        return (self.modules[place.module] for place in self.programmes[tier].basis)

    def days(self, contact_units: float) -> int:
        """Return the whole days that contact units take."""
        return max(1, math.ceil(contact_units / self.catalogue.units_per_day - 1e-9))

    def block_days(self, block: Block) -> int:
        """Return the consecutive days of a block."""
        return self.days(block.contact_units)

    def briefings(self, tier: Tier) -> tuple[Briefing, ...]:
        """Return the briefings of a tier, as many as fit into three hours, in the catalogue's order."""
        chosen: list[Briefing] = []
        for briefing in self.catalogue.briefings:
            if tier in briefing.tiers and sum(b.minutes for b in chosen) + briefing.minutes <= BRIEFING_MINUTES_MAX:
                chosen.append(briefing)
        return tuple(chosen)

    def attends(self, party: Party, modules: Collection[str]) -> bool:
        """Say whether a party comes: experienced people may have every module of an event credited."""
        programme = self.programmes[party.tier]
        credited = {p.module for p in programme.basis if p.creditable} - set(programme.experienced)
        needed = set(modules) - credited
        return party.experience != "long" or bool(needed) or not modules

    def elective(self, tier: Tier, module: str) -> Place | None:
        """Return an elective of a tier's programme, or None where it is not offered."""
        programme = self.programmes.get(tier)
        return next((p for p in programme.electives if p.module == module), None) if programme else None

    def elective_minimum(self, module: str, tiers: Iterable[Tier]) -> int:
        """Return the persons from which an elective runs: decided for the tiers, else the module's own minimum."""
        decided = [r.elective_min_persons for r in self.programme_rules if r.tier in tiers and r.elective_min_persons]
        return max(decided) if decided else self.modules[module].group.min

    def electives_per_person(self, tier: Tier) -> int | None:
        """Return how many electives a person of this tier may take; None where nobody decided."""
        return next((r.electives_per_person for r in self.programme_rules if r.tier == tier), None)

    def teaches(self, trainer: Trainer, module: str) -> bool:
        """Say whether a trainer teaches a module; introduction, briefings and peer meetings anybody can lead."""
        if module not in self.modules:
            return True
        return module in trainer.modules or self.modules[module].field in trainer.fields

    def _registered(self) -> list[Party]:
        return [
            Party(
                unit=self.units[row.organisation],
                persons=row.persons,
                stage=row.stage,
                experience=row.experience,
                joint=row.association,
                electives=row.electives,
                in_house=row.in_house,
                can_host=row.can_host and self.venues.member_rooms,
                unavailable=frozenset(row.unavailable),
            )
            for row in self.registrations
        ]

    def _everybody(self) -> list[Party]:
        return [
            Party(
                unit=unit,
                persons=self.persons_per_organisation,
                stage="mandate",
                experience="none",
                joint=None,
                electives=(),
                in_house=False,
                can_host=self.venues.member_rooms,
                unavailable=frozenset(),
            )
            for tier in self.programmes
            for unit in self.frames[tier].units
        ]


def validate(inputs: PlanInputs) -> None:
    """Raise `InputError` for every key, module or field that the files name and nobody knows.

    Lines count the header of `registrations.csv` as line 1 and one line per row.
    """
    problems = [
        *_registration_problems(inputs),
        *_venue_problems(inputs),
        *_trainer_problems(inputs),
        *_introduction_problems(inputs),
    ]
    if problems:
        raise InputError(problems)


def _registration_problems(inputs: PlanInputs) -> Iterator[Problem]:
    if inputs.scenario == "state":
        return
    known = {unit.key for frame in inputs.frames.values() for unit in frame.units}
    seen: dict[str, int] = {}
    for line, row in enumerate(inputs.registrations, start=2):
        if row.organisation not in known:
            yield _unknown("registrations.csv", "organisation", row.organisation, line)
        elif row.organisation in seen:
            yield Problem(
                Text(
                    f"{row.organisation} steht zweimal (zuerst in Zeile {seen[row.organisation]}).",
                    f"{row.organisation} stands twice (first in line {seen[row.organisation]}).",
                ),
                "registrations.csv",
                line,
                "organisation",
                Text("Die Personen in einer Zeile zusammenfassen.", "Put all persons into one row."),
            )
        seen.setdefault(row.organisation, line)
        for module in row.electives:
            if module not in inputs.modules:
                yield _unknown("registrations.csv", "electives", module, line)
        for role in row.roles:
            if role not in {r.id for r in inputs.catalogue.roles}:
                yield _unknown("registrations.csv", "roles", role, line)


def _introduction_problems(inputs: PlanInputs) -> Iterator[Problem]:
    day = inputs.catalogue.units_per_day
    units = sum(part.units for part in inputs.catalogue.introduction.parts)
    if units > day:
        yield Problem(
            Text(
                f"{units:g} Unterrichtseinheiten; ein Tag hat höchstens {day:g}.",
                f"{units:g} contact units; a day has {day:g} at most.",
            ),
            "catalogue.yaml",
            None,
            "introduction.parts",
            Text("Teile kürzen oder units_per_day anheben.", "Shorten parts or raise units_per_day."),
        )


def _venue_problems(inputs: PlanInputs) -> Iterator[Problem]:
    for number, venue in enumerate(inputs.venues.venues, start=1):
        if venue.organisation not in inputs.units:
            yield _unknown("venues.yaml", f"venues[{number}].organisation", venue.organisation)


def _trainer_problems(inputs: PlanInputs) -> Iterator[Problem]:
    fields = {f.id for f in inputs.catalogue.fields}
    for number, trainer in enumerate(inputs.trainers.trainers, start=1):
        where = f"trainers[{number}]"
        if trainer.home not in inputs.units:
            yield _unknown("trainers.yaml", f"{where}.home", trainer.home)
        for field_ in trainer.fields:
            if field_ not in fields:
                yield _unknown("trainers.yaml", f"{where}.fields", field_)
        for module in trainer.modules:
            if module not in inputs.modules:
                yield _unknown("trainers.yaml", f"{where}.modules", module)


def _unknown(file: str, field_: str, value: str, line: int | None = None) -> Problem:
    return Problem(
        Text(f"{value!r} ist nicht bekannt.", f"{value!r} is not known."),
        file,
        line,
        field_,
        Text(
            "Schlüssel stehen im Register der Studie, Module, Felder und Rollen in catalogue.yaml.",
            "Keys stand in the study's register; modules, fields and roles in catalogue.yaml.",
        ),
    )
