"""The worked example's own planning files."""

import csv
import datetime as dt
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from passgenau.planning import Plan, PlanInputs, Registration, check, plan
from passgenau.planning.workdays import open_days
from passgenau.reading import read_csv
from passgenau.study import Study, analyse, assess, derive
from passgenau.study.steps import plan_inputs

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def inputs(example_folder: Path) -> PlanInputs:
    study = Study.open(example_folder)
    return plan_inputs(study, derive(study, assess(study, analyse(study))), "pilot")


@pytest.fixture(scope="module")
def pilot(inputs: PlanInputs) -> Plan:
    return plan(inputs)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_registrations", ROOT / "scripts" / "draw_registrations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_registrations_are_what_the_script_draws(
    script: ModuleType, inputs: PlanInputs, example_folder: Path
) -> None:
    drawn = script.draw(np.random.default_rng([script.SEED, 1]), inputs.calendar)
    with (example_folder / "registrations.csv").open(encoding="utf-8", newline="") as file:
        assert drawn == list(csv.DictReader(file))


def test_another_seed_draws_others(script: ModuleType, inputs: PlanInputs) -> None:
    one, two = (script.draw(np.random.default_rng([seed, 1]), inputs.calendar) for seed in (1, 2))
    assert one != two
    assert len(one) == len(two) == 56


def test_two_associations_register_jointly(example_folder: Path) -> None:
    rows = read_csv(example_folder / "registrations.csv", Registration)
    joint = [row.association for row in rows if row.association]
    assert {name: joint.count(name) for name in joint} == {"GVV Beispiel 1": 3, "GVV Beispiel 2": 3}


def test_everything_invented_says_so(inputs: PlanInputs) -> None:
    assert all(venue.assumed and "Beispiel" in venue.name.de for venue in inputs.venues.venues)
    assert all(trainer.assumed and "Beispiel" in trainer.name for trainer in inputs.trainers.trainers)
    assert inputs.calendar.assumed
    assert inputs.rates.assumed
    assert inputs.rules.assumed


def test_the_school_holidays_of_the_state_are_closed(inputs: PlanInputs) -> None:
    every = open_days(inputs.calendar, ("mon", "tue", "wed", "thu", "fri"))
    holidays = [(2027, 3, 25), (2027, 4, 1), (2027, 5, 18), (2027, 8, 10), (2027, 9, 10), (2027, 11, 3), (2028, 1, 7)]
    holidays += [(2028, 4, 13), (2028, 4, 19), (2028, 6, 8), (2028, 7, 27)]
    assert not {dt.date(*day) for day in holidays} & every
    school = [(2027, 3, 24), (2027, 9, 13), (2027, 11, 8), (2028, 1, 10), (2028, 4, 24), (2028, 6, 19), (2028, 7, 26)]
    assert {dt.date(*day) for day in school} <= every


def test_the_trainers_cover_every_field(inputs: PlanInputs) -> None:
    fields = {field.id for field in inputs.catalogue.fields}
    assert {field for trainer in inputs.trainers.trainers for field in trainer.fields} == fields


def test_the_pilot_places_everybody_in_four_to_eight_cohorts(pilot: Plan, inputs: PlanInputs) -> None:
    assert 4 <= len(pilot.cohorts) <= 8
    assert pilot.unplaced == ()
    assert sum(len(cohort.members) for cohort in pilot.cohorts) == len(inputs.registrations)


def test_the_pilot_keeps_every_rule(pilot: Plan, inputs: PlanInputs) -> None:
    assert check(pilot, inputs) == ()
    assert pilot.violations == ()


def test_the_pilot_has_every_kind_of_event(pilot: Plan) -> None:
    kinds = {event.kind for event in pilot.events}
    assert kinds == {"introduction", "basis", "elective", "in_house", "peer_meeting", "briefing"}


def test_the_pilots_division_is_at_most_one_percent_from_the_best(pilot: Plan) -> None:
    assert pilot.gap is not None
    assert 0 <= pilot.gap <= 0.01


def test_the_same_inputs_give_the_same_pilot(pilot: Plan, inputs: PlanInputs) -> None:
    assert plan(inputs) == pilot
