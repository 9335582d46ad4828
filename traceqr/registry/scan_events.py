"""What happens to a label: a device scans it, and comes back with its cookie."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from traceqr.registry.scan_statements import LabelKey

UNKNOWN_NETWORK = -1


@dataclass(frozen=True, slots=True)
class Scan:
    """One device's scan of one label. `device` is an HMAC; `agent` is a family such as `wechat`, never the raw text.

    `counts` says that it counts as a sighting at once, else it waits for its confirmation; `early`, that the label is
    not for sale yet, so that it is a sighting of another kind. `place` is one of the gazetteer; `network` is 16 bits
    that stand for the device's network with this label and no other, or `UNKNOWN_NETWORK`; `market` are the regions
    that the batch is meant for, `bought_ms` is when another device confirmed the purchase, if one has.
    """

    batch: int
    label_index: int
    device: str
    at_ms: int
    channel: str
    agent: str
    language: str
    counts: bool
    early: bool = False
    place: str = ""
    network: int = UNKNOWN_NETWORK
    market: str = ""
    bought_ms: int | None = None

    def row(self) -> tuple[Any, ...]:
        """As it is stored, in the order of `scan_statements.SCAN_COLUMNS`."""
        return (
            self.batch,
            self.label_index,
            self.device,
            self.at_ms,
            self.channel,
            self.agent,
            self.language,
            int(self.counts),
            int(self.early),
            self.place,
            self.network,
            0,
        )


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The device that scanned at `at_ms` has come back: that scan is to count, if it is there and does not yet."""

    batch: int
    label_index: int
    device: str
    at_ms: int
    early: bool = False
    market: str = ""
    bought_ms: int | None = None


Event = Scan | Confirmation


def label_of(event: Event) -> LabelKey:
    """The label that it happens to."""
    return event.batch, event.label_index


def network_number(network: str, batch: int, index: int) -> int:
    """What stands for a network with one label: so short, and of each label another, that nobody is followed by it."""
    if not network:
        return UNKNOWN_NETWORK
    return int.from_bytes(blake2b(f"{network}:{batch}:{index}".encode(), digest_size=2).digest(), "big")
