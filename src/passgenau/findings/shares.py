"""From a printed statement to the counts it can stand for, and to an estimate.

Every reading of the base that the source leaves open is followed; an estimate's limits are the
envelope over all of them. `docs/methods.md#envelope`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from passgenau.estimation import (
    CountInterval,
    Fit,
    Sample,
    choose_method,
    clopper_pearson_interval,
    count_interval,
    fit_counts,
    organisation_counts,
    rounding_points,
)
from passgenau.findings.model import Estimate, Possibility
from passgenau.findings.wording import alternatives, printed_percent, quoted
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.findings.model import Assumptions
    from passgenau.survey import BaseReading, Published, Return, Statement
    from passgenau.survey.questionnaire import Item, Question


@dataclass(frozen=True)
class Reading:
    """One way to read a printed percentage: its base, and the counts that fit it."""

    text: Text | None  # as the source's reading words it; None where the base is not in question
    parent: str | None  # the share whose “yes” answers form the base; None: all who answered
    fits: tuple[Fit, ...]  # one per possible base

    @cached_property
    def best(self) -> Fit:
        """The fit that needs the fewest sheets left out; of several, the one with the largest base."""
        return min(self.fits, key=lambda fit: (not fit.exact, fit.left_out, -fit.base))


@dataclass(frozen=True)
class Share:
    """A printed percentage with everything it can stand for."""

    statement: Statement
    low: float  # printed, percent
    high: float
    response: Return
    population: int
    readings: tuple[Reading, ...]

    @property
    def value(self) -> float:
        """The printed share, or the middle of the printed range, 0–1."""
        return (self.low + self.high) / 200

    @property
    def extra(self) -> int:
        """Sheets beyond the first of each organisation."""
        return self.response.answers - self.response.units

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """Every count of organisations that is compatible with the print, smallest first."""
        found = {
            Sample(yes, answering, None if reading.parent else self.population)
            for reading in self.readings
            for fit in reading.fits
            for sheets in fit.counts
            for yes, answering in organisation_counts(sheets, fit.base, self.extra, self.response.units)
        }
        return tuple(sorted(found, key=lambda s: (s.population is None, s.drawn, s.yes)))


def read_shares(published: Published, populations: Mapping[str, int], assumptions: Assumptions) -> dict[str, Share]:
    """Return every statement that prints a number, by its `source_id`, with the counts it can stand for.

    Parameters
    ----------
    published
        The published results; already checked against questionnaire and populations.
    populations
        Units per audience.
    assumptions
        How “ca.” is read.
    """
    reader = _Reader(published, populations, assumptions)
    return {s.source_id: reader.share(s) for s in published.statements if s.printed_range is not None}


@dataclass(frozen=True)
class _Reader:
    """Reads statements one by one; a base that is itself a published share is read first."""

    published: Published
    populations: Mapping[str, int]
    assumptions: Assumptions

    @cached_property
    def _by_id(self) -> dict[str, Statement]:
        return {statement.source_id: statement for statement in self.published.statements}

    def share(self, statement: Statement) -> Share:
        low, high = statement.printed_range or (0.0, 100.0)
        return Share(
            statement,
            low,
            high,
            self.published.returns[statement.audience],
            self.populations[statement.audience],
            tuple(self._reading(statement, reading) for reading in statement.base_readings or (None,)),
        )

    def _reading(self, statement: Statement, reading: BaseReading | None) -> Reading:
        low, high = statement.printed_range or (0.0, 100.0)
        tolerance = self._tolerance(statement, low, high)
        parent = reading.subset_of if reading else None
        return Reading(
            reading.text if reading else None,
            parent,
            tuple(fit_counts(low, high, base, tolerance) for base in self._bases(statement, parent)),
        )

    def _bases(self, statement: Statement, parent: str | None) -> tuple[int, ...]:
        """Return the numbers of sheets that may be the base: all, or the “yes” sheets of another share."""
        if parent is None:
            return (self.published.returns[statement.audience].answers,)
        fits = (fit for reading in self.share(self._by_id[parent]).readings for fit in reading.fits)
        return tuple(sorted({max(1, count) for fit in fits for count in fit.counts}))

    def _tolerance(self, statement: Statement, low: float, high: float) -> float:
        rounding = max(rounding_points(low), rounding_points(high))
        return max(rounding, self.assumptions.circa_points) if statement.approximate else rounding


def estimate_of(share: Share, question: Question, item: Item) -> Estimate:
    """Return the estimate of one printed share: its limits are the envelope over all it can stand for."""
    statement = share.statement
    answered = [sample.yes / sample.drawn for sample in share.samples]
    extremes = _extremes(share.samples)
    lower, upper = _limits(extremes)
    whole = all(reading.parent is None for reading in share.readings)
    counts = _count_limits(extremes) if whole else (None, None)
    base_answers = max(fit.base + fit.left_out for reading in share.readings for fit in reading.fits)
    return Estimate(
        source_id=statement.source_id,
        audience=statement.audience,
        question=question.id,
        item=item.id,
        topic=item.topic,
        kind=question.kind,
        printed=printed(statement),
        value=share.value,
        answered_lower=min(answered),
        answered_upper=max(answered),
        lower=lower,
        upper=upper,
        base_answers=base_answers,
        base_units=min(share.response.units, base_answers),
        population=share.population,
        count_lower=counts[0],
        count_upper=counts[1],
        method="hypergeometric-envelope" if whole else "reading-envelope",
        possibility=possibility_of(share),
        unit_counts=tuple(sorted({(sample.yes, sample.drawn) for sample in share.samples})),
        note=_note(share),
        count_text=count_text(share),
    )


def _extremes(samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples with the lowest and the highest count of every draw: limits rise with the count."""
    found: dict[tuple[int, int | None], list[Sample]] = {}
    for sample in samples:  # smallest count first
        found.setdefault((sample.drawn, sample.population), []).append(sample)
    return [sample for draw in found.values() for sample in dict.fromkeys((draw[0], draw[-1]))]


