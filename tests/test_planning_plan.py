"""The toy, worked by hand, and what changes when its inputs change."""

import datetime as dt
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning_toy import (
    ANN,
    BEN,
    CLEO,
    DORA,
    EMIL,
    FRITZ,
    KEYS,
    STEP_KM,
    TOWNS,
    curriculum,
    districts,
    elective_rules,
    programme,
    registered,
    registration,
    rules,
    toy,
    trainer,
    unit,
)

from passgenau.errors import InfeasibleError, InputError
from passgenau.frame.units import Frame
from passgenau.planning import RULES, Plan, PlanInputs, Trainers, Venues, Violation, check, plan
from passgenau.planning.agenda import AGREED_ROLES
from passgenau.planning.cohorts import form_cohorts
from passgenau.planning.making import sound
from passgenau.planning.workdays import add_months
from passgenau.text import Text

D = dt.date


@pytest.fixture(scope="module")
def made() -> Plan:
    return plan(toy())


def members(found: Plan) -> list[list[str]]:
    return [[member.organisation for member in cohort.members] for cohort in found.cohorts]


def refused(inputs: PlanInputs) -> InfeasibleError:
    with pytest.raises(InfeasibleError) as caught:
        plan(inputs)
    return caught.value


def trainers(*people: dict[str, object]) -> Trainers:
    return Trainers.model_validate({"note": "Toy", "trainers": list(people)})


# --- by hand ---------------------------------------------------------------------------------------


def test_neighbours_learn_together_around_the_town_in_the_middle(made: Plan) -> None:
    assert members(made) == [[ANN, BEN, CLEO], [DORA, EMIL, FRITZ]]
    assert [(cohort.id, cohort.seat, cohort.persons) for cohort in made.cohorts] == [("m1", BEN, 6), ("m2", EMIL, 6)]
    assert [round(member.km, 4) for member in made.cohorts[0].members] == [1.112, 0.0, 1.112]


def test_the_objective_is_eight_persons_going_one_step_and_proven(made: Plan) -> None:
    assert made.objective == pytest.approx(8 * STEP_KM, abs=1e-6)
    assert made.bound == pytest.approx(8 * STEP_KM, abs=1e-6)
    assert made.gap == pytest.approx(0, abs=1e-9)


def test_each_cohort_has_introduction_briefing_and_two_blocks(made: Plan) -> None:
    own = [(e.kind, e.block, e.modules, e.days, e.persons) for e in made.events if e.cohort == "m1"]
    assert own == [
        ("introduction", None, ("intro",), 1, 6),
        ("briefing", None, ("brief",), 1, 3),
        ("basis", 1, ("first",), 2, 6),
        ("basis", 2, ("second",), 2, 6),
    ]


def test_the_middle_hosts_first_then_the_others_in_turn(made: Plan) -> None:
    hosts = [e.venue for e in made.events if e.cohort == "m1" and e.kind != "briefing"]
    assert hosts == [BEN, ANN, CLEO]


def test_blocks_lie_three_to_six_months_apart(made: Plan) -> None:
    one, two = (e for e in made.events if e.cohort == "m1" and e.kind == "basis")
    assert one.end == D(2027, 3, 17)
    assert two.start == D(2027, 6, 22)  # from 17 June on; the first Tuesday or Wednesday with two days in a row


def test_every_line_of_the_costs_follows_on_paper(made: Plan) -> None:
    lines = {key: euros for key, _, euros, _ in made.costs.lines}
    days = 2 * (1 + 2 + 2)  # of both cohorts: introduction and two blocks
    assert lines["trainer_fees"] == 1000 * (2 * days + 2 * 0.25)  # two trainers; 90 of 360 minutes for a briefing
    assert lines["catering"] == 10 * 6 * days
    assert lines["venue"] == 0  # members host
    assert lines["overnight"] == 0
    assert lines["material"] == 50 * 12
    assert lines["tutors"] == 60 * 12 * 2 * 0.5  # two modules, half an hour each, 12 persons
    assert lines["development"] == 100 * 16 * 0.5  # "first" is adapted, "second" reused
    assert lines["advisers"] == pytest.approx(800 * 6 * 2 * 306 / 365.25, abs=0.01)  # 306 days of calendar
    # per cohort: host in the middle once (2 cars, 1 step), at each end for two days (1 + 2 steps)
    assert lines["travel"] == pytest.approx(0.5 * 2 * STEP_KM * 2 * (2 + 2 * 3 + 2 * 3), abs=0.03)
    others = sum(euros for key, euros in lines.items() if key != "coordination")
    assert lines["coordination"] == pytest.approx(others * 0.1, abs=0.01)
    assert made.costs.total == pytest.approx(others * 1.1, abs=0.02)
    assert made.costs.trainer_days == 20.5
    assert made.costs.person_days == 60


