"""Every format under one roof: which one a file is in, reading it, and writing another.

A file is told by its content first and by its ending second. What only one format needs is loaded when it is used.
"""

from __future__ import annotations

import difflib
import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.exchange import Exported, Imported, Lost
from passgenau.formats.intake import MAX_ANSWERS, MAX_RESULTS, MAX_STRUCTURE, read_bytes, read_head
from passgenau.reading import nearest
from passgenau.survey.responses import Delivered
from passgenau.survey.variables import variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from passgenau.formats.guessing import Described
    from passgenau.formats.tables import Table
    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Responses
    from passgenau.survey.variables import Variable


@dataclass(frozen=True, slots=True)
class Format:
    """One format that is read, written, or both."""

    name: str
    title: str
    endings: tuple[str, ...]
    reads: bool = True
    writes: bool = True


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format("passgenau", "passgenau (questionnaire.yaml, responses.csv)", (".yaml", ".yml")),
        Format("limesurvey-lss", "LimeSurvey, survey structure", (".lss",)),
        Format("limesurvey-lsg", "LimeSurvey, one group", (".lsg",), writes=False),
        Format("limesurvey-lsq", "LimeSurvey, one question", (".lsq",), writes=False),
        Format("limesurvey-txt", "LimeSurvey, tab-separated structure", (".txt",)),
        Format("limesurvey-dump", "LimeSurvey before 1.90, survey as CSV", (), writes=False),
        Format("limesurvey-lsa", "LimeSurvey, archive with answers", (".lsa",)),
        Format("limesurvey-lsr", "LimeSurvey, answers", (".lsr",), writes=False),
        Format("limesurvey-csv", "LimeSurvey, answers as CSV", ()),
        Format("limesurvey-r", "LimeSurvey, R syntax and data", ()),
        Format("limesurvey-spss", "LimeSurvey, SPSS syntax and data", (".sps",)),
        Format("surveyjs", "SurveyJS JSON", (".json",)),
        Format("xlsform", "XLSForm", ()),
        Format("ddi", "DDI-Codebook", (".xml",)),
        Format("spss", "SPSS data file", (".sav", ".zsav")),
        Format("stata", "Stata data file", (".dta",)),
        Format("csv", "CSV or TSV", (".csv", ".tsv", ".tab")),
        Format("xlsx", "Excel or LibreOffice table", (".xlsx", ".xls", ".ods", ".xlsm")),
        Format("r", "R loading script with data", (".r",), reads=False),
        Format("python", "Python loading script with data", (".py",), reads=False),
    )
}
"""By name, as `--from` and `--to` take it."""

_HEAD = 2**16


