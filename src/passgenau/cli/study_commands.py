"""The commands that work on a study folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import (
    FormatOption,
    JsonOption,
    LangOption,
    OneScenario,
    OptionalOutOption,
    OutOption,
    ScenarioChoice,
    SeedOption,
    StudyArgument,
)
from passgenau.cli.printing import progress, put, put_json
from passgenau.cli.speech import Speech, speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.planning.model import Scenario
    from passgenau.study import Study

# `passgenau.study` and what shows its values load solvers and the register; they are imported
# inside the commands so that `passgenau --help` answers at once.

_SCENARIOS: dict[ScenarioChoice, tuple[Scenario, ...]] = {
    "pilot": ("pilot",),
    "state": ("state",),
    "both": ("pilot", "state"),
}


def add_to(app: typer.Typer) -> None:
    """Add the commands to an app, in the order in which help lists them."""
    for name, function, help_text in _COMMANDS:
        app.command(name, cls=Command, help=help_text)(function)


def run(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: StudyArgument,
    out: OutOption,
    lang: LangOption = None,
    seed: SeedOption = None,
    scenario: Annotated[
        ScenarioChoice,
        typer.Option(
            "--scenario",
            help=said(
                "pilot: die Anmeldungen; state: alle, als Szenario. Der erste Plan wird plan.json.",
                "pilot: those registered; state: everybody, as a what-if. The first plan becomes plan.json.",
            ),
        ),
    ] = "both",
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Do everything and write every file."""
    from passgenau import study as steps  # noqa: PLC0415 -- see above
    from passgenau.cli.summaries import plan_summary  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    scenarios = _SCENARIOS[scenario]
    with Delivery(out) as delivery, progress(_shown(steps.STEPS, scenarios), say.messages) as tell:
        tell("read")
        results = steps.run(_open(study, seed), say.results, scenarios, tell)
        tell("write")
        paths = delivery.deliver(steps.outputs(results), steps.ALL_OUTPUTS)
    if not (as_json or output == "json"):
        put(f"{plan_summary(results.plans[scenarios[0]], say.messages)}\n")
    _delivered(out, paths, say, as_json=as_json or output == "json")


