"""The rows against the ledger: whatever an entry says was done is in the tables, and says the same there; and every row
names an entry that can have made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from traceqr.checking.digests import derived
from traceqr.checking.effect import Effect as _Effect
from traceqr.checking.effect import same as _same
from traceqr.checking.finding import Findings
from traceqr.checking.inspecting import INSPECTING
from traceqr.checking.tracing import TRACING
from traceqr.registry import auditing
from traceqr.registry.database import Reader, Row
from traceqr.registry.ledger import Entry
from traceqr.registry.tables import shown, table
from traceqr.registry.walking import rows_of_keys

Payload = Mapping[str, Any]


_PRODUCT_TEXT = _same("name_zh", "name_en", "brand", "specification", "standard", "picture")
_ENTERPRISE = _same("uscc", "name_zh", "name_en", "region", "sector", "service_phone", "contact_digest")
_PRODUCT = (_Effect("product_version", _PRODUCT_TEXT, more_key="version"),)
_TEXT = _Effect("pledge_text", {"digest": "text_digest", "articles_digest": "text_digest"}, more_key="text_version")
_CAMPAIGN = _same("organisation_id", "code", "year", "name_zh", "name_en", "theme_zh", "theme_en", "region")
_PRESENT = _same(
    *("co_organisers", "slogan_zh", "slogan_en", "sectors"),
    *("apply_from_ms", "apply_to_ms", "valid_from_ms", "valid_to_ms"),
    "text_version",
)
_APPLICANT = _same("campaign_id", "enterprise_id")
_SIGNED = _same("region", "sector", "text_version", "signed_ms", "valid_from_ms", "valid_to_ms")
_CLAIM = _same("kind", "value")
_MARK = _same("organisation_id", "prefix", "artwork")
_MARK_TEXT = _Effect("mark_text", _same("name_zh", "name_en", "meaning_zh", "meaning_en"), more_key="text_version")
_GRANTED = _same("spelled", "mark_id", "text_version", "enterprise_id", "valid_from_ms")
_KEY = {
    **_same("role", "algorithm", "public_key"),
    **_same("signing_from_ms", "signing_to_ms", "verifying_from_ms", "verifying_to_ms"),
}
_BATCH = (
    *("gtin", "product_version", "enterprise_id", "enterprise_position"),
    *("pledge", "key_number", "label_count"),
    *("origin", "lot", "produced_on", "expires_on", "market"),
)
_EXPORT = (_Effect("label_export", _same("batch", "first", "last", "content", "format"), instead="export"),)
_EXPORTED = (
    _Effect("label_export", _same("batch", "digest", "bytes"), instead="export", position="finished_position"),
)
_BODY = {"organisation_id": "organisation", "enterprise_id": "enterprise"}
_NO_CREDENTIAL = _Effect("credential", becomes={"password": "", "totp": None})
_ON_BATCHES = frozenset(
    {"batch.hold", "batch.recall", "labels.export", "labels.exported", "hidden.export", "hidden.exported"}
)
"""Acts that leave a row with a batch, and are about it."""

_OPENED = {"instead": "notice", "position": "opened_position"}

_RECALL_CHANGED = _Effect("recall", instead="notice", position="changed_position")
_RECALL = {"enterprise_id": "enterprise", **_same("grade", "ordered_by", "text_digest")}


def _recalled(*names: str) -> tuple[_Effect, ...]:
    """An act that opens a recall."""
    opened = _Effect("notice", _same(*names), {}, {"kind": "recall"}, **_OPENED)
    return opened, _Effect("recall", _RECALL, instead="notice"), _RECALL_CHANGED


def _finding(digest: str, position: str) -> _Effect:
    return _Effect("pledge_finding", _same("pledge", digest), instead="finding", position=position)


def _note(kind: str) -> _Effect:
    return _Effect("pledge_note", _same("pledge", "content_digest"), becomes={"kind": kind}, instead="note")


def _licence(present: Mapping[str, str], state: str) -> tuple[_Effect, ...]:
    """An act that gives a licence its state."""
    return (
        _Effect("mark_licence", present=present, becomes={"state": state}),
        _Effect("mark_licence", becomes={"state": state}, position="state_position"),
    )


def _case(
    table: str, member: str, kind: str, present: Mapping[str, str] | None = None, **becomes: str | None
) -> tuple[_Effect, ...]:
    """An act on a case, and what was written with it."""
    written = _Effect(table, _same("case_id", "content_digest"), becomes={"kind": kind}, instead=member)
    return _Effect("case_file", present=present or {}, becomes=becomes, position="act_position"), written


EFFECTS: dict[str, tuple[_Effect, ...]] = {
    "organisation.enrol": (_Effect("organisation", _same("kind", "level", "region", "name_zh", "name_en")),),
    "enterprise.enrol": (_Effect("enterprise", _same("uscc"), _ENTERPRISE),),
    "enterprise.amend": (_Effect("enterprise", _same("uscc"), _ENTERPRISE),),
    "claim.file": (
        _Effect(
            "gtin_claim", {**_CLAIM, "evidence": "evidence", "enterprise_id": "enterprise"}, {}, {"state": "filed"}
        ),
    ),
    "claim.accept": (_Effect("gtin_claim", _CLAIM, {"organisation_id": "organisation"}, {"state": "accepted"}),),
    "claim.refuse": (_Effect("gtin_claim", _CLAIM, {"organisation_id": "organisation"}, {"state": "refused"}),),
    "claim.revoke": (_Effect("gtin_claim", _CLAIM, {"organisation_id": "organisation"}, {"state": "revoked"}),),
    "product.enrol": _PRODUCT,
    "product.amend": _PRODUCT,
    "campaign.open": (_Effect("campaign", _CAMPAIGN, _PRESENT), _TEXT),
    "campaign.amend": (_Effect("campaign", {}, _PRESENT),),
    "campaign.revise": (_Effect("campaign", {}, _PRESENT), _TEXT),
    "pledge.apply": (_Effect("pledge", _APPLICANT, _same("region", "sector"), {"state": "applied"}),),
    "pledge.ask": (_Effect("pledge", becomes={"state": "returned"}), _note("question")),
    "pledge.answer": (_Effect("pledge", becomes={"state": "applied"}), _note("answer")),
    "pledge.accept": (_Effect("pledge", becomes={"state": "accepted"}),),
    "pledge.refuse": (_Effect("pledge", becomes={"state": "refused"}), _note("refusal")),
    "pledge.sign": (
        _Effect("pledge", {}, _same("text_version", "signed_ms"), {"state": "signed"}),
        _Effect(
            "pledge_signature",
            _same("pledge", "text_version", "account_id", "signatory_digest"),
            instead="signature",
        ),
    ),
    "pledge.publish": (_Effect("pledge", {**_APPLICANT, **_SIGNED}, {}, {"state": "published"}),),
    "pledge.withdraw": (_Effect("pledge", becomes={"state": "withdrawn"}), _note("withdrawal")),
    "pledge.breach": (
        _Effect("pledge", becomes={"state": "breached"}),
        _finding("content_digest", "position"),
    ),
    "pledge.reply": (_finding("reply_digest", "reply_position"),),
    "pledge.clear": (
        _Effect("pledge", {}, _same("state")),
        _finding("closing_digest", "closed_position"),
    ),
    "mark.define": (_Effect("mark", _MARK, _same("text_version")), _MARK_TEXT),
    "mark.revise": (_Effect("mark", {}, _same("text_version")), _MARK_TEXT),
    "licence.grant": (_Effect("mark_licence", _GRANTED), *_licence(_same("valid_to_ms", "quota", "reason"), "granted")),
    "licence.suspend": _licence(_same("reason"), "suspended"),
    "licence.resume": _licence(_same("reason"), "granted"),
    "licence.withdraw": _licence(_same("reason"), "withdrawn"),
    "recognition.record": (
        _Effect(
            "recognition",
            _same(
                *("enterprise_id", "kind", "level", "year"),
                *("name_zh", "name_en", "conferred_by_zh", "conferred_by_en"),
            ),
            {},
            {"state": "recorded", "reason": None},
        ),
    ),
    "recognition.revoke": (_Effect("recognition", {}, _same("reason"), {"state": "revoked"}),),
    "licence.extend": (_Effect("mark_licence", present=_same("valid_to_ms", "quota")),),
    "case.assign": _case("case_note", "note", "assignment", {"account_id": "account"}, state="open"),
    "case.note": _case("case_note", "note", "note"),
    "case.answer": _case("case_answer", "answer", "answer", state="open"),
    "case.escalate": _case("case_answer", "answer", "escalation", state="open"),
    "case.close": _case("case_answer", "answer", "closing", _same("finding"), state="closed"),
    "case.reopen": _case("case_answer", "answer", "reopening", state="open", finding=None),
    **INSPECTING,
    **TRACING,
    "key.add": (_Effect("signing_key", _KEY, {}, {"status": "active"}),),
    "key.retire": (_Effect("signing_key", becomes={"status": "retired"}),),
    "key.destroy": (_Effect("signing_key", becomes={"status": "destroyed"}),),
    "key.compromise": (_Effect("signing_key", {}, {"compromised_position": "as_of"}, {"status": "compromised"}),),
    "account.open": (
        _Effect(
            "account",
            {"role": "role", **_BODY},
            _same("person_digest"),
            {"state": "active"},
        ),
    ),
    "account.renew": (_Effect("account", {}, _same("person_digest"), {"state": "active"}), _NO_CREDENTIAL),
    "account.close": (_Effect("account", becomes={"state": "closed"}), _NO_CREDENTIAL),
    "account.erase": (_Effect("account", becomes={"state": "closed", "name": "", "salt": ""}),),
    "credential.set": (_Effect("credential"),),
    "second_factor.set": (_Effect("credential"),),
    "second_factor.remove": (_Effect("credential", becomes={"totp": None}),),
    "invitation.open": (
        _Effect(
            "invitation",
            {"role": "role", "until_ms": "until_ms", **_BODY, "account_id": "account"},
            {},
            {"state": "open"},
        ),
    ),
    "invitation.use": (_Effect("invitation", becomes={"state": "used"}),),
    "invitation.withdraw": (_Effect("invitation", becomes={"state": "withdrawn"}),),
    "subscription.add": (
        _Effect("subscription", {**_same("kind", "events"), **_BODY}, _same("address_digest"), {"state": "active"}),
    ),
    "subscription.renew_secret": (_Effect("subscription", _BODY, _same("address_digest"), {"state": "active"}),),
    "subscription.remove": (
        _Effect("subscription", _BODY, {}, {"state": "removed", "address": "", "salt": "", "secret": None}),
    ),
    "token.issue": (
        _Effect("api_token", {**_same("scopes", "until_ms"), "enterprise_id": "enterprise"}, {}, {"state": "active"}),
    ),
    "token.revoke": (_Effect("api_token", becomes={"state": "revoked"}),),
    "proposal.open": (
        _Effect("proposal", {**_same("act", "subject", "arguments", "until_ms"), **_BODY}, {}, {"state": "open"}),
    ),
    "proposal.second": (_Effect("proposal", becomes={"state": "seconded"}),),
    "proposal.decline": (_Effect("proposal", becomes={"state": "declined"}),),
    "proposal.withdraw": (_Effect("proposal", becomes={"state": "withdrawn"}),),
    "proposal.carry_out": (_Effect("proposal", becomes={"state": "done"}),),
    "hidden_root.add": (_Effect("hidden_root", _same("commitment", "first_batch")),),
    "bundle.publish": (_Effect("bundle", _same("ledger_size", "made_ms", "expires_ms", "key_number")),),
    "batch.issue": (_Effect("batch", _same(*_BATCH)),),
    "batch.hold": (_Effect("notice", _same("batch", "first", "last", "reason"), {}, {"kind": "hold"}, **_OPENED),),
    "batch.recall": _recalled("batch", "first", "last", "reason"),
    "product.hold": (_Effect("notice", _same("gtin", "batch", "reason"), {}, {"kind": "hold"}, **_OPENED),),
    "product.recall": _recalled("gtin", "batch", "lot", "reason"),
    "lot.recall": _recalled("gtin", "batch", "lot", "reason"),
    "recall.progress": (
        _Effect(
            "recall_progress",
            {"recall": "notice", **_same("recovered", "destroyed", "reached", "remark_digest")},
            instead="progress",
        ),
        _RECALL_CHANGED,
    ),
    "labels.export": _EXPORT,
    "labels.exported": _EXPORTED,
    "hidden.export": _EXPORT,
    "hidden.exported": _EXPORTED,
    "hold.lift": (_Effect("notice", becomes={"kind": "hold"}, position="closed_position"),),
    "recall.lift": (
        _Effect("notice", becomes={"kind": "recall"}, position="closed_position"),
        _Effect("recall", {"closing": "reason", "outcome": "outcome"}, instead="notice", position="closed_position"),
        _RECALL_CHANGED,
    ),
}
"""All acts that leave something in the tables, apart from spans."""

NAMED = {
    "label_export": "export",
    "pledge_signature": "signature",
    "pledge_note": "note",
    "pledge_finding": "finding",
    "recall": "notice",
    "recall_progress": "progress",
    "case_answer": "answer",
    "case_note": "note",
    "inspection_referral": "referral",
}
"""Tables whose rows are named by a member of the payload; the subject is what they belong to."""

NOUNS = {
    "gtin_claim": "claim",
    "signing_key": "key",
    "product_version": "product",
    "pledge_text": "campaign",
    "api_token": "token",
    "credential": "account",
    "mark_text": "mark",
    "mark_licence": "licence",
    "case_file": "case",
    "inspector": "account",
    "field_device": "device",
    "inspection_entry": "inspection",
    "partner": "enterprise",
    "step_audience": "enterprise",
    "named_query": "query",
}
"""What subjects call the rows of a table, where that is not the table's name."""

