"""What is held against the answers: totals known from elsewhere, and the article's own claims."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from passgenau.errors import DesignError
from passgenau.estimation import tail_probability
from passgenau.findings.comparisons import SIGNIFICANCE
from passgenau.findings.model import ClaimCheck, TotalCheck, Verdict
from passgenau.findings.wording import number, p_value, percent, percents_outwards, points, points_outwards, quoted
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passgenau.findings.model import Comparison, Estimate, KnownTotal
    from passgenau.findings.shares import Reading, Share
    from passgenau.survey import Claim, Published, Questionnaire, Statement

ALIKE = 0.10
"""Two populations count as alike where their difference is shown to stay within ten points."""

_Judged: TypeAlias = "tuple[Verdict, Text]"
_SLACK = 1e-9  # 0.56·75 is 42 despite binary fractions
_ALL = Text("alle Antwortenden", "all who answered")


# --- totals known from elsewhere ---------------------------------------------------------------


@dataclass(frozen=True)
class _Held:
    """One reading of the share that a known total is held against."""

    text: Text
    share: float  # of all sheets, 0–1
    units: int  # organisations that this is if second sheets are spread evenly, in favour of a random draw
    p: float
    extreme: int  # of all numbers of organisations that fit the print, the one a random draw gives most readily
    p_extreme: float


def check_total(total: KnownTotal, shares: Mapping[str, Share], names: Mapping[str, Text]) -> TotalCheck:
    """Hold a known total against the share of the same thing among those who answered.

    Parameters
    ----------
    total
        The known total.
    shares
        Every printed share by its `source_id`.
    names
        How sentences call the audiences.

    Raises
    ------
    DesignError
        The total is to be compared with a statement that prints no number.

    Notes
    -----
    `docs/methods.md#known-totals`. Where the total also counts others than the audience, it is split so
    that a random draw looks as plausible as possible.
    """
    share = shares.get(total.compare_with)
    if share is None:
        raise DesignError(
            Text(
                f"{total.compare_with} nennt keine Zahl; {total.id} lässt sich nicht daran prüfen.",
                f"{total.compare_with} gives no number; {total.id} cannot be held against it.",
            )
        )
    held = tuple(_hold(total, share, reading, shares) for reading in share.readings)
    return TotalCheck(
        total=total,
        known_share=total.count / total.population,
        readings=tuple((reading.text, reading.share) for reading in held),
        compatible=any(reading.p > SIGNIFICANCE for reading in held),
        sentence=_total_sentence(total, share, held, names),
        short=_short_sentence(total, share, held),
    )


def _hold(total: KnownTotal, share: Share, reading: Reading, shares: Mapping[str, Share]) -> _Held:
    units = share.response.units
    value = share.value * (_largest_share(shares[reading.parent], shares) if reading.parent else 1.0)
    exceeds = value > total.count / total.population
    even = math.floor(value * units + _SLACK) if exceeds else math.ceil(value * units - _SLACK)
    sheets = [count for fit in reading.fits for count in fit.counts]
    possible = range(max(0, min(sheets) - share.extra), min(units, max(sheets)) + 1)

    def plausible(yes: int) -> float:
        return two_sided(yes, units, audience_count(total, share.population, yes / units), share.population)

    extreme = max(possible, key=plausible)
    return _Held(reading.text or _ALL, value, even, plausible(even), extreme, plausible(extreme))


def _largest_share(share: Share, shares: Mapping[str, Share]) -> float:
    """Return a share's value among all who answered, at its most inclusive reading."""
    return max(
        share.value * (_largest_share(shares[reading.parent], shares) if reading.parent else 1.0)
        for reading in share.readings
    )


def audience_count(total: KnownTotal, population: int, share: float) -> int:
    """Return how many of the audience the total may speak of: of all possible splits the one closest to `share`."""
    others = total.population - population
    if others < 0:
        # The total speaks of a part of the audience: its share stands for the whole.
        return round(total.count / total.population * population)
    return min(max(round(share * population), total.count - others, 0), total.count, population)


