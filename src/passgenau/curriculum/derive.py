"""From minimum requirements, role tasks and wishes to a training concept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passgenau.curriculum.checks import check
from passgenau.curriculum.comparison import budget_run, compare
from passgenau.curriculum.electives import offer, pool
from passgenau.curriculum.infeasible import infeasible
from passgenau.curriculum.model import Curriculum, Programme
from passgenau.curriculum.notes import stage_notes
from passgenau.curriculum.places import Outcome, basis_places, elective_places, left_out
from passgenau.curriculum.provision import gaps
from passgenau.curriculum.reasons import Voice, voice
from passgenau.curriculum.requirements import TierProblem, tier_problem, whole_units
from passgenau.curriculum.selection import Selection, Selector
from passgenau.curriculum.sequence import arrange, describe_blocks
from passgenau.curriculum.tracks import tracks
from passgenau.curriculum.wording import TIER_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from passgenau.curriculum.catalogue import Catalogue, Version
    from passgenau.curriculum.decisions import CurriculumDecisions, ProgrammeRules
    from passgenau.curriculum.electives import Offer, Pool
    from passgenau.curriculum.model import BudgetRun
    from passgenau.curriculum.providers import Providers
    from passgenau.frame.units import Tier
    from passgenau.needs.model import Needs
    from passgenau.survey.published import PublishedConcept
    from passgenau.text import Text


@dataclass(frozen=True)
class _Inputs:
    """Everything that a derivation reads."""

    catalogue: Catalogue
    decisions: CurriculumDecisions
    providers: Providers
    needs: Needs
    audiences: Mapping[Tier, str]
    names: Mapping[Tier, Text]

    @property
    def draws(self) -> int:
        """How many draws of the wishes there are."""
        return min((len(draws) for draws in self.needs.draws.values()), default=0)


@dataclass(frozen=True)
class _Weights:
    """The wishes of one tier's audience, as the model sees them."""

    topics: tuple[str, ...]  # that somebody wishes for, in some draw at least
    point: NDArray[np.float64]
    drawn: NDArray[np.float64]  # draws × topics

    def of_draw(self, index: int) -> dict[str, float]:
        """Return the wishes of one draw."""
        return dict(zip(self.topics, map(float, self.drawn[index]), strict=True))


def derive(  # noqa: PLR0913 -- one argument per input of the concept
    *,
    catalogue: Catalogue,
    decisions: CurriculumDecisions,
    providers: Providers,
    needs: Needs,
    audiences: Mapping[Tier, str],
    concept: PublishedConcept | None = None,
    names: Mapping[Tier, Text] | None = None,
) -> Curriculum:
    """Derive the concept: a programme per tier, with reasons, firmness, tracks and checks.

    Parameters
    ----------
    catalogue, decisions, providers
        What could be taught, what people decided, and who offers what. Free of the mistakes that
        `cross_check` finds.
    needs
        Wishes per audience and topic with their draws; their number and seed are the concept's.
    audiences
        Audience whose wishes count for each tier. Tiers without a programme in `decisions`, and
        programmes without an audience, are left aside.
    concept
        Key figures of a published concept to lay beside the derived one.
    names
        How sentences call the audiences (plural); the tiers' own names by default.

    Returns
    -------
    The concept. The same inputs give the same concept, whatever the machine: solver limits are
    gaps, never seconds.

    Raises
    ------
    InfeasibleError
        A tier's rules allow no Basis; names the colliding rules and the smallest relaxation.
    """
    given = _Inputs(catalogue, decisions, providers, needs, audiences, {**TIER_NAMES, **(names or {})})
    rules = [entry for entry in decisions.programmes if entry.tier in audiences]
    derived = [_derive_tier(given, entry) for entry in rules]
    programmes = tuple(programme for programme, _, _ in derived)
    per_tier = [{place.module for place in programme.basis} for programme in programmes]
    modules = {module.id: module for module in catalogue.modules}
    ways = tuple(track for p in programmes for track in tracks(p, decisions, catalogue.units_per_day))
    runs = tuple(run for _, _, tier_runs in derived for run in tier_runs)
    return Curriculum(
        programmes=programmes,
        core=tuple(m for m in modules if all(m in basis for basis in per_tier)),
        left_out=tuple(entry for _, outcome, _ in derived for entry in left_out(outcome)),
        tracks=ways,
        budget_runs=runs,
        comparison=compare(concept, programmes, runs, ways, catalogue, decisions) if concept else (),
        gaps=gaps(programmes, modules),
        checks=check(programmes, catalogue, decisions),
        draws=given.draws,
        seed=needs.seed,
        notes=stage_notes(programmes, modules),
    )


@dataclass(frozen=True)
class _Solved:
    """One tier's model with its best Basis under the point estimates."""

    rules: ProgrammeRules
    problem: TierProblem
    weights: _Weights
    selector: Selector
    point: Selection
    say: Voice


