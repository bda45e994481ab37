"""What can go wrong, and how it is said.

PassgenauError
├── InputError        files or options that cannot be used as they are   (exit 2)
├── DesignError       a calculation the data do not allow                (exit 2)
└── InfeasibleError   wishes that cannot be met together                 (exit 3)
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passgenau.text import Lang

_LINE = Text("Zeile", "line")
_FIELD = Text("Feld", "field")
_CONFLICT = Text("Diese Regeln stoßen aneinander:", "These rules collide:")
_RELAX = Text("Kleinste Lockerung:", "Smallest relaxation:")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an input: where it stands, what it is, and the way out."""

    message: Text  # names the value
    file: str | None = None  # as the user named it, relative to the study folder
    line: int | None = None  # counted from 1
    field: str | None = None  # dotted path, lists counted from 1: modules[3].title
    hint: Text | None = None  # the way out

    def format(self, lang: Lang) -> str:
        """Return ``FILE, line N, field F: message`` and the hint on a second, indented line."""
        where = [self.file] if self.file else []
        if self.line is not None:
            where.append(f"{_LINE.into(lang)} {self.line}")
        if self.field:
            where.append(f"{_FIELD.into(lang)} {self.field}")
        head = f"{', '.join(where)}: " if where else ""
        tail = f"\n  {self.hint.into(lang)}" if self.hint else ""
        return f"{head}{self.message.into(lang)}{tail}"


class PassgenauError(Exception):
    """The root of all errors that passgenau raises on purpose."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en or message.de)
        self.message = message

    def format(self, lang: Lang) -> str:
        """Return the message for people, in `lang`, without the prefix ``error:``."""
        return self.message.into(lang)


class InputError(PassgenauError):
    """Input that cannot be used as it is; carries every problem found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("an InputError needs at least one problem")
        super().__init__(self.problems[0].message)
        self.args = ("\n".join(p.format("en") for p in self.problems),)

    @classmethod
    def of(  # noqa: PLR0913 -- one keyword per part of a message
        cls,
        de: str,
        en: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        hint: Text | None = None,
    ) -> InputError:
        """Build an error with a single problem."""
        return cls([Problem(Text(de, en), file, line, field, hint)])

    def format(self, lang: Lang) -> str:
        """Return one ``error:``-ready paragraph per problem."""
        return "\nerror: ".join(p.format(lang) for p in self.problems)


class DesignError(PassgenauError):
    """A calculation that the data or the sampling design do not allow."""


class InfeasibleError(PassgenauError):
    """Wishes that cannot be met together.

    `rules` names those that collide, in the reader's words; `relaxation` the smallest change
    that would make a solution possible.
    """

    def __init__(self, message: Text, rules: Iterable[Text] = (), relaxation: Text | None = None) -> None:
        super().__init__(message)
        self.rules = tuple(rules)
        self.relaxation = relaxation

    def format(self, lang: Lang) -> str:
        """Return the message, the colliding rules as a list, and the relaxation."""
        lines = [self.message.into(lang)]
        if self.rules:
            lines += [f"  {_CONFLICT.into(lang)}", *(f"  - {rule.into(lang)}" for rule in self.rules)]
        if self.relaxation:
            lines.append(f"  {_RELAX.into(lang)} {self.relaxation.into(lang)}")
        return "\n".join(lines)


_REASONS = {
    errno.EACCES: Text("keine Berechtigung", "no permission"),
    errno.EPERM: Text("keine Berechtigung", "no permission"),
    errno.EROFS: Text("schreibgeschützt", "read-only"),
    errno.EISDIR: Text("ein Ordner, keine Datei", "a folder, not a file"),
    errno.ENOTDIR: Text("eine Datei, kein Ordner", "a file, not a folder"),
    errno.EEXIST: Text("eine Datei, kein Ordner", "a file, not a folder"),  # mkdir where a file stands
    errno.ENOENT: Text("nicht vorhanden", "does not exist"),
    errno.ENAMETOOLONG: Text("Name zu lang", "name too long"),
}


def reason(error: OSError) -> Text:
    """Return why the operating system refused, in plain words."""
    other = Text(error.strerror or str(error), error.strerror or str(error))
    return _REASONS.get(error.errno or 0, other)
