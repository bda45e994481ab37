"""The independent check: every rule recomputed from the plan, without anything of the solver.

It serves plans made here and plans edited by hand alike. Each rule of `rules.RULES` has one function
that yields what breaks it; they stand in modules by subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.planning.check import figures, money, staff, what, when, where, who
from passgenau.planning.check.view import View
from passgenau.planning.dates import ANY_TRAINER
from passgenau.planning.model import Violation
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.planning.check.view import Check
    from passgenau.planning.inputs import PlanInputs
    from passgenau.planning.model import Plan

CHECKS: dict[str, Check] = {
    **who.CHECKS,
    **what.CHECKS,
    **when.CHECKS,
    **where.CHECKS,
    **staff.CHECKS,
    **money.CHECKS,
    **figures.CHECKS,
}


def check(plan: Plan, inputs: PlanInputs) -> tuple[Violation, ...]:
    """Recompute every rule from a plan.

    Parameters
    ----------
    plan
        A plan of any origin: made by `plan`, or edited by hand.
    inputs
        The inputs that it is to be judged by.

    Returns
    -------
    tuple of Violation
        In the order of `RULES`; empty for a plan that keeps them all. References to unknown
        organisations, cohorts or trainers are reported first, alone: nothing else can be judged.
    """
    unknown = tuple(_unknown(plan, inputs))
    if unknown:
        return unknown
    view = View(plan, inputs)
    return tuple(
        Violation(rule, subjects, message) for rule, find in CHECKS.items() for subjects, message in find(view)
    )


def _unknown(plan: Plan, inputs: PlanInputs) -> Iterator[Violation]:
    """Yield every reference of the plan that leads nowhere."""
    cohorts = {cohort.id for cohort in plan.cohorts}
    references: list[tuple[str, str, str, bool]] = [
        ("everybody", cohort.id, member.organisation, member.organisation in inputs.party)
        for cohort in plan.cohorts
        for member in cohort.members
    ]
    references += [("one_tier", cohort.id, cohort.tier, cohort.tier in inputs.programmes) for cohort in plan.cohorts]
    taught = {*inputs.modules, inputs.catalogue.introduction.id, *(b.id for b in inputs.catalogue.briefings)}
    for event in plan.events:
        references += [("basis_complete", event.id, module, module in taught) for module in event.modules]
        references += [("attendance", event.id, name, name in cohorts) for name in event.cohorts]
        references += [("attendance", event.id, key, key in inputs.party) for key, _ in event.attendees]
        references += [
            ("trainer_qualified", event.id, trainer, trainer in inputs.staff or _is_any(trainer, inputs))
            for trainer in event.trainers
        ]
        if event.format != "online":
            references.append(("venue_known", event.id, event.place, event.place in inputs.units))
    for rule, subject, value, known in references:
        if not known:
            yield _strange(rule, subject, value)


def _strange(rule: str, subject: str, value: str) -> Violation:
    return Violation(
        rule, (subject, value), Text(f"{subject}: {value!r} ist nicht bekannt.", f"{subject}: {value!r} is not known.")
    )


def _is_any(trainer: str, inputs: PlanInputs) -> bool:
    return inputs.scenario == "state" and trainer.startswith(ANY_TRAINER)
