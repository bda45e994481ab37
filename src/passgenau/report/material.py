"""What a report speaks of: every value of a study, as the rooms before this one return it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.curriculum.catalogue import Catalogue
    from passgenau.curriculum.decisions import CurriculumDecisions
    from passgenau.curriculum.model import Curriculum
    from passgenau.curriculum.providers import Providers
    from passgenau.evaluation import EvaluationPlan, NextQuestion
    from passgenau.findings.model import Findings
    from passgenau.frame.units import Frame, Tier
    from passgenau.needs.model import AssumedShare, Needs
    from passgenau.planning.model import Plan, Scenario
    from passgenau.planning.resources import PlanningDecisions, Registration, Trainers, Venues
    from passgenau.survey.published import Published
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.text import Text


@dataclass(frozen=True, slots=True)
class AudienceInfo:
    """A group that was asked, as the report names it."""

    id: str
    name: Text  # plural: “Landkreise”
    short: Text  # as short as a table head needs
    tier: Tier


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """What `study.yaml` says of the study as a whole."""

    title: Text
    subject: Text  # what the training is about
    office: Text
    contact: str | None
    banner: Text | None
    background: tuple[Text, ...]
    goals: tuple[Text, ...]
    audiences: tuple[AudienceInfo, ...]
    persons_per_organisation: int
    seed: int
    version: str  # of passgenau


@dataclass(frozen=True)
class Material:
    """All values of a study that its report speaks of. `plans` may lack a scenario."""

    info: ReportInfo
    questionnaire: Questionnaire
    published: Published | None  # None where only answers are given
    findings: Findings
    needs: Needs
    assumed_shares: tuple[AssumedShare, ...]
    catalogue: Catalogue
    decisions: CurriculumDecisions
    planning: PlanningDecisions
    providers: Providers
    venues: Venues
    trainers: Trainers
    registrations: tuple[Registration, ...]
    curriculum: Curriculum
    plans: Mapping[Scenario, Plan]
    frames: Mapping[str, Frame]  # by audience id
    evaluation: EvaluationPlan | None = None
    next_wave: tuple[NextQuestion, ...] = ()

    def audience(self, audience_id: str) -> AudienceInfo:
        """Return the audience of that id."""
        return next(a for a in self.info.audiences if a.id == audience_id)

    def audience_of(self, tier: Tier) -> AudienceInfo:
        """Return the first audience of a tier."""
        return next(a for a in self.info.audiences if a.tier == tier)
