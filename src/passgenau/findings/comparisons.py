"""Two audiences on every item that both were asked, adjusted for the number of comparisons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from passgenau.estimation import (
    Difference,
    benjamini_hochberg,
    detectable_difference,
    envelope_difference,
    holm,
)
from passgenau.findings.model import Comparison
from passgenau.findings.wording import p_value, percent, points_outwards, printed_percent, quoted
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passgenau.findings.shares import Share
    from passgenau.survey import Questionnaire

SIGNIFICANCE = 0.05
POWER = 0.8
METHOD = "exact-difference"
_SLACK = 1e-9  # percentage points; keeps 25 points at 25 despite binary fractions


@dataclass(frozen=True)
class _Pair:
    """One item with the shares of two audiences, and what the exact test says of them."""

    question: str
    item: str
    a: Share
    b: Share
    result: Difference
    detectable: float | None


def compare(
    questionnaire: Questionnaire, shares: Sequence[Share], audiences: Sequence[str], names: Mapping[str, Text]
) -> tuple[Comparison, ...]:
    """Return the comparisons of every two audiences, in the order of the questionnaire.

    Parameters
    ----------
    questionnaire
        Gives the order of the items.
    shares
        Every printed share.
    audiences
        In the order in which they are subtracted: the first minus the second.
    names
        How sentences call the audiences.
    """
    beside = list(_pairs(questionnaire, shares, audiences))
    pairs = [_test(*pair, len(beside)) for pair in beside]
    p_values = [pair.result.p_value for pair in pairs]
    adjusted = zip(pairs, holm(p_values), benjamini_hochberg(p_values), strict=True)
    return tuple(_comparison(pair, p_holm, p_bh, len(pairs), names) for pair, p_holm, p_bh in adjusted)


def family(comparisons: Sequence[Comparison]) -> Text:
    """Return which comparisons the adjusted p-values speak of."""
    size = len(comparisons)
    return Text(
        f"Die korrigierten p-Werte gelten für alle {size} Vergleiche zusammen: für jede Antwort, nach der beide "
        "Zielgruppen gefragt wurden und zu der für beide eine Zahl gedruckt ist.",
        f"The adjusted p-values speak of all {size} comparisons together: of every item that both audiences were "
        "asked and for which a number is printed for both.",
    )


def _pairs(
    questionnaire: Questionnaire, shares: Sequence[Share], audiences: Sequence[str]
) -> Iterator[tuple[str, str, Share, Share]]:
    found = {(s.statement.question, s.statement.item, s.statement.audience): s for s in shares}
    for question in questionnaire.questions:
        for item in question.items:
            for first, second in combinations(audiences, 2):
                a, b = found.get((question.id, item.id, first)), found.get((question.id, item.id, second))
                if a and b:
                    yield question.id, item.id, a, b


def _test(question: str, item: str, a: Share, b: Share, size: int) -> _Pair:
    detectable = detectable_difference(
        a.response.units,
        a.population,
        b.response.units,
        b.population,
        b.value,
        level=1 - SIGNIFICANCE / size,  # what Holm's first step asks of the smallest of `size` p-values
        power=POWER,
    )
    return _Pair(question, item, a, b, envelope_difference(a.samples, b.samples, 1 - SIGNIFICANCE), detectable)


def _comparison(pair: _Pair, p_holm: float, p_bh: float, size: int, names: Mapping[str, Text]) -> Comparison:
    return Comparison(
        question=pair.question,
        item=pair.item,
        source_ids=(pair.a.statement.source_id, pair.b.statement.source_id),
        audience_a=pair.a.statement.audience,
        audience_b=pair.b.statement.audience,
        difference=pair.a.value - pair.b.value,
        lower=pair.result.lower,
        upper=pair.result.upper,
        p_value=pair.result.p_value,
        p_holm=p_holm,
        p_bh=p_bh,
        detectable=pair.detectable,
        method=METHOD,
        sentence=_sentence(pair, p_holm, size, names),
        note=_note(pair),
    )


def _sentence(pair: _Pair, p_holm: float, size: int, names: Mapping[str, Text]) -> Text:
    groups = names[pair.a.statement.audience], names[pair.b.statement.audience]
    reach = reach_of(pair.result.lower, pair.result.upper, pair.detectable, groups, size, STATEMENTS)
    return sentence(_beside(pair, names), reach, pair.result.p_value, p_holm, size)


def _beside(pair: _Pair, names: Mapping[str, Text]) -> Text:
    name_a, name_b = names[pair.a.statement.audience], names[pair.b.statement.audience]
    share_a, share_b = (printed_percent(share.low, share.high) for share in (pair.a, pair.b))
    return Text(
        f"{name_a.de} {share_a.de}, {name_b.de} {share_b.de}",
        f"{name_a.into('en')} {share_a.en}, {name_b.into('en')} {share_b.en}",
    )


@dataclass(frozen=True)
class Words:
    """How sentences on comparisons speak of what was compared."""

    source: Text  # what the difference is compatible with
    even: Text | None  # the reservation before what could have been found


STATEMENTS = Words(
    Text("den Angaben", "The statements"),
    Text("selbst bei eindeutigen Angaben", "even with unambiguous statements"),
)
ANSWERS = Words(Text("den Antworten", "The answers"), None)


def sentence(shown: Text, reach: Text, p: float, p_holm: float, size: int) -> Text:
    """Return what a return says of one difference: shown, standing out by itself, or not to be shown.

    Parameters
    ----------
    shown
        Both groups with their shares.
    reach
        What remains possible, and what could have been found (`reach_of`).
    p, p_holm
        The p-value by itself and adjusted.
    size
        Number of comparisons.
    """
    if p_holm <= SIGNIFICANCE:
        adjusted = p_value(p_holm)
        return Text(
            f"{shown.de}. Dieser Rücklauf zeigt einen Unterschied, auch nach der Korrektur für {size} Vergleiche "
            f"({adjusted.de}), sofern die Antwortenden einer Zufallsauswahl gleichen.",
            f"{shown.en}. This return shows a difference, even after the adjustment for {size} comparisons "
            f"({adjusted.en}), provided that those who answered resemble a random draw.",
        )
    if p <= SIGNIFICANCE:
        alone = p_value(p)
        return Text(
            f"{shown.de}. Für sich genommen fällt der Unterschied auf ({alone.de}), unter {size} Vergleichen nicht "
            f"mehr: Dieser Rücklauf kann ihn nicht zeigen. {reach.de}",
            f"{shown.en}. Taken alone the difference stands out ({alone.en}), among {size} comparisons it no longer "
            f"does: this return cannot show it. {reach.en}",
        )
    return Text(
        f"{shown.de}. Dieser Rücklauf kann nicht zeigen, ob sich die beiden Gruppen insgesamt unterscheiden. "
        f"{reach.de}",
        f"{shown.en}. This return cannot show whether the two groups differ as a whole. {reach.en}",
    )


def reach_of(  # noqa: PLR0913, PLR0917 -- the parts of a sentence
    lower: float, upper: float, detectable: float | None, groups: tuple[Text, Text], size: int, words: Words
) -> Text:
    """Return what remains possible (a minus b, 0–1), and what this return could have found among `size`."""
    low, high = points_outwards(lower, upper)
    a, b = groups
    possible = Text(
        f"Vereinbar mit {words.source.de} sind {low} bis {high} Prozentpunkte ({a.de} minus {b.de});",
        f"{words.source.en} are compatible with {low} to {high} percentage points ({a.into('en')} minus "
        f"{b.into('en')});",
    )
    correction = Text(f"nach der Korrektur für {size} Vergleiche", f"after the adjustment for {size} comparisons")
    conditions = [*([words.even] if words.even else []), *([correction] if size > 1 else [])]
    under = Text(
        " und ".join(part.de for part in conditions) + " " * bool(conditions),
        " and ".join(part.into("en") for part in conditions) + " " * bool(conditions),
    )
    power = percent(POWER)
    if detectable is None:
        return Text(
            f"{possible.de} {under.de}wäre nicht einmal der größte mögliche Unterschied mit einer Wahrscheinlichkeit "
            f"von {power.de} aufgefallen.",
            f"{possible.en} {under.en}not even the largest possible difference would have been found with a "
            f"probability of {power.en}.",
        )
    smallest = math.ceil(100 * detectable - _SLACK)
    return Text(
        f"{possible.de} {under.de}wäre erst ein Unterschied ab {smallest} Punkten, gleich in welche Richtung, mit "
        f"einer Wahrscheinlichkeit von {power.de} aufgefallen.",
        f"{possible.en} {under.en}only a difference of {smallest} points or more, in either direction, would have "
        f"been found with a probability of {power.en}.",
    )


def _note(pair: _Pair) -> Text | None:
    """Return why the two shares may not speak of the same thing."""
    notes = []
    worded = [share.statement.item_text for share in (pair.a, pair.b)]
    if worded[0] != worded[1]:
        texts = [quoted(Text(text)) for text in worded if text]
        notes.append(
            Text(
                f"Die Quelle formuliert die Antwort nicht für beide gleich ({', '.join(text.de for text in texts)}).",
                f"The source does not word the item alike for both ({', '.join(text.into('en') for text in texts)}).",
            )
        )
    if any(len(share.readings) > 1 for share in (pair.a, pair.b)):
        notes.append(
            Text(
                "Die Bezugsgröße ist offen; die Grenzen umfassen jede Lesart.",
                "The base is open; the limits cover every reading.",
            )
        )
    if not notes:
        return None
    return Text(" ".join(note.de for note in notes), " ".join(note.into("en") for note in notes))
