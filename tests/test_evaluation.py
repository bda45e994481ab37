import datetime as dt
from dataclasses import replace
from typing import Literal

import pytest

from passgenau.curriculum.catalogue import Catalogue
from passgenau.curriculum.model import Curriculum, Firmness
from passgenau.estimation import sample_size
from passgenau.evaluation import EvaluationPlan, Instrument, NextQuestion, evaluation_plan, next_wave
from passgenau.evaluation.after import add_months
from passgenau.findings.model import Assumptions, Estimate, Findings, Possibility, Reach
from passgenau.needs.model import Needs
from passgenau.planning.model import Plan
from passgenau.survey.questionnaire import Item, Question, Questionnaire
from passgenau.text import Text


@pytest.fixture
def plan(toy_curriculum: Curriculum, toy_catalogue: Catalogue, toy_plan: Plan) -> EvaluationPlan:
    return evaluation_plan(toy_curriculum, toy_catalogue, toy_plan)


def instrument(plan: EvaluationPlan, name: str) -> Instrument:
    return next(i for i in plan.instruments if i.id == name)


# --- the evaluation plan -----------------------------------------------------------------------


def test_it_looks_at_participation_learning_transfer_and_the_organisation(plan: EvaluationPlan) -> None:
    assert [(i.id, i.level) for i in plan.instruments] == [
        ("attendance", "participation"),
        ("reaction", "participation"),
        ("self-check-municipality", "learning"),
        ("task-results", "transfer"),
        ("transfer", "transfer"),
        ("organisation", "organisation"),
    ]
    assert (plan.persons, plan.organisations) == (6, 3)


def test_attendance_counts_every_person_at_every_event(plan: EvaluationPlan) -> None:
    attendance = instrument(plan, "attendance")
    assert (attendance.occasions, attendance.answers) == (4, 6 + 6 + 6 + 3)
    assert (attendance.first, attendance.last) == (dt.date(2027, 3, 2), dt.date(2027, 9, 7))


def test_feedback_is_asked_where_people_learn_and_not_at_briefings(plan: EvaluationPlan) -> None:
    assert (instrument(plan, "reaction").occasions, instrument(plan, "reaction").answers) == (3, 18)


def test_the_self_check_asks_the_competences_of_the_basis_before_and_after(plan: EvaluationPlan) -> None:
    check = instrument(plan, "self-check-municipality")
    assert [q.de for q in check.questions] == ["die Lage verstehen", "ein Vorhaben umsetzen"]
    assert (check.occasions, check.persons, check.answers) == (2, 6, 12)
    assert check.needed == sample_size(6, 0.10)


def test_task_results_open_the_next_block(plan: EvaluationPlan) -> None:
    tasks = instrument(plan, "task-results")
    assert (tasks.first, tasks.occasions, tasks.answers) == (dt.date(2027, 9, 7), 1, 3)
    assert [q.de for q in tasks.questions] == ["Die eigene Lage beschreiben.", "Den nächsten Schritt tun."]


def test_transfer_is_asked_six_and_the_organisation_twelve_months_after_the_last_event(plan: EvaluationPlan) -> None:
    assert instrument(plan, "transfer").first == dt.date(2028, 3, 7)
    assert instrument(plan, "organisation").last == dt.date(2028, 9, 7)


