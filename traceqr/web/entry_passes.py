"""Passes that the form for hidden codes carries: who has scanned the label may enter its code, and nobody else."""

from __future__ import annotations

from traceqr.evidence import Verdict
from traceqr.verdict import Code
from traceqr.web.passes import Pass
from traceqr.web.site import Site

MAX_AGE_MS = 6 * 3_600_000
"""How long after a scan a code may be entered: a phone is put away, and taken out again at home."""

PURPOSE = "hidden-code"
"""Of the passes."""

_ASKED = (Code.GENUINE, Code.SEEN)


def may_enter(verdict: Verdict) -> bool:
    """Whether the page of a scan asks for the hidden code: where it can tell the buyer of the goods from the owner of a
    copy. What is stopped or not for sale says something else first; what leads to another host is none of our pages.
    """
    if verdict.evidence is None or not verdict.evidence.hidden_codes or not verdict.history_checked:
        return False
    return verdict.code in _ASKED or (verdict.code is Code.SUSPECT and verdict.reason != "host-foreign")


def pass_for(here: Site, verdict: Verdict, device: str) -> str | None:
    """The pass that the form of a verdict's page carries, if it has one."""
    if here.entries is None or verdict.label is None or not may_enter(verdict):
        return None
    serial = verdict.label.serial
    return here.entry_passes.issue(Pass(serial.batch, serial.index, device, verdict.at_ms))
