"""The operator's desk: who works for associations, regulators and the deployment itself."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr import admitting
from traceqr.access import Right, Role
from traceqr.admitting import Invited
from traceqr.office.house import Absent, Office
from traceqr.registry import accounts, organisations
from traceqr.registry.accounts import Account
from traceqr.registry.database import Row
from traceqr.registry.organisations import Organisation


@dataclass(frozen=True, slots=True)
class OperatorOffice(Office):
    """What an operator sees and does. Enterprises and their labels are not his."""

    def organisations(self) -> list[Organisation]:
        """All organisations."""
        self.need(Right.OPERATE)
        with self.house.database.snapshot() as reader:
            return organisations.everyone(reader)

    def accounts(self) -> list[Row]:
        """All accounts but those of enterprises, which manage their own."""
        self.need(Right.OPERATE)
        with self.house.database.snapshot() as reader:
            return [row for row in accounts.everyone(reader) if not Role(row["role"]).of_enterprise]

    def invite(self, role: Role, organisation: str | None) -> Invited:
        """Invite an officer, an inspector or another operator."""
        self.need(Right.OPERATE)
        if role.of_enterprise:
            raise Absent("expected a role of an organisation or of the deployment, got one of an enterprise")
        return admitting.invite(self.desk, role, organisation=organisation)

    def invite_anew(self, account_id: str) -> Invited:
        """Give somebody his access anew."""
        return admitting.invite_anew(self.desk, self._account(account_id).id)

    def close_account(self, account_id: str) -> None:
        """End somebody's access."""
        admitting.close(self.desk, self._account(account_id).id)

    def _account(self, account_id: str) -> Account:
        self.need(Right.OPERATE)
        with self.house.database.snapshot() as reader:
            found = accounts.by_id(reader, account_id)
        if found is None or Role(found.role).of_enterprise:
            raise Absent("expected an account of an organisation or of the deployment, found none")
        return found
