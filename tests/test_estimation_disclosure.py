"""What leaves the office: small cells go, and nobody can work them out from what stays."""

import itertools
import math
from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InfeasibleError, InputError
from passgenau.estimation.disclosure import (
    Key,
    ProtectedTable,
    Rules,
    Table,
    audit,
    is_dominated,
    is_protected,
    protect,
    suppress,
    tabulate,
)
from passgenau.estimation.estimates import Estimate, Estimates
from passgenau.estimation.suppression import Cells, find_pattern
from passgenau.text import Text


def counts(table: dict[tuple[str, ...], int]) -> Table:
    """A table of counts from its inner cells."""
    names = [f"d{k}" for k in range(len(next(iter(table))))]
    rows = pl.DataFrame(
        [(*labels, n) for labels, n in table.items()],
        schema=dict.fromkeys(names, pl.String) | {"n": pl.Int64},
        orient="row",
    )
    return tabulate(rows, names, count="n")


def grid(numbers: list[list[int]]) -> Table:
    return counts({(f"r{i}", f"c{j}"): n for i, row in enumerate(numbers) for j, n in enumerate(row)})


def key(*labels: str) -> Key:
    return tuple((label,) if label else () for label in labels)


def statuses(table: ProtectedTable) -> dict[str, list[Key]]:
    out: dict[str, list[Key]] = {}
    for cell in table:
        out.setdefault(cell.status, []).append(cell.key)
    return out


def compatible_tables(table: Table, hidden: frozenset[Key]) -> Iterator[dict[Key, int]]:
    """All tables of whole numbers that agree with what is published, by trying every inner cell."""
    inner = [cell for cell in table.cells if all(cell.key)]
    known = {cell.key: cell.value for cell in table.cells if cell.key not in hidden}
    ranges = [[int(c.value)] if c.key not in hidden else range(int(c.value) + 13) for c in inner]
    for numbers in itertools.product(*ranges):
        sums: dict[Key, int] = {}
        for cell, number in zip(inner, numbers, strict=True):
            for total in itertools.product(*({(), path} for path in cell.key)):
                sums[total] = sums.get(total, 0) + number
        if all(sums[k] == value for k, value in known.items()):
            yield sums


small_grids = (
    st.integers(1, 4)
    .flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=4)
    )
    .filter(lambda rows: any(any(row) for row in rows))
)


def test_a_table_has_all_its_margins_and_its_empty_cells() -> None:
    rows = pl.DataFrame(
        {"state": ["A", "A", "B"], "town": ["x", "y", "z"], "size": ["S", "L", "S"], "staff": [1, 2, 4]}
    )
    table = tabulate(rows, [("state", "town"), "size"], value="staff")
    values = {cell.key: (cell.value, cell.count) for cell in table.cells}
    assert len(values) == (1 + 2 + 3) * (1 + 2)
    assert values[(), ()] == (7.0, 3)
    assert values[("A",), ()] == (3.0, 2)
    assert values[("A", "y"), ("S",)] == (0.0, 0)
    assert next(cell for cell in table.cells if cell.key == ((), ("S",))).largest == (4.0, 1.0)


def test_answers_of_one_organisation_are_one_contributor() -> None:
    rows = pl.DataFrame({"org": [1, 1, 2], "size": ["S", "S", "S"], "x": [3.0, 4.0, 5.0]})
    table = tabulate(rows, ["size"], value="x", unit="org")
    assert [(cell.value, cell.count, cell.largest) for cell in table.cells] == [(12.0, 2, (7.0, 5.0))] * 2


def test_weighted_rows_are_weighted_and_counted_unweighted() -> None:
    rows = pl.DataFrame({"size": ["S", "S", "L"], "w": [2.5, 1.5, 9.0]})
    table = tabulate(rows, ["size"], weight="w")
    assert [(cell.value, cell.count) for cell in table.cells] == [(13.0, 3), (9.0, 1), (4.0, 2)]
    assert not table.whole


def test_nothing_is_suppressed_where_nothing_is_small() -> None:
    table = grid([[5, 9], [12, 0]])
    protected = protect(table)
    assert statuses(protected) == {"published": [cell.key for cell in table.cells]}
    assert protected.statement.en == "All 9 cells are published; none is too small."


