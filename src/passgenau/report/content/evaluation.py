"""Evaluation: who is asked what after the training, and what the next survey should ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.model import Section

if TYPE_CHECKING:
    from passgenau.evaluation import EvaluationPlan, Level, NextQuestion, Uncertainty
    from passgenau.report.model import Element, Table


def evaluation(c: Context) -> Section:
    """Return the chapter on evaluation."""
    w = c.w
    sections: list[Section] = []
    if c.m.evaluation is not None:
        sections.append(
            Section(
                "instruments",
                w.t("Wer wann was gefragt wird", "Who is asked what, and when"),
                instruments(c, c.m.evaluation),
            )
        )
    if c.m.next_wave:
        sections.append(
            Section(
                "next-wave",
                w.t("Was die nächste Befragung fragen sollte", "What the next survey should ask"),
                next_wave(c),
            )
        )
    words = w.p(
        w.t(
            "Ob die Fortbildung wirkt, zeigt sich auf vier Ebenen: Wer kam? Was wurde gelernt? Was geschieht "
            "damit vor Ort? Was ändert sich in der Organisation?",
            "Whether training works shows on four levels: who came, what was learnt, what is done with it at "
            "home, and what changes in the organisation.",
        )
    )
    return Section("evaluation", w.t("Evaluation", "Evaluation"), (words,), tuple(sections))


def _level(c: Context, level: Level) -> str:
    names = {
        "participation": ("Teilnahme", "participation"),
        "learning": ("Lernen", "learning"),
        "transfer": ("Transfer", "transfer"),
        "organisation": ("Organisation", "organisation"),
    }
    return c.w.t(*names[level])


def instruments(c: Context, plan: EvaluationPlan) -> tuple[Element, ...]:
    """Return the instruments with dates and numbers from the plan, and what they ask."""
    w = c.w
    rows = [
        w.row(
            i.title,
            _level(c, i.level),
            i.respondents,
            i.timing,
            w.number(i.occasions),
            w.number(i.persons),
            w.number(i.answers),
            w.number(i.needed) if i.needed is not None else "–",
        )
        for i in plan.instruments
    ]
    columns = w.t(
        "Instrument|Ebene|Wer|Wann|Male>|gefragt>|Antworten höchstens>|nötig*>",
        "Instrument|level|who|when|times>|asked>|answers at most>|needed*>",
    )
    note = w.t(
        "* Antworten für eine Fehlergrenze von zehn Prozentpunkten; „–“, wo nichts hochgerechnet wird.",
        "* Answers for a margin of ten percentage points; “–” where nothing is estimated.",
    )
    asked = [w.line(i.title, ": ", i.content) for i in plan.instruments]
    return (
        table(
            "tab-instruments",
            w.t("Instrumente der Evaluation", "Instruments of evaluation"),
            columns.split("|"),
            rows,
            note=note,
            wide=True,
        ),
        w.bullets(asked),
        *((w.bullets(plan.notes),) if plan.notes else ()),
    )


def next_wave(c: Context) -> tuple[Element, ...]:
    """Return what to ask again and what not, gathered by reason."""
    w = c.w
    ask = [q for q in c.m.next_wave if q.ask]
    leave = [q for q in c.m.next_wave if not q.ask]
    words = w.p(
        w.t(
            "Fragen kosten die Antwortenden Zeit. Gefragt werden sollte, was am Programm noch etwas ändern kann; "
            "was feststeht oder nichts entscheidet, nicht noch einmal.",
            "Questions cost respondents' time. What can still change the programme should be asked; what is "
            "settled or decides nothing should not be asked again.",
        )
    )
    out: list[Element] = [words]
    if ask:
        out.append(_table(c, "tab-ask", w.t("Neu zu fragen", "To be asked"), ask, needed=True))
    if leave:
        out.append(
            _table(c, "tab-leave", w.t("Nicht noch einmal zu fragen", "Not to be asked again"), leave, needed=False)
        )
    return tuple(out)


def _why(c: Context, why: Uncertainty) -> str:
    names = {
        "open": ("Der Platz von Modulen ist offen", "The place of modules is open"),
        "no_number": ("Gefragt, aber zu wenige Antworten", "Asked, but too few answers")
        if c.estimated
        else ("Gefragt, aber keine Zahl veröffentlicht", "Asked, but no number published"),
        "doubtful_base": ("Unklar, worauf sich die Zahl bezieht", "Unclear what the number refers to"),
        "not_asked": ("Nicht als Fortbildungswunsch gefragt", "Not asked as a wish for training"),
        "likely": ("Wahrscheinlich richtig, aber nicht sicher", "Probably right, but not certain"),
        "settled": ("Der Platz steht fest", "The place is settled"),
        "no_influence": ("Die Antwort entscheidet nichts", "The answer decides nothing"),
    }
    return c.w.t(*names[why])


def _table(c: Context, id_: str, caption: str, questions: list[NextQuestion], *, needed: bool) -> Table:
    w = c.w
    groups: dict[tuple[str, str], list[NextQuestion]] = {}
    for q in questions:
        groups.setdefault((q.why, q.audience), []).append(q)
    rows = []
    for together in groups.values():
        q = together[0]
        most = max((x.needed or 0 for x in together), default=0)
        of = w.t(
            f"{w.number(most)} von {w.number(q.population)}",
            f"{w.number(most)} of {w.number(q.population)}",
        )
        named = c.joined(w.text(x.wording) for x in together)
        rows.append(w.row(_why(c, q.why), c.short(q.audience), named, *((of,) if needed else ())))
    columns = w.t("Warum|Gruppe|Fragen", "Why|group|questions").split("|")
    if needed:
        columns.append(w.t("nötige Antworten*>", "answers needed*>"))
    note = w.t(
        "* Kommunen, die höchstens antworten müssten, damit jede dieser Fragen entschieden ist; zuletzt antworteten ",
        "* Organisations that would have to answer at most to settle each of these questions; last time ",
    ) + "; ".join(f"{c.audience(r.audience)}: {c.returned(r.audience)}" for r in c.m.findings.reach)
    return table(id_, caption, columns, rows, wide=True, note=f"{note}." if needed else None)
