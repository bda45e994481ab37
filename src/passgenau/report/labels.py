"""The few words that the writers themselves add, in both languages."""

from __future__ import annotations

from passgenau.text import Text

SKIP = Text("Zum Inhalt springen", "Skip to content")
CONTENTS = Text("Inhalt", "Contents")
FIGURE = Text("Abbildung", "Figure")
TABLE = Text("Tabelle", "Table")
DATA = Text("Daten zu", "Data of")
SHOW_DATA = Text("Daten als Tabelle", "Data as a table")
FIGURE_DATA = Text("Daten zu den Abbildungen", "Data of the figures")
NOTE = Text("Anmerkung:", "Note:")
SCROLL = Text("Breite Tabelle: seitlich scrollen", "Wide table: scroll sideways")
ATTRIBUTION = Text("Quellen der Daten", "Sources of the data")
IMPRINT = Text("Zu diesem Bericht", "About this report")
PAGE = Text("Seite", "Page")
OF = Text("von", "of")
UPDATE = Text(
    "Inhaltsverzeichnis: in der Textverarbeitung mit F9 aktualisieren.",
    "Table of contents: update with F9 in the word processor.",
)
CODE = {"de": "de-DE", "en": "en-GB"}
