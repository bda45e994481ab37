"""Scripts in R and Python that load the answers with labels, missing states and groups of variables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passgenau.formats.exchange import Exported
from passgenau.formats.keeping import shorten
from passgenau.survey import plain_text
from passgenau.survey.answer_files import write_answers
from passgenau.survey.questionnaire import Questionnaire
from passgenau.survey.responses import NOT_SHOWN, REFUSED, Responses
from passgenau.survey.variables import variables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passgenau.survey.variables import Variable
    from passgenau.translations import Translations

DATA_FILE = "responses.csv"
_LONGEST_LABEL = 250  # characters; R and its packages cut longer ones


def write_scripts(survey: Responses | Questionnaire, data_file: str = DATA_FILE) -> Exported:
    """Write ``load.R`` and ``load.py``, which load answers in passgenau's own CSV.

    Both give a table of typed values, a table that says why a value is missing (answered, empty, not_shown,
    refused, invalid), the labels, and the variables that belong to one multiple choice. The R script needs
    nothing beyond R, uses haven and survey where they are installed, and makes a survey design where the file
    has the columns `weight`, `stratum` and `fpc`; the Python script needs Polars.

    Parameters
    ----------
    survey
        The questionnaire, or typed answers; with answers, the data file is given out, too.
    data_file
        Name of the CSV file, beside the scripts.
    """
    questionnaire = survey if isinstance(survey, Questionnaire) else survey.questionnaire
    files = {"load.R": _r(questionnaire, data_file), "load.py": _python(questionnaire, data_file)}
    return Exported("scripts", {**files, **_data(survey, data_file)})


def write_r(responses: Responses) -> Exported:
    """Write the R script of `write_scripts` with its data file."""
    return Exported("r", {"load.R": _r(responses.questionnaire, DATA_FILE), **_data(responses, DATA_FILE)})


def write_python(responses: Responses) -> Exported:
    """Write the Python script of `write_scripts` with its data file."""
    return Exported("python", {"load.py": _python(responses.questionnaire, DATA_FILE), **_data(responses, DATA_FILE)})


def _data(survey: Responses | Questionnaire, data_file: str) -> dict[str, bytes]:
    return {} if isinstance(survey, Questionnaire) else {data_file: write_answers(survey)}


# --- what both say --------------------------------------------------------------------------------------


def _said(text: Translations, questionnaire: Questionnaire) -> str:
    wording = text.into(questionnaire.languages[0])
    return shorten(plain_text.plain(wording) if questionnaire.markup == "html" else wording, _LONGEST_LABEL)


def _labels(variable: Variable, questionnaire: Questionnaire) -> list[str]:
    """Return the labels of the categories, each different: a factor takes equal ones for one level."""
    found: list[str] = []
    for category in variable.categories:
        label = _said(category.label, questionnaire) or category.id
        found.append(label if label not in found else f"{label} ({category.id})")
    return found


def _multiple(questionnaire: Questionnaire) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for variable in variables(questionnaire):
        if variable.type == "flag":
            groups.setdefault(variable.question, []).append(variable.name)
    return groups


def _title(questionnaire: Questionnaire) -> str:
    return _said(questionnaire.title, questionnaire) if questionnaire.title else "Befragung"


# --- R ------------------------------------------------------------------------------------------------------


def _r_text(text: str) -> str:
    """Return a text as R writes it; whatever is not plain by its code point, so that no locale matters."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(letter if " " <= letter <= "~" else f"\\U{ord(letter):08x}" for letter in plain) + '"'


def _r_vector(texts: Iterable[str]) -> str:
    return f"c({', '.join(_r_text(text) for text in texts)})"


def _r(questionnaire: Questionnaire, data_file: str) -> bytes:
    known = variables(questionnaire)
    lines = [
        "# " + "".join(c if " " <= c <= "~" or c.isalpha() else " " for c in _title(questionnaire)),
        f"data_file <- {_r_text(data_file)}",
        _R_BEGINNING.replace("@NOT_SHOWN@", NOT_SHOWN).replace("@REFUSED@", REFUSED),
    ]
    for variable in known:
        ordered = "TRUE" if variable.ordered else "FALSE"
        label = _r_text(_said(variable.label, questionnaire))
        codes, labels = _r_vector(c.id for c in variable.categories), _r_vector(_labels(variable, questionnaire))
        more = f", {codes}, {labels}, {ordered}" if variable.categories else ""
        lines.append(f"add_variable({_r_text(variable.name)}, {_r_text(variable.type)}, {label}{more})")
    groups = [f"  {_r_text(name)} = {_r_vector(members)}" for name, members in _multiple(questionnaire).items()]
    lines.append("multiple_response <- list(\n" + ",\n".join(groups) + "\n)")
    lines.append(_R_END)
    return ("\n".join(lines) + "\n").encode()


_R_BEGINNING = r"""
# answers: typed values.  states: why a value is there or not.
# multiple_response: variables by the question that they belong to.
raw <- read.csv(data_file, colClasses = "character", na.strings = character(0), check.names = FALSE,
                fileEncoding = "UTF-8", comment.char = "", quote = "\"")
answers <- raw
states <- raw
catalogue <- list()

state_of <- function(x) {
  state <- rep("answered", length(x))
  state[is.na(x) | x == ""] <- "empty"
  state[x == "@NOT_SHOWN@"] <- "not_shown"
  state[x == "@REFUSED@"] <- "refused"
  state[startsWith(x, "?")] <- "invalid"
  factor(state, levels = c("answered", "empty", "not_shown", "refused", "invalid"))
}

add_variable <- function(name, type, label, codes = NULL, labels = NULL, ordered = FALSE) {
  catalogue[[name]] <<- list(type = type, label = label, codes = codes, labels = labels, ordered = ordered)
  if (!name %in% names(raw)) return(invisible(NULL))
  x <- raw[[name]]
  state <- state_of(x)
  x[state != "answered"] <- NA
  value <- switch(type,
    category = factor(x, levels = codes, labels = labels, ordered = ordered),
    flag = x == "1",
    number = as.numeric(x),
    rank = as.integer(x),
    date = as.Date(x),
    sub("^'([=+@.\t\r'-])", "\\1", x)
  )
  attr(value, "label") <- label
  answers[[name]] <<- value
  states[[name]] <<- state
  invisible(NULL)
}
"""

