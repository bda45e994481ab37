"""The toy of six modules, whose Basis can be worked out on paper (see curriculum_toy.py)."""

import dataclasses
from typing import Any

import pytest
from curriculum_toy import DECIDED, MODULES, catalogue, decisions, module, needs

from passgenau.curriculum import Curriculum, Module, Programme, Providers, check, derive
from passgenau.curriculum.decisions import Credit, CurriculumDecisions, Recurring, SmallTowns
from passgenau.curriculum.providers import Offer, Provider
from passgenau.curriculum.wording import span
from passgenau.errors import InfeasibleError
from passgenau.needs import Needs
from passgenau.text import Text

WISHES = {"survey": 0.6, "space": 0.4, "games": 0.3, "stage": 0.5, "dance": 0.35}


def concept(
    wished: Needs | None = None,
    decided: CurriculumDecisions | None = None,
    modules: tuple[Module, ...] = MODULES,
    providers: Providers | None = None,
) -> Curriculum:
    return derive(
        catalogue=catalogue(modules),
        decisions=decided or decisions(),
        providers=providers or Providers(),
        needs=wished or needs(WISHES),
        audiences={"municipality": "towns"},
    )


def programme(*args: Any, **kwargs: Any) -> Programme:
    return concept(*args, **kwargs).programmes[0]


def versions(found: Programme) -> dict[str, str]:
    return {place.module: place.version for place in found.basis}


def reasons(found: Curriculum) -> dict[str, str]:
    return {entry.module: entry.reason.de for entry in found.left_out}


def test_the_spare_units_deepen_what_is_wished_for_most() -> None:
    assert versions(programme()) == {"ground": "short", "asking": "full", "maps": "short", "theatre": "full"}


def test_wishes_choose_among_equivalent_modules() -> None:
    found = programme(needs({**WISHES, "games": 0.7}))
    assert versions(found) == {"ground": "short", "asking": "full", "maps": "short", "game": "full"}


def test_wishes_never_displace_a_minimum_requirement() -> None:
    assert set(versions(programme(needs({"dance": 1.0})))) >= {"ground", "asking", "maps"}


def test_without_any_wish_the_shortest_basis_stands() -> None:
    found = programme(needs({}))
    assert (found.contact_units, set(versions(found).values())) == (10, {"short", "full"})
    assert versions(found)["game"] == "full"  # the first of two that nothing tells apart


def test_the_basis_is_proven_optimal() -> None:
    assert programme().gap == 0


def test_the_three_sources_stay_apart() -> None:
    places = {place.module: place.sources for place in programme().basis}
    assert (places["asking"].minimum, places["asking"].role) == (("asking",), ())
    assert (places["theatre"].minimum, places["theatre"].role) == ((), ("to-play",))
    assert places["asking"].wish.share == 0.6
    assert places["ground"].wish.status == "not_asked"


def test_a_place_that_no_draw_can_change_is_fixed_and_others_say_how_often() -> None:
    found = {place.module: (place.depth_firmness, place.frequency) for place in programme().basis}
    assert found["theatre"] == ("firm", 1.0)
    only = tuple(m for m in MODULES if m.id != "game")
    fixed = {place.module: place.depth_firmness for place in programme(modules=only).basis}
    assert fixed["theatre"] == "fixed"
    assert fixed["asking"] == "firm"


def test_a_close_race_is_open() -> None:
    wished = needs({**WISHES, "survey": 0.4, "space": 0.4}, draws=200)
    found = {place.module: place for place in programme(wished).basis}
    assert found["asking"].depth_firmness == "open"
    assert 0.3 < found["asking"].frequency < 0.7


def test_an_elective_runs_from_the_persons_it_needs() -> None:
    found = programme()
    assert [place.module for place in found.electives] == ["dance"]
    assert found.electives[0].expected_persons == pytest.approx((7, 7, 7))  # 35 % of 20 persons; six are needed
    few = concept(needs({**WISHES, "dance": 0.25}))
    assert few.programmes[0].electives == ()
    assert "25\u202f% × 20 Personen = 5: zu erwarten 5 Personen, nötig sind 6" in reasons(few)["dance"]


def test_an_elective_says_how_its_persons_are_computed() -> None:
    assert "Rang 1: 35\u202f% × 20 Personen = 7: erwartet 7" in programme().electives[0].reason.de
    tango = module("tango", "dance", "dance", {"full": 4})
    two = decisions(
        programmes=(decisions().programmes[0].model_copy(update={"persons_expected": 40, "electives_per_person": 2}),)
    )
    last = programme(needs({"dance": 0.9}), two, (*MODULES, tango)).electives[-1]
    assert "90\u202f% × 40 Personen = 36; geteilt durch 2, weil es das 2. von 2 Modulen zum Thema ist" in last.reason.de
    assert "erwartet 18" in last.reason.de


def test_intervals_are_rounded_outwards() -> None:
    assert span(0.294, 0.291).de == "29 bis 30\u202f%"
    assert span(0.29, 0.57).en == "29 to 57%"