def two_sided(k: int, n: int, count: int, population: int) -> float:
    """Return how readily a random draw of n from a population that holds `count` gives k or something rarer."""
    at_least = tail_probability(k, n, count, population)
    at_most = 1 - tail_probability(k + 1, n, count, population) if k < n else 1.0
    return min(1.0, 2 * min(at_least, at_most))


def _total_sentence(total: KnownTotal, share: Share, held: Sequence[_Held], names: Mapping[str, Text]) -> Text:
    name, sheets = names[share.statement.audience], _of_sheets(share, held[0])
    others = [
        Text(
            f"; Lesart {quoted(reading.text).de}: {percent(reading.share).de} der Bögen",
            f"; read as {quoted(reading.text).en}: {percent(reading.share).en} of the sheets",
        )
        for reading in held[1:]
    ]
    known = _known(total)
    beside = Text(
        f"{total.text.de}: insgesamt {known.de}; {name.de}: {sheets.de}{''.join(o.de for o in others)}.",
        f"{total.text.into('en')}: {known.en} in all; {name.into('en')}: {sheets.en}"
        f"{''.join(o.into('en') for o in others)}.",
    )
    clauses = [_reading_clause(reading, share, several=len(held) > 1) for reading in held]
    verdict = _total_verdict(held)
    return Text(
        " ".join([beside.de, *(clause.de for clause in clauses), verdict.de]),
        " ".join([beside.into("en"), *(clause.into("en") for clause in clauses), verdict.into("en")]),
    )


def _known(total: KnownTotal) -> Text:
    count, population, share = number(total.count), number(total.population), percent(total.count / total.population)
    return Text(f"{count.de} von {population.de} ({share.de})", f"{count.en} of {population.en} ({share.en})")


def _of_sheets(share: Share, reading: _Held) -> Text:
    """Return a share with the base it is printed of: sheets, and the organisations behind them."""
    value, sheets, units = percent(reading.share), number(share.response.answers), number(share.response.units)
    return Text(
        f"{value.de} der {sheets.de} Bögen aus {units.de} Kommunen",
        f"{value.en} of the {sheets.en} sheets from {units.en} organisations",
    )


def _reading_clause(reading: _Held, share: Share, *, several: bool) -> Text:
    """Return what one reading means for a random draw: with second sheets spread evenly, and in the extreme case."""
    units, p, extreme = share.response.units, p_value(reading.p), p_value(reading.p_extreme)
    name = quoted(reading.text)
    lead = Text(f"Lesart {name.de}: ", f"Reading {name.en}: ") if several else Text("", "")
    if reading.p > SIGNIFICANCE:
        return Text(
            f"{lead.de}Verteilen sich die Zweitbögen gleichmäßig, sind das {reading.units} von {units}; eine "
            f"Zufallsauswahl ist damit vereinbar ({p.de}).",
            f"{lead.en}With second sheets spread evenly this is {reading.units} of {units}; a random draw is "
            f"compatible with that ({p.en}).",
        )
    if reading.p_extreme <= SIGNIFICANCE:
        return Text(
            f"{lead.de}Gleich, welche Kommunen mehrere Bögen schickten, hätte eine Zufallsauswahl das kaum ergeben "
            f"(im äußersten Fall {reading.extreme} von {units}, {extreme.de}).",
            f"{lead.en}Whoever sent several sheets, a random draw would hardly have given this (in the extreme case "
            f"{reading.extreme} of {units}, {extreme.en}).",
        )
    return Text(
        f"{lead.de}Verteilen sich die Zweitbögen gleichmäßig, sind das {reading.units} von {units}, was eine "
        f"Zufallsauswahl kaum ergeben hätte ({p.de}); im äußersten Fall sind es {reading.extreme} von {units}, was mit "
        f"ihr vereinbar wäre ({extreme.de}).",
        f"{lead.en}With second sheets spread evenly this is {reading.units} of {units}, which a random draw would "
        f"hardly have given ({p.en}); in the extreme case it is {reading.extreme} of {units}, which would be "
        f"compatible with one ({extreme.en}).",
    )


