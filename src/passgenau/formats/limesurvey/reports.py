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
    "hidden": Text("Die Frage wird nicht gezeigt.", "The question is not shown."),
    "em_validation_q": Text("Prüfung der Antwort.", "A check of the answer."),
    "em_validation_sq": Text("Prüfung jeder Teilfrage.", "A check of every subquestion."),
    "equation": Text("Rechenausdruck.", "An expression to calculate."),
    "time_limit": Text("Zeitgrenze in Sekunden.", "A limit of time in seconds."),
    "random_group": Text("Gruppe, in der Fragen gemischt werden.", "A group within which questions are shuffled."),
    "exclude_all_others_auto": Text("Hakt „nichts davon“ selbst an.", "Ticks “none of these” by itself."),
    "other_comment_mandatory": Text("Der Text neben „Sonstiges“ ist Pflicht.", "The text beside “other” is required."),
    "other_numbers_only": Text("„Sonstiges“ nimmt nur Zahlen.", "“Other” takes numbers only."),
    "numbers_only": Text("Der Text nimmt nur Zahlen.", "The text takes numbers only."),
    "min_num_value": Text("Kleinste Summe der Zahlen.", "The smallest sum of the numbers."),
    "max_num_value": Text("Größte Summe der Zahlen.", "The largest sum of the numbers."),
    "equals_num_value": Text("Verlangte Summe der Zahlen.", "The sum that the numbers must have."),
    "date_min": Text("Frühestes Datum.", "The earliest date."),
    "date_max": Text("Spätestes Datum.", "The latest date."),
    "date_format": Text("Schreibweise des Datums.", "How the date is written."),
    "prefix": Text("Text vor dem Feld.", "A text before the field."),
    "slider_default": Text("Vorbelegung des Reglers.", "Where the slider starts."),
    "min_num_of_files": Text("So viele Dateien mindestens.", "So many files at least."),
    "allowed_filetypes": Text("Erlaubte Dateiarten.", "Kinds of files allowed."),
    "max_filesize": Text("Größte Datei in KB.", "The largest file in KB."),
    "dualscale_headerA": Text("Überschrift der ersten Skala.", "Heading of the first scale."),
    "dualscale_headerB": Text("Überschrift der zweiten Skala.", "Heading of the second scale."),
    "commented_checkbox": Text("Wann Kommentare möglich sind.", "When comments are possible."),
    "em_validation_q_tip": Text("Hinweis zur Prüfung.", "The hint of a check."),
    "assessment_value": Text("Punktwert.", "An assessment value."),
    "scale_export": Text("Messniveau für SPSS.", "Level of measurement for SPSS."),
}
_NOTHING = frozenset({"", "0", "N", "no", "default", "normal", "none"})
_USUAL = {"assessment_value": {"1"}, "commented_checkbox": {"checked"}, "multiflexible_step": {"1"}}


def attribute_reports(survey: Survey) -> Iterator[Lost]:
    """Yield attributes without effect: those that change what is asked one by one, the others once each."""
    looks: dict[str, list[str]] = {}
    for question in survey.questions:
        where = question.get("title") or question.get("qid")
        if question.get("mandatory") == "S":
            yield _soft(where)
        if question.get("preg"):
            yield _plain(where, f"Muster {question.get('preg')}", f"pattern {question.get('preg')}")
        for name, values in question.attributes.items():
            value = _telling(question, name)
            if name in _USED or value is None:
                continue
            if name in _MEANS:
                yield _plain(
                    where, f"{name} = {value}: {_MEANS[name].de}", f"{name} = {value}: {_MEANS[name].into('en')}"
                )
            else:
                looks.setdefault(name, []).append(f"{where}: {next(v for v in values.values() if v)}")
    for name, uses in looks.items():
        yield _looks(name, uses)


def _telling(question: QuestionEntry, name: str) -> str | None:
    values = [value.strip() for value in question.attributes[name].values()]
    telling = [value for value in values if value not in _NOTHING and value not in _USUAL.get(name, ())]
    return telling[0] if telling else None


def _soft(where: str) -> Lost:
    return Lost(
        f"question {where}",
        Text("Weiche Pflichtfrage", "soft mandatory"),
        Text(
            "Hier gilt sie als freiwillig, weil man sie nach einem Hinweis überspringen darf. Bleibt verwahrt.",
            "It counts as optional here, since it may be skipped after a notice. Kept verbatim.",
        ),
    )


def _plain(where: str, de: str, en: str) -> Lost:
    return Lost(
        f"question {where}",
        Text(de, en),
        Text(f"Hat hier keine Wirkung. {_KEPT_DE}", f"It has no effect here. {_KEPT_EN}"),
    )


