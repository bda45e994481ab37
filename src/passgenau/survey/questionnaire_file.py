"""`questionnaire.yaml` written: short, readable, and read back as the same questionnaire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from passgenau.reading import load_yaml
from passgenau.survey.questionnaire import Questionnaire

if TYPE_CHECKING:
    from pathlib import Path

_WIDTH = 110
_SHORT = 90  # characters of a wording that stands on the line of its key


def write_questionnaire(questionnaire: Questionnaire) -> bytes:
    """Return a questionnaire as YAML, without what is left at its default.

    Reading the file gives an equal questionnaire.
    """
    tree = questionnaire.model_dump(mode="json", exclude_defaults=True)
    text = yaml.dump(
        _ordered(tree), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False
    )
    return text.encode("utf-8")


def read_questionnaire(path: Path, name: str | None = None) -> Questionnaire:
    """Read a `questionnaire.yaml`.

    Raises
    ------
    InputError
        The file does not fit the schema; every mistake is named with its line.
    """
    return load_yaml(path, Questionnaire, name=name).value


class _Mapping(dict[str, Any]):
    """A mapping on one line."""


class _List(list[Any]):
    """A list on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes long texts as blocks, and lists below their key with an indent."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- the library's signature
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text and _fits_a_block(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


def _fits_a_block(text: str) -> bool:
    """Whether a text keeps every character in a block: no blank at the ends of lines, nothing invisible."""
    lines = text.split("\n")
    return all(line == line.rstrip() and line.isprintable() for line in lines) and text == text.strip()


_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    _Mapping, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)
)
_Dumper.add_representer(
    _List, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
)


def _ordered(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Return a tree with wordings, short lists and short answers on one line each."""
    if isinstance(value, dict):
        # What another format knows stays as it is, a null included; elsewhere nothing is said by leaving it out.
        given = {key: entry for key, entry in value.items() if entry is not None}
        inside = {key: entry if key == "foreign" else _ordered(entry) for key, entry in given.items()}
        return _Mapping(inside) if _is_short(inside) else inside
    if isinstance(value, list):
        inside_list = [_ordered(entry) for entry in value]
        plain = all(not isinstance(entry, dict | list) for entry in inside_list)
        return _List(inside_list) if plain else inside_list
    return value


def _is_short(entries: dict[str, Any]) -> bool:
    """Whether a mapping holds a few short words: a wording, or an answer with its text."""
    length = 0
    for key, entry in entries.items():
        if isinstance(entry, _Mapping):
            length += sum(len(k) + len(str(v)) + 4 for k, v in entry.items()) + len(key) + 4
        elif isinstance(entry, dict | list) or (isinstance(entry, str) and "\n" in entry):
            return False
        else:
            length += len(key) + len(str(entry)) + 4
    return length <= _SHORT
