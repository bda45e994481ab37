"""How a Basis spreads over time: readings of the wished frequency, and the way of small towns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum.model import Track
from passgenau.curriculum.wording import days, in_days, number
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.curriculum.decisions import CurriculumDecisions
    from passgenau.curriculum.model import Programme

SMALL_TOWNS = "small-towns"
"""Id of the track of small towns."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of spreading: what a year holds, and for how many years."""

    id: str
    text: Text
    blocks_per_year: int
    days_per_year: float
    years: int


def tracks(programme: Programme, decisions: CurriculumDecisions, units_per_day: int) -> tuple[Track, ...]:
    """Return one track per reading of the frequency, and the small towns' one for municipalities."""
    ways = [
        _Way(f.id, f.text, f.blocks_per_year, f.blocks_per_year * f.days_per_block, f.years)
        for f in decisions.frequency
    ]
    small = decisions.small_towns
    if small is not None and programme.tier == "municipality":
        limit, shown = number(small.population_below), days(small.days_per_year)
        name = Text(
            f"Kleine Kommunen unter {limit.de} Einwohnerinnen und Einwohnern: {shown.de} im Jahr, "
            f"{small.years} Jahre lang",
            f"Small towns below {limit.en} inhabitants: {shown.en} a year for {small.years} years",
        )
        meetings = max(1, round(small.days_per_year))
        ways.append(_Way(SMALL_TOWNS, name, meetings, small.days_per_year, small.years))
    return tuple(_track(way, programme, units_per_day) for way in ways)


def _track(way: _Way, programme: Programme, units_per_day: int) -> Track:
    sizes = {place.module: place.contact_units for place in programme.basis}
    years = spread(sizes, way.days_per_year * units_per_day)
    fits = years is not None and len(years) <= way.years
    return Track(
        id=way.id,
        text=way.text,
        tier=programme.tier,
        blocks_per_year=way.blocks_per_year,
        days_per_year=way.days_per_year,
        years=way.years,
        fits=fits,
        modules_per_year=(years or ())[: way.years],
        sentence=_sentence(way, programme, years, units_per_day),
    )


def spread(sizes: Mapping[str, int], units_per_year: float) -> tuple[tuple[str, ...], ...] | None:
    """Distribute modules over years in teaching order, as many per year as fit.

    Parameters
    ----------
    sizes
        Contact units per module, in teaching order; the order keeps prerequisites first.
    units_per_year
        Contact units that a year holds.

    Returns
    -------
    The modules of each year, or None where one module alone is longer than a year allows.
    """
    if any(size > units_per_year for size in sizes.values()):
        return None
    years: list[list[str]] = []
    left = 0.0
    for module, size in sizes.items():
        if not years or size > left:
            years.append([])
            left = units_per_year
        years[-1].append(module)
        left -= size
    return tuple(tuple(year) for year in years)


def _sentence(way: _Way, programme: Programme, years: Sequence[Sequence[str]] | None, units_per_day: int) -> Text:
    need, have = days(programme.contact_units / units_per_day), in_days(way.days_per_year)
    if years is None:
        return Text(
            f"Ein einzelnes Modul ist länger als {have.de} im Jahr; so lässt sich die Basis nicht verteilen.",
            f"A single module is longer than {have.en} a year; the Basis cannot be spread this way.",
        )
    if len(years) <= way.years:
        inside = (
            Text("einem Jahr", "one year") if len(years) == 1 else Text(f"{len(years)} Jahren", f"{len(years)} years")
        )
        return Text(
            f"Die Basis ({need.de}) passt: Mit {have.de} im Jahr ist sie in {inside.de} abgeschlossen.",
            f"The Basis ({need.en}) fits: with {have.en} a year it is completed in {inside.en}.",
        )
    planned = Text("vorgesehen ist eines", "one is planned")
    if way.years > 1:
        planned = Text(f"vorgesehen sind {way.years}", f"{way.years} are planned")
    return Text(
        f"Die Basis ({need.de}) passt nicht: Mit {have.de} im Jahr braucht sie {len(years)} Jahre, {planned.de}.",
        f"The Basis ({need.en}) does not fit: with {have.en} a year it takes {len(years)} years, {planned.en}.",
    )
