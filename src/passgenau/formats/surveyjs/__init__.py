"""SurveyJS: the JSON of a survey (survey-core 1 and 2) and of its results."""

from passgenau.formats.surveyjs.answers import read_surveyjs_answers, write_surveyjs_answers
from passgenau.formats.surveyjs.read import read_surveyjs
from passgenau.formats.surveyjs.write import write_surveyjs

__all__ = ["read_surveyjs", "read_surveyjs_answers", "write_surveyjs", "write_surveyjs_answers"]