def test_one_small_cell_beside_a_published_total_takes_a_second_with_it() -> None:
    protected = protect(counts({("north",): 3, ("east",): 20, ("south",): 8, ("west",): 30}))
    assert statuses(protected)["primary"] == [key("north")]
    assert statuses(protected)["secondary"] == [key("south")]
    assert protected.statement.de == (
        "2 von 5 Zellen sind gesperrt: 1 wegen der Geheimhaltung (weniger als 5 Beitragende oder wenige, die "
        "überwiegen), 1, damit sich diese nicht zurückrechnen lassen."
    )


def test_two_small_cells_that_are_small_together_take_a_third_with_them() -> None:
    protected = protect(counts({("north",): 1, ("east",): 2, ("south",): 8, ("west",): 30}))
    assert statuses(protected)["secondary"] == [key("south")]


def test_a_small_cell_of_a_two_way_table_takes_the_smallest_rectangle_with_it() -> None:
    protected = protect(grid([[3, 20, 20], [20, 9, 40], [20, 40, 8]]))
    gone = statuses(protected)["secondary"]
    assert gone == [key("r0", "c2"), key("r2", "c0"), key("r2", "c2")]
    assert protected.optimal


def test_a_small_cell_alone_in_its_row_takes_its_margin_with_it() -> None:
    protected = protect(counts({("north",): 3}))
    assert statuses(protected) == {"primary": [key(""), key("north")]}


def test_a_small_district_takes_another_of_its_region_with_it() -> None:
    rows = pl.DataFrame({"region": [*"NNNSSS"], "district": [*"abcdef"], "n": [2, 9, 11, 6, 20, 7]})
    protected = protect(tabulate(rows, [("region", "district")], count="n"))
    assert statuses(protected)["primary"] == [(("N", "a"),)]
    assert statuses(protected)["secondary"] == [(("N", "b"),)]


def test_costs_by_values_keep_as_much_of_the_total_as_possible() -> None:
    table = grid([[3, 100, 6, 6], [100, 7, 5, 90], [6, 5, 50, 60]])
    by_cells, by_values = protect(table), protect(table, cost="values")

    def lost(protected: ProtectedTable) -> float:
        return sum(cell.value for cell in table.cells if cell.key in protected.suppressed)

    assert len(by_cells.suppressed) <= len(by_values.suppressed)
    assert lost(by_values) <= lost(by_cells)


def test_suppressed_cells_never_hold_a_number_and_say_so() -> None:
    frame = protect(counts({("north",): 3, ("south",): 8, ("west",): 30})).to_polars()
    assert frame.to_dict(as_series=False) == {
        "d0": [None, "north", "south", "west"],
        "value": [41.0, None, None, 30.0],
        "n": [41, None, None, 30],
        "status": ["published", "primary", "secondary", "published"],
    }


def test_the_release_does_not_tell_which_cells_are_small() -> None:
    frame = protect(counts({("north",): 3, ("south",): 8, ("west",): 30})).release()
    assert frame["status"].to_list() == ["published", "suppressed", "suppressed", "published"]


@settings(max_examples=40, deadline=None)
@given(small_grids)
def test_after_protection_every_small_cell_could_as_well_be_large_enough(numbers: list[list[int]]) -> None:
    table = grid(numbers)
    protected = protect(table)
    assert {c.key for c in table.cells if 0 < c.count < 5} == set(statuses(protected).get("primary", []))
    assert is_protected(table, protected.suppressed)
    for found in audit(table, protected.suppressed):
        if found.status == "primary":
            assert found.lower <= found.value - 1
            assert found.upper >= 5
    published = {cell.key: (cell.value, cell.count) for cell in protected if cell.status == "published"}
    assert published == {c.key: (c.value, c.count) for c in table.cells if c.key not in protected.suppressed}
    if all(n == 0 or n >= 5 for row in numbers for n in row):
        assert not protected.suppressed


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=3))
def test_the_attacker_finds_what_trying_every_table_finds(numbers: list[list[int]]) -> None:
    table = grid(numbers)
    hidden = frozenset(cell.key for cell in table.cells if 0 < cell.count < 4 and all(cell.key))
    possible = list(compatible_tables(table, hidden))
    for found in audit(table, hidden):
        seen = [sums[found.key] for sums in possible]
        assert (found.lower, found.upper) == (min(seen), max(seen))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=2))
