"""Answers written for LimeSurvey come back with the same values and the same states."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from limesurvey_survey import questionnaire, response_file
from questionnaire_strategies import questionnaires

from passgenau.formats.limesurvey.answers import read_responses
from passgenau.formats.limesurvey.archive import read_archive
from passgenau.formats.limesurvey.columns import letter_of
from passgenau.formats.limesurvey.r_syntax import read_r
from passgenau.formats.limesurvey.spss_syntax import read_spss_text
from passgenau.formats.limesurvey.structure import read_structure
from passgenau.formats.limesurvey.write import write_structure
from passgenau.formats.limesurvey.write_answers import write_archive, write_csv
from passgenau.formats.limesurvey.write_syntax import write_r, write_spss_text
from passgenau.survey.responses import Delivered, Responses, State
from passgenau.survey.typed import DTYPES, type_answers
from passgenau.survey.variables import OTHER, Variable, variables

if TYPE_CHECKING:
    from passgenau.formats.exchange import Exported
    from passgenau.survey.questionnaire import Question, Questionnaire

SURVEY = questionnaire()
ROWS = [
    {
        "id": "1",
        "submitdate": "2027-03-01 10:11:12",
        "startlanguage": "de",
        "amt": "A",
        "amt[other]": "",
        "plan[A]": "Y",
        "plan[B]": "",
        "plan[C]": "",
        "plan[other]": "Brücken",
        **{f"arr[{item}][{scale}]": "1" for item in "ABC" for scale in (1, 2)},
        "rank[1]": "C",
        "rank[2]": "A",
        "rank[3]": "",
        "tage": "1.5",
        "wer": "=Nachbarn ]]> & <b>",
    },
    {"id": "2", "startlanguage": "en", "amt": "C", "amt[other]": "", "plan[A]": ""},
]
TYPED = type_answers(read_responses(response_file(SURVEY, ROWS), "r.lsr", SURVEY), SURVEY)


def only(exported: Exported) -> bytes:
    (content,) = exported.files.values()
    return content


def test_an_archive_comes_back_equal() -> None:
    found = read_archive(only(write_archive(TYPED)), "survey.lsa")
    assert found.questionnaire is not None
    assert found.answers is not None
    again = type_answers(found.answers, found.questionnaire)
    assert again.values.equals(TYPED.values)
    assert again.states.equals(TYPED.states)
    assert again.sheets.equals(TYPED.sheets)


def test_the_same_answers_give_the_same_bytes() -> None:
    assert only(write_archive(TYPED)) == only(write_archive(TYPED))


def test_no_file_in_an_archive_bears_a_clock_time() -> None:
    with zipfile.ZipFile(BytesIO(only(write_archive(TYPED)))) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_csv_comes_back_with_the_same_values() -> None:
    delivered = read_responses(only(write_csv(TYPED)), "results.csv", SURVEY)
    assert type_answers(delivered, SURVEY).values.equals(TYPED.values)


def test_csv_keeps_formulas_from_running() -> None:
    assert b"\"'=Nachbarn" in only(write_csv(TYPED))


def test_what_csv_cannot_tell_apart_is_reported() -> None:
    (said,) = [lost for lost in write_csv(TYPED).lost if lost.where == "answers"]
    assert "values not shown" in said.what.into("en")


def parts(exported: Exported) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """Return the syntax file and the data file."""
    (syntax, data) = sorted(exported.files.items(), key=lambda file: "data_file" in file[0])
    return syntax, data


def test_r_comes_back_with_the_same_values() -> None:
    (syntax_name, syntax), (data_name, data) = parts(write_r(TYPED))
    found = read_r(syntax, syntax_name, data, data_name, SURVEY)
    assert found.answers is not None
    assert type_answers(found.answers, SURVEY).values.equals(TYPED.values)


def test_spss_comes_back_with_the_same_values() -> None:
    (syntax_name, syntax), (data_name, data) = parts(write_spss_text(TYPED))
    found = read_spss_text(syntax, syntax_name, data, data_name, SURVEY)
    assert found.answers is not None
    assert type_answers(found.answers, SURVEY).values.equals(TYPED.values)


def test_ticks_without_a_text_are_written_as_a_dash_and_reported() -> None:
    values = TYPED.values.with_columns(pl.lit(None, pl.String).alias("plan_other_text"))
    states = TYPED.states.with_columns(pl.lit(int(State.EMPTY), pl.UInt8).alias("plan_other_text"))
    bare = Responses(SURVEY, TYPED.variables, TYPED.sheets, values, states, TYPED.delivered)
    exported = write_archive(bare)
    assert any(lost.what.into("en") == "1 ticks at “other” without a text" for lost in exported.lost)
    found = read_archive(only(exported), "survey.lsa")
    assert found.answers is not None
    assert type_answers(found.answers, SURVEY).values["plan_other"].to_list() == TYPED.values["plan_other"].to_list()


def test_what_limesurvey_has_no_place_for_is_reported() -> None:
    sheets = TYPED.sheets.with_columns(pl.lit("08111000").alias("organisation"), pl.lit("refusal").alias("disposition"))
    changed = Responses(SURVEY, TYPED.variables, sheets, TYPED.values, TYPED.states, TYPED.delivered)
    assert {"organisation", "disposition"} <= {lost.where for lost in write_archive(changed).lost}


# --- any questionnaire -------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8).filter(
    lambda word: word not in {".n", ".r"} and not word.startswith("[")
)


@st.composite
def responses(draw: st.DrawFn) -> Responses:
    """Draw a questionnaire as LimeSurvey has it, and sent-off sheets that answer it."""
    drawn = draw(questionnaires(filters=False, max_questions=4))
    survey = read_structure(write_structure(drawn).files["survey.lss"], "survey.lss").questionnaire
    assert survey is not None
    found = variables(survey)
    assume(found)
    sheets = [_Sheet(draw, survey).filled() for _ in range(draw(st.integers(1, 3)))]
    values = {v.name: pl.Series([sheet[v.name][0] for sheet in sheets], dtype=DTYPES[v.type]) for v in found}
    states = {v.name: pl.Series([int(sheet[v.name][1]) for sheet in sheets], dtype=pl.UInt8) for v in found}
    empty = Delivered(pl.DataFrame({"id": [str(i) for i in range(len(sheets))]}), {}, {"sheet": "id"})
    told = type_answers(empty, survey).sheets.with_columns(
        pl.lit("complete").alias("disposition"), pl.lit(survey.languages[0]).alias("language")
    )
    return Responses(survey, found, told, pl.DataFrame(values), pl.DataFrame(states), empty)


class _Sheet:
    """Draws the answers of one sheet."""

    def __init__(self, draw: st.DrawFn, survey: Questionnaire) -> None:
        self._draw, self._survey = draw, survey
        self._of: dict[str, list[Variable]] = {}
        for variable in variables(survey):
            self._of.setdefault(variable.question, []).append(variable)

    def filled(self) -> dict[str, tuple[Any, State]]:
        found: dict[str, tuple[Any, State]] = {}
        for question in self._survey.questions:
            asked = self._of.get(question.id, [])
            never_null = letter_of(question) in {"N", "K", "D"}  # LimeSurvey cannot tell their empty from not shown
            if not never_null and self._draw(st.integers(0, 4)) == 0:
                found |= {v.name: (None, State.NOT_SHOWN) for v in asked}
            else:
                found |= self._answered(question, asked)
        return found

    def _answered(self, question: Question, asked: list[Variable]) -> dict[str, tuple[Any, State]]:
        if question.type == "multiple":
            return self._ticks(asked)
        if question.type == "ranking":
            return self._ranks([v for v in asked if v.type == "rank"]) | self._each(
                [v for v in asked if v.type != "rank"]
            )
        return self._each(asked)

    def _each(self, asked: list[Variable]) -> dict[str, tuple[Any, State]]:
        return {v.name: self._one(v) if self._draw(st.booleans()) else (None, State.EMPTY) for v in asked}

    def _one(self, variable: Variable) -> tuple[Any, State]:
        values = {
            "category": st.sampled_from([category.id for category in variable.categories] or [""]),
            "number": st.integers(-999, 999).map(float) | st.sampled_from([0.5, -2.25, 1.234]),
            "text": WORDS,
            "date": st.dates(),
        }
        return self._draw(values[variable.type]), State.ANSWERED

    def _ticks(self, asked: list[Variable]) -> dict[str, tuple[Any, State]]:
        found = self._each([v for v in asked if v.type == "text" and v.part != "other"])
        ticks = {v.name: self._draw(st.booleans()) for v in asked if v.type == "flag"}
        some = any(ticks.values())
        found |= {name: (ticked, State.ANSWERED) if some else (None, State.EMPTY) for name, ticked in ticks.items()}
        for text in (v for v in asked if v.part == "other"):
            ticked = ticks.get(f"{text.question}_{OTHER}", False)
            found[text.name] = (self._draw(WORDS), State.ANSWERED) if ticked else (None, State.EMPTY)
        return found

    def _ranks(self, asked: list[Variable]) -> dict[str, tuple[Any, State]]:
        order = self._draw(st.permutations(asked))[: self._draw(st.integers(0, len(asked)))]
        ranked = {v.name: (place, State.ANSWERED) for place, v in enumerate(order, start=1)}
        return {v.name: ranked.get(v.name, (None, State.EMPTY)) for v in asked}


@settings(max_examples=20, deadline=None)
@given(responses())
def test_any_answers_come_back_from_an_archive(given_: Responses) -> None:
    found = read_archive(only(write_archive(given_)), "survey.lsa")
    assert found.answers is not None
    assert found.questionnaire is not None
    again = type_answers(found.answers, found.questionnaire)
    assert again.values.to_dict(as_series=False) == given_.values.to_dict(as_series=False)
    assert again.states.to_dict(as_series=False) == given_.states.to_dict(as_series=False)


@settings(max_examples=15, deadline=None)
@given(responses(), st.sampled_from(["csv", "r", "spss"]))
def test_any_answers_come_back_from_text(given_: Responses, format_: str) -> None:
    survey = given_.questionnaire
    if format_ == "csv":
        delivered = read_responses(only(write_csv(given_)), "results.csv", survey)
    else:
        write, read = (write_r, read_r) if format_ == "r" else (write_spss_text, read_spss_text)
        (syntax_name, syntax), (data_name, data) = parts(write(given_))
        found = read(syntax, syntax_name, data, data_name, survey)
        assert found.answers is not None
        delivered = found.answers
    again = type_answers(delivered, survey)
    kept = [name for name in given_.values.columns if not name.endswith(("_text", "comment"))]
    assert again.values.select(kept).to_dict(as_series=False) == given_.values.select(kept).to_dict(as_series=False)
