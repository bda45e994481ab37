"""Who is offered beyond the Basis, whatever the wishes are."""

from curriculum_toy import decisions, module
from hypothesis import given
from hypothesis import strategies as st

from passgenau.curriculum.electives import Offer, Pool, least_persons, offer

RULES = decisions().programmes[0].model_copy(update={"persons_expected": 40, "electives_per_person": 2})
TOPICS = ("a", "b", "c", "d")
SHARES = st.lists(st.integers(0, 100), min_size=4, max_size=4)


def pool_of(sizes: list[int]) -> Pool:
    modules = tuple(
        module(f"m{i}", "x", TOPICS[i % 4], {"full": 4}, group={"min": size, "max": 30}) for i, size in enumerate(sizes)
    )
    return Pool(modules, RULES)


def offered(sizes: list[int], shares: list[int]) -> Offer:
    return offer(pool_of(sizes), (), {t: s / 100 for t, s in zip(TOPICS, shares, strict=True)})


@given(st.lists(st.integers(1, 20), min_size=1, max_size=7), SHARES)
def test_every_elective_reaches_its_minimum_and_seats_suffice(sizes: list[int], shares: list[int]) -> None:
    found = offered(sizes, shares)
    known = {m.id: m for m in pool_of(sizes).modules}
    assert all(found.expected[m] >= least_persons(known[m], RULES) for m in found.ranked)
    assert sum(found.expected[m] for m in found.ranked) <= 40 * 2 + 1e-9


@given(st.lists(st.integers(1, 20), min_size=1, max_size=7), SHARES, st.integers(0, 3), st.integers(1, 100))
def test_more_wishes_never_cost_electives_their_place_nor_their_topic_its_rank(
    sizes: list[int], shares: list[int], raised: int, by: int
) -> None:
    more = [min(100, s + by) if i == raised else s for i, s in enumerate(shares)]
    before, after = offered(sizes, shares).ranked, offered(sizes, more).ranked
    on_topic = {f"m{index}" for index in range(raised, len(sizes), 4)}
    kept = [name for name in before if name in on_topic]
    assert set(kept) <= set(after)
    if kept:
        first = min(after.index(name) for name in after if name in on_topic)
        assert first <= before.index(kept[0])
