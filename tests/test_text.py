import pytest
from pydantic import TypeAdapter, ValidationError

from passgenau.text import Text

READ = TypeAdapter(Text).validate_python


def test_it_answers_in_the_language_asked_for() -> None:
    assert (Text("ja", "yes").into("de"), Text("ja", "yes").into("en")) == ("ja", "yes")


def test_it_stays_german_where_there_is_no_english_and_says_so() -> None:
    assert (Text("ja").into("en"), Text("ja").lang_in("en"), Text("ja", "yes").lang_in("en")) == ("ja", "de", "en")


def test_a_plain_string_in_a_file_is_german() -> None:
    assert READ("  ja ") == Text("ja")


def test_a_mapping_in_a_file_holds_both_languages() -> None:
    assert READ({"de": "ja", "en": "yes"}) == Text("ja", "yes")
    assert READ({"de": "ja", "en": None}) == Text("ja")


@pytest.mark.parametrize("value", ["", "  ", 3, None, ["ja"], {"en": "yes"}, {"de": "ja", "fr": "oui"}, {"de": 1}])
def test_anything_else_is_no_text(value: object) -> None:
    with pytest.raises(ValidationError):
        READ(value)
