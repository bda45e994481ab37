"""Opening a study folder: every file read, every reference followed, all mistakes reported at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from passgenau.curriculum.catalogue import Catalogue
from passgenau.curriculum.providers import Providers
from passgenau.errors import InputError, Problem
from passgenau.planning.resources import Registration, Trainers, Venues
from passgenau.reading import Loaded, Record, load_csv, load_yaml, raise_if
from passgenau.study.checks import Files, problems_of
from passgenau.study.files import Audience, DecisionsFile, StudyFile
from passgenau.survey.published import Published
from passgenau.survey.questionnaire import Questionnaire
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passgenau.frame.units import Frame, Tier, Unit
    from passgenau.reading import Location

YAML_FILES: dict[str, type[Record]] = {
    "study.yaml": StudyFile,
    "questionnaire.yaml": Questionnaire,
    "published.yaml": Published,
    "catalogue.yaml": Catalogue,
    "providers.yaml": Providers,
    "venues.yaml": Venues,
    "trainers.yaml": Trainers,
    "decisions.yaml": DecisionsFile,
}
CSV_FILES: dict[str, type[Record]] = {"registrations.csv": Registration}
FILES = (*YAML_FILES, *CSV_FILES)
"""The files of a study folder; a frame's own CSV file comes on top where `study.yaml` names one."""

ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class Study:
    """A study folder that has been read and checked."""

    folder: Path
    file: StudyFile
    questionnaire: Questionnaire
    published: Published
    catalogue: Catalogue
    providers: Providers
    venues: Venues
    trainers: Trainers
    decisions: DecisionsFile
    registrations: tuple[Registration, ...]
    frames: Mapping[str, Frame]  # by audience
    digests: Mapping[str, str]  # SHA-256 of every file that was read, by its name

    @classmethod
    def open(cls, folder: Path | str) -> Study:
        """Read and check all files of a study folder as a whole.

        Raises
        ------
        InputError
            With every mistake of every file: file, line, field, value and the way out.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise InputError.of(
                f"{folder} ist kein Ordner." if folder.exists() else f"Den Ordner {folder} gibt es nicht.",
                f"{folder} is not a folder." if folder.exists() else f"There is no folder {folder}.",
                hint=Text(
                    "`passgenau new ORDNER` legt eine Studie mit Erklärungen an.",
                    "`passgenau new DIR` starts a study with comments.",
                ),
            )
        files = _read(folder)
        raise_if(problems_of(files))
        return cls(
            folder=folder,
            file=files.study.value,
            questionnaire=files.questionnaire.value,
            published=files.published.value,
            catalogue=files.catalogue.value,
            providers=files.providers.value,
            venues=files.venues.value,
            trainers=files.trainers.value,
            decisions=files.decisions.value,
            registrations=tuple(files.registrations.value),
            frames=MappingProxyType(dict(files.frames)),
            digests=MappingProxyType(_digests(folder, files.study.value)),
        )

    def with_seed(self, seed: int | None) -> Study:
        """Return the study with another seed; with its own where `seed` is None."""
        return self if seed is None else replace(self, file=self.file.model_copy(update={"seed": seed}))

    @property
    def names(self) -> dict[str, Text]:
        """The audiences' names in the plural, by id."""
        return {audience.id: audience.name for audience in self.file.audiences}

    @property
    def audience_of_tier(self) -> dict[Tier, str]:
        """The one audience of each tier."""
        return {audience.frame.tier: audience.id for audience in self.file.audiences}

    @property
    def frame_of_tier(self) -> dict[Tier, Frame]:
        """The population of each tier."""
        return {tier: self.frames[audience] for tier, audience in self.audience_of_tier.items()}

    @property
    def places(self) -> tuple[Unit, ...]:
        """Homes of trainers and seats of venues outside the populations, from the built-in register."""
        known = {unit.key for frame in self.frames.values() for unit in frame.units}
        named = {trainer.home for trainer in self.trainers.trainers}
        named |= {venue.organisation for venue in self.venues.venues}
        if named <= known:
            return ()
        from passgenau.frame import load_register  # noqa: PLC0415 -- needed for places outside the frames only

        register = load_register()
        return tuple(u for u in (*register.districts, *register.municipalities) if u.key in named - known)


def _read(folder: Path) -> Files:
    """Read all files; raise one `InputError` with the mistakes of all of them."""
    problems: list[Problem] = []
    yaml = {name: _try(problems, load_yaml, folder / name, model) for name, model in YAML_FILES.items()}
    csv = {name: _try(problems, load_csv, folder / name, model) for name, model in CSV_FILES.items()}
    study = yaml["study.yaml"]
    frames = _frames(folder, study, problems) if study is not None else {}
    raise_if(problems)
    loaded = {name.rsplit(".", 1)[0]: value for name, value in {**yaml, **csv}.items()}
    return Files(**loaded, frames=frames)  # type: ignore[arg-type]  # by the tables above every file has its model


def _try(problems: list[Problem], read: Callable[..., ValueT], *args: object) -> ValueT | None:
    try:
        return read(*args)
    except InputError as error:
        problems += error.problems
        return None


def _frames(folder: Path, study: Loaded[StudyFile], problems: list[Problem]) -> dict[str, Frame]:
    """Select every audience's population; a mistake is reported at the audience's `frame`."""
    frames: dict[str, Frame] = {}
    for index, audience in enumerate(study.value.audiences):
        try:
            frames[audience.id] = _select(audience, folder)
        except InputError as error:
            problems += [_placed(problem, study, index) for problem in error.problems]
    return frames


def _select(audience: Audience, folder: Path) -> Frame:
    from passgenau.frame import select  # noqa: PLC0415 -- the register is loaded only where a study is opened

    return select(audience.frame, audience.id, folder)


def _placed(problem: Problem, study: Loaded[StudyFile], index: int) -> Problem:
    """Give a problem of a selection its place in `study.yaml`, unless it has one in another file."""
    if problem.file is not None and problem.file != study.name:
        return problem
    inner = (problem.field or "").removeprefix("frame.")
    frame: Location = ("audiences", index, "frame")
    location = (*frame, inner) if inner else frame
    return study.problem(location, problem.message, problem.hint)


def _digests(folder: Path, study: StudyFile) -> dict[str, str]:
    own = [audience.frame.file for audience in study.audiences if audience.frame.file]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted({*FILES, *own})}
