"""Blocks of whole days, compared with trying every way."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.curriculum.packing import Packing, calendar_days, pack

SIZES = st.lists(st.sampled_from([2, 3, 4, 6, 8]), min_size=3, max_size=6)
CHAINS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4)


def packing_of(sizes: list[int], chains: set[tuple[int, int]], blocks: int = 3) -> Packing:
    """Modules m0, m1, …; of every pair in `chains` the smaller number comes before the larger."""
    order = tuple(f"m{i}" for i in range(len(sizes)))
    before: dict[str, list[str]] = {m: [] for m in order}
    for pair in chains:
        first, then = min(pair), max(pair)
        if first < then < len(sizes):
            before[f"m{then}"].append(f"m{first}")
    return Packing(order, dict(zip(order, sizes, strict=True)), before, {}, blocks, 8)


def days(packing: Packing, block_of: dict[str, int]) -> int:
    units = [sum(packing.units[m] for m in packing.order if block_of[m] == b) for b in range(packing.blocks)]
    return sum(calendar_days(u, packing.units_per_day) for u in units)


def fewest_days(packing: Packing) -> int:
    found = []
    for blocks in itertools.product(range(packing.blocks), repeat=len(packing.order)):
        block_of = dict(zip(packing.order, blocks, strict=True))
        kept = all(block_of[p] <= block_of[m] for m in packing.order for p in packing.before[m])
        if kept and len(set(blocks)) == packing.blocks:
            found.append(days(packing, block_of))
    return min(found)


@settings(max_examples=40, deadline=None)
@given(SIZES, CHAINS)
def test_blocks_take_the_fewest_days_that_prerequisites_allow(sizes: list[int], chains: set[tuple[int, int]]) -> None:
    packing = packing_of(sizes, chains)
    parts = pack(packing)
    assert parts is not None
    assert sorted(m for part in parts for m in part) == sorted(packing.order)
    assert all(parts)
    block_of = {m: block for block, part in enumerate(parts) for m in part}
    assert all(block_of[p] <= block_of[m] for m in packing.order for p in packing.before[m])
    assert days(packing, block_of) == fewest_days(packing)


def test_the_order_stands_where_days_do_not_ask_for_more() -> None:
    assert pack(packing_of([4, 4, 2, 6, 8], set())) == (("m0", "m1"), ("m2", "m3"), ("m4",))


def test_modules_change_blocks_to_fill_whole_days() -> None:
    parts = pack(packing_of([6, 6, 2, 2], set(), blocks=2))
    assert parts is not None
    assert [sorted(part) for part in parts] in ([["m0", "m2"], ["m1", "m3"]], [["m0", "m3"], ["m1", "m2"]])


def test_every_block_has_a_recurring_field_before_days_are_saved() -> None:
    packing = packing_of([4, 4, 6, 2], set(), blocks=2)
    recurring = Packing(packing.order, packing.units, packing.before, {"m0": "net", "m1": "net"}, 2, 8)
    parts = pack(recurring)
    assert parts is not None
    assert ["m0" in part or "m1" in part for part in parts] == [True, True]
