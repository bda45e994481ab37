"""The report: one `Report` value in one language, and writers for HTML, PDF/UA and DOCX with the same content."""

from passgenau.report.material import AudienceInfo, Material, ReportInfo
from passgenau.report.model import Report, Section

__all__ = ["AudienceInfo", "Material", "Report", "ReportInfo", "Section"]
