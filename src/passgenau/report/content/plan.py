"""The plan: cohorts, places, dates, ways and costs; the pilot first, the state as a what-if."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.frame import Projection, boundaries
from passgenau.report.content.context import Context, table
from passgenau.report.figures import planning as pictures
from passgenau.report.model import Figure, Section
from passgenau.report.picture import width_of
from passgenau.report.wording import capital, link, strong

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from passgenau.planning.model import Cohort, Event, EventKind, Plan, Scenario
    from passgenau.report.model import Element, Inline, Table

KINDS: tuple[EventKind, ...] = ("introduction", "basis", "elective", "in_house", "peer_meeting", "briefing")

SCENARIOS: tuple[Scenario, ...] = ("pilot", "state")
_PROVEN = 0.0005  # a gap that prints as 0,0 %
_NAMED = 12  # centres that a text alternative names


def kind(c: Context, kind_: EventKind) -> str:
    """Return the name of a kind of event."""
    names = {
        "introduction": ("Einführungstag", "introduction day"),
        "basis": ("Basisblock", "Basis block"),
        "elective": ("Wahlmodul", "elective"),
        "in_house": ("Inhouse-Tag", "in-house day"),
        "peer_meeting": ("Treffen der Gruppen", "peer meeting"),
        "briefing": ("Kurzformat für Räte", "briefing for councils"),
    }
    return c.w.t(*names[kind_])


def scenario_name(c: Context, scenario: Scenario) -> str:
    """Return the name of a scenario."""
    return c.w.t("Pilot", "Pilot") if scenario == "pilot" else c.w.t("Szenario: alle", "Scenario: all")


def cohort_name(cohort: Cohort) -> str:
    """Return a cohort's name: its id and its seat."""
    return f"{cohort.id} {cohort.seat_label}"


def plans(c: Context) -> Section:
    """Return the chapter on the plan."""
    w = c.w
    sections = []
    if "pilot" in c.m.plans:
        sections.append(pilot(c, c.m.plans["pilot"]))
    if "state" in c.m.plans:
        sections.append(state(c, c.m.plans["state"]))
    words = w.p(
        w.t(
            "Es lernen Personen, nicht Kommunen. Sie lernen in festen Gruppen (Kohorten), die zusammenbleiben; "
            "die kleinste Höchstzahl eines Moduls bestimmt die Größe. Zwischen zwei Blöcken liegt Zeit für die "
            "Aufgabe im eigenen Vorhaben.",
            "Persons learn, not municipalities. They learn in stable groups (cohorts) that stay together; the "
            "smallest module maximum governs their size. Between two blocks there is time for the task in the "
            "own project.",
        )
    )
    return Section("plan", w.t("Der Plan", "The plan"), (words,), tuple(sections))


def pilot(c: Context, plan: Plan) -> Section:
    """Return the pilot in full."""
    w = c.w
    organisations = sum(len(x.members) for x in plan.cohorts)
    persons = sum(x.persons for x in plan.cohorts)
    intro = w.p(
        w.t(
            f"{w.number(organisations)} angemeldete Kommunen mit {w.number(persons)} Personen lernen in "
            f"{w.plural(len(plan.cohorts), ('Kohorte', ''), ('Kohorten', ''))}. {_period(c, plan)}",
            f"{w.number(organisations)} registered organisations with {w.number(persons)} persons learn in "
            f"{w.plural(len(plan.cohorts), ('', 'cohort'), ('', 'cohorts'))}. {_period(c, plan)}",
        )
    )
    sections = [
        Section(
            "pilot-cohorts",
            w.t("Kohorten und Orte", "Cohorts and places"),
            (cohorts_table(c, plan), map_figure(c, plan), travel(c, plan), *unplaced(c, plan)),
        ),
        Section(
            "pilot-dates",
            w.t("Termine", "Dates"),
            (calendar_figure(c, plan), _where_dates(c)) if plan.events else (),
        ),
        Section("pilot-people", w.t("Wer lehrt und berät", "Who teaches and advises"), (people(c, plan),)),
        Section("pilot-check", w.t("Prüfung des Plans", "Check of the plan"), checked(c, plan)),
    ]
    return Section("pilot", w.t("Der Pilot", "The pilot"), (intro,), tuple(sections))


