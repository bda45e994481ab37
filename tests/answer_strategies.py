"""Typed answers for property tests: rows for any questionnaire, with the state of every value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from hypothesis import strategies as st

from passgenau.survey import Delivered, Questionnaire, Responses, State, Variable, variables
from passgenau.survey.typed import DTYPES

WORDS = (
    "eins",
    "=1+1",
    "'quoted",
    ".n",
    ".r",
    "a;b,c",
    'say "ja"',
    "zwei\nZeilen",
    "-5",
    "?",
    "@x",
    "0",
    "Öl\tfass",
    "",
)
NUMBERS = (0.0, 1.0, -2.5, 1.234, 1234.0, 0.125, 1e300, 1 / 3, 12.5)


def value_of(variable: Variable) -> st.SearchStrategy[Any]:
    """Return typed values that a variable may have."""
    match variable.type:
        case "category":
            return st.sampled_from([category.id for category in variable.categories])
        case "flag":
            return st.booleans()
        case "rank":
            return st.integers(1, 9)
        case "number":
            return st.sampled_from(NUMBERS) | st.floats(allow_nan=False, allow_infinity=False)
        case "date":
            return st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
        case "text":
            letters = st.characters(codec="utf-8", exclude_categories=("Cs",))
            text = st.sampled_from(WORDS) | st.text(letters, max_size=8)
            return text.filter(lambda word: clean(word) != "").map(clean)


def clean(word: str) -> str:
    """Return a text without zero characters and the blanks around it, as typing leaves it."""
    return str(pl.Series([word.replace("\x00", "")]).str.strip_chars()[0])


@st.composite
def rows(draw: st.DrawFn, questionnaire: Questionnaire, most: int = 4) -> pl.DataFrame:
    """Draw typed values, null where there is none; one row per sheet."""
    height = draw(st.integers(1, most))
    return pl.DataFrame(
        [
            pl.Series(
                v.name,
                draw(st.lists(st.none() | value_of(v), min_size=height, max_size=height)),
                dtype=DTYPES[v.type],
            )
            for v in variables(questionnaire)
        ]
    )


@st.composite
def facts(draw: st.DrawFn, height: int) -> pl.DataFrame:
    """Draw what is known of the organisations behind so many sheets."""

    def column(name: str, possible: list[Any], dtype: Any) -> pl.Series:
        return pl.Series(
            name, draw(st.lists(st.sampled_from([None, *possible]), min_size=height, max_size=height)), dtype
        )

    return pl.DataFrame(
        [
            column("audience", ["towns", "districts"], pl.String),
            column("language", ["de", "en"], pl.String),
            column("size_class", ["Kleinstadt", "Großstadt"], pl.String),
            column("region", ["Tübingen"], pl.String),
            column("population", [800.0, 20000.0, 50000.0], pl.Float64),
        ]
    )


def delivery(table: dict[str, list[str | None]], roles: tuple[str, ...] = (), **more: Any) -> Delivered:
    """Return a delivery whose columns are named like their variables and roles."""
    frame = pl.DataFrame(table, schema=dict.fromkeys(table, pl.String))
    columns = {name: name for name in table if name not in roles}
    return Delivered(frame, columns, roles={role: role for role in roles}, **more)  # type: ignore[misc]  # plain names


def states(responses: Responses, name: str) -> list[State]:
    """Return the states of one variable."""
    return [State(state) for state in responses.states[name]]
