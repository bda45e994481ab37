"""What a questionnaire still lacks before it is sent: languages, privacy notice, version, topics, ways not to answer.

Only facts that can be checked are named; whether a question is a good one is for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from passgenau.survey.plain_text import plain
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.reading import Location
    from passgenau.survey.questionnaire import Question, Questionnaire

Kind = Literal["language", "privacy", "version", "title", "topic", "no_answer", "point", "placeholder", "unused"]

_PLACEHOLDER = re.compile(r"\[[^\]\[\n]{2,80}\]")
_SHOWN = 3  # placeholders that a message quotes


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing, and where."""

    kind: Kind
    location: Location  # in questionnaire.yaml
    message: Text
    hint: Text | None = None


def completeness(questionnaire: Questionnaire) -> tuple[Gap, ...]:
    """Return what a questionnaire lacks, in a fixed order: the whole first, then its parts as they stand.

    Checked: title, version, privacy notice; every wording in every language; wishes with a topic; points of a
    scale with a text where others have one; “keine Angabe” or an item that excludes all others where an answer
    is required; placeholders left in square brackets; scales that no question uses.
    """
    return tuple(gap for check in _CHECKS for gap in check(questionnaire))


def _whole(questionnaire: Questionnaire) -> Iterator[Gap]:
    if not _said(questionnaire.title):
        yield Gap("title", ("title",), Text("Der Fragebogen hat keinen Titel.", "The questionnaire has no title."))
    if questionnaire.version is None:
        yield Gap(
            "version",
            ("version",),
            Text("Die Fassung fehlt.", "The version is missing."),
            Text(
                "version: „2027“ ergänzen; Wellen werden daran erkannt.", "Add version: “2027”; waves are known by it."
            ),
        )
    if not _said(questionnaire.privacy):
        yield Gap(
            "privacy",
            ("privacy",),
            Text("Der Datenschutzhinweis fehlt.", "The privacy notice is missing."),
            Text(
                "Unter privacy sagen: wer, wofür, Rechtsgrundlage, wie lange, welche Rechte.",
                "Say under privacy: who, for what, on which legal basis, for how long, which rights.",
            ),
        )


def _said(wording: Translations | None) -> bool:
    return wording is not None and bool(wording.languages)


def _languages(questionnaire: Questionnaire) -> Iterator[Gap]:
    for location, wording in wordings(questionnaire):
        missing = [language for language in questionnaire.languages if not _has(wording, language)]
        if missing and wording.languages:
            names = ", ".join(missing)
            yield Gap(
                "language",
                location,
                Text(f"Fehlt in: {names} („{_start(wording)}“).", f"Missing in: {names} (“{_start(wording)}”)."),
            )


def _has(wording: Translations, language: str) -> bool:
    """Return whether a wording exists in a language; the usual words beside a box need no variant of their own."""
    return bool(wording.get(language)) or (wording.get(language.partition("-")[0]) is not None and wording in _USUAL)


_USUAL = (
    Translations((("de", "Sonstiges, und zwar"), ("en", "other, namely"))),
    Translations((("de", "keine Angabe"), ("en", "no answer"))),
)
_LONG = 40  # characters of a wording that a message quotes


def _start(wording: Translations) -> str:
    words = " ".join(plain(wording.into("de")).split())
    return words if len(words) <= _LONG else words[: _LONG - 1].rstrip() + "…"


def wordings(questionnaire: Questionnaire) -> Iterator[tuple[Location, Translations]]:
    """Yield every wording that respondents may read, with its place in the file."""
    for field in ("title", "introduction", "privacy", "ending", "reconstruction"):
        yield from _given((field,), getattr(questionnaire, field))
    for name, scale in questionnaire.scales.items():
        for index, point in enumerate(scale.points):
            yield from _given(("scales", name, "points", index, "text"), point.text)
    for index, section in enumerate(questionnaire.sections):
        for field in ("title", "text"):
            yield from _given(("sections", index, field), getattr(section, field))
    for index, question in enumerate(questionnaire.questions):
        yield from _of_question(("questions", index), question)


