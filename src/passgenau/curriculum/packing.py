"""Which modules share a block, so that blocks fill whole days: a small mixed-integer model.

Nobody travels for a quarter of a day: a block of 2.25 days takes three days of the calendar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray
    from scipy.optimize import LinearConstraint

NO_RECURRING = 1000.0
"""Price of a block without any recurring field, where every block could have one."""
DAY = 100.0
"""Price of a day of the calendar."""
UNEVEN = 20.0
"""Price of a day by which the longest block exceeds the shortest."""
FIELD_MISSING = 5.0
"""Price of a block without a recurring field that has a module for every block."""
GAP, NODES = 1e-6, 20_000
"""Where the solver stops: relative gap, or nodes; never seconds."""


@dataclass(frozen=True, slots=True)
class Packing:
    """A Basis in teaching order that falls into blocks."""

    order: tuple[str, ...]
    units: Mapping[str, int]  # contact units of each module
    before: Mapping[str, Collection[str]]  # prerequisites of each module
    fields: Mapping[str, str]  # recurring field of the modules that have one
    blocks: int
    units_per_day: int

    @property
    def least_days(self) -> int:
        """Days of the calendar that the Basis takes at least."""
        return max(self.blocks, calendar_days(sum(self.units[m] for m in self.order), self.units_per_day))


def calendar_days(units: int, units_per_day: int) -> int:
    """Return the whole days that units of contact take."""
    return math.ceil(units / units_per_day)


def pack(packing: Packing) -> tuple[tuple[str, ...], ...] | None:
    """Return the blocks that take fewest days of the calendar and depart least from the order.

    Minimises, in this order of weight: blocks without a recurring field (where each could have
    one), calendar days, unevenness, missing recurring fields, and the squared distance (in
    blocks) of every module from where the order puts it. Prerequisites stand in the same or an
    earlier block. Within a block the given order holds.

    Returns
    -------
    The modules of each block, or None where the solver found none within its nodes.
    """
    from scipy.optimize import Bounds, milp  # noqa: PLC0415 -- takes 0.2 s, which `passgenau check` should not pay

    model = _Model(packing)
    result = milp(
        np.array(model.cost),
        constraints=model.constraints(),
        integrality=np.array(model.whole),
        bounds=Bounds(np.zeros(len(model.cost)), np.array(model.upper)),
        options={"mip_rel_gap": GAP, "node_limit": NODES},
    )
    if result.x is None:
        return None
    on = np.rint(result.x[: len(packing.order) * packing.blocks]).reshape(-1, packing.blocks)
    held = dict(zip(packing.order, np.argmax(on, axis=1), strict=True))
    return tuple(tuple(m for m in packing.order if held[m] == block) for block in range(packing.blocks))


@dataclass
class _Model:
    """Columns and rows: x (module × block) first, then days and what else has a price."""

    packing: Packing
    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        at = self._modules()
        self._prerequisites(at)
        self._days(at)
        self._recurring(at)

    def constraints(self) -> LinearConstraint:
        from scipy.optimize import LinearConstraint  # noqa: PLC0415 -- likewise

        matrix: NDArray[np.float64] = np.zeros((len(self.rows), len(self.cost)))
        for row, (coefficients, _, _) in enumerate(self.rows):
            for column, value in coefficients.items():
                matrix[row, column] = value
        return LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])

    def _column(self, cost: float, upper: float = 1.0, *, whole: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def _row(self, coefficients: dict[int, float], low: float, high: float = np.inf) -> None:
        self.rows.append((coefficients, low, high))

    def _modules(self) -> dict[str, list[int]]:
        """Every module stands in one block; every block holds a module."""
        packing = self.packing
        total = sum(packing.units[m] for m in packing.order)
        at: dict[str, list[int]] = {}
        done = 0.0
        for module in packing.order:
            middle = (done + packing.units[module] / 2) / total * packing.blocks
            done += packing.units[module]
            at[module] = [self._column((b + 0.5 - middle) ** 2, whole=True) for b in range(packing.blocks)]
            self._row(dict.fromkeys(at[module], 1.0), 1.0, 1.0)
        for block in range(packing.blocks):
            self._row({at[m][block]: 1.0 for m in packing.order}, 1.0)
        return at

    def _prerequisites(self, at: Mapping[str, Sequence[int]]) -> None:
        for module in self.packing.order:
            for first in self.packing.before[module]:
                for block in range(self.packing.blocks - 1):
                    by_then = dict.fromkeys(at[first][: block + 1], 1.0)
                    self._row(by_then | dict.fromkeys(at[module][: block + 1], -1.0), 0.0)

    def _days(self, at: Mapping[str, Sequence[int]]) -> None:
        packing = self.packing
        most = float(packing.least_days)
        days = [self._column(DAY, most, whole=True) for _ in range(packing.blocks)]
        longest, shortest = self._column(UNEVEN, most), self._column(-UNEVEN, most)
        for block, column in enumerate(days):
            taught = {at[m][block]: -float(packing.units[m]) for m in packing.order}
            self._row(taught | {column: float(packing.units_per_day)}, 0.0)
            self._row({longest: 1.0, column: -1.0}, 0.0)
            self._row({column: 1.0, shortest: -1.0}, 0.0)
        self._row(dict.fromkeys(days, 1.0), packing.least_days)

    def _recurring(self, at: Mapping[str, Sequence[int]]) -> None:
        packing = self.packing
        kinds = {
            f: [m for m in packing.order if packing.fields.get(m) == f] for f in sorted(set(packing.fields.values()))
        }
        wanted = [(members, FIELD_MISSING) for members in kinds.values()]
        wanted.append(([m for m in packing.order if m in packing.fields], NO_RECURRING))
        for members, price in wanted:
            if len(members) >= packing.blocks:
                for block in range(packing.blocks):
                    self._row({at[m][block]: 1.0 for m in members} | {self._column(price): 1.0}, 1.0)
