"""Mistakes that only show when the files of a study are read together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from passgenau.curriculum.requirements import candidates, programme_roles, requirements, serves
from passgenau.curriculum.wording import TIER_NAMES, quoted
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from passgenau.curriculum.catalogue import Catalogue, Module
    from passgenau.curriculum.decisions import CurriculumDecisions
    from passgenau.curriculum.providers import Providers
    from passgenau.reading import Location
    from passgenau.survey.questionnaire import Questionnaire

CATALOGUE, DECISIONS, PROVIDERS, QUESTIONNAIRE = (
    "catalogue.yaml",
    "decisions.yaml",
    "providers.yaml",
    "questionnaire.yaml",
)

Finding: TypeAlias = "tuple[str, Location, Text, Text | None]"
"""File, location in it, message, way out."""


def cross_check(
    *,
    catalogue: Catalogue,
    decisions: CurriculumDecisions,
    providers: Providers,
    questionnaire: Questionnaire | None = None,
) -> list[Finding]:
    """Return every reference that leads nowhere, every cycle, and every requirement nobody can meet.

    Where references are broken, the requirements are not examined: they would only repeat the fault.
    """
    found = [
        *_catalogue(catalogue),
        *_decisions(catalogue, decisions),
        *_providers(catalogue, providers),
        *(_questionnaire(catalogue, questionnaire) if questionnaire is not None else ()),
    ]
    return found or list(_unmet(catalogue, decisions))


def _unknown(file: str, at: Location, kind: Text, value: str, known: Collection[str]) -> Finding:
    shown = ", ".join(sorted(known)[:8]) + (", …" if len(known) > 8 else "")  # noqa: PLR2004 -- fits a terminal line
    return (
        file,
        at,
        Text(f"{kind.de} {value!r} gibt es nicht.", f"There is no {kind.en} {value!r}."),
        Text(f"Bekannt sind: {shown}.", f"Known: {shown}."),
    )


_FIELD = Text("Das Themenfeld", "field")
_ROLE = Text("Die Rolle", "role")
_TOPIC = Text("Das Thema", "topic")
_COMPETENCE = Text("Die Kompetenz", "competence")
_MODULE = Text("Das Modul", "module")


def _each(file: str, at: Location, kind: Text, values: Iterable[str], known: Collection[str]) -> Iterator[Finding]:
    for index, value in enumerate(values):
        if value not in known:
            yield _unknown(file, (*at, index), kind, value, known)


def _twice(file: str, section: str, ids: Sequence[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, value in enumerate(ids):
        if value in seen:
            yield (
                file,
                (section, index, "id"),
                Text(f"Die Kennung {value!r} steht zweimal.", f"The id {value!r} stands twice."),
                Text("Eine der beiden umbenennen.", "Rename one of the two."),
            )
        seen.add(value)


# --- catalogue.yaml --------------------------------------------------------------------------------


def _catalogue(catalogue: Catalogue) -> Iterator[Finding]:
    sections = {
        "fields": [entry.id for entry in catalogue.fields],
        "roles": [entry.id for entry in catalogue.roles],
        "topics": [entry.id for entry in catalogue.topics],
        "competences": [entry.id for entry in catalogue.competences],
        "briefings": [entry.id for entry in catalogue.briefings],
        "modules": [entry.id for entry in catalogue.modules],
    }
    for section, ids in sections.items():
        yield from _twice(CATALOGUE, section, ids)
    fields = {field.id for field in catalogue.fields}
    for index, competence in enumerate(catalogue.competences):
        if competence.field not in fields:
            yield _unknown(CATALOGUE, ("competences", index, "field"), _FIELD, competence.field, fields)
    for index, part in enumerate(catalogue.introduction.parts):
        if part.field is not None and part.field not in fields:
            yield _unknown(CATALOGUE, ("introduction", "parts", index, "field"), _FIELD, part.field, fields)
    for index, module in enumerate(catalogue.modules):
        yield from _module(catalogue, index, module)
    yield from _cycle(catalogue.modules)


def _module(catalogue: Catalogue, index: int, module: Module) -> Iterator[Finding]:
    at: Location = ("modules", index)
    fields = {field.id for field in catalogue.fields}
    topics = {topic.id for topic in catalogue.topics}
    known = {other.id: other for other in catalogue.modules}
    if module.field not in fields:
        yield _unknown(CATALOGUE, (*at, "field"), _FIELD, module.field, fields)
    for topic in module.topics:
        if topic not in topics:
            yield _unknown(CATALOGUE, (*at, "topics", topic), _TOPIC, topic, topics)
    if module.examples is not None:
        yield from _each(CATALOGUE, (*at, "examples", "from_topics"), _TOPIC, module.examples.from_topics, topics)
    competences = {competence.id for competence in catalogue.competences}
    yield from _each(CATALOGUE, (*at, "competences"), _COMPETENCE, module.competences, competences)
    yield from _each(CATALOGUE, (*at, "roles"), _ROLE, module.roles, {role.id for role in catalogue.roles})
    yield from _each(CATALOGUE, (*at, "requires"), _MODULE, module.requires, known)
    for place, wanted in enumerate(module.requires):
        if wanted in known:
            yield from _reachable(catalogue, (*at, "requires", place), module, known[wanted])


def _reachable(catalogue: Catalogue, at: Location, module: Module, wanted: Module) -> Iterator[Finding]:
    """Whoever attends a module must be able to attend what it requires."""
    roles = [r for r in programme_roles(catalogue) if r in module.roles and r not in wanted.roles]
    tiers = [t for t in module.tiers if t not in wanted.tiers]
    if roles or tiers:
        names = ", ".join([*(TIER_NAMES[t].de for t in tiers), *roles])
        english = ", ".join([*(TIER_NAMES[t].en or t for t in tiers), *roles])
        yield (
            CATALOGUE,
            at,
            Text(
                f"{wanted.id!r} wird vorausgesetzt, richtet sich aber nicht an: {names}.",
                f"{wanted.id!r} is required but does not address: {english}.",
            ),
            Text(
                "Ebenen und Rollen des vorausgesetzten Moduls erweitern oder die Voraussetzung streichen.",
                "Extend the tiers and roles of the required module, or drop the requirement.",
            ),
        )


def _cycle(modules: Sequence[Module]) -> Iterator[Finding]:
    """Yield one finding that names the first cycle of prerequisites, where there is one."""
    requires = {module.id: module.requires for module in modules}
    place = {module.id: index for index, module in enumerate(modules)}
    done: set[str] = set()
    for start in requires:
        path = _walk(start, requires, done)
        if path:
            shown = " → ".join(path)
            yield (
                CATALOGUE,
                ("modules", place[path[0]], "requires"),
                Text(
                    f"Diese Module setzen sich im Kreis voraus: {shown}.",
                    f"These modules require each other in a circle: {shown}.",
                ),
                Text("Eine der Voraussetzungen streichen.", "Drop one of these requirements."),
            )
            return


def _walk(start: str, requires: dict[str, tuple[str, ...]], done: set[str]) -> list[str]:
    """Return a cycle reachable from `start` as a closed path, or an empty list."""
    path: list[str] = []
    branches = [iter((start,))]
    while branches:
        following = next(branches[-1], None)
        if following is None:
            branches.pop()
            if path:
                done.add(path.pop())
        elif following in path:
            return [*path[path.index(following) :], following]
        elif following not in done and following in requires:
            path.append(following)
            branches.append(iter(requires[following]))
    return []


# --- decisions.yaml ----------------------------------------------------------------------------------


def _decisions(catalogue: Catalogue, decisions: CurriculumDecisions) -> Iterator[Finding]:
    competences = {competence.id for competence in catalogue.competences}
    fields = {field.id for field in catalogue.fields}
    for index, entry in enumerate(decisions.minimum):
        if entry.competence not in competences:
            yield _unknown(DECISIONS, ("minimum", index, "competence"), _COMPETENCE, entry.competence, competences)
        yield from _roles_of(catalogue, ("minimum", index, "roles"), entry.roles)
    yield from _twice(DECISIONS, "role_tasks", [task.id for task in decisions.role_tasks])
    for index, task in enumerate(decisions.role_tasks):
        yield from _each(DECISIONS, ("role_tasks", index, "competences"), _COMPETENCE, task.competences, competences)
        yield from _roles_of(catalogue, ("role_tasks", index, "roles"), task.roles)
    for index, recurring in enumerate(decisions.recurring):
        if recurring.field not in fields:
            yield _unknown(DECISIONS, ("recurring", index, "field"), _FIELD, recurring.field, fields)
    for index, credit in enumerate(decisions.credit):
        yield from _each(DECISIONS, ("credit", index, "competences"), _COMPETENCE, credit.competences, competences)
    yield from _one_programme_each(decisions)


def _roles_of(catalogue: Catalogue, at: Location, roles: Sequence[str]) -> Iterator[Finding]:
    known = {role.id for role in catalogue.roles}
    yield from _each(DECISIONS, at, _ROLE, roles, known)
    for index, role in enumerate(roles):
        if role in known and role not in programme_roles(catalogue):
            yield (
                DECISIONS,
                (*at, index),
                Text(
                    f"Die Rolle {role!r} nimmt nicht an der Basis teil (path: briefing).",
                    f"The role {role!r} takes no part in the Basis (path: briefing).",
                ),
                Text(
                    "Eine Rolle mit path: programme nennen oder den Weg der Rolle in catalogue.yaml ändern.",
                    "Name a role with path: programme, or change the role's path in catalogue.yaml.",
                ),
            )


def _one_programme_each(decisions: CurriculumDecisions) -> Iterator[Finding]:
    count = Counter[str]()
    for index, entry in enumerate(decisions.programmes):
        count[entry.tier] += 1
        if count[entry.tier] > 1:
            yield (
                DECISIONS,
                ("programmes", index, "tier"),
                Text(
                    f"Die Ebene {entry.tier!r} hat mehr als ein Programm.",
                    f"The tier {entry.tier!r} has more than one programme.",
                ),
                Text("Einen der Einträge löschen.", "Delete one of the entries."),
            )


def _unmet(catalogue: Catalogue, decisions: CurriculumDecisions) -> Iterator[Finding]:
    """Yield the required competences that no module builds for a tier and role in a cohort."""
    for rules in decisions.programmes:
        required = requirements(catalogue, decisions, rules.tier)
        able = candidates(catalogue.modules, required, rules.tier)
        for entry in required:
            for role in entry.roles:
                if not any(serves(m, entry) and role in m.roles for m in able):
                    yield _unmet_finding(catalogue, decisions, (rules.tier, entry.competence, role))


def _unmet_finding(catalogue: Catalogue, decisions: CurriculumDecisions, lacking: tuple[str, str, str]) -> Finding:
    tier, competence, role = lacking
    title = quoted(next(c.title for c in catalogue.competences if c.id == competence))
    who = next(r.title for r in catalogue.roles if r.id == role)
    whom = next(name for key, name in TIER_NAMES.items() if key == tier)
    return (
        DECISIONS,
        _where(decisions, lacking),
        Text(
            f"Kein Modul vermittelt {title.de} für {who.de} ({whom.de}) in einer festen Gruppe.",
            f"No module builds {title.en} for {who.en} ({whom.en}) in a cohort.",
        ),
        Text(
            f"In catalogue.yaml ein Modul mit der Kompetenz {competence!r}, der Rolle {role!r}, der Ebene {tier!r} und "
            "einem Format außer in_house ergänzen, oder die Anforderung streichen.",
            f"In catalogue.yaml add a module with the competence {competence!r}, the role {role!r}, the tier {tier!r} "
            "and a format other than in_house, or drop the requirement.",
        ),
    )


def _where(decisions: CurriculumDecisions, lacking: tuple[str, str, str]) -> Location:
    tier, competence, role = lacking
    for index, entry in enumerate(decisions.minimum):
        if entry.competence == competence and tier in entry.tiers and role in entry.roles:
            return ("minimum", index, "competence")
    for index, task in enumerate(decisions.role_tasks):
        if task.tier == tier and competence in task.competences and role in task.roles:
            return ("role_tasks", index, "competences", task.competences.index(competence))
    return ("minimum",)


# --- providers.yaml, questionnaire.yaml -----------------------------------------------------------------


def _providers(catalogue: Catalogue, providers: Providers) -> Iterator[Finding]:
    known = {module.id for module in catalogue.modules}
    yield from _twice(PROVIDERS, "providers", [provider.id for provider in providers.providers])
    for index, provider in enumerate(providers.providers):
        if provider.source is None and not provider.example:
            yield (
                PROVIDERS,
                ("providers", index),
                Text(
                    f"Zu {provider.name!r} fehlt die öffentliche Quelle.",
                    f"The public source of {provider.name!r} is missing.",
                ),
                Text(
                    "source ergänzen, oder example: true, wenn es diesen Anbieter nicht gibt.",
                    "Add source, or example: true where this provider does not exist.",
                ),
            )
        for place, given in enumerate(provider.offers):
            at: Location = ("providers", index, "offers", place, "modules")
            yield from _each(PROVIDERS, at, _MODULE, given.modules, known)


def _questionnaire(catalogue: Catalogue, questionnaire: Questionnaire) -> Iterator[Finding]:
    topics = {topic.id for topic in catalogue.topics}
    for index, question in enumerate(questionnaire.questions):
        for place, item in enumerate(question.items):
            if item.topic is not None and item.topic not in topics:
                yield _unknown(QUESTIONNAIRE, ("questions", index, "items", place, "topic"), _TOPIC, item.topic, topics)
