"""One's own account: sessions, password, second factor, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import admitting, seconding
from traceqr.authenticating import CODES
from traceqr.office.house import Absent, Office
from traceqr.registry import accounts, enterprises, organisations, proposals
from traceqr.registry.accounts import Account
from traceqr.registry.proposals import Proposal
from traceqr.registry.sessions import Session


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What a person is shown of the own account. `body_zh` and `body_en` name whom it is held for, or are empty."""

    account: Account
    body_zh: str
    body_en: str
    has_second_factor: bool
    recovery_codes_left: int
    sessions: Sequence[Session]


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A proposal, and whether one may decide on it: not on one's own."""

    proposal: Proposal
    proposer: str
    own: bool
    may_second: bool


@dataclass(frozen=True, slots=True)
class OwnOffice(Office):
    """The desk of a person about himself."""

    def account(self) -> OwnAccount:
        """Everything about it that is shown."""
        with self.house.database.snapshot() as reader:
            account = accounts.by_id(reader, self.identity.account)
            if account is None:
                raise Absent("expected an account, found none")
            held = accounts.credential(reader, account.id)
            left = accounts.recovery_codes_left(reader, account.id)
            body = (
                enterprises.by_id(reader, account.enterprise_id)
                if account.enterprise_id
                else organisations.by_id(reader, account.organisation_id)
                if account.organisation_id
                else None
            )
        return OwnAccount(
            account,
            body.name_zh if body else "",
            body.name_en if body else "",
            held is not None and held.totp is not None,
            left,
            self.house.doorkeeper.sessions_of(account.id),
        )

    def end_session(self, session_id: str) -> None:
        """End one of the own sessions. Raises `Absent`."""
        if not self.house.doorkeeper.end(self.identity.account, session_id):
            raise Absent("expected one of the own sessions, found none")

    def end_other_sessions(self, keep: str) -> None:
        """End all own sessions but that of a digest."""
        self.house.doorkeeper.end_others(self.identity.account, keep)

    def change_password(self, old: str, new: str, keep_session: str) -> None:
        """See `admitting.change_password`. Raises `SlowDown` after many attempts."""
        self.house.doorkeeper.take("password", self.identity.account, CODES)
        admitting.change_password(self.desk, self.identity.account, old, new, keep_session)

    def renew_recovery_codes(self, code: str) -> list[str]:
        """New recovery codes, for a code of the second factor. Raises `SignInRefused` or `SlowDown`."""
        self.house.doorkeeper.require_code(self.identity.account, code)
        return admitting.renew_recovery_codes(self.desk, self.identity.account)

    def replace_second_factor(self, proof: str, sealed: str, new_code: str) -> list[str]:
        """Take another app into use: by the old one's code, or the password where there is none, and by the new one's.

        `sealed` is the new secret, see `entrance.new_secret`.
        """
        secret = self.house.vault.open(self.identity.account, sealed)
        if self.account().has_second_factor:
            self.house.doorkeeper.require_code(self.identity.account, proof)
        else:
            self.house.doorkeeper.take("password", self.identity.account, CODES)
            admitting.require_password(self.desk, self.identity.account, proof)
        return admitting.set_second_factor(self.desk, self.house.vault, self.identity.account, secret, new_code)

    def remove_second_factor(self, code: str) -> None:
        """Go back to the password alone, where the role allows it."""
        self.house.doorkeeper.require_code(self.identity.account, code)
        admitting.remove_second_factor(self.desk, self.identity.account)

    # --- second persons

    def awaiting(self) -> list[Awaiting]:
        """What waits for a yes in the own body."""
        with self.house.database.snapshot() as reader:
            found = seconding.awaiting(reader, self.identity, self.house.clock())
            return [
                Awaiting(
                    one,
                    _name(accounts.by_id(reader, one.proposed_by.removeprefix("account:"))),
                    one.proposed_by == self.identity.actor,
                    seconding.may_second(self.identity, one),
                )
                for one in found
            ]

    def proposal(self, proposal_id: str) -> Proposal:
        """A proposal of the own body. Raises `Absent`."""
        with self.house.database.snapshot() as reader:
            found = proposals.by_id(reader, proposal_id)
        body = (self.identity.enterprise, self.identity.organisation)
        if found is None or (found.enterprise_id, found.organisation_id) != body:
            raise Absent("expected a proposal of the own body, found none")
        return found

    def second(self, proposal_id: str) -> Proposal:
        """Say yes to somebody else's proposal."""
        return seconding.second(self.desk, self.proposal(proposal_id).id, self.identity)

    def decline(self, proposal_id: str) -> None:
        """Say no to it."""
        seconding.decline(self.desk, self.proposal(proposal_id).id, self.identity)

    def withdraw(self, proposal_id: str) -> None:
        """Take one's own back."""
        seconding.withdraw(self.desk, self.proposal(proposal_id).id)


def _name(account: Account | None) -> str:
    return account.name if account else ""
