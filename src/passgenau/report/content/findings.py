"""What the municipalities that answered wish for, how the groups differ, and what the data carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.figures.shares import Dot, dot_intervals
from passgenau.report.model import Bullets, Figure, Section, Table
from passgenau.report.picture import width_of
from passgenau.report.wording import link, strong
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.findings.model import Comparison, Estimate, WordedResult
    from passgenau.report.model import Element
    from passgenau.survey.questionnaire import Question

LEVEL = 0.05  # of the tests, as every sentence states it


def background(c: Context) -> Section:
    """Return Ausgangslage: why the study exists, and who answered."""
    w = c.w
    rows = [
        w.row(
            c.audience(r.audience),
            w.number(r.population),
            w.number(r.units),
            w.percent(r.response_rate),
            w.number(r.answers),
            w.t(f"±{w.number(100 * r.worst_margin, 1)} Punkte", f"±{w.number(100 * r.worst_margin, 1)} points"),
        )
        for r in c.m.findings.reach
    ]
    returns = table(
        "tab-return",
        w.t("Wer gefragt wurde und wer geantwortet hat", "Who was asked and who answered"),
        w.t(
            "Gruppe|Grundgesamtheit>|antworteten>|Rücklauf>|Bögen>|Fehlergrenze höchstens>",
            "Group|population>|answered>|return>|sheets>|margin at most>",
        ).split("|"),
        rows,
        note=w.t(
            "Die Fehlergrenze gilt für einen Anteil von 50 %, wenn die Antwortenden einer Zufallsauswahl glichen; "
            "sie ist nicht das Intervall eines einzelnen Anteils. Mehr Bögen als Kommunen: manche antworteten "
            "mehrfach.",
            "The margin holds for a share of 50%, if those who answered resembled a random draw; it is not the "
            "interval of any single share. More sheets than municipalities: some answered more than once.",
        ),
    )
    source = c.m.published.source
    cited = w.p(
        w.t("Quelle der Antworten: ", "Source of the answers: "),
        w.text(source.survey),
        ". ",
        w.t("Veröffentlicht in: ", "Published in: "),
        f"{', '.join(source.authors)}: ",
        w.text(Text(f"{source.title} {source.published_in}")),
        ".",
    )
    paragraphs: tuple[Element, ...] = tuple(w.p(text) for text in c.m.info.background)
    return Section("background", w.t("Ausgangslage", "Background"), (*paragraphs, cited, returns))


def goals(c: Context) -> Section:
    """Return Ziele."""
    return Section("goals", c.w.t("Ziele", "Goals"), (c.w.bullets(c.m.info.goals),))


def wishes(c: Context) -> Section:
    """Return what those who answered wish for; projections come second."""
    w = c.w
    asked = c.m.questionnaire.questions
    training = [question(c, q) for q in asked if q.kind == "wish" and _spoken_of(c, q)]
    context = [question(c, q) for q in asked if q.kind == "context" and _spoken_of(c, q)]
    others = Section(
        "wishes-context",
        w.t("Wonach sonst gefragt wurde", "What else was asked"),
        (
            w.p(
                w.t(
                    "Diese Fragen geben den Zusammenhang: Erfahrung, Vorhaben, Formate, Zeitpunkt und Austausch. "
                    "Sie gelten nicht als Fortbildungswünsche und bestimmen keinen Platz eines Moduls.",
                    "These questions give the context: experience, plans, formats, timing and exchange. They do not "
                    "count as wishes for training and decide no module's place.",
                )
            ),
        ),
        tuple(context),
    )
    return Section(
        "wishes",
        w.t("Was die Kommunen wünschen", "What the municipalities wish for"),
        (_how_to_read(c),),
        (*training, others, projections(c)),
    )


def _how_to_read(c: Context) -> Element:
    w = c.w
    return w.callout(
        "note",
        w.t("So sind die Zahlen zu lesen", "How to read the numbers"),
        w.t(
            "Jeder Anteil spricht zuerst von den Kommunen, die geantwortet haben. Gezählt sind Bögen; "
            "geantwortet haben "
            "Kommunen, manche mit mehreren Bögen. Punkte zeigen den gedruckten Anteil. Die Linien reichen so "
            "weit, wie der "
            "Anteil unter allen Kommunen liegen könnte, wenn die Antwortenden einer Zufallsauswahl glichen "
            "(95-%-Intervall).",
            "Every share speaks first of the municipalities that answered. Sheets are counted; municipalities "
            "answered, "
            "some with several sheets. Dots show the printed share. Lines reach as far as the share among all "
            "could lie, "
            "if those who answered resembled a random draw (95% interval).",
        ),
        w.line(
            w.t("Dass sie das nicht taten, zeigt Abschnitt ", "That they did not is shown in "),
            link(
                w.t("„Wer antwortet, hat sich selbst ausgewählt“", "“Those who answer chose themselves”"), "voluntary"
            ),
            ".",
        ),
    )


def _estimates(c: Context, q: Question) -> list[Estimate]:
    return [e for e in c.m.findings.estimates if e.question == q.id and e.value is not None]


def _worded(c: Context, q: Question) -> list[WordedResult]:
    return [r for r in c.m.findings.worded if r.question == q.id]


def _spoken_of(c: Context, q: Question) -> bool:
    return bool(_estimates(c, q) or _worded(c, q))


def question(c: Context, q: Question) -> Section:
    """Return one question: its figure where numbers exist, and every statement without a number as printed."""
    w = c.w
    estimates, worded = _estimates(c, q), _worded(c, q)
    elements: list[Element] = []
    if estimates:
        elements.append(headline(c, estimates))
        if len(estimates) > 1:
            elements.append(share_figure(c, q, estimates))
    else:
        elements.append(
            w.p(
                w.t(
                    "Zu dieser Frage nennt der Text keine Zahlen. Eine Abbildung mit Werten wäre erfunden; "
                    "es bleibt bei den Worten der Quelle.",
                    "The text gives no numbers for this question. A figure with values would be invented; the source's "
                    "own words stand instead.",
                )
            )
        )
    if worded:
        elements.append(worded_table(c, q, worded))
    if q.note:
        elements.append(w.p(strong(w.t("Anmerkung: ", "Note: ")), q.note))
    return Section(f"question-{q.id}", q.text.into(w.lang), tuple(elements))


def headline(c: Context, estimates: Sequence[Estimate]) -> Bullets:
    """Return, per audience, what was named most often by those who answered."""
    w = c.w
    lines = []
    for audience in c.m.info.audiences:
        own = sorted((e for e in estimates if e.audience == audience.id), key=lambda e: -(e.value or 0))
        if own:
            named = [w.line(c.item(e.question, e.item), f" {c.printed(e)} ({c.sheets(e)})") for e in own[:3]]
            joined = [part for i, line in enumerate(named) for part in ((w.line(", "), line) if i else (line,))]
            lines.append(w.line(strong(f"{c.audience(audience.id)} ({c.returned(audience.id)}): "), *joined))
    return Bullets(tuple(lines))


def share_figure(c: Context, q: Question, estimates: Sequence[Estimate]) -> Figure:
    """Return the dots and intervals of one question."""
    w = c.w
    groups = [a.id for a in c.m.info.audiences]
    best = {e.item: max(x.value or 0 for x in estimates if x.item == e.item) for e in estimates}
    ordered = sorted(estimates, key=lambda e: (-best[e.item], e.item, groups.index(e.audience)))
    names = {a: f"{c.audience(a)} ({c.returned(a)})" for a in groups}
    dots = [
        Dot(c.item(e.question, e.item).text, names[e.audience], e.value or 0, e.lower, e.upper, c.printed(e))
        for e in ordered
    ]
    axis = w.t(
        "Anteil an den Bögen; Linie: 95-%-Intervall für alle, wenn Zufallsauswahl",
        "Share of the sheets; line: 95% interval for all, if a random draw",
    )
    title = q.text.into(w.lang)
    said = "; ".join(
        f"{c.item(e.question, e.item).text}, {c.short(e.audience)}: {c.printed(e)}, {c.interval(e)}" for e in ordered
    )
    svg = dot_intervals(dots, [names[g] for g in groups], axis, w.lang)
    return Figure(
        id=f"fig-{q.id}",
        caption=w.t(f"{title}: Anteile unter den Antwortenden", f"{title}: shares among those who answered"),
        alt=w.t(
            f"Punktdiagramm mit Intervallen. Anteil und 95-%-Intervall: {said}.",
            f"Dot plot with intervals. Share and 95% interval: {said}.",
        ),
        svg=svg,
        width=width_of(svg),
        data=estimates_table(c, f"fig-{q.id}-data", title, ordered),
        note=_chart_note(c, q),
    )


def _chart_note(c: Context, q: Question) -> str | None:
    worded = _worded(c, q)
    if not worded:
        return None
    return c.w.t(
        f"Nur was der Text mit Zahlen nennt; {len(worded)} Aussagen ohne Zahl stehen in der Tabelle darunter.",
        f"Only what the text gives as numbers; {len(worded)} statements without a number stand in the table below.",
    )


def estimates_table(c: Context, id_: str, caption: str, estimates: Sequence[Estimate]) -> Table:
    """Return estimates with both bases, the interval and the counts."""
    w = c.w
    rows = [
        w.row(
            c.item(e.question, e.item),
            c.short(e.audience),
            c.printed(e),
            c.sheets(e),
            c.returned(e.audience),
            c.interval(e),
            c.counts(e),
        )
        for e in estimates
    ]
    columns = w.t(
        "Antwort|Gruppe|gedruckt>|Bögen|Kommunen|Intervall*>|als Anzahl*>",
        "Answer|group|printed>|sheets|municipalities|interval*>|as a count*>",
    )
    note = w.t(
        "* 95-%-Intervall für alle der Gruppe, wenn die Antwortenden einer Zufallsauswahl glichen. "
        "Ohne Anzahl: Die Bezugsgröße ist ein Teil von unbekannter Größe.",
        "* 95% interval for all of the group, if those who answered resembled a random draw. "
        "Without a count: the base is a part of unknown size.",
    )
    return table(id_, caption, columns.split("|"), rows, note=note, wide=True)


def worded_table(c: Context, q: Question, worded: Sequence[WordedResult]) -> Table:
    """Return statements without a number, as the source words them."""
    w = c.w
    rows = [
        w.row(c.item(r.question, r.item), c.short(r.audience), w.quote(r.qualifier), w.quote(r.quote)) for r in worded
    ]
    return table(
        f"tab-worded-{q.id}",
        w.t("Aussagen ohne Zahl, wie gedruckt", "Statements without a number, as printed"),
        w.t("Antwort|Gruppe|Einschränkung|Wortlaut", "Answer|group|hedge|words of the source").split("|"),
        rows,
    )


def projections(c: Context) -> Section:
    """Return what would follow for all, under the condition, beside the checks of that condition."""
    w = c.w
    wished = sorted(
        (e for e in c.m.findings.estimates if e.kind == "wish" and e.value is not None),
        key=lambda e: (c.m.info.audiences.index(c.m.audience(e.audience)), -(e.value or 0)),
    )
    intro = w.p(
        w.t(
            "Glichen die Antwortenden einer Zufallsauswahl, dann lägen die Anteile unter allen Kommunen in den "
            "folgenden Grenzen. Das Intervall zählt Kommunen, nicht Bögen: Weil der Artikel nur Bögen angibt, "
            "umfasst es alle "
            "Zahlen von Kommunen, die mit den Bögen vereinbar sind.",
            "If those who answered resembled a random draw, the shares among all would lie within the following "
            "limits. "
            "The interval counts municipalities, not sheets: since the article gives sheets only, it spans all "
            "numbers of "
            "municipalities that the sheets allow.",
        )
    )
    checks = tuple(
        w.callout("caution", w.t("Die Bedingung, geprüft", "The condition, checked"), t.sentence)
        for t in c.m.findings.totals
    )
    return Section(
        "projections",
        w.t(
            "Hochrechnung, wenn die Antwortenden einer Zufallsauswahl glichen",
            "Projection, if those who answered resembled a random draw",
        ),
        (
            *checks,
            intro,
            estimates_table(
                c,
                "tab-projection",
                w.t(
                    "Fortbildungswünsche, unter der Bedingung auf alle bezogen",
                    "Wishes for training, projected to all under the condition",
                ),
                wished,
            ),
        ),
    )


def comparison(c: Context) -> Section:
    """Return the comparison of the groups and the page on what the article says."""
    w = c.w
    findings = c.m.findings
    elements: list[Element] = [
        w.p(
            w.t(
                "Verglichen ist jede Antwort, zu der beide Gruppen gefragt wurden und der Text Zahlen nennt. Wer "
                "vieles "
                "vergleicht, findet auch Zufälle; die p-Werte sind deshalb für die Zahl der Vergleiche angepasst. ",
                "Compared is every answer that both groups were asked about and for which the text gives "
                "numbers. Whoever "
                "compares many things also finds chance; the p-values are therefore adjusted for the number of "
                "comparisons. ",
            ),
            findings.family,
        ),
        comparison_table(c, findings.comparisons),
    ]
    shown = sum(x.p_holm < LEVEL for x in findings.comparisons)
    elements.append(
        w.p(
            w.t(
                f"Gezeigt: {w.number(shown)} von {w.number(len(findings.comparisons))} "
                "Unterschieden (5 %, nach Holm). Was nicht gezeigt ist, kann trotzdem bestehen: Dieser Rücklauf "
                "konnte es nicht zeigen. Jeden Vergleich in einem Satz gibt es unter ",
                f"Shown are {w.number(shown)} of {w.number(len(findings.comparisons))} differences (5%, after Holm). "
                "What is not shown may exist all the same: this return could not show it. Every comparison in a "
                "sentence stands under ",
            ),
            link(w.t("„Vergleiche in Worten“", "“Comparisons in words”"), "comparisons-in-words"),
            ".",
        )
    )
    return Section(
        "comparison",
        w.t("Vergleich der Gruppen", "The groups compared"),
        tuple(elements),
        (claims(c),),
    )


def comparisons_in_words(c: Context) -> Section:
    """Return one sentence per comparison."""
    w = c.w
    sentences = []
    for x in c.m.findings.comparisons:
        item = c.item(x.question, x.item)
        sentences.append(w.line(strong(f"{item.text}: ", item.lang), x.sentence, *((" ", x.note) if x.note else ())))
    title = w.t("Vergleiche in Worten", "Comparisons in words")
    return Section("comparisons-in-words", title, (w.bullets(sentences),) if sentences else (), annex=True)


def comparison_table(c: Context, comparisons: Sequence[Comparison]) -> Table:
    """Return differences with interval, p-values and what could have been found."""
    w = c.w
    rows = [
        w.row(
            c.item(x.question, x.item),
            f"{c.printed(c.estimate(x.source_ids[0]))} ({c.sheets(c.estimate(x.source_ids[0]))})",
            f"{c.printed(c.estimate(x.source_ids[1]))} ({c.sheets(c.estimate(x.source_ids[1]))})",
            w.t(f"{w.points(x.difference)} Punkte", f"{w.points(x.difference)} points"),
            w.t(f"{w.points(x.lower)} bis {w.points(x.upper)}", f"{w.points(x.lower)} to {w.points(x.upper)}"),
            w.p_value(x.p_value),
            w.p_value(x.p_holm),
            w.p_value(x.p_bh),
            "–" if x.detectable is None else w.number(100 * x.detectable),
        )
        for x in comparisons
    ]
    a, b = (c.short(comparisons[0].audience_a), c.short(comparisons[0].audience_b)) if comparisons else ("A", "B")
    columns = w.t(
        f"Antwort|{a}>|{b}>|Unterschied>|95-%-Intervall>|p>|p (Holm)>|p (BH)>|erkennbar ab>",
        f"Answer|{a}>|{b}>|difference>|95% interval>|p>|p (Holm)>|p (BH)>|detectable from>",
    )
    returns = "; ".join(f"{c.audience(r.audience)}: {c.returned(r.audience)}" for r in c.m.findings.reach)
    note = w.t(
        f"Unterschiede in Prozentpunkten, erste minus zweite Gruppe ({returns}). p: exakt, der größte Wert über "
        "alle verträglichen "
        "Zählungen. Erkennbar ab: kleinster Unterschied, den dieser Rücklauf mit 80 % Sicherheit gefunden hätte.",
        f"Differences in percentage points, first minus second group ({returns}). p: exact, the largest value "
        "over all counts that "
        "fit. Detectable from: smallest difference this return would have found with 80% power.",
    )
    return table(
        "tab-comparison",
        w.t("Unterschiede zwischen den Gruppen", "Differences between the groups"),
        columns.split("|"),
        rows,
        note=note,
        wide=True,
    )


def claims(c: Context) -> Section:
    """Return what the article says beside what the data carry."""
    w = c.w
    verdicts = {
        "carried": w.t("trägt", "carried"),
        "not_shown": w.t("lässt sich nicht zeigen", "cannot be shown"),
        "not_testable": w.t("nicht prüfbar", "cannot be tested"),
    }
    rows = [w.row(w.quote(x.quote), verdicts[x.verdict], x.sentence) for x in c.m.findings.claims]
    intro = w.p(
        w.t(
            "Links der Wortlaut der Quelle, rechts, was diese Antworten dazu hergeben. Die Vorsicht teilen die "
            "Autoren selbst: ",
            "On the left the words of the source, on the right what these answers yield. The authors share the "
            "caution: ",
        ),
        w.quote(c.m.published.source.caveat_quote or "") if c.m.published.source.caveat_quote else "",
    )
    columns = w.t(
        "Was der Artikel sagt|Urteil|Was die Daten tragen", "What the article says|Verdict|What the data carry"
    )
    body: tuple[Element, ...] = (intro,)
    if rows:
        body = (
            intro,
            table(
                "tab-claims",
                w.t("Aussagen und ihre Tragfähigkeit", "Claims and how far they carry"),
                columns.split("|"),
                rows,
                header_columns=0,
            ),
        )
    return Section(
        "claims",
        w.t("Was der Artikel sagt und was die Daten tragen", "What the article says and what the data carry"),
        body,
    )
