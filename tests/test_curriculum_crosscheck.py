"""Mistakes that show only when the files are read together."""

from typing import Any

from curriculum_toy import DECIDED, MODULES, catalogue, decisions, module

from passgenau.curriculum import Catalogue, CurriculumDecisions, Module, Providers, cross_check
from passgenau.curriculum.decisions import Credit, Minimum, Recurring, RoleTask
from passgenau.curriculum.providers import Offer, Provider
from passgenau.reading import Location
from passgenau.survey.questionnaire import Item, Question, Questionnaire
from passgenau.text import Text

Found = tuple[str, Location, str]


def found(
    given: Catalogue | None = None,
    decided: CurriculumDecisions | None = None,
    providers: Providers | None = None,
    questionnaire: Questionnaire | None = None,
) -> list[Found]:
    problems = cross_check(
        catalogue=given or catalogue(),
        decisions=decided or decisions(),
        providers=providers or Providers(),
        questionnaire=questionnaire,
    )
    assert all(message.en is not None and hint is not None and hint.en is not None for _, _, message, hint in problems)
    return [(file, at, message.de) for file, at, message, _ in problems]


def with_module(**changes: Any) -> Catalogue:
    return catalogue((*MODULES, module("extra", "dance", "dance", {"full": 4}, **changes)))


def test_a_sound_study_has_no_findings() -> None:
    assert found() == []


def test_unknown_references_of_a_module_are_named_where_they_stand() -> None:
    at = ("modules", 6)
    broken = module("extra", "dance", "dance", {"full": 4}, field="nowhere", roles=("nobody",), requires=("nothing",))
    assert found(catalogue((*MODULES, broken))) == [
        ("catalogue.yaml", (*at, "field"), "Das Themenfeld 'nowhere' gibt es nicht."),
        ("catalogue.yaml", (*at, "roles", 0), "Die Rolle 'nobody' gibt es nicht."),
        ("catalogue.yaml", (*at, "requires", 0), "Das Modul 'nothing' gibt es nicht."),
    ]


def test_an_unknown_topic_and_competence_are_named() -> None:
    known = catalogue()
    strange = module("extra", "flying", "sky", {"full": 4}, examples={"pick": 1, "from_topics": ("games", "moon")})
    spoiled = known.model_copy(update={"modules": (*MODULES, strange)})
    assert found(spoiled) == [
        ("catalogue.yaml", ("modules", 6, "topics", "sky"), "Das Thema 'sky' gibt es nicht."),
        ("catalogue.yaml", ("modules", 6, "examples", "from_topics", 1), "Das Thema 'moon' gibt es nicht."),
        ("catalogue.yaml", ("modules", 6, "competences", 0), "Die Kompetenz 'flying' gibt es nicht."),
    ]


def test_an_id_that_stands_twice_is_named_at_its_second_place() -> None:
    assert found(catalogue((*MODULES, MODULES[0]))) == [
        ("catalogue.yaml", ("modules", 6, "id"), "Die Kennung 'ground' steht zweimal.")
    ]


def circle(*ids: str) -> tuple[Module, ...]:
    following = dict(zip(ids, (*ids[1:], ids[0]), strict=True))
    return tuple(module(m, "dance", "dance", {"full": 4}, requires=(following[m],)) for m in ids)


def test_a_cycle_is_shown_as_a_closed_path() -> None:
    assert found(catalogue((*MODULES, *circle("one", "two", "three")))) == [
        (
            "catalogue.yaml",
            ("modules", 6, "requires"),
            "Diese Module setzen sich im Kreis voraus: one → two → three → one.",
        )
    ]


def test_a_cycle_behind_a_chain_is_found_without_the_chain() -> None:
    chain = module("start", "dance", "dance", {"full": 4}, requires=("one",))
    shown = found(catalogue((*MODULES, chain, *circle("one", "two"))))
    assert [message for _, _, message in shown] == ["Diese Module setzen sich im Kreis voraus: one → two → one."]


