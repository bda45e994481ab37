"""Adjustment of p-values for the number of comparisons. `docs/methods.md#many-comparisons`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm's adjusted p-values, in the order given.

    Keeps the probability of any false finding in the family below the level, whatever the dependence.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics 6, 65–70.

    Notes
    -----
    `docs/methods.md#many-comparisons`.
    """
    p, order = _sorted(p_values)
    factors = np.arange(len(p), 0, -1)
    return _back(p, np.maximum.accumulate(p * factors), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Benjamini and Hochberg's adjusted p-values, in the order given.

    Bounds the expected share of false findings among all findings, for independent or positively
    dependent comparisons.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Journal of the Royal Statistical Society B 57, 289–300.

    Notes
    -----
    `docs/methods.md#many-comparisons`.
    """
    p, order = _sorted(p_values)
    scaled = p * len(p) / np.arange(1, len(p) + 1)
    return _back(p, np.minimum.accumulate(scaled[::-1])[::-1], order)


def _sorted(p_values: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    p = np.asarray(p_values, dtype=np.float64)
    if p.size and not ((p >= 0) & (p <= 1)).all():
        raise DesignError(Text("p-Werte liegen zwischen 0 und 1.", "P-values lie between 0 and 1."))
    order = np.argsort(p, kind="stable")
    return p[order], order


def _back(p: NDArray[np.float64], adjusted: NDArray[np.float64], order: NDArray[np.intp]) -> tuple[float, ...]:
    out = np.empty_like(adjusted)
    out[order] = np.clip(adjusted, p, 1.0)  # p·m/m may fall a rounding error below p
    return tuple(float(value) for value in out)
