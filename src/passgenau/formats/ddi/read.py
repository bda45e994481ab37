"""From DDI-Codebook 1 to 2.6, as archives, Nesstar, Dataverse and others write it, to a questionnaire."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from passgenau.errors import InputError
from passgenau.formats.conditions import as_number
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.intake import parse_xml
from passgenau.formats.keeping import checked, code_of, guess_language, is_code, unused, whole
from passgenau.formats.labelled import means_refused
from passgenau.survey.questionnaire import Question, Scale
from passgenau.survey.variables import OTHER
from passgenau.text import Text
from passgenau.translations import LANGUAGE, Translations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passgenau.survey.questionnaire import QuestionType

FORMAT = "ddi"
GROUPS: dict[QuestionType, str] = {
    "multiple": "multipleResp",
    "matrix": "grid",
    "ranking": "other",
    "number": "other",
    "text": "other",
    "date": "other",
}
"""Type of the group of variables that a question with several of them fills."""
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SHOWN_NOT = frozenset({".n", "sysmiss"})


@dataclass(frozen=True, slots=True)
class _Category:
    code: str
    label: Translations | None
    missing: bool


@dataclass(slots=True)
class _Variable:
    """One variable as the codebook tells of it."""

    id: str
    name: str
    label: Translations | None
    literal: Translations | None
    help: Translations | None
    categories: list[_Category]
    kind: QuestionType
    ordered: bool
    decimals: int
    low: float | None
    high: float | None
    rest: dict[str, Any] = field(default_factory=dict)

    @property
    def valid(self) -> list[_Category]:
        """The categories that are answers."""
        return [category for category in self.categories if not category.missing]

    @property
    def text(self) -> Translations | None:
        """What was asked: the question, else the label."""
        return self.literal or self.label


@dataclass(slots=True)
class _Book:
    """What grows while a codebook is read."""

    name: str
    language: str
    lost: list[Lost] = field(default_factory=list)
    scales: dict[str, Scale] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def text(self, elements: Iterable[etree._Element]) -> Translations | None:
        """Return the wording of elements that say the same in several languages."""
        said: dict[str, str] = {}
        for element in elements:
            words = re.sub(r"\s+", " ", "".join(str(part) for part in element.itertext())).strip()
            language = (element.get(_XML_LANG) or self.language).strip()
            if words:
                said.setdefault(language if LANGUAGE.match(language) else self.language, words)
        return Translations.of(said) if said else None


def read_ddi(content: bytes, name: str) -> Imported:
    """Read a codebook.

    Parameters
    ----------
    content
        The XML file: DDI-Codebook of any version, with or without a namespace.
    name
        How messages call the file.

    Returns
    -------
    Imported
        A question per variable, or per group of variables that belong together (multiple responses, grids).
        Frequencies, summaries and what else DDI knows of a variable are named in `lost`.

    Raises
    ------
    InputError
        It is no XML, no codebook, or describes no variable.
    """
    root = parse_xml(content, name)
    book_element = root if _tag(root) == "codeBook" else next((e for e in root.iter() if _tag(e) == "codeBook"), None)
    if book_element is None:
        raise InputError.of(
            f"Das ist kein DDI-Codebook: Das äußerste Element heißt „{_tag(root)}“.",
            f"This is no DDI-Codebook: the outermost element is “{_tag(root)}”.",
            file=name,
            hint=Text(
                "DDI-Lifecycle (FragmentInstance, DDIInstance) wird nicht gelesen; als DDI-Codebook ausgeben lassen.",
                "DDI-Lifecycle (FragmentInstance, DDIInstance) is not read; export it as DDI-Codebook.",
            ),
        )
    stated = book_element.get(_XML_LANG) or _language_within(book_element)
    language = stated if LANGUAGE.match(stated) else guess_language(_wordings(book_element))
    book = _Book(name, language)
    found = [_variable(element, book) for element in _all(book_element, "dataDscr", "var")]
    data = _study(book_element, book)
    _report_study(book_element, book)
    sections, section_of = _sections(book_element, book, found)
    questions = _questions(book_element, book, found, section_of)
    data |= {"scales": book.scales, "sections": sections, "questions": questions}
    data["languages"] = _languages(data, book.language)
    version = book_element.get("version") or next((s.rsplit(":", 1)[-1] for s in [_space(book_element)] if s), None)
    guessed = () if stated else (_guessed(language),)
    return Imported(FORMAT, whole(data, name), lost=tuple(book.lost), version=version, guessed=guessed)


def _guessed(language: str) -> Text:
    return Text(
        f"Die Datei nennt ihre Sprache nicht; angenommen ist „{language}“.",
        f"The file does not name its language; “{language}” is assumed.",
    )


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _space(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def _all(element: etree._Element, *path: str) -> list[etree._Element]:
    """Return the elements at the end of a path, whatever their namespace."""
    level = [element]
    for step in path:
        level = [child for parent in level for child in parent if _tag(child) == step]
    return level


def _wordings(element: etree._Element) -> list[str]:
    return [e.text for e in element.iter() if _tag(e) in {"labl", "qstnLit", "titl"} and e.text][:2000]


def _language_within(root: etree._Element) -> str:
    """Return the language that the first wording with one states."""
    marked = (e.get(_XML_LANG) for e in root.iter() if _tag(e) in {"labl", "qstnLit", "titl", "citation"})
    return next((language for language in marked if language), "")


# --- the study -------------------------------------------------------------------------------------------


def _study(root: etree._Element, book: _Book) -> dict[str, Any]:
    statement = ("stdyDscr", "citation", "titlStmt")
    titles = [*_all(root, *statement, "titl"), *_all(root, *statement, "parTitl")]
    title = book.text(titles)
    versions = _all(root, "stdyDscr", "citation", "verStmt", "version")
    notes = {kind: [n for n in _all(root, "stdyDscr", "notes") if n.get("type") == kind] for kind in _NOTES}
    return {
        "title": None if title is not None and title.into(book.language) == "–" else title,
        "version": (versions[0].text or "").strip() or None if versions else None,
        "introduction": book.text(_all(root, "stdyDscr", "stdyInfo", "abstract")),
        "privacy": book.text(_all(root, "stdyDscr", "dataAccs", "useStmt", "confDec")),
        **{kind: book.text(elements) for kind, elements in notes.items()},
    }


_NOTES = ("ending", "reconstruction")
_READ = frozenset(
    {
        "citation/titlStmt/titl",
        "citation/titlStmt/parTitl",
        "citation/verStmt/version",
        "stdyInfo/abstract",
        "dataAccs/useStmt/confDec",
    }
)
"""What is read of the study."""
_LEFT_OUT = Text(
    "Angaben zur Studie und zur Datei haben im Fragebogen keinen Platz; sie stehen nur in der gelesenen Datei.",
    "What is said of the study and of the file has no place in the questionnaire; it stands in the file read only.",
)


def _report_study(root: etree._Element, book: _Book) -> None:
    """Name what the codebook says of study and file that is not read, once for each kind of statement."""
    found: dict[str, list[str]] = {}
    for part in root:
        if _tag(part) in {"", "dataDscr"}:
            continue
        for path, words in _statements(part):
            short = path.removeprefix("stdyDscr/")
            if short not in _READ and not (short == "notes" and _tag(part) == "stdyDscr"):
                found.setdefault(path, []).append(words)
    for note in _all(root, "stdyDscr", "notes"):
        if note.get("type") not in _NOTES:
            found.setdefault("stdyDscr/notes", []).append(_words(note))
    for path, said in found.items():
        book.lost.append(unused(path, path.rsplit("/", 1)[-1], "; ".join(filter(None, said)), _LEFT_OUT))


def _statements(element: etree._Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what stands in an element, by its path."""
    here = f"{path}/{_tag(element)}".lstrip("/")
    inner = [child for child in element if _tag(child)]
    if not inner or (element.text or "").strip():
        if words := _words(element):
            yield here, words
        return
    for child in inner:
        yield from _statements(child, here)


