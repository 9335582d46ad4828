"""What each act leaves in the tables: the rows that it makes or changes, and what they say after it."""

from __future__ import annotations

from collections.abc import Mapping

from traceqr.checking.effect import Effect as _Effect
from traceqr.checking.effect import same as _same
from traceqr.checking.inspecting import INSPECTING
from traceqr.checking.tracing import TRACING

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
_LINK = _Effect(
    "link",
    {"enterprise_id": "enterprise", **_same(*("identifier", "about", "qualified", "kind", "href", "title"))}
    | _same("languages", "media_type", "context"),
    {},
    {"state": "set"},
)
_NO_CREDENTIAL = _Effect("credential", becomes={"password": "", "totp": None})
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
    "link.set": (_LINK,),
    "link.remove": (_Effect("link", becomes={"state": "removed"}),),
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
    "passport.publish": (
        _Effect("passport_issue", _same("made_ms", "expires_ms", "key_number", "credentials", "digest")),
    ),
    "batch.issue": (_Effect("batch", _same(*_BATCH)),),
    "batch.hold": (_Effect("notice", _same("batch", "first", "last", "reason"), {}, {"kind": "hold"}, **_OPENED),),
    "batch.recall": _recalled("batch", "first", "last", "reason"),
    "product.hold": (_Effect("notice", _same("gtin", "batch", "reason"), {}, {"kind": "hold"}, **_OPENED),),
    "product.recall": _recalled("gtin", "batch", "lot", "reason"),
    "lot.recall": _recalled("gtin", "batch", "lot", "reason"),
    "material.recall": _recalled("material", "material_name", "batch", "lot", "reason"),
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
    "material_name": "enterprise",
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
