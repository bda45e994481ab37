"""`passgenau public-use`: answers for everyone, with nobody to be recognised in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import JsonOnlyOption, LangOption, OutOption
from passgenau.cli.printing import put, put_json
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.formats.public_use import PublicUseFile
    from passgenau.frame import Frame
    from passgenau.text import Lang


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "public-use",
        cls=Command,
        help=said(
            "Antworten zur Veröffentlichung vergröbern, bis niemand zu erkennen ist, mit Codebuch und Lizenz.",
            "Coarsen answers for publication until nobody is recognised, with codebook and licence.",
        ),
    )(public_use)


def public_use(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY",
            help=said("Ordner der Studie oder Fragebogen.", "Folder of the study, or a questionnaire."),
        ),
    ],
    answers: Annotated[
        Path | None,
        typer.Argument(
            metavar="[ANSWERS]",
            help=said("Antworten; sonst responses.csv der Studie.", "Answers; else responses.csv of the study."),
        ),
    ] = None,
    spec: Annotated[
        Path,
        typer.Option(
            "--spec",
            metavar="FILE",
            help=said("Was wie grob veröffentlicht wird.", "What is published, and how coarsely."),
        ),
    ] = Path("public_use.yaml"),
    out: OutOption = Path("public-use"),
    as_json: JsonOnlyOption = False,  # noqa: FBT002 -- a flag of the command line
    lang: LangOption = None,
) -> None:
    """Write data, codebook, changes and licence."""
    from passgenau.formats import public_use as public  # noqa: PLC0415 -- loads Polars
    from passgenau.formats.convert import read_any, typed  # noqa: PLC0415 -- likewise
    from passgenau.reading import load_yaml  # noqa: PLC0415 -- beside its use

    say = speech(context, lang)
    if not spec.exists():
        raise _unspecified(spec)
    wanted = load_yaml(spec, public.PublicUse).value
    found = read_any(source, _answers(source, answers))
    with Delivery(out) as delivery:
        responses = typed(found)
        languages = found.questionnaire.languages if found.questionnaire else ()
        made = public.public_use(
            responses, wanted, _frames(source), language=say.results if say.results in languages else None
        )
        delivery.deliver(made.files)
    if as_json:
        put_json(_tree(made, out), say.results)
    else:
        put(_summary(made, out, say.messages))


def _unspecified(spec: Path) -> InputError:
    return InputError.of(
        f"Die Datei {spec} gibt es nicht; sie sagt, was wie grob veröffentlicht wird.",
        f"There is no file {spec}; it says what is published, and how coarsely.",
        hint=Text(
            "Mit --spec die Datei nennen. docs/public-use.md zeigt ein Beispiel.",
            "Name the file with --spec. docs/public-use.md shows an example.",
        ),
    )


def _answers(source: Path, answers: Path | None) -> Path | None:
    if answers is not None or not source.is_dir():
        return answers
    for name in ("responses.csv", "responses.parquet", "responses.sav"):
        if (source / name).is_file():
            return source / name
    raise InputError.of(
        "In der Studie liegen keine Antworten.",
        "The study holds no answers.",
        file=str(source),
        hint=Text("Die Datei mit den Antworten als zweite Angabe nennen.", "Name the file of answers second."),
    )


def _frames(source: Path) -> Mapping[str, Frame] | None:
    """Return the population of each audience where a whole study is given."""
    if not (source / "study.yaml").is_file():
        return None
    from passgenau.study import Study  # noqa: PLC0415 -- loads every room

    return Study.open(source).frames


def _tree(made: PublicUseFile, out: Path) -> dict[str, object]:
    return {
        "folder": str(out),
        "files": list(made.files),
        "sheets": made.table.height,
        "variables": made.table.columns,
        "classes_below_k": [{"values": list(values), "sheets": count} for values, count in made.below],
        "suppressed": dict(made.suppressed),
        "small_cells": [{"variable": v, "value": value, "sheets": count} for v, value, count in made.small_cells],
        "changes": list(made.changes),
    }


def _summary(made: PublicUseFile, out: Path, lang: Lang) -> str:
    head = Text(
        f"{out} (Bögen: {made.table.height}, Variablen: {made.table.width}): {', '.join(made.files)}",
        f"{out} (sheets: {made.table.height}, variables: {made.table.width}): {', '.join(made.files)}",
    )
    below = Text(
        f"{len(made.below)} Kombinationen lagen unter k; {sum(made.suppressed.values())} Werte sind unterdrückt.",
        f"{len(made.below)} combinations were below k; {sum(made.suppressed.values())} values are suppressed.",
    )
    small = Text(
        f"{len(made.small_cells)} Werte stehen in Bögen von weniger als k Organisationen; bitte prüfen, ob sie "
        "zusammenzufassen sind.",
        f"{len(made.small_cells)} values stand in sheets of fewer than k organisations; please check whether to merge "
        "them.",
    )
    lines = [head, *made.changes, below, *([small] if made.small_cells else [])]
    return "\n".join(line.into(lang) for line in lines)