def _limits(samples: Iterable[Sample]) -> tuple[float, float]:
    """Return the lowest and the highest limit (shares) over all samples."""
    limits = [
        clopper_pearson_interval(s.yes, s.drawn) if s.population is None else _interval(s, s.population).shares
        for s in samples
    ]
    return min(low for low, _ in limits), max(high for _, high in limits)


def _count_limits(samples: Iterable[Sample]) -> tuple[int, int]:
    intervals = [_interval(s, s.population) for s in samples if s.population is not None]
    return min(i.lower for i in intervals), max(i.upper for i in intervals)


def _interval(sample: Sample, population: int) -> CountInterval:
    """Return limits by the method that the engine chooses for one equal answer per unit."""
    return count_interval(choose_method(population).method, sample.yes, sample.drawn, population)


def possibility_of(share: Share) -> Possibility:
    """Return whether the printed percentage can arise from its base, in plain words and without accusation.

    Where the base is open, all who answered come first; another reading helps only where they do not fit.
    """
    first = min(share.readings, key=lambda reading: reading.parent is not None)
    reading = first if first.best.whole else min(share.readings, key=lambda r: (not r.best.exact, r.best.left_out))
    return Possibility(
        possible=first.best.whole,
        counts=reading.best.counts,
        base=reading.best.base,
        sentence=_possibility_sentence(share, first, reading),
    )


def count_text(share: Share) -> Text:
    """Return how the printed share relates to sheets, in the few words that fit beside it.

    No counts are given where the source leaves the base open: they would pick one of its readings.
    """
    if len(share.readings) > 1:
        return Text("Bezugsgröße offen", "base open")
    reading = share.readings[0]
    fit, counts = reading.best, alternatives(reading.best.counts)
    if not fit.exact:
        return Text(f"passt zu keiner Anzahl von {fit.base} Bögen", f"fits no count of {fit.base} sheets")
    # A base that is itself a share is one of several possible ones.
    certain = fit.whole and reading.parent is None
    fits = Text("", "") if certain else Text("passt zu ", "fits ")
    return Text(f"{fits.de}{counts.de} von {fit.base} Bögen", f"{fits.en}{counts.into('en')} of {fit.base} sheets")


def _possibility_sentence(share: Share, first: Reading, reading: Reading) -> Text:
    fit, full = reading.best, first.best.base + first.best.left_out
    value, counts = printed_percent(share.low, share.high), alternatives(fit.counts)
    if first.best.whole:
        return Text(
            f"{value.de} passt zu {counts.de} von {full} Bögen.",
            f"{value.en} fits {counts.into('en')} of {full} sheets.",
        )
    if not fit.exact:
        return Text(
            f"{value.de} lässt sich aus {full} Bögen nicht bilden, auch nicht, wenn einige die Frage ausgelassen "
            f"haben; gerechnet wird mit den nächstliegenden Anzahlen ({counts.de}).",
            f"{value.en} cannot be formed from {full} sheets, not even if some left the item out; "
            f"the nearest counts are used ({counts.into('en')}).",
        )
    why = _why(reading)
    return Text(
        f"{value.de} lässt sich aus {full} Bögen nicht bilden, wohl aber aus {fit.base} ({counts.de} von {fit.base}): "
        f"{why.de} Das macht den Wert etwas unsicherer, nicht falsch.",
        f"{value.en} cannot be formed from {full} sheets, but from {fit.base} ({counts.into('en')} of {fit.base}): "
        f"{why.en} That makes the value a little less certain, not wrong.",
    )


def _why(reading: Reading) -> Text:
    """Return what may lie behind a base smaller than all who answered."""
    left_out = reading.best.left_out
    if not left_out and reading.text:
        return Text(
            f"Das entspräche der Lesart {quoted(reading.text).de}.",
            f"that would correspond to the reading {quoted(reading.text).en}.",
        )
    if left_out == 1:
        return Text("Vermutlich hat ein Bogen die Frage ausgelassen.", "probably one sheet left the item out.")
    return Text(
        f"Vermutlich haben {left_out} Bögen die Frage ausgelassen.", f"probably {left_out} sheets left the item out."
    )


def _note(share: Share) -> Text | None:
    own = share.statement.note
    if all(reading.text is None for reading in share.readings):
        return own
    texts = [reading.text for reading in share.readings if reading.text]
    open_base = Text(
        f"Bezugsgröße offen: {' oder '.join(text.de for text in texts)}; die Grenzen umfassen jede Lesart.",
        f"Base open: {' or '.join(text.into('en') for text in texts)}; the limits cover every reading.",
    )
    if own is None:
        return open_base
    return Text(f"{own.de} {open_base.de}", f"{own.into('en')} {open_base.en}")


def printed(statement: Statement) -> str:
    """Return the number as printed, with its hedge: `je ca. 38 %`, `29 % („nur“)`, `zwischen 67 % und 70 %`."""
    low, high = statement.printed_range or (0.0, 0.0)
    hedge = statement.qualifier
    if hedge and low != high and hedge.count("…") == 2:  # noqa: PLR2004 -- a place for either end
        first, last = printed_percent(low, low).de, printed_percent(high, high).de
        return hedge.replace("…", first, 1).replace("…", last, 1)
    value = printed_percent(low, high).de
    if not hedge:
        return value
    return f"{hedge} {value}" if statement.approximate else f"{value} ({quoted(Text(hedge)).de})"