def _period(c: Context, plan: Plan) -> str:
    if not plan.events:
        return c.w.t("Der Plan enthält keine Veranstaltung.", "The plan holds no event.")
    first, last = min(e.start for e in plan.events), max(e.end for e in plan.events)
    return c.w.t(
        f"{c.w.number(len(plan.events))} Veranstaltungen vom {c.w.date(first)} bis zum {c.w.date(last)}.",
        f"{c.w.number(len(plan.events))} events from {c.w.date(first)} to {c.w.date(last)}.",
    )


def cohorts_table(c: Context, plan: Plan) -> Table:
    """Return who learns with whom."""
    w = c.w
    rows = [
        w.row(
            x.id,
            capital(c.tier(x.tier)),
            x.seat_label,
            c.stage(x.stage),
            w.number(x.persons),
            w.number(max((m.km for m in x.members), default=0)),
            ", ".join(f"{m.label} ({m.persons})" for m in x.members),
        )
        for x in plan.cohorts
    ]
    columns = w.t(
        "Kohorte|Gruppe|Mittelpunkt|Stand|Personen>|weiteste Fahrt, km>|Kommunen (Personen)",
        "Cohort|group|centre|stage|persons>|longest way, km>|organisations (persons)",
    )
    return table(
        f"tab-cohorts-{plan.scenario}",
        w.t("Die Kohorten", "The cohorts"),
        columns.split("|"),
        rows,
        note=w.t(
            "Fahrt: Straßenkilometer zum Mittelpunkt, einfacher Weg, aus der Luftlinie geschätzt.",
            "Way: road kilometres to the centre, one way, estimated from the great circle.",
        ),
        wide=True,
    )


def map_figure(c: Context, plan: Plan) -> Figure:
    """Return cohorts and their seats on the outlines of the districts."""
    w = c.w
    many = plan.scenario == "state"
    svg = _map(c, plan, many=many)
    data = _by_district(c, plan) if many else _by_cohort(c, plan)
    seats = w.listing(x.seat_label for x in plan.cohorts[:_NAMED])
    shown = w.t(
        f"Karte mit {w.number(len(plan.cohorts))} Kohorten. Mittelpunkte: "
        f"{seats}{' und weitere' if len(plan.cohorts) > _NAMED else ''}.",
        f"Map with {w.number(len(plan.cohorts))} cohorts. Centres: "
        f"{seats}{' and others' if len(plan.cohorts) > _NAMED else ''}.",
    )
    way = w.t(
        f" Eine Person fährt im Mittel (Median) {w.number(plan.travel.median)} km je Veranstaltung, höchstens "
        f"{w.number(plan.travel.max)} km.",
        f" A person travels {w.number(plan.travel.median)} km per event at the median, "
        f"{w.number(plan.travel.max)} km at most.",
    )
    caption = w.t(
        "Wo die Kohorten lernen: Mitglieder, Mittelpunkte (groß) und Wege",
        "Where the cohorts learn: members, centres (large) and ways",
    )
    if many:
        caption = w.t(
            "Alle Kommunen in Kohorten: Punkte sind Kommunen, Rauten die Mittelpunkte",
            "All organisations in cohorts: dots are organisations, diamonds the centres",
        )
    return Figure(f"fig-map-{plan.scenario}", caption, shown + way, svg, width_of(svg), data)


def _by_cohort(c: Context, plan: Plan) -> Table:
    w = c.w
    rows = [
        w.row(
            x.id,
            x.seat_label,
            w.number(len(x.members)),
            w.number(x.persons),
            w.number(max((m.km for m in x.members), default=0)),
        )
        for x in plan.cohorts
    ]
    columns = w.t(
        "Kohorte|Mittelpunkt|Kommunen>|Personen>|weiteste Fahrt, km>",
        "Cohort|centre|organisations>|persons>|longest way, km>",
    )
    caption = w.t("Kohorten und ihre Mittelpunkte", "Cohorts and their centres")
    return table(f"fig-map-{plan.scenario}-data", caption, columns.split("|"), rows)