def test_a_plan_without_events_yields_instruments_without_dates(
    toy_curriculum: Curriculum, toy_catalogue: Catalogue, toy_plan: Plan
) -> None:
    empty = evaluation_plan(toy_curriculum, toy_catalogue, replace(toy_plan, cohorts=(), events=()))
    assert {(i.first, i.last, i.answers, i.needed) for i in empty.instruments} == {(None, None, 0, None)}


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2027, 8, 31), 6, dt.date(2028, 2, 29)),
        (dt.date(2027, 6, 30), 6, dt.date(2027, 12, 30)),
        (dt.date(2027, 12, 1), 12, dt.date(2028, 12, 1)),
        (dt.date(2027, 11, 30), 1, dt.date(2027, 12, 30)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(
    day: dt.date, months: int, expected: dt.date
) -> None:
    assert add_months(day, months) == expected


# --- the next wave -----------------------------------------------------------------------------

QUESTIONNAIRE = Questionnaire(
    questions=(
        Question(
            id="themen",
            text=Text("Themen?"),
            type="multiple",
            kind="wish",
            items=(Item(id="a", text=Text("A"), topic="thema-a"), Item(id="b", text=Text("B"), topic="thema-b")),
        ),
        Question(
            id="formen",
            text=Text("Formen?"),
            type="single",
            kind="context",
            items=(Item(id="online", text=Text("online")),),
        ),
    )
)


def estimate(question: str, item: str, kind: Literal["wish", "context"], *, fits: bool) -> Estimate:
    return Estimate(
        source_id="X",
        audience="gemeinden",
        question=question,
        item=item,
        topic=None,
        kind=kind,
        printed="60 %",
        value=0.6,
        answered_lower=0.5,
        answered_upper=0.7,
        lower=0.25,
        upper=0.875,
        base_answers=5,
        base_units=4,
        population=8,
        count_lower=2,
        count_upper=7,
        method="hypergeometric-envelope",
        possibility=Possibility(fits, (3,), 5, Text("passt", "fits")),
        unit_counts=((3, 4),),
        note=None,
    )


def wave(
    needs: Needs,
    curriculum: Curriculum,
    catalogue: Catalogue,
    firmness: Firmness = "open",
    estimates: tuple[Estimate, ...] = (),
) -> dict[str | None, NextQuestion]:
    """Return the next questions by topic (None for context), with one firmness for all places."""
    programme = curriculum.programmes[0]
    basis = tuple(replace(place, depth_firmness=firmness) for place in programme.basis)
    changed = replace(curriculum, programmes=(replace(programme, basis=basis),))
    reach = Reach("gemeinden", 8, 4, 5, 0.5, 0.37)
    findings = Findings((reach,), estimates, (), (), Text("keine"), (), (), Assumptions())
    return {q.topic: q for q in next_wave(needs, changed, findings, QUESTIONNAIRE, catalogue)}


def test_a_topic_whose_places_people_decided_is_not_asked_again(
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue
) -> None:
    found = wave(toy_needs, toy_curriculum, toy_catalogue, "fixed")
    assert {(q.ask, q.why, q.needed, q.modules) for q in found.values()} == {(False, "settled", None, ())}


def test_an_open_place_is_asked_again_and_names_the_module_it_moves(
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue
) -> None:
    question = wave(toy_needs, toy_curriculum, toy_catalogue)["thema-a"]
    assert (question.ask, question.why, question.modules) == (True, "open", ("lage-verstehen",))
    assert question.needed == sample_size(8, 0.10)  # half of ±31 points, but never coarser than ten


def test_a_topic_without_a_number_is_asked_for_the_sake_of_the_number(
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue
) -> None:
    question = wave(toy_needs, toy_curriculum, toy_catalogue)["thema-b"]
    assert (question.ask, question.why) == (True, "no_number")
    assert question.reason.de.endswith("gerechnet wird mit einer Annahme. Davon hängt 1 Modul ab.")


@pytest.mark.parametrize(("fits", "ask", "why"), [(True, False, "settled"), (False, True, "doubtful_base")])
def test_a_firm_place_is_asked_again_only_where_the_number_does_not_fit_its_base(  # noqa: PLR0913 -- three fixtures, three parameters
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue, *, fits: bool, ask: bool, why: str
) -> None:
    estimates = (estimate("themen", "a", "wish", fits=fits),)
    question = wave(toy_needs, toy_curriculum, toy_catalogue, "firm", estimates)["thema-a"]
    assert (question.ask, question.why) == (ask, why)


@pytest.mark.parametrize(("fits", "why"), [(True, "no_influence"), (False, "doubtful_base")])
def test_context_is_asked_again_only_where_its_base_is_in_doubt(
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue, *, fits: bool, why: str
) -> None:
    estimates = (estimate("formen", "online", "context", fits=fits),)
    question = wave(toy_needs, toy_curriculum, toy_catalogue, "firm", estimates)[None]
    assert (question.question, question.why, question.ask) == ("formen", why, not fits)


def test_the_most_decisive_questions_come_first(
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue
) -> None:
    estimates = (estimate("formen", "online", "context", fits=True),)
    found = wave(toy_needs, toy_curriculum, toy_catalogue, "open", estimates)
    assert [q.why for q in found.values()] == ["open", "no_number", "no_influence"]


def test_every_reason_exists_in_both_languages_and_agrees_in_number(
    toy_needs: Needs, toy_curriculum: Curriculum, toy_catalogue: Catalogue
) -> None:
    reason = wave(toy_needs, toy_curriculum, toy_catalogue)["thema-a"].reason
    assert reason == Text(
        "Die bisherigen Antworten lassen offen, wo 1 Modul im Programm steht; mehr Antworten entscheiden das.",
        "The answers so far leave the place of 1 module open; more answers settle it.",
    )
