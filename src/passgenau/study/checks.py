"""What no single file can check: references from one file of a study into another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.reading import nearest
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passgenau.curriculum.catalogue import Catalogue
    from passgenau.curriculum.providers import Providers
    from passgenau.errors import Problem
    from passgenau.frame.units import Frame
    from passgenau.planning.resources import Registration, Trainers, Venues
    from passgenau.reading import Loaded, Location
    from passgenau.study.files import DecisionsFile, StudyFile
    from passgenau.survey import Responses
    from passgenau.survey.published import Published
    from passgenau.survey.questionnaire import Questionnaire


@dataclass(frozen=True)
class Files:
    """All files of a study, each checked on its own."""

    study: Loaded[StudyFile]
    questionnaire: Loaded[Questionnaire]
    published: Loaded[Published] | None  # None where only answers are given
    catalogue: Loaded[Catalogue]
    providers: Loaded[Providers]
    venues: Loaded[Venues]
    trainers: Loaded[Trainers]
    decisions: Loaded[DecisionsFile]
    registrations: Loaded[list[Registration]]
    frames: dict[str, Frame]  # by audience
    responses: Responses | None = None


def problems_of(files: Files) -> list[Problem]:
    """Return every reference that leads nowhere and every entry that contradicts another file."""
    return [
        *_study(files),
        *_answers(files),
        *_survey(files),
        *_curriculum(files),
        *_calendar(files),
        *_venues(files),
        *_trainers(files),
        *_registrations(files),
    ]


# --- study.yaml --------------------------------------------------------------------------------


def _study(files: Files) -> Iterator[Problem]:
    study = files.study
    audiences = study.value.audiences
    yield from _twice(study, [(("audiences", i, "id"), a.id) for i, a in enumerate(audiences)])
    tiers = [(("audiences", i, "frame", "tier"), a.frame.tier) for i, a in enumerate(audiences)]
    yield from _twice(
        study,
        tiers,
        Text(
            "Je Ebene (district, municipality) gibt es ein Programm und damit eine Gruppe.",
            "Each tier (district, municipality) has one programme and so one audience.",
        ),
    )
    totals = study.value.known_totals
    yield from _twice(study, [(("known_totals", i, "id"), t.id) for i, t in enumerate(totals)])
    shares = _shares(files)
    for i, total in enumerate(totals):
        if total.compare_with not in shares:
            yield _unknown(study, ("known_totals", i, "compare_with"), total.compare_with, shares)
        if total.count > total.population:
            yield study.problem(
                ("known_totals", i, "count"),
                Text(
                    f"{total.count} liegt über der Grundgesamtheit {total.population}.",
                    f"{total.count} exceeds the population {total.population}.",
                ),
            )


def _shares(files: Files) -> list[str]:
    """Return what a known total may be compared with: shares of the answers, else published ones."""
    if files.study.value.responses is None:
        return [s.source_id for s in files.published.value.statements] if files.published is not None else []
    from passgenau.findings.asked import counted  # noqa: PLC0415 -- only where there are answers
    from passgenau.findings.estimated import source_id  # noqa: PLC0415 -- only where there are answers

    return [source_id(a, s.question, s.item) for a in files.frames for s in counted(files.questionnaire.value)]


def _answers(files: Files) -> Iterator[Problem]:
    """Names under `responses` that lead nowhere."""
    study, given = files.study, files.study.value.responses
    if given is None:
        return
    totals = [total.id for total in study.value.known_totals]
    for i, total in enumerate(given.calibrate):
        if total not in totals:
            yield _unknown(study, ("responses", "calibrate", i), total, totals)
    questions = [question.id for question in files.questionnaire.value.questions]
    for question in given.combine_by_question:
        if question not in questions:
            yield _unknown(study, ("responses", "combine_by_question", question), question, questions)


# --- questionnaire.yaml, published.yaml --------------------------------------------------------


def _survey(files: Files) -> Iterator[Problem]:
    if files.published is None:
        return
    from passgenau.findings import cross_check  # noqa: PLC0415 -- heavy; only where a study is opened

    found = cross_check(files.questionnaire.value, files.published.value, files.frames)
    for location, message, hint in found:
        yield files.published.problem(location, message, hint)


# --- catalogue.yaml, decisions.yaml, providers.yaml --------------------------------------------


def _curriculum(files: Files) -> Iterator[Problem]:
    from passgenau.curriculum import cross_check  # noqa: PLC0415 -- heavy; only where a study is opened

    by_name = {
        loaded.name: loaded
        for loaded in (files.catalogue, files.decisions, files.providers, files.questionnaire, files.study)
    }
    found = cross_check(
        catalogue=files.catalogue.value,
        decisions=files.decisions.value,
        providers=files.providers.value,
        questionnaire=files.questionnaire.value,
    )
    for name, location, message, hint in found:
        yield by_name[name].problem(location, message, hint)
    yield from _tiers(files)
    yield from _assumed_shares(files)


def _tiers(files: Files) -> Iterator[Problem]:
    """Every audience's tier has a programme."""
    present = {p.tier for p in files.decisions.value.programmes}
    for i, audience in enumerate(files.study.value.audiences):
        if audience.frame.tier not in present:
            yield files.study.problem(
                ("audiences", i, "frame", "tier"),
                Text(
                    f"Für die Ebene {audience.frame.tier!r} gibt es kein Programm.",
                    f"There is no programme for the tier {audience.frame.tier!r}.",
                ),
                Text(
                    "In decisions.yaml unter programmes einen Eintrag für diese Ebene ergänzen.",
                    "Add an entry for this tier under programmes in decisions.yaml.",
                ),
            )


