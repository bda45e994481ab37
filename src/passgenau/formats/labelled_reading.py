"""Reading SPSS and Stata files: what `pyreadstat` finds, as the columns of `labelled`."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.exchange import Lost
from passgenau.formats.labelled import (
    Column,
    DataFile,
    Group,
    find_groups,
    language_of,
    means_not_shown,
    means_refused,
    numbers_as_text,
    spelled,
)
from passgenau.formats.roles import personal_among, personal_lost, roles_among, roles_said
from passgenau.survey.responses import NOT_SHOWN, REFUSED
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pyreadstat import metadata_container

    from passgenau.formats.labelled import ColumnType

_DECIMALS = 6  # that a question can hold
_SPAN = 12  # points of a scale of which only some bear a label
_LIKERT = re.compile(
    r"\s*(sehr|eher|überhaupt|ganz|voll|stimme|trifft|gar\s+nicht|very|rather|somewhat|strongly|fully|not\s+at\s+all"
    r"|completely|teils)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Notes:
    """What is said about a file while it is read."""

    lost: list[Lost] = field(default_factory=list)
    guessed: list[Text] = field(default_factory=list)
    missing: dict[tuple[str, str, str | None], list[str]] = field(default_factory=dict)
    """Columns by missing code, its label and what it was taken for."""


def opened(
    content: bytes, name: str, read: Callable[..., Any], notes: Notes
) -> tuple[pl.DataFrame, metadata_container]:
    """Return the table and the dictionary of a file; a wrong encoding or an absurd date is met by a second try.

    Raises
    ------
    InputError
        The file is damaged, cut off, or of another kind.
    """
    _rehearse(content, name, read.__name__)
    trouble: Exception | None = None
    for options, said in _TRIES:
        try:
            frame, metadata = read(io.BytesIO(content), user_missing=True, output_format="polars", **options)
        except Exception as error:  # noqa: BLE001 -- a library in C meets bytes of any kind
            trouble = trouble or error
            continue
        if said is not None:
            notes.guessed.append(said)
        return frame, metadata
    raise InputError.of(
        f"Die Datei lässt sich nicht lesen: {trouble}.",
        f"The file cannot be read: {trouble}.",
        file=name,
        hint=Text(
            "Meist ist sie abgeschnitten oder beschädigt: noch einmal speichern und vollständig übertragen.",
            "Mostly it is cut off or damaged: save it once more and transfer it whole.",
        ),
    )


_REHEARSAL = """
import io, json, sys
import pyreadstat
content = sys.stdin.buffer.read()
for options in json.loads(sys.argv[2]):
    try:
        getattr(pyreadstat, sys.argv[1])(io.BytesIO(content), user_missing=True, output_format="dict", **options)
        break
    except Exception:
        continue
