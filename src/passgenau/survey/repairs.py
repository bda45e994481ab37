"""Repairs of answers: decided by people, written down, done again the same way every time.

`repairs.yaml` lists them. Each names the sheets it touches, what was delivered there and what is to stand there
instead, who decided it and why. Where the delivery holds something else than a repair expects, nothing is done and
the repair is refused: it was meant for other data. The delivery itself is never changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import polars as pl
from pydantic import Field, model_validator

from passgenau.errors import Problem
from passgenau.reading import Decided, Record, RecordError, load_yaml, nearest, raise_if
from passgenau.survey.responses import NOT_SHOWN, REFUSED, Delivered, Disposition, Mark, Responses, State, Step
from passgenau.survey.typed import number_text, type_answers, typed_value
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passgenau.frame import Frame
    from passgenau.survey.variables import Variable

Sheets = Annotated[tuple[str, ...], Field(min_length=1)]


class SetValue(Decided):
    """One value of one variable in the named sheets."""

    do: Literal["set"]
    """Which repair this is."""
    sheets: Sheets
    """Their numbers, as the column `sheet` has them."""
    variable: str
    """The column of `responses.csv`."""
    expected: str
    """What the delivery holds there; empty where it holds nothing."""
    value: str
    """What is to stand there, spelled as in `responses.csv`; `.n` was not shown, `.r` refused, empty left empty."""


class Recode(Decided):
    """A text that was delivered for a variable, in whatever sheet, means one of its values."""

    do: Literal["recode"]
    """Which repair this is."""
    variable: str
    """The column of `responses.csv`."""
    expected: str
    """The text as delivered."""
    value: str
    """What it means, spelled as in `responses.csv`."""


class Assign(Decided):
    """The organisation that filled in the named sheets."""

    do: Literal["assign"]
    """Which repair this is."""
    sheets: Sheets
    """Their numbers, as the column `sheet` has them."""
    expected: str
    """The organisation as delivered; empty where none was."""
    organisation: str
    """The key of the organisation, in quotes."""


class SetDisposition(Decided):
    """How the named sheets ended."""

    do: Literal["disposition"]
    """Which repair this is."""
    sheets: Sheets
    """Their numbers, as the column `sheet` has them."""
    expected: str
    """The disposition as delivered; empty where none was."""
    disposition: Disposition
    """How they ended."""


class Exclude(Decided):
    """The named sheets are kept, but not analysed: their disposition becomes `unknown`."""

    do: Literal["exclude"]
    """Which repair this is."""
    sheets: Sheets
    """Their numbers, as the column `sheet` has them."""
    expected: str = ""
    """The disposition as delivered; empty where none was."""


class Accept(Decided):
    """Marks of one check in the named sheets are fine as they are."""

    do: Literal["accept"]
    """Which repair this is."""
    sheets: Sheets
    """Their numbers, as the column `sheet` has them."""
    check: str
    """The check, as its marks name it: `straight_lining` …"""
    variable: str | None = None
    """The variable of the marks; empty: of any."""


Repair = Annotated[SetValue | Recode | Assign | SetDisposition | Exclude | Accept, Field(discriminator="do")]


class Repairs(Record):
    """`repairs.yaml`."""

    repairs: tuple[Repair, ...] = ()
    """One by one; no two may speak of the same place."""

    @model_validator(mode="after")
    def _no_contradiction(self) -> Repairs:
        """Let no two repairs say what stands at the same place."""
        seen: dict[tuple[str, ...], int] = {}
        for index, repair in enumerate(self.repairs):
            for place in _places(repair):
                if place in seen:
                    raise RecordError(
                        f"Dieselbe Stelle berichtigt schon der {seen[place] + 1}. Eintrag: {', '.join(place[1:])}.",
                        f"Entry {seen[place] + 1} repairs the same place already: {', '.join(place[1:])}.",
                        at=("repairs", index),
                        hint=Text("Einen der beiden streichen.", "Delete one of the two."),
                    )
                seen[place] = index
        return self


def _places(repair: Repair) -> list[tuple[str, ...]]:
    match repair:
        case SetValue():
            return [("value", repair.variable, sheet) for sheet in repair.sheets]
        case Recode():
            return [("recode", repair.variable, repair.expected)]
        case Assign():
            return [("organisation", "organisation", sheet) for sheet in repair.sheets]
        case SetDisposition() | Exclude():
            return [("disposition", "disposition", sheet) for sheet in repair.sheets]
        case Accept():
            return []


def read_repairs(path: Path) -> Repairs:
    """Read `repairs.yaml`; an absent file holds no repairs.

    Raises
    ------
    InputError
        The file does not fit its schema.
    """
    return load_yaml(path, Repairs).value if path.exists() else Repairs()


def apply_repairs(
    responses: Responses,
    repairs: Repairs,
    frames: Mapping[str, Frame] | None = None,
    *,
    name: str = "repairs.yaml",
) -> Responses:
    """Return the answers with the repairs done, each a logged step.

    Repairs are always done on what was delivered, so that doing them again, on answers already repaired, gives the
    same. The repaired delivery is typed anew, so that filters and multiple choices follow. Marks that a repair
    accepts go; to see the others after the repairs, check again and pass the marks through `accepted`.

    Parameters
    ----------
    responses
        Typed answers, one row per delivered sheet; not combined.
    repairs
        What people decided.
    frames
        The population of each audience, for filters.
    name
        How messages call the file.

    Raises
    ------
    InputError
        A repair names a sheet, a variable or a value that does not exist, or expects something else than was
        delivered. Every such repair is reported.
    """
    work = _Work(responses)
    problems: list[Problem] = []
    steps: list[Step] = []
    for index, repair in enumerate(repairs.repairs):
        wrong = [replace(p, file=name, field=f"repairs[{index + 1}].{p.field}") for p in work.problems(repair)]
        problems += wrong
        if not wrong:
            steps.append(work.do(repair))
    raise_if(problems)
    typed = type_answers(work.repaired(), responses.questionnaire, frames) if steps else responses
    return replace(
        typed,
        delivered=responses.delivered,
        steps=(*responses.steps, *(step for step in steps if step not in responses.steps)),
        marks=accepted(responses.marks, repairs),
        synthetic=responses.synthetic,
    )


def accepted(marks: tuple[Mark, ...], repairs: Repairs) -> tuple[Mark, ...]:
    """Return the marks that no repair accepts, for checks made after the repairs."""
    return tuple(mark for mark in marks if not _accepted(mark, repairs))


def propose_repairs(responses: Responses, frames: Mapping[str, Frame]) -> Repairs:
    """Return repairs that a person may take over: keys that lack their leading zero, and names instead of keys.

    Nothing is done with them until they stand in `repairs.yaml`.
    """
    units = [unit for frame in frames.values() for unit in frame.units]
    right = {unit.label: unit.key for unit in units}
    right |= {unit.key[1:]: unit.key for unit in units if unit.key.startswith("0")}
    right = {given: key for given, key in right.items() if not any(given in frame.by_key for frame in frames.values())}
    sheets: dict[str, list[str]] = {}
    for sheet, given in responses.sheets.select("sheet", "organisation").iter_rows():
        if given in right:
            sheets.setdefault(given, []).append(sheet)
    why = Text("Der Schlüssel war verstümmelt oder als Name eingetragen.", "The key was mangled or entered as a name.")
    return Repairs(
        repairs=tuple(
            Assign(
                do="assign",
                sheets=tuple(numbers),
                expected=given,
                organisation=right[given],
                decided_by="passgenau (Vorschlag)",
                why=why,
                assumed=True,
            )
            for given, numbers in sheets.items()
        )
    )


def _accepted(mark: Mark, repairs: Repairs) -> bool:
    return any(
        isinstance(repair, Accept)
        and mark.check == repair.check
        and mark.sheet in repair.sheets
        and repair.variable in {None, mark.variable}
        for repair in repairs.repairs
    )


class _Work:
    """A copy of the delivery in which repairs are done; its columns become lists when they are first touched."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self._delivered = responses.delivered
        self._row = {sheet: row for row, sheet in enumerate(responses.sheets["sheet"])}
        self._variables = {variable.name: variable for variable in responses.variables}
        self._cells: dict[str, list[str | None]] = {}
        self._columns = dict(self._delivered.columns)
        self._roles = dict(self._delivered.roles)

    def repaired(self) -> Delivered:
        """Return the delivery as repaired, to be typed like any other."""
        columns = [pl.Series(name, cells, dtype=pl.String) for name, cells in self._cells.items()]
        return replace(
            self._delivered,
            table=self._delivered.table.with_columns(columns),
            columns=self._columns,
            roles=self._roles,
            not_shown=tuple(dict.fromkeys((*self._delivered.not_shown, NOT_SHOWN))),
            refused=tuple(dict.fromkeys((*self._delivered.refused, REFUSED))),
        )

    def problems(self, repair: Repair) -> list[Problem]:
        """Return why a repair cannot be done; nothing where it can."""
        if self._delivered.table.height != len(self._responses):
            return [_problem("do", "Die Bögen sind schon zusammengeführt.", "The sheets are combined already.")]
        found = [
            _problem(
                "sheets",
                f"Den Bogen {sheet!r} gibt es nicht.",
                f"There is no sheet {sheet!r}.",
                nearest(sheet, self._row),
            )
            for sheet in getattr(repair, "sheets", ())
            if sheet not in self._row
        ]
        if isinstance(repair, SetValue | Recode):
            found += self._value_problems(repair)
        return found or self._unexpected(repair)

    def _value_problems(self, repair: SetValue | Recode) -> list[Problem]:
        variable = self._variables.get(repair.variable)
        if variable is None:
            de, en = f"Die Spalte {repair.variable!r} gibt es nicht.", f"There is no column {repair.variable!r}."
            return [_problem("variable", de, en, nearest(repair.variable, self._variables))]
        _, state = typed_value(variable, repair.value, self._responses.questionnaire)
        if state is State.INVALID:
            known = [category.id for category in variable.categories]
            hint = nearest(repair.value, known) if known else None
            de, en = (
                f"{repair.value!r} passt nicht zu {variable.name!r}.",
                f"{repair.value!r} does not fit {variable.name!r}.",
            )
            return [_problem("value", de, en, hint)]
        return []

    def _unexpected(self, repair: Repair) -> list[Problem]:
        if isinstance(repair, Accept):
            return []
        if isinstance(repair, Recode):
            return [] if self._rows_of(repair) else [_not_there(repair.expected)]
        return [
            _other(sheet, repair.expected, given)
            for sheet in repair.sheets
            if (given := self._given(repair, self._row[sheet])) != repair.expected.strip()
        ]

    def _given(self, repair: Repair, row: int) -> str:
        """Return what was delivered at the place that a repair touches."""
        delivered = self._responses.delivered
        if isinstance(repair, SetValue):
            column = delivered.columns.get(repair.variable)
        else:
            column = delivered.roles.get("organisation" if isinstance(repair, Assign) else "disposition")
        return _text(delivered, column, row)

    def _rows_of(self, repair: Recode) -> list[int]:
        delivered = self._responses.delivered
        column = delivered.columns.get(repair.variable)
        if column is None:
            return []
        return (delivered.table[column].cast(pl.String).str.strip_chars() == repair.expected).arg_true().to_list()

    def do(self, repair: Repair) -> Step:
        """Do one repair and return what it did."""
        match repair:
            case SetValue():
                self._put(repair.variable, [self._row[sheet] for sheet in repair.sheets], repair.value)
                change = f"{repair.variable}: {repair.expected!r} → {repair.value!r}"
                return _step("repaired", Text(change, change), repair, len(repair.sheets))
            case Recode():
                rows = self._rows_of(repair)
                self._put(repair.variable, rows, repair.value)
                change = f"{repair.variable}: {repair.expected!r} → {repair.value!r}"
                return _step("recoded", Text(change, change), repair, len(rows))
            case Assign():
                self._put_role("organisation", repair.sheets, repair.organisation)
                said = Text(f"Organisation {repair.organisation}", f"organisation {repair.organisation}")
                return _step("assigned", said, repair, len(repair.sheets))
            case SetDisposition():
                self._put_role("disposition", repair.sheets, repair.disposition)
                said = Text(f"Ausgang „{repair.disposition}“", f"disposition “{repair.disposition}”")
                return _step("repaired", said, repair, len(repair.sheets))
            case Exclude():
                self._put_role("disposition", repair.sheets, "unknown")
                said = Text("nicht ausgewertet", "not analysed")
                return _step("excluded", said, repair, len(repair.sheets))
            case Accept():
                said = Text(f"Hinweis „{repair.check}“ angenommen", f"mark “{repair.check}” accepted")
                return _step("accepted", said, repair, len(repair.sheets))

    def _put(self, name: str, rows: list[int], text: str) -> None:
        column = self._columns.setdefault(name, f"{name}.repaired")
        cells = self._list(column)
        for row in rows:
            cells[row] = self._spelled(self._variables[name], text)

    def _put_role(self, role: Literal["organisation", "disposition"], sheets: Sheets, text: str) -> None:
        cells = self._list(self._roles.setdefault(role, f"{role}.repaired"))
        for sheet in sheets:
            cells[self._row[sheet]] = text

    def _list(self, column: str) -> list[str | None]:
        if column not in self._cells:
            table = self._delivered.table
            self._cells[column] = table[column].to_list() if column in table.columns else [None] * table.height
        return self._cells[column]

    def _spelled(self, variable: Variable, text: str) -> str:
        """Return a value as the delivery spells it."""
        value, state = typed_value(variable, text, self._responses.questionnaire)
        if state is not State.ANSWERED:
            return text
        if variable.type == "flag":
            return (self._delivered.ticked if value else self._delivered.unticked)[0]
        if variable.type == "category" and self._delivered.spelling == "codes":
            return next(category.spelling for category in variable.categories if category.id == value)
        if isinstance(value, float):
            return number_text(value)
        return f"'{value}" if variable.type == "text" and self._delivered.escaped else str(value)


