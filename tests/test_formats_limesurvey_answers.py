"""Answers out of LimeSurvey's archives: which column is which, what an absent element means, what is left out."""

from __future__ import annotations

import pytest
from limesurvey_survey import archive, questionnaire, response_file, structure_file

from passgenau.errors import InputError
from passgenau.formats.limesurvey.answers import answers_of, read_responses
from passgenau.formats.limesurvey.archive import read_archive, read_participants
from passgenau.formats.limesurvey.columns import fields
from passgenau.survey.questionnaire import Question, Questionnaire
from passgenau.survey.responses import State
from passgenau.survey.typed import type_answers
from passgenau.translations import Translations

SURVEY = questionnaire()
SHEET = {
    "id": "7",
    "token": "abc",
    "submitdate": "2027-03-01 10:11:12",
    "lastpage": "2",
    "startlanguage": "de",
    "seed": "12345",
    "ipaddr": "203.0.113.9",
    "amt": "A",
    "amt[other]": "",
    "plan[A]": "Y",
    "plan[B]": "",
    "plan[C]": "",
    "plan[other]": "Brücken",
    "arr[A][1]": "1",
    "arr[A][2]": "2",
    "arr[B][1]": "",
    "arr[B][2]": "",
    "rank[1]": "C",
    "rank[2]": "A",
    "rank[3]": "",
    "tage": "1.234",
    "wer": "Die Nachbarn",
}


def test_a_response_file_becomes_typed_answers() -> None:
    typed = type_answers(read_responses(response_file(SURVEY, [SHEET]), "r.lsr", SURVEY), SURVEY)
    assert typed.values.row(0, named=True) == {
        "amt": "A",
        "amt_other_text": None,
        "plan_A": True,
        "plan_B": False,
        "plan_C": False,
        "plan_other": True,
        "plan_other_text": "Brücken",
        "arr_A": "1",
        "arr_A_second": "2",
        "arr_B": None,
        "arr_B_second": None,
        "arr_C": None,
        "arr_C_second": None,
        "rank_A": 2,
        "rank_B": None,
        "rank_C": 1,
        "tage": 1.234,
        "wer": "Die Nachbarn",
    }
    sheet = typed.sheets.row(0, named=True)
    assert (sheet["sheet"], sheet["token"], sheet["language"], sheet["disposition"]) == ("7", "abc", "de", "complete")
    assert str(sheet["day"]) == "2027-03-01"


def test_both_generations_of_column_names_give_the_same_answers() -> None:
    old = type_answers(read_responses(response_file(SURVEY, [SHEET]), "r.lsr", SURVEY), SURVEY)
    new = type_answers(read_responses(response_file(SURVEY, [SHEET], since_7=True), "r.lsr", SURVEY), SURVEY)
    assert old.values.equals(new.values)
    assert old.states.equals(new.states)


def test_every_field_has_a_name_of_its_own_in_every_generation() -> None:
    known = fields(SURVEY)
    for name in ("column", "column_since_7", "heading", "variable_name"):
        names = [getattr(field, name) for field in known]
        assert len(set(names)) == len(names)


def test_an_absent_element_was_not_shown_and_an_empty_one_was_left_empty() -> None:
    rows = [{**SHEET, "amt": None, "wer": ""}]
    typed = type_answers(read_responses(response_file(SURVEY, rows), "r.lsr", SURVEY), SURVEY)
    assert typed.states["amt"].to_list() == [State.NOT_SHOWN]
    assert typed.states["wer"].to_list() == [State.EMPTY]


def test_a_number_that_is_null_was_left_empty_only_where_its_filter_holds() -> None:
    rows = [{**SHEET, "id": "1", "tage": None}, {**SHEET, "id": "2", "tage": None, "amt": "C"}]
    typed = type_answers(read_responses(response_file(SURVEY, rows), "r.lsr", SURVEY), SURVEY)
    assert typed.states["tage"].to_list() == [State.EMPTY, State.NOT_SHOWN]


def test_a_number_on_a_page_never_reached_was_not_shown() -> None:
    first = {key: value for key, value in SHEET.items() if key.startswith(("id", "amt", "plan", "arr"))}
    rows = [{**first, "submitdate": None, "rank[1]": None, "tage": None, "wer": None}]
    typed = type_answers(read_responses(response_file(SURVEY, [*rows, SHEET]), "r.lsr", SURVEY), SURVEY)
    assert typed.states["tage"].to_list() == [State.NOT_SHOWN, State.ANSWERED]


def test_the_answer_other_is_known_by_its_code() -> None:
    rows = [{**SHEET, "amt": "-oth-", "amt[other]": "Bauhof"}]
    typed = type_answers(read_responses(response_file(SURVEY, rows), "r.lsr", SURVEY), SURVEY)
    assert typed.values["amt"].to_list() == ["other"]
    assert typed.values["amt_other_text"].to_list() == ["Bauhof"]


