"""How well coders agree: Cohen's κ with its standard error, Krippendorff's α with bootstrap limits.

A coefficient never stands alone: every result carries how many answers it rests on, how often the coders
agreed outright, and how common each code is, because rare codes give low coefficients even where people
nearly always agree.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from passgenau.errors import DesignError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Weights = Literal["none", "linear", "quadratic"]
"""How much credit near agreement gets: none; falling with the distance of the categories, or with its square."""
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
"""How far two values are apart: different or not, by ranks, by difference, by relative difference."""

KeyT = TypeVar("KeyT")

LEVEL = 0.95
DRAWS = 2000
_NOTHING = 1e-9  # a standard error that only looks like one
_PAIR = 2  # values that make an answer comparable


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's κ of two coders."""

    value: float | None  # −1 to 1; None where both used one category only, so that nothing can be said
    standard_error: float | None
    lower: float | None  # limits, cut at −1 and 1; None where the standard error is 0 and says nothing
    upper: float | None
    level: float  # confidence, 0–1
    null_standard_error: float | None  # under the hypothesis κ = 0, for a test of it
    agreement: float  # share of answers on which both agree outright, 0–1
    expected: float  # (weighted) agreement expected by chance, 0–1
    base: int  # answers that both coded
    prevalence: Mapping[str, float]  # share of each category in all codes given by both, 0–1
    weights: Weights


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's α of any number of coders, with values missing."""

    value: float | None  # 1 is perfect, 0 is chance; None where only one value occurs
    lower: float | None  # bootstrap limits
    upper: float | None
    level: float  # confidence, 0–1
    draws: int  # bootstrap draws that could be used
    agreement: float  # share of pairs of codes that are equal, 0–1
    base: int  # answers that at least two coders coded
    codes: int  # codes on these answers
    coders: int
    prevalence: Mapping[str, float]  # share of each value among these codes, 0–1
    metric: Metric


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """Agreement on one code where an answer may carry several."""

    code: str
    kappa: Kappa
    both: int  # answers to which both gave the code
    first_only: int
    second_only: int
    neither: int


# --- Cohen's κ -----------------------------------------------------------------------------------------


def cohens_kappa(
    first: Sequence[Hashable | None],
    second: Sequence[Hashable | None],
    *,
    categories: Sequence[Hashable] | None = None,
    weights: Weights = "none",
    level: float = LEVEL,
) -> Kappa:
    """Return Cohen's κ for the codes that two coders gave to the same answers.

    Parameters
    ----------
    first, second
        One code per answer, in the same order; None where a coder gave none. Answers without a code of either
        coder are left out.
    categories
        All codes in their order, which matters for weights; by default the codes used, sorted.
    weights
        `none` for codes without order; see `Weights`.
    level
        Confidence level of the limits, 0–1.

    Raises
    ------
    DesignError
        The lists differ in length, no answer was coded by both, or a code is not among `categories`.

    Notes
    -----
    Standard error by Fleiss, Cohen and Everitt for large samples; the limits are κ ± z·se. With fewer than about
    50 answers they are rough. With perfect agreement, or where one coder used one category only, the formula gives
    0: it knows no error then, and no limits are given.

    References
    ----------
    Cohen, J. (1960). Educational and Psychological Measurement 20, 37–46; (1968) Psychological Bulletin 70, 213–220.
    Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Psychological Bulletin 72, 323–327.
    """
    if len(first) != len(second):
        raise DesignError(
            Text(
                f"{len(first)} und {len(second)} Codes: Beide müssen dieselben Antworten codieren.",
                f"{len(first)} and {len(second)} codes: both must code the same answers.",
            )
        )
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    known = list(categories) if categories is not None else sorted({code for pair in pairs for code in pair}, key=str)
    place = {code: index for index, code in enumerate(known)}
    table = np.zeros((len(known), len(known)))
    for a, b in pairs:
        if a not in place or b not in place:
            code = b if a in place else a
            raise DesignError(Text(f"Den Code {code!r} gibt es nicht.", f"There is no code {code!r}."))
        table[place[a], place[b]] += 1
    return kappa_of_table(table, [str(code) for code in known], weights=weights, level=level)


