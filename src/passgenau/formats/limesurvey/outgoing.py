"""Which of LimeSurvey's types a question becomes, and with which attributes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from passgenau.formats.limesurvey.conditions import own, own_text
from passgenau.formats.limesurvey.entries import Entry, QuestionEntry, Survey
from passgenau.formats.limesurvey.questions import WITH_OTHER, Scales, question_of
from passgenau.formats.limesurvey.types import (
    FIXED_ITEMS,
    FIXED_SCALES,
    LINES,
    TYPES,
    UNORDERED,
    WITH_COLUMNS,
    WITH_ROWS,
)

if TYPE_CHECKING:
    from passgenau.formats.limesurvey.codebook import Codes
    from passgenau.survey.questionnaire import Question, Questionnaire, Scale

Attributes: TypeAlias = "dict[str, str | dict[str, str]]"
_SUCCESSORS = {"W": "!", "Z": "L", "J": "S", "^": "K"}
"""Types that later versions no longer have, and what they became."""
_MAX_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Typed:
    """How LimeSurvey keeps a question."""

    type: str
    other: str  # Y or N
    attributes: Attributes
    rows: bool  # items are subquestions
    answers: bool  # items are answers
    scales: tuple[str, ...]  # scales that are listed as answers: "scale", "second_scale"


def typed_question(question: Question, questionnaire: Questionnaire, codes: Codes) -> Typed:
    """Return LimeSurvey's type of a question, and attributes that read as what the question says."""
    stated = own_text(question.foreign, "type")
    kept = stated if stated and _still_fits(stated, question, questionnaire) else ""
    kind = kept or _type_of(question, questionnaire)
    other = "Y" if question.other and kind in WITH_OTHER else own_text(question.foreign, "other") if kept else "N"
    if not question.other and kind in WITH_OTHER and question.type in {"single", "multiple", "scale"}:
        other = "N"
    rows = kind in WITH_ROWS or (kind == "R" and any("parent_qid" in own(i.foreign) for i in question.items))
    listed = kind not in FIXED_SCALES and question.type in {"scale", "matrix"}
    scales = tuple(name for name in ("scale", "second_scale") if listed and getattr(question, name))
    answers = bool(question.items) and not rows and kind not in {*FIXED_ITEMS, "I"}
    typed = Typed(kind, other or "N", _given(question, kind), rows, answers, scales)
    return _adjusted(question, typed, questionnaire, codes)


def _given(question: Question, kind: str) -> Attributes:
    attributes = own(question.foreign).get("attributes")
    if isinstance(attributes, dict):
        return dict(attributes)
    return {"input_boxes": "1"} if kind == ":" else {}


# --- the type ------------------------------------------------------------------------------------------------


def _still_fits(stated: str, question: Question, questionnaire: Questionnaire) -> bool:
    """Return whether the type that was read still is what the question is."""
    if TYPES.get(stated, "text") != question.type:
        return question.type in {"information", "text"} and not question.columns and stated not in _SUCCESSORS
    if stated in _SUCCESSORS:
        return False
    if stated in FIXED_SCALES:
        return question.second_scale is None and _is_fixed(questionnaire.scale(question.scale or ""), stated)
    if stated in FIXED_ITEMS:
        return tuple(item.id for item in question.items) == FIXED_ITEMS[stated] and question.other is None
    if question.type in {"number", "text", "date"}:
        return (bool(question.items), bool(question.columns)) in _shapes(stated)
    return _details_fit(stated, question)


def _details_fit(stated: str, question: Question) -> bool:
    if stated in {"M", "P"}:
        return (stated == "P") == any(item.comment for item in question.items)
    if stated == "O":
        return question.other is None and question.comment is not None
    if stated in {"L", "!"}:
        return question.comment is None
    return stated == "1" or question.second_scale is None


def _shapes(stated: str) -> set[tuple[bool, bool]]:
    if stated in WITH_COLUMNS:
        return {(True, True), (True, False), (False, False)}
    return {(True, False), (False, False)} if stated in WITH_ROWS else {(False, False)}


def _is_fixed(scale: Scale, kind: str) -> bool:
    name, points = FIXED_SCALES[kind]
    same = tuple((point.id, point.value) for point in scale.points) == points
    worded = name.startswith("points") and any(point.text for point in scale.points)
    return same and not worded and scale.ordered == (name not in UNORDERED)


def _type_of(question: Question, questionnaire: Questionnaire) -> str:
    if question.type in _ALWAYS:
        return _ALWAYS[question.type]
    if question.type in {"single", "scale"}:
        return _choice_type(question, questionnaire)
    if question.type == "multiple":
        return "P" if any(item.comment for item in question.items) else "M"
    if question.type == "matrix":
        return _matrix_type(question, questionnaire)
    if question.type == "number":
        return ":" if question.columns else "K" if question.items else "N"
    return _text_type(question)


_ALWAYS = {"ranking": "R", "file": "|", "computed": "*", "information": "X"}


