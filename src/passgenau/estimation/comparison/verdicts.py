"""The sentence beside a comparison. It never says that there is no difference: few answers cannot show that."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from passgenau.estimation.comparison.wording import number, outwards, p_value, percent, signed, upwards, whole_percent
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.estimation.comparison.family import Comparison

_TESTS = {
    "exact": Text("exakter Test", "exact test"),
    "t": Text("t-Test unter dem Stichprobenplan", "design-based t test"),
}
_POPULATION = Text("Grundgesamtheit", "population")
_WEIGHTS = Text("Summe der Gewichte", "sum of weights")
_DIGITS = 3  # that matter, for means


def verdict(row: Comparison, size: int, power: float) -> Text:
    """Return what a comparison shows, in one sentence with bases, population and method.

    Parameters
    ----------
    row
        The comparison, corrected.
    size
        Comparisons in the family.
    power
        Of the smallest detectable difference, 0–1.
    """
    what, shown, apart = _what(row), _shown(row), _apart(row)
    if row.method == "complete":
        return Text(
            f"Alle wurden befragt, ohne Stichprobenfehler gilt für {what.de}: {shown.de}, {apart.de}.",
            f"Everybody was asked, so without sampling error it holds for {what.en}: {shown.en}, {apart.en}.",
        )
    if row.method == "undetermined":
        return Text(
            f"Ob sich {what.de} unterscheidet, lässt sich nicht beurteilen: {shown.de}; innerhalb der Gruppen sind "
            "alle Antworten gleich, deshalb ist nicht schätzbar, wie sehr der Zufall mitspielt.",
            f"Whether {what.en} differs cannot be judged: {shown.en}; within the groups all answers agree, so that "
            "the part of chance cannot be estimated.",
        )
    tested = _tested(row, size)
    if row.significant:
        return Text(
            f"Ein Unterschied ist nachgewiesen für {what.de}: {shown.de}, {apart.de} ({tested.de}), sofern die "
            "Antwortenden einer Zufallsauswahl gleichen.",
            f"A difference is shown for {what.en}: {shown.en}, {apart.en} ({tested.en}), provided that those who "
            "answered resemble a random draw.",
        )
    reach = _reach(row, power)
    if row.p_value <= 1 - row.confidence:
        return Text(
            f"Für sich genommen fällt ein Unterschied auf für {what.de}, unter {size} Vergleichen können diese "
            f"Antworten ihn nicht zeigen: {shown.de}, {apart.de} ({tested.de}); {reach.de}.",
            f"Taken alone a difference stands out for {what.en}; among {size} comparisons these answers cannot show "
            f"it: {shown.en}, {apart.en} ({tested.en}); {reach.en}.",
        )
    return Text(
        f"Ob sich {what.de} unterscheidet, können diese Antworten nicht zeigen: {shown.de}, {apart.de} ({tested.de}); "
        f"{reach.de}.",
        f"These answers cannot show whether {what.en} differs: {shown.en}, {apart.en} ({tested.en}); {reach.en}.",
    )


def _what(row: Comparison) -> Text:
    level_de = f" (Antwort „{row.level}“)" if row.level is not None else ""
    level_en = f' (answer "{row.level}")' if row.level is not None else ""
    return Text(
        f"„{row.item}“{level_de} zwischen „{row.a}“ und „{row.b}“",
        f'"{row.item}"{level_en} between "{row.a}" and "{row.b}"',
    )


def _shown(row: Comparison) -> Text:
    first, second = (
        _one(row, value, base, population)
        for value, base, population in (
            (row.estimate_a, row.base_a, row.population_a),
            (row.estimate_b, row.base_b, row.population_b),
        )
    )
    return Text(f"geschätzt {first.de} gegenüber {second.de}", f"an estimated {first.en} against {second.en}")


def _one(row: Comparison, value: float, base: int, population: float) -> Text:
    share = percent(value) if row.kind == "proportion" else number(value, _digits(row))
    of, units = number(base, 0), number(population, 0)
    stands = _POPULATION if row.method == "exact" else _WEIGHTS
    return Text(
        f"{share.de} ({of.de} Antworten, {stands.de} {units.de})",
        f"{share.en} ({of.en} answers, {stands.into('en')} {units.en})",
    )


def _apart(row: Comparison) -> Text:
    if row.kind == "proportion":
        points = signed(100 * row.difference, 1)
        return Text(f"Unterschied {points.de} Prozentpunkte", f"a difference of {points.en} percentage points")
    value = signed(row.difference, _digits(row))
    return Text(f"Unterschied {value.de}", f"a difference of {value.en}")


def _tested(row: Comparison, size: int) -> Text:
    factor, digits = (100, 1) if row.kind == "proportion" else (1, _digits(row))
    lower, upper = outwards(factor * row.lower, factor * row.upper, digits)
    level, test = whole_percent(row.confidence), _TESTS[row.method]
    shown = p_value(row.p_holm)
    after = (
        Text(f"p nach Holm für {size} Vergleiche", f"Holm's p for {size} comparisons") if size > 1 else Text("p", "p")
    )
    return Text(
        f"{level.de.replace(chr(0x202F), '-')}-Intervall {lower.de} bis {upper.de}; {test.de}; {after.de} {shown.de}",
        f"{level.en} interval {lower.en} to {upper.en}; {test.en}; {after.en} {shown.en}",
    )


def _reach(row: Comparison, power: float) -> Text:
    often = whole_percent(power)
    if row.detectable is None:
        return Text(
            f"nicht einmal der größte mögliche Unterschied wäre mit {often.de} Wahrscheinlichkeit aufgefallen",
            f"not even the largest possible difference would have been found with a probability of {often.en}",
        )
    if row.kind == "proportion":
        points = upwards(100 * row.detectable, 1)
        size = Text(f"{points.de} Prozentpunkten", f"{points.en} percentage points")
    else:
        size = upwards(row.detectable, _digits(row))
    return Text(
        f"erst ein Unterschied ab {size.de} wäre mit {often.de} Wahrscheinlichkeit aufgefallen",
        f"only a difference of {size.en} or more would have been found with a probability of {often.en}",
    )


def _digits(row: Comparison) -> int:
    """Return how many decimals show three digits of the standard error of a mean."""
    if not row.se > 0:
        return 1
    return max(0, min(10, _DIGITS - 1 - math.floor(math.log10(row.se))))


ASSUMPTIONS = (
    Text(
        "Die Vergleiche setzen voraus, dass die Antwortenden einer Zufallsauswahl nach dem angegebenen Plan gleichen.",
        "The comparisons assume that those who answered resemble a random draw by the stated design.",
    ),
    Text(
        "Jedes Intervall gilt für seinen Vergleich allein; für die Zahl der Vergleiche korrigiert sind die p-Werte.",
        "Every interval holds for its comparison alone; the p-values are corrected for the number of comparisons.",
    ),
)


def statement(name: Text, methods: Sequence[str], confidence: float) -> Text:
    """Return the name and the size of a family, and how its comparisons were made and corrected."""
    used = set(methods)
    how = [text for key, text in _HOW.items() if key in used]
    level = f"{1 - confidence:.4g}"
    de, en = "; ".join(text.de for text in how), "; ".join(text.into("en") for text in how)
    german = level.replace(".", ",")
    return Text(
        f"Familie „{name.de}“: {len(methods)} Vergleiche, nach Holm zum Niveau {german} beurteilt; {de}.",
        f'Family "{name.into("en")}": {len(methods)} comparisons, judged by Holm\'s procedure at level {level}; {en}.',
    )


_HOW: Mapping[str, Text] = {
    "exact": Text(
        "exakter Vergleich zweier Ziehungen ohne Zurücklegen, wo je Einheit eine Antwort mit gleichem Gewicht vorliegt",
        "exact comparison of two draws without replacement where there is one answer per unit, all of equal weight",
    ),
    "t": Text(
        "t-Test mit der Kovarianz und den Freiheitsgraden des Stichprobenplans",
        "t test with the covariance and the degrees of freedom of the design",
    ),
    "complete": Text(
        "ohne Stichprobenfehler, wo alle befragt wurden", "without sampling error where everybody was asked"
    ),
    "undetermined": Text(
        "ohne Urteil, wo alle Antworten gleich sind und der Stichprobenfehler nicht schätzbar ist",
        "without a verdict where all answers agree and the sampling error cannot be estimated",
    ),
}