def kappa_of_table(
    table: Sequence[Sequence[float]] | Floats,
    categories: Sequence[str] | None = None,
    *,
    weights: Weights = "none",
    level: float = LEVEL,
) -> Kappa:
    """Return Cohen's κ from counts: rows are the codes of the first coder, columns those of the second.

    Parameters, errors and sources as for `cohens_kappa`.
    """
    counts = np.asarray(table, dtype=float)
    base = counts.sum()
    if counts.ndim != _PAIR or counts.shape[0] != counts.shape[1] or not base > 0 or (counts < 0).any():
        raise DesignError(
            Text("Ohne gemeinsam codierte Antworten gibt es kein κ.", "Without answers coded by both there is no κ.")
        )
    _check_level(level)
    p = counts / base
    credit = _credit(len(p), weights)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float((credit * p).sum()), float(rows @ credit @ columns)
    value = error = null = None
    if expected < 1 - 1e-12:
        value = (observed - expected) / (1 - expected)
        error, null = _kappa_errors(p, credit, observed, expected, base)
    half = NormalDist().inv_cdf(0.5 + level / 2) * error if error is not None and error > _NOTHING else None
    names = categories or [str(index + 1) for index in range(len(p))]
    return Kappa(
        value=value,
        standard_error=error,
        lower=max(-1.0, value - half) if value is not None and half is not None else None,
        upper=min(1.0, value + half) if value is not None and half is not None else None,
        level=level,
        null_standard_error=null,
        agreement=float(np.trace(p)),
        expected=expected,
        base=round(base),
        prevalence=MappingProxyType(dict(zip(names, ((rows + columns) / 2).tolist(), strict=True))),
        weights=weights,
    )


def _credit(size: int, weights: Weights) -> Floats:
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / max(size - 1, 1)
    if weights == "none":
        return np.eye(size)
    return np.asarray(1 - (distance if weights == "linear" else distance**2))


def _kappa_errors(p: Floats, credit: Floats, observed: float, expected: float, base: float) -> tuple[float, float]:
    """Return the standard errors of κ, as it is and under κ = 0 (Fleiss, Cohen and Everitt 1969, eq. 13 and 9)."""
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    average = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = (p * (credit * (1 - expected) - average * (1 - observed)) ** 2).sum()
    variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (base * (1 - expected) ** 4)
    null = (np.outer(rows, columns) * (credit - average) ** 2).sum() - expected**2
    return math.sqrt(max(variance, 0.0)), math.sqrt(max(float(null), 0.0) / base) / (1 - expected)


# --- Krippendorff's α -------------------------------------------------------------------------------------