def _total_verdict(held: Sequence[_Held]) -> Text:
    if any(reading.p > SIGNIFICANCE for reading in held):
        return Text(
            "Damit ist eine Zufallsauswahl vereinbar; gezeigt ist sie dadurch nicht.",
            "So a random draw is compatible with this, but not shown by it.",
        )
    if all(reading.p_extreme <= SIGNIFICANCE for reading in held):
        return Text(
            "Wer antwortete, gleicht keiner Zufallsauswahl.",
            "Those who answered do not resemble a random draw.",
        )
    return Text(
        "Dass die Antwortenden einer Zufallsauswahl gleichen, ist damit unwahrscheinlich, aber nicht in jedem Fall "
        "ausgeschlossen.",
        "So it is unlikely that those who answered resemble a random draw, but not ruled out in every case.",
    )


def _short_sentence(total: KnownTotal, share: Share, held: Sequence[_Held]) -> Text:
    """Return the total, the share on its proper base and the conclusion, as a first page can hold them."""
    known, sheets = _known(total), _of_sheets(share, held[0])
    others = Text("", "")
    if len(held) > 1:
        shares = [percent(reading.share) for reading in held[1:]]
        others = Text(
            f" (anders gelesen {' oder '.join(s.de for s in shares)})",
            f" ({' or '.join(s.into('en') for s in shares)} in another reading)",
        )
    verdict = _short_verdict(total, held)
    return Text(
        f"{total.text.de}: insgesamt {known.de}, unter den Antwortenden {sheets.de}{others.de}. {verdict.de}",
        f"{total.text.into('en')}: {known.en} in all, among those who answered {sheets.en}{others.en}. {verdict.en}",
    )


def _short_verdict(total: KnownTotal, held: Sequence[_Held]) -> Text:
    if any(reading.p > SIGNIFICANCE for reading in held):
        return _total_verdict(held)
    known, side = percent(total.count / total.population), _side(total, held)
    open_readings = [reading for reading in held if reading.p_extreme > SIGNIFICANCE]
    if not open_readings:
        reservation = Text("", "")
    elif len(held) == 1:
        reservation = Text(
            ", sofern sich die Zweitbögen etwa gleichmäßig verteilen",
            ", provided that second sheets are spread about evenly",
        )
    else:
        names = [quoted(reading.text) for reading in open_readings]
        reservation = Text(
            f" (Lesart {' oder '.join(n.de for n in names)}: sofern sich die Zweitbögen etwa gleichmäßig verteilen)",
            f" (read as {' or '.join(n.into('en') for n in names)}: provided that second sheets are spread about "
            "evenly)",
        )
    return Text(
        f"Das ist {side.de} als {known.de}: Die Antwortenden waren keine Zufallsauswahl{reservation.de}.",
        f"That is {side.en} {known.en}: those who answered were not a random draw{reservation.en}.",
    )


def _side(total: KnownTotal, held: Sequence[_Held]) -> Text:
    """Return on which side of the known share the readings lie: “more under both readings”."""
    more = {reading.share > total.count / total.population for reading in held}
    word = Text("mehr", "more") if more == {True} else Text("weniger", "less") if more == {False} else None
    if len(held) == 1:
        where = Text("", "")
    elif len(held) == 2:  # noqa: PLR2004 -- a pair
        where = Text("unter beiden Lesarten ", " under both readings")
    else:
        where = Text("unter jeder Lesart ", " under every reading")
    if word is None:
        return Text(f"{where.de}deutlich anders", f"clearly other{where.en} than")
    return Text(f"{where.de}deutlich {word.de}", f"clearly {word.en}{where.en} than")


