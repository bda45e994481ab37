"""Two waves of a questionnaire side by side, as a report and as a table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from passgenau.report.exports import csv_bytes
from passgenau.report.model import Bullets, Callout, Paragraph, Report, Section, Span, Table
from passgenau.report.questionnaire.codebook import harmless
from passgenau.report.questionnaire.conditions import own_language
from passgenau.report.questionnaire.form import Setting
from passgenau.survey.compare import VERDICTS
from passgenau.survey.plain_text import shown
from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from passgenau.report.exports import Row
    from passgenau.report.model import Element, Inline
    from passgenau.survey.compare import Change, ItemComparison, Status, Verdict
    from passgenau.survey.questionnaire import Questionnaire

VERDICT_WORDS: dict[Verdict, Text] = {
    "comparable": Text("vergleichbar", "comparable"),
    "with_care": Text("mit Vorsicht", "with care"),
    "not_comparable": Text("nicht vergleichbar", "not comparable"),
}
STATUS_WORDS: dict[Status, Text] = {
    "kept": Text("in beiden", "in both"),
    "new": Text("neu", "new"),
    "dropped": Text("entfallen", "dropped"),
}

COMPARISON = (
    "question", "item", "wording", "status", "verdict", "what", "reason", "before", "after", "perhaps",
)  # fmt: skip
"""Columns of `comparison.csv`: one row per question or item and change; `verdict` is that of all changes together."""


def comparison_rows(
    comparisons: tuple[ItemComparison, ...], questionnaire: Questionnaire, language: str
) -> tuple[Row, ...]:
    """Return the comparison as rows; an entry without changes has one row."""
    lang = own_language(language)
    found: list[Row] = []
    for each in comparisons:
        shared: dict[str, object] = {
            "question": each.question,
            "item": each.item,
            "wording": " ".join(shown(each.wording, questionnaire, language).split()),
            "status": each.status,
            "verdict": each.verdict,
            "perhaps": each.perhaps,
        }
        if not each.changes:
            found.append(shared | {"what": None, "reason": each.reason.into(lang), "before": None, "after": None})
        found += [shared | _change_row(change, lang) for change in each.changes]
    return tuple(found)


def write_comparison_csv(comparisons: tuple[ItemComparison, ...], questionnaire: Questionnaire, language: str) -> bytes:
    """Return `comparison.csv`: texts that a spreadsheet would take for a formula begin with an apostrophe."""
    rows = comparison_rows(comparisons, questionnaire, language)
    return csv_bytes(COMPARISON, [{name: harmless(value) for name, value in row.items()} for row in rows])


def _change_row(change: Change, lang: Lang) -> dict[str, object]:
    return {
        "what": change.what,
        "reason": change.reason.into(lang),
        "before": change.before,
        "after": change.after,
    }


def build_comparison(
    comparisons: tuple[ItemComparison, ...],
    before: Questionnaire,
    after: Questionnaire,
    language: str,
    setting: Setting | None = None,
) -> Report:
    """Return the comparison of two waves as a report: counts, what is shared, what is new, what was dropped.

    Parameters
    ----------
    comparisons
        What `survey.compare.compare` found.
    before, after
        The two waves.
    language
        The language of wordings; passgenau's own words are German or English.
    setting
        Names the version of passgenau.
    """
    setting = setting or Setting()
    lang = own_language(language)
    page = _Page(comparisons, before, after, language, lang)
    sections = (page.kept(), page.others("new"), page.others("dropped"))
    return Report(
        lang=lang,
        title=_t(lang, "Zwei Fragebögen im Vergleich", "Two questionnaires compared"),
        subtitle=f"{_named(before, language)} → {_named(after, language)}",
        banner=None,
        meta=((_t(lang, "Erstellt mit", "Made with"), f"passgenau {setting.version}".strip()),),
        summary=page.summary(),
        sections=tuple(section for section in sections if section.elements),
        attribution=(),
        version=setting.version,
    )


def _t(lang: Lang, de: str, en: str) -> str:
    return de if lang == "de" else en


def _named(questionnaire: Questionnaire, language: str) -> str:
    title = " ".join(shown(questionnaire.title, questionnaire, language).split())
    version = questionnaire.version
    return f"{title} ({version})" if title and version else title or version or "–"


class _Page:
    """The parts of the report on one comparison."""

    def __init__(
        self,
        comparisons: tuple[ItemComparison, ...],
        before: Questionnaire,
        after: Questionnaire,
        language: str,
        lang: Lang,
    ) -> None:
        self.comparisons = comparisons
        self.before = before
        self.after = after
        self.language = language
        self.lang = lang

    def t(self, de: str, en: str) -> str:
        return _t(self.lang, de, en)

    def summary(self) -> Section:
        notices = tuple(
            Callout(
                "caution",
                self.t("Nachbau", "Reconstruction") + f": {_named(wave, self.language)}",
                ((Span(" ".join(shown(wave.reconstruction, wave, self.language).split())),),),
            )
            for wave in (self.before, self.after)
            if wave.reconstruction is not None
        )
        how = Paragraph(
            (
                Span(
                    self.t(
                        "Fragen und Antworten gehören zusammen, wenn ihre Kennungen gleich sind; ähnlicher Wortlaut "
                        "wird nur vorgeschlagen. „Mit Vorsicht“ heißt: Ein Unterschied zwischen den Wellen kann vom "
                        "Fragebogen kommen. „Nicht vergleichbar“ heißt: Die Zahlen bedeuten Verschiedenes.",
                        "Questions and items belong together where their ids are the same; similar wording is only "
                        "suggested. “With care” means: a difference between the waves may come from the questionnaire. "
                        "“Not comparable” means: the numbers mean different things.",
                    )
                ),
            )
        )
        elements: tuple[Element, ...] = (*notices, self.counts(), how)
        return Section("overview", self.t("Überblick", "Overview"), elements)

    def counts(self) -> Table:
        kept = Counter((each.item is None, each.verdict) for each in self.comparisons if each.status == "kept")
        rows = [
            (self.t("In beiden", "In both") + f": {VERDICT_WORDS[v].into(self.lang)}", kept[True, v], kept[False, v])
            for v in VERDICTS
        ]
        for status in ("new", "dropped"):
            alone = Counter(each.item is None for each in self.comparisons if each.status == status)
            rows.append((STATUS_WORDS[status].into(self.lang).capitalize(), alone[True], alone[False]))
        return Table(
            "counts",
            self.t("Was beide Wellen gemeinsam haben", "What both waves have in common"),
            ("", self.t("Fragen", "Questions"), self.t("Antworten und Zeilen", "Items")),
            tuple(((Span(name),), (Span(str(q)),), (Span(str(i)),)) for name, q, i in rows),
            ("left", "right", "right"),
        )

    def kept(self) -> Section:
        sections = []
        for each in self.comparisons:
            if each.item is None and each.status == "kept":
                items = [c for c in self.comparisons if c.question == each.question and c.item is not None]
                sections.append(self.question(each, items))
        return Section(
            "kept",
            self.t("In beiden Wellen gefragt", "Asked in both waves"),
            (Paragraph((Span(self.t("Frage für Frage:", "Question by question:")),)),) if sections else (),
            tuple(sections),
        )

    def question(self, each: ItemComparison, items: list[ItemComparison]) -> Section:
        lines: list[Inline] = [
            (Span(self.t("Urteil: ", "Verdict: "), strong=True), Span(VERDICT_WORDS[each.verdict].into(self.lang)))
        ]
        lines += [self.change(change) for change in each.changes]
        own = [self.item(item, each) for item in items]
        elements: list[Element] = [Paragraph((Span(self.words(each)),)), Bullets(tuple(lines))]
        if own:
            elements.append(
                Table(
                    f"items-{each.question}",
                    self.t(f"Antworten zu {each.question}", f"Items of {each.question}"),
                    (self.t("Antwort", "Item"), self.t("Urteil", "Verdict"), self.t("Warum", "Why")),
                    tuple(own),
                    ("left", "left", "left"),
                )
            )
        return Section(f"question-{each.question}", each.question, tuple(elements), numbered=False)

    def item(self, item: ItemComparison, question: ItemComparison) -> tuple[Inline, ...]:
        """Return an item's row; what holds for the whole question is not repeated."""
        own = [change for change in item.changes if change not in question.changes]
        reason: Inline
        if item.status != "kept" or item.perhaps:
            reason = (Span(item.reason.into(self.lang)),)
        elif own:
            reason = tuple(span for change in own for span in (*self.change(change), Span(" ")))
        else:
            reason = (Span(self.t("wie die Frage", "as the question")),)
        verdict = STATUS_WORDS[item.status] if item.status != "kept" else VERDICT_WORDS[item.verdict]
        return ((Span(self.words(item)),), (Span(verdict.into(self.lang)),), reason)

    def change(self, change: Change) -> Inline:
        said = Span(change.reason.into(self.lang))
        if not change.diff:
            return (said,)
        parts = [Span(" ")]
        for kind, words in change.diff:
            if kind == "same":
                parts.append(Span(f"{words} "))
            elif kind == "out":
                parts.append(Span(f"[− {words}] ", emphasis=True))
            else:
                parts.append(Span(f"[+ {words}] ", strong=True))
        return (said, *parts)

    def words(self, each: ItemComparison) -> str:
        wave = self.before if each.status == "dropped" else self.after
        return " ".join(shown(each.wording, wave, self.language).split())

    def others(self, status: Status) -> Section:
        """Return the questions that stand in one wave only."""
        rows = tuple(
            (
                (Span(each.question.replace("_", "_\u200b")),),  # a long id may be broken
                (Span(self.words(each)),),
                (Span(self.suggestion(each)),),
            )
            for each in self.comparisons
            if each.status == status and each.item is None
        )
        titles = {
            "new": self.t("Neu gefragt", "Newly asked"),
            "dropped": self.t("Nicht mehr gefragt", "No longer asked"),
        }
        heads = (self.t("Kennung", "Id"), self.t("Frage", "Question"), self.t("Vielleicht dasselbe wie", "Perhaps as"))
        table = Table(f"{status}-questions", titles[status], heads, rows, ("left", "left", "left"))
        return Section(status, titles[status], (table,) if rows else ())

    def suggestion(self, each: ItemComparison) -> str:
        return each.perhaps or "–"
