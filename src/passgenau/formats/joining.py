"""Answers on their way into a study: which organisation a sheet is from, and whose questions it answers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passgenau.errors import InputError
from passgenau.formats.convert import typed
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.roles import role_of
from passgenau.frame.labels import short_name
from passgenau.reading import nearest
from passgenau.survey.answer_files import answer_table
from passgenau.survey.responses import NOT_SHOWN, REFUSED, Delivered, Role, State
from passgenau.survey.typed import wordings
from passgenau.survey.variables import variables
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.frame.units import Frame
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.survey.responses import Responses
    from passgenau.survey.variables import Variable

_OWN = " (passgenau)"
"""What the names of added columns end in."""
_MOST = 0.5
_SHOWN = 5
_REGIONAL = 12  # digits of a Regionalschlüssel: the AGS with four digits for the Gemeindeverband in between

# --- which organisation a sheet is from ----------------------------------------------------------


def told(
    found: Imported,
    *,
    column: str | None = None,
    invitations: Mapping[str, str] | None = None,
    frames: Mapping[str, Frame] | None = None,
) -> Imported:
    """Return what was read with the organisation of every sheet, where anything tells it.

    Parameters
    ----------
    found
        With answers; without them it is returned as it is.
    column
        What tells: the id or code of a question, or a column of the answers. Keys stand there, or texts and
        choices that hold one, or names that `frames` know. Without it, a question or column called so (`ags`,
        `organisation`, `gemeindeschluessel` …) is taken where most of its answers are keys or known names.
    invitations
        The organisation by token.
    frames
        All who were asked, by audience; for names.

    Raises
    ------
    InputError
        There is no such column, or the answers have no tokens.
    """
    if found.answers is None:
        return found
    names = _names(frames or {})
    if invitations is not None:
        return _placed(found, _by_token(found.answers, invitations), names, said=None)
    if column is not None:
        return _placed(found, _named(found, column), names, said=None)
    if "organisation" in found.answers.roles:
        return _with_zeros(found, names)
    for name in _candidates(found):
        told_by = _named(found, name)
        cells = told_by.cells.drop_nulls().filter(told_by.cells.drop_nulls() != "")
        known = sum(bool(_key(c, told_by.labels, names) or _key(c, told_by.labels, {})) for c in cells.to_list())
        if len(cells) and known > _MOST * len(cells):
            return _placed(found, told_by, names, said=name)
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """The cells that tell the organisation, and the labels of their codes."""

    cells: pl.Series
    labels: Mapping[str, str]


def _placed(found: Imported, told_by: _Told, names: Mapping[str, str], *, said: str | None) -> Imported:
    """Return the answers with a column of keys; a text that is no key and no known name stays as it is."""
    answers = found.answers
    if answers is None:
        return found
    cells = told_by.cells.to_list()
    keys = {cell: _key(cell, told_by.labels, names) for cell in dict.fromkeys(cells) if cell}
    column = f"organisation{_OWN}"
    organisations = [(keys[cell] or told_by.labels.get(cell, cell).strip()) if cell else None for cell in cells]
    table = answers.table.with_columns(pl.Series(column, organisations, dtype=pl.String))
    roles: dict[Role, str] = {**answers.roles, "organisation": column}
    lost = tuple(_untold(cells, keys, told_by.labels))
    guessed = (_said(said),) if said else ()
    answers = replace(answers, table=table, roles=MappingProxyType(roles))
    return replace(found, answers=answers, lost=(*found.lost, *lost), guessed=(*found.guessed, *guessed))


def _with_zeros(found: Imported, names: Mapping[str, str]) -> Imported:
    """Return the answers with the leading zero that spreadsheets take from keys, where the rest of the column fits."""
    answers = found.answers
    if answers is None:
        return found
    column = answers.roles["organisation"]
    cells = answers.table[column].cast(pl.String).str.strip_chars()
    given = [cell for cell in cells.drop_nulls().to_list() if cell]
    whole = {cell: f"0{cell}" for cell in given if re.fullmatch(r"[1-9](\d{3}|\d{6})", cell)}
    if names:
        whole = {cell: key for cell, key in whole.items() if key in names}
    elif not all(re.fullmatch(r"\d{4,5}|\d{7,8}", cell) for cell in given):
        whole = {}
    if not whole:
        return found
    count, first = sum(cell in whole for cell in given), next(iter(whole))
    told_by = Text(
        f"{count} Schlüssel ohne ihre führende Null ergänzt ({first} ist {whole[first]}).",
        f"{count} keys got back their leading zero ({first} is {whole[first]}).",
    )
    table = answers.table.with_columns(cells.replace(whole).alias(column))
    return replace(found, answers=replace(answers, table=table), guessed=(*found.guessed, told_by))


def _said(name: str) -> Text:
    return Text(
        f"{name!r} sagt, von welcher Organisation ein Bogen ist (sonst --organisation nennen).",
        f"{name!r} tells which organisation a sheet is from (else name --organisation).",
    )


def _untold(cells: list[str | None], keys: Mapping[str, str | None], labels: Mapping[str, str]) -> Iterable[Lost]:
    without = sum(not cell for cell in cells)
    if without:
        yield Lost(
            "organisation",
            Text(f"{without} Bögen ohne Angabe", f"{without} sheets that do not tell"),
            Text(
                "Sie bleiben in der Datei; ausgewertet werden sie erst, wenn ihre Organisation feststeht.",
                "They stay in the file; they are analysed once their organisation is known.",
            ),
        )
    unknown = Counter(labels.get(cell, cell) for cell in cells if cell and keys[cell] is None)
    if unknown:
        shown = ", ".join(repr(text[:40]) for text, _ in unknown.most_common(_SHOWN))
        yield Lost(
            "organisation",
            Text(f"{unknown.total()} Bögen von Unbekannten: {shown}", f"{unknown.total()} sheets of unknown: {shown}"),
            Text(
                "Weder Schlüssel noch Name einer Organisation, die gefragt wurde; repairs.yaml kann sie zuordnen.",
                "Neither key nor name of an organisation that was asked; repairs.yaml can assign them.",
            ),
        )


def _by_token(answers: Delivered, invitations: Mapping[str, str]) -> _Told:
    column = answers.roles.get("token")
    if column is None:
        raise InputError.of(
            "Die Antworten tragen keine Zugangscodes; die Liste der Einladungen hilft hier nicht.",
            "The answers bear no tokens; the list of invitations does not help here.",
            file=answers.name,
            hint=Text(
                "Mit --organisation die Frage oder Spalte nennen, die die Organisation sagt.",
                "Name the question or column that tells the organisation with --organisation.",
            ),
        )
    tokens = answers.table[column].to_list()
    return _Told(pl.Series([invitations.get(token) if token else None for token in tokens], dtype=pl.String), {})


def _named(found: Imported, name: str) -> _Told:
    """Return the cells of a question or column; upper and lower case do not matter."""
    if found.answers is None:
        raise AssertionError(name)  # `told` has looked
    answers = found.answers
    asked = variables(found.questionnaire) if found.questionnaire else ()
    by_name = {variable.name.lower(): variable for variable in asked}
    if found.questionnaire is not None:
        codes = {(question.code or question.id).lower(): question.id for question in found.questionnaire.questions}
        by_name |= {code: by_name[id_.lower()] for code, id_ in codes.items() if id_.lower() in by_name}
    variable = by_name.get(name.lower())
    if variable is not None and variable.name in answers.columns:
        labels = {c.spelling: text for c in variable.categories for _, text in reversed(tuple(c.label))}
        return _Told(answers.table[answers.columns[variable.name]].cast(pl.String), labels)
    columns = {column.lower(): column for column in answers.table.columns}
    if name.lower() in columns:
        return _Told(answers.table[columns[name.lower()]].cast(pl.String), {})
    raise InputError.of(
        f"Weder Frage noch Spalte heißt {name!r}.",
        f"Neither a question nor a column is called {name!r}.",
        file=answers.name,
        field="--organisation",
        hint=nearest(name, dict.fromkeys([*(v.name for v in asked), *answers.table.columns])),
    )


def _candidates(found: Imported) -> list[str]:
    """Return the questions and columns whose names say that they tell the organisation."""
    if found.answers is None or found.questionnaire is None:
        return []
    single = [question for question in found.questionnaire.questions if question.id in found.answers.columns]
    named = [q.id for q in single if "organisation" in {role_of(q.id), role_of(q.code or "")}]
    taken = set(found.answers.columns.values())
    loose = [column for column in found.answers.table.columns if column not in taken]
    return [*named, *(column for column in loose if role_of(column) == "organisation")]


def _names(frames: Mapping[str, Frame]) -> dict[str, str]:
    """Return keys of the organisations asked by themselves and by every name that only one of them bears."""
    keys: dict[str, set[str]] = {}
    for frame in frames.values():
        for unit in frame.units:
            for name in {unit.key, unit.name, unit.label, short_name(unit.name)}:
                keys.setdefault(_plain(name), set()).add(unit.key)
    return {name: next(iter(found)) for name, found in keys.items() if len(found) == 1}


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _key(cell: str, labels: Mapping[str, str], names: Mapping[str, str]) -> str | None:
    """Return the key that a cell holds or names; where organisations are known, one of theirs."""
    for text in (cell, labels.get(cell, "")):
        digits = re.sub(r"[\s.]", "", text)
        if len(digits) == _REGIONAL and digits.isdigit():
            digits = digits[:5] + digits[9:]
        if re.fullmatch(r"[1-9](\d{3}|\d{6})", digits) and f"0{digits}" in names:
            digits = f"0{digits}"  # spreadsheets take leading zeros for nothing
        keys = [digits] if re.fullmatch(r"\d{5}|\d{8}", digits) else _numbers_in(text)
        key = next((key for key in keys if not names or key in names), None) or names.get(_plain(text))
        if key is not None:
            return key
    return None


def _numbers_in(text: str) -> list[str]:
    """Return what may be keys, those of municipalities first: five digits may also be a postcode."""
    return sorted(re.findall(r"(?<!\d)(?:\d{8}|\d{5})(?!\d)", text), key=len, reverse=True)


# --- whose questions it answers --------------------------------------------------------------------


def answers_for(found: Imported, known: Questionnaire, name: str = "questionnaire.yaml") -> Imported:
    """Return what was read as answers to a questionnaire that is there already.

    Questions and items are found by id or code. Answers that come from LimeSurvey are also found by the codes
    under which `write_structure` sends the questionnaire there, which are shorter.

    Parameters
    ----------
    found
        A questionnaire with its answers.
    known
        The questionnaire of the study.
    name
        How messages call its file.

    Returns
    -------
    Imported
        With `known` as its questionnaire. Questions without a counterpart are in `lost`.

    Raises
    ------
    InputError
        Something was answered that `known` does not ask; the questions are named.
    """
    responses = typed(found)
    targets = _targets(known, limesurvey=found.format.startswith("limesurvey"))
    cells = answer_table(responses)
    columns: dict[str, pl.Series] = {}
    problems: list[str] = []
    passed_by = _organisation_questions(found)
    for variable in responses.variables:
        target = targets.get(variable.name)
        answered = (responses.states[variable.name] == int(State.ANSWERED)).any()
        if target is None or target.variable.type != variable.type or target.variable.name in columns:
            if answered and variable.question not in passed_by:
                problems.append(variable.question)
            continue
        codes = {**_spellings(variable, target, responses), **target.codes}
        given = set(responses.values[variable.name].drop_nulls().to_list()) if variable.type == "category" else set()
        if given - set(codes):
            problems.append(variable.question)
            continue
        columns[target.variable.name] = _recoded(cells[variable.name], codes).alias(target.variable.name)
    if problems or not columns:
        raise _others(list(dict.fromkeys(problems)), name)
    lost = _unanswered(known, columns)
    return replace(found, questionnaire=known, answers=_delivered(found, responses, columns), lost=(*found.lost, *lost))


@dataclass(frozen=True, slots=True)
class _Target:
    """A variable of the known questionnaire, and its categories by what they are called elsewhere."""

    variable: Variable
    codes: Mapping[str, str]


def _targets(known: Questionnaire, *, limesurvey: bool) -> dict[str, _Target]:
    """Return the variables of a questionnaire by what they may be called in a file that answers it."""
    found = {variable.name: _Target(variable, {}) for variable in variables(known)}
    for question in known.questions:
        if question.code and question.id in found:
            found.setdefault(question.code, found[question.id])
    return {**found, **_sent(known)} if limesurvey else found


def _sent(known: Questionnaire) -> dict[str, _Target]:
    """Return the same by the codes that the questionnaire has in LimeSurvey once it was sent there."""
    from passgenau.formats.limesurvey.write_answers import as_sent, place  # noqa: PLC0415 -- loads lxml

    sent = as_sent(known)
    own = {place(known, variable): variable for variable in variables(known)}
    found = {}
    for variable in variables(sent):
        target = own.get(place(sent, variable))
        if target is not None:
            pairs = zip(variable.categories, target.categories, strict=False)
            found[variable.name] = _Target(target, {theirs.id: ours.id for theirs, ours in pairs})
    return found


def _spellings(variable: Variable, target: _Target, responses: Responses) -> dict[str, str]:
    """Return the ids of the target's categories by the ids of another variable's: equal ids, codes or wordings."""
    known: dict[str, str] = {}
    for category in target.variable.categories:
        for text in (*wordings(category.label, responses.questionnaire), category.code or category.id, category.id):
            known[text] = category.id
    found = {}
    for category in variable.categories:
        texts = (category.id, category.code or "", *wordings(category.label, responses.questionnaire))
        told_by = next((known[text] for text in texts if text in known), None)
        if told_by is not None:
            found[category.id] = told_by
    return found


def _recoded(cells: pl.Series, codes: Mapping[str, str]) -> pl.Series:
    kept = {code: id_ for code, id_ in codes.items() if code not in {NOT_SHOWN, REFUSED}}
    return cells.replace(kept) if kept else cells


def _organisation_questions(found: Imported) -> set[str]:
    """Return the questions that only tell the organisation."""
    if found.questionnaire is None or found.answers is None or "organisation" not in found.answers.roles:
        return set()
    return set(_candidates(found))


def _delivered(found: Imported, responses: Responses, columns: Mapping[str, pl.Series]) -> Delivered:
    given = [role for role in responses.sheets.columns if responses.sheets[role].null_count() < len(responses)]
    roles: dict[Role, str] = {role: f"{role}{_OWN}" for role in given}  # type: ignore[misc]  # columns of sheets are roles
    sheets = [responses.sheets[role].cast(pl.String).alias(column) for role, column in roles.items()]
    return Delivered(
        table=pl.DataFrame([*sheets, *columns.values()]),
        columns=MappingProxyType({name: name for name in columns}),
        roles=MappingProxyType(roles),
        name=found.answers.name if found.answers else "",
        blank="empty",
        first_line=None,
        escaped=True,
    )


def _unanswered(known: Questionnaire, columns: Mapping[str, pl.Series]) -> tuple[Lost, ...]:
    asked = {variable.question: variable for variable in variables(known)}
    there = {variable.question for variable in variables(known) if variable.name in columns}
    return tuple(
        Lost(
            f"question {question}",
            Text("Frage der Studie", "question of the study"),
            Text("Die Datei hat dazu keine Spalte; ohne Antworten.", "The file has no column for it; no answers."),
        )
        for question in asked
        if question not in there
    )


def _others(questions: list[str], name: str) -> InputError:
    ways_out = Text(
        "Die Fragen dort ergänzen oder einen neuen Ordner nennen; mit --force ersetzt der Fragebogen der Datei den der "
        "Studie.",
        "Add the questions there, or name a new folder; --force replaces the study's questionnaire by the file's.",
    )
    if not questions:
        return InputError.of(
            "Keine Antwort gehört zu einer Frage der Studie.",
            "No answer belongs to a question of the study.",
            file=name,
            hint=ways_out,
        )
    shown = ", ".join(questions[:_SHOWN]) + (", …" if len(questions) > _SHOWN else "")
    return InputError.of(
        f"Was beantwortet wurde, fragt dieser Fragebogen nicht oder anders: {shown}.",
        f"What was answered is not asked here, or asked in another way: {shown}.",
        file=name,
        field=questions[0],
        hint=ways_out,
    )
