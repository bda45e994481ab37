"""The results of a study as files: names and bytes."""

from __future__ import annotations

import hashlib
import platform
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING

from passgenau import __version__
from passgenau.frame import register_digests
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.curriculum.model import Curriculum
    from passgenau.findings.model import Findings
    from passgenau.needs.model import Needs
    from passgenau.planning.model import Plan, Scenario
    from passgenau.report import Report
    from passgenau.study.folder import Study
    from passgenau.study.steps import Results
    from passgenau.text import Lang

REPORTS = (
    "report.html",
    "report.pdf",
    "report.docx",
    "municipalities.html",
    "municipalities.pdf",
    "municipalities.docx",
)
"""The report, and the pages for the registered organisations."""

PROFILES = ("profiles.html", "profiles.pdf", "profiles.json")
"""What each organisation answered: for itself and the office, and never part of the public report."""

FROM_ANSWERS = ("means.csv", "response_rates.csv", "response.json", *PROFILES)
"""Files that only a study with answers writes."""

OUTPUTS = (
    *REPORTS,
    "estimates.csv",
    "comparisons.csv",
    "needs.csv",
    "curriculum.json",
    "plan.json",
    "plan.ics",
    "plan_state.json",
    "evaluation.json",
    "provenance.json",
)
"""Every file that a run of a study with published results may write."""

ALL_OUTPUTS = (*OUTPUTS, *FROM_ANSWERS)
"""Every file that any run may write. Those of an earlier run that a new one does not write are removed."""

PACKAGES = ("highspy", "numpy", "ortools", "polars", "pydantic", "scipy", "typst", "vl-convert-python")
"""Packages whose version can change a number or a page."""


def outputs(results: Results) -> dict[str, bytes]:
    """Return every file of a run, `provenance.json` last."""
    study, lang = results.study, results.lang
    files = {
        **report_and_handouts(results),
        **findings_files(study, results.findings, lang),
        **needs_files(study, results.needs, lang),
        **curriculum_files(study, results.curriculum, lang),
        **plan_files(study, results.curriculum, results.plans, lang),
        **evaluation_files(results),
        **profile_files(results),
    }
    files["provenance.json"] = _provenance(study, lang, tuple(results.plans), files)
    return files


def report_and_handouts(results: Results) -> dict[str, bytes]:
    """Return the report, and one page per registered organisation where a pilot was planned."""
    reports = {"report": results.report}
    if results.handouts:
        reports["municipalities"] = results.handouts
    return report_files(reports)


def profile_files(results: Results) -> dict[str, bytes]:
    """Return what each organisation answered, as pages and as JSON; nothing where there are no answers."""
    if results.profiles is None or results.profile_pages is None:
        return {}
    from passgenau.report import CONFIDENTIAL, exports, write_html, write_pdf  # noqa: PLC0415 -- see report_files

    tree = exports.profiles_tree(results.profiles, CONFIDENTIAL, results.study.banner)
    return {
        "profiles.html": write_html(results.profile_pages).encode("utf-8"),
        "profiles.pdf": write_pdf(results.profile_pages),
        "profiles.json": exports.json_bytes(tree, results.lang),
    }


def report_files(reports: Mapping[str, Report]) -> dict[str, bytes]:
    """Return reports as HTML, PDF and DOCX, by the names of their files without ending."""
    from passgenau.report import write_docx, write_html, write_pdf  # noqa: PLC0415 -- loads the chart and PDF libraries

    files: dict[str, bytes] = {}
    with ThreadPoolExecutor(1) as beside:  # Typst leaves Python free for the other formats meanwhile
        pages = {stem: beside.submit(write_pdf, report) for stem, report in reports.items()}
        other = {stem: (write_html(report), write_docx(report)) for stem, report in reports.items()}
        for stem, (html, docx) in other.items():
            files[f"{stem}.html"] = html.encode("utf-8")
            files[f"{stem}.pdf"] = pages[stem].result()
            files[f"{stem}.docx"] = docx
    return files


