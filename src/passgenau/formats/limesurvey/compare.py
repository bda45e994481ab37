"""What a written LimeSurvey structure would not give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from passgenau.formats.exchange import Lost
from passgenau.formats.limesurvey.codebook import Codes, codes_of
from passgenau.formats.limesurvey.expressions import Spelling, UntranslatableError, expression_of
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passgenau.formats.limesurvey.tables import Document
    from passgenau.survey.filters import Filter
    from passgenau.survey.questionnaire import Item, Question, Questionnaire, Scale, Section

Filtered: TypeAlias = "Section | Question | Item"

_SURVEY = ("title", "version", "introduction", "privacy", "ending", "reconstruction")
_SECTION = ("id", "title", "text", "new_page")
_QUESTION = (
    *("id", "type", "text", "help", "kind", "other", "no_answer", "comment", "required", "min_answers", "max_answers"),
    *("unit", "minimum", "maximum", "decimals", "max_length", "lines", "shuffled", "audiences", "note"),
    *("source_figure", "code"),
)
_ITEM = ("id", "text", "topic", "exclusive", "comment", "audiences", "code")
_POINT = ("id", "text", "value", "agrees", "code")


def differences(wanted: Questionnaire, document: Document, codes: Codes) -> list[Lost]:
    """Return every field of a questionnaire that the tables of a document are not read back as.

    Two filters are the same where LimeSurvey spells them the same.
    """
    from passgenau.formats.limesurvey.structure import import_document  # noqa: PLC0415 -- reading needs no writing

    read = import_document(document, "survey.lss").questionnaire
    if read is None:
        return []
    pair = _Pair(Spelling(wanted, codes), Spelling(read, codes_of(read)))
    lost = list(_fields("survey", wanted, read, _SURVEY))
    for mine, theirs in zip(wanted.sections, read.sections, strict=False):
        lost += _fields(f"section {mine.id}", mine, theirs, _SECTION)
        lost += pair.filters(f"section {mine.id}", mine, theirs)
    if not wanted.sections:
        lost.append(_no_sections())
    for question, found in zip(wanted.questions, read.questions, strict=True):
        lost += pair.question(question, found)
    return lost


@dataclass(frozen=True, slots=True)
class _Pair:
    """A questionnaire and what would be read in its place."""

    wanted: Spelling
    read: Spelling

    def filters(self, where: str, mine: Filtered, theirs: Filtered) -> Iterator[Lost]:
        """Yield a filter that came back saying something else."""
        own, found = _spelled(mine.show_if, self.wanted), _spelled(theirs.show_if, self.read)
        if own is not None and own != found:
            yield _lost(where, "show_if", mine.show_if, theirs.show_if)

    def question(self, mine: Question, theirs: Question) -> Iterator[Lost]:
        """Yield what differs in a question."""
        where = f"question {mine.id}"
        yield from _fields(where, mine, theirs, _QUESTION)
        yield from self.filters(where, mine, theirs)
        if mine.type != theirs.type:
            return  # the rest is said by the type
        for part in ("items", "columns"):
            pairs: Iterator[tuple[Item, Item]] = zip(getattr(mine, part), getattr(theirs, part), strict=False)
            for own, found in pairs:
                yield from _fields(f"{where}, {own.id}", own, found, _ITEM)
                yield from self.filters(f"{where}, {own.id}", own, found)
        for name in ("scale", "second_scale"):
            own_name, found_name = getattr(mine, name), getattr(theirs, name)
            if own_name and found_name:
                wanted, read = self.wanted.questionnaire, self.read.questionnaire
                yield from _scale(where, wanted.scale(own_name), read.scale(found_name))


def _spelled(condition: Filter | None, spelling: Spelling) -> str | None:
    """Return how LimeSurvey spells a filter; None where it cannot, which is reported elsewhere."""
    if condition is None:
        return ""
    try:
        return expression_of(condition, spelling)
    except UntranslatableError:
        return None


def _scale(where: str, mine: Scale, theirs: Scale) -> Iterator[Lost]:
    if mine.ordered != theirs.ordered:
        yield _lost(where, "ordered", mine.ordered, theirs.ordered)
    for own, found in zip(mine.points, theirs.points, strict=False):
        yield from _fields(f"{where}, {own.id}", own, found, _POINT)


def _fields(where: str, mine: Any, theirs: Any, names: tuple[str, ...]) -> Iterator[Lost]:  # noqa: ANN401 -- two records of one kind
    for name in names:
        own, found = _bare(getattr(mine, name)), _bare(getattr(theirs, name))
        if own != found:
            yield _lost(where, name, own, found)


def _bare(value: Any) -> Any:  # noqa: ANN401 -- the value of any field
    """Return a value as it is compared: nothing is the same as an empty text, and `foreign` does not count."""
    if isinstance(value, Translations):
        return value if value.languages else None
    if hasattr(value, "foreign"):
        return tuple(getattr(value, name) for name in type(value).model_fields if name != "foreign")
    return value


def _lost(where: str, name: str, own: object, found: object) -> Lost:
    return Lost(
        where,
        Text(f"{name}: {_shown(own)}", f"{name}: {_shown(own)}"),
        Text(
            f"Das kann LimeSurvey so nicht sagen; von dort zurück käme: {_shown(found)}.",
            f"LimeSurvey cannot say it so; from there would come back: {_shown(found)}.",
        ),
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(part) for part in value if part not in {None, ()})
    if isinstance(value, Translations):
        return " / ".join(said for _, said in value)
    return "–" if value is None else str(value)


def _no_sections() -> Lost:
    return Lost(
        "survey",
        Text("Fragen ohne Abschnitte", "questions without sections"),
        Text("In LimeSurvey stehen sie in einer Gruppe.", "In LimeSurvey they stand in a group."),
    )
