"""Estimation for finite populations: every number with its base, population, limits and method.

`estimate` is the way in: it sums rows of any amount once, in DuckDB, Spark or memory, and finishes on the sums.
`Survey` holds rows in memory for what needs them: calibrated weights, replicates, quantiles, tests, models. The
exact methods for small populations work on plain counts. The room knows nothing of who was asked; `docs/estimation.md`
shows it at work; formulas, conditions and sources stand in `docs/methods.md`.

Everything below is imported from here. A module is loaded with the first of its names that is used, so that who
needs an exact interval does not wait for data frames; `__init__.pyi` says the same to type checkers.
"""

import importlib

_CONTENTS = {
    "design": ("Design", "Stage", "Structure"),
    "survey": ("Survey",),
    "estimating": ("estimate", "read_survey"),
    "estimates": ("Estimate", "Estimates"),
    "quantities": ("ItemSet",),
    "quantiles": ("quantile",),
    "dispersion": ("Dispersion", "population_variance"),
    "proportions": ("METHODS", "choose_method", "count_interval", "proportion_interval"),
    "repeated": ("RepeatedAnswers", "combine_answers", "keep_answers", "share_weight"),
    "replicates": ("ReplicateSurvey", "given", "replicate"),
    "unequal_probability": ("UnequalSurvey", "hartley_rao", "overton"),
    "weighting": (
        "Dispositions",
        "adjust_nonresponse",
        "calibrate",
        "calibrate_matrix",
        "check_margins",
        "count_dispositions",
        "diagnose",
        "poststratify",
        "rake",
        "representativity",
        "response_rates",
        "trim",
    ),
    "comparison": (
        "Comparison",
        "Contrast",
        "Family",
        "HypothesisTest",
        "chi_squared",
        "contrast",
        "contrast_of_estimates",
        "family",
        "goodness_of_fit",
        "rank_test",
        "t_test",
        "two_way_table",
        "wald",
        "wald_test_items",
    ),
    "regression": ("Regression", "glm", "term_test"),
    "ordinal_regression": ("OrdinalRegression", "ordinal"),
    "likert_scale": ("LikertSummary", "likert"),
    "small_area": (
        "AreaCount",
        "AreaDirect",
        "SmallAreas",
        "count_areas",
        "direct_areas",
        "fay_herriot",
        "pool_counts",
    ),
    "disclosure": (
        "Rules",
        "Table",
        "audit",
        "is_protected",
        "protect",
        "suppress",
        "suppress_areas",
        "tabulate",
    ),
    "intervals": (
        "LEVEL",
        "CountInterval",
        "beta_binomial_interval",
        "clopper_pearson_interval",
        "hypergeometric_interval",
        "tail_probability",
    ),
    "difference": ("Difference", "Sample", "detectable_difference", "envelope_difference", "exact_difference"),
    "printed": ("Fit", "compatible_counts", "fit_counts", "organisation_counts", "rounding_points"),
    "sizes": ("SampleSize", "margin_of_error", "plan_sample", "sample_size"),
    "multiplicity": ("benjamini_hochberg", "holm"),
}
_MODULE = {name: module for module, names in _CONTENTS.items() for name in names}

__all__ = list(_MODULE)


def __getattr__(name: str) -> object:
    """Load the module of a name (PEP 562)."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_MODULE[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the names that are meant for use."""
    return sorted(__all__)
