"""The training concept: three lines, the programme of each tier, and why it is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.content.programme import programme
from passgenau.report.model import Section
from passgenau.report.wording import capital, link, strong

if TYPE_CHECKING:
    from passgenau.curriculum.model import BudgetRun, Place
    from passgenau.report.model import Element, Inline


def concept(c: Context) -> Section:
    """Return the chapter on the concept."""
    w = c.w
    sources = w.bullets(
        [
            w.line(
                strong(w.t("Mindestanforderung: ", "Minimum requirement: ")),
                w.t(
                    "was jede Person in dieser Aufgabe können muss, gewünscht oder nicht;",
                    "what anyone doing this job must be able to do, wished for or not;",
                ),
            ),
            w.line(
                strong(w.t("Rollenaufgabe: ", "Role task: ")),
                w.t("was diese Ebene leisten muss;", "what this tier must provide;"),
            ),
            w.line(
                strong(w.t("Wunsch: ", "Wish: ")),
                w.t(
                    "was die Antwortenden sich gewünscht haben, mit seiner Unsicherheit.",
                    "what those who answered wished for, with its uncertainty.",
                ),
            ),
        ]
    )
    elements = (
        w.p(
            w.t(
                "Ein Wunsch ist noch kein Bedarf, und niemand kann sich wünschen, was er nicht kennt. Deshalb "
                "ruht der Platz jedes "
                "Moduls auf drei Quellen, die nirgends zu einer Punktzahl verrechnet werden:",
                "A wish is not yet a need, and nobody can wish for what they do not know. So each module's place "
                "rests on three "
                "sources that are nowhere blended into one score:",
            )
        ),
        sources,
        w.p(
            w.t(
                "Mindestanforderungen und Rollenaufgaben sind Bedingungen der Basis. Wünsche entscheiden darüber "
                "hinaus: kurze oder "
                "volle Fassung, die Wahl unter Gleichwertigem, die Beispiele und die Reihenfolge der Wahlmodule. "
                "„Nicht gefragt“, "
                f"„{c.no_number}“ und „selten gewünscht“ bleiben verschiedene Dinge.",
                "Minimum requirements and role tasks are conditions of the Basis. Beyond these, wishes decide: "
                "short or full version, "
                "the choice among equivalents, the examples and the order of electives. “Not asked”, "
                f"“{c.no_number}” and "
                "“rarely wished” stay different things.",
            )
        ),
        *_unreviewed(c),
    )
    sections = (
        lines(c),
        *((core(c),) if len(c.m.curriculum.programmes) > 1 else ()),
        *(programme(c, p) for p in c.m.curriculum.programmes),
        *stages(c),
        times(c),
        provision(c),
        *beside(c),
    )
    return Section("concept", w.t("Das Konzept", "The concept"), elements, sections)


def _unreviewed(c: Context) -> tuple[Element, ...]:
    if c.m.catalogue.reviewed:
        return ()
    return (
        c.w.callout(
            "note",
            c.w.t(
                "Der Modulkatalog ist noch nicht fachlich geprüft", "No teaching expert has reviewed the catalogue yet"
            ),
            c.m.catalogue.note,
        ),
    )


def lines(c: Context) -> Section:
    """Return the three lines: awareness, qualification, accompaniment."""
    w = c.w
    catalogue = c.m.catalogue
    briefings = [
        w.line(
            strong(c.title(b.id).text, c.title(b.id).lang),
            f" ({w.number(b.minutes)}{w.t(' Minuten', ' minutes')}): ",
            b.outcome,
        )
        for b in catalogue.briefings
    ]
    awareness: tuple[Element, ...] = (
        w.p(
            w.t(
                "Bürgermeisterinnen, Bürgermeister und Räte geben den Auftrag. Für sie gibt es einen eigenen Weg "
                "von einer bis drei Stunden.",
                "Mayors and councils give the mandate. They have a path of their own of one to three hours.",
            )
        ),
        *((w.bullets(briefings),) if briefings else ()),
    )
    intro = catalogue.introduction
    rows = [
        w.row(
            part.title,
            c.field(part.field) if part.field else "–",
            w.trim(part.units) if part.units else "–",
            w.number(part.minutes),
        )
        for part in intro.parts
    ]
    qualification: tuple[Element, ...] = (
        w.p(
            w.t(
                "Die Qualifizierung hat drei Stufen: ein Einführungstag über alle Themenfelder, die Basis in "
                "Blöcken und die Vertiefung mit Wahlmodulen. Jeder Block endet mit einer Aufgabe im eigenen "
                "Vorhaben; der nächste beginnt mit deren Ergebnissen. Das Selbstlernen wird begleitet.",
                "Qualification has three steps: an introduction day over all fields, the Basis in blocks, and "
                "electives for depth. Every block ends with a task in the participant's own project; the next "
                "opens with its results. Self-study is accompanied.",
            )
        ),
        table(
            "tab-introduction",
            w.t("Der Einführungstag", "The introduction day"),
            w.t("Teil|Themenfeld|Unterrichtseinheiten>|Minuten>", "Part|field|units>|minutes>").split("|"),
            rows,
            note=w.t(
                f"Beginn {intro.start} Uhr; {intro.group.min} bis {intro.group.max} Personen.",
                f"Starts at {intro.start}; {intro.group.min} to {intro.group.max} persons.",
            ),
            wide=True,
        ),
    )
    accompany = tuple(
        w.line(
            strong(f"{capital(c.tier(a.tier))}: "),
            w.t(
                f"{w.trim(a.adviser_days)} Beratungstage je Kommune und Jahr. ",
                f"{w.trim(a.adviser_days)} adviser days per organisation and year. ",
            ),
            a.task,
        )
        for a in c.m.decisions.accompaniment
    )
    process: tuple[Element, ...] = (
        w.p(
            w.t(
                "Neutrale Beraterinnen und Berater begleiten den Prozess vor Ort. Ihre Tage stehen in Plan und "
                "Kosten wie alles andere.",
                "Neutral advisers accompany the local process. Their days stand in plan and costs like "
                "everything else.",
            )
        ),
        *((w.bullets(accompany),) if accompany else ()),
    )
    return Section(
        "lines",
        w.t(
            "Drei Linien: Sensibilisierung, Qualifizierung, Prozessbegleitung",
            "Three lines: awareness, qualification, accompaniment",
        ),
        (),
        (
            Section("awareness", w.t("Sensibilisierung", "Awareness"), awareness),
            Section("qualification", w.t("Qualifizierung", "Qualification"), qualification),
            Section("accompaniment", w.t("Prozessbegleitung", "Accompaniment"), process),
        ),
    )


def stages(c: Context) -> tuple[Section, ...]:
    """Return how the Basis covers the stages of the local process, where the curriculum says so."""
    w, notes = c.w, c.m.curriculum.notes
    if not notes:
        return ()
    title = w.t("Etappen des örtlichen Prozesses", "Stages of the local process")
    return (Section("stages", title, (w.bullets([w.line(note) for note in notes]),)),)


def core(c: Context) -> Section:
    """Return what the programmes share."""
    w = c.w
    modules = c.m.curriculum.core
    text = w.t(
        f"{w.number(len(modules))} Module gehören zur Basis jeder Ebene. Sie können gemeinsam besucht werden; "
        "jede Ebene behält ihr eigenes Programm.",
        f"{w.number(len(modules))} modules belong to the Basis of every tier. They can be attended together; "
        "every tier keeps a programme of its own.",
    )
    body: tuple[Element, ...] = (w.p(text),)
    if modules:
        body = (*body, w.p(c.titles(modules), "."))
    return Section("core", w.t("Der gemeinsame Kern", "The common core"), body)


def times(c: Context) -> Section:
    """Return the readings of the wished frequency and the track for small towns."""
    w = c.w
    tracks = c.m.curriculum.tracks
    rows = [
        w.row(
            t.text,
            capital(c.tier(t.tier)),
            w.number(t.blocks_per_year),
            w.trim(t.days_per_year),
            w.number(t.years),
            w.t("ja", "yes") if t.fits else w.t("nein", "no"),
            t.sentence,
        )
        for t in tracks
    ]
    columns = w.t(
        "Lesart oder Weg|Gruppe|Treffen*>|Tage*>|Jahre>|passt?|Was das heißt",
        "Reading or track|group|meetings*>|days*>|years>|fits?|what it means",
    )
    body: list[Element] = [
        w.p(
            w.t(
                "Wie viel Zeit gewünscht ist, lässt sich auf mehrere Weisen lesen. Alle Lesarten stehen "
                "nebeneinander, dazu der Weg für kleine Gemeinden mit wenigen Tagen im Jahr über mehrere Jahre.",
                "How much time is wished for can be read in several ways. All readings stand side by side, with "
                "the track for small towns: few days a year over several years.",
            )
        )
    ]
    if rows:
        body.append(
            table(
                "tab-tracks",
                w.t("Zeit: Lesarten und der Weg für kleine Gemeinden", "Time: readings and the track for small towns"),
                columns.split("|"),
                rows,
                note=w.t("* je Jahr", "* a year"),
                wide=True,
            )
        )
    small = c.m.decisions.small_towns
    if small is not None:
        body.append(
            w.p(
                strong(w.t("Kleine Gemeinden: ", "Small towns: ")),
                w.t(
                    f"unter {w.number(small.population_below)} Einwohnern höchstens "
                    f"{w.trim(small.days_per_year)} Tage im Jahr, über {w.number(small.years)} Jahre. ",
                    f"below {w.number(small.population_below)} inhabitants at most {w.trim(small.days_per_year)} "
                    f"days a year, over {w.number(small.years)} years. ",
                ),
                small.why,
            )
        )
    return Section(
        "times", w.t("Zeit: zwei Lesarten und kleine Gemeinden", "Time: the readings and small towns"), tuple(body)
    )


def provision(c: Context) -> Section:
    """Return who could provide what, and the gaps."""
    w = c.w
    places = {x.module: x for p in c.m.curriculum.programmes for x in (*p.electives, *p.basis)}
    ordered = sorted(places.values(), key=lambda x: list(c.modules).index(x.module))
    providers = [
        w.row(
            p.name,
            w.t("Beispiel, erfunden", "example, invented") if p.example else w.t("besteht", "exists"),
            p.about,
            c.joined(w.text(o.title) for o in p.offers),
            p.source or "–",
        )
        for p in c.m.providers.providers
    ]
    body: list[Element] = [
        w.p(
            w.t(
                "Bestehende Strukturen zuerst: Jedes Modul sagt, ob ein Angebot weiterverwendet, angepasst oder "
                "entwickelt werden soll. Genannt ist nur, was öffentliche Quellen sagen; alles andere ist als "
                "Beispiel gekennzeichnet.",
                "Existing structures first: every module says whether an offer is to be reused, adapted or "
                "developed. Only what public sources say is named; anything else is marked as an example.",
            )
        ),
    ]
    if providers:
        body.append(
            table(
                "tab-providers",
                w.t("Wer schon berät oder fortbildet", "Who already advises or teaches"),
                w.t("Träger|Status|Was er tut|Angebote|Quelle", "Provider|status|what it does|offers|source").split(
                    "|"
                ),
                providers,
                wide=True,
            )
        )
    built_on = [x for x in ordered if x.provision.kind != "develop"]
    if built_on:
        rows = [w.row(c.title(x.module), c.provision(x.provision), _offers(c, x), x.provision.note) for x in built_on]
        body.append(
            table(
                "tab-provision",
                w.t("Module, die auf Bestehendem aufbauen", "Modules that build on what exists"),
                w.t("Modul|Weg|Angebot|Anmerkung", "Module|way|offer|note").split("|"),
                rows,
                wide=True,
            )
        )
    if c.m.curriculum.gaps:
        missing = [x.module for x in ordered if x.provision.kind == "develop"]
        body.append(
            w.p(
                strong(w.t("Lücken: ", "Gaps: ")),
                w.t(
                    f"Für {w.number(len(c.m.curriculum.gaps))} Module ist kein Angebot bekannt; sie wären zu "
                    "entwickeln: ",
                    f"For {w.number(len(c.m.curriculum.gaps))} modules no offer is known; they would have to be "
                    "developed: ",
                ),
                c.titles(missing),
                w.t(". Umfang und Ebene je Lücke stehen unter ", ". Size and tier of each gap stand under "),
                link(w.t("„Lücken im Einzelnen“", "“The gaps one by one”"), "gaps"),
                ".",
            )
        )
    return Section("provision", w.t("Bestehende Angebote und Lücken", "Existing offers and gaps"), tuple(body))


def gaps(c: Context) -> tuple[Section, ...]:
    """Return every gap with its size, for the annex."""
    if not c.m.curriculum.gaps:
        return ()
    title = c.w.t("Lücken im Einzelnen", "The gaps one by one")
    return (Section("gaps", title, (c.w.bullets(c.m.curriculum.gaps),), annex=True),)


def _offers(c: Context, x: Place) -> Inline:
    names = {f"{p.id}/{o.id}": (p, o) for p in c.m.providers.providers for o in p.offers}
    found = [names[o] for o in x.provision.offers if o in names]
    return c.joined(c.w.line(f"{p.name}: {o.title.into(c.w.lang)}")[0] for p, o in found)


def beside(c: Context) -> tuple[Section, ...]:
    """Return the derived concept beside the published one, where one is given."""
    w = c.w
    points = c.m.curriculum.comparison
    if not points:
        return ()
    marks = {
        "yes": w.t("stimmt überein", "agrees"),
        "partly": w.t("teilweise", "partly"),
        "no": w.t("weicht ab", "differs"),
    }
    rows = [w.row(x.subject, x.published, x.derived, marks[x.agrees], x.why) for x in points]
    columns = w.t("Punkt|veröffentlicht|abgeleitet|Vergleich|warum", "Point|published|derived|comparison|why")
    body: list[Element] = [
        table(
            "tab-beside",
            w.t("Abgeleitetes und veröffentlichtes Konzept", "Derived and published concept"),
            columns.split("|"),
            rows,
            wide=True,
        )
    ]
    body += budgets(c)
    link_back = w.p(
        w.t("Was entschieden und was abgeleitet ist, steht unter ", "What was decided and what derived stands under "),
        link(w.t("„Setzungen“", "“Decisions”"), "decisions"),
        ".",
    )
    return (
        Section(
            "beside", w.t("Neben dem veröffentlichten Konzept", "Beside the published concept"), (*body, link_back)
        ),
    )


def budgets(c: Context) -> tuple[Element, ...]:
    """Return the Basis under several budgets: a row per number of days, two columns per tier."""
    w, runs = c.w, c.m.curriculum.budget_runs
    if not runs:
        return ()
    by = {(r.tier, r.days): r for r in runs}
    tiers = list(dict.fromkeys(r.tier for r in runs))
    rows = [
        w.row(w.trim(days), *(cell for tier in tiers for cell in _run(c, by.get((tier, days)))))
        for days in sorted({r.days for r in runs})
    ]
    columns = [w.t("Tage>", "Days>")]
    for tier in tiers:
        name = c.short(c.m.audience_of(tier).id)
        columns += [w.t(f"{name}: Module>", f"{name}: modules>"), w.t("davon voll>", "of these full>")]
    impossible = [r.sentence.into(w.lang) for r in runs if not r.feasible]
    note = w.t("„Voll“: in der längeren oder einzigen Fassung. ", "“Full”: in the longer or only version. ") + " ".join(
        impossible
    )
    return (
        w.p(
            w.t(
                "Damit die Übereinstimmung nicht schon im Katalog steckt, wurde die Basis mit mehreren Budgets "
                "abgeleitet:",
                "So that agreement is not built into the catalogue, the Basis was derived under several budgets:",
            )
        ),
        table(
            "tab-budgets",
            w.t("Die Basis unter verschiedenen Budgets", "The Basis under several budgets"),
            columns,
            rows,
            note=note,
        ),
    )


def _run(c: Context, run: BudgetRun | None) -> tuple[str, str]:
    if run is None:
        return "–", "–"
    if not run.feasible:
        return c.w.t("nicht möglich", "not possible"), "–"
    return c.w.number(run.modules), c.w.number(run.full)
