"""The trail against the ledger: every entry is noted for the enterprises that it concerns, and for no others."""

from __future__ import annotations

from collections.abc import Sequence

from traceqr.checking.finding import Findings
from traceqr.registry import trail
from traceqr.registry.database import Reader
from traceqr.registry.ledger import Entry
from traceqr.registry.tables import shown
from traceqr.registry.trail import Concern


def check_trail(reader: Reader, entries: Sequence[Entry], findings: Findings) -> None:
    """Is what is noted of these entries what they say?"""
    if not entries:
        return
    wanted = trail.concerns(reader, entries)
    known = {entry.position for entry in entries}
    found = trail.between(reader, min(known), max(known))
    for concern in sorted(wanted - found, key=_place):
        findings.add("acts", _entry(concern), f"expected it in table trail for {_whom(concern)}, found none such")
    for concern in sorted(found - wanted, key=_place):
        if concern.position in known:  # what the ledger cannot be read of is told already
            findings.add("acts", _entry(concern), f"table trail has it for {_whom(concern)}, which is not so")


def _place(concern: Concern) -> tuple[int, str]:
    return concern.position, str(concern.enterprise_id)


def _entry(concern: Concern) -> str:
    return f"ledger entry {concern.position}"


def _whom(concern: Concern) -> str:
    of = "" if concern.batch is None else f", batch {shown(concern.batch)}"
    return f"enterprise {shown(concern.enterprise_id)} as {shown(concern.kind)}{of}"
