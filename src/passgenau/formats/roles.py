"""Columns that speak of the sheet rather than of a question, and columns that name a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from passgenau.formats.exchange import Lost
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.survey.responses import Role

_ROLES: tuple[tuple[Role, str], ...] = (
    (
        "sheet",
        (
            r"sheet|sheetid|bogen|bogennummer|lfdn|lfdnr|laufendenummer|id|respid|responseid|respondentid|caseid|case"
            r"|fallnummer|antwortid|antwortnummer"
        ),
    ),
    (
        "organisation",
        (
            r"organisation|organization|ags|gemeindeschlüssel|gemeindeschluessel|amtlichergemeindeschlüssel"
            r"|agsschlüssel|regionalschlüssel|municipalitykey|kommune|gemeinde|municipality"
        ),
    ),
    ("token", r"token|zugangscode|zugangsschlüssel|accesscode|tan|einladungscode"),
    ("disposition", r"disposition|dispositioncode|dispcode"),
    ("language", r"language|lang|sprache|startlanguage|startsprache|surveylanguage|startlang"),
    ("day", r"day|submitdate|abgabedatum|datesubmitted|datumabgeschickt|datumabgegeben|abschlussdatum"),
    ("seconds", r"seconds|duration|durationinseconds|dauer|dauersekunden|bearbeitungsdauer|interviewtime"),
    ("order", r"order"),
)
_PERSONAL = re.compile(
    r"(e?mail(adresse|address)?|name|vorname|nachname|familienname|firstname|lastname|surname|fullname|ansprechpartner"
    r"(in)?|ansprechperson|telefon(nummer)?|tel|phone(number)?|handy|mobil|mobilnummer|ip|ipaddr|ipaddress|ipadresse"
    r"|strasse|straße|anschrift|adresse|address|street|geburtsdatum|birthdate|dateofbirth)"
)
_MAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
_MOSTLY = 0.5


def role_of(name: str) -> Role | None:
    """Return what a column of that name says of a sheet, or None where it answers a question."""
    plain = re.sub(r"[\s_.-]+", "", name).lower()
    return next((role for role, names in _ROLES if re.fullmatch(names, plain)), None)


def roles_among(columns: Mapping[str, pl.Series]) -> dict[str, Role]:
    """Return the role of every column that has one, each role once; a number of the sheet must not repeat."""
    found: dict[str, Role] = {}
    for name, cells in columns.items():
        role = role_of(name)
        if role is None or role in found.values():
            continue
        if role == "sheet" and (cells.null_count() or (cells == "").any() or cells.n_unique() < len(cells)):
            continue
        found[name] = role
    return found


def roles_said(roles: Mapping[str, Role]) -> tuple[Text, ...]:
    """Return the sentences that show which columns were taken to speak of the sheet."""
    return tuple(
        Text(
            f"Die Spalte {name!r} ist als {_WORDS[role].de} gelesen, nicht als Frage.",
            f"The column {name!r} is read as the {_WORDS[role].into('en')}, not as a question.",
        )
        for name, role in roles.items()
    )


_WORDS: dict[Role, Text] = {
    "sheet": Text("Nummer des Bogens", "number of the sheet"),
    "organisation": Text("Organisation", "organisation"),
    "token": Text("Zugangscode", "token"),
    "disposition": Text("Ausgang", "disposition"),
    "language": Text("Sprache", "language"),
    "day": Text("Tag der Abgabe", "day of submission"),
    "seconds": Text("Dauer in Sekunden", "duration in seconds"),
    "order": Text("Reihenfolge der Bögen einer Organisation", "order of an organisation's sheets"),
}


def personal_among(columns: Mapping[str, pl.Series]) -> tuple[str, ...]:
    """Return the columns that name or address persons, by their name or by what mostly stands in them."""
    addresses = _with_addresses(columns)
    return tuple(name for name in columns if _names_persons(name) or name in addresses)


def _names_persons(name: str) -> bool:
    return bool(_PERSONAL.fullmatch(re.sub(r"[\s_.-]+", "", name).lower()))


def _with_addresses(columns: Mapping[str, pl.Series]) -> set[str]:
    """Return the columns in which addresses mostly stand; all are looked at in one go."""
    if not columns:
        return set()
    frame = pl.DataFrame([cells.alias(name) for name, cells in columns.items()])
    given = pl.when(pl.all() != "").then(pl.all())
    shares = frame.select(given.str.contains(_MAIL).mean())
    return {name for name, share in zip(shares.columns, shares.rows()[0], strict=True) if (share or 0) > _MOSTLY}


def personal_lost(names: Sequence[str]) -> tuple[Lost, ...]:
    """Return what is said of columns left out because they name persons."""
    return tuple(
        Lost(
            name,
            Text("Angaben zu Personen", "personal details"),
            Text(
                "Namen, Adressen und Anschlüsse gehören nicht zu den Antworten; die Spalte bleibt in der Datei.",
                "Names, addresses and numbers are no part of the answers; the column stays in the file.",
            ),
        )
        for name in names
    )
