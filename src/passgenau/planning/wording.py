"""Numbers and names inside the sentences of a plan."""

from __future__ import annotations

from passgenau.text import Text

TIER_NAMES = {
    "district": Text("Landkreise", "districts"),
    "municipality": Text("Städte und Gemeinden", "towns and municipalities"),
}


def number(value: float, digits: int = 0) -> Text:
    """Return a number in German and English notation."""
    english = f"{value:,.{digits}f}"
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def euros(value: float) -> Text:
    """Return whole euros in German and English notation."""
    amount = number(value)
    return Text(f"{amount.de} €", f"€{amount.en}")


def sentence(de: str, en: str, **values: Text) -> Text:
    """Fill a pair of patterns, each with the wording of its language."""
    return Text(
        de.format(**{key: value.de for key, value in values.items()}),
        en.format(**{key: value.into("en") for key, value in values.items()}),
    )
