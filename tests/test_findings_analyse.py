"""From published results to findings: the example's numbers, and a toy worked by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.findings import Assumptions, Comparison, Estimate, Findings, KnownTotal, analyse
from passgenau.findings.comparisons import compare
from passgenau.findings.shares import printed, read_shares
from passgenau.findings.wording import percents_outwards, points_outwards
from passgenau.frame.units import Frame, Unit
from passgenau.reading import read_yaml
from passgenau.survey import Published, Questionnaire, Statement
from passgenau.text import Text

EXAMPLE = Path(__file__).parent.parent / "examples" / "quartier2020"
NAMES = {
    "landkreise": Text("Landkreise", "districts"),
    "staedte_gemeinden": Text("Städte und Gemeinden", "municipalities"),
}
TOTAL = KnownTotal(
    id="ideas_competition_2017",
    text=Text("Teilnahme 2017", "took part in 2017"),
    count=147,
    population=1136,
    source="quartier2030-bw.de",
    compare_with="SG-IW-01",
)


def frame(audience: str, size: int) -> Frame:
    def unit(index: int) -> Unit:
        key = f"08{index:06d}"
        return Unit(key, key, key, "municipality", "Gemeinde", "08", key[:5], key[:5], None, 5000, 10.0, 48.0, 9.0, None, None, None)  # fmt: skip  # noqa: E501 -- one unit, one line

    return Frame(audience, tuple(unit(index) for index in range(size)), ())


FRAMES = {"landkreise": frame("landkreise", 35), "staedte_gemeinden": frame("staedte_gemeinden", 1101)}


@pytest.fixture(scope="module")
def findings() -> Findings:
    return analyse(
        questionnaire=read_yaml(EXAMPLE / "questionnaire.yaml", Questionnaire),
        published=read_yaml(EXAMPLE / "published.yaml", Published),
        frames=FRAMES,
        names=NAMES,
        assumptions=Assumptions(),
        known_totals=[TOTAL],
    )


@pytest.fixture(scope="module")
def estimates(findings: Findings) -> Mapping[str, Estimate]:
    return {estimate.source_id: estimate for estimate in findings.estimates}


@pytest.fixture(scope="module")
def comparisons(findings: Findings) -> Mapping[tuple[str, str], Comparison]:
    return {(c.question, c.item): c for c in findings.comparisons}


def test_every_statement_becomes_an_estimate_or_stays_in_words(findings: Findings) -> None:
    assert len(findings.estimates) == 52
    assert len(findings.worded) == 13
    assert {w.source_id for w in findings.worded} >= {"SG-HF-05", "LK-FT-01", "LK-HD-01", "SG-FO-02"}
    assert all(w.qualifier and w.quote for w in findings.worded)


def test_reach_gives_both_published_margins(findings: Findings) -> None:
    reach = {r.audience: r for r in findings.reach}
    assert list(reach) == ["landkreise", "staedte_gemeinden"]
    assert (reach["landkreise"].units, reach["landkreise"].answers, reach["landkreise"].population) == (21, 24, 35)
    assert reach["landkreise"].worst_margin == pytest.approx(0.137, abs=5e-4)
    assert reach["staedte_gemeinden"].worst_margin == pytest.approx(0.106, abs=5e-4)
    assert reach["staedte_gemeinden"].response_rate == 79 / 1101


def test_an_estimate_carries_its_whole_context(estimates: Mapping[str, Estimate]) -> None:
    care = estimates["LK-HF-01"]
    assert (care.audience, care.question, care.item, care.topic, care.kind) == (
        "landkreise", "training_fields", "care", "hf-pflege", "wish",
    )  # fmt: skip
    assert (care.value, care.base_answers, care.base_units, care.population) == (0.46, 24, 21, 35)
    assert care.unit_counts == ((8, 21), (9, 21), (10, 21), (11, 21))  # 11 of 24 sheets, 3 of them second ones
    assert (care.answered_lower, care.answered_upper) == (8 / 21, 11 / 21)
    assert (care.count_lower, care.count_upper) == (9, 23)
    assert (care.lower, care.upper) == (9 / 35, 23 / 35)
    assert care.method == "hypergeometric-envelope"


def test_limits_hold_what_was_answered_and_never_leave_the_scale(findings: Findings) -> None:
    for e in findings.estimates:
        assert e.value is not None
        assert e.lower is not None
        assert e.upper is not None
        assert e.answered_lower is not None
        assert e.answered_upper is not None
        assert 0 <= e.lower <= e.answered_lower <= e.value <= e.answered_upper <= e.upper <= 1, e.source_id
        assert (e.base_answers, e.base_units) in {(24, 21), (87, 79)}


def test_impossible_percentages_are_said_to_be_so_without_accusation(estimates: Mapping[str, Estimate]) -> None:
    misfits = {s: e.possibility for s, e in estimates.items() if e.possibility and not e.possibility.possible}
    assert {s: (p.counts, p.base) for s, p in misfits.items() if p} == {
        "LK-ZUK-01": ((14,), 23),
        "LK-ERF-01": ((4,), 20),
        "LK-ERF-02": ((4,), 20),
        "SG-ZUK-04": ((37,), 57),  # the base of those who plan projects
    }
    mobility = estimates["LK-ZUK-01"].possibility
    assert mobility is not None
    assert mobility.sentence.de.replace("\u202f", " ") == (
        "61 % lässt sich aus 24 Bögen nicht bilden, wohl aber aus 23 (14 von 23): Vermutlich hat ein Bogen die Frage "
        "ausgelassen. Das macht den Wert etwas unsicherer, nicht falsch."
    )


def test_an_item_left_out_widens_the_uncertainty(estimates: Mapping[str, Estimate]) -> None:
    assert estimates["LK-ZUK-01"].unit_counts == (
        (11, 20), (12, 20), (12, 21), (13, 20), (13, 21), (14, 20), (14, 21),
    )  # fmt: skip


def test_halves_round_either_way_so_that_37_and_38_percent_are_the_same_count(
    estimates: Mapping[str, Estimate],
) -> None:
    assert estimates["LK-HF-03"].unit_counts == estimates["LK-ME-05"].unit_counts


def test_about_seventy_percent_is_wider_than_seventy_percent(estimates: Mapping[str, Estimate]) -> None:
    about = estimates["SG-ME-01"]
    assert about.printed.replace("\u202f", " ") == "je ca. 70 %"
    assert about.possibility is not None
    assert about.possibility.counts == (59, 60, 61, 62, 63)
    assert estimates["SG-ME-02"].printed.replace("\u202f", " ") == "zwischen 67 % und 70 %"
    assert estimates["SG-ME-02"].value == pytest.approx(0.685)


def test_an_open_base_has_no_count_limits_and_covers_both_readings(estimates: Mapping[str, Estimate]) -> None:
    years = estimates["SG-ERF-02"]
    assert (years.method, years.count_lower, years.count_upper) == ("reading-envelope", None, None)
    answering = {n for _, n in years.unit_counts}
    assert 79 in answering  # all who answered
    assert min(answering) == 27  # 41 % are 36 sheets; 60 % fits 35 of them, from at least 27 towns
    assert years.note is not None
    assert "Bezugsgröße offen" in years.note.de


def test_a_share_says_in_few_words_how_it_relates_to_sheets(estimates: Mapping[str, Estimate]) -> None:
    texts = {source_id: estimate.count_text for source_id, estimate in estimates.items()}
    assert all(texts.values())
    assert texts["LK-HF-01"] == Text("11 von 24 Bögen", "11 of 24 sheets")
    assert texts["SG-ME-01"] == Text("59 bis 63 von 87 Bögen", "59 to 63 of 87 sheets")
    assert texts["LK-ZUK-01"] == Text("passt zu 14 von 23 Bögen", "fits 14 of 23 sheets")
    # Counts of 87 sheets would pick one reading of a base that the source leaves open.
    base_open = {source_id for source_id, text in texts.items() if text == Text("Bezugsgröße offen", "base open")}
    assert base_open >= {"SG-ERF-02", "SG-IW-01", "SG-ZUK-00", "SG-ZUK-01", "SG-ZUK-04"}
    assert all((estimates[source_id].count_lower is None) for source_id in base_open)


def test_a_share_of_another_share_only_fits_its_counts() -> None:
    part = statement(
        "P", "towns", item="care", base_readings=[{"text": {"de": "Teil", "en": "part"}, "subset_of": "T"}]
    )
    whole, sub = toy(statement("T", "towns", value=67), part).estimates
    assert whole.count_text == Text("4 von 6 Bögen", "4 of 6 sheets")
    assert sub.count_text == Text("passt zu 2 von 4 Bögen", "fits 2 of 4 sheets")


def test_every_item_that_both_were_asked_is_compared(comparisons: Mapping[tuple[str, str], Comparison]) -> None:
    assert [item for question, item in comparisons if question == "training_fields"] == [
        "care", "generations", "inclusion", "housing", "local_supply", "mobility", "infrastructure",
    ]  # fmt: skip
    assert [item for question, item in comparisons if question == "training_methods"] == [
        "project_management", "participation", "needs_analysis", "social_space_analysis", "networking",
    ]  # fmt: skip
    assert len(comparisons) == 21


def test_differences_are_the_first_audience_minus_the_second(
    comparisons: Mapping[tuple[str, str], Comparison],
) -> None:
    care = comparisons["training_fields", "care"]
    assert (care.audience_a, care.audience_b, care.source_ids) == (
        "landkreise", "staedte_gemeinden", ("LK-HF-01", "SG-HF-01"),
    )  # fmt: skip
    assert care.difference == pytest.approx(0.17)
    assert (care.lower, care.upper) == pytest.approx((-0.110, 0.481), abs=1e-3)
    assert care.p_value <= care.p_bh <= care.p_holm <= 1
    assert care.detectable == pytest.approx(0.367, abs=1e-3)
    assert "nach der Korrektur für 21 Vergleiche wäre erst ein Unterschied ab 37 Punkten" in care.sentence.de


def test_no_comparison_of_2018_is_shown_and_none_is_called_no_difference(findings: Findings) -> None:
    for comparison in findings.comparisons:
        assert "Dieser Rücklauf kann nicht zeigen, ob sich die beiden Gruppen insgesamt unterscheiden" in (
            comparison.sentence.de
        )
        assert "kein Unterschied" not in comparison.sentence.de
        assert "no difference" not in (comparison.sentence.en or "")


def test_a_comparison_says_when_the_two_items_were_worded_differently(
    comparisons: Mapping[tuple[str, str], Comparison],
) -> None:
    experience = comparisons["experience", "past_experience"]
    assert experience.note is not None
    assert "„Projekte in der Vergangenheit verfolgt“" in experience.note.de
    assert comparisons["training_fields", "care"].note is None


def test_the_family_of_comparisons_is_named(findings: Findings) -> None:
    assert "alle 21 Vergleiche" in findings.family.de


def test_those_who_answered_were_no_random_draw_under_either_reading(findings: Findings) -> None:
    (check,) = findings.totals
    assert check.known_share == pytest.approx(0.1294, abs=1e-4)
    assert [share for _, share in check.readings] == pytest.approx([0.56, 0.2296])
    assert not check.compatible
    assert check.sentence.de.replace("\u202f", " ") == (
        "Teilnahme 2017: insgesamt 147 von 1.136 (13 %); Städte und Gemeinden: 56 % der 87 Bögen aus 79 Kommunen; "
        "Lesart „nur Kommunen mit Projekten“: 23 % der Bögen. Lesart „alle antwortenden Städte und Gemeinden“: Gleich, "
        "welche Kommunen mehrere Bögen schickten, hätte eine Zufallsauswahl das kaum ergeben (im äußersten Fall 41 von "
        "79, p < 0,001). Lesart „nur Kommunen mit Projekten“: Verteilen sich die Zweitbögen gleichmäßig, sind das 18 "
        "von 79, was eine Zufallsauswahl kaum ergeben hätte (p = 0,024); im äußersten Fall sind es 12 von 79, was mit "
        "ihr vereinbar wäre (p = 0,72). Dass die Antwortenden einer Zufallsauswahl gleichen, ist damit "
        "unwahrscheinlich, aber nicht in jedem Fall ausgeschlossen."
    )


def test_the_first_page_gets_the_total_on_its_proper_base(findings: Findings) -> None:
    assert findings.totals[0].short.de.replace("\u202f", " ") == (
        "Teilnahme 2017: insgesamt 147 von 1.136 (13 %), unter den Antwortenden 56 % der 87 Bögen aus 79 Kommunen "
        "(anders gelesen 23 %). Das ist unter beiden Lesarten deutlich mehr als 13 %: Die Antwortenden waren keine "
        "Zufallsauswahl (Lesart „nur Kommunen mit Projekten“: sofern sich die Zweitbögen etwa gleichmäßig verteilen)."
    )
    assert findings.totals[0].short.en is not None
    assert "clearly more under both readings than 13%" in findings.totals[0].short.en


def test_a_total_that_counts_many_others_is_split_in_favour_of_a_random_draw() -> None:
    # 2 of 4 towns say yes; the total of 100 among 400 others may hold anything from 0 to 6 of the 6 towns.
    total = KnownTotal(
        id="other", text=Text("Anderes", "other"), count=100, population=406, source="s", compare_with="T"
    )
    (check,) = toy(statement("T", "towns"), answers=4, units=4, known_totals=(total,)).totals
    assert check.compatible


def test_a_single_reading_out_of_reach_is_said_without_reservation() -> None:
    total = KnownTotal(id="none", text=Text("Niemand", "nobody"), count=0, population=6, source="s", compare_with="T")
    (check,) = toy(statement("T", "towns"), known_totals=(total,)).totals
    assert "Wer antwortete, gleicht keiner Zufallsauswahl." in check.sentence.de
    assert check.short.de.endswith("Das ist deutlich mehr als 0\u202f%: Die Antwortenden waren keine Zufallsauswahl.")


def test_a_total_like_the_answers_is_compatible_but_shows_nothing(findings: Findings) -> None:
    published = read_yaml(EXAMPLE / "published.yaml", Published)
    alike = TOTAL.model_copy(update={"count": 640})
    check = analyse(
        questionnaire=read_yaml(EXAMPLE / "questionnaire.yaml", Questionnaire),
        published=published, frames=FRAMES, names=NAMES, assumptions=findings.assumptions, known_totals=[alike],
    ).totals[0]  # fmt: skip
    assert check.compatible
    assert "gezeigt ist sie dadurch nicht" in check.sentence.de


def test_the_articles_claims_stand_beside_what_the_data_carry(findings: Findings) -> None:
    verdicts = {claim.claim_id: claim.verdict for claim in findings.claims}
    assert len(verdicts) == 35
    assert {c for c, v in verdicts.items() if v == "carried"} == {"before", "care-towns-few", "online"}
    assert [verdicts[c] for c in ("care", "generations", "needs-analysis", "networking", "future-majority")] == (
        ["not_shown"] * 5
    )
    assert [verdicts[c] for c in ("care-top", "integration", "alongside", "frequency", "public-relations")] == (
        ["not_testable"] * 5
    )


def test_every_sentence_exists_in_both_languages(findings: Findings) -> None:
    texts = [c.sentence for c in findings.comparisons] + [c.sentence for c in findings.claims]
    texts += [text for t in findings.totals for text in (t.sentence, t.short)] + [findings.family]
    texts += [e.possibility.sentence for e in findings.estimates if e.possibility]
    texts += [e.note for e in findings.estimates if e.note]
    texts += [e.count_text for e in findings.estimates if e.count_text]
    assert [text.de for text in texts if not text.en or text.en == text.de] == []


def test_the_same_input_gives_the_same_findings(findings: Findings) -> None:
    again = analyse(
        questionnaire=read_yaml(EXAMPLE / "questionnaire.yaml", Questionnaire),
        published=read_yaml(EXAMPLE / "published.yaml", Published),
        frames=FRAMES, names=NAMES, assumptions=Assumptions(), known_totals=[TOTAL],
    )  # fmt: skip
    assert again == findings


# --- a toy of six and four ---------------------------------------------------------------------

TOY_QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "questions": [
            {
                "id": "wishes",
                "text": "Wünsche",
                "type": "multiple",
                "kind": "wish",
                "items": [
                    {"id": "housing", "text": "Wohnen", "topic": "hf-wohnen"},
                    {"id": "care", "text": "Pflege", "topic": "hf-pflege"},
                ],
            }
        ]
    }
)
TOY_NAMES = {"towns": Text("Gemeinden", "towns"), "districts": Text("Kreise", "districts")}


def statement(source_id: str, audience: str, **changes: object) -> dict[str, object]:
    return {
        "source_id": source_id, "audience": audience, "question": "wishes", "item": "housing",
        "location": "p. 1", "quote": "…", "value": 50,
    } | changes  # fmt: skip


def toy(
    *statements: dict[str, object],
    answers: int = 6,
    units: int = 6,
    known_totals: tuple[KnownTotal, ...] = (),
    **changes: Any,
) -> Findings:
    published = Published.model_validate(
        {
            "source": {"title": "T", "authors": ["A"], "published_in": "J", "survey": "S"},
            "returns": {"towns": {"units": units, "answers": answers}, "districts": {"units": 4, "answers": 4}},
            "statements": list(statements),
        }
        | changes
    )
    return analyse(
        questionnaire=TOY_QUESTIONNAIRE,
        published=published,
        frames={"towns": frame("towns", 6), "districts": frame("districts", 4)},
        names=TOY_NAMES,
        assumptions=Assumptions(),
        known_totals=known_totals,
    )


def test_a_complete_return_with_one_sheet_each_is_certain() -> None:
    (estimate,) = toy(statement("T", "towns")).estimates
    assert (estimate.lower, estimate.upper) == (0.5, 0.5)
    assert (estimate.count_lower, estimate.count_upper, estimate.unit_counts) == (3, 3, ((3, 6),))


def test_a_difference_of_complete_returns_is_shown() -> None:
    (comparison,) = toy(statement("T", "towns", value=100), statement("D", "districts", value=0)).comparisons
    assert (comparison.lower, comparison.upper) == (1, 1)
    assert comparison.p_holm < 0.05
    assert comparison.sentence.en is not None
    assert "This return shows a difference" in comparison.sentence.en


def test_two_sheets_of_one_town_leave_the_count_open() -> None:
    # 8 sheets from 6 towns, 4 say yes: two of them may come from towns that are counted once.
    (estimate,) = toy(statement("T", "towns"), answers=8).estimates
    assert estimate.unit_counts == ((2, 6), (3, 6), (4, 6))
    assert (estimate.count_lower, estimate.count_upper) == (2, 4)


def test_agreement_is_carried_only_where_the_difference_is_shown_to_be_small() -> None:
    claim = {"id": "same", "quote": "q", "location": "l", "source_ids": ["T", "D"], "kind": "agreement"}
    alike = toy(statement("T", "towns"), statement("D", "districts"), claims=[claim])
    assert alike.claims[0].verdict == "carried"
    apart = toy(statement("T", "towns"), statement("D", "districts", value=75), claims=[claim])
    assert apart.claims[0].verdict == "not_shown"


def test_a_claim_of_most_is_held_against_one_half() -> None:
    claim = {"id": "most", "quote": "q", "location": "l", "source_ids": ["T"], "kind": "majority"}
    assert toy(statement("T", "towns", value=67), claims=[claim]).claims[0].verdict == "carried"
    not_even = toy(statement("T", "towns", value=33), claims=[claim]).claims[0]
    assert not_even.verdict == "not_shown"
    assert "Schon unter den Bögen trifft es nicht zu" in not_even.sentence.de


def test_a_rank_is_set_beside_the_printed_values_and_left_untested() -> None:
    claim = {"id": "top", "quote": "q", "location": "l", "source_ids": ["T"], "kind": "rank"}
    (check,) = toy(statement("T", "towns"), statement("T2", "towns", item="care", value=67), claims=[claim]).claims
    assert check.verdict == "not_testable"
    assert check.sentence.de.startswith(
        "Unter den 2 zu dieser Frage gedruckten Werten (Gemeinden) liegt „Wohnen“ auf Platz 2."
    )


def test_sentences_name_items_and_audiences_instead_of_ids(findings: Findings) -> None:
    ids = {e.source_id for e in findings.estimates} | {w.source_id for w in findings.worded}
    texts = [c.sentence for c in findings.claims] + [c.sentence for c in findings.comparisons]
    texts += [text for t in findings.totals for text in (t.sentence, t.short)]
    assert [text.de for text in texts if any(i in text.de or i in text.into("en") for i in ids)] == []
    sentences = {claim.claim_id: claim.sentence.de for claim in findings.claims}
    assert sentences["public-relations"] == (
        "Nicht prüfbar: Eine Zahl ist nur gedruckt für Städte und Gemeinden („Öffentlichkeitsarbeit“); das Gegenstück "
        "fehlt."
    )


def test_limits_in_sentences_are_rounded_outwards(
    findings: Findings, comparisons: Mapping[tuple[str, str], Comparison]
) -> None:
    housing = comparisons["training_fields", "housing"]
    assert (housing.lower, housing.upper) == pytest.approx((-0.44998, 0.14421), abs=1e-5)
    assert "Vereinbar mit den Angaben sind −45 bis +15 Prozentpunkte" in housing.sentence.de
    assert [text.de for text in points_outwards(-0.29, 0.29)] == ["−29", "+29"]
    assert [text.en for text in percents_outwards(0.124, 0.291)] == ["12%", "30%"]
    before = next(claim for claim in findings.claims if claim.claim_id == "before")  # 24 to 34 of 35
    assert "zwischen 68 % und 98 %" in before.sentence.de.replace("\u202f", " ")


def test_a_known_total_without_a_number_to_compare_is_refused() -> None:
    total = TOTAL.model_copy(update={"compare_with": "T"})
    with pytest.raises(DesignError, match="T gives no number"):
        analyse(
            questionnaire=TOY_QUESTIONNAIRE,
            published=Published.model_validate(
                {
                    "source": {"title": "T", "authors": ["A"], "published_in": "J", "survey": "S"},
                    "returns": {"towns": {"units": 6, "answers": 6}},
                    "statements": [statement("T", "towns", value=None)],
                }
            ),
            frames={"towns": frame("towns", 6)},
            names=TOY_NAMES,
            assumptions=Assumptions(),
            known_totals=[total],
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100), st.integers(1, 30), st.integers(0, 5), st.integers(0, 20))
def test_any_printed_percentage_gives_limits_around_it(value: int, units: int, second: int, others: int) -> None:
    published = Published.model_validate(
        {
            "source": {"title": "T", "authors": ["A"], "published_in": "J", "survey": "S"},
            "returns": {"towns": {"units": units, "answers": units + second}},
            "statements": [statement("T", "towns", value=value)],
        }
    )
    (estimate,) = analyse(
        questionnaire=TOY_QUESTIONNAIRE, published=published, frames={"towns": frame("towns", units + others)},
        names=TOY_NAMES, assumptions=Assumptions(), known_totals=[],
    ).estimates  # fmt: skip
    assert estimate.lower is not None
    assert estimate.upper is not None
    assert estimate.answered_lower is not None
    assert estimate.answered_upper is not None
    assert 0 <= estimate.lower <= estimate.answered_lower <= estimate.answered_upper <= estimate.upper <= 1
    if others == 0 and second == 0 and estimate.possibility and estimate.possibility.possible:
        assert estimate.upper - estimate.lower <= (len(estimate.unit_counts) - 1) / units + 1e-12


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": 46}, "46 %"),
        ({"value": 37.5, "qualifier": "ca.", "approximate": True}, "ca. 37,5 %"),
        ({"value": 29, "qualifier": "nur"}, "29 % („nur“)"),
        ({"value": None, "low": 67, "high": 70, "qualifier": "zwischen … und …"}, "zwischen 67 % und 70 %"),
        ({"value": None, "low": 67, "high": 70}, "67–70 %"),
    ],
)
def test_a_number_keeps_its_hedge(changes: dict[str, object], expected: str) -> None:
    assert printed(Statement.model_validate(statement("T", "towns", **changes))).replace("\u202f", " ") == expected


def test_three_audiences_are_compared_two_by_two() -> None:
    published = Published.model_validate(
        {
            "source": {"title": "T", "authors": ["A"], "published_in": "J", "survey": "S"},
            "returns": {name: {"units": 4, "answers": 4} for name in ("a", "b", "c")},
            "statements": [statement(name.upper(), name) for name in ("a", "b", "c")],
        }
    )
    shares = list(read_shares(published, {"a": 9, "b": 9, "c": 9}, Assumptions()).values())
    names = {name: Text(name, name) for name in ("a", "b", "c")}
    found = compare(TOY_QUESTIONNAIRE, shares, ["c", "a", "b"], names)
    assert [(c.audience_a, c.audience_b) for c in found] == [("c", "a"), ("c", "b"), ("a", "b")]
