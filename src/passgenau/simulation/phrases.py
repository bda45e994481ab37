"""Invented open answers: written for simulations, said by nobody."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, ...]] = {
    "de": (
        "Uns fehlt vor allem Zeit im Tagesgeschäft.",
        "Mehr Austausch mit Kommunen ähnlicher Größe wäre hilfreich.",
        "Bitte praxisnah und mit Beispielen aus kleinen Gemeinden.",
        "Wie gewinnt man Ehrenamtliche für längere Zeit?",
        "Fördermittel: Wer darf was beantragen?",
        "Barrierefreie Wohnungen im Ortskern",
        "Ein fester Ansprechpartner beim Landkreis würde viel erleichtern.",
        "Nicht noch mehr Theorie.",
        "Pflege und Nachbarschaftshilfe zusammen denken",
        "Termine bitte nicht in der Haushaltsplanung.",
        "Bisher keine Erfahrung, wir fangen gerade erst an.",
        "Moderation von Bürgerversammlungen",
        "Wie kommen wir an Daten zur Altersstruktur unserer Ortsteile?",
        "Gute Erfahrungen mit einem Runden Tisch.",
        "Mobilität im ländlichen Raum, Bürgerbus",
        "Es hängt am Ende an einzelnen Personen.",
        "Online gern, aber nicht nur.",
        "Zusammenarbeit mit Wohnungsbaugesellschaften",
    ),
    "en": (
        "Time is what we lack most.",
        "More exchange with municipalities of our size would help.",
        "Practical, please, with examples from small places.",
        "Who may apply for which funding?",
        "Housing without barriers in the centre",
    ),
}
"""By language; languages without phrases use the German ones."""

MARK = {"de": "[erfunden]", "en": "[made up]"}
"""Stands before every invented text, so that nobody takes it for an answer even outside its file."""


def phrases(language: str | None) -> tuple[str, ...]:
    """Return the invented answers of a language, each marked as such."""
    code = (language or "de").split("-")[0]
    known = code if code in PHRASES else "de"
    return tuple(f"{MARK[known]} {phrase}" for phrase in PHRASES[known])
