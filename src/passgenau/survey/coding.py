"""Open answers become codes: a coding frame, people or rules that apply it, and what they disagree on.

A coding frame (`coding.yaml`) lists codes with a definition and examples; an answer may carry several. Rules
propose codes by words or patterns. They do not understand: where a negation stands near a word that a rule
found, the answer is left to a person. Sheets for coders show texts only with what may name a person masked.
What coders agree on stands; what they disagree on is listed and decided by a further sheet.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import polars as pl
from pydantic import Field, model_validator

from passgenau.errors import InputError, Problem, reason
from passgenau.reading import Record, RecordError, Slug, nearest, raise_if
from passgenau.survey.personal import flag_personal, masked
from passgenau.survey.responses import State, Step
from passgenau.survey.variables import Variable
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from passgenau.survey.responses import Responses

OTHER_CODE, UNCODABLE = "other", "uncodable"
"""Codes that every frame has: something else that no code names; and nothing that could be coded."""
MAX_TEXT = 20_000
"""Characters of an answer that rules look at."""
_NEGATION = re.compile(
    r"\b(?:kein\w*|nicht|nie|niemals|ohne|weder|statt|anstatt|no|not|never|without)\b", re.IGNORECASE
)
_NEAR = 4  # words around a find in which a negation counts
_TICKED = frozenset({"1", "x", "ja", "yes", "true"})
_UNTICKED = frozenset({"", "0", "nein", "no", "false"})
_COLUMNS = ("sheet", "variable", "text", "flagged")
_NOTE = "note"

Place: TypeAlias = tuple[str, str]
"""Number of the sheet and name of the variable: where an open answer stands."""


class Code(Record):
    """One code of a coding frame."""

    id: Slug
    """By which sheets and data files name it."""
    label: Text
    """What it is called."""
    definition: Text | None = None
    """When it is given, and when not."""
    examples: tuple[str, ...] = ()
    """Answers that get it."""
    words: tuple[str, ...] = ()
    """A rule: the code is proposed where one of these stands as a whole word; `*` at an end stands for any letters."""
    patterns: tuple[str, ...] = ()
    """A rule for what words cannot say: regular expressions, without regard to case."""

    @model_validator(mode="after")
    def _patterns_are_valid(self) -> Code:
        for index, pattern in enumerate(self.patterns):
            try:
                re.compile(pattern)
            except re.error as error:
                raise RecordError(
                    f"{pattern!r} ist kein regulärer Ausdruck: {error}.",
                    f"{pattern!r} is no regular expression: {error}.",
                    at=("patterns", index),
                ) from None
        return self

    @cached_property
    def finder(self) -> re.Pattern[str] | None:
        """What its rules look for; None for a code that people give."""
        parts = [_word(word) for word in self.words] + [f"(?:{pattern})" for pattern in self.patterns]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _word(word: str) -> str:
    """Return a whole word as a pattern; umlauts also as ae, oe, ue, and ß as ss."""
    letters = {"ä": "(?:ä|ae)", "ö": "(?:ö|oe)", "ü": "(?:ü|ue)", "ß": "(?:ß|ss)", "*": r"\w*", " ": r"\s+"}
    return rf"\b{''.join(letters.get(letter, re.escape(letter)) for letter in word.casefold().strip())}\b"


class CodingFrame(Record):
    """`coding.yaml`."""

    title: Text | None = None
    """What is coded."""
    version: str | None = None
    """Which version of the frame this is; codes of two versions are not the same."""
    variables: tuple[str, ...] = Field(min_length=1)
    """Columns of the answers that hold the texts."""
    codes: tuple[Code, ...] = Field(min_length=1)
    """In the order in which coders read them; `other` and `uncodable` come on top by themselves."""

    @model_validator(mode="after")
    def _codes_are_unique(self) -> CodingFrame:
        seen: set[str] = set()
        for index, code in enumerate(self.codes):
            if code.id in seen:
                raise RecordError(
                    f"Der Code {code.id!r} steht zweimal.",
                    f"The code {code.id!r} stands twice.",
                    at=("codes", index, "id"),
                )
            seen.add(code.id)
        return self

    @cached_property
    def all_codes(self) -> tuple[Code, ...]:
        """The codes, with `other` and `uncodable`."""
        own = {code.id for code in self.codes}
        return (*self.codes, *(code for code in _ALWAYS if code.id not in own))


_ALWAYS = (
    Code(id=OTHER_CODE, label=Text("Sonstiges", "something else")),
    Code(id=UNCODABLE, label=Text("nicht codierbar", "cannot be coded")),
)


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """One open answer; its text is not to be shown before personal data are masked."""

    sheet: str
    variable: str
    text: str

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.sheet, self.variable


@dataclass(frozen=True, slots=True)
class Coding:
    """The codes that one coder gave, a person or the rules."""

    coder: str
    codes: Mapping[Place, frozenset[str]]  # coded answers only; an empty set is not coded
    left: Mapping[Place, Text]  # answers that the rules leave to a person, and why


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An answer on which coders differ and which nobody has decided."""

    place: Place
    given: tuple[tuple[str, frozenset[str]], ...]  # coder and codes


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands after all coders: agreed or decided codes, and what is still open."""

    codes: Mapping[Place, frozenset[str]]
    by: Mapping[Place, str]  # who is answerable for it: all coders, or who decided
    disagreements: tuple[Disagreement, ...]


def open_answers(responses: Responses, frame: CodingFrame) -> tuple[OpenAnswer, ...]:
    """Return the texts that a frame codes, sheet by sheet; answers left empty have none.

    Raises
    ------
    InputError
        A variable of the frame does not exist, or holds no text.
    """
    kinds = {variable.name: variable.type for variable in responses.variables}
    raise_if(_wrong_variables(frame, kinds))
    sheets = responses.sheets["sheet"].to_list()
    columns = {name: responses.values[name].to_list() for name in frame.variables}
    return tuple(
        OpenAnswer(sheet, name, text)
        for row, sheet in enumerate(sheets)
        for name in frame.variables
        if (text := columns[name][row])
    )


def _wrong_variables(frame: CodingFrame, kinds: Mapping[str, str]) -> Iterator[Problem]:
    texts = [name for name, kind in kinds.items() if kind == "text"]
    for index, name in enumerate(frame.variables):
        if name not in texts:
            message = (
                Text(f"{name!r} enthält keine Texte.", f"{name!r} holds no texts.")
                if name in kinds
                else Text(f"Die Spalte {name!r} gibt es nicht.", f"There is no column {name!r}.")
            )
            yield Problem(message, "coding.yaml", field=f"variables[{index + 1}]", hint=nearest(name, texts))


# --- by rules -----------------------------------------------------------------------------------------------


def code_by_rules(answers: Iterable[OpenAnswer], frame: CodingFrame, coder: str = "rules") -> Coding:
    """Return the codes that words and patterns propose.

    An answer in which nothing is found, or in which a negation stands near a find, is left to a person:
    “keine Pflege” is no wish for care, “nicht nur Pflege” is one, and a rule cannot tell them apart.
    """
    codes: dict[Place, frozenset[str]] = {}
    left: dict[Place, Text] = {}
    for answer in answers:
        text = answer.text[:MAX_TEXT]
        found = {code.id: match for code in frame.codes if code.finder and (match := code.finder.search(text))}
        negated = next((match for match in found.values() if _is_negated(text, match)), None)
        if negated is not None:
            left[answer.place] = Text(
                f"Bei {negated[0]!r} steht eine Verneinung.", f"A negation stands near {negated[0]!r}."
            )
        elif found:
            codes[answer.place] = frozenset(found)
        else:
            left[answer.place] = Text("Keine Regel passt.", "No rule fits.")
    return Coding(coder, codes, left)


def _is_negated(text: str, match: re.Match[str]) -> bool:
    before = re.split(r"[.!?;]", text[: match.start()])[-1].split()[-_NEAR:]
    after = re.split(r"[.!?;,]", text[match.end() :])[0].split()[:_NEAR]
    return bool(_NEGATION.search(" ".join(before)) or _NEGATION.search(" ".join(after)))


# --- by hand -----------------------------------------------------------------------------------------------


def coder_sheet(answers: Sequence[OpenAnswer], frame: CodingFrame, places: Iterable[str] = ()) -> bytes:
    """Return a CSV file in which a coder ticks codes: one row per answer, one column per code.

    What may name a person is masked; `flagged` says what was. Nothing that a spreadsheet would take for a formula
    gets in.

    Parameters
    ----------
    answers
        From `open_answers`.
    frame
        The codes.
    places
        Names of places to mask as well.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, *(code.id for code in frame.all_codes), _NOTE])
    empty = [""] * (len(frame.all_codes) + 1)
    names = tuple(places)
    for answer in answers:
        flags = flag_personal(answer.text, names)
        kinds = " ".join(dict.fromkeys(flag.kind for flag in flags))
        shown = " ".join(masked(answer.text, flags).split())
        writer.writerow([*map(_harmless, (answer.sheet, answer.variable, shown)), kinds, *empty])
    return out.getvalue().encode("utf-8")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "'", "\t", "\r"} else cell