def test_electives_share_the_seats_that_people_can_take() -> None:
    more = (*MODULES, module("song", "dance", "song", {"full": 4}), module("rhyme", "dance", "rhyme", {"full": 4}))
    wished = {**WISHES, "dance": 0.9, "song": 0.8, "rhyme": 0.7}
    found = programme(needs(wished, (*wished, "basics")), modules=more)
    # 20 seats for 2.4 wishes each: 5.8 persons for the weakest of three, too few; for two it is enough.
    assert [place.module for place in found.electives] == ["dance", "song"]
    assert found.electives[0].expected_persons is not None
    assert found.electives[0].expected_persons[0] == pytest.approx(20 * 0.9 / 1.7)


def test_an_elective_without_its_prerequisite_is_left_out() -> None:
    far = (
        *MODULES,
        module("waltz", "dance", "dance", {"full": 4}, requires=("polka",)),
        module("polka", "dance", "polka", {"full": 4}),
    )
    found = concept(needs({**WISHES, "dance": 0.9}, (*WISHES, "basics", "polka")), modules=far)
    assert "waltz" not in {place.module for place in found.programmes[0].electives}
    assert "setzt aber „Polka“ voraus" in reasons(found)["waltz"]


def test_every_module_has_a_place_or_a_reason() -> None:
    found = concept()
    placed = {place.module for place in (*found.programmes[0].basis, *found.programmes[0].electives)}
    assert placed | set(reasons(found)) == {m.id for m in MODULES}
    assert placed & set(reasons(found)) == set()


def test_an_equivalent_module_is_left_out_by_name() -> None:
    assert "Gleichwertig mit „Theatre“" in reasons(concept())["game"]


def test_not_asked_and_too_rarely_wished_read_differently() -> None:
    silent, rare = reasons(concept(needs({"survey": 0.6}))), reasons(concept(needs({"survey": 0.6, "dance": 0.1})))
    assert "nicht als Fortbildungswunsch gefragt" in silent["dance"]
    assert "unbekannt" in silent["dance"]
    assert "zu erwarten 2 Personen" in rare["dance"]


def test_the_order_keeps_prerequisites_and_stages_and_blocks_hold_it() -> None:
    found = programme()
    order = [place.module for place in found.basis]
    assert order[0] == "ground"
    assert [m for block in found.blocks for m in block.modules] == order
    assert [block.days for block in found.blocks] == [1, 1]
    assert "Ergebnisse der Aufgaben aus Block 1" in found.blocks[1].opens_with.de


def test_a_recurring_field_occurs_in_every_block() -> None:
    spread = (
        *MODULES[:2],
        MODULES[2].model_copy(update={"field": "networks", "stages": ("mandate",)}),
        MODULES[3],
        MODULES[4].model_copy(update={"field": "networks", "stages": ("mandate",)}),
    )
    recurring = (Recurring(field="networks", **DECIDED),)
    found = programme(decided=decisions(recurring=recurring), modules=spread)
    fields = {m.id: m.field for m in spread}
    assert [sum(fields[m] == "networks" for m in block.modules) for block in found.blocks] == [1, 1]


def test_experienced_people_skip_what_is_credited() -> None:
    credit = (Credit(competences=("ground", "maps"), tiers=("municipality",), **DECIDED),)
    found = programme(decided=decisions(credit=credit))
    assert found.experienced == ("asking", "theatre")
    assert {place.module for place in found.basis if place.creditable} == {"ground", "maps"}


def test_small_towns_take_their_time() -> None:
    small = SmallTowns(population_below=5000, days_per_year=0.75, years=2, **DECIDED)
    tracks = {track.id: track for track in concept(decided=decisions(small_towns=small)).tracks}
    assert tracks["twice"].fits
    assert tracks["twice"].modules_per_year == (("ground", "asking", "maps", "theatre"),)
    assert tracks["small-towns"].modules_per_year == (("ground", "asking"), ("maps", "theatre"))


def test_a_track_that_is_too_short_says_how_long_it_takes() -> None:
    small = SmallTowns(population_below=5000, days_per_year=0.5, years=2, **DECIDED)
    track = next(t for t in concept(decided=decisions(small_towns=small)).tracks if t.id == "small-towns")
    assert not track.fits
    assert "braucht sie 4 Jahre, vorgesehen sind 2" in track.sentence.de


def test_budgets_are_compared_and_impossible_ones_say_what_is_missing() -> None:
    runs = concept(decided=decisions(comparison_days=(1.0, 1.25, 2.0))).budget_runs
    assert [(run.feasible, run.modules, run.full) for run in runs] == [(False, 0, 0), (True, 4, 1), (True, 4, 3)]
    assert "fehlen 0,25 Tage" in runs[0].sentence.de


def test_offers_decide_between_reuse_adapt_and_develop() -> None:
    offers = (
        Offer(id="a", title=Text("A"), modules=("asking",), fit="reuse"),
        Offer(id="b", title=Text("B"), modules=("maps",), fit="adapt", missing=Text("Karten")),
    )
    given = Providers(
        providers=(Provider(id="x", name="X", kind="training", about=Text("x"), example=True, offers=offers),)
    )
    found = concept(providers=given)
    kinds = {place.module: place.provision.kind for place in found.programmes[0].basis}
    assert kinds == {"ground": "develop", "asking": "reuse", "maps": "adapt", "theatre": "develop"}
    assert [gap.de.split(" (")[0] for gap in found.gaps] == ["„Ground“", "„Theatre“", "„Dance“"]


