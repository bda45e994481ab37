"""What leaves the office tells nothing of few."""

from __future__ import annotations

from dataclasses import replace

import pytest
from answers_toy import COLUMNS, FRAMES, district, findings, many, prepared, responses, sheet, town

from passgenau.errors import DesignError
from passgenau.findings import KnownTotal, Weights, prepare, profiles
from passgenau.findings.estimated import outwards
from passgenau.survey import Step
from passgenau.text import Text

SECRET = Text("days: '12' → '2' – Frau Geheim aus 98001 rief an", "days: '12' → '2' – Ms Secret of 98001 called")


@pytest.mark.parametrize("action", ["repaired", "recoded", "assigned", "excluded", "accepted", "coded", "unheard_of"])
def test_what_people_decided_is_told_by_kind_and_number_only(action: str) -> None:
    typed = responses(many())
    steps = (*typed.steps, *(Step(action, SECRET, 2, ("1",), "Frau Geheim") for _ in range(3)))
    quality = findings(prepare(replace(typed, steps=steps), FRAMES)).quality
    assert quality is not None
    told = [step for step in quality.steps if step[0] == action]
    assert [(values, by) for _, _, values, by in told] == [(6, None)]
    assert "Geheim" not in repr(quality)
    assert "98001" not in repr(quality)


def test_a_question_that_few_answered_is_left_out_of_the_lines_on_what_was_left_out() -> None:
    sheets = [sheet(district(n), "1", "0", "yes" if n < 4 else "no", "3" if n < 4 else None) for n in range(7)]
    quality = findings(prepared(sheets)).quality
    assert quality is not None
    assert [row.question for row in quality.missing] == ["wishes", "started", "views"]


def test_exact_weighted_shares_beside_unweighted_ones_are_not_told_of_few() -> None:
    shown = {e.source_id: e for e in findings(prepared(many(), weights=Weights(margins=("size_class",)))).estimates}
    care = shown["towns.wishes.care"]  # all of one class, nobody of the other
    assert care.rounded
    assert care.unweighted == 0.5
    assert care.value is not None
    assert care.lower is not None
    assert care.upper is not None
    for number in (care.value, care.lower, care.upper):
        assert number == pytest.approx(round(number, 2), abs=1e-12)
    assert care.lower <= care.value <= care.upper


def test_weights_that_are_all_alike_need_no_rounding() -> None:
    ready = prepared(many(), weights=Weights(margins=("size_class",)))
    shown = {e.source_id: e for e in findings(ready).estimates}
    assert not shown["districts.wishes.housing"].rounded
    assert shown["districts.wishes.housing"].value == pytest.approx(3 / 7)


def test_limits_are_rounded_outwards_and_whole_ones_stay() -> None:
    assert outwards(0.29, 0.57) == (0.29, 0.57)
    assert outwards(0.2901, 0.5699) == (0.29, 0.57)
    assert outwards(0.2899, 0.5701) == (0.28, 0.58)


def test_a_class_of_the_weights_holds_as_many_as_the_threshold_says() -> None:
    wanted = Weights(margins=("size_class",))
    five = prepared(many(), weights=wanted, threshold=5).weighted.weighting
    twelve = prepared(many(), weights=wanted, threshold=12).weighted.weighting
    assert five is not None
    assert twelve is not None
    assert sorted(fit.rows or 0 for fit in five.fits if fit.audience == "towns") == [10, 10]
    assert [fit.rows for fit in twelve.fits if fit.audience == "towns"] == [20]


def test_counts_of_classes_do_not_give_away_what_the_response_rates_hide() -> None:
    # Of the towns in the south few answered; the class of the weights is the north and the south together.
    few = [row for row in many() if row["organisation"] not in {town(n) for n in range(40) if n % 3 == 0 and n > 9}]
    found = findings(prepared(few, weights=Weights(margins=("region",))))
    assert found.response is not None
    assert found.response.weighting is not None
    hidden = {rate.stratum for rate in found.response.rates if rate.by == "region" and rate.answered is None}
    assert hidden
    told = [fit for fit in found.response.weighting.fits if hidden & set(fit.categories)]
    assert told
    assert [(fit.rows, fit.before) for fit in told] == [(None, None)] * len(told)


def test_a_known_total_that_few_answered_is_not_tested_and_stops_nothing() -> None:
    total = KnownTotal(
        id="started", text=Text("Begonnen", "started"), count=4, population=10, source="x",
        compare_with="districts.started.yes",
    )  # fmt: skip
    ready = prepared([sheet(district(n), "1", "0", "yes") for n in range(3)])
    (check,) = findings(ready, [total]).totals
    assert check.readings == ()
    assert "3" not in check.sentence.de
    assert "lässt sich nicht prüfen" in check.sentence.de
    nobody = prepared([sheet(district(n), "1", "0") for n in range(7)])
    assert findings(nobody, [total]).totals[0].readings == ()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "holds no sheet"),
        ([sheet(district(0), "1", disposition="break_off")], "another disposition than complete or partial"),
        ([sheet("12345", "1")], "such as “12345”"),
        ([dict.fromkeys(("organisation", *COLUMNS)) | {"disposition": "complete", "started": "yes"}], "Add a column"),
    ],
)
def test_a_return_of_nobody_says_why_and_what_to_do(rows: list[dict[str, str | None]], said: str) -> None:
    with pytest.raises(DesignError, match=said):
        prepared(rows)


def test_a_group_without_any_answer_to_a_question_has_no_share_beside_profiles() -> None:
    rows = [sheet(town(n), "1", "0", None if n % 3 else "yes") for n in range(30)]
    found = profiles(prepared(rows), threshold=5).shares
    assert ("started", "yes") in found["towns", "region", "Süd"]
    assert ("started", "yes") not in found["towns", "region", "Nord"]
