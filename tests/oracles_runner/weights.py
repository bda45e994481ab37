"""Weights after calibration, and replicate weights."""

from typing import Any

import numpy as np

from oracles_runner.cases import read_table
from oracles_runner.surveys import OutOfScopeError, Prepared
from passgenau.estimation.replicates import ReplicateSurvey

CALIBRATIONS = {"poststratify", "rake", "calibrate"}


def weights(prepared: Prepared, _: dict[str, Any]) -> dict[str, Any]:
    survey = prepared.survey()
    full = survey.survey if isinstance(survey, ReplicateSurvey) else survey
    calibrated = any(step["op"] in CALIBRATIONS for step in prepared.case.steps)
    found = np.where(full.inside, full.weight, 0.0) if calibrated else full.weight[full.inside]  # as R keeps the rows
    return {"w": found.tolist(), "sum": found.sum(), "min": found.min(), "max": found.max(), "sumsq": found @ found}


def replicate_weights(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    """Compare the replicates with the exported ones, whatever their order, and give what makes a variance of them."""
    survey = prepared.survey()
    if not isinstance(survey, ReplicateSurvey):
        raise OutOfScopeError("replicate weights of a survey without replicates")
    folder = prepared.case.file.parent / "data"
    exported = read_table(folder, str(params["file"]).removesuffix(".csv")).to_numpy().astype(float)
    made = survey.replicate_weights
    order = _order(exported), _order(made)
    scales = np.asarray(survey.replication.rscales)
    expected = np.asarray(prepared.case.result.get("rscales", scales), dtype=float)
    if exported.shape == made.shape and not np.allclose(
        exported[:, order[0]], made[:, order[1]], rtol=1e-9, atol=1e-12
    ):
        raise AssertionError("the replicate weights differ from the exported ones")
    if len(expected) == len(scales):
        aligned = np.empty_like(scales)
        aligned[order[0]] = scales[order[1]]
        scales = aligned
    replication = survey.replication
    return {
        "n_rep": made.shape[1],
        "scale": replication.scale,
        "rscales": scales.tolist(),
        "mse": replication.mse,
        "degf": survey.degrees_of_freedom(),
    }


def _order(matrix: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.lexsort(np.round(matrix, 6)[::-1])