def _derive_tier(given: _Inputs, rules: ProgrammeRules) -> tuple[Programme, Outcome, tuple[BudgetRun, ...]]:
    solved = _solved(given, rules)
    outcome = _outcome(given, solved)
    programme = _programme(outcome, given.audiences[rules.tier], solved.point.gap)
    runs = tuple(_budget_run(given, solved, day) for day in given.decisions.comparison_days)
    return programme, outcome, runs


def _solved(given: _Inputs, rules: ProgrammeRules) -> _Solved:
    problem = tier_problem(given.catalogue, given.decisions, rules)
    say = voice(given.catalogue, given.decisions, rules.tier, given.names, given.draws)
    weights = _weights(given, given.audiences[rules.tier])
    selector = Selector(problem, weights.topics)
    point = selector.select(weights.point)
    if point is None:
        raise infeasible(problem, say)
    return _Solved(rules, problem, weights, selector, point, say)


def _weights(given: _Inputs, audience: str) -> _Weights:
    """Return the wishes for the topics that anyone wishes for; all others weigh nothing."""
    taught = {topic for module in given.catalogue.modules for topic in module.topics}
    taught |= {module.topic for module in given.catalogue.modules}
    columns = {topic: column for column, topic in enumerate(given.needs.topics)}
    drawn = given.needs.draws[audience]
    point = {t: given.needs.wishes[audience, t].share or 0.0 for t in given.needs.topics}
    topics = tuple(t for t in given.needs.topics if t in taught and (point[t] > 0 or drawn[:, columns[t]].any()))
    chosen = [columns[t] for t in topics]
    return _Weights(topics, np.array([point[t] for t in topics]), drawn[:, chosen])


def _outcome(given: _Inputs, solved: _Solved) -> Outcome:
    problem, point, rules = solved.problem, solved.point, solved.rules
    tier_pool = pool(given.catalogue, rules)
    audience = given.audiences[rules.tier]
    wishes = {topic: wish for (of, topic), wish in given.needs.wishes.items() if of == audience}
    shares = {topic: wish.share or 0.0 for topic, wish in wishes.items()}
    basis = [module for module in problem.modules if module.id in point.versions]
    recurring = [entry.field for entry in given.decisions.recurring]
    return Outcome(
        catalogue=given.catalogue,
        providers=given.providers,
        problem=problem,
        pool=tier_pool,
        wishes=wishes,
        shares=shares,
        versions=point.versions,
        fixed=frozenset(m for m, v in point.versions.items() if not solved.selector.avoidable(m, v)),
        offer=offer(tier_pool, point.versions, shares),
        drawn=tuple(_drawn(solved, tier_pool, index) for index in range(given.draws)),
        course=arrange(basis, point.versions, recurring, rules.blocks, given.catalogue.units_per_day),
        experienced=_experienced(given.decisions, problem, point),
        say=solved.say,
    )


def _drawn(solved: _Solved, tier_pool: Pool, index: int) -> tuple[dict[str, Version], Offer]:
    """Return the Basis and the electives of one draw; a Basis exists, as limits do not depend on wishes."""
    selection = solved.selector.select(solved.weights.drawn[index])
    versions = selection.versions if selection else {}
    return versions, offer(tier_pool, versions, solved.weights.of_draw(index))


def _experienced(decisions: CurriculumDecisions, problem: TierProblem, point: Selection) -> frozenset[str]:
    """Return the modules of a Basis that experienced people still attend.

    The same model with the credited competences removed, over the modules of the Basis in their
    versions: what remains is covered with the fewest units.
    """
    credited = {c for entry in decisions.credit if problem.tier in entry.tiers for c in entry.competences}
    held = tuple(
        module.model_copy(update={"versions": {point.versions[module.id]: module.versions[point.versions[module.id]]}})
        for module in problem.modules
        if module.id in point.versions
    )
    rest = dataclasses.replace(problem, modules=held, credited=frozenset(credited))
    found = Selector(rest, ()).select(np.zeros(0))
    return frozenset(point.versions if found is None else found.versions)


def _programme(outcome: Outcome, audience: str, gap: float) -> Programme:
    basis = basis_places(outcome)
    per_day = outcome.catalogue.units_per_day
    return Programme(
        tier=outcome.problem.tier,
        audience=audience,
        basis=basis,
        electives=elective_places(outcome),
        blocks=describe_blocks(outcome.course, outcome.say.modules, outcome.versions, per_day),
        contact_units=sum(place.contact_units for place in basis),
        self_study_units=sum(place.self_study_units for place in basis),
        budget_units=outcome.problem.contact_units,
        gap=gap,
        experienced=tuple(place.module for place in basis if place.module in outcome.experienced),
        paths={r: tuple(p.module for p in basis if r in p.roles) for r in outcome.problem.roles},
    )


def _budget_run(given: _Inputs, solved: _Solved, day: float) -> BudgetRun:
    tried = dataclasses.replace(solved.problem, contact_units=whole_units(day, solved.problem.units_per_day))
    found = Selector(tried, solved.weights.topics).select(solved.weights.point)
    return budget_run(tried, found, given.catalogue, solved.say)
