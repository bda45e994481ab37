"""The figures that a plan states about itself: travel, objective, bound, gap, trainers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.curriculum.catalogue import STAGES
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.check.view import Check, Found, View

METRE = 1e-3


def _travel(view: View) -> Found:
    ways = sorted(
        view.km(key, event.place)
        for event in view.plan.events
        if event.format == "regional"
        for key, persons in event.attendees
        for _ in range(persons)
    )
    again = {
        "median": ways[math.ceil(0.5 * len(ways)) - 1] if ways else 0.0,
        "p90": ways[math.ceil(0.9 * len(ways) - 1e-9) - 1] if ways else 0.0,
        "max": ways[-1] if ways else 0.0,
    }
    for name, value in again.items():
        stated = getattr(view.plan.travel, name)
        if abs(value - stated) > METRE:
            yield (
                (name,),
                Text(
                    f"Wege ({name}): {stated:.1f} km genannt, {value:.1f} km gerechnet.",
                    f"Travel ({name}): {stated:.1f} km stated, {value:.1f} km computed.",
                ),
            )


def _figures(view: View) -> Found:
    plan = view.plan
    trainers = len({trainer for event in plan.events for trainer in event.trainers})
    stated = {"trainers_needed": (float(plan.trainers_needed), float(trainers))}
    if plan.objective is not None:
        stated["objective"] = (plan.objective, _objective(view))
    if plan.gap is not None and plan.objective is not None and plan.bound is not None:
        stated["gap"] = (plan.gap, (plan.objective - plan.bound) / plan.objective if plan.objective else 0.0)
    for name, (value, again) in stated.items():
        if abs(value - again) > 1e-6 * max(1.0, abs(again)):
            yield (
                (name,),
                Text(
                    f"{name}: {value:g} genannt, {again:g} gerechnet.", f"{name}: {value:g} stated, {again:g} computed."
                ),
            )
    known = [plan.objective is not None and plan.bound is not None, plan.gap is not None]
    if any(known) and not all(known):
        yield ("gap",), Text("Schranke und Lücke gehören zusammen.", "Bound and gap belong together.")
    if plan.bound is not None and plan.objective is not None and plan.bound > plan.objective * (1 + 1e-9) + 1e-9:
        yield (
            ("bound",),
            Text(
                f"Die Schranke {plan.bound:g} liegt über dem Wert {plan.objective:g}.",
                f"The bound {plan.bound:g} lies above the value {plan.objective:g}.",
            ),
        )


def _objective(view: View) -> float:
    """Return road kilometres per person to the seats, with `stage_km` for each stage in between."""
    total = 0.0
    for cohort in view.plan.cohorts:
        seat = view.inputs.party.get(cohort.seat)
        if seat is None:
            continue
        for member in cohort.members:
            stages = STAGES.index(view.inputs.party[member.organisation].stage) - STAGES.index(seat.stage)
            km = view.km(member.organisation, cohort.seat) + view.inputs.rules.stage_km * abs(stages)
            total += member.persons * km
    return total


CHECKS: dict[str, Check] = {"travel": _travel, "figures": _figures}
