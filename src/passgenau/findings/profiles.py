"""What each organisation answered, beside its size class, region and district.

For the organisation itself and the office. Nothing is estimated for an organisation that did not answer, and
shares of groups in which too few answered are not shown, nor any from which they could be worked out, nor those that
would say of every member of a group what it answered.
`docs/methods.md#profiles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from passgenau.estimation.disclosure import Rules, protect, tabulate
from passgenau.findings.wording import joined
from passgenau.survey.responses import State
from passgenau.survey.variables import OTHER, answers_of
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passgenau.findings.microdata import Prepared
    from passgenau.findings.organisations import Organisations
    from passgenau.survey import Question, Variable

BESIDE = ("audience", "size_class", "region", "district")
"""The groups that stand beside an organisation's own answers."""


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The share of one answer among the organisations of a group that answered the question."""

    share: float | None  # 0–1; None where it is not shown
    answered: int | None  # organisations that answered


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of one organisation."""

    question: str
    item: str | None  # the share it belongs to; None where the question gives no share, or nothing was answered
    answer: Text | None  # None where nothing was answered
    state: str  # answered, empty, not_shown, refused or invalid


@dataclass(frozen=True, slots=True)
class Differing:
    """Where the sheets of one organisation answer differently."""

    question: str
    item: Text | None  # the answer, row or field that it is about; None where the question has one answer
    sheets: tuple[str, ...]
    values: tuple[Text, ...]  # as each sheet says, from the first to the latest
    chosen: Text  # what counts


