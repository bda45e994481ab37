"""Reference results of R on synthetic data: calibrated weights, replicates, and several things at once."""

from pathlib import Path

import pytest
from oracles_runner.cases import Case, load
from oracles_runner.run import check

CASES = [case for case in load(Path(__file__).parent / "oracles") if case.file.name[:2] in {"22", "25"}]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file.stem}:{case.name}")
def test_the_engine_agrees_with_the_reference(case: Case) -> None:
    outcome = check(case)
    assert (outcome.state, outcome.lines) == ("passed", ())
