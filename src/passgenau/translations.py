"""Wording in any number of languages: what a questionnaire says to those who answer it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from passgenau.text import Text

LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
"""A language code: ``de``, ``fr``, ``de-informal``, ``pt-BR``."""


@dataclass(frozen=True, slots=True)
class Translations:
    """One wording in one or more languages.

    A `Text` is a sentence of passgenau itself, in German and English; a `Translations` belongs to a
    survey, which may be in any language. In YAML it is a plain string (German) or a mapping from
    language codes to strings; ``{}`` says nothing on purpose, as some tools allow.
    """

    by_language: tuple[tuple[str, str], ...]  # (language code, wording), as given; empty: nothing is said

    @classmethod
    def of(cls, wordings: Mapping[str, str]) -> Translations:
        """Return the wording by language code; languages without a wording are left out."""
        return cls(tuple((language, wording) for language, wording in wordings.items() if wording.strip()))

    @property
    def languages(self) -> tuple[str, ...]:
        """The language codes, in the order given."""
        return tuple(language for language, _ in self.by_language)

    def get(self, language: str) -> str | None:
        """Return the wording in exactly this language, or None."""
        return dict(self.by_language).get(language)

    def language_for(self, wanted: str) -> str:
        """Return the language that `into` answers in: the wanted one, a variant of it, German, English, the first."""
        given = self.languages or (wanted,)
        for choice in (wanted, "de", "en"):
            if choice in given:
                return choice
            variant = next((code for code in given if code.split("-")[0] == choice), None)
            if variant:
                return variant
        return given[0]

    def into(self, wanted: str) -> str:
        """Return the wording in a language, or in the nearest one there is; nothing where nothing is said."""
        return dict(self.by_language).get(self.language_for(wanted), "")

    @property
    def text(self) -> Text:
        """The wording as a `Text`: German (or the nearest there is), and English where it exists."""
        german = self.into("de")
        english = next((w for code, w in self.by_language if code.split("-")[0] == "en"), None)
        return Text(german, english)

    def plain(self) -> dict[str, str]:
        """Return the wording by language code, for a file."""
        return dict(self.by_language)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.by_language)

    def __str__(self) -> str:
        return self.into("de")

    @classmethod
    def _from_file(cls, value: object) -> Translations:
        if isinstance(value, Translations):
            return value
        if isinstance(value, Text):
            return cls.of({"de": value.de, "en": value.en or ""})
        if isinstance(value, str) and value.strip():
            return cls((("de", value.strip()),))
        if isinstance(value, dict) and all(
            isinstance(k, str) and LANGUAGE.match(k) and isinstance(v, str) for k, v in value.items()
        ):
            return cls.of({k: v.strip() for k, v in value.items()})
        raise ValueError("text")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 -- pydantic's own signature
        return core_schema.no_info_plain_validator_function(
            cls._from_file, serialization=core_schema.plain_serializer_function_ser_schema(cls.plain)
        )
