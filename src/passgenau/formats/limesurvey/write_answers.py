"""Answers for LimeSurvey: a survey archive (`.lsa`), CSV with codes as headings, and the exports for R and SPSS.

Questions are written first, as `write.write_structure` does, and read back: so answers always stand under the
numbers and codes that the questions were given.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.intake import harmless
from passgenau.formats.limesurvey.columns import Field, fields, foreign, text_of
from passgenau.formats.limesurvey.structure import read_structure
from passgenau.formats.limesurvey.write import write_structure
from passgenau.survey.responses import State
from passgenau.survey.variables import OTHER, Variable, variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Responses

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # so that the same answers give the same bytes
_NO_DAY = "1980-01-01 00:00:00"
_OTHER_CODE = "-oth-"
_NULL_WHEN_EMPTY = frozenset("NKD")  # columns of numbers and dates hold no empty text
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """Answers in LimeSurvey's spelling."""

    questionnaire: Questionnaire  # as LimeSurvey will have it
    structure: Exported
    columns: tuple[tuple[Field, list[str | None]], ...]  # None is NULL
    system: tuple[tuple[str, list[str | None]], ...]
    lost: tuple[Lost, ...]

    @property
    def sid(self) -> str:
        """The number of the survey."""
        return text_of(foreign(self.questionnaire.foreign), "sid") or "1"


def write_archive(responses: Responses) -> Exported:
    """Return a survey archive: the questions as `.lss` and the answers as `.lsr`.

    Returns
    -------
    Exported
        One file `survey_archive_….lsa`. What was not shown is NULL, what was left empty an empty element, apart
        from numbers and dates, whose columns know NULL alone. `lost` names what LimeSurvey has no place for.
    """
    written = spelled(responses)
    sid = written.sid
    structure = _lss(written.structure)[1]
    files = {f"survey_{sid}.lss": structure, f"survey_{sid}_responses.lsr": _lsr(written)}
    seconds = _seconds(responses)
    if seconds is not None:
        files[f"survey_{sid}_timings.lsi"] = _timings(written, seconds)
    return Exported("limesurvey-lsa", {f"survey_archive_{sid}.lsa": _zip(files)}, written.lost)


def write_csv(responses: Responses) -> Exported:
    """Return the answers as CSV with codes as headings, as LimeSurvey exports them.

    Cells that a spreadsheet might take for a formula get an apostrophe. The format has one word for left empty and
    not shown; `lost` says so.
    """
    written = spelled(responses)
    headings = [name for name, _ in written.system] + [field.heading for field, _ in written.columns]
    columns = [cells for _, cells in written.system] + [cells for _, cells in written.columns]
    content = csv_text(headings, columns)
    lost = (*written.lost, *one_word(written, "CSV"))
    return Exported("limesurvey-csv", {f"results-survey{written.sid}.csv": content.encode()}, lost)


# --- in LimeSurvey's spelling ------------------------------------------------------------------------


def spelled(responses: Responses) -> Written:
    """Return answers in LimeSurvey's spelling, under the names that the questions will have there."""
    structure = write_structure(responses.questionnaire)
    target = _read_back(structure)
    speller = _Speller(responses, target)
    columns = tuple(speller.columns())
    system, lost = _system(responses)
    return Written(target, structure, columns, system, (*_of_questions(structure), *speller.lost(), *lost))


def as_sent(questionnaire: Questionnaire) -> Questionnaire:
    """Return a questionnaire as it comes back from LimeSurvey: the same places, with the codes it has there."""
    return _read_back(write_structure(questionnaire))


def _read_back(structure: Exported) -> Questionnaire:
    name, content = _lss(structure)
    found = read_structure(content, name).questionnaire
    if found is None:  # a structure file always holds questions
        raise AssertionError(name)
    return found


def _of_questions(structure: Exported) -> tuple[Lost, ...]:
    """Return what the questions lost; the tab-separated structure is not written here."""
    return tuple(lost for lost in structure.lost if not lost.where.startswith("survey.txt"))


def _lss(structure: Exported) -> tuple[str, bytes]:
    return next((name, content) for name, content in structure.files.items() if name.endswith(".lss"))


