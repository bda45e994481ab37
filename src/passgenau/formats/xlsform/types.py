"""What each type of row in an XLSForm becomes: the fields of a question, and where its answers stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.formats.conditions import as_number, number_text
from passgenau.formats.keeping import code_of, is_code, unused
from passgenau.formats.xlsform.sheets import FORMAT, TRANSLATED
from passgenau.survey.filters import Reference
from passgenau.survey.questionnaire import NoAnswer, Other, Point, Scale
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.formats.exchange import Lost
    from passgenau.formats.xlsform.sheets import Languages, Row, Sheets

PARTS = frozenset({"introduction", "privacy", "reconstruction", "ending"})
"""Notes that are texts of the whole questionnaire."""
REPORTED_NOT = frozenset({"type", "other", "list", "rows", "step"})
"""Kept for writing back; they lose nothing."""
OTHER_NAMES = frozenset({"other", "others", "sonstiges", "sonstige", "andere", "anderes", "autre", "otro", "altro"})
"""How forms name the choice that a line of text follows."""
_OTHER = Translations((("de", "Sonstiges"), ("en", "Other")))
_ANY_GROUP = re.compile(r"^(begin|end)[ _](group|repeat|loop)$", re.IGNORECASE)
_SELECT = re.compile(
    r"^(?P<kind>select[ _]one(?:[ _]from[ _]file|[ _]external)?|select1|select[ _]multiple(?:[ _]from[ _]file)?"
    r"|select all that apply(?: from)?|add select (?:one|multiple) prompt using|rank)\s+(?:from\s+)?(?P<list>\S+)"
    r"(?:\s+or[ _](?P<other>other|specify other))?$",
    re.IGNORECASE,
)
_DEEPEST = 20
_LINES = 5  # that a multiline field shows


@dataclass(slots=True)
class Node:
    """A row, or a group of rows."""

    kind: str  # row, group, repeat
    row: Row
    children: list[Node] = field(default_factory=list)


def row_type(row: Row) -> tuple[str, str, bool]:
    """Return the type of a row, its choice list, and whether it asks for “other”."""
    text = " ".join(row.get("type").split())
    found = _SELECT.match(text)
    if found is None:
        return text.lower().replace(" ", "_"), "", False
    kind = found["kind"].lower().replace(" ", "_")
    if "file" in kind or "external" in kind:
        return "select_from_file", found["list"], False
    plain = "rank" if kind == "rank" else "select_one" if kind in {"select1", "select_one"} else "select_multiple"
    if "one" in kind:
        plain = "select_one"
    return plain, found["list"], found["other"] is not None


def tree_of(rows: list[Row], name: str) -> list[Node]:
    """Return the rows with their groups inside each other.

    Raises
    ------
    InputError
        A group is not closed, or closed and never opened.
    """
    root: list[Node] = []
    stack: list[Node] = []
    for row in rows:
        found = _ANY_GROUP.match(row.get("type").strip())
        if found is None:
            if row.get("type"):
                (stack[-1].children if stack else root).append(Node("row", row))
        elif found[1].lower() == "begin":
            node = Node("group" if found[2].lower() == "group" else "repeat", row)
            (stack[-1].children if stack else root).append(node)
            stack.append(node)
        elif stack:
            stack.pop()
        else:
            raise _unbalanced(name, row.number)
        if len(stack) > _DEEPEST:
            raise _unbalanced(name, row.number)
    if stack:
        raise _unbalanced(name, stack[-1].row.number)
    return root


def _unbalanced(name: str, line: int) -> InputError:
    return InputError.of(
        "Zu dieser Gruppe fehlt Anfang oder Ende, oder sie ist zu tief verschachtelt.",
        "The beginning or the end of this group is missing, or it is nested too deeply.",
        file=name,
        line=line,
        hint=Text("Zu jedem begin_group gehört ein end_group.", "Every begin_group needs an end_group."),
    )


class Reader:
    """What rows are read with: choice lists, languages, and what was found so far."""

    def __init__(self, sheets: Sheets, languages: Languages, name: str) -> None:
        self.languages = languages
        self.name = name
        self.lost: list[Lost] = []
        self.scales: dict[str, Scale] = {}
        self.lists: dict[str, list[Row]] = {}
        for row in sheets.choices:
            self.lists.setdefault(row.get("list_name"), []).append(row)

    def is_question(self, node: Node) -> bool:
        """Whether a group is one question: a matrix, or several fields."""
        if node.kind != "group" or not node.children:
            return False
        if node.row.carried.get("as") not in {None, "matrix"}:
            return True
        return _is_matrix(node) and any(self.lists.get(row_type(child.row)[1]) for child in node.children)

    def label(self, row: Row, fallback: str) -> Translations:
        """Return the label of a row, or its name."""
        return self.languages.text(row, "label") or Translations(((self.languages.all[0], fallback),))


def _is_matrix(node: Node) -> bool:
    rows = [child for child in node.children if child.row.get("appearance") != "label"]
    lists = {row_type(child.row)[1] for child in rows if child.kind == "row"}
    same = len(lists) == 1 and all(c.kind == "row" and row_type(c.row)[0] == "select_one" for c in rows)
    listed = all("list-nolabel" in child.row.get("appearance") for child in rows)
    return same and bool(rows) and ("table-list" in node.row.get("appearance") or listed)


Found = tuple[dict[str, Any], dict[str, Reference], dict[str, list[dict[str, Any]]]]
"""Fields of a question, names in the form with what they stand for, and the fields of items and columns."""


def fields_of(node: Node, code: str, reader: Reader) -> Found:
    """Return what a row or group is as a question."""
    if node.kind == "group":
        return _group(node, code, reader)
    row = node.row
    kind, list_name, or_other = row_type(row)
    foreign = _rest(row)
    data: dict[str, Any] = {
        "text": reader.label(row, row.get("name") or code),
        "help": reader.languages.text(row, "hint"),
        "foreign": foreign,
    }
    items: dict[str, list[dict[str, Any]]] = {}
    if kind in {"select_one", "select_multiple", "rank"}:
        items = _choice(row, (kind, list_name, or_other), reader, data)
    else:
        data |= _entered(kind, row, foreign)
        if data["type"] == "single":
            foreign["type"] = kind
            ok = Translations(((reader.languages.all[0], "OK"),))
            items = {"items": [{"id": "OK", "text": ok, "foreign": {}, "relevant": "", "carried": {}}]}
    if data["type"] not in {"information", "computed"}:
        data["required"] = _yes(foreign, "required")
    return data, {row.get("name"): Reference(code)}, items


def _rest(row: Row) -> dict[str, Any]:
    """Return the columns of a row that no field has taken yet."""
    used = {"type", "name", "relevant"}
    rest: dict[str, Any] = {key: value for key, value in row.cells.items() if key not in used}
    for column, texts in row.texts.items():
        if column not in {"label", "hint"}:
            rest[column] = texts if column in TRANSLATED or set(texts) != {""} else texts[""]
    return rest


def _yes(foreign: dict[str, Any], key: str) -> bool:
    """Return whether a column says yes; a condition remains."""
    value = str(foreign.get(key, "")).strip().lower()
    if value in {"yes", "true", "true()", "1", "ja"}:
        foreign.pop(key)
        return True
    if value in {"", "no", "false", "false()", "0", "nein"}:
        foreign.pop(key, None)
    return False


# --- choices ------------------------------------------------------------------------------------------


def _choice(
    row: Row, kind: tuple[str, str, bool], reader: Reader, data: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    foreign = data["foreign"]
    select, list_name, or_other = kind
    rows = reader.lists.get(list_name, [])
    if not rows:
        data |= {"type": "text"}
        foreign["type"] = row.get("type")
        why = Text(
            "Die Antworten zur Auswahl stehen nicht in der Datei; die Frage ist als Textfeld geführt.",
            "The choices do not stand in the file; the question is kept as a text field.",
        )
        reader.lost.append(unused(f"row {row.get('name')}", "type", row.get("type"), why))
        return {}
    scaled = row.carried.get("as") == "scale" or (select == "select_one" and "likert" in row.get("appearance"))
    if foreign.get("appearance") in {"likert", "multiline"}:
        foreign.pop("appearance")
    _limits(foreign, select, data)
    if foreign.get("parameters", "").replace(" ", "") == "randomize=true":
        foreign.pop("parameters")
        data["shuffled"] = True
    if or_other:
        data["other"] = Other(text=_in_languages(_OTHER, reader))
        foreign["other"] = f"{row.get('name')}_other"
    if scaled:
        data |= {"type": "scale", "scale": _scale(rows, list_name, row, reader, data)}
        return {}
    data["type"] = {"select_one": "single", "select_multiple": "multiple", "rank": "ranking"}[select]
    if list_name != f"{row.get('name')}_list":
        foreign["list"] = list_name
    items = _items(rows, reader, data)
    if select == "select_multiple":
        _exclusive(foreign, items)
    return {"items": items}


def _in_languages(text: Translations, reader: Reader) -> Translations:
    return Translations.of({language: text.into(language) for language in reader.languages.all})


def _items(rows: list[Row], reader: Reader, data: dict[str, Any]) -> list[dict[str, Any]]:
    taken: set[str] = set()
    ordinary = [row for row in rows if not _is_special(row, reader, data)]
    return [_item(row, row.get("name"), taken, reader) for row in ordinary]


def _is_special(row: Row, reader: Reader, data: dict[str, Any]) -> bool:
    """Take “other” and “no answer”, which are no items; such as the writer marks them."""
    if row.carried.get("of") == "other":
        foreign = {} if row.get("name") == "other" else {FORMAT: {"choice": row.get("name")}}
        data["other"] = Other(text=reader.label(row, row.get("name")), foreign=foreign)
        return True
    if row.carried.get("of") == "no_answer":
        data["no_answer"] = NoAnswer(text=reader.label(row, row.get("name")), code=row.get("name"))
        return True
    return False


def _item(row: Row, spelled: str, taken: set[str], reader: Reader) -> dict[str, Any]:
    carried = {key: value for key, value in row.carried.items() if key != "of"}
    wanted = str(carried.pop("id", spelled))
    code = wanted if is_code(wanted) and wanted not in taken else code_of(wanted, taken)
    taken.add(code)
    used = {"list_name", "name", "type", "relevant"}
    rest: dict[str, Any] = {key: value for key, value in row.cells.items() if key not in used}
    rest |= {key: texts for key, texts in row.texts.items() if key != "label"}
    for key in ("required", "appearance", "constraint"):
        rest.pop(key, None)
    for key, value in rest.items():
        reader.lost.append(unused(f"choice {spelled}", key, value))
    return {
        "id": code,
        "text": reader.label(row, spelled),
        "code": spelled if spelled != code else None,
        "foreign": {FORMAT: rest} if rest else {},
        "relevant": row.get("relevant"),
        "carried": carried,
    }


def _scale(rows: list[Row], list_name: str, owner: Row, reader: Reader, data: dict[str, Any]) -> str:
    """Return the name of the scale, one for all questions that offer the same points."""
    taken: set[str] = set()
    points = []
    for row in rows:
        if _is_special(row, reader, data):
            continue
        entry = _item(row, row.get("name"), taken, reader)
        fields: dict[str, Any] = {key: entry[key] for key in ("id", "text", "code", "foreign")}
        fields["value"] = as_number(row.get("name"))
        if reader.languages.text(row, "label") is None:
            fields["text"] = None
        points.append({**fields, **entry["carried"]})
    scale = Scale(
        points=tuple(Point.model_validate(p) for p in points), ordered=owner.carried.get("ordered") is not False
    )
    wanted = str(owner.carried.get("scale") or list_name)
    known = reader.scales.get(wanted)
    name = wanted if is_code(wanted) and (known is None or known == scale) else code_of(wanted, reader.scales)
    reader.scales[name] = scale
    return name


_NUMBER = r"(-?\d+(?:\.\d+)?)"


def _limits(foreign: dict[str, Any], select: str, data: dict[str, Any]) -> None:
    """Take the number of answers out of a constraint: count-selected(.) <= 3."""
    if select == "select_one":
        return
    left = []
    for part in _conjuncts(str(foreign.get("constraint", ""))):
        found = re.fullmatch(r"count-selected\(\s*\.\s*\)\s*(<=|>=|<|>|=)\s*(\d+)", part)
        if found is None:
            left.append(part)
            continue
        number = int(found[2]) + {"<": -1, ">": 1}.get(found[1], 0)
        if found[1] in {"<=", "<", "="} and number >= 1:
            data["max_answers"] = number
        if found[1] in {">=", ">", "="}:
            data["min_answers"] = number
    _left(foreign, left)


def _conjuncts(constraint: str) -> list[str]:
    """Return the parts of a condition that `and` joins outside of brackets."""
    parts, depth, current = [], 0, ""
    for word in re.split(r"(\(|\)|\band\b)", constraint):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "and" and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += word
    return [part for part in (*parts, current.strip()) if part]


def _left(foreign: dict[str, Any], parts: list[str]) -> None:
    foreign.pop("constraint", None)
    if parts:
        foreign["constraint"] = " and ".join(parts)


def _exclusive(foreign: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Take from a constraint which answers exclude the others."""
    left = []
    for part in _conjuncts(str(foreign.get("constraint", ""))):
        found = re.fullmatch(
            r"not\(\s*selected\(\s*\.\s*,\s*['\"]([^'\"]+)['\"]\s*\)\s+and\s+count-selected\(\s*\.\s*\)\s*>\s*1\s*\)",
            part,
        )
        matching = [item for item in items if found and (item["code"] or item["id"]) == found[1]]
        if matching:
            matching[0]["exclusive"] = True
        else:
            left.append(part)
    _left(foreign, left)


