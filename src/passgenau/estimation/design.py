"""The sampling design: what a survey says about how its rows were drawn, and what follows from it.

`Design` names columns; `Structure` holds what those columns say once they have been read and checked.
Notation and sources: `docs/methods.md`, section “Designs”.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Lonely = Literal["fail", "remove", "certainty", "adjust", "average"]


@dataclass(frozen=True, slots=True)
class Design:
    """Which columns carry the sampling design. All are optional; what is missing is stated in the result.

    Attributes
    ----------
    weight
        Column of weights ≥ 0: how many units of the population a row stands for. Without it the weight
        follows from `fpc` (N/n, multiplied over the stages), and without both every row weighs 1.
    strata
        Column of the strata from which the first stage was drawn.
    ids
        Columns of the units of each stage (PSU, then SSU). Empty: every row was drawn by itself.
    fpc
        Columns with the number of units of the population, one per stage from the first: per stratum at the
        first stage, per PSU at the second. Counts, never fractions. None: drawn from an unlimited population.
    nest
        Whether unit names count within their stratum only (PSU 1 of A is not PSU 1 of B).
    lonely
        What a stratum with a single PSU contributes to the variance: `fail` raises; `remove` and `certainty`
        nothing; `adjust` its distance from the mean of all PSU totals; `average` the mean of the other strata.
        A stratum that was asked completely (its FPC says so) contributes nothing under every rule.
    lonely_domain
        Whether `adjust` and `average` also hold for a stratum in which a domain has members in one PSU only.
    """

    weight: str | None = None
    strata: str | None = None
    ids: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()
    nest: bool = False
    lonely: Lonely = "fail"
    lonely_domain: bool = False

    def __post_init__(self) -> None:
        if self.lonely not in get_args(Lonely):
            raise DesignError(
                Text(
                    f"Regel für einzelne PSUs: „{self.lonely}“ gibt es nicht; möglich: {', '.join(get_args(Lonely))}.",
                    f'No rule "{self.lonely}" for lonely PSUs; possible: {", ".join(get_args(Lonely))}.',
                )
            )
        if len(self.fpc) > max(len(self.ids), 1):
            raise DesignError(
                Text(
                    f"Zu viele Spalten für die Grundgesamtheit ({', '.join(self.fpc)}): eine je Stufe der Auswahl.",
                    f"Too many population columns ({', '.join(self.fpc)}): one per stage of the draw.",
                )
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the design reads, each once."""
        named = (self.weight, self.strata, *self.ids, *self.fpc)
        return tuple(dict.fromkeys(name for name in named if name is not None))


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the draw: units within parents (PSUs within strata, SSUs within PSUs)."""

    parent: Ints  # (U,) index of each unit's parent
    drawn: Ints  # (parents,) n: units drawn per parent, domain members or not
    population: Floats  # (parents,) N: units in the population; inf where unlimited

    @property
    def fraction(self) -> Floats:
        """The share n/N of each parent's units that was drawn, 0–1."""
        return np.asarray(self.drawn / self.population, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Structure:
    """A design as read from data: strata, the units of every stage, how many were drawn and from how many.

    `stages[0]` holds the PSUs within strata. Where every row is a PSU of its own and only sums per stratum
    are kept (`rows_are_units`), `stages[0].parent` is empty: nothing needs the single rows.
    """

    strata: tuple[str, ...]  # labels, sorted
    stages: tuple[Stage, ...]
    rows_are_units: bool
    lonely: Lonely = "fail"
    lonely_domain: bool = False

    @property
    def units(self) -> int:
        """PSUs drawn."""
        return int(self.stages[0].drawn.sum())

    @property
    def degrees_of_freedom(self) -> int:
        """PSUs minus strata, counting strata from which something was drawn."""
        return self.units - int((self.stages[0].drawn > 0).sum())

    @property
    def complete(self) -> bool:
        """Whether every unit of the population was drawn, at every stage."""
        return all(bool((stage.drawn == stage.population).all()) for stage in self.stages)

    @property
    def finite(self) -> bool:
        """Whether the first stage has a known population."""
        return bool(np.isfinite(self.stages[0].population).all())


def check_populations(population: Floats, drawn: Ints, parents: Sequence[str], column: str) -> None:
    """Raise DesignError where a population count cannot be one.

    Parameters
    ----------
    population, drawn
        (parents,) N and n.
    parents
        (parents,) names of the strata (or PSUs), for the message.
    column
        The column the counts were read from.
    """
    if not len(population):
        return
    wrong = np.flatnonzero(~np.isfinite(population) | (population <= 0))
    if len(wrong):
        name, value = parents[int(wrong[0])], population[int(wrong[0])]
        raise DesignError(
            Text(
                f"Spalte „{column}“, {name}: {value:g} ist keine Zahl von Einheiten der Grundgesamtheit.",
                f'Column "{column}", {name}: {value:g} is not a number of units of a population.',
            )
        )
    if (population <= 1).all() and (drawn > population).any():
        raise DesignError(
            Text(
                f"Spalte „{column}“ enthält Anteile (bis {population.max():g}); gebraucht wird die Zahl der Einheiten "
                "der Grundgesamtheit je Schicht, zum Beispiel 1101.",
                f'Column "{column}" holds fractions (up to {population.max():g}); needed is the number of units of '
                "the population per stratum, for example 1101.",
            )
        )
    wrong = np.flatnonzero(population < drawn)
    if len(wrong):
        i = int(wrong[0])
        raise DesignError(
            Text(
                f"Spalte „{column}“, {parents[i]}: {drawn[i]} Einheiten wurden gezogen, die Grundgesamtheit hat nur "
                f"{population[i]:g}.",
                f'Column "{column}", {parents[i]}: {drawn[i]} units were drawn, the population has only '
                f"{population[i]:g}.",
            )
        )