def krippendorffs_alpha(  # noqa: PLR0913 -- data, metric, and how the limits are drawn
    codes: Sequence[Sequence[Hashable | None]],
    *,
    metric: Metric = "nominal",
    order: Sequence[Hashable] | None = None,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Alpha:
    """Return Krippendorff's α for any number of coders.

    Parameters
    ----------
    codes
        One sequence per coder, one value per answer, None where a coder gave none. Answers with fewer than two
        values cannot be compared and are left out.
    metric
        `interval` and `ratio` need numbers.
    order
        All values from low to high, for `ordinal`; by default the values used, sorted.
    level
        Confidence level of the limits, 0–1.
    draws
        Bootstrap draws of whole answers, ≥ 1.
    seed
        The same seed gives the same limits.

    Raises
    ------
    DesignError
        The sequences differ in length, no answer has two values, or a value does not fit the metric.

    Notes
    -----
    Limits are the percentiles of α over draws of the answers with replacement. Draws in which only one value
    occurs say nothing and are left out; `draws` counts those used. Ordinal distances stay those of all answers.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    """
    _check_level(level)
    units = _units(codes)
    values = _values(units, metric, order)
    place = {value: index for index, value in enumerate(values)}
    counts = np.zeros((len(units), len(values)))
    for row, unit in enumerate(units):
        for value in unit:
            counts[row, place[value]] += 1
    distance = _distances(values, counts.sum(axis=0), metric)
    sizes = counts.sum(axis=1)
    # Each value of an answer meets every other one; dividing by the others gives every value the same say.
    apart = np.einsum("uc,ck,uk->u", counts, distance, counts) / (sizes - 1)
    equal = (counts * (counts - 1)).sum(axis=1)
    taken = np.random.default_rng([seed, len(units)]).multinomial(len(units), [1 / len(units)] * len(units), size=draws)
    drawn = _alpha(taken @ apart, taken @ counts, distance)
    drawn = drawn[~np.isnan(drawn)]
    value = float(_alpha(apart.sum()[None], counts.sum(axis=0)[None], distance)[0])
    known = not math.isnan(value)
    limits = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if known and drawn.size else None
    return Alpha(
        value=value if known else None,
        lower=float(limits[0]) if limits is not None else None,
        upper=float(limits[1]) if limits is not None else None,
        level=level,
        draws=int(drawn.size) if known else 0,
        agreement=float(equal.sum() / (sizes * (sizes - 1)).sum()),
        base=len(units),
        codes=int(sizes.sum()),
        coders=len(codes),
        prevalence=MappingProxyType(
            {str(v): float(n) for v, n in zip(values, counts.sum(axis=0) / sizes.sum(), strict=True)}
        ),
        metric=metric,
    )


def _units(codes: Sequence[Sequence[Hashable | None]]) -> list[list[Hashable]]:
    if len({len(coder) for coder in codes}) > 1:
        raise DesignError(
            Text("Alle müssen dieselben Antworten codieren.", "All coders must code the same answers."),
        )
    units = [[value for value in unit if value is not None] for unit in zip(*codes, strict=True)]
    found = [unit for unit in units if len(unit) >= _PAIR]
    if not found:
        raise DesignError(
            Text(
                "Keine Antwort wurde von zwei Personen codiert; ohne sie gibt es kein α.",
                "No answer was coded by two people; without any there is no α.",
            )
        )
    return found


def _values(units: list[list[Hashable]], metric: Metric, order: Sequence[Hashable] | None) -> list[Hashable]:
    used = {value for unit in units for value in unit}
    numeric = all(isinstance(value, int | float) and math.isfinite(value) for value in used)
    if metric in {"interval", "ratio"} and not numeric:
        raise DesignError(Text("Diese Abstände brauchen Zahlen.", "These distances need numbers."))
    if metric == "ratio" and any(isinstance(value, int | float) and value < 0 for value in used):
        raise DesignError(Text("Verhältnisse brauchen Zahlen ab 0.", "Ratios need numbers from 0."))
    if order is not None:
        unknown = used - set(order)
        if unknown:
            name = min(map(str, unknown))
            raise DesignError(Text(f"{name!r} fehlt in der Reihenfolge.", f"{name!r} is missing in the order."))
        return [value for value in order if value in used]
    if numeric:
        return sorted(used, key=float)  # type: ignore[arg-type]  # numbers, as just seen
    return sorted(used, key=str)


def _distances(values: list[Hashable], totals: Floats, metric: Metric) -> Floats:
    """Return the squared distance of every two values."""
    if metric == "nominal":
        return 1.0 - np.eye(len(values))
    if metric == "ordinal":
        middle = np.cumsum(totals) - totals / 2
        return np.asarray(np.subtract.outer(middle, middle) ** 2)
    numbers = np.array(values, dtype=float)
    difference = np.subtract.outer(numbers, numbers)
    if metric == "interval":
        return np.asarray(difference**2)
    total = np.add.outer(numbers, numbers)
    return np.asarray(np.divide(difference, total, out=np.zeros_like(difference), where=total > 0) ** 2)


def _alpha(apart: Floats, totals: Floats, distance: Floats) -> Floats:
    """Return 1 − observed/expected disagreement; one row of `totals` (values) per entry of `apart`."""
    expected = np.einsum("bc,ck,bk->b", totals, distance, totals) / (totals.sum(axis=1) - 1)
    return np.asarray(1 - np.divide(apart, expected, out=np.full_like(expected, np.nan), where=expected > 0))


# --- several codes per answer -------------------------------------------------------------------------------


def code_agreement(
    first: Mapping[KeyT, Collection[str]],
    second: Mapping[KeyT, Collection[str]],
    codes: Sequence[str],
    *,
    level: float = LEVEL,
) -> tuple[CodeAgreement, ...]:
    """Return, for every code, how two coders agree on giving it or not.

    Parameters
    ----------
    first, second
        The codes given to each answer, by the answer's key; answers that only one of them coded are left out.
    codes
        The codes to look at.
    level
        Confidence level of the limits, 0–1.

    Raises
    ------
    DesignError
        No answer was coded by both.
    """
    shared = [key for key in first if key in second]
    return tuple(
        _one_code(code, [(code in first[key], code in second[key]) for key in shared], level) for code in codes
    )


def _one_code(code: str, given: list[tuple[bool, bool]], level: float) -> CodeAgreement:
    seen = Counter(given)
    table = [[seen[True, True], seen[True, False]], [seen[False, True], seen[False, False]]]
    return CodeAgreement(
        code,
        kappa_of_table(table, ["yes", "no"], level=level),
        both=seen[True, True],
        first_only=seen[True, False],
        second_only=seen[False, True],
        neither=seen[False, False],
    )


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise DesignError(
            Text(
                f"Ein Vertrauensniveau liegt zwischen 0 und 1, nicht bei {level}.",
                f"A confidence level lies between 0 and 1, not at {level}.",
            )
        )
