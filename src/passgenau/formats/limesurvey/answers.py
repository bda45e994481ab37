"""Answers out of LimeSurvey: response archives (`.lsr`) and exports as CSV or tab-separated text.

Every column is kept as it stood. Where LimeSurvey spells an answer otherwise than the questionnaire (the text
beside “other” that is also its tick, ranks by position, answers by label), a column is added that says the
same in the questionnaire's terms, and the variable is joined to it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.exchange import Lost
from passgenau.formats.limesurvey.columns import (
    Field,
    Headings,
    fields,
    flat,
    match,
    squeezed,
)
from passgenau.formats.limesurvey.reports import forbidden
from passgenau.formats.limesurvey.sources import Source, source_of
from passgenau.survey.facts import facts_of
from passgenau.survey.responses import NOT_SHOWN, Delivered, Role
from passgenau.survey.typed import type_answers
from passgenau.survey.variables import OTHER, Variable, variables
from passgenau.survey.visible import visibility
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from passgenau.survey.questionnaire import Question, Questionnaire

PARTIAL_FROM = 0.5
"""Share of the questions that apply, from which a sheet that was not sent off counts as partial."""

_PERSONAL = {
    "ipaddr": Text("IP-Adresse", "IP address"),
    "refurl": Text("verweisende Seite", "referring page"),
    "seed": Text("Startwert der Zufallsreihenfolge", "seed of the random order"),
    "firstname": Text("Vorname", "first name"),
    "lastname": Text("Nachname", "last name"),
    "email": Text("E-Mail-Adresse", "e-mail address"),
    "startdate": Text("Uhrzeit des Beginns", "time of the start"),
    "datestamp": Text("Uhrzeit der letzten Eingabe", "time of the last entry"),
    "submitdate": Text("Uhrzeit des Absendens", "time of sending"),
}
_WHY_LEFT_OUT = Text(
    "Keine Auswertung braucht das; es wird nicht übernommen (Datenminimierung) und steht weiter in der Quelldatei.",
    "No analysis needs it, so it is not taken over (data minimisation); the source file still holds it.",
)
_DAYS = frozenset({"submitdate", "datestamp", "startdate"})
_DAY_KEPT = Text(" Von Zeitpunkten wird der Tag übernommen.", " Of points in time the day is taken over.")
_ATTRIBUTES = Text("Merkmale der Eingeladenen", "attributes of the invited")
_WHY_NO_ATTRIBUTES = Text(
    "Sie werden nur auf ausdrücklichen Wunsch übernommen (keep), weil sie Personen beschreiben können.",
    "They are taken over on explicit wish only (keep), for they may describe persons.",
)
_NO_DAY = "1980-01-01"
"""What LimeSurvey writes as the date of sending where a survey records no dates."""
_TICKED = ("Y", "1", "Yes", "Ja", "Oui", "Sí", "Sì", "Sim", "Tak", "Да", "Ano", "Igen", "Kyllä", "Ναι", "Evet")
_UNTICKED = (
    *("N", "0", "2", "No", "Nein", "Non", "Não", "Nee", "Nie", "Нет", "Ne", "Nem", "Ei", "Nej", "Όχι", "Hayır"),
    *("Not selected", "Not Selected", "Nicht gewählt", "Nicht ausgewählt"),
)
_NOT_APPLICABLE = ("N/A", "k. A.", "nicht zutreffend")
_CODED = {
    "Y": {"1": "Y", "2": "N"},
    "G": {"1": "F", "2": "M"},
    "C": {"1": "Y", "2": "N", "3": "U"},
    "E": {"1": "I", "2": "S", "3": "D"},
}
"""How the exports for R and SPSS, and others on wish, number what LimeSurvey itself calls by letters."""
_OTHER_CODE = "-oth-"
_NULL_WHEN_EMPTY = frozenset("NKD")
"""Types whose columns hold numbers or dates in the database, where an empty answer is NULL."""
_OWN = " (passgenau)"
"""What the names of added columns end in."""
_LIKE_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2}\.\d{3}$")
_DAY_FIRST = re.compile(r"^\d{2}-\d{2}-\d{4}\b")
_MASKED = re.compile(r"^'[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that were read, with what was left out or could not be joined."""

    delivered: Delivered
    lost: tuple[Lost, ...] = ()
    guessed: tuple[Text, ...] = ()


