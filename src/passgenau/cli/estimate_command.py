"""`passgenau estimate`: shares, means, totals, ratios and quantiles of a data file, with honest limits."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from passgenau.cli.language import Command, said
from passgenau.cli.options import JsonOption, LangOption
from passgenau.cli.printing import number, percent, put, table
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.estimation import Estimate, Estimates
    from passgenau.text import Lang

Estimator = Literal["mean", "proportion", "total", "ratio", "quantile"]
Engine = Literal["auto", "duckdb", "spark", "memory"]
LonelyRule = Literal["fail", "remove", "certainty", "adjust", "average"]
ReplicateKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap"]
TableFormat = Literal["table", "json", "csv"]

_KEYS = ("item", "level", "by", "estimate", "se", "lower", "upper", "df", "deff", "base", "population", "method")
_MORE = ("confidence", "base_units", "count_lower", "count_upper", "suppressed")


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "estimate",
        cls=Command,
        help=said(
            "Anteile, Mittelwerte, Summen, Verhältnisse und Quantile einer Datei schätzen, mit ihren Grenzen.",
            "Estimate shares, means, totals, ratios and quantiles of a data file, with their limits.",
        ),
    )(estimate)


def estimate(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help=said(
                "CSV, Parquet, SPSS (.sav) oder ein Ordner mit Parquet-Dateien.",
                "CSV, Parquet, SPSS (.sav) or a folder of Parquet files.",
            ),
        ),
    ],
    items: Annotated[
        str, typer.Option("--items", metavar="A[,B]", help=said("Spalten, durch Komma getrennt.", "Columns, by comma."))
    ],
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="G[,H]", help=said("Getrennt nach diesen Spalten.", "Separately by these columns.")
        ),
    ] = None,
    weight: Annotated[
        str | None, typer.Option("--weight", metavar="W", help=said("Spalte der Gewichte.", "Column of weights."))
    ] = None,
    strata: Annotated[
        str | None, typer.Option("--strata", metavar="S", help=said("Spalte der Schichten.", "Column of strata."))
    ] = None,
    psu: Annotated[
        str | None,
        typer.Option(
            "--psu",
            metavar="P[,Q]",
            help=said(
                "Spalten der Auswahleinheiten, eine je Stufe; ohne Angabe ist jede Zeile eine.",
                "Columns of the units drawn, one per stage; without it every row is one.",
            ),
        ),
    ] = None,
    fpc: Annotated[
        str | None,
        typer.Option(
            "--fpc",
            metavar="F[,G]",
            help=said(
                "Spalten mit der Zahl der Einheiten der Grundgesamtheit, eine je Stufe.",
                "Columns with the number of units of the population, one per stage.",
            ),
        ),
    ] = None,
    nest: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option(
            "--nest", help=said("PSU-Namen gelten nur in ihrer Schicht.", "PSU names count within their stratum only.")
        ),
    ] = False,
    estimator: Annotated[
        Estimator | None,
        typer.Option(
            "--estimator",
            help=said(
                "Was geschätzt wird; ohne Angabe Anteile für Kategorien und 0/1, sonst Mittelwerte.",
                "What is estimated; without it shares for categories and 0/1, else means.",
            ),
        ),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option("--over", metavar="D", help=said("Nenner eines Verhältnisses.", "Denominator of a ratio.")),
    ] = None,
    probs: Annotated[
        str,
        typer.Option(
            "--probs", metavar="P,…", help=said("Stellen der Quantile, 0–1.", "Probabilities of quantiles, 0–1.")
        ),
    ] = "0.5",
    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            metavar="EXPR",
            help=said(
                "Nur Zeilen, die diese SQL-Bedingung erfüllen; die anderen zählen weiter zum Stichprobenplan.",
                "Only rows that meet this SQL condition; the others still count for the design.",
            ),
        ),
    ] = None,
    ci: Annotated[
        str | None,
        typer.Option(
            "--ci",
            metavar="METHOD",
            help=said(
                "Wie die Grenzen gebildet werden; ohne Angabe wählt der Stichprobenplan.",
                "How limits are made; without it the design chooses.",
            ),
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", help=said("Konfidenzniveau, 0–1.", "Confidence level, 0–1."))
    ] = 0.95,
    lonely: Annotated[
        LonelyRule,
        typer.Option(
            "--lonely",
            help=said("Regel für Schichten mit einer einzigen PSU.", "Rule for strata with a single PSU."),
        ),
    ] = "fail",
    replicates: Annotated[
        ReplicateKind | None,
        typer.Option(
            "--replicates",
            help=said("Varianz aus Replikaten statt aus Linearisierung.", "Variance from replicates, not linearised."),
        ),
    ] = None,
    listwise: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option(
            "--listwise",
            help=said(
                "Zeilen weglassen, denen eine der Angaben fehlt; sonst hat jede ihre eigene Basis.",
                "Leave out rows that lack one of the items; else each has a base of its own.",
            ),
        ),
    ] = False,
    threshold: Annotated[
        int,
        typer.Option(
            "--threshold",
            min=0,
            help=said(
                "Zahlen mit weniger Antworten unterdrücken (für Ergebnisse, die das Haus verlassen).",
                "Suppress numbers with fewer answers (for results that leave the office).",
            ),
        ),
    ] = 0,
    engine: Annotated[
        Engine, typer.Option("--engine", help=said("Womit gerechnet wird.", "What does the summing."))
    ] = "auto",
    lang: LangOption = None,
    output: Annotated[
        TableFormat, typer.Option("--format", help=said("Form der Ausgabe.", "Form of the output."))
    ] = "table",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Estimate, and print with base, population, limits and method."""
    from passgenau.estimation import Design, suppress  # noqa: PLC0415 -- loads SciPy and the engines
    from passgenau.estimation import estimate as run  # noqa: PLC0415 -- likewise

    say = speech(context, lang)
    design = Design(weight=weight, strata=strata, ids=_names(psu), fpc=_names(fpc), nest=nest, lonely=lonely)
    found = run(
        data,
        _names(items),
        design=design,
        by=_names(by),
        where=where,
        estimator=estimator,
        over=over,
        probs=_probabilities(probs),
        interval=ci,
        confidence=confidence,
        replicates=replicates,
        engine=engine,
        listwise=listwise,
    )
    if threshold:
        found = suppress(found, threshold)
    if as_json or output == "json":
        put(json.dumps(_records(found), ensure_ascii=False, indent=2))  # every digit: other programs go on with them
    elif output == "csv":
        put(_csv(found).rstrip("\n"))
    else:
        put(_text(found, say.messages))


