"""Answers as the estimation needs them: one row per organisation, joined with what the frame knows of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, get_args

import polars as pl

from passgenau.findings.asked import counted, measured
from passgenau.findings.model import Characteristic
from passgenau.survey.combine import usable
from passgenau.survey.responses import State
from passgenau.survey.variables import answers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.findings.asked import Counted, Measured
    from passgenau.frame.units import Frame, Unit
    from passgenau.survey import Questionnaire, Responses
    from passgenau.survey.combine import Combined

CHARACTERISTICS: tuple[Characteristic, ...] = get_args(Characteristic)


@dataclass(frozen=True, eq=False)
class Organisations:
    """The organisations that answered, each once, with their answers.

    Attributes
    ----------
    questionnaire
        What was asked.
    frames
        The population of each audience.
    table
        One row per organisation, sorted by audience (in their order) and key: `organisation`, `audience`, `N`,
        `sheets`, and the characteristics of the frame.
    values, states
        Rows as in `table`, columns as in `Responses`; several sheets of one organisation are combined.
    outside
        Usable sheets that belong to no organisation of a population.
    """

    questionnaire: Questionnaire
    frames: Mapping[str, Frame]
    table: pl.DataFrame
    values: pl.DataFrame
    states: pl.DataFrame
    outside: int

    @classmethod
    def of(cls, responses: Responses, combined: Combined, frames: Mapping[str, Frame]) -> Organisations:
        """Join combined answers with the frames.

        Parameters
        ----------
        responses
            All sheets, to count those behind each organisation.
        combined
            What became of them: one row per organisation.
        frames
            The population of each audience; an organisation belongs to the first that holds it.
        """
        audience = audiences_of(frames)
        senders = responses.sheets["organisation"].filter(usable(responses)).to_list()
        sheets = Counter(senders)
        keys = combined.responses.sheets["organisation"].to_list()
        order = {name: place for place, name in enumerate(frames)}
        known = [place for place, key in enumerate(keys) if key in audience]
        known.sort(key=lambda place: (order[audience[keys[place]]], keys[place]))
        units = {unit.key: unit for frame in frames.values() for unit in frame.units}
        rows = [_row(units[keys[place]], audience[keys[place]], frames, sheets) for place in known]
        return cls(
            questionnaire=responses.questionnaire,
            frames=frames,
            table=pl.DataFrame(rows, schema=_SCHEMA),
            values=combined.responses.values[known],
            states=combined.responses.states[known],
            outside=sum(key not in audience for key in senders),
        )

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences, in their order."""
        return tuple(self.frames)

    def answering(self, audience: str) -> pl.DataFrame:
        """Return the rows of one audience."""
        return self.table.filter(pl.col("audience") == audience)

    @cached_property
    def shares(self) -> tuple[Counted, ...]:
        """Every share that somebody answered."""
        return tuple(share for share in counted(self.questionnaire) if self.answered(share.variable).any())

    @cached_property
    def numbers(self) -> tuple[Measured, ...]:
        """Every number that somebody answered."""
        return tuple(number for number in measured(self.questionnaire) if self.answered(number.variable).any())

    def answered(self, variable: str) -> pl.Series:
        """Return which organisations answered a variable."""
        return self.states[variable] == State.ANSWERED

    def yes(self, share: Counted) -> pl.Series:
        """Return 1 for yes, 0 for no, null where there is no answer."""
        given, answered = self.values[share.variable], self.answered(share.variable)
        if share.yes is not None:
            given = given.is_in(sorted(share.yes))
        elif given.dtype.is_integer():  # ranks: the first counts, and who ranked others only did not put this one first
            given, answered = (given == 1).fill_null(value=False), self._ranked(share.question)
        return pl.select(pl.when(answered).then(given.cast(pl.Float64))).to_series()

    def _ranked(self, question: str) -> pl.Series:
        """Return which organisations ranked anything in a question."""
        asked = self.questionnaire.question(question)
        ranks = [v.name for v in answers_of(asked, self.questionnaire) if v.type == "rank"]
        return self.states.select(pl.any_horizontal(pl.col(ranks) == State.ANSWERED)).to_series()

    def number(self, measure: Measured) -> pl.Series:
        """Return the number, null where there is none or the category counts for nothing."""
        given = self.values[measure.variable]
        if measure.values and not given.dtype.is_numeric():
            given = given.replace_strict(dict(measure.values), default=None, return_dtype=pl.Float64)
        return pl.select(pl.when(self.answered(measure.variable)).then(given.cast(pl.Float64))).to_series()


_OF_FRAME: dict[str, type[pl.DataType]] = {name: pl.String for name in CHARACTERISTICS}  # noqa: C420 -- the values are classes
_SCHEMA: dict[str, type[pl.DataType]] = {
    "organisation": pl.String,
    "audience": pl.String,
    "N": pl.Int64,
    "sheets": pl.Int64,
} | _OF_FRAME


def audiences_of(frames: Mapping[str, Frame]) -> dict[str, str]:
    """Return the audience of every organisation by its key."""
    found: dict[str, str] = {}
    for audience, frame in frames.items():
        for unit in frame.units:
            found.setdefault(unit.key, audience)
    return found


def characteristic(unit: Unit, name: Characteristic) -> str | None:
    """Return what the frame knows of an organisation, as text; None where it does not apply."""
    if name == "district":
        return None if unit.tier == "district" else unit.district_label
    value = getattr(unit, name)
    return None if value is None else str(value)


def frame_table(frame: Frame) -> pl.DataFrame:
    """Return a population as a table: its keys and characteristics."""
    columns: dict[str, list[str | None]] = {"organisation": [unit.key for unit in frame.units]}
    for name in CHARACTERISTICS:
        columns[name] = [characteristic(unit, name) for unit in frame.units]
    return pl.DataFrame(columns, schema={"organisation": pl.String, **_OF_FRAME})


def applies(frame: Frame, name: Characteristic) -> bool:
    """Return whether a characteristic is known of every organisation and tells at least two kinds apart."""
    values = {characteristic(unit, name) for unit in frame.units}
    return None not in values and len(values) > 1


def _row(unit: Unit, audience: str, frames: Mapping[str, Frame], sheets: Mapping[str, int]) -> dict[str, object]:
    row: dict[str, object] = {name: characteristic(unit, name) for name in CHARACTERISTICS}
    return row | {
        "organisation": unit.key,
        "audience": audience,
        "N": len(frames[audience]),
        "sheets": sheets.get(unit.key, 1),
    }
