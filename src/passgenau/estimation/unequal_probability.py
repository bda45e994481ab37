"""Samples drawn with unequal probabilities of fixed size (PPS), with or without joint inclusion probabilities.

`docs/methods.md#unequal-probabilities`. Sources: Horvitz & Thompson (1952), Journal of the American Statistical
Association 47, 663–685; Yates & Grundy (1953), Journal of the Royal Statistical Society B 15, 253–261; Hájek (1964),
Annals of Mathematical Statistics 35, 1491–1523; Brewer (2002), Combined Survey Sampling Inference, chapter 9.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from passgenau.errors import DesignError, InputError
from passgenau.estimation.covariance import sum_by
from passgenau.estimation.survey import Survey, numbers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    from passgenau.estimation.design import Design

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Variance = Literal["yates-grundy", "horvitz-thompson", "brewer", "hajek"]

_EXACT: tuple[Variance, ...] = ("yates-grundy", "horvitz-thompson")
_SAME = 1e-6  # relative difference up to which printed probabilities count as equal
_ROUNDING = 1e-9  # part of the sum of squares below which a negative variance is a rounding error

VARIANCES: dict[Variance, Text] = {
    "yates-grundy": Text(
        "Varianz nach Yates und Grundy aus den gemeinsamen Auswahlwahrscheinlichkeiten; sie gilt für Stichproben "
        "festen Umfangs.",
        "Yates and Grundy's variance from the joint inclusion probabilities; it holds for samples of fixed size.",
    ),
    "horvitz-thompson": Text(
        "Varianz nach Horvitz und Thompson aus den gemeinsamen Auswahlwahrscheinlichkeiten.",
        "Horvitz and Thompson's variance from the joint inclusion probabilities.",
    ),
    "brewer": Text(
        "Varianz nach Brewer: Näherung aus den einfachen Auswahlwahrscheinlichkeiten bei festem Umfang.",
        "Brewer's variance: an approximation from the single inclusion probabilities at fixed size.",
    ),
    "hajek": Text(
        "Varianz nach Hájek: Näherung aus den einfachen Auswahlwahrscheinlichkeiten bei hoher Entropie der Auswahl.",
        "Hájek's variance: an approximation from the single inclusion probabilities for draws of high entropy.",
    ),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UnequalSurvey(Survey):
    """A survey whose units were drawn with unequal probabilities; fits wherever a `Survey` does.

    Attributes
    ----------
    probability
        (U,) inclusion probabilities of the units drawn (rows, or PSUs that were asked completely).
    joint
        (U, U) joint inclusion probabilities, `probability` on the diagonal; None: the variance does not need them.
    variance
        A key of `VARIANCES`.
    """

    probability: Floats
    joint: Floats | None
    variance: Variance

    @property
    def simple(self) -> bool:
        """False: equal probabilities of the units do not make all sets of them equally likely."""
        return False

    @classmethod
    def of(cls, table: pl.DataFrame, design: Design) -> Survey:  # noqa: ARG003 -- the parameters of `Survey.of`
        """Refuse: `drawn` joins a table with its design and its probabilities."""
        raise DesignError(
            Text(
                "Ungleiche Auswahlwahrscheinlichkeiten stehen in einer Spalte: UnequalSurvey.drawn(…) nimmt sie auf.",
                "Unequal probabilities stand in a column: UnequalSurvey.drawn(…) takes it.",
            )
        )

    @classmethod
    def drawn(
        cls,
        table: pl.DataFrame,
        design: Design,
        probability: str,
        *,
        joint: ArrayLike | None = None,
        variance: Variance | None = None,
    ) -> UnequalSurvey:
        """Join a table with the probabilities it was drawn with; the weights are their inverses.

        Parameters
        ----------
        design
            `strata` (drawn independently of each other), and `ids` with one name where clusters were drawn and asked
            completely. `weight` and `fpc` have no place here.
        probability
            Column of inclusion probabilities, above 0 and at most 1.
        joint
            (U, U) joint inclusion probabilities, as given, or by `overton` or `hartley_rao`: in the order of the
            rows, or of the sorted names of the clusters.
        variance
            A key of `VARIANCES`; None: `yates-grundy` with `joint`, else `brewer`.

        Raises
        ------
        InputError
            A column does not exist, or holds something that is no probability.
        DesignError
            The design says more than this draw can have, or the joint probabilities contradict the single ones.
        """
        chosen = _check_variance(variance or ("brewer" if joint is None else "yates-grundy"), given=joint is not None)
        _check_design(design)
        plain = Survey.of(table, design)
        per_row = _probabilities(table, probability)
        single = np.empty(len(plain.structure.stages[0].parent))
        single[plain.unit] = per_row
        _check_clusters(per_row, single[plain.unit], probability)
        stage = plain.structure.stages[0]
        size = np.bincount(stage.parent, weights=1 / single, minlength=len(stage.drawn))
        structure = replace(plain.structure, stages=(replace(stage, population=np.maximum(size, stage.drawn)),))
        return cls(
            table=table,
            design=design,
            structure=structure,
            unit=plain.unit,
            weight=1 / per_row,
            inside=plain.inside,
            probability=single,
            joint=None if joint is None else _check_joint(np.asarray(joint, dtype=np.float64), single),
            variance=chosen,
        )

    @property
    def method(self) -> Text:
        """One sentence on the variance."""
        return VARIANCES[self.variance]

    def covariance(self, influence: Floats) -> Floats:
        """Return the (M, M) covariance of Σ w·u for (n, M) influence values u, as `Survey.covariance`.

        Raises
        ------
        DesignError
            The estimate of a variance is negative, which joint probabilities allow.
        """
        values = influence.reshape(self.rows, -1)
        for adjustment in self.adjustments:
            values = adjustment.residuals(values)
        totals = sum_by(self.weight[:, None] * values, self.unit, len(self.probability))
        if self.joint is not None and self.variance in _EXACT:
            return self._exact(totals, self.joint)
        return self._approximate(totals)

    def _exact(self, totals: Floats, joint: Floats) -> Floats:
        """Return Σᵢⱼ (πᵢⱼ − πᵢπⱼ)/πᵢⱼ · tᵢtⱼ, or −½ Σᵢⱼ of the same times (tᵢ − tⱼ)²."""
        form = 1 - np.outer(self.probability, self.probability) / joint
        if self.variance == "yates-grundy":
            form = form - np.diag(form.sum(axis=1))
        out = totals.T @ form @ totals
        variances, size = np.diag(out), (totals**2).sum(axis=0)
        if (variances < -_ROUNDING * size).any():
            raise DesignError(
                Text(
                    f"Die Varianz nach „{self.variance}“ ist hier negativ geschätzt. Ein anderes Verfahren wählen: "
                    f"{', '.join(VARIANCES)}.",
                    f'The variance by "{self.variance}" is estimated to be negative here. Choose another: '
                    f"{', '.join(VARIANCES)}.",
                )
            )
        np.fill_diagonal(out, np.maximum(variances, 0))
        return np.asarray((out + out.T) / 2)

    def _approximate(self, totals: Floats) -> Floats:
        """Return Σ cᵢ (tᵢ − B)² per stratum with cᵢ = (1 − πᵢ)·n/(n − 1) and B a mean of the totals."""
        stage = self.structure.stages[0]
        self._check_single()
        n = stage.drawn.astype(np.float64)
        factor = (1 - self.probability) * (n / np.maximum(n - 1, 1))[stage.parent]
        share = factor if self.variance == "hajek" else np.ones_like(factor)
        size = np.bincount(stage.parent, weights=share, minlength=len(n))
        centre = sum_by(share[:, None] * totals, stage.parent, len(n)) / np.where(size > 0, size, 1)[:, None]
        scaled = np.sqrt(factor)[:, None] * (totals - centre[stage.parent])
        return np.asarray(scaled.T @ scaled)

    def _check_single(self) -> None:
        """Raise DesignError where a stratum has a single unit that was not certain to be drawn."""
        stage = self.structure.stages[0]
        alone = np.flatnonzero((stage.drawn[stage.parent] == 1) & (self.probability < 1))
        if len(alone):
            name = self.structure.strata[int(stage.parent[alone[0]])]
            raise DesignError(
                Text(
                    f"Schicht {name} hat nur eine gezogene Einheit; ihre Varianz ist nicht schätzbar. Schichten "
                    "zusammenlegen.",
                    f"Stratum {name} has a single drawn unit; its variance cannot be estimated. Merge strata.",
                )
            )


def overton(probability: ArrayLike, strata: ArrayLike | None = None) -> Floats:
    """Return approximate joint inclusion probabilities for randomised systematic draws.

    Parameters
    ----------
    probability
        (U,) inclusion probabilities.
    strata
        (U,) labels; units of different strata were drawn independently.

    Notes
    -----
    πᵢⱼ ≈ (n − 1)πᵢπⱼ / (n − (πᵢ + πⱼ)/2). Source: Overton (1985), A sampling plan for streams in the national surface
    water survey, as in Stevens (1997), Environmetrics 8, 167–195.
    """
    single = np.asarray(probability, dtype=np.float64)

    def ratio(p: Floats) -> Floats:
        """Return πᵢπⱼ/πᵢⱼ within a stratum."""
        return np.asarray((len(p) - np.add.outer(p, p) / 2) / max(len(p) - 1, 1))

    return _joint(single, strata, ratio)


def hartley_rao(
    probability: ArrayLike, strata: ArrayLike | None = None, *, sum_of_squares: float | None = None
) -> Floats:
    """Return approximate joint inclusion probabilities for randomised systematic draws.

    Parameters
    ----------
    probability, strata
        As in `overton`.
    sum_of_squares
        Σ π² over all units of the population, without strata; None: estimated by Σ π of the sample.

    Notes
    -----
    1 − πᵢπⱼ/πᵢⱼ ≈ −(1 − πᵢ − πⱼ + Σπ²/n)/(n − 1). Source: Hartley & Rao (1962), Annals of Mathematical Statistics 33,
    350–374.

    Raises
    ------
    DesignError
        A sum of squares is given for more than one stratum.
    """
    single = np.asarray(probability, dtype=np.float64)
    if strata is not None and sum_of_squares is not None:
        raise DesignError(
            Text(
                "Eine Summe der Quadrate gilt nur ohne Schichten.",
                "A sum of squares holds without strata only.",
            )
        )

    def ratio(p: Floats) -> Floats:
        """Return πᵢπⱼ/πᵢⱼ within a stratum."""
        square = (float(p.sum()) if sum_of_squares is None else sum_of_squares) / len(p)
        return np.asarray(1 + (1 - np.add.outer(p, p) + square) / max(len(p) - 1, 1))

    return _joint(single, strata, ratio)


def _joint(single: Floats, strata: ArrayLike | None, ratio: Callable[[Floats], Floats]) -> Floats:
    """Return joint probabilities from πᵢπⱼ/πᵢⱼ within each stratum; between strata πᵢⱼ = πᵢπⱼ."""
    labels = np.zeros(len(single)) if strata is None else np.asarray(strata)
    out = np.outer(single, single)
    for label in np.unique(labels):
        units = np.flatnonzero(labels == label)
        out[np.ix_(units, units)] /= ratio(single[units])
    np.fill_diagonal(out, single)
    return out


def _check_variance(variance: str, *, given: bool) -> Variance:
    """Return the variance's name; `given` says whether there are joint probabilities."""
    known = next((name for name in VARIANCES if name == variance), None)
    if known is None:
        raise DesignError(
            Text(
                f"Die Varianz „{variance}“ gibt es nicht; möglich: {', '.join(VARIANCES)}.",
                f'No variance "{variance}"; possible: {", ".join(VARIANCES)}.',
            )
        )
    if known in _EXACT and not given:
        raise DesignError(
            Text(
                f"„{variance}“ braucht die gemeinsamen Auswahlwahrscheinlichkeiten; ohne sie: brewer, hajek.",
                f'"{variance}" needs the joint inclusion probabilities; without them: brewer, hajek.',
            )
        )
    return known


