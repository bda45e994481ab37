"""From the JSON of a SurveyJS survey to a questionnaire.

Written after the published reference of survey-core (versions 1 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passgenau.formats.conditions import Instrument, Untranslatable
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.keeping import KEY, checked, code_of, is_code, restored, shorten, unused, whole
from passgenau.formats.surveyjs.document import FORMAT, Languages, from_html, is_marked_up, languages_of, survey_of
from passgenau.formats.surveyjs.elements import COSMETIC, Element, fields_of, listed
from passgenau.formats.surveyjs_expressions import read_condition
from passgenau.survey.filters import All, Filter
from passgenau.survey.questionnaire import Question, Questionnaire, Scale, Section
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("privacy", "reconstruction")
"""Texts of a questionnaire that stand in an element of their own."""
_SURVEY_KEYS = frozenset(
    {"title", "description", "completedHtml", "locale", "pages", "elements", "questions", "version", KEY}
)


@dataclass(slots=True)
class _Draft:
    """A question while its filter is still text."""

    data: dict[str, Any]
    element: Element
    conditions: tuple[str, ...]  # its own and those of the panels around it


@dataclass(slots=True)
class _Reading:
    """What grows while a survey is read."""

    name: str  # of the file
    languages: Languages
    html: bool
    lost: list[Lost] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    sections: list[dict[str, Any]] = field(default_factory=list)
    section_conditions: list[tuple[str, str | None]] = field(default_factory=list)
    drafts: list[_Draft] = field(default_factory=list)
    parts: dict[str, Translations] = field(default_factory=dict)  # texts that are no questions: privacy …
    scales: dict[str, Scale] = field(default_factory=dict)


def read_surveyjs(content: bytes, name: str) -> Imported:
    """Read a questionnaire of SurveyJS.

    Parameters
    ----------
    content
        The JSON file, at most `intake.MAX_STRUCTURE` bytes.
    name
        How messages call the file.

    Returns
    -------
    Imported
        The questionnaire; `lost` names every property that passgenau does not use, and every condition that
        the filter language cannot say. Both stand unchanged under ``foreign["surveyjs"]``.

    Raises
    ------
    InputError
        It is no JSON, no survey, or holds no question.
    """
    survey = survey_of(content, name)
    languages = languages_of(survey)
    questionnaire, lost = read_document(survey, languages, name)
    guessed = (
        Text(
            f"Die Datei nennt ihre Sprache nicht; angenommen ist „{languages.leading}“.",
            f"The file does not name its language; “{languages.leading}” is assumed.",
        ),
    )
    return Imported(FORMAT, questionnaire, lost=lost, guessed=guessed if languages.guessed else ())


def read_document(survey: dict[str, Any], languages: Languages, name: str) -> tuple[Questionnaire, tuple[Lost, ...]]:
    """Return the questionnaire of a parsed survey, and what did not come through."""
    carried = _carried(survey)
    marked_up = carried.get("markup", "html" if any(map(is_marked_up, _texts(survey))) else "plain") == "html"
    reading = _Reading(name, languages, marked_up)
    for number, page in enumerate(_pages(survey), 1):
        _page(page, number, reading)
    sectioned = _is_sectioned(reading)
    questions = _with_filters(reading, sectioned)
    sections = _sections(reading) if sectioned else []
    title = languages.read(survey.get("title"))
    data = {
        "title": title,
        "version": survey.get("version") if isinstance(survey.get("version"), str) else None,
        "languages": languages.all,
        "markup": "html" if marked_up else "plain",
        "introduction": languages.read(survey.get("description")),
        "ending": languages.read(survey.get("completedHtml")),
        **reading.parts,
        "scales": {**reading.scales, **_more_scales(carried, name)},
        "sections": sections,
        "questions": questions,
        "foreign": _foreign_of_survey(survey, reading),
    }
    beyond = {key: value for key, value in carried.items() if key not in {"languages", "markup", "scales"}}
    return restored(whole(data, name), beyond, name), tuple(reading.lost)


def _more_scales(carried: dict[str, Any], name: str) -> dict[str, Scale]:
    """Return the scales that no element shows, such as the second one of a matrix."""
    found = carried.get("scales")
    return {key: checked(Scale, value, name) for key, value in found.items()} if isinstance(found, dict) else {}


def _carried(part: dict[str, Any]) -> dict[str, Any]:
    carried = part.get(KEY)
    return dict(carried) if isinstance(carried, dict) else {}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            if key != KEY:
                yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def _pages(survey: dict[str, Any]) -> list[dict[str, Any]]:
    pages = [page for page in listed(survey.get("pages")) if isinstance(page, dict)]
    loose = _elements(survey)
    return [*pages, {"elements": loose}] if loose else pages


def _elements(part: dict[str, Any]) -> list[dict[str, Any]]:
    found = [*listed(part.get("elements")), *listed(part.get("questions"))]
    return [element for element in found if isinstance(element, dict)]


def _page(page: dict[str, Any], number: int, reading: _Reading) -> None:
    name = str(page.get("name") or f"page{number}")
    rest = {k: v for k, v in page.items() if k not in {"name", "elements", "questions", "visibleIf", KEY}}
    taken = {section["id"] for section in reading.sections}
    section: dict[str, Any] = {
        "id": name if is_code(name) and name not in taken else code_of(name, taken),
        "title": reading.languages.read(rest.pop("title", None)),
        "text": reading.languages.read(rest.pop("description", None)),
        "carried": _carried(page) if isinstance(page.get(KEY), dict) else None,
        "foreign": {FORMAT: {**rest, **({} if is_code(name) else {"name": name})}},
    }
    section["id"] = (section["carried"] or {}).get("id", section["id"])
    if not section["foreign"][FORMAT]:
        section["foreign"] = {}
    for key, value in rest.items():
        if key not in COSMETIC:
            reading.lost.append(unused(f"page {name}", key, value))
    visible_if = page.get("visibleIf")
    reading.section_conditions.append((section["id"], visible_if if isinstance(visible_if, str) else None))
    reading.sections.append(section)
    _walk(_elements(page), reading, section["id"], (), ())


def _walk(
    elements: list[dict[str, Any]],
    reading: _Reading,
    section: str,
    conditions: tuple[str, ...],
    panels: tuple[dict[str, Any], ...],
) -> None:
    for raw in elements:
        visible_if = raw.get("visibleIf")
        own = (*conditions, visible_if) if isinstance(visible_if, str) and visible_if.strip() else conditions
        if raw.get("type") == "panel":
            panel = {key: value for key, value in raw.items() if key not in {"type", "elements", "questions"}}
            _report_panel(panel, reading)
            _walk(_elements(raw), reading, section, own, (*panels, panel))
        else:
            _question(raw, reading, section, own, panels)


def _report_panel(panel: dict[str, Any], reading: _Reading) -> None:
    why = Text(
        "Ein Abschnitt im Abschnitt; seine Fragen stehen einzeln, seine Bedingung bei jeder von ihnen.",
        "A section within a section; its questions stand singly, its condition with each of them.",
    )
    reading.lost.append(unused(f"panel {panel.get('name', '')}", "panel", panel, why))


def _question(
    raw: dict[str, Any],
    reading: _Reading,
    section: str,
    conditions: tuple[str, ...],
    panels: tuple[dict[str, Any], ...],
) -> None:
    name = str(raw.get("name") or f"question{len(reading.drafts) + 1}")
    carried = _carried(raw)
    if carried.get("part") in PARTS:
        text = reading.languages.read(raw.get("html"))
        if text is not None:
            reading.parts[carried["part"]] = text if reading.html else from_html(text)
        return
    code = str(carried.get("id") or (name if name not in reading.taken else "") or code_of(name, reading.taken))
    code = code if is_code(code) and code not in reading.taken else code_of(code, reading.taken)
    reading.taken.add(code)
    element = Element(raw, name, code, reading.languages, reading.scales)
    data = fields_of(element)
    data |= {"id": code, "section": section, "code": name if name != code else None}
    if data["type"] == "information" and not reading.html and isinstance(data["text"], Translations):
        data["text"] = from_html(data["text"])
    foreign = {**element.foreign, **({"panels": list(panels)} if panels else {})}
    data["foreign"] = {FORMAT: foreign} if foreign else {}
    reading.lost += element.lost
    reading.drafts.append(_Draft(data, element, conditions))


def _is_sectioned(reading: _Reading) -> bool:
    """Whether pages say anything: a single page without a word of its own is no section."""
    first = reading.sections[0] if reading.sections else None
    wordless = first is None or not (first["title"] or first["text"] or first["carried"] is not None)
    return len(reading.sections) > 1 or not wordless or any(condition for _, condition in reading.section_conditions)


def _sections(reading: _Reading) -> list[Section]:
    return [
        restored(
            Section(**{key: value for key, value in section.items() if key != "carried"}),
            {key: value for key, value in (section["carried"] or {}).items() if key != "show_if"},
            reading.name,
        )
        for section in reading.sections
    ]


# --- filters -----------------------------------------------------------------------------------------


def _with_filters(reading: _Reading, sectioned: bool) -> list[Question]:  # noqa: FBT001 -- one caller, beside it
    """Return the questions with their filters, which speak of questions before them."""
    before: dict[str, Question] = {}
    questions: list[Question] = []
    waiting = list(reading.section_conditions)
    for draft in reading.drafts:
        instrument = Instrument(dict(before), reading.scales)
        while draft.data["section"] in [section for section, _ in waiting]:
            _section_filter(*waiting.pop(0), instrument, reading)
        question = _finished(draft, instrument, reading, sectioned)
        questions.append(question)
        before[draft.element.name] = question
    for section, condition in waiting:  # pages without questions
        _section_filter(section, condition, Instrument(before, reading.scales), reading)
    return questions


def _section_filter(section_id: str, source: str | None, instrument: Instrument, reading: _Reading) -> None:
    section = next(s for s in reading.sections if s["id"] == section_id)
    if source is None:
        condition = (section["carried"] or {}).get("show_if")
        section["show_if"] = condition.get("filter") if isinstance(condition, dict) else None
        return
    filter_ = _translated((source,), f"page {section_id}", instrument, reading, section.get("carried") or {})
    section["show_if"] = filter_
    if filter_ is None:
        section["foreign"] = {FORMAT: {**section["foreign"].get(FORMAT, {}), "visibleIf": source}}


def _finished(draft: _Draft, instrument: Instrument, reading: _Reading, sectioned: bool) -> Question:  # noqa: FBT001 -- as above
    data, element = draft.data, draft.element
    carried = {key: value for key, value in _carried(element.raw).items() if key not in {"id", "ordered"}}
    condition = carried.pop("show_if", None)
    where = f"element {element.name}"
    own = element.raw.get("visibleIf")
    if draft.conditions:
        data["show_if"] = _translated(draft.conditions, where, instrument, reading, {"show_if": condition})
        if data["show_if"] is None and isinstance(own, str):
            data["foreign"] = {FORMAT: {**data["foreign"].get(FORMAT, {}), "visibleIf": own}}
    elif isinstance(condition, dict) and condition.get("for") is None:
        data["show_if"] = condition.get("filter")
    if not sectioned:
        data["section"] = None
    for part in ("items", "columns"):
        data[part] = tuple(_item(item, where, instrument, reading) for item in data.get(part, ()))
    return restored(_valid(data, reading), carried, reading.name)


def _item(item: dict[str, Any], where: str, instrument: Instrument, reading: _Reading) -> dict[str, Any]:
    source, carried = item.pop("visible_if", None), item.pop("carried", {})
    condition = carried.pop("show_if", None)
    if source:
        spot = f"{where}, choice {item['code'] or item['id']}"
        item["show_if"] = _translated((source,), spot, instrument, reading, {"show_if": condition})
        if item["show_if"] is None:
            item["foreign"] = {FORMAT: {**item["foreign"].get(FORMAT, {}), "visibleIf": source}}
    elif isinstance(condition, dict) and condition.get("for") is None:
        item["show_if"] = condition.get("filter")
    return {**item, **carried}


def _translated(
    sources: tuple[str, ...], where: str, instrument: Instrument, reading: _Reading, carried: dict[str, Any]
) -> Filter | str | None:
    """Return the filter that several conditions make together; None, reported, where one cannot be said.

    A filter that was carried along holds as long as nobody has changed the condition it stands for.
    """
    own = carried.get("show_if")
    if isinstance(own, dict) and own.get("for") == sources[-1]:
        return str(own.get("filter"))
    try:
        trees = [read_condition(source, instrument).tree for source in sources]
    except Untranslatable as error:
        shown = shorten(" and ".join(sources))
        reading.lost.append(
            Lost(
                where,
                Text(f"visibleIf: {shown}", f"visibleIf: {shown}"),
                Text(
                    f"{error.why.de} Die Bedingung steht unverändert unter foreign; hier gilt: allen gezeigt.",
                    f"{error.why.into('en')} The condition stands unchanged under foreign; here it counts as shown "
                    "to all.",
                ),
            )
        )
        return None
    return Filter(trees[0] if len(trees) == 1 else All(tuple(trees)))


def _valid(data: dict[str, Any], reading: _Reading) -> Question:
    """Return the question; limits that contradict it are left out and reported."""
    offered = len(data.get("items", ())) + (data.get("other") is not None)
    low, high = data.get("min_answers"), data.get("max_answers")
    if low is not None and (low > offered > 0 or (high is not None and low > high)):
        reading.lost.append(unused(f"element {data['id']}", "minSelectedChoices", low, _CONTRADICTION))
        data["min_answers"] = None
    low_value, high_value = data.get("minimum"), data.get("maximum")
    if low_value is not None and high_value is not None and low_value > high_value:
        reading.lost.append(unused(f"element {data['id']}", "min", low_value, _CONTRADICTION))
        data["minimum"] = None
    return checked(Question, data, reading.name)


def _foreign_of_survey(survey: dict[str, Any], reading: _Reading) -> dict[str, Any]:
    rest = {key: value for key, value in survey.items() if key not in _SURVEY_KEYS}
    for key, value in rest.items():
        if key not in COSMETIC:
            reading.lost.append(unused("survey", key, value))
    return {FORMAT: rest} if rest else {}


_CONTRADICTION = Text(
    "Die Angabe widerspricht den übrigen der Frage und ist weggelassen.",
    "The entry contradicts the others of the question and is left out.",
)
