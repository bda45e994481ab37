"""The answers of a study: read, typed, repaired and checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
    from passgenau.survey.answer_files import read_answers  # noqa: PLC0415 -- see above
    from passgenau.survey.marks import check_answers  # noqa: PLC0415 -- see above
    from passgenau.survey.typed import type_answers  # noqa: PLC0415 -- see above

    responses = type_answers(read_answers(folder / file.file, questionnaire), questionnaire, frames)
    if file.repairs is not None:
        from passgenau.survey.repairs import read_repairs, repair  # noqa: PLC0415 -- see above

        responses = repair(responses, read_repairs(folder / file.repairs), frames)
    return replace(responses, marks=check_answers(responses, frames))
