"""The next wave: which questions could still change the programme, and which need not be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.estimation import sample_size
from passgenau.evaluation.model import NextQuestion, Uncertainty
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.curriculum.catalogue import Catalogue
    from passgenau.curriculum.model import Curriculum, Place, Programme
    from passgenau.findings.model import Estimate, Findings, Origin, Reach
    from passgenau.needs.model import Needs, Wish
    from passgenau.survey.questionnaire import Item, Question, Questionnaire

COARSE = 0.10  # half-width that suffices for a first number, 0–1
FINEST = 0.05  # no question is asked for a narrower margin than this
ORDER: tuple[Uncertainty, ...] = (
    "open",
    "no_number",
    "doubtful_base",
    "not_asked",
    "likely",
    "settled",
    "no_influence",
)


def next_wave(
    needs: Needs, curriculum: Curriculum, findings: Findings, questionnaire: Questionnaire, catalogue: Catalogue
) -> tuple[NextQuestion, ...]:
    """Return, per audience, what to ask next, most decisive first, and what need not be asked again.

    A topic is asked again where its answer could move a module (a place that is open or likely, an
    elective whose topic has no number), or where a published percentage does not fit its base.
    Topics whose places people decided, or that no draw moves, are not asked again; nor are
    questions of context, unless their base is in doubt.
    """
    found: list[NextQuestion] = []
    for programme in curriculum.programmes:
        reach = next(r for r in findings.reach if r.audience == programme.audience)
        view = _View(programme, reach, needs, findings, questionnaire, catalogue)
        found += sorted([*_topics(view), *_context(view)], key=lambda q: ORDER.index(q.why))
    return tuple(found)


@dataclass(frozen=True)
class _View:
    """One audience's part of all that is known."""

    programme: Programme
    reach: Reach
    needs: Needs
    findings: Findings
    questionnaire: Questionnaire
    catalogue: Catalogue

    @property
    def audience(self) -> str:
        return self.programme.audience

    def places(self, topic: str) -> list[Place]:
        both = (*self.programme.basis, *self.programme.electives)
        return [place for place in both if place.sources.wish.topic == topic]

    def asked(self, topic: str) -> tuple[Question, Item] | None:
        pairs = ((q, i) for q in self.questionnaire.questions for i in q.items)
        return next(((q, i) for q, i in pairs if i.topic == topic), None)

    def estimate(self, question: str, item: str) -> Estimate | None:
        mine = (e for e in self.findings.estimates if e.audience == self.audience)
        return next((e for e in mine if (e.question, e.item) == (question, item)), None)


# --- topics ------------------------------------------------------------------------------------


def _topics(view: _View) -> list[NextQuestion]:
    """Return one entry per catalogue topic that a module of this programme has as its main topic."""
    topics = [topic for topic in view.catalogue.topics if view.places(topic.id)]
    return [_topic(view, topic.id, topic.title) for topic in topics]


def _topic(view: _View, topic: str, title: Text) -> NextQuestion:
    wish = view.needs.wishes[view.audience, topic]
    asked = view.asked(topic)
    estimate = view.estimate(asked[0].id, asked[1].id) if asked else None
    movable = [place for place in view.places(topic) if place.depth_firmness != "fixed"]
    why = _why(wish, movable, estimate)
    ask = why not in {"settled", "no_influence"}
    answered = view.reach.units if wish.status != "not_asked" else None
    return NextQuestion(
        audience=view.audience,
        topic=topic,
        question=asked[0].id if asked else None,
        item=asked[1].id if asked else None,
        wording=title,
        ask=ask,
        why=why,
        modules=tuple(place.module for place in movable),
        population=view.reach.population,
        answered=answered,
        needed=sample_size(view.reach.population, _margin(wish)) if ask else None,
        reason=_reason(why, len(movable), view.findings.origin),
    )


def _why(wish: Wish, movable: list[Place], estimate: Estimate | None) -> Uncertainty:
    if not movable:
        return "settled"
    if wish.status == "asked_no_number":
        return "no_number"
    if any(place.depth_firmness == "open" for place in movable):
        return "open"
    if wish.status == "not_asked":
        return "not_asked"
    if estimate is not None and is_doubtful(estimate):
        return "doubtful_base"
    return "likely" if any(place.depth_firmness == "likely" for place in movable) else "settled"


