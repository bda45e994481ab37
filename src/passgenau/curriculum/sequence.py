"""In which order a Basis is taught, and how it falls into blocks."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum.catalogue import STAGES
from passgenau.curriculum.model import Block
from passgenau.curriculum.packing import Packing, calendar_days, pack
from passgenau.curriculum.requirements import replacements
from passgenau.curriculum.wording import joined
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.curriculum.catalogue import Module, Stage, Version

_NONE_RECURS = 1.0
"""Penalty of a block without any recurring field, in squared days off the mean length."""
_ONE_MISSING = 0.25
"""Penalty of a block without a recurring field that has a module for every block."""


@dataclass(frozen=True, slots=True)
class Course:
    """A Basis in teaching order."""

    order: tuple[str, ...]
    stage: dict[str, Stage]
    blocks: tuple[tuple[str, ...], ...]


def arrange(
    modules: Sequence[Module],
    versions: Mapping[str, Version],
    recurring: Sequence[str],
    blocks: int,
    units_per_day: int,
) -> Course:
    """Order a Basis and cut it into blocks.

    Prerequisites come first, then the stages of the local process. The modules of a recurring
    field are spread evenly over the whole course instead. The order is cut into consecutive
    blocks so that their lengths differ least and recurring fields are missed least (exactly,
    by dynamic programming). Where such blocks take more days of the calendar than needed, modules
    change blocks so that the blocks fill whole days (`packing`); prerequisites still come first.

    Parameters
    ----------
    modules
        Modules of the Basis, in the catalogue's order.
    versions
        Version of each.
    recurring
        Fields that recur.
    blocks
        Number of blocks wanted, at least 1; fewer where there are fewer modules.
    units_per_day
        Teaching units of a day.
    """
    before = {m.id: _before(m, modules) for m in modules}
    depth = _depths(before)
    stage = _stages(modules, before, depth)
    order = _ordered(modules, before, _targets(modules, stage, depth, recurring))
    known = {module.id: module for module in modules}
    length = {m: known[m].versions[versions[m]].contact_units / units_per_day for m in order}
    counted = [(m, known[m].field) for m in order if known[m].field in recurring]
    parts = _cut(order, length, counted, min(blocks, len(order)))
    units = {m: known[m].versions[versions[m]].contact_units for m in order}
    packing = Packing(order, units, before, dict(counted), len(parts), units_per_day)
    if sum(calendar_days(sum(units[m] for m in part), units_per_day) for part in parts) > packing.least_days:
        parts = pack(packing) or parts
    return Course(tuple(m for part in parts for m in part), stage, parts)


def describe_blocks(
    sequence: Course, modules: Mapping[str, Module], versions: Mapping[str, Version], units_per_day: int
) -> tuple[Block, ...]:
    """Return the blocks with their lengths, openings and closing tasks."""
    found = []
    for number, members in enumerate(sequence.blocks, start=1):
        units = sum(modules[m].versions[versions[m]].contact_units for m in members)
        found.append(
            Block(
                number=number,
                modules=members,
                contact_units=units,
                days=calendar_days(units, units_per_day),
                opens_with=_opening(number),
                task=_closing_task(members, modules, versions),
            )
        )
    return tuple(found)


def _opening(number: int) -> Text:
    if number == 1:
        return Text(
            "Jeder Ort stellt seine Ausgangslage vor, mit der Selbsteinschätzung vom Einführungstag.",
            "Every place presents where it stands, with the self-assessment of the introduction day.",
        )
    return Text(
        f"Ergebnisse der Aufgaben aus Block {number - 1}: kurze Berichte aus den Orten, kollegiale Rückmeldung.",
        f"Results of the tasks of block {number - 1}: short reports from the places, feedback from peers.",
    )


def _closing_task(members: Sequence[str], modules: Mapping[str, Module], versions: Mapping[str, Version]) -> Text:
    with_task = [(modules[m], modules[m].task) for m in members]
    tasks = [(module, task) for module, task in with_task if task is not None]
    if not tasks:
        return Text(
            "Einen Schritt des Gelernten im eigenen Vorhaben erproben und das Ergebnis mitbringen.",
            "Try one step of what was learnt in your own project and bring the result.",
        )
    # The one with most guided self-study; among equals the last, which builds on the others.
    largest = max(reversed(tasks), key=lambda pair: pair[0].versions[versions[pair[0].id]].self_study_units)
    others = Text(
        "Die kürzeren Aufträge der übrigen Module begleiten das Selbstlernen bis zum nächsten Treffen.",
        "The shorter tasks of the other modules accompany self-study until the next meeting.",
    )
    return largest[1] if len(tasks) == 1 else joined([largest[1], others])


# --- order -----------------------------------------------------------------------------------------


def _before(module: Module, modules: Sequence[Module]) -> tuple[str, ...]:
    inside = {m.id for m in modules}
    return tuple(p for wanted in module.requires for p in replacements(wanted, modules) if p in inside)


def _depths(before: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the length of the longest chain of prerequisites; the relation has no cycles."""
    depth: dict[str, int] = {}

    def of(module: str) -> int:
        if module not in depth:
            depth[module] = 1 + max((of(p) for p in before[module]), default=-1)
        return depth[module]

    for module in before:
        of(module)
    return depth


