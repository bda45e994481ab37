"""The model against trying every combination, and what must hold whatever the wishes are."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from curriculum_toy import module
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.curriculum.catalogue import Module, Version
from passgenau.curriculum.requirements import Required, TierProblem, replacements
from passgenau.curriculum.selection import (
    PRICE_CONTACT,
    PRICE_RANK,
    PRICE_SELF_STUDY,
    SEGMENTS,
    Selector,
    least_excess,
)

TOPICS = ("t0", "t1", "t2", "t3")
COMPETENCES = ("c0", "c1", "c2")
SHARES = ((1.0,), (0.6, 0.4), (0.5, 0.3, 0.2))
SIZES: tuple[dict[Version, int], ...] = ({"short": 2, "full": 4}, {"short": 4, "full": 8}, {"full": 4})


@dataclass(frozen=True)
class Case:
    problem: TierProblem
    weights: tuple[float, ...]


@st.composite
def modules(draw: st.DrawFn, index: int) -> Module:
    spread = draw(st.sampled_from(SHARES))
    topics = draw(st.permutations(TOPICS))[: len(spread)]
    builds = draw(st.lists(st.sampled_from((*COMPETENCES, "extra")), min_size=1, max_size=2, unique=True))
    return module(
        f"m{index}",
        builds[0],
        topics[0],
        draw(st.sampled_from(SIZES)),
        competences=tuple(builds),
        topics=dict(zip(topics, spread, strict=True)),
        roles=draw(st.sampled_from((("coordination",), ("coordination", "steering")))),
        requires=tuple(f"m{i}" for i in range(index) if draw(st.integers(0, 4)) == 0),
        equivalent=draw(st.sampled_from((None, None, None, "twins"))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    candidates = tuple(draw(modules(index)) for index in range(draw(st.integers(2, 5))))
    wanted = draw(st.lists(st.sampled_from(COMPETENCES), min_size=1, max_size=3, unique=True))
    required = tuple(
        Required(c, roles, (), roles)
        for c in sorted(wanted)
        for roles in [draw(st.sampled_from((("coordination",), ("steering",), ("coordination", "steering"))))]
    )
    problem = TierProblem(
        tier="municipality",
        modules=candidates,
        roles=("coordination", "steering"),
        required=required,
        contact_units=draw(st.integers(4, 28)),
        self_study_units=draw(st.integers(4, 16)),
        units_per_day=8,
        credited=frozenset(draw(st.lists(st.sampled_from(COMPETENCES), max_size=1))),
    )
    weights = tuple(draw(st.lists(st.integers(0, 100), min_size=len(TOPICS), max_size=len(TOPICS))))
    return Case(problem, tuple(w / 100 for w in weights))


def every_choice(problem: TierProblem) -> Iterator[dict[str, Version]]:
    options = [(None, *sorted(m.versions)) for m in problem.modules]
    for picked in itertools.product(*options):
        yield {m.id: v for m, v in zip(problem.modules, picked, strict=True) if v is not None}


def keeps_the_rules(problem: TierProblem, choice: dict[str, Version]) -> bool:
    held = [m for m in problem.modules if m.id in choice]
    wanted = [e for e in problem.required if e.competence not in problem.credited]
    covered = all(any(e.competence in m.competences and r in m.roles for m in held) for e in wanted for r in e.roles)
    groups = [m.equivalent for m in held if m.equivalent]
    contact = sum(m.versions[choice[m.id]].contact_units for m in held)
    study = max(sum(m.versions[choice[m.id]].self_study_units for m in held if r in m.roles) for r in problem.roles)
    return (
        covered
        and len(groups) == len(set(groups))
        and contact <= problem.contact_units
        and study <= problem.self_study_units
        and prerequisites_kept(problem, choice)
        and every_module_has_a_reason(problem, held)
    )


def prerequisites_kept(problem: TierProblem, choice: dict[str, Version]) -> bool:
    known = {m.id: m for m in problem.modules}
    return all(
        set(known[wanted].competences) <= problem.credited
        or any(p in choice for p in replacements(wanted, problem.modules))
        for m in choice
        for wanted in known[m].requires
    )


def every_module_has_a_reason(problem: TierProblem, held: list[Module]) -> bool:
    """Whether modules that nothing requires can each answer for a competence of their own."""
    slots: list[tuple[str, int, Required]] = []
    for entry in problem.required:
        if entry.competence not in problem.credited:
            able = [m for m in problem.modules if entry.competence in m.competences and set(entry.roles) & set(m.roles)]
            whole = any(set(entry.roles) <= set(m.roles) for m in able)
            slots += [(entry.competence, i, entry) for i in range(1 if whole else len(entry.roles))]
    needed = {p for m in held for w in m.requires for p in replacements(w, problem.modules)}
    alone = [m for m in held if m.id not in needed]
    return any(
        all(s[0] in m.competences and set(s[2].roles) & set(m.roles) for m, s in zip(alone, picked, strict=True))
        for picked in itertools.permutations(slots, len(alone))
    )


def topic_time(problem: TierProblem, choice: dict[str, Version], topic: str) -> float:
    return sum(
        m.topics.get(topic, 0.0) * m.versions[choice[m.id]].contact_units for m in problem.modules if m.id in choice
    )


def worth_of_time(time: float) -> float:
    total = 0.0
    for length, slope in SEGMENTS:
        total += slope * min(time, length)
        time -= min(time, length)
    return total


def worth(case: Case, choice: dict[str, Version]) -> float:
    problem = case.problem
    wishes = sum(
        round(1000 * w) * worth_of_time(topic_time(problem, choice, t))
        for t, w in zip(TOPICS, case.weights, strict=True)
    )
    price = sum(
        PRICE_CONTACT * m.versions[choice[m.id]].contact_units
        + PRICE_SELF_STUDY * m.versions[choice[m.id]].self_study_units
        + PRICE_RANK * rank / len(problem.modules)
        for rank, m in enumerate(problem.modules, start=1)
        if m.id in choice
    )
    return wishes - price


def best(case: Case) -> dict[str, Version] | None:
    found = Selector(case.problem, TOPICS).select(np.array(case.weights))
    return found.versions if found else None


@given(cases())
@settings(max_examples=60, deadline=None)
def test_it_finds_what_trying_every_combination_finds(case: Case) -> None:
    allowed = [choice for choice in every_choice(case.problem) if keeps_the_rules(case.problem, choice)]
    found = best(case)
    if not allowed:
        assert found is None
    else:
        assert found is not None
        assert keeps_the_rules(case.problem, found)
        assert worth(case, found) == pytest.approx(max(worth(case, choice) for choice in allowed), abs=1e-6)


@given(cases(), st.integers(0, len(TOPICS) - 1), st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_more_wishes_for_a_topic_never_shrink_its_time(case: Case, raised: int, by: int) -> None:
    more = tuple(min(1.0, w + by / 100) if i == raised else w for i, w in enumerate(case.weights))
    before, after = best(case), best(Case(case.problem, more))
    if before is not None:
        assert after is not None
        given_before = topic_time(case.problem, before, TOPICS[raised])
        assert topic_time(case.problem, after, TOPICS[raised]) >= given_before - 1e-9


@given(cases())
@settings(max_examples=30, deadline=None)
def test_the_same_wishes_give_the_same_basis_whatever_was_asked_before(case: Case) -> None:
    selector = Selector(case.problem, TOPICS)
    first = selector.select(np.array(case.weights))
    selector.select(np.array(case.weights[::-1]))
    assert selector.select(np.array(case.weights)) == first
    other = Selector(case.problem, TOPICS)
    other.select(np.array(case.weights[::-1]))
    again = other.select(np.array(case.weights))
    if first is not None:
        assert again is not None
        assert worth(case, again.versions) == pytest.approx(worth(case, first.versions), abs=1e-6)


@given(cases())
@settings(max_examples=40, deadline=None)
def test_the_smallest_relaxation_exists_exactly_where_no_basis_does(case: Case) -> None:
    assert (least_excess(case.problem) == ()) == (best(case) is not None)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_a_version_is_avoidable_exactly_if_some_combination_avoids_it(case: Case) -> None:
    allowed = [choice for choice in every_choice(case.problem) if keeps_the_rules(case.problem, choice)]
    selector = Selector(case.problem, TOPICS)
    found = selector.select(np.array(case.weights))
    if found is not None:
        for chosen, version in found.versions.items():
            expected = any(choice.get(chosen) != version for choice in allowed)
            assert selector.avoidable(chosen, version) == expected
