"""R's formulas, as far as reference cases use them: parsed, evaluated on a table, turned into model columns."""

import re
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Node = tuple[Any, ...]  # ("name", n) ("number", v) ("text", s) ("call", f, args) ("unary", op, a) ("binary", op, a, b)

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)|(?P<name>[A-Za-z.][\w.]*|`[^`]+`)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<op>%in%|==|!=|<=|>=|&&|\|\||[-+*/^:()~<>&|!,]))"
)
LOOSEST_FIRST = (
    ("~",),
    ("|", "||"),
    ("&", "&&"),
    ("==", "!=", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/"),
    ("%in%",),
    (":",),
)
TIGHT = {"^", ":"}


class FormulaError(ValueError):
    """The formula is not one that this reader knows."""


@dataclass(frozen=True)
class Vector:
    """A column: numbers, truth values (0/1) or the codes of levels; NaN where missing."""

    values: Floats
    kind: str = "number"  # number, logical, factor
    levels: tuple[str, ...] = ()
    ordered: bool = False


def parse(text: str) -> Node:
    """Parse an R expression or formula."""
    tokens, position = [], 0
    stripped = text.strip()
    while position < len(stripped):
        match = TOKEN.match(stripped, position)
        if match is None:
            raise FormulaError(f"cannot read {stripped[position:]!r} in {text!r}")
        tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
        position = match.end()
    node, rest = _binary(tokens, 0)
    if rest:
        raise FormulaError(f"cannot read {rest[0][1]!r} in {text!r}")
    return node


def _binary(tokens: list[tuple[str, str]], depth: int) -> tuple[Node, list[tuple[str, str]]]:
    if depth == len(LOOSEST_FIRST):
        return _unary(tokens)
    operators = LOOSEST_FIRST[depth]
    if depth == 0 and tokens and tokens[0] == ("op", "~"):
        right, rest = _binary(tokens[1:], depth + 1)
        return ("unary", "~", right), rest
    left, rest = _binary(tokens, depth + 1)
    while rest and rest[0][0] == "op" and rest[0][1] in operators:
        operator = rest[0][1]
        right, rest = _binary(rest[1:], depth + 1)
        left = ("binary", operator, left, right)
    return left, rest


def _unary(tokens: list[tuple[str, str]]) -> tuple[Node, list[tuple[str, str]]]:
    if tokens and tokens[0] in {("op", "-"), ("op", "!"), ("op", "+")}:
        inner, rest = _unary(tokens[1:])
        return ("unary", tokens[0][1], inner), rest
    base, rest = _atom(tokens)
    if rest and rest[0] == ("op", "^"):
        power, rest = _unary(rest[1:])
        base = ("binary", "^", base, power)
    return base, rest


def _atom(tokens: list[tuple[str, str]]) -> tuple[Node, list[tuple[str, str]]]:
    if not tokens:
        raise FormulaError("the formula ends too early")
    (kind, text), rest = tokens[0], tokens[1:]
    if kind == "number":
        return ("number", float(text.rstrip("L"))), rest
    if kind == "text":
        return ("text", text[1:-1]), rest
    if kind == "name" and rest and rest[0] == ("op", "("):
        arguments, rest = _arguments(rest[1:])
        return ("call", text, arguments), rest
    if kind == "name":
        return ("name", text.strip("`")), rest
    if text == "(":
        inner, rest = _binary(rest, 0)
        if not rest or rest[0][1] != ")":
            raise FormulaError("a bracket is not closed")
        return ("group", inner), rest[1:]
    raise FormulaError(f"unexpected {text!r}")


def _arguments(tokens: list[tuple[str, str]]) -> tuple[tuple[Node, ...], list[tuple[str, str]]]:
    found: list[Node] = []
    rest = tokens
    while rest and rest[0] != ("op", ")"):
        node, rest = _binary(rest, 0)
        found.append(node)
        if rest and rest[0] == ("op", ","):
            rest = rest[1:]
    if not rest:
        raise FormulaError("a bracket is not closed")
    return tuple(found), rest[1:]


def deparse(node: Node) -> str:  # noqa: PLR0911 -- one for each kind of node
    """Write a node the way R names its columns."""
    match node:
        case ("name", name):
            return str(name)
        case ("number", value):
            return f"{value:.15g}"
        case ("text", text):
            return f'"{text}"'
        case ("group", inner):
            return f"({deparse(inner)})"
        case ("unary", operator, inner):
            return f"{operator}{deparse(inner)}"
        case ("binary", operator, left, right):
            gap = "" if operator in TIGHT else " "
            return f"{deparse(left)}{gap}{operator}{gap}{deparse(right)}"
        case ("call", name, arguments):
            return f"{name}({', '.join(deparse(argument) for argument in arguments)})"
    raise FormulaError(f"unknown node {node!r}")


def sides(text: str) -> tuple[Node | None, Node]:
    """Return left and right side of a formula; an expression without ~ is a right side."""
    match parse(text):
        case ("unary", "~", right):
            return None, right
        case ("binary", "~", left, right):
            return left, right
        case node:
            return None, node


