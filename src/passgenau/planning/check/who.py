"""Who learns with whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.planning.check.view import Check, Found, View

from passgenau.planning.check.view import persons_of

METRE = 1e-3


def _everybody(view: View) -> Found:
    seen = Counter(m.organisation for cohort in view.plan.cohorts for m in cohort.members)
    listed = {key for key, _ in view.plan.unplaced}
    for party in view.inputs.parties:
        times = seen[party.key] + (party.key in listed)
        if times != 1:
            yield (
                (party.key,),
                Text(
                    f"{party.unit.label} kommt {times}-mal vor (Kohorten und Liste der nicht Untergebrachten).",
                    f"{party.unit.label} occurs {times} times (cohorts and list of those not placed).",
                ),
            )
    for cohort in view.plan.cohorts:
        for member in cohort.members:
            wanted = view.inputs.party[member.organisation].persons
            if member.persons != wanted:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"{member.label}: {member.persons} Personen statt {wanted} angemeldeter.",
                        f"{member.label}: {member.persons} persons instead of {wanted} registered.",
                    ),
                )


def _one_tier(view: View) -> Found:
    for cohort in view.plan.cohorts:
        for member in cohort.members:
            if view.inputs.party[member.organisation].tier != cohort.tier:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"Kohorte {cohort.id}: {member.label} gehört zur anderen Ebene.",
                        f"Cohort {cohort.id}: {member.label} belongs to the other tier.",
                    ),
                )


def _capacity(view: View) -> Found:
    for cohort in view.plan.cohorts:
        persons, most = persons_of(cohort), view.inputs.capacity(cohort.tier)
        if persons > most:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: {persons} Personen, höchstens {most}.",
                    f"Cohort {cohort.id}: {persons} persons, {most} at most.",
                ),
            )


def _group_minimum(view: View) -> Found:
    for cohort in view.plan.cohorts:
        persons, least = persons_of(cohort), view.inputs.smallest_group(cohort.tier)
        if persons < least:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: {persons} Personen, mindestens {least}.",
                    f"Cohort {cohort.id}: {persons} persons, {least} at least.",
                ),
            )


def _organisations_min(view: View) -> Found:
    for cohort in view.plan.cohorts:
        if len(cohort.members) < view.inputs.rules.organisations_min:
            yield (
                (cohort.id,),
                Text(
                    f"Kohorte {cohort.id}: {len(cohort.members)} Kommunen, mindestens "
                    f"{view.inputs.rules.organisations_min}.",
                    f"Cohort {cohort.id}: {len(cohort.members)} organisations, "
                    f"{view.inputs.rules.organisations_min} at least.",
                ),
            )


def _cohort_count(view: View) -> Found:
    least, most = view.inputs.rules.cohorts_min, view.inputs.rules.cohorts_max
    if view.inputs.scenario == "pilot" and not least <= len(view.plan.cohorts) <= most:
        yield (
            (),
            Text(
                f"{len(view.plan.cohorts)} Kohorten statt {least} bis {most}.",
                f"{len(view.plan.cohorts)} cohorts instead of {least} to {most}.",
            ),
        )


def _joint(view: View) -> Found:
    cohorts: dict[tuple[str, str], set[str]] = defaultdict(set)
    waiting = {key for key, _ in view.plan.unplaced}
    home = {m.organisation: cohort.id for cohort in view.plan.cohorts for m in cohort.members}
    for party in view.inputs.parties:
        if party.joint:
            cohorts[party.joint, party.tier].add("" if party.key in waiting else home.get(party.key, ""))
    for (name, _), found in cohorts.items():
        if len(found) > 1:
            yield (
                (name, *sorted(found)),
                Text(
                    f"„{name}“ ist getrennt: {', '.join(sorted(found)) or '–'}.",
                    f"“{name}” is split: {', '.join(sorted(found)) or '–'}.",
                ),
            )


def _seat(view: View) -> Found:
    for cohort in view.plan.cohorts:
        if cohort.seat not in {member.organisation for member in cohort.members}:
            yield (
                (cohort.id, cohort.seat),
                Text(
                    f"Kohorte {cohort.id}: {cohort.seat_label} ist kein Mitglied.",
                    f"Cohort {cohort.id}: {cohort.seat_label} is no member.",
                ),
            )


def _distance(view: View) -> Found:
    for cohort in view.plan.cohorts:
        for member in cohort.members:
            km = view.km(member.organisation, cohort.seat) if cohort.seat in view.inputs.units else member.km
            if abs(km - member.km) > METRE:
                yield (
                    (cohort.id, member.organisation),
                    Text(
                        f"{member.label}: {member.km:.1f} km genannt, {km:.1f} km gerechnet.",
                        f"{member.label}: {member.km:.1f} km stated, {km:.1f} km computed.",
                    ),
                )


CHECKS: dict[str, Check] = {
    "everybody": _everybody,
    "one_tier": _one_tier,
    "capacity": _capacity,
    "group_minimum": _group_minimum,
    "organisations_min": _organisations_min,
    "cohort_count": _cohort_count,
    "joint": _joint,
    "seat": _seat,
    "distance": _distance,
}
