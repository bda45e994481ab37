"""From a questionnaire to an XLSForm."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from passgenau.formats.conditions import Instrument, Untranslatable, as_number, number_text
from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.keeping import KEY, SILENT, kept, plain, unheeded
from passgenau.formats.xlsform.names import RowNames, choice_names, row_names
from passgenau.formats.xlsform.read import read_form
from passgenau.formats.xlsform.sheets import FORMAT, header_of, languages_of, read_sheets, write_sheets
from passgenau.formats.xlsform_expressions import Names, write_condition
from passgenau.survey.filters import Reference
from passgenau.survey.variables import OTHER
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.survey.filters import Filter, Value
    from passgenau.survey.questionnaire import Foreign, Item, Point, Question, Questionnaire, Section
    from passgenau.translations import Translations

_TOOL = "XLSForm"
_NO_FILTERS = Text("Für einzelne Antworten kennt XLSForm keine Filter.", "XLSForm has no filters for single choices.")
_FIRST = {
    "survey": ["type", "name"],
    "choices": ["list_name", "name"],
    "settings": ["form_title", "form_id", "version", "default_language"],
}
_BEFORE = ("introduction", "privacy", "reconstruction")
_KEPT_COLUMNS = ("type", "other", "list", "rows", "name", "panels", "relevant", "special", "value", "step")
_FILE_NAME = "questionnaire.xlsx"


def write_xlsform(questionnaire: Questionnaire) -> Exported:
    """Write a questionnaire as an XLSForm that pyxform, and so ODK and KoboToolbox, accept.

    What a form cannot say stands in a column ``passgenau`` of each sheet, which other programs leave alone;
    `read_xlsform` takes it from there, so that nothing is lost on the way back. `lost` names what a form
    therefore does not act on.

    Returns
    -------
    Exported
        One file, ``questionnaire.xlsx``, the same bytes for the same questionnaire.
    """
    writer = _Writer(questionnaire)
    content = writer.workbook()
    return Exported(FORMAT, {_FILE_NAME: content}, tuple(writer.lost))


class _Writer:
    """Builds the rows, reads them back, and adds what did not come through."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._names: RowNames = row_names(questionnaire)
        self._survey: list[dict[str, Any]] = []
        self._choices: list[dict[str, Any]] = []
        self._lists: set[str] = set()
        self._rows_of: dict[str, dict[str, Any]] = {}  # main row of a question
        self._parts_of: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)  # rows of its items
        self._section_rows: dict[str, dict[str, Any]] = {}
        self._settings: dict[str, Any] = {}
        self.lost: list[Lost] = []

    def workbook(self) -> bytes:
        self._fill()
        self._add_what_is_missing()
        return self._written()

    def _written(self) -> bytes:
        sheets = {"survey": self._survey, "choices": self._choices, "settings": [self._settings]}
        return write_sheets({name: [_spelled(row) for row in rows] for name, rows in sheets.items()}, _FIRST)

    # --- rows -----------------------------------------------------------------------------------

    def _text(self, column: str, text: Translations | None) -> dict[str, str]:
        if text is None:
            return {}
        return {f"{column}::{header_of(language)}": _without_names(said) for language, said in text}

    def _fill(self) -> None:
        questionnaire = self._questionnaire
        foreign = _foreign(questionnaire.foreign)
        foreign.pop("metadata", None)
        leading = questionnaire.languages[0]
        self._settings = {
            "form_title": questionnaire.title.into(leading) if questionnaire.title else "",
            "form_id": str(foreign.pop("form_id", "passgenau")),
            "version": questionnaire.version or "",
            "default_language": header_of(leading),
            **foreign,
            KEY: {"languages": list(questionnaire.languages)},
        }
        self._metadata()
        for name in _BEFORE:
            self._note(f"passgenau_{name}", getattr(questionnaire, name), name)
        if questionnaire.sections:
            for section in questionnaire.sections:
                self._section(section)
        else:
            for index in range(len(questionnaire.questions)):
                self._question(index)
        self._note("passgenau_ending", questionnaire.ending, "ending")

    def _metadata(self) -> None:
        own = self._questionnaire.foreign.get(FORMAT)
        rows = own.get("metadata") if isinstance(own, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                self._survey.append({key: str(value) for key, value in row.items()})

    def _note(self, name: str, text: Translations | None, of: str) -> None:
        if text is not None and text.by_language:
            self._survey.append({"type": "note", "name": name, **self._text("label", text), KEY: {"of": of}})

    def _section(self, section: Section) -> None:
        questions = self._questionnaire.questions
        places = [index for index, question in enumerate(questions) if question.section == section.id]
        implicit = _foreign(section.foreign).get("implicit") is True
        name = self._names.sections[section.id]
        row: dict[str, Any] = {
            "type": "begin_group",
            "name": name,
            **self._text("label", section.title),
            "appearance": "field-list",
        }
        row[KEY] = {"id": section.id} if name != section.id else {}
        row |= {key: value for key, value in _foreign(section.foreign).items() if isinstance(value, str)}
        self._condition(row, section.show_if, places[0] if places else len(questions), f"group {name}")
        if not implicit:
            self._survey.append(row)
            self._section_rows[section.id] = row
        self._note(f"{name}_text", section.text, "section")
        if not places and not section.text:
            self._survey.append({"type": "note", "name": f"{name}_empty", "label": "–", KEY: {"of": "nothing"}})
        for index in places:
            self._question(index)
        if not implicit:
            self._survey.append({"type": "end_group", "name": name})

    def _question(self, index: int) -> None:
        question = self._questionnaire.questions[index]
        name = self._names.questions[question.id]
        row: dict[str, Any] = {"type": "text", "name": name, **self._text("label", question.text)}
        row |= self._text("hint", question.help)
        row[KEY] = {"id": question.id} if name != question.id else {}
        self._rows_of[question.id] = row
        self._condition(row, question.show_if, index, f"row {name}")
        if not question.text.by_language:
            row["label"] = "–"
        if (question.type in {"number", "text", "date"} and question.items) or question.type == "matrix":
            self._group(question, row, index)
        else:
            row |= self._columns(question, row)
            row |= {key: value for key, value in _foreign(question.foreign).items() if isinstance(value, str)}
            if question.required:
                row["required"] = "yes"
            self._survey.append(row)
        self._followers(question, name)

    def _columns(self, question: Question, row: dict[str, Any]) -> dict[str, Any]:
        native = _native(question)
        if native is not None and not (question.items and question.type != "single"):
            return {"type": native, **_range_of(question, native)}
        if question.type in {"single", "multiple", "ranking"}:
            return self._select(question)
        if question.type == "scale":
            row[KEY] |= {"as": "scale", **self._scale_named(question)}
            return {"type": f"select_one {self._scale_list(question)}", "appearance": "likert"}
        if question.type == "computed":
            own = _foreign(question.foreign).get("calculation")
            return {"type": "calculate", "calculation": own if isinstance(own, str) else "''"}
        if question.type == "information":
            return {"type": "note"}
        return self._entry(question) if question.type != "file" else {"type": "file"}

    def _entry(self, question: Question) -> dict[str, Any]:
        if question.type == "date":
            return {"type": "date"}
        if question.type == "text":
            length = f"string-length(.) <= {question.max_length}" if question.max_length else ""
            return {"type": "text", **_given(constraint=length, appearance="multiline" if question.lines > 1 else "")}
        limits = ((">=", question.minimum), ("<=", question.maximum))
        constraint = " and ".join(f". {sign} {number_text(value)}" for sign, value in limits if value is not None)
        return {"type": "decimal" if question.decimals else "integer", **_given(constraint=constraint)}

    # --- choices -----------------------------------------------------------------------------------

    def _select(self, question: Question) -> dict[str, Any]:
        listed = question.foreign.get(FORMAT)
        original = listed.get("list") if isinstance(listed, dict) else None
        list_name = self._list_name(str(original or f"{self._names.questions[question.id]}_list"))
        names = choice_names(question.items)
        for item in question.items:
            choice: dict[str, Any] = {
                "list_name": list_name,
                "name": names[item.id],
                **self._text("label", item.text),
                KEY: {},
            }
            if names[item.id] != item.id:
                choice[KEY]["id"] = item.id
            if not item.text.by_language:
                choice["label"] = "–"
            choice |= {key: value for key, value in _foreign(item.foreign).items() if isinstance(value, str)}
            self._unsaid(choice, item.show_if, f"choice {list_name}.{item.id}")
            self._choices.append(choice)
            self._parts_of[question.id][item.id] = choice
        self._beside(question, list_name)
        kind = {"single": "select_one", "multiple": "select_multiple", "ranking": "rank"}[question.type]
        constraint = self._constraint(question, names) if question.type != "single" else ""
        shuffled = "randomize=true" if question.shuffled else ""
        return {"type": f"{kind} {list_name}", **_given(constraint=constraint, parameters=shuffled)}

    @staticmethod
    def _constraint(question: Question, names: dict[str, str]) -> str:
        parts = []
        if question.min_answers is not None:
            parts.append(f"count-selected(.) >= {question.min_answers}")
        if question.max_answers is not None:
            parts.append(f"count-selected(.) <= {question.max_answers}")
        parts += [
            f"not(selected(., '{names[item.id]}') and count-selected(.) > 1)"
            for item in question.items
            if item.exclusive
        ]
        return " and ".join(parts)

    def _beside(self, question: Question, list_name: str) -> None:
        """Add “other” and “no answer” to a list of choices."""
        if question.other is not None:
            name = self._names.other(question)
            text = self._text("label", question.other.text) or {"label": "–"}
            self._choices.append({"list_name": list_name, "name": name, **text, KEY: {"of": "other"}})
        if question.no_answer is not None and question.type != "ranking":
            text = self._text("label", question.no_answer.text) or {"label": "–"}
            name = self._names.no_answer(question)
            self._choices.append({"list_name": list_name, "name": name, **text, KEY: {"of": "no_answer"}})

    def _list_name(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self._lists:
            name, number = f"{wanted}_{number}", number + 1
        self._lists.add(name)
        return name

    def _scale_named(self, question: Question) -> dict[str, Any]:
        ordered = self._questionnaire.scale(question.scale or "").ordered
        return {"scale": question.scale, **({} if ordered else {"ordered": False})}

    def _scale_list(self, question: Question, scale_name: str | None = None) -> str:
        """Return the list of a scale; one of its own where a question offers more than the scale."""
        name = scale_name or question.scale or ""
        beside = (question.other is not None or question.no_answer is not None) and scale_name is None
        wanted = f"{name}_{question.id}" if beside else name
        if not beside and wanted in self._lists:
            return wanted
        list_name = self._list_name(wanted)
        points = self._questionnaire.scale(name).points
        names = choice_names(points)
        for point in points:
            self._choices.append(self._point(point, list_name, names[point.id]))
        if beside:
            self._beside(question, list_name)
        return list_name

    def _point(self, point: Point, list_name: str, name: str) -> dict[str, Any]:
        carried: dict[str, Any] = {}
        if name != point.id:
            carried["id"] = point.id
        if point.code != (name if name != point.id else None):
            carried["code"] = point.code
        if point.value != as_number(name):
            carried["value"] = point.value
        text = self._text("label", point.text)
        if not text:
            text = {"label": name}
            carried["text"] = None if point.text is None else {}
        elif point.text is not None and self._text("label", point.text) != _as_said(point.text):
            carried["text"] = point.text.plain()
        if point.agrees:
            carried["agrees"] = True
        if point.foreign:
            carried["foreign"] = plain(point)["foreign"]
        return {"list_name": list_name, "name": name, **text, KEY: carried}

    # --- groups that are one question -----------------------------------------------------------------

    def _group(self, question: Question, row: dict[str, Any], index: int) -> None:
        name = self._names.questions[question.id]
        row |= {"type": "begin_group"}
        row[KEY]["as"] = question.type
        entry: dict[str, Any]
        if question.type == "matrix":
            row[KEY] |= self._scale_named(question)
            row["appearance"] = "table-list"
            entry = {"type": f"select_one {self._scale_list(question)}"}
        else:
            row["appearance"] = "field-list"
            entry = self._entry(question)
        self._survey.append(row)
        for item in question.items:
            for column in question.columns or (None,):
                self._survey.append(self._field(question, item, column, entry, index))
        self._survey.append({"type": "end_group", "name": name})
        if question.second_scale:
            self._second(question)

    def _field(
        self, question: Question, item: Item, column: Item | None, entry: dict[str, Any], index: int
    ) -> dict[str, Any]:
        name = self._names.places[Reference(question.id, item.id, column.id if column else None)]
        field: dict[str, Any] = {**entry, "name": name, KEY: {}}
        if column is None:
            field |= self._text("label", item.text) or {"label": "–"}
            if name != f"{self._names.questions[question.id]}_{item.id}":
                field[KEY]["id"] = item.id
            self._condition(field, item.show_if, index, f"row {name}")
            self._parts_of[question.id][item.id] = field
        else:
            said = {
                code: f"{item.text.into(code)} – {column.text.into(code)}" for code in self._questionnaire.languages
            }
            field |= {f"label::{header_of(code)}": _without_names(text) for code, text in said.items()}
            field[KEY] = {"row": plain(item), "column": plain(column)}
            if item.show_if or column.show_if:
                self._unsaid({KEY: {}}, item.show_if or column.show_if, f"row {name}")
        if question.required:
            field["required"] = "yes"
        return field

    def _second(self, question: Question) -> None:
        """Ask a second scale as a second table, which the reader takes for part of the first."""
        name = self._list_name(f"{self._names.questions[question.id]}_second")
        entry = f"select_one {self._scale_list(question, question.second_scale)}"
        self._survey.append(
            {"type": "begin_group", "name": name, "label": "–", "appearance": "table-list", KEY: _NOTHING}
        )
        for item in question.items:
            row_name = f"{self._names.places[Reference(question.id, item.id)]}_second"
            text = self._text("label", item.text) or {"label": "–"}
            self._survey.append({"type": entry, "name": row_name, **text, KEY: _NOTHING})
        self._survey.append({"type": "end_group", "name": name})

    def _followers(self, question: Question, name: str) -> None:
        """Add the lines of text beside “other”, for comments of items and of the question."""
        if question.other is not None:
            row = self._names.other_text(question)
            self._line(row, question.other.text, self._chosen(question, name, OTHER), "other")
        for item in question.items if question.type in {"multiple", "matrix"} else ():
            if item.comment:
                condition = self._chosen(question, name, item.id) if question.type == "multiple" else ""
                self._line(f"{name}_{item.id}_comment", item.text, condition, "item_comment")
        if question.comment is not None:
            self._line(f"{name}_comment", question.comment, "", "comment")

    def _line(self, name: str, text: Translations, relevant: str, of: str) -> None:
        label = self._text("label", text) or {"label": "–"}
        self._survey.append({"type": "text", "name": name, **label, **_given(relevant=relevant), KEY: {"of": of}})

    def _chosen(self, question: Question, name: str, item: str) -> str:
        if question.type == "matrix":
            rows = [self._names.places[Reference(question.id, row.id)] for row in question.items]
            return " or ".join(f"selected(${{{row}}}, '{self._names.other(question)}')" for row in rows)
        return f"selected(${{{name}}}, '{self._spelling(question, item)}')"

    # --- filters ------------------------------------------------------------------------------------

    def _spelling(self, question: Question, value: Value) -> str:
        code = number_text(value) if isinstance(value, float | int) else value
        if code == OTHER and question.other is not None:
            return self._names.other(question)
        entries: Sequence[Item | Point] = question.items
        if question.scale is not None:
            entries = self._questionnaire.scale(question.scale).points
        return choice_names(entries).get(code, code)

    def _condition(self, row: dict[str, Any], condition: Filter | None, before: int, where: str) -> None:
        """Write a filter as `relevant`, or carry it along where a form cannot say it."""
        if condition is None:
            return
        questions = {question.id: question for question in self._questionnaire.questions[:before]}
        names = Names(Instrument(questions, self._questionnaire.scales), self._names.places, self._spelling)
        try:
            row["relevant"] = write_condition(condition, names)
        except Untranslatable as error:
            self._unsaid(row, condition, where, error.why)

    def _unsaid(self, row: dict[str, Any], condition: Filter | None, where: str, why: Text = _NO_FILTERS) -> None:
        if condition is None:
            return
        row[KEY]["show_if"] = {"filter": str(condition), "for": None}
        self.lost.append(
            Lost(
                where,
                Text(f"der Filter: {condition}", f"the filter: {condition}"),
                Text(
                    f"{why.de} Das Formular zeigt es allen; der Filter steht in der Spalte „{KEY}“.".strip(),
                    f"{why.into('en')} The form shows it to all; the filter stands in the column “{KEY}”.".strip(),
                ),
            )
        )

    # --- what is missing -------------------------------------------------------------------------------

    def _add_what_is_missing(self) -> None:
        """Read the form back and carry along every field that did not come through."""
        before = self._questionnaire
        sheets = read_sheets(self._written(), _FILE_NAME)
        after, _ = read_form(sheets, languages_of(sheets), _FILE_NAME)
        scales = {
            name: plain(scale)
            for name, scale in before.scales.items()
            if name not in after.scales or plain(scale) != plain(after.scales[name])
        }
        if scales:
            self._settings[KEY]["scales"] = scales
        for question in before.questions:
            self._add_to_question(question, after.question(question.id))
        for section in before.sections:
            row = self._section_rows.get(section.id)
            read = next((s for s in after.sections if s.id == section.id), None)
            if row is not None and read is not None:
                self._carry(row, f"group {section.id}", kept(section, read, {"id", "show_if"}))
                _check_filter(row, section.show_if, read.show_if)
        leave = {"questions", "scales", "languages", "sections"}
        self._carry(self._settings, "settings", kept(before, after, leave))

    def _add_to_question(self, question: Question, read: Question) -> None:
        row = self._rows_of[question.id]
        where = f"row {row['name']}"
        if [item.id for item in question.items] != [item.id for item in read.items]:
            self._carry(row, where, {"items": plain(question)["items"]})
        else:
            for item, again in zip(question.items, read.items, strict=True):
                part = self._parts_of[question.id].get(item.id)
                missing = kept(item, again, {"id", "show_if"})
                if part is not None:
                    self._carry(part, f"{where}, {item.id}", missing)
                    _check_filter(part, item.show_if, again.show_if)
                elif missing:
                    self._carry(row, where, {"items": plain(question)["items"]})
        missing = kept(question, read, {"id", "items", "show_if"})
        self._carry(row, where, missing, shown=_shown(question, read))
        _check_filter(row, question.show_if, read.show_if)

    def _carry(
        self, row: dict[str, Any], where: str, missing: dict[str, Any], shown: frozenset[str] = frozenset()
    ) -> None:
        row[KEY] = {**row[KEY], **missing}
        for name, value in missing.items():
            if name not in SILENT and name not in shown:
                self.lost.append(unheeded(where, name, value, _TOOL))


_NOTHING = {"of": "nothing"}


def _shown(question: Question, read: Question) -> frozenset[str]:
    """Return what the form does ask, though the reader needs the column `passgenau` to see it."""
    shown = {"comment", "second_scale"} if question.type != "file" else {"comment"}
    for name in ("other", "no_answer"):
        if getattr(question, name) is not None and getattr(read, name) is not None:
            shown.add(name)
    return frozenset(shown)


def _check_filter(row: dict[str, Any], wanted: Filter | None, read: Filter | None) -> None:
    """Keep the wording of a filter that a form says in other words."""
    if wanted is not None and row.get("relevant") and str(read) != str(wanted):
        row[KEY]["show_if"] = {"filter": str(wanted), "for": row["relevant"]}


def _spelled(row: dict[str, Any]) -> dict[str, str]:
    """Return a row as cells; what is carried along as JSON that no form mistakes for a reference."""
    cells = {column: value for column, value in row.items() if column != KEY and isinstance(value, str)}
    if row.get(KEY):
        cells[KEY] = json.dumps(row[KEY], ensure_ascii=True).replace("$", "\\u0024")
    return cells


_REFERENCE = re.compile(r"\$\{")


def _without_names(text: str) -> str:
    """Return a text in which no form looks for the name of a question."""
    return _REFERENCE.sub("$ {", text)


def _as_said(text: Translations) -> dict[str, str]:
    return {f"label::{header_of(language)}": said for language, said in text}


def _foreign(foreign: Foreign) -> dict[str, Any]:
    """Return what was kept of a form, without what only the reader needs."""
    own = foreign.get(FORMAT)
    return {k: v for k, v in own.items() if k not in _KEPT_COLUMNS} if isinstance(own, dict) else {}


def _native(question: Question) -> str | None:
    """Return the type of row that a question was read from, where it was no usual one."""
    own = question.foreign.get(FORMAT)
    found = own.get("type") if isinstance(own, dict) else None
    return found if isinstance(found, str) else None


def _range_of(question: Question, native: str) -> dict[str, str]:
    """Return the parameters of a slider, which has its limits there."""
    if native != "range" or question.minimum is None or question.maximum is None:
        return {}
    own = question.foreign.get(FORMAT)
    step = own.get("step", "1") if isinstance(own, dict) else "1"
    return {"parameters": f"start={number_text(question.minimum)} end={number_text(question.maximum)} step={step}"}


def _given(**values: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}
