"""LimeSurvey structures, written and read again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questionnaire_strategies import questionnaires
from test_formats_limesurvey_structure import Tables, document, one, survey

from passgenau.errors import InputError
from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.limesurvey.conditions import own
from passgenau.formats.limesurvey.structure import read_structure
from passgenau.formats.limesurvey.tables import read_document
from passgenau.formats.limesurvey.write import write_structure
from passgenau.survey.counting import count_items
from passgenau.survey.filters import parse
from passgenau.survey.questionnaire import Questionnaire


def again(exported: Exported, name: str = "survey.lss") -> Questionnaire:
    found = read_structure(exported.files[name], name).questionnaire
    assert found is not None
    return found


def read(tables: Tables, **how: Any) -> Questionnaire:
    found = read_structure(document(tables, **how), "umfrage.lss").questionnaire
    assert found is not None
    return found


def rows(exported: Exported, table: str) -> list[dict[str, str]]:
    return list(read_document(exported.files["survey.lss"], "survey.lss").rows(table))


def attributes(exported: Exported) -> dict[str, str]:
    return {row["attribute"]: row["value"] for row in rows(exported, "question_attributes")}


def without_foreign(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_foreign(part) for name, part in value.items() if name != "foreign"}
    return [without_foreign(part) for part in value] if isinstance(value, list | tuple) else value


def whole_survey() -> Tables:
    """Return a survey with everything that is kept beside the questions."""
    tables = survey(one("M", rows=2, attributes={"max_answers": "2", "hidden": "1", "text_input_width": "6"}))
    tables["questions"] += [
        {
            **tables["questions"][0],
            "qid": 12,
            "type": "L",
            "title": "Q2",
            "question_order": 4,
            "relevance": "((Q1_SQ1.NAOK == 'Y'))",
        },
        {
            **tables["questions"][0],
            "qid": 13,
            "type": "S",
            "title": "Q3",
            "question_order": 7,
            "relevance": "TOKEN:X == 'a'",
        },
        {**tables["questions"][0], "qid": 14, "type": "S", "title": "Q3", "question_order": 8, "mandatory": "S"},
    ]
    tables["answers"] = [
        {"aid": 5, "qid": 12, "code": code, "sortorder": 1, "scale_id": 0} for code in ("A1", "A1", "ä")
    ]
    tables["question_attributes"] += [
        {"qid": 10, "attribute": "em_validation_q_tip", "value": "Tipp", "language": "de"},
        {"qid": 10, "attribute": "cssclass"},
    ]
    tables["quota"] = [{"id": 1, "name": "Berlin", "qlimit": 10}]
    tables["conditions"] = [
        {"qid": 14, "cqid": 10, "cfieldname": "+1X2X10SQ1", "method": "==", "value": "Y", "scenario": 1}
    ]
    tables["surveys_languagesettings"] = [
        {
            "surveyls_survey_id": 1,
            "surveyls_language": "de",
            "surveyls_title": "Titel",
            "surveyls_email_invite": "Hallo {NAME}",
        }
    ]
    return tables


def test_what_came_from_limesurvey_goes_back_as_it_was() -> None:
    content = document(whole_survey()).replace(
        b"</document>", b"<themes><theme><sid>1</sid><config>x &amp; y</config></theme></themes></document>"
    )
    first = read_structure(content, "umfrage.lss").questionnaire
    assert first is not None
    exported = write_structure(first)
    found = again(exported)
    assert found.foreign == first.foreign
    for mine, theirs in zip(first.questions, found.questions, strict=True):
        kept, there = own(mine.foreign), own(theirs.foreign)
        assert {name: there[name] for name in kept} == kept
    assert without_foreign(found.model_dump()) == without_foreign(first.model_dump())
    assert rows(exported, "questions")[1]["relevance"] == "((Q1_SQ1.NAOK == 'Y'))"
    assert rows(exported, "questions")[2]["relevance"] == "TOKEN:X == 'a'"
    assert rows(exported, "questions")[3]["relevance"] == 'Q1_SQ1.NAOK == "Y"'  # later versions read no conditions
    assert b"<config>x &amp; y</config>" in exported.files["survey.lss"]


def test_a_changed_question_is_written_as_it_is_now() -> None:
    first = read(whole_survey())
    choice, listed = first.questions[:2]
    changed = first.model_copy(
        update={
            "questions": (
                choice.model_copy(update={"max_answers": 1, "required": True}),
                listed.model_copy(update={"show_if": parse("not Q1.SQ2")}),
                *first.questions[2:],
            )
        }
    )
    exported = write_structure(changed)
    assert attributes(exported)["max_answers"] == "1"
    assert attributes(exported)["text_input_width"] == "6"
    assert rows(exported, "questions")[0]["mandatory"] == "Y"
    assert rows(exported, "questions")[1]["relevance"] == '!(Q1_SQ2.NAOK == "Y")'


def test_a_filter_that_was_taken_away_is_not_written_back() -> None:
    first = read(whole_survey())
    bare = tuple(question.model_copy(update={"show_if": None}) for question in first.questions)
    exported = write_structure(first.model_copy(update={"questions": bare}))
    assert [row["relevance"] for row in rows(exported, "questions")] == ["1", "1", "TOKEN:X == 'a'", "1"]


def test_old_files_are_written_in_the_generation_that_is_imported_today() -> None:
    tables: Tables = {"questions": [{"qid": 3, "type": "Z", "title": "Q1", "question": "Was?", "lid": 1}]}
    tables["labels"] = [{"lid": 1, "code": "A", "title": "eins", "sortorder": 1}]
    exported = write_structure(read(tables, kind="Question", version=140))
    document_ = read_document(exported.files["survey.lss"], "survey.lss")
    assert (document_.version, document_.rows("questions")[0]["type"]) == ("640", "L")
    assert [row["answer"] for row in document_.rows("answer_l10ns")] == ["eins"]
    assert "lid" not in document_.rows("questions")[0]


def test_plain_texts_are_escaped_so_that_nothing_in_them_is_an_expression() -> None:
    survey_ = Questionnaire.model_validate(
        {"questions": [{"id": "Q1", "type": "text", "text": "A & B < {C}\nD"}], "languages": ["de"]}
    )
    assert rows(write_structure(survey_), "question_l10ns")[0]["question"] == "A &amp; B &lt; &#123;C&#125;<br />D"


def where(lost: tuple[Lost, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in lost:
        found.setdefault(entry.where, []).append(entry.what.into("en"))
    return found


def test_what_limesurvey_cannot_say_is_reported() -> None:
    survey_ = Questionnaire.model_validate(
        {
            "version": "2027-1",
            "scales": {"s": {"points": [{"id": "low", "text": "wenig", "agrees": True}, {"id": "high"}]}},
            "sections": [{"id": "g1", "title": "Teil"}],
            "questions": [
                {"id": "long_name_of_a_question", "type": "matrix", "text": "?", "section": "g1", "scale": "s",
                 "items": [{"id": "a-1", "text": "A"}], "audiences": ["leitung"]},
                {"id": "Q2", "type": "text", "text": "?", "section": "g1", "show_if": "@population >= 20000"},
            ],
        }
    )  # fmt: skip
    reported = where(write_structure(survey_).lost)
    assert reported["survey"] == ["version: 2027-1"]
    assert reported["question long_name_of_a_question"] == [
        "code 'long_name_of_a_question'",
        "id: long_name_of_a_question",
        "audiences: leitung",
    ]
    assert reported["question long_name_of_a_question, a-1"] == ["code 'a-1'", "id: a-1"]
    assert reported["question long_name_of_a_question, low"] == ["agrees: True"]
    assert reported["question Q2"] == ["filter @population >= 20000"]


@settings(max_examples=15, deadline=None)
@given(questionnaires())
def test_a_written_structure_is_read_and_written_the_same_from_then_on(survey_: Questionnaire) -> None:
    exported = write_structure(survey_)
    first = again(exported)
    second = write_structure(first)
    assert again(second) == first
    assert second.files == exported.files


@settings(max_examples=15, deadline=None)
@given(questionnaires(codes=False, facts=False))
def test_texts_items_and_limits_come_back_from_both_files(survey_: Questionnaire) -> None:
    survey_ = survey_.model_copy(update={"markup": "html"})
    exported = write_structure(survey_)
    for name in exported.files:
        found = again(exported, name)
        assert found.languages == survey_.languages
        assert (found.title, found.introduction, found.ending, found.privacy) == (
            survey_.title,
            survey_.introduction,
            survey_.ending,
            survey_.privacy,
        )
        assert count_items(found) == count_items(survey_)
        for mine, theirs in zip(survey_.questions, found.questions, strict=True):
            for field in ("id", "text", "help", "required", "max_answers", "unit", "minimum", "maximum", "max_length"):
                assert getattr(theirs, field) == getattr(mine, field), field
            for part in ("items", "columns") if mine.type != "scale" else ():
                assert [(item.id, item.text, item.exclusive) for item in getattr(theirs, part)] == [
                    (item.id, item.text, item.exclusive) for item in getattr(mine, part)
                ]
            if mine.type == "matrix" and mine.scale and theirs.scale:
                assert [point.id for point in found.scale(theirs.scale).points] == [
                    point.id for point in survey_.scale(mine.scale).points
                ]


# --- files that are damaged ----------------------------------------------------------------------------------------

_CONTENT = document(whole_survey())
_WORDS = st.sampled_from(
    [b"", b"0", b"-1", b"<row/>", b"]]>", b"\x00", b"\xff", b"M", b"1", b"R", b"en", b"&x;", b"99999999999"]
)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(_CONTENT)), st.integers(0, 40), _WORDS)
def test_damaged_files_are_refused_or_read_but_never_crash(start: int, length: int, word: bytes) -> None:
    damaged = _CONTENT[:start] + word + _CONTENT[start + length :]
    try:
        found = read_structure(damaged, "umfrage.lss").questionnaire
    except InputError as refused:
        found, named = None, "umfrage.lss" in refused.format("de")
    else:
        named = True
    assert named
    assert found is None or again(write_structure(found)).questions


_CELLS = st.sampled_from(
    ["", "Q", "SQ", "A", "G", "S", "SL", "C", "M", "L", "F", "0", "1", "x", "de", "Q1 == 2", "max"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_CELLS, max_size=9), max_size=8))
def test_tab_separated_files_of_any_content_are_refused_or_read(cells: list[list[str]]) -> None:
    heading = "class\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tmandatory\tmax_answers"
    content = "\n".join([heading, *("\t".join(row) for row in cells)]).encode()
    questions = sum(row[:1] == ["Q"] for row in cells)
    try:
        found = read_structure(content, "umfrage.txt").questionnaire
    except InputError:
        found = None
    assert (len(found.questions) if found else 0) == questions


@pytest.mark.parametrize("ending", ["survey.lss", "survey.txt"])
def test_the_same_questionnaire_gives_the_same_bytes(ending: str) -> None:
    first = read(whole_survey())
    assert write_structure(first).files[ending] == write_structure(first).files[ending]
