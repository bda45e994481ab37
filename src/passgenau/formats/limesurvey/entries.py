"""One shape for every generation: groups, questions, subquestions and answers with their texts by language.

Up to DBVersion 366 a row stands once per language and holds its texts; after that, texts stand in tables of
their own (`group_l10ns`, `question_l10ns`, `answer_l10ns`). Files in between, and files made by other
programs, mix both; so both are always read.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passgenau.formats.limesurvey.types import LABELLED, WITH_ROWS
from passgenau.translations import LANGUAGE, Translations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passgenau.formats.limesurvey.tables import Document, Row

_TEXTS = {
    "groups": ("group_name", "description"),
    "questions": ("question", "help", "script"),
    "subquestions": ("question", "help", "script"),
    "answers": ("answer",),
    "labels": ("title",),
}
_FIRST_LSS = 143  # DBVersion of LimeSurvey 1.90
READ_TABLES = frozenset(
    {"groups", "group_l10ns", "questions", "subquestions", "question_l10ns", "answers", "answer_l10ns"}
    | {"question_attributes", "surveys", "surveys_languagesettings"}
)
"""Tables that become questions, sections and texts; all others are kept as they are."""


@dataclass(slots=True)
class Entry:
    """A row without its texts, and its texts by column and language."""

    row: Row
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, column: str) -> str:
        """Return a column's value, without blanks around it; empty where it is NULL."""
        return self.row.get(column, "").strip()

    def number(self, column: str) -> int:
        """Return a column's value as a whole number; 0 where it is none."""
        return whole(self.get(column)) or 0

    def text(self, column: str) -> Translations:
        """Return a text in its languages, without blanks around it."""
        return Translations.of({language: said.strip() for language, said in self.texts.get(column, {}).items()})


@dataclass(slots=True)
class QuestionEntry(Entry):
    """A question with its attributes, subquestions and answers."""

    attributes: dict[str, dict[str, str]] = field(default_factory=dict)  # name -> language ("" for all) -> value
    rows: list[Entry] = field(default_factory=list)  # subquestions, of both scales
    answers: list[Entry] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        """Return an attribute that is the same in all languages; empty where it is not set."""
        values = self.attributes.get(name, {})
        return values.get("", next(iter(values.values()), "")).strip()

    def localised(self, name: str, languages: tuple[str, ...]) -> Translations:
        """Return an attribute that may differ between languages."""
        values = self.attributes.get(name, {})
        return Translations.of({code: (values.get(code) or values.get("", "")).strip() for code in languages})


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything of a structure file that is read."""

    languages: tuple[str, ...]
    groups: list[Entry]
    questions: list[QuestionEntry]  # in the order in which they are asked
    settings: Row
    wordings: dict[str, Row]  # surveys_languagesettings by language
    orphans: list[Entry]  # subquestions whose question is not in the file
    repeated: Counter[str]  # rows that stand twice in the same language, by table


def whole(text: str) -> int | None:
    """Return a text as a whole number, or None."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def survey_of(document: Document) -> Survey:
    """Return the survey that a structure file holds."""
    settings = next(iter(document.rows("surveys")), {})
    languages = _languages(document, settings)
    reader = _Reader(document, languages)
    groups = sorted(reader.entries("groups", "gid", "group_l10ns"), key=lambda group: group.number("group_order"))
    everything = reader.entries("questions", "qid", "question_l10ns")
    rows = [entry for entry in everything if entry.get("parent_qid") not in {"", "0"}]
    rows += reader.entries("subquestions", "qid", "question_l10ns")
    questions = [_question(entry) for entry in everything if entry.get("parent_qid") in {"", "0"}]
    by_qid = {question.get("qid"): question for question in reversed(questions)}
    orphans = _hand_out(rows, "parent_qid", by_qid, "rows", ("scale_id", "question_order"))
    _hand_out(reader.entries("answers", "aid", "answer_l10ns"), "qid", by_qid, "answers", ("scale_id", "sortorder"))
    if _is_early(document):
        for question in questions:
            _label_sets(question, reader)
    _attributes(document, by_qid)
    in_order, wordings = _in_order(questions, groups), _wordings(document, languages)
    return Survey(languages, groups, in_order, settings, wordings, orphans, reader.repeated)


def _languages(document: Document, settings: Row) -> tuple[str, ...]:
    listed = [settings.get("language", ""), *settings.get("additional_languages", "").split(), *document.languages]
    if not any(listed):
        listed = [row.get("language", "") for rows in document.tables.values() for row in rows]
    codes = dict.fromkeys(language_code(code) for code in listed)
    return tuple(code for code in codes if code) or ("en",)


def language_code(code: str) -> str:
    """Return a language's code as it is spelled here; empty where it is none."""
    code = code.strip().replace("_", "-")
    code = code[:1].lower() + code[1:] if "-" in code else code.lower()
    return code if LANGUAGE.match(code) else ""


def _question(entry: Entry) -> QuestionEntry:
    return QuestionEntry(entry.row, entry.texts)


