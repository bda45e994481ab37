"""From findings to demand: what each audience wishes for, and how uncertain that is."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

import numpy as np

from passgenau.needs.model import Needs, Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.findings import WishAnswers
    from passgenau.findings.model import Estimate, Findings
    from passgenau.needs.model import AssumedShare

_Key = tuple[str, str]  # audience, topic


class Identified(Protocol):
    """Anything with an id, such as a topic of the catalogue (a later room, unknown here)."""

    @property
    def id(self) -> str:
        """The identifier."""
        ...


JEFFREYS = 0.5
"""Both parameters of the prior of the unseen organisations' shares."""


def assess(  # noqa: PLR0913 -- one argument per input of the demand
    findings: Findings,
    topics: Sequence[Identified],
    audiences: Sequence[str],
    assumed_shares: Iterable[AssumedShare] = (),
    *,
    draws: int,
    seed: int,
    answers: Mapping[str, WishAnswers] | None = None,
) -> Needs:
    """Return the wishes of every audience for every topic, with draws of their uncertainty.

    Only questions about training count (`kind` "wish"); future topics, formats and experience
    are context and decide nothing. The three statuses of a wish stay distinct: a published
    number, asked without a published number, not asked. A topic counts as asked for every
    audience as soon as one published training answer names it for any audience, because all
    were given the same list of answers.

    Parameters
    ----------
    findings
        The estimates of the study.
    topics
        Topics of the catalogue, in the order of the columns of the draws.
    audiences
        Audience ids.
    assumed_shares
        Declared ranges (0–1) for topics that were asked but have no published number. A published
        number always goes before an assumption.
    draws
        Number of draws, at least 1.
    seed
        Seed of all draws. Every audience and topic has a random stream of its own, so that adding
        a topic leaves the draws of the others as they were.
    answers
        Per audience, who wished for what together; where the findings were estimated from answers.

    Notes
    -----
    Published aggregates do not say who wished for what together: their topics are drawn independently of
    each other. From answers whole populations are drawn, so that wishes that go together stay together.
    See docs/methods.md, Curriculum derivation, Draws of the wishes.
    """
    ids = tuple(topic.id for topic in topics)
    asked = {worded.topic for worded in findings.worded if worded.kind == "wish" and worded.topic}
    numbers = _published(findings.estimates)
    asked |= {e.topic for e in findings.estimates if e.kind == "wish" and e.topic is not None}
    assumed = {(share.audience, share.topic): share for share in assumed_shares}
    worded = _worded_sources(findings)
    wishes = {
        (audience, topic): _wish((audience, topic), numbers, assumed, worded, asked=topic in asked)
        for audience in audiences
        for topic in ids
    }
    drawn = {
        audience: np.column_stack(
            [_draw(wishes[audience, topic], numbers.get((audience, topic), ()), draws, seed) for topic in ids]
        )
        if ids
        else np.zeros((draws, 0))
        for audience in audiences
    }
    for audience in audiences:
        if answers is not None and audience in answers:
            strongest = {topic: _strongest(numbers[audience, topic]) for topic in ids if (audience, topic) in numbers}
            rng = np.random.default_rng([seed, zlib.crc32(audience.encode())])
            _draw_jointly(drawn[audience], ids, strongest, answers[audience], rng)
    return Needs(topics=ids, wishes=wishes, draws=drawn, seed=seed)


def _draw_jointly(
    drawn: NDArray[np.float64],
    topics: Sequence[str],
    strongest: Mapping[str, Estimate],
    answers: WishAnswers,
    rng: np.random.Generator,
) -> None:
    """Fill in the columns of the topics with a number: shares of the same drawn populations."""
    copies = draw_populations(answers.weight, answers.cell, answers.sizes, len(drawn), rng)
    for place, topic in enumerate(topics):
        if topic in strongest:
            yes = answers.yes[:, answers.sources.index(strongest[topic].source_id)]
            answered = ~np.isnan(yes)
            drawn[:, place] = copies[:, answered] @ yes[answered] / copies[:, answered].sum(axis=1)


