"""From a questionnaire to the JSON of a SurveyJS survey."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passgenau.formats.conditions import Instrument, Untranslatable, as_number
from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.keeping import KEY, SILENT, is_code, kept, plain, unheeded
from passgenau.formats.surveyjs.document import FORMAT, Languages, languages_of, to_html
from passgenau.formats.surveyjs.elements import spell
from passgenau.formats.surveyjs.read import PARTS, read_document
from passgenau.formats.surveyjs_expressions import Names, write_condition
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from passgenau.survey.filters import Filter
    from passgenau.survey.questionnaire import Item, Point, Question, Questionnaire, QuestionType, Section
    from passgenau.translations import Translations

_TOOL = "SurveyJS"
_CHOICES = {"single": "radiogroup", "multiple": "checkbox", "ranking": "ranking"}
_INPUT = {"number": "number", "date": "date", "text": "text"}


def write_surveyjs(questionnaire: Questionnaire) -> Exported:
    """Write a questionnaire as a SurveyJS survey.

    What SurveyJS cannot say stands under the property ``passgenau`` of the survey, a page, an element or a
    choice, which SurveyJS leaves alone; `read_surveyjs` takes it from there, so that nothing is lost on the
    way back. `lost` names what SurveyJS therefore does not act on.

    Returns
    -------
    Exported
        One file, ``questionnaire.json``.
    """
    writer = _Writer(questionnaire)
    survey = writer.survey()
    content = json.dumps(survey, ensure_ascii=False, indent=2) + "\n"
    return Exported(FORMAT, {"questionnaire.json": content.encode()}, tuple(writer.lost))


def names_of(questionnaire: Questionnaire) -> dict[str, str]:
    """Return how SurveyJS names every question: as data files do, where no two would be named alike."""
    return unique_names(questionnaire.questions)


def unique_names(entries: Iterable[Question | Item | Point]) -> dict[str, str]:
    """Return the code of every entry, or its id where it has none or the code stands twice."""
    names: dict[str, str] = {}
    listed = list(entries)
    ids = {entry.id for entry in listed}
    for entry in listed:
        code = entry.code
        usable = code is not None and code.strip() == code and code and code not in ids | set(names.values())
        names[entry.id] = str(code) if usable else entry.id
    return names


class _Writer:
    """Builds the survey, reads it back, and adds what did not come through."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        leading = questionnaire.languages[0]
        self._languages = Languages(leading, questionnaire.languages, guessed=False)
        self._names = names_of(questionnaire)
        self.lost: list[Lost] = []

    def survey(self) -> dict[str, Any]:
        questionnaire = self._questionnaire
        survey: dict[str, Any] = {"locale": questionnaire.languages[0]}
        for key, text in (("title", questionnaire.title), ("description", questionnaire.introduction)):
            survey |= self._text(key, text)
        survey |= self._text("completedHtml", questionnaire.ending)
        survey["pages"] = self._pages()
        survey |= _foreign(questionnaire.foreign)
        survey[KEY] = {"markup": questionnaire.markup, "languages": list(questionnaire.languages)}
        self._add_what_is_missing(survey)
        return survey

    def _text(self, key: str, text: Translations | None) -> dict[str, Any]:
        return {key: self._languages.write(text)} if text is not None and text.by_language else {}

    # --- pages and elements ---------------------------------------------------------------------

    def _pages(self) -> list[dict[str, Any]]:
        questionnaire = self._questionnaire
        parts = [self._part(name) for name in PARTS if getattr(questionnaire, name) is not None]
        if not questionnaire.sections:
            return [{"name": "page1", "elements": [*parts, *self._elements(None)]}]
        pages = [self._page(section) for section in questionnaire.sections]
        pages[0]["elements"][:0] = parts
        return pages

    def _part(self, name: str) -> dict[str, Any]:
        text = getattr(self._questionnaire, name)
        return {"type": "html", "name": f"passgenau_{name}", **self._html(text), KEY: {"part": name}}

    def _html(self, text: Translations) -> dict[str, Any]:
        return self._text("html", text if self._questionnaire.markup == "html" else to_html(text))

    def _page(self, section: Section) -> dict[str, Any]:
        foreign = _foreign(section.foreign)
        name = str(foreign.get("name", section.id))
        carried = {"id": section.id}  # never empty: it tells a section from a page that the tool made
        page = {
            "name": name,
            **self._text("title", section.title),
            **self._text("description", section.text),
            **foreign,
            KEY: carried,
        }
        first = next(
            (i for i, q in enumerate(self._questionnaire.questions) if q.section == section.id),
            len(self._questionnaire.questions),
        )
        self._condition(page, section.show_if, first, f"page {name}")
        page["elements"] = self._elements(section.id)
        return page

    def _elements(self, section: str | None) -> list[dict[str, Any]]:
        found = []
        for index, question in enumerate(self._questionnaire.questions):
            if question.section == section:
                found.append(self._element(question, index))
        return found

    def _element(self, question: Question, index: int) -> dict[str, Any]:
        name = self._names[question.id]
        element: dict[str, Any] = {"type": "text", "name": name}
        if question.type != "information":
            element |= self._text("title", question.text)
        element |= self._text("description", question.help)
        element |= _verbatim(question) or _TYPES[question.type](self, question, index)
        if question.type in {"text", "number"} and _native(question):
            element["type"] = _native(question)
        if question.required:
            element["isRequired"] = True
        if question.comment is not None and question.other is None:
            element |= {"showCommentArea": True, **self._text("commentText", question.comment)}
        element |= _foreign(question.foreign)
        if name != question.id or not is_code(question.id):
            element.setdefault(KEY, {})["id"] = question.id
        self._condition(element, question.show_if, index, f"element {name}")
        return element

    def _condition(self, part: dict[str, Any], condition: Filter | None, before: int, where: str) -> None:
        """Write a filter as `visibleIf`, or carry it along where SurveyJS cannot say it."""
        if condition is None:
            return
        questions = self._questionnaire.questions[:before]
        instrument = Instrument({question.id: question for question in questions}, self._questionnaire.scales)
        try:
            part["visibleIf"] = write_condition(condition, Names(instrument, self._names))
        except Untranslatable as error:
            part.setdefault(KEY, {})["show_if"] = {"filter": str(condition), "for": None}
            self.lost.append(
                Lost(
                    where,
                    Text(f"der Filter: {condition}", f"the filter: {condition}"),
                    Text(
                        f"{error.why.de} SurveyJS zeigt es allen; der Filter steht unter „{KEY}“ in der Datei.",
                        f"{error.why.into('en')} SurveyJS shows it to all; the filter stands under “{KEY}” in the "
                        "file.",
                    ),
                )
            )

    # --- types ------------------------------------------------------------------------------------

    def single(self, question: Question, index: int) -> dict[str, Any]:
        if _native(question) == "boolean":
            return self._boolean(question)
        element: dict[str, Any] = {"type": _native(question) or _CHOICES[question.type]}
        values = unique_names(question.items)
        special = {_special(item): item for item in question.items if _special(item)}
        ordinary = [item for item in question.items if not _special(item)]
        element["choices"] = [self._choice(item, values, index) for item in ordinary]
        if question.other is not None:
            element |= {"showOtherItem": True, **self._text("otherText", question.other.text)}
        if "none" in special:
            element |= {"showNoneItem": True, **self._text("noneText", special["none"].text)}
        if "dontknow" in special:
            element |= {"showDontKnowItem": True, **self._text("dontKnowText", special["dontknow"].text)}
        if question.no_answer is not None and question.type != "ranking":
            unknown = question.no_answer.code == "dontknow"
            shown, said = ("showDontKnowItem", "dontKnowText") if unknown else ("showRefuseItem", "refuseText")
            element |= {shown: True, **self._text(said, question.no_answer.text)}
        if question.shuffled:
            element["choicesOrder"] = "random"
        if question.type != "single":
            element |= _given(minSelectedChoices=question.min_answers, maxSelectedChoices=question.max_answers)
        return element

    def _boolean(self, question: Question) -> dict[str, Any]:
        labels = {item.id: item.text for item in question.items}
        return {
            "type": "boolean",
            **(self._text("labelTrue", labels["yes"]) if "yes" in labels else {}),
            **(self._text("labelFalse", labels["no"]) if "no" in labels else {}),
        }

    def _choice(self, item: Item, values: dict[str, str], index: int) -> dict[str, Any]:
        foreign = _foreign(item.foreign)
        original = foreign.pop("value", None)
        value = original if original is not None and spell(original) == values[item.id] else values[item.id]
        choice = {"value": value, **self._text("text", item.text), **foreign}
        if values[item.id] != item.id or not is_code(item.id):
            choice[KEY] = {"id": item.id}
        if item.exclusive:
            choice["isExclusive"] = True
        if item.comment:
            choice["showCommentArea"] = True
        self._condition(choice, item.show_if, index, f"choice {item.id}")
        return choice

    def scale(self, question: Question, _index: int) -> dict[str, Any]:
        scale = self._questionnaire.scale(question.scale or "")
        carried = self._scale_name(question)
        numbers = [as_number(point.id) for point in scale.points]
        if _counts_up(numbers) and _plain_ends(scale.points):
            ends = zip(("min", "max"), (scale.points[0], scale.points[-1]), strict=True)
            texts = {
                key: value for end, p in ends for key, value in self._text(f"{end}RateDescription", p.text).items()
            }
            low, high = int(numbers[0] or 0), int(numbers[-1] or 0)
            return {"type": "rating", "rateMin": low, "rateMax": high, **texts, **carried}
        values = [self._point(point, scale.points) for point in scale.points]
        return {"type": "rating", "rateValues": values, **carried}

    def _scale_name(self, question: Question) -> dict[str, Any]:
        ordered = self._questionnaire.scale(question.scale or "").ordered
        return {KEY: {"scale": question.scale, **({} if ordered else {"ordered": False})}}

    def _point(self, point: Point, points: Sequence[Point]) -> dict[str, Any]:
        foreign = _foreign(point.foreign)
        name = unique_names(points)[point.id]
        original = foreign.pop("value", None)
        number = as_number(name)
        carried: dict[str, Any] = {}
        if name != point.id or not is_code(point.id):
            carried["id"] = point.id
        if point.code != (name if name != point.id else None):
            carried["code"] = point.code
        if point.value != number:
            carried["value"] = point.value
        if (point.text is None or not point.text.by_language) and (number is None or point.text is not None):
            carried["text"] = None if point.text is None else {}
        if point.agrees:
            carried["agrees"] = True
        others = {key: value for key, value in point.foreign.items() if key != FORMAT}
        if others:
            carried["foreign"] = plain(point)["foreign"]
        value = original if original is not None and spell(original) == name else name
        text = self._text("text", point.text)
        return {"value": value, **text, **foreign, **({KEY: carried} if carried else {})}

    def matrix(self, question: Question, index: int) -> dict[str, Any]:
        scale = self._questionnaire.scale(question.scale or "")
        rows = unique_names(question.items)
        return {
            "type": "matrix",
            "columns": [self._point(point, scale.points) for point in scale.points],
            "rows": [self._choice(item, rows, index) for item in question.items],
            **({"rowOrder": "random"} if question.shuffled else {}),
            **self._scale_name(question),
        }

    def entered(self, question: Question, index: int) -> dict[str, Any]:
        entered: dict[str, Any] = {"inputType": _INPUT[question.type]} if question.type != "text" else {}
        if question.type == "number":
            entered |= _given(min=_tidy(question.minimum), max=_tidy(question.maximum))
            entered |= {"step": 10**-question.decimals} if question.decimals else {}
        if question.columns:
            return self._cells(question, entered, index)
        if question.items:
            names = unique_names(question.items)
            limits = _given(minValue=entered.pop("min", None), maxValue=entered.pop("max", None))
            entered.pop("step", None)  # fields of this type know no step
            entered |= {"validators": [{"type": "numeric", **limits}]} if limits else {}
            entered |= _given(maxLength=_length(question))
            items = [self._field(item, names, entered, index) for item in question.items]
            return {"type": "multipletext", "items": items}
        if question.type == "text" and question.lines > 1:
            return {"type": "comment", "rows": question.lines, **_given(maxLength=_length(question))}
        return {"type": "text", **entered, **_given(maxLength=_length(question))}

    def _field(self, item: Item, names: dict[str, str], entered: dict[str, Any], index: int) -> dict[str, Any]:
        choice = self._choice(item, names, index)
        named = {"name": choice.pop("value")}
        if "text" in choice:
            named["title"] = choice.pop("text")
        return {**named, **entered, **choice}

    def _cells(self, question: Question, entered: dict[str, Any], index: int) -> dict[str, Any]:
        rows, columns = unique_names(question.items), unique_names(question.columns)
        cell = {"cellType": "text", **entered, **_given(maxLength=_length(question))}
        return {
            "type": "matrixdropdown",
            "columns": [self._field(column, columns, cell, index) for column in question.columns],
            "rows": [self._choice(item, rows, index) for item in question.items],
        }

    def file(self, question: Question, _index: int) -> dict[str, Any]:
        if _native(question):
            return {"type": _native(question)}
        if question.max_answers == 1:
            return {"type": "file"}
        return {"type": "file", "allowMultiple": True, **_given(maxFiles=question.max_answers)}

    def computed(self, _question: Question, _index: int) -> dict[str, Any]:
        return {"type": "expression"}

    def information(self, question: Question, _index: int) -> dict[str, Any]:
        if _native(question):
            return {"type": _native(question)}
        return {"type": "html", **self._html(question.text)}

    # --- what is missing ----------------------------------------------------------------------------

    def _add_what_is_missing(self, survey: dict[str, Any]) -> None:
        """Read the survey back and carry along every field that did not come through."""
        before = self._questionnaire
        after, _ = read_document(survey, languages_of(survey), "questionnaire.json")
        scales = {
            name: plain(scale) for name, scale in before.scales.items() if plain(scale) != _scale_as_plain(after, name)
        }
        if scales:
            survey[KEY]["scales"] = scales
            used = {question.second_scale for question in before.questions}
            self.lost += [unheeded(f"scale {name}", "scales", name, _TOOL) for name in scales if name not in used]
        elements = [element for page in survey["pages"] for element in page["elements"] if not _is_part(element)]
        ordered = [question for section in self._groups() for question in section]
        for question, element in zip(ordered, elements, strict=True):
            self._add_to_element(question, after.question(question.id), element)
        if before.sections:
            for section, read, page in zip(before.sections, after.sections, survey["pages"], strict=True):
                self._carry(page, f"page {section.id}", kept(section, read, {"id", "show_if"}))
                self._check_filter(page, section.show_if, read.show_if)
        leave = {"questions", "sections", "scales", "languages", "markup"}
        self._carry(survey, "survey", kept(before, after, leave))

    def _groups(self) -> list[tuple[Question, ...]]:
        sections = self._questionnaire.sections
        if not sections:
            return [self._questionnaire.questions]
        return [self._questionnaire.in_section(section.id) for section in sections]

    def _add_to_element(self, question: Question, read: Question, element: dict[str, Any]) -> None:
        where = f"element {element['name']}"
        if [i.id for i in question.items] != [i.id for i in read.items]:
            self._carry(element, where, {"items": plain(question)["items"]})
        else:
            listed = next((v for k in ("choices", "rows", "items") if isinstance(v := element.get(k), list)), [])
            self._add_to_items(question, "items", read.items, listed, element)
            self._add_to_items(question, "columns", read.columns, element.get("columns", []), element)
        missing = kept(question, read, {"id", "items", "columns", "show_if", "section"})
        self._carry(element, where, missing)
        self._check_filter(element, question.show_if, read.show_if)

    def _add_to_items(
        self,
        question: Question,
        field: str,
        read: tuple[Item, ...],
        parts: list[dict[str, Any]],
        element: dict[str, Any],
    ) -> None:
        """Carry along what is missing of items; whole ones where SurveyJS adds them itself and they differ."""
        pairs = list(zip(getattr(question, field), read, strict=True))
        ordinary = [pair for pair in pairs if not _special(pair[0])]
        added = [pair for pair in pairs if _special(pair[0])]
        if len(parts) < len(ordinary) or any(plain(item) != plain(again) for item, again in added):
            if any(plain(item) != plain(again) for item, again in pairs):
                self._carry(element, f"element {element['name']}", {field: plain(question)[field]})
            return
        for (item, again), part in zip(ordinary, parts, strict=False):
            where = f"element {element['name']}, choice {item.id}"
            self._carry(part, where, kept(item, again, {"id", "show_if"}))
            self._check_filter(part, item.show_if, again.show_if)

    def _carry(self, part: dict[str, Any], where: str, missing: dict[str, Any]) -> None:
        if not missing:
            return
        part[KEY] = {**part.get(KEY, {}), **missing}
        for name, value in missing.items():
            if name not in SILENT and not _only_spelling(name, part, value):
                self.lost.append(unheeded(where, name, value, _TOOL))

    @staticmethod
    def _check_filter(part: dict[str, Any], wanted: Filter | None, read: Filter | None) -> None:
        """Keep the wording of a filter that SurveyJS says in other words."""
        if wanted is not None and "visibleIf" in part and str(read) != str(wanted):
            part.setdefault(KEY, {})["show_if"] = {"filter": str(wanted), "for": part["visibleIf"]}


