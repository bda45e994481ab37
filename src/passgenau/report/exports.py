"""The machine-readable outputs: rows for CSV files and trees for JSON files.

Keys and column names are English and stable; more may follow, none is renamed. Shares lie in
0–1, floats are rounded to six digits, lines end with a line feed, the encoding is UTF-8: the
same values give the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel

from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from passgenau.curriculum.catalogue import Catalogue, Module
    from passgenau.curriculum.decisions import Accompaniment, CurriculumDecisions, ProgrammeRules
    from passgenau.curriculum.model import Curriculum, Place, Programme, Sources
    from passgenau.evaluation import EvaluationPlan, NextQuestion
    from passgenau.findings import Profiles
    from passgenau.findings.model import Comparison, Estimate, Findings, WordedResult
    from passgenau.frame.units import Frame, Tier
    from passgenau.needs.model import Needs, Wish
    from passgenau.planning.model import Cohort, Event, Plan
    from passgenau.planning.resources import PlanningDecisions, Registration, Trainers, Venues

Row: TypeAlias = dict[str, object]

DIGITS = 6
"""Digits after the decimal point that are written."""

ESTIMATES = (
    "source_id",
    "audience",
    "question",
    "item",
    "kind",
    "value",
    "lower",
    "upper",
    "base_answers",
    "base_units",
    "population",
    "count_lower",
    "count_upper",
    "method",
    "note",
    "topic",
    "printed",
    "answered_lower",
    "answered_upper",
    "fits_base",
)
FROM_ANSWERS = ("origin", "weighted", "unweighted", "unweighted_lower", "unweighted_upper", "suppressed", "rounded")
"""Columns that follow in `estimates.csv` where the numbers are estimated from answers."""
MEANS = (
    "source_id",
    "audience",
    "question",
    "item",
    "kind",
    "statistic",
    "value",
    "lower",
    "upper",
    "unit",
    "base_answers",
    "base_units",
    "population",
    "method",
    "note",
    "weighted",
    "unweighted",
    "suppressed",
)
RATES = (
    "audience",
    "by",
    "stratum",
    "population",
    "answered",
    "rr1",
    "rr2",
    "rr3",
    "rr4",
    "rr5",
    "rr6",
)
SYNTHETIC = "synthetic"
"""The column that says, in every row, that the answers were made up; only where they were."""
COMPARISONS = (
    "question",
    "item",
    "audience_a",
    "audience_b",
    "difference",
    "lower",
    "upper",
    "p_value",
    "p_holm",
    "p_bh",
    "detectable",
    "method",
    "sentence",
    "source_id_a",
    "source_id_b",
)
NEEDS = ("audience", "topic", "source", "share", "lower", "upper", "source_ids", "status")


# --- writing -----------------------------------------------------------------------------------


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return rows as CSV: header line, commas, line feeds, UTF-8, empty cells for None."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode("utf-8")


def study_csv(columns: Sequence[str], rows: Iterable[Row], synthetic: Text | None, lang: Lang) -> bytes:
    """Return rows as CSV; where the answers behind them were made up, every row says so."""
    if synthetic is None:
        return csv_bytes(columns, rows)
    said = synthetic.into(lang)
    return csv_bytes((*columns, SYNTHETIC), ({**row, SYNTHETIC: said} for row in rows))


def json_bytes(value: object, lang: Lang) -> bytes:
    """Return a value as indented JSON, keys in the order given, texts in `lang`."""
    return (json.dumps(plain(value, lang), ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def plain(value: object, lang: Lang) -> Any:  # noqa: ANN401, PLR0911 -- JSON is any value; one return per kind
    """Turn frozen values into what JSON knows: texts in `lang`, floats rounded, dates as text."""
    if isinstance(value, Text):
        return value.into(lang)
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name), lang) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), lang) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner, lang) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, lang) for inner in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return _rounded(value)
    return value


def _rounded(value: float) -> float:
    return round(float(value), DIGITS) + 0.0  # adding zero turns -0.0 into 0.0


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = f"{_rounded(value):.{DIGITS}f}".rstrip("0").rstrip(".")
        return text or "0"
    return str(value)


# --- estimates, comparisons, needs -------------------------------------------------------------


def estimate_rows(findings: Findings, lang: Lang) -> list[Row]:
    """Return one row per result; those in words only, and those suppressed, carry no numbers."""
    return [*(_estimate(e, lang) for e in findings.estimates), *(_worded(w) for w in findings.worded)]


def _estimate(estimate: Estimate, lang: Lang) -> Row:
    possibility = estimate.possibility
    notes = [estimate.note, possibility.sentence if possibility and not possibility.possible else None]
    row: Row = {name: getattr(estimate, name, None) for name in (*ESTIMATES, *FROM_ANSWERS)}
    row["note"] = " ".join(note.into(lang) for note in notes if note)
    row["fits_base"] = possibility.possible if possibility else None
    return row


def _worded(worded: WordedResult) -> Row:
    row: Row = {name: getattr(worded, name, None) for name in ESTIMATES}
    return row | {"printed": worded.qualifier, "note": worded.quote}


def estimate_columns(findings: Findings) -> tuple[str, ...]:
    """Return the columns of `estimates.csv`."""
    return (*ESTIMATES, *FROM_ANSWERS) if findings.origin == "estimated" else ESTIMATES


def mean_rows(findings: Findings, lang: Lang) -> list[Row]:
    """Return one row per mean and median."""
    return [
        {name: getattr(mean, name) for name in MEANS}
        | {"unit": mean.unit.into(lang) if mean.unit else None, "note": mean.note.into(lang) if mean.note else None}
        for mean in findings.means
    ]


def rate_rows(findings: Findings) -> list[Row]:
    """Return one row per audience and stratum: who answered, and AAPOR's response rates."""
    rates = findings.response.rates if findings.response else ()
    return [{name: getattr(rate, name) for name in RATES} for rate in rates]