def variables(text: str) -> list[str]:
    """Return the summands of a one-sided formula such as ~a+b, as column expressions."""
    _, right = sides(text)
    terms, _ = expand(right)
    return [deparse(atom) for term in terms for atom in term]


# --- evaluation ------------------------------------------------------------------------------------------------------


def column(table: pl.DataFrame, name: str) -> Vector:
    """Read a column as a vector; words are levels in sorted order."""
    if name not in table.columns:
        raise FormulaError(f"no column {name!r}")
    series = table[name]
    if series.dtype == pl.Boolean:
        return Vector(_numbers(series.cast(pl.Float64)), "logical")
    if series.dtype.is_numeric():
        return Vector(_numbers(series))
    levels = tuple(series.dtype.categories) if isinstance(series.dtype, pl.Enum) else _sorted_levels(series)
    codes = series.cast(pl.String).replace_strict(
        {level: float(i) for i, level in enumerate(levels)}, return_dtype=pl.Float64
    )
    return Vector(_numbers(codes), "factor", levels)


def _sorted_levels(series: pl.Series) -> tuple[str, ...]:
    return tuple(sorted(series.drop_nulls().cast(pl.String).unique()))


def _numbers(series: pl.Series) -> Floats:
    return np.asarray(series.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def evaluate(node: Node, table: pl.DataFrame) -> Vector:  # noqa: PLR0911 -- one for each kind of node
    """Evaluate an expression row by row."""
    match node:
        case ("name", "TRUE" | "T" | "FALSE" | "F" as name):
            return Vector(np.full(len(table), float(name.startswith("T"))), "logical")
        case ("name", name):
            return column(table, name)
        case ("number", value):
            return Vector(np.full(len(table), value))
        case ("group", inner):
            return evaluate(inner, table)
        case ("unary", operator, inner):
            return _evaluate_unary(operator, evaluate(inner, table))
        case ("binary", operator, left, right):
            return _evaluate_binary(operator, left, right, table)
        case ("call", name, arguments):
            return _evaluate_call(name, arguments, table)
    raise FormulaError(f"cannot evaluate {deparse(node)}")


def _evaluate_unary(operator: str, inner: Vector) -> Vector:
    if operator == "!":
        return Vector(1 - inner.values, "logical")
    return Vector(-inner.values if operator == "-" else inner.values)


def _evaluate_binary(operator: str, left: Node, right: Node, table: pl.DataFrame) -> Vector:
    if operator in {"==", "!=", "<", "<=", ">", ">="}:
        return compare(left, operator, right, table)
    if operator == "%in%":
        options = right[2] if right[0] == "call" and right[1] == "c" else (right,)
        hits = [compare(left, "==", option, table).values for option in options]
        return Vector(np.nan_to_num(np.max(hits, axis=0)), "logical")
    a, b = evaluate(left, table).values, evaluate(right, table).values
    if operator in {"&", "&&"}:
        return Vector(np.where((a == 0) | (b == 0), 0.0, a * b), "logical")
    if operator in {"|", "||"}:
        return Vector(np.where((a == 1) | (b == 1), 1.0, a + b), "logical")
    with np.errstate(divide="ignore", invalid="ignore"):
        results = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}
        if operator in results:
            return Vector(results[operator])
        if operator == "^":
            return Vector(a**b)
    raise FormulaError(f"unknown operator {operator}")


def compare(left: Node, operator: str, right: Node, table: pl.DataFrame) -> Vector:
    """Compare a column with a constant or another column; missing stays missing."""
    a = evaluate(left, table)
    if right[0] == "text" and a.kind == "factor":
        place = a.levels.index(right[1]) if right[1] in a.levels else -1
        b = Vector(np.full(len(table), float(place)))
    elif right[0] == "text":
        b = Vector(np.full(len(table), float(LOGICAL_TEXT.get(right[1], right[1]))))
    elif right[0] == "number" and a.kind == "factor":
        text = f"{right[1]:g}"
        b = Vector(np.full(len(table), float(a.levels.index(text) if text in a.levels else -1)))
    else:
        b = evaluate(right, table)
    results = {
        "==": a.values == b.values,
        "!=": a.values != b.values,
        "<": a.values < b.values,
        "<=": a.values <= b.values,
        ">": a.values > b.values,
        ">=": a.values >= b.values,
    }
    missing = np.isnan(a.values) | np.isnan(b.values)
    return Vector(np.where(missing, np.nan, results[operator].astype(np.float64)), "logical")


LOGICAL_TEXT = {"TRUE": 1.0, "FALSE": 0.0}


