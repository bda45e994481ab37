"""Weights: brought to known totals, trimmed, adjusted for nonresponse, and judged.

Functions take a survey and return a new one. `docs/weights.md` shows them at work; formulas and sources stand in
`docs/methods.md`.
"""

from passgenau.estimation.weighting.adjustments import Calibration, Nonresponse, response_weights, reweighted
from passgenau.estimation.weighting.calibration import calibrate, calibrate_matrix, poststratify, rake
from passgenau.estimation.weighting.diagnostics import MarginCheck, WeightDiagnostics, check_margins, diagnose
from passgenau.estimation.weighting.nonresponse import adjust_nonresponse
from passgenau.estimation.weighting.representativity import PartialIndicator, Representativity, representativity
from passgenau.estimation.weighting.response_rates import (
    Dispositions,
    ResponseRates,
    ResponseTable,
    count_dispositions,
    response_rates,
)
from passgenau.estimation.weighting.solving import calibrate_weights, poststratify_weights, rake_weights
from passgenau.estimation.weighting.trimming import trim, trim_weights

__all__ = [
    "Calibration",
    "Dispositions",
    "MarginCheck",
    "Nonresponse",
    "PartialIndicator",
    "Representativity",
    "ResponseRates",
    "ResponseTable",
    "WeightDiagnostics",
    "adjust_nonresponse",
    "calibrate",
    "calibrate_matrix",
    "calibrate_weights",
    "check_margins",
    "count_dispositions",
    "diagnose",
    "poststratify",
    "poststratify_weights",
    "rake",
    "rake_weights",
    "representativity",
    "response_rates",
    "response_weights",
    "reweighted",
    "trim",
    "trim_weights",
]
