"""Every rule, from both sides: one plan that keeps them all, and for each rule a plan that breaks it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from planning_toy import (
    ANN,
    BEN,
    CLEO,
    DORA,
    KEYS,
    districts,
    elective_rules,
    programme,
    registration,
    rules,
    toy,
    trainer,
)

from passgenau.planning import RULES, Cohort, Event, Member, Period, Plan, PlanInputs, Trainers, Venues, check, plan
from passgenau.planning.check import CHECKS
from passgenau.text import Text

Case = tuple[Plan, PlanInputs]
DAY = dt.timedelta(days=1)


def inputs() -> PlanInputs:
    """A toy with everything in it: districts, an association, electives, an in-house day, a listed venue."""
    about: dict[str, dict[str, object]] = {
        ANN: {"electives": "extra", "in_house": True, "association": "Verband"},
        BEN: {"electives": "extra", "association": "Verband"},
    }
    towns = [registration(key, can_host=True, **about.get(key, {})) for key in KEYS.values()]
    venues = {"id": "hall", "organisation": BEN, "name": "Saal", "seats": 30, "weekdays": ["tue", "wed", "thu"]}
    return toy(
        registrations=(*towns, *(registration(unit.key, can_host=False) for unit in districts(6))),
        venues=Venues.model_validate({"note": "Toy", "member_seats": 12, "venues": [venues]}),
        trainers=Trainers.model_validate({"note": "Toy", "trainers": [trainer("tom"), trainer("tia"), trainer("ted")]}),
        rules=rules(in_house_days_max=1, cohorts_max=4, max_parallel=2),
        programme_rules=(elective_rules(4),),
    )


@cache
def made() -> Plan:
    return plan(inputs())


def event(name: str) -> Event:
    return next(e for e in made().events if e.id == name)


def with_event(name: str, **changes: object) -> Plan:
    """Return the plan with one event changed by hand."""
    events = tuple(replace(e, **changes) if e.id == name else e for e in made().events)  # type: ignore[arg-type]
    return replace(made(), events=events)


def moved(name: str, start: dt.date) -> Plan:
    old = event(name)
    return with_event(name, start=start, end=start + (old.end - old.start))


def with_cohort(name: str, **changes: object) -> Plan:
    cohorts = tuple(replace(c, **changes) if c.id == name else c for c in made().cohorts)  # type: ignore[arg-type]
    return replace(made(), cohorts=cohorts)


def members(name: str, *changed: Member) -> tuple[Member, ...]:
    by_key = {m.organisation: m for m in (*made().cohort(name).members, *changed)}
    return tuple(by_key.values())


def member(key: str, persons: int = 2) -> Member:
    return next(
        replace(m, persons=persons) for cohort in made().cohorts for m in cohort.members if m.organisation == key
    )


def cohort_of(key: str) -> Cohort:
    return next(c for c in made().cohorts if key in {m.organisation for m in c.members})


def without_events(kind: str) -> Plan:
    return replace(made(), events=tuple(e for e in made().events if e.kind != kind))


def ruled(**changes: object) -> PlanInputs:
    return replace(inputs(), rules=inputs().rules.model_copy(update=changes))


def closed_on(day: dt.date) -> PlanInputs:
    period = Period(name=Text("Ferien"), start=day, end=day)
    return replace(inputs(), calendar=inputs().calendar.model_copy(update={"closed": (period,)}))


def hall(**changes: object) -> PlanInputs:
    venue = inputs().venues.venues[0].model_copy(update=changes)
    return replace(inputs(), venues=inputs().venues.model_copy(update={"venues": (venue,)}))


def staff(**changes: object) -> PlanInputs:
    people = tuple(t.model_copy(update=changes) for t in inputs().trainers.trainers)
    return replace(inputs(), trainers=inputs().trainers.model_copy(update={"trainers": people}))


def away(key: str, day: dt.date) -> PlanInputs:
    rows = tuple(
        r.model_copy(update={"unavailable": (day,)}) if r.organisation == key else r for r in inputs().registrations
    )
    return replace(inputs(), registrations=rows)


BROKEN: dict[str, Callable[[], Case]] = {
    "everybody": lambda: (with_cohort("m1", members=made().cohort("m1").members[1:]), inputs()),
    "one_tier": lambda: (with_cohort("m1", tier="district"), inputs()),
    "capacity": lambda: (with_cohort("m1", members=members("m1", member(DORA))), inputs()),
    "group_minimum": lambda: (with_cohort("m1", members=(member(ANN, 1), member(BEN, 1), member(CLEO, 1))), inputs()),
    "organisations_min": lambda: (made(), ruled(organisations_min=4)),
    "cohort_count": lambda: (made(), ruled(cohorts_max=3)),
    "joint": lambda: (replace(made(), unplaced=((ANN, Text("?")),)), inputs()),
    "seat": lambda: (with_cohort("m1", seat=DORA), inputs()),
    "distance": lambda: (with_cohort("m1", members=(replace(member(ANN), km=9.0),)), inputs()),
    "introduction": lambda: (without_events("introduction"), inputs()),
    "basis_complete": lambda: (with_event("m1-block-1", modules=("second",)), inputs()),
    "duration": lambda: (with_event("m1-block-1", end=event("m1-block-1").end + DAY), inputs()),
    "block_order": lambda: (moved("m1-introduction", event("m1-block-1").end + 7 * DAY), inputs()),
    "block_gap": lambda: (moved("m1-block-2", event("m1-block-1").end + 30 * DAY), inputs()),
    "electives": lambda: (moved("elective-extra-1", event("m1-introduction").start), inputs()),
    "in_house": lambda: (with_event(f"in-house-{ANN}", outcome=None), inputs()),
    "briefing": lambda: (without_events("briefing"), inputs()),
    "peer_meeting": lambda: (without_events("peer_meeting"), inputs()),
    "attendance": lambda: (with_event("m1-block-1", attendees=event("m1-block-1").attendees[1:]), inputs()),
    "calendar": lambda: (moved("m1-block-2", dt.date(2028, 1, 11)), inputs()),
    "holidays": lambda: (moved("m1-block-2", dt.date(2027, 5, 27)), inputs()),  # Fronleichnam
    "closed": lambda: (made(), closed_on(event("m1-block-1").end)),
    "weekdays": lambda: (moved("m1-introduction", dt.date(2027, 3, 1)), inputs()),
    "member_days": lambda: (made(), away(BEN, event("m1-block-1").end)),
    "persons_once": lambda: (moved("elective-extra-1", event("m1-block-2").end), inputs()),
    "max_parallel": lambda: (
        replace(made(), events=tuple(replace(e, start=e.end) for e in made().events) * 3),
        inputs(),
    ),
    "venue_known": lambda: (with_event("m1-block-1", venue=DORA, place=DORA), inputs()),
    "venue_seats": lambda: (made(), hall(seats=11)),
    "venue_open": lambda: (made(), hall(closed=(event("peer-meeting-1").start,))),
    "venue_once": lambda: (moved("d1-introduction", event("d2-introduction").start), inputs()),
    "rotation": lambda: (replace(made(), events=tuple(_hosted_by_ben(e) for e in made().events)), inputs()),
    "trainer_number": lambda: (with_event("m1-block-1", trainers=("tom",)), inputs()),
    "trainer_qualified": lambda: (made(), staff(fields=("red",))),
    "trainer_once": lambda: (moved("m2-introduction", event("d1-introduction").start), inputs()),
    "trainer_free": lambda: (made(), staff(weekdays=("tue",))),
    "trainer_days": lambda: (made(), staff(days_per_year=5)),
    "costs": lambda: (with_event("m1-block-1", cost=1.0), inputs()),
    "travel": lambda: (replace(made(), travel=replace(made().travel, max=1.0)), inputs()),
    "figures": lambda: (replace(made(), trainers_needed=9), inputs()),
}


def attended(name: str, key: str, persons: int) -> Plan:
    """Return the plan with another number of persons of one organisation at one event."""
    people = tuple((k, persons if k == key else count) for k, count in event(name).attendees)
    return with_event(name, attendees=people, persons=sum(count for _, count in people))


def costing(**changes: float) -> Plan:
    return replace(made(), costs=replace(made().costs, **changes))  # type: ignore[arg-type]


def moved_between_lines() -> Plan:
    """Return the plan with ten euros more in one line of the costs and ten less in another."""
    changed = {"catering": 10.0, "travel": -10.0}
    lines = tuple((key, name, euros + changed.get(key, 0), how) for key, name, euros, how in made().costs.lines)
    return replace(made(), costs=replace(made().costs, lines=lines))


def moved_between_shares() -> Plan:
    one, two, *others = made().organisations
    shares = (replace(one, euros=one.euros + 10), replace(two, euros=two.euros - 10), *others)
    return replace(made(), organisations=shares)


def all_in_the_hall() -> Plan:
    """Return the plan with every event of Ben's cohort in the listed venue, though all its members can host."""
    name = cohort_of(BEN).id
    events = tuple(
        replace(e, venue="hall", place=BEN) if e.cohort == name and e.kind in {"introduction", "basis"} else e
        for e in made().events
    )
    return replace(made(), events=events)


