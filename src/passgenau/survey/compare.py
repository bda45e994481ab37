"""Two waves side by side: which items can be compared, which only with care, which not.

Items are matched by their ids, never by their words: an id is the promise that the same thing is asked.
What looks like a renamed item is suggested, and nothing more. The verdict follows from what changed:

- `comparable`: nothing that could move an answer.
- `with_care`: the same thing is asked, but wording, options, base or duty to answer differ, so that a
  difference between the waves may come from the form.
- `not_comparable`: the numbers mean different things (another type, another unit, points added to a scale,
  a limit on the number of answers).
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from passgenau.survey.numbering import condition_of
from passgenau.survey.plain_text import plain
from passgenau.text import Lang, Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import Item, Question, Questionnaire, Scale

Verdict = Literal["comparable", "with_care", "not_comparable"]
VERDICTS: tuple[Verdict, ...] = ("comparable", "with_care", "not_comparable")
"""From best to worst."""
Status = Literal["kept", "new", "dropped"]
What = Literal[
    "type",
    "wording",
    "help",
    "options",
    "scale",
    "unit",
    "range",
    "limits",
    "base",
    "duty",
    "order",
    "purpose",
    "source",
]

SIMILAR = 0.6  # share of common words from which a dropped and a new wording are shown as perhaps the same
_FREQUENT = 200  # entries; a word that stands in more tells nothing
_CANDIDATES = 20  # wordings that are compared word by word with each one
OTHER_WORDS = 0.35  # below this share of common words, a question asks something else

Part = tuple[Literal["same", "out", "in"], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two waves."""

    what: What
    verdict: Verdict  # what it alone would mean
    before: str
    after: str
    reason: Text
    diff: tuple[Part, ...] = ()  # of a wording: words kept, taken out, put in


@dataclass(frozen=True, slots=True)
class ItemComparison:
    """One question, or one of its items, in both waves."""

    question: str
    item: str | None  # None for the question as a whole
    wording: Translations  # the newer one where there are two
    status: Status
    verdict: Verdict
    changes: tuple[Change, ...] = ()
    perhaps: str | None = None  # what it may have been called, or be called now: "question.item"

    @property
    def name(self) -> str:
        """Return ``question`` or ``question.item``."""
        return self.question if self.item is None else f"{self.question}.{self.item}"

    @property
    def reason(self) -> Text:
        """Why the verdict is as it is, in words."""
        said = list(dict.fromkeys(change.reason for change in self.changes))
        if self.status == "new":
            said.insert(0, Text("Neu in dieser Welle.", "New in this wave."))
        elif self.status == "dropped":
            said.insert(0, Text("In dieser Welle nicht mehr gefragt.", "No longer asked in this wave."))
        elif not said:
            said = [Text("Unverändert.", "Unchanged.")]
        if self.perhaps:
            said.append(
                Text(
                    f"Ähnlich lautet {self.perhaps!r}: Ist dasselbe gemeint, dieselbe Kennung verwenden.",
                    f"{self.perhaps!r} is worded alike: if the same is meant, use the same id.",
                )
            )
        return Text(" ".join(text.de for text in said), " ".join(text.into("en") for text in said))


def compare(before: Questionnaire, after: Questionnaire) -> tuple[ItemComparison, ...]:
    """Compare two versions of a questionnaire, question by question and item by item.

    Parameters
    ----------
    before
        The earlier wave.
    after
        The later wave.

    Returns
    -------
    tuple of ItemComparison
        In the order of the later wave, each question before its items; dropped questions last. Questions that
        are only shown or computed are left out.
    """
    old = {question.id: question for question in before.questions if question.answered}
    new = [question for question in after.questions if question.answered]
    found: list[ItemComparison] = []
    for question in new:
        if question.id in old:
            found += _kept(old[question.id], question, _Waves(before, after))
        else:
            found += _alone(question, "new")
    kept = {question.id for question in new}
    for question in old.values():
        if question.id not in kept:
            found += _alone(question, "dropped")
    return tuple(_with_suggestions(found))