@pytest.mark.parametrize(
    ("answers", "disposition"),
    [
        ({"submitdate": "1980-01-01 00:00:00"}, "complete"),
        ({"amt": "A", "plan[A]": "Y", "arr[A][1]": "1"}, "partial"),
        ({"amt": "A"}, "break_off"),
        ({"lastpage": "1"}, "unknown"),
    ],
)
def test_how_a_sheet_ended_follows_from_what_was_answered(answers: dict[str, str], disposition: str) -> None:
    empty = dict.fromkeys(SHEET)
    delivered = read_responses(response_file(SURVEY, [{**empty, "id": "1", **answers}, SHEET]), "r.lsr", SURVEY)
    assert delivered.table[delivered.roles["disposition"]][0] == disposition


def test_a_survey_without_dates_gives_no_day() -> None:
    rows = [{**SHEET, "submitdate": "1980-01-01 00:00:00"}]
    delivered = read_responses(response_file(SURVEY, rows), "r.lsr", SURVEY)
    assert delivered.table[delivered.roles["day"]].to_list() == [None]


def test_addresses_seeds_and_clock_times_are_left_out_and_reported() -> None:
    read = answers_of(response_file(SURVEY, [SHEET]), "r.lsr", SURVEY)
    (said,) = [lost for lost in read.lost if "ipaddr" in lost.where]
    assert said.where == "ipaddr, seed, submitdate"
    assert said.what.into("en") == "IP address, seed of the random order, time of sending"
    assert not {"ipaddr", "seed", "submitdate"} & set(read.delivered.table.columns)
    cells = {cell for row in read.delivered.table.rows() for cell in row}
    assert not any("203.0.113.9" in str(cell) or "10:11:12" in str(cell) for cell in cells)


def test_attributes_of_the_invited_are_kept_on_wish_only() -> None:
    rows = [{**SHEET, "attribute_1": "08111000", "firstname": "Erika"}]
    content = response_file(SURVEY, rows)
    assert "attribute_1" not in read_responses(content, "r.lsr", SURVEY).table.columns
    kept = read_responses(content, "r.lsr", SURVEY, keep={"attribute_1", "firstname"})
    assert kept.table["attribute_1"].to_list() == ["08111000"]
    assert "firstname" not in kept.table.columns


def test_columns_without_a_question_stay_and_are_reported() -> None:
    read = answers_of(response_file(SURVEY, [{**SHEET, "Q99999": "x"}]), "r.lsr", SURVEY)
    assert read.delivered.table["Q99999"].to_list() == ["x"]
    assert "Q99999" in {lost.where for lost in read.lost}


def test_answers_to_another_survey_are_refused() -> None:
    content = response_file(SURVEY, [{"id": "1", "1X2X3": "x"}])
    with pytest.raises(InputError, match="No column belongs to the questionnaire"):
        read_responses(content, "r.lsr", SURVEY)


def test_files_handed_in_are_named() -> None:
    asked = Question(id="plan", type="file", text=Translations.of({"de": "Plan?"}))
    survey = Questionnaire(questions=(asked,))
    cell = '[{"title":"","comment":"","size":"1.2","name":"plan.pdf","filename":"fu_x","ext":"pdf"},{"name":"b.png"}]'
    content = f'id,plan,plan[filecount]\n1,"{cell.replace(chr(34), chr(34) * 2)}",2\n'.encode()
    typed = type_answers(read_responses(content, "r.csv", survey), survey)
    assert typed.values["plan"].to_list() == ["plan.pdf; b.png"]


# --- archives -----------------------------------------------------------------------------------------


def _archive(**more: bytes) -> bytes:
    files = {"survey_1.lss": structure_file(SURVEY), "survey_1_responses.lsr": response_file(SURVEY, [SHEET])}
    return archive(files | {name.replace("__", "."): content for name, content in more.items()})


def test_an_archive_holds_questions_and_answers() -> None:
    found = read_archive(_archive(), "survey.lsa")
    assert found.format == "limesurvey-lsa"
    assert found.questionnaire == SURVEY
    assert found.answers is not None
    assert found.answers.table.height == 1


def test_an_archive_without_answers_is_a_questionnaire() -> None:
    found = read_archive(archive({"survey_1.lss": structure_file(SURVEY)}), "survey.lsa")
    assert found.questionnaire == SURVEY
    assert found.answers is None


def test_an_archive_where_nobody_answered_has_no_sheets() -> None:
    content = archive({"survey_1.lss": structure_file(SURVEY), "survey_1_responses.lsr": response_file(SURVEY, [])})
    found = read_archive(content, "survey.lsa")
    assert found.answers is not None
    assert found.answers.table.height == 0


def test_the_time_taken_comes_from_the_timings() -> None:
    timings = response_file(SURVEY, [{"id": "7", "interviewtime": "61.5", "G1time": "5"}], kind="timings")
    found = read_archive(_archive(survey_1_timings__lsi=timings), "survey.lsa")
    assert found.answers is not None
    assert found.questionnaire is not None
    assert type_answers(found.answers, found.questionnaire).sheets["seconds"].to_list() == [61.5]


TOKENS = [
    {"tid": "1", "firstname": "Erika", "email": "e@example.org", "token": "abc", "completed": "2027-03-01 10:11"},
    {"tid": "2", "firstname": "Max", "email": "m@example.org", "token": "def", "completed": "N", "sent": "2027-02-01"},
]


