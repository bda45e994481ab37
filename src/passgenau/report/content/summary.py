"""The first page: what was asked for, how sure that is, what follows, what it costs, and what to decide next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.comparison import LEVEL
from passgenau.report.content.context import Context
from passgenau.report.content.findings import total_in_short
from passgenau.report.content.plan import SCENARIOS
from passgenau.report.model import Bullets, KeyFigure, KeyFigures, Paragraph, Section
from passgenau.report.wording import capital, link, strong

if TYPE_CHECKING:
    from passgenau.findings.model import Estimate
    from passgenau.planning.model import Plan
    from passgenau.report.model import Element, Inline
    from passgenau.report.wording import Part

_TOP = 3
_DEAREST = 2


def summary(c: Context) -> Section:
    """Return the page for a mayor."""
    w = c.w
    elements: list[Element] = [_asked(c), w.bullets([*_wished(c), _sure(c)])]
    elements += [
        w.callout(
            "caution",
            w.t("Die Antwortenden waren keine Zufallsauswahl", "Those who answered were not a random draw"),
            w.line(
                total_in_short(c, check),
                " ",
                link(w.t("Was das für die Zahlen bedeutet", "What this means for the numbers"), "voluntary"),
            ),
        )
        for check in c.m.findings.totals
        if not check.compatible
    ]
    costs = _costs(c)
    elements.append(w.bullets([_follows(c), *([costs] if costs else []), _assumed(c)]))
    figures = _key_figures(c)
    if figures:
        elements.append(KeyFigures(tuple(figures)))
    elements += _next(c)
    return Section("summary", w.t("Auf einen Blick", "At a glance"), tuple(elements), numbered=False)


def _asked(c: Context) -> Paragraph:
    """Return the question of the study, and who was asked."""
    w = c.w
    asked = w.listing(f"{w.number(r.population)} {c.audience(r.audience)}" for r in c.m.findings.reach)
    answered = w.listing(f"{w.number(r.units)} {c.audience(r.audience)}" for r in c.m.findings.reach)
    return w.p(
        w.t("Welche Fortbildung brauchen Kommunen für ", "Which training do municipalities need for "),
        w.text(c.m.info.subject),
        w.t(
            f"? Gefragt wurden {asked}. Geantwortet haben {answered}.",
            f"? {asked} were asked. {answered} answered.",
        ),
    )


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
        bases = sorted({e.base_units if c.estimated else e.base_answers for e in top})
        name = c.audience(audience.id)
        head = w.t(f"Was sich die antwortenden {name} wünschen: ", f"What the {name} that answered wish for: ")
        if c.weighted:
            head = w.t(f"Was sich {name} wünschen, geschätzt: ", f"What {name} wish for, as estimated: ")
        tail = w.t(
            f". Prozent von {w.span_of(bases[0], bases[-1])} ausgefüllten Bögen; {c.returned(audience.id)}.",
            f". Percent of {w.span_of(bases[0], bases[-1])} sheets filled in; {c.returned(audience.id)}.",
        )
        out.append(w.line(strong(head), *named, _tail_of_answers(c, bases, audience.id) if c.estimated else tail))
    return out


def _tail_of_answers(c: Context, bases: list[int], audience: str) -> str:
    w, span = c.w, c.w.span_of(bases[0], bases[-1])
    returned = c.returned(audience)
    if c.weighted:
        return w.t(
            f". Gewichtet aus {span} Kommunen, die die Frage beantwortet haben; {returned}.",
            f". Weighted, from {span} municipalities that answered the question; {returned}.",
        )
    return w.t(
        f". Prozent von {span} Kommunen, die die Frage beantwortet haben; {returned}.",
        f". Percent of {span} municipalities that answered the question; {returned}.",
    )


def _condition(c: Context) -> str:
    if c.weighted:
        return c.w.t(
            "Die Zahlen sind aus den Antworten auf alle gerechnet. Selbst wenn die Antwortenden je Größenklasse und "
            "Region einer Zufallsauswahl glichen, bliebe eine Spanne (",
            "The numbers are projected from the answers. Even if those who answered resembled a random draw within "
            "the classes weighted by, a range would remain (",
        )
    return c.w.t(
        "Die Zahlen gelten für die, die geantwortet haben. Selbst bei einer Zufallsauswahl bliebe für alle nur "
        "eine weite Spanne (",
        "The numbers hold for those who answered. Even a random draw would leave only a wide range for all (",
    )


def _sure(c: Context) -> Inline:
    w = c.w
    shown, total = sum(x.p_holm < LEVEL for x in c.m.findings.comparisons), len(c.m.findings.comparisons)
    reach: list[Part] = []
    for r in c.m.findings.reach:
        if widest := _widest_wish(c, r.audience):
            of = w.t(f"aller {w.number(r.population)}", f"of all {w.number(r.population)}")
            reach += [
                "; " if reach else w.t("die weiteste: ", "the widest: "),
                c.item(widest.question, widest.item),
                f" ({c.short(r.audience)}, {c.printed(widest)}): {c.interval(widest)} {of}",
            ]
    none = w.t(
        f"Ob sich die Gruppen in ihren Wünschen unterscheiden, kann der Rücklauf bei keiner der {w.number(total)} "
        "verglichenen Antworten zeigen. ",
        f"Whether the groups differ, this return cannot show for any of the {w.number(total)} answers compared. ",
    )
    some = w.t(
        f"Von {w.number(total)} verglichenen Antworten zeigt der Rücklauf bei {w.number(shown)}, dass sich die "
        "Gruppen unterscheiden. ",
        f"Of {w.number(total)} answers compared, this return shows for {w.number(shown)} that the groups differ. ",
    )
    return w.line(
        strong(w.t("Wie sicher das ist: ", "How sure that is: ")),
        _condition(c),
        *reach,
        "). ",
        (some if shown else none) if total else "",
        link(w.t("Zum Vergleich", "To the comparison"), "comparison"),
    )


def _widest_wish(c: Context, audience: str) -> Estimate | None:
    """Return the wish of an audience whose limits for the population lie furthest apart."""
    wishes = [e for e in c.m.findings.estimates if e.audience == audience and e.kind == "wish" and e.upper is not None]
    return max(wishes, key=lambda e: (e.upper or 0) - (e.lower or 0), default=None)


def _follows(c: Context) -> Inline:
    w = c.w
    parts = w.listing(
        w.t(
            f"{w.number(len(p.basis))} Module an {w.trim(p.contact_units / c.m.catalogue.units_per_day)} Tagen für "
            f"{c.tier(p.tier)}",
            f"{w.number(len(p.basis))} modules on {w.trim(p.contact_units / c.m.catalogue.units_per_day)} days for "
            f"{c.tier(p.tier)}",
        )
        for p in c.m.curriculum.programmes
    )
    several = len(c.m.curriculum.programmes) > 1
    shared = w.number(len(c.m.curriculum.core))
    core = w.t(f"; {shared} Module sind gemeinsam", f"; {shared} modules are shared") if several else ""
    return w.line(
        strong(w.t("Was daraus folgt: ", "What follows: ")),
        w.t(
            f"Ein Einführungstag und ein Grundkurs (Basis) in Blöcken: {parts}{core}. Was "
            "jede Fachkraft können muss, ist immer dabei; die Wünsche entscheiden, was länger dran ist und welche "
            "Wahlmodule es gibt. Dazu kommen kurze Formate für Bürgermeister und Räte und neutrale Beratung vor Ort. ",
            f"An introduction day and a basic course (Basis) in blocks: {parts}{core}. What "
            "anyone doing this job must be able to do is always in; wishes decide what gets more time and which "
            "electives run. Short formats for mayors and councils and neutral advice on site complete it. ",
        ),
        link(w.t("Zum Konzept", "To the concept"), "concept"),
    )


def _costs(c: Context) -> Inline | None:
    w = c.w
    if "pilot" not in c.m.plans:
        return None
    plan = c.m.plans["pilot"]
    k = plan.costs
    dearest = w.listing(
        f"{name.into(w.lang)} ({w.euros(euros)})"
        for _key, name, euros, _how in sorted(k.lines, key=lambda line: -line[2])[:_DEAREST]
    )
    first, last = (min(e.start for e in plan.events), max(e.end for e in plan.events)) if plan.events else (None, None)
    when = (
        w.t(f" vom {w.date(first)} bis zum {w.date(last)}", f" from {w.date(first)} to {w.date(last)}")
        if first and last
        else ""
    )
    return w.line(
        strong(w.t("Was es kostet: ", "What it costs: ")),
        w.t(
            f"Ein Pilot{when} kostet {w.euros(k.per_organisation)} je Kommune; am meisten {dearest}. ",
            f"A pilot{when} costs {w.euros(k.per_organisation)} per organisation; the most for {dearest}. ",
        ),
        link(w.t("Zu den Kosten", "To the costs"), "costs"),
    )


def _assumed(c: Context) -> Inline:
    """Return what nobody has decided or confirmed yet."""
    w = c.w
    parts = [
        w.t("Kostensätze", "Rates") if c.m.planning.rates.assumed else "",
        w.t("Lehrende und ihre Tage", "trainers and their days")
        if any(t.assumed for t in c.m.trainers.trainers)
        else "",
        w.t(
            f"{w.number(c.m.info.persons_per_organisation)} Personen je Kommune",
            f"{w.number(c.m.info.persons_per_organisation)} persons per organisation",
        ),
        w.t(
            f"{w.number(len(c.m.assumed_shares))} Anteile, zu denen keine Zahl veröffentlicht ist",
            f"{w.number(len(c.m.assumed_shares))} shares for which no number was published",
        )
        if c.m.assumed_shares and not c.estimated
        else "",
    ]
    unreviewed = w.t(
        " Den Modulkatalog hat noch niemand fachlich geprüft.", " No teaching expert has reviewed the catalogue yet."
    )
    return w.line(
        strong(w.t("Was angenommen ist: ", "What is assumed: ")),
        f"{capital(w.listing(part for part in parts if part))}.",
        "" if c.m.catalogue.reviewed else unreviewed,
        " ",
        link(w.t("Zu den Annahmen", "To the assumptions"), "assumptions"),
    )


def _next(c: Context) -> list[Element]:
    """Return the decisions that the report leads to, in their order."""
    w = c.w
    steps: list[Part] = []
    ask = sum(q.ask for q in c.m.next_wave)
    if ask:
        steps.append(
            w.line(
                w.t("Neu befragen: ", "Ask again: "),
                w.t(
                    f"{w.number(ask)} Punkte können das Programm noch ändern. ",
                    f"{w.number(ask)} points can still change the programme. ",
                ),
                link(w.t("Was zu fragen ist", "What to ask"), "next-wave"),
            )
        )
    open_ = [x for x in (*c.m.decisions.minimum, *c.m.decisions.role_tasks) if x.assumed]
    if open_:
        steps.append(
            w.line(
                w.t(
                    f"Festlegen, was jede Fachkraft können muss: {w.number(len(open_))} Vorschläge warten auf einen "
                    "Beschluss. ",
                    f"Decide what anyone doing this job must be able to do: {w.number(len(open_))} proposals await a "
                    "decision. ",
                ),
                link(w.t("Zu den Setzungen", "To the decisions"), "decisions"),
            )
        )
    if c.m.curriculum.gaps:
        steps.append(
            w.line(
                w.t(
                    f"Klären, wer lehrt und berät: Für {w.number(len(c.m.curriculum.gaps))} Module ist kein Angebot "
                    "bekannt. ",
                    f"Settle who teaches and advises: for {w.number(len(c.m.curriculum.gaps))} modules no offer is "
                    "known. ",
                ),
                link(w.t("Zu Angeboten und Lücken", "To offers and gaps"), "provision"),
            )
        )
    if "pilot" in c.m.plans:
        steps.append(
            w.line(
                w.t(
                    "Über den Pilot und sein Geld entscheiden, mit eigenen Kostensätzen gerechnet. ",
                    "Decide on the pilot and its money, computed with your own rates. ",
                ),
                link(w.t("Zum Plan", "To the plan"), "plan"),
            )
        )
    if not steps:
        return []
    return [
        w.p(strong(w.t("Was als Nächstes zu entscheiden ist", "What to decide next"))),
        Bullets(tuple(w.line(step) for step in steps), ordered=True),
    ]


def _key_figures(c: Context) -> list[KeyFigure]:
    w = c.w
    out = [_plan_figure(c, plan) for plan in (c.m.plans[s] for s in SCENARIOS if s in c.m.plans)]
    if "pilot" in c.m.plans:
        t = c.m.plans["pilot"].travel
        out.append(
            KeyFigure(
                f"{w.number(t.median)} km",
                w.t("Fahrt im Pilot", "Travel in the pilot"),
                w.t(
                    f"je Person und Veranstaltung, einfacher Weg; die Hälfte fährt weniger, neun von zehn höchstens "
                    f"{w.number(t.p90)} km, niemand mehr als {w.number(t.max)} km",
                    f"per person and event, one way; half travel less, nine in ten at most {w.number(t.p90)} km, "
                    f"nobody more than {w.number(t.max)} km",
                ),
            )
        )
    return out


def _plan_figure(c: Context, plan: Plan) -> KeyFigure:
    w = c.w
    organisations = sum(len(x.members) for x in plan.cohorts)
    persons = sum(x.persons for x in plan.cohorts)
    label = w.t("Pilot", "Pilot") if plan.scenario == "pilot" else w.t("Wenn alle mitmachten", "If all took part")
    return KeyFigure(
        w.euros(plan.costs.total),
        label,
        w.t(
            f"{w.number(organisations)} Kommunen, {w.number(persons)} Personen in {w.number(len(plan.cohorts))} "
            f"festen Gruppen; {w.euros(plan.costs.per_person)} je Person",
            f"{w.number(organisations)} organisations, {w.number(persons)} persons in "
            f"{w.number(len(plan.cohorts))} stable groups; {w.euros(plan.costs.per_person)} per person",
        ),
    )
