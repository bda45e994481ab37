"""Codebooks as tables: passgenau's own, which holds a whole questionnaire, and the plain ones that people keep.

One row of passgenau's own stands for the questionnaire, a scale, a point, a section, a question, an item, a column,
“other” or “no answer”: `row` says which, `of` to what it belongs; `type`, `code`, `value` and one column of wording
per language are for people to read; `more` holds every other field as JSON.

A plain codebook has one row per variable and code: columns for the variable, its text, its type, a code and the
code's label, under German or English headings; a variable that is left blank continues the one above.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.formats.guessing import Described
from passgenau.formats.labelled import means_not_shown, means_refused
from passgenau.formats.tables import read_table
from passgenau.reading import nearest, validate
from passgenau.survey.questionnaire import Questionnaire
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passgenau.formats.tables import Table

_FIXED = ("row", "of", "id", "type", "code", "value")
_MORE = "more"
_TEXT = "text:"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
Row = dict[str, Any]

# --- writing ---------------------------------------------------------------------------------------------


def write_codebook(questionnaire: Questionnaire) -> bytes:
    """Return a questionnaire as a CSV file that `read_codebook` reads back as an equal one.

    Texts that a spreadsheet would take for formulas begin with an apostrophe, which reading takes off.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in codebook_rows(questionnaire):
        writer.writerow([_escaped(cell) for cell in row])
    return out.getvalue().encode("utf-8")


def codebook_rows(questionnaire: Questionnaire) -> Iterator[list[str | float | None]]:
    """Yield the codebook's heading and its rows."""
    tree = questionnaire.model_dump(mode="json", exclude_defaults=True)
    languages = tuple(dict.fromkeys([*questionnaire.languages, *_languages(tree)]))
    yield [*_FIXED, *(f"{_TEXT}{language}" for language in languages), _MORE]
    for kind, of, entry, field in _entries(tree):
        yield _row(kind, of, entry, field, languages)


def _entries(tree: Row) -> Iterator[tuple[str, str, Row, str]]:
    """Yield kind, parent, entry and the name of its wording, in the questionnaire's order."""
    yield "questionnaire", "", {k: v for k, v in tree.items() if k not in {"scales", "sections", "questions"}}, "title"
    for name, scale in tree.get("scales", {}).items():
        yield "scale", "", {"id": name, **{k: v for k, v in scale.items() if k != "points"}}, ""
        for point in scale["points"]:
            yield "point", name, point, "text"
    for section in tree.get("sections", ()):
        yield "section", "", section, "title"
    for question in tree["questions"]:
        inner = {"items", "columns", "other", "no_answer"}
        yield "question", "", {k: v for k, v in question.items() if k not in inner}, "text"
        for kind in ("item", "column"):
            for entry in question.get(f"{kind}s", ()):
                yield kind, question["id"], entry, "text"
        for kind in ("other", "no_answer"):
            if question.get(kind) is not None:
                yield kind, question["id"], question[kind], "text"


def _row(kind: str, of: str, entry: Row, field: str, languages: tuple[str, ...]) -> list[str | float | None]:
    rest = dict(entry)
    fixed = {name: rest.pop(name, "") for name in ("id", "type", "code")}
    value = rest.pop("value", None)
    wording = rest.get(field)
    by_language: dict[str, str] = {}
    if isinstance(wording, dict) and wording and list(wording) == [code for code in languages if code in wording]:
        by_language = rest.pop(field)
    cells = [by_language.get(language, "") for language in languages]
    more = json.dumps(rest, ensure_ascii=False) if rest else ""
    return [kind, of, *(str(v) for v in fixed.values()), value, *cells, more]


def _languages(tree: Any) -> Iterator[str]:  # noqa: ANN401 -- JSON
    for _, _, entry, field in _entries(tree):
        wording = entry.get(field)
        if isinstance(wording, dict):
            yield from wording


def _escaped(cell: str | float | None) -> str:
    text = "" if cell is None else cell if isinstance(cell, str) else repr(cell)
    return f"'{text}" if text.startswith(_FORMULA) and not re.fullmatch(r"-?\d+(\.\d+)?", text) else text


# --- reading ------------------------------------------------------------------------------------------------


def read_codebook(
    source: Path | bytes, name: str | None = None, *, sheet: str | None = None
) -> Questionnaire | dict[str, Described]:
    """Read a codebook: a questionnaire from one of passgenau's own, else what it says of each variable.

    Parameters
    ----------
    source
        The file, or its content.
    name
        How messages call it.
    sheet
        Of a workbook; the first one by default.

    Raises
    ------
    InputError
        The file is no codebook, or its rows do not make a questionnaire; the message names the line.
    """
    name = name or (source.name if isinstance(source, Path) else "codebook.csv")
    content = source if isinstance(source, bytes) else None
    header = content[:200] if content is not None else _beginning(source)
    if header.lstrip(b"\xef\xbb\xbf").startswith(b"row,of,id,"):
        return _own(_own_rows(source), name)
    table = read_table(source, name, sheet=sheet)
    if {"row", "of", "id"} <= set(table.frame.columns):
        return _own(_cells(table), name)
    return _plain(table)


def _cells(table: Table) -> list[dict[str, str]]:
    """Return the rows of an own codebook; only texts of a CSV file bear an apostrophe against formulas."""
    rows = table.frame.iter_rows(named=True)
    return [{k: v if table.sheet is not None else _unescaped(v) for k, v in row.items()} for row in rows]


def _beginning(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:200]
    try:
        with source.open("rb") as file:
            return file.read(200)
    except OSError:
        return b""  # reading it as a table names the trouble


