"""What commands print: results to standard output, progress to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from passgenau.text import Lang, Text


def put(text: str) -> None:
    """Print a result to standard output."""
    sys.stdout.write(f"{text}\n")


def put_json(tree: object, lang: Lang) -> None:
    """Print a result to standard output as JSON."""
    from passgenau.report.exports import json_bytes  # noqa: PLC0415 -- needed for this form only

    sys.stdout.write(json_bytes(tree, lang).decode("utf-8"))


def table(columns: Sequence[str], aligns: str, rows: Sequence[Sequence[str]]) -> str:
    """Return rows under their column heads; nothing is cut off.

    `aligns` has one sign per column: ``<`` for text, ``>`` for numbers.
    """
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    lines = [columns, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(f"{cell:{align}{width}}" for cell, align, width in zip(line, aligns, widths, strict=True)).rstrip()
        for line in lines
    )


def percent(share: float | None, lang: Lang, digits: int = 0) -> str:
    """Return a share of 0–1 as a percentage, or a dash for none."""
    if share is None:
        return "–"
    return f"{number(100 * share, lang, digits)} %" if lang == "de" else f"{number(100 * share, lang, digits)}%"


def number(value: float, lang: Lang, digits: int = 0) -> str:
    """Return a number with the thousands separator and decimal sign of the language."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text


def counted(count: int, one: str, many: str | None = None, lang: Lang = "en") -> str:
    """Return a count with its noun in the right number; `many` defaults to `one` with an s."""
    return f"{number(count, lang)} {one if count == 1 else many or f'{one}s'}"


@contextmanager
def progress(steps: Mapping[str, Text], lang: Lang) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told the key of each step as it begins.

    On a terminal a bar shows where the work stands; elsewhere each step is one quiet line.
    """
    if not sys.stderr.isatty():
        yield lambda step: _line(steps[step].into(lang))
        return
    from rich.console import Console  # noqa: PLC0415 -- needed on a terminal only
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 -- likewise

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(steps))
        order = list(steps)
        yield lambda step: bar.update(task, completed=order.index(step), description=steps[step].into(lang))


def _line(text: str) -> None:
    sys.stderr.write(f"{text} …\n")
    sys.stderr.flush()
