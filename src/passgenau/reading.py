"""From files that people write to checked values: YAML and CSV with the line of every mistake.

Every file of a study is described by a pydantic model (its schema); this module reads the file,
validates it as a whole and turns each mistake into a `Problem` that names file, line, field,
value and the way out.
"""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeAlias, TypeVar, cast, get_args

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from passgenau.errors import InputError, Problem, reason
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

_SLUG = r"^[a-z0-9][a-z0-9_-]*$"
Slug = Annotated[str, StringConstraints(pattern=_SLUG, max_length=64)]
"""An identifier in a study's files: lower case, digits, ``-`` and ``_``."""

Location: TypeAlias = tuple[str | int, ...]


class Record(BaseModel):
    """Base of everything that people write into files: frozen, and no unknown field passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Decided(Record):
    """Base of everything that people decided: who, why, and the sentence it rests on."""

    decided_by: str
    """Who decided: an office or a person's function."""
    why: Text
    """The reason, in a sentence."""
    source: Text | None = None
    """The sentence or document the decision rests on; empty where there is none."""
    assumed: bool = False
    """True for an entry that nobody decided: an assumption of the example, shown as such."""


RecordT = TypeVar("RecordT", bound=BaseModel)
ValueT_co = TypeVar("ValueT_co", covariant=True)

MAX_SHOWN = 40
"""Possible words that a hint lists."""
MAX_VALUES = 200_000
"""Values in one YAML file. More is a mistake, or aliases that multiply each other."""


@dataclass(frozen=True)
class Loaded(Generic[ValueT_co]):
    """A file's checked value, and where in the file each part of it stands."""

    value: ValueT_co
    name: str  # how messages call the file
    line_of: Callable[[Location], int | None]  # line of a location, counted from 1

    def problem(self, location: Location, message: Text, hint: Text | None = None) -> Problem:
        """Return a problem with what stands at `location`."""
        return Problem(message, self.name, self.line_of(location), dotted(location) or None, hint)


class _Lines:
    """Where every value of a YAML document stands: the line of a location, or of its parent."""

    def __init__(self) -> None:
        self._line: dict[Location, int] = {}

    def put(self, location: Location, line: int) -> None:
        self._line[location] = line

    def of(self, location: Location) -> int | None:
        for end in range(len(location), -1, -1):
            if location[:end] in self._line:
                return self._line[location[:end]]
        return None

    def __len__(self) -> int:
        return len(self._line)


def read_yaml(path: Path, model: type[RecordT], *, name: str | None = None) -> RecordT:
    """Read a YAML file and validate it as `model`.

    Parameters
    ----------
    path
        The file.
    model
        The schema: a pydantic model.
    name
        How messages call the file; its own name by default.

    Raises
    ------
    InputError
        The file is missing or unreadable, is not YAML, or does not fit the schema. Every
        mistake is reported, in the order of the lines.
    """
    return load_yaml(path, model, name=name).value


def load_yaml(path: Path, model: type[RecordT], *, name: str | None = None) -> Loaded[RecordT]:
    """Read a YAML file as `read_yaml` does, and keep the line of every value for later checks."""
    name = name or path.name
    data, lines = _parse(_text(path, name), name)
    return Loaded(validate(data, model, name, lines.of), name, lines.of)


def read_csv(path: Path, model: type[RecordT], *, name: str | None = None) -> list[RecordT]:
    """Read a CSV file (UTF-8, comma or semicolon, header line) as one `model` per row.

    An empty cell counts as not given. A cell that the model wants as a list is split at ``;``
    or, in a semicolon file, at ``|``; both separators may always be used inside quotes.

    Raises
    ------
    InputError
        As for `read_yaml`; unknown and missing columns are named once, for the header line.
    """
    return load_csv(path, model, name=name).value


