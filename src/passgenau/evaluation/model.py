"""What is asked after the training, and what the next survey should ask."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from passgenau.planning.model import Scenario
    from passgenau.text import Text

Level = Literal["participation", "learning", "transfer", "organisation"]
"""What an instrument looks at: who came, what persons learnt, what they did with it at home, and
what changed in their organisation."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One way of asking, with its dates and numbers taken from the plan."""

    id: str
    level: Level
    title: Text
    respondents: Text  # who is asked
    content: Text  # what is asked
    timing: Text  # when, in relation to the events
    first: dt.date | None  # first day on which it is used; None where the plan holds no such event
    last: dt.date | None
    occasions: int  # times it is used
    persons: int  # persons, or organisations, asked in all
    unit: Literal["person", "organisation"]  # what `persons` counts
    answers: int  # forms that come back if everyone answers
    needed: int | None  # of `persons`, answers for a margin of ten points; None where nothing is estimated
    questions: tuple[Text, ...]  # the wording, or what it is made of


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """Who is asked what and when, derived from a plan."""

    scenario: Scenario
    instruments: tuple[Instrument, ...]  # in the order of `Level`
    persons: int  # persons who learn under the plan
    organisations: int
    notes: tuple[Text, ...]  # what the figures do and do not allow


Uncertainty = Literal["no_number", "not_asked", "doubtful_base", "open", "likely", "settled", "no_influence"]
"""Why a question is asked again, or why not. `settled`: its answer decides nothing that is still open.
`no_influence`: context, which never decides a module's place."""


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """One topic, or one question, and whether the next survey should ask it of an audience."""

    audience: str
    topic: str | None  # catalogue topic; None for a question of context
    question: str | None  # id in the questionnaire; None where it was never asked
    item: str | None
    wording: Text  # what to ask, or what was asked
    ask: bool
    why: Uncertainty
    modules: tuple[str, ...]  # whose place the answer could change
    population: int
    answered: int | None  # organisations that answered last time; None where it was never asked
    needed: int | None  # organisations that should answer next time; None where it need not be asked
    reason: Text
