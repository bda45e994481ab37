"""`passgenau code`: open answers become codes, by rules or by people, and their agreement is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import FormatOption, JsonOption, LangOption
from passgenau.cli.printing import number, percent, put, put_json, table
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.reading import raise_if, read_yaml
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.cli.speech import Speech
    from passgenau.errors import Problem
    from passgenau.frame.units import Frame
    from passgenau.survey import Questionnaire, Responses
    from passgenau.survey.agreement import CodeAgreement
    from passgenau.survey.coding import Coding, CodingFrame, Decided, OpenAnswer
    from passgenau.text import Lang

_TWO = 2  # coders that make an agreement


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "code",
        cls=Command,
        help=said(
            "Offene Antworten codieren: Bögen für zwei Personen, Regeln, Übereinstimmung.",
            "Code open answers: sheets for two coders, rules, agreement.",
        ),
    )(code)


def code(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    questionnaire: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY|QUESTIONNAIRE",
            help=said(
                "Ordner der Studie oder eine questionnaire.yaml.", "Folder of the study, or a questionnaire.yaml."
            ),
        ),
    ],
    answers: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWERS", help=said("Die Antworten: CSV oder Parquet.", "The answers: CSV or Parquet.")
        ),
    ],
    frame: Annotated[
        Path,
        typer.Option(
            "--frame",
            metavar="FILE",
            help=said("Das Codierschema, coding.yaml.", "The coding frame, coding.yaml."),
        ),
    ],
    sheet_out: Annotated[
        Path | None,
        typer.Option(
            "--sheet-out",
            metavar="DIR",
            help=said(
                "Ordner, in den coding-sheet.csv zum Ankreuzen geschrieben wird.",
                "Folder to write coding-sheet.csv to, for coders to tick.",
            ),
        ),
    ] = None,
    coder: Annotated[
        list[Path] | None,
        typer.Option(
            "--coder",
            metavar="FILE",
            help=said("Ein ausgefüllter Codierbogen; mehrfach möglich.", "A filled-in sheet; may be repeated."),
        ),
    ] = None,
    decided: Annotated[
        Path | None,
        typer.Option(
            "--decided",
            metavar="FILE",
            help=said(
                "Ein Bogen mit den Entscheidungen, wo die anderen sich widersprechen.",
                "A sheet with the decisions where the others disagree.",
            ),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help=said(
                "Ordner für codes.csv: die Codes jeder Antwort, und wer sie vergab.",
                "Folder for codes.csv: the codes of every answer, and who gave them.",
            ),
        ),
    ] = None,
    lang: LangOption = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Write sheets, apply rules, compare coders."""
    from passgenau.survey import coding as work  # noqa: PLC0415 -- loads Polars

    say = speech(context, lang)
    coding_frame = read_yaml(frame, work.CodingFrame)
    frames = _frames(questionnaire)
    responses = _responses(questionnaire, answers, frames)
    texts = work.open_answers(responses, coding_frame)
    if sheet_out is not None:
        with Delivery(sheet_out) as delivery:
            delivery.deliver({"coding-sheet.csv": work.coder_sheet(texts, coding_frame, _places(frames))})
    codings = [work.read_coder_sheet(path, coding_frame) for path in coder or ()]
    _check_places(codings, texts)
    codings = codings or [work.code_by_rules(texts, coding_frame)]
    final = work.read_coder_sheet(decided, coding_frame) if decided else None
    found = work.decide(codings, final)
    coded = work.apply_codes(responses, coding_frame, found)
    if out is not None:
        with Delivery(out) as delivery:
            delivery.deliver({"codes.csv": work.codes_csv(found, coding_frame)})
    agreement = _agreement(codings, coding_frame)
    if as_json or output == "json":
        put_json(_tree(texts, codings, found, coded, agreement), say.results)
    else:
        put(_told(texts, codings, found, agreement, coding_frame, sheet_out, say))


def _frames(questionnaire: Path) -> Mapping[str, Frame]:
    """Return the populations of the study that the questionnaire lies in; none where it lies in no study."""
    from passgenau.reading import load_yaml  # noqa: PLC0415 -- see _responses
    from passgenau.study import StudyFile  # noqa: PLC0415 -- likewise
    from passgenau.study.folder import read_frames  # noqa: PLC0415 -- likewise

    folder = questionnaire if questionnaire.is_dir() else questionnaire.parent
    if not (folder / "study.yaml").is_file():
        return {}
    problems: list[Problem] = []
    frames = read_frames(folder, load_yaml(folder / "study.yaml", StudyFile), problems)
    raise_if(problems)
    return frames


def _places(frames: Mapping[str, Frame]) -> set[str]:
    """Return the names of the organisations that were asked: beside a function they name a person."""
    return {name for frame in frames.values() for unit in frame.units for name in (unit.name, unit.label)}


def _responses(questionnaire: Path, answers: Path, frames: Mapping[str, Frame]) -> Responses:
    from passgenau.survey.answer_files import read_answers  # noqa: PLC0415 -- loads Polars
    from passgenau.survey.typed import type_answers  # noqa: PLC0415 -- likewise

    asked = _questionnaire(questionnaire)
    return type_answers(read_answers(answers, asked), asked, frames or None)


