"""Write the parts of the documentation that follow from the code.

    python scripts/build_docs.py          # docs/study-folder.md and docs/cli.md
    python scripts/build_docs.py --check  # end with 1 where they are out of step

`docs/study-folder.md` comes from the models that read a study's files, `docs/cli.md` from the
help texts of the commands. `tests/test_docs.py` compares both.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import sys
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue
from pydantic_core import PydanticUndefined

from passgenau.cli.app import build
from passgenau.cli.language import Command, Group
from passgenau.formats.public_use import PublicUse
from passgenau.frame import FrameRow
from passgenau.reading import Slug
from passgenau.simulation.assumptions import SimulationAssumptions
from passgenau.study.folder import CSV_FILES, YAML_FILES
from passgenau.survey.coding import CodingFrame
from passgenau.survey.filters import Filter
from passgenau.survey.questionnaire import Code
from passgenau.survey.repairs import Repairs
from passgenau.text import Text
from passgenau.translations import LANGUAGE, Translations

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

DOCS = Path(__file__).parent.parent / "docs"
HELP_WIDTH = 92

FILES: dict[str, tuple[type[BaseModel], str, str]] = {
    "study.yaml": (
        YAML_FILES["study.yaml"],
        "Worum es geht, wer gefragt wurde, unter welchen Annahmen gerechnet wird.",
        "What the study is about, who was asked, and under which assumptions it is computed.",
    ),
    "questionnaire.yaml": (
        YAML_FILES["questionnaire.yaml"],
        "Fragen, Antworten und das Thema, von dem jede Antwort spricht.",
        "Questions, their items, and the topic each item speaks of.",
    ),
    "published.yaml": (
        YAML_FILES["published.yaml"],
        "Ergebnisse, wie sie veröffentlicht sind, mit Einschränkungen und Basis.",
        "Results as published, with their hedges and bases.",
    ),
    "catalogue.yaml": (
        YAML_FILES["catalogue.yaml"],
        "Themenfelder, Rollen, Themen, Kompetenzen und Module: was gelehrt werden könnte.",
        "Fields, roles, topics, competences and modules: what could be taught.",
    ),
    "providers.yaml": (
        YAML_FILES["providers.yaml"],
        "Wer schon lehrt oder berät, und was davon passt.",
        "Who already teaches or advises, and what of it fits.",
    ),
    "venues.yaml": (
        YAML_FILES["venues.yaml"],
        "Orte mit Räumen, und wann sie frei sind.",
        "Places with rooms, and when they are free.",
    ),
    "trainers.yaml": (
        YAML_FILES["trainers.yaml"],
        "Wer welche Module lehren kann, von wo, an wie vielen Tagen.",
        "Who can teach which modules, from where, on how many days.",
    ),
    "decisions.yaml": (
        YAML_FILES["decisions.yaml"],
        "Setzungen: was Menschen entschieden haben; wer, warum, worauf es ruht. Sie überstehen jede neue Rechnung.",
        "What people decided; who, why, and what it rests on. Decisions survive every rerun.",
    ),
    "registrations.csv": (
        CSV_FILES["registrations.csv"],
        "Wer teilnehmen will: eine Zeile je Kommune oder Kreis. Listen in einer Zelle trennt ein Semikolon.",
        "Who wants to take part: one row per organisation. Lists within a cell are separated by semicolons.",
    ),
    "repairs.yaml": (
        Repairs,
        "Berichtigungen: was geliefert war, was gilt, wer das warum entschied; study.yaml nennt die Datei.",
        "Repairs: what was delivered, what holds, who decided and why; study.yaml names the file.",
    ),
    "simulation.yaml": (
        SimulationAssumptions,
        "Annahmen für `passgenau simulate`; jede Zeile kann fehlen.",
        "Assumptions for `passgenau simulate`; every line may be left out.",
    ),
    "coding.yaml": (
        CodingFrame,
        "Das Codierschema offener Antworten, für `passgenau code`.",
        "The coding frame of open answers, for `passgenau code`.",
    ),
    "public_use.yaml": (
        PublicUse,
        "Was alle von den Antworten erhalten, für `passgenau public-use`.",
        "What everyone may have of the answers, for `passgenau public-use`.",
    ),
    "frame.csv": (
        FrameRow,
        "Eine eigene Grundgesamtheit, wo das eingebaute Verzeichnis nicht passt; study.yaml nennt die Datei.",
        "A population of one's own, where the built-in register does not fit; study.yaml names the file.",
    ),
}
"""Every file of a study: its model, and what it holds, in German and English."""


def main(args: list[str]) -> int:
    """Write the generated pages, or compare them."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in args:
        for path in stale:
            print(f"{path.name} is out of step with the code; run scripts/build_docs.py")
        return bool(stale)
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
        print(f"wrote {path.name}")
    return 0


