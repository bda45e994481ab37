"""A small stratified cluster sample without chance in it, whose results R's survey package has confirmed."""

import polars as pl

from passgenau.estimation.design import Design
from passgenau.estimation.survey import Survey

ROWS = 120
DESIGN = Design(weight="w", strata="stratum", ids=("psu",), fpc=("size",))


def clustered() -> pl.DataFrame:
    """Return 120 rows in 24 PSUs of 3 strata, with ties, unequal weights and missing answers."""
    rows = []
    for i in range(ROWS):
        psu = i % 24
        stratum = psu % 3
        score = (i * i * 7 + psu * 11) % 13
        rows.append(
            {
                "psu": psu,
                "stratum": stratum,
                "size": (20, 35, 50)[stratum],
                "w": 1.0 + (i * 17 % 29) / 4,
                "y": float(score) if i % 19 else None,
                "complete": score + psu % 5,
                "three": ("a", "b", "c")[(i * 5 + psu * psu) % 7 % 3] if i % 23 != 1 else None,
                "four": ("p", "q", "r", "s")[(i * 3 + score) % 11 % 4],
                "two": ("no", "yes")[(score * 3 + i) % 10 % 2] if i % 31 != 2 else None,
                "inside": int(i % 8 < 6),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def survey() -> Survey:
    """Return the table joined with its design."""
    return Survey.of(clustered(), DESIGN)
