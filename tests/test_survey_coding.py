"""Open answers become codes: by rules, by hand, together, and with every step on record."""

from pathlib import Path

import pytest

from passgenau.errors import InputError
from passgenau.reading import read_yaml
from passgenau.survey import Questionnaire, Responses, State
from passgenau.survey.answer_files import read_answers
from passgenau.survey.coding import (
    CodingFrame,
    OpenAnswer,
    apply_codes,
    code_by_rules,
    coder_sheet,
    decide,
    open_answers,
    read_coder_sheet,
)
from passgenau.survey.typed import type_answers

FRAME = CodingFrame.model_validate(
    {
        "variables": ["wishes"],
        "codes": [
            {"id": "care", "label": {"de": "Pflege", "en": "care"}, "words": ["Pflege*", "Altenhilfe"]},
            {"id": "funding", "label": "Förderung", "words": ["Förder*", "Zuschuss"], "patterns": ["geld(er)?\\b"]},
            {"id": "people", "label": "Personal"},
        ],
    }
)
QUESTIONNAIRE = Questionnaire.model_validate({"questions": [{"id": "wishes", "type": "text", "text": "Wünsche?"}]})
ANSWERS = """sheet,wishes
1,Mehr Foerdermittel für die Pflege
2,Bitte keine Pflege
3,
4,Frau Muster weiß mehr
5,=1+1
"""


@pytest.fixture
def responses(tmp_path: Path) -> Responses:
    path = tmp_path / "responses.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return type_answers(read_answers(path, QUESTIONNAIRE), QUESTIONNAIRE)


def filled(path: Path, rows: dict[str, str], frame: CodingFrame = FRAME) -> Path:
    """Write a coder's sheet: the codes of each sheet, with blanks between."""
    codes = [code.id for code in frame.all_codes]
    lines = [",".join(["sheet", "variable", "text", "flagged", *codes, "note"])]
    for sheet, given in rows.items():
        lines.append(",".join([sheet, "wishes", "", "", *("x" if c in given.split() else "" for c in codes), ""]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Pflegestützpunkt", {"care"}),
        ("FÖRDERUNG und Altenhilfe", {"funding", "care"}),
        ("Foerderung", {"funding"}),
        ("Fördergelder", {"funding"}),
        ("Zuschussantrag", None),  # a whole word is asked for
        ("Verpflegung", None),
        ("Nicht nur Pflege", None),  # a negation is left to a person
        ("Wir wissen es nicht. Vielleicht Pflege?", {"care"}),  # it stands in another sentence
        ("", None),
    ],
)
def test_rules_find_whole_words_without_regard_to_case_and_umlauts(text: str, codes: set[str] | None) -> None:
    found = code_by_rules([OpenAnswer("1", "wishes", text)], FRAME)
    assert found.codes == ({("1", "wishes"): codes} if codes else {})
    assert len(found.left) == (0 if codes else 1)


def test_empty_answers_are_not_coded(responses: Responses) -> None:
    assert [answer.sheet for answer in open_answers(responses, FRAME)] == ["1", "2", "4", "5"]


def test_a_coders_sheet_masks_names_and_disarms_formulas(responses: Responses) -> None:
    sheet = coder_sheet(open_answers(responses, FRAME), FRAME).decode("utf-8").splitlines()
    assert sheet[0] == "sheet,variable,text,flagged,care,funding,people,other,uncodable,note"
    assert sheet[3] == "4,wishes,[Name] weiß mehr,name,,,,,,"
    assert sheet[4] == "5,wishes,'=1+1,,,,,,,"


def test_what_coders_agree_on_stands_and_the_rest_is_listed(tmp_path: Path) -> None:
    first = read_coder_sheet(filled(tmp_path / "anna.csv", {"1": "care funding", "2": "care", "4": "people"}), FRAME)
    second = read_coder_sheet(filled(tmp_path / "ben.csv", {"1": "funding care", "2": "other", "4": ""}), FRAME)
    decided = decide([first, second])
    assert decided.codes == {("1", "wishes"): {"care", "funding"}, ("4", "wishes"): {"people"}}
    assert decided.by == {("1", "wishes"): "anna, ben", ("4", "wishes"): "anna"}
    (open_one,) = decided.disagreements
    assert open_one.place == ("2", "wishes")
    assert open_one.given == (("anna", {"care"}), ("ben", {"other"}))
    final = read_coder_sheet(filled(tmp_path / "chair.csv", {"2": "uncodable"}), FRAME)
    settled = decide([first, second], final)
    assert settled.disagreements == ()
    assert (settled.codes["2", "wishes"], settled.by["2", "wishes"]) == ({"uncodable"}, "chair")


def test_codes_become_ticks_and_every_one_is_a_step(responses: Responses) -> None:
    decided = decide([code_by_rules(open_answers(responses, FRAME), FRAME)])
    coded = apply_codes(responses, FRAME, decided)
    assert coded.values["wishes_code_care"].to_list() == [True, None, None, None, None]
    assert coded.values["wishes_code_people"].to_list() == [False, None, None, None, None]
    assert coded.states["wishes_code_care"].to_list() == [
        State.ANSWERED,
        State.INVALID,
        State.EMPTY,
        State.INVALID,
        State.INVALID,
    ]
    new = coded.steps[len(responses.steps) :]
    assert [(step.action, step.values, step.sheets, step.by) for step in new] == [
        ("coded", 1, ("1",), "rules"),
        ("coded", 1, ("1",), "rules"),
    ]
    assert coded.values["wishes"].to_list() == responses.values["wishes"].to_list()
    assert len(coded.variables) == coded.values.width == coded.states.width == 6


def test_a_variable_without_texts_is_named(responses: Responses) -> None:
    frame = FRAME.model_copy(update={"variables": ("wish",)})
    with pytest.raises(InputError, match="There is no column 'wish'"):
        open_answers(responses, frame)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("sheet,variable,care,funding,people,other\n", "The column 'uncodable' is missing"),
        ("sheet,variable,care,funding,people,other,uncodable,cares\n", "'cares' is no code"),
        ("sheet,variable,care,funding,people,other,uncodable\n1,wishes,vielleicht\n", "'vielleicht' is no tick"),
        (
            "sheet;variable;care;funding;people;other;uncodable\n1;wishes;1;;;;\n1;wishes;;1;;;\n",
            "already stands in line 2",
        ),
    ],
)
def test_a_faulty_sheet_is_refused_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "anna.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_coder_sheet(path, FRAME)


def test_a_missing_sheet_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_coder_sheet(tmp_path / "nobody.csv", FRAME)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("codes: [{id: a, label: A}, {id: a, label: B}]", "'a' stands twice"),
        ("codes: [{id: a, label: A, patterns: ['(']}]", "no regular expression"),
    ],
)
def test_a_faulty_frame_is_refused_with_its_place(tmp_path: Path, lines: str, said: str) -> None:
    path = tmp_path / "coding.yaml"
    path.write_text(f"variables: [wishes]\n{lines}\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_yaml(path, CodingFrame)
