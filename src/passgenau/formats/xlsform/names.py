"""How a form names the rows of a questionnaire: XML names, each only once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passgenau.formats.xlsform.sheets import FORMAT
from passgenau.survey.filters import Reference
from passgenau.survey.variables import OTHER, variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.survey.questionnaire import Foreign, Item, Point, Question, Questionnaire

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class RowNames:
    """Names of rows by what they stand for."""

    questions: Mapping[str, str]
    sections: Mapping[str, str]
    places: Mapping[Reference, str]  # questions, and their items and cells where these are rows of their own

    def other(self, question: Question) -> str:
        """Return the name of the choice “other”."""
        return _own(question.other.foreign, "choice", OTHER) if question.other else OTHER

    def other_text(self, question: Question) -> str:
        """Return the name of the row that asks for the text beside “other”."""
        usual = f"{self.questions[question.id]}_{OTHER}_text"
        return _own(question.other.foreign, "name", usual) if question.other else usual

    def no_answer(self, question: Question) -> str:
        """Return the name of the choice “no answer”."""
        code = question.no_answer.code if question.no_answer else None
        return re.sub(r"\s", "_", code) if code else "-99"


def _own(foreign: Foreign, key: str, usual: str) -> str:
    own = foreign.get(FORMAT)
    found = own.get(key) if isinstance(own, dict) else None
    return found if isinstance(found, str) else usual


def row_names(questionnaire: Questionnaire) -> RowNames:
    """Return the names of all rows; a question keeps its code where it is a name and nobody else's."""
    taken: set[str] = set()
    questions = {
        q.id: _unique(q.code if q.code and _NAME.fullmatch(q.code) else q.id, taken) for q in questionnaire.questions
    }
    sections = {section.id: _unique(section.id, taken) for section in questionnaire.sections}
    places: dict[Reference, str] = {}
    for question in questionnaire.questions:
        name = questions[question.id]
        places[Reference(question.id)] = name
        if question.type != "matrix" and question.type not in {"number", "text", "date"}:
            continue
        for item in question.items:
            own = _own(item.foreign, "name", f"{name}_{item.id}")
            if not question.columns:
                places[Reference(question.id, item.id)] = _unique(own, taken)
            for column in question.columns:
                place = Reference(question.id, item.id, column.id)
                places[place] = _unique(f"{name}_{item.id}_{column.id}", taken)
    return RowNames(questions, sections, places)


def _unique(wanted: str, taken: set[str]) -> str:
    """Return an XML name like the wanted one that is not taken, upper and lower case counting as one."""
    base = wanted if _NAME.fullmatch(wanted) else f"_{re.sub(r'[^A-Za-z0-9_.-]', '_', wanted)}"
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name.lower())
    return name


def choice_names(entries: Iterable[Item | Point]) -> dict[str, str]:
    """Return the name of every choice: its code where it has one without blanks and nobody else's."""
    listed = list(entries)
    names: dict[str, str] = {}
    ids = {entry.id for entry in listed}
    for entry in listed:
        code = entry.code
        usable = code and not re.search(r"[\s'\"]", code) and code not in ids | set(names.values()) | {OTHER, "-99"}
        names[entry.id] = str(code) if usable else entry.id
    return names


def column_of(questionnaire: Questionnaire) -> dict[str, str]:
    """Return the row of the form in which every variable is answered, by the name of the variable."""
    names = row_names(questionnaire)
    found = {}
    for variable in variables(questionnaire):
        question = questionnaire.question(variable.question)
        base = names.questions[question.id]
        if variable.part == "other":
            found[variable.name] = names.other_text(question)
        elif variable.part == "comment":
            item = f"_{variable.item}" if variable.item else ""
            found[variable.name] = f"{base}{item}_comment"
        else:
            reference = Reference(question.id, variable.item, variable.column)
            row = names.places.get(reference, base)
            found[variable.name] = f"{row}_second" if variable.part == "second" else row
    return found
