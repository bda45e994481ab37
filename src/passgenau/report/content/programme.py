"""The programme of one tier: what it holds, what it rests on, how firm it is, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.curriculum import ELECTIVE_RULE
from passgenau.report.content.context import Context, table
from passgenau.report.figures.concept import Bar, Choice, firmness, programme_strip
from passgenau.report.model import Figure, Section
from passgenau.report.picture import width_of
from passgenau.report.wording import capital, link, strong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.curriculum.model import Firmness, Place, Programme
    from passgenau.needs.model import Wish
    from passgenau.report.model import Element, Inline, Paragraph, Table

_FIRM, _LIKELY = 0.95, 0.75
_DEGREES: tuple[Firmness, ...] = ("firm", "likely", "open")


def programme(c: Context, p: Programme) -> Section:
    """Return the programme of one tier."""
    w = c.w
    name = c.tier(p.tier)
    days = p.contact_units / c.m.catalogue.units_per_day
    intro = w.p(
        w.t(
            f"{w.plural(len(p.basis), ('Modul', ''), ('Module', ''))} in "
            f"{w.plural(len(p.blocks), ('Block', ''), ('Blöcken', ''))}: {w.number(p.contact_units)} "
            "Unterrichtseinheiten in Präsenz "
            f"({w.trim(days)} Tage; Budget {w.number(p.budget_units)}) und {w.number(p.self_study_units)} im "
            "begleiteten Selbstlernen. "
            f"{_optimal(c, p)}",
            f"{w.plural(len(p.basis), ('', 'module'), ('', 'modules'))} in "
            f"{w.plural(len(p.blocks), ('', 'block'), ('', 'blocks'))}: {w.number(p.contact_units)} contact "
            "units "
            f"({w.trim(days)} days; budget {w.number(p.budget_units)}) and {w.number(p.self_study_units)} of "
            "accompanied self-study. "
            f"{_optimal(c, p)}",
        )
    )
    sections = (
        Section(f"basis-{p.tier}", w.t("Die Basis", "The Basis"), (basis_table(c, p), strip_figure(c, p))),
        Section(f"blocks-{p.tier}", w.t("Blöcke und Aufgaben", "Blocks and tasks"), (blocks_table(c, p),)),
        Section(f"electives-{p.tier}", w.t("Vertiefung: Wahlmodule", "Depth: electives"), electives(c, p)),
        Section(
            f"entry-{p.tier}",
            w.t("Einstieg, Festigkeit und was fehlt", "Entry, firmness and what is left out"),
            (*entry(c, p), firm(c, p), *left_out(c, p)),
        ),
    )
    return Section(f"programme-{p.tier}", w.t(f"Programm: {name}", f"Programme: {name}"), (intro,), sections)


def _optimal(c: Context, p: Programme) -> str:
    if p.gap <= 0:
        return c.w.t(
            "Die Auswahl ist nachweislich die beste unter diesen Bedingungen.",
            "The choice is proven best under these conditions.",
        )
    return c.w.t(f"Abstand zur Schranke: {c.w.percent(p.gap, 1)}.", f"Gap to the bound: {c.w.percent(p.gap, 1)}.")


def basis_table(c: Context, p: Programme) -> Table:
    """Return the Basis at a glance: what each module is, and which of the three sources it rests on."""
    w = c.w
    rows = [
        w.row(
            c.title(x.module),
            "–" if x.block is None else w.number(x.block),
            f"{w.number(x.contact_units)} + {w.number(x.self_study_units)}",
            w.number(len(x.sources.minimum)) if x.sources.minimum else "–",
            w.number(len(x.sources.role)) if x.sources.role else "–",
            _wish_in_short(c, x.sources.wish),
            f"{c.version(x.version)}, {c.firmness_of(x)}",
        )
        for x in p.basis
    ]
    columns = w.t(
        "Modul|Block>|Einheiten>|Mindest>|Rolle>|Wunsch*|Fassung",
        "Module|block>|units>|minimum>|role>|wish*|version",
    )
    note = w.t(
        f"Einheiten: in Präsenz + im Selbstlernen, je {c.m.catalogue.unit_minutes} Minuten. Mindest und "
        "Rolle: "
        "Zahl der Mindestanforderungen und Rollenaufgaben, auf denen das Modul ruht. * Anteil unter den Antwortenden "
        "für "
        f"das Hauptthema ({c.returned(p.audience)}); nicht gefragt heißt nicht: selten gewünscht. Fassung: kurz oder "
        "voll, und wie fest das steht, gemessen nur am Zufall der Stichprobe. Die Worte dazu: ",
        f"Units: in class + in self-study, {c.m.catalogue.unit_minutes} minutes each. Minimum and role: number of "
        "minimum "
        "requirements and role tasks that the module rests on. * Share among those who answered, for the main topic "
        f"({c.returned(p.audience)}); not asked does not mean rarely wished. Version: short or full, and how firm that "
        "is, against sampling chance only. The words: ",
    ) + w.t("Anhang „Begründungen“.", "annex “Reasons”.")
    return table(
        f"tab-basis-{p.tier}",
        w.t(f"Basis für {c.tier(p.tier)}", f"Basis for {c.tier(p.tier)}"),
        columns.split("|"),
        rows,
        note=note,
        wide=True,
    )


def _wish_in_short(c: Context, wish: Wish) -> str:
    """Return a wish in a few letters; not asked, no number and rarely wished stay apart."""
    w = c.w
    if wish.status == "not_asked":
        return w.t("nicht gefragt", "not asked")
    if wish.status == "asked_no_number":
        if wish.assumed and wish.lower is not None and wish.upper is not None:
            return w.t(f"Annahme {w.percents(wish.lower, wish.upper)}", f"assumed {w.percents(wish.lower, wish.upper)}")
        return w.t("keine Zahl", "no number")
    return "–" if wish.share is None else w.percent(wish.share)


def strip_figure(c: Context, p: Programme) -> Figure:
    """Return blocks and modules as a strip."""
    w = c.w
    bars, at = [], 0.0
    for x in p.basis:
        label = w.t(f"{x.contact_units} UE, {c.version(x.version)}", f"{x.contact_units} units, {c.version(x.version)}")
        field = c.field(c.modules[x.module].field).text
        bars.append(Bar(c.title(x.module).text, field, x.block or 0, at, at + x.contact_units, label))
        at += x.contact_units
    blocks = []
    for b in p.blocks:
        own = [bar for bar in bars if bar.block == b.number]
        if own:
            blocks.append((f"Block {b.number}", min(x.start for x in own), max(x.end for x in own)))
    said = "; ".join(
        f"Block {b.number}: {len(b.modules)} {w.t('Module', 'modules')}, {w.number(b.contact_units)} "
        f"{w.t('UE', 'units')}"
        for b in p.blocks
    )
    rows = [w.row(bar.title, w.number(bar.block), w.number(bar.end - bar.start), bar.field) for bar in bars]
    data = table(
        f"fig-strip-{p.tier}-data",
        w.t("Module in ihrer Reihenfolge", "Modules in their order"),
        w.t("Modul|Block>|UE>|Themenfeld", "Module|block>|units>|field").split("|"),
        rows,
    )
    svg = programme_strip(bars, blocks, w.t("Unterrichtseinheiten in Präsenz", "Contact units"), w.lang)
    return Figure(
        f"fig-strip-{p.tier}",
        w.t(
            f"Die Basis für {c.tier(p.tier)} in der Reihenfolge des Lernens",
            f"The Basis for {c.tier(p.tier)} in the order of learning",
        ),
        w.t(f"Streifen der Blöcke und Module. {said}.", f"Strip of blocks and modules. {said}."),
        svg,
        width_of(svg),
        data,
        note=w.t(
            f"UE: Unterrichtseinheiten zu {c.m.catalogue.unit_minutes} Minuten.",
            f"Units of {c.m.catalogue.unit_minutes} minutes.",
        ),
        data_in=(f"tab-basis-{p.tier}",),
    )


def sources_table(c: Context, p: Programme) -> Table:
    """Return the three sources of every module of the Basis, never blended."""
    w = c.w
    tasks = {t.id: t.task for t in c.m.decisions.role_tasks}
    rows = [
        w.row(
            c.title(x.module),
            c.joined(c.competence(k) for k in x.sources.minimum),
            c.joined((w.text(tasks[t]) for t in x.sources.role if t in tasks), mark=" "),
            w.line(c.topic(x.sources.wish.topic), ": ", c.wish_interval(x.sources.wish)),
        )
        for x in p.basis
    ]
    columns = w.t(
        "Modul|Mindestanforderung|Rollenaufgabe|Wunsch (Hauptthema)",
        "Module|minimum requirement|role task|wish (main topic)",
    )
    note = w.t(
        "Wunsch: Anteil unter den Antwortenden; Intervall für alle, wenn sie einer Zufallsauswahl glichen.",
        "Wish: share among those who answered; interval for all, if they resembled a random draw.",
    )
    return table(
        f"tab-sources-{p.tier}",
        w.t("Worauf jedes Modul der Basis ruht", "What each module of the Basis rests on"),
        columns.split("|"),
        rows,
        note=note,
        wide=True,
    )


def blocks_table(c: Context, p: Programme) -> Table:
    """Return what opens and closes each block."""
    w = c.w
    rows = [w.row(w.number(b.number), w.trim(b.days), w.number(len(b.modules)), b.opens_with, b.task) for b in p.blocks]
    columns = w.t(
        "Block>|Tage>|Module>|Beginnt mit|Aufgabe im eigenen Vorhaben",
        "Block>|days>|modules>|opens with|task in the own project",
    )
    return table(f"tab-blocks-{p.tier}", w.t("Die Blöcke", "The blocks"), columns.split("|"), rows, wide=True)


def electives(c: Context, p: Programme) -> tuple[Element, ...]:
    """Return the electives in the order they are offered."""
    w = c.w
    if not p.electives:
        return (
            w.p(
                w.t(
                    "Kein Wahlmodul erreicht die Mindestzahl erwarteter Personen.",
                    "No elective reaches the minimum of persons expected.",
                )
            ),
        )
    rows = [
        w.row(
            w.number(x.rank or 0),
            c.title(x.module),
            _wish_with_limits(c, x.sources.wish),
            _expected(c, x),
            c.firmness_of(x),
        )
        for x in sorted(p.electives, key=lambda x: x.rank or 0)
    ]
    columns = w.t(
        "Rang>|Modul|Wunsch zum Thema*|Personen>|Angebot",
        "Rank>|module|wish for the topic*|persons>|offer",
    )
    note = w.t(
        f"* Wunsch zum Hauptthema, nicht zum Modul selbst; {c.returned(p.audience)}. {ELECTIVE_RULE.de}",
        f"* Wish for the main topic, not for the module itself; {c.returned(p.audience)}. {ELECTIVE_RULE.into('en')}",
    )
    intro = w.p(
        w.t(
            "Wahlmodule finden statt, wenn genug Personen zu erwarten sind, in dieser Reihenfolge:",
            "Electives run where enough persons are expected, in this order:",
        )
    )
    return (
        intro,
        table(
            f"tab-electives-{p.tier}",
            w.t("Wahlmodule in der Reihenfolge des Angebots", "Electives in the order of offer"),
            columns.split("|"),
            rows,
            note=note,
            wide=True,
        ),
    )


def _wish_with_limits(c: Context, wish: Wish) -> str:
    if wish.share is None or wish.lower is None or wish.upper is None or wish.assumed:
        return c.wish(wish)
    limits = c.w.percents(wish.lower, wish.upper)
    return c.w.t(f"{c.w.percent(wish.share)} (für alle {limits})", f"{c.w.percent(wish.share)} (for all {limits})")


def _expected(c: Context, x: Place) -> str:
    if x.expected_persons is None:
        return "–"
    point, low, high = x.expected_persons
    return f"{c.w.number(point)} ({c.w.span_of(round(low), round(high))})"


def firm(c: Context, p: Programme) -> Paragraph:
    """Return how often the draws agree, against sampling chance only; the frequencies stand in the annex."""
    w = c.w
    wished = wish_decides(p)
    counts = [(name, sum(x.depth_firmness == name for x in wished)) for name in _DEGREES]
    said = w.listing(f"{w.number(count)} {c.firmness(name)}" for name, count in counts if count)
    head = strong(w.t("Wie fest das steht: ", "How firm this is: "))
    if not wished:
        return w.p(
            head,
            w.t(
                "In diesem Programm entscheiden Wünsche nichts: Alles ist gesetzt.",
                "In this programme wishes decide nothing: all is fixed.",
            ),
        )
    return w.p(
        head,
        w.t(
            f"Bei {w.number(len(wished))} Modulen entscheiden Wünsche mit, über die Fassung oder darüber, ob ein "
            "Wahlmodul "
            f"angeboten wird. Davon sind {said}. Gemeint ist nur der Zufall der Stichprobe, nicht die Güte eines "
            "Moduls; wo „Annahme“ steht, ruht die Wahl auf einer Annahme statt auf einer Zahl. ",
            f"For {w.number(len(wished))} modules wishes have a say, in the version or in whether an elective runs. Of "
            f"these, {said}. This speaks of sampling chance only, not of a module's quality; where it says "
            "“assumption”, the choice rests on an assumption instead of a number. ",
        ),
        link(w.t("Zu den Häufigkeiten", "To the frequencies"), "frequencies"),
    )


def wish_decides(p: Programme) -> list[Place]:
    """Return the places in which wishes have a say."""
    return [x for x in (*p.basis, *p.electives) if x.depth_firmness != "fixed"]


def frequencies(c: Context) -> Section:
    """Return how often every choice comes out over the draws, for the annex."""
    w = c.w
    draws = w.number(c.m.curriculum.draws)
    words = w.p(
        w.t(
            f"Die Wünsche wurden {draws}-mal neu aus ihrer Unsicherheit gezogen und das Programm jedes Mal neu "
            "abgeleitet. „Fest“ heißt: in mindestens "
            f"{w.percent(_FIRM)} der Ziehungen dieselbe Wahl, „wahrscheinlich“: in mindestens "
            f"{w.percent(_LIKELY)}, sonst „offen“. Das gilt nur gegen den Zufall der "
            "Stichprobe und sagt nichts über die Güte eines Moduls. Module, an denen Wünsche nichts ändern, fehlen "
            "hier.",
            f"The wishes were drawn {draws} times from their uncertainty and the programme derived anew each "
            "time. “Firm” means the same choice in at least "
            f"{w.percent(_FIRM)} of the draws, “likely” in at least {w.percent(_LIKELY)}, else “open”. This "
            "holds against sampling chance only and says nothing "
            "about a module's quality. Modules that no wish can change are not shown.",
        )
    )
    figures = tuple(firmness_figure(c, p, wished) for p in c.m.curriculum.programmes if (wished := wish_decides(p)))
    title = w.t("Häufigkeiten über die Ziehungen", "Frequencies over the draws")
    return Section("frequencies", title, (words, *figures), annex=True)


def firmness_figure(c: Context, p: Programme, wished: Sequence[Place]) -> Figure:
    """Return the frequencies of what wishes decide."""
    w = c.w
    ordered = sorted(wished, key=lambda x: (-x.frequency, x.module))
    groups = {
        "basis": w.t("Basis: Fassung oder Auswahl", "Basis: version or choice"),
        "elective": w.t("Wahlmodul: wird angeboten", "elective: is offered"),
    }
    choices = [
        Choice(
            c.title(x.module).text,
            x.frequency,
            groups[x.level],
            f"{w.percent(x.frequency)} {c.firmness(x.depth_firmness)}",
        )
        for x in ordered
    ]
    rows = [
        w.row(c.title(x.module), groups[x.level], w.percent(x.frequency), c.firmness(x.depth_firmness)) for x in ordered
    ]
    draws = w.number(c.m.curriculum.draws)
    data = table(
        f"fig-firm-{p.tier}-data",
        w.t(f"Häufigkeit derselben Wahl in {draws} Ziehungen", f"Frequency of the same choice in {draws} draws"),
        w.t("Modul|Was Wünsche entscheiden|Häufigkeit>|das ist", "Module|what wishes decide|frequency>|that is").split(
            "|"
        ),
        rows,
    )
    said = "; ".join(f"{x.title}: {w.percent(x.share)}" for x in choices[:12])
    svg = firmness(
        choices,
        [(_LIKELY, w.t("wahrscheinlich", "likely")), (_FIRM, w.t("fest", "firm"))],
        w.t(f"Anteil der {draws} Ziehungen mit derselben Wahl", f"Share of the {draws} draws with the same choice"),
        w.lang,
    )
    return Figure(
        f"fig-firm-{p.tier}",
        w.t(
            f"Wie oft dieselbe Wahl herauskommt: {c.tier(p.tier)}",
            f"How often the same choice comes out: {c.tier(p.tier)}",
        ),
        w.t(f"Punktdiagramm der Häufigkeiten. {said}.", f"Dot plot of frequencies. {said}."),
        svg,
        width_of(svg),
        data,
        note=w.t("Nur gegen den Zufall der Stichprobe.", "Against sampling chance only."),
    )


def entry(c: Context, p: Programme) -> tuple[Element, ...]:
    """Return how beginners and experienced people enter, and the paths of the roles."""
    w = c.w
    credited = [x for x in p.basis if x.creditable]
    words = w.p(
        w.t(
            "Wer beginnt, besucht die ganze Basis. Wer Erfahrung mitbringt, prüft sich selbst und lässt sich "
            f"bis zu {w.number(len(credited))} Module anrechnen; {w.number(len(p.experienced))} Module besuchen "
            "auch Erfahrene.",
            "Beginners attend the whole Basis. Experienced people check themselves and may have up to "
            f"{w.number(len(credited))} modules credited; {w.number(len(p.experienced))} modules are attended by "
            "the experienced too.",
        )
    )
    out: list[Element] = [words]
    if credited:
        out.append(
            w.p(
                strong(w.t("Anrechenbar nach Selbstprüfung: ", "Creditable after a self-check: ")),
                c.titles(x.module for x in credited),
                ".",
            )
        )
    paths = [
        w.line(
            strong(f"{c.role(role).text}: ", c.role(role).lang),
            w.t(
                f"{w.number(len(modules))} von {w.number(len(p.basis))} Modulen der Basis",
                f"{w.number(len(modules))} of {w.number(len(p.basis))} modules of the Basis",
            ),
            _skips(c, p, modules),
        )
        for role, modules in p.paths.items()
    ]
    if paths:
        out.append(w.bullets(paths))
    return tuple(out)


def _skips(c: Context, p: Programme, modules: Sequence[str]) -> Inline:
    missing = [x.module for x in p.basis if x.module not in modules]
    if not missing:
        return c.w.line(".")
    return c.w.line(c.w.t("; ohne: ", "; without: "), c.titles(missing), ".")


def reasons_table(c: Context, p: Programme) -> Table:
    """Return the reason for every chosen module."""
    w = c.w
    rows = [
        w.row(c.title(x.module), w.t("Basis", "Basis") if x.level == "basis" else w.t("Wahl", "elective"), x.reason)
        for x in (*p.basis, *p.electives)
    ]
    return table(
        f"tab-reasons-{p.tier}",
        w.t(f"Warum aufgenommen: {c.tier(p.tier)}", f"Why taken: {c.tier(p.tier)}"),
        w.t("Modul|Stufe|Begründung", "Module|step|reason").split("|"),
        rows,
        wide=True,
    )


def left_out(c: Context, p: Programme) -> tuple[Element, ...]:
    """Return the modules without a place, and where all reasons stand."""
    w = c.w
    modules = [x.module for x in c.m.curriculum.left_out if x.tier == p.tier]
    if modules:
        words = w.p(
            w.t(
                f"{w.number(len(modules))} Module des Katalogs haben keinen Platz: ",
                f"{w.number(len(modules))} modules of the catalogue have no place: ",
            ),
            c.titles(modules),
            ".",
        )
    else:
        words = w.p(
            w.t("Kein Modul des Katalogs blieb ohne Platz.", "No module of the catalogue was left without a place.")
        )
    where = w.p(
        w.t(
            "Warum jedes Modul aufgenommen ist oder nicht, steht unter ",
            "Why every module is taken or not stands under ",
        ),
        link(w.t("„Begründungen“", "“Reasons”"), "reasons"),
        ".",
    )
    return (words, where)


def reasons(c: Context) -> Section:
    """Return the reason for every chosen and every rejected module."""
    w = c.w
    sections = []
    for p in c.m.curriculum.programmes:
        rows = [w.row(c.title(x.module), x.reason) for x in c.m.curriculum.left_out if x.tier == p.tier]
        rejected = table(
            f"tab-left-out-{p.tier}",
            w.t(f"Warum nicht aufgenommen: {c.tier(p.tier)}", f"Why left out: {c.tier(p.tier)}"),
            w.t("Modul|Begründung", "Module|reason").split("|"),
            rows,
            wide=True,
        )
        elements = (sources_table(c, p), reasons_table(c, p), *((rejected,) if rows else ()))
        sections.append(Section(f"reasons-{p.tier}", capital(c.tier(p.tier)), elements))
    return Section("reasons", w.t("Begründungen", "Reasons"), (), tuple(sections), annex=True)
