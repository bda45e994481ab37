"""Why a module has its place, or has none: plain sentences that name the three sources apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.curriculum.requirements import Required, serves
from passgenau.curriculum.wording import (
    FIRMNESS_NAMES,
    NONE,
    TIER_NAMES,
    joined,
    listed,
    number,
    percent,
    persons,
    quoted,
    span,
    units,
)
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passgenau.curriculum.catalogue import Catalogue, Module, Version
    from passgenau.curriculum.decisions import CurriculumDecisions
    from passgenau.curriculum.model import Firmness
    from passgenau.frame.units import Tier
    from passgenau.needs.model import Wish


@dataclass(frozen=True, slots=True)
class Voice:
    """All names that sentences about one tier need."""

    tier: Tier
    audience: Text  # plural: “Landkreise”
    competences: dict[str, Text]
    roles: dict[str, Text]
    topics: dict[str, Text]
    tasks: dict[str, Text]
    modules: dict[str, Module]
    draws: int


def voice(
    catalogue: Catalogue, decisions: CurriculumDecisions, tier: Tier, names: Mapping[Tier, Text], draws: int
) -> Voice:
    """Collect the names for one tier."""
    return Voice(
        tier=tier,
        audience=names.get(tier, TIER_NAMES[tier]),
        competences={c.id: c.title for c in catalogue.competences},
        roles={r.id: r.title for r in catalogue.roles},
        topics={t.id: t.title for t in catalogue.topics},
        tasks={t.id: t.task for t in decisions.role_tasks},
        modules={m.id: m for m in catalogue.modules},
        draws=draws,
    )


# --- the three sources ---------------------------------------------------------------------------


def minimum_sentence(say: Voice, entries: tuple[Required, ...]) -> Text:
    """Name the minimum requirements that a module meets, with their roles."""
    parts = []
    for entry in entries:
        if entry.is_minimum:
            title = quoted(say.competences[entry.competence])
            roles = listed(say.roles[r] for r in entry.minimum_roles)
            parts.append(Text(f"{title.de} ({roles.de})", f"{title.en} ({roles.en})"))
    named = listed(parts) if parts else NONE
    return Text(f"Mindestanforderung: {named.de}.", f"Minimum requirement: {named.en}.")


def task_sentence(say: Voice, task_ids: tuple[str, ...]) -> Text:
    """Name the role tasks that a module serves."""
    named = listed(quoted(say.tasks[t]) for t in task_ids) if task_ids else NONE
    return Text(f"Rollenaufgabe: {named.de}.", f"Role task: {named.en}.")


def wish_sentence(say: Voice, wish: Wish) -> Text:
    """Say what the survey says of a module's main topic, with base, population and interval."""
    topic = quoted(say.topics[wish.topic])
    if wish.status == "not_asked":
        return Text(
            f"Wunsch zum Thema {topic.de}: nicht als Fortbildungswunsch gefragt; das heißt nicht, dass niemand "
            "Fortbildung dazu braucht.",
            f"Wish for the topic {topic.en}: not asked as a wish for training; that does not mean that "
            "nobody needs it.",
        )
    if wish.status == "asked_no_number":
        return _unnumbered(topic, wish)
    return _numbered(say, topic, wish)


def _unnumbered(topic: Text, wish: Wish) -> Text:
    if wish.assumed and wish.lower is not None and wish.upper is not None:
        shown = span(wish.lower, wish.upper)
        return Text(
            f"Wunsch zum Thema {topic.de}: gefragt, eine Zahl ist nicht veröffentlicht; angenommen sind {shown.de}.",
            f"Wish for the topic {topic.en}: asked about, but no number is published; {shown.en} are assumed.",
        )
    return Text(
        f"Wunsch zum Thema {topic.de}: gefragt, eine Zahl ist weder veröffentlicht noch angenommen.",
        f"Wish for the topic {topic.en}: asked about, but a number is neither published nor assumed.",
    )


def _numbered(say: Voice, topic: Text, wish: Wish) -> Text:
    share, parts = _share(wish), _context(wish)
    context = Text("", "")
    if parts:
        whole = joined(parts, "; ")
        context = Text(f" ({whole.de})", f" ({whole.en})")
    if wish.status == "estimated":
        return Text(
            f"Wunsch zum Thema {topic.de}: Geschätzt wünschen es {share.de} der {say.audience.de}{context.de}.",
            f"Wish for the topic {topic.en}: an estimated {share.en} of the {say.audience.en} wish for it{context.en}.",
        )
    return Text(
        f"Wunsch zum Thema {topic.de}: Das nannten {share.de} der antwortenden {say.audience.de}{context.de}.",
        f"Wish for the topic {topic.en}: named by {share.en} of the {say.audience.en} that answered{context.en}.",
    )


