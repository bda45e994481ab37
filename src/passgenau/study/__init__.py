"""The study folder: opens, checks and runs a whole study.

`Study.open` reads every file and reports all mistakes at once. The steps are plain functions from
frozen values to a frozen value: `analyse`, `assess`, `derive`, `plan`, `evaluate`, `report`;
`run` takes them one after the other, and `outputs` turns the results into files.
"""

from passgenau.study.files import Audience, DecisionsFile, Office, StudyFile
from passgenau.study.folder import FILES, Study
from passgenau.study.outputs import OUTPUTS, outputs
from passgenau.study.start import template
from passgenau.study.steps import (
    SCENARIOS,
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
    "FILES",
    "OUTPUTS",
    "SCENARIOS",
    "Audience",
    "DecisionsFile",
    "Office",
    "Results",
    "Study",
    "StudyFile",
    "analyse",
    "assess",
    "derive",
    "evaluate",
    "handouts",
    "outputs",
    "plan",
    "report",
    "run",
    "template",
]
