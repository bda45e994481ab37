"""The codebook: every variable with its name, labels, codes, and who can have seen it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from passgenau.report.exports import csv_bytes
from passgenau.report.model import Bullets, Callout, Paragraph, Report, Section, Span, Table
from passgenau.report.questionnaire.conditions import Conditions, own_language
from passgenau.report.questionnaire.form import Setting
from passgenau.survey.numbering import condition_of, numbers
from passgenau.survey.plain_text import plain, shown
from passgenau.survey.responses import NOT_SHOWN, REFUSED
from passgenau.survey.variables import variables
from passgenau.survey.visible import who_sees
from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from passgenau.report.exports import Row
    from passgenau.report.model import Element, Inline
    from passgenau.survey.questionnaire import Question, Questionnaire, QuestionType
    from passgenau.survey.variables import Category, Variable, VariableType
    from passgenau.translations import Translations

TYPES: dict[VariableType, Text] = {
    "category": Text("einer der Codes", "one of the codes"),
    "flag": Text("angekreuzt (1/0)", "ticked (1/0)"),
    "rank": Text("Rang, 1 = an erster Stelle", "rank, 1 = first"),
    "number": Text("Zahl", "number"),
    "text": Text("Text", "text"),
    "date": Text("Datum (Jahr-Monat-Tag)", "date (year-month-day)"),
}
QUESTION_TYPES: dict[QuestionType, Text] = {
    "single": Text("Einfachauswahl", "single choice"),
    "multiple": Text("Mehrfachauswahl", "multiple choice"),
    "scale": Text("Skala", "scale"),
    "matrix": Text("Matrix", "matrix"),
    "ranking": Text("Rangfolge", "ranking"),
    "number": Text("Zahl", "number"),
    "text": Text("Text", "text"),
    "date": Text("Datum", "date"),
    "file": Text("Datei", "file"),
    "computed": Text("berechnet", "computed"),
    "information": Text("Hinweis", "information"),
}
"""How the types of questions are called."""


@dataclass(frozen=True)
class _Book:
    """One questionnaire in the words of one language."""

    questionnaire: Questionnaire
    language: str
    setting: Setting

    @property
    def lang(self) -> Lang:
        return own_language(self.language)

    def t(self, de: str, en: str) -> str:
        return de if self.lang == "de" else en

    def say(self, wording: Translations | None) -> str:
        return " ".join(shown(wording, self.questionnaire, self.language).split())

    def seen_by(self, question: Question) -> str:
        """Return who can have seen a question, those that its filters rest on included."""
        return who_sees(question, self.questionnaire, self.setting.audiences).into(self.lang)

    def who(self, question: Question) -> str:
        """Return the same in short, by the numbers of the questions."""
        words = Conditions(self.questionnaire, self.language, self.setting.audiences)
        groups = ", ".join(words.audience(audience) for audience in question.audiences)
        condition = condition_of(question, self.questionnaire)
        if condition is None:
            return groups or self.t("alle", "all")
        clause = words.clause(condition)
        return self.t(f"{groups or 'alle'}, wenn {clause}", f"{groups or 'all'}, if {clause}").strip()

    def missing(self, question: Question) -> str:
        """Return how files spell that there is no value."""
        codes = [
            self.t("leer: gezeigt, nicht beantwortet", "empty: shown, not answered"),
            self.t(f"{NOT_SHOWN}: nicht gezeigt", f"{NOT_SHOWN}: not shown"),
        ]
        if question.no_answer:
            code = question.no_answer.code
            spelled = f" ({code})" if code else ""
            codes.append(f"{REFUSED}{spelled}: {self.say(question.no_answer.text)}")
        return "; ".join(codes)

    def limits(self, question: Question) -> str:
        low, high = (None if v is None else f"{v:g}" for v in (question.minimum, question.maximum))
        if low is None and high is None:
            return ""
        return f"{low if low is not None else '−∞'} … {high if high is not None else '∞'}"

    def topic(self, variable: Variable) -> str:
        question = self.questionnaire.question(variable.question)
        topic = next((item.topic for item in question.items if item.id == variable.item), None)
        if topic is None:
            return ""
        title = self.setting.topics.get(topic)
        return f"{topic} ({title.into(self.lang)})" if title else topic


def build_codebook(questionnaire: Questionnaire, language: str, setting: Setting | None = None) -> Report:
    """Return the codebook of a questionnaire as a report.

    Parameters
    ----------
    questionnaire
        What is asked.
    language
        The language of the labels; all other languages stand beside them.
    setting
        Names of audiences and topics.
    """
    book = _Book(questionnaire, language, setting or Setting())
    title = book.say(questionnaire.title) or (book.setting.title.into(book.lang) if book.setting.title else "")
    return Report(
        lang=book.lang,
        title=book.t("Codebuch", "Codebook") + (f": {title}" if title else ""),
        subtitle=_subtitle(book),
        banner=_banner(book),
        meta=_meta(book),
        summary=_summary(book),
        sections=tuple(_sections(book)),
        attribution=(),
        version=book.setting.version,
    )


def _subtitle(book: _Book) -> str:
    version = book.questionnaire.version
    return book.t(f"Fassung {version}", f"Version {version}") if version else ""


def _banner(book: _Book) -> str | None:
    notice = book.say(book.questionnaire.reconstruction)
    return notice.split(". ")[0].rstrip(".") if notice else None


def _meta(book: _Book) -> tuple[tuple[str, str], ...]:
    lines = (
        (book.t("Fassung", "Version"), book.questionnaire.version or ""),
        (book.t("Sprachen", "Languages"), ", ".join(book.questionnaire.languages)),
        (book.t("Erstellt mit", "Made with"), f"passgenau {book.setting.version}".strip()),
    )
    return tuple((name, value) for name, value in lines if value)


def _summary(book: _Book) -> Section:
    questionnaire = book.questionnaire
    asked = [question for question in questionnaire.questions if question.answered]
    count = len(variables(questionnaire))
    elements: list[Element] = []
    if questionnaire.reconstruction is not None:
        notice = Callout(
            "caution", book.t("Nachbau", "Reconstruction"), (_plain(book.say(questionnaire.reconstruction)),)
        )
        elements.append(notice)
    elements += [
        Paragraph(
            _plain(
                book.t(
                    f"{len(asked)} Fragen füllen {count} Variablen, eine Spalte je Variable. Eine Zeile der Daten ist "
                    "ein Bogen.",
                    f"{len(asked)} questions fill {count} variables, one column each. A row of the data is one form.",
                )
            )
        ),
        Bullets(
            (
                _plain(book.t("Leere Zelle: gezeigt und nicht beantwortet.", "Empty cell: shown and not answered.")),
                _plain(
                    book.t(
                        f"{NOT_SHOWN}: Die Frage wurde nicht gezeigt, der Bogen gehört nicht zu ihrer Basis.",
                        f"{NOT_SHOWN}: the question was not shown, the form is not part of its base.",
                    )
                ),
                _plain(book.t(f"{REFUSED}: „keine Angabe“ gewählt.", f"{REFUSED}: “no answer” chosen.")),
            )
        ),
        _overview(book),
    ]
    return Section("overview", book.t("Überblick", "Overview"), tuple(elements))


def _overview(book: _Book) -> Table:
    fields = numbers(book.questionnaire)
    rows = tuple(
        (
            _plain(str(fields.get(question.id, "–"))),
            (Span(book.say(question.text), link=f"question-{question.id}"),),
            _plain(QUESTION_TYPES[question.type].into(book.lang)),
            _plain(book.who(question)),
        )
        for question in book.questionnaire.questions
        if question.type != "information"
    )
    heads = ("Nr.", "Frage", "Art", "Wer sie gesehen haben kann"), ("No.", "Question", "Type", "Who can have seen it")
    return Table(
        "questions",
        book.t("Fragen in ihrer Reihenfolge", "Questions in their order"),
        heads[0] if book.lang == "de" else heads[1],
        rows,
        ("left", "left", "left", "left"),
        header_columns=2,
    )


def _sections(book: _Book) -> list[Section]:
    by_question: dict[str, list[Variable]] = {}
    for variable in variables(book.questionnaire):
        by_question.setdefault(variable.question, []).append(variable)
    sections = book.questionnaire.sections
    if not sections:
        return [_question(book, q, by_question[q.id]) for q in book.questionnaire.questions if q.id in by_question]
    return [
        Section(
            f"section-{section.id}",
            book.say(section.title) or section.id,
            (),
            tuple(
                _question(book, q, by_question[q.id])
                for q in book.questionnaire.in_section(section.id)
                if q.id in by_question
            ),
        )
        for section in sections
        if any(q.id in by_question for q in book.questionnaire.in_section(section.id))
    ]


def _question(book: _Book, question: Question, held: list[Variable]) -> Section:
    number = numbers(book.questionnaire).get(question.id)
    place = f"{number} · " if number is not None else ""
    elements: list[Element] = [Bullets(tuple(_facts(book, question)))]
    elements.append(_variables(book, question, held))
    elements += _codes(book, question, held)
    return Section(f"question-{question.id}", f"{place}{question.id}", tuple(elements), numbered=False)


def _facts(book: _Book, question: Question) -> list[Inline]:
    wordings = [(book.t("Wortlaut", "Wording"), book.say(question.text))]
    wordings += [
        (f"{book.t('Wortlaut', 'Wording')} ({language})", _flat(book, words))
        for language, words in question.text
        if language != question.text.language_for(book.language)
    ]
    lines = [
        *wordings,
        (book.t("Art", "Type"), QUESTION_TYPES[question.type].into(book.lang)),
        (book.t("Gesehen haben kann sie", "Can have been seen by"), book.seen_by(question)),
        (book.t("Filter", "Filter"), str(condition_of_text(question, book.questionnaire))),
        (book.t("Ohne Wert", "Without a value"), book.missing(question)),
        (book.t("Einheit", "Unit"), book.say(question.unit)),
        (book.t("Bereich", "Range"), book.limits(question)),
        (book.t("Pflicht", "Required"), book.t("ja", "yes") if question.required else ""),
        (book.t("Anmerkung", "Note"), question.note.into(book.lang) if question.note else ""),
    ]
    return [(Span(f"{name}: ", strong=True), Span(value)) for name, value in lines if value]


def condition_of_text(question: Question, questionnaire: Questionnaire) -> str:
    """Return the condition of a question in the language of filters; nothing where it is shown to all."""
    condition = condition_of(question, questionnaire)
    return "" if condition is None else str(condition)


def _flat(book: _Book, words: str) -> str:
    return " ".join((plain(words) if book.questionnaire.markup == "html" else words).split())


def _variables(book: _Book, question: Question, held: list[Variable]) -> Table:
    rows = tuple(
        (
            _plain(variable.name),
            _plain(_own_label(book, question, variable)),
            _plain(TYPES[variable.type].into(book.lang)),
            _plain(book.topic(variable)),
        )
        for variable in held
    )
    heads = ["Variable", book.t("Bezeichnung", "Label"), book.t("Inhalt", "Holds"), book.t("Thema", "Topic")]
    keep = 4 if any(cell[3][0].text for cell in rows) else 3
    return Table(
        f"variables-{question.id}",
        book.t(f"Variablen zu {question.id}", f"Variables of {question.id}"),
        tuple(heads[:keep]),
        tuple(row[:keep] for row in rows),
        _left(keep),
    )


def _own_label(book: _Book, question: Question, variable: Variable) -> str:
    """Return what distinguishes a variable from the others of its question."""
    whole = book.say(variable.label)
    asked = book.say(question.text)
    rest = whole.removeprefix(asked).removeprefix(" – ")
    return rest or asked


def _codes(book: _Book, question: Question, held: list[Variable]) -> list[Table]:
    """Return a table for every set of codes among the variables of a question."""
    sets = list(dict.fromkeys(variable.categories for variable in held if variable.categories))
    languages = [language for language in book.questionnaire.languages if language != book.language]
    heads = [book.t(f"Bedeutung ({language})", f"Meaning ({language})") for language in languages]
    return [
        Table(
            f"codes-{question.id}" + (f"-{place}" if place else ""),
            book.t(f"Codes zu {question.id}", f"Codes of {question.id}"),
            (book.t("Code", "Code"), book.t("Bedeutung", "Meaning"), *heads),
            tuple(_code(book, category, languages) for category in categories),
            _left(2 + len(languages)),
        )
        for place, categories in enumerate(sets)
    ]


def _code(book: _Book, category: Category, languages: list[str]) -> tuple[Inline, ...]:
    value = (
        f" = {category.value:g}" if category.value is not None and f"{category.value:g}" != category.spelling else ""
    )
    others = (_flat(book, category.label.get(language) or "") for language in languages)
    return (_plain(f"{category.spelling}{value}"), _plain(book.say(category.label)), *map(_plain, others))


def _left(columns: int) -> tuple[Literal["left", "right"], ...]:
    return tuple("left" for _ in range(columns))


def _plain(text: str) -> Inline:
    return (Span(text),)


# --- as a table for machines ---------------------------------------------------------------------


def codebook_columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns of `codebook.csv`: labels stand in one column per language."""
    labels = tuple(f"label_{language}" for language in questionnaire.languages)
    return (
        "variable", "question", "item", "column", "part", "number", "type", *labels, "code", "id",
        *(f"code_{label}" for label in labels), "value", "missing", "filter", "seen_by", "audiences", "required",
        "unit", "minimum", "maximum", "decimals", "topic",
    )  # fmt: skip


