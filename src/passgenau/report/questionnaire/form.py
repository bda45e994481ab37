"""The paper form as a value: every question with its instruction, its condition and the fields to fill in."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from passgenau.report.questionnaire.conditions import Conditions, own_language
from passgenau.survey.numbering import END, NO_ANSWER, jumps, numbers
from passgenau.survey.plain_text import shown
from passgenau.text import Lang, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from passgenau.survey.questionnaire import Item, Question, Questionnaire, QuestionType, Scale
    from passgenau.translations import Translations

_SHORT_ANSWER = 26  # characters; answers as short as that stand in two columns
_MANY_ANSWERS = 6  # from so many on
_WIDE_SCALE = 7  # points that stand side by side
_LONG_POINT = 26  # characters of a point that still stands above its circle
_BARE = 3  # characters of a point that only shows a number
_LINES = 12  # to write on, at most; more paper may be added
_TALL = 14  # rows; a question with more may go over a page
_UPRIGHT = 9  # points of a matrix, both scales together; more are turned by 90 degrees
_DECIMALS = 3  # decimal places; a field that takes more takes any number
_DIGITS = 6  # that a field for a number holds where its range says nothing


@dataclass(frozen=True, slots=True)
class Option:
    """One answer with its box."""

    text: str
    line: bool = False  # something is written beside it
    go_to: str = ""  # “weiter mit Frage 7”
    note: str = ""  # who may choose it


@dataclass(frozen=True, slots=True)
class Choices:
    """Answers to tick, or to give ranks to."""

    mark: Literal["box", "circle", "rank"]
    options: tuple[Option, ...]
    columns: int = 1
    kind: Literal["choices"] = "choices"


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a scale side by side."""

    labels: tuple[str, ...]
    kind: Literal["points"] = "points"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows with one circle per point."""

    groups: tuple[tuple[str, ...], ...]  # the points of the first and of the second scale
    rows: tuple[Option, ...]
    turned: bool  # heads stand upright, because there is no room for them
    kind: Literal["matrix"] = "matrix"


@dataclass(frozen=True, slots=True)
class Entries:
    """Fields to write in: one, one per row, or one per row and column."""

    what: Literal["number", "text", "date"]
    rows: tuple[Option, ...]  # one without text where the question has one field only
    columns: tuple[str, ...] = ()
    unit: str = ""
    limits: str = ""
    digits: int = _DIGITS
    lines: int = 1
    kind: Literal["entries"] = "entries"


@dataclass(frozen=True, slots=True)
class Shown:
    """Nothing to fill in."""

    kind: Literal["shown"] = "shown"


Body: TypeAlias = "Choices | Points | Matrix | Entries | Shown"


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question as it is printed."""

    id: str
    number: str  # empty for a text that is only shown
    text: str
    condition: str  # “Nur beantworten, wenn …”; empty for all
    instruction: str
    help: str
    required: bool
    body: Body
    no_answer: Option | None  # “keine Angabe”; None where it is not offered
    comment: str  # what the line below asks for
    tall: bool  # may go over a page