def _by_district(c: Context, plan: Plan) -> Table:
    """Return the cohorts gathered by the district of their centre: too many to list one by one."""
    w = c.w
    groups: dict[str, list[Cohort]] = {}
    for cohort in plan.cohorts:
        seat = c.unit(cohort.seat)
        groups.setdefault(seat.district_label if seat else cohort.seat_label, []).append(cohort)
    rows = [
        w.row(
            name,
            w.number(len(own)),
            w.number(sum(len(x.members) for x in own)),
            w.number(sum(x.persons for x in own)),
            w.number(max(m.km for x in own for m in x.members)),
        )
        for name, own in sorted(groups.items())
    ]
    columns = w.t(
        "Kreis des Mittelpunkts|Kohorten>|Kommunen>|Personen>|weiteste Fahrt, km>",
        "District of the centre|cohorts>|organisations>|persons>|longest way, km>",
    )
    return table(
        f"fig-map-{plan.scenario}-data",
        w.t("Kohorten nach dem Kreis ihres Mittelpunkts", "Cohorts by the district of their centre"),
        columns.split("|"),
        rows,
        note=w.t(
            f"Jede Kohorte mit ihren Mitgliedern steht in plan_{plan.scenario}.json.",
            f"Every cohort with its members stands in plan_{plan.scenario}.json.",
        ),
    )


def _map(c: Context, plan: Plan, *, many: bool) -> str:
    keys = {m.organisation for x in plan.cohorts for m in x.members} | {x.seat for x in plan.cohorts}
    units = [u for u in (c.unit(k) for k in sorted(keys)) if u is not None]
    plane = Projection.of(u for frame in c.m.frames.values() for u in frame.units)
    states = sorted({u.state for u in units})
    outlines: dict[str, Any] | None = boundaries(states[0], "district") if len(states) == 1 else None
    if outlines is not None:
        outlines = plane.collection(outlines)

    def at(key: str) -> tuple[float, float] | None:
        unit = c.unit(key)
        if unit is None:
            return None
        x, y = plane.project(unit.lon, unit.lat)
        return float(x), float(y)

    places = []
    for cohort in plan.cohorts:
        seat = at(cohort.seat)
        for key, name in [*((m.organisation, m.label) for m in cohort.members), (cohort.seat, cohort.seat_label)]:
            here = at(key)
            if here is not None and seat is not None:
                places.append(pictures.Place(name, cohort_name(cohort), *here, *seat, is_seat=key == cohort.seat))
    return pictures.cohort_map(
        outlines, list(dict.fromkeys(places)), [cohort_name(x) for x in plan.cohorts], c.w.lang, many=many
    )


def travel(c: Context, plan: Plan) -> Element:
    """Return what people travel."""
    w = c.w
    t = plan.travel
    bound = ""
    if plan.gap is not None and plan.gap < _PROVEN:
        bound = w.t(
            " Die Einteilung der Kohorten ist nachweislich die beste.", " The grouping into cohorts is proven best."
        )
    elif plan.gap is not None:
        bound = w.t(
            f" Die Einteilung der Kohorten liegt höchstens {w.percent(plan.gap, 1)} über der bewiesenen unteren "
            "Schranke.",
            f" The grouping into cohorts lies at most {w.percent(plan.gap, 1)} above the proven lower bound.",
        )
    return w.p(
        strong(w.t("Fahrten: ", "Travel: ")),
        w.t(
            f"Straßenkilometer je Person und Veranstaltung, einfacher Weg: die Hälfte höchstens {w.number(t.median)} "
            f"(Median), neun von zehn höchstens {w.number(t.p90)}, die weiteste {w.number(t.max)}.",
            f"Road kilometres per person and event, one way: half at most {w.number(t.median)} (median), nine in ten "
            "at most "
            f"{w.number(t.p90)}, the longest {w.number(t.max)}.",
        ),
        bound,
    )