def _check_design(design: Design) -> None:
    if design.weight is not None or design.fpc or len(design.ids) > 1:
        raise DesignError(
            Text(
                "Bei ungleichen Auswahlwahrscheinlichkeiten folgen die Gewichte aus ihnen: ohne weight, ohne fpc und "
                "mit höchstens einer Stufe.",
                "With unequal probabilities the weights follow from them: without weight, without fpc and with one "
                "stage at most.",
            )
        )


def _probabilities(table: pl.DataFrame, column: str) -> Floats:
    """Return (n,) inclusion probabilities."""
    values = numbers(table, column)
    wrong = np.flatnonzero(~((values > 0) & (values <= 1)))
    if len(wrong):
        row = int(wrong[0])
        raise InputError.of(
            f"Zeile {row + 1} der Daten: {values[row]:g} ist keine Auswahlwahrscheinlichkeit.",
            f"Row {row + 1} of the data: {values[row]:g} is not an inclusion probability.",
            field=column,
            hint=Text("Sie ist größer als 0 und höchstens 1.", "It is above 0 and at most 1."),
        )
    return values


def _check_clusters(per_row: Floats, of_unit: Floats, column: str) -> None:
    wrong = np.flatnonzero(per_row != of_unit)
    if len(wrong):
        a, b = sorted((per_row[int(wrong[0])], of_unit[int(wrong[0])]))
        raise DesignError(
            Text(
                f"Spalte „{column}“, Zeile {wrong[0] + 1}: zwei Auswahlwahrscheinlichkeiten für eine Einheit, {a:g} "
                f"und {b:g}.",
                f'Column "{column}", row {wrong[0] + 1}: two inclusion probabilities for one unit, {a:g} and {b:g}.',
            )
        )


