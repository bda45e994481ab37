"""What is estimated, as functions of weighted sums: means, shares, totals and ratios.

`docs/methods.md`, section “Linearisation”. A quantity is Σ w·a / Σ w·b (or Σ w·a alone), where a and b are linear
combinations of a query's variables; its influence u is the derivative by Taylor's rule, a linear combination too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from passgenau.errors import DesignError, InputError
from passgenau.estimation.sums import Factor, Query, Variable
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.design import Design
    from passgenau.estimation.estimates import Kind
    from passgenau.estimation.sums import Label, Profile

    Floats = NDArray[np.float64]

EVERYONE = 0  # the first variable of every query: 1 in each row
Blank = Literal["missing", "no"]
Terms = tuple[tuple[int, float], ...]  # (index of a variable, coefficient)


@dataclass(frozen=True, slots=True)
class ItemSet:
    """Items that were asked together, such as the options of a multi-select question.

    Attributes
    ----------
    items
        Columns.
    shown
        Column that is true (1) for the rows who saw the question, else false (0) or missing; None: a row saw an item
        unless it is missing.
    blank
        What a missing cell means for a row who saw the question: `missing` (no answer), or `no` (not ticked), which
        takes a column that says who saw it and items that are ticked or not: categories or 0/1.

    Raises
    ------
    InputError
        Another `blank`, or `no` without `shown`.
    """

    items: tuple[str, ...]
    shown: str | None = None
    blank: Blank = "missing"

    def __post_init__(self) -> None:
        if self.blank not in get_args(Blank):
            raise InputError.of(
                f"„{self.blank}“ sagt nicht, was leere Zellen heißen; möglich: {', '.join(get_args(Blank))}.",
                f'"{self.blank}" does not say what empty cells mean; possible: {", ".join(get_args(Blank))}.',
                field="blank",
            )
        if self.blank == "no" and self.shown is None:
            raise InputError.of(
                "Leere Zellen heißen nur dort „nein“, wo die Frage gezeigt wurde.",
                'Empty cells mean "no" only where the question was shown.',
                field="blank",
                hint=Text("Mit shown die Spalte nennen, die das sagt.", "Name the column that says so with shown."),
            )


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number to estimate in every domain."""

    item: str
    level: str | None
    kind: Kind
    numerator: Terms
    denominator: Terms  # empty: a total
    offset: float  # added to the ratio: the centre of the item
    base: int  # the variable that is 1 for every answer
    second: Mapping[tuple[int, int], int]  # variables that hold products v·v', for the design effect
    indicator: bool  # whether the numerator is 0 or 1 in every row

    @property
    def used(self) -> tuple[int, ...]:
        """Indices of the variables that the quantity is made of."""
        return tuple(dict.fromkeys(k for k, _ in (*self.numerator, *self.denominator)))