def unplaced(c: Context, plan: Plan) -> tuple[Element, ...]:
    """Return registrations without a seat, with the reason."""
    if not plan.unplaced:
        return (c.w.p(c.w.t("Jede Anmeldung hat einen Platz.", "Every registration has a seat.")),)
    rows = [c.w.row(c.place(key), reason) for key, reason in plan.unplaced]
    return (
        table(
            f"tab-unplaced-{plan.scenario}",
            c.w.t("Anmeldungen ohne Platz", "Registrations without a seat"),
            c.w.t("Kommune|Grund", "Organisation|reason").split("|"),
            rows,
        ),
    )


def _where_dates(c: Context) -> Element:
    return c.w.p(
        c.w.t("Jeder Termin mit Ort und Personenzahl steht unter ", "Every date with place and persons stands under "),
        link(c.w.t("„Alle Termine des Pilots“", "“All dates of the pilot”"), "dates"),
        c.w.t(
            ", die Seiten für die einzelnen Kommunen in einer eigenen Datei.",
            ", the pages for the single organisations in a file of their own.",
        ),
    )


def dates(c: Context) -> tuple[Section, ...]:
    """Return all dates of the pilot, for the annex."""
    plan = c.m.plans.get("pilot")
    if plan is None or not plan.events:
        return ()
    title = c.w.t("Alle Termine des Pilots", "All dates of the pilot")
    return (Section("dates", title, (events_table(c, plan),), annex=True),)


def calendar_figure(c: Context, plan: Plan) -> Figure:
    """Return the months and cohorts with closed periods shaded."""
    w = c.w
    names = {x.id: cohort_name(x) for x in plan.cohorts}
    dates = [
        pictures.Date(names[cohort], kind(c, e.kind), e.start, e.end)
        for e in plan.events
        for cohort in _cohorts_of(e)
        if cohort in names
    ]
    first, last = min(e.start for e in plan.events), max(e.end for e in plan.events)
    closed = [
        pictures.Closed(p.name.into(w.lang), max(p.start, first), min(p.end, last))
        for p in c.m.planning.calendar.closed
        if p.end >= first and p.start <= last
    ]
    rows = [
        w.row(names[x.id], *(w.number(sum(e.kind == k and x.id in _cohorts_of(e) for e in plan.events)) for k in KINDS))
        for x in plan.cohorts
    ]
    data = table(
        f"fig-calendar-{plan.scenario}-data",
        w.t("Veranstaltungen je Kohorte", "Events per cohort"),
        [w.t("Kohorte", "Cohort"), *(f"{kind(c, k)}>" for k in KINDS)],
        rows,
        note=w.t(
            "Die einzelnen Termine stehen in der Tabelle der Termine.", "The single dates stand in the table of dates."
        ),
    )
    counts = w.listing(
        f"{kind(c, k)}: {sum(e.kind == k for e in plan.events)}" for k in KINDS if any(e.kind == k for e in plan.events)
    )
    svg = pictures.calendar(dates, list(names.values()), [kind(c, k) for k in KINDS], closed, w.lang)
    return Figure(
        f"fig-calendar-{plan.scenario}",
        w.t(
            "Der Kalender: eine Zeile je Kohorte; graue Zeiten sind Schulferien oder geschlossen",
            "The calendar: one row per cohort; grey periods are school holidays or closed",
        ),
        w.t(
            f"Kalender von {w.date(first)} bis {w.date(last)}. {counts}.",
            f"Calendar from {w.date(first)} to {w.date(last)}. {counts}.",
        ),
        svg,
        width_of(svg),
        data,
    )


def _cohorts_of(event: Event) -> tuple[str, ...]:
    return event.cohorts or (event.cohort,)


def events_table(c: Context, plan: Plan) -> Table:
    """Return all dates in order."""
    w = c.w
    rows = [
        w.row(
            w.dates(e.start, e.end),
            ", ".join(_cohorts_of(e)),
            w.line(_what(c, e)),
            e.venue_label if e.format != "online" else w.t("online", "online"),
            w.number(e.persons),
        )
        for e in sorted(plan.events, key=lambda e: (e.start, e.id))
    ]
    return table(
        f"tab-events-{plan.scenario}",
        w.t("Alle Termine", "All dates"),
        w.t("Datum|Kohorte|Was|Ort|Personen>", "Date|cohort|what|place|persons>").split("|"),
        rows,
        wide=True,
    )