class _Reader:
    """Joins rows with their texts."""

    def __init__(self, document: Document, languages: tuple[str, ...]) -> None:
        self._document = document
        self._languages = languages
        self.repeated: Counter[str] = Counter()

    def entries(self, table: str, key: str, texts_table: str) -> list[Entry]:
        """Return one entry per thing, however many languages its rows repeat it in."""
        found: dict[object, Entry] = {}
        columns = _TEXTS[table]
        seen: Counter[object] = Counter()
        for row in self._document.rows(table):
            language = self._language_of(row)
            identity = self._identity(row, key)
            if row.get(key, "").strip() and _stands(found.get((identity, seen[identity, language])), row):
                self.repeated[table] += 1
                continue
            seen[identity, language] += 1
            entry = found.setdefault((identity, seen[identity, language]), Entry({}))
            if not entry.row or language == self._languages[0]:
                entry.row = {name: value for name, value in row.items() if name not in {*columns, "language"}}
            _add_texts(entry, row, language, columns)
        self._join(found.values(), key, texts_table, columns)
        for entry in found.values():
            entry.texts = {column: self._in_order(said) for column, said in entry.texts.items()}
        return list(found.values())

    def _in_order(self, said: dict[str, str]) -> dict[str, str]:
        """Return texts in the order of the survey's languages, whatever order the rows have."""
        order = {language: place for place, language in enumerate(self._languages)}
        return dict(sorted(said.items(), key=lambda pair: order.get(pair[0], len(order))))

    def _join(self, entries: Iterable[Entry], key: str, table: str, columns: tuple[str, ...]) -> None:
        by_key: dict[str, Entry] = {}
        for entry in entries:
            by_key.setdefault(entry.get(key), entry)
        for row in self._document.rows(table):
            owner = by_key.get(row.get(key, "").strip())
            if owner is not None:
                _add_texts(owner, row, self._language_of(row), columns)

    def _language_of(self, row: Row) -> str:
        return language_code(row.get("language", "")) or self._languages[0]

    def _identity(self, row: Row, key: str) -> object:
        if row.get(key, "").strip():
            return row[key].strip()
        return tuple(row.get(column, "") for column in ("qid", "parent_qid", "code", "title", "scale_id"))

    def labels(self, label_set: str) -> list[Entry]:
        """Return the answers of a label set, as files before LimeSurvey 1.91 have them."""
        found: dict[str, Entry] = {}
        for row in self._document.rows("labels"):
            if row.get("lid", "").strip() != label_set:
                continue
            columns = {"code": row.get("code", ""), "sortorder": row.get("sortorder", "0")}
            entry = found.setdefault(row.get("code", ""), Entry(columns))
            _add_texts(entry, {"answer": row.get("title", "")}, self._language_of(row), ("answer",))
        return sorted(found.values(), key=lambda label: label.number("sortorder"))


def _stands(entry: Entry | None, row: Row) -> bool:
    """Whether a row repeats the one before it: the same thing under the same code and parent."""
    same = ("parent_qid", "title", "code", "qid", "scale_id")
    return entry is not None and all(entry.get(column) == row.get(column, "").strip() for column in same)


def _add_texts(entry: Entry, row: Row, language: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        if row.get(column, "").strip():
            entry.texts.setdefault(column, {})[language] = row[column]


def _hand_out(
    entries: list[Entry], key: str, by_qid: dict[str, QuestionEntry], part: str, order: tuple[str, ...]
) -> list[Entry]:
    """Give every entry to its question, in order; return those whose question is missing."""
    orphans = []
    for entry in sorted(entries, key=lambda entry: tuple(entry.number(column) for column in order)):
        owner = by_qid.get(entry.get(key))
        if owner is None:
            orphans.append(entry)
        else:
            getattr(owner, part).append(entry)
    return orphans


def _is_early(document: Document) -> bool:
    """Whether a file may keep rows as answers and answers in label sets: what came before the first `.lss` files."""
    version = whole(document.version)
    return document.kind == "dump" or (version is not None and version < _FIRST_LSS)


def _label_sets(question: QuestionEntry, reader: _Reader) -> None:
    """Read answers as rows and label sets as answers where an early version did so."""
    kind = question.get("type")
    labels = {scale: reader.labels(question.get(column)) for scale, column in (("0", "lid"), ("1", "lid1"))}
    listed = kind in LABELLED and any(labels.values())
    if kind in WITH_ROWS and not question.rows and question.answers and (listed or kind not in LABELLED):
        question.rows = [
            Entry({"title": answer.get("code"), "scale_id": "0"}, {"question": answer.texts.get("answer", {})})
            for answer in question.answers
        ]
        question.answers = []
    if not listed:
        return
    for scale, entries in labels.items():
        for label in entries:
            if kind in ":;":
                row = {"title": label.get("code"), "scale_id": "1"}
                question.rows.append(Entry(row, {"question": label.texts.get("answer", {})}))
            else:
                question.answers.append(Entry({**label.row, "scale_id": scale}, label.texts))


def _attributes(document: Document, by_qid: dict[str, QuestionEntry]) -> None:
    for row in document.rows("question_attributes"):
        owner, name = by_qid.get(row.get("qid", "").strip()), row.get("attribute", "").strip()
        if owner is not None and name:
            language = language_code(row.get("language", ""))
            owner.attributes.setdefault(name, {})[language] = row.get("value", "")


def _in_order(questions: list[QuestionEntry], groups: list[Entry]) -> list[QuestionEntry]:
    place: dict[str, int] = {}
    for index, group in enumerate(groups):
        place.setdefault(group.get("gid"), index)
    for question in questions:
        if question.get("gid") not in place:
            place[question.get("gid")] = len(groups) + len(place)
            if groups:
                groups.append(Entry({"gid": question.get("gid")}))
    return sorted(questions, key=lambda entry: (place[entry.get("gid")], entry.number("question_order")))


def _wordings(document: Document, languages: tuple[str, ...]) -> dict[str, Row]:
    found = {
        language_code(row.get("surveyls_language", "")) or languages[0]: row
        for row in document.rows("surveys_languagesettings")
    }
    return {
        code: found[code] for code in (*languages, *(code for code in found if code not in languages)) if code in found
    }
