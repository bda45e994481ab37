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
    if isinstance(parsed, _REFUSED) or any(parsed.find_all(*_REFUSED)):
        raise _no_condition(text)
    used = []
    for node in list(parsed.find_all(exp.Column)):
        name = _named(".".join(part.name for part in node.parts), columns)
        used.append(name)
        column = exp.column(name, quoted=True)
        if node is parsed:
            parsed = column
        else:
            node.replace(column)
    return Condition(parsed, tuple(dict.fromkeys(used)))


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
