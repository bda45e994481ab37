"""The report: one `Report` value in one language, and writers for HTML, PDF/UA and DOCX with the same content."""

from passgenau.report.build import build
from passgenau.report.docx import write_docx
from passgenau.report.handouts import build_handouts
from passgenau.report.html import write_html
from passgenau.report.material import AudienceInfo, Material, ReportInfo
from passgenau.report.model import Report, Section
from passgenau.report.pdf import write_pdf
from passgenau.report.profiles import CONFIDENTIAL, build_profiles

__all__ = [
    "CONFIDENTIAL",
    "AudienceInfo",
    "Material",
    "Report",
    "ReportInfo",
    "Section",
    "build",
    "build_handouts",
    "build_profiles",
    "write_docx",
    "write_html",
    "write_pdf",
]
