"""Names that fit: from LimeSurvey's codes to ids here, and from ids to codes that LimeSurvey accepts."""

from __future__ import annotations

import re

_NO_CODE = re.compile(r"[^A-Za-z0-9_-]")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]")
_ID_LENGTH = 64


def fitting(name: str, otherwise: str, taken: set[str]) -> str:
    """Return an id as near to a name as ids allow, one not taken yet, and take it."""
    base = _cleaned(name)
    return _free(base if base.strip("_") else _cleaned(otherwise), taken, _ID_LENGTH, "_")


def _cleaned(name: str) -> str:
    base = _NO_CODE.sub("_", name.strip())
    return f"m{base[1:]}" if base.startswith("-") else base


def code_for(name: str, taken: set[str], length: int, *, letter_first: bool = False) -> str:
    """Return a code of letters and digits, at most so long and not taken yet, and take it."""
    base = _NOT_PLAIN.sub("", name) or "A"
    if letter_first and not base[0].isalpha():
        base = f"Q{base}"
    return _free(base, taken, length, "")


def _free(base: str, taken: set[str], length: int, joint: str) -> str:
    found, number = base[:length], 2
    while found in taken:
        ending = f"{joint}{number}"
        found, number = f"{base[: length - len(ending)]}{ending}", number + 1
    taken.add(found)
    return found