_R_END = r"""
states <- states[intersect(names(states), names(catalogue))]

# With haven: categories as numbers with labels, tagged missing values n (not shown) and r (refused).
if (requireNamespace("haven", quietly = TRUE)) {
  labelled_answers <- answers
  for (name in intersect(names(catalogue), names(raw))) {
    entry <- catalogue[[name]]
    if (entry$type != "category") next
    value <- as.numeric(match(raw[[name]], entry$codes))
    value[states[[name]] == "not_shown"] <- haven::tagged_na("n")
    value[states[[name]] == "refused"] <- haven::tagged_na("r")
    labels <- c(setNames(as.numeric(seq_along(entry$codes)), entry$labels),
                "not shown" = haven::tagged_na("n"), "refused" = haven::tagged_na("r"))
    labelled_answers[[name]] <- haven::labelled(value, labels, label = entry$label)
  }
}

for (name in intersect(c("weight", "fpc", "seconds"), names(raw))) answers[[name]] <- as.numeric(raw[[name]])

# With survey: a design, where the file has weights. Sheets of one organisation are one cluster.
if (requireNamespace("survey", quietly = TRUE) && "weight" %in% names(answers)) {
  has <- function(column) column %in% names(answers)
  design <- survey::svydesign(
    ids = if (has("organisation")) ~organisation else ~1,
    strata = if (has("stratum")) ~stratum else NULL,
    weights = ~weight,
    fpc = if (has("fpc")) ~fpc else NULL,
    data = answers, nest = TRUE
  )
}
"""


# --- Python -----------------------------------------------------------------------------------------------------


def _python(questionnaire: Questionnaire, data_file: str) -> bytes:
    known = variables(questionnaire)
    types = {variable.name: variable.type for variable in known}
    labels = {variable.name: _said(variable.label, questionnaire) for variable in known}
    categories = {
        variable.name: dict(zip((c.id for c in variable.categories), _labels(variable, questionnaire), strict=True))
        for variable in known
        if variable.categories
    }
    parts = [
        _PYTHON_BEGINNING.replace("@TITLE@", json.dumps(_title(questionnaire))[1:-1]),
        f"DATA_FILE = Path(__file__).parent / {json.dumps(data_file)}",
        f"TYPES = {_python_dict(types)}",
        f"LABELS = {_python_dict(labels)}",
        f"CATEGORIES = {_python_dict(categories)}",
        f"MULTIPLE = {_python_dict(_multiple(questionnaire))}",
        _PYTHON_END.replace("@NOT_SHOWN@", NOT_SHOWN).replace("@REFUSED@", REFUSED),
    ]
    return "\n".join(parts).encode()


def _python_dict(values: object) -> str:
    """Return texts, lists and mappings of them, which Python and JSON write alike."""
    return json.dumps(values, indent=4)


_PYTHON_BEGINNING = '''"""@TITLE@

answers: typed values.  states: why a value is there or not (answered, empty, not_shown, refused, invalid).
LABELS, CATEGORIES: what variables and their codes mean.  MULTIPLE: variables by multiple choice.
"""

from pathlib import Path

import polars as pl
'''

_PYTHON_END = '''
DTYPES = {"number": pl.Float64, "rank": pl.Int64}


def state_of(name):
    """Return why a value of a column is there or not."""
    cell = pl.col(name)
    return (
        pl.when(cell.is_null() | (cell == ""))
        .then(pl.lit("empty"))
        .when(cell == "@NOT_SHOWN@")
        .then(pl.lit("not_shown"))
        .when(cell == "@REFUSED@")
        .then(pl.lit("refused"))
        .when(cell.str.starts_with("?"))
        .then(pl.lit("invalid"))
        .otherwise(pl.lit("answered"))
        .alias(name)
    )


def value_of(name, kind):
    """Return the typed value of a column; null unless answered."""
    cell = pl.when(state_of(name) == "answered").then(pl.col(name))
    if kind == "flag":
        return (cell == "1").alias(name)
    if kind == "category":
        return cell.cast(pl.Enum(list(CATEGORIES[name]))).alias(name)
    if kind == "text":
        return cell.str.replace(r"^'([=+@.\\t\\r'-])", "$1").alias(name)
    if kind == "date":
        return cell.str.to_date("%Y-%m-%d").alias(name)
    return cell.cast(DTYPES[kind]).alias(name)


raw = pl.read_csv(DATA_FILE, infer_schema=False)
present = [name for name in TYPES if name in raw.columns]
states = raw.select(state_of(name) for name in present)
answers = raw.with_columns(value_of(name, TYPES[name]) for name in present)
answers = answers.with_columns(pl.col(name).cast(pl.Float64) for name in ("weight", "fpc") if name in raw.columns)


def labelled(name):
    """Return a column with labels in place of codes."""
    return answers[name].cast(pl.String).replace_strict(CATEGORIES[name], default=None)


if __name__ == "__main__":
    print(f"{answers.height} sheets, {len(present)} variables")
'''
