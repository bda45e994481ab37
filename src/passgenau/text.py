"""Sentences in the two languages of the interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

Lang = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in German and, where it exists, in English.

    German comes first because the offices that use passgenau work in German. A text without
    English (the prose of a catalogue, a quotation) stays German in an English report, which
    marks it with its language.

    In YAML a text is either a plain string (German) or a mapping ``{de: …, en: …}``.
    """

    de: str
    en: str | None = None

    def into(self, lang: Lang) -> str:
        """Return the wording in `lang`, or the German one where no other exists."""
        return self.en if lang == "en" and self.en is not None else self.de

    def lang_in(self, lang: Lang) -> Lang:
        """Return the language that `into` answers in."""
        return "en" if lang == "en" and self.en is not None else "de"

    def __str__(self) -> str:
        return self.de

    @classmethod
    def _from_file(cls, value: object) -> Text:
        if isinstance(value, Text):
            return value
        if isinstance(value, str) and value.strip():
            return cls(value.strip())
        if (
            isinstance(value, dict)
            and isinstance(value.get("de"), str)
            and set(value) <= {"de", "en"}
            and isinstance(value.get("en"), str | None)
        ):
            return cls(value["de"].strip(), value["en"].strip() if value.get("en") else None)
        raise ValueError("text")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 -- pydantic's own signature
        return core_schema.no_info_plain_validator_function(cls._from_file)