MAKERS: dict[tuple[str, str], frozenset[str]] = {
    (effect.table, effect.position): frozenset(
        act
        for act, others in EFFECTS.items()
        for o in others
        if (o.table, o.position) == (effect.table, effect.position)
    )
    for effects in EFFECTS.values()
    for effect in effects
}
"""By table and column that names a position: the acts that may stand there."""


def subject_parts(entry: Entry) -> tuple[str, str]:
    """`batch:7` is ('batch', '7')."""
    noun, _, identity = entry.subject.partition(":")
    return noun, identity


_DIGITS = re.compile("[0-9]{1,18}")


def whole(text: str) -> int | None:
    """The number that a subject's id is, or None."""
    return int(text) if _DIGITS.fullmatch(text) else None


def check_entries(reader: Reader, entries: Sequence[Entry], findings: Findings) -> None:
    """Is what these entries say in the tables?"""
    for name in {effect.table for entry in entries for effect in EFFECTS.get(entry.act, ())}:
        concerned = [
            (entry, effect, key)
            for entry in entries
            for effect in EFFECTS.get(entry.act, ())
            if effect.table == name and (key := _key(entry, effect)) is not None
        ]
        rows = rows_of_keys(reader, table(name), sorted({key for _, _, key in concerned}))
        for entry, effect, key in concerned:
            for message in _differences(entry, effect, key, rows.get(key)):
                findings.add("acts", f"ledger entry {entry.position}", f"{entry.act} of {entry.subject}: {message}")
    _check_documents(reader, [entry for entry in entries if entry.act == "claim.file"], findings)
    for entry in entries:
        _check_spans(reader, entry, findings)
        _check_marks(reader, entry, findings)