def format_named(name: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    InputError
        There is none.
    """
    if name not in FORMATS:
        raise InputError.of(
            f"Das Format {name!r} gibt es nicht.", f"There is no format {name!r}.", hint=nearest(name, FORMATS)
        )
    return FORMATS[name]


# --- telling formats apart ----------------------------------------------------------------------------------


def sniff(path: Path) -> Format:
    """Return the format of a file, by its content, then by its ending.

    Raises
    ------
    InputError
        The file cannot be read, is empty, or is of no format known here.
    """
    head = _head(path)
    for tell in (_binary, _archived, _marked, _json, _texts):
        found = tell(head, path)
        if found is not None:
            return FORMATS[found]
    raise _unknown(path)


def _head(path: Path) -> bytes:
    return read_head(path, _HEAD)


def _unknown(path: Path) -> InputError:
    known = ", ".join(dict.fromkeys(ending for entry in FORMATS.values() if entry.reads for ending in entry.endings))
    return InputError.of(
        "Diese Datei ist in keinem Format, das hier gelesen wird.",
        "This file is in no format that is read here.",
        file=path.name,
        hint=Text(
            f"Gelesen werden {known}; sonst das Format mit --from nennen.",
            f"Read are {known}; else name the format with --from.",
        ),
    )


def _binary(head: bytes, path: Path) -> str | None:
    from passgenau.formats import spss, stata  # noqa: PLC0415 -- only their signatures

    if head.startswith(spss.SIGNATURES):
        return "spss"
    if head.startswith(stata.SIGNATURE) or (path.suffix.lower() == ".dta" and head[0] in stata.OLD_VERSIONS):
        return "stata"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xlsform" if _is_form(path) else "xlsx"
    return None


def _archived(head: bytes, path: Path) -> str | None:
    if not head.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            book = archive.read("xl/workbook.xml")[:_HEAD] if _small(archive, "xl/workbook.xml") else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError, KeyError, zlib.error):
        return "limesurvey-lsa" if path.suffix.lower() == ".lsa" else "xlsx"
    if any(name.lower().endswith(".lss") for name in names) or path.suffix.lower() == ".lsa":
        return "limesurvey-lsa"
    named = re.findall(r'<(?:\w+:)?sheet\s[^>]*?name="([^"]*)"', book.decode("utf-8", "ignore"))
    return "xlsform" if "survey" in {name.lower() for name in named} and _is_form(path) else "xlsx"


def _is_form(path: Path) -> bool:
    """Whether a workbook has a sheet `survey` beside `choices` or `settings`, or one with columns `type` and `name`."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 -- for workbooks only

    try:
        if path.stat().st_size > MAX_STRUCTURE:
            return False
        book = CalamineWorkbook.from_path(path)
        sheets = {name.lower(): name for name in book.sheet_names}
        if "survey" not in sheets or sheets.keys() & {"choices", "settings"}:
            return "survey" in sheets
        heading = book.get_sheet_by_name(sheets["survey"]).to_python(nrows=1)
    except (CalamineError, OSError, ValueError, OverflowError):
        return False
    return bool(heading) and {"type", "name"} <= {str(cell).strip().lower() for cell in heading[0]}


def _small(archive: zipfile.ZipFile, name: str) -> bool:
    return name in archive.namelist() and archive.getinfo(name).file_size < _HEAD * 16


def _marked(head: bytes, path: Path) -> str | None:
    text = _text(head)
    if not text.lstrip().startswith("<"):
        return None
    kind = re.search(r"<LimeSurveyDocType>\s*(\w+)", text)
    if kind:
        found = {"survey": "lss", "group": "lsg", "question": "lsq", "responses": "lsr"}.get(kind[1].lower())
        return f"limesurvey-{found}" if found else "limesurvey-lss"
    if re.search(r"<(\w+:)?codeBook[\s>]", text):
        return "ddi"
    by_ending = _by_ending(path)
    if by_ending == "csv":  # a heading may begin with a tag
        return None
    if by_ending and (by_ending.startswith("limesurvey") or by_ending == "ddi"):
        return by_ending
    raise _unknown(path)


def _json(head: bytes, path: Path) -> str | None:
    start = _text(head).lstrip()
    if not start.startswith(("{", "[")) or path.suffix.lower() in {".yaml", ".yml", ".csv"}:
        return None
    return "surveyjs"


def _texts(head: bytes, path: Path) -> str | None:  # noqa: PLR0911 -- one return per sign
    text, name = _text(head), path.name
    by_ending = _by_ending(path)
    if by_ending == "passgenau":
        return by_ending
    first = text.lstrip("\ufeff").split("\n", 1)[0].lower()
    if "type/scale" in first and "class" in first:
        return "limesurvey-txt"
    if re.match(r'"?#\s*(limesurvey|phpsurveyor) (survey|group|question) dump', first):
        return "limesurvey-dump"
    if _FORM_IN_TEXT.match(text):
        return "xlsform"
    if by_ending == "limesurvey-spss" or re.search(r"(?m)^(GET DATA|VARIABLE LABELS|DATA LIST)\b", text):
        return "limesurvey-spss"
    if name.lower().endswith(".r") or "attributes(data)$variable.labels" in text:
        return "limesurvey-r"
    if re.search(r"(?m)^questions:\s*$", text):
        return "passgenau"
    if "\x00" in text[:1000]:
        return None
    return "csv" if by_ending in {None, "csv", "limesurvey-txt"} else by_ending


_FORM_IN_TEXT = re.compile(
    r'\ufeff?\s*\|?\s*"?survey"?\s*[,|][\s,|]*\n[\s,|]*"?(?=[^\n]*\bname\b)[^\n]*\btype\b', re.IGNORECASE
)
"""How an XLSForm begins that was saved as CSV or Markdown: the name of the sheet alone, then its headings."""


def _text(head: bytes) -> str:
    """Return the beginning of a file as text, whatever its encoding."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head[: len(head) // 2 * 2].decode("utf-16", "ignore")
    if head[:4096].count(0) > len(head[:4096]) // 4:  # UTF-16 without a mark
        return head.replace(b"\x00", b"").decode("latin-1")
    return head.decode("utf-8", "ignore")


def _by_ending(path: Path) -> str | None:
    ending = path.suffix.lower()
    return next((name for name, entry in FORMATS.items() if ending in entry.endings), None)


# --- reading ---------------------------------------------------------------------------------------------------


def read_any(
    path: Path,
    answers: Path | None = None,
    *,
    form: str | None = None,
    codebook: Path | None = None,
    survey: int | None = None,
) -> Imported:
    """Read a file of any format, and answers that lie in a file of their own.

    Parameters
    ----------
    path
        A questionnaire, answers, or both; a folder of a study for its `questionnaire.yaml`.
    answers
        Answers to the questionnaire in `path`.
    form
        Name of the format of `path`, where its content does not tell.
    codebook
        What the columns of a table mean.
    survey
        Number of the survey to read where an archive of LimeSurvey holds several.

    Raises
    ------
    InputError
        The format is not known or not read, or a file cannot be used; the message names it.
    """
    if path.is_dir():
        path /= "questionnaire.yaml"
    kind = format_named(form) if form is not None else sniff(path)
    if not kind.reads:
        raise InputError.of(
            f"{kind.title}: dieses Format wird geschrieben, aber nicht gelesen.",
            f"{kind.title}: this format is written, not read.",
            file=path.name,
        )
    if survey is not None:
        _check_archive(kind, path)
        found = _limesurvey_archive(path, answers, codebook, survey)
    else:
        found = _READERS[kind.name](path, answers, codebook)
    return found if answers is None or kind.name in _TAKES_ANSWERS else _with_answers(found, answers)


def _limesurvey_structure(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    from passgenau.formats.limesurvey.structure import read_structure  # noqa: PLC0415 -- loads what it needs

    return read_structure(read_bytes(path), path.name)


def _check_archive(kind: Format, path: Path) -> None:
    if kind.name != "limesurvey-lsa":
        raise InputError.of(
            f"{kind.title}: darin steht nur eine Umfrage.",
            f"{kind.title}: it holds one survey only.",
            file=path.name,
            field="--survey",
            hint=Text(
                "--survey wählt eine Umfrage in einem Archiv (.lsa) oder auf einem Server; hier weglassen.",
                "--survey chooses a survey in an archive (.lsa) or on a server; leave it out here.",
            ),
        )


def _limesurvey_archive(
    path: Path, _answers: Path | None, _codebook: Path | None, survey: int | None = None
) -> Imported:
    from passgenau.formats.limesurvey.archive import read_archive  # noqa: PLC0415 -- loads what it needs

    return read_archive(read_bytes(path, MAX_ANSWERS), path.name, survey_id=survey)


def _limesurvey_answers(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    from passgenau.formats.limesurvey.answers import answers_of  # noqa: PLC0415 -- loads what it needs

    found = answers_of(read_bytes(path, MAX_ANSWERS), path.name)
    form = "limesurvey-lsr" if path.suffix.lower() == ".lsr" else "limesurvey-csv"
    return Imported(form, None, found.delivered, found.lost, None, found.guessed)


def _limesurvey_syntax(path: Path, answers: Path | None, codebook: Path | None) -> Imported:
    from passgenau.formats.limesurvey.r_syntax import read_r  # noqa: PLC0415 -- loads what it needs
    from passgenau.formats.limesurvey.spss_syntax import read_spss_text  # noqa: PLC0415 -- likewise

    del codebook
    read = read_spss_text if path.suffix.lower() == ".sps" else read_r
    syntax = read_bytes(path)
    beside = None if answers is not None else _data_beside(path, syntax)
    data = answers or beside
    content = read_bytes(data, MAX_ANSWERS) if data is not None else None
    found = read(syntax, path.name, content, data.name if data is not None else "")
    return found if answers is not None else replace(found, guessed=(_where_from(path, beside), *found.guessed))


def _data_beside(path: Path, syntax: bytes) -> Path | None:
    """Return the data file that lies beside a syntax for R or SPSS: named alike, or named in the syntax."""
    named = re.search(r"read\.csv\(\s*\"([^\"]+)\"|/FILE\s*=\s*['\"]([^'\"]+)['\"]", _text(syntax[:_HEAD]))
    stem = re.sub("syntax", "data", path.stem, flags=re.IGNORECASE)
    plain = re.sub("_?(r_|spss_)?syntax(_file)?", "", path.stem, flags=re.IGNORECASE)
    names = [f"{name}{ending}" for name in (stem, plain) if name != path.stem for ending in (".csv", ".dat")]
    if named:
        names.insert(2, re.split(r"[\\/]", named[1] or named[2])[-1])
    return next((path.with_name(name) for name in names if path.with_name(name).is_file()), None)


def _where_from(path: Path, data: Path | None) -> Text:
    if data is None:
        return Text(
            f"{path.name}: keine Datei mit Antworten daneben gefunden; mit --answers nennen.",
            f"{path.name}: no file of answers found beside it; name it with --answers.",
        )
    return Text(f"Antworten aus {data.name}, das daneben liegt.", f"Answers from {data.name}, which lies beside it.")


def _surveyjs(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    return _imported("passgenau.formats.surveyjs", "read_surveyjs", path)


def _xlsform(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    return _imported("passgenau.formats.xlsform", "read_xlsform", path)


def _ddi(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    return _imported("passgenau.formats.ddi", "read_ddi", path)


def _imported(module: str, function: str, path: Path) -> Imported:
    read: Callable[[bytes, str], Imported] = getattr(import_module(module), function)
    return read(read_bytes(path), path.name)


def _spss(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    from passgenau.formats.spss import read_spss  # noqa: PLC0415 -- loads pandas

    return read_spss(path)


def _stata(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    from passgenau.formats.stata import read_stata  # noqa: PLC0415 -- loads pandas

    return read_stata(path)


def _passgenau(path: Path, _answers: Path | None, _codebook: Path | None) -> Imported:
    from passgenau.survey.questionnaire_file import read_questionnaire  # noqa: PLC0415 -- for this format only

    read_bytes(path)  # within bounds
    return Imported("passgenau", read_questionnaire(path))


def _table(path: Path, answers: Path | None, codebook: Path | None) -> Imported:
    from passgenau.formats.codebook import read_codebook  # noqa: PLC0415 -- for tables only
    from passgenau.formats.guessing import guess  # noqa: PLC0415 -- likewise
    from passgenau.formats.tables import read_table  # noqa: PLC0415 -- likewise

    table = read_table(path)
    form = "xlsx" if table.sheet is not None else "csv"
    if {"row", "of", "id", "more"} <= set(table.frame.columns):
        told = read_codebook(path)
        return Imported("codebook", told) if not isinstance(told, dict) else guess(table, form)
    known = read_codebook(codebook) if codebook is not None else None
    if known is None and "codebook" in table.others:
        known = read_codebook(path, sheet="codebook")
    if known is None and answers is not None and _is_codebook(table):
        known, table = read_codebook(path), read_table(answers)
    if known is None or isinstance(known, dict):
        if isinstance(known, dict):
            _check_known(known, table, codebook or path)
        return guess(table, form, known)
    if form == "csv" and _is_own(_head(path), known):
        from passgenau.survey.answer_files import read_answers  # noqa: PLC0415 -- for this format only

        return Imported(form, known, read_answers(path, known))
    return _unmatched(Imported(form, known, match_answers(table, known), guessed=table.guessed))


def _is_codebook(table: Table) -> bool:
    names = {column.strip().lower() for column in table.frame.columns}
    return bool(names & {"variable", "variablenname"}) and bool(names & {"label", "wertelabel", "code", "wert"})


def _check_known(known: dict[str, Described], table: Table, codebook: Path) -> None:
    if not set(known) & set(table.frame.columns):
        first = next(iter(known), "")
        raise InputError.of(
            f"Keine Variable des Codebuchs ist eine Spalte von {table.name}; die erste heißt {first!r}.",
            f"No variable of the codebook is a column of {table.name}; the first is {first!r}.",
            file=codebook.name,
            hint=nearest(first, table.frame.columns),
        )


_READERS: dict[str, Callable[[Path, Path | None, Path | None], Imported]] = {
    "passgenau": _passgenau,
    "limesurvey-lss": _limesurvey_structure,
    "limesurvey-lsg": _limesurvey_structure,
    "limesurvey-lsq": _limesurvey_structure,
    "limesurvey-txt": _limesurvey_structure,
    "limesurvey-dump": _limesurvey_structure,
    "limesurvey-lsa": _limesurvey_archive,
    "limesurvey-lsr": _limesurvey_answers,
    "limesurvey-csv": _limesurvey_answers,
    "limesurvey-r": _limesurvey_syntax,
    "limesurvey-spss": _limesurvey_syntax,
    "surveyjs": _surveyjs,
    "xlsform": _xlsform,
    "ddi": _ddi,
    "spss": _spss,
    "stata": _stata,
    "csv": _table,
    "xlsx": _table,
}
_TAKES_ANSWERS = frozenset({"limesurvey-r", "limesurvey-spss", "csv", "xlsx"})


# --- answers beside a questionnaire --------------------------------------------------------------------------


def _with_answers(found: Imported, path: Path) -> Imported:
    """Return what was read, with answers from a file of their own."""
    return found if found.questionnaire is None else _unmatched(_answered(found, found.questionnaire, path))


def _answered(found: Imported, questionnaire: Questionnaire, path: Path) -> Imported:
    if found.format.startswith("limesurvey"):
        from passgenau.formats.limesurvey.answers import answers_of  # noqa: PLC0415 -- loads what it needs

        read = answers_of(read_bytes(path, MAX_ANSWERS), path.name, questionnaire)
        lost, guessed = (*found.lost, *read.lost), (*found.guessed, *read.guessed)
        return replace(found, answers=read.delivered, lost=lost, guessed=guessed)
    head = _head(path)
    if found.format == "surveyjs" and _text(head).lstrip().startswith(("{", "[")):
        from passgenau.formats.surveyjs import read_surveyjs_answers  # noqa: PLC0415 -- loads what it needs

        content = read_bytes(path, MAX_RESULTS)
        return replace(found, answers=read_surveyjs_answers(content, path.name, questionnaire))
    if found.format == "xlsform" and sniff(path).name == "csv" and not _is_own(head, questionnaire):
        from passgenau.formats.xlsform import read_xlsform_answers  # noqa: PLC0415 -- loads what it needs

        content = read_bytes(path, MAX_RESULTS)
        return replace(found, answers=read_xlsform_answers(content, path.name, questionnaire))
    if _is_own(head, questionnaire) or path.suffix.lower() == ".parquet":
        from passgenau.survey.answer_files import read_answers  # noqa: PLC0415 -- for this format only

        return replace(found, answers=read_answers(path, questionnaire))
    return _with_others(found, questionnaire, path)


def _with_others(found: Imported, questionnaire: Questionnaire, path: Path) -> Imported:
    """Return the same with answers in a format that is not the questionnaire's."""
    if sniff(path).name.startswith("limesurvey") or _from_limesurvey(_head(path)):
        return _with_limesurvey(found, questionnaire, path)
    other = read_any(path)
    if other.answers is None:
        raise InputError.of(
            "Diese Datei enthält keine Antworten.",
            "This file holds no answers.",
            file=path.name,
            hint=Text("Mit --answers die Datei mit den Antworten nennen.", "Name the file of answers with --answers."),
        )
    table = _table_of(other.answers)
    matched = match_answers(table, questionnaire)
    if other.questionnaire is not None:
        matched = _by_label(matched, other.answers, other.questionnaire, questionnaire)
    return replace(found, answers=matched, guessed=(*found.guessed, *table.guessed))


def _unmatched(found: Imported) -> Imported:
    """Return the same with every column that answers no question, and every question without a column, as lost."""
    answers = found.answers
    if answers is None or found.questionnaire is None:
        return found
    used = {*answers.columns.values(), *answers.roles.values(), *(entry.where for entry in found.lost)}
    loose = [c for c in answers.table.columns if c not in used and not c.startswith("sheet.") and "passgenau" not in c]
    own = {variable.name: variable.question for variable in variables(found.questionnaire)}
    there = {own[name] for name in answers.columns if name in own}
    missing = [question for question in dict.fromkeys(own.values()) if question not in there]
    names = [*missing, *(name for name, question in own.items() if question in missing)]
    lost = (*(_no_question(column, names) for column in loose), *(_no_column(name) for name in missing))
    return replace(found, lost=(*found.lost, *lost))


def _no_question(column: str, missing: list[str]) -> Lost:
    close = difflib.get_close_matches(column, missing, n=1, cutoff=0.75)
    meant = (
        Text(f" Gemeint ist vielleicht {close[0]!r}.", f" Perhaps {close[0]!r} is meant.") if close else Text("", "")
    )
    return Lost(
        column,
        Text("Spalte ohne Frage", "column without a question"),
        Text(
            f"Der Fragebogen fragt nicht danach; sie bleibt in der Datei.{meant.de}",
            f"Nothing asks for it; it stays in the file.{meant.en}",
        ),
    )


def _no_column(question: str) -> Lost:
    return Lost(
        f"question {question}",
        Text("Frage ohne Spalte", "question without a column"),
        Text(
            "Die Datei hat dazu keine Spalte; die Frage gilt als nicht gezeigt.",
            "The file has no column for it; the question counts as not shown.",
        ),
    )


def _by_label(matched: Delivered, other: Delivered, theirs: Questionnaire, ours: Questionnaire) -> Delivered:
    """Return answers with the codes of the questionnaire where a file has numbers of its own for the same labels."""
    own = {variable.name: variable for variable in variables(ours)}
    foreign = {other.columns[v.name]: v for v in variables(theirs) if v.name in other.columns}
    cells = []
    for name, column in matched.columns.items():
        told = foreign.get(column)
        if told is None or {c.spelling for c in told.categories} <= {c.spelling for c in own[name].categories}:
            continue
        codes = {_plain(said): c.spelling for c in own[name].categories for _, said in c.label}
        new = {c.spelling: codes[_plain(said)] for c in told.categories for _, said in c.label if _plain(said) in codes}
        cells.append(matched.table[column].replace(list(new), list(new.values())))
    return replace(matched, table=matched.table.with_columns(cells)) if cells else matched


def _from_limesurvey(head: bytes) -> bool:
    """Whether a table is an export of LimeSurvey, by the columns that it puts before every answer."""
    names = {name.strip('" \r') for name in re.split(r"[,;\t]", _text(head).lstrip("\ufeff").split("\n", 1)[0])}
    return {"id", "submitdate", "startlanguage"} <= names


def _with_limesurvey(found: Imported, questionnaire: Questionnaire, path: Path) -> Imported:
    """Return a questionnaire of passgenau's own with the answers that LimeSurvey gave out."""
    from passgenau.formats.joining import answers_for, told  # noqa: PLC0415 -- loads what it needs
    from passgenau.formats.limesurvey.answers import answers_of  # noqa: PLC0415 -- likewise
    from passgenau.formats.limesurvey.write_answers import as_sent  # noqa: PLC0415 -- likewise

    read = read_any(path)
    if read.questionnaire is None or read.format == "csv":
        sent = as_sent(questionnaire)
        answers = answers_of(read_bytes(path, MAX_ANSWERS), path.name, sent)
        read = Imported("limesurvey-csv", sent, answers.delivered, answers.lost, None, answers.guessed)
    joined = answers_for(told(read), questionnaire)
    return replace(joined, format=found.format, lost=(*found.lost, *joined.lost), version=found.version)


def _is_own(head: bytes, questionnaire: Questionnaire) -> bool:
    """Whether every column of a CSV file bears the name of a variable or of a role of passgenau's own."""
    from passgenau.survey.responses import ROLES  # noqa: PLC0415 -- beside its use

    names = re.split(r"[,;\t]", _text(head).lstrip("\ufeff").split("\n", 1)[0].strip())
    known = {variable.name for variable in variables(questionnaire)} | set(ROLES) | {"synthetic"}
    return all(name.strip('"') in known for name in names)


def _table_of(answers: Delivered) -> Table:
    from passgenau.formats.tables import Table  # noqa: PLC0415 -- for tables only

    return Table(answers.name, answers.table, None, answers.first_line)


def match_answers(table: Table, questionnaire: Questionnaire) -> Delivered:
    """Join a table's columns to the variables of a questionnaire that is known.

    A column belongs to a variable by the variable's name, by the code of its question and item, or by its
    wording; upper and lower case and blanks do not matter.

    Raises
    ------
    InputError
        No column belongs to any variable.
    """
    from passgenau.formats.roles import roles_among  # noqa: PLC0415 -- for tables only

    columns = {_plain(column): column for column in reversed(table.frame.columns)}
    found: dict[str, str] = {}
    for variable in variables(questionnaire):
        names = _names_of(variable, questionnaire.question(variable.question))
        column = next((columns[_plain(name)] for name in names if _plain(name) in columns), None)
        if column is not None and column not in found.values():
            found[variable.name] = column
    if not found:
        first = variables(questionnaire)[0].name if variables(questionnaire) else ""
        raise InputError.of(
            "Keine Spalte gehört zu einer Frage.",
            "No column belongs to a question.",
            file=table.name,
            line=1,
            hint=nearest(first, table.frame.columns),
        )
    rest = {name: table.frame[name] for name in table.frame.columns if name not in found.values()}
    roles = {role: name for name, role in roles_among(rest).items()}
    own = all(variable == column for variable, column in found.items())
    return Delivered(table.frame, found, roles, table.name, first_line=table.first_line, escaped=own)


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().lower()


def _names_of(variable: Variable, question: Question) -> list[str]:
    """Return what a column with a variable's answers may be called, the likeliest first."""
    code = question.code or question.id
    if variable.part != "answer" or variable.item is None:
        suffix = {"answer": "", "other": "other", "comment": "comment", "second": "second"}[variable.part]
        names = [variable.name, f"{code}_{suffix}" if suffix else code]
        wordings = [] if suffix else [wording for _, wording in question.text]
        return [*names, *([f"{code}[{suffix}]"] if suffix else []), *wordings]
    item = next((entry for entry in question.items if entry.id == variable.item), None)
    codes = dict.fromkeys([item.code or item.id, item.id] if item else [variable.item])
    column = f"_{variable.column}" if variable.column else ""
    names = [
        variable.name,
        *(f"{code}{pattern.format(c)}{column}" for c in codes for pattern in ("_{}", "[{}]", " [{}]", "{}")),
    ]
    if item is not None and item.code and not column:
        names.insert(1, item.code)
    texts = [wording for _, wording in item.text] if item else []
    return [*names, *(f"{wording} [{text}]" for _, wording in question.text for text in texts)]


# --- writing -----------------------------------------------------------------------------------------------------


def typed(found: Imported) -> Responses:
    """Return what was read as typed answers; without answers, none over the questionnaire's variables.

    Raises
    ------
    InputError
        Nothing is known of what was asked.
    """
    from passgenau.survey.typed import type_answers  # noqa: PLC0415 -- loads what it needs

    if found.questionnaire is None:
        raise InputError.of(
            "Die Datei enthält nur Antworten; was gefragt wurde, steht nicht darin.",
            "The file holds answers alone; what was asked is not in it.",
            hint=Text(
                "Den Fragebogen als IN nennen und diese Datei mit --answers.",
                "Pass the questionnaire as IN and this file with --answers.",
            ),
        )
    empty = Delivered(pl.DataFrame(), {}, name="")
    return type_answers(found.answers or empty, found.questionnaire)


def write_any(found: Imported, form: str, *, name: str, language: str | None = None) -> Exported:
    """Write what was read in another format.

    Parameters
    ----------
    found
        A questionnaire, with or without answers.
    form
        Name of the format.
    name
        Of the main file.
    language
        Of labels, where the format has one language.

    Raises
    ------
    InputError
        The format is not written, or what was asked is not known.
    """
    kind = format_named(form)
    if not kind.writes:
        raise InputError.of(
            f"{kind.title}: dieses Format wird gelesen, aber nicht geschrieben.",
            f"{kind.title}: this format is read, not written.",
            hint=Text("Möglich sind: " + _writable(), "Possible: " + _writable()),
        )
    exported = _WRITERS[form](found, name, language)
    lost = (*exported.lost, *(_answers_lost(found, kind) if form in _WITHOUT_ANSWERS else ()))
    return Exported(exported.format, _renamed(exported, name, form), lost)


_WITHOUT_ANSWERS = frozenset({"passgenau", "limesurvey-lss", "limesurvey-txt", "ddi"})


def _answers_lost(found: Imported, kind: Format) -> tuple[Lost, ...]:
    count = found.answers.table.height if found.answers is not None else 0
    if not count:
        return ()
    return (
        Lost(
            "answers",
            Text(f"{count} Antwortbögen", f"{count} answer sheets"),
            Text(
                f"{kind.title} nimmt den Fragebogen auf. Antworten: als OUT einen Ordner, .sav, .dta, .csv, .xlsx oder "
                ".lsa nennen.",
                f"{kind.title} takes the questionnaire. For answers name a folder, .sav, .dta, .csv or .lsa.",
            ),
        ),
    )


def _writable() -> str:
    return ", ".join(entry.name for entry in FORMATS.values() if entry.writes)


def _renamed(exported: Exported, name: str, form: str) -> dict[str, bytes]:
    """Return the files with the main one under the name wanted; files that repeat it in another form are left."""
    ending = Path(name).suffix.lower()
    main = next((file for file in exported.files if Path(file).suffix.lower() == ending), None)
    main = main or next(iter(exported.files))
    if form in {"limesurvey-lss", "limesurvey-txt", "limesurvey-lsa"}:
        return {name: exported.files[main]}
    return {name if file == main else file: content for file, content in exported.files.items()}


def questionnaire_of(found: Imported) -> Questionnaire:
    """Return the questionnaire that was read.

    Raises
    ------
    InputError
        The file holds answers alone.
    """
    return typed(replace(found, answers=None)).questionnaire


def _to_passgenau(found: Imported, name: str, _language: str | None) -> Exported:
    from passgenau.survey.questionnaire_file import write_questionnaire  # noqa: PLC0415 -- for this format only

    return Exported("passgenau", {name: write_questionnaire(questionnaire_of(found))})


def study_files(found: Imported) -> Exported:
    """Return `questionnaire.yaml`, and `responses.csv` where there are answers."""
    from passgenau.survey.answer_files import write_answers  # noqa: PLC0415 -- for this format only
    from passgenau.survey.questionnaire_file import write_questionnaire  # noqa: PLC0415 -- likewise

    files = {"questionnaire.yaml": write_questionnaire(questionnaire_of(found))}
    if found.answers is not None:
        files["responses.csv"] = write_answers(typed(found))
    return Exported("passgenau", files)


def _to(module: str, function: str, what: str) -> Callable[[Imported, str, str | None], Exported]:
    """Return a writer of another file: of the questionnaire, or of the answers."""

    def write(found: Imported, _name: str, _language: str | None) -> Exported:
        writer: Callable[[Any], Exported] = getattr(import_module(module), function)
        return writer(questionnaire_of(found) if what == "questionnaire" else typed(found))

    return write


def _with_results(module: str, survey: str, answers: str) -> Callable[[Imported, str, str | None], Exported]:
    """Return a writer of a questionnaire, and of its answers in a file beside it."""

    def write(found: Imported, name: str, _language: str | None) -> Exported:
        room = import_module(module)
        exported: Exported = getattr(room, survey)(questionnaire_of(found))
        if found.answers is None:
            return exported
        results: Exported = getattr(room, answers)(typed(found))
        beside = {f"{Path(name).stem}-answers{Path(file).suffix}": part for file, part in results.files.items()}
        (main,) = exported.files.values()
        return Exported(exported.format, {name: main, **beside}, (*exported.lost, *results.lost))

    return write


def _to_ddi(found: Imported, _name: str, _language: str | None) -> Exported:
    from passgenau.formats.ddi import write_ddi  # noqa: PLC0415 -- loads what it needs

    return write_ddi(questionnaire_of(found), typed(found) if found.answers is not None else None)


def _to_spss(found: Imported, name: str, language: str | None) -> Exported:
    from passgenau.formats.spss import write_spss  # noqa: PLC0415 -- loads pandas

    return write_spss(typed(found), name=name, language=language)


def _to_stata(found: Imported, name: str, language: str | None) -> Exported:
    from passgenau.formats.stata import write_stata  # noqa: PLC0415 -- loads pandas

    return write_stata(typed(found), name=name, language=language)


def _to_csv(found: Imported, name: str, _language: str | None) -> Exported:
    from passgenau.formats.table_writing import write_csv  # noqa: PLC0415 -- for tables only

    return write_csv(typed(found), name=name)


def _to_xlsx(found: Imported, name: str, _language: str | None) -> Exported:
    from passgenau.formats.table_writing import write_xlsx  # noqa: PLC0415 -- for tables only

    return write_xlsx(typed(found), name=name)


_LIMESURVEY = "passgenau.formats.limesurvey"
_WRITERS: dict[str, Callable[[Imported, str, str | None], Exported]] = {
    "passgenau": _to_passgenau,
    "limesurvey-lss": _to(f"{_LIMESURVEY}.write", "write_structure", "questionnaire"),
    "limesurvey-txt": _to(f"{_LIMESURVEY}.write", "write_structure", "questionnaire"),
    "limesurvey-lsa": _to(f"{_LIMESURVEY}.write_answers", "write_archive", "answers"),
    "limesurvey-csv": _to(f"{_LIMESURVEY}.write_answers", "write_csv", "answers"),
    "limesurvey-r": _to(f"{_LIMESURVEY}.write_answers", "write_r", "answers"),
    "limesurvey-spss": _to(f"{_LIMESURVEY}.write_answers", "write_spss_text", "answers"),
    "surveyjs": _with_results("passgenau.formats.surveyjs", "write_surveyjs", "write_surveyjs_answers"),
    "xlsform": _with_results("passgenau.formats.xlsform", "write_xlsform", "write_xlsform_answers"),
    "ddi": _to_ddi,
    "spss": _to_spss,
    "stata": _to_stata,
    "csv": _to_csv,
    "xlsx": _to_xlsx,
    "r": _to("passgenau.formats.scripts", "write_r", "answers"),
    "python": _to("passgenau.formats.scripts", "write_python", "answers"),
}


# --- what is said of a file ----------------------------------------------------------------------------------------


def count_options(questionnaire: Questionnaire) -> int:
    """Return how many answers there are to choose from: items of single choices and rankings, points of scales."""
    total = 0
    for question in questionnaire.questions:
        if question.type in {"single", "ranking"}:
            total += len(question.items)
        for scale in (question.scale, question.second_scale):
            total += len(questionnaire.scales[scale].points) if scale is not None else 0
    return total


def summary(found: Imported) -> dict[str, Any]:
    """Return what was read as plain values: the numbers that `passgenau convert --json` prints."""
    from passgenau.survey.counting import count_items  # noqa: PLC0415 -- beside its use

    questionnaire = found.questionnaire
    return {
        "format": found.format,
        "version": found.version,
        "questions": len(questionnaire.questions) if questionnaire else 0,
        "items": count_items(questionnaire) if questionnaire else 0,
        "options": count_options(questionnaire) if questionnaire else 0,
        "answers": found.answers.table.height if found.answers is not None else 0,
        "languages": list(questionnaire.languages) if questionnaire else [],
        "lost": [{"where": entry.where, "what": entry.what, "why": entry.why} for entry in found.lost],
        "guessed": list(found.guessed),
    }
