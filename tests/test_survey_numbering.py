"""Numbers on paper, jumps that follow from filters, and the words of HTML texts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passgenau.survey import Questionnaire
from passgenau.survey.numbering import jumps, numbers
from passgenau.survey.plain_text import plain


def asked(*conditions: str | None, **first: Any) -> Questionnaire:
    """Return a questionnaire: a single choice `q`, then one text per condition."""
    items = [{"id": "yes", "text": "ja"}, {"id": "no", "text": "nein"}]
    questions = [{"id": "q", "type": "single", "text": "Q?", "items": items} | first]
    for place, condition in enumerate(conditions, start=1):
        shown = {} if condition is None else {"show_if": condition}
        questions.append({"id": f"t{place}", "type": "text", "text": "T?"} | shown)
    return Questionnaire.model_validate({"questions": questions})


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (("q = yes", None), {"no": "t2"}),
        (("q = yes", "q = yes", None), {"no": "t3"}),
        (("q = yes", "q = no", None), {"no": "t2"}),
        (("q = yes",), {"no": "end"}),
        (("not (q = yes) and answered(q)", None), {"yes": "t2"}),
        (("q in (yes, no)", None), {}),
        (("@population > 5", None), {}),
        (("q = yes and @population > 5", None), {}),
        ((None,), {}),
    ],
)
def test_an_answer_leads_to_the_next_question_that_it_lets_through(
    conditions: tuple[str | None, ...], expected: dict[str, str]
) -> None:
    questionnaire = asked(*conditions)
    assert jumps(questionnaire.question("q"), questionnaire) == expected


def test_no_answer_has_no_value_and_leads_on() -> None:
    questionnaire = asked("q != no", "q = no", None, no_answer={})
    assert jumps(questionnaire.question("q"), questionnaire) == {"no": "t2"}
    questionnaire = asked("q = no", None, no_answer={})
    assert jumps(questionnaire.question("q"), questionnaire) == {"yes": "t2", "no_answer": "t2"}


def test_codes_that_are_numbers_lead_on_as_well() -> None:
    items = [{"id": "1", "text": "ja"}, {"id": "2", "text": "nein"}]
    questionnaire = asked("q = 1", None, items=items)
    assert jumps(questionnaire.question("q"), questionnaire) == {"2": "t2"}


def test_only_what_is_answered_bears_a_number() -> None:
    questionnaire = Questionnaire.model_validate(
        {
            "questions": [
                {"id": "hello", "type": "information", "text": "Guten Tag"},
                {"id": "a", "type": "text", "text": "A?"},
                {"id": "sum", "type": "computed", "text": "Summe"},
                {"id": "b", "type": "text", "text": "B?"},
            ]
        }
    )
    assert numbers(questionnaire) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Eins</p><p>Zwei<br/>Drei</p>", "Eins\nZwei\nDrei"),
        ("Pflege &amp; Wohnen&nbsp;heute", "Pflege & Wohnen heute"),
        ("<script>alert('x')</script>Frage <b>eins</b><style>p{}</style>", "Frage eins"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ('<img src="x.png" alt="Karte des Quartiers"> Wo?', "Karte des Quartiers Wo?"),
        ("3 < 5 und 7 > 2", "3 < 5 und 7 > 2"),
        ("unfertig <b>fett", "unfertig fett"),
    ],
)
def test_html_is_read_as_its_words(html: str, words: str) -> None:
    assert plain(html) == words


@given(st.text(st.characters(exclude_characters="<>&", exclude_categories=["C", "Z"]), max_size=40))
def test_words_without_markup_stay_as_they_are(words: str) -> None:
    assert plain(words) == words


@given(st.text(max_size=60))
def test_whatever_is_read_has_no_blank_lines(text: str) -> None:
    words = plain(f"<p>{text}</p>")
    assert words == "" or all(line.strip(" ") == line != "" for line in words.split("\n"))
