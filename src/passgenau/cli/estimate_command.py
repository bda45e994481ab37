"""`passgenau estimate`: shares, means, totals, ratios and quantiles of a data file, with honest limits."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from passgenau.cli.language import Command, said
from passgenau.cli.options import JsonOption, LangOption
from passgenau.cli.printing import put
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.estimation import ItemSet

Estimator = Literal["mean", "proportion", "total", "ratio", "quantile"]
Engine = Literal["auto", "duckdb", "spark", "memory"]
LonelyRule = Literal["fail", "remove", "certainty", "adjust", "average"]
ReplicateKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap"]
Blank = Literal["missing", "no"]
TableFormat = Literal["table", "json", "csv"]
Method = Literal[
    "hypergeometric",
    "hypergeometric-midp",
    "beta-binomial",
    "korn-graubard",
    "beta",
    "korn-graubard-capped",
    "wilson",
    "logit",
    "xlogit",
    "asin",
    "likelihood",
    "mean",
    "t",
    "z",
]

_WHAT = said("Was geschätzt wird", "What is estimated")
_DESIGN = said("Wie die Antworten zustande kamen", "How the answers came about")
_LIMITS = said("Wie sicher das ist", "How sure that is")
_PERCENT = 100


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
        str,
        typer.Option(
            "--items",
            metavar="A[,B]",
            rich_help_panel=_WHAT,
            help=said("Spalten, durch Komma getrennt.", "Columns, separated by commas."),
        ),
    ],
    estimator: Annotated[
        Estimator | None,
        typer.Option(
            "--estimator",
            rich_help_panel=_WHAT,
            help=said(
                "Ohne Angabe Anteile für Wörter und 0/1, sonst Mittelwerte.",
                "Without it shares for words and 0/1, else means.",
            ),
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="G[,H]",
            rich_help_panel=_WHAT,
            help=said("Getrennt nach diesen Spalten.", "Separately by these columns."),
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            metavar="EXPR",
            rich_help_panel=_WHAT,
            help=said(
                "SQL-Bedingung; die anderen Zeilen zählen weiter zum Stichprobenplan.",
                "SQL condition; other rows still count for the design.",
            ),
        ),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option(
            "--over", metavar="D", rich_help_panel=_WHAT, help=said("Nenner (nur ratio).", "Denominator (ratio only).")
        ),
    ] = None,
    probs: Annotated[
        str | None,
        typer.Option(
            "--probs",
            metavar="P,…",
            rich_help_panel=_WHAT,
            help=said(
                "Stellen von 0 bis 1 (nur quantile); ohne Angabe 0.5.",
                "Probabilities, 0 to 1 (quantile only); without it 0.5.",
            ),
        ),
    ] = None,
    shown: Annotated[
        str | None,
        typer.Option(
            "--shown",
            metavar="S",
            rich_help_panel=_WHAT,
            help=said(
                "Spalte mit 1, wo die Frage gezeigt wurde: die Basis einer Mehrfachauswahl.",
                "Column with 1 where the question was shown: the base of a multi-select.",
            ),
        ),
    ] = None,
    blank: Annotated[
        Blank,
        typer.Option(
            "--blank",
            rich_help_panel=_WHAT,
            help=said(
                "Was eine leere Zelle heißt, wo die Frage gezeigt wurde.",
                "What an empty cell means where the question was shown.",
            ),
        ),
    ] = "missing",
    listwise: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option(
            "--listwise",
            rich_help_panel=_WHAT,
            help=said(
                "Nur Zeilen, in denen keine der Angaben fehlt; sonst hat jede ihre Basis.",
                "Only rows that lack none of the items; else each has its own base.",
            ),
        ),
    ] = False,
    weight: Annotated[
        str | None,
        typer.Option(
            "--weight", metavar="W", rich_help_panel=_DESIGN, help=said("Spalte der Gewichte.", "Column of weights.")
        ),
    ] = None,
    strata: Annotated[
        str | None,
        typer.Option(
            "--strata", metavar="S", rich_help_panel=_DESIGN, help=said("Spalte der Schichten.", "Column of strata.")
        ),
    ] = None,
    psu: Annotated[
        str | None,
        typer.Option(
            "--psu",
            metavar="P[,Q]",
            rich_help_panel=_DESIGN,
            help=said(
                "Spalten der Auswahleinheiten (Klumpen), je Stufe eine; sonst jede Zeile.",
                "Columns of the units drawn (clusters), one per stage; else every row.",
            ),
        ),
    ] = None,
    fpc: Annotated[
        str | None,
        typer.Option(
            "--fpc",
            metavar="F[,G]",
            rich_help_panel=_DESIGN,
            help=said(
                "Spalten mit der Größe der Grundgesamtheit, je Stufe eine: Zahlen wie 1101.",
                "Columns with the size of the population, one per stage: counts such as 1101.",
            ),
        ),
    ] = None,
    nest: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option(
            "--nest",
            rich_help_panel=_DESIGN,
            help=said("PSU-Namen gelten nur in ihrer Schicht.", "PSU names count within their stratum only."),
        ),
    ] = False,
    lonely: Annotated[
        LonelyRule,
        typer.Option(
            "--lonely",
            rich_help_panel=_DESIGN,
            help=said("Was Schichten mit einer einzigen PSU beitragen.", "What strata with a single PSU contribute."),
        ),
    ] = "fail",
    ci: Annotated[
        Method | None,
        typer.Option(
            "--ci",
            metavar="METHOD",
            rich_help_panel=_LIMITS,
            help=said(
                "Ohne Angabe wählt der Stichprobenplan; möglich: hypergeometric, korn-graubard, wilson, logit, t, z, …",
                "Without it the design chooses; possible: hypergeometric, korn-graubard, wilson, logit, t, z, …",
            ),
        ),
    ] = None,
    confidence: Annotated[
        float,
        typer.Option("--confidence", metavar="C", rich_help_panel=_LIMITS, help=said("Von 0 bis 1.", "From 0 to 1.")),
    ] = 0.95,
    replicates: Annotated[
        ReplicateKind | None,
        typer.Option(
            "--replicates", rich_help_panel=_LIMITS, help=said("Varianz aus Replikaten.", "Variance from replicates.")
        ),
    ] = None,
    threshold: Annotated[
        int,
        typer.Option(
            "--threshold",
            metavar="N",
            min=0,
            rich_help_panel=_LIMITS,
            help=said(
                "Zahlen mit weniger Antworten unterdrücken, bevor sie das Haus verlassen.",
                "Suppress numbers with fewer answers, before they leave the office.",
            ),
        ),
    ] = 0,
    engine: Annotated[
        Engine,
        typer.Option("--engine", help=said("Womit gerechnet wird.", "What does the summing.")),
    ] = "auto",
    output: Annotated[
        TableFormat,
        typer.Option("--format", help=said("Form der Ausgabe.", "Form of the output.")),
    ] = "table",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
    lang: LangOption = None,
) -> None:
    """Estimate, and print with base, population, limits and method."""
    _check(estimator, over, probs, confidence)
    from passgenau.cli import estimate_output as written  # noqa: PLC0415 -- for this command only
    from passgenau.estimation import Design  # noqa: PLC0415 -- loads SciPy and the engines
    from passgenau.estimation import estimate as run  # noqa: PLC0415 -- likewise

    say = speech(context, lang)
    names = _names(items)
    found = run(
        data,
        names,
        design=Design(weight=weight, strata=strata, ids=_names(psu), fpc=_names(fpc), nest=nest, lonely=lonely),
        by=_names(by),
        where=where,
        estimator=estimator,
        over=over,
        probs=_probabilities(probs),
        sets=_sets(names, shown, blank),
        interval=ci,
        confidence=confidence,
        replicates=replicates,
        engine=engine,
        listwise=listwise,
    )
    if threshold:
        from passgenau.estimation import suppress  # noqa: PLC0415 -- for this option only

        found = suppress(found, threshold)
    if as_json or output == "json":
        put(written.as_json(found))
    elif output == "csv":
        put(written.as_csv(found).rstrip("\n"))
    else:
        put(found.to_text(say.messages, shutil.get_terminal_size((0, 0)).columns))  # 0: no terminal


def _check(estimator: Estimator | None, over: str | None, probs: str | None, confidence: float) -> None:
    """Raise InputError where options contradict each other."""
    for option, value, needed in (("--over", over, "ratio"), ("--probs", probs, "quantile")):
        if value is not None and estimator != needed:
            raise InputError.of(
                f"Diese Option gehört zu --estimator {needed}.",
                f"This option goes with --estimator {needed}.",
                field=option,
                hint=Text(
                    f"--estimator {needed} dazusetzen oder {option} weglassen.",
                    f"Add --estimator {needed} or leave out {option}.",
                ),
            )
    if estimator == "ratio" and over is None:
        raise InputError.of(
            "Ein Verhältnis braucht einen Nenner.",
            "A ratio needs a denominator.",
            field="--over",
            hint=Text("Zum Beispiel: --over einwohner", "For example: --over inhabitants"),
        )
    if not 0 < confidence < 1:
        meant = f"{confidence / _PERCENT:g}" if 1 < confidence < _PERCENT else "0.95"
        raise InputError.of(
            f"Ein Konfidenzniveau liegt zwischen 0 und 1, nicht bei {confidence:g}.",
            f"A confidence level lies between 0 and 1, not at {confidence:g}.",
            field="--confidence",
            hint=Text(f"Gemeint ist vielleicht {meant}.", f"Perhaps {meant} is meant."),
        )


def _names(words: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip()) if words else ()


def _sets(items: tuple[str, ...], shown: str | None, blank: Blank) -> tuple[ItemSet, ...]:
    """Return the items as one question that was shown to some."""
    from passgenau.estimation import ItemSet  # noqa: PLC0415 -- for this command only

    if shown is not None:
        return (ItemSet(items, shown=shown, blank=blank),)
    if blank == "no":
        raise InputError.of(
            "Leere Zellen heißen nur dort „nein“, wo die Frage gezeigt wurde.",
            'Empty cells mean "no" only where the question was shown.',
            field="--blank",
            hint=Text("Mit --shown die Spalte nennen, die das sagt.", "Name the column that says so with --shown."),
        )
    return ()


def _probabilities(words: str | None) -> tuple[float, ...]:
    if words is None:
        return (0.5,)
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
