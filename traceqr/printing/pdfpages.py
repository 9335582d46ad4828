"""The pages of a PDF file as arithmetic: how long they are, where they begin, how they are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traceqr.printing.design import Kind, Weight
from traceqr.printing.pdflabel import Cell, Hole
from traceqr.printing.pdfobjects import ENTRY, references

NODE = 1_000
"""Pages below one node of the tree of pages."""

PAGES_ROOT = 2
"""Number of the object at the root of that tree."""

_WIDE = 8
"""Places of an object's number, padded in front, so that all pages are of one length."""

_PAGE = b"%8d 0 obj\n<</Type/Page/Parent %8d 0 R/Contents %8d 0 R%b>>\nendobj\n"
_CONTENT = b"%8d 0 obj\n<</Length %d>>\nstream\n"
_CONTENT_END = b"endstream\nendobj\n"
_NODE = b"%8d 0 obj\n<</Type/Pages/Parent %d 0 R/Count %d/Kids[%b]>>\nendobj\n"
_TRAILER = b"trailer\n<</Size %d/Root 1 0 R/Info 3 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"

Digits = Mapping[Kind, NDArray[np.int64]]
"""What goes into the holes: shape (labels, digits of the hole)."""


@dataclass(frozen=True, slots=True)
class Pages:
    """`labels` labels on pages of as many as there are cells, after a head with objects that begin at `offsets`.

    `opening` comes before the labels of a page, `boxes` into its dictionary. `numerals` are the glyphs of the ten
    digits in each weight, 4 bytes each. `identity` is the file's, 32 hexadecimal digits.
    """

    labels: int
    offsets: tuple[int, ...]
    head_size: int
    opening: bytes
    boxes: bytes
    cells: tuple[Cell, ...]
    numerals: Mapping[Weight, bytes]
    identity: bytes

    @property
    def unit(self) -> int:
        """Labels of a whole page."""
        return len(self.cells)

    @property
    def count(self) -> int:
        """Pages."""
        return -(-self.labels // self.unit)

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        start, last = self._start(self.count), self._nodes - 1
        xref = start + last * len(self._node(0)) + len(self._node(last))
        return xref + len(references(np.zeros(0, np.int64))) + self._growth() + len(self._trailer(xref))

    def made(self, first: int, symbols: NDArray[np.uint8], digits: Digits) -> bytes:
        """Pages from page `first` on; the last may hold fewer labels. `symbols` as `tiles` makes them."""
        whole, rest = divmod(len(symbols), self.unit)
        at = whole * self.unit
        parts = []
        if whole:
            parts.append(self._filled(first, (whole, self.unit), symbols[:at], {k: v[:at] for k, v in digits.items()}))
        if rest:
            parts.append(self._filled(first + whole, (1, rest), symbols[at:], {k: v[at:] for k, v in digits.items()}))
        return b"".join(parts)

    def tail(self) -> bytes:
        """The tree of pages and the table of all objects."""
        nodes = [self._node(at) for at in range(self._nodes)]
        starts = self._start(self.count) + np.cumsum([0, *map(len, nodes)])
        firsts = np.concatenate((np.array(self.offsets), self._page_offsets(), self._padding(starts[:-1])))
        return b"".join((*nodes, references(firsts), self._trailer(int(starts[-1]))))

    def _filled(self, first: int, shape: tuple[int, int], symbols: NDArray[np.uint8], digits: Digits) -> bytes:
        """So many pages of so many labels."""
        count, unit = shape
        heads = [self._head(page, unit) for page in range(first, first + count)]
        made = np.empty((count, self._page_size(unit)), np.uint8)
        made[:] = np.frombuffer(
            b"".join((heads[0], *(cell.content for cell in self.cells[:unit]), _CONTENT_END)), np.uint8
        )
        made[:, : len(heads[0])] = np.frombuffer(b"".join(heads), np.uint8).reshape(count, -1)
        one = self.cells[0]
        # Splitting the last axis makes a view: what is written to it is written to the pages.
        cells = made[:, len(heads[0]) : -len(_CONTENT_END)].reshape(count, unit, len(one.content))
        _, across, down = symbols.shape
        strings = cells[:, :, one.symbol : one.symbol + across * (down + 3)].reshape(count, unit, across, down + 3)
        strings[..., 1 : down + 1] = symbols.reshape(count, unit, across, down)
        for hole in one.holes:
            self._write(cells, hole, digits[hole.kind].reshape(count, unit, -1))
        return made.tobytes()

    def _write(self, cells: NDArray[np.uint8], hole: Hole, digits: NDArray[np.int64]) -> None:
        numerals = np.frombuffer(self.numerals[hole.weight], np.uint8).reshape(10, 4)
        for place, start in enumerate(hole.starts):
            cells[:, :, start : start + 4] = numerals[digits[:, :, place]]

    def _head(self, page: int, cells: int) -> bytes:
        """What comes before the labels of a page."""
        order = len(self.offsets) + 1 + 2 * page
        parent = len(self.offsets) + 1 + 2 * self.count + page // NODE
        # The line end before `endstream` is written with the last label, and is not counted.
        length = len(self.opening) + cells * len(self.cells[0].content) - 1
        page_object = _PAGE % (order, parent, order + 1, self.boxes)
        return page_object + _CONTENT % (order + 1, length) + self.opening

    def _page_size(self, cells: int) -> int:
        return len(self._head(0, cells)) + cells * len(self.cells[0].content) + len(_CONTENT_END)

    def _start(self, page: int) -> int:
        """Where a page begins in the file; after the last one, where they end."""
        whole, rest = divmod(self.labels, self.unit)
        start = self.head_size + min(page, whole) * self._page_size(self.unit)
        return start + self._page_size(rest) if page > whole else start

    def _page_offsets(self) -> NDArray[np.int64]:
        """Where the two objects of each page begin: the page, and its content."""
        pages = np.arange(self.count, dtype=np.int64)
        starts = np.empty((self.count, 2), np.int64)
        starts[:, 0] = self.head_size + pages * self._page_size(self.unit)
        starts[:, 1] = starts[:, 0] + len(_PAGE % (0, 0, 0, self.boxes))
        orders = len(self.offsets) + 1 + np.arange(2 * self.count)
        return starts.reshape(-1) + _blanks(orders)

    def _padding(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the nodes' numbers begin."""
        return starts + _blanks(len(self.offsets) + 1 + 2 * self.count + np.arange(self._nodes))

    @property
    def _nodes(self) -> int:
        return -(-self.count // NODE)

    def _node(self, at: int) -> bytes:
        first = len(self.offsets) + 1
        pages = range(at * NODE, min(self.count, (at + 1) * NODE))
        kids = b"".join(b"%8d 0 R " % (first + 2 * page) for page in pages)
        return _NODE % (first + 2 * self.count + at, PAGES_ROOT, len(pages), kids)

    def _objects(self) -> int:
        return len(self.offsets) + 2 * self.count + self._nodes

    def _growth(self) -> int:
        """Bytes of the table of objects beyond those of an empty one."""
        return self._objects() * ENTRY + len(b"%d" % (self._objects() + 1)) - len(b"1")

    def _trailer(self, xref: int) -> bytes:
        return _TRAILER % (self._objects() + 1, self.identity, self.identity, xref)


def root(labels: int, unit: int, fixed: int, entries: bytes) -> bytes:
    """The root of the tree of pages, in a file with so many objects before the first page."""
    count = -(-labels // unit)
    kids = (b"%d 0 R" % (fixed + 1 + 2 * count + at) for at in range(-(-count // NODE)))
    return b"<</Type/Pages/Count %d/Kids[%b]%b>>" % (count, b" ".join(kids), entries)


def _blanks(orders: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many blanks stand before the number of each object."""
    return _WIDE - np.searchsorted(10 ** np.arange(1, _WIDE), orders, side="right") - 1
