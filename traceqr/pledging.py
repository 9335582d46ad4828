"""Pledging: the life of a pledge, from an enterprise's application to its end.

    applied -> accepted -> signed -> published -> breached
       |  ^
       v  |
     returned        refused, withdrawn

`MOVES` has all of it. That a pledge has expired is no state: it follows from its dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from traceqr import sector as sectors
from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.campaigning import require_campaign, require_order, require_years
from traceqr.enrolling import EnterpriseEntry, Tally, enrol_within, require_enterprise, require_region
from traceqr.instant import day_end, day_start
from traceqr.noting import require_text, salted
from traceqr.region import COUNTRY, within
from traceqr.registry import campaigns, pledge_records, pledges
from traceqr.registry.campaigns import Campaign
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.pledge_records import Note, SignedBy
from traceqr.registry.pledges import Pledge

MAX_NAME = 100
"""Characters of a signatory's name, and of a title."""

MOVES: Mapping[str, Mapping[str, str]] = {
    "pledge.apply": {"refused": "applied", "withdrawn": "applied"},
    "pledge.ask": {"applied": "returned"},
    "pledge.answer": {"returned": "applied"},
    "pledge.accept": {"applied": "accepted"},
    "pledge.refuse": {"applied": "refused", "returned": "refused"},
    "pledge.sign": {"accepted": "signed"},
    "pledge.publish": {"signed": "published"},
    "pledge.withdraw": dict.fromkeys(("applied", "returned", "accepted", "signed", "published"), "withdrawn"),
    "pledge.breach": {"published": "breached", "breached": "breached"},
    "pledge.reply": {"breached": "breached"},
    "pledge.clear": {"breached": "published"},
}
"""By act: the state that a pledge must be in, and the one that it is in then. Beyond these, a first application has no
state before it, one that is withdrawn is made anew only if it was never published, and a pledge from which one of
several findings is cleared stays breached. A breached pledge cannot be withdrawn: labels would no longer say what was
found.
"""

_BEFORE_SIGNING = ("applied", "returned", "accepted")


@dataclass(frozen=True, slots=True)
class PledgeEntry:
    """A pledge signed on paper. The dates are calendar days of the deployment's time zone, the last one included."""

    campaign: str
    uscc: str
    signed_on: date
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signatory gives: name and title as typed, which are personal data, the digest of the text that was read,
    and the account that signs.
    """

    name: str
    title: str
    text_digest: str
    account_id: str


def apply(desk: Desk, campaign_id: str, uscc: str) -> Pledge:
    """Apply for an enrolled enterprise; anew, where it was refused, or withdrawn before it was published."""
    with desk.act() as act:
        campaign = _taking_applications(desk, act, campaign_id)
        enterprise = require_enterprise(act, uscc)
        known = pledges.of_enterprise(act.tx, campaign.id, enterprise.id)
        if known and (known.state not in MOVES["pledge.apply"] or known.was_published):
            raise ActRefused(
                f"enterprise {uscc} has pledge {known.number} in {campaign.id}: it is {known.state}", "uscc"
            )
        return _enter(act, campaign, enterprise, known)


def apply_many(desk: Desk, campaign_id: str, entries: Sequence[EnterpriseEntry], scope: str = COUNTRY) -> Tally:
    """Enrol or amend enterprises and apply for each: all of them or none. What has been applied for is left as it is,
    also where it was refused; one that awaits its decision takes over another region or sector. None may lie outside
    a region.
    """
    with desk.act() as act:
        campaign = _taking_applications(desk, act, campaign_id)
        return sum(each(entries, lambda entry: _take_part(desk, act, campaign, entry, scope)), Tally())


def ask_back(desk: Desk, number: int, question: str) -> Pledge:
    """Return an application to the enterprise, with a question."""
    return _move_with_note(desk, number, "pledge.ask", "question", question)


def answer(desk: Desk, number: int, text: str) -> Pledge:
    """Answer the question: the application awaits its decision again."""
    return _move_with_note(desk, number, "pledge.answer", "answer", text)


def accept(desk: Desk, number: int) -> Pledge:
    """Accept an application: the enterprise may sign."""
    return accept_many(desk, [number])[0]


def accept_many(desk: Desk, numbers: Sequence[int]) -> list[Pledge]:
    """Accept applications: all of them or none."""
    with desk.act() as act:
        return each(numbers, lambda number: _move(act, require_pledge(act, number, "pledge.accept"), "pledge.accept"))


def refuse(desk: Desk, number: int, reason: str) -> Pledge:
    """Refuse an application, for a reason that the enterprise is told."""
    return _move_with_note(desk, number, "pledge.refuse", "refusal", reason)


def sign(desk: Desk, number: int, signature: Signature) -> Pledge:
    """Sign the present version of the campaign's text. The same signature once more is the same: nothing is added."""
    name = require_text(signature.name, "name", MAX_NAME, lines=False)
    title = require_text(signature.title, "title", MAX_NAME, lines=False)
    given = replace(signature, name=name, title=title)
    with desk.act() as act:
        pledge = _numbered(act, number)
        if pledge.state == "signed" and _is_signed_so(act, pledge, given):
            return pledge
        return _sign(desk, act, require_pledge(act, number, "pledge.sign"), given)


