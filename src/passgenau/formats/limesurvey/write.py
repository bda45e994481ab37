"""Write a questionnaire as a LimeSurvey structure: `.lss` and the tab-separated survey structure.

What came from LimeSurvey and was not changed is written back as it was; everything else is made from the
questionnaire. What the written file would not give back is found by reading it again.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.limesurvey.codebook import Codes
from passgenau.formats.limesurvey.codes import assigned_codes
from passgenau.formats.limesurvey.compare import differences
from passgenau.formats.limesurvey.conditions import ARRAY_FILTERS, own, own_text, with_filters
from passgenau.formats.limesurvey.expressions import Spelling, UntranslatableError, expression_of, trivial
from passgenau.formats.limesurvey.outgoing import Typed, typed_question
from passgenau.formats.limesurvey.tab import write_tab
from passgenau.formats.limesurvey.tables import Document, Row, write_document
from passgenau.formats.limesurvey.types import NO_ANSWER_SHOWN
from passgenau.survey.questionnaire import Foreign, Item, Point, Question, Questionnaire, Section
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.survey.filters import Filter

DBVERSION = 640
"""LimeSurvey 6.6; every LimeSurvey since 5 imports it or what is older."""
_WITH_L10NS = 400  # from here on, texts stand in tables of their own
_WITH_RANKS = 700  # from here on, the objects of a ranking are subquestions
_SID = "100000"
_TAB_TABLES = frozenset({"AS", "QTA", "QTAM", "QTALS", "C"})
_OLD_TABLES = frozenset({"labels", "labelsets"})


def write_structure(questionnaire: Questionnaire, *, dbversion: int | None = None) -> Exported:
    """Return a questionnaire as `survey.lss` and `survey.txt`.

    Parameters
    ----------
    questionnaire
        Of any origin.
    dbversion
        The DBVersion stated; by default the one it was read with, if texts had tables of their own then
        (400 or later), or else `DBVERSION`.

    Returns
    -------
    Exported
        `lost` names what LimeSurvey cannot say, found by reading the file again.
    """
    lost: list[Lost] = []
    writer = _Writer(questionnaire, dbversion, lost)
    document = writer.document()
    lost += differences(writer.questionnaire, document, writer.codes)
    lost += _tab_only(document)
    files = {"survey.lss": write_document(_without(document, _TAB_TABLES)), "survey.txt": write_tab(document)}
    return Exported("limesurvey", files, tuple(lost))


def _without(document: Document, tables: frozenset[str]) -> Document:
    kept = {name: rows for name, rows in document.tables.items() if name not in tables}
    return Document(document.kind, document.version, document.languages, kept, document.rest)


def _tab_only(document: Document) -> list[Lost]:
    shown = [name for name in ("quota", "assessments", "conditions", "survey_url_parameters") if document.rows(name)]
    return [
        Lost(
            f"survey.txt, table {name}",
            Text(f"{len(document.rows(name))} Zeilen", f"{len(document.rows(name))} rows"),
            Text("Steht nur in survey.lss.", "Stands in survey.lss only."),
        )
        for name in shown
    ]


def _as_html(questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire with its texts as HTML, as LimeSurvey keeps them."""
    if questionnaire.markup == "html":
        return questionnaire
    questions = tuple(_question_as_html(question) for question in questionnaire.questions)
    sections = tuple(
        section.model_copy(update={"title": _html(section.title), "text": _html(section.text)})
        for section in questionnaire.sections
    )
    scales = {
        name: scale.model_copy(
            update={"points": tuple(p.model_copy(update={"text": _html(p.text)}) for p in scale.points)}
        )
        for name, scale in questionnaire.scales.items()
    }
    texts = {name: _html(getattr(questionnaire, name)) for name in ("title", "introduction", "privacy", "ending")}
    return questionnaire.model_copy(
        update={**texts, "markup": "html", "questions": questions, "sections": sections, "scales": scales}
    )


def _question_as_html(question: Question) -> Question:
    update: dict[str, Any] = {name: _html(getattr(question, name)) for name in ("text", "help", "unit", "comment")}
    for part in ("items", "columns"):
        update[part] = tuple(item.model_copy(update={"text": _html(item.text)}) for item in getattr(question, part))
    for part in ("other", "no_answer"):
        entry = getattr(question, part)
        update[part] = entry.model_copy(update={"text": _html(entry.text)}) if entry else None
    return question.model_copy(update=update)


