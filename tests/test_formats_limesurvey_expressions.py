"""LimeSurvey's conditions and filters, translated both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from questionnaire_strategies import questionnaires

from passgenau.formats.limesurvey.codebook import codes_of
from passgenau.formats.limesurvey.conditions import with_filters
from passgenau.formats.limesurvey.expressions import (
    Spelling,
    UntranslatableError,
    expression_of,
    filter_of,
    names_of,
    trivial,
)
from passgenau.survey.filters import parse
from passgenau.survey.questionnaire import Questionnaire

_TEXT = {"de": "x"}
_NO_ARRAY_FILTER = (
    "The question does not stand before it, or its answers have no subquestions. The expression is kept verbatim."
)


def asked(identifier: str, kind: str, qid: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "type": kind,
        "text": _TEXT,
        "foreign": {"limesurvey": {"qid": str(qid), "gid": "4", "relevance": fields.pop("relevance", "1")}},
        **fields,
    }


def items(*names: str) -> list[dict[str, Any]]:
    return [{"id": n, "text": _TEXT, "foreign": {"limesurvey": {"qid": str(90 + i)}}} for i, n in enumerate(names)]


def questionnaire(*more: dict[str, Any], tables: dict[str, Any] | None = None) -> Questionnaire:
    """Return one question of each kind that conditions speak of."""
    return Questionnaire.model_validate(
        {
            "scales": {"five": {"points": [{"id": str(n)} for n in range(1, 6)]}},
            "questions": [
                asked("Y1", "single", 1, items=[{"id": "Y", "text": _TEXT}, {"id": "N", "text": _TEXT}]),
                asked("L1", "single", 2, items=[{"id": "m1", "code": "-1", "text": _TEXT}], other={}),
                asked("M1", "multiple", 3, items=items("SQ1", "SQ2"), other={}),
                asked("N1", "number", 4, decimals=2),
                asked("W1", "number", 5),
                asked("S1", "text", 6),
                asked("A1", "matrix", 7, items=items("SQ1", "SQ2"), scale="five"),
                asked("F1", "scale", 8, scale="five"),
                asked("R1", "ranking", 9, items=items("a", "b", "c")),
                asked("G1", "number", 10, items=items("r1"), columns=items("c1")),
                asked("H1", "single", 11, items=[{"id": "Y", "text": _TEXT}], relevance='Y1 == "Y"'),
                *more,
            ],
            "foreign": {"limesurvey": {"sid": "123", "tables": tables or {}}},
        }
    )


def translated(expression: str) -> str:
    survey = questionnaire()
    return str(filter_of(expression, names_of(survey, codes_of(survey), frozenset({"H1"}))))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('Y1.NAOK == "Y"', "Y1 = Y"),
        ('((Y1.NAOK == "Y"))', "Y1 = Y"),
        ("Y1.NAOK == 'N'", "Y1 = N"),
        ('"Y" == Y1.NAOK', "Y1 = Y"),
        ('Y1.NAOK ne "Y"', "Y1 != Y"),
        ('Y1.code eq "Y"', "Y1 = Y"),
        ('L1.NAOK == "-1"', "L1 = m1"),
        ('L1.NAOK == "-oth-"', "L1 = other"),
        ('M1_SQ1.NAOK == "Y"', "M1.SQ1"),
        ('M1_SQ1.NAOK != "Y"', "not M1.SQ1"),
        ('M1_SQ1.NAOK == ""', "not M1.SQ1"),
        ("M1_SQ1", "M1.SQ1"),
        ("!is_empty(M1_SQ1.NAOK)", "M1.SQ1"),
        ("!is_empty(M1_other.NAOK)", "M1.other"),
        ('123X4X3SQ2.NAOK == "Y"', "M1.SQ2"),
        ('Q3_S91.NAOK == "Y"', "M1.SQ2"),
        ('Q1.NAOK == "Y"', "Y1 = Y"),
        ("N1.NAOK > 3", "N1 > 3"),
        ('N1.NAOK ge "2.5"', "N1 >= 2.5"),
        ("N1.NAOK < -1", "N1 < -1"),
        ("3 < N1.NAOK", "N1 > 3"),
        ("intval(W1.NAOK) >= 3", "W1 >= 3"),
        ("intval(W1.NAOK) < 3", "not answered(W1) or W1 < 3"),
        ("is_empty(S1.NAOK)", "not answered(S1)"),
        ("not is_empty(S1.NAOK)", "answered(S1)"),
        ('S1.NAOK == "so"', "S1 = so"),
        ('A1_SQ2.NAOK == "4"', 'A1.SQ2 = "4"'),
        ("F1.NAOK >= 4", 'F1 in ("4", "5")'),
        ("F1.NAOK > 9", "false"),
        ('R1_1.NAOK == "b"', "R1.b = 1"),
        ('123X4X92.NAOK == "b"', "R1.b = 2"),
        ("G1_r1_c1.NAOK == 2", "G1.r1.c1 = 2"),
        ("count(that.M1.NAOK) > 1", "count(M1) > 1"),
        ("count(that.R1.nocomments.NAOK) == 3", "count(R1) = 3"),
        ("count(M1_SQ1.NAOK, M1_SQ2.NAOK) > 0", "M1.SQ1 or M1.SQ2"),
        ("count(S1.NAOK, Y1.NAOK) == 0", "not (answered(S1) or answered(Y1))"),
        ('Y1.NAOK == "Y" and N1.NAOK > 3', "Y1 = Y and N1 > 3"),
        ('Y1.NAOK == "Y" && (N1.NAOK > 3 || S1.NAOK == "a")', "Y1 = Y and (N1 > 3 or S1 = a)"),
        ('Y1.NAOK == "Y" or Y1.NAOK == "N"', "Y1 in (Y, N)"),
        ('!(Y1.NAOK == "Y")', "not Y1 = Y"),
        ('LANG == "de"', "@language = de"),
        ('H1 == "Y"', "H1 = Y"),
        ('H1.NAOK != "Y"', "H1 != Y"),
        ("0", "false"),
        ("1 == 1", "true"),
    ],
)
def test_an_expression_becomes_the_filter_that_means_the_same(expression: str, expected: str) -> None:
    assert translated(expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('TOKEN:ATTRIBUTE_1 == "x"', "'TOKEN:ATTRIBUTE_1' is no question of this survey"),
        ('regexMatch("/a/", S1.NAOK)', "do not know the function regexMatch()"),
        ("N1.NAOK + W1.NAOK > 3", "Filters cannot calculate (+)"),
        ("N1.NAOK == W1.NAOK", "compares two questions"),
        ('S1.NAOK > "a"', "cannot be compared so"),
        ('Y1.shown == "Ja"', "'Y1.shown' is more than the answer"),
        ('Y1.NAOK == "Q"', "There is no answer 'Q' there"),
        ('Y1.value == "1"', "may be an assessment value"),
        ('M1_SQ1.NAOK == "N"', "A tick is “Y” or empty only"),
        ('Unknown.NAOK == "Y"', "'Unknown' is no question"),
        ("count(self) > 1", "'self' cannot be counted"),
        ("count(S1.NAOK, Y1.NAOK, N1.NAOK) > 1", "counts some of the answers"),
        ("intval(N1.NAOK) > 1", "intval() rounds here"),
        ('H1 != "Y"', "Without .NAOK it never holds where H1 was not shown"),
        ('H1 == "Y" or N1.NAOK > 3', "Without .NAOK it never holds where H1 was not shown"),
        ("is_empty(H1)", "Without .NAOK it never holds where H1 was not shown"),
        ("Y1.NAOK", "A value without a comparison"),
        ('Y1.NAOK == "Y', "Unknown character"),
        ('(Y1.NAOK == "Y"', "“)” is missing"),
        ("Y1.NAOK ==", "Unexpected"),
        ("(" * 60 + "1" + ")" * 60, "nested too deeply"),
        ("1 or " * 4000 + "1", "too long"),
        ("", "Unexpected"),
    ],
)
def test_an_expression_that_says_more_is_not_translated(expression: str, reason: str) -> None:
    with pytest.raises(UntranslatableError) as caught:
        translated(expression)
    assert reason in caught.value.reason.into("en")


@pytest.mark.parametrize("expression", ["", " 1 ", "(1)"])
def test_some_expressions_filter_nothing(expression: str) -> None:
    assert trivial(expression)


# --- where conditions stand -----------------------------------------------------------------------------------------


def filtered(*more: dict[str, Any], tables: dict[str, Any] | None = None) -> tuple[dict[str, str | None], list[str]]:
    """Return the filters of the last question and its items, and what was lost."""
    found, lost = with_filters(questionnaire(*more, tables=tables))
    last = found.questions[-1]
    parts = {last.id: last.show_if, **{item.id: item.show_if for item in last.items}}
    return {name: str(part) if part else None for name, part in parts.items()}, [entry.why.into("en") for entry in lost]


def test_relevance_filters_questions_and_items() -> None:
    entries = items("x", "y")
    entries[0]["foreign"]["limesurvey"]["relevance"] = "N1.NAOK > 3"
    last = asked("Z", "multiple", 50, items=entries, relevance='Y1.NAOK == "Y"')
    assert filtered(last) == ({"Z": "Y1 = Y", "x": "N1 > 3", "y": None}, [])


def test_a_filter_that_looks_ahead_is_kept_and_reported() -> None:
    early = asked("Z", "text", 50, relevance='Late.NAOK == "Y"')
    late = asked("Late", "single", 51, items=[{"id": "Y", "text": _TEXT}])
    found, lost = with_filters(questionnaire(early, late))
    assert found.question("Z").show_if is None
    assert [(entry.where, entry.what.into("en")) for entry in lost] == [("question Z", 'filter Late.NAOK == "Y"')]
    assert "which is not asked before" in lost[0].why.into("en")


def array_filter(name: str, value: str) -> dict[str, Any]:
    last = asked("Z", "matrix", 50, items=items("SQ1", "SQ2", "SQ9"), scale="five")
    last["foreign"]["limesurvey"]["attributes"] = {name: value}
    return last


def test_array_filters_filter_the_items_of_the_same_code() -> None:
    assert filtered(array_filter("array_filter", "M1"))[0] == {"Z": None, "SQ1": "M1.SQ1", "SQ2": "M1.SQ2", "SQ9": None}
    assert filtered(array_filter("array_filter_exclude", "M1"))[0]["SQ1"] == "not M1.SQ1"
    assert filtered(array_filter("array_filter", "M1;A1"))[0]["SQ2"] == "M1.SQ2 and answered(A1.SQ2)"
    assert filtered(array_filter("array_filter", "Nope")) == (
        {"Z": None, "SQ1": None, "SQ2": None, "SQ9": None},
        [_NO_ARRAY_FILTER],
    )


def condition(cqid: int, cfieldname: str, value: str, method: str = "==", scenario: int = 1) -> dict[str, str]:
    return {
        "qid": "50",
        "cqid": str(cqid),
        "cfieldname": cfieldname,
        "method": method,
        "value": value,
        "scenario": str(scenario),
    }


def test_old_conditions_join_as_limesurvey_joins_them() -> None:
    rows = [
        condition(1, "123X4X1", "Y"),
        condition(1, "123X4X1", "N"),
        condition(3, "+123X4X3SQ1", "Y"),
        condition(4, "123X4X4", "3", ">", scenario=2),
    ]
    found, lost = filtered(asked("Z", "text", 50), tables={"conditions": rows})
    assert (found, lost) == ({"Z": "((Y1 = Y or Y1 = N) and M1.SQ1) or N1 > 3"}, [])


def test_an_old_condition_may_name_the_ticked_item_as_its_value() -> None:
    found, _ = filtered(asked("Z", "text", 50), tables={"conditions": [condition(3, "123X4X3", "SQ2")]})
    assert found == {"Z": "M1.SQ2"}


@pytest.mark.parametrize(
    "row",
    [
        condition(1, "123X4X1", "^a", "RX"),
        condition(1, "123X4X1", "@123X4X4@"),
        condition(1, "{TOKEN:ATTRIBUTE_1}", "x"),
    ],
)
def test_conditions_on_patterns_and_participants_are_reported(row: dict[str, str]) -> None:
    found, lost = filtered(asked("Z", "text", 50), tables={"conditions": [row]})
    assert found == {"Z": None}
    assert "attributes of participants" in lost[0]


# --- the way back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Y1 = Y", 'Y1.NAOK == "Y"'),
        ("L1 = m1", 'L1.NAOK == "-1"'),
        ("L1 != other", 'L1.NAOK != "-oth-"'),
        ("M1.SQ1", 'M1_SQ1.NAOK == "Y"'),
        ("M1.other", "!is_empty(M1_other.NAOK)"),
        ("M1", "count(that.M1.nocomments.NAOK) > 0"),
        ("count(M1) >= 2", "count(that.M1.nocomments.NAOK) >= 2"),
        ("N1 >= 1000000", "N1.NAOK >= 1000000"),
        ("answered(S1)", "!is_empty(S1.NAOK)"),
        ("answered(A1)", "count(that.A1.nocomments.NAOK) > 0"),
        ('A1.SQ1 in ("1", "2")', '(A1_SQ1.NAOK == "1" or A1_SQ1.NAOK == "2")'),
        ("R1.b = 2", 'R1_2.NAOK == "b"'),
        ("R1.b <= 2", '(R1_1.NAOK == "b" or R1_2.NAOK == "b")'),
        ("R1.b != 2", '!(R1_2.NAOK == "b")'),
        ("R1.b > 9", "0"),
        ("G1.r1.c1 < 2.5", "G1_r1_c1.NAOK < 2.5"),
        ("not (Y1 = Y or N1 > 3)", '!((Y1.NAOK == "Y" or N1.NAOK > 3))'),
        ("true", "1"),
        ("@language = de", 'LANG == "de"'),
    ],
)
def test_a_filter_becomes_an_expression(condition: str, expected: str) -> None:
    survey = questionnaire()
    assert expression_of(parse(condition), Spelling(survey, codes_of(survey))) == expected


def test_facts_of_the_organisation_have_no_expression() -> None:
    survey = questionnaire()
    with pytest.raises(UntranslatableError, match="LimeSurvey does not know @population"):
        expression_of(parse("@population >= 20000"), Spelling(survey, codes_of(survey)))


@settings(max_examples=60, deadline=None)
@given(questionnaires(facts=False, codes=False))
def test_a_filter_written_and_read_again_is_spelled_the_same(survey: Questionnaire) -> None:
    codes = codes_of(survey)
    names, spelling = names_of(survey, codes), Spelling(survey, codes)
    for question in survey.questions:
        for part in (question, *question.items):
            if part.show_if is not None:
                written = expression_of(part.show_if, spelling)
                assert expression_of(filter_of(written, names), spelling) == written