class _Speller:
    """Spells the answers of one questionnaire as the questionnaire that LimeSurvey will have wants them."""

    def __init__(self, responses: Responses, target: Questionnaire) -> None:
        self._responses = responses
        self._target = target
        self._source = {place(responses.questionnaire, v): v for v in responses.variables}
        self._targets = {variable.name: variable for variable in variables(target)}
        self._used: set[str] = set()
        self._refused = 0
        self._uncertain = 0
        self._bare_ticks = 0

    def columns(self) -> Iterator[tuple[Field, list[str | None]]]:
        """Yield the columns in LimeSurvey's order."""
        for field in fields(self._target):
            question = self._target.question(field.question)
            if field.position is not None:
                yield field, self._rank(field, question)
            elif field.variable is not None:
                variable = self._targets[field.variable]
                source = self._source.get(place(self._target, variable))
                if source is not None:
                    self._used.add(source.name)
                    yield field, self._cells(source, variable, field, question)

    def _cells(self, source: Variable, target: Variable, field: Field, question: Question) -> list[str | None]:
        if field.suffix == OTHER and question.type == "multiple":
            return self._other_texts(source)
        spell = _spelling(source, target)
        refused = question.no_answer.code if question.no_answer and question.no_answer.code else ""
        return self._spelled(source, spell, refused, null_when_empty=field.letter in _NULL_WHEN_EMPTY)

    def _spelled(
        self, source: Variable, spell: Callable[[object], str], refused: str, *, null_when_empty: bool
    ) -> list[str | None]:
        delivered = self._delivered(source)
        found: list[str | None] = []
        states, values = self._responses.states[source.name], self._responses.values[source.name]
        for place, (state, value) in enumerate(zip(states.to_list(), values.to_list(), strict=True)):
            if state == State.ANSWERED:
                found.append(spell(value))
            elif state == State.NOT_SHOWN:
                found.append(None)
            elif state == State.REFUSED:
                self._refused += not refused
                found.append(refused)
            elif state == State.INVALID:
                found.append(delivered[place] if delivered is not None else "")
            else:
                self._uncertain += null_when_empty
                found.append(None if null_when_empty else "")
        return found

    def _delivered(self, source: Variable) -> list[str | None] | None:
        delivered = self._responses.delivered
        column = delivered.columns.get(source.name)
        if column is None or delivered.table.height != len(self._responses):
            return None
        return delivered.table[column].to_list()

    def _other_texts(self, source: Variable) -> list[str | None]:
        """Return the text beside “other”, whose presence is its tick."""
        texts = self._spelled(source, str, "", null_when_empty=False)
        tick = next((v for v in self._responses.variables if v.question == source.question and v.item == OTHER), None)
        if tick is None or tick.type != "flag":
            return texts
        self._used.add(tick.name)
        flags = self._responses.values[tick.name].to_list()
        states = self._responses.states[tick.name].to_list()
        found: list[str | None] = []
        for text, ticked, state in zip(texts, flags, states, strict=True):
            bare = ticked is True and not text
            self._bare_ticks += bare
            found.append("–" if bare else None if state == State.NOT_SHOWN else text or "")
        return found

    def _rank(self, field: Field, question: Question) -> list[str | None]:
        """Return which item stands at one place."""
        place = _index(self._target, question.id)
        by_item = {
            key[1]: variable for key, variable in self._source.items() if key[0] == place and variable.type == "rank"
        }
        found: list[str | None] = [None] * len(self._responses)
        for index, item in enumerate(question.items):
            source = by_item.get(index)
            if source is None:
                continue
            self._used.add(source.name)
            ranks = self._responses.values[source.name].to_list()
            states = self._responses.states[source.name].to_list()
            for sheet, (rank, state) in enumerate(zip(ranks, states, strict=True)):
                if rank == field.position:
                    found[sheet] = item.code or item.id
                elif state != State.NOT_SHOWN and found[sheet] is None:
                    found[sheet] = ""
        return found

    def lost(self) -> Iterator[Lost]:
        """Say what has no place in LimeSurvey."""
        unwritten = [v.name for v in self._responses.variables if v.name not in self._used]
        for name in unwritten:
            if any(state != State.NOT_SHOWN for state in self._responses.states[name].unique().to_list()):
                yield Lost(
                    name,
                    Text("Antworten dieser Variablen", "answers of this variable"),
                    Text(
                        "in der LimeSurvey-Fassung der Frage gibt es keine Spalte dafür",
                        "the question has no column for it in LimeSurvey",
                    ),
                )
        counted = (
            (
                self._refused,
                Text("Angaben „keine Angabe“", "answers “no answer”"),
                Text(
                    "LimeSurvey speichert sie wie eine leere Antwort",
                    "LimeSurvey keeps them like an empty answer",
                ),
            ),
            (
                self._uncertain,
                Text("leer gelassene Zahlen und Tage", "numbers and days left empty"),
                Text(
                    "LimeSurvey speichert sie wie nicht gezeigte (NULL); beim Lesen entscheiden Filter und Seite",
                    "LimeSurvey keeps them like those not shown (NULL); filters and page decide on reading",
                ),
            ),
            (
                self._bare_ticks,
                Text("Kreuze bei „Sonstiges“ ohne Text", "ticks at “other” without a text"),
                Text(
                    "LimeSurvey kennt das Kreuz nur am Text; als „–“ geschrieben",
                    "LimeSurvey knows the tick by its text only; written as “–”",
                ),
            ),
        )
        for number, what, why in counted:
            if number:
                yield Lost("answers", Text(f"{number} {what.de}", f"{number} {what.into('en')}"), why)


