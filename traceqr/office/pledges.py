"""The pledges of an enterprise: applied for, signed, and replied for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import pledging, upholding
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.authenticating import SignInRefused
from traceqr.certificate import CertificateNumber
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.pledging import MOVES, Signature
from traceqr.region import within
from traceqr.registry import accounts, campaigns, pledge_records, pledges
from traceqr.registry.campaigns import Campaign, PledgeText
from traceqr.registry.database import Reader, Row
from traceqr.registry.pledge_records import PledgeFile
from traceqr.registry.pledges import Pledge


class StaleText(ActRefused):
    """The text has changed since the form was shown."""


class NoSecondFactor(ActRefused):
    """Nobody signs with a password alone."""


@dataclass(frozen=True, slots=True)
class Pledged:
    """A pledge with its edition, the text that was signed or is to be signed, and what is kept beside it.
    `certificate` is the number of its certificate, empty where it was never published.
    """

    campaign: Campaign
    text: PledgeText
    file: PledgeFile
    certificate: str
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class PledgeOffice(EnterpriseOffice):
    """The pledges of the identity's own enterprise."""

    def listed(self) -> Sequence[Row]:
        """All of them, latest year first."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return pledges.through_the_years(reader, self.enterprise)

    def editions(self) -> list[Campaign]:
        """Editions that the enterprise may apply for now."""
        self.need(Right.SEE)
        return self._taking()

    def apply(self, campaign_id: str) -> Pledge:
        """Apply for an edition. Raises `Absent`."""
        self.need(Right.APPLY)
        if campaign_id not in {each.id for each in self._taking()}:
            raise Absent("expected an edition that takes applications, got another")
        with self.house.database.snapshot() as reader:
            uscc = self.own(reader).uscc
        return pledging.apply(self.desk, campaign_id, uscc)

    def pledged(self, number: int) -> Pledged:
        """One pledge. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            pledge = self._pledge(reader, number)
            campaign, text = _edition(reader, pledge)
            file = pledge_records.file_of(reader, number)
            held = accounts.credential(reader, self.identity.account)
        assert file is not None  # the pledge was found in this snapshot
        certificate = str(CertificateNumber(campaign.code, number)) if pledge.was_published else ""
        return Pledged(campaign, text, file, certificate, held is not None and held.totp is not None)

    def answer(self, number: int, text: str) -> Pledge:
        """Answer the question of whoever reviews the application."""
        return pledging.answer(self.desk, self._changeable(number), text)

    def reply(self, number: int, finding_id: str, text: str) -> Pledge:
        """Reply to a finding against a pledge, once."""
        return upholding.reply(self.desk, self._changeable(number), text, finding_id).pledge

    def sign(self, number: int, name: str, title: str, text_digest: str, code: str) -> None:
        """Sign what was shown, with a code of the second factor. The same sent twice signs once. Raises `Absent`,
        `StaleText`, `NoSecondFactor`, `ActRefused`, `SignInRefused` and `SlowDown`.
        """
        self.need(Right.SIGN)
        found = self.pledged(number)
        given = Signature(name, title, text_digest, self.identity.account)
        if self._is_signed(found, given):
            return
        if found.text.digest != text_digest:
            raise StaleText("expected a form of the present text, got one of another", "text_digest")
        if not found.has_second_factor:
            raise NoSecondFactor("expected an account with a second factor, got one without")
        if found.file.pledge.state not in MOVES["pledge.sign"]:
            raise ActRefused(f"pledge {number}: expected one that is accepted, it is {found.file.pledge.state}")
        try:
            self.house.doorkeeper.require_code(self.identity.account, code)
        except SignInRefused:
            # The first of two clicks has used the code up, and may have signed meanwhile.
            if self._is_signed(self.pledged(number), given):
                return
            raise
        pledging.sign(self.desk, number, given)

    def _is_signed(self, found: Pledged, given: Signature) -> bool:
        if found.file.pledge.state != "signed" or not found.file.signatures:
            return False
        last = found.file.signatures[-1]
        signed = Signature(last.name, last.title, found.text.digest, last.account_id)
        return signed == given

    def _taking(self) -> list[Campaign]:
        """Editions that would take an application of the enterprise now."""
        with self.house.database.snapshot() as reader:
            own = self.own(reader)
            held = {row["campaign_id"]: row for row in pledges.through_the_years(reader, self.enterprise)}
            return [
                each
                for each in campaigns.taking_applications(reader, self.house.clock())
                if within(own.region, each.region)
                and own.sector in each.sector_codes
                and (each.id not in held or _may_apply_anew(held[each.id]))
            ]

    def _changeable(self, number: int) -> int:
        self.need(Right.APPLY)
        with self.house.database.snapshot() as reader:
            return self._pledge(reader, number).number

    def _pledge(self, reader: Reader, number: int) -> Pledge:
        found = pledges.by_number(reader, number)
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected the number of an own pledge, got another")
        return found


def _may_apply_anew(row: Row) -> bool:
    return row["state"] in MOVES["pledge.apply"] and row["valid_from_ms"] is None


def _edition(reader: Reader, pledge: Pledge) -> tuple[Campaign, PledgeText]:
    campaign = campaigns.by_id(reader, pledge.campaign_id)
    assert campaign is not None  # a pledge refers to it
    text = campaigns.text(reader, campaign.id, pledge.text_version or campaign.text_version)
    assert text is not None  # an edition has the text that it says is in use
    return campaign, text