def findings_files(study: Study, findings: Findings, lang: Lang) -> dict[str, bytes]:
    """Return estimates and comparisons as CSV; from answers also means, response rates and their quality."""
    from passgenau.report import exports  # noqa: PLC0415 -- loads the chart and PDF libraries

    said = findings.synthetic
    columns, rows = exports.estimate_columns(findings), exports.estimate_rows(findings, lang)
    files = {
        "estimates.csv": exports.study_csv(columns, rows, said, lang),
        "comparisons.csv": exports.study_csv(exports.COMPARISONS, exports.comparison_rows(findings, lang), said, lang),
    }
    if findings.origin == "estimated":
        tree = exports.response_tree(findings, study.banner)
        files["means.csv"] = exports.study_csv(exports.MEANS, exports.mean_rows(findings, lang), said, lang)
        files["response_rates.csv"] = exports.study_csv(exports.RATES, exports.rate_rows(findings), said, lang)
        files["response.json"] = exports.json_bytes(tree, lang)
    return files


def needs_files(study: Study, needs: Needs, lang: Lang) -> dict[str, bytes]:
    """Return the demand per audience and topic as CSV, its sources apart."""
    from passgenau.report import exports  # noqa: PLC0415 -- loads the chart and PDF libraries

    rows = exports.need_rows(needs, study.catalogue, study.decisions, study.audience_of_tier)
    return {"needs.csv": exports.study_csv(exports.NEEDS, rows, study.synthetic, lang)}


def curriculum_files(study: Study, curriculum: Curriculum, lang: Lang) -> dict[str, bytes]:
    """Return the concept as JSON."""
    from passgenau.report import exports  # noqa: PLC0415 -- loads the chart and PDF libraries

    tree = exports.curriculum_tree(curriculum, study.catalogue, study.decisions, study.banner)
    return {"curriculum.json": exports.json_bytes(tree, lang)}


def plan_files(study: Study, curriculum: Curriculum, plans: Mapping[Scenario, Plan], lang: Lang) -> dict[str, bytes]:
    """Return the plans as JSON and the first one as a calendar.

    The first plan is `plan.json` and `plan.ics`; the scenario beside it is `plan_state.json`.
    """
    from passgenau.formats.ical import to_ical  # noqa: PLC0415 -- loads the calendar library

    first, *others = plans.values()
    catalogue = study.catalogue
    names = {catalogue.introduction.id: catalogue.introduction.title}
    names |= {briefing.id: briefing.title for briefing in catalogue.briefings}
    names |= {module.id: module.title for module in catalogue.modules}
    names |= {trainer.id: Text(trainer.name) for trainer in study.trainers.trainers}
    calendar = to_ical(first, study.file.title, lang, names=names, banner=study.banner)
    files = {"plan.json": plan_json(study, curriculum, first, lang), "plan.ics": calendar}
    return files | {f"plan_{plan.scenario}.json": plan_json(study, curriculum, plan, lang) for plan in others}


def plan_json(study: Study, curriculum: Curriculum, plan: Plan, lang: Lang) -> bytes:
    """Return one plan as JSON, with everything its rules use."""
    from passgenau.report import exports  # noqa: PLC0415 -- loads the chart and PDF libraries

    inputs = exports.plan_inputs_tree(
        plan,
        curriculum=curriculum,
        catalogue=study.catalogue,
        decisions=study.decisions,
        programmes=study.decisions.programmes,
        accompaniment=study.decisions.accompaniment,
        registrations=study.registrations,
        venues=study.venues,
        trainers=study.trainers,
        frames=study.frames,
        persons_per_organisation=study.file.persons_per_organisation,
    )
    return exports.json_bytes(exports.plan_tree(plan, inputs, study.banner), lang)


def evaluation_files(results: Results) -> dict[str, bytes]:
    """Return the evaluation plan and the next survey's questions as JSON."""
    from passgenau.report import exports  # noqa: PLC0415 -- loads the chart and PDF libraries

    tree = exports.evaluation_tree(results.evaluation, results.next_wave, results.study.banner)
    return {"evaluation.json": exports.json_bytes(tree, results.lang)}


def _provenance(study: Study, lang: Lang, scenarios: tuple[Scenario, ...], files: Mapping[str, bytes]) -> bytes:
    """Return what the results rest on: inputs and outputs by hash, versions, seed; no clock time, no paths."""
    from passgenau.report import exports  # noqa: PLC0415 -- loads the chart and PDF libraries

    tree = {
        "banner": study.banner,
        "passgenau": __version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "seed": study.file.seed,
        "draws": study.file.draws,
        "scenarios": scenarios,
        "lang": lang,
        "inputs": study.digests,
        "register": register_digests(),
        "attribution": sorted({line for frame in study.frames.values() for line in frame.attribution}),
        "populations": {audience: len(frame) for audience, frame in study.frames.items()},
        "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    return exports.json_bytes(tree, lang)
