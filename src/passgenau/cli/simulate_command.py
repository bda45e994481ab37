"""`passgenau simulate`: invent a full return, or tell beforehand what a survey can find."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import FormatOption, JsonOption, LangOption, OptionalOutOption, StudyArgument
from passgenau.cli.printing import counted, number, percent, put, put_json, table
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.reading import read_yaml
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.cli.speech import Speech
    from passgenau.simulation import Power, Simulation, SimulationAssumptions
    from passgenau.study import PlannedSurvey
    from passgenau.text import Lang

_POWER_REPEATS = 500


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "simulate",
        cls=Command,
        help=said(
            "Antworten künstlich erzeugen, oder vorab sagen, was eine Befragung finden kann (--power).",
            "Invent a full return, or tell beforehand what a survey can find (--power).",
        ),
    )(simulate)


def simulate(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: StudyArgument,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            min=0,
            help=said("Startwert; derselbe ergibt dieselben Bytes.", "Seed; the same one gives the same bytes."),
        ),
    ] = 1,
    out: OptionalOutOption = None,
    assumptions: Annotated[
        Path | None,
        typer.Option(
            "--assumptions",
            metavar="FILE",
            help=said(
                "simulation.yaml mit Annahmen; was fehlt, hat einen genannten Vorgabewert.",
                "simulation.yaml with assumptions; what is missing has a stated default.",
            ),
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            "--repeats",
            min=1,
            max=10_000,
            help=said(
                "Wie oft simuliert wird: 1 Rücklauf, bei --power 500 Ziehungen.",
                "How often to simulate: 1 return, with --power 500 draws.",
            ),
        ),
    ] = None,
    power: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option(
            "--power",
            help=said(
                "Vor der Befragung: erwartete Spannen, Trennschärfe, Trefferquote der Intervalle.",
                "Before fieldwork: expected intervals, power, and how often intervals hit.",
            ),
        ),
    ] = False,
    response_rate: Annotated[
        float | None,
        typer.Option(
            "--response-rate",
            min=0.1,
            max=100,
            help=said("Mit --power: erwarteter Rücklauf, in Prozent.", "With --power: expected response, in percent."),
        ),
    ] = None,
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Simulate a return, or a design."""
    from passgenau.simulation import SimulationAssumptions  # noqa: PLC0415 -- loads Polars
    from passgenau.study import PlannedSurvey  # noqa: PLC0415 -- see study_commands

    say = speech(context, lang)
    opened = PlannedSurvey.open(study)
    given = read_yaml(assumptions, SimulationAssumptions) if assumptions else SimulationAssumptions()
    plain = as_json or output == "json"
    if power:
        _power(opened, given, seed, repeats or _POWER_REPEATS, response_rate, out, say, plain=plain)
        return
    if response_rate is not None:
        given = _with_rate(opened, given, response_rate / 100)
    if out is None:
        raise InputError.of(
            "Wohin mit den Antworten?",
            "Where shall the answers go?",
            field="--out",
            hint=Text("--out ORDNER nennen, oder --power.", "Give --out DIR, or --power."),
        )
    _return(opened, given, seed, repeats or 1, out, say, plain=plain)


def _with_rate(study: PlannedSurvey, assumptions: SimulationAssumptions, rate: float) -> SimulationAssumptions:
    """Return assumptions in which every audience answers at one rate."""
    from passgenau.simulation.assumptions import AssumedReturn  # noqa: PLC0415 -- see above

    returns = {audience: AssumedReturn(rate=rate) for audience in study.frames}
    return assumptions.model_copy(update={"returns": returns})


def _return(  # noqa: PLR0913, PLR0917 -- as the command
    study: PlannedSurvey,
    assumptions: SimulationAssumptions,
    seed: int,
    repeats: int,
    out: Path,
    say: Speech,
    *,
    plain: bool,
) -> None:
    from passgenau.simulation import folder_files  # noqa: PLC0415 -- see above
    from passgenau.simulation.folder import truth_json  # noqa: PLC0415 -- see above
    from passgenau.survey.answer_files import write_answers  # noqa: PLC0415 -- see above

    with Delivery(out) as delivery:
        first = _simulated(study, assumptions, seed)
        files = folder_files(first, _originals(study), study.frames, assumptions)
        for place in range(1, repeats):
            further = _simulated(study, assumptions, seed + place)
            files[f"responses-{place + 1}.csv"] = write_answers(further.responses)
            files[f"truth-{place + 1}.json"] = truth_json(further)
        delivery.deliver(files)
    if plain:
        put_json({"synthetic": True, "seed": seed, "files": sorted(files), "returns": first.truth.returns}, say.results)
    else:
        put(_told(first, study, out, say.messages))


def _simulated(study: PlannedSurvey, assumptions: SimulationAssumptions, seed: int) -> Simulation:
    from passgenau.simulation import simulate as invent  # noqa: PLC0415 -- see above

    return invent(
        study.questionnaire,
        study.frames,
        assumptions,
        seed=seed,
        published=study.published,
        circa_points=study.file.assumptions.circa_points,
    )