def test_stages_without_a_module_of_the_basis_are_named() -> None:
    late = (*MODULES[:3], *(m.model_copy(update={"stages": ("analysis", "goals")}) for m in MODULES[3:]))
    note = concept(modules=late).notes[0].de
    assert "Auftrag 2 Einheiten, Analyse 10 Einheiten, Ziele 0 Einheiten" in note
    assert (
        "Für den Abschnitt Ziele enthält die Basis kein Modul; darauf gehen nur früher gelehrte ein: „Theatre“." in note
    )
    assert "Für den Abschnitt Verstetigung enthält die Basis kein Modul." in note


def test_the_same_inputs_give_the_same_concept() -> None:
    assert concept() == concept()


def test_an_impossible_budget_names_the_rules_and_the_smallest_relaxation() -> None:
    with pytest.raises(InfeasibleError) as caught:
        concept(decided=decisions(days=1.0))
    german = caught.value.format("de")
    assert "höchstens 1 Tag (8 Einheiten); in kürzester Fassung nötig sind 1,25 Tage (10 Einheiten)" in german
    assert "Kleinste Lockerung: basis_days um 0,25 Tage auf 1,25 Tage erhöhen." in german
    assert "raise basis_days by 0.25 days to 1.25 days." in caught.value.format("en")


def test_the_smallest_relaxation_is_enough() -> None:
    assert programme(decided=decisions(days=1.25)).contact_units == 10


def test_too_little_self_study_is_named_as_such() -> None:
    with pytest.raises(InfeasibleError) as caught:
        concept(decided=decisions(self_study=4))
    assert "self_study_units auf 5 Einheiten erhöhen" in caught.value.format("de")


def test_a_competence_that_no_module_builds_is_named() -> None:
    steered = module("plays", "play", "games", {"full": 4}, roles=("steering",))
    with pytest.raises(InfeasibleError) as caught:
        concept(modules=(*MODULES[:3], steered))
    assert "„play“ für Koordination: kein Modul" in caught.value.format("de")


def test_equivalents_that_are_both_needed_are_named() -> None:
    both = (*MODULES[:4], MODULES[4].model_copy(update={"competences": ("dance",)}))
    with pytest.raises(InfeasibleError) as caught:
        concept(decided=decisions(days=3, competences=("ground", "asking", "maps", "dance")), modules=both)
    assert "gleichwertig, höchstens eines: „Game“ und „Theatre“" in caught.value.format("de")


def test_an_in_house_module_has_no_place_in_a_cohort() -> None:
    house = (*MODULES, module("house", "dance", "dance", {"full": 4}, formats=("in_house",)))
    assert "Inhouse-Tag" in reasons(concept(modules=house))["house"]


def test_sentences_say_the_names_of_the_study() -> None:
    found = derive(
        catalogue=catalogue(),
        decisions=decisions(),
        providers=Providers(),
        needs=needs(WISHES),
        audiences={"municipality": "towns"},
        names={"municipality": Text("Dörfer", "villages")},
    )
    asking = next(place for place in found.programmes[0].basis if place.module == "asking")
    assert "der antwortenden Dörfer" in asking.reason.de
    assert asking.reason.en is not None
    assert "of the villages that answered" in asking.reason.en


def test_a_hand_edited_programme_fails_the_checks_it_breaks() -> None:
    found = concept()
    edited = dataclasses.replace(found.programmes[0], basis=tuple(reversed(found.programmes[0].basis)))
    failed = {c.rule for c in check((edited,), catalogue(), decisions()) if not c.passed}
    assert failed == {"municipality/prerequisites", "municipality/blocks"}
    shorter = dataclasses.replace(found.programmes[0], basis=found.programmes[0].basis[:-1])
    failed = {c.rule for c in check((shorter,), catalogue(), decisions()) if not c.passed}
    assert "municipality/role-tasks" in failed
    cheaper = {c.rule for c in check(found.programmes, catalogue(), decisions(days=1.25)) if not c.passed}
    assert cheaper == {"municipality/budget"}


def test_a_tier_without_requirements_has_an_empty_basis() -> None:
    elsewhere = decisions().minimum[0].model_copy(update={"tiers": ("district",)})
    found = programme(decided=decisions(minimum=(elsewhere,), role_tasks=()))
    assert (found.basis, found.blocks, found.contact_units) == ((), (), 0)
    # asking is wished for most, but requires ground, which has no place
    assert {place.module for place in found.electives} == {"maps", "theatre"}


def test_requirements_without_any_module_are_named() -> None:
    with pytest.raises(InfeasibleError) as caught:
        concept(
            decided=decisions(competences=("dance",), role_tasks=()),
            modules=(module("dance", "dance", "dance", {"full": 4}, tiers=("district",)),),
        )
    assert "„dance“ für Koordination" in caught.value.format("de")
