"""Results in a few lines of text, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.cli.printing import counted, number, percent, table

if TYPE_CHECKING:
    from passgenau.curriculum.catalogue import Catalogue
    from passgenau.curriculum.model import Curriculum, Place, Programme
    from passgenau.estimation import SampleSize
    from passgenau.findings.model import Estimate, Findings
    from passgenau.frame.units import Unit
    from passgenau.planning.model import Plan
    from passgenau.study import Study
    from passgenau.survey import Mark
    from passgenau.text import Lang


def study_summary(study: Study, lang: Lang) -> str:
    """Return what a study holds, after its check."""
    populations = ", ".join(
        f"{name.into(lang)} {number(len(study.frames[audience]), lang)}" for audience, name in study.names.items()
    )
    counts = (
        len(study.digests),
        _results(study, lang),
        len(study.catalogue.modules),
        len(study.registrations),
    )
    if lang == "de":
        text = "In Ordnung: {} Dateien, {}, {} Module, {} Anmeldungen.\nGrundgesamtheiten: {}."
    else:
        text = "All is well: {} files, {}, {} modules, {} registrations.\nPopulations: {}."
    return "\n".join([text.format(*counts, populations), *_about_answers(study, lang), *_hints(study, lang)])


def _results(study: Study, lang: Lang) -> str:
    """Return what numbers are made of: published results, or sheets."""
    if study.answers is not None:
        sheets = number(len(study.answers.responses), lang)
        return f"{sheets} Bögen" if lang == "de" else f"{sheets} sheets"
    count = number(len(study.published.statements) if study.published else 0, lang)
    return f"{count} veröffentlichte Ergebnisse" if lang == "de" else f"{count} published results"


def _about_answers(study: Study, lang: Lang) -> list[str]:
    """Return, where there are answers, how many organisations they come from and what checks found."""
    if study.answers is None:
        return []
    answered = ", ".join(
        f"{study.names[audience].into(lang)} {number(units, lang)}" for audience, units in study.returns.items()
    )
    lines = [f"Geantwortet haben: {answered}." if lang == "de" else f"Answered: {answered}."]
    if study.answers.responses.synthetic is not None:
        lines.append(study.answers.responses.synthetic.into(lang))
    found: dict[str, list[Mark]] = {}
    for mark in study.answers.responses.marks:
        found.setdefault(mark.check, []).append(mark)
    if found:
        lines.append("Die Prüfungen haben gekennzeichnet:" if lang == "de" else "The checks have marked:")
    for check, marks in sorted(found.items()):
        lines.append(f"  {check}: {number(len(marks), lang)}")
        lines += [f"    {_mark(mark, lang)}" for mark in marks[:MAX_MARKS]]
        lines += [f"    … ({number(len(marks), lang)})"] if len(marks) > MAX_MARKS else []
    return lines


def _mark(mark: Mark, lang: Lang) -> str:
    """Return one mark with its sheet, line and column."""
    sheet, line, column = ("Bogen", "Zeile", "Spalte") if lang == "de" else ("sheet", "line", "column")
    places = ((sheet, mark.sheet), (line, mark.line), (column, mark.variable))
    where = ", ".join(f"{name} {value}" for name, value in places if value is not None)
    return f"{where}: {mark.message.into(lang)}" if where else mark.message.into(lang)


def _hints(study: Study, lang: Lang) -> list[str]:
    """Return what the questionnaire lacks; nothing of it stops the study."""
    from passgenau.survey.completeness import completeness  # noqa: PLC0415 -- only where a study is checked

    gaps = completeness(study.questionnaire)
    if not gaps:
        return []
    head = "Dem Fragebogen fehlt noch:" if lang == "de" else "The questionnaire still lacks:"
    lines = [f"  {gap.message.into(lang)}" for gap in gaps[:MAX_HINTS]]
    return [head, *lines, *([f"  … ({len(gaps)})"] if len(gaps) > MAX_HINTS else [])]


def findings_summary(findings: Findings, study: Study, lang: Lang) -> str:
    """Return what was wished for, group by group, with both bases and the interval."""
    parts = []
    for reach in findings.reach:
        name = study.names[reach.audience].into(lang)
        wishes = [e for e in findings.estimates if e.audience == reach.audience and e.kind == "wish"]
        wishes.sort(key=lambda e: -(e.value or 0))
        head = (
            f"{name}: {reach.units} von {number(reach.population, lang)} antworteten mit {reach.answers} Bögen."
            if lang == "de"
            else f"{name}: {reach.units} of {number(reach.population, lang)} answered with {reach.answers} sheets."
        )
        columns = _columns(findings, lang)
        rows = [(_item(study, e, lang), _shown(e, lang), _interval(e, lang)) for e in wishes]
        parts.append(f"{head}\n\n{table(columns, '<>>', rows)}")
    foot = (
        "* 95-%-Bereich für alle, falls die Antwortenden einer Zufallsauswahl glichen; die Antworten waren freiwillig."
        if lang == "de"
        else "* 95% interval for all, if those who answered resembled a random draw; answering was voluntary."
    )
    return "\n\n".join([*parts, foot])


def _columns(findings: Findings, lang: Lang) -> tuple[str, str, str]:
    if findings.origin == "estimated":
        return ("Wunsch", "Anteil", "alle*") if lang == "de" else ("Wish", "share", "all*")
    return ("Wunsch", "wie gedruckt", "alle*") if lang == "de" else ("Wish", "as printed", "all*")


def _shown(estimate: Estimate, lang: Lang) -> str:
    """Return the number as printed, or as estimated with its base."""
    if estimate.origin == "published":
        return estimate.printed
    if estimate.value is None or estimate.count_text is None:
        return "zu wenige Antworten" if lang == "de" else "too few answers"
    return f"{percent(estimate.value, lang)} ({estimate.count_text.into(lang)})"


def _item(study: Study, estimate: Estimate, lang: Lang) -> str:
    from passgenau.findings.asked import wordings  # noqa: PLC0415 -- loads the estimation

    question = study.questionnaire.question(estimate.question)
    own = next((item.text.into(lang) for item in question.items if item.id == estimate.item), None)
    return own if own is not None else wordings(study.questionnaire)[estimate.question, estimate.item].into(lang)


def _interval(estimate: Estimate, lang: Lang) -> str:
    if estimate.lower is None or estimate.upper is None:
        return "–"
    return f"{percent(estimate.lower, lang)} – {percent(estimate.upper, lang)}"


def curriculum_summary(curriculum: Curriculum, study: Study, lang: Lang) -> str:
    """Return each tier's programme: its modules in order, and what their places rest on."""
    return "\n\n".join(_programme(p, study, lang) for p in curriculum.programmes)


