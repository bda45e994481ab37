"""The evaluation plan: participation, learning, transfer and organisation, with numbers from the plan.

The four levels follow Kirkpatrick's; his “reaction” is part of participation, because satisfaction
alone says nothing about learning.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from passgenau.curriculum.wording import TIER_NAMES
from passgenau.estimation import sample_size
from passgenau.evaluation.model import EvaluationPlan, Instrument
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.curriculum.catalogue import Catalogue
    from passgenau.curriculum.model import Curriculum
    from passgenau.frame.units import Tier
    from passgenau.planning.model import Cohort, Event, Plan

TRANSFER_MONTHS = 6
ORGANISATION_MONTHS = 12
MARGIN = 0.10  # half-width that a return should reach, 0–1
LEARNING_KINDS = frozenset({"introduction", "basis", "elective"})


def evaluation_plan(curriculum: Curriculum, catalogue: Catalogue, plan: Plan) -> EvaluationPlan:
    """Return who is asked what and when, with numbers and dates that follow from the plan.

    Parameters
    ----------
    curriculum
        The derived concept; its Basis names the competences of the self-check.
    catalogue
        Wording of competences and tasks.
    plan
        The plan whose cohorts and events are counted.

    Notes
    -----
    Everybody is asked, nobody is sampled: `needed` is the return from which on a share among all
    participants has a margin of at most ten points, if those who answer resemble a random draw
    (`docs/methods.md#sample-size`).
    """
    return EvaluationPlan(
        scenario=plan.scenario,
        instruments=(
            _participation(plan),
            _reaction(plan),
            *_self_checks(curriculum, catalogue, plan),
            _task_results(curriculum, catalogue, plan),
            _transfer(plan),
            _organisation(plan),
        ),
        persons=_persons(plan),
        organisations=_organisations(plan),
        notes=_NOTES,
    )


_NOTES = (
    Text(
        "Selbsteinschätzungen zeigen, was Teilnehmende sich zutrauen, nicht, was sie können; deshalb stehen daneben "
        "die Ergebnisse der Aufgaben aus dem eigenen Projekt.",
        "Self-checks show what participants feel able to do, not what they can do; so the results of the tasks in "
        "their own projects stand beside them.",
    ),
    Text(
        "Eine Vergleichsgruppe gibt es nicht: Veränderungen lassen sich beschreiben, aber nicht allein der "
        "Fortbildung zuschreiben.",
        "There is no comparison group: changes can be described, but not attributed to the training alone.",
    ),
)


# --- participation -----------------------------------------------------------------------------


def _participation(plan: Plan) -> Instrument:
    first, last = _span(plan.events)
    return Instrument(
        id="attendance",
        level="participation",
        title=Text("Anwesenheit", "Attendance"),
        respondents=Text("alle Teilnehmenden", "all participants"),
        content=Text(
            "Wer war da, wer hat abgebrochen, welche Organisationen und Rollen fehlen?",
            "Who came, who dropped out, which organisations and roles are missing?",
        ),
        timing=Text("bei jeder Veranstaltung", "at every event"),
        first=first,
        last=last,
        occasions=len(plan.events),
        persons=_persons(plan),
        unit="person",
        answers=sum(event.persons for event in plan.events),
        needed=None,
        questions=(Text("Unterschrift je Tag", "Signature per day"),),
    )


def _reaction(plan: Plan) -> Instrument:
    events = [event for event in plan.events if event.kind in LEARNING_KINDS]
    first, last = _span(events)
    return Instrument(
        id="reaction",
        level="participation",
        title=Text("Rückmeldung zum Termin", "Feedback on the event"),
        respondents=Text("alle Teilnehmenden", "all participants"),
        content=Text(
            "Was war brauchbar, was fehlte, war das Tempo richtig?",
            "What was useful, what was missing, was the pace right?",
        ),
        timing=Text("am Ende jeder Veranstaltung, fünf Minuten", "at the end of every event, five minutes"),
        first=first,
        last=last,
        occasions=len(events),
        persons=_persons(plan),
        unit="person",
        answers=sum(event.persons for event in events),
        needed=None,
        questions=(
            Text(
                "Was nehmen Sie mit nach Hause? Was hat gefehlt?",
                "What do you take home? What was missing?",
            ),
        ),
    )


# --- learning ----------------------------------------------------------------------------------


def _self_checks(curriculum: Curriculum, catalogue: Catalogue, plan: Plan) -> tuple[Instrument, ...]:
    """Return one self-check per tier that has cohorts: the competences of its Basis, before and after."""
    tiers = [p.tier for p in curriculum.programmes if any(c.tier == p.tier for c in plan.cohorts)]
    return tuple(_self_check(curriculum, catalogue, plan, tier) for tier in tiers)


def _self_check(curriculum: Curriculum, catalogue: Catalogue, plan: Plan, tier: Tier) -> Instrument:
    cohorts = [cohort for cohort in plan.cohorts if cohort.tier == tier]
    spans = [_span(_events_of(plan, cohort)) for cohort in cohorts]
    persons = sum(cohort.persons for cohort in cohorts)
    name = TIER_NAMES[tier]
    return Instrument(
        id=f"self-check-{tier}",
        level="learning",
        title=Text(f"Selbsteinschätzung ({name.de})", f"Self-check ({name.into('en')})"),
        respondents=Text(f"alle Teilnehmenden: {name.de}", f"all participants: {name.into('en')}"),
        content=Text(
            "je Kompetenz der Basis: „Das kann ich …“ in vier Stufen, dieselben Fragen vorher und nachher",
            "for each competence of the Basis: “I can do this …” in four steps, the same questions before and after",
        ),
        timing=Text(
            "vor der Einführung und nach dem letzten Block", "before the introduction and after the last block"
        ),
        first=min((first for first, _ in spans if first), default=None),
        last=max((last for _, last in spans if last), default=None),
        occasions=2,
        persons=persons,
        unit="person",
        answers=2 * persons,
        needed=_needed(persons),
        questions=_competences(curriculum, catalogue, tier),
    )


def _competences(curriculum: Curriculum, catalogue: Catalogue, tier: Tier) -> tuple[Text, ...]:
    """Return the titles of the competences that the Basis of a tier builds, in catalogue order."""
    programme = next(p for p in curriculum.programmes if p.tier == tier)
    basis = {place.module for place in programme.basis}
    built = {c for module in catalogue.modules if module.id in basis for c in module.competences}
    return tuple(c.title for c in catalogue.competences if c.id in built)


# --- transfer ----------------------------------------------------------------------------------


def _task_results(curriculum: Curriculum, catalogue: Catalogue, plan: Plan) -> Instrument:
    """Return the tasks between blocks: their results open the next block of the same cohort."""
    openings = [event for event in plan.events if event.kind == "basis" and (event.block or 0) > 1]
    first, last = _span(openings)
    basis = {place.module for programme in curriculum.programmes for place in programme.basis}
    tasks = tuple(m.task for m in catalogue.modules if m.id in basis and m.task is not None)
    size = {cohort.id: len(cohort.members) for cohort in plan.cohorts}
    return Instrument(
        id="task-results",
        level="transfer",
        title=Text("Ergebnisse der Aufgaben", "Results of the tasks"),
        respondents=Text("je Organisation ein Tandem", "one tandem per organisation"),
        content=Text(
            "Was ist vor Ort seit dem letzten Block geschehen, was hat gehindert?",
            "What has happened at home since the last block, what stood in the way?",
        ),
        timing=Text("zu Beginn des nächsten Blocks", "when the next block opens"),
        first=first,
        last=last,
        occasions=len(openings),
        persons=_organisations(plan),
        unit="organisation",
        answers=sum(size[cohort] for event in openings for cohort in event.cohorts if cohort in size),
        needed=None,
        questions=tasks,
    )


def _transfer(plan: Plan) -> Instrument:
    first, last = _later(plan, TRANSFER_MONTHS)
    persons = _persons(plan)
    return Instrument(
        id="transfer",
        level="transfer",
        title=Text("Was im Alltag bleibt", "What stays in everyday work"),
        respondents=Text("alle Teilnehmenden", "all participants"),
        content=Text(
            "Welche Kompetenzen werden genutzt, welche Aufgabe läuft weiter, was fehlt an Begleitung?",
            "Which competences are used, which task goes on, which support is missing?",
        ),
        timing=Text(
            f"{TRANSFER_MONTHS} Monate nach der letzten Veranstaltung der Kohorte",
            f"{TRANSFER_MONTHS} months after the cohort's last event",
        ),
        first=first,
        last=last,
        occasions=1,
        persons=persons,
        unit="person",
        answers=persons,
        needed=_needed(persons),
        questions=(
            Text(
                "Welche Aufgabe aus der Fortbildung läuft heute noch, und wer trägt sie?",
                "Which task from the training is still going on, and who carries it?",
            ),
            Text(
                "Was haben Sie seither anders gemacht als zuvor? Bitte ein Beispiel.",
                "What have you done differently since? Please give an example.",
            ),
        ),
    )


# --- organisation ------------------------------------------------------------------------------


def _organisation(plan: Plan) -> Instrument:
    starts = [first for cohort in plan.cohorts if (first := _span(_events_of(plan, cohort))[0])]
    organisations = _organisations(plan)
    return Instrument(
        id="organisation",
        level="organisation",
        title=Text("Was sich in der Organisation ändert", "What changes in the organisation"),
        respondents=Text("Leitung jeder teilnehmenden Organisation", "the head of every participating organisation"),
        content=Text(
            "Auftrag, Zuständigkeit, Mittel und Stand des örtlichen Prozesses, gegenüber der Anmeldung",
            "mandate, responsibility, means and stage of the local process, against the registration",
        ),
        timing=Text(
            f"bei der Anmeldung und {ORGANISATION_MONTHS} Monate nach der letzten Veranstaltung",
            f"at registration and {ORGANISATION_MONTHS} months after the last event",
        ),
        first=min(starts, default=None),
        last=_later(plan, ORGANISATION_MONTHS)[1],
        occasions=2,
        persons=organisations,
        unit="organisation",
        answers=2 * organisations,
        needed=_needed(organisations),
        questions=(
            Text("Gibt es einen Beschluss zum örtlichen Prozess?", "Is there a decision on the local process?"),
            Text(
                "Wer ist zuständig, mit welchem Anteil der Arbeitszeit?",
                "Who is responsible, with which share of working time?",
            ),
            Text("In welcher Phase steht der Prozess?", "Which stage has the process reached?"),
            Text("Welche Mittel sind dafür eingeplant?", "Which means are set aside for it?"),
        ),
    )


# --- counting ----------------------------------------------------------------------------------


def _persons(plan: Plan) -> int:
    return sum(cohort.persons for cohort in plan.cohorts)


def _organisations(plan: Plan) -> int:
    return len({member.organisation for cohort in plan.cohorts for member in cohort.members})


def _events_of(plan: Plan, cohort: Cohort) -> list[Event]:
    return [event for event in plan.events if cohort.id in event.cohorts]


def _span(events: list[Event] | tuple[Event, ...]) -> tuple[dt.date | None, dt.date | None]:
    return min((e.start for e in events), default=None), max((e.end for e in events), default=None)


def _later(plan: Plan, months: int) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day, `months` after the end of each cohort's last event."""
    ends = [last for cohort in plan.cohorts if (last := _span(_events_of(plan, cohort))[1])]
    days = [add_months(end, months) for end in ends]
    return min(days, default=None), max(days, default=None)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    after = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004 -- months counted from 0
    return dt.date(year, month + 1, min(day.day, (after - dt.timedelta(days=1)).day))


def _needed(population: int) -> int | None:
    return sample_size(population, MARGIN) if population else None
