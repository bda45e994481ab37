"""From a questionnaire, and its answers where there are any, to DDI-Codebook 2.5 or 2.6.

Written after the published documentation of the schemas: elements stand in the order that these ask for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from lxml import etree

from passgenau.formats.ddi.read import FORMAT, GROUPS, read_ddi
from passgenau.formats.ddi.words import in_words
from passgenau.formats.exchange import Exported, Lost
from passgenau.formats.keeping import FIELDS, plain, shorten
from passgenau.survey import plain_text
from passgenau.survey.responses import NOT_SHOWN, State
from passgenau.survey.variables import variables
from passgenau.survey.visible import conditions_of
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from passgenau.survey.questionnaire import Question, Questionnaire
    from passgenau.survey.responses import Responses
    from passgenau.survey.variables import Category, Variable

SMALLEST = 5
"""Unweighted answers below which no frequency leaves the office."""
_ILLEGAL = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES = {"2.5": "ddi:codebook:2_5", "2.6": "ddi:codebook:2_6"}
_ASKED = Text("Gefragt, wenn {}.", "Asked if {}.")
_AUDIENCE = Text("die Zielgruppe {} ist", "the audience is {}")


def write_ddi(
    questionnaire: Questionnaire,
    responses: Responses | None = None,
    *,
    title: str | None = None,
    version: Literal["2.5", "2.6"] = "2.5",
) -> Exported:
    """Write a codebook in DDI.

    Parameters
    ----------
    questionnaire
        What was asked. DDI describes variables: a text that is only shown, and whatever no variable shows, is
        named in `lost`, as is every field that does not come back when the codebook is read.
    responses
        The answers; unweighted frequencies are written for variables whose every category holds none or at
        least `SMALLEST` answers, the others are named in `lost`.
    title
        Title of the study; that of the questionnaire by default.
    version
        Of DDI-Codebook.

    Returns
    -------
    Exported
        One file, ``codebook.xml``, without clock time.
    """
    writer = _Writer(questionnaire, responses, _NAMESPACES[version])
    root = writer.code_book(title, version)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    after = read_ddi(content, "codebook.xml").questionnaire if writer.has_variables else None
    lost = _differences(questionnaire, after) if after is not None else _everything(questionnaire)
    return Exported(FORMAT, {"codebook.xml": content}, (*lost, *writer.lost))


class _Writer:
    def __init__(self, questionnaire: Questionnaire, responses: Responses | None, namespace: str) -> None:
        self._questionnaire = questionnaire
        self._responses = responses
        self._space = namespace
        self._variables = variables(questionnaire)
        self._ids = {variable.name: f"V{number}" for number, variable in enumerate(self._variables, 1)}
        self.lost: list[Lost] = []

    @property
    def has_variables(self) -> bool:
        return bool(self._variables)

    def _add(self, parent: etree._Element, tag: str, text: str | None = None, /, **attributes: str) -> etree._Element:
        element = etree.SubElement(parent, f"{{{self._space}}}{tag}", {k: _legal(v) for k, v in attributes.items()})
        if text is not None:
            element.text = _legal(text)
        return element

    def _texts(self, parent: etree._Element, name: str, text: Translations | None, **attributes: str) -> None:
        for language, said in text or ():
            words = plain_text.plain(said) if self._questionnaire.markup == "html" else said
            self._add(parent, name, words, **attributes).set(_XML_LANG, language)

    def code_book(self, title: str | None, version: str) -> etree._Element:
        root = etree.Element(f"{{{self._space}}}codeBook", {"version": version}, nsmap={None: self._space})  # type: ignore[dict-item]  # the stubs do not know the default namespace
        root.set(_XML_LANG, self._questionnaire.languages[0])
        self._study(root, title)
        self._file(root)
        data = self._add(root, "dataDscr")
        for section in self._questionnaire.sections:
            members = [v for v in self._variables if self._questionnaire.question(v.question).section == section.id]
            group = self._group(data, section.id, "section", members)
            self._texts(group, "labl", section.title)
            self._texts(group, "txt", section.text)
        for question in self._questionnaire.questions:
            self._question_group(data, question)
        for variable in self._variables:
            self._variable(data, variable)
        return root

    def _study(self, root: etree._Element, title: str | None) -> None:
        questionnaire = self._questionnaire
        study = self._add(root, "stdyDscr")
        citation = self._add(study, "citation")
        statement = self._add(citation, "titlStmt")
        named = questionnaire.title or Translations(())
        leading = title or named.into(questionnaire.languages[0])
        self._add(statement, "titl", leading or "–").set(_XML_LANG, questionnaire.languages[0])
        for language, said in named:
            if language != questionnaire.languages[0]:
                self._add(statement, "parTitl", said).set(_XML_LANG, language)
        if questionnaire.version:
            self._add(self._add(citation, "verStmt"), "version", questionnaire.version)
        self._texts(self._add(study, "stdyInfo"), "abstract", questionnaire.introduction)
        access = self._add(self._add(study, "dataAccs"), "useStmt") if questionnaire.privacy else None
        if access is not None:
            self._texts(access, "confDec", questionnaire.privacy)
        self._texts(study, "notes", questionnaire.ending, type="ending")
        self._texts(study, "notes", questionnaire.reconstruction, type="reconstruction")
        if self._responses is not None and self._responses.synthetic is not None:
            synthetic = self._responses.synthetic
            self._texts(study, "notes", Translations.of({"de": synthetic.de, "en": synthetic.into("en")}))

    def _file(self, root: etree._Element) -> None:
        text = self._add(self._add(root, "fileDscr", ID="F1"), "fileTxt")
        self._add(text, "fileName", "responses.csv")
        dimensions = self._add(text, "dimensns")
        if self._responses is not None:
            self._add(dimensions, "caseQnty", str(len(self._responses)))
        self._add(dimensions, "varQnty", str(len(self._variables)))
        self._add(text, "fileType", "text/csv", charset="UTF-8")

    # --- groups -----------------------------------------------------------------------------------

    def _group(self, data: etree._Element, name: str, kind: str, members: list[Variable], other: str = "") -> Any:  # noqa: ANN401 -- an element
        attributes = {"ID": f"G{len(data) + 1}", "name": name, "type": kind}
        if other:
            attributes["otherType"] = other
        if members:
            attributes["var"] = " ".join(self._ids[variable.name] for variable in members)
        return self._add(data, "varGrp", **attributes)

    def _question_group(self, data: etree._Element, question: Question) -> None:
        kind = GROUPS.get(question.type)
        members = [v for v in self._variables if v.question == question.id and v.part in {"answer", "second"}]
        if kind is None or not question.items or not members:
            return
        group = self._group(data, question.id, kind, members, question.type if kind == "other" else "")
        self._texts(group, "txt", question.text)

    # --- variables ----------------------------------------------------------------------------------

    def _variable(self, data: etree._Element, variable: Variable) -> None:
        question = self._questionnaire.question(variable.question)
        element = self._add(data, "var", ID=self._ids[variable.name], name=variable.name, files="F1")
        numeric = variable.type in {"number", "rank", "flag"}
        if variable.type == "number":
            element.set("dcml", str(question.decimals))
        element.set("intrvl", "contin" if variable.type == "number" else "discrete")
        if variable.type == "category":
            element.set("nature", "ordinal" if variable.ordered else "nominal")
        self._texts(element, "labl", variable.label)
        asked = self._add(element, "qstn")
        self._texts(asked, "qstnLit", self._asked(question, variable))
        self._texts(asked, "postQTxt", question.help if variable.part == "answer" else None)
        limits = {"min": question.minimum, "max": question.maximum}
        given = {key: f"{value:g}" for key, value in limits.items() if value is not None}
        if variable.type == "number" and given:
            self._add(self._add(element, "valrng"), "range", **given)
        self._texts(element, "universe", self._universe(variable, question))
        self._categories(element, variable, question)
        kind = {"date": "date"}.get(variable.type, "other")
        attributes = {"type": "numeric" if numeric else "character", "category": kind}
        self._add(element, "varFormat", **attributes)

    @staticmethod
    def _asked(question: Question, variable: Variable) -> Translations:
        if variable.part == "comment":
            return question.comment or question.text
        if variable.part == "other":
            return question.other.text if question.other else question.text
        return question.text

    def _universe(self, variable: Variable, question: Question) -> Translations | None:
        conditions = conditions_of(variable, question, self._questionnaire)
        if not conditions:
            return None
        said = {}
        for lang in ("de", "en"):
            parts = [
                _AUDIENCE.into(lang).format(", ".join(condition))
                if isinstance(condition, tuple)
                else in_words(condition.tree, self._questionnaire, lang)
                for condition in conditions
            ]
            said[lang] = _ASKED.into(lang).format((" und " if lang == "de" else " and ").join(parts))
        return Translations.of(
            {k: v for k, v in said.items() if k in {c[:2] for c in self._questionnaire.languages}} or said
        )

    def _categories(self, element: etree._Element, variable: Variable, question: Question) -> None:
        found: list[tuple[str, Translations, str]] = [(_spelled(c), c.label, "N") for c in variable.categories]
        if variable.type == "flag":
            found = [("0", Translations.of({"de": "nein", "en": "no"}), "N"), ("1", variable.label, "N")]
        if question.no_answer is not None and variable.part == "answer":
            found.append((question.no_answer.code or "-99", question.no_answer.text, "Y"))
        if found and conditions_of(variable, question, self._questionnaire):
            found.append((NOT_SHOWN, Translations.of({"de": "nicht gezeigt", "en": "not shown"}), "Y"))
        counts = self._counts(variable, question) if found else {}
        for code, label, missing in found:
            category = self._add(element, "catgry", **({"missing": "Y"} if missing == "Y" else {}))
            self._add(category, "catValu", code)
            self._texts(category, "labl", label)
            if counts:
                self._add(category, "catStat", str(counts.get(code, 0)), type="freq")

    def _counts(self, variable: Variable, question: Question) -> dict[str, int]:
        """Return unweighted frequencies by code; nothing where one of them could point at somebody."""
        if self._responses is None:
            return {}
        values, states = self._responses.values[variable.name], self._responses.states[variable.name]
        counts: dict[str, int] = {}
        spelled = {c.id: _spelled(c) for c in variable.categories}
        for value, state in zip(values.to_list(), states.to_list(), strict=True):
            code = {
                int(State.REFUSED): (question.no_answer.code if question.no_answer else None) or "-99",
                int(State.NOT_SHOWN): NOT_SHOWN,
            }.get(state)
            if state == State.ANSWERED and value is not None:
                code = ("1" if value else "0") if variable.type == "flag" else spelled.get(str(value))
            if state in {State.EMPTY, State.INVALID}:
                code = "?"
            if code is not None:
                counts[code] = counts.get(code, 0) + 1
        if any(0 < count < SMALLEST for count in counts.values()):
            self.lost.append(_suppressed(variable.name))
            return {}
        return counts


def _suppressed(name: str) -> Lost:
    return Lost(
        f"var {name}",
        Text("die Häufigkeiten", "the frequencies"),
        Text(
            f"Mindestens eine Antwort kommt weniger als {SMALLEST}-mal vor; ihre Zahl ließe sich sonst aus den übrigen "
            "errechnen.",
            f"At least one answer occurs fewer than {SMALLEST} times; its count could be worked out from the others.",
        ),
    )


def _spelled(category: Category) -> str:
    return category.spelling


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


# --- what DDI cannot hold ---------------------------------------------------------------------------------


_WHY = Text(
    "DDI beschreibt Variablen und hat dafür keinen Platz, oder nur einen in Worten.",
    "DDI describes variables and has no place for it, or only one in words.",
)


def _differences(before: Questionnaire, after: Questionnaire) -> tuple[Lost, ...]:
    """Return a note for every field that is not the same when the codebook is read again."""
    first, second = plain(before), plain(after)
    found = _of_fields("questionnaire", first, second, {"questions", "sections", "scales"})
    found += _of_lists("question", "questions", first["questions"], second["questions"])
    found += _of_lists("section", "sections", first["sections"], second["sections"])
    for name, scale in first["scales"].items():
        other = second["scales"].get(name)
        if other is None:
            found.append(_note("questionnaire", "scales", name))
        else:
            found += _of_fields(f"scale {name}", scale, other, {"points"})
            found += _of_lists(f"scale {name}.", "points", scale["points"], other["points"])
    found += [_note("questionnaire", "scales", name) for name in second["scales"] if name not in first["scales"]]
    return tuple(found)


def _of_fields(where: str, first: dict[str, Any], second: dict[str, Any], leave: set[str]) -> list[Lost]:
    return [_note(where, name, value) for name, value in first.items() if name not in leave and value != second[name]]


def _of_lists(kind: str, field: str, first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[Lost]:
    found = []
    others = {part["id"]: part for part in second}
    joint = "" if kind.endswith(".") else " "
    if [part["id"] for part in first] != [part["id"] for part in second]:
        missing = [part["id"] for part in first if part["id"] not in others]
        owner = kind.rstrip(".") if kind.endswith(".") else "questionnaire"
        found.append(_note(owner, field, missing or [part["id"] for part in first]))
    for part in first:
        if part["id"] in others:
            where, lists = f"{kind}{joint}{part['id']}", ("items", "columns")
            found += _of_fields(where, part, others[part["id"]], set(lists))
            for name in lists:
                if name in part:
                    found += _of_lists(f"{where}.", name, part[name], others[part["id"]][name])
    return found


def _note(where: str, field: str, value: object) -> Lost:
    what = FIELDS[field]
    return Lost(where, Text(f"{what.de}: {shorten(value)}", f"{what.into('en')}: {shorten(value)}"), _WHY)


def _everything(questionnaire: Questionnaire) -> tuple[Lost, ...]:
    """Return notes for a questionnaire that is only shown, and so fills no variable."""
    names = [question.id for question in questionnaire.questions]
    return (_note("questionnaire", "questions", names),)
