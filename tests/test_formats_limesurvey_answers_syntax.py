"""LimeSurvey's exports for R and SPSS: what the syntax says, and the questionnaire that it suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from passgenau.errors import InputError
from passgenau.formats.convert import read_any
from passgenau.formats.limesurvey import r_syntax, spss_syntax
from passgenau.formats.limesurvey.r_syntax import read_r
from passgenau.formats.limesurvey.spss_syntax import read_spss_text
from passgenau.survey.responses import State
from passgenau.survey.typed import type_answers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passgenau.formats.limesurvey.guessing import Codebook

R = rb"""data <- read.csv("survey_1_R_data_file.csv", quote = "'\"", na.strings=c("", "\"\""), fileEncoding="UTF-8-BOM")


# LimeSurvey Field type: F
data[, 1] <- as.numeric(data[, 1])
attributes(data)$variable.labels[1] <- "id"
names(data)[1] <- "id"
# LimeSurvey Field type: DATETIME23.2
data[, 2] <- as.character(data[, 2])
attributes(data)$variable.labels[2] <- "submitdate"
names(data)[2] <- "submitdate"
# LimeSurvey Field type: A
data[, 3] <- as.character(data[, 3])
attributes(data)$variable.labels[3] <- "Welches \"Amt\" ist\'s?"
data[, 3] <- factor(data[, 3], levels=c("A1","A2"),labels=c("Planung (neu)", "Umwelt, Klima"))
names(data)[3] <- "amt"
# LimeSurvey Field type: A
data[, 4] <- as.character(data[, 4])
attributes(data)$variable.labels[4] <- "[Other] Welches Amt?"
names(data)[4] <- "amt_other"
# LimeSurvey Field type: F
data[, 5] <- as.numeric(data[, 5])
attributes(data)$variable.labels[5] <- "[Bau] Was ist geplant?"
data[, 5] <- factor(data[, 5], levels=c(1,0),labels=c("Yes", "Not selected"))
names(data)[5] <- "plan_SQ001"
# LimeSurvey Field type: F
data[, 6] <- as.numeric(data[, 6])
attributes(data)$variable.labels[6] <- "[Fest [im Park]] Was ist geplant?"
data[, 6] <- factor(data[, 6], levels=c(1,0),labels=c("Yes", "Not selected"))
names(data)[6] <- "plan_SQ002"
# LimeSurvey Field type: A
data[, 7] <- as.character(data[, 7])
attributes(data)$variable.labels[7] <- "[Other] Was ist geplant?"
names(data)[7] <- "plan_other"
# LimeSurvey Field type: F
data[, 8] <- as.numeric(data[, 8])
attributes(data)$variable.labels[8] <- "[Amt] Wie oft?"
data[, 8] <- factor(data[, 8], levels=c(1,2),labels=c("nie", "oft"), ordered=TRUE)
names(data)[8] <- "oft_a"
# LimeSurvey Field type: F
data[, 9] <- as.numeric(data[, 9])
attributes(data)$variable.labels[9] <- "[Rat] Wie oft?"
data[, 9] <- factor(data[, 9], levels=c(1,2),labels=c("nie", "oft"), ordered=TRUE)
names(data)[9] <- "oft_b"
# LimeSurvey Field type: A
data[, 10] <- as.character(data[, 10])
attributes(data)$variable.labels[10] <- "[Rank 1] Was zuerst?"
data[, 10] <- factor(data[, 10], levels=c("X","Y"),labels=c("Ixe", "Ypsilon"))
names(data)[10] <- "rang_1"
# LimeSurvey Field type: A
data[, 11] <- as.character(data[, 11])
attributes(data)$variable.labels[11] <- "[Rank 2] Was zuerst?"
data[, 11] <- factor(data[, 11], levels=c("X","Y"),labels=c("Ixe", "Ypsilon"))
names(data)[11] <- "rang_2"
# LimeSurvey Field type: F
data[, 12] <- as.numeric(data[, 12])
attributes(data)$variable.labels[12] <- "Wie viele Tage?"
names(data)[12] <- "tage"
# LimeSurvey Field type: A
data[, 13] <- as.character(data[, 13])
attributes(data)$variable.labels[13] <- "{if(tage > 3, \"viel\", \"wenig\")}"
names(data)[13] <- "viel"
"""
HEADINGS = ",".join(f'"Spalte {place}"' for place in range(1, 14))
DATA = (
    f'\ufeff{HEADINGS},"Total time"\r\n'
    '"1","2027-03-01 10:00:00","A2","","1","0","","2","1","Y","X","3","wenig","61.5"\r\n'
    '"2","","-oth-","Bauhof","0","0","Brücke","","","","","","","9"\r\n\r\n'
).encode()

SPSS = """\ufeffSET UNICODE=ON.
SHOW LOCALE.
GET DATA
 /TYPE=TXT
 /FILE='survey_1_SPSS_data_file.dat'
 /DELCASE=LINE
 /DELIMITERS=","
 /QUALIFIER="'"
 /ARRANGEMENT=DELIMITED
 /FIRSTCASE=1
 /IMPORTCASE=ALL
 /VARIABLES=
 V1 F7
 V2 DATETIME23.2
 V3 A2
 V4 F1
 V5 F1
 V6 F3.2.
