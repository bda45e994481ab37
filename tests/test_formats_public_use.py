"""The public-use file: whatever the answers, nobody stands alone in it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.formats.public_use import SUPPRESSED, PublicUse, band_names, is_anonymous, public_use, suppress
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import Delivered, Responses
from passgenau.survey.typed import type_answers

QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "questions": [
            {"id": "s", "type": "single", "text": "Stand", "items": [{"id": i, "text": i.upper()} for i in "abc"]},
            {
                "id": "m",
                "type": "multiple",
                "text": "Themen",
                "items": [{"id": "x", "text": "X"}, {"id": "y", "text": "Y"}],
            },
            {"id": "n", "type": "number", "text": "Tage"},
            {"id": "d", "type": "date", "text": "Wann"},
            {"id": "t", "type": "text", "text": "Was"},
        ]
    }
)


def responses(rows: list[tuple[str, str, str, str]]) -> Responses:
    table = pl.DataFrame(
        {
            "sheet": [str(i) for i in range(len(rows))],
            "organisation": [f"08{i:06d}" for i in range(len(rows))],
            "s": [row[0] for row in rows],
            "m_x": [row[1] for row in rows],
            "n": [row[2] for row in rows],
            "d": [row[3] for row in rows],
            "t": ["geheim"] * len(rows),
        },
        schema=dict.fromkeys(["sheet", "organisation", "s", "m_x", "n", "d", "t"], pl.String),
    )
    names = {name: name for name in ("s", "m_x", "n", "d", "t")}
    return type_answers(Delivered(table, names, {"sheet": "sheet", "organisation": "organisation"}), QUESTIONNAIRE)


def spec(**changes: Any) -> PublicUse:
    return PublicUse.model_validate(
        {
            "title": "Befragung",
            "licence": {"name": "CC BY 4.0"},
            "variables": [{"variable": "s"}, {"variable": "m_x"}, {"variable": "n", "bands": [1, 5]}],
            "quasi_identifiers": ["s", "m_x", "n"],
            "k": 3,
            **changes,
        }
    )


ROW = st.tuples(
    st.sampled_from(["a", "b", "c", ".n", ""]),
    st.sampled_from(["0", "1", ""]),
    st.sampled_from(["0", "2", "7", ".r", ""]),
    st.just(""),
)


@given(st.lists(ROW, min_size=3, max_size=25), st.integers(2, 3))
@settings(max_examples=60, deadline=None)
def test_the_result_is_always_k_anonymous(rows: list[tuple[str, str, str, str]], k: int) -> None:
    made = public_use(responses(rows), spec(k=k))
    assert made.table.height == len(rows)
    assert is_anonymous(made.table, ["s", "m_x", "n"], k)


@given(
    st.lists(st.tuples(*[st.sampled_from("abcd")] * 3), min_size=4, max_size=40),
    st.integers(2, 4),
)
@settings(max_examples=100, deadline=None)
def test_suppression_only_takes_values_out(rows: list[tuple[str, ...]], k: int) -> None:
    table = pl.DataFrame(rows, schema=["x", "y", "z"], orient="row")
    found, counts = suppress(table, ["x", "y", "z"], k)
    assert is_anonymous(found, ["x", "y", "z"], k)
    for name in table.columns:
        pairs = list(zip(table[name], found[name], strict=True))
        assert all(after in {before, SUPPRESSED} for before, after in pairs)
        assert counts[name] == sum(before != after for before, after in pairs)


def test_what_is_anonymous_already_stays() -> None:
    table = pl.DataFrame({"x": ["a"] * 3 + ["b"] * 4})
    found, counts = suppress(table, ["x"], 3)
    assert found.equals(table)
    assert counts == {"x": 0}


def test_the_last_key_is_given_up_first() -> None:
    table = pl.DataFrame({"x": ["a"] * 4, "y": ["1", "1", "2", "2"]})
    found, _ = suppress(table, ["x", "y"], 3)
    assert found.rows() == [("a", SUPPRESSED)] * 4


def test_organisation_texts_and_order_do_not_leave() -> None:
    rows = [("a", "1", str(number), "") for number in range(12)]
    made = public_use(responses(rows), spec(variables=[{"variable": "s"}, {"variable": "n"}], quasi_identifiers=["s"]))
    data = made.files["public_use.csv"].decode()
    assert "08000" not in data
    assert "geheim" not in data
    assert made.table["n"].to_list() != [str(number) for number in range(12)]
    assert sorted(made.table["n"].cast(pl.Int64)) == list(range(12))
    assert (
        made.files
        == public_use(
            responses(rows), spec(variables=[{"variable": "s"}, {"variable": "n"}], quasi_identifiers=["s"])
        ).files
    )


def test_categories_are_merged_and_numbers_and_dates_coarsened() -> None:
    made = public_use(
        responses([("a", "1", "30", "2024-03-05")] * 2 + [("b", "0", "2", "2024-03-06")]),
        spec(
            variables=[
                {"variable": "s", "merge": [{"id": "ab", "label": "A oder B", "of": ["a", "b"]}]},
                {"variable": "n", "top": 10, "bottom": 5},
                {"variable": "d", "dates": "month"},
            ],
            quasi_identifiers=["s"],
        ),
    )
    assert sorted(made.table.rows()) == [("ab", "10", "2024-03")] * 2 + [("ab", "5", "2024-03")]
    assert "s,Stand,ab,A oder B,3" in made.files["codebook.csv"].decode()
    assert made.small_cells == (("n", "10", 2), ("n", "5", 1))
    assert made.files["LICENCE.txt"] == b"Befragung\nCC BY 4.0\n"


def test_bands_name_their_limits() -> None:
    assert band_names((1, 5, 10)) == ("<1", "1–<5", "5–<10", "≥10")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"variables": [{"variable": "t"}], "quasi_identifiers": []}, "Texts are not published"),
        ({"variables": [{"variable": "d"}], "quasi_identifiers": []}, "A date needs dates"),
        ({"variables": [{"variable": "q"}]}, "There is no variable 'q'"),
        ({"variables": [{"variable": "s"}], "quasi_identifiers": ["n"]}, "The quasi-identifier 'n' is not published"),
        ({"variables": [{"variable": "s"}, {"variable": "s"}]}, "'s' is chosen twice"),
        ({"organisation": ["region"]}, "the population must be known"),
        (
            {"variables": [{"variable": "s", "merge": [{"id": "z", "label": "Z", "of": ["q"]}]}]},
            "there is no answer 'q'",
        ),
    ],
)
def test_what_cannot_be_published_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        public_use(responses([("a", "1", "1", "")] * 5), spec(**changes))


def test_fewer_sheets_than_k_are_not_published() -> None:
    with pytest.raises(DesignError, match="2 usable sheets are fewer than k = 3"):
        public_use(responses([("a", "1", "1", "")] * 2), spec())
