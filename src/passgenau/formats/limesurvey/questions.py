"""One LimeSurvey question with its subquestions, answers and attributes, as a question here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from passgenau.formats.exchange import Lost
from passgenau.formats.limesurvey.entries import Entry, QuestionEntry, Survey, whole
from passgenau.formats.limesurvey.names import fitting
from passgenau.formats.limesurvey.types import (
    FIXED_ITEMS,
    FIXED_SCALES,
    LINES,
    NO_ANSWER_SHOWN,
    TYPES,
    UNORDERED,
    WITH_ANSWERS,
    WITH_COLUMNS,
    WITH_ROWS,
    shown,
)
from passgenau.survey.questionnaire import Item, NoAnswer, Other, Point, Question, Scale
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import QuestionType

WITH_OTHER = frozenset("LMPWZ!")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LIMITED = frozenset({"multiple", "ranking", "matrix", "number", "text"})
_MAX_DECIMALS = 6  # LimeSurvey keeps ten


class Scales:
    """The scales found so far, by name."""

    def __init__(self) -> None:
        self.found: dict[str, Scale] = {}
        self._taken = {fixed for fixed, _ in FIXED_SCALES.values()}

    def fixed(self, kind: str, languages: tuple[str, ...]) -> str:
        """Return the name of the scale that a type always has."""
        name, points = FIXED_SCALES[kind]
        if name not in self.found:
            self.found[name] = Scale(
                points=tuple(
                    Point(id=code, value=value, text=None if value else shown(code, languages))
                    for code, value in points
                ),
                ordered=name not in UNORDERED,
            )
        return name

    def listed(self, name: str, answers: list[Entry]) -> str:
        """Return the name under which a question's own answers were kept."""
        name = fitting(name, "scale", self._taken)
        ids: set[str] = set()
        counted = any(answer.number("assessment_value") for answer in answers)
        self.found[name] = Scale(points=tuple(_point(answer, ids, counted=counted) for answer in answers))
        return name


def _point(answer: Entry, ids: set[str], *, counted: bool) -> Point:
    code = answer.get("code")
    own = fitting(code, f"A{len(ids) + 1}", ids)
    text = answer.text("answer")
    return Point(
        id=own,
        text=text if text.languages else None,
        value=float(answer.number("assessment_value")) if counted else None,
        code=code if code and code != own else None,
        foreign={"limesurvey": dict(answer.row)},
    )


def question_of(  # noqa: PLR0913, PLR0917 -- the question, its place, and where to put what comes with it
    entry: QuestionEntry, own: str, section: str | None, survey: Survey, scales: Scales, lost: list[Lost]
) -> Question:
    """Return a question; scales and reports are added to those found so far."""
    reader = _Reader(entry, own, survey, scales, lost)
    kind = reader.kind()
    title = entry.get("title")
    return Question(
        id=own,
        type=kind,
        text=entry.text("question"),
        help=_or_none(entry.text("help")),
        section=section,
        code=title if title and title != own else None,
        required=entry.get("mandatory") == "Y" and kind not in {"information", "computed"},
        foreign={"limesurvey": reader.foreign(kind)},
        **reader.fields(kind),
    )


def _or_none(text: Translations) -> Translations | None:
    return text if text.languages else None


