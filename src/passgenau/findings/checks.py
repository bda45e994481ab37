"""What is held against the answers: totals known from elsewhere, and the article's own claims."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from passgenau.errors import DesignError
from passgenau.estimation import tail_probability
from passgenau.findings.comparisons import SIGNIFICANCE
from passgenau.findings.model import ClaimCheck, TotalCheck, Verdict
from passgenau.findings.wording import number, p_value, percent, points, quoted
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passgenau.findings.model import Comparison, Estimate, KnownTotal
    from passgenau.findings.shares import Reading, Share
    from passgenau.survey import Claim, Published, Statement

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
    share: float  # of all who answered, 0–1
    units: int  # organisations that this is, in favour of a random draw
    p: float
    extreme: int  # organisations if all second sheets fell on the side that favours a random draw
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
    )


def _hold(total: KnownTotal, share: Share, reading: Reading, shares: Mapping[str, Share]) -> _Held:
    units = share.response.units
    value = share.value * (_largest_share(shares[reading.parent], shares) if reading.parent else 1.0)
    sheets = [count for fit in reading.fits for count in fit.counts]
    exceeds = value > total.count / total.population
    if exceeds:
        closest, extreme = math.floor(value * units + _SLACK), max(0, min(sheets) - share.extra)
    else:
        closest, extreme = math.ceil(value * units - _SLACK), min(units, max(sheets))
    count = _audience_count(total, share.population, exceeds=exceeds)
    return _Held(
        text=reading.text or _ALL,
        share=value,
        units=closest,
        p=_two_sided(closest, units, count, share.population),
        extreme=extreme,
        p_extreme=_two_sided(extreme, units, count, share.population),
    )


def _largest_share(share: Share, shares: Mapping[str, Share]) -> float:
    """Return a share's value among all who answered, at its most inclusive reading."""
    return max(
        share.value * (_largest_share(shares[reading.parent], shares) if reading.parent else 1.0)
        for reading in share.readings
    )


def _audience_count(total: KnownTotal, population: int, *, exceeds: bool) -> int:
    """Return how many of the audience the total may speak of, in favour of a random draw."""
    others = total.population - population
    if others < 0:
        # The total speaks of a part of the audience: its share stands for the whole.
        return round(total.count / total.population * population)
    return min(total.count, population) if exceeds else max(0, total.count - others)


def _two_sided(k: int, n: int, count: int, population: int) -> float:
    at_least = tail_probability(k, n, count, population)
    at_most = 1 - tail_probability(k + 1, n, count, population) if k < n else 1.0
    return min(1.0, 2 * min(at_least, at_most))


def _total_sentence(total: KnownTotal, share: Share, held: Sequence[_Held], names: Mapping[str, Text]) -> Text:
    name, first = names[share.statement.audience], held[0]
    known = (
        f"{number(total.count).de} von {number(total.population).de} ({percent(total.count / total.population).de})",
        f"{number(total.count).en} of {number(total.population).en} ({percent(total.count / total.population).en})",
    )
    other_de = "".join(f" (Lesart {quoted(r.text).de}: {percent(r.share).de})" for r in held[1:])
    other_en = "".join(f" (read as {quoted(r.text).en}: {percent(r.share).en})" for r in held[1:])
    units = number(share.response.units)
    beside = Text(
        f"{total.text.de}: insgesamt {known[0]}; {name.de}, unter den {units.de} Antwortenden: "
        f"{percent(first.share).de}{other_de}.",
        f"{total.text.into('en')}: {known[1]} in all; {name.into('en')}, among the {units.en} that answered: "
        f"{percent(first.share).en}{other_en}.",
    )
    verdict = _total_verdict(held)
    return Text(f"{beside.de} {verdict.de}", f"{beside.en} {verdict.en}")


def _total_verdict(held: Sequence[_Held]) -> Text:
    largest = max(reading.p for reading in held)
    if largest > SIGNIFICANCE:
        return Text(
            f"Damit ist eine Zufallsauswahl vereinbar ({p_value(largest).de}); gezeigt ist sie dadurch nicht.",
            f"A random draw is compatible with this ({p_value(largest).en}), but not shown by it.",
        )
    readings = Text("", "") if len(held) == 1 else Text(" bei jeder Lesart", " under any reading")
    verdict = Text(
        f"Eine Zufallsauswahl hätte das{readings.de} kaum ergeben ({_at_most(largest).de}): "
        "Wer antwortete, gleicht keiner Zufallsauswahl.",
        f"A random draw would hardly have given this{readings.en} ({_at_most(largest).en}): "
        "those who answered were not a random draw.",
    )
    weakest = max(held, key=lambda reading: reading.p_extreme)
    if weakest.p_extreme <= SIGNIFICANCE:
        return verdict
    return Text(
        f"{verdict.de} Vorbehalt: Welche Kommunen mehrere Bögen schickten, ist nicht bekannt. Im äußersten Fall wären "
        f"es bei der Lesart {quoted(weakest.text).de} {weakest.extreme} statt {weakest.units}; diese Zahl allein wäre "
        "mit einer Zufallsauswahl noch vereinbar.",
        f"{verdict.en} One reservation: it is not known who sent several sheets. In the extreme case the reading "
        f"{quoted(weakest.text).en} would mean {weakest.extreme} instead of {weakest.units}; that number alone would "
        "still be compatible with a random draw.",
    )


