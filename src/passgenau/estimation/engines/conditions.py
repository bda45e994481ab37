"""Conditions on rows: parsed once, checked, and written for an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from passgenau.errors import InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

_JOINED = (exp.Connector, exp.Not, exp.Paren)
_SAID = (exp.Predicate, exp.Boolean, exp.Column, exp.Func)  # what is true or false, or may be
_REFUSED = (exp.Query, exp.AggFunc, exp.Window, exp.Placeholder, exp.Parameter)


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition whose columns exist."""

    parsed: exp.Expression
    columns: tuple[str, ...]

    def sql(self, dialect: str) -> str:
        """Write the condition for `duckdb` or `spark`."""
        return self.parsed.sql(dialect=dialect)


def read_condition(text: str, columns: Sequence[str]) -> Condition:
    """Parse a condition; raises InputError where it is not one or names an unknown column.

    Names with other signs than letters stand in double quotes, words to compare with in single quotes. A column
    may be written in any case where that is clear; NULL counts as not met.
    """
    try:
        parsed = sqlglot.condition(text, dialect="duckdb")
    except SqlglotError as error:
        raise _no_condition(text) from error
    if isinstance(parsed, _REFUSED) or any(parsed.find_all(*_REFUSED)) or not _may_hold(parsed):
        raise _no_condition(text)
    used = []
    for node in list(parsed.find_all(exp.Column)):
        name = _named(".".join(part.name for part in node.parts), columns)
        used.append(name)
        alone = node is parsed or isinstance(node.parent, _JOINED)  # then it must be true; a number is no condition
        named = exp.column(name, quoted=True)
        column = exp.EQ(this=named, expression=exp.true()) if alone else named
        if node is parsed:
            parsed = column
        else:
            node.replace(column)
    return Condition(parsed, tuple(dict.fromkeys(used)))


def _may_hold(parsed: exp.Expression) -> bool:
    """Return whether an expression can be true or false: a comparison, say, and not a sum."""
    if isinstance(parsed, exp.Connector):
        return _may_hold(parsed.left) and _may_hold(parsed.right)
    if isinstance(parsed, (exp.Not, exp.Paren)):
        return _may_hold(parsed.this)
    return isinstance(parsed, _SAID)


def unsuited(text: str, detail: str) -> InputError:
    """Return the error for a condition that does not suit the values of its columns."""
    return InputError.of(
        f"Die Bedingung „{text}“ passt nicht zu ihren Spalten ({detail}).",
        f'The condition "{text}" does not suit its columns ({detail}).',
        field="where",
        hint=Text(
            "Bedingungen vergleichen Zahlen mit Zahlen und Wörter mit 'Wörtern'.",
            "Conditions compare numbers with numbers and words with 'words'.",
        ),
    )


def _named(name: str, columns: Sequence[str]) -> str:
    if name in columns:
        return name
    alike = [column for column in columns if column.lower() == name.lower()]
    if len(alike) != 1:
        raise unknown_column(name, columns)
    return alike[0]


def _no_condition(text: str) -> InputError:
    return InputError.of(
        f"„{text}“ ist keine Bedingung, die sich für eine Zeile prüfen lässt.",
        f'"{text}" is no condition that can be checked for a row.',
        field="where",
        hint=Text("Zum Beispiel: art = 'Stadt' AND einwohner >= 5000", "For example: kind = 'town' AND people >= 5000"),
    )
