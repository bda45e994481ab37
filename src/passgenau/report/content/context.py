"""What every chapter needs: the material, the words, and numbers that carry their base."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from passgenau.findings.asked import wordings
from passgenau.report.model import Table
from passgenau.report.wording import NARROW, NO_BREAK, capital

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passgenau.curriculum.catalogue import Module, Stage, Version
    from passgenau.curriculum.model import Firmness, Place, Provision
    from passgenau.findings.model import Estimate, Reach
    from passgenau.frame.units import Tier, Unit
    from passgenau.needs.model import Wish
    from passgenau.report.material import Material
    from passgenau.report.model import Inline, Span
    from passgenau.report.wording import Part, Wording
    from passgenau.survey.published import Statement
    from passgenau.text import Text


@dataclass(frozen=True)
class Context:
    """The material of a report, and the words of its language."""

    m: Material
    w: Wording

    # Names ----------------------------------------------------------------------------------

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        """The modules of the catalogue by id."""
        return {module.id: module for module in self.m.catalogue.modules}

    @cached_property
    def _titles(self) -> Mapping[str, Text]:
        catalogue = self.m.catalogue
        titles = {catalogue.introduction.id: catalogue.introduction.title}
        titles |= {briefing.id: briefing.title for briefing in catalogue.briefings}
        return titles | {module.id: module.title for module in catalogue.modules}

    @cached_property
    def _competences(self) -> Mapping[str, Text]:
        return {c.id: c.title for c in self.m.catalogue.competences}

    @cached_property
    def _topics(self) -> Mapping[str, Text]:
        return {t.id: t.title for t in self.m.catalogue.topics}

    @cached_property
    def _roles(self) -> Mapping[str, Text]:
        return {r.id: r.title for r in self.m.catalogue.roles}

    @cached_property
    def _fields(self) -> Mapping[str, Text]:
        return {f.id: f.title for f in self.m.catalogue.fields}

    @cached_property
    def _items(self) -> Mapping[tuple[str, str], Text]:
        items = {(q.id, i.id): i.text.text for q in self.m.questionnaire.questions for i in q.items}
        return {**wordings(self.m.questionnaire), **items}

    @cached_property
    def _units(self) -> Mapping[str, Unit]:
        return {unit.key: unit for frame in self.m.frames.values() for unit in frame.units}

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        """What was published, by `source_id`."""
        return {s.source_id: s for s in self.m.published.statements} if self.m.published else {}

    @property
    def estimated(self) -> bool:
        """Whether the numbers are estimated from answers rather than printed by a source."""
        return self.m.findings.origin == "estimated"

    @property
    def weighted(self) -> bool:
        """Whether headlines are brought to the frame by weights."""
        return any(estimate.weighted for estimate in self.m.findings.estimates)

    def title(self, module: str) -> Span:
        """Return the title of a module, briefing or the introduction."""
        return self.w.text(self._titles[module]) if module in self._titles else self.w.line(module)[0]

    def titles(self, modules: Iterable[str]) -> Inline:
        """Return titles joined by semicolons."""
        return self.joined(self.title(m) for m in modules)

    def joined(self, spans: Iterable[Span], mark: str = "; ") -> Inline:
        """Return runs joined by a mark, or a dash for none."""
        parts: list[Part] = []
        for span in spans:
            parts += [mark, span] if parts else [span]
        return self.w.line(*parts) if parts else self.w.line("–")

    def competence(self, id_: str) -> Span:
        """Return the title of a competence."""
        return self.w.text(self._competences[id_])

    def topic(self, id_: str) -> Span:
        """Return the title of a topic."""
        return self.w.text(self._topics[id_])

    def role(self, id_: str) -> Span:
        """Return the title of a role."""
        return self.w.text(self._roles[id_]) if id_ in self._roles else self.w.line(id_)[0]

    def field(self, id_: str) -> Span:
        """Return the title of a field."""
        return self.w.text(self._fields[id_])

    def item(self, question: str, item: str) -> Span:
        """Return the wording of an answer."""
        return self.w.text(self._items[question, item])

    @cached_property
    def _told(self) -> Counter[Text]:
        """How many answers bear the same words."""
        keys = dict.fromkeys((e.question, e.item) for e in self.m.findings.estimates)
        return Counter(self._items[key] for key in keys)

    def answer(self, question: str, item: str) -> Inline:
        """Return the wording of an answer where questions are mixed: with its question where others word it alike."""
        span = self.item(question, item)
        if not self.estimated or self._told[self._items[question, item]] < 2:  # noqa: PLR2004 -- another one
            return (span,)
        return self.w.line(span, " (", self.m.questionnaire.question(question).text.text, ")")

    def place(self, key: str) -> str:
        """Return the unambiguous name of a municipality or district, or its key where it is unknown."""
        return self._units[key].label if key in self._units else key

    def unit(self, key: str) -> Unit | None:
        """Return a municipality or district of the study's populations."""
        return self._units.get(key)

    def audience(self, id_: str) -> str:
        """Return the plural name of an audience."""
        return self.m.audience(id_).name.into(self.w.lang)

    def short(self, id_: str) -> str:
        """Return the short name of an audience."""
        return self.m.audience(id_).short.into(self.w.lang)

    def tier(self, tier: Tier) -> str:
        """Return the plural name of the audience of a tier; a common one where nobody of the tier was asked."""
        asked = next((audience for audience in self.m.info.audiences if audience.tier == tier), None)
        if asked is not None:
            return asked.name.into(self.w.lang)
        return self.w.t("Kreise", "districts") if tier == "district" else self.w.t("Gemeinden", "municipalities")

    def stage(self, stage: Stage | str) -> str:
        """Return the name of a stage of the local process."""
        names = {
            "mandate": ("Auftrag", "mandate"),
            "analysis": ("Analyse", "analysis"),
            "goals": ("Ziele", "goals"),
            "implementation": ("Umsetzung", "implementation"),
            "continuation": ("Verstetigung", "continuation"),
        }
        return self.w.t(*names[stage]) if stage in names else stage

    def version(self, version: Version) -> str:
        """Return the name of a version of a module."""
        return self.w.t("kurz", "short") if version == "short" else self.w.t("voll", "full")

    def firmness(self, firmness: Firmness) -> str:
        """Return the name of a degree of firmness."""
        names = {
            "fixed": ("gesetzt", "fixed"),
            "firm": ("fest", "firm"),
            "likely": ("wahrscheinlich", "likely"),
            "open": ("offen", "open"),
        }
        return self.w.t(*names[firmness])

    def firmness_of(self, place: Place) -> str:
        """Return how firm a choice is; one that rests on an assumed share is marked."""
        mark = self.w.t(" (Annahme)", " (assumption)") if place.rests_on_assumption else ""
        return self.firmness(place.depth_firmness) + mark

    def provision(self, provision: Provision) -> str:
        """Return how a module is provided."""
        names = {
            "reuse": ("weiterverwenden", "reuse"),
            "adapt": ("anpassen", "adapt"),
            "develop": ("entwickeln", "develop"),
        }
        return self.w.t(*names[provision.kind])

    # Numbers with their base ------------------------------------------------------------------

    def reach(self, audience: str) -> Reach:
        """Return how far an audience's return carries."""
        return next(r for r in self.m.findings.reach if r.audience == audience)

    def printed(self, estimate: Estimate) -> str:
        """Return the share as printed: 46 %, ca. 70 %, 67–70 %."""
        statement = self.statements.get(estimate.source_id) if estimate.origin == "published" else None
        if statement is None or statement.printed_range is None:
            return self.w.percent(estimate.value) if estimate.value is not None else estimate.printed or "–"
        low, high = statement.printed_range
        digits = 0 if low == int(low) and high == int(high) else 1
        about = self.w.t(f"ca.{NO_BREAK}", f"about{NO_BREAK}") if statement.approximate else ""
        if low == high:
            return about + self.w.percent(low / 100, digits)
        sign = f"{NARROW}%" if self.w.lang == "de" else "%"
        return f"{about}{self.w.number(low, digits)}–{self.w.number(high, digits)}{sign}"

    def sheets(self, estimate: Estimate) -> str:
        """Return what the percentage is made of: 11 von 24 Bögen, passt zu 14 von 23 Bögen, Bezugsgröße offen."""
        if estimate.count_text is not None:
            return estimate.count_text.into(self.w.lang)
        base = self.w.number(estimate.base_answers)
        return self.w.t(f"von {base} Bögen", f"of {base} sheets")

    def sheets_in_short(self, estimate: Estimate) -> str:
        """Return the same for tables, whose heads name the sheets."""
        if estimate.suppressed:
            return self.w.t("zu wenige", "too few")
        mark, unit = self.w.t("gewichtet; ", "weighted; "), self.w.t(" Kommunen", " organisations")
        return self.sheets(estimate).removesuffix(self.w.t(" Bögen", " sheets")).removesuffix(unit).removeprefix(mark)

    def returned(self, audience: str) -> str:
        """Return how many answered: 21 von 35 antworteten."""
        r = self.reach(audience)
        units, population = self.w.number(r.units), self.w.number(r.population)
        return self.w.t(f"{units} von {population} antworteten", f"{units} of {population} answered")

    def share(self, estimate: Estimate) -> str:
        """Return a share that carries its base: 46 % (11 von 24 Bögen; 21 von 35 antworteten)."""
        return f"{self.printed(estimate)} ({self.sheets(estimate)}; {self.returned(estimate.audience)})"

    def interval(self, estimate: Estimate) -> str:
        """Return the interval for the population, or a dash."""
        if estimate.lower is None or estimate.upper is None:
            return "–"
        return self.w.percents(*outwards(estimate.lower, estimate.upper))

    def counts(self, estimate: Estimate) -> str:
        """Return the interval as counts of the population, or a dash."""
        if estimate.count_lower is None or estimate.count_upper is None:
            return "–"
        span = self.w.span_of(estimate.count_lower, estimate.count_upper)
        return self.w.t(
            f"{span} von {self.w.number(estimate.population)}", f"{span} of {self.w.number(estimate.population)}"
        )

    def wish(self, wish: Wish) -> str:
        """Return what the survey says of a topic; not asked, no number and rarely wished stay apart."""
        if wish.status == "not_asked":
            return self.w.t("nicht gefragt", "not asked")
        if wish.status == "asked_no_number":
            if wish.assumed and wish.lower is not None and wish.upper is not None:
                low_high = self.w.percents(wish.lower, wish.upper)
                return self.no_number + self.w.t(f" (Annahme: {low_high})", f" (assumption: {low_high})")
            return self.no_number
        return "; ".join(self.share(self.estimate(id_)) for id_ in wish.source_ids if id_ in self._estimates)

    @property
    def no_number(self) -> str:
        """What stands where a topic was asked about and no number can be shown."""
        if self.estimated:
            return self.w.t("gefragt, zu wenige Antworten", "asked, too few answers")
        return self.w.t("gefragt, keine Zahl veröffentlicht", "asked, no number published")

    def wish_interval(self, wish: Wish) -> str:
        """Return a wished share with its interval and return, short enough for a table."""
        if wish.status not in {"published", "estimated"} or wish.share is None:
            return self.wish(wish)
        of = self.returned(wish.audience)
        if wish.lower is None or wish.upper is None:
            return f"{self.w.percent(wish.share)} ({of})"
        interval = self.w.percents(wish.lower, wish.upper)
        return self.w.t(
            f"{self.w.percent(wish.share)} (95-%-Intervall {interval}; {of})",
            f"{self.w.percent(wish.share)} (95% interval {interval}; {of})",
        )

    @cached_property
    def _estimates(self) -> Mapping[str, Estimate]:
        return {e.source_id: e for e in self.m.findings.estimates}

    def estimate(self, source_id: str) -> Estimate:
        """Return an estimate by the id of its source."""
        return self._estimates[source_id]


def outwards(lower: float, upper: float) -> tuple[float, float]:
    """Return limits (shares) rounded to whole percent, away from each other."""
    # Six digits first: 7 % is stored as 7.000000000000001 hundredths.
    return math.floor(round(100 * lower, 6)) / 100, math.ceil(round(100 * upper, 6)) / 100


def _head(column: str) -> str:
    """Return a column's title with a capital, unless it is a symbol: Wunsch, but p (Holm)."""
    return column if len(column.split(" ", maxsplit=1)[0]) == 1 else capital(column)


def table(  # noqa: PLR0913 -- what a table has
    id_: str,
    caption: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Inline, ...]],
    *,
    note: str | None = None,
    wide: bool = False,
    header_columns: int = 1,
) -> Table:
    """Return a table. A column whose title ends with ``>`` is aligned to the right."""
    return Table(
        id=id_,
        caption=caption,
        columns=tuple(_head(c.removesuffix(">")) for c in columns),
        rows=tuple(rows),
        align=tuple("right" if c.endswith(">") else "left" for c in columns),
        header_columns=header_columns,
        note=note,
        wide=wide,
    )
