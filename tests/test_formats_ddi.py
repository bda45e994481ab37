"""A codebook in DDI: what is written, in which order, and what others' codebooks say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from lxml import etree
from questionnaire_strategies import questionnaires
from roundtrip import Difference, differences

from passgenau.errors import InputError
from passgenau.formats.ddi import read_ddi, write_ddi
from passgenau.formats.keeping import FIELDS
from passgenau.formats.surveyjs import read_surveyjs_answers
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import Responses
from passgenau.survey.typed import type_answers
from passgenau.survey.variables import variables

QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "title": {"de": "Umfrage", "en": "Survey"},
        "version": "2027-1",
        "languages": ["de", "en"],
        "introduction": "Wir fragen alle Gemeinden.",
        "privacy": "Verantwortlich ist das Ministerium.",
        "scales": {
            "grad": {"points": [{"id": "1", "text": "sehr", "value": 1}, {"id": "2", "text": "nicht", "value": 2}]}
        },
        "sections": [{"id": "a", "title": "Stand"}, {"id": "b", "title": "Bedarf"}],
        "questions": [
            {
                "id": "stand",
                "type": "single",
                "section": "a",
                "text": {"de": "Wie weit?", "en": "How far?"},
                "help": "Bitte wählen",
                "items": [{"id": "plan", "text": "in Planung"}, {"id": "kein", "text": "nichts"}],
                "other": {"text": "anders"},
                "no_answer": {},
            },
            {
                "id": "themen",
                "type": "multiple",
                "section": "a",
                "text": "Welche Themen?",
                "show_if": "stand = plan",
                "items": [{"id": "energie", "text": "Energie"}, {"id": "pflege", "text": "Pflege"}],
            },
            {
                "id": "tage",
                "type": "number",
                "section": "b",
                "text": "Wie viele Tage?",
                "unit": "Tage",
                "minimum": 0,
                "maximum": 10,
                "decimals": 1,
                "show_if": "themen.energie and not stand = kein",
            },
            {
                "id": "wichtig",
                "type": "matrix",
                "section": "b",
                "text": "Wie wichtig?",
                "scale": "grad",
                "items": [{"id": "netz", "text": "Netz"}, {"id": "geld", "text": "Geld"}],
                "audiences": ["gemeinde"],
            },
            {"id": "noch", "type": "text", "section": "b", "text": "Noch etwas?"},
            {"id": "dank", "type": "information", "section": "b", "text": "Danke"},
        ],
    }
)
SPACE = "{ddi:codebook:2_5}"
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"],
    "stdyDscr": [
        "citation",
        "studyAuthorization",
        "stdyInfo",
        "studyDevelopment",
        "method",
        "dataAccs",
        "othrStdyMat",
        "notes",
    ],
    "citation": ["titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt", "verStmt", "biblCit", "holdings", "notes"],
    "titlStmt": ["titl", "subTitl", "altTitl", "parTitl", "IDNo"],
    "fileTxt": ["fileName", "fileCitation", "dataFingrprnt", "fileCont", "fileStrc", "dimensns", "fileType", "format"],
    "dimensns": ["caseQnty", "varQnty", "logRecL", "recPrCas", "recNumTot"],
    "dataDscr": ["varGrp", "nCubeGrp", "var", "nCube", "notes"],
    "varGrp": ["labl", "txt", "concept", "defntn", "universe", "notes"],
    "var": [
        "location",
        "labl",
        "imputation",
        "security",
        "embargo",
        "respUnit",
        "anlysUnit",
        "qstn",
        "valrng",
        "invalrng",
        "undocCod",
        "universe",
        "TotlResp",
        "sumStat",
        "txt",
        "stdCatgry",
        "catgryGrp",
        "catgry",
        "codInstr",
        "verStmt",
        "concept",
        "derivation",
        "varFormat",
        "geoMap",
        "catLevel",
        "notes",
    ],
    "qstn": ["preQTxt", "qstnLit", "postQTxt", "forward", "backward", "ivuInstr"],
    "catgry": ["catValu", "labl", "txt", "catStat", "mrow"],
}
"""Elements in the order that the schema of DDI-Codebook 2.5 documents."""


def written(questionnaire: Questionnaire = QUESTIONNAIRE, responses: Responses | None = None) -> etree._Element:
    return etree.fromstring(write_ddi(questionnaire, responses).files["codebook.xml"])


def test_elements_stand_in_the_order_of_the_schema() -> None:
    for element in written().iter():
        children = [etree.QName(child).localname for child in element]
        order = ORDER.get(etree.QName(element).localname)
        if order is None:
            assert set(children) <= {"labl", "range", "version", "abstract", "useStmt", "confDec", "fileTxt"}
        else:
            assert [order.index(child) for child in children] == sorted(order.index(child) for child in children)


def test_every_variable_is_described_once_and_ids_lead_to_it() -> None:
    root = written()
    names = [var.get("name") for var in root.iter(f"{SPACE}var")]
    assert names == [variable.name for variable in variables(QUESTIONNAIRE)]
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    for group in root.iter(f"{SPACE}varGrp"):
        assert set((group.get("var") or "").split()) <= set(ids)


def test_universe_says_in_words_who_was_asked() -> None:
    tage = next(var for var in written().iter(f"{SPACE}var") if var.get("name") == "tage")
    universes = [element.text for element in tage.iter(f"{SPACE}universe")]
    assert universes == [
        (
            "Gefragt, wenn „Welche Themen? – Energie“ wurde angekreuzt und es trifft nicht zu, dass „Wie weit?“ ist "
            "„nichts“."
        ),
        "Asked if “Welche Themen? – Energie” was ticked and it is not the case that “How far?” is “nichts”.",
    ]


def answers(*counts: int) -> Responses:
    stands = [value for value, count in zip(("plan", "kein"), counts, strict=True) for _ in range(count)]
    sheets = json.dumps([{"id": number, "stand": stand} for number, stand in enumerate(stands)])
    return type_answers(read_surveyjs_answers(sheets.encode(), "a.json", QUESTIONNAIRE), QUESTIONNAIRE)


def frequencies(responses: Responses) -> dict[str, str]:
    stand = next(var for var in written(responses=responses).iter(f"{SPACE}var") if var.get("name") == "stand")
    return {
        category.findtext(f"{SPACE}catValu", ""): category.findtext(f"{SPACE}catStat", "")
        for category in stand.iter(f"{SPACE}catgry")
        if category.find(f"{SPACE}catStat") is not None
    }


def test_frequencies_are_given_where_no_count_is_small() -> None:
    assert frequencies(answers(12, 5)) == {"plan": "12", "kein": "5", "other": "0", "-99": "0"}


def test_a_small_count_takes_all_frequencies_of_the_variable_with_it() -> None:
    assert frequencies(answers(12, 4)) == {}
    lost = write_ddi(QUESTIONNAIRE, answers(12, 4)).lost
    assert "var stand" in {entry.where for entry in lost}


def test_what_comes_back_is_the_same_but_for_what_was_announced() -> None:
    after = read_ddi(write_ddi(QUESTIONNAIRE).files["codebook.xml"], "codebook.xml").questionnaire
    assert after is not None
    assert differences(QUESTIONNAIRE, after) == {
        ("", "questions"),
        ("", "scales"),
        ("tage", "unit"),
        ("tage", "show_if"),
        ("themen", "show_if"),
        ("themen", "foreign"),
        ("tage", "foreign"),
        ("wichtig", "foreign"),
        ("wichtig", "scale"),
        ("wichtig", "audiences"),
    }


def announced(difference: Difference, questionnaire: Questionnaire) -> tuple[str, str]:
    place, field = difference
    kind = "section " if place in {section.id for section in questionnaire.sections} else "question "
    where = "questionnaire" if not place else place if place.startswith("scale ") else kind + place
    return where, FIELDS[field].de


@given(questionnaires())
@settings(max_examples=80, deadline=None)
def test_every_difference_of_any_questionnaire_is_announced(before: Questionnaire) -> None:
    assume(any(question.type != "information" for question in before.questions))
    exported = write_ddi(before)
    after = read_ddi(exported.files["codebook.xml"], "codebook.xml").questionnaire
    assert after is not None
    said = {(entry.where, entry.what.de.split(":")[0]) for entry in exported.lost}
    assert {announced(difference, before) for difference in differences(before, after)} <= said


def test_a_questionnaire_that_only_shows_texts_loses_them_by_name() -> None:
    shown = Questionnaire.model_validate({"questions": [{"id": "a", "type": "information", "text": "Hallo"}]})
    assert [entry.where for entry in write_ddi(shown).lost] == ["questionnaire"]


def test_version_2_6_differs_in_name_only() -> None:
    newer = write_ddi(QUESTIONNAIRE, version="2.6").files["codebook.xml"]
    older = write_ddi(QUESTIONNAIRE).files["codebook.xml"]
    assert newer.replace(b"2_6", b"2_5").replace(b'version="2.6"', b'version="2.5"') == older
    assert read_ddi(newer, "codebook.xml").version == "2.6"


OTHERS = """<codeBook{space}><stdyDscr><citation><titlStmt><titl>Gemeindeumfrage</titl></titlStmt></citation></stdyDscr>
<dataDscr>
<varGrp ID="VG1" type="multipleResp" var="V2 V3" name="q2"><labl>Welche Themen?</labl></varGrp>
<var ID="V1" name="v1" intrvl="discrete"><location fileid="F1"/><labl>Stand</labl>
 <qstn><preQTxt>Nun zum Stand.</preQTxt><qstnLit>Wie weit ist Ihre Gemeinde?</qstnLit></qstn>
 <sumStat type="vald">20</sumStat>
 <catgry><catValu>1</catValu><labl>geplant</labl><catStat type="freq">20</catStat></catgry>
 <catgry><catValu>2</catValu><labl>läuft</labl></catgry>
 <catgry missing="Y"><catValu>-9</catValu><labl>keine Angabe</labl></catgry>
 <catgry missing="Y"><catValu>-8</catValu><labl>trifft nicht zu</labl></catgry>
 <varFormat type="numeric"/></var>
