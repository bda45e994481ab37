"""The training concept.

What could be taught (catalogue), what people decided (decisions), who already offers what
(providers), and what follows from these and the wishes: a programme per tier with reasons,
firmness, time tracks, budgets, gaps and checks. Minimum competences and role tasks are
constraints, wishes the objective; the three sources stay apart. See docs/curriculum.md.
"""

from passgenau.curriculum.catalogue import STAGES, Catalogue, Module, Stage, Version
from passgenau.curriculum.checks import check
from passgenau.curriculum.crosscheck import cross_check
from passgenau.curriculum.decisions import CurriculumDecisions
from passgenau.curriculum.derive import derive
from passgenau.curriculum.model import (
    Block,
    BudgetRun,
    Check,
    ConceptPoint,
    Curriculum,
    Firmness,
    LeftOut,
    Place,
    Programme,
    Provision,
    Sources,
    Track,
)
from passgenau.curriculum.providers import Providers
from passgenau.curriculum.reasons import ELECTIVE_RULE
from passgenau.curriculum.wording import FIRMNESS_NAMES, FORMAT_NAMES, STAGE_NAMES, TIER_NAMES, VERSION_NAMES

__all__ = [
    "ELECTIVE_RULE",
    "FIRMNESS_NAMES",
    "FORMAT_NAMES",
    "STAGES",
    "STAGE_NAMES",
    "TIER_NAMES",
    "VERSION_NAMES",
    "Block",
    "BudgetRun",
    "Catalogue",
    "Check",
    "ConceptPoint",
    "Curriculum",
    "CurriculumDecisions",
    "Firmness",
    "LeftOut",
    "Module",
    "Place",
    "Programme",
    "Providers",
    "Provision",
    "Sources",
    "Stage",
    "Track",
    "Version",
    "check",
    "cross_check",
    "derive",
]
