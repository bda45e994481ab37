"""Writing answers as tables: CSV or a workbook, with their codebook beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from passgenau.formats.codebook import codebook_rows, write_codebook
from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.spreadsheet import CELL_LENGTH, write_sheets
from passgenau.survey.answer_files import answer_table, write_answers
from passgenau.survey.variables import variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.survey.responses import Responses


def write_csv(responses: Responses, *, name: str = "answers.csv") -> Exported:
    """Write answers as CSV (UTF-8), with the codebook beside them.

    Names and labels that a spreadsheet would take for formulas begin with an apostrophe.
    """
    codebook = f"{Path(name).stem}-codebook.csv"
    return Exported("csv", {name: write_answers(responses), codebook: write_codebook(responses.questionnaire)})


def write_xlsx(responses: Responses, *, name: str = "answers.xlsx") -> Exported:
    """Write answers and codebook as the two sheets of a workbook; every text is a text, never a formula."""
    sheets = {"answers": _answer_rows(responses), "codebook": codebook_rows(responses.questionnaire)}
    return Exported("xlsx", {name: write_sheets(sheets)}, tuple(_too_long(responses)))


def _too_long(responses: Responses) -> Iterator[Lost]:
    for variable in responses.variables:
        if variable.type == "text":
            count = int((responses.values[variable.name].str.len_chars() > CELL_LENGTH).sum() or 0)
            if count:
                yield Lost(
                    variable.name,
                    Text(f"das Ende von {count} langen Texten", f"the end of {count} long texts"),
                    Text(f"Eine Zelle fasst {CELL_LENGTH} Zeichen.", f"A cell holds {CELL_LENGTH} characters."),
                )


def _answer_rows(responses: Responses) -> Iterator[list[str | float | None]]:
    table = answer_table(responses)
    numbers = {v.name for v in variables(responses.questionnaire) if v.type in {"number", "rank", "flag"}}
    yield list(table.columns)
    for row in table.iter_rows():
        yield [_cell(value, column in numbers) for column, value in zip(table.columns, row, strict=True)]


def _cell(value: object, number: bool) -> str | float | None:  # noqa: FBT001 -- read in one place
    if value is None or value == "":
        return None
    text = str(value)
    if number and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    return text
