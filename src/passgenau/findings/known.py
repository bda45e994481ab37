"""Totals known from elsewhere, held against the answers of organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.findings.checks import audience_count, two_sided
from passgenau.findings.comparisons import SIGNIFICANCE
from passgenau.findings.model import TotalCheck
from passgenau.findings.weighting import total_rows
from passgenau.findings.wording import number, p_value, percent
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.findings.model import KnownTotal
    from passgenau.findings.organisations import Organisations
    from passgenau.findings.weighting import Weighted


def check_answers_against(
    total: KnownTotal, organisations: Organisations, weighted: Weighted, names: Mapping[str, Text], threshold: int
) -> TotalCheck:
    """Hold a known total against the share of the same thing among the organisations that answered.

    Raises
    ------
    DesignError
        No share bears the name of `compare_with`.

    Notes
    -----
    `docs/methods.md#known-totals`. Where the total also counts others than those who were asked, it is split so
    that a random draw looks as plausible as possible. Where too few answered the question, nothing is tested.
    """
    yes, audiences = total_rows(organisations, total)
    spoken = audiences or (total.compare_with.partition(".")[0],)
    rows = organisations.table["audience"].is_in(list(spoken)) & yes.is_not_null()
    base, count = int(rows.sum()), int(yes.filter(rows).sum())
    if base < threshold:
        return _untested(total)
    population = sum(len(organisations.frames[name]) for name in spoken)
    known = audience_count(total, population, count / base)
    p = two_sided(count, base, known, population)
    calibrated = weighted.weighting is not None and total.id in weighted.weighting.calibrated
    sentence = _sentence(total, (count, base), p, [names[name] for name in spoken], calibrated=calibrated)
    return TotalCheck(
        total=total,
        known_share=total.count / total.population,
        readings=((Text(f"{count} von {base}", f"{count} of {base}"), count / base),),
        compatible=p > SIGNIFICANCE,
        sentence=sentence,
        short=sentence,
    )


def _untested(total: KnownTotal) -> TotalCheck:
    sentence = Text(
        f"{total.text.de}: Zu wenige Kommunen haben die Frage beantwortet; ob die Antwortenden darin allen gleichen, "
        "lässt sich nicht prüfen.",
        f"{total.text.into('en')}: too few organisations answered the question; whether those who answered resemble "
        "all in this cannot be tested.",
    )
    return TotalCheck(total, total.count / total.population, (), compatible=True, sentence=sentence, short=sentence)


def _sentence(total: KnownTotal, found: tuple[int, int], p: float, names: list[Text], *, calibrated: bool) -> Text:
    count, base = found
    known, share = percent(total.count / total.population), percent(count / base)
    sizes = number(total.count), number(total.population)
    who = Text(" und ".join(n.de for n in names), " and ".join(n.into("en") for n in names))
    beside = Text(
        f"{total.text.de}: insgesamt {sizes[0].de} von {sizes[1].de} ({known.de}); unter den {base} Antwortenden "
        f"({who.de}): {count} ({share.de}).",
        f"{total.text.into('en')}: {sizes[0].en} of {sizes[1].en} ({known.en}) in all; of the {base} that answered "
        f"({who.en}): {count} ({share.en}).",
    )
    chance = p_value(p)
    verdict = (
        Text(
            f"Eine Zufallsauswahl ist damit vereinbar ({chance.de}); gezeigt ist sie dadurch nicht.",
            f"A random draw is compatible with that ({chance.en}), but not shown by it.",
        )
        if p > SIGNIFICANCE
        else Text(
            f"Eine Zufallsauswahl hätte das kaum ergeben ({chance.de}): Wer antwortete, gleicht darin nicht allen.",
            f"A random draw would hardly have given this ({chance.en}): in this, those who answered do not resemble "
            "all.",
        )
    )
    used = (
        Text(" Die Gewichte gleichen diesen Unterschied aus.", " The weights make up for this difference.")
        if calibrated
        else Text("", "")
    )
    return Text(f"{beside.de} {verdict.de}{used.de}", f"{beside.en} {verdict.en}{used.en}")
