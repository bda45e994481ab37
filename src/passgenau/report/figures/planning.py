"""Where cohorts meet, when they meet, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt

from passgenau.report.figures.borders import borders
from passgenau.report.figures.drawing import (
    INK,
    LINE,
    PALETTE,
    QUIET,
    SHADE,
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
    import datetime as dt
    from collections.abc import Sequence

    from passgenau.text import Lang

_MAP_WIDTH = 520  # px
_MONTH = (  # month, and below it the year where one begins
    "[utcFormat(datum.value, '%b'),"
    " datum.index == 0 || utcFormat(datum.value, '%m') == '01' ? utcFormat(datum.value, '%Y') : '']"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One organisation on the map, in kilometres of a plane."""

    name: str
    group: str  # its cohort
    x: float
    y: float
    seat_x: float
    seat_y: float
    is_seat: bool


def cohort_map(
    outlines: dict[str, Any] | None, places: Sequence[Place], groups: Sequence[str], lang: Lang, *, many: bool = False
) -> str:
    """Draw cohorts on the outlines of the districts: members, their seats, and the ways between.

    Parameters
    ----------
    outlines
        A GeoJSON feature collection on the same plane as the places, or None where there is none.
    places
        All organisations.
    groups
        Cohorts in a fixed order; each has its own colour and shape.
    lang
        Language of the picture.
    many
        With dozens of cohorts colours say nothing: all points look alike, seats stand out.

    Returns
    -------
    str
        The picture as outlined SVG.
    """
    rows: Rows = [
        {"name": p.name, "group": p.group, "x": p.x, "y": p.y, "sx": p.seat_x, "sy": p.seat_y, "seat": p.is_seat}
        for p in places
    ]
    lines = borders(outlines) if outlines else []
    (left, right), (low, high) = _box([*(point for line in lines for point in line), *((p.x, p.y) for p in places)])
    scale = _MAP_WIDTH / (right - left)  # px per km
    size = {"width": _MAP_WIDTH, "height": round((high - low) * scale)}
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[left, right], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[low, high], nice=False, zero=False))
    plane = alt.Projection(type="identity", reflectY=True, scale=scale, translate=[-left * scale, high * scale])
    ground = (
        named("borders").mark_geoshape(filled=False, stroke="#a9b2bd", strokeWidth=0.7).properties(projection=plane)
    )
    layers: list[alt.Chart] = [ground]
    base = named("rows").encode(x=x, y=y)
    seats = named("seats").encode(x=x, y=y)
    if many:
        layers += [
            named("ways").mark_geoshape(filled=False, stroke=PALETTE[2], strokeWidth=0.6).properties(projection=plane),
            base.mark_point(filled=True, size=7, color=PALETTE[2], opacity=1),
            seats.mark_point(filled=True, shape="diamond", size=55, color=PALETTE[0], stroke="white", opacity=1),
        ]
    else:
        colours = [PALETTE[i % len(PALETTE)] for i in range(len(groups))]
        shapes = [SHAPES[i % len(SHAPES)] for i in range(len(groups))]
        legend = alt.Legend(orient="bottom", columns=2, offset=12)
        colour = alt.Color("group:N", scale=alt.Scale(domain=list(groups), range=colours), legend=legend)
        shape = alt.Shape("group:N", scale=alt.Scale(domain=list(groups), range=shapes), legend=legend)
        layers += [
            base.mark_rule(strokeWidth=1).encode(x2=alt.X2("sx:Q"), y2=alt.Y2("sy:Q"), color=colour),
            base.mark_point(filled=True, size=60, opacity=1, stroke="white", strokeWidth=0.8).encode(
                color=colour, shape=shape
            ),
            seats.mark_point(filled=True, size=190, opacity=1, stroke=INK, strokeWidth=1.4).encode(
                color=colour, shape=shape
            ),
            seats.mark_text(dy=-14, fontSize=11.5, fontWeight="bold", stroke="white", strokeWidth=3).encode(
                text=alt.Text("name:N")
            ),
            seats.mark_text(dy=-14, fontSize=11.5, fontWeight="bold").encode(text=alt.Text("name:N")),
        ]
    ways = [[(p.x, p.y), (p.seat_x, p.seat_y)] for p in places]
    data = {
        "borders": [_shape(lines)],
        "ways": [_shape(ways)],
        "rows": rows,
        "seats": [r for r in rows if r["seat"]],
    }
    return draw(alt.layer(*layers).properties(**size), data, lang)


