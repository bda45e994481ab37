"""Limits hold what they promise: drawn again and again from one truth, they contain it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from answers_toy import COLUMNS, NAMES, QUESTIONNAIRE, unit

from passgenau.findings import Assumptions, Findings, Weights, analyse_responses, prepare
from passgenau.frame.units import Frame
from passgenau.survey import Delivered
from passgenau.survey.typed import type_answers

RETURNS = 25
DRAWN = {"districts": 18, "towns": 60}
FRAMES = {
    "districts": Frame("districts", tuple(unit(n, district=True) for n in range(35)), ()),
    "towns": Frame("towns", tuple(unit(n) for n in range(400)), ()),
}
RNG = np.random.default_rng(5)
TRUTH = {  # large places wish for care more often; few wish for housing; half have started
    u.key: (RNG.random() < (0.7 if u.population > 5000 else 0.25), RNG.random() < 0.08, RNG.random() < 0.5)
    for frame in FRAMES.values()
    for u in frame.units
}
TRUE = {
    (audience, item): float(np.mean([TRUTH[u.key][place] for u in frame.units]))
    for audience, frame in FRAMES.items()
    for place, item in enumerate(("care", "housing", "yes"))
}


def drawn(place: int, weights: Weights | None) -> Findings:
    """Return the findings of one return that chance decides."""
    rng = np.random.default_rng([9, place])
    rows = []
    for audience, size in DRAWN.items():
        for index in rng.choice(len(FRAMES[audience]), size, replace=False):
            key = FRAMES[audience].units[index].key
            care, housing, started = TRUTH[key]
            answers = (str(int(care)), str(int(housing)), "yes" if started else "no", None, "no")
            rows.append({"organisation": key, **dict(zip(COLUMNS, answers, strict=True))})
    table = pl.DataFrame(rows, schema=dict.fromkeys(("organisation", *COLUMNS), pl.String))
    delivered = Delivered(table, {name: name for name in COLUMNS}, {"organisation": "organisation"})
    ready = prepare(type_answers(delivered, QUESTIONNAIRE, FRAMES), FRAMES, weights=weights)
    return analyse_responses(ready, names=NAMES, assumptions=Assumptions(), known_totals=(), strata=(), threshold=5)


@pytest.mark.parametrize("weights", [None, Weights(margins=("size_class", "region"))], ids=["plain", "weighted"])
def test_limits_contain_the_truth_in_nineteen_of_twenty_returns(weights: Weights | None) -> None:
    hits = [
        e.lower <= TRUE[e.audience, e.item] <= e.upper
        for place in range(RETURNS)
        for e in drawn(place, weights).estimates
        if (e.audience, e.item) in TRUE and e.lower is not None and e.upper is not None
    ]
    assert len(hits) == 6 * RETURNS
    assert np.mean(hits) >= 0.93
