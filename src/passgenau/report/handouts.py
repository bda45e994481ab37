"""One page per registered organisation: who, what, when, where, what it costs and what the council gets."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from passgenau.report.build import attributions, imprint
from passgenau.report.content.context import Context, table
from passgenau.report.content.plan import kind
from passgenau.report.model import Report, Section
from passgenau.report.wording import Wording, strong

if TYPE_CHECKING:
    from passgenau.planning.model import Cohort, Event, Member, OrganisationCost, Plan
    from passgenau.report.material import Material
    from passgenau.report.model import Element, Inline
    from passgenau.text import Lang


def build_handouts(material: Material, lang: Lang = "de") -> Report:
    """Return one page per registered organisation of the pilot.

    No wishes are estimated for an organisation: the answers are known as totals only, and most
    organisations did not answer.

    Raises
    ------
    KeyError
        If the material holds no pilot.
    """
    c = Context(material, Wording(lang))
    w, plan = c.w, material.plans["pilot"]
    members = sorted(
        ((m, x) for x in plan.cohorts for m in x.members),
        key=lambda pair: (alphabetical(pair[0].label), pair[0].organisation),
    )
    pages = tuple(_page(c, plan, member, cohort) for member, cohort in members)
    intro = (
        w.p(
            _with_answers(w)
            if c.estimated
            else w.t(
                "Je Kommune eine Seite: wer lernt, was, wann, wo, was es kostet und was der Rat davon hat. Was "
                "sich die einzelne Kommune wünscht, steht hier nicht: Dafür gibt es keine Daten, und geschätzt "
                "wird es nicht.",
                "One page per organisation: who learns, what, when, where, what it costs and what the council "
                "gets from it. What a single organisation wishes for does not stand here: there are no data for "
                "it, and it is not estimated.",
            )
        ),
        w.p(
            w.t(
                f"{w.number(len(pages))} Kommunen in {w.number(len(plan.cohorts))} Kohorten.",
                f"{w.number(len(pages))} organisations in {w.number(len(plan.cohorts))} cohorts.",
            )
        ),
    )
    return Report(
        lang=lang,
        title=w.t("Eine Seite je Kommune", "One page per organisation"),
        subtitle=material.info.title.into(lang),
        banner=material.info.banner.into(lang) if material.info.banner else None,
        meta=imprint(c),
        summary=Section("summary", w.t("Zu diesen Seiten", "About these pages"), intro, numbered=False),
        sections=pages,
        attribution=attributions(c),
        version=material.info.version,
    )


def _with_answers(w: Wording) -> str:
    return w.t(
        "Je Kommune eine Seite: wer lernt, was, wann, wo, was es kostet und was der Rat davon hat. Was eine Kommune "
        "selbst geantwortet hat, steht auf ihrem eigenen, vertraulichen Blatt; geschätzt wird für keine einzelne.",
        "One page per organisation: who learns, what, when, where, what it costs and what the council gets from it. "
        "What an organisation answered itself stands on a confidential page of its own; nothing is estimated for a "
        "single one.",
    )


def alphabetical(name: str) -> str:
    """Return a name as a directory sorts it: Östringen stands at O, not after Z."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _page(c: Context, plan: Plan, member: Member, cohort: Cohort) -> Section:
    w = c.w
    key = member.organisation
    events = [e for e in plan.events if _attends(e, key, cohort)]
    cost = next((o for o in plan.organisations if o.organisation == key), None)
    elements: list[Element] = [
        w.bullets(
            [
                w.line(strong(w.t("Wer: ", "Who: ")), _who(c, member)),
                w.line(
                    strong(w.t("Mit wem: ", "With whom: ")),
                    w.t(
                        f"Kohorte {cohort.id} um {cohort.seat_label}, {w.number(cohort.persons)} Personen: ",
                        f"cohort {cohort.id} around {cohort.seat_label}, {w.number(cohort.persons)} persons: ",
                    ),
                    ", ".join(m.label for m in cohort.members if m.organisation != key) or "–",
                    ".",
                ),
                w.line(
                    strong(w.t("Fahrt: ", "Travel: ")),
                    w.t(
                        f"{w.number(member.km)} km zum Mittelpunkt der Kohorte, einfacher Weg; die Orte wechseln.",
                        f"{w.number(member.km)} km to the cohort's centre, one way; places rotate.",
                    ),
                ),
                *_hosts(c, key, events),
                *([_cost(c, cost)] if cost else []),
            ]
        ),
        _dates(c, key, events),
        w.p(strong(_council_title(c, cohort))),
        w.bullets(_council(c, cohort, cost)),
    ]
    return Section(f"page-{key}", member.label, tuple(elements), numbered=False, own_page=True)


