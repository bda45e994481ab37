"""The questionnaire as paper form, committee document and codebook."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from hypothesis import given, settings
from questionnaire_strategies import questionnaires

from passgenau.reading import read_yaml
from passgenau.report import write_html, write_pdf
from passgenau.report.questionnaire import (
    Setting,
    build_codebook,
    build_comparison,
    build_form,
    codebook_rows,
    comparison_rows,
    write_codebook_csv,
    write_committee_docx,
    write_form_pdf,
)
from passgenau.report.questionnaire.form import Choices, Entries, FormQuestion, Matrix, Points
from passgenau.survey import Questionnaire, variables
from passgenau.survey.compare import compare
from passgenau.text import Text

EXAMPLES = Path(__file__).parent.parent / "examples"
SETTING = Setting(
    office=Text("Musteramt, Marktplatz 1", "Sample office"),
    contact="amt@example.org",
    audiences={
        "landkreise": Text("Landkreise", "districts"),
        "staedte_gemeinden": Text("Städte und Gemeinden", "municipalities"),
    },
    topics={"hf-wohnen": Text("Wohnen", "Housing")},
    version="1",
)
HOSTILE = "#panic() <b>fett</b> & $x^2$ @kaputt \\ „Zitat“"


@cache
def example(name: str) -> Questionnaire:
    return read_yaml(EXAMPLES / name / "questionnaire.yaml", Questionnaire)


def one(**question: Any) -> Questionnaire:
    """Return a questionnaire with one question, and a scale of two points."""
    scales = {"s": {"points": [{"id": "1", "text": "schlecht"}, {"id": "2", "text": "gut"}]}}
    return Questionnaire.model_validate({"scales": scales, "questions": [{"id": "q", "text": "Frage?"} | question]})


def printed(language: str = "de", **question: Any) -> FormQuestion:
    (section,) = build_form(one(**question), language, SETTING).sections
    return section.questions[-1]


AB = [{"id": "a", "text": "Antwort A"}, {"id": "b", "text": "Antwort B"}]


def text_of(content: bytes) -> str:
    done = subprocess.run(["/usr/bin/pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def bare(text: str) -> str:
    """Return the letters and signs alone: line breaks, hyphenation and spaces differ in print."""
    plain = unicodedata.normalize("NFKC", text).replace("\u00ad", "").replace("-", "")
    return re.sub(r"\s+", "", plain)


# --- instructions and fields ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"type": "single", "items": AB}, "Bitte nur eine Antwort ankreuzen."),
        ({"type": "multiple", "items": AB}, "Mehrere Antworten sind möglich."),
        ({"type": "multiple", "items": AB, "max_answers": 2}, "Bitte höchstens 2 Antworten ankreuzen."),
        ({"type": "multiple", "items": AB, "min_answers": 2, "max_answers": 2}, "Bitte genau 2 Antworten ankreuzen."),
        (
            {"type": "multiple", "items": [*AB, {"id": "c", "text": "C"}], "min_answers": 2, "max_answers": 3},
            "Bitte mindestens 2 und höchstens 3 Antworten ankreuzen.",
        ),
        (
            {"type": "multiple", "items": [*AB, {"id": "none", "text": "nichts davon", "exclusive": True}]},
            "Mehrere Antworten sind möglich. „nichts davon“ bitte nur allein ankreuzen.",
        ),
        ({"type": "matrix", "items": AB, "scale": "s"}, "Bitte in jeder Zeile eine Antwort ankreuzen."),
        (
            {"type": "ranking", "items": AB},
            "Bitte Ränge eintragen: 1 steht an erster Stelle. Jeden Rang nur einmal vergeben.",
        ),
        ({"type": "number"}, "Bitte eine ganze Zahl eintragen."),
        ({"type": "number", "decimals": 1}, "Bitte eine Zahl eintragen, höchstens 1 Nachkommastelle."),
        ({"type": "number", "decimals": 6}, "Bitte eine Zahl eintragen, auch mit Komma."),
        ({"type": "text", "max_length": 80}, "Bitte eintragen, höchstens 80 Zeichen."),
        ({"type": "date"}, "Bitte als Tag, Monat und Jahr eintragen."),
    ],
)
def test_every_type_says_how_it_is_answered(question: dict[str, Any], said: str) -> None:
    assert printed(**question).instruction == said


def test_choices_show_boxes_or_circles_with_lines_to_write_on() -> None:
    several = printed(type="multiple", items=[AB[0], AB[1] | {"comment": True}], other={})
    assert isinstance(several.body, Choices)
    assert several.body.mark == "box"
    assert [(o.text, o.line) for o in several.body.options] == [
        ("Antwort A", False),
        ("Antwort B", True),
        ("Sonstiges, und zwar", True),
    ]
    alone = printed(type="single", items=AB)
    assert isinstance(alone.body, Choices)
    assert alone.body.mark == "circle"


def test_other_stands_before_what_excludes_all_others() -> None:
    items = [*AB, {"id": "none", "text": "nichts", "exclusive": True}]
    body = printed(type="multiple", items=items, other={}).body
    assert isinstance(body, Choices)
    assert [option.text for option in body.options] == ["Antwort A", "Antwort B", "Sonstiges, und zwar", "nichts"]


def test_short_scales_lie_and_long_ones_stand() -> None:
    assert isinstance(printed(type="scale", scale="s").body, Points)
    points = [{"id": str(i), "text": f"Punkt mit einer langen Beschreibung {i}"} for i in range(3)]
    asked = {"id": "q", "text": "Frage?", "type": "scale", "scale": "s"}
    long = Questionnaire.model_validate({"scales": {"s": {"points": points}}, "questions": [asked]})
    assert isinstance(build_form(long, "de").sections[0].questions[0].body, Choices)


def test_no_answer_is_a_column_of_a_matrix_and_a_box_elsewhere() -> None:
    matrix = printed(type="matrix", items=AB, scale="s", no_answer={})
    assert isinstance(matrix.body, Matrix)
    assert matrix.body.groups == (("schlecht", "gut"), ("keine Angabe",))
    assert matrix.no_answer is None
    number = printed(type="number", no_answer={})
    assert number.no_answer is not None
    assert number.no_answer.text == "keine Angabe"


def test_a_number_shows_unit_and_range() -> None:
    body = printed(type="number", unit="Personen", minimum=0, maximum=1200).body
    assert isinstance(body, Entries)
    assert (body.unit, body.limits, body.digits) == ("Personen", "0 bis 1.200", 4)


def test_numbers_stay_upright_in_a_matrix_however_many_there_are() -> None:
    asked = {"id": "q", "text": "Frage?", "type": "matrix", "items": AB, "no_answer": {}}
    for words, turned in (("{}", False), ("Punkt {}", True)):
        points = [{"id": str(i), "text": words.format(i)} for i in range(10)]
        content = {"scales": {"s": {"points": points}}, "questions": [asked | {"scale": "s"}]}
        body = build_form(Questionnaire.model_validate(content), "de").sections[0].questions[0].body
        assert isinstance(body, Matrix)
        assert body.turned is turned


def test_an_answer_without_words_shows_its_code() -> None:
    body = printed(type="single", items=[{"id": "picture", "text": {}}, AB[0]]).body
    assert isinstance(body, Choices)
    assert [option.text for option in body.options] == ["[picture]", "Antwort A"]


def test_a_text_field_takes_no_more_than_a_part_of_a_page() -> None:
    body = printed(type="text", lines=50).body
    assert isinstance(body, Entries)
    assert body.lines == 12


def test_computed_values_are_not_printed() -> None:
    questions = [{"id": "a", "type": "text", "text": "A?"}, {"id": "sum", "type": "computed", "text": "Summe"}]
    form = build_form(Questionnaire.model_validate({"questions": questions}), "de")
    assert [question.id for question in form.sections[0].questions] == ["a"]


DONE = "beantwortet haben"


# --- filters in words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "de", "en"),
    [
        ("one = a", "Sie Frage 1 mit „Antwort A“ beantwortet haben", "you answered question 1 with “Answer A”"),
        (
            "one != a",
            "Sie Frage 1 nicht mit „Antwort A“ beantwortet haben",
            "you did not answer question 1 with “Answer A”",
        ),
        (
            "one in (a, b)",
            "Sie Frage 1 mit „Antwort A“ oder „Antwort B“ beantwortet haben",
            "you answered question 1 with “Answer A” or “Answer B”",
        ),
        ("many.b", "Sie bei Frage 2 „Antwort B“ angekreuzt haben", "you ticked “Answer B” in question 2"),
        (
            "not many.b",
            "Sie bei Frage 2 „Antwort B“ nicht angekreuzt haben",
            "you did not tick “Answer B” in question 2",
        ),
        ("days >= 3", "Sie bei Frage 3 mindestens 3 angegeben haben", "you entered at least 3 in question 3"),
        (
            "count(many) > 1",
            "Sie bei Frage 2 mehr als 1 Antwort gegeben haben",
            "you gave more than 1 answer to question 2",
        ),
        ("not answered(days)", "Sie Frage 3 nicht beantwortet haben", "you did not answer question 3"),
        (
            "@population >= 20000",
            "Ihre Kommune mindestens 20.000 Einwohner hat",
            "your municipality has at least 20,000 inhabitants",
        ),
        ("@audience = landkreise", "Sie zu dieser Gruppe gehören: Landkreise", "you belong to: districts"),
        (
            "grid.a = 2",
            "Sie Frage 4 („Antwort A“) mit „gut“ beantwortet haben",
            "you answered question 4 (“Answer A”) with “good”",
        ),
        (
            "one = a or answered(days) and answered(many)",
            f"Sie Frage 1 mit „Antwort A“ {DONE} oder (Sie Frage 3 {DONE} und Sie Frage 2 {DONE})",
            "you answered question 1 with “Answer A” or (you answered question 3 and you answered question 2)",
        ),
    ],
)
def test_a_filter_is_said_by_numbers_and_words(condition: str, de: str, en: str) -> None:
    items = [{"id": i, "text": {"de": f"Antwort {i.upper()}", "en": f"Answer {i.upper()}"}} for i in ("a", "b")]
    points = [{"id": "1", "text": {"de": "schlecht", "en": "bad"}}, {"id": "2", "text": {"de": "gut", "en": "good"}}]
    questions = [
        {"id": "one", "type": "single", "text": "1?", "items": items},
        {"id": "many", "type": "multiple", "text": "2?", "items": items},
        {"id": "days", "type": "number", "text": "3?"},
        {"id": "grid", "type": "matrix", "text": "4?", "items": items, "scale": "s"},
        {"id": "last", "type": "text", "text": "5?", "show_if": condition},
    ]
    content = {"languages": ["de", "en"], "scales": {"s": {"points": points}}, "questions": questions}
    questionnaire = Questionnaire.model_validate(content)
    said = [
        build_form(questionnaire, lang, SETTING).sections[0].questions[-1].condition.replace("\u00a0", " ")
        for lang in ("de", "en")
    ]
    assert said == [f"Nur beantworten, wenn {de}.", f"Answer only if {en}."]


def test_an_answer_that_skips_questions_says_where_to_go_on() -> None:
    form = build_form(example("quartier2020"), "de", SETTING)
    body = form.sections[0].questions[0].body
    assert isinstance(body, Choices)
    assert [option.go_to.replace("\u00a0", " ") for option in body.options] == [
        "",
        "weiter mit Frage 3",
        "weiter mit Frage 3",
    ]


def test_a_form_for_one_audience_leaves_out_what_others_are_asked() -> None:
    both = build_form(example("folgebefragung"), "de", SETTING)
    districts = build_form(example("folgebefragung"), "de", SETTING, "landkreise")
    ids = {question.id for section in both.sections for question in section.questions}
    own = {question.id: question for section in districts.sections for question in section.questions}
    assert ids - set(own) == {"stage"}
    partners = own["exchange_partners"].body
    assert isinstance(partners, Choices)
    assert "Nachbarkommunen" not in [option.text for option in partners.options]
    assert {option.note for option in partners.options} == {""}


# --- the paper form ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "language"), [("quartier2020", "de"), ("folgebefragung", "en")])
def test_the_paper_form_is_pdf_ua_and_holds_every_question(name: str, language: str) -> None:
    questionnaire = example(name)
    content = write_form_pdf(build_form(questionnaire, language, SETTING))
    pdf = pikepdf.open(io.BytesIO(content))
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert str(pdf.Root.Lang).startswith(language)
    text = bare(text_of(content))
    wordings = [question.text.into(language) for question in questionnaire.questions]
    wordings += [item.text.into(language) for question in questionnaire.questions for item in question.items]
    assert [words for words in wordings if bare(words) not in text] == []


def test_every_page_bears_version_language_and_its_number() -> None:
    pages = text_of(write_form_pdf(build_form(example("folgebefragung"), "de", SETTING))).split("\f")[:-1]
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {len(pages)}" in page
        assert "Fassung 2027 · de" in page


def test_the_first_page_names_the_office_and_the_privacy_notice() -> None:
    first = text_of(write_form_pdf(build_form(example("folgebefragung"), "de", SETTING))).split("\f")[0]
    assert "Musteramt, Marktplatz 1" in first
    assert "Datenschutzhinweis" in first
    assert "Art. 77" in first or "Aufsichtsbehörde" in first


def test_questions_begin_on_the_first_page_where_they_fit() -> None:
    first = text_of(write_form_pdf(build_form(example("quartier2020"), "de", SETTING))).split("\f")[0]
    assert "Erfahrung mit Quartiersentwicklungsprojekten in der Vergangenheit" in first


def test_the_forms_own_words_are_marked_with_their_language() -> None:
    texts = {
        "title": {"fr": "Enquête"},
        "languages": ["fr"],
        "questions": [
            {"id": "q", "type": "single", "text": {"fr": "Pourquoi ?"}, "items": [{"id": "a", "text": {"fr": "Oui"}}]}
        ],
    }
    made = write_form_pdf(build_form(Questionnaire.model_validate(texts), "fr", SETTING))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang).startswith("fr")
        marked = [str(tag.Lang) for tag in pdf.objects if isinstance(tag, pikepdf.Dictionary) and "/Lang" in tag]
    assert any(language.startswith("en") for language in marked)


def test_a_reconstruction_says_so_on_every_page() -> None:
    pages = text_of(write_form_pdf(build_form(example("quartier2020"), "de", SETTING))).split("\f")[:-1]
    assert all(page.lstrip().startswith("Nachbau des Fragebogens von 2018") for page in pages)


def test_the_same_form_gives_the_same_bytes() -> None:
    form = build_form(example("quartier2020"), "de", SETTING)
    assert write_form_pdf(form) == write_form_pdf(form)


EVERY_TYPE: dict[str, Any] = {
    "title": HOSTILE,
    "scales": {
        "s": {"points": [{"id": str(i), "text": f"{HOSTILE} {i}"} for i in range(12)]},
        "t": {"points": [{"id": str(i)} for i in range(11)]},
    },
    "questions": [
        {"id": "info", "type": "information", "text": HOSTILE},
        {"id": "one", "type": "single", "text": HOSTILE, "items": AB, "other": {}, "comment": HOSTILE},
        {
            "id": "many",
            "type": "multiple",
            "text": HOSTILE,
            "items": [{"id": f"i{n}", "text": HOSTILE} for n in range(40)],
        },
        {"id": "point", "type": "scale", "text": HOSTILE, "scale": "t"},
        {"id": "long", "type": "scale", "text": HOSTILE, "scale": "s"},
        {"id": "grid", "type": "matrix", "text": HOSTILE, "scale": "s", "second_scale": "t", "items": AB},
        {"id": "rank", "type": "ranking", "text": HOSTILE, "items": AB, "no_answer": {}},
        {"id": "n", "type": "number", "text": HOSTILE, "unit": HOSTILE},
        {"id": "ns", "type": "number", "text": HOSTILE, "items": AB, "columns": AB},
        {"id": "t", "type": "text", "text": HOSTILE, "lines": 5},
        {"id": "ts", "type": "text", "text": HOSTILE, "items": AB},
        {"id": "d", "type": "date", "text": HOSTILE, "items": AB},
        {"id": "f", "type": "file", "text": HOSTILE},
        {"id": "c", "type": "computed", "text": HOSTILE},
    ],
}


@cache
def every_type() -> Questionnaire:
    return Questionnaire.model_validate(EVERY_TYPE)


def test_every_type_is_printed_and_no_text_is_taken_for_markup() -> None:
    text = bare(text_of(write_form_pdf(build_form(every_type(), "de"))))
    assert text.count(bare(HOSTILE)) > 50


def test_html_texts_are_printed_as_their_words() -> None:
    question = {"id": "q", "type": "text", "text": "<p>Was <b>brauchen</b> Sie?</p><script>x()</script>"}
    questionnaire = Questionnaire.model_validate({"markup": "html", "questions": [question]})
    assert build_form(questionnaire, "de").sections[0].questions[0].text == "Was brauchen Sie?"


@pytest.mark.parametrize("words", ["Größe, Ωμέγα, Що?, ª, ماذا", "Wie geht es Ihnen? \U0001f600", "ﾡ 什么 \ue000"])
def test_signs_that_the_fonts_lack_do_not_keep_a_form_from_being_printed(words: str) -> None:
    question = {"id": "q", "type": "text", "text": words}
    questionnaire = Questionnaire.model_validate({"questions": [question]})
    assert write_form_pdf(build_form(questionnaire, "de")).startswith(b"%PDF")
    assert write_pdf(build_codebook(questionnaire, "de")).startswith(b"%PDF")


# --- the committee's document ----------------------------------------------------------------------


def test_the_committee_sees_codes_topics_filters_and_an_empty_column() -> None:
    document = docx.Document(io.BytesIO(write_committee_docx(example("folgebefragung"), "de", SETTING)))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    heads = {tuple(row) for row in rows if row[0] == "Nr."}
    assert heads == {("Nr.", "Frage und Antworten", "Kennung", "Wer, wofür, Anmerkung", "Kommentar")}
    housing = next(row for row in rows if row[2] == "housing" and "Thema" in row[3])
    assert housing[3] == "Thema: hf-wohnen (Wohnen)"
    assert {row[4] for row in rows} == {"Kommentar", ""}
    codes = {row[2].split("\n")[0] for row in rows}
    assert {question.id for question in example("folgebefragung").questions} <= codes
    years = next(row for row in rows if row[2].startswith("experience_years"))
    assert "Nur beantworten, wenn Sie Frage 4" in years[3].replace("\u00a0", " ")


def test_the_committees_document_is_the_same_every_time_and_takes_every_type() -> None:
    first = write_committee_docx(every_type(), "de", SETTING)
    assert first == write_committee_docx(every_type(), "de", SETTING)
    document = docx.Document(io.BytesIO(first))
    assert HOSTILE in "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)


@given(questionnaires())
@settings(max_examples=12, deadline=None)
def test_every_questionnaire_can_be_printed_in_each_of_its_languages(questionnaire: Questionnaire) -> None:
    for language in questionnaire.languages:
        form = build_form(questionnaire, language, SETTING)
        shown_ids = [question.id for section in form.sections for question in section.questions]
        assert shown_ids == [question.id for question in questionnaire.questions if question.type != "computed"]
        assert len(codebook_rows(questionnaire, language, SETTING)) >= len(variables(questionnaire))
    assert write_form_pdf(form).startswith(b"%PDF")
    assert write_committee_docx(questionnaire, language, SETTING).startswith(b"PK")


# --- codebook ------------------------------------------------------------------------------------


def test_the_codebook_holds_every_variable_and_every_code() -> None:
    questionnaire = example("folgebefragung")
    found = {(row["variable"], row["id"]) for row in codebook_rows(questionnaire, "de", SETTING)}
    expected = {(v.name, c.id) for v in variables(questionnaire) for c in v.categories}
    expected |= {(v.name, None) for v in variables(questionnaire) if not v.categories}
    assert found == expected


def test_the_codebook_says_who_can_have_seen_a_variable() -> None:
    rows = {str(row["variable"]): row for row in codebook_rows(example("folgebefragung"), "de", SETTING)}
    assert str(rows["district_support_advice"]["seen_by"]).startswith(
        "Nur wer zur Gruppe „Landkreise“ gehört und bei „Wie viele"
    )
    assert rows["district_support_advice"]["filter"] == "municipalities_supported > 0"
    assert rows["competence_then_steuerung"]["filter"] == "attended = attended"
    assert rows["department"]["seen_by"] == "Alle."
    assert (rows["travel_limit"]["unit"], rows["travel_limit"]["maximum"]) == ("Minuten", 240)
    assert rows["training_fields_housing"]["topic"] == "hf-wohnen"


def test_the_codebook_as_csv_has_labels_in_all_languages_and_no_formulas() -> None:
    items = [{"id": "a", "text": "=cmd()", "code": "-1"}, {"id": "b", "text": {"de": "B", "fr": "Bé"}}]
    questionnaire = Questionnaire.model_validate(
        {"languages": ["de", "fr"], "questions": [{"id": "q", "type": "single", "text": "Q?", "items": items}]}
    )
    rows = list(csv.DictReader(io.StringIO(write_codebook_csv(questionnaire, "de").decode())))
    assert [(r["code"], r["code_label_de"], r["code_label_fr"]) for r in rows] == [
        ("-1", "'=cmd()", ""),
        ("b", "B", "Bé"),
    ]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_codebook_is_written_as_pdf_and_html(language: str) -> None:
    report = build_codebook(example("quartier2020"), language, SETTING)
    assert report.banner is not None
    assert bare("exchange_importance") in bare(text_of(write_pdf(report)))
    assert "very_important" in write_html(report)


def test_a_codebook_of_every_type_can_be_written() -> None:
    report = build_codebook(every_type(), "de")
    names = {variable.name for variable in variables(every_type())}
    text = bare(text_of(write_pdf(report)))
    assert [name for name in names if bare(name) not in text] == []


# --- two waves -----------------------------------------------------------------------------------


def test_the_comparison_shows_verdicts_reasons_and_what_was_dropped() -> None:
    before, after = example("quartier2020"), example("folgebefragung")
    report = build_comparison(compare(before, after), before, after, "de", SETTING)
    assert [section.id for section in report.sections] == ["kept", "new", "dropped"]
    html = write_html(report)
    assert "mit Vorsicht" in html
    assert "[+ Hat Ihre Kommune oder Ihr Landkreis]" in html
    assert write_pdf(report).startswith(b"%PDF")


def test_the_comparison_as_rows_has_one_line_per_change() -> None:
    before, after = example("quartier2020"), example("folgebefragung")
    comparisons = compare(before, after)
    rows = comparison_rows(comparisons, after, "de")
    assert len(rows) == sum(max(len(each.changes), 1) for each in comparisons)
    assert {row["verdict"] for row in rows} == {"with_care", "not_comparable"}
