"""All commands, put together in one language."""

from __future__ import annotations

from typing import Annotated

import typer
import typer.main

from passgenau import __version__
from passgenau.cli import (
    coding_command,
    convert_command,
    estimate_command,
    frame_commands,
    public_use_command,
    questionnaire_command,
    sample_command,
    simulate_command,
    study_commands,
    weight_command,
)
from passgenau.cli.language import Group, said, translate
from passgenau.cli.options import LangOption
from passgenau.cli.printing import put
from passgenau.cli.speech import Speech
from passgenau.text import Lang

_HELP = said(
    "Von der Umfrage zum Platz im Seminar: herausfinden, welche Fortbildung Kommunen brauchen, und genau diese planen.",
    "From the questionnaire to the seat in the room: find out which training municipalities need, and plan it.",
)

_HEADINGS = {
    said("Studie", "Study"): ["new", "check", "run", "analyse", "derive", "plan", "report"],
    said("Befragung", "Survey"): ["questionnaire", "simulate", "sample-size", "code"],
    said("Schätzen ohne Studie", "Estimating without a study"): ["weight", "estimate"],
    said("Daten", "Data"): ["convert", "public-use", "frame"],
}


def build(lang: Lang) -> Group:
    """Return the command `passgenau` with its help in a language."""
    app = typer.Typer(
        name="passgenau", cls=Group, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback(help=_HELP, invoke_without_command=False)(_root)
    study_commands.add_to(app)
    questionnaire_command.add_to(app)
    sample_command.add_to(app)
    estimate_command.add_to(app)
    weight_command.add_to(app)
    convert_command.add_to(app)
    public_use_command.add_to(app)
    simulate_command.add_to(app)
    coding_command.add_to(app)
    app.add_typer(frame_commands.frame_app, name="frame")
    command = typer.main.get_command(app)
    if not isinstance(command, Group):
        raise TypeError("an app with several commands is a group")
    command.headings = _HEADINGS
    translate(command, lang)
    return command


def _version(wanted: bool) -> None:  # noqa: FBT001 -- Typer calls it with the flag
    if wanted:
        put(f"passgenau {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    lang: LangOption = None,
    version: Annotated[  # noqa: ARG001, FBT002 -- its callback does the work; a flag of the command line
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help=said("Die Version nennen.", "Name the version.")
        ),
    ] = False,
) -> None:
    """Keep the language given before the command for the command itself."""
    if lang is not None:
        context.obj = Speech(lang, lang)