# --- groups that are one question ------------------------------------------------------------------------


def _group(node: Node, code: str, reader: Reader) -> Found:
    row = node.row
    name = row.get("name")
    foreign = {key: value for key, value in _rest(row).items() if key != "appearance"}
    data: dict[str, Any] = {
        "text": reader.label(row, name or code),
        "help": reader.languages.text(row, "hint"),
        "foreign": foreign,
    }
    kind = str(row.carried.get("as") or "matrix")
    rows = [child.row for child in node.children if child.kind == "row" and child.row.get("appearance") != "label"]
    rows = [child for child in rows if child.carried.get("of") is None]
    data["required"] = bool(rows) and all(_yes(dict(child.cells), "required") for child in rows)
    if kind == "matrix":
        list_name = row_type(rows[0])[1] if rows else ""
        data |= {"type": "matrix", "scale": _scale(reader.lists.get(list_name, []), list_name, row, reader, data)}
        return data, *_fields(rows, name, code, reader)
    data |= _range(kind, dict(rows[0].cells)) if rows else {}
    data["type"] = kind
    if any("column" in child.carried for child in rows):
        return data, *_cells(rows, code)
    return data, *_fields(rows, name, code, reader)


def _short(name: str, group: str) -> str:
    return name.removeprefix(f"{group}_") or name


