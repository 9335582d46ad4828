"""The outlines of symbols as SVG path data, a thousand symbols at a time: equal to `traceqr.symbol.svg.outline`.

A lattice point is a corner where an odd number of the four modules around it is dark. Along each lattice line corners
pair up, first with second, third with fourth. So numpy finds all corners of all symbols, and where each leads by the
lines through it; what is left to Python is to walk along, a step for two edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Octets = NDArray[np.uint8]

CHUNK = 64
"""Symbols at a time."""

MARGIN = 14
"""Bytes of room for each module of a side: see `room`."""


def room(modules: int) -> int:
    """Bytes that the outline of any symbol of labels fits into.

    Data modules are as good as random, since a seal is a signature. The outlines of labels had 1.27 to 1.36 bytes for
    each module, by version and level, and in their lengths a deviation of 1.0 to 1.24 bytes for each module of a side.
    This leaves eleven deviations at least: less than one label in 10^26 would not fit.
    """
    return -(-136 * modules * modules // 100) + MARGIN * modules


def outlines(symbols: Octets, modules: int) -> Iterator[bytes]:
    """Path data of symbols as of `TableEncoder.encode`, unit one module, to be filled by the rule `evenodd`."""
    for at in range(0, len(symbols), CHUNK):
        yield from _outlines(symbols[at : at + CHUNK], modules)


def _outlines(symbols: Octets, modules: int) -> Iterator[bytes]:
    corners = _corners(symbols, modules)
    label, y, x = np.nonzero(corners)
    onward = _onward(corners, len(x))
    across = np.arange(len(x)) ^ 1
    steps = (x[across] - x + modules) * (2 * modules + 1) + (y[onward] - y + modules)
    starts = np.searchsorted(label, np.arange(len(symbols) + 1))
    for first, last in pairwise(starts):
        own = slice(first, last)
        yield _walked(x[own].tolist(), y[own].tolist(), (onward[own] - first).tolist(), steps[own].tolist(), modules)


def _corners(symbols: Octets, modules: int) -> Octets:
    """Shape (symbols, modules + 1, modules + 1): 1 where a lattice point is a corner."""
    dark = np.unpackbits(symbols, axis=2)[:, :, :modules]
    framed = np.pad(dark, ((0, 0), (1, 1), (1, 1)))
    edges = framed[:, 1:] ^ framed[:, :-1]
    corners: Octets = edges[:, :, 1:] ^ edges[:, :, :-1]
    return corners


def _onward(corners: Octets, count: int) -> NDArray[np.intp]:
    """For each corner, in order of lines, the one that is reached by going across and then down or up."""
    order = np.zeros(corners.shape, np.intp)
    order[corners.nonzero()] = np.arange(count)
    by_columns = order.transpose(0, 2, 1)[corners.transpose(0, 2, 1).nonzero()]
    place = np.empty(count, np.intp)
    place[by_columns] = np.arange(count)
    down = by_columns[place ^ 1]
    onward: NDArray[np.intp] = down[np.arange(count) ^ 1]
    return onward


def _walked(xs: list[int], ys: list[int], onward: list[int], steps: list[int], modules: int) -> bytes:
    """All closed lines through the corners of one symbol."""
    words = _words(modules)
    fresh = bytearray(b"\1") * len(xs)
    parts = []
    start = fresh.find(1)
    while start >= 0:
        parts.append(f"M{xs[start]} {ys[start]}")
        at = start
        while True:
            fresh[at] = fresh[at ^ 1] = 0
            parts.append(words[steps[at]])
            at = onward[at]
            if at == start:
                break
        # The last edge is drawn by closing the line.
        parts[-1] = f"{parts[-1].partition('v')[0]}z"
        start = fresh.find(1, start)
    return "".join(parts).encode("ascii")


@lru_cache(maxsize=4)
def _words(modules: int) -> list[str]:
    """The step of each pair of distances, across and down."""
    distances = range(-modules, modules + 1)
    return [f"h{across}v{down}" for across in distances for down in distances]