def with_a_nearer_hall() -> PlanInputs:
    nearer = inputs().venues.venues[0].model_copy(update={"id": "nearer", "organisation": "01011"})
    return replace(inputs(), venues=inputs().venues.model_copy(update={"venues": (*inputs().venues.venues, nearer)}))


IN_HOUSE = f"in-house-{ANN}"
HOLES: dict[str, tuple[str, Callable[[], Case]]] = {
    "more persons at an elective than registered": (
        "attendance",
        lambda: (attended("elective-extra-1", ANN, 3), inputs()),
    ),
    "two persons at a briefing": ("attendance", lambda: (attended("m1-briefing", ANN, 2), inputs())),
    "somebody listed twice": (
        "attendance",
        lambda: (
            with_event("elective-extra-1", attendees=event("elective-extra-1").attendees * 2, persons=8),
            inputs(),
        ),
    ),
    "an in-house day for too few": ("in_house", lambda: (attended(IN_HOUSE, ANN, 5), inputs())),
    "an in-house day with a briefing besides": (
        "in_house",
        lambda: (with_event(IN_HOUSE, modules=("intro", "brief")), inputs()),
    ),
    "an in-house day without content": ("in_house", lambda: (with_event(IN_HOUSE, modules=()), inputs())),
    "an in-house day on the day after": (
        "in_house",
        lambda: (moved(IN_HOUSE, event("m1-introduction").end + DAY), inputs()),
    ),
    "ten hours on one day": ("duration", lambda: (with_event(IN_HOUSE, modules=("intro", "brief")), inputs())),
    "an elective deleted": ("electives", lambda: (without_events("elective"), inputs())),
    "everything in a hall though members host": ("rotation", lambda: (all_in_the_hall(), inputs())),
    "a hall that is not the nearest": ("rotation", lambda: (made(), with_a_nearer_hall())),
    "an objective that is too good": ("figures", lambda: (replace(made(), objective=1.0), inputs())),
    "a bound above the objective": ("figures", lambda: (replace(made(), bound=1e6), inputs())),
    "a gap of its own": ("figures", lambda: (replace(made(), gap=0.5), inputs())),
    "a gap without a bound": ("figures", lambda: (replace(made(), bound=None, gap=0.0), inputs())),
    "euros in the wrong line": ("costs", lambda: (moved_between_lines(), inputs())),
    "euros with the wrong organisation": ("costs", lambda: (moved_between_shares(), inputs())),
    "too few trainer days": ("costs", lambda: (costing(trainer_days=1.0), inputs())),
    "too cheap for a person": ("costs", lambda: (costing(per_person=1.0), inputs())),
}


