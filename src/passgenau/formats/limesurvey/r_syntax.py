"""LimeSurvey's export for R: a syntax file with names, labels and codes, and a CSV file with the values."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passgenau.errors import InputError
from passgenau.formats import intake
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.limesurvey.answers import deliver
from passgenau.formats.limesurvey.guessing import Codebook, CodedColumn, guess
from passgenau.formats.limesurvey.sources import Source, read_text
from passgenau.text import Text
from passgenau.translations import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from passgenau.survey.questionnaire import Questionnaire

_STRING = r'"((?:[^"\\]|\\.)*)"'
_DATA = re.compile(rf"read\.csv\(\s*{_STRING}")
_LABEL = re.compile(rf"^attributes\(data\)\$variable\.labels\[(\d+)\]\s*<-\s*{_STRING}", re.DOTALL)
_NAME = re.compile(rf"^names\(data\)\[(\d+)\]\s*<-\s*{_STRING}")
_TYPE = re.compile(r"^data\[\s*,\s*(\d+)\]\s*<-\s*as\.(\w+)\(")
_FACTOR = re.compile(
    r"^data\[\s*,\s*(\d+)\]\s*<-\s*factor\(data\[\s*,\s*\d+\],\s*levels\s*=\s*c\((.*?)\)\s*,\s*labels\s*=\s*c\((.*)\)\s*"
    r"(,\s*ordered\s*=\s*TRUE\s*)?\)\s*$",
    re.DOTALL,
)
_KIND = re.compile(r"^#\s*LimeSurvey Field type:\s*(\w+)")
_VALUE = re.compile(rf"{_STRING}|(-?[\w.]+)")
_TYPES = {"numeric": "number", "character": "text"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class _Draft:
    name: str = ""
    label: str = ""
    type: str = "text"
    categories: tuple[tuple[str, str], ...] = ()
    ordered: bool = False


def read_syntax(content: bytes, name: str) -> Codebook:
    """Return what an R syntax file of LimeSurvey says of its columns.

    Nothing is run: names, labels and codes are read from the lines that LimeSurvey writes.

    Raises
    ------
    InputError
        The file holds none of these lines.
    """
    text = intake.decode(content, name).text
    drafts: dict[int, _Draft] = {}
    kind = ""
    for statement in _statements(text):
        if found := _KIND.match(statement):
            kind = found[1]
        elif found := _TYPE.match(statement):
            draft = drafts.setdefault(int(found[1]), _Draft())
            draft.type = "date" if kind.startswith(("DATETIME", "SDATE")) else _TYPES.get(found[2], "text")
        elif found := _LABEL.match(statement):
            drafts.setdefault(int(found[1]), _Draft()).label = _plain(found[2])
        elif found := _NAME.match(statement):
            drafts.setdefault(int(found[1]), _Draft()).name = _plain(found[2])
        elif found := _FACTOR.match(statement):
            draft = drafts.setdefault(int(found[1]), _Draft())
            draft.categories = tuple(zip(_values(found[2]), _values(found[3]), strict=False))
            draft.ordered = found[4] is not None
    if not any(draft.name for draft in drafts.values()):
        raise InputError.of(
            "Das ist keine R-Syntax von LimeSurvey: keine Zeile names(data)[…].",
            "This is no R syntax of LimeSurvey: no line names(data)[…].",
            file=name,
            hint=Text(
                "In LimeSurvey „Antworten exportieren“ → „R (Syntaxdatei)“ wählen.",
                "Choose “Export results” → “R (syntax file)” in LimeSurvey.",
            ),
        )
    data = _DATA.search(text)
    columns = tuple(
        CodedColumn(draft.name or f"V{place}", draft.label, draft.type, draft.categories, draft.ordered)
        for place, draft in sorted(drafts.items())
    )
    return Codebook(columns, name, _plain(data[1]) if data else "")


def _statements(text: str) -> Iterator[str]:
    """Yield the statements of the file: a line, or several where a text goes on over a line break."""
    pending = ""
    for line in text.splitlines():
        pending = f"{pending}\n{line}" if pending else line
        if pending.lstrip().startswith("#") or len(re.findall(r'(?<!\\)(?:\\\\)*"', pending)) % 2 == 0:
            yield pending.strip()
            pending = ""
    if pending:
        yield pending.strip()


def _plain(said: str) -> str:
    return _ESCAPED.sub(lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), said).strip()


def _values(listed: str) -> list[str]:
    return [_plain(text) if text or not bare else bare for text, bare in _VALUE.findall(listed)]


def read_r(  # noqa: PLR0913 -- two files with their names, and what is known beside them
    syntax: bytes | None,
    syntax_name: str,
    data: bytes | None,
    data_name: str,
    structure: Questionnaire | None = None,
    *,
    keep: Collection[str] = (),
    language: str | None = None,
) -> Imported:
    """Return what LimeSurvey's export for R holds.

    Parameters
    ----------
    syntax, syntax_name
        `survey_…_R_syntax_file.R`; None where only the data file is there, which then keeps its raw columns.
    data, data_name
        `survey_…_R_data_file.csv`; None where only the syntax is there.
    structure
        The questionnaire, from a `.lss` file; without it one is guessed from the syntax.
    keep
        Columns of the invited to take over.
    language
        The language of the labels, which the syntax does not say; where it is not known, the one that most
        respondents began in, else English.

    Returns
    -------
    Imported
        `guessed` says what was assumed.

    Raises
    ------
    InputError
        A file is no export for R, or the two do not belong together.
    """
    codebook = read_syntax(syntax, syntax_name) if syntax is not None else None
    source = None
    if data is not None:
        source = read_text(data, data_name)
        if codebook is not None:
            source = named(source, codebook)
    return joined("limesurvey-r", codebook, source, structure, keep=keep, language=language)


def named(source: Source, codebook: Codebook) -> Source:
    """Give the columns of a data file the names of its syntax, which follow the same order.

    Data files may hold more columns behind those described, such as timings; they keep their own headings.

    Raises
    ------
    InputError
        The data file has fewer columns than the syntax describes.
    """
    described = len(codebook.columns)
    if len(source.headings) < described:
        raise InputError.of(
            f"{len(source.headings)} Spalten, aber die Syntax {codebook.name} beschreibt {len(codebook.columns)}.",
            f"{len(source.headings)} columns, but the syntax {codebook.name} describes {len(codebook.columns)}.",
            file=source.name,
            line=1 if source.first_line else None,
            hint=Text(
                "Beide Dateien in einem Zug ausgeben lassen, ohne Spalten zu löschen.",
                "Export both files at one go, without deleting columns.",
            ),
        )
    names = (*(column.name for column in codebook.columns), *source.headings[described:])
    return replace(source, headings=names, numbered=True)


def joined(  # noqa: PLR0913 -- what was read, and what is known beside it
    format_: str,
    codebook: Codebook | None,
    source: Source | None,
    structure: Questionnaire | None,
    *,
    keep: Collection[str],
    language: str | None,
) -> Imported:
    """Return questionnaire and answers of an export with a syntax file."""
    guessed: tuple[Text, ...] = ()
    lost: tuple[Lost, ...] = ()
    questionnaire = structure
    if questionnaire is None and codebook is not None:
        questionnaire, guessed = guess(codebook, language or _spoken(source))
    answers = None
    if source is not None:
        read = deliver(source, questionnaire, keep=keep)
        answers, lost = read.delivered, read.lost
    return Imported(format_, questionnaire, answers, lost, guessed=guessed)


def _spoken(source: Source | None) -> str:
    """Return the language that most respondents began in; English where none is told."""
    if source is None or "startlanguage" not in source.headings:
        return "en"
    begun = Counter(source.table[f"c{source.headings.index('startlanguage')}"].drop_nulls().to_list())
    told = [code for code, _ in begun.most_common() if LANGUAGE.match(code)]
    return told[0] if told else "en"