def load_csv(path: Path, model: type[RecordT], *, name: str | None = None) -> Loaded[list[RecordT]]:
    """Read a CSV file as `read_csv` does, and keep the line of every row for later checks.

    A location is ``(row, column)``, rows counted from 0 below the header.
    """
    name = name or path.name
    table = _table(_text(path, name).removeprefix("\ufeff"))
    columns = [column.strip() for column in next(table, (1, []))[1]]
    if not any(columns):
        raise InputError.of(
            "Die Datei ist leer.",
            "The file is empty.",
            file=name,
            line=1,
            hint=Text(
                f"Die erste Zeile nennt die Spalten: {', '.join(model.model_fields)}.",
                f"The first line names the columns: {', '.join(model.model_fields)}.",
            ),
        )
    problems = list(_header_problems(columns, model, name))
    if problems:
        raise InputError(problems)
    rows: list[RecordT] = []
    lines: list[int] = []
    for line, cells in table:
        try:
            rows.append(validate(_cells(cells, columns, model, name, line), model, name, _always(line)))
        except InputError as error:
            problems += error.problems
        lines.append(line)
    if problems:
        raise InputError(problems)
    return Loaded(rows, name, lambda at: lines[at[0]] if at and isinstance(at[0], int) else 1)


def raise_if(problems: Iterable[Problem]) -> None:
    """Raise an `InputError` where there are problems; do nothing where there are none."""
    found = tuple(problems)
    if found:
        raise InputError(found)


def validate(data: object, model: type[RecordT], name: str, line_of: Callable[[Location], int | None]) -> RecordT:
    """Validate plain `data` as `model`; raise `InputError` with the line of each mistake."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(problems_of(error, model, name, line_of)) from None


def problems_of(
    error: ValidationError, model: type[BaseModel], name: str, line_of: Callable[[Location], int | None]
) -> list[Problem]:
    """Translate a pydantic error into problems, sorted by line."""
    found = [_problem(detail, model, name, line_of) for detail in error.errors(include_url=False)]
    unique = {(p.line, p.field, p.message.de): p for p in found}
    return sorted(unique.values(), key=lambda p: p.line or 0)


# --- text and YAML ---------------------------------------------------------------------------


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = Text("Diese Datei fehlt.", "This file is missing.")
        hint = Text(f"Gesucht wurde {path}.", f"Looked for {path}.")
    except UnicodeDecodeError as error:
        message = Text(f"Kein UTF-8 (Byte {error.start + 1}).", f"Not UTF-8 (byte {error.start + 1}).")
        hint = Text("Die Datei als UTF-8 speichern.", "Save the file as UTF-8.")
    except OSError as error:
        why = reason(error)
        message = Text(f"Nicht lesbar: {why.de}.", f"Cannot be read: {why.into('en')}.")
        hint = Text("Ist es eine Datei, und darf sie gelesen werden?", "Is it a file, and may it be read?")
    raise InputError([Problem(message, name, hint=hint)])


def _parse(text: str, name: str) -> tuple[object, _Lines]:
    lines = _Lines()
    loader = None
    try:
        loader = yaml.CSafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise InputError.of(
                "Die Datei ist leer.",
                "The file is empty.",
                file=name,
                hint=Text(
                    "`passgenau new ORDNER` legt alle Dateien mit Erklärungen an.",
                    "`passgenau new DIR` writes every file with comments.",
                ),
            )
        plain = _plain(node, (), lines, loader)
        raise_if(_duplicates(node, (), name))
    except yaml.YAMLError as error:
        raise InputError([_yaml_problem(error, text, name)]) from None
    except (RecursionError, OverflowError):
        raise InputError.of(
            "Die Datei ist zu tief verschachtelt oder vervielfacht sich über Verweise (&, *).",
            "The file is nested too deeply, or multiplies itself through aliases (&, *).",
            file=name,
            hint=Text("Ohne Verweise schreiben.", "Write it without aliases."),
        ) from None
    finally:
        if loader is not None:
            loader.dispose()
    return plain, lines


def _yaml_problem(error: yaml.YAMLError, text: str, name: str) -> Problem:
    line, reason = None, str(error)
    hint = Text(
        "Oft hilft: Einrückung prüfen (Leerzeichen, keine Tabulatoren); Texte mit : oder # in Anführungszeichen.",
        "Often: check the indentation (spaces, no tabs); quote texts that contain : or #.",
    )
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line, reason = (mark.line + 1 if mark else None), str(error.problem)
    elif isinstance(error, yaml.reader.ReaderError):
        line, reason = text[: error.position].count("\n") + 1, f"{error.reason} (#x{ord(text[error.position]):04x})"
        hint = Text("Das unsichtbare Zeichen löschen.", "Delete the invisible character.")
    return Problem(Text(f"Kein gültiges YAML: {reason}.", f"Not valid YAML: {reason}."), name, line, None, hint)


def _duplicates(node: yaml.Node, location: Location, name: str) -> Iterator[Problem]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            if key.value in seen:
                yield Problem(
                    Text(
                        f"{key.value!r} steht zweimal (zuerst in Zeile {seen[key.value]}).",
                        f"{key.value!r} stands twice (first in line {seen[key.value]}).",
                    ),
                    name,
                    key.start_mark.line + 1,
                    dotted((*location, key.value)),
                    Text("Einen der beiden Einträge löschen oder umbenennen.", "Delete or rename one of the two."),
                )
            seen.setdefault(key.value, key.start_mark.line + 1)
            yield from _duplicates(value, (*location, key.value), name)
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _duplicates(child, (*location, index), name)


def _plain(node: yaml.Node, location: Location, lines: _Lines, loader: yaml.CSafeLoader) -> object:
    if len(lines) > MAX_VALUES:
        raise OverflowError
    if location:  # what is missing at the top level may be added anywhere
        lines.put(location, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        plain: dict[str, object] = {}
        for key, value in node.value:
            plain[key.value] = _plain(value, (*location, key.value), lines, loader)
            lines.put((*location, key.value), key.start_mark.line + 1)
        return plain
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*location, index), lines, loader) for index, child in enumerate(node.value)]
    return cast("object", loader.construct_object(node))


# --- CSV ---------------------------------------------------------------------------------------


def _table(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line where the row starts, cells) of every row that is not blank."""
    header = text.split("\n", 1)[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _cells(cells: list[str], columns: list[str], model: type[BaseModel], name: str, line: int) -> dict[str, object]:
    """Return the cells that are given, by column; lists are split."""
    if len(cells) > len(columns):
        raise InputError.of(
            f"{len(cells)} Zellen, aber {len(columns)} Spalten.",
            f"{len(cells)} cells, but {len(columns)} columns.",
            file=name,
            line=line,
            hint=Text("Ein Text mit Trennzeichen gehört in Anführungszeichen.", "Quote a text with a separator."),
        )
    return {
        column: _split(cell) if _is_list(model.model_fields[column].annotation) else cell.strip()
        for column, cell in zip(columns, cells, strict=False)
        if cell.strip()
    }


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace("|", ";").split(";") if part.strip()]


