"""Demand per audience and topic: three sources that are never blended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from passgenau.reading import Decided, RecordError, Slug

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WishStatus = Literal["published", "estimated", "asked_no_number", "not_asked"]
"""`published`: a number was printed. `estimated`: a number was estimated from answers. `asked_no_number`: asked, but
the source prints none, or too few answered for one to be shown. `not_asked`: no training question named the
topic; respondents could not wish for it."""


class AssumedShare(Decided):
    """A range assumed for a topic that was asked but has no published number."""

    topic: Slug
    audience: Slug
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> AssumedShare:
        if self.low > self.high:
            raise RecordError(
                f"low {self.low} liegt über high {self.high}.", f"low {self.low} exceeds high {self.high}.", at=("low",)
            )
        return self


@dataclass(frozen=True, slots=True)
class Wish:
    """What the survey says of one topic for one audience. Shares lie in 0–1."""

    audience: str
    topic: str
    status: WishStatus
    share: float | None  # published or estimated point; None without a number
    lower: float | None  # limits, or of the assumed range
    upper: float | None
    assumed: bool  # True where a declared assumption stands in for the missing number
    source_ids: tuple[str, ...]
    printed: str | None = None  # as the source prints it, with its hedge
    base_answers: int | None = None  # sheets the percentage is made of
    base_units: int | None = None  # organisations that answered
    population: int | None = None


@dataclass(frozen=True, eq=False)
class Needs:
    """Wishes per audience and topic, with draws of their sampling uncertainty."""

    topics: tuple[str, ...]  # order of the columns of `draws`
    wishes: dict[tuple[str, str], Wish]  # by (audience, topic); every pair is present
    draws: dict[str, NDArray[np.float64]]  # per audience: draws × topics, shares 0–1; 0 where nothing is known
    seed: int