@dataclass(frozen=True, slots=True)
class FormSection:
    """A heading and its questions."""

    title: str
    text: str
    condition: str
    questions: tuple[FormQuestion, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the form says beside the questionnaire: who asks, who is asked, and what the answers are for."""

    title: Text | None = None  # of the study
    office: Text | None = None
    contact: str | None = None
    audiences: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    topics: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))  # titles by id
    version: str = ""  # of passgenau

    @property
    def by_organisation(self) -> bool:
        """Whether sheets are counted per organisation, so that each must name its own."""
        return bool(self.audiences)


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire on paper, in one language."""

    language: str
    lang: Lang  # of passgenau's own words
    title: str
    subtitle: str  # for whom
    version: str
    banner: str | None
    introduction: str
    privacy: str | None
    ending: str
    office: str
    contact: str
    by_organisation: bool
    sections: tuple[FormSection, ...]


def build_form(
    questionnaire: Questionnaire, language: str, setting: Setting | None = None, audience: str | None = None
) -> Form:
    """Return the paper form of a questionnaire.

    Parameters
    ----------
    questionnaire
        What is asked.
    language
        One of its languages. Instructions are German in German forms and English in all others.
    setting
        Who asks and who is asked.
    audience
        The audience whose form it is; None prints all questions and says whom each is for.

    Returns
    -------
    Form
        Texts are plain; HTML of other tools is reduced to its words.
    """
    setting = setting or Setting()
    builder = _Builder(questionnaire, language, setting, audience)
    title = builder.say(questionnaire.title) or (setting.title.into(builder.lang) if setting.title else "")
    return Form(
        language=language,
        lang=builder.lang,
        title=title or builder.t("Fragebogen", "Questionnaire"),
        subtitle=_subtitle(builder, audience),
        version=questionnaire.version or "",
        banner=builder.say(questionnaire.reconstruction) or None,
        introduction=builder.say(questionnaire.introduction),
        privacy=builder.say(questionnaire.privacy) or None,
        ending=builder.say(questionnaire.ending),
        office=setting.office.into(builder.lang) if setting.office else "",
        contact=setting.contact or "",
        by_organisation=setting.by_organisation,
        sections=builder.sections(),
    )


def _subtitle(builder: _Builder, audience: str | None) -> str:
    names = [audience] if audience else list(builder.setting.audiences)
    said = [builder.conditions.audience(name) for name in names]
    return builder.t("Fragebogen für ", "Questionnaire for ") + ", ".join(said) if said else ""


@dataclass(frozen=True)
class _Builder:
    """Turns questions into printed ones."""

    questionnaire: Questionnaire
    language: str
    setting: Setting
    audience: str | None

    @property
    def lang(self) -> Lang:
        return own_language(self.language)

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.questionnaire, self.language, self.setting.audiences)

    def say(self, wording: Translations | None) -> str:
        return shown(wording, self.questionnaire, self.language)

    def t(self, de: str, en: str) -> str:
        return de if self.lang == "de" else en

    def sections(self) -> tuple[FormSection, ...]:
        if not self.questionnaire.sections:
            return (FormSection("", "", "", self.questions(None)),)
        found = (
            FormSection(
                title=self.say(section.title),
                text=self.say(section.text),
                condition=self.t(
                    f"Diesen Abschnitt bitte nur ausfüllen, wenn {self.conditions.clause(section.show_if.tree)}.",
                    f"Please fill in this section only if {self.conditions.clause(section.show_if.tree)}.",
                )
                if section.show_if
                else "",
                questions=self.questions(section.id),
            )
            for section in self.questionnaire.sections
        )
        return tuple(section for section in found if section.questions)

    def questions(self, section: str | None) -> tuple[FormQuestion, ...]:
        asked = (q for q in self.questionnaire.in_section(section) if q.type != "computed" and self.is_for(q.audiences))
        return tuple(self.question(question) for question in asked)

    def is_for(self, audiences: tuple[str, ...]) -> bool:
        return self.audience is None or not audiences or self.audience in audiences

    def question(self, question: Question) -> FormQuestion:
        number = numbers(self.questionnaire).get(question.id)
        body = _BODIES[question.type](self, question)
        return FormQuestion(
            id=question.id,
            number="" if number is None else str(number),
            text=self.say(question.text),
            condition=self.condition(question),
            instruction=self.instruction(question),
            help=self.say(question.help),
            required=question.required and question.answered,
            body=body,
            no_answer=self.no_answer(question),
            comment=self.say(question.comment),
            tall=_height(body) > _TALL,
        )

    def no_answer(self, question: Question) -> Option | None:
        """Return “keine Angabe”; in a matrix it is a column of its own."""
        if question.no_answer is None or question.type == "matrix":
            return None
        target = jumps(question, self.questionnaire).get(NO_ANSWER)
        return Option(self.say(question.no_answer.text), go_to=self.go_to(target))

    def condition(self, question: Question) -> str:
        said = []
        if question.audiences and self.audience is None:
            groups = ", ".join(self.conditions.audience(audience) for audience in question.audiences)
            said.append(self.t(f"Nur für: {groups}.", f"Only for: {groups}."))
        if question.show_if:
            clause = self.conditions.clause(question.show_if.tree)
            if question.answered:
                said.append(self.t(f"Nur beantworten, wenn {clause}.", f"Answer only if {clause}."))
            else:
                said.append(self.t(f"Gilt nur, wenn {clause}.", f"Applies only if {clause}."))
        return " ".join(said)

    def instruction(self, question: Question) -> str:
        return _INSTRUCTIONS[question.type](self, question)

    # --- what there is to fill in ------------------------------------------------------------

    def items(self, question: Question) -> tuple[Item, ...]:
        return tuple(item for item in question.items if self.is_for(item.audiences))

    def option(self, item: Item, go_to: str = "") -> Option:
        return Option(self.say(item.text) or f"[{item.id}]", line=item.comment, go_to=go_to, note=self.item_note(item))

    def item_note(self, item: Item) -> str:
        said = []
        if item.audiences and self.audience is None:
            groups = ", ".join(self.conditions.audience(audience) for audience in item.audiences)
            said.append(self.t(f"nur {groups}", f"only {groups}"))
        if item.show_if:
            clause = self.conditions.clause(item.show_if.tree)
            said.append(self.t(f"nur, wenn {clause}", f"only if {clause}"))
        return "; ".join(said)

    def options(self, question: Question) -> tuple[Option, ...]:
        """Return the answers in their order; “other” stands before those that exclude all others."""
        leads = jumps(question, self.questionnaire)
        items = self.items(question)
        found = [self.option(item, self.go_to(leads.get(item.id))) for item in items]
        if question.other:
            alone = next((place for place, item in enumerate(items) if item.exclusive), len(items))
            place = alone if all(item.exclusive for item in items[alone:]) else len(items)
            other = Option(self.say(question.other.text), line=True, go_to=self.go_to(leads.get("other")))
            found.insert(place, other)
        return tuple(found)

    def go_to(self, target: str | None) -> str:
        if target is None:
            return ""
        if target == END:
            return self.t("weiter zum Ende", "go to the end")
        number = numbers(self.questionnaire).get(target)
        if number is None:
            return ""
        return self.t(f"weiter mit Frage\u00a0{number}", f"go on with question\u00a0{number}")

    def points(self, scale: Scale) -> tuple[str, ...]:
        return tuple(self.say(point.text) or _number_of(point.id, point.value) for point in scale.points)