def read_coder_sheet(path: Path, frame: CodingFrame, *, coder: str | None = None) -> Coding:
    """Read a sheet that a coder has filled in.

    Parameters
    ----------
    path
        A CSV file as `coder_sheet` writes it, with commas or semicolons. `1`, `x` or `ja` tick a code; a row
        without a tick is not coded yet.
    frame
        The codes.
    coder
        Who coded; the name of the file without its ending where not given.

    Raises
    ------
    InputError
        The file is missing or unreadable, lacks a column or has one that is no code, holds something else than
        ticks, or an answer twice.
    """
    rows = _rows(path)
    header = [cell.strip() for cell in next(rows, (1, []))[1]]
    known = [code.id for code in frame.all_codes]
    raise_if(_header_problems(header, known, path.name))
    codes: dict[Place, frozenset[str]] = {}
    lines: dict[Place, int] = {}
    problems: list[Problem] = []
    for line, cells in rows:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        place = row.get("sheet", "").removeprefix("'"), row.get("variable", "").removeprefix("'")
        problems += _row_problems(row, place, lines, known, (path.name, line))
        lines.setdefault(place, line)
        ticked = frozenset(code for code in known if row.get(code, "").casefold() in _TICKED)
        if ticked:
            codes[place] = ticked
    raise_if(problems)
    return Coding(coder or path.stem, codes, {})


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every row that is not blank."""
    try:
        content = path.read_bytes()
    except OSError as error:
        why = reason(error)
        raise InputError.of(f"Nicht lesbar: {why.de}.", f"Cannot be read: {why.into('en')}.", file=str(path)) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # as spreadsheets save without being asked
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError.of(
            f"Keine gültige CSV-Datei: {error}.", f"Not a valid CSV file: {error}.", file=path.name, line=line
        ) from None


def _header_problems(header: list[str], known: list[str], name: str) -> Iterator[Problem]:
    for column in ("sheet", "variable", *known):
        if column not in header:
            yield Problem(
                Text(f"Die Spalte {column!r} fehlt.", f"The column {column!r} is missing."),
                name,
                1,
                column,
                Text("Den Codierbogen neu schreiben: --sheet-out.", "Write the coder's sheet anew: --sheet-out."),
            )
    for column in header:
        if column not in {*_COLUMNS, _NOTE, *known}:
            message = Text(f"{column!r} ist kein Code.", f"{column!r} is no code.")
            yield Problem(message, name, 1, column, nearest(column, known))


def _row_problems(
    row: Mapping[str, str], place: Place, lines: Mapping[Place, int], known: list[str], at: tuple[str, int]
) -> Iterator[Problem]:
    name, line = at
    if place in lines:
        yield Problem(
            Text(
                f"Bogen {place[0]!r}, {place[1]!r} steht schon in Zeile {lines[place]}.",
                f"Sheet {place[0]!r}, {place[1]!r} already stands in line {lines[place]}.",
            ),
            name,
            line,
        )
    for code in known:
        cell = row.get(code, "")
        if cell.casefold() not in _TICKED | _UNTICKED:
            yield Problem(
                Text(f"{cell!r} ist kein Häkchen.", f"{cell!r} is no tick."),
                name,
                line,
                code,
                Text("1 oder x ankreuzen, sonst leer lassen.", "Tick with 1 or x, otherwise leave it empty."),
            )


# --- together ---------------------------------------------------------------------------------------------------


def decide(codings: Sequence[Coding], final: Coding | None = None) -> Decided:
    """Return what coders agree on, what was decided where they did not, and what is still open.

    Parameters
    ----------
    codings
        One per coder. An answer that only one of them coded stands as coded.
    final
        A further sheet with the decisions on disagreements; it goes before all others.
    """
    codes: dict[Place, frozenset[str]] = {}
    by: dict[Place, str] = {}
    open_: list[Disagreement] = []
    for place in dict.fromkeys(place for coding in codings for place in coding.codes):
        given = tuple((coding.coder, coding.codes[place]) for coding in codings if place in coding.codes)
        if len({found for _, found in given}) == 1:
            codes[place], by[place] = given[0][1], ", ".join(coder for coder, _ in given)
        elif final is None or place not in final.codes:
            open_.append(Disagreement(place, given))
    for place, found in final.codes.items() if final else ():
        codes[place], by[place] = found, final.coder if final else ""
    return Decided(codes, by, tuple(open_))


def codes_csv(decided: Decided, frame: CodingFrame) -> bytes:
    """Return what stands as CSV: sheet, variable, a 1 or 0 per code, and who is answerable for it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    ids = [code.id for code in frame.all_codes]
    writer.writerow(["sheet", "variable", *ids, "by"])
    for place, codes in decided.codes.items():
        writer.writerow([*map(_harmless, place), *(int(id_ in codes) for id_ in ids), _harmless(decided.by[place])])
    return out.getvalue().encode("utf-8")