# --- the article's claims ----------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What a claim can be held against, and how sentences call it."""

    questionnaire: Questionnaire
    names: Mapping[str, Text]
    statements: Mapping[str, Statement]  # by source_id
    estimates: Mapping[str, Estimate]  # by source_id
    comparisons: Mapping[frozenset[str], Comparison]  # by the two source_ids


def check_claims(
    published: Published,
    questionnaire: Questionnaire,
    names: Mapping[str, Text],
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison],
) -> tuple[ClaimCheck, ...]:
    """Set every claim of the article beside what the data carry.

    Parameters
    ----------
    published
        Holds the claims.
    questionnaire
        Gives the words of the items that claims speak of.
    names
        How sentences call the audiences.
    estimates, comparisons
        Of the same study.

    Notes
    -----
    `docs/methods.md#claims`.
    """
    evidence = Evidence(
        questionnaire,
        names,
        {statement.source_id: statement for statement in published.statements},
        {estimate.source_id: estimate for estimate in estimates},
        {frozenset(comparison.source_ids): comparison for comparison in comparisons},
    )
    return tuple(_check_claim(claim, evidence) for claim in published.claims)


def _check_claim(claim: Claim, evidence: Evidence) -> ClaimCheck:
    if claim.kind == "rank":
        verdict, sentence = _rank(claim, evidence)
    elif claim.kind == "difference":
        verdict, sentence = _difference(claim, evidence)
    elif claim.kind == "agreement":
        verdict, sentence = _agreement(claim, evidence)
    else:
        verdict, sentence = _half(claim, evidence)
    return ClaimCheck(claim.id, claim.quote, claim.location, verdict, sentence)


def _difference(claim: Claim, evidence: Evidence) -> _Judged:
    comparison = evidence.comparisons.get(frozenset(claim.source_ids))
    if comparison is None:
        return _no_numbers(claim, evidence)
    carried: Verdict = "carried" if comparison.p_holm <= SIGNIFICANCE else "not_shown"
    return carried, comparison.sentence


def _agreement(claim: Claim, evidence: Evidence) -> _Judged:
    comparison = evidence.comparisons.get(frozenset(claim.source_ids))
    if comparison is None:
        return _no_numbers(claim, evidence)
    low, high = points_outwards(comparison.lower, comparison.upper)
    limit = points(ALIKE).de.removeprefix("+")
    if max(-comparison.lower, comparison.upper) <= ALIKE:
        return "carried", Text(
            f"Der Unterschied liegt zwischen {low} und {high} Prozentpunkten, also innerhalb von {limit}, sofern die "
            "Antwortenden einer Zufallsauswahl gleichen.",
            f"The difference lies between {low} and {high} percentage points, hence within {limit}, provided that "
            "those who answered resemble a random draw.",
        )
    return "not_shown", Text(
        "Gedruckt sind gleiche oder nahe Werte. Dass beide Gruppen insgesamt übereinstimmen, kann dieser Rücklauf "
        f"nicht zeigen: Vereinbar sind Unterschiede von {low} bis {high} Prozentpunkten.",
        "The values printed are equal or close. That the two groups agree as a whole this return cannot show: "
        f"differences from {low} to {high} percentage points are compatible with it.",
    )


