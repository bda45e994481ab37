"""From the values of a study to its report in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.content import evaluation, findings, method, plan, response
from passgenau.report.content.claims import claims
from passgenau.report.content.comparison import comparison
from passgenau.report.content.concept import concept
from passgenau.report.content.context import Context
from passgenau.report.content.summary import summary
from passgenau.report.model import Report
from passgenau.report.wording import Wording

if TYPE_CHECKING:
    from passgenau.report.material import Material
    from passgenau.text import Lang


def build(material: Material, lang: Lang = "de") -> Report:
    """Return the report of a study: the concept paper an office goes on writing.

    Parameters
    ----------
    material
        All values of the study.
    lang
        Language of the report. Prose that exists in German only stays German and is marked so.

    Returns
    -------
    Report
        First page for a mayor, then background, goals, wishes, comparison, concept, plan, costs,
        evaluation, method, annex.
    """
    c = Context(material, Wording(lang))
    info = material.info
    return Report(
        lang=lang,
        title=info.title.into(lang),
        subtitle=c.w.t(
            "Was Kommunen wünschen, welches Konzept daraus folgt und wie es laufen kann",
            "What municipalities wish for, which concept follows, and how it can run",
        ),
        banner=info.banner.into(lang) if info.banner else None,
        meta=imprint(c),
        summary=summary(c),
        sections=(
            findings.background(c),
            findings.goals(c),
            *response.response(c),
            findings.wishes(c),
            comparison(c, claims(c)),
            concept(c),
            plan.plans(c),
            plan.costs(c),
            evaluation.evaluation(c),
            method.method(c),
            *method.annex(c),
        ),
        attribution=attributions(c),
        version=info.version,
    )


def imprint(c: Context) -> tuple[tuple[str, str], ...]:
    """Return what the report says about itself."""
    w, info = c.w, c.m.info
    lines = [
        (w.t("Herausgegeben von", "Issued by"), info.office.into(w.lang)),
        (w.t("Kontakt", "Contact"), info.contact or ""),
        (w.t("Befragung", "Survey"), _survey(c)),
        (w.t("Modulkatalog", "Module catalogue"), f"{c.m.catalogue.title.into(w.lang)} ({c.m.catalogue.as_of})"),
        (w.t("Startwert der Zufallszahlen", "Seed of the random numbers"), str(info.seed)),
        (w.t("Erstellt mit", "Made with"), f"passgenau {info.version}"),
    ]
    return tuple((name, value) for name, value in lines if value)


def _survey(c: Context) -> str:
    """Return which survey the numbers come from."""
    w, quality = c.w, c.m.findings.quality
    if quality is not None:
        title = c.m.questionnaire.title.into(w.lang) if c.m.questionnaire.title else w.t("Befragung", "survey")
        sheets = w.number(quality.sheets)
        return w.t(f"{title}, {sheets} Bögen", f"{title}, {sheets} sheets")
    return c.m.published.source.survey.into(w.lang) if c.m.published is not None else ""


def attributions(c: Context) -> tuple[str, ...]:
    """Return the sources that must be named, each once."""
    cited: tuple[str, ...] = ()
    if c.m.published is not None:
        source = c.m.published.source
        cited = (f"{', '.join(source.authors)}: {source.title} {source.published_in}",)
    frames = (line for frame in c.m.frames.values() for line in frame.attribution)
    return tuple(dict.fromkeys((*cited, *frames, *(t.total.source for t in c.m.findings.totals))))
