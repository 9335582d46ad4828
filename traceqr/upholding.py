"""Upholding: what becomes of a pledge that was not kept. The enterprise may reply, once to each finding, and what was
found wrongly is cleared; the finding stays in the pledge's history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from traceqr.acting import Act, ActRefused, Desk
from traceqr.noting import require_text, salted
from traceqr.pledging import require_pledge
from traceqr.registry import pledge_records, pledges
from traceqr.registry.pledge_records import Finding
from traceqr.registry.pledges import Pledge


@dataclass(frozen=True, slots=True)
class Upheld:
    """A pledge after an act about a finding, and the finding's id."""

    pledge: Pledge
    finding_id: str


def declare_breach(desk: Desk, number: int, finding: str) -> Upheld:
    """Declare that a published pledge was not kept: every label that carries it says so, with the finding."""
    content = require_text(finding, "finding")
    with desk.act() as act:
        pledge = require_pledge(act, number, "pledge.breach")
        found, salt = Finding(desk.new_id(), number, content), desk.new_id()
        payload = {"finding": found.id, "content_digest": salted(salt, content)}
        position = act.record("pledge.breach", f"pledge:{number}", payload)
        breached = replace(pledge, state="breached")
        pledges.update(act.tx, breached, position)
        pledge_records.insert_finding(act.tx, found, salt, position)
        return Upheld(breached, found.id)


def reply(desk: Desk, number: int, text: str, finding_id: str = "") -> Upheld:
    """The enterprise's reply to a finding, published beside it: once. Which one may be left out where one awaits it."""
    content = require_text(text, "reply")
    with desk.act() as act:
        pledge = require_pledge(act, number, "pledge.reply")
        finding = _standing(act, number, finding_id, unanswered=True)
        if finding.reply is not None:
            raise ActRefused(f"finding {finding.id}: expected one without a reply, it has one", "finding")
        digest = salted(pledge_records.finding_salt(act.tx, finding.id), content)
        payload = {"finding": finding.id, "reply_digest": digest}
        position = act.record("pledge.reply", f"pledge:{number}", payload)
        pledge_records.set_reply(act.tx, finding.id, content, position)
        return Upheld(pledge, finding.id)


def clear(desk: Desk, number: int, reason: str, finding_id: str = "") -> Upheld:
    """Clear a finding that was wrong. The pledge is published again once none stands against it. Which one may be left
    out where one stands.
    """
    content = require_text(reason, "reason")
    with desk.act() as act:
        pledge = require_pledge(act, number, "pledge.clear")
        finding = _standing(act, number, finding_id)
        others = [each for each in _open(act, number) if each.id != finding.id]
        cleared = replace(pledge, state="breached" if others else "published")
        digest = salted(pledge_records.finding_salt(act.tx, finding.id), content)
        payload = {"finding": finding.id, "closing_digest": digest, "state": cleared.state}
        position = act.record("pledge.clear", f"pledge:{number}", payload)
        pledges.update(act.tx, cleared, position)
        pledge_records.close(act.tx, finding.id, content, position)
        return Upheld(cleared, finding.id)


def _open(act: Act, number: int) -> list[Finding]:
    return [finding for finding in pledge_records.findings(act.tx, number) if finding.is_open]


def _standing(act: Act, number: int, finding_id: str, *, unanswered: bool = False) -> Finding:
    """The finding meant, among those that stand against a pledge."""
    found = _open(act, number)
    if finding_id:
        found = [finding for finding in found if finding.id == finding_id]
        if not found:
            raise ActRefused(f"pledge {number}: expected a finding that stands, {finding_id!r} is none", "finding")
    elif unanswered and len(found) > 1:
        found = [finding for finding in found if finding.reply is None] or found
    if len(found) > 1:
        ids = ", ".join(finding.id for finding in found)
        raise ActRefused(f"pledge {number}: expected one of its findings to be named, {ids}", "finding")
    return found[0]