def response_tree(findings: Findings, banner: Text | None) -> Row:
    """Return who answered, how evenly, what weights cost, and how good the answers are."""
    return {"banner": banner, "reach": findings.reach, "response": findings.response, "quality": findings.quality}


def profiles_tree(profiles: Profiles, confidential: Text, banner: Text | None) -> Row:
    """Return what each organisation answered, and beside it the shares of the groups, given once per group."""
    return {
        "banner": banner,
        "confidential": confidential,
        "threshold": profiles.threshold,
        "groups": [
            {
                "audience": audience,
                "by": by,
                "group": group,
                "shares": [
                    {"question": question, "item": item, "share": found.share, "answered": found.answered}
                    for (question, item), found in shares.items()
                    if found.share is not None
                ],
            }
            for (audience, by, group), shares in profiles.shares.items()
        ],
        "profiles": profiles.profiles,
    }


def comparison_rows(findings: Findings, lang: Lang) -> list[Row]:
    """Return one row per comparison, in the order of the findings."""
    return [_comparison(comparison, lang) for comparison in findings.comparisons]


def _comparison(comparison: Comparison, lang: Lang) -> Row:
    row: Row = {name: getattr(comparison, name, None) for name in COMPARISONS}
    first, second = comparison.source_ids
    return row | {"sentence": comparison.sentence.into(lang), "source_id_a": first, "source_id_b": second}


def need_rows(
    needs: Needs, catalogue: Catalogue, decisions: CurriculumDecisions, audience_of_tier: Mapping[Tier, str]
) -> list[Row]:
    """Return per audience and topic the three sources, one row each; they are never blended.

    A `minimum` or `role` row stands where a module with that main topic builds a competence that
    people fixed for the tier; `source_ids` then names the competences or the role tasks. It has no
    share: what is required does not depend on how many wish for it.
    """
    rows: list[Row] = []
    for tier, audience in audience_of_tier.items():
        for topic in needs.topics:
            modules = [m for m in catalogue.modules if m.topic == topic and tier in m.tiers]
            built = {competence for module in modules for competence in module.competences}
            minimum = [m.competence for m in decisions.minimum if tier in m.tiers and m.competence in built]
            roles = [t.id for t in decisions.role_tasks if t.tier == tier and built & set(t.competences)]
            rows += [_fixed(audience, topic, "minimum", minimum)] if minimum else []
            rows += [_fixed(audience, topic, "role", roles)] if roles else []
            rows.append(_wish_row(needs.wishes[audience, topic]))
    return rows