def _only_spelling(name: str, part: dict[str, Any], value: object) -> bool:
    """Whether the tool shows the answer and merely spells it otherwise in its data."""
    shown = {"no_answer": {"showRefuseItem", "showDontKnowItem"}, "other": {"showOtherItem"}}.get(name, set())
    return value is not None and any(part.get(key) for key in shown)


def _scale_as_plain(questionnaire: Questionnaire, name: str) -> dict[str, Any] | None:
    return plain(questionnaire.scales[name]) if name in questionnaire.scales else None


def _is_part(element: dict[str, Any]) -> bool:
    return "part" in element.get(KEY, {})


def _foreign(foreign: dict[str, Any]) -> dict[str, Any]:
    """Return what was kept of a SurveyJS file, without what only the reader needs."""
    own = foreign.get(FORMAT)
    left_out = {"type", "panels", "special", "element"}
    return {key: value for key, value in own.items() if key not in left_out} if isinstance(own, dict) else {}


def _native(question: Question) -> str | None:
    """Return the type of element that a question was read from, where it was no usual one."""
    own = question.foreign.get(FORMAT)
    found = own.get("type") if isinstance(own, dict) else None
    return found if isinstance(found, str) else None


def _verbatim(question: Question) -> dict[str, Any]:
    """Return the whole element that a question was read from, where its type is none of those here."""
    own = question.foreign.get(FORMAT)
    found = own.get("element") if isinstance(own, dict) else None
    return {key: value for key, value in found.items() if key not in {KEY, "name"}} if isinstance(found, dict) else {}


