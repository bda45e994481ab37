"""The columns that answers fill: their names, their order, and what they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from questionnaire_strategies import questionnaires

from passgenau.errors import InputError
from passgenau.survey import Questionnaire, variables
from passgenau.survey.variables import answers_of

ITEMS = [{"id": "x", "text": {"de": "Ix", "en": "Ex"}}, {"id": "y", "text": "Ypsilon", "comment": True}]
SCALE = {"agree": {"points": [{"id": "1", "value": 1}, {"id": "2", "text": "viel", "code": "A2"}], "ordered": True}}


def asked(**question: object) -> Questionnaire:
    base = {"id": "q", "text": {"de": "Was?", "en": "What?"}}
    return Questionnaire.model_validate({"scales": SCALE, "questions": [{**base, **question}]})


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"type": "single", "items": ITEMS, "other": {}}, [("q", "category"), ("q_other_text", "text")]),
        (
            {"type": "multiple", "items": ITEMS, "other": {}, "comment": "Warum?"},
            [
                ("q_x", "flag"),
                ("q_y", "flag"),
                ("q_y_comment", "text"),
                ("q_other", "flag"),
                ("q_other_text", "text"),
                ("q_comment", "text"),
            ],
        ),
        ({"type": "scale", "scale": "agree"}, [("q", "category")]),
        (
            {"type": "matrix", "scale": "agree", "second_scale": "agree", "items": ITEMS[:1]},
            [("q_x", "category"), ("q_x_second", "category")],
        ),
        ({"type": "ranking", "items": ITEMS}, [("q_x", "rank"), ("q_y", "rank")]),
        ({"type": "number"}, [("q", "number")]),
        ({"type": "number", "items": ITEMS}, [("q_x", "number"), ("q_y", "number")]),
        (
            {"type": "text", "items": ITEMS, "columns": [{"id": "c", "text": "C"}, {"id": "d", "text": "D"}]},
            [("q_x_c", "text"), ("q_x_d", "text"), ("q_y_c", "text"), ("q_y_d", "text")],
        ),
        ({"type": "date"}, [("q", "date")]),
        ({"type": "file"}, [("q", "text")]),
        ({"type": "computed"}, [("q", "text")]),
        ({"type": "information"}, []),
    ],
)
def test_every_type_fills_its_columns(question: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert [(v.name, v.type) for v in variables(asked(**question))] == expected


def test_answers_are_told_from_comments_and_texts_beside_other() -> None:
    questionnaire = asked(type="multiple", items=ITEMS, other={}, comment="Warum?")
    assert [v.name for v in answers_of(questionnaire.question("q"), questionnaire)] == ["q_x", "q_y", "q_other"]


def test_a_category_knows_its_spelling_its_label_and_what_it_counts() -> None:
    (variable,) = variables(asked(type="scale", scale="agree"))
    assert [(c.id, c.spelling, str(c.label), c.value) for c in variable.categories] == [
        ("1", "1", "1", 1.0),
        ("2", "A2", "viel", None),
    ]
    assert variable.ordered


def test_labels_join_question_and_item_in_every_language() -> None:
    found = variables(asked(type="ranking", items=ITEMS))
    assert [found[0].label.into(language) for language in ("de", "en")] == ["Was? – Ix", "What? – Ex"]


def test_two_columns_of_one_name_are_refused() -> None:
    data = {
        "questions": [
            {"id": "q", "type": "ranking", "text": "Was?", "items": ITEMS},
            {"id": "q_x", "type": "text", "text": "Was noch?"},
        ]
    }
    with pytest.raises(InputError, match="'q_x' would arise twice"):
        variables(Questionnaire.model_validate(data))


@settings(max_examples=80, deadline=None)
@given(questionnaires())
def test_names_and_places_are_unique_and_in_the_order_of_the_questions(questionnaire: Questionnaire) -> None:
    found = variables(questionnaire)
    order = [question.id for question in questionnaire.questions]
    assert len({v.name for v in found}) == len({v.place for v in found}) == len(found)
    assert [v.question for v in found] == sorted((v.question for v in found), key=order.index)
