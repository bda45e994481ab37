"""What the municipalities that answered wish for, how the groups differ, and what the data carry."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.figures.shares import Dot, dot_intervals
from passgenau.report.model import Bullets, Figure, Section, Table
from passgenau.report.picture import width_of
from passgenau.report.wording import NO_BREAK, capital, link, strong
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.findings.model import ClaimCheck, Comparison, Estimate, Mean, TotalCheck, WordedResult
    from passgenau.report.model import Element, Inline
    from passgenau.report.wording import Part
    from passgenau.survey.questionnaire import Question

LEVEL = 0.05  # of the tests, as every sentence states it
_FEW = 25  # comparisons that a chapter shows one by one; of more, it shows those that were found


def background(c: Context) -> Section:
    """Return Ausgangslage: why the study exists, and who answered."""
    w = c.w
    rows = [
        w.row(
            capital(c.audience(r.audience)),
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
    paragraphs: tuple[Element, ...] = tuple(w.p(text) for text in c.m.info.background)
    return Section("background", w.t("Ausgangslage", "Background"), (*paragraphs, *_where_from(c), returns))


def _where_from(c: Context) -> tuple[Element, ...]:
    """Return where the numbers come from: a publication, or the answers themselves."""
    w = c.w
    if c.estimated:
        made = w.t(
            "Die Zahlen dieses Berichts sind aus den einzelnen Antworten geschätzt.",
            "The numbers of this report are estimated from the single answers.",
        )
        return (w.p(made, " ", link(w.t("Wer geantwortet hat", "Who answered"), "response"), "."),)
    if c.m.published is None:
        return ()
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
    return (cited,)


def goals(c: Context) -> Section:
    """Return Ziele."""
    return Section("goals", c.w.t("Ziele", "Goals"), (c.w.bullets(c.m.info.goals),))


def wishes(c: Context) -> Section:
    """Return what those who answered wish for; projections come second."""
    w = c.w
    asked = c.m.questionnaire.questions
    training = [question(c, q) for q in asked if q.kind == "wish" and _spoken_of(c, q)]
    context = [q for q in asked if q.kind == "context" and _spoken_of(c, q)]
    drawn = [q for q in context if len(_estimates(c, q)) > 1]
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
            *_in_a_line(c, [q for q in context if q not in drawn]),
        ),
        tuple(question(c, q) for q in drawn),
    )
    return Section(
        "wishes",
        w.t("Was die Kommunen wünschen", "What the municipalities wish for"),
        (_how_to_read(c),),
        (*training, others, *means(c), projections(c), *source_figures(c)),
    )


def _in_a_line(c: Context, questions: Sequence[Question]) -> tuple[Element, ...]:
    """Return questions with a single number, or with words only, as a list: one line per question."""
    w = c.w
    lines = []
    for q in questions:
        said: list[Part] = []
        for e in _estimates(c, q):
            said += ["; " if said else "", f"{c.audience(e.audience)} {c.printed(e)} ({c.sheets(e)})"]
        for r in _by_quote(_worded(c, q)):
            said += ["; " if said else "", c.joined((c.item(x.question, x.item) for x in r[:1]), ", ")]
            said += [f" ({w.listing(dict.fromkeys(c.audience(x.audience) for x in r))}): ", w.quote(r[0].quote)]
        text = w.text(q.text.text)
        lines.append(w.line(strong(f"{text.text}: ", text.lang), *said, "."))
    return (w.bullets(lines),) if lines else ()


def _by_quote(worded: Sequence[WordedResult]) -> list[list[WordedResult]]:
    """Gather statements that one sentence of the source makes together."""
    groups: dict[str, list[WordedResult]] = {}
    for r in worded:
        groups.setdefault(r.quote, []).append(r)
    return list(groups.values())


def source_figures(c: Context) -> tuple[Section, ...]:
    """Return which figures of the source are redrawn, and why the others cannot be."""
    w = c.w
    shown = [q for q in c.m.questionnaire.questions if q.source_figure is not None]
    if not shown or c.estimated:
        return ()
    rows = [w.row(q.source_figure or "", q.text.text, *_redrawn(c, q)) for q in shown]
    columns = w.t("Quelle|Frage|Hier|Warum", "Source|question|here|why").split("|")
    return (
        Section(
            "source-figures",
            w.t("Die Abbildungen der Quelle", "The figures of the source"),
            (
                table(
                    "tab-source-figures",
                    w.t("Was aus den Abbildungen der Quelle wurde", "What became of the figures of the source"),
                    columns,
                    rows,
                ),
            ),
        ),
    )


def _redrawn(c: Context, q: Question) -> tuple[Part, Part]:
    """Return where a figure of the source is redrawn, and how far the text's numbers carry."""
    w = c.w
    estimates, worded = _estimates(c, q), _worded(c, q)
    if len(estimates) <= 1:
        return (
            w.t("nicht gezeichnet", "not drawn"),
            w.t(
                "Der Text nennt nur eine Reihenfolge in Worten, keine Werte.",
                "The text gives an order in words only, no values.",
            ),
        )
    items = len({e.item for e in estimates})
    numbers = w.plural(items, ("Antwort", "answer"), ("Antworten", "answers"))
    without = w.t(
        f"; {w.number(len(worded))} Aussagen ohne Zahl stehen daneben" if worded else "",
        f"; {w.number(len(worded))} statements without a number stand beside it" if worded else "",
    )
    return (
        link(w.t("neu gezeichnet, mit Intervallen", "redrawn, with intervals"), f"fig-{q.id}"),
        w.t(f"Der Text nennt Zahlen zu {numbers}{without}.", f"The text gives numbers for {numbers}{without}."),
    )