def _always(line: int) -> Callable[[Location], int]:
    return lambda _location: line


def _header_problems(columns: list[str], model: type[BaseModel], name: str) -> Iterator[Problem]:
    known = list(model.model_fields)
    for column in columns:
        if column not in known:
            yield Problem(
                Text(f"Unbekannte Spalte {column!r}.", f"Unknown column {column!r}."),
                name,
                1,
                column or None,
                nearest(column, known),
            )
        elif columns.count(column) > 1:
            yield Problem(
                Text(f"Die Spalte {column!r} steht mehrmals.", f"The column {column!r} stands more than once."),
                name,
                1,
                column,
            )
    for field, info in model.model_fields.items():
        if info.is_required() and field not in columns:
            yield Problem(
                Text(f"Die Spalte {field!r} fehlt.", f"The column {field!r} is missing."),
                name,
                1,
                field,
                Text("Die erste Zeile nennt die Spalten.", "The first line names the columns."),
            )


def _is_list(annotation: Any) -> bool:  # noqa: ANN401 -- a type annotation is any object
    origin = getattr(annotation, "__origin__", annotation)
    return origin in {list, tuple} or any(_is_list(arg) for arg in get_args(annotation) if arg is not type(None))


# --- messages ----------------------------------------------------------------------------------


def dotted(location: Location) -> str:
    """Return a location as people write it: ``modules[3].title``, lists counted from 1."""
    out = ""
    for part in location:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def nearest(given: str, known: Iterable[str]) -> Text:
    """Return the hint that names the known word nearest to `given`, or some of those that are possible."""
    possible = list(known)
    close = difflib.get_close_matches(given, possible, n=1, cutoff=0.6)
    if close:
        return Text(f"Gemeint ist vielleicht {close[0]!r}.", f"Perhaps {close[0]!r} is meant.")
    shown = ", ".join(possible[:MAX_SHOWN]) + (", …" if len(possible) > MAX_SHOWN else "")
    return Text(f"Möglich sind: {shown}.", f"Possible: {shown}.")


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the field names of the model that a location leads to, as far as types tell."""
    current: Any = model
    for part in location:
        if isinstance(part, str) and isinstance(current, type) and issubclass(current, BaseModel):
            info = current.model_fields.get(part)
            current = info.annotation if info else None
        current = _model_in(current)
        if current is None:
            return []
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 -- a type annotation is any object
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for arg in get_args(annotation):
        found = _model_in(arg)
        if found:
            return found
    return None


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else "…" if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 -- fits a terminal line


def _problem(
    detail: ErrorDetails, model: type[BaseModel], name: str, line_of: Callable[[Location], int | None]
) -> Problem:
    location = tuple(p for p in detail["loc"] if not (isinstance(p, str) and p.startswith(("function-", "tagged-"))))
    kind, value, context = detail["type"], detail.get("input"), detail.get("ctx", {})
    field = dotted(location) or None
    line = line_of(location)
    if kind == "missing":
        return Problem(
            Text("Diese Angabe fehlt.", "This entry is missing."),
            name,
            line_of(location[:-1]),
            field,
            _add(str(location[-1]), name),
        )
    if kind == "extra_forbidden":
        known = _fields_at(model, location[:-1])
        return Problem(
            Text("Dieses Feld gibt es hier nicht.", "There is no such field here."),
            name,
            line,
            field,
            nearest(str(location[-1]), known) if known else None,
        )
    if kind == "value_error" and isinstance(context.get("error"), RecordError):
        own = context["error"]
        inner = (*location, *own.at)
        return Problem(own.message, name, line_of(inner), dotted(inner) or None, own.hint)
    message, hint = _wording(kind, value, context)
    return Problem(message, name, line, field, hint)


def _add(field: str, name: str) -> Text:
    if name.endswith(".csv"):
        return Text("Die Zelle ausfüllen.", "Fill in the cell.")
    return Text(f"Eine Zeile „{field}: …“ ergänzen.", f"Add a line “{field}: …”.")


class RecordError(ValueError):
    """Raised inside a model's own validators: a message in both languages, with the way out.

    `at` continues the location below the validator's own place, e.g. ``("modules", 3, "title")``.
    """

    def __init__(self, de: str, en: str, *, at: Location = (), hint: Text | None = None) -> None:
        super().__init__(en)
        self.message = Text(de, en)
        self.at = at
        self.hint = hint


Wording: TypeAlias = tuple[Text, Text | None]  # what is wrong, and the way out


def _wording(kind: str, value: object, context: dict[str, Any]) -> Wording:
    """Say a pydantic error of `kind` in plain words."""
    if value is None:
        return Text("Hier steht nichts.", "Nothing is given here."), None
    shown = _shown(value)
    for prefixes, say in _WORDINGS:
        if kind.startswith(prefixes):
            return say(kind, shown, context)
    return Text(f"{shown} passt hier nicht ({kind}).", f"{shown} does not fit here ({kind})."), None


def _limit(kind: str, shown: str, context: dict[str, Any]) -> Wording:
    key, de, en = {
        "greater_than_equal": ("ge", "mindestens", "at least"),
        "greater_than": ("gt", "größer als", "greater than"),
        "less_than_equal": ("le", "höchstens", "at most"),
        "less_than": ("lt", "kleiner als", "less than"),
    }[kind]
    small = kind.startswith("greater")
    return (
        Text(f"{shown} ist zu {'klein' if small else 'groß'}.", f"{shown} is too {'small' if small else 'large'}."),
        Text(f"Erlaubt ist: {de} {context[key]}.", f"Allowed: {en} {context[key]}."),
    )


def _choice(_kind: str, shown: str, context: dict[str, Any]) -> Wording:
    expected = str(context.get("expected", "")).replace(" or ", ", ")
    return (
        Text(f"{shown} ist hier nicht möglich.", f"{shown} is not possible here."),
        Text(f"Möglich sind: {expected}.", f"Possible: {expected}."),
    )


def _whole_number(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return (
        Text(f"{shown} ist keine ganze Zahl.", f"{shown} is not a whole number."),
        Text("Eine ganze Zahl, ohne Einheit.", "A whole number, without a unit."),
    )


def _number(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return (
        Text(f"{shown} ist keine Zahl.", f"{shown} is not a number."),
        Text("Eine Zahl mit Dezimalpunkt, ohne Einheit.", "A number with a decimal point, without a unit."),
    )


def _yes_no(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return Text(f"{shown} ist weder ja noch nein.", f"{shown} is neither yes nor no."), Text(
        "true oder false", "true or false"
    )


def _date(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return Text(f"{shown} ist kein Datum.", f"{shown} is not a date."), Text(
        "Jahr-Monat-Tag, z. B. 2027-03-15.", "Year-month-day, e.g. 2027-03-15."
    )


def _pattern(_kind: str, shown: str, context: dict[str, Any]) -> Wording:
    pattern = context.get("pattern")
    hint = (
        Text(
            "Kleinbuchstaben, Ziffern, - und _, ohne Leerzeichen und Umlaute.",
            "Lower-case letters, digits, - and _, without spaces and umlauts.",
        )
        if pattern == _SLUG
        else Text(f"Muster: {pattern}", f"Pattern: {pattern}")
    )
    return Text(f"{shown} hat nicht die verlangte Form.", f"{shown} does not have the required form."), hint


def _length(_kind: str, shown: str, context: dict[str, Any]) -> Wording:
    return (
        Text(f"{shown} hat nicht die verlangte Länge.", f"{shown} does not have the required length."),
        _required(context),
    )


def _string(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return (
        Text(f"{shown} ist kein Text.", f"{shown} is not a text."),
        Text("Ziffernfolgen und ja/nein in Anführungszeichen setzen.", "Quote digits and yes/no."),
    )


def _list(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return Text(f"{shown} ist keine Liste.", f"{shown} is not a list."), Text(
        "Eine Liste: [a, b] oder je Zeile „- a“.", "A list: [a, b] or “- a” on each line."
    )


def _entries(_kind: str, _shown: str, context: dict[str, Any]) -> Wording:
    count = context.get("actual_length")
    return Text(f"Die Liste hat {count} Einträge.", f"The list has {count} entries."), _required(context)


def _required(context: dict[str, Any]) -> Text:
    if "min_length" in context:
        return Text(f"Verlangt: mindestens {context['min_length']}.", f"Required: at least {context['min_length']}.")
    return Text(f"Verlangt: höchstens {context['max_length']}.", f"Required: at most {context['max_length']}.")


def _block(_kind: str, shown: str, _context: dict[str, Any]) -> Wording:
    return Text(f"{shown} ist kein Block mit Feldern.", f"{shown} is not a block with fields."), Text(
        "Eine Zeile je Feld: „name: wert“.", "One line per field: “name: value”."
    )


def _sentence(_kind: str, shown: str, context: dict[str, Any]) -> Wording:
    if str(context.get("error")) != "text":
        return Text(f"{shown} passt hier nicht.", f"{shown} does not fit here."), None
    return Text(f"{shown} ist kein Text.", f"{shown} is not a text."), Text(
        "Ein Satz, oder {de: …, en: …}.", "A sentence, or {de: …, en: …}."
    )


# The first entry of which a prefix fits the kind of pydantic's error is used.
_WORDINGS: tuple[tuple[tuple[str, ...], Callable[[str, str, dict[str, Any]], Wording]], ...] = (
    (("greater_than", "less_than"), _limit),
    (("literal_error", "enum"), _choice),
    (("int_",), _whole_number),
    (("float_", "decimal_", "finite_"), _number),
    (("bool_",), _yes_no),
    (("date",), _date),
    (("string_pattern",), _pattern),
    (("string_too",), _length),
    (("string_",), _string),
    (("list_type", "tuple_type", "set_type"), _list),
    (("too_short", "too_long"), _entries),
    (("model_type", "dict_type", "model_attributes_type"), _block),
    (("value_error",), _sentence),
)
