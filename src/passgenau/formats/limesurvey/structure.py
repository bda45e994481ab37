"""Read LimeSurvey's structure files: `.lss`, `.lsg`, `.lsq` and the tab-separated survey structure.

Every question becomes one question, display texts and equations included; every subquestion one item or
column. Texts stay as LimeSurvey keeps them (HTML). What has no place here stays verbatim under
`foreign["limesurvey"]` and is written back; what thereby does not take effect is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.limesurvey.conditions import with_filters
from passgenau.formats.limesurvey.dump import is_dump, read_dump
from passgenau.formats.limesurvey.entries import READ_TABLES, Entry, Survey, survey_of
from passgenau.formats.limesurvey.names import fitting
from passgenau.formats.limesurvey.questions import Scales, question_of
from passgenau.formats.limesurvey.reports import (
    attribute_reports,
    forbidden,
    no_base_reports,
    piping_reports,
    setting_reports,
    table_reports,
)
from passgenau.formats.limesurvey.tab import is_tab, read_tab
from passgenau.formats.limesurvey.tables import Document, read_document
from passgenau.survey.questionnaire import Question, Questionnaire, Section
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import Foreign

_SURVEY_TEXTS = {
    "surveyls_title": "title",
    "surveyls_welcometext": "introduction",
    "surveyls_endtext": "ending",
    "surveyls_policy_notice": "privacy",
}


def read_structure(content: bytes, name: str) -> Imported:
    """Return the questionnaire of a `.lss`, `.lsg`, `.lsq` or tab-separated structure file.

    Parameters
    ----------
    content
        The file, of any version of LimeSurvey.
    name
        How messages call it.

    Returns
    -------
    Imported
        `format` is `limesurvey-lss`, `-lsg`, `-lsq`, `-txt`, or `-dump` for the CSV of versions before 1.90;
        `version` the DBVersion. `lost` names what does not take effect here; all of it stands verbatim under
        `foreign["limesurvey"]`.

    Raises
    ------
    InputError
        The file is no such structure, is cut off, or holds no question.
    """
    stripped = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return import_document(_document(content, stripped, name), name)


def _document(content: bytes, stripped: bytes, name: str) -> Document:
    if is_dump(stripped):
        return read_dump(content, name)
    return read_tab(content, name) if is_tab(stripped, name) else read_document(stripped, name)


def import_document(document: Document, name: str) -> Imported:
    """Return the questionnaire that the tables of a structure file describe."""
    survey = survey_of(document)
    if not survey.questions:
        raise InputError.of(
            "Die Datei enthält keine Frage.",
            "The file holds no question.",
            file=name,
            hint=Text(
                "In LimeSurvey Fragen anlegen und neu ausgeben.", "Add questions in LimeSurvey and export again."
            ),
        )
    lost: list[Lost] = []
    sections = _sections(survey)
    questions, scales = _questions(survey, sections, lost)
    bare = Questionnaire(
        **_texts(survey),
        languages=survey.languages,
        markup="html",
        scales=scales,
        sections=tuple(sections.values()),
        questions=questions,
        foreign={"limesurvey": _foreign(document, survey)},
    )
    questionnaire, untranslated = with_filters(bare)
    lost += [
        *forbidden(document.removed),
        *(_repeated(table, count) for table, count in survey.repeated.items()),
        *untranslated,
        *setting_reports(survey),
        *attribute_reports(survey),
        *piping_reports(questionnaire),
        *table_reports(document),
        *no_base_reports(survey),
    ]
    return Imported(f"limesurvey-{document.kind}", questionnaire, lost=tuple(lost), version=document.version or None)


def _texts(survey: Survey) -> dict[str, Translations]:
    found = {}
    for column, name in _SURVEY_TEXTS.items():
        text = Translations.of({code: row.get(column, "").strip() for code, row in survey.wordings.items()})
        if text.languages:
            found[name] = text
    return found


def _sections(survey: Survey) -> dict[str, Section]:
    """Return the groups by their gid."""
    taken: set[str] = set()
    one_page = survey.settings.get("format", "").strip() == "A"
    found: dict[str, Section] = {}
    for group in survey.groups:
        gid = group.get("gid")
        title, text = group.text("group_name"), group.text("description")
        found[gid if gid not in found else f"{gid} {len(found)}"] = Section(
            id=fitting(f"g{gid}", f"g{len(found) + 1}", taken),
            title=title if title.languages else None,
            text=text if text.languages else None,
            new_page=not one_page,
            foreign={"limesurvey": _json(group.row)},
        )
    return found


def _questions(
    survey: Survey, sections: dict[str, Section], lost: list[Lost]
) -> tuple[tuple[Question, ...], dict[str, Any]]:
    taken: set[str] = set()
    scales = Scales()
    questions = []
    renamed: dict[str, str] = {}
    for entry in survey.questions:
        title = entry.get("title")
        own = fitting(title, f"q{entry.get('qid') or len(taken) + 1}", taken)
        if own != title:
            renamed[own] = title
        section = sections.get(entry.get("gid"))
        questions.append(question_of(entry, own, section.id if section else None, survey, scales, lost))
    if renamed:
        lost.insert(0, _renamed(renamed))
    lost.extend(_orphan(orphan) for orphan in survey.orphans)
    return tuple(questions), scales.found


def _renamed(codes: dict[str, str]) -> Lost:
    spoken = ", ".join(f"{code!r} → {own!r}" for own, code in codes.items())
    return Lost(
        "questions",
        Text(f"Codes: {spoken}", f"codes: {spoken}"),
        Text(
            "Sie sind leer, doppelt oder haben andere Zeichen als Buchstaben, Ziffern, - und _; hier heißen die Fragen "
            "anders. Die Codes bleiben daneben stehen.",
            "They are empty, doubled or have other characters than letters, digits, - and _; here the questions have "
            "other names. The codes are kept beside them.",
        ),
    )


def _orphan(entry: Entry) -> Lost:
    return Lost(
        f"subquestion {entry.get('title') or entry.get('qid')}",
        Text(f"Teilfrage zu Frage {entry.get('parent_qid')}", f"subquestion of question {entry.get('parent_qid')}"),
        Text(
            "Die Frage dazu steht nicht in der Datei; LimeSurvey übergeht solche Teilfragen.",
            "Its question is not in the file; LimeSurvey skips such subquestions.",
        ),
    )


def _repeated(table: str, count: int) -> Lost:
    return Lost(
        f"table {table}",
        Text(f"doppelte Zeilen: {count}", f"rows that stand twice: {count}"),
        Text(
            "Dasselbe steht in derselben Sprache mehrmals da; LimeSurvey nimmt das erste, passgenau auch.",
            "The same stands several times in the same language; LimeSurvey takes the first, and so does passgenau.",
        ),
    )


def _foreign(document: Document, survey: Survey) -> dict[str, Any]:
    """Return everything about the survey that is no question, as the file has it."""
    known = {*_SURVEY_TEXTS, "surveyls_language", "surveyls_survey_id"}
    wordings = {
        code: {column: value for column, value in row.items() if column not in known}
        for code, row in survey.wordings.items()
    }
    tables = {table: [dict(row) for row in rows] for table, rows in document.tables.items() if table not in READ_TABLES}
    sid = survey.settings.get("sid") or next((q.get("sid") for q in survey.questions if q.get("sid")), "")
    found = {
        "sid": sid.strip(),
        "dbversion": document.version,
        "kind": document.kind,
        "settings": dict(survey.settings),
        "wordings": {code: row for code, row in wordings.items() if row},
        "tables": tables,
        "xml": dict(document.rest),
    }
    return {name: value for name, value in found.items() if value}


def _json(row: dict[str, str]) -> Foreign:
    return dict(row)