def publish(desk: Desk, number: int) -> Pledge:
    """Publish a signed pledge: labels may carry it."""
    return publish_many(desk, [number])[0]


def publish_many(desk: Desk, numbers: Sequence[int]) -> list[Pledge]:
    """Publish signed pledges: all of them or none."""
    with desk.act() as act:
        return each(numbers, lambda number: _publish(desk, act, require_pledge(act, number, "pledge.publish")))


def publish_pledges(desk: Desk, entries: Sequence[PledgeEntry], scope: str = COUNTRY) -> Tally:
    """Publish pledges signed on paper: all of them or none. One that is there unchanged is left alone. No
    enterprise may lie outside a region.
    """
    with desk.act() as act:
        return sum(each(entries, lambda entry: _publish_paper(desk, act, entry, scope)), Tally())


def withdraw(desk: Desk, number: int, reason: str) -> Pledge:
    """Withdraw an application or a pledge. A published one stays withdrawn, and every label that carries it says so."""
    return _move_with_note(desk, number, "pledge.withdraw", "withdrawal", reason)


def require_pledge(act: Act, number: int, move: str) -> Pledge:
    """The pledge of a number in a state from which it can make a move. Raises `ActRefused`."""
    pledge = _numbered(act, number)
    if pledge.state not in MOVES[move]:
        raise ActRefused(f"pledge {number}: expected it to be {_either(MOVES[move])}, it is {pledge.state}")
    return pledge


def _numbered(act: Act, number: int) -> Pledge:
    pledge = pledges.by_number(act.tx, number)
    if pledge is None:
        raise ActRefused(f"expected the number of a pledge, {number} is none")
    return pledge


def _either(states: Mapping[str, str]) -> str:
    *others, last = states
    return f"{', '.join(others)} or {last}" if others else last


def _move(act: Act, pledge: Pledge, move: str, payload: Mapping[str, Any] | None = None) -> Pledge:
    """Make a move that changes nothing but the state."""
    moved = replace(pledge, state=MOVES[move][pledge.state])
    pledges.update(act.tx, moved, act.record(move, f"pledge:{pledge.number}", payload or {}))
    return moved


def _move_with_note(desk: Desk, number: int, move: str, kind: str, text: str) -> Pledge:
    """Make a move for which somebody says why: the text is kept beside the pledge."""
    content = require_text(text, "reason" if kind in ("refusal", "withdrawal") else kind)
    with desk.act() as act:
        pledge = require_pledge(act, number, move)
        note, salt = Note(desk.new_id(), number, kind, content), desk.new_id()
        moved = replace(pledge, state=MOVES[move][pledge.state])
        payload = {"note": note.id, "content_digest": salted(salt, content)}
        position = act.record(move, f"pledge:{number}", payload)
        pledges.update(act.tx, moved, position)
        pledge_records.insert_note(act.tx, note, salt, position)
        return moved


