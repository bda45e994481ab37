"""Several answers of one organisation: one row by a stated rule, a shared weight, or a cluster."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.repeated import Rule, combine_answers, keep_answers, share_weight
from passgenau.estimation.survey import Survey
from passgenau.text import Text

ORACLES = Path(__file__).parent / "oracles"
ITEMS = [f"i{k:02}" for k in range(1, 31)]
OF_THE_SHEET = ("rec", "need", "staff", "budget", "timing")

SHEETS = pl.DataFrame(
    {
        "town": ["Aue", "Aue", "Aue", "Bad Lahr", "Bad Lahr", "Calw"],
        "district": ["east", "east", "east", "west", "west", "west"],
        "sent": [3, 1, 2, 1, 2, 1],
        "yes": [0, 1, None, None, None, 1],
        "staff": [1.0, 2.0, 6.0, None, 4.0, 5.0],
    }
)


def municipalities() -> pl.DataFrame:
    return pl.read_csv(ORACLES / "data" / "kommune_a.csv")


def oracle(case: str) -> dict[str, list[float]]:
    cases = json.loads((ORACLES / "01_basic.json").read_text(encoding="utf-8"))["cases"]
    result: dict[str, list[float]] = next(found["result"] for found in cases if found["id"] == case)
    return result


def mean_and_error(table: pl.DataFrame, item: str, design: Design) -> tuple[float, float]:
    survey = Survey.of(table, design)
    y = survey.numbers(item)
    there = ~np.isnan(y)
    size = float(survey.weight[there].sum())
    mean = float((survey.weight * np.where(there, y, 0.0)).sum() / size)
    influence = np.where(there, np.nan_to_num(y) - mean, 0.0) / size
    return mean, float(np.sqrt(survey.covariance(influence)[0, 0]))


@pytest.mark.parametrize(
    ("rule", "yes"),
    [("any", [1, None, 1]), ("all", [0, None, 1]), ("mean", [0.5, None, 1.0]), ("latest", [0, None, 1])],
)
def test_every_rule_makes_one_row_of_all_answers(rule: Rule, yes: list[float | None]) -> None:
    combined = combine_answers(SHEETS, "town", ["yes"], rule, order="sent", drop=["staff", "sent"])
    assert combined.table.to_dict(as_series=False) == {
        "town": ["Aue", "Bad Lahr", "Calw"],
        "district": ["east", "west", "west"],
        "yes": yes,
        "answers": [3, 2, 1],
    }


def test_the_latest_answer_to_an_item_may_stand_in_an_earlier_sheet_than_the_last() -> None:
    table = SHEETS.with_columns(pl.Series("sent", [1, 2, 3, 1, 2, 1]))
    combined = combine_answers(table, "town", ["yes", "staff"], "latest", order="sent").table
    assert combined["yes"].to_list() == [1, None, 1]
    assert combined["staff"].to_list() == [6.0, 4.0, 5.0]


def test_the_latest_answer_goes_by_dates_and_words_too() -> None:
    table = pl.DataFrame(
        {"org": [1, 1], "day": [dt.date(2026, 5, 2), dt.date(2026, 4, 30)], "when": ["before", "during"]}
    )
    assert combine_answers(table, "org", ["when"], "latest", order="day").table["when"].to_list() == ["before"]


def test_an_item_keeps_its_own_base() -> None:
    table = combine_answers(SHEETS, "town", ["yes", "staff"], "mean", drop=["sent"]).table
    assert table.select(pl.col("yes", "staff").count()).row(0) == (2, 3)


def test_missing_numbers_written_as_nan_are_missing() -> None:
    table = pl.DataFrame({"org": [1, 1, 2], "y": [float("nan"), 1.0, float("nan")]})
    assert combine_answers(table, "org", ["y"], "all").table["y"].to_list() == [1.0, None]


@pytest.mark.parametrize("rule", ["any", "all", "mean", "latest"])
def test_the_synthetic_municipalities_are_combined_as_by_hand(rule: Rule) -> None:
    table = municipalities()
    combined = combine_answers(table, "org", ITEMS, rule, order="rec", drop=OF_THE_SHEET, count="sheets")
    by_hand = {
        "any": [pl.col(i).max() for i in ITEMS],
        "all": [pl.col(i).min() for i in ITEMS],
        "mean": [pl.col(i).mean() for i in ITEMS],
        "latest": [pl.col(i).drop_nulls().last() for i in ITEMS],
    }[rule]
    expected = table.sort("rec").group_by("org").agg(by_hand).sort("org")
    assert combined.table.select("org", *ITEMS).equals(expected)
    assert combined.table["sheets"].to_list() == combined.table["m"].to_list()
    assert (combined.organisations, combined.answers, combined.repeated) == (100, 111, 11)


def test_without_repeated_answers_every_rule_gives_the_answers_themselves() -> None:
    table = municipalities().unique("org", keep="first").sort("org")
    for rule in ("any", "all", "latest"):
        combined = combine_answers(table, "org", ITEMS, rule, order="rec", drop=OF_THE_SHEET[1:]).table
        assert combined.select("org", *ITEMS).equals(table.select("org", *ITEMS))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0.0, 1.0, None])), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_the_rules_are_ordered_and_do_not_see_the_order_of_rows(
    rows: list[tuple[int, float | None]], random: np.random.Generator
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    found = {}
    for rule in ("all", "mean", "any"):
        tables = [
            combine_answers(
                pl.DataFrame(some, schema={"org": pl.Int64, "y": pl.Float64}, orient="row"), "org", ["y"], rule
            )
            for some in (rows, shuffled)
        ]
        assert tables[0].table.equals(tables[1].table)
        found[rule] = tables[0].table["y"]
    assert (found["all"].fill_null(0) <= found["mean"].fill_null(0)).all()
    assert (found["mean"].fill_null(0) <= found["any"].fill_null(0)).all()


def test_the_shared_weight_is_the_weight_of_an_organisation_by_its_answers() -> None:
    shared = share_weight(municipalities(), "org", "w")
    assert shared.table["w_shared"].to_list() == pytest.approx(shared.table["w_org"].to_list(), rel=1e-14)
    assert shared.table.columns[-1] == "w_shared"


@pytest.mark.parametrize("item", ["staff", "i01"])
def test_both_estimands_agree_with_the_reference_results(item: str) -> None:
    answers = keep_answers(municipalities(), "org")
    organisations = share_weight(municipalities(), "org", "w")
    for table, weight, case in (
        (answers.table, "w", "kommune_a.mean"),
        (organisations.table, "w_shared", "kommune_a_worg.mean"),
    ):
        found = mean_and_error(table, item, Design(weight=weight, strata="type", ids=("org",), fpc=("N_type",)))
        expected = oracle(case)
        at = expected["name"].index(item)
        assert found == pytest.approx((expected["est"][at], expected["se"][at]), rel=1e-9)


def test_the_mean_rule_estimates_what_the_shared_weight_estimates_where_nothing_is_missing() -> None:
    design = Design(weight="w", strata="type", ids=("org",), fpc=("N_type",))
    combined = combine_answers(municipalities(), "org", ["i01"], "mean", drop=[*OF_THE_SHEET, *ITEMS[1:]])
    expected = oracle("kommune_a_worg.mean")
    at = expected["name"].index("i01")
    assert mean_and_error(combined.table, "i01", design) == pytest.approx(
        (expected["est"][at], expected["se"][at]), rel=1e-9
    )


def test_the_statement_says_what_is_estimated_and_by_which_rule() -> None:
    kept = keep_answers(SHEETS, "town")
    assert (kept.estimand, kept.rule) == ("answers", "keep")
    assert kept.statement == Text(
        "Geschätzt werden Anteile und Werte der Bögen, nicht der Organisationen: 2 von 3 Organisationen haben mehrere "
        "Bögen geschickt (6 Bögen); jeder Bogen zählt, und die Bögen einer Organisation gehen als eine Gruppe in die "
        "Unsicherheit ein.",
        "The estimates are about answers, not organisations: 2 of 3 organisations sent several answers (6 answers); "
        "every answer counts, and the answers of one organisation enter the uncertainty as one cluster.",
    )
    combined = combine_answers(SHEETS, "town", ["yes"], "any", drop=["sent", "staff"])
    assert combined.estimand == "organisations"
    assert combined.statement.en == (
        "The estimates are about organisations: 2 of 3 organisations sent several answers (6 answers); every "
        "organisation counts once, a yes counts as soon as one of its answers says yes."
    )


def test_a_tie_in_the_order_names_the_organisation() -> None:
    with pytest.raises(InputError) as caught:
        combine_answers(SHEETS.with_columns(sent=pl.lit(2)), "town", ["yes"], "latest", order="sent", drop=["staff"])
    assert caught.value.format("en") == (
        'field sent: "Aue" has several answers with the same value 2; which one is later stays open.\n'
        "  Make the order unique or choose another rule: any, all, mean."
    )


def test_a_column_that_differs_within_an_organisation_is_named() -> None:
    with pytest.raises(InputError) as caught:
        combine_answers(SHEETS, "town", ["yes"], drop=["sent"])
    assert caught.value.format("de") == (
        "Feld staff: „Aue“ hat verschiedene Werte in einer Spalte, die in allen ihren Bögen gleich sein muss: "
        "1.0, 2.0, 6.0.\n  Die Spalte unter „items“ (zusammenfassen) oder „drop“ (weglassen) nennen oder die Daten "
        "berichtigen."
    )


def test_a_missing_value_beside_another_is_a_difference() -> None:
    table = pl.DataFrame({"org": [1, 1], "size": ["S", None], "y": [1, 0]})
    with pytest.raises(InputError, match="S, missing"):
        combine_answers(table, "org", ["y"])


def test_a_weight_that_differs_within_an_organisation_cannot_be_shared() -> None:
    with pytest.raises(InputError, match='"1" has different values'):
        share_weight(pl.DataFrame({"org": [1, 1], "w": [1.0, 2.0]}), "org", "w")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"organisation": "place"}, 'no column "place"'),
        ({"items": ["no"]}, 'no column "no"'),
        ({"items": ["staff"], "drop": ["yes", "sent"]}, "2 is neither 0 nor 1"),
        ({"items": ["district"], "rule": "mean"}, '"east" is not a number'),
        ({"count": "district"}, 'a column "district" already'),
        ({"drop": ["colour"]}, 'no column "colour"'),
    ],
)
def test_wrong_input_is_named(change: dict[str, object], message: str) -> None:
    arguments = {"organisation": "town", "items": ["yes"], "drop": ["sent", "staff"], **change}
    with pytest.raises(InputError, match=message):
        combine_answers(SHEETS, **arguments)  # type: ignore[arg-type]


def test_an_answer_without_organisation_is_an_error() -> None:
    table = pl.DataFrame({"org": [1, None], "y": [1, 0], "w": [1.0, 1.0]})
    for attempt in (
        lambda: combine_answers(table, "org", ["y"]),
        lambda: share_weight(table, "org", "w"),
        lambda: keep_answers(table, "org"),
    ):
        with pytest.raises(InputError, match="Row 2 of the data: no value"):
            attempt()


def test_a_negative_weight_is_an_error() -> None:
    with pytest.raises(InputError, match="-1 is not a weight"):
        share_weight(pl.DataFrame({"org": [1], "w": [-1.0]}), "org", "w")


def test_an_unknown_rule_or_one_without_its_order_is_an_error() -> None:
    with pytest.raises(DesignError, match=r'No rule "most".*any, all, mean, latest'):
        combine_answers(SHEETS, "town", ["yes"], "most")  # type: ignore[arg-type]
    with pytest.raises(DesignError, match="their order or date"):
        combine_answers(SHEETS, "town", ["yes"], "latest")


def test_a_table_without_rows_is_an_error() -> None:
    with pytest.raises(DesignError, match="no rows"):
        combine_answers(SHEETS.clear(), "town", ["yes"])
