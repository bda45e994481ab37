"""What another format has no word for: carried along under the project's own name, so that it comes back.

SurveyJS and XLSForm let a file hold properties and columns that they do not know. What a questionnaire says
beyond the format goes there, found by reading the written file back and comparing; what comes back by itself
is not doubled.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, TypeVar

from passgenau.errors import InputError
from passgenau.formats.exchange import Lost
from passgenau.reading import Record, validate
from passgenau.survey.questionnaire import Questionnaire
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

RecordT = TypeVar("RecordT", bound=Record)

KEY = "passgenau"
"""The property or column in which a file of another format carries what only this project knows."""

_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_RESERVED = frozenset({"and", "or", "not", "in", "answered", "count", "true", "false"})
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})

FIELDS = {
    "audiences": Text("die Zielgruppen", "the audiences"),
    "agrees": Text("was als Zustimmung zählt", "what counts as agreement"),
    "code": Text("die Schreibweise in Datendateien", "the spelling in data files"),
    "columns": Text("die Spalten", "the columns"),
    "comment": Text("das Bemerkungsfeld", "the comment field"),
    "decimals": Text("die Nachkommastellen", "the decimals"),
    "ending": Text("der Schlusstext", "the closing text"),
    "exclusive": Text("„schließt andere Antworten aus“", "“excludes other answers”"),
    "foreign": Text("Eigenheiten anderer Formate", "peculiarities of other formats"),
    "help": Text("der Hilfetext", "the help text"),
    "id": Text("die Kennung", "the identifier"),
    "introduction": Text("der Einleitungstext", "the introduction"),
    "items": Text("die Antworten oder Zeilen", "the items"),
    "kind": Text("die Art der Frage (Wunsch oder Zusammenhang)", "the kind of question (wish or context)"),
    "languages": Text("die Liste der Sprachen", "the list of languages"),
    "lines": Text("die Höhe des Textfelds", "the height of the text field"),
    "markup": Text("ob Texte HTML sind", "whether texts are HTML"),
    "max_answers": Text("die Höchstzahl der Antworten", "the maximum number of answers"),
    "max_length": Text("die Höchstlänge", "the maximum length"),
    "maximum": Text("der größte Wert", "the largest value"),
    "min_answers": Text("die Mindestzahl der Antworten", "the minimum number of answers"),
    "minimum": Text("der kleinste Wert", "the smallest value"),
    "new_page": Text("ob eine neue Seite beginnt", "whether a new page begins"),
    "no_answer": Text("„keine Angabe“ als Antwort", "“no answer” as an answer"),
    "note": Text("die Anmerkung für das Gremium", "the note for the committee"),
    "ordered": Text("ob die Skala geordnet ist", "whether the scale is ordered"),
    "other": Text("die offene Antwort neben den anderen", "the open answer beside the others"),
    "points": Text("die Punkte der Skala", "the points of the scale"),
    "privacy": Text("der Datenschutzhinweis", "the privacy notice"),
    "questions": Text("die Fragen", "the questions"),
    "reconstruction": Text("der Hinweis auf die Rekonstruktion", "the note on the reconstruction"),
    "required": Text("ob eine Antwort Pflicht ist", "whether an answer is required"),
    "scale": Text("der Name der Skala", "the name of the scale"),
    "scales": Text("die Skalen", "the scales"),
    "second_scale": Text("die zweite Skala", "the second scale"),
    "section": Text("der Abschnitt", "the section"),
    "sections": Text("die Abschnitte", "the sections"),
    "show_if": Text("der Filter", "the filter"),
    "shuffled": Text("die zufällige Reihenfolge", "the random order"),
    "source_figure": Text("die Abbildung der Quelle", "the figure of the source"),
    "text": Text("der Wortlaut", "the wording"),
    "title": Text("der Titel", "the title"),
    "topic": Text("das Thema", "the topic"),
    "type": Text("die Art der Frage", "the type of the question"),
    "unit": Text("die Einheit", "the unit"),
    "value": Text("der Zahlenwert", "the numeric value"),
    "version": Text("die Fassung", "the version"),
}
"""What a field of the questionnaire is called in a sentence."""

SILENT = frozenset(
    {"id", "code", "kind", "topic", "note", "source_figure", "foreign", "agrees", "value", "scale", "version"}
)
"""Fields that change nothing for whoever answers: carried along, they are not lost in any sense."""


def is_code(name: str) -> bool:
    """Whether a name can serve as an identifier as it is."""
    return _CODE.fullmatch(name) is not None and name.lower() not in _RESERVED


def code_of(name: str, taken: Collection[str]) -> str:
    """Return an identifier like the name that is none of `taken`."""
    plain = unicodedata.normalize("NFKD", name.translate(_SPELLED_OUT)).encode("ascii", "ignore").decode()
    code = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-")[:56] or "q"
    code = name if is_code(name) else code if is_code(code) else f"{code}_"
    unique, number = code, 2
    while unique in taken:
        unique, number = f"{code[:56]}_{number}", number + 1
    return unique


def plain(record: Record) -> dict[str, Any]:
    """Return a record as plain JSON values."""
    return record.model_dump(mode="json")


def kept(before: Record, after: Record, leave: Collection[str] = ()) -> dict[str, Any]:
    """Return the fields of `before` that `after` does not hold as they were, as plain values."""
    first, second = plain(before), plain(after)
    return {name: value for name, value in first.items() if name not in leave and value != second[name]}


def restored(record: RecordT, carried: Mapping[str, Any], name: str) -> RecordT:
    """Return the record with what its file carried along.

    Raises
    ------
    InputError
        What is carried does not fit.
    """
    if not carried:
        return record
    return checked(type(record), {**plain(record), **carried}, name)


def checked(model: type[RecordT], data: object, name: str) -> RecordT:
    """Validate plain values from a file of another format, whose lines are not known."""
    return validate(data, model, name, lambda _location: None)


def unheeded(where: str, field: str, value: object, tool: str) -> Lost:
    """Return the note that a field is carried along, but the other tool does not act on it."""
    what = FIELDS[field]
    shown = shorten(value)
    return Lost(
        where,
        Text(f"{what.de}: {shown}", f"{what.into('en')}: {shown}"),
        Text(
            f"{tool} kann das hier nicht ausdrücken und richtet sich nicht danach; "
            f"die Angabe steht unter „{KEY}“ in der Datei und wird von dort wieder gelesen.",
            f"{tool} cannot express this here and does not act on it; the entry stands under “{KEY}” in the file "
            "and is read again from there.",
        ),
    )


def unused(where: str, what: str, value: object, why: Text | None = None) -> Lost:
    """Return the note that a property of the other format was read, kept, and is not used here."""
    shown = shorten(value)
    return Lost(
        where,
        Text(f"{what}: {shown}", f"{what}: {shown}"),
        why
        or Text(
            "passgenau kennt diese Eigenschaft nicht; sie steht unverändert unter foreign und wird beim Schreiben "
            "desselben Formats wieder ausgegeben.",
            "passgenau does not know this property; it stands unchanged under foreign and is given out again when "
            "the same format is written.",
        ),
    )


def shorten(value: object, width: int = 160) -> str:
    """Return a value as one short line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 1]}…"


def whole(data: dict[str, Any], name: str) -> Questionnaire:
    """Return the questionnaire that a file of another format holds.

    Raises
    ------
    InputError
        It has no question, or what it says does not fit together.
    """
    if not data["questions"]:
        raise InputError.of(
            "Die Datei enthält keine Frage.",
            "The file holds no question.",
            file=name,
            hint=Text("Ist es die richtige Datei?", "Is it the right file?"),
        )
    return checked(Questionnaire, data, name)


_GERMAN = re.compile(r"\b(?:der|die|das|und|oder|ist|sind|wie|welche|wird|werden|für|mit|nicht|bitte|sie)\b|[äöüß]")
_ENGLISH = re.compile(r"\b(?:the|and|or|is|are|how|which|what|will|for|with|not|please|your|you|do|did|of)\b")


def guess_language(texts: Iterable[str]) -> str:
    """Return German or English, by which small words are more frequent; German where neither tells."""
    whole_text = " ".join(texts).lower()
    return "en" if len(_ENGLISH.findall(whole_text)) > len(_GERMAN.findall(whole_text)) else "de"