def total_in_short(c: Context, check: TotalCheck) -> Inline:
    """Return a known total beside what those who answered say, in one or two sentences."""
    return c.w.line(c.w.opening(check.short))


def _how_to_read(c: Context) -> Element:
    w = c.w
    if c.estimated:
        return _how_to_read_answers(c)
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
        _where_the_condition_is_checked(c),
    )


def _how_to_read_answers(c: Context) -> Element:
    w = c.w
    counted = (
        w.t(
            "Die Anteile sind gewichtet: Sie bringen die Antworten auf die Verteilung aller Kommunen; daneben steht in "
            "den Tabellen, was ungewichtet herauskommt. ",
            "Shares are weighted: they bring the answers to the distribution of all municipalities; tables show "
            "beside them what comes out without weights. ",
        )
        if c.weighted
        else w.t("Gezählt sind Kommunen, jede einmal. ", "Municipalities are counted, each once. ")
    )
    base = w.t(
        "Bezugsgröße sind die Kommunen, die die Frage gesehen und beantwortet haben: Nicht gezeigt, leer gelassen und "
        "„nein“ sind dreierlei. Mehrere Bögen einer Kommune sind zu einer Antwort zusammengefasst. Die Linien reichen "
        "so weit, wie der Anteil unter allen Kommunen liegen könnte, wenn die Antwortenden einer Zufallsauswahl "
        "glichen (95-%-Intervall).",
        "The base are the municipalities that saw the question and answered it: not shown, left empty and “no” are "
        "three things. Several sheets of one municipality are combined into one answer. Lines reach as far as the "
        "share among all could lie, if those who answered resembled a random draw (95% interval).",
    )
    return w.callout(
        "note",
        w.t("So sind die Zahlen zu lesen", "How to read the numbers"),
        counted + base,
        _where_the_condition_is_checked(c),
    )


