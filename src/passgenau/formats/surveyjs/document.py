"""A SurveyJS file as plain values: parsed within bounds, its languages, its texts."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passgenau.errors import InputError
from passgenau.formats.intake import decode
from passgenau.formats.keeping import KEY, guess_language
from passgenau.text import Text
from passgenau.translations import LANGUAGE, Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "surveyjs"
_DEFAULT = "default"
_TAG = re.compile(r"<[A-Za-z/!][^<>]*>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_DEEPEST = 60  # nested panels, objects and lists


def parse_json(content: bytes, name: str) -> Any:  # noqa: ANN401 -- JSON holds anything
    """Return the value of a JSON file.

    Raises
    ------
    InputError
        It is no JSON, is cut off, or is nested absurdly deep.
    """
    text = decode(content, name).text
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InputError.of(
            f"Kein gültiges JSON: Zeile {error.lineno}, Zeichen {error.colno}.",
            f"Not valid JSON: line {error.lineno}, character {error.colno}.",
            file=name,
            line=error.lineno,
            hint=_way_out(text),
        ) from None
    except (RecursionError, ValueError):
        raise _too_deep(name) from None
    if _depth(value) > _DEEPEST:
        raise _too_deep(name)
    return value


_UNQUOTED = re.compile(r"[\s\w.=;]*[{\[\s]+(?:\{\s*)?[A-Za-z_$][\w$]*\s*:")


def _way_out(text: str) -> Text:
    if _UNQUOTED.match(text[:1000]):
        return Text(
            "Das ist JavaScript, kein JSON: Die Namen stehen ohne Anführungszeichen. Den Inhalt im Survey Creator "
            "unter „JSON Editor“ einsetzen und von dort speichern.",
            "This is JavaScript, not JSON: the names stand without quotation marks. Put the content into the “JSON "
            "Editor” of the Survey Creator and save it from there.",
        )
    return Text(
        "Meist ist die Datei abgeschnitten: noch einmal ausgeben lassen und vollständig übertragen.",
        "Mostly the file is cut off: export it once more and transfer it whole.",
    )


def _no_constant(_name: str) -> None:
    """Read NaN and Infinity, which are no JSON, as nothing."""


def _too_deep(name: str) -> InputError:
    return InputError.of(
        "Die Datei ist zu tief verschachtelt oder enthält unmögliche Zahlen.",
        "The file is nested too deeply, or holds impossible numbers.",
        file=name,
        hint=Text("Ist es ein Fragebogen von SurveyJS?", "Is it a questionnaire of SurveyJS?"),
    )


def _depth(value: object) -> int:
    level, deepest = [value], 0
    while level and deepest <= _DEEPEST:
        deepest += 1
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ())
            if isinstance(child, dict | list)
        ]
    return deepest


def survey_of(content: bytes, name: str) -> dict[str, Any]:
    """Return the survey of a SurveyJS file.

    Raises
    ------
    InputError
        The JSON is no survey: it has neither pages nor elements.
    """
    document = parse_json(content, name)
    for wrapper in ("survey", "json", "surveyJson", "model", "definition"):
        inner = document.get(wrapper) if isinstance(document, dict) else None
        if isinstance(inner, dict) and not _is_survey(document):
            document = inner
    if not _is_survey(document):
        raise InputError.of(
            "Das ist kein Fragebogen von SurveyJS: Es fehlen „pages“ oder „elements“.",
            "This is no questionnaire of SurveyJS: “pages” or “elements” is missing.",
            file=name,
            hint=Text(
                "Im Survey Creator den Reiter „JSON Editor“ öffnen und den ganzen Inhalt speichern.",
                "In the Survey Creator open the tab “JSON Editor” and save the whole content.",
            ),
        )
    return dict(document)


def _is_survey(value: object) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(k), list) for k in ("pages", "elements", "questions"))


@dataclass(frozen=True, slots=True)
class Languages:
    """In which languages the texts of a survey stand, and which one its plain texts are in."""

    leading: str
    all: tuple[str, ...]  # the leading one first
    guessed: bool  # whether the file does not say the leading one

    def read(self, value: object) -> Translations | None:
        """Return a text of the survey, plain or by language; None where it says nothing."""
        if isinstance(value, str):
            found = {self.leading: value.strip()}
        elif isinstance(value, dict):
            texts = {key: text.strip() for key, text in value.items() if isinstance(text, str)}
            plain = {self.leading: texts.pop(_DEFAULT)} if _DEFAULT in texts else {}
            found = {**plain, **{key: text for key, text in texts.items() if LANGUAGE.match(key)}}
        else:
            return None
        order = [language for language in self.all if language in found]
        texts_in_order = Translations.of({language: found[language] for language in order})
        return texts_in_order if texts_in_order.by_language else None

    def write(self, text: Translations) -> str | dict[str, str]:
        """Return a text as SurveyJS holds it."""
        if text.languages == (self.leading,):
            return text.into(self.leading)
        return {_DEFAULT if language == self.leading else language: wording for language, wording in text}


def languages_of(survey: dict[str, Any]) -> Languages:
    """Return the languages of a survey: the stated one leads, else German or English by its words."""
    stated = survey.get("locale")
    texts = list(_localised(survey))
    both = {key for text in texts if _DEFAULT in text for key in text}
    carried = survey.get(KEY)
    listed = carried.get("languages") if isinstance(carried, dict) else None
    order = [code for code in listed if isinstance(code, str)] if isinstance(listed, list) else []
    others = dict.fromkeys(code for code in order if LANGUAGE.match(code))
    others |= dict.fromkeys(key for text in texts for key in text if key != _DEFAULT and LANGUAGE.match(key))
    if isinstance(stated, str) and LANGUAGE.match(stated) and stated not in both:
        leading, guessed = stated, False
    else:
        plain = [value for text in texts if isinstance(value := text.get(_DEFAULT), str)] + list(_titles(survey))
        leading, guessed = guess_language(plain), bool(plain)
        if leading in both:
            leading = next(code for code in ("en", "de", "und") if code not in both)
    return Languages(leading, tuple(dict.fromkeys((leading, *others))), guessed)


def _localised(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object that holds one text by language."""
    if isinstance(value, dict):
        texts = [key for key in value if key == _DEFAULT or LANGUAGE.match(key)]
        if value and len(texts) == len(value) and all(isinstance(text, str) for text in value.values()):
            yield value
        for key, child in value.items():
            if key != KEY:
                yield from _localised(child)
    elif isinstance(value, list):
        for child in value:
            yield from _localised(child)


def _titles(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key in {"title", "text", "description", "html"} and isinstance(child, str):
                yield child
            elif key != KEY:
                yield from _titles(child)
    elif isinstance(value, list):
        for child in value:
            yield child if isinstance(child, str) else ""
            yield from _titles(child)


def is_marked_up(text: str) -> bool:
    """Whether a text holds HTML tags other than line breaks."""
    return _TAG.search(_BREAK.sub("", text)) is not None


def from_html(text: Translations) -> Translations:
    """Return what an HTML text without tags says."""
    return Translations.of({language: html.unescape(_BREAK.sub("\n", said)) for language, said in text})


def to_html(text: Translations) -> Translations:
    """Return a plain text as HTML."""
    return Translations.of({language: html.escape(said).replace("\n", "<br>") for language, said in text})
