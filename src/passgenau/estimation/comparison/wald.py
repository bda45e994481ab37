"""Wald tests: whether several contrasts are zero at once, and whether k item means are equal in two groups.

`docs/methods.md#wald-tests`. Sources: Koch, Freeman & Freeman (1975), International Statistical Review 43, 59–78;
Fellegi (1980), Journal of the American Statistical Association 75, 261–268 (the adjusted F).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from passgenau.errors import DesignError
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
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from passgenau.estimation.sums import Label

    Floats = NDArray[np.float64]

_SINGULAR = 1e-12  # a direction whose variance is below this part of the largest has none


@dataclass(frozen=True, slots=True)
class Wald:
    """A Wald test in its three forms.

    Attributes
    ----------
    chi_squared
        W = θᵀV⁻¹θ, with `k` degrees of freedom were V known.
    f, p_f
        W/k against F(k, df).
    adjusted_f, adjusted_df, p_adjusted_f
        W·(df − k + 1)/(k·df) against F(k, df − k + 1), which allows for a V estimated from few units; NaN where
        df < k.
    """

    chi_squared: float
    k: int
    df: float
    f: float
    p_f: float
    adjusted_f: float
    adjusted_df: float
    p_adjusted_f: float


@dataclass(frozen=True, slots=True)
class ItemsTest:
    """Whether the means of several items are equal in two groups, all at once.

    Attributes
    ----------
    items, groups, differences, se
        Per item the mean of the first group minus that of the second, with its standard error.
    test
        The joint test.
    bases
        Per item the answers of both groups, unweighted.
    population
        Units that the rows with a group stand for.
    method
        One sentence.
    """

    items: tuple[str, ...]
    groups: tuple[Label, Label]
    differences: tuple[float, ...]
    se: tuple[float, ...]
    test: Wald
    bases: tuple[tuple[int, int], ...]
    population: float
    method: Text

    def records(self) -> list[dict[str, Any]]:
        """Return one plain dictionary per item, each with the joint test."""
        joint = asdict(self.test)
        parts = zip(self.items, self.differences, self.se, self.bases, strict=True)
        return [
            {"item": item, "groups": list(self.groups), "difference": difference, "se": se, "bases": list(bases)}
            | {**joint, "population": self.population, "method": self.method}
            for item, difference, se, bases in parts
        ]


def wald(estimates: ArrayLike, covariance: ArrayLike, df: float) -> Wald:
    """Test that k estimates are zero in the population, all at once.

    Parameters
    ----------
    estimates, covariance
        (k,) θ and (k, k) V.
    df
        Degrees of freedom of the design ≥ 1.

    Raises
    ------
    DesignError
        V is singular (an estimate follows from the others, or nothing varies), a number is missing, or df is below 1.

    Notes
    -----
    `docs/methods.md#wald-tests`.
    """
    theta, matrix = np.asarray(estimates, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    check_degrees(df)
    k = len(theta)
    if not np.isfinite(theta).all() or not np.isfinite(matrix).all() or _rank(matrix) < k:
        raise DesignError(
            Text(
                f"Der gemeinsame Test von {k} Unterschieden ist nicht bestimmt: Ihre geschätzte Kovarianz ist singulär "
                "oder unvollständig. Weniger Unterschiede auf einmal testen.",
                f"The joint test of {k} differences is not defined: their estimated covariance is singular or "
                "incomplete. Test fewer differences at once.",
            )
        )
    w = float(theta @ np.linalg.solve(matrix, theta))
    rest = df - k + 1
    adjusted = w * rest / (k * df) if rest > 0 else float("nan")
    p_adjusted = float(stats.f.sf(adjusted, k, rest)) if rest > 0 else float("nan")
    return Wald(w, k, float(df), w / k, float(stats.f.sf(w / k, k, df)), adjusted, float(rest), p_adjusted)


def wald_test_items(survey: AnySurvey, items: Sequence[str], group: str) -> ItemsTest:
    """Test that the means of k items are equal in two groups, all at once.

    Parameters
    ----------
    items
        Columns of numbers (0/1 for yes and no). Every item keeps its own base.
    group
        Column with two categories among the rows inside.

    Returns
    -------
    ItemsTest
        Degrees of freedom: PSUs minus strata of the rows with a group.

    Raises
    ------
    InputError
        A column does not exist or holds no numbers.
    DesignError
        There are not two groups, nobody of a group answered an item, or the covariance is singular.

    Notes
    -----
    `docs/methods.md#wald-tests`. The covariance is that of all 2·k means: items of one row are dependent.
    """
    rows = full_sample(survey)
    inside = answered(survey, group)
    found = groups(survey, group, inside & (rows.weight > 0))
    need_groups(found, 2)
    columns = [rows.numbers(item) for item in items]
    values = np.repeat(np.column_stack(columns), 2, axis=1)
    members = np.tile(found.members, len(items)) & ~np.isnan(values)
    counts = (members & (rows.weight > 0)[:, None]).sum(axis=0)
    _check_bases(counts, items, found.levels)
    moments = means(survey, values, members)
    slopes = np.kron(np.eye(len(items)), [1.0, -1.0])
    differences, matrix = slopes @ moments.values, slopes @ moments.covariance @ slopes.T
    first, second = found.levels
    listed = ", ".join(items)
    return ItemsTest(
        tuple(items),
        (first, second),
        tuple(float(value) for value in differences),
        tuple(float(value) for value in np.sqrt(np.diag(matrix))),
        wald(differences, matrix, survey.degrees_of_freedom(inside)),
        tuple((int(a), int(b)) for a, b in counts.reshape(-1, 2)),
        context(survey, inside)[1],
        Text(
            f"Gemeinsamer Wald-Test, ob die Mittelwerte von {listed} in „{first}“ und „{second}“ gleich sind",
            f'Joint Wald test of whether the means of {listed} are equal in "{first}" and "{second}"',
        ),
    )


def _check_bases(counts: NDArray[np.int64], items: Sequence[str], levels: Sequence[Label]) -> None:
    for place in np.flatnonzero(counts == 0):
        item, level = items[int(place) // 2], levels[int(place) % 2]
        raise DesignError(
            Text(f"„{item}“: Niemand aus „{level}“ hat geantwortet.", f'"{item}": nobody of "{level}" has answered.')
        )


def _rank(matrix: Floats) -> int:
    """Return the rank, whatever the units of the rows."""
    scale = np.sqrt(np.diag(matrix))
    if not (scale > 0).all():
        return 0
    eigenvalues = np.linalg.eigvalsh(matrix / scale[:, None] / scale[None, :])
    return int((eigenvalues > _SINGULAR * eigenvalues[-1]).sum())
