"""The ledger's hashes, computed again entry by entry: leaf, peak and root of RFC 6962."""

from __future__ import annotations

import re
from collections.abc import Iterator

from traceqr import merkle
from traceqr.merkle import Frontier
from traceqr.registry.database import Row

_HASH = re.compile("[0-9a-f]{64}")


class Chain:
    """Takes the rows of the ledger in order. It goes on from each leaf hash as it is stored, so that an entry whose
    text was changed is told by itself, and does not make all roots after it look wrong.
    """

    def __init__(self) -> None:
        self._frontier: Frontier | None = Frontier()
        self._due = 0
        self._roots_differ = False

    @property
    def size(self) -> int:
        """Entries taken, gaps counted with them."""
        return self._due

    @property
    def root(self) -> str | None:
        """The root over them in hex; None where it cannot be computed."""
        return self._frontier.root.hex() if self._frontier else None

    def take(self, row: Row) -> Iterator[str]:
        """What is wrong with the next row: its position, and its hashes."""
        if row["position"] != self._due:
            yield from self._gap(row["position"])
        self._due = row["position"] + 1
        leaf = merkle.leaf_hash(row["entry"].encode("utf-8", "surrogatepass")).hex()
        if row["leaf_hash"] != leaf:
            yield (
                f"its text was changed, or its leaf hash: expected leaf hash {leaf[:16]}..., found"
                f" {row['leaf_hash'][:16]}..."
            )
        if self._frontier is None:
            return
        if not _HASH.fullmatch(row["leaf_hash"]):
            self._frontier = None
            yield "its leaf hash is garbled: peaks and roots from here on cannot be compared"
            return
        self._frontier = self._frontier.append(bytes.fromhex(row["leaf_hash"]))
        yield from self._compare(row, self._frontier)

    def _gap(self, found: int) -> Iterator[str]:
        missing = found - self._due
        self._frontier = None
        if missing > 0:
            entries = f"entry {self._due} is" if missing == 1 else f"entries {self._due} to {found - 1} are"
            yield f"{entries} missing before it: peaks and roots from here on cannot be compared"
        else:
            yield f"expected position {self._due}, found {found}"

    def _compare(self, row: Row, frontier: Frontier) -> Iterator[str]:
        peak, root = frontier.peaks[-1].hex(), frontier.root.hex()
        if row["peak_hash"] != peak:
            yield f"expected peak hash {peak[:16]}..., found {row['peak_hash'][:16]}..."
        if row["root_hash"] == root:
            self._roots_differ = False
        elif not self._roots_differ:  # said once: an earlier entry that is not what it was makes all later roots differ
            self._roots_differ = True
            yield (
                f"expected root {root[:16]}... after it, found {row['root_hash'][:16]}...: this entry or one before it"
                " was changed after it was recorded"
            )
