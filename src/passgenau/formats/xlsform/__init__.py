"""XLSForm: the workbooks from which ODK and KoboToolbox make forms, and the CSV files of their answers."""

from passgenau.formats.xlsform.answers import read_xlsform_answers, write_xlsform_answers
from passgenau.formats.xlsform.read import read_xlsform
from passgenau.formats.xlsform.write import write_xlsform

__all__ = ["read_xlsform", "read_xlsform_answers", "write_xlsform", "write_xlsform_answers"]