def _check_joint(joint: Floats, single: Floats) -> Floats:
    """Return joint probabilities that fit the single ones."""
    size = len(single)
    if joint.shape != (size, size):
        raise DesignError(
            Text(
                f"Gemeinsame Auswahlwahrscheinlichkeiten: {size} × {size} Werte gehören zu {size} Einheiten, nicht die "
                f"Form {joint.shape}.",
                f"Joint inclusion probabilities: {size} units have {size} × {size} of them, not the shape "
                f"{joint.shape}.",
            )
        )
    limit = np.minimum.outer(single, single) * (1 + _SAME)
    wrong = ~(np.isfinite(joint) & (joint > 0) & (joint <= limit) & np.isclose(joint, joint.T, rtol=_SAME, atol=0))
    wrong |= np.diag(~np.isclose(np.diag(joint), single, rtol=_SAME, atol=0))
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise DesignError(
            Text(
                f"Gemeinsame Auswahlwahrscheinlichkeit der Einheiten {i + 1} und {j + 1}: {joint[i, j]:g} passt nicht. "
                f"Sie ist symmetrisch, größer als 0, höchstens {min(single[i], single[j]):g} und auf der Diagonalen "
                "die einfache Wahrscheinlichkeit.",
                f"Joint inclusion probability of units {i + 1} and {j + 1}: {joint[i, j]:g} does not fit. They are "
                f"symmetric, above 0, here at most {min(single[i], single[j]):g}, on the diagonal the single ones.",
            )
        )
    return joint