def _key(entry: Entry, effect: _Effect) -> tuple[Any, ...] | None:
    """The primary key of the row that an act concerns; None where the entry does not name one."""
    parts: list[Any] = [entry.payload.get(effect.instead) if effect.instead else subject_parts(entry)[1]]
    if effect.more_key:
        parts.append(entry.payload.get(effect.more_key))
    concerned = table(effect.table)
    for place, name in enumerate(concerned.primary_key):
        column = concerned.column(name)
        if column.kind != "TEXT" and isinstance(parts[place], str):
            parts[place] = whole(parts[place])
        if parts[place] is None or column.fault(parts[place]):
            return None
    return tuple(parts)


def _differences(entry: Entry, effect: _Effect, key: tuple[Any, ...], row: Row | None) -> Iterable[str]:
    concerned = table(effect.table)
    if row is None:
        named = ", ".join(f"{name} {shown(value)}" for name, value in zip(concerned.primary_key, key, strict=True))
        yield f"expected its row in table {effect.table}, {named}; found none"
        return
    if concerned.faults(row):
        return  # said already
    payload, said = _derived_payload(entry), derived(effect.table, row)
    wanted: dict[str, Any] = {name: payload.get(member) for name, member in effect.lasting.items()}
    position = row[effect.position]
    if position == entry.position:
        wanted |= {name: payload.get(member) for name, member in effect.present.items()} | dict(effect.becomes)
    elif (position is None or position < entry.position) and not _may_stay(entry, row):
        yield f"{concerned.spot(row)} does not show it: its {effect.position} is {shown(position)}"
    for name, value in wanted.items():
        if (found := said[name]) != value:
            yield f"{concerned.spot(row)}: expected {name} {shown(value)}, as the entry says, found {shown(found)}"


