"""Draw cost against rows, items and domains: ``python benchmarks/estimation/plot.py MEASURED.json COST.svg``."""

from __future__ import annotations

import sys
from pathlib import Path

import altair as alt
import polars as pl
import vl_convert as vlc

ITEMS, DOMAINS = 30, 4  # of the standard survey
NAMES = {
    "floor_duckdb": "scan, DuckDB",
    "floor_polars": "scan, Polars",
    "passgenau_memory": "passgenau",
    "passgenau_duckdb": "passgenau, DuckDB",
    "svy": "svy",
    "survey": "R survey",
}


def panel(measured: pl.DataFrame, x: str, title: str) -> alt.Chart:
    """Return seconds against one property of the data, on logarithmic axes."""
    return (
        alt.Chart(measured, title=title, width=250, height=260)
        .mark_line(point=True)
        .encode(
            alt.X(x, type="quantitative", scale=alt.Scale(type="log"), title=x, axis=alt.Axis(format="~s")),
            alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds, file to answer"),
            alt.Color("name:N", sort=list(NAMES.values()), title=None),
            alt.StrokeDash(
                "design:N", title="design", legend=alt.Legend(symbolType="stroke", symbolStrokeColor="black")
            ),
        )
    )


def main(source: str, target: str) -> None:
    """Draw three panels."""
    measured = pl.read_json(source).filter(pl.col("contender").is_in(list(NAMES)))
    same = ["contender", "design", "rows", "items", "domains"]
    measured = measured.group_by(same, maintain_order=True).agg(pl.col("seconds").median())
    measured = measured.with_columns(name=pl.col("contender").replace_strict(NAMES))
    standard = (pl.col("items") == ITEMS) & (pl.col("domains") == DOMAINS)
    sweep = measured.filter(pl.col("rows") == 10**6).filter(
        pl.col("contender").is_in(["floor_duckdb", "floor_polars", "passgenau_memory"])
    )
    chart = alt.hconcat(
        panel(measured.filter(standard), "rows", "30 items, 4 domains"),
        panel(sweep.filter(pl.col("domains") == DOMAINS), "items", "1 million rows, 4 domains"),
        panel(sweep.filter(pl.col("items") == ITEMS), "domains", "1 million rows, 30 items"),
    )
    Path(target).write_text(vlc.vegalite_to_svg(chart.to_json()), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