def _special(item: Item) -> str | None:
    own = item.foreign.get(FORMAT)
    found = own.get("special") if isinstance(own, dict) else None
    return found if isinstance(found, str) else None


def _given(**values: object) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _tidy(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() else value


def _length(question: Question) -> int | None:
    return question.max_length if question.type == "text" else None


def _counts_up(numbers: Sequence[float | None]) -> bool:
    first = numbers[0]
    return len(numbers) > 1 and first is not None and numbers == [first + place for place in range(len(numbers))]


def _plain_ends(points: Sequence[Point]) -> bool:
    """Whether only the ends of a scale have words, and its points count what they show."""
    return all(
        point.value == as_number(point.id)
        and point.code is None
        and not point.agrees
        and not point.foreign
        and (point.text is None or point in (points[0], points[-1]))
        for point in points
    )


_TYPES: dict[QuestionType, Callable[[_Writer, Question, int], dict[str, Any]]] = {
    "single": _Writer.single,
    "multiple": _Writer.single,
    "ranking": _Writer.single,
    "scale": _Writer.scale,
    "matrix": _Writer.matrix,
    "number": _Writer.entered,
    "text": _Writer.entered,
    "date": _Writer.entered,
    "file": _Writer.file,
    "computed": _Writer.computed,
    "information": _Writer.information,
}
