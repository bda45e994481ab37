"""What the answers say, and how sure that is: every estimate, comparison and check of a study.

Joins the population, the survey and the estimation. Headlines speak of those who answered; limits for
all hold if those who answered resembled a random draw, and stand beside the checks of that condition.
"""

from passgenau.findings.analyse import analyse
from passgenau.findings.checks import ALIKE
from passgenau.findings.comparisons import SIGNIFICANCE
from passgenau.findings.model import (
    Assumptions,
    ClaimCheck,
    Comparison,
    Estimate,
    Findings,
    KnownTotal,
    Possibility,
    Reach,
    TotalCheck,
    Verdict,
    WordedResult,
)
from passgenau.survey.check import cross_check

__all__ = [
    "ALIKE",
    "SIGNIFICANCE",
    "Assumptions",
    "ClaimCheck",
    "Comparison",
    "Estimate",
    "Findings",
    "KnownTotal",
    "Possibility",
    "Reach",
    "TotalCheck",
    "Verdict",
    "WordedResult",
    "analyse",
    "cross_check",
]
