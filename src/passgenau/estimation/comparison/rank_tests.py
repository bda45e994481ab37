"""Rank tests under the design: Wilcoxon, van der Waerden, median, and Kruskal–Wallis for several groups.

`docs/methods.md#rank-tests`. Source: Lumley & Scott (2013), Two-sample rank tests under complex sampling,
Biometrika 100, 831–842.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import stats
from scipy.special import ndtri

from passgenau.errors import DesignError
from passgenau.estimation.comparison.contrasts import contrast
from passgenau.estimation.comparison.hypothesis_test import HypothesisTest
from passgenau.estimation.comparison.samples import (
    AnySurvey,
    Groups,
    Moments,
    answered,
    check_degrees,
    context,
    full_sample,
    groups,
    means,
    need_groups,
)
from passgenau.estimation.comparison.wald import wald
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Score = Literal["wilcoxon", "vanderWaerden", "median", "KruskalWallis"]
Ties = Literal["sequence", "weight"]

_NAMES = {
    "wilcoxon": "Wilcoxon",
    "KruskalWallis": "Kruskal–Wallis",
    "vanderWaerden": "van der Waerden",
    "median": "Median",
}
_PAIR = 2


def rank_test(
    survey: AnySurvey,
    outcome: str,
    group: str,
    test: Score | Callable[[Floats], Floats] = "wilcoxon",
    *,
    ties: Ties = "sequence",
) -> HypothesisTest:
    """Test whether an outcome lies alike in all groups, by the ranks it would have in the population.

    Parameters
    ----------
    outcome
        Column of numbers; only their order counts.
    group
        Column with at least two categories among the rows that answered.
    test
        The score of a rank r (0–1): `wilcoxon` and `KruskalWallis` r itself, `vanderWaerden` the normal quantile,
        `median` whether r exceeds ½; or a function of an array of ranks.
    ties
        How equal values share ranks. `sequence`: the plain average of the ranks they would have one after the
        other, in the order of the rows; `weight`: the middle of their joint weight, which no order of rows can
        change. Both agree where equal values carry equal weights.

    Returns
    -------
    HypothesisTest
        Two groups: t of the difference in mean scores (second minus first), with PSUs − strata − 1 degrees of
        freedom. More: F of the joint Wald test, with df (groups − 1, PSUs − strata − groups + 1); `statistic` is
        the Wald χ² divided by groups − 1.

    Raises
    ------
    InputError
        A column does not exist or the outcome holds no numbers.
    DesignError
        Nobody answered, there is one group only, the test is unknown, or no degree of freedom is left.

    Notes
    -----
    `docs/methods.md#rank-tests`: under the hypothesis, ranks may be taken as given.
    """
    rows = full_sample(survey)
    values = rows.numbers(outcome)
    members = answered(survey, outcome, group) & (rows.weight > 0)
    found = groups(survey, group, members)
    need_groups(found)
    scores = np.zeros(rows.rows)
    ranks = population_ranks(values[members], rows.weight[members], ties)
    scores[members] = _scores(test, ranks)
    columns = np.repeat(scores[:, None], len(found.levels), axis=1)
    moments = means(survey, columns, found.members, linearised=True)
    df = survey.degrees_of_freedom(members) - len(found.levels) + 1
    check_degrees(df)
    name = _NAMES.get(test, test) if isinstance(test, str) else test.__name__
    method = Text(
        f"Rangtest ({name}) unter dem Stichprobenplan: „{outcome}“ nach „{group}“",
        f'Design-based rank test ({name}): "{outcome}" by "{group}"',
    )
    return (
        _two(survey, found, moments, df, method)
        if len(found.levels) == _PAIR
        else _several(survey, found, moments, df, method)
    )


def population_ranks(values: Floats, weight: Floats, ties: Ties = "sequence") -> Floats:
    """Return the estimated rank (0–1) in the population of (n,) values with weights > 0.

    Parameters
    ----------
    ties
        As for `rank_test`.

    Notes
    -----
    `docs/methods.md#rank-tests`: the share of the population below a value plus half the share at it.
    """
    if ties not in get_args(Ties):
        raise _unknown(ties, get_args(Ties))
    order = np.argsort(values, kind="stable")
    _, place = np.unique(values, return_inverse=True)
    if ties == "weight":
        mass = np.bincount(place, weights=weight)
        return np.asarray((np.cumsum(mass) - mass / 2)[place] / weight.sum())
    middle = np.empty(len(values))
    middle[order] = np.cumsum(weight[order]) - weight[order] / 2
    return np.asarray((np.bincount(place, weights=middle) / np.bincount(place))[place] / weight.sum())


def _scores(test: Score | Callable[[Floats], Floats], ranks: Floats) -> Floats:
    if callable(test):
        return np.asarray(test(ranks), dtype=np.float64)
    if test in {"wilcoxon", "KruskalWallis"}:
        return ranks
    if test == "vanderWaerden":
        return np.asarray(ndtri(ranks))
    if test == "median":
        return (ranks > 0.5).astype(np.float64)  # noqa: PLR2004 -- the median
    raise _unknown(test, get_args(Score))


def _unknown(name: str, possible: tuple[str, ...]) -> DesignError:
    return DesignError(
        Text(
            f"Einen Rangtest „{name}“ gibt es nicht; möglich: {', '.join(possible)}.",
            f'No rank test "{name}"; possible: {", ".join(possible)}.',
        )
    )


def _two(survey: AnySurvey, found: Groups, moments: Moments, df: float, method: Text) -> HypothesisTest:
    result = contrast(moments.values, moments.covariance, [-1.0, 1.0], df)
    base, population = context(survey, found.code >= 0)
    return HypothesisTest(method, result.statistic, "t", (df,), result.p_value, base, population, result.estimate)


def _several(survey: AnySurvey, found: Groups, moments: Moments, df: float, method: Text) -> HypothesisTest:
    k = len(found.levels) - 1
    slopes = np.column_stack([-np.ones(k), np.eye(k)])
    joint = wald(slopes @ moments.values, slopes @ moments.covariance @ slopes.T, df)
    base, population = context(survey, found.code >= 0)
    p_value = float(stats.f.sf(joint.f, k, df))
    return HypothesisTest(method, joint.f, "F", (float(k), df), p_value, base, population)