def place(questionnaire: Questionnaire, variable: Variable) -> tuple[object, ...]:
    """Return what a variable stands for by places, which two versions of a questionnaire share."""
    question = questionnaire.question(variable.question)
    items = [item.id for item in question.items]
    columns = [column.id for column in question.columns]
    item: object = items.index(variable.item) if variable.item in items else variable.item
    column = columns.index(variable.column) if variable.column in columns else None
    return _index(questionnaire, question.id), item, column, variable.part


def _index(questionnaire: Questionnaire, question_id: str) -> int:
    return next(index for index, question in enumerate(questionnaire.questions) if question.id == question_id)


def _spelling(source: Variable, target: Variable) -> Callable[[object], str]:
    """Return how LimeSurvey spells a value."""
    if source.type == "category":
        codes = _codes(source, target)
        return lambda value: codes.get(str(value), str(value))
    if source.type == "flag":
        return lambda value: "Y" if value else ""
    if source.type == "number":
        return lambda value: _decimal(float(value))  # type: ignore[arg-type]  # a number by its type
    if source.type == "date":
        return lambda value: f"{value} 00:00:00"
    return _clean


def _codes(source: Variable, target: Variable) -> dict[str, str]:
    """Return LimeSurvey's codes by id; an item that happens to be called `other` there is no open answer."""
    given = [category.id for category in source.categories]
    wanted = [category.spelling for category in target.categories]
    open_answer = {OTHER: _OTHER_CODE} if OTHER in given else {}
    return {**dict(zip(given, wanted, strict=False)), **open_answer}


def _decimal(number: float) -> str:
    """Return a number with a decimal point and without an exponent."""
    text = f"{Decimal(repr(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _clean(value: object) -> str:
    """Return a text without what XML cannot hold, and with the line breaks that XML keeps."""
    return _NOT_IN_XML.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def _system(responses: Responses) -> tuple[tuple[tuple[str, list[str | None]], ...], list[Lost]]:
    sheets = responses.sheets
    numbers = sheets["sheet"].to_list()
    plain = all(isinstance(number, str) and number.isascii() and number.isdigit() for number in numbers)
    ids = [str(number) for number in numbers] if plain else [str(i) for i in range(1, len(numbers) + 1)]
    complete = [ended == "complete" for ended in sheets["disposition"].to_list()]
    days = [None if day is None else f"{day} 00:00:00" for day in sheets["day"].to_list()]
    sent = [(day or _NO_DAY) if done else None for day, done in zip(days, complete, strict=True)]
    leading = responses.questionnaire.languages[0]
    spoken = [language or leading for language in sheets["language"].to_list()]
    system: list[tuple[str, list[str | None]]] = [("id", list(ids))]
    if sheets["token"].count():
        system.append(("token", sheets["token"].to_list()))
    system += [("submitdate", sent), ("lastpage", [None] * len(ids)), ("startlanguage", list(spoken))]
    if any(days):
        system.append(("datestamp", days))
    return tuple(system), list(_system_lost(responses, plain=plain))