def apply_codes(responses: Responses, frame: CodingFrame, decided: Decided) -> Responses:
    """Return answers with one tick more per variable and code, and a logged step for every code given.

    The new variables are called ``VARIABLE_code_CODE``. An answer that was coded has every tick, true or false;
    one that is not coded yet has none (`INVALID`: something stands there that has no code); where no text was
    given, the state of the text stands.

    Raises
    ------
    InputError
        A variable of the frame does not exist, or the answers have a variable of such a name already.
    """
    places = {answer.place for answer in open_answers(responses, frame)}
    taken = {variable.name for variable in responses.variables}
    sheets = responses.sheets["sheet"].to_list()
    added: list[Variable] = []
    values: list[pl.Series] = []
    states: list[pl.Series] = []
    steps: list[Step] = []
    texts = {variable.name: variable for variable in responses.variables}
    for name in frame.variables:
        coded = [decided.codes.get((sheet, name)) if (sheet, name) in places else None for sheet in sheets]
        for code in frame.all_codes:
            variable = _code_variable(texts[name], code)
            if variable.name in taken:
                raise InputError.of(
                    f"Die Spalte {variable.name!r} gibt es schon.",
                    f"There already is a column {variable.name!r}.",
                    field=variable.name,
                )
            added.append(variable)
            ticks = [None if found is None else code.id in found for found in coded]
            values.append(pl.Series(variable.name, ticks, dtype=pl.Boolean))
            states.append(_states(responses.states[name], ticks).alias(variable.name))
            steps += _steps(name, code, sheets, ticks, decided)
    return replace(
        responses,
        variables=(*responses.variables, *added),
        values=responses.values.with_columns(values),
        states=responses.states.with_columns(states),
        steps=(*responses.steps, *steps),
    )


