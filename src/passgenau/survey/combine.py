"""Several sheets of one organisation become one, by a stated rule, and where they disagree is told.

Rules, for what they suit:

- `any`, `all` (ticks): ticked where any, where all of the sheets that answered it are;
- `majority` (categories, ticks): what most sheets say; where as many say one thing as another, the latest of them;
- `mean`, `max` (numbers): over the sheets that answered;
- `joined` (texts): all different texts, the latest last, with ``; `` between them;
- `latest` (all): what the latest sheet says that answered the question. Multiple choices, rankings and single
  choices are taken from one sheet as a whole; the rows of a matrix and the fields of a grid one by one;
- `most_complete` (all): everything from the sheet with the most answers, the latest among equals.

`estimation.repeated` combines a table of numbers by the same words; there a mean of ticks is a share, while here
every value keeps its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from passgenau.errors import InputError
from passgenau.reading import nearest
from passgenau.survey.responses import USABLE, Responses, State, Step
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.survey.variables import Variable, VariableType

Rule = Literal["any", "all", "latest", "most_complete", "majority", "mean", "max", "joined"]
WholeRule = Literal["any", "all", "latest", "most_complete"]

SUITED: Mapping[VariableType, tuple[Rule, ...]] = {
    "flag": ("any", "all", "majority", "latest", "most_complete"),
    "category": ("majority", "latest", "most_complete"),
    "rank": ("latest", "most_complete"),
    "number": ("mean", "max", "latest", "most_complete"),
    "date": ("latest", "most_complete"),
    "text": ("joined", "latest", "most_complete"),
}
"""The rules that each type of variable allows."""
MEANT: Mapping[WholeRule, Mapping[VariableType, Rule]] = {
    "any": {
        "flag": "any",
        "category": "majority",
        "rank": "latest",
        "number": "max",
        "date": "latest",
        "text": "joined",
    },
    "all": {
        "flag": "all",
        "category": "majority",
        "rank": "latest",
        "number": "mean",
        "date": "latest",
        "text": "joined",
    },
    "latest": dict.fromkeys(SUITED, "latest"),
    "most_complete": dict.fromkeys(SUITED, "most_complete"),
}
"""What a rule for all questions means for each type of variable."""
_SAID = {
    "any": Text("ein Ja gilt, sobald einer ihrer Bögen Ja sagt", "a yes counts as soon as one of its sheets says yes"),
    "all": Text("ein Ja gilt nur, wenn alle ihre Bögen Ja sagen", "a yes counts only if all of its sheets say yes"),
    "latest": Text(
        "je Frage gilt ihr jüngster ausgefüllter Bogen", "for each question its latest filled-in sheet counts"
    ),
    "most_complete": Text("ihr vollständigster Bogen gilt", "its most complete sheet counts"),
}
_AS_A_WHOLE = frozenset({"single", "multiple", "ranking", "scale"})


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """Answers with one row per organisation, and where its sheets disagreed.

    Attributes
    ----------
    responses
        One row per organisation with a usable sheet, and one per usable sheet without organisation; a row bears
        the number and the roles of the organisation's latest sheet.
    rule, per_question
        How several sheets count: for all questions, and for single ones.
    disagreements
        One row per organisation and variable with different answers: `organisation`, `question`, `variable`,
        `sheets` and `values` (lists, from the first to the latest), `chosen`; values as text.
    organisations, sheets, repeated
        Organisations with a usable sheet, usable sheets that were combined, organisations with several of them.
    statement
        The rule and its counts, in one sentence.
    """

    responses: Responses
    rule: WholeRule
    per_question: Mapping[str, Rule]
    disagreements: pl.DataFrame
    organisations: int
    sheets: int
    repeated: int
    statement: Text


def usable(responses: Responses) -> pl.Series:
    """Return for every sheet whether its answers are analysed.

    They are where the disposition says complete or partial, and where it says nothing and something was answered.
    """
    disposition = responses.sheets["disposition"]
    answered = _number_answered(responses) > 0
    stated = disposition.is_in(sorted(USABLE)).fill_null(value=False)
    return (stated | (disposition.is_null() & answered)).alias("usable")


def _number_answered(responses: Responses) -> pl.Series:
    """Return how many values of every sheet were answered."""
    total = pl.zeros(len(responses), dtype=pl.Int64, eager=True)
    for column in responses.states:
        total = total + (column == int(State.ANSWERED)).cast(pl.Int64)
    return total


def combine(
    responses: Responses, rule: WholeRule = "latest", *, per_question: Mapping[str, Rule] | None = None
) -> Combined:
    """Make one row of all usable sheets of an organisation.

    Parameters
    ----------
    responses
        Typed answers. Sheets follow each other by `order`, else by `day`, else as delivered.
    rule
        How several sheets count, for all questions; see `MEANT`.
    per_question
        Rules for single questions, by their id; see `SUITED`. Comments and the texts beside “other” follow `rule`.

    Raises
    ------
    InputError
        A rule does not exist or does not suit its question.
    """
    chosen = _rules(responses, rule, per_question or {})
    groups = _Groups.of(responses)
    table = groups.combined(responses, chosen)
    names = [variable.name for variable in responses.variables]
    values = table.select(names)
    states = table.select(pl.col(_state_column(name)).alias(name) for name in names)
    sheets = table.select(pl.col(f"sheet.{role}").alias(role) for role in responses.sheets.columns)
    disagreements = _disagreements(responses, groups, table)
    statement = _statement(groups, rule, len(disagreements))
    step = Step("combined", statement, groups.rows.height)
    combined = replace(responses, sheets=sheets, values=values, states=states, steps=(*responses.steps, step))
    return Combined(
        combined,
        rule,
        dict(per_question or {}),
        disagreements,
        groups.organisations,
        groups.rows.height,
        groups.repeated,
        statement,
    )


# --- rules -------------------------------------------------------------------------------------------


def _rules(responses: Responses, rule: WholeRule, per_question: Mapping[str, Rule]) -> dict[str, Rule]:
    """Return the rule of every variable."""
    if rule not in MEANT:
        raise _no_rule(rule, list(get_args(WholeRule)), None)
    known = [question.id for question in responses.questionnaire.questions if question.answered]
    for question in per_question:
        if question not in known:
            raise InputError.of(
                f"Die Frage {question!r} gibt es nicht.",
                f"There is no question {question!r}.",
                field=question,
                hint=nearest(question, known),
            )
    found: dict[str, Rule] = {}
    for variable in responses.variables:
        own = per_question.get(variable.question) if variable.part in {"answer", "second"} else None
        if own is not None and own not in SUITED[variable.type]:
            raise _no_rule(own, list(SUITED[variable.type]), variable.question)
        found[variable.name] = own or MEANT[rule][variable.type]
    return found


def _no_rule(rule: str, possible: list[str], question: str | None) -> InputError:
    return InputError.of(
        f"Die Regel {rule!r} gibt es hier nicht.",
        f"There is no rule {rule!r} here.",
        field=question,
        hint=Text(f"Möglich sind: {', '.join(possible)}.", f"Possible: {', '.join(possible)}."),
    )


def _statement(groups: _Groups, rule: WholeRule, disagreements: int) -> Text:
    said = _SAID[rule]
    sheets, organisations, repeated = groups.rows.height, groups.organisations, groups.repeated
    return Text(
        f"{sheets} verwertbare Bögen von {organisations} Organisationen, {repeated} davon mit mehreren: {said.de}; "
        f"{disagreements} Angaben unterscheiden sich zwischen den Bögen derselben Organisation",
        f"{sheets} usable sheets of {organisations} organisations, {repeated} of them with several: "
        f"{said.into('en')}; {disagreements} values differ between sheets of the same organisation",
    )


# --- rows --------------------------------------------------------------------------------------------

# A dot keeps these names apart from those of variables, which never hold one.
_GROUP, _INDEX, _COUNT, _BEST = ".group", ".index", ".count", ".best"


def _state_column(name: str) -> str:
    return f"{name}.state"


def _in_order(responses: Responses) -> pl.DataFrame:
    """Return usable sheets with roles, values and states, the sheets of an organisation from first to latest."""
    sheets = responses.sheets.select(pl.all().name.prefix("sheet."))
    states = responses.states.select(pl.all().name.suffix(".state"))
    answered = _number_answered(responses).to_frame(_COUNT)
    rows = pl.concat([sheets, responses.values, states, answered], how="horizontal").with_row_index(_INDEX)
    organisation = pl.col("sheet.organisation")
    first = pl.col(_INDEX).min().over(organisation)
    group = pl.when(organisation.is_null()).then(pl.col(_INDEX)).otherwise(first).alias(_GROUP)
    return (
        rows.filter(usable(responses))
        .with_columns(group)
        .sort(_GROUP, "sheet.order", "sheet.day", _INDEX, nulls_last=False)
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(_INDEX))
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """The usable sheets in order, and how many organisations they are of."""

    rows: pl.DataFrame
    organisations: int
    repeated: int

    @classmethod
    def of(cls, responses: Responses) -> _Groups:
        """Mark the most complete sheet of every organisation and the sheets that answered each question."""
        rows = _in_order(responses)
        most = pl.col(_COUNT) == pl.col(_COUNT).max().over(_GROUP)
        best = pl.col(_INDEX) == pl.when(most).then(pl.col(_INDEX)).max().over(_GROUP)
        rows = rows.with_columns(best.alias(_BEST)).with_columns(_answered_questions(responses))
        sizes = rows.filter(pl.col("sheet.organisation").is_not_null()).group_by(_GROUP).len()
        return cls(rows, sizes.height, int((sizes["len"] > 1).sum()))

    def combined(self, responses: Responses, rules: Mapping[str, Rule]) -> pl.DataFrame:
        """Return one row per organisation: roles of its latest sheet, combined values and states."""
        questions = responses.questionnaire
        majority = [v.name for v in responses.variables if rules[v.name] == "majority"]
        rows = self.rows.with_columns(pl.len().over(_GROUP, name).alias(f"{name}.votes") for name in majority)
        parts = [pl.col(f"sheet.{role}").last() for role in responses.sheets.columns]
        for variable in responses.variables:
            choice = questions.question(variable.question).type in _AS_A_WHOLE
            as_a_whole = choice and variable.part in {"answer", "other"}
            parts += _value_and_state(variable, rules[variable.name], as_a_whole=as_a_whole)
        return rows.group_by(_GROUP, maintain_order=True).agg(parts)


def _answered_questions(responses: Responses) -> list[pl.Expr]:
    """Return by question whether a sheet answered any part of it."""
    parts: dict[str, list[pl.Expr]] = {}
    for variable in responses.variables:
        if variable.part in {"answer", "other"}:
            answered = pl.col(_state_column(variable.name)) == int(State.ANSWERED)
            parts.setdefault(variable.question, []).append(answered)
    return [pl.any_horizontal(expressions).alias(f"{name}.answered") for name, expressions in parts.items()]


def _value_and_state(variable: Variable, rule: Rule, *, as_a_whole: bool) -> list[pl.Expr]:
    """Return the combined value and state of a variable within the sheets of one organisation."""
    value, state = pl.col(variable.name), pl.col(_state_column(variable.name))
    answered = state == int(State.ANSWERED)
    unanswered = state.filter(state != int(State.NOT_SHOWN)).last().fill_null(int(State.NOT_SHOWN))
    if rule == "most_complete":
        return [value.filter(pl.col(_BEST)).last(), state.filter(pl.col(_BEST)).last()]
    if rule == "latest" and as_a_whole:
        whole = pl.col(f"{variable.question}.answered")
        return [value.filter(whole).last(), pl.coalesce(state.filter(whole).last(), unanswered)]
    combined = _RULES[rule](value.filter(answered), variable)
    return [
        pl.when(answered.any()).then(combined).alias(variable.name),
        pl.when(answered.any())
        .then(int(State.ANSWERED))
        .otherwise(unanswered)
        .cast(pl.UInt8)
        .alias(state.meta.output_name()),
    ]


def _majority(value: pl.Expr, variable: Variable) -> pl.Expr:
    answered = pl.col(_state_column(variable.name)) == int(State.ANSWERED)
    votes, place = pl.col(f"{variable.name}.votes").filter(answered), pl.col(_INDEX).filter(answered)
    # Among as many votes the latest wins: all of its votes share its place.
    return value.sort_by(votes, place).last()


_RULES: Mapping[Rule, Callable[[pl.Expr, Variable], pl.Expr]] = {
    "any": lambda value, _: value.any(),
    "all": lambda value, _: value.all(),
    "majority": _majority,
    "mean": lambda value, _: value.mean(),
    "max": lambda value, _: value.max(),
    "joined": lambda value, _: value.unique(maintain_order=True).str.join("; "),
    "latest": lambda value, _: value.last(),
}


def _disagreements(responses: Responses, groups: _Groups, table: pl.DataFrame) -> pl.DataFrame:
    """Return every organisation and variable whose sheets answered differently; texts are left out."""
    parts = [_differing(variable, groups, table) for variable in responses.variables if variable.type != "text"]
    schema: dict[str, pl.DataType] = {
        "organisation": pl.String(),
        "question": pl.String(),
        "variable": pl.String(),
        "sheets": pl.List(pl.String),
        "values": pl.List(pl.String),
        "chosen": pl.String(),
    }
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _differing(variable: Variable, groups: _Groups, table: pl.DataFrame) -> pl.DataFrame:
    name = variable.name
    answered = groups.rows.filter(pl.col(_state_column(name)) == int(State.ANSWERED))
    different = answered.filter(pl.col(name).n_unique().over(_GROUP) > 1)
    chosen = table.select(_GROUP, _as_text(variable).alias("chosen"))
    return (
        different.group_by(_GROUP, maintain_order=True)
        .agg(
            pl.col("sheet.organisation").first().alias("organisation"),
            pl.col("sheet.sheet").alias("sheets"),
            _as_text(variable).alias("values"),
        )
        .join(chosen, on=_GROUP, how="left", maintain_order="left")
        .select(
            "organisation",
            pl.lit(variable.question).alias("question"),
            pl.lit(name).alias("variable"),
            "sheets",
            "values",
            "chosen",
        )
    )


def _as_text(variable: Variable) -> pl.Expr:
    """Return values as files of passgenau's own spell them."""
    value = pl.col(variable.name)
    if variable.type == "flag":
        return value.cast(pl.Int8).cast(pl.String)
    return value.cast(pl.String)
