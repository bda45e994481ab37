"""Time reading, typing and checking 100,000 answer sheets of 50 variables, beside `pandas.read_csv` alone.

Usage: ``python benchmarks/answers.py [SHEETS]``. Prints medians of three runs after one that is not counted; the table
in `benchmarks/results.md` is written by hand from them, with machine and date.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from passgenau.survey import Questionnaire, variables
from passgenau.survey.answer_files import read_answers, write_answers
from passgenau.survey.combine import combine
from passgenau.survey.marks import check_answers
from passgenau.survey.typed import type_answers

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 3
SHEETS = 100_000
SEED = 2018
EMPTY = 0.1  # share of cells


def questionnaire() -> Questionnaire:
    """Return a questionnaire of 50 variables: choices, ticks, a matrix, ranks, numbers, a date, texts, filters."""
    items = [{"id": f"a{i}", "text": f"Antwort {i}"} for i in range(10)]
    questions = [
        {"id": f"single{i}", "type": "single", "text": "Was?", "items": items[:4], "no_answer": {}} for i in range(5)
    ]
    questions += [
        {"id": "many", "type": "multiple", "text": "Was alles?", "items": items, "show_if": "single0 in (a0, a1, a2)"},
        {"id": "more", "type": "multiple", "text": "Was noch?", "items": items},
        {"id": "grid", "type": "matrix", "text": "Wie?", "items": items, "scale": "grades"},
        {"id": "order", "type": "ranking", "text": "Reihenfolge", "items": items[:5]},
        *({"id": f"number{i}", "type": "number", "text": "Wie viele?", "decimals": 2} for i in range(6)),
        {"id": "day_of", "type": "date", "text": "Wann?"},
        *({"id": f"text{i}", "type": "text", "text": "Was noch?"} for i in range(3)),
    ]
    grades = {"points": [{"id": str(i), "text": str(i)} for i in range(1, 6)]}
    return Questionnaire.model_validate({"scales": {"grades": grades}, "questions": questions})


def write_sheets(path: Path, asked: Questionnaire, sheets: int) -> None:
    """Write made-up sheets, two of each organisation on average, a tenth of all cells empty."""
    rng = np.random.default_rng([SEED, sheets])
    columns = {"sheet": np.arange(1, sheets + 1).astype(str)}
    columns["organisation"] = np.char.zfill(rng.integers(1, sheets // 2 + 2, sheets).astype(str), 8)
    for variable in variables(asked):
        possible = {
            "category": [category.id for category in variable.categories],
            "flag": ["0", "1"],
            "rank": [str(1 + int(variable.name[-1]) % 5)] if variable.type == "rank" else [],
            "number": ["0", "1,5", "12", "3.25", "240"],
            "date": ["2018-05-03", "15.6.2018"],
            "text": ["Straßen", "Plätze, Höfe", "=1+1"],
        }[variable.type]
        columns[variable.name] = np.where(rng.random(sheets) < EMPTY, "", rng.choice(possible, sheets))
    pl.DataFrame(columns).write_csv(path)


def median_seconds(job: Callable[[], object]) -> float:
    """Return the median wall time of a job after one run that is not counted."""
    job()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print the median of every step, and the values typed in a second."""
    sheets = int(sys.argv[1]) if len(sys.argv) > 1 else SHEETS
    asked = questionnaire()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responses.csv"
        write_sheets(path, asked, sheets)
        typed = type_answers(read_answers(path, asked), asked)
        jobs: dict[str, Callable[[], object]] = {
            "pandas.read_csv alone": lambda: pd.read_csv(path, dtype=str, keep_default_na=False),
            "pandas.read_csv alone, types guessed": lambda: pd.read_csv(path, low_memory=False),
            "read": lambda: read_answers(path, asked),
            "type": lambda: type_answers(read_answers(path, asked), asked),
            "check": lambda: check_answers(typed),
            "combine": lambda: combine(typed, "any"),
            "write CSV": lambda: write_answers(typed),
        }
        seconds = {name: median_seconds(job) for name, job in jobs.items()}
    seconds["type"] -= seconds["read"]
    values = sheets * len(variables(asked))
    print(f"{platform.machine()}, Python {platform.python_version()}; {sheets} sheets, {values} values")
    for name, taken in seconds.items():
        print(f"{name:40} {taken:8.3f} s")
    whole = seconds["read"] + seconds["type"] + seconds["check"]
    print(f"read, typed and checked: {values / whole:,.0f} values a second")
    print(f"times pandas.read_csv alone: {whole / seconds['pandas.read_csv alone']:.2f}")


if __name__ == "__main__":
    main()