CACHE.
EXECUTE.
*Define Variable Properties.
VARIABLE LABELS V1 "id".
VARIABLE LABELS V2 "submitdate".
VARIABLE LABELS V3 "Welches ""Amt"" ist es? Ein langer Text, der "+
"weitergeht. Und ein Punkt am Ende.".
VARIABLE LABELS V4 "[Bau.] Was ist geplant?".
VARIABLE LABELS V5 "[Fest] Was ist geplant?".
VARIABLE LABELS V6 "Wie viele Tage?".
*Define Value labels.
VALUE LABELS  V3
 "A1" "Planung"
 "A2" "Umwelt".
VALUE LABELS  V4
 1 "Yes"
 0 "Not Selected".
VALUE LABELS  V5
 1 "Yes"
 0 "Not Selected".
VARIABLE LEVEL V6(SCALE).
RENAME VARIABLE ( V1 = id ).
RENAME VARIABLE ( V2 = submitdate ).
RENAME VARIABLE ( V3 = amt ).
RENAME VARIABLE ( V4 = plan_SQ001 ).
RENAME VARIABLES ( V5 = plan_SQ002 ).
RENAME VARIABLE ( V6 = tage ).
RESTORE LOCALE.
""".encode()
DAT = b"'1','01-03-2027 10:00:00','A2','1','0','3.5'\n'2','','A1',,,''\n"


def test_r_syntax_tells_names_labels_types_and_codes() -> None:
    book = r_syntax.read_syntax(R, "s.R")
    assert book.data == "survey_1_R_data_file.csv"
    amt = book.columns[2]
    assert (amt.name, amt.label, amt.type) == ("amt", 'Welches "Amt" ist\'s?', "text")
    assert amt.categories == (("A1", "Planung (neu)"), ("A2", "Umwelt, Klima"))
    assert book.columns[5].parts == ("Fest [im Park]",)
    assert book.columns[5].question == "Was ist geplant?"
    assert book.columns[7].ordered


def test_a_questionnaire_is_guessed_from_r_and_said_to_be() -> None:
    found = read_r(R, "s.R", DATA, "d.csv", language="de")
    assert found.questionnaire is not None
    kinds = {question.id: question.type for question in found.questionnaire.questions}
    assert kinds == {
        "amt": "single",
        "plan": "multiple",
        "oft": "matrix",
        "rang": "ranking",
        "tage": "number",
        "viel": "computed",
    }
    assert [item.text.into("de") for item in found.questionnaire.question("plan").items] == ["Bau", "Fest [im Park]"]
    assert "guessed 6 questions from 11 columns" in found.guessed[0].into("en")


def test_r_data_is_typed_by_the_guessed_questionnaire() -> None:
    found = read_r(R, "s.R", DATA, "d.csv")
    assert found.answers is not None
    assert found.questionnaire is not None
    typed = type_answers(found.answers, found.questionnaire)
    assert typed.values.rows(named=True) == [
        {
            "amt": "A2",
            "amt_other_text": None,
            "plan_SQ001": True,
            "plan_SQ002": False,
            "plan_other": False,
            "plan_other_text": None,
            "oft_a": "2",
            "oft_b": "1",
            "rang_X": 2,
            "rang_Y": 1,
            "tage": 3.0,
            "viel": "wenig",
        },
        {
            "amt": "other",
            "amt_other_text": "Bauhof",
            "plan_SQ001": False,
            "plan_SQ002": False,
            "plan_other": True,
            "plan_other_text": "Brücke",
            "oft_a": None,
            "oft_b": None,
            "rang_X": None,
            "rang_Y": None,
            "tage": None,
            "viel": None,
        },
    ]
    assert typed.sheets["seconds"].to_list() == [61.5, 9.0]
    assert State.INVALID not in set(typed.states.to_numpy().ravel().tolist())


def test_a_data_file_alone_keeps_its_raw_columns() -> None:
    found = read_r(None, "", DATA, "d.csv")
    assert found.questionnaire is None
    assert found.answers is not None
    assert found.answers.table.columns[2] == "Spalte 3"


def test_a_syntax_file_alone_is_a_questionnaire() -> None:
    found = read_r(R, "s.R", None, "")
    assert found.answers is None
    assert found.questionnaire is not None


def test_data_with_fewer_columns_than_the_syntax_describes_are_refused() -> None:
    with pytest.raises(InputError, match=r"2 columns, but the syntax s\.R describes 13"):
        read_r(R, "s.R", b'"a","b"\n"1","2"\n', "d.csv")


def test_spss_syntax_tells_names_labels_types_and_codes() -> None:
    book = spss_syntax.read_syntax(SPSS, "s.sps")
    assert [column.name for column in book.columns] == ["id", "submitdate", "amt", "plan_SQ001", "plan_SQ002", "tage"]
    assert [column.type for column in book.columns] == ["number", "date", "text", "number", "number", "number"]
    assert book.columns[2].label == ('Welches "Amt" ist es? Ein langer Text, der weitergeht. Und ein Punkt am Ende.')
    assert book.columns[2].categories == (("A1", "Planung"), ("A2", "Umwelt"))
    assert book.data == "survey_1_SPSS_data_file.dat"


def test_spss_data_is_typed_by_the_guessed_questionnaire() -> None:
    found = read_spss_text(SPSS, "s.sps", DAT, "d.dat")
    assert found.answers is not None
    assert found.questionnaire is not None
    typed = type_answers(found.answers, found.questionnaire)
    assert typed.values.rows() == [("A2", True, False, 3.5), ("A1", None, None, None)]
    assert [str(day) for day in typed.sheets["day"].to_list()] == ["2027-03-01", "None"]
    assert typed.sheets["disposition"].to_list()[0] == "complete"


@pytest.mark.parametrize(
    ("read", "name", "said"),
    [(r_syntax.read_syntax, "s.R", "no R syntax"), (spss_syntax.read_syntax, "s.sps", "no SPSS syntax")],
)
def test_another_file_is_no_syntax(read: Callable[[bytes, str], Codebook], name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(b"x <- 1\n", name)


# --- the data file beside it -----------------------------------------------------------------------------------


@pytest.mark.parametrize("beside", ["survey_9_R_data_file.csv", "survey_9.csv", "survey_1_R_data_file.csv"])
def test_the_data_file_beside_the_syntax_is_found_and_named(tmp_path: Path, beside: str) -> None:
    (tmp_path / "survey_9_R_syntax_file.R").write_bytes(R)
    (tmp_path / beside).write_bytes(DATA)
    found = read_any(tmp_path / "survey_9_R_syntax_file.R")
    assert found.answers is not None
    assert found.guessed[0].en == f"Answers from {beside}, which lies beside it."


def test_without_a_data_file_the_questions_are_read_and_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "survey_9_R_syntax_file.R").write_bytes(R)
    found = read_any(tmp_path / "survey_9_R_syntax_file.R")
    assert found.answers is None
    assert "no file of answers found beside it" in found.guessed[0].into("en")


def test_the_language_is_the_one_that_most_began_in() -> None:
    data = b"id,startlanguage,q\n1,fr,a\n2,de,b\n3,de,c\n"
    lines = [f'names(data)[{n}] <- "{name}"' for n, name in enumerate(("id", "startlanguage", "q"), start=1)]
    found = read_r("\n".join(lines).encode(), "s.R", data, "d.csv")
    assert found.questionnaire is not None
    assert found.questionnaire.languages == ("de",)
