"""The study folder: opens, checks and runs a whole study.

`Study.open` reads every file and reports all mistakes at once. The steps are plain functions from
frozen values to a frozen value: `analyse`, `assess`, `derive`, `plan`, `evaluate`, `report`;
`run` takes them one after the other, and `outputs` turns the results into files.
"""

from passgenau.study.files import Audience, DecisionsFile, Office, ResponsesFile, StudyFile
from passgenau.study.folder import FILES, Study
from passgenau.study.outputs import (
    ALL_OUTPUTS,
    FROM_ANSWERS,
    OUTPUTS,
    PROFILES,
    REPORTS,
    curriculum_files,
    findings_files,
    needs_files,
    outputs,
    plan_files,
    plan_json,
    report_and_handouts,
)
from passgenau.study.planned import PlannedSurvey
from passgenau.study.start import template
from passgenau.study.steps import (
    SCENARIOS,
    STEPS,
    Results,
    analyse,
    assess,
    derive,
    evaluate,
    handouts,
    plan,
    report,
    run,
)

__all__ = [
    "ALL_OUTPUTS",
    "FILES",
    "FROM_ANSWERS",
    "OUTPUTS",
    "PROFILES",
    "REPORTS",
    "SCENARIOS",
    "STEPS",
    "Audience",
    "DecisionsFile",
    "Office",
    "PlannedSurvey",
    "ResponsesFile",
    "Results",
    "Study",
    "StudyFile",
    "analyse",
    "assess",
    "curriculum_files",
    "derive",
    "evaluate",
    "findings_files",
    "handouts",
    "needs_files",
    "outputs",
    "plan",
    "plan_files",
    "plan_json",
    "report",
    "report_and_handouts",
    "run",
    "template",
]