def _shape(lines: Sequence[Sequence[tuple[float, float]]]) -> dict[str, Any]:
    """Return lines as one shape: a mark per line would take most of a picture's time."""
    return {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": list(lines)}}


def _box(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    xs, ys = zip(*points, strict=True)
    margin = 4.0
    return (min(xs) - margin, max(xs) + margin), (min(ys) - margin, max(ys) + margin)


@dataclass(frozen=True, slots=True)
class Date:
    """One event in the calendar."""

    row: str
    kind: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class Closed:
    """Days on which nothing takes place."""

    name: str
    start: dt.date
    end: dt.date


def calendar(
    dates: Sequence[Date], rows: Sequence[str], kinds: Sequence[str], closed: Sequence[Closed], lang: Lang
) -> str:
    """Draw months from left to right and one row per cohort, closed periods shaded.

    Parameters
    ----------
    dates
        All events.
    rows
        Names of the rows, top to bottom.
    kinds
        Kinds of events in a fixed order; each has its own colour and shape.
    closed
        Periods without events.
    lang
        Language of month names.

    Returns
    -------
    str
        The picture as outlined SVG.
    """
    order = [wrapped(row, 24) for row in rows]
    values: Rows = [
        {"row": wrapped(d.row, 24), "kind": d.kind, "start": _noon(d.start), "end": _noon(d.end)} for d in dates
    ]
    shaded: Rows = [{"start": _noon(c.start), "end": _noon(c.end), "name": c.name} for c in closed]
    span = [f"{min(d.start for d in dates).replace(day=1).isoformat()}T00:00:00Z", _noon(max(d.end for d in dates))]
    x = alt.X(
        "start:T",
        title=None,
        scale=alt.Scale(type="utc", domain=span),
        axis=alt.Axis(tickCount={"interval": "month", "step": 1}, labelExpr=_MONTH, grid=True, labelFlush=False),
    )
    shade = named("shaded").mark_rect(color=SHADE, clip=True).encode(x=x, x2=alt.X2("end:T"))
    base = named("rows").encode(
        y=row_axis(order, grid=True),
        x=x,
    )
    shown = [k for k in kinds if any(d.kind == k for d in dates)]
    mark = base.mark_point(filled=True, size=80, opacity=1, stroke="white", strokeWidth=0.8).encode(
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=list(kinds), range=list(PALETTE[: len(kinds)])),
            legend=alt.Legend(values=shown, columns=4),
        ),
        shape=alt.Shape(
            "kind:N",
            scale=alt.Scale(domain=list(kinds), range=list(SHAPES[: len(kinds)])),
            legend=alt.Legend(values=shown, columns=4),
        ),
    )
    size = {"width": WIDTH - 190, "height": row_height(order, 30) * len(rows)}
    return draw(alt.layer(shade, *row_labels(order), mark).properties(**size), {"rows": values, "shaded": shaded}, lang)


def _noon(day: dt.date) -> str:
    return f"{day.isoformat()}T12:00:00Z"


def cost_bars(lines: Sequence[tuple[str, float, str]], axis: str, lang: Lang) -> str:
    """Draw cost lines as bars with their amounts.

    Parameters
    ----------
    lines
        Name, euros and label of every line, largest first.
    axis
        What the horizontal axis shows.
    lang
        Language of the axis' numbers.

    Returns
    -------
    str
        The picture as outlined SVG.
    """
    order = [wrapped(name, 34) for name, _euros, _label in lines]
    rows: Rows = [
        {"row": name, "euros": euros, "label": label} for name, (_raw, euros, label) in zip(order, lines, strict=True)
    ]
    base = named("rows").encode(y=row_axis(order))
    x = alt.X("euros:Q", title=axis, axis=alt.Axis(format=",.0f", tickCount=5, gridColor=LINE, domainColor=QUIET))
    bar = base.mark_bar(height=17, color=PALETTE[0]).encode(x=x)
    text = base.mark_text(align="left", dx=6).encode(x=alt.X("euros:Q"), text=alt.Text("label:N"))
    size = {"width": WIDTH - 330, "height": row_height(order, 30) * len(rows)}
    return draw(alt.layer(*row_labels(order), bar, text).properties(**size), {"rows": rows}, lang)