def _code_variable(text: Variable, code: Code) -> Variable:
    languages = text.label.languages or ("de",)
    labels = {language: f"{text.label.into(language)} – {_wording(code.label, language)}" for language in languages}
    return Variable(
        name=f"{text.name}_code_{code.id}",
        question=text.question,
        item=text.item,
        column=text.column,
        part=text.part,
        type="flag",
        label=Translations.of(labels),
    )


def _wording(label: Text, language: str) -> str:
    return label.into("en") if language.split("-", maxsplit=1)[0] == "en" else label.de


def _states(text: pl.Series, ticks: list[bool | None]) -> pl.Series:
    coded = pl.Series([tick is not None for tick in ticks], dtype=pl.Boolean)
    uncoded = ~coded & (text == int(State.ANSWERED))
    return text.set(uncoded, int(State.INVALID))


def _steps(
    name: str, code: Code, sheets: Sequence[str], ticks: Sequence[bool | None], decided: Decided
) -> Iterator[Step]:
    """Yield one step per coder for the sheets that were given a code."""
    by: dict[str, list[str]] = {}
    for sheet, tick in zip(sheets, ticks, strict=True):
        if tick:
            by.setdefault(decided.by[sheet, name], []).append(sheet)
    for coder, found in by.items():
        what = Text(
            f"{name}: Code „{code.label.de}“ ({code.id}) vergeben.",
            f"{name}: gave the code “{code.label.into('en')}” ({code.id}).",
        )
        yield Step("coded", what, len(found), tuple(found), coder)