def test_the_invited_are_counted_and_left_out() -> None:
    found = read_archive(_archive(survey_1_tokens__lst=response_file(SURVEY, TOKENS, kind="tokens")), "survey.lsa")
    said = next(lost for lost in found.lost if lost.where == "survey_1_tokens.lst")
    assert said.what.en == "list of 2 invited, 1 of them completed"
    assert found.answers is not None
    assert not any("example.org" in str(row) for row in found.answers.table.rows())


def test_participants_are_given_without_names() -> None:
    table = read_participants(response_file(SURVEY, TOKENS, kind="tokens"), "survey_1_tokens.lst")
    assert table.columns == ["token", "completed", "sent"]
    assert table.rows() == [("abc", "2027-03-01", None), ("def", None, "2027-02-01")]


def test_one_of_several_surveys_is_read_and_the_others_are_reported() -> None:
    content = archive({"survey_1.lss": structure_file(SURVEY), "survey_2.lss": structure_file(SURVEY)})
    found = read_archive(content, "survey.lsa")
    assert [lost.where for lost in found.lost if lost.where.startswith("survey ")] == ["survey 2"]
    assert read_archive(content, "survey.lsa", survey_id=2).questionnaire == SURVEY


def test_a_survey_that_an_archive_does_not_hold_is_answered_with_those_it_holds() -> None:
    content = archive({"survey_1.lss": structure_file(SURVEY), "survey_2.lss": structure_file(SURVEY)})
    with pytest.raises(InputError, match=r"holds no survey 3, but: 1, 2"):
        read_archive(content, "survey.lsa", survey_id=3)


def test_answers_are_taken_out_of_an_archive_for_another_structure() -> None:
    content = _archive()
    assert read_responses(content, "survey.lsa", SURVEY).table.equals(
        read_responses(response_file(SURVEY, [SHEET]), "r.lsr", SURVEY).table
    )
    with pytest.raises(InputError, match="holds 0 files of answers"):
        read_responses(archive({"survey_1.lss": structure_file(SURVEY)}), "survey.lsa", SURVEY)


def test_rows_may_differ_in_their_elements() -> None:
    sheets = [SHEET, {"id": "8", "amt": "A"}, SHEET]
    content = (
        response_file(SURVEY, sheets).replace(b"</row>", b"<!-- x --></row>").replace(b"Nachbarn", b"Nach\x0bbarn")
    )
    read = answers_of(content, "r.lsr", SURVEY)
    assert read.delivered.table["id"].to_list() == ["7", "8", "7"]
    assert read.delivered.table[read.delivered.columns["wer"]].to_list() == ["Die Nachbarn", None, "Die Nachbarn"]
    assert "control characters: 2" in [lost.what.into("en") for lost in read.lost]


NAMES = ("Erika", "Musterfrau", "erika@example.org")


def test_names_and_addresses_of_participants_never_come_along() -> None:
    tokens = {"firstname": NAMES[0], "lastname": NAMES[1], "email": NAMES[2], "attribute_1": "blau", "token": "abc"}
    invited = response_file(SURVEY, [tokens], kind="tokens")
    found = read_archive(_archive(survey_1_tokens__lst=invited), "survey.lsa")
    assert found.answers is not None
    told = [str(found.answers.table.rows()), str(found.questionnaire), *(str(lost) for lost in found.lost)]
    told += [str(read_participants(invited, "survey_1_tokens.lst").rows())]
    assert not [name for name in (*NAMES, "blau") for text in told if name in text]


def test_names_that_an_export_puts_beside_the_answers_are_dropped() -> None:
    heading = "id,firstname,lastname,email,attribute_1,tage"
    read = answers_of(f"{heading}\n1,{','.join(NAMES)},blau,3\n".encode(), "results.csv", SURVEY)
    assert not [name for name in (*NAMES, "blau") if name in str(read.delivered.table.rows())]
    assert [lost.where for lost in read.lost][:2] == ["firstname, lastname, email", "attribute_1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive({"readme.txt": b"x"}), "holds no survey with questions"),
        (b"PK\x03\x04 not a zip", "cannot be opened"),
        (archive({"a.lsa": b"x"}), "holds no survey with questions"),
    ],
)
def test_an_archive_without_a_survey_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_archive(content, "survey.lsa")


# --- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_file_that_is_cut_off_is_refused(cut: float) -> None:
    content = response_file(SURVEY, [SHEET])
    with pytest.raises(InputError, match="Not valid XML"):
        read_responses(content[: int(len(content) * cut)], "r.lsr", SURVEY)


def test_a_document_type_is_refused() -> None:
    content = response_file(SURVEY, [SHEET]).replace(
        b"<document>", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><document>', 1
    )
    with pytest.raises(InputError, match="DOCTYPE"):
        read_responses(content, "r.lsr", SURVEY)


def test_utf_16_is_read() -> None:
    content = response_file(SURVEY, [SHEET]).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert read_responses(content, "r.lsr", SURVEY).table.height == 1
