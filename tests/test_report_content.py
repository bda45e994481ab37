"""What the report says: on the toy worked by hand, and on the published results of the worked example."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from lxml import html as lxml_html
from report_sample import sentences

from passgenau.curriculum.model import Curriculum
from passgenau.findings import analyse
from passgenau.findings.model import Rates, Response
from passgenau.needs.model import Needs
from passgenau.planning.model import Plan
from passgenau.report import AudienceInfo, Material, Report, ReportInfo, build, build_handouts, write_html
from passgenau.report.content.claims import claims, claims_in_words
from passgenau.report.content.comparison import comparison, comparisons_in_words
from passgenau.report.content.context import Context
from passgenau.report.content.findings import question, source_figures
from passgenau.report.content.method import voluntary
from passgenau.report.content.response import crossed_strata, response
from passgenau.report.content.summary import summary
from passgenau.report.handouts import alphabetical
from passgenau.report.model import Bullets, Callout, Figure, Table
from passgenau.report.outline import figures_of, outline, walk
from passgenau.report.wording import Wording
from passgenau.study import DecisionsFile, Study, StudyFile, template


@pytest.fixture(scope="module")
def toy(
    tmp_path_factory: pytest.TempPathFactory,
    toy_needs: Needs,
    toy_curriculum: Curriculum,
    toy_plan: Plan,
    toy_decisions: DecisionsFile,
) -> Material:
    folder = tmp_path_factory.mktemp("toy")
    for name, content in template().items():
        (folder / name).write_bytes(content)
    study = Study.open(folder)
    return replace(material(study, toy_needs, toy_curriculum, toy_plan), decisions=toy_decisions)


@pytest.fixture(scope="module")
def example(example_study: Study, toy_needs: Needs, toy_curriculum: Curriculum, toy_plan: Plan) -> Context:
    return Context(material(example_study, toy_needs, toy_curriculum, toy_plan), Wording("de"))


def material(study: Study, needs: Needs, curriculum: Curriculum, plan: Plan) -> Material:
    findings = analyse(
        questionnaire=study.questionnaire,
        published=study.published,
        frames=study.frames,
        names=study.names,
        assumptions=study.file.assumptions,
        known_totals=study.file.known_totals,
    )
    return Material(
        info=info(study.file),
        questionnaire=study.questionnaire,
        published=study.published,
        findings=findings,
        needs=needs,
        assumed_shares=study.decisions.assumed_shares,
        catalogue=study.catalogue,
        decisions=study.decisions,
        planning=study.decisions,
        providers=study.providers,
        venues=study.venues,
        trainers=study.trainers,
        registrations=study.registrations,
        curriculum=curriculum,
        plans={"pilot": plan, "state": replace(plan, scenario="state")},
        frames=study.frames,
    )


def info(file: StudyFile) -> ReportInfo:
    return ReportInfo(
        title=file.title,
        subject=file.subject,
        office=file.office.name,
        contact=None,
        banner=file.banner,
        background=file.background,
        goals=file.goals,
        audiences=tuple(AudienceInfo(a.id, a.name, a.short, a.frame.tier) for a in file.audiences),
        persons_per_organisation=2,
        seed=1,
        version="0.0",
    )


@pytest.fixture(scope="module")
def report(toy: Material) -> Report:
    return build(toy)


def text_of(report: Report) -> str:
    return "\n".join(sentences(report))


def test_it_opens_with_a_page_for_a_mayor_and_follows_the_concept_paper(report: Report) -> None:
    assert report.summary.title == "Auf einen Blick"
    assert [s.id for s in report.sections] == [
        "background",
        "goals",
        "wishes",
        "comparison",
        "concept",
        "plan",
        "costs",
        "evaluation",
        "method",
        "all-estimates",
        "comparisons-in-words",
        "claims-in-words",
        "reasons",
        "frequencies",
        "gaps",
        "dates",
        "cost-items",
        "decisions",
        "checks",
        "words",
    ]


def test_its_ids_are_unique_and_its_links_lead_somewhere(report: Report) -> None:
    assert outline(report).sections["concept"] == "5"
    assert outline(report).sections["all-estimates"] == "A"


def test_every_figure_has_a_text_alternative_with_numbers_and_a_data_table(report: Report) -> None:
    figures = figures_of(report)
    assert {f.id for f in figures} >= {"fig-strip-municipality", "fig-firm-municipality", "fig-map-pilot"}
    for figure in figures:
        assert any(sign.isdigit() for sign in figure.alt), figure.id
        assert figure.data.rows, figure.id
        assert "<text" not in figure.svg, figure.id
        assert "http" not in figure.svg.replace("http://www.w3.org/", ""), figure.id


def test_published_shares_and_assumed_ones_stay_apart(report: Report) -> None:
    (table,) = [
        e for s in walk(report) for e in s.elements if isinstance(e, Table) and e.id == "tab-sources-municipality"
    ]
    first, second = (["".join(span.text for span in cell) for cell in row] for row in table.rows)
    assert first[1] != "–"  # a minimum requirement
    assert first[2] == "–"
    assert "60\u202f% (95-%-Intervall 25–88\u202f%; 4 von 8 antworteten)" in first[3]
    assert second[1] == "–"
    assert second[2] == "setzt um"
    assert "gefragt, keine Zahl veröffentlicht (Annahme: 20–40\u202f%)" in second[3]


def test_firmness_never_reads_as_quality(report: Report) -> None:
    text = text_of(report)
    assert "sagt nichts über die Güte eines Moduls" in text
    assert "Nur gegen den Zufall der Stichprobe" in text


def test_it_says_what_has_no_seat_and_who_teaches(report: Report) -> None:
    text = text_of(report)
    assert "zu weit" in text
    assert "3 Tage × 1.000" in text


def test_the_same_material_gives_the_same_report(toy: Material, report: Report) -> None:
    assert build(toy) == report


def test_in_english_only_the_marked_runs_stay_german(toy: Material) -> None:
    report = build(toy, "en")
    page = lxml_html.document_fromstring(write_html(report))
    for german in page.xpath("//*[@lang='de']"):
        german.drop_tree()
    words = page.xpath("string(//main)") + page.xpath("string(//nav)")
    for word in ("Kommunen", "Bögen", "antworteten", "Anteil", "Kosten", "Mindestanforderung", "gedruckt"):
        assert word not in words, word
    assert page.get("lang") == "en"
    assert report.summary.title == "At a glance"


def test_an_english_report_marks_german_runs(toy: Material) -> None:
    spans = [
        span
        for s in walk(build(toy, "en"))
        for e in s.elements
        if isinstance(e, Table)
        for r in e.rows
        for c in r
        for span in c
    ]
    assert {span.lang for span in spans} == {None, "de"}


def test_each_registered_organisation_has_its_own_page(toy: Material) -> None:
    report = build_handouts(toy)
    assert [s.title for s in report.sections] == ["Altstadt", "Bach", "Claus"]
    assert all(s.own_page for s in report.sections)
    (page,) = [s for s in report.sections if s.title == "Bach"]
    (table,) = [e for e in page.elements if isinstance(e, Table)]
    assert len(table.rows) == 4
    assert "".join(s.text for s in table.rows[0][0]) == "2. März 2027"


def test_a_page_says_what_the_council_gets_from_it_and_when_it_is_host(toy: Material) -> None:
    plan = toy.plans["pilot"]
    first = plan.events[0]
    hosted = replace(plan, events=(replace(first, place=plan.cohorts[0].members[0].organisation), *plan.events[1:]))
    report = build_handouts(replace(toy, plans={"pilot": hosted}))
    host = plan.cohorts[0].members[0].label
    said = {s.title: "\n".join(sentences(replace(report, sections=(s,)))) for s in report.sections}
    assert "Was der Rat davon hat" in said[host]
    assert "Nach Block 1: " in said[host]
    assert "Zu Gast bei Ihnen: 2. März 2027" in said[host]
    assert [title for title, text in said.items() if "Zu Gast bei Ihnen" in text] == [host]


def test_pages_stand_in_the_order_of_a_directory() -> None:
    names = ["Ulm", "Östringen", "Ostfildern", "Offenburg", "Zell"]
    assert sorted(names, key=alphabetical) == ["Offenburg", "Ostfildern", "Östringen", "Ulm", "Zell"]


def test_the_figures_of_the_source_are_redrawn_or_said_to_be_impossible(example: Context) -> None:
    (section,) = source_figures(example)
    (table,) = section.elements
    assert isinstance(table, Table)
    cells = [["".join(span.text for span in cell) for cell in row] for row in table.rows]
    assert [row[0].split(":")[0] for row in cells] == [f"Abbildung {n}" for n in range(1, 7)]
    assert [row[2] for row in cells if row[2] != "neu gezeichnet, mit Intervallen"] == ["nicht gezeichnet"]
    assert cells[1][2] == "nicht gezeichnet"
    assert cells[1][3] == "Der Text nennt nur eine Reihenfolge in Worten, keine Werte."


def test_the_first_page_ends_with_what_to_decide(report: Report) -> None:
    *_, last = report.summary.elements
    assert isinstance(last, Bullets)
    assert last.ordered
    targets = [span.link for item in last.items for span in item if span.link]
    assert targets[-1] == "plan"
    assert set(targets) <= {s.id for s in walk(report)}


def test_every_claim_stands_in_a_table_with_its_verdict_or_in_the_annex(example: Context) -> None:
    checked = example.m.findings.claims
    short = next(e for section in claims(example) for e in section.elements if isinstance(e, Table))
    tested = [x for x in checked if x.verdict != "not_testable"]
    assert len(short.rows) == len(tested)
    (full,) = (e for e in claims_in_words(example).elements if isinstance(e, Table))
    compared = {x.sentence for x in example.m.findings.comparisons}
    assert len(full.rows) == sum(x.sentence not in compared for x in checked)


def test_of_many_comparisons_the_chapter_shows_those_that_were_found(example: Context) -> None:
    few = example.m.findings.comparisons
    many = tuple(replace(x, p_value=0.2, p_holm=1.0) for x in few * 2)
    many = (replace(many[0], p_value=0.001, p_holm=0.01), replace(many[1], p_value=0.04, p_holm=1.0), *many[2:])
    c = replace(example, m=replace(example.m, findings=replace(example.m.findings, comparisons=many)))
    (shown,) = (e for e in comparison(c, ()).elements if isinstance(e, Table))
    everything, tests = (e for e in comparisons_in_words(c).elements if isinstance(e, Table))
    (told,) = (e for e in comparisons_in_words(c).elements if isinstance(e, Bullets))
    assert (len(few), len(shown.rows), len(everything.rows), len(tests.rows), len(told.items)) == (21, 1, 42, 42, 2)


def test_comparisons_of_several_pairs_of_groups_stand_in_tables_of_their_own(example: Context) -> None:
    first, second, *_rest = example.m.findings.comparisons
    turned = replace(second, audience_a=second.audience_b, audience_b=second.audience_a)
    c = replace(example, m=replace(example.m, findings=replace(example.m.findings, comparisons=(first, turned))))
    tables = [e for e in comparison(c, ()).elements if isinstance(e, Table)]
    assert [t.columns[1:3] for t in tables] == [("Landkreise", "Städte/Gemeinden"), ("Städte/Gemeinden", "Landkreise")]
    assert len({t.id for t in tables}) == len(tables) == 2


def test_pages_of_organisations_estimate_no_wishes(toy: Material) -> None:
    report = build_handouts(toy)
    pages = [text for s in report.sections for e in s.elements for text in [repr(e)]]
    assert not any("%" in page or "Wunsch" in page for page in pages)
    assert "geschätzt wird es nicht" in text_of(report)


# --- The published results of the worked example -----------------------------------------------------


def test_a_share_travels_with_its_sheets_and_its_return(example: Context) -> None:
    assert example.share(example.estimate("LK-HF-01")) == "46\u202f% (11 von 24 Bögen; 21 von 35 antworteten)"
    assert example.share(example.estimate("SG-HF-02")) == "54\u202f% (47 von 87 Bögen; 79 von 1.101 antworteten)"


def test_a_share_that_does_not_fit_its_base_shows_the_smaller_one(example: Context) -> None:
    assert example.share(example.estimate("LK-ZUK-01")) == "61\u202f% (passt zu 14 von 23 Bögen; 21 von 35 antworteten)"


def test_hedges_and_ranges_stay_as_printed(example: Context) -> None:
    assert example.printed(example.estimate("LK-ME-01")) == "ca.\u00a070\u202f%"
    assert example.printed(example.estimate("SG-ME-02")) == "67–70\u202f%"


def test_questions_without_numbers_get_no_figure(example: Context) -> None:
    asked = {q.id: question(example, q) for q in example.m.questionnaire.questions}
    kinds = {id_: [type(e).__name__ for e in section.elements] for id_, section in asked.items()}
    drawn = {id_ for id_, names in kinds.items() if "Figure" in names}
    numbered = {
        q: len([e for e in example.m.findings.estimates if e.question == q and e.value is not None]) for q in asked
    }
    assert drawn == {q for q, count in numbered.items() if count > 1}
    (without,) = [q.id for q in example.m.questionnaire.questions if q.kind == "wish" and numbered[q.id] == 0]
    assert kinds[without][:2] == ["Paragraph", "Table"]


def test_a_figure_draws_every_number_of_its_question_and_no_other(example: Context) -> None:
    for asked in example.m.questionnaire.questions:
        figures = [e for e in question(example, asked).elements if isinstance(e, Figure)]
        known = [e for e in example.m.findings.estimates if e.question == asked.id and e.value is not None]
        assert [len(f.data.rows) for f in figures] == ([len(known)] if len(known) > 1 else [])


def test_the_first_page_says_that_those_who_answered_were_no_random_draw(example: Context) -> None:
    (callout,) = [e for e in summary(example).elements if isinstance(e, Callout)]
    assert callout.title == "Die Antwortenden waren keine Zufallsauswahl"
    said = "".join(span.text for line in callout.content for span in line)
    for number in ("147", "1.136", "13\u202f%", "56\u202f%", "23\u202f%"):
        assert number in said, number


# --- Words and numbers ---------------------------------------------------------------------------------


def test_numbers_are_written_as_the_language_writes_them() -> None:
    de, en = Wording("de"), Wording("en")
    assert (de.number(1101), en.number(1101)) == ("1.101", "1,101")
    assert (de.percent(0.106, 1), en.percent(0.106, 1)) == ("10,6\u202f%", "10.6%")
    assert (de.euros(391_999.6), en.euros(391_999.6)) == ("392.000\u00a0€", "€392,000")
    assert (de.points(-0.17), de.points(0.17), de.points(0)) == ("−17", "+17", "±0")
    assert (de.p_value(0.0004), de.p_value(0.0246)) == ("<\u202f0,001", "0,025")
    assert (de.trim(2.5), de.trim(3)) == ("2,5", "3")


@pytest.mark.parametrize(
    ("start", "end", "german", "english"),
    [
        (dt.date(2027, 3, 2), dt.date(2027, 3, 2), "2. März 2027", "2 March 2027"),
        (dt.date(2027, 3, 2), dt.date(2027, 3, 3), "2.–3. März 2027", "2–3 March 2027"),
        (dt.date(2027, 3, 31), dt.date(2027, 4, 1), "31. März – 1. April 2027", "31 March – 1 April 2027"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(start: dt.date, end: dt.date, german: str, english: str) -> None:
    assert Wording("de").dates(start, end) == german
    assert Wording("en").dates(start, end) == english


def test_quotations_inside_a_quotation_take_single_marks() -> None:
    de = Wording("de")
    assert de.quote("„Mobilität“ (je ca. 30 %)").text == "„‚Mobilität‘ (je ca. 30 %)“"
    assert de.quote("„eher“").text == "„eher“"
    assert de.quote("eher").text == "„eher“"


def test_words_are_listed_with_and() -> None:
    assert Wording("de").listing(["a", "b", "c"]) == "a, b und c"
    assert Wording("en").listing(["a"]) == "a"
    assert Wording("de").listing([]) == ""


def test_german_words_quoted_in_an_english_sentence_are_marked() -> None:
    line = Wording("en").line("The hedge is „Mehrzahl“, no number.")
    assert [(span.text, span.lang) for span in line] == [
        ("The hedge is ", None),
        ("„Mehrzahl“", "de"),
        (", no number.", None),
    ]
    assert len(Wording("de").line("Die Einschränkung heißt „Mehrzahl“.")) == 1


def test_response_by_crossed_strata_stands_in_the_annex(example: Context) -> None:
    strata = ((None, ""), ("size_class", "groß"), ("size_class × region", "groß × Nord"))
    rates = tuple(Rates("landkreise", by, name, 8, 6, *[0.75] * 6) for by, name in strata)
    found = replace(example.m.findings, response=Response(rates, (), None))
    c = replace(example, m=replace(example.m, findings=found))
    (chapter,), (crossed,) = response(c), crossed_strata(c)
    tables = [e for s in (*chapter.sections, crossed) for e in s.elements if isinstance(e, Table)]
    assert [len(t.rows) for t in tables] == [2, 1]
    assert (tables[1].columns[0], tables[1].rows[0][0][0].text) == ("Größenklasse × Regierungsbezirk", "groß × Nord")
    assert crossed.annex


def test_a_share_of_the_survey_itself_names_no_identifier_as_its_source(example: Context) -> None:
    c = replace(example, m=replace(example.m, findings=replace(example.m.findings, origin="estimated")))
    (totals,) = (e for e in voluntary(c).elements if isinstance(e, Table))
    known, *own = [row[-1][0].text for row in totals.rows]
    assert known.startswith("quartier2030-bw.de")
    assert set(own) == {"diese Befragung"}
