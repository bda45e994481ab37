"""From files that people write to checked values: YAML and CSV with the line of every mistake.

Every file of a study is described by a pydantic model (its schema); this module reads the file,
validates it as a whole and turns each mistake into a `Problem` that names file, line, field,
value and the way out.
"""

from __future__ import annotations

import csv
import difflib
import io
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, cast, get_args

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from passgenau.errors import InputError, Problem
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
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
    name = name or path.name
    data, lines = _parse(_text(path, name), name)
    return validate(data, model, name, lines.of)


def read_csv(path: Path, model: type[RecordT], *, name: str | None = None) -> list[RecordT]:
    """Read a CSV file (UTF-8, comma or semicolon, header line) as one `model` per row.

    An empty cell counts as not given. A cell that the model wants as a list is split at ``;``
    or, in a semicolon file, at ``|``; both separators may always be used inside quotes.

    Raises
    ------
    InputError
        As for `read_yaml`; unknown and missing columns are named once, for the header line.
    """
    name = name or path.name
    text = _text(path, name).removeprefix("\ufeff")
    header = text.split("\n", 1)[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = next(reader, None)
    if not columns:
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
    columns = [column.strip() for column in columns]
    problems = list(_header_problems(columns, model, name))
    if problems:
        raise InputError(problems)
    lists = {field for field, info in model.model_fields.items() if _is_list(info.annotation)}
    rows: list[RecordT] = []
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if len(cells) > len(columns):
                problems.append(
                    Problem(
                        Text(
                            f"{len(cells)} Zellen, aber {len(columns)} Spalten.",
                            f"{len(cells)} cells, but {len(columns)} columns.",
                        ),
                        name,
                        line,
                        None,
                        Text(
                            "Ein Text mit Trennzeichen gehört in Anführungszeichen.", "Quote a text with a separator."
                        ),
                    )
                )
            else:
                row = {
                    column: [part.strip() for part in cell.replace("|", ";").split(";") if part.strip()]
                    if column in lists
                    else cell.strip()
                    for column, cell in zip(columns, cells, strict=False)
                    if cell.strip()
                }
                try:
                    rows.append(model.model_validate(row))
                except ValidationError as error:
                    problems += problems_of(error, model, name, _always(line))
        line = reader.line_num + 1
    if problems:
        raise InputError(problems)
    return rows


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
        message = Text(f"Nicht lesbar: {error.strerror}.", f"Cannot be read: {error.strerror}.")
        hint = Text("Ist es eine Datei, und darf sie gelesen werden?", "Is it a file, and may it be read?")
    raise InputError([Problem(message, name, hint=hint)])


def _parse(text: str, name: str) -> tuple[object, _Lines]:
    lines = _Lines()
    loader = yaml.CSafeLoader(text)
    try:
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
        problems = list(_duplicates(node, (), name))
        if problems:
            raise InputError(problems)
        return _plain(node, (), lines, loader), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError.of(
            f"Kein gültiges YAML: {error.problem}.",
            f"Not valid YAML: {error.problem}.",
            file=name,
            line=mark.line + 1 if mark else None,
            hint=Text(
                "Oft hilft: Einrückung prüfen (Leerzeichen, keine Tabulatoren); Texte mit : oder # in Anführungszeichen setzen.",
                "Often: check the indentation (spaces, no tabs); quote texts that contain : or #.",
            ),
        ) from None
    except yaml.YAMLError as error:
        raise InputError.of(f"Kein gültiges YAML: {error}", f"Not valid YAML: {error}", file=name) from None
    finally:
        loader.dispose()


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
                _known_hint(column, known),
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


def _known_hint(given: str, known: list[str]) -> Text:
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.6)
    if close:
        return Text(f"Gemeint ist vielleicht {close[0]!r}.", f"Perhaps {close[0]!r} is meant.")
    return Text(f"Möglich sind: {', '.join(known)}.", f"Possible: {', '.join(known)}.")


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
            Text(f"Eine Zeile „{location[-1]}: …“ ergänzen.", f"Add a line “{location[-1]}: …”."),
        )
    if kind == "extra_forbidden":
        known = _fields_at(model, location[:-1])
        return Problem(
            Text("Dieses Feld gibt es hier nicht.", "There is no such field here."),
            name,
            line,
            field,
            _known_hint(str(location[-1]), known) if known else None,
        )
    if kind == "value_error" and isinstance(context.get("error"), RecordError):
        own = context["error"]
        inner = (*location, *own.at)
        return Problem(own.message, name, line_of(inner), dotted(inner) or None, own.hint)
    message, hint = _wording(kind, value, context)
    return Problem(message, name, line, field, hint)