def _system_lost(responses: Responses, *, plain: bool) -> Iterator[Lost]:
    sheets = responses.sheets
    no_place = Text("LimeSurvey hat dafür keine Spalte", "LimeSurvey has no column for it")
    for role, what in (("organisation", Text("Organisation", "organisation")), ("order", Text("Reihenfolge", "order"))):
        if sheets[role].count():
            yield Lost(role, what, no_place)
    if not plain:
        yield Lost(
            "sheet",
            Text("Nummern der Bögen", "numbers of the sheets"),
            Text(
                "LimeSurvey zählt von 1 an; sie wurden neu vergeben", "LimeSurvey counts from 1; they were given anew"
            ),
        )
    other = set(sheets["disposition"].drop_nulls().to_list()) - {"complete"}
    if other:
        yield Lost(
            "disposition",
            Text(f"Ausgang: {', '.join(sorted(other))}", f"disposition: {', '.join(sorted(other))}"),
            Text(
                "LimeSurvey weiß nur, ob abgesandt wurde; beim Lesen wird der Rest neu bestimmt",
                "LimeSurvey knows only whether a sheet was sent; on reading the rest is determined anew",
            ),
        )


# --- archives --------------------------------------------------------------------------------------------


def _lsr(written: Written) -> bytes:
    columns = [*written.system, *((field.column, cells) for field, cells in written.columns)]
    return _document("Responses", "responses", written, columns)


def _timings(written: Written, seconds: list[str | None]) -> bytes:
    return _document("Timings", "timings", written, [written.system[0], ("interviewtime", seconds)])


def _seconds(responses: Responses) -> list[str | None] | None:
    seconds = responses.sheets["seconds"]
    return [None if s is None else _decimal(s) for s in seconds.to_list()] if seconds.count() else None


def _document(kind: str, table: str, written: Written, columns: Sequence[tuple[str, list[str | None]]]) -> bytes:
    out = io.StringIO()
    version = text_of(foreign(written.questionnaire.foreign), "dbversion", "DBVersion") or "623"
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(
        f"<document><LimeSurveyDocType>{kind}</LimeSurveyDocType><DBVersion>{quoteattr(version)[1:-1]}</DBVersion>"
    )
    languages = "".join(f"<language>{code}</language>" for code in written.questionnaire.languages)
    out.write(f"<languages>{languages}</languages><{table}><fields>")
    for name, _ in columns:
        out.write(f"<fieldname>{name}</fieldname>")
    out.write("</fields><rows>")
    tags = [_tag(name) for name, _ in columns]
    for row in zip(*(cells for _, cells in columns), strict=True):
        out.write("<row>")
        for tag, cell in zip(tags, row, strict=True):
            if cell is not None:
                out.write(f"<{tag}>{_cdata(cell)}</{tag}>" if cell else f"<{tag}/>")
        out.write("</row>")
    out.write(f"</rows></{table}></document>\n")
    return out.getvalue().encode()


def _tag(name: str) -> str:
    masked = name.replace("#", "-")
    return f"_{masked}" if masked[0].isdigit() else masked


def _cdata(cell: str) -> str:
    return f"<![CDATA[{_clean(cell).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every machine
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


# --- tables of text ----------------------------------------------------------------------------------------


def csv_text(headings: Sequence[str], columns: Sequence[list[str | None]]) -> str:
    """Return a table as LimeSurvey writes it: with a mark for UTF-8, everything in quotes, safe for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in headings])
    for row in zip(*columns, strict=True):
        writer.writerow([cell if cell == _OTHER_CODE else harmless(cell or "") for cell in row])
    return "\ufeff" + out.getvalue()


def one_word(written: Written, format_: str) -> Iterator[Lost]:
    """Say how many values were not shown, where a format cannot tell them from empty ones."""
    unseen = sum(cell is None for _, cells in written.columns for cell in cells)
    if unseen:
        yield Lost(
            "answers",
            Text(f"{unseen} nicht gezeigte Werte", f"{unseen} values not shown"),
            Text(
                f"{format_} hat dafür kein eigenes Zeichen: leer wie leer gelassen; beim Lesen entscheiden die Filter",
                f"{format_} has no sign of its own for it: empty like left empty; on reading the filters decide",
            ),
        )
