"""The filter language: what is written parses to one tree, and its normal form to the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import InputError
from passgenau.reading import validate
from passgenau.survey import Questionnaire
from passgenau.survey.filters import (
    FACTS,
    All,
    Answered,
    AnyOf,
    Comparison,
    Count,
    Fact,
    Filter,
    Node,
    Not,
    OneOf,
    Reference,
    Ticked,
    parse,
    references,
    spelled,
)

A, B, C = (Ticked(Reference(name)) for name in "abc")
NAMES = st.sampled_from(["a", "q1", "Other_q", "1st", "x-y", "andy", "in_", "7", "count1"])
REFERENCES = st.builds(Reference, NAMES, st.none() | NAMES) | st.builds(Reference, NAMES, NAMES, NAMES)
OPERANDS = REFERENCES | st.builds(Fact, st.sampled_from(FACTS)) | st.builds(Count, REFERENCES)
FLOATS = st.integers(-10_000, 10_000).map(float) | st.sampled_from([0.5, -2.25, 1234567.0, 1e6, 1e20, 0.0001, 1e-9])
WORDS = st.sampled_from(
    ["yes", "and", "NOT", "5", "-3.5", "", "ja, klar", 'say "so"', "a\\b", "it's", "Ümlaut"]
) | st.text(max_size=8)
LEAVES = st.one_of(
    st.builds(Comparison, OPERANDS, st.sampled_from(["=", "!="]), FLOATS | WORDS),
    st.builds(Comparison, OPERANDS, st.sampled_from(["<", "<=", ">", ">="]), FLOATS),
    st.builds(OneOf, OPERANDS, st.lists(FLOATS | WORDS, min_size=1, max_size=3).map(tuple)),
    st.builds(Ticked, REFERENCES),
    st.builds(Answered, REFERENCES),
    st.just(All(())),
    st.just(AnyOf(())),
)
TREES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(AnyOf),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_the_normal_form_parses_to_the_same_tree(tree: Node) -> None:
    assert parse(str(Filter(tree))).tree == tree


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("ab.()=<>!\"' andortin,@5-", max_size=40))
def test_any_text_is_a_filter_or_is_refused(source: str) -> None:
    try:
        tree = parse(source).tree
    except InputError as error:
        tree = None
        said = error.problems[0]
        assert said.hint is not None
    assert tree is None or parse(str(Filter(tree))).tree == tree


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a or b and c", AnyOf((A, All((B, C))))),
        ("(a or b) and c", All((AnyOf((A, B)), C))),
        ("not a and b", All((Not(A), B))),
        ("not (a and b)", Not(All((A, B)))),
        ("not not a", Not(Not(A))),
        ("a and b and c", All((A, B, C))),
        ("((a))", A),
        ("A AND B", All((Ticked(Reference("A")), Ticked(Reference("B"))))),
        ("a.b.c = x", Comparison(Reference("a", "b", "c"), "=", "x")),
        ("a == x", Comparison(Reference("a"), "=", "x")),
        ("a = 5", Comparison(Reference("a"), "=", 5.0)),
        ('a = "5"', Comparison(Reference("a"), "=", "5")),
        ("a = 'it\\'s'", Comparison(Reference("a"), "=", "it's")),
        ("a >= -2.5", Comparison(Reference("a"), ">=", -2.5)),
        ("a in (x, 2, 'y z')", OneOf(Reference("a"), ("x", 2.0, "y z"))),
        ("@population < 20000", Comparison(Fact("population"), "<", 20000.0)),
        ("count(a.b) > 1", Comparison(Count(Reference("a", "b")), ">", 1.0)),
        ("answered(a)", Answered(Reference("a"))),
        ("true", All(())),
        ("not false", Not(AnyOf(()))),
        ("2a = 3b", Comparison(Reference("2a"), "=", "3b")),
        ("a\n and\tb", All((A, B))),
    ],
)
def test_a_condition_parses_to_its_tree(source: str, tree: Node) -> None:
    assert parse(source).tree == tree


@pytest.mark.parametrize(
    ("source", "place", "said"),
    [
        ("", 1, "The name of a question is missing here."),
        ("a =", 4, "The value is missing here."),
        ("a = b c", 7, "The filter should end here."),
        ("a and", 6, "The name of a question is missing here."),
        ("(a", 3, "“)” is missing here."),
        ("a ? b", 3, "This character does not fit here."),
        ("a < b", 5, "A number is compared here."),
        ("@town = x", 1, "Only @audience, @language, @size_class, @region, @population are known."),
        ("@audience", 10, "A comparison is missing here, e.g. >= 3."),
        ("count(a)", 9, "A comparison is missing here, e.g. >= 3."),
        ("a in ()", 7, "The value is missing here."),
        ("a in x", 6, "“(” is missing here."),
        ("answered a", 10, "“(” is missing here."),
        ("a = x.y", 5, "The value is missing here."),
        ("a.b.c.d", 6, "This character does not fit here."),
        ("-5 = a", 1, "The name of a question is missing here."),
        ('a = "x', 5, "This character does not fit here."),
    ],
)
def test_a_mistake_is_told_with_its_place(source: str, place: int, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(source)
    message = caught.value.problems[0].message.into("en")
    assert said in message
    assert f"(place {place}:" in message


def test_depth_and_length_are_bounded() -> None:
    assert parse("(" * 50 + "a" + ")" * 50).tree == A
    with pytest.raises(InputError, match="Nested too deeply"):
        parse("(" * 51 + "a" + ")" * 51)
    with pytest.raises(InputError, match="Nested too deeply"):
        parse("not " * 60 + "a")
    assert parse("a or " * 1999 + "abcd").references[-1] == Reference("abcd")  # 9,999 characters
    with pytest.raises(InputError, match="too long"):
        parse("a or " * 2000 + "a")


def test_every_question_spoken_of_is_named_in_order() -> None:
    tree = parse("a = 1 and not (b.x or count(c) > 1) or d in (1) or answered(e) or @language = de").tree
    assert [str(reference) for reference in references(tree)] == ["a", "b.x", "c", "d", "e"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5.0, "5"),
        (2.5, "2.5"),
        (1234567.0, "1234567"),
        (1e20, "100000000000000000000"),
        ("yes", "yes"),
        ("and", '"and"'),
        ("5", '"5"'),
        ('a"b', '"a\\"b"'),
    ],
)
def test_values_are_written_so_that_they_read_back(value: str | float, expected: str) -> None:
    assert spelled(value) == expected


def test_a_mistake_in_a_file_names_the_field() -> None:
    data = {
        "questions": [
            {"id": "a", "type": "text", "text": "A?"},
            {"id": "b", "type": "text", "text": "B?", "show_if": "a ="},
        ]
    }
    with pytest.raises(InputError) as caught:
        validate(data, Questionnaire, "questionnaire.yaml", lambda _: 7)
    problem = caught.value.problems[0]
    assert (problem.field, problem.line) == ("questions[2].show_if", 7)
    assert "The value is missing here." in problem.message.into("en")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("c = 1", "There is no question 'c'."),
        ("b = 1", "The filter speaks of 'b', which is asked only later."),
        ("a.x", "There is no item 'a.x'."),
    ],
)
def test_filters_speak_of_earlier_questions_alone(condition: str, said: str) -> None:
    data = {
        "questions": [
            {"id": "a", "type": "text", "text": "A?"},
            {"id": "b", "type": "text", "text": "B?", "show_if": condition},
        ]
    }
    with pytest.raises(InputError, match=said):
        validate(data, Questionnaire, "questionnaire.yaml", lambda _: None)
