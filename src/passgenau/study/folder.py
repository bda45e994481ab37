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
from passgenau.study.files import Audience, DecisionsFile, ResponsesFile, StudyFile
from passgenau.survey.published import Published
from passgenau.survey.questionnaire import Questionnaire
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passgenau.findings import Prepared
    from passgenau.frame.units import Frame, Tier, Unit
    from passgenau.reading import Location
    from passgenau.survey import Responses

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
"""The files of a study folder; a frame's own CSV file, answers and repairs come on top where `study.yaml` names
them. Beside answers `published.yaml` may be missing."""
PUBLISHED = "published.yaml"

_NO_RESULTS = Problem(
    Text("Diese Datei fehlt.", "This file is missing."),
    PUBLISHED,
    hint=Text(
        "Liegen die Antworten selbst vor, reicht in study.yaml die Zeile „responses: {file: responses.csv}“.",
        "Where the answers themselves are there, the line “responses: {file: responses.csv}” in study.yaml will do.",
    ),
)

ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class Study:
    """A study folder that has been read and checked."""

    folder: Path
    file: StudyFile
    questionnaire: Questionnaire
    published: Published | None  # None where only answers are given
    catalogue: Catalogue
    providers: Providers
    venues: Venues
    trainers: Trainers
    decisions: DecisionsFile
    registrations: tuple[Registration, ...]
    frames: Mapping[str, Frame]  # by audience
    digests: Mapping[str, str]  # SHA-256 of every file that was read, by its name
    answers: Prepared | None = None  # what numbers are made of, where answers are given

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
        from passgenau.findings.asked import in_plain_words  # noqa: PLC0415 -- only where a study is opened

        files = _read(folder)
        raise_if(problems_of(files))
        answers = _prepared(files)
        return cls(
            folder=folder,
            file=files.study.value,
            questionnaire=in_plain_words(files.questionnaire.value),
            published=files.published.value if files.published is not None else None,
            catalogue=files.catalogue.value,
            providers=files.providers.value,
            venues=files.venues.value,
            trainers=files.trainers.value,
            decisions=files.decisions.value,
            registrations=tuple(files.registrations.value),
            frames=MappingProxyType(dict(files.frames)),
            digests=MappingProxyType(_digests(folder, files)),
            answers=answers,
        )

    def with_seed(self, seed: int | None) -> Study:
        """Return the study with another seed; with its own where `seed` is None."""
        return self if seed is None else replace(self, file=self.file.model_copy(update={"seed": seed}))

    @property
    def synthetic(self) -> Text | None:
        """What must be said where the answers were made up."""
        return self.answers.responses.synthetic if self.answers else None

    @property
    def banner(self) -> Text | None:
        """The warning that every output carries: the study's own, and that answers were made up where they were."""
        return banner_of(self.file.banner, self.synthetic)

    @property
    def returns(self) -> dict[str, int]:
        """Organisations that answered, by audience."""
        if self.answers is not None:
            return {name: len(self.answers.organisations.answering(name)) for name in self.frames}
        return {name: found.units for name, found in self.published.returns.items()} if self.published else {}

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
    study_only = try_reading([], load_yaml, folder / "study.yaml", StudyFile)
    # Whether published results are needed is known only once study.yaml can be read.
    answers_given = study_only is None or study_only.value.responses is not None
    without = not (folder / PUBLISHED).exists()
    if without and not answers_given:
        problems.append(_NO_RESULTS)
    wanted = {name: model for name, model in YAML_FILES.items() if not (name == PUBLISHED and without)}
    yaml = {name: try_reading(problems, load_yaml, folder / name, model) for name, model in wanted.items()}
    csv = {name: try_reading(problems, load_csv, folder / name, model) for name, model in CSV_FILES.items()}
    study = yaml["study.yaml"]
    frames = read_frames(folder, study, problems) if study is not None else {}
    responses = _responses(folder, study, yaml["questionnaire.yaml"], frames, problems)
    raise_if(problems)
    loaded = {name.rsplit(".", 1)[0]: value for name, value in {PUBLISHED: None, **yaml, **csv}.items()}
    return Files(**loaded, frames=frames, responses=responses)  # type: ignore[arg-type]  # by the tables above every file has its model


def _responses(
    folder: Path,
    study: Loaded[StudyFile] | None,
    questionnaire: Loaded[Questionnaire] | None,
    frames: dict[str, Frame],
    problems: list[Problem],
) -> Responses | None:
    """Read the answers where all that they need could be read; what is told of them is told without markup."""
    if study is None or questionnaire is None or study.value.responses is None:
        return None
    if len(frames) < len(study.value.audiences):
        return None
    from passgenau.study.answers import read_responses  # noqa: PLC0415 -- only where there are answers

    return try_reading(problems, read_responses, folder, study.value.responses, questionnaire.value, frames)


def _prepared(files: Files) -> Prepared | None:
    """Make the answers ready; a mistake is reported at `responses` of `study.yaml`."""
    file = files.study.value.responses
    if files.responses is None or file is None:
        return None
    from passgenau.findings import prepare  # noqa: PLC0415 -- only where there are answers

    totals = [total for total in files.study.value.known_totals if total.id in file.calibrate]
    try:
        return prepare(
            files.responses,
            files.frames,
            rule=file.combine,
            per_question=file.combine_by_question,
            weights=file.weights,
            totals=totals,
            threshold=files.study.value.suppression_threshold,
        )
    except InputError as error:
        raise InputError([_at_responses(problem, files.study, file) for problem in error.problems]) from None


def _at_responses(problem: Problem, study: Loaded[StudyFile], file: ResponsesFile) -> Problem:
    """Give a problem of combining or weighting its place in `study.yaml`."""
    by_question = ("combine_by_question", problem.field) if problem.field in file.combine_by_question else ()
    location: Location = ("responses", *(part for part in by_question if part is not None))
    return study.problem(location, problem.message, problem.hint)


def banner_of(own: Text | None, synthetic: Text | None) -> Text | None:
    """Return the warning of a study and that of its answers as one."""
    if own is None or synthetic is None:
        return own or synthetic
    if own.de.startswith(synthetic.de.rstrip(".")):  # the study's own warning says it already
        return own
    return Text(f"{synthetic.de} {own.de}", f"{synthetic.into('en')} {own.into('en')}")


def try_reading(problems: list[Problem], read: Callable[..., ValueT], *args: object) -> ValueT | None:
    """Return what was read, or None with its mistakes among the others."""
    try:
        return read(*args)
    except InputError as error:
        problems += error.problems
        return None


def read_frames(folder: Path, study: Loaded[StudyFile], problems: list[Problem]) -> dict[str, Frame]:
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


def _digests(folder: Path, files: Files) -> dict[str, str]:
    study = files.study.value
    own = [audience.frame.file for audience in study.audiences if audience.frame.file]
    names = {*FILES, *own}
    if files.published is None:
        names.discard(PUBLISHED)
    if study.responses is not None:
        names |= {name for name in (study.responses.file, study.responses.repairs) if name is not None}
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}