def _may_stay(entry: Entry, row: Row) -> bool:
    """A compromised key stays compromised when its private part is destroyed, and keeps the position."""
    return entry.act == "key.destroy" and row["status"] == "compromised"


def _derived_payload(entry: Entry) -> dict[str, Any]:
    """A payload with members named like columns where it says the same in another form."""
    payload = dict(entry.payload)
    noun, identity = subject_parts(entry)
    if entry.act in _ON_BATCHES:
        payload["batch"] = whole(identity)
    elif noun == "product":
        payload["gtin"] = identity
    elif noun == "pledge":
        payload["pledge"] = whole(identity)
    elif noun == "case":
        payload["case_id"] = identity
    elif noun == "inspection":
        payload["inspection"] = identity
    for window in ("signing", "verifying"):
        ends = payload.get(f"{window}_ms")
        if isinstance(ends, list) and len(ends) == 2:
            payload[f"{window}_from_ms"], payload[f"{window}_to_ms"] = ends
    return payload


def _check_documents(reader: Reader, filed: Sequence[Entry], findings: Findings) -> None:
    """Do the documents beside claims have the digests that were filed?"""
    found = auditing.digests_beside(reader, [subject_parts(entry)[1] for entry in filed])
    for entry in filed:
        wanted, digests = entry.payload.get("documents", []), found.get(subject_parts(entry)[1], [])
        if digests != wanted:
            findings.add(
                "acts",
                f"ledger entry {entry.position}",
                f"claim.file of {entry.subject}: expected documents {shown(wanted)} beside it, found {shown(digests)}",
            )


