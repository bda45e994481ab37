"""A German municipal survey as an XLSForm, and its answers as ODK and KoboToolbox give them."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert  # type: ignore[import-untyped]  # ships no types
from questionnaire_strategies import questionnaires
from roundtrip import differences

from passgenau.errors import InputError
from passgenau.formats.conditions import Instrument, Untranslatable
from passgenau.formats.xlsform import read_xlsform, read_xlsform_answers, write_xlsform, write_xlsform_answers
from passgenau.formats.xlsform_expressions import Form, read_condition
from passgenau.survey.filters import Reference
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.typed import type_answers

SURVEY = [
    [
        "type",
        "name",
        "label::Deutsch (de)",
        "label::English (en)",
        "hint::Deutsch (de)",
        "required",
        "relevant",
        "constraint",
        "appearance",
        "calculation",
        "parameters",
        "constraint_message::Deutsch (de)",
    ],
    ["start", "start"],
    ["begin_group", "erfahrung", "Erfahrung", "Experience"],
    ["select_one stand", "stand", "Wie weit ist Ihre Kommune?", "How far?", "Bitte wählen", "yes"],
    [
        "select_multiple themen",
        "themen",
        "Welche Themen?",
        "Which topics?",
        "",
        "",
        "${stand} != 'kein'",
        "count-selected(.) <= 2 and not(selected(., 'nichts') and count-selected(.) > 1)",
    ],
    ["text", "themen_anderes", "Welches?", "Which?", "", "", "selected(${themen}, 'other')"],
    [
        "integer",
        "tage",
        "Wie viele Tage?",
        "How many days?",
        "",
        "",
        "selected(${themen}, 'energie')",
        ". >= 0 and . <= 10",
        "",
        "",
        "",
        "Zwischen 0 und 10",
    ],
    ["begin_group", "mehr", "Mehr", "More", "", "", "count-selected(${themen}) > 1"],
    ["select_one jn or_other", "online", "Online?", "Online?"],
    ["end_group"],
    ["end_group"],
    ["begin_group", "wichtig", "Wie wichtig?", "How important?", "", "", "", "", "table-list"],
    ["select_one grad", "wichtig_netz", "Vernetzung", "Network"],
    ["select_one grad", "geld", "Geld", "Money"],
    ["end_group"],
    ["begin_group", "schluss", "Schluss", "End", "", "", "${geld} = '1'"],
    ["rank jn", "rang", "Ordnen", "Order"],
    [
        "text",
        "noch",
        "Noch etwas?",
        "Anything?",
        "",
        "",
        "string-length(${tage}) > 0",
        "string-length(.) <= 500",
        "multiline",
    ],
    ["calculate", "doppelt", "", "", "", "", "", "", "", "${tage} * 2"],
    ["note", "dank", "Danke", "Thanks"],
    ["range", "note", "Note", "Mark", "", "", "${tage} + 1 > 3", "", "", "", "start=1 end=6 step=1"],
    ["geopoint", "ort", "Wo?", "Where?"],
    ["begin_repeat", "orte", "Orte", "Places"],
    ["text", "ortsname", "Name", "Name"],
    ["end_repeat"],
    ["end_group"],
]
CHOICES = [
    ["list_name", "name", "label::Deutsch (de)", "label::English (en)"],
    ["stand", "kein", "noch nichts", "nothing"],
    ["stand", "plan", "in Planung", "planned"],
    ["themen", "energie", "Energie", "Energy"],
    ["themen", "wohnen", "Wohnen", "Housing"],
    ["themen", "nichts", "keines", "none"],
    ["themen", "other", "anderes", "other"],
    ["jn", "ja", "Ja", "Yes"],
    ["jn", "nein", "Nein", "No"],
    ["grad", "1", "sehr", "very"],
    ["grad", "2", "etwas", "a bit"],
]
SETTINGS = [
    ["form_title", "form_id", "version", "default_language"],
    ["Umfrage", "umfrage_2027", "2027-1", "Deutsch (de)"],
]
ANSWERS = (
    "start,erfahrung/stand,erfahrung/themen,erfahrung/themen/energie,erfahrung/themen_anderes,erfahrung/tage,"
    "erfahrung/mehr/online,wichtig/wichtig_netz,wichtig/geld,schluss/rang,schluss/noch,_uuid,_submission_time\n"
    '2027-01-02,plan,energie other,1,Verkehr,4,ja,1,2,nein ja,"=1+1, ja",u1,2027-01-02T10:00:00\n'
    "2027-01-03,kein,,,,,,,,,,u2,2027-01-03T10:00:00\n"
)


def book(survey: list[list[str]] = SURVEY, choices: list[list[str]] = CHOICES) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in (("survey", survey), ("choices", choices), ("settings", SETTINGS)):
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    found = read_xlsform(book(), "umfrage.xlsx").questionnaire
    assert found is not None
    return found


def test_rows_become_questions_and_groups_sections(questionnaire: Questionnaire) -> None:
    assert [(q.id, q.type, q.section) for q in questionnaire.questions] == [
        ("stand", "single", "erfahrung"),
        ("themen", "multiple", "erfahrung"),
        ("tage", "number", "erfahrung"),
        ("online", "single", "erfahrung"),
        ("wichtig", "matrix", "part2"),
        ("rang", "ranking", "schluss"),
        ("noch", "text", "schluss"),
        ("doppelt", "computed", "schluss"),
        ("dank", "information", "schluss"),
        ("note", "number", "schluss"),
        ("ort", "text", "schluss"),
        ("ortsname", "text", "schluss"),
    ]
    assert questionnaire.languages == ("de", "en")
    assert questionnaire.version == "2027-1"


def test_constraints_become_limits_and_a_line_of_text_the_open_answer(questionnaire: Questionnaire) -> None:
    themen, tage, noch = (questionnaire.question(name) for name in ("themen", "tage", "noch"))
    assert (themen.max_answers, [i.id for i in themen.items if i.exclusive]) == (2, ["nichts"])
    assert themen.other is not None
    assert [item.id for item in themen.items] == ["energie", "wohnen", "nichts"]
    assert (tage.minimum, tage.maximum) == (0, 10)
    assert noch.max_length == 500
    assert [item.id for item in questionnaire.question("wichtig").items] == ["netz", "geld"]


def test_conditions_become_filters_and_those_of_inner_groups_join_in(questionnaire: Questionnaire) -> None:
    assert {q.id: str(q.show_if) for q in questionnaire.questions if q.show_if} == {
        "themen": "stand != kein",
        "tage": "themen.energie",
        "online": "count(themen) > 1",
        "noch": "answered(tage)",
    }
    assert str(questionnaire.section("schluss").show_if) == 'wichtig.geld = "1"'


def test_what_it_does_not_use_is_kept_and_named() -> None:
    lost = [(entry.where, entry.what.de.split(":")[0]) for entry in read_xlsform(book(), "umfrage.xlsx").lost]
    assert sorted(lost) == [
        ("group mehr", "begin_group"),
        ("repeat orte", "begin_repeat"),
        ("row doppelt", "calculation"),
        ("row note", "relevant"),
        ("row ort", "type"),
        ("row tage", "constraint_message"),
        ("survey", "start"),
    ]


def test_what_was_read_is_written_as_it_was(questionnaire: Questionnaire) -> None:
    content = write_xlsform(questionnaire).files["questionnaire.xlsx"]
    again = read_xlsform(content, "again.xlsx").questionnaire
    assert again is not None
    assert differences(questionnaire, again) == set()
    sheet = openpyxl.load_workbook(io.BytesIO(content))["survey"]
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True)}
    assert rows["themen_anderes"][0] == "text"
    assert rows["stand"][0] == "select_one stand"


def test_the_same_questionnaire_gives_the_same_bytes(questionnaire: Questionnaire) -> None:
    assert write_xlsform(questionnaire).files == write_xlsform(questionnaire).files


@given(questionnaires(max_questions=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_questionnaire_comes_back_as_it_was_and_pyxform_accepts_it(before: Questionnaire) -> None:
    content = write_xlsform(before).files["questionnaire.xlsx"]
    after = read_xlsform(content, "questionnaire.xlsx")
    assert after.questionnaire is not None
    assert differences(before, after.questionnaire) == set()
    assert "<h:html" in convert(xlsform=content).xform


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "${stand} = 'plan' and (selected(${themen}, 'energie') or not(${tage} >= 3))",
            "stand = plan and (themen.energie or not tage >= 3)",
        ),
        ("${stand} = 'plan' or ${stand} = 'kein'", "stand in (plan, kein)"),
        ("count-selected(${themen}) > 2", "count(themen) > 2"),
        ("3 <= number(${tage})", "tage >= 3"),
        ("${noch} != ''", "answered(noch)"),
        ("selected(${stand}, 'plan')", "stand = plan"),
        ("${wichtig_netz} = 1", 'wichtig.netz = "1"'),
        ("true()", "true"),
    ],
)
def test_a_condition_says_the_same_in_the_filter_language(
    questionnaire: Questionnaire, condition: str, expected: str
) -> None:
    assert str(read_condition(condition, form_of(questionnaire))) == expected


@pytest.mark.parametrize(
    "condition", ["${tage} + 1 > 3", "today() > 3", "${unknown} = 1", "../x = 1", "${tage} >", "(" * 80, "", "1 = 1"]
)
def test_a_condition_beyond_the_filter_language_is_refused(questionnaire: Questionnaire, condition: str) -> None:
    with pytest.raises(Untranslatable):
        read_condition(condition, form_of(questionnaire))


def form_of(questionnaire: Questionnaire) -> Form:
    instrument = Instrument({q.id: q for q in questionnaire.questions}, questionnaire.scales)
    return Form(instrument, {"wichtig_netz": Reference("wichtig", "netz")})


def test_answers_are_delivered_by_variable(questionnaire: Questionnaire) -> None:
    delivered = read_xlsform_answers(ANSWERS.encode(), "answers.csv", questionnaire)
    row = {name: delivered.table[column][0] for name, column in delivered.columns.items()}
    assert row == {
        "stand": "plan",
        "themen_energie": "1",
        "themen_wohnen": "0",
        "themen_nichts": "0",
        "themen_other": "1",
        "themen_other_text": "Verkehr",
        "tage": "4",
        "online": "ja",
        "wichtig_netz": "1",
        "wichtig_geld": "2",
        "rang_ja": "2",
        "rang_nein": "1",
        "noch": "=1+1, ja",
    }
    assert dict(delivered.roles) == {"sheet": "_uuid", "day": "_submission_time"}


@pytest.mark.parametrize("separator", ["/", "-", ".", ":"])
def test_ticks_in_columns_of_their_own_are_the_same(questionnaire: Questionnaire, separator: str) -> None:
    content = f"erfahrung{separator}themen{separator}energie,erfahrung{separator}themen{separator}wohnen\n1,0\n"
    delivered = read_xlsform_answers(content.encode(), "answers.csv", questionnaire)
    assert {name: delivered.table[name][0] for name in delivered.columns} == {
        "themen_energie": "1",
        "themen_wohnen": "0",
    }


def test_answers_written_and_read_again_are_the_same(questionnaire: Questionnaire) -> None:
    typed = type_answers(read_xlsform_answers(ANSWERS.encode(), "answers.csv", questionnaire), questionnaire)
    content = write_xlsform_answers(typed).files["responses.csv"]
    assert b"'=1+1, ja" in content
    again = type_answers(read_xlsform_answers(content, "again.csv", questionnaire), questionnaire)
    assert again.values.drop("noch").equals(typed.values.drop("noch"))
    asked = list(again.delivered.columns.keys() & typed.delivered.columns.keys())
    assert again.states.select(asked).equals(typed.states.select(asked))


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        b"\x00\x01",
        b"| survey |",
        book()[:500],
        book([["type", "name"], ["begin_group", "a"]]),
        book([["type", "name"]]),
        book([["type"], ["end_group"]]),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_one_message(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_xlsform(content, "umfrage.xlsx")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].file == "umfrage.xlsx"


def test_answers_of_another_form_are_refused(questionnaire: Questionnaire) -> None:
    with pytest.raises(InputError):
        read_xlsform_answers(b"a,b\n1,2\n", "answers.csv", questionnaire)


_CELL = st.sampled_from(
    [
        "",
        "select_one l",
        "select_multiple l",
        "rank l",
        "text",
        "integer",
        "begin_group",
        "end_group",
        "range",
        "a",
        "b",
        "${a} = 1",
        "count-selected(.) <= 9",
        ". >= 3",
        "yes",
        "table-list",
        "{",
        '{"id": 3}',
        "start=9 end=1",
    ]
)
_COLUMNS = ["type", "name", "label", "relevant", "constraint", "appearance", "parameters", "passgenau"]


@given(st.lists(st.lists(_CELL, min_size=8, max_size=8), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_form_with_anything_in_it_is_read_or_refused(rows: list[list[str]]) -> None:
    lines: list[Any] = [
        ["survey", *_COLUMNS],
        *(["", *row] for row in rows),
        ["choices", "list_name", "name"],
        ["", "l", "x"],
    ]
    content = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    try:
        imported = read_xlsform(content.encode(), "form.csv")
    except InputError:
        return  # refused with a message, which is all that such a file may ask for
    assert imported.questionnaire is not None
