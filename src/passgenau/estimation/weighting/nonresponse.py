"""Weights for those who answered, from cells in which answering is taken to be a matter of chance.

`docs/methods.md#nonresponse-cells`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.weighting.adjustments import Nonresponse, response_weights
from passgenau.estimation.weighting.auxiliary import complete_numbers, texts_of
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.survey import Survey

    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SMALLEST = 5
"""Answers that a cell needs unless another number is asked for."""


def adjust_nonresponse(
    survey: Survey, cells: str | Sequence[str], responded: str, *, smallest: int = SMALLEST
) -> Survey:
    """Give the weights of those who did not answer to those of the same cell who did.

    Parameters
    ----------
    survey
        Everyone who was asked, with the weights of the draw.
    cells
        Column, or columns whose combinations are the cells.
    responded
        Column that is 1 (true) for rows that answered and 0 (false) for those that did not.
    smallest
        Answers that a cell must have at least, unless everyone in it answered.

    Returns
    -------
    The survey with weight 0 for those who did not answer. They stay: they count for the design.

    Raises
    ------
    InputError
        A column does not exist, lacks a value, or `responded` holds something but 0 and 1.
    DesignError
        A cell has fewer than `smallest` answers; the message names them all.

    Notes
    -----
    Condition: within a cell everyone answers with the same probability, independently of the others. Särndal,
    Swensson & Wretman (1992), section 15.6 (response homogeneity groups).
    """
    columns = (cells,) if isinstance(cells, str) else tuple(cells)
    answered = answers(survey, responded)
    cell, names = _cells(survey, columns)
    count = np.bincount(cell[answered & survey.inside], minlength=len(names))
    asked = np.bincount(cell[survey.inside], minlength=len(names))
    _check_sizes(names, count, asked, smallest, " × ".join(columns))
    after = response_weights(survey.weight, cell, answered, names)
    done = Nonresponse(cell, names, answered, survey.weight, after)
    return replace(survey, weight=after, adjustments=(*survey.adjustments, done))


def answers(survey: Survey, responded: str) -> Flags:
    """Return (n,) flags of a column that says who answered; raises InputError where it holds anything but 0 and 1."""
    if responded not in survey.table.columns:
        raise unknown_column(responded, survey.table.columns)
    values = complete_numbers(survey, responded)
    wrong = np.flatnonzero(~np.isin(values, (0.0, 1.0)))
    if len(wrong):
        raise InputError.of(
            f"Zeile {wrong[0] + 1} der Daten: {values[wrong[0]]:g} sagt nicht, ob geantwortet wurde.",
            f"Row {wrong[0] + 1} of the data: {values[wrong[0]]:g} does not say whether there was an answer.",
            field=responded,
            hint=Text("1 für geantwortet, 0 für nicht geantwortet.", "1 for an answer, 0 for none."),
        )
    return np.asarray(values == 1)


def _cells(survey: Survey, columns: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Return (n,) indices of the cells in sorted order, −1 outside the domain, and their names."""
    texts = texts_of(survey, columns)
    slots = texts.columns
    distinct = texts.filter(pl.Series(survey.inside)).unique().sort(slots).with_row_index("cell")
    joined = texts.join(distinct, on=slots, how="left", maintain_order="left")
    cell = np.where(survey.inside, joined["cell"].cast(pl.Int64).fill_null(-1).to_numpy(), -1)
    names = tuple(" / ".join(row) for row in distinct.drop("cell").iter_rows())
    return cell.astype(np.int64), names


def _check_sizes(names: Sequence[str], answered: Ints, asked: Ints, smallest: int, title: str) -> None:
    least = max(smallest, 2)  # the spread within a cell needs two answers
    small = np.flatnonzero((answered < least) & (answered < asked)).tolist()
    if not small:
        return
    de = ", ".join(f"„{names[i]}“ ({answered[i]} von {asked[i]})" for i in small)
    en = ", ".join(f'"{names[i]}" ({answered[i]} of {asked[i]})' for i in small)
    raise DesignError(
        Text(
            f"Zellen nach {title} mit weniger als {least} Antworten: {de}. Jede mit einer Zelle "
            "zusammenlegen, die ähnlich antwortet, zum Beispiel der nächsten Größenklasse.",
            f"Cells by {title} with fewer than {least} answers: {en}. Merge each with a cell that answers "
            "alike, for example the next size class.",
        )
    )
