"""The figures: outlines only, the same everywhere, and rows that say what they hold."""

from __future__ import annotations

import os
import re

from PIL import Image

from passgenau.report.figures.concept import Choice, firmness
from passgenau.report.figures.drawing import PALETTE, SHAPES, compact, outlined, raster, wrapped
from passgenau.report.figures.shares import Dot, dot_intervals
from passgenau.report.model import Span, Table
from passgenau.report.outline import column_weights
from passgenau.report.picture import size_of, width_of

DOTS = (
    Dot("Pflege bzw. Altenhilfe", "Landkreise", 0.46, 0.26, 0.66, "46\u202f%"),
    Dot("Pflege bzw. Altenhilfe", "Städte und Gemeinden", 0.29, 0.2, 0.4, "29\u202f%"),
    Dot("Wohnen", "Landkreise", 0.25, None, None, "25\u202f%"),
)
GROUPS = ("Landkreise", "Städte und Gemeinden")


def drawn() -> str:
    return dot_intervals(DOTS, GROUPS, "Anteil <der> Bögen & mehr", "de")


def test_a_figure_is_made_of_outlines_and_loads_nothing() -> None:
    svg = drawn()
    tags = set(re.findall(r"<([a-zA-Z]+)", svg))
    assert tags <= {"svg", "g", "path", "use", "defs", "clipPath", "rect"}
    assert not re.search(r'(?:xlink:)?href="(?!#)', svg)


def test_a_figure_is_the_same_at_every_call() -> None:
    assert drawn() == drawn()


def test_fonts_of_the_machine_play_no_part() -> None:
    words = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="{}" y="9">a</text></svg>'
    assert "<path" in outlined(words.format("Liberation Sans"))
    assert "<path" not in outlined(words.format("DejaVu Sans"))  # which most machines have
    assert "FONTCONFIG_FILE" not in os.environ


def test_groups_differ_in_colour_and_in_lightness() -> None:
    svg = drawn()
    assert PALETTE[0] in svg
    assert PALETTE[1] in svg
    first, second = (_lightness(colour) for colour in PALETTE[:2])
    assert abs(first - second) > 60  # of 255: apart in greyscale, too
    assert len(set(SHAPES)) == len(SHAPES)


def test_every_use_of_a_glyph_has_its_outline() -> None:
    svg = drawn()
    used = set(re.findall(r'xlink:href="#(g\d+)"', svg))
    assert used
    assert used <= set(re.findall(r'<path id="(g\d+)"', svg))


def test_compacting_stores_a_letter_once_and_moves_nothing() -> None:
    before = (
        '<svg viewBox="0 0 9 9"><use xlink:href="#g0" transform="translate(1 2)" fill="#000"/>\n'
        '<use xlink:href="#g1" transform="translate(1 2)" fill="#000"/>'
        '<defs><path id="g0" d="M1,1 L2,3 Z"/><path id="g1" d="M5,1 L6,3 Z"/></defs></svg>'
    )
    after = compact(before)
    assert after.count("<path") == 1
    assert 'd="M0 0 L1 2 Z"' in after
    assert re.findall(r'transform="([^"]*)"', after) == [
        "translate(1 2) translate(1.0 1.0)",
        "translate(1 2) translate(5.0 1.0)",
    ]


def test_its_raster_shows_ink_on_white() -> None:
    import io  # noqa: PLC0415 -- only here

    picture = Image.open(io.BytesIO(raster(drawn()))).convert("L")
    assert picture.getpixel((1, 1)) == 255
    assert picture.getextrema()[0] < 60


def test_a_picture_keeps_its_natural_size_up_to_the_text_width() -> None:
    svg = firmness([Choice("Modul", 0.8, "Basis", "80 %")], [(0.75, "wahrscheinlich")], "Anteil", "de")
    width, height = size_of(svg)
    assert 0 < width_of(svg) <= 1
    assert width > height


def test_long_labels_wrap_between_words() -> None:
    assert wrapped("Methoden zur Aktivierung und Beteiligung", 20) == "Methoden zur\nAktivierung und\nBeteiligung"
    assert wrapped("kurz", 20) == "kurz"


def test_columns_hold_their_longest_word_and_share_the_rest() -> None:
    def row(*cells: str) -> tuple[tuple[Span, ...], ...]:
        return tuple((Span(c),) for c in cells)

    table = Table(
        "t", "c", ("Modul", "n", "Text"), (row("Quartiersgespräche", "1", "lang " * 60),), ("left", "right", "left")
    )
    module, count, text = column_weights(table)
    assert module >= len("Quartiersgespräche")
    assert count < module < text


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue
