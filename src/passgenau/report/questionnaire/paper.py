"""The paper form as a tagged PDF/UA-1 through Typst. Texts travel as JSON data; the template evaluates none."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from passgenau.report.pdf import compiled
from passgenau.report.questionnaire.form import Choices, Points
from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from passgenau.report.questionnaire.form import Form, FormQuestion, FormSection

_REGIONS = {"de": "DE", "en": "GB"}

_WORDS = {
    "page": Text("Seite", "Page"),
    "of": Text("von", "of"),
    "version": Text("Fassung", "Version"),
    "required": Text("Pflichtangabe", "required"),
    "row": Text("Zeile", "Row"),
    "item": Text("Angabe", "Entry"),
    "date": Text("Tag, Monat, Jahr", "day, month, year"),
    "how": Text("So füllen Sie den Bogen aus", "How to fill in this form"),
    "how_box": Text("Kästchen: Sie dürfen mehrere ankreuzen.", "Boxes: you may tick several."),
    "how_circle": Text("Kreise: bitte genau einen ankreuzen.", "Circles: please tick exactly one."),
    "how_correct": Text(
        "Ein falsches Kreuz bitte ganz ausmalen und das richtige setzen. „Weiter mit Frage …“ hinter einer Antwort "
        "heißt: Die Fragen dazwischen überspringen.",
        "To correct a cross, fill in its box completely and tick the right one. “Go on with question …” behind an "
        "answer means: skip the questions in between.",
    ),
    "organisation": Text("Kommune oder Kreis:", "Municipality or district:"),
    "key": Text("Gemeindeschlüssel (AGS), falls bekannt:", "Municipality key (AGS), if known:"),
    "send_back": Text("Bitte zurücksenden an", "Please return to"),
    "until": Text("spätestens bis", "by"),
    "privacy": Text("Datenschutzhinweis", "Privacy notice"),
    "no_privacy": Text(
        "Noch kein Datenschutzhinweis: Vor dem Versand ergänzen, wer die Antworten wofür auf welcher Rechtsgrundlage "
        "verarbeitet, wie lange, und welche Rechte bestehen.",
        "No privacy notice yet: before sending, add who processes the answers for what, on which legal basis, for "
        "how long, and which rights there are.",
    ),
}


def write_form_pdf(form: Form) -> bytes:
    """Return the form as PDF/UA-1: tagged, with title, language and bookmarks.

    Only the fonts shipped along are used, so that the same form gives the same bytes on every machine.
    """
    data = json.dumps(_payload(form), ensure_ascii=False)
    return compiled({"main.typ": _template(), "data.json": data.encode()})


@cache
def _template() -> bytes:
    return files("passgenau.report").joinpath("templates/form.typ").read_bytes()


def _payload(form: Form) -> dict[str, Any]:
    lang: Lang = form.lang
    language = form.language.split("-")[0]
    version = f"{_WORDS['version'].into(lang)} {form.version}" if form.version else ""
    return asdict(form) | {
        "lang": language,
        "own_lang": lang,
        "region": _REGIONS.get(language),
        "banner_short": (form.banner or "").split("\n")[0].split(". ")[0].rstrip("."),
        "imprint": " · ".join(part for part in (form.title, version, form.language) if part),
        "words": {name: words.into(lang) for name, words in _WORDS.items()},
        "sections": [_section(section) for section in form.sections],
    }


def _section(section: FormSection) -> dict[str, Any]:
    return asdict(section) | {
        "questions": [_question(question) for question in section.questions],
    }


def _question(question: FormQuestion) -> dict[str, Any]:
    """Return a question; “keine Angabe” takes the mark of the answers above it."""
    body = question.body
    circle = isinstance(body, Points) or (isinstance(body, Choices) and body.mark == "circle")
    return asdict(question) | {"no_answer_mark": "circle" if circle else "box"}
