"""The worked example: what its files say, and that its concept keeps every rule."""

from pathlib import Path

import numpy as np
import pytest

from passgenau.curriculum import Curriculum, Place, Providers, check
from passgenau.curriculum.requirements import tier_problem
from passgenau.curriculum.selection import Selector
from passgenau.reading import read_yaml
from passgenau.study import Study, steps


@pytest.fixture(scope="module")
def concept(example_study: Study) -> Curriculum:
    return steps.derive(example_study, steps.assess(example_study, steps.analyse(example_study)))


def places(concept: Curriculum) -> list[Place]:
    return [place for p in concept.programmes for place in (*p.basis, *p.electives)]


def test_the_catalogue_carries_over_the_given_modules_without_their_levels(example_study: Study) -> None:
    catalogue = example_study.catalogue
    assert len(catalogue.modules) == 39
    assert len({m.source_id for m in catalogue.modules}) == 39
    assert not any(
        level in f"-{m.id}-" for m in catalogue.modules for level in ("-b-", "-v-", "-e-", "basis", "vertiefung")
    )
    assert catalogue.reviewed is False
    assert [part.source_id for part in catalogue.introduction.parts if part.field] == [
        f"TF{field}-E-01" for field in (1, 2, 3, 4, 5)
    ]
    assert sum(part.units for part in catalogue.introduction.parts) == catalogue.units_per_day


def test_every_competence_of_the_catalogue_is_built_by_some_module(example_study: Study) -> None:
    built = {c for m in example_study.catalogue.modules for c in m.competences}
    assert built == {c.id for c in example_study.catalogue.competences}


def test_every_field_has_a_minimum_for_every_tier_and_role_of_the_programme(example_study: Study) -> None:
    field_of = {c.id: c.field for c in example_study.catalogue.competences}
    found = {(t, r, field_of[m.competence]) for m in example_study.decisions.minimum for t in m.tiers for r in m.roles}
    assert found == {
        (t, r, f.id)
        for t in ("district", "municipality")
        for r in ("coordination", "steering")
        for f in example_study.catalogue.fields
    }


def test_every_decision_of_the_example_is_marked_as_an_assumption(example_study: Study) -> None:
    given = example_study.decisions
    sections = (
        given.minimum,
        given.role_tasks,
        given.recurring,
        given.preferences,
        given.readings,
        given.frequency,
        given.credit,
        given.accompaniment,
        given.programmes,
        given.assumed_shares,
    )
    assert all(entry.assumed for section in sections for entry in section)
    assert given.small_towns is not None
    assert given.small_towns.assumed


def test_named_bodies_have_a_source_and_all_others_are_examples(example_study: Study) -> None:
    for provider in example_study.providers.providers:
        assert (provider.source is None) == provider.example
        assert provider.example or provider.offers == ()


def test_every_check_of_the_concept_passes(concept: Curriculum) -> None:
    assert [c.sentence.de for c in concept.checks if not c.passed] == []
    assert len(concept.checks) == 2 * 12


def test_the_checks_are_those_of_a_fresh_computation(concept: Curriculum, example_study: Study) -> None:
    assert check(concept.programmes, example_study.catalogue, example_study.decisions) == concept.checks


def test_both_programmes_are_proven_optimal_within_their_own_budgets(concept: Curriculum) -> None:
    assert [p.tier for p in concept.programmes] == ["district", "municipality"]
    assert [p.gap for p in concept.programmes] == [0, 0]
    assert [p.contact_units <= p.budget_units for p in concept.programmes] == [True, True]
    assert [p.budget_units for p in concept.programmes] == [72, 80]


def test_the_core_is_what_both_tiers_share(concept: Curriculum) -> None:
    first, second = ({place.module for place in p.basis} for p in concept.programmes)
    assert set(concept.core) == first & second
    assert first - second
    assert second - first


def test_blocks_are_days_of_a_bearable_length(concept: Curriculum) -> None:
    assert all(2 <= block.days <= 3 for p in concept.programmes for block in p.blocks)


def test_blocks_take_no_more_days_of_the_calendar_than_the_budget(concept: Curriculum) -> None:
    assert [sum(block.days for block in p.blocks) for p in concept.programmes] == [9, 10]
    assert all(block.contact_units <= 8 * block.days for p in concept.programmes for block in p.blocks)


def test_wishes_choose_the_action_field_of_each_tier(concept: Curriculum) -> None:
    chosen = {
        p.tier: [place.module for place in p.basis if "lw-handlungsfeld" in place.sources.minimum]
        for p in concept.programmes
    }
    assert chosen == {"district": ["pflege-im-quartier"], "municipality": ["generationen-verbinden"]}


def test_every_module_has_a_place_or_a_reason_in_each_tier(concept: Curriculum, example_study: Study) -> None:
    known = {m.id for m in example_study.catalogue.modules}
    for programme in concept.programmes:
        placed = {place.module for place in (*programme.basis, *programme.electives)}
        left = {entry.module for entry in concept.left_out if entry.tier == programme.tier}
        assert placed | left == known
        assert placed & left == set()


def test_every_reason_names_the_three_sources_in_both_languages(concept: Curriculum) -> None:
    for place in places(concept):
        assert place.reason.en is not None
        assert all(word in place.reason.de for word in ("Mindestanforderung:", "Rollenaufgabe:", "Wunsch zum Thema"))
        assert all(word in place.reason.en for word in ("Minimum requirement:", "Role task:", "Wish for the topic"))


