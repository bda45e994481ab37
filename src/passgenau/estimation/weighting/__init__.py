"""Weights: brought to known totals, trimmed, adjusted for nonresponse, and judged.

Functions take a survey and return a new one. `docs/weights.md` shows them at work; formulas and sources stand in
`docs/methods.md`.
"""

from passgenau.estimation.weighting.adjustments import Calibration, Nonresponse, response_weights, reweighted
from passgenau.estimation.weighting.calibration import calibrate, calibrate_matrix, poststratify, rake
from passgenau.estimation.weighting.nonresponse import adjust_nonresponse
from passgenau.estimation.weighting.solving import calibrate_weights, poststratify_weights, rake_weights
from passgenau.estimation.weighting.trimming import trim, trim_weights

__all__ = [
    "Calibration",
    "Nonresponse",
    "adjust_nonresponse",
    "calibrate",
    "calibrate_matrix",
    "calibrate_weights",
    "poststratify",
    "poststratify_weights",
    "rake",
    "rake_weights",
    "response_weights",
    "reweighted",
    "trim",
    "trim_weights",
]
