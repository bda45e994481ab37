"""Summaries of agreement scales: every number is the estimate it claims to be, on the base it claims."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.estimation.design import Design
from passgenau.estimation.estimating import estimate
from passgenau.estimation.likert_scale import likert
from passgenau.estimation.replicates import replicate
from passgenau.estimation.survey import Survey

LEVELS = ["gar nicht", "eher nicht", "teils", "eher", "sehr"]
CODES = [5, 4, 4, 2, 1, None, 3, 5, 9, 2, 4, 1, 3, None, 5, 4]
TABLE = pl.DataFrame(
    {
        "agree": [None if c is None else "weiß nicht" if c == 9 else LEVELS[c - 1] for c in CODES],
        "code": CODES,
        "plain": [c if c != 9 else None for c in CODES],
        "kind": ["county", "town"] * 8,
        "N": [12, 40] * 8,
        "w": [1.5, 5.0] * 7 + [2.0, 6.0],
        "unit": [1, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    }
)
SURVEY = Survey.of(TABLE, Design(weight="w", strata="kind", ids=("unit",), fpc=("N",)))
ASIDE = ["weiß nicht"]


def test_the_mean_is_that_of_the_scores() -> None:
    found = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    plain = estimate(SURVEY, "plain", estimator="mean")[0]
    assert (found.mean.estimate, found.mean.se) == pytest.approx((plain.estimate, plain.se))
    assert (found.mean.lower, found.mean.upper) == pytest.approx((plain.lower, plain.upper))
    assert found.base == plain.base == 13


def test_answers_aside_and_missing_ones_stay_out_of_the_mean_and_are_reported() -> None:
    found = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    assert found.missing == 2
    beside = found.aside[0]
    assert beside.level == "weiß nicht"
    assert beside.base == 14
    answered = TABLE.filter(pl.col("agree").is_not_null())
    share = answered.filter(pl.col("agree") == "weiß nicht")["w"].sum() / answered["w"].sum()
    assert beside.estimate == pytest.approx(share)


def test_boxes_hold_the_ends_of_the_scale() -> None:
    found = likert(SURVEY, "agree", LEVELS, aside=ASIDE, top=1, bottom=2)[0]
    shares = [row.estimate for row in found.distribution]
    assert sum(shares) == pytest.approx(1)
    assert found.top.estimate == pytest.approx(shares[4])
    assert found.bottom.estimate == pytest.approx(shares[0] + shares[1])
    assert found.net.estimate == pytest.approx(found.top.estimate - found.bottom.estimate)


def test_the_net_score_has_the_standard_error_of_a_difference_on_one_sample() -> None:
    found = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    ends = TABLE.with_columns(top=(pl.col("plain") >= 4).cast(pl.Int8), bottom=(pl.col("plain") <= 2).cast(pl.Int8))
    both = estimate(Survey.of(ends, SURVEY.design), ["top", "bottom"], covariance=True)
    assert both.covariance is not None
    (a, c), (_, b) = both.covariance.tolist()
    assert found.net.se == pytest.approx((a + b - 2 * c) ** 0.5)


def test_shares_have_the_limits_that_the_design_calls_for() -> None:
    found = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    assert {row.method for row in (found.top, found.bottom, *found.distribution, *found.aside)} == {"korn-graubard"}
    assert {found.mean.method, found.net.method} == {"t"}
    wilson = likert(SURVEY, "agree", LEVELS, aside=ASIDE, interval="wilson")[0]
    assert wilson.top.method == "wilson"
    assert wilson.mean.method == "t"


def test_domains_have_their_own_base_and_gaps() -> None:
    whole = likert(SURVEY, "agree", LEVELS, aside=ASIDE, by="kind")
    assert [dict(row.by) for row in whole] == [{"kind": "county"}, {"kind": "town"}]
    assert [row.base for row in whole] == [7, 6]
    assert [row.missing for row in whole] == [0, 2]
    part = likert(SURVEY, "agree", LEVELS, aside=ASIDE, where="kind = 'town'")[0]
    assert (part.mean.estimate, part.mean.se, part.missing) == (whole[1].mean.estimate, whole[1].mean.se, 2)


def test_several_items_come_item_by_item() -> None:
    found = likert(SURVEY, ["plain", "code"], [1, 2, 3, 4, 5], aside=[9], by="kind")
    assert [(row.item, row.by["kind"]) for row in found] == [
        ("plain", "county"),
        ("plain", "town"),
        ("code", "county"),
        ("code", "town"),
    ]
    assert found[0].mean.estimate == pytest.approx(found[2].mean.estimate)


def test_words_and_numbers_give_the_same_summary() -> None:
    words = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    numbers = likert(SURVEY, "code", [1, 2, 3, 4, 5], aside=[9])[0]
    assert words.mean.estimate == numbers.mean.estimate
    assert [row.estimate for row in words.distribution] == [row.estimate for row in numbers.distribution]


@settings(max_examples=10, deadline=None)
@given(start=st.integers(-5, 5), step=st.floats(0.1, 10))
def test_other_scores_move_the_mean_and_nothing_else(start: int, step: float) -> None:
    plain = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    moved = likert(SURVEY, "agree", LEVELS, aside=ASIDE, scores=[start + step * k for k in range(5)])[0]
    assert moved.mean.estimate == pytest.approx(start + step * (plain.mean.estimate - 1))
    assert moved.mean.se == pytest.approx(step * plain.mean.se)
    assert moved.top == plain.top


def test_replicates_give_their_own_variance() -> None:
    linear = likert(SURVEY, "agree", LEVELS, aside=ASIDE)[0]
    replicated = likert(replicate(SURVEY, "JKn"), "agree", LEVELS, aside=ASIDE)[0]
    assert replicated.mean.estimate == pytest.approx(linear.mean.estimate)
    assert replicated.mean.se == pytest.approx(linear.mean.se, rel=0.3)
    assert replicated.mean.se != pytest.approx(linear.mean.se, rel=1e-6)


def test_a_level_that_nobody_chose_has_a_share_of_zero_with_an_upper_limit() -> None:
    found = likert(SURVEY, "code", [0, 1, 2, 3, 4, 5], aside=[9])[0]
    assert (found.distribution[0].estimate, found.distribution[0].lower) == (0, 0)
    assert 0 < found.distribution[0].upper < 1


def test_short_scales_have_a_bottom_box_that_fits() -> None:
    found = likert(SURVEY.where(pl.col("code") <= 3), "code", [1, 2, 3, 4, 5, 9], top=4)
    assert (found.top, found.bottom) == (4, 2)


def test_a_summary_becomes_a_frame() -> None:
    frame = likert(SURVEY, "agree", LEVELS, aside=ASIDE, by="kind").to_polars()
    assert len(frame) == 2 * (4 + 5 + 1)
    assert frame.columns[:4] == ["item", "kind", "measure", "level"]
    assert frame["measure"].unique(maintain_order=True).to_list() == ["mean", "top", "bottom", "net", "level", "aside"]


def test_an_answer_that_is_not_on_the_scale_is_named() -> None:
    with pytest.raises(InputError, match='Row 9 of the data: "weiß nicht" is not on the scale'):
        likert(SURVEY, "agree", LEVELS)


def test_an_unknown_item_is_named() -> None:
    with pytest.raises(InputError, match='no column "nothing"'):
        likert(SURVEY, "nothing", LEVELS)


@pytest.mark.parametrize(
    ("levels", "options", "message"),
    [
        (["a"], {}, "at least two levels"),
        (["a", "b", "a"], {}, "names every answer once"),
        (["a", "b"], {"aside": ["b"]}, "names every answer once"),
        (["a", "b"], {"scores": [1]}, "each of the 2 levels needs a number"),
        (["a", "b"], {"scores": [2, 1]}, "rising"),
        (["a", "b"], {"top": 2}, "do not fit into a scale of 2"),
        (["a", "b", "c"], {"top": 2, "bottom": 2}, "do not fit into a scale of 3"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(levels: list[str], options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        likert(SURVEY, "agree", levels, **options)  # type: ignore[arg-type]


def test_an_item_that_nobody_answered_is_named() -> None:
    table = TABLE.with_columns(agree=pl.lit(None, dtype=pl.String))
    with pytest.raises(DesignError, match="agree"):
        likert(Survey.of(table, SURVEY.design), "agree", LEVELS)
