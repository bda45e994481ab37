"""What questionnaire, published results and populations say against each other is found with its place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passgenau.reading import read_yaml
from passgenau.survey import Published, Questionnaire, cross_check

EXAMPLE = Path(__file__).parent.parent / "examples" / "quartier2020"

QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "questions": [
            {
                "id": "wishes",
                "text": "Wünsche",
                "type": "multiple",
                "kind": "wish",
                "items": [{"id": "housing", "text": "Wohnen"}, {"id": "care", "text": "Pflege"}],
            }
        ]
    }
)
FRAMES: Mapping[str, range] = {"towns": range(30), "districts": range(6)}


def statement(source_id: str = "T-1", **changes: object) -> dict[str, object]:
    return {
        "source_id": source_id, "audience": "towns", "question": "wishes", "item": "housing",
        "value": 50, "location": "p. 1", "quote": "50 %",
    } | changes  # fmt: skip


def found(*statements: dict[str, object], **changes: object) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    content: dict[str, Any] = {
        "source": {"title": "T", "authors": ["A"], "published_in": "J", "survey": "S"},
        "returns": {"towns": {"units": 5, "answers": 6}, "districts": {"units": 3, "answers": 3}},
        "statements": list(statements) or [statement()],
    }
    published = Published.model_validate(content | changes)
    return [
        (location, message.into("en"), hint.into("en") if hint else None)
        for location, message, hint in cross_check(QUESTIONNAIRE, published, FRAMES)
    ]


def test_the_example_contradicts_nothing() -> None:
    questionnaire = read_yaml(EXAMPLE / "questionnaire.yaml", Questionnaire)
    published = read_yaml(EXAMPLE / "published.yaml", Published)
    assert cross_check(questionnaire, published, {"landkreise": range(35), "staedte_gemeinden": range(1101)}) == []


def test_a_sound_file_gives_no_finding() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "field", "message", "hint"),
    [
        ({"audience": "town"}, "audience", "Unknown audience 'town'.", "Perhaps 'towns' is meant."),
        ({"question": "formats"}, "question", "Unknown question 'formats'.", "Possible: wishes."),
        ({"item": "caer"}, "item", "The question 'wishes' has no item 'caer'.", "Perhaps 'care' is meant."),
    ],
)
def test_an_unknown_name_is_found_with_the_nearest_known_one(
    changes: dict[str, str], field: str, message: str, hint: str
) -> None:
    assert found(statement(**changes)) == [(("statements", 0, field), message, hint)]


def test_more_respondents_than_units_are_found() -> None:
    returns = {"towns": {"units": 31, "answers": 31}, "districts": {"units": 3, "answers": 3}}
    (finding,) = found(returns=returns)
    assert finding[:2] == (("returns", "towns", "units"), "31 respondents are more than the population of 30.")


def test_a_missing_and_an_unknown_return_are_found() -> None:
    places = [(location, message) for location, message, _ in found(returns={"towns": {"units": 5, "answers": 6}, "villages": {"units": 1, "answers": 1}})]  # fmt: skip  # noqa: E501 -- one input, one line
    assert places == [
        (("returns", "villages"), "Unknown audience 'villages'."),
        (("returns",), "The return of the audience 'districts' is missing."),
    ]


def test_a_repeated_identifier_and_a_repeated_item_are_found() -> None:
    twice = found(statement(), statement(item="care"), statement("T-2"))
    assert [finding[:2] for finding in twice] == [
        (("statements", 1, "source_id"), "'T-1' stands twice."),
        (("statements", 2, "item"), "T-1 already speaks of this audience and item."),
    ]


def reading(subset_of: str) -> list[dict[str, str]]:
    return [{"text": "Teil", "subset_of": subset_of}]


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        (statement("P", item="care", audience="districts"), "P speaks of 'districts', not of 'towns'."),
        (statement("P", item="care", value=None), "P gives no number and cannot be a base."),
        (statement("P", item="care", value=0), "P gives no number and cannot be a base."),
        (statement("P", item="care", base_readings=reading("T-1")), "T-1 would be a part of itself."),
    ],
)
def test_a_base_that_cannot_be_one_is_found(parent: dict[str, object], message: str) -> None:
    findings = found(statement(base_readings=reading("P")), parent)
    assert (("statements", 0, "base_readings", 0, "subset_of"), message) in [finding[:2] for finding in findings]


def test_an_unknown_base_is_found() -> None:
    (finding,) = found(statement(base_readings=reading("T-9")))
    assert finding[:2] == (("statements", 0, "base_readings", 0, "subset_of"), "Unknown statement 'T-9'.")


def test_a_claim_on_an_unknown_statement_is_found() -> None:
    claim = {"id": "c", "quote": "q", "location": "l", "source_ids": ["T-1", "T-7"], "kind": "difference"}
    (finding,) = found(claims=[claim])
    assert finding == (("claims", 0, "source_ids", 1), "Unknown statement 'T-7'.", "Perhaps 'T-1' is meant.")


def test_a_claim_that_stands_twice_is_found() -> None:
    claim = {"id": "c", "quote": "q", "location": "l", "source_ids": ["T-1"], "kind": "level"}
    (finding,) = found(claims=[claim, claim])
    assert finding[:2] == (("claims", 1, "id"), "'c' stands twice.")
