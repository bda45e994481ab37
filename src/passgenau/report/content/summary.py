"""The first page: what was asked for, how sure that is, what follows, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context
from passgenau.report.content.findings import LEVEL
from passgenau.report.content.plan import SCENARIOS
from passgenau.report.model import KeyFigure, KeyFigures, Section
from passgenau.report.wording import link, strong

if TYPE_CHECKING:
    from passgenau.planning.model import Plan
    from passgenau.report.model import Element, Inline
    from passgenau.report.wording import Part

_TOP = 3


def summary(c: Context) -> Section:
    """Return the page for a mayor."""
    w = c.w
    elements: list[Element] = [
        w.p(
            w.t("Welche Fortbildung brauchen Kommunen für ", "Which training do municipalities need for "),
            w.text(c.m.info.subject),
            w.t(
                "? Dieser Bericht sagt, was gewünscht wurde, wie sicher das ist, welches Konzept daraus folgt "
                "und was es kostet.",
                "? This report says what was wished for, how sure that is, which concept follows and what it costs.",
            ),
        ),
        w.bullets([*_wished(c), _sure(c), _follows(c), _costs(c)]),
    ]
    elements += [
        w.callout(
            "caution",
            w.t("Die Antwortenden waren keine Zufallsauswahl", "Those who answered were not a random draw"),
            total.sentence,
        )
        for total in c.m.findings.totals
        if not total.compatible
    ]
    figures = _key_figures(c)
    if figures:
        elements.append(KeyFigures(tuple(figures)))
    return Section("summary", w.t("Auf einen Blick", "At a glance"), tuple(elements), numbered=False)


def _wished(c: Context) -> list[Inline]:
    """Return what each group that answered named most often, one line per group."""
    w = c.w
    out = []
    for audience in c.m.info.audiences:
        own = [
            e for e in c.m.findings.estimates if e.audience == audience.id and e.kind == "wish" and e.value is not None
        ]
        top = sorted(own, key=lambda e: -(e.value or 0))[:_TOP]
        if not top:
            continue
        named: list[Part] = []
        for e in top:
            named += [", " if named else "", c.item(e.question, e.item), f" ({c.printed(e)})"]
        bases = sorted({e.base_answers for e in top})
        head = w.t(f"Gewünscht, {c.audience(audience.id)}: ", f"Wished for, {c.audience(audience.id)}: ")
        tail = w.t(
            f"; Anteile an {w.span_of(bases[0], bases[-1])} Bögen, {c.returned(audience.id)}.",
            f"; shares of {w.span_of(bases[0], bases[-1])} sheets, {c.returned(audience.id)}.",
        )
        out.append(w.line(strong(head), *named, tail))
    return out


def _sure(c: Context) -> Inline:
    w = c.w
    shown, total = sum(x.p_holm < LEVEL for x in c.m.findings.comparisons), len(c.m.findings.comparisons)
    margins = w.listing(f"±{w.number(100 * r.worst_margin, 1)} ({c.short(r.audience)})" for r in c.m.findings.reach)
    none = w.t(
        f"Keiner der {w.number(total)} Unterschiede zwischen den Gruppen lässt sich mit diesem Rücklauf zeigen",
        f"None of the {w.number(total)} differences between the groups can be shown with this return",
    )
    some = w.t(
        f"Von {w.number(total)} Unterschieden zwischen den Gruppen zeigt dieser Rücklauf {w.number(shown)}",
        f"Of {w.number(total)} differences between the groups this return shows {w.number(shown)}",
    )
    return w.line(
        strong(w.t("Wie sicher: ", "How sure: ")),
        w.t(
            f"Selbst bei zufälliger Auswahl bliebe jeder Anteil um bis zu {margins} Prozentpunkte ungenau. ",
            f"Even with a random draw every share would be uncertain by up to {margins} percentage points. ",
        ),
        some if shown else none,
        w.t(" (5 %, nach Holm). ", " (5%, after Holm). "),
        link(w.t("Zum Vergleich", "To the comparison"), "comparison"),
    )


def _follows(c: Context) -> Inline:
    w = c.w
    parts = [
        w.t(
            f"{c.tier(p.tier)}: {w.number(len(p.basis))} Module in {w.number(len(p.blocks))} Blöcken, "
            f"{w.trim(p.contact_units / c.m.catalogue.units_per_day)} Tage",
            f"{c.tier(p.tier)}: {w.number(len(p.basis))} modules in {w.number(len(p.blocks))} blocks, "
            f"{w.trim(p.contact_units / c.m.catalogue.units_per_day)} days",
        )
        for p in c.m.curriculum.programmes
    ]
    return w.line(
        strong(w.t("Was folgt: ", "What follows: ")),
        w.t(
            "je Ebene ein eigenes Programm aus Mindestanforderungen, Rollenaufgaben und Wünschen "
            f"({'; '.join(parts)}). {w.number(len(c.m.curriculum.core))} Module sind gemeinsam. Dazu kommen "
            "Einführungstag, Wahlmodule, Kurzformate für Räte und Prozessbegleitung. ",
            "each tier gets its own programme from minimum requirements, role tasks and wishes "
            f"({'; '.join(parts)}). {w.number(len(c.m.curriculum.core))} modules are shared. An introduction "
            "day, electives, briefings for councils and accompaniment complete it. ",
        ),
        link(w.t("Zum Konzept", "To the concept"), "concept"),
    )


def _costs(c: Context) -> Inline:
    w = c.w
    parts = []
    if "pilot" in c.m.plans:
        k = c.m.plans["pilot"].costs
        parts.append(
            w.t(
                f"der Pilot {w.euros(k.total)}, also {w.euros(k.per_organisation)} je Kommune",
                f"the pilot {w.euros(k.total)}, that is {w.euros(k.per_organisation)} per organisation",
            )
        )
    if "state" in c.m.plans:
        parts.append(
            w.t(
                f"für alle zusammen wären es {w.euros(c.m.plans['state'].costs.total)}",
                f"for all it would be {w.euros(c.m.plans['state'].costs.total)}",
            )
        )
    assumed = w.t(" (Sätze sind Annahmen)", " (rates are assumptions)") if c.m.planning.rates.assumed else ""
    return w.line(
        strong(w.t("Was es kostet: ", "What it costs: ")),
        f"{'; '.join(parts)}{assumed}. ",
        link(w.t("Zu den Kosten", "To the costs"), "costs"),
    )


def _key_figures(c: Context) -> list[KeyFigure]:
    w = c.w
    out = [_plan_figure(c, plan) for plan in (c.m.plans[s] for s in SCENARIOS if s in c.m.plans)]
    if "pilot" in c.m.plans:
        t = c.m.plans["pilot"].travel
        out.append(
            KeyFigure(
                f"{w.number(t.median)} km",
                w.t("Fahrt je Person und Veranstaltung im Pilot", "travel per person and event in the pilot"),
                w.t(
                    f"Median, einfacher Weg; neun von zehn höchstens {w.number(t.p90)} km, höchstens "
                    f"{w.number(t.max)} km",
                    f"median, one way; nine in ten at most {w.number(t.p90)} km, {w.number(t.max)} km at most",
                ),
            )
        )
    return out


def _plan_figure(c: Context, plan: Plan) -> KeyFigure:
    w = c.w
    organisations = sum(len(x.members) for x in plan.cohorts)
    persons = sum(x.persons for x in plan.cohorts)
    label = (
        w.t("Pilot", "Pilot")
        if plan.scenario == "pilot"
        else w.t("Was wäre, wenn alle mitmachten", "What if all took part")
    )
    return KeyFigure(
        w.euros(plan.costs.total),
        label,
        w.t(
            f"{w.number(organisations)} Kommunen, {w.number(persons)} Personen in {w.number(len(plan.cohorts))} "
            f"Kohorten; {w.euros(plan.costs.per_person)} je Person",
            f"{w.number(organisations)} organisations, {w.number(persons)} persons in "
            f"{w.number(len(plan.cohorts))} cohorts; {w.euros(plan.costs.per_person)} per person",
        ),
    )