def _share(wish: Wish) -> Text:
    share = percent(wish.share or 0.0)
    if wish.printed is not None and not wish.printed.startswith(share.de):
        # The hedge is part of the number; German prints it as it stands, English beside its number.
        return Text(wish.printed, f"{share.into('en')} (printed: „{wish.printed}“)")
    return share


def _context(wish: Wish) -> list[Text]:
    parts = []
    if wish.base_answers is not None and wish.base_units is not None and wish.population is not None:
        sheets, answered, all_ = number(wish.base_answers), number(wish.base_units), number(wish.population)
        parts.append(
            Text(
                f"{sheets.de} Bögen aus {answered.de} von {all_.de}",
                f"{sheets.en} sheets from {answered.en} of {all_.en}",
            )
        )
    if wish.lower is not None and wish.upper is not None:
        shown = span(wish.lower, wish.upper)
        parts.append(
            Text(
                f"für alle {shown.de}, wenn die Antwortenden einer Zufallsauswahl glichen",
                f"{shown.en} of all, if those who answered resembled a random draw",
            )
        )
    return parts


def _assumed_range(wish: Wish) -> Text:
    return span(wish.lower or 0.0, wish.upper or 0.0)


def _wished_topics(say: Voice, module: Module, wishes: tuple[Wish, ...]) -> Text:
    """Name topics with their shares; the base of the main topic's share stands in its own sentence."""
    parts = []
    for wish in wishes:
        topic = quoted(say.topics[wish.topic])
        if wish.assumed:
            shown = _assumed_range(wish)
            said = Text(f"angenommen {shown.de}", f"{shown.en} assumed")
        else:
            said = joined([_share(wish), *(() if wish.topic == module.topic else _context(wish))], "; ")
        parts.append(Text(f"{topic.de} ({said.de})", f"{topic.en} ({said.en})"))
    return listed(parts)


# --- what the wishes decided -----------------------------------------------------------------------


def firmness_sentence(
    say: Voice, module: Module, firmness: Firmness, frequency: float, deciding: tuple[Wish, ...]
) -> Text:
    """Say how often the draws agree, and whether numbers or assumptions stand behind the draws.

    `deciding` are the wishes that speak for the module; those without a published number are
    drawn from a range that people assumed, which measures no sampling chance.
    """
    if firmness == "fixed":
        return Text("Gesetzt: Daran ändert keine Ziehung etwas.", "Fixed: no draw can change this.")
    count, word = round(frequency * say.draws), FIRMNESS_NAMES[firmness]
    basis = _drawn_from(say, module, deciding)
    return Text(
        f"So in {count} von {say.draws} Ziehungen: {word.de}, {basis.de}.",
        f"So in {count} of {say.draws} draws: {word.en}, {basis.en}.",
    )


def _drawn_from(say: Voice, module: Module, deciding: tuple[Wish, ...]) -> Text:
    parts = []
    for wish in deciding:
        if wish.assumed:
            topic, shown = quoted(say.topics[wish.topic]), _assumed_range(wish)
            main = wish.topic == module.topic
            parts.append(shown if main else Text(f"zu {topic.de} {shown.de}", f"for {topic.en} {shown.en}"))
    if not parts:
        return Text("gemessen nur am Stichprobenzufall", "against sampling chance only")
    named, many = listed(parts), len(parts) > 1
    noun = Text("Annahmen" if many else "einer Annahme", "assumptions" if many else "an assumption")
    if len(parts) < len(deciding):
        return Text(
            f"doch die Wahl ruht auch auf {noun.de} ({named.de}), nicht nur auf Zahlen",
            f"but the choice rests on {noun.en} ({named.en}) too, not on numbers alone",
        )
    return Text(
        f"doch die Wahl ruht auf {noun.de} ({named.de}), nicht auf einer Zahl",
        f"but the choice rests on {noun.en} ({named.en}), not on a number",
    )


