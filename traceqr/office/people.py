"""The people of one body, an enterprise or an organisation, as whoever manages them sees and admits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import admitting
from traceqr.access import Right, Role
from traceqr.admitting import Invited
from traceqr.office.house import Absent, Denied, Office
from traceqr.registry import accounts, invitations
from traceqr.registry.accounts import Account
from traceqr.registry.database import Reader, Row


@dataclass(frozen=True, slots=True)
class Body:
    """An enterprise or an organisation, by its id."""

    enterprise: str | None = None
    organisation: str | None = None

    def has(self, one: Account | invitations.Invitation) -> bool:
        """Whether an account or an invitation is held for it."""
        return (one.enterprise_id, one.organisation_id) == (self.enterprise, self.organisation)

    def accounts(self, reader: Reader) -> list[Account]:
        """All that are held for it."""
        if self.enterprise:
            return accounts.of_enterprise(reader, self.enterprise)
        return accounts.of_organisation(reader, str(self.organisation))


@dataclass(frozen=True, slots=True)
class PeopleOffice(Office):
    """The people of the identity's own body. Subclasses say which it is, and who may do what."""

    @property
    def body(self) -> Body:
        """The own body. Raises `Denied` for an identity of none."""
        raise NotImplementedError

    @property
    def seeing(self) -> Right:
        """The right to see who is there."""
        raise NotImplementedError

    @property
    def managing(self) -> Right:
        """The right to let people in, and to end their access."""
        raise NotImplementedError

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that people are invited to."""
        raise NotImplementedError

    def people(self) -> Sequence[Account]:
        """All accounts."""
        self.need(self.seeing)
        with self.house.database.snapshot() as reader:
            return self.body.accounts(reader)

    def invitations(self) -> Sequence[Row]:
        """Links that nobody has used yet."""
        self.need(self.managing)
        body = self.body
        with self.house.database.snapshot() as reader:
            return invitations.open_for(reader, body.enterprise, body.organisation, self.house.clock())

    def invite(self, role: Role) -> Invited:
        """Invite somebody to one of the roles."""
        self.need(self.managing)
        if role not in self.roles:
            raise Denied(f"expected a role among {', '.join(sorted(self.roles))}, got {role}")
        body = self.body
        return admitting.invite(self.desk, role, enterprise=body.enterprise, organisation=body.organisation)

    def withdraw_invitation(self, invitation_id: str) -> None:
        """Make a link worthless."""
        self.need(self.managing)
        body = self.body
        with self.house.database.snapshot() as reader:
            found = invitations.by_id(reader, invitation_id)
        if found is None or not body.has(found):
            raise Absent("expected an invitation of the own body, found none")
        admitting.withdraw_invitation(self.desk, invitation_id)

    def invite_anew(self, account_id: str) -> Invited:
        """Give somebody his access anew."""
        return admitting.invite_anew(self.desk, self._account(account_id).id)

    def close_account(self, account_id: str) -> None:
        """End somebody's access. Nobody ends his own, so that somebody is left."""
        found = self._account(account_id)
        if found.id == self.identity.account:
            raise Denied("expected the account of somebody else, got the own one")
        admitting.close(self.desk, found.id)

    def _account(self, account_id: str) -> Account:
        self.need(self.managing)
        body = self.body
        with self.house.database.snapshot() as reader:
            found = accounts.by_id(reader, account_id)
        if found is None or not body.has(found):
            raise Absent("expected an account of the own body, found none")
        return found


@dataclass(frozen=True, slots=True)
class OfficersOffice(PeopleOffice):
    """The officers of the identity's own association."""

    @property
    def body(self) -> Body:
        """The association."""
        if self.identity.organisation is None:
            raise Denied("expected an identity of an organisation, got one of none")
        return Body(organisation=self.identity.organisation)

    @property
    def seeing(self) -> Right:
        """Every officer sees the others, and nobody else does."""
        return Right.INVITE_OFFICERS

    @property
    def managing(self) -> Right:
        """See `access`."""
        return Right.INVITE_OFFICERS

    @property
    def roles(self) -> frozenset[Role]:
        """Officers alone."""
        return frozenset({Role.OFFICER})