@dataclass(frozen=True, slots=True, eq=False)
class _Forms:
    """Quantities as arrays, so that many cost little more than one."""

    above: Floats  # (V, Q) coefficients of the numerators
    below: Floats  # (V, Q) of the denominators; 0 for totals
    ratio: NDArray[np.bool_]  # (Q,) whether there is a denominator
    offset: Floats  # (Q,)
    base: NDArray[np.int64]  # (Q,)

    @classmethod
    def of(cls, quantities: Sequence[Quantity], variables: int) -> _Forms:
        above, below = np.zeros((variables, len(quantities))), np.zeros((variables, len(quantities)))
        for q, quantity in enumerate(quantities):
            for k, coefficient in quantity.numerator:
                above[k, q] = coefficient
            for k, coefficient in quantity.denominator:
                below[k, q] = coefficient
        return cls(
            above,
            below,
            np.array([bool(quantity.denominator) for quantity in quantities]),
            np.array([quantity.offset for quantity in quantities]),
            np.array([quantity.base for quantity in quantities], dtype=np.int64),
        )

    def ratios(self, totals: Floats) -> tuple[Floats, Floats]:
        """Return numerator / denominator and the denominator, (…, Q) each; a total is divided by 1."""
        below = np.where(self.ratio, totals @ self.below, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(totals @ self.above / below), below


def evaluate(quantities: Sequence[Quantity], totals: Floats) -> Floats:
    """Return the quantities for totals of shape (…, V): shape (…, Q), NaN without answers or with 0 below."""
    forms = _Forms.of(quantities, totals.shape[-1])
    values, below = forms.ratios(totals)
    there = (totals[..., forms.base] > 0) & (below != 0)
    return np.where(there, values + np.where(forms.ratio, forms.offset, 0.0), np.nan)


def gradients(quantities: Sequence[Quantity], totals: Floats) -> Floats:
    """Return ∂quantity/∂total for totals of shape (D, V): shape (D, V, Q)."""
    forms = _Forms.of(quantities, totals.shape[-1])
    ratio, below = forms.ratios(totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num((forms.above - forms.below * ratio[:, None, :]) / below[:, None, :])


def simple_variances(quantities: Sequence[Quantity], totals: Floats, answers: Floats) -> Floats:
    """Return the variances of quantities under a simple random draw of as many answers.

    Parameters
    ----------
    totals
        (D, V) weighted sums.
    answers
        (D, Q) unweighted answers.

    Returns
    -------
    (D, Q); NaN with fewer than two answers or weights that sum to less than the answers.

    Notes
    -----
    `docs/methods.md#design-effect`: (1 − n/N) s²/n with N the sum of weights and s² the weighted variance of the
    influence times n/(n − 1).
    """
    forms = _Forms.of(quantities, totals.shape[-1])
    size = totals[:, forms.base]
    ratio, below = forms.ratios(totals)
    above, rest, second = _deviations(quantities)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(forms.ratio, ratio, ratio / size)  # of a total: what its base has on average
        coefficients = above - rest * mean[:, :, None]
        squares = np.einsum("dqi,dqj,dqij->dq", coefficients, coefficients, totals[:, second])
        spread = squares / size * answers / (answers - 1)
        out = size**2 * spread / answers * (1 - answers / size) / below**2
    return np.where((answers > 1) & (size >= answers), out, np.nan)


def _deviations(quantities: Sequence[Quantity]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return what deviations from the mean are made of, up to T different variables each.

    Coefficients of the value and of the mean, (Q, T) each, and the variables that hold the products, (Q, T, T). Each
    variable occurs once, so that a centre and a mean are subtracted before anything is squared.
    """
    terms = [_merged(quantity) for quantity in quantities]
    most = max(map(len, terms))
    value, mean = np.zeros((len(terms), most)), np.zeros((len(terms), most))
    second = np.zeros((len(terms), most, most), dtype=np.int64)
    for q, (quantity, own) in enumerate(zip(quantities, terms, strict=True)):
        for i, (k, (above, rest)) in enumerate(own.items()):
            value[q, i], mean[q, i] = above, rest
            for j, other in enumerate(own):
                second[q, i, j] = quantity.second[min(k, other), max(k, other)]
    return value, mean, second


def _merged(quantity: Quantity) -> dict[int, tuple[float, float]]:
    """Return the coefficients of the value and of the mean for every variable of a quantity."""
    above = dict(quantity.numerator)
    rest = dict(quantity.denominator or ((quantity.base, 1.0),))
    return {k: (above.get(k, 0.0), rest.get(k, 0.0)) for k in dict.fromkeys((*above, *rest))}


class _Variables:
    """Collects variables, each once."""

    def __init__(self) -> None:
        self.found: dict[Variable, int] = {}

    def index(self, variable: Variable) -> int:
        return self.found.setdefault(variable, len(self.found))


def build(  # noqa: PLR0913 -- the parts of a question to the data
    design: Design,
    items: Sequence[str],
    profiles: Mapping[str, Profile],
    *,
    kind: Kind | None,
    over: str | None = None,
    sets: Iterable[ItemSet] = (),
    by: tuple[str, ...] = (),
    where: str | None = None,
    listwise: bool = False,
    pairs: bool = False,
) -> tuple[Query, tuple[Quantity, ...]]:
    """Translate items into a query and the quantities to be read off its sums.

    Parameters
    ----------
    kind
        None: shares for categories and 0/1 columns, means for other numbers. The total of a category is the number
        of units of the population in it.
    over
        The denominator of a ratio.
    listwise
        Whether a row that lacks one item is left out of all.
    pairs
        Whether the covariances between different items will be wanted.

    Raises
    ------
    InputError
        A ratio without a denominator; shares of numbers with too many values; who saw the items is not told by 0 and
        1, or blank cells of numbers are to mean no. That numbers are needed where a column holds words is found by
        who reads it.
    DesignError
        An item of which every value is missing.
    """
    for found in (sets := tuple(sets)):
        _check_set(found, profiles)
    variables = _Variables()
    variables.index(Variable())
    members = {item: found for found in sets for item in found.items}
    everyone = tuple(dict.fromkeys((*items, over) if over else items)) if listwise else ()
    quantities: list[Quantity] = []
    for item in items:
        quantities += _of_item(variables, item, profiles, kind, over, members.get(item), everyone)
    groups = [[k for q in quantities for k in q.used]] if pairs else [q.used for q in quantities]
    chosen = {pair for group in groups for pair in combinations_with_replacement(sorted(set(group)), 2)}
    wanted = tuple(sorted({*chosen, (EVERYONE, EVERYONE)})) if not design.ids else ()
    return Query(design, tuple(variables.found), wanted, by, where), tuple(quantities)


def _of_item(  # noqa: PLR0913, PLR0917 -- the parts of a question to the data
    variables: _Variables,
    item: str,
    profiles: Mapping[str, Profile],
    kind: Kind | None,
    over: str | None,
    group: ItemSet | None,
    everyone: tuple[str, ...],
) -> list[Quantity]:
    profile = profiles[item]
    if kind is None:
        kind = "proportion" if profile.kind != "number" or profile.binary else "mean"
    base = _base(item, group, everyone)
    if kind == "ratio":
        if over is None:
            raise InputError.of(
                "Ein Verhältnis braucht einen Nenner.",
                "A ratio needs a denominator.",
                field=item,
                hint=Text("Die Spalte mit --over nennen.", "Name the column with --over."),
            )
        return [_ratio(variables, item, over, base)]
    if kind == "proportion" or (kind == "total" and profile.kind == "category"):
        return [_share(variables, item, kind, label, level, base) for label, level in _levels(item, profile)]
    if group is not None and group.blank == "no" and not profile.binary:
        raise InputError.of(
            "Eine leere Zelle kann nur bei Angekreuztem „nein“ heißen; diese Spalte enthält Zahlen.",
            'An empty cell can mean "no" only where something is ticked; this column holds numbers.',
            field=item,
            hint=Text("Anteile schätzen: proportion.", "Estimate shares: proportion."),
        )
    return [_numeric(variables, item, kind, profile, base)]


def _base(item: str, group: ItemSet | None, everyone: tuple[str, ...]) -> Variable:
    shown = group.shown if group else None
    blank_is_no = shown is not None and group is not None and group.blank == "no"
    present = tuple(dict.fromkeys((*everyone, *(() if blank_is_no else (item,)))))
    factors = (Factor(shown, test="==", value=1),) if shown else ()
    return Variable(present, factors)


def _check_set(found: ItemSet, profiles: Mapping[str, Profile]) -> None:
    """Raise InputError where a column cannot say who saw the items."""
    if found.shown is None or found.shown not in profiles or profiles[found.shown].binary:
        return
    raise InputError.of(
        "Wer die Frage gesehen hat, sagt eine Spalte mit 1 (ja) und 0 (nein); hier stehen andere Werte.",
        "Who saw the question is told by a column of 1 (yes) and 0 (no); this one holds other values.",
        field=found.shown,
    )


def _levels(item: str, profile: Profile) -> list[tuple[str | None, Label]]:
    """Return (name shown, value tested) of every category; for 0/1 columns the 1 alone."""
    if profile.binary:
        return [(None, 1)]
    if profile.levels:
        return [(str(level), level) for level in profile.levels]
    if profile.kind == "category" or profile.minimum is None:
        raise DesignError(Text(f"„{item}“: Niemand hat geantwortet.", f'"{item}": nobody answered.'))
    raise InputError.of(
        "Anteile gibt es von Kategorien und von wenigen ganzen Zahlen; diese Spalte enthält viele Zahlen oder solche "
        "mit Nachkommastellen.",
        "There are shares of categories and of few whole numbers; this column holds many, or with decimals.",
        field=item,
        hint=Text("Mittelwert schätzen oder vorher Klassen bilden.", "Estimate a mean, or form classes first."),
    )


def _share(  # noqa: PLR0913, PLR0917 -- one category of one item
    variables: _Variables, item: str, kind: Kind, name: str | None, value: Label, base: Variable
) -> Quantity:
    one = variables.index(base)
    yes = variables.index(Variable(base.present, (*base.factors, Factor(item, test="==", value=value))))
    second = {(min(one, yes), max(one, yes)): yes, (yes, yes): yes, (one, one): one}
    below: Terms = ((one, 1.0),) if kind == "proportion" else ()
    return Quantity(item, name, kind, ((yes, 1.0),), below, 0.0, one, second, indicator=True)


def _numeric(variables: _Variables, item: str, kind: Kind, profile: Profile, base: Variable) -> Quantity:
    centre = _centre(profile)
    number = Factor(item, centre)
    one = variables.index(base)
    value = variables.index(Variable(base.present, (*base.factors, number)))
    square = value if profile.binary else variables.index(Variable(base.present, (*base.factors, number, number)))
    second = {(min(one, value), max(one, value)): value, (value, value): square, (one, one): one}
    indicator = profile.binary
    if kind == "total":
        terms: Terms = ((value, 1.0), (one, centre)) if centre else ((value, 1.0),)
        return Quantity(item, None, kind, terms, (), 0.0, one, second, indicator)
    return Quantity(item, None, kind, ((value, 1.0),), ((one, 1.0),), centre, one, second, indicator)


def _ratio(variables: _Variables, above: str, below: str, base: Variable) -> Quantity:
    present = tuple(dict.fromkeys((*base.present, below)))
    one = variables.index(Variable(present, base.factors))
    a, b = (variables.index(Variable(present, (*base.factors, Factor(item)))) for item in (above, below))
    second = {}
    for j, k in combinations_with_replacement(sorted({a, b}), 2):
        names = tuple(Factor(above if index == a else below) for index in (j, k))
        second[j, k] = variables.index(Variable(present, (*base.factors, *names)))
    return Quantity(f"{above}/{below}", None, "ratio", ((a, 1.0),), ((b, 1.0),), 0.0, one, second, indicator=False)


def _centre(profile: Profile) -> float:
    """Return the middle of the range, so that squares do not drown small differences; 0 for 0/1 columns."""
    if profile.binary or profile.minimum is None or profile.maximum is None:
        return 0.0
    return (profile.minimum + profile.maximum) / 2
