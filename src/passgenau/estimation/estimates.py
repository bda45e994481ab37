"""The results of estimation: frozen rows that carry their base, population, method and assumptions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from passgenau.estimation.presentation import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from passgenau.estimation.sums import Label
    from passgenau.text import Lang, Text

Kind = Literal["mean", "proportion", "total", "ratio", "quantile"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number about a population, with all that is needed to read it.

    Attributes
    ----------
    item
        The column (for a ratio `numerator/denominator`); `level` the category of a categorical item, the
        probability of a quantile, else None.
    by
        The domain: column → value; empty for the whole.
    estimate, se
        The estimate and its standard error, in units of the item (shares 0–1). `se` is NaN where the method has none.
    lower, upper
        Limits at `confidence`; `method` names how they were made.
    df
        Degrees of freedom of the design in this domain: PSUs minus strata.
    deff
        Variance relative to a simple random draw without replacement of as many answers; NaN where undefined.
    base
        Answers that the estimate rests on, unweighted; `base_units` the PSUs among them.
    population
        Units of the population that the domain stands for: the sum of its weights.
    count_lower, count_upper
        For a share: the limits as counts of the population, where its size is known; else None.
    """

    item: str
    level: str | None
    by: Mapping[str, Label]
    kind: Kind
    estimate: float
    se: float
    lower: float
    upper: float
    df: float
    deff: float
    base: int
    base_units: int
    population: float
    method: str
    confidence: float
    count_lower: float | None = None
    count_upper: float | None = None
    suppressed: bool = False  # the numbers are NaN because the base is too small to be published


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates of one call, in the order items × levels × domains, with their covariance.

    Attributes
    ----------
    covariance
        (R, R) covariance of the rows; None where it was not asked for or does not exist (quantiles).
    method
        One sentence on how the limits were made; `assumptions` under which conditions they hold.
    engine
        What summed the rows.
    """

    rows: tuple[Estimate, ...]
    covariance: NDArray[np.float64] | None
    method: Text
    assumptions: tuple[Text, ...]
    engine: str
    notes: tuple[Text, ...] = field(default=())

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Estimate:
        return self.rows[index]

    def __str__(self) -> str:
        return self.to_text("en")

    def to_text(self, lang: Lang = "de", width: int = 0) -> str:
        """Return a table for people, with method, assumptions and notes below it.

        Parameters
        ----------
        width
            Signs per line; where they do not suffice, columns are left out and named. 0: as wide as it takes.
        """
        return as_text(self, lang, width)

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries."""
        return [{**asdict(row), "by": dict(row.by)} for row in self.rows]

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per estimate, one column per `by` column."""
        flat = []
        for record in self.records():
            by = record.pop("by")
            flat.append({"item": record.pop("item"), "level": record.pop("level"), **by, **record})
        return pl.DataFrame(flat, infer_schema_length=None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()