def _what(c: Context, e: Event) -> Inline:
    name = kind(c, e.kind) + (f" {e.block}" if e.block else "")
    if e.kind in {"elective", "briefing"} and e.modules:
        return c.w.line(f"{name}: ", c.titles(e.modules))
    if e.kind == "in_house" and e.organisation:
        return c.w.line(f"{name}: {c.place(e.organisation)}")
    return c.w.line(name)


def people(c: Context, plan: Plan) -> Element:
    """Return trainers, adviser days and tutor hours."""
    w = c.w
    k = plan.costs
    used = sorted({t for e in plan.events for t in e.trainers})
    assumed = sum(t.assumed for t in c.m.trainers.trainers)
    return w.bullets(
        [
            w.t(
                f"{w.number(plan.trainers_needed)} Lehrende, {w.number(k.trainer_days)} Lehrtage; bei "
                f"jeder Veranstaltung lehren {w.number(c.m.planning.rates.trainers_per_event)}.",
                f"{w.number(plan.trainers_needed)} trainers, {w.number(k.trainer_days)} trainer days; "
                f"{w.number(c.m.planning.rates.trainers_per_event)} per event.",
            ),
            w.t(
                f"{w.number(k.adviser_days)} Beratungstage der Prozessbegleitung.",
                f"{w.number(k.adviser_days)} adviser days of accompaniment.",
            ),
            w.t(
                f"{w.number(k.tutor_hours)} Stunden Begleitung des Selbstlernens.",
                f"{w.number(k.tutor_hours)} hours of tutoring for self-study.",
            ),
            w.line(
                w.t(
                    f"Eingesetzt sind {w.number(len(used))} von {w.number(len(c.m.trainers.trainers))} genannten "
                    f"Lehrenden; {w.number(assumed)} davon sind Annahmen des Beispiels. ",
                    f"{w.number(len(used))} of {w.number(len(c.m.trainers.trainers))} named trainers are used; "
                    f"{w.number(assumed)} of them are assumptions of the example. ",
                ),
                c.m.trainers.note,
            ),
            w.line(c.m.venues.note),
        ]
    )


def checked(c: Context, plan: Plan) -> tuple[Element, ...]:
    """Return the result of the independent check and the plan's own notes."""
    w = c.w
    if plan.violations:
        first: Element = w.callout(
            "caution", w.t("Der Plan bricht Regeln", "The plan breaks rules"), *(v.message for v in plan.violations)
        )
    else:
        first = w.p(
            w.t(
                "Eine zweite, unabhängige Prüfung hat jede Regel aus dem fertigen Plan nachgerechnet und keinen "
                "Verstoß gefunden.",
                "A second, independent check recomputed every rule from the finished plan and found no violation.",
            )
        )
    said = (c.m.trainers.note, c.m.venues.note)  # stand with the trainers
    notes = [note for note in plan.notes if note not in said]
    return (first, *((w.bullets(notes),) if notes else ()))


