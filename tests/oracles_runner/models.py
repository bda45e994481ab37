"""Regressions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from oracles_runner import formulas
from oracles_runner.surveys import OutOfScopeError, Prepared
from passgenau.estimation.fitting import Coefficient
from passgenau.estimation.model_matrix import read_formula
from passgenau.estimation.ordinal_regression import ordinal
from passgenau.estimation.regression import glm, term_test

DERIVING = {"as.factor", "log", "log10", "log1p", "sqrt", "exp", "abs", "as.numeric", "as.integer"}


def _derive(prepared: Prepared, *texts: str) -> tuple[Prepared, list[str], dict[str, str]]:
    """Return the formulas with calls such as I(a-b) and log(x) as columns, and how R names those columns."""
    names: dict[str, str] = {}
    for node in dict.fromkeys(found for text in texts for found in _calls(formulas.parse(text))):
        column = f"derived{len(names) + 1}_"
        vector = formulas.evaluate(node, prepared.table)
        values = pl.Series(column, vector.values, nan_to_null=True)
        if vector.kind == "factor":
            levels = dict(enumerate(vector.levels))
            values = values.cast(pl.Int64).replace_strict(levels, return_dtype=pl.Enum(list(vector.levels)))
        prepared = replace(prepared, table=prepared.table.with_columns(values))
        names[column] = formulas.deparse(node)
        texts = tuple(re.sub(_pattern(node), column, text) for text in texts)
    return prepared, list(texts), names


def _calls(node: formulas.Node) -> list[formulas.Node]:
    """Return the calls that make a new column, each once: I() of arithmetic, and functions of a column."""
    arithmetic = node[0] == "call" and node[1] == "I" and node[2][0][0] == "binary" and node[2][0][1] in "+-*/^"
    if arithmetic or (node[0] == "call" and node[1] in DERIVING):
        return [node]
    inner = [part for part in node[1:] if isinstance(part, tuple)]
    inner += list(node[2]) if node[0] == "call" else []
    return list(dict.fromkeys(found for part in inner if part and isinstance(part[0], str) for found in _calls(part)))


def _shown(part: str, names: Mapping[str, str]) -> str:
    """Return a part of a coefficient's name as R writes it."""
    column = next((column for column in names if part.startswith(column)), "")
    return names[column] + part.removeprefix(column) if column else part


def _pattern(node: formulas.Node) -> str:
    """Return a pattern for a node however its parts are spaced."""
    return r"\s*".join(re.escape(part) for part in re.findall(r"[\w.]+|[^\w.\s]", formulas.deparse(node)))


def regression(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, (text, *tested), names = _derive(
        prepared, params["formula"], *([params["term"]] if "term" in params else [])
    )
    formula = read_formula(text)
    if formula.outcome is None:
        raise OutOfScopeError("a regression without an outcome")
    family = str(params.get("family", "gaussian"))
    model = glm(prepared.survey(), formula.outcome, formula.terms, family=family, intercept=formula.intercept)
    found = {
        **_coefficients(model, names),
        "p_value": [one.p for one in model],
        "df_residual": model.df,
        "vcov": model.covariance,
    }
    if tested:
        test = term_test(model, read_formula(tested[0]).terms, tail="saddlepoint")
        found |= {
            "term_wald_F": test.wald_f,
            "term_df": test.df,
            "term_ddf": test.ddf,
            "term_p": test.wald_p,
            "term_LRT_chisq": test.likelihood_ratio,
            "term_LRT_lambda": list(test.eigenvalues),
            "term_LRT_p": test.likelihood_ratio_p,
        }
    return found


def proportional_odds(prepared: Prepared, params: dict[str, Any]) -> dict[str, Any]:
    prepared, (text,), names = _derive(prepared, params["formula"])
    formula = read_formula(text)
    if formula.outcome is None:
        raise OutOfScopeError("a regression without an outcome")
    return _coefficients(ordinal(prepared.survey(), formula.outcome, formula.terms), names)


def _coefficients(model: Iterable[Coefficient], names: Mapping[str, str]) -> dict[str, Any]:
    rows = list(model)
    return {
        "name": [":".join(_shown(part, names) for part in row.name.split(":")) for row in rows],
        "est": [row.estimate for row in rows],
        "se": [row.se for row in rows],
        "t": [row.t for row in rows],
        "ci_low": [row.lower for row in rows],
        "ci_high": [row.upper for row in rows],
    }
