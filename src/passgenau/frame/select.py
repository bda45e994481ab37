"""From a register to the population of a study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from passgenau.frame.units import SizeClass, Tier
from passgenau.reading import Record, RecordError


class FrameSpec(Record):
    """Which units form a population: a selection from a register, or a file of one's own."""

    register: Literal["de"] | None = None
    """The built-in register of German districts and municipalities."""
    file: str | None = None
    """A CSV file in the study folder with the columns of `Unit`."""
    tier: Tier
    state: str | None = Field(default=None, pattern=r"^\d{2}$")
    """First two digits of the key, in quotes: "08"."""
    type: tuple[str, ...] = ()
    """Types to keep, e.g. [Landkreis]; empty: all of the tier."""
    size_class: tuple[SizeClass, ...] = ()
    district: tuple[str, ...] = ()
    """Five-digit keys of the districts to keep; empty: all."""
    min_population: int | None = Field(default=None, ge=0)
    max_population: int | None = Field(default=None, ge=0)
    exclude: tuple[str, ...] = ()
    """Keys to leave out."""

    @model_validator(mode="after")
    def _one_source(self) -> FrameSpec:
        if (self.register is None) == (self.file is None):
            raise RecordError(
                "Genau eines von register und file angeben.",
                "Give exactly one of register and file.",
                at=("register",),
            )
        return self
