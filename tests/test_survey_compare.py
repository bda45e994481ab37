"""Two waves of a questionnaire: what stays comparable, and why something does not."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires

from passgenau.reading import read_yaml
from passgenau.survey import Questionnaire
from passgenau.survey.compare import VERDICTS, compare, difference, worst

EXAMPLES = Path(__file__).parent.parent / "examples"


def wave(**changes: Any) -> Questionnaire:
    """Return a questionnaire with one multiple choice about offers, changed as asked."""
    question = {
        "id": "offers",
        "type": "multiple",
        "text": "Welche Angebote gibt es bei Ihnen?",
        "items": [{"id": "cafe", "text": "Begegnungscafé"}, {"id": "bus", "text": "Bürgerbus"}],
    }
    first = {"id": "kind", "type": "single", "text": "Art?", "items": [{"id": "a", "text": "A"}]}
    asked = {key: value for key, value in (question | changes).items() if value is not None}
    return Questionnaire.model_validate({"questions": [first, asked]})


def verdicts(before: Questionnaire, after: Questionnaire) -> dict[str, str]:
    return {each.name: each.verdict for each in compare(before, after) if each.question != "kind"}


def reason(before: Questionnaire, after: Questionnaire, name: str = "offers") -> str:
    return next(each.reason.into("en") for each in compare(before, after) if each.name == name)


def test_a_wave_repeated_word_for_word_is_comparable() -> None:
    assert verdicts(wave(), wave()) == {"offers": "comparable", "offers.cafe": "comparable", "offers.bus": "comparable"}
    assert reason(wave(), wave()) == "Unchanged."


def test_signs_case_and_markup_change_nothing() -> None:
    after = wave(text="<p>welche angebote gibt es bei Ihnen</p>").model_copy(update={"markup": "html"})
    assert verdicts(wave(), after)["offers"] == "comparable"


def test_another_wording_asks_for_care_and_shows_what_changed() -> None:
    after = wave(text="Welche Angebote fehlen bei Ihnen?")
    (question, *_) = [each for each in compare(wave(), after) if each.question == "offers"]
    assert question.verdict == "with_care"
    assert question.changes[0].diff == (
        ("same", "Welche Angebote"),
        ("out", "gibt es"),
        ("in", "fehlen"),
        ("same", "bei Ihnen?"),
    )


def test_other_words_under_the_same_id_are_not_comparable() -> None:
    after = wave(text="Nennen Sie bitte drei Wünsche zur Fortbildung.")
    assert verdicts(wave(), after)["offers.cafe"] == "not_comparable"
    assert "Another thing is asked under this id." in reason(wave(), after)


def test_other_words_than_a_reconstruction_knows_ask_for_care() -> None:
    before = Questionnaire.model_validate(wave().model_dump() | {"reconstruction": "Nachbau."})
    after = wave(text="Nennen Sie bitte drei Wünsche zur Fortbildung.")
    assert verdicts(before, after)["offers"] == "with_care"


def test_an_item_that_was_added_is_new_and_the_others_ask_for_care() -> None:
    items = [
        {"id": "cafe", "text": "Begegnungscafé"},
        {"id": "bus", "text": "Bürgerbus"},
        {"id": "hall", "text": "Dorfhaus"},
    ]
    found = {each.name: (each.status, each.verdict) for each in compare(wave(), wave(items=items))}
    assert found["offers.hall"] == ("new", "not_comparable")
    assert found["offers.cafe"] == ("kept", "with_care")
    assert "added: “Dorfhaus”" in reason(wave(), wave(items=items))


@pytest.mark.parametrize(
    ("changes", "verdict", "said"),
    [
        ({"type": "single"}, "not_comparable", "The type of the question is another (multiple → single)."),
        ({"max_answers": 1}, "not_comparable", "So many answers are possible at most: any number → 1."),
        ({"min_answers": 1}, "with_care", "So many answers are required at least: 0 → 1."),
        ({"show_if": "kind = a"}, "with_care", "Another filter, hence another base (all → kind = a)."),
        ({"audiences": ["towns"]}, "with_care", "Other audiences are asked (all → towns)."),
        ({"required": True}, "with_care", "An answer is required now."),
        ({"shuffled": True}, "with_care", "The answers now stand in random order."),
        ({"no_answer": {}}, "with_care", "Other answers are offered (added: “no answer”)."),
        ({"help": "Auch geplante."}, "with_care", "The help below the question is another."),
        ({"kind": "wish"}, "with_care", "The question serves another purpose (context → wish)."),
        (
            {"items": [{"id": "bus", "text": "Bürgerbus"}, {"id": "cafe", "text": "Begegnungscafé"}]},
            "with_care",
            "The answers stand in another order.",
        ),
    ],
)
def test_every_change_has_its_verdict_and_its_reason(changes: dict[str, Any], verdict: str, said: str) -> None:
    assert verdicts(wave(), wave(**changes))["offers"] == verdict
    assert said in reason(wave(), wave(**changes))


def scaled(points: list[dict[str, Any]]) -> Questionnaire:
    question = {"id": "q", "type": "scale", "text": "Wie gut?", "scale": "s"}
    return Questionnaire.model_validate({"scales": {"s": {"points": points}}, "questions": [question]})


LOW_HIGH = [{"id": "1", "text": "schlecht"}, {"id": "2", "text": "gut"}]


def test_a_scale_with_another_point_is_not_comparable() -> None:
    (found,) = compare(scaled(LOW_HIGH), scaled([*LOW_HIGH, {"id": "3", "text": "sehr gut"}]))
    assert found.verdict == "not_comparable"
    assert found.reason.into("en") == "The scale has other points (2 → 3)."


def test_a_point_that_counts_differently_asks_for_care() -> None:
    (found,) = compare(scaled(LOW_HIGH), scaled([LOW_HIGH[0], LOW_HIGH[1] | {"agrees": True}]))
    assert found.verdict == "with_care"


def number(**changes: Any) -> Questionnaire:
    return Questionnaire.model_validate({"questions": [{"id": "n", "type": "number", "text": "Wie viel?"} | changes]})


def test_another_unit_is_not_comparable_and_another_range_asks_for_care() -> None:
    (unit,) = compare(number(unit="Tage"), number(unit="Stunden"))
    (limits,) = compare(number(maximum=10), number(maximum=20))
    assert (unit.verdict, limits.verdict) == ("not_comparable", "with_care")


def test_a_renamed_item_is_suggested_and_never_assumed() -> None:
    renamed = wave(items=[{"id": "kaffee", "text": "Begegnungscafé"}, {"id": "bus", "text": "Bürgerbus"}])
    found = {each.name: each for each in compare(wave(), renamed)}
    assert (found["offers.kaffee"].status, found["offers.kaffee"].perhaps) == ("new", "offers.cafe")
    assert (found["offers.cafe"].status, found["offers.cafe"].perhaps) == ("dropped", "offers.kaffee")
    assert found["offers.kaffee"].verdict == "not_comparable"


def test_a_renamed_question_is_suggested() -> None:
    found = {each.name: each for each in compare(wave(), wave(id="services"))}
    assert found["services"].perhaps == "offers"


def test_the_worst_verdict_of_a_question_counts_its_items() -> None:
    items = [{"id": "cafe", "text": "Café"}, {"id": "bus", "text": "Bürgerbus"}]
    assert worst(compare(wave(), wave(items=items)), "offers") == "with_care"
    assert worst(compare(wave(), wave()), "offers") == "comparable"


def test_the_next_wave_repeats_all_of_2018_but_frequency() -> None:
    before = read_yaml(EXAMPLES / "quartier2020" / "questionnaire.yaml", Questionnaire)
    after = read_yaml(EXAMPLES / "folgebefragung" / "questionnaire.yaml", Questionnaire)
    found = compare(before, after)
    assert [each.name for each in found if each.status == "dropped" and each.item is None] == ["frequency"]
    kept = [each for each in found if each.status == "kept"]
    assert {each.verdict for each in kept} == {"with_care"}
    assert [each.name for each in kept if each.item and len(each.changes) > 4] == []
    reworded = [each.name for each in kept if each.item and any(c.diff for c in each.changes[-1:])]
    assert reworded == []


WORDS = st.lists(st.sampled_from(["was", "wie", "wo", "Angebote", "Wohnen", "bei", "Ihnen"]), max_size=8)


@given(WORDS, WORDS)
@settings(max_examples=50)
def test_a_difference_holds_both_wordings(before: list[str], after: list[str]) -> None:
    parts = difference(" ".join(before), " ".join(after))
    assert " ".join(words for kind, words in parts if kind != "in") == " ".join(before)
    assert " ".join(words for kind, words in parts if kind != "out") == " ".join(after)


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1, unique=True),
    st.sampled_from([{}, {"required": True}]),
)
@settings(max_examples=50)
def test_a_question_is_never_better_than_each_of_its_changes(ids: list[str], duty: dict[str, bool]) -> None:
    after = wave(items=[{"id": i, "text": f"Antwort {i}"} for i in ids], **duty)
    for each in compare(wave(), after):
        if each.status == "kept":
            assert all(VERDICTS.index(change.verdict) <= VERDICTS.index(each.verdict) for change in each.changes)


@given(questionnaires())
@settings(max_examples=40, deadline=None)
def test_a_questionnaire_is_comparable_with_itself(questionnaire: Questionnaire) -> None:
    known = {"comparable"} if questionnaire.reconstruction is None else {"with_care"}
    assert {each.verdict for each in compare(questionnaire, questionnaire)} <= known


@given(questionnaires(), questionnaires())
@settings(max_examples=40, deadline=None)
def test_every_item_of_both_waves_stands_in_a_comparison_once(before: Questionnaire, after: Questionnaire) -> None:
    found = compare(before, after)
    named = [(each.question, each.item) for each in found]
    asked = [q for wave in (before, after) for q in wave.questions if q.answered]
    expected = {(q.id, None) for q in asked} | {(q.id, item.id) for q in asked for item in q.items}
    assert len(named) == len(set(named))
    assert set(named) == expected
