"""From answers to findings: two small populations worked by hand."""

from dataclasses import replace

import polars as pl
import pytest
from answers_toy import (
    FRAMES,
    NAMES,
    QUESTIONNAIRE,
    WEIGHTS,
    district,
    findings,
    many,
    prepared,
    responses,
    sheet,
    town,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError, InputError
from passgenau.estimation import Sample, exact_difference, hypergeometric_interval, margin_of_error
from passgenau.findings import Estimate, Findings, KnownTotal, Weights, prepare, profiles
from passgenau.findings.asked import counted, measured, wordings
from passgenau.text import Text

CONTEST = KnownTotal(
    id="contest",
    text=Text("begonnen", "started"),
    count=12,
    population=50,
    source="Landesamt",
    compare_with="towns.started.yes",
)


@pytest.fixture(scope="module")
def plain() -> Findings:
    return findings(prepared(many()))


@pytest.fixture(scope="module")
def weighted() -> Findings:
    return findings(prepared(many(), weights=WEIGHTS))


def share(found: Findings, source_id: str) -> Estimate:
    return next(estimate for estimate in found.estimates if estimate.source_id == source_id)


# --- what is counted -----------------------------------------------------------------------------


def test_ticks_choices_and_rows_each_give_their_shares() -> None:
    assert [(s.question, s.item, s.topic) for s in counted(QUESTIONNAIRE)] == [
        ("wishes", "care", "care"),
        ("wishes", "housing", "housing"),
        ("started", "yes", None),
        ("started", "no", None),
        ("views", "time", None),
    ]


def test_a_row_without_agreeing_points_gives_a_share_per_point() -> None:
    scale = QUESTIONNAIRE.scales["agree"]
    points = tuple(point.model_copy(update={"agrees": False}) for point in scale.points)
    other = QUESTIONNAIRE.model_copy(update={"scales": {"agree": scale.model_copy(update={"points": points})}})
    assert [s.item for s in counted(other)][-3:] == ["time.no", "time.rather", "time.yes"]
    assert wordings(other)["views", "time.rather"].de == "Zeit fehlt: eher"


def test_numbers_and_points_with_a_value_give_means() -> None:
    assert [(m.question, m.item, m.values) for m in measured(QUESTIONNAIRE)] == [
        ("since", None, ()),
        ("views", "time", (("no", 1.0), ("rather", 2.0), ("yes", 3.0))),
    ]


# --- shares --------------------------------------------------------------------------------------


def test_a_share_of_a_small_population_has_exact_limits_as_counts(plain: Findings) -> None:
    found = share(plain, "districts.wishes.housing")
    exact = hypergeometric_interval(3, 7, 10)
    assert (found.value, found.base_units, found.population, found.method) == (3 / 7, 7, 10, "hypergeometric")
    assert (found.count_lower, found.count_upper) == (exact.lower, exact.upper)
    assert (found.lower, found.upper) == pytest.approx(exact.shares)
    assert found.count_text == Text("3 von 7 Kommunen", "3 of 7 organisations")


def test_the_topic_and_the_kind_come_from_the_questionnaire(plain: Findings) -> None:
    assert [(e.topic, e.kind, e.origin) for e in plain.estimates[:3]] == [
        ("care", "wish", "estimated"),
        ("housing", "wish", "estimated"),
        (None, "context", "estimated"),
    ]


def test_who_left_a_question_empty_does_not_count_for_it() -> None:
    sheets = [sheet(district(n), "1" if n else None, None, "yes") for n in range(7)]
    found = findings(prepared(sheets))
    assert share(found, "districts.wishes.care").base_units == 6
    assert share(found, "districts.started.yes").base_units == 7


def test_a_tick_left_out_is_a_no_where_another_was_set() -> None:
    sheets = [sheet(district(n), None, "1") for n in range(6)]
    found = share(findings(prepared(sheets)), "districts.wishes.care")
    assert (found.value, found.base_units) == (0.0, 6)


def test_a_number_on_fewer_answers_than_the_threshold_is_taken_out() -> None:
    sheets = [sheet(district(n), "1", "0") for n in range(4)]
    found = share(findings(prepared(sheets)), "districts.wishes.care")
    numbers = (found.value, found.lower, found.upper, found.unweighted, found.answered_lower, found.count_lower)
    assert (numbers, found.base_units, found.unit_counts) == ((None,) * 6, 0, ())
    assert found.suppressed
    assert found.note is not None


def test_where_a_filter_decides_no_count_of_the_population_is_claimed() -> None:
    filtered = QUESTIONNAIRE.question("views").model_copy(update={"show_if": QUESTIONNAIRE.question("since").show_if})
    questions = (*QUESTIONNAIRE.questions[:3], filtered)
    given = responses([sheet(town(n), "1", "0", "yes" if n < 12 else "no", None, "yes") for n in range(20)])
    asked = replace(given, questionnaire=QUESTIONNAIRE.model_copy(update={"questions": questions}))
    states = asked.states.with_columns(
        pl.when(asked.values["started"] == "no").then(pl.lit(2, pl.UInt8)).otherwise("views_time").alias("views_time")
    )
    found = share(findings(prepare(replace(asked, states=states), FRAMES)), "towns.views.time")
    assert (found.base_units, found.count_lower, found.method) == (12, None, "korn-graubard")
    assert found.note is not None


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_where_everybody_answered_nothing_is_uncertain(weights: Weights | None) -> None:
    sheets = [sheet(district(n), "1", str(n % 2), "yes") for n in range(10)]
    sheets += [sheet(town(n), str(n % 2), "1", "no") for n in range(40)]
    found = findings(prepared(sheets, weights=weights))
    values = [e.value or 0.0 for e in found.estimates]
    assert [e.lower or 0.0 for e in found.estimates] == pytest.approx(values)
    assert [e.upper or 0.0 for e in found.estimates] == pytest.approx(values)
    assert {c.p_value for c in found.comparisons if c.difference} == {0.0}


# --- several sheets ------------------------------------------------------------------------------


def test_several_sheets_of_one_organisation_count_once_by_the_rule() -> None:
    sheets = [sheet(district(n), "0", "1") for n in range(6)]
    sheets.append(sheet(district(0), "1", "0"))
    either = share(findings(prepared(sheets, rule="any")), "districts.wishes.care")
    both = share(findings(prepared(sheets, rule="all")), "districts.wishes.care")
    assert [e.value for e in (either, both)] == pytest.approx([1 / 6, 0.0])
    assert [(e.base_units, e.base_answers) for e in (either, both)] == [(6, 7), (6, 7)]


def test_disagreement_between_sheets_is_counted_per_question() -> None:
    sheets = [sheet(district(n), "0", "1", "yes") for n in range(6)]
    sheets += [sheet(district(n), "1" if n < 2 else "0", "1", "yes") for n in range(5)]
    quality = findings(prepared(sheets)).quality
    assert quality is not None
    assert quality.repeated == (("districts", 5, 10), ("towns", 0, 0))
    assert [(r.audience, r.question, r.organisations, r.disagreed) for r in quality.disagreement] == [
        ("districts", "wishes", 5, 2)
    ]


def test_disagreement_of_few_organisations_is_told_of_none() -> None:
    sheets = [sheet(district(n), "0", "1", "yes") for n in range(6)]
    sheets += [sheet(district(n), "1", "0", "yes") for n in range(4)]
    quality = findings(prepared(sheets)).quality
    assert quality is not None
    assert quality.repeated == (("districts", 4, 8), ("towns", 0, 0))
    assert quality.disagreement == ()


def test_sheets_of_strangers_and_unusable_ones_are_counted_and_left_out() -> None:
    sheets = [sheet(district(n), "1", "0") for n in range(6)]
    sheets += [sheet("00000", "1", "0"), sheet(district(8), "1", "0", disposition="break_off")]
    found = findings(prepared(sheets))
    assert found.quality is not None
    assert (found.quality.sheets, found.quality.outside) == (8, 1)
    assert found.reach[0].units == 6


def test_nobody_at_all_is_an_error_in_words() -> None:
    with pytest.raises(DesignError, match="No usable sheet"):
        prepared([sheet("00000", "1", "0")])


# --- weights -------------------------------------------------------------------------------------


def test_weights_bring_the_answers_to_the_frame(weighted: Findings) -> None:
    # 10 of 10 larger towns want it and 0 of 10 answering small ones, of which there are 30.
    found = share(weighted, "towns.wishes.care")
    assert found.value == pytest.approx(10 / 40)
    assert found.unweighted == pytest.approx(0.5)
    assert found.weighted
    assert weighted.response is not None
    assert weighted.response.weighting is not None
    fits = [fit for fit in weighted.response.weighting.fits if fit.audience == "towns"]
    assert all(fit.after == pytest.approx(fit.target) for fit in fits)
    assert {fit.categories: fit.before for fit in fits if fit.name == "size_class"} == {
        ("Kleinstadt",): pytest.approx(20),
        ("Landgemeinde",): pytest.approx(20),
    }


def test_what_is_exact_without_weights_stays_beside(weighted: Findings, plain: Findings) -> None:
    exact, beside = share(plain, "towns.wishes.care"), share(weighted, "towns.wishes.care")
    assert (beside.unweighted_lower, beside.unweighted_upper) == (exact.lower, exact.upper)


def test_a_class_in_which_too_few_answered_is_merged_with_its_neighbour() -> None:
    sheets = [s for s in many() if s["organisation"] not in {town(n) for n in range(0, 28, 4)}]
    found = findings(prepared(sheets, weights=Weights(margins=("size_class",)))).response
    assert found is not None
    assert found.weighting is not None
    merged = [fit.categories for fit in found.weighting.fits if fit.audience == "towns"]
    assert merged == [("Kleinstadt", "Landgemeinde")]


def test_trimmed_weights_stay_within_their_limits() -> None:
    wanted = Weights(margins=("size_class",), trim=(0.7, 1.3))
    found = findings(prepared(many(), weights=wanted)).response
    assert found is not None
    assert found.weighting is not None
    towns = found.weighting.spread[1]
    assert [towns.minimum, towns.maximum] == pytest.approx([0.7 * 2, 1.3 * 2])  # 1 and 3 before


# --- known totals --------------------------------------------------------------------------------


def test_a_known_total_of_all_audiences_is_checked_against_all() -> None:
    check = findings(prepared(many()), [CONTEST]).totals[0]
    assert check.readings[0][1] == pytest.approx(17 / 27)
    assert not check.compatible
    assert "17 (63" in check.sentence.de


def test_a_known_total_that_is_calibrated_to_is_met() -> None:
    found = findings(prepared(many(), weights=WEIGHTS, totals=[replace_count(20)]), [replace_count(20)])
    assert found.response is not None
    assert found.response.weighting is not None
    fit = found.response.weighting.fits[-1]
    assert fit.name == "contest"
    assert fit.after == pytest.approx(20)
    sums = [e.value * e.population for e in found.estimates if e.item == "yes" and e.value is not None]
    assert sum(sums) == pytest.approx(20)


def replace_count(count: int) -> KnownTotal:
    return CONTEST.model_copy(update={"count": count})


def test_a_total_that_no_share_corresponds_to_is_an_error() -> None:
    with pytest.raises(DesignError, match="no share of this survey"):
        findings(prepared(many()), [CONTEST.model_copy(update={"compare_with": "towns.started.perhaps"})])


# --- comparisons ---------------------------------------------------------------------------------


def test_a_difference_of_unweighted_shares_is_exact(plain: Findings) -> None:
    found = next(c for c in plain.comparisons if c.item == "care")
    exact = exact_difference(Sample(7, 7, 10), Sample(10, 20, 40))
    assert (found.lower, found.upper, found.p_value) == (exact.lower, exact.upper, exact.p_value)
    assert (found.difference, found.method) == (0.5, "exact-difference")


def test_of_two_answers_that_exclude_each_other_one_is_compared(plain: Findings) -> None:
    assert [(c.question, c.item) for c in plain.comparisons] == [
        ("wishes", "care"),
        ("wishes", "housing"),
        ("started", "yes"),
        ("views", "time"),
    ]
    assert "4 Vergleiche" in plain.family.de


def test_a_weighted_difference_comes_from_the_design(weighted: Findings) -> None:
    found = {c.item: c for c in weighted.comparisons}
    assert found["housing"].method == "design-contrast"
    assert found["housing"].difference == pytest.approx(3 / 7 - 1, abs=0.05)
    assert found["housing"].lower < found["housing"].difference < found["housing"].upper


# --- means ---------------------------------------------------------------------------------------


def test_means_and_medians_have_a_base_of_their_own(plain: Findings) -> None:
    found = {mean.source_id: mean for mean in plain.means}
    mean = found["districts.since.mean"]
    assert mean.value == pytest.approx(3.0)
    assert (mean.base_units, mean.unit, mean.method) == (7, Text("Jahre"), "t")
    assert found["towns.since.mean"].value == pytest.approx(4.0)
    assert found["towns.since.mean"].base_units == 10
    assert found["districts.views.time.median"].value == pytest.approx(3.0)


# --- response ------------------------------------------------------------------------------------


def test_response_rates_count_every_organisation_once(plain: Findings) -> None:
    assert plain.response is not None
    whole = {rate.audience: rate for rate in plain.response.rates if rate.by is None}
    assert (whole["districts"].answered, whole["districts"].rr1) == (7, 0.7)
    assert (whole["towns"].answered, whole["towns"].rr2) == (20, 0.5)


def test_strata_whose_few_answers_would_betray_who_took_part_are_not_shown() -> None:
    sheets = [s for s in many() if s["organisation"] not in {town(n) for n in range(0, 32, 4)}]
    found = findings(prepared(sheets)).response
    assert found is not None
    sizes = {
        rate.stratum: rate.answered for rate in found.rates if rate.audience == "towns" and rate.by == "size_class"
    }
    assert sizes == {"Kleinstadt": None, "Landgemeinde": None}


def test_an_uneven_return_has_a_low_indicator(plain: Findings) -> None:
    assert plain.response is not None
    even = {e.audience: e for e in plain.response.evenness}
    assert even["towns"].indicator < 0.5
    assert max(even["towns"].partial, key=lambda pair: pair[1])[0] == "size_class"


def test_a_small_population_is_looked_at_by_fewer_characteristics() -> None:
    own = FRAMES["towns"].units[:4]
    kinds = tuple(replace(unit, type=f"Art {place}") for place, unit in enumerate(own))
    small = {"towns": replace(FRAMES["towns"], units=kinds)}
    found = findings(prepare(responses([sheet(town(n), "1", "0") for n in range(2)]), small), threshold=1)
    assert found.response is not None
    assert [e.variables for e in found.response.evenness] == [("size_class", "region")]


def test_the_reach_is_that_of_the_organisations(plain: Findings) -> None:
    reach = plain.reach[1]
    assert (reach.units, reach.answers, reach.response_rate) == (20, 20, 0.5)
    assert reach.worst_margin == margin_of_error(20, 40)


# --- profiles ------------------------------------------------------------------------------------


def test_only_who_answered_has_a_profile() -> None:
    found = profiles(prepared(many()), 5)
    assert [p.organisation for p in found.profiles] == sorted(
        {s["organisation"] or "" for s in many()}, key=lambda key: (not key.startswith("98"), key)
    )


def test_a_profile_shows_what_the_sheets_say_before_what_counts() -> None:
    sheets = [*many(), sheet(district(0), "0", "1", "no")]
    own = profiles(prepared(sheets, rule="any"), 5).profiles[0]
    care = next(d for d in own.differing if d.question == "wishes" and d.item == Text("Pflege"))
    assert ([v.de for v in care.values], care.chosen.de) == (["ja", "nein"], "ja")
    assert own.sheets == 2


def test_shares_of_small_groups_do_not_stand_beside() -> None:
    sheets = [s for s in many() if s["organisation"] not in {town(n) for n in range(0, 32, 4)}]
    found = profiles(prepared(sheets), 5)
    small = found.shares["towns", "size_class", "Kleinstadt"]["wishes", "housing"]
    rest = found.shares["towns", "size_class", "Landgemeinde"]["wishes", "housing"]
    assert (small.share, rest.share) == (None, None)
    assert found.shares["towns", "audience", "towns"]["wishes", "housing"].answered == 12


def test_a_single_yes_of_a_part_says_nothing_of_the_others() -> None:
    sheets = [sheet(town(n), "1" if n == 0 else "0", "1" if n < 12 else "0") for n in range(20)]
    found = profiles(prepared(sheets), 5)
    groups = [g for (audience, by, _), g in found.shares.items() if audience == "towns" and by != "audience"]
    assert {group["wishes", "care"].share for group in groups} == {None}
    assert {group["wishes", "housing"].share for group in groups} != {None}
    assert found.shares["towns", "audience", "towns"]["wishes", "care"].share == 0.05


# --- always --------------------------------------------------------------------------------------

ANSWER = st.sampled_from(["0", "1", None])


@given(
    answers=st.lists(st.tuples(st.integers(0, 39), ANSWER, ANSWER), min_size=6, max_size=30),
    rule=st.sampled_from(["any", "all", "latest"]),
)
@settings(max_examples=20, deadline=None)
def test_every_share_lies_between_its_limits_and_has_its_base(
    answers: list[tuple[int, str | None, str | None]], rule: str
) -> None:
    found = findings(prepared([sheet(town(n), a, b) for n, a, b in answers], rule=rule))
    for estimate in found.estimates:
        if not estimate.suppressed:
            assert estimate.lower is not None
            assert estimate.upper is not None
            assert estimate.value is not None
            assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1
            assert 5 <= estimate.base_units <= len({n for n, _, _ in answers})


def test_a_rule_that_does_not_suit_its_question_is_named() -> None:
    with pytest.raises(InputError, match="started"):
        prepared(many(), per_question={"started": "any"})


def test_audiences_are_named_as_the_study_names_them(plain: Findings) -> None:
    assert all(NAMES["towns"].de in comparison.sentence.de for comparison in plain.comparisons)
