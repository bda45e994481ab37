"""LimeSurvey's question types, their fixed answers, and the words it shows of its own accord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import QuestionType

TYPES: dict[str, QuestionType] = {
    "5": "scale",
    "A": "matrix",
    "B": "matrix",
    "C": "matrix",
    "D": "date",
    "E": "matrix",
    "F": "matrix",
    "G": "single",
    "H": "matrix",
    "I": "single",
    "J": "text",
    "K": "number",
    "L": "single",
    "M": "multiple",
    "N": "number",
    "O": "single",
    "P": "multiple",
    "Q": "text",
    "R": "ranking",
    "S": "text",
    "T": "text",
    "U": "text",
    "W": "single",
    "X": "information",
    "Y": "single",
    "Z": "single",
    "^": "number",
    "!": "single",
    "1": "matrix",
    ":": "number",
    ";": "text",
    "|": "file",
    "*": "computed",
}
"""What each of LimeSurvey's types is here; J, W, Z and ^ belong to versions before 2."""

WITH_ROWS = frozenset("ABCEFHKMPQ1:;^")
"""Types whose rows are subquestions."""
WITH_COLUMNS = frozenset(":;")
"""Types whose columns are subquestions, too."""
WITH_ANSWERS = frozenset("FHLORWZ!1")
"""Types whose answers are listed in the file."""
LABELLED = frozenset("FHWZ:;1^")
"""Types that took their answers from a label set, up to LimeSurvey 1.90."""
NO_ANSWER_SHOWN = frozenset("5ABCEFGHLOYWZ!1")
"""Types beside which LimeSurvey offers “no answer” where the survey wants it and the question is optional."""
LINES = {"S": 1, "T": 5, "U": 30}
"""Lines of a text field, unless `display_rows` says otherwise."""

FIXED_SCALES: dict[str, tuple[str, tuple[tuple[str, float | None], ...]]] = {
    "5": ("points_1_to_5", tuple((str(n), float(n)) for n in range(1, 6))),
    "A": ("points_1_to_5", tuple((str(n), float(n)) for n in range(1, 6))),
    "B": ("points_1_to_10", tuple((str(n), float(n)) for n in range(1, 11))),
    "C": ("yes_no_uncertain", (("Y", None), ("N", None), ("U", None))),
    "E": ("increase_same_decrease", (("I", None), ("S", None), ("D", None))),
}
"""Name and points, with their values, of the scales that LimeSurvey does not list in the file."""
UNORDERED = frozenset({"yes_no_uncertain"})
FIXED_ITEMS = {"Y": ("Y", "N"), "G": ("F", "M")}

_WORDS: dict[str, dict[str, str]] = {
    "Y": {"de": "Ja", "en": "Yes", "fr": "Oui", "es": "Sí", "it": "Sì", "nl": "Ja", "pl": "Tak", "pt": "Sim"},
    "N": {"de": "Nein", "en": "No", "fr": "Non", "es": "No", "it": "No", "nl": "Nee", "pl": "Nie", "pt": "Não"},
    "U": {"de": "Unsicher", "en": "Uncertain", "fr": "Incertain", "es": "Inseguro", "it": "Incerto"},
    "I": {"de": "Zunahme", "en": "Increase", "fr": "Augmentation", "es": "Aumentó", "it": "Aumento"},
    "S": {"de": "Gleich", "en": "Same", "fr": "Identique", "es": "Igual", "it": "Uguale"},
    "D": {"de": "Abnahme", "en": "Decrease", "fr": "Diminution", "es": "Disminuyó", "it": "Diminuzione"},
    "F": {"de": "Weiblich", "en": "Female", "fr": "Féminin", "es": "Femenino", "it": "Femmina", "nl": "Vrouw"},
    "M": {"de": "Männlich", "en": "Male", "fr": "Masculin", "es": "Masculino", "it": "Maschio", "nl": "Man"},
    "other": {"de": "Sonstiges", "en": "Other", "fr": "Autre", "es": "Otro", "it": "Altro", "nl": "Anders"},
    "no answer": {"de": "Keine Antwort", "en": "No answer", "fr": "Sans réponse", "es": "Sin respuesta"},
}


def shown(word: str, languages: tuple[str, ...]) -> Translations:
    """Return what LimeSurvey shows for an answer of its own, in the survey's languages; else in English."""
    known = _WORDS[word]
    found = {language: known[language.split("-")[0]] for language in languages if language.split("-")[0] in known}
    return Translations.of(found or {"en": known["en"]})
