"""LimeSurvey structures of every generation, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest

from passgenau.errors import InputError
from passgenau.formats.convert import sniff
from passgenau.formats.exchange import Imported
from passgenau.formats.limesurvey.structure import read_structure
from passgenau.survey.counting import count_items
from passgenau.survey.questionnaire import Question

if TYPE_CHECKING:
    from pathlib import Path

Tables = dict[str, list[dict[str, Any]]]


def document(
    tables: Tables, *, kind: str = "Survey", version: int = 640, languages: tuple[str, ...] = ("de",)
) -> bytes:
    """Return a structure file; None stands for NULL, whose element is absent."""
    spoken = "".join(f"<language>{code}</language>" for code in languages)
    parts = []
    for table, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        fields = "".join(f"<fieldname>{column}</fieldname>" for column in columns)
        body = "".join(f"<row>{''.join(_cell(c, v) for c, v in row.items() if v is not None)}</row>\n" for row in rows)
        parts.append(f"<{table}><fields>{fields}</fields><rows>{body}</rows></{table}>")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>{kind}</LimeSurveyDocType>'
        f"<DBVersion>{version}</DBVersion><languages>{spoken}</languages>{''.join(parts)}</document>"
    ).encode()


def _cell(column: str, value: object) -> str:
    text = str(value)
    return f"<{column}><![CDATA[{text}]]></{column}>" if "]]>" not in text else f"<{column}>{escape(text)}</{column}>"


def survey(questions: Tables, **settings: str) -> Tables:
    """Return a survey of one group around questions."""
    return {
        "groups": [{"gid": 2, "sid": 1, "group_order": 1}],
        "group_l10ns": [{"gid": 2, "language": "de", "group_name": "Gruppe"}],
        **questions,
        "surveys": [{"sid": 1, "language": "de", **settings}],
    }


def one(kind: str, *, rows: int = 0, columns: int = 0, answers: tuple[str, ...] = (), **fields: Any) -> Tables:
    """Return one question of a type, with rows, columns, answers and attributes."""
    attributes = fields.pop("attributes", {})
    parts = [("SQ", 0, n) for n in range(rows)] + [("C", 1, n) for n in range(columns)]
    return {
        "questions": [
            {"qid": 10, "parent_qid": 0, "gid": 2, "type": kind, "title": "Q1", "question_order": 1, **fields}
        ],
        "subquestions": [
            {
                "qid": 20 + n + 10 * scale,
                "parent_qid": 10,
                "title": f"{code}{n + 1}",
                "scale_id": scale,
                "question_order": n,
            }
            for code, scale, n in parts
        ],
        "question_l10ns": [
            {"qid": 10, "question": "<b>Frage</b>", "help": "Hilfe", "language": "de"},
            *({"qid": 20 + n + 10 * scale, "question": f"Zeile {n}", "language": "de"} for _, scale, n in parts),
        ],
        "answers": [
            {"aid": 50 + n, "qid": 10, "code": code, "sortorder": n, "scale_id": scale, "assessment_value": 0}
            for scale in ((0, 1) if kind == "1" else (0,))
            for n, code in enumerate(answers)
        ],
        "question_attributes": [{"qid": 10, "attribute": name, "value": value} for name, value in attributes.items()],
    }


def read(tables: Tables, name: str = "umfrage.lss", **how: Any) -> Imported:
    return read_structure(document(tables, **how), name)


def question(tables: Tables, **settings: str) -> Question:
    questionnaire = read(survey(tables, **settings)).questionnaire
    assert questionnaire is not None
    return questionnaire.questions[0]


def said(imported: Imported, where: str) -> list[str]:
    return [lost.what.into("en") for lost in imported.lost if lost.where == where]


# --- types -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        ("5", {}, ("scale", 0, 0, ["1", "2", "3", "4", "5"])),
        ("A", {"rows": 2}, ("matrix", 2, 0, ["1", "2", "3", "4", "5"])),
        ("B", {"rows": 2}, ("matrix", 2, 0, [str(n) for n in range(1, 11)])),
        ("C", {"rows": 2}, ("matrix", 2, 0, ["Y", "N", "U"])),
        ("E", {"rows": 3}, ("matrix", 3, 0, ["I", "S", "D"])),
        ("F", {"rows": 2, "answers": ("A1", "A2")}, ("matrix", 2, 0, ["A1", "A2"])),
        ("H", {"rows": 2, "answers": ("A1", "A2")}, ("matrix", 2, 0, ["A1", "A2"])),
        ("1", {"rows": 2, "answers": ("A1", "A2")}, ("matrix", 2, 0, ["A1", "A2"])),
        ("D", {}, ("date", 0, 0, None)),
        ("G", {}, ("single", 2, 0, None)),
        ("I", {}, ("single", 1, 0, None)),
        ("K", {"rows": 2}, ("number", 2, 0, None)),
        ("L", {"answers": ("A1", "A2", "A3")}, ("single", 3, 0, None)),
        ("!", {"answers": ("A1", "A2", "A3")}, ("single", 3, 0, None)),
        ("O", {"answers": ("A1", "A2")}, ("single", 2, 0, None)),
        ("M", {"rows": 3}, ("multiple", 3, 0, None)),
        ("P", {"rows": 3}, ("multiple", 3, 0, None)),
        ("N", {}, ("number", 0, 0, None)),
        ("Q", {"rows": 2}, ("text", 2, 0, None)),
        ("R", {"answers": ("A1", "A2")}, ("ranking", 2, 0, None)),
        ("R", {"rows": 4}, ("ranking", 4, 0, None)),
        ("S", {}, ("text", 0, 0, None)),
        ("T", {}, ("text", 0, 0, None)),
        ("U", {}, ("text", 0, 0, None)),
        ("X", {}, ("information", 0, 0, None)),
        ("Y", {}, ("single", 2, 0, None)),
        (":", {"rows": 2, "columns": 3}, ("number", 2, 3, None)),
        (";", {"rows": 2, "columns": 1}, ("text", 2, 1, None)),
        ("|", {}, ("file", 0, 0, None)),
        ("*", {}, ("computed", 0, 0, None)),
    ],
)
def test_every_type_becomes_one_question_with_its_subquestions(
    kind: str, shape: dict[str, Any], expected: tuple[str, int, int, list[str] | None]
) -> None:
    questionnaire = read(survey(one(kind, **shape))).questionnaire
    assert questionnaire is not None
    (found,) = questionnaire.questions
    points = [point.id for point in questionnaire.scale(found.scale).points] if found.scale else None
    assert (found.type, len(found.items), len(found.columns), points) == expected
    assert count_items(questionnaire) == shape.get("rows", 0) + shape.get("columns", 0)
    assert (found.second_scale is not None) == (kind == "1")
    assert found.text.get("de") == "<b>Frage</b>"


def test_fixed_answers_are_worded_in_the_languages_of_the_survey() -> None:
    found = question(one("Y"))
    assert [(item.id, item.text.plain()) for item in found.items] == [("Y", {"de": "Ja"}), ("N", {"de": "Nein"})]


def test_attributes_become_limits_units_and_order() -> None:
    number = question(
        one(
            "N",
            attributes={"min_num_value_n": "18", "max_num_value_n": "99", "num_value_int_only": "1", "suffix": "Tage"},
        )
    )
    assert (number.minimum, number.maximum, number.decimals) == (18, 99, 0)
    assert number.unit is not None
    assert number.unit.get("de") == "Tage"
    choice = question(
        one(
            "M",
            rows=3,
            mandatory="Y",
            other="Y",
            attributes={"max_answers": "2", "exclude_all_others": "SQ3", "random_order": "1"},
        )
    )
    assert (choice.max_answers, choice.required, choice.shuffled) == (2, True, True)
    assert [item.exclusive for item in choice.items] == [False, False, True]
    assert choice.other is not None
    assert choice.other.text.get("de") == "Sonstiges"


def test_a_slider_bounds_its_numbers() -> None:
    found = question(
        one(
            "K",
            rows=1,
            attributes={"slider_layout": "1", "slider_min": "1", "slider_max": "10", "slider_accuracy": "0.1"},
        )
    )
    assert (found.minimum, found.maximum, found.decimals) == (1, 10, 1)


def test_an_impossible_minimum_is_left_out_and_reported() -> None:
    imported = read(survey(one("M", rows=2, attributes={"min_answers": "5"})))
    assert imported.questionnaire is not None
    assert imported.questionnaire.questions[0].min_answers is None
    assert "min_answers = 5" in said(imported, "question Q1")


def test_assessment_values_are_what_the_points_count() -> None:
    tables = one("F", rows=1, answers=("A1", "A2"))
    for place, row in enumerate(tables["answers"]):
        row["assessment_value"] = place * 10
    questionnaire = read(survey(tables)).questionnaire
    assert questionnaire is not None
    assert [point.value for point in questionnaire.scale("Q1").points] == [0, 10]


@pytest.mark.parametrize(
    ("setting", "mandatory", "offered"), [("Y", "N", True), ("Y", "Y", False), ("N", "N", False), ("I", "S", True)]
)
def test_no_answer_is_an_answer_where_limesurvey_shows_it(setting: str, mandatory: str, offered: bool) -> None:  # noqa: FBT001 -- an expectation
    found = question(one("L", answers=("A1",), mandatory=mandatory), shownoanswer=setting)
    assert (found.no_answer is not None) == offered


# --- odd content -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shape", "becomes", "items"),
    [
        ("M", {}, "information", 0),
        ("L", {}, "information", 0),
        ("L", {"other": "Y"}, "text", 0),
        ("F", {"rows": 2}, "text", 2),
        ("F", {"answers": ("A1",)}, "information", 0),
        ("R", {}, "information", 0),
        ("?", {}, "text", 0),
    ],
)
def test_a_question_without_answers_to_choose_stays_a_question(
    kind: str, shape: dict[str, Any], becomes: str, items: int
) -> None:
    imported = read(survey(one(kind, **shape)))
    assert imported.questionnaire is not None
    assert imported.questionnaire.questions[0].type == becomes
    assert count_items(imported.questionnaire) == items
    assert any(kind in what for what in said(imported, "question Q1"))


def test_subquestions_that_a_type_does_not_have_are_kept_counted_and_reported() -> None:
    imported = read(survey(one("S", rows=2)))
    assert imported.questionnaire is not None
    assert count_items(imported.questionnaire) == 2
    assert "2 subquestions" in said(imported, "question Q1")


def test_doubled_and_unfit_codes_get_ids_of_their_own() -> None:
    tables = one("L", answers=("A1", "A1", "-1", "ä b", ""))
    tables["questions"] += [{**tables["questions"][0], "qid": 11, "type": "X", "question_order": 2}]
    tables["questions"] += [{**tables["questions"][0], "qid": 12, "type": "X", "title": "", "question_order": 3}]
    imported = read(survey(tables))
    assert imported.questionnaire is not None
    questions = imported.questionnaire.questions
    assert [(q.id, q.code) for q in questions] == [("Q1", None), ("Q1_2", "Q1"), ("q12", None)]
    assert [(item.id, item.code) for item in questions[0].items] == [
        ("A1", None),
        ("A1_2", "A1"),
        ("m1", "-1"),
        ("__b", "ä b"),
        ("SQ005", None),
    ]
    assert said(imported, "question Q1") == [
        "codes of items: 'A1' → 'A1_2', '-1' → 'm1', 'ä b' → '__b', '' → 'SQ005'",
    ]
    assert said(imported, "questions") == ["codes: 'Q1' → 'Q1_2', '' → 'q12'"]


def test_a_subquestion_without_its_question_is_reported() -> None:
    tables = one("M", rows=1)
    tables["subquestions"] += [{"qid": 99, "parent_qid": 77, "title": "X1"}]
    assert said(read(survey(tables)), "subquestion X1") == ["subquestion of question 77"]


def test_missing_tables_columns_and_texts_are_no_obstacle() -> None:
    tables: Tables = {"questions": [{"qid": 1, "type": "S"}]}
    imported = read(tables, kind="Question", name="frage.lsq")
    assert imported.questionnaire is not None
    assert imported.format == "limesurvey-lsq"
    assert imported.questionnaire.sections == ()
    assert [q.id for q in imported.questionnaire.questions] == ["q1"]


def test_groups_stand_in_their_order_and_questions_in_theirs() -> None:
    tables = survey(one("S"))
    tables["groups"] = [{"gid": 5, "group_order": 2}, {"gid": 2, "group_order": 1}, {"gid": 9, "group_order": 3}]
    first = tables["questions"][0]
    tables["questions"] = [
        {**first, "gid": 5, "title": "C", "qid": 13},
        {**first, "gid": 2, "title": "B", "qid": 12, "question_order": 2},
        {**first, "gid": 2, "title": "A", "qid": 11, "question_order": 1},
        {**first, "gid": 77, "title": "D", "qid": 14},
    ]
    questionnaire = read(tables).questionnaire
    assert questionnaire is not None
    assert [q.id for q in questionnaire.questions] == ["A", "B", "C", "D"]
    assert [section.id for section in questionnaire.sections] == ["g2", "g5", "g9", "g77"]


# --- languages and generations ---------------------------------------------------------------------------------


def test_the_base_language_comes_first_and_variants_stay() -> None:
    tables = survey(one("S"))
    tables["surveys"] = [{"sid": 1, "language": "de-informal", "additional_languages": "en pt_BR"}]
    tables["question_l10ns"] = [
        {"qid": 10, "question": "Wo?", "language": "de-informal"},
        {"qid": 10, "question": "Where?", "language": "en"},
    ]
    questionnaire = read(tables, languages=("en", "de-informal", "pt-BR")).questionnaire
    assert questionnaire is not None
    assert questionnaire.languages == ("de-informal", "en", "pt-BR")
    assert questionnaire.questions[0].text.plain() == {"de-informal": "Wo?", "en": "Where?"}


def inline() -> Tables:
    """Return a survey as files before DBVersion 366 have it: one row per language."""
    words = {"de": ("Gruppe", "Frage", "Zeile", "ja"), "en": ("Group", "Question", "Row", "yes")}
    return {
        "groups": [
            {"gid": 2, "sid": 1, "group_name": w[0], "group_order": 1, "language": code} for code, w in words.items()
        ],
        "questions": [
            {
                "qid": 10,
                "parent_qid": 0,
                "sid": 1,
                "gid": 2,
                "type": "F",
                "title": "Q1",
                "question": w[1],
                "language": code,
            }
            for code, w in words.items()
        ],
        "subquestions": [
            {"qid": 11, "parent_qid": 10, "gid": 2, "title": "SQ1", "question": w[2], "language": code, "scale_id": 0}
            for code, w in words.items()
        ],
        "answers": [
            {"qid": 10, "code": "A1", "answer": w[3], "sortorder": 1, "language": code, "scale_id": 0}
            for code, w in words.items()
        ],
        "surveys": [{"sid": 1, "language": "de", "additional_languages": "en"}],
    }


def split() -> Tables:
    """Return the same survey as later files have it: texts in tables of their own."""
    old = inline()
    new: Tables = {"surveys": old["surveys"]}
    tables = {
        "groups": ("group_l10ns", ("group_name",), "gid"),
        "questions": ("question_l10ns", ("question",), "qid"),
        "subquestions": ("question_l10ns", ("question",), "qid"),
        "answers": ("answer_l10ns", ("answer",), "aid"),
    }
    for table, (texts, columns, key) in tables.items():
        rows = [{**row, "aid": 7} if key == "aid" else row for row in old[table]]
        new[table] = [{c: v for c, v in rows[0].items() if c not in {*columns, "language"}}]
        new.setdefault(texts, [])
        new[texts] += [{c: row[c] for c in (key, *columns, "language")} for row in rows]
    return new


def wording(tables: Tables, version: int) -> list[object]:
    questionnaire = read(tables, version=version, languages=("de", "en")).questionnaire
    assert questionnaire is not None
    (found,) = questionnaire.questions
    points = [(point.id, point.text) for point in questionnaire.scale("Q1").points]
    items = [(item.id, item.text) for item in found.items]
    return [
        found.id,
        found.type,
        found.text,
        items,
        points,
        questionnaire.sections[0].title,
        count_items(questionnaire),
    ]


def test_texts_read_the_same_inline_and_in_tables_of_their_own() -> None:
    assert wording(inline(), 263) == wording(split(), 640)
    assert wording(inline(), 263)[3:5] != [[], []]


def test_subquestions_may_stand_among_the_questions() -> None:
    tables = inline()
    tables["questions"] += tables.pop("subquestions")
    assert wording(tables, 155) == wording(inline(), 263)


def test_early_files_took_rows_from_answers_and_answers_from_label_sets() -> None:
    tables = inline()
    tables["questions"] = [{**row, "lid": 4} for row in tables["questions"]]
    tables["labels"] = [
        {"lid": 4, "code": row["code"], "title": row["answer"], "sortorder": 1, "language": row["language"]}
        for row in tables["answers"]
    ]
    tables["answers"] = [
        {"qid": 10, "code": "SQ1", "answer": row["question"], "language": row["language"]}
        for row in tables.pop("subquestions")
    ]
    assert wording(tables, 142) == wording(inline(), 263)


def test_early_multiple_choices_took_their_items_from_answers() -> None:
    tables = one("M", answers=("A", "B"))
    questionnaire = read(survey(tables), version=140).questionnaire
    assert questionnaire is not None
    assert [item.id for item in questionnaire.questions[0].items] == ["A", "B"]


def test_answers_that_a_later_array_keeps_without_rows_are_no_rows() -> None:
    imported = read(survey(one("E", answers=("A", "B"))), version=143)
    assert imported.questionnaire is not None
    assert count_items(imported.questionnaire) == 0


def test_a_row_in_a_language_that_is_none_belongs_to_the_leading_one() -> None:
    tab = "class\ttype/scale\tname\ttext\tlanguage\nQ\tS\tQ1\teins\tde\nQ\tS\tQ1\tzwei\t??\n"
    questionnaire = read_structure(tab.encode(), "umfrage.txt").questionnaire
    assert questionnaire is not None
    assert [question.id for question in questionnaire.questions] == ["Q1", "Q1_2"]


def test_a_byte_order_mark_blanks_and_comments_do_no_harm() -> None:
    content = document(survey(one("S"))).replace(b"<rows>", b"<rows><!-- x -->\r\n")
    found = read_structure(b"\xef\xbb\xbf" + content, "umfrage.lss").questionnaire
    assert found is not None
    assert [q.id for q in found.questions] == ["Q1"]


# --- what is reported ------------------------------------------------------------------------------------------


def test_quotas_hidden_questions_and_expressions_in_texts_are_reported() -> None:
    tables = survey(one("S", attributes={"hidden": "1", "text_input_width": "6"}))
    tables["quota"] = [{"id": 1, "name": "Berlin", "qlimit": 10}]
    tables["question_l10ns"][0]["question"] = "Sie sagten {Q0.shown}; { kein Ausdruck }"
    imported = read(tables)
    assert said(imported, "quotas") == ["Berlin (at most 10); answers counted: 0"]
    assert said(imported, "attributes") == ["looks of 1 question: text_input_width (Q1)"]
    assert said(imported, "question Q1") == [
        "The question is not shown (hidden = 1)",
        "expression in a text: {Q0.shown}",
    ]
    assert imported.questionnaire is not None
    kept = imported.questionnaire.foreign["limesurvey"]
    assert isinstance(kept, dict)
    assert kept["tables"] == {"quota": [{"id": "1", "name": "Berlin", "qlimit": "10"}]}


def test_what_repeats_is_reported_once() -> None:
    tables = survey(one("M", rows=3, mandatory="S", attributes={"date_min": "a", "date_max": "b"}))
    tables["question_l10ns"][0]["question"] = "{A} {B}"
    tables["question_l10ns"][1]["question"] = "{B} {C}"
    imported = read(tables)
    assert said(imported, "question Q1") == [
        "The earliest date (date_min = a); The latest date (date_max = b)",
        "expression in a text: {A}, {B}, {C}",
    ]
    assert said(imported, "questions") == ["soft mandatory: Q1"]


def test_rows_that_stand_twice_count_once() -> None:
    tables = survey(one("M", rows=2))
    tables["questions"] *= 2
    tables["subquestions"] *= 3
    imported = read(tables)
    assert imported.questionnaire is not None
    assert (len(imported.questionnaire.questions), count_items(imported.questionnaire)) == (1, 2)
    assert said(imported, "table questions") == ["rows that stand twice: 1"]
    assert said(imported, "table subquestions") == ["rows that stand twice: 4"]


def test_control_characters_are_left_out_and_counted() -> None:
    tables = survey(one("S"))
    tables["question_l10ns"][0]["question"] = "Vor@nach@"
    imported = read_structure(document(tables).replace(b"@", b"\x0b"), "umfrage.lss")
    assert imported.questionnaire is not None
    assert imported.questionnaire.questions[0].text.plain() == {"de": "Vornach"}
    assert said(imported, "texts") == ["control characters: 2"]


# --- files that are refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (document({}, kind="Responses"), "answers (.lsr)"),
        (document({}, kind="Tokens"), "participants (.lst)"),
        (document({}, kind="Theme"), "a theme"),
        (document({}, kind="Etwas"), "“Etwas”"),
        (b"<html><body/></html>", "LimeSurveyDocType is missing (root element <html>)"),
        (document(survey(one("S")))[:300], "Not valid XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><document/>', "document type"),
        (document({"groups": [{"gid": 1}]}), "holds no question"),
        (b"", "Not valid XML"),
    ],
)
def test_other_files_are_refused_by_name(content: bytes, part: str) -> None:
    with pytest.raises(InputError) as caught:
        read_structure(content, "datei.lss")
    assert part in caught.value.format("en")
    assert "datei.lss" in caught.value.format("en")


# --- before version 1.90 ---------------------------------------------------------------------------------------

DUMP = """\
# LimeSurvey Survey Dump
# DBVersion 130
# Do not change this header!

