"""Who works for an enterprise: its people and its programs, at its manager's desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from traceqr import admitting, entrusting
from traceqr.access import Right, Role, Scope
from traceqr.admitting import Invited
from traceqr.entrusting import Entrusted
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent, Denied
from traceqr.registry import accounts, invitations, tokens
from traceqr.registry.accounts import Account
from traceqr.registry.database import Row
from traceqr.registry.tokens import Token


@dataclass(frozen=True, slots=True)
class TeamOffice(EnterpriseOffice):
    """The team of the identity's own enterprise."""

    def people(self) -> Sequence[Account]:
        """All accounts."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return accounts.of_enterprise(reader, self.enterprise)

    def invitations(self) -> Sequence[Row]:
        """Links that nobody has used yet."""
        self.need(Right.MANAGE_TEAM)
        with self.house.database.snapshot() as reader:
            return invitations.open_for(reader, self.enterprise, None, self.house.clock())

    def invite(self, role: Role) -> Invited:
        """Invite a manager or a clerk."""
        self.need(Right.MANAGE_TEAM)
        if not role.of_enterprise:
            raise Denied(f"expected a role of an enterprise, got {role}")
        return admitting.invite(self.desk, role, enterprise=self.enterprise)

    def withdraw_invitation(self, invitation_id: str) -> None:
        """Make a link worthless."""
        self.need(Right.MANAGE_TEAM)
        with self.house.database.snapshot() as reader:
            found = invitations.by_id(reader, invitation_id)
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected an invitation of the own enterprise, found none")
        admitting.withdraw_invitation(self.desk, invitation_id)

    def invite_anew(self, account_id: str) -> Invited:
        """Give somebody his access anew."""
        return admitting.invite_anew(self.desk, self._account(account_id).id)

    def close_account(self, account_id: str) -> None:
        """End somebody's access. Nobody ends his own, so that a manager is left."""
        found = self._account(account_id)
        if found.id == self.identity.account:
            raise Denied("expected the account of somebody else, got the own one")
        admitting.close(self.desk, found.id)

    def tokens(self) -> Sequence[Token]:
        """All tokens."""
        self.need(Right.MANAGE_TOKENS)
        with self.house.database.snapshot() as reader:
            return tokens.of_enterprise(reader, self.enterprise)

    def issue_token(self, name: str, scopes: Iterable[Scope], days: int) -> Entrusted:
        """Make a token; its secret is told once."""
        self.need(Right.MANAGE_TOKENS)
        return entrusting.issue_token(self.desk, self.enterprise, self.identity.account, name, scopes, days)

    def revoke_token(self, token_id: str) -> None:
        """Make a token worthless."""
        self.need(Right.MANAGE_TOKENS)
        with self.house.database.snapshot() as reader:
            found = tokens.by_id(reader, token_id)
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected a token of the own enterprise, found none")
        entrusting.revoke_token(self.desk, token_id)

    def _account(self, account_id: str) -> Account:
        self.need(Right.MANAGE_TEAM)
        with self.house.database.snapshot() as reader:
            found = accounts.by_id(reader, account_id)
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected an account of the own enterprise, found none")
        return found
