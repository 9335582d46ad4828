"""The Merkle tree: the vectors of Certificate Transparency, and where the peaks of a tree end."""

from __future__ import annotations

import hashlib

import pytest

from traceqr import merkle
from traceqr.merkle import Frontier

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    # The roots over the first leaves, as the reference implementation of RFC 6962 has them
    # (google/certificate-transparency, merkletree/merkle_tree_test.cc).
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_empty_tree() -> None:
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root == merkle.EMPTY_ROOT


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (b"L123456", "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"),
    ],
)
def test_leaves(leaf: bytes, expected: str) -> None:
    assert merkle.leaf_hash(leaf).hex() == expected


def test_nodes() -> None:
    assert merkle.node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_roots(size: int) -> None:
    grown = Frontier()
    for leaf in LEAVES[:size]:
        grown = grown.append(merkle.leaf_hash(leaf))
    assert (grown.size, grown.root.hex()) == (size, ROOTS[size - 1])


def test_a_node_is_no_leaf() -> None:
    """RFC 6962, section 2.1: without the byte before it, the two children of a node would be a leaf with its hash."""
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.node_hash(left, right) != merkle.leaf_hash(left + right)
    assert merkle.leaf_hash(b"a") != hashlib.sha256(b"a").digest()


@pytest.mark.parametrize(
    ("size", "positions"),
    [
        (0, []),
        (1, [0]),
        (2, [1]),
        (3, [1, 2]),
        (4, [3]),
        (6, [3, 5]),
        (7, [3, 5, 6]),
        (8, [7]),
        (1_000_000, [524287, 786431, 917503, 983039, 999423, 999935, 999999]),
        (2**40 - 1, [2**40 - 2**at - 1 for at in reversed(range(40))]),
    ],
)
def test_where_peaks_end(size: int, positions: list[int]) -> None:
    assert merkle.peak_positions(size) == positions


def test_growing_changes_no_earlier_frontier() -> None:
    small = Frontier().append(merkle.leaf_hash(b"a"))
    root = small.root
    small.append(merkle.leaf_hash(b"b"))
    assert (small.size, small.root) == (1, root)
