"""What the answers say, and how sure that is: every estimate, comparison and check of a study.

Joins the population, the survey and the estimation. Headlines speak of those who answered; limits for
all hold if those who answered resembled a random draw, and stand beside the checks of that condition.
"""

from passgenau.findings.analyse import analyse
from passgenau.findings.checks import ALIKE
from passgenau.findings.comparisons import SIGNIFICANCE
from passgenau.findings.microdata import Prepared, WishAnswers, analyse_responses, prepare, wish_answers
from passgenau.findings.model import (
    Assumptions,
    Characteristic,
    ClaimCheck,
    Comparison,
    Estimate,
    Findings,
    KnownTotal,
    Mean,
    Origin,
    Possibility,
    Quality,
    Rates,
    Reach,
    Response,
    TotalCheck,
    Verdict,
    Weighting,
    Weights,
    WordedResult,
)
from passgenau.findings.profiles import Profile, Profiles, profiles
from passgenau.survey.check import cross_check

__all__ = [
    "ALIKE",
    "SIGNIFICANCE",
    "Assumptions",
    "Characteristic",
    "ClaimCheck",
    "Comparison",
    "Estimate",
    "Findings",
    "KnownTotal",
    "Mean",
    "Origin",
    "Possibility",
    "Prepared",
    "Profile",
    "Profiles",
    "Quality",
    "Rates",
    "Reach",
    "Response",
    "TotalCheck",
    "Verdict",
    "Weighting",
    "Weights",
    "WishAnswers",
    "WordedResult",
    "analyse",
    "analyse_responses",
    "cross_check",
    "prepare",
    "profiles",
    "wish_answers",
]
