"""Answers for R and SPSS, as LimeSurvey exports them: a syntax file and a data file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.formats.exchange import Exported
from passgenau.formats.limesurvey.columns import Field, flat
from passgenau.formats.limesurvey.write_answers import csv_text, one_word, spelled
from passgenau.survey.variables import OTHER, Variable, variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passgenau.formats.limesurvey.write_answers import Written
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.survey.responses import Responses

_OTHER_CODE = "-oth-"
_NUMBERS = {"Y": "YN", "G": "FM", "C": "YNU", "E": "ISD"}
"""The letters that R and SPSS know by their place, from 1."""
_LABEL_LENGTH = 120  # of a value label in SPSS


def write_r(responses: Responses) -> Exported:
    """Return the answers for R: a syntax file and a CSV file, as LimeSurvey exports them."""
    written = spelled(responses)
    described = [*_system_columns(written), *_answer_columns(written)]
    data = csv_text([column.name for column in described], [column.cells for column in described])
    file = f"survey_{written.sid}_R_data_file.csv"
    files = {f"survey_{written.sid}_R_syntax_file.R": _r_syntax(described, file).encode(), file: data.encode()}
    return Exported("limesurvey-r", files, (*written.lost, *one_word(written, "R")))


def write_spss_text(responses: Responses) -> Exported:
    """Return the answers for SPSS as text: a syntax file and a data file, as LimeSurvey exports them."""
    written = spelled(responses)
    described = [*_system_columns(written), *_answer_columns(written)]
    file = f"survey_{written.sid}_SPSS_data_file.dat"
    lines = zip(*(_spss_cells(column) for column in described), strict=True)
    data = "".join(",".join(line) + "\n" for line in lines)
    syntax = "\ufeff" + _spss_syntax(described, file)
    files = {f"survey_{written.sid}_SPSS_syntax_file.sps": syntax.encode(), file: data.encode()}
    return Exported("limesurvey-spss", files, (*written.lost, *one_word(written, "SPSS")))


@dataclass(frozen=True, slots=True)
class _Described:
    """A column with what the syntax says of it."""

    name: str
    label: str
    kind: str  # F (number), A (text) or DATETIME23.2
    cells: list[str | None]
    labels: tuple[tuple[str, str], ...] = ()


def _system_columns(written: Written) -> Iterator[_Described]:
    for name, cells in written.system:
        kind = "DATETIME23.2" if name in {"submitdate", "datestamp"} else "F" if name in {"id", "lastpage"} else "A"
        yield _Described(name, name, kind, cells)


def _answer_columns(written: Written) -> Iterator[_Described]:
    language = written.questionnaire.languages[0]
    by_name = {variable.name: variable for variable in variables(written.questionnaire)}
    for field, cells in written.columns:
        variable = by_name.get(field.variable or "")
        labels = _labels(written.questionnaire, field, variable, language)
        coded = [_numbered(cell, field, variable) for cell in cells]
        numeric = all(code.lstrip("-").isdigit() for code, _ in labels) if labels else _is_numeric(variable)
        kind = "F" if numeric else "DATETIME23.2" if variable is not None and variable.type == "date" else "A"
        yield _Described(_variable_name(field), _label(field, language), kind, coded, labels)


def _variable_name(field: Field) -> str:
    """Return the name that R and SPSS take: with ``#`` for the second scale, as LimeSurvey writes it."""
    tail = field.tail.lstrip("_")
    return field.title + (f"_{tail}" if tail else "") + ("" if field.scale is None else f"_{field.scale}")


def _is_numeric(variable: Variable | None) -> bool:
    return variable is not None and variable.type == "number"


def _numbered(cell: str | None, field: Field, variable: Variable | None) -> str | None:
    """Return a cell as R and SPSS spell it: ticks as 1 and 0, fixed letters by their place."""
    if cell is None:
        return None
    if variable is not None and variable.type == "flag":
        return "1" if cell == "Y" else "0"
    letters = _NUMBERS.get(field.letter, "")
    return str(letters.index(cell) + 1) if cell and cell in letters else cell