def _choice_type(question: Question, questionnaire: Questionnaire) -> str:
    if question.type == "scale" and not question.other and _is_fixed(questionnaire.scale(question.scale or ""), "5"):
        return "5"
    return "O" if question.comment is not None and not question.other else "L"


def _matrix_type(question: Question, questionnaire: Questionnaire) -> str:
    if question.second_scale:
        return "1"
    scale = questionnaire.scale(question.scale or "")
    return next((kind for kind in "ABCE" if _is_fixed(scale, kind) and kind not in {"C", "E"}), "F")


def _text_type(question: Question) -> str:
    if question.columns:
        return ";"
    if question.items:
        return "Q"
    if question.type == "date":
        return "D"
    if question.lines == 1:
        return "S"
    return "U" if question.lines >= LINES["U"] else "T"


# --- attributes ----------------------------------------------------------------------------------------------


def _adjusted(question: Question, typed: Typed, questionnaire: Questionnaire, codes: Codes) -> Typed:
    """Set the attributes whose meaning differs from what the question says; leave the others alone."""
    read = _read(question, typed, questionnaire, codes)
    attributes = dict(typed.attributes)
    for field, name in _names(typed.type, attributes).items():
        wanted, found = getattr(question, field), getattr(read, field)
        if wanted != found:
            _set(
                attributes,
                name,
                None if wanted is None else f"{wanted:g}" if isinstance(wanted, float) else str(wanted),
            )
    if typed.type == "R" and question.max_answers is None and read.max_answers is not None:
        attributes.pop("max_subquestions", None)
    if question.type == "number" and question.decimals != read.decimals:
        _set(attributes, "num_value_int_only", "1" if question.decimals == 0 else None)
    if question.shuffled != read.shuffled:
        _shuffle(attributes, typed, wanted=question.shuffled)
    if question.type == "number" and question.unit != read.unit:
        _set(attributes, "suffix", question.unit.plain() if question.unit else None)
    if question.other and (read.other is None or read.other.text != question.other.text):
        _set(attributes, "other_replace_text", question.other.text.plain())
    exclusive = [codes.part(question.id, "items", item.id) for item in question.items if item.exclusive]
    if [item.exclusive for item in question.items] != [item.exclusive for item in read.items] and typed.rows:
        _set(attributes, "exclude_all_others", ";".join(exclusive) or None)
    return Typed(typed.type, typed.other, attributes, typed.rows, typed.answers, typed.scales)


def _names(kind: str, attributes: Attributes) -> dict[str, str]:
    """Return the attribute that says each field, for a type."""
    slider = kind == "K" and attributes.get("slider_layout") == "1"
    low, high = ("slider_min", "slider_max") if slider else ("min_num_value_n", "max_num_value_n")
    if kind == ":":
        low, high = "multiflexible_min", "multiflexible_max"
    names = {"max_answers": "max_num_of_files" if kind == "|" else "max_answers"}
    if kind != "|":
        names["min_answers"] = "min_answers"
    if kind in {"N", "K", ":"}:
        names |= {"minimum": low, "maximum": high}
    if kind in set("NKSTUQ:;"):
        names["max_length"] = "maximum_chars"
    if kind in set("TUQ;"):
        names["lines"] = "display_rows"
    return names


def _set(attributes: Attributes, name: str, value: str | dict[str, str] | None) -> None:
    if value is None or value == "":
        attributes.pop(name, None)
    else:
        attributes[name] = value


def _shuffle(attributes: Attributes, typed: Typed, *, wanted: bool) -> None:
    for name in ("random_order", "answer_order", "subquestion_order"):
        attributes.pop(name, None)
    if wanted:
        attributes["random_order"] = "1"
        attributes["subquestion_order" if typed.rows else "answer_order"] = "random"


def _read(question: Question, typed: Typed, questionnaire: Questionnaire, codes: Codes) -> Question:
    """Return what the attributes so far would be read as."""
    attributes = {
        name: dict(value) if isinstance(value, dict) else {"": str(value or "")}
        for name, value in typed.attributes.items()
    }
    entry = QuestionEntry(
        {"type": typed.type, "title": question.id, "other": typed.other, "mandatory": "Y"},
        {"question": {"en": "x"}},
        attributes,
    )
    items = [
        Entry({"title": code, "code": code})
        for code in (codes.part(question.id, "items", item.id) for item in question.items)
    ]
    columns = [
        Entry({"title": codes.part(question.id, "columns", column.id), "scale_id": "1"}) for column in question.columns
    ]
    points = [
        Entry({"code": codes.part(question.id, name, point.id), "scale_id": str(scale)})
        for scale, name in enumerate(typed.scales)
        for point in questionnaire.scale(getattr(question, name)).points
    ]
    entry.rows = [*(items if typed.rows else []), *columns]
    entry.answers = [*(items if typed.answers else []), *points]
    survey = Survey(questionnaire.languages, [], [], {}, {}, [], Counter())
    return question_of(entry, question.id, None, survey, Scales(), [])