def is_doubtful(estimate: Estimate) -> bool:
    """Return whether a printed percentage does not fit its base, or its base is a part of unknown size."""
    if estimate.origin == "estimated":
        return False
    misfit = estimate.possibility is not None and not estimate.possibility.possible
    return misfit or estimate.count_lower is None


def _margin(wish: Wish) -> float:
    """Return the half-width to aim at: half of today's, or a first coarse one where there is no number."""
    if wish.assumed or wish.lower is None or wish.upper is None:
        return COARSE
    return min(COARSE, max(FINEST, (wish.upper - wish.lower) / 4))


def _reason(why: Uncertainty, modules: int, origin: Origin) -> Text:
    words = dict(_ONE if modules == 1 else _MANY, n=modules)
    de, en = _TOO_FEW if why == "no_number" and origin == "estimated" else _REASONS[why]
    return Text(de.format(**words), en.format(**words))


_ONE = {"Module": "Modul", "stehen": "steht", "hängen": "hängt", "modules": "module", "depend": "depends"}
_MANY = {word: word for word in _ONE}

_REASONS: dict[Uncertainty, tuple[str, str]] = {
    "open": (
        "Die bisherigen Antworten lassen offen, wo {n} {Module} im Programm {stehen}; mehr Antworten entscheiden das.",
        "The answers so far leave the place of {n} {modules} open; more answers settle it.",
    ),
    "no_number": (
        "Gefragt, aber ohne veröffentlichte Zahl; gerechnet wird mit einer Annahme. Davon {hängen} {n} {Module} ab.",
        "Asked, but without a published number; an assumption stands in, and {n} {modules} {depend} on it.",
    ),
    "doubtful_base": (
        "Die veröffentlichte Zahl passt nicht sicher zu ihrer Basis; künftig die Antworten je Frage mit angeben.",
        "The published number does not clearly fit its base; next time give the number of answers per question.",
    ),
    "not_asked": (
        "Bisher nicht als Fortbildungswunsch gefragt; niemand konnte es wünschen. Davon {hängen} {n} {Module} ab.",
        "Not asked as a wish for training so far; nobody could wish for it. {n} {modules} {depend} on it.",
    ),
    "likely": (
        "Wahrscheinlich richtig eingeordnet; mehr Antworten machen den Platz von {n} {Module} sicher.",
        "Probably placed right; more answers make the place of {n} {modules} firm.",
    ),
    "settled": (
        "Muss nicht erneut gefragt werden: Der Platz steht durch Setzung fest oder ändert sich in fast keiner Ziehung.",
        "Need not be asked again: the place is decided by people or changes in hardly any draw.",
    ),
    "no_influence": (
        "Muss für das Programm nicht erneut gefragt werden: Die Antwort entscheidet über keinen Platz.",
        "Need not be asked again for the programme: the answer decides no module's place.",
    ),
}

_TOO_FEW = (
    "Gefragt, aber von zu wenigen beantwortet, um eine Zahl zu zeigen. Davon {hängen} {n} {Module} ab.",
    "Asked, but answered by too few for a number to be shown. {n} {modules} {depend} on it.",
)


# --- context -----------------------------------------------------------------------------------


def _context(view: _View) -> list[NextQuestion]:
    """Return one entry per question of context: asked again only where a base is in doubt."""
    found = []
    for question in view.questionnaire.questions:
        if question.kind == "context":
            estimates = [e for item in question.items if (e := view.estimate(question.id, item.id))]
            if estimates:
                found.append(_context_entry(view, question, doubtful=any(is_doubtful(e) for e in estimates)))
    return found


def _context_entry(view: _View, question: Question, *, doubtful: bool) -> NextQuestion:
    why: Uncertainty = "doubtful_base" if doubtful else "no_influence"
    return NextQuestion(
        audience=view.audience,
        topic=None,
        question=question.id,
        item=None,
        wording=question.text.text,
        ask=doubtful,
        why=why,
        modules=(),
        population=view.reach.population,
        answered=view.reach.units,
        needed=sample_size(view.reach.population, COARSE) if doubtful else None,
        reason=_reason(why, 0, view.findings.origin),
    )
