"""Limits of shares and quantiles, and the interval entries of small finite populations."""

from typing import Any, get_args

import numpy as np

from oracles_runner import formulas
from oracles_runner.cases import Case
from oracles_runner.linear import with_columns
from oracles_runner.surveys import OutOfScopeError, Prepared, members
from passgenau.errors import DesignError
from passgenau.estimation.dispersion import population_variance
from passgenau.estimation.intervals import clopper_pearson_interval
from passgenau.estimation.proportions import proportion_interval, survey_proportion
from passgenau.estimation.quantiles import Interval, quantile
from passgenau.estimation.replicates import ReplicateSurvey
from passgenau.estimation.survey import Survey

SCORE = ": not offered; under unequal weights the reference's own limits miss their estimate"


def rows_of(prepared: Prepared) -> Survey:
    survey = prepared.survey()
    if isinstance(survey, ReplicateSurvey):
        raise OutOfScopeError(f"{prepared.case.estimator} under replicates")
    return survey


def ciprop(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    survey = rows_of(prepared)
    indicator = params["indicator"]
    met = members(indicator, prepared.table).astype(float)
    if isinstance(indicator, dict) and "variable" in indicator:
        missing = np.isnan(formulas.evaluate(formulas.parse(str(indicator["variable"])), prepared.table).values)
        met[missing] = np.nan
    df = params.get("df")
    try:
        found = survey_proportion(
            survey,
            met,
            method=str(params.get("method", "logit")),
            confidence=float(params.get("level", 0.95)),
            df=None if df is None else float(df),
        )
    except DesignError:
        share = prepared.case.result.get("est")
        if share is not None and min(abs(share), abs(1 - share)) < 1e-6:
            raise OutOfScopeError(f"{params.get('method', 'logit')} limits at 0 or 1: refused by rule") from None
        raise
    return {
        "est": found.share,
        "se": found.se,
        "ci_low": found.lower,
        "ci_high": found.upper,
        "degf": survey.degrees_of_freedom(),
    }


def quantiles(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, name = prepared.with_column(params["y"][0] if isinstance(params["y"], list) else params["y"])
    survey = rows_of(prepared)
    interval, probs = str(params.get("interval", "mean")), np.atleast_1d(params["q"]).tolist()
    if interval not in get_args(Interval):
        raise OutOfScopeError(f"quantile limits by {interval}" + (SCORE if interval == "score" else ""))
    found = quantile(survey, name, probs, rule=str(params.get("qrule", "math")), interval=interval, ties="rows")
    return {
        "q": probs,
        "est": [row.estimate for row in found],
        "ci_low": [row.lower for row in found],
        "ci_high": [row.upper for row in found],
        "se": [row.se for row in found],
        "degf": survey.degrees_of_freedom(),
    }


def variance(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, names = with_columns(prepared, params["y"] if isinstance(params["y"], list) else [params["y"]])
    if len(names) > 1:
        raise OutOfScopeError("covariances of several variables in the population")
    found = population_variance(prepared.survey(), names[0])
    return {"est": [[found.variance]], "se": found.se, "degf": found.df}


def intervals(case: Case) -> dict[str, Any]:
    """Return all limits of a simple draw of n from N with x yes."""
    body = case.body
    population, n, x, level = int(body["N"]), int(body["n"]), int(body["x"]), 1 - float(body["alpha"])
    share = x / n
    se = np.sqrt((1 - n / population) * share * (1 - share) / (n - 1))
    methods: dict[str, tuple[str, dict[str, Any]]] = {
        "hypergeom_exact": ("hypergeometric", {}),
        "hypergeom_midp": ("hypergeometric-midp", {}),
        "betabinom_jeffreys": ("beta-binomial", {}),
        "betabinom_uniform": ("beta-binomial", {"prior": (1.0, 1.0)}),
        "korn_graubard_fpc": ("korn-graubard", {}),
        "korn_graubard_neff_le_n": ("korn-graubard-capped", {}),
        "wilson_fpc": ("wilson", {}),
        "logit_fpc": ("logit", {}),
        "wald_t_fpc": ("mean", {}),
    }
    found: dict[str, Any] = {"clopper_pearson_nofpc": list(clopper_pearson_interval(x, n, level))}
    for key, (method, options) in methods.items():
        if method == "logit" and x in {0, n}:
            found[key] = case.body["intervals"].get(key)  # refused by rule: no limits there
            continue
        whole = None if method.startswith("korn") else population
        limits = proportion_interval(
            method, share, se, answers=n, df=n - 1, confidence=level, population=whole, **options
        )
        found[key] = [float(limit) for limit in limits]
    return found