def _originals(study: PlannedSurvey) -> dict[str, bytes]:
    """Return the study's files without its answers."""
    return {name: (study.folder / name).read_bytes() for name in study.names_of_files}


def _told(simulation: Simulation, study: PlannedSurvey, out: Path, lang: Lang) -> str:
    from passgenau.simulation import SYNTHETIC  # noqa: PLC0415 -- see above

    rows = [
        (
            study.names[r.audience].into(lang),
            number(r.population, lang),
            number(r.organisations, lang),
            number(r.sheets, lang),
        )
        for r in simulation.truth.returns
    ]
    heads = {
        "de": ("Gruppe", "Organisationen", "antworten", "Bögen"),
        "en": ("audience", "organisations", "answer", "sheets"),
    }
    lines = [f"{SYNTHETIC.into(lang)}.", "", table(heads[lang], "<>>>", rows), ""]
    if simulation.published:
        lines += [_fitted(simulation, lang), ""]
    lines.append(f"Geschrieben nach {out}." if lang == "de" else f"Written to {out}.")
    return "\n".join(lines)


def _fitted(simulation: Simulation, lang: Lang) -> str:
    missed = [met for met in simulation.published if not met.met]
    held = len(simulation.published) - len(missed)
    shares = counted(len(simulation.published), "Anteil", "Anteilen", lang) if lang == "de" else ""
    lines = [
        f"Von {shares} der Veröffentlichung sind {held} so getroffen, wie sie gedruckt sind."
        if lang == "de"
        else f"{held} of {len(simulation.published)} published shares are met as printed."
    ]
    lines += [
        f"  {m.source_id} ({m.printed} %): {m.yes} / {m.base}. {m.why.into(lang) if m.why else ''}" for m in missed
    ]
    return "\n".join(lines)


def _power(  # noqa: PLR0913, PLR0917 -- as the command
    study: PlannedSurvey,
    assumptions: SimulationAssumptions,
    seed: int,
    repeats: int,
    rate: float | None,
    out: Path | None,
    say: Speech,
    *,
    plain: bool,
) -> None:
    from passgenau.simulation import power_csv, power_json, power_of  # noqa: PLC0415 -- see above

    given = assumptions if rate is None else _with_rate(study, assumptions, rate / 100)
    found = power_of(
        study.questionnaire,
        study.frames,
        given,
        seed=seed,
        repeats=repeats,
        published=study.published,
        circa_points=study.file.assumptions.circa_points,
        names=study.names,
    )
    if out is not None:
        with Delivery(out) as delivery:
            delivery.deliver({"power.csv": power_csv(found), "power.json": power_json(found)})
    if plain:
        put(power_json(found).decode("utf-8").rstrip())
    else:
        put(_power_told(found, study, say.messages))


def _power_told(found: Power, study: PlannedSurvey, lang: Lang) -> str:
    names = {audience.id: audience.short.into(lang) for audience in study.file.audiences}
    lines = [_items_table(found, names, lang), ""]
    if found.comparisons:
        lines += [_comparisons_table(found, names, lang), ""]
    return "\n".join([*lines, *(sentence.into(lang) for sentence in found.sentences)])


def _items_table(found: Power, names: Mapping[str, str], lang: Lang) -> str:
    heads = {
        "de": ("Gruppe", "Frage", "Antwort", "Anteil", "n", "von", "± Punkte", "trifft", "n. Größe", "n. Interesse"),
        "en": ("audience", "question", "item", "share", "n", "of", "± points", "covers", "by size", "by interest"),
    }
    rows = [
        (
            names[i.audience],
            i.question,
            i.item,
            percent(i.share, lang) + ("*" if i.share_source == "worst_case" else ""),
            number(i.answering, lang),
            number(i.population, lang),
            number(50 * (i.upper - i.lower), lang, 1),
            *(percent(i.coverage[scenario], lang) for scenario in ("mcar", "size", "interest")),
        )
        for i in found.items
    ]
    note = {
        "de": "* kein Anteil bekannt: gerechnet mit dem ungünstigsten. „trifft“: so oft enthält die Spanne den wahren "
        "Wert,\n  wenn alle gleich bereitwillig antworten, wenn große Kommunen und wenn Interessierte eher antworten.",
        "en": "* no share known: the least favourable is used. “covers”: how often the interval holds the true value\n"
        "  if all are equally ready to answer, if large municipalities are readier, and if the interested are.",
    }
    return f"{table(heads[lang], '<<<>>>>>>>', rows)}\n{note[lang]}"


def _comparisons_table(found: Power, names: Mapping[str, str], lang: Lang) -> str:
    heads = {
        "de": ("Frage", "Antwort", "Gruppen", "Abstand", "fällt auf", "findbar ab"),
        "en": ("question", "item", "audiences", "difference", "found", "found from"),
    }
    rows = [
        (
            c.question,
            c.item,
            f"{names[c.audience_a]} – {names[c.audience_b]}",
            number(100 * c.difference, lang) if c.known else "–",
            percent(c.power, lang),
            "–" if c.detectable is None else number(100 * c.detectable, lang),
        )
        for c in found.comparisons
    ]
    return table(heads[lang], "<<<>>>", rows)