def state(c: Context, plan: Plan) -> Section:
    """Return the scenario for all organisations."""
    w = c.w
    organisations = sum(len(x.members) for x in plan.cohorts)
    persons = sum(x.persons for x in plan.cohorts)
    intro = w.p(
        w.t(
            f"Was wäre, wenn alle mitmachten? {w.number(organisations)} Kommunen mit je "
            f"{w.number(c.m.info.persons_per_organisation)} Personen, zusammen {w.number(persons)}, "
            f"lernten in {w.number(len(plan.cohorts))} Kohorten. {_period(c, plan)} Dafür brauchte es "
            f"{w.number(plan.trainers_needed)} Lehrende, "
            f"{w.number(plan.costs.trainer_days)} Lehrtage und {w.number(plan.costs.adviser_days)} "
            "Beratungstage. Das ist ein Rechenbeispiel, keine Planung.",
            f"What if all took part? {w.number(organisations)} organisations with "
            f"{w.number(c.m.info.persons_per_organisation)} persons each, {w.number(persons)} in all, "
            f"would learn in {w.number(len(plan.cohorts))} cohorts. {_period(c, plan)} It would take "
            f"{w.number(plan.trainers_needed)} trainers, "
            f"{w.number(plan.costs.trainer_days)} trainer days and {w.number(plan.costs.adviser_days)} adviser "
            "days. This is a what-if, not a plan.",
        )
    )
    months = _months_table(c, plan)
    return Section(
        "state",
        w.t("Das Szenario: alle Kommunen", "The scenario: all municipalities"),
        (intro, map_figure(c, plan), travel(c, plan), *unplaced(c, plan), *months, *checked(c, plan)),
    )


def _months_table(c: Context, plan: Plan) -> tuple[Element, ...]:
    """Return the load per month: the calendar of a scenario with too many rows to draw."""
    w = c.w
    if not plan.events:
        return ()
    kinds = [k for k in KINDS if any(e.kind == k for e in plan.events)]
    months = sorted({(e.start.year, e.start.month) for e in plan.events})
    rows = []
    for month in months:
        own = [e for e in plan.events if (e.start.year, e.start.month) == month]
        name = f"{month[1]:02d}/{month[0]}"
        rows.append(w.row(name, *(w.number(sum(e.kind == k for e in own)) for k in kinds), w.number(len(own))))
    columns = [w.t("Monat", "Month"), *(f"{kind(c, k)}>" for k in kinds), w.t("zusammen>", "in all>")]
    return (
        table(
            f"tab-months-{plan.scenario}",
            w.t("Der Kalender: Veranstaltungen je Monat", "The calendar: events per month"),
            columns,
            rows,
        ),
    )


def costs(c: Context) -> Section:
    """Return the chapter on costs."""
    w = c.w
    rates = c.m.planning.rates
    head = w.callout(
        "caution" if rates.assumed else "note",
        w.t("Die Sätze sind Annahmen", "The rates are assumptions")
        if rates.assumed
        else w.t("Woher die Sätze stammen", "Where the rates come from"),
        rates.why,
    )
    plans = _in_order(c)
    elements: list[Element] = [head, w.bullets([_total(c, plan) for plan in plans])]
    if plans:
        elements += [cost_figure(c, plans[0]), items_table(c, plans)]
    elements += [
        w.p(
            w.t(
                "Die Sätze, und wie jeder Posten gerechnet ist, stehen unter ",
                "The rates, and how every item is computed, stand under ",
            ),
            link(w.t("„Rechenweg der Kosten“", "“How the costs are computed”"), "cost-items"),
            ".",
        ),
    ]
    return Section("costs", w.t("Kosten", "Costs"), tuple(elements), own_page=True)


def _total(c: Context, plan: Plan) -> Inline:
    w, k = c.w, plan.costs
    return w.line(
        strong(f"{scenario_name(c, plan.scenario)}: {w.euros(k.total)}"),
        w.t(
            f", das sind {w.euros(k.per_person)} je Person und {w.euros(k.per_organisation)} je Kommune, bei "
            f"{w.number(k.person_days)} Teilnahmetagen.",
            f", that is {w.euros(k.per_person)} per person and {w.euros(k.per_organisation)} per organisation, "
            f"for {w.number(k.person_days)} person days.",
        ),
    )


def items_table(c: Context, plans: Sequence[Plan]) -> Table:
    """Return the cost items of all scenarios side by side."""
    w = c.w
    names = {key: name for plan in plans for key, name, _euros, _how in plan.costs.lines}
    amounts = [{key: euros for key, _name, euros, _how in plan.costs.lines} for plan in plans]
    rows = [w.row(name, *(w.euros(own.get(key, 0)) for own in amounts)) for key, name in names.items()]
    total = [strong(w.euros(plan.costs.total)) for plan in plans]
    rows.append(w.row(strong(w.t("Summe", "Total")), *total))
    columns = [w.t("Posten", "Item"), *(f"{scenario_name(c, plan.scenario)}>" for plan in plans)]
    return table("tab-cost-items", w.t("Kosten je Posten", "Costs per item"), columns, rows)