def _own_rows(source: Path | bytes) -> list[dict[str, str]]:
    content = source if isinstance(source, bytes) else source.read_bytes()
    text = content.decode("utf-8-sig", "replace")
    csv.field_size_limit(max(csv.field_size_limit(), 2**24))
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="")
    return [{key: _unescaped(value) for key, value in row.items() if key} for row in reader]


def _unescaped(cell: str) -> str:
    return cell.removeprefix("'")


def _own(rows: list[dict[str, str]], name: str) -> Questionnaire:
    tree: Row = {"scales": {}, "sections": [], "questions": []}
    questions: dict[str, Row] = {}
    for line, row in enumerate(rows, start=2):
        kind, of = row.get("row", ""), row.get("of", "")
        entry = _entry(row, name, line)
        parent = tree["scales"].get(of) if kind == "point" else questions.get(of)
        if kind in {"point", "item", "column", "other", "no_answer"} and parent is None:
            raise _misplaced(kind, of, name, line)
        match kind:
            case "questionnaire":
                tree.update(entry)
            case "scale":
                name_of_scale = entry.pop("id", "")
                tree["scales"][name_of_scale] = {"points": [], **entry}
            case "section":
                tree["sections"].append(entry)
            case "question":
                questions[entry.get("id", "")] = entry
                tree["questions"].append(entry)
            case "point" | "item" | "column":
                parent.setdefault(f"{kind}s", []).append(entry)  # type: ignore[union-attr]  # checked above
            case "other" | "no_answer":
                parent[kind] = entry  # type: ignore[index]  # checked above
            case _:
                raise _unknown_row(kind, name, line)
    return validate(tree, Questionnaire, name, lambda _location: None)


def _entry(row: dict[str, str], name: str, line: int) -> Row:
    wording = {key.removeprefix(_TEXT): cell for key, cell in row.items() if key.startswith(_TEXT) and cell}
    field = "title" if row["row"] in {"questionnaire", "section"} else "text"
    entry: Row = {key: row[key] for key in ("id", "type", "code") if row.get(key)}
    if row.get("value"):
        entry["value"] = row["value"]
    if wording:
        entry[field] = wording
    if row.get(_MORE):
        try:
            more = json.loads(row[_MORE])
        except (ValueError, RecursionError):
            more = None
        if not isinstance(more, dict):
            raise InputError.of(
                "Die Spalte more enthält kein JSON.",
                "The column more holds no JSON.",
                file=name,
                line=line,
                field=_MORE,
                hint=Text("Die Zelle leeren oder neu ausgeben lassen.", "Empty the cell or export the codebook anew."),
            )
        entry.update(more)
    return entry


def _misplaced(kind: str, of: str, name: str, line: int) -> InputError:
    return InputError.of(
        f"Die Zeile ({kind}) gehört zu {of!r}, das davor nicht steht.",
        f"The row ({kind}) belongs to {of!r}, which does not stand before it.",
        file=name,
        line=line,
        field="of",
    )


def _unknown_row(kind: str, name: str, line: int) -> InputError:
    known = ["questionnaire", "scale", "point", "section", "question", "item", "column", "other", "no_answer"]
    return InputError.of(
        f"Eine Zeile {kind!r} gibt es nicht.",
        f"There is no row {kind!r}.",
        file=name,
        line=line,
        field="row",
        hint=nearest(kind, known),
    )


# --- plain codebooks -------------------------------------------------------------------------------------------

_HEADINGS = {
    "name": r"variable|var|name|variablenname|spalte|column|feld|field|variable name",
    "text": r"text|frage|fragetext|question|variablenlabel|variable label|beschreibung|description|wortlaut",
    "type": r"type|typ|art|skala|messniveau|measure",
    "code": r"code|wert|value|kode|ausprägung|auspraegung",
    "label": r"label|wertelabel|value label|bedeutung|meaning|beschriftung|antwort|answer",
    "missing": r"missing|fehlend|fehlwert",
}


def _plain(table: Table) -> dict[str, Described]:
    heading = {
        part: next((c for c in table.frame.columns if re.fullmatch(words, c.strip().lower())), None)
        for part, words in _HEADINGS.items()
    }
    if heading["name"] is None:
        raise InputError.of(
            "Das Codebuch nennt keine Spalte „variable“.",
            "The codebook has no column “variable”.",
            file=table.name,
            line=1,
            hint=Text(
                "Verlangt: variable, dazu text, type, code und label.",
                "Required: variable; further text, type, code and label.",
            ),
        )
    found: dict[str, Described] = {}
    last = ""
    for row in table.frame.iter_rows(named=True):
        cells = {part: (row[column] or "").strip() if column else "" for part, column in heading.items()}
        last = cells["name"] or last
        found[last] = _extended(found.get(last) or Described(last), cells, table)
    return found


def _extended(entry: Described, cells: Mapping[str, str], table: Table) -> Described:
    """Return the entry with what one more row says of it."""
    labels, missing = entry.labels, entry.missing
    code, label = cells["code"], cells["label"]
    if code:
        if code in {known for known, _ in (*labels, *missing)}:
            raise InputError.of(
                f"Der Code {code!r} von {entry.name!r} steht zweimal.",
                f"The code {code!r} of {entry.name!r} stands twice.",
                file=table.name,
                field=entry.name,
                hint=Text("Eine der beiden Zeilen löschen.", "Delete one of the two rows."),
            )
        declared = cells["missing"].lower() in {"1", "x", "ja", "yes", "true", "wahr"}
        unusual = declared or code.startswith("-")
        if means_refused(label) or declared or (unusual and means_not_shown(label)):
            missing = (*missing, (code, label or code))
        else:
            labels = (*labels, (code, label or code))
    return Described(entry.name, entry.text or cells["text"], entry.type or cells["type"], labels, missing)
