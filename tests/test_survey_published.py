"""The published results of 2018: every value stands in the example, with its hedge and its place."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from passgenau.errors import InputError
from passgenau.reading import read_yaml
from passgenau.survey import Published, Questionnaire, Return

EXAMPLE = Path(__file__).parent.parent / "examples" / "quartier2020"
ORACLE: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "published_2018.json").read_text(encoding="utf-8")
)
RANK_ORIGIN = {"im": "stated", "aus": "derived"}  # by the first word: „im Text genannt“, „aus den Werten gebildet“


@pytest.fixture(scope="module")
def published() -> Published:
    return read_yaml(EXAMPLE / "published.yaml", Published)


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return read_yaml(EXAMPLE / "questionnaire.yaml", Questionnaire)


def test_every_published_value_is_present_and_exact(published: Published) -> None:
    found = [
        {
            "source_id": s.source_id,
            "audience": s.audience,
            "question": s.question,
            "value": s.value,
            "low": s.low,
            "high": s.high,
            "qualifier": s.qualifier,
            "rank": s.rank,
            "rank_origin": s.rank_origin,
            "base": s.base,
            "times_per_year": list(s.times_per_year) if s.times_per_year else None,
            "days": list(s.days) if s.days else None,
            "location": s.location,
            "quote": s.quote,
            "further_quotes": list(s.further_quotes),
            "note": s.note.de if s.note else None,
        }
        for s in published.statements
    ]
    expected = [
        {key: value for key, value in entry.items() if key != "item"}
        | {"rank_origin": RANK_ORIGIN[entry["rank_origin"].split()[0]] if entry["rank_origin"] else None}
        for entry in ORACLE
    ]
    assert found == expected
    assert len(found) == 65


def test_every_item_keeps_the_words_of_its_source(published: Published, questionnaire: Questionnaire) -> None:
    worded = [
        s.item_text or questionnaire.question(s.question).item(s.item).text.into("de") for s in published.statements
    ]
    assert worded == [entry["item"] for entry in ORACLE]


def test_exactly_the_rounded_numbers_are_marked_as_approximate(published: Published) -> None:
    approximate = {s.source_id for s in published.statements if s.approximate}
    assert approximate == {entry["source_id"] for entry in ORACLE if "ca." in (entry["qualifier"] or "")}
    assert len(approximate) == 14


def test_the_returns_are_those_of_the_article(published: Published) -> None:
    returns = {audience: (r.units, r.answers) for audience, r in published.returns.items()}
    assert returns == {"landkreise": (21, 24), "staedte_gemeinden": (79, 87)}


def test_doubtful_bases_list_their_readings(published: Published) -> None:
    readings = {s.source_id: tuple(r.subset_of for r in s.base_readings) for s in published.statements}
    future = {f"SG-ZUK-0{i}": ("SG-ZUK-00", None) for i in range(1, 6)}
    exchange = {f"{g}-AU-0{i}": (None, f"{g}-AU-01") for g in ("LK", "SG") for i in (2, 3)}
    assert {key: value for key, value in readings.items() if value} == {
        "SG-ERF-02": ("SG-ERF-01", None),
        "SG-IW-01": (None, "SG-ERF-01"),
        "SG-ZUK-00": (None, "SG-ERF-01"),
        **future,
        **exchange,
    }
    assert {s.source_id for s in published.statements if s.base == "unklar"} <= {k for k, v in readings.items() if v}


def test_only_training_questions_count_as_wishes(questionnaire: Questionnaire) -> None:
    wishes = {q.id for q in questionnaire.questions if q.kind == "wish"}
    assert wishes == {"training_fields", "training_subjects", "training_methods"}
    topics = {item.topic for q in questionnaire.questions for item in q.items if item.topic}
    assert {topic.split("-")[0] for topic in topics} == {"hf", "ft", "me"}
    assert all(item.topic for q in questionnaire.questions if q.kind == "wish" for item in q.items)


def test_every_text_for_readers_exists_in_both_languages(published: Published, questionnaire: Questionnaire) -> None:
    texts = [q.text.text for q in questionnaire.questions] + [
        i.text.text for q in questionnaire.questions for i in q.items
    ]
    texts += [q.note for q in questionnaire.questions if q.note] + [s.note for s in published.statements if s.note]
    texts += [r.text for s in published.statements for r in s.base_readings] + list(published.notes)
    assert [text.de for text in texts if not text.en] == []


def test_every_claim_quotes_the_article_word_for_word(published: Published) -> None:
    text = " ".join(quote for s in published.statements for quote in (s.quote, *s.further_quotes))
    notes = " ".join(s.note.de for s in published.statements if s.note)
    # Two claims quote half a sentence, one a sentence that stands in a note only.
    parts = [part for claim in published.claims for part in claim.quote.split(" … ")]
    assert [part for part in parts if part not in text and part not in notes] == []


def test_the_concept_is_kept_for_comparison(published: Published) -> None:
    assert published.concept is not None
    assert (published.concept.fields, published.concept.introduction_days, published.concept.basis_modules) == (
        5,
        1,
        20,
    )
    assert published.concept.basis_modules_qualifier == "ca."


def test_the_authors_own_caveat_is_quoted(published: Published) -> None:
    assert published.source.caveat_quote is not None
    assert "Stichprobenfehler von in beiden Fällen über 10 %" in published.source.caveat_quote


# --- what the schema refuses -------------------------------------------------------------------


def broken(tmp_path: Path, **changes: object) -> str:
    """Return the message for one statement with these changes."""
    statement = {
        "source_id": "A-1", "audience": "towns", "question": "wishes", "item": "housing",
        "value": 46, "location": "p. 1", "quote": "46 %",
    } | changes  # fmt: skip
    content = {
        "source": {"title": "T", "authors": ["A"], "published_in": "J", "survey": "S"},
        "returns": {"towns": {"units": 5, "answers": 6}},
        "statements": [{key: value for key, value in statement.items() if value is not None}],
    }
    path = tmp_path / "published.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_yaml(path, Published)
    return error.value.format("en")


def test_a_share_of_108_percent_is_refused_with_its_line(tmp_path: Path) -> None:
    message = "published.yaml, line 16, field statements[1].value: 108 is too large.\n  Allowed: at most 100.0."
    assert message in broken(tmp_path, value=108)


def test_half_a_range_is_refused(tmp_path: Path) -> None:
    assert "field statements[1].low: A range needs low and high." in broken(tmp_path, value=None, low=67)


def test_a_range_upside_down_is_refused(tmp_path: Path) -> None:
    assert "low 70.0 exceeds high 67.0" in broken(tmp_path, value=None, low=70, high=67)


def test_a_value_beside_a_range_is_refused(tmp_path: Path) -> None:
    assert "value and a range exclude each other" in broken(tmp_path, low=40, high=50)


def test_fewer_sheets_than_organisations_are_refused() -> None:
    with pytest.raises(ValueError, match="20 sheets cannot come from 21 organisations"):
        Return(units=21, answers=20)


def test_a_topic_on_a_question_that_asks_for_no_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "questionnaire.yaml"
    path.write_text(
        "questions:\n"
        "  - id: formats\n"
        "    text: Formate\n"
        "    type: single\n"
        "    kind: context\n"
        "    items:\n"
        "      - {id: online, text: online, topic: me-pm}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as error:
        read_yaml(path, Questionnaire)
    message = (
        "questionnaire.yaml, line 7, field questions[1].items[1].topic: "
        "The question 'formats' does not ask for training; 'online' cannot wish for a topic."
    )
    assert message in error.value.format("en")