def _questionnaire(path: Path) -> Questionnaire:
    from passgenau.survey import Questionnaire as Model  # noqa: PLC0415 -- loads Polars

    return read_yaml(path / "questionnaire.yaml" if path.is_dir() else path, Model)


def _check_places(codings: Sequence[Coding], texts: Sequence[OpenAnswer]) -> None:
    """Refuse a sheet that codes answers which do not exist: it belongs to other answers."""
    known = {answer.place for answer in texts}
    for coding in codings:
        unknown = next((place for place in coding.codes if place not in known), None)
        if unknown is not None:
            raise InputError.of(
                f"Bogen {unknown[0]!r} hat unter {unknown[1]!r} keine offene Antwort.",
                f"Sheet {unknown[0]!r} has no open answer under {unknown[1]!r}.",
                file=coding.coder,
                hint=Text("Gehört der Codierbogen zu diesen Antworten?", "Does the sheet belong to these answers?"),
            )


def _agreement(codings: Sequence[Coding], frame: CodingFrame) -> tuple[CodeAgreement, ...]:
    """Return the agreement of the first two coders on every code, where they coded the same answers."""
    from passgenau.survey.agreement import code_agreement  # noqa: PLC0415 -- loads NumPy

    if len(codings) < _TWO or not codings[0].codes.keys() & codings[1].codes.keys():
        return ()
    return code_agreement(codings[0].codes, codings[1].codes, [code.id for code in frame.all_codes])


def _tree(
    texts: Sequence[OpenAnswer],
    codings: Sequence[Coding],
    found: Decided,
    coded: Responses,
    agreement: Sequence[CodeAgreement],
) -> dict[str, object]:
    return {
        "answers": len(texts),
        "coders": {coding.coder: len(coding.codes) for coding in codings},
        "coded": len(found.codes),
        "left_to_people": [
            {"sheet": sheet, "variable": variable, "why": why}
            for coding in codings
            for (sheet, variable), why in coding.left.items()
        ],
        "disagreements": [
            {"sheet": d.place[0], "variable": d.place[1], "given": {name: sorted(codes) for name, codes in d.given}}
            for d in found.disagreements
        ],
        "agreement": list(agreement),
        "steps": [step for step in coded.steps if step.action == "coded"],
    }


def _told(  # noqa: PLR0913, PLR0917 -- everything that is told
    texts: Sequence[OpenAnswer],
    codings: Sequence[Coding],
    found: Decided,
    agreement: Sequence[CodeAgreement],
    frame: CodingFrame,
    sheet_out: Path | None,
    say: Speech,
) -> str:
    from passgenau.survey.personal import LIMITS  # noqa: PLC0415 -- needed here only

    lang = say.messages
    left = sum(len(coding.left) for coding in codings)
    names = ", ".join(coding.coder for coding in codings)
    lines = [
        Text(
            f"{len(texts)} offene Antworten, {len(found.codes)} codiert ({names}).",
            f"{len(texts)} open answers, {len(found.codes)} coded ({names}).",
        ).into(lang)
    ]
    if left:
        told = Text(f"Menschen überlassen: {left}.", f"Left to people: {left}.")
        lines.append(told.into(lang))
    lines += ["", _counts_table(found, frame, lang)]
    if agreement:
        lines += ["", _agreement_table(agreement, lang)]
    if found.disagreements:
        lines += ["", Text("Widersprüche, noch zu entscheiden:", "Disagreements to be decided:").into(lang)]
        lines += [f"  {d.place[0]}, {d.place[1]}: {_given(d.given)}" for d in found.disagreements]
    if sheet_out is not None:
        written = Text(f"Codierbogen: {sheet_out / 'coding-sheet.csv'}.", f"Sheet: {sheet_out / 'coding-sheet.csv'}.")
        lines += ["", written.into(lang), LIMITS.into(lang)]
    return "\n".join(lines)


def _given(given: Sequence[tuple[str, frozenset[str]]]) -> str:
    return "; ".join(f"{coder} {', '.join(sorted(codes))}" for coder, codes in given)


def _counts_table(found: Decided, frame: CodingFrame, lang: Lang) -> str:
    base = len(found.codes)
    rows = []
    for entry in frame.all_codes:
        count = sum(entry.id in codes for codes in found.codes.values())
        share = percent(count / base if base else None, lang)
        rows.append((entry.label.into(lang), number(count, lang), number(base, lang), share))
    heads = {"de": ("Code", "Antworten", "von", "Anteil"), "en": ("code", "answers", "of", "share")}
    return table(heads[lang], "<>>>", rows)


def _agreement_table(agreement: Sequence[CodeAgreement], lang: Lang) -> str:
    rows = [
        (
            a.code,
            number(a.kappa.base, lang),
            percent(a.kappa.prevalence["yes"], lang),
            percent(a.kappa.agreement, lang),
            "–" if a.kappa.value is None else number(a.kappa.value, lang, 2),
            "–"
            if a.kappa.lower is None or a.kappa.upper is None
            else f"{number(a.kappa.lower, lang, 2)} … {number(a.kappa.upper, lang, 2)}",
        )
        for a in agreement
    ]
    heads = {
        "de": ("Code", "beide", "vergeben", "einig", "Kappa", "95 %"),
        "en": ("code", "both", "given", "agree", "kappa", "95%"),
    }
    return table(heads[lang], "<>>>>>", rows)