def _programme(programme: Programme, study: Study, lang: Lang) -> str:
    name = study.names[programme.audience].into(lang)
    days = number(programme.contact_units / study.catalogue.units_per_day, lang, 1)
    if lang == "de":
        modules, blocks = (
            counted(len(programme.basis), "Modul", "Module"),
            counted(len(programme.blocks), "Block", "Blöcke"),
        )
        head = f"{name}, Basis: {modules}, {blocks}, {days} Tage"
        columns = ("Block", "Modul", "Fassung", "Einheiten", "Grund", "Sicherheit")
    else:
        modules, blocks = counted(len(programme.basis), "module"), counted(len(programme.blocks), "block")
        head = f"{name}, Basis: {modules}, {blocks}, {days} days"
        columns = ("Block", "Module", "Version", "Units", "Rests on", "Firmness")
    rows = [_place(place, study.catalogue, lang) for place in (*programme.basis, *programme.electives)]
    return f"{head}\n\n{table(columns, '><<><<', rows)}"


_WORDS = {
    "minimum": ("Mindestanforderung", "minimum"),
    "role": ("Rollenaufgabe", "role task"),
    "wish": ("Wunsch", "wish"),
    "elective": ("Wahl", "elective"),
    "short": ("kurz", "short"),
    "full": ("lang", "full"),
    "fixed": ("Setzung", "fixed"),
    "firm": ("fest", "firm"),
    "likely": ("wahrscheinlich", "likely"),
    "open": ("offen", "open"),
}


def _word(key: str, lang: Lang) -> str:
    return _WORDS[key][lang == "en"]


def _place(place: Place, catalogue: Catalogue, lang: Lang) -> tuple[str, ...]:
    module = next(m for m in catalogue.modules if m.id == place.module)
    rests = [
        _word("minimum", lang) if place.sources.minimum else "",
        _word("role", lang) if place.sources.role else "",
        _word("wish", lang) if place.sources.wish.share else "",
    ]
    return (
        str(place.block) if place.block is not None else _word("elective", lang),
        module.title.into(lang),
        _word(place.version, lang),
        str(place.contact_units),
        ", ".join(filter(None, rests)),
        _word(place.depth_firmness, lang),
    )