def check(
    context: typer.Context,
    study: StudyArgument,
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Read every file of a study and report all mistakes at once."""
    from passgenau.cli.summaries import study_summary  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    opened = _open(study)
    if as_json or output == "json":
        populations = {audience: len(frame) for audience, frame in opened.frames.items()}
        told: dict[str, object] = {"ok": True, "files": opened.digests, "populations": populations}
        if opened.answers is not None:
            told |= {"answered": opened.returns, "marks": opened.answers.responses.marks}
        put_json(told, say.results)
        return
    put(study_summary(opened, say.messages))


def analyse(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: StudyArgument,
    out: OptionalOutOption = None,
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Estimate and compare: what was asked for, and how sure that is."""
    from passgenau import study as steps  # noqa: PLC0415 -- see above
    from passgenau.cli.summaries import findings_summary  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    opened = _open(study)
    findings = steps.analyse(opened)
    if out is not None:
        needs = steps.assess(opened, findings)
        _write(
            out,
            steps.findings_files(opened, findings, say.results) | steps.needs_files(opened, needs, say.results),
            say,
            as_json=as_json or output == "json",
        )
    elif as_json or output == "json":
        put_json(findings, say.results)
    else:
        put(findings_summary(findings, opened, say.messages))


def derive(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: StudyArgument,
    out: OptionalOutOption = None,
    lang: LangOption = None,
    seed: SeedOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Derive the training concept and the reason for every module's place."""
    from passgenau import study as steps  # noqa: PLC0415 -- see above
    from passgenau.cli.summaries import curriculum_summary  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    opened = _open(study, seed)
    curriculum = steps.derive(opened, steps.assess(opened, steps.analyse(opened)))
    files = steps.curriculum_files(opened, curriculum, say.results)
    if out is not None:
        _write(out, files, say, as_json=as_json or output == "json")
    elif as_json or output == "json":
        put(files["curriculum.json"].decode("utf-8").rstrip())
    else:
        put(curriculum_summary(curriculum, opened, say.messages))


def plan(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: StudyArgument,
    scenario: Annotated[
        OneScenario,
        typer.Option(
            "--scenario",
            help=said(
                "pilot: die Anmeldungen; state: alle, als Szenario.",
                "pilot: those registered; state: everybody, as a what-if.",
            ),
        ),
    ] = "pilot",
    out: OptionalOutOption = None,
    lang: LangOption = None,
    seed: SeedOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Plan cohorts, places, dates and costs, and check every rule."""
    from passgenau import study as steps  # noqa: PLC0415 -- see above
    from passgenau.cli.summaries import plan_summary  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    opened = _open(study, seed)
    curriculum = steps.derive(opened, steps.assess(opened, steps.analyse(opened)))
    planned = steps.plan(opened, curriculum, scenario)
    if out is not None:
        _write(
            out,
            steps.plan_files(opened, curriculum, {scenario: planned}, say.results),
            say,
            as_json=as_json or output == "json",
        )
    elif as_json or output == "json":
        put(steps.plan_json(opened, curriculum, planned, say.results).decode("utf-8").rstrip())
    else:
        put(plan_summary(planned, say.messages))


def report(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: StudyArgument,
    out: OutOption,
    lang: LangOption = None,
    seed: SeedOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Write the report and the pages for the registered organisations, without the data files."""
    from passgenau import study as steps  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    with Delivery(out) as delivery, progress(steps.STEPS, say.messages) as tell:
        tell("read")
        results = steps.run(_open(study, seed), say.results, _SCENARIOS["both"], tell)
        tell("write")
        paths = delivery.deliver(steps.report_and_handouts(results))
    _delivered(out, paths, say, as_json=as_json or output == "json")


def new(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help=said("Neuer oder leerer Ordner.", "A new or empty folder.")),
    ],
    lang: LangOption = None,
) -> None:
    """Start an empty study with commented files."""
    from passgenau.study import template  # noqa: PLC0415 -- see above

    say = speech(context, lang)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError.of(
            f"{folder} ist nicht leer.",
            f"{folder} is not empty.",
            hint=Text(
                "Einen neuen Ordner nennen; vorhandene Dateien werden nie überschrieben.",
                "Name a new folder; existing files are never overwritten.",
            ),
        )
    _write(folder, template(), say, as_json=False)
    put(_NEXT.into(say.messages).format(folder=folder))


_NEXT = Text(
    "\nAls Nächstes: die Dateien von oben nach unten ausfüllen (die Kommentare erklären jedes Feld), dann\n"
    "  passgenau check {folder}",
    "\nNext: fill in the files from top to bottom (the comments explain every field), then\n  passgenau check {folder}",
)

_COMMANDS = (
    ("run", run, said("Alles rechnen und alle Dateien schreiben.", "Do everything and write every file.")),
    (
        "check",
        check,
        said(
            "Alle Dateien prüfen und alle Fehler auf einmal melden.",
            "Read all files of a study and report all mistakes at once.",
        ),
    ),
    (
        "analyse",
        analyse,
        said(
            "Schätzen und vergleichen: was gewünscht ist, und wie sicher.",
            "Estimate and compare: what was asked for, and how surely.",
        ),
    ),
    (
        "derive",
        derive,
        said(
            "Das Konzept ableiten, mit Begründung für jedes Modul.",
            "Derive the training concept, with reasons for every module.",
        ),
    ),
    (
        "plan",
        plan,
        said(
            "Kohorten, Orte, Termine und Kosten planen und prüfen.",
            "Plan cohorts, places, dates and costs, and check every rule.",
        ),
    ),
    (
        "report",
        report,
        said(
            "Bericht und ein Blatt je angemeldeter Kommune schreiben.",
            "Write the report and one page per registered organisation.",
        ),
    ),
    (
        "new",
        new,
        said("Eine leere Studie mit erklärten Dateien anlegen.", "Start an empty study with commented files."),
    ),
)


def _open(folder: Path, seed: int | None = None) -> Study:
    from passgenau.study import Study as Opened  # noqa: PLC0415 -- see above

    return Opened.open(folder).with_seed(seed)


def _shown(steps: Mapping[str, Text], scenarios: tuple[Scenario, ...]) -> dict[str, Text]:
    """Return the steps that will be taken: a plan that was not asked for is none."""
    return {key: text for key, text in steps.items() if key not in {"pilot", "state"} or key in scenarios}


def _write(out: Path, files: Mapping[str, bytes], say: Speech, *, as_json: bool) -> None:
    with Delivery(out) as delivery:
        paths = delivery.deliver(files)
    _delivered(out, paths, say, as_json=as_json)


def _delivered(out: Path, paths: tuple[Path, ...], say: Speech, *, as_json: bool) -> None:
    """Say which files stand where."""
    names = [path.name for path in paths]
    if as_json:
        put_json({"out": str(out), "files": names}, say.results)
        return
    head = Text(f"Geschrieben nach {out}:", f"Written to {out}:").into(say.messages)
    put("\n".join([head, *(f"  {name}" for name in names)]))
