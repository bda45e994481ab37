"""A small population and a questionnaire with every type of question, for simulations."""

from passgenau.frame import Frame, Unit
from passgenau.frame.units import size_class_of
from passgenau.survey import Questionnaire


def town(number: int, population: int, region: str = "Nord") -> Unit:
    """Return a municipality that does not exist."""
    return Unit(
        key=f"99{number:06d}",
        name=f"Musterort {number}",
        label=f"Musterort {number}",
        tier="municipality",
        type="Gemeinde",
        state="99",
        district=f"9900{number % 5}",
        district_label=f"Musterkreis {number % 5}",
        region=region,
        population=population,
        area_km2=10.0,
        lat=48.0,
        lon=9.0,
        postcode=None,
        urbanisation=3,
        size_class=size_class_of(population),
    )


def county(number: int) -> Unit:
    """Return a district that does not exist."""
    return Unit(
        key=f"98{number:03d}",
        name=f"Kreis {number}",
        label=f"Kreis {number}",
        tier="district",
        type="Landkreis",
        state="98",
        district=f"98{number:03d}",
        district_label=f"Kreis {number}",
        region="Süd",
        population=100_000 + 1000 * number,
        area_km2=500.0,
        lat=48.0,
        lon=9.0,
        postcode=None,
        urbanisation=2,
        size_class=None,
    )


FRAMES = {
    "counties": Frame("counties", tuple(county(number) for number in range(30)), ()),
    "towns": Frame("towns", tuple(town(n, 1500 + 400 * n, "Nord" if n % 2 else "Süd") for n in range(200)), ()),
}
QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "languages": ["de", "en"],
        "scales": {
            "five": {"points": [{"id": str(p), "value": p, "agrees": p > 3} for p in range(1, 6)]},
            "falling": {"points": [{"id": "much", "agrees": True}, {"id": "some"}, {"id": "none"}]},
        },
        "questions": [
            {"id": "intro", "type": "information", "text": "Guten Tag"},
            {
                "id": "stage",
                "type": "single",
                "text": "Stand?",
                "required": True,
                "no_answer": {},
                "other": {},
                "items": [{"id": "running", "text": "läuft"}, {"id": "planned", "text": "geplant"}],
            },
            {
                "id": "wishes",
                "type": "multiple",
                "kind": "wish",
                "text": "Wünsche?",
                "max_answers": 2,
                "items": [
                    {"id": "care", "text": "Pflege", "comment": True},
                    {"id": "housing", "text": "Wohnen"},
                    {"id": "big", "text": "Großes", "show_if": "@population >= 20000"},
                    {"id": "none", "text": "nichts davon", "exclusive": True},
                ],
                "other": {},
            },
            {"id": "rating", "type": "scale", "text": "Note?", "scale": "five", "show_if": "stage = running"},
            {
                "id": "fields",
                "type": "matrix",
                "text": "Felder?",
                "scale": "falling",
                "second_scale": "five",
                "items": [{"id": "care", "text": "Pflege"}, {"id": "housing", "text": "Wohnen"}],
                "audiences": ["towns"],
            },
            {
                "id": "order",
                "type": "ranking",
                "text": "Reihenfolge?",
                "max_answers": 2,
                "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}, {"id": "c", "text": "C"}],
            },
            {"id": "days", "type": "number", "text": "Tage?", "minimum": 1, "maximum": 10, "comment": "Warum?"},
            {
                "id": "grid",
                "type": "number",
                "text": "Wie viele?",
                "items": [{"id": "x", "text": "X"}],
                "columns": [{"id": "now", "text": "jetzt"}, {"id": "then", "text": "später"}],
            },
            {"id": "since", "type": "date", "text": "Seit wann?"},
            {"id": "remarks", "type": "text", "text": "Sonst?"},
            {"id": "plan", "type": "file", "text": "Plan"},
            {"id": "score", "type": "computed", "text": "Punkte"},
        ],
    }
)
