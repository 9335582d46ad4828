"""Who works for an enterprise: its people and its programs, at its manager's desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from traceqr import entrusting
from traceqr.access import Right, Role, Scope
from traceqr.entrusting import Entrusted
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.office.people import Body, PeopleOffice
from traceqr.registry import tokens
from traceqr.registry.tokens import Token


@dataclass(frozen=True, slots=True)
class TeamOffice(PeopleOffice, EnterpriseOffice):
    """The team of the identity's own enterprise."""

    @property
    def body(self) -> Body:
        """The enterprise."""
        return Body(enterprise=self.enterprise)

    @property
    def seeing(self) -> Right:
        """Everybody sees the others."""
        return Right.SEE

    @property
    def managing(self) -> Right:
        """See `access`."""
        return Right.MANAGE_TEAM

    @property
    def roles(self) -> frozenset[Role]:
        """Those of an enterprise."""
        return frozenset(role for role in Role if role.of_enterprise)

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
