"""The answers of a study: read, typed, repaired and checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passgenau.frame.units import Frame
    from passgenau.study.files import ResponsesFile
    from passgenau.survey import Questionnaire, Responses

# What reads answers is imported inside: a study of published results does not wait for it.


def read_responses(
    folder: Path, file: ResponsesFile, questionnaire: Questionnaire, frames: Mapping[str, Frame]
) -> Responses:
    """Read the answers of a study folder.

    Repairs are made on what was typed, checks look at what was repaired; what a check finds is marked and
    deletes nothing.

    Raises
    ------
    InputError
        The file of answers or of repairs cannot be read, or a repair speaks of something that is not there.
    """
    from passgenau.findings.asked import in_plain_words  # noqa: PLC0415 -- see above
    from passgenau.survey.answer_files import read_answers  # noqa: PLC0415 -- see above
    from passgenau.survey.marks import check_answers  # noqa: PLC0415 -- see above
    from passgenau.survey.typed import type_answers  # noqa: PLC0415 -- see above

    typed = type_answers(read_answers(folder / file.file, questionnaire), questionnaire, frames)
    responses = replace(typed, questionnaire=in_plain_words(questionnaire))
    if file.repairs is None:
        return replace(responses, marks=check_answers(responses, frames))
    from passgenau.survey.repairs import accepted, apply_repairs, read_repairs  # noqa: PLC0415 -- see above

    repairs = read_repairs(_existing(folder / file.repairs))
    repaired = apply_repairs(responses, repairs, frames, name=file.repairs)
    return replace(repaired, marks=accepted(check_answers(repaired, frames), repairs))


def _existing(path: Path) -> Path:
    """Return a file that `study.yaml` names, and so must be there."""
    if not path.is_file():
        raise InputError.of(
            f"Die Datei {path.name} fehlt; study.yaml nennt sie unter responses.repairs.",
            f"The file {path.name} is missing; study.yaml names it under responses.repairs.",
            file=path.name,
            hint=Text("Die Datei in den Ordner legen oder repairs weglassen.", "Put it there, or leave repairs out."),
        )
    return path