<var ID="V2" name="q2_1"><labl>Energie</labl>
 <catgry><catValu>0</catValu></catgry><catgry><catValu>1</catValu></catgry></var>
<var ID="V3" name="q2_2"><labl>Pflege</labl>
 <catgry><catValu>0</catValu></catgry><catgry><catValu>1</catValu></catgry></var>
<var ID="V4" name="v4" intrvl="contin" dcml="1"><labl>Tage</labl><qstn>Wie viele Tage?</qstn>
 <valrng><range min="0" max="10"/></valrng><varFormat type="numeric"/></var>
<var ID="V5" name="v5"><labl>Sonstiges</labl><varFormat type="character"/></var>
</dataDscr></codeBook>"""


@pytest.mark.parametrize(
    "space",
    [
        "",
        ' xmlns="http://www.icpsr.umich.edu/DDI"',
        ' xmlns="ddi:codebook:2_5" version="2.5"',
        ' xmlns="ddi:codebook:2_6"',
    ],
)
def test_codebooks_of_others_are_read_whatever_their_namespace(space: str) -> None:
    imported = read_ddi(OTHERS.replace("{space}", space).encode(), "nesstar.xml")
    assert imported.questionnaire is not None
    questions: list[Any] = [(q.id, q.type, str(q.text)) for q in imported.questionnaire.questions]
    assert questions == [
        ("v1", "single", "Wie weit ist Ihre Gemeinde?"),
        ("q2", "multiple", "Welche Themen?"),
        ("v4", "number", "Wie viele Tage?"),
        ("v5", "text", "Sonstiges"),
    ]
    first, second, third, _ = imported.questionnaire.questions
    assert [(i.id, str(i.text)) for i in first.items] == [("1", "geplant"), ("2", "läuft")]
    assert first.no_answer is not None
    assert first.no_answer.code == "-9"
    assert [(i.id, str(i.text)) for i in second.items] == [("1", "Energie"), ("2", "Pflege")]
    assert (third.minimum, third.maximum, third.decimals) == (0, 10, 1)
    lost = {(entry.where, entry.what.de.split(":")[0]) for entry in imported.lost}
    assert lost == {("var v1", "location"), ("var v1", "sumStat"), ("var v1", "preQTxt"), ("var v1", "catgry")}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<codeBook>",
        b"<codeBook/>",
        b"<DDIInstance/>",
        b"<codeBook><dataDscr/></codeBook>",
        b"x",
        b'<!DOCTYPE a [<!ENTITY b "c">]><codeBook/>',
        OTHERS.encode()[:300],
    ],
)
def test_a_file_that_is_no_codebook_is_refused_with_one_message(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_ddi(content, "codebook.xml")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].file == "codebook.xml"


ARCHIVED = """<codeBook><docDscr><citation><titlStmt><IDNo>doi:10.1</IDNo></titlStmt></citation></docDscr>
<stdyDscr><citation><titlStmt xml:lang="en"><titl xml:lang="en">Towns</titl></titlStmt></citation>
<stdyInfo><abstract>Why</abstract><notes>Mind</notes></stdyInfo><notes>Note</notes></stdyDscr>
<dataDscr><varGrp ID="G" var="V1"><labl>Group</labl></varGrp>
<var ID="V1" name="v1"><location fileid="F1"/><labl>L</labl>
<qstn><qstnLit>Wo?</qstnLit><postQTxt>Danach.</postQTxt><ivuInstr>Leise.</ivuInstr></qstn></var></dataDscr></codeBook>"""


def test_what_an_archive_adds_is_named() -> None:
    found = read_ddi(ARCHIVED.encode(), "codebook.xml")
    assert found.questionnaire is not None
    assert found.questionnaire.languages == ("en",)
    assert {(entry.where, entry.what.en) for entry in found.lost} == {
        ("docDscr/citation/titlStmt/IDNo", "IDNo: doi:10.1"),
        ("stdyDscr/stdyInfo/notes", "notes: Mind"),
        ("stdyDscr/notes", "notes: Note"),
        ("varGrp G", "varGrp: Group"),
        ("var v1", "location: fileid=F1"),
        ("var v1", "ivuInstr: Leise."),
    }