def test_no_pattern_with_fewer_cells_protects(numbers: list[list[int]]) -> None:
    table = grid(numbers)
    protected = protect(table)
    if any((cell.key not in protected.suppressed) < all(cell.key) for cell in table.cells if not all(cell.key)):
        return  # margins cost more than cells; how many cells go is then not the measure
    primary = set(statuses(protected).get("primary", []))
    others = [cell.key for cell in table.cells if all(cell.key) and cell.count > 0 and cell.key not in primary]
    fewer = range(len(protected.suppressed) - len(primary))
    smaller = (primary | set(more) for size in fewer for more in itertools.combinations(others, size))
    assert not any(is_protected(table, pattern) for pattern in smaller)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.floats(0.1, 50)), min_size=1, max_size=60))
def test_hierarchical_totals_stay_protected_under_all_rules(rows: list[tuple[int, int, float]]) -> None:
    data = pl.DataFrame(
        {"region": [d % 2 for d, _, _ in rows], "district": [d for d, _, _ in rows], "size": [s for _, s, _ in rows],
         "staff": [x for _, _, x in rows]}
    )  # fmt: skip
    table = tabulate(data, [("region", "district"), "size"], value="staff")
    rules = Rules(threshold=3, percent=15, dominance=(2, 85))
    protected = protect(table, rules)
    assert is_protected(table, protected.suppressed, rules)
    for found in audit(table, protected.suppressed, rules):
        if found.status == "primary":
            assert found.safe
            assert found.lower <= found.value * 0.85 + 1e-6
            assert found.upper >= found.value * 1.15 - 1e-6


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=40), st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[tuple[str, str]], random: np.random.Generator) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    tables = [tabulate(pl.DataFrame(some, schema=["a", "b"], orient="row"), ["a", "b"]) for some in (rows, shuffled)]
    assert protect(tables[0]).to_polars().equals(protect(tables[1]).to_polars())


def test_a_large_table_is_protected_and_proven_to_lose_the_least() -> None:
    numbers = np.random.default_rng([7, 18]).negative_binomial(2, 0.07, size=(18, 18))
    table = grid(numbers.tolist())
    protected = protect(table)
    assert protected.optimal
    assert is_protected(table, protected.suppressed)


def test_the_auditor_finds_a_cell_that_can_be_recomputed() -> None:
    table = grid([[3, 20], [9, 8]])
    alone = audit(table, {key("r0", "c0")})
    assert [(found.lower, found.upper, found.safe) for found in alone] == [(3.0, 3.0, False)]
    assert not is_protected(table, {key("r0", "c0")})


def test_the_auditor_notices_a_small_cell_that_is_published() -> None:
    assert not is_protected(grid([[3, 20], [9, 8]]), set())


def test_the_auditor_does_not_let_two_contributors_hide_each_other() -> None:
    """Each of two lone contributors could subtract itself from what is missing to the total."""
    rows = pl.DataFrame({"size": ["L", "M", *["S"] * 9], "staff": [90.0, 80.0, *[10.0] * 9]})
    table = tabulate(rows, ["size"], value="staff")
    assert all(found.safe or found.status == "primary" for found in audit(table, {key("L"), key("M")}))
    assert not is_protected(table, {key("L"), key("M")}, Rules(threshold=3))
    assert protect(table, Rules(threshold=3)).suppressed == {key("L"), key("M"), key("S")}


def test_an_unknown_cell_cannot_be_audited() -> None:
    with pytest.raises(InputError, match="no cell d0 = r9, d1 = c0"):
        audit(grid([[3]]), {key("r9", "c0")})


@pytest.mark.parametrize(
    ("contributions", "rules", "dominated"),
    [
        ([100, 50, 10], Rules(percent=10), False),  # 10 left is just 10 % of 100
        ([100, 50, 9], Rules(percent=10), True),
        ([100, 50], Rules(percent=10), True),
        ([100], Rules(percent=10), True),
        ([60, 30, 10], Rules(percent=None, dominance=(2, 85)), True),
        ([50, 35, 15], Rules(percent=None, dominance=(2, 85)), False),  # 85 % is not more than 85 %
        ([60, 30, 10], Rules(percent=None, dominance=(1, 75)), False),
        ([], Rules(), False),
    ],
)
def test_totals_are_dominated_as_the_rules_say(contributions: list[float], rules: Rules, *, dominated: bool) -> None:
    assert is_dominated(contributions, rules) is dominated


