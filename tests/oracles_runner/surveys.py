"""From a case's design to a table, a design and, step by step, a survey."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from oracles_runner import formulas
from oracles_runner.cases import Case, load_file, read_table
from passgenau.estimation import replicates, weighting
from passgenau.estimation.design import Design
from passgenau.estimation.replicates import ReplicateSurvey
from passgenau.estimation.survey import Survey

DESIGN_KEYS = {"data", "ids", "strata", "weights", "fpc", "nest", "lonely", "lonely_domain", "steps"}
NO_UNITS = {"1", "0", "~1", "~0"}  # R's way to say: every row by itself


class OutOfScopeError(Exception):
    """The case asks for something that the engine does not have; the message says what."""


@dataclass(frozen=True)
class Prepared:
    """What a case starts from: the table with derived columns, the design, and the rows looked at."""

    case: Case
    table: pl.DataFrame
    design: Design
    engine: str

    def with_column(self, expression: str) -> tuple["Prepared", str]:
        """Return the table with an expression as a column, and its name."""
        if expression in self.table.columns:
            return self, expression
        node = formulas.parse(expression)
        if node[0] == "group":
            node = node[1]
        name = formulas.deparse(node)
        vector = formulas.evaluate(node, self.table)
        values = pl.Series(name, vector.values, nan_to_null=True)
        if vector.kind == "logical":
            values = values.cast(pl.Boolean)
        elif vector.kind == "factor":
            codes = values.cast(pl.Int64)
            names = dict(enumerate(vector.levels))
            values = codes.replace_strict(names, return_dtype=pl.String).cast(pl.Enum(list(vector.levels)))
        return replace(self, table=self.table.with_columns(values)), name

    def survey(self) -> Survey | ReplicateSurvey:
        """Return the survey after all steps."""
        found: Survey | ReplicateSurvey = Survey.of(self.table, self.design)
        for step in self.case.steps:
            operation = str(step.get("op"))
            if operation not in STEPS:
                raise OutOfScopeError(f"step {operation}")
            found = STEPS[operation](found, step, self.case)
        return found


def prepare(case: Case, engine: str) -> Prepared:
    """Read a case's table and translate its design."""
    given = case.design
    unknown = set(given) - DESIGN_KEYS
    if unknown:
        raise OutOfScopeError(f"design option {', '.join(sorted(unknown))}")
    table = case.table
    ids = tuple(name for name in _names(given.get("ids")) if name not in NO_UNITS)
    design = Design(
        weight=_one(given.get("weights")),
        strata=_one(given.get("strata")),
        ids=ids,
        fpc=_names(given.get("fpc")),
        nest=bool(given.get("nest", False)),
        lonely=given.get("lonely", "fail"),
        lonely_domain=bool(given.get("lonely_domain", False)),
    )
    return Prepared(case, table, design, engine)


def _names(value: object) -> tuple[str, ...]:
    """Return names given as one name, a list, or a formula such as ~a+b."""
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    found: list[str] = []
    for item in listed:
        text = str(item)
        found += formulas.variables(text) if text.startswith("~") and text not in NO_UNITS else [text]
    return tuple(found)


def _one(value: object) -> str | None:
    names = _names(value)
    return names[0] if names else None


