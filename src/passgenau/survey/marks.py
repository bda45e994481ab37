"""Checks of typed answers. They mark values and sheets; they change and delete nothing.

| check | what it marks |
| --- | --- |
| `doubled_sheet`, `doubled_token` | a number of a sheet, an invitation that came before |
| `unknown_organisation`, `lost_zero` | a key in no population; one that lacks its leading zero |
| `unknown_disposition`, `impossible_day` | a word that is no disposition; a day that is none, or lies ahead |
| `outside_codebook` | what the questionnaire does not know |
| `out_of_range`, `too_many_decimals`, `too_long` | numbers and texts beyond what was allowed |
| `too_few_answers`, `too_many_answers` | fewer or more answers than a question asked for |
| `exclusive_with_others`, `doubled_rank` | what does not go together in one question |
| `against_filter` | an answer to a question that its filter hides |
| `required_empty`, `hardly_answered` | in complete sheets: a required question left empty; hardly any answer at all |
| `other_without_text`, `text_without_other` | “other” chosen without a text, and the reverse |
| `straight_lining` | one and the same point in all rows, at least five, of a matrix |
| `impossible_speed` | less than a third of the median time per answered question |
| `repeated_organisation` | an organisation that sent several usable sheets; the rule of combination decides |
| `suspected_duplicate` | sheets with the same answers throughout, at least ten of them |

Beyond a thousand marks of one check and variable only their number is told, so that a file that fits nowhere does
not fill the memory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passgenau.reading import nearest
from passgenau.survey.combine import usable
from passgenau.survey.facts import facts_of
from passgenau.survey.responses import DISPOSITIONS, Mark, State
from passgenau.survey.variables import OTHER
from passgenau.survey.visible import visibility
from passgenau.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from passgenau.frame import Frame
    from passgenau.survey.questionnaire import Question
    from passgenau.survey.responses import Responses, Role
    from passgenau.survey.variables import Variable

CHECKS = frozenset(
    {
        "doubled_sheet",
        "doubled_token",
        "unknown_organisation",
        "lost_zero",
        "unknown_disposition",
        "impossible_day",
        "outside_codebook",
        "out_of_range",
        "too_many_decimals",
        "too_long",
        "too_few_answers",
        "too_many_answers",
        "exclusive_with_others",
        "doubled_rank",
        "against_filter",
        "required_empty",
        "hardly_answered",
        "other_without_text",
        "text_without_other",
        "straight_lining",
        "impossible_speed",
        "repeated_organisation",
        "suspected_duplicate",
    }
)
"""The keys of all checks of this module."""
LEAST_ROWS = 5
"""Rows of a matrix from which one and the same point in all of them is marked."""
SPEED = 1 / 3
"""Share of the median seconds per answered question below which a sheet is marked."""
LEAST_TIMED = 10
"""Sheets with a time from which the median says something."""
LEAST_SAME = 10
"""Answers that sheets must share to be suspected duplicates; ticks left out are not counted."""
MOST_MARKS = 1000
"""Marks of one check and variable that are given singly."""
LEAST_ANSWERED = 0.2
"""Share of the shown questions below which a complete sheet is marked as hardly answered."""


def check_answers(
    responses: Responses, frames: Mapping[str, Frame] | None = None, *, today: dt.date | None = None
) -> tuple[Mark, ...]:
    """Return every mark that typed answers deserve, those made before first.

    Parameters
    ----------
    responses
        Typed answers; their marks of an earlier call are made anew, all others are kept.
    frames
        The population of each audience; without it organisations are not checked.
    today
        Days after it are marked; none are where it is not given.

    Returns
    -------
    tuple of Mark
        By check, within it by variable and sheet.
    """
    checks = _Checks(responses, frames or {})
    found = chain(
        (mark for mark in responses.marks if mark.check not in CHECKS),
        checks.doubled("sheet", "doubled_sheet", _DOUBLED_SHEET),
        checks.doubled("token", "doubled_token", _DOUBLED_TOKEN),
        checks.organisations(),
        checks.dispositions(),
        checks.days(today),
        checks.codebook(),
        checks.filters(),
        checks.questions(),
        checks.complete_sheets(),
        checks.speed(),
        checks.repeated(),
        checks.duplicates(),
        checks.beyond(),  # last, when all others have counted
    )
    return tuple(found)


def checked(
    responses: Responses, frames: Mapping[str, Frame] | None = None, *, today: dt.date | None = None
) -> Responses:
    """Return the same answers with all their marks."""
    return replace(responses, marks=check_answers(responses, frames, today=today))


def summary(marks: tuple[Mark, ...]) -> dict[str, int]:
    """Return how often each check marked something, in the order in which they first did."""
    return dict(Counter(mark.check for mark in marks))


_DOUBLED_SHEET = Text("Diese Bogennummer kam schon vor.", "This number of a sheet came before.")
_DOUBLED_TOKEN = Text(
    "Diese Einladung wurde mehrmals benutzt; Bogen {other}.", "This invitation was used several times; sheet {other}."
)
_DOUBLED_HINT = Text(
    "Ist es derselbe Bogen zweimal, einen davon in repairs.yaml ausschließen.",
    "If it is the same sheet twice, exclude one in repairs.yaml.",
)
_IN_REPAIRS = Text(
    "Gegen das Original halten; in repairs.yaml berichtigen oder annehmen.",
    "Hold against the original; correct or accept it in repairs.yaml.",
)


class _Checks:
    """The checks over one set of answers, column by column."""

    def __init__(self, responses: Responses, frames: Mapping[str, Frame]) -> None:
        self._responses = responses
        self._frames = frames
        self._questionnaire = responses.questionnaire
        self._sheets = responses.sheets["sheet"]
        self._usable = usable(responses)
        self._complete = (responses.sheets["disposition"] == "complete").fill_null(value=False)
        self._visible = visibility(
            responses.questionnaire, responses.values, facts_of(responses.sheets, frames or None)
        )
        self._counts: dict[tuple[str, str | None], int] = {}
        self._same_rows = responses.delivered.table.height == len(responses)

    def beyond(self) -> Iterator[Mark]:
        """Yield how many marks there are in all where only the first are named singly."""
        for (check, variable), count in self._counts.items():
            if count > MOST_MARKS:
                message = Text(
                    f"Insgesamt {count} Stellen; einzeln genannt sind die ersten {MOST_MARKS}.",
                    f"{count} places in all; the first {MOST_MARKS} are named singly.",
                )
                hint = Text("Passt die Datei zum Fragebogen?", "Does the file fit the questionnaire?")
                yield Mark(check, None, variable, None, message, hint)

    def _rows(self, where: pl.Series, check: str, variable: str | None = None) -> list[int]:
        """Return the first places of what is true, and keep how many there are."""
        places = where.fill_null(value=False).arg_true()
        kind = check, variable
        self._counts[kind] = self._counts.get(kind, 0) + len(places)
        return places.head(MOST_MARKS).to_list()

    # --- what sheets say of themselves ---

    def doubled(self, role: Role, check: str, message: Text) -> Iterator[Mark]:
        given = self._delivered_role(role)
        if given is None:
            return
        filled = given.is_not_null() & (given != "")
        first = pl.DataFrame({"given": given, "sheet": self._sheets}).select(pl.col("sheet").first().over("given"))
        for row in self._rows(given.is_duplicated() & ~given.is_first_distinct() & filled, check):
            other = str(first["sheet"][row])
            text = Text(message.de.format(other=other), message.into("en").format(other=other))
            yield self._mark(check, row, None, given[row], text, _DOUBLED_HINT)

    def organisations(self) -> Iterator[Mark]:
        given = self._responses.sheets["organisation"]
        if not self._frames or given.null_count() == len(given):
            return
        known = {key: unit.label for frame in self._frames.values() for key, unit in frame.by_key.items()}
        by_label = {label: key for key, label in known.items()}
        said: dict[str, tuple[Text, Text]] = {}
        unknown = given.is_not_null() & ~given.is_in(list(known)).fill_null(value=True)
        lost = unknown & ("0" + given).is_in(list(known)).fill_null(value=False)
        for row in self._rows(lost, "lost_zero"):
            key = str(given[row])
            yield self._mark("lost_zero", row, None, key, *_lost_zero(key, known[f"0{key}"]))
        for row in self._rows(unknown & ~lost, "unknown_organisation"):
            key = str(given[row])
            if key not in said:
                said[key] = _unknown_organisation(key, by_label, known)
            yield self._mark("unknown_organisation", row, None, key, *said[key])

    def dispositions(self) -> Iterator[Mark]:
        given = self._delivered_role("disposition")
        if given is None:
            return
        said = given.is_not_null() & (given != "") & ~given.is_in(list(DISPOSITIONS)).fill_null(value=True)
        for row in self._rows(said, "unknown_disposition"):
            message = Text(
                f"{given[row]!r} ist kein Ausgang eines Bogens; er gilt als „unknown“.",
                f"{given[row]!r} is no disposition; it counts as “unknown”.",
            )
            yield self._mark("unknown_disposition", row, None, given[row], message, nearest(given[row], DISPOSITIONS))

    def days(self, today: dt.date | None) -> Iterator[Mark]:
        given, day = self._delivered_role("day"), self._responses.sheets["day"]
        if given is None:
            return
        wrong = given.is_not_null() & (given != "") & day.is_null()
        if today is not None:
            wrong |= (day > today).fill_null(value=False)
        for row in self._rows(wrong, "impossible_day"):
            message = (
                Text(f"{given[row]!r} ist kein Tag.", f"{given[row]!r} is no day.")
                if day[row] is None
                else Text(f"Der Tag {given[row]!r} liegt in der Zukunft.", f"The day {given[row]!r} lies ahead.")
            )
            yield self._mark("impossible_day", row, None, given[row], message, _IN_REPAIRS)

    def speed(self) -> Iterator[Mark]:
        """Mark sheets answered in less than a third of the median seconds per answered question."""
        seconds = self._responses.sheets["seconds"]
        answered = self._answered_questions()
        timed = (seconds > 0).fill_null(value=False) & (answered > 0) & self._usable
        if timed.sum() < LEAST_TIMED:
            return
        per_question = seconds / answered
        limit = SPEED * float(np.median(per_question.filter(timed).to_numpy()))
        for row in self._rows((per_question < limit).fill_null(value=False) & timed, "impossible_speed"):
            needed, usual = f"{per_question[row]:.1f}", f"{limit / SPEED:.1f}"
            message = Text(
                f"{needed.replace('.', ',')} Sekunden je beantworteter Frage, weniger als ein Drittel des Medians "
                f"({usual.replace('.', ',')}).",
                f"{needed} seconds per answered question, less than a third of the median ({usual}).",
            )
            yield self._mark("impossible_speed", row, None, f"{seconds[row]:g}", message, _IN_REPAIRS)

    def repeated(self) -> Iterator[Mark]:
        given = self._responses.sheets["organisation"]
        several = pl.DataFrame({"key": given, "usable": self._usable}).select(
            pl.col("key").is_not_null() & pl.col("usable") & (pl.col("usable").sum().over("key") > 1)
        )
        for row in self._rows(several[:, 0], "repeated_organisation"):
            message = Text(
                f"Von {given[row]!r} gibt es mehrere verwertbare Bögen.",
                f"There are several usable sheets of {given[row]!r}.",
            )
            hint = Text(
                "Die Regel für mehrere Bögen einer Organisation führt sie zusammen.",
                "The rule for several sheets of one organisation combines them.",
            )
            yield self._mark("repeated_organisation", row, None, given[row], message, hint)

    def duplicates(self) -> Iterator[Mark]:
        """Mark sheets whose answers are all the same as those of an earlier sheet."""
        values = self._responses.values
        if values.width == 0:
            return
        told = values.select(
            pl.col(n).is_not_null() if t != pl.Boolean else pl.col(n) for n, t in values.schema.items()
        )
        counted = told.select(pl.sum_horizontal(pl.all().fill_null(value=False)))[:, 0]
        enough = (counted >= LEAST_SAME) & self._usable
        numbered = values.with_row_index(".row").filter(enough)
        firsts = numbered.select(".row", pl.col(".row").first().over(values.columns).alias("first"))
        first = dict(firsts.filter(pl.col(".row") != pl.col("first")).iter_rows())
        for row in self._rows(pl.int_range(values.height, eager=True).is_in(list(first)), "suspected_duplicate"):
            other = self._sheets[first[row]]
            message = Text(
                f"Alle Antworten sind dieselben wie in Bogen {other}.", f"All answers are those of sheet {other}."
            )
            yield self._mark("suspected_duplicate", row, None, None, message, _DOUBLED_HINT)

    # --- what values say ---

    def codebook(self) -> Iterator[Mark]:
        for variable in self._responses.variables:
            invalid = self._responses.states[variable.name] == int(State.INVALID)
            for row in self._rows(invalid, "outside_codebook", variable.name):
                value = self._delivered_value(variable.name, row)
                yield self._mark("outside_codebook", row, variable.name, value, *_outside(variable, value))

    def filters(self) -> Iterator[Mark]:
        for variable in self._responses.variables:
            states = self._responses.states[variable.name]
            shown = self._visible[variable.name]
            answered = states == int(State.ANSWERED)
            if variable.type == "flag":
                answered &= self._responses.values[variable.name].fill_null(value=False)
            if self._questionnaire.question(variable.question).answered:
                yield from self._all(answered & ~shown, "against_filter", variable, _AGAINST)

    def questions(self) -> Iterator[Mark]:
        groups: dict[str, list[Variable]] = {}
        for variable in self._responses.variables:
            groups.setdefault(variable.question, []).append(variable)
        for name, group in groups.items():
            question = self._questionnaire.question(name)
            for variable in group:
                yield from self._limits(question, variable)
            yield from self._numbers_of_answers(question, group)
            yield from self._exclusive(question, group)
            yield from self._ranks(group)
            yield from self._other(question, group)
            yield from self._straight(question, group)

    def _limits(self, question: Question, variable: Variable) -> Iterator[Mark]:
        values = self._responses.values[variable.name]
        if variable.type == "number":
            low, high = question.minimum, question.maximum
            out = pl.zeros(len(values), dtype=pl.Boolean, eager=True)
            out = out | (values < low).fill_null(value=False) if low is not None else out
            out = out | (values > high).fill_null(value=False) if high is not None else out
            yield from self._all(out, "out_of_range", variable, _range(low, high))
            fine = (values - values.round(question.decimals)).abs() <= 1e-9 * values.abs().clip(1)
            yield from self._all(~fine.fill_null(value=True), "too_many_decimals", variable, _decimals(question))
        if variable.type == "text" and variable.part == "answer" and question.max_length is not None:
            long = (values.str.len_chars() > question.max_length).fill_null(value=False)
            message = Text(
                f"Länger als {question.max_length} Zeichen.", f"Longer than {question.max_length} characters."
            )
            yield from self._all(long, "too_long", variable, message, shown=False)

    def _numbers_of_answers(self, question: Question, group: list[Variable]) -> Iterator[Mark]:
        answers = [v for v in group if v.part == "answer"]
        if (question.min_answers is None and question.max_answers is None) or question.type == "file":
            return
        filled = [self._filled(v) for v in answers]
        count = pl.DataFrame([f.alias(str(i)) for i, f in enumerate(filled)]).select(pl.sum_horizontal(pl.all()))[:, 0]
        alone = self._any([self._filled(v) for v in answers if self._is_exclusive(question, v)])
        touched = count > 0
        name = answers[0].name
        if question.min_answers is not None:
            few = touched & (count < question.min_answers) & ~alone
            for row in self._rows(few, "too_few_answers", name):
                message = Text(
                    f"{count[row]} statt mindestens {question.min_answers} Antworten auf {question.id!r}.",
                    f"{count[row]} instead of at least {question.min_answers} answers to {question.id!r}.",
                )
                yield self._mark("too_few_answers", row, name, str(count[row]), message, _IN_REPAIRS)
        if question.max_answers is not None:
            for row in self._rows(count > question.max_answers, "too_many_answers", name):
                message = Text(
                    f"{count[row]} statt höchstens {question.max_answers} Antworten auf {question.id!r}.",
                    f"{count[row]} instead of at most {question.max_answers} answers to {question.id!r}.",
                )
                yield self._mark("too_many_answers", row, name, str(count[row]), message, _IN_REPAIRS)

    def _exclusive(self, question: Question, group: list[Variable]) -> Iterator[Mark]:
        flags = [v for v in group if v.type == "flag"]
        for variable in flags:
            if self._is_exclusive(question, variable):
                others = self._any([self._filled(v) for v in flags if v is not variable])
                yield from self._all(self._filled(variable) & others, "exclusive_with_others", variable, _EXCLUSIVE)

    def _ranks(self, group: list[Variable]) -> Iterator[Mark]:
        ranks = [v for v in group if v.type == "rank"]
        if not ranks:
            return
        places = self._responses.values.select(pl.concat_list(v.name for v in ranks).list.drop_nulls().alias("places"))
        doubled = places["places"].list.len() != places["places"].list.n_unique()
        yield from self._all(doubled, "doubled_rank", ranks[0], _DOUBLED_RANK, shown=False)

    def _other(self, question: Question, group: list[Variable]) -> Iterator[Mark]:
        text = next((v for v in group if v.part == "other"), None)
        tick = next((v for v in group if v.type == "flag" and v.item == OTHER), None)
        if text is None or not question.other:
            return
        written = self._filled(text)
        if tick is not None:
            chosen = self._filled(tick)
        else:
            points = [v for v in group if v.type == "category" and v.part == "answer"]
            chosen = self._any([(self._responses.values[v.name] == OTHER).fill_null(value=False) for v in points])
        has_column = text.name in self._responses.delivered.columns
        if has_column:
            yield from self._all(chosen & ~written, "other_without_text", text, _NO_TEXT, shown=False)
        yield from self._all(written & ~chosen, "text_without_other", text, _NO_TICK, shown=False)

    def _straight(self, question: Question, group: list[Variable]) -> Iterator[Mark]:
        rows = [v.name for v in group if v.part == "answer" and v.type == "category"]
        if question.type != "matrix" or len(rows) < LEAST_ROWS:
            return
        lists = self._responses.values.select(pl.concat_list(rows).list.drop_nulls().alias("points"))["points"]
        same = (lists.list.n_unique() == 1) & (lists.list.len() == len(rows))
        for row in self._rows(same, "straight_lining", rows[0]):
            message = Text(
                f"In allen {len(rows)} Zeilen von {question.id!r} steht dieselbe Antwort.",
                f"All {len(rows)} rows of {question.id!r} hold the same answer.",
            )
            yield self._mark("straight_lining", row, rows[0], str(lists[row][0]), message, _IN_REPAIRS)

    def complete_sheets(self) -> Iterator[Mark]:
        """Mark complete sheets with a required question left empty, or with hardly any answers."""
        shown_of = self._questions_with(lambda v: self._visible[v.name])
        answered_of = self._questions_with(self._answered)
        for name, shown in shown_of.items():
            if self._questionnaire.question(name).required:
                lacking = self._complete & shown & ~answered_of[name]
                variable = next(v for v in self._responses.variables if v.question == name)
                yield from self._all(lacking, "required_empty", variable, _REQUIRED, shown=False)
        shown_count = _count(list(shown_of.values()), len(self._sheets))
        answered_count = _count(list(answered_of.values()), len(self._sheets))
        for row in self._rows(self._complete & (answered_count < LEAST_ANSWERED * shown_count), "hardly_answered"):
            message = Text(
                f"Nur {answered_count[row]} von {shown_count[row]} gezeigten Fragen sind beantwortet.",
                f"Only {answered_count[row]} of {shown_count[row]} questions shown are answered.",
            )
            yield self._mark("hardly_answered", row, None, None, message, _IN_REPAIRS)

    # --- parts ---

    def _questions_with(self, of: Callable[[Variable], pl.Series]) -> dict[str, pl.Series]:
        found: dict[str, pl.Series] = {}
        for variable in self._responses.variables:
            if variable.part == "answer" and self._questionnaire.question(variable.question).answered:
                column = of(variable)
                found[variable.question] = found[variable.question] | column if variable.question in found else column
        return found

    def _answered(self, variable: Variable) -> pl.Series:
        return self._responses.states[variable.name].is_in(
            [int(State.ANSWERED), int(State.REFUSED), int(State.INVALID)]
        )

    def _answered_questions(self) -> pl.Series:
        answered = self._questions_with(lambda v: self._responses.states[v.name] == int(State.ANSWERED))
        return _count(list(answered.values()), len(self._sheets))

    def _filled(self, variable: Variable) -> pl.Series:
        values = self._responses.values[variable.name]
        return values.fill_null(value=False) if variable.type == "flag" else values.is_not_null()

    def _any(self, columns: list[pl.Series]) -> pl.Series:
        return _count(columns, len(self._sheets)) > 0

    def _is_exclusive(self, question: Question, variable: Variable) -> bool:
        if variable.item == OTHER:
            return question.other is not None and question.other.exclusive
        return any(item.exclusive for item in question.items if item.id == variable.item)

    def _all(
        self, where: pl.Series, check: str, variable: Variable, message: Text, *, shown: bool = True
    ) -> Iterator[Mark]:
        for row in self._rows(where, check, variable.name):
            value = self._delivered_value(variable.name, row) if shown else None
            yield self._mark(check, row, variable.name, value, message, _IN_REPAIRS)

    def _mark(  # noqa: PLR0913, PLR0917 -- the parts of a mark
        self, check: str, row: int, variable: str | None, value: str | None, message: Text, hint: Text
    ) -> Mark:
        first = self._responses.delivered.first_line if self._same_rows else None
        line = first + row if first is not None else None
        return Mark(check, self._sheets[row], variable, value, message, hint, line=line)

    def _delivered_value(self, name: str, row: int) -> str | None:
        column = self._responses.delivered.columns.get(name)
        if column is None or not self._same_rows:
            value = self._responses.values[name][row]
            return None if value is None else str(value)
        cell = self._responses.delivered.table[column][row]
        return None if cell is None else str(cell)

    def _delivered_role(self, role: Role) -> pl.Series | None:
        column = self._responses.delivered.roles.get(role)
        if column is None or not self._same_rows:
            return None
        return self._responses.delivered.table[column].cast(pl.String).str.strip_chars()


def _count(columns: list[pl.Series], height: int) -> pl.Series:
    total = pl.zeros(height, dtype=pl.Int64, eager=True)
    for column in columns:
        total = total + column.cast(pl.Int64)
    return total


# --- wordings ------------------------------------------------------------------------------------------

_AGAINST = Text(
    "Beantwortet, obwohl die Frage nach ihrem Filter nicht gezeigt wurde.",
    "Answered although the question's filter hides it.",
)
_EXCLUSIVE = Text(
    "Diese Antwort schließt die anderen aus, die auch angekreuzt sind.",
    "This answer excludes the others, which are ticked as well.",
)
_DOUBLED_RANK = Text("Derselbe Rang ist zweimal vergeben.", "The same rank is given twice.")
_NO_TEXT = Text("„Sonstiges“ ist gewählt, aber nicht erläutert.", "“Other” is chosen, but not explained.")
_NO_TICK = Text(
    "Ein Text steht da, aber „Sonstiges“ ist nicht gewählt.", "A text stands here, but “other” is not chosen."
)
_REQUIRED = Text(
    "Eine Pflichtfrage ist in einem vollständigen Bogen leer.", "A required question is empty in a complete sheet."
)


def _range(low: float | None, high: float | None) -> Text:
    bounds = [
        Text(f"mindestens {low:g}", f"at least {low:g}") if low is not None else None,
        Text(f"höchstens {high:g}", f"at most {high:g}") if high is not None else None,
    ]
    given = [bound for bound in bounds if bound]
    return Text(
        f"Die Zahl liegt außerhalb des Erlaubten ({', '.join(bound.de for bound in given)}).",
        f"The number lies outside of what is allowed ({', '.join(bound.into('en') for bound in given)}).",
    )


def _decimals(question: Question) -> Text:
    if question.decimals == 0:
        return Text("Gefragt war eine ganze Zahl.", "A whole number was asked for.")
    return Text(
        f"Gefragt waren höchstens {question.decimals} Nachkommastellen.",
        f"At most {question.decimals} decimals were asked for.",
    )


@lru_cache(maxsize=4096)
def _outside(variable: Variable, value: str | None) -> tuple[Text, Text]:
    shown = repr(value)
    if variable.type == "number":
        return (
            Text(f"{shown} ist keine eindeutige Zahl.", f"{shown} is no unambiguous number."),
            Text(
                "Ohne Einheit und ohne Tausendertrennung schreiben: 1200 oder 1,5.",
                "Write it without unit and thousands separator: 1200 or 1.5.",
            ),
        )
    if variable.type == "date":
        return (
            Text(f"{shown} ist kein Datum.", f"{shown} is no date."),
            Text("2027-03-15 oder 15.3.2027.", "2027-03-15 or 15.3.2027."),
        )
    if variable.type == "rank":
        return (
            Text(f"{shown} ist kein Rang.", f"{shown} is no rank."),
            Text("1 für den ersten Rang, 2 für den zweiten …", "1 for the first rank, 2 for the second …"),
        )
    message = Text(f"{shown} kennt der Fragebogen hier nicht.", f"The questionnaire does not know {shown} here.")
    known = [category.spelling for category in variable.categories] or ["1", "0"]
    return message, nearest(value or "", known)


def _lost_zero(key: str, label: str) -> tuple[Text, Text]:
    return (
        Text(
            f"Dem Schlüssel {key!r} fehlt die führende Null: 0{key} ist {label}.",
            f"The key {key!r} lacks its leading zero: 0{key} is {label}.",
        ),
        Text(
            "Tabellenkalkulationen nehmen sie weg; repairs.yaml kann sie ergänzen (`propose_repairs`).",
            "Spreadsheets take it away; repairs.yaml can add it (`propose_repairs`).",
        ),
    )


def _unknown_organisation(key: str, by_label: Mapping[str, str], known: Mapping[str, str]) -> tuple[Text, Text]:
    message = Text(f"{key!r} ist in keiner Grundgesamtheit.", f"{key!r} is in no population.")
    if key in by_label:
        return message, Text(f"{key} hat den Schlüssel {by_label[key]}.", f"{key} has the key {by_label[key]}.")
    return message, nearest(key, known if key.isdigit() else by_label)