def test_a_dominated_total_is_suppressed_however_many_contribute() -> None:
    rows = pl.DataFrame({"size": ["L"] * 9 + ["S"] * 21 + ["M"] * 20, "staff": [90.0, *[0.5] * 8, *[9.0] * 41]})
    protected = protect(tabulate(rows, ["size"], value="staff"))
    assert statuses(protected)["primary"] == [key("L")]
    assert statuses(protected)["secondary"] == [key("M")]
    assert protected[key("L")].value is None


def test_rules_on_contributions_need_contributions() -> None:
    rows = pl.DataFrame({"size": ["S", "L"], "n": [9, 8], "staff": [50.0, 70.0]})
    table = tabulate(rows, ["size"], value="staff", count="n")
    with pytest.raises(DesignError, match="the table knows sums only"):
        protect(table)
    assert not protect(table, Rules(percent=None)).suppressed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 0}, "threshold of 0"),
        ({"percent": 0.0}, "not 0"),
        ({"dominance": (0, 80.0)}, r"not \(0, 80\)"),
        ({"dominance": (2, 100.0)}, r"not \(2, 100\)"),
    ],
)
def test_rules_that_protect_nobody_are_refused(arguments: Mapping[str, object], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        Rules(**arguments)  # type: ignore[arg-type]


def test_wrong_rows_are_named() -> None:
    rows = pl.DataFrame({"size": ["S", None], "staff": [1.0, -2.0]})
    with pytest.raises(InputError, match="Row 2 of the data: no value"):
        tabulate(rows, ["size"])
    with pytest.raises(InputError, match="-2 is not possible"):
        tabulate(rows.fill_null("L"), ["size"], value="staff")
    with pytest.raises(InputError, match='no column "town"'):
        tabulate(rows, ["town"])
    with pytest.raises(DesignError, match="at least one dimension"):
        tabulate(rows, [])
    with pytest.raises(DesignError, match="no rows"):
        tabulate(rows.clear(), ["size"])


def test_cells_that_cannot_be_protected_are_an_error() -> None:
    cells = Cells(
        values=np.array([30.0, 3.0, 27.0]), units=np.array([30, 3, 27]), equations=((0, (1, 2)),),
        primary=np.array([False, True, False]), up=np.array([0.0, 2.0, 0.0]), down=np.array([0.0, 1.0, 0.0]),
        threshold=5, whole=True,
    )  # fmt: skip
    with pytest.raises(InfeasibleError):
        find_pattern(cells, np.ones(3), np.zeros(3, dtype=np.bool_))


def share(by: dict[str, str], base: int, yes: int, level: str | None = None, item: str = "plan") -> Estimate:
    p = yes / base
    return Estimate(item, level, by, "proportion", p, 0.1, 0.0, 1.0, 9.0, 1.0, base, base, 10.0 * base, "wilson", 0.95)  # type: ignore[arg-type]


def estimates(*rows: Estimate) -> Estimates:
    covariance = np.arange(float(len(rows) ** 2)).reshape(len(rows), -1)
    return Estimates(rows, covariance, Text("m"), (), "memory")


def gone(found: Estimates) -> list[int]:
    return [k for k, row in enumerate(found) if row.suppressed]


def by_region(*bases: int) -> list[Estimate]:
    return [share({"region": f"r{k}"}, base, base // 2) for k, base in enumerate(bases)]


def test_estimates_of_large_domains_stay_as_they_are() -> None:
    before = estimates(*by_region(5, 8, 30))
    after = suppress(before, 5)
    assert after.rows == before.rows
    assert after.notes == ()
    assert np.array_equal(after.covariance, before.covariance)  # type: ignore[arg-type]


def test_one_small_domain_takes_the_smallest_other_with_it() -> None:
    assert gone(suppress(estimates(*by_region(4, 20, 9, 30)), 5)) == [0, 2]


def test_without_a_published_total_a_small_domain_goes_alone() -> None:
    assert gone(suppress(estimates(*by_region(4, 20, 9, 30)), 5, margins=False)) == [0]


def test_a_total_among_the_rows_counts_as_published() -> None:
    rows = [*by_region(4, 20, 9, 30), share({}, 63, 30)]
    assert gone(suppress(estimates(*rows), 5, margins=False)) == [0, 2]


def test_suppressed_estimates_hold_no_number() -> None:
    after = suppress(estimates(*by_region(4, 20, 9, 30)), 5)
    row = after[0]
    numbers = (row.estimate, row.se, row.lower, row.upper, row.df, row.deff, row.population)
    assert all(math.isnan(number) for number in numbers)
    assert (row.base, row.base_units, row.count_lower, row.suppressed) == (0, 0, None, True)
    assert after.covariance is not None
    assert np.isnan(after.covariance).tolist() == [
        [True, True, True, True], [True, False, True, False], [True, True, True, True], [True, False, True, False],
    ]  # fmt: skip
    assert after.notes[0].en == (
        "2 of 4 figures are suppressed because they rest on fewer than 5 answers, or because such figures could "
        "otherwise be recomputed."
    )


def test_two_way_domains_are_protected_in_both_directions() -> None:
    bases = {("N", "S"): 3, ("N", "L"): 20, ("S", "S"): 20, ("S", "L"): 9, ("W", "S"): 40, ("W", "L"): 41}
    rows = [share({"region": a, "size": b}, n, n // 2) for (a, b), n in bases.items()]
    assert gone(suppress(estimates(*rows), 5)) == [0, 1, 2, 3]


def test_totals_that_must_not_be_published_elsewhere_are_named() -> None:
    rows = [share({"region": a, "size": "S"}, n, n // 2) for a, n in (("N", 3), ("S", 20), ("W", 9))]
    found = suppress(estimates(*rows), 5)
    assert found.notes[1].en == ("These totals must not be published anywhere either: region = N; region = W.")
    assert gone(found) == [0, 2]


def test_all_categories_of_a_small_domain_go_together() -> None:
    rows = [share({"r": r}, n, n // 3, level) for level in ("a", "b", "c") for r, n in (("N", 3), ("S", 9), ("W", 30))]
    assert gone(suppress(estimates(*rows), 5)) == [0, 1, 3, 4, 6, 7]


def test_every_item_goes_by_its_own_base() -> None:
    rows = [*by_region(4, 20, 9), *(share({"region": f"r{k}"}, 20, 9, item="other") for k in range(3))]
    assert gone(suppress(estimates(*rows), 5)) == [0, 2]


@pytest.mark.parametrize(("yes", "out"), [(0, [0]), (4, [0]), (5, []), (15, []), (16, [0]), (20, [0])])
def test_of_confidential_answers_both_sides_must_be_large_enough(yes: int, out: list[int]) -> None:
    assert gone(suppress(estimates(share({}, 20, yes)), 5, sensitive=True)) == out
    assert gone(suppress(estimates(share({}, 20, yes)), 5)) == []


def test_of_confidential_answers_by_domain_a_second_domain_goes() -> None:
    rows = [share({"r": r}, n, k) for r, n, k in (("N", 20, 20), ("S", 40, 20), ("W", 30, 12))]
    assert gone(suppress(estimates(*rows), 5, sensitive=True)) == [0, 2]
    assert gone(suppress(estimates(*rows), 5, sensitive=True, margins=False)) == [0]


def test_of_confidential_categories_a_second_one_goes() -> None:
    rows = [share({}, 40, k, level) for level, k in (("a", 2), ("b", 8), ("c", 30))]
    assert gone(suppress(estimates(*rows), 5, sensitive=True)) == [0, 1]


def test_the_threshold_can_count_organisations() -> None:
    row = Estimate("plan", None, {}, "proportion", 0.5, 0.1, 0.0, 1.0, 9.0, 1.0, 8, 4, 80.0, "wilson", 0.95)
    assert gone(suppress(estimates(row), 5)) == []
    assert gone(suppress(estimates(row), 5, units=True)) == [0]


def test_domains_by_different_columns_share_their_total() -> None:
    rows = [share({"r": r}, n, 1) for r, n in (("N", 3), ("S", 20), ("W", 9))]
    rows += [share({"s": s}, n, 1) for s, n in (("L", 12), ("M", 20))]
    assert gone(suppress(estimates(*rows), 5)) == [0, 2]
