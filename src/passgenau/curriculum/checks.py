"""Every rule of the concept, recomputed from the result alone, without the solver's model.

The checks also serve programmes that people edited by hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum.model import Check
from passgenau.curriculum.wording import TIER_NAMES, days, in_days, listed, opening, quoted, units
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.curriculum.catalogue import Catalogue, Module
    from passgenau.curriculum.decisions import CurriculumDecisions, ProgrammeRules
    from passgenau.curriculum.model import Place, Programme


@dataclass(frozen=True, slots=True)
class _Subject:
    """One programme with everything that its rules speak of."""

    programme: Programme
    modules: dict[str, Module]
    rules: ProgrammeRules
    catalogue: Catalogue
    decisions: CurriculumDecisions


def check(programmes: tuple[Programme, ...], catalogue: Catalogue, decisions: CurriculumDecisions) -> tuple[Check, ...]:
    """Recompute every rule from the programmes.

    Parameters
    ----------
    programmes
        Derived, or edited by hand.
    catalogue, decisions
        What they must agree with.

    Returns
    -------
    One `Check` per tier and rule, failed ones included; the sentence of a failed check names
    what breaks the rule.
    """
    modules = {module.id: module for module in catalogue.modules}
    rules = {entry.tier: entry for entry in decisions.programmes}
    found: list[Check] = []
    for programme in programmes:
        subject = _Subject(programme, modules, rules[programme.tier], catalogue, decisions)
        found += [rule(subject) for rule in _RULES]
    return tuple(found)


def _verdict(subject: _Subject, rule: str, kept: Text, broken: list[Text]) -> Check:
    name = opening(TIER_NAMES[subject.programme.tier])
    what = listed(broken) if broken else kept
    return Check(
        f"{subject.programme.tier}/{rule}", not broken, Text(f"{name.de}: {what.de}.", f"{name.en}: {what.en}.")
    )


def _title(subject: _Subject, module_id: str) -> Text:
    return quoted(subject.modules[module_id].title)


def _roles(subject: _Subject) -> tuple[str, ...]:
    return tuple(role.id for role in subject.catalogue.roles if role.path == "programme")


def _attended(subject: _Subject, role: str) -> list[Place]:
    return [place for place in subject.programme.basis if role in subject.modules[place.module].roles]


def _missing(subject: _Subject, competences: Iterator[tuple[str, str]]) -> list[Text]:
    """Return what a role should learn and no module of its path builds."""
    titles = {c.id: c.title for c in subject.catalogue.competences}
    names = {r.id: r.title for r in subject.catalogue.roles}
    broken = []
    for competence, role in competences:
        built = {c for place in _attended(subject, role) for c in subject.modules[place.module].competences}
        if competence not in built:
            title, who = quoted(titles[competence]), names[role]
            broken.append(Text(f"{title.de} fehlt für {who.de}", f"{title.en} is missing for {who.en}"))
    return broken


def _minimum(subject: _Subject) -> Check:
    tier, taking_part = subject.programme.tier, _roles(subject)
    wanted = [
        (m.competence, r) for m in subject.decisions.minimum if tier in m.tiers for r in m.roles if r in taking_part
    ]
    kept = Text(
        f"alle {len(wanted)} Mindestanforderungen je Rolle sind abgedeckt",
        f"all {len(wanted)} minimum requirements per role are covered",
    )
    return _verdict(subject, "minimum", kept, _missing(subject, iter(wanted)))


def _tasks(subject: _Subject) -> Check:
    tier, taking_part = subject.programme.tier, _roles(subject)
    wanted = [
        (c, r)
        for t in subject.decisions.role_tasks
        if t.tier == tier
        for c in t.competences
        for r in t.roles
        if r in taking_part
    ]
    kept = Text(
        f"alle {len(wanted)} Kompetenzen der Rollenaufgaben sind abgedeckt",
        f"all {len(wanted)} competences of the role tasks are covered",
    )
    return _verdict(subject, "role-tasks", kept, _missing(subject, iter(wanted)))


def _budget(subject: _Subject) -> Check:
    per_day = subject.catalogue.units_per_day
    limit = subject.rules.basis_days * per_day
    used = sum(subject.modules[p.module].versions[p.version].contact_units for p in subject.programme.basis)
    have, spent = in_days(subject.rules.basis_days), days(used / per_day)
    kept = Text(f"Präsenz {spent.de} von höchstens {have.de}", f"contact {spent.en} of at most {have.en}")
    return _verdict(subject, "budget", kept, [kept] if used > limit + 1e-9 else [])


def _calendar_days(subject: _Subject) -> Check:
    """Compare whole days, block by block, with the budget: nobody travels for a quarter of a day."""
    per_day = subject.catalogue.units_per_day
    versions = {place.module: place.version for place in subject.programme.basis}
    taught = [
        sum(subject.modules[m].versions[versions[m]].contact_units for m in block.modules if m in versions)
        for block in subject.programme.blocks
    ]
    used, limit = sum(math.ceil(u / per_day) for u in taught), math.ceil(subject.rules.basis_days)
    have, spent, count = days(limit), days(used), len(taught)
    kept = Text(
        f"{count} Blöcke belegen {spent.de} im Kalender, das Tagebudget erlaubt {have.de}",
        f"{count} blocks take {spent.en} of the calendar, the budget allows {have.en}",
    )
    return _verdict(subject, "calendar-days", kept, [kept] if used > limit else [])


def _self_study(subject: _Subject) -> Check:
    limit = subject.rules.self_study_units
    used = {
        role: sum(subject.modules[p.module].versions[p.version].self_study_units for p in _attended(subject, role))
        for role in _roles(subject)
    }
    most, have = units(max(used.values(), default=0)), units(limit)
    kept = Text(
        f"Selbstlernzeit je Rolle höchstens {most.de}, erlaubt {have.de}",
        f"self-study per role at most {most.en}, allowed {have.en}",
    )
    return _verdict(subject, "self-study", kept, [kept] if any(u > limit for u in used.values()) else [])


def _satisfying(subject: _Subject, wanted: str) -> set[str]:
    group = subject.modules[wanted].equivalent
    return {wanted} | {m.id for m in subject.modules.values() if group is not None and m.equivalent == group}


def _prerequisites(subject: _Subject) -> Check:
    """Look for prerequisites in the Basis; those of electives in the Basis or at an earlier rank."""
    done: set[str] = set()
    broken = []
    for place in (*subject.programme.basis, *subject.programme.electives):
        for wanted in subject.modules[place.module].requires:
            if not done & _satisfying(subject, wanted):
                first, then = _title(subject, wanted), _title(subject, place.module)
                broken.append(
                    Text(f"{then.de} kommt ohne oder vor {first.de}", f"{then.en} comes without or before {first.en}")
                )
        done.add(place.module)
    kept = Text("jede Voraussetzung geht voraus", "every prerequisite comes first")
    return _verdict(subject, "prerequisites", kept, broken)


def _one_version(subject: _Subject) -> Check:
    places = (*subject.programme.basis, *subject.programme.electives)
    broken = []
    for place in places:
        title = _title(subject, place.module)
        if sum(1 for other in places if other.module == place.module) > 1:
            broken.append(Text(f"{title.de} steht mehrmals", f"{title.en} stands more than once"))
        elif place.version not in subject.modules[place.module].versions:
            broken.append(Text(f"{title.de} hat diese Fassung nicht", f"{title.en} has no such version"))
    kept = Text("jedes Modul steht einmal, in einer Fassung", "every module stands once, in one version")
    return _verdict(subject, "one-version", kept, broken)


def _equivalents(subject: _Subject) -> Check:
    groups: dict[str, list[str]] = {}
    for place in subject.programme.basis:
        group = subject.modules[place.module].equivalent
        if group is not None:
            groups.setdefault(group, []).append(place.module)
    broken = []
    for members in groups.values():
        if len(members) > 1:
            names = listed(_title(subject, m) for m in members)
            broken.append(Text(f"{names.de} sind gleichwertig", f"{names.en} are equivalent"))
    kept = Text("kein gleichwertiges Modul steht doppelt", "no equivalent module stands twice")
    return _verdict(subject, "equivalents", kept, broken)


def _blocks(subject: _Subject) -> Check:
    programme = subject.programme
    in_blocks = [m for block in programme.blocks for m in block.modules]
    broken = []
    if in_blocks != [place.module for place in programme.basis]:
        broken.append(
            Text(
                "die Blöcke enthalten nicht genau die Basis in ihrer Reihenfolge",
                "the blocks are not the Basis in its order",
            )
        )
    for place in programme.basis:
        if place.block is None or place.module not in programme.blocks[place.block - 1].modules:
            title = _title(subject, place.module)
            broken.append(Text(f"{title.de} steht nicht in seinem Block", f"{title.en} is not in its block"))
    count = len(programme.blocks)
    kept = Text(f"{count} Blöcke enthalten genau die Basis", f"{count} blocks hold exactly the Basis")
    return _verdict(subject, "blocks", kept, broken)


def _recurring(subject: _Subject) -> Check:
    """Every block holds a module of a recurring field, where there are enough of them."""
    fields = {entry.field for entry in subject.decisions.recurring}
    blocks = subject.programme.blocks
    counts = [sum(1 for m in block.modules if subject.modules[m].field in fields) for block in blocks]
    if not fields or sum(counts) < len(blocks):
        kept = Text(
            "zu wenige Module für jeden Block, nichts verlangt", "too few modules for every block, nothing demanded"
        )
        return _verdict(subject, "recurring", kept, [])
    broken = [
        Text(
            f"Block {block.number} enthält keines der wiederkehrenden Felder",
            f"block {block.number} has no recurring field",
        )
        for block, count in zip(blocks, counts, strict=True)
        if count == 0
    ]
    kept = Text("die wiederkehrenden Felder kommen in jedem Block vor", "recurring fields occur in every block")
    return _verdict(subject, "recurring", kept, broken)


def _electives(subject: _Subject) -> Check:
    broken = []
    for place in subject.programme.electives:
        least = subject.rules.elective_min_persons
        least = subject.modules[place.module].group.min if least is None else least
        if place.expected_persons is None or place.expected_persons[0] < least:
            title = _title(subject, place.module)
            broken.append(
                Text(
                    f"{title.de} erwartet weniger als {least} Personen",
                    f"{title.en} expects fewer than {least} persons",
                )
            )
    count = len(subject.programme.electives)
    kept = Text("keine Wahlmodule", "no electives")
    if count:
        kept = Text(f"alle {count} Wahlmodule erreichen ihre Mindestzahl", f"all {count} electives reach their minimum")
    return _verdict(subject, "electives", kept, broken)


def _experienced(subject: _Subject) -> Check:
    """Experienced people skip credited competences only; the rest still covers everything else."""
    tier = subject.programme.tier
    credited = {c for entry in subject.decisions.credit if tier in entry.tiers for c in entry.competences}
    attended = set(subject.programme.experienced)
    needed = {m.competence for m in subject.decisions.minimum if tier in m.tiers}
    needed |= {c for t in subject.decisions.role_tasks if t.tier == tier for c in t.competences}
    lost = {
        c
        for place in subject.programme.basis
        if place.module not in attended
        for c in subject.modules[place.module].competences
        if c in needed - credited and not any(c in subject.modules[m].competences for m in attended)
    }
    titles = {c.id: c.title for c in subject.catalogue.competences}
    broken = [
        Text(f"{quoted(titles[c]).de} fehlt Erfahrenen", f"experienced people lack {quoted(titles[c]).en}")
        for c in sorted(lost)
    ]
    count = len(subject.programme.basis) - len(attended)
    kept = Text(
        f"Erfahrene lassen {count} Module aus, nur angerechnete",
        f"experienced people skip {count} modules, credited ones only",
    )
    return _verdict(subject, "experienced", kept, broken)


_RULES = (
    _minimum,
    _tasks,
    _budget,
    _calendar_days,
    _self_study,
    _prerequisites,
    _one_version,
    _equivalents,
    _blocks,
    _recurring,
    _electives,
    _experienced,
)
