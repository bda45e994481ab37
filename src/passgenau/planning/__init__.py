"""The planning room: who learns with whom, where, when, with which trainers, and what it costs.

`plan` turns `PlanInputs` (curriculum, registrations, venues, trainers, calendar, rates, rules) into a
`Plan`; `check` recomputes every rule of `RULES` from a plan, also from one edited by hand.
"""

from passgenau.planning.check import check
from passgenau.planning.inputs import Party, PlanInputs, validate
from passgenau.planning.making import plan
from passgenau.planning.model import (
    Cohort,
    Costs,
    Event,
    EventKind,
    Member,
    OrganisationCost,
    Plan,
    Scenario,
    Travel,
    Violation,
)
from passgenau.planning.resources import (
    Calendar,
    Period,
    PlanningDecisions,
    PlanRules,
    Rates,
    Registration,
    Trainer,
    Trainers,
    Venue,
    Venues,
)
from passgenau.planning.rules import RULES, Rule

__all__ = [
    "RULES",
    "Calendar",
    "Cohort",
    "Costs",
    "Event",
    "EventKind",
    "Member",
    "OrganisationCost",
    "Party",
    "Period",
    "Plan",
    "PlanInputs",
    "PlanRules",
    "PlanningDecisions",
    "Rates",
    "Registration",
    "Rule",
    "Scenario",
    "Trainer",
    "Trainers",
    "Travel",
    "Venue",
    "Venues",
    "Violation",
    "check",
    "plan",
    "validate",
]
