"""Dots with intervals: what share of each audience named which item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

from passgenau.report.figures.drawing import (
    INK,
    PALETTE,
    SHAPES,
    WIDTH,
    Rows,
    draw,
    named,
    row_axis,
    row_height,
    row_labels,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passgenau.text import Lang

_LABEL_WIDTH = 30  # characters
_ROW = 17  # px per dot
_GAP = 9  # px between items


@dataclass(frozen=True, slots=True)
class Dot:
    """One share of one group on one item."""

    item: str
    group: str
    value: float  # 0–1
    lower: float | None
    upper: float | None
    label: str  # the share as printed


def dot_intervals(dots: Sequence[Dot], groups: Sequence[str], axis: str, lang: Lang) -> str:
    """Draw items as rows, groups side by side in position, colour and shape, with intervals and values.

    Parameters
    ----------
    dots
        In the order of the items, best first.
    groups
        All groups, in a fixed order; each keeps its colour and shape in every figure.
    axis
        What the horizontal axis shows.
    lang
        Language of the axis' numbers.

    Returns
    -------
    str
        The picture as outlined SVG.
    """
    items = list(dict.fromkeys(wrapped(dot.item, _LABEL_WIDTH) for dot in dots))
    rows: Rows = [
        {
            "row": wrapped(d.item, _LABEL_WIDTH),
            "group": d.group,
            "value": 100 * d.value,
            "lower": 100 * (d.value if d.lower is None else d.lower),
            "upper": 100 * (d.value if d.upper is None else d.upper),
            "label": d.label,
        }
        for d in dots
    ]
    shown = [g for g in groups if any(d.group == g for d in dots)]
    colour = alt.Scale(domain=list(groups), range=list(PALETTE[: len(groups)]))
    shape = alt.Scale(domain=list(groups), range=list(SHAPES[: len(groups)]))
    step = row_height(items, _ROW * len(shown) + _GAP)
    base = named("rows").encode(
        y=row_axis(items),
        yOffset=alt.YOffset("group:N", sort=shown, scale=alt.Scale(domain=shown, paddingOuter=0.35)),
        color=alt.Color("group:N", scale=colour, legend=alt.Legend(values=shown)),
    )
    x = alt.X(
        "lower:Q",
        title=axis,
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(values=[0, 20, 40, 60, 80, 100], labelExpr="datum.value + ' %'", labelFlush=False),
    )
    whisker = base.mark_rule(strokeWidth=2.5).encode(x=x, x2=alt.X2("upper:Q"))
    dot = base.mark_point(filled=True, size=95, opacity=1, stroke="white", strokeWidth=1).encode(
        x=alt.X("value:Q"), shape=alt.Shape("group:N", scale=shape, legend=alt.Legend(values=shown))
    )
    text = base.mark_text(align="left", dx=7, color=INK).encode(
        x=alt.X("upper:Q"), text=alt.Text("label:N"), color=alt.ColorValue(INK)
    )
    chart = alt.layer(*row_labels(items), whisker, dot, text).properties(width=WIDTH - 280, height=step * len(items))
    return draw(chart.resolve_scale(yOffset="shared"), {"rows": rows}, lang)
