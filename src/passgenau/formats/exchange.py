"""What every format gives and takes: a questionnaire, answers, and what was lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.survey.responses import Delivered
    from passgenau.text import Text


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that did not come through, or came through changed."""

    where: str  # in the words of the file: question G1Q2, attribute max_answers, quota "Berlin"
    what: Text  # what it is, with its value
    why: Text  # why it cannot be kept, and where it still stands if it was kept verbatim


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """What was read from a file of another format.

    Attributes
    ----------
    format
        Name of the format, as `passgenau convert` prints it: `limesurvey-lss`, `surveyjs`, `xlsform`, `spss` …
    questionnaire
        What it says of the questions; None where it holds answers alone.
    answers
        The answer sheets as delivered, their columns joined to the variables of the questionnaire; None
        where it holds a questionnaire alone.
    lost
        Everything that did not come through.
    version
        Version of the format or of the program that wrote the file, as the file states it.
    guessed
        What the file does not say and the reader assumed; to be shown for confirmation.
    """

    format: str
    questionnaire: Questionnaire | None
    answers: Delivered | None = None
    lost: tuple[Lost, ...] = ()
    version: str | None = None
    guessed: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """Files in another format, by name, and what they cannot hold."""

    format: str
    files: Mapping[str, bytes]
    lost: tuple[Lost, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))
