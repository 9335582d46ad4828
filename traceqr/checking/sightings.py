"""The summary of each label's sightings is what its confirmed scans add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traceqr.checking.finding import Findings
from traceqr.registry.database import Row
from traceqr.registry.tables import shown

Label = tuple[int, int]
"""Batch and label index."""


@dataclass(slots=True)
class _Sum:
    """The confirmed scans of one label, taken in the order of device and instant."""

    first_seen_ms: int
    last_seen_ms: int
    times_seen: int = 0
    devices: int = 0
    device: str = ""

    def take(self, scan: Row) -> None:
        self.first_seen_ms = min(self.first_seen_ms, scan["at_ms"])
        self.last_seen_ms = max(self.last_seen_ms, scan["at_ms"])
        self.times_seen += 1
        self.devices += self.times_seen == 1 or scan["device"] != self.device
        self.device = scan["device"]


def summed(scans: Iterator[Row]) -> Iterator[tuple[Label, _Sum]]:
    """The sums of scans that come in the order of the table's key, label by label."""
    label: Label | None = None
    total: _Sum | None = None
    for scan in scans:
        if not scan["confirmed"]:
            continue
        if (scan["batch"], scan["label_index"]) != label:
            if label and total:
                yield label, total
            label, total = (scan["batch"], scan["label_index"]), _Sum(scan["at_ms"], scan["at_ms"])
        assert total is not None  # made with its label
        total.take(scan)
    if label and total:
        yield label, total


def check_sightings(
    scans: Iterator[Row], sightings: Iterator[Row], pruned_before_ms: int | None, findings: Findings
) -> None:
    """Compare the two tables, both in the order of their keys. Of scans before `pruned_before_ms` the detail may be
    gone, so a summary may count more than there are; None is never pruned.
    """
    sums = summed(scans)
    label, total = next(sums, _NO_MORE)
    for sighting in sightings:
        mine = (sighting["batch"], sighting["label_index"])
        while label is not None and label < mine:
            _say(findings, label, _UNSUMMED)
            label, total = next(sums, _NO_MORE)
        scanned = label == mine
        for message in _differences(sighting, total if scanned else None, pruned_before_ms):
            _say(findings, mine, message)
        if scanned:
            label, total = next(sums, _NO_MORE)
    while label is not None:
        _say(findings, label, _UNSUMMED)
        label, total = next(sums, _NO_MORE)


_NO_MORE = (None, None)
_UNSUMMED = "it has confirmed scans, and no summary of its sightings"


def check_counts(uncounted: Sequence[Row], findings: Findings) -> None:
    """Tell of enterprises with more scans than are counted by day. Two nodes may count one scan twice, so more may
    be counted than are kept, and detail is pruned.
    """
    for row in sorted(uncounted, key=lambda row: str(row["enterprise_id"])):
        findings.add(
            "scan_day",
            f"enterprise {row['enterprise_id']}",
            f"expected at least {row['kept']:,} scans by day, as many as are kept, found {row['counted']:,}",
        )


def _say(findings: Findings, label: Label, message: str) -> None:
    findings.add("sightings", f"batch {label[0]}, label {label[1]}", message)


def _differences(sighting: Row, total: _Sum | None, pruned_before_ms: int | None) -> Iterator[str]:
    if not (sighting["times_seen"] or sighting["first_seen_ms"]) and sighting["trace"]:
        return  # looked at before it was for sale: nothing that counts
    if sighting["times_seen"] == 0 or sighting["first_seen_ms"] > sighting["last_seen_ms"]:
        yield (
            f"expected a summary of scans, found {sighting['times_seen']} times from {sighting['first_seen_ms']} to"
            f" {sighting['last_seen_ms']}"
        )
        return
    for name, found, counted, least in _pairs(sighting, total):
        if found == counted or (least and _may_be_pruned(sighting, name, pruned_before_ms)):
            continue
        yield (f"expected {name} {shown(counted)}, as its confirmed scans say, found {found}")


def _pairs(sighting: Row, total: _Sum | None) -> Iterator[tuple[str, int, int | None, bool]]:
    """Name, what the summary says, what the scans say, and whether the scans could be a part of the summary's."""
    for name, up in (("times_seen", True), ("devices", True), ("first_seen_ms", False), ("last_seen_ms", True)):
        found = sighting[name]
        counted = getattr(total, name) if total else (0 if name in ("times_seen", "devices") else None)
        yield name, found, counted, counted is None or (found >= counted if up else found <= counted)


def _may_be_pruned(sighting: Row, name: str, pruned_before_ms: int | None) -> bool:
    """Whether what the scans do not say any more can have been pruned: the earliest scan was, if any was."""
    if pruned_before_ms is None or sighting["first_seen_ms"] >= pruned_before_ms:
        return False
    return bool(name != "last_seen_ms" or sighting["last_seen_ms"] < pruned_before_ms)
