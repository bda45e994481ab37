import errno

import pytest

from passgenau.errors import DesignError, InfeasibleError, InputError, PassgenauError, Problem, reason
from passgenau.text import Text


def test_a_problem_names_file_line_field_value_and_the_way_out() -> None:
    problem = Problem(
        Text("'abc' ist keine Zahl.", "'abc' is not a number."),
        "study.yaml",
        3,
        "audiences[1].id",
        Text("Eine Zahl.", "A number."),
    )
    assert problem.format("de") == "study.yaml, Zeile 3, Feld audiences[1].id: 'abc' ist keine Zahl.\n  Eine Zahl."
    assert problem.format("en") == "study.yaml, line 3, field audiences[1].id: 'abc' is not a number.\n  A number."


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Problem(Text("weg", "gone")), "gone"),
        (Problem(Text("weg", "gone"), "a.csv"), "a.csv: gone"),
        (Problem(Text("weg", "gone"), "a.csv", 2), "a.csv, line 2: gone"),
        (Problem(Text("weg", "gone"), field="--out"), "field --out: gone"),
    ],
)
def test_a_problem_leaves_out_what_it_does_not_know(problem: Problem, expected: str) -> None:
    assert problem.format("en") == expected


def test_an_input_error_shows_every_problem_with_the_prefix_of_its_own() -> None:
    error = InputError([Problem(Text("eins", "one"), "a"), Problem(Text("zwei", "two"), "b")])
    assert f"error: {error.format('en')}" == "error: a: one\nerror: b: two"
    assert str(error) == "a: one\nb: two"


def test_an_input_error_without_a_problem_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="at least one problem"):
        InputError([])


def test_an_infeasible_error_names_the_rules_that_collide_and_the_smallest_relaxation() -> None:
    error = InfeasibleError(
        Text("Das Budget reicht nicht.", "The budget does not suffice."),
        [Text("Mindestanforderungen", "minimum requirements"), Text("höchstens 2 Tage", "at most 2 days")],
        Text("3 Tage", "3 days"),
    )
    assert error.format("en") == (
        "The budget does not suffice.\n  These rules collide:\n  - minimum requirements\n  - at most 2 days\n"
        "  Smallest relaxation: 3 days"
    )
    assert error.format("de").splitlines()[-1] == "  Kleinste Lockerung: 3 Tage"


def test_all_errors_on_purpose_share_one_root() -> None:
    assert {InputError, DesignError, InfeasibleError} == set(PassgenauError.__subclasses__())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), Text("keine Berechtigung", "no permission")),
        (OSError(errno.EIO, "Input/output error"), Text("Input/output error", "Input/output error")),
        (OSError("odd"), Text("odd", "odd")),
    ],
)
def test_a_refusal_of_the_operating_system_is_said_in_plain_words(error: OSError, expected: Text) -> None:
    assert reason(error) == expected
