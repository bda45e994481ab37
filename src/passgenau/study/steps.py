"""The steps of a study as plain functions, and the way through all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau import __version__
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from passgenau.curriculum.model import Curriculum
    from passgenau.evaluation import EvaluationPlan, NextQuestion
    from passgenau.findings import Profiles
    from passgenau.findings.model import Findings
    from passgenau.needs.model import Needs
    from passgenau.planning import PlanInputs
    from passgenau.planning.model import Plan, Scenario
    from passgenau.report import Material, Report, ReportInfo
    from passgenau.study.folder import Study
    from passgenau.text import Lang

# The rooms are imported inside the steps: `passgenau --help` and `passgenau check` need no solver
# and no chart library, and should not wait for them.

SCENARIOS: tuple[Scenario, ...] = ("pilot", "state")


@dataclass(frozen=True)
class Results:
    """Everything that one run of a study yields."""

    study: Study
    lang: Lang
    findings: Findings
    needs: Needs
    curriculum: Curriculum
    plans: Mapping[Scenario, Plan]  # the pilot first, where it was planned
    evaluation: EvaluationPlan | None  # of the first plan
    next_wave: tuple[NextQuestion, ...]
    report: Report
    handouts: Report | None  # one page per registered organisation; None without a pilot
    profiles: Profiles | None = None  # what each organisation answered; None without answers
    profile_pages: Report | None = None


def analyse(study: Study) -> Findings:
    """Return every estimate and comparison that the answers allow."""
    from passgenau import findings  # noqa: PLC0415 -- see above

    if study.answers is not None:
        return findings.analyse_responses(
            study.answers,
            names=study.names,
            assumptions=study.file.assumptions,
            known_totals=study.file.known_totals,
            strata=study.file.responses.strata if study.file.responses else (),
            threshold=study.file.suppression_threshold,
        )
    if study.published is None:
        raise ValueError("a study has published results or answers")
    return findings.analyse(
        questionnaire=study.questionnaire,
        published=study.published,
        frames=study.frames,
        names=study.names,
        assumptions=study.file.assumptions,
        known_totals=study.file.known_totals,
    )


def assess(study: Study, findings: Findings) -> Needs:
    """Return the demand per audience and topic, with draws of its uncertainty."""
    from passgenau import needs  # noqa: PLC0415 -- see above
    from passgenau.findings import wish_answers  # noqa: PLC0415 -- see above

    return needs.assess(
        findings,
        study.catalogue.topics,
        tuple(study.frames),
        study.decisions.assumed_shares,
        draws=study.file.draws,
        seed=study.file.seed,
        answers=wish_answers(study.answers) if study.answers is not None else None,
    )


def derive(study: Study, needs: Needs) -> Curriculum:
    """Return the training concept that follows from minimum requirements, role tasks and wishes."""
    from passgenau import curriculum  # noqa: PLC0415 -- see above

    return curriculum.derive(
        catalogue=study.catalogue,
        decisions=study.decisions,
        providers=study.providers,
        needs=needs,
        audiences=study.audience_of_tier,
        concept=study.published.concept if study.published is not None else None,
        names={audience.frame.tier: audience.name for audience in study.file.audiences},
    )


def plan_inputs(study: Study, curriculum: Curriculum, scenario: Scenario) -> PlanInputs:
    """Return everything that the rules of a plan use."""
    from passgenau import planning  # noqa: PLC0415 -- see above

    return planning.PlanInputs(
        curriculum=curriculum,
        catalogue=study.catalogue,
        frames=dict(study.frame_of_tier),
        registrations=study.registrations,
        venues=study.venues,
        trainers=study.trainers,
        calendar=study.decisions.calendar,
        rates=study.decisions.rates,
        rules=study.decisions.plan,
        accompaniment=study.decisions.accompaniment,
        programme_rules=study.decisions.programmes,
        reference=study.places,
        persons_per_organisation=study.file.persons_per_organisation,
        seed=study.file.seed,
        scenario=scenario,
    )


def plan(study: Study, curriculum: Curriculum, scenario: Scenario = "pilot") -> Plan:
    """Return the plan of one scenario, with the findings of its independent check."""
    from passgenau import planning  # noqa: PLC0415 -- see above

    return planning.plan(plan_inputs(study, curriculum, scenario))


def evaluate(study: Study, curriculum: Curriculum, plan: Plan) -> EvaluationPlan:
    """Return who is asked what and when after the training."""
    from passgenau import evaluation  # noqa: PLC0415 -- see above

    return evaluation.evaluation_plan(curriculum, study.catalogue, plan)


def next_wave(study: Study, findings: Findings, needs: Needs, curriculum: Curriculum) -> tuple[NextQuestion, ...]:
    """Return what the next survey should ask, and what it need not ask again."""
    from passgenau import evaluation  # noqa: PLC0415 -- see above

    return evaluation.next_wave(needs, curriculum, findings, study.questionnaire, study.catalogue)


def material(
    study: Study, findings: Findings, needs: Needs, curriculum: Curriculum, plans: Mapping[Scenario, Plan]
) -> Material:
    """Return everything that the report speaks of; evaluation follows the first plan."""
    from passgenau import report  # noqa: PLC0415 -- see above

    first = next(iter(plans.values()))
    return report.Material(
        info=_info(study),
        questionnaire=study.questionnaire,
        published=study.published,
        findings=findings,
        needs=needs,
        assumed_shares=study.decisions.assumed_shares,
        catalogue=study.catalogue,
        decisions=study.decisions,
        planning=study.decisions,
        providers=study.providers,
        venues=study.venues,
        trainers=study.trainers,
        registrations=study.registrations,
        curriculum=curriculum,
        plans=plans,
        frames=study.frames,
        evaluation=evaluate(study, curriculum, first),
        next_wave=next_wave(study, findings, needs, curriculum),
    )


def _info(study: Study) -> ReportInfo:
    from passgenau import report  # noqa: PLC0415 -- see above

    file = study.file
    return report.ReportInfo(
        title=file.title,
        subject=file.subject,
        office=file.office.name,
        contact=file.office.contact,
        banner=study.banner,
        background=file.background,
        goals=file.goals,
        audiences=tuple(report.AudienceInfo(a.id, a.name, a.short, a.frame.tier) for a in file.audiences),
        persons_per_organisation=file.persons_per_organisation,
        seed=file.seed,
        version=__version__,
    )


def report(material: Material, lang: Lang = "de") -> Report:
    """Return the report as a value; the writers turn it into HTML, PDF and DOCX."""
    from passgenau.report import build  # noqa: PLC0415 -- see above

    return build(material, lang)


def handouts(material: Material, lang: Lang = "de") -> Report | None:
    """Return one page per registered organisation, or None where no pilot was planned."""
    from passgenau.report import build_handouts  # noqa: PLC0415 -- see above

    return build_handouts(material, lang) if "pilot" in material.plans else None


def profiles(study: Study) -> Profiles | None:
    """Return what each organisation answered, or None where no answers are given."""
    if study.answers is None:
        return None
    from passgenau import findings  # noqa: PLC0415 -- see above

    return findings.profiles(study.answers, study.file.suppression_threshold)


STEPS = {
    "read": Text("Studie lesen und prüfen", "Reading and checking the study"),
    "analyse": Text("Antworten auswerten", "Analysing the answers"),
    "assess": Text("Bedarf mit seiner Unsicherheit bestimmen", "Assessing needs and their uncertainty"),
    "derive": Text("Fortbildungskonzept ableiten", "Deriving the training concept"),
    "pilot": Text("Pilot planen", "Planning the pilot"),
    "state": Text("Szenario für alle planen", "Planning the scenario for all"),
    "report": Text("Bericht zusammenstellen", "Putting the report together"),
    "write": Text("Dateien schreiben", "Writing the files"),
}
"""What each step is called while it runs."""


def run(
    study: Study,
    lang: Lang = "de",
    scenarios: Sequence[Scenario] = SCENARIOS,
    tell: Callable[[str], None] = lambda _step: None,
) -> Results:
    """Take a study through all steps.

    Parameters
    ----------
    study
        An opened study; its seed is the one of `study.yaml` unless `Study.with_seed` set another.
    lang
        Language of the report.
    scenarios
        Plans to make, at least one; the first is the one that evaluation follows.
    tell
        Called with the key of each step (of `STEPS`) before it starts.
    """
    tell("analyse")
    findings = analyse(study)
    tell("assess")
    needs = assess(study, findings)
    tell("derive")
    curriculum = derive(study, needs)
    plans: dict[Scenario, Plan] = {}
    for scenario in scenarios:
        tell(scenario)
        plans[scenario] = plan(study, curriculum, scenario)
    tell("report")
    told = material(study, findings, needs, curriculum, plans)
    own = profiles(study)
    return Results(
        study=study,
        lang=lang,
        findings=findings,
        needs=needs,
        curriculum=curriculum,
        plans=plans,
        evaluation=told.evaluation,
        next_wave=told.next_wave,
        report=report(told, lang),
        handouts=handouts(told, lang),
        profiles=own,
        profile_pages=_profile_pages(own, told, lang) if own is not None else None,
    )


def _profile_pages(own: Profiles, told: Material, lang: Lang) -> Report:
    from passgenau.report import build_profiles  # noqa: PLC0415 -- see above

    return build_profiles(own, told, lang)