def test_every_percentage_in_a_reason_stands_beside_its_base_or_its_assumption(concept: Curriculum) -> None:
    for place in places(concept):
        if "%" in place.reason.de:
            assert any(word in place.reason.de for word in ("Bögen aus", "angenommen", "Annahme"))


def test_places_rest_on_decisions_in_the_basis_and_on_wishes_beyond(concept: Curriculum) -> None:
    for programme in concept.programmes:
        assert all(place.sources.minimum or place.sources.role for place in programme.basis)
        assert all(place.sources.wish.share for place in programme.electives)


def test_at_least_two_hundred_draws_stand_behind_the_firmness(concept: Curriculum) -> None:
    assert concept.draws >= 200
    for place in places(concept):
        expected = "firm" if place.frequency >= 0.95 else "likely" if place.frequency >= 0.75 else "open"
        assert place.depth_firmness in {expected, "fixed"}
        assert place.depth_firmness != "fixed" or place.frequency == 1


def test_a_choice_that_rests_on_an_assumed_range_says_so(concept: Curriculum) -> None:
    for place in places(concept):
        assert ("doch die Wahl ruht" in place.reason.de) == place.rests_on_assumption
        assert not (place.rests_on_assumption and "Stichprobenzufall" in place.reason.de)
    families = next(place for place in places(concept) if place.module == "familien-im-quartier")
    assert "ruht auf einer Annahme (20 bis 50\u202f%), nicht auf einer Zahl" in families.reason.de


def test_depth_names_the_topics_whose_wishes_decided_it(concept: Curriculum) -> None:
    monitoring = next(place for place in concept.programmes[0].basis if place.module == "sozialraummonitoring")
    assert "nicht als Fortbildungswunsch gefragt" in monitoring.reason.de
    assert "haben die Wünsche zu „Sozialraumanalyse“ (ca. 60\u202f%; 24 Bögen aus 21 von 35" in monitoring.reason.de


def test_modules_left_out_of_their_own_tier_say_where_they_would_come_from(
    concept: Curriculum, example_study: Study
) -> None:
    tiers = {m.id: m.tiers for m in example_study.catalogue.modules}
    assert all((out.provision is not None) == (out.tier in tiers[out.module]) for out in concept.left_out)


def test_as_many_persons_are_expected_as_register(example_study: Study, example_folder: Path) -> None:
    found = {"district": 0, "municipality": 0}
    for line in (example_folder / "registrations.csv").read_text(encoding="utf-8").splitlines()[1:]:
        organisation, persons = line.split(",")[:2]
        found["district" if len(organisation) == len("08118") else "municipality"] += int(persons)
    assert {rules.tier: rules.persons_expected for rules in example_study.decisions.programmes} == found


def test_notes_say_how_the_basis_covers_the_stages(concept: Curriculum) -> None:
    assert [note.de.split(":")[0] for note in concept.notes] == ["Landkreise", "Städte und Gemeinden"]
    for programme, note in zip(concept.programmes, concept.notes, strict=True):
        continued = sum(place.contact_units for place in programme.basis if place.stage == "continuation")
        assert f"Verstetigung {continued} Einheiten" in note.de


def test_several_budgets_are_run_and_some_are_impossible(concept: Curriculum) -> None:
    assert {run.days for run in concept.budget_runs} == {6, 7, 8, 9, 10, 11, 12}
    assert {run.feasible for run in concept.budget_runs} == {True, False}


def test_both_readings_of_the_frequency_and_small_towns_have_tracks(concept: Curriculum) -> None:
    found = {(track.tier, track.id) for track in concept.tracks}
    readings = {"je-termin-unten", "je-termin-oben", "im-jahr-unten", "im-jahr"}
    assert found == {(t, r) for t in ("district", "municipality") for r in readings} | {("municipality", "small-towns")}
    small = next(track for track in concept.tracks if track.id == "small-towns")
    assert small.days_per_year <= 3
    assert small.fits


def test_the_published_concept_is_laid_beside_the_derived_one(concept: Curriculum) -> None:
    agreement = {point.subject.de: point.agrees for point in concept.comparison}
    assert agreement["Themenfelder"] == "yes"
    assert agreement["Einführung"] == "yes"
    assert agreement["Module der Basis"] == "partly"
    assert len(concept.comparison) >= 8


def test_more_wishes_never_shrink_a_topic_in_the_example(example_study: Study) -> None:
    problem = tier_problem(example_study.catalogue, example_study.decisions, example_study.decisions.programmes[1])
    topics = tuple(sorted({t for m in problem.modules for t in m.topics}))
    selector = Selector(problem, topics)
    rng = np.random.default_rng(4)
    for _ in range(15):
        low = rng.uniform(0, 0.8, len(topics))
        raised = int(rng.integers(len(topics)))
        high = low.copy()
        high[raised] += 0.2
        times = []
        for weights in (low, high):
            found = selector.select(weights)
            assert found is not None
            times.append(
                sum(
                    m.topics.get(topics[raised], 0) * m.versions[found.versions[m.id]].contact_units
                    for m in problem.modules
                    if m.id in found.versions
                )
            )
        assert times[1] >= times[0] - 1e-9


def test_the_example_files_parse_on_their_own(example_folder: Path) -> None:
    assert len(read_yaml(example_folder / "providers.yaml", Providers).providers) == 4
