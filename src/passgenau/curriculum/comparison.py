"""The derived concept beside a published one, and under several budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from passgenau.curriculum.model import BudgetRun, ConceptPoint
from passgenau.curriculum.selection import least_excess
from passgenau.curriculum.wording import TIER_NAMES, days, in_days, joined, listed, number, opening
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passgenau.curriculum.catalogue import Catalogue
    from passgenau.curriculum.decisions import CurriculumDecisions, Preference
    from passgenau.curriculum.model import Programme, Track
    from passgenau.curriculum.reasons import Voice
    from passgenau.curriculum.requirements import TierProblem
    from passgenau.curriculum.selection import Selection
    from passgenau.frame.units import Tier
    from passgenau.survey.published import PublishedConcept

Agreement = Literal["yes", "partly", "no"]

CIRCA = 0.1
"""How far, as a share of the printed number, a derived count may lie from an approximate one."""


def budget_run(problem: TierProblem, found: Selection | None, catalogue: Catalogue, say: Voice) -> BudgetRun:
    """Describe what a Basis budget allows."""
    given = problem.contact_units / problem.units_per_day
    if found is None:
        return BudgetRun(
            problem.tier, given, feasible=False, modules=0, full=0, per_field={}, sentence=_lacking(problem, say)
        )
    modules = {module.id: module for module in problem.modules}
    long = [m for m, version in found.versions.items() if version == "full" and len(modules[m].versions) > 1]
    flexible = sum(1 for m in found.versions if len(modules[m].versions) > 1)
    per_field = {f.id: sum(1 for m in found.versions if modules[m].field == f.id) for f in catalogue.fields}
    used = sum(modules[m].versions[v].contact_units for m, v in found.versions.items())
    limit, spent, who = days(given), in_days(used / problem.units_per_day), opening(say.audience)
    sentence = Text(
        f"{who.de}, {limit.de}: {len(found.versions)} Module in {spent.de}; "
        f"{len(long)} von {flexible} mit zwei Fassungen in voller Länge.",
        f"{who.en}, {limit.en}: {len(found.versions)} modules in {spent.en}; "
        f"{len(long)} of {flexible} with two versions at full length.",
    )
    full = sum(1 for version in found.versions.values() if version == "full")
    return BudgetRun(
        problem.tier,
        given,
        feasible=True,
        modules=len(found.versions),
        full=full,
        per_field=per_field,
        sentence=sentence,
    )


def _lacking(problem: TierProblem, say: Voice) -> Text:
    limit, who = days(problem.contact_units / problem.units_per_day), opening(say.audience)
    short = sum(e.amount for e in least_excess(problem) if e.rule.kind == "contact")
    more = days(short / problem.units_per_day)
    return Text(
        f"{who.de}, {limit.de}: nicht möglich; für Mindestanforderungen und Rollenaufgaben fehlen {more.de}.",
        f"{who.en}, {limit.en}: not possible; minimum requirements and role tasks need {more.en} more.",
    )


def compare(  # noqa: PLR0913, PLR0917 -- what is compared comes from every part of the concept
    concept: PublishedConcept,
    programmes: Sequence[Programme],
    runs: Sequence[BudgetRun],
    ways: Sequence[Track],
    catalogue: Catalogue,
    decisions: CurriculumDecisions,
) -> tuple[ConceptPoint, ...]:
    """Lay the derived concept beside the published one, point by point; agreement is computed."""
    modules = {module.id: module for module in catalogue.modules}
    points = [
        _fields(concept, programmes, catalogue),
        _introduction(concept, catalogue),
        _count(concept, programmes, runs),
        _forms(concept, programmes, {m: set(module.formats) for m, module in modules.items()}),
        _deepening(concept, programmes),
        *_preferences("timing", decisions.preferences),
        *_preferences("format", decisions.preferences),
        _frequency(decisions.preferences, ways),
    ]
    return tuple(point for point in points if point is not None)


def _fields(concept: PublishedConcept, programmes: Sequence[Programme], catalogue: Catalogue) -> ConceptPoint:
    field_of = {module.id: module.field for module in catalogue.modules}
    covered = {p.tier: len({field_of[place.module] for place in p.basis}) for p in programmes}
    agrees = all(count == concept.fields for count in covered.values())
    shown = listed(Text(f"{TIER_NAMES[t].de} {c}", f"{TIER_NAMES[t].en} {c}") for t, c in covered.items())
    return ConceptPoint(
        Text("Themenfelder", "Fields"),
        Text(f"{concept.fields} Themenfelder", f"{concept.fields} fields"),
        Text(f"Themenfelder in der Basis: {shown.de}", f"fields in the Basis: {shown.en}"),
        "yes" if agrees else "partly",
        Text(
            "Die Mindestanforderungen nennen in jedem Themenfeld Kompetenzen; deshalb kommt jedes vor.",
            "Minimum requirements name competences in every field; so each occurs.",
        )
        if agrees
        else Text(
            "Nicht für jedes Themenfeld sind Mindestanforderungen oder Rollenaufgaben beschlossen.",
            "Not every field has minimum requirements or role tasks.",
        ),
    )


def _introduction(concept: PublishedConcept, catalogue: Catalogue) -> ConceptPoint:
    taught = sum(part.units for part in catalogue.introduction.parts) / catalogue.units_per_day
    parts = {part.field for part in catalogue.introduction.parts if part.field}
    printed, own = days(concept.introduction_days), days(taught)
    agrees = taught == concept.introduction_days
    return ConceptPoint(
        Text("Einführung", "Introduction"),
        printed,
        Text(f"{own.de} über {len(parts)} Themenfelder", f"{own.en} over {len(parts)} fields"),
        "yes" if agrees else "no",
        Text(
            "Die Einführung ist aus dem veröffentlichten Konzept übernommen, nicht abgeleitet.",
            "The introduction is taken over from the published concept, not derived.",
        ),
    )


def _count(concept: PublishedConcept, programmes: Sequence[Programme], runs: Sequence[BudgetRun]) -> ConceptPoint:
    counts = [len(p.basis) for p in programmes]
    near = [abs(count - concept.basis_modules) <= CIRCA * concept.basis_modules for count in counts]
    agrees: Agreement = "yes" if all(near) else "partly" if any(near) else "no"
    shared = len(set.intersection(*({place.module for place in p.basis} for p in programmes))) if programmes else 0
    shown = listed(
        Text(f"{TIER_NAMES[p.tier].de} {len(p.basis)}", f"{TIER_NAMES[p.tier].en} {len(p.basis)}") for p in programmes
    )
    qualifier = f"{concept.basis_modules_qualifier} " if concept.basis_modules_qualifier else ""
    return ConceptPoint(
        Text("Module der Basis", "Modules of the Basis"),
        Text(f"{qualifier}{concept.basis_modules} Module", f"{qualifier}{concept.basis_modules} modules"),
        Text(f"{shown.de}; davon {shared} gemeinsam", f"{shown.en}; {shared} of them shared"),
        agrees,
        _count_why(runs),
    )


def _count_why(runs: Sequence[BudgetRun]) -> Text:
    parts = [
        Text(
            "Jede Ebene hat ihr eigenes Programm; die Zahl folgt aus ihren Mindestanforderungen und Rollenaufgaben.",
            "Each tier has its own programme; the number follows from its minimum requirements and role tasks.",
        )
    ]
    for tier in dict.fromkeys(run.tier for run in runs):
        possible = [run for run in runs if run.feasible and run.tier == tier]
        if possible:
            parts.append(_counts_by_budget(tier, possible))
    return joined(parts)


def _counts_by_budget(tier: Tier, possible: Sequence[BudgetRun]) -> Text:
    low, high = number(min(run.days for run in possible)), in_days(max(run.days for run in possible))
    few, many = min(run.modules for run in possible), max(run.modules for run in possible)
    name = opening(TIER_NAMES[tier])
    if few == many:
        return Text(
            f"{name.de}: mit {low.de} bis {high.de} immer {few} Module; mehr Zeit macht sie länger, nicht zahlreicher.",
            f"{name.en}: with {low.en} to {high.en} always {few} modules; more time makes them longer, not more.",
        )
    return Text(
        f"{name.de}: mit {low.de} bis {high.de} sind es {few} bis {many} Module.",
        f"{name.en}: with {low.en} to {high.en} there are {few} to {many} modules.",
    )


def _forms(concept: PublishedConcept, programmes: Sequence[Programme], formats: dict[str, set[str]]) -> ConceptPoint:
    held = {place.module for p in programmes for place in p.basis}
    both = sum(1 for m in held if {"in_house", "regional"} <= formats[m])
    study = listed(
        Text(f"{TIER_NAMES[p.tier].de} {p.self_study_units}", f"{TIER_NAMES[p.tier].en} {p.self_study_units}")
        for p in programmes
    )
    printed = listed(Text(f"„{form}“") for form in concept.forms)
    return ConceptPoint(
        Text(
            "Formen: im Haus neben regional, Präsenz neben Selbstlernen",
            "Forms: in-house beside regional, contact beside self-study",
        ),
        Text(printed.de),
        Text(
            f"feste regionale Gruppen; {both} von {len(held)} Basismodulen auch im eigenen Haus möglich; begleitetes "
            f"Selbstlernen in Einheiten: {study.de}",
            f"stable regional cohorts; {both} of {len(held)} Basis modules possible in-house too; guided self-study in "
            f"units: {study.en}",
        ),
        "partly",
        Text(
            "Präsenz und Selbstlernen stimmen überein. Variable Gruppen sind nicht vorgesehen: Wer zusammenbleibt, "
            "kann am eigenen Vorhaben weiterarbeiten; Inhouse-Tage kommen auf Anfrage hinzu.",
            "Contact and self-study agree. Variable groups are not foreseen: people who stay together can go on "
            "working on their own projects; in-house days are added on request.",
        ),
    )


def _deepening(concept: PublishedConcept, programmes: Sequence[Programme]) -> ConceptPoint:
    shown = listed(
        Text(f"{TIER_NAMES[p.tier].de} {len(p.electives)}", f"{TIER_NAMES[p.tier].en} {len(p.electives)}")
        for p in programmes
    )
    printed = concept.forms[-1] if concept.forms else ""
    return ConceptPoint(
        Text("Vertiefung", "Electives"),
        Text(f"„{printed}“"),
        Text(
            f"Wahlmodule in der Reihenfolge der Wünsche, ab einer Mindestzahl erwarteter Personen: {shown.de}",
            f"electives in the order of the wishes, from a minimum number of persons expected: {shown.en}",
        ),
        "partly",
        Text(
            "Frei wählbar bleibt, was genug Personen erwarten lässt; alles andere läuft nur auf Anfrage.",
            "What promises enough persons stays freely chosen; everything else runs on request only.",
        ),
    )


_SUBJECTS = {
    "timing": Text("Zeitpunkt: im Vorfeld oder prozessbegleitend", "Timing: before the process or alongside"),
    "format": Text("Format: im Haus oder an wechselnden Orten", "Format: in-house or at changing places"),
}


def _preferences(subject: Literal["timing", "format"], given: Iterable[Preference]) -> Iterator[ConceptPoint]:
    for entry in given:
        if entry.subject == subject:
            tier, title = TIER_NAMES[entry.tier], _SUBJECTS[subject]
            yield ConceptPoint(
                Text(f"{title.de} ({tier.de})", f"{title.en} ({tier.en})"),
                entry.source or Text("ohne Angabe", "not stated"),
                entry.choice,
                "partly",
                entry.why,
            )


def _frequency(given: Iterable[Preference], ways: Sequence[Track]) -> ConceptPoint | None:
    wanted = next((entry for entry in given if entry.subject == "frequency"), None)
    if wanted is None or not ways:
        return None
    fitting = [way for way in ways if way.fits]
    agrees: Agreement = "yes" if len(fitting) == len(ways) else "partly" if fitting else "no"
    return ConceptPoint(
        Text("Häufigkeit und Dauer", "Frequency and duration"),
        wanted.source or Text("ohne Angabe", "not stated"),
        Text(
            f"{len(fitting)} von {len(ways)} gerechneten Wegen reichen für die ganze Basis",
            f"{len(fitting)} of {len(ways)} ways computed hold the whole Basis",
        ),
        agrees,
        _too_short([way for way in ways if not way.fits]),
    )


def _too_short(ways: Sequence[Track]) -> Text:
    """Name the ways that do not hold the Basis; each way's own sentence stands with the tracks."""
    if not ways:
        return Text("Jeder gerechnete Weg hat Platz für die ganze Basis.", "Every way computed holds the whole Basis.")
    names = [
        Text(f"{TIER_NAMES[way.tier].de} ({way.text.de})", f"{TIER_NAMES[way.tier].en} ({way.text.en or way.text.de})")
        for way in ways
    ]
    return Text(
        f"Zu wenig Tage haben: {'; '.join(name.de for name in names)}.",
        f"Too few days for: {'; '.join(name.into('en') for name in names)}.",
    )
