"""LimeSurvey's tab-separated survey structure (`.txt`)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING

from passgenau.errors import InputError
from passgenau.formats.intake import decode
from passgenau.formats.limesurvey.entries import language_code
from passgenau.formats.limesurvey.tables import Document, Row, without_controls
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIXED = (
    *("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation"),
    *("mandatory", "encrypted", "other", "default", "same_default", "same_script"),
)
_CLASSES = frozenset({"S", "SL", "G", "Q", "SQ", "A", "AS", "QTA", "QTAM", "QTALS", "C"})
_QUESTION = {
    "validation": "preg",
    "mandatory": "mandatory",
    "other": "other",
    "encrypted": "encrypted",
    "same_script": "same_script",
}
_SPACES = {"group": "gid", "question": "qid", "subquestion": "qid", "answer": "aid"}


def is_tab(content: bytes, name: str) -> bool:
    """Return whether a file is the tab-separated structure: by its heading, or by its ending."""
    head = content[:400].replace(b"\x00", b"").lower()
    if b"class" in head and b"type/scale" in head:
        return True
    return name.lower().endswith((".txt", ".tsv", ".tab")) and not content.startswith(b"<")


def read_tab(content: bytes, name: str) -> Document:
    """Return the tables that a tab-separated structure stands for.

    Raises
    ------
    InputError
        The heading lacks a column, or a row is longer than any cell may be.
    """
    text = decode(content, name).text
    rows = _rows(text, name)
    builder = _Builder(rows)
    for row in rows:
        builder.add(row)
    return builder.document()


def _rows(text: str, name: str) -> list[Row]:
    try:
        lines = list(csv.reader(io.StringIO(without_controls(text), newline=""), delimiter="\t"))
    except csv.Error as error:
        raise InputError.of(f"Nicht lesbar: {error}.", f"Cannot be read: {error}.", file=name) from None
    heading = [cell.strip().lower() for cell in lines[0]] if lines else []
    missing = [column for column in ("class", "type/scale", "name", "text", "language") if column not in heading]
    if missing:
        raise InputError.of(
            f"Der Kopfzeile fehlt: {', '.join(missing)}.",
            f"The heading lacks: {', '.join(missing)}.",
            file=name,
            line=1,
            hint=Text(
                "Gebraucht wird „Tabulator-getrennte Umfragestruktur“ aus LimeSurvey.",
                "The “tab-separated values survey structure” of LimeSurvey is needed.",
            ),
        )
    return [dict(zip(heading, cells, strict=False)) for cells in lines[1:] if any(cell.strip() for cell in cells)]


class _Builder:
    """Turns rows in the order of the file into tables with identifiers."""

    def __init__(self, rows: list[Row]) -> None:
        self._tables: dict[str, list[Row]] = {}
        self._settings = {
            row.get("name", "").strip(): row.get("text", "") for row in rows if row.get("class", "").strip() == "S"
        }
        spoken = dict.fromkeys(language_code(row.get("language", "")) for row in rows)
        base = language_code(self._settings.get("language", ""))
        self._languages = tuple(dict.fromkeys(code for code in (base, *spoken) if code))
        self._ids: dict[tuple[str, ...], str] = {}
        given = [int(row["id"]) for row in rows if re.fullmatch(r"\d{1,9}", row.get("id", ""))]
        self._next_id = max(given, default=0) + 1
        self._given: set[tuple[str, str]] = set()
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._wordings: dict[str, Row] = {}
        self._first_values: dict[tuple[str, str], str] = {}  # of attributes, by question and name
        self._kept: set[tuple[str, str]] = set()
        self._gid = self._qid = ""
        self._group_names: dict[str, int] = {}

    def document(self) -> Document:
        """Return what was added."""
        if self._settings:
            self._tables["surveys"] = [dict(self._settings)]
        if self._wordings:
            self._tables["surveys_languagesettings"] = list(self._wordings.values())
        tables = {table: tuple(rows) for table, rows in self._tables.items()}
        return Document("txt", self._settings.get("dbversion", ""), self._languages, tables)

    def add(self, row: Row) -> None:
        """Add one row of the file."""
        kind = row.get("class", "").strip()
        if kind == "SL":
            language = row.get("language", "").strip()
            own = self._wordings.setdefault(language, {"surveyls_language": language})
            own[row.get("name", "").strip()] = row.get("text", "")
        elif kind == "G":
            self._group(row)
        elif kind == "Q":
            self._question(row)
        elif kind == "SQ":
            self._subquestion(row)
        elif kind == "A":
            self._answer(row)
        elif kind in _CLASSES - {"S"}:
            self._put(kind, {name: value for name, value in row.items() if value})

    def _put(self, table: str, row: Row) -> None:
        self._tables.setdefault(table, []).append(row)

    def _id(self, row: Row, kind: str, *key: str) -> tuple[str, bool]:
        """Return the identifier of a thing, and whether it is new: rows repeat it in every language."""
        self._seen[kind, *key, self._language(row)] += 1
        key = (kind, *key, str(self._seen[kind, *key, self._language(row)]))  # codes may be doubled
        if key in self._ids:
            return self._ids[key], False
        given, space = row.get("id", "").strip(), _SPACES[kind]
        if not re.fullmatch(r"[1-9]\d{0,8}", given) or (space, given) in self._given:
            given, self._next_id = str(self._next_id), self._next_id + 1
        self._given.add((space, given))
        self._ids[key] = given
        return given, True

    def _language(self, row: Row) -> str:
        return language_code(row.get("language", "")) or (self._languages or ("en",))[0]

    def _group(self, row: Row) -> None:
        language = self._language(row)
        count = self._group_names.get(language, 0)
        self._group_names[language] = count + 1
        order = row.get("type/scale", "").strip() or f"#{count}"
        self._gid, new = self._id(row, "group", order)
        if new:
            self._put("groups", {"gid": self._gid, "group_order": str(count), "grelevance": row.get("relevance", "")})
        texts = {"group_name": row.get("name", ""), "description": row.get("text", "")}
        self._put("group_l10ns", {"gid": self._gid, "language": language, **texts})

    def _question(self, row: Row) -> None:
        title = row.get("name", "").strip()
        self._qid, new = self._id(row, "question", self._gid, title)
        if new:
            fields = {own: row.get(column, "") for column, own in _QUESTION.items()}
            self._put(
                "questions",
                {
                    "qid": self._qid,
                    "parent_qid": "0",
                    "gid": self._gid,
                    "type": row.get("type/scale", "").strip(),
                    "title": title,
                    "question_order": str(len(self._tables.get("questions", ())) + 1),
                    "relevance": row.get("relevance", ""),
                    "same_default": row.get("same_default", ""),
                    **fields,
                },
            )
        self._texts(row, self._qid)
        self._defaults(row, "0")
        for name, value in row.items():
            if name not in _FIXED and name and value.strip():
                self._attribute(name, value, self._language(row))

    def _attribute(self, name: str, value: str, language: str) -> None:
        """Keep an attribute once where languages do not differ in it."""
        first = self._first_values.setdefault((self._qid, name), value)
        if first == value and (self._qid, name) in self._kept:
            return
        row = {"qid": self._qid, "attribute": name, "value": value}
        self._put("question_attributes", {**row, "language": language} if (self._qid, name) in self._kept else row)
        self._kept.add((self._qid, name))

    def _texts(self, row: Row, qid: str) -> None:
        texts = {"question": row.get("text", ""), "help": row.get("help", "")}
        self._put("question_l10ns", {"qid": qid, "language": self._language(row), **texts})

    def _subquestion(self, row: Row) -> None:
        scale, title = row.get("type/scale", "").strip() or "0", row.get("name", "").strip()
        sqid, new = self._id(row, "subquestion", self._qid, scale, title)
        if new:
            self._put(
                "subquestions",
                {
                    "qid": sqid,
                    "parent_qid": self._qid,
                    "gid": self._gid,
                    "title": title,
                    "scale_id": scale,
                    "question_order": str(len(self._tables.get("subquestions", ())) + 1),
                    "relevance": row.get("relevance", ""),
                },
            )
        self._texts(row, sqid)
        self._defaults(row, sqid)

    def _answer(self, row: Row) -> None:
        scale, code = row.get("type/scale", "").strip() or "0", row.get("name", "").strip()
        aid, new = self._id(row, "answer", self._qid, scale, code)
        if new:
            self._put(
                "answers",
                {
                    "aid": aid,
                    "qid": self._qid,
                    "code": code,
                    "sortorder": str(len(self._tables.get("answers", ())) + 1),
                    "scale_id": scale,
                    "assessment_value": row.get("relevance", "").strip() or "0",
                },
            )
        self._put("answer_l10ns", {"aid": aid, "language": self._language(row), "answer": row.get("text", "")})

    def _defaults(self, row: Row, sqid: str) -> None:
        if row.get("default", "").strip():
            entry = {"qid": self._qid, "sqid": sqid, "language": self._language(row), "defaultvalue": row["default"]}
            self._put("defaultvalues", entry)


# --- writing -----------------------------------------------------------------------------------------------


def write_tab(document: Document) -> bytes:
    """Return the tab-separated structure of a document whose texts stand in tables of their own."""
    rows: list[Row] = []
    for name, value in next(iter(document.rows("surveys")), {}).items():
        rows.append({"class": "S", "name": name, "text": value})
    for wording in document.rows("surveys_languagesettings"):
        language = wording.get("surveyls_language", "")
        rows += [
            {"class": "SL", "name": name, "text": value, "language": language}
            for name, value in wording.items()
            if name not in {"surveyls_language", "surveyls_survey_id"}
        ]
    writer = _Writer(document)
    for language in document.languages:
        rows += writer.rows(language)
    for kind in ("AS", "QTA", "QTAM", "QTALS", "C"):
        rows += [{"class": kind, **row} for row in document.rows(kind)]
    attributes = dict.fromkeys(name for row in rows for name in row if name not in _FIXED)
    columns = [*_FIXED, *attributes]
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    table.writerow(columns)
    table.writerows([row.get(column, "") for column in columns] for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def _grouped(rows: tuple[Row, ...], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.get(key, ""), []).append(row)
    return found


class _Writer:
    """Writes groups, questions, subquestions and answers in one language after another."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._texts: dict[str, dict[tuple[str, str], Row]] = {
            table: {(row[key], row.get("language", "")): row for row in document.rows(table)}
            for table, key in (("group_l10ns", "gid"), ("question_l10ns", "qid"), ("answer_l10ns", "aid"))
        }
        self._questions = _grouped(document.rows("questions"), "gid")
        self._subquestions = _grouped(document.rows("subquestions"), "parent_qid")
        self._answers = _grouped(document.rows("answers"), "qid")
        self._set = _grouped(document.rows("question_attributes"), "qid")
        self._defaults = {
            (row.get("qid", ""), row.get("sqid", "") or "0", row.get("language", "")): row.get("defaultvalue", "")
            for row in document.rows("defaultvalues")
        }

    def rows(self, language: str) -> list[Row]:
        """Return the rows of one language."""
        found: list[Row] = []
        for number, group in enumerate(self._document.rows("groups")):
            texts = self._texts["group_l10ns"].get((group["gid"], language), {})
            found.append(
                {
                    "id": group["gid"],
                    "class": "G",
                    "type/scale": f"G{number}",
                    "name": texts.get("group_name", ""),
                    "relevance": group.get("grelevance", ""),
                    "text": texts.get("description", ""),
                    "language": language,
                }
            )
            for question in self._questions.get(group["gid"], ()):
                found += self._question(question, language)
        return found

    def _question(self, question: Row, language: str) -> list[Row]:
        qid = question["qid"]
        first = {
            "id": qid,
            "related_id": question.get("gid", ""),
            "class": "Q",
            "type/scale": question.get("type", ""),
            "relevance": question.get("relevance", ""),
            "same_default": question.get("same_default", ""),
            **{column: question.get(own, "") for column, own in _QUESTION.items()},
            **self._said(question, language),
            "default": self._defaults.get((qid, "0", language), ""),
            **self._attributes(qid, language),
        }
        rows = [self._subquestion(row, language) for row in self._subquestions.get(qid, ())]
        return [first, *rows, *(self._answer(answer, language) for answer in self._answers.get(qid, ()))]

    def _subquestion(self, row: Row, language: str) -> Row:
        return {
            "id": row["qid"],
            "related_id": row["parent_qid"],
            "class": "SQ",
            "type/scale": row.get("scale_id", "0"),
            "relevance": row.get("relevance", ""),
            **self._said(row, language),
            "default": self._defaults.get((row["parent_qid"], row["qid"], language), ""),
        }

    def _said(self, row: Row, language: str) -> Row:
        texts = self._texts["question_l10ns"].get((row["qid"], language), {})
        return {
            "name": row.get("title", ""),
            "text": texts.get("question", ""),
            "help": texts.get("help", ""),
            "language": language,
        }

    def _answer(self, answer: Row, language: str) -> Row:
        texts = self._texts["answer_l10ns"].get((answer["aid"], language), {})
        return {
            "id": answer["aid"],
            "related_id": answer.get("qid", ""),
            "class": "A",
            "type/scale": answer.get("scale_id", "0"),
            "name": answer.get("code", ""),
            "relevance": answer.get("assessment_value", ""),
            "text": texts.get("answer", ""),
            "language": language,
        }

    def _attributes(self, qid: str, language: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for row in self._set.get(qid, ()):
            if row.get("language", "") in {"", language} and row["attribute"] not in _FIXED:
                found[row["attribute"]] = row.get("value", "")
        return found
