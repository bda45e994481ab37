"""Hadamard matrices: squares of ±1 whose rows are orthogonal, for balanced half-samples.

`docs/methods.md`, section “Replicates”. Constructions of Sylvester (1867), Philosophical Magazine 34, 461–475, and
Paley (1933), Journal of Mathematics and Physics 12, 311–320.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DOUBLE = np.array([[1.0, 1.0], [1.0, -1.0]])
_STEP = 4  # orders above 2 are multiples of 4


def hadamard(least: int) -> Floats:
    """Return the smallest Hadamard matrix known here whose order is at least `least`, above 2 and normalised.

    Returns
    -------
    Array of shape (order, order) of ±1 with H Hᵀ = order · I; its first row and column are 1.
    """
    order = _STEP * max(-(-least // _STEP), 1)
    while (found := _of_order(order)) is None:
        order += _STEP
    return np.asarray(found * found[:1] * (found[:, :1] * found[0, 0]))


@cache
def _of_order(order: int) -> Floats | None:
    """Return a Hadamard matrix of exactly this order, None where the constructions give none."""
    half = order // 2
    if order == 1:
        return np.ones((1, 1))
    if order == 2 * half and (smaller := _of_order(half)) is not None:
        return np.asarray(np.kron(_DOUBLE, smaller))
    if order % _STEP == 0 and _is_prime(order - 1):  # a prime of the form 4k + 3
        return _paley(order - 1)
    if order % _STEP == 0 and _is_prime(half - 1) and half % _STEP == 2:  # noqa: PLR2004 -- a prime of the form 4k + 1
        return _paley_symmetric(half - 1)
    return None


def _characters(prime: int) -> Floats:
    """Return (prime,) the quadratic character: 1 for squares, −1 for others, 0 at 0."""
    out = np.full(prime, -1.0)
    out[np.arange(1, prime) ** 2 % prime] = 1.0
    out[0] = 0.0
    return out


def _paley(prime: int) -> Floats:
    """Return Paley's first matrix, of order prime + 1, arranged symmetrically."""
    character = _characters(prime)
    place = np.arange(prime)
    inner = -character[(place[:, None] + place[None, :]) % prime]
    out = np.ones((prime + 1, prime + 1))
    out[1:, 1:] = np.where(inner == 0, -1.0, inner)
    return out


def _paley_symmetric(prime: int) -> Floats:
    """Return Paley's second matrix, of order 2(prime + 1)."""
    place = np.arange(prime)
    conference = np.ones((prime + 1, prime + 1))
    conference[0, 0] = 0.0
    conference[1:, 1:] = _characters(prime)[(place[:, None] - place[None, :]) % prime]
    return np.asarray(np.kron(conference, _DOUBLE) + np.kron(np.eye(prime + 1), np.array([[1.0, -1.0], [-1.0, -1.0]])))


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % k for k in range(2, int(number**0.5) + 1))
