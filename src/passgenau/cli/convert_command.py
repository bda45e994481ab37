"""`passgenau convert`: a questionnaire and its answers from one format into another, with all that was lost."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import JsonOnlyOption, LangOption
from passgenau.cli.printing import counted, put, put_json
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.formats.exchange import Exported, Imported
    from passgenau.frame import Frame
    from passgenau.survey import Delivered
    from passgenau.text import Lang


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "convert",
        cls=Command,
        help=said(
            "Fragebogen und Antworten aus einem anderen Format lesen, in ein anderes schreiben, und sagen, was dabei "
            "verloren ging.",
            "Read questionnaire and answers from another format, write another, and say what was lost.",
        ),
    )(convert)


def convert(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help=said(
                "Datei zum Lesen, Ordner einer Studie, oder mit --survey die Adresse von LimeSurvey.",
                "File to read, folder of a study, or with --survey the address of LimeSurvey.",
            ),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OUT]",
            help=said(
                "Datei zum Schreiben (das Format sagt die Endung) oder Ordner; ohne Angabe wird nur berichtet.",
                "File to write (its ending says the format) or folder; without it there is only a report.",
            ),
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help=said("Antworten in einer eigenen Datei.", "Answers in a file of their own."),
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help=said("Format von IN; sonst sagt es der Inhalt.", "Format of IN; else its content tells."),
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help=said("Format von OUT; sonst sagt es die Endung.", "Format of OUT; else its ending tells."),
        ),
    ] = None,
    codebook: Annotated[
        Path | None,
        typer.Option(
            "--codebook",
            metavar="FILE",
            help=said("Was die Spalten einer Tabelle bedeuten.", "What the columns of a table mean."),
        ),
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option(
            "--organisation",
            metavar="QUESTION",
            help=said(
                "Frage oder Spalte, die sagt, von welcher Organisation ein Bogen ist; auch attribute_1 der "
                "Teilnehmenden in einem Archiv von LimeSurvey.",
                "Question or column that tells which organisation a sheet is from; also attribute_1 of the "
                "participants in an archive of LimeSurvey.",
            ),
        ),
    ] = None,
    invitations: Annotated[
        Path | None,
        typer.Option(
            "--invitations",
            metavar="FILE",
            help=said(
                "Tabelle mit den Spalten token und organisation.", "Table with the columns token and organisation."
            ),
        ),
    ] = None,
    survey: Annotated[
        int | None,
        typer.Option(
            "--survey",
            metavar="ID",
            help=said(
                "Umfrage von einem LimeSurvey-Server holen (RemoteControl 2) oder aus einem Archiv mit mehreren.",
                "Fetch a survey from a LimeSurvey server (RemoteControl 2), or from an archive that holds several.",
            ),
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="NAME", help=said("Konto auf diesem Server.", "Account on that server.")),
    ] = None,
    force: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option("--force", help=said("Vorhandene Dateien ersetzen.", "Replace files that exist.")),
    ] = False,
    as_json: JsonOnlyOption = False,  # noqa: FBT002 -- a flag of the command line
    lang: LangOption = None,
) -> None:
    """Read, write if wanted, and report."""
    from passgenau.formats.convert import summary  # noqa: PLC0415 -- loads lxml and Polars

    say = speech(context, lang)
    study = out if out is not None and _is_folder(out, to) and to in {None, "passgenau"} else None
    if answers is None and Path(source).is_dir():
        answers = _own_answers(Path(source))
    found = (
        _fetched(source, survey, user)
        if survey is not None and not Path(source).exists()
        else _read(Path(source), answers, form, codebook, survey, study)
    )
    found = _told(found, Path(source), study, organisation, invitations)
    written: list[str] = []
    if out is not None:
        read = {Path(source), *(path for path in (answers, codebook, invitations) if path is not None)}
        sources = {path.resolve() for path in read if path.is_file()}
        exported = (
            _for_study(found, study, force=force) if study is not None else _exported(found, out, to, say.results)
        )
        written = _deliver(exported, _folder(out, to), sources, force=force)
        found = replace(found, lost=(*found.lost, *exported.lost))
    tree = {**summary(found), "written": written}
    if as_json:
        put_json(tree, say.results)
        return
    put(_report(tree, say.messages))
    if study is not None and found.answers is not None:
        put(_next(study, found.answers, say.messages))


# --- reading -----------------------------------------------------------------------------------------------


def _read(  # noqa: PLR0913, PLR0917 -- what the command was told of the file
    source: Path,
    answers: Path | None,
    form: str | None,
    codebook: Path | None,
    survey: int | None,
    study: Path | None,
) -> Imported:
    """Read a file; a table that goes into a study with a questionnaire is read as answers to it where it fits."""
    from passgenau.formats.convert import read_any, sniff  # noqa: PLC0415 -- loads lxml and Polars

    asked = study / "questionnaire.yaml" if study is not None else None
    alone = {answers, form, codebook, survey} == {None} and source.is_file()
    if asked is not None and asked.is_file() and alone and sniff(source).name in {"csv", "xlsx", "limesurvey-lsr"}:
        try:
            return read_any(asked, source)
        except InputError:
            pass  # what is wrong with it by itself is said below
    return read_any(source, answers, form=form, codebook=codebook, survey=survey)


def _own_answers(study: Path) -> Path | None:
    """Return the answers of a study: the file that `study.yaml` names, else what lies there under the usual name."""
    from passgenau.reading import load_yaml  # noqa: PLC0415 -- beside its use
    from passgenau.study.files import StudyFile  # noqa: PLC0415 -- likewise

    names = ["responses.csv", "responses.parquet"]
    try:
        given = load_yaml(study / "study.yaml", StudyFile).value.responses
        names = [given.file, *names] if given else names
    except InputError:
        pass  # a folder with a questionnaire alone, or one that is still being written
    return next((study / name for name in names if (study / name).is_file()), None)


def _fetched(url: str, survey: int, user: str | None) -> Imported:
    from passgenau.formats.limesurvey.remote import fetch, password_for  # noqa: PLC0415 -- loads the HTTP library

    if user is None:
        raise InputError.of(
            "Für --survey fehlt --user.",
            "--survey needs --user.",
            field="--user",
            hint=Text(
                "Das Kennwort wird erfragt oder steht in PASSGENAU_LIMESURVEY_PASSWORD.",
                "The password is asked for or stands in PASSGENAU_LIMESURVEY_PASSWORD.",
            ),
        )
    return fetch(url, user, password_for(user, getpass.getpass), survey)


# --- into a study ------------------------------------------------------------------------------------------


def _told(
    found: Imported, source: Path, study: Path | None, organisation: str | None, invitations: Path | None
) -> Imported:
    """Return what was read with the organisation of every sheet, where anything tells it."""
    from passgenau.formats.joining import told  # noqa: PLC0415 -- loads Polars

    if found.answers is None:
        if organisation is not None or invitations is not None:
            raise InputError.of(
                "Hier sind keine Antworten, denen eine Organisation zuzuordnen wäre.",
                "There are no answers here that an organisation could be assigned to.",
                file=source.name,
                hint=Text("Die Datei mit den Antworten mit --answers nennen.", "Name the answers with --answers."),
            )
        return found
    by_token = None
    if invitations is not None:
        from passgenau.formats.invitations import read_invitations  # noqa: PLC0415 -- loads Polars

        by_token = read_invitations(invitations)
    elif organisation is not None and organisation.startswith("attribute_") and found.format == "limesurvey-lsa":
        from passgenau.formats.invitations import invited_in  # noqa: PLC0415 -- loads Polars

        by_token = invited_in(source, organisation)
    return told(found, column=organisation, invitations=by_token, frames=_frames(study))


def _frames(study: Path | None) -> dict[str, Frame]:
    """Return who was asked in the study; nobody where its `study.yaml` is not there or cannot be used yet."""
    if study is None or not (study / "study.yaml").is_file():
        return {}
    from passgenau.frame import select  # noqa: PLC0415 -- loads the register
    from passgenau.reading import load_yaml  # noqa: PLC0415 -- beside its use
    from passgenau.study.files import StudyFile  # noqa: PLC0415 -- likewise

    try:
        audiences = load_yaml(study / "study.yaml", StudyFile).value.audiences
        return {audience.id: select(audience.frame, audience.id, study) for audience in audiences}
    except InputError:
        return {}  # `passgenau check` says what is wrong; names of organisations are then not looked up


def _for_study(found: Imported, study: Path, *, force: bool) -> Exported:
    """Return the files to write into a study, and what it has no place for.

    A questionnaire that is there stays where the answers fit it; where they do not, only --force replaces it.
    """
    from passgenau.formats.convert import study_files  # noqa: PLC0415 -- loads lxml and Polars
    from passgenau.formats.joining import answers_for  # noqa: PLC0415 -- likewise
    from passgenau.survey.questionnaire_file import read_questionnaire  # noqa: PLC0415 -- likewise

    there = study / "questionnaire.yaml"
    if found.answers is None or found.questionnaire is None or not there.is_file():
        return study_files(found)
    try:
        known = read_questionnaire(there)
        fitting = found if known == found.questionnaire else answers_for(found, known, str(there))
    except InputError:
        if not force:
            raise
        return study_files(found)
    exported = study_files(fitting)
    files = {name: content for name, content in exported.files.items() if name != there.name}
    return replace(exported, files=files, lost=(*fitting.lost[len(found.lost) :], *exported.lost))


def _next(study: Path, answers: Delivered, lang: Lang) -> str:
    """Return what is still to be done before the study can be run with these answers."""
    steps: list[Text] = []
    if "organisation" not in answers.roles:
        steps.append(_WHO)
    named = study / "study.yaml"
    if not named.is_file():
        steps.append(_NO_STUDY)
    elif not any(line.startswith("responses:") for line in named.read_text(encoding="utf-8").splitlines()):
        steps.append(_NOT_NAMED)
    said_ = [step.into(lang) for step in steps]
    if named.is_file():
        said_.append(f"passgenau check {study}")
    return "\n".join(["", f"{_NEXT.into(lang)}:", *(f"  - {step}" for step in said_)])


# --- writing -----------------------------------------------------------------------------------------------


def _is_folder(out: Path, to: str | None) -> bool:
    return out.is_dir() or (not out.suffix and to in {None, "passgenau"})


def _folder(out: Path, to: str | None) -> Path:
    return out if _is_folder(out, to) else out.parent


def _exported(found: Imported, out: Path, to: str | None, lang: Lang) -> Exported:
    from passgenau.formats.convert import format_named, study_files, write_any  # noqa: PLC0415 -- loads lxml and Polars

    if _is_folder(out, to):
        if to is not None and to != "passgenau":
            form = format_named(to)
            return write_any(found, to, name=f"survey{next(iter(form.endings), '.csv')}")
        return study_files(found)
    form_name = to or _format_of(out)
    languages = found.questionnaire.languages if found.questionnaire else ()
    return write_any(found, form_name, name=out.name, language=lang if lang in languages else None)


def _format_of(out: Path) -> str:
    from passgenau.formats.convert import FORMATS  # noqa: PLC0415 -- loads Polars

    ending = out.suffix.lower()
    found = next((entry.name for entry in FORMATS.values() if entry.writes and ending in entry.endings), None)
    if found is None or ending in {".xls", ".ods", ".xlsm", ".zsav", ".tsv", ".tab"}:
        known = dict.fromkeys(entry.endings[0] for entry in FORMATS.values() if entry.writes and entry.endings)
        raise InputError.of(
            f"Dateien mit der Endung {ending!r} werden nicht geschrieben.",
            f"Files that end in {ending!r} are not written.",
            file=str(out),
            hint=Text(
                f"Möglich: {', '.join(known)}; oder das Format mit --to nennen.",
                f"Possible: {', '.join(known)}; or name the format with --to.",
            ),
        )
    return found


def _deliver(exported: Exported, folder: Path, sources: set[Path], *, force: bool) -> list[str]:
    targets = [folder / name for name in exported.files]
    for target in targets:
        if target.resolve() in sources:
            raise InputError.of(
                "Diese Datei wird gelesen; sie wird nicht überschrieben.",
                "This file is read; it is not overwritten.",
                file=str(target),
                hint=Text("Eine andere Datei nennen.", "Name another file."),
            )
        if target.exists() and not force:
            raise InputError.of(
                "Diese Datei gibt es schon.",
                "This file exists already.",
                file=str(target),
                hint=Text("Mit --force wird sie ersetzt.", "--force replaces it."),
            )
    with Delivery(folder) as delivery:
        return [str(path) for path in delivery.deliver(exported.files)]


# --- report ------------------------------------------------------------------------------------------------


def _report(tree: dict[str, Any], lang: Lang) -> str:
    words = _NOUNS[lang]
    counts = ", ".join(counted(tree[key], *words[key], lang) for key in ("questions", "items", "answers"))
    languages = ", ".join(tree["languages"]) or "–"
    version = f" {tree['version']}" if tree["version"] else ""
    lines = [f"{_READ.into(lang)}: {tree['format']}{version}, {counts}; {_LANGUAGES.into(lang)}: {languages}"]
    if tree["guessed"]:
        lines += ["", f"{_GUESSED.into(lang)}:", *(f"  - {text.into(lang)}" for text in tree["guessed"])]
    lines += ["", _lost_head(len(tree["lost"]), lang)]
    lines += [f"  - {_lost_line(entry, lang)}" for entry in tree["lost"]]
    if tree["written"]:
        lines += ["", f"{_WRITTEN.into(lang)}: {', '.join(tree['written'])}"]
    return "\n".join(lines)


def _lost_head(count: int, lang: Lang) -> str:
    if not count:
        return _NOTHING.into(lang)
    return f"{_LOST.into(lang)} ({count}):"


def _lost_line(entry: dict[str, Any], lang: Lang) -> str:
    what, why = entry["what"].into(lang).rstrip("."), entry["why"].into(lang)
    kind, blank, name = entry["where"].partition(" ")
    where = f"{_PLACES.get(kind, kind)}{blank}{name}" if lang == "de" else entry["where"]
    return f"{where}: {what}. {why}" if where else f"{what}. {why}"


_NOUNS: dict[Lang, dict[str, tuple[str, str]]] = {
    "de": {
        "questions": ("Frage", "Fragen"),
        "items": ("Teilfrage", "Teilfragen"),
        "answers": ("Antwortbogen", "Antwortbögen"),
    },
    "en": {
        "questions": ("question", "questions"),
        "items": ("item", "items"),
        "answers": ("answer sheet", "answer sheets"),
    },
}
_PLACES = {
    "answers": "Antworten",
    "attributes": "Merkmale",
    "defaults": "Vorgaben",
    "group": "Gruppe",
    "question": "Frage",
    "questions": "Fragen",
    "quotas": "Quoten",
    "subquestion": "Teilfrage",
    "survey": "Umfrage",
    "table": "Tabelle",
    "texts": "Texte",
}
"""Where something was lost begins with one of these words."""
_READ = Text("Gelesen", "Read")
_LANGUAGES = Text("Sprachen", "languages")
_GUESSED = Text("Angenommen, bitte prüfen", "Assumed, please check")
_LOST = Text("Nicht oder nur unverändert übernommen", "Lost, or kept without effect")
_NOTHING = Text("Nichts ging verloren.", "Nothing was lost.")
_WRITTEN = Text("Geschrieben", "Written")
_NEXT = Text("Als Nächstes", "Next")
_WHO = Text(
    "Nichts sagt, von welcher Organisation ein Bogen ist: noch einmal mit --organisation FRAGE oder "
    "--invitations DATEI einlesen",
    "nothing tells which organisation a sheet is from: read again with --organisation QUESTION or --invitations FILE",
)
_NO_STUDY = Text(
    "Das ist noch keine ganze Studie: `passgenau new ORDNER` legt alle Dateien an; dorthin mit --force einlesen",
    "this is no whole study yet: `passgenau new DIR` starts one with all files; read into it with --force",
)
_NOT_NAMED = Text(
    "study.yaml nennt die Antworten noch nicht: dort „responses: {file: responses.csv}“ eintragen",
    "study.yaml does not name the answers yet: put “responses: {file: responses.csv}” there",
)
