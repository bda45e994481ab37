"""What a source claims, beside what its own numbers carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.comparison import LEVEL, detectable, from_to, in_words
from passgenau.report.content.context import Context, table
from passgenau.report.model import Section, Table
from passgenau.report.wording import link, strong
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.findings.model import ClaimCheck, Comparison
    from passgenau.report.model import Element
    from passgenau.report.wording import Part


def _verdict(c: Context, x: ClaimCheck) -> str:
    names = {
        "carried": ("trägt", "carried"),
        "not_shown": ("nicht gezeigt", "not shown"),
        "not_testable": ("nicht prüfbar", "not testable"),
    }
    return c.w.t(*names[x.verdict])


def claims(c: Context) -> tuple[Section, ...]:
    """Return what the article says beside what the data carry, if anything; the full sentences stand in the annex."""
    w = c.w
    checked = c.m.findings.claims
    if not checked:
        return ()
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
    return (Section("claims", title, (intro, *((claims_table(c),) if tested else ()), where)),)


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
        return _by_comparison(c, pair, agreement=claim.kind == "agreement"), from_to(c, pair)
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
        f"Zu zeigen erst ab etwa {detectable(c, x)} Punkten.",
        f"Can be shown from about {detectable(c, x)} points on.",
    )


def claims_in_words(c: Context) -> Section:
    """Return the full sentence on every claim that no comparison in words already gives."""
    w = c.w
    known = {x.sentence for x in in_words(c.m.findings.comparisons)}
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
