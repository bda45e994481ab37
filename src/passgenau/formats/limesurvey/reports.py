"""What a LimeSurvey structure says that does not take effect here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from passgenau.formats.exchange import Lost
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.formats.limesurvey.entries import QuestionEntry, Survey
    from passgenau.formats.limesurvey.tables import Document
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.translations import Translations

_PIPING = re.compile(r"\{[^\s{}][^{}]*\}")
_KEPT_DE, _KEPT_EN = "Bleibt verwahrt.", "Kept verbatim."
_NO_EFFECT = Text(f"Hat hier keine Wirkung. {_KEPT_DE}", f"It has no effect here. {_KEPT_EN}")

_USED = frozenset(
    {
        *("max_answers", "min_answers", "other_replace_text", "exclude_all_others", "suffix", "maximum_chars"),
        *("min_num_value_n", "max_num_value_n", "num_value_int_only", "display_rows", "random_order"),
        *("answer_order", "subquestion_order", "max_num_of_files", "slider_min", "slider_max", "slider_accuracy"),
        *("slider_layout", "multiflexible_min", "multiflexible_max", "multiflexible_step", "multiflexible_checkbox"),
        *("input_boxes", "array_filter", "array_filter_exclude", "max_subquestions", "save_as_default"),
    }
)
_MEANS: dict[str, Text] = {
    "hidden": Text("Die Frage wird nicht gezeigt", "The question is not shown"),
    "em_validation_q": Text("Prüfung der Antwort", "A check of the answer"),
    "em_validation_sq": Text("Prüfung jeder Teilfrage", "A check of every subquestion"),
    "equation": Text("Rechenausdruck", "An expression to calculate"),
    "time_limit": Text("Zeitgrenze in Sekunden", "A limit of time in seconds"),
    "random_group": Text("Gruppe, in der Fragen gemischt werden", "A group within which questions are shuffled"),
    "exclude_all_others_auto": Text("Hakt „nichts davon“ selbst an", "Ticks “none of these” by itself"),
    "other_comment_mandatory": Text("Der Text neben „Sonstiges“ ist Pflicht", "The text beside “other” is required"),
    "other_numbers_only": Text("„Sonstiges“ nimmt nur Zahlen", "“Other” takes numbers only"),
    "numbers_only": Text("Der Text nimmt nur Zahlen", "The text takes numbers only"),
    "min_num_value": Text("Kleinste Summe der Zahlen", "The smallest sum of the numbers"),
    "max_num_value": Text("Größte Summe der Zahlen", "The largest sum of the numbers"),
    "equals_num_value": Text("Verlangte Summe der Zahlen", "The sum that the numbers must have"),
    "date_min": Text("Frühestes Datum", "The earliest date"),
    "date_max": Text("Spätestes Datum", "The latest date"),
    "date_format": Text("Schreibweise des Datums", "How the date is written"),
    "prefix": Text("Text vor dem Feld", "A text before the field"),
    "slider_default": Text("Vorbelegung des Reglers", "Where the slider starts"),
    "min_num_of_files": Text("So viele Dateien mindestens", "So many files at least"),
    "allowed_filetypes": Text("Erlaubte Dateiarten", "Kinds of files allowed"),
    "max_filesize": Text("Größte Datei in KB", "The largest file in KB"),
    "dualscale_headerA": Text("Überschrift der ersten Skala", "Heading of the first scale"),
    "dualscale_headerB": Text("Überschrift der zweiten Skala", "Heading of the second scale"),
    "commented_checkbox": Text("Wann Kommentare möglich sind", "When comments are possible"),
    "em_validation_q_tip": Text("Hinweis zur Prüfung", "The hint of a check"),
    "assessment_value": Text("Punktwert", "An assessment value"),
    "scale_export": Text("Messniveau für SPSS", "Level of measurement for SPSS"),
}
_NOTHING = frozenset({"", "0", "N", "no", "default", "normal", "none"})
_USUAL = {"assessment_value": {"1"}, "commented_checkbox": {"checked"}, "multiflexible_step": {"1"}}


def attribute_reports(survey: Survey) -> Iterator[Lost]:
    """Yield attributes without effect: one report for each question they change, one for all that concern looks."""
    looks: dict[str, list[str]] = {}
    soft: list[str] = []
    for question in survey.questions:
        where = question.get("title") or question.get("qid")
        if question.get("mandatory") == "S":
            soft.append(where)
        changed = [_pattern(question.get("preg"))] if question.get("preg") else []
        for name in question.attributes:
            value = _telling(question, name)
            if name in _USED or value is None:
                continue
            if name in _MEANS:
                changed.append(_meaning(name, value))
            else:
                looks.setdefault(name, []).append(where)
        if changed:
            yield Lost(f"question {where}", _listed(changed), _NO_EFFECT)
    if soft:
        yield _soft(soft)
    if looks:
        yield _looks(looks)


def _pattern(said: str) -> Text:
    return Text(f"verlangtes Muster {said}", f"required pattern {said}")


def _meaning(name: str, value: str) -> Text:
    meaning = _MEANS[name]
    return Text(f"{meaning.de} ({name} = {value})", f"{meaning.into('en')} ({name} = {value})")


def _listed(parts: list[Text]) -> Text:
    return Text("; ".join(part.de for part in parts), "; ".join(part.into("en") for part in parts))


def _telling(question: QuestionEntry, name: str) -> str | None:
    values = [value.strip() for value in question.attributes[name].values()]
    telling = [value for value in values if value not in _NOTHING and value not in _USUAL.get(name, ())]
    return telling[0] if telling else None


def _soft(questions: list[str]) -> Lost:
    spoken = ", ".join(questions)
    return Lost(
        "questions",
        Text(f"Weiche Pflichtfragen: {spoken}", f"soft mandatory: {spoken}"),
        Text(
            "Hier gelten sie als freiwillig, weil man sie nach einem Hinweis überspringen darf. Bleibt verwahrt.",
            "They count as optional here, since they may be skipped after a notice. Kept verbatim.",
        ),
    )


def _looks(uses: dict[str, list[str]]) -> Lost:
    questions = len({where for places in uses.values() for where in places})
    spoken = ", ".join(f"{name} ({_few(places)})" for name, places in uses.items())
    de, en = ("Frage", "question") if questions == 1 else ("Fragen", "questions")
    return Lost(
        "attributes",
        Text(f"Darstellung von {questions} {de}: {spoken}", f"looks of {questions} {en}: {spoken}"),
        Text(f"Betrifft nur LimeSurvey. {_KEPT_DE}", f"Concerns LimeSurvey alone. {_KEPT_EN}"),
    )


def _few(places: list[str]) -> str:
    return ", ".join(places[:3]) + (" …" if len(places) > 3 else "")  # noqa: PLR2004 -- a few examples


def forbidden(count: int) -> Iterator[Lost]:
    """Yield that characters were left out, where any were."""
    if count:
        yield Lost(
            "texts",
            Text(f"Steuerzeichen: {count}", f"control characters: {count}"),
            Text(
                "In XML sind sie nicht erlaubt (meist aus der Zwischenablage); sie wurden weggelassen.",
                "XML does not allow them (they mostly come from the clipboard); they were left out.",
            ),
        )


# --- the survey as a whole ----------------------------------------------------------------------------


def setting_reports(survey: Survey) -> Iterator[Lost]:
    """Yield settings and texts of the survey that change what respondents see."""
    if survey.settings:
        yield Lost(
            "survey",
            Text(
                f"{len(survey.settings)} Einstellungen (Zugang, Datenschutz, Darstellung)",
                f"{len(survey.settings)} settings (access, privacy, looks)",
            ),
            Text(f"Sie steuern LimeSurvey. {_KEPT_DE}", f"They steer LimeSurvey. {_KEPT_EN}"),
        )
    for setting, text in _SETTINGS.items():
        value = survey.settings.get(setting, "").strip()
        if value in {"", "N", "0", "I", "[]", "{}", "null"}:
            continue
        yield Lost("survey", Text(f"{setting}: {text.de}", f"{setting}: {text.into('en')}"), _NO_EFFECT)
    if survey.settings.get("shownoanswer", "").strip() in {"Y", "I"}:
        yield _no_answer()
    described = [code for code, row in survey.wordings.items() if row.get("surveyls_description", "").strip()]
    if described:
        spoken = ", ".join(described)
        yield Lost("survey", Text(f"Beschreibung ({spoken})", f"description ({spoken})"), _NO_EFFECT)
    mails = sum(
        bool(value.strip()) for row in survey.wordings.values() for name, value in row.items() if "email" in name
    )
    if mails:
        yield Lost("survey", Text(f"{mails} Texte für E-Mails", f"{mails} texts for e-mails"), _NO_EFFECT)


_SETTINGS = {
    "assessments": Text("Bewertung mit Punkten", "assessment by points"),
    "attributedescriptions": Text("Merkmale der Teilnehmenden", "attributes of participants"),
}


def _no_answer() -> Lost:
    return Lost(
        "survey",
        Text("„Keine Antwort“ als Antwort (shownoanswer)", "“no answer” as an answer (shownoanswer)"),
        Text(
            "Sie steht bei den freiwilligen Fragen; in den Antworten unterscheidet LimeSurvey sie nicht von einer "
            "übersprungenen Frage.",
            "It stands beside the optional questions; in the answers LimeSurvey does not tell it from a question "
            "that was skipped.",
        ),
    )


_TOLD = frozenset({"quota", "quota_members", "quota_languagesettings", "defaultvalues", "defaultvalue_l10ns"})
_TABLES = {
    "conditions": Text("Bedingungen, die schon in den Filtern stehen", "conditions that stand in the filters already"),
    "assessments": Text("Bewertungen nach Punkten", "assessments by points"),
    "survey_url_parameters": Text("Angaben aus der Adresse", "values taken from the address"),
    "plugin_settings": Text("Einstellungen von Erweiterungen", "settings of extensions"),
    "surveys_groups": Text("Gruppe von Umfragen", "group of surveys"),
    "labelsets": Text("Antwortvorlagen", "label sets"),
    "labels": Text(
        "Antworten aus Vorlagen; sie stehen bei den Fragen", "answers of label sets; they stand with the questions"
    ),
}


def table_reports(document: Document) -> Iterator[Lost]:
    """Yield every table that becomes no question; what belongs together, together."""
    from passgenau.formats.limesurvey.entries import READ_TABLES  # noqa: PLC0415 -- breaks a cycle

    if document.rows("quota"):
        yield _quotas(document)
    if document.rows("defaultvalues") or document.rows("defaultvalue_l10ns"):
        yield _defaults(document)
    for table, rows in document.tables.items():
        if table not in READ_TABLES and table not in _TOLD:
            what = _TABLES.get(table, Text("Angaben", "entries"))
            said = Text(f"{what.de} ({len(rows)})", f"{what.into('en')} ({len(rows)})")
            yield Lost(f"table {table}", said, _NO_EFFECT)
    if document.rest:
        yield Lost(", ".join(document.rest), Text("Gestaltung (Design)", "design (theme)"), _NO_EFFECT)


def _quotas(document: Document) -> Lost:
    quotas = [
        (row.get("name", "").strip() or row.get("id", "?"), row.get("qlimit", "?")) for row in document.rows("quota")
    ]
    members = len(document.rows("quota_members"))
    return Lost(
        "quotas",
        Text(
            f"{', '.join(f'{name} (höchstens {limit})' for name, limit in quotas)}; gezählte Antworten: {members}",
            f"{', '.join(f'{name} (at most {limit})' for name, limit in quotas)}; answers counted: {members}",
        ),
        Text(f"Quoten gibt es hier nicht. {_KEPT_DE}", f"There are no quotas here. {_KEPT_EN}"),
    )


def _defaults(document: Document) -> Lost:
    rows = document.rows("defaultvalues")
    count = len({tuple(row.get(c, "") for c in ("qid", "scale_id", "sqid", "specialtype")) for row in rows}) or len(
        document.rows("defaultvalue_l10ns")
    )
    return Lost("defaults", Text(f"Vorbelegungen: {count}", f"answers filled in before: {count}"), _NO_EFFECT)


def piping_reports(questionnaire: Questionnaire) -> Iterator[Lost]:
    """Yield the expressions in braces that texts hold: one report for the survey, each group and each question."""
    for where, texts in _places(questionnaire):
        pieces = (piece for text in texts if text for _, wording in text for piece in _PIPING.findall(wording))
        found = sorted(dict.fromkeys(pieces))
        if found:
            spoken = ", ".join(found[:_MANY]) + (f" … ({len(found)})" if len(found) > _MANY else "")
            yield Lost(where, Text(f"Ausdruck im Text: {spoken}", f"expression in a text: {spoken}"), _UNFILLED)


_MANY = 8  # expressions named; all of them stand in the texts
_UNFILLED = Text(
    "LimeSurvey setzt hier Antworten oder Angaben ein; hier bleibt der Ausdruck so stehen.",
    "LimeSurvey fills in answers or values; here the expression is left as it is.",
)


def _places(questionnaire: Questionnaire) -> Iterator[tuple[str, list[Translations | None]]]:
    whole = [questionnaire.title, questionnaire.introduction, questionnaire.ending, questionnaire.privacy]
    yield "survey", whole
    for section in questionnaire.sections:
        yield f"group {section.id}", [section.title, section.text]
    for question in questionnaire.questions:
        parts = [part.text for part in (*question.items, *question.columns)]
        yield f"question {question.id}", [question.text, question.help, *parts]


def no_base_reports(survey: Survey) -> Iterator[Lost]:
    """Yield which questions have no text in the leading language."""
    base = survey.languages[0]
    spoken = {q.get("title") or q.get("qid"): q.text("question").languages for q in survey.questions}
    missing = [where for where, languages in spoken.items() if languages and base not in languages]
    if missing:
        yield Lost(
            "questions",
            Text(
                f"Text in der Sprache {base!r} bei {', '.join(missing)}",
                f"text in the language {base!r} of {', '.join(missing)}",
            ),
            Text("Er fehlt in der Datei.", "It is missing in the file."),
        )
