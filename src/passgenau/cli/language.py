"""German or English: which one is spoken, and how help and usage errors are said in it.

Typer fixes help texts when the commands are defined. They are written there in both languages
with `said`; `translate` puts the German ones in place before a command line is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer.core

if TYPE_CHECKING:
    from passgenau.text import Lang

_GERMAN: dict[str, str] = {}
_WHOLE = 500  # characters: what is said of a command is wrapped, not cut


def said(de: str, en: str) -> str:
    """Return a help text in English and remember its German wording."""
    _GERMAN[en] = de
    return en


def language(args: Sequence[str], environment: Mapping[str, str]) -> Lang:
    """Return the language of messages: `--lang`, else the locale's, else English."""
    for place, word in enumerate(args):
        value = args[place + 1] if word == "--lang" and place + 1 < len(args) else word.removeprefix("--lang=")
        if word.startswith("--lang") and value in {"de", "en"}:
            return "de" if value == "de" else "en"
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "de" if locale.lower().startswith("de") else "en"


class Command(typer.core.TyperCommand):
    """A command whose help speaks the language of its group."""

    lang: Lang = "en"

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 -- Typer keeps the type of its context to itself
        """Return the help text, Typer's own words included."""
        return own_words(super().get_help(ctx), self.lang)

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 -- likewise
        """Write the parameters under their headings; options without one come last."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                argument = isinstance(param, typer.core.TyperArgument)
                heading = "Arguments" if argument else getattr(param, "rich_help_panel", None) or "Options"
                groups.setdefault(heading, []).append(record)
        groups["Options"] = groups.pop("Options", [])
        for heading, records in groups.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


class Group(typer.core.TyperGroup):
    """A group of commands whose help speaks its language."""

    lang: Lang = "en"
    headings: Mapping[str, Sequence[str]] = {}
    """Under which heading of the help which commands stand; those named nowhere come last."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 -- Typer keeps the type of its context to itself
        """Return the help text, Typer's own words included."""
        return own_words(super().get_help(ctx), self.lang)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 -- likewise
        """Write the commands under their headings, with all that is said of them."""
        rest = [name for name in self.list_commands(ctx) if not any(name in own for own in self.headings.values())]
        for heading, names in {**self.headings, "Commands": rest}.items():
            own = [(name, self.commands[name].get_short_help_str(limit=_WHOLE)) for name in names]
            if own:
                with formatter.section(heading):
                    formatter.write_dl(own)


def translate(command: Command | Group, lang: Lang) -> None:
    """Put a tree of commands, as `typer.main.get_command` returns it, into a language."""
    command.lang = lang
    if lang == "de":
        command.help = _german(command.help)
        command.short_help = _german(command.short_help)
        if isinstance(command, Group):
            command.headings = {_german(heading) or heading: names for heading, names in command.headings.items()}
        for param in command.params:
            if isinstance(param, typer.core.TyperOption | typer.core.TyperArgument):
                param.help = _german(param.help)
                param.rich_help_panel = _german(param.rich_help_panel)
    if isinstance(command, Group):
        for inner in command.commands.values():
            if isinstance(inner, Command | Group):
                translate(inner, lang)


def _german(english: str | None) -> str | None:
    return _GERMAN.get(english, english) if english is not None else None


_OWN_WORDS = (
    (r"^Usage: ", "Aufruf: "),
    (r"^Options:$", "Optionen:"),
    (r"^Arguments:$", "Angaben:"),
    (r"^Commands:$", "Befehle:"),
    (r"\[OPTIONS\]", "[OPTIONEN]"),
    (r"COMMAND \[ARGS\]", "BEFEHL [ANGABEN]"),
    (r"Show this message and exit\.", "Diese Hilfe zeigen."),
    (r"\[required\]", "[nötig]"),
    (r"\[default:(?=\s)", "[Vorgabe:"),
    (r"; required\]", "; nötig]"),
)


def own_words(text: str, lang: Lang) -> str:
    """Return a help text with Typer's own words in a language."""
    if lang == "de":
        for pattern, german in _OWN_WORDS:
            text = re.sub(pattern, german, text, flags=re.MULTILINE)
    return text


# Typer's sentences about a wrong call, and how they are said here; the groups are values.
_USAGE = (
    (r"Missing argument '(.+?)'\.?", r"Die Angabe \1 fehlt.", r"The argument \1 is missing."),
    (r"Missing option '(.+?)'\.?", r"Die Option \1 fehlt.", r"The option \1 is missing."),
    (r"Missing command\.", "Es fehlt ein Befehl.", "A command is missing."),
    (
        r"No such command '(.+?)'\. Did you mean (.+)\?",
        r"Den Befehl '\1' gibt es nicht. Gemeint ist vielleicht \2.",
        r"There is no command '\1'. Perhaps \2 is meant.",
    ),
    (r"No such command '(.+?)'\.", r"Den Befehl '\1' gibt es nicht.", r"There is no command '\1'."),
    (
        r"No such option: (\S+) \(Possible options: (.+)\)",
        r"Die Option \1 gibt es nicht. Möglich: \2.",
        r"There is no option \1. Possible: \2.",
    ),
    (r"No such option: (\S+)", r"Die Option \1 gibt es nicht.", r"There is no option \1."),
    (r"Option '(.+?)' requires an argument\.", r"Die Option \1 braucht einen Wert.", r"The option \1 needs a value."),
    (r"Got unexpected extra argument\S* \((.+)\)", r"Überzählige Angabe: \1.", r"One argument too many: \1."),
    (
        r"Invalid value for '(.+?)': Value error, '(.*)' is not one of (.+)\.",
        r"\1: '\2' ist nicht möglich. Möglich sind: \3.",
        r"\1: '\2' is not possible. Possible: \3.",
    ),
    (
        r"Invalid value for '(.+?)': Input should be greater than or equal to (\S+)",
        r"\1: Der Wert ist zu klein; mindestens \2.",
        r"\1: the value is too small; at least \2.",
    ),
    (
        r"Invalid value for '(.+?)': Input should be less than or equal to (\S+)",
        r"\1: Der Wert ist zu groß; höchstens \2.",
        r"\1: the value is too large; at most \2.",
    ),
    (
        r"Invalid value for '(.+?)': Input should be a valid integer.*",
        r"\1: Das ist keine ganze Zahl.",
        r"\1: this is not a whole number.",
    ),
    (
        r"Invalid value for '(.+?)': Input should be a valid number.*",
        r"\1: Das ist keine Zahl (mit Dezimalpunkt).",
        r"\1: this is not a number.",
    ),
)


def usage_error(message: str, lang: Lang) -> str:
    """Return Typer's sentence about a wrong call in a language; one that is not known stays as it is."""
    for pattern, german, english in _USAGE:
        found = re.fullmatch(pattern, message, flags=re.DOTALL)
        if found:
            return found.expand(german if lang == "de" else english)
    return message
