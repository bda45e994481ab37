"""What to say when no Basis keeps all rules: which collide, and the smallest relaxation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.curriculum.selection import least_excess
from passgenau.curriculum.wording import days, listed, quoted, units
from passgenau.errors import InfeasibleError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passgenau.curriculum.reasons import Voice
    from passgenau.curriculum.requirements import TierProblem
    from passgenau.curriculum.selection import Excess


def infeasible(problem: TierProblem, say: Voice) -> InfeasibleError:
    """Return the error for a tier whose rules allow no Basis."""
    found = least_excess(problem)
    rules, ways = [_requirements(problem)], []
    for excess in found:
        rule, way = _explained(problem, say, excess)
        rules.append(rule)
        ways.append(way)
    name = say.audience
    return InfeasibleError(
        Text(f"Für {name.de} lässt sich keine Basis zusammenstellen.", f"No Basis can be formed for {name.en}."),
        rules,
        _together(ways),
    )


def _together(ways: Iterable[Text]) -> Text:
    whole = listed(ways)
    return Text(f"{whole.de}.", f"{whole.en}.")


def _requirements(problem: TierProblem) -> Text:
    count = len(problem.required)
    return Text(
        f"Mindestanforderungen und Rollenaufgaben: {count} Kompetenzen (decisions.yaml, minimum und role_tasks)",
        f"minimum requirements and role tasks: {count} competences (decisions.yaml, minimum and role_tasks)",
    )


def _explained(problem: TierProblem, say: Voice, excess: Excess) -> tuple[Text, Text]:
    kind = excess.rule.kind
    if kind == "contact":
        return _contact(problem, excess.amount)
    if kind == "self_study":
        return _self_study(problem, say, excess)
    if kind == "equivalent":
        names = listed(quoted(say.modules[m].title) for m in excess.rule.subject[1:])
        return (
            Text(f"gleichwertig, höchstens eines: {names.de}", f"equivalent, at most one: {names.en}"),
            Text("diese Module nicht mehr als gleichwertig führen", "no longer list these modules as equivalent"),
        )
    competence, role = excess.rule.subject
    title, who = quoted(say.competences[competence]), say.roles[role]
    return (
        Text(
            f"{title.de} für {who.de}: kein Modul vermittelt das dieser Rolle und Ebene in einer festen Gruppe",
            f"{title.en} for {who.en}: no module builds it for this role and tier in a cohort",
        ),
        Text(
            f"ein Modul für {title.de} aufnehmen oder die Anforderung streichen",
            f"add a module for {title.en} or drop the requirement",
        ),
    )


def _contact(problem: TierProblem, amount: float) -> tuple[Text, Text]:
    have, need = problem.contact_units, problem.contact_units + amount
    per_day = problem.units_per_day
    limit, floor = days(have / per_day), days(need / per_day)
    have_units, need_units, more = units(have), units(need), days(amount / per_day)
    return (
        Text(
            f"Zeitbudget der Basis: höchstens {limit.de} ({have_units.de}); in kürzester Fassung nötig sind "
            f"{floor.de} ({need_units.de})",
            f"time budget of the Basis: at most {limit.en} ({have_units.en}); in the shortest versions "
            f"{floor.en} ({need_units.en}) are needed",
        ),
        Text(f"basis_days um {more.de} auf {floor.de} erhöhen", f"raise basis_days by {more.en} to {floor.en}"),
    )


def _self_study(problem: TierProblem, say: Voice, excess: Excess) -> tuple[Text, Text]:
    who = say.roles[excess.rule.subject[0]]
    limit, need = units(problem.self_study_units), units(problem.self_study_units + excess.amount)
    return (
        Text(
            f"Selbstlernzeit ({who.de}): höchstens {limit.de}; nötig sind {need.de}",
            f"self-study ({who.en}): at most {limit.en}; {need.en} are needed",
        ),
        Text(f"self_study_units auf {need.de} erhöhen", f"raise self_study_units to {need.en}"),
    )
