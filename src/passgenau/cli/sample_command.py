"""`passgenau sample-size`: how many answers a margin needs, and how far a return reaches."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from passgenau.cli.language import Command, said
from passgenau.cli.options import FormatOption, JsonOption, LangOption
from passgenau.cli.printing import put, put_json
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.frame import Unit

By = Literal["audience", "type", "size_class", "region", "district"]


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "sample-size",
        cls=Command,
        help=said(
            "Wie viele Antworten nötig sind, wie weit ein Rücklauf trägt.",
            "How many answers a margin needs; how far a return reaches.",
        ),
    )(sample_size)


def sample_size(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    populations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=]N",
            help=said(
                "Grundgesamtheiten, z. B. 1101 oder kreise=35 gemeinden=1101.",
                "Populations, such as 1101 or districts=35 towns=1101.",
            ),
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study",
            metavar="STUDY",
            help=said(
                "Grundgesamtheiten und Rücklauf dieser Studie statt Zahlen.",
                "Populations and return of this study instead of numbers.",
            ),
        ),
    ] = None,
    by: Annotated[
        By,
        typer.Option(
            "--by", help=said("Mit --study: Schichten, je Gruppe.", "With --study: strata within each audience.")
        ),
    ] = "audience",
    margin: Annotated[
        float,
        typer.Option(
            "--margin",
            min=0.1,
            max=50,
            help=said("Stichprobenfehler, in Prozentpunkten.", "Margin of error, in percentage points."),
        ),
    ] = 5.0,
    returned: Annotated[
        list[str] | None,
        typer.Option(
            "--returned",
            metavar="[NAME=]N",
            help=said(
                "Wie viele geantwortet haben; mehrfach möglich, in der Reihenfolge der Grundgesamtheiten.",
                "How many answered; may be repeated, in the order of the populations.",
            ),
        ),
    ] = None,
    level: Annotated[
        float,
        typer.Option("--level", min=50, max=99.99, help=said("Sicherheit, in Prozent.", "Confidence, in percent.")),
    ] = 95.0,
    share: Annotated[
        float,
        typer.Option(
            "--share",
            min=0,
            max=100,
            help=said(
                "Erwarteter Anteil, in Prozent; 50 ist der ungünstigste Fall.",
                "Expected share, in percent; 50 is the worst case.",
            ),
        ),
    ] = 50.0,
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Plan a sample, or judge a return."""
    from passgenau.cli.summaries import sample_summary  # noqa: PLC0415 -- loads what it shows
    from passgenau.estimation import plan_sample  # noqa: PLC0415 -- loads SciPy

    say = speech(context, lang)
    if (study is None) == (not populations):
        raise InputError.of(
            "Entweder Grundgesamtheiten oder --study angeben.",
            "Give either populations or --study.",
            hint=Text(
                "Zum Beispiel: passgenau sample-size 1101 --margin 5", "E.g.: passgenau sample-size 1101 --margin 5"
            ),
        )
    sizes, answered = _from_study(study, by) if study else _numbered(populations or [], "N")
    if returned:
        answered = _returns(returned, list(sizes))
    found = plan_sample(sizes, margin / 100, answered or None, level=level / 100, share=share / 100)
    if as_json or output == "json":
        put_json(found, say.results)
    else:
        put(sample_summary(found, say.messages))


def _numbered(words: Sequence[str], name: str) -> tuple[dict[str, int], dict[str, int]]:
    found: dict[str, int] = {}
    for word in words:
        stratum, value = _split(word)
        key = stratum or (word if word not in found else f"{word} ({len(found) + 1})")
        if stratum in found:
            raise InputError.of(f"{stratum!r} steht zweimal.", f"{stratum!r} stands twice.", field=name)
        found[key] = value
    return found, {}


def _returns(words: Sequence[str], strata: list[str]) -> dict[str, int]:
    """Read returns by name, or by place where they have none."""
    found: dict[str, int] = {}
    for place, word in enumerate(words):
        stratum, value = _split(word)
        if stratum is None and place >= len(strata):
            raise InputError.of(
                f"--returned steht öfter da als Grundgesamtheiten ({len(strata)}).",
                f"--returned stands more often than populations ({len(strata)}).",
                field="--returned",
            )
        found[stratum or strata[place]] = value
    return found


def _split(word: str) -> tuple[str | None, int]:
    name, _, digits = word.rpartition("=")
    if not digits.isascii() or not digits.isdigit() or int(digits) < 1:
        raise InputError.of(
            f"{word!r} ist keine Anzahl.",
            f"{word!r} is not a count.",
            hint=Text("Eine ganze Zahl ab 1, oder NAME=ZAHL.", "A whole number from 1, or NAME=NUMBER."),
        )
    return name or None, int(digits)


def _from_study(folder: Path, by: By) -> tuple[dict[str, int], dict[str, int]]:
    """Return the strata of a study's populations, and its return where it is known by stratum."""
    from passgenau.study import Study  # noqa: PLC0415 -- see study_commands

    study = Study.open(folder)
    if by == "audience":
        sizes = {audience: len(frame) for audience, frame in study.frames.items()}
        return sizes, study.returns
    strata: Counter[str] = Counter()
    for audience, frame in study.frames.items():
        strata.update(f"{audience}/{_stratum(unit, by)}" for unit in frame.units)
    return dict(sorted(strata.items())), {}


def _stratum(unit: Unit, by: By) -> str:
    value = unit.district_label if by == "district" else getattr(unit, by)
    return str(value) if value is not None else "–"