def _text(delivered: Delivered, column: str | None, row: int) -> str:
    if column is None:
        return ""
    cell = delivered.table[column][row]
    return "" if cell is None else str(cell).strip()


def _step(action: str, said: Text, repair: Repair, values: int) -> Step:
    what = Text(f"{said.de} – {repair.why.de}", f"{said.into('en')} – {repair.why.into('en')}")
    return Step(action, what, values, tuple(getattr(repair, "sheets", ())), repair.decided_by)


def _problem(field: str, de: str, en: str, hint: Text | None = None) -> Problem:
    return Problem(Text(de, en), field=field, hint=hint)


def _not_there(expected: str) -> Problem:
    return _problem(
        "expected",
        f"{expected!r} wurde in dieser Spalte nirgends geliefert.",
        f"{expected!r} was delivered nowhere in this column.",
        Text("Den Eintrag streichen oder berichtigen.", "Delete or correct the entry."),
    )


def _other(sheet: str, expected: str, given: str) -> Problem:
    return _problem(
        "expected",
        f"Im Bogen {sheet!r} steht {given!r}, nicht {expected!r}.",
        f"The sheet {sheet!r} holds {given!r}, not {expected!r}.",
        Text(
            "Gehört die Berichtigung zu dieser Lieferung? Sonst streichen oder anpassen.",
            "Does the repair belong to this delivery? Otherwise delete or adapt it.",
        ),
    )
