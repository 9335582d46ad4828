"""The tree grown leaf by leaf against the definition of RFC 6962, section 2.1, written down as it stands there."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from traceqr import merkle
from traceqr.merkle import Frontier


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]): the hash of nothing, of one leaf, or of both sides of the largest power of two below n."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def grown(leaves: Sequence[bytes]) -> list[Frontier]:
    """The frontier after each leaf, the empty one first."""
    found = [Frontier()]
    for leaf in leaves:
        found.append(found[-1].append(merkle.leaf_hash(leaf)))
    return found


def test_every_size_up_to_300() -> None:
    source = random.Random(6962)
    leaves = [source.randbytes(source.randrange(80)) for _ in range(300)]
    for size, frontier in enumerate(grown(leaves)):
        assert (frontier.size, frontier.root) == (size, root_of(leaves[:size]))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=70), max_size=70))
def test_any_leaves(leaves: list[bytes]) -> None:
    assert grown(leaves)[-1].root == root_of(leaves)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=4), max_size=130), st.data())
def test_the_peak_that_each_leaf_completes_is_enough_for_any_frontier(leaves: list[bytes], data: st.DataObject) -> None:
    """What the ledger keeps: one peak with each entry."""
    frontiers = grown(leaves)
    completed = [frontier.peaks[-1] for frontier in frontiers[1:]]
    size = data.draw(st.integers(0, len(leaves)))
    peaks = tuple(completed[position] for position in merkle.peak_positions(size))
    assert Frontier(size, peaks) == frontiers[size]
    rest = Frontier(size, peaks)
    for leaf in leaves[size:]:
        rest = rest.append(merkle.leaf_hash(leaf))
    assert rest == frontiers[-1]


@given(st.integers(0, 2**63))
def test_peaks_are_as_many_as_the_ones_in_the_size(size: int) -> None:
    positions = merkle.peak_positions(size)
    assert len(positions) == size.bit_count()
    assert positions == sorted(set(positions))
    assert not positions or positions[-1] == size - 1
