"""Answers of two small populations, made by hand: ten districts and forty towns in two size classes and regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

from passgenau.findings import Assumptions, Findings, KnownTotal, Prepared, Weights, analyse_responses, prepare
from passgenau.frame.units import Frame, Unit, size_class_of
from passgenau.survey import Delivered, Questionnaire, Responses
from passgenau.survey.typed import type_answers
from passgenau.text import Text

NAMES = {"districts": Text("Kreise", "districts"), "towns": Text("Städte", "towns")}
QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "scales": {
            "agree": {
                "points": [
                    {"id": "no", "value": 1, "text": {"de": "nein"}},
                    {"id": "rather", "value": 2, "text": {"de": "eher"}, "agrees": True},
                    {"id": "yes", "value": 3, "text": {"de": "ja"}, "agrees": True},
                ]
            }
        },
        "questions": [
            {
                "id": "wishes",
                "type": "multiple",
                "kind": "wish",
                "text": "Was wünschen Sie?",
                "items": [
                    {"id": "care", "text": "Pflege", "topic": "care"},
                    {"id": "housing", "text": "Wohnen", "topic": "housing"},
                ],
            },
            {
                "id": "started",
                "type": "single",
                "text": "Schon begonnen?",
                "items": [{"id": "yes", "text": "ja"}, {"id": "no", "text": "nein"}],
            },
            {
                "id": "since",
                "type": "number",
                "text": "Seit wie vielen Jahren?",
                "unit": "Jahre",
                "show_if": "started = yes",
            },
            {
                "id": "views",
                "type": "matrix",
                "text": "Stimmt das?",
                "scale": "agree",
                "items": [{"id": "time", "text": "Zeit fehlt"}],
            },
        ],
    }
)
COLUMNS = ("wishes_care", "wishes_housing", "started", "since", "views_time")


def unit(number: int, *, district: bool = False) -> Unit:
    """Return the unit of that number; every fourth town is a larger one, every third lies in the south."""
    population = 200_000 if district else 8_000 if number % 4 == 0 else 2_000
    key = f"98{number:03d}" if district else f"97001{number:03d}"
    return Unit(
        key=key,
        name=key,
        label=f"Ort {number}",
        tier="district" if district else "municipality",
        type="Landkreis" if district else "Gemeinde",
        state=key[:2],
        district=key[:5],
        district_label="Kreis A" if number % 2 else "Kreis B",
        region="Nord" if number % 3 else "Süd",
        population=population,
        area_km2=10.0,
        lat=48.0,
        lon=9.0,
        postcode=None,
        urbanisation=None,
        size_class=None if district else size_class_of(population),
    )


FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "districts": Frame("districts", tuple(unit(n, district=True) for n in range(10)), ()),
        "towns": Frame("towns", tuple(unit(n) for n in range(40)), ()),
    }
)


def town(number: int) -> str:
    """Return the key of a town."""
    return FRAMES["towns"].units[number].key


def district(number: int) -> str:
    """Return the key of a district."""
    return FRAMES["districts"].units[number].key


def sheet(organisation: str, *answers: str | None, disposition: str = "complete") -> dict[str, str | None]:
    """Return one sheet; answers in the order of `COLUMNS`, missing ones empty."""
    padded = (*answers, *([None] * (len(COLUMNS) - len(answers))))
    row = {"organisation": organisation, "disposition": disposition}
    return row | dict(zip(COLUMNS, padded, strict=True))


def responses(sheets: Sequence[Mapping[str, str | None]]) -> Responses:
    """Return typed answers."""
    table = pl.DataFrame(list(sheets), schema=dict.fromkeys(("organisation", "disposition", *COLUMNS), pl.String))
    delivered = Delivered(
        table, {name: name for name in COLUMNS}, {"organisation": "organisation", "disposition": "disposition"}
    )
    return type_answers(delivered, QUESTIONNAIRE, FRAMES)


def many() -> list[dict[str, str | None]]:
    """Return one sheet of seven districts and of twenty towns, ten of them larger ones."""
    sheets = [sheet(district(n), "1", str(n % 2), "yes", str(n), "yes") for n in range(7)]
    towns = [n for n in range(40) if n % 4 == 0] + [n for n in range(40) if n % 4 == 1]
    for n in towns:
        large = n % 4 == 0
        started = "yes" if large else "no"
        sheets.append(sheet(town(n), "1" if large else "0", "1", started, "4" if large else None, "no"))
    return sheets


def prepared(sheets: Sequence[Mapping[str, str | None]], **options: object) -> Prepared:
    """Return answers ready to be analysed."""
    return prepare(responses(sheets), FRAMES, **options)  # type: ignore[arg-type]


def findings(
    ready: Prepared,
    totals: Sequence[KnownTotal] = (),
    threshold: int = 5,
    strata: Sequence[str] = ("size_class", "region"),
) -> Findings:
    """Return what the answers say."""
    return analyse_responses(
        ready,
        names=NAMES,
        assumptions=Assumptions(),
        known_totals=totals,
        strata=strata,  # type: ignore[arg-type]
        threshold=threshold,
    )


WEIGHTS = Weights(margins=("size_class", "region"))
