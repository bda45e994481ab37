"""A German municipal survey made with SurveyJS, and its results."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import InputError
from passgenau.formats.conditions import Instrument, Untranslatable
from passgenau.formats.surveyjs import (
    read_surveyjs,
    read_surveyjs_answers,
    write_surveyjs,
    write_surveyjs_answers,
)
from passgenau.formats.surveyjs_expressions import read_condition
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.typed import type_answers

SURVEY: dict[str, Any] = {
    "locale": "de",
    "title": {"default": "Quartiersentwicklung in Ihrer Kommune", "en": "Neighbourhood development"},
    "description": "Wir fragen alle Städte und Gemeinden.",
    "completedHtml": "<p>Vielen Dank!</p>",
    "showProgressBar": "top",
    "calculatedValues": [{"name": "punkte", "expression": "{tage} * 2"}],
    "pages": [
        {
            "name": "erfahrung",
            "title": "Erfahrung",
            "elements": [
                {
                    "type": "radiogroup",
                    "name": "stand",
                    "title": "Wie weit ist Ihre Kommune?",
                    "isRequired": True,
                    "choices": [
                        {"value": "kein", "text": "noch nichts begonnen"},
                        {"value": "plan", "text": "in Planung"},
                        {"value": 3, "text": "läuft"},
                    ],
                    "showOtherItem": True,
                    "showRefuseItem": True,
                },
                {
                    "type": "checkbox",
                    "name": "themen",
                    "title": "Welche Themen?",
                    "visibleIf": "{stand} anyof ['plan', 3]",
                    "choices": ["energie", "wohnen", "pflege"],
                    "showNoneItem": True,
                    "hasOther": True,
                    "maxSelectedChoices": 2,
                    "choicesOrder": "random",
                },
                {
                    "type": "panel",
                    "name": "mehr",
                    "title": "Mehr dazu",
                    "visibleIf": "{themen} contains 'energie'",
                    "elements": [
                        {
                            "type": "text",
                            "name": "tage",
                            "inputType": "number",
                            "title": "Wie viele Tage?",
                            "min": 0,
                            "validators": [{"type": "numeric", "maxValue": 10}],
                            "visibleIf": "{stand} <> 'kein'",
                            "placeholder": "z. B. 3",
                        },
                        {"type": "boolean", "name": "online", "title": "Auch online?"},
                    ],
                },
            ],
        },
        {
            "name": "urteil",
            "visibleIf": "{themen.length} > 1",
            "elements": [
                {
                    "type": "matrix",
                    "name": "wichtig",
                    "title": "Wie wichtig?",
                    "columns": [
                        {"value": 1, "text": "sehr"},
                        {"value": 2, "text": "etwas"},
                        {"value": 3, "text": "nicht"},
                    ],
                    "rows": [{"value": "netz", "text": "Vernetzung"}, "geld"],
                },
                {
                    "type": "rating",
                    "name": "note",
                    "title": "Note?",
                    "rateMin": 1,
                    "rateMax": 5,
                    "minRateDescription": "schlecht",
                    "maxRateDescription": "gut",
                    "visibleIf": "{wichtig.netz} = 1",
                },
                {"type": "ranking", "name": "rang", "title": "Ordnen Sie", "choices": ["a", "b", "c"]},
                {
                    "type": "multipletext",
                    "name": "wer",
                    "title": "Wer?",
                    "items": [{"name": "amt", "title": "Amt"}, {"name": "ort"}],
                },
                {"type": "comment", "name": "noch", "title": "Noch etwas?", "rows": 5, "maxLength": 500},
                {"type": "expression", "name": "summe", "title": "Summe", "expression": "{tage} * 2"},
                {"type": "html", "name": "dank", "html": "<p>Danke, <b>{stand}</b></p>"},
                {
                    "type": "paneldynamic",
                    "name": "orte",
                    "title": "Orte",
                    "templateElements": [{"type": "text", "name": "ort"}],
                },
                {
                    "type": "text",
                    "name": "mail",
                    "inputType": "email",
                    "title": "E-Mail",
                    "visibleIf": "iif({tage} > 2, 'a', 'b') = 'a'",
                },
            ],
        },
    ],
}
RESULTS = [
    {
        "id": 7,
        "stand": 3,
        "themen": ["energie", "other"],
        "themen-Comment": "Verkehr",
        "tage": 4.5,
        "online": True,
        "wichtig": {"netz": 1, "geld": 3},
        "note": 5,
        "rang": ["c", "a", "b"],
        "wer": {"amt": "Bauamt"},
        "noch": "=1+1",
        "fremd": {"x": 1},
    },
    {"id": 8, "stand": "refused"},
    {"id": 9, "stand": "other", "stand-Comment": "Pause", "themen": ["none"]},
]


def survey(**changes: Any) -> bytes:
    return json.dumps({**SURVEY, **changes}, ensure_ascii=False).encode()


def element(**fields: Any) -> bytes:
    first = {"type": "radiogroup", "name": "a", "choices": ["x", "y"]}
    return json.dumps({"locale": "de", "elements": [first, {"name": "b", **fields}]}).encode()


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    found = read_surveyjs(survey(), "umfrage.json").questionnaire
    assert found is not None
    return found


def test_every_element_becomes_a_question_in_its_section(questionnaire: Questionnaire) -> None:
    assert [(q.id, q.type, q.section) for q in questionnaire.questions] == [
        ("stand", "single", "erfahrung"),
        ("themen", "multiple", "erfahrung"),
        ("tage", "number", "erfahrung"),
        ("online", "single", "erfahrung"),
        ("wichtig", "matrix", "urteil"),
        ("note", "scale", "urteil"),
        ("rang", "ranking", "urteil"),
        ("wer", "text", "urteil"),
        ("noch", "text", "urteil"),
        ("summe", "computed", "urteil"),
        ("dank", "information", "urteil"),
        ("orte", "text", "urteil"),
        ("mail", "text", "urteil"),
    ]
    assert questionnaire.languages == ("de", "en")
    assert questionnaire.markup == "html"


def test_choices_limits_and_special_answers_are_understood(questionnaire: Questionnaire) -> None:
    stand, themen, tage = (questionnaire.question(name) for name in ("stand", "themen", "tage"))
    assert [item.id for item in stand.items] == ["kein", "plan", "3"]
    assert stand.other is not None
    assert stand.no_answer is not None
    assert stand.no_answer.code == "refused"
    assert [(item.id, item.exclusive) for item in themen.items] == [
        ("energie", False),
        ("wohnen", False),
        ("pflege", False),
        ("none", True),
    ]
    assert (themen.max_answers, themen.shuffled) == (2, True)
    assert (tage.minimum, tage.maximum) == (0, 10)


def test_conditions_become_filters_and_those_of_panels_join_in(questionnaire: Questionnaire) -> None:
    filters = {q.id: str(q.show_if) for q in questionnaire.questions if q.show_if}
    assert filters == {
        "themen": 'stand in (plan, "3")',
        "tage": "themen.energie and stand != kein",
        "online": "themen.energie",
        "note": 'wichtig.netz = "1"',
    }
    assert str(questionnaire.section("urteil").show_if) == "answered(themen) and count(themen) > 1"


def test_what_it_does_not_use_is_kept_and_named(questionnaire: Questionnaire) -> None:
    lost = {(entry.where, entry.what.de.split(":")[0]) for entry in read_surveyjs(survey(), "umfrage.json").lost}
    assert lost == {
        ("survey", "calculatedValues"),
        ("panel mehr", "panel"),
        ("element tage", "placeholder"),
        ("element summe", "expression"),
        ("element orte", "paneldynamic"),
        ("element orte", "templateElements"),
        ("element mail", "inputType"),
        ("element mail", "visibleIf"),
    }
    mail = questionnaire.question("mail").foreign["surveyjs"]
    assert mail == {"inputType": "email", "visibleIf": "iif({tage} > 2, 'a', 'b') = 'a'"}


def test_what_was_read_is_written_as_it_was(questionnaire: Questionnaire) -> None:
    written = json.loads(write_surveyjs(questionnaire).files["questionnaire.json"])
    again = read_surveyjs(json.dumps(written).encode(), "again.json").questionnaire
    assert again == questionnaire
    assert written["calculatedValues"] == SURVEY["calculatedValues"]
    elements = {e["name"]: e for page in written["pages"] for e in page["elements"]}
    assert elements["stand"]["choices"] == SURVEY["pages"][0]["elements"][0]["choices"]
    assert elements["mail"]["visibleIf"] == "iif({tage} > 2, 'a', 'b') = 'a'"
    assert elements["online"]["type"] == "boolean"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "{stand} = 'plan' and ({themen} notempty or !({tage} >= 3))",
            "stand = plan and (answered(themen) or not tage >= 3)",
        ),
        ("{themen} allof ['energie', 'wohnen']", "themen.energie and themen.wohnen"),
        ("{themen} noneof ['energie', 'wohnen']", "not (themen.energie or themen.wohnen)"),
        ('{themen} notcontains "other"', "not themen.other"),
        ("5 < {tage}", "tage > 5"),
        ("{online} = true", "online = yes"),
        ("{online}", "online = yes"),
        ("{note} >= 4", 'note in ("4", "5")'),
        ("{stand} = 'other' || {stand} empty", "stand = other or not answered(stand)"),
        ("{wer.amt} notempty", "answered(wer.amt)"),
    ],
)
def test_a_condition_says_the_same_in_the_filter_language(
    questionnaire: Questionnaire, condition: str, expected: str
) -> None:
    instrument = Instrument({q.id: q for q in questionnaire.questions}, questionnaire.scales)
    assert str(read_condition(condition, instrument)) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "{tage} + 1 > 3",
        "age({x}) > 3",
        "{unknown} = 1",
        "{panel.ort} = 'a'",
        "{tage} >",
        "(" * 80 + "{tage} > 1",
        "{stand} = {themen}",
        "'a' = 'a'",
        "{stand} notempty 3",
    ],
)
def test_a_condition_beyond_the_filter_language_is_refused(questionnaire: Questionnaire, condition: str) -> None:
    instrument = Instrument({q.id: q for q in questionnaire.questions}, questionnaire.scales)
    with pytest.raises(Untranslatable):
        read_condition(condition, instrument)


def test_a_condition_for_every_choice_becomes_filters_of_the_items() -> None:
    content = json.dumps(
        {
            "elements": [
                {"type": "checkbox", "name": "a", "choices": ["x", "y"]},
                {"type": "ranking", "name": "b", "choices": ["x", "y"], "choicesVisibleIf": "{a} contains {item}"},
            ]
        }
    )
    found = read_surveyjs(content.encode(), "s.json").questionnaire
    assert found is not None
    assert [str(item.show_if) for item in found.question("b").items] == ["a.x", "a.y"]


@pytest.mark.parametrize("kind", ["matrixdynamic", "geolocation", "dropdown"])
def test_an_element_without_a_type_here_is_kept_as_text_and_named(kind: str) -> None:
    imported = read_surveyjs(element(type=kind, choicesByUrl={"url": "https://example.org"}), "s.json")
    assert imported.questionnaire is not None
    question = imported.questionnaire.question("b")
    assert question.type == "text"
    assert "element b" in {entry.where for entry in imported.lost}
    written = json.loads(write_surveyjs(imported.questionnaire).files["questionnaire.json"])
    assert written["pages"][0]["elements"][1]["choicesByUrl"] == {"url": "https://example.org"}
    assert written["pages"][0]["elements"][1]["type"] == kind


def test_a_matrix_of_choices_is_kept_whole_and_written_as_it_was() -> None:
    grid = {
        "type": "matrixdropdown",
        "choices": ["x"],
        "columns": [{"name": "c", "cellType": "dropdown"}],
        "rows": ["r"],
    }
    imported = read_surveyjs(element(**grid), "s.json")
    assert imported.questionnaire is not None
    question = imported.questionnaire.question("b")
    assert (question.type, [i.id for i in question.items], [c.id for c in question.columns]) == ("text", ["r"], ["c"])
    written = json.loads(write_surveyjs(imported.questionnaire).files["questionnaire.json"])["pages"][0]["elements"][1]
    assert {key: written[key] for key in grid} == grid


def test_limits_of_fields_hold_for_the_question_where_all_share_them() -> None:
    limit = [{"type": "numeric", "minValue": 1, "maxValue": 9}]
    items = [{"name": name, "inputType": "number", "validators": limit} for name in ("x", "y")]
    imported = read_surveyjs(element(type="multipletext", items=items), "s.json")
    assert imported.questionnaire is not None
    question = imported.questionnaire.question("b")
    assert (question.type, question.minimum, question.maximum, imported.lost) == ("number", 1, 9, ())


def test_names_that_are_no_codes_get_one_and_keep_their_spelling() -> None:
    imported = read_surveyjs(element(type="text", name="Wie groß?", title="Größe"), "s.json")
    assert imported.questionnaire is not None
    assert [(q.id, q.code) for q in imported.questionnaire.questions] == [("a", None), ("Wie_gross", "Wie groß?")]


def test_a_file_that_names_no_language_is_guessed_and_says_so() -> None:
    content = json.dumps({"elements": [{"type": "text", "name": "a", "title": "Which of the topics do you need?"}]})
    imported = read_surveyjs(content.encode(), "s.json")
    assert imported.questionnaire is not None
    assert imported.questionnaire.languages == ("en",)
    assert len(imported.guessed) == 1


def test_results_are_delivered_by_variable(questionnaire: Questionnaire) -> None:
    delivered = read_surveyjs_answers(json.dumps(RESULTS).encode(), "results.json", questionnaire)
    rows = delivered.table.to_dicts()
    first = {name: value for name, value in rows[0].items() if value is not None}
    assert first == {
        "stand": "3",
        "themen_energie": "1",
        "themen_wohnen": "0",
        "themen_pflege": "0",
        "themen_none": "0",
        "themen_other": "1",
        "themen_other_text": "Verkehr",
        "tage": "4.5",
        "online": "true",
        "wichtig_netz": "1",
        "wichtig_geld": "3",
        "note": "5",
        "rang_a": "2",
        "rang_b": "3",
        "rang_c": "1",
        "wer_amt": "Bauamt",
        "noch": "=1+1",
        "id": "7",
        "fremd": '{"x": 1}',
    }
    assert dict(delivered.roles) == {"sheet": "id"}
    assert [row["stand"] for row in rows] == ["3", "refused", "other"]
    assert rows[2]["stand_other_text"] == "Pause"


def test_results_written_and_read_again_are_the_same_answers(questionnaire: Questionnaire) -> None:
    delivered = read_surveyjs_answers(json.dumps(RESULTS).encode(), "results.json", questionnaire)
    typed = type_answers(delivered, questionnaire)
    exported = write_surveyjs_answers(typed)
    again = type_answers(
        read_surveyjs_answers(exported.files["responses.json"], "again.json", questionnaire), questionnaire
    )
    assert again.values.equals(typed.values)
    assert again.states.equals(typed.states)
    assert json.loads(exported.files["responses.json"])[0]["themen"] == ["energie", "other"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1, 2]",
        b'{"title": "x"}',
        b'{"pages": []}',
        b'{"elements": [{"type": "html"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_survey_is_refused_with_one_message(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_surveyjs(content, "umfrage.json")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].file == "umfrage.json"


@pytest.mark.parametrize("content", [b"[1]", b'"x"', b"[{", b"3"])
def test_results_that_are_no_list_of_objects_are_refused(questionnaire: Questionnaire, content: bytes) -> None:
    with pytest.raises(InputError):
        read_surveyjs_answers(content, "results.json", questionnaire)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["a", "", "{a} = 1", "text"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "text", "de", "name"]), inner)
    ),
    max_leaves=5,
)
_KEYS = st.sampled_from(
    [
        "title",
        "choices",
        "rows",
        "columns",
        "items",
        "rateValues",
        "rateMin",
        "rateMax",
        "validators",
        "visibleIf",
        "min",
        "max",
        "passgenau",
        "html",
        "isRequired",
        "hasOther",
        "maxSelectedChoices",
        "minSelectedChoices",
    ]
)
_KINDS = st.sampled_from(
    [
        "radiogroup",
        "checkbox",
        "matrix",
        "matrixdropdown",
        "rating",
        "text",
        "multipletext",
        "boolean",
        "html",
        "ranking",
    ]
)


@given(st.lists(st.tuples(_KINDS, st.dictionaries(_KEYS, _JSON, max_size=5)), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_survey_with_anything_in_it_is_read_or_refused(elements: list[tuple[str, dict[str, Any]]]) -> None:
    document = {"elements": [{"type": kind, **fields} for kind, fields in elements]}
    try:
        imported = read_surveyjs(json.dumps(document).encode(), "s.json")
    except InputError:
        return  # refused with a message, which is all that such a file may ask for
    assert imported.questionnaire is not None
    assert len(imported.questionnaire.questions) == len(elements)


def test_choices_written_in_short_are_value_and_text() -> None:
    survey = {"elements": [{"type": "radiogroup", "name": "q", "choices": ["low|too low", "high", "|", "x|"]}]}
    found = read_surveyjs(json.dumps(survey).encode(), "a.json").questionnaire
    assert found is not None
    assert [(item.code or item.id, item.text.into("en")) for item in found.questions[0].items] == [
        ("low", "too low"),
        ("high", "high"),
        ("|", "|"),
        ("x|", "x|"),
    ]


def test_the_ends_of_a_rating_keep_their_texts() -> None:
    ends = {"minRateDescription": "not at all", "maxRateDescription": "very"}
    old = {"mininumRateDescription": "not at all", "maximumRateDescription": "very"}
    for more in ({**ends, "rateValues": [1, 2, 3]}, {**ends, "rateMax": 3}, {**old, "rateMax": 3}):
        survey = {"elements": [{"type": "rating", "name": "q", **more}]}
        found = read_surveyjs(json.dumps(survey).encode(), "a.json").questionnaire
        assert found is not None
        points = found.scales["q_scale"].points
        assert [point.text.into("en") if point.text else None for point in points] == ["not at all", None, "very"]
    labelled = {**ends, "rateValues": [{"value": 1, "text": "one"}, 2]}
    lost = read_surveyjs(
        json.dumps({"elements": [{"type": "rating", "name": "q", **labelled}]}).encode(), "a.json"
    ).lost
    assert [entry.what.en for entry in lost] == ["minRateDescription: not at all"]


def test_javascript_in_place_of_json_is_named() -> None:
    with pytest.raises(InputError, match="This is JavaScript, not JSON"):
        read_surveyjs(b'{\n locale: "de",\n pages: [{ name: "p", elements: [] }]\n}', "a.json")
