"""Wishes and their draws, from findings made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passgenau.curriculum.catalogue import Topic
from passgenau.findings.model import Assumptions, Estimate, Findings, WordedResult
from passgenau.needs import AssumedShare, Needs, assess, draw_share
from passgenau.survey.questionnaire import Kind
from passgenau.text import Text

TOPICS = tuple(Topic(id=t, title=Text(t), kind="method") for t in ("projects", "data", "press", "roles"))


def estimate(topic: str | None, value: float | None, *, kind: Kind = "wish", **changes: object) -> Estimate:
    given = {
        "source_id": f"D-{topic}",
        "audience": "districts",
        "question": "q",
        "item": "i",
        "topic": topic,
        "kind": kind,
        "printed": "70 %",
        "value": value,
        "answered_lower": None,
        "answered_upper": None,
        "lower": 0.5,
        "upper": 0.85,
        "base_answers": 24,
        "base_units": 21,
        "population": 35,
        "count_lower": 18,
        "count_upper": 30,
        "method": "m",
        "possibility": None,
        "unit_counts": ((14, 21), (15, 21)),
        "note": None,
    }
    return Estimate(**{**given, **changes})  # type: ignore[arg-type]


def worded(topic: str, audience: str = "districts") -> WordedResult:
    return WordedResult(f"W-{topic}", audience, "q", "i", topic, "wish", "eher", "…")


def findings(*estimates: Estimate, words: tuple[WordedResult, ...] = ()) -> Findings:
    return Findings((), estimates, words, (), Text(""), (), (), Assumptions())


def assumption(topic: str, low: float, high: float) -> AssumedShare:
    return AssumedShare(decided_by="we", why=Text("w"), topic=topic, audience="districts", low=low, high=high)


def needs_of(found: Findings, *assumed: AssumedShare, draws: int = 200, seed: int = 1) -> Needs:
    return assess(found, TOPICS, ("districts", "towns"), assumed, draws=draws, seed=seed)


def test_the_three_statuses_stay_distinct() -> None:
    needs = needs_of(findings(estimate("projects", 0.7), words=(worded("data"),)))
    status = {topic: needs.wishes["districts", topic].status for topic in needs.topics}
    assert status == {
        "projects": "published",
        "data": "asked_no_number",
        "press": "not_asked",
        "roles": "not_asked",
    }
    assert needs.wishes["districts", "data"].share is None
    assert needs.wishes["districts", "data"].source_ids == ("W-data",)


def test_a_topic_asked_of_one_audience_counts_as_asked_of_the_other() -> None:
    needs = needs_of(findings(estimate("projects", 0.7)))
    assert needs.wishes["towns", "projects"].status == "asked_no_number"


def test_what_is_no_training_question_decides_nothing() -> None:
    needs = needs_of(findings(estimate("projects", 0.7, kind="context")))
    assert needs.wishes["districts", "projects"].status == "not_asked"
    assert not needs.draws["districts"].any()


def test_a_wish_carries_its_context() -> None:
    wish = needs_of(findings(estimate("projects", 0.7))).wishes["districts", "projects"]
    assert (wish.share, wish.lower, wish.upper, wish.assumed) == (0.7, 0.5, 0.85, False)
    assert (wish.printed, wish.base_answers, wish.base_units, wish.population) == ("70 %", 24, 21, 35)


def test_of_several_answers_on_a_topic_the_largest_speaks_and_all_are_named() -> None:
    found = findings(estimate("data", 0.4, source_id="A"), estimate("data", 0.6, source_id="B"))
    wish = needs_of(found).wishes["districts", "data"]
    assert (wish.share, wish.source_ids) == (0.6, ("A", "B"))


def test_an_assumed_range_stands_in_for_a_missing_number_and_says_so() -> None:
    needs = needs_of(findings(words=(worded("data"),)), assumption("data", 0.3, 0.6))
    wish = needs.wishes["districts", "data"]
    assert (wish.status, wish.lower, wish.upper, wish.assumed) == ("asked_no_number", 0.3, 0.6, True)
    assert wish.share == pytest.approx(0.45)
    drawn = needs.draws["districts"][:, needs.topics.index("data")]
    assert drawn.min() >= 0.3
    assert drawn.max() <= 0.6
    assert drawn.std() > 0.05


def test_an_assumption_never_replaces_a_published_number_or_a_question_never_asked() -> None:
    needs = needs_of(findings(estimate("projects", 0.7)), assumption("projects", 0, 0.1), assumption("press", 0.9, 1))
    assert needs.wishes["districts", "projects"].share == 0.7
    assert needs.wishes["districts", "press"].status == "not_asked"


def test_what_is_unknown_draws_zero() -> None:
    needs = needs_of(findings(estimate("projects", 0.7), words=(worded("data"),)))
    columns = [needs.topics.index(t) for t in ("data", "press", "roles")]
    assert not needs.draws["districts"][:, columns].any()


def test_draws_repeat_with_the_seed_and_differ_without_it() -> None:
    found = findings(estimate("projects", 0.7))
    first, again, other = needs_of(found), needs_of(found), needs_of(found, seed=2)
    assert np.array_equal(first.draws["districts"], again.draws["districts"])
    assert not np.array_equal(first.draws["districts"], other.draws["districts"])


def test_another_topic_leaves_the_draws_of_the_first_as_they_were() -> None:
    alone = needs_of(findings(estimate("projects", 0.7)))
    both = needs_of(findings(estimate("projects", 0.7), estimate("press", 0.2, unit_counts=((4, 21),))))
    assert np.array_equal(alone.draws["districts"][:, 0], both.draws["districts"][:, 0])


def test_a_full_count_draws_the_truth() -> None:
    drawn = draw_share(estimate("projects", 0.4, unit_counts=((14, 35),)), 50, np.random.default_rng(1))
    assert set(drawn) == {0.4}


def test_draws_centre_on_what_the_counts_say() -> None:
    drawn = draw_share(estimate("projects", 0.7, unit_counts=((14, 21),)), 20_000, np.random.default_rng(3))
    unseen = (14 + 0.5) / (21 + 1)  # mean of the beta that Jeffreys' prior leads to
    assert drawn.mean() == pytest.approx((14 + 14 * unseen) / 35, abs=0.005)


@given(yes=st.integers(0, 30), no=st.integers(0, 30), unseen=st.integers(0, 1000), seed=st.integers(0, 2**32 - 1))
def test_draws_are_shares_that_the_answers_allow(yes: int, no: int, unseen: int, seed: int) -> None:
    population = yes + no + unseen
    if yes + no == 0:
        return
    one = estimate("projects", 0.5, unit_counts=((yes, yes + no),), population=population)
    drawn = draw_share(one, 20, np.random.default_rng(seed))
    assert (drawn >= yes / population - 1e-12).all()
    assert (drawn <= (yes + unseen) / population + 1e-12).all()
