"""Invented answers to a questionnaire: correlated within organisations, counted out to given margins.

Behind every answer stands a number per organisation: its general interest, a part that items of the same name
share across questions, and a part of its own, each normal (a Gaussian copula with factors). Who lies above a cut
ticks an item; the cut is set among the usable sheets so that exactly the wanted count lies above it. The same
cut applied to all organisations gives what the whole population would have answered: the truth of the simulation.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl

from passgenau.simulation.counts import apportioned, balance, cut_above, cuts_between, limit
from passgenau.simulation.margins import choose_base
from passgenau.simulation.phrases import phrases
from passgenau.simulation.population import stream
from passgenau.survey.responses import State
from passgenau.survey.typed import DTYPES
from passgenau.survey.variables import OTHER, variables
from passgenau.survey.visible import conditions_of, holds, visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.simulation.assumptions import SimulationAssumptions
    from passgenau.simulation.margins import Target, Targets
    from passgenau.simulation.population import Population
    from passgenau.survey import Item, Question, Questionnaire, Scale, Variable

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]

_USUAL_TICKS = (2.5, 4.0)  # shares of items without a number are drawn from this beta distribution
_RARE = 0.06  # share of “other” and of exclusive items without a number
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Rows:
    """Everybody who gives invented answers: sheets, and every organisation as if it had answered in full."""

    audience: NDArray[np.str_]
    unit: Places  # place in the audience's population
    usable: Flags  # sheets that are analysed: margins hold among them
    whole: Flags  # rows of the population
    copy: Flags  # second and further sheets
    reached: Floats  # part of the questionnaire seen, 0–1
    language: tuple[str | None, ...]
    facts: pl.DataFrame  # as `survey.facts.facts_of` returns it

    def __len__(self) -> int:
        return len(self.unit)


@dataclass
class Answers:
    """Values and states of every variable, filled question by question."""

    values: dict[str, pl.Series] = field(default_factory=dict)
    states: dict[str, pl.Series] = field(default_factory=dict)


def answer(  # noqa: PLR0913, PLR0917 -- who answers what, how, and to which margins
    questionnaire: Questionnaire,
    rows: Rows,
    populations: Mapping[str, Population],
    wanted: Targets,
    assumptions: SimulationAssumptions,
    seed: int,
) -> Answers:
    """Return invented answers of all rows to all questions."""
    return _Writer(questionnaire, rows, populations, wanted, assumptions, seed).written()


class _Writer:
    """Goes through the questionnaire as a respondent does: filters look at answers already given."""

    def __init__(  # noqa: PLR0913, PLR0917 -- as `answer`
        self,
        questionnaire: Questionnaire,
        rows: Rows,
        populations: Mapping[str, Population],
        wanted: Targets,
        assumptions: SimulationAssumptions,
        seed: int,
    ) -> None:
        self.questionnaire = questionnaire
        self.rows = rows
        self.populations = populations
        self.wanted = wanted
        self.assumptions = assumptions
        self.seed = seed
        self.variables = variables(questionnaire)
        self.out = Answers({v.name: self._nothing(v) for v in self.variables})
        self.interest = self._by_row(lambda population, _: population.interest)

    def written(self) -> Answers:
        for place, question in enumerate(self.questionnaire.questions):
            group = [v for v in self.variables if v.question == question.id]
            if group:
                self._question(place, question, group)
        return self.out

    # --- one question ------------------------------------------------------------------------------------

    def _question(self, place: int, question: Question, group: list[Variable]) -> None:
        parts = (place + 1) / len(self.questionnaire.questions)
        reached = self.rows.reached >= parts - 1e-9
        visible = {name: shown & reached for name, shown in self._visible(question, group).items()}
        seen = np.any([visible[v.name] for v in group], axis=0)
        answering, refusing = np.zeros(len(self.rows), dtype=bool), np.zeros(len(self.rows), dtype=bool)
        columns = {v.name: np.full(len(self.rows), None, dtype=object) for v in group}
        if question.answered:
            for audience in self.populations:
                here = seen & (self.rows.audience == audience)
                task = _Task(self, question, group, audience, visible)
                answers, refuses = task.who(here)
                answering |= answers
                refusing |= refuses
                task.fill(answers, columns)
        self._texts_beside(question, group, answering, visible, columns)
        for variable in group:
            self._keep(variable, columns[variable.name], visible[variable.name], refusing)

    def _keep(self, variable: Variable, column: np.ndarray, visible: Flags, refusing: Flags) -> None:
        column[~visible] = None
        told = np.array([value is not None for value in column], dtype=bool)
        states = np.where(visible, int(State.EMPTY), int(State.NOT_SHOWN))
        if variable.part in {"answer", "second"}:
            states[visible & refusing] = int(State.REFUSED)
        if not self.questionnaire.question(variable.question).answered:
            states[:] = int(State.NOT_SHOWN)
        states[told] = int(State.ANSWERED)
        self.out.values[variable.name] = pl.Series(variable.name, column.tolist(), dtype=DTYPES[variable.type])
        self.out.states[variable.name] = pl.Series(variable.name, states.tolist(), dtype=pl.UInt8)

    def _visible(self, question: Question, group: list[Variable]) -> dict[str, Flags]:
        if not any(conditions_of(v, question, self.questionnaire) for v in group):
            return {v.name: np.ones(len(self.rows), dtype=bool) for v in group}
        found = visibility(self.questionnaire, pl.DataFrame(list(self.out.values.values())), self.rows.facts)
        return {v.name: found[v.name].to_numpy() for v in group}

    def _nothing(self, variable: Variable) -> pl.Series:
        return pl.repeat(None, len(self.rows), dtype=DTYPES[variable.type], eager=True).alias(variable.name)

    def _texts_beside(
        self,
        question: Question,
        group: list[Variable],
        answering: Flags,
        visible: Mapping[str, Flags],
        columns: dict[str, np.ndarray],
    ) -> None:
        """Write comments, and the text beside “other” where that was chosen."""
        for variable in group:
            if variable.part == "other":
                chosen = self._chose_other(question, group, columns)
                self._write(variable, answering & chosen & visible[variable.name], 1.0, columns)
            elif variable.part == "comment":
                self._write(variable, answering & visible[variable.name], self.assumptions.texts / 3, columns)

    def _chose_other(self, question: Question, group: list[Variable], columns: Mapping[str, np.ndarray]) -> Flags:
        chosen = np.zeros(len(self.rows), dtype=bool)
        for variable in group:
            if question.type == "multiple" and variable.item == OTHER and variable.type == "flag":
                chosen |= columns[variable.name] == True  # noqa: E712 -- an array of objects
            elif variable.type == "category":
                chosen |= columns[variable.name] == OTHER
        return chosen

    def _write(self, variable: Variable, rows: Flags, share: float, columns: dict[str, np.ndarray]) -> None:
        """Give a share of rows an invented text."""
        rng = self.stream("text", variable.name)
        writes = rows & (rng.uniform(size=len(self.rows)) < share)
        chosen = rng.integers(0, 2**31, size=len(self.rows))
        longest = self.questionnaire.question(variable.question).max_length
        for row in np.flatnonzero(writes):
            bank = phrases(self.rows.language[row])
            columns[variable.name][row] = bank[chosen[row] % len(bank)][:longest].strip()

    # --- what stands behind the answers ----------------------------------------------------------------------

    def stream(self, *names: str) -> np.random.Generator:
        """Return random numbers of their own for every name."""
        return stream(self.seed, *names)

    def latent(self, question: str, item: str) -> Floats:
        """Return the number behind an answer for every row; mean 0 and variance 1 over all organisations."""
        own = self._by_row(lambda p, name: self.stream(name, "own", question, item).standard_normal(len(p)))
        shared = self._by_row(lambda p, name: self.stream(name, "topic", item).standard_normal(len(p)))
        common, topic = self.assumptions.common, self.assumptions.topic
        first = np.sqrt(common) * self.interest + np.sqrt(topic) * shared + np.sqrt(1 - common - topic) * own
        close = self.assumptions.second_agreement
        noise = self.stream("second", question, item).standard_normal(len(self.rows))
        return np.asarray(np.where(self.rows.copy, close * first + np.sqrt(1 - close**2) * noise, first))

    def _by_row(self, of: Callable[[Population, str], Floats]) -> Floats:
        found = np.zeros(len(self.rows))
        for name, population in self.populations.items():
            here = self.rows.audience == name
            found[here] = of(population, name)[self.rows.unit[here]]
        return found

    def assumed(self, question: str, item: str, audience: str) -> float | None:
        """Return the share that the assumptions give an item."""
        return self.assumptions.shares.get(f"{question}.{item}", {}).get(audience)


@dataclass(frozen=True)
class _Task:
    """One question, asked of one audience."""

    writer: _Writer
    question: Question
    group: list[Variable]
    audience: str
    visible: Mapping[str, Flags]

    @property
    def targets(self) -> dict[str, Target]:
        """The printed shares of this question and audience."""
        return self.writer.wanted.get((self.audience, self.question.id), {})

    def who(self, seen: Flags) -> tuple[Flags, Flags]:
        """Return who answers and who chooses “keine Angabe”."""
        rows, question, assumptions = self.writer.rows, self.question, self.writer.assumptions
        usable = np.flatnonzero(seen & rows.usable)
        missing = 0.0 if question.required else assumptions.item_missing
        refused = assumptions.refused if question.no_answer else 0.0
        base = choose_base(
            len(usable),
            {item: target for item, target in self.targets.items() if item in self._countable()},
            one_each=question.type in {"single", "scale"},
            closed=question.type in {"single", "scale"} and set(self._countable()) <= set(self.targets),
            usual=round(len(usable) * (1 - missing - refused)),
        )
        rng = self.writer.stream(self.audience, "missing", question.id)
        reluctance = rng.standard_normal(len(rows)) - 0.5 * self.writer.interest
        silent = usable[np.argsort(-reluctance[usable], kind="stable")[: len(usable) - base]]
        share = 0.0 if not question.no_answer else 1.0 if question.required else refused / max(refused + missing, 1e-9)
        refusing = np.zeros(len(rows), dtype=bool)
        refusing[silent[: round(share * len(silent))]] = True
        answering = seen.copy()
        answering[silent] = False
        return answering, refusing

    def _countable(self) -> list[str]:
        """Return the items that a printed share may speak of."""
        if self.question.type == "scale":
            return [point.id for point in self._scale.points] + ([OTHER] if self.question.other else [])
        return [item.id for item in self._items()] + ([OTHER] if self.question.other else [])

    def _items(self) -> tuple[Item, ...]:
        return tuple(i for i in self.question.items if not i.audiences or self.audience in i.audiences)

    @property
    def _scale(self) -> Scale:
        return self.writer.questionnaire.scale(self.question.scale or "")

    def fill(self, answering: Flags, columns: dict[str, np.ndarray]) -> None:
        """Write the answers of those who answer."""
        fill = {
            "single": self._single,
            "multiple": self._multiple,
            "scale": self._rated,
            "matrix": self._rated,
            "ranking": self._ranking,
            "number": self._entered,
            "text": self._entered,
            "date": self._entered,
        }.get(self.question.type)  # files and computed values are nobody's answer
        if fill is not None and answering.any():
            fill(answering, columns)

    # --- choosing ------------------------------------------------------------------------------------------

    def _single(self, answering: Flags, columns: dict[str, np.ndarray]) -> None:
        (variable,) = (v for v in self.group if v.part == "answer")
        base = int((answering & self.writer.rows.usable).sum())
        counts = self._counts(self._countable(), base, self.targets)
        offered = {item: answering & self._offered(item) for item in counts}
        left = answering.copy()
        column = columns[variable.name]
        order = [item for item in self._countable() if item in counts]  # the interested choose what stands first
        for item in order:
            share = counts[item] / base if base else 1 / len(counts)
            everyone = item == order[-1] and sum(counts.values()) >= base
            above = (
                left if everyone else self._above(self.writer.latent(self.question.id, item), left, counts[item], share)
            )
            chosen = above & offered[item]
            column[chosen] = item
            left &= ~chosen

    def _offered(self, item_id: str) -> Flags:
        """Return who is offered an item of a single choice."""
        everyone = np.ones(len(self.writer.rows), dtype=bool)
        item = next((item for item in self.question.items if item.id == item_id), None)
        if item is None or item.show_if is None:
            return everyone
        values = pl.DataFrame(list(self.writer.out.values.values())).to_dicts()
        facts = self.writer.rows.facts.to_dicts()
        condition, questionnaire = item.show_if, self.writer.questionnaire
        return np.array([holds(condition, questionnaire, *known) for known in zip(values, facts, strict=True)])

    def _multiple(self, answering: Flags, columns: dict[str, np.ndarray]) -> None:
        flags = [v for v in self.group if v.type == "flag"]
        alone = {item.id for item in self.question.items if item.exclusive}
        if self.question.other and self.question.other.exclusive:
            alone.add(OTHER)
        ticks: dict[str, Flags] = {}
        free = answering.copy()
        for variable in sorted(flags, key=lambda v: v.item not in alone):
            item = cast("str", variable.item)
            able = free & self.visible[variable.name]
            base = int((answering & self.writer.rows.usable & self.visible[variable.name]).sum())
            share = self._share(item, rare=item in alone or item == OTHER)
            count = self.targets[item].nearest(base) if item in self.targets and base else round(share * base)
            ticks[variable.name] = self._above(self.writer.latent(self.question.id, item), able, count, share)
            if item in alone:
                free &= ~ticks[variable.name]
        self._within_limits(ticks, free, [v for v in flags if v.item not in alone])
        for variable in flags:
            column = columns[variable.name]
            column[answering & self.visible[variable.name]] = False
            column[ticks[variable.name]] = True

    def _within_limits(self, ticks: dict[str, Flags], free: Flags, flags: list[Variable]) -> None:
        """Move ticks between sheets so that each has at least one and no more than allowed; totals stay if they can."""
        if not flags:
            return
        low, high = max(self.question.min_answers or 1, 1), self.question.max_answers or len(flags)
        latent = np.array([self.writer.latent(self.question.id, cast("str", v.item)) for v in flags])
        able = np.array([self.visible[v.name] & free for v in flags])
        ticked = np.array([ticks[v.name] for v in flags]) & free
        usable = np.flatnonzero(free & self.writer.rows.usable)
        balance(ticked, able, latent, usable, low, high)
        over = ticked.sum(axis=0) > high  # where all others have as many as allowed, the weakest ticks go
        for row in np.flatnonzero(free & (over | ~self.writer.rows.usable)):
            limit(ticked[:, row], able[:, row], latent[:, row], low, high)
        for place, variable in enumerate(flags):
            ticks[variable.name] = ticked[place] | (ticks[variable.name] & ~free)

    def _share(self, item: str, *, rare: bool) -> float:
        """Return the share of an item: printed, assumed, or drawn."""
        if item in self.targets:
            return self.targets[item].middle
        assumed = self.writer.assumed(self.question.id, item, self.audience)
        if assumed is not None:
            return assumed
        return (
            _RARE
            if rare
            else float(self.writer.stream(self.audience, "share", self.question.id, item).beta(*_USUAL_TICKS))
        )

    def _counts(self, items: Sequence[str], base: int, targets: Mapping[str, Target]) -> dict[str, int]:
        """Return how many give each of several answers that exclude each other; at most `base` together."""
        counts = {item: targets[item].nearest(base) if base else 0 for item in items if item in targets}
        shares = {item: self.writer.assumed(self.question.id, item, self.audience) for item in items}
        counts |= {i: round(s * base) for i, s in shares.items() if s is not None and i not in counts}
        while sum(counts.values()) > base:
            largest = max(counts, key=lambda item: (item not in targets, counts[item], item))
            counts[largest] -= 1
        free = [item for item in items if item not in counts]
        weights = self._weights(free)
        return counts | dict(zip(free, apportioned(base - sum(counts.values()), weights), strict=True))

    def _weights(self, items: Sequence[str]) -> Floats:
        rng = self.writer.stream(self.audience, "weights", self.question.id)
        weights = rng.gamma(2.0, size=len(items))
        return np.array([_RARE if item == OTHER else w for item, w in zip(items, weights, strict=True)])

    def _above(self, latent: Floats, able: Flags, count: int, share: float) -> Flags:
        """Return the rows above the cut that leaves `count` usable ones above it."""
        usable = np.sort(latent[able & self.writer.rows.usable])[::-1]
        return able & (latent > cut_above(usable, count, share))

    # --- rating ------------------------------------------------------------------------------------------------

    def _rated(self, answering: Flags, columns: dict[str, np.ndarray]) -> None:
        for variable in self.group:
            if variable.part not in {"answer", "second"}:
                continue
            name = f"{variable.item or 'answer'}{'' if variable.part == 'answer' else '.second'}"
            latent = self.writer.latent(self.question.id, name)
            rows = answering & self.visible[variable.name]
            usable = np.sort(latent[rows & self.writer.rows.usable])
            counts = self._points(variable, len(usable))
            if self._falls(variable):
                latent, usable = -latent, np.sort(-usable)
            cuts = cuts_between(usable, counts)
            place = np.searchsorted(cuts, latent, side="left")
            ids = np.array([category.id for category in variable.categories], dtype=object)
            columns[variable.name][rows] = ids[np.minimum(place, len(ids) - 1)][rows]

    def _points(self, variable: Variable, base: int) -> list[int]:
        """Return how many choose each point."""
        ids = [category.id for category in variable.categories]
        if variable.item is None or variable.part == "second":
            found = self._counts_of_points(ids, base, self.targets if variable.part == "answer" else {})
            return [found[id_] for id_ in ids]
        agrees = {point.id for point in self._scale.points if point.agrees}
        target = self.targets.get(variable.item)
        weights = dict(zip(ids, self._shape(ids, variable.name), strict=True))
        share = self.writer.assumed(self.question.id, variable.item, self.audience)
        if not agrees or (target is None and share is None) or base == 0:
            return apportioned(base, np.array(list(weights.values())))
        yes = target.nearest(base) if target else round((share or 0.0) * base)
        inside = apportioned(yes, np.array([weights[i] if i in agrees else 0.0 for i in ids]))
        outside = apportioned(base - yes, np.array([0.0 if i in agrees else weights[i] for i in ids]))
        return [a + b for a, b in zip(inside, outside, strict=True)]

    def _counts_of_points(self, ids: Sequence[str], base: int, targets: Mapping[str, Target]) -> dict[str, int]:
        counts = {i: targets[i].nearest(base) for i in ids if i in targets and base}
        while sum(counts.values()) > base:
            counts[max(counts, key=lambda i: (counts[i], i))] -= 1
        free = [i for i in ids if i not in counts]
        weights = dict(zip(ids, self._shape(ids, self.question.id), strict=True))
        rest = apportioned(base - sum(counts.values()), np.array([weights[i] for i in free]))
        return counts | dict(zip(free, rest, strict=True))

    def _shape(self, ids: Sequence[str], name: str) -> Floats:
        """Return weights of points around a centre of their own."""
        centre = self.writer.stream(self.audience, "centre", name).uniform(-0.5, 0.8)
        places = np.linspace(-1.5, 1.5, len(ids)) if len(ids) > 1 else np.zeros(1)
        weights = np.exp(-0.5 * ((places - centre) / 0.9) ** 2)
        return np.array([_RARE if i == OTHER else w for i, w in zip(ids, weights, strict=True)])

    def _falls(self, variable: Variable) -> bool:
        """Return whether the points that agree stand first, so that the interested choose low ones."""
        scale = self._scale if variable.part == "answer" else None
        agrees = [place for place, point in enumerate(scale.points) if point.agrees] if scale else []
        return bool(agrees) and float(np.mean(agrees)) < (len(scale.points) - 1) / 2 if scale else False

    # --- ordering and entering ------------------------------------------------------------------------------------

    def _ranking(self, answering: Flags, columns: dict[str, np.ndarray]) -> None:
        ranks = [v for v in self.group if v.type == "rank"]
        latent = np.array([self.writer.latent(self.question.id, cast("str", v.item)) for v in ranks])
        able = np.array([self.visible[v.name] & answering for v in ranks])
        order = np.argsort(np.argsort(-np.where(able, latent, -np.inf), axis=0, kind="stable"), axis=0) + 1
        most = self.question.max_answers or len(ranks)
        for place, variable in enumerate(ranks):
            given = able[place] & (order[place] <= most)
            columns[variable.name][given] = order[place][given].tolist()

    def _entered(self, answering: Flags, columns: dict[str, np.ndarray]) -> None:
        for variable in self.group:
            if variable.part != "answer":
                continue
            rows = answering & self.visible[variable.name]
            if variable.type == "text":
                share = 1.0 if self.question.required else self.writer.assumptions.texts
                self.writer._write(variable, rows, share, columns)  # noqa: SLF001 -- the same module
            elif variable.type == "number":
                columns[variable.name][rows] = self._numbers(variable)[rows].tolist()
            else:
                days = self._days(variable)
                columns[variable.name][rows] = [days[row] for row in np.flatnonzero(rows)]

    def _numbers(self, variable: Variable) -> Floats:
        """Return numbers within their range; without a range around 3, with a long tail."""
        latent = self.writer.latent(self.question.id, variable.item or variable.name)
        low, high = self.question.minimum, self.question.maximum
        if low is not None and high is not None:
            numbers = low + (high - low) * np.array([_NORMAL.cdf(value) for value in latent]) ** 2
        else:
            numbers = np.exp(1.1 + 0.8 * latent)
        least, most = -np.inf if low is None else low, np.inf if high is None else high
        return np.asarray(np.clip(np.round(numbers, self.question.decimals), least, most), dtype=np.float64)

    def _days(self, variable: Variable) -> list[dt.date]:
        rng = self.writer.stream("date", variable.name)
        start = self.writer.assumptions.start
        return [start + dt.timedelta(days=int(d)) for d in rng.integers(0, 365, size=len(self.writer.rows))]
