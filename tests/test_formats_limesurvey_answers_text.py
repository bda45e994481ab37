"""Answers that LimeSurvey exports as text: headings by code, by wording or by both; answers by code or by label."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limesurvey_survey import questionnaire

from passgenau.errors import InputError
from passgenau.formats.limesurvey.answers import answers_of, read_responses
from passgenau.formats.limesurvey.columns import Field, fields, match
from passgenau.survey.responses import Responses, State
from passgenau.survey.typed import type_answers

SURVEY = questionnaire()
CODED = {
    "id": "1",
    "submitdate": "2027-03-01 10:00:00",
    "startlanguage": "de",
    "amt": "-oth-",
    "amt[other]": "Bauhof",
    "plan[A]": "Y",
    "plan[B]": "",
    "plan[C]": "",
    "plan[other]": "",
    "arr[A][1]": "1",
    "arr[A][2]": "2",
    "arr[B][1]": "2",
    "arr[B][2]": "1",
    "arr[C][1]": "1",
    "arr[C][2]": "1",
    "rank[1]": "C",
    "rank[2]": "A",
    "rank[3]": "B",
    "tage": "3",
    "wer": 'Eine, "zwei";\ndrei',
}
WANTED = {
    "amt": "other",
    "amt_other_text": "Bauhof",
    "plan_A": True,
    "plan_B": False,
    "plan_C": False,
    "plan_other": False,
    "plan_other_text": None,
    "arr_A": "1",
    "arr_A_second": "2",
    "arr_B": "2",
    "arr_B_second": "1",
    "arr_C": "1",
    "arr_C_second": "1",
    "rank_A": 2,
    "rank_B": 3,
    "rank_C": 1,
    "tage": 3.0,
    "wer": 'Eine, "zwei";\ndrei',
}


def table(columns: dict[str, str], separator: str = ",") -> str:
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line] for line in (columns, columns.values())]
    return "".join(separator.join(line) + "\r\n" for line in quoted)


def typed(content: bytes | str) -> Responses:
    data = content.encode() if isinstance(content, str) else content
    return type_answers(read_responses(data, "results.csv", SURVEY), SURVEY)


def renamed(names: dict[str, str]) -> dict[str, str]:
    return {names.get(heading, heading): cell for heading, cell in CODED.items()}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_headings_by_code_are_read_with_any_separator_and_encoding(separator: str, encoding: str) -> None:
    found = typed(table(CODED, separator).encode(encoding))
    assert found.values.row(0, named=True) == WANTED


def _expression_names() -> dict[str, str]:
    return {field.heading: field.variable_name for field in fields(SURVEY)}


def _database_names() -> dict[str, str]:
    return {field.heading: field.column for field in fields(SURVEY)}


def _database_names_since_7() -> dict[str, str]:
    return {field.heading: field.column_since_7 for field in fields(SURVEY)}


def _headings_since_7() -> dict[str, str]:
    ranks = {f.heading: f"{f.title}[{f.qids[0]}]" for f in fields(SURVEY) if f.position is not None}
    return {"amt[other]": "amt[_Cother]", **ranks}


def _code_and_text() -> dict[str, str]:
    return {field.heading: f"{field.heading}. {_worded(field, 'de')}" for field in fields(SURVEY)}


def _texts(language: str) -> dict[str, str]:
    return {field.heading: _worded(field, language) for field in fields(SURVEY)}


def _underscored() -> dict[str, str]:
    return {heading: text.replace(" ", "_") for heading, text in _texts("en").items()}


def _worded(field: Field, language: str) -> str:
    parts = [text.into(language).replace("&amp;", "&") for text in field.texts[1:]]
    if field.position is not None:
        parts = [f"Rank {field.position}"]
    if field.suffix:
        parts = ["Other"]
    if field.scale is not None:
        parts.append(f"Scale {field.scale + 1}")
    return (
        field.texts[0].into(language)
        + "".join(f" [{part}]" for part in parts[:1])
        + "".join(f"[{part}]" for part in parts[1:])
    )


@pytest.mark.parametrize(
    "names",
    [
        _expression_names(),
        _database_names(),
        _database_names_since_7(),
        _headings_since_7(),
        _code_and_text(),
        _texts("de"),
        _texts("en"),
        _underscored(),
    ],
    ids=["expression", "database", "database-7", "code-7", "codetext", "text-de", "text-en", "underscores"],
)
def test_every_style_of_heading_finds_its_variable(names: dict[str, str]) -> None:
    assert typed(table(renamed(names))).values.row(0, named=True) == WANTED


def test_shortened_headings_find_their_variables() -> None:
    short = {
        heading: f"{text[:8]}.. {text[text.index('[') :]}" if "[" in text else f"{text[:8]}.. "
        for heading, text in _texts("de").items()
    }
    assert typed(table(renamed(short))).values.row(0, named=True) == WANTED


@pytest.mark.parametrize("language", ["de", "en"])
def test_answers_by_label_become_codes(language: str) -> None:
    labels = {"de": ("Soziales", "oft", "nie", "Ja", "Nein"), "en": ("Social affairs", "often", "never", "Yes", "No")}
    social, often, never, yes, no = labels[language]
    cells = CODED | {"amt": social, "amt[other]": "", "plan[A]": yes, "plan[B]": no, "plan[C]": "N/A"}
    cells |= {heading: often if cell == "2" else never for heading, cell in CODED.items() if heading.startswith("arr")}
    cells |= {
        "rank[1]": "Umwelt & Klima" if language == "de" else "Environment & climate",
        "rank[2]": "",
        "rank[3]": "",
    }
    found = typed(table(cells))
    row = found.values.row(0, named=True)
    assert (row["amt"], row["arr_A"], row["arr_A_second"], row["rank_C"], row["plan_A"]) == ("B", "1", "2", 1, True)
    assert row["plan_B"] is False
    assert found.states["plan_C"].to_list() == [State.NOT_SHOWN]


def test_ticks_converted_to_one_and_two_are_told_from_not_shown() -> None:
    found = typed(table(CODED | {"plan[A]": "1", "plan[B]": "2", "plan[C]": "2"}))
    assert found.values.select("plan_A", "plan_B", "plan_C").row(0) == (True, False, False)
    none = typed(table(CODED | {"plan[A]": "2", "plan[B]": "2", "plan[C]": "2"}))
    assert none.states["plan_A"].to_list() == [State.EMPTY]


def test_exports_for_r_of_early_versions_number_yes_as_two() -> None:
    content = table(CODED | {"plan[A]": "2", "plan[B]": "1", "plan[C]": "1"}).encode()
    found = type_answers(read_responses(content, "survey_1_R_data_file.csv", SURVEY), SURVEY)
    assert found.values.select("plan_A", "plan_B", "plan_C").row(0) == (True, False, False)


def test_codes_that_a_spreadsheet_shortened_are_known() -> None:
    found = typed(table(CODED | {"arr[A][1]": "1.0"}))
    assert found.values["arr_A"].to_list() == ["1"]


def test_headings_by_wording_keep_what_is_said_of_the_sheet() -> None:
    names = _texts("de") | {"id": "Antwort ID", "submitdate": "Datum Abgeschickt", "startlanguage": "Start-Sprache"}
    sheet = typed(table(renamed(names))).sheets.row(0, named=True)
    assert (sheet["sheet"], str(sheet["day"]), sheet["language"]) == ("1", "2027-03-01", "de")


def test_a_vv_export_keeps_not_shown_apart_from_empty() -> None:
    cells = CODED | {
        "amt": "{question_not_shown}",
        "wer": "eins{newline}zwei{tab}drei",
        "plan[B]": "{question_not_shown}",
    }
    names = _expression_names()
    codes = [names.get(heading, heading) for heading in cells]
    content = (
        "\t".join(codes) + "\n" + "\t".join(codes) + "\n" + "\t".join(cells.values()).replace("\n", "{newline}") + "\n"
    )
    found = typed(content)
    assert found.states["amt"].to_list() == [State.NOT_SHOWN]
    assert found.states["plan_B"].to_list() == [State.NOT_SHOWN]
    assert found.values["wer"].to_list() == ["eins\nzwei\tdrei"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_json_keeps_null_apart_from_empty(*, wrapped: bool) -> None:
    row = {**CODED, "amt": None, "wer": "", "tage": 3}
    content = json.dumps({"responses": [{"1": row} if wrapped else row]})
    found = typed(content)
    assert found.states["amt"].to_list() == [State.NOT_SHOWN]
    assert found.states["wer"].to_list() == [State.EMPTY]
    assert found.values["tage"].to_list() == [3.0]


def test_an_export_without_answers_has_no_sheets() -> None:
    assert typed(table(dict.fromkeys(CODED, ""))).sheets.height == 0


def test_an_apostrophe_before_a_formula_is_taken_off() -> None:
    assert typed(table(CODED | {"wer": "'=1+1"})).values["wer"].to_list() == ["=1+1"]


def test_without_a_questionnaire_columns_keep_their_names() -> None:
    delivered = read_responses(table(CODED).encode(), "results.csv")
    assert "plan[A]" in delivered.table.columns
    assert dict(delivered.columns) == {}
    assert delivered.roles["sheet"] == "id"


def test_doubled_headings_are_told_apart() -> None:
    content = "id,amt,Other,Other\n1,A,x,y\n"
    delivered = read_responses(content.encode(), "results.csv", SURVEY)
    assert delivered.table["Other (2)"].to_list() == ["y"]


def test_columns_that_are_missing_are_reported() -> None:
    read = answers_of(b"id,amt\n1,A\n", "results.csv", SURVEY)
    assert any("variables without a column" in lost.what.into("en") for lost in read.lost)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'id,amt\n1,"A\n', "cannot be read"),
        (b"id,amt\n1,A,B,C\n", "cannot be read"),
        (b"a,b\n1,2\n", "No column belongs"),
        (b"\n\n", "no heading line"),
        (b'{"responses": 3}', "holds no list"),
        (b'{"responses": [', "Not valid JSON"),
        (b"\x00" * 40, "no text file"),
        (b",".join(b"c%d" % i for i in range(20_001)), "more than are read"),
    ],
)
def test_a_file_that_is_no_export_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_responses(content, "results.csv", SURVEY)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_with_one_message(content: bytes) -> None:
    with suppress(InputError):
        assert read_responses(content, "results.csv", SURVEY).table.width


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_columns_are_found_in_any_order(data: st.DataObject) -> None:
    known = fields(SURVEY)
    order = data.draw(st.permutations(range(len(known))))
    name = data.draw(st.sampled_from(["column", "column_since_7", "heading", "variable_name"]))
    found = match([getattr(known[place], name) for place in order], known)
    assert {place: known.index(field) for place, field in found.fields.items()} == dict(enumerate(order))
