"""Wishes from answers: draws of whole populations, in which wishes that go together stay together."""

import numpy as np
import pytest
from answers_toy import WEIGHTS, district, findings, many, prepared, sheet, town
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.curriculum.catalogue import Topic
from passgenau.findings import Prepared, wish_answers
from passgenau.needs import Needs, assess, draw_populations
from passgenau.text import Text

TOPICS = tuple(Topic(id=t, title=Text(t), kind="method") for t in ("care", "housing", "press"))


def needs_of(ready: Prepared, draws: int = 400, threshold: int = 5) -> Needs:
    return assess(
        findings(ready, threshold=threshold),
        TOPICS,
        ("districts", "towns"),
        draws=draws,
        seed=1,
        answers=wish_answers(ready),
    )


def test_a_wish_from_answers_says_that_it_is_estimated() -> None:
    wish = needs_of(prepared(many())).wishes["towns", "housing"]
    assert (wish.status, wish.share, wish.base_units, wish.population) == ("estimated", 1.0, 20, 40)
    assert wish.source_ids == ("towns.wishes.housing",)
    assert wish.printed is None


def test_what_was_not_asked_and_what_too_few_answered_stay_apart() -> None:
    sheets = [sheet(town(n), "1", "0") for n in range(10)] + [sheet(district(0), "1", "0")]
    wishes = needs_of(prepared(sheets)).wishes
    assert wishes["towns", "press"].status == "not_asked"
    assert (wishes["districts", "care"].status, wishes["districts", "care"].share) == ("asked_no_number", None)


def test_opposite_wishes_are_opposite_in_every_draw() -> None:
    sheets = [sheet(town(n), "1" if n % 3 else "0", "0" if n % 3 else "1") for n in range(15)]
    drawn = needs_of(prepared(sheets)).draws["towns"]
    assert drawn[:, 0] + drawn[:, 1] == pytest.approx(np.ones(len(drawn)))
    assert drawn[:, 0].std() > 0.03


def test_draws_lie_around_the_weighted_share() -> None:
    needs = needs_of(prepared(many(), weights=WEIGHTS), draws=4000)
    share = needs.wishes["districts", "housing"].share
    assert needs.draws["districts"][:, 1].mean() == pytest.approx(share, abs=0.01)


def test_within_the_classes_that_are_weighted_by_nothing_is_left_to_chance() -> None:
    # All larger towns and none of the others want it, and how many there are of each is known.
    drawn = needs_of(prepared(many(), weights=WEIGHTS)).draws["towns"]
    assert drawn[:, 0] == pytest.approx(np.full(len(drawn), 10 / 40))


def test_the_same_seed_gives_the_same_draws_and_a_topic_more_changes_none() -> None:
    ready = prepared(many())
    first, again = needs_of(ready), needs_of(ready)
    fewer = assess(findings(ready), TOPICS[:1], ("towns",), draws=400, seed=1, answers=wish_answers(ready))
    assert (first.draws["towns"] == again.draws["towns"]).all()
    assert (first.draws["towns"][:, 0] == fewer.draws["towns"][:, 0]).all()


def test_who_did_not_answer_an_item_does_not_count_for_it() -> None:
    sheets = [sheet(town(n), "1" if n % 2 else "0", "1") for n in range(10)]
    sheets += [sheet(town(n), None, None, "yes") for n in range(10, 20)]
    drawn = needs_of(prepared(sheets), draws=2000).draws["towns"]
    assert drawn[:, 0].mean() == pytest.approx(0.5, abs=0.02)
    assert drawn[:, 1] == pytest.approx(np.ones(2000))


@given(
    sizes=st.lists(st.tuples(st.integers(1, 8), st.integers(0, 30)), min_size=1, max_size=4),
    seed=st.integers(0, 100),
)
@settings(max_examples=30)
def test_every_drawn_population_has_the_size_of_its_cells(sizes: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    answered = np.array([n for n, _ in sizes])
    population = answered + np.array([unseen for _, unseen in sizes])
    cell = np.repeat(np.arange(len(sizes)), answered)
    weight = rng.uniform(0.5, 4, size=len(cell))
    copies = draw_populations(weight, cell, population, 20, rng)
    assert (copies >= 1).all()
    for index, size in enumerate(population):
        assert copies[:, cell == index].sum(axis=1) == pytest.approx(np.full(20, size))


def test_equal_weights_give_the_spread_of_the_polya_posterior() -> None:
    # Ghosh & Meeden: for k of n and N, the variance is p(1 − p)/n · (N − n)/N · n/(n + 1).
    n, population, yes = 20, 60, 8
    weight, cell = np.full(n, 3.0), np.zeros(n, dtype=np.int64)
    copies = draw_populations(weight, cell, np.array([population]), 40_000, np.random.default_rng(2))
    shares = copies[:, :yes].sum(axis=1) / population
    expected = 0.4 * 0.6 / n * (population - n) / population * n / (n + 1)
    assert shares.mean() == pytest.approx(0.4, abs=0.005)
    assert shares.var() == pytest.approx(expected, rel=0.05)
