"""Method and assumptions, where a statistician looks for them; and the annex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.claims import claims_in_words
from passgenau.report.content.comparison import comparisons_in_words
from passgenau.report.content.concept import gaps
from passgenau.report.content.context import Context, table
from passgenau.report.content.findings import all_estimates_id, estimates_table
from passgenau.report.content.plan import cost_items, dates
from passgenau.report.content.programme import frequencies, reasons
from passgenau.report.content.response import crossed_strata
from passgenau.report.model import Section
from passgenau.report.wording import capital, link, strong
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.reading import Decided
    from passgenau.report.model import Element, Inline, Table
    from passgenau.report.wording import Part


def method(c: Context) -> Section:
    """Return the chapter on method and assumptions."""
    w = c.w
    return Section(
        "method",
        w.t("Methode und Annahmen", "Method and assumptions"),
        (),
        (
            voluntary(c),
            estimation(c),
            *(() if c.estimated else (arithmetic(c),)),
            assumptions(c),
            derivation(c),
            planning(c),
        ),
    )


def voluntary(c: Context) -> Section:
    """Return why the return is no random draw."""
    w = c.w
    out: list[Element] = [
        w.p(
            w.t(
                "Alle wurden gefragt, die Teilnahme war freiwillig. Wer antwortet, hat sich selbst ausgewählt. "
                f"{_headlines(c).de} "
                "Aussagen über alle gelten nur, wenn die Antwortenden einer Zufallsauswahl glichen.",
                "All were asked; taking part was voluntary. Those who answered chose themselves. "
                f"{_headlines(c).into('en')} "
                "statements on all hold only if those who answered resembled a random draw.",
            )
        )
    ]
    for check in c.m.findings.totals:
        t = check.total
        out.append(w.p(w.opening(check.sentence)))
        rows = [
            w.row(
                w.t("bekannt, von allen", "known, of all"),
                w.percent(check.known_share),
                w.t(
                    f"{w.number(t.count)} von {w.number(t.population)}",
                    f"{w.number(t.count)} of {w.number(t.population)}",
                ),
                t.source,
            ),
            *(
                w.row(
                    w.t("unter den Antwortenden", "of those that answered"),
                    w.percent(share),
                    reading,
                    w.t("diese Befragung", "this survey"),
                )
                if c.estimated
                else w.row(reading, w.percent(share), _return_of(c, t.compare_with), t.compare_with)
                for reading, share in check.readings
            ),
        ]
        columns = w.t("Was|Anteil>|Bezug|Quelle", "What|share>|base|source")
        out.append(table(f"tab-total-{t.id}", w.opening(t.text).text, columns.split("|"), rows))
    if c.m.published is not None and c.m.published.source.caveat and not c.estimated:
        out.append(w.p(c.m.published.source.caveat))
    return Section(
        "voluntary", w.t("Wer antwortet, hat sich selbst ausgewählt", "Those who answer chose themselves"), tuple(out)
    )


def _headlines(c: Context) -> Text:
    """Return whom the headlines speak of."""
    if c.weighted:
        return Text(
            "Die Gewichte gleichen aus, dass manche Größenklassen und Regionen eifriger antworteten, und sonst nichts;",
            "Weights make up for size classes and regions that answered more readily, and for nothing else;",
        )
    return Text(
        "Deshalb sprechen alle Überschriften von denen, die geantwortet haben;",
        "So all headlines speak of those who answered;",
    )


def _return_of(c: Context, source_id: str) -> str:
    statement = c.statements.get(source_id)
    return f"{c.audience(statement.audience)}: {c.returned(statement.audience)}" if statement else "–"


def estimation(c: Context) -> Section:
    """Return how shares, intervals and comparisons are computed."""
    w = c.w
    items = [
        (
            "Einheit",
            "Unit",
            (
                "Die Einheit ist die Kommune. Prozentwerte bestehen aus Bögen; mehrere Bögen einer Kommune zählen "
                "nie als unabhängig."
            ),
            (
                "The unit is the municipality. Percentages are made of sheets; several sheets of one municipality "
                "never count as independent."
            ),
        ),
        (
            "Intervalle",
            "Intervals",
            (
                "Exakt für kleine endliche Grundgesamtheiten (Umkehrung der hypergeometrischen Verteilung, 95 %), "
                "als Hülle über alle Zählungen von Kommunen, die mit den gedruckten Anteilen vereinbar sind. Die "
                "Endlichkeitskorrektur ist nie weggelassen."
            ),
            (
                "Exact for small finite populations (inversion of the hypergeometric distribution, 95%), as the "
                "envelope over all counts of municipalities that fit the printed shares. The finite-population "
                "correction is never left out."
            ),
        ),
        (
            "Bezugsgröße",
            "Base",
            (
                "Sie gehört zur Frage. Wo offen ist, worauf sich ein Anteil bezieht, sind alle Lesarten gerechnet "
                "und das Intervall umfasst sie."
            ),
            (
                "It belongs to the question. Where it is open what a share refers to, all readings are computed and "
                "the interval spans them."
            ),
        ),
        (
            "Vergleiche",
            "Comparisons",
            (
                "Exakter Test des Unterschieds zweier endlicher Grundgesamtheiten, größter p-Wert über alle "
                "verträglichen Zählungen, angepasst nach Holm und nach Benjamini und Hochberg. Ein nicht gezeigter "
                "Unterschied ist kein Beweis der Gleichheit."
            ),
            (
                "Exact test of the difference of two finite populations, largest p-value over all counts that fit, "
                "adjusted after Holm and after Benjamini and Hochberg. A difference not shown is no proof of "
                "equality."
            ),
        ),
    ]
    if c.estimated:
        items = _from_answers(c)
    lines = [w.line(strong(w.t(f"{de}: ", f"{en}: ")), w.t(long_de, long_en)) for de, en, long_de, long_en in items]
    methods = sorted({e.method for e in c.m.findings.estimates} | {x.method for x in c.m.findings.comparisons})
    keys = w.p(
        w.t(
            "Formeln, Bedingungen und Quellen stehen in docs/methods.md unter: ",
            "Formulas, conditions and sources stand in docs/methods.md under: ",
        ),
        ", ".join(methods),
        ".",
    )
    return Section(
        "estimation",
        w.t("Wie geschätzt und verglichen wird", "How shares are estimated and compared"),
        (w.bullets(lines), keys),
    )


def _from_answers(c: Context) -> list[tuple[str, str, str, str]]:
    """Return how answers become shares, intervals and comparisons."""
    weights = (
        (
            "Gewichte",
            "Weights",
            (
                "Jede Kommune zählt so, dass die Antworten die Zahlen der Grundgesamtheit treffen; was die Gewichte "
                "erklären, gilt nicht mehr als Unsicherheit. Exakte Binomialgrenzen nach Korn und Graubard mit "
                "wirksamem Stichprobenumfang; die Endlichkeitskorrektur ist nie weggelassen."
            ),
            (
                "Every organisation counts so that the answers meet the counts of the population; what the weights "
                "explain no longer counts as uncertainty. Exact binomial limits after Korn and Graubard with an "
                "effective size; the finite-population correction is never left out."
            ),
        )
        if c.weighted
        else (
            "Intervalle",
            "Intervals",
            (
                "Exakt für kleine endliche Grundgesamtheiten (Umkehrung der hypergeometrischen Verteilung, 95 %); wo "
                "ein Filter entscheidet, nach Korn und Graubard. Die Endlichkeitskorrektur ist nie weggelassen."
            ),
            (
                "Exact for small finite populations (inversion of the hypergeometric distribution, 95%); where a "
                "filter decides, after Korn and Graubard. The finite-population correction is never left out."
            ),
        )
    )
    rule = c.m.findings.quality.combined if c.m.findings.quality else None
    return [
        (
            "Einheit",
            "Unit",
            f"Die Einheit ist die Kommune. {rule.de if rule else ''}.",
            f"The unit is the municipality. {rule.into('en') if rule else ''}.",
        ),
        (
            "Bezugsgröße",
            "Base",
            (
                "Sie gehört zur Frage: die Kommunen, die sie gesehen und beantwortet haben. Wer eine Frage nicht sah, "
                "sie leer ließ oder „keine Angabe“ wählte, zählt bei ihr nicht mit."
            ),
            (
                "It belongs to the question: the organisations that saw it and answered it. Who did not see a "
                "question, left it empty or chose “no answer” does not count for it."
            ),
        ),
        weights,
        (
            "Vergleiche",
            "Comparisons",
            (
                "Unterschied zweier endlicher Grundgesamtheiten, angepasst nach Holm und nach Benjamini und Hochberg. "
                "Ein nicht gezeigter Unterschied ist kein Beweis der Gleichheit."
            ),
            (
                "Difference of two finite populations, adjusted after Holm and after Benjamini and Hochberg. A "
                "difference not shown is no proof of equality."
            ),
        ),
        (
            "Kleine Zahlen",
            "Small numbers",
            (
                "Was auf zu wenigen Antworten beruht, wird nicht gezeigt, und auch nichts, woraus es sich errechnen "
                "ließe."
            ),
            "What rests on too few answers is not shown, nor is anything from which it could be worked out.",
        ),
    ]


def arithmetic(c: Context) -> Section:
    """Return which printed percentages fit their base, worded without accusation."""
    w = c.w
    remarks = [
        (e, e.possibility) for e in c.m.findings.estimates if e.possibility is not None and not e.possibility.possible
    ]
    fits = sum(e.possibility is not None and e.possibility.possible for e in c.m.findings.estimates)
    intro = w.p(
        w.t(
            f"Ein Prozentwert kann nur aus manchen Zählungen entstehen. {w.number(fits)} gedruckte Werte passen "
            "zu ihrer vollen Bezugsgröße; Hälften dürfen nach beiden Seiten gerundet sein, „ca.“ hat seinen "
            "Spielraum. "
            "Wo ein Wert nicht passt, hat vermutlich jemand eine Antwort ausgelassen. Das weitet die "
            "Unsicherheit und hält nichts auf.",
            f"A percentage can arise from some counts only. {w.number(fits)} printed values fit their full base; "
            "halves may be rounded either way, “ca.” has its tolerance. "
            "Where a value does not fit, someone probably left out an answer. This widens the uncertainty and "
            "stops nothing.",
        )
    )
    body: tuple[Element, ...] = (intro,)
    if remarks:
        rows = [w.row(c.item(e.question, e.item), c.short(e.audience), c.printed(e), p.sentence) for e, p in remarks]
        columns = w.t("Antwort|Gruppe|gedruckt>|Bemerkung", "Answer|group|printed>|remark")
        body = (
            intro,
            table(
                "tab-grim",
                w.t("Werte, die eine kleinere Bezugsgröße nahelegen", "Values that suggest a smaller base"),
                columns.split("|"),
                rows,
                wide=True,
            ),
        )
    return Section(
        "arithmetic",
        w.t(
            "Ob die gedruckten Werte rechnerisch möglich sind", "Whether the printed values are arithmetically possible"
        ),
        body,
    )


def assumptions(c: Context) -> Section:
    """Return every assumption, and the shares assumed for topics without a number."""
    w = c.w
    a = c.m.findings.assumptions
    about: list[Part] = [
        w.t(
            f"„ca.“ lässt bis zu {w.trim(a.circa_points)} Prozentpunkte Abstand vom gedruckten Wert zu.",
            f"“ca.” allows up to {w.trim(a.circa_points)} percentage points from the printed value.",
        )
    ]
    lines: list[Part] = [
        *([] if c.estimated else about),
        w.t(
            f"Je Kommune {w.number(c.m.info.persons_per_organisation)} Personen, wo nichts anderes angemeldet ist.",
            f"{w.number(c.m.info.persons_per_organisation)} persons per organisation, unless registered otherwise.",
        ),
        w.t(
            f"Straßenkilometer sind Luftlinie mal {w.trim(c.m.planning.plan.detour, 2)}.",
            f"Road kilometres are great-circle kilometres times {w.trim(c.m.planning.plan.detour, 2)}.",
        ),
        *(
            w.line(strong(f"{r.source_id}: "), r.reading, " ", r.why)
            for r in c.m.decisions.readings
            if not c.estimated  # they say how a printed number is read
        ),
    ]
    out: list[Element] = [w.bullets(lines)]
    used = [s for s in c.m.assumed_shares if not c.estimated or c.m.needs.wishes[s.audience, s.topic].assumed]
    if used:
        groups: dict[tuple[str, float, float, Text], list[str]] = {}
        for s in used:
            groups.setdefault((s.audience, s.low, s.high, s.why), []).append(s.topic)
        rows = [
            w.row(c.joined(c.topic(t) for t in topics), c.short(audience), w.percents(low, high), why)
            for (audience, low, high, why), topics in groups.items()
        ]
        out += [
            w.p(
                _no_number_in_words(c)
                if c.estimated
                else w.t(
                    "Zu manchen Themen wurde gefragt, aber keine Zahl veröffentlicht. Für sie ist eine Spanne "
                    "angenommen; sie ist überall als Annahme gekennzeichnet:",
                    "Some topics were asked about without a number being published. A range is assumed for them "
                    "and marked as an assumption wherever it is used:",
                )
            ),
            table(
                "tab-assumed",
                w.t("Angenommene Spannen", "Assumed ranges"),
                w.t("Themen|Gruppe|Spanne>|Warum", "Topics|group|range>|why").split("|"),
                rows,
            ),
        ]
    return Section("assumptions", w.t("Annahmen", "Assumptions"), tuple(out))


def _no_number_in_words(c: Context) -> str:
    return c.w.t(
        "Zu manchen Themen gibt es keine Zahl. Für sie ist eine Spanne angenommen; sie gilt nur, wo keine Zahl "
        "geschätzt werden konnte, und ist überall als Annahme gekennzeichnet:",
        "For some topics there is no number. A range is assumed for them; it holds only where no number could be "
        "estimated, and is marked as an assumption wherever it is used:",
    )


def derivation(c: Context) -> Section:
    """Return how the concept is derived, and its checks."""
    w = c.w
    words = w.p(
        w.t(
            "Das Programm jeder Ebene ist die beste Lösung eines gemischt-ganzzahligen Modells: "
            "Mindestanforderungen, Rollenaufgaben, Voraussetzungen und Zeit sind Bedingungen, Wünsche das Ziel. "
            f"Für die Festigkeit wurde es {w.number(c.m.curriculum.draws)}-mal "
            f"mit gezogenen Wünschen gelöst (Startwert {c.m.curriculum.seed}).",
            "The programme of each tier is the best solution of a mixed-integer model: minimum requirements, "
            "role tasks, prerequisites and time are conditions, wishes the goal. For firmness it was solved "
            f"{w.number(c.m.curriculum.draws)} times "
            f"with drawn wishes (seed {c.m.curriculum.seed}).",
        )
    )
    kept = sum(x.passed for x in c.m.curriculum.checks)
    total = len(c.m.curriculum.checks)
    checked = w.p(
        w.t(
            f"Eine zweite Rechnung prüft das Ergebnis: {w.number(kept)} von {w.number(total)} Regeln sind eingehalten. "
            "",
            f"A second computation checks the result: {w.number(kept)} of {w.number(total)} rules are kept. ",
        ),
        link(w.t("Zu den Regeln", "To the rules"), "checks"),
    )
    title = w.t("Wie das Konzept abgeleitet wird", "How the concept is derived")
    return Section("derivation", title, (words, checked) if total else (words,))


def checks(c: Context) -> Section:
    """Return the rules of the concept, recomputed from the result."""
    w = c.w
    rows = [
        w.row(x.sentence, w.t("eingehalten", "kept") if x.passed else w.t("verletzt", "broken"))
        for x in c.m.curriculum.checks
    ]
    title = w.t("Regeln, aus dem Ergebnis nachgerechnet", "Rules, recomputed from the result")
    elements = (table("tab-checks", title, w.t("Regel|Ergebnis", "Rule|result").split("|"), rows, header_columns=0),)
    return Section("checks", title, elements if rows else (), annex=True)


def planning(c: Context) -> Section:
    """Return how the plan is made."""
    w = c.w
    rules, calendar = c.m.planning.plan, c.m.planning.calendar
    low, high = rules.months_between_blocks
    lines: list[Part] = [
        w.t(
            f"Zeitraum {w.date(calendar.start)} bis {w.date(calendar.end)}; keine Veranstaltung an Feiertagen "
            "oder in den genannten Ferien.",
            f"Period {w.date(calendar.start)} to {w.date(calendar.end)}; no event on public holidays or in the "
            "holidays named.",
        ),
        w.t(f"Zwischen zwei Blöcken {low} bis {high} Monate.", f"{low} to {high} months between two blocks."),
        w.t(
            f"Kohorten aus mindestens {w.number(rules.organisations_min)} Kommunen; im Pilot "
            f"{w.number(rules.cohorts_min)} bis {w.number(rules.cohorts_max)} Kohorten.",
            f"Cohorts of at least {w.number(rules.organisations_min)} organisations; "
            f"{w.number(rules.cohorts_min)} to {w.number(rules.cohorts_max)} cohorts in the pilot.",
        ),
        w.t(
            f"Höchstens {w.number(rules.in_house_days_max)} Inhouse-Tage im Pilot.",
            f"At most {w.number(rules.in_house_days_max)} in-house days in the pilot.",
        ),
        w.line(rules.why),
        w.line(calendar.why),
    ]
    return Section("planning", w.t("Wie geplant wird", "How the plan is made"), (w.bullets(lines),))


def annex(c: Context) -> tuple[Section, ...]:
    """Return the annex: everything that the chapters point to."""
    return (
        *crossed_strata(c),
        all_estimates(c),
        comparisons_in_words(c),
        *(() if c.estimated else (claims_in_words(c),)),
        reasons(c),
        frequencies(c),
        *gaps(c),
        *dates(c),
        *cost_items(c),
        decisions(c),
        checks(c),
        *(() if c.estimated else (words_of_source(c),)),
    )


def all_estimates(c: Context) -> Section:
    """Return every estimate."""
    w = c.w
    rows: list[Element] = []
    for audience in c.m.info.audiences:
        own = [e for e in c.m.findings.estimates if e.audience == audience.id]
        if own:
            rows.append(
                estimates_table(
                    c,
                    all_estimates_id(audience.id),
                    w.t(f"Alle Schätzungen: {c.audience(audience.id)}", f"All estimates: {c.audience(audience.id)}"),
                    own,
                )
            )
    return Section("all-estimates", w.t("Alle Schätzungen", "All estimates"), tuple(rows), annex=True)


def decisions(c: Context) -> Section:
    """Return what people decided: who, why, and the sentence it rests on."""
    w = c.w
    d = c.m.decisions
    parts: list[tuple[str, str, list[tuple[Inline, Decided]]]] = [
        (
            "minimum",
            w.t("Mindestanforderungen", "Minimum requirements"),
            [
                (
                    w.line(
                        c.competence(x.competence),
                        f" ({', '.join(c.tier(t) for t in x.tiers)}; ",
                        c.joined((c.role(r) for r in x.roles), ", "),
                        ")",
                    ),
                    x,
                )
                for x in d.minimum
            ],
        ),
        (
            "role",
            w.t("Rollenaufgaben", "Role tasks"),
            [(w.line(f"{capital(c.tier(x.tier))}: ", x.task), x) for x in d.role_tasks],
        ),
        (
            "preference",
            w.t("Wünsche, die nur in Worten vorliegen", "Preferences given in words only"),
            [(w.line(f"{capital(c.tier(x.tier))}: ", x.choice), x) for x in d.preferences],
        ),
        (
            "frequency",
            w.t("Lesarten der Häufigkeit", "Readings of frequency"),
            [(w.line(x.text), x) for x in d.frequency],
        ),
        (
            "programme",
            w.t("Rahmen der Programme", "Frame of the programmes"),
            [(_frame(c, x.tier), x) for x in d.programmes],
        ),
        (
            "accompaniment",
            w.t("Prozessbegleitung", "Accompaniment"),
            [(w.line(f"{capital(c.tier(x.tier))}: ", x.task), x) for x in d.accompaniment],
        ),
    ]
    intro = w.p(
        w.t(
            "Was Menschen entscheiden, bleibt bei jeder neuen Rechnung stehen. Was mit „Annahme“ gekennzeichnet "
            "ist, hat noch niemand entschieden: Es ist ein Vorschlag dieses Rechenbeispiels.",
            "What people decide survives every new run. What is marked “assumption” nobody has decided yet: it "
            "is a proposal of this worked example.",
        )
    )
    tables = tuple(_decision_table(c, key, caption, rows) for key, caption, rows in parts if rows)
    return Section("decisions", w.t("Setzungen", "Decisions"), (intro, *tables), annex=True)


def _frame(c: Context, tier: str) -> Inline:
    w = c.w
    rules = next(x for x in c.m.decisions.programmes if x.tier == tier)
    return w.line(
        w.t(
            f"{capital(c.tier(rules.tier))}: Basis bis {w.trim(rules.basis_days)} Tage in {w.number(rules.blocks)} "
            f"Blöcken, bis {w.number(rules.self_study_units)} Einheiten Selbstlernen, "
            f"{w.number(rules.electives_per_person)} Wahlmodule je Person, {w.number(rules.persons_expected)} "
            "Personen im Programmjahr",
            f"{capital(c.tier(rules.tier))}: Basis up to {w.trim(rules.basis_days)} days in {w.number(rules.blocks)} "
            f"blocks, up to {w.number(rules.self_study_units)} units of self-study, "
            f"{w.number(rules.electives_per_person)} electives per person, {w.number(rules.persons_expected)} "
            "persons in the programme year",
        )
    )


def _decision_table(c: Context, key: str, caption: str, rows: list[tuple[Inline, Decided]]) -> Table:
    w = c.w
    cells = [
        w.row(what, x.why, x.source or "–", w.t("Annahme", "assumption") if x.assumed else x.decided_by)
        for what, x in rows
    ]
    return table(
        f"tab-decision-{key}",
        caption,
        w.t("Setzung|warum|Grundlage|Wer", "Decision|why|rests on|who").split("|"),
        cells,
        wide=True,
    )


def words_of_source(c: Context) -> Section:
    """Return the words of the source for every statement, with its hedge."""
    w = c.w
    rows = [
        w.row(s.source_id, c.short(s.audience), w.quote(s.qualifier) if s.qualifier else "–", w.quote(s.quote))
        for s in (c.m.published.statements if c.m.published else ())
    ]
    columns = w.t("Quelle|Gruppe|Einschränkung|Wortlaut", "Source|group|hedge|words of the source")
    intro = w.p(
        w.t(
            "Jede Aussage so, wie sie gedruckt ist, mit ihren Einschränkungen. ",
            "Every statement as printed, with its hedges. ",
        ),
        (c.m.published.source.missing if c.m.published else None) or "",
    )
    return Section(
        "words",
        w.t("Wortlaut der Quelle", "Words of the source"),
        (
            intro,
            table("tab-words", w.t("Wortlaut der Quelle", "Words of the source"), columns.split("|"), rows, wide=True),
        ),
        annex=True,
    )
