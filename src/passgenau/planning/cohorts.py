"""Cohorts: persons of one tier who learn together and stay together."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from passgenau.curriculum.catalogue import STAGES
from passgenau.errors import InfeasibleError
from passgenau.planning.distance import road_km_matrix
from passgenau.planning.grouping import Grouping, GroupProblem, group_exactly, group_fast
from passgenau.planning.model import Cohort, Member
from passgenau.planning.rules import RULES
from passgenau.planning.wording import TIER_NAMES
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.curriculum.catalogue import Stage
    from passgenau.frame.units import Tier
    from passgenau.planning.inputs import Party, PlanInputs


@dataclass(frozen=True, slots=True)
class Formed:
    """The cohorts of all tiers, who found no place, and how good the cohorts are."""

    cohorts: tuple[Cohort, ...]
    unplaced: tuple[tuple[str, Text], ...]
    objective: float
    bound: float | None


def form_cohorts(inputs: PlanInputs) -> Formed:
    """Form the cohorts of every tier.

    Raises
    ------
    InfeasibleError
        No cohort can be formed at all, or fewer than `cohorts_min`.
    """
    formed = _formed(inputs)
    _demand_cohorts(inputs, len(formed.cohorts))
    return formed


def _formed(inputs: PlanInputs) -> Formed:
    parts = [_form_tier(inputs, tier, limit) for tier, limit in _limits(inputs).items()]
    without = tuple(
        (party.key, Text("Für diese Ebene gibt es kein Programm.", "There is no programme for this tier."))
        for party in inputs.parties
        if party.tier not in inputs.programmes
    )
    cohorts = tuple(cohort for part in parts for cohort in part.cohorts)
    bounds = [part.bound for part in parts]
    return Formed(
        cohorts,
        tuple(sorted([*without, *(entry for part in parts for entry in part.unplaced)])),
        sum(part.objective for part in parts),
        None if None in bounds else sum(b for b in bounds if b is not None),
    )


@dataclass(frozen=True, slots=True)
class _Limit:
    """How many cohorts a tier may have: `low` as a start, more up to `high` where some find no place."""

    low: int
    high: int


def _limits(inputs: PlanInputs) -> dict[Tier, _Limit]:
    """Share the number of cohorts among the tiers: as few as may hold everybody, at least `cohorts_min` in all."""
    parties = {tier: _placeable(inputs, tier) for tier in inputs.programmes}
    if inputs.scenario == "state":
        return {tier: _equal_limit(inputs, tier, len(found)) for tier, found in parties.items()}
    persons = {tier: sum(p.persons for p in found) for tier, found in parties.items()}
    most = {
        tier: min(len(found) // inputs.rules.organisations_min, persons[tier] // inputs.smallest_group(tier))
        for tier, found in parties.items()
    }
    need = {tier: min(most[tier], math.ceil(persons[tier] / inputs.capacity(tier))) for tier in parties}
    for tier in reversed(parties):  # municipalities first: they are more and lie further apart
        missing = inputs.rules.cohorts_min - sum(need.values())
        need[tier] += max(0, min(missing, most[tier] - need[tier]))
    spare = inputs.rules.cohorts_max - sum(need.values())
    for tier in reversed(parties):  # too many: the largest tier gives way, and says who waits
        cut = min(max(0, -spare), max(0, need[tier] - 1))
        need[tier] -= cut
        spare += cut
    return {tier: _Limit(need[tier], min(most[tier], need[tier] + max(0, spare))) for tier in parties}


def _equal_limit(inputs: PlanInputs, tier: Tier, parties: int) -> _Limit:
    """Return the number of cohorts where every party sends as many: whole parties fill a cohort, not persons."""
    load = inputs.persons_per_organisation
    fewest = max(inputs.rules.organisations_min, math.ceil(inputs.smallest_group(tier) / load))
    each = inputs.capacity(tier) // load
    if each < fewest:
        return _Limit(0, 0)
    need = min(parties // fewest, math.ceil(parties / each))
    return _Limit(need, need)


def _placeable(inputs: PlanInputs, tier: Tier) -> list[Party]:
    parties = [party for party in inputs.parties if party.tier == tier]
    too_large = _too_large(inputs, parties)
    return [party for party in parties if party.key not in too_large]


def _form_tier(inputs: PlanInputs, tier: Tier, limit: _Limit) -> Formed:
    parties = [party for party in inputs.parties if party.tier == tier]
    if not parties:
        return Formed((), (), 0.0, 0.0)
    if inputs.smallest_group(tier) > inputs.capacity(tier):
        raise _group_conflict(inputs, tier)
    too_large = _too_large(inputs, parties)
    candidates = _placeable(inputs, tier)
    grouping = _best_grouping(inputs, candidates, limit)
    if grouping is None:
        return Formed((), tuple((p.key, too_large.get(p.key) or _too_few(inputs, tier)) for p in parties), 0.0, 0.0)
    waiting = {candidates[i].key: _no_room(inputs, tier, len(grouping.groups)) for i in grouping.left}
    cohorts = tuple(
        _cohort(
            inputs,
            f"{tier[0]}{number:0{len(str(len(grouping.groups)))}}",
            [candidates[i] for i in group],
            candidates[seat],
        )
        for number, (group, seat) in enumerate(zip(grouping.groups, grouping.seats, strict=True), start=1)
    )
    return Formed(cohorts, tuple((too_large | waiting).items()), grouping.objective, grouping.bound)


def _best_grouping(inputs: PlanInputs, parties: list[Party], limit: _Limit) -> Grouping | None:
    """Return the grouping that leaves the fewest behind: with `low` groups, else more, else fewer."""
    best: Grouping | None = None
    for groups in [*range(limit.low, limit.high + 1), *range(limit.low - 1, 0, -1)] if parties else ():
        if best is not None and (not best.left or groups < limit.low):
            break
        found = _group(inputs, parties, groups) if groups else None
        if found and (best is None or len(found.left) < len(best.left)):
            best = found
    return best


def _group(inputs: PlanInputs, parties: list[Party], groups: int) -> Grouping | None:
    load = np.array([party.persons for party in parties])
    km = road_km_matrix([party.unit for party in parties], inputs.rules.detour)
    stage = np.array([STAGES.index(party.stage) for party in parties])
    apart = inputs.rules.stage_km * np.abs(stage[:, None] - stage)
    tier = parties[0].tier
    problem = GroupProblem(
        cost=load[:, None] * (km + apart),
        load=load,
        item=_items(parties),
        groups=groups,
        capacity=inputs.capacity(tier),
        load_min=inputs.smallest_group(tier),
        points_min=inputs.rules.organisations_min,
    )
    if inputs.scenario == "state":
        north = np.array([party.unit.lat for party in parties])
        east = np.array([party.unit.lon for party in parties]) * math.cos(math.radians(float(north.mean())))
        return group_fast(problem, np.column_stack([north, east]))
    return group_exactly(problem)


def _items(parties: list[Party]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return one number for all that stay together: an association that registers jointly is one item."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(f"joint {p.joint}" if p.joint else p.key, len(numbers)) for p in parties])


def _cohort(inputs: PlanInputs, id_: str, parties: list[Party], seat: Party) -> Cohort:
    members = tuple(Member(p.key, p.unit.label, p.persons, inputs.km(p.key, seat.key), p.joint) for p in parties)
    return Cohort(
        id_, seat.tier, members, seat.key, seat.unit.label, main_stage(parties), sum(p.persons for p in parties)
    )


def main_stage(parties: list[Party]) -> Stage:
    """Return the stage that most members are in; of several, the earliest."""
    counts = Counter(party.stage for party in parties)
    return max(STAGES, key=lambda stage: (counts[stage], -STAGES.index(stage)))


# --- who finds no place, and why -----------------------------------------------------------------


def _too_large(inputs: PlanInputs, parties: list[Party]) -> dict[str, Text]:
    """Return those of one tier that no cohort could hold: single ones, and associations that stay together."""
    capacity = inputs.capacity(parties[0].tier) if parties else 0
    together: Counter[str] = Counter()
    for party in parties:
        together[party.joint or party.key] += party.persons
    return {
        party.key: Text(
            f"{together[party.joint or party.key]} Personen gemeinsam; eine Kohorte fasst höchstens {capacity}.",
            f"{together[party.joint or party.key]} persons together; a group holds {capacity} at most.",
        )
        for party in parties
        if together[party.joint or party.key] > capacity
    }


def _too_few(inputs: PlanInputs, tier: Tier) -> Text:
    least, persons = inputs.rules.organisations_min, inputs.smallest_group(tier)
    name = TIER_NAMES[tier]
    return Text(
        f"Zu wenige Anmeldungen für eine Kohorte: nötig sind {least} {name.de} mit zusammen {persons} Personen.",
        f"Too few registrations for a group: it takes {least} {name.en} with {persons} persons together.",
    )


def _no_room(inputs: PlanInputs, tier: Tier, groups: int) -> Text:
    capacity = inputs.capacity(tier)
    if inputs.scenario == "state":
        return Text(
            f"Kein Platz in {groups} Kohorten mit höchstens je {capacity} Personen; eine weitere käme nicht auf "
            "ihre Mindestgröße.",
            f"No seat in {groups} cohorts of {capacity} persons at most; one more would fall below its smallest size.",
        )
    return Text(
        f"Warteliste: kein Platz mehr; Kohorten dieser Ebene: {groups}, mit höchstens je {capacity} Personen; "
        f"insgesamt höchstens vorgesehen: {inputs.rules.cohorts_max}.",
        f"Waiting list: no seat left; cohorts of this tier: {groups}, of {capacity} persons at most; "
        f"planned at most in all: {inputs.rules.cohorts_max}.",
    )


def _group_conflict(inputs: PlanInputs, tier: Tier) -> InfeasibleError:
    small, large = inputs.smallest_group(tier), inputs.capacity(tier)
    return InfeasibleError(
        Text(
            f"Für {TIER_NAMES[tier].de} passt keine Gruppengröße zu allen Modulen der Basis.",
            f"No group size fits all Basis modules for {TIER_NAMES[tier].en}.",
        ),
        [RULES["capacity"].text, RULES["group_minimum"].text],
        Text(
            f"ein Modul mit mindestens {small} oder eines mit höchstens {large} Personen ändern (catalogue.yaml)",
            f"change a module with at least {small} or one with at most {large} persons (catalogue.yaml)",
        ),
    )


def _least_cohorts(inputs: PlanInputs) -> int:
    return 1 if inputs.scenario == "state" else inputs.rules.cohorts_min


def _demand_cohorts(inputs: PlanInputs, found: int) -> None:
    least = _least_cohorts(inputs)
    if found >= least:
        return
    raise InfeasibleError(
        Text(
            f"Aus {len(inputs.parties)} Anmeldungen entstehen nur {found} Kohorten, nötig sind mindestens {least}.",
            f"{len(inputs.parties)} registrations make only {found} cohorts; at least {least} are needed.",
        ),
        [RULES[label].text for label in ("cohort_count", "organisations_min", "group_minimum", "capacity")],
        _fewer_demands(inputs) or _more_persons(inputs),
    )


def _fewer_demands(inputs: PlanInputs) -> Text | None:
    """Return the smallest change of cohorts_min, else of organisations_min, else of both; each has been tried."""
    rules = inputs.rules
    fewer = range(rules.organisations_min - 1, 1, -1)
    least = _least_cohorts(inputs)
    ways = [{"cohorts_min": n} for n in range(least - 1, 0, -1)]
    ways += [{"organisations_min": n} for n in fewer]
    ways += [{"organisations_min": n, "cohorts_min": m} for n in fewer for m in range(least - 1, 0, -1)]
    for way in ways:
        changed = replace(inputs, rules=rules.model_copy(update=way))
        if len(_formed(changed).cohorts) >= _least_cohorts(changed):
            return Text(
                " und ".join(f"{name} auf {value} senken" for name, value in way.items()),
                " and ".join(f"lower {name} to {value}" for name, value in way.items()),
            )
    return None


def _more_persons(inputs: PlanInputs) -> Text:
    """Return what the tier that lacks the fewest persons lacks for one cohort."""
    lacking = []
    for tier in inputs.programmes:
        parties = _placeable(inputs, tier)
        organisations = max(0, inputs.rules.organisations_min - len(parties))
        persons = max(organisations, inputs.smallest_group(tier) - sum(party.persons for party in parties))
        lacking.append((persons, organisations, tier))
    persons, organisations, tier = min(lacking)
    name = TIER_NAMES[tier]
    return Text(
        f"für eine Kohorte mindestens {persons} weitere Personen aus {organisations} weiteren Organisationen "
        f"gewinnen ({name.de})",
        f"win at least {persons} more persons from {organisations} more organisations for one cohort "
        f"({name.into('en')})",
    )
