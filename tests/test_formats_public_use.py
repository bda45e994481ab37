"""The public-use file: whatever the answers, nobody stands alone in it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from answers_toy import FRAMES, town
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.formats.anonymity import SUPPRESSED, is_anonymous, suppress
from passgenau.formats.public_use import PublicUse, band_names, public_use, telling
from passgenau.survey.facts import facts_of
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
    with pytest.raises(DesignError, match="2 usable sheets of 2 organisations are fewer than k = 3"):
        public_use(responses([("a", "1", "1", "")] * 2), spec())


@given(
    st.lists(st.tuples(*[st.sampled_from("abc")] * 2, st.integers(0, 5)), min_size=4, max_size=30), st.integers(2, 4)
)
@settings(max_examples=100, deadline=None)
def test_every_class_has_sheets_of_k_organisations(rows: list[tuple[str, str, int]], k: int) -> None:
    table = pl.DataFrame([row[:2] for row in rows], schema=["x", "y"], orient="row")
    owners = [row[2] for row in rows]
    assume(len(set(owners)) >= k)
    found, _ = suppress(table, ["x", "y"], k, owners)
    assert is_anonymous(found, ["x", "y"], k, owners)


def test_five_sheets_of_one_municipality_hide_nobody() -> None:
    table = pl.DataFrame({"x": ["a"] * 5 + ["b"] * 5})
    owners = ["one"] * 5 + list("abcde")
    assert is_anonymous(table, ["x"], 5)
    assert not is_anonymous(table, ["x"], 5, owners)
    found, _ = suppress(table, ["x"], 5, owners)
    assert found["x"].to_list() == [SUPPRESSED] * 10


def test_what_was_taken_out_is_never_all_the_same() -> None:
    # Who knows from a report how many sheets have a could else put the value back.
    table = pl.DataFrame({"x": ["a"] * 5 + ["b"] * 3 + ["c"] * 4, "y": ["1", "1", "1", "2", "2", *["3"] * 7]})
    found, _ = suppress(table, ["y", "x"], 3)
    taken = {
        (name, before)
        for name in ("x", "y")
        for before, after in zip(table[name], found[name], strict=True)
        if after == SUPPRESSED
    }
    assert all(sum(name == one for name, _ in taken) != 1 for one in ("x", "y"))


def test_the_order_tells_nothing_of_the_delivery() -> None:
    rows = [("a", str(number % 2), str(number % 7), "") for number in range(30)]
    assert public_use(responses(rows), spec()).files == public_use(responses(rows[::-1]), spec()).files


def test_region_and_size_count_as_known_whatever_the_specification_names() -> None:
    towns = [town(number) for number in range(12)]
    table = pl.DataFrame({"organisation": towns, "s": ["a"] * 12})
    answers = type_answers(Delivered(table, {"s": "s"}, {"organisation": "organisation"}), QUESTIONNAIRE)
    plain = spec(variables=[{"variable": "s"}], organisation=["region", "size_class"], quasi_identifiers=[])
    made = public_use(answers, plain, FRAMES)
    assert is_anonymous(made.table, ["region", "size_class"], 3)
    assert not is_anonymous(
        facts_of(answers.sheets, FRAMES).select("region", "size_class"), ["region", "size_class"], 3
    )


FILTERED = Questionnaire.model_validate(
    {
        "questions": [
            {"id": "s", "type": "single", "text": "Stand", "items": [{"id": i, "text": i.upper()} for i in "ab"]},
            {"id": "why", "type": "number", "text": "Seit?", "show_if": "s = b"},
            {"id": "then", "type": "number", "text": "Und?", "show_if": "answered(why)"},
            {"id": "big", "type": "number", "text": "Wie viele?", "show_if": "@population > 5000"},
        ]
    }
)


def test_followers_of_a_filter_are_found_through_others() -> None:
    assert telling(FILTERED) == {"s": {"why", "then"}, "why": {"then"}, "@": {"big"}}


def test_a_filter_does_not_tell_what_was_suppressed() -> None:
    table = pl.DataFrame({"s": ["a"] * 4 + ["b"] * 2, "why": [".n"] * 4 + ["3"] * 2})
    answers = type_answers(Delivered(table, {"s": "s", "why": "why"}), FILTERED)
    made = public_use(answers, spec(variables=[{"variable": "s"}, {"variable": "why"}], quasi_identifiers=["s"]))
    assert set(made.table.rows()) == {(SUPPRESSED, SUPPRESSED)}
    assert made.suppressed == {"s": 6, "why": 6}


@pytest.mark.parametrize(
    "merge", [[{"id": "a", "label": "x", "of": ["b"]}], [{"id": "z", "label": "x", "of": ["b", "b"]}]]
)
def test_merging_never_mixes_two_answers_under_one_name(merge: list[dict[str, Any]]) -> None:
    with pytest.raises(InputError, match="would stand for two things"):
        public_use(responses([("a", "1", "1", "")] * 5), spec(variables=[{"variable": "s", "merge": merge}]))
