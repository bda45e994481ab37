"""What statistics packages and tables have in common: columns with labels, and the questionnaire they tell of.

A data file holds columns; a questionnaire holds questions. `build` makes the second from the first: one
question per column, or per group of columns that belong together. Readers of SPSS, Stata, CSV and XLSX
describe their columns as `Column` and leave the rest to it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.exchange import Imported, Lost
from passgenau.survey.questionnaire import Item, NoAnswer, Point, Question, Questionnaire, Scale
from passgenau.survey.responses import NOT_SHOWN, REFUSED, Delivered
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passgenau.survey.questionnaire import Foreign
    from passgenau.survey.responses import Role

ColumnType = Literal["category", "number", "text", "date"]
GroupKind = Literal["multiple", "matrix"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a data file, with what the file says of it.

    Attributes
    ----------
    cells
        The values as text; codes that mean not shown or refused already stand as `NOT_SHOWN`, `REFUSED`.
    labels
        Codes with their labels, in the file's order; what means a missing value is not among them.
    no_answer
        Code and label of “keine Angabe”.
    """

    name: str
    label: str
    type: ColumnType
    cells: pl.Series
    labels: tuple[tuple[str, str], ...] = ()
    ordered: bool = False
    valued: bool = False  # the codes count in means
    no_answer: tuple[str, str] | None = None
    decimals: int = 0
    foreign: Foreign = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that one question filled."""

    name: str
    label: str
    kind: GroupKind
    members: tuple[str, ...]  # names of columns
    texts: tuple[str, ...]  # what each stands for
    ticked: str = "1"  # in a multiple choice: the cell that means yes
    foreign: Foreign = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class DataFile:
    """Everything a reader found in one file."""

    format: str
    name: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)  # by name of the column
    aside: frozenset[str] = frozenset()  # columns that stay in the table and answer no question of their own
    title: str | None = None
    introduction: str | None = None
    language: str = "de"
    version: str | None = None
    lost: tuple[Lost, ...] = ()
    guessed: tuple[Text, ...] = ()
    foreign: Foreign = field(default_factory=dict)
    first_line: int | None = None


# --- missing values, by their words -----------------------------------------------------------------

_REFUSED = re.compile(
    r"\s*(keine\s+(angaben?|antwort|auskunft)\b|k\.?\s?a\.?\s*$|(antwort\s+)?verweigert|refus|no\s+answer|n/?a$"
    r"|(prefer|choose|rather)\s+not\s+to|declined?\b|sans\s+réponse)",
    re.IGNORECASE,
)
_NOT_SHOWN = re.compile(
    r"nicht\s+(gezeigt|gefragt|gestellt|vorgelegt|erhoben|zutreffend)|trifft\s+nicht\s+zu|tnz\b|filter|entf[aä]llt"
    r"|not\s+(shown|asked|applicable|presented|displayed)|inapplicable|\binap\b|skip",
    re.IGNORECASE,
)


def means_refused(label: str) -> bool:
    """Whether a label says that an answer was declined."""
    return bool(_REFUSED.match(label))


def means_not_shown(label: str) -> bool:
    """Whether the label of a missing code says that the question was not asked."""
    return bool(_NOT_SHOWN.search(label))


# --- names ---------------------------------------------------------------------------------------------

_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "–": "-"})
_LONGEST = 64
_READABLE = 32  # characters of a code made from a heading


def code_of(name: str, fallback: str = "x") -> str:
    """Return a name as a stable code: umlauts spelled out, anything else that is no letter or digit an ``_``."""
    plain = unicodedata.normalize("NFKD", name.translate(_FOLDED)).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"^-(?=\d)", "m", plain.strip())  # a minus before a number: -1 and 1 are two codes
    found = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-")[:_LONGEST]
    return found or fallback


def _short_code(name: str, number: int) -> str:
    """Return a name as a code, or a number where the name is a whole sentence."""
    found = code_of(name)
    return found if len(found) <= _READABLE else f"a{number}"


def unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, and take it."""
    found, number = name, 2
    while found in taken:
        found = f"{name[: _LONGEST - 5]}_{number}"
        number += 1
    taken.add(found)
    return found


def spelled(value: float) -> str:
    """Return a number as data files spell a code: 1 rather than 1.0."""
    return str(int(value)) if value == int(value) else repr(value)