@dataclass(frozen=True, slots=True)
class Profile:
    """One organisation that answered."""

    organisation: str
    label: str
    audience: str
    sheets: int
    groups: Mapping[str, str]  # its group by each characteristic of `BESIDE` that applies
    differing: tuple[Differing, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Profiles:
    """All organisations that answered, and the groups beside them."""

    profiles: tuple[Profile, ...]
    shares: Mapping[tuple[str, str, str], Mapping[tuple[str, str], GroupShare]]
    """By audience, characteristic and group: the share of every question and item."""
    threshold: int


def profiles(prepared: Prepared, threshold: int) -> Profiles:
    """Return what each organisation answered, beside its groups.

    Parameters
    ----------
    prepared
        The answers.
    threshold
        Fewest organisations whose answers a share of a group may rest on.
    """
    organisations = prepared.organisations
    differing = _differing(prepared)
    said = _Said(organisations)
    labels = {unit.key: unit.label for frame in organisations.frames.values() for unit in frame.units}
    found = []
    for place, row in enumerate(organisations.table.iter_rows(named=True)):
        groups = {name: row[name] for name in BESIDE[1:] if row[name] is not None}
        found.append(
            Profile(
                organisation=row["organisation"],
                label=labels[row["organisation"]],
                audience=row["audience"],
                sheets=row["sheets"],
                groups={"audience": row["audience"], **groups},
                differing=differing.get(row["organisation"], ()),
                said=tuple(said.of(place)),
            )
        )
    return Profiles(tuple(found), _group_shares(organisations, threshold), threshold)


# --- own answers --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    """Reads the answers of one row after the other."""

    organisations: Organisations

    def of(self, place: int) -> Iterator[Said]:
        """Yield what the organisation in this row answered: ticks that were set, and everything else."""
        values = self.organisations.values.row(place, named=True)
        states = self.organisations.states.row(place, named=True)
        questionnaire = self.organisations.questionnaire
        for question in questionnaire.questions:
            variables = [v for v in answers_of(question, questionnaire) if v.type not in {"text", "date"}]
            answered = [v for v in variables if states[v.name] == State.ANSWERED]
            if answered:
                yield from self._answers(question, answered, values)
            elif variables:
                state = State(min(states[v.name] for v in variables)).name.lower()
                yield Said(question.id, None, None, state)

    def _answers(
        self, question: Question, answered: Sequence[Variable], values: Mapping[str, object]
    ) -> Iterator[Said]:
        ticked = [v for v in answered if v.type != "flag" or values[v.name]]
        if not ticked:
            yield Said(question.id, None, Text("nichts davon", "none of these"), "answered")
        for variable in ticked:
            yield Said(
                question.id, self._item(variable, values), answer_in_words(variable, values[variable.name]), "answered"
            )

    def _item(self, variable: Variable, values: Mapping[str, object]) -> str | None:
        """Return the share that an answer belongs to."""
        shares = [share for share in self.organisations.shares if share.variable == variable.name]
        if len(shares) == 1:
            return shares[0].item
        chosen = values[variable.name]
        return next((share.item for share in shares if share.yes is not None and chosen in share.yes), None)


def answer_in_words(variable: Variable, value: object) -> Text:
    """Return a typed value as people say it."""
    if variable.type == "flag":
        return Text("ja", "yes") if value in {True, "true", "1"} else Text("nein", "no")
    if variable.type == "category":
        found = next((category for category in variable.categories if category.id == value), None)
        return found.label.text if found is not None else Text(str(value))
    if variable.type == "rank":
        return Text(f"Rang {value}", f"rank {value}")
    number = float(str(value))
    text = f"{number:.10g}"
    return Text(text.replace(".", ","), text)


def _differing(prepared: Prepared) -> dict[str, tuple[Differing, ...]]:
    """Return by organisation where its sheets answer differently."""
    variables = {variable.name: variable for variable in prepared.responses.variables}
    found: dict[str, list[Differing]] = {}
    for row in prepared.combined.disagreements.iter_rows(named=True):
        variable = variables[row["variable"]]
        if variable.type in {"text", "date"}:
            continue
        values = tuple(answer_in_words(variable, value) for value in row["values"])
        found.setdefault(row["organisation"], []).append(
            Differing(
                row["question"],
                _about(variable, prepared.organisations.questionnaire.question(row["question"])),
                tuple(str(sheet) for sheet in row["sheets"]),
                values,
                answer_in_words(variable, row["chosen"]) if row["chosen"] is not None else Text("–"),
            )
        )
    return {key: tuple(entries) for key, entries in found.items()}


def _about(variable: Variable, question: Question) -> Text | None:
    """Return which of a question's answers, rows or fields a variable holds."""
    if variable.item == OTHER and question.other is not None:
        return question.other.text.text
    parts = [item for item in (*question.items, *question.columns) if item.id in {variable.item, variable.column}]
    if not parts:
        return None
    return joined([part.text.text for part in parts], " – ")


# --- groups beside ------------------------------------------------------------------------------


def _group_shares(
    organisations: Organisations, threshold: int
) -> dict[tuple[str, str, str], dict[tuple[str, str], GroupShare]]:
    """Return the shares of every group, those of small groups taken out."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], GroupShare]] = {}
    for audience in organisations.audiences:
        own = (organisations.table["audience"] == audience).to_numpy()
        table = organisations.table.filter(pl.Series(own))
        known: dict[tuple[bool, ...], dict[str, set[str]]] = {}
        for share in organisations.shares:
            yes = organisations.yes(share).filter(pl.Series(own))
            pattern = tuple(yes.is_not_null().to_list())
            if pattern not in known:
                known[pattern] = {name: _shown(table.filter(yes.is_not_null()), name, threshold) for name in BESIDE}
            for name, group, result in _of_groups(table, yes, known[pattern]):
                found.setdefault((audience, name, group), {})[share.question, share.item] = result
    return found


def _of_groups(
    table: pl.DataFrame, yes: pl.Series, shown: Mapping[str, set[str]]
) -> Iterator[tuple[str, str, GroupShare]]:
    for name in BESIDE:
        rows = pl.DataFrame({"group": table[name], "yes": yes}).drop_nulls()
        counts = rows.group_by("group", maintain_order=True).agg(pl.col("yes").count().alias("n"), pl.col("yes").mean())
        for group, base, mean in counts.iter_rows():
            # In a part of the audience 0 % and 100 % would say of everyone in it what they answered; and a single
            # yes would say it of all others to the one organisation on whose page it stands: the one that said yes.
            telling = name != "audience" and (mean == 1.0 or round(mean * base) <= 1)
            visible = group in shown[name] and not telling
            yield name, group, GroupShare(mean if visible else None, base if visible else None)


def _shown(answered: pl.DataFrame, name: str, threshold: int) -> set[str]:
    """Return the groups of one characteristic whose shares may be shown."""
    rules = Rules(threshold, percent=None)
    known = answered.drop_nulls(name)
    if known.is_empty():
        return set()
    if name == "audience":
        return set(known[name]) if len(known) >= threshold else set()
    # A district lies in a region, and the shares of both are shown: they are protected together.
    levels = ["region", "district"] if name == "district" and known["region"].null_count() == 0 else [name]
    table = tabulate(known, [tuple(levels)])
    gone = {key[0] for key in protect(table, rules).suppressed}
    if () in gone:  # the audience as a whole is always shown and cannot protect the others
        return set()
    return {
        str(path[-1]) for (path,) in (cell.key for cell in table.cells) if len(path) == len(levels) and path not in gone
    }