def test_a_prerequisite_must_address_the_same_people() -> None:
    apart = with_module(requires=("ground",), tiers=("municipality", "district"), roles=("coordination", "steering"))
    assert found(apart) == [
        (
            "catalogue.yaml",
            ("modules", 6, "requires", 0),
            "'ground' wird vorausgesetzt, richtet sich aber nicht an: Landkreise, steering.",
        )
    ]


def test_decisions_that_lead_nowhere_are_named() -> None:
    task = RoleTask(
        id="t", tier="municipality", task=Text("t"), competences=("flying",), roles=("coordination",), **DECIDED
    )
    decided = decisions(
        minimum=(
            Minimum(competence="gliding", tiers=("municipality",), roles=("coordination",), **DECIDED),
            Minimum(competence="maps", tiers=("municipality",), roles=("council", "nobody"), **DECIDED),
        ),
        role_tasks=(task,),
        recurring=(Recurring(field="nowhere", **DECIDED),),
        credit=(Credit(competences=("maps", "diving"), tiers=("municipality",), **DECIDED),),
    )
    assert found(decided=decided) == [
        ("decisions.yaml", ("minimum", 0, "competence"), "Die Kompetenz 'gliding' gibt es nicht."),
        ("decisions.yaml", ("minimum", 1, "roles", 1), "Die Rolle 'nobody' gibt es nicht."),
        (
            "decisions.yaml",
            ("minimum", 1, "roles", 0),
            "Die Rolle 'council' nimmt nicht an der Basis teil (path: briefing).",
        ),
        ("decisions.yaml", ("role_tasks", 0, "competences", 0), "Die Kompetenz 'flying' gibt es nicht."),
        ("decisions.yaml", ("recurring", 0, "field"), "Das Themenfeld 'nowhere' gibt es nicht."),
        ("decisions.yaml", ("credit", 0, "competences", 1), "Die Kompetenz 'diving' gibt es nicht."),
    ]


def test_a_tier_has_one_programme() -> None:
    twice = decisions().programmes * 2
    assert found(decided=decisions(programmes=twice)) == [
        ("decisions.yaml", ("programmes", 1, "tier"), "Die Ebene 'municipality' hat mehr als ein Programm.")
    ]


def test_a_requirement_that_no_module_meets_is_named_for_its_tier_and_role() -> None:
    steered = (Minimum(competence="maps", tiers=("municipality",), roles=("steering",), **DECIDED),)
    assert found(decided=decisions(minimum=steered)) == [
        (
            "decisions.yaml",
            ("minimum", 0, "competence"),
            "Kein Modul vermittelt „maps“ für Steuerung (Städte und Gemeinden) in einer festen Gruppe.",
        )
    ]


def test_a_role_task_that_no_module_meets_is_named_in_its_place() -> None:
    house = tuple(
        m.model_copy(update={"formats": ("in_house",)}) if m.id in {"game", "theatre"} else m for m in MODULES
    )
    assert [(file, at) for file, at, _ in found(catalogue(house))] == [
        ("decisions.yaml", ("role_tasks", 0, "competences", 0))
    ]


def test_offers_name_known_modules_and_real_bodies_a_source() -> None:
    offer = Offer(id="o", title=Text("O"), modules=("maps", "mops"), fit="reuse")
    body = Provider(id="p", name="P", kind="training", about=Text("p"), offers=(offer,))
    assert found(providers=Providers(providers=(body,))) == [
        ("providers.yaml", ("providers", 0), "Zu 'P' fehlt die öffentliche Quelle."),
        ("providers.yaml", ("providers", 0, "offers", 0, "modules", 1), "Das Modul 'mops' gibt es nicht."),
    ]


def test_a_questionnaire_points_to_known_topics() -> None:
    items = (Item(id="a", text=Text("A"), topic="games"), Item(id="b", text=Text("B"), topic="golf"))
    asked = Questionnaire(questions=(Question(id="q", text=Text("Q"), type="multiple", kind="wish", items=items),))
    assert found(questionnaire=asked) == [
        ("questionnaire.yaml", ("questions", 0, "items", 1, "topic"), "Das Thema 'golf' gibt es nicht.")
    ]
