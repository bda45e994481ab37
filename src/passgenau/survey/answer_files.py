"""Answers in a file of passgenau's own: one row per sheet, one column per variable, as CSV or Parquet.

The header names variables (`passgenau.survey.variables`) and roles (`sheet`, `organisation`, `token`,
`disposition`, `language`, `day`, `seconds`, `order`). In the cells stand ids of answers, ``1`` and ``0`` for ticks,
numbers with a decimal point, dates as ``2027-03-15``; ``.n`` was not shown, ``.r`` refused, an empty cell was left
empty. Where a file has no ``.n`` at all, filters decide whether an empty cell was shown, so that a table typed
off paper need not know.

A text that begins with ``=``, ``+``, ``-``, ``@``, ``.``, an apostrophe or a tab is written with an apostrophe
before it, so that no spreadsheet takes it for a formula and it is not taken for a state; reading takes one leading
apostrophe off. What was invalid is written with a question mark before it. The columns `sheet.synthetic` and
`sheet.synthetic_en` say of made-up answers that they are. A role whose name a variable bears is called ``sheet.``
and its name.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, Literal

import polars as pl

from passgenau.errors import InputError, Problem, reason
from passgenau.reading import MAX_SHOWN, nearest
from passgenau.survey.responses import NOT_SHOWN, REFUSED, ROLES, Delivered, State
from passgenau.survey.typed import SYNTHETIC, SYNTHETIC_ENGLISH, number_text, role_columns
from passgenau.survey.variables import variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.survey.responses import Responses

MAX_BYTES = 1024 * 2**20
"""Bytes of an answer file."""
MAX_COLUMNS = 20_000
_FORMULA = r"^([=+\-@.'\t\r])"
_DELIMITERS = ",;\t"

# --- reading ---------------------------------------------------------------------------------------


def read_answers(path: Path, questionnaire: Questionnaire, *, name: str | None = None) -> Delivered:
    """Read answers from a CSV file (UTF-8; comma, semicolon or tab) or a Parquet file of passgenau's own.

    Parameters
    ----------
    path
        `responses.csv` or `responses.parquet`, at most `MAX_BYTES`.
    questionnaire
        What was asked; its variables are the columns. Further columns stay in the delivery.
    name
        How messages call the file; its own name by default.

    Raises
    ------
    InputError
        The file is missing, too large, not UTF-8, or damaged; a column stands twice; a row is longer than the
        header; no column belongs to the questionnaire.
    """
    name = name or path.name
    table, first_line = _read_parquet(path, name) if path.suffix.lower() == ".parquet" else _read_csv(path, name)
    names = [variable.name for variable in variables(questionnaire)]
    known = set(table.columns)
    columns = {variable: variable for variable in names if variable in known}
    if not columns:
        raise _nothing_known(name, table.columns, names)
    states_told = any((table[column] == NOT_SHOWN).any() for column in columns)
    return Delivered(
        table=table,
        columns=columns,
        roles={role: column for role, column in role_columns(names).items() if column in known},
        name=name,
        blank="empty" if states_told else "unknown",
        first_line=first_line,
        escaped=True,
    )


def _size(path: Path, name: str) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(error, path, name) from None


def _unreadable(error: OSError, path: Path, name: str) -> InputError:
    why = reason(error)
    return InputError.of(
        f"Nicht lesbar: {why.de}.",
        f"Cannot be read: {why.into('en')}.",
        file=name,
        hint=Text(f"Gesucht wurde {path}.", f"Looked for {path}."),
    )


def _read_csv(path: Path, name: str) -> tuple[pl.DataFrame, int | None]:
    """Return the sheets and the line of the first; None where texts of several lines or blank lines hide the lines."""
    _check_size(_size(path, name), name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(error, path, name) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    header, delimiter = _header(content, name)
    try:
        table = pl.read_csv(
            io.BytesIO(content),
            separator=delimiter,
            has_header=False,
            infer_schema=False,
            empty_string_is_null=False,
            new_columns=header,
        )
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise _damaged(content, header, delimiter, name, str(error)) from None
    if table.width != len(header):
        raise _damaged(content, header, delimiter, name, "")
    sheets = table.slice(1)
    filled = sheets.filter(pl.any_horizontal(pl.all().is_not_null() & (pl.all() != "")))  # blank lines are no sheets
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return filled, 2 if lines == filled.height + 1 else None


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise InputError.of(
            f"{size / 2**20:.0f} MB sind mehr, als hier gelesen wird ({MAX_BYTES / 2**20:.0f} MB).",
            f"{size / 2**20:.0f} MB are more than is read here ({MAX_BYTES / 2**20:.0f} MB).",
            file=name,
            hint=Text(
                "Ist es die richtige Datei? Sonst in mehrere Dateien teilen.",
                "Is it the right file? Otherwise split it into several.",
            ),
        )


def _header(content: bytes, name: str) -> tuple[list[str], str]:
    """Return the names of the columns and what stands between cells."""
    first = _decoded_header(content, name)
    delimiter = max(_DELIMITERS, key=first.count)
    header = [cell.strip() for cell in next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), [])]
    if not any(header):
        raise InputError.of(
            "Die Datei ist leer.",
            "The file is empty.",
            file=name,
            line=1,
            hint=Text("Die erste Zeile nennt die Spalten.", "The first line names the columns."),
        )
    if len(header) > MAX_COLUMNS:
        raise InputError.of(
            f"{len(header)} Spalten sind mehr, als hier gelesen werden ({MAX_COLUMNS}).",
            f"{len(header)} columns are more than are read here ({MAX_COLUMNS}).",
            file=name,
            line=1,
            hint=Text("Ist es die richtige Datei?", "Is it the right file?"),
        )
    _check_doubled(header, name)
    return header, delimiter


def _decoded_header(content: bytes, name: str) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError.of(
            f"Kein UTF-8 (Byte {error.start + 1}).",
            f"Not UTF-8 (byte {error.start + 1}).",
            file=name,
            line=line,
            hint=Text(
                "In der Tabellenkalkulation „CSV UTF-8“ als Dateityp wählen.",
                "Choose “CSV UTF-8” as the file type in the spreadsheet.",
            ),
        ) from None
    first = content.split(b"\n", 1)[0]
    if b"\x00" in first:
        raise InputError.of(
            "Das ist keine CSV-Datei in UTF-8.",
            "This is no CSV file in UTF-8.",
            file=name,
            line=1,
            hint=Text("Als „CSV UTF-8“ speichern.", "Save it as “CSV UTF-8”."),
        )
    return first.decode("utf-8").rstrip("\r")


def _check_doubled(header: list[str], name: str) -> None:
    doubled = [column for column, count in Counter(header).items() if count > 1]
    problems = [
        Problem(
            Text(f"Die Spalte {column!r} steht mehrmals.", f"The column {column!r} stands more than once.")
            if column
            else Text("Mehrere Spalten haben keinen Namen.", "Several columns have no name."),
            name,
            1,
            column or None,
            Text("Jede Spalte nur einmal benennen.", "Name every column once."),
        )
        for column in doubled[:MAX_SHOWN]
    ]
    if problems:
        raise InputError(problems)


def _damaged(content: bytes, header: list[str], delimiter: str, name: str, said: str) -> InputError:
    """Return what is wrong with a table: its first rows that are longer than the header, or what the reader said."""
    problems = [
        Problem(
            Text(f"{cells} Zellen, aber {len(header)} Spalten.", f"{cells} cells, but {len(header)} columns."),
            name,
            line,
            None,
            Text("Ein Text mit Trennzeichen gehört in Anführungszeichen.", "Quote a text with a separator."),
        )
        for line, cells in _too_long(content.decode("utf-8"), len(header), delimiter)
    ]
    if problems:
        return InputError(problems)
    short = said.split("\n", 1)[0][:200]
    return InputError.of(
        f"Keine gültige CSV-Datei: {short}.",
        f"Not a valid CSV file: {short}.",
        file=name,
        hint=Text(
            "Meist fehlt ein schließendes Anführungszeichen, oder die Datei ist abgeschnitten.",
            "Mostly a closing quotation mark is missing, or the file is cut off.",
        ),
    )


def _too_long(text: str, width: int, delimiter: str, most: int = 10) -> Iterator[tuple[int, int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if len(cells) > width:
                yield line, len(cells)
                most -= 1
                if most == 0:
                    return
            line = reader.line_num + 1
    except csv.Error:
        return


def _read_parquet(path: Path, name: str) -> tuple[pl.DataFrame, None]:
    _check_size(_size(path, name), name)
    try:
        table = pl.read_parquet(path)
    except OSError as error:
        raise _unreadable(error, path, name) from None
    except (pl.exceptions.PolarsError, ValueError):
        raise InputError.of(
            "Keine gültige Parquet-Datei.",
            "Not a valid Parquet file.",
            file=name,
            hint=Text("Die Datei noch einmal ausgeben lassen.", "Export the file once more."),
        ) from None
    return table.select(pl.all().cast(pl.String, strict=False)), None


def _nothing_known(name: str, columns: list[str], names: list[str]) -> InputError:
    unknown = next((column for column in columns if column not in ROLES), columns[0])
    return InputError.of(
        "Keine Spalte gehört zum Fragebogen.",
        "No column belongs to the questionnaire.",
        file=name,
        line=1,
        field=unknown,
        hint=nearest(unknown, names),
    )


# --- writing ---------------------------------------------------------------------------------------


def answer_table(responses: Responses) -> pl.DataFrame:
    """Return typed answers as a table of texts, as `write_answers` puts it into a file."""
    names = role_columns(variable.name for variable in responses.variables)
    given = [role for role in ROLES if responses.sheets[role].null_count() < len(responses)]
    roles = [_texts(responses.sheets[role]).fill_null("").alias(names[role]) for role in given]
    cells = [_cells(responses, variable.name) for variable in responses.variables]
    return pl.DataFrame([*roles, *cells]).with_columns(_notice(responses.synthetic))


def write_answers(responses: Responses, ending: Literal["csv", "parquet"] = "csv") -> bytes:
    """Return typed answers as a file of passgenau's own; the same answers give the same bytes.

    `read_answers` and `typed.type_answers` give back the same sheets, values and states.
    """
    return write_parquet(responses) if ending == "parquet" else write_csv(responses)


def write_csv(responses: Responses) -> bytes:
    """Return typed answers as CSV: UTF-8, commas, a header line."""
    table = answer_table(responses).select(pl.all().replace({"": None}))  # null cells are written without quotes
    return table.write_csv(quote_style="necessary").encode("utf-8")


def write_parquet(responses: Responses) -> bytes:
    """Return typed answers as Parquet, with the same columns of text as the CSV file."""
    out = io.BytesIO()
    answer_table(responses).write_parquet(out, compression="zstd", statistics=False)
    return out.getvalue()


def _cells(responses: Responses, name: str) -> pl.Series:
    states = responses.states[name]
    cells = _texts(responses.values[name])
    cells = cells.set(states == int(State.EMPTY), "")
    cells = cells.set(states == int(State.NOT_SHOWN), NOT_SHOWN).set(states == int(State.REFUSED), REFUSED)
    invalid = states == int(State.INVALID)
    if invalid.any():
        cells = cells.zip_with(~invalid, _delivered(responses, name))
    return cells.alias(name)


def _texts(values: pl.Series) -> pl.Series:
    """Return typed values as the file spells them; null stays null."""
    if values.dtype == pl.String:
        return values.str.replace(_FORMULA, "'$1")
    if values.dtype == pl.Boolean:
        return values.cast(pl.Int8).cast(pl.String)
    if values.dtype == pl.Date:
        return values.dt.strftime("%Y-%m-%d")
    if values.dtype == pl.Float64:
        return values.map_elements(number_text, return_dtype=pl.String)
    return values.cast(pl.String)


def _delivered(responses: Responses, name: str) -> pl.Series:
    """Return what was delivered of a variable, with a question mark, which begins no valid value."""
    column = responses.delivered.columns.get(name)
    same_rows = responses.delivered.table.height == len(responses)
    if column is None or not same_rows:
        return pl.repeat("?", len(responses), dtype=pl.String, eager=True)
    text = responses.delivered.table[column].cast(pl.String).str.strip_chars().fill_null("")
    return text.str.replace(r"^\??", "?")


def _notice(synthetic: Text | None) -> list[pl.Expr]:
    if synthetic is None:
        return []
    english = [pl.lit(synthetic.en).alias(SYNTHETIC_ENGLISH)] if synthetic.en else []
    return [pl.lit(synthetic.de).alias(SYNTHETIC), *english]