def read_responses(
    content: bytes, name: str, structure: Questionnaire | None = None, *, keep: Collection[str] = ()
) -> Delivered:
    """Return the answers of a `.lsr` file or of an export as CSV or tab-separated text.

    Parameters
    ----------
    content, name
        The bytes of the file, and how messages call it.
    structure
        The questionnaire that was answered, as `structure.read_structure` returns it; without it columns are
        kept under their own names.
    keep
        Columns of the invited to take over, such as ``attribute_1`` with the key of the municipality. Names,
        addresses, IP addresses, referring pages and clock times are never taken over.

    Raises
    ------
    InputError
        The file is damaged, holds no answers, or none of its columns belongs to the questionnaire.
    """
    return answers_of(content, name, structure, keep=keep).delivered


def answers_of(
    content: bytes, name: str, structure: Questionnaire | None = None, *, keep: Collection[str] = ()
) -> Answers:
    """Return the answers as `read_responses` does, with what was left out and why."""
    return deliver(source_of(content, name), structure, keep=keep)


# --- joining to the questionnaire ----------------------------------------------------------------


def deliver(
    source: Source, structure: Questionnaire | None, *, keep: Collection[str] = (), strangers: bool = False
) -> Answers:
    """Join the columns of a table to the variables of a questionnaire.

    Parameters
    ----------
    source
        What a file holds.
    structure
        The questionnaire; without it, columns keep their own names.
    keep
        Columns about the invited to take over.
    strangers
        Whether it may be that no column belongs to the questionnaire, as where nobody has answered yet.

    Raises
    ------
    InputError
        No column belongs to the questionnaire, or two columns have the same name.
    """
    known = fields(structure) if structure else ()
    headings = match(source.headings, known)
    if structure is not None and not headings.fields and not strangers:
        raise _strangers(source, known)
    names = _unique(source.headings)
    table = source.table.rename({f"c{i}": name for i, name in enumerate(names)})
    dropped, lost = _left_out(headings, names, keep)
    added, columns, said = _joined(table, names, headings, structure, source)
    roles, sheets = _sheets(table, names, headings, structure)
    lost += [*forbidden(source.removed), *said, *_unjoined(headings, names)]
    delivered = Delivered(
        table=table.with_columns([*added, *sheets]).drop(dropped),
        columns=columns,
        roles=roles,
        name=source.name,
        absent=source.absent,
        blank=source.blank,
        ticked=_TICKED,
        unticked=_UNTICKED,
        first_line=source.first_line,
    )
    if structure is not None and source.absent == "not_shown":
        delivered = _left_empty(delivered, headings, names, structure)
    return Answers(delivered, tuple(lost))


def _left_empty(delivered: Delivered, headings: Headings, names: Sequence[str], structure: Questionnaire) -> Delivered:
    """Tell numbers and dates that were left empty from those that were not shown.

    LimeSurvey keeps both as NULL, for a column of numbers has no empty text. Where the question's page was reached
    and its filter holds, the field was shown and left empty.
    """
    place = {question.id: index for index, question in enumerate(structure.questions)}
    reached_from = _first_of_section(structure)
    open_ = [
        (field, delivered.columns[field.variable])
        for field in headings.fields.values()
        if field.variable is not None and field.letter in _NULL_WHEN_EMPTY and not field.suffix
    ]
    open_ = [(field, column) for field, column in open_ if delivered.table[column].null_count()]
    if not open_:
        return delivered
    visible = _visible(delivered, structure, {field.question for field, _ in open_})
    columns = dict(delivered.columns)
    table = delivered.table
    for field, column in open_:
        behind = [
            names[i] for i, other in headings.fields.items() if place[other.question] >= reached_from[field.question]
        ]
        seen = pl.any_horizontal([pl.col(name).is_not_null() for name in behind]) | _sent(delivered)
        if field.variable in visible.columns:
            seen &= pl.lit(visible[field.variable])
        empty = pl.when(pl.col(column).is_null() & seen).then(pl.lit("")).otherwise(pl.col(column))
        columns[str(field.variable)] = _derived(column.removesuffix(_OWN))
        table = table.with_columns(empty.alias(columns[str(field.variable)]))
    return replace(delivered, table=table, columns=columns)


def _sent(delivered: Delivered) -> pl.Expr:
    column = delivered.roles.get("disposition")
    return pl.col(column) == "complete" if column else pl.lit(value=False)


