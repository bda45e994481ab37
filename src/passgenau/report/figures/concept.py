"""The programme as a strip of blocks and modules, and how firm its choices are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

from passgenau.report.figures.drawing import (
    INK,
    LINE,
    PALETTE,
    QUIET,
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

_LABEL_WIDTH = 44  # characters
_ROW = 25  # px
_LABEL_ROOM = 320  # px for the names of modules


@dataclass(frozen=True, slots=True)
class Bar:
    """One module on the strip."""

    title: str
    field: str
    block: int
    start: float  # contact units before it
    end: float
    label: str  # beside the bar


def programme_strip(bars: Sequence[Bar], blocks: Sequence[tuple[str, float, float]], axis: str, lang: Lang) -> str:
    """Draw the Basis of one programme: modules in teaching order, as long as their contact time.

    Parameters
    ----------
    bars
        Modules in teaching order.
    blocks
        Name, first and last contact unit of every block.
    axis
        What the horizontal axis counts.
    lang
        Language of the axis' numbers.

    Returns
    -------
    str
        The picture as outlined SVG.
    """
    fields = list(dict.fromkeys(bar.field for bar in bars))
    order = [wrapped(bar.title, _LABEL_WIDTH) for bar in bars]
    rows: Rows = [
        {
            "row": title,
            "field": bar.field,
            "start": bar.start,
            "end": bar.end,
            "label": bar.label,
        }
        for bar, title in zip(bars, order, strict=True)
    ]
    last = max(end for _name, _start, end in blocks)
    grounds: Rows = [
        {"name": name, "start": a, "end": b, "middle": (a + b) / 2, "odd": i % 2}
        for i, (name, a, b) in enumerate(blocks)
    ]
    x = alt.X(
        "start:Q", title=axis, scale=alt.Scale(domain=[0, last], nice=False), axis=alt.Axis(grid=False, tickCount=8)
    )
    ground = named("grounds")
    shade = ground.mark_rect(stroke=LINE).encode(
        x=x,
        x2=alt.X2("end:Q"),
        color=alt.condition("datum.odd == 1", alt.value("#f3f5f8"), alt.value("#ffffff")),
    )
    names = ground.mark_text(baseline="bottom", dy=-5, fontWeight="bold").encode(
        x=alt.X("middle:Q"), y=alt.value(0), text=alt.Text("name:N")
    )
    base = named("rows").encode(y=row_axis(order))
    bar = base.mark_bar(height=16, stroke="white").encode(
        x=x,
        x2=alt.X2("end:Q"),
        color=alt.Color(
            "field:N",
            scale=alt.Scale(domain=fields, range=list(PALETTE[: len(fields)])),
            sort=fields,
            legend=alt.Legend(orient="bottom", columns=2, symbolType="square", offset=16),
        ),
    )
    text = base.mark_text(align="left", dx=5, fontSize=11).encode(x=alt.X("end:Q"), text=alt.Text("label:N"))
    size = {"width": WIDTH - _LABEL_ROOM, "height": row_height(order, _ROW) * len(bars)}
    chart = alt.layer(shade, names, *row_labels(order), bar, text).properties(**size)
    return draw(chart.resolve_scale(color="independent"), {"rows": rows, "grounds": grounds}, lang)


@dataclass(frozen=True, slots=True)
class Choice:
    """How often the draws agree with one choice."""

    title: str
    share: float  # of the draws, 0–1
    group: str  # what was chosen: depth, an elective
    label: str


def firmness(choices: Sequence[Choice], marks: Sequence[tuple[float, str]], axis: str, lang: Lang) -> str:
    """Draw how often each choice comes out the same, with the limits of “firm” and “likely”.

    Parameters
    ----------
    choices
        In the order of the rows.
    marks
        Share (0–1) and name of each limit.
    axis
        What the horizontal axis shows.
    lang
        Language of the axis' numbers.

    Returns
    -------
    str
        The picture as outlined SVG.
    """
    order = [wrapped(choice.title, _LABEL_WIDTH) for choice in choices]
    groups = list(dict.fromkeys(choice.group for choice in choices))
    rows: Rows = [
        {"row": t, "share": 100 * c.share, "zero": 0, "group": c.group, "label": c.label}
        for c, t in zip(choices, order, strict=True)
    ]
    limits: Rows = [{"at": 100 * share, "name": name} for share, name in marks]
    base = named("rows").encode(
        y=row_axis(order),
        color=alt.Color(
            "group:N",
            scale=alt.Scale(domain=groups, range=list(PALETTE[: len(groups)])),
            sort=groups,
            legend=alt.Legend(offset=26),
        ),
    )
    x = alt.X(
        "share:Q",
        title=axis,
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + ' %'", labelFlush=False),
    )
    stem = base.mark_rule(strokeWidth=1.5).encode(x=alt.X("zero:Q"), x2=alt.X2("share:Q"))
    dot = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=x,
        shape=alt.Shape(
            "group:N",
            scale=alt.Scale(domain=groups, range=list(SHAPES[: len(groups)])),
            sort=groups,
            legend=alt.Legend(offset=26),
        ),
    )
    text = base.mark_text(align="left", dx=8).encode(
        x=alt.X("share:Q"), text=alt.Text("label:N"), color=alt.ColorValue(INK)
    )
    limit = named("limits")
    line = limit.mark_rule(strokeDash=[4, 3], color=QUIET).encode(x=alt.X("at:Q"))
    name = limit.mark_text(baseline="bottom", dy=-4, fontSize=11, color=QUIET).encode(
        x=alt.X("at:Q"), y=alt.value(0), text=alt.Text("name:N")
    )
    size = {"width": WIDTH - _LABEL_ROOM - 40, "height": row_height(order, _ROW) * len(rows)}
    chart = alt.layer(*row_labels(order), line, name, stem, dot, text).properties(**size)
    return draw(chart, {"rows": rows, "limits": limits}, lang)
