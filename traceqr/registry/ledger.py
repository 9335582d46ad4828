"""The ledger: every act, in order, final from the first day.

An entry is canonical JSON (RFC 8785). The entries are the leaves of the Merkle tree of RFC 6962, section 2.1. Beside
each stand its leaf hash, the hash of the largest perfect subtree that ends with it (from those any frontier is found
again), and the root of the tree after it. Positions count from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from traceqr import merkle
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.merkle import Frontier
from traceqr.registry.database import Reader, Row, Transaction

Payload = Mapping[str, Any]


class InvalidEntry(TraceqrError):
    """An act that canonical JSON cannot say: text that is not Unicode, or an integer past 2^53."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: `subject` names what it was done to, such as `batch:7`."""

    position: int
    at_ms: int
    actor: str
    act: str
    subject: str
    payload: Payload

    def canonical(self) -> bytes:
        """The entry as canonical JSON, UTF-8. Raises `InvalidEntry`."""
        members: dict[str, Any] = {
            "act": self.act,
            "actor": self.actor,
            "at_ms": self.at_ms,
            "payload": dict(self.payload),
            "position": self.position,
            "subject": self.subject,
        }
        try:
            return rfc8785.dumps(members)
        except rfc8785.CanonicalizationError as error:
            raise InvalidEntry(f"cannot put {self.act} of {self.subject!r} on the ledger: {error}") from error


class Tail:
    """The end of the ledger as an act sees it. It holds true as long as the act's lock is held, so that an act of a
    hundred thousand entries reads the ledger once.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.frontier = frontier(tx, next_position(tx))
        last = tx.row("SELECT at_ms FROM ledger WHERE position = :last", {"last": self.frontier.size - 1})
        self.at_ms: int | None = last["at_ms"] if last else None
        """The instant of the latest entry, or None while there is none."""

    def append(self, at_ms: int, actor: str, act: str, subject: str, payload: Payload) -> Entry:
        """Append an entry; returns it. Positions are dense. Raises `InvalidEntry`."""
        entry = Entry(self.frontier.size, at_ms, actor, act, subject, payload)
        canonical = entry.canonical()
        leaf = merkle.leaf_hash(canonical)
        grown = self.frontier.append(leaf)
        self._tx.insert_many(
            "ledger",
            _COLUMNS,
            [
                (
                    entry.position,
                    at_ms,
                    act,
                    subject,
                    canonical.decode("utf-8"),
                    leaf.hex(),
                    grown.peaks[-1].hex(),
                    grown.root.hex(),
                )
            ],
        )
        self.frontier, self.at_ms = grown, at_ms
        return entry


_COLUMNS = ("position", "at_ms", "act", "subject", "entry", "leaf_hash", "peak_hash", "root_hash")


def next_position(reader: Reader) -> int:
    """The position that the next entry will have: the number of entries so far."""
    row = reader.row("SELECT COALESCE(MAX(position) + 1, 0) AS position FROM ledger")
    assert row is not None  # an aggregate always has its one row
    return int(row["position"])


def frontier(reader: Reader, size: int) -> Frontier:
    """The frontier of the first `size` entries, from the peaks that are stored with them. Raises `RegistryUnavailable`
    where they are not.
    """
    positions = merkle.peak_positions(size)
    if not positions:
        return Frontier()
    wanted = {f"at{number}": position for number, position in enumerate(positions)}
    rows = reader.rows(
        f"SELECT position, peak_hash FROM ledger WHERE position IN ({', '.join(f':{name}' for name in wanted)})", wanted
    )
    try:
        peaks = {row["position"]: bytes.fromhex(row["peak_hash"]) for row in rows}
        return Frontier(size, tuple(peaks[position] for position in positions))
    except (KeyError, ValueError) as error:
        raise RegistryUnavailable(
            f"expected the hashes of ledger entries {', '.join(map(str, positions))}, got others: the ledger is"
            " damaged; run: traceqr check"
        ) from error


def root_after(reader: Reader, size: int) -> str | None:
    """The root over the first `size` entries, in hex; None where the ledger has fewer."""
    if size == 0:
        return merkle.EMPTY_ROOT.hex()
    row = reader.row("SELECT root_hash FROM ledger WHERE position = :last", {"last": size - 1})
    return str(row["root_hash"]) if row else None


def page(reader: Reader, first: int, limit: int) -> list[Row]:
    """Entries from a position on, as they are stored: position, entry, leaf hash and the root after it. The ledger only
    grows, so pages read one after the other belong together.
    """
    return reader.rows(
        "SELECT position, entry, leaf_hash, root_hash FROM ledger WHERE position >= :first"
        " ORDER BY position LIMIT :limit",
        {"first": first, "limit": limit},
    )