def _at_most(p: float) -> Text:
    text = p_value(p)
    return Text(text.de.replace("=", "≤"), text.into("en").replace("=", "≤"))


# --- the article's claims ----------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What a claim can be held against."""

    estimates: Mapping[str, Estimate]  # by source_id
    comparisons: Mapping[frozenset[str], Comparison]  # by the two source_ids


def check_claims(
    published: Published, estimates: Iterable[Estimate], comparisons: Iterable[Comparison]
) -> tuple[ClaimCheck, ...]:
    """Set every claim of the article beside what the data carry.

    Parameters
    ----------
    published
        Holds the claims.
    estimates, comparisons
        Of the same study.

    Notes
    -----
    `docs/methods.md#claims`.
    """
    evidence = Evidence(
        {estimate.source_id: estimate for estimate in estimates},
        {frozenset(comparison.source_ids): comparison for comparison in comparisons},
    )
    statements = {statement.source_id: statement for statement in published.statements}
    return tuple(_check_claim(claim, statements, evidence) for claim in published.claims)


def _check_claim(claim: Claim, statements: Mapping[str, Statement], evidence: Evidence) -> ClaimCheck:
    if claim.kind == "rank":
        verdict, sentence = _rank(claim, statements)
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
    low, high, limit = points(comparison.lower), points(comparison.upper), points(ALIKE).de.removeprefix("+")
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
    limits = Text(
        f"zwischen {percent(lowest).de} und {percent(highest).de}",
        f"between {percent(lowest).en} and {percent(highest).en}",
    )
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


def _rank(claim: Claim, statements: Mapping[str, Statement]) -> _Judged:
    """Set the rank beside the printed values; a test would need to know who named what together."""
    beside = [_place(statements[source_id], statements) for source_id in claim.source_ids]
    places_de, places_en = " ".join(text.de for text in beside), " ".join(text.into("en") for text in beside)
    return "not_testable", Text(
        f"{places_de} Wie sicher die Reihenfolge ist, lässt sich ohne Rohdaten nicht prüfen: Dieselben Bögen tragen "
        "alle Werte.",
        f"{places_en} How certain the order is cannot be tested without raw data: the same sheets carry all values.",
    )


def _place(statement: Statement, statements: Mapping[str, Statement]) -> Text:
    mine = statement.printed_range
    peers = [
        other.printed_range
        for other in statements.values()
        if (other.audience, other.question) == (statement.audience, statement.question)
        and other.printed_range is not None
        and other is not statement
    ]
    if mine is None:
        return Text("Eine Zahl ist dazu nicht gedruckt.", "No number is printed for it.")
    above = sum(other[0] > mine[1] for other in peers)
    equal = sum(other == mine for other in peers)
    shared = Text(f", gleichauf mit {equal} weiteren", f", level with {equal} more") if equal else Text("", "")
    return Text(
        f"Unter den {len(peers) + 1} gedruckten Werten der Frage liegt {statement.source_id} auf Platz "
        f"{above + 1}{shared.de}.",
        f"Among the {len(peers) + 1} printed values of the question {statement.source_id} takes place "
        f"{above + 1}{shared.en}.",
    )


def _no_numbers(claim: Claim, evidence: Evidence) -> _Judged:
    numbered = [source_id for source_id in claim.source_ids if source_id in evidence.estimates]
    if numbered:
        return "not_testable", Text(
            f"Nicht prüfbar: Eine Zahl ist nur für {', '.join(numbered)} gedruckt, das Gegenstück fehlt.",
            f"Cannot be tested: a number is printed for {', '.join(numbered)} only, its counterpart is missing.",
        )
    return "not_testable", Text(
        "Nicht prüfbar: Die Quelle nennt dazu keine Zahl.", "Cannot be tested: the source gives no number for it."
    )