def _assumed_shares(files: Files) -> Iterator[Problem]:
    decisions = files.decisions
    topics = {topic.id for topic in files.catalogue.value.topics}
    shares = decisions.value.assumed_shares
    for i, share in enumerate(shares):
        if share.topic not in topics:
            yield _unknown(decisions, ("assumed_shares", i, "topic"), share.topic, topics)
        if share.audience not in files.frames:
            yield _unknown(decisions, ("assumed_shares", i, "audience"), share.audience, files.frames)
    yield from _twice(
        decisions, [(("assumed_shares", i, "topic"), f"{s.audience} / {s.topic}") for i, s in enumerate(shares)]
    )


# --- venues.yaml, trainers.yaml ----------------------------------------------------------------


def _venues(files: Files) -> Iterator[Problem]:
    venues = files.venues.value.venues
    yield from _twice(files.venues, [(("venues", i, "id"), v.id) for i, v in enumerate(venues)])
    for i, venue in enumerate(venues):
        yield from _place(files, files.venues, ("venues", i, "organisation"), venue.organisation)


def _trainers(files: Files) -> Iterator[Problem]:
    trainers = files.trainers.value.trainers
    modules = {module.id for module in files.catalogue.value.modules}
    fields = {field.id for field in files.catalogue.value.fields}
    yield from _twice(files.trainers, [(("trainers", i, "id"), t.id) for i, t in enumerate(trainers)])
    for i, trainer in enumerate(trainers):
        yield from _place(files, files.trainers, ("trainers", i, "home"), trainer.home)
        for j, module in enumerate(trainer.modules):
            if module not in modules:
                yield _unknown(files.trainers, ("trainers", i, "modules", j), module, modules)
        for j, field in enumerate(trainer.fields):
            if field not in fields:
                yield _unknown(files.trainers, ("trainers", i, "fields", j), field, fields)


def _place(files: Files, loaded: Loaded[object], location: Location, key: str) -> Iterator[Problem]:
    """Yield a problem where neither the study's frames nor the register know the place."""
    if any(key in frame.by_key for frame in files.frames.values()):
        return
    from passgenau.frame import load_register  # noqa: PLC0415 -- needed for places outside the frames only

    if key not in load_register().by_key:
        yield loaded.problem(
            location,
            Text(f"Den Schlüssel {key!r} gibt es nicht.", f"There is no key {key!r}."),
            Text("`passgenau frame find NAME` nennt den Schlüssel.", "`passgenau frame find NAME` shows the key."),
        )