def _number_of(point: str, value: float | None) -> str:
    return point if value is None else f"{value:g}"


def _height(body: Body) -> int:
    """Return about how many lines a question's fields take."""
    if isinstance(body, Choices):
        return -(-len(body.options) // body.columns)
    if isinstance(body, Matrix):
        return len(body.rows) + 2
    if isinstance(body, Entries):
        return len(body.rows) * body.lines
    return 2


def _ticks(builder: _Builder, question: Question) -> Choices:
    options = builder.options(question)
    plain = all(len(o.text) <= _SHORT_ANSWER and not (o.line or o.go_to or o.note) for o in options)
    columns = 2 if plain and len(options) >= _MANY_ANSWERS else 1
    return Choices("box" if question.type == "multiple" else "circle", options, columns)


def _ranks(builder: _Builder, question: Question) -> Choices:
    return Choices("rank", builder.options(question))


def _scale(builder: _Builder, question: Question) -> Choices | Points:
    labels = builder.points(builder.questionnaire.scale(question.scale or ""))
    other = (Option(builder.say(question.other.text), line=True),) if question.other else ()
    if not other and len(labels) <= _WIDE_SCALE and all(len(label) <= _LONG_POINT for label in labels):
        return Points(labels)
    if not other and _are_numbers(labels):
        return Points(labels)
    return Choices("circle", (*(Option(label) for label in labels), *other))


def _are_numbers(labels: Sequence[str]) -> bool:
    """Return whether points only show numbers, as of 0 to 10."""
    return all(len(label) <= _BARE for label in labels)


def _matrix(builder: _Builder, question: Question) -> Matrix:
    names = [name for name in (question.scale, question.second_scale) if name is not None]
    groups = [builder.points(builder.questionnaire.scale(name)) for name in names]
    points = [point for group in groups for point in group]
    if question.no_answer:
        groups.append((builder.say(question.no_answer.text),))
    heads = [head for group in groups for head in group]
    rows = [builder.option(item) for item in builder.items(question)]
    if question.other:
        rows.append(Option(builder.say(question.other.text), line=True))
    turned = len(heads) > _UPRIGHT and not _are_numbers(points)
    return Matrix(tuple(groups), tuple(rows), turned)


def _numbers(builder: _Builder, question: Question) -> Entries:
    return Entries(
        what="number",
        rows=_rows(builder, question),
        columns=_columns(builder, question),
        unit=builder.say(question.unit),
        limits=_limits(builder, question),
        digits=_digits(question),
    )


def _texts(builder: _Builder, question: Question) -> Entries:
    return Entries("text", _rows(builder, question), _columns(builder, question), lines=min(question.lines, _LINES))


def _dates(builder: _Builder, question: Question) -> Entries:
    return Entries("date", _rows(builder, question), _columns(builder, question))


def _rows(builder: _Builder, question: Question) -> tuple[Option, ...]:
    return tuple(builder.option(item) for item in builder.items(question)) or (Option(""),)


def _columns(builder: _Builder, question: Question) -> tuple[str, ...]:
    return tuple(builder.say(column.text) for column in question.columns if builder.is_for(column.audiences))


def _file(builder: _Builder, _question: Question) -> Choices:
    return Choices("box", (Option(builder.t("liegt bei", "is enclosed")),))


def _nothing(_builder: _Builder, _question: Question) -> Shown:
    return Shown()


_BODIES: dict[QuestionType, Callable[[_Builder, Question], Body]] = {
    "single": _ticks,
    "multiple": _ticks,
    "scale": _scale,
    "matrix": _matrix,
    "ranking": _ranks,
    "number": _numbers,
    "text": _texts,
    "date": _dates,
    "file": _file,
    "computed": _nothing,
    "information": _nothing,
}


def _limits(builder: _Builder, question: Question) -> str:
    low, high = (None if v is None else _figure(v, builder.lang) for v in (question.minimum, question.maximum))
    if low is not None and high is not None:
        return builder.t(f"{low} bis {high}", f"{low} to {high}")
    if low is not None:
        return builder.t(f"mindestens {low}", f"at least {low}")
    return builder.t(f"höchstens {high}", f"at most {high}") if high is not None else ""


def _figure(value: float, lang: Lang) -> str:
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text


def _digits(question: Question) -> int:
    """Return how many signs the field for a number needs."""
    known = [v for v in (question.minimum, question.maximum) if v is not None]
    whole = max((len(f"{abs(v):.0f}") for v in known), default=0) if question.maximum is not None else 0
    room = whole + (min(question.decimals, _DECIMALS) + 1 if question.decimals else 0)
    return min(max(room, 2), 12) if whole else _DIGITS


# --- instructions --------------------------------------------------------------------------------


def _one(builder: _Builder, _question: Question) -> str:
    return builder.t("Bitte nur eine Antwort ankreuzen.", "Please tick one answer only.")


def _several(builder: _Builder, question: Question) -> str:
    low, high = question.min_answers or 0, question.max_answers
    if high is not None and low == high:
        said = builder.t(f"Bitte genau {_count(high, 'de')} ankreuzen.", f"Please tick exactly {_count(high, 'en')}.")
    elif high is not None and low > 1:
        said = builder.t(
            f"Bitte mindestens {low} und höchstens {_count(high, 'de')} ankreuzen.",
            f"Please tick at least {low} and at most {_count(high, 'en')}.",
        )
    elif high is not None:
        said = builder.t(
            f"Bitte höchstens {_count(high, 'de')} ankreuzen.", f"Please tick at most {_count(high, 'en')}."
        )
    elif low > 1:
        said = builder.t(
            f"Bitte mindestens {_count(low, 'de')} ankreuzen.", f"Please tick at least {_count(low, 'en')}."
        )
    else:
        said = builder.t("Mehrere Antworten sind möglich.", "You may tick several answers.")
    alone = [builder.say(item.text) for item in builder.items(question) if item.exclusive]
    if question.other and question.other.exclusive:
        alone.append(builder.say(question.other.text))
    if alone:
        names = ", ".join(builder.t(f"„{name}“", f"“{name}”") for name in alone)
        said += builder.t(f" {names} bitte nur allein ankreuzen.", f" Please tick {names} only on its own.")
    return said


def _count(number: int, lang: Lang) -> str:
    if lang == "de":
        return "eine Antwort" if number == 1 else f"{number} Antworten"
    return "one answer" if number == 1 else f"{number} answers"


def _row_by_row(builder: _Builder, question: Question) -> str:
    said = builder.t("Bitte in jeder Zeile eine Antwort ankreuzen.", "Please tick one answer in every row.")
    if question.second_scale:
        said = builder.t(
            "Bitte in jeder Zeile links und rechts je eine Antwort ankreuzen.",
            "Please tick one answer on the left and one on the right in every row.",
        )
    if question.min_answers and question.min_answers < len(question.items):
        said += builder.t(f" Mindestens {question.min_answers} Zeilen.", f" At least {question.min_answers} rows.")
    return said


def _in_order(builder: _Builder, question: Question) -> str:
    if question.max_answers is not None and question.max_answers < len(question.items):
        return builder.t(
            f"Bitte die Ränge 1 bis {question.max_answers} eintragen: 1 steht an erster Stelle. Jeden Rang nur einmal "
            "vergeben; alle anderen Felder bleiben leer.",
            f"Please enter the ranks 1 to {question.max_answers}: 1 comes first. Give every rank once; "
            "leave all other fields empty.",
        )
    return builder.t(
        "Bitte Ränge eintragen: 1 steht an erster Stelle. Jeden Rang nur einmal vergeben.",
        "Please enter ranks: 1 comes first. Give every rank once.",
    )


def _write_number(builder: _Builder, question: Question) -> str:
    if question.decimals > _DECIMALS:
        return builder.t("Bitte eine Zahl eintragen, auch mit Komma.", "Please enter a number, decimals allowed.")
    if question.decimals:
        plural = "n" if question.decimals > 1 else ""
        return builder.t(
            f"Bitte eine Zahl eintragen, höchstens {question.decimals} Nachkommastelle{plural}.",
            f"Please enter a number with at most {question.decimals} decimal place{'s' if plural else ''}.",
        )
    if question.items:
        return builder.t("Bitte ganze Zahlen eintragen.", "Please enter whole numbers.")
    return builder.t("Bitte eine ganze Zahl eintragen.", "Please enter a whole number.")


def _write_text(builder: _Builder, question: Question) -> str:
    if question.max_length is not None:
        return builder.t(
            f"Bitte eintragen, höchstens {question.max_length} Zeichen.",
            f"Please write at most {question.max_length} characters.",
        )
    return builder.t("Bitte eintragen.", "Please write your answer.")


def _write_date(builder: _Builder, _question: Question) -> str:
    return builder.t("Bitte als Tag, Monat und Jahr eintragen.", "Please enter day, month and year.")


def _enclose(builder: _Builder, _question: Question) -> str:
    return builder.t("Bitte dem Bogen beilegen.", "Please enclose it with the form.")


def _none(_builder: _Builder, _question: Question) -> str:
    return ""


_INSTRUCTIONS: dict[QuestionType, Callable[[_Builder, Question], str]] = {
    "single": _one,
    "multiple": _several,
    "scale": _one,
    "matrix": _row_by_row,
    "ranking": _in_order,
    "number": _write_number,
    "text": _write_text,
    "date": _write_date,
    "file": _enclose,
    "computed": _none,
    "information": _none,
}