def pages() -> dict[Path, str]:
    """Return every generated page."""
    return {DOCS / "study-folder.md": study_folder_page(), DOCS / "cli.md": cli_page()}


GENERATED = "<!-- Generated by scripts/build_docs.py; edit the code, not this page. -->"


# --- the study folder ----------------------------------------------------------------------------


def study_folder_page() -> str:
    """Return the reference of a study's files."""
    overview = [f"| [`{name}`](#{anchor(name)}) | {de} | {en} |" for name, (_, de, en) in FILES.items()]
    parts = [
        "# The study folder",
        GENERATED,
        textwrap.dedent("""\
            A study is a folder that a person can read, edit, put under version control and send to a
            colleague. `passgenau new DIR` starts one with commented files, `passgenau check STUDY` reads all
            files and reports all mistakes at once: file, line, field, value and the way out."""),
        "| File | Enthält | Holds |\n| --- | --- | --- |\n" + "\n".join(overview),
        textwrap.dedent("""\
            How to read the tables: **text** is a sentence in German, or `{de: …, en: …}`; **wording** likewise,
            in any languages of the questionnaire (`{de: …, fr: …}`); **language** is a code such as `de`, `fr`
            or `de-informal`; **id** is lower case, digits, `-` and `_`, **code** the same with capitals;
            **key** is the Amtlicher Gemeindeschlüssel, in quotes; **date** is `2027-03-15`; **filter** is a
            condition such as `experience = yes and not (days < 2)` ([how filters are
            written](questionnaire.md#filters)). A field without a default is required. YAML turns bare `yes`,
            `no`, `on` and numbers with leading zeros into something else: quote them. No other fields are
            accepted."""),
        *(_file_section(name, *entry) for name, entry in FILES.items()),
    ]
    return "\n\n".join(parts) + "\n"


def anchor(heading: str) -> str:
    """Return a heading's anchor as forges make it."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _file_section(name: str, model: type[BaseModel], de: str, en: str) -> str:
    inner = [part for part in _models_below(model) if part is not model]
    sections = [f"### {part.__name__} ({name})\n\n{_doc(part)}\n\n{_table(part, name)}" for part in inner]
    return "\n\n".join([f"## {name}", f"*{de}* {en}", _table(model, name), *sections])


def _models_below(model: type[BaseModel], seen: list[type[BaseModel]] | None = None) -> list[type[BaseModel]]:
    """Return a model and all models its fields lead to, each once, in the order of the fields."""
    seen = [] if seen is None else seen
    if model not in seen:
        seen.append(model)
        for info in model.model_fields.values():
            for part in _models_in(info.annotation):
                _models_below(part, seen)
    return seen


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 -- a type annotation is any object
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for arg in get_args(annotation):
        yield from _models_in(arg)


def _doc(model: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(model) or "").split())


def _table(model: type[BaseModel], name: str) -> str:
    docs = field_docs(model)
    rows = [
        f"| `{field}` | {_type(info, name)} | {_default(info)} | {docs.get(field, '')} |"
        for field, info in model.model_fields.items()
    ]
    return "| Field | Type | Default | Meaning |\n| --- | --- | --- | --- |\n" + "\n".join(rows)


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """Return the sentence below each field in the source, those of base classes included."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base.__module__.startswith("passgenau"):
            found |= _docs_in(base)
    return {field: text.replace("|", "\\|") for field, text in found.items()}


def _docs_in(model: type[BaseModel]) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    if not isinstance(body, ast.ClassDef):
        return {}
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            found[field.target.id] = " ".join(str(after.value.value).split())  # type: ignore[attr-defined]  # see is_text
    return found


def _type(info: FieldInfo, name: str) -> str:
    """Return a field's type and limits in words."""
    limits = _limits(info.metadata)
    return ", ".join([_words(info.annotation, name, _pattern(info.metadata)), *limits])


