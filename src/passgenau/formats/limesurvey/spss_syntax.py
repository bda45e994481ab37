"""LimeSurvey's export for SPSS as text: a syntax file with names, labels and codes, and a file with the values."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passgenau.errors import InputError
from passgenau.formats import intake
from passgenau.formats.limesurvey.guessing import Codebook, CodedColumn
from passgenau.formats.limesurvey.r_syntax import joined, named
from passgenau.formats.limesurvey.sources import read_text
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from passgenau.formats.exchange import Imported
    from passgenau.survey.questionnaire import Questionnaire

_TOKEN = re.compile(r"\"((?:[^\"]|\"\")*)\"|'((?:[^']|'')*)'|([^\s\"'=+()/.,]+(?:\.\d+)?)|(\+)")
_VARIABLES = re.compile(r"/VARIABLES\s*=(.*?)\.\s*$", re.DOTALL | re.IGNORECASE)
_FILE = re.compile(r"/FILE\s*=\s*(?:'([^']*)'|\"([^\"]*)\")", re.IGNORECASE)
_COMMAND = re.compile(
    r"^\s*(VARIABLE\s+LABELS?|VALUE\s+LABELS?|RENAME\s+VARIABLES?|GET\s+DATA)\b(.*)$", re.DOTALL | re.IGNORECASE
)


@dataclass(slots=True)
class _Draft:
    name: str
    type: str = "text"
    label: str = ""
    categories: tuple[tuple[str, str], ...] = ()


def read_syntax(content: bytes, name: str) -> Codebook:
    """Return what an SPSS syntax file of LimeSurvey says of its columns.

    Read are the list of variables, VARIABLE LABELS, VALUE LABELS and RENAME VARIABLE; all other commands are
    passed over.

    Raises
    ------
    InputError
        The file lists no variables.
    """
    text = intake.decode(content, name).text
    drafts: dict[str, _Draft] = {}
    data = ""
    for command in _commands(text):
        found = _COMMAND.match(command)
        if not found:
            continue
        what, rest = found[1].split()[0].upper() + found[1].split()[1].upper()[:5], found[2]
        if what == "GETDATA":
            data = next((a or b for a, b in _FILE.findall(rest)), "")
            drafts = _listed(rest)
        elif what == "VARIABLELABEL":
            _label(rest, drafts)
        elif what == "VALUELABEL":
            _categories(rest, drafts)
        else:
            _rename(rest, drafts)
    if not drafts:
        raise InputError.of(
            "Das ist keine SPSS-Syntax von LimeSurvey: keine Liste /VARIABLES=.",
            "This is no SPSS syntax of LimeSurvey: no list /VARIABLES=.",
            file=name,
            hint=Text(
                "In LimeSurvey „Export“ → „Antworten nach SPSS“ wählen, dort die Syntaxdatei.",
                "Choose “Export” → “Responses to SPSS” in LimeSurvey, and there the syntax file.",
            ),
        )
    columns = tuple(CodedColumn(d.name, d.label, d.type, d.categories) for d in drafts.values())
    return Codebook(columns, name, data.replace("\\", "/").rsplit("/", 1)[-1])


def _commands(text: str) -> Iterator[str]:
    """Yield the commands: each ends in a full stop at the end of a line, outside quotes; comments are left out."""
    pending: list[str] = []
    for line in text.splitlines():
        if not pending and (line.lstrip().startswith("*") or not line.strip()):
            continue
        pending.append(line)
        whole = "\n".join(pending)
        if line.rstrip().endswith(".") and not _open(whole):
            yield whole
            pending = []
    if pending:
        yield "\n".join(pending)


def _open(text: str) -> bool:
    """Whether a quoted text is not yet closed."""
    quote = ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
    return bool(quote)


def _listed(rest: str) -> dict[str, _Draft]:
    found = _VARIABLES.search(rest)
    words = found[1].split() if found else []
    return {
        name: _Draft(
            name, "date" if kind.startswith(("DATE", "SDATE")) else "number" if kind.startswith("F") else "text"
        )
        for name, kind in zip(words[::2], (word.upper() for word in words[1::2]), strict=False)
    }


def _tokens(rest: str) -> list[str]:
    """Return words and quoted texts; texts joined by ``+`` over several lines are one."""
    found: list[str] = []
    joining = False
    for double, single, bare, plus in _TOKEN.findall(rest):
        if plus:
            joining = True
            continue
        said = bare or double.replace('""', '"') or single.replace("''", "'")
        if joining and found:
            found[-1] += said
        else:
            found.append(said)
        joining = False
    return found


def _label(rest: str, drafts: dict[str, _Draft]) -> None:
    tokens = _tokens(rest)
    for name, label in zip(tokens[::2], tokens[1::2], strict=False):
        if name in drafts:
            drafts[name].label = label.strip()


def _categories(rest: str, drafts: dict[str, _Draft]) -> None:
    for part in re.split(r"\n\s*/", rest):
        tokens = _tokens(part)
        if tokens and tokens[0] in drafts:
            drafts[tokens[0]].categories = tuple(zip(tokens[1::2], tokens[2::2], strict=False))


def _rename(rest: str, drafts: dict[str, _Draft]) -> None:
    for old, new in re.findall(r"([^\s=()]+)\s*=\s*([^\s=()]+)", rest):
        if old in drafts:
            drafts[old].name = new


def read_spss_text(  # noqa: PLR0913 -- two files with their names, and what is known beside them
    syntax: bytes | None,
    syntax_name: str,
    data: bytes | None,
    data_name: str,
    structure: Questionnaire | None = None,
    *,
    keep: Collection[str] = (),
    language: str | None = None,
) -> Imported:
    """Return what LimeSurvey's export for SPSS holds, as `r_syntax.read_r` does for R.

    Parameters
    ----------
    syntax, syntax_name
        `survey_…_SPSS_syntax_file.sps`, or None.
    data, data_name
        `survey_…_SPSS_data_file.dat`, or None.
    structure
        The questionnaire, from a `.lss` file; without it one is guessed from the syntax.
    keep
        Columns of the invited to take over.
    language
        The language of the labels, which the syntax does not say; where it is not known, the one that most
        respondents began in, else English.

    Raises
    ------
    InputError
        A file is no such export, or the two do not belong together.
    """
    codebook = read_syntax(syntax, syntax_name) if syntax is not None else None
    source = None
    if data is not None:
        source = replace(read_text(data, data_name, quote="'", header=False), first_line=1)
        if codebook is not None:
            source = named(source, codebook)
    return joined("limesurvey-spss", codebook, source, structure, keep=keep, language=language)