class RecordError(ValueError):
    """Raised inside a model's own validators: a message in both languages, with the way out.

    `at` continues the location below the validator's own place, e.g. ``("modules", 3, "title")``.
    """

    def __init__(self, de: str, en: str, *, at: Location = (), hint: Text | None = None) -> None:
        super().__init__(en)
        self.message = Text(de, en)
        self.at = at
        self.hint = hint


def _wording(  # noqa: C901, PLR0911 -- one branch and one return per kind of mistake
    kind: str, value: object, context: dict[str, Any]
) -> tuple[Text, Text | None]:
    shown = _shown(value)
    if value is None:
        return Text("Hier steht nichts.", "Nothing is given here."), None
    if kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        limit = context.get("ge", context.get("gt", context.get("le", context.get("lt"))))
        more = kind.startswith("greater")
        strict_de, strict_en = (
            ("größer als", "greater than")
            if kind == "greater_than"
            else ("kleiner als", "less than")
            if kind == "less_than"
            else ("mindestens", "at least")
            if more
            else ("höchstens", "at most")
        )
        return (
            Text(f"{shown} ist zu {'klein' if more else 'groß'}.", f"{shown} is too {'small' if more else 'large'}."),
            Text(f"Erlaubt ist: {strict_de} {limit}.", f"Allowed: {strict_en} {limit}."),
        )
    if kind in {"literal_error", "enum"}:
        expected = str(context.get("expected", "")).replace(" or ", ", ")
        return (
            Text(f"{shown} ist hier nicht möglich.", f"{shown} is not possible here."),
            Text(f"Möglich sind: {expected}.", f"Possible: {expected}."),
        )
    if kind.startswith(("int_", "float_", "decimal_", "finite_")) or kind in {"int_type", "float_type"}:
        return (
            Text(f"{shown} ist keine Zahl dieser Art.", f"{shown} is not a number of this kind."),
            Text("Eine Zahl mit Dezimalpunkt, ohne Einheit.", "A number with a decimal point, without a unit.")
            if not kind.startswith("int_")
            else Text("Eine ganze Zahl, ohne Einheit.", "A whole number, without a unit."),
        )
    if kind.startswith("bool_"):
        return Text(f"{shown} ist weder ja noch nein.", f"{shown} is neither yes nor no."), Text(
            "true oder false", "true or false"
        )
    if kind.startswith("date"):
        return Text(f"{shown} ist kein Datum.", f"{shown} is not a date."), Text(
            "Jahr-Monat-Tag, z. B. 2027-03-15.", "Year-month-day, e.g. 2027-03-15."
        )
    if kind == "string_pattern_mismatch":
        return (
            Text(f"{shown} hat nicht die verlangte Form.", f"{shown} does not have the required form."),
            Text(f"Muster: {context.get('pattern')}", f"Pattern: {context.get('pattern')}"),
        )
    if kind.startswith("string_"):
        return (
            Text(f"{shown} ist kein Text der verlangten Länge.", f"{shown} is not a text of the required length.")
            if kind in {"string_too_short", "string_too_long"}
            else Text(f"{shown} ist kein Text.", f"{shown} is not a text."),
            Text("Ziffernfolgen und ja/nein in Anführungszeichen setzen.", "Quote digits and yes/no."),
        )
    if kind in {"list_type", "tuple_type", "set_type"}:
        return Text(f"{shown} ist keine Liste.", f"{shown} is not a list."), Text(
            "Eine Liste: [a, b] oder je Zeile „- a“.", "A list: [a, b] or “- a” on each line."
        )
    if kind in {"too_short", "too_long"}:
        return (
            Text(
                f"Die Liste hat {context.get('actual_length')} Einträge.",
                f"The list has {context.get('actual_length')} entries.",
            ),
            Text(
                f"Verlangt: {'mindestens ' + str(context['min_length']) if 'min_length' in context else 'höchstens ' + str(context.get('max_length'))}.",
                f"Required: {'at least ' + str(context['min_length']) if 'min_length' in context else 'at most ' + str(context.get('max_length'))}.",
            ),
        )
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        return Text(f"{shown} ist kein Block mit Feldern.", f"{shown} is not a block with fields."), Text(
            "Eine Zeile je Feld: „name: wert“.", "One line per field: “name: value”."
        )
    if kind == "value_error" and str(context.get("error")) == "text":
        return Text(f"{shown} ist kein Text.", f"{shown} is not a text."), Text(
            "Ein Satz, oder {de: …, en: …}.", "A sentence, or {de: …, en: …}."
        )
    return Text(f"{shown} passt hier nicht ({kind}).", f"{shown} does not fit here ({kind})."), None
