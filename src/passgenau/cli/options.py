"""Arguments and options that several commands share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from passgenau.cli.language import said
from passgenau.text import Lang

Format = Literal["text", "json"]
ScenarioChoice = Literal["pilot", "state", "both"]
OneScenario = Literal["pilot", "state"]

StudyArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="STUDY", help=said("Ordner der Studie.", "Folder of the study."))
]
LangOption: TypeAlias = Annotated[
    Lang | None,
    typer.Option(
        "--lang",
        help=said(
            "Sprache; ohne Angabe: Meldungen nach der Umgebung (LANG), Ergebnisse deutsch.",
            "Language; without it: messages by the locale (LANG), results in German.",
        ),
    ),
]
SeedOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        help=said("Startwert der Ziehungen; sonst der aus study.yaml.", "Seed of the draws; else that of study.yaml."),
    ),
]
OutOption: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help=said(
            "Ordner für die Ergebnisse; sie erscheinen vollständig oder gar nicht.",
            "Folder for the results; they appear whole or not at all.",
        ),
    ),
]
OptionalOutOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help=said("Ordner, in den die Dateien geschrieben werden.", "Folder that the files are written to."),
    ),
]
FormatOption: TypeAlias = Annotated[
    Format,
    typer.Option(
        "--format",
        help=said("Form der Ausgabe auf der Standardausgabe.", "Form of what is printed to standard output."),
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help=said("Kurz für --format json.", "Short for --format json."))
]
JsonOnlyOption: TypeAlias = Annotated[bool, typer.Option("--json", help=said("Ausgabe als JSON.", "Print JSON."))]