def _fields(
    rows: list[Row], group: str, code: str, reader: Reader
) -> tuple[dict[str, Reference], dict[str, list[dict[str, Any]]]]:
    taken: set[str] = set()
    items, places = [], {}
    for row in rows:
        name = row.get("name")
        item = _item(row, _short(name, group), taken, reader)
        item["foreign"].get(FORMAT, {}).pop("relevant", None)
        if name != f"{group}_{item['code'] or item['id']}":
            item["foreign"] = {FORMAT: {**item["foreign"].get(FORMAT, {}), "name": name}}
        items.append(item)
        places[name] = Reference(code, item["id"])
    return places, {"items": items}


def _cells(rows: list[Row], code: str) -> tuple[dict[str, Reference], dict[str, list[dict[str, Any]]]]:
    """Return rows and columns of a grid, which the writer spelled out cell by cell."""
    found: dict[str, dict[str, dict[str, Any]]] = {"row": {}, "column": {}}
    places = {}
    for row in rows:
        ids = {axis: str(row.carried[axis].get("id", "")) for axis in found if isinstance(row.carried.get(axis), dict)}
        if set(ids) != set(found):
            continue
        for axis, id_ in ids.items():
            entry = {"id": id_, "foreign": {}, "relevant": "", "carried": dict(row.carried[axis])}
            found[axis].setdefault(id_, entry)
        places[row.get("name")] = Reference(code, ids["row"], ids["column"])
    return places, {"items": list(found["row"].values()), "columns": list(found["column"].values())}


