"""A survey before anybody answered: who is asked what, without all that a training concept needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from passgenau.errors import InputError, Problem
from passgenau.reading import load_yaml, raise_if
from passgenau.study.files import StudyFile
from passgenau.study.folder import FILES, PUBLISHED, Study, read_frames, try_reading
from passgenau.survey.published import Published
from passgenau.survey.questionnaire import Questionnaire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.frame.units import Frame
    from passgenau.reading import Loaded
    from passgenau.text import Text


@dataclass(frozen=True)
class PlannedSurvey:
    """Who is asked what, and what is known of it already."""

    folder: Path
    file: StudyFile
    questionnaire: Questionnaire
    published: Published | None  # results of an earlier survey, if there are any
    frames: Mapping[str, Frame]  # by audience
    names_of_files: tuple[str, ...]  # what belongs to the study, without answers and repairs

    @property
    def names(self) -> dict[str, Text]:
        """The audiences' names in the plural, by id."""
        return {audience.id: audience.name for audience in self.file.audiences}

    @classmethod
    def open(cls, folder: Path | str) -> PlannedSurvey:
        """Read a study folder, or what there is of one before fieldwork: `study.yaml` and `questionnaire.yaml`.

        A whole study is checked as a whole. Where there are neither answers nor published results yet, or files of
        the training concept are still missing, those that are there go along unread.

        Raises
        ------
        InputError
            With every mistake of every file that was read.
        """
        folder = Path(folder)
        if _whole(folder) or not folder.is_dir():
            return _of_study(Study.open(folder))
        problems: list[Problem] = []
        study = try_reading(problems, load_yaml, folder / "study.yaml", StudyFile)
        asked = try_reading(problems, load_yaml, folder / "questionnaire.yaml", Questionnaire)
        printed = (
            try_reading(problems, load_yaml, folder / PUBLISHED, Published) if (folder / PUBLISHED).exists() else None
        )
        frames = read_frames(folder, study, problems) if study is not None else {}
        if study is None or asked is None:
            raise InputError(problems)
        if printed is not None:
            problems += _contradictions(asked, printed, frames)
        raise_if(problems)
        return cls(
            folder,
            study.value,
            asked.value,
            printed.value if printed is not None else None,
            frames,
            tuple(name for name in sorted({*FILES, *_own(study.value)}) if (folder / name).exists()),
        )


def _whole(folder: Path) -> bool:
    """Return whether all files of a study are there, published results aside where there are none."""
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing != [PUBLISHED]:
        return not missing
    study = try_reading([], load_yaml, folder / "study.yaml", StudyFile)
    return study is None or study.value.responses is not None


def _of_study(study: Study) -> PlannedSurvey:
    answers = study.file.responses
    left = {answers.file, answers.repairs} if answers is not None else set()
    names = tuple(name for name in study.digests if name not in left)
    return PlannedSurvey(study.folder, study.file, study.questionnaire, study.published, study.frames, names)


def _own(file: StudyFile) -> set[str]:
    return {audience.frame.file for audience in file.audiences if audience.frame.file}


def _contradictions(
    asked: Loaded[Questionnaire], printed: Loaded[Published], frames: Mapping[str, Frame]
) -> list[Problem]:
    from passgenau.findings import cross_check  # noqa: PLC0415 -- heavy; only where something was published

    found = cross_check(asked.value, printed.value, frames)
    return [printed.problem(location, message, hint) for location, message, hint in found]