@pytest.mark.parametrize("hole", HOLES)
def test_the_check_lets_nothing_through(hole: str) -> None:
    label, case = HOLES[hole]
    assert label in {violation.rule for violation in check(*case())}


def _hosted_by_ben(one: Event) -> Event:
    host = one.cohort == cohort_of(BEN).id and one.kind in {"introduction", "basis"}
    return replace(one, venue=BEN, place=BEN) if host else one


def test_a_plan_with_everything_in_it_keeps_every_rule() -> None:
    assert {e.kind for e in made().events} == {
        "introduction",
        "basis",
        "elective",
        "in_house",
        "peer_meeting",
        "briefing",
    }
    assert made().violations == ()
    assert check(made(), inputs()) == ()


def test_every_rule_has_a_label_a_check_and_a_plan_that_breaks_it() -> None:
    assert list(RULES) == list(CHECKS) == list(BROKEN)
    assert all(rule.label == label and rule.text.en for label, rule in RULES.items())


@pytest.mark.parametrize("label", BROKEN)
def test_the_check_finds_the_rule_that_is_broken(label: str) -> None:
    broken, given = BROKEN[label]()
    found = [violation for violation in check(broken, given) if violation.rule == label]
    assert found
    assert all(violation.message.en for violation in found)


def test_a_broken_gap_names_both_blocks() -> None:
    broken, given = BROKEN["block_gap"]()
    (found,) = (v for v in check(broken, given) if v.rule == "block_gap")
    assert found.subjects == ("m1-block-1", "m1-block-2")
    assert "nicht 3 bis 6 Monate" in found.message.de


def test_strangers_are_reported_alone() -> None:
    found = check(with_event("m1-block-1", trainers=("tom", "nobody")), inputs())
    assert [(v.rule, v.subjects) for v in found] == [("trainer_qualified", ("m1-block-1", "nobody"))]


@pytest.mark.parametrize(
    "changes",
    [
        {"persons": 0},
        {"attendees": ()},
        {"kind": "elective"},
        {"kind": "in_house"},
        {"kind": "briefing"},
        {"cohorts": ()},
        {"modules": ()},
        {"modules": ("intro", "unheard-of")},
        {"venue": "", "place": "", "format": "online"},
        {"end": dt.date(2026, 1, 1)},
        {"block": 9},
        {"trainers": ()},
    ],
)
def test_whatever_a_hand_writes_is_judged_not_stumbled_over(changes: dict[str, object]) -> None:
    assert check(with_event("m1-block-1", **changes), inputs())


def test_a_tier_without_programme_is_a_stranger() -> None:
    given = replace(inputs(), curriculum=replace(inputs().curriculum, programmes=inputs().curriculum.programmes[:1]))
    assert {v.rule for v in check(made(), given)} == {"one_tier"}


def test_an_organisation_forgotten_is_missed_by_the_check() -> None:
    found = check(with_cohort("m1", members=made().cohort("m1").members[1:]), inputs())
    first = made().cohort("m1").members[0].organisation
    assert ("everybody", (first,)) in {(v.rule, v.subjects) for v in found}


def test_the_toy_programme_says_what_experienced_people_skip() -> None:
    assert programme("municipality", creditable=True).experienced == ("second",)


def test_a_cohort_has_the_days_of_its_events() -> None:
    assert event("m1-block-1").days == 2
    assert made().cohort("m1") in made().cohorts
