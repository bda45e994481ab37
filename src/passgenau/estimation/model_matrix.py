"""Terms such as `meals`, `stype` or `stype:ell` as columns of numbers, named as R names them.

`docs/methods.md#model-matrix`. Categories are coded against their first level (treatment coding); in an
interaction without its main effect, and without an intercept, by one column per level. Source: Chambers & Hastie
(1992), Statistical Models in S, section 2.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.survey import numbers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_COMPARISON = re.compile(r"^(?P<column>.+?)\s*(?P<test>==|!=|<=|>=|<|>)\s*(?P<value>.+)$")
_CALL = re.compile(r"^(?P<name>I|factor|log|exp|sqrt)\((?P<inner>.*)\)$")
_POWER = re.compile(r"^(?P<column>.+?)\s*\^\s*(?P<power>\d+)$")
_NO_INTERCEPT = re.compile(r"\s*-\s*1\s*$|\s*\+\s*0\s*$|^\s*(?:0|-\s*1)\s*(?:\+|$)")
_TESTS = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_FUNCTIONS = {"log": np.log, "exp": np.exp, "sqrt": np.sqrt}
_INTERCEPT = -1


@dataclass(frozen=True, slots=True)
class Formula:
    """What is on either side of `outcome ~ a + b`, read from text.

    Attributes
    ----------
    outcome
        None where nothing stands on the left.
    terms
        The terms on the right, as written.
    intercept
        False where the right side says `- 1` or `+ 0`.
    """

    outcome: str | None
    terms: tuple[str, ...]
    intercept: bool


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrix:
    """A model matrix with the meaning of its columns.

    Attributes
    ----------
    names
        (p,) names of the columns: `(Intercept)`, `ell`, `stypeH`, `stypeH:ell`.
    numbers
        (n, p) numbers; NaN where a variable of the column is missing.
    terms
        The terms, each once, main effects before interactions: `ell`, `stype`, `stype:ell`.
    term
        (p,) index into `terms` of each column's term, −1 for the intercept.
    """

    names: tuple[str, ...]
    numbers: Floats
    terms: tuple[str, ...]
    term: tuple[int, ...]

    def columns_of(self, terms: Sequence[str]) -> tuple[int, ...]:
        """Return the columns of some terms; raises InputError for a term that the model does not have."""
        own = [frozenset(split(term, ":")) for term in self.terms]
        wanted = set()
        for term in terms:
            key = frozenset(split(term, ":"))
            if key not in own:
                raise InputError.of(
                    f"Das Modell hat keinen Term „{term}“.",
                    f'The model has no term "{term}".',
                    field=term,
                    hint=Text(f"Vorhanden: {', '.join(self.terms)}.", f"There are: {', '.join(self.terms)}."),
                )
            wanted.add(own.index(key))
        return tuple(i for i, term in enumerate(self.term) if term in wanted)

    def without(self, columns: Sequence[int]) -> ModelMatrix:
        """Return the matrix without some of its columns."""
        kept = [i for i in range(len(self.names)) if i not in set(columns)]
        names, term = tuple(self.names[i] for i in kept), tuple(self.term[i] for i in kept)
        return ModelMatrix(names, self.numbers[:, kept], self.terms, term)


@dataclass(frozen=True, slots=True, eq=False)
class ModelVariable:
    """One variable of a term: a number per row, or a level per row.

    Attributes
    ----------
    name
        As written in the term.
    levels
        The categories, first = reference; empty for numbers.
    numbers
        (n,) the number, or the index of the level; NaN where missing.
    """

    name: str
    levels: tuple[str, ...]
    numbers: Floats

    @property
    def category(self) -> bool:
        """Whether the values are indices of levels."""
        return bool(self.levels)

    def columns(self, *, contrasts: bool) -> list[tuple[str, Floats]]:
        """Return names and values of the variable's columns; without `contrasts` the first level has one too."""
        if not self.category:
            return [(self.name, self.numbers)]
        missing = np.isnan(self.numbers)
        return [
            (f"{self.name}{level}", np.where(missing, np.nan, self.numbers == code))
            for code, level in enumerate(self.levels)
            if code > 0 or not contrasts
        ]


def split(text: str, signs: str) -> list[str]:
    """Split text at signs that stand outside brackets and quotes; blanks around the parts are dropped."""
    parts, depth, quote, start = [], 0, "", 0
    for i, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign in signs and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]


def read_formula(text: str) -> Formula:
    """Read `outcome ~ a + b:c - 1`; the outcome, or outcome and tilde, may be left out.

    Names that hold signs of the language (`+`, `:`, `*`, `~`) are given as a list of terms instead.

    Raises
    ------
    InputError
        A term is empty, or there is more than one tilde.
    """
    *left, body = split(text, "~")
    without = _NO_INTERCEPT.sub("", body, count=1)
    terms = [part for part in split(without, "+") if part != "1"]
    if len(left) > 1 or ("" in terms and terms != [""]):
        raise InputError.of(
            f"Die Formel „{text}“ ist nicht lesbar.",
            f'The formula "{text}" cannot be read.',
            hint=Text(
                "Form: Ergebnis ~ a + b + a:b, ohne Konstante mit - 1 am Ende.",
                "Form: outcome ~ a + b + a:b, without a constant with - 1 at the end.",
            ),
        )
    return Formula((left[0] or None) if left else None, tuple(part for part in terms if part), without == body)