# --- what is entered ----------------------------------------------------------------------------------------

_NUMBERS = {"integer": 0, "int": 0, "decimal": 2, "range": 0}
_WITHOUT_FIELDS = {
    "date": "date",
    "note": "information",
    "calculate": "computed",
    "calculation": "computed",
    "acknowledge": "single",
    "trigger": "single",
}
_FILES = frozenset({"image", "photo", "audio", "video", "file"})


def _entered(kind: str, row: Row, foreign: dict[str, Any]) -> dict[str, Any]:
    if kind in _NUMBERS:
        return {"type": "number", **_range("number", foreign, decimals=_NUMBERS[kind], keep=kind)}
    if kind in {"text", "string"}:
        return {"type": "text", **_range("text", foreign)}
    if kind not in {*_WITHOUT_FIELDS, "file"}:
        foreign["type"] = row.get("type")
    return {"type": _WITHOUT_FIELDS.get(kind, "file" if kind in _FILES else "text")}


def _range(kind: str, foreign: dict[str, Any], *, decimals: int | None = None, keep: str = "") -> dict[str, Any]:
    """Take smallest and largest value, or the length of a text, out of a constraint."""
    data: dict[str, Any] = {}
    if decimals is None and kind == "number":
        decimals = 2 if foreign.get("type") == "decimal" else 0
    if kind == "number":
        data["decimals"] = decimals
    if keep == "range":
        data |= _parameters(foreign)
    left = []
    for part in _conjuncts(str(foreign.get("constraint", ""))):
        found = re.fullmatch(rf"\.\s*(<=|>=)\s*{_NUMBER}", part)
        length = re.fullmatch(r"string-length\(\s*\.\s*\)\s*<=\s*(\d+)", part)
        if found and kind == "number":
            data["maximum" if found[1] == "<=" else "minimum"] = float(found[2])
        elif length and kind == "text" and int(length[1]) >= 1:
            data["max_length"] = int(length[1])
        else:
            left.append(part)
    _left(foreign, left)
    if kind == "text" and foreign.get("appearance") == "multiline":
        foreign.pop("appearance")
        data["lines"] = _LINES
    return data


def _parameters(foreign: dict[str, Any]) -> dict[str, Any]:
    found = dict(re.findall(r"(start|end|step)\s*=\s*(-?[\d.]+)", str(foreign.pop("parameters", ""))))
    foreign["type"] = "range"
    step = as_number(found.get("step", "1")) or 1.0
    if step != 1:
        foreign["step"] = number_text(step)
    low, high = as_number(found.get("start", "0")), as_number(found.get("end", "10"))
    return {"minimum": low, "maximum": high, "decimals": 0 if step.is_integer() else 1}
