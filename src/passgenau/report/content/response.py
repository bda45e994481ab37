"""Who answered, how evenly, with which weights; and how good the answers are. Only where there are answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.model import Section
from passgenau.report.wording import capital, link, strong

if TYPE_CHECKING:
    from passgenau.findings.model import Evenness, MarginFit, Quality, Rates, Weighting
    from passgenau.report.model import Element, Inline, Table

_SMALL = 0.3  # mean propensity below which the R-indicator can hardly fall far below 1
_FAIR = 0.8  # of the R-indicator; below it the text speaks of an uneven return
_CHARACTERISTICS = {
    "size_class": ("Größenklasse", "size class"),
    "region": ("Regierungsbezirk", "region"),
    "type": ("Art der Kommune", "type of municipality"),
    "district": ("Landkreis", "district"),
    "urbanisation": ("Verstädterung", "degree of urbanisation"),
}
_DISPOSITIONS = {
    "complete": ("vollständig", "complete"),
    "partial": ("teilweise ausgefüllt", "partial"),
    "break_off": ("abgebrochen", "break-off"),
    "refusal": ("abgelehnt", "refusal"),
    "unreachable": ("nicht erreicht", "not reached"),
    "ineligible": ("gehört nicht dazu", "not eligible"),
    "unknown": ("unbekannt", "unknown"),
}
_CHECKS = {
    "doubled_sheet": ("Bogennummer doppelt", "number of a sheet twice"),
    "doubled_token": ("Einladung mehrfach benutzt", "invitation used several times"),
    "unknown_organisation": ("Organisation unbekannt", "unknown organisation"),
    "lost_zero": ("Schlüssel ohne führende Null", "key without its leading zero"),
    "unknown_disposition": ("Verbleib unbekannt", "unknown disposition"),
    "impossible_day": ("Tag unmöglich", "impossible day"),
    "outside_codebook": ("Wert, den der Fragebogen nicht kennt", "value that the questionnaire does not know"),
    "out_of_range": ("Zahl außerhalb der Grenzen", "number out of range"),
    "too_many_decimals": ("zu viele Nachkommastellen", "too many decimals"),
    "too_long": ("Text zu lang", "text too long"),
    "too_few_answers": ("weniger Antworten als verlangt", "fewer answers than asked for"),
    "too_many_answers": ("mehr Antworten als erlaubt", "more answers than allowed"),
    "exclusive_with_others": ("ausschließende Antwort neben anderen", "exclusive answer beside others"),
    "doubled_rank": ("Rang doppelt vergeben", "rank given twice"),
    "against_filter": ("Antwort trotz Filter", "answer against a filter"),
    "required_empty": ("Pflichtfrage leer", "required question left empty"),
    "hardly_answered": ("kaum etwas beantwortet", "hardly anything answered"),
    "other_without_text": ("„Sonstiges“ ohne Text", "“other” without a text"),
    "text_without_other": ("Text ohne „Sonstiges“", "text without “other”"),
    "straight_lining": ("überall dieselbe Antwort", "straight-lining"),
    "impossible_speed": ("auffällig schnell", "impossible speed"),
    "repeated_organisation": ("mehrere Bögen einer Organisation", "several sheets of one organisation"),
    "suspected_duplicate": ("mutmaßlich doppelt", "suspected duplicate"),
    "column_missing": ("Spalte fehlt", "missing column"),
    "column_unknown": ("Spalte ohne Frage", "column without a question"),
}


def named(c: Context, characteristic: str) -> str:
    """Return how the report calls a characteristic of the frame, or several joined by “ × ”."""
    return " × ".join(
        c.w.t(*_CHARACTERISTICS[part]) if part in _CHARACTERISTICS else part for part in characteristic.split(" × ")
    )


def response(c: Context) -> tuple[Section, ...]:
    """Return the chapter on who answered; nothing where results are known as published only."""
    w, found = c.w, c.m.findings.response
    if found is None:
        return ()
    intro = w.p(
        w.t(
            "Gefragt waren alle; wer antwortete, hat sich selbst ausgewählt. Dieses Kapitel zeigt, wer geantwortet "
            "hat, wie gleichmäßig, und was die Gewichte daran ändern. Was es bedeutet, steht unter ",
            "All were asked; those who answered chose themselves. This chapter shows who answered, how evenly, and "
            "what the weights change about it. What that means stands under ",
        ),
        link(w.t("„Wer antwortet, hat sich selbst ausgewählt“", "“Those who answer chose themselves”"), "voluntary"),
        ".",
    )
    sections = [_rates(c, found.rates)]
    if found.evenness:
        sections.append(_evenness(c, found.evenness))
    if found.weighting is not None:
        sections.append(_weights(c, found.weighting))
    if c.m.findings.quality is not None:
        sections.append(_quality(c, c.m.findings.quality))
    return (Section("response", w.t("Wer geantwortet hat", "Who answered"), (intro,), tuple(sections)),)


def _rates(c: Context, rates: tuple[Rates, ...]) -> Section:
    w = c.w
    elements: list[Element] = [
        w.p(
            w.t(
                "Rücklaufquoten nach den Definitionen der AAPOR, gezählt in Kommunen: RR1 zählt vollständige "
                "Antworten, RR2 auch teilweise ausgefüllte, beide bezogen auf alle Gefragten. RR3 und RR4 schätzen, "
                "RR5 und RR6 lassen weg, was sich nicht zuordnen ließ. Wer nichts schickte, zählt als gefragt und "
                "nicht erreicht.",
                "Response rates by AAPOR's definitions, counted in municipalities: RR1 counts complete answers, RR2 "
                "partial ones too, both of all who were asked. RR3 and RR4 estimate, RR5 and RR6 leave out those of "
                "whom nobody knows whether they belong. Who sent nothing counts as asked and not reached.",
            )
        )
    ]
    for audience in c.m.info.audiences:
        own = [rate for rate in rates if rate.audience == audience.id and not _is_crossed(rate)]
        if own:
            elements.append(_rate_table(c, audience.id, own))
    if any(_is_crossed(rate) for rate in rates):
        here = link(w.t("„Rücklauf nach gekreuzten Schichten“", "“Response by crossed strata”"), "crossed-strata")
        elements.append(w.p(w.t("Mehrere Merkmale zugleich: ", "Several characteristics at once: "), here, "."))
    return Section("response-rates", w.t("Rücklauf nach Schichten", "Response by stratum"), tuple(elements))


def crossed_strata(c: Context) -> tuple[Section, ...]:
    """Return, for the annex, response rates by several characteristics at once."""
    w, found = c.w, c.m.findings.response
    groups: dict[tuple[str, str], list[Rates]] = {}
    for rate in found.rates if found is not None else ():
        if rate.by is not None and _is_crossed(rate):
            groups.setdefault((rate.audience, rate.by), []).append(rate)
    if not groups:
        return ()
    tables = [
        _rate_table(c, audience, rates, suffix=f"-crossed-{number}")
        for number, ((audience, _by), rates) in enumerate(groups.items(), start=1)
    ]
    title = w.t("Rücklauf nach gekreuzten Schichten", "Response by crossed strata")
    return (Section("crossed-strata", title, tuple(tables), annex=True),)


def _is_crossed(rate: Rates) -> bool:
    return rate.by is not None and " × " in rate.by


def _rate_table(c: Context, audience: str, rates: list[Rates], suffix: str = "") -> Table:
    """Return response rates; those of one crossing name it in the head instead of in every row."""
    w = c.w
    crossing = rates[0].by if suffix else None

    def percent(value: float | None) -> str:
        return "–" if value is None else w.percent(value)

    def kind(rate: Rates) -> str:
        return w.t("alle", "all") if rate.by is None else named(c, rate.by)

    rows = [
        w.row(
            *(() if crossing else (kind(rate),)),
            rate.stratum or "–",
            w.number(rate.population),
            "·" if rate.answered is None else w.number(rate.answered),
            *(percent(getattr(rate, f"rr{number}")) for number in range(1, 7)),
        )
        for rate in rates
    ]
    columns = w.t(
        "gefragt>|antworteten>|RR1>|RR2>|RR3>|RR4>|RR5>|RR6>", "asked>|answered>|RR1>|RR2>|RR3>|RR4>|RR5>|RR6>"
    ).split("|")
    by = [named(c, crossing)] if crossing else w.t("Merkmal|Schicht", "By|stratum").split("|")
    return table(
        f"tab-rates-{audience}{suffix}",
        w.t(f"Rücklauf: {c.audience(audience)}", f"Response: {c.audience(audience)}"),
        [*by, *columns],
        rows,
        header_columns=len(by),
        wide=True,
        note=w.t(
            "„·“: nicht gezeigt, weil so wenige antworteten, dass man sie erkennen könnte, oder weil sich das sonst "
            "errechnen ließe.",
            "“·”: not shown because so few answered that they could be recognised, or because that could be worked "
            "out otherwise.",
        ),
    )


def _evenness(c: Context, evenness: tuple[Evenness, ...]) -> Section:
    w = c.w
    rows = [
        w.row(
            capital(c.audience(e.audience)),
            w.number(e.indicator, 2),
            "–" if e.se is None else w.number(e.se, 2),
            w.percent(e.propensity),
            w.number(e.maximal_bias, 2),
            ", ".join(f"{named(c, name)} {w.number(value, 2)}" for name, value in e.partial),
        )
        for e in evenness
    ]
    lines = [w.line(strong(f"{capital(c.audience(e.audience))}: "), _verdict(c, e)) for e in evenness]
    columns = w.t(
        "Gruppe|R-Indikator>|Standardfehler>|mittlere Neigung>|größte Verzerrung>|Anteil der Merkmale",
        "Group|R-indicator>|standard error>|mean propensity>|maximal bias>|part of the characteristics",
    )
    shown = table(
        "tab-evenness",
        w.t("Wie gleichmäßig geantwortet wurde", "How evenly was answered"),
        columns.split("|"),
        rows,
        note=w.t(
            "R-Indikator: 1 – alle antworten gleich wahrscheinlich; je kleiner, desto ungleicher. Größte Verzerrung: "
            "eines Mittelwerts in Standardabweichungen der Frage, falls sie ganz mit diesen Merkmalen zusammenhinge. "
            "Über andere Merkmale sagt der Indikator nichts.",
            "R-indicator: 1 – all are equally likely to answer; the smaller, the less even. Maximal bias: of a mean, "
            "in standard deviations of the item, if it went along entirely with these characteristics. The indicator "
            "says nothing of other characteristics.",
        ),
        wide=True,
    )
    title = w.t("Wie gleichmäßig geantwortet wurde", "How evenly was answered")
    return Section("evenness", title, (w.bullets(lines), shown))


def _verdict(c: Context, e: Evenness) -> str:
    names = c.w.listing(named(c, name) for name in e.variables)
    if e.propensity < _SMALL:
        most = max(e.partial, key=lambda pair: pair[1])[0]
        return c.w.t(
            f"Bei einem Rücklauf von {c.w.percent(e.propensity)} liegt R immer nahe 1 (hier "
            f"{c.w.number(e.indicator, 2)}); mehr sagt die größte Verzerrung: bis zu {c.w.number(e.maximal_bias, 2)} "
            f"Standardabweichungen. Am ungleichsten wurde nach {named(c, most)} geantwortet.",
            f"With a return of {c.w.percent(e.propensity)} R always lies near 1 (here "
            f"{c.w.number(e.indicator, 2)}); the maximal bias says more: up to {c.w.number(e.maximal_bias, 2)} "
            f"standard deviations. Least even is the return by {named(c, most)}.",
        )
    if e.indicator >= _FAIR:
        return c.w.t(
            f"Nach {names} wurde recht gleichmäßig geantwortet (R = {c.w.number(e.indicator, 2)}).",
            f"By {names} the return is fairly even (R = {c.w.number(e.indicator, 2)}).",
        )
    most = max(e.partial, key=lambda pair: pair[1])[0]
    return c.w.t(
        f"Der Rücklauf ist ungleich (R = {c.w.number(e.indicator, 2)}), am stärksten nach {named(c, most)}.",
        f"The return is uneven (R = {c.w.number(e.indicator, 2)}), most of all by {named(c, most)}.",
    )


def _weights(c: Context, weighting: Weighting) -> Section:
    w = c.w
    margins = w.listing(named(c, name) for name in weighting.margins)
    what = (
        w.t(
            f"Die Antworten sind nach {margins} auf die Grundgesamtheit gewichtet (Raking). ",
            f"The answers are weighted to the population by {margins} (raking). ",
        )
        if margins
        else ""
    )
    merged = (
        w.t(
            "Wo in einer Klasse zu wenige antworteten, ist sie mit einer benachbarten zusammengelegt. ",
            "Where too few answered in a class, it is merged with a neighbour. ",
        )
        if weighting.merged
        else ""
    )
    trimmed = (
        w.t(
            f"Gewichte unter dem {w.trim(weighting.trim[0])}-Fachen und über dem {w.trim(weighting.trim[1])}-Fachen "
            "des Mittels sind gekappt; die Randverteilungen sind deshalb nicht mehr ganz genau getroffen.",
            f"Weights below {w.trim(weighting.trim[0])} and above {w.trim(weighting.trim[1])} times the mean are cut; "
            "so the margins are no longer met exactly.",
        )
        if weighting.trim
        else ""
    )
    spread = [
        w.row(
            capital(c.audience(s.audience)),
            w.number(s.rows),
            f"{w.number(s.minimum, 2)} – {w.number(s.maximum, 2)}",
            w.number(s.design_effect, 2),
            w.number(s.effective_size, 1),
        )
        for s in weighting.spread
    ]
    cost = table(
        "tab-weights",
        w.t("Was die Gewichte kosten", "What the weights cost"),
        w.t(
            "Gruppe|Kommunen>|Gewichte>|Designeffekt>|wirksame Zahl>",
            "Group|municipalities>|weights>|design effect>|effective number>",
        ).split("|"),
        spread,
        note=w.t(
            "Designeffekt nach Kish: der Faktor, um den ungleiche Gewichte die Varianz vergrößern. Wirksame Zahl: so "
            "viele gleich gewichtete Kommunen sagten ebenso viel.",
            "Design effect after Kish: the factor by which unequal weights multiply the variance. Effective number: as "
            "many equally weighted municipalities would say as much.",
        ),
    )
    fits = table(
        "tab-margins",
        w.t("Bekannte Anzahlen, vor und nach der Gewichtung", "Known counts, before and after weighting"),
        w.t(
            "Gruppe|Merkmal|Klasse|antworteten>|bekannt>|vorher>|nachher>",
            "Group|by|class|answered>|known>|before>|after>",
        ).split("|"),
        [_fit(c, fit) for fit in weighting.fits if fit.categories != ("",)],
        header_columns=3,
        wide=True,
        note=w.t(
            "Vorher: worauf die Antworten stünden, wenn jede Kommune gleich zählte. „·“: nicht gezeigt, weil sich "
            "sonst errechnen ließe, wo nur wenige antworteten.",
            "Before: what the answers would stand for if every municipality counted alike. “·”: not shown because it "
            "could be worked out otherwise where only few answered.",
        ),
    )
    title = w.t("Gewichte", "Weights")
    return Section("weights", title, (w.p(what + merged + trimmed), cost, fits))


def _fit(c: Context, fit: MarginFit) -> tuple[Inline, ...]:
    w = c.w
    total = next((check.total for check in c.m.findings.totals if check.total.id == fit.name), None)
    return w.row(
        c.short(fit.audience) if fit.audience else w.t("alle", "all"),
        w.text(total.text) if total else named(c, fit.name),
        " + ".join(fit.categories) or "–",
        "·" if fit.rows is None else w.number(fit.rows) if fit.rows else "–",
        w.number(fit.target),
        "·" if fit.before is None else w.number(fit.before, 1),
        w.number(fit.after, 1),
    )


# --- how good the answers are -------------------------------------------------------------------


def _quality(c: Context, found: Quality) -> Section:
    """Return what is to be known of the answers before they are believed."""
    w = c.w
    intro = w.p(
        w.t(
            "Prüfungen kennzeichnen, sie löschen nichts; jeder Eingriff ist ein Schritt, der sich nachlesen und "
            "wiederholen lässt; die gelieferten Antworten bleiben, wie sie waren.",
            "Checks mark and delete nothing; whatever was done is a step that can be read and repeated; the answers "
            "as delivered stay as they were.",
        )
    )
    sections = [_arrived(c, found), _checked(c, found), _several(c, found), _left_out(c, found)]
    return Section("quality", w.t("Wie gut die Antworten sind", "How good the answers are"), (intro,), tuple(sections))


def _arrived(c: Context, found: Quality) -> Section:
    w = c.w
    rows = [
        w.row(capital(w.t(*_DISPOSITIONS.get(name, (name, name)))), w.number(count))
        for name, count in found.dispositions
    ]
    sheets = w.plural(found.sheets, ("Bogen", "sheet"), ("Bögen", "sheets"))
    outside = (
        w.t(
            f" {w.number(found.outside)} verwertbare Bögen gehören zu keiner Kommune der Grundgesamtheiten und zählen "
            "nicht mit.",
            f" {w.number(found.outside)} usable sheets belong to no organisation of the populations and do not count.",
        )
        if found.outside
        else ""
    )
    shown = table(
        "tab-dispositions",
        w.t("Wie die Bögen endeten", "How the sheets ended"),
        w.t("Verbleib|Bögen>", "Disposition|sheets>").split("|"),
        rows,
    )
    steps = [w.row(what, w.number(count), by or w.t("nach Regel", "by rule")) for _key, what, count, by in found.steps]
    done = table(
        "tab-steps",
        w.t("Was mit den Antworten geschah", "What was done to the answers"),
        w.t("Schritt|Werte oder Bögen>|Wer", "Step|values or sheets>|who").split("|"),
        steps,
        header_columns=0,
    )
    first = w.p(w.t(f"Eingegangen: {sheets}.{outside}", f"Received: {sheets}.{outside}"))
    title = w.t("Was einging und was damit geschah", "What came in and what was done")
    return Section("arrived", title, (first, *((shown,) if rows else ()), *((done,) if steps else ())))


def _checked(c: Context, found: Quality) -> Section:
    w = c.w
    title = w.t("Was die Prüfungen fanden", "What the checks found")
    if not found.marks:
        nothing = w.p(w.t("Keine Prüfung fand etwas Auffälliges.", "No check found anything remarkable."))
        return Section("checked", title, (nothing,))
    rows = [
        w.row(
            capital(w.t(*_CHECKS[check])) if check in _CHECKS else check,
            w.t("Fehler", "error") if severity == "error" else w.t("Hinweis", "warning"),
            w.number(count),
        )
        for check, severity, count in found.marks
    ]
    columns = w.t("Prüfung|Art|Fälle>", "Check|kind|cases>").split("|")
    return Section("checked", title, (table("tab-marks", title, columns, rows),))


def _several(c: Context, found: Quality) -> Section:
    w = c.w
    parts = [
        w.t(
            f"{c.audience(name)}: {w.number(count)} Kommunen mit zusammen {w.number(sheets)} Bögen",
            f"{c.audience(name)}: {w.number(count)} municipalities with {w.number(sheets)} sheets between them",
        )
        for name, count, sheets in found.repeated
        if count
    ]
    title = w.t("Mehrere Bögen einer Kommune", "Several sheets of one municipality")
    if not parts:
        none = w.p(w.t("Jede Kommune schickte einen Bogen.", "Every municipality sent one sheet."))
        return Section("several", title, (none,))
    rule = w.p(f"{'; '.join(parts)}. ", *((found.combined, ".") if found.combined else ()))
    rows = [
        w.row(
            c.m.questionnaire.question(r.question).text.text,
            c.short(r.audience),
            w.t(
                f"{w.number(r.disagreed)} von {w.number(r.organisations)}",
                f"{w.number(r.disagreed)} of {w.number(r.organisations)}",
            ),
        )
        for r in found.disagreement
    ]
    columns = w.t("Frage|Gruppe|uneinig>", "Question|group|disagree>").split("|")
    shown = table(
        "tab-disagreement",
        w.t("Wo Bögen derselben Kommune verschieden antworten", "Where sheets of one municipality differ"),
        columns,
        rows,
        note=w.t(
            "Kommunen mit mehreren Bögen, von denen mindestens zwei verschieden antworten.",
            "Municipalities with several sheets, at least two of which answer differently.",
        ),
    )
    return Section("several", title, (rule, shown) if rows else (rule,))


def _left_out(c: Context, found: Quality) -> Section:
    w = c.w
    rows = []
    for m in found.missing:
        seen = m.answered + m.empty + m.refused + m.invalid
        if m.answered == seen and not m.not_shown:
            continue
        rows.append(
            w.row(
                c.m.questionnaire.question(m.question).text.text,
                c.short(m.audience),
                w.number(seen),
                w.number(m.answered),
                w.number(m.empty),
                w.number(m.refused),
                w.number(m.not_shown),
                w.percent(1 - m.answered / seen) if seen else "–",
            )
        )
    columns = w.t(
        "Frage|Gruppe|gesehen>|beantwortet>|leer>|keine Angabe>|nicht gezeigt>|ohne Antwort>",
        "Question|group|seen>|answered>|empty>|no answer>|not shown>|without answer>",
    )
    title = w.t("Ausgelassene Fragen", "Questions left out")
    if not rows:
        nothing = w.p(
            w.t(
                "Wer antwortete, hat jede Frage beantwortet, jedenfalls auf einem seiner Bögen.",
                "Those who answered answered every question, on one of their sheets at least.",
            )
        )
        return Section("left-out", title, (nothing,))
    shown = table(
        "tab-missing",
        title,
        columns.split("|"),
        rows,
        wide=True,
        note=w.t(
            "Gezählt sind Kommunen, die geantwortet haben; Fragen, die alle beantwortet haben, fehlen hier. Ohne "
            "Antwort: von denen, die die Frage gesehen haben.",
            "Counted are municipalities that answered; questions that all answered are left out. Without answer: of "
            "those that saw the question.",
        ),
    )
    return Section("left-out", title, (shown,))
