"""The questionnaire for a committee, as an editable document: wording, codes, topics, filters, room for comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from passgenau.report import labels
from passgenau.report.docx import _ACCENT, _FIXED, _clean, _escape, _field, _packed, _paragraph, _plain_font, _run, _xml
from passgenau.report.questionnaire.codebook import QUESTION_TYPES
from passgenau.report.questionnaire.conditions import Conditions
from passgenau.report.questionnaire.form import build_form
from passgenau.survey.completeness import completeness
from passgenau.survey.plain_text import shown

if TYPE_CHECKING:
    from docx.document import Document

    from passgenau.report.questionnaire.form import Form, FormQuestion, FormSection, Setting
    from passgenau.survey.questionnaire import Item, Question, Questionnaire
    from passgenau.text import Lang
    from passgenau.translations import Translations

_WIDTHS_MM = (11, 108, 30, 66, 42)  # number, wording, code, who and what for, comment: 257 mm of a landscape page
_TWIPS_PER_MM = 1440 / 25.4
_SMALL = '<w:sz w:val="17"/>'
_QUIET = '<w:sz w:val="17"/><w:color w:val="4D5560"/>'


def write_committee_docx(questionnaire: Questionnaire, language: str, setting: Setting) -> bytes:
    """Return the questionnaire as DOCX for those who decide on it.

    Every question is a row of a table: wording with its answers, codes, who is asked and what the answers are
    used for, and an empty column for comments. Questions that are not numbered (texts, computed values) are
    shown as well.

    Parameters
    ----------
    questionnaire
        What is asked.
    language
        One of its languages.
    setting
        Names of audiences and topics.
    """
    document = docx.Document()
    form = build_form(questionnaire, language, setting)
    _set_up(document, form)
    writer = _Writer(questionnaire, form, setting)
    last = document.element.body[-1]
    for element in list(_xml(f"<w:body {nsdecls('w')}>{''.join(writer.elements())}</w:body>")):
        last.addprevious(element)
    _describe(document, form, setting)
    return _packed(document)


def _set_up(document: Document, form: Form) -> None:
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = page.bottom_margin = Mm(20)
    page.top_margin = Mm(22)
    code = labels.CODE[form.lang] if form.lang == form.language.partition("-")[0] else form.language
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), code)
        lang.set(qn("w:eastAsia"), code)
    styles = document.styles
    styles["Normal"].font.name, styles["Normal"].font.size = "Arial", Pt(10)
    styles["Normal"].paragraph_format.space_after = Pt(4)
    for name in ("Header", "Footer"):
        styles[name].font.size, styles[name].font.color.rgb = Pt(8.5), RGBColor(0x4D, 0x55, 0x60)
    for name, size, before in (("Title", 19, 0), ("Heading 1", 14, 16)):
        style = styles[name]
        _plain_font(style.element)
        style.font.name, style.font.size, style.font.bold = "Arial", Pt(size), True
        style.font.color.rgb = RGBColor.from_string(_ACCENT)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(5)
        style.paragraph_format.keep_with_next = True
    page.header.paragraphs[0].text = _clean((form.banner or form.title).split("\n")[0].split(". ")[0])
    _foot(document, form)


def _foot(document: Document, form: Form) -> None:
    foot = document.sections[0].footer.paragraphs[0]
    place, of = labels.PAGE.into(form.lang), labels.OF.into(form.lang)
    version = f"{_t(form.lang, 'Fassung', 'Version')} {form.version} · " if form.version else ""
    head = _run(f"{version}{form.language} · {place} ", _QUIET)
    words = f"{head}{_field('PAGE', '1')}{_run(f' {of} ', _QUIET)}{_field('NUMPAGES', '1')}"
    for child in _xml(f'<w:p {nsdecls("w")}><w:pPr><w:jc w:val="right"/></w:pPr>{words}</w:p>'):
        foot._p.append(child)  # noqa: SLF001 -- python-docx has no call for fields


def _describe(document: Document, form: Form, setting: Setting) -> None:
    core = document.core_properties
    core.title, core.subject, core.language = _clean(form.title), _clean(form.subtitle), form.language
    core.author = core.last_modified_by = f"passgenau {setting.version}".strip()
    core.comments = _clean(form.banner or "")
    core.created = core.modified = _FIXED
    core.revision = 1


def _t(lang: Lang, de: str, en: str) -> str:
    return de if lang == "de" else en


@dataclass(frozen=True)
class _Writer:
    """Writes the parts of one document as WordprocessingML."""

    questionnaire: Questionnaire
    form: Form
    setting: Setting

    def t(self, de: str, en: str) -> str:
        return _t(self.form.lang, de, en)

    def say(self, wording: Translations | None) -> str:
        return shown(wording, self.questionnaire, self.form.language)

    def elements(self) -> list[str]:
        found = [_paragraphs(self.form.title, "Title"), _paragraphs(self.form.subtitle)]
        if self.form.banner:
            found.append(_boxed(self.form.banner, "B26B00", "FFF4DC"))
        found += [self.told(self.t("Einleitung", "Introduction"), self.form.introduction)]
        privacy = self.form.privacy or self.t("fehlt noch", "still missing")
        found += [self.told(self.t("Datenschutzhinweis", "Privacy notice"), privacy), self.open_points()]
        for section in self.form.sections:
            found += self.section(section)
        found.append(self.told(self.t("Schluss", "Ending"), self.form.ending))
        return found

    def told(self, title: str, words: str) -> str:
        return _paragraphs(title, "Heading1") + _paragraphs(words) if words else ""

    def open_points(self) -> str:
        """Return what is still missing, for the committee to settle."""
        gaps = completeness(self.questionnaire)
        if not gaps:
            return ""
        lines = (_paragraph(_run(gap.message.into(self.form.lang)), "ListBullet") for gap in gaps)
        return _paragraphs(self.t("Noch offen", "Still open"), "Heading1") + "".join(lines)

    def section(self, section: FormSection) -> list[str]:
        title = section.title or self.t("Fragen", "Questions")
        head = [_paragraphs(title, "Heading1"), _paragraphs(section.condition), _paragraphs(section.text)]
        rows = "".join(self.row(question) for question in section.questions)
        return [*head, _table(self.heads(), rows, title), _paragraph("")]

    def heads(self) -> tuple[str, ...]:
        return (
            self.t("Nr.", "No."),
            self.t("Frage und Antworten", "Question and answers"),
            self.t("Kennung", "Code"),
            self.t("Wer, wofür, Anmerkung", "Who, what for, note"),
            self.t("Kommentar", "Comment"),
        )

    def row(self, printed: FormQuestion) -> str:
        question = self.questionnaire.question(printed.id)
        required = self.t(" (Pflicht)", " (required)") if printed.required else ""
        words = _lines(printed.text + required, "<w:b/>")
        words += _lines(printed.help) + _lines(printed.instruction, f"<w:i/>{_QUIET}")
        cells = (
            _paragraph(_run(printed.number, "<w:b/>")),
            words,
            _paragraph(_run(question.id, f"<w:b/>{_SMALL}"))
            + _lines(QUESTION_TYPES[question.type].into(self.form.lang), _QUIET),
            self.remarks(question, printed),
            _paragraph(""),
        )
        return _row(cells, shaded=True) + "".join(self.answers(question))

    def remarks(self, question: Question, printed: FormQuestion) -> str:
        said = [printed.condition]
        if question.kind == "wish":
            said.append(self.t("Wunsch: führt zu Themen des Katalogs.", "Wish: leads to topics of the catalogue."))
        limits = [f"{v:g}" for v in (question.minimum, question.maximum) if v is not None]
        if limits or question.unit:
            said.append(" ".join(part for part in (" … ".join(limits), self.say(question.unit)) if part))
        if question.note:
            said.append(question.note.into(self.form.lang))
        return "".join(_lines(line, _SMALL) for line in said if line) or _paragraph("")

    def answers(self, question: Question) -> list[str]:
        signs = {"single": "○", "multiple": "☐", "ranking": "▭"}
        rows = [self.answer(signs.get(question.type, "–"), item) for item in question.items]
        rows += [self.plain("|", self.say(column.text), column.id, "") for column in question.columns]
        for name in (question.scale, question.second_scale):
            if name is not None:
                rows += [self.plain("○", self.say(p.text), p.id, "") for p in self.questionnaire.scale(name).points]
        sign = signs.get(question.type, "○")
        if question.other:
            rows.append(self.plain(sign, f"{self.say(question.other.text)} ________", "other", ""))
        if question.no_answer:
            rows.append(self.plain(sign, self.say(question.no_answer.text), question.no_answer.code or "–", ""))
        if question.comment:
            rows.append(self.plain("–", f"{self.say(question.comment)} ________", "comment", ""))
        return rows

    def answer(self, sign: str, item: Item) -> str:
        conditions = Conditions(self.questionnaire, self.form.language, self.setting.audiences)
        said = [self.t("nur allein", "only on its own")] * item.exclusive
        if item.audiences:
            groups = ", ".join(conditions.audience(audience) for audience in item.audiences)
            said.append(self.t(f"nur {groups}", f"only {groups}"))
        if item.show_if:
            clause = conditions.clause(item.show_if.tree)
            said.append(self.t(f"nur, wenn {clause}", f"only if {clause}"))
        if item.topic:
            title = self.setting.topics.get(item.topic)
            name = f" ({title.into(self.form.lang)})" if title else ""
            said.append(f"{self.t('Thema', 'topic')}: {item.topic}{name}")
        return self.plain(sign, self.say(item.text) + (" ________" if item.comment else ""), item.id, "; ".join(said))

    def plain(self, sign: str, words: str, code: str, remark: str) -> str:
        indent = '<w:ind w:left="284" w:hanging="284"/>'
        return _row(
            (
                _paragraph(""),
                _paragraph(_run(f"{sign}\u2002{' '.join(words.split())}"), "", indent),
                _paragraph(_run(code, _SMALL)),
                _paragraph(_run(remark, _SMALL)),
                _paragraph(""),
            )
        )


# --- pieces of WordprocessingML --------------------------------------------------------------------


def _lines(words: str, properties: str = "") -> str:
    return "".join(_paragraph(_run(line, properties)) for line in words.split("\n") if line)


def _paragraphs(words: str, style: str = "") -> str:
    return "".join(_paragraph(_run(line), style) for line in words.split("\n") if line)


def _boxed(words: str, edge: str, ground: str) -> str:
    frame = (
        f'<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{edge}"/></w:pBdr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{ground}"/><w:ind w:left="170"/>'
    )
    return "".join(_paragraph(_run(line), "", frame) for line in words.split("\n") if line)


def _table(heads: tuple[str, ...], rows: str, title: str) -> str:
    widths = [round(width * _TWIPS_PER_MM) for width in _WIDTHS_MM]
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="C9CED6"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    properties = (
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="0020" w:firstRow="1"/><w:tblCaption w:val="{_escape(title)}"/>'
    )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = "".join(_cell(_paragraph(_run(text, f"<w:b/>{_SMALL}")), i, "E7EEF6") for i, text in enumerate(heads))
    first = f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{first}{rows}</w:tbl>"


def _row(cells: tuple[str, ...], *, shaded: bool = False) -> str:
    """Return a row; a question's own stays on the page of its first answer."""
    inside = "".join(_cell(cell, i, "F3F5F8" if shaded else "") for i, cell in enumerate(cells))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{inside}</w:tr>"


def _cell(content: str, column: int, fill: str = "") -> str:
    width = round(_WIDTHS_MM[column] * _TWIPS_PER_MM)
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    look = ("<w:keepNext/>" if fill else "") + '<w:spacing w:before="20" w:after="20"/>'
    tight = content.replace("<w:p><w:pPr>", f"<w:p><w:pPr>{look}").replace(
        "<w:p><w:r>", f"<w:p><w:pPr>{look}</w:pPr><w:r>"
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{tight}</w:tc>'