def _names(words: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip()) if words else ()


def _probabilities(words: str) -> tuple[float, ...]:
    try:
        found = tuple(float(word) for word in words.split(","))
    except ValueError:
        found = ()
    if not found or not all(0 < value < 1 for value in found):
        raise InputError.of(
            f"„{words}“ sind keine Stellen zwischen 0 und 1.",
            f'"{words}" are not probabilities between 0 and 1.',
            field="--probs",
            hint=Text("Zum Beispiel: 0.25,0.5,0.75", "For example: 0.25,0.5,0.75"),
        )
    return found


def _records(found: Estimates) -> list[dict[str, Any]]:
    """Return the rows with the keys that other programs rely on; what is no number is null."""
    rows = []
    for record in found.records():
        row = {key: record[key] for key in (*_KEYS, *_MORE)}
        rows.append({key: None if _no_number(value) else value for key, value in row.items()})
    return rows


def _no_number(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _csv(found: Estimates) -> str:
    """Return one line per estimate; the columns of `by` stand after the level."""
    groups = list(found[0].by) if len(found) else []
    keys = [key for key in (*_KEYS, *_MORE) if key != "by"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*keys[:2], *groups, *keys[2:]])
    for row in _records(found):
        values = ["" if row[key] is None else row[key] for key in keys]
        writer.writerow([*values[:2], *(row["by"][group] for group in groups), *values[2:]])
    return out.getvalue()


_HEADS = {
    "de": ("Angabe", "Ausprägung", "Schätzung", "Grenzen", "SE", "Basis", "steht für", "Verfahren"),
    "en": ("Item", "Level", "Estimate", "Limits", "SE", "Base", "stands for", "Method"),
}
_SUPPRESSED = Text("unterdrückt", "suppressed")


def _text(found: Estimates, lang: Lang) -> str:
    groups = list(found[0].by) if len(found) else []
    heads = _HEADS[lang]
    levels = any(row.level is not None for row in found)
    columns = [heads[0], *([heads[1]] if levels else []), *groups, *heads[2:]]
    rows = [_line(row, groups, lang, levels=levels) for row in found]
    aligns = "<" * (len(columns) - 6) + ">>>>><"
    notes = [found.method, *found.assumptions, *found.notes]
    return "\n".join([table(columns, aligns, rows), "", *(note.into(lang) for note in notes)])


def _line(row: Estimate, groups: list[str], lang: Lang, *, levels: bool) -> list[str]:
    share = row.kind == "proportion"
    head = [row.item, *([row.level or ""] if levels else []), *(str(row.by[group]) for group in groups)]
    if row.suppressed:
        return [*head, _SUPPRESSED.into(lang), "", "", "", "", ""]
    show = _percentage if share else _figure
    limits = f"{show(row.lower, lang)} – {show(row.upper, lang)}"
    if row.count_lower is not None and row.count_upper is not None:
        limits += f" ({number(row.count_lower, lang)} – {number(row.count_upper, lang)})"
    error = _figure(100 * row.se, lang) if share else _figure(row.se, lang)
    base = number(row.base, lang)
    return [*head, show(row.estimate, lang), limits, error, base, number(row.population, lang), row.method]


def _percentage(value: float, lang: Lang) -> str:
    return percent(None if math.isnan(value) else value, lang, 1)


def _figure(value: float, lang: Lang) -> str:
    """Return a number with about four significant digits."""
    if not math.isfinite(value):
        return "–"
    digits = 0 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
    return number(value, lang, min(digits, 6))