def _fixed(audience: str, topic: str, source: str, ids: Iterable[str]) -> Row:
    row: Row = dict.fromkeys(NEEDS)
    distinct = " ".join(dict.fromkeys(ids))
    return row | {"audience": audience, "topic": topic, "source": source, "source_ids": distinct, "status": "decided"}


def _wish_row(wish: Wish) -> Row:
    return {
        "audience": wish.audience,
        "topic": wish.topic,
        "source": "assumption" if wish.assumed else "wish",
        "share": wish.share,
        "lower": wish.lower,
        "upper": wish.upper,
        "source_ids": " ".join(wish.source_ids),
        "status": wish.status,
    }


# --- the concept -------------------------------------------------------------------------------


def curriculum_tree(
    curriculum: Curriculum, catalogue: Catalogue, decisions: CurriculumDecisions, banner: Text | None
) -> Row:
    """Return the concept: a programme per tier with every module's three sources and its reason."""
    modules = {module.id: module for module in catalogue.modules}
    return {
        "banner": banner,
        "catalogue": {"title": catalogue.title, "as_of": catalogue.as_of, "reviewed": catalogue.reviewed},
        "draws": curriculum.draws,
        "seed": curriculum.seed,
        "introduction": catalogue.introduction,
        "briefings": catalogue.briefings,
        "programmes": [_programme(programme, modules) for programme in curriculum.programmes],
        "core": curriculum.core,
        "left_out": [
            {
                "id": out.module,
                "tier": out.tier,
                "title": modules[out.module].title,
                "reason": out.reason,
                "provision": out.provision,
            }
            for out in curriculum.left_out
        ],
        "accompaniment": decisions.accompaniment,
        "tracks": curriculum.tracks,
        "budget_runs": curriculum.budget_runs,
        "comparison": curriculum.comparison,
        "gaps": curriculum.gaps,
        "notes": curriculum.notes,
        "checks": curriculum.checks,
    }


def _programme(programme: Programme, modules: Mapping[str, Module]) -> Row:
    return {
        "tier": programme.tier,
        "audience": programme.audience,
        "contact_units": programme.contact_units,
        "self_study_units": programme.self_study_units,
        "budget_units": programme.budget_units,
        "gap": programme.gap,
        "modules": [_place(place, modules[place.module]) for place in programme.basis],
        "electives": [_place(place, modules[place.module]) for place in programme.electives],
        "blocks": programme.blocks,
        "experienced": programme.experienced,
        "paths": programme.paths,
    }


def _place(place: Place, module: Module) -> Row:
    return {
        "id": place.module,
        "title": module.title,
        "field": module.field,
        "level": place.level,
        "version": place.version,
        "contact_units": place.contact_units,
        "self_study_units": place.self_study_units,
        "sources": _sources(place.sources),
        "firmness": place.depth_firmness,
        "reason": place.reason,
        "provision": place.provision,
        "frequency": place.frequency,
        "rests_on_assumption": place.rests_on_assumption,
        "source_id": module.source_id,
        "roles": place.roles,
        "stage": place.stage,
        "block": place.block,
        "rank": place.rank,
        "tutor_minutes": place.tutor_minutes,
        "expected_persons": place.expected_persons,
        "examples": place.examples,
        "creditable": place.creditable,
    }


def _sources(sources: Sources) -> Row:
    return {"minimum": sources.minimum, "role": sources.role, "wish": sources.wish}


# --- the plan ----------------------------------------------------------------------------------


