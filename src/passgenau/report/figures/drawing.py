"""From an Altair chart to a picture of outlines that looks the same everywhere."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt
import numpy as np
import typst
import vl_convert as vlc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.text import Lang

FONT = "Liberation Sans"  # comes with vl-convert, so no machine's own fonts play a part
WIDTH = 700  # px of a figure as wide as the text
INK = "#1a1d21"
QUIET = "#4d5560"
LINE = "#d5dae1"
SHADE = "#e6e9ee"
_LINE_HEIGHT = 14  # px

# Blue, vermilion, green, purple, ochre, grey: told apart by colour-blind readers, and their
# lightness steps tell the first ones apart in greyscale too. Shapes always differ as well.
PALETTE = ("#12406b", "#d9701a", "#3f8f6b", "#7a4e9c", "#b99a1c", "#6b7480", "#3f9cc4", "#a33b4e")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")

_VERSION = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
_PAGE = b'#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image("chart.pdf")'
_SPACE = re.compile(r">\s+<")
_GLYPH = re.compile(r'<path id="(g\d+)" d="([^"]*)"/>')
_USE = re.compile(r'<use xlink:href="#(g\d+)" transform="([^"]*)"')
_POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
_NUMBERS = str.maketrans(dict.fromkeys("MLQCZ,", " "))  # leaves the coordinates of a path
_COMMANDS = str.maketrans(dict.fromkeys("0123456789.,- "))  # leaves its commands
_DECIMAL = re.compile(r"-?\d+\.\d{3,}")
_INNER = re.compile(rb"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


Rows: TypeAlias = "list[dict[str, str | float | bool]]"
"""Data of a chart: one mapping per mark."""


def _config() -> dict[str, Any]:
    label = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    return {
        "font": FONT,
        "aria": False,  # Vega's own descriptions are English; the figure's text alternative stands outside
        "background": "white",
        "view": {"stroke": None},
        "axis": label
        | {"gridColor": LINE, "domainColor": QUIET, "tickColor": QUIET, "labelLimit": 0, "labelLineHeight": 14},
        "axisY": {"grid": False, "ticks": False, "domain": False, "labelPadding": 8},
        "legend": label
        | {"orient": "top", "title": None, "symbolSize": 110, "labelLimit": 0, "columnPadding": 22, "offset": 10},
        "text": {"fontSize": 12, "color": INK},
        "header": label,
        "title": {"color": INK, "fontSize": 13, "anchor": "start", "fontWeight": "bold"},
        "padding": 4,
    }


def draw(chart: alt.LayerChart | alt.FacetChart, data: Mapping[str, Rows], lang: Lang) -> str:
    """Return a chart as SVG whose letters are outlines.

    Text in an SVG depends on the fonts of whoever opens it, and PDF/UA takes no embedded PDF.
    So the chart becomes a PDF with its font first, and Typst turns the glyphs of that into paths.

    Parameters
    ----------
    chart
        An Altair chart whose layers name their data with `named`.
    data
        The rows by that name. They go past Altair, which would copy and check every number.
    lang
        Language of month names and of the decimal sign on axes.

    Returns
    -------
    str
        A self-contained SVG: no text, no fonts, no links.
    """
    spec = chart.to_dict(validate=False)
    spec |= {"config": _config(), "datasets": spec.get("datasets", {}) | dict(data)}
    _own_fonts()
    svg = vlc.vegalite_to_svg(
        spec,
        vl_version=_VERSION,
        format_locale="de-DE" if lang == "de" else "en-GB",
        time_format_locale="de-DE" if lang == "de" else "en-GB",
        allowed_base_urls=[],
    )
    return outlined(svg)


def named(name: str) -> alt.Chart:
    """Return an empty chart on the data that `draw` receives under `name`."""
    return alt.Chart(alt.NamedData(name=name))


def outlined(svg: str) -> str:
    """Return an SVG with every letter turned into a path."""
    _own_fonts()
    with TemporaryDirectory(prefix="passgenau-") as folder:
        page = Path(folder) / "page.typ"
        page.write_bytes(_PAGE)
        page.with_name("chart.pdf").write_bytes(vlc.svg_to_pdf(svg))
        pages: Any = typst.compile(page, format="svg", ignore_system_fonts=True, timestamp=0)
    picture = pages[0] if isinstance(pages, list) else pages
    inner = _INNER.search(picture)
    return compact((b64decode(inner[1]) if inner else picture).decode())


@cache
def _own_fonts() -> None:
    """Let vl-convert load its own fonts and none of the machine's; it does so once, when it is first used.

    A font of the machine would win over its own of the same name, pictures would differ from machine
    to machine, and its file would be opened anew for every letter.
    """
    name = "FONTCONFIG_FILE"
    before = os.environ.get(name)
    with as_file(files("passgenau.report.figures").joinpath("fonts.conf")) as config:
        os.environ[name] = str(config)
        try:
            vlc.svg_to_pdf('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">a</text></svg>')
        finally:
            del os.environ[name]
            if before is not None:
                os.environ[name] = before


def compact(svg: str) -> str:
    """Return the same picture with every glyph stored once and numbers rounded to a hundredth of a pixel.

    The outlines arrive as one shape per letter of the text, each at its own place in the line.
    """
    shapes: dict[bytes, str] = {}  # outline relative to its start, in tenths of a pixel → id of the first that has it
    places: dict[str, tuple[str, float, float]] = {}  # glyph id → shared id, offset

    def keep_once(match: re.Match[str]) -> str:
        name, path = match[1], match[2]
        numbers = np.array(path.translate(_NUMBERS).split(), dtype=np.float64)
        if not numbers.size:
            places[name] = ("", 0.0, 0.0)  # a space
            return ""
        points = numbers.reshape(-1, 2)
        dx, dy = points[0]
        shape = np.round(10 * (points - points[0])).astype(np.int32).tobytes() + path.translate(_COMMANDS).encode()
        places[name] = (shapes.setdefault(shape, name), dx, dy)
        if shapes[shape] != name:
            return ""
        moved = _POINT.sub(lambda m: f"{float(m[1]) - dx:.1f} {float(m[2]) - dy:.1f}", path)
        return f'<path id="{name}" d="{moved.replace(".0", "")}"/>'

    def use(match: re.Match[str]) -> str:
        shared, dx, dy = places.get(match[1], (match[1], 0.0, 0.0))
        return f'<use xlink:href="#{shared}" transform="{match[2]} translate({dx} {dy})"' if shared else "<use"

    svg = _SPACE.sub("><", svg)
    svg = _GLYPH.sub(keep_once, svg)
    svg = _USE.sub(use, svg)
    return _DECIMAL.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), svg)


@cache
def raster(svg: str, scale: float = 2.5) -> bytes:
    """Return an outlined SVG as PNG, for word processors that draw no SVG."""
    _own_fonts()
    return vlc.svg_to_png(svg, scale=scale)


def wrapped(text: str, width: int) -> str:
    r"""Return `text` broken into lines of about `width` characters, joined by ``\n``."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def row_labels(rows: Sequence[str]) -> list[alt.Chart]:
    r"""Return layers that name the rows of the field `row`, several lines centred on their row.

    Vega puts the first line of an axis label on the row's middle, so the labels are marks of
    their own: one layer per number of lines, shifted by half of the lines added.

    Parameters
    ----------
    rows
        Names in order, lines joined by ``\n``, as the charts' data hold them.
    """
    layers = []
    for lines in sorted({row.count("\n") for row in rows}):
        data = alt.InlineData(values=[{"row": row} for row in rows if row.count("\n") == lines])
        mark = alt.Chart(data).mark_text(
            align="right",
            baseline="middle",
            dx=-10,
            dy=-lines * _LINE_HEIGHT / 2,
            lineHeight=_LINE_HEIGHT,
            lineBreak="\n",
        )
        layers.append(mark.encode(x=alt.value(0), y=row_axis(rows), text=alt.Text("row:N")))
    return layers


def row_axis(rows: Sequence[str], *, grid: bool = False) -> alt.Y:
    """Return the vertical axis of a chart with one row per name; `row_labels` writes the names."""
    axis = alt.Axis(labels=False, grid=True, ticks=False, domain=False) if grid else None
    return alt.Y("row:N", sort=list(rows), title=None, axis=axis)


def row_height(rows: Sequence[str], height: int) -> int:
    """Return the height of a row that holds the tallest label, at least `height`."""
    return max(height, _LINE_HEIGHT * max(row.count("\n") + 1 for row in rows) + 6)
