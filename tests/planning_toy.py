"""The toy: one Landkreis of six municipalities, two clusters of three, solvable on paper.

Ann, Ben and Cleo lie 0.01° of latitude apart, Dora, Emil and Fritz likewise, half a degree further
north. 0.01° are 1.11195 km. Two persons come from each; a group holds six.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from passgenau.curriculum.catalogue import Catalogue
from passgenau.curriculum.decisions import Accompaniment, ProgrammeRules
from passgenau.curriculum.model import Block, Curriculum, Place, Programme, Provision, Sources
from passgenau.frame.units import Frame, Tier, Unit
from passgenau.needs.model import Wish
from passgenau.planning import (
    Calendar,
    PlanInputs,
    PlanRules,
    Rates,
    Registration,
    Trainers,
    Venues,
)
from passgenau.text import Text

STEP_KM = 1.1119508  # 0.01 degrees of latitude on the sphere
WHY = {"decided_by": "Test", "why": "Test"}
TOWNS = {"Ann": 48.00, "Ben": 48.01, "Cleo": 48.02, "Dora": 48.50, "Emil": 48.51, "Fritz": 48.52}
KEYS = {name: f"0100100{number}" for number, name in enumerate(TOWNS, start=1)}
ANN, BEN, CLEO, DORA, EMIL, FRITZ = KEYS.values()


def unit(key: str, name: str, lat: float, tier: Tier = "municipality", lon: float = 9.0) -> Unit:
    return Unit(key, name, name, tier, "Gemeinde", "01", key[:5], "Toy", None, 1000, 10.0, lat, lon, None, 3, None)


def districts(count: int) -> tuple[Unit, ...]:
    return tuple(unit(f"010{10 + n}", f"Kreis {n}", 48 + n / 10, "district") for n in range(count))


CATALOGUE = Catalogue.model_validate(
    {
        "title": "Toy",
        "as_of": "2026",
        "reviewed": False,
        "note": "Toy",
        "unit_minutes": 45,
        "units_per_day": 8,
        "fields": [{"id": f, "title": f, "question": f} for f in ("red", "blue")],
        "roles": [{"id": "all", "title": "all", "task": "all"}],
        "topics": [{"id": "t", "title": "t", "kind": "subject"}],
        "competences": [{"id": "c", "field": "red", "title": "c"}],
        "introduction": {
            "id": "intro",
            "title": "Intro",
            "parts": [{"title": "p", "units": 8, "minutes": 360}],
            "group": {"min": 4, "max": 30},
            "in_house": "x",
            "regional": "x",
        },
        "briefings": [
            {
                "id": "brief",
                "title": "Brief",
                "minutes": 90,
                "contents": ["x"],
                "outcome": "Mandate",
                "tiers": ["municipality", "district"],
            }
        ],
        "modules": [
            {
                "id": id_,
                "title": id_,
                "field": field,
                "goals": "g",
                "contents": ["x"],
                "competences": ["c"],
                "topic": "t",
                "topics": {"t": 1.0},
                "tiers": ["municipality", "district"],
                "roles": ["all"],
                "stages": ["analysis"],
                "versions": {"full": {"contact_units": units, "self_study_units": 2, "tutor_minutes": 30}},
                "group": {"min": 4, "max": most},
                "formats": ["regional"],
                "requires": requires,
            }
            for id_, field, units, most, requires in (
                ("first", "red", 16, 6, []),
                ("second", "blue", 12, 8, ["first"]),
                ("extra", "blue", 8, 5, ["first"]),
            )
        ],
    }
)


def place(module: str, block: int | None, *, creditable: bool = False, kind: str = "develop") -> Place:
    version = next(m for m in CATALOGUE.modules if m.id == module).versions["full"]
    wish = Wish("towns", "t", "published", 0.5, 0.4, 0.6, False, ())
    return Place(
        module,
        "elective" if block is None else "basis",
        "full",
        ("all",),
        version.contact_units,
        version.self_study_units,
        version.tutor_minutes,
        "analysis",
        block,
        None,
        None,
        (),
        Sources((), (), wish),
        "fixed",
        1.0,
        creditable,
        Provision(kind, (), Text("x")),  # type: ignore[arg-type]
        Text("x"),
    )


def programme(tier: Tier, *, creditable: bool = False) -> Programme:
    blocks = (
        Block(1, ("first",), 16, 2, Text("x"), Text("x")),
        Block(2, ("second",), 12, 2, Text("x"), Text("x")),
    )
    basis = (place("first", 1, creditable=creditable, kind="adapt"), place("second", 2, kind="reuse"))
    experienced = ("second",) if creditable else ("first", "second")
    electives = (place("extra", None),)
    return Programme(tier, "towns", basis, electives, blocks, 28, 4, 30, 0.0, experienced, {})


def curriculum(*programmes: Programme) -> Curriculum:
    chosen = programmes or (programme("municipality"), programme("district"))
    return Curriculum(chosen, (), (), (), (), (), (), (), 200, 1)


def registration(key: str, **values: Any) -> Registration:
    return Registration.model_validate({"organisation": key, **values})


def trainer(id_: str, **values: Any) -> dict[str, Any]:
    return {"id": id_, "name": id_, "home": BEN, "fields": ["red", "blue"], "days_per_year": 40, **values}


def rules(**values: Any) -> PlanRules:
    return PlanRules.model_validate(
        {"cohorts_min": 1, "organisations_min": 3, "detour": 1, "weekdays": ["tue", "wed", "thu"], **WHY, **values}
    )


def toy(**changes: Any) -> PlanInputs:
    """Return the toy's inputs: every town registers two persons and can host."""
    towns = tuple(unit(KEYS[name], name, lat) for name, lat in TOWNS.items())
    inputs = PlanInputs(
        curriculum=curriculum(),
        catalogue=CATALOGUE,
        frames={"municipality": Frame("towns", towns, ()), "district": Frame("districts", districts(6), ())},
        registrations=tuple(registration(key, can_host=True) for key in KEYS.values()),
        venues=Venues.model_validate({"note": "Toy", "member_seats": 12}),
        trainers=Trainers.model_validate({"note": "Toy", "trainers": [trainer("tom"), trainer("tia")]}),
        calendar=Calendar(
            start=dt.date(2027, 3, 1),
            end=dt.date(2027, 12, 31),
            state="BW",
            decided_by="Test",
            why=Text("Test"),
        ),
        rates=Rates.model_validate(
            {
                "trainer_day": 1000,
                "adviser_day": 800,
                "tutor_hour": 60,
                "venue_day": 200,
                "catering_person_day": 10,
                "material_person": 50,
                "travel_km": 0.5,
                "overnight": 100,
                "overnight_from_km": 60,
                "coordination_share": 0.1,
                "develop_unit": 100,
                **WHY,
            }
        ),
        rules=rules(),
        accompaniment=(
            Accompaniment(tier="municipality", adviser_days=2, task=Text("x"), decided_by="Test", why=Text("Test")),
        ),
        seed=7,
    )
    return replace(inputs, **changes)


def registered(**by_name: dict[str, Any]) -> tuple[Registration, ...]:
    """Return the toy's registrations with changes for towns by their name."""
    return tuple(registration(key, **{"can_host": True, **by_name.get(name, {})}) for name, key in KEYS.items())


def elective_rules(persons: int, per_person: int = 1) -> ProgrammeRules:
    return ProgrammeRules(
        tier="municipality",
        basis_days=4,
        self_study_units=10,
        blocks=2,
        elective_min_persons=persons,
        electives_per_person=per_person,
        persons_expected=12,
        decided_by="Test",
        why=Text("Test"),
    )
