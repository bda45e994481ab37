"""Stata: data files (`.dta`, versions 104 to 119) read, and 118 written, with labels and extended missing values."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.intake import MAX_ANSWERS, read_bytes
from passgenau.formats.labelled import build, code_of
from passgenau.formats.labelled_reading import Notes, described, opened
from passgenau.formats.labelled_writing import Limits, shortened, table_of
from passgenau.survey.responses import State
from passgenau.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from passgenau.formats.exchange import Imported
    from passgenau.formats.labelled_writing import OutColumn, OutSet
    from passgenau.survey.responses import Responses

SIGNATURE = b"<stata_dta>"
"""How a data file since Stata 13 begins; older ones begin with their version, one byte."""
_END = b"</stata_dta>"
_LENGTH = 27
"""Characters of a name. Stata takes 32, but the library names value labels after variable and place of the column."""
OLD_VERSIONS = frozenset({104, 105, 108, 110, 111, 112, 113, 114, 115})


def read_stata(source: Path | bytes, name: str | None = None) -> Imported:
    """Read a Stata data file.

    Value labels become answers and scales. Extended missing values are read by their label, else `.n` as not
    shown and `.r` as refused; what the file leaves open is in `guessed`.

    Parameters
    ----------
    source
        The file, or its content.
    name
        How messages call it.

    Raises
    ------
    InputError
        The file is damaged or larger than 1 GB.
    """
    import pyreadstat  # noqa: PLC0415 -- loads pandas

    content = source if isinstance(source, bytes) else read_bytes(source, MAX_ANSWERS)
    name = name or (source.name if isinstance(source, Path) else "answers.dta")
    if content.startswith(SIGNATURE) and _END not in content[-64:]:
        raise InputError.of(
            "Die Datei ist abgeschnitten: Ihr Ende fehlt.",
            "The file is cut off: its end is missing.",
            file=name,
            hint=Text("Noch einmal speichern und vollständig übertragen.", "Save it once more and transfer it whole."),
        )
    notes = Notes()
    frame, metadata = opened(content, name, pyreadstat.read_dta, notes)
    return build(described(frame, metadata, "stata", name, notes))


def write_stata(responses: Responses, *, name: str = "answers.dta", language: str | None = None) -> Exported:
    """Write answers as a Stata data file, version 118.

    Not shown is `.n` and refused `.r`, both labelled; labels are in one language; Stata knows no
    multiple-response sets, so that only the names of their columns tell that they belong together. The same
    answers give the same bytes: the file carries no clock time.

    Parameters
    ----------
    responses
        Typed answers.
    name
        Of the file.
    language
        Of the labels; the questionnaire's leading one by default.
    """
    import pandas as pd  # noqa: PLC0415 -- heavy
    import pyreadstat  # noqa: PLC0415 -- loads pandas

    table = table_of(responses, _LIMITS, language)
    german = table.language == "de"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.dta"
        pyreadstat.write_dta(
            pd.DataFrame({column.name: _values(column) for column in table.columns}),
            path,
            file_label=shortened(table.title, _FILE_LABEL),
            column_labels={column.name: column.label for column in table.columns},
            variable_value_labels={
                column.name: labels for column in table.columns if (labels := _labels(column, german=german))
            },
            missing_user_values={column.name: ["n", "r"] for column in table.columns if column.missing is not None},
            variable_format={column.name: "%td" for column in table.columns if column.type == "date"},
        )
        content = path.read_bytes()
    lost = (*table.lost, *(_set_lost(entry) for entry in table.sets))
    return Exported("stata", {name: _timeless(content)}, lost)


_FILE_LABEL = 80
_RESERVED = frozenset(
    "byte double float if in int long strL using with _all _b _coef _cons _n _N _pi _pred _rc _skip".split()  # noqa: SIM905 -- reads as the manual's list
)


def _name(original: str) -> str:
    found = re.sub(r"[^A-Za-z0-9_]", "_", code_of(original))
    found = found if re.match(r"[A-Za-z_]", found) else f"v{found}"
    found = found[:_LENGTH]
    return f"{found[: _LENGTH - 1]}_" if found in _RESERVED or re.fullmatch(r"str\d+", found) else found


_LIMITS = Limits("Stata", _name, label=80, value_label=32_000, text=2_000_000)


def _values(column: OutColumn) -> pd.Series:
    """Return the values as the library takes them: letters stand beside numbers for extended missing values."""
    import pandas as pd  # noqa: PLC0415 -- heavy

    values = column.values.to_list()
    if column.type == "text":
        return pd.Series(["" if value is None else value for value in values], dtype=object)
    if column.type == "number" and column.missing is not None:
        letters = {int(State.NOT_SHOWN): "n", int(State.REFUSED): "r"}
        states = column.missing.to_list()
        values = [letters.get(state, value) for state, value in zip(states, values, strict=True)]
    return pd.Series(values, dtype=object)


def _labels(column: OutColumn, *, german: bool) -> dict[Any, str]:
    if column.type != "number" or column.missing is None or column.missing.is_empty():
        return {}
    found: dict[Any, str] = dict(column.labels)  # letters too, for which the library's types have no word
    states = set(column.missing.unique().to_list())
    if int(State.NOT_SHOWN) in states:
        found["n"] = "nicht gezeigt" if german else "not shown"
    if int(State.REFUSED) in states or column.refused_label:
        found["r"] = column.refused_label or ("keine Angabe" if german else "no answer")
    return found


def _set_lost(entry: OutSet) -> Lost:
    return Lost(
        entry.name,
        Text("dass seine Spalten eine Mehrfachauswahl sind", "that its columns are one multiple choice"),
        Text(
            "Stata kennt keine Mehrfachantworten-Sets; die Namen der Spalten beginnen gleich.",
            "Stata knows no multiple-response sets; the names of the columns begin alike.",
        ),
    )


_TIME = re.compile(rb"<timestamp>\x11.{17}</timestamp>", re.DOTALL)


def _timeless(content: bytes) -> bytes:
    """Return the file with a fixed time of writing."""
    return _TIME.sub(b"<timestamp>\x1101 Jan 1970 00:00</timestamp>", content, count=1)
