"""Coefficients of agreement: published examples, and what must hold for any codes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.errors import DesignError
from passgenau.survey.agreement import code_agreement, cohens_kappa, kappa_of_table, krippendorffs_alpha

# Krippendorff (2011): four observers, twelve units.
_ = None
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]


@pytest.mark.parametrize(
    ("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_own_example_gives_his_numbers(metric: str, published: float) -> None:
    found = krippendorffs_alpha(OBSERVERS, metric=metric, draws=200)
    assert found.value == pytest.approx(published, abs=5e-4)
    assert (found.base, found.codes, found.coders) == (11, 40, 4)
    assert found.lower <= found.value <= found.upper <= 1


def test_cohens_example_of_1960() -> None:
    found = kappa_of_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]], ["a", "b", "c"])
    assert found.agreement == pytest.approx(0.70)
    assert found.expected == pytest.approx(0.41)
    assert found.value == pytest.approx(0.492, abs=5e-4)
    assert found.base == 200
    assert found.prevalence == pytest.approx({"a": 0.55, "b": 0.30, "c": 0.15})


def test_fleiss_table_of_diagnoses_gives_his_standard_errors() -> None:
    # Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, section 18.1.
    found = kappa_of_table([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.null_standard_error == pytest.approx(0.076, abs=5e-4)
    assert found.standard_error == pytest.approx(0.087, abs=1e-3)
    assert (found.lower, found.upper) == pytest.approx((0.504, 0.848), abs=5e-3)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_weights_change_nothing_between_two_categories(weights: str) -> None:
    assert kappa_of_table([[20, 5], [10, 15]], weights=weights).value == pytest.approx(0.4)


def test_near_misses_cost_less_with_weights() -> None:
    near = kappa_of_table([[10, 5, 0], [0, 10, 5], [0, 0, 10]], weights="linear")
    plain = kappa_of_table([[10, 5, 0], [0, 10, 5], [0, 0, 10]])
    assert near.value > plain.value
    assert near.agreement == plain.agreement == pytest.approx(0.75)


def test_one_category_everywhere_says_nothing() -> None:
    kappa = cohens_kappa(["a", "a"], ["a", "a"])
    alpha = krippendorffs_alpha([["a", "a"], ["a", "a"]])
    assert (kappa.value, kappa.lower, kappa.agreement, kappa.base) == (None, None, 1.0, 2)
    assert (alpha.value, alpha.lower, alpha.agreement, alpha.draws) == (None, None, 1.0, 0)


def test_where_the_formula_knows_no_error_there_are_no_limits() -> None:
    perfect = cohens_kappa(["a", "b"], ["a", "b"])
    constant = cohens_kappa(["a", "b", "a"], ["a", "a", "a"])
    assert (perfect.value, perfect.standard_error, perfect.lower) == (1.0, 0.0, None)
    assert (constant.value, constant.lower, constant.upper) == (pytest.approx(0), None, None)


def test_answers_coded_by_one_person_are_left_out() -> None:
    assert cohens_kappa(["a", "b", None], ["a", None, "b"], categories=["a", "b"]).base == 1


def test_the_same_seed_gives_the_same_limits() -> None:
    first, second = (krippendorffs_alpha(OBSERVERS, draws=300, seed=7) for _ in range(2))
    assert (first.lower, first.upper, first.draws) == (second.lower, second.upper, second.draws)


def test_several_codes_per_answer_are_compared_code_by_code() -> None:
    first = {1: {"x", "y"}, 2: {"x"}, 3: set(), 4: {"y"}}
    second = {1: {"x"}, 2: {"x"}, 3: set(), 5: {"y"}}
    x, y = code_agreement(first, second, ["x", "y"])
    assert (x.both, x.first_only, x.second_only, x.neither, x.kappa.value) == (2, 0, 0, 1, 1.0)
    assert (y.both, y.first_only, y.kappa.base) == (0, 1, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cohens_kappa(["a"], ["a", "b"]),
        lambda: cohens_kappa([None], ["a"]),
        lambda: cohens_kappa(["a"], ["z"], categories=["a"]),
        lambda: kappa_of_table([[1, 2], [3, 4]], level=1.0),
        lambda: krippendorffs_alpha([[1, None], [None, 2]]),
        lambda: krippendorffs_alpha([[1], [1, 2]]),
        lambda: krippendorffs_alpha([["a", "b"], ["a", "b"]], metric="interval"),
        lambda: krippendorffs_alpha([[-1, 2], [1, 2]], metric="ratio"),
        lambda: krippendorffs_alpha([["a", "b"], ["a", "b"]], metric="ordinal", order=["a"]),
    ],
)
def test_what_cannot_be_computed_is_refused(call: object) -> None:
    with pytest.raises(DesignError):
        call()


CODES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=30).filter(lambda codes: len(set(codes)) > 1))
@settings(max_examples=40)
def test_perfect_agreement_is_one(codes: list[str]) -> None:
    assert cohens_kappa(codes, codes).value == pytest.approx(1)
    assert krippendorffs_alpha([codes, codes], draws=50).value == pytest.approx(1)


@given(CODES, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_answers_and_of_coders_does_not_matter(pairs: list[tuple[str, str]], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    first, second = zip(*pairs, strict=True)
    kappas = [
        cohens_kappa(a, b, categories="abc").value
        for a, b in ((first, second), (second, first), tuple(zip(*shuffled, strict=True)))
    ]
    alphas = [
        krippendorffs_alpha([a, b], draws=20).value
        for a, b in ((first, second), (second, first), tuple(zip(*shuffled, strict=True)))
    ]
    assert kappas == pytest.approx([kappas[0]] * 3)
    assert alphas == pytest.approx([alphas[0]] * 3)


@given(CODES)
@settings(max_examples=40)
def test_limits_enclose_the_coefficient(pairs: list[tuple[str, str]]) -> None:
    first, second = zip(*pairs, strict=True)
    found = cohens_kappa(first, second, categories="abc")
    if found.lower is not None:
        assert -1 <= found.lower <= found.value + 1e-12
        assert found.value <= found.upper + 1e-12
        assert found.upper <= 1