#
# SURVEYS TABLE
#
"sid","language","additional_languages","format"
"7","de","en","G"

#
# GROUPS TABLE
#
"gid","sid","group_name","group_order","description","language"
"1","7","Teil","0","","de"
"1","7","Part","0","","en"

#
# QUESTIONS TABLE
#
"qid","sid","gid","type","title","question","preg","help","other","mandatory","lid","lid1","question_order","language"
"10","7","1","F","Reihe","Wie oft?","","","N","Y","4","0","1","de"
"10","7","1","F","Reihe","How often?","","","N","Y","4","0","1","en"
"11","7","1","M",":x","Was?\\nBitte \"\"alles\"\"","","","N","N","0","0","2","de"

#
# ANSWERS TABLE
#
"qid","code","answer","default_value","sortorder","language"
"10","1","Fest","N","1","de"
"11","a","Bau","N","1","de"
"11","b","Weg","N","2","de"

#
# CONDITIONS TABLE
#

#
# LABELS TABLE
#
"lid","code","title","sortorder","language"
"4","A","nie","1","de"
"4","B","oft","2","de"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_surveys_as_csv_before_version_1_90_are_read(encoding: str) -> None:
    imported = read_structure(DUMP.encode(encoding), "umfrage.csv")
    questionnaire = imported.questionnaire
    assert questionnaire is not None
    assert (imported.format, imported.version) == ("limesurvey-dump", "130")
    assert (questionnaire.languages, count_items(questionnaire)) == (("de", "en"), 3)
    first, second = questionnaire.questions
    assert (first.type, first.required, first.text.plain()) == ("matrix", True, {"de": "Wie oft?", "en": "How often?"})
    assert [point.id for point in questionnaire.scales[first.scale or ""].points] == ["A", "B"]
    assert (second.type, second.text.plain()) == ("multiple", {"de": 'Was?\nBitte "alles"'})
    assert [item.id for item in second.items] == ["a", "b"]
    assert said(imported, "questions") == ["codes: ':x' → '_x'"]