def cost_items(c: Context) -> tuple[Section, ...]:
    """Return how every cost item is computed, for the annex."""
    tables = tuple(computed_table(c, plan) for plan in _in_order(c))
    title = c.w.t("Rechenweg der Kosten", "How the costs are computed")
    return (Section("cost-items", title, (rates_table(c), *tables), annex=True),)


def _in_order(c: Context) -> list[Plan]:
    return [c.m.plans[s] for s in SCENARIOS if s in c.m.plans]


def rates_table(c: Context) -> Table:
    """Return the rates that the costs are computed with."""
    w = c.w
    r = c.m.planning.rates
    lines: Sequence[tuple[str, str, str]] = (
        ("Tag einer Lehrkraft", "trainer, per day", w.euros(r.trainer_day)),
        ("Beratungstag", "adviser, per day", w.euros(r.adviser_day)),
        ("Stunde Begleitung des Selbstlernens", "tutoring, per hour", w.euros(r.tutor_hour)),
        ("Raum je Tag", "room, per day", w.euros(r.venue_day)),
        ("Verpflegung je Person und Tag", "catering, per person and day", w.euros(r.catering_person_day)),
        ("Material je Person", "material, per person", w.euros(r.material_person)),
        ("Fahrt je Kilometer (€)", "travel, per kilometre (€)", w.number(r.travel_km, 2)),
        ("Übernachtung", "overnight stay", w.euros(r.overnight)),
        ("Entwicklung je Unterrichtseinheit", "developing one unit", w.euros(r.develop_unit)),
        (
            "Koordination, Anteil an allen übrigen Kosten",
            "coordination, share of all other costs",
            w.percent(r.coordination_share),
        ),
    )
    rows = [w.row(w.t(de, en), value) for de, en, value in lines]
    return table("tab-rates", w.t("Sätze", "Rates"), w.t("Satz|Betrag>", "Rate|amount>").split("|"), rows)


def computed_table(c: Context, plan: Plan) -> Table:
    """Return the items of one scenario with the way each is computed."""
    w = c.w
    rows = [w.row(name, w.euros(euros), how) for _key, name, euros, how in plan.costs.lines]
    rows.append(w.row(strong(w.t("Summe", "Total")), strong(w.euros(plan.costs.total)), ""))
    return table(
        f"tab-costs-{plan.scenario}",
        w.t(f"Kosten: {scenario_name(c, plan.scenario)}", f"Costs: {scenario_name(c, plan.scenario)}"),
        w.t("Posten|Betrag>|Rechenweg", "Item|amount>|how it is computed").split("|"),
        rows,
    )


def cost_figure(c: Context, plan: Plan) -> Figure:
    """Return the cost lines as bars."""
    w = c.w
    ordered = sorted((line for line in plan.costs.lines if line[2] > 0), key=lambda line: -line[2])
    bars = [(name.into(w.lang), euros, w.euros(euros)) for _key, name, euros, _how in ordered]
    data = table(
        f"fig-costs-{plan.scenario}-data",
        w.t("Kosten je Posten", "Costs per item"),
        w.t("Posten|Betrag>", "Item|amount>").split("|"),
        [w.row(name, label) for name, _euros, label in bars],
    )
    svg = pictures.cost_bars(bars, w.t("Euro", "euros"), w.lang)
    said = "; ".join(f"{name}: {label}" for name, _euros, label in bars)
    return Figure(
        f"fig-costs-{plan.scenario}",
        w.t(
            f"Wofür das Geld gebraucht wird: {scenario_name(c, plan.scenario)}",
            f"What the money is needed for: {scenario_name(c, plan.scenario)}",
        ),
        w.t(f"Balkendiagramm der Kosten. {said}.", f"Bar chart of costs. {said}."),
        svg,
        width_of(svg),
        data,
        data_in=(f"tab-costs-{plan.scenario}",),
    )