def _words(annotation: Any, name: str, pattern: str | None = None) -> str:  # noqa: ANN401, PLR0911 -- one return per kind of type
    if annotation is JsonValue:
        return "anything"
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        inner = [arg for arg in args if arg is not type(None)]
        return " or ".join(_words(arg, name, pattern) for arg in inner)
    if origin is Literal:
        return " · ".join(f"`{arg}`" for arg in args)
    if origin is tuple:
        kinds = [arg for arg in args if arg is not Ellipsis]
        return f"list of {_words(kinds[0], name)}" if Ellipsis in args else f"{len(kinds)} × {_words(kinds[0], name)}"
    if origin is dict:
        return f"mapping of {_words(args[0], name)} to {_words(args[1], name)}"
    if hasattr(annotation, "__metadata__"):  # Annotated inside a list or mapping
        return ", ".join([_words(args[0], name, _pattern(annotation.__metadata__)), *_limits(annotation.__metadata__)])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{anchor(f'{annotation.__name__} ({name})')})"
    if annotation is str and pattern is not None:
        return _PATTERNS.get(pattern, f"`{pattern}`".replace("|", "\\|"))
    return _PLAIN[annotation]


_PLAIN: dict[Any, str] = {
    str: "words",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dt.date: "date",
    Text: "text",
    Translations: "wording",
    Filter: "filter",
}


def _patterns_of(metadata: tuple[Any, ...] | list[Any]) -> list[str]:
    return [pattern for item in metadata if (pattern := getattr(item, "pattern", None))]


def _pattern(metadata: tuple[Any, ...] | list[Any]) -> str | None:
    return next(iter(_patterns_of(metadata)), None)


_PATTERNS = {
    _patterns_of(Slug.__metadata__)[0]: "id",  # type: ignore[attr-defined]  # Slug is Annotated
    r"^\d{5}(\d{3})?$": "key",
    r"^\d{5}$": "key of five digits",
    r"^\d{2}$": "two digits, in quotes",
    r"^[A-Z]{2}$": "two capital letters",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": "id of the source",
    _patterns_of(Code.__metadata__)[0]: "code",  # type: ignore[attr-defined]  # likewise
    LANGUAGE.pattern: "language",
}

_LIMITS = {
    "ge": "at least {}",
    "gt": "above {}",
    "le": "at most {}",
    "lt": "below {}",
    "min_length": "{} or more",
    "max_length": "{} or fewer",
}


def _limits(metadata: tuple[Any, ...] | list[Any]) -> list[str]:
    if _pattern(metadata) is not None:
        return []
    found = [(words, getattr(item, name, None)) for item in metadata for name, words in _LIMITS.items()]
    return [words.format(value) for words, value in found if value is not None]


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.default
    if value is None or value is PydanticUndefined or value == ():
        return "–"
    if value == "":
        return "empty"  # a text that is not there
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return "its own defaults" if isinstance(value, BaseModel) else f"`{value}`"


# --- the command line ----------------------------------------------------------------------------


def cli_page() -> str:
    """Return the reference of the commands: their help, in both languages."""
    german, english = commands(build("de")), commands(build("en"))
    parts = [
        "# The command line",
        GENERATED,
        textwrap.dedent("""\
            Exit status: 0 done; 1 a fault of ours; 2 bad input or usage, with `error: FILE, line N, field F: …`
            on standard error; 3 the wishes cannot be met together, with the rules that collide and the
            smallest relaxation; 130 stopped with Ctrl-C. Output files appear whole or not at all. Results go
            to standard output, progress to standard error: as a bar on a terminal, as quiet lines elsewhere.

            Messages and help are German or English by `--lang`, else by the locale (`LC_ALL`, `LC_MESSAGES`,
            `LANG`); the prefix `error:` never changes. Results (reports, notes in CSV and JSON) are German
            unless `--lang en` is given. `--json` is short for `--format json`. What stands in the files of a
            study: [study-folder.md](study-folder.md)."""),
    ]
    for name, text in english.items():
        parts.append(f"## {name}\n\n```text\n{text}\n```\n\nDeutsch:\n\n```text\n{german[name]}\n```")
    return "\n\n".join(parts) + "\n"


def commands(group: Group, parent: Any = None) -> dict[str, str]:  # noqa: ANN401 -- Typer keeps the type of its context to itself
    """Return the help text of a group and of every command in it, by its full name."""
    name = group.name or "passgenau"
    context = group.context_class(group, info_name=name, parent=parent, terminal_width=HELP_WIDTH)
    found = {context.command_path: group.get_help(context).rstrip()}
    for inner_name, inner in group.commands.items():
        if isinstance(inner, Group):
            found |= commands(inner, context)
        elif isinstance(inner, Command):
            own = inner.context_class(inner, info_name=inner_name, parent=context, terminal_width=HELP_WIDTH)
            found[own.command_path] = inner.get_help(own).rstrip()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