def codebook_rows(questionnaire: Questionnaire, language: str, setting: Setting | None = None) -> tuple[Row, ...]:
    """Return the codebook as rows: one per variable, and one per code of a variable that has codes."""
    book = _Book(questionnaire, language, setting or Setting())
    found: list[Row] = []
    for variable in variables(questionnaire):
        shared = _shared(book, variable)
        if not variable.categories:
            found.append(shared | _no_code(questionnaire))
        found += [shared | _one_code(book, category) for category in variable.categories]
    return tuple(found)


def write_codebook_csv(questionnaire: Questionnaire, language: str, setting: Setting | None = None) -> bytes:
    """Return `codebook.csv`: texts that a spreadsheet would take for a formula begin with an apostrophe."""
    rows = codebook_rows(questionnaire, language, setting)
    safe = [{name: harmless(value) for name, value in row.items()} for row in rows]
    return csv_bytes(codebook_columns(questionnaire), safe)


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str) or value[:1] not in {"=", "+", "-", "@", "\t", "\r"}:
        return value
    return value if re.fullmatch(r"[+-]?\d+([.,]\d+)?", value) else f"'{value}"


def _shared(book: _Book, variable: Variable) -> dict[str, object]:
    question = book.questionnaire.question(variable.question)
    labels = {
        f"label_{language}": _flat(book, variable.label.get(language) or "")
        for language in book.questionnaire.languages
    }
    number = numbers(book.questionnaire).get(question.id)
    return {
        "variable": variable.name,
        "question": question.id,
        "item": variable.item,
        "column": variable.column,
        "part": variable.part,
        "number": number,
        "type": variable.type,
        **labels,
        "missing": book.missing(question),
        "filter": condition_of_text(question, book.questionnaire),
        "seen_by": book.seen_by(question),
        "audiences": " ".join(question.audiences),
        "required": "true" if question.required else "false",
        "unit": book.say(question.unit),
        "minimum": question.minimum,
        "maximum": question.maximum,
        "decimals": question.decimals if question.type == "number" else None,
        "topic": next((item.topic for item in question.items if item.id == variable.item), None),
    }


def _one_code(book: _Book, category: Category) -> dict[str, object]:
    labels = {
        f"code_label_{language}": _flat(book, category.label.get(language) or "")
        for language in book.questionnaire.languages
    }
    return {"code": category.spelling, "id": category.id, **labels, "value": category.value}


def _no_code(questionnaire: Questionnaire) -> dict[str, object]:
    labels = {f"code_label_{language}": None for language in questionnaire.languages}
    return {"code": None, "id": None, **labels, "value": None}