def members(where: object, table: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which rows meet a condition: a relation, several (all of them), and/or/not of conditions, or R text."""
    return np.nan_to_num(_truth(where, table)).astype(bool)


def _truth(where: object, table: pl.DataFrame) -> formulas.Floats:
    """Return 1, 0 or NaN per row."""
    if isinstance(where, str):
        return formulas.evaluate(formulas.sides(where)[1], table).values
    if isinstance(where, list):
        return _all([_truth(part, table) for part in where])
    if not isinstance(where, dict):
        raise OutOfScopeError(f"condition {where!r}")
    for names, join in (({"and", "all", "&"}, _all), ({"or", "any", "|"}, _any)):
        for key in names & set(where):
            return join([_truth(part, table) for part in where[key]])
        if str(where.get("op", where.get("relation"))) in names:
            parts = next(where[key] for key in ("args", "conditions", "where", "parts", "terms") if key in where)
            return join([_truth(part, table) for part in parts])
    if "not" in where:
        return 1 - _truth(where["not"], table)
    return _relation(where, table)


def _all(parts: Sequence[formulas.Floats]) -> formulas.Floats:
    stacked = np.stack(parts)
    return np.where((stacked == 0).any(axis=0), 0.0, stacked.sum(axis=0) / len(parts))


def _any(parts: Sequence[formulas.Floats]) -> formulas.Floats:
    stacked = np.stack(parts)
    return np.where((stacked == 1).any(axis=0), 1.0, stacked.sum(axis=0))


def _relation(where: dict[str, Any], table: pl.DataFrame) -> formulas.Floats:
    relation, value = str(where.get("relation", "==")), where.get("value", where.get("values"))
    left = formulas.parse(str(where["variable"]))
    if relation in {"%in%", "in", "not in"} or isinstance(value, list):
        hits = [formulas.compare(left, "==", _constant(one), table).values for one in value]
        truth = np.nan_to_num(_any(hits))  # a missing value is in no list
        return 1 - truth if relation in {"not in", "!="} else truth
    relation = {"=": "==", "<>": "!="}.get(relation, relation)
    if relation not in {"==", "!=", "<", "<=", ">", ">="}:
        raise OutOfScopeError(f"relation {relation}")
    return formulas.compare(left, relation, _constant(value), table).values


def _constant(value: object) -> formulas.Node:
    if isinstance(value, bool):
        return ("text", str(value).upper())
    if isinstance(value, (int, float)):
        return ("number", float(value))
    return ("text", str(value))


# --- steps -----------------------------------------------------------------------------------------------------------

AnySurvey = Survey | ReplicateSurvey
RANDOM = {"bootstrap", "subbootstrap", "mrbbootstrap", "given", "other"}


def _check_options(step: dict[str, Any], known: set[str]) -> None:
    unknown = set(step) - known - {"op"}
    if unknown:
        raise OutOfScopeError(f"option {', '.join(sorted(unknown))} of step {step['op']}")


def _domain(survey: AnySurvey, step: dict[str, Any], _: Case) -> AnySurvey:
    _check_options(step, {"where"})
    return survey.restrict(members(step["where"], survey.table))


def _replicate(survey: AnySurvey, step: dict[str, Any], case: Case) -> AnySurvey:
    _check_options(step, {"type", "fay", "mse", "replicates", "file", "seed", "scale", "rscales", "rho"})
    if isinstance(survey, ReplicateSurvey):
        raise OutOfScopeError("replicates of replicates")
    kind, mse = str(step["type"]), bool(step.get("mse", False))
    if kind in RANDOM or "file" in step:
        return _given(survey, step, case)
    if kind not in {"JK1", "JKn", "BRR", "Fay"}:
        raise OutOfScopeError(f"replicates of type {kind}")
    fay = float(step.get("fay", step.get("rho", 0.0)))
    return replicates.replicate(survey, "Fay" if kind == "BRR" and fay else kind, fay=fay, mse=mse)  # type: ignore[arg-type]


def _given(survey: Survey, step: dict[str, Any], case: Case) -> ReplicateSurvey:
    """Read replicate weights that came with a case; the scale stands in the step or in the case that exports them."""
    exporting = [other for other in load_file(case.file) if other.estimator == "repw" and other.design == case.design]
    named = [step.get("file"), case.params.get("file"), *(other.params.get("file") for other in exporting)]
    files = [str(name) for name in named if name]
    if not files:
        raise OutOfScopeError(f"replicates of type {step['type']} without their weights: random")
    known = {**(exporting[0].result if exporting else {}), **step}
    if "scale" not in known:
        raise OutOfScopeError("replicate weights without their scale")
    weights = read_table(case.file.parent / "data", files[0].removesuffix(".csv")).to_numpy().astype(float)
    mse = bool(known.get("mse", True))
    return replicates.given(survey, weights, scale=float(known["scale"]), rscales=known.get("rscales"), mse=mse)


def _reweight(survey: AnySurvey, adjust: Callable[[Survey], Survey]) -> AnySurvey:
    return survey.reweight(adjust) if isinstance(survey, ReplicateSurvey) else adjust(survey)


def _columns_of(variable: object) -> str | tuple[str, ...]:
    names = _names(variable)
    return names[0] if len(names) == 1 else names


def _counts(columns: str | tuple[str, ...], totals: object) -> dict[Any, float]:
    """Return category → count; combinations are written E.No, E:No or as rows {stype, awards, Freq}."""
    if isinstance(totals, list):
        names = (columns,) if isinstance(columns, str) else columns
        keyed = {tuple(str(row[name]) for name in names): _frequency(row, names) for row in totals}
        return {key[0] if len(key) == 1 else key: value for key, value in keyed.items()}
    if not isinstance(totals, dict):
        raise OutOfScopeError(f"totals {totals!r}")
    if isinstance(columns, str):
        return {key: float(value) for key, value in totals.items()}
    split = {tuple(part.strip() for part in re.split(r"[.:,|]", key)): float(value) for key, value in totals.items()}
    if any(len(key) != len(columns) for key in split):
        raise OutOfScopeError("combinations of categories that cannot be told apart")
    return split


def _frequency(row: dict[str, Any], names: Sequence[str]) -> float:
    return float(next(value for key, value in row.items() if key not in names))


def _poststratify(survey: AnySurvey, step: dict[str, Any], _: Case) -> AnySurvey:
    _check_options(step, {"variable", "variables", "totals"})
    columns = _columns_of(step.get("variable", step.get("variables")))
    totals = _counts(columns, step["totals"])
    return _reweight(survey, lambda one: weighting.poststratify(one, columns, totals))


def _rake(survey: AnySurvey, step: dict[str, Any], _: Case) -> AnySurvey:
    _check_options(step, {"margins", "epsilon", "maxit"})
    margins = {}
    for margin in step["margins"]:
        columns = _columns_of(margin.get("variable", margin.get("variables")))
        margins[columns] = _counts(columns, margin["totals"])
    return _reweight(survey, lambda one: weighting.rake(one, margins))


def _calibrate(survey: AnySurvey, step: dict[str, Any], _: Case) -> AnySurvey:
    _check_options(step, {"formula", "totals", "calfun", "bounds", "epsilon", "maxit"})
    names, matrix, _owner = formulas.model_matrix(formulas.sides(step["formula"])[1], survey.table)
    given = step["totals"]
    if isinstance(given, dict):
        unknown = set(names) ^ set(given)
        if unknown:
            raise formulas.FormulaError(f"totals and columns differ: {', '.join(sorted(unknown))}")
        totals = np.array([float(given[name]) for name in names])
    else:
        totals = np.array([float(value) for value in given])
    bounds = step.get("bounds")
    limits = None if bounds is None else tuple(float(value) for value in bounds)
    function = step.get("calfun", "linear")
    return _reweight(
        survey,
        lambda one: weighting.calibrate_matrix(one, matrix, totals, names=names, function=function, bounds=limits),
    )


def _trim(survey: AnySurvey, step: dict[str, Any], _: Case) -> AnySurvey:
    _check_options(step, {"upper", "lower", "strict"})
    lower, upper = float(step.get("lower", 0.0)), float(step.get("upper", np.inf))
    return _reweight(survey, lambda one: weighting.trim(one, lower, upper, strict=bool(step.get("strict", False))))


STEPS: dict[str, Callable[[AnySurvey, dict[str, Any], Case], AnySurvey]] = {
    "domain": _domain,
    "subset": _domain,
    "replicate": _replicate,
    "poststratify": _poststratify,
    "rake": _rake,
    "calibrate": _calibrate,
    "trim": _trim,
}