def _first_of_section(structure: Questionnaire) -> dict[str, int]:
    """Return for every question the place of the first question on its page."""
    first: dict[str | None, int] = {}
    for index, question in enumerate(structure.questions):
        first.setdefault(question.section, index)
    return {q.id: first[q.section] if q.section else i for i, q in enumerate(structure.questions)}


def _visible(delivered: Delivered, structure: Questionnaire, asked: set[str]) -> pl.DataFrame:
    """Return who saw which variable by its filters; nothing where no filter stands before any of the questions."""
    if not asked & _filtered(structure):
        return pl.DataFrame()
    typed = type_answers(delivered, structure)
    return visibility(structure, typed.values, facts_of(typed.sheets))


def _strangers(source: Source, known: Sequence[Field]) -> InputError:
    expected = ", ".join(field.heading for field in known[:5])
    given = ", ".join(repr(heading[:40]) for heading in source.headings[:8])
    return InputError.of(
        f"Keine Spalte gehört zum Fragebogen (Spalten: {given} …).",
        f"No column belongs to the questionnaire (columns: {given} …).",
        file=source.name,
        line=1 if source.first_line else None,
        hint=Text(
            f"Gehören Antworten und Fragebogen zu derselben Umfrage? Erwartet werden etwa: {expected}.",
            f"Do answers and questionnaire belong to the same survey? Expected, for instance: {expected}.",
        ),
    )


def _unique(headings: Sequence[str]) -> list[str]:
    """Return headings that differ: a second “Other” becomes “Other (2)”."""
    taken: set[str] = set()
    found: list[str] = []
    for number, heading in enumerate(headings, start=1):
        base = heading.strip() or f"Spalte {number}"
        name, again = base, 2
        while name in taken:
            name, again = f"{base} ({again})", again + 1
        taken.add(name)
        found.append(name)
    return found


def _left_out(headings: Headings, names: list[str], keep: Collection[str]) -> tuple[list[str], list[Lost]]:
    """Return the columns about persons and clock times that are not taken over, and the words for it."""
    told = {system: names[headings.system[system]] for system in _PERSONAL if system in headings.system}
    unwanted = [names[index] for attribute, index in headings.attributes.items() if attribute not in keep]
    lost = []
    if told:
        what = Text(
            ", ".join(_PERSONAL[system].de for system in told), ", ".join(_PERSONAL[s].into("en") for s in told)
        )
        kept = _DAY_KEPT if _DAYS & set(told) else Text("", "")
        why = Text(_WHY_LEFT_OUT.de + kept.de, f"{_WHY_LEFT_OUT.into('en')}{kept.en}")
        lost.append(Lost(", ".join(told.values()), what, why))
    if unwanted:
        lost.append(Lost(", ".join(unwanted), _ATTRIBUTES, _WHY_NO_ATTRIBUTES))
    return [*told.values(), *unwanted], lost


def _unjoined(headings: Headings, names: list[str]) -> Iterator[Lost]:
    """Say which columns stay in the delivery without a variable."""
    if headings.timings:
        yield Lost(
            names[headings.timings[0]],
            Text(f"{len(headings.timings)} Spalten mit Zeiten", f"{len(headings.timings)} columns of timings"),
            Text(
                "bleiben in der Lieferung; ausgewertet wird nur die Gesamtzeit",
                "stay in the delivery; only the total time is used",
            ),
        )
    if headings.unknown:
        strangers = [names[index] for index in headings.unknown]
        yield Lost(
            strangers[0],
            Text(
                f"{len(strangers)} Spalten ohne Frage im Fragebogen: {', '.join(strangers)}",
                f"{len(strangers)} columns without a question in the questionnaire: {', '.join(strangers)}",
            ),
            Text(
                "bleiben in der Lieferung, werden aber keiner Variablen zugeordnet",
                "stay in the delivery, joined to no variable",
            ),
        )
    for field in headings.fields.values():
        if field.variable is None and field.position is None:
            yield Lost(
                field.heading,
                Text(f"Zusatzspalte {field.suffix}", f"additional column {field.suffix}"),
                Text(
                    "bleibt in der Lieferung; das Fragebogenmodell kennt sie nicht",
                    "stays in the delivery; the questionnaire has no variable for it",
                ),
            )


