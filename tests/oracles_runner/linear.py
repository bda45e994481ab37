"""Means, shares, totals, ratios and domains, through `estimate`."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from oracles_runner import formulas
from oracles_runner.cases import Case
from oracles_runner.surveys import OutOfScopeError, Prepared, members
from passgenau.estimation.estimates import Estimate, Estimates
from passgenau.estimation.estimating import estimate
from passgenau.estimation.replicates import ReplicateSurvey

LARGE = "weight times 1000"  # likewise
INSIDE = "inside the domain"  # a column the runner adds: 1 for rows that meet the conditions of all domain steps
ESTIMATORS = {"mean", "total", "ratio", "by"}
KINDS = {"svymean": "mean", "svytotal": "total", "svyratio": "ratio"}


def listed(value: object) -> list[str]:
    """Return names given as one name, a list or a formula."""
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        text = str(item)
        found += formulas.variables(text) if text.lstrip().startswith("~") else [text]
    return found


def with_columns(prepared: Prepared, expressions: Sequence[str]) -> tuple[Prepared, list[str]]:
    """Return the table with all expressions as columns, truth values as levels, and the columns' names."""
    names = []
    for expression in expressions:
        prepared, name = prepared.with_column(expression)
        if prepared.table[name].dtype == pl.Boolean:
            prepared, name = prepared.with_column(f"factor({name})")
        names.append(name)
    return prepared, names


def needs_rows(case: Case) -> bool:
    """Whether a case works on rows in memory: where weights are calibrated or replicated."""
    return any(step.get("op") not in {"domain", "subset"} for step in case.steps)


def ask(prepared: Prepared, items: list[str], kind: str, **options: Any) -> Estimates:
    """Ask for estimates: of the table with the case's engine, of a weighted survey from its rows."""
    estimator = None if kind == "mean" else kind
    steps = prepared.case.steps
    if needs_rows(prepared.case):
        return estimate(prepared.survey(), items, estimator=estimator, covariance=True, **options)
    table = prepared.table
    if steps:
        inside = np.all([members(step["where"], table) for step in steps], axis=0)
        table = table.with_columns(pl.Series(INSIDE, inside.astype(np.int64)))
        options["where"] = f'"{INSIDE}" = 1'
    used = {*prepared.design.columns, *items, *options.get("by", ()), options.get("over"), INSIDE}
    table = table.select(column for column in table.columns if column in used)
    return estimate(
        table, items, design=prepared.design, estimator=estimator, covariance=True, engine=prepared.engine, **options
    )