def _looks(name: str, uses: list[str]) -> Lost:
    shown = ", ".join(uses[:3]) + (" …" if len(uses) > 3 else "")  # noqa: PLR2004 -- a few examples
    return Lost(
        f"attribute {name}",
        Text(f"{len(uses)} Fragen ({shown})", f"{len(uses)} questions ({shown})"),
        Text(f"Betrifft die Darstellung in LimeSurvey. {_KEPT_DE}", f"Concerns how LimeSurvey shows it. {_KEPT_EN}"),
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


_NO_EFFECT = Text(f"Hat hier keine Wirkung. {_KEPT_DE}", f"It has no effect here. {_KEPT_EN}")
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


_TABLES = {
    "quota_members": Text("Bedingungen von Quoten", "conditions of quotas"),
    "quota_languagesettings": Text("Texte von Quoten", "texts of quotas"),
    "conditions": Text("Bedingungen, die schon in den Filtern stehen", "conditions that stand in the filters already"),
    "assessments": Text("Bewertungen nach Punkten", "assessments by points"),
    "defaultvalues": Text("vorbelegte Antworten", "default answers"),
    "defaultvalue_l10ns": Text("Texte vorbelegter Antworten", "texts of default answers"),
    "survey_url_parameters": Text("Angaben aus der Adresse", "values taken from the address"),
    "plugin_settings": Text("Einstellungen von Erweiterungen", "settings of extensions"),
    "labelsets": Text("Antwortvorlagen", "label sets"),
    "labels": Text(
        "Antworten aus Vorlagen; sie stehen bei den Fragen", "answers of label sets; they stand with the questions"
    ),
}


def table_reports(document: Document) -> Iterator[Lost]:
    """Yield every table that becomes no question, quotas one by one."""
    from passgenau.formats.limesurvey.entries import READ_TABLES  # noqa: PLC0415 -- breaks a cycle

    for row in document.rows("quota"):
        said = f"{row.get('qlimit', '?')}"
        yield Lost(
            f"quota {row.get('name', '').strip() or row.get('id', '?')}",
            Text(f"Quote, höchstens {said}", f"quota of {said}"),
            Text(f"Quoten gibt es hier nicht. {_KEPT_DE}", f"There are no quotas here. {_KEPT_EN}"),
        )
    for table, rows in document.tables.items():
        if table in READ_TABLES or table == "quota":
            continue
        what = _TABLES.get(table, Text("Angaben", "entries"))
        yield Lost(f"table {table}", Text(f"{len(rows)} × {what.de}", f"{len(rows)} × {what.into('en')}"), _NO_EFFECT)
    for name in document.rest:
        yield Lost(f"table {name}", Text("Design", "theme"), _NO_EFFECT)


def piping_reports(questionnaire: Questionnaire) -> Iterator[Lost]:
    """Yield every place whose text holds an expression in braces."""
    for where, text in _places(questionnaire):
        found = sorted({piece for _, wording in text for piece in _PIPING.findall(wording)})
        if found:
            yield Lost(
                where,
                Text(f"Ausdruck im Text: {', '.join(found)}", f"expression in a text: {', '.join(found)}"),
                Text(
                    "LimeSurvey setzt hier Antworten oder Angaben ein; hier bleibt der Ausdruck so stehen.",
                    "LimeSurvey fills in answers or values; here the expression is left as it is.",
                ),
            )


def _places(questionnaire: Questionnaire) -> Iterator[tuple[str, Translations]]:
    for name in ("title", "introduction", "ending", "privacy"):
        text = getattr(questionnaire, name)
        if text is not None:
            yield f"survey, {name}", text
    for section in questionnaire.sections:
        for text in (section.title, section.text):
            if text is not None:
                yield f"group {section.id}", text
    for question in questionnaire.questions:
        yield f"question {question.id}", question.text
        if question.help is not None:
            yield f"question {question.id}, help", question.help
        for part in (*question.items, *question.columns):
            yield f"subquestion {question.id}_{part.id}", part.text


def no_base_reports(survey: Survey) -> Iterator[Lost]:
    """Yield questions without any text in the leading language."""
    base = survey.languages[0]
    for question in survey.questions:
        spoken = question.text("question").languages
        if spoken and base not in spoken:
            yield Lost(
                f"question {question.get('title') or question.get('qid')}",
                Text(f"Text in der Sprache {base!r}", f"text in the language {base!r}"),
                Text("Er fehlt in der Datei.", "It is missing in the file."),
            )
