"""Evaluation: who is asked what after the training, and what the next survey should ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content.context import Context, table
from passgenau.report.model import Section

if TYPE_CHECKING:
    from passgenau.evaluation import EvaluationPlan, Level, NextQuestion
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
    """Return what to ask again and what not."""
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
        out.append(_table(c, "tab-ask", w.t("Neu zu fragen", "To be asked"), ask))
    if leave:
        out.append(_table(c, "tab-leave", w.t("Nicht noch einmal zu fragen", "Not to be asked again"), leave))
    return tuple(out)


def _table(c: Context, id_: str, caption: str, questions: list[NextQuestion]) -> Table:
    w = c.w
    rows = [
        w.row(
            q.wording,
            c.short(q.audience),
            w.t(
                f"{w.number(q.answered)} von {w.number(q.population)}",
                f"{w.number(q.answered)} of {w.number(q.population)}",
            )
            if q.answered is not None
            else w.t("nicht gefragt", "not asked"),
            w.number(q.needed) if q.needed is not None else "–",
            q.reason,
        )
        for q in questions
    ]
    columns = w.t("Frage|Gruppe|antworteten zuletzt>|nötig>|warum", "Question|group|answered last time>|needed>|why")
    return table(id_, caption, columns.split("|"), rows, wide=True)