def numbers_as_text(series: pl.Series) -> pl.Series:
    """Return a column of numbers as text, whole ones without a point; no number is null."""
    values = series.cast(pl.Float64).fill_nan(None)
    whole = (values == values.floor()) & (values.abs() < 2.0**53)
    return (
        pl.select(
            pl.when(whole).then(values.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(values.cast(pl.String))
        )
        .to_series()
        .alias(series.name)
    )


_GERMAN = re.compile(
    r"\b(der|die|das|und|nicht|ist|wie|sie|ihre?|für|welche|keine|ja|nein|von|im|oder)\b", re.IGNORECASE
)
_ENGLISH = re.compile(r"\b(the|and|not|is|how|you|your|for|which|no|yes|of|in|or|what|do)\b", re.IGNORECASE)


def language_of(texts: Iterable[str]) -> str:
    """Return `de` or `en`, whichever the words of some labels are rather; German where nothing tells."""
    whole = " ".join(texts)
    return "en" if len(_ENGLISH.findall(whole)) > len(_GERMAN.findall(whole)) else "de"


# --- from columns to questions ----------------------------------------------------------------------------


def build(file: DataFile) -> Imported:
    """Return the questionnaire that a file's columns tell of, and its rows as answers.

    Raises
    ------
    InputError
        The file has no column that answers a question.
    """
    builder = _Builder(file)
    for column in file.columns:
        builder.add(column)
    if not builder.questions:
        raise InputError.of(
            "Keine Spalte enthält Antworten.",
            "No column holds answers.",
            file=file.name,
            hint=Text("Ist es die richtige Datei?", "Is it the right file?"),
        )
    return builder.imported()


class _Builder:
    """Collects questions, scales and columns while it walks through a file once."""

    def __init__(self, file: DataFile) -> None:
        self._file = file
        self._group = {member: group for group in file.groups for member in group.members}
        self._column = {column.name: column for column in file.columns}
        self._done: set[str] = set()
        self._names: set[str] = {""}  # of questions and of the variables they fill
        self._scales: dict[tuple[tuple[str, str], ...], str] = {}
        self._made: dict[str, Scale] = {}
        self._table = {column.name: column.cells.alias(column.name) for column in file.columns}
        self._answers: dict[str, str] = {}
        self.questions: list[Question] = []

    def add(self, column: Column) -> None:
        """Add the question that a column answers, unless it is known already or speaks of the sheet."""
        if column.name in self._file.roles or column.name in self._file.aside or column.name in self._done:
            return
        group = self._group.get(column.name)
        if group is None:
            self._done.add(column.name)
            self._single(column)
            return
        self._done.update(group.members)
        if group.kind == "multiple":
            self._multiple(group)
        else:
            self._matrix(group)

    def imported(self) -> Imported:
        """Return what was collected."""
        file = self._file
        questionnaire = Questionnaire(
            title=self._said(file.title) if file.title else None,
            introduction=self._said(file.introduction) if file.introduction else None,
            version=None,
            languages=(file.language,),
            scales=self._made,
            questions=tuple(self.questions),
            foreign=file.foreign,
        )
        answers = Delivered(
            table=pl.DataFrame(list(self._table.values())),
            columns=self._answers,
            roles={role: column for column, role in file.roles.items()},
            name=file.name,
            ticked=("1",),
            unticked=("0",),
            first_line=file.first_line,
        )
        return Imported(file.format, questionnaire, answers, file.lost, file.version, file.guessed)

    # -- one question ---------------------------------------------------------------------------------

    def _single(self, column: Column) -> None:
        name = self._reserved(column.name, ())
        common = {
            "id": name,
            "text": self._said(column.label),
            "code": column.name if column.name != name else None,
            "no_answer": self._no_answer(column),
            "foreign": column.foreign,
        }
        if column.type == "category" and column.ordered:
            question = Question(type="scale", scale=self._scale(name, column), **common)
        elif column.type == "category":
            question = Question(type="single", items=self._items(column.labels), **common)
        elif column.type == "number":
            question = Question(type="number", decimals=column.decimals, **common)
        else:
            question = Question(type=column.type, **common)
        self._answers[name] = column.name
        self.questions.append(question)

    def _multiple(self, group: Group) -> None:
        items = self._parts(group)
        name = self._reserved(group.name, [item.id for item in items])
        for item, member in zip(items, group.members, strict=True):
            self._answers[f"{name}_{item.id}"] = member
            self._table[member] = _as_tick(self._table[member], group.ticked)
        first = self._column[group.members[0]]
        question = Question(
            id=name,
            type="multiple",
            text=self._said(group.label),
            items=items,
            code=group.name if group.name != name else None,
            no_answer=self._no_answer(first),
            foreign=group.foreign,
        )
        self.questions.append(question)

    def _matrix(self, group: Group) -> None:
        items = self._parts(group)
        name = self._reserved(group.name, [item.id for item in items])
        self._answers.update({f"{name}_{item.id}": member for item, member in zip(items, group.members, strict=True)})
        first = self._column[group.members[0]]
        question = Question(
            id=name,
            type="matrix",
            text=self._said(group.label),
            items=items,
            scale=self._scale(name, first),
            code=group.name if group.name != name else None,
            no_answer=self._no_answer(first),
            foreign=group.foreign,
        )
        self.questions.append(question)

    # -- its parts ----------------------------------------------------------------------------------------

    def _parts(self, group: Group) -> tuple[Item, ...]:
        taken: set[str] = {"other"}  # the name of the open answer beside the items
        items: list[Item] = []
        for member, text in zip(group.members, group.texts, strict=True):
            short = member.removeprefix(group.name).strip("_.[] ") if member != group.name else member
            column = self._column[member]
            item = unique(_short_code(short, len(items) + 1), taken)
            items.append(Item(id=item, text=self._said(text), code=member, foreign=column.foreign))
        return tuple(items)

    def _items(self, labels: Sequence[tuple[str, str]]) -> tuple[Item, ...]:
        taken: set[str] = {"other"}
        items: list[Item] = []
        for code, label in labels:
            item = unique(_short_code(code, len(items) + 1), taken)
            items.append(Item(id=item, text=self._said(label), code=code if code != item else None))
        return tuple(items)

    def _scale(self, name: str, column: Column) -> str:
        """Return the name of the scale with a column's labels; the same labels share one scale."""
        key = (*column.labels, ("", f"{column.ordered}{column.valued}"))
        if key not in self._scales:
            taken: set[str] = set()
            points: list[Point] = []
            for code, label in column.labels:
                point = unique(_short_code(code, len(points) + 1), taken)
                points.append(
                    Point(
                        id=point,
                        text=self._said(label) if label != code else None,
                        value=float(code) if column.valued else None,
                        code=code if code != point else None,
                    )
                )
            self._scales[key] = name
            self._made[name] = Scale(points=tuple(points), ordered=column.ordered)
        return self._scales[key]

    def _no_answer(self, column: Column) -> NoAnswer | None:
        if column.no_answer is None:
            return None
        code, label = column.no_answer
        return NoAnswer(text=self._said(label), code=code)

    def _said(self, text: str) -> Translations:
        return Translations.of({self._file.language: text.strip()})

    def _reserved(self, name: str, items: Sequence[str]) -> str:
        """Return an id of a question whose variables bear names that no other variable bears."""
        wanted = code_of(name, "q")
        if len(wanted) > _READABLE:  # the heading is a whole sentence; it stays as `code`
            wanted = f"q{len(self.questions) + 1}"
        found, number = wanted, 2
        while not self._names.isdisjoint(self._variables(found, items)):
            found = f"{wanted[: _LONGEST - 5]}_{number}"
            number += 1
        self._names.update(self._variables(found, items))
        return found

    @staticmethod
    def _variables(name: str, items: Sequence[str]) -> set[str]:
        return {name, *(f"{name}_{item}" for item in items)}


def _as_tick(cells: pl.Series, ticked: str) -> pl.Series:
    """Return 1 for the cell that means yes and 0 for every other answer; missing values stay."""
    missing = cells.is_null() | cells.is_in(["", NOT_SHOWN, REFUSED])
    return (
        pl.select(pl.when(missing).then(cells).when(cells == ticked).then(pl.lit("1")).otherwise(pl.lit("0")))
        .to_series()
        .alias(cells.name)
    )


# --- columns that belong together ---------------------------------------------------------------------------

_YES = re.compile(
    r"\s*(ja|yes|oui|genannt|angekreuzt|ausgewählt|gewählt|selected|checked|mentioned|quoted|true|wahr|x|1)\W*$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\s*(nein|no|non|nicht\s+(genannt|angekreuzt|ausgewählt|gewählt)|not\s+(selected|checked|mentioned|quoted)"
    r"|unchecked|false|falsch|0)\W*$",
    re.IGNORECASE,
)
_STEM = re.compile(r"(?P<stem>.*[^_.\[\s])(?P<mark>_|\.|\[|\s\[)(?P<rest>[^_.\[\]]+)\]?$")
_COUNTED = re.compile(r"(?P<stem>.*\D)(?P<rest>\d+)$")
_SPLIT = re.compile(r"^(.*?\S(?:\s+[–—-]\s+|\s*[:?]\s+|\s*\[|\.\.\.\s*|…\s*))(?=\S)", re.DOTALL)
_SCALE_POINTS = 3  # labels from which equal ones speak for a matrix rather than for chance


def ticked_of(column: Column) -> str | None:
    """Return the code that means yes where a column holds ticks, or None where it holds something else."""
    if column.type == "category":
        yes = [code for code, label in column.labels if _YES.match(label)]
        others = [label for code, label in column.labels if code not in yes]
        if len(yes) == 1 and all(_NO.match(label) for label in others) and len(others) <= 1:
            return yes[0]
        if [code for code, _ in column.labels] == ["1"] and _seen(column) <= {"0", "1"}:
            return "1"
        return None
    if column.type == "number" and _seen(column) and _seen(column) <= {"0", "1"}:
        return "1"
    return None


def _seen(column: Column) -> set[str]:
    found = set(column.cells.drop_nulls().unique().to_list())
    return found - {"", NOT_SHOWN, REFUSED}


def find_groups(columns: Sequence[Column], taken: Iterable[str] = ()) -> tuple[tuple[Group, ...], tuple[Text, ...]]:
    """Return neighbouring columns with a common stem that look like one question, and the sentences that say so.

    Ticks with a common stem make a multiple choice, equal labels with a common stem a matrix.

    Parameters
    ----------
    columns
        In the file's order.
    taken
        Columns that belong elsewhere already.
    """
    away = set(taken)
    groups, said = [], []
    for run in _runs([column for column in columns if column.name not in away]):
        group = _ticks(run) or _rows(run)
        if group is not None:
            groups.append(group)
            said.append(_offered(group))
    return tuple(groups), tuple(said)


def _runs(columns: Sequence[Column]) -> list[list[Column]]:
    """Return neighbours that share a stem, at least two each."""
    runs: list[list[Column]] = []
    last: str | None = None
    for column in columns:
        stem = _stem(column)
        if stem is not None and stem == last:
            runs[-1].append(column)
        else:
            runs.append([column])
        last = stem
    return [run for run in runs if len(run) > 1]


def _stem(column: Column) -> str | None:
    found = _STEM.match(column.name)
    if found:
        return found["stem"]
    counted = _COUNTED.match(column.name)
    # v1, v2, v3 are mostly different questions: only a common beginning of their labels tells otherwise.
    head = _SPLIT.match(column.label)
    return f"{counted['stem']} {head[1]}" if counted and head else None


def _ticks(run: Sequence[Column]) -> Group | None:
    codes = {ticked_of(column) for column in run}
    if len(codes) != 1 or None in codes:
        return None
    return _group(run, "multiple", next(iter(codes)) or "1")


def _rows(run: Sequence[Column]) -> Group | None:
    first = run[0]
    alike = all(
        column.type == "category" and column.labels == first.labels and column.ordered == first.ordered
        for column in run
    )
    return _group(run, "matrix", "1") if alike and len(first.labels) >= _SCALE_POINTS else None


def _group(run: Sequence[Column], kind: GroupKind, ticked: str) -> Group:
    label, texts = split_labels([column.label for column in run])
    found = _STEM.match(run[0].name) or _COUNTED.match(run[0].name)
    stem = found["stem"] if found else run[0].name
    return Group(stem, label or stem, kind, tuple(column.name for column in run), texts, ticked)


def split_labels(labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the beginning that labels share up to a mark such as “–” or “:”, and what follows in each.

    Examples
    --------
    >>> split_labels(["Themen – Wohnen", "Themen – Pflege"])
    ('Themen', ('Wohnen', 'Pflege'))
    """
    heads = [_SPLIT.match(label) for label in labels]
    starts = {head[1] if head else "" for head in heads}
    if len(starts) != 1 or "" in starts:
        return "", tuple(labels)
    start = starts.pop()
    rest = tuple(label[len(start) :].strip() for label in labels)
    if start.rstrip().endswith("["):
        rest = tuple(text.removesuffix("]").strip() for text in rest)
    question = start.strip().removesuffix("[").strip().rstrip("–—:").rstrip(" -").strip()
    return question, tuple(text or label for text, label in zip(rest, labels, strict=True))


def _offered(group: Group) -> Text:
    first, last, count = group.members[0], group.members[-1], len(group.members)
    if group.kind == "multiple":
        return Text(
            f"{first!r} bis {last!r} ({count} Spalten mit Kreuzen) sind als Mehrfachauswahl {group.name!r} gelesen.",
            f"{first!r} to {last!r} ({count} columns of ticks) are read as one multiple choice {group.name!r}.",
        )
    return Text(
        f"{first!r} bis {last!r} ({count} Spalten mit gleichen Antworten) sind als eine Matrix {group.name!r} gelesen.",
        f"{first!r} to {last!r} ({count} columns with equal answers) are read as one matrix {group.name!r}.",
    )
