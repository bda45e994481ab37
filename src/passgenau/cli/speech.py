"""Which language a command speaks in, and which its results are written in."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from passgenau.text import Lang


@dataclass(frozen=True, slots=True)
class Speech:
    """Messages follow `--lang`, else the locale; results follow `--lang`, else are German."""

    messages: Lang
    results: Lang


def speech(context: typer.Context, lang: Lang | None) -> Speech:
    """Return the languages of a command; `lang` is what its own option says."""
    if lang is not None:
        return Speech(lang, lang)
    found = context.obj
    return found if isinstance(found, Speech) else Speech("en", "de")