def _stages(
    modules: Sequence[Module], before: Mapping[str, Sequence[str]], depth: Mapping[str, int]
) -> dict[str, Stage]:
    """Return the stage at which each module is taught: its first that is not before its prerequisites'."""
    stage: dict[str, Stage] = {}
    for module in sorted(modules, key=lambda m: depth[m.id]):
        earliest = max((STAGES.index(stage[p]) for p in before[module.id]), default=0)
        own = sorted(STAGES.index(s) for s in module.stages)
        stage[module.id] = STAGES[next((s for s in own if s >= earliest), own[-1])]
    return stage


def _targets(
    modules: Sequence[Module], stage: Mapping[str, Stage], depth: Mapping[str, int], recurring: Sequence[str]
) -> dict[str, float]:
    """Return where in the course (0–1) each module belongs."""
    target = {m.id: (STAGES.index(stage[m.id]) + 0.5) / len(STAGES) for m in modules}
    for field in recurring:
        members = sorted(
            (m for m in modules if m.field == field), key=lambda m: (STAGES.index(stage[m.id]), depth[m.id])
        )
        for place, module in enumerate(members):
            target[module.id] = (place + 0.5) / len(members)
    return target


def _ordered(
    modules: Sequence[Module], before: Mapping[str, Sequence[str]], target: Mapping[str, float]
) -> tuple[str, ...]:
    rank = {module.id: place for place, module in enumerate(modules)}
    waiting = {m: set(needed) for m, needed in before.items()}
    ready = [(target[m], rank[m], m) for m, needed in waiting.items() if not needed]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        _, _, current = heapq.heappop(ready)
        order.append(current)
        for module, needed in waiting.items():
            if current in needed:
                needed.remove(current)
                if not needed:
                    heapq.heappush(ready, (target[module], rank[module], module))
    return tuple(order)


def _cut(
    order: Sequence[str], length: Mapping[str, float], recurring: Sequence[tuple[str, str]], blocks: int
) -> tuple[tuple[str, ...], ...]:
    """Cut an order into `blocks` consecutive parts at least cost (dynamic programming)."""
    if not order:
        return ()
    mean = sum(length.values()) / blocks
    field_of = dict(recurring)
    everywhere = {f for f in field_of.values() if sum(1 for g in field_of.values() if g == f) >= blocks}
    none_costs = _NONE_RECURS if len(field_of) >= blocks else 0.0

    def cost(start: int, end: int) -> float:
        part = order[start:end]
        present = {field_of[m] for m in part if m in field_of}
        missing = _ONE_MISSING * len(everywhere - present) + (0.0 if present else none_costs)
        return float((sum(length[m] for m in part) - mean) ** 2 + missing)

    best: dict[tuple[int, int], tuple[float, int]] = {(0, 0): (0.0, 0)}
    for part in range(1, blocks + 1):
        for end in range(part, len(order) - (blocks - part) + 1):
            best[part, end] = min(
                (best[part - 1, start][0] + cost(start, end), start)
                for start in range(part - 1, end)
                if (part - 1, start) in best
            )
    cuts = [len(order)]
    for part in range(blocks, 0, -1):
        cuts.append(best[part, cuts[-1]][1])
    cuts.reverse()
    return tuple(tuple(order[a:b]) for a, b in itertools.pairwise(cuts))
