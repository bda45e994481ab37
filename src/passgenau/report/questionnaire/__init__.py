"""The questionnaire as a document: paper form, version for a committee, codebook, and two waves side by side."""

from passgenau.report.questionnaire.codebook import build_codebook, codebook_rows, write_codebook_csv
from passgenau.report.questionnaire.committee import write_committee_docx
from passgenau.report.questionnaire.form import Form, Setting, build_form
from passgenau.report.questionnaire.paper import write_form_pdf
from passgenau.report.questionnaire.waves import build_comparison, comparison_rows, write_comparison_csv

__all__ = [
    "Form",
    "Setting",
    "build_codebook",
    "build_comparison",
    "build_form",
    "codebook_rows",
    "comparison_rows",
    "write_codebook_csv",
    "write_committee_docx",
    "write_comparison_csv",
    "write_form_pdf",
]