class _Reader:
    """Reads one question."""

    def __init__(self, entry: QuestionEntry, own: str, survey: Survey, scales: Scales, lost: list[Lost]) -> None:
        self._entry, self._own, self._survey, self._scales, self._lost = entry, own, survey, scales, lost
        self._type = entry.get("type")
        self._other = entry.get("other") == "Y" and self._type in WITH_OTHER
        self._items, self._columns, self._answers = self._parts()
        self._renamed: dict[str, str] = {}  # items whose code cannot stand

    # --- which rows are items, columns and points ---------------------------------------------------

    def _parts(self) -> tuple[list[Entry], list[Entry], list[Entry]]:
        rows = [row for row in self._entry.rows if row.number("scale_id") == 0]
        columns = [row for row in self._entry.rows if row.number("scale_id") != 0]
        if self._type == "R" and rows:
            return rows, [], []
        return (
            rows if self._type in WITH_ROWS else [],
            columns if self._type in WITH_COLUMNS and rows else [],
            [answer for answer in self._entry.answers if self._offers(answer)],
        )

    def _offers(self, answer: Entry) -> bool:
        scale = answer.number("scale_id")
        return self._type in WITH_ANSWERS and (scale == 0 or (scale == 1 and self._type == "1"))

    def kind(self) -> QuestionType:
        """Return the type; a choice without anything to choose becomes what can still be answered."""
        kind = TYPES.get(self._type)
        if kind is None:
            self._report(
                Text(f"Fragetyp {self._type!r}", f"question type {self._type!r}"),
                Text(
                    "Unbekannter Typ; als Text eingelesen, der Typ bleibt verwahrt.",
                    "Unknown type; read as text, the type is kept.",
                ),
            )
            return "text"
        lacks = self._lacks(kind)
        if lacks is None:
            return kind
        remains: QuestionType = "text" if self._other or (kind == "matrix" and self._items) else "information"
        self._report(
            Text(
                f"Fragetyp {self._type!r} ohne {lacks.de}", f"question type {self._type!r} without {lacks.into('en')}"
            ),
            Text(
                f"So ist sie nicht zu beantworten; als {remains!r} eingelesen, der Typ bleibt verwahrt.",
                f"It cannot be answered so; read as {remains!r}, the type is kept.",
            ),
        )
        return remains

    def _lacks(self, kind: QuestionType) -> Text | None:
        fixed = self._type in FIXED_ITEMS or self._type == "I"
        if kind in {"single", "ranking"} and not fixed and not self._answers and not self._items:
            return Text("Antworten", "answers")
        if kind in {"multiple", "matrix"} and not self._items:
            return Text("Teilfragen", "subquestions")
        first = [answer for answer in self._answers if answer.number("scale_id") == 0]
        if kind == "matrix" and self._type not in FIXED_SCALES and not first:
            return Text("Antworten", "answers")
        return None

    # --- the fields -----------------------------------------------------------------------------------

    def fields(self, kind: QuestionType) -> dict[str, Any]:
        """Return the fields that depend on the type."""
        found: dict[str, Any] = {"items": self._all_items(kind), "columns": self._all_columns(kind)}
        if kind in {"scale", "matrix"}:
            found |= self._scale_fields()
        if self._other and kind in {"single", "multiple"}:
            found["other"] = self._other_answer()
        if self._type == "O" and kind == "single":
            found["comment"] = Translations(())
        if self._no_answer_shown() and kind in {"single", "scale", "matrix", "number"}:
            found["no_answer"] = NoAnswer(text=shown("no answer", self._survey.languages))
        if kind in _LIMITED:
            found |= self._limits(len(found["items"]) + ("other" in found))
        if kind == "number":
            found |= self._number_fields()
        if kind == "text":
            found["lines"] = self._lines()
        if kind in {"text", "number"}:
            found["max_length"] = self._whole("maximum_chars", least=1)
        if kind == "file":
            found["max_answers"] = self._whole("max_num_of_files", least=1)
        found["shuffled"] = self._shuffled() and bool(found["items"])
        self._report_codes()
        return found

    def _all_items(self, kind: QuestionType) -> tuple[Item, ...]:
        taken = {"other"} if self._other and kind in {"single", "multiple"} else set()
        if kind in {"information", "computed", "file", "scale"}:
            return ()
        if self._type in FIXED_ITEMS:
            return tuple(Item(id=code, text=shown(code, self._survey.languages)) for code in FIXED_ITEMS[self._type])
        if self._type == "I":
            codes = self._survey.languages
            return tuple(Item(id=code, text=Translations.of(dict.fromkeys(codes, code))) for code in codes)
        if kind == "single" or (kind == "ranking" and not self._items):
            return tuple(self._item(answer, "code", "answer", taken) for answer in self._answers)
        exclusive = self._exclusive() if kind == "multiple" else frozenset()
        return tuple(
            self._item(row, "title", "question", taken, exclusive=row.get("title") in exclusive) for row in self._items
        )

    def _all_columns(self, kind: QuestionType) -> tuple[Item, ...]:
        taken: set[str] = set()
        if kind not in {"number", "text"}:
            return ()
        return tuple(self._item(column, "title", "question", taken) for column in self._columns)

    def _item(self, entry: Entry, code: str, text: str, taken: set[str], *, exclusive: bool = False) -> Item:
        title = entry.get(code)
        own = fitting(title, f"SQ{len(taken) + 1:03d}", taken)
        if title != own:
            self._renamed[own] = title
        foreign: dict[str, Any] = dict(entry.row)
        for column in ("help", "script"):
            if entry.texts.get(column):
                foreign[column] = dict(entry.texts[column])
        return Item(
            id=own,
            text=entry.text(text),
            exclusive=exclusive,
            comment=self._type == "P",
            code=title if title and title != own else None,
            foreign={"limesurvey": foreign},
        )

    def _scale_fields(self) -> dict[str, Any]:
        if self._type in FIXED_SCALES:
            return {"scale": self._scales.fixed(self._type, self._survey.languages)}
        first = [answer for answer in self._answers if answer.number("scale_id") == 0]
        second = [answer for answer in self._answers if answer.number("scale_id") == 1]
        found = {"scale": self._scales.listed(self._own, first)}
        if self._type == "1" and second:
            found["second_scale"] = self._scales.listed(f"{self._own}_second", second)
        return found

    def _other_answer(self) -> Other:
        said = self._entry.localised("other_replace_text", self._survey.languages)
        return Other(text=said if said.languages else shown("other", self._survey.languages))

    def _no_answer_shown(self) -> bool:
        wanted = self._survey.settings.get("shownoanswer", "").strip()
        dropdown = self._type == ":" and not self._flag("input_boxes") and not self._flag("multiflexible_checkbox")
        offered = self._type in NO_ANSWER_SHOWN or dropdown
        return offered and wanted in {"Y", "I"} and self._entry.get("mandatory") != "Y"

    def _exclusive(self) -> frozenset[str]:
        return frozenset(re.split(r"[;,\s]+", self._entry.attribute("exclude_all_others")))

    def _limits(self, offered: int) -> dict[str, Any]:
        low = self._whole("min_answers", least=1)
        high = self._whole("max_answers", least=1)
        if self._type == "R":
            shown_ranks = self._whole("max_subquestions", least=1)
            high = high or (shown_ranks if shown_ranks and shown_ranks < offered else None)
        if low is not None and (low > offered or (high is not None and low > high)):
            self._report(
                Text(f"min_answers = {low}", f"min_answers = {low}"),
                Text("Mehr, als möglich ist; nicht übernommen.", "More than is possible; left out."),
            )
            low = None
        return {"min_answers": low, "max_answers": high}

    def _number_fields(self) -> dict[str, Any]:
        low, high = self._bounds()
        if low is not None and high is not None and low > high:
            self._report(
                Text(f"Grenzen {low:g} bis {high:g}", f"limits {low:g} to {high:g}"),
                Text("Die untere liegt über der oberen; nicht übernommen.", "The lower exceeds the upper; left out."),
            )
            low = high = None
        unit = self._entry.localised("suffix", self._survey.languages)
        return {"unit": _or_none(unit), "minimum": low, "maximum": high, "decimals": self._decimals()}

    def _bounds(self) -> tuple[float | None, float | None]:
        if self._type == ":":
            if self._flag("multiflexible_checkbox"):
                return 0.0, 1.0
            low, high = self._real("multiflexible_min"), self._real("multiflexible_max")
            if self._flag("input_boxes"):
                return low, high
            return 1.0 if low is None else low, 10.0 if high is None else high
        if self._type == "K" and self._flag("slider_layout"):
            low, high = self._real("slider_min"), self._real("slider_max")
            return 0.0 if low is None else low, 100.0 if high is None else high
        return self._real("min_num_value_n"), self._real("max_num_value_n")

    def _decimals(self) -> int:
        if self._flag("num_value_int_only") or self._flag("multiflexible_checkbox"):
            return 0
        if self._type == ":" and not self._flag("input_boxes"):
            return _decimals_of(self._entry.attribute("multiflexible_step") or "1")
        if self._flag("slider_layout"):
            return _decimals_of(self._entry.attribute("slider_accuracy") or "1")
        return _MAX_DECIMALS

    def _lines(self) -> int:
        usual = LINES.get(self._type, 1)
        return min(self._whole("display_rows", least=1, quietly=True) or usual, 50) if self._type != "S" else 1

    def _shuffled(self) -> bool:
        order = {self._entry.attribute("answer_order"), self._entry.attribute("subquestion_order")}
        return self._flag("random_order") or "random" in order

    # --- small things -----------------------------------------------------------------------------------

    def _flag(self, name: str) -> bool:
        return self._entry.attribute(name) in {"1", "Y"}

    def _whole(self, name: str, *, least: int, quietly: bool = False) -> int | None:
        said = self._entry.attribute(name)
        number = whole(said)
        if number is None and said and not quietly:
            self._report(
                Text(f"{name} = {said}", f"{name} = {said}"),
                Text("Keine ganze Zahl; bleibt nur verwahrt.", "No whole number; only kept verbatim."),
            )
        return number if number is not None and number >= least else None

    def _real(self, name: str) -> float | None:
        said = self._entry.attribute(name).replace(",", ".")
        if said and not _NUMBER.fullmatch(said):
            self._report(
                Text(f"{name} = {said}", f"{name} = {said}"),
                Text(
                    "Ein Ausdruck oder keine Zahl; bleibt nur verwahrt.",
                    "An expression or no number; only kept verbatim.",
                ),
            )
            return None
        return float(said) if said else None

    def _report_codes(self) -> None:
        if self._renamed:
            spoken = ", ".join(f"{code!r} → {own!r}" for own, code in self._renamed.items())
            self._report(
                Text(f"Codes von Antworten: {spoken}", f"codes of items: {spoken}"),
                Text(
                    "Leer, doppelt, vergeben oder mit anderen Zeichen als Buchstaben, Ziffern, - und _.",
                    "Empty, doubled, taken or with other characters than letters, digits, - and _.",
                ),
            )

    def _report(self, what: Text, why: Text) -> None:
        self._lost.append(Lost(f"question {self._entry.get('title') or self._own}", what, why))

    def foreign(self, kind: QuestionType) -> dict[str, Any]:
        """Return everything of the question that stands in no field here."""
        entry = self._entry
        found: dict[str, Any] = dict(entry.row)
        found["attributes"] = {
            name: values[""] if set(values) == {""} else dict(values) for name, values in entry.attributes.items()
        }
        if entry.texts.get("script"):
            found["script"] = dict(entry.texts["script"])
            self._report(
                Text("JavaScript der Frage", "JavaScript of the question"),
                Text("Wird nicht ausgeführt; bleibt verwahrt.", "It is not run; kept verbatim."),
            )
        used = {id(part) for part in self._used(kind)}
        for part, rows, text in (("subquestions", entry.rows, "question"), ("answers", entry.answers, "answer")):
            stray = [{**row.row, "texts": dict(row.texts.get(text, {}))} for row in rows if id(row) not in used]
            if stray:
                found[part] = stray
                self._report(_stray(part, len(stray)), _STRAY_WHY)
        return found

    def _used(self, kind: QuestionType) -> list[Entry]:
        if kind == "information":
            return []
        answers = self._answers if kind in {"single", "matrix", "ranking"} else []
        return [*self._items, *self._columns, *answers]


_STRAY_WHY = Text(
    "Zu diesem Fragetyp gehören sie nicht; sie bleiben verwahrt und werden zurückgeschrieben.",
    "They do not belong to this type of question; they are kept and written back.",
)


def _stray(part: str, number: int) -> Text:
    if part == "subquestions":
        return Text(f"{number} Teilfragen", f"{number} subquestions")
    return Text(f"{number} Antworten", f"{number} answers")


def _decimals_of(step: str) -> int:
    return min(len(step.replace(",", ".").partition(".")[2].rstrip("0")), _MAX_DECIMALS)
