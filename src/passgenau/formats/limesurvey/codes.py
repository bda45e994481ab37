"""Codes that LimeSurvey accepts, for everything in a questionnaire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.formats.exchange import Lost
from passgenau.formats.limesurvey.codebook import Codes, parts_of
from passgenau.formats.limesurvey.conditions import own_text
from passgenau.formats.limesurvey.names import code_for
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import Foreign, Question, Questionnaire

_TITLE = 20  # characters of the code of a question or subquestion
_ANSWER = 5  # of an answer


def assigned_codes(questionnaire: Questionnaire, lost: list[Lost]) -> Codes:
    """Return a code for every question, item and point; those that had to change are added to `lost`.

    LimeSurvey takes letters and digits only, at most 20 for questions and subquestions, at most 5 for answers.
    Codes that came from LimeSurvey stay as they were.
    """
    taken = {own_text(question.foreign, "title") for question in questionnaire.questions}
    questions, parts = {}, {}
    for question in questionnaire.questions:
        wanted = question.code or question.id
        kept = own_text(question.foreign, "title") in {question.code, question.id}
        own = own_text(question.foreign, "title") if kept else _first_fit(question.code, question.id, taken, _TITLE)
        own = own or code_for(wanted, taken, _TITLE, letter_first=True)
        questions[question.id] = own
        _report(lost, f"question {question.id}", wanted, own)
        parts.update(_parts(question, questionnaire, lost))
    return Codes(questions, parts)


def _parts(question: Question, questionnaire: Questionnaire, lost: list[Lost]) -> dict[tuple[str, str, str], str]:
    foreign = _foreign_of(question, questionnaire)
    found: dict[tuple[str, str, str], str] = {}
    taken: dict[str, set[str]] = {}
    as_answers = question.type in {"single", "ranking"}
    for kind, part, code in parts_of(question, questionnaire):
        known = taken.setdefault(kind, set())
        wanted = code or part
        given = foreign.get((kind, part), {})
        verbatim = own_text(given, "title") or own_text(given, "code")
        fixed = own_text(question.foreign, "type") in {"Y", "G", "I"}
        if verbatim in {code, part} or fixed:
            known.add(verbatim or wanted)
            found[question.id, kind, part] = verbatim or wanted
            continue
        short = kind in {"scale", "second_scale"} or (kind == "items" and as_answers)
        length = _ANSWER if short else _TITLE
        own = _first_fit(code, part, known, length) or code_for(wanted, known, length)
        found[question.id, kind, part] = own
        _report(lost, f"question {question.id}, {part}", wanted, own)
    return found


def _first_fit(code: str | None, own: str, taken: set[str], length: int) -> str | None:
    """Return the code, or else the id, where LimeSurvey accepts it as it is, and take it."""
    for name in (code, own):
        starts = name is not None and (length == _ANSWER or name[:1].isalpha())
        if name and starts and name.isascii() and name.isalnum() and len(name) <= length and name not in taken:
            taken.add(name)
            return name
    return None


def _foreign_of(question: Question, questionnaire: Questionnaire) -> dict[tuple[str, str], Foreign]:
    found = {("items", item.id): item.foreign for item in question.items}
    found |= {("columns", column.id): column.foreign for column in question.columns}
    for kind, name in (("scale", question.scale), ("second_scale", question.second_scale)):
        if name:
            found |= {(kind, point.id): point.foreign for point in questionnaire.scale(name).points}
    return found


def _report(lost: list[Lost], where: str, wanted: str, own: str) -> None:
    if wanted != own:
        lost.append(
            Lost(
                where,
                Text(f"Code {wanted!r}", f"code {wanted!r}"),
                Text(
                    f"LimeSurvey nimmt nur kurze Codes aus Buchstaben und Ziffern; dort heißt es {own!r}.",
                    f"LimeSurvey takes short codes of letters and digits only; there it is called {own!r}.",
                ),
            )
        )
