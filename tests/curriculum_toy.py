"""A catalogue of six modules that can be solved on paper, and helpers around it.

Four competences are required of one role: ground, asking, maps, play. `ground` has no wishes;
`asking` requires it; `play` can come from two equivalent modules; `dance` is nobody's duty.

| module  | builds | topic  | short | full | note                  |
| ------- | ------ | ------ | ----- | ---- | --------------------- |
| ground  | ground | basics | 2     | 4    | nobody was asked      |
| asking  | asking | survey | 2     | 4    | requires ground       |
| maps    | maps   | space  | 2     | 4    |                       |
| game    | play   | games  | –     | 4    | equivalent to theatre |
| theatre | play   | stage  | –     | 4    | equivalent to game    |
| dance   | dance  | dance  | –     | 4    | not required          |

The shortest Basis takes 2 + 2 + 2 + 4 = 10 units. With 12 units, two are left: they deepen
asking or maps, whichever is wished for more.
"""

from collections.abc import Mapping

import numpy as np

from passgenau.curriculum.catalogue import (
    Catalogue,
    Competence,
    Group,
    Introduction,
    IntroductionPart,
    Module,
    ModuleVersion,
    Role,
    ThemeField,
    Topic,
    Version,
)
from passgenau.curriculum.decisions import CurriculumDecisions, FrequencyReading, Minimum, ProgrammeRules, RoleTask
from passgenau.needs import Needs, Wish, WishStatus
from passgenau.text import Text

TOPICS = ("basics", "survey", "space", "games", "stage", "dance")
DECIDED = {"decided_by": "the office", "why": Text("weil", "because")}


def version(units: int) -> ModuleVersion:
    return ModuleVersion(contact_units=units, self_study_units=units // 2, tutor_minutes=units * 3)


def module(module_id: str, competence: str, topic: str, sizes: Mapping[Version, int], **changes: object) -> Module:
    given: dict[str, object] = {
        "id": module_id,
        "title": Text(module_id.capitalize(), module_id),
        "field": "people",
        "goals": Text("Ziel"),
        "contents": (Text("Inhalt"),),
        "competences": (competence,),
        "topic": topic,
        "topics": {topic: 1.0},
        "tiers": ("municipality",),
        "roles": ("coordination",),
        "stages": ("analysis",),
        "versions": {key: version(units) for key, units in sizes.items()},
        "group": Group(min=6, max=18),
        "formats": ("regional",),
    }
    return Module.model_validate({**given, **changes})


MODULES = (
    module("ground", "ground", "basics", {"short": 2, "full": 4}, stages=("mandate",)),
    module("asking", "asking", "survey", {"short": 2, "full": 4}, requires=("ground",)),
    module("maps", "maps", "space", {"short": 2, "full": 4}),
    module("game", "play", "games", {"full": 4}, equivalent="acting"),
    module("theatre", "play", "stage", {"full": 4}, equivalent="acting"),
    module("dance", "dance", "dance", {"full": 4}),
)


def catalogue(modules: tuple[Module, ...] = MODULES) -> Catalogue:
    names = dict.fromkeys(c for m in modules for c in m.competences)
    topics = dict.fromkeys((*TOPICS, *(t for m in modules for t in m.topics)))
    return Catalogue(
        title=Text("Spielkatalog"),
        as_of="2026-11",
        reviewed=False,
        note=Text("Beispiel"),
        unit_minutes=45,
        units_per_day=8,
        fields=(ThemeField(id="people", title=Text("Menschen"), question=Text("Wer?")),),
        roles=(
            Role(id="coordination", title=Text("Koordination", "coordination"), task=Text("koordiniert")),
            Role(id="steering", title=Text("Steuerung", "steering"), task=Text("steuert")),
            Role(id="council", title=Text("Gremien", "councils"), task=Text("beschließt"), path="briefing"),
        ),
        topics=tuple(Topic(id=t, title=Text(t), kind="method") for t in topics),
        competences=tuple(Competence(id=c, field="people", title=Text(c, c)) for c in names),
        introduction=Introduction(
            id="intro",
            title=Text("Einführung"),
            parts=(IntroductionPart(title=Text("Ankommen"), units=8, minutes=360, field="people"),),
            group=Group(min=5, max=30),
            in_house=Text("Haus"),
            regional=Text("Region"),
        ),
        modules=modules,
    )


def decisions(
    *,
    days: float = 1.5,
    self_study: int = 20,
    competences: tuple[str, ...] = ("ground", "asking", "maps"),
    **more: object,
) -> CurriculumDecisions:
    """Three minimum competences and one role task (play), within `days` of eight units."""
    given: dict[str, object] = {
        "minimum": tuple(
            Minimum(competence=c, tiers=("municipality",), roles=("coordination",), **DECIDED) for c in competences
        ),
        "role_tasks": (
            RoleTask(
                id="to-play",
                tier="municipality",
                task=Text("Spielen", "Playing"),
                competences=("play",),
                roles=("coordination",),
                **DECIDED,
            ),
        ),
        "frequency": (
            FrequencyReading(id="twice", text=Text("zweimal"), blocks_per_year=2, days_per_block=1, years=1, **DECIDED),
        ),
        "programmes": (
            ProgrammeRules(
                tier="municipality",
                basis_days=days,
                self_study_units=self_study,
                blocks=2,
                electives_per_person=1,
                persons_expected=20,
                **DECIDED,
            ),
        ),
    }
    return CurriculumDecisions.model_validate({**given, **more})


def needs(shares: Mapping[str, float], topics: tuple[str, ...] = TOPICS, draws: int = 8, seed: int = 5) -> Needs:
    """Published wishes of the towns; the draws scatter by a few points around them."""
    rng = np.random.default_rng(seed)
    wishes = {}
    drawn = np.zeros((draws, len(topics)))
    for column, topic in enumerate(topics):
        share = shares.get(topic)
        status: WishStatus = "not_asked" if share is None else "published"
        wishes["towns", topic] = Wish("towns", topic, status, share, share, share, assumed=False, source_ids=())
        if share:
            drawn[:, column] = np.clip(share + rng.normal(0, 0.02, draws), 0, 1)
    return Needs(topics=topics, wishes=wishes, draws={"towns": drawn}, seed=seed)