def draw_populations(
    weight: NDArray[np.float64],
    cell: NDArray[np.int64],
    sizes: NDArray[np.int64],
    draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Draw whole populations: how often each organisation that answered stands in each of them.

    Within a cell the organisations that did not answer are drawn from a Pólya urn that holds those that did,
    the more often the more weight they carry.

    Parameters
    ----------
    weight
        (n,) organisations that each stands for; scaled so that a cell adds up to its size.
    cell
        (n,) index of each organisation's cell.
    sizes
        (C,) organisations of the population per cell.
    draws
        Number of populations.
    rng
        Source of randomness.

    Returns
    -------
    (draws, n) counts of at least 1. In a cell they add up to its size; where everybody answered they are 1.

    References
    ----------
    Ghosh, M. & Meeden, G. (1997): Bayesian Methods for Finite Population Sampling. Chapman & Hall.
    Cohen, M. P. (1997): The Bayesian bootstrap and multiple imputation for unequal probability sample designs.
    Proceedings of the Section on Survey Research Methods, ASA, 635–638.
    """
    copies = np.ones((draws, len(weight)))
    for index, size in enumerate(sizes):
        rows = np.flatnonzero(cell == index)
        unseen = int(size) - len(rows)
        if not len(rows) or unseen <= 0:
            continue
        stands_for = weight[rows] * size / weight[rows].sum()
        # Each organisation stands for itself; what it stands for beyond that decides how often it is drawn.
        mass = np.maximum(stands_for - 1, 0) * len(rows) / unseen
        heap = rng.standard_gamma(mass, size=(draws, len(rows)))
        copies[:, rows] += rng.multinomial(unseen, heap / heap.sum(axis=1, keepdims=True))
    return copies


def _published(estimates: Iterable[Estimate]) -> dict[_Key, tuple[Estimate, ...]]:
    found: dict[_Key, tuple[Estimate, ...]] = {}
    for estimate in estimates:
        if estimate.kind == "wish" and estimate.topic is not None and estimate.value is not None:
            key = (estimate.audience, estimate.topic)
            found[key] = (*found.get(key, ()), estimate)
    return found


def _worded_sources(findings: Findings) -> dict[_Key, tuple[str, ...]]:
    found: dict[_Key, tuple[str, ...]] = {}
    for worded in findings.worded:
        if worded.kind == "wish" and worded.topic:
            key = (worded.audience, worded.topic)
            found[key] = (*found.get(key, ()), worded.source_id)
    return found


def _strongest(estimates: tuple[Estimate, ...]) -> Estimate:
    """Return the estimate that speaks for a topic named by several answers: the largest share.

    At least that many wish for the topic, however the answers overlap.
    """
    return max(estimates, key=lambda estimate: (estimate.value or 0.0, estimate.source_id))


def _wish(
    key: _Key,
    numbers: Mapping[_Key, tuple[Estimate, ...]],
    assumed: Mapping[_Key, AssumedShare],
    worded: Mapping[_Key, tuple[str, ...]],
    *,
    asked: bool,
) -> Wish:
    audience, topic = key
    if key in numbers:
        best = _strongest(numbers[key])
        return Wish(
            audience=audience,
            topic=topic,
            status=best.origin,
            share=best.value,
            lower=best.lower,
            upper=best.upper,
            assumed=False,
            source_ids=tuple(sorted(estimate.source_id for estimate in numbers[key])),
            printed=best.printed or None,
            base_answers=best.base_answers,
            base_units=best.base_units,
            population=best.population,
        )
    if not asked:
        return Wish(audience, topic, "not_asked", None, None, None, assumed=False, source_ids=())
    sources = worded.get(key, ())
    if key in assumed:
        share = assumed[key]
        middle = (share.low + share.high) / 2
        return Wish(audience, topic, "asked_no_number", middle, share.low, share.high, assumed=True, source_ids=sources)
    return Wish(audience, topic, "asked_no_number", None, None, None, assumed=False, source_ids=sources)


def _draw(wish: Wish, estimates: tuple[Estimate, ...], draws: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng([seed, zlib.crc32(f"{wish.audience}/{wish.topic}".encode())])
    if wish.status in {"published", "estimated"}:
        return draw_share(_strongest(estimates), draws, rng)
    if wish.assumed and wish.lower is not None and wish.upper is not None:
        return rng.uniform(wish.lower, wish.upper, size=draws)
    return np.zeros(draws)


def draw_share(estimate: Estimate, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the share of a whole population that wishes for a topic.

    Each draw picks one of the organisation counts (k of n) that are compatible with the published
    share, all alike likely, and draws the N − n organisations that did not answer from a
    beta-binomial distribution with Jeffreys' prior.

    Parameters
    ----------
    estimate
        The published share with its compatible counts; without counts the printed share of the
        answering organisations stands in.
    draws
        Number of draws.
    rng
        Source of randomness.

    Returns
    -------
    Shares of the population, shape (draws,), in 0–1. With n = N they are exact.

    References
    ----------
    Ericson, W. A. (1969): Subjective Bayesian models in sampling finite populations. JRSS B 31(2).
    """
    counts = estimate.unit_counts or (_nearest_count(estimate),)
    picked = np.asarray(counts, dtype=np.int64)[rng.integers(len(counts), size=draws)]
    yes, answering = picked[:, 0], picked[:, 1]
    unseen = np.maximum(estimate.population - answering, 0)
    share = rng.beta(yes + JEFFREYS, answering - yes + JEFFREYS)
    return np.asarray((yes + rng.binomial(unseen, share)) / (answering + unseen), dtype=np.float64)


def _nearest_count(estimate: Estimate) -> tuple[int, int]:
    return round((estimate.value or 0.0) * estimate.base_units), estimate.base_units