def mean(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    return _univariate(prepared, params, "mean")


def total(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    return _univariate(prepared, params, "total")


def _univariate(prepared: Prepared, params: dict[str, Any], kind: str) -> dict[str, Any]:
    prepared, items = with_columns(prepared, listed(params["y"]))
    options = {"listwise": bool(params.get("na_rm")) and len(items) > 1}
    by_t = ask(prepared, items, kind, interval="t", **options)
    by_z = ask(prepared, items, kind, interval="z", **options)
    return {
        "name": [_item_name(row, prepared) for row in by_t],
        **_numbers(by_t, by_z),
        "vcov": by_t.covariance,
        "deff": _deff(prepared, by_t, params, kind, **options),
    }


def _item_name(row: Estimate, prepared: Prepared) -> str:
    """Name a row as R does: column and level run together."""
    name = row.item.removeprefix("factor(").removesuffix(")") if row.item.startswith("factor(") else row.item
    if row.level is None and prepared.table[row.item].dtype == pl.Enum:
        raise OutOfScopeError(f"levels of {row.item} that are given as one")
    shown = name if _was_logical(row.item, prepared) else row.item
    return shown + (row.level or "")


def _was_logical(item: str, prepared: Prepared) -> bool:
    return item.startswith("factor(") and prepared.table.schema.get(item[7:-1]) == pl.Boolean


def _numbers(by_t: Estimates, by_z: Estimates) -> dict[str, Any]:
    return {
        "est": [row.estimate for row in by_t],
        "se": [row.se for row in by_t],
        "ci_z_low": [row.lower for row in by_z],
        "ci_z_high": [row.upper for row in by_z],
        "ci_t_low": [row.lower for row in by_t],
        "ci_t_high": [row.upper for row in by_t],
        "degf": by_t[0].df,
        "cv": [row.se / row.estimate if row.estimate else math.nan for row in by_t],
    }


def _deff(prepared: Prepared, found: Estimates, params: dict[str, Any], kind: str, **options: Any) -> list[float]:
    """Return the design effects; against a draw with replacement where the case asks for that.

    Every weight times 1000 makes the population so large that a draw without replacement is hardly another; what is
    left of the difference is known.
    """
    if params.get("deff") != "replace":
        return [row.deff for row in found]
    survey = prepared.survey()
    if isinstance(survey, ReplicateSurvey) or survey.adjustments:
        raise OutOfScopeError("design effects with replacement after calibration or under replicates")
    weight = pl.Series(LARGE, survey.weight * 1000)
    items = list(dict.fromkeys(row.item for row in found))
    large = replace(prepared, table=prepared.table.with_columns(weight), design=replace(prepared.design, weight=LARGE))
    again = ask(large, items, kind, interval="t", **options)
    answered = survey.inside & ~prepared.table.select(pl.any_horizontal(pl.col(items).is_null())).to_series().to_numpy()
    size = 1000 * float(survey.weight[answered].sum())
    return [row.deff * (1 - row.base / size) for row in again]


def ratio(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, (above, below) = with_columns(prepared, [*listed(params["num"]), *listed(params["den"])])
    by_t = ask(prepared, [above], "ratio", over=below, interval="t")
    by_z = ask(prepared, [above], "ratio", over=below, interval="z")
    survey = prepared.survey()
    effects = [row.deff for row in by_t]
    if isinstance(survey, ReplicateSurvey):
        effects = [_linear_effect(survey, above, below, by_t[0])]
    return {**_numbers(by_t, by_z), "deff": effects, "vcov": by_t.covariance}


def _linear_effect(survey: ReplicateSurvey, above: str, below: str, row: Estimate) -> float:
    """Return R's design effect of a ratio under replicates: that of the total of its residuals."""
    full = survey.survey
    top, bottom = full.numbers(above), full.numbers(below)
    used = full.inside & ~np.isnan(top + bottom)
    residual = np.where(used, top - row.estimate * bottom, 0.0) / float(full.weight[used] @ bottom[used])
    spread = survey.covariance(lambda weight: np.array([weight @ residual]))[0, 0]
    return row.deff * float(spread) / row.se**2


def by(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(str(params.get("stat", "mean")), str(params.get("stat", "mean")))
    if kind not in {"mean", "total", "ratio"}:
        raise OutOfScopeError(f"statistic {kind} by domain")
    named = listed(params["by"])
    prepared, groups = with_columns(prepared, named)
    options: dict[str, Any] = {"by": groups}
    if kind == "ratio":
        names = [*listed(params.get("num", params.get("y"))), *listed(params.get("den", params.get("over")))]
        prepared, (above, below) = with_columns(prepared, names)
        items, options["over"] = [above], below
    else:
        prepared, items = with_columns(prepared, listed(params["y"]))
        options["listwise"] = bool(params.get("na_rm")) and len(items) > 1
    found = ask(prepared, items, kind, **options)
    if params.get("deff") == "replace":
        raise OutOfScopeError("design effects with replacement by domain")
    order = _r_order(found, groups, prepared)
    rows = [found[i] for i in order]
    first = [row for row in rows if _key(row) == _key(rows[0])]
    several = len({_key(row) for row in rows}) > 1
    result = {
        "groups": {name: [_label(row.by[group]) for row in first] for name, group in zip(named, groups, strict=True)},
        "names": [_group_name(row, groups, prepared, several=several) for row in rows],
        "est": [row.estimate for row in rows],
        "se": [row.se for row in rows],
        "vcov": _reordered(found, order),
        "degf_full_design": prepared.survey().degrees_of_freedom(),
        "deff": [row.deff for row in rows],
    }
    return result | _contrast(result, params)


def _key(row: Estimate) -> tuple[str, str | None]:
    return row.item, row.level


def _r_order(found: Estimates, groups: list[str], prepared: Prepared) -> list[int]:
    """Return the rows in R's order: variables slowest, then the last grouping column, the first fastest."""
    keys = list(dict.fromkeys(_key(row) for row in found))
    places = {group: _places(prepared.table[group]) for group in groups}
    return sorted(
        range(len(found)),
        key=lambda i: (
            keys.index(_key(found[i])),
            *(places[group][_label(found[i].by[group])] for group in reversed(groups)),
        ),
    )


def _places(series: pl.Series) -> dict[str, int]:
    labels = list(series.dtype.categories) if isinstance(series.dtype, pl.Enum) else series.drop_nulls().unique().sort()
    return {_label(label): place for place, label in enumerate(labels)}


def _label(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _group_name(row: Estimate, groups: list[str], prepared: Prepared, *, several: bool) -> str:
    group = ".".join(_label(row.by[name]) for name in groups)
    return f"{group}:{_item_name(row, prepared)}" if several else group


def _reordered(found: Estimates, order: list[int]) -> Any:
    return None if found.covariance is None else found.covariance[np.ix_(order, order)]


def _contrast(result: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    if "contrast" not in params:
        return {}
    weights = np.array(params["contrast"], dtype=float)
    variance = float(weights @ np.asarray(result["vcov"]) @ weights)
    return {"contrast_est": float(weights @ np.array(result["est"])), "contrast_se": math.sqrt(max(variance, 0.0))}