def test_shares_of_organisations_add_up_to_the_total(made: Plan) -> None:
    assert sum(share.euros for share in made.organisations) == pytest.approx(made.costs.total)
    assert [share.person_days for share in made.organisations] == [10.0] * 6


def test_travel_counts_every_person_at_every_event(made: Plan) -> None:
    # 12 persons, 5 days' events per cohort: ways of 0, 1 and 2 steps
    assert made.travel.median == pytest.approx(STEP_KM, abs=1e-6)
    assert made.travel.max == pytest.approx(2 * STEP_KM, abs=1e-6)


def test_the_check_finds_nothing_and_the_same_inputs_give_the_same_plan(made: Plan) -> None:
    assert made.violations == ()
    assert plan(toy()) == made


# --- who learns with whom ----------------------------------------------------------------------------


def test_an_association_stays_together_over_any_distance() -> None:
    joint = {"association": "Verband"}
    found = plan(toy(registrations=registered(Ann=joint, Fritz=joint)))
    assert any({ANN, FRITZ} <= set(group) for group in members(found))
    assert found.violations == ()


def test_equal_stages_weigh_more_than_short_ways_when_the_rule_says_so() -> None:
    late = {"stage": "continuation"}
    towns = registered(Ann=late, Dora=late, Fritz=late)
    assert members(plan(toy(registrations=towns))) == [[ANN, BEN, CLEO], [DORA, EMIL, FRITZ]]
    found = plan(toy(registrations=towns, rules=rules(stage_km=100)))
    assert members(found) == [[BEN, CLEO, EMIL], [ANN, DORA, FRITZ]]
    assert [cohort.stage for cohort in found.cohorts] == ["mandate", "continuation"]


def test_those_beyond_the_last_cohort_wait_and_read_why() -> None:
    found = plan(toy(rules=rules(cohorts_max=1)))
    assert len(found.cohorts) == 1
    assert len(found.unplaced) == 3
    assert all(reason.de.startswith("Warteliste") for _, reason in found.unplaced)
    assert found.violations == ()


def test_too_few_districts_are_listed_with_the_number_that_it_takes() -> None:
    found = plan(toy(registrations=(*registered(), registration("01010"), registration("01011"))))
    assert [key for key, _ in found.unplaced] == ["01010", "01011"]
    assert "3 Landkreise" in found.unplaced[0][1].de


def test_an_association_larger_than_a_group_is_listed() -> None:
    large = {"association": "Verband", "persons": 4}
    found = plan(toy(registrations=registered(Ann=large, Ben=large), rules=rules(organisations_min=2)))
    assert dict(found.unplaced)[ANN].de == "8 Personen gemeinsam; eine Kohorte fasst höchstens 6."


def test_a_tier_without_programme_is_listed() -> None:
    found = plan(
        toy(curriculum=curriculum(programme("municipality")), registrations=(*registered(), registration("01010")))
    )
    assert found.unplaced[0][1].de == "Für diese Ebene gibt es kein Programm."
    assert found.violations == ()


def test_districts_form_their_own_cohorts_and_meet_their_peers() -> None:
    entries = tuple(registration(unit.key, can_host=True) for unit in districts(6))
    found = plan(toy(registrations=entries))
    assert [cohort.tier for cohort in found.cohorts] == ["district", "district"]
    (meeting,) = (e for e in found.events if e.kind == "peer_meeting")
    assert meeting.cohorts == ("d1", "d2")
    assert meeting.persons == 12
    assert found.violations == ()


# --- what takes place ----------------------------------------------------------------------------------