def _joined(
    table: pl.DataFrame, names: list[str], headings: Headings, structure: Questionnaire | None, source: Source
) -> tuple[list[pl.Series], dict[str, str], list[Lost]]:
    """Return the columns to add, the column of every variable, and what could not be joined."""
    if structure is None:
        return [], {}, []
    by_name = {variable.name: variable for variable in variables(structure)}
    column_of = {field.variable: names[i] for i, field in headings.fields.items() if field.variable is not None}
    letters = {field.variable: field.letter for field in headings.fields.values() if field.variable is not None}
    reader = _Reader(
        source,
        labels=source.worded and _spelled_as_labels(table, column_of, by_name),
        twos=source.numbered and _ticked_by_twos(table, column_of, by_name),
    )
    added: list[pl.Series] = []
    columns = dict(column_of)
    for variable, column in column_of.items():
        changes = reader.changes(table[column], by_name[variable], letters[variable])
        if changes:
            columns[variable] = _derived(column)
            added.append(table[column].replace(changes).alias(columns[variable]))
        if (
            by_name[variable].part == "other"
            and (tick := by_name.get(f"{by_name[variable].question}_{OTHER}")) is not None
        ):
            columns[tick.name] = _derived(f"{column} = {OTHER}")
            added.append(_ticked_by_text(table[column]).alias(columns[tick.name]))
    for question in structure.questions:
        if question.type == "ranking":
            ranks = _ranks(table, names, headings, question)
            columns |= ranks[0]
            added += ranks[1]
        if question.type == "file" and question.id in columns:
            named = _file_names(table[column_of[question.id]])
            columns[question.id] = _derived(column_of[question.id])
            added = [column for column in added if column.name != columns[question.id]]
            added.append(named.alias(columns[question.id]))
    missing = [variable for variable in by_name if variable not in columns]
    return added, columns, [_no_column(missing)] if missing else []


def _derived(column: str) -> str:
    return f"{column}{_OWN}"


def _no_column(missing: list[str]) -> Lost:
    shown = ", ".join(missing[:8]) + (" …" if len(missing) > 8 else "")  # noqa: PLR2004 -- as many as a line holds
    return Lost(
        shown,
        Text(f"{len(missing)} Variablen ohne Spalte", f"{len(missing)} variables without a column"),
        Text("die Datei enthält sie nicht; sie bleiben leer", "the file does not hold them; they stay empty"),
    )


def _spelled_as_labels(table: pl.DataFrame, column_of: Mapping[str, str], by_name: Mapping[str, Variable]) -> bool:
    """Whether categories stand as labels: by the values that can only be the one or only the other."""
    votes = 0
    for name, column in column_of.items():
        variable = by_name[name]
        if variable.type != "category":
            continue
        codes = {category.spelling for category in variable.categories}
        labels = _labels(variable)
        for value in table[column].drop_nulls().unique().to_list():
            by_label = squeezed(flat(value)) in labels
            votes += (by_label and value not in codes) - (value in codes and not by_label)
    return votes > 0


def _ticked_by_twos(table: pl.DataFrame, column_of: Mapping[str, str], by_name: Mapping[str, Variable]) -> bool:
    """Whether ticks are numbered 2 and 1: then no column of ticks has a 0, and one has a 2."""
    found = {
        value
        for name, column in column_of.items()
        if by_name[name].type == "flag"
        for value in table[column].unique().to_list()
    }
    return "2" in found and "0" not in found


