"""The Merkle tree of RFC 6962, section 2.1, grown leaf by leaf. Hashes are 32 bytes of SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf: a zero byte goes before it, so that no leaf is ever taken for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over the hashes of its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree of `size` leaves: all that is needed to append to it and to tell its root.

    `peaks` are the hashes of the perfect subtrees that the tree consists of, the largest and leftmost first: one for
    each 1 in the binary `size`.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The frontier after one more leaf, given as its hash."""
        peaks, node, size = list(self.peaks), leaf, self.size
        while size & 1:  # each trailing 1 is a subtree as large as the node, and to its left
            node = node_hash(peaks.pop(), node)
            size >>= 1
        return Frontier(self.size + 1, (*peaks, node))

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def peak_positions(size: int) -> list[int]:
    """Where the peaks of a tree of `size` leaves end: the position of the last leaf of each, the largest peak first.

    A peak that ends at a position is the largest perfect subtree to do so. So whoever keeps that one hash with every
    leaf finds the frontier of any size again.
    """
    positions, end = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            end += 1 << bit
            positions.append(end - 1)
    return positions