def test_an_elective_runs_from_its_minimum_after_what_it_requires() -> None:
    wish = {"electives": "extra"}
    inputs = toy(registrations=registered(Ann=wish, Fritz=wish), programme_rules=(elective_rules(4),))
    found = plan(inputs)
    (event,) = (e for e in found.events if e.kind == "elective")
    assert event.attendees == ((ANN, 2), (FRITZ, 2))
    assert event.cohorts == ("m1", "m2")
    assert all(event.start > e.end for e in found.events if e.block == 1)
    assert found.violations == ()


def test_an_elective_below_its_minimum_does_not_run_and_says_so() -> None:
    inputs = toy(registrations=registered(Ann={"electives": "extra"}), programme_rules=(elective_rules(4),))
    found = plan(inputs)
    assert not [e for e in found.events if e.kind == "elective"]
    assert any("2 Personen wünschen sie" in note.de for note in found.notes)


def test_an_elective_that_many_wish_for_runs_in_several_groups() -> None:
    wish = {"electives": "extra"}
    inputs = toy(registrations=registered(**dict.fromkeys(TOWNS, wish)), programme_rules=(elective_rules(4),))
    groups = [e for e in plan(inputs).events if e.kind == "elective"]
    assert [event.persons for event in groups] == [4, 4, 4]


def test_in_house_days_go_to_those_who_ask_up_to_the_maximum() -> None:
    ask = {"in_house": True}
    inputs = toy(registrations=registered(Ann=ask, Cleo={**ask, "stage": "goals"}), rules=rules(in_house_days_max=1))
    found = plan(inputs)
    (day,) = (e for e in found.events if e.kind == "in_house")
    assert (day.organisation, day.place, day.persons, day.outcome) == (ANN, ANN, 25, AGREED_ROLES)
    assert any("Cleo" in note.de for note in found.notes)
    assert found.violations == ()


def test_an_in_house_day_holds_the_introduction_alone_and_leaves_time_to_gather_the_cast() -> None:
    found = plan(toy(registrations=registered(Ann={"in_house": True}), rules=rules(in_house_days_max=1)))
    (day,) = (e for e in found.events if e.kind == "in_house")
    (introduction,) = (e for e in found.events if e.kind == "introduction" and e.cohorts == day.cohorts)
    (block,) = (e for e in found.events if e.block == 1 and e.cohorts == day.cohorts)
    assert day.modules == ("intro",)
    assert (day.start - introduction.end).days >= 56
    assert day.start > block.end
    assert ANN in {key for e in found.events if e.kind == "briefing" for key, _ in e.attendees}


def test_experienced_people_stay_away_from_what_they_have_credit_for() -> None:
    inputs = toy(
        curriculum=curriculum(programme("municipality", creditable=True)),
        registrations=registered(Ann={"experience": "long"}),
    )
    found = plan(inputs)
    people = {e.block: e.persons for e in found.events if e.cohort == "m1" and e.kind in {"introduction", "basis"}}
    assert people == {None: 6, 1: 4, 2: 6}
    assert found.violations == ()


def test_a_listed_venue_steps_in_where_nobody_hosts() -> None:
    venues = Venues.model_validate(
        {"note": "Toy", "venues": [{"id": "hall", "organisation": BEN, "name": "Saal", "seats": 6, "day_rate": 90}]}
    )
    found = plan(toy(registrations=registered(**{n: {"can_host": False} for n in TOWNS}), venues=venues))
    assert {e.venue for e in found.events if e.format == "regional"} == {"hall"}
    assert {key: euros for key, _, euros, _ in found.costs.lines}["venue"] == 90 * 10
    assert found.violations == ()


def test_a_single_host_takes_turns_with_the_venues_within_the_cohorts_radius() -> None:
    near = {"id": "near", "organisation": CLEO, "name": "Nah", "seats": 10}
    small = {"id": "small", "organisation": ANN, "name": "Klein", "seats": 5}
    far = {"id": "far", "organisation": DORA, "name": "Fern", "seats": 10}
    found = plan(
        toy(
            registrations=registered(Ann={"can_host": False}, Cleo={"can_host": False}),
            venues=Venues.model_validate({"note": "Toy", "member_seats": 12, "venues": [near, small, far]}),
        )
    )
    events = [e for e in found.events if e.cohort == "m1" and e.kind in {"introduction", "basis"}]
    assert [e.venue for e in sorted(events, key=lambda e: e.start)] == [BEN, "near", BEN]
    assert found.violations == ()