def _labels(variable: Variable) -> dict[str, str]:
    """Return the spelling of every category by its label in any language."""
    found: dict[str, set[str]] = {}
    for category in variable.categories:
        for _, wording in category.label:
            found.setdefault(squeezed(flat(wording)), set()).add(category.spelling)
    return {label: next(iter(meant)) for label, meant in found.items() if label and len(meant) == 1}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Finds what the texts of a column have to be read as, where the questionnaire spells them otherwise."""

    source: Source
    labels: bool  # whether categories stand as labels
    twos: bool  # whether 2 is yes and 1 is no, as in exports for R before LimeSurvey 3

    def changes(self, values: pl.Series, variable: Variable, letter: str) -> dict[str | None, str]:
        """Return the texts to replace, and by what."""
        found = values.drop_nulls().unique().to_list()
        if variable.type == "number":  # LimeSurvey writes a decimal point, never thousands: 1.234 is less than two
            return {value: f"{value}0" for value in found if _LIKE_THOUSANDS.match(value)}
        if not self.source.worded:
            return {}
        if variable.type == "flag":
            return self._ticks(found, null=values.null_count() > 0)
        if variable.type == "date":  # as the export for SPSS writes them
            return {value: "-".join(reversed(value[:10].split("-"))) for value in found if _DAY_FIRST.match(value)}
        if variable.type == "text":  # what begins like a formula carries an apostrophe in exports
            return {value: value[1:] for value in found if _MASKED.match(value)}
        return self._categories(found, variable, letter) if variable.type == "category" else {}

    def _ticks(self, found: list[str], *, null: bool) -> dict[str | None, str]:
        """Return ticks as the archive has them: Y, empty for left out, absent for not shown.

        Where an export spells out what was left out (0, N, No, 2), nothing at all means not shown.
        """
        changes: dict[str | None, str] = {value: NOT_SHOWN for value in found if value in _NOT_APPLICABLE}
        changes |= {value: "" for value in found if value in _UNTICKED}
        if self.twos:
            changes |= {"2": "Y", "1": ""}
        if changes:
            changes[""] = NOT_SHOWN
        if changes and null:
            changes[None] = NOT_SHOWN
        return changes

    def _categories(self, found: list[str], variable: Variable, letter: str) -> dict[str | None, str]:
        codes = {category.spelling for category in variable.categories}
        by_label = _labels(variable)
        coded = {"2": "Y", "1": "N"} if self.twos and letter == "Y" else _CODED.get(letter, {})
        meant = {value: coded.get(value) or self._meant(value, codes, by_label) for value in found}
        return {value: read for value, read in meant.items() if read != value}

    def _meant(self, value: str, codes: set[str], by_label: dict[str, str]) -> str:
        if _MASKED.match(value):
            value = value[1:]
        if value in {"", _OTHER_CODE}:
            return value  # typing knows both
        label = by_label.get(squeezed(flat(value)))
        if self.labels:
            return label or ("" if value in _NOT_APPLICABLE and value not in codes else value)
        return value if value in codes else _nearly(value, codes) or label or value


def _nearly(value: str, codes: set[str]) -> str | None:
    """Return the code that a spreadsheet has made 1 or 1.0 of: 01 or 1."""
    if not value.replace(".", "", 1).isdigit():
        return None
    number = float(value)
    fitting = [code for code in codes if code.replace(".", "", 1).isdigit() and float(code) == number]
    return fitting[0] if len(fitting) == 1 else None


def _ticked_by_text(texts: pl.Series) -> pl.Series:
    """Return the tick beside a text: “other” is ticked where something is written."""
    frame = pl.DataFrame({"text": texts})
    tick = (
        pl.when(pl.col("text").is_null()).then(None).when(pl.col("text") == "").then(pl.lit("")).otherwise(pl.lit("Y"))
    )
    return frame.select(tick.alias("tick"))["tick"]


def _ranks(
    table: pl.DataFrame, names: list[str], headings: Headings, question: Question
) -> tuple[dict[str, str], list[pl.Series]]:
    """Return the rank of every item: the first place that names it."""
    places = sorted(
        (field.position, names[i])
        for i, field in headings.fields.items()
        if field.question == question.id and field.position is not None
    )
    if not places:
        return {}, []
    shown = pl.any_horizontal([pl.col(column).is_not_null() for _, column in places])
    columns: dict[str, str] = {}
    added: list[pl.Series] = []
    for item in question.items:
        spelled = {item.code or item.id, *(wording for _, wording in item.text), *(flat(w) for _, w in item.text)}
        rank = pl.coalesce(
            [pl.when(pl.col(column).is_in(list(spelled))).then(pl.lit(str(place))) for place, column in places]
        )
        name = _derived(f"{question.id}[{item.id}]")
        columns[f"{question.id}_{item.id}"] = name
        expression = pl.coalesce(rank, pl.when(shown).then(pl.lit(""))).alias(name)
        added.append(table.select(expression)[name])
    return columns, added


def _file_names(cells: pl.Series) -> pl.Series:
    """Return the names of the files out of the JSON that LimeSurvey keeps of an upload."""
    plain = [value[1:] if value is not None and _MASKED.match(value) else value for value in cells.to_list()]
    texts = [value if value is None or not value.startswith("[") else _names_in(value) for value in plain]
    return pl.Series(texts, dtype=pl.String)


def _names_in(cell: str) -> str:
    try:
        entries = json.loads(cell)
    except (json.JSONDecodeError, RecursionError):
        return cell
    return "; ".join(str(entry.get("name", "")) for entry in entries if isinstance(entry, dict))


# --- what is said of a sheet -----------------------------------------------------------------------


def _sheets(
    table: pl.DataFrame, names: list[str], headings: Headings, structure: Questionnaire | None
) -> tuple[dict[Role, str], list[pl.Series]]:
    """Return which columns tell of the sheet, and the ones to add: the day and how it ended."""
    system = {name: names[index] for name, index in headings.system.items()}
    roles: dict[Role, str] = {}
    for role, name in (
        ("sheet", "id"),
        ("token", "token"),
        ("language", "startlanguage"),
        ("seconds", "interviewtime"),
    ):
        if name in system:
            roles[role] = system[name]  # type: ignore[index]  # the four are roles
    added: list[pl.Series] = []
    if {"submitdate", "datestamp", "startdate"} & set(system):
        roles["day"] = _derived("day")
        added.append(_days(table, system).alias(roles["day"]))
    if "submitdate" in system or "lastpage" in system:
        roles["disposition"] = _derived("disposition")
        added.append(_dispositions(table, names, headings, structure, system).alias(roles["disposition"]))
    return roles, added


def _days(table: pl.DataFrame, system: Mapping[str, str]) -> pl.Series:
    """Return the day of sending, else of the last entry, else of the start, as YYYY-MM-DD."""
    days = [_day(pl.col(system[name])) for name in ("submitdate", "datestamp", "startdate") if name in system]
    return table.select(pl.coalesce(days).alias("day"))["day"]


def _day(column: pl.Expr) -> pl.Expr:
    iso = column.str.extract(r"^(\d{4}-\d{2}-\d{2})", 1)
    german = column.str.replace(r"^(\d{2})[-.](\d{2})[-.](\d{4}).*$", "$3-$2-$1").str.extract(
        r"^(\d{4}-\d{2}-\d{2})$", 1
    )
    day = pl.coalesce(iso, german)
    return pl.when(day != _NO_DAY).then(day)


def _dispositions(
    table: pl.DataFrame,
    names: list[str],
    headings: Headings,
    structure: Questionnaire | None,
    system: Mapping[str, str],
) -> pl.Series:
    """Return how every sheet ended.

    Sent off: complete. Otherwise partial where at least half of the questions that apply have an answer,
    break-off where fewer have, unknown where none has. A question applies that has no filter, or was shown.
    """
    answered, applying = _counts(names, headings, structure)
    sent = _given(system["submitdate"]) if "submitdate" in system else pl.lit(value=False)
    ended = (
        pl.when(sent)
        .then(pl.lit("complete"))
        .when(answered == 0)
        .then(pl.lit("unknown"))
        .when(answered >= PARTIAL_FROM * applying)
        .then(pl.lit("partial"))
        .otherwise(pl.lit("break_off"))
    )
    return table.select(ended.alias("ended"))["ended"]


def _counts(names: list[str], headings: Headings, structure: Questionnaire | None) -> tuple[pl.Expr, pl.Expr]:
    columns_of: dict[str, list[str]] = {}
    for index, field in headings.fields.items():
        columns_of.setdefault(field.question, []).append(names[index])
    if structure is None:
        columns_of = {names[index]: [names[index]] for index in headings.unknown}
    filtered = _filtered(structure) if structure else frozenset[str]()
    asked = {q for q in columns_of if structure is None or structure.question(q).answered}
    answered = [pl.any_horizontal([_given(column) for column in columns_of[q]]) for q in columns_of if q in asked]
    applying = [
        pl.any_horizontal([pl.col(column).is_not_null() for column in columns_of[q]])
        if q in filtered
        else pl.lit(value=True)
        for q in columns_of
        if q in asked
    ]
    if not answered:
        return pl.lit(0), pl.lit(0)
    return pl.sum_horizontal([e.cast(pl.Int32) for e in answered]), pl.sum_horizontal(
        [e.cast(pl.Int32) for e in applying]
    )


def _filtered(structure: Questionnaire) -> frozenset[str]:
    """Return the questions that not everybody is asked."""
    sections = {section.id for section in structure.sections if section.show_if is not None}
    return frozenset(q.id for q in structure.questions if q.show_if is not None or q.section in sections)


def _given(column: str) -> pl.Expr:
    return (pl.col(column).is_not_null() & (pl.col(column) != "")).fill_null(value=False)