def plan_summary(plan: Plan, lang: Lang) -> str:
    """Return cohorts, travel and costs of a plan."""
    columns = ("Kohorte", "Sitz", "Organisationen", "Personen") if lang == "de" else _COHORT_COLUMNS
    rows = [(c.id, c.seat_label, str(len(c.members)), str(c.persons)) for c in plan.cohorts[:MAX_COHORTS]]
    text = table(columns, "<<>>", rows)
    if len(plan.cohorts) > MAX_COHORTS:
        text += f"\n… ({len(plan.cohorts)})"
    lines = [_figures(plan, lang), *(violation.message.into(lang) for violation in plan.violations)]
    return "\n\n".join([text, *lines])


MAX_COHORTS = 20
MAX_MARKS = 3  # of one check, by sheet and line; `check --json` names all
MAX_HINTS = 10
_COHORTS = {"de": ("Kohorte", "Kohorten"), "en": ("cohort", "cohorts")}
_EVENTS = {"de": ("Veranstaltung", "Veranstaltungen"), "en": ("event", "events")}
_COHORT_COLUMNS = ("Cohort", "Seat", "Organisations", "Persons")


def _figures(plan: Plan, lang: Lang) -> str:
    costs, travel = plan.costs, plan.travel
    persons = sum(cohort.persons for cohort in plan.cohorts)
    values = {
        "persons": number(persons, lang),
        "cohorts": counted(len(plan.cohorts), *_COHORTS[lang], lang=lang),
        "events": counted(len(plan.events), *_EVENTS[lang], lang=lang),
        "trainer": number(costs.trainer_days, lang),
        "adviser": number(costs.adviser_days, lang),
        "euros": number(costs.total, lang),
        "each": number(costs.per_person, lang),
        "median": number(travel.median, lang),
        "p90": number(travel.p90, lang),
        "worst": number(travel.max, lang),
        "unplaced": number(len(plan.unplaced), lang),
    }
    if lang == "de":
        text = (
            "{persons} Personen in {cohorts}, {events}; Anmeldungen ohne Platz: {unplaced}\n"
            "{trainer} Trainertage, {adviser} Beratungstage; {euros} Euro, je Person {each} Euro\n"
            "Anreise einfach: Median {median} km, 90 % höchstens {p90} km, weiteste {worst} km"
        )
    else:
        text = (
            "{persons} persons in {cohorts}, {events}; registrations without a seat: {unplaced}\n"
            "{trainer} trainer days, {adviser} adviser days; {euros} euros, {each} euros per person\n"
            "Travel one way: median {median} km, 90% at most {p90} km, longest {worst} km"
        )
    return text.format(**values)


def sample_summary(sizes: tuple[SampleSize, ...], lang: Lang) -> str:
    """Return how many answers each stratum needs and how far its return reaches."""
    columns = (
        ("Schicht", "Grundgesamtheit", "nötig", "geantwortet", "reicht für ±", "fehlen")
        if lang == "de"
        else ("Stratum", "Population", "Needed", "Answered", "Reaches ±", "Missing")
    )
    rows = [
        (
            size.stratum,
            number(size.population, lang),
            number(size.needed, lang),
            "–" if size.answered is None else number(size.answered, lang),
            "–" if size.reach is None else number(100 * size.reach, lang, 1),
            "–" if size.missing is None else number(size.missing, lang),
        )
        for size in sizes
    ]
    first = sizes[0]
    margin, level = number(100 * first.margin, lang, 1), percent(first.level, lang)
    foot = (
        f"Für einen Stichprobenfehler von höchstens {margin} Prozentpunkten bei {level} Sicherheit\n"
        f"und einem Anteil von "
        f"{percent(first.share, lang)}, falls die Antwortenden einer Zufallsauswahl gleichen."
        if lang == "de"
        else f"For a margin of at most {margin} percentage points at {level} confidence and a share of "
        f"{percent(first.share, lang)},\nif those who answer resemble a random draw."
    )
    return f"{table(columns, '<>>>>>', rows)}\n\n{foot}"


def units_summary(units: tuple[Unit, ...], lang: Lang) -> str:
    """Return places with their keys."""
    columns = (
        ("Schlüssel", "Name", "Art", "Kreis", "Einwohner")
        if lang == "de"
        else ("Key", "Name", "Type", "District", "Inhabitants")
    )
    rows = [(u.key, u.label, u.type, u.district_label, number(u.population, lang)) for u in units]
    return table(columns, "<<<<>", rows)
