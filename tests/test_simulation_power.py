"""What a design can find: exact where it must be, worse where non-response is."""

import csv
import io
import json

import pytest
from simulation_toy import FRAMES, QUESTIONNAIRE, town

from passgenau.estimation import margin_of_error
from passgenau.frame import Frame
from passgenau.simulation import Power, SimulationAssumptions, power_csv, power_json, power_of
from passgenau.simulation import power as design
from passgenau.survey import Questionnaire

ONE = Questionnaire.model_validate(
    {
        "questions": [
            {
                "id": "wishes",
                "type": "multiple",
                "text": "Wünsche?",
                "items": [{"id": "care", "text": "Pflege"}, {"id": "housing", "text": "Wohnen"}],
            }
        ]
    }
)
SHARES = {"wishes.care": {"towns": 0.3, "counties": 0.8}}


def power(questionnaire: Questionnaire = ONE, repeats: int = 300, **assumed: object) -> Power:
    assumptions = SimulationAssumptions.model_validate(assumed)
    return power_of(questionnaire, FRAMES, assumptions, seed=4, repeats=repeats)


def test_where_all_answer_nothing_is_uncertain() -> None:
    found = power(response_rate=1.0, repeats=5, shares=SHARES)
    assert all(item.lower == pytest.approx(item.upper) == pytest.approx(item.share, abs=0.02) for item in found.items)
    assert all(set(item.coverage.values()) == {1.0} and set(item.bias.values()) == {0.0} for item in found.items)
    (care, _) = found.comparisons
    assert (care.power, care.difference) == (1.0, pytest.approx(0.5))


def test_intervals_hold_what_they_promise_only_where_chance_decides_who_answers() -> None:
    found = power(response_rate=0.3, interest=2.0)
    towns = [item for item in found.items if item.audience == "towns"]
    assert all(item.coverage["mcar"] >= 0.92 for item in towns)
    assert all(item.coverage["interest"] < 0.7 for item in towns)
    assert all(abs(item.bias["mcar"]) < 0.02 < item.bias["interest"] for item in towns)


def test_the_expected_interval_is_about_as_wide_as_the_planning_figure() -> None:
    found = power(response_rate=0.3)
    item = next(item for item in found.items if (item.audience, item.item) == ("towns", "housing"))
    assert (item.share, item.share_source, item.answering, item.population) == (0.5, "worst_case", 60, 200)
    assert (item.upper - item.lower) / 2 == pytest.approx(margin_of_error(60, 200), abs=0.02)


def test_more_answers_find_smaller_differences() -> None:
    few, many = (power(response_rate=rate, repeats=60, shares=SHARES).comparisons[0] for rate in (0.3, 0.8))
    assert many.detectable < few.detectable
    assert few.power <= many.power
    assert (few.known, few.difference) == (True, pytest.approx(0.5))


def test_large_returns_are_compared_by_the_normal_distribution_and_nearly_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = power(response_rate=0.8, repeats=100, shares=SHARES).comparisons[1]
    caches = (design._p_value, design._detectable)
    monkeypatch.setattr(design, "_EXACT", 0)
    for cache in caches:
        cache.cache_clear()
    normal = power(response_rate=0.8, repeats=100, shares=SHARES).comparisons[1]
    for cache in caches:
        cache.cache_clear()
    assert (exact.method, normal.method) == ("exact-difference", "normal-difference")
    assert normal.detectable == pytest.approx(exact.detectable, abs=0.05)


def test_unknown_shares_have_no_power_of_their_own() -> None:
    (_, housing) = power(response_rate=0.5, repeats=20, shares=SHARES).comparisons
    assert (housing.known, housing.power) == (False, None)


def test_filters_leave_fewer_to_answer() -> None:
    found = power(QUESTIONNAIRE, repeats=20, response_rate=0.5)
    asked = {(item.audience, item.question): item.population for item in found.items}
    assert asked["towns", "stage"] == 200
    assert 0 < asked["towns", "rating"] < 200
    assert ("counties", "fields") not in asked


def test_one_audience_alone_has_no_comparisons() -> None:
    frames = {"towns": Frame("towns", tuple(town(n, 3000) for n in range(40)), ())}
    found = power_of(ONE, frames, SimulationAssumptions(), seed=1, repeats=10)
    assert found.comparisons == ()
    assert len(found.sentences) == 2


def test_the_same_seed_gives_the_same_files() -> None:
    first, second = (power(repeats=20) for _ in range(2))
    assert power_csv(first) == power_csv(second)
    assert power_json(first) == power_json(second)


def test_files_carry_base_population_and_method_and_say_what_they_are() -> None:
    found = power(repeats=20, shares=SHARES)
    rows = list(csv.DictReader(io.StringIO(power_csv(found).decode("utf-8"))))
    assert [row["kind"] for row in rows] == ["interval"] * 4 + ["comparison"] * 2
    assert all(row["answering"] and row["population"] for row in rows[:4])
    assert all(row["method"] for row in rows)
    tree = json.loads(power_json(found))
    assert tree["synthetic"]["de"].startswith("Künstlich")
    assert (tree["repeats"], tree["level"], len(tree["items"])) == (20, 0.95, 4)
    assert "19 von 20" in tree["sentences"][0]["de"]
