"""Who may do what: roles, their rights, and the one identity that a request has. Pure; knows no registry."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Role(enum.StrEnum):
    """What a person is to the system. An account has one, for one body."""

    OPERATOR = "operator"
    OFFICER = "officer"
    INSPECTOR = "inspector"
    MANAGER = "manager"
    CLERK = "clerk"

    @property
    def of_enterprise(self) -> bool:
        """Whether it is held for an enterprise."""
        return self in (Role.MANAGER, Role.CLERK)

    @property
    def of_organisation(self) -> bool:
        """Whether it is held for an association or a regulator."""
        return self in (Role.OFFICER, Role.INSPECTOR)

    @property
    def second_factor(self) -> bool:
        """Whether nobody gets in with a password alone."""
        return self not in (Role.MANAGER, Role.CLERK)


class Right(enum.StrEnum):
    """One thing that may be done, within what an identity sees."""

    # of an enterprise
    SEE = "see"
    EDIT_PRODUCTS = "products.edit"
    ISSUE = "batches.issue"
    CHANGE_STATE = "labels.change-state"
    PRINT = "labels.print"
    CLAIM = "claims.file"
    APPLY = "pledges.apply"
    SIGN = "pledges.sign"
    MANAGE_TEAM = "team.manage"
    MANAGE_TOKENS = "tokens.manage"
    HANDLE_CASES = "cases.handle"
    STATE_EVENTS = "events.state"

    # of an enterprise and of an association
    SEE_CONTACTS = "contacts.see"
    NOTIFY = "notifications.manage"

    # of an association
    SEE_REGION = "region.see"
    REVIEW = "applications.review"
    DECIDE_CLAIMS = "claims.decide"
    ENROL = "enterprises.enrol"
    RUN_CAMPAIGNS = "campaigns.run"
    LICENSE = "marks.license"
    FIND_BREACH = "breaches.find"
    WATCH_CASES = "cases.watch"
    ORDER_RECALLS = "recalls.order"
    INVITE_ENTERPRISES = "enterprises.invite"
    INVITE_OFFICERS = "officers.invite"

    # of an association and of a regulator
    WATCH_INSPECTIONS = "inspections.watch"

    # of a regulator
    INSPECT = "labels.inspect"

    # of the operator
    OPERATE = "deployment.operate"

    # of everybody above a clerk
    SECOND = "acts.second"


_CLERK = frozenset(
    {
        *(Right.SEE, Right.EDIT_PRODUCTS, Right.ISSUE, Right.CHANGE_STATE, Right.PRINT, Right.HANDLE_CASES),
        Right.STATE_EVENTS,
    }
)
_MANAGER = _CLERK | {
    Right.CLAIM,
    Right.APPLY,
    Right.SIGN,
    Right.MANAGE_TEAM,
    Right.MANAGE_TOKENS,
    Right.SEE_CONTACTS,
    Right.NOTIFY,
    Right.SECOND,
}
_OFFICER = frozenset(
    {
        Right.SEE_REGION,
        Right.REVIEW,
        Right.DECIDE_CLAIMS,
        Right.ENROL,
        Right.RUN_CAMPAIGNS,
        Right.LICENSE,
        Right.FIND_BREACH,
        Right.WATCH_CASES,
        Right.WATCH_INSPECTIONS,
        Right.SEE_CONTACTS,
        Right.NOTIFY,
        Right.ORDER_RECALLS,
        Right.INVITE_ENTERPRISES,
        Right.INVITE_OFFICERS,
        Right.SECOND,
    }
)

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OPERATOR: frozenset({Right.OPERATE, Right.INVITE_OFFICERS, Right.SECOND}),
    Role.OFFICER: _OFFICER,
    Role.INSPECTOR: frozenset({Right.SEE_REGION, Right.WATCH_INSPECTIONS, Right.INSPECT, Right.NOTIFY}),
    Role.MANAGER: _MANAGER,
    Role.CLERK: _CLERK,
}


class Scope(enum.StrEnum):
    """What a token of an enterprise is good for. Each is asked for by itself; none contains another."""

    READ = "read"
    PRINT = "print"
    ISSUE = "issue"
    PRODUCTS = "products"
    PLEDGES = "pledges"
    CASES = "cases"


SCOPES: Mapping[Scope, frozenset[Right]] = {
    Scope.READ: frozenset({Right.SEE}),
    Scope.PRINT: frozenset({Right.PRINT}),
    Scope.ISSUE: frozenset({Right.ISSUE, Right.CHANGE_STATE}),
    Scope.PRODUCTS: frozenset({Right.EDIT_PRODUCTS, Right.CLAIM}),
    Scope.PLEDGES: frozenset({Right.APPLY}),
    Scope.CASES: frozenset({Right.HANDLE_CASES}),
}

_PREFIX = {"national": 0, "province": 2, "city": 4, "district": 6}
"""Digits of a GB/T 2260 code that tell a region of each level from its neighbours."""


def region_prefix(level: str, region: str) -> str:
    """What the codes of a region begin with: `33` for a province, nothing for the country."""
    return region[: _PREFIX[level]]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts: a person who has signed in, or a token of an enterprise.

    `region` is what the codes of an organisation's region begin with, see `region_prefix`. `scopes` is None for a
    person.
    """

    account: str
    role: Role
    enterprise: str | None = None
    organisation: str | None = None
    region: str | None = None
    token: str | None = None
    scopes: frozenset[Scope] | None = None

    @property
    def actor(self) -> str:
        """The name on the ledger: an id, never a person's name."""
        return f"token:{self.token}" if self.token else f"account:{self.account}"

    def may(self, right: Right) -> bool:
        """Whether it has a right. A token has no more than its scopes, and none that its role lacks."""
        if right not in RIGHTS[self.role]:
            return False
        return self.scopes is None or any(right in SCOPES[scope] for scope in self.scopes)

    def sees_region(self, code: str) -> bool:
        """Whether a region lies in that of the identity's organisation."""
        return self.region is not None and code.startswith(self.region)
