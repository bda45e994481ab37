"""The fast way to add up rounded numbers by cell: machine code for lanes that are 0 or 1.

Eight lanes of a row make a byte; a weight is added to those of eight neighbouring sums whose bit is set, which
processors do in one step. Sums are the same integers as those of `totals.py`, and so the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

from passgenau.estimation.engines.fixed import HALF, LOW, ROOM, Digits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from passgenau.estimation.engines.lanes import Lane
    from passgenau.estimation.engines.totals import Batch

    Ints = NDArray[np.int64]
    Bytes = NDArray[np.uint8]

_LANES = 8  # in a byte
_SPREAD = np.array([sum((bits >> j & 1) << (8 * j) for j in range(8)) for bits in range(256)], dtype=np.uint64)


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Compile a function once per machine, or once per process where nothing can be kept on disk."""
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder that can be written to
        return njit(nogil=True)(function)


@intrinsic
def _add_where(_context: Any, sums: Any, place: Any, number: Any, bits: Any) -> Any:  # noqa: ANN401 -- Numba's types
    """Add a number to those of eight sums from `place` whose bit is set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401 -- likewise
        eight = ir.VectorType(ir.IntType(64), _LANES)
        array, start, added, chosen = arguments
        data = context.make_array(signature.args[0])(context, builder, array).data
        pointer = builder.bitcast(builder.gep(data, [start]), eight.as_pointer())
        one = builder.insert_element(ir.Constant(eight, ir.Undefined), added, ir.Constant(ir.IntType(32), 0))
        each = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
        spread = builder.shuffle_vector(one, ir.Constant(eight, ir.Undefined), each)
        mask = builder.bitcast(chosen, ir.VectorType(ir.IntType(1), _LANES))
        term = builder.select(mask, spread, ir.Constant(eight, [0] * _LANES))
        builder.store(builder.add(builder.load(pointer, align=8), term), pointer, align=8)
        return context.get_dummy_value()

    return types.void(sums, place, number, bits), generate


@_compiled
def _pack(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any, out: Any) -> None:  # noqa: ANN401, PLR0913, PLR0917
    for i in range(len(out)):
        out[i] = (
            (a[i] & 1)
            | (b[i] & 1) << 1
            | (c[i] & 1) << 2
            | (d[i] & 1) << 3
            | (e[i] & 1) << 4
            | (f[i] & 1) << 5
            | (g[i] & 1) << 6
            | (h[i] & 1) << 7
        )


@_compiled
def _carry(c: Any, sums: Any, filled: Any, high: Any, low: Any) -> None:  # noqa: ANN401
    filled[c] = 0
    width = high.shape[1]
    for j in range(width):
        high[c, j] += sums[c * width + j] >> HALF
        low[c, j] += sums[c * width + j] & LOW
        sums[c * width + j] = 0


@_compiled
def _carry_counts(c: Any, counters: Any, filled: Any, count: Any) -> None:  # noqa: ANN401
    filled[c] = 0
    for j in range(count.shape[1]):
        count[c, j] += (counters[c, j >> 3] >> np.uint64(8 * (j & 7))) & np.uint64(255)
    counters[c] = 0


@_compiled
def _add(cell: Any, number: Any, lanes: Any, sums: Any, filled: Any, high: Any, low: Any) -> None:  # noqa: ANN401, PLR0913, PLR0917
    size = lanes.shape[0]
    for i in range(len(cell)):
        c = cell[i]
        for b in range(size):
            _add_where(sums, np.int64((c * size + b) * 8), number[i], lanes[b, i])  # type: ignore[call-arg]  # Numba passes the context
        filled[c] += 1
        if filled[c] == ROOM:
            _carry(c, sums, filled, high, low)


@_compiled
def _count(cell: Any, lanes: Any, spread: Any, counters: Any, filled: Any, count: Any) -> None:  # noqa: ANN401, PLR0913, PLR0917
    size = lanes.shape[0]
    for i in range(len(cell)):
        c = cell[i]
        for b in range(size):
            counters[c, b] += spread[lanes[b, i]]
        filled[c] += 1
        if filled[c] == ROOM:
            _carry_counts(c, counters, filled, count)


class Kernel:
    """Sums of lanes that are 0 or 1, and their counts, cell by cell."""

    def __init__(self, lanes: Sequence[Lane], *, fine: bool, counting: bool) -> None:
        self.lanes = tuple(lanes)
        self.width = -(-len(lanes) // _LANES) * _LANES
        self.tables = [_Sums(self.width) for _ in range(2 if fine else 1)]
        self.counts = _Counts(self.width) if counting else None

    def grow(self, cells: int) -> None:
        """Make room for cells."""
        for table in self.tables:
            table.grow(cells)
        if self.counts is not None:
            self.counts.grow(cells)

    def add(self, batch: Batch, whole: Ints, rest: Ints | None) -> None:
        """Add rows with rounded weights and what rounding left of them."""
        if self.lanes not in batch.packed:
            batch.packed[self.lanes] = self._packed(batch)
        lanes = batch.packed[self.lanes]
        for table, number in zip(self.tables, (whole, rest), strict=False):
            _add(batch.cell, number, lanes, table.sums, table.filled, table.high, table.low)
        if self.counts is not None:
            _count(batch.cell, lanes, _SPREAD, self.counts.counters, self.counts.filled, self.counts.count)

    def _packed(self, batch: Batch) -> Bytes:
        """Return (bytes, n): the lanes of each row as bits; no bit is set where the weight is 0."""
        empty = np.zeros(len(batch), dtype=np.uint8)
        bits = [batch.holds(lane) for lane in self.lanes] + [empty] * (self.width - len(self.lanes))
        out = np.empty((self.width // _LANES, len(batch)), dtype=np.uint8)
        for i in range(len(out)):
            _pack(*bits[_LANES * i : _LANES * (i + 1)], out[i])
        if not batch.weight.all():
            out *= batch.weight > 0
        return out

    def empty(self, digits: Digits, rest: Digits, count: Ints, places: Sequence[int]) -> None:
        """Move all sums to where they belong; the kernel is done with."""
        for table, target in zip(self.tables, (digits, rest), strict=False):
            table.empty(target, places)
        if self.counts is not None:
            self.counts.empty(count, places)


class _Sums:
    def __init__(self, width: int) -> None:
        self.width = width
        self.sums = np.zeros(0, dtype=np.int64)
        self.filled = np.zeros(0, dtype=np.uint8)  # rows since the last carry
        self.high = np.zeros((0, width), dtype=np.int64)
        self.low = np.zeros((0, width), dtype=np.int64)

    def grow(self, cells: int) -> None:
        if cells > len(self.filled):
            self.sums, self.filled = _longer(self.sums, cells * self.width), _longer(self.filled, cells)
            self.high, self.low = _longer(self.high, cells), _longer(self.low, cells)

    def empty(self, target: Digits, places: Sequence[int]) -> None:
        """Move all sums to some lanes of a target, which has room for as many cells."""
        sums = self.sums.reshape(self.high.shape)
        self.high += sums >> HALF
        sums &= LOW
        self.low += sums
        target.high[places] += self.high.T[: len(places)]
        target.low[places] += self.low.T[: len(places)]


class _Counts:
    def __init__(self, width: int) -> None:
        self.counters = np.zeros((0, width // _LANES), dtype=np.uint64)  # eight counters of a byte each
        self.filled = np.zeros(0, dtype=np.uint8)
        self.count = np.zeros((0, width), dtype=np.int64)

    def grow(self, cells: int) -> None:
        if cells > len(self.filled):
            self.counters, self.filled = _longer(self.counters, cells), _longer(self.filled, cells)
            self.count = _longer(self.count, cells)

    def empty(self, count: Ints, places: Sequence[int]) -> None:
        """Move all counts to some lanes of a table, which has room for as many cells."""
        for j in range(_LANES):
            self.count[:, j::_LANES] += (self.counters >> np.uint64(8 * j) & np.uint64(255)).astype(np.int64)
        count[places] += self.count.T[: len(places)]


def _longer(table: NDArray[Any], rows: int) -> NDArray[Any]:
    """Return a table with more rows; the new ones are 0."""
    out = np.zeros((rows, *table.shape[1:]), dtype=table.dtype)
    out[: len(table)] = table
    return out