def variables_of(table: pl.DataFrame, terms: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the table that some terms read, each once."""
    atoms = [atom for factors in _expand(table, terms) for atom in factors]
    return tuple(dict.fromkeys(_column(table, atom) for atom in atoms))


def design_matrix(
    table: pl.DataFrame,
    terms: Sequence[str],
    *,
    intercept: bool = True,
    levels: Mapping[str, Sequence[str]] | None = None,
) -> tuple[tuple[str, ...], Floats]:
    """Return names and values of the columns of `model_matrix`; parameters and errors as there."""
    matrix = model_matrix(table, terms, intercept=intercept, levels=levels)
    return matrix.names, matrix.numbers


def model_matrix(
    table: pl.DataFrame,
    terms: Sequence[str],
    *,
    intercept: bool = True,
    levels: Mapping[str, Sequence[str]] | None = None,
) -> ModelMatrix:
    """Turn terms into columns of numbers.

    Parameters
    ----------
    table
        The data, n rows.
    terms
        Names of columns and what is made of them: `a:b` (product), `a*b` (both and their product),
        `a == value` (0/1; also !=, <, <=, >, >=), `factor(a)` (numbers as categories), `log(a)`, `exp(a)`,
        `sqrt(a)`, `a^2`; `I(…)` around any of them.
    intercept
        Whether a column of ones leads.
    levels
        Level order of categories by column, first = reference. Otherwise the order of an enumeration, else
        sorted. Every level listed has its column, whether it occurs or not.

    Raises
    ------
    InputError
        A column does not exist, a number is needed and there is none, or a value is none of the given levels.

    Examples
    --------
    >>> table = pl.DataFrame({"stype": ["E", "H", "E"], "ell": [1, 2, 3]})
    >>> model_matrix(table, ["stype*ell"]).names
    ('(Intercept)', 'stypeH', 'ell', 'stypeH:ell')
    """
    expanded = _expand(table, terms)
    order = list(dict.fromkeys(atom for factors in expanded for atom in factors))
    read = {atom: read_variable(table, atom, levels or {}) for atom in order}
    groups = sorted(dict.fromkeys(tuple(sorted(set(factors), key=order.index)) for factors in expanded), key=len)
    present = {frozenset(group) for group in groups}
    names, values, term = [], [], []
    if intercept:
        names, values, term = ["(Intercept)"], [np.ones(len(table))], [_INTERCEPT]
    full = None if intercept else _first_category(groups, read)
    for index, group in enumerate(groups):
        parts = [
            read[atom].columns(contrasts=_contrasts(group, atom, present, (index, atom) == full)) for atom in group
        ]
        for columns in product(*reversed(parts)):  # the first variable runs fastest
            names.append(":".join(name for name, _ in reversed(columns)))
            values.append(np.prod([column for _, column in reversed(columns)], axis=0))
            term.append(index)
    labels = tuple(":".join(group) for group in groups)
    matrix = np.column_stack(values) if values else np.empty((len(table), 0))
    return ModelMatrix(tuple(names), matrix.astype(np.float64), labels, tuple(term))


def _contrasts(group: tuple[str, ...], atom: str, present: set[frozenset[str]], full: bool) -> bool:  # noqa: FBT001 -- a fact of the position
    """Whether a variable is coded against its reference in a term: if the term without it is in the model too."""
    rest = frozenset(group) - {atom}
    return not full and (not rest or rest in present)


def _first_category(groups: Sequence[tuple[str, ...]], read: Mapping[str, ModelVariable]) -> tuple[int, str] | None:
    """Return where the first category stands, which takes the place of a missing intercept."""
    found = ((i, atom) for i, group in enumerate(groups) for atom in group if read[atom].category)
    return next(found, None)


def _expand(table: pl.DataFrame, terms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the variables of every term, `a*b` written out; a term that is a column's name stays whole."""
    out: list[tuple[str, ...]] = []
    for term in terms:
        if term in table.columns:
            out.append((term,))
            continue
        crossed = [tuple(split(part, ":")) for part in split(term, "*")]
        for size in range(1, len(crossed) + 1):
            out += [tuple(atom for part in chosen for atom in part) for chosen in combinations(crossed, size)]
    return out


def _bare(table: pl.DataFrame, atom: str) -> str:
    """Return an atom without the `I(…)` around it."""
    call = None if atom in table.columns else _CALL.match(atom)
    return call["inner"].strip() if call and call["name"] == "I" else atom


def _column(table: pl.DataFrame, atom: str) -> str:
    """Return the column that a variable is made of."""
    inner = _bare(table, atom)
    if inner in table.columns:
        return inner
    call, power, comparison = _CALL.match(inner), _POWER.match(inner), _COMPARISON.match(inner)
    if call:
        column = call["inner"].strip()
    else:
        found = comparison or power
        column = found["column"].strip() if found else inner
    if column not in table.columns:
        raise unknown_column(column, table.columns)
    return column


def read_variable(table: pl.DataFrame, atom: str, levels: Mapping[str, Sequence[str]]) -> ModelVariable:
    """Read one variable of a term, or an outcome; forms and errors as in `model_matrix`."""
    inner, column = _bare(table, atom), _column(table, atom)
    if inner == column:
        category = column in levels or table[column].dtype in {pl.String, pl.Categorical, pl.Enum, pl.Boolean}
        return _category(table, column, atom, levels) if category else ModelVariable(atom, (), numbers(table, column))
    call = _CALL.match(inner)
    if call and call["name"] == "factor":
        return _category(table, column, atom, levels)
    if call:
        return ModelVariable(atom, (), _transformed(table, column, call["name"]))
    comparison = _COMPARISON.match(inner)
    if comparison:
        return ModelVariable(atom, ("FALSE", "TRUE"), _passes(table, column, comparison["test"], comparison["value"]))
    power = _POWER.match(inner)
    return ModelVariable(atom, (), numbers(table, column) ** int(power["power"] if power else 1))


def _transformed(table: pl.DataFrame, column: str, name: str) -> Floats:
    """Return log, exp or root of a column; a result that is no number is an error."""
    values = numbers(table, column)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        out = _FUNCTIONS[name](values)
    wrong = np.flatnonzero(~np.isfinite(out) & ~np.isnan(values))
    if len(wrong):
        row = int(wrong[0])
        raise InputError.of(
            f"Zeile {row + 1} der Daten: {name}({values[row]:g}) ist keine Zahl.",
            f"Row {row + 1} of the data: {name}({values[row]:g}) is not a number.",
            field=column,
        )
    return np.asarray(out, dtype=np.float64)


def labels_of(series: pl.Series) -> pl.Series:
    """Return a column as words: truth values as TRUE and FALSE, whole numbers without a decimal point."""
    if series.dtype == pl.Boolean:
        return series.cast(pl.String).str.to_uppercase()
    if series.dtype.is_float():
        values = series.fill_nan(None).drop_nulls().unique()
        words = [f"{value:.15g}" for value in values]
        return series.fill_nan(None).replace_strict(values, words, default=None, return_dtype=pl.String)
    return series.cast(pl.String)


def levels_of(series: pl.Series) -> tuple[str, ...]:
    """Return the levels of a column: in the declared order of an enumeration, else those that occur, sorted."""
    if isinstance(series.dtype, pl.Enum):
        return tuple(series.dtype.categories)
    values = series.cast(pl.String) if series.dtype == pl.Categorical else series
    return tuple(labels_of(values.drop_nulls().unique().sort()).drop_nulls())


def codes_of(series: pl.Series, levels: Sequence[str]) -> Floats:
    """Return (n,) the index of each row's level, NaN where missing.

    Raises
    ------
    InputError
        A value is none of the levels.
    """
    words = labels_of(series)
    codes = words.cast(pl.Enum(list(levels)), strict=False).to_physical().cast(pl.Float64)
    wrong = (codes.is_null() & words.is_not_null()).arg_true()
    if len(wrong):
        row = int(wrong[0])
        raise InputError.of(
            f"Zeile {row + 1} der Daten: „{words[row]}“ ist keine der Kategorien {', '.join(levels)}.",
            f'Row {row + 1} of the data: "{words[row]}" is none of the categories {", ".join(levels)}.',
            field=series.name,
        )
    return np.asarray(codes.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _category(table: pl.DataFrame, column: str, name: str, levels: Mapping[str, Sequence[str]]) -> ModelVariable:
    """Read a column of categories."""
    order = tuple(levels[column]) if column in levels else levels_of(table[column])
    return ModelVariable(name, order, codes_of(table[column], order))


def _passes(table: pl.DataFrame, column: str, test: str, value: str) -> Floats:
    """Return 1 where a column passes a test and 0 where it does not; NaN where it is missing."""
    word = value.strip()
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    if table[column].dtype.is_numeric() and not quoted:
        values, limit = numbers(table, column), _number(word, column)
    else:
        levels = levels_of(table[column])
        values, limit = codes_of(table[column], levels), _level(word[1:-1] if quoted else word, column, levels)
    return np.where(np.isnan(values), np.nan, _TESTS[test](values, limit))


def _number(word: str, column: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InputError.of(
            f"Die Spalte enthält Zahlen; „{word}“ ist keine.",
            f'The column holds numbers; "{word}" is none.',
            field=column,
        ) from None


def _level(word: str, column: str, levels: Sequence[str]) -> float:
    if word not in levels:
        raise InputError.of(
            f"Eine Kategorie „{word}“ gibt es nicht.",
            f'There is no category "{word}".',
            field=column,
            hint=Text(f"Vorhanden: {', '.join(levels)}.", f"There are: {', '.join(levels)}."),
        )
    return float(levels.index(word))
