"""Estimation from small finite populations: intervals, sample sizes, printed percentages, comparisons.

Works on plain counts and knows nothing of who was asked. The limits are exact; the finite-population
correction is never left out; where several counts are compatible with what was printed, the answer is the
envelope over all of them. Formulas, conditions and sources stand in `docs/methods.md`.
"""

from passgenau.estimation.difference import (
    Difference,
    Sample,
    detectable_difference,
    envelope_difference,
    exact_difference,
)
from passgenau.estimation.intervals import (
    LEVEL,
    CountInterval,
    beta_binomial_interval,
    clopper_pearson_interval,
    hypergeometric_interval,
    tail_probability,
)
from passgenau.estimation.multiplicity import benjamini_hochberg, holm
from passgenau.estimation.printed import Fit, compatible_counts, fit_counts, organisation_counts, rounding_points
from passgenau.estimation.sizes import SampleSize, margin_of_error, plan_sample, sample_size

__all__ = [
    "LEVEL",
    "CountInterval",
    "Difference",
    "Fit",
    "Sample",
    "SampleSize",
    "benjamini_hochberg",
    "beta_binomial_interval",
    "clopper_pearson_interval",
    "compatible_counts",
    "detectable_difference",
    "envelope_difference",
    "exact_difference",
    "fit_counts",
    "holm",
    "hypergeometric_interval",
    "margin_of_error",
    "organisation_counts",
    "plan_sample",
    "rounding_points",
    "sample_size",
    "tail_probability",
]
