"""One self-contained HTML file: works without scripts and without a network, prints well."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from passgenau.report import labels
from passgenau.report.outline import column_weights, outline
from passgenau.report.picture import size_of

if TYPE_CHECKING:
    from passgenau.report.model import Element, Report, Table

_MANY_COLUMNS = 3  # from here on a table may need to scroll on a phone


def write_html(report: Report) -> str:
    """Return the report as one HTML document.

    Pictures stand inside as data addresses, the style sheet in the head; nothing is loaded from
    anywhere. Every text is escaped by the template engine.

    Parameters
    ----------
    report
        The report. Links to ids that do not exist raise `ValueError`.

    Returns
    -------
    str
        The document, with LF line ends.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(report=report, outline=outline(report), css=_css(), say=_labels(report))


def _labels(report: Report) -> dict[str, str]:
    return {
        name.lower(): getattr(labels, name).into(report.lang)
        for name in vars(labels)
        if name.isupper() and name != "CODE"
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("passgenau.report"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shares"] = _shares
    environment.filters["kind"] = _kind
    environment.filters["picture"] = _picture
    environment.filters["size"] = size_of
    environment.filters["scrolls"] = lambda table: table.wide or len(table.columns) >= _MANY_COLUMNS
    return environment


@cache
def _css() -> Markup:
    return Markup(files("passgenau.report").joinpath("templates/report.css").read_text("utf-8"))  # noqa: S704 -- our own file


def _shares(table: Table) -> list[float]:
    """Return the columns' shares of the width, in percent."""
    weights = column_weights(table)
    return [round(100 * weight / sum(weights), 1) for weight in weights]


def _kind(element: Element) -> str:
    return type(element).__name__


def _picture(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode("ascii")
