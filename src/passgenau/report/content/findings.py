"""What the municipalities that answered wish for, and what the data carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.figures.shares import Dot, dot_intervals
from passgenau.report.model import Bullets, Figure, Section, Table
from passgenau.report.picture import width_of
from passgenau.report.wording import NO_BREAK, capital, link, strong
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.findings.model import Estimate, Mean, TotalCheck, WordedResult
    from passgenau.report.model import Element, Inline
    from passgenau.report.wording import Part
    from passgenau.survey.questionnaire import Question


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
