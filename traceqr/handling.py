"""Handling cases: what enterprises and associations do about what people report. Each is an act; texts are kept in the
registry, and only salted digests of them go on the ledger.

An answer is told to all who reported. That a case is late follows from its dates, not from an act; the association may
then escalate it, which lets the association answer and close it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from traceqr.acting import Act, ActRefused, Desk
from traceqr.noting import require_text, salted
from traceqr.registry import accounts, case_texts, cases
from traceqr.registry.case_texts import Answer, Event, Note
from traceqr.registry.cases import FINDINGS, Case
from traceqr.registry.ledger import Payload

MAX_ANSWER = 1_000

_EVENTS = {
    "case.assign": "assigned",
    "case.answer": "answered",
    "case.escalate": "escalated",
    "case.close": "closed",
    "case.reopen": "reopened",
}


def assign(desk: Desk, case_id: str, account_id: str) -> Case:
    """Give an open case to a person of the body that is to answer: of the enterprise, or of an association where there
    is none.
    """
    with desk.act() as act:
        case = _in_state(act, case_id, "open")
        account = accounts.by_id(act.tx, account_id)
        own = account is not None and account.enterprise_id == case.enterprise_id
        if account is None or not own or account.state != "active" or account.role == "operator":
            raise ActRefused(f"expected an account of the body that is to answer, got {account_id!r}", "account")
        note = Note(desk.new_id(), case.id, "assignment", account.organisation_id, account.id, "")
        given = replace(case, account_id=account.id)
        return _noted(desk, act, "case.assign", given, note, {"account": account.id})


def note(desk: Desk, case_id: str, text: str, organisation_id: str | None = None) -> Case:
    """Note something that the own body alone reads: the enterprise, or an association. Closed cases take notes too."""
    content = require_text(text, "note", MAX_ANSWER)
    with desk.act() as act:
        case = require_case(act, case_id)
        made = Note(desk.new_id(), case.id, "note", organisation_id, None, content)
        return _noted(desk, act, "case.note", case, made, {})


def answer(desk: Desk, case_id: str, text: str, organisation_id: str | None = None) -> Case:
    """Answer all who reported. The first answer of the enterprise is the one that counts, where there is an enterprise;
    that of an association does not stand for it.
    """
    content = require_text(text, "answer", MAX_ANSWER)
    with desk.act() as act:
        case = _in_state(act, case_id, "open")
        if case.answered_ms is None and (case.enterprise_id is None or organisation_id is None):
            case = replace(case, answered_ms=act.at_ms)
        return _told(desk, act, "case.answer", case, Answer(desk.new_id(), case.id, "answer", organisation_id, content))


def escalate(desk: Desk, case_id: str) -> Case:
    """Escalate a case whose answer is late: the association takes part in it from now on."""
    with desk.act() as act:
        case = _in_state(act, case_id, "open")
        if case.enterprise_id is None or case.escalated_ms is not None or not case.is_late(act.at_ms):
            raise ActRefused(f"case {case_id}: expected one of an enterprise that is late, and was not escalated yet")
        escalated = replace(case, escalated_ms=act.at_ms)
        return _told(desk, act, "case.escalate", escalated, Answer(desk.new_id(), case.id, "escalation", None, ""))


def close(desk: Desk, case_id: str, finding: str, text: str = "", organisation_id: str | None = None) -> Case:
    """Close a case with what was found, and words beside it if there are any. Who reported must have been answered."""
    if finding not in FINDINGS:
        raise ActRefused(f"expected a finding, one of {', '.join(FINDINGS)}, got {finding!r}", "finding")
    content = require_text(text, "text", MAX_ANSWER) if text.strip() else ""
    with desk.act() as act:
        case = _in_state(act, case_id, "open")
        if case.reports and not any(row["kind"] == "answer" for row in case_texts.answers(act.tx, case.id)):
            raise ActRefused(
                f"case {case_id}: expected an answer to those who reported before it is closed, found none", "finding"
            )
        closed = replace(case, state="closed", closed_ms=act.at_ms, finding=finding)
        said = Answer(desk.new_id(), case.id, "closing", organisation_id, content)
        return _told(desk, act, "case.close", closed, said, {"finding": finding})


def reopen(desk: Desk, case_id: str, reason: str, organisation_id: str | None = None) -> Case:
    """Open a closed case again, for a reason that those who reported are told. When it was answered first stays."""
    content = require_text(reason, "reason", MAX_ANSWER)
    with desk.act() as act:
        case = _in_state(act, case_id, "closed")
        if cases.has_open(act.tx, case):
            raise ActRefused(f"case {case_id}: expected none that is open about the same, there is one", "reason")
        opened = replace(case, state="open", closed_ms=None, finding=None)
        said = Answer(desk.new_id(), case.id, "reopening", organisation_id, content)
        return _told(desk, act, "case.reopen", opened, said)


def require_case(act: Act, case_id: str) -> Case:
    """The case of that id. Raises `ActRefused`."""
    case = cases.by_id(act.tx, case_id)
    if case is None:
        raise ActRefused(f"expected the id of a case, {case_id!r} is none")
    return case


def _in_state(act: Act, case_id: str, state: str) -> Case:
    case = require_case(act, case_id)
    if case.state != state:
        raise ActRefused(f"case {case_id}: expected it to be {state}, it is {case.state}")
    return case


def _told(desk: Desk, act: Act, name: str, case: Case, said: Answer, more: Mapping[str, Any] | None = None) -> Case:
    salt = desk.new_id()
    payload = {**_whose(case), "answer": said.id, "content_digest": salted(salt, said.content), **(more or {})}
    position = _recorded(desk, act, name, case, payload)
    case_texts.insert_answer(act.tx, said, salt, position)
    return replace(case, act_position=position)


def _noted(desk: Desk, act: Act, name: str, case: Case, made: Note, more: Mapping[str, Any]) -> Case:
    salt = desk.new_id()
    # What an association notes for itself finds its way to nobody else, not even that it did.
    whose = _whose(case) if made.organisation_id is None else {}
    payload = {**whose, "note": made.id, "content_digest": salted(salt, made.content), **more}
    position = _recorded(desk, act, name, case, payload)
    case_texts.insert_note(act.tx, made, salt, position)
    return replace(case, act_position=position)


def _recorded(desk: Desk, act: Act, name: str, case: Case, payload: Payload) -> int:
    position = act.record(name, f"case:{case.id}", payload)
    cases.update(act.tx, case, position)
    if name in _EVENTS:
        case_texts.insert_event(act.tx, Event(desk.new_id(), act.at_ms, _EVENTS[name], case.id))
    return position


def _whose(case: Case) -> dict[str, str]:
    """By this the entry finds its way to the enterprise."""
    return {"enterprise": case.enterprise_id} if case.enterprise_id else {}