def test_unavailable_days_move_the_whole_cohort() -> None:
    away = {"unavailable": "2027-03-02;2027-03-03;2027-03-04"}
    found = plan(toy(registrations=registered(Cleo=away)))
    assert min(e.start for e in found.events if e.cohort == "m1") == D(2027, 3, 9)
    assert found.violations == ()


def test_trainers_who_each_know_one_field_only_teach_it() -> None:
    staff = trainers(
        *(trainer(name, fields=["red"]) for name in ("ria", "rob")),
        *(trainer(n, fields=["blue"]) for n in ("bo", "bea")),
    )
    found = plan(toy(trainers=staff))
    assert {e.block: e.trainers for e in found.events if e.cohort == "m1" and e.kind == "basis"} == {
        1: ("ria", "rob"),
        2: ("bo", "bea"),
    }


def test_the_complete_search_steps_in_where_the_quick_one_fails() -> None:
    # Tia is free on eight days only: a date chosen without her in mind cannot be staffed.
    free = {D(2027, 4, 6), D(2027, 4, 13), D(2027, 4, 28), D(2027, 4, 29), D(2027, 5, 4), D(2027, 5, 5)}
    free |= {D(2027, 8, 17), D(2027, 8, 18), D(2027, 8, 24), D(2027, 8, 25)}
    every = [D(2027, 3, 1) + dt.timedelta(days=n) for n in range(306)]
    tia = trainer("tia", unavailable=[day for day in every if day not in free])
    found = plan(toy(trainers=trainers(trainer("tom"), tia)))
    assert found.violations == ()
    assert {e.start for e in found.events if e.kind == "basis"} == {
        D(2027, 4, 28),
        D(2027, 5, 4),
        D(2027, 8, 17),
        D(2027, 8, 24),
    }


# --- the whole state -----------------------------------------------------------------------------------


def test_the_state_scenario_takes_everybody_and_counts_the_trainers() -> None:
    inputs = replace(toy(), scenario="state", registrations=())
    found = plan(inputs)
    assert sorted(key for group in members(found) for key in group) == sorted(
        [*KEYS.values(), *(unit.key for unit in districts(6))]
    )
    assert {e.kind for e in found.events} == {"introduction", "basis", "briefing", "peer_meeting"}
    assert found.trainers_needed == len({t for e in found.events for t in e.trainers}) >= 2
    assert found.violations == ()
    assert found.bound is not None
    assert found.objective is not None
    assert found.bound <= found.objective


