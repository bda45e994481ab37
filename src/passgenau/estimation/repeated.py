"""Several answers of one organisation: say what is estimated, and make one row of them or share one weight.

`docs/methods.md`, section “Repeated answers”. Two estimands are possible. *Organisations*: every organisation
counts once, its answers are combined by a stated rule (`combine_answers`) or share its weight (`share_weight`).
*Answers*: every answer counts (`keep_answers`). Wherever an organisation keeps several rows it is the PSU of the
design, `Design(ids=(organisation,))`; its rows are never taken for independent ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import polars as pl

from passgenau.errors import DesignError, InputError
from passgenau.estimation.engines.rows import unknown_column
from passgenau.estimation.survey import numbers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

Rule = Literal["any", "all", "mean", "latest"]
Estimand = Literal["organisations", "answers"]

_RULES = {
    "any": Text("ein Ja gilt, sobald einer ihrer Bögen Ja sagt", "a yes counts as soon as one of its answers says yes"),
    "all": Text("ein Ja gilt nur, wenn alle ihre Bögen Ja sagen", "a yes counts only if all of its answers say yes"),
    "mean": Text("ihre Bögen werden gemittelt", "its answers are averaged"),
    "latest": Text("je Frage gilt ihr jüngster ausgefüllter Bogen", "for each item its latest answer counts"),
}


@dataclass(frozen=True, slots=True, eq=False)
class RepeatedAnswers:
    """A table whose rows are ready for a design, and what its estimates are about.

    Attributes
    ----------
    table
        One row per organisation (`combine_answers`), or per answer.
    estimand
        Whether estimates from `table` are about organisations or about answers.
    rule
        How several answers of one organisation count: a rule, `share` (one weight shared) or `keep`.
    organisations, answers
        How many there are; `repeated` organisations sent more than one answer.
    statement
        Estimand and rule in one sentence.
    """

    table: pl.DataFrame
    estimand: Estimand
    rule: Rule | Literal["share", "keep"]
    organisations: int
    answers: int
    repeated: int
    statement: Text


def combine_answers(  # noqa: PLR0913 -- the parts of a rule
    table: pl.DataFrame,
    organisation: str,
    items: Sequence[str],
    rule: Rule = "any",
    *,
    order: str | None = None,
    drop: Sequence[str] = (),
    count: str = "answers",
) -> RepeatedAnswers:
    """Combine all answers of an organisation into one row. Estimates are then about organisations.

    Parameters
    ----------
    table
        One row per answer.
    organisation
        Column that names the organisation of each answer.
    items
        Columns to combine. An item of an organisation is missing only where all its answers lack it, so that
        every item keeps its own base.
    rule
        `any`: 1 if any answer is 1; `all`: 1 if all are 1 (both for columns of 0 and 1, or true and false);
        `mean`: the average (numbers); `latest`: per item the answer with the largest `order` that is not missing.
    order
        Column that orders the answers of one organisation; needed by `latest` only. It is left out of the result.
    drop
        Columns that describe the single answer rather than the organisation; left out of the result. All columns
        that are neither items nor dropped must be the same in all answers of an organisation.
    count
        Name of the new column that holds the number of answers of each organisation.

    Returns
    -------
    RepeatedAnswers
        Its table has one row per organisation, sorted by organisation, columns in the order of `table`.

    Raises
    ------
    InputError
        A column does not exist, an item does not suit the rule, a column differs within an organisation, an
        organisation or its order is missing, or two answers of one organisation share their place in the order.
    DesignError
        The rule does not exist or lacks its order, or the table has no rows.

    Notes
    -----
    `docs/methods.md#repeated-answers`. The combined row carries the weight of the organisation, not a part of it.
    """
    _check_rule(rule, order)
    ordered = [order] if rule == "latest" and order is not None else []
    _check_table(table, (organisation, *items, *ordered, *drop), organisation)
    if count in table.columns:
        raise InputError.of(
            f"Eine Spalte „{count}“ gibt es schon; sie sollte die Zahl der Bögen aufnehmen.",
            f'There is a column "{count}" already; it was to hold the number of answers.',
            field=count,
            hint=Text("Mit „count“ einen anderen Namen geben.", 'Give another name with "count".'),
        )
    for column in ordered:
        table = _in_order(table, organisation, column)
    for item in items:
        _check_item(table, item, rule)
    left_out = {organisation, *items, *ordered, *drop}
    shared = [column for column in table.columns if column not in left_out]
    for column in shared:
        check_agreement(table, organisation, column)
    groups = table.group_by(organisation, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias(count),
        *(_combined(table, item, rule) for item in items),
        *(pl.col(column).first() for column in shared),
    )
    kept = [column for column in table.columns if column in {organisation, *items, *shared}]
    return _result(table, groups.sort(organisation).select(*kept, count), organisation, "organisations", rule)


def share_weight(table: pl.DataFrame, organisation: str, weight: str, *, into: str | None = None) -> RepeatedAnswers:
    """Give each of the m answers of an organisation the weight w/m. Estimates are then about organisations.

    Parameters
    ----------
    table
        One row per answer.
    organisation
        Column that names the organisation of each answer: the PSU of the design to use with the result.
    weight
        Column with the weight w ≥ 0 of the organisation, the same in all its answers.
    into
        Name of the new column, `<weight>_shared` unless given.

    Returns
    -------
    RepeatedAnswers
        The table with its rows as they are and one column more.

    Raises
    ------
    InputError
        A column does not exist, holds no numbers, lacks a value or differs within an organisation.

    Notes
    -----
    `docs/methods.md#repeated-answers`. m counts all answers of an organisation. One that leaves an item out in one
    of two answers speaks on that item with half its weight; `combine_answers(…, "mean")` lets it speak in full.
    """
    name = into or f"{weight}_shared"
    _check_table(table, (organisation, weight), organisation)
    values = numbers(table, weight)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise InputError.of(
            f"Zeile {wrong[0] + 1} der Daten: {values[wrong[0]]:g} ist kein Gewicht.",
            f"Row {wrong[0] + 1} of the data: {values[wrong[0]]:g} is not a weight.",
            field=weight,
            hint=Text("Gewichte sind Zahlen ab 0.", "Weights are numbers from 0."),
        )
    if name in table.columns:
        raise InputError.of(
            f"Eine Spalte „{name}“ gibt es schon.",
            f'There is a column "{name}" already.',
            field=name,
            hint=Text("Mit „into“ einen anderen Namen geben.", 'Give another name with "into".'),
        )
    check_agreement(table, organisation, weight)
    shared = table.with_columns((pl.Series(values) / pl.len().over(organisation)).alias(name))
    return _result(table, shared, organisation, "organisations", "share")


def keep_answers(table: pl.DataFrame, organisation: str) -> RepeatedAnswers:
    """Keep every answer as it is. Estimates are then about answers, with the organisation as their cluster.

    Parameters
    ----------
    table, organisation
        As for `share_weight`.

    Raises
    ------
    InputError
        The column does not exist or an organisation is missing.

    Notes
    -----
    `docs/methods.md#repeated-answers`.
    """
    _check_table(table, (organisation,), organisation)
    return _result(table, table, organisation, "answers", "keep")


def check_agreement(table: pl.DataFrame, organisation: str, column: str) -> None:
    """Raise InputError where a column is not the same in all rows of an organisation; missing is a value too."""
    found = (
        table.group_by(organisation)
        .agg(pl.col(column).n_unique().alias("__values"), pl.col(column).unique().alias("__seen"))
        .filter(pl.col("__values") > 1)
        .sort(organisation)
    )
    if found.is_empty():
        return
    name = found[organisation][0]
    de, en = (", ".join(sorted(_shown(value, lang) for value in found["__seen"][0])) for lang in ("de", "en"))
    raise InputError.of(
        f"„{name}“ hat verschiedene Werte in einer Spalte, die in allen ihren Bögen gleich sein muss: {de}.",
        f'"{name}" has different values in a column that must be the same in all of its answers: {en}.',
        field=column,
        hint=Text(
            "Die Spalte unter „items“ (zusammenfassen) oder „drop“ (weglassen) nennen oder die Daten berichtigen.",
            'Name the column in "items" (to combine it) or in "drop" (to leave it out), or correct the data.',
        ),
    )


def _shown(value: object, lang: str) -> str:
    if value is None:
        return "ohne Angabe" if lang == "de" else "missing"
    return str(value)


def _check_rule(rule: str, order: str | None) -> None:
    if rule not in get_args(Rule):
        raise DesignError(
            Text(
                f"Die Regel „{rule}“ für mehrere Bögen gibt es nicht; möglich: {', '.join(get_args(Rule))}.",
                f'No rule "{rule}" for repeated answers; possible: {", ".join(get_args(Rule))}.',
            )
        )
    if rule == "latest" and order is None:
        raise DesignError(
            Text(
                "Welcher Bogen der jüngste ist, sagt eine Spalte mit der Reihenfolge oder dem Datum („order“).",
                'Which answer is the latest is told by a column with their order or date ("order").',
            )
        )


def _check_table(table: pl.DataFrame, columns: Sequence[str], organisation: str) -> None:
    for column in columns:
        if column not in table.columns:
            raise unknown_column(column, table.columns)
    if table.is_empty():
        raise DesignError(Text("Die Daten haben keine Zeilen.", "The data have no rows."))
    _check_present(table, organisation)


def _check_present(table: pl.DataFrame, column: str) -> None:
    missing = _without_nan(table, column).is_null()
    if missing.any():
        row = int(missing.arg_true()[0]) + 1
        raise InputError.of(
            f"Zeile {row} der Daten: kein Wert; jeder Bogen braucht einen.",
            f"Row {row} of the data: no value; every answer needs one.",
            field=column,
        )


def _without_nan(table: pl.DataFrame, column: str) -> pl.Series:
    """Return a column with NaN as missing: files write missing numbers either way."""
    series = table[column]
    return series.fill_nan(None) if series.dtype.is_float() else series


def _check_item(table: pl.DataFrame, item: str, rule: Rule) -> None:
    if rule == "latest":
        return
    values = numbers(table, item)
    if rule == "mean":
        return
    wrong = np.flatnonzero(~np.isnan(values) & (values != 0) & (values != 1))
    if len(wrong):
        row = int(wrong[0])
        raise InputError.of(
            f"Zeile {row + 1} der Daten: {values[row]:g} ist weder 0 noch 1; die Regel „{rule}“ gilt für Ja und Nein.",
            f'Row {row + 1} of the data: {values[row]:g} is neither 0 nor 1; the rule "{rule}" is for yes and no.',
            field=item,
            hint=Text("Für andere Zahlen: mean oder latest.", "For other numbers: mean or latest."),
        )


def _in_order(table: pl.DataFrame, organisation: str, order: str) -> pl.DataFrame:
    """Return the rows by organisation and order; a tie within an organisation is an error."""
    _check_present(table, order)
    tied = table.group_by(organisation, order).len().filter(pl.col("len") > 1).sort(organisation, order)
    if not tied.is_empty():
        name, place = tied[organisation][0], tied[order][0]
        raise InputError.of(
            f"„{name}“ hat mehrere Bögen mit demselben Wert {place}; welcher jünger ist, bleibt offen.",
            f'"{name}" has several answers with the same value {place}; which one is later stays open.',
            field=order,
            hint=Text(
                "Die Reihenfolge eindeutig machen oder eine andere Regel wählen: any, all, mean.",
                "Make the order unique or choose another rule: any, all, mean.",
            ),
        )
    return table.sort(organisation, order)


def _combined(table: pl.DataFrame, item: str, rule: Rule) -> pl.Expr:
    """Return the expression that combines an item; missing answers are passed over."""
    present = pl.col(item).fill_nan(None) if table[item].dtype.is_float() else pl.col(item)
    present = present.drop_nulls()
    if rule == "latest":
        return present.last()
    if table[item].dtype in {pl.String, pl.Null}:  # numbers written as words, or nothing at all
        present = present.cast(pl.Float64)
    if rule == "any":
        return present.max()
    if rule == "all":
        return present.min()
    return present.cast(pl.Float64).sort().mean()  # sorted: a sum of floats depends on the order of its terms


def _result(
    table: pl.DataFrame,
    ready: pl.DataFrame,
    organisation: str,
    estimand: Estimand,
    rule: Rule | Literal["share", "keep"],
) -> RepeatedAnswers:
    sizes = table.group_by(organisation).len()["len"]
    repeated = int((sizes > 1).sum())
    statement = _statement(rule, len(sizes), len(table), repeated)
    return RepeatedAnswers(ready, estimand, rule, len(sizes), len(table), repeated, statement)


def _statement(rule: str, organisations: int, answers: int, repeated: int) -> Text:
    how_many = Text(
        f"{repeated} von {organisations} Organisationen haben mehrere Bögen geschickt ({answers} Bögen)",
        f"{repeated} of {organisations} organisations sent several answers ({answers} answers)",
    )
    if rule == "keep":
        return Text(
            f"Geschätzt werden Anteile und Werte der Bögen, nicht der Organisationen: {how_many.de}; jeder Bogen "
            "zählt, und die Bögen einer Organisation gehen als eine Gruppe in die Unsicherheit ein.",
            f"The estimates are about answers, not organisations: {how_many.en}; every answer counts, and the answers "
            "of one organisation enter the uncertainty as one cluster.",
        )
    if rule == "share":
        return Text(
            f"Geschätzt werden Anteile und Werte der Organisationen: {how_many.de}; jede Organisation zählt einmal, "
            "ihre Bögen teilen sich ihr Gewicht.",
            f"The estimates are about organisations: {how_many.en}; every organisation counts once, its answers share "
            "its weight.",
        )
    return Text(
        f"Geschätzt werden Anteile und Werte der Organisationen: {how_many.de}; jede Organisation zählt einmal, "
        f"{_RULES[rule].de}.",
        f"The estimates are about organisations: {how_many.en}; every organisation counts once, {_RULES[rule].en}.",
    )
