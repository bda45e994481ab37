"""What many tests share: the worked example, an empty study to spoil, and a district to think with."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import yaml

from passgenau.curriculum.catalogue import Catalogue
from passgenau.curriculum.model import Block, Check, Curriculum, Firmness, Place, Programme, Provision, Sources
from passgenau.frame import Frame, Unit
from passgenau.needs.model import Needs, Wish
from passgenau.planning.model import Cohort, Costs, Event, EventKind, Member, Plan, Travel
from passgenau.study import DecisionsFile, Study, template
from passgenau.text import Text

# A run that decides whether work may land always tries the same cases; at a desk, new ones are searched for.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

EXAMPLE = Path(__file__).parent.parent / "examples" / "quartier2020"


@pytest.fixture(scope="session")
def example_folder() -> Path:
    """The folder of the worked example; nobody writes into it."""
    return EXAMPLE


@pytest.fixture(scope="session")
def example_study() -> Study:
    """The worked example, opened once per process."""
    return Study.open(EXAMPLE)


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """A small study of one's own that passes its check: what `passgenau new` writes."""
    folder = tmp_path / "study"
    folder.mkdir()
    for name, content in template().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def spoil(study_folder: Path) -> Callable[[str, str, str], Path]:
    """Replace one piece of one file of `study_folder`; the piece must be there."""

    def replace(name: str, old: str, new: str) -> Path:
        path = study_folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not contain {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return study_folder

    return replace


@pytest.fixture(scope="session")
def toy_landkreis() -> Frame:
    """Six invented municipalities around one town, small enough to solve on paper.

    Altstadt lies in the middle; Bach, Claus and Dorn lie to its west within a few kilometres of
    each other, Eck and Feld to its east. Two groups of three are the short way to gather them.
    """
    places = (
        ("Altstadt", 21_000, 9.60),
        ("Bach", 4_000, 9.40),
        ("Claus", 3_000, 9.41),
        ("Dorn", 2_500, 9.42),
        ("Eck", 6_000, 9.78),
        ("Feld", 1_200, 9.80),
    )
    units = tuple(_unit(number, *place) for number, place in enumerate(places, start=1))
    return Frame("toy", units, ())


def _unit(number: int, name: str, population: int, lon: float) -> Unit:
    return Unit(
        key=f"9900100{number}",
        name=name,
        label=name,
        tier="municipality",
        type="Stadt" if population > 20_000 else "Gemeinde",
        state="99",
        district="99001",
        district_label="Musterkreis",
        region=None,
        population=population,
        area_km2=20.0,
        lat=50.9,
        lon=lon,
        postcode=None,
        urbanisation=None,
        size_class="Mittelstadt" if population > 20_000 else "Kleinstadt" if population >= 5_000 else "Landgemeinde",
    )


# --- a study worked by hand: two modules, one cohort, four events -------------------------------


@pytest.fixture(scope="session")
def toy_catalogue() -> Catalogue:
    """Two modules, one after the other: `lage-verstehen` (thema-a) and `vorhaben-umsetzen` (thema-b)."""
    source = yaml.safe_load(template()["catalogue.yaml"])
    return Catalogue.model_validate(source)


@pytest.fixture(scope="session")
def toy_decisions() -> DecisionsFile:
    """One minimum competence (k-verstehen) and one role task (k-umsetzen) for municipalities."""
    source = yaml.safe_load(template()["decisions.yaml"])
    source["minimum"] = source["minimum"][:1]
    task = {"id": "umsetzen", "tier": "municipality", "task": "setzt um", "competences": ["k-umsetzen"]}
    source["role_tasks"] = [task | {"roles": ["coordination"], "decided_by": "Test", "why": "Test"}]
    return DecisionsFile.model_validate(source)


@pytest.fixture(scope="session")
def toy_wishes() -> dict[str, Wish]:
    """Topic A has a published number, topic B an assumed range."""
    return {
        "thema-a": Wish("gemeinden", "thema-a", "published", 0.6, 0.25, 0.875, assumed=False, source_ids=("W-01",)),
        "thema-b": Wish("gemeinden", "thema-b", "asked_no_number", 0.3, 0.2, 0.4, assumed=True, source_ids=("W-02",)),
    }


@pytest.fixture(scope="session")
def toy_needs(toy_wishes: dict[str, Wish]) -> Needs:
    """The toy's wishes, with two draws of each."""
    wishes = {("gemeinden", topic): wish for topic, wish in toy_wishes.items()}
    return Needs(tuple(toy_wishes), wishes, {"gemeinden": np.array([[0.5, 0.3], [0.7, 0.3]])}, seed=1)


@pytest.fixture(scope="session")
def toy_curriculum(toy_wishes: dict[str, Wish]) -> Curriculum:
    """One module fixed by the minimum in block 1, one whose depth is open in block 2."""
    first = _toy_place("lage-verstehen", 1, Sources(("k-verstehen",), (), toy_wishes["thema-a"]), "fixed")
    second = _toy_place("vorhaben-umsetzen", 2, Sources((), ("umsetzen",), toy_wishes["thema-b"]), "open")
    programme = Programme(
        tier="municipality",
        audience="gemeinden",
        basis=(first, second),
        electives=(),
        blocks=tuple(
            Block(number, (module,), 4, 0.5, Text("Ergebnisse", "results"), Text("Aufgabe", "task"))
            for number, module in ((1, "lage-verstehen"), (2, "vorhaben-umsetzen"))
        ),
        contact_units=8,
        self_study_units=4,
        budget_units=16,
        gap=0.0,
        experienced=("vorhaben-umsetzen",),
        paths={"coordination": ("lage-verstehen", "vorhaben-umsetzen")},
    )
    return Curriculum(
        programmes=(programme,),
        core=("lage-verstehen", "vorhaben-umsetzen"),
        left_out=(),
        tracks=(),
        budget_runs=(),
        comparison=(),
        gaps=(Text("Niemand bietet es an.", "Nobody offers it."),),
        checks=(Check("budget", passed=True, sentence=Text("Eingehalten.", "Kept.")),),
        draws=2,
        seed=1,
    )


def _toy_place(module: str, block: int, sources: Sources, firmness: Firmness) -> Place:
    return Place(
        module=module,
        level="basis",
        version="full",
        roles=("coordination",),
        contact_units=4,
        self_study_units=2,
        tutor_minutes=20,
        stage="analysis",
        block=block,
        rank=None,
        expected_persons=None,
        examples=(),
        sources=sources,
        depth_firmness=firmness,
        frequency=1 / 3,
        creditable=False,
        provision=Provision("develop", (), Text("neu", "new")),
        reason=Text("Weil es nötig ist.", "Because it is needed."),
    )


@pytest.fixture(scope="session")
def toy_plan(toy_landkreis: Frame) -> Plan:
    """Three towns of the toy district, two persons each: introduction, two blocks, one briefing."""
    members = tuple(
        Member(unit.key, unit.label, 2, km) for unit, km in zip(toy_landkreis.units, (0, 14, 13.5), strict=False)
    )
    seat = toy_landkreis.units[0]
    cohort = Cohort("g1", "municipality", members, seat.key, seat.label, "analysis", 6)
    days: tuple[tuple[EventKind, int | None, dt.date, int], ...] = (
        ("introduction", None, dt.date(2027, 3, 2), 6),
        ("basis", 1, dt.date(2027, 4, 6), 6),
        ("basis", 2, dt.date(2027, 9, 7), 6),
        ("briefing", None, dt.date(2027, 3, 9), 3),
    )
    events = tuple(_toy_event(kind, block, day, persons, seat) for kind, block, day, persons in days)
    lines = (("trainers", Text("Honorare", "Fees"), 3000.0, Text("3 Tage × 1.000", "3 days × 1,000")),)
    costs = Costs(lines, 3000.0, 500.0, 1000.0, 3.0, 6.0, 2.0, 4.0, 21.0)
    return Plan(
        scenario="pilot",
        cohorts=(cohort,),
        events=events,
        travel=Travel(13.5, 14.0, 14.0),
        costs=costs,
        organisations=(),
        unplaced=((toy_landkreis.units[5].key, Text("zu weit", "too far")),),
        trainers_needed=1,
        bound=None,
        gap=None,
        violations=(),
        notes=(),
        seed=1,
    )


def _toy_event(kind: EventKind, block: int | None, day: dt.date, persons: int, seat: Unit) -> Event:
    modules = {1: ("lage-verstehen",), 2: ("vorhaben-umsetzen",)}.get(block or 0, ())
    return Event(
        id=f"g1-{kind}-{block or 0}",
        cohort="g1",
        cohorts=("g1",),
        kind=kind,
        block=block,
        modules=modules,
        start=day,
        end=day,
        venue="saal",
        venue_label="Saal",
        place=seat.key,
        trainers=("t1",),
        format="regional",
        persons=persons,
        cost=750.0,
    )
