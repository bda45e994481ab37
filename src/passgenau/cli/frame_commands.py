"""The commands that look places up and bring in a new edition of the register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from passgenau.cli.language import Command, Group, said
from passgenau.cli.options import FormatOption, JsonOption, LangOption
from passgenau.cli.printing import put, put_json
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.frame import Unit
    from passgenau.text import Lang

Tier = Literal["district", "municipality"]

frame_app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=False,
    help=said(
        "Kommunen nachschlagen und ihr Verzeichnis erneuern.", "Look municipalities up and renew their register."
    ),
)


@frame_app.command(
    "list",
    cls=Command,
    help=said("Kommunen oder Kreise einer Auswahl auflisten.", "List the municipalities or districts of a selection."),
)
def list_units(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="NN",
            help=said(
                "Die ersten beiden Ziffern des Schlüssels, z. B. 08.", "First two digits of the key, such as 08."
            ),
        ),
    ] = None,
    tier: Annotated[
        Tier, typer.Option("--tier", help=said("Kreise oder Gemeinden.", "Districts or municipalities."))
    ] = "municipality",
    unit_type: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help=said(
                "Art, z. B. Landkreis oder Stadt; mehrfach möglich.", "Type, such as Landkreis; may be repeated."
            ),
        ),
    ] = None,
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """List the units of a selection."""
    from passgenau.frame import FrameSpec, select  # noqa: PLC0415 -- loads the register

    say = speech(context, lang)
    spec = FrameSpec(register="de", tier=tier, state=state, type=tuple(unit_type or ()))
    units = select(spec, tier, Path()).units
    _show(units, say.messages, as_json=as_json or output == "json")


@frame_app.command(
    "find",
    cls=Command,
    help=said("Eine Kommune oder einen Kreis nach Namen suchen.", "Find a municipality or district by its name."),
)
def find_units(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=said("Name oder ein Teil davon.", "Name, or a part of it."))
    ],
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Find units by name."""
    from passgenau.frame import find, load_register  # noqa: PLC0415 -- loads the register

    say = speech(context, lang)
    units = find(load_register(), name)
    if not units:
        raise InputError.of(
            f"Keine Kommune heißt so ähnlich wie {name!r}.",
            f"No municipality has a name like {name!r}.",
            hint=Text("Ein kürzerer Teil des Namens findet mehr.", "A shorter part of the name finds more."),
        )
    _show(units, say.messages, as_json=as_json or output == "json")


@frame_app.command(
    "import",
    cls=Command,
    help=said(
        "Ein Gemeindeverzeichnis (GV100AD) von Destatis einlesen.",
        "Read a municipal register (GV100AD) of Destatis.",
    ),
)
def import_units(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=said("Die Datei GV100AD….txt.", "The file GV100AD….txt.")),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="CSV", help=said("Die CSV-Datei, die entsteht.", "The CSV file to write."))
    ] = Path("frame.csv"),
    tier: Annotated[
        Tier, typer.Option("--tier", help=said("Kreise oder Gemeinden.", "Districts or municipalities."))
    ] = "municipality",
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Read a GV100AD file."""
    from passgenau.formats.gv100ad import import_frame  # noqa: PLC0415 -- loads the register

    say = speech(context, lang)
    if out.exists():
        raise InputError.of(
            "Diese Datei gibt es schon; sie wird nicht überschrieben.",
            "This file exists already; it is not overwritten.",
            file=str(out),
            hint=Text("Mit --out eine andere Datei nennen.", "Name another file with --out."),
        )
    report = import_frame(file, out, tier)
    if as_json or output == "json":
        put_json(report, say.results)
        return
    put("\n".join(text.into(say.messages) for text in report.texts))


def _show(units: tuple[Unit, ...], lang: Lang, *, as_json: bool) -> None:
    from passgenau.cli.summaries import units_summary  # noqa: PLC0415 -- see study_commands

    if as_json:
        put_json(units, lang)
    else:
        put(units_summary(units, lang))