# --- the calendar of decisions.yaml ------------------------------------------------------------

# The letters of the law on public holidays (ISO 3166-2:DE) by the first two digits of a key.
LETTERS = dict(
    zip(
        (f"{number:02d}" for number in range(1, 17)),
        ("SH", "HH", "NI", "HB", "NW", "HE", "RP", "BW", "BY", "SL", "BE", "BB", "MV", "SN", "ST", "TH"),
        strict=True,
    )
)


def _calendar(files: Files) -> Iterator[Problem]:
    """Yield a problem where the holidays are not those of the state whose municipalities take part."""
    given = files.decisions.value.calendar.state
    states = sorted({LETTERS[u.state] for frame in files.frames.values() for u in frame.units if u.state in LETTERS})
    if states and given not in states:
        yield files.decisions.problem(
            ("calendar", "state"),
            Text(
                f"{given!r} passt nicht zu den Grundgesamtheiten: Ihre Kommunen liegen in {', '.join(states)}.",
                f"{given!r} does not fit the populations: their municipalities lie in {', '.join(states)}.",
            ),
            Text(
                "state und die Ferien unter closed auf dieses Land umstellen.",
                "Set state, and the school holidays under closed, to this state.",
            ),
        )


# --- registrations.csv -------------------------------------------------------------------------


def _registrations(files: Files) -> Iterator[Problem]:
    loaded = files.registrations
    modules = {module.id for module in files.catalogue.value.modules}
    roles = {role.id for role in files.catalogue.value.roles}
    rows = loaded.value
    yield from _twice(loaded, [((i, "organisation"), row.organisation) for i, row in enumerate(rows)])
    for i, row in enumerate(rows):
        if not any(row.organisation in frame.by_key for frame in files.frames.values()):
            yield _outside(loaded, (i, "organisation"), row.organisation)
        yield from (_unknown(loaded, (i, "roles"), role, roles) for role in row.roles if role not in roles)
        yield from (
            _unknown(loaded, (i, "electives"), module, modules) for module in row.electives if module not in modules
        )
        if len(row.roles) > row.persons:
            yield loaded.problem(
                (i, "roles"),
                Text(
                    f"{len(row.roles)} Rollen, aber {row.persons} Personen.",
                    f"{len(row.roles)} roles, but {row.persons} persons.",
                ),
                Text("Je Person höchstens eine Rolle.", "At most one role per person."),
            )


def _outside(loaded: Loaded[object], location: Location, key: str) -> Problem:
    return loaded.problem(
        location,
        Text(
            f"{key!r} gehört zu keiner Grundgesamtheit der Studie.", f"{key!r} belongs to no population of the study."
        ),
        Text(
            "`passgenau frame find NAME` nennt den Schlüssel; study.yaml legt die Grundgesamtheiten fest.",
            "`passgenau frame find NAME` shows the key; study.yaml defines the populations.",
        ),
    )


# --- what all share ----------------------------------------------------------------------------


def _twice(
    loaded: Loaded[object],
    entries: Iterable[tuple[Location, str]],
    hint: Text | None = None,
) -> Iterator[Problem]:
    """Yield a problem at every entry whose value stood before."""
    entries = list(entries)
    counts: Counter[str] = Counter()
    first: dict[str, int | None] = {}
    for location, value in entries:
        counts[value] += 1
        first.setdefault(value, loaded.line_of(location))
        if counts[value] > 1:
            line = first[value]
            yield loaded.problem(
                location,
                Text(
                    f"{value!r} steht zweimal (zuerst in Zeile {line}).",
                    f"{value!r} stands twice (first in line {line}).",
                ),
                hint,
            )


def _unknown(loaded: Loaded[object], location: Location, given: str, known: Iterable[str]) -> Problem:
    return loaded.problem(
        location, Text(f"{given!r} gibt es nicht.", f"There is no {given!r}."), nearest(given, sorted(known))
    )