def _where_the_condition_is_checked(c: Context) -> Inline:
    w = c.w
    return w.line(
        w.t("Dass sie das nicht taten, zeigt Abschnitt ", "That they did not is shown in ")
        if any(not check.compatible for check in c.m.findings.totals)
        else w.t("Was dafür und dagegen spricht, sagt Abschnitt ", "What speaks for and against it is said in "),
        link(w.t("„Wer antwortet, hat sich selbst ausgewählt“", "“Those who answer chose themselves”"), "voluntary"),
        ".",
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
    if q.note and not c.estimated:  # it speaks of what the source printed
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
            lines.append(w.line(strong(f"{capital(c.audience(audience.id))} ({c.returned(audience.id)}): "), *joined))
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
    if c.estimated:
        axis = w.t(
            "Anteil der Kommunen; Linie: 95-%-Intervall für alle, wenn Zufallsauswahl",
            "Share of the municipalities; line: 95% interval for all, if a random draw",
        )
    title = q.text.into(w.lang)
    said = "; ".join(
        f"{c.item(e.question, e.item).text}, {c.short(e.audience)}: {c.printed(e)}, {c.interval(e)}" for e in ordered
    )
    svg = dot_intervals(dots, [names[g] for g in groups], axis, w.lang)
    return Figure(
        id=f"fig-{q.id}",
        caption=_caption(c, title),
        alt=w.t(
            f"Punktdiagramm mit Intervallen. Anteil und 95-%-Intervall: {said}.",
            f"Dot plot with intervals. Share and 95% interval: {said}.",
        ),
        svg=svg,
        width=width_of(svg),
        data=estimates_table(c, f"fig-{q.id}-data", title, ordered),
        note=_chart_note(c, q),
        data_in=tuple(all_estimates_id(a.id) for a in c.m.info.audiences if any(e.audience == a.id for e in estimates)),
    )


def _caption(c: Context, title: str) -> str:
    if c.weighted:
        return c.w.t(f"{title}: geschätzte Anteile, gewichtet", f"{title}: estimated shares, weighted")
    return c.w.t(f"{title}: Anteile unter den Antwortenden", f"{title}: shares among those who answered")


def _chart_note(c: Context, q: Question) -> str | None:
    worded = _worded(c, q)
    if not worded:
        return None
    return c.w.t(
        f"Nur was der Text mit Zahlen nennt; {len(worded)} Aussagen ohne Zahl stehen in der Tabelle darunter.",
        f"Only what the text gives as numbers; {len(worded)} statements without a number stand in the table below.",
    )


def all_estimates_id(audience: str) -> str:
    """Return the id of the table in the annex with all estimates of a group."""
    return f"tab-all-{audience}"


def estimates_table(c: Context, id_: str, caption: str, estimates: Sequence[Estimate]) -> Table:
    """Return estimates with both bases, the interval and the counts."""
    if c.estimated:
        return _answers_table(c, id_, caption, estimates)
    w = c.w
    audiences = dict.fromkeys(e.audience for e in estimates)
    several = len(audiences) > 1
    rows = [
        w.row(
            c.item(e.question, e.item),
            *((c.short(e.audience),) if several else ()),
            c.printed(e),
            c.sheets_in_short(e),
            c.interval(e),
            c.counts(e),
        )
        for e in estimates
    ]
    columns = w.t(
        "Antwort|Gruppe|gedruckt>|Bögen>|Intervall*>|als Anzahl*>",
        "Answer|group|printed>|sheets>|interval*>|as a count*>",
    ).split("|")
    if not several:
        columns.remove(w.t("Gruppe", "group"))
    returns = "; ".join(f"{c.audience(a)}: {c.returned(a)}" for a in audiences)
    note = w.t(
        f"{returns}. * 95-%-Intervall für alle der Gruppe, wenn die Antwortenden einer Zufallsauswahl glichen. "
        "„–“ statt einer Anzahl: Die Bezugsgröße ist ein Teil von unbekannter Größe.",
        f"{returns}. * 95% interval for all of the group, if those who answered resembled a random draw. "
        "“–” instead of a count: the base is a part of unknown size.",
    )
    return table(id_, caption, columns, rows, note=note)


def _answers_table(c: Context, id_: str, caption: str, estimates: Sequence[Estimate]) -> Table:
    """Return shares estimated from answers: weighted beside unweighted, with base, interval and counts."""
    w = c.w
    audiences = dict.fromkeys(e.audience for e in estimates)
    several, mixed = len(audiences) > 1, len({e.question for e in estimates}) > 1
    rows = [
        w.row(
            c.answer(e.question, e.item) if mixed else c.item(e.question, e.item),
            *((c.short(e.audience),) if several else ()),
            c.printed(e),
            *((w.percent(e.unweighted) if e.unweighted is not None else "–",) if c.weighted else ()),
            c.sheets_in_short(e),
            c.interval(e),
            c.counts(e),
        )
        for e in estimates
    ]
    columns = [
        w.t("Antwort", "Answer"),
        *([w.t("Gruppe", "group")] if several else []),
        *(
            [w.t("gewichtet>", "weighted>"), w.t("ungewichtet>", "unweighted>")]
            if c.weighted
            else [w.t("Anteil>", "share>")]
        ),
        w.t("Kommunen>", "municipalities>"),
        w.t("Intervall*>", "interval*>"),
        w.t("als Anzahl*>", "as a count*>"),
    ]
    returns = "; ".join(f"{c.audience(a)}: {c.returned(a)}" for a in audiences)
    methods = ", ".join(sorted({e.method for e in estimates if not e.suppressed}))
    note = w.t(
        f"{returns}. Kommunen: wie viele von denen, die die Frage beantwortet haben. * 95-%-Intervall für alle der "
        f"Gruppe, wenn die Antwortenden einer Zufallsauswahl glichen (Verfahren: {methods}). „–“ statt einer Anzahl: "
        "Ein Filter entscheidet, wer die Frage sieht. „zu wenige“: nicht gezeigt, um niemanden erkennbar zu machen.",
        f"{returns}. Municipalities: how many of those that answered the question. * 95% interval for all of the "
        f"group, if those who answered resembled a random draw (method: {methods}). “–” instead of a count: a filter "
        "decides who sees the question. “too few”: not shown, so that nobody can be recognised.",
    )
    return table(id_, caption, columns, rows, note=note)


def means(c: Context) -> tuple[Section, ...]:
    """Return means and medians of what was answered in numbers."""
    w = c.w
    if not c.m.findings.means:
        return ()
    rows = [
        w.row(
            w.line(w.text(c.m.questionnaire.question(m.question).text.text), *((": ", m.text) if m.item else ())),
            c.short(m.audience),
            w.t("Mittel", "mean") if m.statistic == "mean" else w.t("Median", "median"),
            _amount(c, m, m.value),
            *((_amount(c, m, m.unweighted),) if c.weighted else ()),
            w.t("zu wenige", "too few") if m.suppressed else w.number(m.base_units),
            f"{_amount(c, m, m.lower)} – {_amount(c, m, m.upper)}" if m.lower is not None else "–",
        )
        for m in c.m.findings.means
    ]
    columns = [w.t("Frage", "Question"), w.t("Gruppe", "group"), w.t("Was", "what"), w.t("Wert>", "value>")]
    columns += [w.t("ungewichtet>", "unweighted>")] if c.weighted else []
    columns += [w.t("Kommunen>", "municipalities>"), w.t("Intervall*>", "interval*>")]
    returns = "; ".join(f"{c.audience(r.audience)}: {c.returned(r.audience)}" for r in c.m.findings.reach)
    shown = table(
        "tab-means",
        w.t("Mittelwerte und Mediane", "Means and medians"),
        columns,
        rows,
        wide=True,
        note=w.t(
            f"{returns}. Kommunen: die die Frage beantwortet haben. * 95-%-Intervall für alle der Gruppe, wenn die "
            "Antwortenden einer Zufallsauswahl glichen.",
            f"{returns}. Municipalities: those that answered the question. * 95% interval for all of the group, if "
            "those who answered resembled a random draw.",
        ),
    )
    return (Section("means", w.t("Was in Zahlen geantwortet wurde", "What was answered in numbers"), (shown,)),)


def _amount(c: Context, m: Mean, value: float | None) -> str:
    if value is None:
        return "–"
    unit = f"{NO_BREAK}{m.unit.into(c.w.lang)}" if m.unit else ""
    return f"{c.w.trim(value, 2)}{unit}"


def worded_table(c: Context, q: Question, worded: Sequence[WordedResult]) -> Table:
    """Return statements without a number, as the source words them."""
    w = c.w
    rows = [
        w.row(
            c.joined(dict.fromkeys(c.item(r.question, r.item) for r in together)),
            w.listing(dict.fromkeys(c.short(r.audience) for r in together)),
            w.quote(together[0].quote),
        )
        for together in _by_quote(worded)
    ]
    return table(
        f"tab-worded-{q.id}",
        w.t("Aussagen ohne Zahl, wie gedruckt", "Statements without a number, as printed"),
        w.t("Antwort|Gruppe|Wortlaut der Quelle", "Answer|group|words of the source").split("|"),
        rows,
    )


def projections(c: Context) -> Section:
    """Return what would follow for all, under the condition, beside the checks of that condition."""
    w = c.w
    intro = w.p(
        _projected_answers(c)
        if c.estimated
        else w.t(
            "Glichen die Antwortenden einer Zufallsauswahl, dann lägen die Anteile unter allen in den folgenden "
            "Grenzen "
            "(95-%-Intervall). Gezählt sind dabei Kommunen, nicht Bögen: Weil der Artikel nur Anteile an den Bögen "
            "nennt, "
            "umfasst das Intervall alle Zahlen von Kommunen, die dazu passen. Alle Werte stehen unter ",
            "If those who answered resembled a random draw, the shares among all would lie within the following limits "
            "(95% interval). Municipalities are counted here, not sheets: since the article gives shares of the sheets "
            "only, the interval spans all numbers of municipalities that fit. All values stand under ",
        ),
        link(w.t("„Alle Schätzungen“", "“All estimates”"), "all-estimates"),
        ".",
    )
    checks = tuple(
        w.callout("caution", w.t("Die Bedingung, geprüft", "The condition, checked"), total_in_short(c, t))
        for t in c.m.findings.totals
    )
    return Section(
        "projections",
        w.t(
            "Hochrechnung, wenn die Antwortenden einer Zufallsauswahl glichen",
            "Projection, if those who answered resembled a random draw",
        ),
        (*checks, intro, projection_table(c)),
    )


def _projected_answers(c: Context) -> str:
    brought = (
        c.w.t(
            "Die Gewichte gleichen aus, was an der Zusammensetzung der Antwortenden bekannt ist, und nur das. ",
            "Weights make up for what is known of who answered, and for nothing else. ",
        )
        if c.weighted
        else ""
    )
    return c.w.t(
        "Glichen die Antwortenden einer Zufallsauswahl, dann lägen die Anteile unter allen in den folgenden Grenzen "
        f"(95-%-Intervall). {brought}Alle Werte stehen unter ",
        "If those who answered resembled a random draw, the shares among all would lie within the following limits "
        f"(95% interval). {brought}All values stand under ",
    )


def projection_table(c: Context) -> Table:
    """Return the limits of every wish for all: one row per answer, two columns per group."""
    w = c.w
    wished = {
        (e.question, e.item, e.audience): e for e in c.m.findings.estimates if e.kind == "wish" and e.value is not None
    }
    best: dict[tuple[str, str], float] = {}
    for (q, item, _audience), e in wished.items():
        best[q, item] = max(best.get((q, item), 0), e.value or 0)
    audiences = [a.id for a in c.m.info.audiences]
    rows = []
    for q, item in sorted(best, key=lambda key: -best[key]):
        found = [wished.get((q, item, a)) for a in audiences]
        rows.append(
            w.row(
                c.answer(q, item),
                *(cell for e in found for cell in ((c.interval(e), c.counts(e)) if e else ("–", "–"))),
            )
        )
    columns = [w.t("Wunsch", "Wish")]
    for a in audiences:
        columns += [w.t(f"{c.short(a)}: Anteil>", f"{c.short(a)}: share>"), w.t("als Anzahl>", "as a count>")]
    returns = "; ".join(f"{c.audience(a)}: {c.returned(a)}" for a in audiences)
    return table(
        "tab-projection",
        w.t("Fortbildungswünsche, unter der Bedingung auf alle bezogen", "Wishes for training, projected to all"),
        columns,
        rows,
        note=w.t(
            f"Anteil und Anzahl unter allen der Gruppe, 95-%-Intervall ({returns}). „–“: keine Zahl{_missing_de(c)}.",
            f"Share and number among all of the group, 95% interval ({returns}). “–”: no number{_missing_en(c)}.",
        ),
    )


def _missing_de(c: Context) -> str:
    return "" if c.estimated else " gedruckt"


def _missing_en(c: Context) -> str:
    return "" if c.estimated else " printed"


def comparison(c: Context) -> Section:
    """Return the comparison of the groups and the page on what the article says."""
    w = c.w
    findings = c.m.findings
    title = w.t("Vergleich der Gruppen", "The groups compared")
    beside = (claims(c),) if findings.claims else ()
    if not findings.comparisons:
        nothing = w.p(
            w.t(
                "Zu keiner Antwort liegen Zahlen von zwei Gruppen vor; es gibt nichts zu vergleichen.",
                "For no answer are there numbers of two groups; there is nothing to compare.",
            )
        )
        return Section("comparison", title, (nothing,), beside)
    elements: list[Element] = [
        w.p(
            _compared_answers(c)
            if c.estimated
            else w.t(
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
        *comparison_tables(c, _in_chapter(findings.comparisons), "tab-comparison"),
    ]
    shown = sum(x.p_holm < LEVEL for x in findings.comparisons)
    elements.append(
        w.p(
            w.t(
                f"Gezeigt: {w.number(shown)} von {w.number(len(findings.comparisons))} "
                "Unterschieden (5 %, nach Holm). Was nicht gezeigt ist, kann trotzdem bestehen: Dieser Rücklauf "
                "konnte es nicht zeigen. Alle Vergleiche stehen unter ",
                f"Shown are {w.number(shown)} of {w.number(len(findings.comparisons))} differences (5%, after Holm). "
                "What is not shown may exist all the same: this return could not show it. All comparisons stand "
                "under ",
            ),
            link(
                w.t("„Vergleiche in Zahlen und Worten“", "“Comparisons in numbers and words”"), "comparisons-in-words"
            ),
            ".",
        )
    )
    return Section("comparison", title, tuple(elements), beside)


def _compared_answers(c: Context) -> str:
    return c.w.t(
        "Verglichen ist jede Antwort, zu der beide Gruppen gefragt wurden und beide genug Antworten gaben. Wer vieles "
        "vergleicht, findet auch Zufälle; die p-Werte sind deshalb für die Zahl der Vergleiche angepasst. ",
        "Compared is every answer that both groups were asked about and to which enough of both answered. Whoever "
        "compares many things also finds chance; the p-values are therefore adjusted for the number of comparisons. ",
    )


def _in_chapter(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the comparisons that the chapter shows: all where they are few, otherwise those that were found."""
    return [x for x in comparisons if len(comparisons) <= _FEW or x.p_holm < LEVEL]


def _in_words(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the comparisons that the annex puts into a sentence: the others' sentences stand in the exported table."""
    return [x for x in comparisons if len(comparisons) <= _FEW or x.p_value < LEVEL]


def comparisons_in_words(c: Context) -> Section:
    """Return the test values of all comparisons, and a sentence on those that stand out."""
    w = c.w
    comparisons = c.m.findings.comparisons
    told = _in_words(comparisons)
    sentences = []
    for x in told:
        item = c.item(x.question, x.item)
        words = "".join(span.text for span in c.answer(x.question, x.item))
        sentences.append(w.line(strong(f"{words}: ", item.lang), x.sentence, *((" ", x.note) if x.note else ())))
    everything = comparison_tables(c, comparisons, "tab-comparison-all") if len(comparisons) > _FEW else ()
    elements: tuple[Element, ...] = ()
    if comparisons:
        elements = (*everything, *tests_tables(c, comparisons))
    if len(told) < len(comparisons):
        elements += (w.p(_other_sentences(c)),)
    if sentences:
        elements += (w.bullets(sentences),)
    title = w.t("Vergleiche in Zahlen und Worten", "Comparisons in numbers and words")
    return Section("comparisons-in-words", title, elements, annex=True)


def _other_sentences(c: Context) -> str:
    return c.w.t(
        "In Worten stehen hier die Unterschiede, die für sich genommen auffallen (p unter 5 %, vor der Anpassung); den "
        "Satz zu jedem anderen enthält comparisons.csv.",
        "Put into words here are the differences that stand out taken by themselves (p below 5%, before adjustment); "
        "the sentence on every other one is in comparisons.csv.",
    )


def _pairs(comparisons: Sequence[Comparison]) -> dict[tuple[str, str], list[Comparison]]:
    """Return the comparisons by the two groups that they compare."""
    found: dict[tuple[str, str], list[Comparison]] = {}
    for x in comparisons:
        found.setdefault((x.audience_a, x.audience_b), []).append(x)
    return found


def _pair_id(id_: str, pair: tuple[str, str], c: Context) -> str:
    return id_ if len(_pairs(c.m.findings.comparisons)) == 1 else f"{id_}-{pair[0]}-{pair[1]}"


def _pair_caption(c: Context, caption: str, pair: tuple[str, str]) -> str:
    if len(_pairs(c.m.findings.comparisons)) == 1:
        return caption
    return f"{caption}: {c.w.listing(c.audience(audience) for audience in pair)}"


def tests_tables(c: Context, comparisons: Sequence[Comparison]) -> tuple[Table, ...]:
    """Return the p-values of every comparison, a table per pair of groups."""
    return tuple(_tests_table(c, pair, together) for pair, together in _pairs(comparisons).items())


def _tests_table(c: Context, pair: tuple[str, str], comparisons: Sequence[Comparison]) -> Table:
    w = c.w
    rows = [
        w.row(
            c.answer(x.question, x.item),
            w.points(x.difference),
            w.p_value(x.p_value),
            w.p_value(x.p_holm),
            w.p_value(x.p_bh),
        )
        for x in comparisons
    ]
    return table(
        _pair_id("tab-tests", pair, c),
        _pair_caption(c, w.t("Prüfgrößen der Vergleiche", "Test values of the comparisons"), pair),
        w.t("Antwort|Unterschied>|p>|p (Holm)>|p (BH)>", "Answer|difference>|p>|p (Holm)>|p (BH)>").split("|"),
        rows,
        note=_test_note(c)
        if c.estimated
        else w.t(
            "Unterschied in Prozentpunkten. p: exakt, der größte Wert über alle verträglichen Zählungen; angepasst "
            "nach Holm und nach Benjamini und Hochberg (BH).",
            "Difference in percentage points. p: exact, the largest value over all counts that fit; adjusted after "
            "Holm and after Benjamini and Hochberg (BH).",
        ),
    )


def _test_note(c: Context) -> str:
    how = (
        c.w.t("aus dem Kontrast der gewichteten Anteile", "from the contrast of the weighted shares")
        if c.weighted
        else c.w.t("exakt", "exact")
    )
    return c.w.t(
        f"Unterschied in Prozentpunkten. p: {how}; angepasst nach Holm und nach Benjamini und Hochberg (BH).",
        f"Difference in percentage points. p: {how}; adjusted after Holm and after Benjamini and Hochberg (BH).",
    )


def comparison_tables(c: Context, comparisons: Sequence[Comparison], id_: str) -> tuple[Table, ...]:
    """Return differences with interval and what could have been found, a table per pair of groups."""
    return tuple(_comparison_table(c, id_, pair, together) for pair, together in _pairs(comparisons).items())


def _comparison_table(c: Context, id_: str, pair: tuple[str, str], comparisons: Sequence[Comparison]) -> Table:
    w = c.w
    rows = [
        w.row(
            c.answer(x.question, x.item),
            *(_with_sheets(c, c.estimate(id_)) for id_ in x.source_ids),
            w.points(x.difference),
            _from_to(c, x),
            _detectable(c, x),
            w.t("ja", "yes") if x.p_holm < LEVEL else w.t("nein", "no"),
        )
        for x in comparisons
    ]
    a, b = c.short(pair[0]), c.short(pair[1])
    columns = w.t(
        f"Antwort|{a}>|{b}>|Punkte*>|möglich*>|nötig*>|gezeigt?",
        f"Answer|{a}>|{b}>|points*>|possible*>|needed*>|shown?",
    )
    returns = "; ".join(f"{c.audience(r.audience)}: {c.returned(r.audience)}" for r in c.m.findings.reach)
    counted = w.t("Kommunen", "municipalities") if c.estimated else w.t("Bögen", "sheets")
    note = w.t(
        f"In Klammern: {counted} ({returns}). * Unterschied in Prozentpunkten, erste minus zweite Gruppe. Möglich: "
        "95-%-Intervall für alle. Nötig: so groß müsste ein Unterschied sein, damit dieser Rücklauf ihn mit 80 % "
        "Wahrscheinlichkeit zeigt. Gezeigt: auf dem Niveau 5 %, angepasst für die Zahl der Vergleiche (Holm).",
        f"In brackets: {counted} ({returns}). * Difference in percentage points, first minus second group. Possible: "
        "95% interval for all. Needed: how large a difference must be for this return to show it with a probability of "
        "80%. "
        "Shown: at the level of 5%, adjusted for the number of comparisons (Holm).",
    )
    return table(
        _pair_id(id_, pair, c),
        _pair_caption(c, _comparison_caption(c, id_), pair),
        columns.split("|"),
        rows,
        note=note,
        wide=True,
    )


def _comparison_caption(c: Context, id_: str) -> str:
    if id_ == "tab-comparison" and len(c.m.findings.comparisons) > _FEW:
        return c.w.t("Unterschiede, die dieser Rücklauf zeigt", "Differences that this return shows")
    return c.w.t("Unterschiede zwischen den Gruppen", "Differences between the groups")


def _with_sheets(c: Context, e: Estimate) -> str:
    return f"{c.printed(e)} ({c.sheets_in_short(e)})"


def _from_to(c: Context, x: Comparison) -> str:
    return c.w.t(f"{c.w.points(x.lower)} bis {c.w.points(x.upper)}", f"{c.w.points(x.lower)} to {c.w.points(x.upper)}")


def _detectable(c: Context, x: Comparison) -> str:
    # Rounded up: a smaller difference would not be found so often.
    return "–" if x.detectable is None else c.w.number(math.ceil(round(100 * x.detectable, 6)))


def _verdict(c: Context, x: ClaimCheck) -> str:
    names = {
        "carried": ("trägt", "carried"),
        "not_shown": ("nicht gezeigt", "not shown"),
        "not_testable": ("nicht prüfbar", "not testable"),
    }
    return c.w.t(*names[x.verdict])


def claims(c: Context) -> Section:
    """Return what the article says beside what the data carry; the full sentences stand in the annex."""
    w = c.w
    checked = c.m.findings.claims
    title = w.t("Was der Artikel sagt und was die Daten tragen", "What the article says and what the data carry")
    caveat = c.m.published.source.caveat_quote if c.m.published else None
    counts = {v: sum(x.verdict == v for x in checked) for v in ("carried", "not_shown", "not_testable")}
    intro = w.p(
        w.t(
            f"Von {w.number(len(checked))} Aussagen des Artikels trägt dieser Rücklauf {w.number(counts['carried'])}; "
            f"{w.number(counts['not_shown'])} kann er nicht zeigen, {w.number(counts['not_testable'])} lassen sich "
            "ohne "
            "weitere Zahlen nicht prüfen. Das heißt nicht, dass sie falsch sind.",
            f"Of {w.number(len(checked))} claims of the article this return carries {w.number(counts['carried'])}; "
            f"{w.number(counts['not_shown'])} it cannot show, {w.number(counts['not_testable'])} cannot be tested "
            "without "
            "further numbers. That does not make them wrong.",
        ),
        *(
            (w.t(" Die Vorsicht teilen die Autoren selbst: ", " The authors share the caution: "), w.quote(caveat), ".")
            if caveat
            else ()
        ),
    )
    where = w.p(
        *_untestable(c),
        w.t("Jede Aussage mit ihrer Stelle im Artikel steht unter ", "Every claim with its place stands under "),
        link(w.t("„Aussagen des Artikels, ausführlich“", "“Claims of the article in full”"), "claims-in-words"),
        ".",
    )
    tested = any(x.verdict != "not_testable" for x in checked)
    return Section("claims", title, (intro, *((claims_table(c),) if tested else ()), where))


def _untestable(c: Context) -> tuple[Part, ...]:
    """Return why some claims cannot be tested, with their number."""
    w = c.w
    reasons = [_reason(c, x)[0] for x in c.m.findings.claims if x.verdict == "not_testable"]
    if not reasons:
        return ()
    counted = "; ".join(f"{r} ({w.number(reasons.count(r))})" for r in dict.fromkeys(reasons))
    return (strong(w.t("Nicht prüfbar: ", "Not testable: ")), f"{counted}. ")


def claims_table(c: Context) -> Table:
    """Return every claim with its verdict and the number that decides it."""
    w = c.w
    tested = sorted((x for x in c.m.findings.claims if x.verdict != "not_testable"), key=lambda x: x.verdict)
    rows = [w.row(w.quote(x.quote), _verdict(c, x), *_reason(c, x)) for x in tested]
    columns = w.t("Was der Artikel sagt|Urteil|Grund|möglich*>", "What the article says|verdict|reason|possible*>")
    return table(
        "tab-claims",
        w.t("Aussagen und ihre Tragfähigkeit", "Claims and how far they carry"),
        columns.split("|"),
        rows,
        note=w.t(
            "* 95-%-Intervall für alle, wenn die Antwortenden einer Zufallsauswahl glichen: des Unterschieds in "
            "Prozentpunkten (mit Vorzeichen) oder des Anteils (mit %).",
            "* 95% interval for all, if those who answered resembled a random draw: of the difference in percentage "
            "points (with a sign) or of the share (with %).",
        ),
        wide=True,
        header_columns=0,
    )


def _reason(c: Context, x: ClaimCheck) -> tuple[str, str]:
    """Return the short reason of a verdict, and the limits it rests on."""
    w = c.w
    claims = c.m.published.claims if c.m.published else ()
    claim = next(claim for claim in claims if claim.id == x.claim_id)
    known = [e for e in c.m.findings.estimates if e.source_id in claim.source_ids and e.lower is not None]
    pair = next((p for p in c.m.findings.comparisons if set(p.source_ids) == set(claim.source_ids)), None)
    if x.verdict == "not_testable":
        if claim.kind == "rank":
            return w.t("eine Rangfolge braucht die Rohdaten", "an order needs the raw data"), "–"
        if known:
            return w.t("die Gegenzahl fehlt", "the number to compare with is missing"), "–"
        return w.t("dazu ist keine Zahl gedruckt", "no number is printed"), "–"
    if pair is not None and claim.kind in {"difference", "agreement"}:
        return _by_comparison(c, pair, agreement=claim.kind == "agreement"), _from_to(c, pair)
    limits = w.percents(min(e.lower or 0 for e in known), max(e.upper or 1 for e in known)) if known else "–"
    if x.verdict == "carried":
        return w.t("Die Grenzen liegen auf einer Seite der Hälfte.", "The limits lie on one side of one half."), limits
    return w.t("Die Grenzen lassen beides zu.", "The limits allow both."), limits


def _by_comparison(c: Context, x: Comparison, *, agreement: bool) -> str:
    if agreement:
        return c.w.t(
            "Nahe Zahlen; Unterschiede bleiben möglich.", "Numbers close to each other; differences remain possible."
        )
    if x.p_holm < LEVEL:
        return c.w.t("Der Unterschied ist gezeigt.", "The difference is shown.")
    if x.detectable is None:
        return c.w.t("Der Rücklauf ist zu klein.", "The return is too small.")
    return c.w.t(
        f"Zu zeigen erst ab etwa {_detectable(c, x)} Punkten.",
        f"Can be shown from about {_detectable(c, x)} points on.",
    )


def claims_in_words(c: Context) -> Section:
    """Return the full sentence on every claim that no comparison in words already gives."""
    w = c.w
    known = {x.sentence for x in _in_words(c.m.findings.comparisons)}
    rows = [
        w.row(w.quote(x.quote), w.text(Text(x.location)), x.sentence)
        for x in c.m.findings.claims
        if x.sentence not in known
    ]
    columns = w.t("Aussage|Stelle im Artikel|Was die Daten dazu sagen", "Claim|where|what the data say")
    elements: tuple[Element, ...] = ()
    if rows:
        elements = (
            table(
                "tab-claims-in-words",
                w.t("Aussagen des Artikels, ausführlich", "Claims of the article in full"),
                columns.split("|"),
                rows,
                wide=True,
                header_columns=0,
                note=w.t(
                    "Aussagen über Unterschiede, die oben als Vergleich stehen, sind hier nicht wiederholt.",
                    "Claims on differences that stand above as comparisons are not repeated here.",
                ),
            ),
        )
    return Section(
        "claims-in-words",
        w.t("Aussagen des Artikels, ausführlich", "Claims of the article in full"),
        elements,
        annex=True,
    )