def worst(comparisons: tuple[ItemComparison, ...], question: str) -> Verdict:
    """Return the worst verdict on a question and those of its items that stand in both waves."""
    verdicts = [c.verdict for c in comparisons if c.question == question and c.status == "kept"]
    return max(verdicts, key=VERDICTS.index, default="not_comparable")


@dataclass(frozen=True, slots=True)
class _Waves:
    before: Questionnaire
    after: Questionnaire


def _alone(question: Question, status: Status) -> Iterator[ItemComparison]:
    yield ItemComparison(question.id, None, question.text, status, "not_comparable")
    for item in question.items:
        yield ItemComparison(question.id, item.id, item.text, status, "not_comparable")


def _kept(old: Question, new: Question, waves: _Waves) -> Iterator[ItemComparison]:
    changes = tuple(change for check in _CHECKS for change in check(old, new, waves))
    yield ItemComparison(new.id, None, new.text, "kept", _verdict(changes), changes)
    earlier = {item.id: item for item in old.items}
    for item in new.items:
        if item.id in earlier:
            own = (*changes, *_item_changes(earlier[item.id], item, waves))
            yield ItemComparison(new.id, item.id, item.text, "kept", _verdict(own), own)
        else:
            yield ItemComparison(new.id, item.id, item.text, "new", "not_comparable")
    later = {item.id for item in new.items}
    for item in old.items:
        if item.id not in later:
            yield ItemComparison(new.id, item.id, item.text, "dropped", "not_comparable")


def _verdict(changes: tuple[Change, ...]) -> Verdict:
    return max((change.verdict for change in changes), key=VERDICTS.index, default="comparable")


# --- what may differ between two questions -------------------------------------------------------


def _source(_old: Question, _new: Question, waves: _Waves) -> Iterator[Change]:
    """Say where a wave is known from a report only."""
    for wave, de, en in ((waves.before, "frühere", "earlier"), (waves.after, "spätere", "later")):
        if wave.reconstruction is not None:
            reason = Text(
                f"Der {de} Fragebogen ist ein Nachbau; sein genauer Wortlaut ist nicht bekannt.",
                f"The {en} questionnaire is a reconstruction; its exact wording is not known.",
            )
            yield Change("source", "with_care", "", "", reason)


