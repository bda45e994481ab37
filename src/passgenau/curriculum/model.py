"""The derived training concept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from passgenau.curriculum.catalogue import Stage, Version
    from passgenau.frame.units import Tier
    from passgenau.needs.model import Wish
    from passgenau.text import Text

Level = Literal["basis", "elective"]
Firmness = Literal["fixed", "firm", "likely", "open"]
"""`fixed`: decided by people, no draw can change it. Then how often the draws agree with the
choice: `firm` ≥ 95 %, `likely` ≥ 75 %, else `open`. That measures sampling chance only; where
`Place.rests_on_assumption`, draws of an assumed range stand in for a number, and it measures less."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Why a module has its place: three sources, always apart."""

    minimum: tuple[str, ...]  # competences that people fixed as a minimum
    role: tuple[str, ...]  # ids of role tasks of the tier
    wish: Wish  # of the module's main topic, for this tier's audience


@dataclass(frozen=True, slots=True)
class Provision:
    """Where a module comes from."""

    kind: Literal["reuse", "adapt", "develop"]
    offers: tuple[str, ...]  # "provider/offer"
    note: Text


@dataclass(frozen=True, slots=True)
class Place:
    """A module in a programme."""

    module: str
    level: Level
    version: Version
    roles: tuple[str, ...]  # whose path it belongs to
    contact_units: int
    self_study_units: int
    tutor_minutes: int  # per person
    stage: Stage  # of the local process
    block: int | None  # counted from 1; None for electives
    rank: int | None  # order in which electives are offered; None in the Basis
    expected_persons: tuple[float, float, float] | None  # electives: point, lower, upper
    examples: tuple[str, ...]  # topics of the worked examples that the wishes chose
    sources: Sources
    depth_firmness: Firmness  # of what wishes decide: version, choice among equivalents, or being offered
    frequency: float  # share of draws with the same choice
    creditable: bool  # a self-check may replace it for experienced people
    provision: Provision
    reason: Text
    rests_on_assumption: bool = False  # a wish behind the choice has no number; its range is assumed


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A module of the catalogue that has no place in a programme."""

    module: str
    tier: Tier
    reason: Text
    provision: Provision | None = None  # where it would come from; None for a module of other tiers


@dataclass(frozen=True, slots=True)
class Block:
    """Days that a cohort spends together."""

    number: int  # from 1
    modules: tuple[str, ...]
    contact_units: int
    days: int  # of the calendar: part of a day takes the whole day
    opens_with: Text
    task: Text  # the closing task in the participant's own project


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme of one tier."""

    tier: Tier
    audience: str
    basis: tuple[Place, ...]  # in teaching order
    electives: tuple[Place, ...]  # in the order they are offered; those not reaching the minimum are left out
    blocks: tuple[Block, ...]
    contact_units: int
    self_study_units: int
    budget_units: int
    gap: float  # optimality gap of the mixed-integer model; 0 means proven optimal
    experienced: tuple[str, ...]  # modules of the Basis that experienced people still attend
    paths: dict[str, tuple[str, ...]]  # role → modules of its Basis


@dataclass(frozen=True, slots=True)
class Track:
    """A way of spreading a programme over time: a reading of the wished frequency, or small towns."""

    id: str
    text: Text
    tier: Tier
    blocks_per_year: int
    days_per_year: float
    years: int
    fits: bool  # whether the Basis fits
    modules_per_year: tuple[tuple[str, ...], ...]
    sentence: Text


@dataclass(frozen=True, slots=True)
class BudgetRun:
    """The derivation under one Basis budget, for the page beside the published concept."""

    tier: Tier
    days: float
    feasible: bool
    modules: int
    full: int
    per_field: dict[str, int]
    sentence: Text


@dataclass(frozen=True, slots=True)
class ConceptPoint:
    """One point of the published concept beside the derived one."""

    subject: Text
    published: Text
    derived: Text
    agrees: Literal["yes", "partly", "no"]
    why: Text


@dataclass(frozen=True, slots=True)
class Check:
    """A rule recomputed from the result."""

    rule: str
    passed: bool
    sentence: Text


@dataclass(frozen=True, slots=True)
class Curriculum:
    """The concept: awareness, qualification, accompaniment; per tier, with reasons."""

    programmes: tuple[Programme, ...]
    core: tuple[str, ...]  # modules in the Basis of every tier
    left_out: tuple[LeftOut, ...]
    tracks: tuple[Track, ...]
    budget_runs: tuple[BudgetRun, ...]
    comparison: tuple[ConceptPoint, ...]  # empty where no published concept is given
    gaps: tuple[Text, ...]  # what nobody offers yet
    checks: tuple[Check, ...]
    draws: int
    seed: int
    notes: tuple[Text, ...] = ()  # per tier: how the stages of the local process are covered

    def programme(self, tier: Tier) -> Programme:
        """Return the programme of a tier."""
        return next(p for p in self.programmes if p.tier == tier)