"""


def _rehearse(content: bytes, name: str, function: str) -> None:
    """Read the file in a process of its own first: the library in C may crash on a damaged one, and take all along.

    Raises
    ------
    InputError
        It did.
    """
    if not sys.executable:
        return
    tries = json.dumps([options for options, _ in _TRIES])
    words = [sys.executable, "-c", _REHEARSAL, function, tries]
    done = subprocess.run(words, input=content, capture_output=True, check=False)  # noqa: S603 -- this interpreter
    if done.returncode < 0 or done.returncode > _CRASHED:
        raise InputError.of(
            "Die Datei ist beschädigt; sie lässt sich nicht lesen.",
            "The file is damaged; it cannot be read.",
            file=name,
            hint=Text("Noch einmal speichern und vollständig übertragen.", "Save it once more and transfer it whole."),
        )


_CRASHED = 128
"""Exit statuses above are those of a crash: of a signal, or of an access violation."""
_TRIES: tuple[tuple[dict[str, Any], Text | None], ...] = (
    ({}, None),
    (
        {"encoding": "WINDOWS-1252"},
        Text(
            "Die Zeichen der Datei sind als Windows-1252 gelesen; die Angabe in der Datei passte nicht.",
            "The file's characters are read as Windows-1252; what the file states did not fit.",
        ),
    ),
    (
        {"disable_datetime_conversion": True},
        Text(
            "Datumsspalten sind als Zahlen gelesen: Mindestens ein Datum liegt außerhalb des Kalenders.",
            "Date columns are read as numbers: at least one date lies outside the calendar.",
        ),
    ),
)


def described(frame: pl.DataFrame, metadata: metadata_container, format_name: str, name: str, notes: Notes) -> DataFile:
    """Return the columns, groups and roles of a file read by `pyreadstat`."""
    columns = [_column(frame[column], metadata, format_name, notes) for column in frame.columns]
    notes.guessed += [_state_said(key, names) for key, names in notes.missing.items()]
    columns, groups, aside = _with_sets(columns, metadata, notes)
    cells = {column.name: column.cells for column in columns}
    personal = personal_among({column.name: column.cells for column in columns if column.type == "text"})
    roles = roles_among({key: value for key, value in cells.items() if key not in personal})
    notes.lost += personal_lost(personal)
    notes.guessed += roles_said(roles)
    kept = tuple(column for column in columns if column.name not in personal)
    settled = {*roles, *aside, *(member for group in groups for member in group.members)}
    found, offered = find_groups(kept, settled)
    notes.guessed += offered
    language = language_of([column.label for column in kept] + [t for c in kept for _, t in c.labels])
    notes.guessed.append(_language_said(language))
    return DataFile(
        format=format_name,
        name=name,
        columns=kept,
        groups=(*groups, *found),
        roles=roles,
        aside=frozenset(aside),
        title=(metadata.file_label or "").strip() or None,
        introduction="\n".join(note.strip() for note in metadata.notes or () if note.strip()) or None,
        language=language,
        lost=tuple(notes.lost),
        guessed=tuple(notes.guessed),
    )


def _language_said(language: str) -> Text:
    german = language == "de"
    return Text(
        f"Die Sprache der Texte ist als {'Deutsch' if german else 'Englisch'} gelesen.",
        f"The language of the texts is taken to be {'German' if german else 'English'}.",
    )


# --- one column --------------------------------------------------------------------------------------


def _column(series: pl.Series, metadata: metadata_container, format_name: str, notes: Notes) -> Column:
    name = series.name
    labels = _labels(metadata.variable_value_labels.get(name, {}))
    ranges = _ranges(metadata, name)
    original = metadata.original_variable_types.get(name) or ""
    if format_name == "spss" and _PERIOD.match(original) and series.dtype.is_numeric():
        series = _days(series)
    letters = metadata.readstat_variable_types.get(name) not in {None, "string"}
    kind, cells = _mixed(series) if letters and series.dtype == pl.String else _as_text(series, notes)
    missing = _Missing.of(labels, cells, ranges, kind)
    measure = metadata.variable_measure.get(name) or "unknown"
    substantive = tuple((code, label) for code, label in labels.items() if code not in missing.recoded)
    column = Column(
        name=name,
        label=(metadata.column_names_to_labels.get(name) or "").strip() or name,
        type=kind,
        cells=_recoded(cells, missing),
        no_answer=missing.no_answer,
        foreign={
            format_name: {
                "format": original,
                "measure": measure,
                "missing": [_range(entry) for entry in ranges],
            }
        },
    )
    for key in missing.guessed:
        notes.missing.setdefault(key, []).append(name)
    return _classified(column, substantive, measure, missing, notes)


def _ranges(metadata: metadata_container, name: str) -> list[dict[str, Any]]:
    given = (metadata.missing_ranges or {}).get(name, [])
    return [dict(entry) if isinstance(entry, dict) else {"lo": entry, "hi": entry} for entry in given]


def _labels(given: Mapping[Any, str]) -> dict[str, str]:
    found = {}
    for code, label in given.items():
        key = code if isinstance(code, str) else spelled(float(code))
        found[key] = str(label).strip() or key
    return found


def _range(entry: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- a code, or two bounds, for a JSON file
    low, high = entry.get("lo"), entry.get("hi")
    return low if low == high else [_finite(low), _finite(high)]


def _finite(bound: Any) -> Any:  # noqa: ANN401 -- a number or a text
    return str(bound) if isinstance(bound, float) and abs(bound) > 1e300 else bound  # noqa: PLR2004 -- LOWEST, HIGHEST


def _as_text(series: pl.Series, notes: Notes) -> tuple[ColumnType, pl.Series]:
    kind = series.dtype
    if kind.is_numeric():
        return "number", numbers_as_text(series)
    if kind == pl.Date:
        return "date", series.dt.to_string("iso").alias(series.name)
    if kind == pl.Datetime:
        if (series.dt.date().cast(pl.Datetime("us")) != series.cast(pl.Datetime("us"))).any():
            notes.lost.append(_clock_time(series.name))
        return "date", series.dt.date().dt.to_string("iso").alias(series.name)
    if kind == pl.Object:  # Stata: numbers beside the letters of extended missing values
        return _mixed(series)
    return "text", series.cast(pl.String)


_PERIOD = re.compile(r"(MOYR|QYR|WKYR)\d")
"""Formats of SPSS that show the month, quarter or week of a date; the library leaves them as seconds."""
_SPSS_BEGINS = -141_428 * 86_400
"""14 October 1582, from which SPSS counts, in seconds from 1970."""

_SPSS_ENDS = 265_621_593_600
"""31 December 9999, counted from there."""


def _days(seconds: pl.Series) -> pl.Series:
    """Return the days of moments that SPSS counts in seconds; what lies outside the calendar is null."""
    numbers = seconds.cast(pl.Float64).fill_nan(None)
    inside = numbers.set((numbers < 0) | (numbers > _SPSS_ENDS), None)
    moments = ((inside.cast(pl.Int64) + _SPSS_BEGINS) * 1000).cast(pl.Datetime("ms"))
    return moments.dt.date().alias(seconds.name)


def _mixed(series: pl.Series) -> tuple[ColumnType, pl.Series]:
    values = series.to_list()
    days = any(hasattr(value, "isoformat") for value in values)
    cells = pl.Series(series.name, [_one_as_text(value) for value in values], dtype=pl.String)
    return ("date" if days else "number"), cells


def _one_as_text(value: object) -> str | None:
    if value is None or value != value:  # noqa: PLR0124 -- not a number
        return None
    if isinstance(value, str):
        return f".{value}" if re.fullmatch(r"[a-z]", value) else value
    if isinstance(value, int | float):
        return spelled(float(value))
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def _clock_time(name: str) -> Lost:
    return Lost(
        name,
        Text("Uhrzeit", "clock time"),
        Text(
            "Gelesen wird der Tag; eine Uhrzeit verriete zu viel.", "The day is read; a clock time would tell too much."
        ),
    )


# --- missing values --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Missing:
    """Which codes of a column mean what."""

    recoded: Mapping[str, str | None]  # to NOT_SHOWN, REFUSED or nothing
    kept: tuple[str, ...]  # declared missing in the file, and an answer all the same
    no_answer: tuple[str, str] | None
    guessed: tuple[tuple[str, str, str | None], ...]  # code, label, and what it was taken for

    @classmethod
    def of(cls, labels: dict[str, str], cells: pl.Series, ranges: list[dict[str, Any]], kind: ColumnType) -> _Missing:
        seen = {} if not (ranges or labels or kind in {"number", "date"}) else dict.fromkeys(_letters_and_codes(cells))
        recoded: dict[str, str | None] = {}
        kept: list[str] = []
        no_answer: tuple[str, str] | None = None
        guessed: list[tuple[str, str, str | None]] = []
        for code in dict.fromkeys([*labels, *seen]):
            letter = bool(re.fullmatch(r"\.?[a-z]", code)) and kind != "text"
            if letter and f".{code.removeprefix('.')}" in recoded:  # its label spoke already
                continue
            declared = letter or _declared(code, ranges)
            state, guess = _state(code.removeprefix(".") if letter else code, labels.get(code), declared=declared)
            if state == "kept":
                kept.append(code)
                continue
            if state == "answer":
                continue
            stands = f".{code.removeprefix('.')}" if letter else code
            recoded[stands] = recoded[code] = state
            if state == REFUSED and no_answer is None:
                no_answer = (code if not letter else stands, labels.get(code, "keine Angabe"))
            if guess and (not letter or stands not in {entry[0] for entry in guessed}):
                guessed.append((stands, labels.get(code, ""), state))
        return cls(recoded, tuple(kept), no_answer, tuple(guessed))


_DISTINCT = 5_000  # values among which missing codes are looked for


def _letters_and_codes(cells: pl.Series) -> list[str]:
    found = cells.drop_nulls().unique()
    return sorted(found.to_list()) if len(found) <= _DISTINCT else []


def _declared(code: str, ranges: list[dict[str, Any]]) -> bool:
    for entry in ranges:
        low, high = entry.get("lo"), entry.get("hi")
        if isinstance(low, str) or isinstance(high, str):
            if code in {low, high}:
                return True
            continue
        try:
            if low is not None and high is not None and low <= float(code) <= high:
                return True
        except ValueError:
            continue
    return False


def _state(code: str, label: str | None, *, declared: bool) -> tuple[str | None, bool]:
    """Return what a code means: a state, nothing, `kept` or `answer`; and whether that was guessed."""
    if label is not None and means_refused(label):
        return REFUSED, True
    unusual = declared or code.startswith("-")
    if label is not None and unusual and means_not_shown(label):
        return NOT_SHOWN, True
    if not declared:
        return "answer", False
    if label is not None:
        return "kept", False
    return {"n": NOT_SHOWN, "r": REFUSED}.get(code), True


def _state_said(key: tuple[str, str, str | None], columns: list[str]) -> Text:
    code, label, state = key
    de, en = {
        NOT_SHOWN: ("nicht gezeigt", "not shown"),
        REFUSED: ("keine Angabe", "refused"),
        None: ("leer", "left empty"),
    }[state]
    where = ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
    return Text(
        f"{code}{f' „{label}“' if label else ''} ist als „{de}“ gelesen (in {len(columns)} Spalten: {where}).",
        f"{code}{f' “{label}”' if label else ''} is read as “{en}” (in {len(columns)} columns: {where}).",
    )


_SHOWN = 5  # columns that a sentence names


def _recoded(cells: pl.Series, missing: _Missing) -> pl.Series:
    if not missing.recoded:
        return cells
    return cells.replace(list(missing.recoded), list(missing.recoded.values()))


# --- its type ------------------------------------------------------------------------------------------


def _classified(
    column: Column, labels: tuple[tuple[str, str], ...], measure: str, missing: _Missing, notes: Notes
) -> Column:
    """Return the column with its type settled: a category where the labels say what its values mean."""
    if column.type == "text":
        return replace(column, type="category", labels=labels) if _covered(column, labels) else column
    if column.type != "number":
        return column
    codes = {code for code, _ in labels}
    extra = sorted(_observed(column) - codes, key=float) if codes else []
    if codes and not extra:
        notes.guessed += _kept_said(column, missing)
        return _as_category(column, labels, measure, partly=False)
    if codes and _is_span(codes - set(missing.kept), extra):
        points = sorted([*labels, *((code, code) for code in extra)], key=lambda entry: float(entry[0]))
        notes.guessed.append(_partly_said(column, len(labels), len(points)))
        return _as_category(column, tuple(points), measure, partly=True)
    if labels:
        notes.lost.append(_labels_lost(column, labels))
    cells = column.cells
    if missing.kept:
        notes.guessed.append(_emptied_said(column, missing))
        cells = cells.replace(list(missing.kept), [None] * len(missing.kept))
    return replace(column, cells=cells, decimals=_decimals(cells))


def _covered(column: Column, labels: tuple[tuple[str, str], ...]) -> bool:
    codes = {code for code, _ in labels}
    return bool(codes) and _observed(column) <= codes


def _observed(column: Column) -> set[str]:
    return set(column.cells.drop_nulls().unique().to_list()) - {"", NOT_SHOWN, REFUSED}


def _is_span(labelled: set[str], extra: list[str]) -> bool:
    """Whether labelled ends and bare numbers between them make one scale."""
    if len(labelled) < 2:  # noqa: PLR2004 -- a scale has two ends
        return False
    ends = sorted(float(code) for code in labelled)
    others = [float(code) for code in extra]
    whole = all(number == int(number) for number in (*ends, *others))
    between = all(ends[0] <= number <= ends[-1] for number in others)
    return whole and between and ends[-1] - ends[0] < _SPAN


def _as_category(column: Column, labels: tuple[tuple[str, str], ...], measure: str, *, partly: bool) -> Column:
    likert = sum(bool(_LIKERT.match(label)) for _, label in labels) > 1
    ordered = measure in {"ordinal", "scale"} or partly or (measure == "unknown" and likert)
    valued = ordered and (measure == "scale" or partly)
    return replace(column, type="category", labels=labels, ordered=ordered, valued=valued)


def _decimals(cells: pl.Series) -> int:
    fractions = cells.drop_nulls().str.extract(r"^-?\d+\.(\d+)$", 1).str.len_chars().max()
    return min(int(fractions), _DECIMALS) if isinstance(fractions, int) else 0


def _kept_said(column: Column, missing: _Missing) -> Iterator[Text]:
    if missing.kept:
        codes = ", ".join(missing.kept)
        yield Text(
            f"{column.name}: {codes} gilt in der Datei als fehlend und ist hier eine Antwort wie die anderen.",
            f"{column.name}: {codes} counts as missing in the file and is an answer like the others here.",
        )


def _emptied_said(column: Column, missing: _Missing) -> Text:
    codes = ", ".join(missing.kept)
    return Text(
        f"{column.name}: {codes} gilt in der Datei als fehlend und ist als leer gelesen.",
        f"{column.name}: {codes} counts as missing in the file and is read as left empty.",
    )


def _partly_said(column: Column, labelled: int, points: int) -> Text:
    return Text(
        f"{column.name}: Nur {labelled} von {points} Werten haben einen Text; gelesen als Skala mit {points} Punkten.",
        f"{column.name}: only {labelled} of {points} values have a label; read as a scale of {points} points.",
    )


def _labels_lost(column: Column, labels: tuple[tuple[str, str], ...]) -> Lost:
    shown = "; ".join(f"{code} = {label}" for code, label in labels[:5]) + ("; …" if len(labels) > 5 else "")  # noqa: PLR2004 -- enough to recognise them
    return Lost(
        column.name,
        Text(f"Wertelabels {shown}", f"value labels {shown}"),
        Text(
            "Die Spalte enthält auch andere Zahlen und ist als Zahl gelesen; eine Zahl trägt keine Labels.",
            "The column holds other numbers too and is read as a number; a number bears no labels.",
        ),
    )


# --- multiple-response sets ------------------------------------------------------------------------------


def _with_sets(
    columns: list[Column], metadata: metadata_container, notes: Notes
) -> tuple[list[Column], tuple[Group, ...], set[str]]:
    """Return columns and groups of the sets that the file declares; a set of categories becomes ticks."""
    by_name = {column.name.lower(): column for column in columns}
    groups: list[Group] = []
    aside: set[str] = set()
    used: set[str] = set()
    for name, entry in (metadata.mr_sets or {}).items():
        members = [by_name[m.lower()] for m in entry["variable_list"] if m.lower() in by_name]
        if not members or used & {column.name for column in members}:
            notes.lost.append(_set_lost(name))
            continue
        used |= {column.name for column in members}
        label = (entry.get("label") or "").strip() or name.lstrip("$")
        if entry.get("is_dichotomy"):
            counted = entry.get("counted_value")
            groups.append(_set_group(name, label, members, "1" if counted is None else spelled(float(counted))))
        else:
            ticks = _ticks(name, members)
            place = columns.index(members[0])
            columns = [*columns[:place], *ticks, *columns[place:]]
            aside |= {column.name for column in members}
            groups.append(Group(name.lstrip("$"), label, "multiple", *_named(ticks), foreign={"set": name}))
    return columns, tuple(groups), aside


def _named(columns: list[Column]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(column.name for column in columns), tuple(column.label for column in columns)


def _set_group(name: str, label: str, members: list[Column], counted: str) -> Group:
    start = re.compile(rf"{re.escape(label)}\s*[–—:-]?\s*")
    texts = tuple(start.sub("", column.label, count=1).strip() or column.label for column in members)
    names = tuple(column.name for column in members)
    return Group(name.lstrip("$"), label, "multiple", names, texts, counted, {"set": name})


def _ticks(name: str, members: list[Column]) -> list[Column]:
    """Return one column of ticks per category that the members of a set hold."""
    labels = dict(entry for column in members for entry in column.labels)
    labels |= {code: code for column in members for code in sorted(_observed(column)) if code not in labels}
    cells = pl.DataFrame([column.cells for column in members])
    given = pl.any_horizontal(pl.all().is_not_null() & (pl.all() != ""))
    return [
        Column(
            f"{name.lstrip('$')}_{code}",
            label,
            "number",
            cells.select(
                pl.when(~given)
                .then(None)
                .when(pl.any_horizontal(pl.all() == code))
                .then(pl.lit("1"))
                .otherwise(pl.lit("0"))
            ).to_series(),
        )
        for code, label in labels.items()
    ]


def _set_lost(name: str) -> Lost:
    return Lost(
        name,
        Text("Mehrfachantworten-Set", "multiple-response set"),
        Text(
            "Seine Variablen fehlen oder gehören schon zu einem anderen Set.",
            "Its variables are missing or belong to another set already.",
        ),
    )