def _type(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    if old.type != new.type:
        reason = Text(
            f"Die Frageart ist eine andere ({old.type} → {new.type}).",
            f"The type of the question is another ({old.type} → {new.type}).",
        )
        yield Change("type", "not_comparable", old.type, new.type, reason)


def _wording(old: Question, new: Question, waves: _Waves) -> Iterator[Change]:
    known = waves.before.reconstruction is None and waves.after.reconstruction is None
    change = _reworded(old.text, new.text, waves, Text("Die Frage ist anders formuliert.", "The question is reworded."))
    if change is None:
        return
    if known and _likeness(change.before, change.after) < OTHER_WORDS:
        reason = Text("Unter dieser Kennung wird etwas anderes gefragt.", "Another thing is asked under this id.")
        change = replace(change, verdict="not_comparable", reason=reason)
    yield change


def _help(old: Question, new: Question, waves: _Waves) -> Iterator[Change]:
    nothing = Translations(())
    reason = Text("Der Hinweis unter der Frage ist ein anderer.", "The help below the question is another.")
    change = _reworded(old.help or nothing, new.help or nothing, waves, reason)
    if change is not None:
        yield replace(change, what="help")


def _options(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    before, after = _offered(old), _offered(new)
    added, gone = [x for x in after if x not in before], [x for x in before if x not in after]
    if old.type == new.type and old.type in {"single", "multiple", "ranking"} and (added or gone):
        came = [after[code] for code in added]
        went = [before[code] for code in gone]
        reason = Text(
            f"Andere Antworten stehen zur Wahl ({'; '.join(_listed(came, went, 'de'))}).",
            f"Other answers are offered ({'; '.join(_listed(came, went, 'en'))}).",
        )
        yield Change("options", "with_care", ", ".join(before), ", ".join(after), reason)


def _listed(came: list[Translations], went: list[Translations], lang: Lang) -> Iterator[str]:
    words = ((Text("dazu", "added"), came), (Text("weg", "gone"), went))
    quotes = "„{}“" if lang == "de" else "“{}”"
    for word, wordings in words:
        if wordings:
            yield f"{word.into(lang)}: {', '.join(quotes.format(plain(w.into(lang))) for w in wordings)}"


def _offered(question: Question) -> dict[str, Translations]:
    """Return what may be chosen, by its code."""
    found = {item.id: item.text for item in question.items}
    for name in ("other", "no_answer"):
        extra = getattr(question, name)
        if extra is not None:
            found[name] = extra.text
    return found


def _evasion(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    """Say where “keine Angabe” came or went in a question that is not compared by its options."""
    if old.type in {"single", "multiple", "ranking"} or (old.no_answer is None) == (new.no_answer is None):
        return
    came = new.no_answer is not None
    reason = Text(
        "„Keine Angabe“ wird jetzt angeboten." if came else "„Keine Angabe“ wird nicht mehr angeboten.",
        "“No answer” is offered now." if came else "“No answer” is no longer offered.",
    )
    yield Change("options", "with_care", "" if came else "no_answer", "no_answer" if came else "", reason)


def _order(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    kept = {item.id for item in old.items} & {item.id for item in new.items}
    before = [item.id for item in old.items if item.id in kept]
    after = [item.id for item in new.items if item.id in kept]
    if old.shuffled != new.shuffled:
        reason = Text(
            "Die Antworten stehen jetzt in zufälliger Reihenfolge."
            if new.shuffled
            else "Die Antworten stehen jetzt fest.",
            "The answers now stand in random order." if new.shuffled else "The answers now stand in a fixed order.",
        )
        yield Change("order", "with_care", "", "", reason)
    elif before != after and not new.shuffled:
        reason = Text("Die Antworten stehen in anderer Reihenfolge.", "The answers stand in another order.")
        yield Change("order", "with_care", ", ".join(before), ", ".join(after), reason)


def _limits(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    if old.type == new.type and old.max_answers != new.max_answers:
        reason = Text(
            f"So viele Antworten sind höchstens möglich: {_or_all(old.max_answers, 'de')} → "
            f"{_or_all(new.max_answers, 'de')}.",
            f"So many answers are possible at most: {_or_all(old.max_answers, 'en')} → "
            f"{_or_all(new.max_answers, 'en')}.",
        )
        yield Change("limits", "not_comparable", str(old.max_answers), str(new.max_answers), reason)
    if old.type == new.type and (old.min_answers or 0) != (new.min_answers or 0):
        low, high = old.min_answers or 0, new.min_answers or 0
        reason = Text(
            f"So viele Antworten sind mindestens verlangt: {low} → {high}.",
            f"So many answers are required at least: {low} → {high}.",
        )
        yield Change("limits", "with_care", str(low), str(high), reason)


def _or_all(number: int | None, lang: Lang) -> str:
    return str(number) if number is not None else "beliebig viele" if lang == "de" else "any number"


def _range(old: Question, new: Question, waves: _Waves) -> Iterator[Change]:
    change = _reworded(old.unit or Translations(()), new.unit or Translations(()), waves, _OTHER_UNIT)
    if change is not None and old.type == new.type == "number":
        yield replace(change, what="unit", verdict="not_comparable")
    before, after = _spanned(old), _spanned(new)
    if before != after and old.type == new.type == "number":
        reason = Text(
            f"Der zugelassene Bereich ist ein anderer ({before} → {after}).",
            f"The range allowed is another ({before} → {after}).",
        )
        yield Change("range", "with_care", before, after, reason)


_OTHER_UNIT = Text("Die Einheit ist eine andere.", "The unit is another.")


def _spanned(question: Question) -> str:
    low, high = (("" if v is None else f"{v:g}") for v in (question.minimum, question.maximum))
    return f"{low}…{high}" + (f" (,{question.decimals})" if question.decimals else "")


def _scales(old: Question, new: Question, waves: _Waves) -> Iterator[Change]:
    for name_of in (_first_scale, _second_scale):
        first, second = name_of(old), name_of(new)
        if first is not None and second is not None:
            yield from _scale_changes(waves.before.scale(first), waves.after.scale(second), waves)
        elif old.type == new.type and first != second:
            reason = Text("Eine Skala kam dazu oder fiel weg.", "A scale was added or taken away.")
            yield Change("scale", "with_care", first or "", second or "", reason)


def _first_scale(question: Question) -> str | None:
    return question.scale


def _second_scale(question: Question) -> str | None:
    return question.second_scale


def _scale_changes(old: Scale, new: Scale, waves: _Waves) -> Iterator[Change]:
    before, after = [p.id for p in old.points], [p.id for p in new.points]
    if len(before) != len(after) or set(before) != set(after):
        reason = Text(
            f"Die Skala hat andere Punkte ({len(before)} → {len(after)}).",
            f"The scale has other points ({len(before)} → {len(after)}).",
        )
        yield Change("scale", "not_comparable", ", ".join(before), ", ".join(after), reason)
        return
    if before != after:
        reason = Text("Die Punkte der Skala stehen in anderer Reihenfolge.", "The points of the scale are reordered.")
        yield Change("scale", "with_care", ", ".join(before), ", ".join(after), reason)
    for point in new.points:
        earlier = old.point(point.id)
        reason = Text(f"Der Punkt {point.id!r} lautet anders.", f"The point {point.id!r} is reworded.")
        nothing = Translations(())
        change = _reworded(earlier.text or nothing, point.text or nothing, waves, reason)
        if change is not None:
            yield replace(change, what="scale")
        if (earlier.value, earlier.agrees) != (point.value, point.agrees):
            reason = Text(
                f"Der Punkt {point.id!r} zählt anders (Wert oder Zustimmung).",
                f"The point {point.id!r} counts differently (value or agreement).",
            )
            yield Change("scale", "with_care", f"{earlier.value}", f"{point.value}", reason)


def _base(old: Question, new: Question, waves: _Waves) -> Iterator[Change]:
    before, after = (str(condition_of(q, w) or "") for q, w in ((old, waves.before), (new, waves.after)))
    yield from _other_base(before, after, old.audiences, new.audiences)


def _other_base(before: str, after: str, earlier: tuple[str, ...], later: tuple[str, ...]) -> Iterator[Change]:
    if before != after:
        reason = Text(
            f"Ein anderer Filter, also eine andere Basis ({before or 'alle'} → {after or 'alle'}).",
            f"Another filter, hence another base ({before or 'all'} → {after or 'all'}).",
        )
        yield Change("base", "with_care", before, after, reason)
    if set(earlier) != set(later):
        first, second = ", ".join(earlier), ", ".join(later)
        reason = Text(
            f"Andere Zielgruppen werden gefragt ({first or 'alle'} → {second or 'alle'}).",
            f"Other audiences are asked ({first or 'all'} → {second or 'all'}).",
        )
        yield Change("base", "with_care", first, second, reason)


def _duty(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    if old.required != new.required:
        reason = Text(
            "Die Antwort ist jetzt Pflicht." if new.required else "Die Antwort ist jetzt freiwillig.",
            "An answer is required now." if new.required else "An answer is optional now.",
        )
        yield Change("duty", "with_care", str(old.required).lower(), str(new.required).lower(), reason)


def _purpose(old: Question, new: Question, _waves: _Waves) -> Iterator[Change]:
    if old.kind != new.kind:
        reason = Text(
            f"Die Frage dient einem anderen Zweck ({old.kind} → {new.kind}).",
            f"The question serves another purpose ({old.kind} → {new.kind}).",
        )
        yield Change("purpose", "with_care", old.kind, new.kind, reason)


_CHECKS: tuple[Callable[[Question, Question, _Waves], Iterator[Change]], ...] = (
    _type,
    _source,
    _wording,
    _help,
    _options,
    _evasion,
    _order,
    _limits,
    _range,
    _scales,
    _base,
    _duty,
    _purpose,
)


def _item_changes(old: Item, new: Item, waves: _Waves) -> Iterator[Change]:
    change = _reworded(old.text, new.text, waves, Text("Die Antwort lautet anders.", "The item is reworded."))
    if change is not None:
        yield change
    before, after = (str(item.show_if.tree) if item.show_if else "" for item in (old, new))
    yield from _other_base(before, after, old.audiences, new.audiences)
    if old.exclusive != new.exclusive:
        reason = Text("Ob sie allein stehen muss, ist anders geregelt.", "Whether it stands alone has changed.")
        yield Change("options", "with_care", str(old.exclusive).lower(), str(new.exclusive).lower(), reason)
    if old.topic != new.topic:
        reason = Text(
            f"Sie zählt für ein anderes Thema ({old.topic or '–'} → {new.topic or '–'}).",
            f"It counts for another topic ({old.topic or '–'} → {new.topic or '–'}).",
        )
        yield Change("purpose", "with_care", old.topic or "", new.topic or "", reason)


# --- words ---------------------------------------------------------------------------------------


def _reworded(old: Translations, new: Translations, waves: _Waves, reason: Text) -> Change | None:
    """Return the change of a wording in the first language in which it changed; signs and case do not count."""
    common = [language for language in new.languages if language in old.languages]
    if not common and (old.languages or new.languages):
        common = [(new.languages or old.languages)[0]]
    for language in common:
        before = _read(old.get(language) or "", waves.before)
        after = _read(new.get(language) or "", waves.after)
        if _bare(before) != _bare(after):
            said = reason if language == common[0] else _in_language(reason, language)
            return Change("wording", "with_care", before, after, said, difference(before, after))
    return None


def _in_language(reason: Text, language: str) -> Text:
    return Text(f"{reason.de} (Sprache: {language})", f"{reason.into('en')} (language: {language})")


def _read(words: str, questionnaire: Questionnaire) -> str:
    return plain(words) if questionnaire.markup == "html" else words


def _bare(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.casefold()))


def difference(before: str, after: str) -> tuple[Part, ...]:
    """Return two wordings as one: the words kept, taken out and put in, in reading order."""
    old, new = before.split(), after.split()
    found: list[Part] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", " ".join(old[a:b])))
        else:
            if b > a:
                found.append(("out", " ".join(old[a:b])))
            if d > c:
                found.append(("in", " ".join(new[c:d])))
    return tuple(found)


def _likeness(before: str, after: str) -> float:
    """Return the share of words that two wordings have in common, 0–1, order counted."""
    return difflib.SequenceMatcher(None, _bare(before).split(), _bare(after).split(), autojunk=False).ratio()


def _with_suggestions(found: list[ItemComparison]) -> Iterator[ItemComparison]:
    """Name beside each new or dropped entry the one of the other kind that is worded most alike."""
    index = _by_word(found)
    for each in found:
        near = [] if each.status == "kept" else [o for o in _sharing_words(each, index) if _is_counterpart(o, each)]
        likeness, best = max(((_like(each, o), o) for o in near), key=lambda pair: pair[0], default=(0.0, each))
        yield replace(each, perhaps=best.name) if likeness >= SIMILAR else each


def _by_word(found: list[ItemComparison]) -> dict[str, list[ItemComparison]]:
    index: dict[str, list[ItemComparison]] = {}
    for each in found:
        if each.status != "kept":
            for word in _words(each):
                index.setdefault(word, []).append(each)
    return index


def _sharing_words(each: ItemComparison, index: dict[str, list[ItemComparison]]) -> list[ItemComparison]:
    """Return the entries with the most words in common, a bounded number of them; frequent words do not count."""
    shared = Counter(other.name for word in _words(each) if len(index[word]) <= _FREQUENT for other in index[word])
    names = {name for name, _ in shared.most_common(_CANDIDATES)}
    return [other for word in sorted(_words(each)) for other in index[word][:_FREQUENT] if other.name in names]


def _words(each: ItemComparison) -> set[str]:
    return {word for _, wording in each.wording for word in _bare(plain(wording)).split()}


def _is_counterpart(one: ItemComparison, other: ItemComparison) -> bool:
    """Return whether one is new where the other is dropped, both questions or both items."""
    return {one.status, other.status} == {"new", "dropped"} and (one.item is None) == (other.item is None)


def _like(one: ItemComparison, other: ItemComparison) -> float:
    return max(
        (
            _likeness(plain(words), plain(other.wording.get(language) or ""))
            for language, words in one.wording
            if language in other.wording.languages
        ),
        default=0.0,
    )
