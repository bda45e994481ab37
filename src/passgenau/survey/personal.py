"""What in an open answer may name a person: flagged before anything is shown.

Rules, German first: e-mail addresses, web links, bank accounts, telephone numbers, postal addresses, and names
after a title, a form of address or a frequent given name. Rules are careful rather than clever: they flag what
only looks like a telephone number, and they overlook a family name that stands by itself (“das macht bei uns
Yilmaz”). Somebody must read every answer before it leaves the office.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PersonalKind = Literal["email", "link", "iban", "phone", "address", "place", "name"]

KINDS: dict[PersonalKind, Text] = {
    "email": Text("E-Mail-Adresse", "e-mail address"),
    "link": Text("Internetadresse", "web address"),
    "iban": Text("Kontonummer", "bank account"),
    "phone": Text("Telefonnummer", "telephone number"),
    "address": Text("Anschrift", "postal address"),
    "place": Text("Ort", "place"),
    "name": Text("Name", "name"),
}
"""What each kind is called."""

LIMITS = Text(
    "Gefunden wird nach Regeln, was wie ein Name, eine Anschrift, eine Telefonnummer oder eine Adresse im Internet "
    "aussieht. Manches wird übersehen: Vor jeder Weitergabe liest ein Mensch die Antworten.",
    "Rules find what looks like a name, a postal address, a telephone number or an address on the web. Some will be "
    "overlooked: somebody reads the answers before they are passed on.",
)
"""What the rules cannot do; stands wherever their results are shown."""

MAX_LENGTH = 20_000
"""Characters of an answer that are looked at; what is longer is flagged whole from there on."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """One part of a text that may name a person."""

    start: int  # first character, from 0
    end: int  # one after the last
    kind: PersonalKind
    text: str


_UPPER, _LOWER = "A-ZÄÖÜÀ-ÖØ-Þ", "a-zäöüßà-öø-ÿ"
_NAME = rf"[{_UPPER}][{_LOWER}]+(?:[-'’][{_UPPER}]?[{_LOWER}]+)*"
_PARTICLE = r"(?:(?:von|van)\s(?:der|den|dem)|von|van|vom|zu|zur|de|del|da|di|el|al)\s"
_STREET_END = r"(?:straße|strasse|str\.|weg|gasse|platz|allee|ring|ufer|damm|steig|pfad|chaussee|markt|berg|hof|graben)"
_HOUSE = r"\d{1,4}(?:\s?[a-zA-Z](?![\w]))?(?:\s?[-/]\s?\d{1,4}[a-zA-Z]?)?"
_TITLE = (
    r"(?:Herrn?|Frau|Familie|Hr\.|Fr\.|Fam\.|Dr\.|Prof\.|Professorin|Professor|Dipl\.-\w+\.|Bürgermeisterin|Bürgermeister|"
    r"Oberbürgermeisterin|Oberbürgermeister|OB|BM|Landrätin|Landrat|Pfarrerin|Pfarrer|Mr\.?|Mrs\.?|Ms\.?)"
)
_ORDINARY = """
Und Oder Mit Im In Am An Auf Der Die Das Den Dem Des Ein Eine Hat Ist War Sind Soll Sollte Muss Kann Wird Wir Sie Er
Es Ich Bei Zu Zum Zur Für Aus Von Vom Nach Über Unter Vor Als Wie Wenn Aber Nicht Kein Keine Mann Männer Frau Frauen
Herr Herren Kind Kinder Beruf Familie Gemeinde Gemeinderat Gemeinderäte Stadt Stadtrat Verwaltung Landkreis
Landratsamt Rathaus Kreistag Quartier Quartiersarbeit Ortschaftsrat Beigeordnete Beigeordneter Bürgermeister
Bürgermeisterin Oberbürgermeister Amt Amtsleitung Dezernent Dezernentin Arbeit Pflege Gesundheit Mutter Vater Senior
Senioren Seniorin Seniorinnen Doktor Professor Sprechstunde Sprechstunden Kandidat Kandidatin Runde Runden Treffen
Wahl Wahlen Büro Stelle Stellen
"""
_NO_NAME = frozenset(_ORDINARY.split())
"""What begins with a capital after “Frau” or “Bürgermeister” and is no name."""
_COUNTED = r"(?:Euro|EUR|Einwohner|Bürger|Menschen|Personen|Haushalte|Wohnungen|Stunden|Kinder|Senior|Exemplare|Mark)"
_STREET_PREPOSITION = (
    r"(?:Am|An der|Am Alten|Im|In der|In den|Auf der|Auf dem|Unter den|Zum|Zur|Hinter der|Vor dem|Beim)"
)

_RULES: tuple[tuple[PersonalKind, re.Pattern[str]], ...] = (
    (
        "email",
        re.compile(
            r"[\w.+%-]{1,64}\s?(?:@|\(at\)|\[at\]|\{at\})\s?[\w-]{1,63}"
            r"(?:\s?(?:\.|\(dot\)|\(punkt\))\s?[\w-]{1,63}){1,4}",
            re.IGNORECASE,
        ),
    ),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?\b")),
    ("link", re.compile(r"\b(?:https?://|www\.)[^\s<>\"“”)]+", re.IGNORECASE)),
    ("link", re.compile(r"(?<![\w@.])(?:[a-z0-9-]{2,63}\.){1,3}(?:de|com|org|net|eu|info|at|ch)\b(?:/[^\s<>\"“”)]*)?")),
    ("address", re.compile(rf"(?<!\w)[{_UPPER}][\w.-]{{0,60}}?{_STREET_END}\s{{1,2}}{_HOUSE}(?!\w)")),
    (
        "address",
        re.compile(
            rf"(?<!\w)(?:[{_UPPER}][\w.-]{{0,60}}\s){{1,3}}(?:Straße|Strasse|Str\.|Weg|Gasse|Platz|Allee|Ring|Ufer)\s{{1,2}}{_HOUSE}(?!\w)"
        ),
    ),
    ("address", re.compile(rf"(?<!\w){_STREET_PREPOSITION}\s{_NAME}\s\d{{1,4}}[a-zA-Z]?(?=\s*(?:[,;.)\n]|$))")),
    (
        "address",
        re.compile(
            rf"(?<![\d.,-])(?:D-)?\d{{5}}\s+(?!{_COUNTED})[{_UPPER}][{_LOWER}]{{2,}}(?:[-\s/][{_UPPER}][{_LOWER}]+)*"
        ),
    ),
    (
        "phone",
        re.compile(
            r"(?<![\w.,/-])(?:(?:Tel(?:efon)?|Fon|Fax|Mobil|Handy)\.?\s?(?:nr\.?|nummer)?:?\s{0,2})?"
            r"(?:\+\d{1,3}|00\d{1,3}|\(0\d{1,5}\)|0\d{1,5})[\s/().-]{0,3}(?:\d[\s/().-]{0,2}){4,13}(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (
        "phone",
        re.compile(
            r"(?<!\w)(?:Tel(?:efon)?|Fon|Fax|Mobil|Handy|Durchwahl)\.?(?:nr\.?|nummer)?:?\s{1,2}\d[\d\s/-]{1,14}\d",
            re.IGNORECASE,
        ),
    ),
)
_AFTER_TITLE = re.compile(
    rf"(?<!\w){_TITLE}(?:\s{{1,2}}{_TITLE}){{0,3}}\s{{1,2}}(?P<name>(?:{_PARTICLE}){{0,2}}{_NAME}(?:\s{_NAME})?)(?!\w)"
)
_CONTACT = re.compile(
    rf"(?<!\w)(?:Ansprechpartner(?:in)?|Kontakt(?:person)?|Gez\.|gez\.|Mein Name ist|Ich heiße|MfG|Gruß|Grüßen)"
    rf":?,?\s{{1,3}}(?P<name>{_NAME}\s(?:{_PARTICLE}){{0,2}}{_NAME})(?!\w)"
)
_GIVEN_NAMES = """
Achim Ahmet Aleksandra Alexander Alexandra Ali Alina Andrea Andreas Angela Angelika Anja Anke Anna Anne Annette Antje
Anton Astrid Axel Aylin Ayşe Barbara Beate Benjamin Bernd Bernhard Bettina Birgit Björn Brigitte Britta Burak Carina
Carmen Carola Carolin Carsten Caroline Charlotte Christa Christian Christiane Christina Christine Christof Christoph
Claudia Clemens Cornelia Dagmar Daniel Daniela David Dennis Detlef Dieter Dietmar Dirk Dominik Doris Dorothea Eberhard
Edith Elena Elisabeth Elif Elke Ellen Elvira Emine Erik Ernst Esra Esther Eva Fabian Fatih Fatma Felix Florian
Frank Franz Franziska Friederike Friedrich Gabi Gabriele Gaby Georg Gerd Gerhard Gisela Gudrun Guido Günter Günther
Hans Harald Hartmut Heike Heiko Heiner Heinrich Heinz Helga Helmut Herbert Hermann Holger Horst Hubert Hülya Ina Ingo
Ingrid Irene Iris Isabel Isabella Ivan Ivana Jan Jana Janina Jasmin Jens Joachim Jochen Johann Johanna Johannes Jonas
Jörg Josef Judith Julia Julian Jürgen Jutta Karin Karl Karolina Katarina Katharina Kathrin Katja Katrin Kerstin
Klaus Konrad Kristina Kurt Lars Laura Lea Lena Leon Lisa Ludwig Lukas Magdalena Manfred Manuel Manuela Marcel
Marco Marcus Maren Margarete Margit Margot Maria Marianne Marie Marina Mario Marion Markus Martin Martina Matthias
Maximilian Mehmet Meike Melanie Michael Michaela Miriam Mohamed Mohammed Monika Moritz Murat Mustafa Nadine
Natalie Natascha Nicole Niklas Nils Nina Norbert Olaf Olga Oliver Patricia Patrick Paul Paula Peter Petra Philipp Rainer
Ralf Ralph Ramona Regina Reinhard Reinhold Renate René Rita Robert Roland Rolf Rosemarie Rüdiger Rudolf Ruth Sabine
Sabrina Sandra Sara Sarah Sebastian Selin Siegfried Silke Silvia Simon Simone Sonja Sophia Sophie Stefan Stefanie
Steffen Stephan Stephanie Susanne Svenja Sven Sylvia Tanja Tatjana Theresa Thomas Thorsten Tim Timo Tobias Torsten Udo
Ulrich Ulrike Ursula Ute Uwe Vanessa Vera Veronika Viktor Viktoria Volker Walter Waltraud Werner Wilfried Wilhelm
Wolfgang Yannick Yasemin Yusuf Yvonne Zeynep
"""
_GIVEN = re.compile(
    rf"(?<![\w-])(?:{'|'.join(sorted(_GIVEN_NAMES.split(), key=lambda name: (-len(name), name)))})"
    rf"(?:[-\s]{_NAME}){{0,2}}(?![\w-])"
)
"""A given name, and what follows it with a capital: without a title, one would overlook “Sabine Huber”."""


def flag_personal(text: str, places: Iterable[str] = ()) -> tuple[Flagged, ...]:
    """Return what in a text may name a person, in its order and without overlaps.

    Parameters
    ----------
    text
        An open answer.
    places
        Names of places to flag as well, e.g. of the population: a small place beside a function names a person.

    Notes
    -----
    Family names without a title, a form of address or a frequent given name are not found; see `LIMITS`.
    """
    looked_at = text[:MAX_LENGTH]
    found = list(_by_rules(looked_at))
    found += _names(looked_at)
    found += _places(looked_at, places)
    if len(text) > MAX_LENGTH:
        found.append(Flagged(MAX_LENGTH, len(text), "name", text[MAX_LENGTH:]))
    return _apart(found)


def masked(text: str, flagged: Iterable[Flagged] | None = None) -> str:
    """Return a text with what may name a person replaced by its kind: ``[E-Mail-Adresse]``.

    Parameters
    ----------
    text
        An open answer.
    flagged
        What to replace, as `flag_personal` returns it; found by it where not given.
    """
    parts, at = [], 0
    for flag in flag_personal(text) if flagged is None else flagged:
        parts += [text[at : flag.start], f"[{KINDS[flag.kind].de}]"]
        at = flag.end
    return "".join([*parts, text[at:]])


def _by_rules(text: str) -> Iterator[Flagged]:
    for kind, pattern in _RULES:
        for match in pattern.finditer(text):
            yield _flag(text, kind, match.start(), match.end())


def _names(text: str) -> Iterator[Flagged]:
    for match in _GIVEN.finditer(text):
        yield _flag(text, "name", match.start(), match.end())
    for pattern in (_AFTER_TITLE, _CONTACT):
        for match in pattern.finditer(text):
            words = match["name"].split()
            first = next(word for word in words if word[0].isupper())
            if first in _NO_NAME:
                continue
            end = match.end() if words[-1] not in _NO_NAME else match.end() - len(words[-1]) - 1
            yield _flag(text, "name", match.start(), end)


def _places(text: str, places: Iterable[str]) -> Iterator[Flagged]:
    pattern = _any_of(tuple(places))
    for match in pattern.finditer(text) if pattern is not None else ():
        yield _flag(text, "place", match.start(), match.end())


@lru_cache(maxsize=8)
def _any_of(places: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds any of the names, the longest first; None where there are none."""
    names = sorted({place for place in places if len(place) > 2}, key=lambda name: (-len(name), name))  # noqa: PLR2004 -- “Au” would be found everywhere
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)") if names else None


def _flag(text: str, kind: PersonalKind, start: int, end: int) -> Flagged:
    part = text[start:end]
    trimmed = part.rstrip(" .,;:)/-\n\t")
    return Flagged(start, start + len(trimmed), kind, trimmed)


def _apart(found: list[Flagged]) -> tuple[Flagged, ...]:
    """Join flags that overlap; the one found by the more certain rule names the whole."""
    certain = {kind: place for place, kind in enumerate(KINDS)}
    joined: list[Flagged] = []
    for flag in sorted(found, key=lambda f: (f.start, -f.end)):
        if joined and flag.start < joined[-1].end:
            last = joined[-1]
            kind = min(last.kind, flag.kind, key=certain.__getitem__)
            text = last.text + flag.text[last.end - flag.start :] if flag.end > last.end else last.text
            joined[-1] = Flagged(last.start, max(last.end, flag.end), kind, text)
        else:
            joined.append(flag)
    return tuple(joined)
