"""Response rates by the definitions of AAPOR. `docs/methods.md#response-rates`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from passgenau.errors import DesignError, InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

ALL = ""
"""The stratum of the sums over all strata."""


@dataclass(frozen=True, slots=True)
class Dispositions:
    """How the cases of a stratum ended; counts, each case once.

    Attributes
    ----------
    interview, partial
        Complete and partial answers (I, P).
    refusal, noncontact, other
        Eligible cases without an answer: refused or broken off, never reached, other reasons (R, NC, O).
    unknown, unknown_other
        Cases of which nobody knows whether they belong to the population: whether there is such an organisation
        (UH), and for other reasons (UO).
    ineligible
        Cases that turned out not to belong; they count for `e` only.
    """

    interview: int
    partial: int = 0
    refusal: int = 0
    noncontact: int = 0
    other: int = 0
    unknown: int = 0
    unknown_other: int = 0
    ineligible: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value < 0 or value != int(value):
                raise InputError.of(
                    f"{value} ist keine Anzahl von Fällen.", f"{value} is not a number of cases.", field=field.name
                )

    @property
    def eligible(self) -> int:
        """Cases that are known to belong to the population."""
        return self.interview + self.partial + self.refusal + self.noncontact + self.other

    @property
    def unclear(self) -> int:
        """Cases that may or may not belong to the population."""
        return self.unknown + self.unknown_other


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """The rates of one stratum, 0–1 and NaN where nobody is counted; names as in AAPOR's Standard Definitions.

    `e` is the share of unclear cases taken to be eligible; it enters rr3, rr4, ref2 and con2.
    """

    stratum: str
    cases: int  # eligible and unclear
    answers: int  # complete and partial
    e: float
    rr1: float
    rr2: float
    rr3: float
    rr4: float
    rr5: float
    rr6: float
    coop1: float
    coop2: float
    coop3: float
    coop4: float
    ref1: float
    ref2: float
    ref3: float
    con1: float
    con2: float
    con3: float


@dataclass(frozen=True, slots=True)
class ResponseTable:
    """Response rates of all strata, and of their sum (stratum "")."""

    rows: tuple[ResponseRates, ...]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries."""
        return [asdict(row) for row in self.rows]

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame, one row per stratum."""
        return pl.DataFrame(self.records(), infer_schema_length=None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame, as `to_polars`."""
        return self.to_polars().to_pandas()


def response_rates(strata: Mapping[str, Dispositions], e: float | None = None) -> ResponseTable:
    """Return AAPOR's response, cooperation, refusal and contact rates by stratum and for all.

    Parameters
    ----------
    strata
        The dispositions of each stratum.
    e
        Share of the cases of unknown eligibility that are taken to be eligible, 0–1. By default the share among
        the cases of known eligibility of the same stratum.

    Raises
    ------
    InputError
        `e` is no share, or a count is none.
    DesignError
        A stratum without eligible or unclear cases.

    Notes
    -----
    American Association for Public Opinion Research (2023), Standard Definitions, 10th edition.
    """
    if e is not None and not 0 <= e <= 1:
        raise InputError.of(f"{e:g} ist kein Anteil zwischen 0 und 1.", f"{e:g} is not a share from 0 to 1.", field="e")
    if not strata:
        raise DesignError(Text("Es gibt keine Schichten.", "There are no strata."))
    names = [field.name for field in fields(Dispositions)]
    together = Dispositions(**{name: sum(getattr(d, name) for d in strata.values()) for name in names})
    rows = [_rates(name, found, e) for name, found in strata.items()]
    return ResponseTable((*rows, _rates(ALL, together, e)))


CODES = {
    "I": "interview",
    "P": "partial",
    "R": "refusal",
    "NC": "noncontact",
    "O": "other",
    "UH": "unknown",
    "UO": "unknown_other",
    "NE": "ineligible",
}
"""AAPOR's letters for the dispositions."""


def count_dispositions(frame: pl.DataFrame, column: str, strata: str | None = None) -> dict[str, Dispositions]:
    """Count a column of AAPOR's letters (I, P, R, NC, O, UH, UO, NE), by stratum in sorted order.

    Raises
    ------
    InputError
        A column does not exist, a letter is unknown, or a row has none.

    Notes
    -----
    `docs/methods.md#response-rates`.
    """
    for name in filter(None, (column, strata)):
        if name not in frame.columns:
            raise InputError.of(
                f"Die Daten haben keine Spalte „{name}“.", f'The data have no column "{name}".', field=name
            )
    found: dict[str, dict[str, int]] = {}
    labels: Sequence[object] = frame[strata].to_list() if strata else [ALL] * len(frame)
    for row, (label, code) in enumerate(zip(labels, frame[column].to_list(), strict=True), 1):
        if code not in CODES or label is None:
            raise InputError.of(
                f"Zeile {row} der Daten: „{code}“ ist kein Verbleib.",
                f'Row {row} of the data: "{code}" is not a disposition.',
                field=column if label is not None else strata,
                hint=Text(f"Möglich: {', '.join(CODES)}.", f"Possible: {', '.join(CODES)}."),
            )
        counts = found.setdefault(str(label), dict.fromkeys(CODES.values(), 0))
        counts[CODES[code]] += 1
    return {name: Dispositions(**counts) for name, counts in sorted(found.items())}


def _rates(stratum: str, d: Dispositions, given: float | None) -> ResponseRates:
    if not d.eligible + d.unclear:
        who = Text(f"Schicht „{stratum}“", f'Stratum "{stratum}"') if stratum else Text("Die Schichten", "The strata")
        raise DesignError(
            Text(f"{who.de}: Kein Fall gehört zur Grundgesamtheit.", f"{who.en}: no case belongs to the population.")
        )
    known = d.eligible + d.ineligible
    e = given if given is not None else d.eligible / known if known else 1.0
    full, some = d.interview, d.interview + d.partial
    everyone, likely = d.eligible + d.unclear, d.eligible + e * d.unclear
    able, reached = some + d.refusal, some + d.refusal + d.other
    return ResponseRates(
        stratum=stratum,
        cases=everyone,
        answers=some,
        e=e,
        rr1=_share(full, everyone),
        rr2=_share(some, everyone),
        rr3=_share(full, likely),
        rr4=_share(some, likely),
        rr5=_share(full, d.eligible),
        rr6=_share(some, d.eligible),
        coop1=_share(full, reached),
        coop2=_share(some, reached),
        coop3=_share(full, able),
        coop4=_share(some, able),
        ref1=_share(d.refusal, everyone),
        ref2=_share(d.refusal, likely),
        ref3=_share(d.refusal, d.eligible),
        con1=_share(reached, everyone),
        con2=_share(reached, likely),
        con3=_share(reached, d.eligible),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float(np.nan)