def _html(text: Translations | None) -> Translations | None:
    """Return a plain text as HTML; braces are spelled out so that LimeSurvey takes them for no expression."""
    if text is None:
        return None
    return Translations(tuple((language, _escaped(said)) for language, said in text))


def _escaped(said: str) -> str:
    escaped = html.escape(said, quote=False).replace("{", "&#123;").replace("}", "&#125;")
    return escaped.replace("\n", "<br />")


@dataclass(frozen=True, slots=True)
class _Kept:
    """Which expressions of LimeSurvey still say what the questionnaire says."""

    sections: dict[str, bool]
    questions: dict[str, bool]
    items: dict[str, bool]  # of a whole question

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> _Kept:
        """Translate the expressions that were read once more, and compare."""
        again, _ = with_filters(_without_filters(questionnaire))
        return cls(
            {
                mine.id: mine.show_if == read.show_if
                for mine, read in zip(questionnaire.sections, again.sections, strict=True)
            },
            {
                mine.id: mine.show_if == read.show_if
                for mine, read in zip(questionnaire.questions, again.questions, strict=True)
            },
            {
                mine.id: [i.show_if for i in (*mine.items, *mine.columns)]
                == [i.show_if for i in (*read.items, *read.columns)]
                for mine, read in zip(questionnaire.questions, again.questions, strict=True)
            },
        )


def _without_filters(questionnaire: Questionnaire) -> Questionnaire:
    def bare(part: Any) -> Any:  # noqa: ANN401 -- a section, a question or an item
        return part.model_copy(update={"show_if": None}) if part.show_if else part

    questions = tuple(
        bare(question).model_copy(
            update={
                "items": tuple(bare(item) for item in question.items),
                "columns": tuple(bare(column) for column in question.columns),
            }
        )
        for question in questionnaire.questions
    )
    sections = tuple(bare(section) for section in questionnaire.sections)
    return questionnaire.model_copy(update={"questions": questions, "sections": sections})


class _Numbers:
    """Identifiers: those that were read, as long as no two are the same, and new ones above them."""

    def __init__(self, given: Iterable[str]) -> None:
        known = [int(number) for number in given if number.isdigit() and len(number) < 10]  # noqa: PLR2004 -- digits
        self._free = max(known, default=0) + 1
        self._taken: set[int] = set()

    def take(self, given: str) -> str:
        """Return the given identifier, or a new one where it is taken or none."""
        if given.isdigit() and int(given) > 0 and int(given) not in self._taken:
            self._taken.add(int(given))
            return given
        self._free += 1
        return str(self._free - 1)


