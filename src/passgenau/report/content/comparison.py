"""How the groups differ: every comparison with what this return could have found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.model import Section, Table
from passgenau.report.wording import link, strong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.findings.model import Comparison, Estimate
    from passgenau.report.model import Element

LEVEL = 0.05  # of the tests, as every sentence states it
_FEW = 25  # comparisons that a chapter shows one by one; of more, it shows those that were found


def comparison(c: Context, beside: tuple[Section, ...]) -> Section:
    """Return the comparison of the groups; what belongs beside it follows as sections of its own."""
    w = c.w
    findings = c.m.findings
    title = w.t("Vergleich der Gruppen", "The groups compared")
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


def in_words(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the comparisons that the annex puts into a sentence: the others' sentences stand in the exported table."""
    return [x for x in comparisons if len(comparisons) <= _FEW or x.p_value < LEVEL]


def comparisons_in_words(c: Context) -> Section:
    """Return the test values of all comparisons, and a sentence on those that stand out."""
    w = c.w
    comparisons = c.m.findings.comparisons
    told = in_words(comparisons)
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
            from_to(c, x),
            detectable(c, x),
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


def from_to(c: Context, x: Comparison) -> str:
    """Return which differences the statements are compatible with, in points."""
    return c.w.t(f"{c.w.points(x.lower)} bis {c.w.points(x.upper)}", f"{c.w.points(x.lower)} to {c.w.points(x.upper)}")


def detectable(c: Context, x: Comparison) -> str:
    """Return from how many points on a difference would have been found, or a dash."""
    # Rounded up: a smaller difference would not be found so often.
    return "–" if x.detectable is None else c.w.number(math.ceil(round(100 * x.detectable, 6)))