def _of_question(at: Location, question: Question) -> Iterator[tuple[Location, Translations]]:
    for field in ("text", "help", "comment", "unit"):
        yield from _given((*at, field), getattr(question, field))
    for part in ("items", "columns"):
        for number, item in enumerate(getattr(question, part)):
            yield from _given((*at, part, number, "text"), item.text)
    for part in ("other", "no_answer"):
        extra = getattr(question, part)
        if extra is not None:
            yield from _given((*at, part, "text"), extra.text)


def _given(location: Location, wording: Translations | None) -> Iterator[tuple[Location, Translations]]:
    if wording is not None:
        yield location, wording


def _topics(questionnaire: Questionnaire) -> Iterator[Gap]:
    for index, question in enumerate(questionnaire.questions):
        for number, item in enumerate(question.items):
            if question.kind == "wish" and item.topic is None and not item.exclusive:
                yield Gap(
                    "topic",
                    ("questions", index, "items", number, "topic"),
                    Text(
                        f"Der Wunsch {item.id!r} ({question.id}) führt zu keinem Thema des Katalogs.",
                        f"The wish {item.id!r} ({question.id}) leads to no topic of the catalogue.",
                    ),
                    Text("topic ergänzen, oder kind: context setzen.", "Add topic, or set kind: context."),
                )


def _ways_out(questionnaire: Questionnaire) -> Iterator[Gap]:
    for index, question in enumerate(questionnaire.questions):
        alone = any(item.exclusive for item in question.items)
        if question.required and question.answered and question.no_answer is None and not alone:
            yield Gap(
                "no_answer",
                ("questions", index, "no_answer"),
                Text(
                    f"Die Antwort auf {question.id!r} ist Pflicht, aber „keine Angabe“ fehlt.",
                    f"An answer to {question.id!r} is required, but “no answer” is not offered.",
                ),
                Text("no_answer: {} ergänzen, oder required weglassen.", "Add no_answer: {}, or leave required out."),
            )


def _points(questionnaire: Questionnaire) -> Iterator[Gap]:
    for name, scale in questionnaire.scales.items():
        silent = [index for index, point in enumerate(scale.points) if not _said(point.text)]
        ends = {0, len(scale.points) - 1}
        if ends & set(silent) or (silent and len(silent) < len(scale.points) - len(ends)):
            point = scale.points[silent[0]]
            yield Gap(
                "point",
                ("scales", name, "points", silent[0], "text"),
                Text(
                    f"Der Punkt {point.id!r} der Skala {name!r} hat keine Worte.",
                    f"The point {point.id!r} of the scale {name!r} has no words.",
                ),
                Text("Alle Punkte benennen, mindestens beide Enden.", "Name all points, both ends at the very least."),
            )


def _placeholders(questionnaire: Questionnaire) -> Iterator[Gap]:
    for location, wording in wordings(questionnaire):
        for language, words in wording:
            found = _PLACEHOLDER.findall(plain(words))
            if found:
                quoted = ", ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
                yield Gap(
                    "placeholder",
                    (*location, language),
                    Text(f"Noch auszufüllen: {quoted}.", f"Still to be filled in: {quoted}."),
                )


def _unused(questionnaire: Questionnaire) -> Iterator[Gap]:
    used = {name for question in questionnaire.questions for name in (question.scale, question.second_scale)}
    for name in questionnaire.scales:
        if name not in used:
            yield Gap(
                "unused",
                ("scales", name),
                Text(f"Keine Frage verwendet die Skala {name!r}.", f"No question uses the scale {name!r}."),
            )


_CHECKS: tuple[Callable[[Questionnaire], Iterator[Gap]], ...] = (
    _whole,
    _languages,
    _topics,
    _ways_out,
    _points,
    _placeholders,
    _unused,
)
