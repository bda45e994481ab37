"""A questionnaire goes through SurveyJS and comes back as it was."""

from __future__ import annotations

from hypothesis import given, settings
from questionnaire_strategies import questionnaires
from roundtrip import differences

from passgenau.formats.surveyjs import read_surveyjs, write_surveyjs
from passgenau.survey.questionnaire import Questionnaire


@given(questionnaires())
@settings(max_examples=120, deadline=None)
def test_any_questionnaire_comes_back_from_surveyjs_as_it_was(before: Questionnaire) -> None:
    exported = write_surveyjs(before)
    after = read_surveyjs(exported.files["questionnaire.json"], "questionnaire.json").questionnaire
    assert after is not None
    assert differences(before, after) == set()
