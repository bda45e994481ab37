"""Answers: as delivered, and typed by the questionnaire.

`Delivered` is what a reader of a format yields: texts as they stood in the file, every column kept.
`Responses` is what the questionnaire makes of them: one row per answer sheet, one typed column per
variable, and beside every value its state. Values are never changed in place: what a check finds is
marked, what a person repairs is a logged step, and the delivery stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.survey.variables import Variable
    from passgenau.text import Text

Disposition = Literal["complete", "partial", "break_off", "refusal", "unreachable", "ineligible", "unknown"]
"""Final codes after AAPOR: I, P, the break-off among R, R, NC, not eligible, UH/UO."""
DISPOSITIONS: tuple[Disposition, ...] = (
    "complete",
    "partial",
    "break_off",
    "refusal",
    "unreachable",
    "ineligible",
    "unknown",
)
USABLE: frozenset[Disposition] = frozenset({"complete", "partial"})
"""Dispositions whose answers are analysed."""

Role = Literal["sheet", "organisation", "token", "disposition", "language", "day", "seconds", "order"]
"""What a column says of a sheet rather than of a question: its number, who answered, the invitation, how it
ended, the language, the day it ended (no clock time), how long it took, and its place among the sheets of one
organisation."""
ROLES: tuple[Role, ...] = ("sheet", "organisation", "token", "disposition", "language", "day", "seconds", "order")


class State(IntEnum):
    """Why a value is there or is not."""

    ANSWERED = 0
    EMPTY = 1  # shown and left empty
    NOT_SHOWN = 2  # the respondent never saw it
    REFUSED = 3  # “keine Angabe” was chosen
    INVALID = 4  # something stands there that the codebook does not know; the delivery keeps it


NOT_SHOWN, REFUSED = ".n", ".r"
"""How a file of passgenau's own spells the two; an empty cell was shown and left empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """Answers as a file holds them, before the questionnaire gives them types.

    Attributes
    ----------
    table
        One row per sheet, every column as text, in the file's order; a null is an absent value, an empty
        text an empty one.
    columns
        Column of `table` by the name of the variable (`passgenau.survey.variables`) that it answers.
    roles
        Column of `table` by what it says of the sheet.
    name
        How messages call the file.
    absent
        What a null means: `not_shown` where the format says so (the respondent never saw the question),
        `unknown` where it cannot tell; filters then decide.
    blank
        What an empty text means, in the same words; `empty` where the format keeps the two apart.
    ticked, unticked
        Texts that mean yes and no in a multiple choice.
    not_shown, refused
        Texts that mean so in every column.
    spelling
        Whether categories stand as codes, or as the labels of a language.
    first_line
        Line of the first sheet in the file, counted from 1; None where the format has no lines.
    escaped
        Whether texts may begin with an apostrophe that keeps spreadsheets from taking them for a formula; typing
        takes it off. So write passgenau's own files.
    """

    table: pl.DataFrame
    columns: Mapping[str, str]
    roles: Mapping[Role, str] = field(default_factory=lambda: MappingProxyType({}))
    name: str = "responses.csv"
    absent: Literal["not_shown", "unknown"] = "unknown"
    blank: Literal["empty", "unknown"] = "unknown"
    ticked: tuple[str, ...] = ("1", "Y", "Yes", "yes", "true", "True", "TRUE", "Ja", "ja", "x", "X")
    unticked: tuple[str, ...] = ("0", "N", "No", "no", "false", "False", "FALSE", "Nein", "nein", "Not selected")
    not_shown: tuple[str, ...] = (NOT_SHOWN,)
    refused: tuple[str, ...] = (REFUSED,)
    spelling: Literal["codes", "labels"] = "codes"
    first_line: int | None = 2
    escaped: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to the answers, in words, with how many values it touched."""

    action: str  # a stable key: typed, repaired, excluded, assigned, combined, recoded …
    what: Text
    values: int  # touched values, or sheets where whole sheets were touched
    sheets: tuple[str, ...] = ()  # their numbers, where the step names single ones
    by: str | None = None  # who decided it; None for what the program does by rule


@dataclass(frozen=True, slots=True)
class Mark:
    """Something a check found. It marks values or sheets, and deletes nothing."""

    check: str  # a stable key: unknown_organisation, doubled_token, outside_codebook, against_filter …
    sheet: str | None  # its number; None where the mark speaks of the whole file
    variable: str | None
    value: str | None  # as delivered
    message: Text
    hint: Text
    severity: Literal["error", "warning"] = "warning"
    line: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Typed answers with the state of every value.

    Attributes
    ----------
    sheets
        One row per answer sheet: the columns of `ROLES`, `sheet` unique, missing ones null. `day` is a date,
        `seconds` a number, `order` an integer, the others text.
    values
        One column per variable, rows as in `sheets`: `category` and `text` as text (the id of the category),
        `flag` as boolean, `rank` as integer, `number` as float, `date` as date; null unless answered. A tick
        that was left out in an answered multiple choice is an answer: false.
    states
        The same columns as `values`: `State` as unsigned 8-bit integers.
    delivered
        What was read, untouched.
    steps
        What was done since, in order.
    """

    questionnaire: Questionnaire
    variables: tuple[Variable, ...]
    sheets: pl.DataFrame
    values: pl.DataFrame
    states: pl.DataFrame
    delivered: Delivered
    steps: tuple[Step, ...] = ()
    marks: tuple[Mark, ...] = ()
    synthetic: Text | None = None  # where the answers were made up: what every file and report must say

    def __len__(self) -> int:
        return self.sheets.height
