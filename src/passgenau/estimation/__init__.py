"""Estimation for finite populations: every number with its base, population, limits and method.

`estimate` is the way in: it sums rows of any amount once, in DuckDB, Spark or memory, and finishes on the sums.
`Survey` holds rows in memory for what needs them: calibrated weights, replicates, quantiles, tests, models. The
exact methods for small populations work on plain counts. The room knows nothing of who was asked; formulas,
conditions and sources stand in `docs/methods.md`.
"""

from passgenau.estimation.design import Design, Stage, Structure
from passgenau.estimation.difference import (
    Difference,
    Sample,
    detectable_difference,
    envelope_difference,
    exact_difference,
)
from passgenau.estimation.disclosure import Rules, Table, is_protected, protect, suppress, tabulate
from passgenau.estimation.estimate import estimate, read_survey
from passgenau.estimation.estimates import Estimate, Estimates
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
from passgenau.estimation.proportions import METHODS, choose_method, count_interval, proportion_interval
from passgenau.estimation.quantities import ItemSet
from passgenau.estimation.replicates import ReplicateSurvey, given, replicate
from passgenau.estimation.sizes import SampleSize, margin_of_error, plan_sample, sample_size
from passgenau.estimation.survey import Survey

__all__ = [
    "LEVEL",
    "METHODS",
    "CountInterval",
    "Design",
    "Difference",
    "Estimate",
    "Estimates",
    "Fit",
    "ItemSet",
    "ReplicateSurvey",
    "Rules",
    "Sample",
    "SampleSize",
    "Stage",
    "Structure",
    "Survey",
    "Table",
    "benjamini_hochberg",
    "beta_binomial_interval",
    "choose_method",
    "clopper_pearson_interval",
    "compatible_counts",
    "count_interval",
    "detectable_difference",
    "envelope_difference",
    "estimate",
    "exact_difference",
    "fit_counts",
    "given",
    "holm",
    "hypergeometric_interval",
    "is_protected",
    "margin_of_error",
    "organisation_counts",
    "plan_sample",
    "proportion_interval",
    "protect",
    "read_survey",
    "replicate",
    "rounding_points",
    "sample_size",
    "suppress",
    "tabulate",
    "tail_probability",
]
