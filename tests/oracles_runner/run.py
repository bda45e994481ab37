"""Runs cases and says which agree."""

import argparse
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from oracles_runner import hypotheses, linear, models, shares, weights
from oracles_runner.cases import Case, load
from oracles_runner.compare import differences, tolerance
from oracles_runner.surveys import OutOfScopeError, Prepared, prepare
from passgenau.errors import PassgenauError

STATES = ("passed", "skipped", "failed")  # from good to bad
Adapter = Callable[[Prepared, dict[str, Any]], dict[str, Any]]

ADAPTERS: dict[str, Adapter] = {
    "mean": linear.mean,
    "total": linear.total,
    "ratio": linear.ratio,
    "by": linear.by,
    "weights": weights.weights,
    "repw": weights.replicate_weights,
    "var": shares.variance,
    "ciprop": shares.ciprop,
    "quantile": shares.quantiles,
    "chisq": hypotheses.chisq,
    "table": hypotheses.table,
    "gof": hypotheses.gof,
    "ttest": hypotheses.ttest,
    "ranktest": hypotheses.ranktest,
    "wald_multi": hypotheses.wald_multi,
    "glm": models.regression,
    "olr": models.proportional_odds,
}


@dataclass(frozen=True)
class Outcome:
    """How a case went; `lines` say what differs, or why it was skipped."""

    case: Case
    state: Literal["passed", "failed", "skipped"]
    lines: tuple[str, ...] = ()


def check(case: Case, engines: Sequence[str] = ("memory",)) -> Outcome:
    """Ask every engine that the case goes through and compare with the reference."""
    several = case.estimator in linear.ESTIMATORS and not linear.needs_rows(case)
    asked = engines if several else engines[:1]
    outcomes = [_check(case, engine) for engine in asked]
    worst = max(outcomes, key=lambda outcome: STATES.index(outcome.state))
    failed = [(engine, outcome) for engine, outcome in zip(asked, outcomes, strict=True) if outcome.state == "failed"]
    if not failed or len(asked) == 1:
        return worst
    return Outcome(case, "failed", tuple(f"[{engine}] {line}" for engine, outcome in failed for line in outcome.lines))


def _check(case: Case, engine: str) -> Outcome:
    expects_error = "error" in case.result
    try:
        got = answer(case, engine)
        found = [] if expects_error else differences(expected(case), got, tolerance(case))
    except OutOfScopeError as reason:
        return Outcome(case, "skipped", (str(reason),))
    except PassgenauError as error:
        return Outcome(case, "passed") if expects_error else Outcome(case, "failed", (f"error: {error}",))
    except Exception as error:  # noqa: BLE001 -- whatever happens is a failure of this case alone
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return Outcome(case, "failed", (f"{type(error).__name__} at {where}: {error}",))
    if expects_error:
        return Outcome(case, "failed", (f"expected an error ({case.result['error']}), got numbers",))
    return Outcome(case, "failed" if found else "passed", tuple(str(difference) for difference in found))


def expected(case: Case) -> dict[str, Any]:
    """Return what a case expects: its result, or the limits of an interval entry."""
    return case.body.get("intervals", case.result)


def answer(case: Case, engine: str) -> dict[str, Any]:
    """Return the engine's numbers under the keys of the case."""
    if "intervals" in case.body:
        return shares.intervals(case)
    if case.estimator is None:
        raise OutOfScopeError("no estimator")
    if case.estimator not in ADAPTERS:
        raise OutOfScopeError(f"estimator {case.estimator}")
    return ADAPTERS[case.estimator](prepare(case, engine), case.params)


def report(outcomes: Iterable[Outcome], folder: Path) -> int:
    """Print failures, skipped cases and the count; return the number of failures."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for outcome in outcomes:
        counts[outcome.state] += 1
        file = outcome.case.file.relative_to(folder)
        for line in outcome.lines:
            print(f"{outcome.state.upper()} {file} {outcome.case.name}: {' '.join(line.split())}")  # noqa: T201 -- the output of a command
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))  # noqa: T201 -- likewise
    return counts["failed"]


def main(arguments: list[str] | None = None) -> int:
    """Run all cases of a folder; return the exit status."""
    parser = argparse.ArgumentParser(description="Compare the estimation engine with reference results.")
    parser.add_argument("folder", type=Path, help="folder with case files and their data")
    parser.add_argument(
        "--engine",
        action="append",
        choices=["memory", "duckdb", "spark"],
        help="what sums the rows; may be repeated (default: memory and duckdb)",
    )
    chosen = parser.parse_args(arguments)
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is not a folder")
    engines = chosen.engine or ["memory", "duckdb"]
    return 1 if report((check(case, engines) for case in load(chosen.folder)), chosen.folder) else 0