def _labels(
    questionnaire: Questionnaire, field: Field, variable: Variable | None, language: str
) -> tuple[tuple[str, str], ...]:
    if field.position is not None:
        items = questionnaire.question(field.question).items
        return tuple((item.code or item.id, flat(item.text.into(language))) for item in items)
    if variable is None:
        return ()
    if variable.type == "flag":
        return (("1", "Yes"), ("0", "Not selected"))
    found = [
        (_numbered(category.spelling, field, None) or "", flat(category.label.into(language)))
        for category in variable.categories
        if category.id != OTHER
    ]
    if any(category.id == OTHER for category in variable.categories):
        other = next(category for category in variable.categories if category.id == OTHER)
        found.append((_OTHER_CODE, flat(other.label.into(language))))
    return tuple(found)


def _label(field: Field, language: str) -> str:
    parts = [flat(text.into(language)) for text in field.texts[1:]]
    if field.position is not None:
        parts = [f"Rank {field.position}"]
    if field.suffix:
        parts.append({"other": "Other", "comment": "Comment"}.get(field.suffix, field.suffix))
    if field.scale is not None:
        parts.append(f"Scale {field.scale + 1}")
    return " ".join([*(f"[{part}]" for part in parts), flat(field.texts[0].into(language))]).strip()


def _r_syntax(described: Sequence[_Described], file: str) -> str:
    options = 'stringsAsFactors=FALSE, fileEncoding="UTF-8-BOM"'
    lines = [f'data <- read.csv("{file}", quote = "\'\\"", na.strings=c("", "\\"\\""), {options})', ""]
    for place, column in enumerate(described, start=1):
        lines += [
            f"# LimeSurvey Field type: {column.kind}",
            f"data[, {place}] <- as.{'numeric' if column.kind == 'F' else 'character'}(data[, {place}])",
            f'attributes(data)$variable.labels[{place}] <- "{_r_text(column.label)}"',
        ]
        if column.labels:
            codes = ",".join(code if column.kind == "F" else f'"{_r_text(code)}"' for code, _ in column.labels)
            labels = ", ".join(f'"{_r_text(label)}"' for _, label in column.labels)
            lines.append(f"data[, {place}] <- factor(data[, {place}], levels=c({codes}),labels=c({labels}))")
        lines.append(f'names(data)[{place}] <- "{_r_text(column.name)}"')
    return "\n".join([*lines, ""])


def _r_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _spss_syntax(described: Sequence[_Described], file: str) -> str:
    kinds = "".join(f"\n V{i} {_spss_format(column)}" for i, column in enumerate(described, start=1))
    head = (
        f"SET UNICODE=ON.\nSET DECIMAL=DOT.\nGET DATA\n /TYPE=TXT\n /FILE='{file}'\n /DELCASE=LINE\n"
        ' /DELIMITERS=","\n /QUALIFIER="\'"\n /ARRANGEMENT=DELIMITED\n /FIRSTCASE=1\n /IMPORTCASE=ALL\n'
        f" /VARIABLES={kinds}.\nCACHE.\nEXECUTE."
    )
    parts = [head, "*Define Variable Properties."]
    parts += [f"VARIABLE LABELS V{i} {_spss_text(column.label)}." for i, column in enumerate(described, start=1)]
    parts.append("*Define Value labels.")
    for i, column in enumerate(described, start=1):
        if column.labels:
            said = "\n".join(
                f" {code if column.kind == 'F' else _spss_text(code)} {_spss_text(label[:_LABEL_LENGTH])}"
                for code, label in column.labels
            )
            parts.append(f"VALUE LABELS  V{i}\n{said}.")
    parts += [f"RENAME VARIABLE ( V{i} = {column.name} )." for i, column in enumerate(described, start=1)]
    return "\n".join([*parts, ""])


def _spss_format(column: _Described) -> str:
    if column.kind.startswith("DATE"):
        return column.kind
    width = max([1, *(len(cell.encode()) for cell in column.cells if cell)])
    if column.kind == "A":
        return f"A{width}"
    decimals = max([0, *(len(cell.partition(".")[2]) for cell in column.cells if cell)])
    return f"F{width}.{decimals}" if decimals else f"F{width}"


def _spss_text(text: str) -> str:
    doubled = text.replace('"', '""').replace("\n", " ")
    return f'"{doubled}"'


def _spss_cells(column: _Described) -> list[str]:
    return [_spss_cell(cell, column.kind) for cell in column.cells]


def _spss_cell(cell: str | None, kind: str) -> str:
    if cell is None or not cell:
        return ""
    if kind.startswith("DATE"):
        day, _, time = cell.partition(" ")
        cell = f"{'-'.join(reversed(day.split('-')))} {time}".strip()
    quoted = cell.replace("'", "''").replace("\n", " ")
    return f"'{quoted}'"