def _evaluate_call(name: str, arguments: tuple[Node, ...], table: pl.DataFrame) -> Vector:
    simple = {"log": np.log, "sqrt": np.sqrt, "exp": np.exp, "abs": np.abs, "log10": np.log10, "log1p": np.log1p}
    if name == "interaction":
        return _interaction([as_factor(evaluate(argument, table)) for argument in arguments])
    inner = evaluate(arguments[0], table)
    if name in {"factor", "as.factor"}:
        return as_factor(inner)
    if name == "is.na":
        return Vector(np.isnan(inner.values).astype(np.float64), "logical")
    if name in {"I", "c"}:
        return inner
    if name in {"as.numeric", "as.integer"}:
        return Vector(inner.values + (1.0 if inner.kind == "factor" else 0.0))
    if name in simple:
        with np.errstate(divide="ignore", invalid="ignore"):
            return Vector(simple[name](inner.values))
    raise FormulaError(f"unknown function {name}()")


def as_factor(vector: Vector) -> Vector:
    """Turn numbers and truth values into levels."""
    if vector.kind == "factor":
        return vector
    distinct = np.unique(vector.values[~np.isnan(vector.values)])
    if vector.kind == "logical":
        distinct = np.array([0.0, 1.0])
        names = ("FALSE", "TRUE")
    else:
        names = tuple(f"{value:.15g}" for value in distinct)
    codes = np.where(np.isnan(vector.values), np.nan, np.searchsorted(distinct, vector.values))
    return Vector(codes, "factor", names)


def _interaction(parts: list[Vector]) -> Vector:
    codes, names = parts[0].values, list(parts[0].levels)
    for part in parts[1:]:
        codes = codes + len(names) * part.values
        names = [f"{first}.{second}" for second in part.levels for first in names]
    return Vector(codes, "factor", tuple(names))


# --- models ----------------------------------------------------------------------------------------------------------

Term = tuple[Node, ...]


def expand(node: Node) -> tuple[list[Term], bool]:
    """Return the terms of a right side (by order, then as written) and whether there is an intercept."""
    terms, intercept = _expand(node)
    seen = list(dict.fromkeys(atom for term in terms for atom in term))
    distinct = dict.fromkeys(tuple(sorted(set(term), key=seen.index)) for term in terms if term)
    return sorted(distinct, key=len), intercept


def _expand(node: Node) -> tuple[list[Term], bool]:  # noqa: C901, PLR0911 -- one for each kind of node
    match node:
        case ("group", inner):
            return _expand(inner)
        case ("number", value):
            return [], bool(value)
        case ("unary", "-", ("number", _)):
            return [], False
        case ("binary", "+", left, right):
            a, one = _expand(left)
            b, other = _expand(right)
            zero = right == ("number", 0.0) or left == ("number", 0.0)
            return a + b, one and other and not zero
        case ("binary", "-", left, right):
            a, one = _expand(left)
            if right == ("number", 1.0):
                return a, False
            b, _ = _expand(right)
            return [term for term in a if set(term) not in [set(other) for other in b]], one
        case ("binary", ":", left, right):
            return _cross(_expand(left)[0], _expand(right)[0]), True
        case ("binary", "*", left, right):
            a, b = _expand(left)[0], _expand(right)[0]
            return [*a, *b, *_cross(a, b)], True
        case ("binary", "^", left, ("number", power)):
            base = _expand(left)[0]
            found = list(base)
            for _ in range(int(power) - 1):
                found += _cross(found, base)
            return list({frozenset(term): term for term in reversed(found)}.values())[::-1], True
    return [(node,)], True


def _cross(a: list[Term], b: list[Term]) -> list[Term]:
    return [tuple(dict.fromkeys((*first, *second))) for first in a for second in b]


def model_matrix(right: Node, table: pl.DataFrame) -> tuple[list[str], Floats, list[int]]:
    """Return names, columns (NaN where a row lacks a variable) and the term of each column (0: the intercept).

    Levels are coded against the first one (ordered ones by orthogonal polynomials); a level set whose margin is not
    in the model is coded in full, as R does.
    """
    terms, intercept = expand(right)
    known = {frozenset(term) for term in terms}
    names, columns, owner = (["(Intercept)"], [np.ones(len(table))], [0]) if intercept else ([], [], [])
    constant = intercept  # whether the columns so far span the constant
    for index, term in enumerate(terms, 1):
        margins = known | ({frozenset()} if constant else set())
        vectors = [evaluate(atom, table) for atom in term]
        parts = [
            _coded(atom, vector, contrast=frozenset(set(term) - {atom}) in margins)
            for atom, vector in zip(term, vectors, strict=True)
        ]
        constant = constant or (len(term) == 1 and vectors[0].kind != "number")
        for combination in product(*reversed(parts)):
            ordered = combination[::-1]
            names.append(":".join(name for name, _ in ordered))
            columns.append(np.prod([values for _, values in ordered], axis=0))
            owner.append(index)
    return names, np.column_stack(columns) if columns else np.empty((len(table), 0)), owner


def _coded(atom: Node, vector: Vector, *, contrast: bool) -> list[tuple[str, Floats]]:
    name = deparse(atom)
    if vector.kind == "number":
        return [(name, vector.values)]
    if vector.kind == "logical":
        vector = as_factor(vector)
    missing = np.isnan(vector.values)
    full = [(name + level, np.where(missing, np.nan, vector.values == i)) for i, level in enumerate(vector.levels)]
    return full[1:] if contrast else full