# --- applying


def _taking_applications(desk: Desk, act: Act, campaign_id: str) -> Campaign:
    campaign = require_campaign(act, campaign_id)
    if not campaign.takes_applications(act.at_ms):
        first = _day(desk, campaign.apply_from_ms)
        last = _day(desk, campaign.apply_to_ms - 1)
        raise ActRefused(f"campaign {campaign_id} takes applications from {first} to {last}: not now", "campaign")
    return campaign


def _require_invited(campaign: Campaign, enterprise: Enterprise) -> None:
    if not within(enterprise.region, campaign.region):
        raise ActRefused(
            f"expected an enterprise of region {campaign.region}, as the campaign is for, got one of"
            f" {enterprise.region}",
            "region",
        )
    if enterprise.sector not in campaign.sector_codes:
        expected = ", ".join(campaign.sector_codes)
        raise ActRefused(f"expected a sector that is invited, {expected}, got {enterprise.sector!r}", "sector")


def _enter(act: Act, campaign: Campaign, enterprise: Enterprise, known: Pledge | None) -> Pledge:
    """An application as it is made: nothing of an earlier one stays but its number."""
    _require_invited(campaign, enterprise)
    number = known.number if known else pledges.next_number(act.tx)
    pledge = Pledge(number, campaign.id, enterprise.id, "applied", enterprise.region, enterprise.sector)
    names = ("campaign_id", "enterprise_id", "region", "sector")
    position = act.record("pledge.apply", f"pledge:{number}", {name: getattr(pledge, name) for name in names})
    write = pledges.update if known else pledges.insert
    write(act.tx, pledge, position)
    return pledge


def _take_part(desk: Desk, act: Act, campaign: Campaign, entry: EnterpriseEntry, scope: str) -> Tally:
    enterprise, enrolled = enrol_within(desk, act, entry, scope)
    known = pledges.of_enterprise(act.tx, campaign.id, enterprise.id)
    if known is None:
        _enter(act, campaign, enterprise, None)
        return Tally(added=1)
    undecided = known.state in ("applied", "returned")
    if undecided and (known.region, known.sector) != (enterprise.region, enterprise.sector):
        _enter(act, campaign, enterprise, known)
        return Tally(changed=1)
    return Tally(unchanged=1) if enrolled.unchanged else Tally(changed=1)


# --- signing and publishing


def _is_signed_so(act: Act, pledge: Pledge, given: Signature) -> bool:
    last = pledge_records.signatures(act.tx, pledge.number)[-1]
    return (last.name, last.title, last.account_id, _signed_digest(act, pledge)) == (
        given.name,
        given.title,
        given.account_id,
        given.text_digest,
    )


def _signed_digest(act: Act, pledge: Pledge) -> str | None:
    assert pledge.text_version is not None  # a pledge that is signed says what
    return campaigns.text_digest(act.tx, pledge.campaign_id, pledge.text_version)


def _sign(desk: Desk, act: Act, pledge: Pledge, given: Signature) -> Pledge:
    version = require_campaign(act, pledge.campaign_id).text_version
    digest = campaigns.text_digest(act.tx, pledge.campaign_id, version)
    if given.text_digest != digest:
        raise ActRefused(
            f"expected a signature under version {version} of the text, with digest {digest}, got one with"
            f" {given.text_digest[:64]!r}: the text has changed since the form was opened; read it and sign it anew",
            "text_digest",
        )
    signed = SignedBy(desk.new_id(), pledge.number, version, given.name, given.title, given.account_id)
    salt = desk.new_id()
    payload = {
        "signature": signed.id,
        "text_version": version,
        "text_digest": digest,
        "signed_ms": act.at_ms,
        "account_id": given.account_id,
        "signatory_digest": salted(salt, given.name, given.title),
    }
    position = act.record("pledge.sign", f"pledge:{pledge.number}", payload)
    moved = replace(pledge, state="signed", text_version=version, signed_ms=act.at_ms)
    pledges.update(act.tx, moved, position)
    pledge_records.insert_signature(act.tx, signed, salt, position)
    return moved