def _half(claim: Claim, evidence: Evidence) -> _Judged:
    """Judge “most” against a lower limit above one half, “few” against an upper limit below it."""
    estimates = [evidence.estimates[s] for s in claim.source_ids if s in evidence.estimates]
    if len(estimates) < len(claim.source_ids):
        return _no_numbers(claim, evidence)
    lowest, highest = min(e.lower or 0.0 for e in estimates), max(_upper(e) for e in estimates)
    most = claim.kind == "majority"
    shown = lowest > 1 / 2 if most else highest < 1 / 2
    side = Text("die Mehrheit", "a majority") if most else Text("weniger als die Hälfte", "less than one half")
    low, high = percents_outwards(lowest, highest)
    limits = Text(f"zwischen {low.de} und {high.de}", f"between {low.en} and {high.en}")
    if shown:
        return "carried", Text(
            f"Auch insgesamt ist es {side.de}: {limits.de}, sofern die Antwortenden einer Zufallsauswahl gleichen.",
            f"As a whole, too, it is {side.en}: {limits.en}, provided that those who answered resemble a random draw.",
        )
    values = [e.value for e in estimates if e.value is not None]
    among = min(values) > 1 / 2 if most else max(values) < 1 / 2
    sheets = (
        Text("Unter den Bögen trifft es zu.", "It holds among the sheets.")
        if among
        else Text("Schon unter den Bögen trifft es nicht zu.", "Not even among the sheets does it hold.")
    )
    return "not_shown", Text(
        f"{sheets.de} Ob es insgesamt {side.de} ist, kann dieser Rücklauf nicht zeigen: Vereinbar sind Anteile "
        f"{limits.de}.",
        f"{sheets.en} Whether it is {side.en} as a whole this return cannot show: shares {limits.en} are compatible "
        "with it.",
    )


def _upper(estimate: Estimate) -> float:
    return 1.0 if estimate.upper is None else estimate.upper


def _rank(claim: Claim, evidence: Evidence) -> _Judged:
    """Set the rank beside the printed values; a test would need to know who named what together."""
    beside = [_place(evidence.statements[source_id], evidence) for source_id in claim.source_ids]
    places_de, places_en = " ".join(text.de for text in beside), " ".join(text.into("en") for text in beside)
    return "not_testable", Text(
        f"{places_de} Wie sicher die Reihenfolge ist, lässt sich ohne Rohdaten nicht prüfen: Dieselben Bögen tragen "
        "alle Werte.",
        f"{places_en} How certain the order is cannot be tested without raw data: the same sheets carry all values.",
    )


def _place(statement: Statement, evidence: Evidence) -> Text:
    mine = statement.printed_range
    peers = [
        other.printed_range
        for other in evidence.statements.values()
        if (other.audience, other.question) == (statement.audience, statement.question)
        and other.printed_range is not None
        and other is not statement
    ]
    if mine is None:
        return Text("Eine Zahl ist dazu nicht gedruckt.", "No number is printed for it.")
    above = sum(other[0] > mine[1] for other in peers)
    equal = sum(other == mine for other in peers)
    shared = Text(f", gleichauf mit {equal} weiteren", f", level with {equal} more") if equal else Text("", "")
    item, name = _item(statement, evidence), evidence.names[statement.audience]
    return Text(
        f"Unter den {len(peers) + 1} zu dieser Frage gedruckten Werten ({name.de}) liegt {item.de} auf Platz "
        f"{above + 1}{shared.de}.",
        f"Among the {len(peers) + 1} values printed for this question ({name.into('en')}) {item.en} takes place "
        f"{above + 1}{shared.en}.",
    )


def _item(statement: Statement, evidence: Evidence) -> Text:
    """Return the item that a statement speaks of, in quotation marks."""
    return quoted(evidence.questionnaire.question(statement.question).item(statement.item).text.text)


def _no_numbers(claim: Claim, evidence: Evidence) -> _Judged:
    numbered = [evidence.statements[source_id] for source_id in claim.source_ids if source_id in evidence.estimates]
    if numbered:
        named = [(_item(statement, evidence), evidence.names[statement.audience]) for statement in numbered]
        found_de = "; ".join(f"{name.de} ({item.de})" for item, name in named)
        found_en = "; ".join(f"{name.into('en')} ({item.en})" for item, name in named)
        return "not_testable", Text(
            f"Nicht prüfbar: Eine Zahl ist nur gedruckt für {found_de}; das Gegenstück fehlt.",
            f"Cannot be tested: a number is printed only for {found_en}; its counterpart is missing.",
        )
    return "not_testable", Text(
        "Nicht prüfbar: Die Quelle nennt dazu keine Zahl.", "Cannot be tested: the source gives no number for it."
    )
