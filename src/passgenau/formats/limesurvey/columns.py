"""How LimeSurvey calls the columns of its answers, in every generation and kind of export.

One answer has many names. The database and the archives of LimeSurvey up to version 6 call it
``{survey}X{group}X{question}{subquestion}``, LimeSurvey 7 ``Q{question}_S{subquestion}``; exports call it
by codes (``G1Q1[SQ001]``, ``G1Q1_SQ001``), by the text of the question, whole or cut, or by both. This
module lists the fields of a questionnaire and finds them again under any of these names.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from passgenau.survey.variables import OTHER, Variable, variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passgenau.survey.questionnaire import Foreign, Item, Question, Questionnaire
    from passgenau.translations import Translations

KEY = "limesurvey"
"""Where a questionnaire keeps what only LimeSurvey knows."""

SYSTEM = {
    "id": ("id", "responseid", "antwortid", "antwortenid"),
    "submitdate": ("submitdate", "datesubmitted", "datumabgeschickt", "abgabedatum"),
    "lastpage": ("lastpage", "letzteseite"),
    "startlanguage": ("startlanguage", "startsprache", "start-sprache"),
    "seed": ("seed", "zufallsstartwert", "startwert"),
    "token": ("token", "accesscode", "zugangscode", "zugangsschlüssel", "teilnahmeschlüssel"),
    "startdate": ("startdate", "datestarted", "datumgestartet", "startdatum"),
    "datestamp": ("datestamp", "datelastaction", "datumletzteaktivität", "datumletzteaktion"),
    "ipaddr": ("ipaddr", "ipaddress", "ip-adresse", "ipadresse"),
    "refurl": ("refurl", "referrerurl", "weiterleitungs-url", "referrer-url", "herkunfts-url"),
    "interviewtime": ("interviewtime", "totaltime", "gesamtzeit"),
    "firstname": ("firstname", "vorname"),
    "lastname": ("lastname", "nachname"),
    "email": ("email", "emailaddress", "e-mail-adresse", "e-mail"),
}
"""Columns about the sheet, by the name in the database, and how the headings of exports spell them."""

_ATTRIBUTE = re.compile(r"^attribute_\d+$")
_TIMING = re.compile(
    r"(^\d+X\d+(X\d+)?time$|^[GQ]\d+time$|_Ctime$|^(group|question|gruppen|fragen?)[ _-]*(time|zeit)\b)", re.IGNORECASE
)
_REPLACED = re.compile(r"_(hyph|dd|dc|excl|fs|bs|qu)_")  # what the exports for R and SPSS put for - : ; ! / \ '
_BRACKET = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\s*$")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of LimeSurvey's answers.

    Attributes
    ----------
    question
        Id of the question in the questionnaire.
    variable
        The variable that it answers; None for a rank, the number of files and the like.
    title, stem, qid, letter
        The question's code, ``{survey}X{group}X{question}``, its number, and the letter of its type.
    codes, qids
        Codes and numbers of the subquestions, row before column.
    suffix
        ``other``, ``comment``, ``othercomment``, ``filecount``, or nothing.
    scale
        0 or 1 in an array with two scales.
    position
        1 for the first rank.
    texts
        The question, then the row and the column.
    """

    question: str
    variable: str | None
    title: str
    stem: str
    qid: str
    letter: str
    codes: tuple[str, ...] = ()
    qids: tuple[str, ...] = ()
    suffix: str = ""
    scale: int | None = None
    position: int | None = None
    texts: tuple[Translations, ...] = ()

    @property
    def tail(self) -> str:
        """What follows the question's own name in columns up to LimeSurvey 6."""
        if self.suffix == "filecount":
            return "_filecount"
        place = "" if self.position is None else str(self.position)
        return "_".join(self.codes) + self.suffix + place

    @property
    def column(self) -> str:
        """The name in the database up to LimeSurvey 6."""
        return f"{self.stem}{self.tail}" + ("" if self.scale is None else f"#{self.scale}")

    @property
    def column_since_7(self) -> str:
        """The name in the database since LimeSurvey 7."""
        subs = "".join(f"_S{qid}" for qid in self.qids)
        return f"Q{self.qid}{subs}" + (f"_C{self.suffix}" if self.suffix else "") + self._hash

    @property
    def heading(self) -> str:
        """The heading of an export by codes: ``G1Q1[SQ001]``, ``G1Q1[SQ001][1]``."""
        tail = self.tail.lstrip("_")
        scale = "" if self.scale is None else f"[{self.scale + 1}]"
        return self.title + (f"[{tail}]" if tail else "") + scale

    @property
    def variable_name(self) -> str:
        """The name in expressions and in the exports for R and SPSS: ``G1Q1_SQ001``."""
        tail = self.tail.lstrip("_")
        return self.title + (f"_{tail}" if tail else "") + ("" if self.scale is None else f"_{self.scale}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names that no other field bears."""
        return self.column, self.column_since_7, self.heading, self.variable_name

    @property
    def _hash(self) -> str:
        return "" if self.scale is None else f"#{self.scale}"

    def spellings(self) -> Iterator[str]:
        """Yield every name under which an export may hold the column, the most certain first."""
        yield from self.names
        tail = self.tail.lstrip("_")
        yield f"{self.title}_{tail}{self._hash}"
        for parts in self._parts():
            scales = [""] if self.scale is None else [f"[{self.scale + 1}]"]
            for scale in scales:
                yield self.title + "".join(f"[{part}]" for part in parts) + scale
            yield "_".join((self.title, *parts)) + ("" if self.scale is None else f"_{self.scale}")

    def _parts(self) -> Iterator[tuple[str, ...]]:
        """Yield the parts behind the title as the generations separate them."""
        suffix = () if not self.suffix else (self.suffix,)
        place = () if self.position is None else (str(self.position),)
        yield (*self.codes, *suffix, *place)
        yield ("_".join(self.codes) + (f"_C{self.suffix}" if self.suffix else ""), *place)
        if self.suffix:
            yield (*self.codes, f"_C{self.suffix}")
        if self.position is not None and self.qids:
            yield self.qids
            yield (f"R{self.qids[0]}",)  # first builds of LimeSurvey 7
        if any(code.isdigit() for code in self.codes):  # LimeSurvey 7 exports 001 as 1
            shortened = tuple(str(int(code)) if code.isdigit() else code for code in self.codes)
            yield ("_".join(shortened) + self.suffix,)


def fields(questionnaire: Questionnaire) -> tuple[Field, ...]:
    """Return the answer columns that LimeSurvey has for a questionnaire, in the order of the questions."""
    sid = text_of(foreign(questionnaire.foreign), "sid")
    of_question: dict[str, list[Variable]] = {}
    for variable in variables(questionnaire):
        of_question.setdefault(variable.question, []).append(variable)
    return tuple(
        field for question in questionnaire.questions for field in _of(question, of_question.get(question.id, []), sid)
    )


def foreign(kept: Foreign) -> dict[str, Any]:
    """Return what was kept of LimeSurvey's own fields."""
    own = kept.get(KEY)
    return own if isinstance(own, dict) else {}


def text_of(own: dict[str, Any], *names: str) -> str:
    """Return the first of the named fields that says something, as text."""
    return next((str(own[name]) for name in names if own.get(name) not in {None, ""}), "")


def title_of(question: Question) -> str:
    """Return the code by which LimeSurvey calls a question."""
    return text_of(foreign(question.foreign), "title", "code") or question.code or question.id


def letter_of(question: Question) -> str:
    """Return the letter of the question's type in LimeSurvey; nothing where it is not known."""
    return text_of(foreign(question.foreign), "type")


def code_of(item: Item) -> str:
    """Return the code by which LimeSurvey calls a subquestion or an answer."""
    return text_of(foreign(item.foreign), "title", "code") or item.code or item.id


def _number(item: Item) -> str:
    """Return the number of a subquestion, or of an answer option."""
    own = foreign(item.foreign)
    return text_of(own, "aid") if "aid" in own else text_of(own, "qid")


def _of(question: Question, asked: list[Variable], sid: str) -> Iterator[Field]:
    own = foreign(question.foreign)
    sid, gid, qid = sid or text_of(own, "sid"), text_of(own, "gid"), text_of(own, "qid")
    base = Field(
        question.id, None, title_of(question), f"{sid}X{gid}X{qid}", qid, letter_of(question), texts=(question.text,)
    )
    if question.type == "ranking":
        yield from _ranks(question, base)
        asked = [variable for variable in asked if variable.type != "rank"]
    for variable in asked:
        if question.type == "multiple" and variable.part == "answer" and variable.item == OTHER:
            continue  # the text beside “other” says whether it is ticked
        yield _field(question, variable, base)
    if question.type == "multiple" and question.other and any(item.comment for item in question.items):
        yield replace(base, suffix="othercomment")
    if question.type == "file":
        yield replace(base, suffix="filecount")


def _ranks(question: Question, base: Field) -> Iterator[Field]:
    for position, item in enumerate(question.items, start=1):
        number = _number(item)
        yield replace(base, position=position, qids=(number,) if number else (), texts=(question.text, item.text))


def _field(question: Question, variable: Variable, base: Field) -> Field:
    item = next((item for item in question.items if item.id == variable.item), None)
    column = next((column for column in question.columns if column.id == variable.column), None)
    parts = [part for part in (item, column) if part is not None]
    suffix = variable.part if variable.part in {"other", "comment"} else ""
    scale = None
    if question.second_scale and not suffix:
        scale = 1 if variable.part == "second" else 0
    return replace(
        base,
        variable=variable.name,
        codes=tuple(code_of(part) for part in parts),
        qids=tuple(_number(part) for part in parts),
        suffix=suffix,
        scale=scale,
        texts=(question.text, *(part.text for part in parts)),
    )


# --- finding columns -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Headings:
    """What the headings of a file stand for."""

    system: dict[str, int]  # name in the database → place of the column
    fields: dict[int, Field]  # place of the column → field
    timings: tuple[int, ...]
    attributes: dict[str, int]  # attribute_N of the invited
    unknown: tuple[int, ...]


def match(headings: Sequence[str], known: Sequence[Field]) -> Headings:
    """Find which column is which, by codes where the headings are codes, else by texts."""
    by_code = _by_code(headings, known)
    system = _system(headings, set(by_code))
    attributes = {h.strip(): i for i, h in enumerate(headings) if _ATTRIBUTE.match(h.strip()) and i not in by_code}
    left = [
        i
        for i in range(len(headings))
        if i not in by_code and i not in system.values() and i not in attributes.values()
    ]
    used = {id(field) for field in by_code.values()}
    rest = [field for field in known if id(field) not in used]
    if known and len(rest) > len(by_code):  # headings by text: hardly any code fits
        by_code |= _by_prefix(headings, left, rest)
        left = [i for i in left if i not in by_code]
        used = {id(field) for field in by_code.values()}
        by_code |= _by_text(headings, left, [field for field in rest if id(field) not in used])
    timings = tuple(i for i in left if i not in by_code and _TIMING.search(headings[i].strip()))
    unknown = tuple(i for i in left if i not in by_code and i not in timings)
    return Headings(system, by_code, timings, attributes, unknown)


def _by_code(headings: Sequence[str], known: Sequence[Field]) -> dict[int, Field]:
    exact: dict[str, Field] = {}
    loose: dict[str, Field] = {}
    own = [(name, field) for field in known for name in field.names]
    likely = [(name, field) for field in known for name in field.spellings()]
    for name, field in (*own, *likely):  # another field's own name is no likely one of this
        exact.setdefault(name, field)
        loose.setdefault(_loosely(name), field)
    found: dict[int, Field] = {}
    taken: set[int] = set()
    for look in (exact.get, lambda heading: loose.get(_loosely(heading))):
        for index, heading in enumerate(headings):
            known_as = None if index in found or not heading.strip() else look(heading.strip())
            if known_as is not None and id(known_as) not in taken:
                found[index] = known_as
                taken.add(id(known_as))
    return found


def _loosely(name: str) -> str:
    """Return a name without the marks that the exports put between its parts."""
    plain = _REPLACED.sub("_", name).replace("_C", "_")
    plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_").casefold()
    return plain.removeprefix("q_")


def _system(headings: Sequence[str], taken: set[int]) -> dict[str, int]:
    names = {spelling: name for name, spellings in SYSTEM.items() for spelling in spellings}
    found: dict[str, int] = {}
    for index, heading in enumerate(headings):
        code = heading.strip().split(". ", 1)[0]  # “id. Response ID”
        name = names.get(_squeezed(heading)) or (names.get(_squeezed(code)) if ". " in heading else None)
        if name is not None and index not in taken:
            found.setdefault(name, index)
    return found


def _by_prefix(headings: Sequence[str], left: Iterable[int], known: Sequence[Field]) -> dict[int, Field]:
    """Find headings of the kind “code. text”."""
    by_name: dict[str, Field] = {}
    for field in known:
        for spelling in field.spellings():
            by_name.setdefault(spelling, field)
    found: dict[int, Field] = {}
    taken: set[int] = set()
    for index in left:
        heading = headings[index].strip()
        for end in (m.start() for m in re.finditer(r"[^\w\[\]#]", heading)):
            candidate = by_name.get(heading[:end])
            if candidate is not None and id(candidate) not in taken and heading[end:].strip(" .:-_"):
                found[index] = candidate
                taken.add(id(candidate))
                break
    return found


def _by_text(headings: Sequence[str], left: Iterable[int], known: Sequence[Field]) -> dict[int, Field]:
    """Find headings by the wording of the question and of its parts; of equals, the next in order is meant."""
    places: dict[str, list[int]] = {}
    for number, field in enumerate(known):
        for _language, wording in field.texts[0]:
            places.setdefault(_squeezed(flat(wording)), []).append(number)
    found: dict[int, Field] = {}
    taken: set[int] = set()
    last = -1
    for index in left:
        question, parts = _pieces(headings[index])
        candidates = [n for n in _of_question(question, places) if n not in taken]
        fitting = [n for n in candidates if _fits(parts, known[n])]
        loosely = [n for n in candidates if parts and _special(known[n])]
        for group in (fitting, loosely):
            if group:
                number = next((n for n in group if n > last), group[0])
                found[index], last = known[number], number
                taken.add(number)
                break
    return found


def _of_question(wording: str, places: dict[str, list[int]]) -> list[int]:
    if wording.endswith(".."):
        start = wording.rstrip(".")
        return sorted({n for text, numbers in places.items() if text.startswith(start) for n in numbers})
    return places.get(wording, [])


def _pieces(heading: str) -> tuple[str, list[str]]:
    """Split “Which? [Row][Column]” into the question and its parts."""
    parts: list[str] = []
    rest = heading.strip().replace("_[", " [")
    while found := _BRACKET.search(rest):
        parts.insert(0, _squeezed(flat(found[1])))
        rest = rest[: found.start()].rstrip()
    return _squeezed(flat(rest)), parts


def _fits(parts: list[str], field: Field) -> bool:
    if _special(field) or len(field.texts) - 1 != len(parts) - (field.scale is not None):
        return not parts and len(field.texts) == 1 and not _special(field)
    return all(_says(part, text) for part, text in zip(parts, field.texts[1:], strict=False))


def _special(field: Field) -> bool:
    return bool(field.suffix) or field.position is not None


def _says(part: str, text: Translations) -> bool:
    wordings = [_squeezed(flat(wording)) for _, wording in text]
    if part.endswith(".."):
        return any(wording.startswith(part.rstrip(".")) for wording in wordings)
    return part in wordings


def flat(wording: str) -> str:
    """Return a wording without markup, as the exports write it."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^<>]*>", " ", wording))).strip()


def _squeezed(wording: str) -> str:
    """Return a wording without spaces and case, so that two spellings of it compare equal."""
    return re.sub(r"[\s_]+", "", wording).casefold()


squeezed = _squeezed