def held_by(most: int, persons: int, organisations: int, towns: int) -> PlanInputs:
    """Return a state of towns on a line whose groups hold `most` persons."""
    units = tuple(unit(f"01001{n:03}", f"Ort {n}", 48 + n / 50) for n in range(towns))
    inputs = toy()
    modules = tuple(
        m.model_copy(update={"group": m.group.model_copy(update={"max": most})}) for m in inputs.catalogue.modules
    )
    return replace(
        inputs,
        curriculum=curriculum(programme("municipality")),
        catalogue=inputs.catalogue.model_copy(update={"modules": modules}),
        frames={"municipality": Frame("towns", units, ()), "district": Frame("districts", (), ())},
        rules=rules(organisations_min=organisations),
        persons_per_organisation=persons,
        scenario="state",
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(4, 13), st.integers(1, 5), st.integers(2, 3), st.integers(6, 23))
def test_whatever_a_group_holds_no_organisation_of_the_state_gets_lost(
    most: int, persons: int, organisations: int, towns: int
) -> None:
    inputs = held_by(most, persons, organisations, towns)
    each, fewest = most // persons, max(organisations, math.ceil(4 / persons))
    if each < fewest:
        assert refused(inputs).rules
        return
    formed = form_cohorts(inputs)
    placed = [member.organisation for cohort in formed.cohorts for member in cohort.members]
    assert sorted([*placed, *(key for key, _ in formed.unplaced)]) == sorted(inputs.party)
    assert len(placed) == min(towns, min(towns // fewest, math.ceil(towns / each)) * each)
    assert all(fewest <= len(cohort.members) <= each for cohort in formed.cohorts)


@pytest.mark.parametrize(("most", "persons"), [(8, 3), (7, 2), (11, 3)])
def test_everybody_has_a_place_where_persons_do_not_divide_the_group(most: int, persons: int) -> None:
    found = plan(held_by(most, persons, 2, 20))
    assert sum(len(cohort.members) for cohort in found.cohorts) == 20
    assert len(found.cohorts) == math.ceil(20 / (most // persons))
    assert found.unplaced == ()
    assert found.violations == ()


def test_the_state_says_whom_no_division_into_whole_groups_can_hold() -> None:
    formed = form_cohorts(held_by(6, 2, 3, 10))
    assert len(formed.cohorts) == 3
    ((key, why),) = formed.unplaced
    assert key in {f"01001{n:03}" for n in range(10)}
    assert "3 Kohorten mit höchstens je 6 Personen" in why.de


def test_the_state_scenario_rents_rooms_where_members_have_none() -> None:
    inputs = replace(toy(), scenario="state", venues=Venues.model_validate({"note": "Toy", "member_rooms": False}))
    found = plan(inputs)
    assert all(e.venue == f"rented-{e.place}" for e in found.events if e.format == "regional")
    assert found.violations == ()


def test_few_days_a_year_take_more_trainers() -> None:
    few = trainers(trainer("tom", days_per_year=5))
    inputs = replace(toy(), scenario="state")
    assert plan(replace(inputs, trainers=few)).trainers_needed > plan(inputs).trainers_needed


# --- what cannot be met ----------------------------------------------------------------------------------


def test_a_calendar_too_short_names_the_rules_and_the_months_missing() -> None:
    inputs = toy()
    error = refused(replace(inputs, calendar=inputs.calendar.model_copy(update={"end": D(2027, 6, 1)})))
    assert error.rules == (RULES["block_gap"].text, RULES["calendar"].text)
    assert error.relaxation is not None
    assert "den Kalender um 1 Monat verlängern" in error.relaxation.de


def test_the_months_named_are_enough_and_one_less_is_not() -> None:
    inputs = toy(rules=rules(months_between_blocks=(5, 6)))
    short = replace(inputs, calendar=inputs.calendar.model_copy(update={"end": D(2027, 6, 30)}))
    error = refused(short)
    assert error.relaxation is not None
    assert "um 2 Monate verlängern" in error.relaxation.de
    july = replace(inputs, calendar=inputs.calendar.model_copy(update={"end": D(2027, 7, 30)}))
    august = replace(inputs, calendar=inputs.calendar.model_copy(update={"end": D(2027, 8, 30)}))
    assert refused(july).rules
    assert [e.kind for e in plan(august).events].count("basis") == 4


def test_days_of_two_in_a_row_need_more_than_one_weekday() -> None:
    error = refused(toy(rules=rules(weekdays=["tue"])))
    assert error.rules == (RULES["weekdays"].text,)
    assert error.relaxation is not None
    assert error.relaxation.de == "alle Werktage von Montag bis Freitag zulassen"


def test_missing_trainer_days_are_counted() -> None:
    error = refused(toy(trainers=trainers(trainer("tom", days_per_year=8), trainer("tia", days_per_year=8))))
    assert "brauchen 22 Trainertage, vorhanden sind 16; es fehlen 6" in error.message.de
    assert error.relaxation is not None
    assert error.relaxation.de == "eine weitere Leitungsperson für alle Themenfelder gewinnen (8 Einsatztage im Jahr)"


def test_one_trainer_cannot_be_two() -> None:
    error = refused(toy(trainers=trainers(trainer("tom"))))
    assert error.rules == (RULES["trainer_number"].text,)
    assert error.relaxation is not None
    assert error.relaxation.de.startswith("eine weitere Leitungsperson")


def test_nobody_who_teaches_a_field_is_a_conflict_of_its_own() -> None:
    error = refused(toy(trainers=trainers(trainer("tom", fields=["red"]), trainer("tia", fields=["red"]))))
    assert error.rules == (RULES["trainer_qualified"].text,)


def test_too_few_registrations_name_what_cohorts_min_would_have_to_be() -> None:
    error = refused(toy(rules=rules(cohorts_min=4)))
    assert RULES["cohort_count"].text in error.rules
    assert error.relaxation is not None
    assert error.relaxation.de == "cohorts_min auf 2 senken"


def test_lowering_organisations_min_is_named_only_where_it_helps() -> None:
    four = tuple(registration(key, can_host=True) for key in (ANN, BEN))
    enough = toy(registrations=four, rules=rules(organisations_min=3))
    error = refused(enough)
    assert error.relaxation is not None
    assert error.relaxation.de == "organisations_min auf 2 senken"
    assert len(plan(replace(enough, rules=rules(organisations_min=2))).cohorts) == 1


def test_where_persons_are_missing_no_lower_minimum_is_promised() -> None:
    few = tuple(registration(key, persons=1, can_host=True) for key in (ANN, BEN, CLEO))
    error = refused(toy(registrations=few, rules=rules(organisations_min=4)))
    assert error.relaxation is not None
    assert "mindestens 1 weitere Personen aus 1 weiteren Organisationen" in error.relaxation.de


def test_the_months_named_are_enough_for_all_events_not_only_those_that_collide() -> None:
    inputs = toy()
    short = replace(inputs, calendar=inputs.calendar.model_copy(update={"end": D(2027, 5, 1)}))
    error = refused(short)
    assert error.relaxation is not None
    found = re.search(r"den Kalender um (\d+) Monate? verlängern", error.relaxation.de)
    assert found is not None
    longer = inputs.calendar.model_copy(update={"end": add_months(D(2027, 5, 1), int(found[1]))})
    assert plan(replace(inputs, calendar=longer)).violations == ()


def test_no_room_at_all_names_the_seats_that_it_takes() -> None:
    error = refused(toy(registrations=registered(**{n: {"can_host": False} for n in TOWNS})))
    assert error.relaxation is not None
    assert "einen Raum mit 6 Plätzen nennen" in error.relaxation.de


def test_groups_that_no_size_fits_name_the_module() -> None:
    inputs = toy()
    modules = tuple(
        m.model_copy(update={"group": m.group.model_copy(update={"min": 7})}) if m.id == "second" else m
        for m in inputs.catalogue.modules
    )
    error = refused(replace(inputs, catalogue=inputs.catalogue.model_copy(update={"modules": modules})))
    assert error.rules == (RULES["capacity"].text, RULES["group_minimum"].text)


def test_unknown_keys_modules_and_fields_are_named_with_their_place() -> None:
    inputs = toy(
        registrations=(registration("01009999"), registration(ANN, electives="nothing"), registration(ANN)),
        trainers=trainers(trainer("tom", fields=["green"]), trainer("tia", home="01009998")),
    )
    with pytest.raises(InputError) as caught:
        plan(inputs)
    assert [(p.file, p.line, p.field) for p in caught.value.problems] == [
        ("registrations.csv", 2, "organisation"),
        ("registrations.csv", 3, "electives"),
        ("registrations.csv", 4, "organisation"),
        ("trainers.yaml", None, "trainers[1].fields"),
        ("trainers.yaml", None, "trainers[2].home"),
    ]


def test_a_plan_made_here_that_breaks_a_rule_is_a_fault_and_never_a_result(made: Plan) -> None:
    broken = replace(made, violations=(Violation("capacity", ("m1",), Text("Zu viele.", "Too many.")),))
    with pytest.raises(RuntimeError, match=r"fault of passgenau.*capacity: Too many\."):
        sound(broken)
    assert sound(made) is made


def test_an_introduction_longer_than_a_day_is_named() -> None:
    inputs = toy()
    short = replace(inputs, catalogue=inputs.catalogue.model_copy(update={"units_per_day": 7}))
    with pytest.raises(InputError) as caught:
        plan(short)
    assert [(p.file, p.field) for p in caught.value.problems] == [("catalogue.yaml", "introduction.parts")]


def test_the_check_of_a_made_plan_is_the_plans_own(made: Plan) -> None:
    assert check(made, toy()) == made.violations