def test_a_dump_that_is_cut_off_before_its_questions_is_refused() -> None:
    with pytest.raises(InputError, match="holds no question"):
        read_structure(DUMP[:200].encode(), "umfrage.csv")


def test_convert_tells_a_dump_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "umfrage.csv").write_text(DUMP, encoding="utf-8")
    assert sniff(tmp_path / "umfrage.csv").name == "limesurvey-dump"


# --- tab-separated ---------------------------------------------------------------------------------------------

TAB = """\
class\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tvalidation\tmandatory\tother\tdefault\tsame_default\tmax_answers
S\t\tlanguage\t\tde
S\t\tsid\t\t123
SL\t\tsurveyls_title\t\tUmfrage\t\tde
SL\t\tsurveyls_title\t\tSurvey\t\ten
G\tG0\tTeil 1\t1\tText\t\tde
Q\tM\tQ1\t1\t"Was ""genau""?"\tHilfe\tde\t\tY\tN\t\t\t2
SQ\t0\tSQ1\t\teins\t\tde
SQ\t0\tSQ2\t\tzwei\t\tde
Q\tL\tQ2\tQ1_SQ1.NAOK == "Y"\tWelche?\t\tde\t\tN\tY\tA1
A\t0\tA1\t\tdiese\t\tde
A\t0\tA2\t3\tjene\t\tde
G\tG0\tPart 1\t1\tText\t\ten
Q\tM\tQ1\t1\tWhat?\tHelp\ten\t\tY\tN\t\t\t2
SQ\t0\tSQ1\t\tone\t\ten
SQ\t0\tSQ2\t\ttwo\t\ten
Q\tL\tQ2\t1\tWhich?\t\ten\t\tN\tY
A\t0\tA1\t\tthis\t\ten
A\t0\tA2\t\tthat\t\ten
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_tab_separated_structure_is_read(encoding: str) -> None:
    imported = read_structure(TAB.encode(encoding), "umfrage.txt")
    questionnaire = imported.questionnaire
    assert questionnaire is not None
    assert (imported.format, questionnaire.languages) == ("limesurvey-txt", ("de", "en"))
    first, second = questionnaire.questions
    assert (first.type, first.max_answers, first.required) == ("multiple", 2, True)
    assert first.text.plain() == {"de": 'Was "genau"?', "en": "What?"}
    assert [item.text.plain() for item in first.items] == [{"de": "eins", "en": "one"}, {"de": "zwei", "en": "two"}]
    assert (str(second.show_if), [item.id for item in second.items]) == ("Q1.SQ1", ["A1", "A2"])
    assert questionnaire.title is not None
    assert questionnaire.title.plain() == {"de": "Umfrage", "en": "Survey"}
    assert count_items(questionnaire) == 2
    assert said(imported, "defaults") == ["answers filled in before: 1"]


def test_a_tab_separated_file_without_the_columns_is_refused() -> None:
    with pytest.raises(InputError, match="The heading lacks: class, type/scale"):
        read_structure(b"name\ttext\tlanguage\nQ1\tWas?\tde\n", "umfrage.txt")