class _Writer:
    """Makes the tables of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, dbversion: int | None, lost: list[Lost]) -> None:
        self._kept = _Kept.of(questionnaire)
        self.questionnaire = questionnaire = _as_html(questionnaire)
        self._own = own(questionnaire.foreign)
        self._lost = lost
        self._version = dbversion or _version(questionnaire)
        self.codes: Codes = assigned_codes(questionnaire, lost)
        self._spelling = Spelling(questionnaire, self.codes)
        self._sid = str(self._own.get("sid") or _SID)
        questions = questionnaire.questions
        parts: list[Item] = [part for q in questions for part in (*q.items, *q.columns)]
        self._qids = _Numbers(
            [
                *(own_text(question.foreign, "qid") for question in questions),
                *(own_text(part.foreign, "qid") for part in parts),
                *(str(row.get("qid", "")) for q in questions for row in _stray(q, "subquestions")),
            ]
        )
        points = [point for scale in questionnaire.scales.values() for point in scale.points]
        self._aids = _Numbers(
            [
                *(own_text(part.foreign, "aid") for part in parts),
                *(own_text(point.foreign, "aid") for point in points),
                *(str(row.get("aid", "")) for q in questions for row in _stray(q, "answers")),
            ]
        )
        self._tables: dict[str, list[Row]] = {}
        self._ordered = _keeps_order(questionnaire)
        self._could_offer = False  # whether any question has a type beside which LimeSurvey offers “no answer”

    def document(self) -> Document:
        """Return the whole survey."""
        gids = self._groups()
        qids = {
            question.id: self._qids.take(own_text(question.foreign, "qid")) for question in self.questionnaire.questions
        }
        places: dict[str | None, int] = {}
        for question in self.questionnaire.questions:
            places[question.section] = places.get(question.section, 0) + 1
            self._question(question, qids[question.id], gids[question.section], places[question.section])
        self._put("surveys", self._settings())
        for row in self._wordings():
            self._put("surveys_languagesettings", row)
        tables = {name: tuple(rows) for name, rows in self._tables.items()}
        kept = self._own.get("tables")
        for name, rows in (kept if isinstance(kept, dict) else {}).items():
            if name not in _OLD_TABLES and name not in tables:
                tables[name] = tuple(dict(row) for row in rows)
        rest = self._own.get("xml")
        rest = {name: str(xml) for name, xml in rest.items()} if isinstance(rest, dict) else {}
        return Document("lss", str(self._version), self.questionnaire.languages, tables, rest)

    def _put(self, table: str, row: Mapping[str, str]) -> None:
        self._tables.setdefault(table, []).append(dict(row))

    # --- groups ------------------------------------------------------------------------------------------

    def _groups(self) -> dict[str | None, str]:
        """Write the groups; return their gid by the id of the section."""
        sections = self.questionnaire.sections or (Section(id="g1", title=self.questionnaire.title),)
        given = {section.id: own_text(section.foreign, "gid") or section.id.removeprefix("g") for section in sections}
        numbers = _Numbers(given.values())
        found: dict[str | None, str] = {}
        for place, section in enumerate(sections):
            gid = found[section.id] = numbers.take(given[section.id])
            row = _verbatim(section.foreign)
            order = row.get("group_order") if self._ordered else None
            self._put(
                "groups",
                {
                    **row,
                    "gid": gid,
                    "sid": row.get("sid", self._sid),
                    "group_order": order or str(place + 1),
                    "grelevance": self._relevance(
                        f"group {section.id}", section, "grelevance", kept=self._kept.sections.get(section.id, False)
                    ),
                },
            )
            for language in self.questionnaire.languages:
                texts = {"group_name": _said(section.title, language), "description": _said(section.text, language)}
                self._put("group_l10ns", {"id": self._line("group_l10ns"), "gid": gid, **texts, "language": language})
        if not self.questionnaire.sections:
            found[None] = found["g1"]
        return found

    def _line(self, table: str) -> str:
        return str(len(self._tables.get(table, ())) + 1)

    # --- questions -----------------------------------------------------------------------------------------

    def _question(self, question: Question, qid: str, gid: str, place: int) -> None:
        typed = typed_question(question, self.questionnaire, self.codes)
        self._could_offer |= typed.type in NO_ANSWER_SHOWN and not question.required
        row = _verbatim(question.foreign)
        for column in ("lid", "lid1"):
            row.pop(column, None)
        order = row.get("question_order") if self._ordered else None
        mandatory = row.get("mandatory", "N")
        if question.required != (mandatory == "Y") and question.answered:
            mandatory = "Y" if question.required else "N"
        self._put(
            "questions",
            {
                **row,
                "qid": qid,
                "parent_qid": "0",
                "sid": row.get("sid", self._sid),
                "gid": gid,
                "type": typed.type,
                "title": self.codes.question(question.id),
                "other": typed.other,
                "mandatory": mandatory,
                "question_order": order or str(place),
                "scale_id": row.get("scale_id", "0"),
                "relevance": self._relevance(
                    f"question {question.id}", question, "relevance", kept=self._kept.questions[question.id]
                ),
            },
        )
        scripts = own(question.foreign).get("script")
        self._texts(qid, question.text, question.help, scripts)
        self._attributes(question, qid, typed)
        self._parts(question, qid, gid, typed)

    def _texts(self, qid: str, text: Translations, below: Translations | None, scripts: object) -> None:
        for language in _languages(self.questionnaire, text, below):
            said = scripts.get(language, "") if isinstance(scripts, dict) else ""
            self._put(
                "question_l10ns",
                {
                    "id": self._line("question_l10ns"),
                    "qid": qid,
                    "question": _said(text, language),
                    "help": _said(below, language),
                    "script": str(said),
                    "language": language,
                },
            )

    def _attributes(self, question: Question, qid: str, typed: Typed) -> None:
        attributes = dict(typed.attributes)
        if not self._kept.items[question.id]:
            for name in ARRAY_FILTERS:
                attributes.pop(name, None)
        for name, value in attributes.items():
            for language, said in value.items() if isinstance(value, dict) else [("", value)]:
                row = {"qid": qid, "attribute": name, "value": said}
                self._put("question_attributes", {**row, "language": language} if language else row)

    def _parts(self, question: Question, qid: str, gid: str, typed: Typed) -> None:
        for place, item in enumerate(question.items if typed.rows else ()):
            self._subquestion(question, item, "items", qid, gid, place)
        for place, column in enumerate(question.columns):
            self._subquestion(question, column, "columns", qid, gid, place)
        for stray in _stray(question, "subquestions"):
            texts = stray.pop("texts", {})
            self._put("subquestions", {**stray, "qid": self._qids.take(stray.get("qid", "")), "parent_qid": qid})
            self._texts(self._tables["subquestions"][-1]["qid"], Translations.of(texts), None, None)
        for place, item in enumerate(question.items if typed.answers else ()):
            self._answer(item, self.codes.part(question.id, "items", item.id), qid, 0, place)
        for scale, kind in enumerate(typed.scales):
            name = getattr(question, kind)
            for place, point in enumerate(self.questionnaire.scale(name).points):
                self._answer(point, self.codes.part(question.id, kind, point.id), qid, scale, place)
        for stray in _stray(question, "answers"):
            texts = stray.pop("texts", {})
            aid = self._aids.take(stray.get("aid", ""))
            self._put("answers", {**stray, "aid": aid, "qid": qid})
            self._answer_texts(aid, Translations.of(texts))

    def _subquestion(self, question: Question, item: Item, kind: str, qid: str, gid: str, place: int) -> None:  # noqa: PLR0913, PLR0917 -- a row's parts
        row = _verbatim(item.foreign)
        row.pop("aid", None)
        sqid = self._qids.take(row.get("qid", "") if "parent_qid" in row else "")
        where = f"subquestion {question.id}_{item.id}"
        self._put(
            "subquestions",
            {
                **row,
                "qid": sqid,
                "parent_qid": qid,
                "sid": row.get("sid", self._sid),
                "gid": row.get("gid", gid),
                "title": self.codes.part(question.id, kind, item.id),
                "question_order": row.get("question_order", str(place + 1)) if self._ordered else str(place + 1),
                "scale_id": "1" if kind == "columns" else "0",
                "relevance": self._relevance(where, item, "relevance", kept=self._kept.items[question.id]),
            },
        )
        below = own(item.foreign).get("help")
        help_text = Translations.of(below) if isinstance(below, dict) else None
        self._texts(sqid, item.text, help_text, own(item.foreign).get("script"))

    def _answer(self, part: Item | Point, code: str, qid: str, scale: int, place: int) -> None:
        row = _verbatim(part.foreign)
        given = row if row.get("qid") == qid and "parent_qid" not in row else {}
        aid = self._aids.take(given.get("aid", ""))
        order = given.get("sortorder") if self._ordered else None
        self._put(
            "answers",
            {
                **given,
                "aid": aid,
                "qid": qid,
                "code": code,
                "sortorder": order or str(place),
                "assessment_value": _points(part, given.get("assessment_value", "0")),
                "scale_id": str(scale),
            },
        )
        self._answer_texts(aid, part.text)

    def _answer_texts(self, aid: str, text: Translations | None) -> None:
        for language in _languages(self.questionnaire, text):
            row = {"id": self._line("answer_l10ns"), "aid": aid, "answer": _said(text, language), "language": language}
            self._put("answer_l10ns", row)

    # --- filters ---------------------------------------------------------------------------------------------

    def _relevance(self, where: str, part: Section | Question | Item, column: str, *, kept: bool) -> str:
        verbatim = own_text(part.foreign, column)
        if kept and (part.show_if is None or isinstance(part, Item) or not trivial(verbatim)):
            return str(own(part.foreign).get(column, "1"))
        if part.show_if is None:
            return "1"
        return self._expression(where, part.show_if)

    def _expression(self, where: str, condition: Filter) -> str:
        try:
            return expression_of(condition, self._spelling)
        except UntranslatableError as error:
            self._lost.append(
                Lost(
                    where,
                    Text(f"Filter {condition}", f"filter {condition}"),
                    Text(
                        f"{error.reason.de} Ohne ihn wird es allen gezeigt.",
                        f"{error.reason.into('en')} Without it everyone is shown it.",
                    ),
                )
            )
            return "1"

    # --- the survey as a whole ---------------------------------------------------------------------------------

    def _settings(self) -> Row:
        given = self._own.get("settings")
        row = {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}
        first, *others = self.questionnaire.languages
        later = self.questionnaire.sections[1:] or self.questionnaire.sections
        one_page = bool(later) and not any(section.new_page for section in later)
        row.setdefault("sid", self._sid)
        if one_page != (row.get("format", "G") == "A"):
            row["format"] = "A" if one_page else "G"
        row["language"] = first
        if row.get("additional_languages", "").split() != others:
            row["additional_languages"] = " ".join(others)
        offered = any(question.no_answer for question in self.questionnaire.questions)
        if not given:
            row.setdefault("format", "G")
            row |= {"anonymized": "N", "datestamp": "Y", "shownoanswer": "Y" if offered else "N"}
            row["showsurveypolicynotice"] = "1" if self.questionnaire.privacy else "0"
        elif self._could_offer and (row.get("shownoanswer") in {"Y", "I"}) != offered:
            row["shownoanswer"] = "Y" if offered else "N"
        return row

    def _wordings(self) -> list[Row]:
        given = self._own.get("wordings")
        known: dict[str, Any] = given if isinstance(given, dict) else {}
        survey = self.questionnaire
        return [
            {
                "surveyls_survey_id": self._sid,
                "surveyls_language": language,
                "surveyls_title": _said(survey.title, language),
                "surveyls_welcometext": _said(survey.introduction, language),
                "surveyls_endtext": _said(survey.ending, language),
                "surveyls_policy_notice": _said(survey.privacy, language),
                **{name: str(value) for name, value in known.get(language, {}).items()},
            }
            for language in dict.fromkeys((*survey.languages, *known))
        ]


def _points(part: Item | Point, stated: str) -> str:
    """Return what an answer counts; LimeSurvey takes whole numbers."""
    value = part.value if isinstance(part, Point) else None
    return f"{value:.0f}" if value is not None and value.is_integer() else stated


def _version(questionnaire: Questionnaire) -> int:
    stated = str(own(questionnaire.foreign).get("dbversion", ""))
    if stated.isdigit() and int(stated) >= _WITH_L10NS:
        return int(stated)
    items = [item for question in questionnaire.questions if question.type == "ranking" for item in question.items]
    return _WITH_RANKS if any("parent_qid" in own(item.foreign) for item in items) else DBVERSION


def _verbatim(foreign: Foreign) -> Row:
    """Return the columns of a row that was read, without what is no column."""
    return {name: value for name, value in own(foreign).items() if isinstance(value, str)}


def _stray(question: Question, part: str) -> list[dict[str, Any]]:
    rows = own(question.foreign).get(part)
    return [dict(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _said(text: Translations | None, language: str) -> str:
    return (text.get(language) or "") if text else ""


def _languages(questionnaire: Questionnaire, *texts: Translations | None) -> tuple[str, ...]:
    spoken = [language for text in texts if text for language in text.languages]
    return tuple(dict.fromkeys((*questionnaire.languages, *spoken)))


def _keeps_order(questionnaire: Questionnaire) -> bool:
    """Return whether the orders that were read still are those of the questionnaire."""
    groups = [own_text(section.foreign, "group_order") for section in questionnaire.sections]
    by_section: dict[str | None, list[str]] = {}
    for question in questionnaire.questions:
        by_section.setdefault(question.section, []).append(own_text(question.foreign, "question_order"))
        parts = [
            own_text(item.foreign, "question_order") or own_text(item.foreign, "sortorder") for item in question.items
        ]
        if not _rising(parts) or not _rising([own_text(c.foreign, "question_order") for c in question.columns]):
            return False
    points = [[own_text(p.foreign, "sortorder") for p in scale.points] for scale in questionnaire.scales.values()]
    listed = [part for part in points if any(part)]
    return _rising(groups) and all(_rising(orders) for orders in (*by_section.values(), *listed))


def _rising(orders: list[str]) -> bool:
    if not any(orders):
        return True
    if not all(order.isdigit() for order in orders):
        return False
    numbers = [int(order) for order in orders]
    return numbers == sorted(numbers)