def _words(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _languages(data: dict[str, Any], leading: str) -> tuple[str, ...]:
    texts = [data["title"], data["introduction"], *(q.text for q in data["questions"])]
    found = [language for text in texts if text is not None for language in text.languages]
    first = [leading] if leading in found or not found else []
    return tuple(dict.fromkeys([*first, *found, leading]))


# --- variables --------------------------------------------------------------------------------------------

_USED = frozenset({"labl", "qstn", "valrng", "catgry", "varFormat"})
_ASKED = frozenset({"qstnLit", "postQTxt"})
"""What is read of a question."""
_KEPT = Text(
    "passgenau verwendet diese Angabe nicht; sie steht unverändert unter foreign.",
    "passgenau does not use this statement; it stands unchanged under foreign.",
)


def _variable(element: etree._Element, book: _Book) -> _Variable:
    name = (element.get("name") or element.get("ID") or "var").strip()
    categories = [_category(child, book) for child in _all(element, "catgry")]
    formats = _all(element, "varFormat")
    numeric = bool(formats) and (formats[0].get("type") or "numeric") == "numeric"
    dated = any(f.get("category") in {"date", "time"} or "DATE" in (f.get("formatname") or "").upper() for f in formats)
    ranges = _all(element, "valrng", "range")
    variable = _Variable(
        id=element.get("ID") or name,
        name=name,
        label=book.text(_all(element, "labl")),
        literal=book.text(_all(element, "qstn", "qstnLit")) or book.text(_bare(element)),
        help=book.text(_all(element, "qstn", "postQTxt")),
        categories=categories,
        kind="text",
        ordered=element.get("nature") == "ordinal",
        decimals=_decimals(element.get("dcml")),
        low=as_number(ranges[0].get("min") or "") if ranges else None,
        high=as_number(ranges[0].get("max") or "") if ranges else None,
    )
    valid = [category for category in categories if not category.missing]
    labelled = any(category.label is not None for category in valid)
    if valid and (labelled or element.get("intrvl") != "contin"):
        variable.kind = "scale" if variable.ordered else "single"
    else:
        variable.kind = "date" if dated else "number" if numeric or element.get("intrvl") == "contin" else "text"
    kept = [child for child in element if _tag(child) and _tag(child) not in _USED]
    kept += [child for asked in _all(element, "qstn") for child in asked if _tag(child) not in {"", *_ASKED}]
    for child in kept:
        said = _words(child) or ", ".join(f"{key!s}={value!s}" for key, value in child.attrib.items())
        variable.rest.setdefault(_tag(child), []).append(said)
    return variable


def _bare(element: etree._Element) -> list[etree._Element]:
    """Return questions whose text stands in them without an element of its own, as older files have it."""
    return [question for question in _all(element, "qstn") if len(question) == 0 and (question.text or "").strip()]


def _decimals(value: str | None) -> int:
    return min(int(value), 6) if value is not None and value.isdigit() else 0


def _category(element: etree._Element, book: _Book) -> _Category:
    codes = _all(element, "catValu")
    code = (codes[0].text or "").strip() if codes else ""
    label = book.text(_all(element, "labl"))
    said = label.into("de") if label is not None else ""
    missing = element.get("missing") == "Y" or code in _SHOWN_NOT or code.lower() == "sysmiss"
    return _Category(code or said, label, missing)


# --- sections and questions ----------------------------------------------------------------------------------


def _sections(
    root: etree._Element, book: _Book, variables: list[_Variable]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the groups that are sections, if they hold every variable in its order; else none."""
    groups = [group for group in _all(root, "dataDscr", "varGrp") if group.get("type") == "section"]
    sections: list[dict[str, Any]] = []
    section_of: dict[str, str] = {}
    for number, group in enumerate(groups, 1):
        name = group.get("name") or group.get("ID") or f"section{number}"
        id_ = name if is_code(name) else code_of(name, {section["id"] for section in sections})
        labels, texts = book.text(_all(group, "labl")), book.text(_all(group, "txt"))
        sections.append({"id": id_, "title": labels, "text": texts})
        for member in (group.get("var") or "").split():
            section_of.setdefault(member, id_)
    order = {section["id"]: place for place, section in enumerate(sections)}
    places = [order.get(section_of.get(variable.id, ""), -1) for variable in variables]
    if sections and (-1 in places or places != sorted(places)):
        why = Text(
            "Die Abschnitte fassen nicht alle Variablen, oder nicht in ihrer Reihenfolge.",
            "The sections do not hold all variables, or not in their order.",
        )
        book.lost.append(unused("dataDscr", "varGrp", [section["id"] for section in sections], why))
        return [], {}
    return sections, section_of


def _questions(
    root: etree._Element, book: _Book, variables: list[_Variable], section_of: dict[str, str]
) -> list[Question]:
    by_id = {variable.id: variable for variable in variables}
    group_of: dict[str, tuple[etree._Element | None, list[_Variable]]] = {}
    for candidate in _all(root, "dataDscr", "varGrp"):
        together = [by_id[name] for name in (candidate.get("var") or "").split() if name in by_id]
        if candidate.get("type") == "section":
            continue
        if _is_question(candidate, together):
            group_of |= {member.id: (candidate, together) for member in together if member.id not in group_of}
        else:
            name = candidate.get("name") or candidate.get("ID")
            why = Text(
                "Diese Gruppe ist keine Frage; ihre Variablen stehen einzeln.",
                "This group is no question; its variables stand singly.",
            )
            label = " ".join(map(_words, _all(candidate, "labl")))
            book.lost.append(unused(f"varGrp {name}", "varGrp", label or candidate.get("type") or "", why))
    questions: list[dict[str, Any]] = []
    done: set[str] = set()
    for variable in variables:
        if variable.id in done:
            continue
        if _belongs(variable, questions):
            done.add(variable.id)
            continue
        group, members = group_of.get(variable.id, (None, [variable]))
        done |= {member.id for member in members}
        data = _grouped(group, members, book) if group is not None else _single(variable, book)
        data["section"] = section_of.get(variable.id)
        questions.append(data)
        for member in members:
            _report(member, book)
    return [checked(Question, _finished(data, book), book.name) for data in questions]


def _finished(data: dict[str, Any], book: _Book) -> dict[str, Any]:
    """Return the fields of a question without what only its reader needs; “other” without a text is an item."""
    fields = {key: value for key, value in data.items() if key not in {"other_seen", "label_of_other"}}
    if data["other_seen"] and data["other"] is None:
        label = data.get("label_of_other") or Translations(((book.language, OTHER),))
        fields["other"] = {"text": label}
    return fields


def _is_question(group: etree._Element, members: list[_Variable]) -> bool:
    kind = group.get("type")
    if not members:
        return False
    if kind == "multipleResp":
        return True
    if kind == "grid":
        first = [category.code for category in members[0].valid]
        return bool(first) and all([category.code for category in member.valid] == first for member in members)
    return kind == "other" and group.get("otherType") in {"ranking", "number", "text", "date"}


def _belongs(variable: _Variable, questions: list[dict[str, Any]]) -> bool:
    """Take a text beside “other”, or a comment, for part of the question before it."""
    if variable.kind != "text" or not questions or variable.text is None:
        return False
    last = questions[-1]
    if variable.name == f"{last['id']}_{OTHER}_text" and last["other"] is None and last["other_seen"]:
        last["other"] = {"text": variable.literal or variable.text}
        return True
    if variable.name == f"{last['id']}_comment" and last["comment"] is None:
        last["comment"] = variable.literal or variable.text
        return True
    return False


def _named(name: str, book: _Book) -> tuple[str, str | None]:
    id_ = name if is_code(name) and name not in book.taken else code_of(name, book.taken)
    book.taken.add(id_)
    return id_, name if name != id_ else None


def _basis(name: str, members: list[_Variable], text: Translations | None, book: _Book) -> dict[str, Any]:
    id_, code = _named(name, book)
    first = members[0]
    rest = {member.name: member.rest for member in members if member.rest}
    refused = next((c for member in members for c in member.categories if _is_refused(c)), None)
    return {
        "id": id_,
        "code": code,
        "text": text or Translations(((book.language, name),)),
        "help": first.help,
        "other": None,
        "comment": None,
        "no_answer": {"text": refused.label, "code": None if refused.code == "-99" else refused.code}
        if refused is not None and refused.label is not None
        else None,
        "foreign": {FORMAT: rest} if rest else {},
    }


def _is_refused(category: _Category) -> bool:
    return category.missing and category.label is not None and any(means_refused(said) for _, said in category.label)


def _single(variable: _Variable, book: _Book) -> dict[str, Any]:
    data = _basis(variable.name, [variable], variable.text, book)
    kind: QuestionType = variable.kind
    valid = list(variable.valid)
    seen = any(category.code == OTHER for category in valid)
    listed = [category for category in valid if category.code != OTHER] or valid
    data |= {"type": kind, "other_seen": seen and len(listed) < len(valid)}
    if kind == "single":
        data["items"] = _items([(c.code, c.label) for c in listed], book)
        if data["other_seen"]:
            label = next(category.label for category in valid if category.code == OTHER)
            data["label_of_other"] = label
    elif kind == "scale":
        data["scale"] = _scale(listed, data["id"], book, ordered=True)
    elif kind == "number":
        low, high = variable.low, variable.high
        fits = low is None or high is None or low <= high
        data |= {"minimum": low if fits else None, "maximum": high if fits else None, "decimals": variable.decimals}
    return data


def _items(entries: list[tuple[str, Translations | None]], book: _Book) -> list[dict[str, Any]]:
    taken: set[str] = {OTHER}
    items = []
    for spelled, label in entries:
        id_ = spelled if is_code(spelled) and spelled not in taken else code_of(spelled, taken)
        taken.add(id_)
        text = label or Translations(((book.language, spelled),))
        items.append({"id": id_, "text": text, "code": spelled if spelled != id_ else None})
    return items


def _scale(categories: list[_Category], owner: str, book: _Book, *, ordered: bool) -> str:
    points = [
        {**item, "text": category.label, "value": as_number(category.code)}
        for item, category in zip(_items([(c.code, c.label) for c in categories], book), categories, strict=True)
    ]
    scale = checked(Scale, {"points": points, "ordered": ordered}, book.name)
    same = next((name for name, known in book.scales.items() if known == scale), None)
    if same is None:
        same = code_of(f"{owner[:50]}_scale", book.scales)
        book.scales[same] = scale
    return same


def _grouped(group: etree._Element, members: list[_Variable], book: _Book) -> dict[str, Any]:
    name = group.get("name") or group.get("ID") or members[0].name
    text = book.text(_all(group, "txt")) or members[0].literal or book.text(_all(group, "labl"))
    data = _basis(name, members, text, book)
    kinds: dict[str, QuestionType] = {"multipleResp": "multiple", "grid": "matrix"}
    other_type: Any = group.get("otherType")
    kind: QuestionType = kinds.get(group.get("type") or "", other_type)
    answers = [member for member in members if not (kind == "multiple" and member.name == f"{name}_{OTHER}")]
    data |= {"type": kind, "other_seen": kind == "multiple" and 0 < len(answers) < len(members)}
    entries = [(member.name.removeprefix(f"{name}_") or member.name, _own(member, text)) for member in answers]
    data["items"] = _items(entries, book)
    for item, member in zip(data["items"], answers, strict=True):
        item["code"] = None if member.name == f"{name}_{item['id']}" else member.name
    if kind == "matrix":
        data["scale"] = _scale(members[0].valid, data["id"], book, ordered=members[0].ordered)
    if kind == "number":
        data |= {"minimum": members[0].low, "maximum": members[0].high, "decimals": members[0].decimals}
    return data


def _own(member: _Variable, text: Translations | None) -> Translations | None:
    """Return what a variable stands for in its group: its label without the question in front."""
    if member.label is None or text is None:
        return member.label
    return Translations.of(
        {language: said.removeprefix(f"{text.into(language)} – ") or said for language, said in member.label}
    )


def _report(variable: _Variable, book: _Book) -> None:
    for key, values in variable.rest.items():
        book.lost.append(unused(f"var {variable.name}", key, "; ".join(values), _KEPT))
    for category in variable.categories:
        if category.missing and not _is_refused(category) and category.code not in _SHOWN_NOT:
            label = category.label.into("de") if category.label is not None else ""
            why = Text(
                "Ein fehlender Wert, der nicht „keine Angabe“ heißt, ist keine Antwort zur Auswahl.",
                "A missing value that is not “no answer” is no answer to choose.",
            )
            book.lost.append(unused(f"var {variable.name}", "catgry", f"{category.code} {label}".strip(), why))
