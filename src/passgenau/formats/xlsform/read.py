"""From an XLSForm to a questionnaire.

Written after the XLSForm reference (xlsform.org). Groups become sections, select questions choices, groups with
the appearance `table-list` matrices; what passgenau does not use is kept under ``foreign["xlsform"]`` and named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # ships no types
from pyxform.xls2xform import convert  # type: ignore[import-untyped]  # ships no types

from passgenau.errors import InputError
from passgenau.formats.conditions import Instrument, Untranslatable
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.keeping import checked, code_of, is_code, restored, shorten, unused, whole
from passgenau.formats.xlsform.sheets import FORMAT, Languages, Row, Sheets, languages_of, read_sheets
from passgenau.formats.xlsform.types import OTHER_NAMES, PARTS, REPORTED_NOT, Node, Reader, fields_of, row_type, tree_of
from passgenau.formats.xlsform_expressions import Form, read_condition
from passgenau.survey.filters import All, Filter, Reference
from passgenau.survey.questionnaire import Other, Question, Questionnaire, Section
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.translations import Translations

_SETTINGS = frozenset({"form_title", "form_id", "version", "default_language", "title", "id_string"})
_METADATA = frozenset(
    [
        "start",
        "end",
        "today",
        "deviceid",
        "username",
        "phonenumber",
        "email",
        "simserial",
        "subscriberid",
        "start-geopoint",
        "audit",
        "background-audio",
        "xml-external",
        "csv-external",
        "hidden",
        "osm",
        "background-geopoint",
    ]
)


_FOLLOWS = re.compile(r"(?:selected\(\s*)?\$\{\s*(\S+?)\s*\}\s*[,=]\s*['\"]([^'\"]+)['\"]\s*\)?")


@dataclass(slots=True)
class _Reading:
    """What grows while a form is read."""

    name: str
    reader: Reader
    sections: list[dict[str, Any]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    places: dict[str, Reference] = field(default_factory=dict)
    parts: dict[str, Translations | None] = field(default_factory=dict)
    metadata: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lost(self) -> list[Lost]:
        return self.reader.lost

    @property
    def form(self) -> Form:
        return Form(Instrument({q.id: q for q in self.questions}, self.reader.scales), dict(self.places))


def read_xlsform(content: bytes, name: str) -> Imported:
    """Read a questionnaire from an XLSForm.

    Parameters
    ----------
    content
        The workbook (.xlsx, .xls), or the same in .csv or .md as pyxform reads them.
    name
        How messages call the file.

    Returns
    -------
    Imported
        The questionnaire; `lost` names every column that passgenau does not use, every condition that the
        filter language cannot say, and why pyxform would refuse the form, if it would.

    Raises
    ------
    InputError
        It is no form, is damaged, or holds no question.
    """
    sheets = read_sheets(content, name)
    languages = languages_of(sheets)
    questionnaire, lost = read_form(sheets, languages, name)
    guessed = (
        Text(
            f"Die Tabelle nennt ihre Sprache nicht; angenommen ist „{languages.all[0]}“.",
            f"The workbook does not name its language; “{languages.all[0]}” is assumed.",
        ),
    )
    return Imported(
        FORMAT,
        questionnaire,
        lost=(*lost, *_refusal(content)),
        version=questionnaire.version,
        guessed=guessed if languages.guessed else (),
    )


def _refusal(content: bytes) -> tuple[Lost, ...]:
    """Return why pyxform would not make a form of it."""
    try:
        convert(xlsform=content)
    except PyXFormError as error:
        said = shorten(str(error), 300)
        why = Text(
            "Hier ist es gelesen; ODK und KoboToolbox nähmen das Formular so nicht an.",
            "It is read here; ODK and KoboToolbox would not accept the form as it is.",
        )
        return (Lost("form", Text(f"pyxform: {said}", f"pyxform: {said}"), why),)
    except Exception as error:  # noqa: BLE001 -- what pyxform does not foresee in a form is no fault of the reader
        said = type(error).__name__
        why = Text("pyxform kann das Formular nicht prüfen.", "pyxform cannot check the form.")
        return (Lost("form", Text(f"pyxform: {said}", f"pyxform: {said}"), why),)
    return ()


def read_form(sheets: Sheets, languages: Languages, name: str) -> tuple[Questionnaire, tuple[Lost, ...]]:
    """Return the questionnaire of parsed sheets, and what did not come through."""
    reading = _Reading(name, Reader(sheets, languages, name))
    root = tree_of(sheets.survey, name)
    sectioned = any(_is_section(node, reading) for node in root)
    for node in root:
        if _is_section(node, reading):
            _section(node, reading)
        else:
            _loose(node, reading, sectioned=sectioned)
    carried = dict(sheets.carried)
    scales = carried.pop("scales", {})
    more = dict(scales) if isinstance(scales, dict) else {}
    title = languages.all[0]
    form_title = sheets.settings.get("form_title") or sheets.settings.get("title")
    data = {
        "title": {title: form_title} if form_title else None,
        "version": sheets.settings.get("version"),
        "languages": languages.all,
        **reading.parts,
        "scales": {**{key: scale.model_dump(mode="json") for key, scale in reading.reader.scales.items()}, **more},
        "sections": [_finished_section(section, name) for section in reading.sections],
        "questions": reading.questions,
        "foreign": _foreign(sheets, reading),
    }
    carried.pop("languages", None)
    return restored(whole(data, name), carried, name), tuple(reading.lost)


def _finished_section(section: dict[str, Any], name: str) -> Section:
    carried = section.pop("carried")
    return restored(checked(Section, section, name), carried, name)


def _foreign(sheets: Sheets, reading: _Reading) -> dict[str, Any]:
    rest: dict[str, Any] = {key: value for key, value in sheets.settings.items() if key not in _SETTINGS}
    for key, value in rest.items():
        reading.lost.append(unused("settings", key, value))
    form_id = sheets.settings.get("form_id") or sheets.settings.get("id_string")
    if form_id and form_id != "passgenau":
        rest["form_id"] = form_id
    if reading.metadata:
        rest["metadata"] = reading.metadata
        kinds = ", ".join(row["type"] for row in reading.metadata)
        why = Text(
            "Angaben, die das Gerät selbst festhält; keine Fragen. Sie stehen unter foreign.",
            "What the device records itself; no questions. They stand under foreign.",
        )
        reading.lost.append(Lost("survey", Text(kinds, kinds), why))
    return {FORMAT: rest} if rest else {}


# --- sections ----------------------------------------------------------------------------------------


def _is_section(node: Node, reading: _Reading) -> bool:
    return node.kind == "group" and node.row.carried.get("of") is None and not reading.reader.is_question(node)


def _section(node: Node, reading: _Reading) -> None:
    row = node.row
    name = row.get("name") or f"group{len(reading.sections) + 1}"
    taken = {section["id"] for section in reading.sections}
    carried = dict(row.carried)
    condition = carried.pop("show_if", None)
    wanted = str(carried.pop("id", name))
    code = wanted if is_code(wanted) and wanted not in taken else code_of(wanted, taken)
    foreign = {} if code == name else {"name": name}
    rest = {key: row.get(key) for key in row.cells if key not in {"type", "name", "relevant"}}
    if rest.get("appearance") == "field-list":
        rest.pop("appearance")
    for key, value in rest.items():
        reading.lost.append(unused(f"group {name}", key, value))
    section: dict[str, Any] = {
        "id": code,
        "title": reading.reader.languages.text(row, "label"),
        "carried": carried,
        "show_if": None,
        "foreign": {FORMAT: {**foreign, **rest}} if foreign or rest else {},
    }
    source = row.get("relevant")
    section["show_if"] = _translated((source,) if source else (), condition, f"group {name}", reading)
    if source and section["show_if"] is None:
        section["foreign"] = {FORMAT: {**section["foreign"].get(FORMAT, {}), "relevant": source}}
    reading.sections.append(section)
    _walk(node.children, reading, code, ())


def _loose(node: Node, reading: _Reading, *, sectioned: bool) -> None:
    """Read what stands outside any group; where there are groups, it forms a section of its own."""
    row = node.row
    if row.carried.get("of") is not None or (node.kind == "row" and row_type(row)[0] in _METADATA):
        _walk([node], reading, None, ())
        return
    if not sectioned:
        _walk([node], reading, None, ())
        return
    last = reading.sections[-1] if reading.sections else None
    if last is None or not last["foreign"].get(FORMAT, {}).get("implicit"):
        code = code_of(f"part{len(reading.sections) + 1}", {section["id"] for section in reading.sections})
        reading.sections.append(
            {"id": code, "title": None, "show_if": None, "foreign": {FORMAT: {"implicit": True}}, "carried": {}}
        )
    _walk([node], reading, reading.sections[-1]["id"], ())


def _walk(nodes: list[Node], reading: _Reading, section: str | None, conditions: tuple[str, ...]) -> None:
    for node in nodes:
        if node.kind == "row" and row_type(node.row)[0] in _METADATA:
            reading.metadata.append({**node.row.cells})
        elif node.row.carried.get("of") is not None:
            _part(node.row, reading)
        elif node.kind == "row" and _specifies_other(node.row, reading):
            continue
        elif node.kind == "row" or reading.reader.is_question(node):
            _question(node, reading, section, conditions)
        else:
            _flattened(node, reading)
            own = node.row.get("relevant")
            _walk(node.children, reading, section, (*conditions, own) if own else conditions)


def _flattened(node: Node, reading: _Reading) -> None:
    why = (
        Text(
            "Fragen, die sich je Blatt wiederholen, gibt es hier nicht; sie stehen einmal, ihre weiteren Antworten "
            "liegen in einer eigenen Datei.",
            "There are no questions here that repeat within a sheet; they stand once, and their further answers lie in "
            "a file of their own.",
        )
        if node.kind == "repeat"
        else Text(
            "Ein Abschnitt im Abschnitt; seine Fragen stehen einzeln, seine Bedingung bei jeder von ihnen.",
            "A section within a section; its questions stand singly, its condition with each of them.",
        )
    )
    shown = {**node.row.cells, **node.row.texts}
    reading.lost.append(unused(f"{node.kind} {node.row.get('name')}", f"begin_{node.kind}", shown, why))


def _part(row: Row, reading: _Reading) -> None:
    """Read a note that is no question but the introduction, a privacy notice, the text of a section."""
    of = row.carried["of"]
    text = reading.reader.languages.text(row, "label")
    if of in PARTS:
        reading.parts[of] = text
    elif of == "section" and reading.sections:
        reading.sections[-1]["text"] = text


def _specifies_other(row: Row, reading: _Reading) -> bool:
    """Whether a text is what follows the choice “other” of the question before; it then becomes part of it."""
    found = _FOLLOWS.fullmatch(row.get("relevant").strip())
    last = reading.questions[-1] if reading.questions else None
    if found is None or last is None or row_type(row)[0] not in {"text", "string"} or last.other is not None:
        return False
    name, choice = found.groups()
    item = next((i for i in last.items if choice in {i.code, i.id} and choice.lower() in OTHER_NAMES), None)
    if (
        item is None
        or name != (last.code or last.id)
        or last.type not in {"single", "multiple"}
        or len(last.items) == 1
    ):
        return False
    foreign = {FORMAT: {"choice": choice, "name": row.get("name")}}
    items = tuple(kept for kept in last.items if kept is not item)
    reading.questions[-1] = last.model_copy(update={"items": items, "other": Other(text=item.text, foreign=foreign)})
    rest = {key: texts for key, texts in row.texts.items() if key != "label"}
    if rest:
        reading.lost.append(unused(f"row {row.get('name')}", "other", rest))
    return True


# --- questions -----------------------------------------------------------------------------------------


def _question(node: Node, reading: _Reading, section: str | None, conditions: tuple[str, ...]) -> None:
    row = node.row
    reader = reading.reader
    name = row.get("name") or f"{row_type(row)[0]}_{row.number}"
    taken = {question.id for question in reading.questions}
    carried = dict(row.carried)
    for key in ("as", "ordered"):
        carried.pop(key, None)
    condition = carried.pop("show_if", None)
    wanted = str(carried.pop("id", name))
    code = wanted if is_code(wanted) and wanted not in taken else code_of(wanted, taken)
    before = len(reading.lost)
    data, places, items = fields_of(node, code, reader)
    foreign = data.pop("foreign")
    data |= {"id": code, "section": section, "code": name if name != code else None}
    for key, value in foreign.items():
        if key not in REPORTED_NOT:
            reading.lost.append(unused(f"row {name}", key, value))
    source = row.get("relevant")
    sources = (*conditions, source) if source else conditions
    data["show_if"] = _translated(sources, condition, f"row {name}", reading)
    if source and data["show_if"] is None:
        foreign["relevant"] = source
    for part in ("items", "columns"):
        data[part] = [_item(item, f"row {name}", reading) for item in items.get(part, ())]
    data["foreign"] = {FORMAT: foreign} if foreign else {}
    data = _without_contradiction(data, name, reading)
    try:
        question = restored(checked(Question, data, reading.name), carried, reading.name)
    except InputError as error:
        raise InputError(_in_row(error, row.number)) from None
    if len(reading.lost) == before and data["type"] == "text" and row_type(row)[0] not in {"text", "string"}:
        reading.lost.append(unused(f"row {name}", "type", row.get("type")))
    reading.questions.append(question)
    reading.places |= places


def _in_row(error: InputError, number: int) -> list[Any]:
    return [type(p)(p.message, p.file, number, p.field, p.hint) for p in error.problems]


def _without_contradiction(data: dict[str, Any], name: str, reading: _Reading) -> dict[str, Any]:
    offered = len(data.get("items") or ()) + (data.get("other") is not None)
    low, high = data.get("min_answers"), data.get("max_answers")
    if low is not None and (low > offered or (high is not None and low > high)):
        reading.lost.append(unused(f"row {name}", "constraint", low))
        data["min_answers"] = None
    low_value, high_value = data.get("minimum"), data.get("maximum")
    if low_value is not None and high_value is not None and low_value > high_value:
        reading.lost.append(unused(f"row {name}", "constraint", low_value))
        data["minimum"] = None
    return data


def _item(item: dict[str, Any], where: str, reading: _Reading) -> dict[str, Any]:
    carried = dict(item.pop("carried"))
    condition = carried.pop("show_if", None)
    source = item.pop("relevant", "")
    spot = f"{where}, {item['id']}"
    own = condition if isinstance(condition, str) else None
    item["show_if"] = own or _translated((source,) if source else (), condition, spot, reading)
    if source and item["show_if"] is None:
        item["foreign"] = {FORMAT: {**item["foreign"].get(FORMAT, {}), "relevant": source}}
    return {**item, **carried}


def _translated(sources: tuple[str, ...], carried: object, where: str, reading: _Reading) -> Filter | str | None:
    """Return the filter of several conditions together; None, reported, where one cannot be said.

    A filter that was carried along holds as long as nobody has changed the condition it stands for.
    """
    if isinstance(carried, dict) and carried.get("for") == (sources[-1] if sources else None):
        return str(carried.get("filter"))
    if not sources:
        return None
    try:
        trees = [read_condition(source, reading.form).tree for source in sources]
    except Untranslatable as error:
        shown = shorten(re.sub(r"\s+", " ", " and ".join(sources)))
        reading.lost.append(
            Lost(
                where,
                Text(f"relevant: {shown}", f"relevant: {shown}"),
                Text(
                    f"{error.why.de} Die Bedingung steht unverändert unter foreign; hier gilt: allen gezeigt.",
                    f"{error.why.into('en')} The condition stands unchanged under foreign; here it counts as shown "
                    "to all.",
                ),
            )
        )
        return None
    return Filter(trees[0] if len(trees) == 1 else All(tuple(trees)))