def _check_spans(reader: Reader, entry: Entry, findings: Findings) -> None:
    """Does the state of labels show an act on them? What it forbids is looked for."""
    noun, identity = subject_parts(entry)
    number = whole(identity)
    if number is None:
        return
    first, last = entry.payload.get("first"), entry.payload.get("last")
    found: list[Row] = []
    if noun == "batch" and type(first) is int and type(last) is int:
        if entry.act == "batch.void":
            found = auditing.not_void(reader, number, first, last)
        elif entry.act == "batch.activate":
            found = auditing.still_issued(reader, number, first, last)
    elif noun == "key" and entry.act == "key.compromise":
        found = auditing.still_issued_under(reader, number, entry.position)
    for row in found:
        findings.add(
            "acts",
            f"ledger entry {entry.position}",
            f"{entry.act} of {entry.subject} does not show in batch {row['batch']}: the span from {row['first']} to"
            f" {row['last']} is {row['life']}",
        )


def _check_marks(reader: Reader, entry: Entry, findings: Findings) -> None:
    """Are the marks of a batch, and the products of a licence, those of the entry?"""
    found: list[Any]
    number = whole(subject_parts(entry)[1])
    if entry.act == "batch.issue" and number is not None:
        what, wanted, found = "marks", entry.payload.get("marks", []), auditing.marks_of_batch(reader, number)
    elif entry.act == "licence.grant" and number is not None:
        what, wanted, found = "gtins", entry.payload.get("gtins", []), auditing.products_of_licence(reader, number)
    else:
        return
    if wanted != found:
        findings.add(
            "acts",
            f"ledger entry {entry.position}",
            f"{entry.act} of {entry.subject}: expected {what} {shown(wanted)}, as the entry says, found {shown(found)}",
        )
