"""The t test of two groups, or of one mean against a number, under the design.

`docs/methods.md#t-tests`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passgenau.estimation.comparison.contrasts import Contrast, contrast
from passgenau.estimation.comparison.hypothesis_test import HypothesisTest
from passgenau.estimation.comparison.samples import (
    AnySurvey,
    answered,
    check_degrees,
    context,
    full_sample,
    groups,
    means,
    need_groups,
)
from passgenau.estimation.intervals import LEVEL
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray


def t_test(
    survey: AnySurvey, outcome: str, group: str | None = None, *, null: float = 0.0, confidence: float = LEVEL
) -> HypothesisTest:
    """Test whether two groups have the same mean or, without groups, whether a mean is `null`.

    Parameters
    ----------
    outcome
        Column of numbers (0/1 for yes and no).
    group
        Column with two categories among the rows that answered; None: a test of one mean.
    null
        The difference (or mean) that is tested.
    confidence
        0–1, both limits together.

    Returns
    -------
    HypothesisTest
        `estimate` is the mean of the second group minus that of the first (groups in declared or sorted order), or
        the mean minus `null`. Degrees of freedom: PSUs minus strata of the rows that answered, minus 1.

    Raises
    ------
    InputError
        A column does not exist or the outcome holds no numbers.
    DesignError
        Nobody answered, there are not two groups, or no degree of freedom is left.

    Notes
    -----
    `docs/methods.md#t-tests`: the slope of a regression on the group. Rows that miss either value stay in the
    design as members of no domain.
    """
    rows = full_sample(survey)
    values = rows.numbers(outcome)
    members = answered(survey, outcome) if group is None else answered(survey, outcome, group)
    df = survey.degrees_of_freedom(members) - 1
    check_degrees(df)
    if group is None:
        found = means(survey, values[:, None], members[:, None])
        result = contrast(found.values, found.covariance, [1.0], df, null=null, confidence=confidence)
        method = Text(
            f"t-Test unter dem Stichprobenplan, ob der Mittelwert von „{outcome}“ {null:g} ist",
            f'Design-based t test of whether the mean of "{outcome}" is {null:g}',
        )
        return _result(survey, members, result, method)
    both = groups(survey, group, members & (rows.weight > 0))
    need_groups(both, 2)
    found = means(survey, np.column_stack([values, values]), both.members)
    result = contrast(found.values, found.covariance, [-1.0, 1.0], df, null=null, confidence=confidence)
    first, second = both.levels
    method = Text(
        f"t-Test unter dem Stichprobenplan: Mittelwert von „{outcome}“ in „{second}“ minus „{first}“ ({group})",
        f'Design-based t test: mean of "{outcome}" in "{second}" minus "{first}" ({group})',
    )
    return _result(survey, members, result, method)


def _result(survey: AnySurvey, members: NDArray[np.bool_], found: Contrast, method: Text) -> HypothesisTest:
    base, population = context(survey, members)
    return HypothesisTest(
        method=method,
        statistic=found.statistic,
        statistic_name="t",
        df=(found.df,),
        p_value=found.p_value,
        base=base,
        population=population,
        estimate=found.estimate - found.null,
        lower=found.lower - found.null,
        upper=found.upper - found.null,
        confidence=found.confidence,
    )
