"""An invented return: complete, marked, correlated, counted out, and the same for the same seed."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation_toy import FRAMES, QUESTIONNAIRE

from passgenau.errors import InputError
from passgenau.simulation import SYNTHETIC, Simulation, SimulationAssumptions, simulate
from passgenau.simulation.counts import apportioned, balance, cut_above
from passgenau.simulation.margins import Target, choose_base
from passgenau.study import Study
from passgenau.survey import Published, State
from passgenau.survey.answer_files import read_answers, write_answers
from passgenau.survey.marks import check_answers
from passgenau.survey.typed import type_answers

ROOT = Path(__file__).parent.parent
USABLE = pl.col("disposition").is_in(["complete", "partial"])


def toy(seed: int = 1, **assumed: object) -> Simulation:
    return simulate(QUESTIONNAIRE, FRAMES, SimulationAssumptions.model_validate(assumed), seed=seed)


def published(*statements: tuple[str, str, str, float]) -> Published:
    """Return a publication: 40 towns with 44 sheets, 20 counties with 20, and some printed percentages."""
    place = {"location": "", "quote": ""}
    return Published.model_validate(
        {
            "source": {"title": "", "authors": [], "published_in": "", "survey": "Umfrage"},
            "returns": {"towns": {"units": 40, "answers": 44}, "counties": {"units": 20, "answers": 20}},
            "statements": [
                {"source_id": f"S{n}", "audience": a, "question": q, "item": i, "value": v, **place}
                for n, (a, q, i, v) in enumerate(statements)
            ],
        }
    )


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return toy(response_rate=0.4, texts=0.5)


def test_every_organisation_of_every_audience_has_a_disposition(simulation: Simulation) -> None:
    sheets = simulation.responses.sheets
    for audience, frame in FRAMES.items():
        own = sheets.filter(pl.col("audience") == audience)
        assert set(own["organisation"]) == set(frame.by_key)
    assert set(sheets["disposition"]) >= {"complete", "partial", "break_off", "refusal", "unreachable", "unknown"}
    assert sheets["disposition"].null_count() == 0
    assert sheets["sheet"].n_unique() == len(sheets) == len(simulation.responses.values)


def test_a_second_sheet_belongs_to_somebody_who_answered_and_comes_later(simulation: Simulation) -> None:
    sheets = simulation.responses.sheets.filter(USABLE)
    second = sheets.filter(pl.col("order") == 2)
    assert second.height == 8 + 1  # one in ten of 80 towns and of 12 counties
    first = dict(sheets.filter(pl.col("order") == 1).select("organisation", "day").iter_rows())
    assert all(day >= first[key] for key, day in second.select("organisation", "day").iter_rows())


def test_it_reads_back_as_it_was_written(simulation: Simulation, tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_bytes(write_answers(simulation.responses))
    again = type_answers(read_answers(path, QUESTIONNAIRE), QUESTIONNAIRE, FRAMES)
    assert again.values.equals(simulation.responses.values)
    assert again.states.equals(simulation.responses.states)
    assert again.synthetic == SYNTHETIC
    assert set(again.states.unpivot()["value"]) <= {int(s) for s in State if s is not State.INVALID}


def test_checks_find_nothing_but_second_sheets(simulation: Simulation, tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_bytes(write_answers(simulation.responses))
    again = type_answers(read_answers(path, QUESTIONNAIRE), QUESTIONNAIRE, FRAMES)
    assert {mark.check for mark in check_answers(again, FRAMES)} == {"repeated_organisation"}


def test_every_type_of_question_is_answered(simulation: Simulation) -> None:
    answered = {
        name: int((simulation.responses.states[name] == State.ANSWERED).sum())
        for name in simulation.responses.states.columns
    }
    nobody = {name for name, count in answered.items() if count == 0}
    assert nobody == {"plan", "score"}  # nobody hands in invented files, and the tool computes by itself


def test_filters_hide_and_break_offs_see_no_further(simulation: Simulation) -> None:
    values, states = simulation.responses.values, simulation.responses.states
    assert set(values.filter(states["rating"] == State.ANSWERED)["stage"]) == {"running"}
    counties = simulation.responses.sheets["audience"] == "counties"
    assert set(states.filter(counties)["fields_care"]) == {State.NOT_SHOWN}
    big = {unit.key for unit in FRAMES["towns"].units if unit.population >= 20_000} | set(FRAMES["counties"].by_key)
    seen = simulation.responses.sheets.filter(states["wishes_big"] != State.NOT_SHOWN)
    assert set(seen["organisation"]) <= big
    broken = simulation.responses.sheets["disposition"] == "break_off"
    assert set(states.filter(broken)["remarks"]) == {State.NOT_SHOWN}
    silent = simulation.responses.sheets["disposition"].is_in(["refusal", "unreachable", "unknown"])
    assert set(states.filter(silent).unpivot()["value"]) == {State.NOT_SHOWN}


def test_answers_keep_the_rules_of_their_question(simulation: Simulation) -> None:
    values, states = simulation.responses.values, simulation.responses.states
    told = values.filter(states["wishes_care"] == State.ANSWERED)
    ticks = told.select(pl.sum_horizontal("wishes_care", "wishes_housing", "wishes_big", "wishes_none", "wishes_other"))
    assert ticks.to_series().is_between(1, 2).all()
    alone = told.filter("wishes_none").select("wishes_care", "wishes_housing", "wishes_other")
    assert not alone.select(pl.any_horizontal(pl.all())).to_series().any()
    ranks = values.select("order_a", "order_b", "order_c").drop_nulls(["order_a", "order_b"])
    assert all(sorted(r for r in row if r is not None) == [1, 2] for row in ranks.iter_rows())
    assert values["days"].drop_nulls().is_between(1, 10).all()
    chosen = values.filter(values["stage_other_text"].is_not_null())
    assert set(chosen["stage"]) == {"other"}


def test_no_answer_and_empty_are_told_apart(simulation: Simulation) -> None:
    usable = simulation.responses.states.filter(simulation.responses.sheets.select(USABLE).to_series())
    assert set(usable["stage"]) == {State.ANSWERED, State.REFUSED}  # required, with “keine Angabe”
    assert State.EMPTY in set(usable["days"])
    assert State.REFUSED not in set(usable["days"])


def test_invented_texts_say_that_they_are(simulation: Simulation) -> None:
    texts = simulation.responses.values["remarks"].drop_nulls()
    assert len(texts) > 10
    assert texts.str.contains(r"^\[(?:erfunden|made up)\]").all()


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    first, second, other = (write_answers(toy(seed).responses) for seed in (3, 3, 4))
    assert first == second
    assert first != other


def test_a_second_sheet_mostly_agrees_with_the_first() -> None:
    agreeing = {}
    for close in (0.0, 1.0):
        returns = {"towns": {"organisations": 100, "sheets": 200}}
        found = toy(returns=returns, second_agreement=close, item_missing=0.0, refused=0.0, partial=0.0).responses
        pairs = found.sheets.with_columns(found.values["days"]).filter(USABLE & (pl.col("audience") == "towns"))
        wide = pairs.pivot(on="order", index="organisation", values="days").drop_nulls()
        agreeing[close] = np.corrcoef(wide["1"], wide["2"])[0, 1]
    assert agreeing[1.0] == pytest.approx(1.0)
    assert abs(agreeing[0.0]) < 0.3


def test_the_interested_answer_rather_than_others() -> None:
    eager = toy(interest=2.0).truth.returns
    alike = toy(interest=0.0, size_classes={}, region_spread=0.0, district_spread=0.0).truth.returns
    assert all(found.interest_of_answering > 0.5 for found in eager)
    assert abs(alike[1].interest_of_answering) < 0.4


def test_items_of_the_same_name_go_together() -> None:
    def together(**assumed: float) -> float:
        found = toy(response_rate=1.0, item_missing=0.0, second_sheets=0.0, **assumed)
        towns = found.responses.values.filter(found.responses.sheets["audience"] == "towns")
        pair = towns.select(
            pl.col("wishes_care").cast(pl.Float64), pl.col("fields_care").eq("much").cast(pl.Float64)
        ).drop_nulls()
        return float(np.corrcoef(pair.to_numpy().T)[0, 1])

    assert together(common=0.0, topic=0.9) > 0.3
    assert abs(together(common=0.0, topic=0.0)) < 0.2


def test_truth_counts_the_whole_population(simulation: Simulation) -> None:
    stage = [s for s in simulation.truth.shares if (s.audience, s.question) == ("towns", "stage")]
    assert {share.population for share in stage} == {200}
    assert sum(share.count for share in stage) == 200
    (towns,) = (r for r in simulation.truth.returns if r.audience == "towns")
    assert (towns.population, towns.organisations, towns.sheets) == (200, 80, 88)
    assert sum(answered for answered, _ in towns.response_by_size_class.values()) == 80
    (days,) = (m for m in simulation.truth.means if (m.audience, m.variable) == ("towns", "days"))
    assert 1 < days.mean < 10


def test_where_everybody_answers_fully_the_sheets_are_the_truth() -> None:
    found = toy(response_rate=1.0, second_sheets=0.0, item_missing=0.0, refused=0.0, partial=0.0)
    assert all((s.sheets, s.sheets_yes) == (s.population, s.count) for s in found.truth.shares if s.question == "stage")


def test_more_ticks_than_fit_are_left_out() -> None:
    crowded = {f"wishes.{item}": {"towns": 0.9, "counties": 0.9} for item in ("care", "housing", "other")}
    found = toy(shares=crowded, response_rate=0.5).responses.values
    ticks = found.select(pl.sum_horizontal("wishes_care", "wishes_housing", "wishes_big", "wishes_other")).to_series()
    assert ticks.max() == 2


# --- published margins -------------------------------------------------------------------------------


def test_published_shares_are_met_as_printed() -> None:
    printed = published(
        ("towns", "stage", "running", 36.0),  # 16 of 44
        ("towns", "wishes", "care", 55.0),  # 24 of 44
        ("towns", "wishes", "housing", 30.0),  # 13 of 44
        ("towns", "rating", "5", 38.0),  # 6 of the 16 that see it
        ("towns", "fields", "care", 75.0),  # 33 of 44 agree
        ("counties", "wishes", "care", 45.0),  # 9 of 20
    )
    found = simulate(QUESTIONNAIRE, FRAMES, SimulationAssumptions(), seed=2, published=printed)
    assert [(m.yes, m.base) for m in found.published] == [(16, 44), (24, 44), (13, 44), (6, 16), (33, 44), (9, 20)]
    assert all(met.met and met.why is None for met in found.published)


def test_what_cannot_be_formed_is_said() -> None:
    printed = published(
        ("counties", "wishes", "care", 45.0),  # 9 of 20
        ("counties", "wishes", "housing", 51.0),  # no count of 20
        ("counties", "wishes", "other", 5.0),  # 1 of 20, 1 of 19 …
        ("counties", "wishes", "none", 15.0),  # 3 of 20
        ("counties", "order", "a", 50.0),  # ranks are no shares
    )
    found = simulate(QUESTIONNAIRE, FRAMES, SimulationAssumptions(), seed=2, published=printed).published
    assert [m.met for m in found] == [True, False, True, True, False]
    assert "nicht bilden" in found[1].why.de
    assert (found[4].yes, found[4].base) == (None, None)


@given(st.integers(1, 120), st.data())
@settings(max_examples=60)
def test_shares_that_arise_from_a_base_find_one_on_which_all_fit(base: int, data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(0, base), min_size=1, max_size=6))
    wanted = {
        str(n): Target(str(n), round(100 * count / base), round(100 * count / base), 0.5)
        for n, count in enumerate(counts)
    }
    found = choose_base(base, wanted, one_each=False, closed=False, usual=base)
    assert all(target.nearest(found) in target.counts(found) for target in wanted.values())


@given(st.integers(0, 500), st.lists(st.floats(0, 10), min_size=1, max_size=8).filter(lambda w: sum(w) > 0.01))
@settings(max_examples=60)
def test_parts_add_up_to_the_whole(total: int, weights: list[float]) -> None:
    parts = apportioned(total, np.array(weights))
    assert sum(parts) == total
    assert all(abs(part - total * w / sum(weights)) <= 1 + 1e-9 for part, w in zip(parts, weights, strict=True))


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30, unique=True), st.data())
@settings(max_examples=60)
def test_a_cut_leaves_the_wanted_count_above_it(numbers: list[float], data: st.DataObject) -> None:
    spread = np.unique(np.round(numbers, 6))
    count = data.draw(st.integers(0, spread.size))
    assert int((spread > cut_above(spread[::-1], count, 0.5)).sum()) == count


@given(st.integers(1, 5), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_moving_ticks_keeps_every_total(items: int, sheets: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ticked = rng.uniform(size=(items, sheets)) < 0.5
    able = np.ones_like(ticked)
    before = ticked.sum(axis=1)
    balance(ticked, able, rng.standard_normal(ticked.shape), np.arange(sheets), 1, items)
    assert (ticked.sum(axis=1) == before).all()
    if before.sum() >= sheets:
        assert (ticked.sum(axis=0) >= 1).all()


# --- what cannot be simulated ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assumed", "said"),
    [
        ({"shares": {"wishes.cares": {"towns": 0.2}}}, "There is no answer 'wishes.cares'"),
        ({"shares": {"wishes.care": {"cities": 0.2}}}, "There is no audience 'cities'"),
        ({"returns": {"cities": {"rate": 0.2}}}, "There is no audience 'cities'"),
        ({"returns": {"towns": {"organisations": 201}}}, "201 answer, but there are only 200"),
        ({"returns": {"towns": {"rate": 0.5, "sheets": 3}}}, "3 sheets of 100 organisations"),
    ],
)
def test_impossible_assumptions_are_named(assumed: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        toy(**assumed)


def test_nobody_may_answer() -> None:
    found = toy(response_rate=0.0)
    assert Counter(found.responses.sheets["disposition"])["complete"] == 0
    assert all(share.sheets == 0 for share in found.truth.shares)


# --- the example -------------------------------------------------------------------------------------


def test_the_example_meets_what_was_published() -> None:
    study = Study.open(ROOT / "examples" / "quartier2020")
    found = simulate(study.questionnaire, study.frames, SimulationAssumptions(), seed=5, published=study.published)
    assert [(r.organisations, r.sheets) for r in found.truth.returns] == [(21, 24), (79, 87)]
    assert [m.source_id for m in found.published if not m.met] == ["LK-ZUK-01"]  # 61 % is no count of 24 beside 50 %
    assert len(found.published) == 52