def version_sentence(say: Voice, module: Module, version: Version, deciding: tuple[Wish, ...]) -> Text:
    """Say which version was chosen, and the wishes for which topics decided it."""
    size = units(module.versions[version].contact_units)
    if len(module.versions) == 1:
        return Text(
            f"{size.de} Präsenz; der Katalog kennt nur diese Fassung.",
            f"{size.en} of contact; the catalogue knows this version only.",
        )
    topics = _wished_topics(say, module, deciding)
    if version == "full":
        less = number(module.versions["short"].contact_units)
        if not deciding:
            return Text(
                f"Langfassung ({size.de} statt {less.de}): So sind die übrigen Grenzen eingehalten, ohne Zutun "
                "der Wünsche.",
                f"Full version ({size.en} instead of {less.en}): keeps the other limits, whatever the wishes.",
            )
        return Text(
            f"Langfassung ({size.de} statt {less.de}): Im Zeitbudget haben die Wünsche zu {topics.de} Vorrang.",
            f"Full version ({size.en} instead of {less.en}): within the budget, the wishes for {topics.en} come first.",
        )
    more = number(module.versions["full"].contact_units)
    if deciding:
        return Text(
            f"Kurzfassung ({size.de} statt {more.de}): Die knappe Zeit dient an anderer Stelle mehr Wünschen als "
            f"hier denen zu {topics.de}.",
            f"Short version ({size.en} instead of {more.en}): the scarce time serves more wishes elsewhere than "
            f"here those for {topics.en}.",
        )
    return Text(
        f"Kurzfassung ({size.de} statt {more.de}): Zu diesen Themen begründet kein Wunsch mehr Zeit.",
        f"Short version ({size.en} instead of {more.en}): no wish for these topics justifies more time.",
    )


def choice_sentence(module: Module, entries: tuple[Required, ...], rivals: tuple[Module, ...]) -> Text | None:
    """Say which modules could have stood in this place, where there were any."""
    others = [m for m in rivals if m.id != module.id and any(serves(m, entry) for entry in entries)]
    if not others:
        return None
    names = listed(quoted(m.title) for m in others)
    return Text(
        f"Dafür kamen auch {names.de} in Frage; die Wünsche gaben den Ausschlag.",
        f"{names.en} could have taken this place; the wishes decided.",
    )


def prerequisite_sentence(say: Voice, dependents: tuple[str, ...]) -> Text | None:
    """Say which modules of the Basis build on this one."""
    if not dependents:
        return None
    names = listed(quoted(say.modules[d].title) for d in dependents)
    return Text(f"Voraussetzung für {names.de}.", f"Prerequisite of {names.en}.")


ELECTIVE_RULE = Text(
    "Erwartete Personen: Anteil, der das Thema wünscht, mal Personen im Programm. Gefragt wurde nach Themen, nicht "
    "nach Modulen; deshalb wird beim zweiten Modul zu einem Thema durch 2 geteilt, beim dritten durch 3 und so fort "
    "(in der Reihenfolge des Katalogs, ohne Module der Basis). Ergeben alle angebotenen Wahlmodule zusammen mehr "
    "Plätze, als die Personen belegen können (Personen mal Wahlmodule je Person), werden alle im gleichen Verhältnis "
    "gekürzt. Bleibt ein Modul unter seiner Mindestzahl, scheidet das schwächste aus, und seine Plätze gehen an die "
    "übrigen; für ausgeschiedene Module steht die Zahl beim Ausscheiden.",
    "Persons expected: the share that wishes for the topic, times the persons in the programme. The survey asked about "
    "topics, not modules; so the second module on a topic is divided by 2, the third by 3, and so on (in the "
    "catalogue’s order, without modules of the Basis). Where all electives offered would fill more seats than people "
    "can take (persons times electives per person), all are reduced in the same proportion. While a module stays below "
    "its minimum, the weakest is dropped and its seats go to the others; for a dropped module the last number stands.",
)
"""How the persons expected per elective are computed."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How many persons an elective may expect, step by step."""

    share: float  # that wishes for the topic, 0–1
    persons: int  # of the programme
    place: int  # among the modules on the topic, from 1
    on_topic: int  # modules on the topic outside the Basis
    per_person: float  # electives that a person may take
    expected: tuple[float, float, float]  # point, lower, upper

    @property
    def before_seats(self) -> float:
        """Return the persons before seats are shared out."""
        return self.share * self.persons / self.place


def elective_sentence(demand: Demand, least: int, rank: int) -> Text:
    """Say step by step how many persons are expected, and from how many an elective runs."""
    steps = _steps(demand)
    point, low, high = (number(round(value)) for value in demand.expected)
    return Text(
        f"Wahlmodul auf Rang {rank}: {steps.de}: erwartet {point.de} ({low.de} bis {high.de}); es läuft ab {least}.",
        f"Elective, rank {rank}: {steps.en}: {point.en} expected ({low.en} to {high.en}); it runs from {least}.",
    )


