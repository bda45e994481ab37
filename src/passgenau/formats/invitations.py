"""Who was invited: the organisation behind every token, from a table or from the participants in an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.errors import InputError, Problem
from passgenau.formats.intake import MAX_ANSWERS, read_bytes
from passgenau.formats.roles import role_of
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SHOWN = 10


def read_invitations(path: Path) -> dict[str, str]:
    """Return the organisation of every token from a table (CSV or a workbook) with both as columns.

    Raises
    ------
    InputError
        The file cannot be read, lacks one of the columns, or gives one token to two organisations.
    """
    from passgenau.formats.tables import read_table  # noqa: PLC0415 -- loads what workbooks need

    frame = read_table(path).frame
    columns = {role: name for name in reversed(frame.columns) if (role := role_of(name)) in {"token", "organisation"}}
    for role in ("token", "organisation"):
        if role not in columns:
            raise InputError.of(
                f"Die Spalte {role!r} fehlt.",
                f"The column {role!r} is missing.",
                file=path.name,
                line=1,
                hint=Text(
                    f"Gebraucht werden token und organisation; da sind: {', '.join(frame.columns[:8])}.",
                    f"Needed are token and organisation; there are: {', '.join(frame.columns[:8])}.",
                ),
            )
    rows = frame.select(columns["token"], columns["organisation"]).rows()
    return _of_tokens(rows, path.name)


def invited_in(path: Path, attribute: str) -> dict[str, str]:
    """Return an attribute of the participants in an archive of LimeSurvey by their token.

    Raises
    ------
    InputError
        The archive holds no participants, or they do not have the attribute.
    """
    from passgenau.formats.limesurvey.archive import read_participants  # noqa: PLC0415 -- loads lxml

    invited = read_participants(read_bytes(path, MAX_ANSWERS), path.name, keep=(attribute,))
    if not invited[attribute].count():
        raise InputError.of(
            f"Die Eingeladenen haben kein Merkmal {attribute!r}.",
            f"The invited have no attribute {attribute!r}.",
            file=path.name,
            field="--organisation",
            hint=Text(
                "In LimeSurvey heißen Merkmale attribute_1, attribute_2 …; sonst --invitations DATEI.",
                "LimeSurvey calls attributes attribute_1, attribute_2 …; else --invitations FILE.",
            ),
        )
    return _of_tokens(invited.select("token", attribute).rows(), path.name)


def _of_tokens(rows: Iterable[tuple[str | None, str | None]], name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    doubled: dict[str, None] = {}
    for token, organisation in rows:
        if token and organisation and found.setdefault(token, organisation) != organisation:
            doubled[token] = None
    if doubled:
        raise InputError(
            [
                Problem(
                    Text(
                        f"Der Zugangscode {token!r} steht bei zwei Organisationen.",
                        f"The token {token!r} stands with two organisations.",
                    ),
                    name,
                    None,
                    "token",
                    Text("Jeden Zugangscode einer Organisation geben.", "Give every token to one organisation."),
                )
                for token in list(doubled)[:_SHOWN]
            ]
        )
    return found
