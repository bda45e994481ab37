"""Every type of question comes out as shares or numbers, each with its own base."""

from __future__ import annotations

import polars as pl
import pytest
from answers_toy import FRAMES, NAMES, district

from passgenau.findings import Assumptions, Findings, analyse_responses, prepare
from passgenau.survey import Delivered, Questionnaire
from passgenau.survey.typed import type_answers

ASKED = Questionnaire.model_validate(
    {
        "scales": {"grade": {"points": [{"id": f"p{n}", "value": n, "text": str(n)} for n in range(1, 4)]}},
        "questions": [
            {"id": "order", "type": "ranking", "text": "Womit beginnen?",
             "items": [{"id": name, "text": name.upper()} for name in ("a", "b", "c")]},
            {"id": "mood", "type": "scale", "scale": "grade", "text": "Wie gut?"},
            {"id": "rows", "type": "matrix", "scale": "grade", "text": "Was?", "items": [{"id": "x", "text": "X"}]},
            {"id": "days", "type": "number", "text": "Tage?"},
        ],
    }
)  # fmt: skip
COLUMNS = ("order_a", "order_b", "order_c", "mood", "rows_x", "days")
ROWS = (
    ("1", "2", None, "p1", "p3", "1"),
    ("1", "2", None, "p1", "p3", "2"),
    ("1", None, None, "p2", "p3", "3"),
    (None, "1", "2", "p3", "p1", "4"),
    (None, None, "1", "p3", None, "5"),
    (None, "1", None, "p3", "p2", "6"),
    (None, None, None, "p3", "p2", None),
)


@pytest.fixture(scope="module")
def found() -> Findings:
    keys = [district(n) for n in range(len(ROWS))]
    table = pl.DataFrame(
        [dict(zip(COLUMNS, row, strict=True)) | {"organisation": k} for k, row in zip(keys, ROWS, strict=True)]
    )
    delivered = Delivered(table, {name: name for name in COLUMNS}, {"organisation": "organisation"})
    ready = prepare(type_answers(delivered, ASKED, FRAMES), FRAMES)
    return analyse_responses(
        ready, names=NAMES, assumptions=Assumptions(), known_totals=(), strata=("region",), threshold=5
    )


def test_first_choices_add_up_among_those_who_ranked_anything(found: Findings) -> None:
    first = {e.item: (e.unit_counts, e.base_units) for e in found.estimates if e.question == "order"}
    assert first == {"a": (((3, 6),), 6), "b": (((2, 6),), 6), "c": (((1, 6),), 6)}


def test_mean_ranks_are_those_of_who_ranked_the_item(found: Findings) -> None:
    ranks = {m.item: (m.value, m.suppressed) for m in found.means if m.question == "order" and m.statistic == "mean"}
    assert ranks == {"a": (None, True), "b": (None, True), "c": (None, True)}  # three, four and two of them: too few


def test_scales_give_shares_of_points_and_their_mean(found: Findings) -> None:
    assert {e.item: e.unit_counts for e in found.estimates if e.question == "mood"} == {
        "p1": ((2, 7),), "p2": ((1, 7),), "p3": ((4, 7),)
    }  # fmt: skip
    (mean,) = [m for m in found.means if m.question == "mood" and m.statistic == "mean"]
    assert mean.value == pytest.approx(16 / 7)


def test_matrices_without_agreeing_points_give_one_share_per_row_and_point(found: Findings) -> None:
    assert {e.item: e.unit_counts for e in found.estimates if e.question == "rows"} == {
        "x.p1": ((1, 6),), "x.p2": ((2, 6),), "x.p3": ((3, 6),)
    }  # fmt: skip


def test_numbers_give_mean_and_median(found: Findings) -> None:
    numbers = {m.statistic: m for m in found.means if m.question == "days"}
    assert numbers["mean"].value == pytest.approx(3.5)
    assert [numbers[statistic].base_units for statistic in ("mean", "median")] == [6, 6]