def _steps(demand: Demand) -> Text:
    share, wishing = number(round(100 * demand.share, 1)), number(round(demand.share * demand.persons, 1))
    who = persons(demand.persons)
    steps = [Text(f"{share.de}\u202f% × {who.de} = {wishing.de}", f"{share.en}% × {who.en} = {wishing.en}")]
    if demand.place > 1:
        steps.append(
            Text(
                f"geteilt durch {demand.place}, weil es das {demand.place}. von {demand.on_topic} Modulen zum "
                "Thema ist",
                f"divided by {demand.place}, as it is number {demand.place} of {demand.on_topic} modules on the topic",
            )
        )
    kept = demand.expected[0] / demand.before_seats if demand.before_seats else 1.0
    if kept < 1 - 1e-9:
        part, most = number(round(100 * kept, 1)), number(demand.per_person)
        one = demand.per_person == 1
        steps.append(
            Text(
                f"davon {part.de}\u202f%, weil jede Person höchstens {most.de} {'Wahlmodul' if one else 'Wahlmodule'} "
                "belegt",
                f"of these {part.en}%, as a person takes at most {most.en} {'elective' if one else 'electives'}",
            )
        )
    return joined(steps, "; ")


# --- left out ----------------------------------------------------------------------------------------


def not_for_tier(module: Module) -> Text:
    """Say for whom a module is that this tier's programme leaves out."""
    whom = listed(TIER_NAMES[tier] for tier in module.tiers)
    return Text(f"Richtet sich nur an {whom.de}.", f"Addresses {whom.en} only.")


def in_house_only() -> Text:
    """Say why a module for one house has no place in a cohort of many."""
    return Text(
        "Nur im eigenen Haus sinnvoll, deshalb nicht in der festen Gruppe mehrerer Organisationen; "
        "geeignet für einen Inhouse-Tag auf Anfrage.",
        "Makes sense in one's own house only, so not in a cohort of several organisations; suited to an in-house day "
        "on request.",
    )


def no_programme_role(say: Voice, module: Module) -> Text:
    """Say that a module addresses only roles with a path of their own."""
    roles = listed(say.roles[r] for r in module.roles)
    return Text(
        f"Richtet sich nur an {roles.de}; für sie gibt es Kurzformate statt der Basis.",
        f"Addresses {roles.en} only; they have briefings instead of the Basis.",
    )


def replaced(say: Voice, by: str) -> Text:
    """Say which equivalent module was chosen instead."""
    title = quoted(say.modules[by].title)
    return Text(
        f"Gleichwertig mit {title.de}, das nach den Wünschen gewählt wurde; beides zu belegen wäre doppelt.",
        f"Equivalent to {title.en}, which the wishes chose; taking both would be double.",
    )


def lacks_prerequisite(say: Voice, wanted: str) -> Text:
    """Say which prerequisite of a wished module has no place."""
    title = quoted(say.modules[wanted].title)
    return Text(
        f"Gewünscht, setzt aber {title.de} voraus, das in diesem Programm keinen Platz hat.",
        f"Wished for, but requires {title.en}, which has no place in this programme.",
    )


def passed_over(say: Voice, chosen: tuple[str, ...]) -> Text:
    """Say which modules of the Basis already build what this one would have built."""
    names = listed(quoted(say.modules[m].title) for m in chosen)
    return Text(
        f"Was es vermitteln soll, deckt in der Basis bereits {names.de} ab.",
        f"In the Basis, {names.en} already builds what it would have built.",
    )


def too_few(demand: Demand, least: int, frequency: float, draws: int) -> Text:
    """Say that too few persons are expected for an elective, and how often the draws disagree."""
    shown, steps = persons(round(demand.expected[0], 1)), _steps(demand)
    count = round(frequency * draws)
    often = Text("", "")
    if count:
        often = Text(
            f" (in {count} von {draws} Ziehungen wären es genug)",
            f" (in {count} of {draws} draws there would be enough)",
        )
    return Text(
        f"Als Wahlmodul zu wenige: {steps.de}: zu erwarten {shown.de}, nötig sind {least}{often.de}.",
        f"Too few for an elective: {steps.en}: {shown.en} expected, {least} needed{often.en}.",
    )


def unknown_demand(wish: Wish) -> Text:
    """Say what follows from a wish that nobody could utter, or that has no number."""
    if wish.status == "not_asked":
        return Text(
            "Wie viele es wünschen, ist unbekannt: auf Anfrage anbieten und bei der nächsten Befragung fragen.",
            "How many wish for it is unknown: offer it on request and ask in the next survey.",
        )
    return Text(
        "Ohne Zahl lässt sich keine Nachfrage erwarten: auf Anfrage anbieten und die Zahl beschaffen.",
        "Without a number no demand can be expected: offer it on request and obtain the number.",
    )
