"""The result of a test: a frozen value that says what was tested, how, and on how many answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from passgenau.text import Text


@dataclass(frozen=True, slots=True)
class HypothesisTest:
    """A test of a hypothesis about the population.

    Attributes
    ----------
    method
        What was tested and how, in one sentence.
    statistic, statistic_name
        The test statistic; `t`, `F` or `X-squared`.
    df
        Degrees of freedom: of t; of the numerator and denominator of F; of χ² (for goodness of fit: scale and
        degrees of freedom). Empty where the distribution has none.
    p_value
        Two-sided, 0–1.
    base
        Answers the test rests on, unweighted; `population`: the units they stand for (the sum of the weights).
    estimate, lower, upper
        The difference that was tested, with limits at `confidence`; None where the test has no single one.
    """

    method: Text
    statistic: float
    statistic_name: str
    df: tuple[float, ...]
    p_value: float
    base: int
    population: float
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None

    def records(self) -> list[dict[str, Any]]:
        """Return the result as one plain dictionary."""
        return [{**asdict(self), "method": self.method, "df": list(self.df)}]
