"""The report as DOCX: real headings, lists, captions and fields, so that an office can go on writing."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import docx
from docx.opc.pkgwriter import PackageWriter
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from passgenau.report import labels
from passgenau.report.figures.drawing import raster
from passgenau.report.model import Bullets, Callout, Figure, KeyFigures, PageBreak, Paragraph, Table
from passgenau.report.outline import closing_sections, column_weights, outline, table_label
from passgenau.report.wording import NO_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docx.document import Document
    from docx.opc.packuri import PackURI

    from passgenau.report.model import Element, Inline, Report, Section, Span
    from passgenau.report.outline import Outline

_TEXT_WIDTH_MM = 164
_TWIPS_PER_MM = 1440 / 25.4
_ACCENT = "12406B"
_FIXED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 -- a stated instant instead of the clock; python-docx takes naive values
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 cannot hold these
_SIDES = {"left": "left", "right": "right"}
_CALLOUTS = {"message": ("12406B", "E7EEF6"), "caution": ("B26B00", "FFF4DC"), "note": ("6B7480", "F3F5F8")}
_HEADINGS = 6
_SHORT = 3  # elements of a chapter that need no new page


def write_docx(report: Report) -> bytes:
    """Return the report as DOCX: the concept paper an office goes on writing.

    Headings carry Word's own multilevel numbering, captions its counters, the contents its field,
    pictures their alternative text, tables a repeated head; the language is set in the styles and
    in every run that differs. The archive carries fixed times, so that the same report gives the
    same bytes.

    Parameters
    ----------
    report
        The report. Links to ids that do not exist raise `ValueError`.

    Returns
    -------
    bytes
        The file.
    """
    document = docx.Document()
    _page(document, report)
    _styles(document, report)
    writer = _Writer(document, report, outline(report))
    writer.front()
    for section in report.sections:
        writer.section(section, 1)
    for section in closing_sections(report):
        writer.section(section, 1)
    _properties(document, report)
    return _packed(document)


def _packed(document: Document) -> bytes:
    """Pack with fixed times in the archive: the same report, the same bytes."""
    package = document.part.package
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        package_writer: Any = PackageWriter
        target = _FixedTimes(archive)
        for part in package.parts:
            part.before_marshal()
        # As `PackageWriter.write` does, which would pack all pictures once with the times of the clock.
        package_writer._write_content_types_stream(target, package.parts)  # noqa: SLF001
        package_writer._write_pkg_rels(target, package.rels)  # noqa: SLF001
        package_writer._write_parts(target, package.parts)  # noqa: SLF001
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class _FixedTimes:
    """Takes the parts of a package as python-docx writes them."""

    archive: zipfile.ZipFile

    def write(self, name: PackURI, content: bytes) -> None:
        entry = zipfile.ZipInfo(name.membername, date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        self.archive.writestr(entry, content)


def _properties(document: Document, report: Report) -> None:
    core = document.core_properties
    core.title, core.subject, core.language = _clean(report.title), _clean(report.subtitle), labels.CODE[report.lang]
    core.author = core.last_modified_by = f"passgenau {report.version}"
    core.comments = _clean(report.banner or "")
    core.created = core.modified = _FIXED
    core.revision = 1


def _page(document: Document, report: Report) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(24), Mm(22)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)
    head = section.header.paragraphs[0]
    head.text = _clean(report.banner or report.title)
    foot = section.footer.paragraphs[0]
    page, of = labels.PAGE.into(report.lang), labels.OF.into(report.lang)
    words = f"{_run(page + ' ')}{_field('PAGE', '1')}{_run(f' {of} ')}{_field('NUMPAGES', '1')}"
    for child in _xml(f'<w:p {nsdecls("w")}><w:pPr><w:jc w:val="right"/></w:pPr>{words}</w:p>'):
        foot._p.append(child)  # noqa: SLF001 -- python-docx has no call for fields


def _styles(document: Document, report: Report) -> None:
    styles = document.styles
    code = labels.CODE[report.lang]
    for lang in styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), code)
        lang.set(qn("w:eastAsia"), code)
    normal = styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(5), 1.08
    looks = {"Title": (20, 0, 2), "Heading 1": (17, 0, 8), "Heading 2": (14, 18, 6), "Heading 3": (12, 12, 4)}
    for name, (size, before, after) in looks.items():
        style = styles[name]
        _plain_font(style.element)
        style.font.name, style.font.size, style.font.bold = "Arial", Pt(size), True
        style.font.color.rgb = RGBColor.from_string(_ACCENT)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = True
    styles["Heading 1"].paragraph_format.page_break_before = True
    caption = styles["Caption"]
    caption.font.size, caption.font.color.rgb, caption.font.bold = Pt(9.5), RGBColor(0x1A, 0x1D, 0x21), False
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(10), Pt(4)
    for name in ("Header", "Footer"):
        styles[name].font.size, styles[name].font.color.rgb = Pt(9), RGBColor(0x4D, 0x55, 0x60)
    _number_headings(document)


def _plain_font(style: Any) -> None:  # noqa: ANN401 -- an lxml element of python-docx
    """Take theme fonts and frames off a style, which would win over the ones set here."""
    for name in ("w:rFonts", "w:pBdr"):
        for element in style.findall(f".//{qn(name)}"):
            element.getparent().remove(element)


def _number_headings(document: Document) -> None:
    """Give the heading styles one multilevel list, so that inserted sections renumber by themselves."""
    numbering = document.part.numbering_part.element
    plain = "".join(_level(i, "decimal", ".".join(f"%{n}" for n in range(1, i + 2)), heading=True) for i in range(3))
    annex = "".join(
        _level(i, "upperLetter" if i == 0 else "decimal", ".".join(f"%{n}" for n in range(1, i + 2))) for i in range(3)
    )
    first_num = numbering.find(qn("w:num"))
    for number, levels in ((900, plain), (901, annex)):
        xml = (
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
            f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        )
        first_num.addprevious(_xml(xml))
        numbering.append(_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'))
    for i in range(3):
        numbered = document.styles[f"Heading {i + 1}"].element.get_or_add_pPr().get_or_add_numPr()
        if i:
            numbered.get_or_add_ilvl().val = i
        numbered.get_or_add_numId().val = 900


def _level(index: int, form: str, text: str, *, heading: bool = False) -> str:
    style = f'<w:pStyle w:val="Heading{index + 1}"/>' if heading else ""
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{style}<w:suff w:val="space"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
    )


# Pieces of WordprocessingML -------------------------------------------------------------------


def _xml(text: str) -> Any:  # noqa: ANN401 -- an lxml element of python-docx
    return parse_xml(text)


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", text)


def _escape(text: str) -> str:
    return _clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _run(text: str, properties: str = "") -> str:
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:t xml:space="preserve">{_escape(text)}</w:t></w:r>'


def _field(instruction: str, shown: str, *, dirty: bool = False) -> str:
    mark = ' w:dirty="true"' if dirty else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{mark}/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{_run(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _paragraph(content: str, style: str = "", properties: str = "") -> str:
    head = f'<w:pStyle w:val="{style}"/>' if style else ""
    wrapped = f"<w:pPr>{head}{properties}</w:pPr>" if head or properties else ""
    return f"<w:p>{wrapped}{content}</w:p>"


@dataclass
class _Writer:
    """Appends the parts of one report to one document; counts what Word wants counted."""

    document: Document
    report: Report
    numbers: Outline
    marks: dict[str, int] = field(default_factory=dict)
    lists: int = 0

    def append(self, xml: str) -> None:
        root = _xml(f"<w:body {nsdecls('w', 'r', 'wp', 'a', 'pic')}>{xml}</w:body>")
        body = self.document.element.body
        for child in list(root):
            body.insert(len(body) - 1, child)  # the last child holds the page's properties

    # Text ---------------------------------------------------------------------------------

    def mark(self, name: str) -> int:
        return self.marks.setdefault(name, len(self.marks) + 1)

    def bookmarked(self, name: str, content: str) -> str:
        number = self.mark(name)
        return f'<w:bookmarkStart w:id="{number}" w:name="part_{number}"/>{content}<w:bookmarkEnd w:id="{number}"/>'

    def span(self, span: Span, *, bold: bool = False, size: str = "") -> str:
        # The order of these properties is the schema's; Word refuses others.
        properties = "<w:b/>" if span.strong or bold else ""
        properties += "<w:i/>" if span.emphasis else ""
        properties += f'<w:color w:val="{_ACCENT}"/>' if span.link else ""
        properties += size
        properties += '<w:u w:val="single"/>' if span.link else ""
        properties += f'<w:lang w:val="{labels.CODE[span.lang]}"/>' if span.lang else ""
        run = _run(span.text, properties)
        return f'<w:hyperlink w:anchor="part_{self.mark(span.link)}">{run}</w:hyperlink>' if span.link else run

    def line(self, line: Inline, *, bold: bool = False, size: str = "") -> str:
        return "".join(self.span(span, bold=bold, size=size) for span in line)

    # Sections -----------------------------------------------------------------------------

    def front(self) -> None:
        report = self.report
        xml = _paragraph(_run(report.title), "Title") + _paragraph(_run(report.subtitle), "Subtitle")
        self.append(xml)
        self.section(report.summary, 1, first=True)
        if len(report.sections) > 1:
            self.contents()

    def contents(self) -> None:
        """Write the contents as Word's own field, filled so that it reads well before it is updated."""
        entries = [
            (s.id, level, f"{self.numbers.sections.get(s.id, '')} {s.title}".strip())
            for level, s in _levels(self.report.sections)
            if level <= 2  # noqa: PLR2004 -- chapters and sections
        ]
        begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        begin += '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
        begin += '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        title = _run(labels.CONTENTS.into(self.report.lang), '<w:b/><w:color w:val="12406B"/><w:sz w:val="32"/>')
        xml = _paragraph(title, "", '<w:keepNext/><w:pageBreakBefore/><w:spacing w:after="160"/>')
        for index, (name, level, text) in enumerate(entries):
            link = f'<w:hyperlink w:anchor="part_{self.mark(name)}">{_run(text)}</w:hyperlink>'
            end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if index == len(entries) - 1 else ""
            indent = f'<w:spacing w:after="40"/><w:ind w:left="{360 * (level - 1)}"/>'
            xml += _paragraph((begin if index == 0 else "") + link + end, "", indent)
        self.append(xml)

    def section(self, section: Section, level: int, *, first: bool = False, annex: bool = False) -> None:
        annex = annex or section.annex
        numbered = self.numbers.sections.get(section.id, "")
        properties = ""
        if first or not (level > 1 or _opens_page(section)):
            properties += '<w:pageBreakBefore w:val="0"/>'
        if not numbered:
            properties += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
        elif annex:
            properties += f'<w:numPr><w:ilvl w:val="{min(level, 3) - 1}"/><w:numId w:val="901"/></w:numPr>'
        style = f"Heading{min(level, _HEADINGS)}"
        self.append(_paragraph(self.bookmarked(section.id, _run(section.title)), style, properties))
        for element in section.elements:
            self.element(element)
        for sub in section.sections:
            self.section(sub, level + 1, annex=annex)

    def element(self, element: Element) -> None:
        if isinstance(element, Paragraph):
            self.append(_paragraph(self.line(element.content)))
        elif isinstance(element, Bullets):
            self.bullets(element)
        elif isinstance(element, Callout):
            self.callout(element)
        elif isinstance(element, KeyFigures):
            self.key_figures(element)
        elif isinstance(element, Table):
            self.table(element)
        elif isinstance(element, Figure):
            self.figure(element)
        elif isinstance(element, PageBreak):
            self.append(_paragraph('<w:r><w:br w:type="page"/></w:r>'))

    def bullets(self, bullets: Bullets) -> None:
        if not bullets.ordered:
            self.append("".join(_paragraph(self.line(item), "ListBullet") for item in bullets.items))
            return
        self.lists += 1
        number = 1000 + self.lists
        numbering = self.document.part.numbering_part.element
        base = self.document.styles["List Number"].element.find(f".//{qn('w:numId')}").get(qn("w:val"))
        source = next(n for n in numbering.findall(qn("w:num")) if n.get(qn("w:numId")) == base)
        abstract = source.find(qn("w:abstractNumId")).get(qn("w:val"))
        numbering.append(
            _xml(
                f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>'
                '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
            )
        )
        properties = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
        self.append("".join(_paragraph(self.line(item), "ListNumber", properties) for item in bullets.items))

    def callout(self, callout: Callout) -> None:
        edge, ground = _CALLOUTS[callout.kind]
        frame = f'<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{edge}"/></w:pBdr>'
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{ground}"/><w:ind w:left="170"/>'
        lines = [_run(callout.title, "<w:b/>"), *(self.line(line) for line in callout.content)]
        keep = ["<w:keepNext/>"] * (len(lines) - 1) + [""]
        self.append("".join(_paragraph(line, "", kept + frame + shade) for line, kept in zip(lines, keep, strict=True)))

    def key_figures(self, key: KeyFigures) -> None:
        for figure in key.figures:
            big = _run(figure.value, '<w:b/><w:color w:val="12406B"/><w:sz w:val="30"/>')
            words = f"{big}{_run('  ')}{_run(figure.label, '<w:b/>')}{_run('  ')}{_run(figure.context)}"
            self.append(_paragraph(words, "", '<w:keepLines/><w:spacing w:after="100"/>'))

    # Tables and pictures --------------------------------------------------------------------

    def counted(self, name: str, word: str, number: int, caption: str) -> str:
        """Return a caption whose number is Word's own counter, so that inserted ones renumber."""
        counter = _field(f"SEQ {word} \\* ARABIC", str(number))
        head = _run(word + NO_BREAK, "<w:b/>") + counter + _run(": ", "<w:b/>")
        return self.bookmarked(name, head + _run(caption))

    def table(self, table: Table) -> None:
        number = self.numbers.tables.get(table.id)
        if number is None:
            label = _run(table_label(table, self.numbers, self.report) + " ", "<w:b/>")
            words = self.bookmarked(table.id, label + _run(table.caption))
        else:
            words = self.counted(table.id, labels.TABLE.into(self.report.lang), number, table.caption)
        head = _paragraph(words, "Caption", "<w:keepNext/>")
        note = _paragraph(_run(table.note, '<w:sz w:val="18"/>'), "", "") if table.note else _paragraph("")
        self.append(head + self.grid(table) + note)

    def grid(self, table: Table) -> str:
        widths = _column_widths(table)
        size = '<w:sz w:val="16"/>' if table.wide else '<w:sz w:val="18"/>'
        edges = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="C9CED6"/>' for side in ("top", "bottom", "insideH")
        )
        properties = (
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
            '<w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
            f'<w:tblLook w:val="00A0" w:firstRow="1" w:firstColumn="{int(table.header_columns > 0)}"/>'
            f'<w:tblCaption w:val="{_escape(table.caption)}"/>'
        )
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        heads = "".join(
            _cell(_run(text, f"<w:b/>{size}"), width, side, head=True)
            for text, width, side in zip(table.columns, widths, table.align, strict=True)
        )
        rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{heads}</w:tr>"]
        rows += [self.row(row, table, widths, size) for row in table.rows]
        return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"

    def row(self, row: tuple[Inline, ...], table: Table, widths: list[int], size: str) -> str:
        cells = "".join(
            _cell(self.line(cell, bold=i < table.header_columns, size=size), widths[i], table.align[i])
            for i, cell in enumerate(row)
        )
        return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"

    def figure(self, figure: Figure) -> None:
        picture = self.document.part.new_pic_inline(
            io.BytesIO(raster(figure.svg)), width=Mm(_TEXT_WIDTH_MM * figure.width)
        )
        picture.docPr.set("descr", _clean(figure.alt))
        picture.docPr.set("name", figure.id)
        self.append(_paragraph("<w:r><w:drawing/></w:r>", "", "<w:keepNext/>"))
        next(self.document.element.body[-2].iter(qn("w:drawing"))).append(picture)
        caption = f"{figure.caption}. {figure.note}" if figure.note else figure.caption
        word, number = labels.FIGURE.into(self.report.lang), self.numbers.figures[figure.id]
        self.append(_paragraph(self.counted(figure.id, word, number, caption), "Caption"))


def _opens_page(section: Section) -> bool:
    """Tell whether a chapter is long enough to start on a new page, as in the PDF."""
    return section.own_page or bool(section.sections) or len(section.elements) > _SHORT


def _levels(sections: Iterable[Section], level: int = 1) -> list[tuple[int, Section]]:
    return [pair for s in sections for pair in ((level, s), *_levels(s.sections, level + 1))]


def _column_widths(table: Table) -> list[int]:
    """Return widths in twentieths of a point that fill the text width."""
    weights = column_weights(table)
    total = _TEXT_WIDTH_MM * _TWIPS_PER_MM
    return [round(total * weight / sum(weights)) for weight in weights]


def _cell(content: str, width: int, side: str, *, head: bool = False) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E7EEF6"/>' if head else ""
    properties = f'<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/><w:jc w:val="{_SIDES[side]}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{_paragraph(content, "", properties)}</w:tc>'
    )
