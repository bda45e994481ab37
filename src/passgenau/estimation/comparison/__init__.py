"""Comparing groups and items under a sampling design: tables, tests, contrasts, and named families of them.

Everything takes a `Survey` or a `ReplicateSurvey`, or plain estimates with their covariance, and gives a frozen
result. Formulas, conditions and sources stand in `docs/methods.md`, from “Contrasts” to “Quadratic forms”.
"""

from passgenau.estimation.comparison.contrasts import Contrast, contrast, contrast_of_estimates, detectable_by_t
from passgenau.estimation.comparison.family import Comparison, Family, family
from passgenau.estimation.comparison.goodness_of_fit import goodness_of_fit
from passgenau.estimation.comparison.hypothesis_test import HypothesisTest
from passgenau.estimation.comparison.quadratic_form import chi_squared_sum_tail
from passgenau.estimation.comparison.rank_tests import rank_test
from passgenau.estimation.comparison.t_tests import t_test
from passgenau.estimation.comparison.tables import Table, chi_squared, two_way_table
from passgenau.estimation.comparison.wald import ItemsTest, Wald, wald, wald_test_items

__all__ = [
    "Comparison",
    "Contrast",
    "Family",
    "HypothesisTest",
    "ItemsTest",
    "Table",
    "Wald",
    "chi_squared",
    "chi_squared_sum_tail",
    "contrast",
    "contrast_of_estimates",
    "detectable_by_t",
    "family",
    "goodness_of_fit",
    "rank_test",
    "t_test",
    "two_way_table",
    "wald",
    "wald_test_items",
]
