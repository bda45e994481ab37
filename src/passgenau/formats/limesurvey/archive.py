"""LimeSurvey's survey archives (`.lsa`): the questions, the answers, and what else lies beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passgenau.errors import InputError
from passgenau.formats import intake
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.limesurvey.answers import Answers, deliver
from passgenau.formats.limesurvey.sources import Source, read_xml
from passgenau.formats.limesurvey.structure import read_structure
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from passgenau.survey.questionnaire import Questionnaire

_NUMBER = re.compile(r"(\d+)")
_PARTS = {".lss": "structure", ".lsr": "responses", ".lst": "tokens", ".lsi": "timings"}
_COMPLETED = ("token", "completed", "sent")


def read_archive(content: bytes, name: str, *, survey_id: int | None = None, keep: Collection[str] = ()) -> Imported:
    """Return the questionnaire and the answers of a survey archive.

    Parameters
    ----------
    content, name
        The bytes of the `.lsa` file, and how messages call it.
    survey_id
        Which survey to read where the archive holds several; the first by default, the others are reported.
    keep
        Columns of the answers about the invited to take over, such as ``attribute_1``.

    Returns
    -------
    Imported
        With `answers` where the archive holds any. The list of the invited is counted and left out: names and
        addresses are never taken over; `read_participants` gives tokens and completions.

    Raises
    ------
    InputError
        The archive is damaged, holds no questions, or not the survey asked for.
    """
    files = intake.open_zip(content, name)
    surveys = _surveys(files)
    chosen = _chosen(surveys, survey_id, files, name)
    parts = surveys[chosen]
    found = read_structure(files[parts["structure"]], parts["structure"])
    lost = [*found.lost, *(_other_survey(number) for number in surveys if number != chosen)]
    answers = None
    if "responses" in parts and found.questionnaire is not None:
        read = _answers(files, parts, found.questionnaire, keep)
        answers = read.delivered
        lost += read.lost
    if "tokens" in parts:
        lost.append(_participants(files[parts["tokens"]], parts["tokens"]))
    lost += [_unread(file) for file in files if not _part(file)]
    return replace(found, format="limesurvey-lsa", answers=answers, lost=tuple(lost))


def read_participants(content: bytes, name: str, *, keep: Collection[str] = ()) -> pl.DataFrame:
    """Return who was invited, without names and addresses.

    Parameters
    ----------
    content, name
        The bytes of a `.lst` file or of the `.lsa` archive around it, and how messages call it.
    keep
        Attributes to take over, such as ``attribute_1`` with the key of the municipality.

    Returns
    -------
    DataFrame
        One row per invitation: `token`, `completed` (the day, or null), `sent` (the day, or null), and what is to be
        kept; null where the list does not have it.

    Raises
    ------
    InputError
        The file is damaged, or the archive holds no list of the invited.
    """
    if content.startswith(b"PK"):
        files = intake.open_zip(content, name)
        lists = [file for file in files if _part(file) == "tokens"]
        if not lists:
            raise InputError.of(
                "Das Archiv enthält keine Liste der Eingeladenen (.lst).",
                "The archive holds no list of the invited (.lst).",
                file=name,
                hint=Text(
                    "Beim Ausgeben des Archivs die Teilnehmenden mit aufnehmen.",
                    "Include the participants when exporting the archive.",
                ),
            )
        content, name = files[lists[0]], lists[0]
    source = read_xml(content, name)
    places = {heading: f"c{index}" for index, heading in enumerate(source.headings)}
    columns = [
        (
            source.table[places[column]]
            if column in places
            else pl.repeat(None, source.table.height, dtype=pl.String, eager=True)
        ).alias(column)
        for column in (*_COMPLETED, *keep)
    ]
    days = [pl.col(column).str.extract(r"^(\d{4}-\d{2}-\d{2})", 1) for column in _COMPLETED[1:]]
    said = [
        pl.when(pl.col(c).is_in(["N", ""])).then(None).otherwise(pl.coalesce(day, pl.col(c))).alias(c)
        for c, day in zip(_COMPLETED[1:], days, strict=True)
    ]
    return pl.DataFrame(columns).with_columns(said)


def _surveys(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Return the parts of every survey, by its number as the names of the files say it."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(files):
        part = _part(file)
        if part:
            number = _NUMBER.search(file.rsplit("/", 1)[-1])
            found.setdefault(number[1] if number else "", {}).setdefault(part, file)
    return found


def _part(file: str) -> str | None:
    return next((part for ending, part in _PARTS.items() if file.lower().endswith(ending)), None)


def _chosen(
    surveys: Mapping[str, Mapping[str, str]], survey_id: int | None, files: Mapping[str, bytes], name: str
) -> str:
    known = [number for number, parts in surveys.items() if "structure" in parts]
    whole = [number for number in known if survey_id is None or number == str(survey_id)]
    if whole:
        return whole[0]
    if known and survey_id is not None:
        raise InputError.of(
            f"Das Archiv enthält keine Umfrage {survey_id}, sondern: {', '.join(known)}.",
            f"The archive holds no survey {survey_id}, but: {', '.join(known)}.",
            file=name,
            field="--survey",
            hint=Text(f"--survey {known[0]} angeben.", f"Pass --survey {known[0]}."),
        )
    inside = ", ".join(sorted(files)[:6]) or "–"
    raise InputError.of(
        f"Das Archiv enthält keine Umfrage mit Fragen (.lss), sondern: {inside}.",
        f"The archive holds no survey with questions (.lss), but: {inside}.",
        file=name,
        hint=Text(
            "Gebraucht wird in LimeSurvey „Export“ → „Umfragearchiv (.lsa)“. Liegen mehrere .lsa in dem Archiv, "
            "erst auspacken.",
            "“Export” → “Survey archive (.lsa)” in LimeSurvey is needed. Where several .lsa lie in the archive, "
            "unpack it first.",
        ),
    )


def _answers(
    files: Mapping[str, bytes], parts: Mapping[str, str], structure: Questionnaire, keep: Collection[str]
) -> Answers:
    source = read_xml(files[parts["responses"]], parts["responses"])
    if "timings" in parts:
        source = _with_timings(source, read_xml(files[parts["timings"]], parts["timings"]))
    if not source.headings:  # nobody has answered yet
        source = replace(source, table=pl.DataFrame({"c0": []}, schema={"c0": pl.String}), headings=("id",))
    return deliver(source, structure, keep=keep, strangers=source.table.height == 0)


def _with_timings(source: Source, timings: Source) -> Source:
    """Return the answers with how long each sheet took, by its number."""
    if not {"id", "interviewtime"} <= set(timings.headings) or "id" not in source.headings:
        return source
    ids, times = (timings.table[f"c{timings.headings.index(column)}"].to_list() for column in ("id", "interviewtime"))
    taken = dict(zip(ids, times, strict=True))
    sheets = source.table[f"c{source.headings.index('id')}"].to_list()
    column = pl.Series(f"c{len(source.headings)}", [taken.get(sheet) for sheet in sheets], dtype=pl.String)
    return replace(source, table=source.table.with_columns(column), headings=(*source.headings, "interviewtime"))


def _participants(content: bytes, name: str) -> Lost:
    invited = read_participants(content, name)
    completed = invited["completed"].count()
    return Lost(
        name,
        Text(
            f"Liste von {invited.height} Eingeladenen, davon {completed} abgeschlossen",
            f"list of {invited.height} invited, {completed} of them completed",
        ),
        Text(
            "Namen, E-Mail-Adressen und Merkmale werden nicht übernommen (Datenminimierung); wer eingeladen war und "
            "wer abgeschlossen hat, gibt read_participants ohne Namen heraus",
            "names, e-mail addresses and attributes are not taken over (data minimisation); read_participants gives "
            "who was invited and who completed, without names",
        ),
    )


def _other_survey(number: str) -> Lost:
    return Lost(
        f"survey {number}",
        Text("eine weitere Umfrage in demselben Archiv", "one more survey in the same archive"),
        Text(
            f"Gelesen wird eine; diese mit --survey {number} wählen.", f"One is read; choose this by --survey {number}."
        ),
    )


def _unread(file: str) -> Lost:
    return Lost(
        file,
        Text("Datei im Archiv", "file in the archive"),
        Text("enthält weder Fragen noch Antworten; nicht gelesen", "holds neither questions nor answers; not read"),
    )