def plan_tree(plan: Plan, inputs: Row, banner: Text | None) -> Row:
    """Return a plan with everything its rules use, so that others can check it."""
    return {
        "banner": banner,
        "scenario": plan.scenario,
        "seed": plan.seed,
        "inputs": inputs,
        "cohorts": [_cohort(cohort) for cohort in plan.cohorts],
        "events": [_event(event) for event in plan.events],
        "travel": plan.travel,
        "costs": _costs(plan),
        "organisations": plan.organisations,
        "unplaced": [{"organisation": key, "reason": reason} for key, reason in plan.unplaced],
        "trainers_needed": plan.trainers_needed,
        "bound": plan.bound,
        "gap": plan.gap,
        "violations": plan.violations,
        "notes": plan.notes,
    }


def plan_inputs_tree(  # noqa: PLR0913 -- one keyword per kind of input
    plan: Plan,
    *,
    curriculum: Curriculum,
    catalogue: Catalogue,
    decisions: PlanningDecisions,
    programmes: Sequence[ProgrammeRules],
    accompaniment: Sequence[Accompaniment],
    registrations: Sequence[Registration],
    venues: Venues,
    trainers: Trainers,
    frames: Mapping[str, Frame],
    persons_per_organisation: int,
) -> Row:
    """Return what the rules of a plan use: programmes, places of organisations, rates, people, rooms."""
    used = {module for event in plan.events for module in event.modules}
    used |= {place.module for programme in curriculum.programmes for place in programme.basis}
    return {
        "persons_per_organisation": persons_per_organisation,
        "unit_minutes": catalogue.unit_minutes,
        "units_per_day": catalogue.units_per_day,
        "programmes": [
            {"tier": programme.tier, "blocks": programme.blocks, "modules": [p.module for p in programme.basis]}
            for programme in curriculum.programmes
        ],
        "programme_rules": programmes,
        "introduction": catalogue.introduction,
        "briefings": catalogue.briefings,
        "modules": [_module(module) for module in catalogue.modules if module.id in used],
        "registrations": registrations if plan.scenario == "pilot" else [],
        "organisations": _organisations(plan, frames),
        "venues": venues,
        "trainers": trainers.trainers,
        "calendar": decisions.calendar,
        "accompaniment": accompaniment,
        "rates": decisions.rates,
        "rules": decisions.plan,
    }


def _module(module: Module) -> Row:
    return {
        "id": module.id,
        "field": module.field,
        "versions": module.versions,
        "group": module.group,
        "formats": module.formats,
        "requires": module.requires,
    }


def _organisations(plan: Plan, frames: Mapping[str, Frame]) -> list[Row]:
    """Return where every organisation and place of the plan lies."""
    units = {unit.key: unit for frame in frames.values() for unit in frame.units}
    keys = {member.organisation for cohort in plan.cohorts for member in cohort.members}
    keys |= {event.place for event in plan.events} | {key for key, _ in plan.unplaced}
    return [
        {
            "organisation": key,
            "label": units[key].label,
            "tier": units[key].tier,
            "lat": units[key].lat,
            "lon": units[key].lon,
        }
        for key in sorted(keys)
        if key in units
    ]


def _cohort(cohort: Cohort) -> Row:
    return {
        "id": cohort.id,
        "tier": cohort.tier,
        "members": cohort.members,
        "seat": cohort.seat,
        "seat_label": cohort.seat_label,
        "stage": cohort.stage,
        "persons": cohort.persons,
    }


def _event(event: Event) -> Row:
    first = ("id", "cohort", "modules", "start", "end", "venue", "trainers", "format", "cost")
    rest = ("cohorts", "kind", "block", "venue_label", "place", "persons")
    return {name: getattr(event, name) for name in (*first, *rest)}


def _costs(plan: Plan) -> Row:
    row: Row = {field.name: getattr(plan.costs, field.name) for field in fields(plan.costs)}
    row["lines"] = [{"id": key, "name": name, "euros": euros, "how": how} for key, name, euros, how in plan.costs.lines]
    return row


# --- evaluation --------------------------------------------------------------------------------


def evaluation_tree(evaluation: EvaluationPlan | None, next_wave: Sequence[NextQuestion], banner: Text | None) -> Row:
    """Return who is asked what afterwards, and what the next survey asks."""
    return {"banner": banner, "evaluation": evaluation, "next_wave": next_wave}
