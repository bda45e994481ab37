"""What LimeSurvey's expressions call the questions, items and points of a questionnaire, and what that means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from passgenau.survey.filters import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passgenau.survey.questionnaire import Foreign, Item, Question, Questionnaire

Role: TypeAlias = Literal["category", "flag", "rank", "number", "text", "date", "other"]
"""What a variable of LimeSurvey holds; `rank`: the code that stands at one place; `other`: an open answer."""
OTHER_CODE = "-oth-"


@dataclass(frozen=True, slots=True)
class Target:
    """What a variable of an expression stands for."""

    role: Role
    of: Reference
    values: dict[str, str] = field(default_factory=dict)  # LimeSurvey's code -> id, of categories and ranks
    place: int = 0  # of a rank, from 1
    whole_numbers: bool = False


@dataclass(frozen=True, slots=True)
class Codes:
    """LimeSurvey's codes for everything in a questionnaire."""

    questions: dict[str, str]
    parts: dict[tuple[str, str, str], str]  # (question, "items", "columns", "scale" or "second_scale", id) -> code
    by_code: dict[tuple[str, str], dict[str, str]] = field(init=False, default_factory=dict)  # the way back

    def __post_init__(self) -> None:
        for (question, kind, part), code in self.parts.items():
            self.by_code.setdefault((question, kind), {}).setdefault(code, part)  # of doubled codes the first

    def question(self, question: str) -> str:
        """Return the code of a question."""
        return self.questions[question]

    def part(self, question: str, kind: str, part: str) -> str:
        """Return the code of an item, a column or a point of a question's scale."""
        return (
            OTHER_CODE
            if part == "other" and (question, kind, part) not in self.parts
            else self.parts[question, kind, part]
        )


def codes_of(questionnaire: Questionnaire) -> Codes:
    """Return the codes as the questionnaire states them: `code`, or else the id."""
    questions, parts = {}, {}
    for question in questionnaire.questions:
        questions[question.id] = question.code or question.id
        for kind, part, code in parts_of(question, questionnaire):
            parts[question.id, kind, part] = code or part
    return Codes(questions, parts)


def parts_of(question: Question, questionnaire: Questionnaire) -> Iterator[tuple[str, str, str | None]]:
    """Yield kind, id and stated code of everything in a question that has a code."""
    for item in question.items:
        yield "items", item.id, item.code
    for column in question.columns:
        yield "columns", column.id, column.code
    for kind, name in (("scale", question.scale), ("second_scale", question.second_scale)):
        for point in questionnaire.scale(name).points if name else ():
            yield kind, point.id, point.code


def targets(questionnaire: Questionnaire, codes: Codes) -> dict[str, Target]:
    """Return every variable that expressions may name, by its name: `G1Q1_SQ001`, `123X4X5SQ001`, `Q5_S6`."""
    found: dict[str, Target] = {}
    sid = str(_own(questionnaire.foreign).get("sid", ""))
    for question in questionnaire.questions:
        own = _own(question.foreign)
        code, old, new = codes.question(question.id), f"{sid}X{own.get('gid')}X{own.get('qid')}", f"Q{own.get('qid')}"
        for suffixes, target in _variables(question, codes):
            by_code, by_old, by_new = suffixes
            found[f"{code}{by_code}"] = target
            if "qid" in own:
                found.setdefault(f"{old}{by_old}", target)
                if by_new is not None:
                    found.setdefault(f"{new}{by_new}", target)
    return found


def _own(foreign: Foreign) -> dict[str, object]:
    own = foreign.get("limesurvey")
    return dict(own) if isinstance(own, dict) else {}


_Suffixes: TypeAlias = "tuple[str, str, str | None]"


def _variables(question: Question, codes: Codes) -> Iterator[tuple[_Suffixes, Target]]:
    """Yield what stands after the question's name, by code, in SGQA, and in LimeSurvey 7, and what it means."""
    make: dict[str, Callable[[Question, Codes], Iterator[tuple[_Suffixes, Target]]]] = {
        "single": _category,
        "scale": _category,
        "multiple": _flags,
        "matrix": _rows,
        "ranking": _ranks,
        "number": _entered,
        "text": _entered,
        "date": _entered,
        "computed": _entered,
    }
    if question.type in make:
        yield from make[question.type](question, codes)


def _values(question: Question, codes: Codes, kind: str) -> dict[str, str]:
    found = dict(codes.by_code.get((question.id, kind), {}))
    if question.other and kind in {"items", "scale"}:
        found[OTHER_CODE] = "other"
    return found


def _category(question: Question, codes: Codes) -> Iterator[tuple[_Suffixes, Target]]:
    kind = "items" if question.type == "single" else "scale"
    yield ("", "", ""), Target("category", Reference(question.id), _values(question, codes, kind))


def _flags(question: Question, codes: Codes) -> Iterator[tuple[_Suffixes, Target]]:
    for item in question.items:
        yield _after(item, codes.part(question.id, "items", item.id)), Target("flag", Reference(question.id, item.id))
    if question.other:
        yield ("_other", "other", None), Target("other", Reference(question.id, "other"))


def _rows(question: Question, codes: Codes) -> Iterator[tuple[_Suffixes, Target]]:
    values = _values(question, codes, "scale")
    for item in question.items:
        target = Target("category", Reference(question.id, item.id), values)
        by_code, by_old, by_new = _after(item, codes.part(question.id, "items", item.id))
        yield (by_code, by_old, by_new), target
        if question.second_scale:
            yield (f"{by_code}_0", f"{by_old}#0", f"{by_new}#0" if by_new else None), target


def _ranks(question: Question, codes: Codes) -> Iterator[tuple[_Suffixes, Target]]:
    values = _values(question, codes, "items")
    for place in range(1, len(question.items) + 1):
        target = Target("rank", Reference(question.id), values, place)
        yield (f"_{place}", str(place), None), target


def _entered(question: Question, codes: Codes) -> Iterator[tuple[_Suffixes, Target]]:
    role: Role = "text" if question.type == "computed" else question.type  # type: ignore[assignment]  # one of three
    whole = question.type == "number" and question.decimals == 0
    if not question.items:
        yield ("", "", ""), Target(role, Reference(question.id), whole_numbers=whole)
    for item in question.items:
        first = _after(item, codes.part(question.id, "items", item.id))
        if not question.columns:
            yield first, Target(role, Reference(question.id, item.id), whole_numbers=whole)
        for column in question.columns:
            code = codes.part(question.id, "columns", column.id)
            second = _after(column, code)
            new = f"{first[2]}{second[2]}" if first[2] and second[2] else None
            of = Reference(question.id, item.id, column.id)
            yield (f"{first[0]}_{code}", f"{first[1]}_{code}", new), Target(role, of, whole_numbers=whole)


def _after(item: Item, code: str) -> _Suffixes:
    qid = _own(item.foreign).get("qid")
    return f"_{code}", code, f"_S{qid}" if qid else None