def _attends(e: Event, key: str, cohort: Cohort) -> bool:
    attendees = {organisation for organisation, _persons in e.attendees}
    return key in attendees if attendees else cohort.id in (e.cohorts or (e.cohort,))


def _who(c: Context, member: Member) -> str:
    registration = next((r for r in c.m.registrations if r.organisation == member.organisation), None)
    roles = c.w.listing(c.role(r).text for r in registration.roles) if registration and registration.roles else ""
    text = c.w.plural(member.persons, ("Person", "person"), ("Personen", "persons"))
    text += f" ({roles})" if roles else ""
    if member.joint:
        text += c.w.t(f"; gemeinsam angemeldet mit {member.joint}", f"; registered jointly with {member.joint}")
    return text + "."


def _cost(c: Context, cost: OrganisationCost) -> Inline:
    w = c.w
    return w.line(
        strong(w.t("Kosten: ", "Cost: ")),
        w.t(
            f"{w.euros(cost.euros)} für {w.number(cost.person_days)} Teilnahmetage und "
            f"{w.trim(cost.adviser_days)} Beratungstage (Anteil am Pilot{_assumed(c)}).",
            f"{w.euros(cost.euros)} for {w.number(cost.person_days)} person days and {w.trim(cost.adviser_days)} "
            f"adviser days (share of the pilot{_assumed(c)}).",
        ),
    )


def _assumed(c: Context) -> str:
    return c.w.t("; Sätze sind Annahmen", "; rates are assumptions") if c.m.planning.rates.assumed else ""


def _hosts(c: Context, key: str, events: list[Event]) -> list[Inline]:
    """Return when the organisation is the host."""
    w = c.w
    own = [
        w.t(
            f"{w.dates(e.start, e.end)} ({w.number(e.persons)} Personen)",
            f"{w.dates(e.start, e.end)} ({w.number(e.persons)} persons)",
        )
        for e in sorted(events, key=lambda e: (e.start, e.id))
        if e.place == key and e.format != "online"
    ]
    if not own:
        return []
    return [w.line(strong(w.t("Zu Gast bei Ihnen: ", "You are the host: ")), f"{'; '.join(own)}.")]


def _council_title(c: Context, cohort: Cohort) -> str:
    if cohort.tier == "district":
        return c.w.t("Was der Kreistag davon hat", "What the district council gets from it")
    return c.w.t("Was der Rat davon hat", "What the council gets from it")


def _council(c: Context, cohort: Cohort, cost: OrganisationCost | None) -> list[Inline]:
    """Return what stands at the end: people who can do it, advice, results, and formats of its own."""
    w = c.w
    programme = next((p for p in c.m.curriculum.programmes if p.tier == cohort.tier), None)
    lines = [w.line(w.t("Personal, das den Prozess vor Ort führen kann.", "Staff who can lead the local process."))]
    if cost and cost.adviser_days:
        lines.append(
            w.line(
                w.t(
                    f"{w.trim(cost.adviser_days)} Tage neutrale Beratung im eigenen Prozess.",
                    f"{w.trim(cost.adviser_days)} days of neutral advice in the own process.",
                )
            )
        )
    lines += [
        w.line(strong(w.t(f"Nach Block {block.number}: ", f"After block {block.number}: ")), block.task)
        for block in (programme.blocks if programme else ())
    ]
    lines += [
        w.line(
            strong(c.title(b.id).text, c.title(b.id).lang),
            w.t(f" ({w.number(b.minutes)} Minuten): ", f" ({w.number(b.minutes)} minutes): "),
            b.outcome,
        )
        for b in c.m.catalogue.briefings
        if cohort.tier in b.tiers
    ]
    return lines


def _dates(c: Context, key: str, events: list[Event]) -> Element:
    w = c.w
    rows = [
        w.row(
            w.dates(e.start, e.end),
            w.line(kind(c, e.kind) + (f" {e.block}" if e.block else "")),
            c.titles(e.modules) if e.modules else "–",
            e.venue_label if e.format != "online" else "online",
        )
        for e in sorted(events, key=lambda e: (e.start, e.id))
    ]
    return table(
        f"tab-{key}",
        w.t("Was, wann, wo", "What, when, where"),
        w.t("Datum|Was|Module|Ort", "Date|what|modules|place").split("|"),
        rows,
        wide=True,
    )
