"""The generalised design effects of a table: how far its sampling variance exceeds that of a simple random draw.

`docs/methods.md#rao-scott`. Source: Rao & Scott (1984), Annals of Statistics 12, 46–60.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def generalised_design_effects(shares: Floats, covariance: Floats, base: int) -> Floats:
    """Return the design effects that Pearson's X² for independence is a weighted sum of.

    Parameters
    ----------
    shares
        (rows, columns) estimated shares of the cells.
    covariance
        (rows × columns)² covariance of the shares.
    base
        Answers in the table.

    Returns
    -------
    Array of shape ((rows − 1)·(columns − 1),): eigenvalues, largest first.

    Raises
    ------
    DesignError
        Nothing varies, or a number is missing.

    Notes
    -----
    `docs/methods.md#rao-scott`: (CᵀD⁻¹C/n)⁻¹ (CᵀD⁻¹VD⁻¹C) with C the interaction columns of a saturated log-linear
    model orthogonal to its main effects (Rao & Scott 1984). Cells of share 0 count for nothing.
    """
    interaction = _interaction(*shares.shape)
    flat = shares.reshape(-1)
    weighted = interaction * np.divide(1.0, flat, out=np.zeros_like(flat), where=flat > 0)[:, None]
    under_design = weighted.T @ covariance @ weighted
    under_simple = interaction.T @ weighted / base
    values, vectors = np.linalg.eigh(under_simple)
    if not np.isfinite(under_design).all() or values[0] <= 0:
        raise undefined()
    root = vectors / np.sqrt(values)
    return spectrum(root.T @ under_design @ root)


def _interaction(rows: int, columns: int) -> Floats:
    """Return an orthonormal basis of the tables whose rows and columns sum to 0."""
    return np.asarray(np.kron(_contrasts(rows), _contrasts(columns)))


def _contrasts(size: int) -> Floats:
    """Return (size, size − 1) orthonormal columns that sum to 0 (Helmert)."""
    out = np.zeros((size, size - 1))
    for k in range(1, size):
        out[:k, k - 1], out[k, k - 1] = 1.0, -k
    return np.asarray(out / np.sqrt((out**2).sum(axis=0)))


def spectrum(matrix: Floats) -> Floats:
    """Return the eigenvalues of a covariance, largest first, rounding errors below 0 set to 0."""
    if not np.isfinite(matrix).all():
        raise undefined()
    values = np.maximum(np.linalg.eigvalsh((matrix + matrix.T) / 2)[::-1], 0.0)
    if values[0] <= 0:
        raise undefined()
    return np.asarray(values)


def undefined() -> DesignError:
    """Return the error for a test without variance."""
    return DesignError(
        Text(
            "Der Test ist nicht bestimmt: Die Anteile schwanken nicht (alle wurden befragt) oder ihre Varianz fehlt.",
            "The test is not defined: the shares do not vary (everybody was asked), or their variance is missing.",
        )
    )
