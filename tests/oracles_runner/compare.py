"""Whether two results agree: which keys, and how closely."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracles_runner.cases import Case

CLOSED, ITERATIVE, LINEAR_COMBINATIONS, ORDINAL = 1e-9, 1e-7, 1e-6, 1e-3
TINY = 1e-10  # below this, values are compared absolutely
UNCOMPARED = {"method", "note", "file"}  # words, not numbers
NOISE = 1e-12  # of the product of two standard errors: what is left of a covariance where sums cancel
SADDLEPOINT = {"term_LRT_p"}  # keys that come from a saddlepoint approximation whatever the estimator
IN_UNITS_OF = {"se": "est", "contrast_se": "contrast_est"}


@dataclass(frozen=True)
class Difference:
    """One key of a result that does not agree."""

    key: str
    expected: object
    got: object
    deviation: float | None  # relative; None where it has no meaning

    def __str__(self) -> str:
        by = "" if self.deviation is None else f", relative deviation {self.deviation:.2e}"
        return f"{self.key}: expected {_short(self.expected)}, got {_short(self.got)}{by}"


def _short(value: object) -> str:
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if len(text) < 80 else text[:77] + "…"


def tolerance(case: Case) -> float:
    """Return the relative tolerance of a case: that of the loosest method it goes through."""
    found = [CLOSED]
    for step in case.steps:
        operation = step.get("op")
        iterative = step.get("calfun", "linear") != "linear" or "bounds" in step
        if operation in {"rake", "trim"} or (operation == "calibrate" and iterative):
            found.append(ITERATIVE)
    found.append(_of_estimator(case.estimator, case.params))
    return max(found)


def _of_estimator(estimator: str | None, params: Mapping[str, Any]) -> float:
    if estimator == "olr":
        return ORDINAL
    if estimator == "glm":
        return ITERATIVE
    if estimator == "ciprop":
        return ITERATIVE if params.get("method", "logit") in {"logit", "xlogit", "likelihood"} else CLOSED
    if estimator == "quantile" and params.get("interval") in {"score", "xlogit"}:
        return ITERATIVE
    if estimator in {"chisq", "gof"} and params.get("statistic") in {"lincom", "saddlepoint"}:
        return LINEAR_COMBINATIONS
    return CLOSED


def differences(expected: Mapping[str, Any], got: Mapping[str, Any], limit: float) -> list[Difference]:
    """Compare every key of the expected result that has a value; one that is missing in the answer differs."""
    found: list[Difference] = []
    within = dict.fromkeys(SADDLEPOINT, max(limit, LINEAR_COMBINATIONS))
    for key, value in expected.items():
        if key in UNCOMPARED or value is None or value in ([], {}):
            continue
        if key not in got:
            found.append(Difference(key, value, "nothing", None))
        elif key == "vcov":
            found += _compare_covariance(value, got[key], limit, expected)
        else:
            found += _compare(key, value, got[key], within.get(key, limit), _unit(key, expected))
    return found


def _unit(key: str, expected: Mapping[str, Any]) -> Any:
    """Return the unit in which values near zero are compared: for a standard error the size of its estimate."""
    return expected.get(IN_UNITS_OF.get(key, ""), 1.0)


def _compare(key: str, expected: Any, got: Any, limit: float, unit: Any) -> list[Difference]:
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping) or list(expected) != list(got):
            return [Difference(key, expected, got, None)]
        return [d for name in expected for d in _compare(f"{key}[{name}]", expected[name], got[name], limit, unit)]
    if isinstance(expected, (list, tuple)):
        listed = got if isinstance(got, (list, tuple, np.ndarray)) else [got]
        if len(listed) != len(expected):
            return [Difference(key, f"{len(expected)} values", f"{len(listed)} values", None)]
        units = unit if isinstance(unit, list) and len(unit) == len(expected) else [unit] * len(expected)
        parts = enumerate(zip(expected, listed, units, strict=True), 1)
        return [d for i, (one, other, u) in parts for d in _compare(f"{key}[{i}]", one, other, limit, u)]
    if isinstance(got, (list, tuple, np.ndarray)) and len(got) == 1:
        return _compare(key, expected, got[0], limit, unit)  # R drops the brackets of one value
    return _compare_one(key, expected, got, limit, unit)


def _compare_one(key: str, expected: Any, got: Any, limit: float, unit: Any) -> list[Difference]:
    if expected is None or expected in {"NaN", "NA"}:
        return []
    if not is_number(expected):
        return [] if expected == got else [Difference(key, expected, got, None)]
    if not is_number(got):
        return [Difference(key, expected, got, None)]
    wanted, found = float(expected), float(got)
    size = max(1.0, abs(float(unit))) if is_number(unit) else 1.0
    if wanted == found or (abs(wanted) < TINY * size and abs(found - wanted) <= TINY * size):
        return []
    deviation = abs(found - wanted) / abs(wanted) if wanted else float("inf")
    return [] if deviation <= limit else [Difference(key, wanted, found, deviation)]


def _compare_covariance(expected: Any, got: Any, limit: float, whole: Mapping[str, Any]) -> list[Difference]:
    """Compare entry by entry; what is noise is measured against the two standard errors."""
    wanted, found = np.atleast_2d(np.array(expected, dtype=float)), np.atleast_2d(np.array(got, dtype=float))
    if wanted.shape != found.shape:
        return [Difference("vcov", wanted.shape, found.shape, None)]
    error = np.sqrt(np.maximum(np.diag(wanted), 0))
    size = TINY * np.maximum(1.0, np.abs(np.nan_to_num(np.ravel(np.array(whole.get("est", 1.0), dtype=float)))))
    nought = error < size
    error = np.maximum(error, size)
    noise = np.where(nought[:, None] | nought[None, :], 1.0, NOISE) * error[:, None] * error[None, :]
    gap = np.abs(found - wanted)
    bad = ~((gap <= np.maximum(limit * np.abs(wanted), noise)) | np.isnan(wanted))
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = gap / np.abs(wanted)
    return [
        Difference(f"vcov[{i + 1}][{j + 1}]", float(wanted[i, j]), float(found[i, j]), float(deviation[i, j]))
        for i, j in np.argwhere(bad)
    ]


def is_number(value: object) -> bool:
    """Whether a value is a number, quoted or not; truth values are none."""
    if isinstance(value, (bool, np.bool_)) or value is None:
        return False
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True