def _day(desk: Desk, at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, desk.timezone).date()


def _publish(desk: Desk, act: Act, pledge: Pledge) -> Pledge:
    """With the edition's dates, but not from before it was signed."""
    assert pledge.signed_ms is not None  # it is signed
    campaign = require_campaign(act, pledge.campaign_id)
    begins = max(campaign.valid_from_ms, day_start(_day(desk, pledge.signed_ms), desk.timezone))
    if campaign.valid_to_ms <= max(begins, act.at_ms):
        last = _day(desk, campaign.valid_to_ms - 1)
        raise ActRefused(f"pledge {pledge.number}: expected it while pledges of its campaign are valid, until {last}")
    published = replace(pledge, state="published", valid_from_ms=begins, valid_to_ms=campaign.valid_to_ms)
    return _record_published(act, published, known=pledge, how="here")


def _record_published(act: Act, pledge: Pledge, known: Pledge | None, how: str) -> Pledge:
    """`how` it was signed: `here`, with a signature of its own on the ledger, or on `paper`."""
    assert pledge.text_version is not None  # it says what was signed
    payload = {name: value for name, value in asdict(pledge).items() if name not in ("number", "state")}
    payload["text_digest"] = campaigns.text_digest(act.tx, pledge.campaign_id, pledge.text_version)
    position = act.record("pledge.publish", f"pledge:{pledge.number}", {**payload, "signed": how})
    write = pledges.update if known else pledges.insert
    write(act.tx, pledge, position)
    return pledge


def _publish_paper(desk: Desk, act: Act, entry: PledgeEntry, scope: str) -> Tally:
    campaign = require_campaign(act, entry.campaign)
    require_years(signed_on=entry.signed_on, valid_from=entry.valid_from, valid_until=entry.valid_until)
    require_order(entry.valid_from, entry.valid_until, "valid_until")
    enterprise = require_enterprise(act, entry.uscc)
    require_region(enterprise.region, scope, "uscc")
    known = pledges.of_enterprise(act.tx, campaign.id, enterprise.id)
    if known and known.state not in _BEFORE_SIGNING:
        return _unchanged(desk, known, entry)
    if not within(enterprise.region, campaign.region):
        raise ActRefused(f"expected an enterprise of region {campaign.region}, got one of {enterprise.region}", "uscc")
    pledge = Pledge(
        number=known.number if known else pledges.next_number(act.tx),
        campaign_id=campaign.id,
        enterprise_id=enterprise.id,
        state="published",
        region=enterprise.region,
        sector=sectors.known(enterprise.sector),
        text_version=campaign.text_version,
        **_paper_dates(desk, entry),
    )
    _record_published(act, pledge, known, how="paper")
    return Tally(changed=1) if known else Tally(added=1)


def _paper_dates(desk: Desk, entry: PledgeEntry) -> dict[str, int]:
    return {
        "signed_ms": day_start(entry.signed_on, desk.timezone),
        "valid_from_ms": day_start(entry.valid_from, desk.timezone),
        "valid_to_ms": day_end(entry.valid_until, desk.timezone),
    }


def _unchanged(desk: Desk, known: Pledge, entry: PledgeEntry) -> Tally:
    if not known.was_published:
        raise ActRefused(
            f"enterprise {entry.uscc} has pledge {known.number} in {entry.campaign}: it is {known.state}", "uscc"
        )
    dates = _paper_dates(desk, entry)
    if {name: getattr(known, name) for name in dates} != dates:
        raise ActRefused(
            f"enterprise {entry.uscc} has pledge {known.number} in {entry.campaign} with other dates", "uscc"
        )
    return Tally(unchanged=1)
